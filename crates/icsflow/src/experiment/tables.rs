//! The tables of a run.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::lists::{Movements, waiting_lists};
use super::metrics::{Scope, Values};
use super::replication::{ClockSums, LengthSums, Replication};
use super::results::Results;
use crate::engine::patients::Status;
use crate::engine::record::{CENSUS_LEVELS, ClassRecord, Ending, LEVELS};
use crate::ids::NodeId;
use crate::math::student_t_quantile;
use crate::model::metric::{METRICS, Metric};
use crate::model::plan::Plan;
use crate::network::extras::Extras;
use crate::network::network::{Flow, JOINED, LOST, Network, Place};
use crate::table::{Column, Data, Table, Words};
use crate::time::{Date, Time, TimeUnit};

/// A mean over replications with its t-interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// How many replications told a value.
    pub count: usize,
    /// Their mean.
    pub mean: f64,
    /// Their standard deviation.
    pub sd: f64,
    /// Half the width of the t-interval.
    pub half_width: f64,
}

impl Estimate {
    /// From one value a replication; NaN values are left out.
    pub fn of(values: impl IntoIterator<Item = f64>, confidence: f64) -> Self {
        let values: Vec<f64> = values.into_iter().filter(|value| !value.is_nan()).collect();
        let n = values.len() as f64;
        let mean = values.iter().sum::<f64>() / n;
        let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
        let sd = if values.len() > 1 { (squares / (n - 1.0)).sqrt() } else { f64::NAN };
        let half_width = if values.len() > 1 {
            student_t_quantile(0.5 + confidence / 2.0, n - 1.0) * sd / n.sqrt()
        } else {
            f64::NAN
        };
        Estimate { count: values.len(), mean, sd, half_width }
    }

    /// From values by number of the replication; if these are antithetic pairs, from the means of pairs.
    pub(super) fn by_plan(values: impl IntoIterator<Item = (u32, f64)>, plan: &Plan) -> Self {
        if !plan.antithetic {
            return Estimate::of(values.into_iter().map(|(_, value)| value), plan.confidence);
        }
        let values: Vec<(u32, f64)> = values.into_iter().collect();
        Estimate::of(means_of_pairs(&values).into_iter().map(|(_, mean)| mean), plan.confidence)
    }

    /// Lower end of the interval.
    pub fn lower(self) -> f64 {
        self.mean - self.half_width
    }

    /// Upper end of the interval.
    pub fn upper(self) -> f64 {
        self.mean + self.half_width
    }
}

/// The means of antithetic pairs, by number of the pair; one without its other is left out.
pub(super) fn means_of_pairs(values: &[(u32, f64)]) -> Vec<(u32, f64)> {
    let pairs = values.windows(2).filter(|two| two[0].0 % 2 == 0 && two[1].0 == two[0].0 + 1);
    pairs.map(|two| (two[0].0 / 2, (two[0].1 + two[1].1) / 2.0)).collect()
}

/// The columns of a mean over replications.
#[derive(Default)]
pub(super) struct Estimates {
    mean: Vec<f64>,
    sd: Vec<f64>,
    lower: Vec<f64>,
    upper: Vec<f64>,
}

impl Estimates {
    pub(super) fn push(&mut self, estimate: Estimate) {
        self.mean.push(estimate.mean);
        self.sd.push(estimate.sd);
        self.lower.push(estimate.lower());
        self.upper.push(estimate.upper());
    }

    pub(super) fn columns(self, unit: Option<&'static str>) -> [Column; 4] {
        [
            numbers("mean", unit, self.mean),
            numbers("sd", unit, self.sd),
            numbers("lower", unit, self.lower),
            numbers("upper", unit, self.upper),
        ]
    }
}

pub(super) fn words(name: impl Into<Cow<'static, str>>, words: Words) -> Column {
    Column { name: name.into(), unit: None, data: words.data() }
}

pub(super) fn numbers(name: &'static str, unit: Option<&'static str>, values: Vec<f64>) -> Column {
    Column { name: name.into(), unit, data: Data::Number(values) }
}

pub(super) fn wholes(name: &'static str, values: Vec<i64>) -> Column {
    Column { name: name.into(), unit: None, data: Data::Whole(values) }
}

/// A metric's unit in a model's time unit: `people per day`.
pub(super) fn unit_of(metric: &Metric, unit: TimeUnit) -> String {
    match metric.unit {
        "time" => unit.name().to_owned(),
        other => match other.strip_suffix(" per time") {
            Some(what) => people_per(unit).replace("people", what),
            None => other.to_owned(),
        },
    }
}

fn people_per(unit: TimeUnit) -> &'static str {
    match unit {
        TimeUnit::Seconds => "people per second",
        TimeUnit::Minutes => "people per minute",
        TimeUnit::Hours => "people per hour",
        TimeUnit::Days => "people per day",
        TimeUnit::Weeks => "people per week",
    }
}

/// The values of a metric, one a replication, if any tells it.
pub(super) fn told(by_replication: &[Values], metric: &str) -> Option<Vec<f64>> {
    let value = |values: &Values| values.iter().find(|(name, _)| *name == metric).map(|v| v.1);
    let found: Vec<Option<f64>> = by_replication.iter().map(value).collect();
    let any = found.iter().any(Option::is_some);
    any.then(|| found.into_iter().map(|value| value.unwrap_or(f64::NAN)).collect())
}

/// Calls `each` with the values of every metric of every scope and stratum, a value a replication.
fn each_metric(results: &Results, mut each: impl FnMut(&Scope, &str, &'static Metric, &[f64])) {
    let measure = results.measure();
    for scope in results.scopes() {
        for (stratum, cohort) in results.strata() {
            let by_replication: Vec<_> = results
                .replications
                .iter()
                .map(|replication| measure.values(replication, &scope, stratum))
                .collect();
            for metric in METRICS {
                if let Some(values) = told(&by_replication, metric.name) {
                    each(&scope, cohort, metric, &values);
                }
            }
        }
    }
}

pub(super) fn replications(results: &Results) -> Table {
    let [mut scopes, mut kinds, mut cohorts, mut metrics, mut units, mut status] =
        std::array::from_fn(|_| Words::default());
    let (mut numbers_of, mut values_of) = (Vec::new(), Vec::new());
    each_metric(results, |scope, cohort, metric, values| {
        for (replication, value) in results.replications.iter().zip(values) {
            numbers_of.push(i64::from(replication.number));
            status.push(replication.status());
            scopes.push(&scope.name);
            kinds.push(scope.kind);
            cohorts.push(cohort);
            metrics.push(metric.name);
            values_of.push(*value);
            units.push(&unit_of(metric, results.model.time_unit));
        }
    });
    Table {
        name: "replications",
        columns: vec![
            wholes("replication", numbers_of),
            words("status", status),
            words("scope", scopes),
            words("kind", kinds),
            words(results.told_by(), cohorts),
            words("metric", metrics),
            numbers("value", None, values_of),
            words("unit", units),
        ],
    }
}

pub(super) fn summary(results: &Results) -> Table {
    let [mut scopes, mut kinds, mut cohorts, mut metrics, mut units, mut definitions] =
        std::array::from_fn(|_| Words::default());
    let (mut estimates, mut counts) = (Estimates::default(), Vec::new());
    each_metric(results, |scope, cohort, metric, values| {
        let estimate = results.estimate(values.iter().copied());
        scopes.push(&scope.name);
        kinds.push(scope.kind);
        cohorts.push(cohort);
        metrics.push(metric.name);
        counts.push(estimate.count as i64);
        estimates.push(estimate);
        units.push(&unit_of(metric, results.model.time_unit));
        definitions.push(metric.definition);
    });
    let mut columns = vec![
        words("scope", scopes),
        words("kind", kinds),
        words(results.told_by(), cohorts),
        words("metric", metrics),
    ];
    columns.extend(estimates.columns(None));
    columns.extend([
        wholes("replications", counts),
        words("unit", units),
        words("definition", definitions),
    ]);
    Table { name: "summary", columns }
}

/// Names of the levels measured over time, in their order.
const LEVEL_NAMES: [&str; LEVELS] = ["occupied", "waiting", "blocked", "present"];
/// Names of the numbers of a census, in its order.
pub(super) const CENSUS_NAMES: [&str; CENSUS_LEVELS] =
    ["occupied", "waiting", "blocked", "ready", "places", "reserved"];

/// The nodes and lists that tables show, with the levels that are measured there: in a list people
/// only wait.
fn shown_levels(network: &Network) -> impl Iterator<Item = (usize, &String, Vec<usize>)> {
    let shown = network.nodes.iter().zip(&network.node_names).take(network.shown).enumerate();
    shown.map(|(at, (node, name))| {
        (at, name, if node.line_only { vec![1] } else { (0..LEVEL_NAMES.len()).collect() })
    })
}

/// The nodes and lists that tables show, with the numbers that a census tells there.
pub(super) fn shown_census(
    network: &Network,
) -> impl Iterator<Item = (usize, &String, Vec<usize>)> {
    shown_levels(network).map(|(node, name, levels)| {
        let told = |level: &usize| match level {
            // Without limit of places there is no number of them.
            4 => network.nodes[node].places.is_some(),
            5 => network.has_ways(),
            _ => true,
        };
        let all = if levels.len() > 1 { (0..CENSUS_LEVELS).collect() } else { levels };
        (node, name, all.into_iter().filter(told).collect())
    })
}

pub(super) fn occupancy(results: &Results) -> Table {
    let network = &results.network;
    let unix: Date = "1970-01-01".parse().unwrap_or(network.start);
    let origin = network.start.since(unix);
    let of_day = network.start.of_week() % crate::time::DAY;
    let first = (results.plan.census.0 - of_day).rem_euclid(crate::time::DAY);
    let [mut nodes, mut levels] = std::array::from_fn(|_| Words::default());
    let (mut times, mut dates, mut means) = (Vec::new(), Vec::new(), Vec::new());
    let points = [0.025, 0.25, 0.5, 0.75, 0.975];
    let mut quantiles: [Vec<f64>; 5] = Default::default();
    for (node, name, levels_of) in shown_census(network) {
        for level in levels_of {
            let series: Vec<Vec<u32>> = results
                .replications
                .iter()
                .map(|replication| replication.census(network, node, level).collect())
                .collect();
            for day in 0..series.first().map_or(0, Vec::len) {
                let mut people: Vec<f64> = series.iter().map(|s| f64::from(s[day])).collect();
                people.sort_unstable_by(f64::total_cmp);
                let time = first + day as i64 * crate::time::DAY;
                times.push(time as f64 / results.unit());
                dates.push(origin + time);
                nodes.push(name);
                levels.push(CENSUS_NAMES[level]);
                means.push(people.iter().sum::<f64>() / people.len() as f64);
                for (p, column) in points.iter().zip(&mut quantiles) {
                    column.push(sorted_quantile(&people, *p));
                }
            }
        }
    }
    let [low, quarter, half, three_quarters, high] = quantiles;
    let people = Some("people");
    Table {
        name: "occupancy",
        columns: vec![
            words("node", nodes),
            words("level", levels),
            numbers("time", Some(network.unit.name()), times),
            Column { name: "date".into(), unit: None, data: Data::Instant(dates) },
            numbers("mean", people, means),
            numbers("p2_5", people, low),
            numbers("p25", people, quarter),
            numbers("p50", people, half),
            numbers("p75", people, three_quarters),
            numbers("p97_5", people, high),
        ],
    }
}

/// The quantile of sorted values, straight between neighbours (Hyndman and Fan's type 7, the default of
/// R, NumPy and Excel).
fn sorted_quantile(sorted: &[f64], p: f64) -> f64 {
    let at = p * (sorted.len() - 1) as f64;
    let (below, part) = (at.floor() as usize, at.fract());
    let above = (below + 1).min(sorted.len() - 1);
    sorted[below] + (sorted[above] - sorted[below]) * part
}

/// Visits made on each day at the nodes that have a number of them a day.
pub(super) fn visits(results: &Results) -> Table {
    let network = &results.network;
    let unix: Date = "1970-01-01".parse().unwrap_or(network.start);
    let mut nodes = Words::default();
    let (mut times, mut dates) = (Vec::new(), Vec::new());
    let (mut made, mut low, mut high) = (Vec::new(), Vec::new(), Vec::new());
    let (mut budgets, mut overruns) = (Vec::new(), Vec::new());
    let of_day = network.start.of_week().rem_euclid(crate::time::DAY);
    let first = (-of_day).rem_euclid(crate::time::DAY);
    for (node, name) in network.node_names.iter().enumerate().take(network.shown) {
        let of = |replication: &'_ Replication| replication.visits[node].days.len();
        for day in 0..results.replications.iter().map(of).max().unwrap_or(0) {
            let of = results.replications.iter();
            let days: Vec<_> = of.filter_map(|r| r.visits[node].days.get(day)).collect();
            let parts = crate::network::visits::PARTS as f64;
            let mut numbers: Vec<f64> = days.iter().map(|day| day.booked as f64 / parts).collect();
            numbers.sort_unstable_by(f64::total_cmp);
            let mean = |sum: i64| sum as f64 / parts / days.len() as f64;
            let time = first + day as i64 * crate::time::DAY;
            nodes.push(name);
            times.push(time as f64 / results.unit());
            dates.push(network.start.since(unix) + time);
            made.push(mean(days.iter().map(|day| day.booked).sum()));
            low.push(sorted_quantile(&numbers, 0.025));
            high.push(sorted_quantile(&numbers, 0.975));
            budgets.push(mean(days.iter().map(|day| day.budget).sum()));
            overruns.push(mean(days.iter().map(|day| day.overrun()).sum()));
        }
    }
    let visits = Some("visits");
    Table {
        name: "visits",
        columns: vec![
            words("node", nodes),
            numbers("time", Some(network.unit.name()), times),
            Column { name: "date".into(), unit: None, data: Data::Instant(dates) },
            numbers("visits", visits, made),
            numbers("p2_5", visits, low),
            numbers("p97_5", visits, high),
            numbers("budget", visits, budgets),
            numbers("overrun", visits, overruns),
        ],
    }
}

pub(super) fn levels(results: &Results) -> Table {
    let [mut nodes, mut names] = std::array::from_fn(|_| Words::default());
    let (mut people, mut estimates) = (Vec::new(), Estimates::default());
    let [mut at_most, mut p_delay] = std::array::from_fn(|_| Vec::new());
    let until = results.until() as f64;
    for (node, name, levels_of) in shown_levels(&results.network) {
        for level in levels_of {
            let of = |replication: &Replication, n: usize| {
                let time = replication.time_at[level].get(node).and_then(|times| times.get(n));
                time.map_or(0.0, |time| *time as f64 / until)
            };
            let lengths = results.replications.iter();
            let most = lengths.filter_map(|r| Some(r.time_at[level].get(node)?.len())).max();
            let mut sum = 0.0;
            for n in 0..most.unwrap_or(0) {
                let shares = results.replications.iter().map(|replication| of(replication, n));
                let estimate = results.estimate(shares);
                sum += estimate.mean;
                if estimate.mean > 0.0 {
                    nodes.push(name);
                    names.push(LEVEL_NAMES[level]);
                    people.push(n as i64);
                    at_most.push(sum);
                    p_delay.push(estimate.mean / sum);
                    estimates.push(estimate);
                }
            }
        }
    }
    let mut columns = vec![words("node", nodes), words("level", names), wholes("people", people)];
    columns.extend(estimates.columns(Some("share of time")));
    columns.push(numbers("at_most", Some("share of time"), at_most));
    columns.push(numbers("p_delay", Some("probability"), p_delay));
    Table { name: "levels", columns }
}

pub(super) fn waits(results: &Results) -> Table {
    let [mut scopes, mut kinds, mut cohorts, mut lengths] =
        std::array::from_fn(|_| Words::default());
    let (mut counts, mut positive) = (Vec::new(), Vec::new());
    let (mut means, mut sds) = (Vec::new(), Vec::new());
    let points = [0.05, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99];
    let mut quantiles: [Vec<f64>; 7] = Default::default();
    let unit = results.unit();
    let strata_of = results.cells();
    // Waits in a list count at the node where they end.
    let told = |scope: &Scope| scope.kind != "list" && scope.clock.is_none();
    for scope in results.scopes().into_iter().filter(told) {
        for (stratum, cohort) in results.strata() {
            let mut told: Vec<(&str, LengthSums)> = Vec::new();
            for replication in &results.replications {
                let now = if scope.kind == "system" {
                    vec![("time in system", replication.everyone(stratum).into_owned().time)]
                } else {
                    let cell = replication.cell(&scope.nodes, stratum, strata_of).into_owned();
                    match scope.kind {
                        "list" => vec![("wait", cell.wait)],
                        _ => vec![("wait", cell.wait), ("length of stay", cell.length)],
                    }
                };
                if told.is_empty() {
                    told = now;
                } else {
                    told.iter_mut().zip(&now).for_each(|(sum, (_, more))| sum.1.merge(more));
                }
            }
            for (name, sums) in told {
                scopes.push(&scope.name);
                kinds.push(scope.kind);
                cohorts.push(cohort);
                lengths.push(name);
                counts.push(sums.count() as i64);
                positive.push(sums.share_positive());
                means.push(sums.mean() / unit);
                sds.push(sums.sd() / unit);
                for (p, column) in points.iter().zip(&mut quantiles) {
                    column.push(sums.quantile(*p) / unit);
                }
            }
        }
    }
    let time = Some(results.network.unit.name());
    let mut columns = vec![
        words("scope", scopes),
        words("kind", kinds),
        words(results.told_by(), cohorts),
        words("length", lengths),
        wholes("people", counts),
        numbers("share_above_0", Some("share"), positive),
        numbers("mean", time, means),
        numbers("sd", time, sds),
    ];
    let names = ["p5", "p25", "p50", "p75", "p90", "p95", "p99"];
    columns.extend(names.into_iter().zip(quantiles).map(|(name, q)| numbers(name, time, q)));
    Table { name: "waits", columns }
}

pub(super) fn queues(results: &Results) -> Table {
    let network = &results.network;
    let [mut queues, mut conditions] = std::array::from_fn(|_| Words::default());
    let (mut numbers_of, mut estimates) = (Vec::new(), Estimates::default());
    let [mut joined, mut changed] = std::array::from_fn(|_| Vec::new());
    let until = results.until() as f64;
    for (node, name) in network.node_names.iter().enumerate().take(network.shown) {
        let Some(queue) = results.model.queue_at(node) else { continue };
        let told = |replication: &Replication| replication.classes[node].len() > 1;
        if !results.replications.iter().all(told) {
            continue;
        }
        for class in 0..=queue.classes.len() {
            // Over a length of time.
            let of = |value: fn(&ClassRecord) -> f64, length: f64| {
                let all = results.replications.iter();
                let told = all.filter_map(|r| r.classes[node].get(class)).map(value);
                results.estimate(told.map(|value| value / length))
            };
            queues.push(name);
            numbers_of.push(class as i64 + 1);
            conditions.push(queue.classes.get(class).map_or("everyone else", |when| &when.0));
            estimates.push(of(|record| record.waiting.as_f64(), until));
            joined.push(of(|record| record.joined as f64, until / results.unit()).mean);
            changed.push(of(|record| record.changed as f64, until / results.unit()).mean);
        }
    }
    let mut columns =
        vec![words("queue", queues), wholes("class", numbers_of), words("condition", conditions)];
    columns.extend(estimates.columns(Some("people")));
    let per = Some(people_per(results.model.time_unit));
    columns.extend([numbers("joined", per, joined), numbers("changed", per, changed)]);
    Table { name: "queues", columns }
}

pub(super) fn delays(results: &Results) -> Table {
    let network = &results.network;
    let [mut holders, mut causes, mut awaited_of, mut roots, mut reasons] =
        std::array::from_fn(|_| Words::default());
    let (mut estimates, mut people) = (Estimates::default(), Vec::new());
    let days = crate::time::DAY as f64;
    let all = &results.replications;
    let mut row = |names: [&str; 5], counts: Vec<f64>, bed_days: Vec<f64>| {
        if bed_days.iter().all(|days| *days == 0.0) && counts.iter().all(|n| *n == 0.0) {
            return;
        }
        let columns = [&mut holders, &mut causes, &mut reasons, &mut awaited_of, &mut roots];
        columns.into_iter().zip(names).for_each(|(column, name)| column.push(name));
        people.push(counts.iter().sum::<f64>() / counts.len() as f64);
        estimates.push(results.estimate(bed_days));
    };
    for (flow, way) in network.flows.iter().enumerate() {
        let (Place::Node(from), Place::Node(to)) = (way.from, way.to) else { continue };
        let (holder, awaited) =
            (&network.node_names[from.index()], &network.node_names[to.index()]);
        // What was passed on to roots behind the awaited node; the rest has its root there.
        let mut passed: BTreeMap<u32, Vec<f64>> = BTreeMap::new();
        for (i, replication) in all.iter().enumerate() {
            for (_, root, time) in replication.roots.iter().filter(|(f, ..)| *f as usize == flow) {
                passed.entry(*root).or_insert_with(|| vec![0.0; all.len()])[i] = time / days;
            }
        }
        let own: Vec<f64> = (0..all.len())
            .map(|i| {
                let elsewhere: f64 = passed.values().map(|times| times[i]).sum();
                all[i].blocked[flow].0.as_f64() / days - elsewhere
            })
            .collect();
        let blocked: Vec<f64> = all.iter().map(|r| r.blocked[flow].1 as f64).collect();
        row([holder, "capacity", "", awaited, awaited], blocked, own);
        for (root, times) in passed {
            let root = &network.node_names[root as usize];
            row([holder, "capacity", "", awaited, root], vec![0.0; all.len()], times);
        }
    }
    for (process, (node, reason)) in network.processes.iter().enumerate() {
        let holder = &network.node_names[node.index()];
        let counts = all.iter().map(|r| r.processes[process].1 as f64).collect();
        let bed_days = all.iter().map(|r| r.processes[process].0.as_f64() / days).collect();
        row([holder, "process", reason, "", holder], counts, bed_days);
    }
    let strata = results.cells();
    for (node, holder, _) in shown_levels(network) {
        let cells: Vec<_> = all.iter().map(|r| r.cell(&[node], None, strata)).collect();
        let bed_days: Vec<f64> = cells.iter().map(|cell| cell.window.as_f64() / days).collect();
        if bed_days.iter().any(|days| *days > 0.0) {
            let counts = cells.iter().map(|cell| cell.window_people as f64).collect();
            row([holder, "window", "", "", holder], counts, bed_days);
        }
        let bed_days: Vec<f64> =
            cells.iter().map(|cell| cell.transfer[1].as_f64() / days).collect();
        if bed_days.iter().any(|days| *days > 0.0) {
            let counts = cells.iter().map(|cell| cell.transfer_people as f64).collect();
            row([holder, "transfer", "", "", holder], counts, bed_days);
        }
    }
    let mut columns = vec![
        words("holder", holders),
        words("cause", causes),
        words("reason", reasons),
        words("awaited", awaited_of),
        words("root", roots),
        numbers("people", Some("people"), people),
    ];
    columns.extend(estimates.columns(Some("bed-days")));
    Table { name: "delays", columns }
}

pub(super) fn deadlocks(results: &Results) -> Table {
    let [mut holders, mut awaited] = std::array::from_fn(|_| Words::default());
    let [mut replications, mut people] = std::array::from_fn(|_| Vec::new());
    let mut times = Vec::new();
    let name = |node: NodeId| &results.network.node_names[node.index()];
    for replication in &results.replications {
        let Some(knot) = &replication.knot else { continue };
        for waits in &knot.waits {
            replications.push(i64::from(replication.number));
            times.push(knot.time as f64 / results.unit());
            holders.push(name(waits.holds));
            awaited.push(name(waits.awaits));
            people.push(i64::from(waits.people));
        }
    }
    Table {
        name: "deadlocks",
        columns: vec![
            wholes("replication", replications),
            numbers("time", Some(results.network.unit.name()), times),
            words("holder", holders),
            words("awaited", awaited),
            wholes("people", people),
        ],
    }
}

/// What ended stays, at nodes where more than their length may.
pub(super) fn flows(results: &Results) -> Table {
    let network = &results.network;
    let [mut from, mut to] = std::array::from_fn(|_| Words::default());
    let mut estimates = Estimates::default();
    let mut rates = Vec::new();
    let name = |place: Place| match place {
        Place::Source(source) => network.source_names[source as usize].clone(),
        Place::Node(node) => network.node_names[node.index()].clone(),
        Place::Exit(exit) => network.exits[exit as usize].clone(),
    };
    for (flow, way) in network.flows.iter().enumerate() {
        let counts = results.replications.iter().map(|r| r.flows[flow] as f64);
        let estimate = results.estimate(counts);
        if estimate.mean == 0.0 && [LOST, JOINED].contains(&&*name(way.to)) {
            continue;
        }
        from.push(&name(way.from));
        to.push(&name(way.to));
        rates.push(estimate.mean / results.until() as f64 * results.unit());
        estimates.push(estimate);
    }
    let mut columns = vec![words("from", from), words("to", to)];
    columns.extend(estimates.columns(Some("people")));
    let per = people_per(results.model.time_unit);
    columns.push(numbers("rate", Some(per), rates));
    Table { name: "flows", columns }
}

pub(super) fn stays(results: &Results) -> Table {
    let network = &results.network;
    let [mut sources, mut cohorts, mut nodes, mut next, mut outcomes] =
        std::array::from_fn(|_| Words::default());
    let [mut replications, mut patients, mut visits, mut spells] =
        std::array::from_fn(|_| Vec::new());
    let mut times: [Vec<f64>; 7] = Default::default();
    let mut beds = Vec::new();
    let unit = results.unit();
    for replication in &results.replications {
        for row in &replication.rows {
            let (patient, history) = (&row.patient, &row.history);
            replications.push(i64::from(replication.number));
            patients.push(history.number as i64);
            visits.push(i64::from(row.visit));
            spells.push(i64::from(history.spell));
            sources.push(&network.source_names[history.source.index()]);
            cohorts.push(&network.cohort_names[network.cohort(patient.stratum).index()]);
            let node = network.nodes[patient.node.index()].charged;
            nodes.push(&network.node_names[node.index()]);
            // How far the visit has come decides which instants there are.
            let reached = match (row.left, patient.status) {
                (Some(_), _) if row.ending == Ending::Left => 7,
                (Some(_), _) if row.ending.in_place() => 3,
                (Some(_), _) | (None, Status::Waiting) => 2,
                (None, Status::InStay) => 3,
                (None, Status::InProcess) => 4,
                (None, Status::Blocked) => 5,
                (None, Status::Outside) => 6,
                (None, Status::Window | Status::Transfer) => {
                    let ways = network.ways(patient.node.index());
                    let first = ways.is_some_and(|ways| ways.conveyed_first(patient.flow));
                    if first { 4 } else { 6 }
                }
            };
            let waiting = patient.status == Status::Waiting;
            let instants = [
                if waiting { patient.joined } else { history.joined },
                history.came,
                patient.started,
                history.ready,
                history.sought,
                history.cleared,
                row.left.unwrap_or(0),
            ];
            for (i, (column, instant)) in times.iter_mut().zip(instants).enumerate() {
                let told = i < reached || (row.left.is_some() && i == 6);
                column.push(if told { instant as f64 / unit } else { f64::NAN });
            }
            let corridor = |extras: &Extras| extras.corridor > 0;
            let beside = network.nodes[node.index()].extras.as_deref().is_some_and(corridor);
            let in_bed = beside && reached >= 3 && history.bed <= row.left.unwrap_or(Time::MAX - 1);
            beds.push(if in_bed { history.bed as f64 / unit } else { f64::NAN });
            let to = match network.flows[patient.flow as usize].to {
                _ if row.ending == Ending::Interrupted => "",
                Place::Node(node) if row.left.is_some() => &network.node_names[node.index()],
                Place::Exit(exit) if row.left.is_some() => &network.exits[exit as usize],
                _ => "",
            };
            next.push(to);
            outcomes.push(match row.left {
                Some(_) => row.ending.name(),
                None => patient.status.name(),
            });
        }
    }
    let time = Some(network.unit.name());
    let mut columns = vec![
        wholes("replication", replications),
        words("source", sources),
        wholes("patient", patients),
        words("cohort", cohorts),
        words("node", nodes),
        wholes("visit", visits),
        wholes("spell", spells),
    ];
    let names = ["joined", "arrived", "started", "ready", "sought", "cleared", "left"];
    columns.extend(names.into_iter().zip(times).map(|(name, t)| numbers(name, time, t)));
    columns.push(numbers("bed", time, beds));
    columns.extend([words("next", next), words("outcome", outcomes)]);
    Table { name: "stays", columns }
}

pub(super) fn events(results: &Results) -> Table {
    let mut names = Words::default();
    let [mut replications, mut people] = std::array::from_fn(|_| Vec::new());
    let mut times = Vec::new();
    for replication in &results.replications {
        for (event, time, concerned) in &replication.on_people {
            replications.push(i64::from(replication.number));
            names.push(&results.model.events[*event as usize].name);
            times.push(*time as f64 / results.unit());
            people.push(i64::from(*concerned));
        }
    }
    Table {
        name: "decisions",
        columns: vec![
            wholes("replication", replications),
            words("event", names),
            numbers("time", Some(results.network.unit.name()), times),
            wholes("people", people),
        ],
    }
}

pub(super) fn audit(results: &Results) -> Table {
    let [mut checks, mut holds] = std::array::from_fn(|_| Words::default());
    let [mut replications, mut left, mut right] = std::array::from_fn(|_| Vec::new());
    let mut row = |number: u32, check: &str, a: u64, b: u64| {
        replications.push(i64::from(number));
        checks.push(check);
        left.push(a as i64);
        right.push(b as i64);
        holds.push(if a == b { "yes" } else { "no" });
    };
    for replication in &results.replications {
        let (number, inside) = (replication.number, &replication.inside);
        let everyone = replication.everyone(None);
        let at_end: u64 = inside.at_end.iter().sum();
        let before = inside.at_start + everyone.entered;
        row(
            number,
            "inside at start + entered = went out + inside at end",
            before,
            everyone.time.count() + at_end,
        );
        let by_node = inside.at_end_by_node;
        row(number, "inside at end = people counted in places and queues", at_end, by_node);
        let entered: u64 = way_counts(results, replication, |way| {
            matches!((way.from, way.to), (Place::Source(_), Place::Node(_)))
        });
        row(number, "entered = sum of the flows from sources", everyone.entered, entered);
        // Who would have come and goes out instead has never been in the system.
        let joined = |exit: u32| results.network.exits[exit as usize] == JOINED;
        let out = way_counts(
            results,
            replication,
            |way| matches!((way.from, way.to), (Place::Node(_), Place::Exit(exit)) if !joined(exit)),
        );
        row(number, "went out = sum of the flows to ways out", everyone.time.count(), out);
        if !replication.clocks.is_empty() {
            let sum = |of: fn(&ClockSums) -> u64| replication.clocks.iter().map(of).sum::<u64>();
            row(
                number,
                "clocks running at start + started = stopped + dropped + running at end",
                sum(|clock| clock.at_start + clock.started),
                sum(|clock| clock.stopped.count() + clock.dropped + clock.at_end),
            );
        }
        if results.network.has_legs {
            // A leg is nobody who comes in or goes out.
            let over = way_counts(
                results,
                replication,
                |way| matches!((way.from, way.to), (Place::Node(_), Place::Exit(exit)) if joined(exit)),
            );
            let [at_start, begun, at_end] = inside.legs;
            let check = "legs under way at start + begun = over + under way at end";
            row(number, check, at_start + begun, over + at_end);
        }
    }
    for replication in &results.replications {
        let strata = results.cells();
        let sides = waiting_lists(&results.network).into_iter();
        let sides = sides.map(|list| Movements::of(&list, replication, strata).sides());
        let (mut sums, mut equal) = ([0, 0], true);
        for [a, b] in sides {
            sums = [sums[0] + a, sums[1] + b];
            equal &= a == b;
        }
        replications.push(i64::from(replication.number));
        checks.push(
            "in line at start + joined + put back = started + removed + in line at end, list by list",
        );
        left.push(sums[0] as i64);
        right.push(sums[1] as i64);
        holds.push(if equal { "yes" } else { "no" });
    }
    Table {
        name: "audit",
        columns: vec![
            wholes("replication", replications),
            words("check", checks),
            wholes("left_side", left),
            wholes("right_side", right),
            words("holds", holds),
        ],
    }
}

fn way_counts(results: &Results, replication: &Replication, of: impl Fn(&Flow) -> bool) -> u64 {
    let flows = replication.flows.iter().zip(&results.network.flows);
    flows.filter(|(_, way)| of(way)).map(|(count, _)| count).sum()
}

pub(super) fn published(results: &Results) -> Table {
    let [mut names, mut metrics, mut scopes, mut units, mut sources] =
        std::array::from_fn(|_| Words::default());
    let (mut told, mut differences) = (Vec::new(), Vec::new());
    let mut estimates = Estimates::default();
    let system = results.model.whole();
    for published in &results.model.published {
        let scope = published.scope.as_ref().unwrap_or(&system);
        let values = results.values(&published.metric, scope).unwrap_or_default();
        let values: Vec<f64> = match &published.per {
            None => values,
            Some(per) => {
                let per_scope = published.per_scope.as_ref().unwrap_or(scope);
                let per = results.values(per, per_scope).unwrap_or_default();
                values.iter().zip(&per).map(|(a, b)| a / b).collect()
            }
        };
        let estimate = results.estimate(values);
        names.push(&published.name);
        metrics.push(&match &published.per {
            None => published.metric.clone(),
            Some(per) => format!("{} ÷ {per}", published.metric),
        });
        scopes.push(scope);
        let metric = Metric::find(&published.metric).filter(|_| published.per.is_none());
        units.push(&metric.map_or("ratio".into(), |m| unit_of(m, results.model.time_unit)));
        told.push(published.value);
        differences.push((estimate.mean - published.value) / published.value);
        estimates.push(estimate);
        sources.push(&published.source);
    }
    let [mean, _, lower, upper] = estimates.columns(None);
    Table {
        name: "published",
        columns: vec![
            words("figure", names),
            words("scope", scopes),
            words("metric", metrics),
            numbers("published", None, told),
            mean,
            lower,
            upper,
            numbers("relative_difference", Some("share"), differences),
            words("unit", units),
            words("source", sources),
        ],
    }
}
