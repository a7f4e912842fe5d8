//! Queues: how people wait, for a node or in a list that several nodes serve.

use std::borrow::Cow;

use indexmap::IndexMap;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Serialize, Serializer};

use super::case::Cases;
use super::check::{Least, Names, check_length, check_moment, check_share};
use super::distribution::{Distribution, Meaning};
use super::targets::Targets;
use crate::doc::{Doc, Read, Reader, Value, field, open, read_choice, read_table, read_word};
use crate::expr::Expression;
use crate::time::{Moment, Quantity};

/// How people wait: the queue of a node, or a list with a name that any number of nodes serve.
///
/// ```
/// use icsflow::{Distribution, Queue};
///
/// let queue = Queue::by_class(["urgent", "age >= 75"])
///     .limit(20)
///     .if_full("Elsewhere")
///     .patience(Distribution::exponential("2h"));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Queue {
    /// The name of a list, unique among lists and nodes; the queue of a node has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Who goes first. If not given: by class if there are classes, by score if there is one, else first
    /// come, first served.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub discipline: Option<Discipline>,
    /// For `class`: conditions in order of priority. The first that holds gives a patient's class; who
    /// meets none comes last. Within a class, first come, first served.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub classes: Vec<Expression>,
    /// For `score`: a number, the highest first; ties by joining. It may read `waited`, the time in this
    /// queue, and is compared when a place is given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub score: Option<Expression>,
    /// Most people who may wait. Does not count people who wait while they hold a place elsewhere, nor
    /// those in the waiting room.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<Limit>,
    /// Where those go who find so many waiting; the way out `lost` if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub if_full: Option<Targets>,
    /// How long people wait here before they give up; for ever for whom no case holds. Not for those who
    /// hold a place elsewhere meanwhile.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub patience: Option<Cases<Distribution>>,
    /// Where those go who give up; the way out `reneged` if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub renege: Option<Targets>,
    /// Who turns away on coming.
    #[serde(skip_serializing_if = "Balking::is_empty")]
    pub balk: Balking,
    /// Where those go who turn away; the way out `balked` if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub balk_to: Option<Targets>,
    /// Who comes into another class while waiting.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub change_class: Vec<ChangeClass>,
    /// Looks at those who wait, at set times.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub review: Vec<Review>,
    /// Who goes over to another node while waiting.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub switch: Vec<Switch>,
    /// Whether who finds no place takes that of the lowest class below, and what becomes of those whose
    /// place is taken; nobody is interrupted if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preempt: Option<Preempt>,
    /// Where each figure of a list comes from, by key.
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub evidence: IndexMap<String, String>,
}

read_table!(Queue, "a queue", {
    name, discipline, classes, score, limit, if_full, patience, renege, balk = Balking::default(), balk_to,
    change_class, review, switch, preempt, evidence,
});

/// The queue of a node: its own, or a list by its name.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum NodeQueue {
    /// Its own.
    Own(Box<Queue>),
    /// The list of this name.
    List(String),
}

impl From<Queue> for NodeQueue {
    fn from(queue: Queue) -> Self {
        NodeQueue::Own(Box::new(queue))
    }
}

impl From<&str> for NodeQueue {
    fn from(list: &str) -> Self {
        NodeQueue::List(list.to_owned())
    }
}

impl JsonSchema for NodeQueue {
    fn schema_name() -> Cow<'static, str> {
        "NodeQueue".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let own = generator.subschema_for::<Queue>();
        let list = json_schema!({ "description": "The name of a list.", "type": "string" });
        json_schema!({ "anyOf": [own, list] })
    }
}

impl Read for NodeQueue {
    fn read(doc: &Doc, at: &mut Reader) -> Self {
        match &doc.value {
            Value::Text(list) => NodeQueue::List(list.clone()),
            Value::Table(_) => Queue::read(doc, at).into(),
            _ => {
                at.fault(doc.show(), "a queue: a table, or the name of a list");
                Self::broken()
            }
        }
    }

    fn broken() -> Self {
        NodeQueue::List(String::new())
    }
}

/// A number, or `"unlimited"`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// At most so many.
    Of(u32),
    /// Any number.
    Unlimited,
}

impl From<u32> for Limit {
    fn from(people: u32) -> Self {
        Limit::Of(people)
    }
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

/// Who goes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Discipline {
    /// Whoever joined first.
    #[serde(rename = "first come")]
    FirstCome,
    /// Whoever joined last.
    #[serde(rename = "last come")]
    LastCome,
    /// Anyone with equal chance, drawn at each selection.
    Random,
    /// The better class first; within a class, whoever joined first.
    Class,
    /// The highest score first; of equal scores, whoever joined first.
    Score,
}

read_word!(Discipline, "a queue discipline", {
    "first come" => FirstCome, "last come" => LastCome, "random" => Random, "class" => Class,
    "score" => Score,
});

/// Who turns away on coming, before joining: the first condition that holds counts.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Balking(pub Vec<Balk>);

/// A condition under which people turn away; a bare condition is one for everyone who meets it.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields, transform = or_text)]
pub struct Balk {
    /// The condition; it may read attributes, the clock and the state of nodes.
    pub when: Expression,
    /// Probability of turning away then; 1 if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub share: Option<f64>,
}

impl From<&str> for Balk {
    fn from(condition: &str) -> Self {
        Balk { when: condition.into(), share: None }
    }
}

impl Read for Balk {
    fn read(doc: &Doc, at: &mut Reader) -> Self {
        match &doc.value {
            Value::Text(condition) => condition.as_str().into(),
            Value::Table(_) => {
                let table = open(doc, "balking", &["when", "share"], at);
                table.map_or_else(Self::broken, |table| Balk {
                    when: field(table, "when", None, at),
                    share: field(table, "share", None, at),
                })
            }
            _ => {
                at.fault(doc.show(), "a condition, or a table with when and share");
                Self::broken()
            }
        }
    }

    fn broken() -> Self {
        Balk { when: Read::broken(), share: None }
    }
}

fn or_text(schema: &mut Schema) {
    let table = std::mem::take(schema);
    *schema = json_schema!({ "anyOf": [{ "type": "string" }, table] });
}

impl Read for Balking {
    fn read(doc: &Doc, at: &mut Reader) -> Self {
        match &doc.value {
            Value::List(_) => Balking(Read::read(doc, at)),
            _ => Balking(vec![Read::read(doc, at)]),
        }
    }

    fn broken() -> Self {
        Balking::default()
    }
}

impl JsonSchema for Balking {
    fn schema_name() -> Cow<'static, str> {
        "Balking".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let one = generator.subschema_for::<Balk>();
        let many = generator.subschema_for::<Vec<Balk>>();
        json_schema!({ "anyOf": [one, many] })
    }
}

impl Balking {
    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// A class changes after a time in it.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct ChangeClass {
    /// Number of the class, from 1 in the order of `classes`; the last is that of who meets none.
    pub from: u32,
    /// Number of the new class.
    pub to: u32,
    /// Time in the class.
    pub after: Distribution,
}

read_table!(ChangeClass, "a change of class", { from, to, after });

/// A look at those who wait, at set times: some are taken off, the others may get another class.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Review {
    /// From one review to the next.
    pub every: Quantity,
    /// One of the reviews, from which the others are counted back and forth; the start of measuring if
    /// not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<Moment>,
    /// Whom it concerns; everyone if not given. The condition may read attributes, the clock, the state
    /// of nodes and `waited`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub when: Option<Expression>,
    /// Probability of being taken off; 0 if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remove: Option<f64>,
    /// Where those go who are taken off; the way out `removed` if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<Targets>,
    /// Number of the class of the others from then on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub class: Option<u32>,
}

read_table!(Review, "a review", { every, at, when, remove, to, class });

/// People who wait go over to another node once a condition holds. It is asked when a place or a queue
/// changes that it reads, of the first in line first.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Switch {
    /// The node.
    pub to: String,
    /// The condition; it may read attributes and the state of nodes.
    pub when: Expression,
}

read_table!(Switch, "a switch", { to, when });

/// What becomes of a stay whose place a better class takes (R10).
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(transform = or_displace)]
pub enum Preempt {
    /// It goes on later where it was interrupted; meanwhile the patient is at the head of the class.
    Resume,
    /// It begins anew, of the same length.
    Restart,
    /// It begins anew, of a new length.
    Resample,
    /// It is over here, and the patient goes elsewhere; `"displace"` alone is the way out `displaced`.
    Displace(Targets),
}

read_choice!(
    Preempt, "preemption",
    {
        "resume" => Preempt::Resume, "restart" => Preempt::Restart, "resample" => Preempt::Resample,
        "displace" => Preempt::Displace(super::targets::DISPLACED.into()),
    },
    "displace" => Displace
);

fn or_displace(schema: &mut Schema) {
    if let Some(serde_json::Value::Array(cases)) = schema.get_mut("oneOf") {
        cases.push(serde_json::json!({ "const": "displace" }));
    }
}

impl Queue {
    /// First come, first served, without limit.
    pub fn new() -> Self {
        Queue::default()
    }

    /// By this discipline.
    pub fn by(discipline: Discipline) -> Self {
        Queue { discipline: Some(discipline), ..Queue::default() }
    }

    /// By class: conditions in order of priority.
    pub fn by_class<C: Into<Expression>>(classes: impl IntoIterator<Item = C>) -> Self {
        Queue { classes: classes.into_iter().map(Into::into).collect(), ..Queue::default() }
    }

    /// By score, the highest first.
    pub fn by_score(score: impl Into<Expression>) -> Self {
        Queue { score: Some(score.into()), ..Queue::default() }
    }

    /// Makes it a list of this name, for a model's [`queue`](super::model::Model::queue).
    pub fn named(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Sets how many people may wait.
    pub fn limit(mut self, people: impl Into<Limit>) -> Self {
        self.limit = Some(people.into());
        self
    }

    /// Sets where those go who find it full.
    pub fn if_full(mut self, to: impl Into<Targets>) -> Self {
        self.if_full = Some(to.into());
        self
    }

    /// Sets how long people wait before they give up.
    pub fn patience(mut self, time: impl Into<Cases<Distribution>>) -> Self {
        self.patience = Some(time.into());
        self
    }

    /// Sets where those go who give up.
    pub fn renege(mut self, to: impl Into<Targets>) -> Self {
        self.renege = Some(to.into());
        self
    }

    /// Adds a condition under which this share of people turn away on coming.
    pub fn balk(mut self, when: impl Into<Expression>, share: f64) -> Self {
        self.balk.0.push(Balk { when: when.into(), share: Some(share) });
        self
    }

    /// Sets where those go who turn away.
    pub fn balk_to(mut self, to: impl Into<Targets>) -> Self {
        self.balk_to = Some(to.into());
        self
    }

    /// Adds a change of class, by number, after a time in it.
    pub fn change_class(mut self, from: u32, to: u32, after: impl Into<Distribution>) -> Self {
        self.change_class.push(ChangeClass { from, to, after: after.into() });
        self
    }

    /// Adds a review.
    pub fn review(mut self, review: Review) -> Self {
        self.review.push(review);
        self
    }

    /// Lets people go over to another node while they wait.
    pub fn switch(mut self, to: impl Into<String>, when: impl Into<Expression>) -> Self {
        self.switch.push(Switch { to: to.into(), when: when.into() });
        self
    }

    /// Lets better classes take the places of lower ones.
    pub fn preempt(mut self, how: Preempt) -> Self {
        self.preempt = Some(how);
        self
    }

    /// Who goes first, said or inferred.
    pub fn order(&self) -> Discipline {
        self.discipline.unwrap_or(if !self.classes.is_empty() {
            Discipline::Class
        } else if self.score.is_some() {
            Discipline::Score
        } else {
            Discipline::FirstCome
        })
    }

    /// Checks the queue of a node or a list: `own` is its position, lists after nodes; `serves` are the
    /// nodes that it serves.
    pub(super) fn check(&self, own: usize, serves: &[&str], names: &Names, at: &mut Reader) {
        let here = names.places().nth(own).unwrap_or_default();
        if let Some(name) = &self.name
            && own < names.nodes.len()
        {
            let expected = "no name: only a list, [[queue]], has one";
            at.within("name", |at| at.fault(format!("{name:?}"), expected));
        }
        self.check_order(own, names, at);
        let targets = |at: &mut Reader, key: &str, to: &Option<Targets>, by: &str, given: bool| {
            let Some(to) = to else { return };
            let given = given || at.misspelt(by);
            at.within(key, |at| {
                if !given {
                    at.fault(format!("a destination without {by}"), format!("{by} with it"));
                }
                // Who is back at once would be sent on again at once.
                if key == "renege" {
                    to.check(names, at)
                } else {
                    to.check_elsewhere(here, names, at)
                }
            });
        };
        let limited = matches!(self.limit, Some(Limit::Of(_)));
        targets(at, "if_full", &self.if_full, "limit", limited);
        if let Some(patience) = &self.patience {
            at.within("patience", |at| {
                patience.check(at, false, |at, case| {
                    names.case(&case.when, at);
                    case.then.check(at, Meaning::Duration(names.unit));
                });
            });
        }
        targets(at, "renege", &self.renege, "patience", self.patience.is_some());
        at.each("balk", &self.balk.0, |at, balk| {
            at.within("when", |at| names.state_condition(&balk.when, own, at));
            check_share(at, "share", balk.share);
        });
        targets(at, "balk_to", &self.balk_to, "balk", !self.balk.is_empty());
        at.each("change_class", &self.change_class, |at, change| {
            self.check_class(at, "from", Some(change.from));
            self.check_class(at, "to", Some(change.to));
            if change.from == change.to {
                let expected = "another class than before";
                at.within("to", |at| at.fault(change.to.to_string(), expected));
            }
            at.within("after", |at| change.after.check(at, Meaning::Duration(names.unit)));
        });
        self.check_circle(at);
        at.each("review", &self.review, |at, review| self.check_review(review, own, names, at));
        at.each("switch", &self.switch, |at, switch| {
            at.within("to", |at| {
                if !names.nodes.contains(&switch.to.as_str()) {
                    at.unknown(&switch.to, "a node", names.nodes.iter().copied());
                } else if serves.contains(&switch.to.as_str()) {
                    at.fault(format!("{:?}", switch.to), "a node that this queue does not serve");
                }
            });
            at.within("when", |at| {
                let program = names.changing(&switch.when, own, at);
                if program.is_some_and(|program| program.state().is_empty()) {
                    let found = format!("{:?}, which asks no node", switch.when.0);
                    at.fault(found, "a condition over state: it is asked when that changes");
                }
            });
        });
        if let Some(preempt) = &self.preempt {
            at.within("preempt", |at| {
                if self.order() != Discipline::Class {
                    at.fault("preemption without classes", "classes with it");
                }
                if let Preempt::Displace(to) = preempt {
                    at.within("displace", |at| to.check(names, at));
                }
            });
        }
    }

    /// Checks that discipline, classes and score agree.
    fn check_order(&self, own: usize, names: &Names, at: &mut Reader) {
        let order = self.order();
        let undecided =
            self.discipline.is_none() && self.score.is_some() && !self.classes.is_empty();
        if undecided {
            at.fault("both classes and score", "one of them");
        }
        if order == Discipline::Class && self.classes.is_empty() {
            at.within("classes", |at| {
                at.fault("nothing", "conditions in order of priority: the discipline is class");
            });
        }
        if order != Discipline::Class && !self.classes.is_empty() {
            at.within("classes", |at| at.fault("classes", "discipline = \"class\" with them"));
        }
        if order == Discipline::Score && self.score.is_none() {
            at.within("score", |at| at.fault("nothing", "a number: the discipline is score"));
        }
        if order != Discipline::Score && self.score.is_some() && !undecided {
            at.within("score", |at| at.fault("a score", "discipline = \"score\" with it"));
        }
        if self.classes.len() > 254 {
            at.within("classes", |at| {
                at.fault(format!("{} classes", self.classes.len()), "at most 254");
            });
        }
        at.each("classes", &self.classes, |at, class| names.condition(class, at));
        if let Some(score) = &self.score {
            at.within("score", |at| names.score(score, own, at));
        }
    }

    /// Classes that change at once and lead back to where they began would change for ever.
    fn check_circle(&self, at: &mut Reader) {
        let after = |class: u32| self.change_class.iter().find(|change| change.from == class);
        let at_once = |class: &u32| {
            after(*class).filter(|change| change.after.is_zero()).map(|change| change.to)
        };
        for (i, change) in self.change_class.iter().enumerate() {
            let all = self.change_class.len();
            let mut way = std::iter::successors(at_once(&change.from), at_once).take(all);
            // Told once, at the first of them.
            let first = self.change_class[..i].iter().all(|other| other.from != change.from);
            if first && way.any(|class| class == change.from) {
                at.within("change_class", |at| {
                    let found = format!("class {} changes at once, back to itself", change.from);
                    at.fault(found, "a time above 0 somewhere in the circle");
                });
                return;
            }
        }
    }

    fn check_class(&self, at: &mut Reader, key: &str, class: Option<u32>) {
        let Some(class) = class else { return };
        let last = self.classes.len() as u32 + 1;
        at.within(key, |at| {
            if self.classes.is_empty() {
                at.fault(format!("class {class} without classes"), "classes with it");
            } else if !(1..=last).contains(&class) {
                at.fault(class.to_string(), format!("the number of a class, from 1 to {last}"));
            }
        });
    }

    fn check_review(&self, review: &Review, own: usize, names: &Names, at: &mut Reader) {
        check_length(at, "every", review.every, names.unit, Least::AboveZero);
        if let Some(first) = review.at {
            check_moment(at, "at", first, names.unit);
        }
        if let Some(when) = &review.when {
            at.within("when", |at| names.waiting(when, own, at));
        }
        check_share(at, "remove", review.remove);
        let removes = review.remove.is_some_and(|share| share != 0.0);
        if let Some(to) = &review.to {
            at.within("to", |at| {
                if !removes {
                    at.fault("a destination without remove", "remove with it");
                }
                to.check(names, at);
            });
        }
        if !removes && review.class.is_none() {
            at.missing(&["remove", "class"], "a review that does nothing", "remove or class");
        }
        self.check_class(at, "class", review.class);
    }
}

impl Review {
    /// A review of everyone who waits, so often, that does nothing yet.
    pub fn every(time: impl Into<Quantity>) -> Self {
        Review { every: time.into(), at: None, when: None, remove: None, to: None, class: None }
    }

    /// Sets one of the times from which the others are counted.
    pub fn at(mut self, moment: impl Into<Moment>) -> Self {
        self.at = Some(moment.into());
        self
    }

    /// Keeps it to those who meet this condition.
    pub fn when(mut self, condition: impl Into<Expression>) -> Self {
        self.when = Some(condition.into());
        self
    }

    /// Takes this share of them off the queue.
    pub fn remove(mut self, share: f64) -> Self {
        self.remove = Some(share);
        self
    }

    /// Sets where those go who are taken off.
    pub fn to(mut self, to: impl Into<Targets>) -> Self {
        self.to = Some(to.into());
        self
    }

    /// Gives the others the class of this number.
    pub fn class(mut self, class: u32) -> Self {
        self.class = Some(class);
        self
    }
}
