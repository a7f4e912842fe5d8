//! The workload `W3`: a patient pathway from the emergency department (ED) through a ward to
//! rehabilitation, home care or a care home, with blocking after service everywhere.
//!
//! | place | places | mean stay, days | sd | leaves for |
//! |---|---|---|---|---|
//! | ED | 20 | 0.08 | 0.064 | 0.3 ward, else home |
//! | ward | 500 | 7 | 7 | 0.25 rehabilitation, 0.10 home care, 0.05 care home, else home |
//! | rehabilitation | 320 | 20 | 16 | |
//! | home care | 192 | 30 | 24 | |
//! | care home | 82 | 25 | 20 | |
//!
//! Arrivals are Poisson, 209 a day, and queue for the ED without limit, first come, first
//! served. Stays are lognormal. A patient whose next place is full keeps the present one; the
//! first blocked is the first served. The run starts empty: 90 days of warm-up, 365 measured.

use crate::sampler::threshold;

/// Arrivals a day.
pub const ARRIVALS_A_DAY: f64 = 209.0;
/// Days before anything is measured.
pub const WARM_UP: f64 = 90.0;
/// Days measured.
pub const MEASURED: f64 = 365.0;
/// Of those who end their stay in the ED, the part that is admitted to the ward.
pub const ADMITTED: u64 = threshold(0.3);
/// Of those who end their stay on the ward, the parts for rehabilitation, home care and the care
/// home, each added to the ones before it.
pub const DISCHARGED_TO: [u64; 3] = [threshold(0.25), threshold(0.35), threshold(0.40)];

/// Names of the places, in the order every array of this crate has.
pub const PLACES: [&str; 5] = ["ed", "ward", "rehab", "home_care", "care_home"];
/// How many patients each place holds.
pub const CAPACITY: [u32; 5] = [20, 500, 320, 192, 82];
/// Mean stay of each place in days, and its standard deviation.
pub const STAY: [(f64, f64); 5] =
    [(0.08, 0.064), (7.0, 7.0), (20.0, 16.0), (30.0, 24.0), (25.0, 20.0)];

/// What one replication tells.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Replication {
    /// Mean number of occupied places over the measured days, blocked patients included.
    pub occupied: [f64; 5],
    /// Ward bed-days held over the measured days by patients who wait for a place downstream.
    pub delayed_bed_days: f64,
    /// Mean wait for the ED, in days, of those who entered it in the measured days.
    pub ed_wait: f64,
    /// Arrivals and ends of stay of the whole run, warm-up included.
    pub events: u64,
}

impl Replication {
    /// The measures under their names, for a report.
    #[must_use]
    pub fn measures(&self) -> [(&'static str, f64); 7] {
        [
            (PLACES[0], self.occupied[0]),
            (PLACES[1], self.occupied[1]),
            (PLACES[2], self.occupied[2]),
            (PLACES[3], self.occupied[3]),
            (PLACES[4], self.occupied[4]),
            ("delayed_bed_days", self.delayed_bed_days),
            ("ed_wait_days", self.ed_wait),
        ]
    }
}
