//! The patient pathway on which engines are compared: emergency department, ward, and three kinds of
//! step-down care, with blocking after service everywhere. Prints one line of JSON with the time of the
//! processor spent on each event (arrivals and ends of stay).
//!
//! `w3 [replications] [seed] [levels]`

use icsflow::{Arrivals, Distribution, Error, Experiment, Model, Node, Route, Share, time::days};

fn model() -> Model {
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

fn main() -> Result<(), Error> {
    let mut arguments = std::env::args().skip(1);
    let mut number =
        |default: u32| arguments.next().and_then(|a| a.parse().ok()).unwrap_or(default);
    let (replications, seed, levels) = (number(40), number(1), number(0));
    let model = model();
    let experiment = Experiment::new(&model)
        .replications(replications)
        .warm_up(days(90.0))
        .until(days(365.0))
        .seed(u64::from(seed))
        .levels(levels == 1)
        .threads(1);
    // One thread, and nothing else in this program: the clock of the wall is that of the processor, but
    // for what others take.
    let started = std::time::Instant::now();
    let results = experiment.run()?;
    let seconds = started.elapsed().as_secs_f64();
    let events = results.events();
    println!(
        "{{\"program\":\"icsflow\",\"replications\":{replications},\"events\":{events},\
         \"cpu_seconds\":{seconds:.4},\"ns_per_event\":{:.2}}}",
        seconds * 1e9 / events as f64
    );
    if std::env::var_os("MEANS").is_some() {
        for node in ["ED", "Ward", "Rehab", "Home care", "Care home"] {
            let mean = |metric: &str| {
                let values = results.values(metric, node).unwrap_or_default();
                values.iter().sum::<f64>() / values.len() as f64
            };
            println!(
                "{node}: occupied {:.2}, blocked {:.2}, wait {:.4}",
                mean("occupied"),
                mean("blocked"),
                mean("mean_wait")
            );
        }
    }
    Ok(())
}
