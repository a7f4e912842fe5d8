//! What the tables tell of queues and capacity, on runs short enough to be worked out on paper.
//!
//! Time is in hours; every run measures 20 of them, so that an hour of one person or place is 0.05.

use icsflow::time::hours;
use icsflow::{
    Arrivals, Capacity, Cohort, Cut, Distribution, Edit, Experiment, Model, Node, Quantity, Queue,
    Results, TimeUnit, Timetable,
};

use crate::tables::lines;

fn model() -> Model {
    Model::new("Paper").time_unit(TimeUnit::Hours)
}

fn arrivals(name: &str, to: &str, times: &[f64]) -> Arrivals {
    let times = times.iter().map(|time| Quantity::from(*time)).collect();
    Arrivals::timetable(name, to, Timetable { times, weekly: vec![] })
}

fn listed(hours: &[f64]) -> Distribution {
    Distribution::listed(hours.iter().copied())
}

fn fixed(hours: f64) -> Distribution {
    hours.into()
}

fn run(model: &Model) -> Results {
    Experiment::new(model).replications(2).until(hours(20.0)).run().unwrap()
}

#[track_caller]
fn tells(results: &Results, scope: &str, told: &[(&str, f64)]) {
    for (metric, value) in told {
        let values = results.values(metric, scope).unwrap_or_default();
        let near = values.iter().all(|found| (found - value).abs() < 1e-12);
        assert!(values.len() == 2 && near, "{metric} of {scope}: {values:?}, not {value}");
    }
}

#[track_caller]
fn tells_nothing(results: &Results, scope: &str, metrics: &[&str]) {
    for metric in metrics {
        assert_eq!(results.values(metric, scope), None, "{metric} of {scope}");
    }
}

#[test]
fn places_are_the_time_average_where_they_vary() {
    // In places: 1 to 7, 2 to the end, 8 to 10. At 10 one of two places closes: the last goes on.
    let model = model()
        .node(
            Node::beds(
                "Ward",
                Capacity::new(2).edit(Edit::to("10h", 1)),
                listed(&[6.0, 20.0, 20.0]),
            )
            .cut(Cut::Transfer("Annexe".into())),
        )
        .node(Node::unlimited("Annexe", fixed(1.0)))
        .arrivals(arrivals("In", "Ward", &[1.0, 2.0, 8.0]));
    let results = run(&model);
    tells(&results, "Ward", &[("places", 1.5), ("occupied", 1.3), ("occupancy", 26.0 / 30.0)]);
    tells(&results, "Ward", &[("transferred", 0.05), ("departures", 0.05)]);
    tells(&results, "Annexe", &[("joined", 0.05), ("occupied", 0.05)]);
    tells_nothing(&results, "Ward", &["full", "census_occupancy", "interrupted", "corridor"]);
    tells_nothing(&results, "Annexe", &["transferred", "places"]);
}

#[test]
fn people_give_up_and_turn_away_and_places_are_cleaned() {
    // First 1 to 5; cleaning to 6; second 6 to 10; cleaning to 11. The third gives up at 7:30; the
    // fourth finds two waiting.
    let queue = Queue::new().patience(fixed(4.5)).balk("queue() >= 2", 1.0);
    let desk = Node::beds("Desk", 1, fixed(4.0)).turnaround(fixed(1.0)).queue(queue);
    let model = model().node(desk).arrivals(arrivals("In", "Desk", &[1.0, 2.0, 3.0, 3.5]));
    let results = run(&model);
    let told = [("joined", 0.2), ("started", 0.1), ("balked", 0.05), ("reneged", 0.05)];
    tells(&results, "Desk", &told);
    tells(&results, "Desk", &[("balked_share", 0.25), ("reneged_share", 0.25), ("lost", 0.0)]);
    tells(&results, "Desk", &[("out_of_use", 0.1), ("places", 1.0), ("waiting", 8.5 / 20.0)]);
    tells_nothing(&results, "Desk", &["removed", "displaced", "switched"]);
}

#[test]
fn people_beside_the_beds_are_in_places() {
    // 1 to 5 in the bed; 2 to 5 beside it, then in it to 6.
    let ward = Node::beds("Ward", 1, fixed(4.0)).corridor(1);
    let results = run(&model().node(ward).arrivals(arrivals("In", "Ward", &[1.0, 2.0])));
    tells(&results, "Ward", &[("corridor", 0.15), ("occupied", 0.4), ("occupancy", 0.4)]);
}

#[test]
fn lines_are_told_by_class_and_lists_as_scopes() {
    // Both are routine. The second waits from 2, is urgent from 4 and starts at 5.
    let list = Queue::by_class(["cohort == \"urgent\""]).change_class(2, 1, fixed(2.0));
    let model = model()
        .cohort(Cohort::new("urgent"))
        .cohort(Cohort::new("routine"))
        .queue(list.named("List"))
        .node(Node::beds("Desk", 1, fixed(4.0)).queue("List"))
        .arrivals(arrivals("In", "List", &[1.0, 2.0]).cohort("routine"));
    let results = run(&model);
    let columns = ["queue", "class", "condition", "mean", "joined", "changed"];
    let rows = lines(&results.queues(), &columns);
    let told = ["List 1 cohort == \"urgent\" 0.05 0.05 0.05", "List 2 everyone else 0.1 0.1 0"];
    assert_eq!(rows, told);
    tells(&results, "List", &[("joined", 0.1), ("waiting", 0.15)]);
    tells(&results, "Desk", &[("joined", 0.1), ("waiting", 0.0), ("mean_wait", 1.5)]);
    tells_nothing(&results, "List", &["places", "occupied", "mean_wait"]);
    let kinds: Vec<_> = results.scopes().iter().map(|scope| scope.kind).collect();
    assert_eq!(kinds, ["node", "list", "system"]);
}
