//! Legs: several services of one patient during a stay, and the join that ends it (R19).
//!
//! A leg has a slot of its own, with a copy of the patient's attributes and a key of its own made of the
//! patient's: it waits, starts, stays and goes on as anybody does, but it is nobody who comes in or goes
//! out. What is known of both stands here, slot by slot.

use serde::{Deserialize, Serialize};

use super::calendar::{Calendar, Rank};
use super::patients::{NOBODY, Patient, Reserved, Status, Turn};
use super::simulation::{Simulation, Stop};
use crate::ids::{NOWHERE, NodeId};
use crate::network::legs::{Failed, LegOrder, Legs, Others};
use crate::network::network::{Place, Target};
use crate::time::Time;

/// What is known of everyone's legs.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Joins {
    slots: Vec<Join>,
    /// Legs under way.
    pub under_way: u32,
    /// The same when measuring began, and how many have begun since.
    at_start: u64,
    begun: u64,
}

/// Of a slot: whose leg it is, and which legs it has.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Join {
    /// A leg.
    leg: bool,
    /// Whose it is; nobody's, if nobody waits for it any more.
    parent: u32,
    /// The next leg of the same patient.
    next: u32,
    /// It ends otherwise than after a stay.
    failed: bool,
    /// It ends in death.
    dies: bool,
    /// The node during whose stay it has legs, and since when.
    node: NodeId,
    since: Time,
    /// The first leg under way.
    first: u32,
    /// Legs that have not begun, one bit each.
    to_come: u64,
    /// How many are still to be over.
    needed: u32,
    /// The patient's own stay is over, and the legs are not joined.
    waits: bool,
}

impl Default for Join {
    fn default() -> Self {
        Join {
            leg: false,
            parent: NOBODY,
            next: NOBODY,
            failed: false,
            dies: false,
            node: NOWHERE,
            since: 0,
            first: NOBODY,
            to_come: 0,
            needed: 0,
            waits: false,
        }
    }
}

impl Join {
    /// Whether legs are under way or to come.
    fn open(&self) -> bool {
        self.first != NOBODY || self.to_come != 0
    }
}

impl Joins {
    pub(super) fn clear(&mut self) {
        self.slots.clear();
        (self.under_way, self.at_start, self.begun) = (0, 0, 0);
    }

    /// Measuring begins.
    pub(super) fn restart(&mut self) {
        (self.at_start, self.begun) = (u64::from(self.under_way), 0);
    }

    /// Legs under way when measuring began, begun since, and under way now.
    pub(super) fn counts(&self) -> [u64; 3] {
        [self.at_start, self.begun, u64::from(self.under_way)]
    }

    fn of(&mut self, slot: u32) -> &mut Join {
        let slot = slot as usize;
        if self.slots.len() <= slot {
            self.slots.resize(slot + 1, Join::default());
        }
        &mut self.slots[slot]
    }

    fn get(&self, slot: u32) -> Join {
        self.slots.get(slot as usize).copied().unwrap_or_default()
    }

    /// Whether a slot is a leg's.
    pub(super) fn is_leg(&self, slot: u32) -> bool {
        self.slots.get(slot as usize).is_some_and(|join| join.leg)
    }

    /// The patient whose leg it is, or the leg of a leg; the slot itself if it is nobody's.
    pub(super) fn patient(&self, mut slot: u32) -> u32 {
        while let Some(join) = self.slots.get(slot as usize).filter(|join| join.parent != NOBODY) {
            slot = join.parent;
        }
        slot
    }

    /// Notes that a leg ends otherwise than after a stay.
    pub(super) fn fails(&mut self, slot: u32) {
        if let Some(join) = self.slots.get_mut(slot as usize) {
            join.failed = join.leg;
        }
    }
}

impl<'n, C: Calendar> Simulation<'n, C> {
    // ---- begin -----------------------------------------------------------------------------------

    /// A stay starts: so do the legs.
    #[cold]
    pub(super) fn begin_legs(&mut self, slot: u32, node: NodeId, legs: &'n Legs) {
        let mut to_come = 0;
        for (at, leg) in legs.legs.iter().enumerate() {
            let met = leg.when.as_ref().is_none_or(|when| self.condition(when, slot));
            let drawn = leg.share >= 1.0
                || self.draw_at(slot, node, leg.share_purpose).uniform() < leg.share;
            to_come |= u64::from(met && drawn) << at;
        }
        let join = self.joins.of(slot);
        (join.node, join.since, join.waits) = (node, self.now, false);
        (join.to_come, join.needed) = (to_come, legs.needed.min(to_come.count_ones()));
        self.begin_next(slot, node, legs);
    }

    /// The legs begin that are to begin now: all, or the next.
    fn begin_next(&mut self, slot: u32, node: NodeId, legs: &'n Legs) {
        let to_come = self.joins.of(slot).to_come;
        let which = (0..legs.legs.len()).filter(|at| to_come >> at & 1 == 1);
        let in_line = |at: &usize| {
            let state = &self.nodes[legs.legs[*at].to.node.index()];
            state.queue + state.room + state.holding
        };
        let next = match legs.order {
            LegOrder::Together => {
                for at in which {
                    self.begin_leg(slot, node, legs, at);
                }
                return;
            }
            LegOrder::AsListed => which.min(),
            LegOrder::ShortestQueue => which.min_by_key(in_line),
        };
        if let Some(at) = next {
            self.begin_leg(slot, node, legs, at);
        }
    }

    fn begin_leg(&mut self, slot: u32, node: NodeId, legs: &'n Legs, at: usize) {
        let spec = &legs.legs[at];
        let visit = self.patients.visit(slot, self.nodes[node.index()].spec.revisit);
        let patient = self.patients[slot];
        let Some((leg, record)) = self.patients.admit() else {
            return self.give_up(Stop::Crowded);
        };
        let key = patient.root.mirrored(self.mirror).leg(spec.purpose, visit);
        *record = Patient::new(key, spec.to.node, spec.to.flow, patient.stratum, self.now);
        self.patients.clear_slot(leg);
        self.patients.copy_attributes(slot, leg);
        let history = *self.patients.history(slot);
        let of_leg = self.patients.history_mut(leg);
        (of_leg.number, of_leg.source, of_leg.spell) =
            (history.number, history.source, history.spell);
        // Whoever is sent round at one instant is, with all legs, no more patient than others.
        let Turn { hops, hopped, home, last, came_from, .. } = *self.patients.turn(slot);
        *self.patients.turn_mut(leg) =
            Turn { hops, hopped, home, last, came_from, ..Turn::default() };
        let join = self.joins.of(slot);
        join.to_come &= !(1 << at);
        let next = std::mem::replace(&mut join.first, leg);
        *self.joins.of(leg) = Join { leg: true, parent: slot, next, ..Join::default() };
        self.joins.under_way += 1;
        self.joins.begun += 1;
        self.nodes[node.index()].record.leg_started();
        self.recorder.went(spec.to.flow);
        self.incoming.push_back((leg, spec.to.node));
        self.comes_up(spec.to.node);
    }

    // ---- on the way ------------------------------------------------------------------------------

    /// Where somebody goes: a leg goes out of the system nowhere but to the join.
    #[inline]
    pub(super) fn joins_at(&mut self, slot: u32, node: NodeId, to: Target) -> Target {
        if to.node != NOWHERE || !self.joins.is_leg(slot) {
            return to;
        }
        self.joined_at(slot, node, to)
    }

    #[cold]
    fn joined_at(&mut self, slot: u32, node: NodeId, to: Target) -> Target {
        let died = match self.network.flows[to.flow as usize].to {
            Place::Exit(exit) => self.network.exits[exit as usize] == "died",
            _ => false,
        };
        self.joins.of(slot).dies |= died;
        let flow = self.extras(node).map_or(to.flow, |extras| extras.joined_flow);
        Target { node: NOWHERE, flow }
    }

    /// The same for a leg that ends otherwise than after a stay.
    pub(super) fn fails_to(&mut self, slot: u32, node: NodeId, to: Target) -> Target {
        let to_join = self.joins_at(slot, self.nodes[node.index()].spec.charged, to);
        if to_join.node == NOWHERE {
            self.joins.fails(slot);
        }
        to_join
    }

    /// Whether somebody's own stay is over, but legs are not joined; the stay goes on then.
    pub(super) fn waits_for_legs(&mut self, slot: u32) -> bool {
        let open = self.joins.get(slot).open();
        if open {
            self.joins.of(slot).waits = true;
        }
        open
    }

    /// A value of an attribute changes on a leg: of the patient, and of all legs.
    pub(super) fn set_of_patient(&mut self, slot: u32, position: usize, value: f64) {
        self.set_with_legs(self.joins.patient(slot), position, value);
    }

    fn set_with_legs(&mut self, slot: u32, position: usize, value: f64) {
        self.patients.set_attribute(slot, position, value);
        // Whether they are admitted, and where, may depend on it.
        let patient = &self.patients[slot];
        let waits = matches!(patient.status, Status::Waiting | Status::Blocked);
        if waits || patient.reserved == Reserved::Room || self.stands_ahead(slot) {
            self.ask_servers(self.patients.turn(slot).line_of);
        }
        let mut leg = self.joins.get(slot).first;
        while leg != NOBODY {
            self.set_with_legs(leg, position, value);
            leg = self.joins.get(leg).next;
        }
    }

    // ---- end -------------------------------------------------------------------------------------

    /// A leg goes out; true if it was one. Nobody goes out with it.
    pub(super) fn leg_goes(&mut self, slot: u32) -> bool {
        if !self.joins.is_leg(slot) {
            return false;
        }
        let Join { parent, failed, dies, .. } = self.joins.get(slot);
        if parent != NOBODY {
            self.unlink(slot, parent);
        }
        *self.joins.of(slot) = Join::default();
        self.joins.under_way -= 1;
        *self.patients.turn_mut(slot) = Turn::default();
        self.patients[slot].status = Status::Outside;
        self.patients.release(slot);
        if parent == NOBODY {
            return true;
        }
        if dies {
            self.die(parent);
        } else {
            self.leg_over(parent, failed);
        }
        true
    }

    /// Takes a leg out of those of a patient.
    fn unlink(&mut self, slot: u32, parent: u32) {
        let next = self.joins.get(slot).next;
        let first = self.joins.get(parent).first;
        if first == slot {
            self.joins.of(parent).first = next;
            return;
        }
        let mut at = first;
        while at != NOBODY {
            let other = self.joins.of(at);
            if other.next == slot {
                other.next = next;
                return;
            }
            at = other.next;
        }
    }

    /// A leg of a patient is over: perhaps the patient goes on, perhaps the next leg begins.
    fn leg_over(&mut self, slot: u32, failed: bool) {
        let node = self.joins.get(slot).node;
        let Some(legs) = self.extras(node).and_then(|extras| extras.legs.as_ref()) else { return };
        self.nodes[node.index()].record.leg_over(failed);
        let join = self.joins.of(slot);
        join.needed -= u32::from(!failed);
        let ends = join.needed == 0 || (failed && legs.failed == Failed::Ends);
        if ends || !join.open() {
            return self.joined(slot, node, legs);
        }
        if join.first == NOBODY {
            self.begin_next(slot, node, legs);
        }
    }

    /// Enough legs are over.
    fn joined(&mut self, slot: u32, node: NodeId, legs: &'n Legs) {
        if legs.others == Others::Stop {
            self.stop_legs(slot);
        } else {
            self.let_legs_go(slot);
        }
        let join = self.joins.of(slot);
        let (waits, took) = (std::mem::take(&mut join.waits), self.now - join.since);
        self.nodes[node.index()].record.legs_joined(took);
        // Whoever has lost the place for a time is asked when the stay goes on.
        if waits && self.patients[slot].status == Status::InStay {
            // The stay ends now; before places are given, as others that end at this instant.
            self.set_timer(slot, self.now, Rank::End);
        }
    }

    /// Nobody waits any more for the legs of a patient; they go on.
    fn let_legs_go(&mut self, slot: u32) {
        let join = self.joins.of(slot);
        join.to_come = 0;
        let mut leg = std::mem::replace(&mut join.first, NOBODY);
        while leg != NOBODY {
            let join = self.joins.of(leg);
            (join.parent, leg) = (NOBODY, std::mem::replace(&mut join.next, NOBODY));
        }
    }

    /// The legs of a patient stop, wherever they are.
    pub(super) fn stop_legs(&mut self, slot: u32) {
        let join = self.joins.of(slot);
        join.to_come = 0;
        let mut leg = std::mem::replace(&mut join.first, NOBODY);
        while leg != NOBODY {
            let join = self.joins.of(leg);
            join.parent = NOBODY;
            let next = std::mem::replace(&mut join.next, NOBODY);
            self.end_leg(leg);
            leg = next;
        }
    }
}
