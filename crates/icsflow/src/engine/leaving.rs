//! Leaving a place: blocked until the next is free, cleared, out by a window, on to the next.

use super::calendar::{Calendar, Event, Rank};
use super::known::Unknown;
use super::patients::{Patient, Reserved, Status};
use super::record::{Ending, NodeRecord};
use super::simulation::Simulation;
use super::supply::{CORRIDOR, OPEN};
use crate::ids::{NOWHERE, NodeId};
use crate::network::clocks::Stage;
use crate::network::extras::{Extras, On};
use crate::network::network::Leave;
use crate::time::{DAY, HOUR, Time};

/// Who has not left in a thousand years never does.
const MOST_DAYS: i64 = 365_250;

impl<'n, C: Calendar> Simulation<'n, C> {
    // ---- the next place -------------------------------------------------------------------------

    /// Ready, and no process in the way: whoever needs a place elsewhere and holds one here stands in
    /// line for it; everyone else is free to go.
    #[inline(never)]
    pub(super) fn seek(&mut self, slot: u32) {
        let now = self.now;
        if self.recorder.follows() {
            self.note_seeking(slot);
        }
        if self.seek_as_referred(slot) {
            return;
        }
        let patient = &mut self.patients[slot];
        // The line of this node is behind; what counts now is when the next was joined.
        patient.joined = now;
        let (node, next, stratum) = (patient.node, patient.next, patient.stratum);
        if next == NOWHERE || self.nodes[node.index()].spec.places.is_none() {
            return self.clear(slot);
        }
        let state = &mut self.nodes[next.index()];
        if state.spec.places.is_none() {
            return self.clear(slot);
        }
        if state.spec.extras.is_some() {
            return self.block_by_rules(slot, next);
        }
        state.record.joined(stratum);
        // Alone at this instant and first in line: the place would be assigned at once.
        if state.takes_at_once() && self.to_assign.is_empty() && self.calendar.peek().time > now {
            state.reserved += 1;
            self.patients[slot].reserved = Reserved::Place;
            self.assigning = true;
            self.clear(slot);
            self.assigning = false;
        } else {
            self.block(slot, next);
        }
    }

    /// Notes that a patient seeks the next place, and the line in which that means to stand.
    #[cold]
    fn note_seeking(&mut self, slot: u32) {
        self.patients.history_mut(slot).sought = self.now;
        let Patient { node, next, .. } = self.patients[slot];
        let limited = |node: NodeId| self.nodes[node.index()].spec.places.is_some();
        if next != NOWHERE && limited(node) && limited(next) {
            let line = self.line_joined(next);
            if !self.is_on_list(slot, line) {
                self.tick(slot, line, Stage::Join);
            }
        }
    }

    /// Keeps the place here and stands in line for the next, where more than plain rules hold.
    #[inline(never)]
    pub(super) fn block_by_rules(&mut self, slot: u32, next: NodeId) {
        let line = self.line_joined(next);
        if self.nodes[line.index()].spec.by_slots {
            return self.clear(slot);
        }
        let referred = self.take_up_referral(slot, line);
        if let Some(extras) = self.extras(line).filter(|_| referred.is_none()) {
            self.change_on(slot, line, extras, On::Join);
        }
        let patient = &mut self.patients[slot];
        patient.next = line;
        let state = &mut self.nodes[line.index()];
        if let Some(joined) = referred {
            patient.joined = joined;
        } else if state.spec.charged == line {
            // Who stands in line for the first free of several joins the one that it is.
            state.record.joined(patient.stratum);
        }
        self.block(slot, line);
    }

    /// Keeps the place here and stands in line for the next.
    pub(super) fn block(&mut self, slot: u32, next: NodeId) {
        self.nodes[next.index()].holding += 1;
        self.begin_blocked(slot);
        self.stand_in_line(slot, next);
        if let Some(how) = self.network.deadlock {
            self.suspect(slot, next, how);
        }
    }

    /// Begins to be blocked.
    #[inline]
    pub(super) fn begin_blocked(&mut self, slot: u32) {
        let patient = &mut self.patients[slot];
        patient.status = Status::Blocked;
        let (node, flow) = (patient.node, patient.flow);
        let state = &mut self.nodes[node.index()];
        state.blocked += 1;
        self.recorder.blocked(&mut state.record, patient, true, self.now);
        self.blame.change(flow, true, self.now);
        if let Some(extras) = self.extras(node) {
            self.touched(extras);
        }
    }

    #[inline]
    pub(super) fn no_longer_blocked(&mut self, slot: u32) {
        let patient = &self.patients[slot];
        let state = &mut self.nodes[patient.node.index()];
        state.blocked -= 1;
        self.recorder.blocked(&mut state.record, patient, false, self.now);
        self.blame.change(patient.flow, false, self.now);
        let node = patient.node;
        if let Some(extras) = self.extras(node) {
            self.touched(extras);
        }
    }

    // ---- windows --------------------------------------------------------------------------------

    /// A patient is free to go: at once, or when a window opens.
    #[inline(always)]
    pub(super) fn clear(&mut self, slot: u32) {
        let now = self.now;
        self.note(slot, |history| history.cleared = now);
        let node = self.patients[slot].node;
        match &self.nodes[node.index()].spec.leave {
            Leave::Anytime => self.leave_now(slot),
            Leave::Ways(ways) => self.clear_by_ways(slot, ways),
            _ if self.waits_for_no_window(slot, node) => self.leave_now(slot),
            Leave::Open(intervals) => match intervals.at_or_after(self.now) {
                now if now == self.now => self.leave_now(slot),
                opens => self.wait_for_window(slot, node, opens),
            },
            Leave::At(instants) => {
                // Windows open before places are assigned: who is assigned one then is too late (R3).
                let missed = self.rank >= Rank::Window as u32 || self.assigning;
                let opens = instants.at_or_after(self.now + Time::from(missed));
                self.wait_for_window(slot, node, opens);
            }
            Leave::Profile { hours, weekdays } => {
                let leaves = self.leaving_hour(slot, self.now, hours, weekdays);
                self.begin_window(slot);
                self.set_timer(slot, leaves, Rank::Leaving);
            }
        }
    }

    pub(super) fn begin_window(&mut self, slot: u32) {
        let patient = &mut self.patients[slot];
        patient.status = Status::Window;
        self.nodes[patient.node.index()].record.window(patient.stratum, true, self.now);
        self.record_reserved(slot, true, self.now);
    }

    /// One event a node opens its window for everyone who waits for it.
    fn wait_for_window(&mut self, slot: u32, node: NodeId, opens: Time) {
        self.begin_window(slot);
        let waiting = &mut self.nodes[node.index()].at_window;
        waiting.push(slot);
        if waiting.len() == 1 {
            let seq = self.next_seq();
            self.calendar.push(Event::new(opens, Rank::Window, node.0, seq));
        }
    }

    /// A window opens.
    pub(super) fn open_window(&mut self, node: u32) {
        let mut leaving = std::mem::take(&mut self.nodes[node as usize].at_window);
        for slot in leaving.drain(..) {
            // A leg may have been stopped by the end of another.
            if self.patients[slot].status == Status::Window {
                self.leave(slot);
            }
        }
        // Keep the memory; nobody has joined the list meanwhile.
        self.nodes[node as usize].at_window = leaving;
    }

    /// The first instant from another on at which a patient leaves by an hour profile (R4): one uniform
    /// a day.
    pub(super) fn leaving_hour(
        &self,
        slot: u32,
        from: Time,
        hours: &[f64; 25],
        weekdays: &[f64; 7],
    ) -> Time {
        let spec = self.nodes[self.patients[slot].node.index()].spec;
        let week = &self.network.week;
        // Days are counted from the Monday of the week in which measuring starts.
        let origin = week.origin();
        let first = (from + origin).div_euclid(DAY);
        for day in first..first + MOST_DAYS {
            let midnight = day * DAY - origin;
            let share = weekdays[(week.of_week(midnight) / DAY) as usize];
            let u = self.draw(slot, spec.leave_purpose.at(day as u64), spec).uniform();
            if u < share {
                let u = u / share;
                let hour = hours.partition_point(|below| *below <= u).clamp(1, 24) - 1;
                let within = (u - hours[hour]) / (hours[hour + 1] - hours[hour]);
                let leaves = midnight + hour as i64 * HOUR + (within * HOUR as f64) as i64;
                if leaves >= from {
                    return leaves;
                }
            }
        }
        Time::MAX
    }

    // ---- going ----------------------------------------------------------------------------------

    /// A patient for whom a window has opened leaves.
    pub(super) fn leave(&mut self, slot: u32) {
        let patient = &self.patients[slot];
        let node = patient.node;
        self.nodes[node.index()].record.window(patient.stratum, false, self.now);
        self.record_reserved(slot, false, self.now);
        match &self.nodes[node.index()].spec.leave {
            Leave::Ways(ways) => self.depart(slot, ways),
            _ => self.leave_now(slot),
        }
    }

    /// A patient leaves a place: out of the system, or to the next node.
    #[inline(never)]
    pub(super) fn leave_now(&mut self, slot: u32) {
        let patient = &self.patients[slot];
        let (node, next, flow) = (patient.node, patient.next, patient.flow);
        if next == NOWHERE {
            self.go_out(slot, node, flow);
        } else {
            self.give_up_place(slot, node, flow);
            self.go_on(slot, next);
        }
    }

    /// A patient leaves a place and the system.
    #[inline(always)]
    pub(super) fn go_out(&mut self, slot: u32, node: NodeId, flow: u32) {
        self.give_up_place(slot, node, flow);
        self.disappear(slot);
    }

    /// A patient leaves a place: whoever is first in line may have it.
    #[inline(always)]
    pub(super) fn give_up_place(&mut self, slot: u32, node: NodeId, flow: u32) {
        let (patient, state) = (&self.patients[slot], &mut self.nodes[node.index()]);
        let spec = state.spec;
        if let Some(extras) = &spec.extras {
            return self.give_up_by_rules(slot, node, flow, extras);
        }
        state.let_go::<Unknown>(patient.stratum, patient.started, self.now);
        if state.has_line() && !std::mem::replace(&mut state.pending, true) {
            self.to_assign.push(node.0);
        }
        self.recorder.went(flow);
        if self.recorder.follows() {
            self.keep_row(slot, Some(self.now), Ending::Left);
        }
        if let Some(counter) = spec.revisit {
            self.patients.count_visit(slot, counter);
        }
    }

    /// The same at a node with extra rules.
    #[inline(never)]
    fn give_up_by_rules(&mut self, slot: u32, node: NodeId, flow: u32, extras: &'n Extras) {
        // All parts of a stay that was interrupted are one length.
        let earlier = std::mem::take(&mut self.patients.turn_mut(slot).earlier);
        let (patient, state) = (&self.patients[slot], &mut self.nodes[node.index()]);
        state.occupied -= 1;
        state.record.left::<Unknown>(patient.stratum, patient.started - earlier, self.now);
        let revisit = state.spec.revisit;
        self.recorder.went(flow);
        self.keep_row(slot, Some(self.now), Ending::Left);
        self.place_left(slot, node, extras);
        if let Some(counter) = revisit {
            self.patients.count_visit(slot, counter);
        }
    }

    /// A patient has left a place of a node with extra rules.
    fn place_left(&mut self, slot: u32, node: NodeId, extras: &'n Extras) {
        if self.network.follows_places {
            self.leave_group(slot, node);
        }
        self.change_on(slot, node, extras, On::Leave);
        if let Some(visits) = &extras.visits {
            self.visits_left(slot, node, visits);
        }
        if extras.slots.is_some() {
            self.use_kept_place(slot);
        }
        // Nobody clears up after those who were beside the beds.
        let in_bed = self.free_place(slot, node) != CORRIDOR;
        self.nodes[node.index()].supply.fallen_free += u32::from(in_bed);
        let cleaned = in_bed && !self.knots.exchanging;
        if let Some(lengths) = extras.turnaround.as_ref().filter(|_| cleaned)
            && let Some(length) = self.drawn(slot, node, lengths)
            && length > 0
        {
            self.nodes[node.index()].supply.fallen_free -= 1;
            self.place_out(node, length);
        }
        self.count_places(node);
        self.comes_up(node);
        self.touched(extras);
    }

    /// A patient's place falls free; tells its kind.
    pub(super) fn free_place(&mut self, slot: u32, node: NodeId) -> u32 {
        let turn = self.patients.turn_mut(slot);
        let kind = std::mem::replace(&mut turn.fence, OPEN);
        let supply = &mut self.nodes[node.index()].supply;
        match kind {
            OPEN => {}
            CORRIDOR => supply.corridor.retain(|other| *other != slot),
            fence => supply.fenced[fence as usize] -= 1,
        }
        kind
    }

    /// A patient who has left a place comes to the next.
    #[inline(always)]
    pub(super) fn go_on(&mut self, slot: u32, next: NodeId) {
        let patient = &mut self.patients[slot];
        let state = &mut self.nodes[next.index()];
        match patient.reserved {
            Reserved::Place => {
                (patient.reserved, patient.node) = (Reserved::Nothing, next);
                state.reserved -= 1;
                if state.spec.extras.is_some() {
                    self.come_by_list(slot);
                }
                self.note_coming(slot);
                self.start(slot, next, NodeRecord::started);
                if self.extras(next).is_some_and(|extras| extras.preempt.is_some()) {
                    // Somebody of a better class may have waited for the stay to begin.
                    self.comes_up(next);
                }
            }
            Reserved::Room => {
                // Already in line there since it was sought.
                (patient.node, patient.status) = (next, Status::Waiting);
                state.waiting += 1;
                state.record.waits(patient.stratum, self.now);
                let class = match state.spec.extras {
                    Some(_) => self.patients.turn(slot).class,
                    None => patient.line - state.spec.first_line,
                };
                state.record.waits_in_class(class, self.now);
                self.note_coming(slot);
                if let Some(extras) = self.extras(next) {
                    self.comes_up(next);
                    self.touched(extras);
                }
            }
            Reserved::Nothing => self.join(slot, next),
        }
    }

    /// A patient is inside no more.
    #[inline(always)]
    pub(super) fn disappear(&mut self, slot: u32) {
        if self.network.minds_leaving {
            return self.disappear_to_outside(slot);
        }
        let patient = &self.patients[slot];
        self.recorder.went_out::<Unknown>(patient.stratum, patient.entered, self.now);
        self.patients.release(slot);
    }
}
