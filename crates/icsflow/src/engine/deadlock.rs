//! People who wait for one another's places (R21): told, or exchanged.
//!
//! Nobody looks for them until somebody becomes blocked, or places close. Then, when the places of the
//! instant have been given, one question is asked of whoever is still blocked.
//!
//! *Report*: can they ever move? All who are blocked are taken for stuck; whoever awaits a node that has
//! more places, now or later by plan, than there are stuck people in them is not, and that may free
//! others; what is left when nobody else can be freed is a knot. A circle in which somebody has another
//! way out is none: who will die, whom an event to come may move, and who stands before a waiting room
//! out of which somebody may go.
//!
//! *Swap*: is there a circle? The search goes back from the place that the patient holds, over those who
//! await it, to the place that the patient awaits; the shortest circle is taken, and in it whoever is
//! first in each line.

use serde::{Deserialize, Serialize};

use super::calendar::Calendar;
use super::claims::Claim;
use super::patients::{Reserved, Status};
use super::simulation::Simulation;
use super::supply::OPEN;
use crate::ids::NodeId;
use crate::network::event::{Act, State};
use crate::network::extras::Extras;
use crate::network::network::Deadlock;
use crate::time::Time;

/// A closed set of people none of whom can ever move.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Knot {
    /// When it closed.
    pub time: Time,
    /// Who waits for whom, node by node.
    pub waits: Vec<Waits>,
}

/// People who hold places at a node and wait for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waits {
    /// The node whose places they hold.
    pub holds: NodeId,
    /// The node or line that they await.
    pub awaits: NodeId,
    /// How many.
    pub people: u32,
}

/// What is known of people who wait for one another's places.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Knots {
    /// People who may have closed a circle at this instant.
    suspects: Vec<u32>,
    /// The first knot of the replication.
    pub found: Option<Knot>,
    /// People who exchanged places.
    pub exchanged: u64,
    /// An exchange is going on.
    pub exchanging: bool,
    /// Somebody was not taken for stuck for the sake of places that a plan gives later.
    pub foresaw: bool,
    /// Room to think: all who are blocked, the people stuck at each node, its most places.
    #[serde(skip)]
    blocked: Vec<Blocked>,
    #[serde(skip)]
    stuck: Vec<u32>,
    #[serde(skip)]
    most: Vec<Option<u32>>,
}

/// Somebody who is blocked.
#[derive(Clone, Copy, Debug)]
struct Blocked {
    slot: u32,
    holds: NodeId,
    /// The node or list in whose line they stand.
    awaits: NodeId,
    stuck: bool,
}

impl Knots {
    pub(super) fn clear(&mut self) {
        self.suspects.clear();
        (self.found, self.exchanged, self.foresaw) = (None, 0, false);
    }
}

impl<'n, C: Calendar> Simulation<'n, C> {
    /// Somebody has become blocked: whether that may close a circle is seen once places have been given.
    pub(super) fn suspect(&mut self, slot: u32, awaited: NodeId, how: Deadlock) {
        let holds = self.patients[slot].node;
        let full = |node: &NodeId| {
            let state = &self.nodes[node.index()];
            if state.spec.by_slots {
                return false;
            }
            match how {
                Deadlock::Report => state.blocked >= state.places,
                Deadlock::Swap => state.blocked > 0,
            }
        };
        let told = how == Deadlock::Report && self.knots.found.is_some();
        if !told && self.servers_of(awaited).iter().all(full) {
            self.knots.suspects.push(slot);
            self.comes_up(holds);
        }
    }

    /// Places have closed, or an event is over that might have moved somebody: who was blocked already
    /// may be stuck now.
    #[cold]
    pub(super) fn suspect_all(&mut self) {
        if self.network.deadlock == Some(Deadlock::Report) && self.knots.found.is_none() {
            self.see_blocked();
            let blocked = std::mem::take(&mut self.knots.blocked);
            if let Some(one) = blocked.first() {
                self.knots.suspects.push(one.slot);
                self.comes_up(one.holds);
            }
            self.knots.blocked = blocked;
        }
    }

    /// Sees to those who may have closed a circle; false if there is nobody.
    #[inline]
    pub(super) fn see_to_suspects(&mut self) -> bool {
        if self.knots.suspects.is_empty() {
            return false;
        }
        self.untie();
        true
    }

    #[cold]
    #[inline(never)]
    fn untie(&mut self) {
        let mut suspects = std::mem::take(&mut self.knots.suspects);
        for slot in suspects.drain(..) {
            if self.patients[slot].status != Status::Blocked {
                continue;
            }
            match self.network.deadlock {
                Some(Deadlock::Report) if self.knots.found.is_none() => {
                    self.knots.found = self.knot();
                }
                Some(Deadlock::Swap) => {
                    if let Some(circle) = self.circle_of(slot) {
                        self.exchange(&circle);
                    }
                }
                _ => {}
            }
        }
        self.knots.suspects = suspects;
    }

    /// The nodes whose places are given from a line.
    pub(super) fn servers_of(&self, line: NodeId) -> &[NodeId] {
        match self.extras(line) {
            Some(extras) => &extras.served_by,
            None => std::slice::from_ref(&self.network.ids[line.index()]),
        }
    }

    /// Writes down all who are blocked, line by line.
    fn see_blocked(&mut self) {
        let mut blocked = std::mem::take(&mut self.knots.blocked);
        blocked.clear();
        for (i, state) in (0u32..).zip(&self.nodes) {
            if state.holding == 0 {
                continue;
            }
            let spec = state.spec;
            for line in spec.first_line..=spec.first_line + spec.classes.len() as u32 {
                let holding = self.in_line(line).filter_map(|slot| {
                    let patient = &self.patients[slot];
                    let awaits = NodeId(i);
                    (patient.status == Status::Blocked).then_some(Blocked {
                        slot,
                        holds: patient.node,
                        awaits,
                        stuck: true,
                    })
                });
                blocked.extend(holding);
            }
        }
        self.knots.blocked = blocked;
    }

    // ---- report ----------------------------------------------------------------------------------

    /// The knot, if some of those who are blocked can never move.
    fn knot(&mut self) -> Option<Knot> {
        self.see_blocked();
        self.knots.most.clear();
        self.knots.most.resize(self.nodes.len(), None);
        let mut stuck = std::mem::take(&mut self.knots.stuck);
        stuck.clear();
        stuck.extend(self.nodes.iter().map(|node| node.blocked));
        self.knots.stuck = stuck;
        loop {
            let mut moved = false;
            for at in 0..self.knots.blocked.len() {
                let blocked = self.knots.blocked[at];
                if blocked.stuck && self.may_move(blocked) {
                    self.knots.blocked[at].stuck = false;
                    self.knots.stuck[blocked.holds.index()] -= 1;
                    moved = true;
                }
            }
            if !moved {
                break;
            }
        }
        let mut waits: Vec<Waits> = Vec::new();
        for blocked in self.knots.blocked.iter().filter(|blocked| blocked.stuck) {
            let same =
                |waits: &&mut Waits| (waits.holds, waits.awaits) == (blocked.holds, blocked.awaits);
            match waits.iter_mut().find(same) {
                Some(waits) => waits.people += 1,
                None => {
                    let Blocked { holds, awaits, .. } = *blocked;
                    waits.push(Waits { holds, awaits, people: 1 });
                }
            }
        }
        // Who only waits behind the knot is not of it: nobody in it waits for their places.
        while let Some(behind) = waits.iter().position(|waits_here| {
            let awaited = |other: &Waits| self.servers_of(other.awaits).contains(&waits_here.holds);
            !waits.iter().any(awaited)
        }) {
            waits.remove(behind);
        }
        waits.sort_unstable_by_key(|waits| (waits.holds, waits.awaits));
        (!waits.is_empty()).then_some(Knot { time: self.now, waits })
    }

    /// Whether somebody blocked may be given a place at some time, as far as is known by now.
    fn may_move(&mut self, blocked: Blocked) -> bool {
        if self.dies(blocked.slot) || self.may_be_moved(blocked.holds, State::Ready) {
            return true;
        }
        for at in 0..self.servers_of(blocked.awaits).len() {
            let node = self.servers_of(blocked.awaits)[at];
            let most = match self.knots.most[node.index()] {
                Some(most) => most,
                None => {
                    let most = self.network.most_places(node, self.now);
                    self.knots.most[node.index()] = Some(most);
                    self.knots.foresaw |= most > self.nodes[node.index()].supply.planned;
                    most
                }
            };
            let room = match self.extras(node) {
                None => self.knots.stuck[node.index()] < most,
                Some(extras) => self.has_room_for(blocked.slot, node, extras, most),
            };
            if room {
                return true;
            }
        }
        false
    }

    /// Whether a place for a patient is free of stuck people, at a node with more than plain rules.
    fn has_room_for(&self, slot: u32, node: NodeId, extras: &'n Extras, most: u32) -> bool {
        // Slots come back by calendar, whoever holds them.
        if extras.slots.is_some() {
            return true;
        }
        if self.room_may_clear(node, extras) {
            return true;
        }
        // Whom a node does not admit now it may admit when something changes elsewhere.
        if extras.admit.as_ref().is_some_and(|admit| !self.condition(admit, slot)) {
            return true;
        }
        let (mut rest, mut in_fences) = (most, 0);
        for (at, fence) in (0u32..).zip(&extras.fences) {
            let kept = fence.places.min(rest);
            rest -= kept;
            let here = |blocked: &&Blocked| {
                blocked.stuck
                    && blocked.holds == node
                    && self.patients.turn(blocked.slot).fence == at
            };
            let stuck = self.knots.blocked.iter().filter(here).count() as u32;
            in_fences += stuck;
            if stuck < kept && self.condition(&fence.when, slot) {
                return true;
            }
        }
        self.knots.stuck[node.index()] - in_fences < rest
    }

    /// Whether somebody dies at a time that is known by now.
    fn dies(&self, slot: u32) -> bool {
        self.network.has_extras() && self.patients.turn(slot).dies < Time::MAX
    }

    /// Whether an event on people to come may move somebody at a node or list who is in this state, or
    /// make of them somebody for whom there is a place.
    fn may_be_moved(&self, at: NodeId, state: State) -> bool {
        self.network.events.iter().zip(&self.occurrences).any(|(event, times)| {
            let to_come = event.every.is_some() || (event.at >= self.now && *times == 0);
            let concerned = event.nodes.contains(&at)
                && (event.state.is_empty() || event.state.contains(&state));
            let moves = !event.to.is_empty() || event.act == Some(Act::Die);
            to_come && concerned && (moves || !event.set.is_empty())
        })
    }

    /// Whether somebody in a full waiting room may make way for others before a place falls free.
    fn room_may_clear(&self, node: NodeId, extras: &Extras) -> bool {
        let state = &self.nodes[node.index()];
        if state.spec.waiting_room == 0 {
            return false;
        }
        let shared = state.spec.shares_queue != 0;
        let reviewed = extras.reviews.iter().any(|review| review.remove > 0.0);
        if shared && state.queue > 0 && (reviewed || !extras.switches.is_empty()) {
            return true;
        }
        let moved = self.may_be_moved(node, State::Waiting);
        let spec = state.spec;
        let lines = spec.first_line..=spec.first_line + spec.classes.len() as u32;
        lines.flat_map(|line| self.in_line(line)).any(|slot| {
            let patient = &self.patients[slot];
            let in_room = patient.reserved == Reserved::Room;
            let waits = patient.status == Status::Waiting;
            let gives_up = waits && !in_room && self.patients.turn(slot).patience < Time::MAX;
            // Who is on the way to the room has a place in it.
            (in_room || (waits && shared)) && (self.dies(slot) || (waits && moved) || gives_up)
        })
    }

    // ---- swap ------------------------------------------------------------------------------------

    /// The shortest circle of blocked people that a patient closes: who goes to which node, and into
    /// which kind of place.
    fn circle_of(&mut self, slot: u32) -> Option<Vec<(u32, NodeId, u32)>> {
        self.see_blocked();
        let Blocked { holds, awaits, .. } =
            *self.knots.blocked.iter().find(|blocked| blocked.slot == slot)?;
        // By node: who leaves it, where to, and into which kind of place.
        let mut moves: Vec<Option<(u32, NodeId, u32)>> = vec![None; self.nodes.len()];
        let mut open = vec![(holds, slot)];
        let mut next = 0;
        while let Some(&(node, leaver)) = open.get(next) {
            next += 1;
            if self.servers_of(awaits).contains(&node)
                && let Some(fence) = self.takes_over(slot, node, leaver)
            {
                let mut circle = vec![(slot, node, fence)];
                let mut at = node;
                while let Some(step) = moves[at.index()].filter(|_| at != holds) {
                    circle.push(step);
                    at = step.1;
                }
                return Some(circle);
            }
            for blocked in &self.knots.blocked {
                let known = blocked.holds == holds || moves[blocked.holds.index()].is_some();
                if known || !self.servers_of(blocked.awaits).contains(&node) {
                    continue;
                }
                if let Some(fence) = self.takes_over(blocked.slot, node, leaver) {
                    moves[blocked.holds.index()] = Some((blocked.slot, node, fence));
                    open.push((blocked.holds, blocked.slot));
                }
            }
        }
        None
    }

    /// The kind of place in which a patient takes over from another, if that may be.
    fn takes_over(&self, slot: u32, node: NodeId, leaver: u32) -> Option<u32> {
        let Some(extras) = self.extras(node) else { return Some(OPEN) };
        let admitted = extras.admit.as_ref().is_none_or(|admit| self.condition(admit, slot));
        if !admitted || extras.slots.is_some() || extras.together.is_some() {
            return None;
        }
        self.place_of_kind(slot, node, extras, Some(leaver))
    }

    /// All of a circle leave their places at once, each for that of the next.
    fn exchange(&mut self, circle: &[(u32, NodeId, u32)]) {
        for &(slot, node, fence) in circle {
            let line_of = self.patients[slot].next;
            let serving = self.extras(node).and_then(|extras| {
                let serving = extras.serves.iter().position(|serving| serving.line == line_of);
                serving.map(|serving| (extras, serving))
            });
            if let Some((extras, serving)) = serving {
                self.award(Claim { slot, serving, fence }, node, extras);
            } else {
                self.lines.leave(slot, &mut self.patients);
                self.patients[slot].reserved = Reserved::Place;
                let state = &mut self.nodes[node.index()];
                state.reserved += 1;
                state.holding -= 1;
                self.no_longer_blocked(slot);
            }
        }
        let now = self.now;
        self.knots.exchanging = true;
        for &(slot, ..) in circle {
            self.note(slot, |history| history.cleared = now);
            self.leave_now(slot);
        }
        self.knots.exchanging = false;
        self.knots.exchanged += circle.len() as u64;
    }
}
