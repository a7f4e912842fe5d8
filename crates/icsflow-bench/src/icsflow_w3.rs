//! `W3` on icsflow, as a user would write it: the model as data, on one thread, with everything recorded
//! that a run records by default except, unless asked for, the share of time at each level.

use icsflow::{
    Arrivals, Distribution, Error, Experiment, Model, Node, Results, Route, Share, time::days,
};

/// The pathway as a model.
#[must_use]
pub fn model() -> Model {
    let stay = |mean: f64, sd: f64| Distribution::lognormal_mean_sd(mean, sd);
    Model::new("W3")
        .arrivals(Arrivals::poisson("Arrivals", "ED", 209.0))
        .node(Node::beds("ED", 20, stay(0.08, 0.064)))
        .node(Node::beds("Ward", 500, stay(7.0, 7.0)))
        .node(Node::beds("Rehab", 320, stay(20.0, 16.0)))
        .node(Node::beds("Home care", 192, stay(30.0, 24.0)))
        .node(Node::beds("Care home", 82, stay(25.0, 20.0)))
        .route(Route::new("ED", [("Ward", Share::Of(0.3)), ("home", Share::Rest)]))
        .route(Route::new(
            "Ward",
            [
                ("Rehab", Share::Of(0.25)),
                ("Home care", Share::Of(0.10)),
                ("Care home", Share::Of(0.05)),
                ("home", Share::Rest),
            ],
        ))
}

/// Runs the pathway: 90 days of warm-up and a year, replication after replication.
///
/// # Errors
/// None for this model.
pub fn run(replications: u32, seed: u64, levels: bool) -> Result<Results, Error> {
    Experiment::new(&model())
        .replications(replications)
        .warm_up(days(90.0))
        .until(days(365.0))
        .seed(seed)
        .levels(levels)
        .threads(1)
        .run()
}

/// The mean of every measure, in the order of the other programs.
#[must_use]
pub fn means(results: &Results) -> Vec<(&'static str, f64)> {
    let mean = |metric: &str, node: &str| {
        let values = results.values(metric, node).unwrap_or_default();
        values.iter().sum::<f64>() / values.len() as f64
    };
    let blocked = mean("blocked", "ED") + mean("blocked", "Ward");
    vec![
        ("ed", mean("occupied", "ED")),
        ("ward", mean("occupied", "Ward")),
        ("rehab", mean("occupied", "Rehab")),
        ("home_care", mean("occupied", "Home care")),
        ("care_home", mean("occupied", "Care home")),
        ("delayed_bed_days", blocked * 365.0),
        ("ed_wait", mean("mean_wait", "ED")),
    ]
}
