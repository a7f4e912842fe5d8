//! From the model to the network: names become positions.
//!
//! The model has been checked, so every name is found; what a check would have refused is met here only
//! by a harmless default, never by a panic.

use indexmap::{IndexMap, IndexSet};

mod arrivals;
mod census;
mod clocks;
mod costs;
mod deadlock;
mod event;
mod extras;
mod legs;
mod places;
mod population;
mod readmission;
mod slots;
mod variant;
mod ways;

use self::extras::{FirstFree, Watchers};
use super::extras::Change;
use super::network::{
    AttributeCase, AttributeDraw, AttributeKind, CLOCK_NAMES, Category, Cohort, Delay, DelayCase,
    Flow, LOST, Leave, NO_LIST, Network, Node, Place, Process, Route, Source, StayCase, Target,
    Targets,
};
use super::places::Places;
use super::rate::{Piece, Rate, hours_of_week};
use super::sampler::{Sampler, Samplers};
use super::week::{Instants, Intervals, Rota, Week};
use crate::doc::Reader;
use crate::error::Faults;
use crate::expr::{Expression, Kind, Program, Scope};
use crate::ids::{CohortId, NOWHERE, NodeId};
use crate::model::arrivals::{Arrivals, Curve, CurveShape};
use crate::model::capacity::Capacity;
use crate::model::case::{Cases, cumulative};
use crate::model::caseload::Profession;
use crate::model::cohort::{self, Attribute};
use crate::model::distribution::{Distribution, Meaning};
use crate::model::model::Model;
use crate::model::queue::{Limit, Queue};
use crate::model::route::To;
use crate::model::scenario::Variant;
use crate::model::targets;
use crate::model::waiting_room::WaitingRoom;
use crate::model::window::Window;
use crate::rng::Purpose;
use crate::time::{Date, Time, WEEK};

impl Network {
    /// Compiles a model.
    ///
    /// # Errors
    /// Every fault of the model.
    pub fn new(model: &Model) -> Result<Self, Faults> {
        model.check()?;
        Ok(Compiler::new(&model.with_nodes_for_roles(), None, false).compile())
    }

    /// Compiles what a model becomes by a scenario. Patients, times of arrival and draws are those of
    /// the model with which it is compared, wherever the scenario leaves them as they are.
    pub fn of_variant(variant: &Variant) -> Self {
        Compiler::new(&variant.model, Some(variant), false).compile()
    }

    /// The same in general form: no node with places is plain, so that all that could be changed at a
    /// date later is followed from the beginning. What a run measures is the same, bit for bit.
    pub fn in_general(model: &Model, variant: Option<&Variant>) -> Self {
        Compiler::new(&model.with_nodes_for_roles(), variant, true).compile()
    }
}

struct Compiler<'m> {
    model: &'m Model,
    week: Week,
    variant: Option<&'m Variant>,
    /// No node with places is plain.
    in_general: bool,
    cohorts: Vec<crate::model::cohort::Cohort>,
    scope: Scope,
    state: Scope,
    /// Nodes, then lists.
    nodes: IndexMap<&'m str, NodeId>,
    first_free: Vec<FirstFree>,
    watchers: Watchers,
    exits: Vec<String>,
    flows: IndexSet<Flow>,
    samplers: Samplers,
    processes: Vec<(NodeId, String)>,
    ends: Vec<(NodeId, String)>,
    professions: Vec<(NodeId, String)>,
    lists: u32,
    lines: u32,
    counters: u32,
    diaries: u32,
    /// The first of the sources from which people come again.
    first_return: u32,
}

impl<'m> Compiler<'m> {
    fn new(model: &'m Model, variant: Option<&'m Variant>, in_general: bool) -> Self {
        let cohorts = model.cohorts_or_one();
        let mut exits: Vec<String> = model.ways_out().into_iter().map(str::to_owned).collect();
        exits.push(LOST.to_owned());
        let scope = cohort::scope(&cohorts, &mut Reader::new());
        let lists = model.queues.iter().filter_map(|list| list.name.as_deref());
        let names = model.nodes.iter().map(|node| node.name.as_str()).chain(lists);
        let names: Vec<&str> = names.collect();
        let holidays = model.bank_holidays.as_ref();
        let holidays = holidays.map_or(Vec::new(), |holidays| holidays.since(model.start));
        let mut compiler = Compiler {
            model,
            week: Week::new(model.start, &holidays),
            variant,
            in_general,
            state: scope.with_state(&names),
            scope,
            cohorts,
            nodes: names.into_iter().zip((0..).map(NodeId)).collect(),
            first_free: Vec::new(),
            watchers: Watchers::default(),
            exits,
            flows: IndexSet::new(),
            samplers: Samplers::default(),
            processes: Vec::new(),
            ends: Vec::new(),
            professions: Vec::new(),
            lists: 0,
            lines: 0,
            counters: 0,
            diaries: 0,
            first_return: 0,
        };
        compiler.first_free = compiler.first_free();
        compiler.watchers = compiler.watchers();
        compiler
    }

    fn compile(mut self) -> Network {
        let model = self.model;
        let revisits = self.revisits();
        let deadlock = self.may_wait_in_circles().then_some(model.deadlock);
        let cohorts = (0..self.cohorts.len()).map(|i| self.cohort(i)).collect();
        let mut sources: Vec<Source> =
            (0u32..).zip(&model.arrivals).map(|(i, arrivals)| self.source(i, arrivals)).collect();
        let names = model.arrivals.iter().map(|arrivals| arrivals.name.clone());
        let mut source_names: Vec<String> = names.collect();
        self.pair_demand(&mut sources, &mut source_names);
        let in_census: IndexSet<&str> = model.census.iter().map(|census| &*census.node).collect();
        self.first_return = (sources.len() + model.populations.len() + in_census.len()) as u32;
        let mut node_names: Vec<String> = self.nodes.keys().map(|&name| name.to_owned()).collect();
        let ids = || (0..).map(NodeId).zip(&revisits);
        let mut nodes = Vec::with_capacity(node_names.len() + self.first_free.len());
        for (id, revisit) in ids().take(model.nodes.len()) {
            nodes.push(self.node(id, *revisit));
        }
        for (id, revisit) in ids().skip(model.nodes.len()) {
            nodes.push(self.list_node(id, *revisit));
        }
        for line in 0..self.first_free.len() {
            let (node, name) = self.first_free_node(line);
            nodes.push(node);
            node_names.push(name);
        }
        let of_node = |(id, _)| self.changes(id);
        let changes: Box<[Change]> = ids().take(model.nodes.len()).flat_map(of_node).collect();
        let populations = self.populations(sources.len() as u32);
        let events = self.events();
        let (census, census_names) = self.census(&nodes, sources.len() + populations.len());
        source_names.extend(model.populations.iter().map(|population| population.name.clone()));
        source_names.extend(census_names);
        source_names.extend(self.return_names());
        let minds_leaving =
            !self.watchers.of_all.is_empty() || !populations.is_empty() || self.follows_people();
        let (clocks, ticks, costs) = (self.clocks(), self.ticks(), self.costs());
        let has_legs = self.has_legs();
        let groups = self.groups_of_nodes(nodes.len());
        let busy = sources.iter().map(busy).sum();
        let category = |(name, number, labels): (&str, u16, Vec<String>)| Category {
            name: name.to_owned(),
            position: u32::from(number) - CLOCK_NAMES as u32,
            labels: labels.into(),
        };
        let categories = cohort::categories(&self.cohorts, &self.scope).map(category).collect();
        let attributes = (0..).take_while(|i| self.scope.nth(CLOCK_NAMES + i).is_some()).count();
        Network {
            unit: model.time_unit,
            start: model.start,
            week: self.week,
            shown: self.nodes.len(),
            changes,
            counters: self.counters as usize,
            diaries: self.diaries as usize,
            inside_watchers: self.watchers.of_all.into(),
            deadlock,
            ids: (0..nodes.len() as u32).map(NodeId).collect(),
            nodes: nodes.into(),
            node_names: node_names.into(),
            census,
            sources: sources.into(),
            events,
            minds_leaving,
            has_legs,
            groups,
            follows_places: self::places::follows_places(model),
            populations,
            source_names: source_names.into(),
            clocks,
            ticks,
            costs,
            cohorts,
            cohort_names: self.cohorts.iter().map(|cohort| cohort.name.clone()).collect(),
            flows: self.flows.into_iter().collect(),
            categories,
            exits: self.exits.into(),
            attributes,
            revisited: revisits.iter().flatten().count(),
            lines: self.lines as usize,
            lists: self.lists as usize,
            processes: self.processes.into(),
            ends: self.ends.into(),
            professions: self.professions.into(),
            busy,
        }
    }

    fn program(&self, expression: &Expression) -> Option<Program> {
        expression.compile(&self.scope, &mut Reader::new())
    }

    fn when(&self, when: &Option<Expression>) -> Option<Program> {
        when.as_ref().and_then(|when| self.program(when))
    }

    fn flow(&mut self, from: Place, to: Place) -> u32 {
        self.flows.insert_full(Flow { from, to }).0 as u32
    }

    /// Where a name leads. People who are sent to a node that serves a list join the list.
    fn target(&mut self, from: NodeId, name: &str) -> Target {
        let list = self.nodes.get(name).and_then(|node| self.model.nodes.get(node.index()));
        let list = list.and_then(|node| self.list_of(node));
        match list {
            Some(list) => {
                Target { node: list, flow: self.flow(Place::Node(from), Place::Node(list)) }
            }
            None => self.target_itself(from, name),
        }
    }

    fn target_itself(&mut self, from: NodeId, name: &str) -> Target {
        let node = self.nodes.get(name).copied();
        let to = match node {
            Some(node) => Place::Node(node),
            None => Place::Exit(self.exit(name)),
        };
        Target { node: node.unwrap_or(NOWHERE), flow: self.flow(Place::Node(from), to) }
    }

    /// Where arrivals come who are sent to another node or list than their own.
    fn way_in(&mut self, source: u32, name: &str) -> Option<Target> {
        let node = self.nodes.get(name).copied()?;
        let list = self.model.nodes.get(node.index()).and_then(|node| self.list_of(node));
        let node = list.unwrap_or(node);
        Some(Target { node, flow: self.flow(Place::Source(source), Place::Node(node)) })
    }

    fn targets(&mut self, from: NodeId, to: &crate::model::targets::Targets) -> Targets {
        let shares = cumulative(&to.0).into_iter().zip(to.0.keys());
        Targets::new(shares.map(|(share, name)| (share, self.target(from, name))).collect())
    }

    /// The position of a list of given values.
    fn list(&mut self, sampler: &Sampler) -> u32 {
        if sampler.listed().is_none() {
            return NO_LIST;
        }
        self.lists += 1;
        self.lists - 1
    }

    fn cohort(&self, index: usize) -> Cohort {
        let cohort = &self.cohorts[index];
        let order = cohort.drawing_order(&self.scope).unwrap_or_default();
        let draw = |i: usize| {
            let (name, cases) = cohort.attributes.get_index(i)?;
            let (number, kind) = self.scope.find(name)?;
            let case = |case: &crate::model::case::Case<Attribute>| AttributeCase {
                when: self.when(&case.when),
                how: match &case.then {
                    Attribute::Number(number) => {
                        AttributeKind::Number(self.samplers.sampler(number, Meaning::Number))
                    }
                    Attribute::Flag(share) => AttributeKind::Flag(*share),
                    Attribute::Category(shares) => {
                        let position = |label: &String| match kind {
                            Kind::Category(labels) => {
                                labels.iter().position(|known| known == label).unwrap_or(0) as f64
                            }
                            _ => 0.0,
                        };
                        let labels = shares.keys().map(position);
                        AttributeKind::Category(
                            cumulative(shares).into_iter().zip(labels).collect(),
                        )
                    }
                },
            };
            Some(AttributeDraw {
                position: u32::from(number) - CLOCK_NAMES as u32,
                purpose: Purpose::named(name, "attribute"),
                cases: cases.0.iter().map(case).collect(),
            })
        };
        Cohort { attributes: order.into_iter().filter_map(draw).collect() }
    }

    fn source(&mut self, index: u32, arrivals: &Arrivals) -> Source {
        let to = self.nodes.get(arrivals.to.as_str()).copied().unwrap_or(NodeId(0));
        let list = self.model.nodes.get(to.index()).and_then(|node| self.list_of(node));
        let to = list.unwrap_or(to);
        let mix = self.mix(&arrivals.cohort);
        let process = if let Some(rate) = arrivals.rate {
            Process::Poisson(self.rate(arrivals, rate))
        } else if let Some(gap) = &arrivals.interarrival {
            let gap = self.samplers.sampler(gap, Meaning::Duration(self.model.time_unit));
            let list = self.list(&gap);
            Process::Renewal { gap, list }
        } else if let Some(replay) = &arrivals.replay {
            Process::Timetable {
                once: self.in_order(replay).into_iter().map(|(time, _)| time).collect(),
                weekly: Rota::new(Vec::new(), self.week.clone()),
            }
        } else {
            let unit = self.model.time_unit;
            let timetable = arrivals.timetable.as_ref();
            let mut once: Vec<Time> = timetable
                .map_or(&[][..], |timetable| &timetable.times)
                .iter()
                .map(|time| time.micros(unit).round() as Time)
                .collect();
            once.sort_unstable();
            let sessions = timetable.map_or(&[][..], |timetable| &timetable.weekly);
            let weekly = sessions.iter().flat_map(|sessions| sessions.of_week()).collect();
            Process::Timetable { once: once.into(), weekly: Rota::new(weekly, self.week.clone()) }
        };
        let batch = arrivals.batch.as_ref().map(|size| self.samplers.sampler(size, Meaning::Count));
        let batch_list = batch.as_ref().map_or(NO_LIST, |batch| self.list(batch));
        let flow = self.flow(Place::Source(index), Place::Node(to));
        let recorded = arrivals.replay.as_ref().map(|replay| self.recorded(index, replay));
        let accept = arrivals.accept.as_ref();
        let accept = accept.and_then(|share| share.compile_score(&self.state, &mut Reader::new()));
        let otherwise = accept
            .as_ref()
            .map(|_| arrivals.otherwise.clone().unwrap_or_else(|| targets::SUPPRESSED.into()));
        Source {
            plain: batch.is_none() && recorded.is_none() && accept.is_none(),
            recorded: recorded.unwrap_or_default(),
            accept,
            accept_purpose: Purpose::named(&arrivals.name, "accept"),
            otherwise: self.away(index, &arrivals.name, otherwise.as_ref()),
            to,
            flow,
            group: self.group(arrivals.group.as_deref()),
            only_cohort: if let [(_, only)] = &mix[..] { Some(*only) } else { None },
            mix,
            process,
            thinning: None,
            batch,
            batch_list,
            gap_purpose: Purpose::named(&arrivals.name, "gap"),
            batch_purpose: Purpose::named(&arrivals.name, "batch"),
            cohort_purpose: Purpose::named(&arrivals.name, "cohort"),
        }
    }

    /// A rate of arrivals, given per unit of time before its factors.
    fn rate(&self, arrivals: &Arrivals, rate: f64) -> Rate {
        let per_micro = rate / self.model.time_unit.micros() as f64;
        let hourly = hours_of_week(&arrivals.weekly, &arrivals.hourly).map(|f| f * per_micro);
        let curve = arrivals.curve.as_ref().map_or(Vec::new(), |c| pieces(c, self.model.start));
        Rate::new(hourly, &self.week, curve)
    }

    fn node(&mut self, id: NodeId, revisit: Option<u32>) -> Node {
        let model = self.model;
        let node = &model.nodes[id.index()];
        let own = Queue::new();
        let list = self.list_of(node).and_then(|list| self.queue(list));
        // Who is of which class is said by the list, for its nodes as well.
        let (first_line, classes) = self.classes(self.queue(id).or(list).unwrap_or(&own));
        let queue = self.queue(id).unwrap_or(&own);
        let routes = model.routes.iter().enumerate().filter(|(_, route)| route.from == node.name);
        let routes: Vec<Route> = routes.map(|(i, _)| self.route(id, i)).collect();
        let delays = node.process_delay.iter();
        let delays: Vec<Delay> =
            delays.map(|(reason, cases)| self.delay(id, reason, cases)).collect();
        let mut stays = self.stays(&node.stay);
        self.pair_stays(id, &mut stays);
        let otherwise = self.target(id, "home");
        let lost_flow = self.lost_flow(id);
        let extras = self.extras_of_node(id);
        let leave = node.leave.as_ref().map_or(Leave::Anytime, |window| self.leave(window));
        let leave = self.ways(id, leave);
        let only_stay = match &stays[..] {
            [StayCase { when: None, sampler, list: NO_LIST, over: None }] if extras.is_none() => {
                Some(sampler.clone())
            }
            _ => None,
        };
        let booking = node.slots.as_ref().and_then(|slots| slots.booking.as_ref());
        let follows = booking.is_some_and(|booking| booking.follow_up.is_some());
        let places = |beds: &Capacity| match beds.is_constant() {
            true => beds.places,
            false => Places::new(beds, &self.week, model.time_unit).at(0),
        };
        let mut compiled = Node {
            // Visits are no places: their ledger says who may start.
            places: match &node.visits {
                Some(_) => Some(u32::MAX),
                None if !node.caseload.is_empty() => {
                    let units = |one: &Profession| {
                        one.people(Places::new(&one.units, &self.week, model.time_unit).at(0))
                    };
                    node.caseload.values().map(units).min()
                }
                None => node.beds.as_ref().filter(|_| !node.unlimited).map(places),
            },
            queue_limit: limit(queue.limit, u32::MAX),
            waiting_room: match node.waiting_room {
                None => 0,
                Some(WaitingRoom::Own(places)) => limit(Some(places), 0),
                Some(WaitingRoom::Queue) => limit(queue.limit, u32::MAX),
            },
            shares_queue: match node.waiting_room {
                Some(WaitingRoom::Queue) => u32::MAX,
                _ => 0,
            },
            first_line,
            classes,
            only_stay,
            stays,
            stay_purpose: Purpose::named(&node.name, "stay"),
            leaves_freely: delays.is_empty() && matches!(leave, Leave::Anytime) && extras.is_none(),
            seeks_at_once: delays.is_empty() && !matches!(leave, Leave::Ways(_)),
            delays: delays.into(),
            only_route: match routes.first() {
                // Whether somebody comes again is asked first.
                _ if follows => None,
                None => Some(Targets::new(vec![(1.0, otherwise)])),
                Some(first) => (first.cohort.is_none()
                    && first.when.is_none()
                    && first.choice.is_none()
                    && first.paired.is_none())
                .then(|| first.targets.clone()),
            },
            routes: routes.into(),
            route_purpose: Purpose::named(&node.name, "route"),
            otherwise,
            lost_flow,
            leave,
            receive: node.receive.as_ref().map(|window| self.leave(window)),
            leave_purpose: Purpose::named(&node.name, "leave"),
            revisit,
            extras,
            simple: None,
            line_only: false,
            by_slots: self.by_slots(id),
            charged: id,
        };
        compiled.simple = compiled.in_short(self.cohorts.len() as u16);
        compiled
    }

    fn lost_flow(&mut self, from: NodeId) -> u32 {
        let lost = Place::Exit(self.exit(LOST));
        self.flow(Place::Node(from), lost)
    }

    /// The first line of a queue, and its classes.
    fn classes(&mut self, queue: &Queue) -> (u32, Box<[Program]>) {
        let classes: Box<[Program]> =
            queue.classes.iter().filter_map(|class| self.program(class)).collect();
        let first_line = self.lines;
        // As many again for those in places, where it matters who started when.
        self.lines += 2 * (classes.len() as u32 + 1);
        (first_line, classes)
    }

    fn stays(&mut self, cases: &Cases<Distribution>) -> Box<[StayCase]> {
        let unit = self.model.time_unit;
        let case = |case: &crate::model::case::Case<Distribution>| {
            let sampler = self.samplers.sampler(&case.then, Meaning::Duration(unit));
            StayCase { when: self.when(&case.when), list: self.list(&sampler), sampler, over: None }
        };
        cases.0.iter().map(case).collect()
    }

    fn delay(
        &mut self,
        node: NodeId,
        reason: &str,
        cases: &Cases<crate::model::node::ProcessDelay>,
    ) -> Delay {
        let unit = self.model.time_unit;
        let name = &self.model.nodes[node.index()].name;
        self.processes.push((node, reason.to_owned()));
        let process = self.processes.len() as u32 - 1;
        let mut compiled = Vec::new();
        for case in &cases.0 {
            let sampler = self.samplers.sampler(&case.then.delay, Meaning::Duration(unit));
            compiled.push(DelayCase {
                when: self.when(&case.when),
                share: case.then.share.unwrap_or(1.0),
                list: self.list(&sampler),
                sampler,
            });
        }
        Delay {
            cases: compiled.into(),
            purpose: Purpose::named(name, &format!("process delay: {reason}")),
            share_purpose: Purpose::named(name, &format!("share of process delay: {reason}")),
            process,
        }
    }

    fn route(&mut self, from: NodeId, index: usize) -> Route {
        let route = &self.model.routes[index];
        let cohort = route.cohort.as_ref().map(|name| {
            CohortId(self.cohorts.iter().position(|c| c.name == *name).unwrap_or(0) as u16)
        });
        let targets = match &route.to {
            To::Shares(targets) => self.targets(from, targets),
            To::OneOf(nodes) => self.targets(from, &nodes[0].as_str().into()),
        };
        let when = route.when.as_ref().and_then(|when| self.program_at(from, when));
        Route {
            cohort,
            when,
            targets,
            choice: self.choice(from, index),
            paired: self.paired(from, index),
        }
    }

    fn leave(&self, window: &Window) -> Leave {
        match window {
            Window::Open(intervals) => {
                let of_week = intervals.iter().flat_map(|interval| interval.of_week()).collect();
                Leave::Open(Intervals::new(of_week, self.week.clone()))
            }
            Window::At(sessions) => {
                let of_week = sessions.iter().flat_map(|sessions| sessions.of_week()).collect();
                Leave::At(Instants::new(of_week, self.week.clone()))
            }
            Window::Profile(profile) => {
                let sum: f64 = profile.hours.iter().sum();
                let mut hours = [0.0; 25];
                for hour in 0..24 {
                    let share = profile.hours.get(hour).copied().unwrap_or(0.0) / sum;
                    hours[hour + 1] = hours[hour] + share;
                }
                hours[24] = 1.0;
                let weekday = |day: usize| profile.weekdays.get(day).copied().unwrap_or(1.0);
                Leave::Profile { hours: Box::new(hours), weekdays: std::array::from_fn(weekday) }
            }
        }
    }
}

/// Most people who may wait, if a limit is given.
fn limit(given: Option<Limit>, absent: u32) -> u32 {
    match given {
        None => absent,
        Some(Limit::Of(people)) => people,
        Some(Limit::Unlimited) => u32::MAX,
    }
}

/// A dated curve as pieces of time.
fn pieces(curve: &Curve, start: Date) -> Vec<Piece> {
    let at: Vec<(Time, f64)> =
        curve.points.iter().map(|point| (point.date.since(start), point.factor)).collect();
    let Some(&(_, first)) = at.first() else { return Vec::new() };
    let mut pieces = vec![Piece { start: Time::MIN, factor: first, slope: 0.0 }];
    for (i, &(time, factor)) in at.iter().enumerate() {
        let slope = match (curve.shape, at.get(i + 1)) {
            (CurveShape::Linear, Some((next, then))) => (then - factor) / (next - time) as f64,
            _ => 0.0,
        };
        pieces.push(Piece { start: time, factor, slope });
    }
    pieces
}

/// Arrivals expected per microsecond.
fn busy(source: &Source) -> f64 {
    let people = source.batch.as_ref().map_or(1.0, Sampler::mean).max(1.0);
    let times = match &source.process {
        Process::Poisson(rate) => rate.typical(),
        Process::Renewal { gap, .. } => 1.0 / gap.mean().max(1.0),
        Process::Timetable { weekly, .. } => weekly.each_week() as f64 / WEEK as f64,
    };
    people * times
}
