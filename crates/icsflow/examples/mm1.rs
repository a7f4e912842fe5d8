//! M/M/1: one clinic, one doctor. Theory: with load 0.8 and a mean consultation of one day, the mean
//! wait is 4 days and 4 people are present.

use icsflow::{Arrivals, Distribution, Error, Experiment, Model, Node, time::days};

fn main() -> Result<(), Error> {
    let model = Model::new("Clinic")
        .arrivals(Arrivals::poisson("Patients", "Clinic", 0.8))
        .node(Node::beds("Clinic", 1, Distribution::exponential("1d")));
    let results = Experiment::new(&model)
        .replications(20)
        .warm_up(days(2_000.0))
        .until(days(40_000.0))
        .seed(1)
        .run()?;
    println!("{}", results.summary());
    Ok(())
}
