//! Distributions as authored: a family and its parameters, in one of the forms that the field uses.
//!
//! ```toml
//! stay = { lognormal = { mean = "9d", sd = "8d" } }
//! stay = { gamma = { quantiles = [[0.5, "4d"], [0.95, "20d"]] } }
//! stay = "2d"
//! ```
//!
//! A parameter that is a length of time is a number in the model's time unit or text with a unit.
//! Rates are numbers per model time unit; `mu` and `sigma` belong to the logarithm of the value in the
//! model's time unit. The same families serve plain numbers (an age, a batch), where a unit is a fault.

use indexmap::IndexMap;
use schemars::{JsonSchema, Schema};
use serde::Serialize;

use crate::doc::{Doc, Read, Reader, Value, read_table, read_word};
use crate::math;
use crate::time::{Quantity, TimeUnit};

/// What the values of a distribution are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// Lengths of time, never negative; bare numbers count in this unit.
    Duration(TimeUnit),
    /// Numbers of any sign.
    Number,
    /// Whole numbers from 0.
    Count,
}

/// One point of a distribution: the probability of a value up to this one, and the value.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, JsonSchema)]
pub struct QuantilePoint(pub f64, pub Quantity);

impl Read for QuantilePoint {
    fn read(doc: &Doc, at: &mut Reader) -> Self {
        match &doc.value {
            Value::List(pair) if pair.len() == 2 => QuantilePoint(
                at.item(0, |at| Read::read(&pair[0], at)),
                at.item(1, |at| Read::read(&pair[1], at)),
            ),
            _ => {
                at.fault(doc.show(), "a pair of probability and value such as [0.95, \"20d\"]");
                Self::broken()
            }
        }
    }

    fn broken() -> Self {
        QuantilePoint(f64::NAN, Quantity::broken())
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

macro_rules! family {
    (
        $(#[$about:meta])* $Type:ident, $what:literal,
        { $($(#[$doc:meta])* $field:ident: $T:ty),* $(,)? }
    ) => {
        $(#[$about])*
        #[derive(Clone, Debug, Default, PartialEq, Serialize, JsonSchema)]
        #[schemars(deny_unknown_fields)]
        pub struct $Type {
            $($(#[$doc])* #[serde(skip_serializing_if = "Option::is_none")] pub $field: Option<$T>),*
        }

        read_table!($Type, $what, { $($field),* });

        impl $Type {
            const KEYS: &[&str] = &[$(stringify!($field)),*];

            fn given(&self) -> Vec<&'static str> {
                let mut given = Vec::new();
                $(if self.$field.is_some() { given.push(stringify!($field)) })*
                given
            }
        }
    };
}

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
    /// One of several distributions.
    Mixture, "a mixture", {
        /// The distributions and their weights.
        of: Vec<Component>,
    }
}

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

family! {
    /// Given values in the order of use; not random.
    Listed, "listed values", {
        /// The values.
        values: Vec<Quantity>,
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
                weight: crate::doc::field(table, "weight", None, at),
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

macro_rules! families {
    ($($(#[$doc:meta])* $Type:ident = $key:literal),* $(,)?) => {
        /// A distribution: one family with its parameters.
        ///
        /// ```
        /// use icsflow::model::distribution::Distribution;
        /// let stay = Distribution::lognormal_mean_sd("9d", "8d");
        /// assert_eq!(
        ///     serde_json::to_string(&stay).unwrap(),
        ///     r#"{"lognormal":{"mean":"9d","sd":"8d"}}"#
        /// );
        /// ```
        #[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
        #[serde(rename_all = "lowercase")]
        #[schemars(transform = with_bare_value)]
        pub enum Distribution {
            $($(#[$doc])* $Type($Type)),*
        }

        const FAMILIES: &[&str] = &[$($key),*];

        impl Distribution {
            /// The name of the family as written in a model.
            pub fn family(&self) -> &'static str {
                match self {
                    $(Distribution::$Type(_) => $key),*
                }
            }

            fn read_family(key: &str, doc: &Doc, at: &mut Reader) -> Self {
                let Value::Table(table) = &doc.value else {
                    at.fault(doc.show(), format!("a table with the parameters of {key}"));
                    return Self::broken();
                };
                match key {
                    $($key => {
                        let distribution = Distribution::$Type(Read::read(doc, at));
                        // With a misspelt parameter its form cannot be judged.
                        let known = table.keys().all(|key| $Type::KEYS.contains(&key.as_str()));
                        if known { distribution } else { Self::broken() }
                    })*
                    _ => Self::broken(),
                }
            }

            /// What it means, or `None` once what is wrong has been reported.
            pub(crate) fn law(&self, at: &mut Reader, meaning: Meaning) -> Option<Law> {
                match self {
                    $(Distribution::$Type(family) => at.within($key, |at| {
                        family.law(&mut Judge { at, meaning })
                    })),*
                }
            }
        }

        $(impl From<$Type> for Distribution {
            fn from(family: $Type) -> Self {
                Distribution::$Type(family)
            }
        })*
    };
}

families! {
    /// Exponential.
    Exponential = "exponential",
    /// Lognormal.
    Lognormal = "lognormal",
    /// Gamma.
    Gamma = "gamma",
    /// Weibull.
    Weibull = "weibull",
    /// Erlang.
    Erlang = "erlang",
    /// Hyperexponential.
    Hyperexponential = "hyperexponential",
    /// Coxian.
    Coxian = "coxian",
    /// Uniform.
    Uniform = "uniform",
    /// Triangular.
    Triangular = "triangular",
    /// Normal, with limits or without.
    Normal = "normal",
    /// A fixed value.
    Deterministic = "deterministic",
    /// Values with probabilities.
    Discrete = "discrete",
    /// An observed sample.
    Empirical = "empirical",
    /// A mixture of distributions.
    Mixture = "mixture",
    /// Geometric.
    Geometric = "geometric",
    /// Poisson.
    Poisson = "poisson",
    /// Values in the order of use.
    Listed = "listed",
}

/// A bare quantity stands for a fixed value.
fn with_bare_value(schema: &mut Schema) {
    let bare = serde_json::json!({
        "description": "A fixed value.",
        "type": ["number", "string"],
        "pattern": "^[-+0-9.eE ]+[a-z]+$"
    });
    if let Some(serde_json::Value::Array(cases)) = schema.get_mut("oneOf") {
        cases.push(bare);
    }
}

impl Read for Distribution {
    fn read(doc: &Doc, at: &mut Reader) -> Self {
        match &doc.value {
            Value::Table(table) => Self::read_among(table, &[], at),
            Value::Whole(_) | Value::Number(_) | Value::Text(_) => {
                Distribution::deterministic(Quantity::read(doc, at))
            }
            _ => {
                at.fault(doc.show(), "a distribution such as { lognormal = { mean = 9, sd = 8 } }");
                Self::broken()
            }
        }
    }

    fn broken() -> Self {
        Distribution::deterministic(Quantity::broken())
    }
}

impl Distribution {
    /// Reads the one family in a table that may hold other keys as well.
    fn read_among(table: &IndexMap<String, Doc>, others: &[&str], at: &mut Reader) -> Self {
        let given: Vec<_> =
            table.iter().filter(|(key, _)| !others.contains(&key.as_str())).collect();
        for (key, _) in &given {
            if !FAMILIES.contains(&key.as_str()) {
                let known = FAMILIES.iter().copied();
                at.within(key, |at| at.unknown(key, "a family of distributions", known));
                return Self::broken();
            }
        }
        match given[..] {
            [(key, doc)] => at.within(key, |at| Self::read_family(key, doc, at)),
            [] => {
                at.fault("no family", format!("one of {}", FAMILIES.join(", ")));
                Self::broken()
            }
            _ => {
                let names: Vec<_> = given.iter().map(|(key, _)| key.as_str()).collect();
                at.fault(names.join(", "), "one family only");
                Self::broken()
            }
        }
    }

    /// Reports every fault of the parameters, for values of this meaning.
    ///
    /// A number that could not be read has been reported then, and is passed over here.
    pub fn check(&self, at: &mut Reader, meaning: Meaning) {
        if self.law(at, meaning).is_none() && at.count() == 0 {
            // Built in a program from a text that is no quantity: nobody has said so yet.
            at.fault("a number that is none", "numbers, or text such as \"6.9d\"");
        }
    }

    /// Whether it is always 0.
    pub(super) fn is_zero(&self) -> bool {
        let zero = |law: &Law| match law {
            Law::Constant(value) => *value == 0.0,
            Law::Discrete { values, .. } | Law::Empirical(values) | Law::Listed(values) => {
                values.iter().all(|value| *value == 0.0)
            }
            _ => false,
        };
        self.law(&mut Reader::new(), Meaning::Duration(TimeUnit::Days)).as_ref().is_some_and(zero)
    }

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

    /// One of several distributions, by relative weights.
    pub fn mixture(parts: impl IntoIterator<Item = (f64, Distribution)>) -> Self {
        let component = |(weight, distribution)| Component { weight, distribution };
        Mixture { of: Some(parts.into_iter().map(component).collect()) }.into()
    }

    /// Geometric on 1, 2, 3, … with this mean.
    pub fn geometric(mean: impl Into<Quantity>) -> Self {
        Geometric { mean: Some(mean.into()) }.into()
    }

    /// Poisson with this mean.
    pub fn poisson(mean: impl Into<Quantity>) -> Self {
        Poisson { mean: Some(mean.into()) }.into()
    }

    /// These values in the order of use.
    pub fn listed<Q: Into<Quantity>>(values: impl IntoIterator<Item = Q>) -> Self {
        Listed { values: Some(quantities(values)) }.into()
    }
}

fn quantities<Q: Into<Quantity>>(values: impl IntoIterator<Item = Q>) -> Vec<Quantity> {
    values.into_iter().map(Into::into).collect()
}

/// A fixed value.
impl From<Quantity> for Distribution {
    fn from(value: Quantity) -> Self {
        Distribution::deterministic(value)
    }
}

/// A fixed value.
impl From<f64> for Distribution {
    fn from(value: f64) -> Self {
        Distribution::deterministic(value)
    }
}

/// A fixed value such as `"2d"`.
impl From<&str> for Distribution {
    fn from(value: &str) -> Self {
        Distribution::deterministic(value)
    }
}

/// A distribution with its forms resolved: microseconds where lengths of time are meant, else the
/// numbers themselves. What the parameters of a checked distribution promise holds here.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Law {
    Constant(f64),
    Exponential { mean: f64 },
    Lognormal { mu: f64, sigma: f64 },
    Gamma { shape: f64, scale: f64 },
    Weibull { shape: f64, scale: f64 },
    Hyperexponential { probs: Vec<f64>, means: Vec<f64> },
    Coxian { rates: Vec<f64>, go_on: Vec<f64> },
    Uniform { low: f64, high: f64 },
    Triangular { low: f64, mode: f64, high: f64 },
    Normal { mean: f64, sd: f64 },
    Truncated { mean: f64, sd: f64, low: f64, high: f64 },
    Clipped { mean: f64, sd: f64, low: f64, high: f64 },
    Discrete { values: Vec<f64>, probs: Vec<f64> },
    Empirical(Vec<f64>),
    Mixture { weights: Vec<f64>, parts: Vec<Law> },
    Geometric { mean: f64, unit: f64 },
    Poisson { mean: f64, unit: f64 },
    Listed(Vec<f64>),
}

/// Judges parameters and turns them into numbers.
struct Judge<'r> {
    at: &'r mut Reader,
    meaning: Meaning,
}

impl Judge<'_> {
    /// How many of the resulting numbers one model unit is.
    fn scale(&self) -> f64 {
        match self.meaning {
            Meaning::Duration(unit) => unit.micros() as f64,
            Meaning::Number | Meaning::Count => 1.0,
        }
    }

    fn fault(&mut self, key: &str, found: impl Into<String>, expected: impl Into<String>) {
        self.at.within(key, |at| at.fault(found, expected));
    }

    /// Which of the forms is given, apart from the keys that any form may have.
    fn form(&mut self, given: &[&str], forms: &[&[&str]], optional: &[&str]) -> Option<usize> {
        let given: Vec<_> = given.iter().filter(|key| !optional.contains(key)).copied().collect();
        let form = forms.iter().position(|form| {
            form.len() == given.len() && form.iter().all(|key| given.contains(key))
        });
        if form.is_none() {
            let found = if given.is_empty() { "none".into() } else { given.join(" + ") };
            let forms: Vec<_> = forms.iter().map(|form| form.join(" + ")).collect();
            let one_of = if forms.len() > 1 { "one of " } else { "" };
            self.at.fault(found, format!("{one_of}{}", forms.join(" | ")));
        }
        form
    }

    /// A quantity in the unit of the result.
    fn value(&mut self, quantity: Quantity) -> Option<f64> {
        let value = match (self.meaning, quantity.unit) {
            (Meaning::Duration(unit), _) => quantity.micros(unit),
            (_, Some(_)) => {
                self.at.fault(format!("\"{quantity}\""), "a number without a unit of time");
                return None;
            }
            (_, None) => quantity.amount,
        };
        if value.is_infinite() {
            self.at.fault(quantity.to_string(), "a finite number");
        }
        value.is_finite().then_some(value)
    }

    /// A quantity that may be drawn as it is.
    fn outcome(&mut self, quantity: Quantity) -> Option<f64> {
        let value = self.value(quantity)?;
        let expected = match self.meaning {
            Meaning::Duration(_) if value < 0.0 => "0 or more: a length of time",
            Meaning::Count if value < 0.0 || value.fract() != 0.0 => "a whole number from 0",
            _ => return Some(value),
        };
        self.at.fault(quantity.to_string(), expected);
        None
    }

    fn outcome_at(&mut self, key: &str, quantity: Option<Quantity>) -> Option<f64> {
        self.within(key, |judge| judge.outcome(quantity?))
    }

    fn value_at(&mut self, key: &str, quantity: Option<Quantity>) -> Option<f64> {
        self.within(key, |judge| judge.value(quantity?))
    }

    /// A quantity above 0.
    fn positive(&mut self, key: &str, quantity: Option<Quantity>) -> Option<f64> {
        let quantity = quantity?;
        let value = self.value_at(key, Some(quantity))?;
        if value <= 0.0 {
            self.fault(key, quantity.to_string(), "more than 0");
            return None;
        }
        Some(value)
    }

    /// A plain number above 0.
    fn positive_number(&mut self, key: &str, number: Option<f64>) -> Option<f64> {
        let number = number.filter(|x| !x.is_nan())?;
        if number <= 0.0 || number.is_infinite() {
            self.fault(key, number.to_string(), "a number above 0");
            return None;
        }
        Some(number)
    }

    fn within<T>(&mut self, key: &str, f: impl FnOnce(&mut Judge<'_>) -> T) -> T {
        let meaning = self.meaning;
        self.at.within(key, |at| f(&mut Judge { at, meaning }))
    }

    /// Every item of a list by the same judgement; `None` unless the list is there and all are sound.
    fn list<T: Copy>(
        &mut self,
        key: &str,
        items: Option<&[T]>,
        mut one: impl FnMut(&mut Judge<'_>, T) -> Option<f64>,
    ) -> Option<Vec<f64>> {
        let items = items?;
        self.within(key, |judge| {
            if items.is_empty() {
                judge.at.fault("an empty list", "at least one value");
                return None;
            }
            let meaning = judge.meaning;
            let values: Vec<_> = items
                .iter()
                .enumerate()
                .map(|(i, item)| judge.at.item(i, |at| one(&mut Judge { at, meaning }, *item)))
                .collect();
            values.into_iter().collect()
        })
    }

    fn outcomes(&mut self, key: &str, values: Option<&[Quantity]>) -> Option<Vec<f64>> {
        self.list(key, values, |judge, value| judge.outcome(value))
    }

    fn positives<T: Copy>(
        &mut self,
        key: &str,
        items: Option<&[T]>,
        number: impl Fn(&mut Judge<'_>, T) -> Option<f64>,
    ) -> Option<Vec<f64>> {
        self.list(key, items, |judge, item| {
            let value = number(judge, item)?;
            if value <= 0.0 || value.is_infinite() {
                judge.at.fault(value.to_string(), "more than 0");
                return None;
            }
            Some(value)
        })
    }

    /// Probabilities, each from 0 to 1.
    fn probabilities(&mut self, key: &str, probs: Option<&[f64]>) -> Option<Vec<f64>> {
        self.list(key, probs, |judge, prob| {
            if !(0.0..=1.0).contains(&prob) && !prob.is_nan() {
                judge.at.fault(prob.to_string(), "a probability from 0 to 1");
            }
            (0.0..=1.0).contains(&prob).then_some(prob)
        })
    }

    /// Probabilities that sum to 1, as many as there are items under another key.
    fn shares(
        &mut self,
        probs: Option<&[f64]>,
        key: &str,
        count: Option<usize>,
    ) -> Option<Vec<f64>> {
        let mut shares = self.probabilities("probs", probs);
        if let (Some(probs), Some(count)) = (probs, count)
            && !probs.is_empty()
            && count > 0
            && probs.len() != count
        {
            let found = format!("{} of them", probs.len());
            self.fault("probs", found, format!("one for each of the {count} {key}"));
            shares = None;
        }
        let mut shares = shares?;
        let sum: f64 = shares.iter().sum();
        if (sum - 1.0).abs() > 1e-9 {
            self.fault("probs", format!("a sum of {sum}"), "a sum of 1");
            return None;
        }
        shares.iter_mut().for_each(|share| *share /= sum);
        Some(shares)
    }

    /// Two points, in order of probability.
    fn two_points(
        &mut self,
        points: Option<&[QuantilePoint]>,
        positive: bool,
    ) -> Option<[(f64, f64); 2]> {
        let points = points?;
        self.within("quantiles", |judge| {
            let [first, second] = points else {
                judge.at.fault(
                    format!("a list of {}", points.len()),
                    "two points such as [[0.5, \"4d\"], [0.95, \"20d\"]]",
                );
                return None;
            };
            let mut point = |i, QuantilePoint(p, value): QuantilePoint| {
                judge.at.item(i, |at| {
                    let mut judge = Judge { at, meaning: judge.meaning };
                    if p <= 0.0 || p >= 1.0 {
                        judge.at.fault(p.to_string(), "a probability between 0 and 1");
                    }
                    let x = judge.value(value)?;
                    if positive && x <= 0.0 {
                        judge.at.fault(value.to_string(), "more than 0");
                    }
                    (p > 0.0 && p < 1.0 && (x > 0.0 || !positive)).then_some((p, x))
                })
            };
            let (first, second) = (point(0, *first), point(1, *second));
            let (mut low, mut high) = (first?, second?);
            if low.0 > high.0 {
                std::mem::swap(&mut low, &mut high);
            }
            if low.0 == high.0 || low.1 >= high.1 {
                judge.at.fault(
                    "values that do not rise with the probability",
                    "a greater value at the greater probability",
                );
                return None;
            }
            Some([low, high])
        })
    }

    /// The points of `median` + `p95`.
    fn median_p95(&mut self, median: Option<f64>, p95: Option<f64>) -> Option<[(f64, f64); 2]> {
        let (median, p95) = (median?, p95?);
        if p95 <= median {
            self.fault("p95", "a value that is not above the median", "more than the median");
            return None;
        }
        Some([(0.5, median), (0.95, p95)])
    }

    /// Below, hardly a draw differs from 0; above, none differs from the mean by 1 %.
    fn gamma(&mut self, shape: f64, scale: f64) -> Option<Law> {
        if !(1e-3..=1e6).contains(&shape) {
            self.at.fault(format!("a shape of {shape}"), "a shape from 0.001 to 1000000");
            return None;
        }
        Some(Law::Gamma { shape, scale })
    }

    /// A family of fractions where counts are meant is a fault.
    fn continuous(&mut self) {
        if self.meaning == Meaning::Count {
            self.at.fault(
                "a distribution of fractions",
                "whole numbers: deterministic, discrete, empirical, geometric, poisson, listed, \
                 or a mixture of these",
            );
        }
    }
}

impl Exponential {
    fn law(&self, judge: &mut Judge<'_>) -> Option<Law> {
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
    fn law(&self, judge: &mut Judge<'_>) -> Option<Law> {
        judge.continuous();
        let forms: &[&[&str]] = &[
            &["mean", "sd"],
            &["mean", "median"],
            &["median", "p95"],
            &["mu", "sigma"],
            &["quantiles"],
        ];
        let form = judge.form(&self.given(), forms, &[])?;
        let mean = judge.positive("mean", self.mean);
        let sd = judge.positive("sd", self.sd);
        let median = judge.positive("median", self.median);
        let p95 = judge.positive("p95", self.p95);
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
            form => {
                let points = match form {
                    2 => judge.median_p95(median, p95),
                    _ => judge.two_points(self.quantiles.as_deref(), true),
                };
                let [(p, x), (q, y)] = points?;
                let (z, w) = (math::normal_quantile(p), math::normal_quantile(q));
                let sigma = math::ln(y / x) / (w - z);
                (math::ln(x) - sigma * z, sigma)
            }
        };
        Some(Law::Lognormal { mu, sigma })
    }
}

impl Gamma {
    fn law(&self, judge: &mut Judge<'_>) -> Option<Law> {
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
        let mean = judge.positive("mean", self.mean);
        let sd = judge.positive("sd", self.sd);
        let median = judge.positive("median", self.median);
        let p95 = judge.positive("p95", self.p95);
        let (shape, scale) = match form {
            0 => (shape?, scale?),
            1 => (shape?, judge.scale() / rate?),
            2 => (shape?, mean? / shape?),
            3 => {
                let ratio = mean? / sd?;
                (ratio * ratio, sd? / ratio)
            }
            form => {
                let points = match form {
                    4 => judge.median_p95(median, p95),
                    _ => judge.two_points(self.quantiles.as_deref(), true),
                };
                let [(p, x), (q, y)] = points?;
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
    fn law(&self, judge: &mut Judge<'_>) -> Option<Law> {
        judge.continuous();
        let forms: &[&[&str]] =
            &[&["shape", "scale"], &["mean", "sd"], &["median", "p95"], &["quantiles"]];
        let form = judge.form(&self.given(), forms, &[])?;
        let shape = judge.positive_number("shape", self.shape);
        let scale = judge.positive("scale", self.scale);
        let mean = judge.positive("mean", self.mean);
        let sd = judge.positive("sd", self.sd);
        let median = judge.positive("median", self.median);
        let p95 = judge.positive("p95", self.p95);
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
            form => {
                let points = match form {
                    2 => judge.median_p95(median, p95),
                    _ => judge.two_points(self.quantiles.as_deref(), true),
                };
                let [(p, x), (q, y)] = points?;
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

impl Erlang {
    fn law(&self, judge: &mut Judge<'_>) -> Option<Law> {
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
    fn law(&self, judge: &mut Judge<'_>) -> Option<Law> {
        judge.continuous();
        let form = judge.form(&self.given(), &[&["probs", "means"], &["probs", "rates"]], &[])?;
        let (key, count, means) = if form == 0 {
            let means =
                judge.positives("means", self.means.as_deref(), |judge, mean| judge.value(mean));
            ("means", self.means.as_ref().map(Vec::len), means)
        } else {
            let scale = judge.scale();
            let rates = judge.positives("rates", self.rates.as_deref(), |_, rate| finite(rate));
            let means = rates.map(|rates| rates.iter().map(|rate| scale / rate).collect());
            ("rates", self.rates.as_ref().map(Vec::len), means)
        };
        let probs = judge.shares(self.probs.as_deref(), key, count);
        Some(Law::Hyperexponential { probs: probs?, means: means? })
    }
}

impl Coxian {
    fn law(&self, judge: &mut Judge<'_>) -> Option<Law> {
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
        Some(Law::Coxian { rates: rates.iter().map(|rate| rate / scale).collect(), go_on })
    }
}

impl Uniform {
    fn law(&self, judge: &mut Judge<'_>) -> Option<Law> {
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
    fn law(&self, judge: &mut Judge<'_>) -> Option<Law> {
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
    fn law(&self, judge: &mut Judge<'_>) -> Option<Law> {
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
            form => {
                let points = match form {
                    1 => judge.median_p95(median, p95),
                    _ => judge.two_points(self.quantiles.as_deref(), false),
                };
                let [(p, x), (q, y)] = points?;
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

impl Deterministic {
    fn law(&self, judge: &mut Judge<'_>) -> Option<Law> {
        judge.form(&self.given(), &[&["value"]], &[])?;
        judge.outcome_at("value", self.value).map(Law::Constant)
    }
}

impl Discrete {
    fn law(&self, judge: &mut Judge<'_>) -> Option<Law> {
        judge.form(&self.given(), &[&["values", "probs"]], &[])?;
        let values = judge.outcomes("values", self.values.as_deref());
        let count = self.values.as_ref().map(Vec::len);
        let probs = judge.shares(self.probs.as_deref(), "values", count);
        Some(Law::Discrete { values: values?, probs: probs? })
    }
}

impl Empirical {
    fn law(&self, judge: &mut Judge<'_>) -> Option<Law> {
        judge.form(&self.given(), &[&["values"]], &[])?;
        judge.outcomes("values", self.values.as_deref()).map(Law::Empirical)
    }
}

impl Mixture {
    fn law(&self, judge: &mut Judge<'_>) -> Option<Law> {
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

impl Geometric {
    fn law(&self, judge: &mut Judge<'_>) -> Option<Law> {
        judge.form(&self.given(), &[&["mean"]], &[])?;
        let (mean, unit) = judge.counted(self.mean, 1.0, "1 or more")?;
        Some(Law::Geometric { mean, unit })
    }
}

impl Poisson {
    fn law(&self, judge: &mut Judge<'_>) -> Option<Law> {
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

impl Listed {
    fn law(&self, judge: &mut Judge<'_>) -> Option<Law> {
        judge.form(&self.given(), &[&["values"]], &[])?;
        judge.outcomes("values", self.values.as_deref()).map(Law::Listed)
    }
}

fn finite(number: f64) -> Option<f64> {
    (!number.is_nan()).then_some(number)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Faults;
    use serde_json::json;

    const DAYS: Meaning = Meaning::Duration(TimeUnit::Days);

    fn read(json: serde_json::Value, meaning: Meaning) -> Result<Distribution, Faults> {
        let doc = Doc::from_json(json);
        let mut at = Reader::new();
        let distribution = at.within("stay", |at| {
            let distribution = Distribution::read(&doc, at);
            distribution.check(at, meaning);
            distribution
        });
        let doc = Doc::from_json(json!({"stay": null}));
        at.finish(&doc).map(|()| distribution)
    }

    /// Places and words of the faults.
    fn faults(json: serde_json::Value, meaning: Meaning) -> Vec<String> {
        match read(json, meaning) {
            Ok(_) => Vec::new(),
            Err(faults) => faults.0.iter().map(ToString::to_string).collect(),
        }
    }

    #[test]
    fn what_is_written_is_read_again() {
        for json in [
            json!({"lognormal": {"mean": "9d", "sd": 8.5}}),
            json!({"gamma": {"quantiles": [[0.5, "4d"], [0.95, "20d"]]}}),
            json!({"normal": {"mean": 5.0, "sd": 1.0, "low": 0.0, "method": "clip"}}),
            json!({"erlang": {"shape": 3, "rate": 0.5}}),
            json!({"hyperexponential": {"probs": [0.5, 0.5], "means": ["1h", "2d"]}}),
            json!({"coxian": {"rates": [1.0, 2.0], "continue_probs": [0.5]}}),
            json!({"mixture": {"of": [
                {"weight": 1.0, "deterministic": {"value": "2d"}},
                {"weight": 2.0, "mixture": {"of": [{"weight": 1.0, "poisson": {"mean": "3d"}}]}}]}}),
            json!({"listed": {"values": ["1d", 2.0]}}),
        ] {
            let distribution = read(json.clone(), DAYS).unwrap();
            assert_eq!(serde_json::to_value(&distribution).unwrap(), json);
        }
        let fixed = read(json!("2d"), DAYS).unwrap();
        assert_eq!(fixed, Distribution::deterministic("2d"));
        assert_eq!(read(json!(3), Meaning::Count).unwrap(), 3.0.into());
    }

    #[test]
    fn the_builders_say_what_the_text_says() {
        for (built, json) in [
            (Distribution::exponential("3d"), json!({"exponential": {"mean": "3d"}})),
            (
                Distribution::lognormal_median_p95(4.0, 20.0),
                json!({"lognormal": {"median": 4.0, "p95": 20.0}}),
            ),
            (Distribution::weibull(1.5, "3d"), json!({"weibull": {"shape": 1.5, "scale": "3d"}})),
            (
                Distribution::normal_from(5.0, 1.0, 0.0),
                json!({"normal": {"mean": 5.0, "sd": 1.0, "low": 0.0}}),
            ),
            (
                Distribution::mixture([(1.0, Distribution::uniform(1.0, 2.0))]),
                json!({"mixture": {"of": [{"weight": 1.0, "uniform": {"low": 1.0, "high": 2.0}}]}}),
            ),
            (
                Distribution::discrete(["1d", "2d"], [0.5, 0.5]),
                json!({"discrete": {"values": ["1d", "2d"], "probs": [0.5, 0.5]}}),
            ),
        ] {
            assert_eq!(serde_json::to_value(&built).unwrap(), json);
            assert_eq!(read(json, DAYS).unwrap(), built);
        }
    }

    #[test]
    fn the_forms_are_named_when_none_is_complete() {
        assert_eq!(
            faults(json!({"lognormal": {"mean": 3}}), DAYS),
            ["stay.lognormal: found mean; expected one of mean + sd | mean + median | \
              median + p95 | mu + sigma | quantiles"]
        );
        assert_eq!(
            faults(json!({"exponential": {"mean": 3, "rate": 2}}), DAYS),
            ["stay.exponential: found mean + rate; expected one of mean | rate | median"]
        );
        assert_eq!(
            faults(json!({"uniform": {}}), DAYS),
            ["stay.uniform: found none; expected low + high"]
        );
    }

    #[test]
    fn names_that_are_wrong_have_neighbours() {
        let found = faults(json!({"lognorml": {"mean": 3, "sd": 1}}), DAYS);
        assert_eq!(found.len(), 1);
        assert!(found[0].starts_with("stay.lognorml: found \"lognorml\""), "{found:?}");
        assert!(found[0].ends_with("Did you mean \"lognormal\"?"), "{found:?}");
        let found = faults(json!({"lognormal": {"maen": 3, "sd": 1}}), DAYS);
        assert_eq!(found.len(), 1);
        assert!(found[0].ends_with("Did you mean \"mean\"?"), "{found:?}");
        assert_eq!(faults(json!({"exponential": 3}), DAYS).len(), 1);
        assert_eq!(faults(json!({"exponential": {"mean": "3 moons"}}), DAYS).len(), 1);
        assert_eq!(faults(json!({}), DAYS).len(), 1);
        assert_eq!(faults(json!({"gamma": {}, "weibull": {}}), DAYS).len(), 1);
        assert_eq!(faults(json!([1, 2]), DAYS).len(), 1);
        assert_eq!(faults(json!("soon"), DAYS).len(), 1);
        assert_eq!(faults(json!({"mixture": {"of": [{"weight": 1}]}}), DAYS).len(), 1);
    }

    #[test]
    fn every_impossible_parameter_is_found() {
        let places = |json, meaning| -> Vec<String> {
            let place = |text: &String| text.split(": found").next().unwrap_or("").to_owned();
            faults(json, meaning).iter().map(place).collect()
        };
        let cases = [
            (json!({"lognormal": {"mean": -3, "sd": -1}}), "lognormal.mean lognormal.sd"),
            (json!({"lognormal": {"mean": 3, "median": 4}}), "lognormal.mean"),
            (json!({"lognormal": {"median": 3, "p95": 2}}), "lognormal.p95"),
            (json!({"lognormal": {"mu": 3, "sigma": 0}}), "lognormal.sigma"),
            (json!({"exponential": {"rate": 0}}), "exponential.rate"),
            (json!({"gamma": {"shape": -1, "scale": "0d"}}), "gamma.shape gamma.scale"),
            (json!({"gamma": {"median": 1, "p95": 1.0001}}), "gamma.p95"),
            (json!({"gamma": {"quantiles": [[0.5, 3]]}}), "gamma.quantiles"),
            (json!({"gamma": {"quantiles": [[0.5, 3], [0.4, 5]]}}), "gamma.quantiles"),
            (
                json!({"gamma": {"quantiles": [[0, 3], [1.5, -5]]}}),
                "gamma.quantiles[0] gamma.quantiles[1] gamma.quantiles[1]",
            ),
            (json!({"weibull": {"mean": 1, "sd": 1e6}}), "weibull.sd"),
            (json!({"erlang": {"shape": 0, "mean": 2}}), "erlang.shape"),
            (json!({"erlang": {"mean": 2, "sd": 1.1}}), "erlang.sd"),
            (
                json!({"hyperexponential": {"probs": [0.5, 0.6], "means": [1, -1]}}),
                "hyperexponential.means[1] hyperexponential.probs",
            ),
            (
                json!({"hyperexponential": {"probs": [1], "rates": [1, 2]}}),
                "hyperexponential.probs",
            ),
            (json!({"coxian": {"rates": [1, 2], "continue_probs": []}}), "coxian.continue_probs"),
            (
                json!({"coxian": {"rates": [1, 0], "continue_probs": [1.5]}}),
                "coxian.rates[1] coxian.continue_probs[0]",
            ),
            (
                json!({"coxian": {"rates": vec![1; 21], "continue_probs": vec![1; 20]}}),
                "coxian.rates",
            ),
            (json!({"erlang": {"shape": 2_000_000, "mean": 2}}), "erlang"),
            (json!({"uniform": {"low": 4, "high": 3}}), "uniform.high"),
            (json!({"uniform": {"low": -4, "high": 3}}), "uniform.low"),
            (json!({"triangular": {"low": 1, "mode": 9, "high": 3}}), "triangular.mode"),
            (json!({"normal": {"mean": 10, "sd": 1}}), "normal.low"),
            (json!({"normal": {"mean": 10, "sd": 1, "low": -1}}), "normal.low"),
            (json!({"normal": {"mean": -100, "sd": 1, "low": 0}}), "normal"),
            (json!({"normal": {"mean": 1, "sd": 1, "low": 2, "high": 2}}), "normal.high"),
            (json!({"normal": {"mean": 1, "sd": 1, "low": 0, "method": "cut"}}), "normal.method"),
            (json!(-3), "deterministic.value"),
            (json!({"discrete": {"values": [1, 2], "probs": [0.5, 0.4]}}), "discrete.probs"),
            (
                json!({"discrete": {"values": [-1, 2], "probs": [-0.5, 1.5]}}),
                "discrete.values[0] discrete.probs[0] discrete.probs[1]",
            ),
            (json!({"empirical": {"values": []}}), "empirical.values"),
            (
                json!({"mixture": {"of": [{"weight": -1, "uniform": {"low": 3, "high": 1}}]}}),
                "mixture.of[0].weight mixture.of[0].uniform.high",
            ),
            (
                json!({"mixture": {"of": [{"weight": 1, "listed": {"values": [1]}}]}}),
                "mixture.of[0]",
            ),
            (json!({"geometric": {"mean": 0.5}}), "geometric.mean"),
            (json!({"poisson": {"mean": -1}}), "poisson.mean"),
        ];
        for (json, expected) in cases {
            let expected: Vec<_> =
                expected.split(' ').map(|place| format!("stay.{place}")).collect();
            assert_eq!(places(json.clone(), DAYS), expected, "{json}");
        }
    }

    #[test]
    fn a_unit_of_time_belongs_to_lengths_of_time_only() {
        let age = json!({"normal": {"mean": "70y", "sd": 10}});
        assert_eq!(
            faults(age, Meaning::Number),
            ["stay.normal.mean: found \"25550d\"; expected a number without a unit of time"]
        );
        assert!(faults(json!({"normal": {"mean": 70, "sd": 10}}), Meaning::Number).is_empty());
        assert!(faults(json!({"uniform": {"low": -4, "high": 3}}), Meaning::Number).is_empty());
    }

    #[test]
    fn counts_are_whole() {
        assert!(faults(json!({"poisson": {"mean": 3.5}}), Meaning::Count).is_empty());
        assert!(faults(json!({"geometric": {"mean": 3.5}}), Meaning::Count).is_empty());
        assert_eq!(faults(json!({"exponential": {"mean": 3}}), Meaning::Count).len(), 1);
        assert_eq!(faults(json!(2.5), Meaning::Count).len(), 1);
        assert_eq!(faults(json!({"listed": {"values": [1, -2, 0.5]}}), Meaning::Count).len(), 2);
    }

    #[test]
    fn a_number_that_nobody_has_judged_is_a_fault() {
        let mut at = Reader::new();
        Distribution::exponential("three days").check(&mut at, DAYS);
        assert_eq!(at.count(), 1);
        // Reported when it was read: once is enough.
        Distribution::exponential("three days").check(&mut at, DAYS);
        assert_eq!(at.count(), 1);
    }

    #[test]
    fn the_schema_names_families_and_the_bare_value() {
        let schema = schemars::schema_for!(Distribution).to_value().to_string();
        assert!(FAMILIES.iter().all(|family| schema.contains(&format!("\"{family}\""))));
        assert!(schema.contains("A fixed value."));
        assert!(schema.contains("continue_probs"));
    }
}
