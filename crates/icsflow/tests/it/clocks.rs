//! Clocks worked out on paper: when they start, pause and stop, what is within the target, what runs at
//! the census. Time is in hours from Monday 00:00; the tools are those of [`hand`](crate::hand).

use icsflow::{
    Arrivals, Attends, Census, Change, Clock, Cohort, Distribution, Experiment, Hold, Join, Legs,
    Mark, Model, Node, Others, Population, Queue, Readmission, Replay, Results, Route, Scenario,
    Share, Stage, StayEnd, Transfer,
};

use crate::hand::{arrivals, at_most, everyone_to, fixed, instant, listed, model};
use crate::tables::{cell, number};

fn run(model: &Model, until: f64) -> Results {
    let experiment =
        Experiment::new(model).replications(1).until(icsflow::time::hours(until)).by_cohort(true);
    let results = experiment.run().unwrap();
    let oracle = experiment.clone().oracle().run().unwrap();
    assert_eq!(results.clocks().to_string(), oracle.clocks().to_string());
    let audit = results.audit();
    assert!((0..audit.rows()).all(|row| cell(&audit, "holds", row) == "yes"), "{audit}");
    results
}

/// Started, stopped, dropped, mean length, share within, running at the censuses, of a scope.
#[track_caller]
fn tells(results: &Results, scope: &str, expected: [f64; 6]) {
    let names = [
        "clock_started",
        "clock_stopped",
        "clock_dropped",
        "clock_mean",
        "clock_within",
        "clock_running",
    ];
    let hours = results.until() as f64 / icsflow::time::HOUR as f64;
    let found = names.map(|metric| results.values(metric, scope).map_or(f64::NAN, |v| v[0]));
    for (i, name) in names.into_iter().enumerate() {
        let expected = if i < 3 { expected[i] / hours } else { expected[i] };
        let same = (found[i] - expected).abs() < 1e-9 || (found[i].is_nan() && expected.is_nan());
        assert!(same, "{name} of {scope}: {} and not {expected}", found[i]);
    }
}

fn four_hours() -> Clock {
    Clock::new("4-hour", Mark::at("A&E", Stage::Arrive), Mark::at("A&E", Stage::Leave)).target("4h")
}

/// One place, care of 2, 3, 1.5 and 6 hours; people come at 0, 1, 2 and 20.
fn a_and_e(clock: Clock) -> Model {
    model()
        .arrivals(arrivals("P", "A&E", &[0.0, 1.0, 2.0, 20.0]))
        .node(Node::beds("A&E", 1, listed(&[2.0, 3.0, 1.5, 6.0])))
        .clock(clock)
}

#[test]
fn four_hours_from_coming_to_leaving() {
    // P0 0-2: 2 h. P1 1, starts 2, leaves 5: 4 h, which is within. P2 2, starts 5, leaves 6.5: 4.5 h.
    // P3 20-26. The census at 24:00 (the second; that of 0:00 comes after the arrival of P0) sees P3.
    let results = run(&a_and_e(four_hours()), 48.0);
    tells(&results, "4-hour", [4.0, 4.0, 0.0, 16.5 / 4.0, 0.5, 1.0]);
    // The same, told at the node where it starts.
    tells(&results, "4-hour / A&E", [4.0, 4.0, 0.0, 16.5 / 4.0, 0.5, 1.0]);
    // One microsecond less, and P1 is late.
    let late = Clock { target: None, ..four_hours() }.target("3.9999h");
    tells(&run(&a_and_e(late), 48.0), "4-hour", [4.0, 4.0, 0.0, 16.5 / 4.0, 0.25, 1.0]);
    // Ended at 25:00, P3 has started and not stopped.
    let results = run(&a_and_e(four_hours()), 25.0);
    tells(&results, "4-hour", [4.0, 3.0, 0.0, 10.5 / 3.0, 2.0 / 3.0, 1.0]);
}

#[test]
fn the_moments_of_a_visit_are_told_apart() {
    let of = |from, to| {
        let clock = Clock::new("c", Mark::at("A&E", from), Mark::at("A&E", to)).target("1h");
        let results = run(&a_and_e(clock), 48.0);
        results.values("clock_mean", "c").unwrap()[0]
    };
    // Waits of 0, 1, 3 and 0 hours; stays of 2, 3, 1.5 and 6.
    assert_eq!(of(Stage::Join, Stage::Start), 1.0);
    assert_eq!(of(Stage::Arrive, Stage::Start), 1.0);
    assert_eq!(of(Stage::Start, Stage::Ready), 12.5 / 4.0);
    assert_eq!(of(Stage::Ready, Stage::Leave), 0.0);
}

/// A&E holds the patient until the ward has a bed: decision to admit at *ready*, twelve hours from there.
#[test]
fn twelve_hours_from_the_decision_and_from_arrival() {
    // P0: A&E 0-2, ward 2-22. P1: A&E 1-3, ready at 3, leaves at 22: 19 h. P2: A&E 4-6, ready 6; the
    // ward takes P2 at 42 (P1 stays 20): 36 h.
    let of = |beds| {
        model()
            .arrivals(arrivals("P", "A&E", &[0.0, 1.0, 4.0]))
            .node(Node::beds("A&E", 9, listed(&[2.0, 2.0, 2.0])))
            .node(Node::beds("Ward", beds, listed(&[20.0, 20.0, 20.0])))
            .route(Route::new("A&E", everyone_to("Ward")))
            .clock(
                Clock::new(
                    "from decision",
                    Mark::at("A&E", Stage::Ready),
                    Mark::at("A&E", Stage::Leave),
                )
                .target("12h"),
            )
            .clock(
                Clock::new("from arrival", Mark::Arrival, Mark::at("Ward", Stage::Start))
                    .target("12h")
                    .target("24h"),
            )
            .clock(Clock::new(
                "in line",
                Mark::at("Ward", Stage::Join),
                Mark::at("Ward", Stage::Arrive),
            ))
    };
    let results = run(&of(1), 72.0);
    tells(&results, "from decision", [3.0, 3.0, 0.0, 55.0 / 3.0, 1.0 / 3.0, 1.0 / 3.0]);
    tells(&results, "from arrival", [3.0, 3.0, 0.0, 61.0 / 3.0, 1.0 / 3.0, 2.0 / 3.0]);
    let table = results.clocks();
    let row = (0..table.rows())
        .find(|row| {
            cell(&table, "clock", *row) == "from arrival" && number(&table, "target", *row) == 24.0
        })
        .unwrap();
    assert_eq!(number(&table, "within", row), 2.0 / 3.0);
    assert_eq!(number(&table, "breaches", row), 1.0);
    // A clock without target: no share.
    assert_eq!(results.values("clock_mean", "in line").unwrap(), [55.0 / 3.0]);
    assert_eq!(results.values("clock_within", "in line"), None);
    // Two beds, and nobody waits as long.
    assert_eq!(run(&of(2), 72.0).values("clock_mean", "from decision").unwrap(), [16.0 / 3.0]);
}

/// Referral to treatment with a pause for a test at the patient's wish, and a cancellation that keeps it.
fn pathway(paused: bool) -> Model {
    let mut clock =
        Clock::new("RTT", Mark::at("Clinic", Stage::Join), Mark::at("Theatre", Stage::Start))
            .target("24h");
    if paused {
        clock = clock.pause(Mark::at("Home", Stage::Start), Mark::at("Home", Stage::Ready));
    }
    model()
        .arrivals(arrivals("P", "Clinic", &[0.0, 2.0]))
        .node(Node::beds("Clinic", 1, listed(&[4.0, 4.0])))
        .node(Node::unlimited("Home", listed(&[10.0, 30.0])))
        .node(Node::beds("Theatre", 1, listed(&[3.0, 3.0])).leave(instant("18:00")))
        .route(Route::new("Clinic", everyone_to("Home")))
        .route(Route::new("Home", everyone_to("Theatre")))
        .clock(clock)
}

#[test]
fn a_pause_does_not_count() {
    // P0: clinic 0-4, home 4-14, theatre at 14: 14 h of which 10 paused. P1: joins 2, clinic 4-8, home
    // 8-38, theatre at 38 (P0 has left it at 18): 36 h of which 30 paused.
    tells(&run(&pathway(true), 72.0), "RTT", [2.0, 2.0, 0.0, 5.0, 1.0, 2.0 / 3.0]);
    tells(&run(&pathway(false), 72.0), "RTT", [2.0, 2.0, 0.0, 25.0, 0.5, 2.0 / 3.0]);
    // Within the pause the run ends: P1 has 6 hours on the clock, and they stand still.
    let results = run(&pathway(true), 25.0);
    tells(&results, "RTT", [2.0, 1.0, 0.0, 4.0, 1.0, 1.0]);
    let running = results.replications()[0].clocks.iter();
    let longest = running.map(|clock| clock.running.quantile(1.0) / 3.6e9);
    // The census of 0:00 sees P0 at 0 h; that of 24:00 sees P1 at 6 h.
    let longest = longest.fold(0.0, f64::max);
    assert!((longest - 6.0).abs() < 0.03, "{longest}");
}

#[test]
fn a_clock_runs_on_through_a_return_and_goes_out_with_the_patient() {
    // A queue of at most one: who finds it full goes round by `Home` and comes back; the clock has run
    // since the first time.
    let of = |clock: Clock| {
        model()
            .arrivals(arrivals("P", "Ward", &[0.0, 1.0, 2.0]))
            .node(
                Node::beds("Ward", 1, listed(&[8.0, 8.0, 8.0]))
                    .queue(Queue { if_full: Some("Home".into()), ..at_most(1) }),
            )
            .node(Node::unlimited("Home", listed(&[7.0])))
            .route(Route::new("Home", everyone_to("Ward")))
            .clock(clock)
    };
    // P2 is sent home at 2, is back at 9 (P1 started at 8), starts at 16: 14 h. P1 waits 7, P0 none.
    let wait = Clock::new("wait", Mark::at("Ward", Stage::Join), Mark::at("Ward", Stage::Start));
    tells(&run(&of(wait.clone().target("7h")), 48.0), "wait", [3.0, 3.0, 0.0, 7.0, 2.0 / 3.0, 0.0]);
    // A clock that never stops goes out with its patient; one that stops at the exit does not.
    let never = Clock::new("never", Mark::Arrival, Mark::at("Home", Stage::Ready)).target("9h");
    tells(&run(&of(never), 48.0), "never", [3.0, 1.0, 2.0, 7.0, 1.0, 0.5]);
    let whole = Clock::new("whole", Mark::Arrival, Mark::Exit).target("8h");
    tells(
        &run(&of(whole), 48.0),
        "whole",
        [3.0, 3.0, 0.0, (8.0 + 15.0 + 22.0) / 3.0, 1.0 / 3.0, 0.5],
    );
}

#[test]
fn a_clock_for_some_and_by_cohort() {
    let of = |when: &str| {
        model()
            .cohort(Cohort::new("red"))
            .cohort(Cohort::new("green"))
            .arrivals(arrivals("R", "A&E", &[1.0, 2.0]).cohort("red"))
            .arrivals(arrivals("G", "A&E", &[3.0]).cohort("green"))
            .node(Node::beds("A&E", 9, listed(&[2.0, 5.0, 1.0])))
            .clock(four_hours().when(when))
    };
    let results = run(&of("cohort == 'red'"), 24.0);
    tells(&results, "4-hour", [2.0, 2.0, 0.0, 3.5, 0.5, 0.0]);
    let table = results.clocks();
    let mut found: Vec<_> = (0..table.rows())
        .filter(|row| cell(&table, "scope", *row) == "all")
        .map(|row| (cell(&table, "cohort", row), number(&table, "stopped", row)))
        .collect();
    found.sort_by(|a, b| a.0.cmp(&b.0));
    assert_eq!(found, [("all".into(), 2.0), ("green".into(), 0.0), ("red".into(), 2.0)]);
    tells(&run(&of("cohort == 'green'"), 24.0), "4-hour", [1.0, 1.0, 0.0, 1.0, 1.0, 0.0]);
}

#[test]
fn a_clock_moves_no_draw() {
    let of = || {
        model()
            .arrivals(icsflow::Arrivals::poisson("P", "A&E", 1.0))
            .node(Node::beds("A&E", 2, icsflow::Distribution::exponential(1.9)))
            .node(Node::beds("Ward", 2, icsflow::Distribution::exponential(4.0)))
            .route(Route::new("A&E", [("Ward", Share::Of(0.3)), ("home", Share::Rest)]))
    };
    let stays = |model: &Model| {
        let run = Experiment::new(model).replications(2).until(icsflow::time::days(20.0));
        run.stays(true).run().unwrap().stays().to_string()
    };
    assert_eq!(stays(&of()), stays(&of().clock(four_hours())));
}

fn whole() -> Clock {
    Clock::new("whole", Mark::Arrival, Mark::Exit).target("10h")
}

#[test]
fn who_is_found_by_the_census_has_been_there_before() {
    // Stays of 8. One in the bed since -3 leaves at 5; one in the queue since -2 starts at 5 and leaves at
    // 13. The census of 0:00 sees both, that of 24:00 nobody.
    let of = |waited: f64| {
        let found = Census::new("Ward").spent([3.0]).waited([waited]);
        let wait =
            Clock::new("wait", Mark::at("Ward", Stage::Join), Mark::at("Ward", Stage::Start));
        model()
            .node(Node::beds("Ward", 1, fixed(8.0)))
            .census(found)
            .clock(whole())
            .clock(wait.target("8h"))
    };
    let results = run(&of(2.0), 48.0);
    tells(&results, "whole", [0.0, 2.0, 0.0, 11.5, 0.5, 1.0]);
    tells(&results, "wait", [0.0, 1.0, 0.0, 7.0, 1.0, 0.5]);
    // In the queue for two hours more.
    tells(&run(&of(4.0), 48.0), "wait", [0.0, 1.0, 0.0, 9.0, 0.0, 0.5]);
}

#[test]
fn who_is_on_the_way_out_is_still_in() {
    // Stays of 4 from 1 on, then 3 on the way home, with or without the bed.
    let of = |hold: Hold| {
        let gone = Clock::new("gone", Mark::Arrival, Mark::at("Ward", Stage::Leave)).target("10h");
        model()
            .arrivals(arrivals("P", "Ward", &[1.0]))
            .node(Node::beds("Ward", 1, fixed(4.0)))
            .route(Route::new("Ward", everyone_to("home")))
            .transfer(Transfer::new("Ward", "home", fixed(3.0)).hold_origin(hold))
            .clock(whole())
            .clock(gone)
    };
    let results = run(&of(Hold::No), 24.0);
    tells(&results, "whole", [1.0, 1.0, 0.0, 7.0, 1.0, 0.0]);
    tells(&results, "gone", [1.0, 1.0, 0.0, 4.0, 1.0, 0.0]);
    let results = run(&of(Hold::UntilArrival), 24.0);
    tells(&results, "whole", [1.0, 1.0, 0.0, 7.0, 1.0, 0.0]);
    tells(&results, "gone", [1.0, 1.0, 0.0, 7.0, 1.0, 0.0]);
}

#[test]
fn who_comes_again_has_a_clock_each_time() {
    // Stays of 3, then 10 outside: the first time within the first 10, eight or nine times in all.
    let people = Population::new("People", 1).attends(Attends::every("Ward", fixed(10.0)));
    let ward = Node::beds("Ward", 1, fixed(3.0));
    let results = run(&model().population(people).node(ward).clock(whole()), 110.0);
    let told = |metric: &str, scope: &str| results.values(metric, scope).unwrap()[0];
    assert_eq!(told("clock_mean", "whole"), 3.0);
    assert!(told("entered", "Trace") * 110.0 >= 8.0);
    assert_eq!(told("clock_started", "whole"), told("entered", "Trace"));
}

#[test]
fn a_stay_that_another_clock_ends_is_ready_then() {
    let of = |after: f64| {
        let stay =
            Clock::new("stay", Mark::at("Ward", Stage::Start), Mark::at("Ward", Stage::Ready));
        let ward = Node::beds("Ward", 1, fixed(9.0));
        model()
            .arrivals(arrivals("P", "Ward", &[1.0]))
            .node(ward.ends("worse", StayEnd::new(fixed(after)).to("home")))
            .clock(stay.target("5h"))
    };
    tells(&run(&of(4.0), 24.0), "stay", [1.0, 1.0, 0.0, 4.0, 1.0, 0.0]);
    tells(&run(&of(10.0), 24.0), "stay", [1.0, 1.0, 0.0, 9.0, 0.0, 0.0]);
}

#[test]
fn who_is_readmitted_has_a_clock_each_time() {
    let of = |share: f64| {
        let again = Readmission::new(share, fixed(5.0), "B");
        model()
            .arrivals(arrivals("P", "A", &[1.0]))
            .node(Node::beds("A", 1, fixed(2.0)).readmission(again))
            .node(Node::beds("B", 1, fixed(4.0)))
            .clock(whole())
    };
    // In A from 1 to 3, in B from 8 to 12.
    let results = run(&of(1.0), 24.0);
    tells(&results, "whole / A", [1.0, 1.0, 0.0, 2.0, 1.0, 0.0]);
    tells(&results, "whole / B", [1.0, 1.0, 0.0, 4.0, 1.0, 0.0]);
    tells(&run(&of(0.0), 24.0), "whole", [1.0, 1.0, 0.0, 2.0, 1.0, 0.0]);
}

#[test]
fn what_happens_on_a_leg_happens_to_the_patient() {
    let of = |join: Join| {
        let legs = Legs::new(["Scan", "Bloods"]).join(join).others(Others::GoOn);
        model()
            .arrivals(arrivals("P", "Work-up", &[1.0, 2.0]))
            .node(Node::beds("Work-up", 2, fixed(0.0)).legs(legs))
            .node(Node::beds("Scan", 1, fixed(3.0)))
            .node(Node::beds("Bloods", 1, fixed(1.0)))
            .node(Node::beds("Ward", 2, fixed(6.0)))
            .route(Route::new("Work-up", everyone_to("Ward")))
            .clock(
                Clock::new("scan", Mark::at("Scan", Stage::Start), Mark::at("Scan", Stage::Leave))
                    .target("1h"),
            )
            .clock(whole())
    };
    // Scanned from 1 to 4 and from 4 to 7, and out six hours later. A leg that goes out stops nothing.
    let all = run(&of(Join::All), 24.0);
    tells(&all, "scan", [2.0, 2.0, 0.0, 3.0, 0.0, 0.0]);
    tells(&all, "whole", [2.0, 2.0, 0.0, 10.0, 0.5, 0.0]);
    // Blood is enough, at 2 and 3: nobody waits for the scan of P0 when it ends, nor for that of P1 when
    // it starts. P0 is out at 8 with a clock that runs.
    let any = run(&of(Join::Of(1)), 24.0);
    tells(&any, "scan", [1.0, 0.0, 1.0, f64::NAN, f64::NAN, 0.0]);
    tells(&any, "whole", [2.0, 2.0, 0.0, 7.0, 1.0, 0.0]);
}

#[test]
fn a_clock_starts_on_arrival_by_whatever_way_people_come() {
    let arrivals = || Arrivals::poisson("Walk-in", "Ward", 5.0);
    let log = Replay { times: vec!["10h".into(), "11h".into(), "20h".into()], ..Replay::default() };
    let ways = [
        (arrivals(), None),
        (arrivals().batch(Distribution::deterministic(2.0)), None),
        (arrivals().accept("0.5", "home"), None),
        (Arrivals::replay("Walk-in", "Ward", log), None),
        (arrivals(), Some(Change::multiply("Walk-in.rate", 0.5))),
        (arrivals(), Some(Change::multiply("Walk-in.rate", 1.5).at("2d"))),
    ];
    for (way, (arrivals, change)) in ways.into_iter().enumerate() {
        let model = Model::new("Ways in")
            .arrivals(arrivals)
            .node(Node::unlimited("Ward", Distribution::exponential("5h")))
            .clock(Clock::new("whole", Mark::Arrival, Mark::Exit));
        let run = Experiment::new(&model).replications(2).until(icsflow::time::days(20.0));
        let scenario = change.into_iter().fold(Scenario::new("What if"), Scenario::change);
        let told = run.scenario(scenario).run().unwrap();
        let came = told.values("joined", "Ward").unwrap();
        assert!(came[0] > 0.0);
        assert_eq!(told.values("clock_started", "whole"), Some(came), "way {way}");
    }
}
