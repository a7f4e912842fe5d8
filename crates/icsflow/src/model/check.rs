//! The judge of a model: every fault at once.

use std::collections::HashSet;

use super::cohort::scope;
use super::model::{EXITS, Model};
use crate::doc::{Doc, Reader, Value};
use crate::error::Faults;

impl Model {
    /// Finds every fault of the model.
    pub fn check(&self) -> Result<(), Faults> {
        let mut at = Reader::new();
        self.report(&mut at);
        at.finish(&self.as_doc())
    }

    /// The model as the tree from which it would be read.
    pub(crate) fn as_doc(&self) -> Doc {
        serde_json::to_value(self).map_or(Doc::new(Value::Null), Doc::from_json)
    }

    /// Reports every fault of the meaning. Parts that could not be read have been reported already and
    /// are passed over.
    pub(super) fn report(&self, at: &mut Reader) {
        let nodes: Vec<&str> = self.nodes.iter().map(|node| node.name.as_str()).collect();
        let exits = self.ways_out();
        let groups: Vec<&str> = self.groups.iter().map(|group| group.name.as_str()).collect();
        let cohorts = self.cohorts_or_one();
        let cohort_names: Vec<&str> = cohorts.iter().map(|cohort| cohort.name.as_str()).collect();
        let arrivals: Vec<&str> = self.arrivals.iter().map(|a| a.name.as_str()).collect();

        if self.nodes.is_empty() && !at.lacks("node") {
            at.within("node", |at| at.fault("no node", "at least one node"));
        }
        if cohorts.len() > usize::from(u16::MAX) {
            at.within("cohort", |at| {
                at.fault(format!("{} cohorts", cohorts.len()), "at most 65,535");
            });
        }
        // A name that could not be read may be the one that somebody else means.
        let unnamed = |names: &[&str]| names.iter().any(|name| name.is_empty());
        for (what, key, names) in [
            ("a group", "group", &groups),
            ("a cohort", "cohort", &cohort_names),
            ("a node", "node", &nodes),
        ] {
            if unnamed(names) || at.lacks(key) || (key == "node" && names.is_empty()) {
                at.incomplete(what);
                at.incomplete("a scope");
            }
        }
        unique(at, "group", &groups, &[]);
        unique(at, "cohort", &cohort_names, &[]);
        unique(at, "arrivals", &arrivals, &[]);
        unique(at, "node", &nodes, &exits);
        at.within("exits", |at| {
            for (i, exit) in self.exits.iter().enumerate() {
                at.item(i, |at| {
                    if EXITS.contains(&exit.as_str()) || self.exits[..i].contains(exit) {
                        at.fault(format!("{exit:?} once more"), "each way out once");
                    }
                });
            }
        });

        let scope = scope(&cohorts, at);
        at.each("group", &self.groups, |at, group| group.check(&self.groups, at));
        at.each("cohort", &self.cohorts, |at, cohort| cohort.check(&scope, at));
        at.each("arrivals", &self.arrivals, |at, arrivals| {
            arrivals.check(self.time_unit, &cohort_names, &nodes, at);
        });
        at.each("node", &self.nodes, |at, node| {
            node.check(self.time_unit, &scope, &groups, at);
        });
        // A route is chosen at an instant: it may ask the state of the nodes then.
        let state = scope.with_state(&nodes);
        at.each("route", &self.routes, |at, route| {
            // Where the node itself is unknown, that is said and enough.
            let own = nodes.iter().position(|node| *node == route.from).unwrap_or(0);
            route.check(&state.at_node(own as u32), &cohort_names, &nodes, &exits, at);
        });
        self.report_unreached(at);
        let scopes: Vec<String> = self.scopes().into_keys().collect();
        at.each("published", &self.published, |at, published| published.check(&scopes, at));
        if let Some(plan) = &self.run {
            at.within("run", |at| plan.check(self.time_unit, at));
        }
    }

    /// Routes behind one that takes every patient of the node are never reached.
    fn report_unreached(&self, at: &mut Reader) {
        let mut closed: HashSet<&str> = HashSet::new();
        at.each("route", &self.routes, |at, route| {
            if closed.contains(route.from.as_str()) {
                at.fault(
                    format!("a route from {:?} that is never reached", route.from),
                    "no route after one without cohort and condition",
                );
            }
            if route.cohort.is_none() && route.when.is_none() && !route.from.is_empty() {
                closed.insert(&route.from);
            }
        });
    }
}

/// Reports names that are missing, taken, or would clash with the ways out.
fn unique(at: &mut Reader, key: &str, names: &[&str], taken: &[&str]) {
    at.within(key, |at| {
        for (i, name) in names.iter().enumerate() {
            at.item(i, |at| {
                at.within("name", |at| {
                    if name.trim().is_empty() {
                        at.fault(format!("{name:?}"), "a name");
                    } else if names[..i].contains(name) {
                        at.fault(format!("{name:?} once more"), "each name once");
                    } else if taken.contains(name) {
                        at.fault(format!("{name:?}"), "a name that is not a way out");
                    }
                });
            });
        }
    });
}
