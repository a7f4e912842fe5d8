//! Places that come and go: plans, outages, cleaning, fences, a better class that takes a place.

use super::calendar::{Calendar, Event, Rank};
use super::patients::{Reserved, Status, Turn};
use super::record::Ending;
use super::simulation::Simulation;
use super::sources::next_value;
use super::waiting::Claim;
use crate::ids::NodeId;
use crate::network::extras::{ChangeKind, Choice, Choose, Cut, Extras, Preemption, Serving};
use crate::network::network::Target;
use crate::network::sampler::Sampler;
use crate::rng::{Purpose, SourceKey};
use crate::time::{Duration, Time};

/// A place that is kept for nobody in particular.
pub(super) const OPEN: u32 = u32::MAX;

/// What moves about the places of a node with extra rules.
#[derive(Clone, Debug, Default)]
pub(super) struct Supply {
    /// Places by plan.
    pub planned: u32,
    /// Places that outages take, each by itself.
    pub down: u32,
    /// Outages that take all places.
    pub closed: u32,
    /// Places out of use after a patient, or away.
    pub out: u32,
    /// Places of each fence that are taken or reserved.
    pub fenced: Vec<u32>,
    /// People in the queue who were put back there from a place: no limit turns them or others away.
    pub returned: u32,
    /// Selections from its lines so far.
    pub selections: u64,
    /// Places that have fallen free, or are back, since places were last given.
    pub fallen_free: u32,
    /// Times a place went away so far.
    pub departures: u64,
    /// Root of the draws of the node itself.
    pub key: SourceKey,
}

impl<'n, C: Calendar> Simulation<'n, C> {
    /// At the beginning: places as planned, the first change of each, the first review of each.
    pub(super) fn open_places(&mut self, seed: u64, replication: u32) {
        let network = self.network;
        for (i, spec) in network.nodes.iter().enumerate() {
            let Some(extras) = spec.extras.as_deref() else { continue };
            let node = &mut self.nodes[i];
            node.supply = Supply {
                planned: node.places,
                fenced: vec![0; extras.fences.len()],
                key: SourceKey::new(seed, replication, &network.node_names[i]),
                ..Supply::default()
            };
            node.record.classes.resize(spec.classes.len() + 1, Default::default());
        }
        self.changes.clear();
        for (index, change) in (0u32..).zip(&network.changes) {
            let key = match &change.kind {
                ChangeKind::Outage { stream, .. } => SourceKey::new(seed, replication, stream),
                ChangeKind::Plan(places) => {
                    self.nodes[change.node.index()].supply.planned = places.at(self.now);
                    SourceKey::default()
                }
            };
            self.changes.push((key, 0));
            self.expect_change(index);
        }
        for i in 0..self.nodes.len() as u32 {
            if self.nodes[i as usize].spec.extras.is_some() {
                self.count_places(NodeId(i));
            }
        }
        self.reviews.clear();
        for (i, spec) in (0u32..).zip(&network.nodes) {
            let reviews = spec.extras.as_ref().map_or(0, |extras| extras.reviews.len() as u32);
            self.reviews.extend((0..reviews).map(|at| (NodeId(i), at)));
        }
        for index in 0..self.reviews.len() as u32 {
            self.expect_review(index);
        }
    }

    // ---- places by themselves --------------------------------------------------------------------

    /// Puts the next change of places into the calendar.
    fn expect_change(&mut self, index: u32) {
        let network = self.network;
        let (key, spells) = self.changes[index as usize];
        let at = match &network.changes[index as usize].kind {
            ChangeKind::Plan(places) => places.next(self.now).map(|(at, _)| at),
            // Even spells are in use, odd ones out of use.
            ChangeKind::Outage { every, lasts, .. } => {
                let ((sampler, list), name) = if spells.is_multiple_of(2) {
                    (every, "in use")
                } else {
                    (lasts, "out of use")
                };
                let draw = key.patient(spells / 2).draw(Purpose::named("", name), 0);
                match next_value(sampler, *list, draw, &mut self.lists) {
                    Ok(length) => Some(self.now.saturating_add(length.max(0.0).round() as Time)),
                    Err(_) => None,
                }
            }
        };
        if let Some(at) = at {
            let seq = self.next_seq();
            self.calendar.push(Event::new(at, Rank::Capacity, index, seq));
        }
    }

    /// The places of a node change by themselves.
    #[cold]
    pub(super) fn change_places(&mut self, index: u32) {
        let network = self.network;
        let change = &network.changes[index as usize];
        let supply = &mut self.nodes[change.node.index()].supply;
        match &change.kind {
            ChangeKind::Plan(places) => supply.planned = places.at(self.now),
            ChangeKind::Outage { places, .. } => {
                let begins = self.changes[index as usize].1.is_multiple_of(2);
                let (sum, by) = if *places == u32::MAX {
                    (&mut supply.closed, 1)
                } else {
                    (&mut supply.down, *places)
                };
                *sum = if begins { *sum + by } else { *sum - by };
                self.changes[index as usize].1 += 1;
            }
        }
        self.expect_change(index);
        self.count_places(change.node);
        if let Some(extras) = self.extras(change.node) {
            self.cut(change.node, extras);
            self.comes_up(change.node);
            self.touched(change.node, extras);
        }
    }

    /// Works out how many places there are now, and measures them.
    pub(super) fn count_places(&mut self, node: NodeId) {
        let now = self.now;
        let state = &mut self.nodes[node.index()];
        let Some(extras) = state.spec.extras.as_deref() else { return };
        let supply = &state.supply;
        let open = if supply.closed > 0 { 0 } else { supply.planned.saturating_sub(supply.down) };
        // A node without limit never changes.
        state.places = if state.spec.places.is_some() { open } else { u32::MAX };
        let taken = state.occupied + state.supply.out;
        let beside = taken.saturating_sub(open).min(extras.corridor);
        if state.spec.places.is_some() {
            state.record.places(now, [open, state.supply.out, beside]);
        }
    }

    /// A place is in use again, after a patient or on return.
    #[cold]
    pub(super) fn place_back(&mut self, node: u32) {
        let node = NodeId(node);
        let supply = &mut self.nodes[node.index()].supply;
        supply.out -= 1;
        supply.fallen_free += 1;
        self.count_places(node);
        self.comes_up(node);
        if let Some(extras) = self.extras(node) {
            self.touched(node, extras);
        }
    }

    /// A place is out of use for a time.
    fn place_out(&mut self, node: NodeId, length: Duration) {
        self.nodes[node.index()].supply.out += 1;
        self.count_places(node);
        let (seq, back) = (self.next_seq(), self.now.saturating_add(length));
        self.calendar.push(Event::new(back, Rank::PlaceBack, node.0, seq));
    }

    // ---- who may have which place ----------------------------------------------------------------

    /// Whether a node has any place at all to give, beside the beds included.
    pub(super) fn has_any_place(&self, node: NodeId, extras: &Extras) -> bool {
        let state = &self.nodes[node.index()];
        let most = u64::from(state.places) + u64::from(extras.corridor);
        u64::from(state.occupied + state.reserved + state.supply.out) < most
    }

    /// The kind of place that a node has for a claimant now: a fence, or [`OPEN`].
    pub(super) fn place_for(&self, slot: u32, node: NodeId, extras: &'n Extras) -> Option<u32> {
        if extras.admit.as_ref().is_some_and(|admit| !self.condition(admit, slot)) {
            return None;
        }
        self.place_of_kind(slot, node, extras, None)
    }

    /// The same, whether or not the claimant is admitted.
    fn place_of_kind(
        &self,
        slot: u32,
        node: NodeId,
        extras: &'n Extras,
        without: Option<u32>,
    ) -> Option<u32> {
        let state = &self.nodes[node.index()];
        // Only who holds no place elsewhere is cared for beside the beds.
        let in_person = self.patients[slot].status == Status::Waiting;
        let beside = if in_person { extras.corridor } else { 0 };
        let out = u32::from(without.is_some());
        let taken = state.occupied + state.reserved + state.supply.out - out;
        let freed = without.map(|victim| self.patients.turn(victim).fence);
        if u64::from(taken) >= u64::from(state.places) + u64::from(beside) {
            return None;
        }
        if extras.fences.is_empty() {
            return Some(OPEN);
        }
        // When there are fewer places than fences keep, the first fences keep theirs.
        let (mut rest, mut in_fences) = (state.places, 0);
        let mut found = None;
        for (at, fence) in extras.fences.iter().enumerate() {
            let kept = fence.places.min(rest);
            rest -= kept;
            let fenced = state.supply.fenced[at] - u32::from(freed == Some(at as u32));
            in_fences += fenced;
            if found.is_none() && fenced < kept && self.condition(&fence.when, slot) {
                found = Some(at as u32);
            }
        }
        found.or_else(|| (taken - in_fences < rest + beside).then_some(OPEN))
    }

    /// Gives the places of a node to whom they are for; then sees to those who cannot have one.
    #[inline(never)]
    pub(super) fn assign_by_rules(&mut self, node: NodeId, extras: &'n Extras) {
        loop {
            if let Some(claim) = self.next_claim(node, extras) {
                self.give_claimed(claim, node, extras);
            } else if let Some((slot, serving, victim, how)) = self.contest(node, extras) {
                self.interrupt(victim, node, Some(how));
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

    /// Places that fall free, or are back, while nobody waits go away.
    fn send_away(&mut self, node: NodeId, length: &'n (Sampler, u32, Purpose)) {
        let (sampler, list, purpose) = length;
        let state = &mut self.nodes[node.index()];
        let fallen_free = std::mem::take(&mut state.supply.fallen_free);
        if state.has_line() {
            return;
        }
        for _ in 0..fallen_free {
            let state = &mut self.nodes[node.index()];
            if state.occupied + state.reserved + state.supply.out >= state.places {
                return;
            }
            let away = state.supply.departures;
            state.supply.departures += 1;
            let draw = state.supply.key.patient(away).draw(*purpose, 0);
            // Who is back at once has not been away.
            match self.length(sampler, *list, draw) {
                None | Some(0) => return,
                Some(length) => self.place_out(node, length),
            }
        }
    }

    /// Gives a place to a claimant.
    fn give_claimed(&mut self, claim: Claim, node: NodeId, extras: &'n Extras) {
        let Claim { slot, serving, fence } = claim;
        let serving = extras.serves[serving];
        if fence != OPEN {
            self.nodes[node.index()].supply.fenced[fence as usize] += 1;
        }
        let in_person = self.patients[slot].status == Status::Waiting;
        let (class, _) = self.rank_at(slot, serving.line, node);
        let turn = self.patients.turn_mut(slot);
        *(if in_person { &mut turn.fence } else { &mut turn.next_fence }) = fence;
        turn.via = serving.flow;
        let returned = turn.returned;
        let in_room = self.patients[slot].reserved == Reserved::Room;
        let line_of = self.leave_line(slot);
        self.patients.turn_mut(slot).class = class;
        if in_person {
            self.take_claimed(slot, node, returned);
        } else {
            self.reserve_claimed(slot, node, line_of, in_room);
        }
        self.touched(node, extras);
    }

    /// A claimant who waited in person takes the place.
    fn take_claimed(&mut self, slot: u32, node: NodeId, returned: bool) {
        let patient = &mut self.patients[slot];
        let came_to = std::mem::replace(&mut patient.node, node);
        if came_to != node && !returned {
            // From a list, or from the line of the node first named.
            self.nodes[node.index()].record.joined(patient.cohort);
            self.come_by_list(slot);
        }
        self.start(slot, node, super::record::NodeRecord::started);
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
            self.no_longer_blocked(slot);
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
            self.nodes[node.index()].record.joined(self.patients[slot].cohort);
        }
        if !in_room {
            self.clear(slot);
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

    /// The node that is chosen of several, when a patient is ready.
    #[inline(never)]
    pub(super) fn choose(&mut self, slot: u32, choice: &Choice) -> Target {
        let nodes = &self.nodes;
        let state = |target: &Target| &nodes[target.node.index()];
        let taken = |target: &Target| {
            let state = state(target);
            state.occupied + state.reserved + state.supply.out
        };
        let free = |target: &Target| state(target).places.saturating_sub(taken(target));
        let load = |target: &Target| f64::from(taken(target)) / f64::from(state(target).places);
        let in_line = |target: &Target| {
            let state = state(target);
            state.queue + state.room + state.holding
        };
        let targets = choice.targets.iter().copied();
        let chosen = match choice.how {
            Choose::FirstFree => {
                let mut targets = targets;
                return targets
                    .find(|target| self.takes_at_once(slot, target.node))
                    .unwrap_or(Target { node: choice.line, flow: choice.targets[0].flow });
            }
            Choose::ShortestQueue => targets.min_by_key(in_line),
            // Of several equal ones the first: `min` keeps it, `max` would not.
            Choose::MostFree => targets.min_by_key(|target| std::cmp::Reverse(free(target))),
            Choose::LeastLoad => targets.min_by(|a, b| load(a).total_cmp(&load(b))),
            Choose::RoundRobin => {
                let turn = &mut self.counters[choice.counter as usize];
                let at = *turn as usize % choice.targets.len();
                *turn = turn.wrapping_add(1);
                Some(choice.targets[at])
            }
        };
        chosen.unwrap_or(choice.targets[0])
    }

    /// Whether a node has a place for a patient and nobody in line for it.
    fn takes_at_once(&self, slot: u32, node: NodeId) -> bool {
        let state = &self.nodes[node.index()];
        match state.spec.extras.as_deref() {
            None => state.has_place() && !state.has_line(),
            Some(_) if state.spec.places.is_none() => true,
            Some(extras) => {
                let waits = |line: &Serving| self.nodes[line.line.index()].has_line();
                !extras.serves.iter().any(waits) && self.place_for(slot, node, extras).is_some()
            }
        }
    }

    // ---- stays -----------------------------------------------------------------------------------

    /// The length of a stay where stays may be interrupted: what is left of it, or drawn.
    pub(super) fn stay_or_rest(&mut self, slot: u32, node: NodeId) -> Option<Duration> {
        let spec = self.nodes[node.index()].spec;
        let Turn { work, segment, .. } = *self.patients.turn(slot);
        let stay = if let Some(work) = work {
            work
        } else {
            let purpose = if segment == 0 {
                spec.stay_purpose
            } else {
                spec.stay_purpose.at(u64::from(segment))
            };
            let case = spec.stays.iter().find(|case| self.holds(&case.when, slot));
            let case = case.unwrap_or(&spec.stays[spec.stays.len() - 1]);
            let draw = self.draw_at(slot, node, purpose);
            self.case_length(case, draw)?
        };
        let ends = self.now.saturating_add(stay);
        let turn = self.patients.turn_mut(slot);
        if turn.work.is_none() {
            turn.length = stay;
        }
        (turn.ends, turn.work) = (ends, None);
        let class = turn.class.min(spec.classes.len() as u32);
        self.lines.join(spec.in_places(class), slot, &mut self.patients);
        self.count_places(node);
        if let Some(extras) = self.extras(node) {
            self.touched(node, extras);
        }
        Some(stay)
    }

    /// A stay is over: nobody may interrupt it any more.
    pub(super) fn no_longer_tended(&mut self, slot: u32) {
        self.lines.leave(slot, &mut self.patients);
        let turn = self.patients.turn_mut(slot);
        (turn.segment, turn.work) = (0, None);
    }

    /// A patient has left a place of a node with extra rules.
    pub(super) fn place_left(&mut self, slot: u32, node: NodeId, extras: &'n Extras) {
        self.free_place(slot, node);
        self.nodes[node.index()].supply.fallen_free += 1;
        if let Some(lengths) = &extras.turnaround
            && let Some(length) = self.drawn(slot, node, lengths)
            && length > 0
        {
            self.nodes[node.index()].supply.fallen_free -= 1;
            self.place_out(node, length);
        }
        self.count_places(node);
        self.comes_up(node);
        self.touched(node, extras);
    }

    fn free_place(&mut self, slot: u32, node: NodeId) {
        let turn = self.patients.turn_mut(slot);
        let fence = std::mem::replace(&mut turn.fence, OPEN);
        if fence != OPEN {
            self.nodes[node.index()].supply.fenced[fence as usize] -= 1;
        }
    }

    // ---- taking places away ----------------------------------------------------------------------

    /// A claimant of a better class who finds no place, and the stay whose place is taken: the lowest
    /// class, the latest start.
    fn contest(
        &self,
        node: NodeId,
        extras: &'n Extras,
    ) -> Option<(u32, usize, u32, &'n Preemption)> {
        let how = extras.preempt.as_ref()?;
        let spec = self.nodes[node.index()].spec;
        let classes = spec.classes.len() as u32;
        for class in 0..classes {
            for (serving, line) in extras.serves.iter().enumerate() {
                let of = self.nodes[line.line.index()].spec;
                // In the line of those who wait for the first free of several, all classes stand.
                let mixed = of.charged != line.line;
                if !mixed && class > of.classes.len() as u32 {
                    continue;
                }
                let line_of_class = of.first_line + if mixed { 0 } else { class };
                for claimant in self.in_line(line_of_class) {
                    if mixed && self.rank_at(claimant, line.line, node).0 != class {
                        continue;
                    }
                    if extras.admit.as_ref().is_some_and(|admit| !self.condition(admit, claimant)) {
                        continue;
                    }
                    let usable = |victim: &u32| {
                        self.place_of_kind(claimant, node, extras, Some(*victim)).is_some()
                    };
                    let worse = (class + 1..=classes).rev();
                    let victim =
                        worse.flat_map(|class| self.latest_first(node, class)).find(usable);
                    if let Some(victim) = victim {
                        return Some((claimant, serving, victim, how));
                    }
                }
            }
        }
        None
    }

    /// People of a class whose stay at a node goes on, the latest start first.
    fn latest_first(&self, node: NodeId, class: u32) -> Vec<u32> {
        let spec = self.nodes[node.index()].spec;
        let mut inside: Vec<u32> = self.in_line(spec.in_places(class)).collect();
        inside.reverse();
        inside
    }

    /// Takes the place of a patient whose stay goes on. The stay is resumed, if nothing else is said.
    fn interrupt(&mut self, slot: u32, node: NodeId, how: Option<&'n Preemption>) {
        if let Some(Preemption::Displace(to)) = how {
            self.put_out(slot, node);
            return self.send_on(slot, node, Ending::Displaced, to);
        }
        let now = self.now;
        self.put_out(slot, node);
        self.keep_row(slot, Some(now), Ending::Interrupted);
        let cohort = self.patients[slot].cohort;
        self.nodes[node.index()].record.ended(cohort, Ending::Interrupted);
        // Back to the line from which the node gives its places first: its own, or that of its list.
        let line_of = self.line_joined(node);
        let turn = self.patients.turn_mut(slot);
        match how {
            None | Some(Preemption::Resume) => turn.work = Some(turn.ends - now),
            Some(Preemption::Restart) => turn.work = Some(turn.length),
            _ => turn.segment += 1,
        }
        (turn.line_of, turn.returned) = (line_of, true);
        (turn.patience, turn.change) = (Time::MAX, Time::MAX);
        let patient = &mut self.patients[slot];
        (patient.joined, patient.status, patient.node) = (now, Status::Waiting, line_of);
        self.note_coming(slot);
        self.wait_in_person(slot, line_of);
        self.nodes[line_of.index()].supply.returned += 1;
        self.stand_in_front(slot, line_of);
    }

    /// A patient whose stay goes on is in the place no more.
    fn put_out(&mut self, slot: u32, node: NodeId) {
        self.lines.leave(slot, &mut self.patients);
        self.cancel_timer(slot);
        let (patient, state) = (&self.patients[slot], &mut self.nodes[node.index()]);
        state.occupied -= 1;
        state.record.put_out(patient.cohort, self.now);
        self.free_place(slot, node);
        self.count_places(node);
        self.comes_up(node);
    }

    /// There are fewer places than people in them: what becomes of the latest started of the lowest
    /// class, as the node says (R9). Who is ready already stays.
    fn cut(&mut self, node: NodeId, extras: &'n Extras) {
        if matches!(extras.cut, Cut::Wait) {
            return;
        }
        let state = &self.nodes[node.index()];
        // What is reserved goes last, so those in places make room for it.
        let taken = state.occupied + state.reserved;
        let too_many = taken.saturating_sub(state.places.saturating_add(extras.corridor));
        let classes = state.spec.classes.len() as u32;
        let victims = (0..=classes).rev().flat_map(|class| self.latest_first(node, class));
        let victims: Vec<u32> = victims.take(too_many as usize).collect();
        for slot in victims {
            match &extras.cut {
                Cut::Wait => {}
                Cut::Interrupt => self.interrupt(slot, node, None),
                Cut::EarlyEnd => {
                    self.cancel_timer(slot);
                    self.stay_over(slot);
                }
                Cut::Transfer(to) => {
                    self.put_out(slot, node);
                    self.send_on(slot, node, Ending::Transferred, to);
                }
            }
        }
    }
}
