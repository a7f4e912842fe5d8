//! Whose place is near which: for routes to the nodes of a patient's own place, or of where they came
//! from.

use super::Compiler;
use crate::ids::NodeId;
use crate::model::model::Model;
use crate::model::route::Choose;
use crate::network::network::{NO_GROUP, Target};

/// Whether it matters of what place people are, and where they have been.
pub(super) fn follows_places(model: &Model) -> bool {
    let by_place = |choose| matches!(choose, Some(Choose::OwnPlace | Choose::CameFrom));
    model.routes.iter().any(|route| by_place(route.choose))
}

impl Compiler<'_> {
    /// The position of a group; none if it is none.
    pub(super) fn group(&self, name: Option<&str>) -> u32 {
        let at = self.model.groups.iter().position(|group| Some(group.name.as_str()) == name);
        at.map_or(NO_GROUP, |at| at as u32)
    }

    /// The group of each node, list and line.
    pub(super) fn groups_of_nodes(&self, nodes: usize) -> Box<[u32]> {
        let of = |at: usize| self.model.nodes.get(at).and_then(|node| node.group.as_deref());
        (0..nodes).map(|at| self.group(of(at))).collect()
    }

    /// Of each group, which of some nodes is nearest: of the smallest group that contains both, the one
    /// first named; the first of all if there is none such. That is the last entry, for who is of no group.
    pub(super) fn nearest(&self, targets: &[Target]) -> Box<[u32]> {
        let chain = |name: Option<&str>| {
            let mut chain: Vec<u32> = Vec::new();
            let mut next = self.group(name);
            while next != NO_GROUP && !chain.contains(&next) {
                chain.push(next);
                next = self.group(self.model.groups[next as usize].part_of.as_deref());
            }
            chain
        };
        let of_node = |node: NodeId| {
            chain(self.model.nodes.get(node.index()).and_then(|node| node.group.as_deref()))
        };
        let of_targets: Vec<Vec<u32>> = targets.iter().map(|target| of_node(target.node)).collect();
        let nearest = |group: &crate::model::group::Group| {
            let common = |level: u32| of_targets.iter().position(|chain| chain.contains(&level));
            chain(Some(&group.name)).into_iter().find_map(common).unwrap_or(0) as u32
        };
        self.model.groups.iter().map(nearest).chain([0]).collect()
    }
}
