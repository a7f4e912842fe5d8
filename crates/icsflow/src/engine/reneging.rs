//! Leaving a line without a place: patience, reviews, going over, being turned away, and where to.

use super::calendar::{Calendar, Event, Rank};
use super::patients::{Appointment, Status, Turn};
use super::record::Ending;
use super::simulation::Simulation;
use crate::ids::{NOWHERE, NodeId};
use crate::network::extras::{Extras, Onward};
use crate::network::network::Target;
use crate::time::Time;

/// How often somebody is sent on within an instant before they are lost: more is a circle of full nodes.
const MOST_HOPS: u32 = 100;

impl<'n, C: Calendar> Simulation<'n, C> {
    // ---- patience and class ---------------------------------------------------------------------

    /// Draws how long a patient waits before giving up, and before the class changes.
    pub(super) fn begin_patience(&mut self, slot: u32, node: NodeId, extras: &'n Extras) {
        let now = self.now;
        let (charged, rules) = self.waits_by(node, extras);
        let patience = rules.patience.as_ref();
        let patience = patience.and_then(|lengths| self.drawn(slot, charged, lengths));
        let turn = self.patients.turn_mut(slot);
        turn.patience = patience.map_or(Time::MAX, |length| now.saturating_add(length));
        turn.changes = 0;
        self.begin_class(slot, node, extras);
    }

    /// Draws how long a patient stays in the present class, and sets the timer of whatever comes first.
    fn begin_class(&mut self, slot: u32, node: NodeId, extras: &'n Extras) {
        let Turn { class, changes, .. } = *self.patients.turn(slot);
        let change = extras.class_changes.iter().find(|change| change.from == class);
        let after = change.and_then(|change| {
            let draw = self.draw_at(slot, node, change.purpose.at(u64::from(changes)));
            self.length(&change.after, change.list, draw)
        });
        let now = self.now;
        let turn = self.patients.turn_mut(slot);
        turn.change = after.map_or(Time::MAX, |length| now.saturating_add(length));
        self.await_first(slot);
    }

    /// Sets the timer of whatever comes first while somebody waits.
    pub(super) fn await_first(&mut self, slot: u32) {
        let turn = self.patients.turn(slot);
        let first = turn.patience.min(turn.change).min(turn.appointment.cancel);
        if first < Time::MAX {
            self.set_timer(slot, first, Rank::Patience);
        } else {
            self.cancel_timer(slot);
        }
    }

    /// Patience is at its end, or the class changes.
    pub(super) fn waited_enough(&mut self, slot: u32) {
        let Turn { line_of: node, patience, class, appointment, .. } = *self.patients.turn(slot);
        let Some(extras) = self.extras(node) else { return };
        if self.now >= patience {
            let (charged, rules) = self.waits_by(node, extras);
            self.leave_line(slot);
            return self.send_on(slot, charged, Ending::Reneged, &rules.renege);
        }
        if self.now >= appointment.cancel {
            return self.cancel_slot(slot);
        }
        if let Some(change) = extras.class_changes.iter().find(|change| change.from == class) {
            self.patients.turn_mut(slot).changes += 1;
            self.change_class(slot, node, change.to);
            self.begin_class(slot, node, extras);
        }
    }

    /// A patient who waits is of another class from now on: behind those who joined earlier.
    fn change_class(&mut self, slot: u32, node: NodeId, to: u32) {
        let from = self.patients.turn(slot).class;
        if from == to {
            return;
        }
        let joined = self.patients[slot].joined;
        let turn = self.patients.turn_mut(slot);
        turn.class = to;
        let booked = turn.appointment.node != NOWHERE;
        let record = &mut self.nodes[node.index()].record;
        record.waited_in_class(from, joined, self.now);
        record.changes_class(to);
        if booked {
            // Whoever has a slot keeps it.
            return record.waits_in_class(to, self.now);
        }
        self.lines.leave(slot, &mut self.patients);
        self.take_up_position(slot, node);
    }

    // ---- reviews and switches -------------------------------------------------------------------

    /// The time of a review has come.
    #[cold]
    pub(super) fn review(&mut self, index: u32) {
        let (node, at) = self.reviews[index as usize];
        let Some(extras) = self.extras(node) else { return };
        let review = &extras.reviews[at as usize];
        self.expect_review(index);
        let round = (self.now - review.at).div_euclid(review.every);
        let in_queue: Vec<u32> = self.in_queue(node).collect();
        for slot in in_queue {
            // A leg may have been stopped by what became of another.
            let waits = self.patients[slot].status == Status::Waiting;
            if !waits || self.patients.turn(slot).line_of != node {
                continue;
            }
            if !review.when.as_ref().is_none_or(|when| self.condition(when, slot)) {
                continue;
            }
            let purpose = review.purpose.at(round as u64);
            let removed =
                review.remove > 0.0 && self.draw_at(slot, node, purpose).uniform() < review.remove;
            if removed {
                self.leave_line(slot);
                self.send_on(slot, node, Ending::Removed, &review.to);
            } else if let Some(class) = review.class
                && class != self.patients.turn(slot).class
            {
                self.change_class(slot, node, class);
                if !self.patients.turn(slot).returned {
                    self.patients.turn_mut(slot).changes += 1;
                    self.begin_class(slot, node, extras);
                }
            }
        }
    }

    /// Puts the next time of a review into the calendar.
    pub(super) fn expect_review(&mut self, index: u32) {
        let (node, at) = self.reviews[index as usize];
        let Some(extras) = self.extras(node) else { return };
        let review = &extras.reviews[at as usize];
        let rounds = (self.now - review.at).div_euclid(review.every) + 1;
        let next = review.at.saturating_add(rounds.saturating_mul(review.every));
        let seq = self.next_seq();
        self.calendar.push(Event::new(next, Rank::Review, index, seq));
    }

    /// Lets go over the first in line who has a reason to, each once in an instant. The others are asked
    /// when this one has come there.
    pub(super) fn let_go_over(&mut self, node: NodeId, extras: &'n Extras) {
        let goes = |slot: u32| {
            let stays = self.patients.turn(slot).switched == self.now;
            let mut switches = extras.switches.iter().filter(|_| !stays);
            Some((slot, switches.find(|switch| self.condition(&switch.when, slot))?))
        };
        let Some((slot, switch)) = self.in_queue(node).find_map(goes) else { return };
        self.patients.turn_mut(slot).switched = self.now;
        self.leave_line(slot);
        self.go_elsewhere(slot, node, Ending::Switched, switch.to);
        self.comes_up(node);
    }

    // ---- going elsewhere ------------------------------------------------------------------------

    /// Turns away, of those in the queue beyond its limit, whoever joined last. Who waits for the first
    /// free of several takes up a place in the queue of the one named first.
    pub(super) fn turn_away_to(&mut self, line: NodeId, extras: &'n Extras) {
        let (node, extras) = self.waits_by(line, extras);
        let pending = |line: &NodeId| self.nodes[line.index()].pending;
        if extras.tickets.iter().any(pending) {
            // Not before every one of the several has been asked for a place.
            return;
        }
        let spec = self.nodes[node.index()].spec;
        loop {
            let state = &self.nodes[node.index()];
            let in_queue = state.in_queue() + self.tickets(node);
            if in_queue - state.supply.returned <= spec.queue_limit {
                return;
            }
            let lines = std::iter::once(&node).chain(&extras.tickets);
            let last = lines.filter_map(|line| self.last_to_join(*line));
            let Some(last) = last.max_by_key(|slot| self.patients.turn(*slot).ticket) else {
                return;
            };
            self.leave_line(last);
            self.send_on(last, node, Ending::Lost, &extras.if_full);
        }
    }

    /// Sends a patient, who stands in no line and holds no place, where those go who end so.
    pub(super) fn send_on(&mut self, slot: u32, node: NodeId, ending: Ending, to: &'n Onward) {
        let target = match to.targets.only() {
            Some(only) => only,
            None => to.targets.pick(self.draw_at(slot, node, to.purpose)),
        };
        self.go_elsewhere(slot, node, ending, target);
    }

    /// A visit ends otherwise than by leaving a place after the stay: the patient goes out, or comes to
    /// another node at this instant.
    pub(super) fn go_elsewhere(&mut self, slot: u32, from: NodeId, ending: Ending, to: Target) {
        if self.network.has_legs {
            self.stop_legs(slot);
        }
        let to = self.fails_to(slot, from, to);
        self.take_referral_back(slot);
        let spec = self.nodes[from.index()].spec;
        let patient = &mut self.patients[slot];
        patient.flow = to.flow;
        self.nodes[spec.charged.index()].record.ended(patient.stratum, ending);
        self.recorder.went(to.flow);
        self.keep_row(slot, Some(self.now), ending);
        if let Some(counter) = spec.revisit {
            self.patients.count_visit(slot, counter);
        }
        self.cancel_timer(slot);
        let node = to.node;
        if node == NOWHERE {
            return self.disappear(slot);
        }
        let now = self.now;
        let turn = self.patients.turn_mut(slot);
        // What was left of a stay belongs to the node left behind.
        (turn.work, turn.segment, turn.earlier) = (None, 0, 0);
        turn.appointment = Appointment::default();
        turn.hops = if turn.hopped == now { turn.hops + 1 } else { 1 };
        turn.hopped = now;
        if turn.hops > MOST_HOPS {
            // Sent round a circle of full nodes: nowhere is a place.
            let lost = self.nodes[node.index()].spec.lost_flow;
            let lost = self.fails_to(slot, node, Target { node: NOWHERE, flow: lost }).flow;
            let patient = &mut self.patients[slot];
            (patient.node, patient.flow, patient.joined) = (node, lost, now);
            let record = &mut self.nodes[node.index()].record;
            record.joined(patient.stratum);
            record.ended(patient.stratum, Ending::Lost);
            self.recorder.went(lost);
            self.keep_row(slot, Some(now), Ending::Lost);
            return self.disappear(slot);
        }
        self.incoming.push_back((slot, node));
        self.comes_up(node);
    }
}
