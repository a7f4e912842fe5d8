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
    /// Time blocked, by flow and root, for the roots behind the awaited node: flow × nodes, in
    /// microseconds. A fraction: shares are ratios.
    #[serde(with = "few")]
    passed: Vec<f64>,
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
        let passed = std::mem::replace(&mut self.passed, vec![0.0; flows * self.nodes]);
        let by_flow = std::mem::replace(&mut self.by_flow, vec![0; flows]);
        for ((row, count), to) in passed.chunks(self.nodes).zip(by_flow).zip(moved) {
            self.passed[*to as usize * self.nodes..][..self.nodes].copy_from_slice(row);
            self.by_flow[*to as usize] = count;
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
        self.passed.clear();
        self.passed.resize(self.by_flow.len() * self.nodes, 0.0);
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

    /// The time blocked on a flow that has its root at each node behind the awaited one.
    pub fn passed(&self, flow: usize) -> &[f64] {
        &self.passed[flow * self.nodes..][..self.nodes]
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
                let passed = &mut self.passed[*flow as usize * self.nodes..][..self.nodes];
                for (root, share) in self.share.iter().enumerate() {
                    if *share > 0.0 && root != awaited {
                        passed[root] += waiting * share * elapsed;
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
            let passed = &mut self.passed[*flow as usize * self.nodes..][..self.nodes];
            for further in &self.out_of[awaited] {
                let blocked = f64::from(self.by_flow[*further as usize]);
                match self.ends[*further as usize] {
                    Some((_, root)) if blocked > 0.0 && root as usize != awaited => {
                        passed[root as usize] += waiting * (blocked / places) * elapsed;
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

/// Numbers few of which are not 0, as these few.
mod few {
    use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

    pub(super) fn serialize<S: Serializer>(numbers: &[f64], to: S) -> Result<S::Ok, S::Error> {
        let few = numbers.iter().enumerate().filter(|(_, number)| **number != 0.0);
        (numbers.len(), few.collect::<Vec<_>>()).serialize(to)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<f64>, D::Error> {
        let (length, few) = <(u32, Vec<(usize, f64)>)>::deserialize(from)?;
        let mut numbers = vec![0.0; length as usize];
        for (at, number) in few {
            let place = numbers.get_mut(at);
            *place.ok_or_else(|| de::Error::custom("a number beyond the last"))? = number;
        }
        Ok(numbers)
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
            passed: vec![0.0; 6],
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
        blame.passed(0)[2]
    }

    #[test]
    fn who_is_blocked_for_no_time_changes_no_bit() {
        let between: Vec<Time> = (1..300).map(|at| at * 3_141_593).collect();
        assert_eq!(passed(&[]), (1.0 / 5.0) * 1_000_000_007.0);
        assert_eq!(passed(&between), passed(&[]));
    }
}
