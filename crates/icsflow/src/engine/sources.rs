//! Sources: the next arrival of each, kept beside the calendar.
//!
//! An arrival comes last at its instant, so the earliest of them need only be compared with the next
//! event of the calendar, and never stands in it.

use super::calendar::{Event, Rank};
use crate::network::network::{NO_LIST, Network, Process, Source};
use crate::network::sampler::Sampler;
use crate::rng::{Draw, PatientKey, SourceKey};
use crate::time::{Time, WEEK};

/// A list of given values has no more of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exhausted {
    /// The position of the list.
    pub list: u32,
}

/// The state of every source.
#[derive(Debug, Default)]
pub struct Sources<'n> {
    states: Vec<State<'n>>,
    /// The next arrivals, a binary heap by order of events.
    next: Vec<Event>,
}

#[derive(Debug)]
struct State<'n> {
    spec: &'n Source,
    key: SourceKey,
    /// The key of the arrival that is due; also that of its patient, if nobody comes along.
    due: PatientKey,
    /// Times of arrival so far.
    arrivals: u64,
    /// People so far.
    people: u64,
    /// How far the timetable has been used: single times, and times of the week.
    once: usize,
    weekly: (Time, usize),
}

impl<'n> Sources<'n> {
    /// Begins a replication at `start`.
    pub fn clear(
        &mut self,
        network: &'n Network,
        seed: u64,
        replication: u32,
        start: Time,
        seq: &mut u32,
        lists: &mut [u32],
    ) -> Result<(), Exhausted> {
        self.states.clear();
        self.next.clear();
        for (i, (source, name)) in network.sources.iter().zip(&network.source_names).enumerate() {
            let weekly = match &source.process {
                Process::Timetable { weekly, origin, .. } => {
                    let week = (start + origin).div_euclid(WEEK) * WEEK - origin;
                    (week, weekly.partition_point(|time| week + time < start))
                }
                _ => (0, 0),
            };
            let key = SourceKey::new(seed, replication, name);
            // Of what was recorded, what lies before the beginning is left out.
            let before = match &source.process {
                Process::Timetable { once, .. } => once.partition_point(|time| *time < start),
                _ => 0,
            };
            self.states.push(State {
                spec: source,
                key,
                due: key.patient(before as u64),
                arrivals: before as u64,
                people: before as u64,
                once: before,
                weekly,
            });
            let time = following(&mut self.states[i], start, lists)?;
            self.next.push(Event::new(time, Rank::Arrival, i as u32, *seq));
            *seq += 1;
        }
        for at in (0..self.next.len() / 2).rev() {
            self.sift(at);
        }
        Ok(())
    }

    /// The next arrival of all.
    #[inline]
    pub fn peek(&self) -> Event {
        self.next.first().copied().unwrap_or(Event::NEVER)
    }

    /// Puts the arrival after the next one of its source in its place.
    #[inline(always)]
    pub fn advance(
        &mut self,
        source: u32,
        now: Time,
        seq: u32,
        lists: &mut [u32],
    ) -> Result<(), Exhausted> {
        let time = following(&mut self.states[source as usize], now, lists)?;
        if let Some(first) = self.next.first_mut() {
            *first = Event::new(time, Rank::Arrival, source, seq);
        }
        if self.next.len() > 1 {
            self.sift(0);
        }
        Ok(())
    }

    /// What is known of a source.
    #[inline(always)]
    pub fn spec(&self, source: u32) -> &'n Source {
        self.states[source as usize].spec
    }

    /// The key and number of the source's next patient.
    pub fn patient(&mut self, source: u32) -> (PatientKey, u64) {
        let state = &mut self.states[source as usize];
        let number = state.people;
        state.people += 1;
        (state.key.patient(number), number)
    }

    /// The key and number of the patient of an arrival that is due, where nobody comes in a batch: the
    /// arrival and the patient have one number, and so one key.
    #[inline(always)]
    pub fn lone_patient(&mut self, source: u32) -> (PatientKey, u64) {
        let state = &mut self.states[source as usize];
        (state.due, state.arrivals - 1)
    }

    /// How many people come together at the arrival that is due.
    pub fn batch(&mut self, source: u32, lists: &mut [u32]) -> Result<u64, Exhausted> {
        let state = &self.states[source as usize];
        let spec = state.spec;
        let Some(sampler) = &spec.batch else { return Ok(1) };
        let draw = state.due.draw(spec.batch_purpose, 0);
        let size = next_value(sampler, spec.batch_list, draw, lists)?;
        Ok(size.max(0.0).round() as u64)
    }

    /// The next arrival of every source.
    pub fn pending(&self) -> impl Iterator<Item = Event> {
        self.next.iter().copied()
    }

    /// Gives a pending arrival another sequence. Called for all of them, in their order.
    pub fn renumber(&mut self, event: Event, seq: u32) {
        if let Some(at) = self.next.iter().position(|next| next.slot() == event.slot()) {
            self.next[at] = self.next[at].with_seq(seq);
        }
    }

    fn sift(&mut self, mut at: usize) {
        loop {
            let (left, right) = (2 * at + 1, 2 * at + 2);
            let mut least = at;
            for child in [left, right] {
                if child < self.next.len() && self.next[child].before(self.next[least]) {
                    least = child;
                }
            }
            if least == at {
                return;
            }
            self.next.swap(at, least);
            at = least;
        }
    }
}

/// When the next arrival of a source comes.
#[inline(always)]
fn following(state: &mut State<'_>, now: Time, lists: &mut [u32]) -> Result<Time, Exhausted> {
    let spec = state.spec;
    state.due = state.key.patient(state.arrivals);
    state.arrivals += 1;
    let draw = state.due.draw(spec.gap_purpose, 0);
    Ok(match &spec.process {
        Process::Poisson(rate) => rate.next(now, { draw }.exponential()),
        Process::Renewal { gap, list } => renewed(gap, *list, now, draw, lists),
        Process::Timetable { once, weekly, .. } => timetabled(state, once, weekly),
    })
}

#[inline(never)]
fn renewed(gap: &Sampler, list: u32, now: Time, draw: Draw, lists: &mut [u32]) -> Time {
    // A list of gaps that has come to its end brings nobody more.
    let gap = next_value(gap, list, draw, lists);
    gap.map_or(Time::MAX, |gap| now.saturating_add(gap.max(0.0).round() as Time))
}

#[inline(never)]
fn timetabled(state: &mut State<'_>, once: &[Time], weekly: &[Time]) -> Time {
    let single = once.get(state.once).copied().unwrap_or(Time::MAX);
    let (week, at) = state.weekly;
    let recurring = weekly.get(at).map_or(Time::MAX, |time| week + time);
    if single <= recurring {
        state.once += 1;
        return single;
    }
    let last = at + 1 == weekly.len();
    state.weekly = if last { (week + WEEK, 0) } else { (week, at + 1) };
    recurring
}

/// A value: drawn, or the next of a list.
pub fn next_value(
    sampler: &Sampler,
    list: u32,
    draw: Draw,
    lists: &mut [u32],
) -> Result<f64, Exhausted> {
    let Some(values) = sampler.listed().filter(|_| list != NO_LIST) else {
        return Ok(sampler.sample(draw));
    };
    let at = &mut lists[list as usize];
    let value = values.get(*at as usize).copied().ok_or(Exhausted { list })?;
    *at += 1;
    Ok(value)
}
