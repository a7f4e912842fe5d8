//! Runs that begin from a census, worked out on paper. [`hand`](crate::hand) tells how to read them.

use icsflow::time::hours;
use icsflow::{
    Attribute, Case, Cases, Census, Cohort, Distribution, Error, Experiment, Mode, Model, Need,
    Node, Queue, Remaining, Route, Share, Visits,
};

use crate::hand::{arrivals, differs, everyone_to, fixed, is, model, run, when};
use crate::tables::{cell, lines, number};

#[test]
fn a_census_goes_on_where_it_was_found() {
    // Stays last 10. Of the two in places, found after 9 and 4, one leaves at 1 and one at 6. Those who
    // wait stand by the time they have waited, whatever the order of the entries: the second of the
    // queue, who has waited 3, starts at 1 and leaves at 11; the first, who has waited 2, at 6.
    let of = |second: f64| {
        model()
            .node(Node::beds("Ward", 2, fixed(10.0)))
            .census(Census::new("Ward").spent([9.0, 4.0]).waited([2.0, second]))
    };
    let model = of(3.0);
    is(
        &model,
        24.0,
        "census of Ward 0 Ward -9 -9 -9 1  1  1  1  home left
         census of Ward 1 Ward -4 -4 -4 6  6  6  6  home left
         census of Ward 2 Ward -2 -2 6  16 16 16 16 home left
         census of Ward 3 Ward -3 -3 1  11 11 11 11 home left",
    );
    differs(&of(1.0), &model, 24.0, &["census of Ward 2", "census of Ward 3"]);
    let results = run(&model, 24.0);
    // Waits count from their joining, before the start too: 3 + 1 and 2 + 6.
    assert_eq!(results.values("mean_wait", "Ward").unwrap(), [6.0]);
    assert_eq!(results.values("mean_length_of_stay", "Ward").unwrap(), [10.0]);
    assert!(lines(&results.audit(), &["holds"]).iter().all(|holds| holds == "yes"));
}

#[test]
fn free_places_are_filled_at_the_start_and_too_many_people_drain_first() {
    // One place free at the start: whoever waits takes it at 0, after a wait that began before, and
    // counts as a start of the run. Of two places three are taken: nobody starts until two have left.
    let of = |people: [f64; 3]| {
        model()
            .node(Node::beds("Free", 2, fixed(10.0)))
            .node(Node::beds("Full", 2, fixed(10.0)))
            .census(Census::new("Free").spent([8.0]).waited([5.0]))
            .census(Census::new("Full").spent(people).waited([1.0]))
    };
    let model = of([9.0, 8.0, 7.0]);
    is(
        &model,
        24.0,
        "census of Free 0 Free -8 -8 -8 2  2  2  2  home left
         census of Free 1 Free -5 -5 0  10 10 10 10 home left
         census of Full 0 Full -9 -9 -9 1  1  1  1  home left
         census of Full 1 Full -8 -8 -8 2  2  2  2  home left
         census of Full 2 Full -7 -7 -7 3  3  3  3  home left
         census of Full 3 Full -1 -1 2  12 12 12 12 home left",
    );
    differs(&of([9.0, 5.0, 7.0]), &model, 24.0, &["census of Full 1", "census of Full 3"]);
    let results = run(&model, 24.0);
    assert_eq!(results.values("mean_wait", "Free").unwrap(), [5.0]);
    let warnings = results.warnings();
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    assert!(warnings[0].starts_with("3 people are in the 2 places of \"Full\""), "{warnings:?}");
}

#[test]
fn those_whose_stay_is_over_hold_their_place() {
    // Two in the ward have waited 30 and 5 for the one place of the home, where somebody has stayed 6 of
    // 8; a third waits there in person since 10. First come: 30, then 10, then 5.
    let of = |in_person: f64| {
        model()
            .node(Node::beds("Ward", 2, fixed(24.0)))
            .node(Node::beds("Home", 1, fixed(8.0)))
            .route(Route::new("Ward", everyone_to("Home")))
            .census(Census::new("Ward").spent([50.0, 40.0]).awaiting("Home").waited([30.0, 5.0]))
            .census(Census::new("Home").spent([6.0]).waited([in_person]))
    };
    let model = of(10.0);
    is(
        &model,
        24.0,
        "census of Home 0 Home -6  -6  -6  2   2   2  2  home left
         census of Home 1 Home -10 -10 10  18  18  18 18 home left
         census of Ward 0 Ward -50 -50 -50 -30 -30 2  2  Home left
         census of Ward 0 Home -30 2   2   10  10  10 10 home left
         census of Ward 1 Ward -40 -40 -40 -5  -5  18 18 Home left
         census of Ward 1 Home -5  18  18  - - - - - in stay",
    );
    differs(&of(3.0), &model, 24.0, &["census of Home 1", "census of Ward 1"]);
    // Blocked bed-time counts within the run: 2 hours and 18 hours.
    let blocked = run(&model, 24.0).values("blocked", "Ward").unwrap();
    assert_eq!(blocked, [20.0 / 24.0]);
}

#[test]
fn those_in_process_are_delayed_by_what_is_left_of_it() {
    // Papers take 6, transport 1. Two in the ward have waited 4 and 1 for their papers: the first has them
    // at 2 and goes to the one place of the home at 3, the second seeks it at 6 and has it at 11. Who waits
    // for the ward comes in at 3, is ready at 8, and seeks the home at 15.
    let of = |waited: f64| {
        model()
            .arrivals(arrivals("P", "Ward", &[0.0]))
            .node(
                Node::beds("Ward", 2, fixed(5.0))
                    .process_delay("papers", fixed(6.0))
                    .process_delay("transport", fixed(1.0)),
            )
            .node(Node::beds("Home", 1, fixed(8.0)))
            .route(Route::new("Ward", everyone_to("Home")))
            .census(
                Census::new("Ward").spent([20.0, 30.0]).in_process("papers").waited([4.0, waited]),
            )
    };
    let model = of(1.0);
    is(
        &model,
        24.0,
        "P 0 Ward 0 0 3 8 15 19 19 Home left
         P 0 Home 15 19 19 - - - - - in stay
         census of Ward 0 Ward -20 -20 -20 -4 3 3 3 Home left
         census of Ward 0 Home 3 3 3 11 11 11 11 home left
         census of Ward 1 Ward -30 -30 -30 -1 6 11 11 Home left
         census of Ward 1 Home 6 11 11 19 19 19 19 home left",
    );
    differs(&of(2.0), &model, 24.0, &["census of Ward 1"]);
    // Within the run: 3, 6 and 7 hours.
    assert_eq!(run(&model, 24.0).values("in_process", "Ward").unwrap(), [16.0 / 24.0]);
}

#[test]
fn patience_and_classes_count_from_before_the_start() {
    // Patience lasts 6: who has waited 4 gives up at 2, who has waited 7 at once, at the start. Under
    // rules beyond the plain ones, a better class goes first, then who has waited longest.
    let of = |limit: f64| {
        model()
            .cohort(Cohort::new("p").attribute("urgent", Attribute::Flag(0.0)))
            .node(
                Node::beds("Ward", 1, fixed(10.0))
                    .queue(Queue::by_class(["urgent"]).patience(fixed(limit))),
            )
            .census(Census::new("Ward").spent([9.0]))
            .census(Census::new("Ward").waited([4.0, 7.0]))
            .census(Census::new("Ward").waited([1.0]).attribute("urgent", true))
    };
    let model = of(6.0);
    is(
        &model,
        24.0,
        "census of Ward 0 Ward -9 -9 -9 1  1  1  1 home    left
         census of Ward 1 Ward -4 -4 -  -  -  -  2 reneged reneged
         census of Ward 2 Ward -7 -7 -  -  -  -  0 reneged reneged
         census of Ward 3 Ward -1 -1 1  11 11 11 11 home left",
    );
    let later = of(6.5);
    differs(&later, &model, 24.0, &["census of Ward 1"]);
}

#[test]
fn the_stay_so_far_decides_what_may_be_left() {
    // Of stays of 2, 6 or 20, whoever has been there 5 stays 6 or 20; 7: 20; 21: longer than any, so
    // that the stay ends at the start, and the results say so.
    let stay = || Distribution::empirical([2.0, 6.0, 20.0]);
    let of = |rule| {
        let census = Census::new("Ward").spent([5.0, 7.0, 21.0]).remaining(rule);
        model().node(Node::beds("Ward", 9, stay())).census(census)
    };
    for seed in 0..40 {
        let results = |rule| {
            let model = of(rule);
            let run = Experiment::new(&model).replications(1).until(hours(48.0)).seed(seed);
            run.stays(true).run().unwrap()
        };
        let ready = |rule, patient: usize| number(&results(rule).stays(), "ready", patient);
        // Rows stand in the order of leaving; the one of 21 has left at once.
        let table = results(Remaining::Conditional).stays();
        let mut left: Vec<f64> = (0..3).map(|row| number(&table, "left", row)).collect();
        left.sort_by(f64::total_cmp);
        assert!(left == [0.0, 1.0, 13.0] || left == [0.0, 13.0, 15.0], "{left:?}");
        assert_eq!(results(Remaining::Conditional).warnings().len(), 1);
        assert!(results(Remaining::Fresh).warnings().is_empty());
        assert!([2.0, 6.0, 20.0].contains(&ready(Remaining::Fresh, 0)));
    }
}

#[test]
fn attributes_are_known_or_drawn_to_fit() {
    // `weak` depends on `age`, which is given for each.
    let weak = Cases(vec![
        when("age >= 80", Attribute::Flag(1.0)),
        Case { when: None, then: Attribute::Flag(0.0) },
    ]);
    let cohort = Cohort::new("p")
        .attribute("weak", weak)
        .attribute("age", Attribute::Number(Distribution::uniform(0.0, 100.0)));
    let text = r#"
        name = "Ward"
        time_unit = "hours"
        [[cohort]]
        name = "p"
        attributes.weak = [{ when = "age >= 80", flag = 1 }, { flag = 0 }]
        attributes.age = { number = { uniform = { low = 0, high = 100 } } }
        [[census]]
        node = "Ward"
        queue = 2
        attributes.age = [85, 20]
        [[node]]
        name = "Ward"
        beds = 2
        stay = [{ when = "weak", deterministic = { value = 9 } }, { deterministic = { value = 1 } }]
    "#;
    let read = Model::from_toml(text).unwrap_or_else(|faults| panic!("{faults}"));
    assert_eq!(read.cohorts, [cohort]);
    assert_eq!(Model::from_toml(&read.to_toml()).as_ref(), Ok(&read));
    is(
        &read,
        24.0,
        "census of Ward 0 Ward 0 0 0 9 9 9 9 home left
         census of Ward 1 Ward 0 0 0 1 1 1 1 home left",
    );
}

#[test]
fn a_warm_up_before_a_census_is_a_fault() {
    let model =
        model().node(Node::beds("Ward", 1, fixed(1.0))).census(Census::new("Ward").people(1));
    let Err(Error::Faults(faults)) = Experiment::new(&model).warm_up(hours(1.0)).run() else {
        panic!("a warm-up was run")
    };
    assert_eq!(faults.0[0].path, "run.warm_up");
}

/// Mean and standard error of a metric over the replications.
fn estimate(model: &Model, until: f64, metric: &str, scope: &str) -> (f64, f64) {
    let results = Experiment::new(model).replications(4000).until(hours(until)).run().unwrap();
    let values = results.values(metric, scope).unwrap();
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let variance = values.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / (n - 1.0);
    (mean, (variance / n).sqrt())
}

#[track_caller]
fn close((found, error): (f64, f64), exact: f64) {
    assert!((found - exact).abs() < 4.0 * error.max(1e-12), "{found} ± {error}, not {exact}");
}

#[test]
fn the_rules_for_what_is_left_keep_to_theory() {
    // Mean number in places over [0, 1] of one person is the integral of P(left > t): exact by hand.
    let of = |stay: Distribution, census: Census| {
        model().node(Node::unlimited("Ward", stay)).census(census)
    };
    let mean = |model: &Model| estimate(model, 1.0, "occupied", "Ward");
    let one = || Census::new("Ward").people(1);
    // Uniform on (0, 2), of which 1 has passed: evenly over (0, 1) is left.
    let uniform = || Distribution::uniform(0.0, 2.0);
    close(mean(&of(uniform(), one().spent([1.0]))), 0.5);
    // Stationary: S(x) = 1 - x/2, mean 1: P(left > t) = (1 - t/2)², of which the integral is 7/12.
    close(mean(&of(uniform(), one())), 7.0 / 12.0);
    // The same of a delay by process that goes on, and of one that has lasted 1.
    let of_delay = |census: Census| {
        let ward = Node::beds("Ward", 1, fixed(1.0)).process_delay("papers", uniform());
        estimate(&model().node(ward).census(census.in_process("papers")), 1.0, "in_process", "Ward")
    };
    close(of_delay(one()), 7.0 / 12.0);
    close(of_delay(one().waited([1.0])), 0.5);
    // Fresh: the integral of 1 - t/2.
    close(mean(&of(uniform(), one().spent([1.0]).remaining(Remaining::Fresh))), 0.75);
    // Two phases of rate 2 in a row: after 1, the chance of the first phase is 1/(1 + 2), so that
    // P(left > t) = e^(-2t) (1 + 2t/3).
    let erlang = Distribution::coxian([2.0, 2.0], [1.0]);
    let e = (-2.0f64).exp();
    let exact = (1.0 - e) / 2.0 + (1.0 - 3.0 * e) / 6.0;
    close(mean(&of(erlang, one().spent([1.0]))), exact);
    // Half last 1 and half are exponential with mean 2: after 0.5 the fixed half weighs 1 against
    // e^(-1/4), and lasts 0.5 more.
    let mixture = Distribution::mixture([(1.0, fixed(1.0)), (1.0, Distribution::exponential(2.0))]);
    let weight = (-0.25f64).exp();
    let exact = (0.5 + weight * 2.0 * (1.0 - (-0.5f64).exp())) / (1.0 + weight);
    close(mean(&of(mixture, one().spent([0.5]))), exact);
    // Uniform between 1 day and a fresh stay of 3 days: evenly over 24 to 72 hours.
    let even = one().remaining(Remaining::Uniform);
    let found = estimate(&of(fixed(72.0), even), 72.0, "mean_length_of_stay", "Ward");
    close(found, 48.0);
}

/// People at the nodes of a model, replication by replication, at a time.
fn present(model: &Model, warm_up: f64, until: f64, nodes: &[&str], seed: u64) -> Vec<Vec<f64>> {
    let run = Experiment::new(model).replications(3000).seed(seed);
    let results = run.warm_up(hours(warm_up)).until(hours(until)).run().unwrap();
    let of = |metric: &str, node: &str| results.values(metric, node).unwrap();
    nodes
        .iter()
        .flat_map(|node| [of("occupied", node), of("waiting", node), of("blocked", node)])
        .collect()
}

#[test]
fn a_run_from_a_census_goes_on_like_a_longer_run() {
    // Four models. Each is run to hour 40 once (the one with visits to a midnight), with its rows; whoever is inside then is the census of
    // a second model, which is run for 30 hours; the same 30 hours are what the first run would have
    // given on average over all states at hour 40. So the two agree in mean and spread if the census
    // of many first runs is taken: here 60 of them, 50 replications each.
    let ward = || {
        model().arrivals(icsflow::Arrivals::poisson("In", "Ward", 0.9)).node(Node::beds(
            "Ward",
            6,
            Distribution::lognormal_mean_sd(6.0, 5.0),
        ))
    };
    let step_down = || {
        ward()
            .node(Node::beds("Home", 3, Distribution::gamma_mean_sd(8.0, 3.0)))
            .route(Route::new("Ward", [("Home", Share::Of(0.5)), ("home", Share::Rest)]))
    };
    let empirical = || {
        model().arrivals(icsflow::Arrivals::poisson("In", "Ward", 0.5)).node(Node::beds(
            "Ward",
            4,
            Distribution::empirical([1.0, 3.0, 5.0, 22.0]),
        ))
    };
    // One visit a day each: who waits, waits for somebody's stay to end, whatever the own stay will be.
    let visits = || {
        model().arrivals(icsflow::Arrivals::poisson("In", "Ward", 0.1)).node(Node::visits(
            "Ward",
            Visits::new(5, Need::constant(1.0)).mode(Mode::Line),
            Distribution::gamma_mean_sd(40.0, 30.0),
        ))
    };
    for (model, nodes, at) in [
        (ward(), &["Ward"][..], 40.0),
        (step_down(), &["Ward", "Home"], 40.0),
        (empirical(), &["Ward"], 40.0),
        (visits(), &["Ward"], 48.0),
    ] {
        let longer = present(&model, at, 30.0, nodes, 7);
        let mut from_census: Vec<Vec<f64>> = vec![Vec::new(); longer.len()];
        let first = Experiment::new(&model).replications(400).until(hours(at)).seed(5).stays(true);
        let table = first.run().unwrap().stays();
        let censuses = censuses_at(&table, at);
        for (i, census) in censuses.into_iter().enumerate() {
            let mut begun = model.clone();
            begun.census = census;
            let run = Experiment::new(&begun).replications(5).seed(1000 + i as u64);
            let results = run.until(hours(30.0)).run().unwrap();
            let mut column = from_census.iter_mut();
            for node in nodes {
                for metric in ["occupied", "waiting", "blocked"] {
                    let values = results.values(metric, node).unwrap();
                    // The five are of one census, and so not independent: their mean counts once.
                    column.next().unwrap().push(values.iter().sum::<f64>() / 5.0);
                }
            }
        }
        for (a, b) in longer.iter().zip(&from_census) {
            let moments = |x: &[f64]| {
                let n = x.len() as f64;
                let mean = x.iter().sum::<f64>() / n;
                let variance = x.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / (n - 1.0);
                (mean, variance / n)
            };
            let ((a, u), (b, v)) = (moments(a), moments(b));
            assert!((a - b).abs() <= 4.0 * (u + v).sqrt(), "{a} against {b} of {nodes:?}");
        }
    }
}

/// Who was where at the end of each replication, as the census of another run.
fn censuses_at(table: &icsflow::Table, now: f64) -> Vec<Vec<Census>> {
    let mut all: Vec<Vec<Census>> = vec![Vec::new(); 400];
    let rows = table.rows();
    for row in 0..rows {
        let outcome = cell(table, "outcome", row);
        if outcome == "left" {
            continue;
        }
        let at: usize = cell(table, "replication", row).parse().unwrap();
        let node = cell(table, "node", row);
        let since = |column: &str| now - number(table, column, row);
        let census = Census::new(node);
        all[at].push(match outcome.as_str() {
            "waiting" => census.waited([since("joined")]),
            "in stay" => census.spent([since("started")]),
            "blocked" => {
                census.spent([since("started")]).awaiting("Home").waited([since("sought")])
            }
            other => panic!("{other}"),
        });
    }
    all
}

#[test]
fn the_census_is_the_same_whatever_else_is_there() {
    // Another node with a census of its own moves no draw of this one.
    let of = |more: bool| {
        let model = model()
            .node(Node::beds("Ward", 5, Distribution::lognormal_mean_sd(6.0, 5.0)))
            .census(Census::new("Ward").people(4).queue(2));
        if !more {
            return model;
        }
        let other = Census::new("Other").spent(Distribution::exponential(3.0)).people(3);
        let mut model = model.node(Node::beds("Other", 5, fixed(9.0))).census(other);
        model.census.reverse();
        model
    };
    differs(&of(true), &of(false), 24.0, &["census of Other"]);
}

/// Visits made on the first days of a run.
fn made(model: &Model, days: usize) -> Vec<String> {
    lines(&run(model, 24.0 * days as f64).visits(), &["visits", "budget", "overrun"])
}

#[test]
fn people_found_on_visits_go_on_with_the_rest_of_their_profile() {
    // Stays of 4 days that need 4, 3, 2, 1 of 6 visits. The first started at noon of day -3: today is
    // the last day. The second started on day -1: today needs 3, then 2, 1. So 2, 4, 5 and 6 are left on
    // the days from 0 on. Who waits is booked for day 1. Who comes at 06:00 of day 0 needs 4 3 2 1 and
    // finds 0, 2, 4, 5, 6 left from day 1 on: day 3.
    let of = |first: f64| {
        model()
            .arrivals(crate::hand::arrivals("In", "Care", &[6.0]))
            .node(Node::visits("Care", Visits::new(6, Need::taper(4.0, 1.0)), fixed(96.0)))
            .census(Census::new("Care").spent([first, 24.0]).waited([5.0]))
    };
    let model = of(60.0);
    is(
        &model,
        192.0,
        "In 0 Care 6 6 72 168 168 168 168 home left
         census of Care 0 Care -60 -60 -60 24  24  24  24  home left
         census of Care 1 Care -24 -24 -24 72  72  72  72  home left
         census of Care 2 Care -5  -5  24  120 120 120 120 home left",
    );
    let days = ["4 6 0", "6 6 0", "4 6 0", "6 6 0", "4 6 0", "2 6 0", "1 6 0", "0 6 0"];
    assert_eq!(made(&model, 8), days);
    // Started a day later, the first needs 2 today and 1 tomorrow, when 3 are left: not enough for 4.
    differs(&of(36.0), &model, 192.0, &["census of Care 0", "census of Care 2", "In 0"]);
    // Whoever left has had 10 visits, those before the run among them.
    assert_eq!(run(&model, 192.0).values("visits_per_person", "Care").unwrap(), [10.0]);
    // In line the same day is found: on day 1 at midnight.
    let mut line = model.clone();
    line.nodes[0].visits.as_mut().unwrap().mode = Some(Mode::Line);
    assert_eq!(made(&line, 8), days);
}

#[test]
fn more_people_than_visits_are_overrun_until_enough_have_left() {
    // Three people of the same profile on their second day, with 3 visits each of 5 a day: 9, 6, 3. Who
    // waits needs 4: day 3.
    let of = |per_day: u32| {
        model()
            .node(Node::visits("Care", Visits::new(per_day, Need::taper(4.0, 1.0)), fixed(96.0)))
            .census(Census::new("Care").spent([24.0; 3]).queue(1))
    };
    let model = of(5);
    assert_eq!(made(&model, 6), ["9 5 4", "6 5 1", "3 5 0", "4 5 0", "3 5 0", "2 5 0"]);
    is(
        &model,
        96.0,
        "census of Care 0 Care -24 -24 -24 72 72 72 72 home left
         census of Care 1 Care -24 -24 -24 72 72 72 72 home left
         census of Care 2 Care -24 -24 -24 72 72 72 72 home left
         census of Care 3 Care 0   0   72  - - - - - in stay",
    );
    differs(&of(10), &model, 96.0, &["census of Care 3"]);
}

#[test]
fn people_found_with_their_visits_over_go_on_using_them() {
    // The stay of both began on day -4 and was over at the midnight that began day -1: its third day
    // needed 2 (of 4, 3, 2 …), and so does every day until they can go on. One bed at home is free at
    // once, the other at noon of day 1. Of 4 visits a day the second has 2 on day 0: who waits and needs
    // 3 is booked for day 1, of which nobody knows then that the second will have 2 of it as well.
    let of = |until: f64| {
        model()
            .node(Node::visits(
                "Care",
                Visits::new(
                    4,
                    Cases(vec![
                        when("cohort == 'new'", Need::constant(3.0)),
                        Case { when: None, then: Need::days([4.0, 3.0, 2.0, 1.0]) },
                    ]),
                ),
                fixed(24.0),
            ))
            .node(Node::beds("Home", 2, fixed(48.0)))
            .cohort(Cohort::new("old"))
            .cohort(Cohort::new("new"))
            .route(Route::new("Care", everyone_to("Home")).cohort("old"))
            .census(
                Census::new("Care")
                    .spent([96.0; 2])
                    .awaiting("Home")
                    .waited([24.0; 2])
                    .cohort("old"),
            )
            .census(Census::new("Home").spent([48.0 - until]).cohort("new"))
            .census(Census::new("Care").queue(1).cohort("new"))
    };
    let model = of(36.0);
    is(
        &model,
        120.0,
        "census of Care 0 Care -96 -96 -96 -24 -24 0  0  Home left
         census of Care 0 Home -24 0   0   48  48  48 48 home left
         census of Care 1 Care -96 -96 -96 -24 -24 36 36 Home left
         census of Care 1 Home -24 36  36  84  84  84 84 home left
         census of Care 2 Care 0   0   24  48  48  48 48 home left
         census of Home 0 Home -12 -12 -12 36  36  36 36 home left",
    );
    assert_eq!(made(&model, 4), ["2 4 0", "5 4 1", "0 4 0", "0 4 0"]);
    differs(&of(12.0), &model, 120.0, &["census of Care 1", "census of Home 0"]);
    // 4 + 3 + 2 and a day at 2; the same and three days; 3.
    let each = run(&model, 120.0).values("visits_per_person", "Care").unwrap();
    assert_eq!(each, [(11.0 + 15.0 + 3.0) / 3.0]);
}

#[test]
fn whole_days_of_a_stay_are_drawn_given_those_before() {
    // Stays of 1, 2 or 6 days. Of four people, started today, yesterday, two days ago and nine days ago,
    // the third has 4 days left, the last no more than today, which the results say.
    let stay = || Distribution::empirical([24.0, 48.0, 144.0]);
    let mut left = [[0u32; 7]; 2];
    for seed in 0..400 {
        let model = model()
            .node(Node::visits("Care", Visits::new(99, Need::constant(1.0)), stay()))
            .census(Census::new("Care").spent([0.0, 24.0, 48.0, 216.0]));
        let run = Experiment::new(&model).replications(1).until(hours(168.0)).seed(seed);
        let results = run.stays(true).run().unwrap();
        let table = results.stays();
        for row in 0..table.rows() {
            let days = (number(&table, "left", row) / 24.0) as usize;
            match cell(&table, "patient", row).as_str() {
                "0" => left[0][days] += 1,
                "1" => left[1][days] += 1,
                "2" => assert_eq!(days, 4),
                _ => assert_eq!(days, 1),
            }
        }
        assert!(results.warnings()[0].starts_with("1 people of the census"));
    }
    let alike = |counts: [u32; 7], days: &[usize]| {
        let expected = 400.0 / days.len() as f64;
        assert_eq!(days.iter().map(|day| counts[*day]).sum::<u32>(), 400);
        days.iter().all(|day| (f64::from(counts[*day]) - expected).abs() < 50.0)
    };
    assert!(alike(left[0], &[1, 2, 6]), "{left:?}");
    assert!(alike(left[1], &[1, 5]), "{left:?}");
}

#[test]
fn people_met_at_any_midnight_are_spread_over_all_days_of_long_stays() {
    // Stays of 1, 2 or 6 days, visits in a line from 4 to 1. Met at a midnight, a stay of n days is on
    // one of its days 2 to n: 1 day of the stay of 2 and 5 of that of 6, all alike. Today they need 1;
    // 3.4, 2.8, 2.2, 1.6, 1; tomorrow 0; 2.8, 2.2, 1.6, 1, 0.
    let stay = Distribution::empirical([24.0, 48.0, 144.0]);
    let of = |census: Census| {
        let visits = Visits::new(99_999, Need::taper(4.0, 1.0));
        let model = model().node(Node::visits("Care", visits, stay.clone())).census(census);
        let results = run(&model, 48.0);
        let made = results.visits().numbers("visits").unwrap().to_vec();
        [made[0] / 60_000.0, made[1] / 60_000.0]
    };
    let everyone = || Census::new("Care").people(60_000);
    let close = |found: [f64; 2], exact: [f64; 2]| {
        let near = found.iter().zip(exact).all(|(found, exact)| (found - exact).abs() < 0.02);
        assert!(near, "{found:?} is not {exact:?}");
    };
    close(of(everyone()), [12.0 / 6.0, 7.6 / 6.0]);
    // Fresh: all at the beginning; 1, 2 or 6 days.
    let fresh = everyone().remaining(Remaining::Fresh);
    close(of(fresh), [4.0, (0.0 + 1.0 + 3.4) / 3.0]);
    // Evenly between 1 day and the whole: of 6, 1 to 6 days, the first and the last half as often. The
    // stays of n days begin with 4, and tomorrow they need 4 - 3/(n - 1).
    let even = everyone().remaining(Remaining::Uniform);
    let six = 0.2 * (1.0 + 2.5 + 3.0 + 3.25) + 0.1 * 3.4;
    close(of(even), [4.0, (0.0 + 0.5 * 1.0 + six) / 3.0]);
}
