//! Means over replications, and the line of JSON that each program prints.

use crate::pathway::Replication;
use cpu_time::ProcessTime;
use serde_json::{Map, Value, json};

/// The mean of a measure over replications.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Mean {
    /// What was measured.
    pub name: &'static str,
    /// Its mean.
    pub mean: f64,
    /// The standard error of the mean.
    pub standard_error: f64,
}

/// The mean of every measure of `W3`.
#[must_use]
pub fn means(replications: &[Replication]) -> Vec<Mean> {
    let n = replications.len() as f64;
    let names = Replication::default().measures().map(|(name, _)| name);
    names
        .into_iter()
        .enumerate()
        .map(|(which, name)| {
            let values = || replications.iter().map(|r| r.measures()[which].1);
            let mean = values().sum::<f64>() / n;
            let squares: f64 = values().map(|value| (value - mean).powi(2)).sum();
            Mean { name, mean, standard_error: (squares / (n - 1.0) / n).sqrt() }
        })
        .collect()
}

/// Runs replications of a program for `W3` and gives the line to print. Only the simulation is
/// timed, in CPU seconds of the process.
pub fn w3(
    program: &str,
    replications: u64,
    seed: u64,
    mut replicate: impl FnMut(u64, u64) -> Replication,
) -> Value {
    let mut results = Vec::with_capacity(replications as usize);
    let start = ProcessTime::now();
    for replication in 0..replications {
        results.push(replicate(seed, replication));
    }
    let cpu_seconds = start.elapsed().as_secs_f64();
    let events: u64 = results.iter().map(|r| r.events).sum();
    let mut line = Map::new();
    line.insert("program".into(), json!(program));
    line.insert("replications".into(), json!(replications));
    line.insert("seed".into(), json!(seed));
    line.insert("events".into(), json!(events));
    line.insert("cpu_seconds".into(), json!(cpu_seconds));
    line.insert("ns_per_event".into(), json!(cpu_seconds * 1e9 / events as f64));
    for mean in means(&results) {
        line.insert(mean.name.into(), json!(mean.mean));
        // Of one replication there is no standard error: null.
        line.insert(format!("{}_standard_error", mean.name), json!(mean.standard_error));
    }
    Value::Object(line)
}

/// Runs a program that does all replications in one call, which gives the number of events and, when
/// the clock has stopped, the means.
///
/// # Errors
/// What the program says.
pub fn whole<M: FnOnce() -> Vec<(&'static str, f64)>>(
    program: &str,
    replications: u64,
    seed: u64,
    run: impl FnOnce() -> Result<(u64, M), String>,
) -> Result<Value, String> {
    let start = ProcessTime::now();
    let (events, means) = run()?;
    let cpu_seconds = start.elapsed().as_secs_f64();
    let mut line = Map::new();
    line.insert("program".into(), json!(program));
    line.insert("replications".into(), json!(replications));
    line.insert("seed".into(), json!(seed));
    line.insert("events".into(), json!(events));
    line.insert("cpu_seconds".into(), json!(cpu_seconds));
    line.insert("ns_per_event".into(), json!(cpu_seconds * 1e9 / events as f64));
    line.extend(means().into_iter().map(|(name, mean)| (name.to_owned(), json!(mean))));
    Ok(Value::Object(line))
}
