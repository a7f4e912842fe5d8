//! `W3` on desque 0.4.0, in that library's own style: a type for each event.
//!
//! The types carry no data, so that the boxes desque puts them in need no memory, and times are
//! compared by their bits: of the natural ways to write this model, those that suit desque best.
//! Sampler, order of draws and model are those of the floor, so that the two agree from the same
//! seed but for rounding.

use crate::pathway::{
    ADMITTED, ARRIVALS_A_DAY, CAPACITY, DISCHARGED_TO, MEASURED, Replication, STAY, WARM_UP,
};
use crate::sampler::{Lognormal, Sampler};
use desque::serial::{OkEvent, Simulation};
use desque::{SimState, SimTime};
use std::cmp::Ordering;
use std::collections::VecDeque;

/// Days since the start.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Time(f64);

impl Eq for Time {}

impl PartialOrd for Time {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Time {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.to_bits().cmp(&other.0.to_bits())
    }
}

impl SimTime for Time {}

#[derive(Debug)]
struct Pathway {
    sampler: Sampler,
    /// The gap after the next arrival, drawn one ahead as in the floor.
    gap: f64,
    stay: [Lognormal; 5],
    queue: VecDeque<f64>,
    free: [u32; 5],
    /// Patients blocked in the ED.
    ed_blocked: u32,
    /// Ward patients who wait for each place.
    awaited: [u32; 5],
    /// Times of leaving less times of entering, as in the floor.
    occupied: [f64; 5],
    delayed: f64,
    waited: f64,
    entered: u64,
    events: u64,
    measured: Replication,
    complete: bool,
}

impl SimState<Time> for Pathway {
    fn is_complete(&self, _: &Time) -> bool {
        self.complete
    }
}

type Sim = Simulation<Pathway, Time>;

const ED: usize = 0;
const WARD: usize = 1;

#[derive(Debug)]
struct Arrival;
#[derive(Debug)]
struct EdLeaves;
#[derive(Debug)]
struct EdAdmitted;
#[derive(Debug)]
struct WardLeaves;
#[derive(Debug)]
struct WardTo<const PLACE: usize>;
#[derive(Debug)]
struct DownstreamEnds<const PLACE: usize>;
#[derive(Debug)]
struct WarmUpEnds;
#[derive(Debug)]
struct RunEnds;

fn schedule<E: OkEvent<Pathway, Time> + 'static>(sim: &mut Sim, event: E, time: f64) {
    sim.schedule(event, Time(time)).expect("no stay is negative");
}

fn enter(sim: &mut Sim, place: usize) {
    let now = sim.current_time().0;
    let state = sim.state_mut();
    state.free[place] -= 1;
    state.occupied[place] -= now;
}

fn leave(sim: &mut Sim, place: usize) {
    let now = sim.current_time().0;
    let state = sim.state_mut();
    state.free[place] += 1;
    state.occupied[place] += now;
}

fn start_ed(sim: &mut Sim) {
    let now = sim.current_time().0;
    let state = sim.state_mut();
    state.entered += 1;
    let stay = state.stay[ED];
    let admitted = state.sampler.bits() < ADMITTED;
    let end = now + state.sampler.lognormal(&stay);
    if admitted {
        schedule(sim, EdAdmitted, end);
    } else {
        schedule(sim, EdLeaves, end);
    }
}

fn start_ward(sim: &mut Sim) {
    let now = sim.current_time().0;
    let state = sim.state_mut();
    let stay = state.stay[WARD];
    let bits = state.sampler.bits();
    let end = now + state.sampler.lognormal(&stay);
    let [rehab, home_care, care_home] = DISCHARGED_TO;
    if bits >= care_home {
        schedule(sim, WardLeaves, end);
    } else if bits < rehab {
        schedule(sim, WardTo::<2>, end);
    } else if bits < home_care {
        schedule(sim, WardTo::<3>, end);
    } else {
        schedule(sim, WardTo::<4>, end);
    }
}

fn start_downstream<const PLACE: usize>(sim: &mut Sim) {
    let now = sim.current_time().0;
    let state = sim.state_mut();
    let stay = state.stay[PLACE];
    let end = now + state.sampler.lognormal(&stay);
    schedule(sim, DownstreamEnds::<PLACE>, end);
}

fn vacate_ed(sim: &mut Sim) {
    let now = sim.current_time().0;
    let state = sim.state_mut();
    if let Some(came) = state.queue.pop_front() {
        state.waited += now - came;
        start_ed(sim);
    } else {
        leave(sim, ED);
    }
}

fn vacate_ward(sim: &mut Sim) {
    let state = sim.state_mut();
    if state.ed_blocked > 0 {
        state.ed_blocked -= 1;
        start_ward(sim);
        vacate_ed(sim);
    } else {
        leave(sim, WARD);
    }
}

fn schedule_arrival(sim: &mut Sim) {
    let now = sim.current_time().0;
    let state = sim.state_mut();
    let next = now + state.gap;
    state.gap = state.sampler.exponential() * (1.0 / ARRIVALS_A_DAY);
    schedule(sim, Arrival, next);
}

impl OkEvent<Pathway, Time> for Arrival {
    fn execute(&mut self, sim: &mut Sim) {
        let now = sim.current_time().0;
        sim.state_mut().events += 1;
        schedule_arrival(sim);
        if sim.state().free[ED] > 0 {
            enter(sim, ED);
            start_ed(sim);
        } else {
            sim.state_mut().queue.push_back(now);
        }
    }
}

impl OkEvent<Pathway, Time> for EdLeaves {
    fn execute(&mut self, sim: &mut Sim) {
        sim.state_mut().events += 1;
        vacate_ed(sim);
    }
}

impl OkEvent<Pathway, Time> for EdAdmitted {
    fn execute(&mut self, sim: &mut Sim) {
        sim.state_mut().events += 1;
        if sim.state().free[WARD] > 0 {
            enter(sim, WARD);
            start_ward(sim);
            vacate_ed(sim);
        } else {
            sim.state_mut().ed_blocked += 1;
        }
    }
}

impl OkEvent<Pathway, Time> for WardLeaves {
    fn execute(&mut self, sim: &mut Sim) {
        sim.state_mut().events += 1;
        vacate_ward(sim);
    }
}

impl<const PLACE: usize> OkEvent<Pathway, Time> for WardTo<PLACE> {
    fn execute(&mut self, sim: &mut Sim) {
        let now = sim.current_time().0;
        sim.state_mut().events += 1;
        if sim.state().free[PLACE] > 0 {
            enter(sim, PLACE);
            start_downstream::<PLACE>(sim);
            vacate_ward(sim);
        } else {
            let state = sim.state_mut();
            state.awaited[PLACE] += 1;
            state.delayed -= now;
        }
    }
}

impl<const PLACE: usize> OkEvent<Pathway, Time> for DownstreamEnds<PLACE> {
    fn execute(&mut self, sim: &mut Sim) {
        let now = sim.current_time().0;
        let state = sim.state_mut();
        state.events += 1;
        if state.awaited[PLACE] > 0 {
            state.awaited[PLACE] -= 1;
            state.delayed += now;
            start_downstream::<PLACE>(sim);
            vacate_ward(sim);
        } else {
            leave(sim, PLACE);
        }
    }
}

impl OkEvent<Pathway, Time> for WarmUpEnds {
    fn execute(&mut self, sim: &mut Sim) {
        let state = sim.state_mut();
        state.occupied =
            std::array::from_fn(|place| -WARM_UP * f64::from(CAPACITY[place] - state.free[place]));
        state.delayed = -WARM_UP * f64::from(state.awaited.iter().sum::<u32>());
        state.waited = 0.0;
        state.entered = 0;
    }
}

impl OkEvent<Pathway, Time> for RunEnds {
    fn execute(&mut self, sim: &mut Sim) {
        let now = sim.current_time().0;
        let state = sim.state_mut();
        let awaited = f64::from(state.awaited.iter().sum::<u32>());
        state.measured = Replication {
            occupied: std::array::from_fn(|place| {
                let patients = f64::from(CAPACITY[place] - state.free[place]);
                (state.occupied[place] + now * patients) / MEASURED
            }),
            delayed_bed_days: state.delayed + now * awaited,
            ed_wait: state.waited / state.entered as f64,
            events: state.events,
        };
        state.complete = true;
    }
}

/// Runs one replication from empty.
#[must_use]
pub fn replicate(seed: u64, replication: u64) -> Replication {
    let mut sampler = Sampler::new(seed, replication);
    let pathway = Pathway {
        gap: sampler.exponential() * (1.0 / ARRIVALS_A_DAY),
        sampler,
        stay: STAY.map(|(mean, sd)| Lognormal::new(mean, sd)),
        queue: VecDeque::new(),
        free: CAPACITY,
        ed_blocked: 0,
        awaited: [0; 5],
        occupied: [0.0; 5],
        delayed: 0.0,
        waited: 0.0,
        entered: 0,
        events: 0,
        measured: Replication::default(),
        complete: false,
    };
    let mut sim = Simulation::new(pathway, Time(0.0));
    schedule(&mut sim, WarmUpEnds, WARM_UP);
    schedule(&mut sim, RunEnds, WARM_UP + MEASURED);
    schedule_arrival(&mut sim);
    sim.run().expect("no event of this model fails");
    sim.state().measured
}
