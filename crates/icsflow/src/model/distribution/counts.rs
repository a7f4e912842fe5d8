//! Counts.

use super::judge::Judge;
use super::{Distribution, Law, Meaning, family};
use crate::time::Quantity;

family! {
    /// Geometric on 1, 2, 3, …
    Geometric, "a geometric distribution", {
        /// Mean, at least 1. A length of time counts in the unit in which its mean is written.
        mean: Quantity,
    }
}

family! {
    /// Poisson on 0, 1, 2, …
    Poisson, "a Poisson distribution", {
        /// Mean. A length of time counts in the unit in which its mean is written.
        mean: Quantity,
    }
}

impl Distribution {
    /// Geometric on 1, 2, 3, … with this mean.
    pub fn geometric(mean: impl Into<Quantity>) -> Self {
        Geometric { mean: Some(mean.into()) }.into()
    }

    /// Poisson with this mean.
    pub fn poisson(mean: impl Into<Quantity>) -> Self {
        Poisson { mean: Some(mean.into()) }.into()
    }
}

impl Geometric {
    pub(super) fn law(&self, judge: &mut Judge<'_>) -> Option<Law> {
        judge.form(&self.given(), &[&["mean"]], &[])?;
        let (mean, unit) = judge.counted(self.mean, 1.0, "1 or more")?;
        Some(Law::Geometric { mean, unit })
    }
}

impl Poisson {
    pub(super) fn law(&self, judge: &mut Judge<'_>) -> Option<Law> {
        judge.form(&self.given(), &[&["mean"]], &[])?;
        let (mean, unit) = judge.counted(self.mean, 0.0, "0 or more")?;
        if mean > 1e9 {
            judge.fault("mean", mean.to_string(), "at most 1000000000");
            return None;
        }
        Some(Law::Poisson { mean, unit })
    }
}

impl Judge<'_> {
    /// The mean of a count, and the unit that it counts.
    fn counted(
        &mut self,
        mean: Option<Quantity>,
        least: f64,
        expected: &str,
    ) -> Option<(f64, f64)> {
        let mean = mean?;
        self.value_at("mean", Some(mean))?;
        if mean.amount < least {
            self.fault("mean", mean.to_string(), expected);
            return None;
        }
        let unit = match (self.meaning, mean.unit) {
            (Meaning::Duration(_), Some(unit)) => unit.micros() as f64,
            _ => self.scale(),
        };
        Some((mean.amount, unit))
    }
}
