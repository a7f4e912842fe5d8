//! Positive values with a tail to the right, as lengths of stay have it.

use super::judge::Judge;
use super::{Distribution, Law, QuantilePoint, family};
use crate::math;
use crate::time::Quantity;

family! {
    /// Exponential: `mean`, `rate` or `median`.
    Exponential, "an exponential distribution", {
        /// Mean.
        mean: Quantity,
        /// Per model time unit: 1 / mean.
        rate: f64,
        /// Median.
        median: Quantity,
    }
}

family! {
    /// Lognormal: `mean` + `sd`, `mean` + `median`, `median` + `p95`, `mu` + `sigma`, or `quantiles`.
    Lognormal, "a lognormal distribution", {
        /// Mean of the values.
        mean: Quantity,
        /// Standard deviation of the values.
        sd: Quantity,
        /// Median of the values.
        median: Quantity,
        /// 95th percentile of the values.
        p95: Quantity,
        /// Mean of the logarithm of the value in the model's time unit.
        mu: f64,
        /// Standard deviation of the logarithm.
        sigma: f64,
        /// Two points: `[[0.5, "4d"], [0.95, "20d"]]`.
        quantiles: Vec<QuantilePoint>,
    }
}

family! {
    /// Gamma: `shape` + one of `scale`, `rate`, `mean`; or `mean` + `sd`, `median` + `p95`, `quantiles`.
    Gamma, "a gamma distribution", {
        /// Shape.
        shape: f64,
        /// Scale: mean / shape.
        scale: Quantity,
        /// Per model time unit: 1 / scale.
        rate: f64,
        /// Mean.
        mean: Quantity,
        /// Standard deviation.
        sd: Quantity,
        /// Median.
        median: Quantity,
        /// 95th percentile.
        p95: Quantity,
        /// Two points: `[[0.5, "4d"], [0.95, "20d"]]`.
        quantiles: Vec<QuantilePoint>,
    }
}

family! {
    /// Weibull: `shape` + `scale`, `mean` + `sd`, `median` + `p95`, or `quantiles`.
    Weibull, "a Weibull distribution", {
        /// Shape: below 1 the hazard falls with time, above 1 it rises.
        shape: f64,
        /// Scale: the 63.2nd percentile.
        scale: Quantity,
        /// Mean.
        mean: Quantity,
        /// Standard deviation.
        sd: Quantity,
        /// Median.
        median: Quantity,
        /// 95th percentile.
        p95: Quantity,
        /// Two points: `[[0.5, "4d"], [0.95, "20d"]]`.
        quantiles: Vec<QuantilePoint>,
    }
}

impl Distribution {
    /// Exponential with this mean.
    pub fn exponential(mean: impl Into<Quantity>) -> Self {
        Exponential { mean: Some(mean.into()), ..Default::default() }.into()
    }

    /// Lognormal whose values have this mean and standard deviation.
    pub fn lognormal_mean_sd(mean: impl Into<Quantity>, sd: impl Into<Quantity>) -> Self {
        Lognormal { mean: Some(mean.into()), sd: Some(sd.into()), ..Default::default() }.into()
    }

    /// Lognormal whose values have this mean and median.
    pub fn lognormal_mean_median(mean: impl Into<Quantity>, median: impl Into<Quantity>) -> Self {
        Lognormal { mean: Some(mean.into()), median: Some(median.into()), ..Default::default() }
            .into()
    }

    /// Lognormal whose values have this median and 95th percentile.
    pub fn lognormal_median_p95(median: impl Into<Quantity>, p95: impl Into<Quantity>) -> Self {
        Lognormal { median: Some(median.into()), p95: Some(p95.into()), ..Default::default() }
            .into()
    }

    /// Lognormal by mean and standard deviation of the logarithm of the value in the model's unit.
    pub fn lognormal_mu_sigma(mu: f64, sigma: f64) -> Self {
        Lognormal { mu: Some(mu), sigma: Some(sigma), ..Default::default() }.into()
    }

    /// Gamma with this shape and scale.
    pub fn gamma(shape: f64, scale: impl Into<Quantity>) -> Self {
        Gamma { shape: Some(shape), scale: Some(scale.into()), ..Default::default() }.into()
    }

    /// Gamma with this mean and standard deviation.
    pub fn gamma_mean_sd(mean: impl Into<Quantity>, sd: impl Into<Quantity>) -> Self {
        Gamma { mean: Some(mean.into()), sd: Some(sd.into()), ..Default::default() }.into()
    }

    /// Weibull with this shape and scale.
    pub fn weibull(shape: f64, scale: impl Into<Quantity>) -> Self {
        Weibull { shape: Some(shape), scale: Some(scale.into()), ..Default::default() }.into()
    }

    /// Weibull with this mean and standard deviation.
    pub fn weibull_mean_sd(mean: impl Into<Quantity>, sd: impl Into<Quantity>) -> Self {
        Weibull { mean: Some(mean.into()), sd: Some(sd.into()), ..Default::default() }.into()
    }
}

impl Exponential {
    pub(super) fn law(&self, judge: &mut Judge<'_>) -> Option<Law> {
        judge.continuous();
        let mean = match judge.form(&self.given(), &[&["mean"], &["rate"], &["median"]], &[])? {
            0 => judge.positive("mean", self.mean)?,
            1 => judge.scale() / judge.positive_number("rate", self.rate)?,
            _ => judge.positive("median", self.median)? / std::f64::consts::LN_2,
        };
        Some(Law::Exponential { mean })
    }
}

impl Lognormal {
    pub(super) fn law(&self, judge: &mut Judge<'_>) -> Option<Law> {
        judge.continuous();
        let forms: &[&[&str]] = &[
            &["mean", "sd"],
            &["mean", "median"],
            &["median", "p95"],
            &["mu", "sigma"],
            &["quantiles"],
        ];
        let form = judge.form(&self.given(), forms, &[])?;
        let [mean, sd, median, p95] = judge.all_positive([
            ("mean", self.mean),
            ("sd", self.sd),
            ("median", self.median),
            ("p95", self.p95),
        ]);
        let sigma = judge.positive_number("sigma", self.sigma);
        let (mu, sigma) = match form {
            0 => {
                // The variance of the logarithm is ln(1 + cv^2).
                let (mean, cv) = (mean?, sd? / mean?);
                let variance = math::ln_1p(cv * cv);
                (math::ln(mean) - 0.5 * variance, variance.sqrt())
            }
            1 => {
                // mean = median * exp(sigma^2 / 2)
                let ratio = mean? / median?;
                if ratio <= 1.0 {
                    let found = "a mean that is not above the median";
                    judge.fault("mean", found, "more than the median");
                    return None;
                }
                (math::ln(median?), (2.0 * math::ln(ratio)).sqrt())
            }
            3 => {
                let mu = self.mu.filter(|mu| mu.is_finite());
                (mu? + math::ln(judge.scale()), sigma?)
            }
            _ => {
                let [(p, x), (q, y)] =
                    judge.points(median, p95, self.quantiles.as_deref(), true)?;
                let (z, w) = (math::normal_quantile(p), math::normal_quantile(q));
                let sigma = math::ln(y / x) / (w - z);
                (math::ln(x) - sigma * z, sigma)
            }
        };
        Some(Law::Lognormal { mu, sigma })
    }
}

impl Gamma {
    pub(super) fn law(&self, judge: &mut Judge<'_>) -> Option<Law> {
        judge.continuous();
        let forms: &[&[&str]] = &[
            &["shape", "scale"],
            &["shape", "rate"],
            &["shape", "mean"],
            &["mean", "sd"],
            &["median", "p95"],
            &["quantiles"],
        ];
        let form = judge.form(&self.given(), forms, &[])?;
        let shape = judge.positive_number("shape", self.shape);
        let scale = judge.positive("scale", self.scale);
        let rate = judge.positive_number("rate", self.rate);
        let [mean, sd, median, p95] = judge.all_positive([
            ("mean", self.mean),
            ("sd", self.sd),
            ("median", self.median),
            ("p95", self.p95),
        ]);
        let (shape, scale) = match form {
            0 => (shape?, scale?),
            1 => (shape?, judge.scale() / rate?),
            2 => (shape?, mean? / shape?),
            3 => {
                let ratio = mean? / sd?;
                (ratio * ratio, sd? / ratio)
            }
            form => {
                let [(p, x), (q, y)] =
                    judge.points(median, p95, self.quantiles.as_deref(), true)?;
                let ratio = |shape: f64| {
                    let quantile = |p: f64| math::gamma_quantile(shape, p, 1.0 - p);
                    math::ln(quantile(q) / quantile(p))
                };
                // The greater the shape, the nearer the quantiles.
                let Some(shape) = falling_root(ratio, math::ln(y / x), 0.02, 1e6) else {
                    let key = if form == 4 { "p95" } else { "quantiles" };
                    judge.fault(
                        key,
                        format!("values of ratio {}", y / x),
                        "a ratio that a gamma \
                        distribution with a shape from 0.02 to 1000000 has",
                    );
                    return None;
                };
                (shape, y / math::gamma_quantile(shape, q, 1.0 - q))
            }
        };
        judge.gamma(shape, scale)
    }
}

impl Weibull {
    pub(super) fn law(&self, judge: &mut Judge<'_>) -> Option<Law> {
        judge.continuous();
        let forms: &[&[&str]] =
            &[&["shape", "scale"], &["mean", "sd"], &["median", "p95"], &["quantiles"]];
        let form = judge.form(&self.given(), forms, &[])?;
        let shape = judge.positive_number("shape", self.shape);
        let scale = judge.positive("scale", self.scale);
        let [mean, sd, median, p95] = judge.all_positive([
            ("mean", self.mean),
            ("sd", self.sd),
            ("median", self.median),
            ("p95", self.p95),
        ]);
        let (shape, scale) = match form {
            0 => (shape?, scale?),
            1 => {
                let (mean, cv) = (mean?, sd? / mean?);
                // 1 + cv^2 = gamma(1 + 2/k) / gamma(1 + 1/k)^2 falls with the shape k.
                let spread =
                    |k: f64| math::ln_gamma(1.0 + 2.0 / k) - 2.0 * math::ln_gamma(1.0 + 1.0 / k);
                let Some(shape) = falling_root(spread, math::ln_1p(cv * cv), 0.1, 1e3) else {
                    let found = format!("{cv} times the mean");
                    judge.fault("sd", found, "between 0.0013 and 429 times the mean");
                    return None;
                };
                (shape, mean / math::exp(math::ln_gamma(1.0 + 1.0 / shape)))
            }
            _ => {
                let [(p, x), (q, y)] =
                    judge.points(median, p95, self.quantiles.as_deref(), true)?;
                // x = scale * h^(1/k) where h = -ln(1 - p).
                let (h, g) = (-math::ln_1p(-p), -math::ln_1p(-q));
                let shape = math::ln(g / h) / math::ln(y / x);
                (shape, y / math::pow(g, 1.0 / shape))
            }
        };
        if !(0.01..=1e6).contains(&shape) {
            judge.at.fault(format!("a shape of {shape}"), "a shape from 0.01 to 1000000");
            return None;
        }
        Some(Law::Weibull { shape, scale })
    }
}

/// Where a falling function takes a value, between two positive bounds; by bisection of the logarithm.
fn falling_root(f: impl Fn(f64) -> f64, value: f64, low: f64, high: f64) -> Option<f64> {
    if f(low) < value || f(high) > value {
        return None;
    }
    let (mut a, mut b) = (math::ln(low), math::ln(high));
    for _ in 0..100 {
        let middle = 0.5 * (a + b);
        if f(math::exp(middle)) > value { a = middle } else { b = middle }
    }
    Some(math::exp(0.5 * (a + b)))
}
