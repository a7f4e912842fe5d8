//! Values between limits, or around a middle.

use schemars::JsonSchema;
use serde::Serialize;

use super::judge::Judge;
use super::{Distribution, Law, Meaning, QuantilePoint, family};
use crate::doc::read_word;
use crate::math;
use crate::time::Quantity;

family! {
    /// Uniform between `low` and `high`.
    Uniform, "a uniform distribution", {
        /// Least value.
        low: Quantity,
        /// Greatest value.
        high: Quantity,
    }
}

family! {
    /// Triangular between `low` and `high`, most likely at `mode`.
    Triangular, "a triangular distribution", {
        /// Least value.
        low: Quantity,
        /// Most likely value.
        mode: Quantity,
        /// Greatest value.
        high: Quantity,
    }
}

family! {
    /// Normal: `mean` + `sd`, `median` + `p95`, or `quantiles`, all of the distribution without
    /// limits; `low`, `high` and `method` are optional. A length of time needs `low` of at least 0.
    Normal, "a normal distribution", {
        /// Mean, before limits.
        mean: Quantity,
        /// Standard deviation, before limits.
        sd: Quantity,
        /// Median, before limits.
        median: Quantity,
        /// 95th percentile, before limits.
        p95: Quantity,
        /// Two points, before limits: `[[0.5, "4d"], [0.95, "20d"]]`.
        quantiles: Vec<QuantilePoint>,
        /// Least value.
        low: Quantity,
        /// Greatest value.
        high: Quantity,
        /// What happens at the limits: `"truncate"`, unless said otherwise.
        method: Limits,
    }
}

/// How the limits of a normal distribution act.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Limits {
    /// Values beyond a limit do not occur: the distribution conditional on the range, which is what
    /// drawing again until a value fits gives.
    #[default]
    Truncate,
    /// Values beyond a limit become the limit.
    Clip,
}

read_word!(Limits, "how limits act", { "truncate" => Truncate, "clip" => Clip });

impl Distribution {
    /// Uniform between two values.
    pub fn uniform(low: impl Into<Quantity>, high: impl Into<Quantity>) -> Self {
        Uniform { low: Some(low.into()), high: Some(high.into()) }.into()
    }

    /// Triangular between `low` and `high`, most likely at `mode`.
    pub fn triangular(
        low: impl Into<Quantity>,
        mode: impl Into<Quantity>,
        high: impl Into<Quantity>,
    ) -> Self {
        Triangular { low: Some(low.into()), mode: Some(mode.into()), high: Some(high.into()) }
            .into()
    }

    /// Normal with this mean and standard deviation, without limits.
    pub fn normal(mean: impl Into<Quantity>, sd: impl Into<Quantity>) -> Self {
        Normal { mean: Some(mean.into()), sd: Some(sd.into()), ..Default::default() }.into()
    }

    /// Normal with this mean and standard deviation, conditional on values of at least `low`.
    pub fn normal_from(
        mean: impl Into<Quantity>,
        sd: impl Into<Quantity>,
        low: impl Into<Quantity>,
    ) -> Self {
        let (mean, sd, low) = (Some(mean.into()), Some(sd.into()), Some(low.into()));
        Normal { mean, sd, low, ..Default::default() }.into()
    }
}

impl Uniform {
    pub(super) fn law(&self, judge: &mut Judge<'_>) -> Option<Law> {
        judge.continuous();
        judge.form(&self.given(), &[&["low", "high"]], &[])?;
        let low = judge.outcome_at("low", self.low);
        let high = judge.outcome_at("high", self.high);
        let (low, high) = (low?, high?);
        if low >= high {
            judge.fault("high", "a value that is not above low", "more than low");
            return None;
        }
        Some(Law::Uniform { low, high })
    }
}

impl Triangular {
    pub(super) fn law(&self, judge: &mut Judge<'_>) -> Option<Law> {
        judge.continuous();
        judge.form(&self.given(), &[&["low", "mode", "high"]], &[])?;
        let low = judge.outcome_at("low", self.low);
        let mode = judge.value_at("mode", self.mode);
        let high = judge.outcome_at("high", self.high);
        let (low, mode, high) = (low?, mode?, high?);
        if low >= high {
            judge.fault("high", "a value that is not above low", "more than low");
            return None;
        }
        if mode < low || mode > high {
            judge.fault("mode", "a value outside of low and high", "a value between low and high");
            return None;
        }
        Some(Law::Triangular { low, mode, high })
    }
}

impl Normal {
    pub(super) fn law(&self, judge: &mut Judge<'_>) -> Option<Law> {
        judge.continuous();
        let forms: &[&[&str]] = &[&["mean", "sd"], &["median", "p95"], &["quantiles"]];
        let form = judge.form(&self.given(), forms, &["low", "high", "method"]);
        let mean = judge.value_at("mean", self.mean);
        let sd = judge.positive("sd", self.sd);
        let median = judge.value_at("median", self.median);
        let p95 = judge.value_at("p95", self.p95);
        let low = judge.outcome_at("low", self.low);
        let high = judge.outcome_at("high", self.high);
        if self.low.is_none() && matches!(judge.meaning, Meaning::Duration(_)) {
            judge.fault("low", "nothing", "0 or more: a length of time is never negative");
        }
        if self.method.is_some() && self.low.is_none() && self.high.is_none() {
            judge.fault("method", "a method without limits", "low or high as well");
        }
        let (mean, sd) = match form? {
            0 => (mean?, sd?),
            _ => {
                let [(p, x), (q, y)] =
                    judge.points(median, p95, self.quantiles.as_deref(), false)?;
                let (z, w) = (math::normal_quantile(p), math::normal_quantile(q));
                let sd = (y - x) / (w - z);
                (x - sd * z, sd)
            }
        };
        let low = if self.low.is_some() { low? } else { f64::NEG_INFINITY };
        let high = if self.high.is_some() { high? } else { f64::INFINITY };
        if low >= high {
            judge.fault("high", "a value that is not above low", "more than low");
            return None;
        }
        if low == f64::NEG_INFINITY && high == f64::INFINITY {
            return match judge.meaning {
                Meaning::Duration(_) => None,
                _ => Some(Law::Normal { mean, sd }),
            };
        }
        if self.method == Some(Limits::Clip) {
            return Some(Law::Clipped { mean, sd, low, high });
        }
        let (a, b) = ((low - mean) / sd, (high - mean) / sd);
        if a > 30.0 || b < -30.0 || math::normal_between(a, b) < 1e-200 {
            judge.at.fault(
                "limits that leave hardly any of the distribution",
                "limits within 30 standard deviations of the mean",
            );
            return None;
        }
        Some(Law::Truncated { mean, sd, low, high })
    }
}
