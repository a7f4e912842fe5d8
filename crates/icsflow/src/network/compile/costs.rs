//! Costs compiled: names become positions.

use super::Compiler;
use crate::ids::NodeId;
use crate::model;
use crate::network::costs::Cost;

impl Compiler<'_> {
    pub(super) fn costs(&self) -> Box<[Cost]> {
        let scopes = self.model.scopes();
        let cost = |cost: &model::cost::Cost| {
            let of = |name: &String| scopes.get(name).cloned().unwrap_or_default();
            let mut nodes: Vec<usize> = cost.at.0.iter().flat_map(of).collect();
            nodes.sort_unstable();
            nodes.dedup();
            Cost {
                nodes: nodes.into_iter().map(|node| NodeId(node as u32)).collect(),
                prices: cost.prices(),
            }
        };
        self.model.costs.iter().map(cost).collect()
    }
}
