//! Ending by hazard: one exponential number with mean 1 is spent along the cumulative hazard.

use crate::math;

/// The cumulative hazard at `x` where the rates are constant from each time on.
pub(super) fn spent_at(from: &[f64], rates: &[f64], reached: &[f64], x: f64) -> f64 {
    let i = from.partition_point(|from| *from <= x).max(1) - 1;
    reached[i] + rates[i] * (x - from[i]).max(0.0)
}

/// The rate at `x`.
pub(super) fn rate_at(from: &[f64], rates: &[f64], x: f64) -> f64 {
    rates[from.partition_point(|from| *from <= x).max(1) - 1]
}

/// The time at which so much hazard is spent: after a stretch without hazard, not before it.
pub(super) fn time_of(from: &[f64], rates: &[f64], reached: &[f64], hazard: f64) -> f64 {
    let i = reached.partition_point(|reached| *reached <= hazard).max(1) - 1;
    from[i] + (hazard - reached[i]) / rates[i]
}

/// Mean and variance where the rates are constant from each time on.
pub(super) fn moments(from: &[f64], rates: &[f64]) -> (f64, f64) {
    // From the last stretch back: first and second moment of what is left at the start of each.
    let last = rates[rates.len() - 1];
    let (mut first, mut second) = (1.0 / last, 2.0 / (last * last));
    for (pair, rate) in from.windows(2).zip(rates).rev() {
        let width = pair[1] - pair[0];
        let z = rate * width;
        let on = math::exp(-z);
        second = 2.0 * width * width * first_moment(z) + on * (2.0 * width * first + second);
        first = width * survived(z) + on * first;
    }
    (first, second - first * first)
}

/// The integral of `exp(-zt)` over t from 0 to 1.
fn survived(z: f64) -> f64 {
    if z > 0.0 { -math::exp_m1(-z) / z } else { 1.0 }
}

/// The integral of `t exp(-zt)` over t from 0 to 1.
fn first_moment(z: f64) -> f64 {
    if z > 0.01 {
        // Beyond, nothing is left to subtract.
        let left = if z < 700.0 { math::exp(-z) * (1.0 + z) } else { 0.0 };
        return (1.0 - left) / (z * z);
    }
    // Its series: where z is small, the difference above loses its digits.
    0.5 - z * (1.0 / 3.0 - z * (1.0 / 8.0 - z * (1.0 / 30.0 - z * (1.0 / 144.0 - z / 840.0))))
}

/// The cumulative hazard after so many whole days; the chance of the last goes on.
pub(super) fn spent_after(shares: &[f64], reached: &[f64], days: f64) -> f64 {
    let known = shares.len();
    if days <= known as f64 {
        return reached[days.max(0.0) as usize];
    }
    reached[known] + last_step(shares) * (days - known as f64)
}

/// The day on which so much hazard is spent.
pub(super) fn day_of(shares: &[f64], reached: &[f64], hazard: f64) -> f64 {
    // A day missed by rounding is still that day; on a day without hazard nobody ends.
    let goal = hazard * (1.0 - 4e-16);
    let day = reached.partition_point(|reached| *reached < goal || *reached == 0.0);
    if day < reached.len() {
        return day as f64;
    }
    let known = shares.len();
    known as f64 + ((goal - reached[known]) / last_step(shares)).ceil().max(1.0)
}

fn last_step(shares: &[f64]) -> f64 {
    -math::ln_1p(-shares[shares.len() - 1])
}

/// Mean and variance of the number of days.
pub(super) fn day_moments(shares: &[f64]) -> (f64, f64) {
    // As above: what is left of day 1, 2, … for those who have come so far.
    let last = shares[shares.len() - 1];
    let (mut first, mut second) = (1.0 / last, (2.0 - last) / (last * last));
    for share in shares.iter().rev().skip(1) {
        let on = 1.0 - share;
        second = 1.0 + on * (2.0 * first + second);
        first = 1.0 + on * first;
    }
    (first, second - first * first)
}
