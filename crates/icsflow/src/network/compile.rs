//! From the model to the network: names become positions.
//!
//! The model has been checked, so every name is found; what a check would have refused is met here only
//! by a harmless default, never by a panic.

use indexmap::{IndexMap, IndexSet};

use super::network::{
    AttributeCase, AttributeDraw, AttributeKind, CLOCK_NAMES, Cohort, Delay, DelayCase, Flow, LOST,
    Leave, NO_LIST, Network, Node, Place, Process, Route, Source, StayCase, Target, Targets,
};
use super::rate::{Piece, Rate, hours_of_week};
use super::sampler::{Sampler, Samplers};
use super::week::{Instants, Intervals};
use crate::doc::Reader;
use crate::error::Faults;
use crate::expr::{Expression, Kind, Program, Scope};
use crate::ids::{CohortId, NOWHERE, NodeId};
use crate::model::arrivals::{Arrivals, Curve, CurveShape};
use crate::model::case::{Cases, cumulative};
use crate::model::cohort::{self, Attribute};
use crate::model::distribution::{Distribution, Meaning};
use crate::model::model::Model;
use crate::model::queue::{Limit, NodeQueue};
use crate::model::route::To;
use crate::model::window::Window;
use crate::rng::Purpose;
use crate::time::{Date, Duration, Time};

impl Network {
    /// Compiles a model.
    ///
    /// # Errors
    /// Every fault of the model.
    pub fn new(model: &Model) -> Result<Self, Faults> {
        model.check()?;
        Ok(Compiler::new(model).compile())
    }
}

struct Compiler<'m> {
    model: &'m Model,
    cohorts: Vec<crate::model::cohort::Cohort>,
    scope: Scope,
    state: Scope,
    nodes: IndexMap<&'m str, NodeId>,
    exits: Vec<String>,
    flows: IndexSet<Flow>,
    samplers: Samplers,
    processes: Vec<(NodeId, String)>,
    lists: u32,
    lines: u32,
}

impl<'m> Compiler<'m> {
    fn new(model: &'m Model) -> Self {
        let cohorts = model.cohorts_or_one();
        let mut exits: Vec<String> = model.ways_out().into_iter().map(str::to_owned).collect();
        exits.push(LOST.to_owned());
        let scope = cohort::scope(&cohorts, &mut Reader::new());
        let names: Vec<&str> = model.nodes.iter().map(|node| node.name.as_str()).collect();
        Compiler {
            model,
            state: scope.with_state(&names),
            scope,
            cohorts,
            nodes: (0u32..).zip(&model.nodes).map(|(i, n)| (n.name.as_str(), NodeId(i))).collect(),
            exits,
            flows: IndexSet::new(),
            samplers: Samplers::default(),
            processes: Vec::new(),
            lists: 0,
            lines: 0,
        }
    }

    fn compile(mut self) -> Network {
        let model = self.model;
        let revisits = self.revisits();
        let cohorts = (0..self.cohorts.len()).map(|i| self.cohort(i)).collect();
        let sources: Box<[Source]> =
            (0u32..).zip(&model.arrivals).map(|(i, arrivals)| self.source(i, arrivals)).collect();
        let nodes: Box<[Node]> =
            (0..model.nodes.len()).map(|i| self.node(i, revisits[i])).collect();
        let busy = sources.iter().map(busy).sum();
        let attributes = (0..).take_while(|i| self.scope.nth(CLOCK_NAMES + i).is_some()).count();
        Network {
            unit: model.time_unit,
            start: model.start,
            shown: nodes.len(),
            changes: Box::new([]),
            counters: 0,
            nodes,
            node_names: model.nodes.iter().map(|node| node.name.clone()).collect(),
            sources,
            source_names: model.arrivals.iter().map(|arrivals| arrivals.name.clone()).collect(),
            cohorts,
            cohort_names: self.cohorts.iter().map(|cohort| cohort.name.clone()).collect(),
            flows: self.flows.into_iter().collect(),
            exits: self.exits.into(),
            attributes,
            revisited: revisits.iter().flatten().count(),
            lines: self.lines as usize,
            lists: self.lists as usize,
            processes: self.processes.into(),
            busy,
        }
    }

    fn origin(&self) -> Duration {
        self.model.start.of_week()
    }

    fn program(&self, expression: &Expression) -> Option<Program> {
        expression.compile(&self.scope, &mut Reader::new())
    }

    fn when(&self, when: &Option<Expression>) -> Option<Program> {
        when.as_ref().and_then(|when| self.program(when))
    }

    /// A condition that stands at a node and may ask the state of the nodes.
    fn when_at(&self, node: NodeId, when: &Option<Expression>) -> Option<Program> {
        when.as_ref()?.compile(&self.state.at_node(node.0), &mut Reader::new())
    }

    fn flow(&mut self, from: Place, to: Place) -> u32 {
        self.flows.insert_full(Flow { from, to }).0 as u32
    }

    fn target(&mut self, from: NodeId, name: &str) -> Target {
        let node = self.nodes.get(name).copied();
        let to = match node {
            Some(node) => Place::Node(node),
            None => Place::Exit(self.exits.iter().position(|e| e == name).unwrap_or(0) as u32),
        };
        Target { node: node.unwrap_or(NOWHERE), flow: self.flow(Place::Node(from), to) }
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
        let find = |name: &String| {
            CohortId(self.cohorts.iter().position(|c| c.name == *name).unwrap_or(0) as u16)
        };
        let mix = match &arrivals.cohort {
            None => vec![(1.0, CohortId(0))],
            Some(mix) => cumulative(&mix.0).into_iter().zip(mix.0.keys().map(find)).collect(),
        };
        let process = if let Some(rate) = arrivals.rate {
            let per_micro = rate / self.model.time_unit.micros() as f64;
            let hourly = hours_of_week(&arrivals.weekly, &arrivals.hourly).map(|f| f * per_micro);
            let curve = arrivals.curve.as_ref().map_or(Vec::new(), |c| pieces(c, self.model.start));
            Process::Poisson(Rate::new(hourly, self.origin(), curve))
        } else if let Some(gap) = &arrivals.interarrival {
            let gap = self.samplers.sampler(gap, Meaning::Duration(self.model.time_unit));
            let list = self.list(&gap);
            Process::Renewal { gap, list }
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
            let mut weekly: Vec<Duration> =
                sessions.iter().flat_map(|sessions| sessions.of_week()).collect();
            weekly.sort_unstable();
            Process::Timetable { once: once.into(), weekly: weekly.into(), origin: self.origin() }
        };
        let batch = arrivals.batch.as_ref().map(|size| self.samplers.sampler(size, Meaning::Count));
        let batch_list = batch.as_ref().map_or(NO_LIST, |batch| self.list(batch));
        let flow = self.flow(Place::Source(index), Place::Node(to));
        Source {
            to,
            flow,
            only_cohort: if let [(_, only)] = &mix[..] { Some(*only) } else { None },
            mix: mix.into(),
            process,
            batch,
            batch_list,
            gap_purpose: Purpose::named(&arrivals.name, "gap"),
            batch_purpose: Purpose::named(&arrivals.name, "batch"),
            cohort_purpose: Purpose::named(&arrivals.name, "cohort"),
        }
    }

    fn node(&mut self, index: usize, revisit: Option<u32>) -> Node {
        let model = self.model;
        let node = &model.nodes[index];
        let id = NodeId(index as u32);
        let queue = match &node.queue {
            Some(NodeQueue::Own(queue)) => Some(queue),
            _ => None,
        };
        let limit = |limit: Option<Limit>, absent: u32| match limit {
            None => absent,
            Some(Limit::Of(n)) => n,
            Some(Limit::Unlimited) => u32::MAX,
        };
        let classes: Box<[Program]> = queue
            .map_or(&[][..], |queue| &queue.classes)
            .iter()
            .filter_map(|class| self.program(class))
            .collect();
        let first_line = self.lines;
        self.lines += classes.len() as u32 + 1;
        let routes = model.routes.iter().filter(|route| route.from == node.name);
        let routes: Vec<Route> = routes.map(|route| self.route(id, route)).collect();
        let delays = node.process_delay.iter();
        let delays: Vec<Delay> =
            delays.map(|(reason, cases)| self.delay(id, reason, cases)).collect();
        let stays = self.stays(&node.stay);
        let only_stay = match &stays[..] {
            [StayCase { when: None, sampler, list: NO_LIST }] => Some(sampler.clone()),
            _ => None,
        };
        Node {
            places: node.beds.as_ref().filter(|_| !node.unlimited).map(|beds| beds.places),
            queue_limit: limit(queue.and_then(|queue| queue.limit), u32::MAX),
            waiting_room: limit(node.waiting_room, 0),
            first_line,
            classes,
            only_stay,
            stays,
            stay_purpose: Purpose::named(&node.name, "stay"),
            leaves_freely: delays.is_empty() && node.leave.is_none(),
            delays: delays.into(),
            only_route: routes
                .first()
                .filter(|first| first.cohort.is_none() && first.when.is_none())
                .map(|first| first.targets.clone()),
            routes: routes.into(),
            route_purpose: Purpose::named(&node.name, "route"),
            otherwise: self.target(id, "home"),
            lost_flow: self.flow(Place::Node(id), Place::Exit(self.exits.len() as u32 - 1)),
            leave: node.leave.as_ref().map_or(Leave::Anytime, |window| self.leave(window)),
            leave_purpose: Purpose::named(&node.name, "leave"),
            revisit,
            extras: None,
            line_only: false,
            charged: id,
        }
    }

    fn stays(&mut self, cases: &Cases<Distribution>) -> Box<[StayCase]> {
        let unit = self.model.time_unit;
        let case = |case: &crate::model::case::Case<Distribution>| {
            let sampler = self.samplers.sampler(&case.then, Meaning::Duration(unit));
            StayCase { when: self.when(&case.when), list: self.list(&sampler), sampler }
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

    fn route(&mut self, from: NodeId, route: &crate::model::route::Route) -> Route {
        let cohort = route.cohort.as_ref().map(|name| {
            CohortId(self.cohorts.iter().position(|c| c.name == *name).unwrap_or(0) as u16)
        });
        let targets = match &route.to {
            To::Shares(targets) => self.targets(from, targets),
            To::OneOf(nodes) => self.targets(from, &nodes[0].as_str().into()),
        };
        Route { cohort, when: self.when_at(from, &route.when), targets, choice: None }
    }

    fn leave(&self, window: &Window) -> Leave {
        let origin = self.origin();
        match window {
            Window::Open(intervals) => {
                let of_week = intervals.iter().flat_map(|interval| interval.of_week()).collect();
                Leave::Open(Intervals::new(of_week, origin))
            }
            Window::At(sessions) => {
                let of_week = sessions.iter().flat_map(|sessions| sessions.of_week()).collect();
                Leave::At(Instants::new(of_week, origin))
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
                Leave::Profile {
                    hours: Box::new(hours),
                    weekdays: std::array::from_fn(weekday),
                    origin,
                }
            }
        }
    }

    /// Which nodes lie on a cycle of routes, so that a patient may come again: each gets a counter.
    fn revisits(&self) -> Vec<Option<u32>> {
        let n = self.nodes.len();
        let mut next = vec![Vec::new(); n];
        for route in &self.model.routes {
            if let Some(from) = self.nodes.get(route.from.as_str()) {
                let to = route.to.names().into_iter().filter_map(|name| self.nodes.get(name));
                next[from.index()].extend(to.map(|to| to.index()));
            }
        }
        let returns = |start: usize| {
            let (mut seen, mut open) = (vec![false; n], next[start].clone());
            while let Some(node) = open.pop() {
                if node == start {
                    return true;
                }
                if !std::mem::replace(&mut seen[node], true) {
                    open.extend(&next[node]);
                }
            }
            false
        };
        let mut counters = 0..;
        (0..n).map(|node| returns(node).then(|| counters.next()).flatten()).collect()
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
        Process::Timetable { weekly, .. } => weekly.len() as f64 / crate::time::WEEK as f64,
    };
    people * times
}
