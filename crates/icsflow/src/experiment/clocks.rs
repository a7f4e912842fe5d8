//! Clocks as a table: as a whole and by where they start.

use super::metrics::Scope;
use super::replication::{ClockSums, sum_of};
use super::results::Results;
use super::tables::{Estimates, numbers, words};
use crate::table::{Column, Table, Words};

pub(super) fn clocks(results: &Results) -> Table {
    let [mut clocks, mut scopes, mut cohorts] = std::array::from_fn(|_| Words::default());
    let mut targets = Vec::new();
    let [mut started, mut stopped, mut dropped, mut running] = std::array::from_fn(|_| Vec::new());
    let [mut means, mut medians, mut p95s, mut breaches, mut within_running] =
        std::array::from_fn(|_| Vec::new());
    let (mut shares, measure) = (Estimates::default(), results.measure());
    let unit = results.unit();
    let runs = results.replications.len() as f64;
    for scope in results.scopes() {
        let Some(clock) = scope.clock else { continue };
        let spec = &results.network.clocks[clock];
        for (stratum, cohort) in results.strata() {
            let each: Vec<_> = (results.replications.iter())
                .map(|replication| measure.clock(replication, clock, &scope.nodes, stratum))
                .collect();
            let sum = sum_of(each.iter().map(|sums| &**sums), ClockSums::merge);
            // A clock without target has a row as well.
            for target in 0..spec.targets.len().max(1) {
                let within = |sums: &ClockSums| sums.within.get(target).copied();
                let share =
                    |sums: &ClockSums| Some(within(sums)? as f64 / sums.stopped.count() as f64);
                let censuses = each_census(results);
                clocks.push(&results.model.clocks[clock].name);
                scopes.push(if scope.kind == "clock" {
                    "all"
                } else {
                    after_clock(results, &scope)
                });
                cohorts.push(cohort);
                let length = spec.targets.get(target).map_or(f64::NAN, |t| *t as f64 / unit);
                targets.push(length);
                started.push(sum.started as f64 / runs);
                stopped.push(sum.stopped.count() as f64 / runs);
                dropped.push(sum.dropped as f64 / runs);
                means.push(sum.stopped.mean() / unit);
                medians.push(sum.stopped.quantile(0.5) / unit);
                p95s.push(sum.stopped.quantile(0.95) / unit);
                let of_each = each.iter().map(|sums| share(sums).unwrap_or(f64::NAN));
                shares.push(results.estimate(of_each));
                let over = within(&sum).map(|within| sum.stopped.count() - within);
                breaches.push(over.map_or(f64::NAN, |over| over as f64 / runs));
                let all = sum.running.count() as f64;
                running.push(all / censuses);
                let within = sum.running_within.get(target);
                within_running.push(within.map_or(f64::NAN, |within| *within as f64 / all));
            }
        }
    }
    let time = Some(results.network.unit.name());
    let people = Some("people");
    let [mean, _, lower, upper] = shares.columns(Some("share"));
    Table {
        name: "clocks",
        columns: vec![
            words("clock", clocks),
            words("scope", scopes),
            words(results.told_by(), cohorts),
            numbers("target", time, targets),
            numbers("started", people, started),
            numbers("stopped", people, stopped),
            numbers("dropped", people, dropped),
            numbers("mean", time, means),
            numbers("p50", time, medians),
            numbers("p95", time, p95s),
            Column { name: "within".into(), ..mean },
            Column { name: "within_lower".into(), ..lower },
            Column { name: "within_upper".into(), ..upper },
            numbers("breaches", people, breaches),
            numbers("running", people, running),
            numbers("running_within", Some("share"), within_running),
        ],
    }
}

/// Censuses of all replications together.
fn each_census(results: &Results) -> f64 {
    results.replications.iter().map(|r| r.censuses(&results.network) as f64).sum()
}

/// What comes after the clock in the name of a scope.
fn after_clock<'s>(results: &Results, scope: &'s Scope) -> &'s str {
    let clock = scope.clock.map_or("", |clock| &results.model.clocks[clock].name);
    scope.name.get(clock.len() + " / ".len()..).unwrap_or(&scope.name)
}
