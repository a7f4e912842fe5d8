//! The census from which a run begins: who is where at the start, and since when.

use std::borrow::Cow;

use indexmap::IndexMap;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Serialize;

use super::arrivals::Mix;
use super::case::check_shares;
use super::check::{Least, Names, check_length_here};
use super::distribution::{Distribution, Meaning};
use super::model::Model;
use super::population::Population;
use super::queue::Limit;
use crate::doc::{Doc, Read, Reader, Value, read_table, read_word};
use crate::expr::Kind;
use crate::time::{Quantity, TimeUnit};

/// People who are at a node or list when the run begins: in its places, in its queue, or both. Several
/// entries of one node add up. There is no warm-up then: the census is the state at the start.
///
/// ```
/// use icsflow::{Census, Model};
///
/// let ward = Census::new("Ward").spent(["2d", "9d", "30d"]).waited(["4h", "1h"]);
/// let model = Model::new("From today").census(ward);
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Census {
    /// The node or list.
    pub node: String,
    /// People in its places; as many as `spent` lists if not given. More than there are places may be
    /// there: nobody starts then until enough have left.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub people: Option<u32>,
    /// Time since each of them started, or its distribution. At a node with visits the day of the start
    /// counts as the first of the stay, and the visits of the days that are left are spoken for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub spent: Option<Elapsed>,
    /// How what is left of their stay is drawn: given the stay so far (`conditional`), which is the rule
    /// where `spent` is given; or as at any moment of a long time (`stationary`), which is the rule where
    /// it is not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remaining: Option<Remaining>,
    /// Their stay is over, and they wait in their places for one at this node or list.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub awaiting: Option<String>,
    /// Their stay is over, and this delay by process of the node goes on: the rest of it is drawn given
    /// that it has lasted as `waited` says, or else as at any moment of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub in_process: Option<String>,
    /// People in its queue; as many as `waited` lists if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub queue: Option<u32>,
    /// Time since each of them joined the queue; of those who await a place elsewhere, since each has
    /// done so; of those in process, since the delay began; or its distribution. 0 if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waited: Option<Elapsed>,
    /// Their cohort, or the shares of several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cohort: Option<Mix>,
    /// What is known of their attributes: one value for all, or a list with one for each. The others are
    /// drawn as on arrival.
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub attributes: IndexMap<String, Given>,
    /// Where each figure comes from, by key.
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub evidence: IndexMap<String, String>,
}

read_table!(Census, "a census", {
    node, people, spent, remaining, awaiting, in_process, queue, waited, cohort, attributes, evidence,
});

/// Time that has passed: one for each person, or drawn.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Elapsed {
    /// Of each person, in order.
    Each(Vec<Quantity>),
    /// Drawn for each.
    Drawn(Distribution),
}

impl JsonSchema for Elapsed {
    fn schema_name() -> Cow<'static, str> {
        "Elapsed".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let each = generator.subschema_for::<Vec<Quantity>>();
        let drawn = generator.subschema_for::<Distribution>();
        json_schema!({
            "description": "Lengths of time, one for each person; or a distribution.",
            "anyOf": [each, drawn]
        })
    }
}

impl Read for Elapsed {
    fn read(doc: &Doc, at: &mut Reader) -> Self {
        match &doc.value {
            Value::List(_) => Elapsed::Each(Read::read(doc, at)),
            _ => Elapsed::Drawn(Read::read(doc, at)),
        }
    }

    fn broken() -> Self {
        Elapsed::Drawn(Read::broken())
    }
}

impl<Q: Into<Quantity>, const N: usize> From<[Q; N]> for Elapsed {
    fn from(each: [Q; N]) -> Self {
        Elapsed::Each(each.into_iter().map(Into::into).collect())
    }
}

impl From<Vec<Quantity>> for Elapsed {
    fn from(each: Vec<Quantity>) -> Self {
        Elapsed::Each(each)
    }
}

impl From<Distribution> for Elapsed {
    fn from(drawn: Distribution) -> Self {
        Elapsed::Drawn(drawn)
    }
}

impl Elapsed {
    fn count(&self) -> Option<u32> {
        match self {
            Elapsed::Each(each) => u32::try_from(each.len()).ok(),
            Elapsed::Drawn(_) => None,
        }
    }

    fn check(&self, people: u32, unit: TimeUnit, at: &mut Reader) {
        match self {
            Elapsed::Each(each) => {
                for (i, length) in each.iter().enumerate() {
                    at.item(i, |at| check_length_here(at, *length, unit, Least::Zero));
                }
                if self.count() != Some(people) {
                    let found = format!("{} lengths of time", each.len());
                    at.fault(found, format!("one for each of {people} people"));
                }
            }
            Elapsed::Drawn(drawn) => drawn_here(drawn, unit, at),
        }
    }
}

fn drawn_here(drawn: &Distribution, unit: TimeUnit, at: &mut Reader) {
    drawn.check(at, Meaning::Duration(unit));
    if matches!(drawn, Distribution::Listed(_)) {
        at.fault("listed values", "a distribution, or a plain list with one for each person");
    }
}

/// How what is left of a stay is drawn at the start; at a node with visits in whole days, of which the
/// first day of the run is one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Remaining {
    /// Given the stay so far: longer stays than that, in their proportions (R14).
    Conditional,
    /// As of somebody met at any moment of a long time: of density S(x) / mean, where S is the chance of
    /// a stay longer than x. The stay so far, where not given, is drawn to go with it.
    Stationary,
    /// A whole stay, whatever has passed.
    Fresh,
    /// Evenly between 1 day and a whole stay; 1 day where that is shorter.
    Uniform,
}

read_word!(Remaining, "a rule for what is left of a stay", {
    "conditional" => Conditional, "stationary" => Stationary, "fresh" => Fresh, "uniform" => Uniform,
});

/// The value of an attribute: a number, true or false, or a label.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum Known {
    /// Of a flag.
    Flag(bool),
    /// Of a number.
    Number(f64),
    /// Of a category.
    Label(String),
}

impl Read for Known {
    fn read(doc: &Doc, at: &mut Reader) -> Self {
        match &doc.value {
            Value::Flag(flag) => Known::Flag(*flag),
            Value::Text(label) => Known::Label(label.clone()),
            _ => Known::Number(Read::read(doc, at)),
        }
    }

    fn broken() -> Self {
        Known::Number(f64::NAN)
    }
}

impl From<f64> for Known {
    fn from(number: f64) -> Self {
        Known::Number(number)
    }
}

impl From<bool> for Known {
    fn from(flag: bool) -> Self {
        Known::Flag(flag)
    }
}

impl From<&str> for Known {
    fn from(label: &str) -> Self {
        Known::Label(label.to_owned())
    }
}

impl Known {
    /// The number that stands for it in expressions; `None` if it is of another kind.
    pub(crate) fn number(&self, kind: &Kind) -> Option<f64> {
        match (self, kind) {
            (Known::Flag(flag), Kind::Flag) => Some(f64::from(*flag)),
            (Known::Number(number), Kind::Number) => Some(*number),
            (Known::Label(label), Kind::Category(labels)) => {
                labels.iter().position(|known| known == label).map(|at| at as f64)
            }
            _ => None,
        }
    }

    pub(super) fn check(&self, kind: &Kind, at: &mut Reader) {
        if self.number(kind).is_some() || matches!(self, Known::Number(x) if x.is_nan()) {
            return;
        }
        let found = match self {
            Known::Flag(flag) => flag.to_string(),
            Known::Number(number) => number.to_string(),
            Known::Label(label) => format!("{label:?}"),
        };
        match (kind, self) {
            (Kind::Category(labels), Known::Label(label)) => {
                at.unknown(label, "a label", labels.iter().map(String::as_str));
            }
            (Kind::Category(_), _) => at.fault(found, "a label, in text"),
            (Kind::Flag, _) => at.fault(found, "true or false"),
            (Kind::Number, _) => at.fault(found, "a number"),
        }
    }
}

/// Values of an attribute: one for all, or one for each.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum Given {
    /// Of everyone.
    All(Known),
    /// Of each person, in order.
    Each(Vec<Known>),
}

impl Read for Given {
    fn read(doc: &Doc, at: &mut Reader) -> Self {
        match &doc.value {
            Value::List(_) => Given::Each(Read::read(doc, at)),
            _ => Given::All(Read::read(doc, at)),
        }
    }

    fn broken() -> Self {
        Given::All(Read::broken())
    }
}

impl Given {
    /// Checks the values for so many people of an attribute of this kind.
    pub(super) fn check(&self, people: usize, kind: &Kind, at: &mut Reader) {
        match self {
            Given::All(value) => value.check(kind, at),
            Given::Each(values) => {
                for (i, value) in values.iter().enumerate() {
                    at.item(i, |at| value.check(kind, at));
                }
                if values.len() != people {
                    let expected = format!("one for each of {people} people");
                    at.fault(format!("{} values", values.len()), expected);
                }
            }
        }
    }
}

/// Reports attributes that no cohort has, or values of another kind.
pub(super) fn check_given(
    given: &IndexMap<String, Given>,
    people: usize,
    names: &Names,
    at: &mut Reader,
) {
    at.within("attributes", |at| {
        for (name, values) in given {
            at.within(name, |at| match names.attribute(name) {
                Some(kind) => values.check(people, kind, at),
                None => at.unknown(name, "an attribute of a cohort", names.attributes()),
            });
        }
    });
}

/// Reports cohorts that there are not, or none where there are several.
pub(super) fn check_mix(mix: &Option<Mix>, names: &Names, at: &mut Reader) {
    let cohorts = &names.cohorts;
    at.within("cohort", |at| match mix {
        None if cohorts.len() > 1 => at.fault("nothing", "a cohort: the model has several"),
        None => {}
        Some(mix) => {
            for name in mix.0.keys().filter(|name| !cohorts.contains(&name.as_str())) {
                at.unknown(name, "a cohort", cohorts.iter().copied());
            }
            check_shares(&mix.0, at);
        }
    });
}

impl Census {
    /// Of a node or list; nobody yet.
    pub fn new(node: impl Into<String>) -> Self {
        Census {
            node: node.into(),
            people: None,
            spent: None,
            remaining: None,
            awaiting: None,
            in_process: None,
            queue: None,
            waited: None,
            cohort: None,
            attributes: IndexMap::new(),
            evidence: IndexMap::new(),
        }
    }

    /// Sets how many people are in its places.
    pub fn people(mut self, people: u32) -> Self {
        self.people = Some(people);
        self
    }

    /// Sets the time since each of them started.
    pub fn spent(mut self, spent: impl Into<Elapsed>) -> Self {
        self.spent = Some(spent.into());
        self
    }

    /// Sets how what is left of their stay is drawn.
    pub fn remaining(mut self, rule: Remaining) -> Self {
        self.remaining = Some(rule);
        self
    }

    /// Says that their stay is over and that they wait for a place at another node or list.
    pub fn awaiting(mut self, node: impl Into<String>) -> Self {
        self.awaiting = Some(node.into());
        self
    }

    /// Says that their stay is over and that a delay by process of the node goes on.
    pub fn in_process(mut self, reason: impl Into<String>) -> Self {
        self.in_process = Some(reason.into());
        self
    }

    /// Sets how many people are in its queue.
    pub fn queue(mut self, people: u32) -> Self {
        self.queue = Some(people);
        self
    }

    /// Sets the time since each of them joined the queue.
    pub fn waited(mut self, waited: impl Into<Elapsed>) -> Self {
        self.waited = Some(waited.into());
        self
    }

    /// Sets the cohort, or the shares of several.
    pub fn cohort(mut self, cohort: impl Into<Mix>) -> Self {
        self.cohort = Some(cohort.into());
        self
    }

    /// Sets the value of an attribute for all of them.
    pub fn attribute(mut self, name: impl Into<String>, value: impl Into<Known>) -> Self {
        self.attributes.insert(name.into(), Given::All(value.into()));
        self
    }

    /// Whether the stay of those in places is over.
    pub fn over(&self) -> bool {
        self.awaiting.is_some() || self.in_process.is_some()
    }

    /// People in its places.
    pub fn in_places(&self) -> u32 {
        self.people.or_else(|| self.spent.as_ref().and_then(Elapsed::count)).unwrap_or_else(|| {
            // Of those whose stay is over the list of waits tells as well.
            let waited = self.waited.as_ref().filter(|_| self.over());
            waited.and_then(Elapsed::count).unwrap_or(0)
        })
    }

    /// People in its queue.
    pub fn in_queue(&self) -> u32 {
        self.queue.unwrap_or_else(|| {
            let waited = self.waited.as_ref().filter(|_| !self.over());
            waited.and_then(Elapsed::count).unwrap_or(0)
        })
    }

    /// The rule by which what is left of a stay is drawn.
    pub fn rule(&self) -> Remaining {
        self.remaining.unwrap_or(match self.spent {
            Some(_) => Remaining::Conditional,
            None => Remaining::Stationary,
        })
    }

    pub(super) fn check(&self, model: &Model, names: &Names, at: &mut Reader) {
        at.within("node", |at| {
            if !self.node.is_empty() && !names.places().any(|place| place == self.node) {
                at.unknown(&self.node, "a node or a list", names.places());
            }
        });
        check_mix(&self.cohort, names, at);
        let (people, queue) = (self.in_places(), self.in_queue());
        for (key, count) in [("people", people), ("queue", queue)] {
            if count > Population::MOST {
                let expected = format!("at most {} people", Population::MOST);
                at.within(key, |at| at.fault(count.to_string(), expected));
            }
        }
        if people == 0 && queue == 0 {
            at.missing(
                &["people", "queue", "spent", "waited"],
                "nobody",
                "people in places, or people in the queue",
            );
        }
        at.within("spent", |at| {
            if let Some(spent) = &self.spent {
                spent.check(people, names.unit, at);
            }
        });
        at.within("waited", |at| {
            if let Some(waited) = &self.waited {
                let whose = if self.over() { people } else { queue };
                waited.check(whose, names.unit, at);
            }
        });
        let both = people > 0 && queue > 0;
        let each = self.attributes.values().any(|given| matches!(given, Given::Each(_)));
        if both && each {
            at.within("attributes", |at| {
                let expected = "people in places and people in the queue in entries of their own";
                at.fault("lists of values", expected);
            });
        } else {
            check_given(&self.attributes, people.max(queue) as usize, names, at);
        }
        if self.remaining == Some(Remaining::Conditional) && self.spent.is_none() {
            at.within("remaining", |at| {
                at.fault("\"conditional\"", "the stay so far, as `spent`: it depends on that");
            });
        }
        self.check_awaiting(model, names, at);
        self.check_process(model, at);
        if self.over() {
            if self.queue.is_some() {
                at.within("queue", |at| {
                    at.fault("people in the queue", "none beside those whose stay is over");
                });
            }
            if self.remaining.is_some() {
                at.within("remaining", |at| {
                    at.fault("a rule for what is left", "none: their stay is over");
                });
            }
        }
        self.check_place(model, at);
    }

    fn check_awaiting(&self, model: &Model, names: &Names, at: &mut Reader) {
        let Some(awaited) = &self.awaiting else { return };
        let unlimited =
            |name: &str| model.nodes.iter().any(|node| node.name == name && node.unlimited);
        at.within("awaiting", |at| {
            if !names.places().any(|place| place == awaited) {
                at.unknown(awaited, "a node or a list", names.places());
            } else if unlimited(awaited) {
                let expected = "a node with places: nobody waits for one without limit";
                at.fault(format!("{awaited:?}"), expected);
            } else if unlimited(&self.node) {
                let expected = "people who hold places: those of a node without limit hold none";
                at.fault(format!("{awaited:?} awaited from {:?}", self.node), expected);
            }
        });
    }

    fn check_process(&self, model: &Model, at: &mut Reader) {
        let Some(reason) = &self.in_process else { return };
        let Some(node) = model.nodes.iter().find(|node| node.name == self.node) else { return };
        at.within("in_process", |at| match node.process_delay.get(reason) {
            _ if self.awaiting.is_some() => {
                at.fault(format!("{reason:?}"), "people in process or awaiting a place, not both");
            }
            None => {
                let known = node.process_delay.keys().map(String::as_str);
                at.unknown(reason, "a delay by process of the node", known);
            }
            Some(delay) if self.waited.is_none() => {
                let mut cases = delay.0.iter();
                if cases.any(|case| matches!(case.then.delay, Distribution::Listed(_))) {
                    let expected = "`waited` as well: listed values have no distribution";
                    at.fault(format!("{reason:?}, a delay of listed values"), expected);
                }
            }
            Some(_) => {}
        });
    }

    /// Checks against the node: who can be there.
    fn check_place(&self, model: &Model, at: &mut Reader) {
        let (people, queue) = (self.in_places(), self.in_queue());
        let Some(position) = model.nodes.iter().position(|node| node.name == self.node) else {
            if model.queues.iter().any(|list| list.name.as_ref() == Some(&self.node)) && people > 0
            {
                at.within("people", |at| {
                    at.fault(format!("{people} people in places"), "none: a list has no places");
                });
            }
            return;
        };
        let node = &model.nodes[position];
        if node.slots.is_some() {
            let expected = "a node with beds: who is to be seen in slots comes by a replay";
            at.within("node", |at| {
                at.fault(format!("{:?}, which gives slots", self.node), expected)
            });
        }
        if node.unlimited && queue > 0 {
            at.within("queue", |at| {
                at.fault(format!("{queue} people"), "none: nobody waits for a node without limit");
            });
        }
        if let Some(Limit::Of(most)) = model.queue_at(position).and_then(|queue| queue.limit) {
            let beds = node.first_places();
            let here = |census: &&Census| census.node == self.node;
            let all = model.census.iter().filter(here);
            let (taken, waiting) = all.fold((0u64, 0u64), |(taken, waiting), census| {
                let (places, queue) = (census.in_places(), census.in_queue());
                (taken + u64::from(places), waiting + u64::from(queue))
            });
            let room = u64::from(most) + u64::from(beds).saturating_sub(taken);
            if waiting > room && queue > 0 {
                at.within("queue", |at| {
                    let free = if node.visits.is_some() { "" } else { " and the free places" };
                    let expected = format!("at most {room}: the limit{free}");
                    at.fault(format!("{waiting} people"), expected);
                });
            }
        }
        if people == 0 || self.over() {
            return;
        }
        if !node.ends.is_empty()
            && matches!(self.rule(), Remaining::Stationary | Remaining::Uniform)
        {
            at.within("remaining", |at| {
                let expected = "\"conditional\", with `spent`, or \"fresh\"";
                at.fault("a rule for one clock at a node where several end the stay", expected);
            });
        }
        let drawn = !matches!(self.rule(), Remaining::Fresh);
        if drawn && node.stay.0.iter().any(|case| matches!(case.then, Distribution::Listed(_))) {
            at.within("remaining", |at| {
                at.fault(
                    "a stay of listed values",
                    "remaining = \"fresh\": values that are used in turn have no distribution",
                );
            });
        }
    }
}
