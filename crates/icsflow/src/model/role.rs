//! Roles: what several nodes are alike, each for its own people.

use std::borrow::Cow;

use super::model::Model;
use super::route::To;

impl Model {
    /// The nodes of a role, in the order of the model.
    pub(super) fn of_role<'m>(&'m self, role: &'m str) -> impl Iterator<Item = &'m str> {
        let plays = move |node: &&super::node::Node| node.role.as_deref() == Some(role);
        self.nodes.iter().filter(plays).map(|node| &*node.name)
    }

    /// The names of all roles.
    pub(super) fn roles(&self) -> Vec<&str> {
        let mut roles: Vec<&str> = Vec::new();
        for role in self.nodes.iter().filter_map(|node| node.role.as_deref()) {
            if !roles.contains(&role) {
                roles.push(role);
            }
        }
        roles
    }

    /// The model with the nodes of each role in place of its name, wherever a route names one.
    pub(crate) fn with_nodes_for_roles(&self) -> Cow<'_, Model> {
        let roles = self.roles();
        let named = |to: &To| match to {
            To::OneOf(nodes) => nodes.iter().any(|name| roles.contains(&name.as_str())),
            To::Shares(_) => false,
        };
        if !self.routes.iter().any(|route| named(&route.to)) {
            return Cow::Borrowed(self);
        }
        let mut model = self.clone();
        for route in &mut model.routes {
            let To::OneOf(nodes) = &mut route.to else { continue };
            let mut all: Vec<String> = Vec::new();
            for name in nodes.iter() {
                let mut of_role: Vec<&str> = self.of_role(name).collect();
                if of_role.is_empty() {
                    of_role.push(name);
                }
                for node in of_role {
                    if !all.iter().any(|known| known == node) {
                        all.push(node.to_owned());
                    }
                }
            }
            *nodes = all;
        }
        Cow::Owned(model)
    }
}
