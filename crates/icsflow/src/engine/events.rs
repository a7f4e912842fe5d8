//! Events on people: some of those at some nodes are sent on, put back, changed; nodes are closed.
//!
//! One event walks its people (G4). Each is first taken out of what goes on: a stay, a delay by process,
//! a line, the way to the next place.

use super::calendar::{Calendar, Event, Rank};
use super::known::Unknown;
use super::patients::{Reserved, Status};
use super::record::Ending;
use super::simulation::Simulation;
use super::supply::OPEN;
use crate::ids::{NOWHERE, NodeId};
use crate::network::event::{self, Act, State};
use crate::network::extras::On;
use crate::network::network::Target;
use crate::network::ways::Hold;
use crate::rng::PatientRoot;
use crate::time::Time;

/// Events in the calendar that close nodes have an even number, those that open them again an odd one.
const AGAIN: u32 = 1;

impl<'n, C: Calendar> Simulation<'n, C> {
    /// Puts the first time of each event into the calendar.
    pub(super) fn expect_events(&mut self) {
        for (index, event) in (0u32..).zip(&self.network.events) {
            self.occurrences[index as usize] = 0;
            let at = match event.every {
                Some(every) if event.at < self.now => {
                    let rounds = (self.now - event.at + every - 1) / every;
                    self.occurrences[index as usize] = rounds as u64;
                    event.at.saturating_add(rounds.saturating_mul(every))
                }
                _ => event.at,
            };
            if at >= self.now {
                self.expect_event(2 * index, at);
            }
        }
    }

    fn expect_event(&mut self, number: u32, at: Time) {
        let seq = self.next_seq();
        self.calendar.push(Event::new(at, Rank::People, number, seq));
    }

    /// The time of an event on people has come, or its nodes open again.
    #[cold]
    pub(super) fn happen_to_people(&mut self, number: u32) {
        let network: &'n crate::network::network::Network = self.network;
        let event = &network.events[number as usize / 2];
        if number & AGAIN != 0 {
            return self.open_again(event);
        }
        let round = self.occurrences[number as usize / 2];
        self.occurrences[number as usize / 2] += 1;
        if let Some(every) = event.every {
            self.expect_event(number, self.now.saturating_add(every));
        }
        if event.only_if.as_ref().is_some_and(|only_if| !self.holds_anywhere(only_if)) {
            return;
        }
        if let Some(length) = event.close {
            for node in &event.nodes {
                self.nodes[node.index()].supply.shut += 1;
            }
            self.expect_event(number | AGAIN, self.now.saturating_add(length));
        }
        let chosen = self.chosen(event, round);
        self.recorder.events.push((number / 2, self.now, chosen.len() as u32));
        for (slot, key) in chosen {
            // What happens to one may have moved another.
            if self.concerns(event, slot, key) {
                self.befall(event, slot, round);
            }
        }
        if event.every.is_none() {
            self.suspect_all();
        }
    }

    fn open_again(&mut self, event: &event::Event) {
        for node in &event.nodes {
            self.nodes[node.index()].supply.shut -= 1;
            self.comes_up(*node);
            if let Some(extras) = self.extras(*node) {
                self.touched(extras);
            }
        }
    }

    /// Whether somebody is at a node of the event, in one of its states.
    fn concerns(&self, event: &event::Event, slot: u32, root: PatientRoot) -> bool {
        let patient = &self.patients[slot];
        let state = match patient.status {
            Status::Waiting => State::Waiting,
            Status::InStay => State::InStay,
            // Who is on the way is at no node.
            Status::Outside | Status::Transfer => return false,
            _ => State::Ready,
        };
        patient.root == root
            && event.nodes.contains(&self.stands_at(slot))
            && (event.state.is_empty() || event.state.contains(&state))
    }

    /// The node of whose places somebody has one, or in whose line they wait in person.
    fn stands_at(&self, slot: u32) -> NodeId {
        let patient = &self.patients[slot];
        match patient.status {
            Status::Waiting => self.patients.turn(slot).line_of,
            _ => patient.node,
        }
    }

    /// Whom an event concerns, in its order.
    fn chosen(&self, event: &event::Event, round: u64) -> Vec<(u32, PatientRoot)> {
        let mut found: Vec<(usize, f64, Time, u32)> = Vec::new();
        for slot in self.patients.slots() {
            let patient = &self.patients[slot];
            if !self.concerns(event, slot, patient.root) || !self.holds(&event.whom, slot) {
                continue;
            }
            let node = self.stands_at(slot);
            let share = event.purpose.at(round);
            if event.share < 1.0 && self.draw_at(slot, node, share).uniform() >= event.share {
                continue;
            }
            let score = event.score.as_ref().map_or(0.0, |score| self.value(score, slot));
            let since = match patient.status {
                Status::Waiting => patient.joined,
                _ => patient.started,
            };
            let at = event.nodes.iter().position(|known| *known == node).unwrap_or(0);
            found.push((at, if score.is_nan() { f64::NEG_INFINITY } else { score }, since, slot));
        }
        // Slots tell nothing: of two alike, whoever came in first.
        let who = |slot: u32| (self.patients[slot].entered, self.patients[slot].root);
        found.sort_by(|a, b| {
            let by_score = b.1.total_cmp(&a.1);
            by_score.then(a.2.cmp(&b.2)).then(a.0.cmp(&b.0)).then(who(a.3).cmp(&who(b.3)))
        });
        found.truncate(event.most as usize);
        found.into_iter().map(|(.., slot)| (slot, self.patients[slot].root)).collect()
    }

    /// The event befalls somebody.
    fn befall(&mut self, event: &'n event::Event, slot: u32, round: u64) {
        let node = self.stands_at(slot);
        for set in &event.set {
            self.set(slot, node, set);
        }
        let (waits, in_stay) = match self.patients[slot].status {
            Status::Waiting => (true, false),
            status => (false, status == Status::InStay),
        };
        if let Some((_, to)) = event.to.iter().find(|(at, _)| *at == node) {
            let target = to.targets.pick(self.draw_at(slot, node, to.purpose.at(round)));
            if waits {
                self.leave_line(slot);
                return self.go_elsewhere(slot, node, Ending::Removed, target);
            }
            self.take_out_of_process(slot);
            let target = self.joins_at(slot, node, target);
            let patient = &mut self.patients[slot];
            (patient.next, patient.flow) = (target.node, target.flow);
            return self.seek(slot);
        }
        match event.act {
            Some(Act::End) if in_stay => {
                self.stop_legs(slot);
                self.cancel_timer(slot);
                self.stay_over::<Unknown>(slot);
            }
            Some(Act::Requeue) if in_stay => {
                let spec = self.nodes[node.index()].spec;
                if spec.places.is_some() && !spec.by_slots {
                    self.put_back(slot, node);
                }
            }
            Some(Act::Die) => self.die(slot),
            _ => {}
        }
    }

    /// Takes somebody out of what goes on in a place: the stay is over, nothing is sought, nothing is
    /// reserved.
    fn take_out_of_process(&mut self, slot: u32) {
        let now = self.now;
        let patient = self.patients[slot];
        let node = patient.node;
        self.take_referral_back(slot);
        match patient.status {
            Status::InStay => {
                self.cancel_timer(slot);
                self.no_longer_tended(slot, node);
                self.note(slot, |history| history.ready = now);
            }
            Status::InProcess => {
                self.cancel_timer(slot);
                let step = self.patients.history(slot).step as usize;
                let process = self.nodes[node.index()].spec.delays[step].process;
                self.record_process(slot, process, false);
            }
            Status::Blocked => {
                let line = self.leave_line(slot);
                let state = &mut self.nodes[line.index()];
                state.holding -= 1;
                // Who stood in line for the first free of several had joined none of them.
                state.record.list.withdrawn += u64::from(state.spec.charged == line);
                self.no_longer_blocked(slot);
                self.comes_up(line);
            }
            Status::Window => {
                self.cancel_timer(slot);
                let state = &mut self.nodes[node.index()];
                state.record.window(patient.stratum, false, now);
                state.at_window.retain(|other| *other != slot);
                self.record_reserved(slot, false, now);
                self.give_up_reserved(slot);
            }
            Status::Transfer => {
                self.cancel_timer(slot);
                let held = self.hold_of(slot) != Hold::No;
                self.nodes[node.index()].record.transfer(patient.stratum, false, held, now);
                self.record_reserved(slot, false, now);
                self.give_up_reserved(slot);
            }
            Status::Waiting | Status::Outside => {}
        }
        self.patients[slot].status = Status::InStay;
    }

    /// Gives up the place that is reserved elsewhere.
    pub(super) fn give_up_reserved(&mut self, slot: u32) {
        let next = self.patients[slot].next;
        match std::mem::replace(&mut self.patients[slot].reserved, Reserved::Nothing) {
            Reserved::Nothing => return,
            Reserved::Place => {
                self.will_not_come(slot, next);
                let turn = self.patients.turn_mut(slot);
                let fence = std::mem::replace(&mut turn.next_fence, OPEN);
                turn.via = u32::MAX;
                let state = &mut self.nodes[next.index()];
                state.reserved -= 1;
                if fence != OPEN {
                    state.supply.fenced[fence as usize] -= 1;
                }
            }
            Reserved::Room => {
                self.lines.leave(slot, &mut self.patients);
                self.give_booking_back(slot, next);
                self.nodes[next.index()].room -= 1;
            }
        }
        self.nodes[next.index()].record.list.withdrawn += 1;
        self.comes_up(next);
        if let Some(extras) = self.extras(next) {
            self.touched(extras);
        }
    }

    /// Puts somebody whose stay goes on back into the queue, with the clock of the first joining.
    fn put_back(&mut self, slot: u32, node: NodeId) {
        let joined = self.patients[slot].joined;
        self.interrupt(slot, node, Some(&crate::network::extras::Preemption::Resample));
        self.patients[slot].joined = joined;
    }

    /// Somebody dies, wherever they are: who dies on a leg is dead.
    pub(super) fn die(&mut self, slot: u32) {
        let slot = self.joins.patient(slot);
        if self.joins.is_leg(slot) {
            // Nobody waits for it any more.
            return self.end_leg(slot);
        }
        let charged = self.nodes[self.stands_at(slot).index()].spec.charged;
        let flow = self.extras(charged).map_or(0, |extras| extras.died_flow);
        self.end_at_once(slot, flow);
    }

    /// A leg stops, wherever it is.
    pub(super) fn end_leg(&mut self, slot: u32) {
        if let Some(at) = self.incoming.iter().position(|(who, _)| *who == slot) {
            // Sent on at this instant: it has not come there yet.
            let Some((_, node)) = self.incoming.remove(at) else { return };
            let flow = self.extras(node).map_or(0, |extras| extras.joined_flow);
            self.patients[slot].flow = flow;
            self.recorder.went(flow);
            return self.disappear(slot);
        }
        let charged = self.nodes[self.stands_at(slot).index()].spec.charged;
        let flow = self.extras(charged).map_or(0, |extras| extras.joined_flow);
        self.end_at_once(slot, flow);
    }

    /// Takes somebody out of whatever goes on, and out of the system.
    fn end_at_once(&mut self, slot: u32, flow: u32) {
        let node = self.stands_at(slot);
        if self.patients[slot].status == Status::Waiting {
            self.leave_line(slot);
            let target = Target { node: NOWHERE, flow };
            return self.go_elsewhere(slot, node, Ending::Removed, target);
        }
        let status = self.patients[slot].status;
        let cleared = matches!(status, Status::Window | Status::Transfer);
        let sought = cleared || status == Status::Blocked;
        let on_the_way = status == Status::Transfer && self.hold_of(slot) == Hold::No;
        self.take_out_of_process(slot);
        if on_the_way {
            // The place behind was given up when they set out.
            self.travelling -= 1;
            self.recorder.went(flow);
            if self.recorder.follows() {
                self.clocks_at_exit(slot);
            }
            return self.disappear(slot);
        }
        let now = self.now;
        self.note(slot, |history| {
            if !sought {
                history.sought = now;
            }
            if !cleared {
                history.cleared = now;
            }
        });
        let patient = &mut self.patients[slot];
        (patient.next, patient.flow) = (NOWHERE, flow);
        self.go_out(slot, node, flow);
    }

    /// The time of a death has come, if it is still to be.
    #[cold]
    pub(super) fn death(&mut self, event: Event) {
        let slot = event.slot();
        if self.patients.turn(slot).death == event.seq() {
            self.die(slot);
        }
    }

    /// Something happens to a patient at a node: the clocks of deaths that it starts.
    pub(super) fn start_deaths(&mut self, slot: u32, node: NodeId, on: On) {
        let Some(extras) = self.extras(node) else { return };
        let leg = slot;
        let slot = self.joins.patient(leg);
        for lengths in &extras.deaths[on as usize] {
            let Some(length) = self.drawn(leg, node, lengths) else { continue };
            let dies = self.now.saturating_add(length);
            if dies >= self.patients.turn(slot).dies {
                continue;
            }
            // Of several clocks only the first counts.
            let seq = self.next_seq();
            let turn = self.patients.turn_mut(slot);
            (turn.dies, turn.death) = (dies, seq);
            self.calendar.push(Event::new(dies, Rank::Death, slot, seq));
        }
    }
}
