//! What goes on at every instant of a run, made anew from nothing but its rows of visits and the draws
//! of its patients; and what must never be seen there.

use std::cell::Cell;
use std::collections::{BTreeSet, HashMap};

use icsflow::engine::patients::{Reserved, Status};
use icsflow::engine::record::{Ending, StayRow};
use icsflow::experiment::replication::Replication;
use icsflow::expr::{Program, StateFn, WAITED};
use icsflow::ids::{CohortId, NOWHERE};
use icsflow::network::caseload::Team;
use icsflow::network::extras::{ChangeKind, Choose, Cut, Extras, Lengths, Order};
use icsflow::network::network::{AttributeKind, CLOCK_NAMES, Network, Node};
use icsflow::network::ways::Hold;
use icsflow::rng::{Draw, Mirror, Purpose};
use icsflow::time::{DAY, HOUR, Time};
use icsflow::{Model, NodeQueue, Plan, Results};

mod classes;
use crate::same_bits::{far, key, mirror};

/// How often each property was decided.
#[derive(Debug, Default)]
pub(crate) struct Decided {
    pub(crate) could_start: u64,
    pub(crate) had_place: u64,
    pub(crate) admitted: u64,
    pub(crate) fenced: u64,
    pub(crate) was_first: u64,
    pub(crate) took_place: u64,
    pub(crate) was_victim: u64,
    pub(crate) within_limit: u64,
    pub(crate) was_full: u64,
    pub(crate) switched: u64,
    pub(crate) patient: u64,
    pub(crate) gave_up_in_vain: u64,
    pub(crate) beside: u64,
    pub(crate) moved: u64,
    pub(crate) by_class: u64,
    pub(crate) changed: u64,
    pub(crate) put_back: u64,
    pub(crate) gave_up_at_an_end: u64,
}

/// A visit, and what can be said of it from outside.
struct Life<'r> {
    row: &'r StayRow,
    node: usize,
    attributes: Vec<f64>,
    /// Joined the line in which the visit began, before any interruption.
    first_joined: Time,
    joined: Time,
    came: Time,
    /// When the stay began, if it did.
    started: Option<Time>,
    /// Took a bed, where there are places beside the beds.
    bed: Time,
    ready: Option<Time>,
    /// Left, or the end of the run.
    gone: Time,
    /// The line in which the patient waited in person, where there is only one possible.
    line: Option<usize>,
    /// Class in that line.
    class: Option<usize>,
    /// Put back from a place.
    returned: bool,
    /// Came by going over, at this very instant: nobody does so twice in one.
    went_over: bool,
    /// Waited in a waiting room.
    room: bool,
    /// Blocked from, until, and awaiting this node or line.
    holds: Option<(Time, Time, usize)>,
    /// A place was reserved from, until, and where.
    reserved: Option<(Time, Time, usize)>,
}

#[derive(Clone, Copy)]
enum Step {
    InPlace(usize, bool),
    Waits(usize, bool),
    Holds(usize, bool),
    Reserved(usize, bool),
    Out(usize, bool),
    Unsure(usize, bool),
    TurnedAway(usize),
    Outage(usize, u32, bool),
    /// Only a look.
    Look,
}

struct Sweep<'r> {
    seed: u64,
    network: &'r Network,
    plan: &'r Plan,
    replication: &'r Replication,
    end: Time,
    lives: Vec<Life<'r>>,
    /// The list that each node serves, or itself.
    own_line: Vec<usize>,
    /// Nodes whose places out of use cannot be told.
    dark: Vec<bool>,
    now: Time,
    inside: Vec<BTreeSet<usize>>,
    reserved: Vec<BTreeSet<usize>>,
    waiting: BTreeSet<usize>,
    holding: BTreeSet<usize>,
    out: Vec<u32>,
    down: Vec<u32>,
    closed: Vec<u32>,
    /// People on their way to a waiting room, who may have a place reserved by now.
    unsure: Vec<u32>,
    decided: &'r mut Decided,
}

/// Sweeps over every replication of a run.
pub(crate) fn sweep(seed: u64, model: &Model, results: &Results, decided: &mut Decided) {
    let turnaround = model.nodes.iter().any(|node| node.turnaround.is_some());
    for replication in results.replications() {
        // Who exchanges places leaves them as they are.
        if replication.exchanged > 0 && turnaround {
            continue;
        }
        let network = results.network();
        let start = -(results.plan().warm_up.micros(network.unit).round() as Time);
        let mut sweep = Sweep::new(seed, model, results, replication, decided);
        sweep.run(start);
        sweep.check_classes();
    }
}

impl<'r> Sweep<'r> {
    fn new(
        seed: u64,
        model: &Model,
        results: &'r Results,
        replication: &'r Replication,
        decided: &'r mut Decided,
    ) -> Self {
        let (network, plan, end) = (results.network(), results.plan(), results.until());
        let n = network.nodes.len();
        let own_line: Vec<usize> = (0..n)
            .map(|node| match model.nodes.get(node).and_then(|node| node.queue.as_ref()) {
                Some(NodeQueue::List(list)) => {
                    network.node_names.iter().position(|name| name == list).unwrap()
                }
                _ => node,
            })
            .collect();
        let whole = replication.inside.at_start == 0;
        let far = far(network);
        let dark = network.nodes.iter().zip(far).map(|(node, far)| {
            let extras = node.extras.as_deref();
            // A place may be kept free for somebody who is on the way.
            far || extras.is_some_and(|extras| {
                let listed = |lengths: &Lengths| {
                    lengths.cases.iter().any(|case| case.sampler.listed().is_some())
                };
                // Visits are no places: `visits_add_up` looks at them.
                // And who starts together waits for others: see `together`.
                extras.visits.is_some()
                    || extras.together.is_some()
                    || extras.vacation.is_some()
                    || extras.corridor > 0 && !matches!(extras.cut, Cut::Wait)
                    || extras.turnaround.as_ref().is_some_and(|cases| listed(cases) || !whole)
            })
        });
        let mut sweep = Sweep {
            seed,
            network,
            plan,
            replication,
            end,
            lives: Vec::new(),
            own_line,
            dark: dark.collect(),
            now: 0,
            inside: vec![BTreeSet::new(); n],
            reserved: vec![BTreeSet::new(); n],
            waiting: BTreeSet::new(),
            holding: BTreeSet::new(),
            out: vec![0; n],
            down: vec![0; n],
            closed: vec![0; n],
            unsure: vec![0; n],
            decided,
        };
        sweep.live(model);
        sweep
    }

    /// The nodes that give places to a line.
    fn servers(&self, line: usize) -> Vec<usize> {
        let serves = |node: &usize| {
            self.extras(*node).map_or(*node == line, |extras| {
                extras.serves.iter().any(|serving| serving.line.index() == line)
            })
        };
        (0..self.network.nodes.len()).filter(serves).collect()
    }

    fn extras(&self, node: usize) -> Option<&'r Extras> {
        self.network.nodes[node].extras.as_deref()
    }

    fn spec(&self, node: usize) -> &'r Node {
        &self.network.nodes[node]
    }

    /// Reads the rows.
    fn live(&mut self, model: &Model) {
        let network = self.network;
        let among: BTreeSet<&str> = (model.routes.iter())
            .filter(|route| route.choose == Some(Choose::FirstFree))
            .flat_map(|route| route.to.names())
            .collect();
        // Whose visit was interrupted last: the first joining and the class of it.
        let mut before: HashMap<(u32, u64), (Time, Option<usize>)> = HashMap::new();
        let mut went_over: HashMap<(u32, u64), Time> = HashMap::new();
        // Who left a place for a place, and so waits for it in the waiting room or not at all.
        let mut held: BTreeSet<(u32, u64)> = BTreeSet::new();
        for row in &self.replication.rows {
            let (patient, history) = (&row.patient, &row.history);
            let node = patient.node.index();
            let gone = row.left.unwrap_or(self.end);
            let began = match row.left {
                Some(_) => row.ending.in_place(),
                None => patient.status != Status::Waiting,
            };
            let waits = patient.status == Status::Waiting;
            let joined = if waits { patient.joined } else { history.joined };
            let key = (history.source.0, history.number);
            let mut life = Life {
                row,
                node,
                attributes: attributes(network, row, mirror(self.plan, self.replication.number)),
                first_joined: joined,
                joined,
                came: history.came,
                started: began.then_some(patient.started),
                bed: history.bed,
                ready: None,
                gone,
                line: None,
                class: None,
                returned: false,
                went_over: went_over.get(&key) == Some(&history.came),
                // The row of the place left before measuring began is not kept.
                room: (held.remove(&key) || joined < 0 && history.came > joined)
                    && network.nodes[node].places.is_some()
                    && (waits || patient.started > history.came),
                holds: None,
                reserved: None,
            };
            let way = network.ways(node).and_then(|ways| ways.transfer(patient.flow));
            let conveyed = way.is_some_and(|way| way.hold == Hold::UntilStart);
            let reached = match (row.left, row.ending, patient.status) {
                (Some(_), Ending::Left, _) => 6,
                (Some(_), ..) | (None, _, Status::Waiting | Status::InStay) => 3,
                (None, _, Status::InProcess) => 4,
                (None, _, Status::Blocked) => 5,
                (None, _, Status::Transfer | Status::Window) if conveyed => 4,
                (None, _, Status::Window | Status::Transfer | Status::Outside) => 6,
            };
            if began && reached > 3 {
                life.ready = Some(history.ready);
            }
            // Who goes from a place to a place stands in the next line from then on.
            let next = patient.next;
            if began && reached >= 5 && next != NOWHERE {
                let limited = |node: usize| network.nodes[node].places.is_some();
                if limited(node) && limited(next.index()) {
                    let until = if reached == 6 { history.cleared } else { self.end };
                    life.holds = Some((history.sought, until, next.index()));
                }
                if reached == 6 && patient.reserved == Reserved::Place {
                    life.reserved = Some((history.cleared, gone, next.index()));
                }
            }
            // A list stands for itself; of a node there may be several lines.
            let unknown = joined < 0 && self.replication.inside.at_start > 0;
            let several = unknown
                || among.contains(network.node_names[node].as_str())
                || self.own_line[node] != node;
            life.line = (!several).then_some(node);
            if let Some((first, class)) = before.remove(&key) {
                (life.first_joined, life.class, life.returned) = (first, class, true);
            } else if life.line == Some(node) {
                life.class = self.class_at(&life, node, life.joined);
            }
            if row.ending == Ending::Left && network.nodes[node].places.is_some() {
                held.insert(key);
            }
            if row.ending == Ending::Switched {
                went_over.insert(key, gone);
            }
            if row.ending == Ending::Interrupted {
                before.insert(key, (life.first_joined, life.class));
            }
            self.lives.push(life);
        }
    }

    /// The class in a line of somebody who joins it at a time, if it stays the same there.
    fn class_at(&self, life: &Life<'_>, line: usize, time: Time) -> Option<usize> {
        let spec = self.spec(line);
        if let Some(extras) = &spec.extras
            && (!extras.class_changes.is_empty()
                || extras.reviews.iter().any(|review| review.class.is_some()))
        {
            return None;
        }
        let holds = |class: &Program| self.holds(class, life, time);
        Some(spec.classes.iter().position(holds).unwrap_or(spec.classes.len()))
    }

    // ---- values ------------------------------------------------------------------------------------

    /// A condition over attributes and the clock.
    fn holds(&self, program: &Program, life: &Life<'_>, time: Time) -> bool {
        let named = |name: u16| {
            named(
                self.network,
                &self.network.cohort(life.row.patient.stratum),
                &life.attributes,
                name,
                time,
            )
        };
        program.holds(named)
    }

    /// A condition over the state now; `None` if it cannot be told.
    fn decide(&self, program: &Program, life: &Life<'_>) -> Option<bool> {
        let dark = Cell::new(false);
        let named = |name: u16| {
            named(
                self.network,
                &self.network.cohort(life.row.patient.stratum),
                &life.attributes,
                name,
                self.now,
            )
        };
        let state = |what, node| {
            self.state(what, node as usize).unwrap_or_else(|| {
                dark.set(true);
                f64::NAN
            })
        };
        let holds = program.holds((named, state));
        (!dark.get()).then_some(holds)
    }

    fn state(&self, what: StateFn, node: usize) -> Option<f64> {
        let limited = self.spec(node).places.is_some();
        let occupied = self.inside[node].len();
        // Whose line cannot be told may stand in this one.
        let plain = || {
            let lines = |other: usize| self.own_line[other] == node && other != node;
            let shared = (0..self.own_line.len()).any(lines);
            let several = self.extras(node).is_some_and(|extras| extras.serves.len() > 1);
            let all = |life: &usize| self.lives[*life].line.is_some();
            (!shared && !several && self.own_line[node] == node)
                || (self.spec(node).line_only && self.waiting.iter().all(all))
        };
        let waiting = || {
            let here = |life: &&usize| self.lives[**life].node == node;
            self.waiting.iter().filter(here).count()
        };
        let number = match what {
            StateFn::Beds | StateFn::Free if !limited => return Some(f64::INFINITY),
            StateFn::Beds if self.spec(node).has_visits() => return None,
            StateFn::Beds => self.places(node) as usize,
            StateFn::Free if self.is_dark(node) => return None,
            StateFn::Free => (self.places(node) as usize).saturating_sub(self.taken(node)),
            StateFn::Occupied => occupied,
            StateFn::Queue | StateFn::Waiting | StateFn::Present if !plain() => return None,
            StateFn::Queue => {
                let here = |life: &&usize| {
                    let life = &self.lives[**life];
                    life.node == node && !life.room
                };
                self.waiting.iter().filter(here).count()
            }
            StateFn::Waiting => waiting(),
            StateFn::Present => occupied + waiting(),
            StateFn::Blocked => {
                let blocked = |life: &&usize| self.lives[**life].node == node;
                self.holding.iter().filter(blocked).count()
            }
            StateFn::Awaiting => {
                if !plain() {
                    return None;
                }
                let here = |life: &&usize| self.lives[**life].holds.unwrap().2 == node;
                self.holding.iter().filter(here).count()
            }
            // Who is on the way stands in no row.
            StateFn::Inside if self.travels() => return None,
            StateFn::Inside => {
                self.inside.iter().map(BTreeSet::len).sum::<usize>() + self.waiting.len()
            }
        };
        Some(number as f64)
    }

    /// Whether people may be on the way without being anywhere.
    fn travels(&self) -> bool {
        let ways = (0..self.network.nodes.len()).filter_map(|node| self.network.ways(node));
        ways.flat_map(|ways| &ways.transfers).any(|way| way.hold == Hold::No)
    }

    /// Whether it cannot be told how many places are taken.
    fn is_dark(&self, node: usize) -> bool {
        self.dark[node] || self.unsure[node] > 0
    }

    /// Places now.
    fn places(&self, node: usize) -> u32 {
        let plan = |change: &icsflow::network::extras::Change| match &change.kind {
            ChangeKind::Plan(places) if change.node.index() == node => Some(places.at(self.now)),
            _ => None,
        };
        let planned = self.network.changes.iter().find_map(plan);
        let held = self.team(node).map(|team| {
            let of = team.professions.iter().map(|one| one.people(one.units.at(self.now)));
            of.min().unwrap()
        });
        let planned = held.or(planned).or(self.spec(node).places).unwrap_or(u32::MAX);
        if self.closed[node] > 0 { 0 } else { planned.saturating_sub(self.down[node]) }
    }

    fn team(&self, node: usize) -> Option<&'r Team> {
        self.extras(node)?.team.as_ref()
    }

    /// Places taken, reserved or out of use.
    fn taken(&self, node: usize) -> usize {
        self.inside[node].len() + self.reserved[node].len() + self.out[node] as usize
    }

    // ---- the sweep ---------------------------------------------------------------------------------

    fn run(&mut self, start: Time) {
        let mut steps: Vec<(Time, Step)> = Vec::new();
        let mut turned_away: Vec<(Time, Step)> = Vec::new();
        let mut span = |from: Time, to: Time, step: &dyn Fn(bool) -> Step| {
            if from < to {
                steps.extend([(from, step(true)), (to, step(false))]);
            }
        };
        for (i, life) in self.lives.iter().enumerate() {
            span(life.came, life.started.unwrap_or(life.gone), &|on| Step::Waits(i, on));
            if life.row.ending == Ending::Lost {
                turned_away.push((life.gone, Step::TurnedAway(i)));
            }
            if let Some(started) = life.started {
                span(started, life.gone, &|on| Step::InPlace(i, on));
            }
            if let Some((from, to, _)) = life.holds {
                span(from, to, &|on| Step::Holds(i, on));
            }
            if let Some((from, to, next)) = life.reserved {
                // On the way to a waiting room a place may have been reserved at any time.
                if from < to && self.spec(next).waiting_room > 0 {
                    span(from, to, &|on| Step::Unsure(next, on));
                } else {
                    span(from, to, &|on| Step::Reserved(i, on));
                }
            }
            if life.row.ending == Ending::Left
                && life.row.left.is_some()
                && !self.is_dark(life.node)
                && !self.beside(i, life.gone)
                && let Some(turnaround) = self.extras(life.node).and_then(|e| e.turnaround.as_ref())
                && let Some(length) = self.length(turnaround, life, life.gone)
            {
                span(life.gone, life.gone.saturating_add(length), &|on| Step::Out(life.node, on));
            }
        }
        for change in &self.network.changes {
            let node = change.node.index();
            match &change.kind {
                ChangeKind::Plan(_) | ChangeKind::Units(_) => {
                    let places = match (&change.kind, self.team(node)) {
                        (ChangeKind::Plan(places), _) => places,
                        (&ChangeKind::Units(at), Some(team)) => {
                            &team.professions[at as usize].units
                        }
                        _ => continue,
                    };
                    let mut at = start;
                    while let Some((next, _)) = places.next(at).filter(|(next, _)| *next < self.end)
                    {
                        steps.push((next, Step::Look));
                        at = next;
                    }
                }
                ChangeKind::Day | ChangeKind::Session => {}
                ChangeKind::Outage { stream, every, lasts, places } => {
                    let key = key(self.plan, self.replication.number, stream);
                    let (mut at, mut spell) = (start, 0);
                    while at < self.end {
                        let (sampler, name) = match spell % 2 {
                            0 => (&every.0, "in use"),
                            _ => (&lasts.0, "out of use"),
                        };
                        let draw = key.patient(spell / 2).draw(Purpose::named("", name), 0);
                        let length = match sampler.listed() {
                            None => sampler.sample(draw),
                            Some(values) => match values.get(spell as usize / 2) {
                                None => break,
                                Some(value) => *value,
                            },
                        };
                        at = at.saturating_add(length.max(0.0).round() as Time);
                        steps.push((at, Step::Outage(node, *places, spell % 2 == 0)));
                        spell += 1;
                    }
                }
            }
        }
        steps.extend(turned_away);
        steps.sort_by_key(|(time, _)| *time);
        let mut at = 0;
        while at < steps.len() {
            let now = steps[at].0;
            let from = at;
            while at < steps.len() && steps[at].0 == now {
                self.apply(steps[at].1);
                at += 1;
            }
            self.now = now;
            if now >= self.end {
                return;
            }
            if now < 0 {
                continue;
            }
            for (_, step) in &steps[from..at] {
                self.look_at(*step);
            }
            self.look();
        }
    }

    fn apply(&mut self, step: Step) {
        fn set(people: &mut BTreeSet<usize>, life: usize, on: bool) {
            assert!(if on { people.insert(life) } else { people.remove(&life) });
        }
        match step {
            Step::InPlace(life, on) => set(&mut self.inside[self.lives[life].node], life, on),
            Step::Waits(life, on) => set(&mut self.waiting, life, on),
            Step::Holds(life, on) => set(&mut self.holding, life, on),
            Step::Reserved(life, on) => {
                set(&mut self.reserved[self.lives[life].reserved.unwrap().2], life, on);
            }
            Step::Out(node, on) => {
                self.out[node] = if on { self.out[node] + 1 } else { self.out[node] - 1 };
            }
            Step::Unsure(node, on) => {
                self.unsure[node] = if on { self.unsure[node] + 1 } else { self.unsure[node] - 1 };
            }
            Step::Outage(node, places, begins) => {
                let all = places == u32::MAX;
                let sum = if all { &mut self.closed[node] } else { &mut self.down[node] };
                let by = if all { 1 } else { places };
                *sum = if begins { *sum + by } else { *sum - by };
            }
            Step::TurnedAway(_) | Step::Look => {}
        }
    }

    /// A length by case of a patient at a time.
    fn length(&self, lengths: &Lengths, life: &Life<'_>, time: Time) -> Option<Time> {
        let holds =
            |when: &Option<Program>| when.as_ref().is_none_or(|when| self.holds(when, life, time));
        let case = lengths.cases.iter().find(|case| holds(&case.when))?;
        Some(case.sampler.duration(self.draw(life, lengths.purpose)))
    }

    /// A draw of a patient at a visit.
    fn draw(&self, life: &Life<'_>, purpose: Purpose) -> Draw {
        let mirror = mirror(self.plan, self.replication.number);
        life.row.patient.root.mirrored(mirror).draw(purpose, life.row.visit)
    }

    // ---- what must hold ----------------------------------------------------------------------------

    /// What one step tells, at an instant when all others have happened as well.
    fn look_at(&mut self, step: Step) {
        match step {
            Step::InPlace(life, true) => {
                let (came, started) = (self.lives[life].came, self.lives[life].started.unwrap());
                let arrived = self.lives[life].joined < came && came == started;
                if !arrived {
                    self.has_place(life, self.lives[life].node);
                }
                self.is_first(life);
            }
            Step::Reserved(life, true) => {
                self.has_place(life, self.lives[life].reserved.unwrap().2);
            }
            Step::InPlace(life, false) => self.is_victim(life),
            Step::Waits(life, false) => {
                self.has_patience(life);
                self.place_beats_patience(life);
            }
            Step::TurnedAway(life) => self.found_it_full(life),
            _ => {}
        }
    }

    /// Who has just been given a place did not make more people than places, and was admitted.
    fn has_place(&mut self, life: usize, node: usize) {
        let at = self.place(node);
        let spec = self.spec(node);
        if spec.places.is_none() {
            return;
        }
        let (places, corridor) = (self.places(node) as usize, self.corridor(node));
        if !self.is_dark(node) {
            assert!(self.taken(node) <= places + corridor, "{at}: {} taken", self.taken(node));
            self.decided.had_place += 1;
        }
        let Some(extras) = self.extras(node) else { return };
        if let Some(admit) = extras.admit.as_ref().filter(|admit| admit.state().is_empty()) {
            assert!(self.holds(admit, &self.lives[life], self.now), "{at}: not admitted");
            self.decided.admitted += 1;
        }
        if !extras.fences.is_empty() && !self.meets_a_fence(life, extras) {
            let kept: usize = extras.fences.iter().map(|fence| fence.places as usize).sum();
            let people = self.inside[node].iter().chain(&self.reserved[node]);
            let others = people.filter(|life| !self.meets_a_fence(**life, extras)).count();
            assert!(others <= places - kept.min(places) + corridor, "{at}: {others} beyond fences");
            self.decided.fenced += 1;
        }
    }

    fn corridor(&self, node: usize) -> usize {
        self.extras(node).map_or(0, |extras| extras.corridor as usize)
    }

    /// Whether somebody in a place is beside the beds before an instant.
    fn beside(&self, life: usize, until: Time) -> bool {
        self.corridor(self.lives[life].node) > 0 && self.lives[life].bed >= until
    }

    /// Nobody is beside the beds who could have one, and no more than there is room for.
    fn beds_first(&mut self, node: usize) {
        let Some(extras) = self.extras(node).filter(|extras| extras.corridor > 0) else { return };
        if self.is_dark(node) {
            return;
        }
        let at = self.place(node);
        let now = self.now + 1;
        let people = &self.inside[node];
        let beside: Vec<usize> =
            people.iter().copied().filter(|life| self.beside(*life, now)).collect();
        assert!(beside.len() <= extras.corridor as usize, "{at}: {} beside the beds", beside.len());
        if !extras.fences.is_empty() {
            return;
        }
        let (beds, places) = (self.taken(node) - beside.len(), self.places(node) as usize);
        assert!(beside.is_empty() || beds >= places, "{at}: {beds} of {places} beds taken");
        // Whoever moved only now came no later than those who are still there.
        let moved = people.iter().map(|life| &self.lives[*life]);
        let moved = moved.filter(|life| life.bed == self.now && life.started < Some(self.now));
        let last = moved.filter_map(|life| life.started).max();
        let first = beside.iter().filter_map(|life| self.lives[*life].started).min();
        if let (Some(last), Some(first)) = (last, first) {
            assert!(last <= first, "{at}: moved {last}, but not {first}");
            self.decided.moved += 1;
        }
        self.decided.beside += beside.len() as u64;
    }

    fn meets_a_fence(&self, life: usize, extras: &Extras) -> bool {
        extras.fences.iter().any(|fence| self.holds(&fence.when, &self.lives[life], self.now))
    }

    /// A life in few words.
    fn tell(&self, life: &Life<'_>) -> String {
        let Life { node, joined, came, started, ready, gone, line, class, returned, room, .. } =
            life;
        let (name, number) = (&self.network.node_names[*node], life.row.history.number);
        format!(
            "{number} at {name}: joined {joined} came {came} started {started:?} ready {ready:?} \
             gone {gone} {:?} {:?} line {line:?} class {class:?} returned {returned} room {room} holds {:?} \
             reserved {:?}",
            life.row.ending, life.row.patient.status, life.holds, life.reserved
        )
    }

    /// All visits of the patient until this one.
    fn story(&self, of: &Life<'_>) -> String {
        let key = |life: &Life<'_>| (life.row.history.source.0, life.row.history.number);
        let own = self.lives.iter().filter(|life| key(life) == key(of) && life.gone <= of.gone);
        own.map(|life| self.tell(life)).collect::<Vec<_>>().join("\n")
    }

    fn place(&self, node: usize) -> String {
        let (seed, number) = (self.seed, self.replication.number);
        format!("model {seed}, run {number}, {}, at {}", self.network.node_names[node], self.now)
    }

    /// Nobody who could have had the place as well stood before the one who got it.
    fn is_first(&mut self, life: usize) {
        let taker = &self.lives[life];
        let node = taker.node;
        // Who comes to a place reserved was first when it was.
        let reserved = taker.joined < taker.came && taker.came == self.now;
        let Some(line) = taker.line.filter(|_| taker.joined < self.now && !reserved) else {
            return;
        };
        let at = self.place(node);
        let (order, cramped) = match self.extras(node) {
            None => (&Order::FirstCome, false),
            Some(extras) => (
                self.extras(line).map_or(&Order::FirstCome, |extras| &extras.order),
                extras.admit.is_some() || !extras.fences.is_empty() || extras.serves.len() > 1,
            ),
        };
        // Where visits are given, those behind may pass whom they do not fit.
        if cramped || line != node || self.spec(node).has_visits() {
            return;
        }
        let mut decided = 0;
        let others = self.waiting.iter().chain(&self.holding);
        for other in others {
            let other = &self.lives[*other];
            let in_person = other.started.is_none_or(|started| started > self.now)
                && other.came <= self.now
                && other.line == Some(line);
            let awaits = other.holds.is_some_and(|(_, _, next)| next == line) && !in_person;
            if !in_person && !awaits {
                continue;
            }
            if awaits && (self.corridor(node) > 0 || other.row.left.is_some()) {
                continue;
            }
            // Only at this instant in the waiting room, and so for a place beside the beds.
            if other.room && other.came == self.now {
                continue;
            }
            let (joined, first, class) = if awaits {
                let sought = other.holds.unwrap().0;
                (sought, sought, self.class_at(other, line, sought))
            } else {
                (other.joined, other.first_joined, other.class)
            };
            if joined >= self.now {
                continue;
            }
            let (Some(class), Some(own)) = (class, taker.class) else { continue };
            let well = match order {
                Order::FirstCome => (own, taker.first_joined) <= (class, first),
                // Who was put back goes first (R9); of several, nobody tells who was put back last.
                Order::LastCome if other.returned => continue,
                Order::LastCome => taker.returned || taker.first_joined >= first,
                Order::Score { score, .. } if score.state().is_empty() => {
                    let value = |life: &Life<'_>, joined: Time| {
                        let unit = self.network.unit.micros() as f64;
                        let waited = (self.now - joined) as f64 / unit;
                        let of_patient = |name| {
                            let patient = &life.row.patient;
                            match name {
                                WAITED => waited,
                                _ => named(
                                    self.network,
                                    &self.network.cohort(patient.stratum),
                                    &life.attributes,
                                    name,
                                    self.now,
                                ),
                            }
                        };
                        let score = score.value(of_patient);
                        if score.is_nan() { f64::NEG_INFINITY } else { score }
                    };
                    // Who was put back keeps the place in line, and so the time of joining.
                    if taker.returned || other.returned {
                        continue;
                    }
                    let (a, b) = (value(taker, taker.joined), value(other, joined));
                    a >= b - 1e-9 * b.abs().max(1.0)
                }
                _ => continue,
            };
            assert!(well, "{at}: {}\nbefore {}", self.tell(taker), self.tell(other));
            decided += 1;
        }
        self.decided.was_first += decided;
    }

    /// Whoever had to give up the place was of the lowest class, and of those started last.
    fn is_victim(&mut self, life: usize) {
        let victim = &self.lives[life];
        let (node, started) = (victim.node, victim.started.unwrap());
        let wrong = !matches!(
            victim.row.ending,
            Ending::Interrupted | Ending::Displaced | Ending::Transferred
        );
        let Some(extras) = self.extras(node) else { return };
        if wrong || !extras.fences.is_empty() || started == self.now {
            return;
        }
        let Some(class) = victim.class.filter(|_| victim.line == Some(node)) else { return };
        let at = self.place(node);
        let mut decided = 0;
        for at_other in &self.inside[node] {
            let other = &self.lives[*at_other];
            let tended = other.ready.is_none_or(|ready| ready > self.now);
            let since = other.started.unwrap();
            let (Some(their), true) = (other.class, tended && since < self.now) else { continue };
            // A place beside the beds is not cut.
            if other.line != Some(node) || self.beside(*at_other, self.now) {
                continue;
            }
            assert!(
                (their, since) <= (class, started),
                "{at}: {}\nrather than {}",
                self.tell(victim),
                self.tell(other)
            );
            decided += 1;
        }
        self.decided.was_victim += decided;
    }

    /// Who waited in person in the node's own line did so no longer than patience lasts.
    fn has_patience(&mut self, life: usize) {
        let patient = &self.lives[life];
        let Some(line) = patient.line.filter(|line| !self.spec(*line).line_only) else { return };
        let extras = self.extras(line);
        let Some(patience) = extras.and_then(|extras| extras.patience.as_ref()) else { return };
        // In the waiting room, and once put back, nobody gives up.
        if patient.returned || patient.room {
            return;
        }
        if patience.cases.iter().any(|case| case.sampler.listed().is_some()) {
            return;
        }
        let waited = self.now - patient.came;
        let at = self.place(line);
        match self.length(patience, patient, patient.came) {
            Some(length) if patient.row.ending == Ending::Reneged => {
                assert_eq!(waited, length, "{at}: {}", self.tell(patient));
            }
            Some(length) => assert!(waited <= length, "{at}: {}", self.tell(patient)),
            None => assert_ne!(patient.row.ending, Ending::Reneged, "{at}: {}", self.tell(patient)),
        }
        self.decided.patient += 1;
    }

    /// Who gave up did so for want of a place that somebody left at that very instant (R3).
    fn place_beats_patience(&mut self, life: usize) {
        let patient = &self.lives[life];
        let Some(line) = patient.line.filter(|line| *line == patient.node) else { return };
        if patient.row.ending != Ending::Reneged || patient.room {
            return;
        }
        let Some(extras) = self.extras(line) else { return };
        let anybody = extras.admit.is_none() && extras.fences.is_empty();
        if !anybody || self.spec(line).places.is_none() || self.is_dark(line) {
            return;
        }
        // Whose stay ended at this instant, and who so left at once, was gone before anybody gave up.
        let gone_first = |other: &Life<'_>| {
            other.gone == self.now
                && other.row.left.is_some()
                && other.row.ending == Ending::Left
                && other.ready == Some(self.now)
                && other.holds.is_none()
        };
        let first_come = matches!(extras.order, Order::FirstCome) && patient.class.is_some();
        let mut held = self.reserved[line].len() + self.out[line] as usize;
        let mut ended = false;
        for other in self.lives.iter().filter(|other| other.node == line) {
            let Some(started) = other.started.filter(|started| *started <= self.now) else {
                continue;
            };
            let gone = started < self.now && gone_first(other);
            ended |= gone;
            if other.gone < self.now || gone {
                continue;
            }
            // Who started only now and stood behind is no excuse.
            let behind = first_come
                && other.line == Some(line)
                && other.came < started
                && other.class.is_some_and(|their| {
                    let first = (patient.class.unwrap_or(0), patient.first_joined);
                    (their, other.first_joined) > first
                });
            if started < self.now || !behind {
                held += 1;
            }
        }
        let at = self.place(line);
        assert!(held >= self.places(line) as usize, "{at}: {held} held: {}", self.tell(patient));
        self.decided.gave_up_in_vain += 1;
        self.decided.gave_up_at_an_end += u64::from(ended);
    }

    /// Who was turned away left as many behind in the queue as may wait there.
    fn found_it_full(&mut self, life: usize) {
        let patient = &self.lives[life];
        let Some(line) = patient.line else { return };
        // Of an instant nobody tells the order: whoever was there at any time in it counts. Who waited in
        // a list stands in rows as of the node that gave the place.
        let servers = self.servers(line);
        // Who is on the way to a waiting place of the queue is not told apart here from who is on the way
        // to a place.
        if self.spec(line).shares_queue != 0 {
            return;
        }
        let there = |other: &&Life<'_>| {
            (other.node == line || servers.contains(&other.node))
                && other.came <= self.now
                && other.started.unwrap_or(other.gone) >= self.now
                && !other.room
        };
        let others = self.lives.iter().filter(there).count() - 1;
        let (limit, at) = (self.spec(line).queue_limit as usize, self.place(line));
        // Where everybody may wait, only who was sent round a circle again and again is lost.
        let limit = if limit == u32::MAX as usize { 100 } else { limit };
        assert!(others >= limit, "{at}: {others} in the queue: {}", self.tell(patient));
        self.decided.was_full += 1;
    }

    /// What must hold until the next instant.
    fn look(&mut self) {
        let claims: Vec<usize> = self.waiting.iter().chain(&self.holding).copied().collect();
        let mut queues: HashMap<usize, usize> = HashMap::new();
        for life in claims {
            let patient = &self.lives[life];
            let in_person = self.waiting.contains(&life);
            let nodes: Vec<usize> = if in_person {
                match (patient.line, patient.started) {
                    (Some(line), _) => self.servers(line),
                    (None, Some(_)) => vec![patient.node],
                    (None, None) => Vec::new(),
                }
            } else {
                let next = patient.holds.unwrap().2;
                if patient.row.left.is_some() { vec![next] } else { self.servers(next) }
            };
            if let Some(line) = patient.line.filter(|_| in_person)
                && !patient.room
                && !patient.returned
            {
                *queues.entry(line).or_default() += 1;
            }
            for node in nodes {
                self.could_not_start(life, node, in_person);
                self.could_not_take(life, node, in_person);
            }
            if in_person {
                self.had_no_reason_to_go(life);
            }
        }
        (0..self.network.shown).for_each(|node| self.beds_first(node));
        for (line, queue) in queues {
            let limit = self.spec(line).queue_limit;
            assert!(queue <= limit as usize, "{}: {queue} in the queue", self.place(line));
            self.decided.within_limit += 1;
        }
    }

    /// Whoever waits has no place that could be had.
    fn could_not_start(&mut self, life: usize, node: usize, in_person: bool) {
        let spec = self.spec(node);
        if self.is_dark(node) || spec.places.is_none() || spec.line_only {
            return;
        }
        let beside = if in_person { self.corridor(node) } else { 0 };
        let (places, taken) = (self.places(node) as usize, self.taken(node));
        if taken >= places + beside {
            self.decided.could_start += 1;
            return;
        }
        let patient = &self.lives[life];
        if let Some(extras) = self.extras(node) {
            if let Some(admit) = &extras.admit
                && self.decide(admit, patient) != Some(true)
            {
                return;
            }
            if !extras.fences.is_empty() {
                let kept: usize = extras.fences.iter().map(|fence| fence.places as usize).sum();
                let meets = |life: usize, at: usize| {
                    self.holds(&extras.fences[at].when, &self.lives[life], self.now)
                };
                let mut rest = places;
                let within = extras.fences.iter().enumerate().any(|(at, fence)| {
                    let kept = (fence.places as usize).min(rest);
                    rest -= kept;
                    let people = self.inside[node].iter().chain(&self.reserved[node]);
                    meets(life, at) && people.filter(|life| meets(**life, at)).count() < kept
                });
                if !within && taken >= places.saturating_sub(kept) + beside {
                    return;
                }
                self.decided.fenced += 1;
            }
        }
        let at = self.place(node);
        panic!("{at}: {taken} of {places}+{beside} taken, but waits {}", self.story(patient));
    }

    /// Whoever waits has no worse class below whose place could be had.
    fn could_not_take(&mut self, life: usize, node: usize, in_person: bool) {
        let Some(extras) = self.extras(node).filter(|extras| extras.preempt.is_some()) else {
            return;
        };
        let patient = &self.lives[life];
        if self.is_dark(node) || !extras.fences.is_empty() {
            return;
        }
        let class = if in_person {
            patient.class.filter(|_| patient.line == Some(node))
        } else {
            let (sought, _, next) = patient.holds.unwrap();
            if next == node && extras.serves.len() == 1 && self.own_line[node] == node {
                self.class_at(patient, node, sought)
            } else {
                None
            }
        };
        let Some(class) = class else { return };
        let beside = if in_person { self.corridor(node) } else { 0 };
        if self.taken(node) > self.places(node) as usize + beside {
            return;
        }
        if let Some(admit) = &extras.admit
            && self.decide(admit, patient) != Some(true)
        {
            return;
        }
        for other in &self.inside[node] {
            let other = &self.lives[*other];
            let tended = other.ready.is_none_or(|ready| ready > self.now);
            if tended && other.line == Some(node) && other.class.is_some_and(|their| their > class)
            {
                let at = self.place(node);
                panic!("{at}: waits {}\nwhile inside {}", self.tell(patient), self.tell(other));
            }
        }
        self.decided.took_place += 1;
    }

    /// Whoever waits has no reason to go over to another node.
    fn had_no_reason_to_go(&mut self, life: usize) {
        let patient = &self.lives[life];
        let Some(line) = patient.line else { return };
        let Some(extras) = self.extras(line) else { return };
        if extras.switches.is_empty() || patient.room {
            return;
        }
        if patient.went_over {
            return;
        }
        for switch in &extras.switches {
            match self.decide(&switch.when, patient) {
                Some(true) => {
                    let at = self.place(line);
                    panic!(
                        "{at}: could go over by {:?}: {}",
                        switch.when.state(),
                        self.tell(patient)
                    );
                }
                None => return,
                Some(false) => {}
            }
        }
        self.decided.switched += 1;
    }
}

/// The attributes of the patient of a row, drawn anew.
fn attributes(network: &Network, row: &StayRow, mirror: Mirror) -> Vec<f64> {
    let mut values = vec![f64::NAN; network.attributes];
    let patient = &row.patient;
    for attribute in &network.cohorts[network.cohort(patient.stratum).index()].attributes {
        let mut draw = patient.root.mirrored(mirror).draw(attribute.purpose, 0);
        let holds = |when: &Option<Program>| {
            let named = |name: u16| {
                named(network, &network.cohort(patient.stratum), &values, name, patient.entered)
            };
            when.as_ref().is_none_or(|when| when.holds(named))
        };
        let case = attribute.cases.iter().find(|case| holds(&case.when));
        let value = match case.map(|case| &case.how) {
            None => f64::NAN,
            Some(AttributeKind::Number(sampler)) => sampler.sample(draw),
            Some(AttributeKind::Flag(share)) => f64::from(draw.uniform() < *share),
            Some(AttributeKind::Category(labels)) => {
                let u = draw.uniform();
                let label = labels.iter().find(|(share, _)| u < *share);
                label.map_or(f64::NAN, |(_, label)| *label)
            }
        };
        values[attribute.position as usize] = value;
    }
    values
}

fn named(network: &Network, cohort: &CohortId, attributes: &[f64], name: u16, time: Time) -> f64 {
    let of_week = network.week.of_week(time);
    match name {
        0 => f64::from(cohort.0),
        1 => (of_week % DAY) as f64 / HOUR as f64,
        2 => (of_week / DAY) as f64,
        3 => time as f64 / DAY as f64,
        name => attributes[usize::from(name) - CLOCK_NAMES],
    }
}
