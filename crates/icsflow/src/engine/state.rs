//! Where a replication stands: everything that changes in a run, in one plain structure (G10).
//!
//! It is taken between two instants. Draws are keyed, so that no generator needs keeping, and what follows
//! from the network is not in it. Put into a simulation of the same network, it goes on as if it had never
//! stood still. Of the network of a scenario that changes nothing before that instant only the numbers of
//! some things are others: flows and sources are found again by what they are, and what the scenario adds
//! is brought to where it would stand by then.
//!
//! Both sides are written out field by field, so that whatever is new in a simulation has to be thought of
//! here before it compiles.

use std::collections::VecDeque;
use std::mem::take;

use serde::{Deserialize, Serialize};

use super::blame::Blame;
use super::calendar::{Calendar, Event, Rank};
use super::deadlock::Knots;
use super::diary::Diary;
use super::legs::Joins;
use super::lines::Lines;
use super::patients::{Patients, Status};
use super::population::People;
use super::readmission::Return;
use super::record::{NodeRecord, Recorder};
use super::referrals::Referred;
use super::simulation::{NodeState, Run, Simulation, Stop};
use super::sources;
use super::supply::{Changing, Supply};
use super::visits::Booking;
use crate::ids::{NodeId, SourceId};
use crate::network::network::{Flow, Network, Place};
use crate::time::Time;

/// Where a replication stands.
#[derive(Debug, Serialize, Deserialize)]
pub struct State {
    /// What is going to happen, in order.
    pending: Vec<Event>,
    sources: Vec<sources::Kept>,
    patients: Patients,
    nodes: Vec<Node>,
    lines: Lines,
    lists: Vec<u32>,
    incoming: VecDeque<(u32, NodeId)>,
    changes: Vec<Changing>,
    reviews: Vec<(NodeId, u32)>,
    diaries: Vec<Diary>,
    counters: Vec<u32>,
    bookings: Vec<[Booking; 2]>,
    to_assign: Vec<u32>,
    blame: Blame,
    people: People,
    returns: Vec<Option<Return>>,
    referrals: Vec<Referred>,
    joins: Joins,
    knots: Knots,
    travelling: u32,
    occurrences: Vec<u64>,
    recorder: Recorder,
    now: Time,
    rank: u32,
    seq: u32,
    tickets: u64,
    events: u64,
    seen: (Time, u64),
    measures: bool,
    next_census: Time,
}

/// What a node is doing; see [`NodeState`].
#[derive(Debug, Serialize, Deserialize)]
struct Node {
    places: u32,
    plain: u32,
    occupied: u32,
    reserved: u32,
    queue: u32,
    room: u32,
    holding: u32,
    waiting: u32,
    blocked: u32,
    pending: bool,
    record: NodeRecord,
    at_window: Vec<u32>,
    supply: Supply,
}

impl Node {
    fn of(state: &mut NodeState<'_>) -> Self {
        let NodeState {
            spec: _,
            simple: _,
            places,
            plain,
            occupied,
            reserved,
            queue,
            room,
            holding,
            waiting,
            blocked,
            pending,
            record,
            at_window,
            supply,
        } = state;
        Node {
            places: *places,
            plain: *plain,
            occupied: *occupied,
            reserved: *reserved,
            queue: *queue,
            room: *room,
            holding: *holding,
            waiting: *waiting,
            blocked: *blocked,
            pending: *pending,
            record: take(record),
            at_window: take(at_window),
            supply: take(supply),
        }
    }

    fn put_into(self, state: &mut NodeState<'_>) {
        let NodeState { spec, simple, .. } = *state;
        let Node {
            places,
            plain,
            occupied,
            reserved,
            queue,
            room,
            holding,
            waiting,
            blocked,
            pending,
            record,
            at_window,
            supply,
        } = self;
        *state = NodeState {
            spec,
            simple,
            places,
            plain,
            occupied,
            reserved,
            queue,
            room,
            holding,
            waiting,
            blocked,
            pending,
            record,
            at_window,
            supply,
        };
    }
}

/// Days for which the numbers of visits are looked at.
const SEEN: i64 = 366;

/// Why a scenario cannot go on from where a replication stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Barred {
    /// Something of it has a state of its own from the beginning: other lists of given values, choices in
    /// turn, or lines.
    Shape,
    /// The visits that a node has on the day of the instant are others: a day begins at midnight, with as
    /// many as there are at noon.
    Day(NodeId),
    /// People were found to wait for one another's places for ever, or not so, for the sake of places to
    /// come that are others in the scenario.
    Deadlock,
}

impl<'n, C: Calendar> Simulation<'n, C> {
    /// Where it stands, after a [run](Self::run) up to a [pause](Run::pause). What is left of it begins
    /// anew.
    pub fn hand_over(&mut self) -> State {
        let mut pending = self.calendar.drain();
        pending.sort_unstable();
        self.blame.settle();
        if !self.measures {
            // What stands there is of no use, and may be of a replication before.
            self.nodes.iter_mut().for_each(|node| node.record.forget());
        }
        let Simulation {
            network: _,
            calendar: _,
            told: _,
            // That of the run.
            mirror: _,
            sources,
            patients,
            nodes,
            lines,
            lists,
            incoming,
            changes,
            reviews,
            diaries,
            counters,
            bookings,
            to_assign,
            blame,
            people,
            returns,
            referrals,
            joins,
            knots,
            travelling,
            occurrences,
            recorder,
            now,
            rank,
            // Between instants nothing is being assigned, and nothing has gone wrong.
            assigning: _,
            stop: _,
            seq,
            tickets,
            events,
            seen,
            measures,
            // Each run has its own.
            boundary: _,
            patience: _,
            next_census,
        } = self;
        State {
            pending,
            sources: sources.keep(),
            patients: take(patients),
            nodes: nodes.iter_mut().map(Node::of).collect(),
            lines: take(lines),
            lists: take(lists),
            incoming: take(incoming),
            changes: take(changes),
            reviews: take(reviews),
            diaries: take(diaries),
            counters: take(counters),
            bookings: take(bookings),
            to_assign: take(to_assign),
            blame: take(blame),
            people: take(people),
            returns: take(returns),
            referrals: take(referrals),
            joins: take(joins),
            knots: take(knots),
            travelling: *travelling,
            occurrences: take(occurrences),
            recorder: take(recorder),
            now: *now,
            rank: *rank,
            seq: *seq,
            tickets: *tickets,
            events: *events,
            seen: *seen,
            measures: *measures,
            next_census: *next_census,
        }
    }

    /// Takes up a replication where it was left, at `at`, and goes on with it as [`run`](Self::run) does.
    ///
    /// # Errors
    /// As `run`.
    pub fn resume(
        &mut self,
        run: &Run,
        state: State,
        at: Time,
        told_to_stop: &std::sync::atomic::AtomicBool,
    ) -> Result<(), Stop> {
        let State {
            pending,
            sources,
            patients,
            nodes,
            lines,
            lists,
            incoming,
            changes,
            reviews,
            diaries,
            counters,
            bookings,
            to_assign,
            blame,
            people,
            returns,
            referrals,
            joins,
            knots,
            travelling,
            occurrences,
            recorder,
            now,
            rank,
            seq,
            tickets,
            events,
            seen,
            measures,
            next_census,
        } = state;
        let network = self.network;
        (self.now, self.rank, self.seq, self.tickets) = (now, rank, seq, tickets);
        (self.assigning, self.stop) = (false, None);
        (self.events, self.seen) = (events, seen);
        (self.measures, self.next_census) = (measures, next_census);
        for (node, state) in nodes.into_iter().zip(&mut self.nodes) {
            node.put_into(state);
        }
        self.choose_simple(run);
        self.mirror = run.mirror();
        (self.patients, self.lines, self.incoming) = (patients, lines, incoming);
        (self.reviews, self.diaries, self.counters) = (reviews, diaries, counters);
        (self.bookings, self.to_assign, self.people) = (bookings, to_assign, people);
        (self.blame, self.knots, self.recorder) = (blame, knots, recorder);
        (self.returns, self.referrals, self.joins) = (returns, referrals, joins);
        (self.travelling, self.occurrences) = (travelling, occurrences);
        self.blame.prepare(network);
        self.lines.find_places(network, &self.patients);
        for slot in self.patients.slots() {
            // Of stays that go on at a simple node it is known from the start where they lead.
            let patient = &mut self.patients[slot];
            if patient.status == Status::InStay
                && let Some(simple) = self.nodes[patient.node.index()].simple
            {
                patient.draw_way(simple, self.mirror);
            }
        }
        // Streams that are new take nothing from lists.
        self.lists.clear();
        self.lists.resize(network.lists, 0);
        let (seq, scratch) = (&mut self.seq, &mut self.lists);
        self.events += self.sources.take_up(network, run, sources, at, seq, scratch)?;
        self.lists = lists;
        self.changes = changes;
        self.calendar.clear(now, network.busy);
        let of_plan = |event: &Event| event.rank() == Rank::Capacity as u32;
        for event in pending.into_iter().filter(|event| !of_plan(event)) {
            self.calendar.push(event);
        }
        self.plan_from(at);
        self.boundary = self.next_boundary(run);
        self.advance(run, told_to_stop)
    }

    /// Puts the next change of places of every node into the calendar. What plans change is asked of the
    /// network that goes on: it may be another from this instant on.
    fn plan_from(&mut self, at: Time) {
        for index in 0..self.changes.len() as u32 {
            let mut next = self.changes[index as usize].next;
            if self.network.changes[index as usize].is_plan() {
                let time = self.planned_after(index, at - 1).unwrap_or(Time::MAX);
                next = Event::new(time, Rank::Capacity, index, next.seq());
                self.changes[index as usize].next = next;
            }
            if next.time < Time::MAX {
                self.calendar.push(next);
            }
        }
    }
}

impl State {
    /// Makes of a state of one network that of the network of a scenario which is the same until `at`.
    ///
    /// # Errors
    /// If the scenario cannot go on from it.
    pub fn branch(&mut self, from: &Network, to: &Network, at: Time) -> Result<(), Barred> {
        let shape = |network: &Network| {
            let counts = [network.shown, network.lists, network.counters, network.diaries];
            let carried = [network.attributes, network.revisited, network.clocks.len()];
            let told = [network.processes.len(), network.ends.len(), network.professions.len()];
            let places = [network.nodes.len(), network.lines, network.changes.len()];
            (counts, carried, told, places, network.deadlock)
        };
        if shape(from) != shape(to) {
            return Err(Barred::Shape);
        }
        let visits = |network: &Network, node: usize| {
            let visits = network.nodes[node].extras.as_ref()?.visits.as_ref()?;
            let today = visits.day(at - 1);
            Some((today..today + SEEN).map(|day| visits.budget(day, today)).collect::<Vec<_>>())
        };
        if let Some(node) = (0..from.nodes.len()).find(|n| visits(from, *n) != visits(to, *n)) {
            return Err(Barred::Day(NodeId(node as u32)));
        }
        if from.deadlock.is_some() && self.foretold(from, to, at) {
            return Err(Barred::Deadlock);
        }
        let source = |number: usize| {
            let name = &from.source_names[number];
            to.source_names.iter().position(|known| known == name)
        };
        let place = |place: Place| match place {
            Place::Node(node) => Some(Place::Node(node)),
            Place::Source(number) => Some(Place::Source(source(number as usize)? as u32)),
            Place::Exit(exit) => {
                let name = &from.exits[exit as usize];
                Some(Place::Exit(to.exits.iter().position(|known| known == name)? as u32))
            }
        };
        let flow = |flow: &Flow| {
            let flow = Flow { from: place(flow.from)?, to: place(flow.to)? };
            Some(to.flows.iter().position(|known| *known == flow)? as u32)
        };
        let flows: Option<Vec<u32>> = from.flows.iter().map(flow).collect();
        let sources = (0..from.source_names.len()).map(|number| Some(source(number)? as u32));
        let sources: Option<Vec<u32>> = sources.collect();
        let (Some(flows), Some(sources)) = (flows, sources) else { return Err(Barred::Shape) };
        let flow_of = |flow: &mut u32| {
            // Nobody has gone any way yet whose flow is none.
            *flow = flows.get(*flow as usize).copied().unwrap_or(*flow);
        };
        let source_of = |source: &mut SourceId| {
            source.0 = sources.get(source.index()).copied().unwrap_or(source.0);
        };
        self.patients.renumber(flow_of, source_of);
        self.returns.iter_mut().flatten().for_each(|back| back.renumber(flow_of));
        self.referrals.iter_mut().for_each(|referred| referred.renumber(flow_of));
        self.recorder.renumber((&flows, to.flows.len()), flow_of, source_of);
        self.blame.move_flows(&flows, to.flows.len());
        Ok(())
    }

    /// Whether what was found of people who wait for one another depends on places that are others in the
    /// scenario.
    fn foretold(&self, from: &Network, to: &Network, at: Time) -> bool {
        (0..from.nodes.len()).map(|node| NodeId(node as u32)).any(|node| {
            let (before, after) = (from.most_places(node, at), to.most_places(node, at));
            (self.knots.found.is_some() && after > before) || (self.knots.foresaw && after < before)
        })
    }
}
