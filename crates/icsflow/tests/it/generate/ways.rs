//! Words about the ways between places, put into a model that stands already.

use icsflow::{Deadlock, Model, NodeQueue, WaitingRoom};

use super::Maker;

impl Maker {
    pub(super) fn ways(&mut self, model: &mut Model) {
        if self.chance(0.3, "deadlock swap") {
            model.deadlock = Deadlock::Swap;
        }
        for node in &mut model.nodes {
            let own = !matches!(node.queue, None | Some(NodeQueue::List(_)));
            if !self.plain && own && self.chance(0.15, "waiting room of the queue") {
                node.waiting_room = Some(WaitingRoom::Queue);
            }
        }
    }
}
