//! When people leave, and how long after they were ready.

use super::results::Results;
use super::tables::{numbers, wholes, words};
use crate::engine::record::Departures;
use crate::table::{Table, Words};

const WEEKDAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/// Calls `each` with every node and what was told of its departures, replication by replication.
fn each_node<'r>(results: &'r Results, mut each: impl FnMut(&'r str, Vec<&'r Departures>)) {
    for (node, name) in results.network.node_names.iter().enumerate().take(results.network.shown) {
        let told = results.replications.iter().map(|r| r.departures[node].as_deref());
        match told.collect::<Option<Vec<_>>>() {
            Some(told) if !results.network.nodes[node].line_only => each(name, told),
            _ => {}
        }
    }
}

pub(super) fn departures(results: &Results) -> Table {
    let [mut nodes, mut weekdays] = std::array::from_fn(|_| Words::default());
    let (mut hours, mut people, mut shares) = (Vec::new(), Vec::new(), Vec::new());
    each_node(results, |name, told| {
        let at = |hour: usize| told.iter().map(|one| one.by_hour[hour]).sum::<u64>() as f64;
        let all: f64 = (0..168).map(at).sum();
        for hour in 0..168 {
            nodes.push(name);
            weekdays.push(WEEKDAYS[hour / 24]);
            hours.push(hour as i64 % 24);
            people.push(at(hour) / told.len() as f64);
            shares.push(at(hour) / all);
        }
    });
    Table {
        name: "departures",
        columns: vec![
            words("node", nodes),
            words("weekday", weekdays),
            wholes("hour", hours),
            numbers("people", Some("people"), people),
            numbers("share", Some("share of the departures"), shares),
        ],
    }
}

pub(super) fn ready_days(results: &Results) -> Table {
    let mut nodes = Words::default();
    let (mut days, mut people, mut shares) = (Vec::new(), Vec::new(), Vec::new());
    each_node(results, |name, told| {
        let on =
            |day: usize| told.iter().filter_map(|one| one.by_days.get(day)).sum::<u64>() as f64;
        let most = told.iter().map(|one| one.by_days.len()).max().unwrap_or(0);
        let all: f64 = (0..most).map(on).sum();
        for day in (0..most).filter(|day| on(*day) > 0.0) {
            nodes.push(name);
            days.push(day as i64);
            people.push(on(day) / told.len() as f64);
            shares.push(on(day) / all);
        }
    });
    Table {
        name: "ready_days",
        columns: vec![
            words("node", nodes),
            wholes("days", days),
            numbers("people", Some("people"), people),
            numbers("share", Some("share of the departures"), shares),
        ],
    }
}
