//! A value that depends on the patient: a list of cases, the first that holds is taken.

use std::borrow::Cow;

use indexmap::IndexMap;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Serialize, Serializer};

use super::check::is_below;
use crate::doc::{Doc, Read, Reader, Value};
use crate::expr::Expression;

/// One case: a value and the condition under which it is taken.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Case<T> {
    /// The condition; none means always.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub when: Option<Expression>,
    /// The value.
    #[serde(flatten)]
    pub then: T,
}

impl<T: Read> Read for Case<T> {
    fn read(doc: &Doc, at: &mut Reader) -> Self {
        let (mut own, rest) = split(doc, &["when"]);
        let when = own.swap_remove("when").map(|doc| at.within("when", |at| Read::read(&doc, at)));
        Case { when, then: T::read(&rest, at) }
    }

    fn broken() -> Self {
        Case { when: None, then: T::broken() }
    }
}

/// Takes some keys out of a table, for a part that is written flat inside another.
pub(super) fn split(doc: &Doc, keys: &[&str]) -> (IndexMap<String, Doc>, Doc) {
    let (mut own, mut rest) = (IndexMap::new(), doc.clone());
    if let Value::Table(table) = &mut rest.value {
        for key in keys {
            if let Some((key, doc)) = table.shift_remove_entry(*key) {
                own.insert(key, doc);
            }
        }
    }
    (own, rest)
}

/// A value for everyone, or a list of cases: `stay = { .. }` or
/// `stay = [{ when = "age >= 75", .. }, { .. }]`.
#[derive(Clone, Debug, PartialEq)]
pub struct Cases<T>(pub Vec<Case<T>>);

impl<T> From<T> for Cases<T> {
    fn from(value: T) -> Self {
        Cases(vec![Case { when: None, then: value }])
    }
}

impl<T> Cases<T> {
    /// Checks each case and, where every patient needs a value, that the last case holds for all.
    pub(super) fn check(
        &self,
        at: &mut Reader,
        everyone: bool,
        mut each: impl FnMut(&mut Reader, &Case<T>),
    ) {
        for (i, case) in self.0.iter().enumerate() {
            at.item(i, |at| each(at, case));
            if case.when.is_none() && i + 1 < self.0.len() {
                at.item(i + 1, |at| {
                    at.fault("a case that is never reached", "no case after one without `when`");
                });
            }
        }
        if everyone && self.0.iter().all(|case| case.when.is_some()) {
            at.fault("no case for the patients left over", "a last case without `when`");
        }
    }
}

impl<T: Serialize> Serialize for Cases<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.0[..] {
            [Case { when: None, then }] => then.serialize(serializer),
            cases => cases.serialize(serializer),
        }
    }
}

impl<T: JsonSchema> JsonSchema for Cases<T> {
    fn schema_name() -> Cow<'static, str> {
        format!("Cases_{}", T::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let one = generator.subschema_for::<T>();
        let case = generator.subschema_for::<Case<T>>();
        let many = generator.subschema_for::<Vec<Case<T>>>();
        json_schema!({ "anyOf": [one, case, many] })
    }
}

impl<T: Read> Read for Cases<T> {
    fn read(doc: &Doc, at: &mut Reader) -> Self {
        match &doc.value {
            Value::List(_) => Cases(Read::read(doc, at)),
            Value::Table(table) if table.contains_key("when") => Cases(vec![Read::read(doc, at)]),
            _ => Cases(vec![Case { when: None, then: T::read(doc, at) }]),
        }
    }

    fn broken() -> Self {
        Cases(vec![Case { when: None, then: T::broken() }])
    }
}

/// One, or a list of several: `target = "4h"` or `target = ["4h", "12h"]`.
#[derive(Clone, Debug, PartialEq)]
pub struct Many<T>(pub Vec<T>);

impl<T: Serialize> Serialize for Many<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.0[..] {
            [one] => one.serialize(serializer),
            many => many.serialize(serializer),
        }
    }
}

impl<T: JsonSchema> JsonSchema for Many<T> {
    fn schema_name() -> Cow<'static, str> {
        format!("Many_{}", T::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let one = generator.subschema_for::<T>();
        let many = generator.subschema_for::<Vec<T>>();
        json_schema!({ "anyOf": [one, many] })
    }
}

impl<T: Read> Read for Many<T> {
    fn read(doc: &Doc, at: &mut Reader) -> Self {
        match &doc.value {
            Value::List(_) => Many(Read::read(doc, at)),
            _ => Many(vec![T::read(doc, at)]),
        }
    }

    fn broken() -> Self {
        Many(Vec::new())
    }
}

/// A probability, or `"rest"`: what the others leave of 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Share {
    /// From 0 to 1.
    Of(f64),
    /// What the others leave.
    Rest,
}

impl From<f64> for Share {
    fn from(share: f64) -> Self {
        Share::Of(share)
    }
}

impl Serialize for Share {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Share::Of(share) => serializer.serialize_f64(*share),
            Share::Rest => serializer.serialize_str("rest"),
        }
    }
}

impl JsonSchema for Share {
    fn schema_name() -> Cow<'static, str> {
        "Share".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A probability from 0 to 1, or \"rest\": what the others leave of 1.",
            "anyOf": [{ "type": "number", "minimum": 0, "maximum": 1 }, { "const": "rest" }]
        })
    }
}

impl Read for Share {
    fn read(doc: &Doc, at: &mut Reader) -> Self {
        match &doc.value {
            Value::Text(word) if word == "rest" => return Share::Rest,
            Value::Whole(n) => return Share::Of(*n as f64),
            Value::Number(x) if x.is_finite() => return Share::Of(*x),
            _ => at.fault(doc.show(), "a share from 0 to 1, or \"rest\""),
        }
        Self::broken()
    }

    fn broken() -> Self {
        Share::Of(f64::NAN)
    }
}

/// Checks that shares are probabilities that sum to 1.
pub(super) fn check_shares(shares: &IndexMap<String, Share>, at: &mut Reader) {
    let (mut sum, mut rest) = (0.0, 0);
    for (name, share) in shares {
        match share {
            Share::Rest => rest += 1,
            Share::Of(share) => {
                sum += share;
                if is_below(*share, 0.0, at) || *share > 1.0 {
                    at.within(name, |at| at.fault(share.to_string(), "a share from 0 to 1"));
                    // Of their sum nothing can be said then.
                    sum = f64::NAN;
                }
            }
        }
    }
    let shown = (sum * 1e12_f64).round() / 1e12;
    match rest {
        _ if sum.is_nan() => {}
        0 if (sum - 1.0).abs() > 1e-9 => {
            at.fault(
                format!("shares that sum to {shown}"),
                "shares that sum to 1, or one \"rest\"",
            );
        }
        1 if sum > 1.0 + 1e-9 => {
            at.fault(format!("shares that sum to {shown}"), "shares of at most 1 beside \"rest\"");
        }
        0 | 1 => {}
        n => at.fault(format!("{n} shares of \"rest\""), "at most one \"rest\""),
    }
}

/// The shares as cumulative probabilities, in order; `rest` filled in.
pub fn cumulative(shares: &IndexMap<String, Share>) -> Vec<f64> {
    let of = |share: &Share| if let Share::Of(share) = share { *share } else { 0.0 };
    let rest = 1.0 - shares.values().map(of).sum::<f64>();
    let mut sum = 0.0;
    let mut all: Vec<f64> = shares
        .values()
        .map(|share| {
            sum += if *share == Share::Rest { rest } else { of(share) };
            sum
        })
        .collect();
    // Rounding must leave no gap above the last: a uniform draw is below 1.
    if let Some(last) = all.last_mut() {
        *last = 1.0;
    }
    all
}
