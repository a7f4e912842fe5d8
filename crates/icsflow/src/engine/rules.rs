//! The rules: what happens to a patient, from coming in to going out.

use super::calendar::{Calendar, Event, Rank};
use super::patients::{History, NOBODY, NOWHERE, Patient, Reserved, SmallCohort, Status};
use super::record::StayRow;
use super::simulation::{Simulation, Stop};
use super::sources::next_value;
use crate::expr::{Program, StateFn};
use crate::ids::{CohortId, NodeId, SourceId};
use crate::network::network::{
    AttributeKind, CLOCK_NAMES, Leave, NO_LIST, Node, Route, StayCase, Target,
};
use crate::network::sampler::Sampler;
use crate::rng::{Draw, PatientKey};
use crate::time::{DAY, Duration, HOUR, Time, WEEK};

impl<C: Calendar> Simulation<'_, C> {
    // ---- coming in -------------------------------------------------------------------------------

    /// An arrival is due: people come in and join their node.
    #[inline(always)]
    pub(super) fn arrive(&mut self, source: u32) {
        if self.network.sources[source as usize].batch.is_some() {
            return self.arrive_together(source);
        }
        let (key, number) = self.sources.lone_patient(source);
        self.expect_next();
        self.come_in(source, key, number);
    }

    #[inline(never)]
    fn arrive_together(&mut self, source: u32) {
        let size = match self.sources.batch(self.network, source, &mut self.lists) {
            Ok(size) => size,
            Err(exhausted) => return self.give_up(Stop::Exhausted(exhausted)),
        };
        self.expect_next();
        for _ in 0..size {
            let (key, number) = self.sources.patient(source);
            self.come_in(source, key, number);
        }
    }

    /// Draws when the source's next arrival is due.
    #[inline(always)]
    fn expect_next(&mut self) {
        let seq = self.next_seq();
        if let Err(exhausted) = self.sources.advance(self.network, self.now, seq, &mut self.lists) {
            self.give_up(Stop::Exhausted(exhausted));
        }
    }

    /// A patient comes in from outside.
    #[inline(always)]
    fn come_in(&mut self, source: u32, key: PatientKey, number: u64) {
        let (now, spec) = (self.now, &self.network.sources[source as usize]);
        let cohort = match spec.only_cohort {
            Some(only) => only,
            None => {
                let u = key.draw(spec.cohort_purpose, 0).uniform();
                let found = spec.mix.iter().find(|(share, _)| u < *share);
                found.map_or(CohortId(0), |(_, cohort)| *cohort)
            }
        };
        let cohort = SmallCohort(cohort.0 as u16);
        let Some(slot) = self.patients.admit() else { return self.give_up(Stop::Crowded) };
        self.patients[slot] = Patient::new(key, spec.to, spec.flow, cohort, now);
        self.recorder.entered(cohort, spec.flow, now);
        self.note(slot, |history| {
            (history.number, history.source, history.came) = (number, SourceId(source), now);
        });
        if self.network.attributes > 0 {
            self.draw_attributes(slot, cohort.into());
        }
        // Nobody's stay ends at this instant any more: who finds a free place and nobody in line takes
        // it.
        if self.has_free_place(spec.to) {
            self.recorder.joined(spec.to, cohort);
            self.start(slot, spec.to);
        } else {
            self.join(slot, spec.to);
            if !self.to_assign.is_empty() {
                self.assign_places();
            }
        }
    }

    #[inline(never)]
    fn draw_attributes(&mut self, slot: u32, cohort: CohortId) {
        let network = self.network;
        for attribute in &network.cohorts[cohort.index()].attributes {
            let mut draw = self.patients[slot].key.draw(attribute.purpose, 0);
            let case = attribute.cases.iter().find(|case| self.holds(&case.when, slot));
            let value = match case.map(|case| &case.how) {
                None => f64::NAN,
                Some(AttributeKind::Number(sampler)) => sampler.sample(draw),
                Some(AttributeKind::Flag(share)) => f64::from(draw.uniform() < *share),
                Some(AttributeKind::Category(labels)) => {
                    let u = draw.uniform();
                    labels
                        .iter()
                        .find(|(share, _)| u < *share)
                        .map_or(f64::NAN, |(_, label)| *label)
                }
            };
            self.patients.set_attribute(slot, attribute.position as usize, value);
        }
    }

    // ---- waiting ---------------------------------------------------------------------------------

    /// A patient who holds no place comes to a node: takes a place if there is no limit, else stands in
    /// line.
    fn join(&mut self, slot: u32, node: NodeId) {
        let now = self.now;
        let patient = &mut self.patients[slot];
        (patient.node, patient.joined, patient.status) = (node, now, Status::Waiting);
        let cohort = patient.cohort;
        self.recorder.joined(node, cohort);
        self.note(slot, |history| history.came = now);
        if self.network.nodes[node.index()].places.is_none() {
            return self.start(slot, node);
        }
        let state = &mut self.nodes[node.index()];
        state.queue += 1;
        state.waiting += 1;
        self.recorder.waits(node, cohort, now);
        self.stand_in_line(slot, node);
    }

    /// Stands a patient in the line of a node, by class and time of joining.
    fn stand_in_line(&mut self, slot: u32, node: NodeId) {
        let spec = &self.network.nodes[node.index()];
        let class = if spec.classes.is_empty() {
            0
        } else {
            let holds = |class: &Program| self.condition(class, slot);
            spec.classes.iter().position(holds).unwrap_or(spec.classes.len()) as u32
        };
        if spec.queue_limit != u32::MAX {
            self.tickets += 1;
            self.patients.history_mut(slot).ticket = self.tickets;
        }
        self.lines.join(spec.first_line + class, slot, &mut self.patients);
        // A full node comes up by itself when somebody leaves it.
        let state = &self.nodes[node.index()];
        let full = spec.places.is_some_and(|places| state.occupied + state.reserved >= places);
        if !full || spec.waiting_room > 0 || spec.queue_limit != u32::MAX {
            self.comes_up(node);
        }
    }

    /// Assigns the free places of every node that has come up, in that order. A patient who leaves a
    /// place for another frees it: that node comes up in turn.
    pub(super) fn assign_places(&mut self) {
        self.assigning = true;
        let mut next = 0;
        while let Some(node) = self.to_assign.get(next).copied() {
            let node = NodeId(node);
            self.nodes[node.index()].pending = false;
            self.assign(node);
            next += 1;
        }
        self.to_assign.clear();
        self.assigning = false;
    }

    /// Whether a node has a place free and nobody in line for it.
    #[inline(always)]
    fn has_free_place(&self, node: NodeId) -> bool {
        let state = &self.nodes[node.index()];
        let free = |places| state.occupied + state.reserved < places && !state.has_line();
        self.network.nodes[node.index()].places.is_none_or(free)
    }

    /// Assigns the free places of a node to the first in line; then places in the waiting room to those
    /// who hold a place elsewhere; then turns away who finds the queue full.
    fn assign(&mut self, node: NodeId) {
        let spec = &self.network.nodes[node.index()];
        let places = spec.places.unwrap_or(u32::MAX);
        loop {
            let state = &self.nodes[node.index()];
            if state.occupied + state.reserved >= places {
                break;
            }
            let Some(slot) = self.take_first(spec) else { break };
            self.give_place(slot, node);
        }
        if spec.waiting_room > 0 {
            self.fill_waiting_room(node, spec);
        }
        while self.nodes[node.index()].queue > spec.queue_limit {
            let Some(slot) = self.last_in_queue(spec) else { break };
            self.turn_away(slot, node);
        }
    }

    /// Gives the free places of a waiting room to those who hold a place elsewhere, as they joined.
    fn fill_waiting_room(&mut self, node: NodeId, spec: &Node) {
        loop {
            let state = &self.nodes[node.index()];
            if state.holding == 0 || state.room >= spec.waiting_room {
                return;
            }
            let Some(slot) = self.first_holding(spec, state.holding) else { return };
            let state = &mut self.nodes[node.index()];
            state.room += 1;
            state.holding -= 1;
            self.patients[slot].reserved = Reserved::Room;
            self.no_longer_blocked(slot);
            self.clear(slot);
        }
    }

    /// Gives a place to the first in line, who has just been taken out of it.
    #[inline(always)]
    fn give_place(&mut self, slot: u32, node: NodeId) {
        let state = &mut self.nodes[node.index()];
        let patient = &mut self.patients[slot];
        let before = std::mem::replace(&mut patient.reserved, Reserved::Place);
        if patient.status == Status::Waiting {
            let in_room = before == Reserved::Room;
            *(if in_room { &mut state.room } else { &mut state.queue }) -= 1;
            state.waiting -= 1;
            patient.reserved = Reserved::Nothing;
            let cohort = patient.cohort;
            self.recorder.waited(node, cohort, self.now);
            return self.start(slot, node);
        }
        // The patient still holds a place elsewhere: this one is reserved until they come.
        state.reserved += 1;
        if before == Reserved::Room {
            // Free to go already, on the way to the waiting room: now straight to the place.
            state.room -= 1;
        } else {
            state.holding -= 1;
            self.no_longer_blocked(slot);
            self.clear(slot);
        }
    }

    /// Takes the first by class, then by joining, out of the lines of a node.
    #[inline(always)]
    fn take_first(&mut self, spec: &Node) -> Option<u32> {
        if spec.classes.is_empty() {
            return self.lines.take_first(spec.first_line, &mut self.patients);
        }
        let mut lines = spec.first_line..=spec.first_line + spec.classes.len() as u32;
        lines.find_map(|line| self.lines.take_first(line, &mut self.patients))
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

    fn turn_away(&mut self, slot: u32, node: NodeId) {
        self.lines.leave(slot, &mut self.patients);
        self.nodes[node.index()].queue -= 1;
        self.nodes[node.index()].waiting -= 1;
        let flow = self.network.nodes[node.index()].lost_flow;
        let patient = &mut self.patients[slot];
        patient.flow = flow;
        let patient = *patient;
        self.recorder.waited(node, patient.cohort, self.now);
        self.recorder.turned_away(&patient);
        self.keep_row(slot, Some(self.now), true);
        self.go_out(slot);
    }

    // ---- the stay --------------------------------------------------------------------------------

    /// A patient takes a place: the stay begins.
    #[inline(always)]
    fn start(&mut self, slot: u32, node: NodeId) {
        let (now, spec) = (self.now, &self.network.nodes[node.index()]);
        self.nodes[node.index()].occupied += 1;
        let patient = &mut self.patients[slot];
        (patient.started, patient.status) = (now, Status::InStay);
        let (joined, key) = (patient.joined, patient.key);
        self.recorder.started(node, patient.cohort, now - joined, now);
        self.note(slot, |history| history.joined = joined);
        let draw = key.draw(spec.stay_purpose, self.patients.visit(slot, spec.revisit));
        let case = match &spec.stays[..] {
            [only] => only,
            cases => self.stay_case(cases, slot),
        };
        let Some(stay) = self.length(&case.sampler, case.list, draw) else { return };
        self.set_timer(slot, now.saturating_add(stay), Rank::End);
    }

    fn stay_case<'c>(&self, cases: &'c [StayCase], slot: u32) -> &'c StayCase {
        cases.iter().find(|case| self.holds(&case.when, slot)).unwrap_or(&cases[cases.len() - 1])
    }

    /// The stay is over: the patient is ready, and where next is drawn.
    #[inline(always)]
    pub(super) fn stay_over(&mut self, slot: u32) {
        let spec = &self.network.nodes[self.patients[slot].node.index()];
        let Target { node: next, flow } = self.route(slot, spec);
        let patient = &mut self.patients[slot];
        (patient.next, patient.flow) = (next.unwrap_or(NOWHERE), flow);
        let now = self.now;
        self.note(slot, |history| history.ready = now);
        if spec.leaves_freely && next.is_none() {
            // What most do: out of the system at once.
            self.note(slot, |history| (history.sought, history.cleared) = (now, now));
            self.leave(slot);
        } else if spec.delays.is_empty() {
            self.seek(slot);
        } else {
            self.delay_by_process(slot, 0);
        }
    }

    #[inline(always)]
    fn route(&self, slot: u32, spec: &Node) -> Target {
        if spec.one_route {
            return self.target(slot, spec, &spec.routes[0]);
        }
        self.route_by_case(slot, spec)
    }

    #[inline(always)]
    fn target(&self, slot: u32, spec: &Node, route: &Route) -> Target {
        if let [only] = &route.targets[..] {
            return *only;
        }
        let u = self.draw(slot, spec.route_purpose, spec).uniform();
        let at = route.cumulative.iter().position(|share| u < *share);
        route.targets[at.unwrap_or(route.targets.len() - 1)]
    }

    fn route_by_case(&self, slot: u32, spec: &Node) -> Target {
        let patient = &self.patients[slot];
        for route in &spec.routes {
            if route.cohort.is_none_or(|cohort| cohort == patient.cohort.into())
                && self.holds(&route.when, slot)
            {
                return self.target(slot, spec, route);
            }
        }
        spec.otherwise
    }

    /// The first delay by process from `step` on that meets this patient begins; if none does, the
    /// patient seeks the next place.
    fn delay_by_process(&mut self, slot: u32, step: usize) {
        let spec = &self.network.nodes[self.patients[slot].node.index()];
        for (step, delay) in spec.delays.iter().enumerate().skip(step) {
            let Some(case) = delay.cases.iter().find(|case| self.holds(&case.when, slot)) else {
                continue;
            };
            if case.share < 1.0
                && self.draw(slot, delay.share_purpose, spec).uniform() >= case.share
            {
                continue;
            }
            let draw = self.draw(slot, delay.purpose, spec);
            let Some(length) = self.length(&case.sampler, case.list, draw) else { return };
            self.patients[slot].status = Status::InProcess;
            self.patients.history_mut(slot).step = step as u32;
            self.recorder.process(&self.patients[slot], delay.process, true, self.now);
            return self.set_timer(slot, self.now.saturating_add(length), Rank::End);
        }
        self.seek(slot);
    }

    /// A delay by process is over.
    pub(super) fn process_over(&mut self, slot: u32) {
        let patient = self.patients[slot];
        let step = self.patients.history(slot).step as usize;
        let process = self.network.nodes[patient.node.index()].delays[step].process;
        self.recorder.process(&patient, process, false, self.now);
        self.delay_by_process(slot, step + 1);
    }

    // ---- leaving ---------------------------------------------------------------------------------

    /// Ready, and no process in the way: whoever needs a place elsewhere and holds one here stands in
    /// line for it; everyone else is free to go.
    #[inline(always)]
    fn seek(&mut self, slot: u32) {
        let now = self.now;
        self.note(slot, |history| history.sought = now);
        let patient = &mut self.patients[slot];
        // The line of this node is behind; what counts now is when the next was joined.
        patient.joined = now;
        let holds = self.network.nodes[patient.node.index()].places.is_some();
        let next = self.network.nodes.get(patient.next.index());
        let limited = next.filter(|next| next.places.is_some()).map(|_| patient.next);
        let Some(next) = limited.filter(|_| holds) else { return self.clear(slot) };
        self.recorder.joined(next, self.patients[slot].cohort);
        // Alone at this instant and first in line: the place would be assigned at once.
        if self.has_free_place(next)
            && self.to_assign.is_empty()
            && self.calendar.peek().time > self.now
        {
            self.nodes[next.index()].reserved += 1;
            self.patients[slot].reserved = Reserved::Place;
            self.assigning = true;
            self.clear(slot);
            self.assigning = false;
        } else {
            self.block(slot, next);
        }
    }

    /// Keeps the place here and stands in line for the next.
    fn block(&mut self, slot: u32, next: NodeId) {
        let patient = &mut self.patients[slot];
        patient.status = Status::Blocked;
        let (node, flow) = (patient.node, patient.flow);
        self.recorder.blocked(&self.patients[slot], true, self.now);
        self.blame.change(flow, true, self.now);
        self.nodes[node.index()].blocked += 1;
        self.nodes[next.index()].holding += 1;
        self.stand_in_line(slot, next);
    }

    #[inline]
    fn no_longer_blocked(&mut self, slot: u32) {
        let patient = &self.patients[slot];
        self.nodes[patient.node.index()].blocked -= 1;
        self.recorder.blocked(patient, false, self.now);
        self.blame.change(patient.flow, false, self.now);
    }

    /// A patient is free to go: at once, or when a window opens.
    #[inline(always)]
    fn clear(&mut self, slot: u32) {
        let now = self.now;
        self.note(slot, |history| history.cleared = now);
        let node = self.patients[slot].node;
        match &self.network.nodes[node.index()].leave {
            Leave::Anytime => self.leave(slot),
            Leave::Open(intervals) => match intervals.at_or_after(self.now) {
                now if now == self.now => self.leave(slot),
                opens => self.wait_for_window(slot, node, opens),
            },
            Leave::At(instants) => {
                // Windows open before places are assigned: who is assigned one then is too late (R3).
                let missed = self.rank >= Rank::Window as u32 || self.assigning;
                let opens = instants.at_or_after(self.now + Time::from(missed));
                self.wait_for_window(slot, node, opens);
            }
            Leave::Profile { hours, weekdays, origin } => {
                let leaves = self.leaving_hour(slot, hours, weekdays, *origin);
                self.begin_window(slot);
                self.set_timer(slot, leaves, Rank::Leaving);
            }
        }
    }

    fn begin_window(&mut self, slot: u32) {
        self.patients[slot].status = Status::Window;
        self.recorder.window(&self.patients[slot], true, self.now);
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
            self.leave(slot);
        }
        // Keep the memory; nobody has joined the list meanwhile.
        self.nodes[node as usize].at_window = leaving;
    }

    /// The instant at which a patient leaves by an hour profile (R4): one uniform a day.
    fn leaving_hour(
        &self,
        slot: u32,
        hours: &[f64; 25],
        weekdays: &[f64; 7],
        origin: Duration,
    ) -> Time {
        let spec = &self.network.nodes[self.patients[slot].node.index()];
        // Days are counted from the Monday of the week in which measuring starts.
        let mut day = (self.now + origin).div_euclid(DAY);
        loop {
            let midnight = day * DAY - origin;
            let share = weekdays[day.rem_euclid(7) as usize];
            let u = self.draw(slot, spec.leave_purpose.at(day as u64), spec).uniform();
            if u < share {
                let u = u / share;
                let hour = hours.partition_point(|below| *below <= u).clamp(1, 24) - 1;
                let within = (u - hours[hour]) / (hours[hour + 1] - hours[hour]);
                let leaves = midnight + hour as i64 * HOUR + (within * HOUR as f64) as i64;
                if leaves >= self.now {
                    return leaves;
                }
            }
            day += 1;
        }
    }

    /// A patient leaves a place: out of the system, or to the next node.
    #[inline]
    pub(super) fn leave(&mut self, slot: u32) {
        let now = self.now;
        let patient = &self.patients[slot];
        let node = patient.node;
        if patient.status == Status::Window {
            self.recorder.window(patient, false, now);
        }
        let spec = &self.network.nodes[node.index()];
        self.recorder.left(patient, now);
        let next = patient.next;
        self.keep_row(slot, Some(now), false);
        self.patients.count_visit(slot, spec.revisit);
        let state = &mut self.nodes[node.index()];
        state.occupied -= 1;
        if state.has_line() {
            self.comes_up(node);
        }
        if next == NOWHERE {
            return self.go_out(slot);
        }
        let patient = &mut self.patients[slot];
        match patient.reserved {
            Reserved::Place => {
                patient.reserved = Reserved::Nothing;
                patient.node = next;
                self.nodes[next.index()].reserved -= 1;
                self.note(slot, |history| history.came = now);
                self.start(slot, next);
            }
            Reserved::Room => {
                // Already in line there since it was sought.
                (patient.node, patient.status) = (next, Status::Waiting);
                let cohort = patient.cohort;
                self.nodes[next.index()].waiting += 1;
                self.recorder.waits(next, cohort, now);
                self.note(slot, |history| history.came = now);
            }
            Reserved::Nothing => self.join(slot, next),
        }
    }

    #[inline(always)]
    fn go_out(&mut self, slot: u32) {
        self.recorder.went_out(&self.patients[slot], self.now);
        self.patients.release(slot);
    }

    // ---- small parts -----------------------------------------------------------------------------

    #[inline(always)]
    fn next_seq(&mut self) -> u32 {
        self.seq += 1;
        self.seq - 1
    }

    #[inline(always)]
    fn set_timer(&mut self, slot: u32, time: Time, rank: Rank) {
        let seq = self.next_seq();
        self.patients[slot].timer = seq;
        self.calendar.push(Event::new(time, rank, slot, seq));
    }

    #[inline(always)]
    fn comes_up(&mut self, node: NodeId) {
        let state = &mut self.nodes[node.index()];
        if !state.pending {
            state.pending = true;
            self.to_assign.push(node.0);
        }
    }

    /// Notes an instant of a patient's history, if rows of visits are kept.
    #[inline(always)]
    fn note(&mut self, slot: u32, what: impl FnOnce(&mut History)) {
        if self.recorder.keeps_rows() {
            what(self.patients.history_mut(slot));
        }
    }

    /// Keeps the row of a visit, if rows are kept.
    #[inline(always)]
    pub(super) fn keep_row(&mut self, slot: u32, left: Option<Time>, lost: bool) {
        if self.recorder.keeps_rows() {
            let (patient, history) = (self.patients[slot], *self.patients.history(slot));
            let revisit = self.network.nodes[patient.node.index()].revisit;
            let visit = self.patients.visit(slot, revisit);
            self.recorder.rows.push(StayRow { patient, history, visit, left, lost });
        }
    }

    #[inline(always)]
    fn draw(&self, slot: u32, purpose: crate::rng::Purpose, spec: &Node) -> Draw {
        self.patients[slot].key.draw(purpose, self.patients.visit(slot, spec.revisit))
    }

    /// A length of time: drawn, or the next of a list.
    #[inline(always)]
    fn length(&mut self, sampler: &Sampler, list: u32, draw: Draw) -> Option<Duration> {
        if list == NO_LIST {
            return Some(sampler.duration(draw));
        }
        match next_value(sampler, list, draw, &mut self.lists) {
            Ok(length) => Some(length.max(0.0).round() as Duration),
            Err(exhausted) => {
                self.give_up(Stop::Exhausted(exhausted));
                None
            }
        }
    }

    #[inline]
    fn holds(&self, when: &Option<Program>, slot: u32) -> bool {
        when.as_ref().is_none_or(|when| self.condition(when, slot))
    }

    /// Whether a condition holds for a patient now.
    fn condition(&self, program: &Program, slot: u32) -> bool {
        let of_week = || (self.now + self.network.start.of_week()).rem_euclid(WEEK);
        let named = |name| match name {
            0 => f64::from(self.patients[slot].cohort.0),
            1 => (of_week() % DAY) as f64 / HOUR as f64,
            2 => (of_week() / DAY) as f64,
            3 => self.now as f64 / DAY as f64,
            name => self.patients.attribute(slot, usize::from(name) - CLOCK_NAMES),
        };
        program.holds((named, |what, node| self.state(what, node)))
    }

    /// The state of a node, for expressions. None is known here as yet: whatever is compared with it,
    /// the condition does not hold.
    fn state(&self, _what: StateFn, _node: u32) -> f64 {
        f64::NAN
    }
}
