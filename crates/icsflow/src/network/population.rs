//! Populations, compiled.

use std::sync::Arc;

use super::census::Values;
use super::network::{StayCase, Target};
use super::sampler::Residual;
use crate::expr::Program;
use crate::ids::{CohortId, SourceId};
use crate::rng::Purpose;

/// People who come again and again.
#[derive(Debug)]
pub struct Population {
    /// Its source, beyond the sources of arrivals; the key of their draws.
    pub source: SourceId,
    /// How many people.
    pub size: u32,
    /// Cumulative shares of the cohorts; the last is 1.
    pub mix: Box<[(f64, CohortId)]>,
    /// Key of the draw of a cohort.
    pub cohort_purpose: Purpose,
    /// Attributes that are known.
    pub attributes: Box<[(u32, Values)]>,
    /// Why they attend.
    pub attends: Box<[Attends]>,
}

/// Why somebody outside attends.
#[derive(Debug)]
pub struct Attends {
    /// Where: a node, or for good a way out.
    pub to: Target,
    /// When.
    pub how: How,
    /// Key of the draw of the time outside, by how often it has been drawn.
    pub purpose: Purpose,
}

/// When somebody outside attends.
#[derive(Debug)]
pub enum How {
    /// After a time outside, by case; what is left of it at the beginning.
    Every(Box<[StayCase]>, Box<[Arc<Residual>]>),
    /// At a rate per time unit of the model.
    Hazard(Program),
}
