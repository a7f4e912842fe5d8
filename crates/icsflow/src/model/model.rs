//! The whole model.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Serialize;

use super::arrivals::Arrivals;
use super::bank_holidays::BankHolidays;
use super::census::Census;
use super::clock::{Clock, Mark};
use super::cohort::Cohort;
use super::cost::Cost;
use super::deadlock::Deadlock;
use super::event::Event;
use super::group::Group;
use super::node::Node;
use super::plan::Plan;
use super::population::Population;
use super::published::Published;
use super::queue::{NodeQueue, Queue};
use super::route::Route;
use super::scenario::Scenario;
use super::transfer::Transfer;
use crate::doc::read_table;
use crate::time::{Date, MONDAY, TimeUnit};

/// A system of care: who comes, where care happens, and where people go next.
///
/// ```
/// use icsflow::{Arrivals, Distribution, Model, Node, Route, Share};
///
/// let model = Model::new("Step-down")
///     .arrivals(Arrivals::poisson("Emergency admissions", "Acute", 20.0))
///     .node(Node::beds("Acute", 160, Distribution::lognormal_mean_sd("6.9d", "8d")))
///     .node(Node::beds("Community", 30, Distribution::exponential("20d")))
///     .route(Route::new("Acute", [("Community", Share::Of(0.07)), ("home", Share::Rest)]));
/// model.check()?;
/// # Ok::<(), icsflow::Faults>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Model {
    /// Its name.
    pub name: String,
    /// What it is for, and what to know before using it.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// The date at which measuring starts; a Monday if not given.
    pub start: Date,
    /// The unit of bare numbers that mean a length of time, of rates, and of the results.
    pub time_unit: TimeUnit,
    /// Dates that count as another day of the week.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bank_holidays: Option<BankHolidays>,
    /// Further ways out beside `home`, `died` and `exit`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub exits: Vec<String>,
    /// Organisations and areas.
    #[serde(rename = "group", skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<Group>,
    /// Kinds of patient; one without attributes if none is given.
    #[serde(rename = "cohort", skip_serializing_if = "Vec::is_empty")]
    pub cohorts: Vec<Cohort>,
    /// Who comes.
    #[serde(rename = "arrivals", skip_serializing_if = "Vec::is_empty")]
    pub arrivals: Vec<Arrivals>,
    /// People who come again and again.
    #[serde(rename = "population", skip_serializing_if = "Vec::is_empty")]
    pub populations: Vec<Population>,
    /// Who is there when the run begins.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub census: Vec<Census>,
    /// Where care happens.
    #[serde(rename = "node", skip_serializing_if = "Vec::is_empty")]
    pub nodes: Vec<Node>,
    /// Dated acts on people.
    #[serde(rename = "event", skip_serializing_if = "Vec::is_empty")]
    pub events: Vec<Event>,
    /// Lists of people who wait, each of which several nodes may serve.
    #[serde(rename = "queue", skip_serializing_if = "Vec::is_empty")]
    pub queues: Vec<Queue>,
    /// Where next.
    #[serde(rename = "route", skip_serializing_if = "Vec::is_empty")]
    pub routes: Vec<Route>,
    /// Ways that take time.
    #[serde(rename = "transfer", skip_serializing_if = "Vec::is_empty")]
    pub transfers: Vec<Transfer>,
    /// What is done about people who wait for one another's places: `report`, if not given, or `swap`.
    #[serde(skip_serializing_if = "Deadlock::is_report")]
    pub deadlock: Deadlock,
    /// Measured intervals of patients.
    #[serde(rename = "clock", skip_serializing_if = "Vec::is_empty")]
    pub clocks: Vec<Clock>,
    /// Prices of what happens.
    #[serde(rename = "cost", skip_serializing_if = "Vec::is_empty")]
    pub costs: Vec<Cost>,
    /// What is known of the real system.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub published: Vec<Published>,
    /// What-ifs.
    #[serde(rename = "scenario", skip_serializing_if = "Vec::is_empty")]
    pub scenarios: Vec<Scenario>,
    /// How it is run if the caller does not say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run: Option<Plan>,
    /// Where figures come from that belong to the whole.
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub evidence: IndexMap<String, String>,
}

read_table!(Model, "a model", {
    name, description = String::new(), start = MONDAY, time_unit = TimeUnit::Days,
    bank_holidays, exits, groups as "group", cohorts as "cohort", arrivals, populations as "population",
    census, nodes as "node", events as "event", queues as "queue", routes as "route",
    transfers as "transfer", deadlock = Deadlock::Report, clocks as "clock", costs as "cost", published,
    scenarios as "scenario", run, evidence,
});

/// The ways out that every model has.
pub const EXITS: [&str; 3] = ["home", "died", "exit"];

impl Model {
    /// An empty model that starts on Monday 1 January 2024 and counts in days.
    pub fn new(name: impl Into<String>) -> Self {
        Model {
            name: name.into(),
            description: String::new(),
            start: MONDAY,
            time_unit: TimeUnit::Days,
            bank_holidays: None,
            exits: Vec::new(),
            groups: Vec::new(),
            cohorts: Vec::new(),
            arrivals: Vec::new(),
            populations: Vec::new(),
            census: Vec::new(),
            nodes: Vec::new(),
            events: Vec::new(),
            queues: Vec::new(),
            routes: Vec::new(),
            transfers: Vec::new(),
            deadlock: Deadlock::Report,
            clocks: Vec::new(),
            costs: Vec::new(),
            published: Vec::new(),
            scenarios: Vec::new(),
            run: None,
            evidence: IndexMap::new(),
        }
    }

    /// Sets the date at which measuring starts.
    pub fn start(mut self, date: Date) -> Self {
        self.start = date;
        self
    }

    /// Sets the unit of bare lengths of time, of rates, and of the results.
    pub fn time_unit(mut self, unit: TimeUnit) -> Self {
        self.time_unit = unit;
        self
    }

    /// Sets the dates that count as another day of the week.
    pub fn bank_holidays(mut self, holidays: BankHolidays) -> Self {
        self.bank_holidays = Some(holidays);
        self
    }

    /// Adds a way out.
    pub fn exit(mut self, name: impl Into<String>) -> Self {
        self.exits.push(name.into());
        self
    }

    /// Adds a group.
    pub fn group(mut self, group: Group) -> Self {
        self.groups.push(group);
        self
    }

    /// Adds a cohort.
    pub fn cohort(mut self, cohort: Cohort) -> Self {
        self.cohorts.push(cohort);
        self
    }

    /// Adds a stream of arrivals.
    pub fn arrivals(mut self, arrivals: Arrivals) -> Self {
        self.arrivals.push(arrivals);
        self
    }

    /// Adds people who come again and again.
    pub fn population(mut self, population: Population) -> Self {
        self.populations.push(population);
        self
    }

    /// Adds people who are there when the run begins.
    pub fn census(mut self, census: Census) -> Self {
        self.census.push(census);
        self
    }

    /// Adds a node.
    pub fn node(mut self, node: Node) -> Self {
        self.nodes.push(node);
        self
    }

    /// Adds a dated act on people.
    pub fn event(mut self, event: Event) -> Self {
        self.events.push(event);
        self
    }

    /// Adds a list that several nodes may serve; the queue has its [name](Queue::named).
    pub fn queue(mut self, list: Queue) -> Self {
        self.queues.push(list);
        self
    }

    /// Adds a route.
    pub fn route(mut self, route: Route) -> Self {
        self.routes.push(route);
        self
    }

    /// Adds a what-if.
    pub fn scenario(mut self, scenario: Scenario) -> Self {
        self.scenarios.push(scenario);
        self
    }

    /// Adds a way that takes time.
    pub fn transfer(mut self, transfer: Transfer) -> Self {
        self.transfers.push(transfer);
        self
    }

    /// Sets what is done about people who wait for one another's places.
    pub fn deadlock(mut self, deadlock: Deadlock) -> Self {
        self.deadlock = deadlock;
        self
    }

    /// Adds a clock.
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clocks.push(clock);
        self
    }

    /// Adds prices.
    pub fn cost(mut self, cost: Cost) -> Self {
        self.costs.push(cost);
        self
    }

    /// All ways out, those of every model first.
    pub fn ways_out(&self) -> Vec<&str> {
        EXITS.into_iter().chain(self.exits.iter().map(String::as_str)).collect()
    }

    /// The cohorts, or the one that a model without cohorts has.
    pub fn cohorts_or_one(&self) -> Vec<Cohort> {
        if self.cohorts.is_empty() { vec![Cohort::new("patients")] } else { self.cohorts.clone() }
    }

    /// The group of a node and all that contain it, the nearest first.
    pub fn groups_of(&self, node: &Node) -> Vec<&str> {
        let find = |name: &str| self.groups.iter().find(|group| group.name == name);
        let mut chain = Vec::new();
        let mut next = node.group.as_deref().and_then(find);
        while let Some(group) = next.filter(|_| chain.len() <= self.groups.len()) {
            chain.push(group.name.as_str());
            next = group.part_of.as_deref().and_then(find);
        }
        chain
    }

    /// The queue of a node by position, or a list: their positions follow those of the nodes.
    pub fn queue_at(&self, position: usize) -> Option<&Queue> {
        match self.nodes.get(position) {
            Some(node) => match &node.queue {
                Some(NodeQueue::Own(queue)) => Some(queue),
                _ => None,
            },
            None => self.queues.get(position - self.nodes.len()),
        }
    }

    /// The scopes over which results are told, each with the positions of its nodes: every node; every
    /// list, whose positions are after those of the nodes; every sector; every group with all that it
    /// contains; and the nodes of a sector within a group, as `group / sector`. A name that is both a node
    /// or list and a group or sector is that of the node or list.
    pub fn scopes(&self) -> IndexMap<String, Vec<usize>> {
        let mut scopes: IndexMap<String, Vec<usize>> = IndexMap::new();
        let lists = self.queues.iter().map(|list| list.name.clone().unwrap_or_default());
        let names = self.nodes.iter().map(|node| node.name.clone()).chain(lists);
        scopes.extend(names.enumerate().map(|(i, name)| (name, vec![i])));
        let mut sums: IndexMap<String, Vec<usize>> = IndexMap::new();
        for (i, node) in self.nodes.iter().enumerate() {
            let groups = self.groups_of(node);
            let mut names: Vec<String> = groups.iter().map(|group| (*group).to_owned()).collect();
            if let Some(sector) = &node.sector {
                names.push(sector.clone());
                names.extend(groups.iter().map(|group| format!("{group} / {sector}")));
            }
            for name in names {
                sums.entry(name).or_default().push(i);
            }
        }
        for (name, nodes) in sums {
            scopes.entry(name).or_insert(nodes);
        }
        scopes
    }

    /// The name of the whole system among the scopes of the results: that of the model, or `"whole system"`
    /// where a node, a list, a sector or a group has that.
    pub fn whole(&self) -> String {
        let taken = self.scopes().contains_key(&self.name);
        if taken { "whole system".to_owned() } else { self.name.clone() }
    }

    /// The positions of the nodes and lists at which a moment lies: those to which people come for that
    /// of coming into the system, none for going out of it.
    pub fn places_of(&self, mark: &Mark) -> Vec<usize> {
        let scopes = self.scopes();
        let of = |name: &String| scopes.get(name).cloned().unwrap_or_default();
        let mut places: Vec<usize> = match mark {
            Mark::Exit => Vec::new(),
            Mark::At { at, .. } => at.0.iter().flat_map(of).collect(),
            // Who is sent to a node that serves a list joins the list.
            Mark::Arrival => {
                let node = |name: &str| self.nodes.iter().find(|node| node.name == name);
                let joined = |name: &String| match node(name).and_then(|node| node.queue.as_ref()) {
                    Some(NodeQueue::List(list)) => of(list),
                    _ => of(name),
                };
                let mut to: Vec<&String> = Vec::new();
                for arrivals in &self.arrivals {
                    to.push(&arrivals.to);
                    to.extend(arrivals.otherwise.iter().flat_map(|to| to.0.keys()));
                    to.extend(arrivals.replay.iter().flat_map(|log| &log.to));
                }
                let again = self.populations.iter().flat_map(|people| &people.attends);
                to.extend(again.map(|attends| &attends.to));
                let again = self.nodes.iter().flat_map(|node| &node.readmission);
                to.extend(again.flat_map(|again| again.to.0.keys()));
                to.extend(self.census.iter().map(|census| &census.node));
                to.into_iter().flat_map(joined).collect()
            }
        };
        places.sort_unstable();
        places.dedup();
        places
    }

    /// The scopes over which clocks are told: each clock as a whole, and by node, sector and group where
    /// it starts, as `clock / scope`.
    pub fn clock_scopes(&self) -> Vec<ClockScope> {
        let mut all = Vec::new();
        for (clock, spec) in self.clocks.iter().enumerate() {
            let starts = self.places_of(&spec.start);
            for (scope, nodes) in self.scopes() {
                let nodes: Vec<usize> =
                    nodes.into_iter().filter(|node| starts.contains(node)).collect();
                if !nodes.is_empty() {
                    let name = format!("{} / {scope}", spec.name);
                    all.push(ClockScope { name, clock, whole: false, nodes });
                }
            }
            all.push(ClockScope { name: spec.name.clone(), clock, whole: true, nodes: starts });
        }
        all
    }
}

/// A clock, or what of it starts at some nodes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClockScope {
    /// Its name in the results.
    pub name: String,
    /// The position of the clock.
    pub clock: usize,
    /// The whole clock, wherever it starts.
    pub whole: bool,
    /// The nodes and lists at which it starts.
    pub nodes: Vec<usize>,
}
