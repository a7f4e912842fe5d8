//! Patients now inside: a slab of records, slots used again, so that memory follows people present.

use serde::{Deserialize, Serialize};

use super::calendar::MOST_SLOTS;
use super::clocks::Ticking;
use crate::ids::{NOWHERE, NodeId, SourceId, StratumId};
use crate::network::network::{NO_GROUP, Network};
use crate::rng::{PatientKey, PatientRoot};
use crate::time::{Duration, Time};

/// No patient.
pub const NOBODY: u32 = u32::MAX;

/// Where a patient stands in a visit (DESIGN: a patient's life at a node).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[repr(u8)]
pub enum Status {
    /// Waits in the queue or the waiting room; holds no place.
    Waiting,
    /// In the stay itself.
    InStay,
    /// Ready; a delay by process runs.
    InProcess,
    /// Ready; holds the place because the next one is not free.
    Blocked,
    /// Free to go; waits for a window.
    Window,
    /// Of a population, and not in the system.
    Outside,
    /// On the way to the next place; may hold the last.
    Transfer,
}

/// How many there are.
pub const STATUSES: usize = 7;

impl Status {
    /// The word for it in tables.
    pub const fn name(self) -> &'static str {
        match self {
            Status::Waiting => "waiting",
            Status::InStay => "in stay",
            Status::InProcess => "in process",
            Status::Blocked => "blocked",
            Status::Window => "window",
            Status::Outside => "outside",
            Status::Transfer => "transfer",
        }
    }
}

/// What a patient holds of the next node, or of its waiting room, before coming there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[repr(u8)]
pub enum Reserved {
    /// Nothing.
    Nothing,
    /// A place.
    Place,
    /// A place in the waiting room; kept while waiting there.
    Room,
}

/// A patient now inside: what every event needs, in one line of the cache.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[repr(align(64))]
pub struct Patient {
    /// Root of the patient's random draws.
    pub root: PatientRoot,
    /// Came into the system.
    pub entered: Time,
    /// Joined the line of the node, or, once the next place is sought, of the next.
    pub joined: Time,
    /// Started: took the place.
    pub started: Time,
    /// Sequence of the live timer; an event with another is dropped.
    pub timer: u32,
    /// Where the patient is.
    pub node: NodeId,
    /// The node where the patient goes next; [`NOWHERE`] is out of the system. Known when the stay is over, at
    /// simple nodes when it begins.
    pub next: NodeId,
    /// The flow on which the way is counted: to the next node once it is known, else to this one.
    pub flow: u32,
    /// The patient before in a line.
    pub ahead: u32,
    /// The patient behind in a line.
    pub behind: u32,
    /// The line in which the patient stands.
    pub line: u32,
    /// The patient's cohort and, where an attribute is told apart, its label on coming.
    pub stratum: StratumId,
    /// Where in the visit.
    pub status: Status,
    /// What is held of the next node.
    pub reserved: Reserved,
}

impl Patient {
    /// A patient who comes in now, to a node, over a flow.
    #[inline(always)]
    pub fn new(key: PatientKey, node: NodeId, flow: u32, stratum: StratumId, now: Time) -> Self {
        Patient {
            root: key.root(),
            entered: now,
            joined: now,
            started: now,
            timer: u32::MAX,
            node,
            next: NOWHERE,
            flow,
            ahead: NOBODY,
            behind: NOBODY,
            line: 0,
            stratum,
            status: Status::Waiting,
            reserved: Reserved::Nothing,
        }
    }
}

/// The rest about a patient: read when rows of visits are kept, by delays by process, and where a queue
/// is limited.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct History {
    /// Number among those of the source.
    pub number: u64,
    /// Where the patient came from.
    pub source: SourceId,
    /// Which time in the system, from 0.
    pub spell: u32,
    /// Which delay by process runs.
    pub step: u32,
    /// Which of two patients in lines joined first.
    pub ticket: u64,
    /// Joined the line of the node where the patient is.
    pub joined: Time,
    /// Came to the node in person: into its queue, its waiting room or a place.
    pub came: Time,
    /// Took a bed, where there are places beside the beds; [`Time::MAX`] while in one of these.
    pub bed: Time,
    /// Stay over.
    pub ready: Time,
    /// Delays by process over; joined the next line, if there is one.
    pub sought: Time,
    /// Free to go: the next place assigned, or none needed.
    pub cleared: Time,
}

impl History {
    /// Somebody comes in for the first time.
    pub fn begin(&mut self, number: u64, source: SourceId) {
        (self.number, self.source, self.spell) = (number, source, 0);
    }
}

impl Default for Patients {
    fn default() -> Self {
        Patients {
            records: Vec::new(),
            histories: Vec::new(),
            turns: Vec::new(),
            with_turns: false,
            carry_more: false,
            free: NOBODY,
            attributes: Vec::new(),
            attributes_each: 0,
            visits: Vec::new(),
            visits_each: 0,
            clocks: Vec::new(),
            clocks_each: 0,
        }
    }
}

/// What rules beyond the plain ones know of a patient.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Turn {
    /// The node or list in whose line the patient stands or stood last.
    pub line_of: NodeId,
    /// Class there, from 0.
    pub class: u32,
    /// Which of two joined first.
    pub ticket: u64,
    /// Who has the higher one goes first.
    pub key: f64,
    /// When patience ends.
    pub patience: Time,
    /// When the class changes.
    pub change: Time,
    /// Changes of class so far in this line.
    pub changes: u32,
    /// When the stay ends, if nothing interrupts it.
    pub ends: Time,
    /// Which clock ends it, of nodes where several may.
    pub ended_by: u32,
    /// Length of the whole stay.
    pub length: Duration,
    /// What is left of a stay that was interrupted.
    pub work: Option<Duration>,
    /// How often the stay began anew with a new length.
    pub segment: u32,
    /// Time in places in the parts of the stay before it was interrupted last.
    pub earlier: Duration,
    /// The fence of the place, if it is a fenced one.
    pub fence: u32,
    /// The fence of the place reserved elsewhere.
    pub next_fence: u32,
    /// The flow from a list to the node, counted on coming there.
    pub via: u32,
    /// How often sent on at the same instant, and when.
    pub hops: u32,
    /// When sent on last.
    pub hopped: Time,
    /// When the patient last went over to another node.
    pub switched: Time,
    /// Put back into the queue from a place.
    pub returned: bool,
    /// When the patient dies, if still inside then.
    pub dies: Time,
    /// The sequence of that event.
    pub death: u32,
    /// The slot that is booked, and what has become of those before.
    pub appointment: Appointment,
    /// The group to which the patient belongs.
    pub home: u32,
    /// The last node of any group that the patient has left.
    pub last: NodeId,
    /// The last node before that of another group.
    pub came_from: NodeId,
}

/// What is known of the slots of somebody who waits for one.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Appointment {
    /// The node where a slot is booked; [`NOWHERE`] if none is.
    pub node: NodeId,
    /// The number of its session.
    pub session: u64,
    /// No slot before this.
    pub not_before: Time,
    /// When the booked slot is given back.
    pub cancel: Time,
    /// Slots given so far in this visit.
    pub tries: u32,
    /// Contacts so far of which this one is a follow-up.
    pub contacts: u32,
    /// Is being seen in a session with minutes.
    pub in_session: bool,
    /// The node where a place is kept, and of which kind that is.
    pub bed: (NodeId, u32),
}

impl Default for Appointment {
    fn default() -> Self {
        Appointment {
            node: NOWHERE,
            session: 0,
            not_before: Time::MIN,
            cancel: Time::MAX,
            tries: 0,
            contacts: 0,
            in_session: false,
            bed: (NOWHERE, u32::MAX),
        }
    }
}

impl Default for Turn {
    fn default() -> Self {
        Turn {
            line_of: NOWHERE,
            class: 0,
            ticket: 0,
            key: 0.0,
            patience: Time::MAX,
            change: Time::MAX,
            changes: 0,
            ends: 0,
            ended_by: u32::MAX,
            length: 0,
            work: None,
            segment: 0,
            earlier: 0,
            fence: u32::MAX,
            next_fence: u32::MAX,
            via: u32::MAX,
            hops: 0,
            hopped: Time::MIN,
            switched: Time::MIN,
            returned: false,
            dies: Time::MAX,
            death: u32::MAX,
            appointment: Appointment::default(),
            home: NO_GROUP,
            last: NOWHERE,
            came_from: NOWHERE,
        }
    }
}

/// All patients now inside.
#[derive(Debug, Serialize, Deserialize)]
pub struct Patients {
    records: Vec<Patient>,
    histories: Vec<History>,
    /// If there are rules beyond the plain ones.
    turns: Vec<Turn>,
    with_turns: bool,
    /// Attributes, visits or turns.
    carry_more: bool,
    /// The first free slot; each leads to the next by `behind`.
    free: u32,
    /// Attributes, so many to a slot.
    attributes: Vec<f64>,
    attributes_each: usize,
    /// Counters of visits, so many to a slot.
    visits: Vec<u32>,
    visits_each: usize,
    /// Clocks, so many to a slot.
    clocks: Vec<Ticking>,
    clocks_each: usize,
}

impl Patients {
    /// Forgets everyone; patients will have what the network says that they carry.
    pub fn clear(&mut self, network: &Network) {
        self.records.clear();
        self.histories.clear();
        self.turns.clear();
        self.with_turns = network.has_extras();
        self.free = NOBODY;
        self.attributes.clear();
        self.visits.clear();
        self.clocks.clear();
        (self.attributes_each, self.visits_each) = (network.attributes, network.revisited);
        self.clocks_each = network.clocks.len();
        self.carry_more =
            self.attributes_each + self.visits_each + self.clocks_each > 0 || self.with_turns;
    }

    /// Takes a slot, whose record is still that of the patient before; `None` if there are more people
    /// inside than slots.
    #[inline(always)]
    pub fn admit(&mut self) -> Option<(u32, &mut Patient)> {
        // Nobody's slot is beyond all.
        if self.free as usize >= self.records.len() {
            self.grow()?;
        }
        let slot = self.free;
        let record = &mut self.records[slot as usize];
        self.free = record.behind;
        Some((slot, record))
    }

    /// Makes a new slot, free.
    #[cold]
    #[inline(never)]
    fn grow(&mut self) -> Option<()> {
        let slot = self.records.len();
        if slot == MOST_SLOTS || self.records.try_reserve(1).is_err() {
            return None;
        }
        self.records.push(Patient::new(PatientKey::default(), NOWHERE, 0, StratumId(0), 0));
        self.histories.push(History::default());
        if self.with_turns {
            self.turns.push(Turn::default());
        }
        self.attributes.resize(self.records.len() * self.attributes_each, f64::NAN);
        self.visits.resize(self.records.len() * self.visits_each, 0);
        self.clocks.resize(self.records.len() * self.clocks_each, Ticking::STILL);
        self.free = slot as u32;
        Some(())
    }

    /// Whether patients carry more than their record.
    #[inline(always)]
    pub fn carry_more(&self) -> bool {
        self.carry_more
    }

    /// Forgets the attributes, visits and clocks of the patient who had the slot before.
    pub fn clear_slot(&mut self, slot: u32) {
        let (a, v, c) = (self.attributes_each, self.visits_each, self.clocks_each);
        self.attributes[slot as usize * a..][..a].fill(f64::NAN);
        // To fill nothing by a call of `memset` costs more than all the rest.
        if v > 0 {
            self.visits[slot as usize * v..][..v].fill(0);
        }
        self.clocks[slot as usize * c..][..c].fill(Ticking::STILL);
        if self.with_turns {
            self.turns[slot as usize] = Turn::default();
        }
    }

    /// What rules beyond the plain ones know of a patient.
    #[inline]
    pub fn turn(&self, slot: u32) -> &Turn {
        &self.turns[slot as usize]
    }

    /// The same, to be written.
    #[inline]
    pub fn turn_mut(&mut self, slot: u32) -> &mut Turn {
        &mut self.turns[slot as usize]
    }

    /// Gives a slot back.
    #[inline(always)]
    pub fn release(&mut self, slot: u32) {
        // The one live timer has gone off, and no other sequence is the next patient's: whatever
        // cancelled event is still to come finds nobody.
        self.records[slot as usize].behind = self.free;
        self.free = slot;
    }

    /// A patient, and the first free slot: whoever goes out puts the own slot there and leads to it by
    /// `behind`, as [`release`](Self::release) does.
    #[inline(always)]
    pub fn one_and_free(&mut self, slot: u32) -> (&mut Patient, &mut u32) {
        (&mut self.records[slot as usize], &mut self.free)
    }

    /// The most who have been inside at once.
    pub fn most(&self) -> usize {
        self.records.len()
    }

    /// Flows and sources have other numbers from now on.
    pub(super) fn renumber(&mut self, flow: impl Fn(&mut u32), source: impl Fn(&mut SourceId)) {
        self.records.iter_mut().for_each(|patient| flow(&mut patient.flow));
        self.turns.iter_mut().for_each(|turn| flow(&mut turn.via));
        self.histories.iter_mut().for_each(|history| source(&mut history.source));
    }

    /// How many are inside.
    pub fn inside(&self) -> usize {
        self.slots().len()
    }

    /// The slots of those inside, in order.
    pub fn slots(&self) -> Vec<u32> {
        let mut present = vec![true; self.records.len()];
        let mut free = self.free;
        while free != NOBODY {
            present[free as usize] = false;
            free = self.records[free as usize].behind;
        }
        let inside = |slot: &u32| {
            present[*slot as usize] && self.records[*slot as usize].status != Status::Outside
        };
        (0..self.records.len() as u32).filter(inside).collect()
    }

    /// The history of a patient.
    #[inline]
    pub fn history(&self, slot: u32) -> &History {
        &self.histories[slot as usize]
    }

    /// The history of a patient, to be written.
    #[inline]
    pub fn history_mut(&mut self, slot: u32) -> &mut History {
        &mut self.histories[slot as usize]
    }

    /// An attribute.
    #[inline]
    pub fn attribute(&self, slot: u32, position: usize) -> f64 {
        self.attributes[slot as usize * self.attributes_each + position]
    }

    /// Sets an attribute.
    pub fn set_attribute(&mut self, slot: u32, position: usize, value: f64) {
        self.attributes[slot as usize * self.attributes_each + position] = value;
    }

    /// Gives a patient the attributes of another.
    pub fn copy_attributes(&mut self, from: u32, to: u32) {
        let each = self.attributes_each;
        let first = from as usize * each;
        self.attributes.copy_within(first..first + each, to as usize * each);
    }

    /// The counter of visits at this position.
    #[inline(always)]
    pub fn visit(&self, slot: u32, counter: Option<u32>) -> u32 {
        match counter {
            None => 0,
            Some(at) => self.visits[slot as usize * self.visits_each + at as usize],
        }
    }

    /// A clock of a patient.
    pub fn ticking_mut(&mut self, slot: u32, clock: usize) -> &mut Ticking {
        &mut self.clocks[slot as usize * self.clocks_each + clock]
    }

    /// Counts a visit.
    pub fn count_visit(&mut self, slot: u32, counter: u32) {
        self.visits[slot as usize * self.visits_each + counter as usize] += 1;
    }
}

impl std::ops::Index<u32> for Patients {
    type Output = Patient;

    #[inline(always)]
    fn index(&self, slot: u32) -> &Patient {
        &self.records[slot as usize]
    }
}

impl std::ops::IndexMut<u32> for Patients {
    #[inline(always)]
    fn index_mut(&mut self, slot: u32) -> &mut Patient {
        &mut self.records[slot as usize]
    }
}
