//! Changes: one edit of any parameter, for the whole run or from a date on.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Serialize;

use super::check::{Least, check_length, check_moment, is_below};
use super::ramp::{Ramp, RampShape};
use crate::doc::{Doc, Read, Reader, Value, read_table};
use crate::expr::Expression;
use crate::time::{Date, Duration, Moment, Quantity, TimeUnit};

/// One edit of a parameter, named by a readable path: the name of what has it, then its key.
///
/// | path | parameter |
/// |---|---|
/// | `Home care (P1).beds` | places of a node, at all hours of the week |
/// | `Acute.stay`, `Acute.stay.mean` | a whole distribution (to scale or replace it), one figure of it |
/// | `A&E.rate` | rate of a stream of arrivals |
/// | `Acute.route.Home care (P1)` | share of a destination, in every route from the node that has it |
/// | `Acute.queue.limit`, `Ward.attributes.frail.flag` | any other key, as a model file has it |
/// | `Acute.limit`, `Home care (P1).per_day` | the same of a table in it, where no other has such a key |
///
/// Where a name is that of several things, `node["A&E"].stay` says which, as in the words of faults.
///
/// ```
/// use icsflow::Change;
///
/// let change = Change::add("Home care (P1).beds", 20.0).at("2026-03-01").ramp("4w");
/// assert_eq!(change.to_string(), "Home care (P1).beds + 20 from 2026-03-01 over 4w");
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Change {
    /// What it changes.
    pub path: String,
    /// The new value, as a model file would have it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub set: Option<Setting>,
    /// So much more; less if negative.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub add: Option<Quantity>,
    /// So many times as much. A distribution is scaled: its shape stays. What counts in whole numbers is
    /// rounded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub multiply: Option<f64>,
    /// So much is taken away here and given to `into`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub convert: Option<f64>,
    /// What a conversion adds to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub into: Option<String>,
    /// What one that is taken away becomes; 1 if not given. Whole numbers are rounded down.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ratio: Option<f64>,
    /// When it begins; the whole run, warm-up included, if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<Moment>,
    /// How long it takes to be complete; at once if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ramp: Option<Quantity>,
    /// How it goes on meanwhile: in a straight line if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shape: Option<RampShape>,
    /// When it ends, at once; never if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<Moment>,
    /// Only for patients who meet this condition.
    #[serde(rename = "where", skip_serializing_if = "Option::is_none")]
    pub whom: Option<Expression>,
    /// Where the patients come whom a lower rate for some keeps away; nowhere if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
}

read_table!(Change, "a change", {
    path, set, add, multiply, convert, into, ratio, at, ramp, shape, until, whom as "where", to,
});

/// A value as a model file would have it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Setting(pub serde_json::Value);

impl<T: Into<serde_json::Value>> From<T> for Setting {
    fn from(value: T) -> Self {
        Setting(said(value.into()))
    }
}

/// A value without the keys that have none: TOML cannot say them.
fn said(value: serde_json::Value) -> serde_json::Value {
    match value {
        serde_json::Value::Array(items) => items.into_iter().map(said).collect(),
        serde_json::Value::Object(table) => {
            let said_of = |(key, value): (String, serde_json::Value)| (key, said(value));
            table.into_iter().filter(|(_, value)| !value.is_null()).map(said_of).collect()
        }
        value => value,
    }
}

impl Read for Setting {
    fn read(doc: &Doc, _: &mut Reader) -> Self {
        Setting(said(json(doc)))
    }

    fn broken() -> Self {
        Setting(serde_json::Value::Null)
    }
}

fn json(doc: &Doc) -> serde_json::Value {
    match &doc.value {
        Value::Null => serde_json::Value::Null,
        Value::Flag(flag) => (*flag).into(),
        Value::Whole(n) => (*n).into(),
        Value::Number(x) => (*x).into(),
        Value::Text(text) => text.as_str().into(),
        Value::List(items) => items.iter().map(json).collect(),
        Value::Table(table) => table.iter().map(|(k, v)| (k.clone(), json(v))).collect(),
    }
}

impl JsonSchema for Setting {
    fn schema_name() -> Cow<'static, str> {
        "Setting".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "description": "A value as the key that is changed takes it." })
    }
}

impl Change {
    fn of(path: impl Into<String>) -> Self {
        Change {
            path: path.into(),
            set: None,
            add: None,
            multiply: None,
            convert: None,
            into: None,
            ratio: None,
            at: None,
            ramp: None,
            shape: None,
            until: None,
            whom: None,
            to: None,
        }
    }

    /// A new value.
    pub fn set(path: impl Into<String>, value: impl Into<Setting>) -> Self {
        Change { set: Some(value.into()), ..Change::of(path) }
    }

    /// So much more; less if negative.
    pub fn add(path: impl Into<String>, more: impl Into<Quantity>) -> Self {
        Change { add: Some(more.into()), ..Change::of(path) }
    }

    /// So many times as much.
    pub fn multiply(path: impl Into<String>, factor: f64) -> Self {
        Change { multiply: Some(factor), ..Change::of(path) }
    }

    /// So much is taken away and given to another parameter, each as so many: 12 beds of a ward into 4
    /// of critical care have the ratio 1/3.
    pub fn convert(
        path: impl Into<String>,
        amount: f64,
        into: impl Into<String>,
        ratio: f64,
    ) -> Self {
        Change {
            convert: Some(amount),
            into: Some(into.into()),
            ratio: Some(ratio),
            ..Change::of(path)
        }
    }

    /// Sets when it begins.
    pub fn at(mut self, at: impl Into<Moment>) -> Self {
        self.at = Some(at.into());
        self
    }

    /// Sets how long it takes to be complete.
    pub fn ramp(mut self, length: impl Into<Quantity>) -> Self {
        self.ramp = Some(length.into());
        self
    }

    /// Sets how it goes on while its ramp runs.
    pub fn shape(mut self, shape: RampShape) -> Self {
        self.shape = Some(shape);
        self
    }

    /// Sets when it ends.
    pub fn until(mut self, until: impl Into<Moment>) -> Self {
        self.until = Some(until.into());
        self
    }

    /// Keeps it to patients who meet a condition.
    pub fn only(mut self, condition: impl Into<Expression>) -> Self {
        self.whom = Some(condition.into());
        self
    }

    /// Sets where those come whom a lower rate for some keeps away.
    pub fn to(mut self, node: impl Into<String>) -> Self {
        self.to = Some(node.into());
        self
    }

    /// How it comes about, if bare lengths of time are counted in this unit.
    pub(super) fn course(&self, unit: TimeUnit) -> Ramp {
        let length = self.ramp.map_or(0.0, |ramp| ramp.micros(unit)).round() as Duration;
        Ramp { length, shape: self.shape.unwrap_or(RampShape::Linear) }
    }

    /// Checks what can be judged without the model that it changes.
    pub(super) fn check(&self, start: Date, unit: TimeUnit, at: &mut Reader) {
        let kinds = [
            ("set", self.set.is_some()),
            ("add", self.add.is_some()),
            ("multiply", self.multiply.is_some()),
            ("convert", self.convert.is_some()),
        ];
        let given: Vec<&str> = kinds.iter().filter(|kind| kind.1).map(|kind| kind.0).collect();
        let expected = "exactly one of set, add, multiply, convert";
        match given.len() {
            0 => at.missing(&["set", "add", "multiply", "convert"], "none of them", expected),
            1 => {}
            _ => at.fault(given.join(" and "), expected),
        }
        if self.multiply.is_some_and(|factor| is_below(factor, 0.0, at)) {
            at.within("multiply", |at| {
                at.fault(format!("{}", self.multiply.unwrap_or(0.0)), "a factor of 0 or more");
            });
        }
        if let Some(amount) = self.convert {
            if is_below(amount, 0.0, at) {
                at.within("convert", |at| at.fault(amount.to_string(), "0 or more to convert"));
            }
            if self.into.is_none() {
                at.missing(&["into"], "convert without into", "into: what it is converted to");
            }
            if let Some(ratio) = self.ratio.filter(|ratio| is_below(*ratio, 0.0, at)) {
                at.within("ratio", |at| at.fault(ratio.to_string(), "a ratio of 0 or more"));
            }
        } else {
            for (key, given) in [("into", self.into.is_some()), ("ratio", self.ratio.is_some())] {
                if given {
                    let found = format!("{key} without convert");
                    at.within(key, |at| at.fault(found, "convert: how much is converted"));
                }
            }
        }
        if self.to.is_some() && self.whom.is_none() {
            at.within("to", |at| {
                at.fault("to without where", "where: who is sent there instead");
            });
        }
        self.check_times(start, unit, at);
    }

    fn check_times(&self, start: Date, unit: TimeUnit, at: &mut Reader) {
        if let Some(ramp) = self.ramp {
            check_length(at, "ramp", ramp, unit, Least::Zero);
        }
        RampShape::check(self.shape, self.ramp.is_some(), at);
        let Some(begins) = self.at else {
            for (key, given) in [("ramp", self.ramp.is_some()), ("until", self.until.is_some())] {
                if given {
                    let found = format!("{key} without at");
                    at.within(key, |at| at.fault(found, "at: when the change begins"));
                }
            }
            return;
        };
        check_moment(at, "at", begins, unit);
        let time = |moment: Moment| moment.time(start, unit);
        if time(begins) < 0 {
            at.within("at", |at| {
                at.fault(
                    begins.to_string(),
                    format!("{start}, when measuring starts, or later; without `at` a change holds in the whole run"),
                );
            });
        }
        if let Some(until) = self.until {
            check_moment(at, "until", until, unit);
            if time(until) <= time(begins) {
                at.within("until", |at| {
                    at.fault(until.to_string(), format!("a time after {begins}"));
                });
            }
        }
    }
}

impl std::fmt::Display for Change {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.path)?;
        if let Some(Setting(value)) = &self.set {
            write!(f, " = {value}")?;
        }
        if let Some(more) = self.add {
            let (sign, amount) =
                if more.amount < 0.0 { ("−", -more.amount) } else { ("+", more.amount) };
            write!(f, " {sign} {}", Quantity { amount, ..more })?;
        }
        if let Some(factor) = self.multiply {
            write!(f, " × {factor}")?;
        }
        if let (Some(amount), Some(into)) = (self.convert, &self.into) {
            write!(f, ": {amount} into {into}")?;
            if let Some(ratio) = self.ratio.filter(|ratio| *ratio != 1.0) {
                write!(f, ", {ratio} for each")?;
            }
        }
        if let Some(at) = self.at {
            write!(f, " from {at}")?;
        }
        if let Some(ramp) = self.ramp {
            write!(f, " over {ramp}")?;
        }
        if let Some(shape) = self.shape {
            write!(f, " {shape}")?;
        }
        if let Some(until) = self.until {
            write!(f, " until {until}")?;
        }
        if let Some(whom) = &self.whom {
            write!(f, ", only where {}", whom.0)?;
        }
        if let Some(to) = &self.to {
            write!(f, ", who come to {to} instead")?;
        }
        Ok(())
    }
}
