//! Giving free places where more than plain rules hold: who is first, and of which kind the place is.

use super::calendar::Calendar;
use super::patients::{Reserved, Status};
use super::simulation::Simulation;
use super::supply::{CORRIDOR, OPEN};
use super::waiting::ranked;
use crate::ids::NodeId;
use crate::network::clocks::Stage;
use crate::network::extras::{Extras, Order};

/// A patient to whom a place may be given: who, from which of the lines, and which kind of place.
#[derive(Clone, Copy, Debug)]
pub(super) struct Claim {
    pub slot: u32,
    /// Position among the lines that the node serves.
    pub serving: usize,
    /// The fence, or [`OPEN`], or [`CORRIDOR`].
    pub fence: u32,
}

impl<'n, C: Calendar> Simulation<'n, C> {
    // ---- giving places --------------------------------------------------------------------------

    /// Gives the places of a node to whom they are for; then sees to those who cannot have one.
    #[inline(never)]
    pub(super) fn assign_by_rules(&mut self, node: NodeId, extras: &'n Extras) {
        if let Some(slots) = &extras.slots {
            return self.assign_slots(node, extras, slots);
        }
        loop {
            self.move_into_beds(node, extras);
            if let Some(claim) = self.next_claim(node, extras) {
                self.give_claimed(claim, node, extras);
            } else if let Some((slot, serving, victim, how)) = self.contest(node, extras) {
                self.interrupt(victim, node, Some(how));
                // A leg may have been stopped by what became of another.
                let status = self.patients[slot].status;
                if !matches!(status, Status::Waiting | Status::Blocked) && !self.stands_ahead(slot)
                {
                    continue;
                }
                let Some(fence) = self.place_of_kind(slot, node, extras, None) else { break };
                self.give_claimed(Claim { slot, serving, fence }, node, extras);
            } else {
                break;
            }
        }
        let spec = self.nodes[node.index()].spec;
        if spec.waiting_room > 0 {
            self.fill_waiting_room(node, spec);
        }
        if !extras.switches.is_empty() {
            self.let_go_over(node, extras);
        }
        self.turn_away_to(node, extras);
        if let Some(length) = &extras.vacation {
            self.send_away(node, length);
        }
    }

    /// Gives a place to a claimant. Who holds one elsewhere is free to go.
    fn give_claimed(&mut self, claim: Claim, node: NodeId, extras: &'n Extras) {
        if self.award(claim, node, extras) {
            self.clear(claim.slot);
        }
        self.touched(extras);
    }

    /// A claimant takes a place, or has it reserved; true for who is free to go to it from now on.
    pub(super) fn award(&mut self, claim: Claim, node: NodeId, extras: &'n Extras) -> bool {
        let Claim { slot, serving, fence } = claim;
        let serving = extras.serves[serving];
        self.take_kind(slot, node, fence);
        let in_person = self.patients[slot].status == Status::Waiting;
        let (class, _) = self.rank_at(slot, serving.line, node);
        let turn = self.patients.turn_mut(slot);
        *(if in_person { &mut turn.fence } else { &mut turn.next_fence }) = fence;
        turn.via = serving.flow;
        let returned = turn.returned;
        let in_room = self.patients[slot].reserved == Reserved::Room;
        if let Some(visits) = &extras.visits {
            self.give_visits(slot, node, visits);
        }
        if extras.together.is_some() {
            self.joins_session(node);
        }
        let line_of = self.leave_line(slot);
        self.patients.turn_mut(slot).class = class;
        if in_person {
            self.take_claimed(slot, node, returned);
        } else {
            self.reserve_claimed(slot, node, line_of, in_room);
        }
        !in_person && !in_room && !self.stands_ahead(slot)
    }

    /// A place of a kind is taken or reserved.
    pub(super) fn take_kind(&mut self, slot: u32, node: NodeId, kind: u32) {
        let supply = &mut self.nodes[node.index()].supply;
        match kind {
            OPEN => {}
            CORRIDOR => supply.corridor.push(slot),
            fence => supply.fenced[fence as usize] += 1,
        }
    }

    /// Whoever is beside the beds moves into those that are free, before those who wait, as they came
    /// there.
    fn move_into_beds(&mut self, node: NodeId, extras: &'n Extras) {
        let mut at = 0;
        while let Some(slot) = self.nodes[node.index()].supply.corridor.get(at).copied() {
            let Some(bed) = self.place_of_kind(slot, node, extras, None) else {
                at += 1;
                continue;
            };
            self.nodes[node.index()].supply.corridor.remove(at);
            self.take_kind(slot, node, bed);
            self.patients.turn_mut(slot).fence = bed;
            self.patients.history_mut(slot).bed = self.now;
            self.count_places(node);
        }
    }

    /// A claimant who waited in person takes the place.
    pub(super) fn take_claimed(&mut self, slot: u32, node: NodeId, returned: bool) {
        self.come_from_line(slot, node, returned);
        self.start(slot, node, super::record::NodeRecord::started);
    }

    /// A claimant who waited in person comes to the node, perhaps from a list or from the line of the node
    /// first named.
    pub(super) fn come_from_line(&mut self, slot: u32, node: NodeId, returned: bool) {
        let patient = &mut self.patients[slot];
        let came_to = std::mem::replace(&mut patient.node, node);
        if came_to != node && !returned {
            let record = &mut self.nodes[node.index()].record;
            record.joined(patient.stratum);
            record.list.moved += 1;
            self.come_by_list(slot);
            self.note_stage(slot, Stage::Join, |_| {});
            self.note_stage(slot, Stage::Arrive, |_| {});
        }
    }

    /// A place is reserved for a claimant who still holds one elsewhere.
    fn reserve_claimed(&mut self, slot: u32, node: NodeId, line_of: NodeId, in_room: bool) {
        self.nodes[node.index()].reserved += 1;
        self.patients[slot].reserved = Reserved::Place;
        let line = &mut self.nodes[line_of.index()];
        if in_room {
            // Free to go already, on the way to the waiting room: now straight to the place.
            line.room -= 1;
        } else {
            line.holding -= 1;
            if self.patients[slot].status == Status::Blocked {
                self.no_longer_blocked(slot);
            }
        }
        let patient = &mut self.patients[slot];
        if line_of != node {
            let (from, charged) = (patient.node, self.nodes[line_of.index()].spec.charged);
            patient.next = node;
            if charged != line_of {
                // First free of several: the way leads to this one.
                patient.flow = self.network.flow_between(from, node).unwrap_or(patient.flow);
                self.patients.turn_mut(slot).via = u32::MAX;
            }
            let record = &mut self.nodes[node.index()].record;
            record.joined(self.patients[slot].stratum);
            record.list.moved += u64::from(charged == line_of);
            self.note_line(slot, node);
        }
        if in_room || self.stands_ahead(slot) {
            self.record_reserved(slot, true, self.now);
        }
    }

    /// A patient comes to a node where a place was reserved, perhaps by way of a list.
    #[cold]
    pub(super) fn come_by_list(&mut self, slot: u32) {
        let turn = self.patients.turn_mut(slot);
        if turn.next_fence != OPEN {
            turn.fence = std::mem::replace(&mut turn.next_fence, OPEN);
        }
        let via = std::mem::replace(&mut self.patients.turn_mut(slot).via, u32::MAX);
        if via != u32::MAX {
            self.recorder.went(via);
        }
    }

    // ---- who is first ---------------------------------------------------------------------------

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
        if let Some(visits) = extras.visits.as_ref().filter(|visits| visits.strict) {
            best = best.filter(|(claim, _)| self.visits_fit(claim.slot, node, visits));
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
        // Where nobody may pass the first, whether the visits fit is asked of the first alone.
        let strict = extras.visits.as_ref().is_some_and(|visits| visits.strict);
        let admitted = |slot| extras.admit.as_ref().is_none_or(|when| self.condition(when, slot));
        let fits = |slot: u32| match strict {
            true => admitted(slot).then_some((slot, OPEN)),
            false => self.place_for(slot, node, extras).map(|fence| (slot, fence)),
        };
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
            Order::LastCome => {
                lines.rev().flat_map(|line| self.in_line_from_behind(line)).find_map(fits)
            }
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
                let scored = scored.map(|claim| {
                    let returned = self.patients.turn(claim.0).returned;
                    let score = if returned { f64::INFINITY } else { self.value(score, claim.0) };
                    (ranked(score), claim)
                });
                // In the order of joining: of equal scores the first stays.
                scored
                    .reduce(|best, other| if other.0 > best.0 { other } else { best })
                    .map(|s| s.1)
            }
        }
    }

    // ---- who may have which place ---------------------------------------------------------------

    /// Whether a node has any place at all to give, beside the beds included.
    fn has_any_place(&self, node: NodeId, extras: &Extras) -> bool {
        if let Some(visits) = &extras.visits {
            return self.has_visits(node, visits);
        }
        if let Some(slots) = &extras.slots {
            return self.diaries[slots.diary as usize].gives_any(slots);
        }
        if let Some(together) = &extras.together
            && !self.may_start_together(node, extras, together)
        {
            return false;
        }
        let state = &self.nodes[node.index()];
        let most = u64::from(state.places) + u64::from(extras.corridor);
        u64::from(state.occupied + state.reserved + state.supply.out) < most
    }

    /// The kind of place that a node has for a claimant now: a fence, or [`OPEN`].
    pub(super) fn place_for(&self, slot: u32, node: NodeId, extras: &'n Extras) -> Option<u32> {
        if extras.admit.as_ref().is_some_and(|admit| !self.condition(admit, slot)) {
            return None;
        }
        match &extras.slots {
            Some(slots) => self.slot_for(slot, node, slots),
            None => self.place_of_kind(slot, node, extras, None),
        }
    }

    /// The same, whether or not the claimant is admitted.
    pub(super) fn place_of_kind(
        &self,
        slot: u32,
        node: NodeId,
        extras: &'n Extras,
        without: Option<u32>,
    ) -> Option<u32> {
        if self.nodes[node.index()].supply.shut > 0 {
            return None;
        }
        if let Some(visits) = &extras.visits {
            return self.visits_fit(slot, node, visits).then_some(OPEN);
        }
        let state = &self.nodes[node.index()];
        let freed = without.map(|victim| self.patients.turn(victim).fence);
        let beds = self.beds_taken(node) - u32::from(freed.is_some_and(|kind| kind != CORRIDOR));
        // When there are fewer places than fences keep, the first fences keep theirs.
        let (mut rest, mut open) = (state.places, beds);
        let mut fence = None;
        for (at, (of, fenced)) in (0u32..).zip(extras.fences.iter().zip(&state.supply.fenced)) {
            let kept = of.places.min(rest);
            let fenced = fenced - u32::from(freed == Some(at));
            (rest, open) = (rest - kept, open - fenced);
            if fence.is_none() && fenced < kept && self.condition(&of.when, slot) {
                fence = Some(at);
            }
        }
        if beds < state.places && (fence.is_some() || open < rest) {
            return fence.or(Some(OPEN));
        }
        // Only who holds no place elsewhere is cared for beside the beds. While beds that were cut are
        // still taken, places beside them do not make up for it.
        let beside = state.supply.corridor.len() as u32 - u32::from(freed == Some(CORRIDOR));
        let in_person = self.patients[slot].status == Status::Waiting;
        let room = |taken: u32, places: u32| {
            u64::from(taken + beside) < u64::from(places) + u64::from(extras.corridor)
        };
        let room = room(beds, state.places) && (fence.is_some() || room(open, rest));
        (in_person && beside < extras.corridor && room).then_some(CORRIDOR)
    }

    /// Beds taken, reserved or out of use.
    pub(super) fn beds_taken(&self, node: NodeId) -> u32 {
        let state = &self.nodes[node.index()];
        let beside = state.supply.corridor.len() as u32;
        state.occupied + state.reserved + state.supply.out - beside
    }
}
