//! `model NAME|FILE [--replications N] [--seed S]`: runs a shipped model or a model file by its own plan on
//! one thread, and prints one line of JSON with the CPU seconds of the whole run, results included.

use std::process::ExitCode;

use icsflow::{Experiment, Model};
use icsflow_bench::report;

const USAGE: &str = "usage: model NAME|FILE [--replications N] [--seed S]";

fn main() -> ExitCode {
    match run(std::env::args().skip(1)) {
        Ok(line) => {
            println!("{line}");
            ExitCode::SUCCESS
        }
        Err(message) => {
            eprintln!("{message}\n{USAGE}");
            ExitCode::FAILURE
        }
    }
}

fn run(mut arguments: impl Iterator<Item = String>) -> Result<serde_json::Value, String> {
    let name = arguments.next().ok_or("which model?")?;
    let (mut replications, mut seed) = (1, 1);
    while let Some(option) = arguments.next() {
        let value = arguments.next().ok_or_else(|| format!("{option} needs a value"))?;
        let number = value.parse::<u64>().map_err(|error| format!("{option} {value}: {error}"))?;
        match option.as_str() {
            "--replications" => replications = number.max(1),
            "--seed" => seed = number,
            _ => return Err(format!("unknown option {option}")),
        }
    }
    let model = if std::path::Path::new(&name).exists() {
        Model::from_path(&name).map_err(|error| error.to_string())
    } else {
        Model::open(&name).map_err(|faults| faults.to_string())
    }?;
    let experiment =
        Experiment::new(&model).replications(replications as u32).seed(seed).threads(1);
    report::whole(&name, replications, seed, || {
        let results = experiment.run().map_err(|error| error.to_string())?;
        Ok((results.events(), Vec::new))
    })
}
