//! What is left of a length of time met at any moment of a long time.
//!
//! Its density at x is S(x) / mean, where S is the chance of a longer whole (Cox, *Renewal Theory*,
//! Methuen 1962, section 5.3). Its distribution function, the integral of S, is tabulated once: cells in
//! which the cubic with the exact values and slopes at both ends misses by at most 1e-9 of the mean.

use super::Sampler;
use crate::time::DAY;

/// What a cell may miss by, of the mean.
const TOLERANCE: f64 = 1e-9;
/// How often a cell is halved at most.
const DEPTH: u32 = 48;
/// The longest stay in days.
const MOST: usize = 36_500;

/// The distribution of what is left.
#[derive(Clone, Debug)]
pub struct Residual(Vec<Cell>);

/// Where a cell begins, the integral up to there, and the slopes at both of its ends.
#[derive(Clone, Copy, Debug)]
struct Cell {
    start: f64,
    reached: f64,
    slopes: (f64, f64),
}

impl Residual {
    /// Of lengths of this distribution.
    pub fn new(whole: &Sampler) -> Self {
        let mut cells = vec![Cell { start: 0.0, reached: 0.0, slopes: (0.0, 0.0) }];
        let even = (1..32).map(|i| whole.quantile(f64::from(i) / 32.0));
        let tail = (6..=50).map(|k| whole.upper_quantile(0.5f64.powi(k)));
        let (mut from, scale) = (0.0, whole.mean());
        for to in even.chain(tail) {
            if to > from && to.is_finite() {
                add(whole, &mut cells, (from, to), integral(whole, from, to), scale, DEPTH);
                from = to;
            }
        }
        Residual(cells)
    }

    /// The same where lengths are of whole days, at least one, and people are met at the beginning of
    /// any day but their first: `more` tells the chance of more than so many days.
    pub fn in_days(more: impl Fn(i64) -> f64) -> Self {
        let mut cells = vec![Cell { start: DAY as f64, reached: 0.0, slopes: (0.0, 0.0) }];
        for day in 1.. {
            let Cell { start, reached, slopes } = &mut cells[day - 1];
            let slope = more(day as i64);
            let next =
                Cell { start: *start + DAY as f64, reached: *reached + slope, slopes: (0.0, 0.0) };
            // Within a day the integral rises in a straight line.
            *slopes = (slope / DAY as f64, slope / DAY as f64);
            if slope < 1e-12 || day > MOST {
                break;
            }
            cells.push(next);
        }
        Residual(cells)
    }

    /// The value up to which a share `u` of the probability lies; always 0 if the whole is.
    pub fn quantile(&self, u: f64) -> f64 {
        let goal = u * self.0[self.0.len() - 1].reached;
        let after = self.0.partition_point(|cell| cell.reached <= goal);
        let (Some(cell), Some(next)) = (self.0.get(after.wrapping_sub(1)), self.0.get(after))
        else {
            return self.0[self.0.len() - 1].start;
        };
        let width = next.start - cell.start;
        let (left, right) = (cell.slopes.0 * width, cell.slopes.1 * width);
        let rise = next.reached - cell.reached;
        let at = |t: f64| {
            let bend = 3.0 * rise - 2.0 * left - right;
            ((left + right - 2.0 * rise) * t + bend) * t * t + left * t
        };
        let (mut low, mut high) = (0.0, 1.0);
        for _ in 0..52 {
            let middle = 0.5 * (low + high);
            *(if at(middle) < goal - cell.reached { &mut low } else { &mut high }) = middle;
        }
        cell.start + 0.5 * (low + high) * width
    }
}

/// Adds the cells from one value to another, between which the integral is `all`.
fn add(
    whole: &Sampler,
    cells: &mut Vec<Cell>,
    (from, to): (f64, f64),
    all: f64,
    scale: f64,
    depth: u32,
) {
    let middle = from + 0.5 * (to - from);
    let below = f64::from_bits(to.to_bits() - 1);
    let slopes = (whole.survival(from), whole.survival(below));
    let (left, right) = (integral(whole, from, middle), integral(whole, middle, to));
    let cubic = 0.5 * (left + right) + 0.125 * (to - from) * (slopes.0 - slopes.1);
    let miss = (all - left - right).abs().max((left - cubic).abs());
    if miss > TOLERANCE * scale && depth > 0 && middle > from && middle < to {
        add(whole, cells, (from, middle), left, scale, depth - 1);
        add(whole, cells, (middle, to), right, scale, depth - 1);
        return;
    }
    let last = cells.len() - 1;
    cells[last].slopes = slopes;
    let reached = cells[last].reached + left + right;
    cells.push(Cell { start: to, reached, slopes: (0.0, 0.0) });
}

/// The integral of the survival function, by five points of Gauss and Legendre.
fn integral(whole: &Sampler, from: f64, to: f64) -> f64 {
    const POINTS: [(f64, f64); 3] = [
        (0.0, 0.568_888_888_888_888_9),
        (0.538_469_310_105_683_1, 0.478_628_670_499_366_47),
        (0.906_179_845_938_664, 0.236_926_885_056_189_08),
    ];
    let (centre, half) = (0.5 * (from + to), 0.5 * (to - from));
    let sides = POINTS.iter().skip(1).map(|(x, weight)| {
        weight * (whole.survival(centre - half * x) + whole.survival(centre + half * x))
    });
    half * (POINTS[0].1 * whole.survival(centre) + sides.sum::<f64>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::distribution::{Distribution, Meaning};

    fn of(distribution: Distribution) -> Residual {
        Residual::new(&Sampler::new(&distribution, Meaning::Number))
    }

    #[track_caller]
    fn near(a: f64, b: f64, tolerance: f64) {
        assert!((a - b).abs() <= tolerance * b.abs().max(1e-12), "{a} is not {b}");
    }

    #[test]
    fn closed_forms_come_out() {
        for u in [0.001, 0.1, 0.5, 0.9, 0.999, 0.999_999] {
            // Memoryless.
            near(of(Distribution::exponential(5.0)).quantile(u), -5.0 * (1.0 - u).ln(), 1e-5);
            // Of a fixed length, evenly spread over it.
            near(of(Distribution::from(8.0)).quantile(u), 8.0 * u, 1e-7);
            // Of 2 or 6 alike: density 1/4 up to 2, 1/8 from there to 6.
            let exact = if u < 0.5 { 4.0 * u } else { 2.0 + 8.0 * (u - 0.5) };
            near(of(Distribution::empirical([2.0, 6.0])).quantile(u), exact, 1e-7);
            // Evenly from 0 to 1: F(x) = 2x - x².
            let even = of(Distribution::uniform(0.0, 1.0)).quantile(u);
            near(even, 1.0 - (1.0 - u).sqrt(), 1e-6);
        }
    }

    #[test]
    fn the_mean_is_that_of_length_bias() {
        for (distribution, mean, variance) in [
            (Distribution::lognormal_mean_sd(9.0, 12.0), 9.0, 144.0),
            (Distribution::gamma_mean_sd(9.0, 4.0), 9.0, 16.0),
            (Distribution::empirical([1.0, 1.0, 5.0, 30.0]), 9.25, 146.1875),
            (Distribution::triangular(0.0, 2.0, 10.0), 4.0, 14.0 / 3.0),
            (
                Distribution::mixture([
                    (0.5, Distribution::from(2.0)),
                    (0.5, Distribution::exponential(4.0)),
                ]),
                3.0,
                9.0,
            ),
        ] {
            let residual = of(distribution);
            let n = 400_000;
            let sum: f64 =
                (0..n).map(|i| residual.quantile((f64::from(i) + 0.5) / f64::from(n))).sum();
            near(sum / f64::from(n), (variance + mean * mean) / (2.0 * mean), 2e-3);
        }
    }

    #[test]
    fn of_nothing_nothing_is_left() {
        assert_eq!(of(Distribution::from(0.0)).quantile(0.7), 0.0);
    }
}
