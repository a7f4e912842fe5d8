//! Transfers: ways from one place to another that take time.

use std::borrow::Cow;

use indexmap::IndexMap;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Serialize, Serializer};

use super::case::Cases;
use super::check::Names;
use super::distribution::{Distribution, Meaning};
use super::node::Node;
use super::route::{Choose, Route};
use crate::doc::{Doc, Read, Reader, Value, read_table};

/// How long the way takes from a node to another, to a list or out of the system, for those who leave a
/// place after their stay; a way of which nothing is said takes no time.
///
/// The way begins when the patient leaves: a place at the next node is reserved by then (if it has a
/// number of places), and both windows are open, that of leaving and that of receiving.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Transfer {
    /// The node they leave.
    pub from: String,
    /// The node, list or way out that they go to, as the route names it.
    pub to: String,
    /// How long it takes; a case is that of the patient, and no time for whom no case holds.
    pub time: Cases<Distribution>,
    /// Whether the place that they leave is held meanwhile.
    #[serde(skip_serializing_if = "Hold::is_no")]
    pub hold_origin: Hold,
    /// Where each figure comes from, by key.
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub evidence: IndexMap<String, String>,
}

read_table!(Transfer, "a transfer", { from, to, time, hold_origin = Hold::No, evidence });

/// How long a place is held by somebody who has left it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Hold {
    /// `false`: it is free as soon as they leave.
    #[default]
    No,
    /// `true`: until they arrive.
    UntilArrival,
    /// `"until start"`: until they start at the next node. They set out before a place there is
    /// reserved, and who finds none stands in line there, blocked: an ambulance crew, whose place is the
    /// patient's, waits at the door until the handover.
    UntilStart,
}

impl Hold {
    fn is_no(&self) -> bool {
        *self == Hold::No
    }
}

impl Serialize for Hold {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Hold::No => serializer.serialize_bool(false),
            Hold::UntilArrival => serializer.serialize_bool(true),
            Hold::UntilStart => serializer.serialize_str("until start"),
        }
    }
}

impl JsonSchema for Hold {
    fn schema_name() -> Cow<'static, str> {
        "Hold".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "Whether a place is held until its patient arrives (true), or until the patient \
                            starts at the next node (\"until start\").",
            "anyOf": [{ "type": "boolean" }, { "const": "until start" }]
        })
    }
}

impl Read for Hold {
    fn read(doc: &Doc, at: &mut Reader) -> Self {
        match &doc.value {
            Value::Flag(true) => return Hold::UntilArrival,
            Value::Flag(false) => return Hold::No,
            Value::Text(word) if word == "until start" => return Hold::UntilStart,
            _ => at.fault(doc.show(), "true, false or \"until start\""),
        }
        Self::broken()
    }

    fn broken() -> Self {
        Hold::No
    }
}

impl Transfer {
    /// A way that takes so long.
    ///
    /// ```
    /// use icsflow::{Distribution, Hold, Transfer};
    ///
    /// let conveyance = Transfer::new("Ambulance", "ED", Distribution::lognormal_mean_sd("25 min", "10 min"))
    ///     .hold_origin(Hold::UntilStart);
    /// assert_eq!(conveyance.to, "ED");
    /// ```
    pub fn new(
        from: impl Into<String>,
        to: impl Into<String>,
        time: impl Into<Cases<Distribution>>,
    ) -> Self {
        Transfer {
            from: from.into(),
            to: to.into(),
            time: time.into(),
            hold_origin: Hold::No,
            evidence: IndexMap::new(),
        }
    }

    /// Sets how long the place that they leave is held.
    pub fn hold_origin(mut self, hold: Hold) -> Self {
        self.hold_origin = hold;
        self
    }

    pub(super) fn check(
        &self,
        before: &[Transfer],
        nodes: &[Node],
        routes: &[Route],
        names: &Names,
        at: &mut Reader,
    ) {
        let ends = [(&self.from, "from"), (&self.to, "to")];
        let [from, to] = ends.map(|(name, key)| {
            let places = names.nodes.iter().chain(if key == "to" { &names.lists[..] } else { &[] });
            let ways_out = names.exits.iter().filter(|_| key == "to");
            let known = places.chain(ways_out).copied();
            let found = known.clone().any(|known| known == name);
            if !found && !name.is_empty() {
                let what = if key == "to" { "a node, a list or a way out" } else { "a node" };
                at.within(key, |at| at.unknown(name, what, known));
            }
            found
        });
        if from && to {
            let leads = |route: &&Route| {
                route.from == self.from && route.to.names().contains(&self.to.as_str())
            };
            // Who has no route goes home.
            let home = self.to == "home" && !routes.iter().any(|route| route.from == self.from);
            let mut ways = routes.iter().filter(leads).peekable();
            if ways.peek().is_none() && !home {
                let expected = "a way that a route leads";
                at.fault(format!("no route from {:?} to {:?}", self.from, self.to), expected);
            }
            if before.iter().any(|other| (&other.from, &other.to) == (&self.from, &self.to)) {
                let found = format!("a transfer from {:?} to {:?} once more", self.from, self.to);
                at.fault(found, "each way once");
            }
            let origin = nodes.iter().find(|node| node.name == self.from);
            if self.hold_origin != Hold::No && origin.is_some_and(|node| node.unlimited) {
                at.within("hold_origin", |at| {
                    at.fault("a place that is held", "none: the node has no limit of places");
                });
            }
            let first_free = |route: &Route| route.choose == Some(Choose::FirstFree);
            if self.hold_origin == Hold::UntilStart && ways.any(first_free) {
                at.within("hold_origin", |at| {
                    let expected = "true or false: nobody sets out before it is known where to";
                    at.fault("\"until start\" on the way to the first free of several", expected);
                });
            }
        }
        let time = Meaning::Duration(names.unit);
        at.within("time", |at| {
            self.time.check(at, false, |at, case| {
                names.case(&case.when, at);
                case.then.check(at, time);
            });
        });
    }
}
