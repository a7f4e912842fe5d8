//! The rules: what happens to a patient, from coming in to going out.

use super::calendar::{Calendar, Event, Rank};
use super::patients::{History, NOBODY, Patient, Reserved, Status};
use super::record::{Ending, NodeRecord, StayRow};
use super::simulation::{Simulation, Stop};
use super::sources::next_value;
use crate::expr::{Program, StateFn, WAITED};
use crate::ids::{CohortId, NOWHERE, NodeId, SourceId};
use crate::network::demand::Thinning;
use crate::network::network::{
    AttributeKind, CLOCK_NAMES, Leave, NO_LIST, Node, Source, StayCase, Target, Targets,
};
use crate::network::sampler::{Sampler, after};
use crate::rng::{Draw, PatientKey};
use crate::time::{DAY, Duration, HOUR, Time, WEEK};

impl<C: Calendar> Simulation<'_, C> {
    // ---- coming in -------------------------------------------------------------------------------

    /// An arrival is due: people come in and join their node.
    #[inline(always)]
    pub(super) fn arrive(&mut self, source: u32) {
        let spec = self.sources.spec(source);
        if !spec.lone {
            return self.arrive_otherwise(source);
        }
        let (key, number) = self.sources.lone_patient(source);
        self.expect_next(source);
        self.come_in(source, spec, Target { node: spec.to, flow: spec.flow }, key, number);
    }

    /// Several people come together, or it is not sure who comes.
    #[inline(never)]
    fn arrive_otherwise(&mut self, source: u32) {
        let size = match self.sources.batch(source, &mut self.lists) {
            Ok(size) => size,
            Err(exhausted) => return self.give_up(Stop::Exhausted(exhausted)),
        };
        let (arrival, _) = self.sources.lone_patient(source);
        self.expect_next(source);
        for _ in 0..size {
            let (key, number) = self.sources.patient(source);
            let spec = self.sources.spec(source);
            let to = match &spec.thinning {
                None => Some(Target { node: spec.to, flow: spec.flow }),
                Some(thinning) => self.wanted(spec, thinning, arrival, key),
            };
            if let Some(to) = to {
                self.come_in(source, spec, to, key, number);
            }
        }
    }

    /// Where a candidate comes of whom a scenario may want fewer or more than there are; nowhere if it
    /// does not want this one. Who come together are wanted together.
    fn wanted(
        &mut self,
        spec: &Source,
        thinning: &Thinning,
        arrival: PatientKey,
        key: PatientKey,
    ) -> Option<Target> {
        let own = Target { node: spec.to, flow: spec.flow };
        let u = arrival.draw(thinning.purpose, 0).uniform();
        let only = &thinning.demand.only;
        if only.is_empty() {
            return (u < thinning.chance(self.now, 1.0)).then_some(own);
        }
        // The conditions are asked of the patient, who is made for it and then made anew.
        let cohort = spec.only_cohort.unwrap_or_else(|| spec.cohort_of(key));
        let Some(slot) = self.patients.admit() else {
            self.give_up(Stop::Crowded);
            return None;
        };
        self.patients[slot] = Patient::new(key, spec.to, spec.flow, cohort, self.now);
        if self.patients.carry_more() {
            self.patients.clear_slot(slot);
            self.draw_attributes(slot, cohort);
        }
        let (mut times, mut to) = (1.0, None);
        for only in only.iter().filter(|only| self.condition(&only.whom, slot)) {
            times *= only.at(self.now);
            to = to.or(only.to);
        }
        self.patients.release(slot);
        if u < thinning.chance(self.now, times) {
            return Some(own);
        }
        // Kept away by the condition, and not by what is less for all.
        to.filter(|_| {
            thinning.of_base && thinning.before == 0 && u < thinning.chance(self.now, 1.0)
        })
    }

    /// Draws when the source's next arrival is due.
    #[inline(always)]
    fn expect_next(&mut self, source: u32) {
        let seq = self.next_seq();
        if let Err(exhausted) = self.sources.advance(source, self.now, seq, &mut self.lists) {
            self.give_up(Stop::Exhausted(exhausted));
        }
    }

    /// A patient comes in from outside.
    #[inline(always)]
    fn come_in(&mut self, source: u32, spec: &Source, to: Target, key: PatientKey, number: u64) {
        let now = self.now;
        let cohort = spec.only_cohort.unwrap_or_else(|| spec.cohort_of(key));
        let Some(slot) = self.patients.admit() else { return self.give_up(Stop::Crowded) };
        self.patients[slot] = Patient::new(key, to.node, to.flow, cohort, now);
        self.recorder.entered(cohort, to.flow, now);
        self.note(slot, |history| (history.number, history.source) = (number, SourceId(source)));
        if self.patients.carry_more() {
            self.patients.clear_slot(slot);
            self.draw_attributes(slot, cohort);
            self.tell_inside();
        }
        // Nobody's stay ends at this instant any more: who finds a free place and nobody in line takes
        // it.
        let state = &self.nodes[to.node.index()];
        if state.has_place() && !state.has_line() {
            self.note_coming(slot);
            self.start(slot, to.node, NodeRecord::joined_and_started);
        } else {
            self.wait(slot, to.node);
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
    #[inline(always)]
    fn join(&mut self, slot: u32, node: NodeId) {
        let patient = &mut self.patients[slot];
        (patient.node, patient.joined) = (node, self.now);
        if self.nodes[node.index()].spec.places.is_none() {
            self.note_coming(slot);
            self.start(slot, node, NodeRecord::joined_and_started);
        } else {
            self.wait(slot, node);
        }
    }

    /// A patient who has just come to a node stands in its line.
    #[inline(never)]
    fn wait(&mut self, slot: u32, node: NodeId) {
        if self.extras(node).is_some() {
            return self.come_to_line(slot, node);
        }
        let (patient, state) = (&mut self.patients[slot], &mut self.nodes[node.index()]);
        patient.status = Status::Waiting;
        state.queue += 1;
        state.waiting += 1;
        state.record.joined_and_waits(patient.cohort, self.now);
        self.note_coming(slot);
        self.stand_in_line(slot, node);
    }

    #[inline(always)]
    pub(super) fn note_coming(&mut self, slot: u32) {
        let now = self.now;
        self.note(slot, |history| history.came = now);
    }

    /// Stands a patient in the line of a node, by class and time of joining.
    #[inline(always)]
    fn stand_in_line(&mut self, slot: u32, node: NodeId) {
        let spec = self.nodes[node.index()].spec;
        if let Some(extras) = &spec.extras {
            return self.stand_by_order(slot, node, extras);
        }
        let class = if spec.classes.is_empty() { 0 } else { self.class_of(slot, spec) };
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

    #[inline(never)]
    pub(super) fn class_of(&self, slot: u32, spec: &Node) -> u32 {
        let holds = |class: &Program| self.condition(class, slot);
        spec.classes.iter().position(holds).unwrap_or(spec.classes.len()) as u32
    }

    /// Assigns the free places of every node that has come up, in that order. A patient who leaves a
    /// place for another frees it: that node comes up in turn.
    pub(super) fn assign_places(&mut self) {
        self.assigning = true;
        let mut next = 0;
        loop {
            while let Some((slot, node)) = self.incoming.pop_front() {
                self.join(slot, node);
            }
            let Some(node) = self.to_assign.get(next).copied() else { break };
            let node = NodeId(node);
            self.nodes[node.index()].pending = false;
            self.assign(node);
            next += 1;
        }
        self.to_assign.clear();
        self.assigning = false;
    }

    /// Assigns the free places of a node to the first in line; then places in the waiting room to those
    /// who hold a place elsewhere; then turns away who finds the queue full.
    #[inline(always)]
    fn assign(&mut self, node: NodeId) {
        let spec = self.nodes[node.index()].spec;
        if let Some(extras) = &spec.extras {
            return self.assign_by_rules(node, extras);
        }
        while self.nodes[node.index()].has_place() {
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
    pub(super) fn fill_waiting_room(&mut self, node: NodeId, spec: &Node) {
        loop {
            let state = &self.nodes[node.index()];
            if state.holding == 0 || state.room >= spec.waiting_room {
                return;
            }
            let Some(slot) = self.first_holding(spec, state.holding) else { return };
            let state = &mut self.nodes[node.index()];
            state.room += 1;
            state.holding -= 1;
            if let Some(extras) = self.extras(node) {
                self.touched(node, extras);
            }
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
            return self.start(slot, node, NodeRecord::waited_and_started);
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

    #[cold]
    fn turn_away(&mut self, slot: u32, node: NodeId) {
        self.lines.leave(slot, &mut self.patients);
        let (patient, state) = (&mut self.patients[slot], &mut self.nodes[node.index()]);
        state.queue -= 1;
        state.waiting -= 1;
        patient.flow = state.spec.lost_flow;
        state.record.waited(patient.cohort, self.now);
        state.record.ended(patient.cohort, Ending::Lost);
        self.recorder.went(patient.flow);
        self.keep_row(slot, Some(self.now), Ending::Lost);
        self.disappear(slot);
    }

    // ---- the stay --------------------------------------------------------------------------------

    /// A patient takes a place: the stay begins.
    #[inline(always)]
    pub(super) fn start(
        &mut self,
        slot: u32,
        node: NodeId,
        record: impl Fn(&mut NodeRecord, CohortId, Time, Time),
    ) {
        let (now, seq) = (self.now, self.next_seq());
        let (patient, state) = (&mut self.patients[slot], &mut self.nodes[node.index()]);
        let spec = state.spec;
        state.occupied += 1;
        record(&mut state.record, patient.cohort, patient.joined, now);
        (patient.started, patient.status, patient.timer) = (now, Status::InStay, seq);
        let (joined, key) = (patient.joined, patient.key);
        self.note(slot, |history| history.joined = joined);
        let draw = key.draw(spec.stay_purpose, self.patients.visit(slot, spec.revisit));
        let ends = match &spec.only_stay {
            Some(stay) => stay.after(now, draw),
            None => match self.stay_by_case(slot, spec, draw) {
                Some(stay) => now.saturating_add(stay),
                None => return,
            },
        };
        self.calendar.push(Event::new(ends, Rank::End, slot, seq));
    }

    #[inline(never)]
    fn stay_by_case(&mut self, slot: u32, spec: &Node, draw: Draw) -> Option<Duration> {
        if spec.extras.is_some() {
            return self.stay_or_rest(slot, self.patients[slot].node);
        }
        let case = spec.stays.iter().find(|case| self.holds(&case.when, slot));
        let case = case.unwrap_or(&spec.stays[spec.stays.len() - 1]);
        self.case_length(case, draw)
    }

    /// The length of a stay by a case that holds.
    pub(super) fn case_length(&mut self, case: &StayCase, draw: Draw) -> Option<Duration> {
        match &case.over {
            None => self.length(&case.sampler, case.list, draw),
            // The same quantile of each.
            Some(over) => {
                let length = over.at(self.now, |sampler| sampler.sample(draw));
                Some(after(0, length))
            }
        }
    }

    /// The stay is over: the patient is ready, and where next is drawn.
    #[inline(always)]
    pub(super) fn stay_over(&mut self, slot: u32) {
        let node = self.patients[slot].node;
        let spec = self.nodes[node.index()].spec;
        if spec.extras.is_some() {
            self.no_longer_tended(slot);
        }
        let Target { node: next, flow } = self.route(slot, spec);
        let now = self.now;
        let patient = &mut self.patients[slot];
        (patient.next, patient.flow) = (next, flow);
        self.note(slot, |history| history.ready = now);
        if spec.leaves_freely && next == NOWHERE {
            // What most do: out of the system at once.
            self.note(slot, |history| (history.sought, history.cleared) = (now, now));
            return self.go_out(slot, node, flow);
        }
        if spec.delays.is_empty() {
            self.seek(slot);
        } else {
            self.delay_by_process(slot, 0);
        }
    }

    #[inline(always)]
    fn route(&mut self, slot: u32, spec: &Node) -> Target {
        match &spec.only_route {
            Some(only) => self.target(slot, spec, only),
            None => self.route_by_case(slot, spec),
        }
    }

    #[inline(always)]
    fn target(&self, slot: u32, spec: &Node, targets: &Targets) -> Target {
        match targets.only() {
            Some(only) => only,
            None => targets.pick(self.draw(slot, spec.route_purpose, spec), self.now),
        }
    }

    #[inline(never)]
    fn route_by_case(&mut self, slot: u32, spec: &Node) -> Target {
        let cohort = self.patients[slot].cohort;
        for route in &spec.routes {
            if route.cohort.is_none_or(|only| only == cohort) && self.holds(&route.when, slot) {
                if let Some(choice) = &route.choice {
                    return self.choose(slot, choice);
                }
                return self.target(slot, spec, &route.targets);
            }
        }
        spec.otherwise
    }

    /// The first delay by process from `step` on that meets this patient begins; if none does, the
    /// patient seeks the next place.
    fn delay_by_process(&mut self, slot: u32, step: usize) {
        let spec = self.nodes[self.patients[slot].node.index()].spec;
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
            self.record_process(slot, delay.process, true);
            return self.set_timer(slot, self.now.saturating_add(length), Rank::End);
        }
        self.seek(slot);
    }

    /// A delay by process is over.
    pub(super) fn process_over(&mut self, slot: u32) {
        let step = self.patients.history(slot).step as usize;
        let process = self.nodes[self.patients[slot].node.index()].spec.delays[step].process;
        self.record_process(slot, process, false);
        self.delay_by_process(slot, step + 1);
    }

    fn record_process(&mut self, slot: u32, process: u32, begins: bool) {
        let patient = &self.patients[slot];
        let record = &mut self.nodes[patient.node.index()].record;
        self.recorder.process(record, patient, process, begins, self.now);
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
        let (node, next, cohort) = (patient.node, patient.next, patient.cohort);
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
        state.record.joined(cohort);
        // Alone at this instant and first in line: the place would be assigned at once.
        if state.has_place()
            && !state.has_line()
            && self.to_assign.is_empty()
            && self.calendar.peek().time > now
        {
            state.reserved += 1;
            self.patients[slot].reserved = Reserved::Place;
            self.assigning = true;
            self.clear(slot);
            self.assigning = false;
        } else {
            self.block(slot, next);
        }
    }

    /// Keeps the place here and stands in line for the next, where more than plain rules hold.
    #[inline(never)]
    fn block_by_rules(&mut self, slot: u32, next: NodeId) {
        let line = self.line_joined(next);
        let patient = &mut self.patients[slot];
        patient.next = line;
        let state = &mut self.nodes[line.index()];
        // Who stands in line for the first free of several joins the one that it is.
        if state.spec.charged == line {
            state.record.joined(patient.cohort);
        }
        self.block(slot, line);
    }

    /// Keeps the place here and stands in line for the next.
    fn block(&mut self, slot: u32, next: NodeId) {
        let patient = &mut self.patients[slot];
        patient.status = Status::Blocked;
        let (node, flow) = (patient.node, patient.flow);
        let state = &mut self.nodes[node.index()];
        state.blocked += 1;
        self.recorder.blocked(&mut state.record, patient, true, self.now);
        self.blame.change(flow, true, self.now);
        self.nodes[next.index()].holding += 1;
        if let Some(extras) = self.extras(node) {
            self.touched(node, extras);
        }
        self.stand_in_line(slot, next);
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
            self.touched(node, extras);
        }
    }

    /// A patient is free to go: at once, or when a window opens.
    #[inline(always)]
    pub(super) fn clear(&mut self, slot: u32) {
        let now = self.now;
        self.note(slot, |history| history.cleared = now);
        let node = self.patients[slot].node;
        match &self.nodes[node.index()].spec.leave {
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
        let patient = &mut self.patients[slot];
        patient.status = Status::Window;
        self.nodes[patient.node.index()].record.window(patient.cohort, true, self.now);
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
        let spec = self.nodes[self.patients[slot].node.index()].spec;
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
    #[inline(never)]
    pub(super) fn leave(&mut self, slot: u32) {
        let now = self.now;
        let patient = &self.patients[slot];
        let (node, next, flow) = (patient.node, patient.next, patient.flow);
        if patient.status == Status::Window {
            self.nodes[node.index()].record.window(patient.cohort, false, now);
        }
        if next == NOWHERE {
            self.go_out(slot, node, flow);
        } else {
            self.give_up_place(slot, node, flow);
            self.go_on(slot, next);
        }
    }

    /// A patient leaves a place and the system.
    #[inline(always)]
    fn go_out(&mut self, slot: u32, node: NodeId, flow: u32) {
        self.give_up_place(slot, node, flow);
        self.disappear(slot);
    }

    /// A patient leaves a place: whoever is first in line may have it.
    #[inline(always)]
    fn give_up_place(&mut self, slot: u32, node: NodeId, flow: u32) {
        let (patient, state) = (&self.patients[slot], &mut self.nodes[node.index()]);
        state.occupied -= 1;
        state.record.left(patient.cohort, patient.started, self.now);
        let spec = state.spec;
        if state.has_line() && !state.pending {
            state.pending = true;
            self.to_assign.push(node.0);
        }
        self.recorder.went(flow);
        if self.recorder.keeps_rows() {
            self.keep_row(slot, Some(self.now), Ending::Left);
        }
        if let Some(extras) = &spec.extras {
            self.place_left(slot, node, extras);
        }
        if let Some(counter) = spec.revisit {
            self.patients.count_visit(slot, counter);
        }
    }

    /// A patient who has left a place comes to the next.
    #[inline(always)]
    fn go_on(&mut self, slot: u32, next: NodeId) {
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
            }
            Reserved::Room => {
                // Already in line there since it was sought.
                (patient.node, patient.status) = (next, Status::Waiting);
                state.waiting += 1;
                state.record.waits(patient.cohort, self.now);
                self.note_coming(slot);
                if let Some(extras) = self.extras(next) {
                    self.comes_up(next);
                    self.touched(next, extras);
                }
            }
            Reserved::Nothing => self.join(slot, next),
        }
    }

    /// A patient is inside no more.
    #[inline(always)]
    pub(super) fn disappear(&mut self, slot: u32) {
        let patient = &self.patients[slot];
        self.recorder.went_out(patient.cohort, patient.entered, self.now);
        self.patients.release(slot);
        if !self.network.inside_watchers.is_empty() {
            self.tell_inside();
        }
    }

    // ---- small parts -----------------------------------------------------------------------------

    #[inline(always)]
    pub(super) fn next_seq(&mut self) -> u32 {
        self.seq += 1;
        self.seq - 1
    }

    #[inline(always)]
    pub(super) fn set_timer(&mut self, slot: u32, time: Time, rank: Rank) {
        let seq = self.next_seq();
        self.patients[slot].timer = seq;
        self.calendar.push(Event::new(time, rank, slot, seq));
    }

    #[inline(always)]
    pub(super) fn comes_up(&mut self, node: NodeId) {
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
    #[cold]
    #[inline(never)]
    pub(super) fn keep_row(&mut self, slot: u32, left: Option<Time>, ending: Ending) {
        if self.recorder.keeps_rows() {
            let (patient, history) = (self.patients[slot], *self.patients.history(slot));
            let revisit = self.network.nodes[patient.node.index()].revisit;
            let visit = self.patients.visit(slot, revisit);
            self.recorder.rows.push(StayRow { patient, history, visit, left, ending });
        }
    }

    #[inline(always)]
    fn draw(&self, slot: u32, purpose: crate::rng::Purpose, spec: &Node) -> Draw {
        self.patients[slot].key.draw(purpose, self.patients.visit(slot, spec.revisit))
    }

    /// A length of time: drawn, or the next of a list.
    #[inline(always)]
    pub(super) fn length(&mut self, sampler: &Sampler, list: u32, draw: Draw) -> Option<Duration> {
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
    pub(super) fn holds(&self, when: &Option<Program>, slot: u32) -> bool {
        when.as_ref().is_none_or(|when| self.condition(when, slot))
    }

    /// Whether a condition holds for a patient now.
    pub(super) fn condition(&self, program: &Program, slot: u32) -> bool {
        self.value(program, slot) == 1.0
    }

    /// The value of an expression for a patient now.
    pub(super) fn value(&self, program: &Program, slot: u32) -> f64 {
        let of_week = || (self.now + self.network.start.of_week()).rem_euclid(WEEK);
        let named = |name| match name {
            0 => f64::from(self.patients[slot].cohort.0),
            1 => (of_week() % DAY) as f64 / HOUR as f64,
            2 => (of_week() / DAY) as f64,
            3 => self.now as f64 / DAY as f64,
            WAITED => {
                (self.now - self.patients[slot].joined) as f64 / self.network.unit.micros() as f64
            }
            name => self.patients.attribute(slot, usize::from(name) - CLOCK_NAMES),
        };
        program.value((named, |what, node| self.state(what, node)))
    }

    /// The state of a node, for expressions.
    fn state(&self, what: StateFn, node: u32) -> f64 {
        let state = &self.nodes[node as usize];
        let taken = state.occupied + state.reserved + state.supply.out;
        let people = match what {
            StateFn::Beds | StateFn::Free if state.spec.places.is_none() => return f64::INFINITY,
            StateFn::Beds => state.places,
            StateFn::Free => state.places.saturating_sub(taken),
            StateFn::Occupied => state.occupied,
            StateFn::Queue => state.queue,
            StateFn::Waiting => state.waiting,
            StateFn::Blocked => state.blocked,
            StateFn::Awaiting => state.holding,
            StateFn::Present => state.occupied + state.waiting,
            StateFn::Inside => return self.present() as f64,
        };
        f64::from(people)
    }
}
