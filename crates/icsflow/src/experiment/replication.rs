//! What one replication leaves behind: sums, distributions and rows, small enough to keep for all.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::engine::calendar::Calendar;
use crate::engine::caseload::Staffed;
use crate::engine::clocks::ClockCell;
use crate::engine::deadlock::Knot;
use crate::engine::histogram::Sparse;
use crate::engine::patients::STATUSES;
use crate::engine::record::{
    CENSUS_LEVELS, Cell, ClassRecord, Departures, ENDINGS, LegRecord, Lengths, ListRecord,
    NodeRecord, PLACE_TIMES, ReturnRecord, SlotRecord, StayRow, Whole,
};
use crate::engine::simulation::Simulation;
use crate::engine::visits::{Day, Ledger};
use crate::network::network::Network;
use crate::time::{Sum, Time};

/// Lengths of time of visits that have ended: their sum and their distribution.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct LengthSums {
    /// Sum in microseconds.
    pub sum: Sum,
    /// Distribution.
    pub histogram: Sparse,
}

impl LengthSums {
    fn of(lengths: &Lengths) -> Self {
        LengthSums { sum: lengths.sum, histogram: lengths.histogram.sparse() }
    }

    /// Adds another.
    pub fn merge(&mut self, other: &LengthSums) {
        self.sum += other.sum;
        self.histogram.merge(&other.histogram);
    }

    /// How many.
    pub fn count(&self) -> u64 {
        self.histogram.count()
    }

    /// The share of those longer than 0.
    pub fn share_positive(&self) -> f64 {
        1.0 - self.histogram.zeros() as f64 / self.count() as f64
    }

    /// The mean in microseconds; NaN of none.
    pub fn mean(&self) -> f64 {
        self.sum.as_f64() / self.count() as f64
    }

    /// The standard deviation in microseconds.
    pub fn sd(&self) -> f64 {
        let n = self.count() as f64;
        (self.histogram.variance() * n / (n - 1.0)).sqrt()
    }

    /// The quantile of probability `p` in microseconds.
    pub fn quantile(&self, p: f64) -> f64 {
        self.histogram.quantile(p)
    }

    /// The share of lengths up to so many microseconds.
    pub fn cdf(&self, length: f64) -> f64 {
        self.histogram.cdf(length)
    }
}

/// The sums of a node, or of a cohort at a node; see [`Cell`].
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct CellSums {
    pub joined: u64,
    pub endings: [u64; ENDINGS],
    pub occupied: Sum,
    pub waiting: Sum,
    pub blocked: Sum,
    pub process: Sum,
    pub window: Sum,
    pub window_people: u64,
    pub transfer: [Sum; 2],
    pub transfer_people: u64,
    pub reserved: Sum,
    pub wait: LengthSums,
    pub length: LengthSums,
}

impl CellSums {
    fn of(cell: &Cell) -> Self {
        CellSums {
            joined: cell.joined,
            endings: cell.endings,
            occupied: cell.occupied,
            waiting: cell.waiting,
            blocked: cell.blocked,
            process: cell.process,
            window: cell.window,
            window_people: cell.window_people,
            transfer: cell.transfer,
            transfer_people: cell.transfer_people,
            reserved: cell.reserved,
            wait: LengthSums::of(&cell.wait),
            length: LengthSums::of(&cell.length),
        }
    }

    /// Adds another.
    pub fn merge(&mut self, other: &CellSums) {
        self.joined += other.joined;
        self.endings.iter_mut().zip(other.endings).for_each(|(sum, more)| *sum += more);
        self.occupied += other.occupied;
        self.waiting += other.waiting;
        self.blocked += other.blocked;
        self.process += other.process;
        self.window += other.window;
        self.window_people += other.window_people;
        self.transfer.iter_mut().zip(other.transfer).for_each(|(sum, more)| *sum += more);
        self.transfer_people += other.transfer_people;
        self.reserved += other.reserved;
        self.wait.merge(&other.wait);
        self.length.merge(&other.length);
    }
}

/// The sums of everyone, or of a cohort; see [`Whole`].
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct WholeSums {
    pub entered: u64,
    pub inside: Sum,
    pub time: LengthSums,
}

impl WholeSums {
    fn of(whole: &Whole) -> Self {
        WholeSums {
            entered: whole.entered,
            inside: whole.inside,
            time: LengthSums::of(&whole.time),
        }
    }

    /// Adds another.
    pub fn merge(&mut self, other: &WholeSums) {
        self.entered += other.entered;
        self.inside += other.inside;
        self.time.merge(&other.time);
    }
}

/// What was made of the visits of a node.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct VisitSums {
    /// Of every whole day measured, in order.
    pub days: Vec<Day>,
    /// Parts of visits made to those who have left, and how many they are.
    pub left: (i64, u64),
}

impl VisitSums {
    fn of(ledger: &Ledger) -> Self {
        VisitSums { days: ledger.made.clone(), left: ledger.left }
    }
}

/// The sums of a clock at a node where it starts; see [`ClockCell`].
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct ClockSums {
    pub at_start: u64,
    pub started: u64,
    pub dropped: u64,
    pub at_end: u64,
    pub stopped: LengthSums,
    pub within: Vec<u64>,
    pub running: Sparse,
    pub running_within: Vec<u64>,
}

impl ClockSums {
    fn of(cell: &ClockCell) -> Self {
        ClockSums {
            at_start: cell.at_start,
            started: cell.started,
            dropped: cell.dropped,
            at_end: cell.at_end,
            stopped: LengthSums::of(&cell.stopped),
            within: cell.within.clone(),
            running: cell.running.sparse(),
            running_within: cell.running_within.clone(),
        }
    }

    /// Adds another.
    pub fn merge(&mut self, other: &ClockSums) {
        self.at_start += other.at_start;
        self.started += other.started;
        self.dropped += other.dropped;
        self.at_end += other.at_end;
        self.stopped.merge(&other.stopped);
        self.running.merge(&other.running);
        let pairs =
            [(&mut self.within, &other.within), (&mut self.running_within, &other.running_within)];
        for (mine, theirs) in pairs {
            mine.resize(theirs.len(), 0);
            mine.iter_mut().zip(theirs).for_each(|(sum, more)| *sum += more);
        }
    }
}

/// One replication.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Replication {
    /// Its number, from 0.
    pub number: u32,
    /// By node, then stratum.
    pub cells: Vec<CellSums>,
    /// By stratum.
    pub whole: Vec<WholeSums>,
    /// By clock, then node where it starts, then stratum.
    pub clocks: Vec<ClockSums>,
    /// Microseconds at each number of people: by level, then node. Empty if not measured.
    pub time_at: [Vec<Vec<i64>>; 4],
    /// Visits of nodes that have a number of them a day, by node; empty of others.
    pub visits: Vec<VisitSums>,
    /// Sessions that people began together, by node.
    pub sessions: Vec<u64>,
    /// By node, see [`PlaceTime`](crate::engine::record::PlaceTime); only of nodes with rules beyond the
    /// plain ones.
    pub place_time: Vec<[Sum; PLACE_TIMES]>,
    /// By node, if measured: when people leave.
    pub departures: Vec<Option<Box<Departures>>>,
    /// By node, then class; none of nodes without classes.
    pub classes: Vec<Vec<ClassRecord>>,
    /// By node; none of those that give no slots.
    pub slots: Vec<Option<SlotRecord>>,
    /// By node; none of those from which nobody comes again.
    pub returns: Vec<Option<ReturnRecord>>,
    /// By node; none of those without legs.
    pub legs: Vec<Option<LegRecord>>,
    /// Of those in line, by node.
    pub lists: Vec<ListRecord>,
    /// People who went each way.
    pub flows: Vec<u64>,
    /// Person-microseconds blocked, and people who were, by flow.
    pub blocked: Vec<(Sum, u64)>,
    /// Person-microseconds blocked, by flow and root behind the awaited node.
    pub roots: Vec<(u32, u32, f64)>,
    /// Person-microseconds in each delay by process, and people in it.
    pub processes: Vec<(Sum, u64)>,
    /// Stays that ended by each of several clocks, and their time.
    pub ends: Vec<(u64, i64)>,
    /// Of the professions of caseloads.
    pub staffed: Vec<Staffed>,
    /// Census after census, node by node, level by level.
    pub census: Vec<u32>,
    /// Rows of visits, if kept.
    pub rows: Vec<StayRow>,
    /// People inside when measuring began, and at the end by status.
    pub inside: Inside,
    /// People of the census who have stayed longer than any stay of the model.
    pub longer_than_known: u64,
    /// The first closed set of people who could never move again.
    pub knot: Option<Knot>,
    /// People who exchanged places in a circle.
    pub exchanged: u64,
    /// Events on people: which, when, and how many it concerned.
    pub on_people: Vec<(u32, Time, u32)>,
    /// Events, arrivals included.
    pub events: u64,
}

/// People inside.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inside {
    /// When measuring began.
    pub at_start: u64,
    /// At the end, by status in the order of its definition.
    pub at_end: [u64; STATUSES],
    /// At the end, counted in places and lines node by node, and on the way.
    pub at_end_by_node: u64,
    /// Legs under way when measuring began, begun since, and under way at the end.
    pub legs: [u64; 3],
}

impl Replication {
    /// What a replication that has just ended leaves behind.
    pub fn of<C: Calendar>(simulation: &mut Simulation<'_, C>, number: u32) -> Self {
        let network = simulation.network();
        let mut roots = Vec::new();
        for flow in 0..network.flows.len() {
            let passed = simulation.passed(flow).iter().filter(|(_, time)| *time > 0.0);
            roots.extend(passed.map(|(root, time)| (flow as u32, *root, *time)));
        }
        let mut at_end = [0; STATUSES];
        for patient in simulation.still_inside() {
            at_end[patient.status as usize] += 1;
        }
        let present = simulation.present();
        let under_way = simulation.legs();
        let (knot, exchanged) = simulation.knots();
        let knot = knot.cloned();
        let cells = simulation.records().flat_map(|record| record.cells.measured());
        let cells = cells.map(CellSums::of).collect();
        let place_time = simulation.records().map(|record| record.place_time).collect();
        let visits = simulation.ledgers().map(VisitSums::of).collect();
        let sessions = simulation.sessions().collect();
        let departures = simulation.records().map(|record| record.departures.clone()).collect();
        let classes = |record: &NodeRecord| record.classes.clone();
        let classes = simulation.records().map(classes).collect();
        let slots = |record: &NodeRecord| record.slots.as_deref().copied();
        let slots = simulation.records().map(slots).collect();
        let legs = |record: &NodeRecord| record.legs.as_deref().copied();
        let legs = simulation.records().map(legs).collect();
        let returns = |record: &NodeRecord| record.returns.as_deref().copied();
        let returns = simulation.records().map(returns).collect();
        let lists = simulation.records().map(|record| record.list.clone()).collect();
        let time_at = std::array::from_fn(|level| {
            let trails = simulation.records().filter_map(|record| record.trails.get(level));
            trails.map(|trail| trimmed(&trail.time_at)).collect()
        });
        let recorder = &mut simulation.recorder;
        Replication {
            number,
            cells,
            whole: recorder.whole.measured().iter().map(WholeSums::of).collect(),
            clocks: recorder.clocks.cells.iter().map(ClockSums::of).collect(),
            time_at,
            place_time,
            visits,
            sessions,
            departures,
            classes,
            slots,
            returns,
            legs,
            lists,
            flows: recorder.flows.clone(),
            blocked: recorder.blocked.clone(),
            roots,
            processes: recorder.processes.clone(),
            ends: recorder.ends.clone(),
            staffed: recorder.staffed.clone(),
            census: std::mem::take(&mut recorder.census),
            rows: std::mem::take(&mut recorder.rows),
            inside: Inside {
                at_start: recorder.inside_at_start,
                at_end,
                at_end_by_node: present,
                legs: under_way,
            },
            longer_than_known: recorder.longer_than_known,
            knot,
            exchanged,
            on_people: std::mem::take(&mut recorder.events),
            events: simulation.events,
        }
    }

    /// How it ended: `complete`, or `deadlocked` if some people could never move again.
    pub fn status(&self) -> &'static str {
        if self.knot.is_some() { "deadlocked" } else { "complete" }
    }

    /// The sums of some nodes in a stratum, or in all of them.
    pub fn cell(
        &self,
        nodes: &[usize],
        stratum: Option<Stratum>,
        strata: usize,
    ) -> Cow<'_, CellSums> {
        let of_node = |node: &usize| of_stratum(&self.cells[node * strata..][..strata], stratum);
        sum_of(nodes.iter().flat_map(of_node), CellSums::merge)
    }

    /// The sums of everyone in a stratum, or in all of them.
    pub fn everyone(&self, stratum: Option<Stratum>) -> Cow<'_, WholeSums> {
        sum_of(of_stratum(&self.whole, stratum).iter(), WholeSums::merge)
    }

    /// How many censuses were taken.
    pub fn censuses(&self, network: &Network) -> usize {
        self.census.len() / (network.nodes.len() * CENSUS_LEVELS).max(1)
    }

    /// People at a node and level at each census.
    pub fn census<'r>(
        &'r self,
        network: &'r Network,
        node: usize,
        level: usize,
    ) -> impl Iterator<Item = u32> + 'r {
        let step = network.nodes.len() * CENSUS_LEVELS;
        self.census.iter().skip(node * CENSUS_LEVELS + level).step_by(step.max(1)).copied()
    }
}

/// People who are told apart: which of what is measured is of them.
#[derive(Clone, Copy, Debug)]
pub struct Stratum {
    /// The first cell.
    pub first: usize,
    /// How many there are, one after the other.
    pub cells: usize,
}

/// One of the strata, or all.
pub(super) fn of_stratum<T>(strata: &[T], stratum: Option<Stratum>) -> &[T] {
    match stratum {
        None => strata,
        Some(Stratum { first, cells }) => strata.get(first..first + cells).unwrap_or_default(),
    }
}

/// The sum of parts, copied only if there are several.
pub(super) fn sum_of<'p, T: Clone + Default>(
    mut parts: impl Iterator<Item = &'p T>,
    merge: fn(&mut T, &T),
) -> Cow<'p, T> {
    let mut sum = parts.next().map_or_else(|| Cow::Owned(T::default()), Cow::Borrowed);
    for part in parts {
        merge(sum.to_mut(), part);
    }
    sum
}

fn trimmed(time_at: &[i64]) -> Vec<i64> {
    let used = time_at.iter().rposition(|time| *time > 0).map_or(0, |last| last + 1);
    time_at[..used].to_vec()
}
