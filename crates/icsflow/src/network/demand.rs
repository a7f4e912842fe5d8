//! Demand that differs from that of the model with which a scenario is compared (F4).
//!
//! The base's arrivals are candidates, numbered as in the base. A lower rate thins them by a keyed
//! uniform number. A higher one adds streams of further candidates, each at the base's rate and numbered
//! by itself, of which it keeps a part: the first for what goes beyond 1 times the base, the second for
//! what goes beyond 2 times, and so on. So a patient who comes in the base and in the scenario is the
//! same one at the same time; and of two scenarios the one with the higher rate has all patients of the
//! other. What such streams cannot give (a rate where the base has none) comes from streams at the
//! scenario's own rates.

use std::sync::Arc;

use super::network::Target;
use super::rate::Rate;
use crate::expr::Program;
use crate::model::ramp::Ramp;
use crate::rng::Purpose;
use crate::time::Time;

/// Copies of the base's stream at most; what goes beyond comes at the scenario's rates.
pub const MOST_COPIES: usize = 8;

/// How a value goes over into the next, and the next.
#[derive(Clone, Debug)]
pub struct Over<T> {
    /// The value at first.
    pub first: T,
    /// When it begins to go over into another, how that comes about, and the other.
    pub then: Box<[(Time, Ramp, T)]>,
}

impl<T> Over<T> {
    /// The number that `number` makes of the values at an instant: that at first, and of each step so
    /// much as its ramp has gone.
    pub fn at(&self, time: Time, number: impl Fn(&T) -> f64) -> f64 {
        let mut before = number(&self.first);
        let mut sum = before;
        for (from, ramp, value) in &self.then {
            let value = number(value);
            sum += gone(time, *from, *ramp) * (value - before);
            before = value;
        }
        sum
    }

    /// Every value.
    pub fn all(&self) -> impl Iterator<Item = &T> {
        std::iter::once(&self.first).chain(self.then.iter().map(|(.., value)| value))
    }
}

/// How much of a ramp has gone, from 0 to 1.
fn gone(time: Time, from: Time, ramp: Ramp) -> f64 {
    ramp.gone(time.saturating_sub(from))
}

/// The rates of a stream of arrivals in the base and in the scenario.
#[derive(Debug)]
pub struct Demand {
    /// In the base.
    pub base: Rate,
    /// In the scenario.
    pub rates: Over<Rate>,
    /// So many times as much of it for some.
    pub only: Box<[Only]>,
    /// Copies of the base's stream that there are, the base's own among them.
    pub copies: usize,
}

/// So many times as many patients of a kind.
#[derive(Debug)]
pub struct Only {
    /// Who.
    pub whom: Program,
    /// How many for one.
    pub factor: f64,
    /// From when to when.
    pub span: (Time, Time),
    /// How it comes about.
    pub ramp: Ramp,
    /// Where those come who are kept away; out of the model if none.
    pub to: Option<Target>,
}

impl Only {
    /// How many of these patients come at an instant for each one of the base.
    pub fn at(&self, time: Time) -> f64 {
        if time >= self.span.1 {
            return 1.0;
        }
        1.0 + gone(time, self.span.0, self.ramp) * (self.factor - 1.0)
    }
}

/// Which of the candidates of a stream come.
#[derive(Clone, Debug)]
pub struct Thinning {
    /// Key of the draw.
    pub purpose: Purpose,
    /// The rates.
    pub demand: Arc<Demand>,
    /// So many streams like this come before it.
    pub before: usize,
    /// Whether its candidates come at the base's rate, or at one of the scenario's.
    pub of_base: bool,
}

impl Thinning {
    /// Whether its candidates are the patients of the base.
    pub fn is_first(&self) -> bool {
        self.of_base && self.before == 0
    }

    /// The chance that a candidate comes, for whom there are so many times as many patients; not held
    /// within 0 and 1.
    pub fn chance(&self, time: Time, times: f64) -> f64 {
        let Demand { base, rates, copies, .. } = &*self.demand;
        let wanted = rates.at(time, |rate| rate.at(time)) * times;
        let per = base.at(time);
        if self.of_base {
            return wanted / per - self.before as f64;
        }
        let given: f64 = rates.all().map(|rate| rate.at(time)).sum();
        (wanted - per * *copies as f64).max(0.0) / given - self.before as f64
    }
}
