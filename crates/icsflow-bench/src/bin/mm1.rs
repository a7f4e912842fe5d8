//! `mm1 CUSTOMERS SEED`: M/M/1 on icsflow, arrival rate 0.9 and service rate 1, about so many customers,
//! on one thread; prints one line of JSON with the CPU nanoseconds per customer.

use std::process::ExitCode;

use cpu_time::ProcessTime;
use icsflow::time::{MINUTE, TimeUnit};
use icsflow::{Arrivals, Distribution, Error, Experiment, Model, Node};

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let mut number =
        |default: u64| arguments.next().and_then(|a| a.parse().ok()).unwrap_or(default);
    let (customers, seed) = (number(1_000_000), number(1));
    match run(customers, seed) {
        Ok(line) => {
            println!("{line}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn run(customers: u64, seed: u64) -> Result<serde_json::Value, Error> {
    // Customers by the minute, so that the daily census is as rare as in a real clinic.
    let model = Model::new("M/M/1")
        .time_unit(TimeUnit::Minutes)
        .arrivals(Arrivals::poisson("Customers", "Server", 0.9))
        .node(Node::beds("Server", 1, Distribution::exponential(1.0)));
    let experiment = Experiment::new(&model)
        .replications(1)
        .until((customers as f64 / 0.9 * MINUTE as f64) as i64)
        .seed(seed)
        .levels(false)
        .threads(1);
    let start = ProcessTime::now();
    let results = experiment.run()?;
    let seconds = start.elapsed().as_secs_f64();
    let served: u64 = results.replications().iter().map(|r| r.everyone(None).entered).sum();
    let sojourn = results.values("mean_time_in_system", "M/M/1").unwrap_or_default();
    Ok(serde_json::json!({
        "program": "icsflow mm1",
        "customers": served,
        "cpu_seconds": seconds,
        "ns_per_customer": seconds * 1e9 / served as f64,
        "mean_time_in_system": sojourn.first(),
    }))
}
