//! Clocks: measured intervals of a patient, with pauses and targets.

use std::borrow::Cow;

use indexmap::IndexMap;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Serialize, Serializer};

use super::case::Many;
use super::check::{Least, Names, check_length_here};
use crate::doc::{Doc, Read, Reader, Value, field, open, read_table, read_word};
use crate::expr::Expression;
use crate::time::Quantity;

/// A measured interval of a patient: from one moment of the pathway to another, less the pauses between.
///
/// A clock that runs goes on running through whatever happens to the patient, a cancellation or a move
/// included, until the stopping moment comes; after that it may start anew. It counts at the node where
/// it started. Official standards are clocks: the four hours in A&E, twelve hours from arrival or from
/// the decision to admit, referral to treatment, response within two hours, ambulance handover.
///
/// ```
/// use icsflow::{Arrivals, Clock, Distribution, Experiment, Mark, Model, Stage, Node, TimeUnit};
///
/// let model = Model::new("A&E")
///     .time_unit(TimeUnit::Hours)
///     .arrivals(Arrivals::poisson("Walk-in", "A&E", 5.0))
///     .node(Node::beds("A&E", 14, Distribution::exponential("2h")))
///     .clock(
///         Clock::new("4-hour", Mark::at("A&E", Stage::Arrive), Mark::at("A&E", Stage::Leave))
///             .target("4h"),
///     );
/// let results = Experiment::new(&model).replications(3).until(icsflow::time::days(30.0)).run()?;
/// let share = results.values("clock_within", "4-hour").unwrap();
/// assert!(share.iter().all(|share| (0.5..1.0).contains(share)));
/// # Ok::<(), icsflow::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Clock {
    /// Its name, unique among clocks, nodes, sectors and groups: its scope in the results.
    pub name: String,
    /// The moment at which it starts, if it does not run yet.
    pub start: Mark,
    /// The moment at which it stops, if it runs.
    pub stop: Mark,
    /// Intervals that do not count.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub pauses: Vec<Pause>,
    /// A length of time within which it ought to stop, or several; the first is that of the metrics.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<Many<Quantity>>,
    /// Only for patients who meet this condition at the starting moment; everyone if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub when: Option<Expression>,
    /// Where each figure comes from, by key.
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub evidence: IndexMap<String, String>,
}

read_table!(Clock, "a clock", { name, start, stop, pauses, target, when, evidence });

/// An interval within a clock's run that does not count.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Pause {
    /// The moment at which it begins.
    pub from: Mark,
    /// The moment at which the clock runs on.
    pub to: Mark,
}

read_table!(Pause, "a pause", { from, to });

/// A moment of a patient's pathway.
#[derive(Clone, Debug, PartialEq)]
pub enum Mark {
    /// Coming into the system, or coming again; of those whom a census finds, coming to where it finds
    /// them.
    Arrival,
    /// Going out of the system, by whatever way.
    Exit,
    /// At one of some nodes, lists, sectors or groups.
    At {
        /// Their names.
        at: Many<String>,
        /// Which moment of a visit there.
        on: Stage,
    },
}

/// Stages of a visit at which a clock may start, pause, go on or stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Stage {
    /// Stands in line for the node, wherever from, or comes there if that is first.
    Join,
    /// Comes to the node in person: into its queue, its waiting room or a place.
    Arrive,
    /// Takes the place: the stay begins.
    Start,
    /// The stay is over; from here on there is only delay.
    Ready,
    /// Leaves the node for good: the place, or the queue without having started. Whoever is turned away
    /// on coming has not been there.
    Leave,
}

read_word!(Stage, "a moment of a visit", {
    "join" => Join, "arrive" => Arrive, "start" => Start, "ready" => Ready, "leave" => Leave,
});

impl Mark {
    /// A moment at one node, list, sector or group.
    pub fn at(name: impl Into<String>, on: Stage) -> Self {
        Mark::At { at: Many(vec![name.into()]), on }
    }

    fn check(&self, scopes: &[String], at: &mut Reader) {
        let Mark::At { at: names, .. } = self else { return };
        at.within("at", |at| {
            if names.0.is_empty() {
                at.fault("no name", "at least one node, list, sector or group");
            }
            for (i, name) in names.0.iter().enumerate().filter(|(_, name)| !scopes.contains(name)) {
                let valid = scopes.iter().map(String::as_str);
                at.item(i, |at| {
                    at.unknown(name, "a scope: a node, a list, a sector or a group", valid);
                });
            }
        });
    }
}

#[derive(Serialize)]
struct AtNodes<'m> {
    at: &'m Many<String>,
    on: Stage,
}

impl Serialize for Mark {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Mark::Arrival => serializer.serialize_str("arrival"),
            Mark::Exit => serializer.serialize_str("exit"),
            Mark::At { at, on } => AtNodes { at, on: *on }.serialize(serializer),
        }
    }
}

impl JsonSchema for Mark {
    fn schema_name() -> Cow<'static, str> {
        "Mark".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let at = generator.subschema_for::<Many<String>>();
        let on = generator.subschema_for::<Stage>();
        json_schema!({
            "description": "A moment of a patient's pathway: coming into the system, going out of it, or a moment of a visit at some nodes, lists, sectors or groups.",
            "anyOf": [
                { "const": "arrival" },
                { "const": "exit" },
                {
                    "type": "object",
                    "properties": { "at": at, "on": on },
                    "required": ["at", "on"],
                    "additionalProperties": false
                }
            ]
        })
    }
}

impl Read for Mark {
    fn read(doc: &Doc, at: &mut Reader) -> Self {
        match &doc.value {
            Value::Text(word) if word == "arrival" => return Mark::Arrival,
            Value::Text(word) if word == "exit" => return Mark::Exit,
            Value::Text(word) => at.unknown(word, "a moment", ["arrival", "exit"]),
            Value::Table(_) => {
                if let Some(table) = open(doc, "a moment", &["at", "on"], at) {
                    return Mark::At {
                        at: field(table, "at", None, at),
                        on: field(table, "on", None, at),
                    };
                }
            }
            _ => at.fault(doc.show(), "\"arrival\", \"exit\", or a table with at and on"),
        }
        Self::broken()
    }

    fn broken() -> Self {
        Mark::Exit
    }
}

impl Clock {
    /// A clock from one moment to another, without pauses and target.
    pub fn new(name: impl Into<String>, start: Mark, stop: Mark) -> Self {
        Clock {
            name: name.into(),
            start,
            stop,
            pauses: Vec::new(),
            target: None,
            when: None,
            evidence: IndexMap::new(),
        }
    }

    /// Adds a length of time within which it ought to stop; the first is that of the metrics.
    pub fn target(mut self, target: impl Into<Quantity>) -> Self {
        self.target.get_or_insert(Many(Vec::new())).0.push(target.into());
        self
    }

    /// Adds an interval that does not count.
    pub fn pause(mut self, from: Mark, to: Mark) -> Self {
        self.pauses.push(Pause { from, to });
        self
    }

    /// Only for patients who meet this condition at the starting moment.
    pub fn when(mut self, condition: impl Into<Expression>) -> Self {
        self.when = Some(condition.into());
        self
    }

    /// The targets, in order.
    pub fn targets(&self) -> &[Quantity] {
        self.target.as_ref().map_or(&[], |target| &target.0)
    }

    pub(super) fn check(&self, scopes: &[String], names: &Names, at: &mut Reader) {
        at.within("start", |at| {
            self.start.check(scopes, at);
            if self.start == Mark::Exit {
                at.fault("\"exit\"", "a moment before going out: nobody is measured after that");
            }
        });
        at.within("stop", |at| {
            self.stop.check(scopes, at);
            if self.stop == Mark::Arrival {
                at.fault("\"arrival\"", "a moment after coming in: no clock runs before that");
            }
        });
        at.each("pauses", &self.pauses, |at, pause| {
            for (key, mark) in [("from", &pause.from), ("to", &pause.to)] {
                at.within(key, |at| {
                    mark.check(scopes, at);
                    if !matches!(mark, Mark::At { .. }) {
                        at.fault("a moment outside every node", "a table with at and on");
                    }
                });
            }
        });
        at.within("target", |at| {
            for (i, target) in self.targets().iter().enumerate() {
                at.item(i, |at| check_length_here(at, *target, names.unit, Least::AboveZero));
            }
        });
        names.case(&self.when, at);
    }
}
