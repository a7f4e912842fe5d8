//! Slots by calendar: who is given one, who comes, and who does not.
//!
//! A node that gives slots has a `Diary`: its sessions in order of time, made as far ahead as somebody
//! is booked. Who has a slot stands in a line of the node's own, out of the line of those who wait for
//! one. One event for each instant at which there are slots: who is booked then is seen, and what nobody
//! has booked is there, at that instant only, for the first in line.

use std::collections::VecDeque;

use super::calendar::{Calendar, Event, Rank};
use super::claims::Claim;
use super::patients::Appointment;
use super::record::{Ending, SlotRecord};
use super::simulation::Simulation;
use super::supply::OPEN;
use crate::ids::{NOWHERE, NodeId};
use crate::network::extras::Extras;
use crate::network::network::{Node, Target};
use crate::network::slots::{Again, Booking, Chances, Slots};
use crate::time::{Duration, Time, WEEK};

/// Sessions are made so far beyond the last when nobody says how far is needed.
const AHEAD: Duration = 4 * WEEK;

/// The sessions of a node from now on.
#[derive(Debug, Default)]
pub(super) struct Diary {
    /// Those not over, by their beginning.
    sessions: VecDeque<Session>,
    /// The number of the first of them.
    first: u64,
    /// No session before this number has a slot to give.
    full_before: u64,
    /// Sessions that are over, to be used again.
    spare: Vec<Session>,
    /// Of each kind of session, the next beginning that is not in the diary yet.
    coming: Vec<Time>,
    /// The instant of the next slots, and whether they are late.
    next: (Time, bool),
    /// The instant of the slots last come to.
    open: (Time, bool),
    /// Slots are being booked ahead, not given now.
    ahead: bool,
    /// Those whose slots have come.
    due: Vec<u32>,
}

/// A session.
#[derive(Debug, Default)]
struct Session {
    begins: Time,
    late: bool,
    /// From one of its instants to the next.
    every: Duration,
    /// Slots at each of its instants.
    room: u32,
    /// Slots taken, by instant.
    taken: Vec<u32>,
    /// Instants that are over.
    over: usize,
    /// The first instant that is not over is now.
    now: bool,
    /// Slots of the instants not over that are not taken.
    free: u32,
    /// How many more slots may be booked twice.
    extra: u32,
    /// Slots taken of each kind that is kept for some.
    carved: Vec<u32>,
    booked: Vec<Booked>,
    /// When it becomes known that it is called off.
    off: Option<Time>,
    called_off: bool,
}

/// Somebody who has a slot.
#[derive(Clone, Copy, Debug)]
struct Booked {
    slot: u32,
    place: Place,
}

/// A slot of a session.
#[derive(Clone, Copy, Debug)]
struct Place {
    /// Which of the instants.
    instant: usize,
    /// Of which kind that is kept for some, or [`OPEN`].
    carved: u32,
    /// Booked twice.
    extra: bool,
}

impl Session {
    fn instant(&self, at: usize) -> Time {
        self.begins + at as i64 * self.every
    }

    /// The next instant at which it has slots to come.
    fn next(&self) -> Option<Time> {
        let next = self.over + usize::from(self.now);
        (!self.called_off && next < self.taken.len()).then(|| self.instant(next))
    }

    fn is_over(&self) -> bool {
        self.called_off || self.over == self.taken.len()
    }

    /// The kind of slot for somebody who is of these kinds, if there is one.
    fn kind(&self, slots: &Slots, kinds: u32, now: Time) -> Option<u32> {
        let own = |at: &usize| kinds >> at & 1 == 1 && self.carved[*at] < slots.carved[*at].slots;
        if self.free == 0 {
            return None;
        }
        if let Some(own) = (0..slots.carved.len()).find(own) {
            return Some(own as u32);
        }
        let kept = slots.carved.iter().zip(&self.carved).map(|(kind, taken)| {
            let released = kind.release.is_some_and(|release| now >= self.begins - release);
            if released { 0 } else { kind.slots.saturating_sub(*taken) }
        });
        (self.free > kept.sum()).then_some(OPEN)
    }

    /// The first slot at `from` or later for somebody of these kinds.
    fn find(&self, slots: &Slots, kinds: u32, from: Time, now: Time) -> Option<Place> {
        let first = if self.every == 0 {
            usize::from(self.begins < from)
        } else {
            ((from - self.begins + self.every - 1).div_euclid(self.every)).max(0) as usize
        };
        let first = first.max(self.over + usize::from(self.now));
        let find =
            |most: u32| (first..self.taken.len()).find(|instant| self.taken[*instant] < most);
        if let Some(carved) = self.kind(slots, kinds, now)
            && let Some(instant) = find(self.room)
        {
            return Some(Place { instant, carved, extra: false });
        }
        // Twice only what is full.
        let most = if self.every == 0 { u32::MAX } else { 2 * self.room };
        let full = self.extra > 0 && find(self.room).is_none();
        let instant = full.then(|| find(most)).flatten()?;
        Some(Place { instant, carved: OPEN, extra: true })
    }

    fn take(&mut self, place: Place) {
        self.taken[place.instant] += 1;
        if place.extra {
            self.extra -= 1;
        } else {
            self.free -= 1;
        }
        if let Some(carved) = self.carved.get_mut(place.carved as usize) {
            *carved += 1;
        }
    }

    fn give_back(&mut self, place: Place) {
        self.taken[place.instant] -= 1;
        // Whoever was booked second has the slot alone now.
        let same =
            |booked: &&mut Booked| booked.place.instant == place.instant && booked.place.extra;
        if place.extra {
            self.extra += 1;
        } else if let Some(second) = self.booked.iter_mut().find(same) {
            second.place.extra = false;
            self.extra += 1;
        } else {
            self.free += 1;
        }
        if let Some(carved) = self.carved.get_mut(place.carved as usize) {
            *carved -= 1;
        }
    }
}

impl Diary {
    fn clear(&mut self, kinds: usize) {
        self.spare.extend(self.sessions.drain(..));
        self.coming.clear();
        self.coming.resize(kinds, Time::MAX);
        (self.first, self.full_before) = (0, 0);
        (self.next, self.open) = ((Time::MAX, false), (Time::MIN, false));
        (self.ahead, self.due) = (false, Vec::new());
    }

    fn session(&mut self, number: u64) -> Option<&mut Session> {
        self.sessions.get_mut(number.checked_sub(self.first)? as usize)
    }

    /// The kind of the session that comes after those in the diary, and its beginning.
    fn coming(&self) -> Option<(usize, Time)> {
        let first = self.coming.iter().copied().enumerate().min_by_key(|(_, time)| *time);
        first.filter(|(_, time)| *time < Time::MAX)
    }

    /// The earliest slot between two instants for somebody of these kinds.
    fn find(
        &self,
        slots: &Slots,
        kinds: u32,
        (from, until): (Time, Time),
        now: Time,
    ) -> Option<(u64, Place)> {
        let mut best: Option<(Time, u64, Place)> = None;
        let first = self.full_before.max(self.first);
        let skipped = (first - self.first) as usize;
        for (number, session) in (first..).zip(self.sessions.iter().skip(skipped)) {
            let limit = best.map_or(until.saturating_add(1), |(time, ..)| time);
            if session.begins >= limit {
                break;
            }
            // Too late is who comes at the very instant, but not at the end of a day.
            let from = if session.late { from } else { from.max(now + 1) };
            let place =
                if session.called_off { None } else { session.find(slots, kinds, from, now) };
            if let Some(place) = place
                && session.instant(place.instant) < limit
            {
                best = Some((session.instant(place.instant), number, place));
            }
        }
        best.map(|(_, number, place)| (number, place))
    }

    /// A session of which it is known by now that it does not take place, and that is there still.
    fn known_off(&self, now: Time) -> Option<u64> {
        let known = |session: &Session| {
            !session.called_off && session.off.is_some_and(|known| known <= now)
        };
        Some(self.first + self.sessions.iter().position(known)? as u64)
    }

    /// The next instant of slots among the sessions in the diary, and whether they are late.
    fn next(&self) -> Option<(Time, bool)> {
        let mut best = None;
        for session in &self.sessions {
            if best.is_some_and(|(time, _)| session.begins > time) {
                break;
            }
            let next = session.next().map(|time| (time, session.late));
            best = [best, next].into_iter().flatten().min();
        }
        best
    }

    /// Sessions at the front that have nothing to give are passed over from now on.
    fn pass_over_full(&mut self) {
        self.full_before = self.full_before.max(self.first);
        let skipped = (self.full_before - self.first) as usize;
        let full = |session: &&Session| session.free + session.extra == 0 || session.called_off;
        self.full_before += self.sessions.iter().skip(skipped).take_while(full).count() as u64;
    }
}

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
        let (instants, room) =
            if spec.every == 0 { (1, number) } else { (number.max(1) as usize, number.min(1)) };
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
            free: number,
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
        self.slot_record(node).called_off += lost as u64;
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
        if diary.next != (now, late) {
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
                if !self.book(claim, node, extras, slots, booking) {
                    break;
                }
            }
            self.diaries[slots.diary as usize].ahead = false;
        }
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
    pub(super) fn slot_for(&self, slot: u32, slots: &'n Slots) -> Option<u32> {
        let (patient, now) = (&self.patients[slot], self.now);
        let diary = &self.diaries[slots.diary as usize];
        let books = slots.booking.as_ref().filter(|booking| self.holds(&booking.when, slot));
        if diary.ahead {
            let booking = books?;
            // Without a bound it is only found out by writing on.
            if !booking.bounded {
                return Some(OPEN);
            }
            let kinds = self.carved_kinds(slot, slots);
            let span = self.span(slot, booking);
            return diary.find(slots, kinds, span, now).map(|(_, place)| place.carved);
        }
        let appointment = &self.patients.turn(slot).appointment;
        let from = books.map_or(patient.joined, |booking| self.span(slot, booking).0);
        if (patient.joined >= now && !diary.open.1) || from.max(appointment.not_before) > now {
            return None;
        }
        let kinds = self.carved_kinds(slot, slots);
        diary.sessions.iter().filter(|s| has_room(s)).find_map(|s| s.kind(slots, kinds, now))
    }

    /// Between which instants a slot may be booked for a patient.
    fn span(&self, slot: u32, booking: &Booking) -> (Time, Time) {
        let joined = self.patients[slot].joined;
        let not_before = self.patients.turn(slot).appointment.not_before;
        let from = joined.saturating_add(booking.lead).max(not_before).max(self.now);
        // Who comes again later is booked at once, however far ahead that is.
        let until = self.now.max(not_before).saturating_add(booking.horizon);
        (from, until)
    }

    /// Which of the slots that are kept for some a patient may have, one bit each.
    fn carved_kinds(&self, slot: u32, slots: &Slots) -> u32 {
        let holds = |kind: &crate::network::slots::CarveOut| self.condition(&kind.when, slot);
        let kinds = slots.carved.iter().enumerate();
        kinds.filter(|(_, kind)| holds(kind)).fold(0, |kinds, (at, _)| kinds | 1 << at)
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

    /// Books the earliest slot for a claimant; `false` if there is none.
    fn book(
        &mut self,
        claim: Claim,
        node: NodeId,
        extras: &'n Extras,
        slots: &'n Slots,
        booking: &'n Booking,
    ) -> bool {
        let (slot, now) = (claim.slot, self.now);
        let kinds = self.carved_kinds(slot, slots);
        let (from, until) = self.span(slot, booking);
        self.write_until(node, slots, from);
        let (number, place) = loop {
            let diary = &self.diaries[slots.diary as usize];
            if let Some(found) = diary.find(slots, kinds, (from, until), now) {
                break found;
            }
            match diary.coming() {
                Some((_, begins)) if begins <= until => {
                    self.write_until(node, slots, begins.saturating_add(AHEAD).min(until));
                }
                _ => return false,
            }
        };
        let diary = &mut self.diaries[slots.diary as usize];
        let Some(session) = diary.session(number) else { return false };
        session.take(place);
        session.booked.push(Booked { slot, place });
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
        true
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
        let Claim { slot, serving, fence: carved } = claim;
        let (now, diary) = (self.now, &mut self.diaries[slots.diary as usize]);
        let mut open = diary.sessions.iter_mut().filter(|session| has_room(session));
        let kind = if carved == OPEN { 0 } else { 1 << carved };
        let Some(session) = open.find(|session| session.kind(slots, kind, now) == Some(carved))
        else {
            return;
        };
        session.take(Place { instant: session.over, carved, extra: false });
        self.slot_record(node).unused -= 1;
        let turn = self.patients.turn_mut(slot);
        turn.via = extras.serves[serving].flow;
        turn.appointment.tries += 1;
        self.keep_appointment(slot, node, slots);
    }

    // ---- who comes ------------------------------------------------------------------------------

    /// The slot of a patient has come: the patient is seen, or does not attend.
    fn keep_appointment(&mut self, slot: u32, node: NodeId, slots: &'n Slots) {
        let tries = u64::from(self.patients.turn(slot).appointment.tries);
        if self.happens(slot, node, &slots.missed, tries).is_some() {
            self.slot_record(node).missed += 1;
            return self.see_again(slot, node, Ending::Missed, &slots.if_missed, self.now);
        }
        let returned = self.patients.turn(slot).returned;
        self.leave_line(slot);
        self.cancel_timer(slot);
        let spec = self.nodes[node.index()].spec;
        let class = if spec.classes.is_empty() { 0 } else { self.class_of(slot, spec) };
        let turn = self.patients.turn_mut(slot);
        turn.class = class;
        let contacts = turn.appointment.contacts;
        turn.appointment = Appointment { contacts, ..Appointment::default() };
        let record = self.slot_record(node);
        record.used += 1;
        record.follow_ups += u64::from(contacts > 0);
        self.take_claimed(slot, node, returned);
        if let Some(extras) = self.extras(node) {
            self.touched(node, extras);
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
        let session = diary.session(number)?;
        let at = session.booked.iter().position(|booked| booked.slot == slot)?;
        let Booked { place, .. } = session.booked.remove(at);
        session.give_back(place);
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

/// Whether a session has a slot at this very instant that nobody has.
fn has_room(session: &Session) -> bool {
    session.now && !session.called_off && session.taken[session.over] < session.room
}
