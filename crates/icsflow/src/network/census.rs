//! The census from which a run begins, compiled.

use std::sync::Arc;

use super::network::Target;
use super::sampler::{Residual, Sampler};
use crate::ids::{CohortId, NodeId, SourceId};
use crate::rng::{PatientKey, Purpose};
use crate::time::Duration;

pub use crate::model::census::Remaining;

/// People who are at a node or list at the start.
#[derive(Debug)]
pub struct Census {
    /// The node or list.
    pub node: NodeId,
    /// Their source, beyond the sources of arrivals; the key of their draws.
    pub source: SourceId,
    /// Number of the first of them among those of the source; the people in the queue follow those in
    /// places.
    pub first: u64,
    /// People in places.
    pub people: u32,
    /// People in the queue.
    pub queue: u32,
    /// Time since they started; none if it is not known.
    pub spent: Option<Passed>,
    /// Key of its draw.
    pub spent_purpose: Purpose,
    /// Time since they joined the queue or the line of the node awaited.
    pub waited: Option<Passed>,
    /// Key of its draw.
    pub waited_purpose: Purpose,
    /// How what is left of a stay is drawn.
    pub rule: Remaining,
    /// For [`Remaining::Stationary`]: what is left, by case of the stay at the node, or of the delay by
    /// process that goes on.
    pub residuals: Box<[Arc<Residual>]>,
    /// Key of a second draw for what is left: of the part that has passed, or of the share of a stay.
    pub rest_purpose: Purpose,
    /// The node or list that those whose stay is over await.
    pub awaiting: Option<Target>,
    /// The delay by process of those whose stay is over: its position among those of the node.
    pub in_process: Option<usize>,
    /// Cumulative shares of the cohorts; the last is 1.
    pub mix: Box<[(f64, CohortId)]>,
    /// Key of the draw of a cohort.
    pub cohort_purpose: Purpose,
    /// Attributes that are known: the position, and the value of all or of each.
    pub attributes: Box<[(u32, Values)]>,
}

impl Census {
    /// Whether the stay of those in places is over.
    pub fn over(&self) -> bool {
        self.awaiting.is_some() || self.in_process.is_some()
    }
}

/// Time that has passed.
#[derive(Debug)]
pub enum Passed {
    /// Of each person, in microseconds.
    Each(Box<[Duration]>),
    /// Drawn.
    Drawn(Sampler),
}

impl Passed {
    /// That of one of the people.
    pub fn of(&self, index: u32, key: PatientKey, purpose: Purpose) -> Duration {
        match self {
            Passed::Each(each) => each.get(index as usize).copied().unwrap_or(0),
            Passed::Drawn(sampler) => sampler.duration(key.draw(purpose, 0)),
        }
    }
}

/// Values of an attribute.
#[derive(Debug)]
pub enum Values {
    /// The same for all.
    All(f64),
    /// Of each person.
    Each(Box<[f64]>),
}

impl Values {
    /// That of one of the people.
    pub fn of(&self, index: u32) -> f64 {
        match self {
            Values::All(value) => *value,
            Values::Each(each) => each.get(index as usize).copied().unwrap_or(f64::NAN),
        }
    }
}
