//! The life of a patient at simple nodes, in one breath: coming in, the stay, on to the next node or out,
//! and the place to whoever is first in line. Whatever is not so simple goes by the general rules.
//!
//! What is [known](Known) of the whole run is not asked for.

use super::calendar::{Calendar, Event, Rank};
use super::known::Known;
use super::patients::{Patient, Status};
use super::record::Told;
use super::simulation::{NodeState, Run, Simulation, Stop};
use crate::ids::{NOWHERE, NodeId, StratumId};
use crate::network::network::{Simple, Source, Target};
use crate::rng::{Mirror, PatientKey};
use crate::time::Time;

impl Patient {
    /// A stay at a simple node begins, and with it is known where it leads: when it is over, the one
    /// branch that depends on it need not wait for a draw. When the stay ends.
    #[inline(always)]
    pub(super) fn begin_simply(&mut self, simple: &Simple, now: Time, mirror: Mirror) -> Time {
        let ends = simple.stay_ends(now, self.root.mirrored(mirror));
        self.draw_way(simple, mirror);
        ends
    }

    /// Draws where the stay at a simple node leads.
    #[inline(always)]
    pub(super) fn draw_way(&mut self, simple: &Simple, mirror: Mirror) {
        let Target { node, flow } = simple.target(self.root.mirrored(mirror), self.stratum);
        (self.next, self.flow) = (node, flow);
    }
}

impl NodeState<'_> {
    /// A patient takes a place and the stay begins. When it ends.
    #[inline(always)]
    fn begin(
        &mut self,
        simple: &Simple,
        patient: &mut Patient,
        slot: u32,
        now: Time,
        seq: &mut u32,
        mirror: Mirror,
    ) -> Event {
        let ends = patient.begin_simply(simple, now, mirror);
        self.take_in(patient, now, *seq);
        let event = Event::new(ends, Rank::End, slot, *seq);
        *seq += 1;
        event
    }
}

impl<'n, C: Calendar> Simulation<'n, C> {
    /// Whether all patients are alike in a run that has begun.
    pub(super) fn patients_are_alike(&self, run: &Run) -> bool {
        !run.by_general_rules
            && self.told == Told::Together
            && self.mirror == Mirror::NONE
            && !self.patients.carry_more()
            && self.network.deadlock.is_none()
            && self.network.sources.iter().all(|source| source.plain)
    }

    /// An arrival is due: people come in and join their node.
    #[inline(always)]
    pub(super) fn arrive<K: Known>(&mut self, source: u32) {
        let seq = self.next_seq();
        let state = self.sources.state(source);
        let spec = state.spec;
        if !K::ALIKE && !spec.plain {
            return self.arrive_by_rules(source, seq);
        }
        let (key, number) = state.lone_patient::<K>();
        match state.following::<K>(self.now, &mut self.lists) {
            Ok(time) => self.sources.follow(Event::new(time, Rank::Arrival, source, seq)),
            Err(exhausted) => self.give_up(Stop::Exhausted(exhausted)),
        }
        self.come_in::<K>(source, spec, key, number);
    }

    /// A patient comes in from outside.
    #[inline(always)]
    fn come_in<K: Known>(&mut self, source: u32, spec: &Source, key: PatientKey, number: u64) {
        let now = self.now;
        let cohort = spec.only_cohort.unwrap_or_else(|| spec.cohort_of(key));
        let carries_more = !K::ALIKE && self.patients.carry_more();
        let Some((slot, patient)) = self.patients.admit() else {
            return self.give_up(Stop::Crowded);
        };
        let stratum = cohort.into();
        self.recorder.entered::<K>(stratum, spec.flow, now);
        *patient = Patient::new(key, spec.to, spec.flow, stratum, now);
        let state = &mut self.nodes[spec.to.index()];
        match state.simple {
            Some(simple) if !carries_more && state.takes_at_once() => {
                let mirror = K::mirror(self.mirror);
                let event = state.begin(simple, patient, slot, now, &mut self.seq, mirror);
                state.record.joined_and_started::<K>(stratum, now, now);
                self.calendar.push(event);
            }
            Some(_) if !carries_more && !state.has_place() => {
                state.stand::<K>(patient, now);
                self.lines.join(state.spec.first_line, slot, &mut self.patients);
            }
            _ => self.come_to_first_node(slot, source, spec.to, number),
        }
    }

    /// The stay is over.
    #[inline(always)]
    pub(super) fn stay_over<K: Known>(&mut self, slot: u32) {
        let now = self.now;
        let (patient, free) = self.patients.one_and_free(slot);
        let (node, next) = (patient.node, patient.next);
        if self.nodes[node.index()].simple.is_none() {
            return self.stay_over_by_rules(slot);
        }
        if next != NOWHERE {
            return self.go_straight_on::<K>(slot, node, next);
        }
        // What most do: out of the system at once.
        self.recorder.went(patient.flow);
        self.recorder.went_out::<K>(patient.stratum, patient.entered, now);
        patient.behind = std::mem::replace(free, slot);
        let (stratum, started) = (patient.stratum, patient.started);
        self.give_up_simply::<K>(node, stratum, started);
    }

    /// On to the next node at once, if a place is free there that nobody else could have: whoever seeks it,
    /// gets it, leaves this one and starts there, all in one.
    #[inline(always)]
    fn go_straight_on<K: Known>(&mut self, slot: u32, node: NodeId, next: NodeId) {
        let now = self.now;
        let state = &mut self.nodes[next.index()];
        let Some(simple) = state.simple.filter(|_| state.takes_at_once()) else {
            return if K::ALIKE { self.block_simply(slot, node, next) } else { self.seek(slot) };
        };
        if !self.to_assign.is_empty() || self.calendar.peek().time <= now {
            return self.seek(slot);
        }
        let patient = &mut self.patients[slot];
        let (stratum, started, flow) = (patient.stratum, patient.started, patient.flow);
        let mirror = K::mirror(self.mirror);
        let event = state.begin(simple, patient, slot, now, &mut self.seq, mirror);
        (patient.node, patient.joined) = (next, now);
        self.recorder.went(flow);
        state.record.joined_and_started::<K>(stratum, now, now);
        self.calendar.push(event);
        self.give_up_simply::<K>(node, stratum, started);
    }

    /// A place at a simple node is given up by a patient who is elsewhere already: to whoever is first in
    /// line, or to nobody yet.
    #[inline(always)]
    fn give_up_simply<K: Known>(&mut self, node: NodeId, stratum: StratumId, started: Time) {
        let now = self.now;
        let state = &mut self.nodes[node.index()];
        if !state.has_line() {
            state.let_go::<K>(stratum, started, now);
            return;
        }
        let line = state.spec.first_line;
        if let Some(simple) =
            state.simple.filter(|_| K::ALIKE && !state.pending && state.keeps_its_places())
            && self.to_assign.is_empty()
            && self.calendar.peek().time > now
            && let Some(first) = self.lines.first(line)
        {
            if self.patients[first].status != Status::Waiting {
                return self.move_up::<K>(node, started);
            }
            // From one to the other: as many places are taken as before.
            let patient = &mut self.patients[first];
            let event = state.begin(simple, patient, first, now, &mut self.seq, Mirror::NONE);
            state.queue -= 1;
            state.waiting -= 1;
            state.occupied -= 1;
            state.record.handed_over::<K>(started, patient.joined, now);
            self.lines.take_first(line, &mut self.patients);
            return self.calendar.push(event);
        }
        state.let_go::<K>(stratum, started, now);
        if !std::mem::replace(&mut state.pending, true) {
            self.assign_in_turn(node);
        }
    }

    /// The place at the next node is not free: keeps the one here and stands in line for it.
    #[inline(never)]
    fn block_simply(&mut self, slot: u32, node: NodeId, next: NodeId) {
        let now = self.now;
        // Where places have no limit, nobody keeps one.
        let keeps = self.nodes[node.index()].plain != u32::MAX;
        let state = &mut self.nodes[next.index()];
        if !keeps || state.simple.is_none() || state.has_place() {
            return self.seek(slot);
        }
        state.record.joined(StratumId(0));
        state.holding += 1;
        let line = state.spec.first_line;
        let patient = &mut self.patients[slot];
        (patient.joined, patient.status) = (now, Status::Blocked);
        let here = &mut self.nodes[node.index()];
        here.blocked += 1;
        self.recorder.blocked(&mut here.record, patient, true, now);
        self.blame.change(patient.flow, true, now);
        self.lines.join(line, slot, &mut self.patients);
    }

    /// A place at a simple node, taken at `started`, is given up to the first in line, who is blocked
    /// elsewhere and gives up the place there: to the first in line for that, and so on.
    #[inline(never)]
    fn move_up<K: Known>(&mut self, mut node: NodeId, mut started: Time) {
        let now = self.now;
        loop {
            let state = &self.nodes[node.index()];
            let (line, simple) = (state.spec.first_line, state.simple);
            let first = self.lines.first(line);
            // Whoever waits in person gives nothing up.
            let from = first.map_or(node, |first| self.patients[first].node);
            let simple = simple
                .filter(|_| state.keeps_its_places() && self.nodes[from.index()].simple.is_some());
            let (Some(simple), Some(first)) = (simple, first) else {
                return self.go_on_by_rules::<K>(node, started);
            };
            self.lines.take_first(line, &mut self.patients);
            let patient = &mut self.patients[first];
            let blocked = patient.status != Status::Waiting;
            if blocked {
                let there = &mut self.nodes[from.index()];
                there.blocked -= 1;
                self.recorder.blocked(&mut there.record, patient, false, now);
                self.blame.change(patient.flow, false, now);
                self.recorder.went(patient.flow);
                patient.node = node;
            }
            let state = &mut self.nodes[node.index()];
            let before = patient.started;
            let event = state.begin(simple, patient, first, now, &mut self.seq, Mirror::NONE);
            if blocked {
                state.holding -= 1;
                state.record.taken_over(started, patient.joined, now);
            } else {
                (state.queue, state.waiting) = (state.queue - 1, state.waiting - 1);
                state.record.handed_over::<K>(started, patient.joined, now);
            }
            state.occupied -= 1;
            self.calendar.push(event);
            if !blocked {
                return;
            }
            (node, started) = (from, before);
        }
    }

    /// The place is given up, and the rest of them moves up by the general rules.
    #[inline(never)]
    fn go_on_by_rules<K: Known>(&mut self, node: NodeId, started: Time) {
        let state = &mut self.nodes[node.index()];
        state.let_go::<K>(StratumId(0), started, self.now);
        if state.has_line() {
            state.pending = true;
            self.to_assign.push(node.0);
            self.assign_places();
        }
    }

    /// Assigns the free places of a simple node, where one line is all.
    #[inline(always)]
    pub(super) fn assign_simply(&mut self, node: NodeId, simple: &Simple, line: u32) {
        while self.nodes[node.index()].has_place() {
            let Some(slot) = self.lines.take_first(line, &mut self.patients) else { return };
            let (patient, state) = (&mut self.patients[slot], &mut self.nodes[node.index()]);
            if patient.status != Status::Waiting {
                self.give_place(slot, node);
                continue;
            }
            state.queue -= 1;
            state.waiting -= 1;
            state.record.waited_and_started(patient.stratum, patient.joined, self.now);
            let event = state.begin(simple, patient, slot, self.now, &mut self.seq, self.mirror);
            self.calendar.push(event);
        }
    }
}
