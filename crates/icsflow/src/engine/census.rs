//! The beginning of a run from a census: everyone takes the place in which they are found.

use super::calendar::{Calendar, Event, Rank};
use super::patients::{Patient, Status};
use super::simulation::{Run, Simulation, Stop};
use super::supply::OPEN;
use crate::ids::{CohortId, NodeId};
use crate::network::census::{Census, Remaining};
use crate::network::clocks::Stage;
use crate::network::extras::Extras;
use crate::network::network::{DelayCase, NO_LIST, StayCase};
use crate::network::sampler::Sampler;
use crate::network::visits::{Visits, more_than, whole_days};
use crate::rng::{Draw, PatientKey};
use crate::time::{DAY, Duration, Time};

/// Somebody who is to be put where the census finds them.
struct Found<'n> {
    slot: u32,
    census: &'n Census,
    /// When they started, or joined the line.
    since: Time,
    spent: Option<Duration>,
}

impl<'n, C: Calendar> Simulation<'n, C> {
    /// Puts everyone of the census into their places and lines. Measuring begins then, before anything
    /// else happens.
    #[cold]
    pub(super) fn begin_with_census(&mut self, run: &Run) -> Result<(), Stop> {
        let mut in_places = Vec::new();
        let mut in_lines = Vec::new();
        for census in &self.network.census {
            let source = &self.network.source_names[census.source.index()];
            let source = run.key(source);
            for index in 0..census.people {
                let number = census.first + u64::from(index);
                let key = source.patient(number);
                let slot = self.found(census, key, number, index)?;
                let spent = census.spent.as_ref();
                let spent = spent.map(|spent| spent.of(index, key, census.spent_purpose));
                let since = self.now - spent.unwrap_or(0);
                in_places.push(Found { slot, census, since, spent });
            }
            for index in 0..census.queue {
                let number = census.first + u64::from(census.people) + u64::from(index);
                let key = source.patient(number);
                let slot = self.found(census, key, number, index)?;
                let waited = census.waited.as_ref();
                let waited = waited.map_or(0, |w| w.of(index, key, census.waited_purpose));
                in_lines.push(Found { slot, census, since: self.now - waited, spent: None });
            }
        }
        // Who started first is first among those whose place may be taken; who joined first is first in
        // line, whether from a place elsewhere or not.
        in_places.sort_by_key(|found| found.since);
        for found in in_places {
            if let Some(joined) = self.put_in_place(&found) {
                in_lines.push(Found { since: joined, ..found });
            }
        }
        in_lines.sort_by_key(|found| found.since);
        for found in in_lines {
            self.put_in_line(&found);
        }
        self.tell_inside();
        Ok(())
    }

    /// A patient of the census, with cohort and attributes, nowhere yet.
    fn found(
        &mut self,
        census: &'n Census,
        key: PatientKey,
        number: u64,
        index: u32,
    ) -> Result<u32, Stop> {
        let (slot, _) = self.patients.admit().ok_or(Stop::Crowded)?;
        let u = key.draw(census.cohort_purpose, 0).uniform();
        let cohort = census.mix.iter().find(|(share, _)| u < *share);
        let cohort = cohort.map_or(CohortId(0), |(_, cohort)| *cohort);
        self.patients[slot] = Patient::new(key, census.node, 0, cohort.into(), self.now);
        let history = self.patients.history_mut(slot);
        history.begin(number, census.source);
        if self.patients.carry_more() {
            self.patients.clear_slot(slot);
            self.draw_attributes(slot, &census.attributes, index);
        }
        Ok(slot)
    }

    /// Puts a patient into a place, over its capacity if need be. Those whose stay is over go on to wait
    /// for the next, and those who were referred are on its list: since when.
    fn put_in_place(&mut self, found: &Found<'n>) -> Option<Time> {
        let Found { slot, census, .. } = *found;
        let (node, now) = (census.node, self.now);
        let spec = self.nodes[node.index()].spec;
        let visits = spec.extras.as_deref().and_then(|extras| extras.visits.as_ref());
        let over = census.over();
        let (so_far, whole) = match visits {
            _ if over => (found.spent, 0),
            Some(visits) => self.days_of(found, visits),
            None => self.stay_of(found),
        };
        let rest = match spec.extras.as_deref() {
            Some(Extras { ends: Some(ends), .. }) if !over => {
                let known = so_far.filter(|_| census.rule == Remaining::Conditional);
                self.first_end_left(slot, ends, whole, known.unwrap_or(0))
            }
            _ => whole,
        };
        let waited = census.waited.as_ref().filter(|_| over);
        let key = self.key_of(slot);
        let index = self.patients.history(slot).number - census.first;
        let waited = waited.map(|waited| waited.of(index as u32, key, census.waited_purpose));
        let process =
            census.in_process.map(|step| (step, self.process_left(slot, census, step, waited)));
        let waited = process.map_or(waited.unwrap_or(0), |(_, (waited, _))| waited);
        // The stay of those who await a place, or are in process, ended when they began to.
        let started = now - so_far.unwrap_or(0).max(waited);
        if let Some(extras) = self.extras(node) {
            let fence = self.place_of_kind(slot, node, extras, None).unwrap_or(OPEN);
            self.take_kind(slot, node, fence);
            let class = self.class_of(slot, spec);
            let turn = self.patients.turn_mut(slot);
            (turn.fence, turn.class) = (fence, class);
        }
        let state = &mut self.nodes[node.index()];
        state.occupied += 1;
        let patient = &mut self.patients[slot];
        (patient.entered, patient.joined, patient.started) = (started, started, started);
        patient.status = Status::InStay;
        if let Some(simple) = state.simple {
            patient.draw_way(simple, self.mirror);
        }
        state.record.put_in(patient.stratum, now);
        let history = self.patients.history_mut(slot);
        (history.joined, history.came) = (started, started);
        self.clocks_since(slot, started, node, &[Stage::Join, Stage::Arrive, Stage::Start]);
        if over {
            if self.extras(node).is_some() {
                self.count_places(node);
            }
            if let Some(visits) = visits {
                let since = so_far.map(|_| started);
                self.found_over(slot, node, visits, (since, now - waited));
            }
            let Some((step, (_, left))) = process else { return Some(now - waited) };
            self.put_in_process(slot, step, now - waited, left);
            return None;
        }
        if let Some(visits) = visits {
            self.found_in_care(slot, node, visits, (started, now + whole));
        }
        let mut first = now.saturating_add(rest);
        let mut referred = None;
        if let Some(extras) = self.extras(node) {
            self.patients.turn_mut(slot).work = Some(rest);
            self.stay_or_rest(slot, node);
            self.patients.turn_mut(slot).length = so_far.unwrap_or(0).saturating_add(rest);
            if let Some(referral) = &extras.referral {
                let stay = (started, now.saturating_add(whole));
                self.plan_referral(slot, node, referral, stay);
                referred = self.referred_since(slot);
                if referred.is_none() {
                    first = self.first_of_stay(slot, node, first);
                }
            }
        }
        let seq = self.next_seq();
        self.patients[slot].timer = seq;
        self.calendar.push(Event::new(first, Rank::End, slot, seq));
        referred
    }

    /// How long a delay by process has lasted, and what is left of it.
    fn process_left(
        &mut self,
        slot: u32,
        census: &'n Census,
        step: usize,
        known: Option<Duration>,
    ) -> (Duration, Duration) {
        let spec = self.nodes[census.node.index()].spec;
        let delay = &spec.delays[step];
        let case = delay.cases.iter().position(|case| self.holds(&case.when, slot));
        let case = case.unwrap_or(delay.cases.len() - 1);
        let DelayCase { sampler, list, .. } = &delay.cases[case];
        let key = self.key_of(slot);
        let draw = key.draw(delay.purpose, 0);
        if let Some(waited) = known {
            return (waited, self.left_of(sampler, *list, draw, waited));
        }
        let rest = census.residuals[case].quantile({ draw }.uniform());
        let whole = sampler.beyond(rest, key.draw(census.rest_purpose, 0));
        let waited = whole.map_or(0.0, |whole| whole - rest);
        (waited.round() as Duration, rest.round() as Duration)
    }

    /// A patient whose stay is over is found in a delay by process.
    fn put_in_process(&mut self, slot: u32, step: usize, since: Time, left: Duration) {
        let node = self.patients[slot].node;
        let spec = self.nodes[node.index()].spec;
        let to = self.route(slot, spec);
        let patient = &mut self.patients[slot];
        (patient.next, patient.flow, patient.status) = (to.node, to.flow, Status::InProcess);
        let history = self.patients.history_mut(slot);
        (history.ready, history.step) = (since, step as u32);
        self.clocks_since(slot, since, node, &[Stage::Ready]);
        self.record_process(slot, spec.delays[step].process, true);
        self.set_timer(slot, self.now.saturating_add(left), Rank::End);
    }

    /// Which case of the stay at a node holds for a patient, and the draw of its length.
    fn stay_case(&mut self, slot: u32, node: NodeId) -> (usize, &'n StayCase, Draw) {
        let spec = self.nodes[node.index()].spec;
        let (case, stay) = self.case_of(&spec.stays, slot);
        (case, stay, self.key_of(slot).draw(spec.stay_purpose, 0))
    }

    /// The stay so far, if it is known or drawn, and what is left of it.
    fn stay_of(&mut self, found: &Found<'n>) -> (Option<Duration>, Duration) {
        let Found { slot, census, spent, .. } = *found;
        let (case, stay, draw) = self.stay_case(slot, census.node);
        let key = self.key_of(slot);
        let whole = |length: f64| length.max(0.0).round() as Duration;
        match census.rule {
            Remaining::Conditional => {
                let so_far = spent.unwrap_or(0);
                let left = stay.sampler.beyond(so_far as f64, draw);
                if left.is_none() {
                    self.recorder.longer_than_known += 1;
                }
                (spent, left.map_or(0, |length| whole(length - so_far as f64)))
            }
            Remaining::Stationary => {
                let rest = census.residuals[case].quantile({ draw }.uniform());
                // Whoever has so much left has been there for what a stay longer than that goes beyond.
                let beyond = || stay.sampler.beyond(rest, key.draw(census.rest_purpose, 0));
                let so_far = spent.or_else(|| Some(whole(beyond()? - rest)));
                (so_far, whole(rest))
            }
            Remaining::Fresh => {
                let rest = self.length(&stay.sampler, stay.list, draw);
                (spent, rest.unwrap_or(0))
            }
            Remaining::Uniform => {
                let longest = self.length(&stay.sampler, stay.list, draw).unwrap_or(0).max(DAY);
                let u = key.draw(census.rest_purpose, 0).uniform();
                (spent, DAY + whole(u * (longest - DAY) as f64))
            }
        }
    }

    /// The same in whole days, of which the present one is at least the last: that of the start is the
    /// first, and whoever met at any time started before today.
    fn days_of(&mut self, found: &Found<'n>, visits: &Visits) -> (Option<Duration>, Duration) {
        let Found { slot, census, spent, .. } = *found;
        let (case, stay, draw) = self.stay_case(slot, census.node);
        let key = self.key_of(slot);
        let (now, today) = (self.now, visits.day(self.now));
        let days_of = |length: f64| whole_days(length.round() as Duration);
        let mut so_far = spent;
        let left = match census.rule {
            Remaining::Conditional => {
                let before = today - visits.day(now - spent.unwrap_or(0));
                let whole = stay.sampler.beyond(more_than(before), draw);
                if whole.is_none() {
                    self.recorder.longer_than_known += 1;
                }
                whole.map_or(1, |length| days_of(length) - before)
            }
            Remaining::Stationary => {
                let left = census.residuals[case].quantile({ draw }.uniform()) / DAY as f64;
                let left = left as i64;
                let whole = stay.sampler.beyond(more_than(left), key.draw(census.rest_purpose, 0));
                let before = whole.map_or(0, |length| days_of(length) - left);
                so_far = spent.or_else(|| Some(now - visits.midnight(today - before)));
                left
            }
            Remaining::Fresh | Remaining::Uniform => {
                let (_, rest) = self.stay_of(found);
                whole_days(rest)
            }
        };
        (so_far, visits.midnight(today + left.max(1)) - now)
    }

    /// Stands a patient in line: in person, or from the place that they hold.
    fn put_in_line(&mut self, found: &Found<'n>) {
        let Found { slot, census, since, .. } = *found;
        if self.patients[slot].status == Status::InStay && self.referred_since(slot).is_some() {
            return self.refer(slot, census.node, since);
        }
        if let Some(next) = census.awaiting {
            let patient = &mut self.patients[slot];
            (patient.next, patient.flow, patient.joined) = (next.node, next.flow, since);
            let history = self.patients.history_mut(slot);
            (history.ready, history.sought) = (since, since);
            self.clocks_since(slot, since, census.node, &[Stage::Ready]);
            self.clocks_since(slot, since, self.line_joined(next.node), &[Stage::Join]);
            return match self.extras(next.node) {
                Some(_) => self.block_by_rules(slot, next.node),
                None => self.block(slot, next.node),
            };
        }
        let node = census.node;
        let patient = &mut self.patients[slot];
        (patient.entered, patient.joined, patient.started) = (since, since, since);
        patient.status = Status::Waiting;
        self.patients.history_mut(slot).came = since;
        let line = self.line_joined(node);
        self.patients[slot].node = self.nodes[line.index()].spec.charged;
        self.clocks_since(slot, since, line, &[Stage::Join, Stage::Arrive]);
        let Some(_) = self.extras(node) else {
            let (stratum, now) = (self.patients[slot].stratum, self.now);
            let state = &mut self.nodes[node.index()];
            state.queue += 1;
            state.waiting += 1;
            state.record.waits(stratum, now);
            return self.stand_in_line(slot, node);
        };
        let Some(extras) = self.extras(line) else { return };
        self.patients.turn_mut(slot).line_of = line;
        self.wait_in_person(slot, line);
        self.stand_by_order(slot, line, extras);
        self.patience_so_far(slot, line, extras, self.now - since);
    }

    /// Patience, and the time in a class, of somebody who has waited so long already.
    fn patience_so_far(&mut self, slot: u32, node: NodeId, extras: &'n Extras, waited: Duration) {
        let now = self.now;
        let patience = extras.patience.as_ref();
        let patience = patience.and_then(|lengths| {
            let case = lengths.cases.iter().find(|case| self.holds(&case.when, slot))?;
            let draw = self.draw_at(slot, node, lengths.purpose);
            Some(self.left_of(&case.sampler, case.list, draw, waited))
        });
        let class = self.patients.turn(slot).class;
        let change = extras.class_changes.iter().find(|change| change.from == class);
        let change = change.map(|change| {
            let draw = self.draw_at(slot, node, change.purpose.at(0));
            self.left_of(&change.after, change.list, draw, waited)
        });
        let turn = self.patients.turn_mut(slot);
        turn.patience = patience.map_or(Time::MAX, |length| now.saturating_add(length));
        turn.change = change.map_or(Time::MAX, |length| now.saturating_add(length));
        turn.changes = 0;
        let first = turn.patience.min(turn.change);
        if first < Time::MAX {
            self.set_timer(slot, first, Rank::Patience);
        }
    }

    /// What is left of a length of which so much has passed.
    pub(super) fn left_of(
        &mut self,
        of: &Sampler,
        list: u32,
        draw: Draw,
        passed: Duration,
    ) -> Duration {
        let whole = match list {
            NO_LIST => of.beyond(passed as f64, draw).map(|length| length.round() as Duration),
            list => self.length(of, list, draw),
        };
        whole.map_or(0, |whole| (whole - passed).max(0))
    }
}
