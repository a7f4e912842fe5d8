//! `w3 floor|desque|icsflow|icsflow-levels [--replications N] [--seed S]`: runs the patient pathway and prints one line
//! of JSON with the CPU seconds of the simulation alone and the means.

use icsflow_bench::{desque_w3, floor::Floor, icsflow_w3, report};
use std::process::ExitCode;

const USAGE: &str = "usage: w3 floor|desque|icsflow|icsflow-levels [--replications N] [--seed S]";

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
    let program = arguments.next().ok_or("which program?")?;
    let mut replications = 40;
    let mut seed = 1;
    while let Some(option) = arguments.next() {
        let value = arguments.next().ok_or_else(|| format!("{option} needs a value"))?;
        let number = value.parse::<u64>().map_err(|error| format!("{option} {value}: {error}"))?;
        match option.as_str() {
            "--replications" => replications = number.max(1),
            "--seed" => seed = number,
            _ => return Err(format!("unknown option {option}")),
        }
    }
    match program.as_str() {
        "floor" => {
            let mut floor = Floor::new();
            Ok(report::w3("floor", replications, seed, |s, r| floor.replicate(s, r)))
        }
        "desque" => Ok(report::w3("desque", replications, seed, desque_w3::replicate)),
        "icsflow" | "icsflow-levels" => {
            let levels = program == "icsflow-levels";
            report::whole(&program, replications, seed, || {
                let results = icsflow_w3::run(replications as u32, seed, levels)
                    .map_err(|error| error.to_string())?;
                let events = results.events();
                Ok((events, move || icsflow_w3::means(&results)))
            })
        }
        _ => Err(format!("unknown program {program}")),
    }
}
