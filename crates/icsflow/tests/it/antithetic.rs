//! Antithetic pairs: every draw of the second at the opposite quantile (F13).

use icsflow::time::{DAY, days};
use icsflow::{
    Arrivals, Batch, Change, Checkpoint, Distribution, Experiment, Legs, Mode, Model, Need, Node,
    Plan, Results, Route, Scenario, Share, Timetable, Visits,
};

use crate::generate::made;
use crate::tables::{cell, number, same};

/// Somebody at noon of every day, in a ward and perhaps in another.
fn two_wards(first: Distribution) -> Model {
    let times = (0..300).map(|day| f64::from(day).into()).collect();
    let daily = Timetable { times, weekly: Vec::new() };
    Model::new("Two wards")
        .arrivals(Arrivals::timetable("Booked", "First", daily))
        .node(Node::unlimited("First", first))
        .node(Node::unlimited("Second", Distribution::exponential("3d")))
        .route(Route::new("First", [("Second", Share::Of(0.5)), ("home", Share::Rest)]))
}

fn run(model: &Model, replications: u32, antithetic: bool) -> Results {
    let run = Experiment::new(model).replications(replications).until(days(400.0)).seed(5);
    run.antithetic(antithetic).stays(true).threads(2).run().unwrap()
}

/// Length of stay and next place of each patient of a replication at a node.
fn stays(results: &Results, replication: &str, node: &str) -> Vec<(f64, String)> {
    let table = results.stays();
    let rows = (0..table.rows()).filter(|row| {
        cell(&table, "replication", *row) == replication && cell(&table, "node", *row) == node
    });
    let mut of: Vec<(i64, f64, String)> = rows
        .map(|row| {
            let length = number(&table, "ready", row) - number(&table, "started", row);
            let patient = cell(&table, "patient", row).parse().unwrap();
            (patient, length, cell(&table, "next", row))
        })
        .collect();
    of.sort_by_key(|row| row.0);
    of.into_iter().map(|(_, length, next)| (length, next)).collect()
}

#[test]
fn stays_and_ways_are_at_opposite_quantiles() {
    let micro = 1.0 / DAY as f64;
    type Sum = fn(f64, f64) -> f64;
    // What each pair of stays makes, whoever they are of.
    let families: [(Distribution, Sum, f64); 3] = [
        (Distribution::uniform("2d", "9d"), |a, b| a + b, 11.0),
        (Distribution::exponential("4d"), |a, b| (-a / 4.0).exp() + (-b / 4.0).exp(), 1.0),
        // The square of the median, which is the mean by the root of 1 + (sd / mean)².
        (Distribution::lognormal_mean_sd("5d", "4d"), |a, b| a * b, 25.0 / 1.64),
    ];
    for (stay, sum, whole) in families {
        let results = run(&two_wards(stay), 4, true);
        for pair in [("0", "1"), ("2", "3")] {
            let (one, two) = (stays(&results, pair.0, "First"), stays(&results, pair.1, "First"));
            assert_eq!((one.len(), two.len()), (300, 300));
            for ((a, went), (b, other)) in one.iter().zip(&two) {
                assert!((sum(*a, *b) - whole).abs() < 40.0 * micro, "{a} and {b}");
                // Of two destinations with the same share, one goes here and the other there.
                assert_ne!(went, other);
            }
        }
    }
}

#[test]
fn stays_of_legs_are_at_opposite_quantiles() {
    let mut model = two_wards(Distribution::deterministic("1h"));
    let ward = model.nodes[0].clone();
    model.nodes[0] = ward.legs(Legs::new(["Scan"]));
    let model = model.node(Node::unlimited("Scan", Distribution::uniform("2d", "9d")));
    let results = run(&model, 2, true);
    let (one, two) = (stays(&results, "0", "Scan"), stays(&results, "1", "Scan"));
    assert_eq!((one.len(), two.len()), (300, 300));
    for ((a, _), (b, _)) in one.iter().zip(&two) {
        assert!((a + b - 11.0).abs() < 40.0 / DAY as f64, "{a} and {b}");
    }
}

#[test]
fn the_first_of_a_pair_is_what_it_was() {
    for seed in 0..25 {
        let model = made(seed).model;
        let run = Experiment::new(&model).antithetic(false).threads(1);
        let alone = run.clone().replications(2).run();
        let pairs = run.clone().replications(4).antithetic(true).run();
        let (Ok(alone), Ok(pairs)) = (alone, pairs) else { continue };
        for scope in alone.scopes() {
            for metric in icsflow::model::metric::METRICS.iter() {
                let of = |results: &Results| results.values(metric.name, &scope.name);
                let (Some(a), Some(b)) = (of(&alone), of(&pairs)) else { continue };
                let bits = |x: f64| x.to_bits();
                assert_eq!(
                    [a[0], a[1]].map(bits),
                    [b[0], b[2]].map(bits),
                    "{seed} {}",
                    metric.name
                );
            }
        }
        // As many threads as there may be, and in two parts.
        let again = run.clone().replications(4).antithetic(true).threads(4).run().unwrap();
        assert!(same(&again.replication_table(), &pairs.replication_table()));
    }
}

fn clinic(rate: f64) -> Model {
    Model::new("Clinic").arrivals(Arrivals::poisson("Referrals", "Clinic", rate)).node(Node::beds(
        "Clinic",
        1,
        Distribution::exponential("0.1d"),
    ))
}

fn variance(values: &[f64]) -> f64 {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (n - 1.0)
}

#[test]
fn pairs_tell_more_than_as_many_replications_of_their_own() {
    let plan = |antithetic| Plan {
        replications: 800,
        warm_up: "20d".into(),
        until: "30d".into(),
        antithetic,
        ..Plan::default()
    };
    for rate in [5.0, 8.0] {
        let model = clinic(rate);
        let of = |antithetic| Experiment::new(&model).plan(plan(antithetic)).run().unwrap();
        let (alone, pairs) = (of(false), of(true));
        let (own, paired) = (
            alone.values("mean_wait", "Clinic").unwrap(),
            pairs.values("mean_wait", "Clinic").unwrap(),
        );
        let means: Vec<f64> = paired.chunks(2).map(|two| (two[0] + two[1]) / 2.0).collect();
        // A mean of two independent ones has half the variance.
        let gain = variance(&own) / 2.0 / variance(&means);
        assert!(gain > 1.1, "{rate}: {gain}");
        // Time in use goes straight with stays and gaps, of which each has the correlation 1 − π²/6 with its
        // opposite: the variance of a pair is 2 − π²/6 of that of two alone, 2.8 times less.
        let busy = |results: &Results| results.values("occupied", "Clinic").unwrap();
        let halves: Vec<f64> = busy(&pairs).chunks(2).map(|two| (two[0] + two[1]) / 2.0).collect();
        let gain = variance(&busy(&alone)) / 2.0 / variance(&halves);
        assert!((1.9..4.2).contains(&gain), "{rate}: {gain}");
        // Pollaczek and Khinchine: ρ/(μ − λ).
        let expected = rate / 10.0 / (10.0 - rate);
        let mean = means.iter().sum::<f64>() / 400.0;
        assert!((mean - expected).abs() < 4.0 * (variance(&means) / 400.0).sqrt(), "{mean}");
        // The summary counts pairs, and its interval is theirs.
        let table = pairs.summary();
        let row = (0..table.rows())
            .find(|row| {
                cell(&table, "scope", *row) == "Clinic"
                    && cell(&table, "metric", *row) == "mean_wait"
            })
            .unwrap();
        assert_eq!(cell(&table, "replications", row), "400");
        assert!((number(&table, "sd", row) / variance(&means).sqrt() - 1.0).abs() < 1e-9);
    }
}

#[test]
fn differences_are_those_of_pairs_and_a_lone_one_does_not_count() {
    let model = clinic(8.0)
        .scenario(Scenario::new("Busier").change(Change::multiply("Referrals.rate", 1.1)));
    let plan = |replications| Plan {
        replications,
        until: "60d".into(),
        antithetic: true,
        ..Plan::default()
    };
    let told = Batch::new(&model).plan(plan(9)).run().unwrap();
    let values = |case| -> Vec<f64> {
        let values = told.values(case, "mean_wait", "Clinic").unwrap();
        values.into_iter().map(|(_, value)| value).collect()
    };
    let (base, busier) = (values("base"), values("Busier"));
    assert_eq!(base.len(), 9);
    let of_pair =
        |k: usize| (busier[2 * k] + busier[2 * k + 1] - base[2 * k] - base[2 * k + 1]) / 2.0;
    let by_hand: Vec<f64> = (0..4).map(of_pair).collect();
    let difference = told.difference("Busier", "mean_wait", "Clinic").unwrap();
    assert_eq!(difference.estimate.count, 4);
    assert!((difference.estimate.mean - by_hand.iter().sum::<f64>() / 4.0).abs() < 1e-12);
    assert!((difference.estimate.sd - variance(&by_hand).sqrt()).abs() < 1e-12);
}

#[test]
fn visits_are_for_as_many_days_as_the_stay_at_the_opposite_quantile() {
    for mode in [Mode::Book, Mode::Line] {
        let mut model = two_wards(Distribution::from("1d"));
        let visits = Visits::new(1000, Need::taper(1.0, 1.0)).mode(mode);
        model.nodes[0] = Node::visits("First", visits, Distribution::uniform("2d", "9d"));
        let results = run(&model, 2, true);
        let (one, two) = (stays(&results, "0", "First"), stays(&results, "1", "First"));
        assert_eq!((one.len(), two.len()), (300, 300));
        // From noon to the midnight after the last day, of 2 to 9 days rounded to whole ones.
        let days = |one: f64, two: f64| one.ceil() + two.ceil();
        let pairs: Vec<f64> = one.iter().zip(&two).map(|(a, b)| days(a.0, b.0)).collect();
        assert!(pairs.iter().all(|days| *days == 11.0), "{pairs:?}");
        assert!(one.iter().any(|of| of.0.ceil() == 3.0) && one.iter().any(|of| of.0.ceil() == 8.0));
    }
}

#[test]
fn a_pair_goes_on_from_a_checkpoint() {
    let model = clinic(8.0)
        .scenario(Scenario::new("Busier").change(Change::multiply("Referrals.rate", 1.1).at("40d")))
        .scenario(Scenario::new("Two").change(Change::add("Clinic.beds", 1.0).at("50d")));
    let run = Experiment::new(&model)
        .replications(6)
        .warm_up(days(10.0))
        .until(days(100.0))
        .antithetic(true);
    let checkpoint = Checkpoint::from_bytes(&run.checkpoint("40d").unwrap().to_bytes()).unwrap();
    let whole = run.clone().run().unwrap();
    let rest = run.start_from(&checkpoint).run().unwrap();
    assert!(same(&whole.replication_table(), &rest.replication_table()));
    // And so does a batch.
    let plan = checkpoint.plan().clone();
    let whole = Batch::new(&model).plan(plan.clone()).run().unwrap();
    let branched = Batch::new(&model).plan(plan).start_from(checkpoint).run().unwrap();
    assert!(same(&whole.table(None, None), &branched.table(None, None)));
    assert!(whole.difference("Two", "mean_wait", "Clinic").unwrap().estimate.mean < 0.0);
}
