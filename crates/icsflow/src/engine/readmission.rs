//! Readmissions: who has gone out of the system, keeps the slot meanwhile, and comes again.

use serde::{Deserialize, Serialize};

use super::calendar::{Calendar, Rank};
use super::known::Unknown;
use super::patients::{Patient, Turn};
use super::simulation::Simulation;
use crate::ids::NodeId;
use crate::network::network::Target;
use crate::time::Time;

/// Somebody who is out and comes again.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) struct Return {
    /// Where they come.
    to: Target,
    /// The node of the index stay.
    index: NodeId,
    /// When they went out.
    since: Time,
}

impl Return {
    /// Their way has another number in another network.
    pub(super) fn renumber(&mut self, flow_of: impl Fn(&mut u32)) {
        flow_of(&mut self.to.flow);
    }
}

impl<'n, C: Calendar> Simulation<'n, C> {
    /// Whether somebody who goes out now, alive, after a stay comes again; they are outside then.
    pub(super) fn will_return(&mut self, slot: u32) -> bool {
        let patient = self.patients[slot];
        let node = patient.node;
        let Some(extras) = self.extras(node) else { return false };
        if extras.readmissions.is_empty() {
            return false;
        }
        self.nodes[node.index()].record.goes_out();
        let mut cases = extras.readmissions.iter();
        let Some(case) = cases.find(|case| self.holds(&case.when, slot)) else { return false };
        if self.draw_at(slot, node, case.purpose).uniform() >= case.share {
            return false;
        }
        let Some(length) = self.drawn(slot, node, &case.after) else { return false };
        let to = case.to.targets.pick(self.draw_at(slot, node, case.to.purpose));
        self.returns.resize(self.returns.len().max(slot as usize + 1), None);
        self.returns[slot as usize] = Some(Return { to, index: node, since: self.now });
        self.set_timer(slot, self.now.saturating_add(length), Rank::Arrival);
        true
    }

    /// Somebody who has been out comes again, if that is why they were.
    pub(super) fn come_again(&mut self, slot: u32) -> bool {
        let Some(Return { to, index, since }) =
            self.returns.get_mut(slot as usize).and_then(Option::take)
        else {
            return false;
        };
        let gap = self.now - since;
        self.nodes[index.index()].record.comes_again(gap);
        self.come_in_again(slot, to);
        true
    }

    /// Somebody whose slot was kept is in the system again.
    pub(super) fn come_in_again(&mut self, slot: u32, to: Target) {
        let patient = &mut self.patients[slot];
        let (key, stratum) = (patient.root.mirrored(self.mirror), patient.stratum);
        *patient = Patient::new(key, to.node, to.flow, stratum, self.now);
        let home = self.patients.turn(slot).home;
        *self.patients.turn_mut(slot) = Turn { home, ..Turn::default() };
        self.patients.history_mut(slot).spell += 1;
        self.recorder.entered::<Unknown>(stratum, to.flow, self.now);
        self.tell_inside();
        self.clocks_at_arrival(slot);
        self.come_to(slot, to.node);
    }
}
