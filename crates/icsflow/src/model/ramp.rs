//! Ramps: how a change comes about in the course of time.

use schemars::JsonSchema;
use serde::Serialize;

use crate::doc::{Reader, read_choice};
use crate::time::Duration;

/// How much of a change has come about at each part of its ramp.
///
/// | shape | share `s` of the change after the part `x` of the ramp, from 0 to 1 |
/// |---|---|
/// | `linear` | `x` |
/// | `s-curve` | `3x² − 2x³`: slow at both ends, half as much again as linear in the middle |
/// | `{ steps = n }` | `(⌊(n − 1) x⌋ + 1) / n`: `n` equal steps, the first at the beginning, the last at the end |
///
/// ```
/// use icsflow::{Change, RampShape};
///
/// let phased = Change::add("P2.beds", 12.0).at("2026-03-01").ramp("12w").shape(RampShape::Steps(4));
/// assert_eq!(phased.to_string(), "P2.beds + 12 from 2026-03-01 over 12w in 4 steps");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RampShape {
    /// In a straight line.
    Linear,
    /// Slow, fast, slow.
    SCurve,
    /// In so many equal steps, 2 at least.
    Steps(u32),
}

read_choice!(
    RampShape, "the shape of a ramp",
    { "linear" => RampShape::Linear, "s-curve" => RampShape::SCurve },
    "steps" => Steps
);

impl RampShape {
    /// Reports what is no shape, or is that of no ramp.
    pub(super) fn check(shape: Option<RampShape>, of_ramp: bool, at: &mut Reader) {
        let Some(shape) = shape else { return };
        at.within("shape", |at| {
            if !of_ramp {
                at.fault("shape without ramp", "ramp: how long the change takes");
            }
            if let RampShape::Steps(steps @ 0..2) = shape {
                at.within("steps", |at| at.fault(steps.to_string(), "at least 2 steps"));
            }
        });
    }
}

impl std::fmt::Display for RampShape {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            RampShape::Linear => f.write_str("in a straight line"),
            RampShape::SCurve => f.write_str("in an S-curve"),
            RampShape::Steps(steps) => write!(f, "in {steps} steps"),
        }
    }
}

/// A ramp: how long it takes, and its shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ramp {
    /// Its length; 0 is at once.
    pub length: Duration,
    /// Its shape.
    pub shape: RampShape,
}

/// Bits in which the part of an S-curve that has gone is counted: its steps are whole numbers, and rise.
const BITS: u32 = 30;

impl Ramp {
    /// No ramp: the change comes about at once.
    pub const NONE: Ramp = Ramp { length: 0, shape: RampShape::Linear };

    /// The share of the change that has come about so long after its beginning, from 0 to 1.
    pub fn gone(self, elapsed: Duration) -> f64 {
        if elapsed < 0 {
            return 0.0;
        }
        if elapsed >= self.length {
            return 1.0;
        }
        let x = elapsed as f64 / self.length as f64;
        match self.shape {
            RampShape::Linear => x,
            RampShape::SCurve => x * x * (3.0 - 2.0 * x),
            RampShape::Steps(_) => {
                let (gone, of) = self.parts(elapsed);
                gone as f64 / of as f64
            }
        }
    }

    /// The same, while it runs, as so many parts of so many: exact, but for an S-curve, of which the part `x`
    /// is rounded down to 2⁻³⁰.
    pub fn parts(self, elapsed: Duration) -> (i128, i128) {
        let (elapsed, length) = (i128::from(elapsed), i128::from(self.length.max(1)));
        match self.shape {
            RampShape::Linear => (elapsed, length),
            RampShape::SCurve => {
                let x = (elapsed << BITS) / length;
                ((x * x * ((3 << BITS) - 2 * x)) >> BITS, 1 << (2 * BITS))
            }
            RampShape::Steps(steps) => {
                let steps = i128::from(steps.max(1));
                ((steps - 1) * elapsed / length + 1, steps)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use RampShape::{Linear, SCurve, Steps};

    #[test]
    fn shares_by_hand() {
        let gone = |shape, elapsed| Ramp { length: 12, shape }.gone(elapsed);
        let shares = |shape| [-1, 0, 3, 4, 6, 9, 11, 12, 20].map(|elapsed| gone(shape, elapsed));
        assert_eq!(shares(Linear), [0.0, 0.0, 0.25, 4.0 / 12.0, 0.5, 0.75, 11.0 / 12.0, 1.0, 1.0]);
        let s = shares(SCurve);
        // 3/16 − 2/64 = 10/64; 27/16 − 54/64 = 54/64.
        assert_eq!([s[0], s[1], s[2], s[4], s[5], s[7]], [0.0, 0.0, 0.15625, 0.5, 0.84375, 1.0]);
        assert_eq!(shares(Steps(4)), [0.0, 0.25, 0.25, 0.5, 0.5, 0.75, 0.75, 1.0, 1.0]);
        assert_eq!(shares(Steps(2)), [0.0, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 1.0, 1.0]);
        assert_eq!(Ramp::NONE.gone(0), 1.0);
    }

    #[test]
    fn parts_rise_and_are_the_share() {
        for shape in [Linear, SCurve, Steps(3), Steps(50)] {
            let ramp = Ramp { length: 86_400_000_000 * 3_653, shape };
            let mut before = 0;
            for i in 0..10_000 {
                let elapsed = ramp.length / 10_000 * i;
                let (gone, of) = ramp.parts(elapsed);
                assert!(before <= gone && gone <= of);
                assert!((gone as f64 / of as f64 - ramp.gone(elapsed)).abs() < 1e-8, "{shape} {i}");
                before = gone;
            }
        }
    }
}
