//! What the flat arrays of a network hold.

use serde::{Deserialize, Serialize};

use super::census::{Census, Values};
use super::clocks::{Clock, Tick};
use super::costs::Cost;
use super::demand::{Over, Thinning};
use super::event::Event;
use super::extras::{Change, ChangeKind, Choice, Extras, Onward};
use super::population::Population;
use super::rate::Rate;
use super::sampler::{Sampler, after};
use super::ways::Ways;
use super::week::{Instants, Intervals, Rota, Week};
use crate::expr::Program;
use crate::ids::{CohortId, NOWHERE, NodeId, StratumId};
use crate::rng::{Draw, PatientKey, Purpose};
use crate::time::{Date, Duration, Time, TimeUnit};

pub use crate::model::deadlock::Deadlock;
pub use crate::model::targets::{JOINED, LOST};

/// A model made ready to run.
#[derive(Debug)]
pub struct Network {
    /// Unit of the results.
    pub unit: TimeUnit,
    /// Date of the start of measuring.
    pub start: Date,
    /// The week of its calendar.
    pub week: Week,
    /// Nodes in the order of the model; then its lists; then the lines of those who wait for the first
    /// free of several nodes, which no table shows.
    pub nodes: Box<[Node]>,
    /// How many of them are nodes or lists of the model.
    pub shown: usize,
    /// What changes the places of nodes by itself.
    pub changes: Box<[Change]>,
    /// Counters of choices that go round.
    pub counters: usize,
    /// Nodes that give slots.
    pub diaries: usize,
    /// Nodes and lists where a condition about who may start or go over reads how many people are in the
    /// system.
    pub inside_watchers: Box<[NodeId]>,
    /// What is done about people who wait for one another's places; none where they cannot.
    pub deadlock: Option<Deadlock>,
    /// The nodes by number, for whoever needs a list of one.
    pub ids: Box<[NodeId]>,
    /// Names of the nodes.
    pub node_names: Box<[String]>,
    /// Who is there when the run begins.
    pub census: Box<[Census]>,
    /// People who come again and again.
    pub populations: Box<[Population]>,
    /// Dated acts on people.
    pub events: Box<[Event]>,
    /// Whether anybody minds who leaves the system, or a node: conditions on how many are inside,
    /// populations, deaths, legs, readmissions, routes by place.
    pub minds_leaving: bool,
    /// The group of each node, [`NO_GROUP`] if it has none.
    pub groups: Box<[u32]>,
    /// Whether it matters of what place people are, and where they have been.
    pub follows_places: bool,
    /// Whether patients have legs anywhere.
    pub has_legs: bool,
    /// Sources of arrivals, in the order of the model.
    pub sources: Box<[Source]>,
    /// Names of the sources, then of the populations, of the census and of readmissions.
    pub source_names: Box<[String]>,
    /// Clocks, in the order of the model.
    pub clocks: Box<[Clock]>,
    /// What the moments of a visit do to clocks, by node and list; nothing if there is no clock.
    pub ticks: Box<[Box<[Tick]>]>,
    /// What care costs, in the order of the model.
    pub costs: Box<[Cost]>,
    /// Cohorts, in the order of the model.
    pub cohorts: Box<[Cohort]>,
    /// Names of the cohorts.
    pub cohort_names: Box<[String]>,
    /// Every way that a patient may go from one place to another.
    pub flows: Box<[Flow]>,
    /// Attributes that have labels.
    pub categories: Box<[Category]>,
    /// Names of the ways out: those of the model, then [`LOST`], then the others out of queues that are
    /// used.
    pub exits: Box<[String]>,
    /// Numbers that each patient carries as attributes.
    pub attributes: usize,
    /// Nodes that a patient may come to more than once: each has a counter of visits.
    pub revisited: usize,
    /// Waiting lines, all nodes together.
    pub lines: usize,
    /// Lists of given values, all nodes together: each has a position.
    pub lists: usize,
    /// Process delays by node and reason: the node and the reason.
    pub processes: Box<[(NodeId, String)]>,
    /// What ends stays, by node and name, of nodes where more than their length may; the length first.
    pub ends: Box<[(NodeId, String)]>,
    /// Professions of caseloads, by node and name.
    pub professions: Box<[(NodeId, String)]>,
    /// Arrivals expected per microsecond: a measure of how busy the calendar will be.
    pub busy: f64,
}

impl Network {
    /// The positions of the lists of given values that are used at a node; [`NO_LIST`] among them.
    pub fn lists_of(&self, node: usize) -> Vec<u32> {
        let of_node = &self.nodes[node];
        let mut lists: Vec<u32> = of_node.stays.iter().map(|case| case.list).collect();
        let transfers = self.ways(node).map_or(&[][..], |ways| &ways.transfers);
        lists.extend(transfers.iter().flat_map(|way| &way.time.cases).map(|case| case.list));
        lists.extend(of_node.delays.iter().flat_map(|delay| &delay.cases).map(|case| case.list));
        if let Some(extras) = &of_node.extras {
            let lengths = [&extras.patience, &extras.turnaround].into_iter().flatten();
            let ends = extras.ends.iter().flat_map(|ends| &ends.clocks);
            let ends = ends.flat_map(|end| &end.after.cases);
            lists.extend(ends.map(|case| case.list));
            let referral = extras.referral.as_ref().map(|referral| &referral.length);
            let lengths = lengths.chain(referral);
            lists.extend(lengths.flat_map(|lengths| &lengths.cases).map(|case| case.list));
            lists.extend(extras.class_changes.iter().map(|change| change.list));
            if let Some(slots) = &extras.slots
                && let Some(booking) = &slots.booking
            {
                let lengths = [&booking.notice, &booking.after].into_iter();
                lists.extend(lengths.flat_map(|lengths| &lengths.cases).map(|case| case.list));
            }
            lists.extend(extras.vacation.iter().map(|(_, list, _)| *list));
        }
        for change in self.changes.iter().filter(|change| change.node.index() == node) {
            if let ChangeKind::Outage { every, lasts, .. } = &change.kind {
                lists.extend([every.1, lasts.1]);
            }
        }
        lists
    }
}

/// A way from one place to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Flow {
    /// Where it begins.
    pub from: Place,
    /// Where it leads.
    pub to: Place,
}

/// A place at an end of a flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Place {
    /// A source, by position.
    Source(u32),
    /// A node.
    Node(NodeId),
    /// A way out, by position.
    Exit(u32),
}

/// A node.
#[derive(Debug)]
pub struct Node {
    /// Places, at the start of measuring if they vary; none if there is no limit.
    pub places: Option<u32>,
    /// Most people who may wait in the queue.
    pub queue_limit: u32,
    /// Most people who may wait in the waiting room.
    pub waiting_room: u32,
    /// All bits if people moved from elsewhere wait in the places of the queue, no bit if not.
    pub shares_queue: u32,
    /// Its first line; a line for each class follows.
    pub first_line: u32,
    /// Conditions of the classes, best first; who meets none has the class after the last.
    pub classes: Box<[Program]>,
    /// The length of stay, if it is one for all and no list.
    pub only_stay: Option<Sampler>,
    /// Lengths of stay by case; the last holds for all.
    pub stays: Box<[StayCase]>,
    /// Key of the draw of a stay.
    pub stay_purpose: Purpose,
    /// Delays by process, in order.
    pub delays: Box<[Delay]>,
    /// Whether the next place is sought the moment the stay is over.
    pub seeks_at_once: bool,
    /// Routes; the first that fits is taken.
    pub routes: Box<[Route]>,
    /// Where every patient goes, if the first route fits all or there is none.
    pub only_route: Option<Targets>,
    /// Whether nothing stands between *ready* and leaving but a place elsewhere: no delay by process, no
    /// window.
    pub leaves_freely: bool,
    /// Key of the draw of a route.
    pub route_purpose: Purpose,
    /// Where those go whom no route fits.
    pub otherwise: Target,
    /// The flow of those who find the queue full.
    pub lost_flow: u32,
    /// When people may leave.
    pub leave: Leave,
    /// When people may set out to come here, if not at any time.
    pub receive: Option<Leave>,
    /// Key of the draws of a leaving hour.
    pub leave_purpose: Purpose,
    /// Position of its counter of visits, if a patient may come more than once.
    pub revisit: Option<u32>,
    /// What makes it more than a plain node.
    pub extras: Option<Box<Extras>>,
    /// The same in short, of a node where the least holds.
    pub simple: Option<Simple>,
    /// A line and no more: a list that several nodes serve, or those who wait for the first free of
    /// several. It has no places.
    pub line_only: bool,
    /// People wait here for a slot, without holding a place elsewhere.
    pub by_slots: bool,
    /// For those who wait for the first free of several: the node first named, at which their waits
    /// count; else the node itself.
    pub charged: NodeId,
}

/// A node at which nothing holds but places, one line without limit, one length of stay for all and routes
/// by chance and cohort, to which nobody comes twice and which everybody leaves as soon as the next place
/// is free. Much of what happens, happens there: all that it needs stands together.
#[derive(Debug)]
pub struct Simple {
    /// The length of stay.
    pub stay: Sampler,
    /// Key of the draw of a stay.
    pub stay_purpose: Purpose,
    /// Where people go, if all go the same ways; else one target.
    pub targets: Targets,
    /// Where each cohort goes, if not.
    pub by_cohort: Box<[Targets]>,
    /// Key of the draw of a route.
    pub route_purpose: Purpose,
}

impl Simple {
    /// When the stay of a patient who starts now ends.
    #[inline(always)]
    pub fn stay_ends(&self, now: Time, patient: PatientKey) -> Time {
        self.stay.after(now, patient.draw(self.stay_purpose, 0))
    }

    /// Where a patient goes.
    #[inline(always)]
    pub fn target(&self, patient: PatientKey, of: StratumId) -> Target {
        // Where there are ways by cohort, there seems to be only one for all.
        if let Some(only) = self.targets.only() {
            return if self.by_cohort.is_empty() {
                only
            } else {
                self.target_of_cohort(patient, of)
            };
        }
        self.targets.pick(patient.draw(self.route_purpose, 0))
    }

    #[inline(never)]
    fn target_of_cohort(&self, patient: PatientKey, of: StratumId) -> Target {
        let targets = &self.by_cohort[of.index() % self.by_cohort.len()];
        let draw = || targets.pick(patient.draw(self.route_purpose, 0));
        targets.only().unwrap_or_else(draw)
    }
}

impl Node {
    /// Whether it has visits in place of places.
    pub fn has_visits(&self) -> bool {
        self.extras.as_ref().is_some_and(|extras| extras.visits.is_some())
    }

    /// What it is in short, if it is a simple node of a model with so many cohorts.
    pub fn in_short(&self, cohorts: u16) -> Option<Simple> {
        let simple = self.leaves_freely
            && matches!(self.leave, Leave::Anytime)
            && self.extras.is_none()
            && self.classes.is_empty()
            && self.queue_limit == u32::MAX
            && self.waiting_room == 0
            && self.revisit.is_none();
        let by_chance = |route: &Route| {
            // Whom a scenario sends elsewhere is drawn when the stay is over, by what holds then.
            route.when.is_none() && route.choice.is_none() && route.paired.is_none()
        };
        if !simple || !self.routes.iter().all(by_chance) {
            return None;
        }
        let targets_of = |cohort: u16| {
            let fits = |route: &&Route| route.cohort.is_none_or(|only| only == CohortId(cohort));
            let route = self.routes.iter().find(fits);
            let out = || Targets::new(vec![(1.0, self.otherwise)]);
            route.map_or_else(out, |route| route.targets.clone())
        };
        let same = self.routes.first().is_none_or(|first| first.cohort.is_none());
        Some(Simple {
            stay: self.only_stay.clone()?,
            stay_purpose: self.stay_purpose,
            targets: if same { targets_of(0) } else { Targets::new(vec![(1.0, self.otherwise)]) },
            by_cohort: if same { Box::default() } else { (0..cohorts).map(targets_of).collect() },
            route_purpose: self.route_purpose,
        })
    }

    /// The line of people of a class whose stay goes on, of a node with extra rules.
    pub fn in_places(&self, class: u32) -> u32 {
        self.first_line + self.classes.len() as u32 + 1 + class
    }
}

impl Network {
    /// The cohort of a stratum: strata are, for each label in turn, the cohorts.
    #[inline(always)]
    pub fn cohort(&self, stratum: StratumId) -> CohortId {
        CohortId(stratum.0 % self.cohorts.len() as u16)
    }

    /// The stratum of those of a cohort who have a label.
    pub fn stratum(&self, cohort: CohortId, label: u16) -> StratumId {
        StratumId(label * self.cohorts.len() as u16 + cohort.0)
    }

    /// The flow from one node to another, if there is such a way.
    pub fn flow_between(&self, from: NodeId, to: NodeId) -> Option<u32> {
        let way = Flow { from: Place::Node(from), to: Place::Node(to) };
        self.flows.iter().position(|flow| *flow == way).map(|flow| flow as u32)
    }

    /// The most places that a node has from an instant on, outages over.
    pub fn most_places(&self, node: NodeId, now: Time) -> u32 {
        let spec = &self.nodes[node.index()];
        if let Some(team) = spec.extras.as_ref().and_then(|extras| extras.team.as_ref()) {
            return team.most_from(now);
        }
        let plans = self.changes.iter().filter(|change| change.node == node);
        let most = plans.filter_map(|change| match &change.kind {
            ChangeKind::Plan(places) => Some(places.most_from(now)),
            ChangeKind::Units(_)
            | ChangeKind::Day
            | ChangeKind::Session
            | ChangeKind::Outage { .. } => None,
        });
        most.max().or(spec.places).unwrap_or(u32::MAX)
    }

    /// The ways out of a node, if more is known of them than where they lead.
    pub fn ways(&self, node: usize) -> Option<&Ways> {
        match &self.nodes[node].leave {
            Leave::Ways(ways) => Some(ways),
            _ => None,
        }
    }

    /// Whether somebody may be on the way to a place that is kept free meanwhile.
    pub fn has_ways(&self) -> bool {
        (0..self.nodes.len()).any(|node| self.ways(node).is_some())
    }

    /// Whether places are kept free for people who were referred before they are ready.
    pub fn holds_places(&self) -> bool {
        let mut extras = self.nodes.iter().filter_map(|node| node.extras.as_ref());
        extras.any(|extras| extras.referral.as_ref().is_some_and(|referral| referral.hold))
    }

    /// Whether any node has rules beyond the plain ones.
    pub fn has_extras(&self) -> bool {
        self.nodes.iter().any(|node| node.extras.is_some()) || !self.populations.is_empty()
    }
}

/// A length of stay and whom it is for.
#[derive(Debug)]
pub struct StayCase {
    /// Condition; none means everyone.
    pub when: Option<Program>,
    /// The length in microseconds.
    pub sampler: Sampler,
    /// For a list of given values: its position among the lists; else [`NO_LIST`].
    pub list: u32,
    /// Where the length changes in the middle of a run: what it is for those who start at each time.
    pub over: Option<Box<Over<Sampler>>>,
}

impl StayCase {
    /// The length for somebody who starts at an instant; of what changes in the middle of a run, the same quantile
    /// of each. Not of a list of given values, of which the engine keeps the position.
    pub fn length(&self, now: Time, draw: Draw) -> Duration {
        match &self.over {
            None => self.sampler.duration(draw),
            Some(over) => after(0, over.at(now, |sampler| sampler.sample(draw))),
        }
    }
}

/// A delay by process.
#[derive(Debug)]
pub struct Delay {
    /// Cases; none need hold.
    pub cases: Box<[DelayCase]>,
    /// Key of the draw of its length.
    pub purpose: Purpose,
    /// Key of the draw of whether it happens.
    pub share_purpose: Purpose,
    /// Its position among [`Network::processes`].
    pub process: u32,
}

/// A delay by process and whom it is for.
#[derive(Debug)]
pub struct DelayCase {
    /// Condition; none means everyone.
    pub when: Option<Program>,
    /// Probability that it happens.
    pub share: f64,
    /// Its length in microseconds.
    pub sampler: Sampler,
    /// For a list of given values: its position among the lists; else [`NO_LIST`].
    pub list: u32,
}

/// A route: whom it is for, and where it leads.
#[derive(Debug)]
pub struct Route {
    /// Only this cohort.
    pub cohort: Option<CohortId>,
    /// Only who meets this condition.
    pub when: Option<Program>,
    /// Where it leads.
    pub targets: Targets,
    /// How one of several nodes is chosen, if by what goes on there.
    pub choice: Option<Choice>,
    /// Where a scenario gives other shares than the model with which it is compared.
    pub paired: Option<Box<Paired>>,
}

/// Targets drawn as in the model with which a scenario is compared, and drawn anew only where it gives
/// a target less (F1): so nobody moves but those who must.
#[derive(Debug)]
pub struct Paired {
    /// The draws below which each target, or one before it, is taken in the base.
    pub below: Box<[u64]>,
    /// The shares of the base.
    pub base: Box<[f64]>,
    /// The shares of the scenario.
    pub shares: Over<Box<[f64]>>,
    /// The targets.
    pub targets: Box<[Target]>,
}

impl Paired {
    /// The target that a draw picks at an instant. The first number of the draw is that of the base;
    /// the second decides whether its target is kept, the third who gets it instead.
    #[inline(never)]
    pub fn pick(&self, mut draw: Draw, now: Time) -> Target {
        let place = draw.place();
        let last = self.below.len() - 1;
        let of_base = self.below.iter().position(|below| place < *below).unwrap_or(last);
        let share = |target: usize| self.shares.at(now, |shares| shares[target]).max(0.0);
        if draw.uniform() * self.base[of_base] < share(of_base) {
            return self.targets[of_base];
        }
        let gain = |target: usize| (share(target) - self.base[target]).max(0.0);
        let all: f64 = (0..self.targets.len()).map(gain).sum();
        let mut left = draw.uniform() * all;
        let gainer = (0..self.targets.len()).filter(|target| gain(*target) > 0.0).find(|target| {
            left -= gain(*target);
            left < 0.0
        });
        self.targets[gainer.unwrap_or(of_base)]
    }
}

/// Targets and their probabilities.
#[derive(Clone, Debug)]
pub struct Targets {
    /// The first targets, and of each but the last the draws from which on one behind it is taken:
    /// beyond all draws if there is none behind.
    first: [Target; FIRST],
    behind: [u64; FIRST - 1],
    /// If there are more: all from the last of those on, each with the draws below which it or one before
    /// it is taken.
    others: Box<[(u64, Target)]>,
}

/// Targets among which one is picked without a branch, which would be guessed wrong as often as people
/// go different ways.
const FIRST: usize = 4;

impl Targets {
    /// Of at least one target, with cumulative probabilities.
    pub fn new(mut targets: Vec<(f64, Target)>) -> Self {
        let last = targets.pop().map_or(Target { node: NOWHERE, flow: 0 }, |(_, last)| last);
        let all = targets.into_iter().map(|(share, target)| (Draw::below(share), target));
        let all: Vec<_> = all.chain([(u64::MAX, last)]).collect();
        let at = |at: usize| all.get(at).copied().unwrap_or((u64::MAX, last));
        Targets {
            first: std::array::from_fn(|i| at(i).1),
            behind: std::array::from_fn(|i| at(i).0),
            others: if all.len() > FIRST { all[FIRST - 1..].into() } else { Box::default() },
        }
    }

    /// The target, if there is only one.
    #[inline(always)]
    pub fn only(&self) -> Option<Target> {
        (self.behind[0] == u64::MAX).then_some(self.first[0])
    }

    /// The target that a draw picks.
    #[inline(always)]
    pub fn pick(&self, mut draw: Draw) -> Target {
        let place = draw.place();
        let [one, two, three] = self.behind.map(|behind| usize::from(place >= behind));
        let before = one + two + three;
        if !self.others.is_empty() && before == FIRST - 1 {
            return self.pick_other(place);
        }
        self.first[before]
    }

    #[inline(never)]
    fn pick_other(&self, place: u64) -> Target {
        let found = self.others.iter().find(|(below, _)| place < *below);
        found.map_or(self.first[FIRST - 1], |(_, target)| *target)
    }
}

/// Where a patient goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    /// The node; [`NOWHERE`] is out of the system.
    pub node: NodeId,
    /// The flow on which the way is counted.
    pub flow: u32,
}

/// When people may leave.
#[derive(Debug)]
pub enum Leave {
    /// At any time.
    Anytime,
    /// Within intervals.
    Open(Intervals),
    /// At instants.
    At(Instants),
    /// By ways some of which take time or end at a window.
    Ways(Box<Ways>),
    /// At an hour that each patient draws on each day.
    Profile {
        /// Cumulative shares of the 24 hours, from 0 to 1.
        hours: Box<[f64; 25]>,
        /// Chance of leaving by weekday, Monday first.
        weekdays: [f64; 7],
    },
}

/// A source of arrivals.
#[derive(Debug)]
pub struct Source {
    /// The node they come to.
    pub to: NodeId,
    /// The flow on which they are counted.
    pub flow: u32,
    /// The group to which its people belong, or [`NO_GROUP`].
    pub group: u32,
    /// Cumulative shares of the cohorts; the last is 1.
    pub mix: Box<[(f64, CohortId)]>,
    /// The cohort, if there is only one.
    pub only_cohort: Option<CohortId>,
    /// The process of their times.
    pub process: Process,
    /// Which of them come, if not all do.
    pub thinning: Option<Thinning>,
    /// People who come together.
    pub batch: Option<Sampler>,
    /// For a batch size from a list: its position among the lists; else [`NO_LIST`].
    pub batch_list: u32,
    /// Whether each comes to the one node and all come: no batch, no replay, nobody stays away, no
    /// scenario wants fewer or more.
    pub plain: bool,
    /// What was recorded of each person, in the order of their coming; empty unless replayed.
    pub recorded: Recorded,
    /// The share of those who would come who do; all if none.
    pub accept: Option<Program>,
    /// Key of its draw.
    pub accept_purpose: Purpose,
    /// Where the others go.
    pub otherwise: Onward,
    /// Key of the draw of the time to the next arrival.
    pub gap_purpose: Purpose,
    /// Key of the draw of a batch's size.
    pub batch_purpose: Purpose,
    /// Key of the draw of a patient's cohort.
    pub cohort_purpose: Purpose,
}

/// What was recorded of people who come, one by one.
#[derive(Debug, Default)]
pub struct Recorded {
    /// Where each comes; that of the source if empty.
    pub to: Box<[Target]>,
    /// The cohort of each; drawn if empty.
    pub cohort: Box<[CohortId]>,
    /// Attributes that are known.
    pub attributes: Box<[(u32, Values)]>,
}

impl Source {
    /// Draws the cohort of a patient.
    #[inline(never)]
    pub fn cohort_of(&self, key: PatientKey) -> CohortId {
        let u = key.draw(self.cohort_purpose, 0).uniform();
        let found = self.mix.iter().find(|(share, _)| u < *share);
        found.map_or(CohortId(0), |(_, cohort)| *cohort)
    }
}

/// The process of the times of arrival.
#[derive(Debug)]
pub enum Process {
    /// Poisson with a rate that may vary.
    Poisson(Rate),
    /// Renewal with this time between arrivals.
    Renewal {
        /// Microseconds from one to the next.
        gap: Sampler,
        /// For a list of given values: its position among the lists; else [`NO_LIST`].
        list: u32,
    },
    /// Set times.
    Timetable {
        /// Single times, in order.
        once: Box<[Time]>,
        /// Times of the week; equal ones are several arrivals.
        weekly: Rota,
    },
}

/// A cohort.
#[derive(Debug)]
pub struct Cohort {
    /// Its attributes, in the order in which they are drawn.
    pub attributes: Box<[AttributeDraw]>,
}

/// An attribute that has labels, or is a flag.
#[derive(Clone, Debug)]
pub struct Category {
    /// Its name.
    pub name: String,
    /// Position among a patient's attributes.
    pub position: u32,
    /// Its labels; of a flag, `no` and `yes`.
    pub labels: Box<[String]>,
}

/// How an attribute is drawn.
#[derive(Debug)]
pub struct AttributeDraw {
    /// Position among a patient's attributes.
    pub position: u32,
    /// Key of the draw.
    pub purpose: Purpose,
    /// Cases; the last holds for all.
    pub cases: Box<[AttributeCase]>,
}

/// A way of drawing an attribute and whom it is for.
#[derive(Debug)]
pub struct AttributeCase {
    /// Condition; none means everyone.
    pub when: Option<Program>,
    /// The draw.
    pub how: AttributeKind,
}

/// What is drawn.
#[derive(Debug)]
pub enum AttributeKind {
    /// A number.
    Number(Sampler),
    /// A label: cumulative probabilities and the label's number in expressions.
    Category(Box<[(f64, f64)]>),
    /// 1 with this probability, else 0.
    Flag(f64),
}

/// No group.
pub const NO_GROUP: u32 = u32::MAX;

/// The position of what is no list of given values.
pub const NO_LIST: u32 = u32::MAX;

/// Names in expressions before the attributes: cohort, hour, weekday, day.
pub const CLOCK_NAMES: usize = 4;
