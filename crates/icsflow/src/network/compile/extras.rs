//! What makes a node more than a plain one, and the lines that are no nodes of the model.

use super::Compiler;
use super::places::follows_places;
use crate::doc::Reader;
use crate::expr::{Expression, Kind, Program, Scope, StateFn};
use crate::ids::{NOWHERE, NodeId};
use crate::model;
use crate::model::capacity::{self, Capacity};
use crate::model::case::Cases;
use crate::model::census::Known;
use crate::model::distribution::{Distribution, Meaning};
use crate::model::outage::{Affected, Outage};
use crate::model::queue::{Discipline, NodeQueue, Preempt, Queue};
use crate::model::route::{Choose, To};
use crate::model::targets::{BALKED, JOINED, LOST, OUT_OF_QUEUE, REMOVED, RENEGED};
use crate::network::caseload::{Profession, Team};
use crate::network::extras::{
    Change, ChangeKind, Choice, ClassChange, Cut, End, Ends, Extras, Fence, Lengths, On, Onward,
    Order, Preemption, Referral, Review, Serving, SetAttribute, Switch, Together, Value,
};
use crate::network::network::{CLOCK_NAMES, Leave, Node, Place, Target, Targets};
use crate::network::places::Places;
use crate::network::sampler::Sampler;
use crate::network::visits::{self, NeedCase, Visits};
use crate::network::week::Instants;
use crate::rng::Purpose;
use crate::time::{DAY, Duration};

/// The line of those who wait for the first free of several nodes.
pub(super) struct FirstFree {
    /// The position of the route that leads there.
    route: usize,
    /// The nodes, the first named first.
    named: Vec<NodeId>,
}

/// Who asks for the state of whom, so as to know who may start or go over.
#[derive(Default)]
pub(super) struct Watchers {
    /// By node or list: the others where it is read.
    of: Vec<Vec<NodeId>>,
    /// Those that ask for the number of people in the system.
    pub(super) of_all: Vec<NodeId>,
}

impl<'m> Compiler<'m> {
    pub(super) fn first_free(&self) -> Vec<FirstFree> {
        let line = |(route, spec): (usize, &model::route::Route)| match &spec.to {
            To::OneOf(nodes) if spec.choose == Some(Choose::FirstFree) => {
                let named = nodes.iter().filter_map(|name| self.nodes.get(name.as_str()).copied());
                Some(FirstFree { route, named: named.collect() })
            }
            _ => None,
        };
        self.model.routes.iter().enumerate().filter_map(line).collect()
    }

    pub(super) fn watchers(&self) -> Watchers {
        let mut watchers = Watchers { of: vec![Vec::new(); self.nodes.len()], of_all: Vec::new() };
        for at in self.nodes.values().copied() {
            let node = self.model.nodes.get(at.index());
            let admit = node.and_then(|node| node.admit.as_ref());
            let switches = self.queue(at).map_or(&[][..], |queue| &queue.switch);
            let conditions = admit.into_iter().chain(switches.iter().map(|switch| &switch.when));
            for program in conditions.filter_map(|condition| self.program_at(at, condition)) {
                for &(what, read) in program.state() {
                    let list = match what {
                        StateFn::Inside => &mut watchers.of_all,
                        _ => &mut watchers.of[read as usize],
                    };
                    if !list.contains(&at) {
                        list.push(at);
                    }
                }
            }
        }
        watchers
    }

    /// The node's own queue, or the list at this position.
    pub(super) fn queue(&self, at: NodeId) -> Option<&'m Queue> {
        match self.model.nodes.get(at.index()) {
            None => self.model.queues.get(at.index() - self.model.nodes.len()),
            Some(node) => match &node.queue {
                Some(NodeQueue::Own(queue)) => Some(queue),
                _ => None,
            },
        }
    }

    /// The list that a node serves.
    pub(super) fn list_of(&self, node: &model::node::Node) -> Option<NodeId> {
        match &node.queue {
            Some(NodeQueue::List(list)) => self.nodes.get(list.as_str()).copied(),
            _ => None,
        }
    }

    /// The nodes that serve a list.
    pub(super) fn servers(&self, list: NodeId) -> Vec<NodeId> {
        let nodes = (0u32..).zip(&self.model.nodes);
        let serving = nodes.filter(|(_, node)| self.list_of(node) == Some(list));
        serving.map(|(node, _)| NodeId(node)).collect()
    }

    /// Those of the nodes that have a number of places.
    fn limited(&self, nodes: &[NodeId]) -> Vec<NodeId> {
        let limited = |node: &&NodeId| !self.model.nodes[node.index()].unlimited;
        nodes.iter().filter(limited).copied().collect()
    }

    /// A condition that stands at a node or list and may ask the state of the others.
    pub(super) fn program_at(&self, at: NodeId, condition: &Expression) -> Option<Program> {
        condition.compile(&self.state.at_node(at.0), &mut Reader::new())
    }

    /// The lines from which a node gives its places.
    fn serves(&mut self, at: NodeId, node: &model::node::Node) -> Box<[Serving]> {
        let own = match self.list_of(node) {
            Some(line) => Serving { line, flow: self.flow(Place::Node(line), Place::Node(at)) },
            None => Serving { line: at, flow: u32::MAX },
        };
        let hidden = (self.nodes.len() as u32..).zip(&self.first_free);
        let hidden = hidden.filter(|(_, choice)| self.limited(&choice.named).contains(&at));
        let hidden: Vec<_> =
            hidden.map(|(line, choice)| (line, choice.named.first().copied())).collect();
        // Their waits count at the node first named: from there they go to this one.
        let hidden = hidden.into_iter().map(|(line, first)| Serving {
            line: NodeId(line),
            flow: match first {
                Some(first) if first != at => self.flow(Place::Node(first), Place::Node(at)),
                _ => u32::MAX,
            },
        });
        [own].into_iter().chain(hidden).collect()
    }

    /// The lines of those who wait for the first free of several nodes, this one named first.
    fn tickets(&self, at: NodeId) -> Box<[NodeId]> {
        let lines = (self.nodes.len() as u32..).zip(&self.first_free);
        let lines = lines.filter(|(_, choice)| choice.named.first() == Some(&at));
        lines.map(|(line, _)| NodeId(line)).collect()
    }

    /// What makes this node of the model more than a plain one, if anything does.
    pub(super) fn extras_of_node(&mut self, at: NodeId) -> Option<Box<Extras>> {
        let node = &self.model.nodes[at.index()];
        let queue = self.queue(at);
        let serves_list = self.list_of(node).is_some();
        let serves = self.serves(at, node);
        let constant = |beds: &Capacity| beds.is_constant() && !self.in_general;
        let plain = node.beds.as_ref().is_none_or(constant)
            && node.visits.is_none()
            && node.ends.is_empty()
            && node.together.is_none()
            && node.caseload.is_empty()
            && node.cut.is_none()
            && node.outage.is_empty()
            && node.vacation.is_none()
            && node.turnaround.is_none()
            && node.admit.is_none()
            && node.ring_fence.is_empty()
            && node.corridor.is_none()
            && node.set.is_empty()
            && !self.follows_people()
            && node.slots.is_none()
            && queue.is_none_or(is_plain)
            && !serves_list
            && serves.len() == 1
            && self.watchers.of[at.index()].is_empty();
        if plain {
            return None;
        }
        let named = |purpose: &str| Purpose::named(&node.name, purpose);
        let cut = match &node.cut {
            None | Some(capacity::Cut::Wait) => Cut::Wait,
            Some(capacity::Cut::Interrupt) => Cut::Interrupt,
            Some(capacity::Cut::EarlyEnd) => Cut::EarlyEnd,
            Some(capacity::Cut::Transfer(to)) => {
                Cut::Transfer(self.onward(at, named("transfer"), Some(to)))
            }
        };
        let turnaround = node.turnaround.as_ref();
        let turnaround = turnaround.map(|cases| self.lengths(cases, named("turnaround")));
        let vacation = node.vacation.as_ref().map(|length| {
            let (sampler, list) = self.length(length);
            (sampler, list, named("vacation"))
        });
        let fences = node.ring_fence.values().filter_map(|fence| {
            Some(Fence { places: fence.places, when: self.program(&fence.when)? })
        });
        let fences = fences.collect();
        let admit = node.admit.as_ref().and_then(|admit| self.program_at(at, admit));
        let served_by = if serves_list { Vec::new() } else { vec![at] };
        let list = self.list_of(node).and_then(|list| self.queue(list));
        // Nobody gives up visits, or a session, for somebody else.
        let given_up = node.visits.is_none() && node.together.is_none();
        let ranked = queue.or(list).filter(|_| given_up);
        let preempt = ranked.and_then(|queue| self.preemption(at, &node.name, queue));
        let slots = self.slots(at);
        let legs = node.legs.as_ref().map(|legs| self.legs(at, legs));
        let referral = node.referral.as_ref().and_then(|referral| {
            let (cases, from_start) = referral.when()?;
            let length = self.lengths(cases, named("referral"));
            Some(Referral { length, from_start, hold: referral.hold })
        });
        Some(Box::new(Extras {
            preempt,
            slots,
            ends: self.ends(at),
            team: self.team(at),
            legs,
            referral,
            readmissions: self.readmissions(at),
            together: node.together.as_ref().map(|together| self.together(together)),
            serves,
            tickets: self.tickets(at),
            cut,
            turnaround,
            vacation,
            admit,
            fences,
            corridor: node.corridor.unwrap_or(0),
            visits: node.visits.as_ref().map(|visits| self.visits(visits)),
            sets: self.sets(at, node),
            deaths: self.deaths(node),
            ..self.extras_of_queue(at, &node.name, queue.unwrap_or(&Queue::new()), served_by)
        }))
    }

    /// Whether more is to be known of people wherever they are: no node is plain then.
    pub(super) fn follows_people(&self) -> bool {
        let again = |node: &model::node::Node| !node.readmission.is_empty();
        let known = self.model.nodes.iter().any(|node| again(node) || node.referral.is_some());
        known || follows_places(self.model) || self.acts_on_people()
    }

    /// Whether people may be taken out of whatever goes on anywhere.
    pub(super) fn acts_on_people(&self) -> bool {
        let deaths = self.model.nodes.iter().any(|node| !node.death.is_empty());
        deaths || self.has_legs() || !self.model.events.is_empty()
    }

    /// Clocks of death that start at a node.
    fn deaths(&mut self, node: &model::node::Node) -> [Box<[Lengths]>; On::COUNT] {
        let mut deaths: [Vec<Lengths>; On::COUNT] = Default::default();
        for (number, death) in node.death.iter().enumerate() {
            // Who comes to a place without limit starts at the same instant.
            let on = if node.unlimited && death.on == On::Join { On::Start } else { death.on };
            let purpose = Purpose::named(&node.name, &format!("death {}", number + 1));
            deaths[on as usize].push(self.lengths(&death.after, purpose));
        }
        deaths.map(Vec::into)
    }

    /// Attributes that change on what happens at a node.
    fn sets(&self, at: NodeId, node: &model::node::Node) -> [Box<[SetAttribute]>; On::COUNT] {
        let mut sets: [Vec<SetAttribute>; On::COUNT] = Default::default();
        for set in &node.set {
            // Who comes to a place without limit starts at the same instant.
            let on = if node.unlimited && set.on == On::Join { On::Start } else { set.on };
            let number = sets.iter().map(Vec::len).sum::<usize>() + 1;
            let purpose = Purpose::named(&node.name, &format!("set {number}"));
            let change = self.set_attribute(
                &self.state.at_node(at.0).with_waited(),
                (&set.when, set.share.unwrap_or(1.0)),
                purpose,
                &set.attribute,
                &set.to,
            );
            sets[on as usize].extend(change);
        }
        sets.map(Vec::into)
    }

    /// The change of an attribute of somebody at a node.
    pub(super) fn set_attribute(
        &self,
        scope: &Scope,
        (when, share): (&Option<Expression>, f64),
        purpose: Purpose,
        attribute: &str,
        to: &Known,
    ) -> Option<SetAttribute> {
        let (number, kind) = self.scope.find(attribute)?;
        let compiled = |text: &String| match kind {
            Kind::Flag => Expression(text.clone()).compile(scope, &mut Reader::new()),
            _ => Expression(text.clone()).compile_score(scope, &mut Reader::new()),
        };
        let to = match (to, kind) {
            (Known::Label(text), Kind::Number | Kind::Flag) => Value::Of(compiled(text)?),
            _ => Value::Known(to.number(kind)?),
        };
        Some(SetAttribute {
            when: when.as_ref().and_then(|when| when.compile(scope, &mut Reader::new())),
            share,
            purpose,
            position: u32::from(number) - CLOCK_NAMES as u32,
            to,
        })
    }

    /// A list of the model as a node that is only a line.
    pub(super) fn list_node(&mut self, at: NodeId, revisit: Option<u32>) -> Node {
        let queue = &self.model.queues[at.index() - self.model.nodes.len()];
        let name = queue.name.as_deref().unwrap_or_default();
        let lost_flow = self.lost_flow(at);
        let extras = self.extras_of_queue(at, name, queue, self.servers(at));
        let by_slots = self.by_slots(at);
        Node { lost_flow, revisit, by_slots, ..self.line(name, queue, extras, at) }
    }

    /// The line of those who wait for the first free of several nodes, and its name.
    pub(super) fn first_free_node(&mut self, index: usize) -> (Node, String) {
        let at = NodeId((self.nodes.len() + index) as u32);
        let named = self.first_free[index].named.clone();
        let names = named.iter().map(|node| self.model.nodes[node.index()].name.as_str());
        let name = format!("first free of {}", names.collect::<Vec<_>>().join(", "));
        let queue = Queue::new();
        let charged = named.first().copied().unwrap_or(at);
        let mut extras = self.extras_of_queue(at, &name, &queue, self.limited(&named));
        // They count in its queue: who asks for that is told of them.
        let watchers = self.watchers.of.get(charged.index());
        extras.watchers = watchers.cloned().unwrap_or_default().into();
        (self.line(&name, &queue, extras, charged), name)
    }

    fn line(&mut self, name: &str, queue: &Queue, extras: Extras, charged: NodeId) -> Node {
        let (first_line, classes) = self.classes(queue);
        let named = |purpose: &str| Purpose::named(name, purpose);
        // Nobody stays here: what belongs to a stay is never asked for.
        Node {
            places: Some(0),
            queue_limit: super::limit(queue.limit, u32::MAX),
            waiting_room: 0,
            shares_queue: 0,
            first_line,
            classes,
            simple: None,
            only_stay: None,
            stays: self.stays(&Distribution::from(0.0).into()),
            stay_purpose: named("stay"),
            delays: Box::new([]),
            seeks_at_once: true,
            routes: Box::new([]),
            only_route: None,
            leaves_freely: false,
            route_purpose: named("route"),
            otherwise: Target { node: NOWHERE, flow: 0 },
            lost_flow: 0,
            leave: Leave::Anytime,
            receive: None,
            leave_purpose: named("leave"),
            revisit: None,
            extras: Some(Box::new(extras)),
            line_only: true,
            by_slots: false,
            charged,
        }
    }

    /// How people wait in a queue, with nothing of the places of a node.
    fn extras_of_queue(
        &mut self,
        at: NodeId,
        name: &str,
        queue: &Queue,
        served_by: Vec<NodeId>,
    ) -> Extras {
        let named = |purpose: &str| Purpose::named(name, purpose);
        let scope = self.state.at_node(at.0).with_waited();
        let order = match queue.order() {
            Discipline::FirstCome | Discipline::Class => Order::FirstCome,
            Discipline::LastCome => Order::LastCome,
            Discipline::Random => Order::Random,
            Discipline::Score => {
                let score = queue.score.as_ref();
                let score = score.and_then(|score| score.compile_score(&scope, &mut Reader::new()));
                score.map_or(Order::FirstCome, |score| Order::Score {
                    slope: score.linear_in_waited(),
                    score,
                })
            }
        };
        // Where nobody is ever sent there is no way to count.
        let to = |used: bool, to: &Option<model::targets::Targets>, default: &str| {
            used.then(|| to.clone().unwrap_or_else(|| default.into()))
        };
        let limited = super::limit(queue.limit, u32::MAX) != u32::MAX;
        let if_full = to(limited, &queue.if_full, LOST);
        let renege = to(queue.patience.is_some(), &queue.renege, RENEGED);
        let balk_to = to(!queue.balk.0.is_empty(), &queue.balk_to, BALKED);
        let balk =
            queue.balk.0.iter().filter_map(|balk| {
                Some((self.program_at(at, &balk.when)?, balk.share.unwrap_or(1.0)))
            });
        let balk = balk.collect();
        let patience = queue.patience.as_ref();
        let patience = patience.map(|cases| self.lengths(cases, named("patience")));
        let class_change = |change: &model::queue::ChangeClass| {
            let (after, list) = self.length(&change.after);
            let purpose = named(&format!("change from class {} to {}", change.from, change.to));
            let class = |number: u32| number.saturating_sub(1);
            ClassChange { from: class(change.from), to: class(change.to), after, list, purpose }
        };
        let class_changes = queue.change_class.iter().map(class_change).collect();
        let (start, unit) = (self.model.start, self.model.time_unit);
        let review = |(i, review): (usize, &model::queue::Review)| {
            let number = i + 1;
            let remove = review.remove.unwrap_or(0.0);
            let to = to(remove > 0.0, &review.to, REMOVED);
            let when = review.when.as_ref();
            Review {
                every: (review.every.micros(unit).round() as Duration).max(1),
                at: review.at.map_or(0, |at| at.time(start, unit)),
                when: when.and_then(|when| when.compile(&scope, &mut Reader::new())),
                remove,
                purpose: named(&format!("review {number}")),
                to: self.onward(at, named(&format!("review {number}: to")), to.as_ref()),
                class: review.class.map(|class| class.saturating_sub(1)),
            }
        };
        let reviews = queue.review.iter().enumerate().map(review).collect();
        let switch = |switch: &model::queue::Switch| {
            let when = self.program_at(at, &switch.when)?;
            Some(Switch { to: self.target(at, &switch.to), when })
        };
        let switches = queue.switch.iter().filter_map(switch).collect();
        Extras {
            order,
            serves: Box::new([]),
            tickets: Box::new([]),
            served_by: served_by.into(),
            watchers: self.watchers.of.get(at.index()).cloned().unwrap_or_default().into(),
            if_full: self.onward(at, named("if full"), if_full.as_ref()),
            patience,
            renege: self.onward(at, named("renege"), renege.as_ref()),
            balk,
            balk_purpose: named("balk"),
            balk_to: self.onward(at, named("balk to"), balk_to.as_ref()),
            class_changes,
            reviews,
            switches,
            preempt: None,
            cut: Cut::Wait,
            turnaround: None,
            vacation: None,
            admit: None,
            fences: Box::new([]),
            corridor: 0,
            visits: None,
            together: None,
            ends: None,
            team: None,
            slots: None,
            sets: Default::default(),
            legs: None,
            referral: None,
            readmissions: Box::default(),
            deaths: Default::default(),
            died_flow: if self.acts_on_people() {
                let died = Place::Exit(self.exit("died"));
                self.flow(Place::Node(at), died)
            } else {
                u32::MAX
            },
            joined_flow: if self.has_legs() {
                let joined = Place::Exit(self.exit(JOINED));
                self.flow(Place::Node(at), joined)
            } else {
                u32::MAX
            },
        }
    }

    /// What may end the stays at a node before their length has passed.
    fn ends(&mut self, at: NodeId) -> Option<Ends> {
        let node = &self.model.nodes[at.index()];
        if node.ends.is_empty() {
            return None;
        }
        let first = self.ends.len() as u32;
        self.ends.push((at, "stay".to_owned()));
        let mut clocks = Vec::new();
        for (name, end) in &node.ends {
            self.ends.push((at, name.clone()));
            let named = |purpose: &str| Purpose::named(&node.name, purpose);
            let after = self.lengths(&end.after, named(&format!("end: {name}")));
            let purpose = named(&format!("end: {name}: to"));
            let to = end.to.as_ref().map(|to| self.onward(at, purpose, Some(to)));
            clocks.push(End { after, to });
        }
        Some(Ends { first, clocks: clocks.into() })
    }

    /// The team of a node that has a caseload.
    fn team(&mut self, at: NodeId) -> Option<Team> {
        let node = &self.model.nodes[at.index()];
        if node.caseload.is_empty() {
            return None;
        }
        let first = self.professions.len() as u32;
        self.professions.extend(node.caseload.keys().map(|name| (at, name.clone())));
        let profession = |one: &model::caseload::Profession| Profession {
            units: Places::new(&one.units, &self.week, self.model.time_unit),
            each: one.parts(),
        };
        Some(Team { first, professions: node.caseload.values().map(profession).collect() })
    }

    /// When people start together.
    fn together(&self, together: &model::together::Together) -> Together {
        let at = together.at.iter().flat_map(|sessions| sessions.of_week()).collect::<Vec<_>>();
        Together {
            least: together.least.unwrap_or(u32::MAX),
            at: (!at.is_empty()).then(|| Instants::new(at, self.week.clone())),
        }
    }

    /// The visits of a node.
    fn visits(&self, visits: &model::visits::Visits) -> Visits {
        use model::visits::{Need, Scan};
        let case = |case: &model::case::Case<Need>| {
            let need = match &case.then {
                Need::Constant { visits } => visits::Need::Days([*visits].into()),
                Need::Taper { first, last } => visits::Need::Points([*first, *last].into()),
                Need::Days { days } => visits::Need::Days(days.as_slice().into()),
                Need::Points { points } => visits::Need::Points(points.as_slice().into()),
            };
            NeedCase::new(self.when(&case.when), need)
        };
        let per_day = Places::new(&visits.per_day, &self.week, self.model.time_unit);
        Visits {
            level: per_day.is_level(),
            per_day,
            needs: visits.need.0.iter().map(case).collect(),
            grain: if visits.whole { visits::PARTS } else { 1 },
            books: visits.books(),
            strict: visits.scan == Some(Scan::Strict),
            origin: self.week.origin().rem_euclid(DAY),
        }
    }

    /// What becomes of a stay at a node whose place a better class of its queue or list takes.
    fn preemption(&mut self, at: NodeId, name: &str, queue: &Queue) -> Option<Preemption> {
        Some(match queue.preempt.as_ref()? {
            Preempt::Resume => Preemption::Resume,
            Preempt::Restart => Preemption::Restart,
            Preempt::Resample => Preemption::Resample,
            Preempt::Displace(to) => {
                Preemption::Displace(self.onward(at, Purpose::named(name, "displace"), Some(to)))
            }
        })
    }

    pub(super) fn onward(
        &mut self,
        from: NodeId,
        purpose: Purpose,
        to: Option<&model::targets::Targets>,
    ) -> Onward {
        let targets = to.map(|to| self.targets(from, to));
        Onward { purpose, targets: targets.unwrap_or_else(|| Targets::new(Vec::new())) }
    }

    pub(super) fn lengths(&mut self, cases: &Cases<Distribution>, purpose: Purpose) -> Lengths {
        Lengths { cases: self.stays(cases), purpose }
    }

    /// A length of time, and its position if it is a list of given values.
    pub(super) fn length(&mut self, length: &Distribution) -> (Sampler, u32) {
        let sampler = self.samplers.sampler(length, Meaning::Duration(self.model.time_unit));
        let list = self.list(&sampler);
        (sampler, list)
    }

    /// What changes the places of a node by itself.
    pub(super) fn changes(&mut self, at: NodeId) -> Vec<Change> {
        let node = &self.model.nodes[at.index()];
        let in_general = self.in_general;
        let plain = |places: &Capacity| places.is_constant() && !in_general;
        let plan = node
            .beds
            .as_ref()
            .filter(|beds| !plain(beds))
            .map(|beds| ChangeKind::Plan(Places::new(beds, &self.week, self.model.time_unit)));
        let outage = |(cause, outage): (&String, &Outage)| ChangeKind::Outage {
            stream: format!("{}: outage {cause}", node.name),
            every: self.length(&outage.every),
            lasts: self.length(&outage.lasts),
            places: match outage.places {
                Some(Affected::Of(places)) => places,
                Some(Affected::All) | None => u32::MAX,
            },
        };
        let day = node.visits.as_ref().map(|_| ChangeKind::Day);
        let sessions = node.together.as_ref().filter(|together| !together.at.is_empty());
        let sessions = sessions.map(|_| ChangeKind::Session);
        let team = (0u32..).zip(node.caseload.values());
        let units = team.filter(|(_, one)| !plain(&one.units));
        let units = units.map(|(number, _)| ChangeKind::Units(number));
        let kinds = plan
            .into_iter()
            .chain(units)
            .chain(day)
            .chain(sessions)
            .chain(node.outage.iter().map(outage));
        kinds.map(|kind| Change { node: at, kind }).collect()
    }

    /// How one of several nodes is chosen on a route.
    pub(super) fn choice(&mut self, from: NodeId, index: usize) -> Option<Choice> {
        let route = &self.model.routes[index];
        let (To::OneOf(nodes), Some(how)) = (&route.to, route.choose) else { return None };
        let line = self.first_free.iter().position(|choice| choice.route == index);
        let line = line.map(|line| NodeId((self.nodes.len() + line) as u32));
        let mut counter = u32::MAX;
        if how == Choose::RoundRobin {
            counter = self.counters;
            self.counters += 1;
        }
        let targets = nodes.iter().map(|node| self.target_itself(from, node));
        let targets: Box<[Target]> = targets.collect();
        let nearest = match how {
            Choose::OwnPlace | Choose::CameFrom => self.nearest(&targets),
            _ => Box::default(),
        };
        Some(Choice { how, targets, line: line.unwrap_or(NOWHERE), counter, nearest })
    }

    /// The way out of a name; those of queues are made when they are first used.
    pub(super) fn exit(&mut self, name: &str) -> u32 {
        let known = self.exits.iter().position(|exit| exit == name);
        let exit = known.unwrap_or_else(|| {
            if !OUT_OF_QUEUE.contains(&name) {
                return 0;
            }
            self.exits.push(name.to_owned());
            self.exits.len() - 1
        });
        exit as u32
    }

    /// Which nodes and lists a patient may come to more than once: each gets a counter.
    pub(super) fn revisits(&self) -> Vec<Option<u32>> {
        let n = self.nodes.len();
        let mut next = vec![Vec::new(); n];
        let mut ways = |from: usize, names: &mut dyn Iterator<Item = &str>| {
            for to in names.filter_map(|name| self.nodes.get(name)) {
                next[from].push(to.index());
                // Who finds no place there waits in the list that it serves.
                let node = self.model.nodes.get(to.index());
                next[from].extend(node.and_then(|node| self.list_of(node)).map(NodeId::index));
            }
        };
        for route in &self.model.routes {
            if let Some(from) = self.nodes.get(route.from.as_str()) {
                ways(from.index(), &mut route.to.names().into_iter());
            }
        }
        for (i, node) in self.model.nodes.iter().enumerate() {
            for to in node.ends.values().filter_map(|end| end.to.as_ref()) {
                ways(i, &mut to.0.keys().map(String::as_str));
            }
            if let Some(capacity::Cut::Transfer(to)) = &node.cut {
                ways(i, &mut to.0.keys().map(String::as_str));
            }
            let again = node.readmission.iter().flat_map(|again| again.to.0.keys());
            ways(i, &mut again.map(String::as_str));
            if let Some(legs) = &node.legs {
                ways(i, &mut legs.to.iter().map(|leg| &*leg.node));
            }
            if let Some(slots) = &node.slots {
                ways(i, &mut slots.ways(&node.name).into_iter());
            }
            // Who is displaced by a class of a list leaves the node that serves it.
            let list = self.list_of(node).and_then(|list| self.queue(list));
            if let Some(Preempt::Displace(to)) = list.and_then(|queue| queue.preempt.as_ref()) {
                ways(i, &mut to.0.keys().map(String::as_str));
            }
        }
        for i in 0..n {
            let at = NodeId(i as u32);
            let Some(queue) = self.queue(at) else { continue };
            let displaced = match &queue.preempt {
                Some(Preempt::Displace(to)) => Some(to),
                _ => None,
            };
            let reviewed = queue.review.iter().filter_map(|review| review.to.as_ref());
            let onward = [&queue.if_full, &queue.renege, &queue.balk_to].into_iter().flatten();
            let onward = onward.chain(reviewed).chain(displaced).flat_map(|to| to.0.keys());
            let onward = onward.chain(queue.switch.iter().map(|switch| &switch.to));
            ways(i, &mut onward.map(String::as_str));
        }
        for event in &self.model.events {
            let to = event.to.iter().flat_map(|to| to.0.keys()).map(String::as_str);
            for from in event.nodes.iter().filter_map(|name| self.nodes.get(name.as_str())) {
                ways(from.index(), &mut to.clone());
            }
        }
        for (i, node) in self.model.nodes.iter().enumerate() {
            if let Some(list) = self.list_of(node) {
                next[list.index()].push(i);
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
        // Who comes again and again comes more than once to all that is reached from there.
        let again = self.model.populations.iter().flat_map(|population| &population.attends);
        let mut open: Vec<usize> = again
            .filter_map(|attends| self.nodes.get(attends.to.as_str()).map(|node| node.index()))
            .collect();
        for node in open.clone() {
            let list = self.model.nodes.get(node).and_then(|node| self.list_of(node));
            open.extend(list.map(NodeId::index));
        }
        let mut again = vec![false; n];
        while let Some(node) = open.pop() {
            if !std::mem::replace(&mut again[node], true) {
                open.extend(&next[node]);
            }
        }
        let returns = |start: usize| again[start] || returns(start);
        let mut counters = 0..;
        (0..n).map(|node| returns(node).then(|| counters.next()).flatten()).collect()
    }
}

/// Whether a queue knows nothing but classes and a limit.
fn is_plain(queue: &Queue) -> bool {
    let plain = Queue {
        name: queue.name.clone(),
        discipline: queue.discipline,
        classes: queue.classes.clone(),
        limit: queue.limit,
        evidence: queue.evidence.clone(),
        ..Queue::new()
    };
    *queue == plain && matches!(queue.order(), Discipline::FirstCome | Discipline::Class)
}
