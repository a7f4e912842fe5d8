//! One of several distributions.

use schemars::JsonSchema;
use serde::Serialize;

use super::judge::Judge;
use super::{Distribution, Law, family};
use crate::doc::{Doc, Read, Reader, Value, field};

family! {
    /// One of several distributions.
    Mixture, "a mixture", {
        /// The distributions and their weights.
        of: Vec<Component>,
    }
}

/// A part of a mixture.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Component {
    /// Weight relative to the other parts.
    pub weight: f64,
    /// The distribution of this part.
    #[serde(flatten)]
    pub distribution: Distribution,
}

impl Read for Component {
    fn read(doc: &Doc, at: &mut Reader) -> Self {
        match &doc.value {
            Value::Table(table) => Component {
                weight: field(table, "weight", None, at),
                distribution: Distribution::read_among(table, &["weight"], at),
            },
            _ => {
                at.fault(doc.show(), "a table with weight and one distribution");
                Self::broken()
            }
        }
    }

    fn broken() -> Self {
        Component { weight: f64::NAN, distribution: Distribution::broken() }
    }
}

impl Distribution {
    /// One of several distributions, by relative weights.
    pub fn mixture(parts: impl IntoIterator<Item = (f64, Distribution)>) -> Self {
        let component = |(weight, distribution)| Component { weight, distribution };
        Mixture { of: Some(parts.into_iter().map(component).collect()) }.into()
    }
}

impl Mixture {
    pub(super) fn law(&self, judge: &mut Judge<'_>) -> Option<Law> {
        judge.form(&self.given(), &[&["of"]], &[])?;
        let of = self.of.as_deref()?;
        let meaning = judge.meaning;
        judge.at.within("of", |at| {
            if of.is_empty() {
                at.fault("an empty list", "at least one distribution");
                return None;
            }
            let (mut weights, mut parts) = (Vec::new(), Vec::new());
            for (i, component) in of.iter().enumerate() {
                at.item(i, |at| {
                    let weight = component.weight;
                    if weight < 0.0 || weight.is_infinite() {
                        let expected = "a weight of 0 or more";
                        at.within("weight", |at| at.fault(weight.to_string(), expected));
                    } else if !weight.is_nan() {
                        weights.push(weight);
                    }
                    if matches!(component.distribution, Distribution::Listed(_)) {
                        at.fault("listed values in a mixture", "a random distribution");
                    } else {
                        parts.extend(component.distribution.law(at, meaning));
                    }
                });
            }
            if weights.len() < of.len() || parts.len() < of.len() {
                return None;
            }
            let sum: f64 = weights.iter().sum();
            if sum <= 0.0 {
                at.fault("weights that are all 0", "a weight above 0");
                return None;
            }
            // Parts without weight are checked but never drawn.
            let (weights, parts) = weights
                .iter()
                .zip(parts)
                .filter(|(weight, _)| **weight > 0.0)
                .map(|(weight, part)| (weight / sum, part))
                .unzip();
            Some(Law::Mixture { weights, parts })
        })
    }
}
