//! Ways that take time, and windows at their ends.

use super::Compiler;
use crate::ids::NodeId;
use crate::model::route::To;
use crate::network::network::Leave;
use crate::network::ways::{Hold, Transfer, Ways};
use crate::rng::Purpose;

impl Compiler<'_> {
    /// The ways out of a node, if more is known of any than where it leads.
    pub(super) fn ways(&mut self, from: NodeId, leave: Leave) -> Leave {
        let model = self.model;
        let node = &model.nodes[from.index()];
        let mut transfers = Vec::new();
        for transfer in model.transfers.iter().filter(|transfer| transfer.from == node.name) {
            let purpose = Purpose::named(&node.name, &format!("transfer to {}", transfer.to));
            let chosen = model.routes.iter().any(|route| {
                matches!(&route.to, To::OneOf(nodes) if route.from == node.name && nodes.contains(&transfer.to))
            });
            let mut flows = vec![self.target(from, &transfer.to)];
            if chosen {
                // Who goes to one of several goes to the node itself, not to the list that it serves.
                flows.push(self.target_itself(from, &transfer.to));
            }
            flows.dedup();
            for target in flows {
                // Nobody waits where there is no limit, or outside: who arrives there starts.
                let limited = model.nodes.get(target.node.index()).map(|node| !node.unlimited);
                let waits = limited.unwrap_or(target.node.index() < self.nodes.len());
                let hold = match transfer.hold_origin {
                    Hold::UntilStart if !waits => Hold::UntilArrival,
                    hold => hold,
                };
                let time = self.lengths(&transfer.time, purpose);
                transfers.push(Transfer { flow: target.flow, time, hold });
            }
        }
        let receives = |name: &&str| {
            self.nodes.get(name).is_some_and(|to| {
                let list = match model.nodes.get(to.index()) {
                    Some(node) => self.list_of(node),
                    None => Some(*to),
                };
                let servers = list.map_or(vec![*to], |list| self.servers(list));
                servers.iter().chain([to]).any(|server| {
                    model.nodes.get(server.index()).is_some_and(|node| node.receive.is_some())
                })
            })
        };
        let routes = model.routes.iter().filter(|route| route.from == node.name);
        let received = routes.flat_map(|route| route.to.names()).any(|name| receives(&name));
        if transfers.is_empty() && !received {
            return leave;
        }
        Leave::Ways(Box::new(Ways { leave, transfers: transfers.into() }))
    }
}
