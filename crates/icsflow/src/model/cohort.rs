//! Cohorts: kinds of patient, with attributes sampled at arrival.

use std::collections::HashSet;

use indexmap::{IndexMap, IndexSet};
use schemars::JsonSchema;
use serde::Serialize;

use super::case::{Cases, Share, check_shares};
use super::check::is_below;
use super::distribution::{Distribution, Meaning};
use crate::doc::{Doc, Read, Reader, open, read_table};
use crate::expr::{CLOCK, Kind, Scope, is_name};

/// A kind of patient.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Cohort {
    /// Its name, unique among cohorts.
    pub name: String,
    /// Attributes by name, each drawn once, at arrival.
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub attributes: IndexMap<String, Cases<Attribute>>,
    /// Where each figure comes from, by key.
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub evidence: IndexMap<String, String>,
}

read_table!(Cohort, "a cohort", { name, attributes, evidence });

/// How an attribute is drawn. An attribute may depend on others through the `when` of its cases.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Attribute {
    /// A number, such as an age.
    Number(Distribution),
    /// One of some labels, with their probabilities.
    Category(IndexMap<String, Share>),
    /// True with this probability.
    Flag(f64),
}

impl Attribute {
    /// One of some labels, with their probabilities.
    ///
    /// ```
    /// use icsflow::{Attribute, Share};
    ///
    /// let pathway = Attribute::category([("P0", Share::Rest), ("P1", Share::Of(0.09))]);
    /// ```
    pub fn category<L: Into<String>>(labels: impl IntoIterator<Item = (L, Share)>) -> Self {
        let named = labels.into_iter().map(|(label, share)| (label.into(), share));
        Attribute::Category(named.collect())
    }
}

impl Read for Attribute {
    fn read(doc: &Doc, at: &mut Reader) -> Self {
        let known = ["number", "category", "flag"];
        let Some(table) = open(doc, "an attribute", &known, at) else { return Self::broken() };
        let given = table.keys().filter(|key| known.contains(&key.as_str())).count();
        if given > 1 || table.is_empty() {
            at.fault(doc.show(), "exactly one of number, category, flag");
        }
        let value = |key: &str| table.get(key);
        if let Some(doc) = value("number") {
            Attribute::Number(at.within("number", |at| Read::read(doc, at)))
        } else if let Some(doc) = value("category") {
            Attribute::Category(at.within("category", |at| Read::read(doc, at)))
        } else if let Some(doc) = value("flag") {
            Attribute::Flag(at.within("flag", |at| Read::read(doc, at)))
        } else {
            Self::broken()
        }
    }

    fn broken() -> Self {
        Attribute::Flag(f64::NAN)
    }
}

impl Attribute {
    fn kind(&self) -> Kind {
        match self {
            Attribute::Number(_) => Kind::Number,
            Attribute::Category(labels) => Kind::Category(labels.keys().cloned().collect()),
            Attribute::Flag(_) => Kind::Flag,
        }
    }

    fn check(&self, at: &mut Reader) {
        match self {
            Attribute::Number(number) => {
                at.within("number", |at| {
                    number.check(at, Meaning::Number);
                    if matches!(number, Distribution::Listed(_)) {
                        let expected = "a distribution: attributes are drawn, not taken in turn";
                        at.fault("listed values", expected);
                    }
                });
            }
            Attribute::Category(labels) => at.within("category", |at| {
                if labels.is_empty() {
                    return at.fault("no label", "at least one label with its share");
                }
                check_shares(labels, at);
            }),
            Attribute::Flag(p) => {
                if is_below(*p, 0.0, at) || *p > 1.0 {
                    at.within("flag", |at| at.fault(p.to_string(), "a probability from 0 to 1"));
                }
            }
        }
    }
}

impl Cohort {
    /// A cohort without attributes.
    pub fn new(name: impl Into<String>) -> Self {
        Cohort { name: name.into(), attributes: IndexMap::new(), evidence: IndexMap::new() }
    }

    /// Adds an attribute.
    pub fn attribute(mut self, name: impl Into<String>, how: impl Into<Cases<Attribute>>) -> Self {
        self.attributes.insert(name.into(), how.into());
        self
    }

    /// The attributes in an order in which each comes after those that it depends on, or the name of
    /// one that depends on itself.
    pub fn drawing_order(&self, scope: &Scope) -> Result<Vec<usize>, String> {
        let depends = |i: usize| -> Vec<usize> {
            let conditions = self.attributes[i].0.iter().filter_map(|case| case.when.as_ref());
            conditions
                .filter_map(|when| when.compile(scope, &mut Reader::new()))
                .flat_map(|program| program.reads().to_vec())
                .filter_map(|name| {
                    self.attributes
                        .keys()
                        .position(|own| scope.find(own).is_some_and(|(number, _)| number == name))
                })
                .collect()
        };
        let (mut order, mut placed) = (Vec::new(), HashSet::new());
        while order.len() < self.attributes.len() {
            let next = (0..self.attributes.len())
                .find(|i| !placed.contains(i) && depends(*i).iter().all(|on| placed.contains(on)));
            let Some(next) = next else {
                let stuck = (0..self.attributes.len()).find(|i| !placed.contains(i));
                return Err(stuck.map_or(String::new(), |i| self.attributes.keys()[i].clone()));
            };
            placed.insert(next);
            order.push(next);
        }
        Ok(order)
    }

    pub(super) fn check(&self, scope: &Scope, at: &mut Reader) {
        at.within("attributes", |at| {
            for (name, cases) in &self.attributes {
                at.within(name, |at| {
                    if !is_name(name) || is_taken(name) {
                        at.fault(
                            format!("the name {name:?}"),
                            "letters, digits and _, and none of cohort, hour, weekday, day, waited",
                        );
                    }
                    cases.check(at, true, |at, case| {
                        case.then.check(at);
                        if let Some(when) = &case.when {
                            at.within("when", |at| when.compile(scope, at));
                        }
                    });
                });
            }
        });
        if let Err(name) = self.drawing_order(scope) {
            at.within("attributes", |at| {
                at.within(&name, |at| {
                    at.fault("an attribute that depends on itself", "an order in which to draw");
                });
            });
        }
    }
}

/// Whether a name means something else than an attribute.
fn is_taken(name: &str) -> bool {
    CLOCK.contains(&name) || name == "cohort" || name == "waited"
}

/// The attributes that sort people: their names and labels; those of a flag are `no` and `yes`.
pub fn categories<'c>(
    cohorts: &'c [Cohort],
    scope: &Scope,
) -> impl Iterator<Item = (&'c str, u16, Vec<String>)> {
    let names: IndexSet<&str> =
        cohorts.iter().flat_map(|cohort| cohort.attributes.keys().map(String::as_str)).collect();
    names.into_iter().filter_map(|name| {
        let (position, kind) = scope.find(name)?;
        let labels = match kind {
            Kind::Number => return None,
            Kind::Flag => vec!["no".to_owned(), "yes".to_owned()],
            Kind::Category(labels) => labels.clone(),
        };
        Some((name, position, labels))
    })
}

/// What the names in a model's expressions stand for: the cohort, the clock, and every attribute of any
/// cohort. The positions are those of a patient's values in a run: cohort, clock, then attributes.
pub fn scope(cohorts: &[Cohort], at: &mut Reader) -> Scope {
    let label = |names: &[&str]| Kind::Category(names.iter().map(|s| (*s).to_owned()).collect());
    let mut names = vec![
        ("cohort".to_owned(), Kind::Category(cohorts.iter().map(|c| c.name.clone()).collect())),
        ("hour".to_owned(), Kind::Number),
        ("weekday".to_owned(), label(&["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"])),
        ("day".to_owned(), Kind::Number),
    ];
    at.each("cohort", cohorts, |at, cohort| {
        for (name, cases) in &cohort.attributes {
            for (i, case) in cases.0.iter().enumerate() {
                let kind = case.then.kind();
                match names.iter_mut().find(|(known, _)| known == name) {
                    None => names.push((name.clone(), kind)),
                    Some((_, Kind::Category(labels))) if matches!(kind, Kind::Category(_)) => {
                        let Kind::Category(more) = kind else { continue };
                        for label in more {
                            if !labels.contains(&label) {
                                labels.push(label);
                            }
                        }
                    }
                    Some((_, known)) if *known == kind => {}
                    Some(_) if is_taken(name) => {}
                    Some(_) => at.within("attributes", |at| {
                        at.within(name, |at| {
                            at.item(i, |at| {
                                at.fault(
                                    "an attribute of another kind than before",
                                    "the same kind (number, category or flag) in every case and cohort",
                                );
                            });
                        });
                    }),
                }
            }
        }
    });
    Scope::new(names)
}
