//! `draws`: what keyed streams cost. Draws the variates of W3 in the mix of W3 (0.42 gaps, 0.59 stays and
//! 0.54 routes an event), once keyed by patient, purpose and visit, once from one generator in
//! sequence, in turn, and prints the medians in CPU nanoseconds per event as one line of JSON.

use std::hint::black_box;

use cpu_time::ProcessTime;
use icsflow::rng::{Purpose, SourceKey};
use icsflow_bench::sampler::Sampler;

const EVENTS: u64 = 4_000_000;
/// Of 100 events, so many draw a gap, a stay, a route.
const MIX: [u64; 3] = [42, 59, 54];

fn main() {
    let (mut keyed, mut sequential) = (Vec::new(), Vec::new());
    for round in 0..9 {
        keyed.push(per_event(|| draw_keyed(round)));
        sequential.push(per_event(|| draw_in_sequence(round)));
    }
    let (keyed, sequential) = (median(&mut keyed), median(&mut sequential));
    println!(
        "{}",
        serde_json::json!({
            "program": "draws",
            "keyed_ns_per_event": keyed,
            "sequential_ns_per_event": sequential,
            "cost_of_keys_ns_per_event": keyed - sequential,
        })
    );
}

fn per_event(run: impl FnOnce() -> f64) -> f64 {
    let start = ProcessTime::now();
    black_box(run());
    start.elapsed().as_secs_f64() * 1e9 / EVENTS as f64
}

fn draw_keyed(round: u64) -> f64 {
    let source = SourceKey::new(round, 0, "Arrivals");
    let purposes =
        ["gap", "stay", "route"].map(|purpose| black_box(Purpose::named("Ward", purpose)));
    let mut sum = 0.0;
    for event in 0..EVENTS {
        // A patient's key is made once, at arrival, and kept; here it is that of the gap.
        let patient = source.patient(event);
        let of_hundred = event % 100;
        if of_hundred < MIX[0] {
            sum += patient.draw(purposes[0], 0).exponential();
        }
        if of_hundred < MIX[1] {
            sum += patient.draw(purposes[1], 0).normal();
        }
        if of_hundred < MIX[2] {
            sum += patient.draw(purposes[2], 0).uniform();
        }
    }
    sum
}

fn draw_in_sequence(round: u64) -> f64 {
    let mut sampler = Sampler::new(round, 0);
    let mut sum = 0.0;
    for event in 0..EVENTS {
        let of_hundred = event % 100;
        if of_hundred < MIX[0] {
            sum += sampler.exponential();
        }
        if of_hundred < MIX[1] {
            sum += sampler.normal();
        }
        if of_hundred < MIX[2] {
            sum += (sampler.bits() >> 11) as f64 * 2f64.powi(-53);
        }
    }
    sum
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    values[values.len() / 2]
}
