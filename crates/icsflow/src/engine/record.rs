//! What is measured.
//!
//! A mean over time is a sum: minus the instant at entry, plus the instant at exit. Measuring starts at
//! instant 0, where every sum is set to 0, so that whoever is already there counts from 0 on; at the end
//! the last instant is added for whoever is still there. Sums are whole microseconds and so exact.

use super::histogram::Histogram;
use super::patients::{History, Patient, SmallCohort, Status};
use crate::ids::NodeId;
use crate::network::network::Network;
use crate::time::Time;

/// What to measure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recording {
    /// The share of time at each level.
    pub levels: bool,
    /// Waits and stays by cohort as well.
    pub by_cohort: bool,
    /// One row for each visit.
    pub stays: bool,
    /// Time of the first census, and the time from one to the next.
    pub census: (Time, Time),
}

/// Numbers of people at a node that are measured over time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// In a place: in stay, in process, blocked or waiting for a window.
    Occupied,
    /// Waiting in the queue or the waiting room.
    Waiting,
    /// Blocked in a place.
    Blocked,
    /// Occupied and waiting together.
    Present,
}

/// A number of people over time.
#[derive(Clone, Debug, Default)]
pub struct Trail {
    /// How many now.
    pub now: u32,
    since: Time,
    /// Microseconds spent at each number.
    pub time_at: Vec<i64>,
}

impl Trail {
    fn move_to(&mut self, level: u32, now: Time) {
        let at = self.now as usize;
        if at >= self.time_at.len() {
            self.time_at.resize(at + 8, 0);
        }
        self.time_at[at] += now - self.since;
        (self.now, self.since) = (level, now);
    }
}

/// Lengths of time of visits that have ended: their sum and their distribution.
#[derive(Clone, Debug, Default)]
pub struct Lengths {
    /// Sum in microseconds.
    pub sum: i64,
    /// Distribution; it also tells how many there are.
    pub histogram: Histogram,
}

impl Lengths {
    #[inline(always)]
    fn add(&mut self, length: i64) {
        self.sum += length;
        self.histogram.add(length);
    }

    fn clear(&mut self) {
        self.sum = 0;
        self.histogram.clear();
    }
}

/// What is measured of a node, or of a cohort at a node.
#[derive(Clone, Debug, Default)]
#[repr(align(128))]
pub struct Cell {
    /// People who joined its line or came to it, arrivals and transfers.
    pub joined: u64,
    /// People who found the queue full.
    pub lost: u64,
    /// Person-microseconds in places.
    pub occupied: i64,
    /// Person-microseconds in the queue and the waiting room.
    pub waiting: i64,
    /// Person-microseconds blocked.
    pub blocked: i64,
    /// Person-microseconds in delays by process.
    pub process: i64,
    /// Person-microseconds waiting for a window.
    pub window: i64,
    /// People who had to wait for a window.
    pub window_people: u64,
    /// Waits of those who started: from joining the line to the start.
    pub wait: Lengths,
    /// Lengths of stay of those who left: from the start to leaving, delays included.
    pub length: Lengths,
}

/// What is measured of everyone, or of a cohort.
#[derive(Clone, Debug, Default)]
pub struct Whole {
    /// People who came in.
    pub entered: u64,
    /// Person-microseconds inside.
    pub inside: i64,
    /// Time inside of those who went out.
    pub time: Lengths,
}

/// One row of a visit.
#[derive(Clone, Copy, Debug)]
pub struct StayRow {
    /// The patient as at the end of the visit.
    pub patient: Patient,
    /// The instants of the visit.
    pub history: History,
    /// Which visit of this patient to this node, from 0.
    pub visit: u32,
    /// When the patient left; `None` if still there at the end of the run.
    pub left: Option<Time>,
    /// Turned away: the queue was full.
    pub lost: bool,
}

/// Numbers of people in a census of a node: in places, waiting, blocked.
pub const CENSUS_LEVELS: usize = 3;

/// Everything measured in a replication.
#[derive(Debug, Default)]
pub struct Recorder {
    levels: bool,
    stays: bool,
    strata: usize,
    /// All ones if cells are kept by cohort; 0 makes every cohort the first stratum.
    by_cohort: u16,
    /// By node, then by cohort if measured.
    pub cells: Vec<Cell>,
    /// By cohort if measured.
    pub whole: Vec<Whole>,
    /// By level, then node.
    pub trails: [Vec<Trail>; 4],
    /// People who went each way.
    pub flows: Vec<u64>,
    /// Person-microseconds blocked, and people whose being blocked ended, by flow.
    pub blocked: Vec<(i64, u64)>,
    /// Person-microseconds in each delay by process, and people in it.
    pub processes: Vec<(i64, u64)>,
    /// Census after census: node by node, level by level.
    pub census: Vec<u32>,
    /// Rows of visits.
    pub rows: Vec<StayRow>,
    /// People inside when measuring began.
    pub inside_at_start: u64,
}

impl Recorder {
    /// Begins a replication.
    pub fn clear(&mut self, network: &Network, recording: Recording, start: Time) {
        (self.levels, self.stays) = (recording.levels, recording.stays);
        self.strata = if recording.by_cohort { network.cohorts.len() } else { 1 };
        self.by_cohort = if recording.by_cohort { u16::MAX } else { 0 };
        self.cells.resize_with(network.nodes.len() * self.strata, Cell::default);
        self.whole.resize_with(self.strata, Whole::default);
        self.flows.resize(network.flows.len(), 0);
        self.blocked.resize(network.flows.len(), (0, 0));
        self.processes.resize(network.processes.len(), (0, 0));
        for trails in &mut self.trails {
            trails.resize_with(network.nodes.len(), Trail::default);
            for trail in trails.iter_mut() {
                trail.now = 0;
            }
        }
        self.census.clear();
        self.rows.clear();
        self.restart(start);
    }

    /// Forgets what was measured until now, but not who is where: measuring begins.
    pub fn restart(&mut self, now: Time) {
        for cell in &mut self.cells {
            (cell.joined, cell.lost) = (0, 0);
            (cell.occupied, cell.waiting, cell.blocked) = (0, 0, 0);
            (cell.process, cell.window, cell.window_people) = (0, 0, 0);
            cell.wait.clear();
            cell.length.clear();
        }
        for whole in &mut self.whole {
            (whole.entered, whole.inside) = (0, 0);
            whole.time.clear();
        }
        for trails in &mut self.trails {
            for trail in trails.iter_mut() {
                trail.since = now;
                trail.time_at.fill(0);
            }
        }
        self.flows.fill(0);
        self.blocked.fill((0, 0));
        self.processes.fill((0, 0));
        self.rows.clear();
    }

    /// The cell of a cohort at a node.
    #[inline(always)]
    fn cell(&mut self, node: NodeId, cohort: SmallCohort) -> &mut Cell {
        let stratum = usize::from(cohort.0 & self.by_cohort);
        &mut self.cells[node.index() * self.strata + stratum]
    }

    #[inline(always)]
    fn of_cohort(&mut self, cohort: SmallCohort) -> &mut Whole {
        &mut self.whole[usize::from(cohort.0 & self.by_cohort)]
    }

    /// Whether the share of time at each level is measured.
    pub fn levels_measured(&self) -> bool {
        self.levels
    }

    /// Strata in which cells are kept: cohorts, or one for everyone.
    pub fn strata(&self) -> usize {
        self.strata
    }

    /// Numbers of people at a node change by one.
    #[inline(always)]
    fn step<const N: usize>(&mut self, levels: [Level; N], node: NodeId, up: bool, now: Time) {
        if self.levels {
            for level in levels {
                let trail = &mut self.trails[level as usize][node.index()];
                trail.move_to(if up { trail.now + 1 } else { trail.now - 1 }, now);
            }
        }
    }

    /// A patient comes in from outside.
    #[inline(always)]
    pub fn entered(&mut self, cohort: SmallCohort, flow: u32, now: Time) {
        self.flows[flow as usize] += 1;
        let whole = self.of_cohort(cohort);
        whole.entered += 1;
        whole.inside -= now;
    }

    /// A patient goes out.
    #[inline(always)]
    pub fn went_out(&mut self, patient: &Patient, now: Time) {
        let whole = self.of_cohort(patient.cohort);
        whole.inside += now;
        whole.time.add(now - patient.entered);
    }

    /// A patient comes to a node, into its queue or a place.
    #[inline(always)]
    pub fn joined(&mut self, node: NodeId, cohort: SmallCohort) {
        self.cell(node, cohort).joined += 1;
    }

    /// A patient begins to wait in the queue or waiting room.
    #[inline(always)]
    pub fn waits(&mut self, node: NodeId, cohort: SmallCohort, now: Time) {
        self.cell(node, cohort).waiting -= now;
        self.step([Level::Waiting, Level::Present], node, true, now);
    }

    /// A patient no longer waits there.
    #[inline(always)]
    pub fn waited(&mut self, node: NodeId, cohort: SmallCohort, now: Time) {
        self.cell(node, cohort).waiting += now;
        self.step([Level::Waiting, Level::Present], node, false, now);
    }

    /// A patient is turned away: the queue is full.
    pub fn turned_away(&mut self, patient: &Patient) {
        self.cell(patient.node, patient.cohort).lost += 1;
        self.flows[patient.flow as usize] += 1;
    }

    /// A patient takes a place.
    #[inline(always)]
    pub fn started(&mut self, node: NodeId, cohort: SmallCohort, wait: i64, now: Time) {
        let cell = self.cell(node, cohort);
        cell.occupied -= now;
        cell.wait.add(wait);
        self.step([Level::Occupied, Level::Present], node, true, now);
    }

    /// A delay by process begins or ends.
    pub fn process(&mut self, patient: &Patient, process: u32, begins: bool, now: Time) {
        let sign = if begins { -now } else { now };
        self.cell(patient.node, patient.cohort).process += sign;
        let (time, people) = &mut self.processes[process as usize];
        *time += sign;
        *people += u64::from(begins);
    }

    /// A patient becomes blocked, or is blocked no longer.
    #[inline]
    pub fn blocked(&mut self, patient: &Patient, begins: bool, now: Time) {
        let sign = if begins { -now } else { now };
        self.cell(patient.node, patient.cohort).blocked += sign;
        let (time, people) = &mut self.blocked[patient.flow as usize];
        *time += sign;
        // Who is assigned a place at the very instant of seeking it was not delayed.
        *people += u64::from(!begins && now > patient.joined);
        self.step([Level::Blocked], patient.node, begins, now);
    }

    /// A patient begins to wait for a window, or waits no longer.
    pub fn window(&mut self, patient: &Patient, begins: bool, now: Time) {
        let sign = if begins { -now } else { now };
        let cell = self.cell(patient.node, patient.cohort);
        cell.window += sign;
        cell.window_people += u64::from(begins);
    }

    /// A patient leaves a place.
    #[inline(always)]
    pub fn left(&mut self, patient: &Patient, now: Time) {
        let cell = self.cell(patient.node, patient.cohort);
        cell.occupied += now;
        cell.length.add(now - patient.started);
        self.flows[patient.flow as usize] += 1;
        self.step([Level::Occupied, Level::Present], patient.node, false, now);
    }

    /// Whether a row is kept for each visit.
    #[inline(always)]
    pub fn keeps_rows(&self) -> bool {
        self.stays
    }

    /// Takes the census of a node: people in places, waiting, and blocked.
    pub fn take_census(&mut self, people: [u32; CENSUS_LEVELS]) {
        self.census.extend(people);
    }

    /// Adds the last instant for a patient still inside.
    pub fn still_inside(&mut self, patient: &Patient, process: Option<u32>, end: Time) {
        self.of_cohort(patient.cohort).inside += end;
        let cell = self.cell(patient.node, patient.cohort);
        match patient.status {
            Status::Waiting => cell.waiting += end,
            Status::InStay => cell.occupied += end,
            Status::InProcess => {
                cell.occupied += end;
                cell.process += end;
                if let Some(process) = process {
                    self.processes[process as usize].0 += end;
                }
            }
            Status::Blocked => {
                cell.occupied += end;
                cell.blocked += end;
                self.blocked[patient.flow as usize].0 += end;
            }
            Status::Window => {
                cell.occupied += end;
                cell.window += end;
            }
        }
    }

    /// Ends the measuring of levels.
    pub fn finish(&mut self, end: Time) {
        if !self.levels {
            return;
        }
        for trails in &mut self.trails {
            for trail in trails.iter_mut() {
                trail.move_to(trail.now, end);
            }
        }
    }
}
