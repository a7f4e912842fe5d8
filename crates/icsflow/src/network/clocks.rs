//! Clocks compiled: what each moment of a visit does to them.

use crate::expr::Program;
use crate::ids::NodeId;
use crate::time::Duration;

pub use crate::model::clock::Stage;

/// A clock.
#[derive(Debug)]
pub struct Clock {
    /// Starts when somebody comes into the system.
    pub on_arrival: bool,
    /// Stops when somebody goes out of the system.
    pub on_exit: bool,
    /// Who has it; everyone if none.
    pub when: Option<Program>,
    /// Lengths within which it ought to stop.
    pub targets: Box<[Duration]>,
    /// Nodes and lists at which it may start, in order.
    pub places: Box<[NodeId]>,
}

impl Clock {
    /// The position of a node among those at which it may start.
    pub fn place(&self, node: NodeId) -> Option<usize> {
        self.places.binary_search(&node).ok()
    }
}

/// What a moment of a visit does to a clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Tick {
    /// The moment.
    pub on: Stage,
    /// What happens; of several things at one moment in this order.
    pub act: Act,
    /// The clock, by position.
    pub clock: u32,
}

/// What happens to a clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Act {
    /// A pause ends.
    Resume,
    /// A pause begins.
    Pause,
    /// It stops, if it runs.
    Stop,
    /// It starts, if it does not run.
    Start,
}
