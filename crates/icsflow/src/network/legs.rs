//! Legs, compiled: what a patient has done elsewhere during a stay.

use super::network::Target;
use crate::expr::Program;
use crate::rng::Purpose;

pub use crate::model::legs::{Failed, LegOrder, Others};

/// The legs of a node.
#[derive(Debug)]
pub struct Legs {
    /// Each of them.
    pub legs: Box<[Leg]>,
    /// Whether they are all under way at once.
    pub order: LegOrder,
    /// How many must be over.
    pub needed: u32,
    /// What becomes of the others.
    pub others: Others,
    /// What a leg does that ends otherwise than after a stay.
    pub failed: Failed,
}

/// A leg.
#[derive(Debug)]
pub struct Leg {
    /// Where it leads.
    pub to: Target,
    /// Of whom.
    pub when: Option<Program>,
    /// Its probability.
    pub share: f64,
    /// Key of that draw.
    pub share_purpose: Purpose,
    /// What makes the key of its own draws of that of the patient.
    pub purpose: Purpose,
}
