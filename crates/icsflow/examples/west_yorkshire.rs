//! West Yorkshire: one year of an integrated care system, from the front door of A&E to discharge
//! pathways 0 to 3. Prints what comes out beside what is published, and the main metrics.

use std::time::Instant;

use icsflow::{Error, Experiment, Model};

const METRICS: [&str; 7] = [
    "occupied",
    "census_occupancy",
    "census_blocked",
    "waiting",
    "in_process",
    "mean_wait",
    "mean_length_of_stay",
];

fn main() -> Result<(), Error> {
    let model = Model::open("west-yorkshire")?;
    println!("{}\n\n{}", model.name, model.description);
    let begun = Instant::now();
    let results = Experiment::new(&model).run()?;
    println!(
        "{} replications, {} events, {:.1} seconds",
        results.replications().len(),
        results.events(),
        begun.elapsed().as_secs_f64()
    );
    let values = |metric: &str, scope: &str| results.values(metric, scope).unwrap_or_default();

    println!("\n published  simulated");
    for figure in &model.published {
        let scope = figure.scope.as_deref().unwrap_or(&model.name);
        let mut simulated = values(&figure.metric, scope);
        if let Some(per) = &figure.per {
            let per = values(per, figure.per_scope.as_deref().unwrap_or(scope));
            simulated.iter_mut().zip(per).for_each(|(value, per)| *value /= per);
        }
        println!("{:>10.3} {:>10.3}  {}", figure.value, mean(&simulated), figure.name);
    }

    println!("\n{:54} {}", "means of the replications", METRICS.join("  "));
    for scope in results.scopes() {
        if ["sector", "node"].contains(&scope.kind) {
            let cell = |metric: &str| {
                let width = metric.len() + 1;
                format!("{:>width$.3}", mean(&values(metric, &scope.name)))
            };
            println!("{:53} {}", scope.name, METRICS.map(cell).join(" "));
        }
    }
    Ok(())
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}
