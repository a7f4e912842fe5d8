//! On the way from one place to the next: when it begins, what is held meanwhile, where it ends.

use super::calendar::{Calendar, Rank};
use super::patients::{Reserved, Status};
use super::simulation::Simulation;
use crate::ids::{NOWHERE, NodeId};
use crate::network::network::Leave;
use crate::network::ways::{Hold, Transfer, Ways};
use crate::time::{Duration, Time};

/// How often a pair of windows is asked for an instant at which both are open: years, if each is open
/// once a day. A model whose windows never meet is refused.
const MOST_TRIES: u32 = 4000;

impl<'n, C: Calendar> Simulation<'n, C> {
    /// Ready, and no process in the way. Who is conveyed before a place is sought sets out; all others
    /// seek it.
    pub(super) fn set_out_or_seek(&mut self, slot: u32) {
        let patient = &self.patients[slot];
        let spec = self.nodes[patient.node.index()].spec;
        match &spec.leave {
            Leave::Ways(ways) if ways.conveyed_first(patient.flow) => self.wait_to_go(slot, ways),
            _ => self.seek(slot),
        }
    }

    /// A patient is free to go by ways that take time or end at a window.
    pub(super) fn clear_by_ways(&mut self, slot: u32, ways: &'n Ways) {
        if ways.conveyed_first(self.patients[slot].flow) {
            // At the door already.
            return self.leave_now(slot);
        }
        self.wait_to_go(slot, ways);
    }

    /// Leaves as soon as both windows are open (R5).
    fn wait_to_go(&mut self, slot: u32, ways: &'n Ways) {
        let goes = self.opening(slot, ways);
        let urgent = self.waits_for_no_window(slot, self.patients[slot].node);
        // By an hour profile there is a wait, be it of no length, as without transfers.
        let waits = matches!(ways.leave, Leave::Profile { .. } | Leave::At(_)) && !urgent;
        if goes == self.now && !waits {
            return self.depart(slot, ways);
        }
        self.begin_window(slot);
        self.set_timer(slot, goes, Rank::Leaving);
    }

    /// The next instant at which a patient may leave here and be received there.
    fn opening(&self, slot: u32, ways: &'n Ways) -> Time {
        let next = self.patients[slot].next;
        let mut at = self.now;
        let urgent = self.waits_for_no_window(slot, self.patients[slot].node);
        let leave = if urgent { &Leave::Anytime } else { &ways.leave };
        for _ in 0..MOST_TRIES {
            let leaves = self.opens(slot, leave, at);
            let receives = self.received(slot, next, leaves);
            if leaves == receives {
                return leaves;
            }
            at = receives;
        }
        at
    }

    /// The next instant at which a patient is received at a node; whoever sets out to a line before a
    /// place is theirs, by the first of the nodes that give places from it.
    fn received(&self, slot: u32, next: NodeId, from: Time) -> Time {
        if next == NOWHERE {
            return from;
        }
        let nodes = match self.servers_of(next) {
            // A place of a node that serves a list is theirs already.
            [] => std::slice::from_ref(&self.network.ids[next.index()]),
            nodes => nodes,
        };
        let of_node = |node: &NodeId| {
            let window = self.nodes[node.index()].spec.receive.as_ref();
            window.map_or(from, |window| self.opens(slot, window, from))
        };
        nodes.iter().map(of_node).min().unwrap_or(from)
    }

    fn opens(&self, slot: u32, window: &Leave, from: Time) -> Time {
        match window {
            Leave::Anytime | Leave::Ways(_) => from,
            Leave::Open(intervals) => intervals.at_or_after(from),
            Leave::At(instants) => {
                // Windows open before places are assigned: who is assigned one then is too late (R3).
                let passed = self.rank >= Rank::Window as u32 || self.assigning;
                instants.at_or_after(from + Time::from(passed && from == self.now))
            }
            Leave::Profile { hours, weekdays } => self.leaving_hour(slot, from, hours, weekdays),
        }
    }

    /// A patient leaves: on the way, if it takes time, else at the next place at once.
    pub(super) fn depart(&mut self, slot: u32, ways: &'n Ways) {
        let (node, flow) = (self.patients[slot].node, self.patients[slot].flow);
        let Some(transfer) = ways.transfer(flow) else { return self.leave_now(slot) };
        match self.drawn(slot, node, &transfer.time) {
            Some(length) if length > 0 => self.set_out(slot, transfer, length),
            _ if transfer.hold == Hold::UntilStart => self.seek(slot),
            _ => self.leave_now(slot),
        }
    }

    fn set_out(&mut self, slot: u32, transfer: &Transfer, length: Duration) {
        let patient = &mut self.patients[slot];
        let (node, flow) = (patient.node, patient.flow);
        patient.status = Status::Transfer;
        let held = transfer.hold != Hold::No;
        self.nodes[node.index()].record.transfer(patient.stratum, true, held, self.now);
        self.record_reserved(slot, true, self.now);
        if !held {
            let reserved = self.patients[slot].reserved;
            self.give_up_place(slot, node, flow);
            if self.patients[slot].reserved != reserved {
                // The place was kept for as long as the patient was here.
                self.record_reserved(slot, true, self.now);
            }
            if self.patients[slot].next == NOWHERE {
                // Who goes out is counted on being there: until then they are inside.
                self.recorder.went_not(flow);
            }
            self.travelling += 1;
        }
        self.set_timer(slot, self.now.saturating_add(length), Rank::Transfer);
    }

    /// A patient arrives.
    #[cold]
    pub(super) fn transfer_over(&mut self, slot: u32) {
        let patient = self.patients[slot];
        let (node, flow, next) = (patient.node, patient.flow, patient.next);
        let hold = self.hold_of(slot);
        let held = hold != Hold::No;
        self.nodes[node.index()].record.transfer(patient.stratum, false, held, self.now);
        self.record_reserved(slot, false, self.now);
        match hold {
            Hold::UntilStart => return self.seek(slot),
            Hold::UntilArrival => self.give_up_place(slot, node, flow),
            Hold::No => {
                self.travelling -= 1;
                if next == NOWHERE {
                    self.recorder.went(flow);
                    if self.recorder.follows() {
                        self.clocks_at_exit(slot);
                    }
                }
            }
        }
        if next == NOWHERE { self.disappear(slot) } else { self.go_on(slot, next) }
    }

    /// How the place behind a patient on the way is held.
    pub(super) fn hold_of(&self, slot: u32) -> Hold {
        let patient = &self.patients[slot];
        match &self.nodes[patient.node.index()].spec.leave {
            Leave::Ways(ways) => ways.transfer(patient.flow).map_or(Hold::No, |way| way.hold),
            _ => Hold::No,
        }
    }

    /// A place is kept free for somebody who waits for a window or is on the way, or no longer.
    pub(super) fn record_reserved(&mut self, slot: u32, begins: bool, now: Time) {
        let patient = &self.patients[slot];
        if patient.reserved == Reserved::Place {
            let record = &mut self.nodes[patient.next.index()].record;
            record.reserved(patient.stratum, begins, now);
        }
    }
}
