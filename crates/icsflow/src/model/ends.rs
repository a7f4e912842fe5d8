//! Clocks that compete with the length of a stay: whichever is over first ends it.

use schemars::JsonSchema;
use serde::Serialize;

use super::case::Cases;
use super::check::Names;
use super::distribution::{Distribution, Meaning};
use super::targets::Targets;
use crate::doc::{Reader, read_table};

/// What may end a stay before its length has passed: getting worse, dying, a reading over a threshold.
/// Of all clocks of a stay, that of its length among them, the first to be over ends it and says where
/// the patient goes; of equal ones the length, then the first named. Who goes where an end says meets
/// none of the delays by process of the node, and waits for no window of leaving.
///
/// ```
/// use icsflow::{Distribution, Node, StayEnd};
///
/// let ward = Node::beds("Virtual ward", 40, Distribution::exponential("10d"))
///     .ends("deterioration", StayEnd::new(Distribution::exponential("50d")).to("Acute"))
///     .ends("death", StayEnd::new(Distribution::exponential("400d")).to("died"));
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct StayEnd {
    /// When, counted from the start of the stay; never for whom no case holds.
    pub after: Cases<Distribution>,
    /// Where the patient then goes; where the routes of the node lead if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<Targets>,
}

read_table!(StayEnd, "an end of a stay", { after, to });

impl StayEnd {
    /// After a length of time.
    pub fn new(after: impl Into<Cases<Distribution>>) -> Self {
        StayEnd { after: after.into(), to: None }
    }

    /// Sets where the patient then goes.
    pub fn to(mut self, to: impl Into<Targets>) -> Self {
        self.to = Some(to.into());
        self
    }

    pub(super) fn check(&self, names: &Names, at: &mut Reader) {
        at.within("after", |at| {
            self.after.check(at, false, |at, case| {
                names.case(&case.when, at);
                case.then.check(at, Meaning::Duration(names.unit));
            });
        });
        if let Some(to) = &self.to {
            at.within("to", |at| to.check(names, at));
        }
    }
}
