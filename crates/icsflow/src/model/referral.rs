//! Referrals: people who join the line of the next node before their stay is over.

use schemars::JsonSchema;
use serde::Serialize;

use super::capacity::Cut;
use super::case::Cases;
use super::check::Names;
use super::distribution::{Distribution, Meaning};
use super::event::Act;
use super::model::Model;
use super::node::Node;
use super::queue::NodeQueue;
use super::transfer::{Hold, Transfer};
use crate::doc::{Reader, read_table};

/// Early referral: people are referred to the next node during their stay, not only when they are ready.
/// Planning of the discharge begins on admission, or two days before the expected end.
///
/// At the referral the route is drawn, and the patient joins the line of the node to which it leads, with
/// the place in it of that instant. Their wait counts from then (as `joined`, `waited` and clocks do), their
/// delay, as everyone's, from *ready*.
///
/// If nothing else is said, nothing is given before the patient is ready and every delay by process is over:
/// until then what falls free passes them by, and they count on the list of the node (`lists`), but neither
/// among those who wait there nor in its queue. From then on they stand where they would stand had they
/// waited since the referral, in front of who joined later. So a referral takes nobody's place, and makes
/// none: it says who is first.
///
/// With `hold` a place that comes before the patient is ready is held for them, empty, until they come; it
/// counts as `reserved`. They are in the line from the referral on, as those who are blocked elsewhere are.
///
/// A referral 0 before the end is one at *ready*: delays by process run beside the search for a place, and no
/// longer before it.
///
/// A stay that ends before the referral was due is referred at its end, as without this. A stay that is sent
/// elsewhere by what ends it, by an event or by death takes the referral back. An interrupted stay keeps it;
/// if it was still to come, it comes as much later as the stay was interrupted for.
///
/// ```
/// use icsflow::{Distribution, Node, Referral};
///
/// let ward = Node::beds("Ward", 24, Distribution::exponential("6d"))
///     .referral(Referral::before_end(Distribution::from("2d")));
/// let unit = Node::beds("Unit", 8, Distribution::exponential("3d"))
///     .referral(Referral::after_start(Distribution::from(0.0)));
/// assert!(ward.referral.is_some() && unit.referral.is_some());
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Referral {
    /// Time from the start of the stay to the referral; 0 is on admission. Who meets no case is referred
    /// when ready.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after_start: Option<Cases<Distribution>>,
    /// Time from the referral to the end of the length of the stay; on admission if that is shorter. Who
    /// meets no case is referred when ready.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before_end: Option<Cases<Distribution>>,
    /// Whether a place that falls free before the patient is ready is held for them.
    #[serde(skip_serializing_if = "passes_by")]
    pub hold: bool,
}

read_table!(Referral, "a referral", { after_start, before_end, hold = false });

fn passes_by(hold: &bool) -> bool {
    !hold
}

impl Referral {
    /// So long after the start of the stay.
    pub fn after_start(after: impl Into<Cases<Distribution>>) -> Self {
        Referral { after_start: Some(after.into()), before_end: None, hold: false }
    }

    /// So long before the end of the stay.
    pub fn before_end(before: impl Into<Cases<Distribution>>) -> Self {
        Referral { after_start: None, before_end: Some(before.into()), hold: false }
    }

    /// Holds a place that falls free before the patient is ready.
    pub fn hold(mut self) -> Self {
        self.hold = true;
        self
    }

    /// When, and whether counted from the start of the stay.
    pub(crate) fn when(&self) -> Option<(&Cases<Distribution>, bool)> {
        let after = self.after_start.as_ref().map(|cases| (cases, true));
        after.or_else(|| Some((self.before_end.as_ref()?, false)))
    }

    pub(super) fn check(&self, node: &Node, names: &Names, at: &mut Reader) {
        match (&self.after_start, &self.before_end) {
            (None, None) => {
                let expected = "after_start or before_end, a length of time";
                at.missing(&["after_start", "before_end"], "no time of the referral", expected);
            }
            (Some(_), Some(_)) => at.fault("after_start and before_end", "one of them"),
            _ => {}
        }
        if node.slots.is_some() {
            let expected = "none: a contact in a slot is no stay during which to refer";
            at.fault("a referral at a node with slots", expected);
        }
        for (key, cases) in [("after_start", &self.after_start), ("before_end", &self.before_end)] {
            let Some(cases) = cases else { continue };
            at.within(key, |at| {
                cases.check(at, false, |at, case| {
                    names.case(&case.when, at);
                    case.then.check(at, Meaning::Duration(names.unit));
                });
            });
        }
    }
}

impl Model {
    /// Reports what a referral meets elsewhere in the model that it says nothing about.
    pub(super) fn report_referrals(&self, at: &mut Reader) {
        at.each("node", &self.nodes, |at, node| {
            let Some(referral) = &node.referral else { return };
            let routes = self.routes.iter().filter(|route| route.from == node.name);
            let mut next: Vec<&str> = routes.flat_map(|route| route.to.names()).collect();
            next.sort_unstable();
            next.dedup();
            at.within("referral", |at| {
                // A place in a line would say nothing there.
                for name in next.iter().filter(|name| self.any_at(name, books)) {
                    let found = format!("{name:?}, where slots or visits are booked");
                    at.fault(found, "next nodes whose places are given in line, to who is first");
                }
                if referral.hold {
                    at.within("hold", |at| self.report_held(node, &next, at));
                }
            });
        });
    }

    /// Reports what does not go with places that are held for people from a node.
    fn report_held(&self, node: &Node, next: &[&str], at: &mut Reader) {
        for name in next.iter().filter(|name| self.any_at(name, |node| node.together.is_some())) {
            let expected = "none: a session would begin without them; or no hold";
            at.fault(format!("{name:?}, where people start together"), expected);
        }
        let queue = match &node.queue {
            Some(NodeQueue::Own(own)) => Some(&**own),
            Some(NodeQueue::List(list)) => {
                self.queues.iter().find(|queue| queue.name.as_ref() == Some(list))
            }
            None => None,
        };
        let preempts = queue.is_some_and(|queue| queue.preempt.is_some());
        let cut = node.cut.as_ref().is_some_and(|cut| *cut != Cut::Wait);
        let requeued = self
            .events
            .iter()
            .any(|event| event.act == Some(Act::Requeue) && event.nodes.contains(&node.name));
        for (given, found) in [
            (preempts, "pre-emption here"),
            (cut, "a cut that does something to people here"),
            (requeued, "an event that puts people here back into the queue"),
        ] {
            if given {
                let expected = "stays that nobody interrupts once a place is held; or no hold";
                at.fault(found, expected);
            }
        }
        let at_door = |way: &Transfer| way.from == node.name && way.hold_origin == Hold::UntilStart;
        if self.transfers.iter().any(at_door) {
            let expected = "ways on which a place is sought before setting out; or no hold";
            at.fault("a transfer with hold_origin = \"until start\"", expected);
        }
    }

    /// Whether something holds of any node of this name, or that serves a list of it.
    fn any_at(&self, name: &str, what: impl Fn(&Node) -> bool) -> bool {
        let serves =
            |node: &Node| matches!(&node.queue, Some(NodeQueue::List(list)) if list == name);
        self.nodes.iter().any(|node| (node.name == name || serves(node)) && what(node))
    }
}

/// Whether people who come to a node are given slots, or visits are booked for them.
fn books(node: &Node) -> bool {
    node.slots.is_some() || node.visits.as_ref().is_some_and(|visits| visits.books())
}
