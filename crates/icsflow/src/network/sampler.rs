//! Distributions ready to be drawn from.
//!
//! Every value is a monotone function of one random number, its *base*, that the parameters do not
//! touch. When a scenario changes parameters, each patient keeps the base: the same quantile under the
//! new parameters. Families of one base also keep it among each other.
//!
//! | family | base | at a fixed base the value rises with |
//! |---|---|---|
//! | exponential, Weibull, geometric, by hazard | exponential number (ziggurat) | mean; scale; 1 / rates, 1 / shares |
//! | lognormal, normal, clipped normal | normal number (ziggurat) | mean at a fixed ratio of sd to mean; median |
//! | uniform, triangular, discrete, empirical, Poisson | uniform number, inverse | each value; mean |
//! | gamma, Erlang, hyperexponential, Coxian, truncated normal, mixtures of continuous parts | uniform number, tabulated inverse | shape, scale, means, limits; 1 / rates |
//! | mixtures with a part in which single values have a probability | one uniform number chooses the part, a second number is that part's base | values within a part; unpaired where the part changes |
//! | fixed, listed | none | - |
//!
//! The other parameters (a spread at a fixed mean, say) move values apart from the middle: up on one
//! side, down on the other.
//!
//! [`Sampler::antithetic`] takes the base at the opposite quantile, exactly, for every family.
//!
//! The tabulated inverse misses the exact one by at most 1e-7 of the value.

use std::cell::RefCell;
use std::sync::Arc;

use crate::doc::Reader;
use crate::math;
use crate::model::distribution::{Distribution, Law, Meaning};
use crate::rng::Draw;
use crate::time::Time;

mod hazard;
mod inverse;
mod law;
mod residual;

pub use residual::Residual;

use inverse::Inverse;

/// A distribution ready to be drawn from: lengths of time in microseconds, numbers as they are.
///
/// ```
/// use icsflow::model::distribution::{Distribution, Meaning};
/// use icsflow::network::sampler::Sampler;
/// use icsflow::rng::{Purpose, SourceKey};
/// use icsflow::time::{DAY, TimeUnit};
///
/// let stay = Distribution::gamma_mean_sd("9d", "8d");
/// let stay = Sampler::new(&stay, Meaning::Duration(TimeUnit::Days));
/// assert!((stay.mean() / DAY as f64 - 9.0).abs() < 1e-12);
/// let draw = SourceKey::new(1, 0, "GP referrals").patient(7).draw(Purpose::named("Acute", "stay"), 0);
/// assert!(stay.duration(draw) > 0);
/// ```
#[derive(Clone, Debug)]
pub struct Sampler {
    way: Way,
    law: Arc<Law>,
}

/// How a value is made from its base.
#[derive(Clone, Debug)]
enum Way {
    Constant(f64),
    Exponential {
        mean: f64,
    },
    /// Both in steps of the exponential function.
    Lognormal {
        mu: f64,
        sigma: f64,
    },
    Normal {
        mean: f64,
        sd: f64,
    },
    Clipped {
        mean: f64,
        sd: f64,
        low: f64,
        high: f64,
    },
    Weibull {
        scale: f64,
        power: f64,
    },
    Geometric {
        per: f64,
        unit: f64,
    },
    Uniform {
        low: f64,
        width: f64,
    },
    Triangular {
        low: f64,
        mode: f64,
        high: f64,
    },
    Equal(Arc<[f64]>),
    Steps(Arc<Steps>),
    Inverse(Arc<Inverse>),
    Choice(Arc<Choice>),
    /// One exponential number, spent along the cumulative hazard of the law.
    Hazard,
}

impl Sampler {
    /// For a distribution that has been checked; of one with faults every value is NaN, and every
    /// length of time 0.
    pub fn new(distribution: &Distribution, meaning: Meaning) -> Self {
        Samplers::default().sampler(distribution, meaning)
    }

    fn of(law: Law, samplers: &Samplers) -> Self {
        let way = match &law {
            Law::Constant(value) => Way::Constant(*value),
            Law::Exponential { mean } => Way::Exponential { mean: *mean },
            Law::Lognormal { mu, sigma } => {
                Way::Lognormal { mu: mu * math::STEPS, sigma: sigma * math::STEPS }
            }
            Law::Normal { mean, sd } => Way::Normal { mean: *mean, sd: *sd },
            Law::Clipped { mean, sd, low, high } => {
                Way::Clipped { mean: *mean, sd: *sd, low: *low, high: *high }
            }
            Law::Weibull { shape, scale } => Way::Weibull { scale: *scale, power: 1.0 / shape },
            Law::Geometric { mean, unit } => {
                Way::Geometric { per: -1.0 / math::ln_1p(-1.0 / mean), unit: *unit }
            }
            Law::Uniform { low, high } => Way::Uniform { low: *low, width: high - low },
            Law::Triangular { low, mode, high } => {
                Way::Triangular { low: *low, mode: *mode, high: *high }
            }
            Law::Empirical(values) => Way::Equal(values.as_slice().into()),
            Law::Discrete { values, probs } => {
                Way::Steps(Arc::new(Steps::new(values.clone(), probs)))
            }
            Law::Poisson { mean, unit } => Way::Steps(Arc::new(Steps::poisson(*mean, *unit))),
            // In the order of use; the engine keeps the position.
            Law::Listed(values) => Way::Constant(values.first().copied().unwrap_or(f64::NAN)),
            Law::Mixture { weights, parts } if law.has_atoms() => {
                Way::Choice(Arc::new(Choice::new(weights, parts, samplers)))
            }
            Law::Hazard { .. } | Law::DailyHazard { .. } => Way::Hazard,
            Law::Gamma { .. }
            | Law::Hyperexponential { .. }
            | Law::Coxian { .. }
            | Law::Truncated { .. }
            | Law::Mixture { .. } => Way::Inverse(samplers.inverse(&law)),
        };
        Sampler { way, law: Arc::new(law) }
    }

    /// A value. Of listed values the first: see [`Sampler::listed`].
    #[inline(always)]
    pub fn sample(&self, mut draw: Draw) -> f64 {
        // What nearly every model draws is compiled into the callers.
        if let Way::Lognormal { mu, sigma } = &self.way {
            math::exp_steps(mu + sigma * draw.normal())
        } else if let Way::Exponential { mean } = &self.way {
            mean * draw.exponential()
        } else {
            self.rarer(draw)
        }
    }

    /// The value at the opposite quantile of the same draw: the second of an antithetic pair.
    ///
    /// ```
    /// # use icsflow::model::distribution::{Distribution, Meaning};
    /// # use icsflow::network::sampler::Sampler;
    /// # use icsflow::rng::{Purpose, SourceKey};
    /// let age = Sampler::new(&Distribution::uniform(0.0, 100.0), Meaning::Number);
    /// let draw = SourceKey::new(1, 0, "GP referrals").patient(7).draw(Purpose::named("", "age"), 0);
    /// assert!((age.sample(draw) + age.antithetic(draw) - 100.0).abs() < 1e-12);
    /// ```
    pub fn antithetic(&self, draw: Draw) -> f64 {
        self.rarer(draw.opposite())
    }

    /// Any way, and so also those that are rarer in models or slow by themselves.
    #[inline(never)]
    fn rarer(&self, mut base: Draw) -> f64 {
        match &self.way {
            Way::Exponential { mean } => mean * base.exponential(),
            Way::Lognormal { mu, sigma } => math::exp_steps(mu + sigma * base.normal()),
            Way::Constant(value) => *value,
            Way::Inverse(inverse) => inverse.at(base.uniform()),
            Way::Normal { mean, sd } => mean + sd * base.normal(),
            Way::Clipped { mean, sd, low, high } => (mean + sd * base.normal()).clamp(*low, *high),
            Way::Weibull { scale, power } => {
                scale * math::exp(power * math::ln(base.exponential()))
            }
            Way::Geometric { per, unit } => unit * (1.0 + (per * base.exponential()).floor()),
            Way::Uniform { low, width } => low + width * base.uniform(),
            Way::Triangular { low, mode, high } => {
                let u = base.uniform();
                law::triangular(*low, *mode, *high, u, 1.0 - u)
            }
            Way::Equal(values) => {
                let place = (base.uniform() * values.len() as f64) as usize;
                values[place.min(values.len() - 1)]
            }
            Way::Steps(steps) => steps.at(base.uniform()),
            Way::Hazard => self.law.by_hazard(base.exponential()),
            Way::Choice(choice) => {
                let part = choice.part(base.uniform());
                part.rarer(base)
            }
        }
    }

    /// A length of time, rounded once to whole microseconds; never negative, at most `i64::MAX`.
    #[inline(always)]
    pub fn duration(&self, draw: Draw) -> i64 {
        after(0, self.sample(draw))
    }

    /// The instant a length of time after another.
    #[inline(always)]
    pub fn after(&self, start: Time, mut draw: Draw) -> Time {
        // What most stays are is short and plain: one question settles that neither the function nor the
        // sum leaves its range.
        if let Way::Lognormal { mu, sigma } = &self.way {
            let steps = mu + sigma * draw.normal();
            return if steps.abs() < math::FEW {
                start + whole(math::exp_few_steps(steps))
            } else {
                after(start, math::exp_steps(steps))
            };
        }
        after(start, self.sample(draw))
    }

    /// The mean.
    pub fn mean(&self) -> f64 {
        self.law.mean()
    }

    /// The standard deviation.
    pub fn sd(&self) -> f64 {
        self.law.sd()
    }

    /// The probability of a value up to `x`.
    pub fn cdf(&self, x: f64) -> f64 {
        self.law.tails(x).0
    }

    /// The probability of a value above `x`, exact where it is small.
    pub fn survival(&self, x: f64) -> f64 {
        self.law.tails(x).1
    }

    /// The least value `x` with `cdf(x) >= p`; NaN unless `p` is from 0 to 1.
    pub fn quantile(&self, p: f64) -> f64 {
        self.law.quantile(p, 1.0 - p)
    }

    /// The least value `x` with `survival(x) <= q`; `quantile(1 - q)` without loss where `q` is small.
    pub fn upper_quantile(&self, q: f64) -> f64 {
        self.law.quantile(1.0 - q, q)
    }

    /// A value given that it is greater than `elapsed`: the whole of a stay of which this much has
    /// passed. `None` if no value is greater.
    ///
    /// ```
    /// # use icsflow::model::distribution::{Distribution, Meaning};
    /// # use icsflow::network::sampler::Sampler;
    /// # use icsflow::rng::{Purpose, SourceKey};
    /// let stay = Sampler::new(&Distribution::empirical([1.0, 5.0]), Meaning::Number);
    /// let draw = SourceKey::new(1, 0, "census").patient(7).draw(Purpose::named("Acute", "stay"), 0);
    /// assert_eq!(stay.beyond(2.0, draw), Some(5.0));
    /// assert_eq!(stay.beyond(5.0, draw), None);
    /// ```
    pub fn beyond(&self, elapsed: f64, mut draw: Draw) -> Option<f64> {
        let left = self.survival(elapsed);
        let upper = left * (1.0 - draw.uniform());
        (left > 0.0).then(|| self.upper_quantile(upper).max(elapsed))
    }

    /// The values of a list that is used in order, if it is one: the caller keeps the position.
    pub fn listed(&self) -> Option<&[f64]> {
        match &*self.law {
            Law::Listed(values) => Some(values),
            _ => None,
        }
    }
}

/// The instant so many microseconds after another, rounded once to whole ones; for less than 0 and NaN
/// the instant itself, for more than there is the last.
#[inline(always)]
pub(crate) fn after(start: Time, length: f64) -> Time {
    // As whole numbers, the bits of what is negative or NaN are above those of any length.
    if length.to_bits() < (0.5 * WHOLE).to_bits() {
        start + whole(length)
    } else {
        start.saturating_add(length.max(0.0) as i64)
    }
}

/// Between 2^52 and 2^53 numbers are whole, and their last bits count them.
const WHOLE: f64 = (1u64 << 52) as f64;

/// The nearest whole number, of one from 0 to 2^51.
#[inline(always)]
fn whole(number: f64) -> i64 {
    ((number + WHOLE).to_bits() - WHOLE.to_bits()) as i64
}

/// Makes samplers that share what is costly to make: equal distributions have one table of the inverse, and one of
/// what is left.
#[derive(Debug, Default)]
pub struct Samplers {
    inverses: RefCell<Vec<Arc<Inverse>>>,
    residuals: RefCell<Vec<(Arc<Law>, Arc<Residual>)>>,
}

impl Samplers {
    /// As [`Sampler::new`] makes it, to the last bit.
    pub fn sampler(&self, distribution: &Distribution, meaning: Meaning) -> Sampler {
        let law = distribution.law(&mut Reader::new(), meaning);
        Sampler::of(law.unwrap_or(Law::Constant(f64::NAN)).sorted(), self)
    }

    /// What is left of lengths of a distribution, met at any moment.
    pub fn residual(&self, whole: &Sampler) -> Arc<Residual> {
        let known = self.residuals.borrow().iter().find(|(law, _)| *law == whole.law).cloned();
        known.map_or_else(
            || {
                let residual = Arc::new(Residual::new(whole));
                self.residuals.borrow_mut().push((whole.law.clone(), residual.clone()));
                residual
            },
            |(_, residual)| residual,
        )
    }

    fn inverse(&self, law: &Law) -> Arc<Inverse> {
        let known = self.inverses.borrow().iter().find(|known| known.law() == law).cloned();
        known.unwrap_or_else(|| {
            let inverse = Arc::new(Inverse::new(law.clone()));
            self.inverses.borrow_mut().push(inverse.clone());
            inverse
        })
    }
}

/// Rising values with probabilities, and where to look for a uniform number among them.
#[derive(Clone, Debug)]
struct Steps {
    values: Vec<f64>,
    /// Probability of each value or a lesser one.
    reached: Vec<f64>,
    /// For each of equal parts of (0, 1), the first value that can occur in it.
    guide: Vec<u32>,
}

impl Steps {
    fn new(values: Vec<f64>, probs: &[f64]) -> Self {
        let mut sum = 0.0;
        let mut reached: Vec<f64> = probs
            .iter()
            .map(|prob| {
                sum += prob;
                sum
            })
            .collect();
        if let Some(last) = reached.last_mut() {
            *last = f64::INFINITY;
        }
        let parts = values.len().next_power_of_two();
        let guide = (0..parts)
            .map(|i| reached.partition_point(|r| *r <= i as f64 / parts as f64) as u32)
            .collect();
        Steps { values, reached, guide }
    }

    /// All the counts that are not beyond 1e-17 on either side.
    fn poisson(mean: f64, unit: f64) -> Self {
        if mean == 0.0 {
            return Steps::new(vec![0.0], &[1.0]);
        }
        let law = Law::Poisson { mean, unit: 1.0 };
        let (least, most) = (law.quantile(1e-17, 1.0), law.quantile(1.0, 1e-17));
        let counts = least as u64..=most as u64;
        let probs: Vec<f64> =
            counts.clone().map(|n| math::gamma_density_by_x(n as f64 + 1.0, mean) / mean).collect();
        Steps::new(counts.map(|n| n as f64 * unit).collect(), &probs)
    }

    #[inline]
    fn at(&self, u: f64) -> f64 {
        let mut i = self.guide[(u * self.guide.len() as f64) as usize] as usize;
        while self.reached[i] <= u {
            i += 1;
        }
        self.values[i]
    }
}

/// Parts to choose from.
#[derive(Clone, Debug)]
struct Choice {
    parts: Vec<Sampler>,
    reached: Vec<f64>,
}

impl Choice {
    fn new(weights: &[f64], parts: &[Law], samplers: &Samplers) -> Self {
        let mut sum = 0.0;
        let add = |weight: &f64| {
            sum += weight;
            sum
        };
        Choice {
            reached: weights.iter().map(add).collect(),
            parts: parts.iter().map(|part| Sampler::of(part.clone(), samplers)).collect(),
        }
    }

    #[inline]
    fn part(&self, u: f64) -> &Sampler {
        let last = self.parts.len() - 1;
        let i = self.reached[..last].iter().position(|reached| u < *reached).unwrap_or(last);
        &self.parts[i]
    }
}

#[cfg(test)]
#[allow(clippy::approx_constant)] // 3.14 is the mu of a published model, no approximation of pi.
mod tests {
    use super::*;
    use crate::doc::Doc;
    use crate::doc::Read;
    use crate::rng::{Purpose, SourceKey};
    use crate::time::{DAY, HOUR, TimeUnit};

    fn read(json: serde_json::Value, meaning: Meaning) -> Distribution {
        let mut at = Reader::new();
        let doc = Doc::from_json(json.clone());
        let distribution = Distribution::read(&doc, &mut at);
        distribution.check(&mut at, meaning);
        at.finish(&doc).unwrap_or_else(|faults| panic!("{json}: {faults}"));
        distribution
    }

    fn number(json: serde_json::Value) -> Sampler {
        Sampler::new(&read(json, Meaning::Number), Meaning::Number)
    }

    fn draws(n: u64) -> impl Iterator<Item = Draw> {
        let key = SourceKey::new(5, 0, "GP referrals");
        (0..n).map(move |i| key.patient(i).draw(Purpose::named("Acute", "stay"), 0))
    }

    fn near(found: f64, expected: f64, relative: f64) -> bool {
        (found - expected).abs() <= relative * expected.abs().max(1e-300)
    }

    /// Every family in every form, with the mean and standard deviation that theory gives.
    fn everything() -> Vec<(serde_json::Value, f64, f64)> {
        use serde_json::json;
        let ln2 = std::f64::consts::LN_2;
        // Of the lognormal with median 4 and 95th percentile 20.
        let sigma = 5f64.ln() / 1.644_853_626_951_472_2;
        let mean = 4.0 * (0.5 * sigma * sigma).exp();
        let lognormal_sd = |mean: f64, sigma: f64| mean * (sigma * sigma).exp_m1().sqrt();
        let ratio = 42.79f64 / 34.0;
        let truncated = {
            // Half a normal.
            let shift = (2.0 / std::f64::consts::PI).sqrt();
            (2.0 + 3.0 * shift, 3.0 * (1.0 - shift * shift).sqrt())
        };
        let clipped = {
            let first = 1.0 / (2.0 * std::f64::consts::PI).sqrt();
            (2.0 + 3.0 * first, 3.0 * (0.5 - first * first).sqrt())
        };
        vec![
            (json!({"exponential": {"mean": 4.0}}), 4.0, 4.0),
            (json!({"exponential": {"rate": 0.25}}), 4.0, 4.0),
            (json!({"exponential": {"median": 4.0 * ln2}}), 4.0, 4.0),
            (json!({"lognormal": {"mean": 7.4, "sd": 8.61}}), 7.4, 8.61),
            (
                json!({"lognormal": {"mu": 3.14, "sigma": 0.7}}),
                (3.14f64 + 0.245).exp(),
                lognormal_sd((3.14f64 + 0.245).exp(), 0.7),
            ),
            (
                json!({"lognormal": {"mean": 42.79, "median": 34.0}}),
                42.79,
                42.79 * (ratio * ratio - 1.0).sqrt(),
            ),
            (json!({"lognormal": {"median": 4.0, "p95": 20.0}}), mean, lognormal_sd(mean, sigma)),
            (
                json!({"lognormal": {"quantiles": [[0.5, 4.0], [0.95, 20.0]]}}),
                mean,
                lognormal_sd(mean, sigma),
            ),
            (json!({"gamma": {"shape": 3.45, "scale": 13.550136}}), 3.45 * 13.550136, 25.16826),
            (json!({"gamma": {"shape": 4.0, "rate": 2.0}}), 2.0, 1.0),
            (json!({"gamma": {"shape": 0.25, "mean": 2.0}}), 2.0, 4.0),
            (json!({"gamma": {"mean": 5.0, "sd": 2.5}}), 5.0, 2.5),
            // Shape 1: exponential.
            (json!({"gamma": {"median": ln2, "p95": 20f64.ln()}}), 1.0, 1.0),
            (json!({"gamma": {"quantiles": [[0.25, (4.0f64 / 3.0).ln()], [0.5, ln2]]}}), 1.0, 1.0),
            (json!({"weibull": {"shape": 1.5, "scale": 10.0}}), 9.0274529, 6.1293579),
            (json!({"weibull": {"mean": 9.0274529, "sd": 6.1293579}}), 9.0274529, 6.1293579),
            (json!({"weibull": {"median": 2.0 * ln2, "p95": 2.0 * 20f64.ln()}}), 2.0, 2.0),
            (
                json!({"weibull": {"quantiles": [[0.5, ln2.sqrt()], [0.95, 20f64.ln().sqrt()]]}}),
                0.5 * std::f64::consts::PI.sqrt(),
                (1.0 - 0.25 * std::f64::consts::PI).sqrt(),
            ),
            (json!({"erlang": {"shape": 4, "mean": 2.0}}), 2.0, 1.0),
            (json!({"erlang": {"shape": 4, "rate": 2.0}}), 2.0, 1.0),
            (json!({"erlang": {"mean": 2.0, "sd": 1.0}}), 2.0, 1.0),
            (
                json!({"hyperexponential": {"probs": [0.4, 0.6], "means": [1.75, 0.5]}}),
                1.0,
                1.75f64.sqrt(),
            ),
            (
                json!({"hyperexponential": {"probs": [0.4, 0.6], "rates": [4.0 / 7.0, 2.0]}}),
                1.0,
                1.75f64.sqrt(),
            ),
            // Phases 1/2 and 2 after a third: moments by conditioning.
            (
                json!({"coxian": {"rates": [2.0, 0.5], "continue_probs": [0.25]}}),
                1.0,
                (0.5f64 + 0.25 * (2.0 * 0.5 * 2.0 + 8.0) - 1.0).sqrt(),
            ),
            // Equal phases in a row: Erlang.
            (
                json!({"coxian": {"rates": [2.0, 2.0, 2.0, 2.0], "continue_probs": [1, 1, 1]}}),
                2.0,
                1.0,
            ),
            (json!({"uniform": {"low": 3, "high": 4}}), 3.5, 1.0 / 12f64.sqrt()),
            (json!({"triangular": {"low": 1, "mode": 3, "high": 10}}), 14.0 / 3.0, 1.9293062),
            (json!({"triangular": {"low": 1, "mode": 1, "high": 4}}), 2.0, 0.5f64.sqrt()),
            (json!({"normal": {"mean": 12, "sd": 4}}), 12.0, 4.0),
            (
                json!({"normal": {"median": 12, "p95": 12.0 + 4.0 * 1.644_853_626_951_472_2}}),
                12.0,
                4.0,
            ),
            (
                json!({"normal": {"quantiles": [[0.25, 12.0 - 2.697_959_000_784_327], [0.5, 12.0]]}}),
                12.0,
                4.0,
            ),
            (json!({"normal": {"mean": 16, "sd": 3, "low": 0.5}}), 16.000002, 2.9999951),
            (json!({"normal": {"mean": 2, "sd": 3, "low": 2}}), truncated.0, truncated.1),
            (
                json!({"normal": {"mean": 2, "sd": 3, "low": 2, "method": "clip"}}),
                clipped.0,
                clipped.1,
            ),
            (json!({"deterministic": {"value": 2}}), 2.0, 0.0),
            (json!(2.5), 2.5, 0.0),
            (
                json!({"discrete": {"values": [43, 1, 15, 22, 29, 36],
                                    "probs": [0.05, 0.5, 0.1, 0.2, 0.1, 0.05]}}),
                13.25,
                13.62305,
            ),
            (json!({"empirical": {"values": [3, 1, 1, 7]}}), 3.0, 6f64.sqrt()),
            (
                json!({"mixture": {"of": [
                    {"weight": 1, "exponential": {"mean": 1}},
                    {"weight": 3, "lognormal": {"mean": 5, "sd": 2}}]}}),
                4.0,
                (0.25f64 * 2.0 + 0.75 * 29.0 - 16.0).sqrt(),
            ),
            (
                json!({"mixture": {"of": [
                    {"weight": 0.5, "deterministic": {"value": 1}},
                    {"weight": 0.5, "uniform": {"low": 2, "high": 4}}]}}),
                2.0,
                (0.5 + 0.5 * (9.0 + 1.0f64 / 3.0) - 4.0).sqrt(),
            ),
            (json!({"geometric": {"mean": 3}}), 3.0, 6f64.sqrt()),
            (json!({"geometric": {"mean": 1}}), 1.0, 0.0),
            (json!({"poisson": {"mean": 20}}), 20.0, 20f64.sqrt()),
            (json!({"poisson": {"mean": 0.01}}), 0.01, 0.1),
            (json!({"poisson": {"mean": 0}}), 0.0, 0.0),
            (json!({"hazard": {"from": [0], "rate": [0.25]}}), 4.0, 4.0),
            // Seven days of grace, then exponential.
            (json!({"hazard": {"from": [0, 7], "rate": [0, 0.05]}}), 27.0, 20.0),
            // By parts: 2 - 2e^(-1/2) + 4e^(-1/2) until 1, with rates 1/2 and 1/4.
            (
                json!({"hazard": {"from": [0, 1], "rate": [0.5, 0.25]}}),
                2.0 + 2.0 * (-0.5f64).exp(),
                (8.0 + 28.0 * (-0.5f64).exp() - (2.0 + 2.0 * (-0.5f64).exp()).powi(2)).sqrt(),
            ),
            (json!({"daily_hazard": {"shares": [0.25]}}), 4.0, 12f64.sqrt()),
            // 1, 2 or 3, with a quarter, three eighths and three eighths.
            (json!({"daily_hazard": {"shares": [0.25, 0.5, 1]}}), 2.125, 0.609375f64.sqrt()),
            (json!({"daily_hazard": {"shares": [0, 0, 0.5]}}), 4.0, 2f64.sqrt()),
        ]
    }

    #[test]
    fn moments_are_those_of_theory_and_of_samples() {
        const N: u64 = 400_000;
        for (json, mean, sd) in everything() {
            let sampler = number(json.clone());
            assert!(near(sampler.mean(), mean, 2e-6), "{json}: mean {}", sampler.mean());
            assert!(near(sampler.sd(), sd, 2e-6), "{json}: sd {}", sampler.sd());
            let (mut sum, mut squares, mut fourths) = (0.0, 0.0, 0.0);
            for draw in draws(N) {
                let d = sampler.sample(draw) - mean;
                sum += d;
                squares += d * d;
                fourths += d * d * d * d;
            }
            let n = N as f64;
            let z = sum / n / (sd / n.sqrt()).max(1e-12);
            assert!(z.abs() < 4.5, "{json}: mean of the sample {z} standard errors off");
            let error = ((fourths / n - sd.powi(4)).max(0.0) / n).sqrt();
            let miss = squares / n - sd * sd;
            assert!(miss.abs() <= 5.0 * error + 1e-9, "{json}: variance {miss} off, se {error}");
        }
    }

    /// A fixed recipe of fourteen samplers with the answers of theory (case T23).
    #[test]
    fn samples_have_the_moments_and_quantiles_of_theory() {
        use serde_json::json;
        const N: usize = 1_000_000;
        const PROBS: [f64; 5] = [0.05, 0.25, 0.5, 0.75, 0.95];
        let (root, ln) = (f64::sqrt, f64::ln);
        let z = [
            -1.644_853_626_951_472_2,
            -0.674_489_750_196_081_7,
            0.0,
            0.674_489_750_196_081_7,
            1.644_853_626_951_472_2,
        ];
        let by_log = |mu: f64, sigma: f64| z.map(|z| (mu + sigma * z).exp());
        let by_mean_sd = |mean: f64, sd: f64| {
            let variance = (sd / mean).powi(2).ln_1p();
            by_log(ln(mean) - 0.5 * variance, root(variance))
        };
        let sigma = root(2.0 * ln(42.79 / 34.0));
        let sd_by_log = |mean: f64, sigma: f64| mean * root((sigma * sigma).exp_m1());
        let triangular = |p: f64| {
            if p < 2.0 / 9.0 { 1.0 + root(p * 18.0) } else { 10.0 - root((1.0 - p) * 63.0) }
        };
        // Those of gamma and Erlang have no closed form: from tables of the incomplete gamma function.
        let rows = [
            (
                json!({"exponential": {"mean": 4}}),
                4.0,
                4.0,
                Some(PROBS.map(|p| -4.0 * (-p).ln_1p())),
            ),
            (
                json!({"lognormal": {"mean": 7.4, "sd": 8.61}}),
                7.4,
                8.61,
                Some(by_mean_sd(7.4, 8.61)),
            ),
            (
                json!({"lognormal": {"mu": 3.14, "sigma": 0.7}}),
                29.517993,
                sd_by_log(29.517993, 0.7),
                Some(by_log(3.14, 0.7)),
            ),
            (
                json!({"lognormal": {"mean": 42.79, "median": 34}}),
                42.79,
                sd_by_log(42.79, sigma),
                Some(by_log(ln(34.0), sigma)),
            ),
            (
                json!({"gamma": {"shape": 3.45, "scale": 13.550136}}),
                3.45 * 13.550136,
                root(3.45) * 13.550136,
                Some([14.312562, 28.279575, 42.317137, 60.421596, 94.31784]),
            ),
            (
                json!({"gamma": {"mean": 5, "sd": 2.5}}),
                5.0,
                2.5,
                Some([1.707898, 3.1691503, 4.5900759, 6.3867844, 9.6920707]),
            ),
            (
                json!({"erlang": {"shape": 4, "mean": 2}}),
                2.0,
                1.0,
                Some([0.6831592, 1.2676601, 1.8360304, 2.5547137, 3.8768283]),
            ),
            (
                json!({"weibull": {"shape": 1.5, "scale": 10}}),
                9.0274529,
                6.1293579,
                Some(PROBS.map(|p| 10.0 * (-(-p).ln_1p()).powf(1.0 / 1.5))),
            ),
            (
                json!({"uniform": {"low": 3, "high": 4}}),
                3.5,
                root(1.0 / 12.0),
                Some(PROBS.map(|p| 3.0 + p)),
            ),
            (
                json!({"triangular": {"low": 1, "mode": 3, "high": 10}}),
                14.0 / 3.0,
                root(67.0 / 18.0),
                Some(PROBS.map(triangular)),
            ),
            (json!({"normal": {"mean": 12, "sd": 4}}), 12.0, 4.0, Some(z.map(|z| 12.0 + 4.0 * z))),
            (
                json!({"normal": {"mean": 16, "sd": 3, "low": 0.5}}),
                16.000002,
                2.9999951,
                Some([11.065442, 13.976532, 16.0, 18.02347, 20.934561]),
            ),
            (
                json!({"hyperexponential": {"probs": [0.4, 0.6], "means": [1.75, 0.5]}}),
                1.0,
                root(1.75),
                None,
            ),
            (
                json!({"discrete": {"values": [1, 15, 22, 29, 36, 43],
                                 "probs": [0.5, 0.1, 0.2, 0.1, 0.05, 0.05]}}),
                13.25,
                13.62305,
                None,
            ),
        ];
        for (json, mean, sd, quantiles) in rows {
            let sampler = number(json.clone());
            let mut sample: Vec<f64> = draws(N as u64).map(|draw| sampler.sample(draw)).collect();
            let n = N as f64;
            let found = sample.iter().sum::<f64>() / n;
            assert!((found - mean).abs() < 4.0 * sd / root(n), "{json}: mean {found}");
            let variance = sample.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / n;
            assert!(near(root(variance), sd, 0.01), "{json}: sd {}", root(variance));
            sample.sort_by(f64::total_cmp);
            for (p, x) in PROBS.into_iter().zip(quantiles.into_iter().flatten()) {
                assert!(near(sampler.quantile(p), x, 1e-6), "{json}: quantile {p}");
                let below = sample.partition_point(|v| *v <= x) as f64;
                let z = (below - p * n) / root(p * (1.0 - p) * n);
                assert!(z.abs() < 4.0, "{json}: quantile {p} is {z} standard errors off");
            }
            if let Law::Discrete { values, probs } = &*sampler.law {
                for (value, p) in values.iter().zip(probs) {
                    let hits = sample.iter().filter(|x| *x == value).count() as f64;
                    assert!((hits - p * n).abs() < 4.0 * root(p * (1.0 - p) * n), "{value}");
                }
            }
        }
    }

    #[test]
    fn quantiles_undo_the_distribution_function() {
        for (json, ..) in everything() {
            let sampler = number(json.clone());
            let mut last = f64::NEG_INFINITY;
            for p in [1e-9, 1e-4, 0.003, 0.05, 0.2, 0.4999, 0.5, 0.77, 0.95, 0.999, 1.0 - 1e-9] {
                let x = sampler.quantile(p);
                assert!(x >= last && x.is_finite(), "{json}: quantile {p} is {x} after {last}");
                last = x;
                let (below, above) = (sampler.cdf(x), sampler.survival(x));
                assert!((below + above - 1.0).abs() < 1e-12, "{json}");
                if sampler.law.has_atoms() {
                    assert!(below >= p - 1e-12, "{json}: cdf({x}) = {below} < {p}");
                    let before = sampler.cdf(x - 1e-6 * (1.0 + x.abs()));
                    assert!(before <= p + 1e-6, "{json}: {x} is not the least for {p}");
                } else {
                    // The rounding of the value itself may show.
                    let rounding = 2e-15 * x.abs() * sampler.law.density(x);
                    let miss = (below - p).abs();
                    assert!(miss <= 1e-9 * p + rounding, "{json}: cdf(quantile({p})) = {below}");
                    assert!(near(above, 1.0 - p, 1e-6), "{json}: survival at {p} = {above}");
                    assert!(near(sampler.upper_quantile(1.0 - p), x, 1e-6), "{json}");
                    // The density is the slope.
                    let h = 1e-5 * sampler.sd().min(x.abs());
                    if (0.01..0.99).contains(&p) {
                        let slope = (sampler.cdf(x + h) - sampler.cdf(x - h)) / (2.0 * h);
                        assert!(near(sampler.law.density(x), slope, 2e-3), "{json} at {p}");
                    }
                }
            }
            assert!(sampler.quantile(0.0) <= sampler.quantile(0.001), "{json}");
            assert!(sampler.quantile(1.0) >= sampler.quantile(0.999), "{json}");
            assert!(sampler.quantile(1.5).is_nan() && sampler.quantile(f64::NAN).is_nan());
        }
    }

    #[test]
    fn who_is_left_by_hazard_is_the_product_of_those_who_go_on() {
        use serde_json::json;
        // Case T36: reneging by whole days waited, 0.9 - 0.9 / (1 + (x / 10)^3).
        let share = |x: i32| 0.9 - 0.9 / (1.0 + (f64::from(x) / 10.0).powi(3));
        let shares: Vec<f64> = (1..=400).map(share).collect();
        let daily = number(json!({"daily_hazard": {"shares": shares}}));
        assert!(near(daily.mean(), 7.7566931, 1e-8), "{}", daily.mean());
        let n = 200_000;
        let mut sample: Vec<f64> = draws(n).map(|draw| daily.sample(draw)).collect();
        sample.sort_by(f64::total_cmp);
        let mut left = 1.0;
        for day in 1..=400 {
            let days = f64::from(day);
            assert!(near(daily.survival(days - 0.5), left, 1e-12), "before day {day}");
            left *= 1.0 - share(day);
            assert!(near(daily.survival(days), left, 1e-12), "day {day}");
            if left > 1e-12 {
                assert_eq!(daily.upper_quantile(left * (1.0 + 1e-9)), days);
                assert_eq!(daily.upper_quantile(left * (1.0 - 1e-9)), days + 1.0);
            }
            let over = (n as usize - sample.partition_point(|x| *x <= days)) as f64;
            let z = (over - left * n as f64) / (left * (1.0 - left) * n as f64).sqrt().max(1.0);
            assert!(z.abs() < 4.5, "day {day}: {z}");
        }
        // Beyond those given the last goes on.
        let beyond = left * (1.0 - share(400)).powi(3);
        assert!(near(daily.survival(403.9), beyond, 1e-12));

        let stepwise =
            number(json!({"hazard": {"from": [0, 2, 5, 6], "rate": [0.1, 0, 0.7, 0.2]}}));
        for (x, spent) in [
            (-1.0, 0.0),
            (0.0, 0.0),
            (1.5, 0.15),
            (2.0, 0.2),
            (4.0, 0.2),
            (5.0, 0.2),
            (5.5, 0.55),
            (6.0, 0.9),
            (16.0, 2.9),
        ] {
            assert!(near(stepwise.survival(x), f64::exp(-spent), 1e-14), "{x}");
            if x > 0.0 && !(2.0..=5.0).contains(&x) {
                assert!(near(stepwise.upper_quantile(f64::exp(-spent)), x, 1e-14), "{x}");
            }
        }
        // No length ends where there is no hazard.
        assert!(draws(n).map(|draw| stepwise.sample(draw)).all(|x| !(2.0..5.0).contains(&x)));
        assert_eq!(number(json!({"hazard": {"from": [0, 7], "rate": [0, 1]}})).quantile(0.0), 7.0);
        assert_eq!(number(json!({"daily_hazard": {"shares": [0, 0, 0.5]}})).quantile(0.0), 3.0);
    }

    /// The smallest and greatest uniform numbers, and a sweep between.
    fn sweep() -> Vec<f64> {
        let mut sweep: Vec<f64> = (0..200_000).map(|i| (f64::from(i) + 0.37) / 200_000.0).collect();
        for k in 1..53 {
            for by in [1.0, 1.000_001, 1.37, 1.93] {
                let w = by * 0.5f64.powi(k + 1);
                sweep.extend([w, 1.0 - w]);
            }
        }
        sweep.sort_by(f64::total_cmp);
        sweep.retain(|u| *u > 0.0 && *u < 1.0);
        sweep
    }

    #[test]
    fn tables_are_monotone_and_exact_to_1e_7() {
        for (json, ..) in everything() {
            let sampler = number(json.clone());
            let Way::Inverse(inverse) = &sampler.way else { continue };
            let mut last = f64::NEG_INFINITY;
            for (i, u) in sweep().into_iter().enumerate() {
                let x = inverse.at(u);
                // Equal but for rounding where two cells meet.
                assert!(x >= last - 4e-16 * last.abs(), "{json}: falls at {u}");
                last = x;
                if i % 50 == 0 {
                    let exact = inverse.exact(u);
                    assert!(near(x, exact, 1.01e-7), "{json}: {x} for {exact} at {u}");
                }
            }
        }
    }

    #[test]
    fn equal_distributions_share_one_table() {
        use serde_json::json;
        let samplers = Samplers::default();
        let of = |json| samplers.sampler(&read(json, Meaning::Number), Meaning::Number);
        let table = |sampler: &Sampler| match &sampler.way {
            Way::Inverse(inverse) => inverse.clone(),
            way => panic!("{way:?}"),
        };
        let gamma = json!({"gamma": {"shape": 4, "scale": 0.5}});
        let (one, other) = (of(gamma.clone()), of(json!({"gamma": {"shape": 4, "rate": 2}})));
        assert!(Arc::ptr_eq(&table(&one), &table(&other)));
        let Way::Choice(choice) = of(json!({"mixture": {"of": [
            {"weight": 1, "deterministic": {"value": 1}},
            {"weight": 2, "erlang": {"shape": 4, "mean": 2}}]}}))
        .way
        else {
            panic!("no choice")
        };
        assert!(Arc::ptr_eq(&table(&one), &table(&choice.parts[1])));
        assert_eq!(samplers.inverses.borrow().len(), 1);
        let longer = of(json!({"gamma": {"shape": 4, "scale": 0.6}}));
        assert!(!Arc::ptr_eq(&table(&one), &table(&longer)));
        let alone = number(gamma);
        for draw in draws(1000) {
            assert_eq!(one.sample(draw).to_bits(), alone.sample(draw).to_bits());
        }
    }

    #[test]
    fn the_antithetic_value_is_at_the_opposite_quantile() {
        for (json, ..) in everything() {
            let sampler = number(json.clone());
            if sampler.law.has_atoms() {
                continue;
            }
            for draw in draws(200) {
                let (p, q) =
                    (sampler.cdf(sampler.sample(draw)), sampler.cdf(sampler.antithetic(draw)));
                assert!((p + q - 1.0).abs() < 1e-6, "{json}: {p} and {q}");
            }
        }
    }

    #[test]
    fn a_patient_keeps_the_quantile_when_parameters_move() {
        use serde_json::json;
        for (before, after) in [
            (json!({"exponential": {"mean": 4}}), json!({"exponential": {"mean": 5}})),
            (
                json!({"lognormal": {"mean": 4, "sd": 2}}),
                json!({"lognormal": {"mean": 7, "sd": 3}}),
            ),
            (json!({"gamma": {"mean": 4, "sd": 2}}), json!({"gamma": {"mean": 5, "sd": 9}})),
            (
                json!({"weibull": {"shape": 2, "scale": 3}}),
                json!({"weibull": {"shape": 0.7, "scale": 3}}),
            ),
            (
                json!({"coxian": {"rates": [2, 1], "continue_probs": [0.4]}}),
                json!({"coxian": {"rates": [2, 3], "continue_probs": [0.5]}}),
            ),
            (
                json!({"normal": {"mean": 3, "sd": 1, "low": 0}}),
                json!({"normal": {"mean": 3, "sd": 2, "low": 0, "high": 9}}),
            ),
            (
                json!({"hazard": {"from": [0, 3], "rate": [0.1, 0.4]}}),
                json!({"hazard": {"from": [0, 2, 9], "rate": [0.3, 0.2, 1]}}),
            ),
        ] {
            let (before, after) = (number(before), number(after));
            for draw in draws(500) {
                let (p, q) = (before.cdf(before.sample(draw)), after.cdf(after.sample(draw)));
                assert!((p - q).abs() < 1e-6, "{p} became {q}");
            }
        }
    }

    #[test]
    fn a_mixture_draws_its_atoms_as_often_as_it_should() {
        let sampler = number(serde_json::json!({"mixture": {"of": [
            {"weight": 1, "deterministic": {"value": 3}},
            {"weight": 2, "exponential": {"mean": 2}},
            {"weight": 1, "poisson": {"mean": 3}}]}}));
        let n = 400_000;
        let hits = draws(n).filter(|draw| sampler.sample(*draw) == 3.0).count() as f64;
        let p = 0.25 + 0.25 * 4.5 * (-3f64).exp();
        let z = (hits - p * n as f64) / (p * (1.0 - p) * n as f64).sqrt();
        assert!(z.abs() < 4.5, "{z}");
        // The jump at 3 is met exactly from a whole range of probabilities.
        let before = sampler.cdf(3.0 - 1e-12);
        assert!(near(sampler.cdf(3.0) - before, p, 1e-9));
        assert_eq!(sampler.quantile(before + 0.1 * p), 3.0);
        assert_eq!(sampler.quantile(before + 0.9 * p), 3.0);
    }

    #[test]
    fn extremes_give_finite_values() {
        use serde_json::json;
        for json in [
            json!({"gamma": {"shape": 0.05, "scale": 1}}),
            json!({"gamma": {"shape": 0.001, "scale": 1}}),
            json!({"gamma": {"shape": 100000, "scale": 1e-5}}),
            json!({"lognormal": {"mu": 0, "sigma": 3}}),
            json!({"lognormal": {"mean": 1, "sd": 1e-6}}),
            json!({"weibull": {"shape": 0.1, "scale": 1}}),
            json!({"weibull": {"mean": 1, "sd": 100}}),
            json!({"coxian": {"rates": [1e-9, 1e6, 1e-3], "continue_probs": [0.5, 1.0]}}),
            json!({"coxian": {"rates": [3], "continue_probs": []}}),
            json!({"coxian": {"rates": [1, 2, 3], "continue_probs": [0, 1]}}),
            json!({"hyperexponential": {"probs": [0.999999, 0.000001], "means": [1e-6, 1e6]}}),
            json!({"normal": {"mean": -20, "sd": 1, "low": 0}}),
            json!({"normal": {"mean": 0, "sd": 1, "low": -3, "high": -2.9999}}),
            json!({"mixture": {"of": [
                {"weight": 1e-9, "gamma": {"shape": 0.05, "scale": 1}},
                {"weight": 1, "uniform": {"low": 3, "high": 3.001}},
                {"weight": 1, "normal": {"mean": 100, "sd": 0.001}}]}}),
            json!({"geometric": {"mean": 1e6}}),
            json!({"poisson": {"mean": 1e6}}),
            json!({"discrete": {"values": [1, 2, 3], "probs": [0, 1, 0]}}),
            json!({"hazard": {"from": [0, 1e-9, 1e9], "rate": [1e9, 0, 1e-9]}}),
            json!({"hazard": {"from": [0, 1, 2, 3], "rate": [0, 1e-12, 0, 1e6]}}),
            json!({"daily_hazard": {"shares": [1e-9, 0.999999999, 0, 1e-6]}}),
            json!({"mixture": {"of": [
                {"weight": 1, "hazard": {"from": [0, 7], "rate": [0, 0.05]}},
                {"weight": 1, "hazard": {"from": [0, 3, 9], "rate": [1, 0, 0.5]}}]}}),
        ] {
            let sampler = number(json.clone());
            assert!(sampler.mean().is_finite() && sampler.sd() >= 0.0, "{json}");
            for draw in draws(20_000) {
                assert!(sampler.sample(draw).is_finite(), "{json}");
                assert!(sampler.antithetic(draw).is_finite(), "{json}");
            }
            for p in [1e-16, 1e-9, 0.3, 0.9, 1.0 - 1e-15] {
                let x = sampler.quantile(p);
                assert!(x.is_finite(), "{json}: quantile {p}");
                if !sampler.law.has_atoms() && x > 1e-300 {
                    assert!((sampler.cdf(x) - p).abs() < 1e-9, "{json}: quantile {p}");
                }
            }
        }
    }

    #[test]
    fn what_remains_is_conditional_on_what_has_passed() {
        for (json, ..) in everything() {
            let sampler = number(json.clone());
            let elapsed = sampler.quantile(0.7);
            let left = sampler.survival(elapsed);
            let (n, further) = (4000, sampler.quantile(0.9));
            let (mut over, mut last) = (0.0, None);
            for draw in draws(n) {
                let x = sampler.beyond(elapsed, draw);
                assert_eq!(x.is_some(), left > 0.0, "{json}");
                let Some(x) = x else { continue };
                assert!(x >= elapsed && x.is_finite(), "{json}: {x} after {elapsed}");
                over += f64::from(x > further);
                last = Some(x);
            }
            if last.is_some() {
                let p = sampler.survival(further) / left;
                let z = (over - p * n as f64) / (p * (1.0 - p) * n as f64).sqrt().max(1e-9);
                assert!(z.abs() < 4.5, "{json}: {z}");
            }
        }
    }

    #[test]
    fn lengths_of_time_are_whole_microseconds() {
        let meaning = Meaning::Duration(TimeUnit::Days);
        let of = |distribution: Distribution| Sampler::new(&distribution, meaning);
        let draw = draws(1).next().unwrap();
        assert_eq!(of("36h".into()).duration(draw), 36 * HOUR);
        assert_eq!(of(2.0.into()).duration(draw), 2 * DAY);
        assert_eq!(of(1e30.into()).duration(draw), i64::MAX);
        assert_eq!(of((-3.0).into()).duration(draw), 0, "faulty, and harmless");
        assert_eq!(of(Distribution::geometric("1d")).duration(draw), DAY);
        assert!(near(of(Distribution::exponential("6h")).mean(), 6.0 * HOUR as f64, 1e-15));
        let by_log = of(Distribution::lognormal_mu_sigma(0.0, 0.5));
        assert!(near(by_log.quantile(0.5), DAY as f64, 1e-12));
        let by_rate = Distribution::coxian([2.0], []);
        assert!(near(of(by_rate).mean(), 0.5 * DAY as f64, 1e-12));
        // Rates are those of the model's unit; days are days in any unit.
        assert!(near(of(Distribution::hazard([("0h", 0.5)])).mean(), 2.0 * DAY as f64, 1e-12));
        let weeks = Sampler::new(
            &Distribution::daily_hazard([0.0, 1.0]),
            Meaning::Duration(TimeUnit::Weeks),
        );
        assert_eq!(weeks.duration(draw), 2 * DAY);
        let listed = of(Distribution::listed(["1d", "3h"]));
        assert_eq!(listed.listed(), Some(&[DAY as f64, 3.0 * HOUR as f64][..]));
        for draw in draws(1000) {
            let x = of(Distribution::exponential(5.0)).sample(draw);
            let rounded = of(Distribution::exponential(5.0)).duration(draw);
            assert!((rounded as f64 - x).abs() <= 0.5);
        }
    }

    #[test]
    fn an_instant_after_another_is_the_length_after_it() {
        // Around where a length leaves what is rounded by its bits, and where `exp` leaves its range.
        for mu in [-800.0, -36.0, 0.0, 25.0, 34.9, 35.1, 36.5, 43.6, 60.0, 708.0, 800.0] {
            let sampler = Samplers::default();
            let sampler = Sampler::of(Law::Lognormal { mu, sigma: 0.5 }, &sampler);
            for number in 0..2000 {
                let key = SourceKey::new(1, 0, "after").patient(number);
                let draw = key.draw(Purpose::named("", "stay"), 0);
                let length = sampler.sample(draw);
                let whole = length.round_ties_even() as Time;
                for start in [-5, 0, 1 << 40] {
                    let ends = sampler.after(start, draw);
                    assert!((ends - start.saturating_add(whole)).abs() <= 1, "{mu} {length}");
                    assert_eq!(ends, start.saturating_add(sampler.duration(draw)), "{mu} {length}");
                }
            }
        }
    }
}
