//! Slots: care by calendar, in appointments.

use indexmap::IndexMap;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Serialize, Serializer};

use super::capacity::{Edit, MOST_PLACES, check_edits};
use super::case::Cases;
use super::check::{Least, Names, check_length, check_moment, check_share, is_below};
use super::distribution::{Distribution, Meaning};
use super::targets::Targets;
use crate::doc::{Doc, Read, Reader, Value, field, open, read_table, read_word};
use crate::expr::Expression;
use crate::time::{ClockTime, Moment, Quantity, Weekday};

/// When people are seen at a node, and who is: sessions of slots by calendar.
///
/// Without `booking`, a slot takes at its instant the first who waits: a clinic that people walk into, or
/// a list from which they are called. With `booking`, people are given a slot when they join, the earliest
/// that is not booked. Who joins at the very instant of a slot is too late for it, except for a session at
/// the end of the day. The slot is used up when the contact, of the length of the node's `stay`, begins:
/// any number of contacts may go on at once, and who waits for a place elsewhere afterwards holds nothing
/// here. People moved from elsewhere wait for their slot without holding a place there.
///
/// ```
/// use icsflow::{Booking, Distribution, Node, Session, Slots};
///
/// let mornings = Session::at_clock("09:00".parse()?, 12).every("15 min");
/// let clinic = Slots::new([mornings])
///     .booking(Booking::new().horizon("6w").overbook(0.1))
///     .missed(0.08)
///     .carve_out("urgent", 2, "urgent", Some("2d".into()));
/// let node = Node::slots("Clinic", clinic, Distribution::from(0.25));
/// # Ok::<(), ()>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Slots {
    /// The sessions.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sessions: Vec<Session>,
    /// So many slots in a session at the end of every day, at which all who came on the day may be seen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub per_day: Option<u32>,
    /// Changes at dates, one after the other, of the number of slots of every session that begins then.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub dates: Vec<Edit>,
    /// How people are given a slot ahead; not at all if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub booking: Option<Booking>,
    /// Slots of each session that are kept for some, by name.
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub carve_out: IndexMap<String, CarveOut>,
    /// Probability that a patient does not attend; the slot is used.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub missed: Option<Cases<Chance>>,
    /// What becomes of those who do not attend; the way out `missed` if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub if_missed: Option<Again>,
    /// Sessions that are called off; who was booked keeps the clock and is booked again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub called_off: Option<CalledOff>,
    /// For sessions with minutes: how long a patient is expected to take, known on joining; the `stay`
    /// itself if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub estimate: Option<Cases<Distribution>>,
    /// For sessions with minutes: who is taken when the first in line does not fit in what is left of a
    /// session; the first who fits if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fill: Option<Fill>,
    /// For sessions with minutes: how far past its end a patient may still be expected to last when
    /// started; who would last longer is cancelled on the day, keeps the clock, and waits on. None if not
    /// given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub overrun: Option<Quantity>,
    /// A node where a place must be free, and is reserved, when a patient is started; who finds none is
    /// cancelled on the day, keeps the clock, and waits on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub needs: Option<Needs>,
    /// Contacts that are remote, and how much of the length of one face to face they take.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remote: Option<Cases<Remote>>,
}

read_table!(Slots, "slots", {
    sessions, per_day, dates, booking, carve_out, missed, if_missed, called_off, estimate, fill,
    overrun, needs, remote,
});

/// A session: when it begins, and its slots. Exactly one of `from` and `at` says when.
#[derive(Clone, Debug, Default, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Session {
    /// Every week from this time of day on, or at `"end of day"`: in the last microsecond of the day, after
    /// the arrivals of that instant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<SessionStart>,
    /// Weekdays for `from`; every day if none is named.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub days: Vec<Weekday>,
    /// Once, at a date or so long after the start.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<Moment>,
    /// With `at`: again and again after so long, counted back and forth.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub repeat: Option<Quantity>,
    /// How many slots.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub slots: Option<u32>,
    /// Instead of slots: how many minutes there are for patients, one after the other, who need as many
    /// as the node's `estimate` says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub minutes: Option<u32>,
    /// From one slot to the next; all at the beginning of the session if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub every: Option<Quantity>,
}

read_table!(Session, "a session", { from, days, at, repeat, slots, minutes, every });

/// When on a day a session begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SessionStart {
    /// At a time of day.
    Clock(ClockTime),
    /// When the day is over.
    EndOfDay,
}

const END_OF_DAY: &str = "end of day";

impl Serialize for SessionStart {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            SessionStart::Clock(time) => time.serialize(serializer),
            SessionStart::EndOfDay => serializer.serialize_str(END_OF_DAY),
        }
    }
}

impl JsonSchema for SessionStart {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "SessionStart".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let clock = generator.subschema_for::<ClockTime>();
        json_schema!({ "anyOf": [clock, { "const": END_OF_DAY }] })
    }
}

impl Read for SessionStart {
    fn read(doc: &Doc, at: &mut Reader) -> Self {
        match &doc.value {
            Value::Text(word) if word == END_OF_DAY => SessionStart::EndOfDay,
            Value::Text(word) if word.starts_with(|c: char| c.is_alphabetic()) => {
                at.fault(doc.show(), format!("a time of day such as \"09:00\", or {END_OF_DAY:?}"));
                Self::broken()
            }
            _ => SessionStart::Clock(Read::read(doc, at)),
        }
    }

    fn broken() -> Self {
        SessionStart::EndOfDay
    }
}

/// How people are given a slot ahead.
#[derive(Clone, Debug, Default, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Booking {
    /// Who books: a condition over attributes and the cohort; the others wait for slots that nobody has
    /// booked. Everyone if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub when: Option<Expression>,
    /// Least time from joining to the slot; none if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lead: Option<Quantity>,
    /// How far ahead slots are booked; who finds none so far waits until one comes or falls free. Five
    /// years if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub horizon: Option<Quantity>,
    /// Share of each session's slots that may be booked twice once the session is full; both patients are
    /// seen at the instant of the slot.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub overbook: Option<f64>,
    /// Who gives a booked slot back, and how long before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cancel: Option<Cases<Cancel>>,
    /// What becomes of those who give a slot back; they are booked again, for a later slot, if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub if_cancelled: Option<Again>,
    /// Who comes again after a contact, and how long after; the slot is booked at once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub follow_up: Option<Cases<FollowUp>>,
}

read_table!(Booking, "booking", {
    when, lead, horizon, overbook, cancel, if_cancelled, follow_up,
});

/// A probability; a bare number in a file.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(transform = or_number)]
pub struct Chance {
    /// From 0 to 1.
    pub share: f64,
}

fn or_number(schema: &mut Schema) {
    let table = std::mem::take(schema);
    *schema = json_schema!({ "anyOf": [{ "type": "number", "minimum": 0, "maximum": 1 }, table] });
}

impl Read for Chance {
    fn read(doc: &Doc, at: &mut Reader) -> Self {
        match &doc.value {
            Value::Table(_) => {
                let table = crate::doc::open(doc, "a probability", &["share"], at);
                table.map_or_else(Self::broken, |table| Chance {
                    share: crate::doc::field(table, "share", None, at),
                })
            }
            _ => Chance { share: Read::read(doc, at) },
        }
    }

    fn broken() -> Self {
        Chance { share: f64::NAN }
    }
}

/// Giving a booked slot back.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Cancel {
    /// Probability for each slot that is booked.
    pub share: f64,
    /// How long before the slot; at once if the slot is nearer.
    pub notice: Distribution,
}

read_table!(Cancel, "a cancellation", { share, notice });

/// Coming again after a contact.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct FollowUp {
    /// Probability after each contact, follow-ups included.
    pub share: f64,
    /// From the end of the contact to the earliest next one.
    pub after: Distribution,
}

read_table!(FollowUp, "a follow-up", { share, after });

/// Remote contacts.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Remote {
    /// Probability for each contact.
    pub share: f64,
    /// Their length as a part of that of a contact face to face.
    pub factor: f64,
}

read_table!(Remote, "remote contacts", { share, factor });

/// Who is taken when the first in line does not fit in what is left of a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Fill {
    /// The first in line who fits.
    #[serde(rename = "first fit")]
    FirstFit,
    /// Nobody any more.
    Strict,
}

read_word!(Fill, "how a session is filled", { "first fit" => FirstFit, "strict" => Strict });

/// A node where a place must be free; a bare name is for everyone.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields, transform = or_name)]
pub struct Needs {
    /// The node.
    pub node: String,
    /// Who needs it: a condition over attributes and the cohort; everyone if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub when: Option<Expression>,
}

fn or_name(schema: &mut Schema) {
    let table = std::mem::take(schema);
    *schema = json_schema!({ "anyOf": [{ "type": "string" }, table] });
}

impl From<&str> for Needs {
    fn from(node: &str) -> Self {
        Needs { node: node.to_owned(), when: None }
    }
}

impl Read for Needs {
    fn read(doc: &Doc, at: &mut Reader) -> Self {
        match &doc.value {
            Value::Text(node) => node.as_str().into(),
            _ => {
                let table = open(doc, "a place needed", &["node", "when"], at);
                table.map_or_else(Self::broken, |table| Needs {
                    node: field(table, "node", None, at),
                    when: field(table, "when", None, at),
                })
            }
        }
    }

    fn broken() -> Self {
        Needs { node: String::new(), when: None }
    }
}

/// Sessions that are called off.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct CalledOff {
    /// Probability for each session.
    pub share: f64,
    /// How long before its beginning it becomes known; none if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notice: Option<Quantity>,
}

read_table!(CalledOff, "sessions called off", { share, notice });

/// Slots of a session that are kept for some: others take one only while enough stay free for these.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct CarveOut {
    /// How many slots of each session.
    pub slots: u32,
    /// For whom: a condition over attributes and the cohort.
    pub when: Expression,
    /// How long before the session what is unused of them is there for all; never if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub release: Option<Quantity>,
}

read_table!(CarveOut, "slots kept for some", { slots, when, release });

/// What becomes of somebody who was not seen.
#[derive(Clone, Debug, PartialEq)]
pub enum Again {
    /// Stays on the list with the clock running, and is given a later slot.
    Rebook,
    /// Goes elsewhere; back to the node itself is a new visit.
    To(Targets),
}

const REBOOK: &str = "rebook";

impl Serialize for Again {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Again::Rebook => serializer.serialize_str(REBOOK),
            Again::To(targets) => targets.serialize(serializer),
        }
    }
}

impl JsonSchema for Again {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Again".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let targets = generator.subschema_for::<Targets>();
        json_schema!({ "anyOf": [{ "const": REBOOK }, targets] })
    }
}

impl Read for Again {
    fn read(doc: &Doc, at: &mut Reader) -> Self {
        match &doc.value {
            Value::Text(word) if word == REBOOK => Again::Rebook,
            _ => Again::To(Read::read(doc, at)),
        }
    }

    fn broken() -> Self {
        Again::Rebook
    }
}

impl<T: Into<Targets>> From<T> for Again {
    fn from(to: T) -> Self {
        Again::To(to.into())
    }
}

/// Most kinds of people for whom slots of a node are kept.
pub const MOST_CARVE_OUTS: usize = 32;

impl Slots {
    /// Of these sessions, walked into.
    pub fn new(sessions: impl IntoIterator<Item = Session>) -> Self {
        Slots { sessions: sessions.into_iter().collect(), ..Slots::default() }
    }

    /// So many at the end of every day.
    pub fn per_day(slots: u32) -> Self {
        Slots { per_day: Some(slots), ..Slots::default() }
    }

    /// Adds a change at a date of the number of slots of every session.
    pub fn edit(mut self, edit: Edit) -> Self {
        self.dates.push(edit);
        self
    }

    /// Sets how people are given a slot ahead.
    pub fn booking(mut self, booking: Booking) -> Self {
        self.booking = Some(booking);
        self
    }

    /// Keeps so many slots of each session for those who meet a condition, until so long before it.
    pub fn carve_out(
        mut self,
        name: impl Into<String>,
        slots: u32,
        when: impl Into<Expression>,
        release: Option<Quantity>,
    ) -> Self {
        self.carve_out.insert(name.into(), CarveOut { slots, when: when.into(), release });
        self
    }

    /// Sets the share of people who do not attend.
    pub fn missed(mut self, share: f64) -> Self {
        self.missed = Some(Chance { share }.into());
        self
    }

    /// Sets what becomes of those who do not attend.
    pub fn if_missed(mut self, again: impl Into<Again>) -> Self {
        self.if_missed = Some(again.into());
        self
    }

    /// Sets the share of sessions that are called off, known so long before.
    pub fn called_off(mut self, share: f64, notice: impl Into<Quantity>) -> Self {
        self.called_off = Some(CalledOff { share, notice: Some(notice.into()) });
        self
    }

    /// Sets the share of contacts that are remote, and the part of the length that they take.
    pub fn remote(mut self, share: f64, factor: f64) -> Self {
        self.remote = Some(Remote { share, factor }.into());
        self
    }

    /// Every place to which people are sent who are not seen, and this node itself for follow-ups.
    pub fn ways<'s>(&'s self, own: &'s str) -> Vec<&'s str> {
        let cancelled = self.booking.as_ref().and_then(|booking| booking.if_cancelled.as_ref());
        let again = [self.if_missed.as_ref(), cancelled].into_iter().flatten();
        let targets = again.filter_map(|again| match again {
            Again::Rebook => None,
            Again::To(targets) => Some(targets.0.keys().map(String::as_str)),
        });
        let follows = self.booking.as_ref().is_some_and(|booking| booking.follow_up.is_some());
        targets.flatten().chain(follows.then_some(own)).collect()
    }

    pub(super) fn check(&self, names: &Names, at: &mut Reader) {
        if self.sessions.is_empty() && self.per_day.is_none() {
            at.missing(&["sessions", "per_day"], "no sessions", "sessions, or per_day = a number");
        }
        at.each("sessions", &self.sessions, |at, session| session.check(names, at));
        if let Some(slots) = self.per_day {
            check_slots(at, "per_day", slots);
        }
        at.within("dates", |at| check_edits(&self.dates, names, at));
        if let Some(booking) = &self.booking {
            at.within("booking", |at| booking.check(names, at));
        }
        at.within("carve_out", |at| {
            if self.carve_out.len() > MOST_CARVE_OUTS {
                let found = format!("{} kinds", self.carve_out.len());
                at.fault(found, format!("at most {MOST_CARVE_OUTS}"));
            }
            for (name, carved) in &self.carve_out {
                at.within(name, |at| carved.check(names, at));
            }
        });
        if let Some(missed) = &self.missed {
            at.within("missed", |at| {
                missed.check(at, false, |at, case| {
                    names.case(&case.when, at);
                    if case.then.share.is_finite() && !(0.0..=1.0).contains(&case.then.share) {
                        at.fault(case.then.share.to_string(), "a share from 0 to 1");
                    }
                });
            });
        }
        if let Some(again) = &self.if_missed {
            at.within("if_missed", |at| {
                if self.missed.is_none() {
                    at.fault("a rule without missed", "missed with it");
                }
                again.check(names, at);
            });
        }
        if let Some(called_off) = &self.called_off {
            at.within("called_off", |at| {
                check_share(at, "share", Some(called_off.share));
                if let Some(notice) = called_off.notice {
                    check_length(at, "notice", notice, names.unit, Least::Zero);
                }
            });
        }
        self.check_minutes(names, at);
        if let Some(remote) = &self.remote {
            at.within("remote", |at| {
                remote.check(at, false, |at, case| {
                    names.case(&case.when, at);
                    check_share(at, "share", Some(case.then.share));
                    if is_below(case.then.factor, 0.0, at) || case.then.factor > 100.0 {
                        let found = case.then.factor.to_string();
                        at.within("factor", |at| at.fault(found, "a factor from 0 to 100"));
                    }
                });
            });
        }
    }
}

impl Slots {
    /// Whether some of the sessions have minutes instead of slots.
    pub fn by_minutes(&self) -> bool {
        self.sessions.iter().any(|session| session.minutes.is_some())
    }

    fn check_minutes(&self, names: &Names, at: &mut Reader) {
        let minutes = self.by_minutes();
        let all = self.sessions.iter().all(|session| session.minutes.is_some());
        if minutes && (!all || self.per_day.is_some()) {
            at.within("sessions", |at| {
                at.fault("sessions with slots and with minutes", "one of them at a node");
            });
        }
        if minutes && !self.carve_out.is_empty() {
            let expected = "none: they are kept of sessions with slots";
            at.within("carve_out", |at| at.fault("slots kept for some", expected));
        }
        let booking = self.booking.as_ref();
        if minutes && booking.is_some_and(|booking| booking.overbook.is_some()) {
            let expected = "none with minutes: see overrun";
            at.within("booking", |at| at.within("overbook", |at| at.fault("a share", expected)));
        }
        for (key, given) in [
            ("estimate", self.estimate.is_some()),
            ("fill", self.fill.is_some()),
            ("overrun", self.overrun.is_some()),
        ] {
            if given && !minutes {
                let found = format!("{key} without minutes");
                at.within(key, |at| at.fault(found, "sessions with minutes"));
            }
        }
        if let Some(estimate) = &self.estimate {
            let time = Meaning::Duration(names.unit);
            at.within("estimate", |at| {
                estimate.check(at, true, |at, case| {
                    names.case(&case.when, at);
                    case.then.check(at, time);
                });
            });
        }
        if let Some(overrun) = self.overrun {
            check_length(at, "overrun", overrun, names.unit, Least::Zero);
        }
        if let Some(needs) = &self.needs {
            at.within("needs", |at| {
                if !names.nodes.contains(&needs.node.as_str()) {
                    let nodes = names.nodes.iter().copied();
                    at.within("node", |at| at.unknown(&needs.node, "a node", nodes));
                }
                if let Some(when) = &needs.when {
                    at.within("when", |at| names.lasting(when, at));
                }
            });
        }
    }
}

/// Reports a number of slots that is too large.
fn check_slots(at: &mut Reader, key: &str, slots: u32) {
    const MOST: u32 = MOST_PLACES / 1000;
    if slots > MOST {
        at.within(key, |at| at.fault(slots.to_string(), format!("at most {MOST} slots")));
    }
}

impl Session {
    /// So many slots at a time of day.
    pub fn at_clock(time: ClockTime, slots: u32) -> Self {
        Session { from: Some(SessionStart::Clock(time)), slots: Some(slots), ..Session::default() }
    }

    /// So many minutes from a time of day on.
    pub fn minutes(time: ClockTime, minutes: u32) -> Self {
        let from = Some(SessionStart::Clock(time));
        Session { from, minutes: Some(minutes), ..Session::default() }
    }

    /// So many slots at the end of the day.
    pub fn at_end_of_day(slots: u32) -> Self {
        Session { from: Some(SessionStart::EndOfDay), slots: Some(slots), ..Session::default() }
    }

    /// So many slots, once.
    pub fn at(moment: impl Into<Moment>, slots: u32) -> Self {
        Session { at: Some(moment.into()), slots: Some(slots), ..Session::default() }
    }

    /// Keeps it to these weekdays.
    pub fn days(mut self, days: impl IntoIterator<Item = Weekday>) -> Self {
        self.days = days.into_iter().collect();
        self
    }

    /// Repeats it after so long, again and again.
    pub fn repeat(mut self, time: impl Into<Quantity>) -> Self {
        self.repeat = Some(time.into());
        self
    }

    /// Sets the time from one slot to the next.
    pub fn every(mut self, time: impl Into<Quantity>) -> Self {
        self.every = Some(time.into());
        self
    }

    fn check(&self, names: &Names, at: &mut Reader) {
        match (&self.from, &self.at) {
            (None, None) => {
                let expected = "from = a time of day, or at = a date";
                at.missing(&["from", "at"], "neither from nor at", expected);
            }
            (Some(_), Some(_)) => at.fault("both from and at", "one of them"),
            _ => {}
        }
        if self.from.is_none() && !self.days.is_empty() {
            at.within("days", |at| at.fault("weekdays without from", "from with them"));
        }
        if let Some(repeat) = self.repeat {
            if self.at.is_none() {
                at.within("repeat", |at| at.fault("repeat without at", "at with it"));
            }
            check_length(at, "repeat", repeat, names.unit, Least::AboveZero);
        }
        if let Some(moment) = self.at {
            check_moment(at, "at", moment, names.unit);
        }
        match (self.slots, self.minutes) {
            (None, None) => {
                let expected = "slots = a number, or minutes = a number";
                at.missing(&["slots", "minutes"], "neither slots nor minutes", expected);
            }
            (Some(_), Some(_)) => at.fault("both slots and minutes", "one of them"),
            (Some(slots), None) => check_slots(at, "slots", slots),
            (None, Some(minutes)) => check_slots(at, "minutes", minutes),
        }
        if self.minutes.is_some() {
            if self.from == Some(SessionStart::EndOfDay) {
                let expected = "a time of day: minutes take time";
                at.within("from", |at| at.fault(format!("{END_OF_DAY:?}"), expected));
            }
            if self.every.is_some() {
                let expected = "none: patients are seen one after the other";
                at.within("every", |at| at.fault("a time between slots", expected));
            }
        }
        if let Some(every) = self.every {
            if self.from == Some(SessionStart::EndOfDay) {
                let expected = "none: all slots at the end of a day are at one instant";
                at.within("every", |at| at.fault("a time between slots", expected));
            }
            check_length(at, "every", every, names.unit, Least::AboveZero);
        }
    }
}

impl Booking {
    /// The earliest slot for everyone.
    pub fn new() -> Self {
        Booking::default()
    }

    /// Sets who books.
    pub fn when(mut self, condition: impl Into<Expression>) -> Self {
        self.when = Some(condition.into());
        self
    }

    /// Sets the least time from joining to the slot.
    pub fn lead(mut self, time: impl Into<Quantity>) -> Self {
        self.lead = Some(time.into());
        self
    }

    /// Sets how far ahead slots are booked.
    pub fn horizon(mut self, time: impl Into<Quantity>) -> Self {
        self.horizon = Some(time.into());
        self
    }

    /// Sets the share of slots that may be booked twice.
    pub fn overbook(mut self, share: f64) -> Self {
        self.overbook = Some(share);
        self
    }

    /// Sets who gives a slot back, and how long before.
    pub fn cancel(mut self, share: f64, notice: impl Into<Distribution>) -> Self {
        self.cancel = Some(Cancel { share, notice: notice.into() }.into());
        self
    }

    /// Sets what becomes of those who give a slot back.
    pub fn if_cancelled(mut self, again: impl Into<Again>) -> Self {
        self.if_cancelled = Some(again.into());
        self
    }

    /// Sets who comes again, and how long after.
    pub fn follow_up(mut self, share: f64, after: impl Into<Distribution>) -> Self {
        self.follow_up = Some(FollowUp { share, after: after.into() }.into());
        self
    }

    fn check(&self, names: &Names, at: &mut Reader) {
        if let Some(when) = &self.when {
            at.within("when", |at| names.lasting(when, at));
        }
        if let Some(lead) = self.lead {
            check_length(at, "lead", lead, names.unit, Least::Zero);
        }
        if let Some(horizon) = self.horizon {
            check_length(at, "horizon", horizon, names.unit, Least::AboveZero);
            if let Some(lead) = self.lead
                && lead.micros(names.unit) >= horizon.micros(names.unit)
            {
                let expected = "a time longer than that of lead: else nobody is ever booked";
                at.within("horizon", |at| at.fault(horizon.to_string(), expected));
            }
        }
        check_share(at, "overbook", self.overbook);
        let time = Meaning::Duration(names.unit);
        if let Some(cancel) = &self.cancel {
            at.within("cancel", |at| {
                cancel.check(at, false, |at, case| {
                    names.case(&case.when, at);
                    check_share(at, "share", Some(case.then.share));
                    at.within("notice", |at| case.then.notice.check(at, time));
                });
            });
        }
        if let Some(again) = &self.if_cancelled {
            at.within("if_cancelled", |at| {
                if self.cancel.is_none() {
                    at.fault("a rule without cancel", "cancel with it");
                }
                again.check(names, at);
            });
        }
        if let Some(follow_up) = &self.follow_up {
            at.within("follow_up", |at| {
                follow_up.check(at, false, |at, case| {
                    names.case(&case.when, at);
                    check_share(at, "share", Some(case.then.share));
                    at.within("after", |at| case.then.after.check(at, time));
                });
            });
        }
    }
}

impl CarveOut {
    fn check(&self, names: &Names, at: &mut Reader) {
        if self.slots == 0 {
            at.within("slots", |at| at.fault("0", "at least 1 slot"));
        }
        check_slots(at, "slots", self.slots);
        at.within("when", |at| names.lasting(&self.when, at));
        if let Some(release) = self.release {
            check_length(at, "release", release, names.unit, Least::Zero);
        }
    }
}

impl Again {
    fn check(&self, names: &Names, at: &mut Reader) {
        if let Again::To(targets) = self {
            targets.check(names, at);
        }
    }
}
