//! Models made at random over the whole vocabulary, from a seed, and which words each of them uses.

use std::collections::BTreeSet;

mod legs;
mod places;
mod referrals;
mod ways;

use icsflow::model::distribution as d;
use icsflow::model::distribution::{Component, Limits, QuantilePoint};
use icsflow::{
    Act, Again, Arrivals, Attends, Attribute, BankHolidays, Booking, Capacity, Case, Cases, Census,
    Chance, Choose, Clock, ClockTime, Cohort, Cost, Curve, CurvePoint, CurveShape, Cut, Date,
    Death, Discipline, Distribution, Edit, Elapsed, Event, Expression, Fill, Given, Group,
    GroupKind, HourProfile, Interval, Limit, Many, Mark, Mix, Mode, Model, Moment, Need, Node,
    NodeQueue, On, Outage, Plan, Population, Preempt, ProcessDelay, Profession, Published,
    Quantity, Queue, RampShape, Remaining, Replay, Review, Route, Scan, Session, Sessions,
    SetAttribute, Share, Shift, Slots, Stage, State, StayEnd, Targets, TimeUnit, Timetable,
    Together, Visits, Weekday, Window,
};

/// Every word that the models must use; a test counts them.
pub(crate) const WORDS: &[&str] = &[
    "admit",
    "admit state",
    "antithetic",
    "arrivals batch",
    "arrivals batch listed",
    "arrivals curve linear",
    "arrivals curve step",
    "arrivals group",
    "arrivals hourly 168",
    "arrivals hourly 24",
    "arrivals interarrival",
    "arrivals interarrival listed",
    "arrivals mix",
    "arrivals accept",
    "arrivals otherwise",
    "arrivals rate",
    "arrivals replay",
    "arrivals timetable times",
    "arrivals timetable weekly",
    "arrivals to a list",
    "arrivals weekly",
    "attends every",
    "attends hazard",
    "attribute category",
    "attribute conditional",
    "attribute flag",
    "attribute number",
    "balk",
    "balk clock",
    "balk share",
    "balk state",
    "balk to",
    "bank holidays",
    "bare number",
    "beds",
    "beds 0",
    "beds cycle",
    "beds dates",
    "beds ramp",
    "beds ramp s-curve",
    "beds ramp steps",
    "beds weekly",
    "booking",
    "booking cancel",
    "booking follow-up",
    "booking horizon",
    "booking if cancelled",
    "booking lead",
    "booking overbook",
    "booking when",
    "called off",
    "carve-out",
    "carve-out release",
    "census",
    "census attributes",
    "census awaiting",
    "census in process",
    "census conditional",
    "census drawn",
    "census each",
    "census fresh",
    "census of visits",
    "census stationary",
    "census uniform",
    "census waited",
    "change add",
    "change class",
    "change times",
    "change to",
    "clock arrival",
    "clock at several",
    "clock exit",
    "clock pause",
    "clock targets",
    "clock visit",
    "cost",
    "clock when",
    "choose came from",
    "choose first free",
    "choose least load",
    "choose most free",
    "choose own place",
    "choose round robin",
    "choose shortest queue",
    "caseload",
    "cohorts",
    "corridor",
    "coxian",
    "cut early end",
    "cut interrupt",
    "cut transfer",
    "cut wait",
    "daily hazard",
    "death",
    "delay cases",
    "delay listed",
    "delay share",
    "deadlock swap",
    "delays",
    "deterministic",
    "discrete",
    "empirical",
    "ends",
    "ends cases",
    "ends to",
    "erlang mean+sd",
    "erlang shape+mean",
    "erlang shape+rate",
    "estimate",
    "event",
    "event act",
    "event close",
    "event every",
    "event set",
    "event to",
    "event whom",
    "evidence",
    "exit",
    "exponential mean",
    "exponential median",
    "exponential rate",
    "expression attribute",
    "expression clock",
    "expression cohort",
    "fill",
    "gamma mean+sd",
    "gamma median+p95",
    "gamma quantiles",
    "gamma shape+mean",
    "gamma shape+rate",
    "gamma shape+scale",
    "geometric",
    "group",
    "group population",
    "hazard",
    "hold origin",
    "hold until start",
    "until a date",
    "hyperexponential means",
    "hyperexponential rates",
    "if full",
    "if missed",
    "leave at",
    "leave open",
    "leave profile",
    "legs",
    "legs fail ends",
    "legs for some",
    "legs go on",
    "legs in turn",
    "legs join",
    "list",
    "list of several",
    "listed",
    "lists",
    "lognormal mean+median",
    "lognormal mean+sd",
    "lognormal median+p95",
    "lognormal mu+sigma",
    "lognormal quantiles",
    "missed",
    "mixture",
    "need cases",
    "need constant",
    "need days",
    "need points",
    "need taper",
    "needs",
    "no cohort",
    "normal clip",
    "normal high",
    "normal median+p95",
    "normal quantiles",
    "normal truncate",
    "outage",
    "outage all",
    "outage places",
    "overrun",
    "patience",
    "patience cases",
    "poisson",
    "population",
    "preempt displace",
    "preempt resample",
    "preempt restart",
    "preempt resume",
    "published",
    "queue class",
    "queue first come",
    "queue last come",
    "queue limit",
    "queue random",
    "queue unlimited",
    "readmission",
    "receive at",
    "receive open",
    "referral after start",
    "referral before end",
    "referral hold",
    "remote",
    "renege",
    "renege back",
    "review",
    "review at",
    "review class",
    "review remove",
    "review to",
    "review waited",
    "ring fence",
    "ring fences",
    "role",
    "route cohort",
    "route loop",
    "route state",
    "route to a list",
    "route to itself",
    "route when",
    "routes",
    "run",
    "score",
    "score linear",
    "score non-linear",
    "score state",
    "sector",
    "set",
    "set share",
    "session",
    "session days",
    "session every",
    "session minutes",
    "session once",
    "session repeat",
    "slots dates",
    "slots per day",
    "slots",
    "start at an hour",
    "stay cases",
    "switch",
    "time unit days",
    "time unit hours",
    "time unit weeks",
    "together",
    "together at",
    "together least",
    "transfer",
    "transfer cases",
    "triangular",
    "turnaround",
    "turnaround cases",
    "uniform",
    "unlimited",
    "vacation",
    "visits",
    "visits admit",
    "visits book",
    "visits line",
    "visits strict",
    "visits whole",
    "waiting room",
    "waiting room of the queue",
    "waiting room unlimited",
    "warm-up",
    "weibull mean+sd",
    "weibull median+p95",
    "weibull quantiles",
    "weibull shape+scale",
];

/// Words that meddle with each other; a test counts their pairs.
pub(crate) const MEDDLING: [&str; 15] = [
    "admit",
    "balk",
    "corridor",
    "cut",
    "first free",
    "if full",
    "list",
    "outage",
    "patience",
    "preempt",
    "ring fence",
    "score",
    "switch",
    "turnaround",
    "vacation",
];

/// Which of them meet at a node: in its places, its queue or list, and the routes that lead to it.
pub(crate) fn meddling(model: &Model, node: &Node) -> BTreeSet<&'static str> {
    let plain = Queue::new();
    let (queue, list) = match &node.queue {
        None => (&plain, false),
        Some(NodeQueue::Own(queue)) => (&**queue, false),
        Some(NodeQueue::List(name)) => {
            let named = |queue: &&Queue| queue.name.as_ref() == Some(name);
            (model.queues.iter().find(named).unwrap(), true)
        }
    };
    let leads_here = |route: &Route| {
        route.choose == Some(Choose::FirstFree) && route.to.names().contains(&node.name.as_str())
    };
    let here = [
        node.admit.is_some(),
        !queue.balk.0.is_empty(),
        node.corridor.is_some(),
        node.cut.as_ref().is_some_and(|cut| *cut != Cut::Wait),
        model.routes.iter().any(leads_here),
        queue.if_full.is_some(),
        list,
        !node.outage.is_empty(),
        queue.patience.is_some(),
        queue.preempt.is_some(),
        !node.ring_fence.is_empty(),
        queue.score.is_some(),
        !queue.switch.is_empty(),
        node.turnaround.is_some(),
        node.vacation.is_some(),
    ];
    MEDDLING.into_iter().zip(here).filter(|(_, here)| *here).map(|(word, _)| word).collect()
}

/// A model and the words that it uses.
pub(crate) struct Made {
    pub(crate) model: Model,
    pub(crate) words: BTreeSet<&'static str>,
}

/// The model of a seed. Every fourth knows nothing of rules beyond the plain ones.
pub(crate) fn made(seed: u64) -> Made {
    let mut maker = Maker {
        dice: Dice(seed),
        words: BTreeSet::new(),
        unit: TimeUnit::Days,
        plain: seed.is_multiple_of(4),
        lively: seed % 3 == 1,
        names: Vec::new(),
        lists: Vec::new(),
    };
    let mut model = maker.model();
    // By dice of their own, so that they change no other model.
    maker.dice = Dice(!seed);
    if !maker.plain && maker.dice.chance(0.46) {
        maker.give_slots(&mut model);
    }
    maker.dice = Dice(!seed << 1);
    // Few models tell of changes of class what a test can make anew: they are left as they are.
    let changes_class = |node: &Node| match &node.queue {
        Some(NodeQueue::Own(queue)) => !queue.change_class.is_empty(),
        _ => false,
    };
    let leave_alone = model.nodes.iter().any(changes_class);
    if !maker.plain && !leave_alone {
        maker.give_ends(&mut model);
        maker.give_caseload(&mut model);
    }
    maker.dice = Dice(seed ^ 0xea57);
    if !leave_alone && maker.chance(0.3, "bank holidays") {
        model = model.bank_holidays(maker.bank_holidays());
    }
    maker.dice = Dice(seed ^ 0x1e95);
    // Mostly where draws alone do not tell all of people anyway.
    let (legs, again) = if maker.lively { (0.95, 0.7) } else { (0.1, 0.08) };
    if !maker.plain && maker.dice.chance(legs) {
        maker.give_legs(&mut model);
    }
    if !maker.plain && maker.dice.chance(0.5) {
        maker.by_place(&mut model);
    }
    maker.dice = Dice(seed ^ 0x2ead);
    if !maker.plain && maker.dice.chance(again) {
        maker.readmit(&mut model);
    }
    maker.dice = Dice(!seed << 2);
    if !maker.plain {
        maker.give_together(&mut model);
    }
    maker.dice = Dice(seed ^ 0x4e7e);
    if !maker.plain && maker.dice.chance(0.4) {
        maker.refer(&mut model);
    }
    maker.dice = Dice(!seed << 3);
    if maker.chance(0.1, "antithetic") {
        let plan = model.run.as_mut().unwrap();
        // A pair, and one without its other.
        (plan.antithetic, plan.replications) = (true, 3);
    }
    if let Err(faults) = model.check() {
        panic!("seed {seed}: {faults}");
    }
    Made { model, words: maker.words }
}

/// The same model by the hour: people come, stay, give up and leave places to be cleaned after whole
/// hours, so that much of what meddles falls on one instant. If it is eager, nothing else keeps people
/// from places or in them: they wait with patience alone, or by classes that take places from each other
/// and change.
pub(crate) fn on_the_hour(mut model: Model, eager: bool) -> Model {
    let hours = |hours: [f64; 4]| {
        let values = hours.map(|amount| Quantity { amount, unit: Some(TimeUnit::Hours) });
        Distribution::discrete(values, [0.25; 4])
    };
    let all = |cases: &mut Cases<Distribution>, of: [f64; 4]| {
        cases.0.iter_mut().for_each(|case| case.then = hours(of));
    };
    let patience = [1.0, 2.0, 5.0, 12.0];
    for arrivals in &mut model.arrivals {
        if arrivals.rate.take().is_some() || arrivals.interarrival.is_some() {
            (arrivals.weekly, arrivals.hourly, arrivals.curve) = (Vec::new(), Vec::new(), None);
            arrivals.interarrival = Some(hours([1.0, 2.0, 3.0, 6.0]));
        }
    }
    if eager && let Some(plan) = &mut model.run {
        plan.warm_up = 0.0.into();
    }
    for (i, node) in model.nodes.iter_mut().enumerate() {
        if node.visits.is_some() || node.slots.is_some() {
            continue;
        }
        all(&mut node.stay, [2.0, 5.0, 12.0, 36.0]);
        node.turnaround.iter_mut().for_each(|cases| all(cases, [0.0, 1.0, 2.0, 3.0]));
        let listed = matches!(node.queue, Some(NodeQueue::List(_)));
        if eager && node.beds.is_some() && !listed {
            node.process_delay.clear();
            node.ring_fence.clear();
            (node.leave, node.receive, node.admit) = (None, None, None);
            (node.vacation, node.waiting_room, node.together) = (None, None, None);
            // No stay is interrupted while a place is held.
            node.referral.iter_mut().for_each(|referral| referral.hold = false);
            let queue = if i % 2 == 0 {
                Queue::new()
            } else {
                let mut queue = Queue::by_class(["hour < 9", "hour < 17"]);
                for (from, to) in [(1, 3), (2, 1), (3, 2)] {
                    queue = queue.change_class(from, to, Distribution::exponential("9h"));
                }
                queue.preempt(Preempt::Resume)
            };
            node.queue = Some(queue.patience(hours(patience)).into());
        } else if let Some(NodeQueue::Own(queue)) = &mut node.queue {
            queue.patience.iter_mut().for_each(|cases| all(cases, patience));
        }
    }
    for queue in &mut model.queues {
        queue.patience.iter_mut().for_each(|cases| all(cases, patience));
    }
    if eager {
        model.census.retain(|census| census.in_process.is_none());
    }
    model
}

/// SplitMix64: the tests' own generator, so that a change of the library's streams leaves them alone.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Below `n`.
    pub(crate) fn below(&mut self, n: usize) -> usize {
        (self.next() % n as u64) as usize
    }

    fn chance(&mut self, p: f64) -> bool {
        self.between(0.0, 1.0) < p
    }

    /// Rounded to four digits, so that texts stay short.
    pub(crate) fn between(&mut self, low: f64, high: f64) -> f64 {
        let u = (self.next() >> 11) as f64 / (1u64 << 53) as f64;
        let x = low + u * (high - low);
        (x * 1e4).round() / 1e4
    }

    fn one_of<'t, T>(&mut self, items: &'t [T]) -> &'t T {
        &items[self.below(items.len())]
    }
}

/// What the values of a distribution are, and about how large.
#[derive(Clone, Copy)]
enum Of {
    /// Hours.
    Time(f64),
    Number(f64),
    Count,
}

struct Maker {
    dice: Dice,
    words: BTreeSet<&'static str>,
    unit: TimeUnit,
    /// No rules beyond the plain ones.
    plain: bool,
    /// People do more than come, stay and go: the run begins from a census, and the like.
    lively: bool,
    /// Names of the nodes.
    names: Vec<&'static str>,
    /// Names of the lists.
    lists: Vec<&'static str>,
}

const DAYS: [Weekday; 7] = [
    Weekday::Mon,
    Weekday::Tue,
    Weekday::Wed,
    Weekday::Thu,
    Weekday::Fri,
    Weekday::Sat,
    Weekday::Sun,
];

/// What conditions may say: attributes and labels that the model has.
#[derive(Default)]
struct Known {
    age: bool,
    triage: bool,
    frail: bool,
    cohorts: Vec<String>,
}

impl Maker {
    fn word(&mut self, word: &'static str) {
        assert!(WORDS.contains(&word), "{word:?} is not in the list");
        self.words.insert(word);
    }

    fn chance(&mut self, p: f64, word: &'static str) -> bool {
        let taken = self.dice.chance(p);
        if taken {
            self.word(word);
        }
        taken
    }

    fn model(&mut self) -> Model {
        let (unit, word) = *self.dice.one_of(&[
            (TimeUnit::Days, "time unit days"),
            (TimeUnit::Hours, "time unit hours"),
            (TimeUnit::Weeks, "time unit weeks"),
        ]);
        self.word(word);
        self.unit = unit;
        let mut model = Model::new("Made").time_unit(unit);
        model = model.start(if self.chance(0.5, "start at an hour") {
            "2026-01-07T06:30".parse::<Date>().unwrap()
        } else {
            "2025-12-29".parse::<Date>().unwrap()
        });
        if self.chance(0.3, "exit") {
            model = model.exit("hospice");
        }
        let groups = self.groups();
        let (cohorts, known) = self.cohorts();
        let count = 2 + self.dice.below(4);
        let names = ["ED", "Acute \"7\"", "Home care (P1)", "Café", "Rehab = slow", "Ward.b"];
        let names = &names[..count];
        self.names = names.to_vec();
        if !self.plain && self.dice.chance(0.6) {
            self.lists = ["Elective list", "List \"B\""][..=self.dice.below(2)].to_vec();
        }
        for name in names {
            let node = self.node(name, &groups, &known);
            model = model.node(node);
        }
        self.add_lists(&mut model, &known);
        for (i, name) in names.iter().enumerate() {
            for route in self.routes(i, name, &known, !model.exits.is_empty()) {
                model = model.route(route);
            }
        }
        for i in 0..=self.dice.below(3) {
            let mut to = names[if i == 0 { 0 } else { self.dice.below(count) }];
            if !self.lists.is_empty() && self.chance(0.4, "arrivals to a list") {
                to = *self.dice.one_of(&self.lists);
            }
            let arrivals = self.arrivals(["Front door", "GP", "999"][i], to, &known);
            model = model.arrivals(arrivals);
        }
        model.groups = groups;
        model.cohorts = cohorts;
        self.ways(&mut model, &known);
        let mut plan = Plan { until: self.hours(24.0 * 21.0).into(), ..Plan::default() };
        if self.chance(0.5, "warm-up") {
            plan.warm_up = self.hours(24.0 * 10.0);
        }
        plan.replications = 2;
        plan.seed = self.dice.next() % 1000;
        if plan.seed.is_multiple_of(4) {
            plan.until = model.start.after(21 * icsflow::time::DAY).unwrap().into();
            self.word("until a date");
        }
        plan.census = ClockTime(self.dice.below(24) as i64 * icsflow::time::HOUR);
        model.run = Some(plan);
        self.word("run");
        if self.lively && self.chance(0.6, "event") {
            for name in ["Now", "Then"] {
                let event = self.event(name, &model, &known);
                model = model.event(event);
            }
        }
        if self.lively && self.chance(0.5, "population") {
            let population = self.population(&known);
            model = model.population(population);
        }
        if self.lively && self.chance(0.7, "census") {
            model.run.as_mut().unwrap().warm_up = 0.0.into();
            self.words.remove("warm-up");
            self.census(&mut model, &known);
        }
        if self.chance(0.3, "cost") {
            let at = *self.dice.one_of(&self.names);
            let price = self.dice.between(0.0, 500.0);
            let cost = Cost::new("Care", at).payer("Trust").per_day(price).per_start(3.0);
            model.costs.push(cost.per_delayed_day(10.0).fixed(1.0));
        }
        if self.dice.chance(0.4) {
            self.clocks(&mut model, &known);
        }
        if self.chance(0.3, "published") {
            let scope = Some(names[0].to_owned());
            model.published.push(Published {
                name: "known".into(),
                value: self.dice.between(1.0, 20.0),
                metric: "mean_length_of_stay".into(),
                scope: scope.clone(),
                per: self.dice.chance(0.5).then(|| "occupied".into()),
                per_scope: scope,
                source: "assumed".into(),
            });
        }
        model
    }

    /// In the warm-up, one behind the other, and on.
    fn bank_holidays(&mut self) -> BankHolidays {
        let dates = ["2025-12-25", "2025-12-26", "2026-01-08", "2026-01-12", "2026-02-06"];
        let holidays = BankHolidays::new(dates.map(|date| date.parse::<Date>().unwrap()));
        if self.dice.chance(0.3) { holidays.like(Weekday::Sat) } else { holidays }
    }

    /// A dated act on people.
    fn event(&mut self, name: &str, model: &Model, known: &Known) -> Event {
        let mut nodes: Vec<&str> = self.names.iter().chain(&self.lists).copied().collect();
        nodes.truncate(1 + self.dice.below(nodes.len()));
        let after = self.dice.between(-50.0, 300.0);
        let mut event = Event::at(name, Moment::After(self.hours(after)), nodes.clone());
        if self.chance(0.5, "event every") {
            event = event.every(self.hours(37.0));
        }
        let states = [State::Waiting, State::InStay, State::Ready];
        event = event.of(states.into_iter().filter(|_| self.dice.chance(0.5)).collect::<Vec<_>>());
        if known.age && self.chance(0.4, "event whom") {
            event = event.whom("age > 30").score("age - waited");
        }
        if known.age && self.chance(0.4, "event set") {
            event = event.set("age", "age + 1");
        }
        if self.dice.chance(0.4) {
            event = event.share(0.6).most(1 + self.dice.below(5) as u32);
        }
        let beds = |node: &Node| node.slots.is_none() || !nodes.contains(&node.name.as_str());
        if model.nodes.iter().all(beds) && self.chance(0.3, "event close") {
            event = event.close(self.hours(20.0)).only_if("hour < 30 and inside() >= 0");
        }
        if self.chance(0.5, "event to") {
            let other = *self.dice.one_of(&self.names);
            event.to([(other, Share::Of(0.5)), ("home", Share::Rest)])
        } else {
            self.word("event act");
            event.act(*self.dice.one_of(&[Act::End, Act::Requeue, Act::Die]))
        }
    }

    /// People who come again and again.
    fn population(&mut self, known: &Known) -> Population {
        let mut population = Population::new("People", 1 + self.dice.below(20) as u32);
        if known.cohorts.len() > 1 {
            population = population.cohort(self.dice.one_of(&known.cohorts).as_str());
        }
        if self.chance(0.7, "attends every") {
            let mut every = self.distribution(Of::Time(60.0));
            if matches!(every, Distribution::Listed(_)) {
                every = Distribution::exponential("60h");
            }
            let to = *self.dice.one_of(&self.names);
            population = population.attends(Attends::every(to, every));
        }
        if population.attends.is_empty() || self.dice.chance(0.6) {
            self.word("attends hazard");
            let to = *self.dice.one_of(&self.names);
            let hazard = if known.age { "0.001 * age" } else { "0.05" };
            population = population.attends(Attends::hazard(to, hazard));
        }
        population
    }

    /// Who is there when the run begins.
    fn census(&mut self, model: &mut Model, known: &Known) {
        let by_places = |node: &Node| node.slots.is_none();
        for node in model.nodes.clone().into_iter().filter(by_places) {
            let listed = |case: &Case<Distribution>| matches!(case.then, Distribution::Listed(_));
            if !node.stay.0.iter().any(listed) {
                let mut census =
                    self.found(&node.name, known).people(self.dice.below(5) as u32 + 1);
                let (rule, word) = *self.dice.one_of(&[
                    (Remaining::Conditional, "census conditional"),
                    (Remaining::Stationary, "census stationary"),
                    (Remaining::Fresh, "census fresh"),
                    (Remaining::Uniform, "census uniform"),
                ]);
                self.word(word);
                census = census.remaining(rule);
                if node.visits.is_some() {
                    self.word("census of visits");
                }
                if rule == Remaining::Conditional || self.dice.chance(0.5) {
                    census.spent = Some(self.elapsed(census.in_places()));
                }
                model.census.push(census);
            }
            let limited = |name: &str| {
                let leads = |node: &&Node| node.name == name && !node.unlimited && by_places(node);
                model.nodes.iter().any(|node| leads(&node))
            };
            let routes = model.routes.iter().filter(|route| route.from == node.name);
            let next = routes.flat_map(|route| route.to.names()).find(|name| limited(name));
            if let Some(next) = next.map(str::to_owned).filter(|_| !node.unlimited)
                && self.chance(0.6, "census awaiting")
            {
                let mut census = self.found(&node.name, known).awaiting(next).people(2);
                census.waited = Some(self.elapsed(2));
                model.census.push(census);
            }
            if let Some((reason, delay)) = node.process_delay.first()
                && self.chance(0.6, "census in process")
            {
                let mut census = self.found(&node.name, known).in_process(reason).people(2);
                let listed = |delay: &ProcessDelay| matches!(delay.delay, Distribution::Listed(_));
                if delay.0.iter().any(|case| listed(&case.then)) || self.dice.chance(0.5) {
                    census.waited = Some(self.elapsed(2));
                }
                model.census.push(census);
            }
            let limit = match &node.queue {
                Some(NodeQueue::Own(queue)) => queue.limit,
                _ => None,
            };
            if !node.unlimited && !matches!(limit, Some(Limit::Of(_))) {
                let mut census = self.found(&node.name, known).queue(3);
                if self.chance(0.7, "census waited") {
                    census.waited = Some(self.elapsed(3));
                }
                model.census.push(census);
            }
        }
    }

    /// A census with the cohort and what is known of the attributes.
    fn found(&mut self, node: &str, known: &Known) -> Census {
        let mut census = Census::new(node);
        if known.cohorts.len() > 1 {
            census = census.cohort(self.dice.one_of(&known.cohorts).as_str());
        }
        if known.age && self.chance(0.3, "census attributes") {
            census = census.attribute("age", self.dice.between(20.0, 90.0));
        }
        census
    }

    fn elapsed(&mut self, people: u32) -> Elapsed {
        let drawn = self.distribution(Of::Time(20.0));
        if !matches!(drawn, Distribution::Listed(_)) && self.chance(0.4, "census drawn") {
            return drawn.into();
        }
        self.word("census each");
        let mut each = Vec::new();
        for _ in 0..people {
            let hours = self.dice.between(0.0, 40.0);
            each.push(self.hours(hours));
        }
        each.into()
    }

    fn clocks(&mut self, model: &mut Model, known: &Known) {
        for name in ["4-hour", "RTT: \"18\""].iter().take(1 + self.dice.below(2)) {
            let start = if self.chance(0.4, "clock arrival") { Mark::Arrival } else { self.mark() };
            let stop = if self.chance(0.4, "clock exit") { Mark::Exit } else { self.mark() };
            let mut clock = Clock::new(*name, start, stop);
            for i in 0..self.dice.below(4) {
                if i == 1 {
                    self.word("clock targets");
                }
                let target = self.dice.between(1.0, 60.0);
                clock = clock.target(self.hours(target));
            }
            if self.chance(0.4, "clock pause") {
                clock = clock.pause(self.mark(), self.mark());
            }
            if self.chance(0.4, "clock when") {
                clock = clock.when(self.condition(known));
            }
            model.clocks.push(clock);
        }
    }

    fn mark(&mut self) -> Mark {
        self.word("clock visit");
        let stages = [Stage::Join, Stage::Arrive, Stage::Start, Stage::Ready, Stage::Leave];
        let places: Vec<&str> = self.names.iter().chain(&self.lists).copied().collect();
        let on = *self.dice.one_of(&stages);
        let mut at = vec![(*self.dice.one_of(&places)).to_owned()];
        if self.chance(0.3, "clock at several") {
            at.push((*self.dice.one_of(&places)).to_owned());
        }
        Mark::At { at: Many(at), on }
    }

    fn groups(&mut self) -> Vec<Group> {
        if !self.chance(0.5, "group") {
            return Vec::new();
        }
        let mut system = Group::new("West").kind(GroupKind::System);
        if self.chance(0.6, "group population") {
            system = system.population(123_456.0);
        }
        let place = Group::new("Town").kind(GroupKind::Place).part_of("West");
        vec![place, system, Group::new("Site").part_of("Town")]
    }

    fn cohorts(&mut self) -> (Vec<Cohort>, Known) {
        let mut known = Known::default();
        if self.chance(0.2, "no cohort") {
            return (Vec::new(), known);
        }
        let count = 1 + self.dice.below(3);
        if count > 1 {
            self.word("cohorts");
        }
        let names = ["elective", "urgent", "long \"stay\""];
        let mut cohorts = Vec::new();
        for name in &names[..count] {
            let mut cohort = Cohort::new(*name);
            if self.chance(0.6, "attribute number") {
                let age = self.distribution(Of::Number(60.0));
                cohort = cohort.attribute("age", Attribute::Number(age));
                known.age = true;
            }
            let has_age = cohort.attributes.contains_key("age");
            if self.chance(0.6, "attribute category") {
                let labels = |red| {
                    Attribute::Category(
                        [("green", Share::Rest), ("red", Share::Of(red)), ("amber", 0.25.into())]
                            .map(|(label, share)| (label.to_owned(), share))
                            .into(),
                    )
                };
                let mut cases = vec![Case { when: None, then: labels(0.25) }];
                if has_age && self.chance(0.7, "attribute conditional") {
                    cases.insert(0, Case { when: Some("age >= 60".into()), then: labels(0.5) });
                }
                cohort = cohort.attribute("triage", Cases(cases));
                known.triage = true;
            }
            if self.chance(0.6, "attribute flag") {
                let flag = Attribute::Flag(self.dice.between(0.0, 1.0));
                let mut cases = vec![Case { when: None, then: flag }];
                if cohort.attributes.contains_key("triage")
                    && self.chance(0.7, "attribute conditional")
                {
                    let when = Some("triage in ['red', \"amber\"] or hour < 8".into());
                    cases.insert(0, Case { when, then: Attribute::Flag(0.9) });
                }
                // Written before those that it depends on: the order of drawing is not that of writing.
                cohort.attributes.shift_insert(0, "frail".into(), Cases(cases));
                known.frail = true;
            }
            known.cohorts.push((*name).to_owned());
            cohorts.push(cohort);
        }
        (cohorts, known)
    }

    fn condition(&mut self, known: &Known) -> Expression {
        let mut texts = vec![
            ("hour >= 8 and hour < 20", "expression clock"),
            ("weekday in ['Sat', \"Sun\"] or day > 9.5", "expression clock"),
            ("not (weekday == 'Mon') and (hour + day * 24) / 2 >= 7", "expression clock"),
        ];
        if known.age {
            texts.push(("age >= 75 or -age > -40", "expression attribute"));
            texts.push(("2 * age - 10 / 2 <= 95 and age != 60", "expression attribute"));
        }
        if known.triage {
            texts.push(("triage == 'red'", "expression attribute"));
            texts.push(("triage != 'green' and true", "expression attribute"));
        }
        if known.frail {
            texts.push(("frail", "expression attribute"));
            texts.push(("not frail or false", "expression attribute"));
        }
        if known.cohorts.len() > 1 {
            texts.push(("cohort == 'urgent'", "expression cohort"));
            texts.push(("cohort in ['elective', 'urgent']", "expression cohort"));
        }
        let (text, word) = *self.dice.one_of(&texts);
        self.word(word);
        text.into()
    }

    fn cases(&mut self, known: &Known, hours: f64, word: &'static str) -> Cases<Distribution> {
        let mut cases = vec![Case { when: None, then: self.distribution(Of::Time(hours)) }];
        if self.chance(0.4, word) {
            let when = Some(self.condition(known));
            cases.insert(0, Case { when, then: self.distribution(Of::Time(hours)) });
        }
        Cases(cases)
    }

    fn node(&mut self, name: &str, groups: &[Group], known: &Known) -> Node {
        let hours = self.dice.between(3.0, 40.0);
        let stay = self.cases(known, hours, "stay cases");
        // The last nodes serve a list each, so that none is without.
        let from_last = self.names.iter().rev().position(|last| *last == name);
        let served = from_last.and_then(|i| self.lists.get(i)).copied();
        let mut node = if served.is_none() && self.chance(0.25, "unlimited") {
            Node::unlimited(name, stay)
        } else if !self.plain && self.chance(0.22, "visits") {
            Node::visits(name, self.visits(served.is_some(), known), stay)
        } else {
            self.word("beds");
            let beds = if self.chance(0.04, "beds 0") { 0 } else { 1 + self.dice.below(6) as u32 };
            Node::beds(name, beds, stay)
        };
        if self.chance(0.5, "sector") {
            node = node.sector(*self.dice.one_of(&["acute", "social"]));
        }
        if !groups.is_empty() && self.dice.chance(0.6) {
            node = node.group(self.dice.one_of(groups).name.clone());
        }
        for reason in ["assessment", "medicines", "transport"] {
            if self.chance(0.3, "delays") {
                let delay = self.delay(known);
                node = node.process_delay(reason, delay);
            }
        }
        match self.dice.below(7) {
            0 | 1 => node = node.leave(self.open()),
            2 => node = node.leave(self.at()),
            3 | 4 => node = node.leave(self.profile()),
            _ => {}
        }
        if self.chance(0.15, "evidence") {
            node.evidence.insert("stay".into(), "assumed: a test".into());
        }
        if node.unlimited {
            return node;
        }
        if self.lively && self.chance(0.12, "death") {
            let on = *self.dice.one_of(&[On::Start, On::Ready, On::Join]);
            let on = if served.is_some() { On::Start } else { on };
            let mut after = self.distribution(Of::Time(30.0));
            if matches!(after, Distribution::Listed(_)) {
                after = Distribution::exponential("30h");
            }
            node = node.death(Death::new(on, after));
        }
        if self.lively && known.age && self.chance(0.4, "set") {
            let on = *self.dice.one_of(&[On::Start, On::Ready, On::Leave]);
            let mut set = SetAttribute::new(on, "age", "min(age + 1 + waited, 100)");
            if self.chance(0.5, "set share") {
                set = set.share(0.5);
            }
            node = node.set(set);
        }
        if let Some(visits) = &node.visits {
            if let Some(list) = served {
                node = node.queue(list);
            } else if self.dice.chance(0.8) {
                let mut queue = self.queue(name, &[name], known);
                queue.preempt = None;
                if visits.books() {
                    (queue.discipline, queue.score) = (None, None);
                    queue.classes.clear();
                    queue.change_class.clear();
                    queue.review.iter_mut().for_each(|review| review.class = None);
                    queue.review.retain(|review| review.remove.is_some());
                } else if self.chance(0.7, "visits admit") {
                    node = node.admit(self.changing(name, known));
                }
                node = node.queue(queue);
            }
        } else if self.plain {
            if self.dice.chance(0.6) {
                let queue = self.plain_queue(known);
                node = node.queue(queue);
            }
        } else {
            node = self.places(node, known);
            if let Some(list) = served {
                node = node.queue(list);
            } else if !self.lists.is_empty() && self.dice.chance(0.3) {
                node = node.queue(*self.dice.one_of(&self.lists));
            } else if self.dice.chance(0.85) {
                let queue = self.queue(name, &[name], known);
                node = node.queue(queue);
            }
        }
        if self.dice.chance(0.4) {
            node = node.waiting_room(if self.chance(0.3, "waiting room unlimited") {
                Limit::Unlimited
            } else {
                self.word("waiting room");
                Limit::Of(self.dice.below(4) as u32)
            });
        }
        node
    }

    /// Visits; in line if a list is served.
    fn visits(&mut self, in_line: bool, known: &Known) -> Visits {
        let need = |maker: &mut Maker| {
            let visits = maker.dice.between(0.1, 3.0);
            match maker.dice.below(5) {
                0 => {
                    maker.word("need taper");
                    Need::taper(visits, visits / 4.0)
                }
                1 => {
                    maker.word("need days");
                    Need::days([visits, 0.0, visits / 2.0])
                }
                2 => {
                    maker.word("need points");
                    Need::points([visits / 2.0, visits, 0.0])
                }
                _ => {
                    maker.word("need constant");
                    Need::constant(visits)
                }
            }
        };
        let mut needs = Cases(vec![Case { when: None, then: need(self) }]);
        if self.chance(0.3, "need cases") {
            let when = Some(self.condition(known));
            needs.0.insert(0, Case { when, then: need(self) });
        }
        let per_day = 3 + self.dice.below(12) as u32;
        let per_day = if self.dice.chance(0.5) {
            self.capacity(per_day).edit(Edit::to("1000d", 3))
        } else {
            Capacity::new(per_day)
        };
        let mut visits = Visits::new(per_day, needs);
        if in_line || self.dice.chance(0.6) {
            self.word("visits line");
            visits = visits.mode(Mode::Line);
            if self.chance(0.4, "visits strict") {
                visits = visits.scan(Scan::Strict);
            } else if self.dice.chance(0.3) {
                visits = visits.scan(Scan::FirstFit);
            }
        } else {
            self.word("visits book");
        }
        if self.chance(0.3, "visits whole") { visits.whole() } else { visits }
    }

    /// Other clocks beside the length of a stay.
    fn give_ends(&mut self, model: &mut Model) {
        let known = Known::default();
        for i in 0..model.nodes.len() {
            // What has passed of several clocks is known only together.
            let by_one = |census: &Census| {
                let rule = matches!(census.rule(), Remaining::Stationary | Remaining::Uniform);
                rule && census.node == model.nodes[i].name && census.awaiting.is_none()
            };
            let fit = model.nodes[i].slots.is_none() && !model.census.iter().any(by_one);
            if !fit || !self.chance(0.12, "ends") {
                continue;
            }
            for name in ["worse", "death"] {
                let mut end = StayEnd::new(self.cases(&known, 60.0, "ends cases"));
                if self.chance(0.7, "ends to") {
                    let other = *self.dice.one_of(&self.names);
                    end = end.to([(other, Share::Of(0.7)), ("died", Share::Rest)]);
                }
                model.nodes[i].ends.insert(name.into(), end);
            }
        }
    }

    /// Has people start together in some of the beds.
    fn give_together(&mut self, model: &mut Model) {
        let needed = |node: &Node| Some(node.slots.as_ref()?.needs.as_ref()?.node.clone());
        let needed: Vec<String> = model.nodes.iter().filter_map(needed).collect();
        for node in &mut model.nodes {
            let queue = match &node.queue {
                Some(NodeQueue::Own(queue)) => queue.preempt.is_none(),
                _ => true,
            };
            let listed = |case: &Case<Distribution>| matches!(case.then, Distribution::Listed(_));
            let each = node.cut.as_ref().is_some_and(|cut| *cut != Cut::Wait)
                || node.vacation.is_some()
                || node.corridor.is_some()
                || !node.ring_fence.is_empty()
                || node.stay.0.iter().any(listed)
                || needed.contains(&node.name);
            let most = node.beds.as_ref().map_or(0.0, Capacity::most) as usize;
            if each || !queue || most == 0 || !self.dice.chance(0.8) {
                continue;
            }
            let mut together = Together::default();
            if self.chance(0.7, "together least") {
                together.least = Some(1 + self.dice.below(most.min(3)) as u32);
            }
            if together.least.is_none() || self.dice.chance(0.5) {
                self.word("together at");
                let at = ["09:00", "16:30"].map(|time| time.parse().unwrap()).into();
                let days = if self.dice.chance(0.5) { vec![Weekday::Tue] } else { Vec::new() };
                together = together.at(Sessions { at, days });
            }
            self.word("together");
            node.together = Some(together);
        }
    }

    /// Makes a team of some of the beds.
    fn give_caseload(&mut self, model: &mut Model) {
        for node in &mut model.nodes {
            let few = node.ring_fence.is_empty() && node.outage.is_empty();
            if few && node.beds.is_some() && self.chance(0.16, "caseload") {
                let Some(beds) = node.beds.take() else { continue };
                let most = 2 + beds.places;
                let doctors = Capacity::new(1).edit(Edit::to(self.hours(70.0), 2));
                let team = [
                    ("nurses", Profession::new(beds, 1.0)),
                    ("doctors", Profession::new(doctors, 1.0 / f64::from(most))),
                ];
                node.caseload = team.map(|(name, one)| (name.to_owned(), one)).into();
            }
        }
    }

    /// Makes one of the nodes, if one is fit for it, a node that gives slots.
    fn give_slots(&mut self, model: &mut Model) {
        let by_places = |name: &String| {
            let chosen = |route: &&Route| {
                matches!(
                    route.choose,
                    Some(Choose::FirstFree | Choose::MostFree | Choose::LeastLoad)
                )
            };
            let chosen = model.routes.iter().filter(chosen);
            chosen.flat_map(|route| route.to.names()).any(|known| known == name)
        };
        let shared = |node: &Node| {
            let list = matches!(node.queue, Some(NodeQueue::List(_)));
            list && model.nodes.iter().filter(|other| other.queue == node.queue).count() > 1
        };
        let fit = |node: &&Node| node.visits.is_none() && !by_places(&node.name) && !shared(node);
        let fit: Vec<String> =
            model.nodes.iter().filter(fit).map(|node| node.name.clone()).collect();
        if fit.is_empty() {
            return;
        }
        let name = self.dice.one_of(&fit).clone();
        let closed =
            |event: &Event| event.close.is_some() && event.nodes.contains(&name.to_string());
        if model.census.iter().any(|census| *census.node == name) || model.events.iter().any(closed)
        {
            return;
        }
        let slots = self.slots(&name, model);
        let Some(node) = model.nodes.iter_mut().find(|node| node.name == name) else { return };
        let mut made = Node::slots(name, slots, node.stay.clone());
        made.queue = node.queue.take();
        if let Some(NodeQueue::Own(queue)) = &mut made.queue {
            queue.preempt = None;
        }
        made.sector = node.sector.take();
        made.group = node.group.take();
        made.process_delay = std::mem::take(&mut node.process_delay);
        made.leave = node.leave.take();
        made.admit = node.admit.take();
        *node = made;
        for queue in &mut model.queues {
            // Nobody in a place is interrupted for a slot.
            let serves = |node: &Node| {
                node.slots.is_some() && node.queue == queue.name.as_deref().map(NodeQueue::from)
            };
            if model.nodes.iter().any(serves) {
                queue.preempt = None;
            }
        }
    }

    fn slots(&mut self, name: &str, model: &Model) -> Slots {
        self.word("slots");
        let mut slots = Slots::default();
        if self.chance(0.35, "slots per day") {
            slots.per_day = Some(self.dice.below(5) as u32);
        }
        for at in ["09:00", "13:30"] {
            if self.chance(0.6, "session") {
                let number = self.dice.below(7) as u32;
                let mut session = Session::at_clock(at.parse().unwrap(), number);
                if self.chance(0.5, "session every") {
                    session = session.every(self.hours(0.5));
                }
                if self.chance(0.35, "session days") {
                    session = session.days([Weekday::Mon, Weekday::Tue, Weekday::Fri]);
                }
                slots.sessions.push(session);
            }
        }
        if self.chance(0.3, "session repeat") || slots.sessions.is_empty() {
            self.word("session repeat");
            let session = Session::at(self.hours(5.0), 1 + self.dice.below(4) as u32);
            slots.sessions.push(session.repeat(self.hours(31.0)));
        }
        if self.chance(0.35, "session once") {
            slots.sessions.push(Session::at(self.hours(100.0), 20));
        }
        if self.chance(0.35, "slots dates") {
            slots.dates = vec![Edit::times(self.hours(240.0), 1.5)];
        }
        let minutes = self.chance(0.42, "session minutes");
        if minutes {
            // Hours of the day in turn with their own kinds of care.
            slots.per_day = None;
            for session in &mut slots.sessions {
                (session.minutes, session.slots) = (Some(60 * session.slots.unwrap_or(0)), None);
                session.every = None;
            }
            self.word("estimate");
            slots.estimate = Some(Distribution::exponential(self.hours(1.25)).into());
            if self.chance(0.75, "fill") {
                slots.fill = Some(*self.dice.one_of(&[Fill::FirstFit, Fill::Strict]));
            }
            if self.chance(0.85, "overrun") {
                slots.overrun = Some(self.hours(1.0));
            }
        }
        let ward = model.nodes.iter().find(|node| {
            node.name != name
                && node.beds.is_some()
                && !matches!(node.queue, Some(NodeQueue::List(_)))
        });
        if let Some(ward) = ward.filter(|_| self.dice.chance(0.75)) {
            self.word("needs");
            slots.needs = Some(ward.name.as_str().into());
        }
        let some = model.cohorts.first().map(|cohort| format!("cohort == '{}'", cohort.name));
        let other = *self.dice.one_of(&self.names.clone());
        if self.chance(0.6, "missed") {
            let share = self.dice.between(0.0, 0.5);
            slots.missed = Some(Chance { share }.into());
            slots.if_missed = match self.dice.below(4) {
                0 => None,
                1 => Some(Again::Rebook),
                2 => Some(other.into()),
                _ => Some(
                    [(name, Share::Of(0.5)), ("home", Share::Rest)]
                        .into_iter()
                        .collect::<Targets>()
                        .into(),
                ),
            };
            if slots.if_missed.is_some() {
                self.word("if missed");
            }
        }
        if let Some(when) = some.as_deref().filter(|_| !minutes && self.dice.chance(0.7)) {
            self.word("carve-out");
            let release = self.chance(0.7, "carve-out release").then(|| self.hours(20.0));
            slots = slots.carve_out("kept", 1, when, release);
        }
        if self.chance(0.35, "called off") {
            slots = slots.called_off(0.2, self.hours(30.0));
        }
        if self.chance(0.35, "remote") {
            slots = slots.remote(0.5, 0.75);
        }
        if self.chance(0.75, "booking") {
            let mut booking = Booking::new();
            if let Some(when) = some.as_deref().filter(|_| self.dice.chance(0.45)) {
                self.word("booking when");
                booking = booking.when(when);
            }
            if self.chance(0.4, "booking lead") {
                booking = booking.lead(self.hours(20.0));
            }
            if self.chance(0.4, "booking horizon") {
                booking = booking.horizon(self.hours(120.0));
            }
            if !minutes && self.chance(0.65, "booking overbook") {
                booking = booking.overbook(0.4);
            }
            if self.chance(0.6, "booking cancel") {
                let notice = self.distribution(Of::Time(20.0));
                booking = booking.cancel(0.3, notice);
                if self.chance(0.75, "booking if cancelled") {
                    booking = booking.if_cancelled(other);
                }
            }
            if self.chance(0.4, "booking follow-up") {
                let after = self.distribution(Of::Time(60.0));
                booking = booking.follow_up(0.4, after);
            }
            slots = slots.booking(booking);
        }
        slots
    }

    fn plain_queue(&mut self, known: &Known) -> Queue {
        let classes = self.chance(0.5, "queue class");
        let mut queue = if classes {
            Queue::by_class((0..=self.dice.below(2)).map(|_| self.condition(known)))
        } else {
            self.word("queue first come");
            Queue::by(Discipline::FirstCome)
        };
        queue.limit = match self.dice.below(4) {
            0 => None,
            1 if self.chance(1.0, "queue unlimited") => Some(Limit::Unlimited),
            _ => {
                self.word("queue limit");
                Some(Limit::Of(self.dice.below(5) as u32))
            }
        };
        queue
    }

    // ---- places that come and go -------------------------------------------------------------------

    /// How places come and go at a node, and to whom they are given.
    fn places(&mut self, mut node: Node, known: &Known) -> Node {
        let beds = node.beds.take().map_or(1, |beds| beds.places);
        let capacity = self.capacity(beds);
        let most = capacity.most().floor() as u32;
        let own = node.name.clone();
        node.beds = Some(capacity);
        node.cut = match self.dice.below(8) {
            0 => {
                self.word("cut wait");
                Some(Cut::Wait)
            }
            1 | 2 => {
                self.word("cut interrupt");
                Some(Cut::Interrupt)
            }
            3 => {
                self.word("cut early end");
                Some(Cut::EarlyEnd)
            }
            4 => {
                self.word("cut transfer");
                Some(Cut::Transfer(self.onward(&own)))
            }
            _ => None,
        };
        for cause in ["staff", "infection"] {
            if most > 0 && self.chance(0.2, "outage") {
                let every = self.distribution(Of::Time(60.0));
                let lasts = self.distribution(Of::Time(8.0));
                let mut outage = Outage::new(every, lasts);
                if self.chance(0.5, "outage places") {
                    outage = outage.places(1 + self.dice.below(most as usize) as u32);
                } else {
                    self.word("outage all");
                }
                node = node.outage(cause, outage);
            }
        }
        if self.chance(0.25, "vacation") {
            let vacation = self.distribution(Of::Time(5.0));
            node = node.vacation(vacation);
        }
        if self.chance(0.35, "turnaround") {
            let turnaround = self.cases(known, 3.0, "turnaround cases");
            node = node.turnaround(turnaround);
        }
        if self.chance(0.35, "admit") {
            let admit = if self.chance(0.7, "admit state") {
                self.changing(&own, known)
            } else {
                self.lasting(known)
            };
            node = node.admit(admit);
        }
        if most > 0 && self.chance(0.35, "ring fence") {
            let places = 1 + self.dice.below(most as usize) as u32;
            let when = self.lasting(known);
            node = node.ring_fence("first", places, when);
            if places < most && self.chance(0.5, "ring fences") {
                let places = 1 + self.dice.below((most - places) as usize) as u32;
                let when = self.lasting(known);
                node = node.ring_fence("second", places, when);
            }
        }
        if self.chance(0.3, "corridor") {
            node = node.corridor(1 + self.dice.below(3) as u32);
        }
        node
    }

    fn some(&mut self) -> u32 {
        self.dice.below(6) as u32
    }

    fn capacity(&mut self, beds: u32) -> Capacity {
        let mut capacity = Capacity::new(beds);
        match self.dice.below(6) {
            0 => {
                self.word("beds weekly");
                for _ in 0..=self.dice.below(2) {
                    let (from, to) = (self.clock(0, 24), self.clock(0, 24));
                    let (days, places) = (self.weekdays(), self.some());
                    capacity = capacity.weekly(Shift { from, to, days, places });
                }
            }
            1 => {
                self.word("beds cycle");
                let length = self.dice.between(10.0, 60.0);
                let mut at = 0.0;
                let mut steps = Vec::new();
                while at < length && steps.len() < 4 {
                    steps.push((self.hours(at), self.some()));
                    at += self.dice.between(2.0, 20.0);
                }
                capacity = capacity.cycle(self.hours(length), steps);
            }
            _ => {}
        }
        if self.chance(0.3, "beds dates") {
            let mut at = -48.0;
            for _ in 0..=self.dice.below(3) {
                at += self.dice.between(1.0, 150.0);
                let moment = Moment::After(self.hours(at));
                let mut edit = match self.dice.below(3) {
                    0 => {
                        self.word("change to");
                        Edit::to(moment, self.some())
                    }
                    1 => {
                        self.word("change add");
                        Edit::add(moment, self.some() as i32 - 3)
                    }
                    _ => {
                        self.word("change times");
                        Edit::times(moment, self.dice.between(0.0, 2.0))
                    }
                };
                if self.chance(0.4, "beds ramp") {
                    edit = edit.ramp(self.hours(40.0));
                    // By the time, so that no die falls otherwise than without shapes.
                    edit = match (at * 16.0) as i64 & 3 {
                        1 => {
                            self.word("beds ramp s-curve");
                            edit.shape(RampShape::SCurve)
                        }
                        2 => {
                            self.word("beds ramp steps");
                            edit.shape(RampShape::Steps(3))
                        }
                        _ => edit,
                    };
                }
                capacity = capacity.edit(edit);
            }
        }
        capacity
    }

    // ---- how people wait ---------------------------------------------------------------------------

    fn add_lists(&mut self, model: &mut Model, known: &Known) {
        if self.lists.len() > 1 {
            self.word("lists");
        }
        for list in self.lists.clone() {
            self.word("list");
            let serves = |node: &&Node| node.queue == Some(NodeQueue::from(list));
            let nodes = model.nodes.iter().filter(serves).map(|node| node.name.as_str());
            let nodes: Vec<&str> = nodes.collect();
            if nodes.len() > 1 {
                self.word("list of several");
            }
            let queue = self.queue(list, &nodes, known).named(list);
            model.queues.push(queue);
        }
    }

    /// A node, list or way out, or several, but not this one.
    fn onward(&mut self, here: &str) -> Targets {
        let mut places: Vec<&str> = self.names.iter().chain(&self.lists).copied().collect();
        places.retain(|name| *name != here);
        places.extend(["home", "died", "displaced"]);
        let first = *self.dice.one_of(&places);
        if self.dice.chance(0.6) {
            return first.into();
        }
        places.retain(|name| *name != first);
        let second = *self.dice.one_of(&places);
        [(first, Share::Of(0.375)), (second, Share::Rest)].into()
    }

    /// The queue of a node or a list, which serves these nodes.
    fn queue(&mut self, here: &str, serves: &[&str], known: &Known) -> Queue {
        let mut queue = match self.dice.below(12) {
            0 | 1 => {
                self.word("queue first come");
                Queue::by(Discipline::FirstCome)
            }
            2 => {
                self.word("queue last come");
                Queue::by(Discipline::LastCome)
            }
            3 => {
                self.word("queue random");
                Queue::by(Discipline::Random)
            }
            4..=6 => {
                self.word("score");
                Queue::by_score(self.score(here, known))
            }
            _ => {
                self.word("queue class");
                self.by_class(here, known)
            }
        };
        match self.dice.below(5) {
            0 => {}
            1 => {
                self.word("queue unlimited");
                queue.limit = Some(Limit::Unlimited);
            }
            _ => {
                self.word("queue limit");
                queue.limit = Some(Limit::Of(self.dice.below(5) as u32));
                if self.chance(0.7, "if full") {
                    queue.if_full = Some(self.onward(here));
                }
            }
        }
        if self.chance(0.4, "patience") {
            let mut patience = self.cases(known, 12.0, "patience cases");
            if patience.0.len() > 1 && self.dice.chance(0.5) {
                patience.0.pop();
            }
            queue.patience = Some(patience);
            if self.chance(0.5, "renege") {
                queue.renege = Some(if self.chance(0.3, "renege back") {
                    here.into()
                } else {
                    self.onward(here)
                });
            }
        }
        if self.chance(0.35, "balk") {
            for _ in 0..=self.dice.below(2) {
                let when = if self.chance(0.6, "balk state") {
                    self.changing(here, known)
                } else {
                    self.word("balk clock");
                    "hour < 6 or weekday == 'Sun'".into()
                };
                if self.chance(0.7, "balk share") {
                    queue = queue.balk(when, 0.375);
                } else {
                    queue.balk.0.push(when.0.as_str().into());
                }
            }
            if self.chance(0.5, "balk to") {
                queue.balk_to = Some(self.onward(here));
            }
        }
        if self.chance(0.3, "review") {
            for _ in 0..=self.dice.below(2) {
                let review = self.review(here, &queue, known);
                queue = queue.review(review);
            }
        }
        let mut elsewhere = self.names.clone();
        elsewhere.retain(|name| !serves.contains(name));
        if !elsewhere.is_empty() && self.chance(0.3, "switch") {
            let to = *self.dice.one_of(&elsewhere);
            queue = queue.switch(to, self.changing(here, known));
        }
        queue
    }

    fn by_class(&mut self, here: &str, known: &Known) -> Queue {
        let mut queue = Queue::by_class((0..=self.dice.below(2)).map(|_| self.condition(known)));
        let last = queue.classes.len() as u32 + 1;
        if self.chance(0.4, "change class") {
            for from in 1..=last {
                // Up from the last, down from the first.
                let to = if from == 1 { last } else { from - 1 };
                if self.dice.chance(0.6) {
                    queue = queue.change_class(from, to, self.distribution(Of::Time(8.0)));
                }
            }
        }
        if self.dice.chance(0.7) {
            queue = queue.preempt(match self.dice.below(4) {
                0 => {
                    self.word("preempt resume");
                    Preempt::Resume
                }
                1 => {
                    self.word("preempt restart");
                    Preempt::Restart
                }
                2 => {
                    self.word("preempt resample");
                    Preempt::Resample
                }
                _ => {
                    self.word("preempt displace");
                    Preempt::Displace(self.onward(here))
                }
            });
        }
        queue
    }

    fn review(&mut self, here: &str, queue: &Queue, known: &Known) -> Review {
        let every = self.dice.between(6.0, 60.0);
        let mut review = Review::every(self.hours(every));
        if self.chance(0.4, "review at") {
            review = review.at("2026-01-05T06:30");
        }
        if self.dice.chance(0.6) {
            review = review.when(if self.chance(0.6, "review waited") {
                "waited > 0.125 and queue() > 1".into()
            } else if self.dice.chance(0.5) {
                self.changing(here, known)
            } else {
                self.condition(known)
            });
        }
        if self.chance(0.6, "review remove") {
            review = review.remove(0.25);
            if self.chance(0.6, "review to") {
                review = review.to(self.onward(here));
            }
        }
        if review.remove.is_none() || self.dice.chance(0.3) {
            if queue.classes.is_empty() {
                review.remove = Some(0.5);
            } else {
                self.word("review class");
                review = review.class(1 + self.dice.below(queue.classes.len() + 1) as u32);
            }
        }
        review
    }

    /// A condition that holds for a patient for good.
    fn lasting(&mut self, known: &Known) -> Expression {
        let mut texts = Vec::new();
        if known.age {
            texts.push("age >= 60");
        }
        if known.triage {
            texts.push("triage in ['red', 'amber']");
        }
        if known.frail {
            texts.push("frail");
        }
        if known.cohorts.len() > 1 {
            texts.extend(["cohort == 'elective'", "cohort == 'urgent'"]);
        }
        if texts.is_empty() {
            texts.extend(["true", "1 < 2"]);
        }
        (*self.dice.one_of(&texts)).into()
    }

    /// A node other than this.
    fn other(&mut self, own: &str) -> &'static str {
        let mut names = self.names.clone();
        names.retain(|name| *name != own);
        self.dice.one_of::<&str>(&names)
    }

    /// A condition over the state of nodes.
    fn changing(&mut self, own: &str, known: &Known) -> Expression {
        let other = self.other(own);
        let few = self.dice.below(4);
        let mut text = match self.dice.below(11) {
            0 => format!("free() > {few}"),
            1 => format!("free('{other}') >= {few}"),
            2 => format!("queue('{other}') < {few} or queue() > 3"),
            3 => format!("occupied('{other}') <= {few}"),
            4 => format!("blocked('{other}') == 0 or blocked() < {few}"),
            5 => format!("awaiting('{other}') < {}", few + 1),
            6 => format!("present() > present('{other}') - {few}"),
            7 => format!("inside() < {}", 6 * (few + 1)),
            8 => format!("waiting('{other}') <= {few} or waiting() < {few}"),
            9 => format!("beds('{other}') > {few}"),
            _ => format!("max(free(), free('{other}')) > 0"),
        };
        if self.dice.chance(0.4) {
            text = format!("{} or {text}", self.lasting(known).0);
        }
        text.as_str().into()
    }

    fn score(&mut self, own: &str, known: &Known) -> Expression {
        let attribute = match known {
            Known { age: true, .. } => "age",
            Known { frail: true, .. } => "10 * frail",
            Known { triage: true, .. } => "5 * (triage == 'red')",
            _ => "2",
        };
        let (text, word) = match self.dice.below(10) {
            0 => ("waited".to_owned(), "score linear"),
            1 => ("-waited".to_owned(), "score linear"),
            2 => (attribute.to_owned(), "score linear"),
            3 => (format!("{attribute} + 24 * waited"), "score linear"),
            4 => (format!("({attribute}) * waited"), "score non-linear"),
            5 => (format!("{attribute} + max(3, 5 * waited) * waited"), "score non-linear"),
            6 => (format!("if(waited > 0.25, 100 + waited, {attribute})"), "score non-linear"),
            7 => (format!("floor(24 * waited) - {attribute}"), "score non-linear"),
            8 => (format!("waited * (1 + queue()) + {attribute}"), "score state"),
            _ => {
                let other = self.other(own);
                (format!("if(free('{other}') > 0, {attribute}, waited)"), "score state")
            }
        };
        self.word(word);
        text.as_str().into()
    }

    fn delay(&mut self, known: &Known) -> Cases<ProcessDelay> {
        let one = |maker: &mut Maker| {
            let share = maker.chance(0.4, "delay share").then(|| maker.dice.between(0.0, 1.0));
            let delay = if maker.chance(0.15, "delay listed") {
                maker.listed(Of::Time(5.0))
            } else {
                maker.distribution(Of::Time(5.0))
            };
            ProcessDelay { share, delay }
        };
        let mut cases = vec![Case { when: None, then: one(self) }];
        if self.chance(0.4, "delay cases") {
            let when = Some(self.condition(known));
            cases.insert(0, Case { when, then: one(self) });
            if self.dice.chance(0.5) {
                cases.pop();
            }
        }
        Cases(cases)
    }

    fn clock(&mut self, from: usize, to: usize) -> ClockTime {
        let minutes = 60 * from + self.dice.below(60 * (to - from));
        ClockTime(minutes as i64 * icsflow::time::MINUTE)
    }

    fn weekdays(&mut self) -> Vec<Weekday> {
        DAYS.into_iter().filter(|_| self.dice.chance(0.5)).collect()
    }

    fn open(&mut self) -> Window {
        self.word("leave open");
        let interval = |maker: &mut Maker| Interval {
            from: maker.clock(6, 10),
            to: maker.clock(12, 24),
            days: maker.weekdays(),
        };
        Window::Open((0..=self.dice.below(2)).map(|_| interval(self)).collect())
    }

    fn sessions(&mut self) -> Sessions {
        let at = (0..=self.dice.below(3)).map(|_| self.clock(0, 24)).collect();
        Sessions { at, days: self.weekdays() }
    }

    fn at(&mut self) -> Window {
        self.word("leave at");
        Window::At((0..=self.dice.below(2)).map(|_| self.sessions()).collect())
    }

    fn profile(&mut self) -> Window {
        self.word("leave profile");
        let mut hours: Vec<f64> = (0..24).map(|_| self.dice.between(0.0, 3.0)).collect();
        hours[..6].fill(0.0);
        let some = self.dice.chance(0.6);
        let weekdays =
            if some { (0..7).map(|_| self.dice.between(0.1, 1.0)).collect() } else { Vec::new() };
        Window::Profile(HourProfile { hours, weekdays })
    }

    fn routes(&mut self, i: usize, name: &str, known: &Known, hospice: bool) -> Vec<Route> {
        let mut routes = Vec::new();
        for last in [false, true] {
            if self.dice.chance(0.35) {
                continue;
            }
            self.word("routes");
            let mut route = self.route(i, name, hospice);
            if !last && known.cohorts.len() > 1 && self.chance(0.5, "route cohort") {
                route = route.cohort(self.dice.one_of(&known.cohorts).clone());
            } else if !last {
                self.word("route when");
                route = route.when(if !self.plain && self.chance(0.4, "route state") {
                    self.changing(name, known)
                } else {
                    self.condition(known)
                });
            }
            routes.push(route);
        }
        routes
    }

    fn route(&mut self, i: usize, name: &str, hospice: bool) -> Route {
        let names = self.names.clone();
        // Only to those behind it: who is sent on for certain must not go round.
        if !self.plain && i + 1 < names.len() && self.dice.chance(0.5) {
            let (choose, word) = *self.dice.one_of(&[
                (Choose::FirstFree, "choose first free"),
                (Choose::FirstFree, "choose first free"),
                (Choose::ShortestQueue, "choose shortest queue"),
                (Choose::LeastLoad, "choose least load"),
                (Choose::MostFree, "choose most free"),
                (Choose::RoundRobin, "choose round robin"),
            ]);
            self.word(word);
            let mut to = names[i + 1..].to_vec();
            let first = self.dice.below(to.len());
            to.swap(0, first);
            return Route::choose(name, choose, to);
        }
        let mut shares = Vec::new();
        let back = self.dice.chance(0.25);
        let mut next: Vec<&str> = if back { names.to_vec() } else { names[i + 1..].to_vec() };
        if self.dice.chance(0.6) {
            next.splice(0..0, self.lists.iter().copied());
        }
        for to in next {
            if shares.len() < 3 && self.dice.chance(0.6) {
                if to == name {
                    self.word("route to itself");
                } else if names[..i].contains(&to) {
                    self.word("route loop");
                } else if self.lists.contains(&to) {
                    self.word("route to a list");
                }
                shares.push((to, Share::Of(self.dice.between(0.0, 0.3))));
            }
        }
        if hospice && self.dice.chance(0.5) {
            shares.push(("hospice", Share::Of(0.0625)));
        }
        shares.push((*self.dice.one_of(&["home", "died", "exit"]), Share::Rest));
        Route::new(name, shares)
    }

    fn arrivals(&mut self, name: &str, to: &str, known: &Known) -> Arrivals {
        let per_day = self.dice.between(2.0, 8.0);
        let mut arrivals = match self.dice.below(4) {
            0 | 1 => {
                self.word("arrivals rate");
                let rate = per_day * self.unit.micros() as f64 / icsflow::time::DAY as f64;
                let mut arrivals = Arrivals::poisson(name, to, (rate * 1e6).round() / 1e6);
                if self.chance(0.5, "arrivals weekly") {
                    let weekly: Vec<f64> = (0..7).map(|_| self.dice.between(0.0, 1.5)).collect();
                    arrivals = arrivals.weekly(weekly);
                }
                match self.dice.below(4) {
                    0 => {
                        self.word("arrivals hourly 24");
                        let hours: Vec<f64> =
                            (0..24).map(|_| self.dice.between(0.0, 2.0)).collect();
                        arrivals = arrivals.hourly(hours);
                    }
                    1 => {
                        self.word("arrivals hourly 168");
                        let hours: Vec<f64> =
                            (0..168).map(|_| self.dice.between(-1.0, 2.0).max(0.0)).collect();
                        arrivals = arrivals.hourly(hours);
                    }
                    _ => {}
                }
                if self.dice.chance(0.5) {
                    arrivals.curve = Some(self.curve());
                }
                arrivals
            }
            2 => {
                self.word("arrivals interarrival");
                let gap = if self.chance(0.3, "arrivals interarrival listed") {
                    self.listed(Of::Time(24.0 / per_day))
                } else {
                    self.distribution(Of::Time(24.0 / per_day))
                };
                Arrivals::renewal(name, to, gap)
            }
            _ => {
                let mut table = Timetable { times: Vec::new(), weekly: Vec::new() };
                if self.chance(0.6, "arrivals timetable times") {
                    for _ in 0..40 {
                        let hours = self.dice.below(24 * 20) as f64;
                        table.times.push(self.hours(hours));
                    }
                }
                if table.times.is_empty() || self.dice.chance(0.5) {
                    self.word("arrivals timetable weekly");
                    table.weekly = (0..=self.dice.below(3)).map(|_| self.sessions()).collect();
                }
                Arrivals::timetable(name, to, table)
            }
        };
        if self.lively && self.chance(0.3, "arrivals replay") {
            let mut replay = Replay::default();
            for _ in 0..60 {
                let time = self.dice.between(-100.0, 480.0);
                replay.times.push(Moment::After(self.hours(time)));
                replay.to.push((*self.dice.one_of(&self.names)).to_owned());
            }
            if known.age {
                let ages = (0..60).map(|_| self.dice.between(0.0, 100.0).into()).collect();
                replay.attributes.insert("age".into(), Given::Each(ages));
            }
            arrivals = Arrivals::replay(name, to, replay);
        }
        if self.lively && self.chance(0.4, "arrivals accept") {
            let share =
                *self.dice.one_of(&["if(hour < 12, 0.5, 1)", "if(waiting('ED') > 2, 0.25, 1)"]);
            arrivals.accept = Some(share.into());
            if self.chance(0.6, "arrivals otherwise") {
                let other = *self.dice.one_of(&self.names);
                arrivals.otherwise = Some([(other, Share::Of(0.5)), ("exit", Share::Rest)].into());
            }
        }
        if arrivals.replay.is_none() && self.chance(0.25, "arrivals batch") {
            arrivals = arrivals.batch(if self.chance(0.25, "arrivals batch listed") {
                self.listed(Of::Count)
            } else {
                self.distribution(Of::Count)
            });
        }
        match &known.cohorts[..] {
            [] => {}
            [only] => {
                if self.dice.chance(0.5) {
                    arrivals = arrivals.cohort(only.as_str());
                }
            }
            several => {
                let mix = if self.chance(0.6, "arrivals mix") {
                    let n = several.len();
                    let share = |i| if i + 1 == n { Share::Rest } else { Share::Of(0.375) };
                    let shares = several.iter().enumerate();
                    Mix(shares.map(|(i, name)| (name.clone(), share(i))).collect())
                } else {
                    self.dice.one_of(several).as_str().into()
                };
                arrivals = arrivals.cohort(mix);
            }
        }
        arrivals
    }

    fn curve(&mut self) -> Curve {
        let linear = self.dice.chance(0.5);
        self.word(if linear { "arrivals curve linear" } else { "arrivals curve step" });
        let shape = if linear { CurveShape::Linear } else { CurveShape::Step };
        let dates = ["2025-12-31", "2026-01-09", "2026-01-09T18:00", "2026-01-20"];
        let point = |maker: &mut Maker, date: &str| CurvePoint {
            date: date.parse().unwrap(),
            factor: maker.dice.between(0.0, 2.0),
        };
        Curve { shape, points: dates.map(|date| point(self, date)).into() }
    }

    /// A length of time, with its unit or without.
    fn hours(&mut self, hours: f64) -> Quantity {
        match self.dice.below(3) {
            0 => {
                self.word("bare number");
                let unit = self.unit.micros() as f64 / icsflow::time::HOUR as f64;
                (hours / unit).into()
            }
            1 => Quantity { amount: hours, unit: Some(TimeUnit::Hours) },
            _ => Quantity { amount: hours * 60.0, unit: Some(TimeUnit::Minutes) },
        }
    }

    fn quantity(&mut self, of: Of, value: f64) -> Quantity {
        match of {
            Of::Time(_) => self.hours(value),
            _ => value.into(),
        }
    }

    fn listed(&mut self, of: Of) -> Distribution {
        self.word("listed");
        let values: Vec<Quantity> = (0..2000)
            .map(|_| match of {
                Of::Time(mean) => {
                    let quarters = (self.dice_below(2.0 * mean) * 4.0).round();
                    self.hours(quarters / 4.0 + 0.25)
                }
                Of::Number(mean) => self.dice_below(2.0 * mean).into(),
                Of::Count => (self.dice.below(4) as f64).into(),
            })
            .collect();
        Distribution::listed(values)
    }

    fn dice_below(&mut self, high: f64) -> f64 {
        self.dice.between(0.0, high)
    }

    fn count(&mut self) -> Distribution {
        match self.dice.below(5) {
            0 => {
                self.word("deterministic");
                Distribution::deterministic(1.0 + self.dice.below(3) as f64)
            }
            1 => {
                self.word("geometric");
                Distribution::geometric(self.dice.between(1.0, 3.0))
            }
            2 => {
                self.word("poisson");
                Distribution::poisson(self.dice.between(0.0, 2.0))
            }
            3 => {
                self.word("discrete");
                Distribution::discrete([0.0, 1.0, 5.0], [0.25, 0.5, 0.25])
            }
            _ => {
                self.word("mixture");
                Distribution::mixture([(1.0, 2.0.into()), (2.0, Distribution::geometric(1.5))])
            }
        }
    }

    /// A distribution of about this mean, of any family and form.
    fn distribution(&mut self, of: Of) -> Distribution {
        let mean = match of {
            Of::Time(hours) => hours,
            Of::Number(mean) => mean,
            Of::Count => return self.count(),
        };
        let unit = match of {
            Of::Time(_) => self.unit.micros() as f64 / icsflow::time::HOUR as f64,
            _ => 1.0,
        };
        let q = |maker: &mut Maker, factor: f64| Some(maker.quantity(of, mean * factor));
        let points = |maker: &mut Maker| {
            let (low, high) = (maker.quantity(of, mean * 0.75), maker.quantity(of, mean * 2.0));
            Some(vec![QuantilePoint(0.5, low), QuantilePoint(0.9, high)])
        };
        let shape = Some(self.dice.between(0.6, 3.0));
        let rate = |factor: f64| Some(factor * unit / mean);
        match self.dice.below(40) {
            0 => {
                self.word("exponential mean");
                d::Exponential { mean: q(self, 1.0), ..Default::default() }.into()
            }
            1 => {
                self.word("exponential rate");
                d::Exponential { rate: rate(1.0), ..Default::default() }.into()
            }
            2 => {
                self.word("exponential median");
                d::Exponential { median: q(self, 0.7), ..Default::default() }.into()
            }
            3 => {
                self.word("lognormal mean+sd");
                d::Lognormal { mean: q(self, 1.0), sd: q(self, 1.2), ..Default::default() }.into()
            }
            4 => {
                self.word("lognormal mean+median");
                d::Lognormal { mean: q(self, 1.0), median: q(self, 0.6), ..Default::default() }
                    .into()
            }
            5 => {
                self.word("lognormal median+p95");
                d::Lognormal { median: q(self, 0.7), p95: q(self, 3.0), ..Default::default() }
                    .into()
            }
            6 => {
                self.word("lognormal mu+sigma");
                let mu = Some((mean / unit).ln());
                d::Lognormal { mu, sigma: Some(0.75), ..Default::default() }.into()
            }
            7 => {
                self.word("lognormal quantiles");
                d::Lognormal { quantiles: points(self), ..Default::default() }.into()
            }
            8 => {
                self.word("gamma shape+scale");
                d::Gamma { shape, scale: q(self, 0.7), ..Default::default() }.into()
            }
            9 => {
                self.word("gamma shape+rate");
                d::Gamma { shape, rate: rate(1.5), ..Default::default() }.into()
            }
            10 => {
                self.word("gamma shape+mean");
                d::Gamma { shape, mean: q(self, 1.0), ..Default::default() }.into()
            }
            11 => {
                self.word("gamma mean+sd");
                d::Gamma { mean: q(self, 1.0), sd: q(self, 0.9), ..Default::default() }.into()
            }
            12 => {
                self.word("gamma median+p95");
                d::Gamma { median: q(self, 0.8), p95: q(self, 3.0), ..Default::default() }.into()
            }
            13 => {
                self.word("gamma quantiles");
                d::Gamma { quantiles: points(self), ..Default::default() }.into()
            }
            14 => {
                self.word("weibull shape+scale");
                d::Weibull { shape, scale: q(self, 1.0), ..Default::default() }.into()
            }
            15 => {
                self.word("weibull mean+sd");
                d::Weibull { mean: q(self, 1.0), sd: q(self, 1.5), ..Default::default() }.into()
            }
            16 => {
                self.word("weibull median+p95");
                d::Weibull { median: q(self, 0.8), p95: q(self, 3.0), ..Default::default() }.into()
            }
            17 => {
                self.word("weibull quantiles");
                d::Weibull { quantiles: points(self), ..Default::default() }.into()
            }
            18 => {
                self.word("erlang shape+mean");
                d::Erlang { shape: Some(3), mean: q(self, 1.0), ..Default::default() }.into()
            }
            19 => {
                self.word("erlang shape+rate");
                d::Erlang { shape: Some(2), rate: rate(2.0), ..Default::default() }.into()
            }
            20 => {
                self.word("erlang mean+sd");
                d::Erlang { mean: q(self, 1.0), sd: q(self, 0.5), ..Default::default() }.into()
            }
            21 => {
                self.word("hyperexponential means");
                let means = Some(vec![q(self, 0.4).unwrap(), q(self, 2.8).unwrap()]);
                d::Hyperexponential { probs: Some(vec![0.75, 0.25]), means, rates: None }.into()
            }
            22 => {
                self.word("hyperexponential rates");
                let rates = Some(vec![rate(2.0).unwrap(), rate(0.5).unwrap()]);
                d::Hyperexponential { probs: Some(vec![0.75, 0.25]), means: None, rates }.into()
            }
            23 => {
                self.word("coxian");
                Distribution::coxian([rate(2.0).unwrap(), rate(0.5).unwrap()], [0.25])
            }
            24 => {
                self.word("hazard");
                let from = Some(vec![q(self, 0.0).unwrap(), q(self, 0.5).unwrap()]);
                d::Hazard { from, rate: Some(vec![0.0, rate(2.0).unwrap()]) }.into()
            }
            25 => {
                self.word("uniform");
                d::Uniform { low: q(self, 0.2), high: q(self, 1.8) }.into()
            }
            26 => {
                self.word("triangular");
                d::Triangular { low: q(self, 0.0), mode: q(self, 0.5), high: q(self, 2.5) }.into()
            }
            27 => {
                self.word("normal truncate");
                let (mean, sd, low) = (q(self, 1.0), q(self, 0.5), q(self, 0.1));
                d::Normal { mean, sd, low, ..Default::default() }.into()
            }
            28 => {
                self.word("normal clip");
                self.word("normal high");
                let (mean, sd) = (q(self, 1.0), q(self, 0.5));
                let (low, high, method) = (q(self, 0.1), q(self, 1.5), Some(Limits::Clip));
                d::Normal { mean, sd, low, high, method, ..Default::default() }.into()
            }
            29 => {
                self.word("normal median+p95");
                let (median, p95, low) = (q(self, 1.0), q(self, 2.0), q(self, 0.0));
                d::Normal { median, p95, low, ..Default::default() }.into()
            }
            30 => {
                self.word("normal quantiles");
                d::Normal { quantiles: points(self), low: q(self, 0.1), ..Default::default() }
                    .into()
            }
            31 | 32 => {
                self.word("deterministic");
                d::Deterministic { value: q(self, 0.5) }.into()
            }
            33 => {
                self.word("discrete");
                let values = [0.0, 0.5, 2.0].map(|factor| q(self, factor).unwrap());
                Distribution::discrete(values, [0.125, 0.5, 0.375])
            }
            34 => {
                self.word("empirical");
                let values = [0.1, 0.3, 0.3, 1.0, 3.0].map(|factor| q(self, factor).unwrap());
                Distribution::empirical(values)
            }
            35 => {
                self.word("geometric");
                Distribution::geometric(self.quantity(of, mean.max(unit * 1.5)))
            }
            36 => {
                self.word("poisson");
                Distribution::poisson(self.quantity(of, mean))
            }
            37 if !matches!(of, Of::Number(_)) => self.listed(of),
            38 => {
                self.word("daily hazard");
                Distribution::daily_hazard([0.25, 0.0, 0.75])
            }
            _ => {
                self.word("mixture");
                // Parts whose distribution function is quickly told: a mixture is a table of its inverse.
                let parts = [
                    d::Exponential { mean: q(self, 0.5), ..Default::default() }.into(),
                    d::Weibull { shape, scale: q(self, 1.0), ..Default::default() }.into(),
                    d::Uniform { low: q(self, 0.2), high: q(self, 1.8) }.into(),
                    d::Deterministic { value: q(self, 0.5) }.into(),
                    Distribution::mixture([(
                        1.0,
                        Distribution::geometric(self.quantity(of, mean.max(unit * 1.5))),
                    )]),
                ];
                let mut part = |weight| {
                    let distribution: Distribution = self.dice.one_of(&parts).clone();
                    Component { weight, distribution }
                };
                d::Mixture { of: Some(vec![part(1.0), part(0.5)]) }.into()
            }
        }
    }
}
