//! Visits: a daily budget that people share whose need changes over their stay.

use schemars::JsonSchema;
use serde::Serialize;

use super::capacity::{Capacity, plain_number};
use super::case::Cases;
use super::check::Names;
use super::node::Node;
use super::queue::{Discipline, NodeQueue, Queue};
use crate::doc::{Doc, Read, Reader, Value, field, open, read_table, read_word};

/// A number of visits a day, shared by everyone who is cared for. Days are calendar days; the day on
/// which somebody starts is the first of the stay, and a stay has a whole number of days, rounded, at
/// least 1, which is known when the start is looked for. The stay is over at the midnight after its last
/// day.
///
/// ```
/// use icsflow::{Distribution, Need, Node, Visits};
///
/// let home_care = Node::visits(
///     "Home care",
///     Visits::new(500, Need::taper(4.0, 1.0)),
///     Distribution::lognormal_mean_median("18d", "9d"),
/// );
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Visits {
    /// Visits that can be made in a day: the number at noon is that of the day. What is fixed ahead, the
    /// week and the cycle, is known to those who look ahead; a change at a date is not known before.
    #[serde(serialize_with = "plain_number")]
    pub per_day: Capacity,
    /// Visits that somebody needs on each day of the stay.
    pub need: Cases<Need>,
    /// How a start is found; `book` if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mode: Option<Mode>,
    /// For `line`: whether those behind may pass somebody whose need does not fit; `first fit` if not
    /// given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scan: Option<Scan>,
    /// Whether the need of a day is rounded to whole visits, halves up; else to thousandths.
    #[serde(skip_serializing_if = "is_false")]
    pub whole: bool,
}

read_table!(Visits, "visits", { per_day, need, mode, scan, whole = false });

fn is_false(flag: &bool) -> bool {
    !flag
}

/// How a start is found. The whole need of the stay must fit in what is left, from its first day on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// On joining, the first day is booked from which on the whole need fits; it is never moved. Who
    /// needs less may so start before somebody who joined earlier.
    Book,
    /// People stand in line, and whoever is first and fits starts: on joining, on every new day, and
    /// whenever visits are given back.
    Line,
}

read_word!(Mode, "how a start is found", { "book" => Book, "line" => Line });

/// Who may start when the need of the first in line does not fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Scan {
    /// The first in line whose need fits.
    #[serde(rename = "first fit")]
    FirstFit,
    /// Nobody.
    Strict,
}

read_word!(Scan, "who may pass", { "first fit" => FirstFit, "strict" => Strict });

/// Visits needed on each day of a stay of n days, day 1 being that of the start. A bare number is the
/// same on every day.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(untagged)]
#[schemars(transform = or_number)]
pub enum Need {
    /// The same on every day.
    Constant {
        /// Visits a day.
        visits: f64,
    },
    /// In a straight line from the first day to the last; the first on a stay of one day.
    Taper {
        /// Visits on the first day.
        first: f64,
        /// Visits on the last day.
        last: f64,
    },
    /// Given day by day; the last holds for all days after.
    Days {
        /// Visits on the first day, the second …
        days: Vec<f64>,
    },
    /// Given at equal steps over the stay, from its first day to its last, in straight lines between.
    Points {
        /// Visits on the first day, …, on the last.
        points: Vec<f64>,
    },
}

fn or_number(schema: &mut schemars::Schema) {
    let table = std::mem::take(schema);
    *schema = schemars::json_schema!({ "anyOf": [{ "type": "number", "minimum": 0 }, table] });
}

impl Read for Need {
    fn read(doc: &Doc, at: &mut Reader) -> Self {
        if let Value::Whole(_) | Value::Number(_) = doc.value {
            return Need::constant(Read::read(doc, at));
        }
        let known = ["visits", "first", "last", "days", "points"];
        let Some(table) = open(doc, "visits needed", &known, at) else { return Self::broken() };
        let has = |key: &str| table.contains_key(key);
        let shapes = [has("visits"), has("first") || has("last"), has("days"), has("points")];
        let given = shapes.iter().filter(|given| **given).count();
        let expected = "exactly one of visits, first with last, days, points";
        match given {
            0 => at.missing(&known, "none of them", expected),
            1 => {}
            _ => {
                let found: Vec<&str> = known.into_iter().filter(|key| has(key)).collect();
                at.fault(found.join(" and "), expected);
            }
        }
        match shapes {
            [true, ..] => Need::Constant { visits: field(table, "visits", None, at) },
            [_, true, ..] => Need::Taper {
                first: field(table, "first", None, at),
                last: field(table, "last", None, at),
            },
            [_, _, true, _] => Need::Days { days: field(table, "days", None, at) },
            [.., true] => Need::Points { points: field(table, "points", None, at) },
            _ => Self::broken(),
        }
    }

    fn broken() -> Self {
        Need::constant(0.0)
    }
}

impl Need {
    /// The same on every day.
    pub fn constant(visits: f64) -> Self {
        Need::Constant { visits }
    }

    /// In a straight line from the first day to the last.
    pub fn taper(first: f64, last: f64) -> Self {
        Need::Taper { first, last }
    }

    /// Day by day.
    pub fn days(days: impl IntoIterator<Item = f64>) -> Self {
        Need::Days { days: days.into_iter().collect() }
    }

    /// At equal steps over the stay.
    pub fn points(points: impl IntoIterator<Item = f64>) -> Self {
        Need::Points { points: points.into_iter().collect() }
    }

    fn numbers(&self) -> Vec<(&'static str, f64)> {
        let listed = |key, list: &[f64]| list.iter().map(|visits| (key, *visits)).collect();
        match self {
            Need::Constant { visits } => vec![("visits", *visits)],
            Need::Taper { first, last } => vec![("first", *first), ("last", *last)],
            Need::Days { days } => listed("days", days),
            Need::Points { points } => listed("points", points),
        }
    }

    /// Checks what somebody needs where there are at most so many visits in a day.
    fn check(&self, most: f64, at: &mut Reader) {
        let numbers = self.numbers();
        match self {
            Need::Days { days: list } if list.is_empty() => {
                at.within("days", |at| at.fault("no day", "at least one day"));
            }
            Need::Points { points: list } if list.len() < 2 => {
                at.within("points", |at| at.fault("fewer than two points", "at least two points"));
            }
            _ => {}
        }
        for (key, visits) in &numbers {
            if !(0.0..=MOST_VISITS).contains(visits) && !visits.is_nan() {
                let expected = format!("from 0 to {MOST_VISITS} visits a day");
                at.within(key, |at| at.fault(visits.to_string(), expected));
            } else if *visits > most {
                let expected = format!("no more than the {most} visits that there are in a day");
                at.within(key, |at| at.fault(visits.to_string(), expected));
            }
        }
        if !numbers.is_empty() && numbers.iter().all(|(_, visits)| *visits == 0.0) {
            at.fault("no visit at all", "at least one day with a need above 0");
        }
    }
}

/// Most visits that one person may need in a day.
const MOST_VISITS: f64 = 1000.0;

impl Visits {
    /// So many visits a day, for people who need so many on each day of their stay.
    pub fn new(per_day: impl Into<Capacity>, need: impl Into<Cases<Need>>) -> Self {
        Visits { per_day: per_day.into(), need: need.into(), mode: None, scan: None, whole: false }
    }

    /// Sets how a start is found.
    pub fn mode(mut self, mode: Mode) -> Self {
        self.mode = Some(mode);
        self
    }

    /// Sets who may start when the need of the first in line does not fit.
    pub fn scan(mut self, scan: Scan) -> Self {
        self.scan = Some(scan);
        self
    }

    /// Rounds the need of each day to whole visits.
    pub fn whole(mut self) -> Self {
        self.whole = true;
        self
    }

    /// Whether starts are booked on joining.
    pub fn books(&self) -> bool {
        self.mode != Some(Mode::Line)
    }

    /// Checks the visits of a node.
    pub(super) fn check(&self, node: &Node, names: &Names, at: &mut Reader) {
        at.within("visits", |at| {
            let before = at.count();
            let unsaid = at.lacks("per_day");
            at.within("per_day", |at| self.per_day.check(names, at));
            // Where the plan has faults of its own, nobody can say how many there are at most; where
            // there are none at all, nobody's need is the reason that nobody starts.
            let most = self.per_day.most();
            let unknown = unsaid || at.count() > before || most.is_nan() || most == 0.0;
            let most = if unknown { f64::INFINITY } else { most };
            at.within("need", |at| {
                self.need.check(at, true, |at, case| {
                    names.case(&case.when, at);
                    case.then.check(most, at);
                });
            });
            if self.books() && self.scan.is_some() {
                let expected = "none: with mode \"book\" everyone is given a day on joining";
                at.within("scan", |at| at.fault("a scan", expected));
            }
        });
        let shared = "none: visits are no places";
        for (key, given, found, expected) in [
            ("cut", node.cut.is_some(), "a cut", "none: who has started keeps the visits"),
            ("outage", !node.outage.is_empty(), "outages", "none: say it by visits.per_day"),
            ("vacation", node.vacation.is_some(), "a vacation", shared),
            ("turnaround", node.turnaround.is_some(), "a turnaround", shared),
            ("ring_fence", !node.ring_fence.is_empty(), "ring fences", shared),
            ("corridor", node.corridor.is_some(), "a corridor", shared),
        ] {
            if given {
                at.within(key, |at| at.fault(found, expected));
            }
        }
        if self.books() && node.admit.is_some() {
            let expected = "none: a day that is booked is never moved; or visits.mode = \"line\"";
            at.within("admit", |at| at.fault("a condition", expected));
        }
        at.within("queue", |at| match &node.queue {
            Some(NodeQueue::Own(queue)) => self.check_queue(queue, at),
            Some(NodeQueue::List(list)) if self.books() => {
                let expected =
                    "a queue of its own: a day is booked at one node; or visits.mode = \"line\"";
                at.fault(format!("the list {list:?}"), expected);
            }
            _ => {}
        });
    }

    fn check_queue(&self, queue: &Queue, at: &mut Reader) {
        if queue.preempt.is_some() {
            let expected = "none: nobody gives up visits for somebody else";
            at.within("preempt", |at| at.fault("pre-emption", expected));
        }
        if !self.books() {
            return;
        }
        let expected = "none: the day booked on joining is the order; or visits.mode = \"line\"";
        let first_come = matches!(queue.discipline, None | Some(Discipline::FirstCome));
        for (key, given, found) in [
            ("discipline", !first_come, "another order than first come"),
            ("classes", !queue.classes.is_empty(), "classes"),
            ("score", queue.score.is_some(), "a score"),
            ("change_class", !queue.change_class.is_empty(), "changes of class"),
        ] {
            if given {
                at.within(key, |at| at.fault(found, expected));
            }
        }
    }
}
