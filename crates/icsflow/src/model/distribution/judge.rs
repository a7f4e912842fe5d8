//! What may be said of any family's parameters: which form they are in, and whether each is possible.

use super::{Law, Meaning, QuantilePoint};
use crate::doc::Reader;
use crate::time::Quantity;

/// Judges parameters and turns them into numbers.
pub(super) struct Judge<'r> {
    pub(super) at: &'r mut Reader,
    pub(super) meaning: Meaning,
}

impl Judge<'_> {
    /// How many of the resulting numbers one model unit is.
    pub(super) fn scale(&self) -> f64 {
        match self.meaning {
            Meaning::Duration(unit) => unit.micros() as f64,
            Meaning::Number | Meaning::Count => 1.0,
        }
    }

    pub(super) fn fault(
        &mut self,
        key: &str,
        found: impl Into<String>,
        expected: impl Into<String>,
    ) {
        self.at.within(key, |at| at.fault(found, expected));
    }

    pub(super) fn item(&mut self, key: &str, item: usize, f: impl FnOnce(&mut Reader)) {
        self.at.within(key, |at| at.item(item, f));
    }

    /// Which of the forms is given, apart from the keys that any form may have.
    pub(super) fn form(
        &mut self,
        given: &[&str],
        forms: &[&[&str]],
        optional: &[&str],
    ) -> Option<usize> {
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
    pub(super) fn value(&mut self, quantity: Quantity) -> Option<f64> {
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
    pub(super) fn outcome(&mut self, quantity: Quantity) -> Option<f64> {
        let value = self.value(quantity)?;
        let expected = match self.meaning {
            Meaning::Duration(_) if value < 0.0 => "0 or more: a length of time",
            Meaning::Count if value < 0.0 || value.fract() != 0.0 => "a whole number from 0",
            _ => return Some(value),
        };
        self.at.fault(quantity.to_string(), expected);
        None
    }

    pub(super) fn outcome_at(&mut self, key: &str, quantity: Option<Quantity>) -> Option<f64> {
        self.within(key, |judge| judge.outcome(quantity?))
    }

    pub(super) fn value_at(&mut self, key: &str, quantity: Option<Quantity>) -> Option<f64> {
        self.within(key, |judge| judge.value(quantity?))
    }

    /// A quantity above 0.
    pub(super) fn positive(&mut self, key: &str, quantity: Option<Quantity>) -> Option<f64> {
        let quantity = quantity?;
        let value = self.value_at(key, Some(quantity))?;
        if value <= 0.0 {
            self.fault(key, quantity.to_string(), "more than 0");
            return None;
        }
        Some(value)
    }

    /// Several quantities above 0, each under its key.
    pub(super) fn all_positive<const N: usize>(
        &mut self,
        quantities: [(&str, Option<Quantity>); N],
    ) -> [Option<f64>; N] {
        quantities.map(|(key, quantity)| self.positive(key, quantity))
    }

    /// A plain number above 0.
    pub(super) fn positive_number(&mut self, key: &str, number: Option<f64>) -> Option<f64> {
        let number = number.filter(|x| !x.is_nan())?;
        if number <= 0.0 || number.is_infinite() {
            self.fault(key, number.to_string(), "a number above 0");
            return None;
        }
        Some(number)
    }

    pub(super) fn within<T>(&mut self, key: &str, f: impl FnOnce(&mut Judge<'_>) -> T) -> T {
        let meaning = self.meaning;
        self.at.within(key, |at| f(&mut Judge { at, meaning }))
    }

    /// Every item of a list by the same judgement; `None` unless the list is there and all are sound.
    pub(super) fn list<T: Copy>(
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

    pub(super) fn outcomes(&mut self, key: &str, values: Option<&[Quantity]>) -> Option<Vec<f64>> {
        self.list(key, values, |judge, value| judge.outcome(value))
    }

    pub(super) fn positives<T: Copy>(
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
    pub(super) fn probabilities(&mut self, key: &str, probs: Option<&[f64]>) -> Option<Vec<f64>> {
        self.list(key, probs, |judge, prob| {
            if !(0.0..=1.0).contains(&prob) && !prob.is_nan() {
                judge.at.fault(prob.to_string(), "a probability from 0 to 1");
            }
            (0.0..=1.0).contains(&prob).then_some(prob)
        })
    }

    /// Probabilities that sum to 1, as many as there are items under another key.
    pub(super) fn shares(
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

    /// The two points of a form by quantiles, in order of probability: the given ones, or else those of
    /// `median` + `p95`.
    pub(super) fn points(
        &mut self,
        median: Option<f64>,
        p95: Option<f64>,
        quantiles: Option<&[QuantilePoint]>,
        positive: bool,
    ) -> Option<[(f64, f64); 2]> {
        match quantiles {
            Some(points) => self.two_points(points, positive),
            None => self.median_p95(median, p95),
        }
    }

    fn two_points(&mut self, points: &[QuantilePoint], positive: bool) -> Option<[(f64, f64); 2]> {
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

    fn median_p95(&mut self, median: Option<f64>, p95: Option<f64>) -> Option<[(f64, f64); 2]> {
        let (median, p95) = (median?, p95?);
        if p95 <= median {
            self.fault("p95", "a value that is not above the median", "more than the median");
            return None;
        }
        Some([(0.5, median), (0.95, p95)])
    }

    /// Below, hardly a draw differs from 0; above, none differs from the mean by 1 %.
    pub(super) fn gamma(&mut self, shape: f64, scale: f64) -> Option<Law> {
        if !(1e-3..=1e6).contains(&shape) {
            self.at.fault(format!("a shape of {shape}"), "a shape from 0.001 to 1000000");
            return None;
        }
        Some(Law::Gamma { shape, scale })
    }

    /// A family of fractions where counts are meant is a fault.
    pub(super) fn continuous(&mut self) {
        if self.meaning == Meaning::Count {
            self.at.fault(
                "a distribution of fractions",
                "whole numbers: deterministic, discrete, empirical, geometric, poisson, listed, \
                 or a mixture of these",
            );
        }
    }
}
