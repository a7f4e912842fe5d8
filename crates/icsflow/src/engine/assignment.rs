//! Giving free places to the first in line, under plain rules: first come, or class.

use super::calendar::Calendar;
use super::known::Unknown;
use super::patients::{NOBODY, Reserved, Status};
use super::record::{Ending, NodeRecord};
use super::simulation::Simulation;
use crate::ids::NodeId;
use crate::network::network::Node;

impl<'n, C: Calendar> Simulation<'n, C> {
    // ---- standing in line -----------------------------------------------------------------------

    /// A patient who has just come to a node stands in its line.
    #[inline(never)]
    pub(super) fn wait(&mut self, slot: u32, node: NodeId) {
        if self.extras(node).is_some() {
            return self.come_to_line(slot, node);
        }
        let (patient, state) = (&mut self.patients[slot], &mut self.nodes[node.index()]);
        state.stand::<Unknown>(patient, self.now);
        self.note_joining(slot);
        self.stand_in_line(slot, node);
    }

    /// Stands a patient in the line of a node, by class and time of joining.
    #[inline(always)]
    pub(super) fn stand_in_line(&mut self, slot: u32, node: NodeId) {
        let spec = self.nodes[node.index()].spec;
        if let Some(extras) = &spec.extras {
            return self.stand_by_order(slot, node, extras);
        }
        let class = if spec.classes.is_empty() { 0 } else { self.class_joined(slot, node) };
        self.lines.join(spec.first_line + class, slot, &mut self.patients);
        if spec.queue_limit != u32::MAX {
            self.tickets += 1;
            self.patients.history_mut(slot).ticket = self.tickets;
        }
        // A full node comes up by itself when somebody leaves it.
        if self.nodes[node.index()].has_place()
            || spec.waiting_room > 0
            || spec.queue_limit != u32::MAX
        {
            self.comes_up(node);
        }
    }

    /// The class of a patient who joins the line of a node, and begins to wait in it.
    #[inline(never)]
    fn class_joined(&mut self, slot: u32, node: NodeId) -> u32 {
        let class = self.class_of(slot, self.nodes[node.index()].spec);
        if self.patients[slot].status == Status::Waiting {
            self.nodes[node.index()].record.waits_in_class(class, self.now);
        }
        class
    }

    // ---- giving places --------------------------------------------------------------------------

    /// Assigns the free places of every node that has come up, in that order. A patient who leaves a
    /// place for another frees it: that node comes up in turn.
    pub(super) fn assign_places(&mut self) {
        self.assigning = true;
        let mut next = 0;
        loop {
            while let Some((slot, node)) = self.incoming.pop_front() {
                self.join(slot, node);
            }
            let Some(node) = self.to_assign.get(next).copied() else {
                if self.see_to_suspects() {
                    continue;
                }
                break;
            };
            let node = NodeId(node);
            self.nodes[node.index()].pending = false;
            self.assign(node);
            next += 1;
        }
        self.to_assign.clear();
        self.assigning = false;
    }

    /// A place has fallen free at a node where somebody stands in line: it is given at once, if nothing
    /// comes before that at this instant.
    #[inline(never)]
    pub(super) fn assign_in_turn(&mut self, node: NodeId) {
        let next = self.calendar.peek();
        if !self.to_assign.is_empty() || !self.ends_are_over(next) {
            return self.to_assign.push(node.0);
        }
        self.nodes[node.index()].pending = false;
        self.assigning = true;
        self.assign(node);
        self.assigning = false;
        if !self.to_assign.is_empty() {
            self.assign_places();
        }
    }

    /// Assigns the free places of a node to the first in line; then places in the waiting room to those
    /// who hold a place elsewhere; then turns away who finds the queue full.
    #[inline(always)]
    fn assign(&mut self, node: NodeId) {
        let state = &self.nodes[node.index()];
        match state.simple {
            Some(simple) => self.assign_simply(node, simple, state.spec.first_line),
            None => self.assign_by_plain_rules(node),
        }
    }

    #[inline(never)]
    fn assign_by_plain_rules(&mut self, node: NodeId) {
        let spec = self.nodes[node.index()].spec;
        if let Some(extras) = &spec.extras {
            return self.assign_by_rules(node, extras);
        }
        while self.nodes[node.index()].has_place() {
            let Some(slot) = self.take_first(node, spec) else { break };
            self.give_place(slot, node);
        }
        if spec.waiting_room > 0 {
            self.fill_waiting_room(node, spec);
        }
        while self.nodes[node.index()].in_queue() > spec.queue_limit {
            let Some(slot) = self.last_in_queue(spec) else { break };
            self.turn_away(slot, node);
        }
    }

    /// Gives a place to the first in line, who has just been taken out of it.
    #[inline(never)]
    pub(super) fn give_place(&mut self, slot: u32, node: NodeId) {
        let state = &mut self.nodes[node.index()];
        let patient = &mut self.patients[slot];
        let before = std::mem::replace(&mut patient.reserved, Reserved::Place);
        if patient.status == Status::Waiting {
            let in_room = before == Reserved::Room;
            *(if in_room { &mut state.room } else { &mut state.queue }) -= 1;
            state.waiting -= 1;
            patient.reserved = Reserved::Nothing;
            return self.start(slot, node, NodeRecord::waited_and_started);
        }
        // The patient still holds a place elsewhere: this one is reserved until they come.
        state.reserved += 1;
        if before == Reserved::Room {
            // Free to go already, on the way to the waiting room: now straight to the place.
            state.room -= 1;
            self.record_reserved(slot, true, self.now);
        } else {
            state.holding -= 1;
            self.no_longer_blocked(slot);
            self.clear(slot);
        }
    }

    /// Takes the first by class, then by joining, out of the lines of a node.
    #[inline(always)]
    fn take_first(&mut self, node: NodeId, spec: &Node) -> Option<u32> {
        if spec.classes.is_empty() {
            return self.lines.take_first(spec.first_line, &mut self.patients);
        }
        self.take_best(node, spec)
    }

    #[inline(never)]
    fn take_best(&mut self, node: NodeId, spec: &Node) -> Option<u32> {
        (0..=spec.classes.len() as u32).find_map(|class| {
            let first = self.lines.take_first(spec.first_line + class, &mut self.patients)?;
            let patient = &self.patients[first];
            if patient.status == Status::Waiting {
                let record = &mut self.nodes[node.index()].record;
                record.waited_in_class(class, patient.joined, self.now);
            }
            Some(first)
        })
    }

    // ---- the waiting room -----------------------------------------------------------------------

    /// Gives the free places of a waiting room to those who hold a place elsewhere, as they joined.
    pub(super) fn fill_waiting_room(&mut self, node: NodeId, spec: &Node) {
        loop {
            let state = &self.nodes[node.index()];
            let taken = state.room + ((state.queue + self.tickets(node)) & spec.shares_queue);
            if state.holding == 0 || taken >= spec.waiting_room {
                return;
            }
            let Some(slot) = self.first_holding(spec, state.holding) else { return };
            let state = &mut self.nodes[node.index()];
            state.room += 1;
            state.holding -= 1;
            if let Some(extras) = self.extras(node) {
                self.touched(extras);
            }
            self.patients[slot].reserved = Reserved::Room;
            self.no_longer_blocked(slot);
            self.clear(slot);
        }
    }

    /// The first in line who holds a place elsewhere and none in the waiting room. They joined late, as
    /// a rule, so the search begins at the ends of the lines.
    fn first_holding(&self, spec: &Node, holding: u32) -> Option<u32> {
        for line in spec.first_line..=spec.first_line + spec.classes.len() as u32 {
            let (mut found, mut at, mut left) = (None, self.lines.last(line), holding);
            while let Some(slot) = at.filter(|_| left > 0) {
                let patient = &self.patients[slot];
                if patient.status == Status::Blocked {
                    found = Some(slot);
                    left -= 1;
                }
                at = Some(patient.ahead).filter(|ahead| *ahead != NOBODY);
            }
            if found.is_some() {
                return found;
            }
        }
        None
    }

    // ---- a full queue ---------------------------------------------------------------------------

    /// Of those in the queue, the one who joined last.
    fn last_in_queue(&self, spec: &Node) -> Option<u32> {
        let of_line = |line| {
            let mut at = self.lines.last(line);
            while let Some(slot) = at {
                let patient = &self.patients[slot];
                if patient.status == Status::Waiting && patient.reserved == Reserved::Nothing {
                    return Some(slot);
                }
                at = Some(patient.ahead).filter(|ahead| *ahead != NOBODY);
            }
            None
        };
        let lines = spec.first_line..=spec.first_line + spec.classes.len() as u32;
        lines.filter_map(of_line).max_by_key(|slot| self.patients.history(*slot).ticket)
    }

    #[cold]
    fn turn_away(&mut self, slot: u32, node: NodeId) {
        self.lines.leave(slot, &mut self.patients);
        let (patient, state) = (&mut self.patients[slot], &mut self.nodes[node.index()]);
        state.queue -= 1;
        state.waiting -= 1;
        patient.flow = state.spec.lost_flow;
        state.record.waited(patient.stratum, self.now);
        let class = patient.line - state.spec.first_line;
        state.record.waited_in_class(class, patient.joined, self.now);
        state.record.ended(patient.stratum, Ending::Lost);
        self.recorder.went(patient.flow);
        self.keep_row(slot, Some(self.now), Ending::Lost);
        if let Some(counter) = self.nodes[node.index()].spec.revisit {
            self.patients.count_visit(slot, counter);
        }
        self.disappear(slot);
    }
}
