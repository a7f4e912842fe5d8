//! Words about the ways between places, put into a model that stands already.

use icsflow::{Choose, Deadlock, Hold, Model, NodeQueue, Transfer, WaitingRoom};

use super::{Known, Maker};

impl Maker {
    pub(super) fn ways(&mut self, model: &mut Model, known: &Known) {
        if self.chance(0.3, "deadlock swap") {
            model.deadlock = Deadlock::Swap;
        }
        for node in &mut model.nodes {
            let own = !matches!(node.queue, None | Some(NodeQueue::List(_)));
            if !self.plain && own && self.chance(0.15, "waiting room of the queue") {
                node.waiting_room = Some(WaitingRoom::Queue);
            }
        }
        self.transfers(model, known);
        if self.dice.chance(0.3) {
            self.receive(model);
        }
    }

    /// Some ways take time.
    fn transfers(&mut self, model: &mut Model, known: &Known) {
        let mut ways: Vec<(String, String, bool)> = Vec::new();
        for route in &model.routes {
            let first_free = route.choose == Some(Choose::FirstFree);
            for to in route.to.names() {
                match ways.iter_mut().find(|way| (&*way.0, &*way.1) == (&*route.from, to)) {
                    Some(way) => way.2 |= first_free,
                    None => ways.push((route.from.clone(), to.to_owned(), first_free)),
                }
            }
        }
        for (from, to, first_free) in ways {
            if !self.dice.chance(0.12) {
                continue;
            }
            self.word("transfer");
            let time = self.cases(known, 2.0, "transfer cases");
            let mut transfer = Transfer::new(&from, to, time);
            let held = !model.nodes.iter().any(|node| node.name == from && node.unlimited);
            if held && self.chance(0.5, "hold origin") {
                transfer.hold_origin = Hold::UntilArrival;
                if !first_free && self.chance(0.6, "hold until start") {
                    transfer.hold_origin = Hold::UntilStart;
                }
            }
            model.transfers.push(transfer);
        }
    }

    /// Some nodes receive people within windows only.
    fn receive(&mut self, model: &mut Model) {
        for i in 0..model.nodes.len() {
            if !self.dice.chance(0.35) {
                continue;
            }
            let open = self.dice.chance(0.4);
            model.nodes[i].receive = Some(if open { self.open() } else { self.at() });
            // Windows that never meet are refused.
            if model.check().is_ok() {
                self.word(if open { "receive open" } else { "receive at" });
            } else {
                model.nodes[i].receive = None;
            }
        }
    }
}
