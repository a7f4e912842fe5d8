//! One replication: the clock and the loop.

use std::collections::VecDeque;
use std::mem::take;
use std::sync::atomic::{AtomicBool, Ordering};

use super::blame::Blame;
use super::calendar::{Calendar, Event, Rank};
use super::deadlock::{Knot, Knots};
use super::diary::Diary;
use super::known::{Alike, AlikeWithLevels, Known, Unknown};
use super::legs::Joins;
use super::lines::Lines;
use super::patients::{Patient, Patients, Status};
use super::population::People;
use super::readmission::Return;
use super::record::{Ending, NodeRecord, Recorder, Recording, Told};
use super::referrals::Referred;
use super::sources::{Exhausted, Sources};
use super::supply::{Changing, Supply};
use super::visits::Booking;
use crate::ids::{NOWHERE, NodeId, StratumId};
use crate::network::network::{Network, Node, Simple};
use crate::network::ways::Hold;
use crate::rng::{Mirror, SourceKey};
use crate::time::Time;

/// Which replication to run, and for how long.
#[derive(Clone, Copy, Debug)]
pub struct Run {
    /// Seed of all draws.
    pub seed: u64,
    /// Number of the replication.
    pub replication: u32,
    /// Sequence of the first event: 0, but in tests of what happens when sequences run out.
    pub sequence: u32,
    /// Time before measuring begins.
    pub warm_up: Time,
    /// Time measured.
    pub until: Time,
    /// The instant before which it stops, to be [handed over](Simulation::hand_over) there and to go on later;
    /// [`Time::MAX`] to run to the end.
    pub pause: Time,
    /// What to measure.
    pub recording: Recording,
    /// Replications 2k and 2k + 1 are a pair: they have the same draws, the second at the opposite quantiles.
    pub antithetic: bool,
    /// Nodes are not treated as [`Simple`]: the general rules hold everywhere, to the same effect.
    pub by_general_rules: bool,
}

impl Run {
    /// How draws are taken.
    pub fn mirror(&self) -> Mirror {
        if self.antithetic && self.replication % 2 == 1 { Mirror::OPPOSITE } else { Mirror::NONE }
    }

    /// The key of a source, or of a node, by its name.
    pub fn key(&self, name: &str) -> SourceKey {
        let replication = if self.antithetic { self.replication / 2 } else { self.replication };
        SourceKey::new(self.seed, replication, name).mirrored(self.mirror())
    }
}

/// Why a replication ended early.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// It was told to stop.
    Interrupted,
    /// A list of given values came to its end.
    Exhausted(Exhausted),
    /// More people inside than the engine, or the memory, can hold.
    Crowded,
    /// The share of those who come of a source, at a time, is beyond 0 and 1.
    Share(u32, Time),
    /// Event upon event at one instant, and no end: the instant, and nodes where they happen, the first
    /// few; [`NOWHERE`] stands for none.
    Endless(Time, [NodeId; 4]),
}

impl From<Exhausted> for Stop {
    fn from(exhausted: Exhausted) -> Self {
        Stop::Exhausted(exhausted)
    }
}

/// What a node is doing now: what every event needs, in one line of the cache.
#[derive(Debug)]
#[repr(align(64))]
pub(super) struct NodeState<'n> {
    /// The node as compiled.
    pub spec: &'n Node,
    /// What holds here, if it is no more than at the simplest of nodes; nothing for the oracle.
    pub simple: Option<&'n Simple>,
    /// Places; more than there are people if there is no limit.
    pub places: u32,
    /// Places that may be taken without asking further rules: all, or none if there are such rules.
    pub plain: u32,
    /// Places taken.
    pub occupied: u32,
    /// Places assigned to people who have not come yet.
    pub reserved: u32,
    /// People in the queue.
    pub queue: u32,
    /// Places of the waiting room taken or reserved.
    pub room: u32,
    /// People in its lines who still hold a place elsewhere and have no place in the waiting room.
    pub holding: u32,
    /// People who wait here in person, in the queue or the waiting room.
    pub waiting: u32,
    /// People in its places who are blocked.
    pub blocked: u32,
    /// Stands in the list of nodes with something to assign.
    pub pending: bool,
    /// What is measured of it.
    pub record: NodeRecord,
    /// People who wait for its window.
    pub at_window: Vec<u32>,
    /// What moves about its places, under rules beyond the plain ones.
    pub supply: Supply,
}

impl<'n> NodeState<'n> {
    fn new(spec: &'n Node) -> Self {
        NodeState {
            spec,
            simple: None,
            places: spec.places.unwrap_or(u32::MAX),
            plain: match spec.extras {
                None => spec.places.unwrap_or(u32::MAX),
                Some(_) => 0,
            },
            occupied: 0,
            reserved: 0,
            queue: 0,
            room: 0,
            holding: 0,
            waiting: 0,
            blocked: 0,
            pending: false,
            record: NodeRecord::default(),
            at_window: Vec::new(),
            supply: Supply::default(),
        }
    }

    /// Empties it for a new replication; memory is kept.
    fn clear(&mut self) {
        let (record, mut at_window) = (take(&mut self.record), take(&mut self.at_window));
        at_window.clear();
        *self = NodeState { record, at_window, ..NodeState::new(self.spec) };
    }

    /// People in its lines or referred to it, or on their way to a place that they waited for there.
    /// Whoever holds a place and stands in line for the first free of several joins the one that it is; whoever is seen
    /// elsewhere while a place is kept here joins on coming.
    fn in_line(&self, own: NodeId) -> u64 {
        let from_elsewhere = self.holding + self.supply.referred;
        let holding = if self.spec.charged == own { from_elsewhere } else { 0 };
        let people = [self.queue, self.room, holding, self.reserved - self.supply.kept];
        people.into_iter().map(u64::from).sum()
    }

    /// Whether anybody stands in its lines.
    #[inline(always)]
    pub(super) fn has_line(&self) -> bool {
        self.queue | self.room | self.holding != 0
    }

    /// People who take up the places of the queue.
    #[inline(always)]
    pub(super) fn in_queue(&self) -> u32 {
        self.queue + (self.room & self.spec.shares_queue)
    }

    /// Whether a place is free, and no rule beyond the plain ones says to whom it goes.
    #[inline(always)]
    pub(super) fn has_place(&self) -> bool {
        self.occupied + self.reserved < self.plain
    }

    /// Whether a place that is given up is there for another: not where there are more people than places.
    #[inline(always)]
    pub(super) fn keeps_its_places(&self) -> bool {
        self.occupied + self.reserved <= self.plain
    }

    /// Whether a place is free, and nobody stands in line for it.
    #[inline(always)]
    pub(super) fn takes_at_once(&self) -> bool {
        self.has_place() && !self.has_line()
    }
}

impl NodeState<'_> {
    /// A patient comes and stands in the queue.
    #[inline(always)]
    pub(super) fn stand<K: Known>(&mut self, patient: &mut Patient, now: Time) {
        patient.status = Status::Waiting;
        self.queue += 1;
        self.waiting += 1;
        self.record.joined_and_waits::<K>(patient.stratum, now);
    }

    /// A patient takes a place: what is recorded of the wait until now, the caller says.
    #[inline(always)]
    pub(super) fn take_in(&mut self, patient: &mut Patient, now: Time, seq: u32) {
        self.occupied += 1;
        (patient.started, patient.status, patient.timer) = (now, Status::InStay, seq);
    }

    /// A patient leaves a place.
    #[inline(always)]
    pub(super) fn let_go<K: Known>(&mut self, stratum: StratumId, started: Time, now: Time) {
        self.occupied -= 1;
        self.record.left::<K>(stratum, started, now);
    }
}

/// Events in the calendar that are never too many.
const CROWD: usize = 4096;
/// Events between two looks at whether to stop.
const PATIENCE: u64 = 4096;
/// Events at one instant that are taken for ones without end, or so many for each person inside.
const AT_ONE_INSTANT: u64 = 10_000_000;
const AT_ONE_INSTANT_EACH: u64 = 100;

/// A replication, with all that changes in it. Buffers are kept from one to the next.
#[derive(Debug)]
pub struct Simulation<'n, C> {
    pub(super) network: &'n Network,
    pub(super) calendar: C,
    pub(super) sources: Sources<'n>,
    pub(super) patients: Patients,
    /// How draws are taken.
    pub(super) mirror: Mirror,
    pub(super) nodes: Vec<NodeState<'n>>,
    pub(super) lines: Lines,
    /// How far each list of given values has been used.
    pub(super) lists: Vec<u32>,
    /// People sent on at this instant who have not come yet, and where they come to.
    pub(super) incoming: VecDeque<(u32, NodeId)>,
    /// What changes places by itself, as the network has it.
    pub(super) changes: Vec<Changing>,
    /// All reviews: the node or list, and which of its reviews.
    pub(super) reviews: Vec<(NodeId, u32)>,
    /// Of each node that gives slots: who has which.
    pub(super) diaries: Vec<Diary>,
    /// Counters of choices that go round.
    pub(super) counters: Vec<u32>,
    /// Visits of each patient: of the present stay, and booked or given of the next.
    pub(super) bookings: Vec<[Booking; 2]>,
    /// Nodes with a free place or a new claimant, in the order in which they came up.
    pub(super) to_assign: Vec<u32>,
    pub(super) blame: Blame,
    /// Who is told apart in what is measured.
    pub(super) told: Told,
    pub(super) people: People,
    /// Of each slot: who is out and comes again.
    pub(super) returns: Vec<Option<Return>>,
    /// Of each slot: the referral to the next node.
    pub(super) referrals: Vec<Referred>,
    pub(super) knots: Knots,
    /// Whose leg is whose.
    pub(super) joins: Joins,
    /// People on the way who hold no place.
    pub(super) travelling: u32,
    /// How often each event on people has come so far.
    pub(super) occurrences: Vec<u64>,
    /// What has been measured.
    pub recorder: Recorder,
    pub(super) now: Time,
    /// Rank of the event at hand.
    pub(super) rank: u32,
    /// Free places are being assigned.
    pub(super) assigning: bool,
    pub(super) seq: u32,
    /// Patients who have stood in a line so far.
    pub(super) tickets: u64,
    pub(super) stop: Option<Stop>,
    /// Events so far, arrivals included; in a run, those up to the last look at whether to stop.
    pub events: u64,
    /// Events until the next one.
    pub(super) patience: u64,
    /// The instant at the last look at whether to stop, and the events when it was first seen.
    pub(super) seen: (Time, u64),
    /// Measuring has begun.
    pub(super) measures: bool,
    /// The next instant that the loop itself must see to: start of measuring, census, pause, end.
    pub(super) boundary: Time,
    pub(super) next_census: Time,
}

impl<'n, C: Calendar> Simulation<'n, C> {
    /// For the replications of a network.
    pub fn new(network: &'n Network) -> Self {
        Simulation {
            network,
            calendar: C::default(),
            sources: Sources::default(),
            patients: Patients::default(),
            mirror: Mirror::NONE,
            nodes: network.nodes.iter().map(NodeState::new).collect(),
            lines: Lines::default(),
            lists: Vec::new(),
            incoming: VecDeque::new(),
            changes: Vec::new(),
            reviews: Vec::new(),
            diaries: Vec::new(),
            counters: Vec::new(),
            bookings: Vec::new(),
            to_assign: Vec::new(),
            blame: Blame::default(),
            told: Told::default(),
            people: People::default(),
            returns: Vec::new(),
            referrals: Vec::new(),
            knots: Knots::default(),
            joins: Joins::default(),
            travelling: 0,
            occurrences: Vec::new(),
            recorder: Recorder::default(),
            now: 0,
            rank: 0,
            assigning: false,
            seq: 0,
            tickets: 0,
            stop: None,
            events: 0,
            patience: 0,
            seen: (Time::MIN, 0),
            measures: false,
            boundary: 0,
            next_census: 0,
        }
    }

    /// Runs one replication, to its end or its pause. What it measured lies in
    /// [`recorder`](Self::recorder) until the next.
    ///
    /// # Errors
    /// Why it ended early; what was measured until then is of no use.
    pub fn run(&mut self, run: &Run, told_to_stop: &AtomicBool) -> Result<(), Stop> {
        self.begin(run)?;
        if !self.network.census.is_empty() {
            self.begin_with_census(run)?;
            // Nobody starts before measuring does.
            self.cross(run)?;
        }
        self.advance(run, told_to_stop)
    }

    /// Goes on to the end, or the pause.
    pub(super) fn advance(&mut self, run: &Run, told_to_stop: &AtomicBool) -> Result<(), Stop> {
        match (self.patients_are_alike(run), run.recording.levels) {
            (false, _) => self.go_on_to_end::<Unknown>(run, told_to_stop),
            (true, true) => self.go_on_to_end::<AlikeWithLevels>(run, told_to_stop),
            (true, false) => self.go_on_to_end::<Alike>(run, told_to_stop),
        }
    }

    /// The loop.
    #[inline(never)]
    fn go_on_to_end<K: Known>(&mut self, run: &Run, told_to_stop: &AtomicBool) -> Result<(), Stop> {
        // Of a replication that is taken up, looks fall on the same events as if it had gone on.
        self.patience = PATIENCE - self.events % PATIENCE;
        self.events -= self.events % PATIENCE;
        loop {
            let (event, arrival) = (self.calendar.peek(), self.sources.peek());
            // Free places are assigned when every stay that ends at this instant is over.
            if !self.to_assign.is_empty() && self.ends_are_over(event) {
                self.assign_places();
                continue;
            }
            let arrives = arrival.before(event);
            let next = if arrives { arrival } else { event };
            if next.time > self.boundary {
                if self.cross(run)? {
                    self.events += PATIENCE - self.patience;
                    return Ok(());
                }
                continue;
            }
            (self.now, self.rank) = (next.time, next.rank());
            if arrives {
                self.arrive::<K>(next.slot());
            } else {
                self.calendar.pop();
                self.happen::<K>(next);
            }
            // Between events: sequences may be given anew, and the event at hand bears an old one.
            self.patience -= 1;
            if self.patience == 0 {
                self.patience = PATIENCE;
                self.events += PATIENCE;
                self.look_up(told_to_stop)?;
            }
        }
    }

    /// Whether no stay, window or change of places at this instant is still to come, when this is the
    /// next event of the calendar. (An arrival never is one of them.)
    #[inline(always)]
    pub(super) fn ends_are_over(&self, next: Event) -> bool {
        next.time > self.now || next.rank() > Rank::Assignment as u32
    }

    /// What an event of the calendar means.
    #[inline(always)]
    fn happen<K: Known>(&mut self, event: Event) {
        let slot = event.slot();
        if !event.of_patient() {
            return self.happen_to_node(event);
        }
        let patient = &self.patients[slot];
        // An event that is not the patient's live timer was cancelled.
        if patient.timer != event.seq() {
            return;
        }
        if patient.status == Status::InStay {
            self.stay_over::<K>(slot);
        } else {
            self.happen_otherwise(slot, patient.status);
        }
    }

    /// What the timer of a patient means who is not in the stay itself.
    #[inline(never)]
    fn happen_otherwise(&mut self, slot: u32, status: Status) {
        match status {
            Status::InProcess => self.process_over(slot),
            Status::Waiting => self.waited_enough(slot),
            Status::Outside => self.attend(slot),
            Status::Transfer => self.transfer_over(slot),
            _ => self.leave(slot),
        }
    }

    /// What an event means that is no patient's.
    #[inline(never)]
    fn happen_to_node(&mut self, event: Event) {
        const CAPACITY: u32 = Rank::Capacity as u32;
        const PLACE_BACK: u32 = Rank::PlaceBack as u32;
        const SLOTS: u32 = Rank::Slots as u32;
        const REVIEW: u32 = Rank::Review as u32;
        const DEATH: u32 = Rank::Death as u32;
        const PEOPLE: u32 = Rank::People as u32;
        const LATE_SLOTS: u32 = Rank::LateSlots as u32;
        match event.rank() {
            CAPACITY => self.change_places(event.slot()),
            PLACE_BACK => self.place_back(event.slot()),
            SLOTS => self.slots_due(event.slot(), false),
            REVIEW => self.review(event.slot()),
            DEATH => self.death(event),
            PEOPLE => self.happen_to_people(event.slot()),
            LATE_SLOTS => self.slots_due(event.slot(), true),
            _ => self.open_window(event.slot()),
        }
    }

    fn begin(&mut self, run: &Run) -> Result<(), Stop> {
        let network = self.network;
        let start = -run.warm_up;
        let strata = run.recording.told.strata(network);
        self.calendar.clear(start, network.busy);
        self.patients.clear(network);
        for node in &mut self.nodes {
            node.clear();
            node.record.clear(strata, run.recording, start);
        }
        self.choose_simple(run);
        self.lines.clear(network);
        self.lists.clear();
        self.lists.resize(network.lists, 0);
        self.to_assign.clear();
        self.incoming.clear();
        self.bookings.clear();
        self.counters.clear();
        self.counters.resize(network.counters, 0);
        self.tickets = 0;
        self.blame.clear(network, start);
        self.knots.clear();
        self.joins.clear();
        self.returns.clear();
        self.referrals.clear();
        self.travelling = 0;
        self.recorder.clear(network, run.recording);
        (self.now, self.rank, self.seq) = (start, 0, run.sequence);
        (self.events, self.stop, self.seen) = (0, None, (Time::MIN, 0));
        self.next_census = run.recording.census.0;
        self.measures = false;
        self.boundary = self.next_boundary(run);
        let (seq, lists) = (&mut self.seq, &mut self.lists);
        self.mirror = run.mirror();
        self.sources.clear(network, run, start, seq, lists)?;
        self.open_places(run);
        self.occurrences.clear();
        self.occurrences.resize(network.events.len(), 0);
        self.expect_events();
        self.begin_populations(run)
    }

    /// Says which nodes are treated as [`Simple`], and who is told apart.
    pub(super) fn choose_simple(&mut self, run: &Run) {
        self.told = run.recording.told;
        // Where visits are followed, and it matters who leaves, there is more to do everywhere.
        let simply = !run.by_general_rules
            && !run.recording.stays
            && !run.recording.departures
            && self.network.clocks.is_empty()
            && !self.network.minds_leaving;
        for node in &mut self.nodes {
            node.simple = node.spec.simple.as_ref().filter(|_| simply);
        }
    }

    /// The next instant that the loop itself must see to.
    pub(super) fn next_boundary(&self, run: &Run) -> Time {
        self.next_of_run(run).min(run.pause - 1)
    }

    /// The same without the pause. Measuring begins before anything that happens at instant 0; a census
    /// at the last instant belongs to the time after.
    fn next_of_run(&self, run: &Run) -> Time {
        if self.measures { self.next_census.min(run.until) } else { -1 }
    }

    /// The next event lies behind the boundary: begin measuring, take the census, pause, or end. Tells
    /// whether that was all.
    #[cold]
    fn cross(&mut self, run: &Run) -> Result<bool, Stop> {
        if let Some(stop) = self.stop {
            return Err(stop);
        }
        let next = self.next_of_run(run);
        if next >= run.pause {
            return Ok(true);
        }
        if next == run.until {
            self.finish(run.until);
            return Ok(true);
        }
        if !self.measures {
            self.measures = true;
            for (at, node) in (0..).map(NodeId).zip(&mut self.nodes) {
                node.record.restart(0);
                node.record.list.at_start = node.in_line(at);
            }
            self.recorder.restart(self.network);
            self.clocks_at_start();
            self.recorder.inside_at_start = self.inside() as u64;
            self.joins.restart();
            self.blame.restart(0);
            self.knots.exchanged = 0;
        } else {
            // Who waits for the first free of several counts at the node first named.
            let of_line = |node: &NodeState<'_>| (node.spec.charged, node.waiting);
            let lines = &self.nodes[self.network.shown..];
            for (i, node) in (0u32..).zip(&self.nodes) {
                let own = node.spec.charged == NodeId(i);
                let charged = lines.iter().map(of_line).filter(|(at, _)| own && *at == NodeId(i));
                let waiting = charged.map(|(_, waiting)| waiting).sum::<u32>()
                    + if own { node.waiting } else { 0 };
                let ready = node.blocked + node.record.in_process;
                let open = if node.spec.places.is_some() { node.places } else { 0 };
                let people = [node.occupied, waiting, node.blocked, ready, open, node.reserved];
                self.recorder.take_census(people);
            }
            self.clocks_at_census(self.boundary);
            self.next_census += run.recording.census.1;
        }
        self.boundary = self.next_boundary(run);
        Ok(false)
    }

    fn finish(&mut self, end: Time) {
        self.blame.charge(end);
        self.clocks_at_end(end);
        for slot in self.patients.slots() {
            let patient = self.patients[slot];
            let hold = self.hold_of(slot);
            let node = &mut self.nodes[patient.node.index()];
            let process = (patient.status == Status::InProcess)
                .then(|| node.spec.delays[self.patients.history(slot).step as usize].process);
            let held = hold != Hold::No;
            self.recorder.still_there(&mut node.record, &patient, process, held, end);
            if !self.joins.is_leg(slot) {
                self.recorder.inside_until(patient.stratum, end);
            }
            let away = matches!(patient.status, Status::Window | Status::Transfer);
            if away || self.stands_ahead(slot) {
                self.record_reserved(slot, false, end);
            }
            if patient.status == Status::Waiting {
                let node = &mut self.nodes[patient.node.index()];
                node.record.list.still_waits(end - patient.joined);
                let (line_of, class) = match node.spec.extras {
                    Some(_) => {
                        let turn = self.patients.turn(slot);
                        (turn.line_of, turn.class)
                    }
                    None => (patient.node, patient.line - node.spec.first_line),
                };
                let record = &mut self.nodes[line_of.index()].record;
                record.waited_in_class(class, patient.joined, end);
            }
            // Of who is on the way and holds no place the visit is over, and its row kept.
            if patient.status != Status::Transfer || hold != Hold::No {
                self.keep_row(slot, None, Ending::Left);
            }
        }
        for (at, node) in (0..).map(NodeId).zip(&mut self.nodes) {
            node.record.list.at_end = node.in_line(at);
            node.record.finish(end);
        }
        self.now = end;
        for (at, spec) in (0..).map(NodeId).zip(&self.network.nodes) {
            if let Some(team) = spec.extras.as_ref().and_then(|extras| extras.team.as_ref()) {
                self.measure_caseload(at, team);
            }
        }
    }

    /// Something went wrong in the middle of an event: stop at the next look at the clock.
    #[cold]
    pub(super) fn give_up(&mut self, stop: Stop) {
        self.stop.get_or_insert(stop);
        self.boundary = Time::MIN;
    }

    /// Every few thousand events: whether to stop, and whether sequences run out.
    #[cold]
    fn look_up(&mut self, told_to_stop: &AtomicBool) -> Result<(), Stop> {
        if told_to_stop.load(Ordering::Relaxed) {
            return Err(Stop::Interrupted);
        }
        if self.now > self.seen.0 {
            self.seen = (self.now, self.events);
        }
        let people = self.patients.most() as u64;
        if self.events - self.seen.1 > AT_ONE_INSTANT.max(people * AT_ONE_INSTANT_EACH) {
            return Err(self.endless());
        }
        // Also when most events in the calendar are of patients who wait for them no longer.
        let rarely = self.events.is_multiple_of(64 * PATIENCE);
        let stale = rarely && self.calendar.len() > 4 * (self.patients.most() + CROWD);
        if stale || self.seq > 1 << 31 {
            self.renumber();
        }
        Ok(())
    }

    /// Who is about to do something at this instant, again.
    #[cold]
    fn endless(&mut self) -> Stop {
        let mut nodes = [NOWHERE; 4];
        let mut pending = self.calendar.drain();
        pending.sort_unstable();
        for event in pending.into_iter().take_while(|event| event.time == self.now) {
            let slot = event.slot();
            const CAPACITY: u32 = Rank::Capacity as u32;
            const REVIEW: u32 = Rank::Review as u32;
            let node = match event.rank() {
                _ if event.of_patient() => self.patients[slot].node,
                CAPACITY => self.network.changes[slot as usize].node,
                REVIEW => self.reviews[slot as usize].0,
                _ => NodeId(slot),
            };
            let free = nodes.iter().position(|known| *known == node || *known == NOWHERE);
            if let Some(at) = free {
                nodes[at] = node;
            }
        }
        Stop::Endless(self.now, nodes)
    }

    /// Gives all pending events new sequences from 0, in their order.
    fn renumber(&mut self) {
        let mut events = self.calendar.drain();
        let in_calendar = events.len();
        events.extend(self.sources.pending());
        let of_sources = events.len();
        // Plans that change nothing more keep their turn all the same.
        let over = |change: &&Changing| change.next.time == Time::MAX;
        events.extend(self.changes.iter().filter(over).map(|change| change.next));
        let mut order: Vec<usize> = (0..events.len()).collect();
        order.sort_unstable_by_key(|at| events[*at].seq());
        // Cancelled events go; the others keep their order.
        self.seq = 0;
        let live = |patients: &Patients, event: &Event| patients[event.slot()].timer == event.seq();
        let (mut timers, mut deaths) = (Vec::new(), Vec::new());
        for at in order {
            let event = events[at];
            let of_patient = at < in_calendar && event.of_patient();
            if of_patient && !live(&self.patients, &event) {
                continue;
            }
            let death = at < in_calendar && event.rank() == Rank::Death as u32;
            if death && self.patients.turn(event.slot()).death != event.seq() {
                continue;
            }
            let renumbered = event.with_seq(self.seq);
            if of_patient {
                timers.push((event.slot(), self.seq));
            }
            if death {
                deaths.push((event.slot(), self.seq));
            }
            if event.rank() == Rank::Capacity as u32 {
                self.changes[event.slot() as usize].next = renumbered;
            }
            if at < in_calendar {
                self.calendar.push(renumbered);
            } else if at < of_sources {
                self.sources.renumber(event, self.seq);
            }
            self.seq += 1;
        }
        for (slot, seq) in timers {
            self.patients[slot].timer = seq;
        }
        for (slot, seq) in deaths {
            self.patients.turn_mut(slot).death = seq;
        }
    }

    /// The network that runs.
    pub fn network(&self) -> &'n Network {
        self.network
    }

    /// What was measured of each node.
    pub fn records(&self) -> impl Iterator<Item = &NodeRecord> {
        self.nodes.iter().map(|node| &node.record)
    }

    /// People in places and waiting, node by node, and on the way.
    pub fn present(&self) -> u64 {
        let of_node = |node: &NodeState<'_>| u64::from(node.occupied) + u64::from(node.waiting);
        let all = self.nodes.iter().map(of_node).sum::<u64>() + u64::from(self.travelling);
        // Who is at a node by a leg is inside already.
        all - u64::from(self.joins.under_way)
    }

    /// Legs under way when measuring began, begun since, and under way now.
    pub fn legs(&self) -> [u64; 3] {
        self.joins.counts()
    }

    /// How many are inside now.
    pub fn inside(&self) -> usize {
        self.patients.inside() - self.joins.under_way as usize
    }

    /// The patients still inside, for the audit.
    pub fn still_inside(&self) -> impl Iterator<Item = &super::patients::Patient> {
        let slots = self.patients.slots().into_iter();
        slots.filter(|slot| !self.joins.is_leg(*slot)).map(|slot| &self.patients[slot])
    }

    /// The first knot of people who can never move, and how many exchanged places instead.
    pub fn knots(&self) -> (Option<&Knot>, u64) {
        (self.knots.found.as_ref(), self.knots.exchanged)
    }

    /// Time blocked on a flow that has its root at nodes behind the awaited one, in microseconds.
    pub fn passed(&self, flow: usize) -> &[(u32, f64)] {
        self.blame.passed(flow)
    }
}
