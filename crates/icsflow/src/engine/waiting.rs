//! Waiting where more than plain rules hold: who turns away, who gives up, who is first, who goes over.

use super::calendar::{Calendar, Event, Rank};
use super::patients::{NOBODY, Reserved, Status, Turn};
use super::record::Ending;
use super::simulation::Simulation;
use crate::ids::{NOWHERE, NodeId};
use crate::network::extras::{Extras, Lengths, Onward, Order};
use crate::network::network::Target;
use crate::rng::Draw;
use crate::time::{Duration, Time};

/// How often somebody is sent on within an instant before they are lost: more is a circle of full nodes.
const MOST_HOPS: u32 = 100;

/// A patient to whom a place may be given: who, from which of the lines, and which kind of place.
#[derive(Clone, Copy, Debug)]
pub(super) struct Claim {
    pub slot: u32,
    /// Position among the lines that the node serves.
    pub serving: usize,
    /// The fence, or [`OPEN`](super::supply::OPEN).
    pub fence: u32,
}

impl<'n, C: Calendar> Simulation<'n, C> {
    #[inline]
    pub(super) fn extras(&self, node: NodeId) -> Option<&'n Extras> {
        self.nodes[node.index()].spec.extras.as_deref()
    }

    /// The node or list in whose line people stand who want to come to a node.
    pub(super) fn line_joined(&self, node: NodeId) -> NodeId {
        let own = self.extras(node).and_then(|extras| extras.serves.first());
        own.map_or(node, |serving| serving.line)
    }

    // ---- coming ----------------------------------------------------------------------------------

    /// A patient who holds no place comes to a node or list with extra rules.
    #[inline(never)]
    pub(super) fn come_to_line(&mut self, slot: u32, node: NodeId) {
        let now = self.now;
        let node = self.line_joined(node);
        let Some(extras) = self.extras(node) else { return };
        let charged = self.nodes[node.index()].spec.charged;
        let patient = &mut self.patients[slot];
        (patient.node, patient.joined, patient.status) = (charged, now, Status::Waiting);
        self.nodes[charged.index()].record.joined(patient.cohort);
        self.note_coming(slot);
        self.patients.turn_mut(slot).line_of = node;
        let balks = extras.balk.iter().find(|(when, _)| self.condition(when, slot));
        if let Some((_, share)) = balks
            && (*share >= 1.0 || self.draw_at(slot, node, extras.balk_purpose).uniform() < *share)
        {
            return self.send_on(slot, node, Ending::Balked, &extras.balk_to);
        }
        self.wait_in_person(slot, node);
        self.stand_by_order(slot, node, extras);
        self.begin_patience(slot, node, extras);
    }

    /// A patient begins to wait in person in the queue of a node or list.
    pub(super) fn wait_in_person(&mut self, slot: u32, node: NodeId) {
        let state = &mut self.nodes[node.index()];
        state.queue += 1;
        state.waiting += 1;
        let charged = state.spec.charged;
        let cohort = self.patients[slot].cohort;
        self.nodes[charged.index()].record.waits(cohort, self.now);
    }

    /// A patient in the queue waits there in person no more.
    fn waited_in_person(&mut self, slot: u32, node: NodeId) {
        let (patient, turn) = (&self.patients[slot], self.patients.turn(slot));
        let (cohort, class, returned) = (patient.cohort, turn.class, turn.returned);
        let state = &mut self.nodes[node.index()];
        state.queue -= 1;
        state.waiting -= 1;
        state.supply.returned -= u32::from(returned);
        state.record.waits_in_class(class, false, self.now);
        let charged = state.spec.charged;
        self.nodes[charged.index()].record.waited(cohort, self.now);
        self.patients.turn_mut(slot).returned = false;
    }

    /// Stands a patient, in person or not, in the line of a node or list, where the order says.
    #[inline(never)]
    pub(super) fn stand_by_order(&mut self, slot: u32, node: NodeId, extras: &'n Extras) {
        let spec = self.nodes[node.index()].spec;
        let class = if spec.classes.is_empty() { 0 } else { self.class_of(slot, spec) };
        self.tickets += 1;
        let (key, ticket) = (self.key(slot, extras), self.tickets);
        let turn = self.patients.turn_mut(slot);
        (turn.line_of, turn.class, turn.ticket, turn.key) = (node, class, ticket, key);
        self.take_up_position(slot, node);
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
    /// have not started yet, or where the score says.
    pub(super) fn stand_in_front(&mut self, slot: u32, node: NodeId) {
        let Some(extras) = self.extras(node) else { return };
        let key = self.key(slot, extras);
        self.patients.turn_mut(slot).key = key;
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
        let spec = self.nodes[node.index()].spec;
        let Turn { class, ticket, key, .. } = *self.patients.turn(slot);
        let line = spec.first_line + class;
        let mut ahead = self.lines.last(line);
        while let Some(other) = ahead {
            let turn = self.patients.turn(other);
            if turn.key > key || (turn.key == key && turn.ticket < ticket) {
                break;
            }
            ahead = Some(self.patients[other].ahead).filter(|other| *other != NOBODY);
        }
        self.lines.join_behind(line, slot, ahead, &mut self.patients);
        if self.patients[slot].status == Status::Waiting {
            self.nodes[node.index()].record.waits_in_class(class, true, self.now);
        }
        self.ask_servers(node);
    }

    /// Everyone who gives places to a line has something to decide.
    pub(super) fn ask_servers(&mut self, node: NodeId) {
        if let Some(extras) = self.extras(node) {
            for server in &extras.served_by {
                self.comes_up(*server);
            }
            self.touched(node, extras);
        }
        self.comes_up(node);
    }

    /// The state of a node has changed: who asks about it to start or to go over is asked anew.
    pub(super) fn touched(&mut self, node: NodeId, extras: &'n Extras) {
        for watcher in &extras.watchers {
            debug_assert_ne!(*watcher, node);
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

    /// Takes a patient out of the line, whether in person or not.
    pub(super) fn leave_line(&mut self, slot: u32) -> NodeId {
        let node = self.patients.turn(slot).line_of;
        self.lines.leave(slot, &mut self.patients);
        if self.patients[slot].status == Status::Waiting {
            if self.patients[slot].reserved == Reserved::Room {
                let (patient, state) = (&mut self.patients[slot], &mut self.nodes[node.index()]);
                state.room -= 1;
                state.waiting -= 1;
                patient.reserved = Reserved::Nothing;
                state.record.waited(patient.cohort, self.now);
            } else {
                self.waited_in_person(slot, node);
            }
        }
        if let Some(extras) = self.extras(node) {
            self.touched(node, extras);
        }
        node
    }

    // ---- who is first ----------------------------------------------------------------------------

    /// The first claimant to a place of a node, over all the lines that it serves.
    pub(super) fn next_claim(&mut self, node: NodeId, extras: &'n Extras) -> Option<Claim> {
        if !self.has_any_place(node, extras) {
            return None;
        }
        let mut best: Option<(Claim, (u32, u64))> = None;
        for (serving, line) in extras.serves.iter().enumerate() {
            let Some((slot, fence)) = self.first_of_line(line.line, node, extras) else { continue };
            let rank = self.rank_at(slot, line.line, node);
            if best.is_none_or(|(_, other)| rank < other) {
                best = Some((Claim { slot, serving, fence }, rank));
            }
        }
        if let Some((claim, _)) = best {
            self.nodes[extras.serves[claim.serving].line.index()].supply.selections += 1;
        }
        best.map(|(claim, _)| claim)
    }

    /// Class at a node, then ticket, of somebody in one of the lines that it serves.
    pub(super) fn rank_at(&self, slot: u32, line_of: NodeId, node: NodeId) -> (u32, u64) {
        let turn = self.patients.turn(slot);
        let class = if self.nodes[line_of.index()].spec.charged != line_of {
            self.class_of(slot, self.nodes[node.index()].spec)
        } else {
            turn.class
        };
        (class, turn.ticket)
    }

    /// The first of a line, by its order, for whom a node has a place.
    fn first_of_line(
        &self,
        line_of: NodeId,
        node: NodeId,
        extras: &'n Extras,
    ) -> Option<(u32, u32)> {
        let state = &self.nodes[line_of.index()];
        let (spec, supply) = (state.spec, &state.supply);
        let fits = |slot: u32| self.place_for(slot, node, extras).map(|fence| (slot, fence));
        let lines = spec.first_line..=spec.first_line + spec.classes.len() as u32;
        if spec.charged != line_of {
            // Who waits for the first free of several is of one class here, and of another there.
            let waiting = self.in_line(spec.first_line).filter_map(fits);
            return waiting.min_by_key(|(slot, _)| self.rank_at(*slot, line_of, node));
        }
        let order = spec.extras.as_ref().map_or(&Order::FirstCome, |extras| &extras.order);
        match order {
            Order::FirstCome | Order::Score { slope: Some(_), .. } => {
                lines.flat_map(|line| self.in_line(line)).find_map(fits)
            }
            Order::LastCome => lines.flat_map(|line| self.in_line(line)).filter_map(fits).last(),
            Order::Random => {
                let who: Vec<_> = lines.flat_map(|l| self.in_line(l)).filter_map(fits).collect();
                // Who was interrupted is first whatever the order (R9).
                let put_back = who.iter().find(|(slot, _)| self.patients.turn(*slot).returned);
                if let Some(put_back) = put_back {
                    return Some(*put_back);
                }
                let purpose = crate::rng::Purpose::named("", "random order");
                let mut draw = supply.key.patient(supply.selections).draw(purpose, 0);
                let at = (draw.uniform() * who.len() as f64) as usize;
                who.get(at).copied()
            }
            Order::Score { score, slope: None } => {
                let scored = lines.flat_map(|line| self.in_line(line)).filter_map(fits);
                let scored = scored.map(|claim| (ranked(self.value(score, claim.0)), claim));
                // In the order of joining: of equal scores the first stays.
                scored
                    .reduce(|best, other| if other.0 > best.0 { other } else { best })
                    .map(|s| s.1)
            }
        }
    }

    /// Those in a line, from the first on.
    pub(super) fn in_line(&self, line: u32) -> impl Iterator<Item = u32> {
        let known = |slot: u32| Some(slot).filter(|slot| *slot != NOBODY);
        let next = move |slot: &u32| known(self.patients[*slot].behind);
        std::iter::successors(self.lines.first(line), next)
    }

    /// Everyone who waits in person in the queue of a node or list, class by class.
    fn in_queue(&self, node: NodeId) -> Vec<u32> {
        let spec = self.nodes[node.index()].spec;
        let lines = spec.first_line..=spec.first_line + spec.classes.len() as u32;
        let in_person = |slot: &u32| {
            let patient = &self.patients[*slot];
            patient.status == Status::Waiting && patient.reserved == Reserved::Nothing
        };
        lines.flat_map(|line| self.in_line(line)).filter(in_person).collect()
    }

    // ---- giving up -------------------------------------------------------------------------------

    /// Draws how long a patient waits before giving up, and before the class changes.
    fn begin_patience(&mut self, slot: u32, node: NodeId, extras: &'n Extras) {
        let now = self.now;
        let patience = extras.patience.as_ref().and_then(|lengths| self.drawn(slot, node, lengths));
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
        let first = turn.patience.min(turn.change);
        if first < Time::MAX {
            self.set_timer(slot, first, Rank::Patience);
        } else {
            self.cancel_timer(slot);
        }
    }

    /// No event is this patient's any more.
    pub(super) fn cancel_timer(&mut self, slot: u32) {
        self.patients[slot].timer = self.next_seq();
    }

    /// Patience is at its end, or the class changes.
    pub(super) fn waited_enough(&mut self, slot: u32) {
        let Turn { line_of: node, patience, class, .. } = *self.patients.turn(slot);
        let Some(extras) = self.extras(node) else { return };
        if self.now >= patience {
            self.leave_line(slot);
            return self.send_on(slot, node, Ending::Reneged, &extras.renege);
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
        self.lines.leave(slot, &mut self.patients);
        let record = &mut self.nodes[node.index()].record;
        record.waits_in_class(from, false, self.now);
        record.changes_class(to);
        self.patients.turn_mut(slot).class = to;
        self.take_up_position(slot, node);
    }

    // ---- reviews and switches --------------------------------------------------------------------

    /// The time of a review has come.
    #[cold]
    pub(super) fn review(&mut self, index: u32) {
        let (node, at) = self.reviews[index as usize];
        let Some(extras) = self.extras(node) else { return };
        let review = &extras.reviews[at as usize];
        self.expect_review(index);
        let round = (self.now - review.at).div_euclid(review.every);
        for slot in self.in_queue(node) {
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
        for slot in self.in_queue(node) {
            if self.patients.turn(slot).switched == self.now {
                continue;
            }
            let switch = extras.switches.iter().find(|switch| self.condition(&switch.when, slot));
            if let Some(switch) = switch {
                self.patients.turn_mut(slot).switched = self.now;
                self.leave_line(slot);
                self.go_elsewhere(slot, node, Ending::Switched, switch.to);
                return self.comes_up(node);
            }
        }
    }

    // ---- going elsewhere -------------------------------------------------------------------------

    /// Sends a patient, who stands in no line and holds no place, where those go who end so.
    pub(super) fn send_on(&mut self, slot: u32, node: NodeId, ending: Ending, to: &'n Onward) {
        let target = match to.targets.only() {
            Some(only) => only,
            None => to.targets.pick(self.draw_at(slot, node, to.purpose), self.now),
        };
        self.go_elsewhere(slot, node, ending, target);
    }

    /// A visit ends otherwise than by leaving a place after the stay: the patient goes out, or comes to
    /// another node at this instant.
    fn go_elsewhere(&mut self, slot: u32, from: NodeId, ending: Ending, to: Target) {
        let spec = self.nodes[from.index()].spec;
        let patient = &mut self.patients[slot];
        patient.flow = to.flow;
        self.nodes[spec.charged.index()].record.ended(patient.cohort, ending);
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
        (turn.work, turn.segment) = (None, 0);
        turn.hops = if turn.hopped == now { turn.hops + 1 } else { 1 };
        turn.hopped = now;
        if turn.hops > MOST_HOPS {
            // Sent round a circle of full nodes: nowhere is a place.
            let lost = self.nodes[node.index()].spec.lost_flow;
            let patient = &mut self.patients[slot];
            (patient.node, patient.flow, patient.joined) = (node, lost, now);
            let record = &mut self.nodes[node.index()].record;
            record.joined(patient.cohort);
            record.ended(patient.cohort, Ending::Lost);
            self.recorder.went(lost);
            self.keep_row(slot, Some(now), Ending::Lost);
            return self.disappear(slot);
        }
        self.incoming.push_back((slot, node));
        self.comes_up(node);
    }

    /// Turns away, of those in the queue beyond its limit, whoever joined last.
    pub(super) fn turn_away_to(&mut self, node: NodeId, extras: &'n Extras) {
        let spec = self.nodes[node.index()].spec;
        loop {
            let state = &self.nodes[node.index()];
            if state.queue - state.supply.returned <= spec.queue_limit {
                return;
            }
            let new = |slot: &u32| !self.patients.turn(*slot).returned;
            let last = self.in_queue(node).into_iter().filter(new);
            let Some(last) = last.max_by_key(|slot| self.patients.turn(*slot).ticket) else {
                return;
            };
            self.leave_line(last);
            self.send_on(last, node, Ending::Lost, &extras.if_full);
        }
    }

    // ---- small parts -----------------------------------------------------------------------------

    /// A draw of a patient at a node, for a purpose.
    pub(super) fn draw_at(&self, slot: u32, node: NodeId, purpose: crate::rng::Purpose) -> Draw {
        let spec = self.nodes[node.index()].spec;
        self.patients[slot].key.draw(purpose, self.patients.visit(slot, spec.revisit))
    }

    /// A length by case, if a case holds.
    pub(super) fn drawn(&mut self, slot: u32, node: NodeId, of: &Lengths) -> Option<Duration> {
        let case = of
            .cases
            .iter()
            .find(|case| case.when.as_ref().is_none_or(|when| self.condition(when, slot)))?;
        let draw = self.draw_at(slot, node, of.purpose);
        self.length(&case.sampler, case.list, draw)
    }
}

/// A score as it ranks: who has none comes last.
fn ranked(score: f64) -> f64 {
    if score.is_nan() { f64::NEG_INFINITY } else { score }
}
