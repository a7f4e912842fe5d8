//! The plan of a run: how long, how often, from which seed, what to record.

use schemars::JsonSchema;
use serde::Serialize;

use super::check::{Least, check_length, is_below};
use crate::doc::{Reader, read_table};
use crate::time::{ClockTime, Date, Duration, Moment, Quantity, TimeUnit};

/// How a model is run. A model file may carry one under `[run]`; what the caller gives goes before it.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Plan {
    /// Independent repetitions.
    pub replications: u32,
    /// Time simulated before measuring begins.
    pub warm_up: Quantity,
    /// Time measured, or the instant at which measuring ends.
    pub until: Moment,
    /// Seed of all random draws.
    pub seed: u64,
    /// Time of day of the daily census; midnight as in the national bed count.
    pub census: ClockTime,
    /// Level of the intervals in the summary.
    pub confidence: f64,
    /// Whether to measure the share of time at each level of occupancy.
    pub levels: bool,
    /// Whether waits and stays are told by cohort as well.
    pub by_cohort: bool,
    /// The category or flag by which waits and stays are told as well: people with each label that it has
    /// when they come, and those without any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by_attribute: Option<String>,
    /// Whether to keep one row for each visit.
    pub stays: bool,
    /// Whether to tell departures by weekday and hour, and days after *ready*.
    pub departures: bool,
    /// Whether replications 2k and 2k + 1 are antithetic pairs: the second takes every draw of the first at
    /// the opposite quantile. Intervals are then those of the means of pairs; one without its other
    /// does not count in them.
    #[serde(skip_serializing_if = "is_false")]
    pub antithetic: bool,
}

read_table!(Plan, "a run", {
    replications = Plan::default().replications,
    warm_up = Plan::default().warm_up,
    until = Plan::default().until,
    seed = Plan::default().seed,
    census = Plan::default().census,
    confidence = Plan::default().confidence,
    levels = Plan::default().levels,
    by_cohort = Plan::default().by_cohort,
    by_attribute,
    stays = Plan::default().stays,
    departures = Plan::default().departures,
    antithetic = Plan::default().antithetic,
});

/// Whether it is off: such plans are written as they were before there was a choice.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "as serde calls it")]
fn is_false(flag: &bool) -> bool {
    !*flag
}

impl Default for Plan {
    fn default() -> Self {
        Plan {
            replications: 30,
            warm_up: "0d".into(),
            until: "1y".into(),
            seed: 1,
            census: ClockTime(0),
            confidence: 0.95,
            levels: true,
            by_cohort: false,
            by_attribute: None,
            stays: false,
            departures: false,
            antithetic: false,
        }
    }
}

impl Plan {
    /// Its keys, all of which have a value where they are left out.
    pub(super) const KEYS: [&str; 11] = [
        "replications",
        "warm_up",
        "until",
        "seed",
        "census",
        "confidence",
        "levels",
        "by_cohort",
        "stays",
        "departures",
        "antithetic",
    ];

    /// Time before measuring, in microseconds.
    pub fn warm_up(&self, unit: TimeUnit) -> Duration {
        self.warm_up.micros(unit).round() as Duration
    }

    /// Time measured of a model that starts at this date, in microseconds.
    pub fn until(&self, start: Date, unit: TimeUnit) -> Duration {
        self.until.time(start, unit)
    }

    /// Reports what cannot be run.
    pub fn check(&self, start: Date, unit: TimeUnit, at: &mut Reader) {
        check_length(at, "warm_up", self.warm_up, unit, Least::Zero);
        match self.until {
            Moment::After(length) => check_length(at, "until", length, unit, Least::AboveZero),
            until if until.time(start, unit) > 0 => {}
            until => at.within("until", |at| {
                at.fault(until.to_string(), format!("an instant after the start, {start}"));
            }),
        }
        if self.replications == 0 {
            at.within("replications", |at| at.fault("0", "at least 1"));
        }
        if i64::try_from(self.seed).is_err() {
            // TOML has no larger numbers: such a plan could not be written down.
            at.within("seed", |at| {
                at.fault(self.seed.to_string(), format!("at most {}", i64::MAX))
            });
        }
        if self.by_cohort && self.by_attribute.is_some() {
            at.within("by_attribute", |at| {
                at.fault("by_cohort as well", "one of the two: people are told apart in one way");
            });
        }
        if is_below(self.confidence, f64::MIN_POSITIVE, at) || self.confidence >= 1.0 {
            let found = self.confidence.to_string();
            at.within("confidence", |at| at.fault(found, "a level between 0 and 1, such as 0.95"));
        }
        if self.census.0 >= crate::time::DAY {
            at.within("census", |at| at.fault(self.census.to_string(), "a time before 24:00"));
        }
    }
}
