//! The life of a patient: coming in, the stay, delays by process; and the small parts that all rules use.

use super::calendar::{Calendar, Event, MOST_SLOTS, Rank};
use super::known::Unknown;
use super::patients::{History, Patient, Status, Turn};
use super::record::{Ending, NodeRecord, StayRow, Told};
use super::simulation::{NodeState, Simulation, Stop};
use super::sources::next_value;
use super::supply::CORRIDOR;
use crate::ids::{NOWHERE, NodeId, SourceId, StratumId};
use crate::network::census::Values;
use crate::network::clocks::Stage;
use crate::network::demand::Thinning;
use crate::network::extras::{Extras, Lengths, On};
use crate::network::network::{AttributeKind, NO_LIST, Node, StayCase, Target};
use crate::network::sampler::Sampler;
use crate::rng::{Draw, PatientKey};
use crate::time::{Duration, Time};

/// Where a candidate is wanted.
enum Wanted {
    /// Where the source leads.
    Here,
    /// Elsewhere.
    There(Target),
    /// The candidate does not come.
    Nowhere,
}

impl<'n, C: Calendar> Simulation<'n, C> {
    // ---- coming in ------------------------------------------------------------------------------

    /// An arrival is due where people come together, one by one as they were recorded, or perhaps not at all.
    #[inline(never)]
    pub(super) fn arrive_by_rules(&mut self, source: u32, seq: u32) {
        let state = self.sources.state(source);
        let (arrival, _) = state.lone_patient::<Unknown>();
        let size = state.batch(&mut self.lists);
        let following = state.following::<Unknown>(self.now, &mut self.lists);
        let (size, time) = match (size, following) {
            (Ok(size), Ok(time)) => (size, time),
            (Err(exhausted), _) | (_, Err(exhausted)) => {
                return self.give_up(Stop::Exhausted(exhausted));
            }
        };
        self.sources.follow(Event::new(time, Rank::Arrival, source, seq));
        if size > MOST_SLOTS as u64 {
            return self.give_up(Stop::Crowded);
        }
        for _ in 0..size {
            let (key, number) = self.sources.state(source).patient();
            self.come_in_or_not(source, arrival, key, number);
            if self.stop.is_some() {
                return;
            }
        }
    }

    /// A patient would come in: does, or goes elsewhere or nowhere.
    fn come_in_or_not(&mut self, source: u32, arrival: PatientKey, key: PatientKey, number: u64) {
        let spec = self.sources.state(source).spec;
        let (row, recorded) = (number as u32, &spec.recorded);
        let cohort = recorded.cohort.get(row as usize).copied();
        let cohort = cohort.or(spec.only_cohort).unwrap_or_else(|| spec.cohort_of(key));
        let mut to = Target { node: spec.to, flow: spec.flow };
        to = recorded.to.get(row as usize).copied().unwrap_or(to);
        let Some((slot, patient)) = self.patients.admit() else {
            return self.give_up(Stop::Crowded);
        };
        *patient = Patient::new(key, to.node, to.flow, cohort.into(), self.now);
        if self.patients.carry_more() {
            self.patients.clear_slot(slot);
            self.draw_attributes(slot, &recorded.attributes, row);
            self.belongs(slot, source);
        }
        let mut wanted = Wanted::Here;
        if let Some(thinning) = &spec.thinning {
            wanted = self.wanted(slot, thinning, arrival);
        }
        match wanted {
            Wanted::Nowhere => return self.patients.release(slot),
            Wanted::There(target) => to = target,
            Wanted::Here => {
                if let Some(accept) = &spec.accept {
                    let share = self.value(accept, slot);
                    if !(0.0..=1.0).contains(&share) {
                        self.patients.release(slot);
                        return self.give_up(Stop::Share(source, self.now));
                    }
                    if key.draw(spec.accept_purpose, 0).uniform() >= share {
                        let otherwise = &spec.otherwise;
                        to = otherwise.targets.pick(key.draw(otherwise.purpose, 0));
                    }
                }
            }
        }
        if to.node == NOWHERE {
            // Never in the system.
            self.recorder.went(to.flow);
            return self.patients.release(slot);
        }
        let patient = &mut self.patients[slot];
        (patient.node, patient.flow) = (to.node, to.flow);
        self.recorder.entered::<Unknown>(patient.stratum, to.flow, self.now);
        self.note(slot, |history| history.begin(number, SourceId(source)));
        if self.patients.carry_more() {
            self.tell_inside();
            if !self.network.clocks.is_empty() {
                self.clocks_at_arrival(slot);
            }
        }
        self.come_to(slot, to.node);
    }

    /// Where a candidate comes of whom a scenario may want fewer or more than there are. Who come
    /// together are wanted together.
    fn wanted(&self, slot: u32, thinning: &Thinning, arrival: PatientKey) -> Wanted {
        let u = arrival.draw(thinning.purpose, 0).uniform();
        let (mut times, mut to) = (1.0, None);
        let only = thinning.demand.only.iter();
        for only in only.filter(|only| self.condition(&only.whom, slot)) {
            times *= only.at(self.now);
            to = to.or(only.to);
        }
        if u < thinning.chance(self.now, times) {
            return Wanted::Here;
        }
        // Kept away by the condition, and not by what is less for all.
        match to {
            Some(to) if thinning.is_first() && u < thinning.chance(self.now, 1.0) => {
                Wanted::There(to)
            }
            _ => Wanted::Nowhere,
        }
    }

    /// A patient who has just come in from outside comes to the first node, whatever that is.
    #[inline(never)]
    pub(super) fn come_to_first_node(&mut self, slot: u32, source: u32, to: NodeId, number: u64) {
        self.note(slot, |history| history.begin(number, SourceId(source)));
        if self.patients.carry_more() {
            self.patients.clear_slot(slot);
            self.draw_attributes(slot, &[], 0);
            self.belongs(slot, source);
            self.tell_inside();
            if !self.network.clocks.is_empty() {
                self.clocks_at_arrival(slot);
            }
        }
        self.come_to(slot, to);
    }

    /// A patient from outside comes to a node. Nobody's stay ends at this instant any more: who finds a
    /// free place and nobody in line takes it.
    #[inline(always)]
    pub(super) fn come_to(&mut self, slot: u32, node: NodeId) {
        if self.nodes[node.index()].takes_at_once() {
            self.note_joining(slot);
            self.start(slot, node, NodeRecord::joined_and_started::<Unknown>);
        } else {
            self.wait(slot, node);
            if !self.to_assign.is_empty() {
                self.assign_places();
            }
        }
    }

    /// The attributes of a patient: those known of the person with this index, the others drawn.
    #[inline(never)]
    pub(super) fn draw_attributes(&mut self, slot: u32, known: &[(u32, Values)], index: u32) {
        let network = self.network;
        let cohort = network.cohort(self.patients[slot].stratum);
        for (position, values) in known {
            self.patients.set_attribute(slot, *position as usize, values.of(index));
        }
        for attribute in &network.cohorts[cohort.index()].attributes {
            if known.iter().any(|(position, _)| *position == attribute.position) {
                continue;
            }
            let mut draw = self.key_of(slot).draw(attribute.purpose, 0);
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
        if let Told::ByAttribute { position, labels } = self.told {
            let label = self.patients.attribute(slot, position as usize);
            // Who has no label comes after all that have one.
            let label = if label.is_nan() { labels } else { label as u16 };
            self.patients[slot].stratum = network.stratum(cohort, label);
        }
    }

    /// A patient who holds no place comes to a node: takes a place if there is no limit, else stands in
    /// line.
    #[inline(always)]
    pub(super) fn join(&mut self, slot: u32, node: NodeId) {
        let patient = &mut self.patients[slot];
        (patient.node, patient.joined) = (node, self.now);
        let NodeState { spec, supply, .. } = &self.nodes[node.index()];
        if spec.places.is_none() && !spec.by_slots && supply.shut == 0 {
            self.note_joining(slot);
            self.start(slot, node, NodeRecord::joined_and_started::<Unknown>);
        } else {
            self.wait(slot, node);
        }
    }

    // ---- the stay -------------------------------------------------------------------------------

    /// A patient takes a place: the stay begins.
    #[inline(always)]
    pub(super) fn start(
        &mut self,
        slot: u32,
        node: NodeId,
        record: impl Fn(&mut NodeRecord, StratumId, Time, Time),
    ) {
        let (now, seq) = (self.now, self.next_seq());
        let (patient, state) = (&mut self.patients[slot], &mut self.nodes[node.index()]);
        record(&mut state.record, patient.stratum, patient.joined, now);
        state.take_in(patient, now, seq);
        let ends = match state.simple {
            Some(simple) => patient.begin_simply(simple, now, self.mirror),
            None => match self.stay_ends(slot, node) {
                Some(ends) => ends,
                None => return,
            },
        };
        self.calendar.push(Event::new(ends, Rank::End, slot, seq));
    }

    /// When a stay that begins now ends.
    #[inline(never)]
    fn stay_ends(&mut self, slot: u32, node: NodeId) -> Option<Time> {
        let (now, patient) = (self.now, &self.patients[slot]);
        let (joined, key) = (patient.joined, patient.root.mirrored(self.mirror));
        self.note_stage(slot, Stage::Start, |history| history.joined = joined);
        let spec = self.nodes[node.index()].spec;
        if let Some(extras) = &spec.extras {
            let ends = now.saturating_add(self.stay_or_rest(slot, node)?);
            return Some(match extras.referral {
                Some(_) => self.first_of_stay(slot, node, ends),
                None => ends,
            });
        }
        let draw = key.draw(spec.stay_purpose, self.patients.visit(slot, spec.revisit));
        if let Some(stay) = &spec.only_stay {
            return Some(stay.after(now, draw));
        }
        let (_, case) = self.case_of(&spec.stays, slot);
        let stay = self.case_length(case, draw)?;
        Some(now.saturating_add(stay))
    }

    /// The length of a stay by a case that holds.
    fn case_length(&mut self, case: &StayCase, draw: Draw) -> Option<Duration> {
        match case.list {
            NO_LIST => Some(case.length(self.now, draw)),
            list => self.length(&case.sampler, list, draw),
        }
    }

    /// The length of a stay where stays may be interrupted: what is left of it, or drawn.
    pub(super) fn stay_or_rest(&mut self, slot: u32, node: NodeId) -> Option<Duration> {
        let spec = self.nodes[node.index()].spec;
        let Turn { work, segment, .. } = *self.patients.turn(slot);
        if segment == 0
            && work.is_none()
            && let Some(extras) = self.extras(node)
        {
            self.change_on(slot, node, extras, On::Start);
            if let Some(legs) = &extras.legs {
                self.begin_legs(slot, node, legs);
            }
        }
        let visits = self.extras(node).and_then(|extras| extras.visits.as_ref());
        let stay = if let Some(visits) = visits.filter(|_| !self.is_in_care(slot, node)) {
            self.begin_visits(slot, node, visits)?
        } else if let Some(work) = work {
            work
        } else {
            let purpose = if segment == 0 {
                spec.stay_purpose
            } else {
                spec.stay_purpose.at(u64::from(segment))
            };
            let (_, case) = self.case_of(&spec.stays, slot);
            let draw = match self.extras(node).and_then(|extras| extras.together.as_ref()) {
                Some(_) => self.draw_of_session(node, purpose),
                None => self.draw_at(slot, node, purpose),
            };
            let stay = self.case_length(case, draw)?;
            self.contact(slot, node, stay)
        };
        if let Some(referral) = self.extras(node).and_then(|extras| extras.referral.as_ref()) {
            let ends = self.now.saturating_add(stay);
            match work {
                None => self.plan_referral(slot, node, referral, (self.now, ends)),
                Some(_) => self.put_off_referral(slot, ends - self.patients.turn(slot).ends),
            }
        }
        let stay = match self.extras(node).and_then(|extras| extras.ends.as_ref()) {
            Some(ends) if work.is_none() => self.first_end(slot, ends, stay),
            _ => stay,
        };
        let ends = self.now.saturating_add(stay);
        let turn = self.patients.turn_mut(slot);
        if turn.work.is_none() {
            turn.length = stay;
        }
        (turn.ends, turn.work) = (ends, None);
        let class = turn.class.min(spec.classes.len() as u32);
        self.lines.join(spec.in_places(class), slot, &mut self.patients);
        let in_bed = self.patients.turn(slot).fence != CORRIDOR;
        let bed = if in_bed { self.now } else { Time::MAX };
        self.note(slot, |history| history.bed = bed);
        self.count_places(node);
        if let Some(extras) = self.extras(node) {
            self.touched(extras);
        }
        Some(stay)
    }

    /// The stay is over: the patient is ready, and where next is drawn.
    #[inline(never)]
    pub(super) fn stay_over_by_rules(&mut self, slot: u32) {
        let node = self.patients[slot].node;
        let spec = self.nodes[node.index()].spec;
        if let Some(extras) = &spec.extras {
            if extras.referral.is_some() && self.only_referred(slot, node) {
                return;
            }
            if extras.legs.is_some() && self.waits_for_legs(slot) {
                return;
            }
            self.no_longer_tended(slot, node);
        }
        if let Some(Extras { ends: Some(ends), .. }) = spec.extras.as_deref()
            && let Some(to) = self.ended_by(slot, node, ends)
        {
            self.forget_referral(slot);
            let to = self.joins_at(slot, node, to);
            return self.go_where_sent(slot, node, to);
        }
        let to = self.route_or_referral(slot, spec);
        let Target { node: next, flow } = self.joins_at(slot, node, to);
        let now = self.now;
        let patient = &mut self.patients[slot];
        (patient.next, patient.flow) = (next, flow);
        self.note_stage(slot, Stage::Ready, |history| history.ready = now);
        if spec.leaves_freely && next == NOWHERE {
            // What most do: out of the system at once.
            self.note(slot, |history| (history.sought, history.cleared) = (now, now));
            return self.go_out(slot, node, flow);
        }
        if spec.seeks_at_once {
            self.seek(slot);
        } else {
            self.delay_by_process(slot, 0);
        }
    }

    /// A stay is over: nobody may interrupt it any more.
    pub(super) fn no_longer_tended(&mut self, slot: u32, node: NodeId) {
        self.leave_tended(slot);
        let turn = self.patients.turn_mut(slot);
        (turn.segment, turn.work) = (0, None);
        if turn.appointment.in_session {
            self.out_of_session(slot);
        }
        let Some(extras) = self.extras(node) else { return };
        if let Some(visits) = &extras.visits {
            self.visits_over(slot, node, visits);
        }
        if extras.legs.is_some() {
            self.stop_legs(slot);
        }
        self.change_on(slot, node, extras, On::Ready);
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
        self.set_out_or_seek(slot);
    }

    /// A delay by process is over.
    pub(super) fn process_over(&mut self, slot: u32) {
        let step = self.patients.history(slot).step as usize;
        let process = self.nodes[self.patients[slot].node.index()].spec.delays[step].process;
        self.record_process(slot, process, false);
        self.delay_by_process(slot, step + 1);
    }

    pub(super) fn record_process(&mut self, slot: u32, process: u32, begins: bool) {
        let patient = &self.patients[slot];
        let record = &mut self.nodes[patient.node.index()].record;
        self.recorder.process(record, patient, process, begins, self.now);
    }

    // ---- small parts ----------------------------------------------------------------------------

    #[inline]
    pub(super) fn extras(&self, node: NodeId) -> Option<&'n Extras> {
        self.nodes[node.index()].spec.extras.as_deref()
    }

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

    /// No event is this patient's any more.
    pub(super) fn cancel_timer(&mut self, slot: u32) {
        self.patients[slot].timer = self.next_seq();
    }

    #[inline(always)]
    pub(super) fn comes_up(&mut self, node: NodeId) {
        let state = &mut self.nodes[node.index()];
        if !state.pending {
            state.pending = true;
            self.to_assign.push(node.0);
        }
    }

    /// Notes an instant of a patient's history, if visits are followed.
    #[inline(always)]
    pub(super) fn note(&mut self, slot: u32, what: impl FnOnce(&mut History)) {
        if self.recorder.follows() {
            what(self.patients.history_mut(slot));
        }
    }

    /// The same of an instant that clocks know: a moment at the node where the patient is.
    #[inline(always)]
    pub(super) fn note_stage(&mut self, slot: u32, stage: Stage, what: impl FnOnce(&mut History)) {
        if self.recorder.follows() {
            what(self.patients.history_mut(slot));
            self.tick(slot, self.patients[slot].node, stage);
        }
    }

    /// A patient comes to a node in person, who stood in its line already.
    #[inline(always)]
    pub(super) fn note_coming(&mut self, slot: u32) {
        let now = self.now;
        self.note_stage(slot, Stage::Arrive, |history| history.came = now);
    }

    /// A patient comes to a node in person, and joins it thereby.
    #[inline(always)]
    pub(super) fn note_joining(&mut self, slot: u32) {
        let now = self.now;
        self.note_stage(slot, Stage::Join, |history| history.came = now);
        self.note_stage(slot, Stage::Arrive, |_| {});
    }

    /// A patient joins the line of a node otherwise than by coming there.
    #[inline(always)]
    pub(super) fn note_line(&mut self, slot: u32, node: NodeId) {
        if self.recorder.follows() {
            self.tick(slot, node, Stage::Join);
        }
    }

    /// Keeps the row of a visit, if rows are kept.
    #[cold]
    #[inline(never)]
    pub(super) fn keep_row(&mut self, slot: u32, left: Option<Time>, ending: Ending) {
        if let Some(left) = left
            && self.recorder.follows()
        {
            self.clocks_at_ending(slot, ending);
            let node = self.patients[slot].node.index();
            if let Some(departures) = &mut self.nodes[node].record.departures
                && ending == Ending::Left
            {
                let origin = self.network.start.of_week();
                departures.add(self.patients.history(slot).ready + origin, left + origin);
            }
        }
        if self.recorder.keeps_rows() {
            let (patient, history) = (self.patients[slot], *self.patients.history(slot));
            let revisit = self.network.nodes[patient.node.index()].revisit;
            let visit = self.patients.visit(slot, revisit);
            self.recorder.rows.push(StayRow { patient, history, visit, left, ending });
        }
    }

    /// The key of a patient's draws.
    #[inline(always)]
    pub(super) fn key_of(&self, slot: u32) -> PatientKey {
        self.patients[slot].root.mirrored(self.mirror)
    }

    #[inline(always)]
    pub(super) fn draw(&self, slot: u32, purpose: crate::rng::Purpose, spec: &Node) -> Draw {
        self.key_of(slot).draw(purpose, self.patients.visit(slot, spec.revisit))
    }

    /// A draw of a patient at a node, for a purpose.
    pub(super) fn draw_at(&self, slot: u32, node: NodeId, purpose: crate::rng::Purpose) -> Draw {
        let spec = self.nodes[node.index()].spec;
        self.key_of(slot).draw(purpose, self.patients.visit(slot, spec.revisit))
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
