//! Capacity: how many places a node has, and when.

use indexmap::IndexMap;
use schemars::{JsonSchema, Schema, json_schema};
use serde::{Serialize, Serializer};

use super::check::{Least, Names, check_length, check_moment, is_below};
use super::ramp::RampShape;
use super::targets::Targets;
use crate::doc::{Doc, Read, Reader, Value, field, open, read_choice, read_table};
use crate::expr::Expression;
use crate::time::{ClockTime, Moment, Quantity, TimeUnit, Weekday};

/// Places over time: a number; by hours of the week, or over and over by a cycle; and changed at dates.
///
/// ```
/// use icsflow::{Capacity, Edit};
///
/// let by_day = Capacity::new(0).shift("08:00".parse()?, "20:00".parse()?, 12);
/// let with_four_more_from_march = by_day.edit(Edit::add("2026-03-01", 4).ramp("14d"));
/// # Ok::<(), ()>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields, transform = or_number)]
pub struct Capacity {
    /// Places wherever neither a shift nor a step of the cycle says otherwise.
    pub places: u32,
    /// Places by hours of the week; of several shifts that fit, the last holds.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub weekly: Vec<Shift>,
    /// Places by a cycle of any length; not together with `weekly`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cycle: Option<Cycle>,
    /// Changes at dates, one after the other, of what the above says; each leaves whole places.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub dates: Vec<Edit>,
}

impl Read for Capacity {
    fn read(doc: &Doc, at: &mut Reader) -> Self {
        match doc.value {
            Value::Whole(_) | Value::Number(_) => return Capacity::new(Read::read(doc, at)),
            Value::Table(_) => {}
            _ => {
                let expected = format!("a whole number from 0 to {}, or a table", u32::MAX);
                at.fault(doc.show(), expected);
                return Self::broken();
            }
        }
        let known = ["places", "weekly", "cycle", "dates"];
        let Some(table) = open(doc, "places over time", &known, at) else { return Self::broken() };
        Capacity {
            places: field(table, "places", None, at),
            weekly: field(table, "weekly", None, at),
            cycle: field(table, "cycle", None, at),
            dates: field(table, "dates", None, at),
        }
    }

    fn broken() -> Self {
        Capacity::new(1)
    }
}

/// A capacity that is only a number is written as one.
pub(super) fn plainly<S: Serializer>(
    capacity: &Option<Capacity>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match capacity {
        Some(capacity) => plain_number(capacity, serializer),
        None => serializer.serialize_none(),
    }
}

/// The same of a capacity that is always there.
pub(super) fn plain_number<S: Serializer>(
    capacity: &Capacity,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    if capacity.is_constant() {
        serializer.serialize_u32(capacity.places)
    } else {
        capacity.serialize(serializer)
    }
}

fn or_number(schema: &mut Schema) {
    let table = std::mem::take(schema);
    *schema = json_schema!({ "anyOf": [{ "type": "integer", "minimum": 0 }, table] });
}

/// Places in some hours of the week.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Shift {
    /// From this time of day.
    pub from: ClockTime,
    /// To this time of day: of the next day if not after `from`.
    pub to: ClockTime,
    /// Weekdays on which it begins; every day if none is named.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub days: Vec<Weekday>,
    /// Places meanwhile.
    pub places: u32,
}

read_table!(Shift, "a shift", { from, to, days, places });

/// Steps that come over and over again, counted from the start of measuring back and forth.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Cycle {
    /// After so long it begins anew.
    pub length: Quantity,
    /// Its steps, in order of time.
    pub steps: Vec<CycleStep>,
}

read_table!(Cycle, "a cycle of places", { length, steps });

/// From a time of the cycle on, so many places.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct CycleStep {
    /// Time since the cycle began.
    pub at: Quantity,
    /// Places until the next step.
    pub places: u32,
}

read_table!(CycleStep, "a step of a cycle", { at, places });

/// A change of places at a date, for good unless it says until when. There are never fewer places than 0.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Edit {
    /// When it begins.
    pub at: Moment,
    /// What it changes.
    #[serde(flatten)]
    pub change: PlacesChange,
    /// How long it takes, rounded to whole places all the while; at once if not given. Of places that vary
    /// meanwhile, each number has a line of its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ramp: Option<Quantity>,
    /// How it goes on meanwhile: in a straight line if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shape: Option<RampShape>,
    /// When it is over, at once; never if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<Moment>,
}

/// What a change makes of the places that there are.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum PlacesChange {
    /// So many, whatever there were.
    To(u32),
    /// So many more; fewer if negative.
    Add(i32),
    /// So many times as many, rounded.
    Times(f64),
}

impl Read for Edit {
    fn read(doc: &Doc, at: &mut Reader) -> Self {
        let kinds = ["to", "add", "times"];
        let known = ["at", "to", "add", "times", "ramp", "shape", "until"];
        let Some(table) = open(doc, "a change of places", &known, at) else {
            return Self::broken();
        };
        let given: Vec<&str> = kinds.into_iter().filter(|key| table.contains_key(*key)).collect();
        let expected = "exactly one of to, add, times";
        match given.len() {
            0 => at.missing(&kinds, "none of them", expected),
            1 => {}
            _ => at.fault(given.join(" and "), expected),
        }
        let change = match given.first() {
            Some(&"to") => PlacesChange::To(field(table, "to", None, at)),
            Some(&"add") => PlacesChange::Add(field(table, "add", None, at)),
            Some(_) => PlacesChange::Times(field(table, "times", None, at)),
            None => PlacesChange::Add(0),
        };
        Edit {
            at: field(table, "at", None, at),
            change,
            ramp: field(table, "ramp", None, at),
            shape: field(table, "shape", None, at),
            until: field(table, "until", None, at),
        }
    }

    fn broken() -> Self {
        Edit::new(Moment::broken(), PlacesChange::Add(0))
    }
}

impl From<u32> for Capacity {
    fn from(places: u32) -> Self {
        Capacity::new(places)
    }
}

/// What happens to people in places when there are fewer places than they hold (R9): as many of them as
/// there are too many, of those whose place may go. What fences keep is kept, the first fences first; and
/// unless people simply stay, places beside the beds that are free take the last of them.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Cut {
    /// They stay; nobody starts until enough have left.
    Wait,
    /// The latest started of the lowest class go back to the head of their class; their stay goes on, or
    /// begins anew, as the queue's `preempt` says of stays that are interrupted.
    Interrupt,
    /// The stay of the latest started ends early, and they are ready.
    #[serde(rename = "early end")]
    EarlyEnd,
    /// The latest started are sent on.
    Transfer(Targets),
}

read_choice!(
    Cut, "what a fall of capacity does",
    { "wait" => Cut::Wait, "interrupt" => Cut::Interrupt, "early end" => Cut::EarlyEnd },
    "transfer" => Transfer
);

/// Places that are kept for some: they take these first and then the others; everybody else takes only
/// the others.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct RingFence {
    /// How many of the places.
    pub places: u32,
    /// For whom: a condition over attributes and the cohort.
    pub when: Expression,
}

read_table!(RingFence, "a ring fence", { places, when });

/// Most places of one node.
pub const MOST_PLACES: u32 = 100_000_000;

/// Reports a number of places that is too large.
pub(super) fn check_places(at: &mut Reader, key: &str, places: u32) {
    if places > MOST_PLACES {
        let expected = format!("at most {MOST_PLACES} places");
        at.within(key, |at| at.fault(places.to_string(), expected));
    }
}

impl Capacity {
    /// Always so many places.
    pub fn new(places: u32) -> Self {
        Capacity { places, weekly: Vec::new(), cycle: None, dates: Vec::new() }
    }

    /// Whether it is the same at all times.
    pub fn is_constant(&self) -> bool {
        self.weekly.is_empty() && self.cycle.is_none() && self.dates.is_empty()
    }

    /// Adds so many places from one time of day to another, on every day.
    pub fn shift(self, from: ClockTime, to: ClockTime, places: u32) -> Self {
        self.weekly(Shift { from, to, days: Vec::new(), places })
    }

    /// Adds a shift.
    pub fn weekly(mut self, shift: Shift) -> Self {
        self.weekly.push(shift);
        self
    }

    /// Sets the cycle, by its length and its steps: the time of each and the places from then on.
    pub fn cycle<Q: Into<Quantity>>(
        mut self,
        length: impl Into<Quantity>,
        steps: impl IntoIterator<Item = (Q, u32)>,
    ) -> Self {
        let step = |(at, places): (Q, u32)| CycleStep { at: at.into(), places };
        self.cycle =
            Some(Cycle { length: length.into(), steps: steps.into_iter().map(step).collect() });
        self
    }

    /// Adds a change at a date.
    pub fn edit(mut self, edit: Edit) -> Self {
        self.dates.push(edit);
        self
    }

    /// The most places that there may ever be.
    pub fn most(&self) -> f64 {
        let steps = self.cycle.iter().flat_map(|cycle| &cycle.steps).map(|step| step.places);
        let all = self.weekly.iter().map(|shift| shift.places).chain(steps).chain([self.places]);
        let mut places = f64::from(all.max().unwrap_or(0));
        let mut most = places;
        for edit in &self.dates {
            let changed = edit.change.of(places).round();
            // Until its ramp is over, the next change may meet as many as before.
            let passing = edit.ramp.is_some() || edit.until.is_some();
            places = if passing { changed.max(places) } else { changed };
            most = most.max(changed);
        }
        most
    }

    pub(super) fn check(&self, names: &Names, at: &mut Reader) {
        let before = at.count();
        check_places(at, "places", self.places);
        if self.cycle.is_some() && !self.weekly.is_empty() {
            at.fault("both weekly and cycle", "one of them");
        }
        at.each("weekly", &self.weekly, |at, shift| check_places(at, "places", shift.places));
        if let Some(cycle) = &self.cycle {
            at.within("cycle", |at| cycle.check(names.unit, at));
        }
        at.within("dates", |at| check_edits(&self.dates, names, at));
        if at.count() == before && self.most() > f64::from(MOST_PLACES) {
            let found = format!("up to {} places", self.most());
            at.within("dates", |at| at.fault(found, format!("at most {MOST_PLACES} places")));
        }
    }
}

/// Checks changes at dates, which are in order of time.
pub(super) fn check_edits(edits: &[Edit], names: &Names, at: &mut Reader) {
    for (i, edit) in edits.iter().enumerate() {
        at.item(i, |at| {
            edit.check(names, at);
            let time = |edit: &Edit| edit.at.time(names.start, names.unit);
            if i > 0 && time(edit) < time(&edits[i - 1]) {
                let expected = "a time that is not before that of the change before";
                at.within("at", |at| at.fault(edit.at.to_string(), expected));
            }
        });
    }
}

impl Cycle {
    fn check(&self, unit: TimeUnit, at: &mut Reader) {
        check_length(at, "length", self.length, unit, Least::AboveZero);
        at.within("steps", |at| {
            if self.steps.is_empty() {
                at.fault("no step", "at least one step");
            }
            for (i, step) in self.steps.iter().enumerate() {
                at.item(i, |at| {
                    check_places(at, "places", step.places);
                    check_length(at, "at", step.at, unit, Least::Zero);
                    let time = step.at.micros(unit);
                    let expected = if time >= self.length.micros(unit) {
                        "a time within the cycle"
                    } else if i > 0 && time <= self.steps[i - 1].at.micros(unit) {
                        "a time after that of the step before"
                    } else {
                        return;
                    };
                    at.within("at", |at| at.fault(step.at.to_string(), expected));
                });
            }
        });
    }
}

impl Edit {
    fn new(at: impl Into<Moment>, change: PlacesChange) -> Self {
        Edit { at: at.into(), change, ramp: None, shape: None, until: None }
    }

    /// From then on so many places.
    pub fn to(at: impl Into<Moment>, places: u32) -> Self {
        Edit::new(at, PlacesChange::To(places))
    }

    /// From then on so many more places; fewer if negative.
    pub fn add(at: impl Into<Moment>, places: i32) -> Self {
        Edit::new(at, PlacesChange::Add(places))
    }

    /// From then on so many times as many places.
    pub fn times(at: impl Into<Moment>, factor: f64) -> Self {
        Edit::new(at, PlacesChange::Times(factor))
    }

    /// Sets how long the change takes.
    pub fn ramp(mut self, length: impl Into<Quantity>) -> Self {
        self.ramp = Some(length.into());
        self
    }

    /// Sets how it goes on while its ramp runs.
    pub fn shape(mut self, shape: RampShape) -> Self {
        self.shape = Some(shape);
        self
    }

    /// Sets when the change is over.
    pub fn until(mut self, until: impl Into<Moment>) -> Self {
        self.until = Some(until.into());
        self
    }

    fn check(&self, names: &Names, at: &mut Reader) {
        check_moment(at, "at", self.at, names.unit);
        match self.change {
            PlacesChange::To(places) => check_places(at, "to", places),
            PlacesChange::Times(factor) if is_below(factor, 0.0, at) => {
                at.within("times", |at| at.fault(factor.to_string(), "a factor of 0 or more"));
            }
            _ => {}
        }
        if let Some(ramp) = self.ramp {
            check_length(at, "ramp", ramp, names.unit, Least::Zero);
        }
        RampShape::check(self.shape, self.ramp.is_some(), at);
        if let Some(until) = self.until {
            check_moment(at, "until", until, names.unit);
            let time = |moment: Moment| moment.time(names.start, names.unit);
            if time(until) <= time(self.at) {
                let expected = format!("a time after {}", self.at);
                at.within("until", |at| at.fault(until.to_string(), expected));
            }
        }
    }
}

impl PlacesChange {
    /// What it makes of so many places, not rounded.
    pub fn of(self, places: f64) -> f64 {
        let changed = match self {
            PlacesChange::To(places) => f64::from(places),
            PlacesChange::Add(more) => places + f64::from(more),
            PlacesChange::Times(factor) => places * factor,
        };
        changed.max(0.0)
    }
}

impl Cut {
    pub(super) fn check(&self, names: &Names, at: &mut Reader) {
        if let Cut::Transfer(targets) = self {
            at.within("transfer", |at| targets.check(names, at));
        }
    }
}

/// Checks the fences of a node that has at most so many places.
pub(super) fn check_fences(
    fences: &IndexMap<String, RingFence>,
    most: f64,
    names: &Names,
    at: &mut Reader,
) {
    let fenced: f64 = fences.values().map(|fence| f64::from(fence.places)).sum();
    if fenced > most {
        at.fault(format!("{fenced} places"), format!("no more than there are: {most}"));
    }
    for (name, fence) in fences {
        at.within(name, |at| {
            if fence.places == 0 {
                at.within("places", |at| at.fault("0", "at least 1 place"));
            }
            at.within("when", |at| names.lasting(&fence.when, at));
        });
    }
}
