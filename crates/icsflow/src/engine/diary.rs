//! The diary of a node that gives slots: its sessions in order of time, made as far ahead as somebody is
//! booked, and who has which of their slots or minutes.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use super::supply::OPEN;
use crate::network::slots::{Booking, Slots};
use crate::time::{Duration, Time};

/// The sessions of a node from now on.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Diary {
    /// Those not over, by their beginning.
    pub sessions: VecDeque<Session>,
    /// The number of the first of them.
    pub first: u64,
    /// No session before this number has a slot to give.
    pub full_before: u64,
    /// Sessions that are over, to be used again.
    #[serde(skip)]
    pub spare: Vec<Session>,
    /// Of each kind of session, the next beginning that is not in the diary yet.
    pub coming: Vec<Time>,
    /// The instant of the next slots, and whether they are late.
    pub next: (Time, bool),
    /// The instant of the slots last come to.
    pub open: (Time, bool),
    /// Slots are being booked ahead, not given now.
    pub ahead: bool,
    /// As far ahead somebody has been booked, or is to be, who comes again later.
    pub far: Time,
    /// When those who wait are looked at again, since a slot comes within reach then.
    pub look: Time,
    /// Those whose slots have come.
    pub due: Vec<u32>,
}

/// A session.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Session {
    pub begins: Time,
    pub late: bool,
    /// From one of its instants to the next.
    pub every: Duration,
    /// Slots at each of its instants.
    pub room: u32,
    /// Slots taken, by instant.
    pub taken: Vec<u32>,
    /// Instants that are over.
    pub over: usize,
    /// The first instant that is not over is now.
    pub now: bool,
    /// Slots of the instants not over that are not taken.
    pub free: u32,
    /// How many more slots may be booked twice.
    pub extra: u32,
    /// Slots taken of each kind that is kept for some.
    pub carved: Vec<u32>,
    pub booked: Vec<Booked>,
    /// For a session with minutes.
    pub minutes: Option<Minutes>,
    /// When it becomes known that it is called off.
    pub off: Option<Time>,
    pub called_off: bool,
}

/// The minutes of a session in which patients are seen one after the other.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) struct Minutes {
    pub total: Duration,
    /// Not promised to anybody; below 0 where somebody needs more than the whole.
    pub left: Duration,
    pub ends: Time,
    /// The session has begun.
    pub begun: bool,
    /// Somebody is being seen.
    pub busy: bool,
    /// Nobody is taken any more.
    pub filled: bool,
}

impl Minutes {
    /// Who needs more than the whole has a session alone.
    pub(super) fn fits(&self, need: Duration) -> bool {
        !self.filled && (need <= self.left || self.left == self.total)
    }
}

/// Somebody who has a slot.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) struct Booked {
    pub slot: u32,
    pub place: Place,
    pub need: Duration,
}

/// What somebody needs of a session.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seeks {
    /// Which of the slots that are kept for some are for them, one bit each.
    pub kinds: u32,
    /// For sessions with minutes: how long.
    pub need: Duration,
}

/// A slot of a session.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) struct Place {
    /// Which of the instants.
    pub instant: usize,
    /// Of which kind that is kept for some, or [`OPEN`].
    pub carved: u32,
    /// Booked twice.
    pub extra: bool,
}

impl Session {
    pub(super) fn instant(&self, at: usize) -> Time {
        self.begins + at as i64 * self.every
    }

    /// The next instant at which it has slots to come.
    pub(super) fn next(&self) -> Option<Time> {
        let next = self.over + usize::from(self.now);
        (!self.called_off && next < self.taken.len()).then(|| self.instant(next))
    }

    pub(super) fn is_over(&self) -> bool {
        let seen = self.minutes.is_none_or(|of| !of.busy && self.booked.is_empty());
        self.called_off || (self.over == self.taken.len() && seen)
    }

    /// The kind of slot for somebody who is of these kinds, if there is one among those free.
    fn kind(&self, slots: &Slots, kinds: u32, now: Time, free: u32) -> Option<u32> {
        let own = |at: &usize| kinds >> at & 1 == 1 && self.carved[*at] < slots.carved[*at].slots;
        if free == 0 {
            return None;
        }
        if let Some(own) = (0..slots.carved.len()).find(own) {
            return Some(own as u32);
        }
        let kept = slots.carved.iter().zip(&self.carved).map(|(kind, taken)| {
            let released = kind.release.is_some_and(|release| now >= self.begins - release);
            if released { 0 } else { kind.slots.saturating_sub(*taken) }
        });
        (free > kept.sum()).then_some(OPEN)
    }

    /// Slots that are there at this instant only, until it is over.
    fn of_now(&self) -> u32 {
        if self.now { self.room.saturating_sub(self.taken[self.over]) } else { 0 }
    }

    /// The first slot at `from` or later for somebody of these kinds.
    pub(super) fn find(&self, slots: &Slots, who: &Seeks, from: Time, now: Time) -> Option<Place> {
        if let Some(minutes) = &self.minutes {
            let coming = self.begins >= from && self.next().is_some();
            let place = Place { instant: 0, carved: OPEN, extra: false };
            return (coming && minutes.fits(who.need)).then_some(place);
        }
        let kinds = who.kinds;
        let first = if self.every == 0 {
            usize::from(self.begins < from)
        } else {
            ((from - self.begins + self.every - 1).div_euclid(self.every)).max(0) as usize
        };
        let first = first.max(self.over + usize::from(self.now));
        let find =
            |most: u32| (first..self.taken.len()).find(|instant| self.taken[*instant] < most);
        if let Some(carved) = self.kind(slots, kinds, now, self.free - self.of_now())
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

    /// The first of its instants after another at which there is still room.
    fn free_after(&self, limit: Time) -> Option<Time> {
        let room = |at: &usize| match &self.minutes {
            Some(minutes) => minutes.left > 0,
            None => self.taken[*at] < self.room || self.extra > 0,
        };
        let coming = (self.over..self.taken.len()).filter(|at| self.instant(*at) > limit);
        coming.filter(room).map(|at| self.instant(at)).next()
    }

    /// When the first of its slots that are kept for some and not taken are there for all.
    fn next_release(&self, slots: &Slots, now: Time) -> Option<Time> {
        let kinds = slots.carved.iter().zip(&self.carved);
        let kept = kinds.filter(|(kind, taken)| **taken < kind.slots && self.free > 0);
        let releases = kept.filter_map(|(kind, _)| Some(self.begins - kind.release?));
        releases.filter(|at| *at > now).min()
    }

    /// The kind of slot for somebody at this very instant, if there is one. Whoever does not fit in what
    /// is left of its minutes is not passed over where the first in line comes first.
    pub(super) fn now_for(&self, slots: &Slots, who: &Seeks, now: Time) -> Option<u32> {
        if !self.now || self.called_off {
            return None;
        }
        match &self.minutes {
            Some(of) => (of.fits(who.need) || (slots.strict && !of.filled)).then_some(OPEN),
            None if self.taken[self.over] < self.room => {
                self.kind(slots, who.kinds, now, self.free)
            }
            None => None,
        }
    }

    /// Whether anybody at all may be given a slot at this very instant.
    fn has_any(&self) -> bool {
        let free = |of: &Minutes| !of.filled;
        let room = || self.free > 0 && self.taken[self.over] < self.room;
        self.now && !self.called_off && self.minutes.as_ref().map_or_else(room, free)
    }

    pub(super) fn take(&mut self, place: Place, need: Duration) {
        self.taken[place.instant] += 1;
        if let Some(minutes) = &mut self.minutes {
            minutes.left -= need;
        } else if place.extra {
            self.extra -= 1;
        } else {
            self.free -= 1;
        }
        if let Some(carved) = self.carved.get_mut(place.carved as usize) {
            *carved += 1;
        }
    }

    pub(super) fn give_back(&mut self, place: Place, need: Duration) {
        self.taken[place.instant] -= 1;
        if let Some(minutes) = &mut self.minutes {
            minutes.left += need;
            return;
        }
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
    pub(super) fn clear(&mut self, kinds: usize) {
        self.spare.extend(self.sessions.drain(..));
        self.coming.clear();
        self.coming.resize(kinds, Time::MAX);
        (self.first, self.full_before) = (0, 0);
        (self.next, self.open) = ((Time::MAX, false), (Time::MIN, false));
        (self.ahead, self.due) = (false, Vec::new());
        (self.far, self.look) = (Time::MIN, Time::MAX);
    }

    /// Whether there is any slot to give: now, or ahead while slots are booked.
    pub(super) fn gives_any(&self, slots: &Slots) -> bool {
        if !self.ahead {
            return self.sessions.iter().any(Session::has_any);
        }
        // Sessions are written on as far ahead as they are needed.
        let bounded = slots.booking.as_ref().is_some_and(|booking| booking.bounded);
        let writes_on = !bounded || self.coming().is_some_and(|(_, begins)| begins <= self.far);
        writes_on || self.full_before < self.first + self.sessions.len() as u64
    }

    /// When, of those who find no slot to be booked, somebody may: one comes within the horizon, or is
    /// kept for others no longer.
    pub(super) fn within_reach(&self, slots: &Slots, booking: &Booking, now: Time) -> Option<Time> {
        let first = (self.full_before.max(self.first) - self.first) as usize;
        let sessions = || self.sessions.iter().skip(first).filter(|session| !session.called_off);
        // Sessions are in the diary as far as the horizon, and perhaps beyond.
        let limit = now.saturating_add(booking.horizon);
        let coming = self.coming().map(|(_, begins)| begins);
        let beyond = sessions().filter_map(|session| session.free_after(limit)).chain(coming);
        let beyond = beyond.min().filter(|_| booking.bounded).map(|at| at - booking.horizon);
        let released = sessions().filter_map(|session| session.next_release(slots, now)).min();
        [beyond, released].into_iter().flatten().min()
    }

    pub(super) fn session(&mut self, number: u64) -> Option<&mut Session> {
        self.sessions.get_mut(number.checked_sub(self.first)? as usize)
    }

    /// The kind of the session that comes after those in the diary, and its beginning.
    pub(super) fn coming(&self) -> Option<(usize, Time)> {
        let first = self.coming.iter().copied().enumerate().min_by_key(|(_, time)| *time);
        first.filter(|(_, time)| *time < Time::MAX)
    }

    /// The earliest slot between two instants for somebody of these kinds: when, and where.
    pub(super) fn find(
        &self,
        slots: &Slots,
        who: &Seeks,
        (from, until): (Time, Time),
        now: Time,
    ) -> Option<(Time, u64, Place)> {
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
            let place = if session.called_off { None } else { session.find(slots, who, from, now) };
            if let Some(place) = place
                && session.instant(place.instant) < limit
            {
                best = Some((session.instant(place.instant), number, place));
            }
        }
        best
    }

    /// A session of which it is known by now that it does not take place, and that is there still.
    pub(super) fn known_off(&self, now: Time) -> Option<u64> {
        let known = |session: &Session| {
            !session.called_off && session.off.is_some_and(|known| known <= now)
        };
        Some(self.first + self.sessions.iter().position(known)? as u64)
    }

    /// The next instant of slots among the sessions in the diary, and whether they are late.
    pub(super) fn next(&self) -> Option<(Time, bool)> {
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
    pub(super) fn pass_over_full(&mut self) {
        self.full_before = self.full_before.max(self.first);
        let skipped = (self.full_before - self.first) as usize;
        let full = |session: &&Session| {
            let minutes = session.minutes.is_some_and(|of| of.left > 0 || of.left == of.total);
            (session.free + session.extra == 0 && !minutes) || session.called_off
        };
        self.full_before += self.sessions.iter().skip(skipped).take_while(full).count() as u64;
    }
}
