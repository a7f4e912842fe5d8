//! Slots by calendar: who is given one, who comes, and who does not.
//!
//! A node that gives slots has a `Diary`: its sessions in order of time, made as far ahead as somebody
//! is booked. Who has a slot stands in a line of the node's own, out of the line of those who wait for
//! one. One event for each instant at which there are slots: who is booked then is seen, and what nobody
//! has booked is there, at that instant only, for the first in line.

use super::calendar::{Calendar, Event, Rank};
use super::claims::Claim;
use super::diary::{Booked, Diary, Minutes, Place, Seeks, Session};
use super::patients::{Appointment, Reserved};
use super::record::{Ending, SlotRecord};
use super::simulation::Simulation;
use super::supply::OPEN;
use crate::ids::{NOWHERE, NodeId};
use crate::network::extras::Extras;
use crate::network::network::{Node, Target};
use crate::network::slots::{Again, Booking, Chances, Slots};
use crate::time::{Duration, MINUTE, Time, WEEK, YEAR};

/// Sessions are made so far beyond the last when nobody says how far is needed.
const AHEAD: Duration = 4 * WEEK;
/// Nobody is booked further ahead: who is to come later comes then.
const FAR: Duration = 20 * YEAR;

impl<'n, C: Calendar> Simulation<'n, C> {
    // ---- sessions -------------------------------------------------------------------------------

    /// At the beginning: the first slots of every node that gives any.
    pub(super) fn open_diaries(&mut self) {
        let network = self.network;
        self.diaries.resize_with(network.diaries, Diary::default);
        for (i, spec) in (0u32..).zip(&network.nodes) {
            let Some(slots) = spec.extras.as_ref().and_then(|extras| extras.slots.as_ref()) else {
                continue;
            };
            let now = self.now;
            let diary = &mut self.diaries[slots.diary as usize];
            diary.clear(slots.sessions.len());
            for (coming, session) in diary.coming.iter_mut().zip(&slots.sessions) {
                *coming = session.begins.at_or_after(now);
            }
            self.nodes[i as usize].record.slots = Some(Box::default());
            self.expect_slots(NodeId(i), slots);
        }
    }

    /// Writes the next session into the diary; `false` if there is none.
    fn write_session(&mut self, node: NodeId, slots: &'n Slots) -> bool {
        let now = self.now;
        let diary = &mut self.diaries[slots.diary as usize];
        let Some((kind, begins)) = diary.coming() else { return false };
        let spec = &slots.sessions[kind];
        diary.coming[kind] = spec.begins.at_or_after(begins + 1);
        let number = spec.slots.at(begins);
        let (instants, room) = match spec.every {
            _ if spec.minutes => (1, 0),
            0 => (1, number),
            _ => (number.max(1) as usize, number.min(1)),
        };
        let total = Duration::from(number) * MINUTE;
        let minutes = Minutes {
            total,
            left: total,
            ends: begins + total,
            begun: false,
            busy: false,
            filled: number == 0,
        };
        let mut session = diary.spare.pop().unwrap_or_default();
        session.taken.clear();
        session.taken.resize(instants, 0);
        session.carved.clear();
        session.carved.resize(slots.carved.len(), 0);
        session.booked.clear();
        let overbook = slots.booking.as_ref().map_or(0.0, |booking| booking.overbook);
        let key = self.nodes[node.index()].supply.key;
        let off = slots.called_off.and_then(|(share, notice, purpose)| {
            // By its beginning, so that no other session changes what becomes of this one.
            let draw = key.patient(begins as u64).draw(purpose.at(kind as u64), 0);
            ({ draw }.uniform() < share).then(|| begins - notice)
        });
        let session = Session {
            begins,
            late: spec.late,
            every: spec.every,
            room,
            over: 0,
            now: false,
            free: if spec.minutes { 0 } else { number },
            minutes: spec.minutes.then_some(minutes),
            extra: (f64::from(number) * overbook).round() as u32,
            off,
            called_off: false,
            ..session
        };
        let diary = &mut self.diaries[slots.diary as usize];
        diary.sessions.push_back(session);
        match off {
            Some(known) if known <= now => {
                let number = diary.first + diary.sessions.len() as u64 - 1;
                self.call_off(node, slots, number);
            }
            Some(known) => {
                let seq = self.next_seq();
                self.calendar.push(Event::new(known, Rank::Slots, node.0, seq));
            }
            None => {}
        }
        true
    }

    /// Puts the next slots of a node into the calendar.
    fn expect_slots(&mut self, node: NodeId, slots: &'n Slots) {
        loop {
            let diary = &mut self.diaries[slots.diary as usize];
            let coming = diary.coming().map_or(Time::MAX, |(_, time)| time);
            diary.next = (Time::MAX, false);
            match diary.next() {
                // Before whatever is not in the diary yet.
                Some(next) if next.0 < coming => {
                    diary.next = next;
                    let rank = if next.1 { Rank::LateSlots } else { Rank::Slots };
                    let seq = self.next_seq();
                    return self.calendar.push(Event::new(next.0, rank, node.0, seq));
                }
                _ => {
                    if !self.write_session(node, slots) {
                        return;
                    }
                }
            }
        }
    }

    /// It becomes known that a session does not take place: who was booked goes back to the line.
    fn call_off(&mut self, node: NodeId, slots: &'n Slots, number: u64) {
        let diary = &mut self.diaries[slots.diary as usize];
        let Some(session) = diary.session(number) else { return };
        session.called_off = true;
        let booked = std::mem::take(&mut session.booked);
        let lost = session.room as usize * session.taken.len();
        let minutes = session.minutes.map_or(0, |minutes| minutes.total);
        let record = self.slot_record(node);
        record.called_off += lost as u64;
        record.minutes_called_off += minutes;
        for Booked { slot, .. } in booked {
            self.wait_again(slot);
        }
        self.comes_up(node);
    }

    /// The instant of slots, or of news about them, has come.
    #[cold]
    pub(super) fn slots_due(&mut self, node: u32, late: bool) {
        let (node, now) = (NodeId(node), self.now);
        let Some(slots) = self.extras(node).and_then(|extras| extras.slots.as_ref()) else {
            return;
        };
        while slots.called_off.is_some()
            && let Some(number) = self.diaries[slots.diary as usize].known_off(now)
        {
            self.call_off(node, slots, number);
        }
        let diary = &mut self.diaries[slots.diary as usize];
        let looks = diary.look == now;
        if looks {
            diary.look = Time::MAX;
        }
        if diary.next != (now, late) {
            if looks {
                self.comes_up(node);
            }
            return;
        }
        diary.open = (now, late);
        let mut due = std::mem::take(&mut diary.due);
        let mut told = SlotRecord::default();
        for session in diary.sessions.iter_mut().take_while(|session| session.begins <= now) {
            if session.now {
                session.now = false;
                session.free -= session.room.saturating_sub(session.taken[session.over]);
                session.over += 1;
            }
            if session.late != late || session.next() != Some(now) {
                continue;
            }
            session.now = true;
            if let Some(minutes) = &mut session.minutes {
                minutes.begun = true;
                told.minutes_offered += minutes.total;
                continue;
            }
            let taken = session.taken[session.over];
            told.offered += u64::from(session.room);
            told.unused += u64::from(session.room.saturating_sub(taken));
            told.booked += u64::from(taken);
            let over = session.over;
            let comes = |booked: &Booked| booked.place.instant == over;
            due.extend(session.booked.iter().filter(|booked| comes(booked)).map(|b| b.slot));
            session.booked.retain(|booked| !comes(booked));
        }
        while let Some(session) = diary.sessions.pop_front_if(|session| session.is_over()) {
            diary.spare.push(session);
            diary.first += 1;
        }
        diary.pass_over_full();
        self.slot_record(node).add(&told);
        for slot in due.drain(..) {
            // A leg may have been stopped by what became of another.
            if self.patients.turn(slot).appointment.node != node {
                continue;
            }
            self.patients.turn_mut(slot).appointment.node = NOWHERE;
            self.keep_appointment(slot, node, slots);
        }
        self.diaries[slots.diary as usize].due = due;
        self.expect_slots(node, slots);
        self.comes_up(node);
    }

    pub(super) fn slot_record(&mut self, node: NodeId) -> &mut SlotRecord {
        self.nodes[node.index()].record.slots.get_or_insert_default()
    }

    // ---- who is given a slot --------------------------------------------------------------------

    /// Gives the slots of this instant that nobody has booked to those who wait, then books ahead.
    pub(super) fn assign_slots(&mut self, node: NodeId, extras: &'n Extras, slots: &'n Slots) {
        if self.slots_open(slots) {
            while let Some(claim) = self.next_claim(node, extras) {
                self.give_slot(claim, node, extras, slots);
            }
        }
        if let Some(booking) = &slots.booking {
            if booking.bounded {
                self.write_until(node, slots, self.now.saturating_add(booking.horizon));
            }
            self.diaries[slots.diary as usize].ahead = true;
            while let Some(claim) = self.next_claim(node, extras) {
                self.book(claim, node, extras, slots, booking);
            }
            self.diaries[slots.diary as usize].ahead = false;
            self.look_again(node, extras, slots, booking);
        }
        self.run_sessions(node, slots);
        if !extras.switches.is_empty() {
            self.let_go_over(node, extras);
        }
        self.turn_away_to(node, extras);
    }

    /// Whether slots are there to be given at this very instant.
    fn slots_open(&self, slots: &Slots) -> bool {
        let diary = &self.diaries[slots.diary as usize];
        let late = diary.open.1;
        let last = if late { Rank::LateSlots } else { Rank::Assignment };
        diary.open.0 == self.now && self.rank <= last as u32
    }

    /// The kind of slot that there is for a claimant, now or ahead.
    pub(super) fn slot_for(&self, slot: u32, node: NodeId, slots: &'n Slots) -> Option<u32> {
        let (patient, now) = (&self.patients[slot], self.now);
        let diary = &self.diaries[slots.diary as usize];
        let books = slots.booking.as_ref().filter(|booking| self.holds(&booking.when, slot));
        if diary.ahead {
            let (from, until) = self.span(slot, books?);
            // Whether there is one is only found out by writing on; then it is known.
            if diary.coming().is_some_and(|(_, begins)| begins <= until) {
                return Some(OPEN);
            }
            let who = self.seeks(slot, node, slots);
            return diary.find(slots, &who, (from, until), now).map(|(.., place)| place.carved);
        }
        let appointment = &self.patients.turn(slot).appointment;
        let from = books.map_or(patient.joined, |booking| self.span(slot, booking).0);
        if (patient.joined >= now && !diary.open.1) || from.max(appointment.not_before) > now {
            return None;
        }
        let who = self.seeks(slot, node, slots);
        diary.sessions.iter().find_map(|session| session.now_for(slots, &who, now))
    }

    /// What a patient needs of a session.
    fn seeks(&self, slot: u32, node: NodeId, slots: &Slots) -> Seeks {
        let holds = |kind: &crate::network::slots::CarveOut| self.condition(&kind.when, slot);
        let kinds = slots.carved.iter().enumerate();
        let kinds = kinds.filter(|(_, kind)| holds(kind)).fold(0, |kinds, (at, _)| kinds | 1 << at);
        Seeks { kinds, need: self.need(slot, node, slots) }
    }

    /// How long a patient is expected to take of a session with minutes: drawn by key, so that it is the
    /// same whenever it is asked.
    fn need(&self, slot: u32, node: NodeId, slots: &Slots) -> Duration {
        if !slots.sessions.iter().any(|session| session.minutes) {
            return 0;
        }
        let spec = self.nodes[node.index()].spec;
        let (cases, purpose) = match &slots.estimate {
            Some(estimate) => (&estimate.cases, estimate.purpose),
            None => (&spec.stays, spec.stay_purpose),
        };
        let case = cases.iter().find(|case| self.holds(&case.when, slot));
        let Some(case) = case.or(cases.last()) else { return 0 };
        let length = case.length(self.now, self.draw_at(slot, node, purpose));
        match self.happens(slot, node, &slots.remote, 0) {
            None => length,
            Some(case) => (length as f64 * slots.factors[case]).round() as Duration,
        }
    }

    /// Somebody who stands in a line comes again at an instant or later: is booked at once, however far ahead
    /// that is.
    pub(super) fn is_booked_far(&mut self, line: NodeId, not_before: Time) {
        let Some(extras) = self.extras(line) else { return };
        for server in &extras.served_by {
            let slots = self.extras(*server).and_then(|extras| extras.slots.as_ref());
            let Some(slots) = slots else { continue };
            if let Some(booking) = &slots.booking {
                let diary = &mut self.diaries[slots.diary as usize];
                diary.far = diary.far.max(not_before.saturating_add(booking.horizon));
            }
        }
    }

    /// Between which instants a slot may be booked for a patient.
    fn span(&self, slot: u32, booking: &Booking) -> (Time, Time) {
        let joined = self.patients[slot].joined;
        let not_before = self.patients.turn(slot).appointment.not_before;
        let from = joined.saturating_add(booking.lead).max(not_before).max(self.now);
        // Who comes again later is booked at once, however far ahead that is.
        let until = self.now.max(not_before).saturating_add(booking.horizon);
        let far = self.now.saturating_add(FAR);
        (from.min(far), until.min(far))
    }

    /// Writes the sessions that begin until an instant.
    fn write_until(&mut self, node: NodeId, slots: &'n Slots, until: Time) {
        loop {
            let coming = self.diaries[slots.diary as usize].coming();
            if coming.is_none_or(|(_, begins)| begins > until) {
                return;
            }
            self.write_session(node, slots);
        }
    }

    /// Plans to look at those who wait in line again, once more may be booked.
    fn look_again(
        &mut self,
        node: NodeId,
        extras: &'n Extras,
        slots: &'n Slots,
        booking: &'n Booking,
    ) {
        let now = self.now;
        let diary = &self.diaries[slots.diary as usize];
        let planned = diary.look > now && diary.look < Time::MAX;
        if planned || !extras.serves.iter().any(|serving| self.in_lines(serving.line)) {
            return;
        }
        if let Some(at) = diary.within_reach(slots, booking, now) {
            self.diaries[slots.diary as usize].look = at;
            let seq = self.next_seq();
            self.calendar.push(Event::new(at, Rank::Slots, node.0, seq));
        }
    }

    /// Books the earliest slot for a claimant, if there is one; if not, all sessions within reach have been
    /// written.
    fn book(
        &mut self,
        claim: Claim,
        node: NodeId,
        extras: &'n Extras,
        slots: &'n Slots,
        booking: &'n Booking,
    ) {
        let (slot, now) = (claim.slot, self.now);
        let who = self.seeks(slot, node, slots);
        let (from, until) = self.span(slot, booking);
        self.write_until(node, slots, from);
        let (number, place) = loop {
            let diary = &self.diaries[slots.diary as usize];
            let found = diary.find(slots, &who, (from, until), now);
            let coming = diary.coming().map_or(Time::MAX, |(_, begins)| begins);
            match found {
                // A session of another kind begins before that.
                Some((instant, ..)) if coming < instant => self.write_until(node, slots, instant),
                Some((_, number, place)) => break (number, place),
                None if coming <= until => {
                    self.write_until(node, slots, coming.saturating_add(AHEAD).min(until));
                }
                None => return,
            }
        };
        let diary = &mut self.diaries[slots.diary as usize];
        let Some(session) = diary.session(number) else { return };
        session.take(place, who.need);
        session.booked.push(Booked { slot, place, need: who.need });
        let instant = session.instant(place.instant);
        diary.pass_over_full();
        self.lines.leave(slot, &mut self.patients);
        self.lines.join(slots.booked_line, slot, &mut self.patients);
        let turn = self.patients.turn_mut(slot);
        turn.via = extras.serves[claim.serving].flow;
        turn.appointment.tries += 1;
        let tries = u64::from(turn.appointment.tries);
        let cancels = self.happens(slot, node, &booking.cancel, tries);
        let notice = cancels.and_then(|case| {
            let case = &booking.notice.cases[case];
            let draw = self.draw_at(slot, node, booking.notice.purpose.at(tries));
            self.length(&case.sampler, case.list, draw)
        });
        let cancel = notice.map_or(Time::MAX, |notice| instant.saturating_sub(notice).max(now));
        self.patients.turn_mut(slot).appointment =
            Appointment { node, session: number, cancel, ..self.patients.turn(slot).appointment };
        if cancel < Time::MAX {
            self.await_first(slot);
        }
    }

    /// Which of the cases holds for a patient, if it comes to pass at the draw of this number.
    fn happens(&self, slot: u32, node: NodeId, of: &Chances, number: u64) -> Option<usize> {
        let case = of.cases.iter().position(|(when, _)| self.holds(when, slot))?;
        let share = of.cases[case].1;
        let happens =
            share > 0.0 && self.draw_at(slot, node, of.purpose.at(number)).uniform() < share;
        happens.then_some(case)
    }

    /// Gives a slot of this instant to a claimant.
    fn give_slot(&mut self, claim: Claim, node: NodeId, extras: &'n Extras, slots: &'n Slots) {
        let Claim { slot, serving, .. } = claim;
        let (now, who) = (self.now, self.seeks(slot, node, slots));
        let diary = &mut self.diaries[slots.diary as usize];
        let open = (diary.first..).zip(&mut diary.sessions);
        let mut open =
            open.filter_map(|(number, s)| Some((number, s.now_for(slots, &who, now)?, s)));
        let Some((number, carved, session)) = open.next() else { return };
        let turn = self.patients.turn_mut(slot);
        turn.via = extras.serves[serving].flow;
        let place = Place { instant: session.over, carved, extra: false };
        if let Some(minutes) = &mut session.minutes {
            if !minutes.fits(who.need) {
                // The first in line does not fit, and nobody is taken before.
                minutes.filled = true;
                return;
            }
            session.take(place, who.need);
            session.booked.push(Booked { slot, place, need: who.need });
            turn.appointment.tries += 1;
            (turn.appointment.node, turn.appointment.session) = (node, number);
            self.lines.leave(slot, &mut self.patients);
            return self.lines.join(slots.booked_line, slot, &mut self.patients);
        }
        session.take(place, 0);
        turn.appointment.tries += 1;
        self.slot_record(node).unused -= 1;
        self.keep_appointment(slot, node, slots);
    }

    /// Sessions with minutes in which nobody is being seen take the next on their lists.
    fn run_sessions(&mut self, node: NodeId, slots: &'n Slots) {
        let mut at = 0;
        loop {
            let now = self.now;
            let diary = &mut self.diaries[slots.diary as usize];
            let number = diary.first + at as u64;
            let Some(session) = diary.sessions.get_mut(at).filter(|s| s.begins <= now) else {
                return;
            };
            let waits = session.minutes.as_mut().filter(|of| of.begun && !of.busy);
            let (Some(minutes), false) = (waits, session.booked.is_empty()) else {
                at += 1;
                continue;
            };
            let Booked { slot, need, .. } = session.booked.remove(0);
            let alone = now == session.begins && need > minutes.total;
            let in_time = now + need <= minutes.ends + slots.overrun || alone;
            let ends = minutes.ends;
            self.patients.turn_mut(slot).appointment.node = NOWHERE;
            if !in_time {
                self.cancel_on_the_day(slot, node);
            } else if self.keep_appointment(slot, node, slots) {
                let turn = self.patients.turn_mut(slot);
                turn.appointment.session = number;
                turn.appointment.in_session = true;
                let over = turn.ends;
                let record = self.slot_record(node);
                record.minutes_used += over - now;
                record.minutes_over += (over - ends.max(now)).max(0);
                let diary = &mut self.diaries[slots.diary as usize];
                if let Some(of) = diary.session(number).and_then(|s| s.minutes.as_mut()) {
                    of.busy = true;
                }
            }
        }
    }

    /// Whoever was seen in a session with minutes is so no more: the next may be.
    pub(super) fn out_of_session(&mut self, slot: u32) {
        let node = self.patients[slot].node;
        let appointment = &mut self.patients.turn_mut(slot).appointment;
        appointment.in_session = false;
        let number = appointment.session;
        let Some(slots) = self.extras(node).and_then(|extras| extras.slots.as_ref()) else {
            return;
        };
        let diary = &mut self.diaries[slots.diary as usize];
        if let Some(of) = diary.session(number).and_then(|s| s.minutes.as_mut()) {
            of.busy = false;
        }
        self.comes_up(node);
    }

    /// A patient who was to be seen goes back to the line, where the clock has run on.
    fn cancel_on_the_day(&mut self, slot: u32, node: NodeId) {
        self.slot_record(node).cancelled_on_day += 1;
        self.patients.turn_mut(slot).appointment.not_before = self.now + 1;
        self.wait_again(slot);
        self.comes_up(node);
    }

    // ---- who comes ------------------------------------------------------------------------------

    /// The slot of a patient has come: the patient is seen, or does not attend, or is sent away because
    /// there is no place elsewhere. Tells whether the patient is seen.
    fn keep_appointment(&mut self, slot: u32, node: NodeId, slots: &'n Slots) -> bool {
        let tries = u64::from(self.patients.turn(slot).appointment.tries);
        if self.happens(slot, node, &slots.missed, tries).is_some() {
            self.slot_record(node).missed += 1;
            self.see_again(slot, node, Ending::Missed, &slots.if_missed, self.now);
            return false;
        }
        let mut bed = (NOWHERE, OPEN);
        if let Some((ward, when)) = &slots.needs
            && self.holds(when, slot)
        {
            let Some(fence) = self.keep_place(slot, *ward) else {
                self.cancel_on_the_day(slot, node);
                return false;
            };
            bed = (*ward, fence);
        }
        let returned = self.patients.turn(slot).returned;
        self.leave_line(slot);
        self.cancel_timer(slot);
        let spec = self.nodes[node.index()].spec;
        let class = if spec.classes.is_empty() { 0 } else { self.class_of(slot, spec) };
        let turn = self.patients.turn_mut(slot);
        turn.class = class;
        let contacts = turn.appointment.contacts;
        turn.appointment = Appointment { contacts, bed, ..Appointment::default() };
        let record = self.slot_record(node);
        record.used += 1;
        record.follow_ups += u64::from(contacts > 0);
        self.take_claimed(slot, node, returned);
        if let Some(extras) = self.extras(node) {
            self.touched(extras);
        }
        true
    }

    /// Keeps a place at a node for a patient who is to come there, if one is free and nobody in line for
    /// it; tells of which kind it is.
    fn keep_place(&mut self, slot: u32, ward: NodeId) -> Option<u32> {
        if !self.takes_at_once(slot, ward) {
            return None;
        }
        let fence = match self.extras(ward) {
            None => OPEN,
            Some(extras) => self.place_for(slot, ward, extras)?,
        };
        let state = &mut self.nodes[ward.index()];
        state.reserved += 1;
        state.supply.kept += 1;
        if let Some(fenced) = state.supply.fenced.get_mut(fence as usize) {
            *fenced += 1;
        }
        if let Some(extras) = self.extras(ward) {
            self.touched(extras);
        }
        Some(fence)
    }

    /// A patient leaves for whom a place was kept: goes there, or gives it up.
    pub(super) fn use_kept_place(&mut self, slot: u32) {
        let appointment = &mut self.patients.turn_mut(slot).appointment;
        let (ward, fence) = std::mem::replace(&mut appointment.bed, (NOWHERE, OPEN));
        if ward == NOWHERE {
            return;
        }
        let patient = &mut self.patients[slot];
        let state = &mut self.nodes[ward.index()];
        state.supply.kept -= 1;
        if patient.next == ward {
            (patient.reserved, patient.joined) = (Reserved::Place, self.now);
            state.record.joined(patient.stratum);
            self.patients.turn_mut(slot).next_fence = fence;
            return;
        }
        state.reserved -= 1;
        if let Some(fenced) = state.supply.fenced.get_mut(fence as usize) {
            *fenced -= 1;
        }
        self.comes_up(ward);
        if let Some(extras) = self.extras(ward) {
            self.touched(extras);
        }
    }

    /// A patient was not seen in a slot: is given another one after `after`, or goes elsewhere.
    fn see_again(&mut self, slot: u32, node: NodeId, ending: Ending, how: &'n Again, after: Time) {
        match how {
            Again::Rebook => {
                let appointment = &mut self.patients.turn_mut(slot).appointment;
                appointment.not_before = after + 1;
                self.wait_again(slot);
            }
            Again::To(to) => {
                self.leave_line(slot);
                self.come_from_line(slot, node, false);
                self.send_on(slot, node, ending, to);
            }
        }
        self.comes_up(node);
    }

    /// A patient who has a slot no more stands in the line again, where the clock has run on.
    fn wait_again(&mut self, slot: u32) {
        let line_of = self.patients.turn(slot).line_of;
        let appointment = &mut self.patients.turn_mut(slot).appointment;
        (appointment.node, appointment.cancel) = (NOWHERE, Time::MAX);
        self.lines.leave(slot, &mut self.patients);
        self.find_position(slot, line_of);
        self.ask_servers(line_of);
        self.await_first(slot);
    }

    /// A patient gives a booked slot back.
    pub(super) fn cancel_slot(&mut self, slot: u32) {
        let node = self.patients.turn(slot).appointment.node;
        let slots = self.extras(node).and_then(|extras| extras.slots.as_ref());
        let Some(booking) = slots.and_then(|slots| slots.booking.as_ref()) else { return };
        let instant = self.strike_out(slot).unwrap_or(self.now);
        self.slot_record(node).cancelled += 1;
        self.see_again(slot, node, Ending::Cancelled, &booking.if_cancelled, instant);
    }

    /// Strikes the slot of a patient out of the diary, and tells when it would have been.
    pub(super) fn strike_out(&mut self, slot: u32) -> Option<Time> {
        let appointment = &mut self.patients.turn_mut(slot).appointment;
        let node = std::mem::replace(&mut appointment.node, NOWHERE);
        let number = appointment.session;
        appointment.cancel = Time::MAX;
        let slots = self.extras(node)?.slots.as_ref()?;
        let diary = &mut self.diaries[slots.diary as usize];
        diary.full_before = diary.full_before.min(number);
        // It may be within reach earlier than another.
        diary.look = Time::MAX;
        let session = diary.session(number)?;
        let at = session.booked.iter().position(|booked| booked.slot == slot)?;
        let Booked { place, need, .. } = session.booked.remove(at);
        session.give_back(place, need);
        let instant = session.instant(place.instant);
        self.comes_up(node);
        Some(instant)
    }

    // ---- the contact ----------------------------------------------------------------------------

    /// The length of a stay as it is: a contact from afar takes a part of it.
    pub(super) fn contact(&mut self, slot: u32, node: NodeId, stay: Duration) -> Duration {
        let Some(slots) = self.extras(node).and_then(|extras| extras.slots.as_ref()) else {
            return stay;
        };
        match self.happens(slot, node, &slots.remote, 0) {
            None => stay,
            Some(case) => {
                self.slot_record(node).remote += 1;
                (stay as f64 * slots.factors[case]).round() as Duration
            }
        }
    }

    /// Whether a patient whose contact is over comes again, and where that leads.
    pub(super) fn comes_again(&mut self, slot: u32, spec: &Node) -> Option<Target> {
        let booking = spec.extras.as_ref()?.slots.as_ref()?.booking.as_ref()?;
        let node = self.patients[slot].node;
        let again = self.happens(slot, node, &booking.follow_up, 0).and_then(|case| {
            let case = &booking.after.cases[case];
            let draw = self.draw_at(slot, node, booking.after.purpose);
            self.length(&case.sampler, case.list, draw)
        });
        let (now, appointment) = (self.now, &mut self.patients.turn_mut(slot).appointment);
        let Some(after) = again else {
            appointment.contacts = 0;
            return None;
        };
        appointment.contacts += 1;
        appointment.not_before = now.saturating_add(after);
        Some(Target { node, flow: booking.flow })
    }
}
