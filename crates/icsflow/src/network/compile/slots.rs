//! From the slots of a model to those of a network.

use super::Compiler;
use crate::ids::NodeId;
use crate::model;
use crate::model::capacity::Capacity;
use crate::model::case::Cases;
use crate::model::distribution::Distribution;
use crate::model::slots::{Fill, SessionStart};
use crate::model::targets::MISSED;
use crate::network::extras::Lengths;
use crate::network::network::{Place, StayCase};
use crate::network::places::Places;
use crate::network::slots::{Again, Begins, Booking, CarveOut, Chances, Session, Slots};
use crate::network::week::Instants;
use crate::rng::Purpose;
use crate::time::{DAY, Duration, Quantity, WEEK};

/// How far ahead slots are booked if the model does not say.
const HORIZON: Duration = 260 * WEEK;

impl Compiler<'_> {
    /// Whether people wait at a node or list without holding a place elsewhere: it gives slots.
    pub(super) fn by_slots(&self, at: NodeId) -> bool {
        let gives = |node: &NodeId| self.model.nodes[node.index()].slots.is_some();
        if at.index() < self.model.nodes.len() {
            gives(&at)
        } else {
            self.servers(at).iter().all(gives)
        }
    }

    /// The slots of a node, if it has any.
    pub(super) fn slots(&mut self, at: NodeId) -> Option<Slots> {
        let node = &self.model.nodes[at.index()];
        let slots = node.slots.as_ref()?;
        let named = |purpose: &str| Purpose::named(&node.name, purpose);
        let daily = slots.per_day.map(model::slots::Session::at_end_of_day);
        let sessions = slots.sessions.iter().chain(&daily);
        let sessions = sessions.map(|session| self.session(session, slots)).collect();
        let booking = slots.booking.as_ref().map(|booking| self.booking(at, booking));
        let micros = |time: Quantity| time.micros(self.model.time_unit).round() as Duration;
        let carved = slots.carve_out.values().filter_map(|carved| {
            Some(CarveOut {
                slots: carved.slots,
                when: self.program(&carved.when)?,
                release: carved.release.map(micros),
            })
        });
        let carved = carved.collect();
        let called_off = slots
            .called_off
            .map(|off| (off.share, off.notice.map_or(0, micros), named("called off")));
        // Where nobody ever misses a slot there is no way to count.
        let missed = slots.missed.is_some().then(|| match &slots.if_missed {
            None => model::slots::Again::To(MISSED.into()),
            Some(again) => again.clone(),
        });
        let if_missed = self.again(at, named("if missed"), missed.as_ref());
        let estimate = slots.estimate.as_ref();
        let estimate = estimate.map(|cases| self.lengths(cases, named("estimate")));
        let needs = slots.needs.as_ref().and_then(|needs| {
            Some((*self.nodes.get(needs.node.as_str())?, self.when(&needs.when)))
        });
        let factors = slots.remote.iter().flat_map(|remote| &remote.0);
        let factors = factors.map(|case| case.then.factor).collect();
        let booked_line = self.lines;
        self.lines += 1;
        self.diaries += 1;
        Some(Slots {
            diary: self.diaries - 1,
            sessions,
            booked_line,
            booking,
            carved,
            missed: self.chances(slots.missed.as_ref(), named("missed"), |chance| chance.share),
            if_missed,
            called_off,
            estimate,
            strict: slots.fill == Some(Fill::Strict),
            overrun: slots.overrun.map_or(0, micros),
            needs,
            remote: self.chances(slots.remote.as_ref(), named("remote"), |remote| remote.share),
            factors,
        })
    }

    fn session(&self, session: &model::slots::Session, slots: &model::slots::Slots) -> Session {
        let (start, unit) = (self.model.start, self.model.time_unit);
        let micros = |time: Quantity| (time.micros(unit).round() as Duration).max(1);
        let late = session.from == Some(SessionStart::EndOfDay);
        let begins = match (session.from, session.at) {
            (None, Some(at)) => Begins::At(at.time(start, unit), session.repeat.map_or(0, micros)),
            (from, _) => {
                let of_day = match from {
                    Some(SessionStart::Clock(clock)) => clock.0,
                    _ => DAY - 1,
                };
                let on = |day: &i64| {
                    let named = |known: &crate::time::Weekday| *known as i64 == *day;
                    session.days.is_empty() || session.days.iter().any(named)
                };
                let of_week = (0..7).filter(on).map(|day| day * DAY + of_day).collect();
                Begins::Weekly(Instants::new(of_week, self.week.clone()))
            }
        };
        let number = session.minutes.or(session.slots).unwrap_or(0);
        let mut number = Capacity::new(number);
        number.dates.clone_from(&slots.dates);
        Session {
            begins,
            slots: Places::new(&number, &self.week, unit),
            every: session.every.map_or(0, micros),
            minutes: session.minutes.is_some(),
            late,
        }
    }

    fn booking(&mut self, at: NodeId, booking: &model::slots::Booking) -> Booking {
        let name = &self.model.nodes[at.index()].name;
        let named = |purpose: &str| Purpose::named(name, purpose);
        let unit = self.model.time_unit;
        let micros = |time: Quantity| time.micros(unit).round() as Duration;
        let (cancel, follow_up) = (booking.cancel.as_ref(), booking.follow_up.as_ref());
        let flow = match follow_up {
            None => u32::MAX,
            Some(_) => self.flow(Place::Node(at), Place::Node(at)),
        };
        Booking {
            when: self.when(&booking.when),
            lead: booking.lead.map_or(0, micros),
            horizon: booking.horizon.map_or(HORIZON, micros),
            bounded: booking.horizon.is_some(),
            overbook: booking.overbook.unwrap_or(0.0),
            cancel: self.chances(cancel, named("cancel"), |cancel| cancel.share),
            notice: self.each_length(cancel, named("cancel: notice"), |cancel| &cancel.notice),
            if_cancelled: self.again(at, named("if cancelled"), booking.if_cancelled.as_ref()),
            follow_up: self.chances(follow_up, named("follow-up"), |again| again.share),
            after: self.each_length(follow_up, named("follow-up: after"), |again| &again.after),
            flow,
        }
    }

    fn chances<T>(
        &self,
        cases: Option<&Cases<T>>,
        purpose: Purpose,
        share: impl Fn(&T) -> f64,
    ) -> Chances {
        let cases = cases.into_iter().flat_map(|cases| &cases.0);
        let cases = cases.map(|case| (self.when(&case.when), share(&case.then)));
        Chances { cases: cases.collect(), purpose }
    }

    fn each_length<T>(
        &mut self,
        cases: Option<&Cases<T>>,
        purpose: Purpose,
        length: impl Fn(&T) -> &Distribution,
    ) -> Lengths {
        let mut compiled = Vec::new();
        for case in cases.into_iter().flat_map(|cases| &cases.0) {
            let (sampler, list) = self.length(length(&case.then));
            compiled.push(StayCase { when: self.when(&case.when), sampler, list, over: None });
        }
        Lengths { cases: compiled.into(), purpose }
    }

    fn again(
        &mut self,
        at: NodeId,
        purpose: Purpose,
        again: Option<&model::slots::Again>,
    ) -> Again {
        match again {
            Some(model::slots::Again::To(to)) => Again::To(self.onward(at, purpose, Some(to))),
            _ => Again::Rebook,
        }
    }
}
