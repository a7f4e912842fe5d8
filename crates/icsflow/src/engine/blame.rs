//! The root of a delay (R6).
//!
//! A patient blocked at one node awaits another. If the awaited node is itself full of blocked patients,
//! the delay has its root further on: it is passed on in proportion to the blocked share of the awaited
//! node's places, to the nodes that those patients await, and so on. Shares hold until the number of
//! blocked patients changes somewhere; then the time since the last change is charged by them. Whoever is
//! blocked and freed again at one instant changes nothing: when time is charged, and so the last bit of
//! every sum, does not depend on whether a rule blocks people for no time.

use serde::{Deserialize, Serialize};

use crate::ids::NodeId;
use crate::network::network::{Network, Node, Place};
use crate::time::Time;

/// Who is blocked where, and what has been passed on.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Blame {
    nodes: usize,
    /// Flows between nodes that lead into and out of each node.
    #[serde(skip)]
    into: Vec<Vec<u32>>,
    #[serde(skip)]
    out_of: Vec<Vec<u32>>,
    #[serde(skip)]
    ends: Vec<Option<(u32, u32)>>,
    places: Vec<u32>,
    /// Patients now blocked: at each node, awaiting each node, and by flow.
    blocked_at: Vec<u32>,
    awaiting: Vec<u32>,
    by_flow: Vec<u32>,
    /// Nodes that are awaited and have blocked patients themselves.
    chained: Vec<u32>,
    last: Time,
    /// What has changed at the last instant, and is not in the numbers yet: the flow, and how many more
    /// are blocked.
    #[serde(skip)]
    changes: Vec<(u32, i32)>,
    #[serde(skip)]
    changed: Time,
    /// Time blocked, by flow, for each root behind the awaited node, in order, in microseconds. A fraction:
    /// shares are ratios.
    passed: Vec<Vec<(u32, f64)>>,
    #[serde(skip)]
    share: Vec<f64>,
    #[serde(skip)]
    now: Vec<f64>,
    #[serde(skip)]
    next: Vec<f64>,
}

impl Blame {
    /// Begins a replication.
    pub fn clear(&mut self, network: &Network, start: Time) {
        let (nodes, flows) = (network.nodes.len(), network.flows.len());
        self.prepare(network);
        let places = |node: &Node| node.places.filter(|_| !node.has_visits()).unwrap_or(0);
        self.places = network.nodes.iter().map(places).collect();
        for counts in [&mut self.blocked_at, &mut self.awaiting] {
            counts.clear();
            counts.resize(nodes, 0);
        }
        self.by_flow.clear();
        self.by_flow.resize(flows, 0);
        self.chained.clear();
        self.changes.clear();
        self.restart(start);
    }

    /// What follows from the network, and room to work.
    pub(super) fn prepare(&mut self, network: &Network) {
        let (nodes, flows) = (network.nodes.len(), network.flows.len());
        self.nodes = nodes;
        self.into = vec![Vec::new(); nodes];
        self.out_of = vec![Vec::new(); nodes];
        self.ends = vec![None; flows];
        for (flow, way) in (0u32..).zip(&network.flows) {
            if let (Place::Node(from), Place::Node(to)) = (way.from, way.to) {
                self.ends[flow as usize] = Some((from.0, to.0));
                self.out_of[from.index()].push(flow);
                self.into[to.index()].push(flow);
            }
        }
        for work in [&mut self.share, &mut self.now, &mut self.next] {
            work.clear();
            work.resize(nodes, 0.0);
        }
    }

    /// Flows have other positions from now on: each that which stands here, of so many.
    pub(super) fn move_flows(&mut self, moved: &[u32], flows: usize) {
        let passed = std::mem::replace(&mut self.passed, vec![Vec::new(); flows]);
        let by_flow = std::mem::replace(&mut self.by_flow, vec![0; flows]);
        for ((roots, count), to) in passed.into_iter().zip(by_flow).zip(moved) {
            (self.passed[*to as usize], self.by_flow[*to as usize]) = (roots, count);
        }
    }

    /// The people in the care of a node without places are what a delay there is measured by.
    pub fn set_places(&mut self, node: NodeId, places: u32, now: Time) {
        if self.places[node.index()] == places {
            return;
        }
        if now > self.changed {
            self.settle();
        }
        self.charge_until(now);
        self.places[node.index()] = places;
    }

    /// Forgets what has been passed on until now: measuring begins.
    pub fn restart(&mut self, now: Time) {
        self.settle();
        self.last = now;
        self.passed.resize_with(self.by_flow.len(), Vec::new);
        self.passed.iter_mut().for_each(Vec::clear);
    }

    /// A patient becomes blocked, or is blocked no longer, on a flow.
    #[inline]
    pub fn change(&mut self, flow: u32, blocked: bool, now: Time) {
        if self.ends[flow as usize].is_none() {
            return;
        }
        if now != self.changed {
            self.settle();
            self.changed = now;
        }
        let by = if blocked { 1 } else { -1 };
        let Some(known) = self.changes.iter().position(|(other, _)| *other == flow) else {
            return self.changes.push((flow, by));
        };
        self.changes[known].1 += by;
        if self.changes[known].1 == 0 {
            self.changes.swap_remove(known);
        }
    }

    /// What has changed at the last instant counts from then on.
    pub(super) fn settle(&mut self) {
        if self.changes.is_empty() {
            return;
        }
        self.charge_until(self.changed);
        let mut changes = std::mem::take(&mut self.changes);
        for (flow, by) in changes.drain(..) {
            let Some((at, awaited)) = self.ends[flow as usize] else { continue };
            // Tells whether there were none before, or are none now.
            let step = |count: &mut u32| {
                let before = *count;
                *count = before.wrapping_add_signed(by);
                before == 0 || *count == 0
            };
            step(&mut self.by_flow[flow as usize]);
            if step(&mut self.blocked_at[at as usize]) {
                self.note(at);
            }
            if step(&mut self.awaiting[awaited as usize]) {
                self.note(awaited);
            }
        }
        self.changes = changes;
    }

    /// Charges the time until now.
    pub fn charge(&mut self, now: Time) {
        self.settle();
        self.charge_until(now);
    }

    #[inline]
    fn charge_until(&mut self, now: Time) {
        if now > self.last {
            if !self.chained.is_empty() {
                self.pass_on((now - self.last) as f64);
            }
            self.last = now;
        }
    }

    /// The time blocked on a flow that has its root at nodes behind the awaited one.
    pub fn passed(&self, flow: usize) -> &[(u32, f64)] {
        &self.passed[flow]
    }

    #[inline]
    fn note(&mut self, node: u32) {
        let chained = self.awaiting[node as usize] > 0 && self.blocked_at[node as usize] > 0;
        match self.chained.iter().position(|other| *other == node) {
            None if chained => self.chained.push(node),
            Some(at) if !chained => {
                self.chained.swap_remove(at);
            }
            _ => {}
        }
    }

    #[cold]
    fn pass_on(&mut self, elapsed: f64) {
        if let [only] = self.chained[..] {
            return self.pass_on_from(only as usize, elapsed);
        }
        // The order of charges fixes the sums to the last bit; swap_remove has left none.
        self.chained.sort_unstable();
        for at in 0..self.chained.len() {
            let awaited = self.chained[at] as usize;
            self.shares_of(awaited);
            for flow in &self.into[awaited] {
                let waiting = f64::from(self.by_flow[*flow as usize]);
                if waiting == 0.0 {
                    continue;
                }
                let passed = &mut self.passed[*flow as usize];
                for (root, share) in self.share.iter().enumerate() {
                    if *share > 0.0 && root != awaited {
                        add(passed, root as u32, waiting * share * elapsed);
                    }
                }
            }
        }
    }

    /// Where no more than one node passes something on: what its own patients await is the end of the
    /// chain.
    fn pass_on_from(&mut self, awaited: usize, elapsed: f64) {
        let places = f64::from(self.places[awaited]);
        if places == 0.0 {
            return;
        }
        for flow in &self.into[awaited] {
            let waiting = f64::from(self.by_flow[*flow as usize]);
            if waiting == 0.0 {
                continue;
            }
            let passed = &mut self.passed[*flow as usize];
            for further in &self.out_of[awaited] {
                let blocked = f64::from(self.by_flow[*further as usize]);
                match self.ends[*further as usize] {
                    Some((_, root)) if blocked > 0.0 && root as usize != awaited => {
                        add(passed, root, waiting * (blocked / places) * elapsed);
                    }
                    _ => {}
                }
            }
        }
    }

    /// The share of each node in the delays of those who await `awaited`. Chains are followed to their
    /// ends; what still goes round a circle after as many steps as there are nodes that pass something on
    /// stays where it is. (Not as many as there are nodes: one that nobody uses must move nothing.)
    fn shares_of(&mut self, awaited: usize) {
        self.share.fill(0.0);
        self.now.fill(0.0);
        self.now[awaited] = 1.0;
        let most = self.chained.len();
        for step in 0..=most {
            let mut moved = false;
            for node in 0..self.nodes {
                let mass = std::mem::take(&mut self.now[node]);
                if mass == 0.0 {
                    continue;
                }
                let places = f64::from(self.places[node]);
                if step == most || places == 0.0 || self.blocked_at[node] == 0 {
                    self.share[node] += mass;
                    continue;
                }
                let mut kept = mass;
                for flow in &self.out_of[node] {
                    let blocked = f64::from(self.by_flow[*flow as usize]);
                    if let (true, Some((_, to))) = (blocked > 0.0, self.ends[*flow as usize]) {
                        let part = mass * blocked / places;
                        self.next[to as usize] += part;
                        kept -= part;
                        moved = true;
                    }
                }
                self.share[node] += kept.max(0.0);
            }
            std::mem::swap(&mut self.now, &mut self.next);
            if !moved {
                return;
            }
        }
    }
}

/// Adds to the time of a root, of which there are few.
#[inline]
fn add(passed: &mut Vec<(u32, f64)>, root: u32, time: f64) {
    match passed.iter().position(|(other, _)| *other >= root) {
        Some(at) if passed[at].0 == root => passed[at].1 += time,
        Some(at) => passed.insert(at, (root, time)),
        None => passed.push((root, time)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One patient at 0 awaits 1, of whose five places one is blocked for 2; others come and are served at
    /// once at some instants between.
    fn passed(between: &[Time]) -> f64 {
        let mut blame = Blame {
            nodes: 3,
            into: vec![vec![], vec![0], vec![1]],
            out_of: vec![vec![0], vec![1], vec![]],
            ends: vec![Some((0, 1)), Some((1, 2))],
            places: vec![8, 5, 1],
            blocked_at: vec![0; 3],
            awaiting: vec![0; 3],
            by_flow: vec![0; 2],
            passed: vec![Vec::new(); 2],
            ..Blame::default()
        };
        blame.change(0, true, 3);
        blame.change(1, true, 3);
        for (flow, now) in between.iter().flat_map(|now| [(0, *now), (1, *now)]) {
            blame.change(flow, true, now);
            blame.change(flow, false, now);
        }
        blame.change(0, false, 1_000_000_010);
        blame.charge(2_000_000_000);
        blame.passed(0)[0].1
    }

    #[test]
    fn who_is_blocked_for_no_time_changes_no_bit() {
        let between: Vec<Time> = (1..300).map(|at| at * 3_141_593).collect();
        assert_eq!(passed(&[]), (1.0 / 5.0) * 1_000_000_007.0);
        assert_eq!(passed(&between), passed(&[]));
    }
}
