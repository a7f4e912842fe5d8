//! From what a replication left behind to values by metric and scope.

use super::replication::Replication;
use crate::network::network::Network;
use crate::time::Duration;

/// What a value is told of.
#[derive(Clone, Debug, PartialEq)]
pub struct Scope {
    /// Its name: a node, a list, a sector, a group, `group / sector`, or the model for the whole system.
    pub name: String,
    /// Its kind: `node`, `list`, `sector`, `group`, `group and sector` or `system`.
    pub kind: &'static str,
    /// Its nodes.
    pub nodes: Vec<usize>,
}

/// What can be told of a list: it has no places.
const OF_LISTS: [&str; 10] = [
    "waiting",
    "census_waiting",
    "joined",
    "started",
    "lost",
    "lost_share",
    "share_waiting",
    "mean_wait",
    "median_wait",
    "wait_p95",
];

/// What is needed to turn sums into values.
#[derive(Clone, Copy, Debug)]
pub struct Measure<'r> {
    /// The network that ran.
    pub network: &'r Network,
    /// Time measured, in microseconds.
    pub until: Duration,
    /// Strata in which cells were kept.
    pub strata: usize,
}

impl Measure<'_> {
    /// The values of a scope in a replication, by the name of the metric. What does not apply is left
    /// out; what cannot be told (a mean of nobody) is NaN.
    pub fn values(
        &self,
        replication: &Replication,
        scope: &Scope,
        stratum: Option<usize>,
    ) -> Vec<(&'static str, f64)> {
        if scope.kind == "system" {
            return self.of_system(replication, stratum);
        }
        let unit = self.network.unit.micros() as f64;
        let (until, everyone) = (self.until as f64, stratum.is_none());
        let cell = replication.cell(&scope.nodes, stratum, self.strata);
        let mean = |person_time: i64| person_time as f64 / until;
        let rate = |count: u64| count as f64 / until * unit;
        let places: Option<u64> =
            scope.nodes.iter().map(|node| self.network.nodes[*node].places.map(u64::from)).sum();
        let limited = places.filter(|_| everyone);
        let mut values = Vec::with_capacity(32);
        let mut tell = |name: &'static str, value: f64| values.push((name, value));
        if let Some(places) = limited {
            tell("places", places as f64);
        }
        tell("occupied", mean(cell.occupied));
        let per_place = |occupied: f64| limited.map(|places| occupied / places as f64);
        if let Some(occupancy) = per_place(mean(cell.occupied)) {
            tell("occupancy", occupancy);
        }
        if everyone {
            let census = |level| self.census(replication, &scope.nodes, level);
            let occupied = census(0);
            tell("census_occupied", occupied);
            if let Some(occupancy) = per_place(occupied) {
                tell("census_occupancy", occupancy);
            }
            tell("census_waiting", census(1));
            tell("census_blocked", census(2));
            if let ([node], false) = (&scope.nodes[..], replication.time_at[0].is_empty()) {
                let at = |level: usize| &replication.time_at[level][*node];
                if let Some(places) = limited {
                    let full = at(0).get(places as usize..).map_or(0, |time| time.iter().sum());
                    tell("full", mean(full));
                }
                tell("any_blocked", mean(at(2).iter().skip(1).sum()));
            }
        }
        let delayed = cell.process + cell.blocked + cell.window;
        tell("waiting", mean(cell.waiting));
        tell("delayed", mean(delayed));
        tell("blocked", mean(cell.blocked));
        tell("in_process", mean(cell.process));
        tell("at_window", mean(cell.window));
        tell("joined", rate(cell.joined));
        tell("started", rate(cell.wait.count()));
        tell("departures", rate(cell.length.count()));
        tell("lost", rate(cell.lost));
        tell("lost_share", cell.lost as f64 / cell.joined as f64);
        tell("share_waiting", cell.wait.share_positive());
        tell("mean_wait", cell.wait.mean() / unit);
        tell("median_wait", cell.wait.quantile(0.5) / unit);
        tell("wait_p95", cell.wait.quantile(0.95) / unit);
        tell("mean_length_of_stay", cell.length.mean() / unit);
        tell("median_length_of_stay", cell.length.quantile(0.5) / unit);
        tell("length_of_stay_p95", cell.length.quantile(0.95) / unit);
        tell("mean_delay", delayed as f64 / cell.length.count() as f64 / unit);
        if scope.kind == "list" {
            values.retain(|(name, _)| OF_LISTS.contains(name));
        }
        values
    }

    fn of_system(
        &self,
        replication: &Replication,
        stratum: Option<usize>,
    ) -> Vec<(&'static str, f64)> {
        let unit = self.network.unit.micros() as f64;
        let whole = replication.everyone(stratum);
        vec![
            ("entered", whole.entered as f64 / self.until as f64 * unit),
            ("departures", whole.time.count() as f64 / self.until as f64 * unit),
            ("inside", whole.inside as f64 / self.until as f64),
            ("mean_time_in_system", whole.time.mean() / unit),
        ]
    }

    fn census(&self, replication: &Replication, nodes: &[usize], level: usize) -> f64 {
        let (mut sum, mut days) = (0u64, 0u64);
        for node in nodes {
            days = 0;
            for people in replication.census(self.network, *node, level) {
                sum += u64::from(people);
                days += 1;
            }
        }
        sum as f64 / days as f64
    }
}
