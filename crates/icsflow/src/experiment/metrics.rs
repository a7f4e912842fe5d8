//! From what a replication left behind to values by metric and scope.

use std::borrow::Cow;

use super::replication::{CellSums, ClockSums, Replication, Stratum, of_stratum, sum_of};
use crate::engine::deadlock::Knot;
use crate::engine::record::{Departures, Ending, LegRecord, PlaceTime, ReturnRecord, SlotRecord};
use crate::engine::visits::Day;
use crate::ids::NodeId;
use crate::network::extras::{Cut, Extras, Preemption};
use crate::network::network::{Deadlock, Network, Place};
use crate::network::visits::PARTS;
use crate::time::{DAY, Duration, MINUTE, Sum};

/// What a value is told of.
#[derive(Clone, Debug, PartialEq)]
pub struct Scope {
    /// Its name: a node, a list, a sector, a group, `group / sector`, or the model for the whole system.
    pub name: String,
    /// Its kind: `node`, `list`, `sector`, `group`, `group and sector`, `system`, `clock` (a whole one)
    /// or `clock at` (what of it starts at the nodes of another scope).
    pub kind: &'static str,
    /// Its nodes, or the list; of a clock, the nodes and lists at which it starts.
    pub nodes: Vec<usize>,
    /// The clock, if it is one.
    pub clock: Option<usize>,
    /// People whom it serves, of a group with a population.
    pub population: Option<f64>,
}

/// What is needed to turn sums into values.
#[derive(Clone, Copy, Debug)]
pub struct Measure<'r> {
    /// The network that ran.
    pub network: &'r Network,
    /// Time measured, in microseconds.
    pub until: Duration,
    /// Time simulated before measuring, in microseconds.
    pub warm_up: Duration,
    /// Cells kept of each node.
    pub strata: usize,
}

/// Values by the name of the metric.
pub type Values = Vec<(&'static str, f64)>;

impl Measure<'_> {
    /// The values of a scope in a replication, by the name of the metric. What does not apply is left
    /// out, and that in every replication alike; what cannot be told (a mean of nobody) is NaN.
    pub fn values(
        &self,
        replication: &Replication,
        scope: &Scope,
        stratum: Option<Stratum>,
    ) -> Values {
        if scope.kind == "system" {
            return self.of_system(replication, &scope.nodes, stratum);
        }
        if let Some(clock) = scope.clock {
            return self.of_clock(replication, clock, &scope.nodes, stratum);
        }
        let cell = replication.cell(&scope.nodes, stratum, self.strata);
        let mut values = Vec::with_capacity(32);
        self.tell_line(&mut values, &cell, &scope.nodes);
        if scope.kind != "list" {
            self.tell_stays(&mut values, &cell, &scope.nodes);
            if stratum.is_none() {
                self.tell_slots(&mut values, replication, &scope.nodes);
                self.tell_legs(&mut values, replication, &scope.nodes);
                self.tell_returns(&mut values, replication, &scope.nodes);
                self.tell_places(&mut values, &cell, replication, &scope.nodes);
                self.tell_costs(&mut values, replication, &scope.nodes);
            }
            if let Some(people) = scope.population {
                let thousands = people / 1000.0;
                let year = (365 * DAY) as f64 / self.until as f64;
                let started = cell.wait.count() as f64 * year;
                values.push(("started_per_1000", started / thousands));
                values.push(("occupied_per_1000", self.mean(cell.occupied) / thousands));
            }
        }
        if stratum.is_none() {
            values.push(("census_waiting", self.census(replication, &scope.nodes, 1)));
        }
        values
    }

    /// What concerns those who come and wait.
    fn tell_line(&self, values: &mut Values, cell: &CellSums, nodes: &[usize]) {
        let mut tell = |name, value| values.push((name, value));
        tell("waiting", self.mean(cell.waiting));
        tell("joined", self.rate(cell.joined));
        let of = |node: &usize| self.network.nodes[*node].extras.as_deref();
        let applies = |how| nodes.iter().filter_map(of).any(|extras| may_end(extras, how));
        for how in Ending::ALL {
            if how == Ending::Left || (how != Ending::Lost && !applies(how)) {
                continue;
            }
            let people = cell.endings[how as usize];
            tell(how.name(), self.rate(people));
            let share = match how {
                Ending::Lost => "lost_share",
                Ending::Balked => "balked_share",
                Ending::Reneged => "reneged_share",
                _ => continue,
            };
            tell(share, people as f64 / cell.joined as f64);
        }
    }

    /// What concerns those who have a place.
    fn tell_stays(&self, values: &mut Values, cell: &CellSums, nodes: &[usize]) {
        let mut tell = |name, value| values.push((name, value));
        let unit = self.network.unit.micros() as f64;
        let delayed = cell.process + cell.blocked + cell.window + cell.transfer[1];
        tell("occupied", self.mean(cell.occupied));
        tell("bed_days", cell.occupied.as_f64() / DAY as f64);
        tell("delayed", self.mean(delayed));
        tell("delayed_bed_days", delayed.as_f64() / DAY as f64);
        tell("blocked", self.mean(cell.blocked));
        tell("in_process", self.mean(cell.process));
        tell("at_window", self.mean(cell.window));
        let mut ways = nodes.iter().filter_map(|node| self.network.ways(*node));
        if ways.any(|ways| !ways.transfers.is_empty()) {
            tell("in_transfer", self.mean(cell.transfer[0]));
        }
        tell("started", self.rate(cell.wait.count()));
        tell("departures", self.rate(cell.length.count()));
        tell("share_waiting", cell.wait.share_positive());
        tell("mean_wait", cell.wait.mean() / unit);
        tell("median_wait", cell.wait.quantile(0.5) / unit);
        tell("wait_p95", cell.wait.quantile(0.95) / unit);
        tell("mean_length_of_stay", cell.length.mean() / unit);
        tell("median_length_of_stay", cell.length.quantile(0.5) / unit);
        tell("length_of_stay_p95", cell.length.quantile(0.95) / unit);
        tell("mean_delay", delayed.as_f64() / cell.length.count() as f64 / unit);
    }

    /// What concerns the places, of everyone together.
    fn tell_places(
        &self,
        values: &mut Values,
        cell: &CellSums,
        replication: &Replication,
        nodes: &[usize],
    ) {
        let mut tell = |name, value| values.push((name, value));
        let occupied = self.census(replication, nodes, 0);
        tell("census_occupied", occupied);
        tell("census_blocked", self.census(replication, nodes, 2));
        tell("no_criteria_to_reside", self.census(replication, nodes, 3));
        tell("awaited", self.mean(self.awaited(replication, nodes)));
        let all = nodes.iter().map(|node| replication.departures[*node].as_deref());
        if let Some(all) = all.collect::<Option<Vec<_>>>() {
            for (name, value) in left(&all) {
                tell(name, value);
            }
        }
        let levels = match nodes {
            [node] if !replication.time_at[0].is_empty() => Some(*node),
            _ => None,
        };
        let time_at = |node: usize, level: usize, from: usize| {
            let times = replication.time_at[level][node].get(from..);
            self.mean(times.into_iter().flatten().copied().sum())
        };
        if let Some(node) = levels {
            tell("any_blocked", time_at(node, 2, 1));
        }
        self.tell_visits(values, replication, nodes);
        let mut tell = |name, value| values.push((name, value));
        let together = |node: &&usize| {
            let extras = self.network.nodes[**node].extras.as_deref();
            extras.is_some_and(|extras| extras.together.is_some())
        };
        if nodes.iter().any(|node| together(&node)) {
            let sessions = nodes.iter().map(|node| replication.sessions[*node]).sum();
            tell("group_sessions", self.rate(sessions));
            if nodes.iter().all(|node| together(&node)) {
                tell("group_size", cell.wait.count() as f64 / sessions as f64);
            }
        }
        let Some(places) = nodes.iter().map(|node| self.places(replication, *node)).sum() else {
            return;
        };
        tell("places", places);
        if self.network.has_ways() || self.network.holds_places() {
            tell("reserved", self.mean(cell.reserved));
        }
        tell("occupancy", self.mean(cell.occupied) / places);
        tell("census_occupancy", occupied / self.census(replication, nodes, 4));
        if let Some((least, most)) = self.weeks(replication, nodes) {
            tell("least_7_day_occupancy", least);
            tell("most_7_day_occupancy", most);
        }
        if let [node] = nodes
            && self.network.nodes[*node].extras.is_some()
        {
            let of = |what: PlaceTime| replication.place_time[*node][what as usize].as_f64();
            tell("full", of(PlaceTime::Full) / of(PlaceTime::AnyOpen));
        } else if let Some(node) = levels {
            tell("full", time_at(node, 0, places as usize));
        }
        let applies = |to: fn(&Extras) -> bool| {
            nodes.iter().any(|node| self.network.nodes[*node].extras.as_deref().is_some_and(to))
        };
        let sum = |of: PlaceTime| {
            self.mean(nodes.iter().map(|node| replication.place_time[*node][of as usize]).sum())
        };
        if applies(|extras| extras.turnaround.is_some() || extras.vacation.is_some()) {
            tell("out_of_use", sum(PlaceTime::OutOfUse));
        }
        if applies(|extras| extras.corridor > 0) {
            tell("corridor", sum(PlaceTime::Corridor));
        }
    }

    /// What concerns the visits of nodes that have a number of them a day, together.
    fn tell_visits(&self, values: &mut Values, replication: &Replication, nodes: &[usize]) {
        let of = nodes.iter().filter(|node| self.network.nodes[**node].has_visits());
        let of: Vec<_> = of.map(|node| &replication.visits[*node]).collect();
        let Some(days) = of.iter().map(|visits| visits.days.len()).max() else { return };
        let mut tell = |name, value| values.push((name, value));
        let parts = PARTS as f64;
        let total = |day: usize, part: fn(Day) -> i64| {
            of.iter().filter_map(|visits| visits.days.get(day)).map(|day| part(*day)).sum::<i64>()
        };
        let mean = |part| (0..days).map(|day| total(day, part)).sum::<i64>() as f64 / days as f64;
        let (made, budget) = (mean(|day| day.booked), mean(|day| day.budget));
        let square = |day| (total(day, |day| day.booked) as f64 - made).powi(2);
        let squares: f64 = (0..days).map(square).sum();
        let over = (0..days).filter(|day| total(*day, Day::overrun) > 0).count();
        let (left, people) = of.iter().fold((0, 0), |(parts, people), visits| {
            (parts + visits.left.0, people + visits.left.1)
        });
        tell("visits", made / parts);
        tell("visits_sd", (squares / (days as f64 - 1.0)).sqrt() / parts);
        tell("visits_budget", budget / parts);
        tell("visits_utilisation", made / budget);
        tell("visits_overrun", mean(Day::overrun) / parts);
        tell("overrun_days", over as f64 / days as f64);
        tell("visits_per_person", left as f64 / people as f64 / parts);
    }

    /// Person-time in places elsewhere because none is free at some nodes.
    fn awaited(&self, replication: &Replication, nodes: &[usize]) -> Sum {
        let ways = self.network.flows.iter().zip(&replication.blocked);
        let here = |to: Place| matches!(to, Place::Node(node) if nodes.contains(&node.index()));
        ways.filter(|(way, _)| here(way.to)).map(|(_, (time, _))| *time).sum()
    }

    /// What concerns slots.
    fn tell_slots(&self, values: &mut Values, replication: &Replication, nodes: &[usize]) {
        let of = |node: &usize| self.network.nodes[*node].extras.as_ref()?.slots.as_ref();
        let sessions = || nodes.iter().filter_map(of).flat_map(|slots| &slots.sessions);
        if sessions().next().is_none() {
            return;
        }
        let mut slots = SlotRecord::default();
        for of_node in nodes.iter().filter_map(|node| replication.slots[*node].as_ref()) {
            slots.add(of_node);
        }
        let mut tell = |name, value| values.push((name, value));
        if sessions().any(|session| session.minutes) {
            let minutes = |micros: i64| {
                let minutes = micros as f64 / MINUTE as f64;
                minutes / self.until as f64 * self.network.unit.micros() as f64
            };
            tell("session_minutes_offered", minutes(slots.minutes_offered));
            tell("session_minutes_used", minutes(slots.minutes_used));
            tell("session_minutes_over", minutes(slots.minutes_over));
            tell("session_minutes_called_off", minutes(slots.minutes_called_off));
            let used = slots.minutes_used - slots.minutes_over;
            tell("session_utilisation", used as f64 / slots.minutes_offered as f64);
        }
        tell("cancelled_on_day", self.rate(slots.cancelled_on_day));
        tell("slots_used", self.rate(slots.used));
        tell("slots_missed", self.rate(slots.missed));
        tell("slots_cancelled", self.rate(slots.cancelled));
        // Sessions with minutes have no slots to count.
        if sessions().any(|session| !session.minutes) {
            tell("slots_offered", self.rate(slots.offered));
            tell("slots_booked", self.rate(slots.booked));
            tell("slots_unused", self.rate(slots.unused));
            tell("slots_called_off", self.rate(slots.called_off));
            tell("slot_utilisation", slots.used as f64 / slots.offered as f64);
        }
        tell("missed_share", slots.missed as f64 / (slots.used + slots.missed) as f64);
        tell("remote_share", slots.remote as f64 / slots.used as f64);
        let first = slots.used - slots.follow_ups;
        tell("follow_ups_per_first", slots.follow_ups as f64 / first as f64);
    }

    /// What concerns those who come again.
    fn tell_returns(&self, values: &mut Values, replication: &Replication, nodes: &[usize]) {
        let extras = |node: &usize| self.network.nodes[*node].extras.as_deref();
        if !nodes.iter().filter_map(extras).any(|extras| !extras.readmissions.is_empty()) {
            return;
        }
        let mut returns = ReturnRecord::default();
        for of_node in nodes.iter().filter_map(|node| replication.returns[*node].as_ref()) {
            returns.add(of_node);
        }
        let out = returns.went_out as f64;
        values.push(("readmissions", self.rate(returns.came_again)));
        values.push(("readmitted_share", returns.came_again as f64 / out));
        values.push(("readmitted_30_days", returns.within_30_days as f64 / out));
    }

    /// What concerns legs.
    fn tell_legs(&self, values: &mut Values, replication: &Replication, nodes: &[usize]) {
        let extras = |node: &usize| self.network.nodes[*node].extras.as_deref();
        if !nodes.iter().filter_map(extras).any(|extras| extras.legs.is_some()) {
            return;
        }
        let mut legs = LegRecord::default();
        for of_node in nodes.iter().filter_map(|node| replication.legs[*node].as_ref()) {
            legs.add(of_node);
        }
        let unit = self.network.unit.micros() as f64;
        values.push(("mean_time_to_join", legs.time.as_f64() / legs.joined as f64 / unit));
        values.push(("legs_started", self.rate(legs.started)));
        values.push(("failed_legs", legs.failed as f64 / (legs.over + legs.failed) as f64));
    }

    /// Places of a node that are open, time average; none without limit.
    pub(super) fn places(&self, replication: &Replication, node: usize) -> Option<f64> {
        let of_node = &self.network.nodes[node];
        let places = f64::from(of_node.places.filter(|_| !of_node.has_visits())?);
        Some(if self.varies(node) {
            self.mean(replication.place_time[node][PlaceTime::Open as usize])
        } else {
            places
        })
    }

    /// Whether the places of a node vary.
    pub(super) fn varies(&self, node: usize) -> bool {
        self.network.changes.iter().any(|change| change.node.index() == node)
    }

    /// The time average, from person-time or place-time.
    fn mean(&self, sum: Sum) -> f64 {
        sum.as_f64() / self.until as f64
    }

    /// People per unit of time.
    fn rate(&self, people: u64) -> f64 {
        people as f64 / self.until as f64 * self.network.unit.micros() as f64
    }

    fn of_system(
        &self,
        replication: &Replication,
        nodes: &[usize],
        stratum: Option<Stratum>,
    ) -> Values {
        let unit = self.network.unit.micros() as f64;
        let whole = replication.everyone(stratum);
        let mut values = vec![
            ("entered", self.rate(whole.entered)),
            ("departures", self.rate(whole.time.count())),
            ("inside", self.mean(whole.inside)),
            ("mean_time_in_system", whole.time.mean() / unit),
        ];
        if stratum.is_none() {
            self.tell_costs(&mut values, replication, nodes);
        }
        match self.network.deadlock {
            Some(Deadlock::Report) if stratum.is_none() => {
                let knot = replication.knot.as_ref();
                values.push(("deadlocked", f64::from(u8::from(knot.is_some()))));
                let elapsed = |knot: &Knot| (knot.time + self.warm_up) as f64 / unit;
                values.push(("time_to_deadlock", knot.map_or(f64::NAN, elapsed)));
            }
            Some(Deadlock::Swap) if stratum.is_none() => {
                values.push(("exchanged", self.rate(replication.exchanged)));
            }
            _ => {}
        }
        values
    }

    /// The sums of a clock over the nodes at which it starts.
    pub fn clock<'r>(
        &self,
        replication: &'r Replication,
        clock: usize,
        nodes: &[usize],
        stratum: Option<Stratum>,
    ) -> Cow<'r, ClockSums> {
        let before = self.network.clocks[..clock].iter().map(|clock| clock.places.len());
        let first = before.sum::<usize>();
        let place = |node: &usize| self.network.clocks[clock].place(NodeId(*node as u32));
        let places = nodes.iter().filter_map(place).map(|place| first + place);
        let of_place = |place: usize| {
            of_stratum(&replication.clocks[place * self.strata..][..self.strata], stratum)
        };
        sum_of(places.flat_map(of_place), ClockSums::merge)
    }

    fn of_clock(
        &self,
        replication: &Replication,
        clock: usize,
        nodes: &[usize],
        stratum: Option<Stratum>,
    ) -> Values {
        let unit = self.network.unit.micros() as f64;
        let sums = self.clock(replication, clock, nodes, stratum);
        let (stopped, running) = (sums.stopped.count(), sums.running.count());
        let censuses = replication.censuses(self.network) as f64;
        let mut values = vec![
            ("clock_started", self.rate(sums.started)),
            ("clock_stopped", self.rate(stopped)),
            ("clock_dropped", self.rate(sums.dropped)),
            ("clock_mean", sums.stopped.mean() / unit),
            ("clock_median", sums.stopped.quantile(0.5) / unit),
            ("clock_p95", sums.stopped.quantile(0.95) / unit),
            ("clock_running", running as f64 / censuses),
        ];
        if let (Some(within), Some(running_within)) =
            (sums.within.first(), sums.running_within.first())
        {
            values.push(("clock_within", *within as f64 / stopped as f64));
            values.push(("clock_breaches", self.rate(stopped - within)));
            let share = *running_within as f64 / running as f64;
            values.push(("clock_running_within", share));
        }
        values
    }

    /// The least and the most of the means over 7 days in a row of people in places ÷ places open, at
    /// the census hour; none for less than 7 days.
    fn weeks(&self, replication: &Replication, nodes: &[usize]) -> Option<(f64, f64)> {
        let of_day = |level: usize| {
            let mut sums = vec![0.0; replication.censuses(self.network)];
            for node in nodes {
                for (sum, n) in sums.iter_mut().zip(replication.census(self.network, *node, level))
                {
                    *sum += f64::from(n);
                }
            }
            sums
        };
        let (occupied, open) = (of_day(0), of_day(4));
        let weeks = occupied.windows(7).zip(open.windows(7));
        let means = weeks.map(|(people, places)| {
            people.iter().zip(places).map(|(people, places)| people / places).sum::<f64>() / 7.0
        });
        means.fold(None, |known, mean| {
            let (least, most) = known.unwrap_or((mean, mean));
            Some((mean.min(least), mean.max(most)))
        })
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

/// When people leave, over several nodes.
fn left(all: &[&Departures]) -> [(&'static str, f64); 3] {
    let hours = || all.iter().flat_map(|one| one.by_hour.iter().enumerate());
    let people = hours().map(|(_, n)| n).sum::<u64>() as f64;
    let early = hours().filter(|(hour, _)| hour % 24 < 17).map(|(_, n)| n).sum::<u64>() as f64;
    let days = || all.iter().flat_map(|one| one.by_days.iter().enumerate());
    let later = days().filter(|(days, _)| *days > 0).map(|(_, n)| n).sum::<u64>() as f64;
    let sum = days().map(|(days, n)| days as u64 * n).sum::<u64>() as f64;
    [
        ("left_by_17", early / people),
        ("left_on_ready_day", 1.0 - later / people),
        ("days_after_ready", sum / later),
    ]
}

/// Whether visits to a node or list with extra rules may end so.
fn may_end(extras: &Extras, how: Ending) -> bool {
    let acted_on = extras.died_flow != u32::MAX;
    match how {
        // At a plain node as well.
        Ending::Left | Ending::Lost => true,
        // Told with the slots.
        Ending::Missed | Ending::Cancelled => false,
        Ending::Balked => !extras.balk.is_empty(),
        Ending::Reneged => extras.patience.is_some(),
        Ending::Removed => acted_on || extras.reviews.iter().any(|review| review.remove > 0.0),
        Ending::Switched => !extras.switches.is_empty(),
        Ending::Displaced => matches!(extras.preempt, Some(Preemption::Displace(_))),
        Ending::Transferred => matches!(extras.cut, Cut::Transfer(_)),
        Ending::Interrupted => {
            acted_on
                || matches!(extras.cut, Cut::Interrupt)
                || extras
                    .preempt
                    .as_ref()
                    .is_some_and(|how| !matches!(how, Preemption::Displace(_)))
        }
    }
}
