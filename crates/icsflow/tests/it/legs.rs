//! Legs: several services of one patient at once, or one after the other, and their join (R19).

use icsflow::time::days;
use icsflow::{
    Act, Arrivals, Attribute, Cohort, Death, Distribution, Event, Experiment, Failed, Join, Leg,
    LegOrder, Legs, Model, Node, On, Others, Queue, Readmission, Results, Route, SetAttribute,
    Share,
};

use crate::hand::{arrivals, differs, everyone_to, fixed, listed, model, run, trace};
use crate::tables::lines;

/// The trace, whatever the order of visits that are beside each other.
#[track_caller]
fn is(model: &Model, until: f64, expected: &str) {
    let squeezed = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut expected: Vec<String> = expected.lines().map(squeezed).collect();
    let mut told = trace(model, until);
    expected.sort();
    told.sort();
    assert_eq!(told, expected);
}

/// A work-up with places, and three services of one place each.
fn work_up(beds: u32, legs: Legs) -> Model {
    model()
        .arrivals(arrivals("P", "Work-up", &[0.0, 1.0]))
        .node(Node::beds("Work-up", beds, fixed(0.0)).legs(legs))
        .node(Node::beds("Scan", 1, listed(&[3.0, 3.0])))
        .node(Node::beds("Bloods", 1, listed(&[1.0, 1.0])))
        .node(Node::beds("Ward", 1, fixed(10.0)))
        .route(Route::new("Work-up", everyone_to("Ward")))
}

fn both() -> Legs {
    Legs::new(["Scan", "Bloods"])
}

#[test]
fn who_has_legs_goes_on_when_all_are_over() {
    // P0 is scanned 0-3 and gives blood 0-1: joined at 3. P1 waits for the scan until 3, and for the ward
    // from 6 to 13, in the place at the work-up.
    is(
        &work_up(2, both()),
        24.0,
        "P 0 Work-up 0 0 0 3 3 3 3 Ward left
         P 0 Scan 0 0 0 3 3 3 3 joined left
         P 0 Bloods 0 0 0 1 1 1 1 joined left
         P 0 Ward 3 3 3 13 13 13 13 home left
         P 1 Work-up 1 1 1 6 6 13 13 Ward left
         P 1 Scan 1 1 3 6 6 6 6 joined left
         P 1 Bloods 1 1 1 2 2 2 2 joined left
         P 1 Ward 6 13 13 23 23 23 23 home left",
    );
    // With one place P1 comes to the work-up, and to the legs, when P0 leaves it at 3.
    differs(&work_up(1, both()), &work_up(2, both()), 24.0, &["P 1"]);
    // The patient's own part lasts four hours beside them.
    let mut own = work_up(2, both());
    own.nodes[0].stay = fixed(4.0).into();
    assert!(trace(&own, 24.0).contains(&"P 0 Work-up 0 0 0 4 4 4 4 Ward left".to_owned()));
}

#[test]
fn any_of_the_legs_ends_it_and_the_others_stop_or_go_on() {
    let any = |others| work_up(2, both().join(Join::Of(1)).others(others));
    // Blood is enough: at 1 P0 goes to the ward, and the scan stops. P1 begins to be scanned at 1.
    is(
        &any(Others::Stop),
        12.0,
        "P 0 Work-up 0 0 0 1 1 1 1 Ward left
         P 0 Scan 0 0 0 1 1 1 1 joined left
         P 0 Bloods 0 0 0 1 1 1 1 joined left
         P 0 Ward 1 1 1 11 11 11 11 home left
         P 1 Work-up 1 1 1 2 2 11 11 Ward left
         P 1 Scan 1 1 1 2 2 2 2 joined left
         P 1 Bloods 1 1 1 2 2 2 2 joined left
         P 1 Ward 2 11 11 - - - - - in stay",
    );
    // If the others go on, the scan of P0 lasts until 3, and P1 waits for it; at 2 nobody waits for it.
    is(
        &any(Others::GoOn),
        12.0,
        "P 0 Work-up 0 0 0 1 1 1 1 Ward left
         P 0 Scan 0 0 0 3 3 3 3 joined left
         P 0 Bloods 0 0 0 1 1 1 1 joined left
         P 0 Ward 1 1 1 11 11 11 11 home left
         P 1 Work-up 1 1 1 2 2 11 11 Ward left
         P 1 Scan 1 1 3 6 6 6 6 joined left
         P 1 Bloods 1 1 1 2 2 2 2 joined left
         P 1 Ward 2 11 11 - - - - - in stay",
    );
    differs(&any(Others::GoOn), &any(Others::Stop), 12.0, &["P 0 Scan", "P 1 Scan"]);
}

#[test]
fn legs_one_after_the_other_as_listed_or_where_fewest_wait() {
    let model = |order| {
        let mut model = work_up(2, both().order(order));
        // Q is before P1 in the line of the scan.
        model.arrivals.push(arrivals("Q", "Scan", &[0.5]));
        model.nodes[1].stay = listed(&[3.0, 3.0, 3.0]).into();
        model.arrivals[0] = arrivals("P", "Work-up", &[1.0]);
        model
    };
    is(
        &model(LegOrder::AsListed),
        24.0,
        "P 0 Work-up 1 1 1 7.5 7.5 7.5 7.5 Ward left
         P 0 Scan 1 1 3.5 6.5 6.5 6.5 6.5 joined left
         P 0 Bloods 6.5 6.5 6.5 7.5 7.5 7.5 7.5 joined left
         P 0 Ward 7.5 7.5 7.5 17.5 17.5 17.5 17.5 home left
         Q 0 Scan 0.5 0.5 0.5 3.5 3.5 3.5 3.5 home left",
    );
    // Nobody waits for either at 1: the first listed. With somebody in the line of the scan, bloods.
    assert_eq!(
        trace(&model(LegOrder::ShortestQueue), 24.0),
        trace(&model(LegOrder::AsListed), 24.0)
    );
    let mut crowded = model(LegOrder::ShortestQueue);
    crowded.arrivals[1] = arrivals("Q", "Scan", &[0.5, 0.75]);
    is(
        &crowded,
        24.0,
        "P 0 Work-up 1 1 1 9.5 9.5 9.5 9.5 Ward left
         P 0 Bloods 1 1 1 2 2 2 2 joined left
         P 0 Scan 2 2 6.5 9.5 9.5 9.5 9.5 joined left
         P 0 Ward 9.5 9.5 9.5 19.5 19.5 19.5 19.5 home left
         Q 0 Scan 0.5 0.5 0.5 3.5 3.5 3.5 3.5 home left
         Q 1 Scan 0.75 0.75 3.5 6.5 6.5 6.5 6.5 home left",
    );
}

#[test]
fn a_leg_that_fails_is_not_counted_or_ends_the_join() {
    let impatient = |failed| {
        let mut model = work_up(2, both().failed(failed));
        model.nodes[1].queue = Some(Queue::new().patience(fixed(0.25)).into());
        model
    };
    // P1 gives up the scan at 1.25, and goes on when the blood is done: to the ward before P0.
    is(
        &impatient(Failed::NotCounted),
        12.0,
        "P 0 Work-up 0 0 0 3 3 12 12 Ward left
         P 0 Scan 0 0 0 3 3 3 3 joined left
         P 0 Bloods 0 0 0 1 1 1 1 joined left
         P 0 Ward 3 12 12 - - - - - in stay
         P 1 Work-up 1 1 1 2 2 2 2 Ward left
         P 1 Scan 1 1 - - - - 1.25 joined reneged
         P 1 Bloods 1 1 1 2 2 2 2 joined left
         P 1 Ward 2 2 2 12 12 12 12 home left",
    );
    // Or goes on at once.
    let at_once = trace(&impatient(Failed::Ends), 12.0);
    assert!(at_once.contains(&"P 1 Work-up 1 1 1 1.25 1.25 1.25 1.25 Ward left".to_owned()));
    assert!(at_once.contains(&"P 1 Bloods 1 1 1 1.25 1.25 1.25 1.25 joined left".to_owned()));
}

#[test]
fn who_dies_on_a_leg_is_dead_and_a_changed_attribute_is_the_patients() {
    let mut dies =
        work_up(2, both()).cohort(Cohort::new("all").attribute("ill", Attribute::Flag(0.0)));
    dies.nodes[1] = dies.nodes[1].clone().death(Death::new(On::Start, listed(&[2.0, 50.0])));
    is(
        &dies,
        24.0,
        "P 0 Work-up 0 0 0 2 2 2 2 died left
         P 0 Scan 0 0 0 2 2 2 2 joined left
         P 0 Bloods 0 0 0 1 1 1 1 joined left
         P 1 Work-up 1 1 1 5 5 5 5 Ward left
         P 1 Scan 1 1 2 5 5 5 5 joined left
         P 1 Bloods 1 1 1 2 2 2 2 joined left
         P 1 Ward 5 5 5 15 15 15 15 home left",
    );
    // What the blood tells decides where the patient goes.
    let mut ill =
        work_up(2, both()).cohort(Cohort::new("all").attribute("ill", Attribute::Flag(0.0)));
    ill.nodes[2] = ill.nodes[2].clone().set(SetAttribute::new(On::Ready, "ill", "true"));
    ill.routes = vec![Route::new("Work-up", everyone_to("Ward")).when("not ill")];
    assert_eq!(run(&ill, 24.0).values("joined", "Ward"), Some(vec![0.0]));
}

#[test]
fn whoever_is_sent_on_takes_the_legs_along() {
    let sent = work_up(2, both()).event(Event::at("Home", "2h", ["Work-up"]).to("home"));
    is(
        &sent,
        24.0,
        "P 0 Work-up 0 0 0 2 2 2 2 home left
         P 0 Scan 0 0 0 2 2 2 2 joined left
         P 0 Bloods 0 0 0 1 1 1 1 joined left
         P 1 Work-up 1 1 1 2 2 2 2 home left
         P 1 Scan 1 1 - - - - 2 joined removed
         P 1 Bloods 1 1 1 2 2 2 2 joined left",
    );
    // Their stay is over instead: they go on to the ward.
    let ended = work_up(2, both()).event(Event::at("Over", "2h", ["Work-up"]).act(Act::End));
    differs(&ended, &sent, 24.0, &["P 0", "P 1"]);
}

/// Mean and standard error of a metric over replications.
fn mean(results: &Results, metric: &str, scope: &str) -> (f64, f64) {
    let values = results.values(metric, scope).unwrap();
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let square = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>();
    (mean, (square / (n - 1.0) / n).sqrt())
}

#[test]
fn the_time_to_join_is_an_order_statistic() {
    // Four exponential legs of mean 1 without queueing: the k-th smallest has mean 1/4 + … + 1/(4-k+1).
    let legs = ["A", "B", "C", "D"];
    for k in 1..=4u32 {
        let unlimited = |name: &&str| Node::unlimited(*name, Distribution::exponential("1d"));
        let mut model = Model::new("Order")
            .arrivals(Arrivals::poisson("P", "W", 20.0))
            .node(Node::unlimited("W", fixed(0.0)).legs(Legs::new(legs).join(Join::Of(k))));
        for node in legs.iter().map(unlimited) {
            model = model.node(node);
        }
        let run = Experiment::new(&model).replications(20).warm_up(days(20.0)).until(days(100.0));
        let results = run.seed(7).run().unwrap();
        let expected: f64 = (0..k).map(|i| 1.0 / f64::from(4 - i)).sum();
        for metric in ["mean_time_to_join", "mean_length_of_stay"] {
            let (mean, error) = mean(&results, metric, "W");
            assert!((mean - expected).abs() < 4.0 * error, "{k}: {mean} for {expected} ± {error}");
        }
        assert_eq!(results.values("failed_legs", "W").unwrap(), vec![0.0; 20]);
    }
}

#[test]
fn a_leg_for_some_is_drawn_by_itself_and_moves_no_other() {
    let with = |share: f64| {
        let legs = Legs::new([Leg::from("Scan"), Leg::from("Bloods").share(share)]);
        Model::new("Some")
            .arrivals(Arrivals::poisson("P", "W", 20.0))
            .node(Node::unlimited("W", fixed(0.0)).legs(legs))
            .node(Node::unlimited("Scan", Distribution::exponential("1d")))
            .node(Node::unlimited("Bloods", Distribution::exponential("2h")))
            .route(Route::new("W", [("Ward", Share::Of(0.5)), ("home", Share::Rest)]))
            .node(Node::unlimited("Ward", Distribution::exponential("5d")))
    };
    let run = |share| {
        let model = with(share);
        Experiment::new(&model).replications(4).until(days(50.0)).seed(3).run().unwrap()
    };
    let (half, none) = (run(0.5), run(0.0));
    assert_eq!(half.values("joined", "Scan"), none.values("joined", "Scan"));
    assert_eq!(
        half.values("mean_length_of_stay", "Scan"),
        none.values("mean_length_of_stay", "Scan")
    );
    assert_eq!(none.values("joined", "Bloods"), Some(vec![0.0; 4]));
    let (share, error) = mean(&half, "joined", "Bloods");
    assert!((share - 10.0).abs() < 4.0 * error.max(0.1), "{share} ± {error}");
    // Nobody comes in or goes out with a leg.
    assert_eq!(half.values("entered", "Some"), none.values("entered", "Some"));
}

#[test]
fn the_legs_of_who_comes_again_are_of_the_same_spell() {
    let again = Readmission::new(1.0, fixed(5.0), "Work-up").when("hour < 3");
    let model = model()
        .arrivals(arrivals("P", "Ward", &[0.0]))
        .node(Node::beds("Ward", 1, fixed(2.0)).readmission(again))
        .node(Node::beds("Work-up", 1, fixed(0.0)).legs(Legs::new(["Scan"])))
        .node(Node::beds("Scan", 1, fixed(3.0)));
    let mut told = lines(&run(&model, 24.0).stays(), &["node", "spell", "started", "left"]);
    told.sort();
    assert_eq!(told, ["Scan 1 7 10", "Ward 0 0 2", "Work-up 1 7 10"]);
}
