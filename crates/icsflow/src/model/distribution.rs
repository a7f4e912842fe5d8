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

use super::case::Cases;
use crate::doc::{Doc, Read, Reader, Value};
use crate::time::{Quantity, TimeUnit};

mod bounded;
mod counts;
mod family;
mod hazards;
mod judge;
mod law;
mod mixture;
mod phases;
mod quantile;
mod skewed;
mod values;

pub use bounded::{Limits, Normal, Triangular, Uniform};
pub use counts::{Geometric, Poisson};
pub use hazards::{DailyHazard, Hazard};
pub(crate) use law::Law;
pub use mixture::{Component, Mixture};
pub use phases::{Coxian, Erlang, Hyperexponential};
pub use quantile::QuantilePoint;
pub use skewed::{Exponential, Gamma, Lognormal, Weibull};
pub use values::{Deterministic, Discrete, Empirical, Listed};

use family::family;
use judge::Judge;

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
        #[serde(rename_all = "snake_case")]
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
    /// By hazard.
    Hazard = "hazard",
    /// By daily hazard.
    DailyHazard = "daily_hazard",
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
/// The same length for everyone, in the unit of the model.
impl From<f64> for Cases<Distribution> {
    fn from(value: f64) -> Self {
        Distribution::from(value).into()
    }
}

/// The same length for everyone, such as `"3d"`.
impl From<&str> for Cases<Distribution> {
    fn from(text: &str) -> Self {
        Distribution::from(text).into()
    }
}

impl From<&str> for Distribution {
    fn from(value: &str) -> Self {
        Distribution::deterministic(value)
    }
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
            json!({"hazard": {"from": ["0d", 7.0], "rate": [0.0, 0.05]}}),
            json!({"daily_hazard": {"shares": [0.0, 0.05, 1.0]}}),
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
            (
                Distribution::hazard([("0d", 0.0), ("7d", 0.05)]),
                json!({"hazard": {"from": ["0d", "7d"], "rate": [0.0, 0.05]}}),
            ),
            (
                Distribution::daily_hazard([0.1, 0.2]),
                json!({"daily_hazard": {"shares": [0.1, 0.2]}}),
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
            (json!({"hazard": {"from": [], "rate": []}}), "hazard.from hazard.rate"),
            (json!({"hazard": {"from": [0, 1], "rate": [1]}}), "hazard.rate"),
            (json!({"hazard": {"from": [1, 2], "rate": [1, 1]}}), "hazard.from[0]"),
            (json!({"hazard": {"from": [0, 3, 3], "rate": [1, 1, 1]}}), "hazard.from[2]"),
            (
                json!({"hazard": {"from": [0, -3], "rate": [-1, 1]}}),
                "hazard.from[1] hazard.rate[0]",
            ),
            (json!({"hazard": {"from": [0, 3], "rate": [1, 0]}}), "hazard.rate[1]"),
            (json!({"daily_hazard": {"shares": []}}), "daily_hazard.shares"),
            (json!({"daily_hazard": {"shares": [0.5, 1.5]}}), "daily_hazard.shares[1]"),
            (json!({"daily_hazard": {"shares": [0.5, 0]}}), "daily_hazard.shares[1]"),
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
