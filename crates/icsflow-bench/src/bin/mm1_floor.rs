//! `mm1_floor [CUSTOMERS] [SEED]`: the workload `W1`, a queue M/M/1 with 0.9 arrivals and 1 end
//! of service per unit of time, by hand: a calendar of two registers and a ring of arrival times.
//! Prints one line of JSON; the mean time in the system should be near 10.

use cpu_time::ProcessTime;
use icsflow_bench::sampler::Sampler;
use serde_json::json;
use std::collections::VecDeque;

fn main() {
    let numbers: Result<Vec<u64>, _> = std::env::args().skip(1).map(|text| text.parse()).collect();
    let numbers = match numbers {
        Ok(numbers) if numbers.len() <= 2 => numbers,
        _ => {
            eprintln!("usage: mm1_floor [CUSTOMERS] [SEED]");
            std::process::exit(1);
        }
    };
    let customers = numbers.first().copied().unwrap_or(1_000_000).max(1);
    let seed = numbers.get(1).copied().unwrap_or(1);
    let start = ProcessTime::now();
    let time_in_system = mm1(customers, seed);
    let cpu_seconds = start.elapsed().as_secs_f64();
    println!(
        "{}",
        json!({
            "program": "mm1_floor",
            "customers": customers,
            "seed": seed,
            "cpu_seconds": cpu_seconds,
            "ns_per_customer": cpu_seconds * 1e9 / customers as f64,
            "mean_time_in_system": time_in_system,
        })
    );
}

/// The mean time in the system of the first customers.
fn mm1(customers: u64, seed: u64) -> f64 {
    const GAP: f64 = 1.0 / 0.9;
    let mut sampler = Sampler::new(seed, 0);
    let mut present: VecDeque<f64> = VecDeque::with_capacity(1024);
    let mut arrival = sampler.exponential() * GAP;
    let mut to_come = customers;
    let mut end = f64::INFINITY;
    let mut served = 0;
    let mut total = 0.0;
    while served < customers {
        if arrival < end {
            if present.is_empty() {
                end = arrival + sampler.exponential();
            }
            present.push_back(arrival);
            to_come -= 1;
            arrival =
                if to_come == 0 { f64::INFINITY } else { arrival + sampler.exponential() * GAP };
        } else {
            total += end - present.pop_front().expect("an end of service has a customer");
            served += 1;
            end = if present.is_empty() { f64::INFINITY } else { end + sampler.exponential() };
        }
    }
    total / customers as f64
}
