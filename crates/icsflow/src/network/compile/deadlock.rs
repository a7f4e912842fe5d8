//! Whether people may come to wait for one another's places.

use super::Compiler;
use crate::model::node::Node;

impl<'m> Compiler<'m> {
    /// Whether routes, ends of stays or events on people lead from a node with a number of places to others
    /// and back to it, so that people who hold places there may wait in a circle.
    pub(super) fn may_wait_in_circles(&self) -> bool {
        let nodes = &self.model.nodes;
        let holds = |at: usize| nodes.get(at).is_some_and(|node| node.has_places());
        let mut next = vec![Vec::new(); nodes.len()];
        let ends = |node: &'m Node| {
            let to = node.ends.values().filter_map(|end| end.to.as_ref());
            (node.name.as_str(), to.flat_map(|to| to.0.keys()).map(String::as_str).collect())
        };
        let routes = self.model.routes.iter().map(|route| (&*route.from, route.to.names()));
        let mut ways: Vec<(&str, Vec<&str>)> = routes.chain(nodes.iter().map(ends)).collect();
        // Whom an event sends on holds the place until there is one.
        for event in &self.model.events {
            let to = event.to.iter().flat_map(|to| to.0.keys()).map(String::as_str);
            ways.extend(event.nodes.iter().map(|from| (&**from, to.clone().collect())));
        }
        for (from, to) in ways {
            let from = self.nodes.get(from).map(|from| from.index());
            let Some(from) = from.filter(|from| *from < nodes.len()) else { continue };
            for to in to.into_iter().filter_map(|name| self.nodes.get(name)) {
                if to.index() < nodes.len() {
                    next[from].push(to.index());
                }
                // Who goes to a list, or to a node that serves one, may be given a place at any node
                // that serves it.
                let list = nodes.get(to.index()).map_or(Some(*to), |node| self.list_of(node));
                let servers = list.map_or(Vec::new(), |list| self.servers(list));
                next[from].extend(servers.into_iter().map(|server| server.index()));
            }
        }
        let returns = |start: usize| {
            let (mut seen, mut open) = (vec![false; nodes.len()], vec![start]);
            while let Some(at) = open.pop() {
                for &to in next[at].iter().filter(|to| holds(**to)) {
                    if to == start {
                        return true;
                    }
                    if !std::mem::replace(&mut seen[to], true) {
                        open.push(to);
                    }
                }
            }
            false
        };
        (0..nodes.len()).any(|start| holds(start) && returns(start))
    }
}
