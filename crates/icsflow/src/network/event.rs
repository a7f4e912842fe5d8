//! Events on people, compiled.

use super::extras::{Onward, SetAttribute};
use crate::expr::Program;
use crate::ids::NodeId;
use crate::rng::Purpose;
use crate::time::{Duration, Time};

pub use crate::model::event::{Act, State};

/// A dated act on some of those at some nodes.
#[derive(Debug)]
pub struct Event {
    /// When first.
    pub at: Time,
    /// And from one to the next.
    pub every: Option<Duration>,
    /// Whether it happens then.
    pub only_if: Option<Program>,
    /// The nodes and lists.
    pub nodes: Box<[NodeId]>,
    /// The states that it concerns; all if empty.
    pub state: Box<[State]>,
    /// Whom it concerns.
    pub whom: Option<Program>,
    /// Who comes first.
    pub score: Option<Program>,
    /// Probability that it concerns somebody.
    pub share: f64,
    /// Key of that draw.
    pub purpose: Purpose,
    /// The most people.
    pub most: u32,
    /// Attributes that change.
    pub set: Box<[SetAttribute]>,
    /// Where they go, from each of the nodes.
    pub to: Box<[(NodeId, Onward)]>,
    /// What else becomes of them.
    pub act: Option<Act>,
    /// How long the nodes are closed to admissions.
    pub close: Option<Duration>,
}
