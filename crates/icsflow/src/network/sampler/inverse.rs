//! The inverse of a distribution function, tabulated.
//!
//! The table has cells along the binades of `w`, the smaller of `u` and `1 - u`, from 2^-16 to 1/2:
//! fine where the inverse bends. In a cell the inverse, or its logarithm, is the cubic with the exact
//! values and slopes at both ends. A cell in which that misses by more than 1e-7 of the value, or might
//! fail to be monotone, is left empty: there, and beyond the table, the exact inverse is solved for.

use crate::math;
use crate::model::distribution::Law;

/// Least power of two that the table covers.
const LOWEST: i32 = 16;
/// What a cubic may miss by, of the value.
const TOLERANCE: f64 = 1e-7;

/// A tabulated inverse.
#[derive(Clone, Debug)]
pub(super) struct Inverse {
    law: Law,
    /// Whether the cells hold logarithms.
    log: bool,
    /// Bits of a binade's cells: 5 for 32 of them.
    fineness: u32,
    /// The cells of the lower half of `u`, then those of the upper half.
    cells: Box<[[f64; 4]]>,
}

impl Inverse {
    pub(super) fn new(law: Law) -> Self {
        let positive = law.quantile(1e-300, 1.0) >= 0.0;
        // The coarsest table without an empty cell, or else the one that leaves the least.
        let mut best: Option<(f64, Inverse)> = None;
        for (fineness, log) in [(5, false), (5, true), (7, false), (7, true)] {
            if log && !positive {
                continue;
            }
            let (empty, table) = Inverse::with(&law, fineness, log, positive);
            let worth = best.as_ref().is_none_or(|(least, _)| empty < 0.5 * least);
            if worth {
                best = Some((empty, table));
            }
            if empty == 0.0 {
                break;
            }
        }
        best.map_or_else(
            || Inverse { law: law.clone(), log: false, fineness: 5, cells: Box::new([]) },
            |(_, table)| table,
        )
    }

    /// A table, and the share of draws that its empty cells leave to the exact inverse.
    fn with(law: &Law, fineness: u32, log: bool, positive: bool) -> (f64, Self) {
        let per_binade = 1 << fineness;
        let count = per_binade * (LOWEST as usize - 1);
        let floor = if positive { 0.0 } else { 0.01 * law.sd() };
        let (mut cells, mut empty) = (Vec::with_capacity(2 * count), 0.0);
        for upper in [false, true] {
            let both = |w: f64| if upper { (1.0 - w, w) } else { (w, 1.0 - w) };
            let start_of = |i: usize| {
                let binade =
                    f64::from_bits(((1023 - LOWEST as u64) + (i / per_binade) as u64) << 52);
                (binade * (1.0 + (i % per_binade) as f64 / per_binade as f64), binade)
            };
            let mut near = f64::NAN;
            let mut node = |i: usize| {
                let (p, q) = both(start_of(i).0);
                let x = law.quantile_near(p, q, near);
                near = x;
                let slope = if upper { -1.0 } else { 1.0 } / law.density(x);
                if log { (math::ln(x), slope / x) } else { (x, slope) }
            };
            let mut left = node(0);
            for i in 0..count {
                let right = node(i + 1);
                let (w, binade) = start_of(i);
                let width = binade / per_binade as f64;
                let cell = cubic(left.0, right.0, left.1 * width, right.1 * width);
                let sound = cell.is_some_and(|cell| {
                    [0.25, 0.5, 0.75].iter().all(|t| {
                        let value = at(&cell, *t);
                        let x = if log { math::exp(value) } else { value };
                        let (p, q) = both(w + t * width);
                        let (below, above, density) = law.look(x);
                        // One step of Newton's method says how far off the cubic is.
                        let miss = if p < q { below - p } else { q - above };
                        let miss = miss / density;
                        miss.abs() <= TOLERANCE * x.abs().max(floor)
                    })
                });
                if let Some(cell) = cell.filter(|_| sound) {
                    cells.push(cell);
                } else {
                    cells.push([f64::NAN; 4]);
                    empty += width;
                }
                left = right;
            }
        }
        (empty, Inverse { law: law.clone(), log, fineness, cells: cells.into() })
    }

    /// What it inverts.
    pub(super) fn law(&self) -> &Law {
        &self.law
    }

    /// The value at a uniform number of the open interval (0, 1).
    #[inline]
    pub(super) fn at(&self, u: f64) -> f64 {
        let w = u.min(1.0 - u);
        let upper = usize::from(u > 0.5);
        let bits = w.to_bits();
        let place = bits >> (52 - self.fineness);
        let first = (1023 - LOWEST as u64) << self.fineness;
        let half = self.cells.len() / 2;
        let index = place.wrapping_sub(first) as usize;
        if index < half {
            let mask = (1 << (52 - self.fineness)) - 1;
            let t = f64::from_bits(((bits & mask) << self.fineness) | (1023 << 52)) - 1.0;
            let value = at(&self.cells[index + upper * half], t);
            if !value.is_nan() {
                return if self.log { math::exp(value) } else { value };
            }
        }
        self.exact(u)
    }

    #[cold]
    #[inline(never)]
    pub(super) fn exact(&self, u: f64) -> f64 {
        self.law.quantile(u, 1.0 - u)
    }
}

#[inline]
fn at(cell: &[f64; 4], t: f64) -> f64 {
    ((cell[3] * t + cell[2]) * t + cell[1]) * t + cell[0]
}

/// The cubic over [0, 1] with these values and slopes at its ends, if these make it monotone (Fritsch
/// and Carlson, SIAM Journal on Numerical Analysis 17, 1980: slopes of up to three times the secant).
fn cubic(left: f64, right: f64, left_slope: f64, right_slope: f64) -> Option<[f64; 4]> {
    let rise = right - left;
    let fits =
        |slope: f64| slope.is_finite() && slope * rise >= 0.0 && slope.abs() <= 3.0 * rise.abs();
    (rise.is_finite() && fits(left_slope) && fits(right_slope)).then_some([
        left,
        left_slope,
        3.0 * rise - 2.0 * left_slope - right_slope,
        left_slope + right_slope - 2.0 * rise,
    ])
}
