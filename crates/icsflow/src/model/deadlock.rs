//! What becomes of people who wait for one another's places.

use schemars::JsonSchema;
use serde::Serialize;

use crate::doc::read_word;

/// What a run does about people who hold the places for which others of them wait.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Deadlock {
    /// Nothing, but tell it: once none of them can ever move again, the replication has the status
    /// `deadlocked`, and the table `deadlocks` tells when and who waited for whom. The run goes on to
    /// its end, for all others.
    #[default]
    Report,
    /// People who wait in a circle exchange their places, all at once and as soon as the circle closes.
    /// An exchange takes no time: leaving windows, transfer times and turnarounds are passed over.
    Swap,
}

read_word!(Deadlock, "what to do about a deadlock", { "report" => Report, "swap" => Swap });

impl Deadlock {
    /// Whether it is what a model does that does not say.
    pub(super) fn is_report(&self) -> bool {
        *self == Deadlock::Report
    }
}
