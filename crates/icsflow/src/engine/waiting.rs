//! Waiting where more than plain rules hold: coming, and where in the line.

use super::calendar::Calendar;
use super::patients::{NOBODY, Reserved, Status, Turn};
use super::record::Ending;
use super::simulation::Simulation;
use crate::ids::{NOWHERE, NodeId};
use crate::network::extras::{Extras, On, Order};

impl<'n, C: Calendar> Simulation<'n, C> {
    // ---- coming ---------------------------------------------------------------------------------

    /// The node or list in whose line people stand who want to come to a node.
    pub(super) fn line_joined(&self, node: NodeId) -> NodeId {
        let own = self.extras(node).and_then(|extras| extras.serves.first());
        own.map_or(node, |serving| serving.line)
    }

    /// A patient who holds no place comes to a node or list with extra rules.
    #[inline(never)]
    pub(super) fn come_to_line(&mut self, slot: u32, node: NodeId) {
        let now = self.now;
        let node = self.line_joined(node);
        let Some(extras) = self.extras(node) else { return };
        let (charged, rules) = self.waits_by(node, extras);
        let referred = self.take_up_referral(slot, node);
        let patient = &mut self.patients[slot];
        let joined = referred.unwrap_or(now);
        (patient.node, patient.joined, patient.status) = (charged, joined, Status::Waiting);
        if referred.is_none() || charged != node {
            self.nodes[charged.index()].record.joined(patient.stratum);
        }
        self.patients.turn_mut(slot).line_of = node;
        if referred.is_none() {
            self.note_joining(slot);
            self.change_on(slot, node, extras, On::Join);
        } else {
            self.note_coming(slot);
        }
        let balks = rules.balk.iter().find(|(when, _)| self.condition(when, slot));
        if let Some((_, share)) = balks
            && (*share >= 1.0 || self.draw_at(slot, charged, rules.balk_purpose).uniform() < *share)
        {
            return self.send_on(slot, charged, Ending::Balked, &rules.balk_to);
        }
        self.wait_in_person(slot, node);
        self.stand_by_order(slot, node, extras);
        self.begin_patience(slot, node, extras);
    }

    /// By whose rules people in a line turn away, are turned away and give up, and at which node that
    /// counts: those of the line itself, or, where people wait for the first free of several, those of
    /// the queue of the one named first (R7).
    pub(super) fn waits_by(&self, line: NodeId, extras: &'n Extras) -> (NodeId, &'n Extras) {
        let charged = self.nodes[line.index()].spec.charged;
        (charged, self.extras(charged).unwrap_or(extras))
    }

    /// People who wait in person for the first free of several nodes, this one named first: they are in
    /// its queue as well.
    pub(super) fn tickets(&self, node: NodeId) -> u32 {
        let lines = self.extras(node).map_or(&[][..], |extras| &extras.tickets);
        lines.iter().map(|line| self.nodes[line.index()].queue).sum()
    }

    /// A patient begins to wait in person in the queue of a node or list.
    pub(super) fn wait_in_person(&mut self, slot: u32, node: NodeId) {
        let state = &mut self.nodes[node.index()];
        state.queue += 1;
        state.waiting += 1;
        let charged = state.spec.charged;
        let stratum = self.patients[slot].stratum;
        self.nodes[charged.index()].record.waits(stratum, self.now);
    }

    // ---- the line -------------------------------------------------------------------------------

    /// Stands a patient, in person or not, in the line of a node or list, where the order says.
    #[inline(never)]
    pub(super) fn stand_by_order(&mut self, slot: u32, node: NodeId, extras: &'n Extras) {
        let spec = self.nodes[node.index()].spec;
        let class = if spec.classes.is_empty() { 0 } else { self.class_of(slot, spec) };
        let (key, ticket) = (self.key(slot, extras), self.ticket(slot));
        let turn = self.patients.turn_mut(slot);
        (turn.line_of, turn.class, turn.ticket, turn.key) = (node, class, ticket, key);
        self.take_up_position(slot, node);
        if let Some(visits) = extras.visits.as_ref().filter(|visits| visits.books) {
            self.book_today(slot, node, visits);
        }
    }

    /// What orders the line of a score that rises with the time waited alike for all: who has more goes
    /// first, whenever the question is asked.
    fn key(&self, slot: u32, extras: &Extras) -> f64 {
        match &extras.order {
            Order::Score { score, slope: Some(slope) } => {
                let joined = self.patients[slot].joined as f64 / self.network.unit.micros() as f64;
                ranked(self.value(score, slot)) - slope * joined
            }
            _ => 0.0,
        }
    }

    /// Puts a patient back into the line whose stay was interrupted: in front of those of the class who
    /// have not started yet, whatever the order (R9).
    pub(super) fn stand_in_front(&mut self, slot: u32, node: NodeId) {
        let Some(extras) = self.extras(node) else { return };
        if matches!(extras.order, Order::Score { .. }) {
            self.patients.turn_mut(slot).key = f64::INFINITY;
        }
        if matches!(extras.order, Order::LastCome) {
            // There the last of the line is in front.
            self.tickets += 1;
            self.patients.turn_mut(slot).ticket = self.tickets;
        }
        self.take_up_position(slot, node);
    }

    /// Puts a patient into the line of the class: behind everyone with a better key or, if equal, an
    /// earlier ticket. Those who look for somebody are asked anew.
    pub(super) fn take_up_position(&mut self, slot: u32, node: NodeId) {
        self.find_position(slot, node);
        if self.patients[slot].status == Status::Waiting {
            let class = self.patients.turn(slot).class;
            self.nodes[node.index()].record.waits_in_class(class, self.now);
        }
        self.ask_servers(node);
    }

    pub(super) fn find_position(&mut self, slot: u32, node: NodeId) {
        let spec = self.nodes[node.index()].spec;
        let line = spec.first_line + self.patients.turn(slot).class;
        self.lines.join_by_rank(line, slot, &mut self.patients);
        let not_before = self.patients.turn(slot).appointment.not_before;
        if not_before > self.now {
            self.is_booked_far(node, not_before);
        }
    }

    /// Takes a patient out of the line, whether in person or not.
    pub(super) fn leave_line(&mut self, slot: u32) -> NodeId {
        let Turn { line_of: node, class, .. } = *self.patients.turn(slot);
        self.lines.leave(slot, &mut self.patients);
        self.give_booking_back(slot, node);
        if self.patients[slot].status == Status::Waiting {
            if self.patients[slot].reserved == Reserved::Room {
                let (patient, state) = (&mut self.patients[slot], &mut self.nodes[node.index()]);
                state.room -= 1;
                state.waiting -= 1;
                patient.reserved = Reserved::Nothing;
                state.record.waited(patient.stratum, self.now);
                state.record.waited_in_class(class, patient.joined, self.now);
                // Who holds a place elsewhere may have that in the room.
                self.comes_up(node);
            } else {
                self.waited_in_person(slot, node);
            }
            let charged = self.nodes[node.index()].spec.charged;
            if self.nodes[charged.index()].spec.shares_queue != 0 {
                // Who holds a place elsewhere may have the waiting place.
                self.comes_up(charged);
            }
        }
        if self.patients.turn(slot).appointment.node != NOWHERE {
            self.strike_out(slot);
        }
        if let Some(extras) = self.extras(node) {
            // Where nobody passes the first in line, it may be the turn of those behind.
            for server in &extras.served_by {
                let visits = self.extras(*server).and_then(|extras| extras.visits.as_ref());
                if visits.is_some_and(|visits| visits.strict) {
                    self.comes_up(*server);
                }
            }
            self.touched(extras);
        }
        node
    }

    /// A patient in the queue waits there in person no more.
    fn waited_in_person(&mut self, slot: u32, node: NodeId) {
        let (patient, turn) = (&self.patients[slot], self.patients.turn(slot));
        let (stratum, joined) = (patient.stratum, patient.joined);
        let (class, returned) = (turn.class, turn.returned);
        let state = &mut self.nodes[node.index()];
        state.queue -= 1;
        state.waiting -= 1;
        state.supply.returned -= u32::from(returned);
        state.record.waited_in_class(class, joined, self.now);
        let charged = state.spec.charged;
        self.nodes[charged.index()].record.waited(stratum, self.now);
        self.patients.turn_mut(slot).returned = false;
    }

    /// Whether anybody stands in the lines of a node or list: not those who have a slot already.
    pub(super) fn in_lines(&self, node: NodeId) -> bool {
        let spec = self.nodes[node.index()].spec;
        let mut lines = spec.first_line..=spec.first_line + spec.classes.len() as u32;
        lines.any(|line| self.lines.first(line).is_some())
    }

    /// Those in a line, from the first on.
    pub(super) fn in_line(&self, line: u32) -> impl Iterator<Item = u32> {
        let known = |slot: u32| Some(slot).filter(|slot| *slot != NOBODY);
        let next = move |slot: &u32| known(self.patients[*slot].behind);
        std::iter::successors(self.lines.first(line), next)
    }

    /// The same, from the last on.
    pub(super) fn in_line_from_behind(&self, line: u32) -> impl Iterator<Item = u32> {
        let known = |slot: u32| Some(slot).filter(|slot| *slot != NOBODY);
        let next = move |slot: &u32| known(self.patients[*slot].ahead);
        std::iter::successors(self.lines.last(line), next)
    }

    /// Whether somebody in a line is in the queue: not elsewhere, and not in the waiting room.
    fn waits_in_queue(&self, slot: u32) -> bool {
        let patient = &self.patients[slot];
        patient.status == Status::Waiting && patient.reserved == Reserved::Nothing
    }

    /// Those of the queue of a node or list who have a slot already: they still wait.
    fn booked_of(&self, node: NodeId) -> impl Iterator<Item = u32> {
        let servers = self.extras(node).into_iter().flat_map(|extras| &extras.served_by);
        let servers = servers.filter_map(|server| self.extras(*server));
        let booked = servers.filter_map(|server| Some(server.slots.as_ref()?.booked_line));
        let booked = booked.flat_map(|line| self.in_line(line));
        booked.filter(move |slot| self.patients.turn(*slot).line_of == node)
    }

    /// Everyone who waits in person in the queue of a node or list, class by class.
    pub(super) fn in_queue(&self, node: NodeId) -> impl Iterator<Item = u32> {
        let spec = self.nodes[node.index()].spec;
        let lines = spec.first_line..=spec.first_line + spec.classes.len() as u32;
        let own = lines.flat_map(|line| self.in_line(line));
        own.filter(|slot| self.waits_in_queue(*slot)).chain(self.booked_of(node))
    }

    /// Whoever of these joined last, and has not been put back.
    pub(super) fn last_to_join(&self, node: NodeId) -> Option<u32> {
        let spec = self.nodes[node.index()].spec;
        let lines = spec.first_line..=spec.first_line + spec.classes.len() as u32;
        let new = |slot: &u32| !self.patients.turn(*slot).returned;
        let ticket = |slot: &u32| self.patients.turn(*slot).ticket;
        let last_of = |line: u32| {
            let mut new = self
                .in_line_from_behind(line)
                .filter(|slot| self.waits_in_queue(*slot) && new(slot));
            // In a line that no score orders they stand as they joined.
            if self.lines.has_places(line) { new.max_by_key(ticket) } else { new.next() }
        };
        lines.filter_map(last_of).chain(self.booked_of(node).filter(new)).max_by_key(ticket)
    }

    // ---- telling the others ---------------------------------------------------------------------

    /// Everyone who gives places to a line has something to decide.
    pub(super) fn ask_servers(&mut self, node: NodeId) {
        if let Some(extras) = self.extras(node) {
            for server in &extras.served_by {
                self.comes_up(*server);
            }
            self.touched(extras);
        }
        self.comes_up(node);
    }

    /// The state of a node has changed: who asks about it to start or to go over is asked anew.
    pub(super) fn touched(&mut self, extras: &'n Extras) {
        for watcher in &extras.watchers {
            self.comes_up(*watcher);
        }
    }

    /// The number of people in the system has changed: who asks about it is asked anew.
    #[cold]
    pub(super) fn tell_inside(&mut self) {
        for watcher in &self.network.inside_watchers {
            self.comes_up(*watcher);
        }
    }
}

/// A score as it ranks: who has none comes last.
pub(super) fn ranked(score: f64) -> f64 {
    if score.is_nan() { f64::NEG_INFINITY } else { score }
}
