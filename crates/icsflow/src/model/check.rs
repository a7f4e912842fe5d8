//! The judge of a model: every fault at once.

use std::collections::HashSet;

use super::cohort::{Cohort, categories, scope};
use super::model::{EXITS, Model};
use super::node::Node;
use super::plan::Plan;
use super::queue::NodeQueue;
use super::route::{Choose, Route, To};
use super::targets::OUT_OF_QUEUE;
use crate::doc::{Doc, Reader, Value};
use crate::error::Faults;
use crate::expr::{CLOCK, Expression, Kind, Program, Scope};
use crate::time::{Date, Moment, Quantity, TimeUnit, YEAR};

/// Columns of the tables in which people are told apart.
const COLUMNS: [&str; 35] = [
    "breaches",
    "clock",
    "cohort",
    "definition",
    "dropped",
    "kind",
    "length",
    "lower",
    "mean",
    "metric",
    "p25",
    "p5",
    "p50",
    "p75",
    "p90",
    "p95",
    "p99",
    "people",
    "replication",
    "replications",
    "running",
    "running_within",
    "scope",
    "sd",
    "share_above_0",
    "started",
    "status",
    "stopped",
    "target",
    "unit",
    "upper",
    "value",
    "within",
    "within_lower",
    "within_upper",
];

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
        let places: Vec<&str> = names.places().collect();
        unique(at, "group", &names.groups, &places, "a name that is no node's or list's");
        for (i, node) in self.nodes.iter().enumerate() {
            let others = || names.places().chain(names.groups.iter().copied());
            if let Some(sector) = node.sector.as_deref()
                && others().any(|name| name == sector)
            {
                let expected = "a name that is no node's, list's or group's";
                at.within("node", |at| {
                    at.item(i, |at| {
                        at.within("sector", |at| at.fault(format!("{sector:?}"), expected));
                    });
                });
            }
        }
        unique(at, "cohort", &names.cohorts, &[], "");
        unique(at, "arrivals", &arrivals, &[], "");
        let populations: Vec<&str> = self.populations.iter().map(|p| p.name.as_str()).collect();
        unique(at, "population", &populations, &arrivals, "a name that is not one of arrivals");
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
        if let Some(holidays) = &self.bank_holidays {
            at.within("bank_holidays", |at| holidays.check(at));
        }
        at.each("group", &self.groups, |at, group| group.check(&self.groups, at));
        at.each("cohort", &self.cohorts, |at, cohort| cohort.check(&names.scope, at));
        at.each("arrivals", &self.arrivals, |at, arrivals| arrivals.check(&names, at));
        at.each("population", &self.populations, |at, people| people.check(&names, at));
        at.each("census", &self.census, |at, census| census.check(self, &names, at));
        at.within("node", |at| {
            for (i, node) in self.nodes.iter().enumerate() {
                at.item(i, |at| node.check(i, &names, at));
            }
        });
        let events: Vec<&str> = self.events.iter().map(|event| event.name.as_str()).collect();
        unique(at, "event", &events, &[], "");
        at.each("event", &self.events, |at, event| event.check(self, &names, at));
        self.report_lists(&names, at);
        self.report_needs(at);
        at.each("route", &self.routes, |at, route| route.check(&names, at));
        let whole = self.with_nodes_for_roles();
        at.each("route", &whole.routes, |at, route| self.report_choice(route, at));
        at.within("transfer", |at| {
            for (i, transfer) in self.transfers.iter().enumerate() {
                let before = &self.transfers[..i];
                at.item(i, |at| transfer.check(before, &self.nodes, &whole.routes, &names, at));
            }
        });
        whole.report_unmet(at);
        whole.report_legs(at);
        whole.report_referrals(at);
        self.report_unreached(at);
        let mut scopes: Vec<String> = self.scopes().into_keys().collect();
        self.report_clocks(&scopes, &names, at);
        let costs: Vec<&str> = self.costs.iter().map(|cost| cost.name.as_str()).collect();
        unique(at, "cost", &costs, &["all"], "a name for which \"all\" cannot be mistaken");
        at.each("cost", &self.costs, |at, cost| cost.check(self, at));
        scopes.extend(self.clock_scopes().into_iter().map(|scope| scope.name));
        at.each("published", &self.published, |at, published| published.check(&scopes, at));
        let scenarios: Vec<&str> = self.scenarios.iter().map(|known| known.name.as_str()).collect();
        // Of a model with faults nobody can say what it would become.
        let sound = at.count() == 0;
        unique(at, "scenario", &scenarios, &[], "");
        if sound {
            at.each("scenario", &self.scenarios, |at, scenario| {
                scenario.apply(self, at);
            });
        }
        if let Some(plan) = &self.run {
            at.within("run", |at| self.report_plan(plan, at));
        }
    }

    /// Checks a plan by which the model is to be run.
    pub(crate) fn report_plan(&self, plan: &Plan, at: &mut Reader) {
        plan.check(self.start, self.time_unit, at);
        if let Some(name) = &plan.by_attribute {
            at.within("by_attribute", |at| self.report_attribute(name, at));
        }
        if !self.census.is_empty() && plan.warm_up.amount > 0.0 {
            at.within("warm_up", |at| {
                let expected = "0: the census is the state at the start of measuring";
                at.fault(plan.warm_up.to_string(), expected);
            });
        }
    }

    /// Checks an attribute by which people are to be told apart.
    fn report_attribute(&self, name: &str, at: &mut Reader) {
        let cohorts = self.cohorts_or_one();
        let scope = scope(&cohorts, &mut Reader::new());
        let known: Vec<_> = categories(&cohorts, &scope).collect();
        match known.iter().find(|(known, ..)| *known == name) {
            Some((.., labels)) if (labels.len() + 1) * cohorts.len() > usize::from(u16::MAX) => {
                let found = format!("{} labels of {} cohorts", labels.len(), cohorts.len());
                at.fault(found, format!("at most {} strata", u16::MAX));
            }
            Some(_) if COLUMNS.contains(&name) => {
                at.fault(format!("{name:?}"), "another name: the tables have such a column");
            }
            Some(_) => {}
            None if scope.find(name).is_some() => {
                at.fault(format!("{name:?}"), "a category or a flag: numbers have no labels");
            }
            None => at.unknown(
                name,
                "a category or flag of a cohort",
                known.iter().map(|(known, ..)| *known),
            ),
        }
    }

    /// The names of the model with the scopes of its expressions.
    pub(super) fn named<'m>(&'m self, cohorts: &'m [Cohort]) -> Names<'m> {
        let mut names = self.names(cohorts);
        names.scope = scope(cohorts, &mut Reader::new());
        names.state = names.scope.with_state(&names.places().collect::<Vec<_>>());
        names
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
            roles: self.roles(),
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

    /// People must be able to leave one end of a route at some time at which they are received at the
    /// other.
    fn report_unmet(&self, at: &mut Reader) {
        let list_of = |node: &Node| match &node.queue {
            Some(NodeQueue::List(list)) => Some(list.clone()),
            _ => None,
        };
        at.each("route", &self.routes, |at, route| {
            let Some(from) = self.nodes.iter().find(|node| node.name == route.from) else { return };
            let named = route.to.names();
            // Who is sent to a list, or to a node that serves one, comes to any that does.
            let mut lists: Vec<String> = named.iter().map(|name| (*name).to_owned()).collect();
            if let To::Shares(_) = route.to {
                let serving = self.nodes.iter().filter(|node| named.contains(&&*node.name));
                lists.extend(serving.filter_map(list_of));
            }
            let reached = self.nodes.iter().filter(|node| {
                named.contains(&&*node.name)
                    || list_of(node).is_some_and(|list| lists.contains(&list))
            });
            for to in reached {
                if let (Some(leave), Some(receive)) = (&from.leave, &to.receive)
                    && !leave.meets(receive)
                {
                    at.fault(
                        format!(
                            "windows that never meet: {:?} leaves, {:?} receives",
                            from.name, to.name
                        ),
                        "an instant of the week at which both are open",
                    );
                }
            }
        });
    }

    /// Checks the clocks: each is a scope of its own in the results.
    fn report_clocks(&self, scopes: &[String], names: &Names, at: &mut Reader) {
        let clocks: Vec<&str> = self.clocks.iter().map(|clock| clock.name.as_str()).collect();
        let taken: Vec<&str> = scopes.iter().map(String::as_str).chain([&*self.name]).collect();
        unique(
            at,
            "clock",
            &clocks,
            &taken,
            "a name that is no node, list, sector, group or model",
        );
        at.each("clock", &self.clocks, |at, clock| clock.check(scopes, names, at));
    }

    /// What is needed when somebody is seen in a slot must be a place in a line of its own.
    fn report_needs(&self, at: &mut Reader) {
        at.each("node", &self.nodes, |at, node| {
            let Some(needs) = node.slots.as_ref().and_then(|slots| slots.needs.as_ref()) else {
                return;
            };
            let needed = self.nodes.iter().find(|node| node.name == needs.node);
            let Some(needed) = needed else { return };
            let by_itself = needed.has_places() && needed.together.is_none();
            if !by_itself || matches!(needed.queue, Some(NodeQueue::List(_))) {
                let expected = "a node with beds and a queue of its own, each bed given by itself";
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
    /// What nodes are among those that are alike.
    pub(super) roles: Vec<&'m str>,
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

    /// The kind of an attribute, if some cohort has it.
    pub(super) fn attribute(&self, name: &str) -> Option<&Kind> {
        let (number, kind) = self.scope.find(name)?;
        (usize::from(number) > CLOCK.len()).then_some(kind)
    }

    /// The names of all attributes of the cohorts.
    pub(super) fn attributes(&self) -> impl Iterator<Item = &str> + Clone {
        (CLOCK.len() + 1..).map_while(|number| self.scope.nth(number)).map(|(name, _)| name)
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

    /// The scope of what is asked of somebody who may be at any of several nodes.
    pub(super) fn anybody(&self) -> Scope {
        self.state.with_waited()
    }

    /// The scope of what is asked of somebody at a node.
    pub(super) fn somebody_at(&self, own: usize) -> Scope {
        self.state(own).with_waited()
    }

    /// Checks a condition that is asked of nobody in particular: it may read clock and state.
    pub(super) fn anywhere(&self, condition: &Expression, at: &mut Reader) {
        if let Some(program) = condition.compile(&self.state, at)
            && program.reads().iter().any(|name| *name == 0 || usize::from(*name) > CLOCK.len())
        {
            let expected = "a condition over clock and state: it is asked of nobody in particular";
            at.fault(format!("{:?}", condition.0), expected);
        }
    }

    /// Checks a number from 0 to 1 that is asked at a set instant, of attributes, clock and state.
    pub(super) fn share_now(&self, share: &Expression, at: &mut Reader) {
        share.compile_score(&self.state, at);
    }

    /// Checks a number that holds for a patient for good: it reads only attributes and the cohort.
    pub(super) fn lasting_number(&self, number: &Expression, at: &mut Reader) {
        if let Some(program) = number.compile_score(&self.scope, at)
            && program.reads_clock()
        {
            let expected = "a number over attributes and cohort, not over the clock";
            at.fault(format!("{:?}", number.0), expected);
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

/// Reports a length of time under a key that is out of range.
pub(super) fn check_length(
    at: &mut Reader,
    key: &str,
    length: Quantity,
    unit: TimeUnit,
    least: Least,
) {
    at.within(key, |at| check_length_here(at, length, unit, least));
}

/// The same, where the length stands at this very place.
pub(super) fn check_length_here(at: &mut Reader, length: Quantity, unit: TimeUnit, least: Least) {
    let micros = length.micros(unit);
    let low = if least == Least::Zero { 0.0 } else { 1.0 };
    if is_below(micros, low, at) || micros > 10_000.0 * YEAR as f64 {
        let expected = match least {
            Least::AboveZero => "a length of time above 0 and of at most 10,000 years",
            Least::Zero => "a length of time of 0 or more and of at most 10,000 years",
        };
        at.fault(length.to_string(), expected);
    }
}

/// Reports an instant that is none, or too far away.
pub(super) fn check_moment(at: &mut Reader, key: &str, moment: Moment, unit: TimeUnit) {
    at.within(key, |at| check_moment_here(at, moment, unit));
}

/// The same at this place.
pub(super) fn check_moment_here(at: &mut Reader, moment: Moment, unit: TimeUnit) {
    let Moment::After(elapsed) = moment else { return };
    let micros = elapsed.micros(unit).abs();
    if is_below(micros, 0.0, at) || micros > 10_000.0 * YEAR as f64 {
        let expected = "a date, or a time within 10,000 years of the start";
        at.fault(moment.to_string(), expected);
    }
}

/// Whether a number is below another. What could not be read is NaN and has been reported; elsewhere NaN comes out
/// of a program, and is as good as below.
pub(super) fn is_below(x: f64, least: f64, at: &Reader) -> bool {
    x < least || (x.is_nan() && at.count() == 0)
}

/// Reports a probability that is none.
pub(super) fn check_share(at: &mut Reader, key: &str, share: Option<f64>) {
    if let Some(share) = share
        && (is_below(share, 0.0, at) || share > 1.0)
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
