//! The judge of a model: every fault at once.

use std::collections::HashSet;

use super::cohort::{Cohort, scope};
use super::model::{EXITS, Model};
use super::node::Node;
use super::queue::NodeQueue;
use super::route::{Choose, Route, To};
use super::targets::OUT_OF_QUEUE;
use crate::doc::{Doc, Reader, Value};
use crate::error::Faults;
use crate::expr::{Expression, Program, Scope};
use crate::time::{Date, Moment, Quantity, TimeUnit, YEAR};

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
        let cohorts = self.cohorts_or_one();
        let mut names = self.names(&cohorts);
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
            ("a group", "group", &names.groups),
            ("a cohort", "cohort", &names.cohorts),
            ("a node", "node", &names.nodes),
            ("a list", "queue", &names.lists),
        ] {
            if unnamed(names) || at.lacks(key) || (key == "node" && names.is_empty()) {
                at.incomplete(what);
                at.incomplete("a scope");
            }
        }
        let way_out = "a name that is not a way out";
        let ways_out: Vec<&str> = names.exits.iter().copied().chain(OUT_OF_QUEUE).collect();
        unique(at, "group", &names.groups, &[], "");
        unique(at, "cohort", &names.cohorts, &[], "");
        unique(at, "arrivals", &arrivals, &[], "");
        unique(at, "node", &names.nodes, &ways_out, way_out);
        unique(at, "queue", &names.lists, &ways_out, way_out);
        unique(at, "queue", &names.lists, &names.nodes, "a name that is not a node's");
        at.within("exits", |at| {
            for (i, exit) in self.exits.iter().enumerate() {
                let mut known = EXITS.iter().chain(&OUT_OF_QUEUE);
                at.item(i, |at| {
                    if known.any(|known| known == exit) || self.exits[..i].contains(exit) {
                        at.fault(format!("{exit:?} once more"), "each way out once");
                    }
                });
            }
        });

        names.scope = scope(&cohorts, at);
        names.state = names.scope.with_state(&names.places().collect::<Vec<_>>());
        at.each("group", &self.groups, |at, group| group.check(&self.groups, at));
        at.each("cohort", &self.cohorts, |at, cohort| cohort.check(&names.scope, at));
        at.each("arrivals", &self.arrivals, |at, arrivals| arrivals.check(&names, at));
        at.within("node", |at| {
            for (i, node) in self.nodes.iter().enumerate() {
                at.item(i, |at| node.check(i, &names, at));
            }
        });
        self.report_lists(&names, at);
        self.report_needs(at);
        at.each("route", &self.routes, |at, route| {
            route.check(&names, at);
            self.report_choice(route, at);
        });
        self.report_unreached(at);
        let scopes: Vec<String> = self.scopes().into_keys().collect();
        at.each("published", &self.published, |at, published| published.check(&scopes, at));
        if let Some(plan) = &self.run {
            at.within("run", |at| plan.check(self.time_unit, at));
        }
    }

    fn names<'m>(&'m self, cohorts: &'m [Cohort]) -> Names<'m> {
        Names {
            unit: self.time_unit,
            start: self.start,
            scope: Scope::default(),
            state: Scope::default(),
            groups: self.groups.iter().map(|group| group.name.as_str()).collect(),
            cohorts: cohorts.iter().map(|cohort| cohort.name.as_str()).collect(),
            nodes: self.nodes.iter().map(|node| node.name.as_str()).collect(),
            lists: self.queues.iter().map(|list| list.name.as_deref().unwrap_or("")).collect(),
            exits: self.ways_out(),
        }
    }

    /// Checks each list with the nodes that it serves: there must be one.
    fn report_lists<'m>(&'m self, names: &Names, at: &mut Reader) {
        let list = |node: &'m Node| match &node.queue {
            Some(NodeQueue::List(list)) => Some(list.as_str()),
            _ => None,
        };
        // Somebody may have meant a list whose name is not quite the one that stands there.
        let unsure = (0..self.nodes.len()).any(|i| {
            let misread = list(&self.nodes[i]).is_some_and(|list| !names.lists.contains(&list));
            misread || at.within("node", |at| at.item(i, |at| at.misspelt("queue")))
        });
        at.within("queue", |at| {
            for (i, queue) in self.queues.iter().enumerate() {
                let name = names.lists[i];
                let serving = self.nodes.iter().filter(|node| list(node) == Some(name));
                let serving: Vec<&Node> = serving.collect();
                let by_slots = serving.iter().filter(|node| node.slots.is_some()).count();
                let mixed = by_slots != 0 && by_slots != serving.len();
                let serving: Vec<&str> = serving.iter().map(|node| node.name.as_str()).collect();
                at.item(i, |at| {
                    if serving.is_empty() && !unsure && !name.is_empty() {
                        let expected = format!("a node with queue = {name:?}");
                        at.fault("a list that no node serves", expected);
                    }
                    if mixed {
                        let expected = "nodes that all give slots, or all hold places";
                        at.fault("a list of nodes with slots and of others", expected);
                    }
                    queue.check(self.nodes.len() + i, &serving, names, at);
                });
            }
        });
    }

    /// What is needed when somebody is seen in a slot must be a place in a line of its own.
    fn report_needs(&self, at: &mut Reader) {
        at.each("node", &self.nodes, |at, node| {
            let Some(needs) = node.slots.as_ref().and_then(|slots| slots.needs.as_ref()) else {
                return;
            };
            let needed = self.nodes.iter().find(|node| node.name == needs.node);
            let Some(needed) = needed else { return };
            if needed.beds.is_none() || matches!(needed.queue, Some(NodeQueue::List(_))) {
                let expected = "a node with beds and a queue of its own";
                at.within("slots", |at| {
                    at.within("needs", |at| at.fault(format!("{:?}", needs.node), expected));
                });
            }
        });
    }

    /// Nodes with slots have no places free by which one of them might be chosen.
    fn report_choice(&self, route: &Route, at: &mut Reader) {
        let by_places =
            matches!(route.choose, Some(Choose::FirstFree | Choose::MostFree | Choose::LeastLoad));
        let To::OneOf(nodes) = &route.to else { return };
        let by_slots =
            self.nodes.iter().find(|node| node.slots.is_some() && nodes.contains(&node.name));
        if let Some(node) = by_slots.filter(|_| by_places) {
            let expected = "\"shortest queue\" or \"round robin\", or a list that the nodes serve";
            at.within("choose", |at| at.fault(format!("{:?} with slots", node.name), expected));
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

/// What the parts of a model are judged against: its calendar and what its names may be.
pub(super) struct Names<'m> {
    pub(super) unit: TimeUnit,
    pub(super) start: Date,
    pub(super) scope: Scope,
    pub(super) state: Scope,
    pub(super) groups: Vec<&'m str>,
    pub(super) cohorts: Vec<&'m str>,
    pub(super) nodes: Vec<&'m str>,
    /// Of queues that several nodes serve.
    pub(super) lists: Vec<&'m str>,
    /// Ways out, without those of queues.
    pub(super) exits: Vec<&'m str>,
}

impl<'m> Names<'m> {
    /// Where people may be sent within the system: nodes and lists.
    pub(super) fn places(&self) -> impl Iterator<Item = &'m str> + Clone {
        self.nodes.iter().chain(&self.lists).copied()
    }

    /// The scope of what may ask the state of nodes and lists, at the one of this position.
    fn state(&self, own: usize) -> Scope {
        self.state.at_node(own as u32)
    }

    /// Checks a condition on a patient: it may read attributes and the clock.
    pub(super) fn condition(&self, condition: &Expression, at: &mut Reader) {
        condition.compile(&self.scope, at);
    }

    /// Checks the condition of a case, if it has one.
    pub(super) fn case(&self, when: &Option<Expression>, at: &mut Reader) {
        if let Some(when) = when {
            at.within("when", |at| self.condition(when, at));
        }
    }

    /// Checks a condition that is asked at a set instant: it may read the state of nodes as well.
    pub(super) fn state_condition(&self, condition: &Expression, own: usize, at: &mut Reader) {
        condition.compile(&self.state(own), at);
    }

    /// The same on those who wait: it may read how long they have waited.
    pub(super) fn waiting(&self, condition: &Expression, own: usize, at: &mut Reader) {
        condition.compile(&self.state(own).with_waited(), at);
    }

    /// Checks a condition that may come true while somebody waits: attributes and the state of nodes,
    /// whose changes tell when to ask; the clock does not.
    pub(super) fn changing(
        &self,
        condition: &Expression,
        own: usize,
        at: &mut Reader,
    ) -> Option<Program> {
        let program = condition.compile(&self.state(own), at)?;
        no_clock(condition, &program, "state", at);
        Some(program)
    }

    /// Checks a condition that holds for a patient for good: it reads only attributes and the cohort.
    pub(super) fn lasting(&self, condition: &Expression, at: &mut Reader) {
        if let Some(program) = condition.compile(&self.scope, at) {
            no_clock(condition, &program, "cohort", at);
        }
    }

    /// Checks a number by which people are put in order.
    pub(super) fn score(&self, score: &Expression, own: usize, at: &mut Reader) {
        score.compile_score(&self.state(own).with_waited(), at);
    }
}

/// Reports a condition that reads the clock, which nobody watches: it reads attributes and this.
fn no_clock(condition: &Expression, program: &Program, this: &str, at: &mut Reader) {
    if program.reads_clock() {
        let expected = format!("a condition over attributes and {this}, not over the clock");
        at.fault(format!("{:?}", condition.0), expected);
    }
}

/// The least that a length of time may be.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Least {
    Zero,
    AboveZero,
}

/// Reports a length of time that is out of range.
pub(super) fn check_length(
    at: &mut Reader,
    key: &str,
    length: Quantity,
    unit: TimeUnit,
    least: Least,
) {
    let micros = length.micros(unit);
    let low = if least == Least::Zero { 0.0 } else { 1.0 };
    // What could not be read is NaN and has been reported, unless it was built in a program.
    let unsaid = micros.is_nan() && at.count() == 0;
    if micros < low || micros > 10_000.0 * YEAR as f64 || unsaid {
        let expected = match least {
            Least::AboveZero => "a length of time above 0 and of at most 10,000 years",
            Least::Zero => "a length of time of 0 or more and of at most 10,000 years",
        };
        at.within(key, |at| at.fault(length.to_string(), expected));
    }
}

/// Reports an instant that is none, or too far away.
pub(super) fn check_moment(at: &mut Reader, key: &str, moment: Moment) {
    let Moment::After(elapsed) = moment else { return };
    let micros = elapsed.micros(TimeUnit::Weeks).abs();
    if micros > 10_000.0 * YEAR as f64 || (micros.is_nan() && at.count() == 0) {
        let expected = "a date, or a time within 10,000 years of the start";
        at.within(key, |at| at.fault(moment.to_string(), expected));
    }
}

/// Reports a probability that is none.
pub(super) fn check_share(at: &mut Reader, key: &str, share: Option<f64>) {
    if let Some(share) = share
        && !(0.0..=1.0).contains(&share)
        && !share.is_nan()
    {
        at.within(key, |at| at.fault(share.to_string(), "a share from 0 to 1"));
    }
}

/// Reports names that are missing, or taken.
fn unique(at: &mut Reader, key: &str, names: &[&str], taken: &[&str], expected: &str) {
    at.within(key, |at| {
        for (i, name) in names.iter().enumerate() {
            at.item(i, |at| {
                if name.is_empty() && at.misspelt("name") {
                    return;
                }
                at.within("name", |at| {
                    if name.trim().is_empty() {
                        at.fault(format!("{name:?}"), "a name");
                    } else if names[..i].contains(name) {
                        at.fault(format!("{name:?} once more"), "each name once");
                    } else if taken.contains(name) {
                        at.fault(format!("{name:?}"), expected);
                    }
                });
            });
        }
    });
}
