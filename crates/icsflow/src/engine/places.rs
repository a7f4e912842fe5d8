//! Of what place a patient is, and where they came from.

use super::calendar::Calendar;
use super::simulation::Simulation;
use crate::ids::{NOWHERE, NodeId};
use crate::network::extras::Choice;
use crate::network::network::{NO_GROUP, Target};

impl<C: Calendar> Simulation<'_, C> {
    /// Somebody comes from a source: that is where they belong.
    pub(super) fn belongs(&mut self, slot: u32, source: u32) {
        if self.network.follows_places {
            self.patients.turn_mut(slot).home = self.network.sources[source as usize].group;
        }
    }

    /// A patient leaves a node: a node of another group will know where they came from.
    #[cold]
    pub(super) fn leave_group(&mut self, slot: u32, node: NodeId) {
        let groups = &self.network.groups;
        let group = groups[node.index()];
        if group == NO_GROUP {
            return;
        }
        let turn = self.patients.turn_mut(slot);
        if turn.home == NO_GROUP {
            turn.home = group;
        }
        if turn.last == NOWHERE || groups[turn.last.index()] != group {
            turn.came_from = turn.last;
        }
        turn.last = node;
    }

    /// The node that is nearest to where a patient belongs: the group that they come from as arrivals, or
    /// that of the first node where they were.
    pub(super) fn own_place(&self, slot: u32, choice: &Choice) -> Target {
        let home = self.patients.turn(slot).home;
        let here = self.network.groups[self.patients[slot].node.index()];
        choice.nearest_to(if home == NO_GROUP { here } else { home })
    }

    /// The node from which a patient came into this group, or the nearest to it.
    pub(super) fn origin(&self, slot: u32, choice: &Choice) -> Target {
        let turn = self.patients.turn(slot);
        let groups = &self.network.groups;
        let here = groups[self.patients[slot].node.index()];
        let elsewhere = turn.last != NOWHERE && groups[turn.last.index()] != here;
        let origin = if elsewhere { turn.last } else { turn.came_from };
        if origin == NOWHERE {
            return self.own_place(slot, choice);
        }
        let itself = choice.targets.iter().find(|target| target.node == origin);
        itself.copied().unwrap_or_else(|| choice.nearest_to(groups[origin.index()]))
    }
}
