//! Early referrals: who stands on the list of the next node before being ready, and at which place.
//!
//! Who is to be given nothing before they are ready is not in the line itself until then: a ticket is
//! kept, and with it they take up their position once they seek the next place. For whom a place is held
//! stands in the line, and not among those in places here whose stay may be interrupted.

use serde::{Deserialize, Serialize};

use super::calendar::{Calendar, Rank};
use super::patients::{Reserved, Status};
use super::simulation::Simulation;
use crate::ids::{NOWHERE, NodeId};
use crate::network::extras::{On, Referral};
use crate::network::network::{Node, Target};
use crate::time::{Duration, Time};

/// What is known of the referral of somebody.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub(super) enum Referred {
    /// Nothing.
    #[default]
    Not,
    /// It is to come.
    Due(Time),
    /// Where the way leads, the line that was joined, when, and the ticket for it; [`NOWHERE`] if nobody
    /// waits there.
    Made { to: Target, line: NodeId, joined: Time, ticket: u64 },
    /// Stands in this line, or has a place reserved that came by it.
    Stands { line: NodeId },
    /// Stands in no line, but the stay goes on.
    Off,
    /// On the point of standing in line with this ticket.
    Ticket(u64),
}

impl Referred {
    /// Its way has another number in another network.
    pub(super) fn renumber(&mut self, flow_of: impl Fn(&mut u32)) {
        if let Referred::Made { to, .. } = self {
            flow_of(&mut to.flow);
        }
    }
}

impl<'n, C: Calendar> Simulation<'n, C> {
    fn referred(&self, slot: u32) -> Referred {
        self.referrals.get(slot as usize).copied().unwrap_or_default()
    }

    fn set_referred(&mut self, slot: u32, to: Referred) {
        let slot = slot as usize;
        if self.referrals.len() <= slot {
            self.referrals.resize(slot + 1, Referred::Not);
        }
        self.referrals[slot] = to;
    }

    // ---- when ------------------------------------------------------------------------------------

    /// Plans the referral of a stay that began at an instant and, by its length, ends at another.
    pub(super) fn plan_referral(
        &mut self,
        slot: u32,
        node: NodeId,
        referral: &'n Referral,
        (started, ends): (Time, Time),
    ) {
        if matches!(self.referred(slot), Referred::Made { .. } | Referred::Stands { .. }) {
            // By an earlier part of the stay.
            return;
        }
        let length = self.drawn(slot, node, &referral.length);
        let due = length.map(|length| match referral.from_start {
            true => started.saturating_add(length),
            false => ends.saturating_sub(length).max(started),
        });
        self.set_referred(slot, due.map_or(Referred::Not, Referred::Due));
    }

    /// A stay goes on that was interrupted: a referral to come is put off by as much as its end.
    pub(super) fn put_off_referral(&mut self, slot: u32, by: Duration) {
        if let Referred::Due(at) = self.referred(slot) {
            self.set_referred(slot, Referred::Due(at.saturating_add(by)));
        }
    }

    /// The next instant of a stay that begins now and ends at another: a referral before that, or the end.
    pub(super) fn first_of_stay(&mut self, slot: u32, node: NodeId, ends: Time) -> Time {
        match self.referred(slot) {
            Referred::Due(at) if at <= self.now && self.now < ends => {
                self.refer(slot, node, self.now);
                ends
            }
            Referred::Due(at) => at.min(ends),
            _ => ends,
        }
    }

    /// The timer of a stay has gone off: perhaps it is that of a referral, and the stay goes on.
    pub(super) fn only_referred(&mut self, slot: u32, node: NodeId) -> bool {
        let Referred::Due(at) = self.referred(slot) else { return false };
        if at > self.now {
            // Over before that.
            self.set_referred(slot, Referred::Not);
            return false;
        }
        self.refer(slot, node, self.now);
        let ends = self.patients.turn(slot).ends;
        if self.now < ends {
            self.set_timer(slot, ends, Rank::End);
            return true;
        }
        false
    }

    /// Since when somebody whom the census finds in a stay has been referred, if they have.
    pub(super) fn referred_since(&self, slot: u32) -> Option<Time> {
        match self.referred(slot) {
            Referred::Due(at) => Some(at).filter(|at| *at <= self.now),
            _ => None,
        }
    }

    // ---- the referral ----------------------------------------------------------------------------

    /// The route is drawn, and the line joined to which it leads, as at an instant.
    pub(super) fn refer(&mut self, slot: u32, node: NodeId, joined: Time) {
        let spec = self.nodes[node.index()].spec;
        let to = self.route(slot, spec);
        let waits = to.node != NOWHERE && self.nodes[to.node.index()].spec.places.is_some();
        let mut made = Referred::Made { to, line: NOWHERE, joined, ticket: 0 };
        if waits {
            let line = self.line_joined(to.node);
            let now = std::mem::replace(&mut self.now, joined);
            self.note_line(slot, line);
            self.now = now;
            if let Some(extras) = self.extras(line) {
                self.change_on(slot, line, extras, On::Join);
            }
            let (stratum, holds) = (self.patients[slot].stratum, self.holds_place(node));
            let state = &mut self.nodes[line.index()];
            // Who stands in line for the first free of several joins the one that it is.
            if state.spec.charged == line {
                state.record.joined(stratum);
            }
            if holds {
                state.holding += 1;
                self.lines.leave(slot, &mut self.patients);
                let patient = &mut self.patients[slot];
                (patient.next, patient.flow, patient.joined) = (line, to.flow, joined);
                self.set_referred(slot, Referred::Stands { line });
                return self.stand_in_line(slot, line);
            }
            state.supply.referred += 1;
            self.tickets += 1;
            made = Referred::Made { to, line, joined, ticket: self.tickets };
        }
        self.set_referred(slot, made);
    }

    /// Whether places are held for those who are referred from a node.
    fn holds_place(&self, node: NodeId) -> bool {
        let referral = self.extras(node).and_then(|extras| extras.referral.as_ref());
        referral.is_some_and(|referral| referral.hold)
    }

    /// Whether the route is drawn for somebody who is given nothing before the end of the stay.
    pub(super) fn is_being_referred(&self, slot: u32) -> bool {
        let due = matches!(self.referred(slot), Referred::Due(_));
        due && !self.holds_place(self.patients[slot].node)
    }

    /// Whether somebody whose stay goes on stands in the line of the next node.
    pub(super) fn stands_ahead(&self, slot: u32) -> bool {
        matches!(self.referred(slot), Referred::Stands { .. })
    }

    /// Where a patient goes who is ready: as drawn at the referral, or as drawn now.
    #[inline]
    pub(super) fn route_or_referral(&mut self, slot: u32, spec: &Node) -> Target {
        match self.referred(slot) {
            Referred::Made { to, line, .. } => {
                if line == NOWHERE {
                    self.set_referred(slot, Referred::Not);
                }
                to
            }
            Referred::Stands { .. } => {
                let patient = &self.patients[slot];
                Target { node: patient.next, flow: patient.flow }
            }
            _ => self.route(slot, spec),
        }
    }

    /// Whether somebody is on the list of a line by a referral.
    pub(super) fn is_on_list(&self, slot: u32, of: NodeId) -> bool {
        match self.referred(slot) {
            Referred::Made { line, .. } => line == of,
            Referred::Stands { .. } => true,
            _ => false,
        }
    }

    /// Ready, and no process in the way, of somebody for whom a place is held, or who stands in line for it;
    /// false of everyone else.
    pub(super) fn seek_as_referred(&mut self, slot: u32) -> bool {
        let Referred::Stands { line } = self.referred(slot) else { return false };
        self.set_referred(slot, Referred::Not);
        let patient = self.patients[slot];
        if patient.reserved == Reserved::Place {
            self.record_reserved(slot, false, self.now);
            self.clear(slot);
        } else if self.nodes[patient.node.index()].spec.places.is_some() {
            self.begin_blocked(slot);
            // There may be a place in the waiting room.
            self.ask_servers(line);
            if let Some(how) = self.network.deadlock {
                self.suspect(slot, line, how);
            }
        } else {
            // Who holds no place here goes and waits there in person.
            self.leave_line(slot);
            let (joined, ticket) = (patient.joined, self.patients.turn(slot).ticket);
            let to = Target { node: line, flow: patient.flow };
            let state = &mut self.nodes[line.index()];
            (state.holding, state.supply.referred) = (state.holding - 1, state.supply.referred + 1);
            self.set_referred(slot, Referred::Made { to, line, joined, ticket });
            self.clear(slot);
        }
        true
    }

    /// Takes somebody out of those whose stay goes on here; who stands elsewhere is not among them.
    pub(super) fn leave_tended(&mut self, slot: u32) {
        match self.referred(slot) {
            Referred::Stands { .. } => {}
            Referred::Off => self.set_referred(slot, Referred::Not),
            _ => self.lines.leave(slot, &mut self.patients),
        }
    }

    /// Somebody is about to stand in a line: since when they are on its list, if by a referral.
    pub(super) fn take_up_referral(&mut self, slot: u32, line: NodeId) -> Option<Time> {
        let Referred::Made { line: known, joined, ticket, .. } = self.referred(slot) else {
            return None;
        };
        if known != line {
            self.take_referral_back(slot);
            return None;
        }
        self.nodes[line.index()].supply.referred -= 1;
        self.set_referred(slot, Referred::Ticket(ticket));
        Some(joined)
    }

    /// The ticket of somebody who stands in line from now on: that of the referral, or a new one.
    pub(super) fn ticket(&mut self, slot: u32) -> u64 {
        if let Referred::Ticket(ticket) = self.referred(slot) {
            self.set_referred(slot, Referred::Not);
            return ticket;
        }
        self.tickets += 1;
        self.tickets
    }

    /// Somebody goes elsewhere than they were referred to, if they were.
    pub(super) fn take_referral_back(&mut self, slot: u32) {
        match self.referred(slot) {
            Referred::Not => return,
            Referred::Made { line, .. } if line != NOWHERE => {
                let state = &mut self.nodes[line.index()];
                state.supply.referred -= 1;
                state.record.list.withdrawn += u64::from(state.spec.charged == line);
            }
            Referred::Stands { line } => {
                self.stand_no_longer(slot, line);
                if self.patients[slot].status == Status::InStay {
                    return self.set_referred(slot, Referred::Off);
                }
            }
            _ => {}
        }
        self.set_referred(slot, Referred::Not);
    }

    /// Out of the line of the next node, or out of the place that is reserved there.
    fn stand_no_longer(&mut self, slot: u32, line: NodeId) {
        if self.patients[slot].reserved == Reserved::Place {
            self.record_reserved(slot, false, self.now);
            return self.give_up_reserved(slot);
        }
        self.leave_line(slot);
        let state = &mut self.nodes[line.index()];
        state.holding -= 1;
        state.record.list.withdrawn += u64::from(state.spec.charged == line);
        self.comes_up(line);
    }

    /// What is known of a referral is of no use any more.
    pub(super) fn forget_referral(&mut self, slot: u32) {
        self.take_referral_back(slot);
        if matches!(self.referred(slot), Referred::Off) {
            self.set_referred(slot, Referred::Not);
        }
    }
}
