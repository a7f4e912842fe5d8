//! Formulas of queueing theory against runs.
//!
//! Each test computes the expected value itself. The tolerance comes from the replications: the mean
//! must lie within four standard errors, and the 95 % interval must be narrow enough to tell something.
//! Seeds are fixed: a failure is a fault, never bad luck anew.

use icsflow::time::{DAY, HOUR, days};
use icsflow::{
    Arrivals, Cohort, Distribution, Estimate, Experiment, Expression, Limit, Model, Node, Queue,
    Results, Route, Share,
};

use crate::tables::{cell, number};

fn loss() -> Queue {
    Queue::new().limit(0)
}

fn run(model: &Model, warm_up: f64, until: f64) -> Results {
    let experiment = Experiment::new(model).replications(20).seed(20_260_105);
    experiment.warm_up(days(warm_up)).until(days(until)).run().unwrap()
}

/// The mean of the values is the expected one, as far as they can tell, and they can tell `relative` of it.
#[track_caller]
pub(crate) fn meets(
    what: &str,
    values: impl IntoIterator<Item = f64>,
    expected: f64,
    relative: f64,
) {
    let estimate = Estimate::of(values, 0.95);
    let z = (estimate.mean - expected) / (estimate.sd / (estimate.count as f64).sqrt());
    assert!(z.abs() <= 4.0, "{what}: {} for {expected}, z = {z:.1}", estimate.mean);
    let width = estimate.half_width / expected.abs();
    assert!(
        width <= relative,
        "{what}: the interval is {width:.4} of the value, more than {relative}"
    );
}

#[track_caller]
pub(crate) fn metric(results: &Results, metric: &str, scope: &str, expected: f64, relative: f64) {
    let values = results.values(metric, scope).unwrap();
    meets(&format!("{metric} of {scope}"), values, expected, relative);
}

/// The share of time with `n` people at a node, replication by replication.
fn share_with(results: &Results, level: usize, node: usize, n: usize) -> Vec<f64> {
    let of = |times: &[i64]| times.get(n).map_or(0.0, |time| *time as f64 / results.until() as f64);
    results.replications().iter().map(|r| of(&r.time_at[level][node])).collect()
}

const OCCUPIED: usize = 0;
const PRESENT: usize = 3;

fn erlang_b(places: u32, load: f64) -> f64 {
    (1..=places).fold(1.0, |b, n| load * b / (f64::from(n) + load * b))
}

pub(crate) fn erlang_c(places: u32, load: f64) -> f64 {
    let b = erlang_b(places, load);
    b / (1.0 - load / f64::from(places) * (1.0 - b))
}

fn queue(arrivals: Arrivals, beds: u32, stay: Distribution) -> Model {
    Model::new("M").arrivals(arrivals).node(Node::beds("N", beds, stay))
}

#[test]
fn m_m_1() {
    let (rate, rho) = (0.7, 0.7);
    let model = queue(Arrivals::poisson("A", "N", rate), 1, Distribution::exponential(1.0));
    let results = run(&model, 500.0, 120_000.0);
    metric(&results, "occupied", "N", rho, 0.01);
    metric(&results, "waiting", "N", rho * rho / (1.0 - rho), 0.03);
    metric(&results, "mean_wait", "N", rho / (1.0 - rho), 0.03);
    metric(&results, "share_waiting", "N", rho, 0.01);
    metric(&results, "mean_time_in_system", "M", 1.0 / (1.0 - rho), 0.03);
    metric(&results, "departures", "N", rate, 0.01);
    // P(W > t) = rho exp(-(1 - rho) t).
    metric(&results, "wait_p95", "N", (rho / 0.05_f64).ln() / (1.0 - rho), 0.03);
    for n in [0, 1, 3, 8] {
        let expected = (1.0 - rho) * rho.powi(n as i32);
        meets(&format!("{n} present"), share_with(&results, PRESENT, 0, n), expected, 0.04);
    }
}

#[test]
fn m_m_c() {
    let (rate, stay, beds) = (2.7, 4.0, 12);
    let (load, c) = (rate * stay, erlang_c(beds, rate * stay));
    let model = queue(Arrivals::poisson("A", "N", rate), beds, Distribution::exponential(stay));
    let results = run(&model, 500.0, 30_000.0);
    metric(&results, "occupied", "N", load, 0.005);
    metric(&results, "share_waiting", "N", c, 0.02);
    let spare = f64::from(beds) / stay - rate;
    metric(&results, "mean_wait", "N", c / spare, 0.05);
    metric(&results, "waiting", "N", rate * c / spare, 0.05);
    metric(&results, "full", "N", c, 0.02);
    metric(&results, "median_wait", "N", (c / 0.5).ln() / spare, 0.07);
}

#[test]
fn m_g_1() {
    // Pollaczek and Khinchine: Wq = rate E[S^2] / (2 (1 - rho)).
    let rate = 0.6;
    for (stay, second) in [
        (Distribution::gamma(0.5, 2.0), 1.0 + 2.0),
        (Distribution::uniform(0.0, 2.0), 1.0 + 1.0 / 3.0),
        (Distribution::lognormal_mean_sd(1.0, 0.8), 1.0 + 0.64),
        (Distribution::deterministic(1.0), 1.0),
    ] {
        let model = queue(Arrivals::poisson("A", "N", rate), 1, stay.clone());
        let results = run(&model, 300.0, 30_000.0);
        let wait = rate * second / (2.0 * (1.0 - rate));
        metric(&results, "mean_wait", "N", wait, 0.04);
        metric(&results, "waiting", "N", rate * wait, 0.04);
        metric(&results, "share_waiting", "N", rate, 0.01);
        if second > 1.0 {
            metric(&results, "mean_length_of_stay", "N", 1.0, 0.01);
        } else {
            assert_eq!(results.values("mean_length_of_stay", "N").unwrap(), [1.0; 20]);
        }
    }
}

#[test]
fn erlang_loss_does_not_depend_on_the_shape_of_stays() {
    let (beds, rate, stay) = (6, 1.0, 5.0);
    let b = erlang_b(beds, rate * stay);
    for shape in [
        Distribution::exponential(stay),
        Distribution::deterministic(stay),
        Distribution::lognormal_mean_sd(stay, 7.5),
        Distribution::coxian([1.0, 0.125], [0.5]),
    ] {
        let node = Node::beds("N", beds, shape).queue(loss());
        let model = Model::new("M").arrivals(Arrivals::poisson("A", "N", rate)).node(node);
        let results = run(&model, 200.0, 30_000.0);
        metric(&results, "lost_share", "N", b, 0.02);
        metric(&results, "full", "N", b, 0.02);
        metric(&results, "occupied", "N", rate * stay * (1.0 - b), 0.01);
        let states: f64 = (0..=beds).map(|n| load_term(rate * stay, n)).sum();
        let three = load_term(rate * stay, 3) / states;
        meets("three present", share_with(&results, OCCUPIED, 0, 3), three, 0.03);
    }
}

/// `load^n / n!`
fn load_term(load: f64, n: u32) -> f64 {
    (1..=n).fold(1.0, |term, k| term * load / f64::from(k))
}

#[test]
fn without_limit_people_present_are_poisson() {
    let (rate, stay) = (2.0, 3.0);
    let node = Node::unlimited("N", Distribution::weibull_mean_sd(stay, 4.0));
    let model = Model::new("M").arrivals(Arrivals::poisson("A", "N", rate)).node(node);
    let results = run(&model, 300.0, 20_000.0);
    let load = rate * stay;
    metric(&results, "occupied", "N", load, 0.01);
    for n in [0, 3, 6, 9, 12] {
        let expected = (-load).exp() * load_term(load, n);
        meets(
            &format!("{n} present"),
            share_with(&results, OCCUPIED, 0, n as usize),
            expected,
            0.08,
        );
    }
}

#[test]
fn renewal_arrivals_without_limit() {
    // Takács: E[N (N - 1)] = (rate / mu) phi(mu) / (1 - phi(mu)), phi the transform of the gaps.
    let (gap, stay) = (0.5, 4.0);
    let mu = 1.0 / stay;
    let hyper = 0.2 / (1.0 + 2.0 * mu) + 0.8 / (1.0 + 0.125 * mu);
    for (gaps, phi) in [
        (Distribution::erlang(2, gap), (1.0 + mu * gap / 2.0_f64).powi(-2)),
        (Distribution::deterministic(gap), (-mu * gap).exp()),
        (Distribution::hyperexponential([0.2, 0.8], [2.0, 0.125]), hyper),
    ] {
        let node = Node::unlimited("N", Distribution::exponential(stay));
        let model = Model::new("M").arrivals(Arrivals::renewal("A", "N", gaps)).node(node);
        let results = run(&model, 100.0, 8_000.0);
        let mean = stay / gap;
        metric(&results, "occupied", "N", mean, 0.01);
        let factorial: Vec<f64> = results
            .replications()
            .iter()
            .map(|r| {
                let times = r.time_at[OCCUPIED][0].iter().enumerate();
                let weighted = times.map(|(n, t)| (n * n.saturating_sub(1)) as f64 * *t as f64);
                weighted.sum::<f64>() / results.until() as f64
            })
            .collect();
        meets("E[N (N - 1)]", factorial, mean * phi / (1.0 - phi), 0.03);
    }
}

#[test]
fn cobham_priorities() {
    // W_i = R / ((1 - s_{i-1}) (1 - s_i)), R = sum of rate E[S^2] / 2, s_i the load down to class i.
    let classes = [
        ("emergency", 0.2, Distribution::exponential(0.5), 0.5, 0.5),
        ("urgent", 0.3, Distribution::lognormal_mean_sd(1.0, 0.8), 1.0, 1.64),
        ("routine", 0.25, Distribution::deterministic(1.6), 1.6, 2.56),
    ];
    let mut model = Model::new("M");
    let mut cases = Vec::new();
    for (name, rate, stay, ..) in &classes {
        model = model
            .cohort(Cohort::new(*name))
            .arrivals(Arrivals::poisson(*name, "N", *rate).cohort(*name));
        let when = (*name != "routine").then(|| Expression(format!("cohort == '{name}'")));
        cases.push(icsflow::Case { when, then: stay.clone() });
    }
    let order = ["cohort == 'emergency'", "cohort == 'urgent'"].map(Expression::from);
    let queue = Queue::by_class(order);
    model = model.node(Node::beds("N", 1, icsflow::Cases(cases)).queue(queue));
    let results = Experiment::new(&model)
        .replications(20)
        .warm_up(days(500.0))
        .until(days(40_000.0))
        .by_cohort(true)
        .seed(2)
        .run()
        .unwrap();
    let table = results.replication_table();
    let residual: f64 = classes.iter().map(|(_, rate, _, _, second)| rate * second / 2.0).sum();
    let mut load = 0.0;
    for (name, rate, _, mean, _) in &classes {
        let before = load;
        load += rate * mean;
        let rows = (0..table.rows()).filter(|row| {
            cell(&table, "metric", *row) == "mean_wait"
                && cell(&table, "cohort", *row) == *name
                && cell(&table, "scope", *row) == "N"
        });
        let waits: Vec<f64> = rows.map(|row| number(&table, "value", row)).collect();
        assert_eq!(waits.len(), 20);
        meets(name, waits, residual / ((1.0 - before) * (1.0 - load)), 0.04);
    }
}

#[test]
fn an_open_jackson_network() {
    // Every node is an M/M/c with the rate of the traffic equations: acute 1 + 0.3 * 6 + 0.1 * rehab,
    // rehab 0.2 * acute.
    let acute = (1.0 + 0.3 * 6.0) / (1.0 - 0.1 * 0.2);
    let node = |name: &str, beds, stay: f64| {
        Node::beds(name, beds, Distribution::exponential(stay)).waiting_room(Limit::Unlimited)
    };
    let model = Model::new("M")
        .arrivals(Arrivals::poisson("Front door", "ED", 6.0))
        .arrivals(Arrivals::poisson("GP", "Acute", 1.0))
        .node(node("ED", 3, 0.25))
        .node(node("Acute", 16, 4.0))
        .node(node("Rehab", 8, 10.0))
        .route(Route::new("ED", [("Acute", Share::Of(0.3)), ("exit", Share::Rest)]))
        .route(Route::new("Acute", [("Rehab", Share::Of(0.2)), ("exit", Share::Rest)]))
        .route(Route::new("Rehab", [("Acute", Share::Of(0.1)), ("exit", Share::Rest)]));
    let results = run(&model, 500.0, 10_000.0);
    let mut present = 0.0;
    for (name, rate, beds, stay, width) in [
        ("ED", 6.0, 3, 0.25, 0.03),
        ("Acute", acute, 16, 4.0, 0.12),
        ("Rehab", 0.2 * acute, 8, 10.0, 0.12),
    ] {
        let (load, c) = (rate * stay, erlang_c(beds, rate * stay));
        let wait = c / (f64::from(beds) / stay - rate);
        metric(&results, "joined", name, rate, 0.01);
        metric(&results, "occupied", name, load, 0.02);
        metric(&results, "share_waiting", name, c, 0.08);
        metric(&results, "mean_wait", name, wait, width);
        metric(&results, "waiting", name, rate * wait, width);
        present += load + rate * wait;
    }
    metric(&results, "inside", "M", present, 0.02);
    metric(&results, "mean_time_in_system", "M", present / 7.0, 0.02);
}

#[test]
fn a_tandem_that_blocks() {
    // Hunt (1956): two stations in a row with no room between. What the first can pass on at most is
    // mu1 mu2 (mu1 + mu2) / (mu1^2 + mu1 mu2 + mu2^2).
    let (mu1, mu2) = (1.0, 1.25);
    let tandem = |arrivals: Arrivals| {
        Model::new("M")
            .arrivals(arrivals)
            .node(Node::beds("First", 1, Distribution::exponential(1.0 / mu1)))
            .node(Node::beds("Second", 1, Distribution::exponential(1.0 / mu2)))
            .route(Route::new("First", [("Second", Share::Rest)]))
    };
    let most = mu1 * mu2 * (mu1 + mu2) / (mu1 * mu1 + mu1 * mu2 + mu2 * mu2);
    let results = run(&tandem(Arrivals::poisson("A", "First", 3.0)), 100.0, 3_000.0);
    metric(&results, "departures", "Second", most, 0.01);
    // With a rate of 0.45: Little's law gives what is in stay; the blocked share is the solution of the
    // chain of states (number at the first, blocked or not, second busy or not), summed up here.
    let rate = 0.45;
    let [waiting, blocked] = tandem_in_balance(rate, mu1, mu2);
    let results = run(&tandem(Arrivals::poisson("A", "First", rate)), 500.0, 20_000.0);
    metric(&results, "blocked", "First", blocked, 0.02);
    metric(&results, "any_blocked", "First", blocked, 0.02);
    metric(&results, "occupied", "First", rate / mu1 + blocked, 0.01);
    metric(&results, "occupied", "Second", rate / mu2, 0.01);
    metric(&results, "mean_delay", "First", blocked / rate, 0.02);
    metric(&results, "waiting", "First", waiting, 0.04);
    metric(&results, "mean_wait", "First", waiting / rate, 0.04);
}

/// Mean number waiting and blocked at the first station, from the balance of the chain, by sweeps over
/// its states: n at the first, of whom one in service (0, with the second idle; 1, busy) or blocked (2).
fn tandem_in_balance(rate: f64, mu1: f64, mu2: f64) -> [f64; 2] {
    const MOST: usize = 200;
    let mut p = vec![[1.0, 1.0, 1.0]; MOST + 1];
    p.iter_mut().enumerate().for_each(|(n, p)| *p = p.map(|x| x * 0.6_f64.powi(n as i32)));
    p[0][2] = 0.0;
    for _ in 0..20_000 {
        for n in 0..=MOST {
            let at = |n: usize, s: usize| if n <= MOST { p[n][s] } else { 0.0 };
            let from_left = |s: usize| if n > 0 { rate * at(n - 1, s) } else { 0.0 };
            let out = if n < MOST { rate } else { 0.0 };
            let serves = if n > 0 { mu1 } else { 0.0 };
            let idle = from_left(0) + mu2 * at(n, 1);
            // Blocked with n: when the second ends, the blocked one moves there, n - 1 are left.
            let busy = from_left(1) + mu1 * at(n + 1, 0) + mu2 * at(n + 1, 2);
            p[n][0] = idle / (out + serves);
            p[n][1] = busy / (out + serves + mu2);
            if n > 0 {
                let from_below = if n > 1 { rate * p[n - 1][2] } else { 0.0 };
                p[n][2] = (from_below + mu1 * p[n][1]) / (out + mu2);
            }
        }
    }
    let sum: f64 = p.iter().flatten().sum();
    let waiting: f64 =
        p.iter().enumerate().map(|(n, p)| n.saturating_sub(1) as f64 * p.iter().sum::<f64>()).sum();
    let blocked: f64 = p.iter().map(|p| p[2]).sum();
    [waiting / sum, blocked / sum]
}

#[test]
fn arrivals_in_batches() {
    // M^X/M/1: L = rho (1 + E[X^2] / E[X]) / 2 / (1 - rho). M^X/M/inf: the variance of the number
    // present is its mean plus rate E[X (X - 1)] / (2 mu).
    let (rate, stay) = (0.2, 1.0);
    for (size, mean, second) in [
        (Distribution::deterministic(3.0), 3.0, 9.0),
        (Distribution::geometric(3.0), 3.0, 15.0),
        (Distribution::discrete([1.0, 4.0], [0.5, 0.5]), 2.5, 8.5),
    ] {
        let arrivals = || Arrivals::poisson("A", "N", rate).batch(size.clone());
        let model = queue(arrivals(), 1, Distribution::exponential(stay));
        let results = run(&model, 300.0, 30_000.0);
        let rho = rate * mean * stay;
        let present = rho * (1.0 + second / mean) / (2.0 * (1.0 - rho));
        metric(&results, "occupied", "N", rho, 0.02);
        metric(&results, "inside", "M", present, 0.05);
        let node = Node::unlimited("N", Distribution::exponential(4.0));
        let results = run(&Model::new("M").arrivals(arrivals()).node(node), 100.0, 20_000.0);
        let load = rate * mean * 4.0;
        metric(&results, "occupied", "N", load, 0.02);
        let squares: Vec<f64> = results
            .replications()
            .iter()
            .map(|r| {
                let times = r.time_at[OCCUPIED][0].iter().enumerate();
                times.map(|(n, t)| (n * n) as f64 * *t as f64).sum::<f64>() / results.until() as f64
            })
            .collect();
        let variance = load + rate * (second - mean) * 4.0 / 2.0;
        meets("E[N^2]", squares, variance + load * load, 0.03);
    }
}

#[test]
fn arrivals_by_hour_and_weekday_are_poisson_counts() {
    // Counts in the hours of the week are independent Poisson numbers: the sum over the 168 hours of
    // (count - expected)^2 / expected is a chi-square of as many degrees of freedom.
    let hourly: Vec<f64> = (0..24).map(|hour| 0.25 + f64::from(hour * hour % 7) / 3.0).collect();
    let weekly = [1.5, 1.0, 0.75, 1.0, 1.25, 0.5, 0.25];
    let (rate, weeks) = (20.0, 500.0);
    let model = Model::new("M")
        .arrivals(Arrivals::poisson("A", "N", rate).hourly(hourly.clone()).weekly(weekly))
        .node(Node::unlimited("N", Distribution::deterministic("1s")));
    let experiment = Experiment::new(&model).replications(4).until(days(7.0 * weeks)).stays(true);
    let results = experiment.seed(3).run().unwrap();
    for replication in results.replications() {
        let mut counts = [0.0; 168];
        let (mut fractions, mut people) = (0.0, 0.0);
        for row in &replication.rows {
            counts[(row.history.came.rem_euclid(7 * DAY) / HOUR) as usize] += 1.0;
            fractions += (row.history.came % HOUR) as f64 / HOUR as f64;
            people += 1.0;
        }
        let expected = |hour: usize| rate / 24.0 * hourly[hour % 24] * weekly[hour / 24] * weeks;
        let chi: f64 =
            (0..168).map(|hour| (counts[hour] - expected(hour)).powi(2) / expected(hour)).sum();
        // Wilson and Hilferty: the cube root of a chi-square over its degrees of freedom is normal.
        let spread = 2.0 / (9.0 * 168.0);
        let z = ((chi / 168.0).cbrt() - (1.0 - spread)) / spread.sqrt();
        assert!(z.abs() < 4.0, "chi-square {chi:.1} of 168, z = {z:.1}");
        // Within an hour, arrivals are uniform.
        let z = (fractions / people - 0.5) * (12.0 * people).sqrt();
        assert!(z.abs() < 4.0, "fractions of an hour: z = {z:.1}");
    }
}

/// Of 20 batches of 150 days of M/M/1 with ρ = 1/2, which forgets in a day or two, the interval covers the
/// mean number in line, ρ²/(1 − ρ), as often as it says.
#[test]
fn batch_means_cover_what_they_should() {
    let model = Model::new("Clinic")
        .arrivals(Arrivals::poisson("Referrals", "Clinic", 5.0))
        .node(Node::beds("Clinic", 1, Distribution::exponential("0.1d")));
    let runs = 600;
    let run = Experiment::new(&model).replications(runs).warm_up(days(30.0)).until(days(3000.0));
    let results = run.levels(false).seed(4).run().unwrap();
    let table = results.batch_means(20).unwrap();
    let (lower, upper) = (table.numbers("lower").unwrap(), table.numbers("upper").unwrap());
    let correlation = table.numbers("correlation").unwrap();
    let rows = (0..table.rows()).filter(|row| cell(&table, "level", *row) == "waiting");
    let (mut covered, mut lag) = (0, 0.0);
    for row in rows {
        covered += u32::from(lower[row] < 0.5 && 0.5 < upper[row]);
        lag += correlation[row] / f64::from(runs);
    }
    // Four standard errors of a share of 95 % of 600.
    let share = f64::from(covered) / f64::from(runs);
    assert!((share - 0.95).abs() < 4.0 * (0.95_f64 * 0.05 / 600.0).sqrt(), "{share}");
    // Of 20 independent values −1/20 is expected.
    assert!((lag + 0.05).abs() < 0.04, "{lag}");
    let told = results.batch_means(1501).unwrap_err().to_string();
    assert!(told.contains("batches: found 1501; expected from 2 to 1500"), "{told}");
    assert!(results.batch_means(1).is_err());
}
