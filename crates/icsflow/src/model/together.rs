//! Group sessions: places that are taken together.

use schemars::JsonSchema;
use serde::Serialize;

use super::arrivals::Sessions;
use super::capacity::Cut;
use super::distribution::Distribution;
use super::node::Node;
use super::queue::NodeQueue;
use crate::doc::{Reader, read_table};

/// When people start together, in as many places as the node has beds: a group, a course, a bus.
///
/// A session begins as soon as so many have gathered, or at a set time with whoever is there, and takes as
/// many as there are places, by the order of the queue. Gathered is who stands in line, holding a place
/// elsewhere or not. Nobody starts before all of the session before have left and every place is in use
/// again. All stay equally long, as one draw for the session says. Who comes at the very instant of a set
/// time is too late for it.
///
/// ```
/// use icsflow::{Distribution, Node, Together};
///
/// let course = Node::beds("Course", 12, Distribution::from("2h")).together(Together::of_least(6));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Together {
    /// People with whom a session begins; at set times alone if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub least: Option<u32>,
    /// Times of the week at which one begins with anybody who is there.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub at: Vec<Sessions>,
}

read_table!(Together, "people who start together", { least, at });

impl Together {
    /// As soon as so many have gathered.
    pub fn of_least(people: u32) -> Self {
        Together { least: Some(people), at: Vec::new() }
    }

    /// Adds times at which a session begins with anybody who is there.
    pub fn at(mut self, sessions: Sessions) -> Self {
        self.at.push(sessions);
        self
    }

    /// Checks how people start together at a node with at most so many places.
    pub(super) fn check(&self, node: &Node, most: f64, at: &mut Reader) {
        at.within("together", |at| {
            if node.beds.is_none() {
                at.fault("people who start together", "none: only beds are taken together");
            }
            if self.least.is_none() && self.at.is_empty() {
                let expected =
                    "how many have gathered when a session begins, or times at which one does";
                at.missing(&["least", "at"], "neither", expected);
            }
            if let Some(least) = self.least
                && !(1.0..=most).contains(&f64::from(least))
            {
                let expected = format!("from 1 to the {most} places that there are");
                at.within("least", |at| at.fault(least.to_string(), expected));
            }
            at.each("at", &self.at, |at, sessions| sessions.check(at));
        });
        let kept = "none: places are taken together, by whoever is first";
        let own = match &node.queue {
            Some(NodeQueue::Own(queue)) => Some(queue),
            _ => None,
        };
        for (key, given, found, expected) in [
            ("vacation", node.vacation.is_some(), "a vacation", kept),
            ("corridor", node.corridor.is_some(), "a corridor", kept),
            ("ring_fence", !node.ring_fence.is_empty(), "ring fences", kept),
            (
                "cut",
                node.cut.as_ref().is_some_and(|cut| *cut != Cut::Wait),
                "a cut",
                "\"wait\": a session that has begun takes place",
            ),
            (
                "queue",
                own.is_some_and(|queue| queue.preempt.is_some()),
                "preemption",
                "none: nobody is interrupted in a session",
            ),
            (
                "stay",
                node.stay.0.iter().any(|case| matches!(case.then, Distribution::Listed(_))),
                "listed values",
                "a distribution: one length is drawn for all of a session",
            ),
        ] {
            if given {
                at.within(key, |at| at.fault(found, expected));
            }
        }
    }
}
