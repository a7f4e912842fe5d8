//! Routes: where next.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Serialize;

use super::case::Share;
use super::check::Names;
use super::targets::Targets;
use crate::doc::{Doc, Read, Reader, Value, read_table, read_word};
use crate::expr::Expression;

/// Where the patients of a node go when their stay is over. Of several routes from one node the first
/// whose cohort and condition fit the patient is taken; who fits none goes home.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Route {
    /// The node they leave.
    pub from: String,
    /// Only for patients of this cohort.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cohort: Option<String>,
    /// Only for patients who meet this condition when they are ready.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub when: Option<Expression>,
    /// Nodes, lists and ways out with their probabilities; or a list of nodes, of which `choose` says
    /// how one is chosen. In the list a role stands for all nodes that have it.
    pub to: To,
    /// How one of a list of nodes is chosen; ties go to the first named.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub choose: Option<Choose>,
    /// Where each figure comes from, by key.
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub evidence: IndexMap<String, String>,
}

read_table!(Route, "a route", { from, cohort, when, to, choose, evidence });

/// Where a route leads.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum To {
    /// By chance, drawn when the patient is ready.
    Shares(Targets),
    /// To one of these nodes, or nodes of these roles, by what goes on there or whose they are.
    OneOf(Vec<String>),
}

impl To {
    /// The names of all nodes, lists and ways out.
    pub fn names(&self) -> Vec<&str> {
        match self {
            To::Shares(targets) => targets.0.keys().map(String::as_str).collect(),
            To::OneOf(nodes) => nodes.iter().map(String::as_str).collect(),
        }
    }
}

impl Read for To {
    fn read(doc: &Doc, at: &mut Reader) -> Self {
        match &doc.value {
            Value::List(_) => To::OneOf(Read::read(doc, at)),
            _ => To::Shares(Read::read(doc, at)),
        }
    }

    fn broken() -> Self {
        To::Shares(Targets::broken())
    }
}

/// How one of several nodes is chosen, when the patient is ready.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Choose {
    /// The first with a place free; if none has, whichever has one first: the patient waits for all of
    /// them at once, and the delay is charged to the first named. Who waits so in person does it by the
    /// queue of the first named: its `limit`, `if_full`, `balk`, `patience` and `renege` hold for them, and
    /// they take up its places; reviews, switches and changes of class are for those who wait for that
    /// node alone. In the line of each node a patient is of the class that its own queue says.
    #[serde(rename = "first free")]
    FirstFree,
    /// The one with the fewest people in line: in its queue, in its waiting room, or with a place elsewhere.
    #[serde(rename = "shortest queue")]
    ShortestQueue,
    /// The one with the smallest share of its places taken.
    #[serde(rename = "least load")]
    LeastLoad,
    /// The one with the most places free.
    #[serde(rename = "most free")]
    MostFree,
    /// One after the other.
    #[serde(rename = "round robin")]
    RoundRobin,
    /// The one of the patient's own place: of the smallest group that contains both it and the group of the
    /// arrivals with which they came, or, if these have none, of the first node where they were.
    #[serde(rename = "own place")]
    OwnPlace,
    /// The one from which they came into the group of this node, or else the nearest to that: repatriation.
    #[serde(rename = "came from")]
    CameFrom,
}

read_word!(Choose, "a way to choose a node", {
    "first free" => FirstFree, "shortest queue" => ShortestQueue, "least load" => LeastLoad,
    "most free" => MostFree, "round robin" => RoundRobin, "own place" => OwnPlace,
    "came from" => CameFrom,
});

const POLICIES: [&str; 7] = [
    "first free",
    "shortest queue",
    "least load",
    "most free",
    "round robin",
    "own place",
    "came from",
];

impl Route {
    /// A route for everyone.
    pub fn new<'a, S: Into<Share>>(
        from: impl Into<String>,
        to: impl IntoIterator<Item = (&'a str, S)>,
    ) -> Self {
        Route {
            from: from.into(),
            cohort: None,
            when: None,
            to: To::Shares(to.into_iter().collect()),
            choose: None,
            evidence: IndexMap::new(),
        }
    }

    /// A route for everyone to one of several nodes, by what goes on there.
    pub fn choose<'a>(
        from: impl Into<String>,
        choose: Choose,
        nodes: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        Route {
            to: To::OneOf(nodes.into_iter().map(str::to_owned).collect()),
            choose: Some(choose),
            ..Route::new::<Share>(from, [])
        }
    }

    /// Keeps the route to patients of this cohort.
    pub fn cohort(mut self, cohort: impl Into<String>) -> Self {
        self.cohort = Some(cohort.into());
        self
    }

    /// Keeps the route to patients who meet this condition.
    pub fn when(mut self, condition: impl Into<Expression>) -> Self {
        self.when = Some(condition.into());
        self
    }

    pub(super) fn check(&self, names: &Names, at: &mut Reader) {
        if !self.from.is_empty() && !names.nodes.contains(&self.from.as_str()) {
            at.within("from", |at| at.unknown(&self.from, "a node", names.nodes.iter().copied()));
        }
        if let Some(cohort) = &self.cohort
            && !names.cohorts.contains(&cohort.as_str())
        {
            let cohorts = names.cohorts.iter().copied();
            at.within("cohort", |at| at.unknown(cohort, "a cohort", cohorts));
        }
        if let Some(when) = &self.when {
            // Where the node itself is unknown, that is said and enough.
            let own = names.nodes.iter().position(|node| *node == self.from).unwrap_or(0);
            at.within("when", |at| names.state_condition(when, own, at));
        }
        match (&self.to, self.choose) {
            (To::OneOf(_), None) => {
                let expected = format!("choose, one of {}", POLICIES.join(", "));
                at.missing(&["choose"], "a list without choose", &expected);
            }
            (To::Shares(_), Some(_)) => at.within("choose", |at| {
                at.fault("choose without a list", "a list of nodes in `to`");
            }),
            _ => {}
        }
        at.within("to", |at| match &self.to {
            To::Shares(targets) => targets.check(names, at),
            To::OneOf(nodes) => {
                if nodes.is_empty() {
                    at.fault("no node", "at least one node");
                }
                for (i, node) in nodes.iter().enumerate() {
                    at.item(i, |at| {
                        let known = names.nodes.iter().chain(&names.roles).copied();
                        if !known.clone().any(|known| known == node) {
                            let what =
                                if names.roles.is_empty() { "a node" } else { "a node or a role" };
                            at.unknown(node, what, known);
                        } else if nodes[..i].contains(node) {
                            at.fault(format!("{node:?} once more"), "each node once");
                        }
                    });
                }
            }
        });
    }
}
