//! Keyed random streams: every draw is a pure function of who draws and for what.
//!
//! A draw is keyed by seed, replication, the source's name, the patient's number, the purpose (names,
//! never positions) and the visit. Nothing else can move it: not another node, another patient, the
//! order of events, a recorder or the number of threads.
//!
//! # The generator
//!
//! `fold(a, b)` is the exclusive or of the two halves of the 128-bit product of `a` and `b`.
//!
//! * The prefix of (seed, replication, source) is hashed once; a patient's base is a bijective mix of
//!   prefix and number, so that no two patients of a source share a base.
//! * The key of a draw is `base ^ (purpose + visit * odd)`.
//! * Word `n` of a key, from 0: `s = key + (n + 1) * c0; x = fold(s, c1); fold(x ^ c2, s ^ c3)`.
//!
//! Whole-number operations only: the same words on every platform. Samples of the exponential and the
//! normal distribution come from ziggurats of 256 layers (Marsaglia and Tsang, *The ziggurat method
//! for generating random variables*, Journal of Statistical Software 5(8), 2000), whose tables are
//! computed when the library is compiled.

use std::convert::Infallible;

use serde::{Deserialize, Serialize};

use rand::TryRng;

use crate::math;

const ODD: u64 = 0x9e37_79b9_7f4a_7c15;
const VISIT: u64 = 0xd1b5_4a32_d192_ed03;
const INDEX: u64 = 0xaef1_7502_108e_f2d9;
const C0: u64 = 0xa076_1d64_78bd_642f;
const C1: u64 = 0xe703_7ed1_a0b4_28db;
const C2: u64 = 0x8ebc_6af0_9c88_c6e3;
const C3: u64 = 0x5899_65cc_7537_4cc3;

/// The two halves of the 128-bit product, one over the other.
#[inline]
const fn fold(a: u64, b: u64) -> u64 {
    let product = a as u128 * b as u128;
    (product >> 64) as u64 ^ product as u64
}

/// A bijection of 64-bit words in which every bit of the result depends on every bit of the word.
#[inline]
const fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// A hash of a text, eight bytes at a time, its length included.
fn hash(text: &str, start: u64) -> u64 {
    let mut h = mix(start ^ (text.len() as u64).wrapping_mul(ODD));
    for chunk in text.as_bytes().chunks(8) {
        let mut word = [0; 8];
        word[..chunk.len()].copy_from_slice(chunk);
        h = mix(h.wrapping_add(ODD) ^ u64::from_le_bytes(word));
    }
    h
}

/// What a draw is for: the stay at a node, the choice of a route, a patient's age.
///
/// Made from names, so that adding a node, a route or an attribute moves no other draw.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Purpose(u64);

impl Purpose {
    /// A purpose at a place: `Purpose::named("Acute", "stay")`.
    pub fn named(place: &str, purpose: &str) -> Self {
        Purpose(hash(purpose, hash(place, C0)))
    }

    /// The same purpose once more, at a further index: a day's number, a segment of a stay.
    /// Distinct indices give unrelated draws, and so does no index at all.
    #[inline]
    pub const fn at(self, index: u64) -> Self {
        Purpose(mix(self.0.wrapping_add(index.wrapping_add(1).wrapping_mul(INDEX))))
    }
}

/// Whether draws are taken as they are, or each at the opposite quantile: the second of an antithetic pair
/// (F13).
///
/// Mirrored, a uniform number `u` is exactly `1 − u`, a normal one `z` is `−z`, and an exponential one is that
/// of the opposite quantile, whatever the ziggurats did; bits are inverted. Every family of distributions
/// is made from these, so that each value is at the opposite quantile: nothing is drawn by rejection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mirror(u64);

impl Mirror {
    /// As they are.
    pub const NONE: Mirror = Mirror(0);
    /// At the opposite quantile.
    pub const OPPOSITE: Mirror = Mirror(u64::MAX);

    /// The other one.
    #[inline]
    pub const fn other(self) -> Self {
        Mirror(!self.0)
    }
}

/// The hashed prefix of all draws of one source in one replication.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceKey {
    prefix: u64,
    mirror: Mirror,
}

impl SourceKey {
    /// Of a source, by its name.
    pub fn new(seed: u64, replication: u32, source: &str) -> Self {
        let seeded = mix(hash(source, C1) ^ mix(seed.wrapping_add(C2)));
        let prefix = mix(seeded.wrapping_add((u64::from(replication) + 1).wrapping_mul(ODD)));
        SourceKey { prefix, mirror: Mirror::NONE }
    }

    /// The same draws, mirrored or not.
    pub const fn mirrored(self, mirror: Mirror) -> Self {
        SourceKey { mirror, ..self }
    }

    /// Whether its draws are mirrored.
    #[inline]
    pub const fn mirror(self) -> Mirror {
        self.mirror
    }

    /// The key of the patient with this number; numbers count within the source.
    #[inline]
    pub const fn patient(self, number: u64) -> PatientKey {
        let root = PatientRoot(mix(self.prefix.wrapping_add(number.wrapping_mul(ODD))));
        root.mirrored(self.mirror)
    }
}

/// What is kept with a patient, so that each of the patient's draws costs one short hash. The same for both
/// of an antithetic pair.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct PatientRoot(u64);

impl PatientRoot {
    /// The key for draws that are mirrored or not.
    #[inline]
    pub const fn mirrored(self, mirror: Mirror) -> PatientKey {
        PatientKey { root: self, mirror }
    }
}

/// The key of all draws of a patient.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PatientKey {
    root: PatientRoot,
    mirror: Mirror,
}

impl PatientKey {
    /// What is kept of it.
    #[inline]
    pub const fn root(self) -> PatientRoot {
        self.root
    }

    /// The draw for a purpose at a visit; `visit` counts this patient's visits to the place, from 0.
    ///
    /// ```
    /// use icsflow::rng::{Purpose, SourceKey};
    /// let patient = SourceKey::new(1, 0, "999 calls").patient(7);
    /// let stay = Purpose::named("Acute", "stay");
    /// let first = patient.draw(stay, 0).uniform();
    /// assert_eq!(first, patient.draw(stay, 0).uniform());
    /// assert_ne!(first, patient.draw(stay, 1).uniform());
    /// ```
    #[inline]
    pub const fn draw(self, purpose: Purpose, visit: u32) -> Draw {
        let state = self.root.0 ^ purpose.0.wrapping_add((visit as u64).wrapping_mul(VISIT));
        Draw { state, mirror: self.mirror }
    }
}

impl PatientKey {
    /// The key of a leg of this patient: draws on it are unrelated to the patient's own, and to those of
    /// other legs and of the same leg at another visit.
    pub const fn leg(self, purpose: Purpose, visit: u32) -> PatientKey {
        PatientRoot(mix(self.draw(purpose, visit).state)).mirrored(self.mirror)
    }
}

/// The random stream of one draw. A copy starts where the original stands.
///
/// The first word decides nearly every sample; further words serve the rare ones and decisions that
/// need several. It is also a generator of the `rand` crate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Draw {
    state: u64,
    mirror: Mirror,
}

impl Draw {
    /// The next 64 random bits.
    #[inline]
    pub const fn next_u64(&mut self) -> u64 {
        self.word() ^ self.mirror.0
    }

    /// The same, never mirrored.
    #[inline]
    const fn word(&mut self) -> u64 {
        self.state = self.state.wrapping_add(C0);
        let x = fold(self.state, C1);
        fold(x ^ C2, self.state ^ C3)
    }

    /// The same draw at the opposite quantile.
    ///
    /// ```
    /// use icsflow::rng::{Purpose, SourceKey};
    /// let draw = SourceKey::new(1, 0, "999 calls").patient(7).draw(Purpose::named("Acute", "stay"), 0);
    /// let (mut one, mut two) = (draw, draw.opposite());
    /// assert_eq!(two.uniform(), 1.0 - one.uniform());
    /// assert_eq!(two.normal(), -one.normal());
    /// ```
    #[inline]
    pub const fn opposite(self) -> Self {
        Draw { mirror: self.mirror.other(), ..self }
    }

    /// The same draw as it is.
    #[inline]
    const fn plain(self) -> Self {
        Draw { mirror: Mirror::NONE, ..self }
    }

    /// A uniform odd number below 2^53: [`uniform`](Self::uniform) before it is scaled.
    #[inline]
    pub const fn place(&mut self) -> u64 {
        (self.next_u64() >> 11) | 1
    }

    /// The number such that [`place`](Self::place) is below it exactly when
    /// [`uniform`](Self::uniform) would be below `share`.
    pub fn below(share: f64) -> u64 {
        // Scaling by a power of two is exact.
        (share * (1u64 << 53) as f64).ceil() as u64
    }

    /// A uniform number in the open interval (0, 1): an odd multiple of 2^-53, so that `1 - u` is exact
    /// and just as likely.
    #[inline]
    pub const fn uniform(&mut self) -> f64 {
        const UNIT: f64 = 1.0 / (1u64 << 53) as f64;
        self.place() as i64 as f64 * UNIT
    }

    /// An exponential number of mean 1; always above 0.
    #[inline]
    pub fn exponential(&mut self) -> f64 {
        let word = self.word();
        let (width, sure) = EXPONENTIAL.layers[(word & 255) as usize];
        let place = (word >> 11) | 1;
        let x = place as i64 as f64 * width;
        // Mirrored, none is.
        if place < sure & !self.mirror.0 {
            return x;
        }
        let (value, rest) = exponential_rare(*self, word, x);
        *self = rest;
        value
    }

    /// A normal number of mean 0 and standard deviation 1.
    #[inline]
    pub fn normal(&mut self) -> f64 {
        let word = self.word();
        let (width, sure) = NORMAL.layers[(word & 255) as usize];
        let place = (word >> 11) | 1;
        // Given to the whole number, the sign costs no way out of the floating-point registers and back.
        let all_if_below = ((word ^ self.mirror.0) << 55) as i64 >> 63;
        let x = ((place as i64 ^ all_if_below) - all_if_below) as f64 * width;
        if place < sure {
            return x;
        }
        let (value, rest) = normal_rare(*self, word, x.abs());
        *self = rest;
        value
    }
}

/// The 1 % of draws that the layers do not settle, and mirrored ones. Takes and returns the stream by
/// value, so that the common path keeps it in a register.
#[cold]
#[inline(never)]
fn exponential_rare(draw: Draw, word: u64, x: f64) -> (f64, Draw) {
    let (layer, place) = ((word & 255) as usize, (word >> 11) | 1);
    let mirror = draw.mirror;
    let mut draw = draw.plain();
    let value = if place < EXPONENTIAL.layers[layer].1 {
        x
    } else if layer == 0 {
        // Beyond the tables the distribution is its own tail, shifted.
        EXPONENTIAL.reach + draw.exponential()
    } else if EXPONENTIAL.under_curve(layer, draw.uniform(), math::exp(-x)) {
        x
    } else {
        draw.exponential()
    };
    let value = if mirror == Mirror::NONE { value } else { opposite(value) };
    (value, Draw { mirror, ..draw })
}

/// The exponential number whose probability of being exceeded is that of not exceeding this one.
fn opposite(x: f64) -> f64 {
    // Whichever form keeps its digits.
    if x < 0.693 { -math::ln(-math::exp_m1(-x)) } else { -math::ln_1p(-math::exp(-x)) }
}

#[cold]
#[inline(never)]
fn normal_rare(draw: Draw, word: u64, x: f64) -> (f64, Draw) {
    let mirror = draw.mirror;
    let mut draw = draw.plain();
    let layer = (word & 255) as usize;
    let sign = ((word ^ mirror.0) & 256) << 55;
    let signed = |x: f64| f64::from_bits(x.to_bits() ^ sign);
    let value = if layer == 0 {
        // Marsaglia's tail (1964): an exponential of rate `reach`, kept by a second one.
        loop {
            let beyond = draw.exponential() / NORMAL.reach;
            if 2.0 * draw.exponential() > beyond * beyond {
                break signed(NORMAL.reach + beyond);
            }
        }
    } else if NORMAL.under_curve(layer, draw.uniform(), math::exp(-0.5 * x * x)) {
        signed(x)
    } else {
        let value = draw.normal();
        if mirror == Mirror::NONE { value } else { -value }
    };
    (value, Draw { mirror, ..draw })
}

impl TryRng for Draw {
    type Error = Infallible;

    #[inline]
    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok((self.next_u64() >> 32) as u32)
    }

    #[inline]
    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(self.next_u64())
    }

    fn try_fill_bytes(&mut self, dst: &mut [u8]) -> Result<(), Infallible> {
        for chunk in dst.chunks_mut(8) {
            chunk.copy_from_slice(&self.next_u64().to_le_bytes()[..chunk.len()]);
        }
        Ok(())
    }
}

/// 256 layers of equal area over a falling density with value 1 at 0.
struct Ziggurat {
    /// Of each layer: its width in units of 2^-53, and the least 53-bit number that is not surely
    /// under the curve.
    layers: [(f64, u64); 256],
    /// The density at the right edge of each layer, and 1 at the end.
    heights: [f64; 257],
    /// Where the tail starts.
    reach: f64,
}

impl Ziggurat {
    /// `widths[0]` is the width that the base layer would have without its tail.
    const fn new(widths: [f64; 257], heights: [f64; 257]) -> Self {
        const UNIT: f64 = 1.0 / (1u64 << 53) as f64;
        let mut layers = [(0.0, 0); 256];
        let mut i = 0;
        while i < 256 {
            let sure = widths[i + 1] / widths[i] * (1u64 << 53) as f64;
            layers[i] = (widths[i] * UNIT, sure as u64);
            i += 1;
        }
        Ziggurat { layers, heights, reach: widths[1] }
    }

    #[inline]
    fn under_curve(&self, layer: usize, u: f64, density: f64) -> bool {
        let (low, high) = (self.heights[layer], self.heights[layer + 1]);
        low + u * (high - low) < density
    }
}

/// Reach and area solve `256 * area = integral` with the top layer closing at density 1; solved once
/// in 50 digits.
static EXPONENTIAL: Ziggurat = {
    const REACH: f64 = 7.697_117_470_131_05;
    const AREA: f64 = 0.003_949_659_822_581_557;
    let mut widths = [0.0; 257];
    let mut heights = [1.0; 257];
    widths[1] = REACH;
    heights[1] = math::exp(-REACH);
    widths[0] = AREA / heights[1];
    heights[0] = 0.0;
    let mut i = 2;
    while i < 256 {
        heights[i] = heights[i - 1] + AREA / widths[i - 1];
        widths[i] = -math::ln(heights[i]);
        i += 1;
    }
    Ziggurat::new(widths, heights)
};

static NORMAL: Ziggurat = {
    const REACH: f64 = 3.654_152_885_361_009;
    const AREA: f64 = 0.004_928_673_233_974_655;
    let mut widths = [0.0; 257];
    let mut heights = [1.0; 257];
    widths[1] = REACH;
    heights[1] = math::exp(-0.5 * REACH * REACH);
    widths[0] = AREA / heights[1];
    heights[0] = 0.0;
    let mut i = 2;
    while i < 256 {
        heights[i] = heights[i - 1] + AREA / widths[i - 1];
        widths[i] = math::sqrt(-2.0 * math::ln(heights[i]));
        i += 1;
    }
    Ziggurat::new(widths, heights)
};

#[cfg(test)]
mod tests {
    use super::*;

    /// The same words everywhere: these were computed once. A change of the generator is a change of
    /// every result, and must be said in the change log.
    #[test]
    fn words_are_known() {
        let patient = SourceKey::new(2026, 3, "GP referrals").patient(41);
        let mut draw = patient.draw(Purpose::named("Acute", "stay").at(2), 1);
        let words = [draw.next_u64(), draw.next_u64(), draw.next_u64()];
        let mut draw = SourceKey::new(0, 0, "").patient(0).draw(Purpose::named("", ""), 0);
        let others =
            [draw.uniform().to_bits(), draw.exponential().to_bits(), draw.normal().to_bits()];
        assert_eq!((words, others), GOLDEN);
    }

    const GOLDEN: ([u64; 3], [u64; 3]) = (
        [0x923d_a18e_d458_b62d, 0xeab9_80d2_456e_d43f, 0x6ad0_3d48_6e84_beca],
        [0x3fbf_0853_138c_6ce8, 0x3fe2_fff6_d188_0400, 0xbff8_81ce_3395_715d],
    );

    #[test]
    fn every_part_of_the_key_matters() {
        let word = |seed, replication, source, number, place, purpose, visit| {
            let patient = SourceKey::new(seed, replication, source).patient(number);
            patient.draw(Purpose::named(place, purpose), visit).next_u64()
        };
        let base = word(1, 0, "a", 0, "b", "c", 0);
        let others = [
            word(2, 0, "a", 0, "b", "c", 0),
            word(1, 1, "a", 0, "b", "c", 0),
            word(1, 0, "aa", 0, "b", "c", 0),
            word(1, 0, "a", 1, "b", "c", 0),
            word(1, 0, "a", 0, "bc", "", 0),
            word(1, 0, "a", 0, "", "bc", 0),
            word(1, 0, "a", 0, "c", "b", 0),
            word(1, 0, "a", 0, "b", "c\0", 0),
            word(1, 0, "a", 0, "b", "c", 1),
        ];
        assert!(others.iter().all(|other| *other != base));
        let stay = Purpose::named("b", "c");
        assert!(stay.at(0) != stay && stay.at(0) != stay.at(1) && stay.at(0).at(1) != stay.at(1));
    }

    #[test]
    fn it_is_a_generator_of_rand() {
        use rand::{Rng, RngExt};
        use rand_distr::{Distribution, Gamma};
        let draw = SourceKey::new(1, 0, "x").patient(3).draw(Purpose::named("a", "b"), 0);
        let (mut bytes, mut words) = ([0; 11], draw);
        { draw }.fill_bytes(&mut bytes);
        assert_eq!(bytes[..8], words.next_u64().to_le_bytes());
        assert_eq!(bytes[8..], words.next_u64().to_le_bytes()[..3]);
        assert!((0..6).contains(&{ draw }.random_range(0..6)));
        assert!(Gamma::new(2.0, 1.0).unwrap().sample(&mut { draw }) > 0.0);
    }

    /// z scores of a run of words: counts by each byte (chi-square), mean, variance and serial
    /// correlation of the uniforms, bits set, and bits that change from word to word.
    fn scores(words: impl Iterator<Item = u64>) -> Vec<f64> {
        let mut bytes = vec![[0u32; 256]; 8];
        let (mut n, mut sum, mut squares, mut products) = (0.0, 0.0, 0.0, 0.0);
        let (mut ones, mut changes, mut last_word, mut last) = (0.0, 0.0, 0u64, 0.0);
        for word in words {
            for (i, byte) in word.to_le_bytes().into_iter().enumerate() {
                bytes[i][usize::from(byte)] += 1;
            }
            let u = (word >> 11) as f64 / (1u64 << 53) as f64 - 0.5;
            n += 1.0;
            sum += u;
            squares += u * u;
            products += u * last;
            ones += f64::from(word.count_ones()) - 32.0;
            changes += f64::from((word ^ last_word).count_ones()) - 32.0;
            (last, last_word) = (u, word);
        }
        let root: f64 = f64::sqrt(n);
        let mut z = vec![
            sum / root * 12f64.sqrt(),
            (squares - n / 12.0) / root * 180f64.sqrt(),
            products / root * 12.0,
            ones / root / 4.0,
            changes / root / 4.0,
        ];
        for counts in &bytes {
            let expected = n / 256.0;
            let chi: f64 =
                counts.iter().map(|c| (f64::from(*c) - expected).powi(2) / expected).sum();
            // Wilson and Hilferty.
            z.push(((chi / 255.0).cbrt() - (1.0 - 2.0 / 2295.0)) / (2.0 / 2295.0f64).sqrt());
        }
        z
    }

    #[test]
    fn neighbours_along_every_axis_are_unrelated() {
        const N: u64 = 1 << 18;
        let key = SourceKey::new(7, 0, "GP referrals");
        let stay = Purpose::named("Acute", "stay");
        let first = |mut draw: Draw| draw.next_u64();
        let axes: [(&str, Vec<u64>); 8] = [
            ("patients", (0..N).map(|i| first(key.patient(i).draw(stay, 0))).collect()),
            ("visits", (0..N).map(|i| first(key.patient(5).draw(stay, i as u32))).collect()),
            ("indices", (0..N).map(|i| first(key.patient(5).draw(stay.at(i), 0))).collect()),
            (
                "replications",
                (0..N)
                    .map(|i| {
                        first(SourceKey::new(7, i as u32, "GP referrals").patient(5).draw(stay, 0))
                    })
                    .collect(),
            ),
            (
                "seeds",
                (0..N)
                    .map(|i| first(SourceKey::new(i, 0, "GP referrals").patient(5).draw(stay, 0)))
                    .collect(),
            ),
            (
                "purposes",
                (0..N)
                    .map(|i| {
                        let name = Purpose::named(&format!("Ward {i}"), "stay");
                        first(key.patient(5).draw(name, 0))
                    })
                    .collect(),
            ),
            (
                "patients and visits",
                (0..N).map(|i| first(key.patient(i / 8).draw(stay, (i % 8) as u32))).collect(),
            ),
            ("words", {
                let mut draw = key.patient(5).draw(stay, 0);
                (0..N).map(|_| draw.next_u64()).collect()
            }),
        ];
        for (axis, words) in &axes {
            for (i, z) in scores(words.iter().copied()).into_iter().enumerate() {
                assert!(z.abs() < 5.0, "{axis}: statistic {i} is {z}");
            }
        }
        // What two axes share must not show in the exclusive or of their words.
        for other in &axes[1..] {
            let mixed = axes[0].1.iter().zip(&other.1).map(|(a, b)| a ^ b);
            for (i, z) in scores(mixed).into_iter().enumerate() {
                assert!(z.abs() < 5.0, "patients with {}: statistic {i} is {z}", other.0);
            }
        }
    }

    #[test]
    fn a_mirrored_draw_is_at_the_opposite_quantile() {
        let key = SourceKey::new(3, 0, "Referrals");
        let other = key.mirrored(Mirror::OPPOSITE);
        let stay = Purpose::named("Acute", "stay");
        let mut most: f64 = 0.0;
        for number in 0..200_000 {
            let (a, b) = (key.patient(number).draw(stay, 0), other.patient(number).draw(stay, 0));
            assert_eq!((a.opposite(), b.opposite()), (b, a));
            assert_eq!({ b }.uniform(), 1.0 - { a }.uniform());
            assert_eq!({ b }.next_u64(), !{ a }.next_u64());
            let (mut one, mut two) = (a, b);
            for _ in 0..2 {
                assert_eq!(two.normal(), -one.normal());
                let (x, y) = (one.exponential(), two.exponential());
                assert!(x > 0.0 && y > 0.0);
                most = most.max((math::exp(-x) + math::exp(-y) - 1.0).abs());
            }
            // The streams go on side by side, and so do those of legs.
            assert_eq!(one.opposite(), two);
            let legs = (key.patient(number).leg(stay, 1), other.patient(number).leg(stay, 1));
            assert_eq!(legs.0.draw(stay, 0).opposite(), legs.1.draw(stay, 0));
        }
        assert!(most < 1e-15, "{most}");
    }

    fn draws(n: u64) -> impl Iterator<Item = Draw> {
        let key = SourceKey::new(11, 0, "arrivals");
        (0..n).map(move |i| key.patient(i).draw(Purpose::named("Acute", "stay"), 0))
    }

    /// The greatest distance from the distribution, times the root of the sample size.
    fn kolmogorov(mut sample: Vec<f64>, cdf: impl Fn(f64) -> f64) -> f64 {
        sample.sort_by(f64::total_cmp);
        let n = sample.len() as f64;
        let distance = |(i, x): (usize, &f64)| {
            let p = cdf(*x);
            (p - i as f64 / n).max((i + 1) as f64 / n - p)
        };
        sample.iter().enumerate().map(distance).fold(0.0, f64::max) * n.sqrt()
    }

    #[test]
    fn the_ziggurats_give_their_distributions() {
        const N: u64 = 1_000_000;
        let exponentials: Vec<f64> = draws(N).map(|mut draw| draw.exponential()).collect();
        let normals: Vec<f64> = draws(N).map(|mut draw| draw.normal()).collect();
        let uniforms: Vec<f64> = draws(N).map(|mut draw| draw.uniform()).collect();
        // Beyond 2.2 with probability 1e-4.
        assert!(kolmogorov(exponentials.clone(), |x| 1.0 - math::exp(-x)) < 2.2);
        assert!(kolmogorov(normals.clone(), math::normal_cdf) < 2.2);
        assert!(kolmogorov(uniforms, |x| x) < 2.2);
        let moment =
            |sample: &[f64], k: i32| sample.iter().map(|x| x.powi(k)).sum::<f64>() / N as f64;
        let (root, factorial) =
            ((N as f64).sqrt(), [1.0, 1.0, 2.0, 6.0, 24.0, 120.0, 720.0, 5040.0, 40320.0]);
        for k in 1..=4 {
            let sd = f64::sqrt(factorial[2 * k] - factorial[k] * factorial[k]);
            let z = (moment(&exponentials, k as i32) - factorial[k]) / sd * root;
            assert!(z.abs() < 4.5, "moment {k} of the exponential: {z}");
        }
        for (k, value, variance) in [(1, 0.0, 1.0), (2, 1.0, 2.0), (3, 0.0, 15.0), (4, 3.0, 96.0)] {
            let z = (moment(&normals, k) - value) / f64::sqrt(variance) * root;
            assert!(z.abs() < 4.5, "moment {k} of the normal: {z}");
        }
        // The tails beyond the tables.
        let beyond = |sample: &[f64], x: f64| sample.iter().filter(|v| **v > x).count() as f64;
        for (found, p) in [
            (beyond(&exponentials, 8.0), math::exp(-8.0)),
            (beyond(&exponentials, 5.0), math::exp(-5.0)),
            (beyond(&normals, 3.7), math::normal_cdf(-3.7)),
            (beyond(&normals, 3.0), math::normal_cdf(-3.0)),
        ] {
            let expected = p * N as f64;
            assert!((found - expected).abs() < 5.0 * expected.sqrt(), "{found} for {expected}");
        }
    }

    #[test]
    fn a_normal_tail_is_the_conditional_distribution() {
        let tail = |draw| normal_rare(draw, 0, 0.0).0;
        let sample: Vec<f64> = draws(200_000).map(tail).collect();
        let reach = NORMAL.reach;
        let all = math::normal_cdf(-reach);
        assert!(kolmogorov(sample, |x| 1.0 - math::normal_cdf(-x) / all) < 2.2);
        assert!(draws(1000).all(|mut draw| draw.exponential() > 0.0));
    }
}
