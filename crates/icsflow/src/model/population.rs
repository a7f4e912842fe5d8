//! Populations: people who come again and again, each of them known by number.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Serialize;

use super::arrivals::Mix;
use super::case::Cases;
use super::census::{Given, check_given, check_mix};
use super::check::Names;
use super::distribution::{Distribution, Meaning};
use crate::doc::{Reader, read_table};
use crate::expr::Expression;

/// So many people, who are outside until they attend, and outside again once they leave the system, with
/// the attributes that they have then. Who leaves by `died` does not come again.
///
/// ```
/// use icsflow::{Attends, Distribution, Model, Population};
///
/// let frequent = Population::new("Frequent users", 300)
///     .attends(Attends::every("A&E", Distribution::exponential("20d")));
/// let model = Model::new("Frequent users").population(frequent);
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Population {
    /// Its name, unique among arrivals and populations; the key of its random streams.
    pub name: String,
    /// How many people.
    pub size: u32,
    /// Their cohort, or the shares of several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cohort: Option<Mix>,
    /// What is known of their attributes: one value for all, or a list with one for each. The others are
    /// drawn once, at the beginning.
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub attributes: IndexMap<String, Given>,
    /// Where they attend, each of these by itself; the first that is due counts.
    pub attends: Vec<Attends>,
    /// Where each figure comes from, by key.
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub evidence: IndexMap<String, String>,
}

read_table!(Population, "a population", { name, size, cohort, attributes, attends, evidence });

/// Why somebody outside attends: exactly one of `every` and `hazard`. Only time outside counts.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Attends {
    /// The node or list; or a way out, by which the person leaves for good.
    pub to: String,
    /// Time outside from one to the next, drawn on going outside. At the beginning it has been running
    /// for long: what is left of it then is drawn.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub every: Option<Cases<Distribution>>,
    /// Rate per time unit of the model, over attributes and the cohort: when these change, so does the
    /// rate, from then on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hazard: Option<Expression>,
}

read_table!(Attends, "a reason to attend", { to, every, hazard });

impl Attends {
    /// After such a time outside.
    pub fn every(to: impl Into<String>, every: impl Into<Cases<Distribution>>) -> Self {
        Attends { to: to.into(), every: Some(every.into()), hazard: None }
    }

    /// At a rate per time unit of the model.
    pub fn hazard(to: impl Into<String>, hazard: impl Into<Expression>) -> Self {
        Attends { to: to.into(), every: None, hazard: Some(hazard.into()) }
    }

    fn check(&self, names: &Names, at: &mut Reader) {
        let valid = names.places().chain(names.exits.iter().copied());
        if !self.to.is_empty() && !valid.clone().any(|name| name == self.to) {
            at.within("to", |at| at.unknown(&self.to, "a node, a list or a way out", valid));
        }
        match (&self.every, &self.hazard) {
            (None, None) => at.missing(&["every", "hazard"], "neither", "every or hazard"),
            (Some(_), Some(_)) => at.fault("every and hazard", "one of them"),
            _ => {}
        }
        if let Some(every) = &self.every {
            at.within("every", |at| {
                every.check(at, true, |at, case| {
                    names.case(&case.when, at);
                    case.then.check(at, Meaning::Duration(names.unit));
                    if matches!(case.then, Distribution::Listed(_)) {
                        at.fault("listed values", "a distribution");
                    } else if case.then.is_zero() {
                        at.fault(
                            "a time of 0",
                            "a length of time above 0: it is taken over and over",
                        );
                    }
                });
            });
        }
        if let Some(hazard) = &self.hazard {
            at.within("hazard", |at| names.lasting_number(hazard, at));
        }
    }
}

impl Population {
    /// So many people who attend nowhere yet.
    pub fn new(name: impl Into<String>, size: u32) -> Self {
        Population {
            name: name.into(),
            size,
            cohort: None,
            attributes: IndexMap::new(),
            attends: Vec::new(),
            evidence: IndexMap::new(),
        }
    }

    /// Adds a reason to attend.
    pub fn attends(mut self, attends: Attends) -> Self {
        self.attends.push(attends);
        self
    }

    /// Sets the cohort, or the shares of several.
    pub fn cohort(mut self, cohort: impl Into<Mix>) -> Self {
        self.cohort = Some(cohort.into());
        self
    }

    /// The most people of a population.
    pub const MOST: u32 = 100_000_000;

    pub(super) fn check(&self, names: &Names, at: &mut Reader) {
        if self.size == 0 || self.size > Population::MOST {
            let expected = format!("from 1 to {} people", Population::MOST);
            at.within("size", |at| at.fault(self.size.to_string(), expected));
        }
        check_mix(&self.cohort, names, at);
        check_given(&self.attributes, self.size as usize, names, at);
        at.within("attends", |at| {
            if self.attends.is_empty() {
                at.missing(&["attends"], "nothing", "at least one reason to attend");
            }
            for (i, attends) in self.attends.iter().enumerate() {
                at.item(i, |at| attends.check(names, at));
            }
        });
    }
}
