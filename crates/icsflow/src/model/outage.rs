//! Outages: places that fail at random.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Serialize, Serializer};

use super::check::Names;
use super::distribution::{Distribution, Meaning};
use crate::doc::{Doc, Read, Reader, Value, read_table};

/// Places that are in use for a time, then out of use for a time, over and over; in use at the start of
/// the run. What a fall of capacity does to the people in them is the node's `cut`.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Outage {
    /// Time in use, from the end of one outage to the next.
    pub every: Distribution,
    /// Time out of use.
    pub lasts: Distribution,
    /// How many of the places; all if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub places: Option<Affected>,
}

read_table!(Outage, "an outage", { every, lasts, places });

/// A number of places, or `"all"`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Affected {
    /// So many, or as many as there are.
    Of(u32),
    /// All that there are.
    All,
}

impl Serialize for Affected {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Affected::Of(n) => serializer.serialize_u32(*n),
            Affected::All => serializer.serialize_str("all"),
        }
    }
}

impl JsonSchema for Affected {
    fn schema_name() -> Cow<'static, str> {
        "Affected".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "anyOf": [{ "type": "integer", "minimum": 1 }, { "const": "all" }] })
    }
}

impl Read for Affected {
    fn read(doc: &Doc, at: &mut Reader) -> Self {
        match &doc.value {
            Value::Text(word) if word == "all" => Affected::All,
            Value::Whole(_) | Value::Number(_) => Affected::Of(Read::read(doc, at)),
            _ => {
                at.fault(doc.show(), "a whole number, or \"all\"");
                Self::broken()
            }
        }
    }

    fn broken() -> Self {
        Affected::All
    }
}

impl Outage {
    /// All places out of use for `lasts`, after being in use for `every`, over and over.
    pub fn new(every: impl Into<Distribution>, lasts: impl Into<Distribution>) -> Self {
        Outage { every: every.into(), lasts: lasts.into(), places: None }
    }

    /// Sets how many of the places.
    pub fn places(mut self, places: u32) -> Self {
        self.places = Some(Affected::Of(places));
        self
    }

    /// Checks an outage of a node that has at most so many places.
    pub(super) fn check(&self, most: f64, names: &Names, at: &mut Reader) {
        let time = Meaning::Duration(names.unit);
        at.within("every", |at| self.every.check(at, time));
        at.within("lasts", |at| self.lasts.check(at, time));
        if self.every.is_zero() && self.lasts.is_zero() {
            at.fault("an outage that begins and ends at once, for ever", "a time above 0");
        }
        if let Some(Affected::Of(places)) = self.places
            && (places == 0 || f64::from(places) > most)
        {
            let expected = format!("from 1 to the {most} places that there are, or \"all\"");
            at.within("places", |at| at.fault(places.to_string(), expected));
        }
    }
}
