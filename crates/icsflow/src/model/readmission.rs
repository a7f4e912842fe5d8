//! Readmissions: people who have gone out of the system and come again after a gap.

use schemars::JsonSchema;
use serde::Serialize;

use super::case::Cases;
use super::check::{Names, check_share};
use super::distribution::{Distribution, Meaning};
use super::targets::Targets;
use crate::doc::{Reader, read_table};
use crate::expr::Expression;

/// Of those who leave a place at a node and go out of the system alive, some come again after a time. It
/// is the same patient, with the same attributes and draws, whose visits count on: in the rows of visits
/// the number of the patient links the readmission with the index stay, and `spell` tells them apart.
/// Until then they are not in the system.
///
/// People of a population come again by their own reasons, and by no readmission.
///
/// ```
/// use icsflow::{Distribution, Node, Readmission};
///
/// let ward = Node::beds("Ward", 24, Distribution::exponential("6d"))
///     .readmission(Readmission::new(0.12, Distribution::exponential("15d"), "Emergency department"));
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Readmission {
    /// Of whom, when they go out: the first of several that holds counts; of everyone if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub when: Option<Expression>,
    /// Probability that they come again.
    pub share: f64,
    /// Time from going out to that.
    pub after: Cases<Distribution>,
    /// Where they come.
    pub to: Targets,
}

read_table!(Readmission, "a readmission", { when, share, after, to });

impl Readmission {
    /// A share of those who go out come again after so long.
    pub fn new(share: f64, after: impl Into<Cases<Distribution>>, to: impl Into<Targets>) -> Self {
        Readmission { when: None, share, after: after.into(), to: to.into() }
    }

    /// Keeps it to those who meet a condition.
    pub fn when(mut self, condition: impl Into<Expression>) -> Self {
        self.when = Some(condition.into());
        self
    }

    pub(super) fn check(&self, own: usize, names: &Names, at: &mut Reader) {
        if let Some(when) = &self.when {
            at.within("when", |at| names.state_condition(when, own, at));
        }
        check_share(at, "share", Some(self.share));
        at.within("after", |at| {
            self.after.check(at, true, |at, case| {
                names.case(&case.when, at);
                case.then.check(at, Meaning::Duration(names.unit));
            });
        });
        at.within("to", |at| {
            self.to.check_inside("a node or list: they come in again", names, at);
        });
    }
}
