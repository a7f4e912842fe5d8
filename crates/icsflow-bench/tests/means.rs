//! Do the programs simulate the same thing?

use icsflow_bench::floor::Floor;
use icsflow_bench::pathway::Replication;
use icsflow_bench::{desque_w3, report};

/// Means of `W3` and their 95 % half-widths over 1000 replications of an independent
/// implementation, with which simulators in C, Rust, Python and R agree.
const REFERENCE: [(&str, f64, f64); 7] = [
    ("ed", 17.59, 0.05),
    ("ward", 467.2, 0.9),
    ("rehab", 311.8, 0.3),
    ("home_care", 186.0, 0.2),
    ("care_home", 77.6, 0.2),
    ("delayed_bed_days", 10_774.0, 315.0),
    ("ed_wait_days", 0.37, 0.04),
];

#[test]
fn the_floor_agrees_with_the_reference() {
    let mut floor = Floor::new();
    let replications: Vec<Replication> = (0..60).map(|r| floor.replicate(2026, r)).collect();
    for (mean, (name, reference, half_width)) in
        report::means(&replications).into_iter().zip(REFERENCE)
    {
        assert_eq!(mean.name, name);
        let reference_error = half_width / 1.96;
        let z = (mean.mean - reference) / mean.standard_error.hypot(reference_error);
        println!("{name}: {:.3}, z = {z:.2}", mean.mean);
        assert!(z.abs() < 4.0, "{name}: {} against {reference}", mean.mean);
    }
    for replication in &replications {
        assert!((225_000..232_000).contains(&replication.events));
    }
}

/// From the same seed the two make the same draws in the same order: only rounding differs.
#[test]
fn desque_agrees_with_the_floor_to_rounding() {
    let mut floor = Floor::new();
    for replication in 0..4 {
        let by_hand = floor.replicate(11, replication);
        let on_desque = desque_w3::replicate(11, replication);
        assert_eq!(by_hand.events, on_desque.events);
        for ((name, floor), (_, desque)) in by_hand.measures().into_iter().zip(on_desque.measures())
        {
            let difference = (floor - desque).abs();
            assert!(difference <= 1e-8 * floor.abs(), "{name}: {floor} {desque}");
        }
    }
}

#[test]
fn a_replication_does_not_depend_on_the_ones_before_it() {
    let mut floor = Floor::new();
    let first = floor.replicate(5, 3);
    let _ = floor.replicate(5, 4);
    assert_eq!(floor.replicate(5, 3), first);
    assert_ne!(Floor::new().replicate(6, 3), first);
}
