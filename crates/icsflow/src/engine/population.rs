//! Populations: people who are outside until they attend, and outside again once they leave.
//!
//! Each person keeps one slot throughout, and with it key, attributes and counters of visits. Of each
//! reason to attend a clock is kept that runs while the person is outside: time left, or, of a hazard,
//! what is left of an exponential number that is spent at the rate of the moment (F7).

use serde::{Deserialize, Serialize};

use super::calendar::{Calendar, Rank};
use super::known::Unknown;
use super::patients::{Patient, Status};
use super::simulation::{Run, Simulation, Stop};
use crate::ids::{CohortId, NOWHERE};
use crate::network::network::{Network, Place};
use crate::network::population::{How, Population};
use crate::time::Time;

/// Everyone of the populations. Their slots are the first.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct People {
    people: Vec<Person>,
    clocks: Vec<Clock>,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Person {
    /// The population, by position.
    of: u32,
    /// The first of the clocks.
    clocks: u32,
    /// When the clocks were looked at last.
    since: Time,
    /// The clock that is due first.
    due: u32,
    /// Does not come again.
    gone: bool,
}

#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
struct Clock {
    /// Microseconds left, or what is left of the number that the hazard spends; NaN if it is to be drawn.
    left: f64,
    /// What a microsecond takes from it.
    rate: f64,
    /// How often it has been drawn.
    drawn: u32,
}

impl People {
    /// Whether somebody is of a population, and comes again.
    pub(super) fn comes_again(&self, slot: u32) -> bool {
        self.people.get(slot as usize).is_some_and(|person| !person.gone)
    }
}

impl<'n, C: Calendar> Simulation<'n, C> {
    /// At the beginning everyone is outside.
    pub(super) fn begin_populations(&mut self, run: &Run) -> Result<(), Stop> {
        let network: &'n Network = self.network;
        self.people.people.clear();
        self.people.clocks.clear();
        for (of, population) in (0u32..).zip(&network.populations) {
            let name = &network.source_names[population.source.index()];
            let source = run.key(name);
            for number in 0..population.size {
                let key = source.patient(u64::from(number));
                let (slot, _) = self.patients.admit().ok_or(Stop::Crowded)?;
                let u = key.draw(population.cohort_purpose, 0).uniform();
                let cohort = population.mix.iter().find(|(share, _)| u < *share);
                let cohort = cohort.map_or(CohortId(0), |(_, cohort)| *cohort);
                self.patients[slot] = Patient::new(key, NOWHERE, 0, cohort.into(), self.now);
                self.patients[slot].status = Status::Outside;
                let history = self.patients.history_mut(slot);
                history.begin(u64::from(number), population.source);
                self.patients.clear_slot(slot);
                self.draw_attributes(slot, &population.attributes, number);
                let clocks = self.people.clocks.len() as u32;
                let person = Person { of, clocks, since: self.now, due: 0, gone: false };
                self.people.people.push(person);
                for _ in &population.attends {
                    self.people.clocks.push(Clock { left: f64::NAN, ..Clock::default() });
                }
                self.go_outside(slot);
            }
        }
        Ok(())
    }

    fn population_of(&self, slot: u32) -> &'n Population {
        &self.network.populations[self.people.people[slot as usize].of as usize]
    }

    /// Somebody is outside from now on: the clocks run, and the first that is due will count.
    fn go_outside(&mut self, slot: u32) {
        let population = self.population_of(slot);
        let person = self.people.people[slot as usize];
        let key = self.key_of(slot);
        let (mut due, mut first) = (f64::INFINITY, 0);
        for (at, attends) in (0u32..).zip(&population.attends) {
            let index = (person.clocks + at) as usize;
            let Clock { mut left, drawn, .. } = self.people.clocks[index];
            let mut draw = key.draw(attends.purpose, drawn);
            let again = left.is_nan();
            let rate = match &attends.how {
                How::Every(cases, residuals) => {
                    if again {
                        let case = cases.iter().position(|case| self.holds(&case.when, slot));
                        let case = case.unwrap_or(cases.len() - 1);
                        left = match drawn {
                            0 => residuals[case].quantile(draw.uniform()),
                            _ => cases[case].sampler.sample(draw),
                        };
                    }
                    1.0
                }
                How::Hazard(hazard) => {
                    if again {
                        left = draw.exponential();
                    }
                    // Who has no rate, or one below 0, does not attend.
                    let rate = self.value(hazard, slot).max(0.0);
                    rate / self.network.unit.micros() as f64
                }
            };
            self.people.clocks[index] = Clock { left, rate, drawn: drawn + u32::from(again) };
            if left / rate < due {
                (due, first) = (left / rate, at);
            }
        }
        let person = &mut self.people.people[slot as usize];
        (person.since, person.due) = (self.now, first);
        if due.is_finite() {
            let due = self.now.saturating_add(due.max(0.0).round() as Time);
            self.set_timer(slot, due, Rank::Arrival);
        } else {
            self.cancel_timer(slot);
        }
    }

    /// The clocks of somebody outside have run until now.
    fn spend_time_outside(&mut self, slot: u32) {
        let person = &mut self.people.people[slot as usize];
        let elapsed = (self.now - person.since) as f64;
        person.since = self.now;
        let clocks = self.network.populations[person.of as usize].attends.len();
        for clock in &mut self.people.clocks[person.clocks as usize..][..clocks] {
            clock.left = (clock.left - clock.rate * elapsed).max(0.0);
        }
    }

    /// Somebody attends.
    #[cold]
    pub(super) fn attend(&mut self, slot: u32) {
        if self.come_again(slot) {
            return;
        }
        let population = self.population_of(slot);
        self.spend_time_outside(slot);
        let person = self.people.people[slot as usize];
        self.people.clocks[(person.clocks + person.due) as usize].left = f64::NAN;
        let to = population.attends[person.due as usize].to;
        if to.node == NOWHERE {
            // For good, and without having been in the system.
            self.recorder.went(to.flow);
            self.people.people[slot as usize].gone = true;
            return self.patients.release(slot);
        }
        self.come_in_again(slot, to);
    }

    /// Somebody is inside no more who may come again.
    #[cold]
    #[inline(never)]
    pub(super) fn disappear_to_outside(&mut self, slot: u32) {
        if self.leg_goes(slot) {
            return;
        }
        let patient = &mut self.patients[slot];
        let waited = std::mem::replace(&mut patient.status, Status::Outside) == Status::Waiting;
        self.recorder.went_out::<Unknown>(patient.stratum, patient.entered, self.now);
        // Who is out of the system dies no more.
        self.patients.turn_mut(slot).death = u32::MAX;
        let went = self.network.flows[self.patients[slot].flow as usize].to;
        let died = matches!(went, Place::Exit(exit) if self.network.exits[exit as usize] == "died");
        if died || !self.people.comes_again(slot) {
            if !died && !waited && self.will_return(slot) {
                return self.tell_inside();
            }
            if let Some(person) = self.people.people.get_mut(slot as usize) {
                person.gone = true;
            }
            self.patients.release(slot);
        } else {
            self.patients[slot].status = Status::Outside;
            self.go_outside(slot);
        }
        self.tell_inside();
    }
}
