//! Legs: names become positions.

use super::Compiler;
use crate::ids::NodeId;
use crate::model::legs::{self, Join};
use crate::network::legs::{Leg, Legs};
use crate::rng::Purpose;

impl Compiler<'_> {
    /// The legs of a node.
    pub(super) fn legs(&mut self, at: NodeId, legs: &legs::Legs) -> Legs {
        let name = &self.model.nodes[at.index()].name;
        let leg = |leg: &legs::Leg| Leg {
            to: self.target(at, &leg.node),
            when: leg.when.as_ref().and_then(|when| self.program_at(at, when)),
            share: leg.share.unwrap_or(1.0),
            share_purpose: Purpose::named(name, &format!("share of leg {}", leg.node)),
            purpose: Purpose::named(name, &format!("leg {}", leg.node)),
        };
        Legs {
            legs: legs.to.iter().map(leg).collect(),
            order: legs.order,
            needed: match legs.join {
                Join::All => u32::MAX,
                Join::Of(number) => number,
            },
            others: legs.others,
            failed: legs.failed,
        }
    }

    /// Whether patients have legs anywhere.
    pub(super) fn has_legs(&self) -> bool {
        self.model.nodes.iter().any(|node| node.legs.is_some())
    }
}
