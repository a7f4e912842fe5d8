//! Nodes: where care happens.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Serialize;

use super::capacity::{Capacity, Cut, RingFence, check_fences, check_places, plainly};
use super::case::{Cases, split};
use super::check::{Names, check_share};
use super::distribution::{Distribution, Meaning};
use super::outage::Outage;
use super::queue::{Limit, NodeQueue};
use super::slots::Slots;
use super::window::Window;
use crate::doc::{Doc, Read, Reader, field, read_table};
use crate::expr::Expression;

/// A place of care. Its capacity is a number of `beds`, or `slots` by calendar, or `unlimited`.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Node {
    /// Its name, unique among nodes; the key of its random draws.
    pub name: String,
    /// The kind of care, for sums in the results: acute, community, social care …
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sector: Option<String>,
    /// The group that runs it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// Places, each held for the whole stay and while the patient is delayed.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "plainly")]
    pub beds: Option<Capacity>,
    /// Appointments by calendar; nobody holds a place.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub slots: Option<Slots>,
    /// No limit of places; nobody waits here and nothing is held.
    #[serde(skip_serializing_if = "is_false")]
    pub unlimited: bool,
    /// Length of stay, from the start to *ready*; delays come on top.
    pub stay: Cases<Distribution>,
    /// Delays by process after *ready*, by reason, one after the other in this order.
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub process_delay: IndexMap<String, Cases<ProcessDelay>>,
    /// When people may leave; at any time if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub leave: Option<Window>,
    /// What a fall of capacity does to people in places; they stay until they leave if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cut: Option<Cut>,
    /// Places that fail at random, by name of the cause.
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub outage: IndexMap<String, Outage>,
    /// A place that falls free while nobody waits is away for so long, and again if nobody waits then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vacation: Option<Distribution>,
    /// How long a place stays out of use after a patient has left it, for cleaning or changeover; a case
    /// is that of the patient. No time for whom no case holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub turnaround: Option<Cases<Distribution>>,
    /// Who may take a place: a condition over attributes, places and queues, asked whenever a place is to
    /// be given; everyone if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub admit: Option<Expression>,
    /// Places that are kept for some, by name.
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub ring_fence: IndexMap<String, RingFence>,
    /// Places beside those of `beds` in which people start who find none free; counted apart. The first
    /// of them moves to a bed when one falls free, before those who wait.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub corridor: Option<u32>,
    /// How people wait, or the list that the node serves; first come, first served, without limit if not
    /// given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub queue: Option<NodeQueue>,
    /// Places in which people moved from elsewhere may wait, so that they hold no bed there.
    /// None if not given: they keep their bed until a place is free here (blocking after service).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waiting_room: Option<Limit>,
    /// Where each figure comes from, by key; the word *assumed* with the reason where it is assumed.
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub evidence: IndexMap<String, String>,
}

read_table!(Node, "a node", {
    name, sector, group, beds, slots, unlimited = false, stay, process_delay, leave, cut, outage, vacation,
    turnaround, admit, ring_fence, corridor, queue, waiting_room, evidence,
});

fn is_false(flag: &bool) -> bool {
    !flag
}

/// A delay by process: its length, and how many patients it meets.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct ProcessDelay {
    /// Probability that a patient has it; 1 if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub share: Option<f64>,
    /// Its length.
    #[serde(flatten)]
    pub delay: Distribution,
}

impl From<Distribution> for ProcessDelay {
    fn from(delay: Distribution) -> Self {
        ProcessDelay { share: None, delay }
    }
}

impl From<Distribution> for Cases<ProcessDelay> {
    fn from(delay: Distribution) -> Self {
        ProcessDelay::from(delay).into()
    }
}

impl Read for ProcessDelay {
    fn read(doc: &Doc, at: &mut Reader) -> Self {
        let (own, rest) = split(doc, &["share"]);
        ProcessDelay { share: field(&own, "share", None, at), delay: Read::read(&rest, at) }
    }

    fn broken() -> Self {
        ProcessDelay { share: None, delay: Read::broken() }
    }
}

impl Node {
    fn new(name: impl Into<String>, stay: Cases<Distribution>) -> Self {
        Node {
            name: name.into(),
            sector: None,
            group: None,
            beds: None,
            slots: None,
            unlimited: false,
            stay,
            process_delay: IndexMap::new(),
            leave: None,
            cut: None,
            outage: IndexMap::new(),
            vacation: None,
            turnaround: None,
            admit: None,
            ring_fence: IndexMap::new(),
            corridor: None,
            queue: None,
            waiting_room: None,
            evidence: IndexMap::new(),
        }
    }

    /// A node with so many places, held for the stay and while delayed.
    pub fn beds(
        name: impl Into<String>,
        beds: impl Into<Capacity>,
        stay: impl Into<Cases<Distribution>>,
    ) -> Self {
        Node { beds: Some(beds.into()), ..Node::new(name, stay.into()) }
    }

    /// A node where people are seen in slots by calendar; `stay` is the length of the contact.
    pub fn slots(
        name: impl Into<String>,
        slots: Slots,
        stay: impl Into<Cases<Distribution>>,
    ) -> Self {
        Node { slots: Some(slots), ..Node::new(name, stay.into()) }
    }

    /// A node without limit of places.
    pub fn unlimited(name: impl Into<String>, stay: impl Into<Cases<Distribution>>) -> Self {
        Node { unlimited: true, ..Node::new(name, stay.into()) }
    }

    /// Sets the kind of care.
    pub fn sector(mut self, sector: impl Into<String>) -> Self {
        self.sector = Some(sector.into());
        self
    }

    /// Sets the group that runs it.
    pub fn group(mut self, group: impl Into<String>) -> Self {
        self.group = Some(group.into());
        self
    }

    /// Adds a delay by process after *ready*.
    pub fn process_delay(
        mut self,
        reason: impl Into<String>,
        delay: impl Into<Cases<ProcessDelay>>,
    ) -> Self {
        self.process_delay.insert(reason.into(), delay.into());
        self
    }

    /// Sets when people may leave.
    pub fn leave(mut self, window: Window) -> Self {
        self.leave = Some(window);
        self
    }

    /// Sets what a fall of capacity does.
    pub fn cut(mut self, cut: Cut) -> Self {
        self.cut = Some(cut);
        self
    }

    /// Adds a cause by which places fail at random.
    pub fn outage(mut self, cause: impl Into<String>, outage: Outage) -> Self {
        self.outage.insert(cause.into(), outage);
        self
    }

    /// Sets how long a place is away that falls free while nobody waits.
    pub fn vacation(mut self, time: impl Into<Distribution>) -> Self {
        self.vacation = Some(time.into());
        self
    }

    /// Sets how long a place stays out of use after a patient has left it.
    pub fn turnaround(mut self, time: impl Into<Cases<Distribution>>) -> Self {
        self.turnaround = Some(time.into());
        self
    }

    /// Sets who may take a place.
    pub fn admit(mut self, condition: impl Into<Expression>) -> Self {
        self.admit = Some(condition.into());
        self
    }

    /// Keeps so many places for those who meet a condition.
    pub fn ring_fence(
        mut self,
        name: impl Into<String>,
        places: u32,
        when: impl Into<Expression>,
    ) -> Self {
        self.ring_fence.insert(name.into(), RingFence { places, when: when.into() });
        self
    }

    /// Sets the places beside the beds in which people start who find no bed.
    pub fn corridor(mut self, places: u32) -> Self {
        self.corridor = Some(places);
        self
    }

    /// Sets how people wait: the node's own queue, or the list of a name.
    pub fn queue(mut self, queue: impl Into<NodeQueue>) -> Self {
        self.queue = Some(queue.into());
        self
    }

    /// Sets the places in which people moved from elsewhere may wait.
    pub fn waiting_room(mut self, places: Limit) -> Self {
        self.waiting_room = Some(places);
        self
    }

    /// Checks the node, whose position is `own`.
    pub(super) fn check(&self, own: usize, names: &Names, at: &mut Reader) {
        let kinds = [
            ("beds", self.beds.is_some()),
            ("slots", self.slots.is_some()),
            ("unlimited", self.unlimited),
        ];
        let given: Vec<&str> =
            kinds.iter().filter(|(_, given)| *given).map(|(kind, _)| *kind).collect();
        match given[..] {
            [] => {
                let expected = "beds = a number, slots = a table, or unlimited = true";
                at.missing(
                    &["beds", "slots", "unlimited"],
                    "neither beds nor slots nor unlimited",
                    expected,
                );
            }
            [_] => {}
            [one, other] => at.fault(format!("both {one} and {other}"), "one of them"),
            _ => at.fault(given.join(" and "), "one of them"),
        }
        if let Some(group) = &self.group
            && !names.groups.contains(&group.as_str())
        {
            at.within("group", |at| at.unknown(group, "a group", names.groups.iter().copied()));
        }
        let time = Meaning::Duration(names.unit);
        at.within("stay", |at| {
            self.stay.check(at, true, |at, case| {
                names.case(&case.when, at);
                case.then.check(at, time);
            });
        });
        at.within("process_delay", |at| {
            for (reason, cases) in &self.process_delay {
                at.within(reason, |at| {
                    cases.check(at, false, |at, case| {
                        names.case(&case.when, at);
                        case.then.delay.check(at, time);
                        check_share(at, "share", case.then.share);
                    });
                });
            }
        });
        if let Some(window) = &self.leave {
            at.within("leave", |at| window.check(at));
        }
        if self.unlimited {
            self.check_unlimited(at);
        }
        if let Some(slots) = &self.slots {
            self.check_by_slots(at);
            at.within("slots", |at| {
                slots.check(names, at);
                let listed = |cases: &Cases<Distribution>| {
                    cases.0.iter().any(|case| matches!(case.then, Distribution::Listed(_)))
                };
                if slots.by_minutes() && listed(slots.estimate.as_ref().unwrap_or(&self.stay)) {
                    let expected = "a distribution: what comes next on a list is not known ahead";
                    at.within("estimate", |at| at.fault("a list of given values", expected));
                }
            });
        }
        self.check_capacity(own, names, at);
        at.within("queue", |at| match &self.queue {
            Some(NodeQueue::Own(queue)) => queue.check(own, &[&self.name], names, at),
            Some(NodeQueue::List(list)) if !names.lists.contains(&list.as_str()) => {
                at.unknown(list, "a list", names.lists.iter().copied());
            }
            _ => {}
        });
    }

    /// Reports what only a node with a number of places can have.
    fn check_unlimited(&self, at: &mut Reader) {
        for (key, given, found, expected) in [
            ("cut", self.cut.is_some(), "a cut", "none: there is no capacity to fall"),
            ("outage", !self.outage.is_empty(), "outages", "none: there are no places to fail"),
            ("vacation", self.vacation.is_some(), "a vacation", "none: no place ever falls free"),
            (
                "turnaround",
                self.turnaround.is_some(),
                "a turnaround",
                "none: no place is used again",
            ),
            ("admit", self.admit.is_some(), "a condition", "none: nobody waits here"),
            (
                "ring_fence",
                !self.ring_fence.is_empty(),
                "ring fences",
                "none: there is place for all",
            ),
            ("corridor", self.corridor.is_some(), "a corridor", "none: there is place for all"),
            (
                "queue",
                self.queue.is_some(),
                "a queue",
                "none: nobody waits for a node without limit of places",
            ),
            (
                "waiting_room",
                self.waiting_room.is_some(),
                "a waiting room",
                "none: nobody waits here",
            ),
        ] {
            if given {
                at.within(key, |at| at.fault(found, expected));
            }
        }
    }

    /// Reports what a node with slots cannot have.
    fn check_by_slots(&self, at: &mut Reader) {
        let dates = "none: the slots have dates of their own";
        let again = "none: no place is used again";
        for (key, given, found, expected) in [
            ("cut", self.cut.is_some(), "a cut", dates),
            ("outage", !self.outage.is_empty(), "outages", "none: slots has called_off"),
            ("vacation", self.vacation.is_some(), "a vacation", again),
            ("turnaround", self.turnaround.is_some(), "a turnaround", again),
            ("ring_fence", !self.ring_fence.is_empty(), "ring fences", "none: slots has carve_out"),
            ("corridor", self.corridor.is_some(), "a corridor", "none: there are no beds"),
            (
                "waiting_room",
                self.waiting_room.is_some(),
                "a waiting room",
                "none: people wait for a slot without holding a place elsewhere",
            ),
        ] {
            if given {
                at.within(key, |at| at.fault(found, expected));
            }
        }
        if let Some(NodeQueue::Own(queue)) = &self.queue
            && queue.preempt.is_some()
        {
            let expected = "none: nobody is interrupted for a slot";
            at.within("queue", |at| {
                at.within("preempt", |at| at.fault("preemption", expected));
            });
        }
    }

    fn check_capacity(&self, own: usize, names: &Names, at: &mut Reader) {
        let most = self.beds.as_ref().map_or(f64::INFINITY, Capacity::most);
        let time = Meaning::Duration(names.unit);
        if let Some(beds) = &self.beds {
            at.within("beds", |at| beds.check(names, at));
        }
        if let Some(cut) = &self.cut {
            at.within("cut", |at| cut.check(names, at));
        }
        at.within("outage", |at| {
            for (cause, outage) in &self.outage {
                at.within(cause, |at| outage.check(most, names, at));
            }
        });
        if let Some(vacation) = &self.vacation {
            at.within("vacation", |at| {
                vacation.check(at, time);
                if vacation.is_zero() {
                    at.fault("a time of 0", "a length of time above 0: it is taken over and over");
                }
            });
        }
        if let Some(turnaround) = &self.turnaround {
            at.within("turnaround", |at| {
                turnaround.check(at, false, |at, case| {
                    names.case(&case.when, at);
                    case.then.check(at, time);
                });
            });
        }
        if let Some(admit) = &self.admit {
            at.within("admit", |at| names.changing(admit, own, at));
        }
        at.within("ring_fence", |at| check_fences(&self.ring_fence, most, names, at));
        if let Some(corridor) = self.corridor {
            check_places(at, "corridor", corridor);
        }
    }
}
