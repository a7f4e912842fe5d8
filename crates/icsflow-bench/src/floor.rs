//! The floor: `W3` written by hand for that one model, as fast as it will go.
//!
//! Patients are counted, not kept: an event says which stay ends and nothing else, a queue of
//! blocked patients who are all alike is a number, and only the wait for the emergency department
//! (ED) has a time for each of them. Where a patient goes next is drawn when the stay begins, so
//! that the kind of an event settles both which place and which way. Time is counted in widths of
//! a bucket of the wheel. The next arrival stays beside the wheel.

use crate::pathway::{
    ADMITTED, ARRIVALS_A_DAY, CAPACITY, DISCHARGED_TO, MEASURED, Replication, STAY, WARM_UP,
};
use crate::sampler::{Lognormal, Sampler};
use crate::wheel::{START, Wheel};
use std::collections::VecDeque;

/// Four or five ends of stay in a bucket; from 48 to 128 buckets a day cost about the same.
const UNITS_A_DAY: f64 = 64.0;
/// Mean time between arrivals.
const GAP: f64 = UNITS_A_DAY / ARRIVALS_A_DAY;

// Kinds of events.
const ED_LEAVES: u64 = 0;
const ED_ADMITTED: u64 = 1;
const WARD_LEAVES: u64 = 2;
// One for each place downstream: rehabilitation, home care, care home.
const WARD_TO_DOWNSTREAM: u64 = 3;
const DOWNSTREAM_ENDS: u64 = 6;
const END_OF_BUCKET: u64 = 9;

/// The hand-written program; its memory is kept from one replication to the next.
#[derive(Debug)]
pub struct Floor {
    wheel: Wheel,
    queue: VecDeque<f64>,
}

impl Default for Floor {
    fn default() -> Self {
        Self::new()
    }
}

impl Floor {
    /// Sets up the memory.
    #[must_use]
    pub fn new() -> Self {
        Self { wheel: Wheel::new(END_OF_BUCKET), queue: VecDeque::with_capacity(4096) }
    }

    /// Runs one replication from empty.
    #[must_use]
    pub fn replicate(&mut self, seed: u64, replication: u64) -> Replication {
        self.wheel.clear();
        self.queue.clear();
        Run {
            wheel: &mut self.wheel,
            queue: &mut self.queue,
            sampler: Sampler::new(seed, replication),
            stay: STAY.map(|(mean, sd)| Lognormal::new(mean * UNITS_A_DAY, sd * UNITS_A_DAY)),
            ed_free: CAPACITY[0],
            ed_blocked: 0,
            ward_free: CAPACITY[1],
            downstream_free: [CAPACITY[2], CAPACITY[3], CAPACITY[4]],
            downstream_awaited: [0; 3],
            occupied: [0.0; 5],
            delayed: 0.0,
            waited: 0.0,
        }
        .run()
    }
}

struct Run<'a> {
    wheel: &'a mut Wheel,
    /// Times of arrival of those who wait for the ED.
    queue: &'a mut VecDeque<f64>,
    sampler: Sampler,
    stay: [Lognormal; 5],
    ed_free: u32,
    /// Patients in the ED who wait for a bed on the ward.
    ed_blocked: u32,
    ward_free: u32,
    downstream_free: [u32; 3],
    /// Patients on the ward who wait for each place downstream.
    downstream_awaited: [u32; 3],
    /// For each place, the times at which patients left less the times at which they came: with
    /// the time of the end for everyone still there, this is the time occupied.
    occupied: [f64; 5],
    /// The same for the ward beds of patients who wait for a place downstream.
    delayed: f64,
    waited: f64,
}

impl Run<'_> {
    fn run(mut self) -> Replication {
        let warm = START + WARM_UP * UNITS_A_DAY;
        let last = START + (WARM_UP + MEASURED) * UNITS_A_DAY;
        let mut stop = warm;
        let mut arrival = START + self.sampler.exponential() * GAP;
        // Drawn one ahead: the comparison of the arrival with the wheel need not wait for a draw.
        let mut next_gap = self.sampler.exponential() * GAP;
        let mut arrivals: u64 = 0;
        let mut entered_before = 0;
        'event: loop {
            let event = self.wheel.front();
            let now;
            // An event frees at most one place of each sort, from the end of the pathway to its
            // beginning: the cascade is a straight line, which each kind of event joins where it
            // belongs, and a stay in the ED begins at one place in the code.
            'start_ed: {
                'ed_falls_free: {
                    'start_ward: {
                        'ward_falls_free: {
                            if arrival < event.time {
                                now = arrival;
                                arrivals += 1;
                                arrival += next_gap;
                                next_gap = self.sampler.exponential() * GAP;
                                if self.ed_free == 0 {
                                    self.queue.push_back(now);
                                    continue 'event;
                                }
                                self.ed_free -= 1;
                                self.occupied[0] -= now;
                                break 'start_ed;
                            }
                            now = event.time;
                            let kind = event.kind();
                            if kind == END_OF_BUCKET {
                                self.wheel.advance();
                                // The warm-up and the run end with a bucket.
                                if now == stop {
                                    if stop == last {
                                        break 'event;
                                    }
                                    stop = last;
                                    entered_before = arrivals - self.queue.len() as u64;
                                    self.start_measuring(now);
                                }
                                continue 'event;
                            }
                            self.wheel.pop();
                            if kind == ED_LEAVES {
                                break 'ed_falls_free;
                            }
                            if kind == ED_ADMITTED {
                                if self.ward_free == 0 {
                                    self.ed_blocked += 1;
                                    continue 'event;
                                }
                                self.ward_free -= 1;
                                self.occupied[1] -= now;
                                break 'start_ward;
                            }
                            if kind == WARD_LEAVES {
                                break 'ward_falls_free;
                            }
                            let place;
                            if kind < DOWNSTREAM_ENDS {
                                place = (kind - WARD_TO_DOWNSTREAM) as usize;
                                if self.downstream_free[place] == 0 {
                                    self.downstream_awaited[place] += 1;
                                    self.delayed -= now;
                                    continue 'event;
                                }
                                self.downstream_free[place] -= 1;
                                self.occupied[place + 2] -= now;
                            } else {
                                place = (kind - DOWNSTREAM_ENDS) as usize;
                                if self.downstream_awaited[place] == 0 {
                                    self.downstream_free[place] += 1;
                                    self.occupied[place + 2] += now;
                                    continue 'event;
                                }
                                self.downstream_awaited[place] -= 1;
                                self.delayed += now;
                            }
                            self.start_downstream(now, place);
                        }
                        if self.ed_blocked == 0 {
                            self.ward_free += 1;
                            self.occupied[1] += now;
                            continue 'event;
                        }
                        self.ed_blocked -= 1;
                    }
                    self.start_ward(now);
                }
                let Some(came) = self.queue.pop_front() else {
                    self.ed_free += 1;
                    self.occupied[0] += now;
                    continue 'event;
                };
                self.waited += now - came;
            }
            self.start_ed(now);
        }
        self.finish(last, arrivals, entered_before)
    }

    #[inline(always)]
    fn start_ed(&mut self, now: f64) {
        let kind = u64::from(self.sampler.bits() < ADMITTED);
        let stay = self.sampler.lognormal(&self.stay[0]);
        self.wheel.push(now + stay, ED_LEAVES + kind);
    }

    #[inline(always)]
    fn start_ward(&mut self, now: f64) {
        let bits = self.sampler.bits();
        let [rehab, home_care, care_home] = DISCHARGED_TO;
        let kind = if bits < care_home {
            WARD_TO_DOWNSTREAM + u64::from(bits >= rehab) + u64::from(bits >= home_care)
        } else {
            WARD_LEAVES
        };
        let stay = self.sampler.lognormal(&self.stay[1]);
        self.wheel.push(now + stay, kind);
    }

    #[inline(always)]
    fn start_downstream(&mut self, now: f64, place: usize) {
        let stay = self.sampler.lognormal(&self.stay[place + 2]);
        self.wheel.push(now + stay, DOWNSTREAM_ENDS + place as u64);
    }

    /// How many patients each place holds.
    fn patients(&self) -> [u32; 5] {
        let [rehab, home_care, care_home] = self.downstream_free;
        let free = [self.ed_free, self.ward_free, rehab, home_care, care_home];
        std::array::from_fn(|place| CAPACITY[place] - free[place])
    }

    /// Begins the sums anew, as if everyone present had come now.
    fn start_measuring(&mut self, now: f64) {
        self.occupied = self.patients().map(|patients| -now * f64::from(patients));
        self.delayed = -now * f64::from(self.downstream_awaited.iter().sum::<u32>());
        self.waited = 0.0;
    }

    fn finish(self, now: f64, arrivals: u64, entered_before: u64) -> Replication {
        let patients = self.patients();
        let awaited: u32 = self.downstream_awaited.iter().sum();
        let entered = arrivals - self.queue.len() as u64 - entered_before;
        // Whoever has a place and is not blocked has an end of stay to come.
        let pending = patients.iter().sum::<u32>() - self.ed_blocked - awaited;
        Replication {
            occupied: std::array::from_fn(|place| {
                (self.occupied[place] + now * f64::from(patients[place])) / UNITS_A_DAY / MEASURED
            }),
            delayed_bed_days: (self.delayed + now * f64::from(awaited)) / UNITS_A_DAY,
            ed_wait: self.waited / UNITS_A_DAY / entered as f64,
            events: arrivals + self.wheel.pushed() - u64::from(pending),
        }
    }
}
