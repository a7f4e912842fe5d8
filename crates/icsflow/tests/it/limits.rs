//! Numbers beyond what anybody means: they are refused in words, or do what they say, and never wrap, panic or go
//! on for ever.

use icsflow::model::distribution::Meaning;
use icsflow::network::sampler::Sampler;
use icsflow::time::{days, hours};
use icsflow::{
    Arrivals, Booking, Census, Change, Choose, Cohort, Curve, CurvePoint, CurveShape, Distribution,
    Error, Event, Experiment, Faults, Model, Need, Node, Plan, Route, Scenario, Session, Slots,
    TimeUnit, Timetable, Visits,
};
use serde_json::json;

use crate::hand::{arrivals, clock, fixed, is, model};

fn ward(rate: f64) -> Model {
    Model::new("Ward").arrivals(Arrivals::poisson("Patients", "Ward", rate)).node(Node::beds(
        "Ward",
        10,
        Distribution::exponential("3d"),
    ))
}

#[track_caller]
fn refused(result: Result<impl Sized, impl Into<Error>>, path: &str, part: &str) {
    let Err(error) = result else { panic!("nothing is said of {path}") };
    let Error::Faults(Faults(faults)) = error.into() else { panic!("no faults") };
    let said = faults.iter().any(|f| f.path == path && format!("{f}").contains(part));
    assert!(said, "{faults:?}");
}

#[test]
fn a_closed_node_is_never_the_least_loaded() {
    // One place of ten is taken at Open when the second comes; Closed has none at all, and nobody in it.
    let of = |ways: [&str; 2]| {
        model()
            .arrivals(arrivals("P", "Desk", &[1.0, 2.0]))
            .node(Node::unlimited("Desk", fixed(0.0)))
            .node(Node::beds("Open", 10, fixed(5.0)))
            .node(Node::beds("Closed", 0, fixed(5.0)))
            .route(Route::choose("Desk", Choose::LeastLoad, ways))
    };
    for ways in [["Open", "Closed"], ["Closed", "Open"]] {
        is(
            &of(ways),
            24.0,
            "P 0 Desk 1 1 1 1 1 1 1 Open left
             P 0 Open 1 1 1 6 6 6 6 home left
             P 1 Desk 2 2 2 2 2 2 2 Open left
             P 1 Open 2 2 2 7 7 7 7 home left",
        );
    }
}

#[test]
fn a_stay_beyond_all_time_goes_on_at_visits_as_well() {
    let of = |stay: &str| {
        Model::new("Home")
            .arrivals(Arrivals::timetable(
                "P",
                "Home",
                Timetable { times: vec!["1h".into()], weekly: vec![] },
            ))
            .node(Node::visits("Home", Visits::new(3, Need::constant(1.0)), stay))
    };
    for (stay, there) in [("2d", 0.0), ("290000y", 1.0), ("300000y", 1.0)] {
        let model = of(stay);
        let results = Experiment::new(&model).replications(1).until(days(20.0)).run().unwrap();
        let left = results.values("departures", "Home").unwrap()[0] * 20.0;
        assert_eq!(1.0 - left.round(), there, "{stay}");
    }
}

#[test]
fn instants_are_weighed_in_the_unit_of_the_model() {
    // A week after the start in seconds, and a year in minutes.
    for (unit, at, far) in [
        (TimeUnit::Seconds, 604_800.0, 4e11),
        (TimeUnit::Minutes, 525_600.0, 6e9),
        (TimeUnit::Weeks, 52.0, 6e5),
    ] {
        let of = |at: f64| {
            let event = Event::at("Closes", at, ["Ward"]).close("1d");
            Model { time_unit: unit, ..ward(1.0) }.event(event)
        };
        assert_eq!(of(at).check(), Ok(()), "{unit:?}");
        refused(of(far).check(), "event[\"Closes\"].at", "within 10,000 years");
    }
}

#[test]
fn what_is_said_without_a_value_is_not_said() {
    let change = Change::set("Ward.queue", json!({ "limit": null, "discipline": "last come" }));
    let model = ward(1.0).scenario(Scenario::new("Last come").change(change));
    let text = model.to_toml();
    assert!(text.contains("last come") && !text.contains("limit"), "{text}");
    assert_eq!(Model::from_toml(&text), Ok(model));
}

#[test]
fn a_setting_that_is_none_makes_a_fault_of_the_change_behind_it() {
    let with = |path: &str, first: serde_json::Value| {
        let scenario =
            Scenario::new("S").change(Change::set(path, first)).change(Change::multiply(path, 2.0));
        let model = ward(1.0);
        let run = Experiment::new(&model).until(days(5.0)).scenario(scenario).run();
        assert!(matches!(run, Err(Error::Faults(_))), "{run:?}");
    };
    with("Ward.stay", json!({ "lognormal": { "quantiles": [[0.5]] } }));
    with("Ward.stay", json!({ "lognormal": { "quantiles": "none" } }));
    with("Ward.beds", json!({ "places": 3, "cycle": 5 }));
    with("Ward.beds", json!({ "places": 3, "weekly": 5 }));
}

#[test]
fn too_many_are_refused() {
    let census = |people: u32| ward(1.0).census(Census::new("Ward").people(people));
    refused(census(4_000_000_000).check(), "census[0].people", "at most 100000000 people");
    let more = Change::multiply("Patients.rate", 1e5).only("cohort == 'old'");
    let model = ward(1.0).cohort(Cohort::new("old"));
    let run = Experiment::new(&model).until(days(5.0)).scenario(Scenario::new("S").change(more));
    refused(run.run(), "scenario[\"S\"].change[0].multiply", "a factor up to 100");
    // Ten times as many comparisons with each list that stands in another.
    let list = "[1, 2, 3, 4, 5, 6, 7, 8, 9, 10]";
    let nested = (0..8).fold("1".to_owned(), |x, _| format!("if({x} in {list}, 1, 0)"));
    let model = ward(1.0).route(Route::new("Ward", [("home", 1.0)]).when(format!("{nested} == 1")));
    refused(model.check(), "route[0].when", "more than 10000 steps");
    // More at once than there can be.
    let model = Model::new("Crowd")
        .arrivals(Arrivals::poisson("Patients", "Ward", 1.0).batch(Distribution::from(1e12)))
        .node(Node::unlimited("Ward", 1.0));
    let run = Experiment::new(&model).until(days(30.0)).run();
    assert!(matches!(run, Err(Error::Run { .. })), "{run:?}");
}

#[test]
fn numbers_that_are_none_are_refused() {
    let none = f64::NAN;
    refused(ward(none).check(), "arrivals[\"Patients\"].rate", "a rate of 0 or more");
    let of = |arrivals: Arrivals| {
        Model::new("Ward").arrivals(arrivals).node(Node::unlimited("Ward", 1.0)).check()
    };
    let poisson = || Arrivals::poisson("P", "Ward", 1.0);
    refused(of(poisson().weekly([none; 7])), "arrivals[\"P\"].weekly[0]", "a factor of 0 or more");
    refused(of(poisson().hourly([none; 24])), "arrivals[\"P\"].hourly[0]", "a factor of 0 or more");
    let point = CurvePoint { date: "2026-01-05".parse().unwrap(), factor: none };
    let curve = Curve { shape: CurveShape::Step, points: vec![point] };
    refused(
        of(Arrivals { curve: Some(curve), ..poisson() }),
        "arrivals[\"P\"].curve.points[0].factor",
        "0 or more",
    );
    let times = Timetable { times: vec!["soon".into()], weekly: vec![] };
    let timetable = Arrivals::timetable("P", "Ward", times);
    refused(of(timetable), "arrivals[\"P\"].timetable.times[0]", "a time of 0 or more");
    let plan = Plan { confidence: none, ..Plan::default() };
    let model = Model { run: Some(plan), ..ward(1.0) };
    refused(model.check(), "run.confidence", "a level between 0 and 1");
}

#[test]
fn nobody_waits_for_ever_for_what_hardly_ever_comes() {
    // Follow-ups in ten thousand years: the sessions until then need not be written.
    let booking = Booking::new().follow_up(1.0, "10000y");
    let slots = Slots::new([Session::at_clock(clock("09:00"), 2)]).booking(booking);
    let model = model().arrivals(arrivals("P", "C", &[1.0, 2.0])).node(Node::slots(
        "C",
        slots,
        fixed(0.25),
    ));
    let run = Experiment::new(&model).replications(1).until(hours(500.0)).run().unwrap();
    assert_eq!(run.values("departures", "C").unwrap()[0] * 500.0, 2.0);
}

#[test]
fn a_phase_that_hardly_ever_ends_is_drawn_at_once() {
    // Three in ten have or go on to a phase without an end that any clock could show.
    for stay in [
        json!({ "coxian": { "rates": [0.5, 1e-300], "continue_probs": [0.3] } }),
        json!({ "coxian": { "rates": [1e300, 1e-300], "continue_probs": [0.3] } }),
        json!({ "hyperexponential": { "probs": [0.7, 0.3], "rates": [0.5, 1e-300] } }),
    ] {
        let model = Model::from_json(
            &json!({
                "name": "Ward",
                "arrivals": [{ "name": "P", "to": "Ward", "rate": 10 }],
                "node": [{ "name": "Ward", "unlimited": true, "stay": stay }],
            })
            .to_string(),
        );
        let model = model.unwrap();
        let run = Experiment::new(&model).replications(10).until(days(300.0)).run().unwrap();
        let left = run.values("departures", "Ward").unwrap().iter().sum::<f64>() / 10.0;
        assert!((left - 7.0).abs() < 0.2, "{stay}: {left}");
    }
    let phases = Sampler::new(&Distribution::coxian([0.5, 1.0], [0.3]), Meaning::Number);
    assert_eq!((phases.cdf(f64::INFINITY), phases.survival(f64::INFINITY)), (1.0, 0.0));
}
