//! Nodes: where care happens.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Serialize;

use super::capacity::{Capacity, Cut, RingFence, check_fences, check_places, plainly};
use super::case::{Cases, split};
use super::caseload::{self, Profession};
use super::check::{Names, check_share};
use super::distribution::{Distribution, Meaning};
use super::ends::StayEnd;
use super::legs::Legs;
use super::outage::Outage;
use super::queue::NodeQueue;
use super::readmission::Readmission;
use super::referral::Referral;
use super::set::{Death, SetAttribute};
use super::slots::Slots;
use super::together::Together;
use super::visits::Visits;
use super::waiting_room::WaitingRoom;
use super::window::Window;
use crate::doc::{Doc, Read, Reader, field, read_table};
use crate::expr::Expression;

/// A place of care. Its capacity is one of `beds`, a `caseload`, `visits` a day, `slots` by calendar and
/// `unlimited`.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Node {
    /// Its name, unique among nodes; the key of its random draws.
    pub name: String,
    /// The kind of care, for sums in the results: acute, community, social care …
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sector: Option<String>,
    /// What it is among nodes that are alike, each for its own people: "emergency department". A route may
    /// name it among its nodes, and means all of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// The group that runs it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// Places, each held for the whole stay and while the patient is delayed.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "plainly")]
    pub beds: Option<Capacity>,
    /// When people start together in the beds: group sessions. Each by itself if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub together: Option<Together>,
    /// Professions of a team that holds people, by name: as many at once as the scarcest of them allows.
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub caseload: IndexMap<String, Profession>,
    /// Visits a day, shared by people whose need changes over the stay.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub visits: Option<Visits>,
    /// Appointments by calendar; nobody holds a place.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub slots: Option<Slots>,
    /// No limit of places; nobody waits here and nothing is held.
    #[serde(skip_serializing_if = "is_false")]
    pub unlimited: bool,
    /// Length of stay, from the start to *ready*; delays come on top.
    pub stay: Cases<Distribution>,
    /// What may end the stay before its length has passed, by name; each with a clock of its own.
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub ends: IndexMap<String, StayEnd>,
    /// Delays by process after *ready*, by reason, one after the other in this order.
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub process_delay: IndexMap<String, Cases<ProcessDelay>>,
    /// When people are referred to the next node; when they are ready if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub referral: Option<Referral>,
    /// When people may leave; at any time if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub leave: Option<Window>,
    /// When people may set out to come here from a place elsewhere; at any time if not given. Intervals
    /// or instants. Whoever sets out to a list before a place is theirs (`hold_origin = "until start"`) may
    /// do so when one of the nodes that serve it receives.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub receive: Option<Window>,
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
    /// Places beside those of `beds` in which people start who find none free; counted apart. Whoever came
    /// there first moves into a bed when one falls free, before those who wait. Leaving a place beside
    /// the beds begins no turnaround.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub corridor: Option<u32>,
    /// How people wait, or the list that the node serves; first come, first served, without limit if not
    /// given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub queue: Option<NodeQueue>,
    /// Places in which people moved from elsewhere may wait, so that they hold no bed there.
    /// None if not given: they keep their bed until a place is free here (blocking after service).
    /// `"queue"`: those of the queue, which then limits all who wait here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waiting_room: Option<WaitingRoom>,
    /// What people have done elsewhere during their stay, which lasts at least until that is done.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub legs: Option<Legs>,
    /// Attributes that change on what happens to a patient here, one after the other.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub set: Vec<SetAttribute>,
    /// Clocks of death that start here.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub death: Vec<Death>,
    /// Of those who go out of the system from here, alive and after a stay, some come again later.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub readmission: Vec<Readmission>,
    /// Where each figure comes from, by key; the word *assumed* with the reason where it is assumed.
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub evidence: IndexMap<String, String>,
}

read_table!(Node, "a node", {
    name, sector, group, beds, together, caseload, slots, visits, unlimited = false, stay, ends, process_delay, referral, leave, receive, cut, outage,
    vacation, turnaround, admit, ring_fence, corridor, queue, waiting_room, legs, set, death, readmission, role,
    evidence,
});

fn is_false(flag: &bool) -> bool {
    !flag
}

/// A delay by process: its length, and how many patients it meets. The search for the next place begins when
/// it is over, or, with a [`Referral`] 0 before the end of the stay, beside it.
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
            role: None,
            group: None,
            beds: None,
            together: None,
            caseload: IndexMap::new(),
            visits: None,
            slots: None,
            unlimited: false,
            stay,
            ends: IndexMap::new(),
            process_delay: IndexMap::new(),
            referral: None,
            leave: None,
            receive: None,
            cut: None,
            outage: IndexMap::new(),
            vacation: None,
            turnaround: None,
            admit: None,
            ring_fence: IndexMap::new(),
            corridor: None,
            queue: None,
            waiting_room: None,
            legs: None,
            set: Vec::new(),
            death: Vec::new(),
            readmission: Vec::new(),
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

    /// Adds people who come again after they have gone out of the system from here.
    pub fn readmission(mut self, readmission: Readmission) -> Self {
        self.readmission.push(readmission);
        self
    }

    /// Sets what people have done elsewhere during their stay.
    pub fn legs(mut self, legs: Legs) -> Self {
        self.legs = Some(legs);
        self
    }

    /// Sets when people start together in its beds.
    pub fn together(mut self, together: Together) -> Self {
        self.together = Some(together);
        self
    }

    /// A node where a team holds people: as many at once as the scarcest of its
    /// [professions](Node::profession) allows.
    pub fn caseload(name: impl Into<String>, stay: impl Into<Cases<Distribution>>) -> Self {
        Node::new(name, stay.into())
    }

    /// Adds a profession to the team.
    pub fn profession(mut self, name: impl Into<String>, profession: Profession) -> Self {
        self.caseload.insert(name.into(), profession);
        self
    }

    /// Whether it has places that are held, be they beds or those of a caseload.
    pub fn has_places(&self) -> bool {
        self.beds.is_some() || !self.caseload.is_empty()
    }

    /// The most places that there may ever be.
    fn most_places(&self) -> f64 {
        let beds = self.beds.as_ref().map_or(f64::INFINITY, Capacity::most);
        beds.min(caseload::most(&self.caseload))
    }

    /// Places to begin with.
    pub(super) fn first_places(&self) -> u32 {
        self.beds.as_ref().map_or_else(|| caseload::at_first(&self.caseload), |beds| beds.places)
    }

    /// A node with a number of visits a day.
    pub fn visits(
        name: impl Into<String>,
        visits: Visits,
        stay: impl Into<Cases<Distribution>>,
    ) -> Self {
        Node { visits: Some(visits), ..Node::new(name, stay.into()) }
    }

    /// Adds a change of an attribute on what happens to a patient here.
    pub fn set(mut self, set: SetAttribute) -> Self {
        self.set.push(set);
        self
    }

    /// Adds a clock of death.
    pub fn death(mut self, death: Death) -> Self {
        self.death.push(death);
        self
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

    /// Sets what it is among nodes that are alike.
    pub fn role(mut self, role: impl Into<String>) -> Self {
        self.role = Some(role.into());
        self
    }

    /// Sets the group that runs it.
    pub fn group(mut self, group: impl Into<String>) -> Self {
        self.group = Some(group.into());
        self
    }

    /// Adds what may end the stay before its length has passed.
    pub fn ends(mut self, name: impl Into<String>, end: StayEnd) -> Self {
        self.ends.insert(name.into(), end);
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

    /// Sets when people are referred to the next node.
    pub fn referral(mut self, referral: Referral) -> Self {
        self.referral = Some(referral);
        self
    }

    /// Sets when people may leave.
    pub fn leave(mut self, window: Window) -> Self {
        self.leave = Some(window);
        self
    }

    /// Sets when people may set out to come here from a place elsewhere.
    pub fn receive(mut self, window: Window) -> Self {
        self.receive = Some(window);
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
    pub fn waiting_room(mut self, places: impl Into<WaitingRoom>) -> Self {
        self.waiting_room = Some(places.into());
        self
    }

    /// Checks the node, whose position is `own`.
    pub(super) fn check(&self, own: usize, names: &Names, at: &mut Reader) {
        let kinds = [
            ("beds", self.beds.is_some()),
            ("caseload", !self.caseload.is_empty()),
            ("visits", self.visits.is_some()),
            ("slots", self.slots.is_some()),
            ("unlimited", self.unlimited),
        ];
        let given: Vec<&str> = kinds.iter().filter(|kind| kind.1).map(|kind| kind.0).collect();
        match given.len() {
            0 => {
                let expected = "beds = a number, caseload = { .. }, visits = { .. }, slots = { .. }, or unlimited = true";
                at.missing(&kinds.map(|kind| kind.0), "no capacity", expected);
            }
            1 => {}
            _ => at.fault(given.join(" and "), "one of them"),
        }
        if let Some(group) = &self.group
            && !names.groups.contains(&group.as_str())
        {
            at.within("group", |at| at.unknown(group, "a group", names.groups.iter().copied()));
        }
        if let Some(role) = &self.role
            && names.places().chain(names.exits.iter().copied()).any(|taken| taken == role)
        {
            let expected = "a name that is not that of a node, a list or a way out";
            at.within("role", |at| at.fault(format!("{role:?}"), expected));
        }
        let time = Meaning::Duration(names.unit);
        at.within("stay", |at| {
            self.stay.check(at, true, |at, case| {
                names.case(&case.when, at);
                case.then.check(at, time);
            });
        });
        at.within("ends", |at| {
            for (name, end) in &self.ends {
                at.within(name, |at| end.check(names, at));
            }
            if self.slots.is_some() && !self.ends.is_empty() {
                at.fault("ends of a stay", "none: a contact in a slot has one length");
            }
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
        if let Some(referral) = &self.referral {
            at.within("referral", |at| referral.check(self, names, at));
        }
        if let Some(window) = &self.leave {
            at.within("leave", |at| window.check(at));
        }
        if let Some(visits) = &self.visits {
            visits.check(self, names, at);
        }
        at.each("death", &self.death, |at, death| death.check(names, at));
        at.each("readmission", &self.readmission, |at, again| again.check(own, names, at));
        let list = match &self.queue {
            Some(NodeQueue::List(list)) => Some(list.as_str()),
            _ => None,
        };
        at.each("set", &self.set, |at, set| set.check(own, list, names, at));
        if let Some(window) = &self.receive {
            at.within("receive", |at| {
                window.check(at);
                if matches!(window, Window::Profile(_)) {
                    at.fault("an hour profile", "intervals or instants: open or at");
                }
            });
        }
        if self.unlimited {
            self.check_unlimited(at);
        }
        if let Some(legs) = &self.legs {
            at.within("legs", |at| {
                if self.visits.is_some() || self.slots.is_some() {
                    let expected =
                        "none: they are of a stay in a place, or without limit of places";
                    at.fault("legs of a node with visits or slots", expected);
                }
                legs.check(own, names, at);
            });
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
        let most = self.most_places();
        let time = Meaning::Duration(names.unit);
        if let Some(beds) = &self.beds {
            at.within("beds", |at| beds.check(names, at));
        }
        caseload::check(&self.caseload, names, at);
        if let Some(together) = &self.together {
            together.check(self, most, at);
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
        if let (Some(WaitingRoom::Queue), Some(NodeQueue::List(_))) =
            (self.waiting_room, &self.queue)
        {
            at.within("waiting_room", |at| {
                at.fault("\"queue\" at a node that serves a list", "a number, or \"unlimited\"");
            });
        }
        if let Some(corridor) = self.corridor {
            check_places(at, "corridor", corridor);
        }
    }
}
