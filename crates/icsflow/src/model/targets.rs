//! Targets: where people go, each with its probability.

use std::borrow::Cow;

use indexmap::IndexMap;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Serialize, Serializer};

use super::case::{Share, check_shares};
use super::check::Names;
use crate::doc::{Doc, Read, Reader, Value};
use crate::error::nearest;

/// The way out of those who find a queue full.
pub const LOST: &str = "lost";
/// The way out of those who give up waiting.
pub const RENEGED: &str = "reneged";
/// The way out of those who turn away on coming.
pub const BALKED: &str = "balked";
/// The way out of those whom a review takes off the queue.
pub const REMOVED: &str = "removed";
/// The way out of those whose place a better class takes.
pub const DISPLACED: &str = "displaced";

/// The way out of those who do not attend.
pub const MISSED: &str = "missed";

/// The way out of those who would have come and do not.
pub const SUPPRESSED: &str = "suppressed";

/// The way out of legs, to their join.
pub const JOINED: &str = "joined";

/// The ways out that a model has once a queue, slots, a stream of arrivals or legs use them.
pub const OUT_OF_QUEUE: [&str; 8] =
    [LOST, RENEGED, BALKED, REMOVED, DISPLACED, MISSED, SUPPRESSED, JOINED];

/// Nodes, lists and ways out with their probabilities; a bare name is one for certain.
#[derive(Clone, Debug, PartialEq)]
pub struct Targets(pub IndexMap<String, Share>);

impl From<&str> for Targets {
    fn from(name: &str) -> Self {
        Targets(IndexMap::from([(name.to_owned(), Share::Rest)]))
    }
}

impl<S: Into<Share>, const N: usize> From<[(&str, S); N]> for Targets {
    fn from(shares: [(&str, S); N]) -> Self {
        shares.into_iter().collect()
    }
}

impl<'a, S: Into<Share>> FromIterator<(&'a str, S)> for Targets {
    fn from_iter<I: IntoIterator<Item = (&'a str, S)>>(shares: I) -> Self {
        let share = |(name, share): (&str, S)| (name.to_owned(), share.into());
        Targets(shares.into_iter().map(share).collect())
    }
}

impl Serialize for Targets {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl JsonSchema for Targets {
    fn schema_name() -> Cow<'static, str> {
        "Targets".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let shares = generator.subschema_for::<IndexMap<String, Share>>();
        json_schema!({
            "description": "A node, a list or a way out; or several with their probabilities.",
            "anyOf": [{ "type": "string" }, shares]
        })
    }
}

impl Read for Targets {
    fn read(doc: &Doc, at: &mut Reader) -> Self {
        match &doc.value {
            Value::Text(name) => name.as_str().into(),
            Value::Table(_) => Targets(Read::read(doc, at)),
            _ => {
                at.fault(doc.show(), "a destination, or a table of destinations and shares");
                Self::broken()
            }
        }
    }

    fn broken() -> Self {
        Targets(IndexMap::new())
    }
}

impl Targets {
    pub(super) fn check(&self, names: &Names, at: &mut Reader) {
        for name in self.0.keys() {
            let exits = names.exits.iter().copied();
            if names.places().chain(exits.clone()).any(|known| known == name)
                || OUT_OF_QUEUE.contains(&name.as_str())
            {
                continue;
            }
            // The words for ways out of a queue are named only to whom they may help.
            let near = OUT_OF_QUEUE.into_iter().filter(|exit| nearest(name, [*exit]).is_some());
            let valid: Vec<&str> = names.places().chain(exits).chain(near).collect();
            at.within(name, |at| at.unknown(name, "a node, a list or a way out", valid));
        }
        self.check_shares("at least one node, list or way out", at);
    }

    /// As [`Targets::check`], for those who stay in the system, or come into it: what a way out should be.
    pub(super) fn check_inside(&self, expected: &str, names: &Names, at: &mut Reader) {
        for name in self.0.keys() {
            if names.exits.contains(&name.as_str()) || OUT_OF_QUEUE.contains(&name.as_str()) {
                at.within(name, |at| at.fault("a way out", expected));
            } else if !names.places().any(|known| known == name) {
                at.within(name, |at| at.unknown(name, "a node or a list", names.places()));
            }
        }
        self.check_shares("at least one node or list", at);
    }

    fn check_shares(&self, expected: &str, at: &mut Reader) {
        if self.0.is_empty() {
            at.fault("no destination", expected);
        } else {
            check_shares(&self.0, at);
        }
    }

    /// As [`Targets::check`], for those who must not come back at once to the place that sends them on.
    pub(super) fn check_elsewhere(&self, here: &str, names: &Names, at: &mut Reader) {
        self.check(names, at);
        if self.0.contains_key(here) {
            at.within(here, |at| at.fault(format!("{here:?}"), "another place than this one"));
        }
    }
}
