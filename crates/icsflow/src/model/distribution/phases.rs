//! Exponential phases: in a row, one of several, or each perhaps the last.

use super::judge::Judge;
use super::{Distribution, Law, family, quantities};
use crate::time::Quantity;

/// Phases are at most so long, far beyond all time, and at least as short: of phases further apart the sums are no
/// numbers, or take long.
const LONGEST: f64 = 1e30;

family! {
    /// Erlang, the sum of equal exponential phases: `shape` + `mean`, `shape` + `rate`, or
    /// `mean` + `sd` where these give a whole number of phases.
    Erlang, "an Erlang distribution", {
        /// Number of phases.
        shape: u32,
        /// Mean of the sum.
        mean: Quantity,
        /// Rate of one phase, per model time unit.
        rate: f64,
        /// Standard deviation of the sum.
        sd: Quantity,
    }
}

family! {
    /// Hyperexponential, one of several exponentials: `probs` + `means` or `probs` + `rates`.
    Hyperexponential, "a hyperexponential distribution", {
        /// Probability of each exponential; they sum to 1.
        probs: Vec<f64>,
        /// Mean of each exponential.
        means: Vec<Quantity>,
        /// Rate of each exponential, per model time unit.
        rates: Vec<f64>,
    }
}

family! {
    /// Coxian: up to 20 exponential phases in a row, each of which may be the last.
    Coxian, "a Coxian distribution", {
        /// Rate of each phase, per model time unit.
        rates: Vec<f64>,
        /// Probability of going on after each phase but the last.
        continue_probs: Vec<f64>,
    }
}

impl Distribution {
    /// The sum of so many equal exponential phases, with this mean of the sum.
    pub fn erlang(shape: u32, mean: impl Into<Quantity>) -> Self {
        Erlang { shape: Some(shape), mean: Some(mean.into()), ..Default::default() }.into()
    }

    /// One of several exponentials, by probabilities and means.
    pub fn hyperexponential<Q: Into<Quantity>>(
        probs: impl IntoIterator<Item = f64>,
        means: impl IntoIterator<Item = Q>,
    ) -> Self {
        let (probs, means) = (Some(probs.into_iter().collect()), Some(quantities(means)));
        Hyperexponential { probs, means, rates: None }.into()
    }

    /// Phases with these rates per model time unit; after each but the last, this probability of
    /// going on to the next.
    pub fn coxian(
        rates: impl IntoIterator<Item = f64>,
        continue_probs: impl IntoIterator<Item = f64>,
    ) -> Self {
        let rates = Some(rates.into_iter().collect());
        Coxian { rates, continue_probs: Some(continue_probs.into_iter().collect()) }.into()
    }
}

impl Erlang {
    pub(super) fn law(&self, judge: &mut Judge<'_>) -> Option<Law> {
        judge.continuous();
        let forms: &[&[&str]] = &[&["shape", "mean"], &["shape", "rate"], &["mean", "sd"]];
        let form = judge.form(&self.given(), forms, &[])?;
        let mean = judge.positive("mean", self.mean);
        let rate = judge.positive_number("rate", self.rate);
        let sd = judge.positive("sd", self.sd);
        let phases = match (form, self.shape) {
            (0 | 1, Some(0)) => {
                judge.fault("shape", "0", "at least 1 phase");
                None
            }
            (0 | 1, shape) => shape.map(f64::from),
            _ => {
                let exact = (mean? / sd?) * (mean? / sd?);
                let whole = exact.round();
                if (exact - whole).abs() > 1e-3 * exact || !(1.0..=1e9).contains(&whole) {
                    let found = format!("{exact} phases, (mean / sd) squared");
                    judge.fault("sd", found, "a whole number of phases (gamma takes any)");
                    return None;
                }
                Some(whole)
            }
        };
        let scale = match form {
            1 => judge.scale() / rate?,
            _ => mean? / phases?,
        };
        judge.gamma(phases?, scale)
    }
}

impl Hyperexponential {
    pub(super) fn law(&self, judge: &mut Judge<'_>) -> Option<Law> {
        judge.continuous();
        let form = judge.form(&self.given(), &[&["probs", "means"], &["probs", "rates"]], &[])?;
        let (key, count, means) = if form == 0 {
            let means =
                judge.positives("means", self.means.as_deref(), |judge, mean| judge.value(mean));
            ("means", self.means.as_ref().map(Vec::len), means)
        } else {
            let scale = judge.scale();
            let rates = judge.positives("rates", self.rates.as_deref(), |_, rate| finite(rate));
            let means = rates.map(|rates| {
                rates.iter().map(|rate| (scale / rate).clamp(1.0 / LONGEST, LONGEST)).collect()
            });
            ("rates", self.rates.as_ref().map(Vec::len), means)
        };
        let probs = judge.shares(self.probs.as_deref(), key, count);
        Some(Law::Hyperexponential { probs: probs?, means: means? })
    }
}

impl Coxian {
    pub(super) fn law(&self, judge: &mut Judge<'_>) -> Option<Law> {
        judge.continuous();
        judge.form(&self.given(), &[&["rates", "continue_probs"]], &[])?;
        let rates = judge.positives("rates", self.rates.as_deref(), |_, rate| finite(rate));
        let go_on = match self.continue_probs.as_deref() {
            // One phase: there is nothing to go on to.
            Some([]) => Some(Vec::new()),
            probs => judge.probabilities("continue_probs", probs),
        };
        let (rates, go_on) = (rates?, go_on?);
        if go_on.len() + 1 != rates.len() {
            let expected = format!("{}: one for each rate but the last", rates.len() - 1);
            judge.fault("continue_probs", format!("{} of them", go_on.len()), expected);
            return None;
        }
        // Its distribution function takes the cube of the number of phases.
        const MOST: usize = 20;
        if rates.len() > MOST {
            judge.fault("rates", format!("{} phases", rates.len()), format!("at most {MOST}"));
            return None;
        }
        let scale = judge.scale();
        let rates = rates.iter().map(|rate| (rate / scale).clamp(1.0 / LONGEST, LONGEST)).collect();
        Some(Law::Coxian { rates, go_on })
    }
}

fn finite(number: f64) -> Option<f64> {
    (!number.is_nan()).then_some(number)
}
