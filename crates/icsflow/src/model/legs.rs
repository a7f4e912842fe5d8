//! Legs: several services of one patient, at once or one after the other, until they are joined.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Serialize, Serializer};

use super::capacity::Cut;
use super::check::{Names, check_share};
use super::model::Model;
use super::node::Node;
use super::queue::{NodeQueue, Preempt};
use crate::doc::{Doc, Read, Reader, Value, read_table, read_word};
use crate::expr::Expression;

/// What a patient has done elsewhere during the stay at a node: a scan, bloods and an opinion, each with a
/// line, a place and a length of its own. The stay is over when its own length has passed and the legs
/// are joined.
///
/// A leg comes to its node when the stay starts, goes on from there by the routes of the nodes that it
/// comes to, and is over when one leads out of the system. The patient keeps the place, if the node has
/// any, and each leg has its own. An attribute that changes on a leg changes of the patient; who dies on
/// a leg is dead.
///
/// ```
/// use icsflow::{Distribution, Join, Legs, Node};
///
/// let work_up = Node::unlimited("Work-up", Distribution::from(0.0))
///     .legs(Legs::new(["Imaging", "Bloods", "Surgeon"]).join(Join::Of(2)));
/// assert_eq!(work_up.legs.unwrap().to.len(), 3);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Legs {
    /// The nodes or lists, with whom each leg is for.
    pub to: Vec<Leg>,
    /// Whether they are all under way at once.
    pub order: LegOrder,
    /// How many must be over.
    pub join: Join,
    /// What becomes of the others once enough are over.
    pub others: Others,
    /// What becomes of the join if a leg ends otherwise than after a stay: it gives up waiting, finds a
    /// queue full, is taken off.
    pub failed: Failed,
}

/// Legs as a table, as which they are written unless all is as if not given.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Full {
    /// The nodes or lists.
    to: Vec<Leg>,
    /// Whether the legs are all under way at once.
    #[serde(skip_serializing_if = "is_default")]
    order: LegOrder,
    /// How many must be over.
    #[serde(skip_serializing_if = "is_default")]
    join: Join,
    /// What becomes of the others once enough are over.
    #[serde(skip_serializing_if = "is_default")]
    others: Others,
    /// What becomes of the join if a leg ends otherwise than after a stay.
    #[serde(skip_serializing_if = "is_default")]
    failed: Failed,
}

read_table!(Full, "legs", {
    to, order = LegOrder::default(), join = Join::default(), others = Others::default(),
    failed = Failed::default(),
});

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

impl Serialize for Legs {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Legs { to, order, join, others, failed } = self.clone();
        let full = Full { to, order, join, others, failed };
        let bare = Legs { to: full.to.clone(), ..Legs::new::<&str>([]) };
        if bare == *self { full.to.serialize(serializer) } else { full.serialize(serializer) }
    }
}

impl JsonSchema for Legs {
    fn schema_name() -> Cow<'static, str> {
        "Legs".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let to = generator.subschema_for::<Vec<Leg>>();
        let full = generator.subschema_for::<Full>();
        json_schema!({
            "description": "What a patient has done elsewhere during the stay: nodes and lists, or a \
                            table that says how they are joined.",
            "anyOf": [to, full]
        })
    }
}

impl Read for Legs {
    fn read(doc: &Doc, at: &mut Reader) -> Self {
        match &doc.value {
            Value::List(_) => Legs { to: Read::read(doc, at), ..Legs::new::<&str>([]) },
            Value::Table(_) => {
                let Full { to, order, join, others, failed } = Read::read(doc, at);
                Legs { to, order, join, others, failed }
            }
            _ => {
                at.fault(doc.show(), "a list of nodes, or a table with to");
                Self::broken()
            }
        }
    }

    fn broken() -> Self {
        Legs::new::<&str>([])
    }
}

/// A leg: where it leads, and whom it is for.
#[derive(Clone, Debug, PartialEq)]
pub struct Leg {
    /// The node or list.
    pub node: String,
    /// Of whom: a condition over attributes, clock and state when the stay starts; of everyone if not
    /// given.
    pub when: Option<Expression>,
    /// Probability of it; 1 if not given.
    pub share: Option<f64>,
}

/// A leg as a table.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
struct FullLeg {
    /// The node or list.
    node: String,
    /// Of whom; of everyone if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    when: Option<Expression>,
    /// Probability of it; 1 if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    share: Option<f64>,
}

read_table!(FullLeg, "a leg", { node, when, share });

impl Serialize for Leg {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.when.is_none() && self.share.is_none() {
            return self.node.serialize(serializer);
        }
        let Leg { node, when, share } = self.clone();
        FullLeg { node, when, share }.serialize(serializer)
    }
}

impl JsonSchema for Leg {
    fn schema_name() -> Cow<'static, str> {
        "Leg".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let full = generator.subschema_for::<FullLeg>();
        json_schema!({
            "description": "A node or list, for everyone; or a table that says for whom.",
            "anyOf": [{ "type": "string" }, full]
        })
    }
}

impl Read for Leg {
    fn read(doc: &Doc, at: &mut Reader) -> Self {
        match &doc.value {
            Value::Text(node) => node.as_str().into(),
            Value::Table(_) => {
                let FullLeg { node, when, share } = Read::read(doc, at);
                Leg { node, when, share }
            }
            _ => {
                at.fault(doc.show(), "a node or list, or a table with node");
                Self::broken()
            }
        }
    }

    fn broken() -> Self {
        "".into()
    }
}

impl From<&str> for Leg {
    fn from(node: &str) -> Self {
        Leg { node: node.to_owned(), when: None, share: None }
    }
}

impl Leg {
    /// Keeps the leg to those who meet a condition.
    pub fn when(mut self, condition: impl Into<Expression>) -> Self {
        self.when = Some(condition.into());
        self
    }

    /// Sets the probability of the leg.
    pub fn share(mut self, share: f64) -> Self {
        self.share = Some(share);
        self
    }
}

/// Whether legs are all under way at once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum LegOrder {
    /// All at once.
    #[default]
    Together,
    /// One after the other, as they are listed.
    #[serde(rename = "as listed")]
    AsListed,
    /// One after the other: next is the one with the fewest people in line at that instant; of several
    /// such the first listed.
    #[serde(rename = "shortest queue")]
    ShortestQueue,
}

read_word!(LegOrder, "an order of legs", {
    "together" => Together, "as listed" => AsListed, "shortest queue" => ShortestQueue,
});

/// How many legs must be over: `"all"`, `"any"`, or a number; all of them where there are fewer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Join {
    /// All.
    #[default]
    All,
    /// So many; 1 is `"any"`.
    Of(u32),
}

impl Serialize for Join {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Join::All => serializer.serialize_str("all"),
            Join::Of(1) => serializer.serialize_str("any"),
            Join::Of(number) => serializer.serialize_u32(*number),
        }
    }
}

impl JsonSchema for Join {
    fn schema_name() -> Cow<'static, str> {
        "Join".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "How many legs must be over.",
            "anyOf": [{ "enum": ["all", "any"] }, { "type": "integer", "minimum": 1 }]
        })
    }
}

impl Read for Join {
    fn read(doc: &Doc, at: &mut Reader) -> Self {
        match &doc.value {
            Value::Text(word) if word == "all" => Join::All,
            Value::Text(word) if word == "any" => Join::Of(1),
            Value::Whole(_) | Value::Number(_) => Join::Of(Read::read(doc, at)),
            _ => {
                at.fault(doc.show(), "\"all\", \"any\" or a number of legs");
                Join::All
            }
        }
    }

    fn broken() -> Self {
        Join::All
    }
}

/// What becomes of the other legs once enough are over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Others {
    /// They stop at once: out of the line, or out of the place.
    #[default]
    Stop,
    /// They go on to their end, and nobody waits for them.
    #[serde(rename = "go on")]
    GoOn,
}

read_word!(Others, "what becomes of other legs", { "stop" => Stop, "go on" => GoOn });

/// What becomes of the join if a leg ends otherwise than after a stay.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Failed {
    /// The leg does not count; once all have ended the patient goes on, whatever was to be over.
    #[default]
    #[serde(rename = "not counted")]
    NotCounted,
    /// It ends the join: the patient goes on.
    Ends,
}

read_word!(Failed, "what a failed leg does", { "not counted" => NotCounted, "ends" => Ends });

impl Model {
    /// A leg must not come back to the node during whose stay it is: each would have legs in turn.
    pub(super) fn report_legs(&self, at: &mut Reader) {
        at.within("node", |at| {
            for (i, node) in self.nodes.iter().enumerate() {
                let Some(legs) = &node.legs else { continue };
                for (number, leg) in legs.to.iter().enumerate() {
                    if self.leads(&leg.node, &node.name) {
                        let found =
                            format!("{:?}, from where people come to {:?}", leg.node, node.name);
                        at.item(i, |at| {
                            at.within("legs", |at| {
                                at.within("to", |at| {
                                    at.item(number, |at| {
                                        at.fault(found, "a node that does not lead back here");
                                    });
                                });
                            });
                        });
                    }
                }
            }
        });
    }

    /// Whether people who come to a node or list may come to another.
    fn leads(&self, from: &str, to: &str) -> bool {
        let (mut seen, mut open) = (vec![from], vec![from]);
        while let Some(at) = open.pop() {
            if at == to {
                return true;
            }
            for next in self.next_of(at) {
                if !seen.contains(&next) {
                    seen.push(next);
                    open.push(next);
                }
            }
        }
        false
    }

    /// Where people go from a node or list, or for whose sake they are there.
    fn next_of(&self, from: &str) -> Vec<&str> {
        let mut next: Vec<&str> = Vec::new();
        let routes = self.routes.iter().filter(|route| route.from == from);
        next.extend(routes.flat_map(|route| route.to.names()));
        let mut queue = self.queues.iter().find(|list| list.name.as_deref() == Some(from));
        let serves =
            |node: &&Node| matches!(&node.queue, Some(NodeQueue::List(list)) if list == from);
        next.extend(self.nodes.iter().filter(serves).map(|node| &*node.name));
        if let Some(node) = self.nodes.iter().find(|node| node.name == from) {
            match &node.queue {
                Some(NodeQueue::List(list)) => next.push(list),
                Some(NodeQueue::Own(own)) => queue = Some(own),
                None => {}
            }
            if let Some(Cut::Transfer(to)) = &node.cut {
                next.extend(to.0.keys().map(String::as_str));
            }
            if let Some(slots) = &node.slots {
                next.extend(slots.ways(&node.name));
            }
            next.extend(node.legs.iter().flat_map(|legs| &legs.to).map(|leg| &*leg.node));
        }
        if let Some(queue) = queue {
            let reviewed = queue.review.iter().filter_map(|review| review.to.as_ref());
            let displaced = match &queue.preempt {
                Some(Preempt::Displace(to)) => Some(to),
                _ => None,
            };
            let onward = [&queue.if_full, &queue.renege, &queue.balk_to].into_iter().flatten();
            let onward = onward.chain(reviewed).chain(displaced);
            next.extend(onward.flat_map(|to| to.0.keys()).map(String::as_str));
            next.extend(queue.switch.iter().map(|switch| &*switch.to));
        }
        for event in self.events.iter().filter(|event| event.nodes.iter().any(|at| at == from)) {
            next.extend(event.to.iter().flat_map(|to| to.0.keys()).map(String::as_str));
        }
        next
    }
}

/// More legs than this are refused.
const MOST_LEGS: usize = 64;

impl Legs {
    /// Legs to all of these at once, all of which must be over.
    pub fn new<L: Into<Leg>>(to: impl IntoIterator<Item = L>) -> Self {
        Legs {
            to: to.into_iter().map(Into::into).collect(),
            order: LegOrder::Together,
            join: Join::All,
            others: Others::Stop,
            failed: Failed::NotCounted,
        }
    }

    /// Sets whether they are all under way at once.
    pub fn order(mut self, order: LegOrder) -> Self {
        self.order = order;
        self
    }

    /// Sets how many must be over.
    pub fn join(mut self, join: Join) -> Self {
        self.join = join;
        self
    }

    /// Sets what becomes of the others.
    pub fn others(mut self, others: Others) -> Self {
        self.others = others;
        self
    }

    /// Sets what a leg does to the join that ends otherwise than after a stay.
    pub fn failed(mut self, failed: Failed) -> Self {
        self.failed = failed;
        self
    }

    pub(super) fn check(&self, own: usize, names: &Names, at: &mut Reader) {
        match self.to.len() {
            0 => at.fault("no leg", "at least one node or list"),
            legs if legs > MOST_LEGS => {
                at.fault(format!("{legs} legs"), format!("at most {MOST_LEGS}"));
            }
            legs => {
                if let Join::Of(number) = self.join
                    && !(1..=legs).contains(&(number as usize))
                {
                    let expected = format!("\"all\", \"any\" or a number from 1 to {legs}");
                    at.within("join", |at| at.fault(number.to_string(), expected));
                }
            }
        }
        at.within("to", |at| {
            for (i, leg) in self.to.iter().enumerate() {
                let named = |other: &Leg| other.node == leg.node;
                at.item(i, |at| {
                    if leg.node.is_empty() {
                    } else if !names.places().any(|known| known == leg.node) {
                        at.unknown(&leg.node, "a node or a list", names.places());
                    } else if self.to[..i].iter().any(named) {
                        at.fault(format!("{:?} once more", leg.node), "each node once");
                    }
                    check_share(at, "share", leg.share);
                    if let Some(when) = &leg.when {
                        at.within("when", |at| names.state_condition(when, own, at));
                    }
                });
            }
        });
    }
}
