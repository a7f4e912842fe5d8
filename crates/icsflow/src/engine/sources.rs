//! Sources: the next arrival of each, kept beside the calendar.
//!
//! An arrival comes last at its instant, so the earliest of them need only be compared with the next
//! event of the calendar, and never stands in it.

use serde::{Deserialize, Serialize};

use super::calendar::{Event, Rank};
use super::known::{Known, Unknown};
use super::simulation::Run;
use crate::network::network::{NO_LIST, Network, Process, Source};
use crate::network::rate::Rate;
use crate::network::sampler::Sampler;
use crate::network::week::{Rota, Turn};
use crate::rng::{Draw, PatientKey, PatientRoot, SourceKey};
use crate::time::Time;

/// Beyond every run: from here on nobody comes.
const END: Time = Time::MAX / 2;

/// A list of given values has no more of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exhausted {
    /// The position of the list.
    pub list: u32,
}

/// The state of every source.
#[derive(Debug)]
pub struct Sources<'n> {
    states: Vec<State<'n>>,
    /// The next arrival of all.
    first: Event,
    /// The next arrivals of the other sources, a binary heap by order of events.
    others: Vec<Event>,
}

impl Default for Sources<'_> {
    fn default() -> Self {
        Sources { states: Vec::new(), first: Event::NEVER, others: Vec::new() }
    }
}

/// The state of a source.
#[derive(Debug)]
pub struct State<'n> {
    /// The source as compiled.
    pub spec: &'n Source,
    key: SourceKey,
    /// The root of the arrival that is due; also that of its patient, if nobody comes along.
    due: PatientRoot,
    /// Times of arrival so far.
    arrivals: u64,
    /// People so far.
    people: u64,
    /// How far the timetable has been used: single times, and times of the week.
    once: usize,
    weekly: Turn,
    /// Of a source that has a rate: the arrival behind the one that is due, its time and root. It is drawn
    /// one ahead, so that the loop, which asks whether an arrival or an event is next, waits for no draw.
    ahead: (Time, PatientRoot),
}

/// Where a source stands; see [`State`].
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Kept {
    key: SourceKey,
    due: PatientRoot,
    arrivals: u64,
    people: u64,
    once: usize,
    weekly: Turn,
    /// The next arrival.
    next: Event,
}

impl<'n> Sources<'n> {
    /// Begins a replication at `start`.
    pub fn clear(
        &mut self,
        network: &'n Network,
        run: &Run,
        start: Time,
        seq: &mut u32,
        lists: &mut [u32],
    ) -> Result<(), Exhausted> {
        self.states.clear();
        self.others.clear();
        for (i, (source, name)) in network.sources.iter().zip(&network.source_names).enumerate() {
            let weekly = match &source.process {
                Process::Timetable { weekly, .. } => weekly.first(start),
                _ => (0, 0),
            };
            let key = run.key(name);
            // Of what was recorded, what lies before the beginning is left out.
            let before = match &source.process {
                Process::Timetable { once, .. } => once.partition_point(|time| *time < start),
                _ => 0,
            };
            let due = key.patient(before as u64).root();
            self.states.push(State {
                spec: source,
                key,
                due,
                arrivals: before as u64,
                people: before as u64,
                once: before,
                weekly,
                ahead: (Time::MAX, due),
            });
            self.states[i].look_ahead(start);
            let time = self.states[i].following::<Unknown>(start, lists)?;
            self.others.push(Event::new(time, Rank::Arrival, i as u32, *seq));
            *seq += 1;
        }
        self.line_up();
        Ok(())
    }

    /// Finds the first of all pending arrivals, which stand among the others.
    fn line_up(&mut self) {
        // In order, they are a heap.
        self.others.sort_unstable();
        self.first = if self.others.is_empty() { Event::NEVER } else { self.others.remove(0) };
    }

    /// Where every source stands.
    pub fn keep(&self) -> Vec<Kept> {
        let mut pending: Vec<Event> = self.pending().collect();
        pending.sort_unstable_by_key(|event| event.slot());
        let keep = |(state, next): (&State<'_>, Event)| {
            let State { spec, key, due, arrivals, people, once, weekly, ahead: _ } = *state;
            // Where everybody comes alone, arrivals are people: all but the one that is due.
            let people = if spec.plain { arrivals - 1 } else { people };
            Kept { key, due, arrivals, people, once, weekly, next }
        };
        self.states.iter().zip(pending).map(keep).collect()
    }

    /// Takes up a replication at `at`. Streams that a scenario adds behind those that were kept have
    /// brought nobody until then: they are followed to that instant. Tells how many candidates that were.
    pub fn take_up(
        &mut self,
        network: &'n Network,
        run: &Run,
        kept: Vec<Kept>,
        at: Time,
        seq: &mut u32,
        lists: &mut [u32],
    ) -> Result<u64, Exhausted> {
        self.clear(network, run, -run.warm_up, &mut 0, lists)?;
        let mut pending: Vec<Event> = self.pending().collect();
        pending.sort_unstable_by_key(|event| event.slot());
        for (i, kept) in kept.iter().enumerate() {
            let Kept { key, due, arrivals, people, once, weekly, next } = *kept;
            let State { spec, ahead, .. } = self.states[i];
            self.states[i] = State { spec, key, due, arrivals, people, once, weekly, ahead };
            self.states[i].look_ahead(next.time);
            pending[i] = next;
        }
        let mut followed = 0;
        for (i, state) in self.states.iter_mut().enumerate().skip(kept.len()) {
            let mut time = pending[i].time;
            while time < at {
                followed += 1;
                state.people += state.batch(lists)?;
                time = state.following::<Unknown>(time, lists)?;
            }
            pending[i] = Event::new(time, Rank::Arrival, i as u32, *seq);
            *seq += 1;
        }
        self.others = pending;
        self.line_up();
        Ok(followed)
    }

    /// The next arrival of all.
    #[inline(always)]
    pub fn peek(&self) -> Event {
        self.first
    }

    /// The state of a source.
    #[inline(always)]
    pub fn state(&mut self, source: u32) -> &mut State<'n> {
        &mut self.states[source as usize]
    }

    /// Puts the arrival that follows the next one of all in its place: it is of the same source.
    #[inline(always)]
    pub fn follow(&mut self, following: Event) {
        self.first = following;
        if !self.others.is_empty() {
            self.sort_in();
        }
    }

    /// The first of all may no longer be so.
    #[inline(never)]
    fn sort_in(&mut self) {
        if self.others[0].before(self.first) {
            std::mem::swap(&mut self.first, &mut self.others[0]);
            self.sift();
        }
    }

    /// The next arrival of every source.
    pub fn pending(&self) -> impl Iterator<Item = Event> {
        let first = Some(self.first).filter(|_| !self.states.is_empty());
        first.into_iter().chain(self.others.iter().copied())
    }

    /// Gives a pending arrival another sequence. Called for all of them, in their order.
    pub fn renumber(&mut self, event: Event, seq: u32) {
        let mut all = std::iter::once(&mut self.first).chain(&mut self.others);
        if let Some(pending) = all.find(|pending| pending.slot() == event.slot()) {
            *pending = pending.with_seq(seq);
        }
    }

    /// Moves the first of the heap to where it belongs.
    fn sift(&mut self) {
        let (heap, mut at) = (&mut self.others[..], 0);
        while let Some(left) = heap.get(2 * at + 1).copied() {
            let right = heap.get(2 * at + 2).copied().unwrap_or(Event::NEVER);
            let least = if right.before(left) { 2 * at + 2 } else { 2 * at + 1 };
            if !heap[least].before(heap[at]) {
                return;
            }
            heap.swap(at, least);
            at = least;
        }
    }
}

impl State<'_> {
    /// When the next arrival comes.
    #[inline(always)]
    pub fn following<K: Known>(&mut self, now: Time, lists: &mut [u32]) -> Result<Time, Exhausted> {
        let spec = self.spec;
        Ok(match &spec.process {
            Process::Poisson(rate) => {
                let (time, root) = self.ahead;
                (self.due, self.arrivals) = (root, self.arrivals + 1);
                self.ahead = self.behind::<K>(rate, time);
                time
            }
            Process::Renewal { gap, list } => {
                let draw = self.next_root::<K>().draw(spec.gap_purpose, 0);
                renewed(gap, *list, now, draw, lists)
            }
            Process::Timetable { once, weekly } => {
                self.next_root::<K>();
                timetabled(self, once, weekly)
            }
        })
    }

    /// The next arrival is due. Its key.
    fn next_root<K: Known>(&mut self) -> PatientKey {
        self.due = self.key.patient(self.arrivals).root();
        self.arrivals += 1;
        self.due::<K>()
    }

    /// Draws the arrival behind the one that is due at `due`, or behind the beginning.
    fn look_ahead(&mut self, due: Time) {
        if let Process::Poisson(rate) = &self.spec.process {
            self.ahead = self.behind::<Unknown>(rate, due);
        }
    }

    /// Of a source that has a rate: the time and the root of the arrival behind one at `before`, which is
    /// the last that has been counted.
    #[inline(always)]
    fn behind<K: Known>(&self, rate: &Rate, before: Time) -> (Time, PatientRoot) {
        let root = self.key.patient(self.arrivals).root();
        let key = root.mirrored(K::mirror(self.key.mirror()));
        let mut draw = key.draw(self.spec.gap_purpose, 0);
        // Who comes behind the end of all time never does.
        let time = if before < END { rate.next(before, draw.exponential()) } else { before };
        (time, root)
    }

    /// The key and number of the source's next patient.
    pub fn patient(&mut self) -> (PatientKey, u64) {
        let number = self.people;
        self.people += 1;
        (self.key.patient(number), number)
    }

    /// The key and number of the patient of an arrival that is due, where nobody comes in a batch: the
    /// arrival and the patient have one number, and so one key.
    #[inline(always)]
    pub fn lone_patient<K: Known>(&self) -> (PatientKey, u64) {
        (self.due::<K>(), self.arrivals - 1)
    }

    /// The key of the arrival that is due.
    #[inline(always)]
    fn due<K: Known>(&self) -> PatientKey {
        self.due.mirrored(K::mirror(self.key.mirror()))
    }

    /// How many people come together at the arrival that is due.
    pub fn batch(&self, lists: &mut [u32]) -> Result<u64, Exhausted> {
        let spec = self.spec;
        let Some(sampler) = &spec.batch else { return Ok(1) };
        let draw = self.due::<Unknown>().draw(spec.batch_purpose, 0);
        let size = next_value(sampler, spec.batch_list, draw, lists)?;
        Ok(size.max(0.0).round() as u64)
    }
}

#[inline(never)]
fn renewed(gap: &Sampler, list: u32, now: Time, draw: Draw, lists: &mut [u32]) -> Time {
    // A list of gaps that has come to its end brings nobody more.
    let gap = next_value(gap, list, draw, lists);
    gap.map_or(Time::MAX, |gap| now.saturating_add(gap.max(0.0).round() as Time))
}

#[inline(never)]
fn timetabled(state: &mut State<'_>, once: &[Time], weekly: &Rota) -> Time {
    let single = once.get(state.once).copied().unwrap_or(Time::MAX);
    let recurring = weekly.time(state.weekly);
    if single <= recurring {
        state.once += 1;
        return single;
    }
    state.weekly = weekly.behind(state.weekly);
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
