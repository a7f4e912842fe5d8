//! Where a patient goes next: by chance, by case, or by what goes on at several nodes.

use super::calendar::Calendar;
use super::simulation::Simulation;
use crate::ids::NodeId;
use crate::network::extras::{Choice, Choose, Extras, Serving};
use crate::network::network::{Node, Target, Targets};

impl<'n, C: Calendar> Simulation<'n, C> {
    #[inline(always)]
    pub(super) fn route(&mut self, slot: u32, spec: &Node) -> Target {
        match &spec.only_route {
            Some(only) => self.target(slot, spec, only),
            None => self.route_by_case(slot, spec),
        }
    }

    #[inline(always)]
    fn target(&self, slot: u32, spec: &Node, targets: &Targets) -> Target {
        match targets.only() {
            Some(only) => only,
            None => targets.pick(self.draw(slot, spec.route_purpose, spec)),
        }
    }

    #[inline(never)]
    fn route_by_case(&mut self, slot: u32, spec: &Node) -> Target {
        if let Some(again) = self.comes_again(slot, spec) {
            return again;
        }
        let cohort = self.network.cohort(self.patients[slot].stratum);
        for route in &spec.routes {
            if route.cohort.is_none_or(|only| only == cohort) && self.holds(&route.when, slot) {
                if let Some(choice) = &route.choice {
                    return self.choose(slot, choice);
                }
                if let Some(paired) = &route.paired {
                    return paired.pick(self.draw(slot, spec.route_purpose, spec), self.now);
                }
                return self.target(slot, spec, &route.targets);
            }
        }
        spec.otherwise
    }

    /// The node that is chosen of several, when a patient is ready.
    #[inline(never)]
    fn choose(&mut self, slot: u32, choice: &Choice) -> Target {
        let nodes = &self.nodes;
        let state = |target: &Target| &nodes[target.node.index()];
        let taken = |target: &Target| {
            let state = state(target);
            state.occupied + state.reserved + state.supply.out
        };
        let free = |target: &Target| match self.extras(target.node) {
            Some(Extras { visits: Some(visits), .. }) => self.visits_free(target.node, visits).0,
            _ => state(target).places.saturating_sub(taken(target)),
        };
        let load = |target: &Target| {
            let (taken, all) = match self.extras(target.node) {
                Some(Extras { visits: Some(visits), .. }) => {
                    let (free, all) = self.visits_free(target.node, visits);
                    (all.saturating_sub(free), all)
                }
                _ => (taken(target), state(target).places),
            };
            // A node that is closed has no room, however few are there.
            if all == 0 { f64::INFINITY } else { f64::from(taken) / f64::from(all) }
        };
        let in_line = |target: &Target| {
            let state = state(target);
            state.queue + state.room + state.holding
        };
        let targets = choice.targets.iter().copied();
        let chosen = match choice.how {
            Choose::FirstFree => {
                // What is free now may be taken when a patient who is referred is ready, if it can be.
                let limited = |target: &Target| state(target).spec.places.is_some();
                let ahead = self.is_being_referred(slot) && choice.targets.iter().all(limited);
                let mut targets = targets.filter(|_| !ahead);
                return targets
                    .find(|target| self.takes_at_once(slot, target.node))
                    .unwrap_or(Target { node: choice.line, flow: choice.targets[0].flow });
            }
            Choose::ShortestQueue => targets.min_by_key(in_line),
            // Of several equal ones the first: `min` keeps it, `max` would not.
            Choose::MostFree => targets.min_by_key(|target| std::cmp::Reverse(free(target))),
            Choose::LeastLoad => targets.min_by(|a, b| load(a).total_cmp(&load(b))),
            Choose::OwnPlace => Some(self.own_place(slot, choice)),
            Choose::CameFrom => Some(self.origin(slot, choice)),
            Choose::RoundRobin => {
                let turn = &mut self.counters[choice.counter as usize];
                let at = *turn as usize % choice.targets.len();
                *turn = turn.wrapping_add(1);
                Some(choice.targets[at])
            }
        };
        chosen.unwrap_or(choice.targets[0])
    }

    /// Whether a node has a place for a patient and nobody in line for it.
    pub(super) fn takes_at_once(&self, slot: u32, node: NodeId) -> bool {
        let state = &self.nodes[node.index()];
        match state.spec.extras.as_deref() {
            None => state.has_place() && !state.has_line(),
            Some(_) if state.spec.places.is_none() => true,
            // Whether a session can begin is seen when they have gathered.
            Some(extras) if extras.together.is_some() => false,
            Some(extras) => {
                let waits = |line: &Serving| self.nodes[line.line.index()].has_line();
                !extras.serves.iter().any(waits) && self.place_for(slot, node, extras).is_some()
            }
        }
    }
}
