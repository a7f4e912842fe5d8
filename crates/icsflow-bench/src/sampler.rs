//! The random numbers of every Rust program of this crate: xoshiro256++ in sequence, ziggurat
//! exponentials and normals, and an `exp` that can be inlined.
//!
//! The programs share it so that a comparison of two of them is a comparison of their event
//! lists and of nothing else.

use rand::rngs::Xoshiro256PlusPlus;
use rand::{Rng, RngExt, SeedableRng};
use std::f64::consts::LN_2;
use std::sync::LazyLock;

/// A sequential generator with the variates the workloads need.
#[derive(Clone, Debug)]
pub struct Sampler {
    generator: Xoshiro256PlusPlus,
    tables: &'static Tables,
}

#[derive(Debug)]
struct Tables {
    exponential: Ziggurat,
    normal: Ziggurat,
    exp: Exp,
}

impl Sampler {
    /// The generator of one replication.
    #[must_use]
    pub fn new(seed: u64, replication: u64) -> Self {
        static TABLES: LazyLock<Tables> = LazyLock::new(|| Tables {
            exponential: Ziggurat::exponential(),
            normal: Ziggurat::normal(),
            exp: Exp::new(),
        });
        // The seed is hashed before the replication is added, so that neighbouring seeds do not
        // share replications.
        let hashed = Xoshiro256PlusPlus::seed_from_u64(seed).next_u64();
        Self {
            generator: Xoshiro256PlusPlus::seed_from_u64(hashed.wrapping_add(replication)),
            tables: &TABLES,
        }
    }

    /// An exponential of mean 1.
    #[inline(always)]
    pub fn exponential(&mut self) -> f64 {
        let bits = self.generator.next_u64();
        let layer = bits as usize % LAYERS;
        // 52 bits as a number in [1, 2), moved to (0, 1).
        let u = f64::from_bits((bits >> 12) | (1023 << 52)) - (1.0 - f64::EPSILON / 2.0);
        let x = u * self.tables.exponential.edge[layer];
        if x < self.tables.exponential.edge[layer + 1] {
            x
        } else {
            let (generator, x) = exponential_edge(self.generator.clone(), self.tables, layer, x);
            self.generator = generator;
            x
        }
    }

    /// A standard normal.
    #[inline(always)]
    pub fn normal(&mut self) -> f64 {
        let bits = self.generator.next_u64();
        let layer = bits as usize % LAYERS;
        // 52 bits as a number in [2, 4), moved to [-1, 1).
        let u = f64::from_bits((bits >> 12) | (1024 << 52)) - 3.0;
        let x = u * self.tables.normal.edge[layer];
        if x.abs() < self.tables.normal.edge[layer + 1] {
            x
        } else {
            let (generator, x) = normal_edge(self.generator.clone(), self.tables, layer, x);
            self.generator = generator;
            x
        }
    }

    /// A draw from a lognormal.
    #[inline(always)]
    pub fn lognormal(&mut self, lognormal: &Lognormal) -> f64 {
        let steps = lognormal.mu + lognormal.sigma * self.normal();
        self.tables.exp.of(steps)
    }

    /// 64 uniform bits, to be compared with [`threshold`].
    #[inline(always)]
    pub fn bits(&mut self) -> u64 {
        self.generator.next_u64()
    }
}

const LAYERS: usize = 256;

/// The layers of a decreasing density, all of one area: layer `i` reaches from 0 to `edge[i]`
/// and lies wholly below the density as far as `edge[i + 1]`. Layer 0 is the tail with the
/// rectangle beside it (Marsaglia and Tsang 2000; Doornik 2005).
#[derive(Debug)]
struct Ziggurat {
    edge: [f64; LAYERS + 1],
    density: [f64; LAYERS + 1],
}

/// Where the tail of the exponential begins.
const EXPONENTIAL_TAIL: f64 = 7.697_117_470_131_05;
/// Where the tail of the normal begins.
const NORMAL_TAIL: f64 = 3.654_152_885_361_009;

impl Ziggurat {
    fn new(tail: f64, area: f64, density: fn(f64) -> f64, inverse: fn(f64) -> f64) -> Self {
        let mut edge = [0.0; LAYERS + 1];
        edge[0] = area / density(tail);
        edge[1] = tail;
        for layer in 2..LAYERS {
            edge[layer] = inverse(area / edge[layer - 1] + density(edge[layer - 1]));
        }
        Self { edge, density: edge.map(density) }
    }

    fn exponential() -> Self {
        Self::new(EXPONENTIAL_TAIL, 0.003_949_659_822_581_557, |x| (-x).exp(), |y| -y.ln())
    }

    fn normal() -> Self {
        Self::new(
            NORMAL_TAIL,
            0.004_928_673_233_974_655,
            |x| (-0.5 * x * x).exp(),
            |y| (-2.0 * y.ln()).sqrt(),
        )
    }

    /// Whether a point at height `u` of the edge of a layer lies below the density.
    fn below(&self, layer: usize, u: f64, density: f64) -> bool {
        self.density[layer + 1] + (self.density[layer] - self.density[layer + 1]) * u < density
    }
}

// The rare ways out of the ziggurat, one draw in a hundred, take the generator by value and lie
// out of line: so the loop of a program can keep it, and what else it needs, in registers.

#[cold]
#[inline(never)]
fn exponential_edge(
    mut generator: Xoshiro256PlusPlus,
    tables: &Tables,
    mut layer: usize,
    mut x: f64,
) -> (Xoshiro256PlusPlus, f64) {
    let ziggurat = &tables.exponential;
    loop {
        if layer == 0 {
            let tail = EXPONENTIAL_TAIL - (1.0 - generator.random::<f64>()).ln();
            return (generator, tail);
        }
        if ziggurat.below(layer, generator.random(), (-x).exp()) {
            return (generator, x);
        }
        let bits = generator.next_u64();
        layer = bits as usize % LAYERS;
        x = (f64::from_bits((bits >> 12) | (1023 << 52)) - (1.0 - f64::EPSILON / 2.0))
            * ziggurat.edge[layer];
        if x < ziggurat.edge[layer + 1] {
            return (generator, x);
        }
    }
}

#[cold]
#[inline(never)]
fn normal_edge(
    mut generator: Xoshiro256PlusPlus,
    tables: &Tables,
    mut layer: usize,
    mut x: f64,
) -> (Xoshiro256PlusPlus, f64) {
    let ziggurat = &tables.normal;
    loop {
        if layer == 0 {
            loop {
                let beyond = -(1.0 - generator.random::<f64>()).ln() / NORMAL_TAIL;
                let height = -(1.0 - generator.random::<f64>()).ln();
                if 2.0 * height >= beyond * beyond {
                    return (generator, (NORMAL_TAIL + beyond).copysign(x));
                }
            }
        }
        if ziggurat.below(layer, generator.random(), (-0.5 * x * x).exp()) {
            return (generator, x);
        }
        let bits = generator.next_u64();
        layer = bits as usize % LAYERS;
        x = (f64::from_bits((bits >> 12) | (1024 << 52)) - 3.0) * ziggurat.edge[layer];
        if x.abs() < ziggurat.edge[layer + 1] {
            return (generator, x);
        }
    }
}

/// The number below which uniform bits fall with the given probability.
#[must_use]
pub const fn threshold(probability: f64) -> u64 {
    // The cast saturates, so a probability of one becomes "always" but for one value in 2^64.
    (probability * 18_446_744_073_709_551_616.0) as u64
}

/// A lognormal distribution.
#[derive(Clone, Copy, Debug)]
pub struct Lognormal {
    /// Mean and standard deviation of the logarithm, in steps of the table of [`Exp`].
    mu: f64,
    sigma: f64,
}

impl Lognormal {
    /// The lognormal of the given mean and standard deviation.
    #[must_use]
    pub fn new(mean: f64, sd: f64) -> Self {
        let variance = (1.0 + (sd / mean).powi(2)).ln();
        Self { mu: (mean.ln() - variance / 2.0) / STEP, sigma: variance.sqrt() / STEP }
    }
}

const STEPS: usize = 1024;
const STEP: f64 = LN_2 / STEPS as f64;

/// `exp` by a table of 2^(i/1024) and a polynomial: inlined, where the one of the system is a
/// call.
#[derive(Debug)]
struct Exp {
    powers: [u64; STEPS],
}

impl Exp {
    fn new() -> Self {
        Self {
            // `of` adds the whole number of steps so that what exceeds the index lands on the
            // exponent; the index itself, below the exponent, is taken off here.
            powers: std::array::from_fn(|index| {
                (index as f64 / STEPS as f64)
                    .exp2()
                    .to_bits()
                    .wrapping_sub((index as u64) << (52 - STEPS.ilog2()))
            }),
        }
    }

    /// `2^(x / 1024)` for |x| < 1 000 000, the relative error below 1e-15.
    #[inline(always)]
    fn of(&self, x: f64) -> f64 {
        // Adding 1.5 * 2^52 rounds to a whole number, left in the low bits of the sum.
        const ROUND: f64 = 6_755_399_441_055_744.0;
        let rounded = x + ROUND;
        let bits = rounded.to_bits();
        let power = f64::from_bits(
            self.powers[bits as usize % STEPS].wrapping_add(bits << (52 - STEPS.ilog2())),
        );
        // At most half a step is left: its fourth power is beyond the last digit but two bits.
        let r = x - (rounded - ROUND);
        let r2 = r * r;
        let tail = r * STEP + r2 * (STEP * STEP / 2.0 + r * (STEP * STEP * STEP / 6.0));
        power + power * tail
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exp_agrees_with_the_system() {
        let exp = Exp::new();
        let mut x = -60.0_f64;
        while x < 60.0 {
            // The system is given the rounded quotient times the step: 60 has 2^-47 of play.
            let relative = (exp.of(x / STEP) / x.exp() - 1.0).abs();
            assert!(relative < 3e-14, "exp({x}) is off by {relative}");
            x += 0.001_234_567;
        }
    }

    /// The parts of 4 000 000 draws above some thresholds, the last of them in the tail of the
    /// ziggurat, against the probabilities.
    fn agrees(mut draw: impl FnMut() -> f64, above: &[(f64, f64)]) {
        let draws = 4_000_000;
        let mut counts = vec![0_u32; above.len()];
        for _ in 0..draws {
            let x = draw();
            for (count, (threshold, _)) in counts.iter_mut().zip(above) {
                *count += u32::from(x > *threshold);
            }
        }
        for (count, (threshold, probability)) in counts.iter().zip(above) {
            let expected = probability * f64::from(draws);
            let z = (f64::from(*count) - expected) / (expected * (1.0 - probability)).sqrt();
            assert!(z.abs() < 4.0, "above {threshold}: z = {z}");
        }
    }

    const ABOVE: [(f64, f64); 5] = [
        (0.3, 0.382_088_577_811_047_4),
        (1.0, 0.158_655_253_931_457_07),
        (2.0, 0.022_750_131_948_179_22),
        (3.0, 0.001_349_898_031_630_095_7),
        (3.7, 0.000_107_799_733_477_388_23),
    ];

    #[test]
    fn normals_are_normal() {
        let mut sampler = Sampler::new(2, 0);
        agrees(|| sampler.normal(), &ABOVE);
        agrees(|| -sampler.normal(), &ABOVE);
    }

    #[test]
    fn exponentials_are_exponential() {
        let mut sampler = Sampler::new(3, 0);
        let above = [0.1_f64, 1.0, 3.0, 7.8].map(|x| (x, (-x).exp()));
        agrees(|| sampler.exponential(), &above);
    }

    #[test]
    fn lognormals_have_their_moments() {
        let mut sampler = Sampler::new(1, 0);
        let lognormal = Lognormal::new(7.0, 5.0);
        let draws: u32 = 1_000_000;
        let (mut sum, mut squares) = (0.0, 0.0);
        for _ in 0..draws {
            let x = sampler.lognormal(&lognormal);
            sum += x;
            squares += x * x;
        }
        let mean = sum / f64::from(draws);
        let sd = (squares / f64::from(draws) - mean * mean).sqrt();
        assert!((mean - 7.0).abs() < 4.0 * 5.0e-3, "mean {mean}");
        assert!((sd - 5.0).abs() < 0.06, "sd {sd}");
    }

    #[test]
    fn thresholds_are_probabilities() {
        assert_eq!(threshold(0.5), 1 << 63);
        assert_eq!(threshold(1.0), u64::MAX);
        assert_eq!(threshold(0.0), 0);
    }
}
