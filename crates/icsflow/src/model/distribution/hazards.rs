//! Lengths of time by the chance of ending that depends on how much time has passed.

use super::judge::Judge;
use super::{Distribution, Law, Meaning, family, quantities};
use crate::math;
use crate::time::{DAY, Quantity};

family! {
    /// By hazard, the rate of ending at each time that has passed: constant from each of some times on.
    Hazard, "a distribution by hazard", {
        /// Times from which the rates hold; the first is 0.
        from: Vec<Quantity>,
        /// Rates of ending, per model time unit; the last goes on.
        rate: Vec<f64>,
    }
}

family! {
    /// By the chance of ending on each day: lengths are whole days.
    DailyHazard, "a distribution by daily hazard", {
        /// Chance of ending on day 1, 2, … of those who have come so far; the last goes on.
        shares: Vec<f64>,
    }
}

impl Distribution {
    /// Ends at these rates per model time unit, each from a time on; the first time is 0, the last rate
    /// goes on.
    ///
    /// ```
    /// use icsflow::Distribution;
    /// let patience = Distribution::hazard([("0d", 0.0), ("7d", 0.05), ("30d", 0.2)]);
    /// assert_eq!(
    ///     serde_json::to_string(&patience).unwrap(),
    ///     r#"{"hazard":{"from":["0d","7d","30d"],"rate":[0.0,0.05,0.2]}}"#
    /// );
    /// ```
    pub fn hazard<Q: Into<Quantity>>(pieces: impl IntoIterator<Item = (Q, f64)>) -> Self {
        let (from, rate): (Vec<Q>, _) = pieces.into_iter().unzip();
        Hazard { from: Some(quantities(from)), rate: Some(rate) }.into()
    }

    /// Ends on day 1, 2, … with these chances, each of those who have come so far; the last goes on.
    pub fn daily_hazard(shares: impl IntoIterator<Item = f64>) -> Self {
        DailyHazard { shares: Some(shares.into_iter().collect()) }.into()
    }
}

impl Hazard {
    pub(super) fn law(&self, judge: &mut Judge<'_>) -> Option<Law> {
        judge.continuous();
        judge.form(&self.given(), &[&["from", "rate"]], &[])?;
        let from = judge.outcomes("from", self.from.as_deref());
        let rates = judge.list("rate", self.rate.as_deref(), |judge, rate| {
            if rate < 0.0 || rate.is_infinite() {
                judge.at.fault(rate.to_string(), "a rate of 0 or more");
            }
            (rate >= 0.0 && rate.is_finite()).then_some(rate)
        });
        let (from, rates) = (from?, rates?);
        if from.len() != rates.len() {
            let expected = format!("one for each of the {} times", from.len());
            judge.fault("rate", format!("{} of them", rates.len()), expected);
            return None;
        }
        let written =
            |i: usize| self.from.as_ref().map_or(String::new(), |from| from[i].to_string());
        let wrong = (0..from.len())
            .find(|i| if *i == 0 { from[0] != 0.0 } else { from[*i] <= from[i - 1] });
        if let Some(i) = wrong {
            let expected = if i == 0 {
                "0: the first rate holds from the start"
            } else {
                "a later time than the one before"
            };
            judge.item("from", i, |at| at.fault(written(i), expected));
            return None;
        }
        if rates.ends_with(&[0.0]) {
            judge.item("rate", rates.len() - 1, |at| {
                at.fault("0", "more than 0: the last rate goes on")
            });
            return None;
        }
        let scale = judge.scale();
        let rates: Vec<f64> = rates.iter().map(|rate| rate / scale).collect();
        let steps = from.windows(2).zip(&rates).map(|(pair, rate)| rate * (pair[1] - pair[0]));
        Some(Law::Hazard { reached: sums(steps), from, rates })
    }
}

impl DailyHazard {
    pub(super) fn law(&self, judge: &mut Judge<'_>) -> Option<Law> {
        judge.form(&self.given(), &[&["shares"]], &[])?;
        let mut shares = judge.probabilities("shares", self.shares.as_deref())?;
        // Nobody comes farther than a day on which all end.
        let last = shares.iter().position(|share| *share == 1.0).unwrap_or(shares.len() - 1);
        shares.truncate(last + 1);
        if shares[last] == 0.0 {
            judge.item("shares", last, |at| at.fault("0", "more than 0: the last share goes on"));
            return None;
        }
        let day = match judge.meaning {
            Meaning::Duration(_) => DAY as f64,
            Meaning::Number | Meaning::Count => 1.0,
        };
        let reached = sums(shares.iter().map(|share| -math::ln_1p(-share)));
        Some(Law::DailyHazard { shares, reached, day })
    }
}

/// 0 and what the steps sum to, one after the other.
fn sums(steps: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut sum = 0.0;
    let add = |step| {
        sum += step;
        sum
    };
    std::iter::once(0.0).chain(steps.map(add)).collect()
}
