//! Distributions ready to be drawn from.

use crate::doc::Reader;
use crate::math;
use crate::model::distribution::{Distribution, Law, Meaning};
use crate::rng::Draw;

/// A distribution ready to be drawn from: lengths of time in microseconds, numbers as they are.
#[derive(Clone, Debug)]
pub struct Sampler {
    law: Law,
}

impl Sampler {
    /// For a distribution that has been checked; of one with faults every value is NaN.
    pub fn new(distribution: &Distribution, meaning: Meaning) -> Self {
        Sampler {
            law: distribution.law(&mut Reader::new(), meaning).unwrap_or(Law::Constant(f64::NAN)),
        }
    }

    /// A value.
    #[inline]
    pub fn sample(&self, mut draw: Draw) -> f64 {
        match &self.law {
            Law::Constant(value) => *value,
            Law::Exponential { mean } => mean * draw.exponential(),
            Law::Lognormal { mu, sigma } => math::exp(mu + sigma * draw.normal()),
            Law::Normal { mean, sd } => mean + sd * draw.normal(),
            _ => self.quantile(draw.uniform()),
        }
    }

    /// A length of time, rounded once to whole microseconds; never negative.
    #[inline]
    pub fn duration(&self, draw: Draw) -> i64 {
        (self.sample(draw).max(0.0) + 0.5) as i64
    }

    /// The mean.
    pub fn mean(&self) -> f64 {
        f64::NAN
    }

    /// The standard deviation.
    pub fn sd(&self) -> f64 {
        f64::NAN
    }

    /// The probability of a value up to `x`.
    pub fn cdf(&self, _x: f64) -> f64 {
        f64::NAN
    }

    /// The least value `x` with `cdf(x) >= p`.
    pub fn quantile(&self, _p: f64) -> f64 {
        f64::NAN
    }

    /// The values of a list that is used in order, if it is one.
    pub fn listed(&self) -> Option<&[f64]> {
        match &self.law {
            Law::Listed(values) => Some(values),
            _ => None,
        }
    }
}
