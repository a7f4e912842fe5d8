//! Nodes: where care happens.

use std::borrow::Cow;

use indexmap::IndexMap;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Serialize, Serializer};

use super::case::{Cases, split};
use super::distribution::{Distribution, Meaning};
use super::window::Window;
use crate::doc::{Doc, Read, Reader, Value, field, read_table, read_word};
use crate::expr::{Expression, Scope};
use crate::time::TimeUnit;

/// A place of care. Its capacity is either a number of `beds` or `unlimited`.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Node {
    /// Its name, unique among nodes; the key of its random draws.
    pub name: String,
    /// The kind of care, for sums in the results: acute, community, social care …
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sector: Option<String>,
    /// The group that runs it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// Places, each held for the whole stay and while the patient is delayed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub beds: Option<u32>,
    /// No limit of places; nobody waits here and nothing is held.
    #[serde(skip_serializing_if = "is_false")]
    pub unlimited: bool,
    /// Length of stay, from the start to *ready*; delays come on top.
    pub stay: Cases<Distribution>,
    /// Delays by process after *ready*, by reason, one after the other in this order.
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub process_delay: IndexMap<String, Cases<ProcessDelay>>,
    /// When people may leave; at any time if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub leave: Option<Window>,
    /// How people wait; first come, first served, without limit if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub queue: Option<Queue>,
    /// Places in which people moved from elsewhere may wait, so that they hold no bed there.
    /// None if not given: they keep their bed until a place is free here (blocking after service).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waiting_room: Option<Limit>,
    /// Where each figure comes from, by key; the word *assumed* with the reason where it is assumed.
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub evidence: IndexMap<String, String>,
}

read_table!(Node, "a node", {
    name, sector, group, beds, unlimited = false, stay, process_delay, leave, queue, waiting_room,
    evidence,
});

fn is_false(flag: &bool) -> bool {
    !flag
}

/// A number, or `"unlimited"`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// At most so many.
    Of(u32),
    /// Any number.
    Unlimited,
}

impl Serialize for Limit {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Limit::Of(n) => serializer.serialize_u32(*n),
            Limit::Unlimited => serializer.serialize_str("unlimited"),
        }
    }
}

impl JsonSchema for Limit {
    fn schema_name() -> Cow<'static, str> {
        "Limit".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "anyOf": [{ "type": "integer", "minimum": 0 }, { "const": "unlimited" }] })
    }
}

impl Read for Limit {
    fn read(doc: &Doc, at: &mut Reader) -> Self {
        match &doc.value {
            Value::Text(word) if word == "unlimited" => Limit::Unlimited,
            Value::Whole(_) | Value::Number(_) => Limit::Of(Read::read(doc, at)),
            _ => {
                at.fault(doc.show(), "a whole number, or \"unlimited\"");
                Self::broken()
            }
        }
    }

    fn broken() -> Self {
        Limit::Unlimited
    }
}

/// How people wait for a node.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Queue {
    /// Who goes first.
    #[serde(skip_serializing_if = "is_first_come")]
    pub discipline: Discipline,
    /// For `class`: conditions in order of priority. The first that holds gives a patient's class; who
    /// meets none comes last. Within a class, first come, first served.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub classes: Vec<Expression>,
    /// Most people who may wait; who finds so many waiting is lost. Does not count people who wait
    /// while they hold a place elsewhere, nor those in the waiting room.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<Limit>,
}

read_table!(Queue, "a queue", { discipline = Discipline::FirstCome, classes, limit });

/// Who goes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub enum Discipline {
    /// Whoever joined first.
    #[serde(rename = "first come")]
    FirstCome,
    /// The better class first; within a class, whoever joined first. Nobody is interrupted.
    #[serde(rename = "class")]
    Class,
}

read_word!(Discipline, "a queue discipline", { "first come" => FirstCome, "class" => Class });

fn is_first_come(discipline: &Discipline) -> bool {
    *discipline == Discipline::FirstCome
}

/// A delay by process: its length, and how many patients it meets.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct ProcessDelay {
    /// Probability that a patient has it; 1 if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub share: Option<f64>,
    /// Its length.
    #[serde(flatten)]
    pub delay: Distribution,
}

impl From<Distribution> for ProcessDelay {
    fn from(delay: Distribution) -> Self {
        ProcessDelay { share: None, delay }
    }
}

impl From<Distribution> for Cases<ProcessDelay> {
    fn from(delay: Distribution) -> Self {
        ProcessDelay::from(delay).into()
    }
}

impl Read for ProcessDelay {
    fn read(doc: &Doc, at: &mut Reader) -> Self {
        let (own, rest) = split(doc, &["share"]);
        ProcessDelay { share: field(&own, "share", None, at), delay: Read::read(&rest, at) }
    }

    fn broken() -> Self {
        ProcessDelay { share: None, delay: Read::broken() }
    }
}

impl Node {
    fn new(name: impl Into<String>, stay: Cases<Distribution>) -> Self {
        Node {
            name: name.into(),
            sector: None,
            group: None,
            beds: None,
            unlimited: false,
            stay,
            process_delay: IndexMap::new(),
            leave: None,
            queue: None,
            waiting_room: None,
            evidence: IndexMap::new(),
        }
    }

    /// A node with so many places, held for the stay and while delayed.
    pub fn beds(name: impl Into<String>, beds: u32, stay: impl Into<Cases<Distribution>>) -> Self {
        Node { beds: Some(beds), ..Node::new(name, stay.into()) }
    }

    /// A node without limit of places.
    pub fn unlimited(name: impl Into<String>, stay: impl Into<Cases<Distribution>>) -> Self {
        Node { unlimited: true, ..Node::new(name, stay.into()) }
    }

    /// Sets the kind of care.
    pub fn sector(mut self, sector: impl Into<String>) -> Self {
        self.sector = Some(sector.into());
        self
    }

    /// Sets the group that runs it.
    pub fn group(mut self, group: impl Into<String>) -> Self {
        self.group = Some(group.into());
        self
    }

    /// Adds a delay by process after *ready*.
    pub fn process_delay(
        mut self,
        reason: impl Into<String>,
        delay: impl Into<Cases<ProcessDelay>>,
    ) -> Self {
        self.process_delay.insert(reason.into(), delay.into());
        self
    }

    /// Sets when people may leave.
    pub fn leave(mut self, window: Window) -> Self {
        self.leave = Some(window);
        self
    }

    /// Sets how people wait.
    pub fn queue(mut self, queue: Queue) -> Self {
        self.queue = Some(queue);
        self
    }

    /// Sets the places in which people moved from elsewhere may wait.
    pub fn waiting_room(mut self, places: Limit) -> Self {
        self.waiting_room = Some(places);
        self
    }

    pub(super) fn check(&self, unit: TimeUnit, scope: &Scope, groups: &[&str], at: &mut Reader) {
        match (self.beds, self.unlimited) {
            (None, false) => {
                let expected = "beds = a number, or unlimited = true";
                at.missing(&["beds", "unlimited"], "neither beds nor unlimited", expected);
            }
            (Some(_), true) => at.fault("both beds and unlimited", "one of them"),
            _ => {}
        }
        if self.beds.is_some_and(|beds| beds > MOST_BEDS) {
            at.within("beds", |at| {
                at.fault(self.beds.unwrap_or(0).to_string(), format!("at most {MOST_BEDS} places"));
            });
        }
        if let Some(group) = &self.group
            && !groups.contains(&group.as_str())
        {
            at.within("group", |at| at.unknown(group, "a group", groups.iter().copied()));
        }
        let condition = |at: &mut Reader, when: &Option<Expression>| {
            if let Some(when) = when {
                at.within("when", |at| when.compile(scope, at));
            }
        };
        at.within("stay", |at| {
            self.stay.check(at, true, |at, case| {
                condition(at, &case.when);
                case.then.check(at, Meaning::Duration(unit));
            });
        });
        at.within("process_delay", |at| {
            for (reason, cases) in &self.process_delay {
                at.within(reason, |at| {
                    cases.check(at, false, |at, case| {
                        condition(at, &case.when);
                        case.then.delay.check(at, Meaning::Duration(unit));
                        if let Some(share) = case.then.share
                            && !(0.0..=1.0).contains(&share)
                            && !share.is_nan()
                        {
                            at.within("share", |at| {
                                at.fault(share.to_string(), "a share from 0 to 1")
                            });
                        }
                    });
                });
            }
        });
        if let Some(window) = &self.leave {
            at.within("leave", |at| window.check(at));
        }
        if let Some(queue) = &self.queue {
            at.within("queue", |at| queue.check(self.unlimited, scope, at));
        }
        if self.waiting_room.is_some() && self.unlimited {
            at.within("waiting_room", |at| at.fault("a waiting room", "none: nobody waits here"));
        }
    }
}

/// Most places of one node.
pub const MOST_BEDS: u32 = 100_000_000;

impl Queue {
    fn check(&self, unlimited: bool, scope: &Scope, at: &mut Reader) {
        if unlimited {
            at.fault("a queue", "none: nobody waits for a node without limit of places");
        }
        match (self.discipline, self.classes.is_empty()) {
            (Discipline::Class, true) => {
                at.within("classes", |at| {
                    at.fault("nothing", "conditions in order of priority: the discipline is class");
                });
            }
            (Discipline::FirstCome, false) => {
                at.within("classes", |at| at.fault("classes", "discipline = \"class\" with them"));
            }
            _ => {}
        }
        if self.classes.len() > 254 {
            at.within("classes", |at| {
                at.fault(format!("{} classes", self.classes.len()), "at most 254");
            });
        }
        at.each("classes", &self.classes, |at, class| {
            class.compile(scope, at);
        });
    }
}
