//! Scenarios: what a change does, and to whom. Whoever it does not concern keeps every bit.

use std::collections::BTreeMap;

use icsflow::time::days;
use icsflow::{
    Arrivals, Attribute, Capacity, Change, Cohort, Distribution, Experiment, Model, Need, Node,
    RampShape, Results, Route, Scenario, Session, Setting, Share, Slots, Table, Visits,
};

use crate::generate::{Dice, made};
use crate::hand;
use crate::tables::{cell, lines, number, same};

/// Five pathways out of a ward, all without limit: what happens to one is nobody else's business.
fn pathways() -> Model {
    let stay = Distribution::exponential;
    Model::new("Pathways")
        .cohort(Cohort::new("patients").attribute("old", Attribute::Flag(0.3)))
        .arrivals(
            Arrivals::poisson("Walk-in", "Ward", 12.0)
                .hourly([0.5; 12].into_iter().chain([1.5; 12]).collect::<Vec<_>>()),
        )
        .arrivals(Arrivals::poisson("GP", "Ward", 5.0))
        .node(Node::unlimited("Ward", Distribution::lognormal_mean_sd("4d", "5d")))
        .node(Node::unlimited("P1", stay("18d")))
        .node(Node::unlimited("P2", Distribution::gamma_mean_sd("30d", "20d")))
        .node(Node::unlimited("P3", stay("40d")))
        .route(Route::new(
            "Ward",
            [
                ("P1", Share::Of(0.09)),
                ("P2", Share::Of(0.35)),
                ("P3", Share::Of(0.14)),
                ("home", Share::Rest),
            ],
        ))
}

fn run(model: &Model, scenario: Option<Scenario>) -> Results {
    let run =
        Experiment::new(model).replications(2).until(days(200.0)).stays(true).seed(7).threads(1);
    match scenario {
        None => run.run().unwrap(),
        Some(scenario) => run.scenario(scenario).run().unwrap_or_else(|error| panic!("{error}")),
    }
}

fn with(changes: impl IntoIterator<Item = Change>) -> Option<Scenario> {
    Some(changes.into_iter().fold(Scenario::new("What if"), Scenario::change))
}

/// The visits of each patient, as lines: replication, source and number, then all columns.
fn paths(results: &Results) -> BTreeMap<String, Vec<String>> {
    let table = results.stays();
    let columns: Vec<&str> = table.columns.iter().map(|column| &*column.name).collect();
    let mut paths: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for row in 0..table.rows() {
        let of = |column: &str| cell(&table, column, row);
        let who = format!("{} {} {}", of("replication"), of("source"), of("patient"));
        let line: Vec<String> = columns.iter().map(|column| of(column)).collect();
        paths.entry(who).or_default().push(line.join(" "));
    }
    paths
}

/// Where each patient goes from a node.
fn ways(results: &Results, from: &str) -> BTreeMap<String, String> {
    let table = results.stays();
    let rows = (0..table.rows()).filter(|row| cell(&table, "node", *row) == from);
    rows.map(|row| {
        let of = |column: &str| cell(&table, column, row);
        (format!("{} {} {}", of("replication"), of("source"), of("patient")), of("next"))
    })
    .collect()
}

fn tables(results: &Results) -> Vec<Table> {
    vec![results.replication_table(), results.stays(), results.flows(), results.delays()]
}

#[track_caller]
fn same_bits(a: &Results, b: &Results) {
    for (a, b) in tables(a).iter().zip(&tables(b)) {
        assert!(same(a, b), "{}", a.name);
    }
}

#[test]
fn a_scenario_equal_to_the_base_has_all_its_bits() {
    let model = pathways();
    let base = run(&model, None);
    same_bits(&base, &run(&model, with([])));
    let nothing = [
        Change::multiply("Ward.stay", 1.0),
        Change::add("Walk-in.rate", 0.0),
        Change::multiply("Ward.route.P1", 1.0),
        Change::set("GP.rate", 5.0).at("50d"),
        Change::multiply("P2.stay", 2.0).at("300d"),
        Change::multiply("GP.rate", 0.5).at("300d"),
        Change::multiply("Ward.route.P2", 0.5).at("300d").only("old"),
    ];
    same_bits(&base, &run(&model, with(nothing)));
    for seed in 0..60 {
        let model = made(seed).model;
        let one = Experiment::new(&model).replications(2).threads(1).stays(true);
        let (Ok(a), Ok(b)) = (one.clone().run(), one.scenario(Scenario::new("As it is")).run())
        else {
            continue;
        };
        same_bits(&a, &b);
    }
}

#[test]
fn who_never_needs_it_keeps_every_bit() {
    let model = pathways();
    let base = paths(&run(&model, None));
    let changed = [
        Change::multiply("P2.stay", 0.7),
        Change::multiply("P2.stay.mean", 1.3).at("60d").ramp("30d"),
    ];
    for change in changed {
        let after = paths(&run(&model, with([change])));
        assert_eq!(base.len(), after.len());
        let mut moved = 0;
        for (who, before) in &base {
            let needs = before.iter().any(|line| line.contains("P2"));
            assert!(needs || after[who] == *before, "{who}: {before:?}, {:?}", after[who]);
            moved += usize::from(after[who] != *before);
        }
        assert!(moved > 500, "{moved}");
    }
}

#[test]
fn a_route_that_gains_moves_only_those_who_give_way() {
    let model = pathways();
    let base = ways(&run(&model, None), "Ward");
    let shares = |ways: &BTreeMap<String, String>, to: &str| {
        ways.values().filter(|way| *way == to).count() as f64 / ways.len() as f64
    };
    // From home alone.
    let more = ways(&run(&model, with([Change::set("Ward.route.P1", 0.10)])), "Ward");
    let mut moved = BTreeMap::new();
    for (who, to) in &base {
        if more[who] != *to {
            *moved.entry(format!("{to} to {}", more[who])).or_insert(0) += 1;
        }
    }
    assert_eq!(moved.keys().collect::<Vec<_>>(), ["home to P1"], "{moved:?}");
    let share = moved["home to P1"] as f64 / base.len() as f64;
    assert!((share - 0.01).abs() < 0.004, "{share}");
    // By cumulative shares this would have moved 28 % of those in P2 and more in P3 (F1).
    // Of two that gain and two that lose, all shares come out right.
    let changes = [
        Change::multiply("Ward.route.P1", 2.0),
        Change::multiply("Ward.route.P3", 0.5),
        Change::add("Ward.route.P2", -0.10),
    ];
    let other = ways(&run(&model, with(changes)), "Ward");
    for (to, wanted) in [("P1", 0.18), ("P2", 0.25), ("P3", 0.07), ("home", 0.50)] {
        let sd = f64::sqrt(wanted * (1.0 - wanted) / other.len() as f64);
        assert!((shares(&other, to) - wanted).abs() < 4.0 * sd, "{to}: {}", shares(&other, to));
    }
    // Nobody leaves a destination that gains.
    for (who, to) in &base {
        assert!(!["P1", "home"].contains(&to.as_str()) || other[who] == *to);
    }
}

#[test]
fn shares_that_change_in_the_run_are_paired_as_well() {
    let model = pathways();
    let base = run(&model, None);
    let change = Change::set("Ward.route.P1", 0.5).at("100d").until("150d").only("old");
    let after = run(&model, with([change]));
    let (was, is) = (ways(&base, "Ward"), ways(&after, "Ward"));
    let moved: Vec<&String> = was.keys().filter(|who| is[*who] != was[*who]).collect();
    assert!(moved.iter().all(|who| was[*who] != "P1" && is[*who] == "P1"), "{moved:?}");
    let table = base.stays();
    let mut count = [0, 0];
    for row in (0..table.rows()).filter(|row| cell(&table, "node", *row) == "Ward") {
        let ready = number(&table, "ready", row);
        let of = |column: &str| cell(&table, column, row);
        let who = format!("{} {} {}", of("replication"), of("source"), of("patient"));
        let changed = moved.contains(&&who);
        assert!(!changed || (100.0..150.0).contains(&ready), "{ready}");
        if (100.0..150.0).contains(&ready) {
            count[usize::from(changed)] += 1;
        }
    }
    // 30 % are old, and 41 of 100 of these move to P1, if they were not there before.
    let share = f64::from(count[1]) / f64::from(count[0] + count[1]);
    assert!((share - 0.3 * 0.41).abs() < 0.03, "{share}");
}

/// When each patient of a source came in, by replication and number.
fn came(results: &Results, source: &str) -> BTreeMap<String, String> {
    let table = results.stays();
    let mut came = BTreeMap::new();
    for row in (0..table.rows()).filter(|row| cell(&table, "node", *row) == "Ward") {
        let of = |column: &str| cell(&table, column, row);
        if of("source").starts_with(source) {
            let who = format!("{} {} {}", of("replication"), of("source"), of("patient"));
            came.insert(who, format!("{} {}", of("joined"), of("started")));
        }
    }
    came
}

/// Whether all who came in one run came in the other, at the same time.
fn within(some: &BTreeMap<String, String>, all: &BTreeMap<String, String>) -> bool {
    some.iter().all(|(who, when)| all.get(who) == Some(when))
}

#[test]
fn a_lower_rate_thins_and_a_higher_one_adds() {
    let model = pathways();
    let at = |factor: f64| {
        came(&run(&model, with([Change::multiply("Walk-in.rate", factor)])), "Walk-in")
    };
    let base = came(&run(&model, None), "Walk-in");
    let runs: Vec<_> =
        [0.0, 0.4, 0.8, 1.0, 1.2, 1.9, 3.5, 20.0].map(|factor| (factor, at(factor))).into();
    for pair in runs.windows(2) {
        assert!(within(&pair[0].1, &pair[1].1), "{} and {}", pair[0].0, pair[1].0);
    }
    assert_eq!(runs[3].1, base);
    for (factor, came) in &runs {
        let expected = factor * 12.0 * 400.0;
        let z = (came.len() as f64 - expected) / expected.max(1.0).sqrt();
        assert!(z.abs() < 4.0, "{factor}: {z}");
    }
    // The others notice nothing.
    let other = run(&model, with([Change::multiply("Walk-in.rate", 3.5)]));
    assert_eq!(came(&run(&model, None), "GP"), came(&other, "GP"));
}

/// People of a source who came in each third of the run.
fn by_time(results: &Results, source: &str, bounds: &[f64]) -> Vec<usize> {
    let times = came(results, source);
    let times = times.values().map(|when| when.split(' ').next().unwrap().parse::<f64>().unwrap());
    let mut counts = vec![0; bounds.len() + 1];
    times.for_each(|time| counts[bounds.partition_point(|bound| *bound <= time)] += 1);
    counts
}

#[test]
fn rates_change_at_dates_along_ramps_and_by_the_hour() {
    let model = pathways();
    let changes = [
        Change::multiply("GP.rate", 3.0).at("50d").ramp("50d"),
        Change::add("GP.rate", -10.0).at("150d").until("175d"),
        // A rate by day where the base has none at night, and the reverse.
        Change::set("Walk-in.hourly", [vec![2.0; 6], vec![0.0; 18]].concat()),
    ];
    let after = run(&model, with(changes));
    let base = run(&model, None);
    let counts = by_time(&after, "GP", &[50.0, 100.0, 150.0, 175.0]);
    // Two replications, 5 a day: 3 times as many in the end, by 10 less for a while.
    for (count, expected) in counts.iter().zip([500.0, 1000.0, 1500.0, 250.0, 750.0]) {
        let z = (*count as f64 - expected) / f64::sqrt(expected);
        assert!(z.abs() < 4.0, "{counts:?}");
    }
    assert!(within(
        &came(&base, "GP").into_iter().filter(|(_, when)| when.as_str() < "1").collect(),
        &came(&after, "GP")
    ));
    let night = came(&after, "Walk-in");
    let hours = night.values().map(|when| when.split(' ').next().unwrap().parse::<f64>().unwrap());
    assert!(hours.clone().all(|time| time.fract() < 0.25));
    let expected = 24.0 * 0.25 * 400.0;
    assert!((night.len() as f64 - expected).abs() < 4.0 * f64::sqrt(expected), "{}", night.len());
}

#[test]
fn rates_follow_the_shape_of_their_ramp() {
    let model = Model::new("Rates")
        .arrivals(Arrivals::poisson("Walk-in", "Ward", 60.0))
        .node(Node::unlimited("Ward", Distribution::exponential("1h")));
    let base = came(&run(&model, None), "Walk-in");
    let bounds: Vec<f64> = (0..=10).map(|i| 50.0 + 10.0 * f64::from(i)).collect();
    // The share of the change, integrated from the beginning to the part x of the ramp.
    type Integral = fn(f64) -> f64;
    let shapes: [(RampShape, Integral); 3] = [
        (RampShape::Linear, |x| x * x / 2.0),
        (RampShape::SCurve, |x| x.powi(3) - x.powi(4) / 2.0),
        // Steps at 0, 1/2 and 1.
        (RampShape::Steps(3), |x| if x < 0.5 { x / 3.0 } else { 2.0 * x / 3.0 - 1.0 / 6.0 }),
    ];
    for (shape, integral) in shapes {
        for factor in [0.0, 0.25, 3.0] {
            let change =
                Change::multiply("Walk-in.rate", factor).at("50d").ramp("100d").shape(shape);
            let after = run(&model, with([change]));
            let counts = by_time(&after, "Walk-in", &bounds);
            // Two replications, 60 a day.
            for (i, count) in counts[1..=10].iter().enumerate() {
                let x = i as f64 / 10.0;
                let gone = integral(x + 0.1) - integral(x);
                let expected = 120.0 * (10.0 + 100.0 * gone * (factor - 1.0));
                let z = (*count as f64 - expected) / f64::sqrt(expected);
                assert!(z.abs() < 4.5, "{shape}, {factor}, {i}: {count} for {expected}");
            }
            let came = came(&after, "Walk-in");
            let (some, all) = if factor < 1.0 { (&came, &base) } else { (&base, &came) };
            assert!(within(some, all));
            if factor == 0.0 {
                assert_eq!(counts[11], 0, "{shape}");
            }
        }
    }
}

#[test]
fn scenarios_and_models_are_told_apart_in_words() {
    let model = pathways();
    let (one, two) = (
        with([
            Change::add("P2.stay.mean", 2.0),
            Change::multiply("GP.rate", 2.0).at("60d").ramp("30d").until("120d"),
            Change::multiply("Ward.stay", 0.5).only("old"),
            Change::multiply("Walk-in.rate", 0.5).only("old").to("P1").at("10d"),
        ])
        .unwrap(),
        Scenario::new("As it is"),
    );
    let told = |one: &Scenario, two: &Scenario| -> Vec<String> {
        one.diff(two, &model).unwrap().iter().map(ToString::to_string).collect()
    };
    assert_eq!(
        told(&two, &one),
        [
            r#"node["Ward"].stay is [{"when":"old","lognormal":{"mean":"2d","sd":"2.5d"}},{"lognormal":{"mean":"4d"… instead of {"lognormal":{"mean":"4d","sd":"5d"}}"#,
            r#"node["P2"].stay.gamma.mean is "32d" instead of "30d""#,
            r#"from 2024-01-11, arrivals["Walk-in"].rate where old is new: "× 0.5, else to P1""#,
            r#"from 2024-03-01, arrivals["GP"].rate is 10 instead of 5"#,
            r#"from 2024-04-30, arrivals["GP"].rate is 5 in both again"#,
        ]
    );
    assert!(told(&one, &one).is_empty() && told(&two, &two).is_empty());
    assert_eq!(told(&one, &two).len(), 5);
    let other = model
        .clone()
        .node(Node::unlimited("P4", Distribution::exponential("1d")))
        .route(Route::new("P1", [("P4", Share::Of(0.5)), ("home", Share::Rest)]));
    let words: Vec<String> = model.diff(&other).iter().map(ToString::to_string).collect();
    assert_eq!(
        words,
        [
            r#"node["P4"] is new: {"name":"P4","unlimited":true,"stay":{"exponential":{"mean":"1d"}}}"#,
            r#"route["P1"] is new: {"from":"P1","to":{"P4":0.5,"home":"rest"}}"#
        ]
    );
    assert_eq!(other.diff(&model)[0].after, None);
    assert!(one.diff(&Scenario::new("Wrong").change(Change::add("P9.beds", 1.0)), &model).is_err());
}

#[test]
fn a_hash_tells_what_makes_a_difference_and_nothing_else() {
    for seed in 0..40 {
        let model = made(seed).model;
        let hash = model.content_hash();
        assert_eq!(hash.len(), 64);
        let texts = [Model::from_toml(&model.to_toml()), Model::from_json(&model.to_json())];
        for read in texts.into_iter().flatten() {
            assert_eq!((read.content_hash(), read.diff(&model)), (hash.clone(), Vec::new()));
        }
        let told = model.clone().scenario(Scenario::new("What if"));
        assert_eq!(told.content_hash(), hash);
        let mut slower = model.clone();
        slower.name.push('!');
        assert_ne!(slower.content_hash(), hash);
        assert_eq!(model.diff(&slower)[0].path, "name");
    }
    // Known to the last digit: the same on every machine and in every version.
    let ward = Model::new("Ward").node(Node::beds("Ward", 22, Distribution::exponential("5d")));
    assert_eq!(
        ward.content_hash(),
        "2db18f34b4764d142ffb03eda5e0627b3c429a5e5345bedd255881dcfb8c74d8"
    );
    // Which route is first, and which destination, makes a difference.
    let to = |first: [(&str, Share); 2]| ward.clone().route(Route::new("Ward", first));
    let (a, b) = (
        to([("died", Share::Of(0.5)), ("home", Share::Rest)]),
        to([("home", Share::Rest), ("died", Share::Of(0.5))]),
    );
    assert_ne!(a.content_hash(), b.content_hash());
    assert_eq!(a.diff(&b)[0].path, r#"route["Ward"].to (order)"#);
    let scenario = |changes: &[Change]| {
        with(changes.to_vec()).map(|scenario| scenario.content_hash(&ward)).unwrap()
    };
    let (more, longer) = (Change::add("Ward.beds", 2.0), Change::multiply("Ward.stay", 2.0));
    assert_eq!(scenario(&[]), ward.content_hash());
    assert_ne!(
        scenario(&[more.clone(), longer.clone()]),
        scenario(&[longer.clone(), more.clone()])
    );
    assert_eq!(
        scenario(&[Change::set("Ward.beds", 24)]),
        scenario(&[Change::set("Ward.beds", 24.0)])
    );
}

#[test]
fn demand_of_some_is_sent_elsewhere_or_away() {
    let model = pathways().node(Node::unlimited("Frailty unit", Distribution::exponential("2d")));
    let base = run(&model, None);
    let fewer = Change::multiply("Walk-in.rate", 0.5).only("old");
    let (away, elsewhere) = (
        run(&model, with([fewer.clone()])),
        run(&model, with([fewer.clone().to("Frailty unit").at("100d")])),
    );
    let count = |results: &Results| came(results, "Walk-in").len() as f64;
    assert!(within(&came(&away, "Walk-in"), &came(&base, "Walk-in")));
    let share = count(&away) / count(&base);
    assert!((share - 0.85).abs() < 0.02, "{share}");
    // From the middle of the run on, 15 % come to the other unit instead.
    let table = elsewhere.stays();
    let there = (0..table.rows()).filter(|row| cell(&table, "node", *row) == "Frailty unit");
    let there: Vec<f64> = there.map(|row| number(&table, "joined", row)).collect();
    assert!(there.iter().all(|joined| *joined >= 100.0));
    assert_eq!(count(&elsewhere) + there.len() as f64, count(&base));
    let share = there.len() as f64 / (12.0 * 200.0);
    assert!((share - 0.15).abs() < 0.03, "{share}");
    // More of some: as many more of them, and the others as they were.
    let more = run(&model, with([Change::multiply("Walk-in.rate", 3.0).only("old")]));
    assert!(within(&came(&base, "Walk-in"), &came(&more, "Walk-in")));
    let share = count(&more) / count(&base);
    assert!((share - 1.6).abs() < 0.06, "{share}");
}

#[test]
fn stays_change_for_some_and_from_a_date() {
    let model = pathways();
    let base = paths(&run(&model, None));
    let change = Change::multiply("Ward.stay", 2.0).at("100d").only("old");
    let after = run(&model, with([change]));
    let table = after.stays();
    let before = run(&model, None).stays();
    let (mut doubled, mut kept) = (0, 0);
    let ward = |table: &Table| -> BTreeMap<String, (f64, f64)> {
        let rows = (0..table.rows()).filter(|row| cell(table, "node", *row) == "Ward");
        rows.map(|row| {
            let of = |column: &str| cell(table, column, row);
            let who = format!("{} {} {}", of("replication"), of("source"), of("patient"));
            let started = number(table, "started", row);
            (who, (started, number(table, "ready", row) - started))
        })
        .collect()
    };
    let (was, is) = (ward(&before), ward(&table));
    for (who, (started, length)) in &was {
        let now = is[who].1;
        if (now - length).abs() < 1e-9 {
            kept += 1;
        } else if now.is_finite() && length.is_finite() {
            assert!(*started >= 100.0 && (now - 2.0 * length).abs() < 1e-9, "{length} {now}");
            doubled += 1;
        }
    }
    assert!(doubled > 700 && kept > 4000, "{doubled} {kept}");
    assert!(!base.is_empty());
}

#[test]
fn another_distribution_holds_for_some_only() {
    let length = |change: Change, who: &str| {
        let ward =
            Node::beds("Ward", 9, hand::fixed(2.0)).process_delay("letter", hand::fixed(1.0));
        let model = hand::model()
            .cohort(Cohort::new("a"))
            .cohort(Cohort::new("b"))
            .arrivals(hand::arrivals("a", "Ward", &[1.0]).cohort("a"))
            .arrivals(hand::arrivals("b", "Ward", &[1.0]).cohort("b"))
            .node(ward);
        let run = Experiment::new(&model).replications(1).until(days(5.0)).stays(true);
        let table = run.scenario(Scenario::new("Some").change(change)).run().unwrap().stays();
        let row = (0..2).find(|row| cell(&table, "source", *row) == who).unwrap();
        let of = |column| number(&table, column, row);
        (of("ready") - of("started"), of("left") - of("ready"))
    };
    let fixed = || Setting::from(serde_json::json!({ "deterministic": { "value": "5h" } }));
    for stay in [|fixed| Change::set("Ward.stay", fixed), |_| Change::set("Ward.stay", "5h")] {
        assert_eq!(length(stay(fixed()).only("cohort == 'a'"), "a"), (5.0, 1.0));
        assert_eq!(length(stay(fixed()).only("cohort == 'a'"), "b"), (2.0, 1.0));
        assert_eq!(length(stay(fixed()), "b"), (5.0, 1.0));
    }
    let letter = || Change::set("Ward.process_delay.letter", fixed()).only("cohort == 'a'");
    assert_eq!((length(letter(), "a"), length(letter(), "b")), ((2.0, 5.0), (2.0, 1.0)));
}

#[test]
fn stays_from_a_date_are_foreseen_where_visits_and_minutes_are_given() {
    let told = |model: &Model, change: Option<Change>, columns: &[&str], table: &str| {
        let run = Experiment::new(model).replications(1).until(days(5.0)).stays(true);
        let results = match change {
            Some(change) => run.scenario(Scenario::new("Longer").change(change)).run(),
            None => run.run(),
        };
        let results = results.unwrap();
        let table = if table == "visits" { results.visits() } else { results.stays() };
        lines(&table, columns)
    };
    // One visit a day, two a day; one day each, from day 2 on two days: three who come on day 2 start on
    // days 2, 2 and 4.
    let care = hand::model()
        .arrivals(hand::arrivals("P", "Care", &[0.0, 48.0, 48.0, 48.0]))
        .node(Node::visits("Care", Visits::new(2, Need::constant(1.0)), hand::fixed(24.0)));
    let twice = || Some(Change::multiply("Care.stay", 2.0).at("48h"));
    assert_eq!(told(&care, None, &["visits"], "visits"), ["1", "0", "2", "1", "0"]);
    assert_eq!(told(&care, twice(), &["visits"], "visits"), ["1", "0", "2", "2", "1"]);
    let starts = |change| told(&care, change, &["started"], "stays");
    assert_eq!(starts(None), ["0", "48", "48", "72"]);
    assert_eq!(starts(twice()), ["0", "48", "48", "96"]);
    // Two hours of theatre each morning, an hour each: two a day. From day 1 on two hours: one a day.
    let theatre = hand::model()
        .arrivals(hand::arrivals("P", "T", &[0.0, 0.0, 10.0, 20.0, 25.0, 25.0]))
        .node(Node::slots(
            "T",
            Slots::new([Session::minutes(hand::clock("09:00"), 120)]),
            hand::fixed(1.0),
        ));
    let twice = || Some(Change::multiply("T.stay", 2.0).at("24h"));
    let starts = |change| told(&theatre, change, &["started"], "stays");
    assert_eq!(starts(None), ["9", "10", "33", "34", "57", "58"]);
    assert_eq!(starts(twice()), ["9", "10", "33", "57", "81", "105"]);
}

#[test]
fn places_change_for_a_while_and_are_converted() {
    let beds = |beds: Capacity| Node::beds("Ward", beds, Distribution::exponential("1d"));
    let model = Model::new("Beds")
        .arrivals(Arrivals::poisson("Walk-in", "Ward", 5.0))
        .node(beds(10.into()))
        .node(Node::beds("ICU", 3, Distribution::exponential("1d")));
    let places = |changes: Vec<Change>, node: &str| {
        run(&model, with(changes)).values("places", node).unwrap()[0]
    };
    let winter = Change::add("Ward.beds", 10.0).at("50d").until("150d");
    assert_eq!(places(vec![winter.clone()], "Ward"), 15.0);
    let ramp = Change::multiply("Ward.beds", 2.0).at("0d").ramp("100d");
    assert!((places(vec![ramp], "Ward") - 17.5).abs() < 0.01);
    let convert = || vec![Change::convert("Ward.beds", 5.0, "ICU.beds", 0.5)];
    assert_eq!((places(convert(), "Ward"), places(convert(), "ICU")), (5.0, 5.0));
    let set = Change::set("Ward.beds", 4).at("100d");
    assert_eq!(places(vec![set, Change::add("Ward.beds", 2.0)], "Ward"), 8.0);
}

/// Changes made at random of whatever a model has.
fn changes_of(model: &Model, dice: &mut Dice) -> Vec<Change> {
    let mut changes = Vec::new();
    let factor = |dice: &mut Dice| 0.25 + 2.0 * dice.between(0.0, 1.0);
    let dated = |change: Change, dice: &mut Dice| {
        if dice.between(0.0, 1.0) < 0.5 {
            return change;
        }
        let change = change.at(format!("{}h", dice.below(300)).as_str());
        match dice.below(3) {
            0 => change,
            1 => change.ramp("30h"),
            _ => change.until("400h"),
        }
    };
    for _ in 0..1 + dice.below(4) {
        let node = &model.nodes[dice.below(model.nodes.len())];
        let arrivals = &model.arrivals[dice.below(model.arrivals.len())];
        let quoted = |section: &str, name: &str, key: &str| format!("{section}[\"{name}\"].{key}");
        let routes: Vec<&str> = model
            .routes
            .iter()
            .filter(|route| route.from == node.name && route.choose.is_none())
            .flat_map(|route| route.to.names())
            .collect();
        let change = match dice.below(5) {
            0 if node.beds.is_some() => {
                Change::multiply(quoted("node", &node.name, "beds"), factor(dice))
            }
            1 => Change::multiply(quoted("node", &node.name, "stay"), factor(dice)),
            2 if arrivals.rate.is_some() => {
                Change::multiply(quoted("arrivals", &arrivals.name, "rate"), factor(dice))
            }
            3 if !routes.is_empty() => {
                let to = routes[dice.below(routes.len())];
                let path = format!("route.{to}");
                Change::multiply(quoted("node", &node.name, &path), dice.between(0.0, 1.0))
            }
            _ if arrivals.rate.is_some() && arrivals.batch.is_none() => {
                Change::multiply(quoted("arrivals", &arrivals.name, "rate"), factor(dice))
                    .only("cohort == \"nobody\" or true")
            }
            _ => continue,
        };
        changes.push(dated(change, dice));
    }
    changes
}

#[test]
fn whatever_changes_nobody_is_lost_and_threads_do_not_matter() {
    let (mut ran, mut refused) = (0, 0);
    for seed in 0..150 {
        let model = made(seed).model;
        let mut dice = Dice(seed + 9_000_000);
        let mut scenario = Scenario::new("What if");
        scenario.changes = changes_of(&model, &mut dice);
        // What a share of the rest cannot be multiplied by, or a listed stay, is refused in words.
        // Where visits are not followed, simple nodes have rules of their own.
        let run = Experiment::new(&model).replications(3).stays(seed % 2 == 0).scenario(scenario);
        match (run.clone().threads(1).run(), run.oracle().threads(2).run()) {
            (Ok(one), Ok(two)) => {
                same_bits(&one, &two);
                let audit = one.audit();
                for row in 0..audit.rows() {
                    assert_eq!(cell(&audit, "holds", row), "yes", "model {seed}\n{audit}");
                }
                ran += 1;
            }
            (Err(_), Err(_)) => refused += 1,
            (one, two) => panic!("model {seed}: {one:?} {two:?}"),
        }
    }
    assert!(ran > 75, "{ran} ran, {refused} were refused");
}
