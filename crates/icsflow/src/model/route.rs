//! Routes: where next.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Serialize;

use super::case::{Share, check_shares};
use crate::doc::{Reader, read_table};
use crate::expr::{Expression, Scope};

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
    /// Nodes and ways out with their probabilities.
    pub to: IndexMap<String, Share>,
    /// Where each figure comes from, by key.
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub evidence: IndexMap<String, String>,
}

read_table!(Route, "a route", { from, cohort, when, to, evidence });

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
            to: to.into_iter().map(|(name, share)| (name.to_owned(), share.into())).collect(),
            evidence: IndexMap::new(),
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

    pub(super) fn check(
        &self,
        scope: &Scope,
        cohorts: &[&str],
        nodes: &[&str],
        exits: &[&str],
        at: &mut Reader,
    ) {
        if !self.from.is_empty() && !nodes.contains(&self.from.as_str()) {
            at.within("from", |at| at.unknown(&self.from, "a node", nodes.iter().copied()));
        }
        if let Some(cohort) = &self.cohort
            && !cohorts.contains(&cohort.as_str())
        {
            at.within("cohort", |at| at.unknown(cohort, "a cohort", cohorts.iter().copied()));
        }
        if let Some(when) = &self.when {
            at.within("when", |at| when.compile(scope, at));
        }
        at.within("to", |at| {
            for name in self.to.keys() {
                if !nodes.contains(&name.as_str()) && !exits.contains(&name.as_str()) {
                    let valid = nodes.iter().chain(exits).copied();
                    at.within(name, |at| at.unknown(name, "a node or a way out", valid));
                }
            }
            if self.to.is_empty() {
                at.fault("no destination", "at least one node or way out");
            } else {
                check_shares(&self.to, at);
            }
        });
    }
}
