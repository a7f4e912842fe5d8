//! People told apart in what is measured: by cohort, or by a category or flag that they have on coming.

use icsflow::{
    Arrivals, Attribute, Cohort, Distribution, Error, Experiment, Model, Node, On, Results, Route,
    SetAttribute, Share,
    time::{days, hours},
};

use crate::hand::{arrivals, everyone_to, fixed, model};
use crate::tables::{cell, number};

/// A ward that anybody may enter, of people of two cohorts: the referred have a pathway and may be frail,
/// others have neither.
fn ward() -> Model {
    let referred = Cohort::new("referred")
        .attribute("pathway", Attribute::category([("P0", Share::Rest), ("P1", Share::Of(0.3))]))
        .attribute("frail", Attribute::Flag(0.25))
        .attribute("age", Attribute::Number(Distribution::uniform(60.0, 90.0)));
    Model::new("Ward and home")
        .cohort(referred)
        .cohort(Cohort::new("walked in"))
        .arrivals(
            Arrivals::poisson("Front door", "Ward", 20.0)
                .cohort([("referred", Share::Of(0.5)), ("walked in", Share::Rest)]),
        )
        .node(Node::unlimited("Ward", Distribution::exponential("4d")))
        .node(Node::beds("Home", 6, Distribution::exponential("3d")))
        .route(Route::new("Ward", everyone_to("Home")).when("pathway == \"P1\""))
        .route(Route::new("Ward", everyone_to("home")))
}

fn plan(model: &Model) -> Experiment<'_> {
    Experiment::new(model).replications(4).warm_up(days(40.0)).until(days(300.0)).seed(5)
}

/// The mean of a metric of a scope, by what people are told apart: label and value.
fn told(results: &Results, by: &str, scope: &str, metric: &str) -> Vec<(String, f64)> {
    let table = results.summary();
    let rows = (0..table.rows()).filter(|row| {
        cell(&table, "scope", *row) == scope && cell(&table, "metric", *row) == metric
    });
    rows.map(|row| (cell(&table, by, row), number(&table, "mean", row))).collect()
}

#[test]
fn people_are_told_apart_by_a_category_that_they_have_on_coming() {
    let model = ward();
    let results = plan(&model).by_attribute("pathway").run().unwrap();
    // Without limit each part is a system of its own: occupied = rate x stay.
    let expected = [("all", 80.0), ("P0", 28.0), ("P1", 12.0), ("none", 40.0)];
    let occupied = told(&results, "pathway", "Ward", "occupied");
    assert_eq!(occupied.len(), expected.len());
    for ((label, value), (expected_label, expected)) in occupied.iter().zip(expected) {
        assert_eq!(label, expected_label);
        // Four replications of 300 days: the standard error of the number in M/M/inf is about
        // sqrt(2 x load x stay / time).
        let error = (2.0 * expected * 4.0 / 1200.0_f64).sqrt();
        assert!((value - expected).abs() < 4.0 * error, "{label}: {value} and not {expected}");
    }
    // Only those of pathway 1 come home, whatever their cohort.
    for (label, joined) in told(&results, "pathway", "Home", "joined") {
        assert_eq!(joined > 0.0, label == "all" || label == "P1", "{label}: {joined}");
    }
}

#[test]
fn the_parts_add_up_to_all_whatever_tells_them_apart() {
    let model = ward();
    let together = plan(&model).run().unwrap();
    for by in ["pathway", "frail", "cohort"] {
        let run = plan(&model);
        let run = if by == "cohort" { run.by_cohort(true) } else { run.by_attribute(by) };
        let results = run.run().unwrap();
        // Telling people apart moves nothing.
        for scope in ["Ward", "Home", "Ward and home"] {
            for metric in ["occupied", "delayed_bed_days", "joined", "departures", "waiting"] {
                let all = together.values(metric, scope);
                assert_eq!(results.values(metric, scope), all, "{by}: {metric} of {scope}");
                let parts = told(&results, by, scope, metric);
                let Some((_, all)) = parts.first() else { continue };
                let sum: f64 = parts[1..].iter().map(|(_, value)| value).sum();
                assert!((sum - all).abs() < 1e-9 * all.abs().max(1.0), "{by}: {metric} of {scope}");
            }
        }
        let labels: Vec<String> =
            told(&results, by, "Ward", "occupied").into_iter().map(|(label, _)| label).collect();
        let expected: &[&str] = match by {
            "pathway" => &["all", "P0", "P1", "none"],
            "frail" => &["all", "no", "yes", "none"],
            _ => &["all", "referred", "walked in"],
        };
        assert_eq!(labels, expected);
    }
}

#[test]
fn bed_days_are_the_time_average_times_the_time() {
    // In beds, unlike in a node without limit, people who wait for a place at home stay on.
    let mut model = ward();
    model.nodes[0] = Node::beds("Ward", 600, Distribution::exponential("4d"));
    let results = plan(&model).run().unwrap();
    for (mean, days_of) in [("occupied", "bed_days"), ("delayed", "delayed_bed_days")] {
        let means = results.values(mean, "Ward").unwrap();
        for (mean, days) in means.iter().zip(results.values(days_of, "Ward").unwrap()) {
            assert!(
                days > 0.0 && (days - mean * 300.0).abs() < 1e-6,
                "{days} and not 300 x {mean}"
            );
        }
    }
}

#[test]
fn the_label_is_that_on_coming() {
    // Everybody is well on coming and ill when the stay in the first ward is over.
    let came = Cohort::new("all")
        .attribute("state", Attribute::category([("well", Share::Rest), ("ill", Share::Of(0.0))]));
    let model = Model::new("Two wards")
        .cohort(came)
        .arrivals(Arrivals::poisson("Door", "First", 2.0).cohort("all"))
        .node(Node::unlimited("First", fixed(1.0)).set(SetAttribute::new(
            On::Ready,
            "state",
            "ill",
        )))
        .node(Node::unlimited("Second", fixed(1.0)))
        .route(Route::new("First", everyone_to("Second")));
    let results = plan(&model).by_attribute("state").run().unwrap();
    for (label, joined) in told(&results, "state", "Second", "joined") {
        assert_eq!(joined > 0.0, label != "ill" && label != "none", "{label}: {joined}");
    }
}

#[test]
fn who_waits_for_a_bed_is_told_apart() {
    // One bed for five hours each: the second waits from 1 to 5 and stays until 10.
    let model = model()
        .cohort(Cohort::new("first"))
        .cohort(Cohort::new("second"))
        .arrivals(arrivals("A", "Ward", &[0.0]).cohort("first"))
        .arrivals(arrivals("B", "Ward", &[1.0]).cohort("second"))
        .node(Node::beds("Ward", 1, fixed(5.0)));
    let plan = Experiment::new(&model).replications(1).until(hours(8.0)).by_cohort(true);
    let results = plan.run().unwrap();
    for (metric, of_all, of_first, of_second) in [
        ("joined", 2.0 / 8.0, 1.0 / 8.0, 1.0 / 8.0),
        ("waiting", 4.0 / 8.0, 0.0, 4.0 / 8.0),
        ("mean_wait", 2.0, 0.0, 4.0),
        ("occupied", 1.0, 5.0 / 8.0, 3.0 / 8.0),
    ] {
        let expected = [("all", of_all), ("first", of_first), ("second", of_second)];
        let expected = expected.map(|(cohort, value)| (cohort.to_owned(), value));
        assert_eq!(told(&results, "cohort", "Ward", metric), expected, "{metric}");
    }
}

#[test]
fn what_sorts_nobody_is_said() {
    let model = ward();
    let faults = |run: Experiment| match run.run() {
        Err(Error::Faults(faults)) => faults.to_string(),
        other => panic!("{:?}", other.map(|_| "it ran")),
    };
    let text = faults(plan(&model).by_attribute("pathways"));
    assert!(text.contains("run.by_attribute") && text.contains("pathway"), "{text}");
    let text = faults(plan(&model).by_attribute("age"));
    assert!(text.contains("a category or a flag"), "{text}");
    let text = faults(plan(&model).by_attribute("frail").by_cohort(true));
    assert!(text.contains("one of the two"), "{text}");
}

#[test]
fn an_attribute_does_not_go_by_the_name_of_a_column() {
    let results = plan(&ward()).by_attribute("frail").run().unwrap();
    for table in [results.summary(), results.replication_table(), results.waits(), results.clocks()]
    {
        for column in table.columns.iter().filter(|column| column.name != "frail") {
            let cohort = Cohort::new("all").attribute(
                &*column.name,
                Attribute::category([("a", Share::Of(0.5)), ("b", Share::Rest)]),
            );
            let model = Model::new("Ward")
                .cohort(cohort)
                .arrivals(Arrivals::poisson("Door", "Ward", 2.0).cohort("all"))
                .node(Node::unlimited("Ward", Distribution::exponential("1d")));
            let run = plan(&model).by_attribute(&*column.name).run();
            assert!(run.is_err(), "{}", column.name);
        }
    }
}
