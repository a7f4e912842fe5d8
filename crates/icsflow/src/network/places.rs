//! Places over time: shifts, cycles and dated changes as one function of time.

use crate::time::Time;

/// Places as a function of time.
#[derive(Clone, Debug)]
pub struct Places {}

impl Places {
    /// Places at an instant: a change at that very instant counts.
    pub fn at(&self, _time: Time) -> u32 {
        0
    }

    /// The next instant after another at which the number changes, and the number from then on.
    pub fn next(&self, _after: Time) -> Option<(Time, u32)> {
        None
    }
}
