//! Waiting lists: who was on them, who came, who left and how, and how long those who are left have
//! waited.

use super::replication::Replication;
use super::results::Results;
use super::tables::{Estimates, numbers, wholes, words};
use crate::engine::record::Ending;
use crate::network::network::Network;
use crate::table::{Table, Words};
use crate::time::WEEK;

/// The standard of referral to treatment, in weeks.
const STANDARD: usize = 18;
/// Weeks beyond which a wait is reported as very long.
const VERY_LONG: usize = 52;

/// Nodes and lists for which people wait together, by position.
pub(super) struct WaitingList {
    /// Its lists, or else its nodes, by name.
    pub name: String,
    /// All of it: lists, the nodes that serve them, and the lines of the first free of several.
    pub nodes: Vec<usize>,
}

/// Everything for which people wait, each node and list in one of them.
pub(super) fn waiting_lists(network: &Network) -> Vec<WaitingList> {
    let mut of: Vec<usize> = (0..network.nodes.len()).collect();
    let mut tie = |a: usize, b: usize| {
        let (keep, gone) = (of[a].min(of[b]), of[a].max(of[b]));
        of.iter_mut().filter(|of| **of == gone).for_each(|of| *of = keep);
    };
    for (at, node) in network.nodes.iter().enumerate() {
        tie(at, node.charged.index());
        let serves = node.extras.iter().flat_map(|extras| &extras.serves);
        serves.for_each(|serving| tie(at, serving.line.index()));
    }
    let mut lists = Vec::new();
    for first in 0..network.nodes.len() {
        let nodes: Vec<usize> = (0..of.len()).filter(|node| of[*node] == first).collect();
        let waits = |node: &&usize| {
            let node = &network.nodes[**node];
            node.places.is_some() || node.by_slots
        };
        if nodes.iter().any(|node| waits(&node)) {
            let shown = || nodes.iter().filter(|node| **node < network.shown);
            let line_only: Vec<_> = shown().filter(|at| network.nodes[**at].line_only).collect();
            let named = if line_only.is_empty() { shown().collect() } else { line_only };
            let names: Vec<&str> =
                named.into_iter().map(|node| network.node_names[*node].as_str()).collect();
            lists.push(WaitingList { name: names.join(" + "), nodes });
        }
    }
    lists
}

/// The stock and the flows of a waiting list in a replication.
pub(super) struct Movements {
    pub at_start: u64,
    pub joined: u64,
    pub put_back: u64,
    pub started: u64,
    pub removed: u64,
    pub at_end: u64,
    pub started_within: f64,
    pub weeks: Vec<u64>,
}

impl Movements {
    pub(super) fn of(list: &WaitingList, replication: &Replication, strata: usize) -> Self {
        let cell = replication.cell(&list.nodes, None, strata);
        let records = || list.nodes.iter().map(|node| &replication.lists[*node]);
        let without_place = Ending::ALL.into_iter().filter(|how| !how.in_place());
        let within = cell.wait.cdf((STANDARD as i64 * WEEK) as f64);
        let mut weeks = Vec::new();
        for record in records() {
            weeks.resize(weeks.len().max(record.weeks.len()), 0);
            weeks
                .iter_mut()
                .zip(&record.weeks)
                .for_each(|(sum, people)| *sum += u64::from(*people));
        }
        Movements {
            at_start: records().map(|record| record.at_start).sum(),
            // Who came from the list to the node had joined before.
            joined: cell.joined - records().map(|record| record.moved).sum::<u64>(),
            put_back: cell.endings[Ending::Interrupted as usize],
            started: cell.wait.count(),
            removed: without_place.map(|how| cell.endings[how as usize]).sum::<u64>()
                + records().map(|record| record.withdrawn).sum::<u64>(),
            at_end: records().map(|record| record.at_end).sum(),
            started_within: within,
            weeks,
        }
    }

    /// Both sides of the identity of stock and flows.
    pub(super) fn sides(&self) -> [u64; 2] {
        let left = self.at_start + self.joined + self.put_back;
        [left, self.started + self.removed + self.at_end]
    }
}

pub(super) fn lists(results: &Results) -> Table {
    let mut names = Words::default();
    let mut columns: [Vec<f64>; 9] = Default::default();
    let strata = results.cells();
    for list in waiting_lists(&results.network) {
        let told: Vec<Movements> = (results.replications.iter())
            .map(|replication| Movements::of(&list, replication, strata))
            .collect();
        let mean =
            |value: &dyn Fn(&Movements) -> f64| results.estimate(told.iter().map(value)).mean;
        let people = |value: fn(&Movements) -> u64| mean(&|moves| value(moves) as f64);
        let waiting = |moves: &Movements, from: usize| -> f64 {
            moves.weeks.iter().skip(from).map(|people| *people as f64).sum::<f64>() + 0.0
        };
        names.push(&list.name);
        let row = [
            people(|moves| moves.at_start),
            people(|moves| moves.joined),
            people(|moves| moves.put_back),
            people(|moves| moves.started),
            people(|moves| moves.removed),
            people(|moves| moves.at_end),
            mean(&|moves| moves.started_within),
            mean(&|moves| 1.0 - waiting(moves, STANDARD) / waiting(moves, 0)),
            mean(&|moves| waiting(moves, VERY_LONG)),
        ];
        columns.iter_mut().zip(row).for_each(|(column, value)| column.push(value));
    }
    let people = Some("people");
    let named = [
        ("at_start", people),
        ("joined", people),
        ("put_back", people),
        ("started", people),
        ("removed", people),
        ("at_end", people),
        ("started_within_18_weeks", Some("share")),
        ("waiting_within_18_weeks", Some("share")),
        ("waiting_over_52_weeks", people),
    ];
    let told = named.into_iter().zip(columns);
    let told = told.map(|((name, unit), values)| numbers(name, unit, values));
    Table { name: "lists", columns: [words("list", names)].into_iter().chain(told).collect() }
}

pub(super) fn list_weeks(results: &Results) -> Table {
    let mut names = Words::default();
    let (mut weeks, mut estimates) = (Vec::new(), Estimates::default());
    let strata = results.cells();
    for list in waiting_lists(&results.network) {
        let told: Vec<Vec<u64>> = (results.replications.iter())
            .map(|replication| Movements::of(&list, replication, strata).weeks)
            .collect();
        for week in 0..told.iter().map(Vec::len).max().unwrap_or(0) {
            let people = told.iter().map(|of| of.get(week).map_or(0.0, |people| *people as f64));
            names.push(&list.name);
            weeks.push(week as i64);
            estimates.push(results.estimate(people));
        }
    }
    let mut columns = vec![words("list", names), wholes("weeks", weeks)];
    columns.extend(estimates.columns(Some("people")));
    Table { name: "list_weeks", columns }
}
