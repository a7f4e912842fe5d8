//! Clocks: measured intervals of patients, started, paused and stopped by the moments of their visits.
//!
//! What runs for a patient stands in a [`Ticking`] for each clock of the model. Nothing of this is
//! touched where the model has no clocks.

use serde::{Deserialize, Serialize};

use super::calendar::Calendar;
use super::histogram::Histogram;
use super::patients::Status;
use super::record::{Ending, Lengths};
use super::simulation::Simulation;
use crate::ids::{NodeId, StratumId};
use crate::network::clocks::{Act, Stage};
use crate::network::network::{Network, Place};
use crate::network::ways::Hold;
use crate::time::{Duration, Time};

/// A clock of a patient.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Ticking {
    /// When it started; `None` if it does not run.
    started: Option<Time>,
    /// Where it counts.
    cell: u32,
    /// Length of the pauses that are over.
    paused: Duration,
    /// Since when it pauses, if it does.
    pause: Option<Time>,
}

impl Ticking {
    /// A clock that does not run.
    pub const STILL: Ticking = Ticking { started: None, cell: 0, paused: 0, pause: None };

    /// How long it has run by now, less its pauses.
    fn length(&self, now: Time) -> Option<Duration> {
        let pausing = self.pause.map_or(0, |since| now - since);
        Some(now - self.started? - self.paused - pausing)
    }
}

/// What is measured of a clock at one of the nodes where it starts, in a stratum.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct ClockCell {
    /// Clocks that ran when measuring began.
    pub at_start: u64,
    /// Clocks started.
    pub started: u64,
    /// Clocks that went out of the system with their patient before they stopped.
    pub dropped: u64,
    /// Clocks that run at the end.
    pub at_end: u64,
    /// Lengths of those that stopped.
    pub stopped: Lengths,
    /// Of these, those of at most each target.
    pub within: Vec<u64>,
    /// At the censuses, all together: clocks that ran, by how long they had. No sum: over a year of
    /// censuses of a long list it would not fit into 64 bits.
    pub running: Histogram,
    /// Of these, those that had run for at most each target.
    pub running_within: Vec<u64>,
}

impl ClockCell {
    fn clear(&mut self, targets: usize) {
        (self.at_start, self.started, self.dropped, self.at_end) = (0, 0, 0, 0);
        self.stopped.clear();
        self.running.clear();
        for within in [&mut self.within, &mut self.running_within] {
            within.clear();
            within.resize(targets, 0);
        }
    }
}

/// Counts a length among those of at most each target.
fn count(within: &mut [u64], targets: &[Duration], length: Duration) {
    for (within, target) in within.iter_mut().zip(targets) {
        *within += u64::from(length <= *target);
    }
}

/// What is measured of the clocks: by clock, then node where it starts, then stratum.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct ClockRecord {
    /// The cells.
    pub cells: Vec<ClockCell>,
    /// The first cell of each clock.
    first: Vec<u32>,
    strata: usize,
}

impl ClockRecord {
    /// Begins a replication; `strata` is how many are told apart, 0 if none are.
    pub fn clear(&mut self, network: &Network, strata: usize) {
        self.strata = strata.max(1);
        self.first.clear();
        let mut cells = 0;
        for clock in &network.clocks {
            self.first.push(cells as u32);
            cells += clock.places.len() * self.strata;
        }
        self.cells.resize_with(cells, ClockCell::default);
        self.restart(network);
    }

    /// Forgets what was measured until now.
    pub fn restart(&mut self, network: &Network) {
        for (clock, spec) in network.clocks.iter().enumerate() {
            let first = self.first[clock] as usize;
            for cell in &mut self.cells[first..][..spec.places.len() * self.strata] {
                cell.clear(spec.targets.len());
            }
        }
    }

    fn cell(&self, network: &Network, clock: usize, at: NodeId, of: StratumId) -> Option<u32> {
        let place = network.clocks[clock].place(at)?;
        let stratum = if self.strata == 1 { 0 } else { of.index() };
        Some(self.first[clock] + (place * self.strata + stratum) as u32)
    }
}

impl<C: Calendar> Simulation<'_, C> {
    /// A patient comes into the system: clocks that start on arrival.
    #[cold]
    pub(super) fn clocks_at_arrival(&mut self, slot: u32) {
        let network = self.network;
        for (clock, spec) in network.clocks.iter().enumerate().filter(|(_, spec)| spec.on_arrival) {
            let at = network.nodes[self.patients[slot].node.index()].charged;
            if self.holds(&spec.when, slot) {
                self.start_clock(slot, clock, at);
            }
        }
    }

    /// Moments of the visit of somebody whom the census finds, before the run begins.
    #[cold]
    pub(super) fn clocks_since(&mut self, slot: u32, since: Time, node: NodeId, stages: &[Stage]) {
        if self.network.clocks.is_empty() {
            return;
        }
        let now = std::mem::replace(&mut self.now, since);
        if stages.contains(&Stage::Arrive) {
            self.clocks_at_arrival(slot);
        }
        for stage in stages {
            self.tick(slot, node, *stage);
        }
        self.now = now;
    }

    /// A moment of a patient's visit to a node.
    #[cold]
    #[inline(never)]
    pub(super) fn tick(&mut self, slot: u32, node: NodeId, on: Stage) {
        // What happens on a leg happens to the patient, as long as anybody waits for it.
        let slot = self.joins.patient(slot);
        if self.joins.is_leg(slot) {
            return;
        }
        let network = self.network;
        let node = network.nodes[node.index()].charged;
        let Some(ticks) = network.ticks.get(node.index()) else { return };
        for tick in ticks.iter().filter(|tick| tick.on == on) {
            let (clock, now) = (tick.clock as usize, self.now);
            let ticking = self.patients.ticking_mut(slot, clock);
            match tick.act {
                Act::Stop => self.stop_clock(slot, clock),
                Act::Pause if ticking.started.is_some() => {
                    ticking.pause.get_or_insert(now);
                }
                Act::Resume => {
                    if let Some(since) = ticking.pause.take() {
                        ticking.paused += now - since;
                    }
                }
                Act::Start if ticking.started.is_none() => {
                    if self.holds(&network.clocks[clock].when, slot) {
                        self.start_clock(slot, clock, node);
                    }
                }
                Act::Pause | Act::Start => {}
            }
        }
    }

    fn start_clock(&mut self, slot: u32, clock: usize, at: NodeId) {
        let (stratum, now) = (self.patients[slot].stratum, self.now);
        let Some(cell) = self.recorder.clocks.cell(self.network, clock, at, stratum) else {
            return;
        };
        self.recorder.clocks.cells[cell as usize].started += 1;
        *self.patients.ticking_mut(slot, clock) =
            Ticking { started: Some(now), cell, ..Ticking::STILL };
    }

    fn stop_clock(&mut self, slot: u32, clock: usize) {
        let ticking = std::mem::replace(self.patients.ticking_mut(slot, clock), Ticking::STILL);
        if let Some(length) = ticking.length(self.now) {
            let cell = &mut self.recorder.clocks.cells[ticking.cell as usize];
            let targets = &self.network.clocks[clock].targets;
            cell.stopped.add(length);
            count(&mut cell.within, targets, length);
        }
    }

    /// A visit has ended, and with it perhaps the patient's way through the system.
    pub(super) fn clocks_at_ending(&mut self, slot: u32, ending: Ending) {
        let patient = self.patients[slot];
        let (node, flow) = (patient.node, patient.flow);
        match ending {
            // The patient is still there.
            Ending::Interrupted => return,
            // Has not been there.
            Ending::Balked | Ending::Lost => {}
            _ => self.tick(slot, node, Stage::Leave),
        }
        // Who is on the way out is still in the system.
        let on_the_way = patient.status == Status::Transfer && self.hold_of(slot) == Hold::No;
        if !on_the_way
            && !self.joins.is_leg(slot)
            && matches!(self.network.flows[flow as usize].to, Place::Exit(_))
        {
            self.clocks_at_exit(slot);
        }
    }

    /// A patient goes out of the system.
    #[cold]
    pub(super) fn clocks_at_exit(&mut self, slot: u32) {
        if self.joins.is_leg(slot) {
            return;
        }
        for (clock, spec) in self.network.clocks.iter().enumerate() {
            if spec.on_exit {
                self.stop_clock(slot, clock);
            }
            let ticking = std::mem::replace(self.patients.ticking_mut(slot, clock), Ticking::STILL);
            if ticking.started.is_some() {
                self.recorder.clocks.cells[ticking.cell as usize].dropped += 1;
            }
        }
    }

    /// Looks at every clock that runs.
    fn each_clock(
        &mut self,
        at: Time,
        mut each: impl FnMut(&mut ClockCell, &[Duration], Duration),
    ) {
        let network = self.network;
        if network.clocks.is_empty() {
            return;
        }
        for slot in self.patients.slots() {
            for (clock, spec) in network.clocks.iter().enumerate() {
                let ticking = *self.patients.ticking_mut(slot, clock);
                if let Some(length) = ticking.length(at) {
                    let cell = &mut self.recorder.clocks.cells[ticking.cell as usize];
                    each(cell, &spec.targets, length);
                }
            }
        }
    }

    /// Measuring begins: clocks that run already.
    pub(super) fn clocks_at_start(&mut self) {
        self.each_clock(0, |cell, _, _| cell.at_start += 1);
    }

    /// Measuring ends: clocks that still run.
    pub(super) fn clocks_at_end(&mut self, end: Time) {
        self.each_clock(end, |cell, _, _| cell.at_end += 1);
    }

    /// The census of clocks, at an instant.
    pub(super) fn clocks_at_census(&mut self, at: Time) {
        self.each_clock(at, |cell, targets, length| {
            cell.running.add(length);
            count(&mut cell.running_within, targets, length);
        });
    }
}
