//! Single values: one, some with their probabilities, an observed sample, a list to be used in order.

use super::judge::Judge;
use super::{Distribution, Law, family, quantities};
use crate::time::Quantity;

family! {
    /// Always the same value; may be written as the bare value.
    Deterministic, "a fixed value", {
        /// The value.
        value: Quantity,
    }
}

family! {
    /// One of several values.
    Discrete, "a discrete distribution", {
        /// The values.
        values: Vec<Quantity>,
        /// Probability of each value; they sum to 1.
        probs: Vec<f64>,
    }
}

family! {
    /// One of the observed values, each with equal chance.
    Empirical, "an empirical distribution", {
        /// The observed sample.
        values: Vec<Quantity>,
    }
}

family! {
    /// Given values in the order of use; not random.
    Listed, "listed values", {
        /// The values.
        values: Vec<Quantity>,
    }
}

impl Distribution {
    /// Always this value.
    pub fn deterministic(value: impl Into<Quantity>) -> Self {
        Deterministic { value: Some(value.into()) }.into()
    }

    /// One of several values, by probabilities that sum to 1.
    pub fn discrete<Q: Into<Quantity>>(
        values: impl IntoIterator<Item = Q>,
        probs: impl IntoIterator<Item = f64>,
    ) -> Self {
        Discrete { values: Some(quantities(values)), probs: Some(probs.into_iter().collect()) }
            .into()
    }

    /// One of the observed values, each with equal chance.
    pub fn empirical<Q: Into<Quantity>>(values: impl IntoIterator<Item = Q>) -> Self {
        Empirical { values: Some(quantities(values)) }.into()
    }

    /// These values in the order of use.
    pub fn listed<Q: Into<Quantity>>(values: impl IntoIterator<Item = Q>) -> Self {
        Listed { values: Some(quantities(values)) }.into()
    }
}

impl Deterministic {
    pub(super) fn law(&self, judge: &mut Judge<'_>) -> Option<Law> {
        judge.form(&self.given(), &[&["value"]], &[])?;
        judge.outcome_at("value", self.value).map(Law::Constant)
    }
}

impl Discrete {
    pub(super) fn law(&self, judge: &mut Judge<'_>) -> Option<Law> {
        judge.form(&self.given(), &[&["values", "probs"]], &[])?;
        let values = judge.outcomes("values", self.values.as_deref());
        let count = self.values.as_ref().map(Vec::len);
        let probs = judge.shares(self.probs.as_deref(), "values", count);
        Some(Law::Discrete { values: values?, probs: probs? })
    }
}

impl Empirical {
    pub(super) fn law(&self, judge: &mut Judge<'_>) -> Option<Law> {
        judge.form(&self.given(), &[&["values"]], &[])?;
        judge.outcomes("values", self.values.as_deref()).map(Law::Empirical)
    }
}

impl Listed {
    pub(super) fn law(&self, judge: &mut Judge<'_>) -> Option<Law> {
        judge.form(&self.given(), &[&["values"]], &[])?;
        judge.outcomes("values", self.values.as_deref()).map(Law::Listed)
    }
}
