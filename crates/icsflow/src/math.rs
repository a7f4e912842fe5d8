//! Portable mathematics: the same bits on every platform.
//!
//! Built from addition, multiplication, division, square root and whole-number operations, all of
//! which IEEE 754 rounds in one way only. The logarithms and exponentials of the standard library are
//! those of the platform and differ in the last bit; a run that used them would not be reproducible.

/// The square root of 2 pi.
const SQRT_TAU: f64 = 2.506_628_274_631_000_5;
/// Half the logarithm of 2 pi.
const HALF_LN_TAU: f64 = 0.918_938_533_204_672_8;

/// `2^(i/128)`, rounded to nearest.
const TWO_TO_128THS: [u64; 128] = [
    0x3ff0_0000_0000_0000,
    0x3ff0_163d_a9fb_3335,
    0x3ff0_2c9a_3e77_8061,
    0x3ff0_4315_e86e_7f85,
    0x3ff0_59b0_d315_8574,
    0x3ff0_706b_29dd_f6de,
    0x3ff0_8745_1875_9bc8,
    0x3ff0_9e3e_cac6_f383,
    0x3ff0_b558_6cf9_890f,
    0x3ff0_cc92_2b72_47f7,
    0x3ff0_e3ec_32d3_d1a2,
    0x3ff0_fb66_affe_d31b,
    0x3ff1_1301_d012_5b51,
    0x3ff1_2abd_c06c_31cc,
    0x3ff1_429a_aea9_2de0,
    0x3ff1_5a98_c8a5_8e51,
    0x3ff1_72b8_3c7d_517b,
    0x3ff1_8af9_388c_8dea,
    0x3ff1_a35b_eb6f_cb75,
    0x3ff1_bbe0_8404_5cd4,
    0x3ff1_d487_3168_b9aa,
    0x3ff1_ed50_22fc_d91d,
    0x3ff2_063b_8862_8cd6,
    0x3ff2_1f49_917d_dc96,
    0x3ff2_387a_6e75_6238,
    0x3ff2_51ce_4fb2_a63f,
    0x3ff2_6b45_65e2_7cdd,
    0x3ff2_84df_e1f5_6381,
    0x3ff2_9e9d_f51f_dee1,
    0x3ff2_b87f_d0da_d990,
    0x3ff2_d285_a6e4_030b,
    0x3ff2_ecaf_a93e_2f56,
    0x3ff3_06fe_0a31_b715,
    0x3ff3_2170_fc4c_d831,
    0x3ff3_3c08_b264_16ff,
    0x3ff3_56c5_5f92_9ff1,
    0x3ff3_71a7_373a_a9cb,
    0x3ff3_8cae_6d05_d866,
    0x3ff3_a7db_34e5_9ff7,
    0x3ff3_c32d_c313_a8e5,
    0x3ff3_dea6_4c12_3422,
    0x3ff3_fa45_04ac_801c,
    0x3ff4_160a_21f7_2e2a,
    0x3ff4_31f5_d950_a897,
    0x3ff4_4e08_6061_892d,
    0x3ff4_6a41_ed1d_0057,
    0x3ff4_86a2_b5c1_3cd0,
    0x3ff4_a32a_f0d7_d3de,
    0x3ff4_bfda_d536_2a27,
    0x3ff4_dcb2_99fd_dd0d,
    0x3ff4_f9b2_769d_2ca7,
    0x3ff5_16da_a2cf_6642,
    0x3ff5_342b_569d_4f82,
    0x3ff5_51a4_ca5d_920f,
    0x3ff5_6f47_36b5_27da,
    0x3ff5_8d12_d497_c7fd,
    0x3ff5_ab07_dd48_5429,
    0x3ff5_c926_8a59_46b7,
    0x3ff5_e76f_15ad_2148,
    0x3ff6_05e1_b976_dc09,
    0x3ff6_247e_b03a_5585,
    0x3ff6_4346_34cc_c320,
    0x3ff6_6238_8255_2225,
    0x3ff6_8155_d44c_a973,
    0x3ff6_a09e_667f_3bcd,
    0x3ff6_c012_750b_dabf,
    0x3ff6_dfb2_3c65_1a2f,
    0x3ff6_ff7d_f951_9484,
    0x3ff7_1f75_e8ec_5f74,
    0x3ff7_3f9a_48a5_8174,
    0x3ff7_5feb_5642_67c9,
    0x3ff7_8069_4fde_5d3f,
    0x3ff7_a114_73eb_0187,
    0x3ff7_c1ed_0130_c132,
    0x3ff7_e2f3_36cf_4e62,
    0x3ff8_0427_543e_1a12,
    0x3ff8_2589_994c_ce13,
    0x3ff8_471a_4623_c7ad,
    0x3ff8_68d9_9b44_92ed,
    0x3ff8_8ac7_d98a_6699,
    0x3ff8_ace5_422a_a0db,
    0x3ff8_cf32_16b5_448c,
    0x3ff8_f1ae_9915_7736,
    0x3ff9_145b_0b91_ffc6,
    0x3ff9_3737_b0cd_c5e5,
    0x3ff9_5a44_cbc8_520f,
    0x3ff9_7d82_9fde_4e50,
    0x3ff9_a0f1_70ca_07ba,
    0x3ff9_c491_82a3_f090,
    0x3ff9_e863_19e3_2323,
    0x3ffa_0c66_7b5d_e565,
    0x3ffa_309b_ec4a_2d33,
    0x3ffa_5503_b23e_255d,
    0x3ffa_799e_1330_b358,
    0x3ffa_9e6b_5579_fdbf,
    0x3ffa_c36b_bfd3_f37a,
    0x3ffa_e89f_995a_d3ad,
    0x3ffb_0e07_298d_b666,
    0x3ffb_33a2_b84f_15fb,
    0x3ffb_5972_8de5_593a,
    0x3ffb_7f76_f2fb_5e47,
    0x3ffb_a5b0_30a1_064a,
    0x3ffb_cc1e_904b_c1d2,
    0x3ffb_f2c2_5bd7_1e09,
    0x3ffc_199b_dd85_529c,
    0x3ffc_40ab_5fff_d07a,
    0x3ffc_67f1_2e57_d14b,
    0x3ffc_8f6d_9406_e7b5,
    0x3ffc_b720_dcef_9069,
    0x3ffc_df0b_555d_c3fa,
    0x3ffd_072d_4a07_897c,
    0x3ffd_2f87_080d_89f2,
    0x3ffd_5818_dcfb_a487,
    0x3ffd_80e3_16c9_8398,
    0x3ffd_a9e6_03db_3285,
    0x3ffd_d321_f301_b460,
    0x3ffd_fc97_337b_9b5f,
    0x3ffe_2646_14f5_a129,
    0x3ffe_502e_e78b_3ff6,
    0x3ffe_7a51_fbc7_4c83,
    0x3ffe_a4af_a2a4_90da,
    0x3ffe_cf48_2d8e_67f1,
    0x3ffe_fa1b_ee61_5a27,
    0x3fff_252b_376b_ba97,
    0x3fff_5076_5b6e_4540,
    0x3fff_7bfd_ad9c_be14,
    0x3fff_a7c1_819e_90d8,
    0x3fff_d3c2_2b8f_71f1,
];

/// 2^52 + 2^51: adding it to a number below 2^51 rounds that number to a whole one.
const ROUND: f64 = 6_755_399_441_055_744.0;

/// The exponential function, to 2.3e-16 of its value.
///
/// `x` is a whole number of steps, of which 128 make a power of two, and a rest below half of one. The steps
/// are looked up, the rest goes through the Taylor polynomial of degree 5 (remainder 6e-19).
///
/// ```
/// use icsflow::math::exp;
/// assert_eq!(exp(0.0), 1.0);
/// assert!((exp(1.0) - 2.718281828459045).abs() < 1e-15);
/// ```
#[inline]
pub const fn exp(x: f64) -> f64 {
    if x.abs() < 690.0 {
        let (n, rest) = in_steps(x);
        near(n, rest)
    } else {
        exp_rare(x)
    }
}

/// Steps to a unit: 128 / ln 2.
pub(crate) const STEPS: f64 = 184.664_965_233_787_3;

/// Closer to 0 than this, [`exp_steps`] is below 2^51.
pub(crate) const FEW: f64 = 35.0 * STEPS;

/// `exp(steps / STEPS)`: for whoever can count in steps beforehand, so that the result waits for fewer sums.
#[inline]
pub(crate) const fn exp_steps(steps: f64) -> f64 {
    if steps.abs() < 690.0 * STEPS { exp_few_steps(steps) } else { exp_rare(steps / STEPS) }
}

/// The same, of less than 690 units.
#[inline(always)]
pub(crate) const fn exp_few_steps(steps: f64) -> f64 {
    let (n, whole) = nearest(steps);
    near(n, steps - whole)
}

/// The nearest whole number, twice.
#[inline(always)]
const fn nearest(steps: f64) -> (i64, f64) {
    let shifted = steps + ROUND;
    let n = shifted.to_bits() as i64;
    ((n << 13) >> 13, shifted - ROUND)
}

/// A number in steps: whole ones and the rest.
#[inline]
const fn in_steps(x: f64) -> (i64, f64) {
    const HIGH: f64 = 0.005_415_212_347_543_274_5;
    const LOW: f64 = 5.812_982_117_197_185e-13;
    let (n, whole) = nearest(x * STEPS);
    (n, ((x - whole * HIGH) - whole * LOW) * STEPS)
}

/// `2^((n + rest) / 128)`, where that is no less than 2^-1000 and no more than 2^1000.
#[inline(always)]
const fn near(n: i64, rest: f64) -> f64 {
    // The exponent is given to the steps, which are known before the rest has grown.
    let exponent = ((n >> 7) << 52) as u64;
    grown(f64::from_bits(of_octave(n).wrapping_add(exponent)), rest)
}

/// The bits of `2^(n/128)` within its octave.
#[inline(always)]
const fn of_octave(n: i64) -> u64 {
    TWO_TO_128THS[(n & 127) as usize]
}

/// `from * 2^(rest / 128)`.
#[inline(always)]
const fn grown(from: f64, rest: f64) -> f64 {
    // The powers of ln 2 / 128, each divided by its factorial.
    const A: f64 = 0.005_415_212_348_124_572_5;
    const B: f64 = 1.466_226_238_764_042_5e-5;
    const C: f64 = 2.646_642_144_433_097e-8;
    const D: f64 = 3.583_032_305_400_251e-11;
    const E: f64 = 3.880_576_156_786_539e-14;
    let square = rest * rest;
    from + (from * rest) * ((A + rest * B) + square * ((C + rest * D) + square * E))
}

#[cold]
#[inline(never)]
const fn exp_rare(x: f64) -> f64 {
    if x.is_nan() {
        return x;
    }
    if x > 709.8 {
        return f64::INFINITY;
    }
    if x < -745.2 {
        return 0.0;
    }
    let (n, rest) = in_steps(x);
    let value = grown(f64::from_bits(of_octave(n)), rest);
    // Two factors: one alone would leave the range of exponents.
    let (k, half) = (n >> 7, n >> 8);
    value * power_of_two(half) * power_of_two(k - half)
}

/// `2^k` for -1022 <= k <= 1023.
const fn power_of_two(k: i64) -> f64 {
    f64::from_bits(((k + 1023) as u64) << 52)
}

/// The natural logarithm, to 2.3e-16 of its value; minus infinity at 0, NaN below.
///
/// `x = 2^k (1 + f)` with `1 + f` within a factor of root 2 of 1; then the series of the area tangent
/// in `s = f / (2 + f)`, shortened by Chebyshev interpolation (remainder 1e-17).
///
/// ```
/// use icsflow::math::ln;
/// assert_eq!(ln(1.0), 0.0);
/// assert!((ln(10.0) - 2.302585092994046).abs() < 1e-15);
/// ```
#[inline]
pub const fn ln(x: f64) -> f64 {
    if x >= f64::MIN_POSITIVE && x <= f64::MAX { ln_scaled(x, 0) } else { ln_rare(x) }
}

#[cold]
#[inline(never)]
const fn ln_rare(x: f64) -> f64 {
    if x == 0.0 {
        f64::NEG_INFINITY
    } else if x > 0.0 && x < 1.0 {
        ln_scaled(x * power_of_two(54), -54)
    } else if x > 0.0 {
        x
    } else {
        f64::NAN
    }
}

#[inline]
const fn ln_scaled(x: f64, scale: i64) -> f64 {
    const ROOT_HALF: u64 = 0x3fe6_a09e_667f_3bcd;
    const HIGH: f64 = 0.693_147_180_485_539_1;
    const LOW: f64 = 7.440_617_110_012_397e-11;
    let bits = x.to_bits();
    let k = (bits.wrapping_sub(ROOT_HALF) as i64) >> 52;
    let f = f64::from_bits(bits.wrapping_sub((k << 52) as u64)) - 1.0;
    let k = (k + scale) as f64;
    let s = f / (2.0 + f);
    let z = s * s;
    let z2 = z * z;
    let series = z
        * ((0.666_666_666_666_667 + z * 0.399_999_999_998_995_05)
            + z2 * ((0.285_714_286_259_754_87 + z * 0.222_222_111_347_950_8)
                + z2 * ((0.181_828_892_511_256_23 + z * 0.153_317_216_005_560_42)
                    + z2 * 0.146_164_496_850_434_06)));
    let half_square = 0.5 * f * f;
    // ln(1 + f) = f - f^2/2 + s (f^2/2 + series)
    k * HIGH - ((half_square - (s * (half_square + series) + k * LOW)) - f)
}

/// The square root of a positive number by Newton's method, for tables made at compile time, where
/// the processor's own is not at hand.
pub(crate) const fn sqrt(x: f64) -> f64 {
    let mut root = if x > 1.0 { x } else { 1.0 };
    let mut i = 0;
    while i < 60 {
        root = 0.5 * (root + x / root);
        i += 1;
    }
    root
}

/// `ln(1 + x)` without loss for small `x` (Kahan's correction of `ln` by the rounding of `1 + x`).
///
/// ```
/// assert_eq!(icsflow::math::ln_1p(1e-300), 1e-300);
/// ```
#[inline]
pub fn ln_1p(x: f64) -> f64 {
    let sum = 1.0 + x;
    if sum == 1.0 {
        x
    } else if sum.is_finite() {
        ln(sum) * (x / (sum - 1.0))
    } else {
        sum
    }
}

/// `exp(x) - 1` without loss for small `x` (Kahan's correction).
///
/// ```
/// assert_eq!(icsflow::math::exp_m1(1e-300), 1e-300);
/// ```
#[inline]
pub fn exp_m1(x: f64) -> f64 {
    let power = exp(x);
    if power == 1.0 {
        x
    } else if x.abs() > 1.0 {
        power - 1.0
    } else {
        (power - 1.0) * (x / ln(power))
    }
}

/// `x` to the power `y`, for `x` of at least 0; relative error up to 2.3e-16 (2 + |y ln x|).
///
/// ```
/// assert!((icsflow::math::pow(2.0, 0.5) - 2f64.sqrt()).abs() < 1e-15);
/// ```
#[inline]
pub fn pow(x: f64, y: f64) -> f64 {
    if y == 0.0 { 1.0 } else { exp(y * ln(x)) }
}

/// What Stirling's formula leaves of `ln_gamma(x)`, for `x` of at least 10 (DLMF 5.11.1; error 3e-17).
fn stirling_rest(x: f64) -> f64 {
    let r = 1.0 / x;
    let z = r * r;
    r * (1.0 / 12.0
        - z * (1.0 / 360.0
            - z * (1.0 / 1260.0
                - z * (1.0 / 1680.0
                    - z * (1.0 / 1188.0 - z * (691.0 / 360_360.0 - z * (1.0 / 156.0)))))))
}

/// The logarithm of the gamma function of a positive number; absolute error 1e-14 near its zeros,
/// relative error 1e-15 elsewhere. Stirling's series (DLMF 5.11.1), after the recurrence below 10.
///
/// ```
/// assert!((icsflow::math::ln_gamma(5.0) - 24f64.ln()).abs() < 1e-14);
/// ```
pub fn ln_gamma(x: f64) -> f64 {
    if x.is_nan() || x <= 0.0 {
        return f64::NAN;
    }
    let (mut x, mut product) = (x, 1.0);
    while x < 10.0 {
        product *= x;
        x += 1.0;
    }
    (x - 0.5) * ln(x) - x + HALF_LN_TAU + stirling_rest(x) - ln(product)
}

/// `x^a exp(-x) / gamma(a)`: the density of a gamma variable of shape `a` at `x`, times `x`.
pub(crate) fn gamma_density_by_x(a: f64, x: f64) -> f64 {
    if x <= 0.0 || x == f64::INFINITY {
        return 0.0;
    }
    if a < 10.0 {
        return exp(a * ln(x) - x - ln_gamma(a));
    }
    // Around the peak, where a ln(x) and ln_gamma(a) would cancel.
    let d = (x - a) / a;
    exp(-a * (d - ln_1p(d)) - stirling_rest(a)) * a.sqrt() / SQRT_TAU
}

/// The regularised incomplete gamma functions `(P(a, x), Q(a, x))`: the probabilities that a gamma
/// variable of shape `a` and scale 1 lies below and above `x`. The smaller one is exact to about
/// 1e-13 of its value. Power series below `a + 1` (DLMF 8.11.4), continued fraction above (8.9.2).
///
/// ```
/// let (below, above) = icsflow::math::gamma_tails(1.0, 2.0);
/// assert!((above - (-2f64).exp()).abs() < 1e-15 && (below + above - 1.0).abs() < 1e-15);
/// ```
pub fn gamma_tails(a: f64, x: f64) -> (f64, f64) {
    if x <= 0.0 {
        return (0.0, 1.0);
    }
    let front = gamma_density_by_x(a, x);
    if x < a + 1.0 {
        let (mut term, mut sum, mut n) = (1.0 / a, 1.0 / a, a);
        while term > sum * 1e-17 {
            n += 1.0;
            term *= x / n;
            sum += term;
        }
        let below = (front * sum).min(1.0);
        (below, 1.0 - below)
    } else if front == 0.0 {
        (1.0, 0.0)
    } else {
        // Lentz's evaluation of 1/(x+1-a- 1(1-a)/(x+3-a- 2(2-a)/(x+5-a- ...
        let mut b = x + 1.0 - a;
        let (mut c, mut d) = (1e300, 1.0 / b);
        let mut fraction = d;
        let mut i = 0.0;
        while i < 1e6 {
            i += 1.0;
            let numerator = -i * (i - a);
            b += 2.0;
            d = 1.0 / away_from_zero(numerator * d + b);
            c = away_from_zero(b + numerator / c);
            let factor = c * d;
            fraction *= factor;
            if (factor - 1.0).abs() < 1e-16 {
                break;
            }
        }
        let above = (front * fraction).min(1.0);
        (1.0 - above, above)
    }
}

fn away_from_zero(x: f64) -> f64 {
    if x.abs() < 1e-300 { 1e-300 } else { x }
}

/// The value below which a gamma variable of shape `a` and scale 1 lies with probability `p = 1 - q`.
/// Give both, so that neither tail loses digits.
///
/// ```
/// let x = icsflow::math::gamma_quantile(1.0, 0.5, 0.5);
/// assert!((x - std::f64::consts::LN_2).abs() < 1e-14);
/// ```
pub fn gamma_quantile(a: f64, p: f64, q: f64) -> f64 {
    if p <= 0.0 {
        return 0.0;
    }
    if q <= 0.0 {
        return f64::INFINITY;
    }
    // Wilson and Hilferty (1931): the cube root is nearly normal. Far down, P is a power of x.
    let spread = 1.0 / (9.0 * a);
    let root = 1.0 - spread + normal_quantile_of(p, q) * spread.sqrt();
    let power = (ln(p) + ln_gamma(a + 1.0)) / a;
    let start =
        if root > 0.2 && a > 0.5 { ln(a * root * root * root) } else { power.min(ln(a + 40.0)) };
    // P(a, x) <= x^a / gamma(a + 1), so that the root is not below `power`.
    let low = power - 1e-9 * (1.0 + power.abs());
    let high = ln(a + 800.0 + 40.0 * a.sqrt());
    let excess = |y: f64| {
        let x = exp(y);
        if x == 0.0 {
            // P is the power itself.
            return (a * (y - power), a);
        }
        let (below, above) = gamma_tails(a, x);
        let slope = gamma_density_by_x(a, x);
        if p < q { (ln(below / p), slope / below) } else { (-ln(above / q), slope / above) }
    };
    exp(rising_root(excess, low, high, start, 1.0))
}

/// The root of a rising function in a bracket by Newton's method, by halving where that fails.
/// `f` gives value and slope; `unit` is what counts as a large step beside the size of the root: 1
/// where the root is a logarithm.
pub(crate) fn rising_root(
    f: impl Fn(f64) -> (f64, f64),
    mut low: f64,
    mut high: f64,
    start: f64,
    unit: f64,
) -> f64 {
    let mut x = if start > low && start < high { start } else { 0.5 * (low + high) };
    for round in 0..200 {
        let (value, slope) = f(x);
        if value == 0.0 {
            return x;
        }
        if value < 0.0 {
            low = x
        } else {
            high = x
        }
        let newton = x - value / slope;
        // After so short a step the root is right to about twice as many digits.
        if (newton - x).abs() <= 1e-10 * (x.abs() + unit) {
            return newton.clamp(low, high);
        }
        // Newton may creep: halve every third time once it has had its chance.
        let trusted = newton > low && newton < high && (round < 12 || round % 3 != 0);
        let next = if trusted { newton } else { 0.5 * (low + high) };
        if next == x || high - low <= 2e-16 * x.abs() {
            break;
        }
        x = next;
    }
    x
}

/// The density of the standard normal distribution.
pub fn normal_density(z: f64) -> f64 {
    exp(-0.5 * z * z) / SQRT_TAU
}

/// The probability that a standard normal variable lies below `z`, to about 1e-13 of its value down
/// to `z = -38`; `normal_cdf(-z)` is the probability above `z`.
///
/// ```
/// assert!((icsflow::math::normal_cdf(1.96) - 0.9750021048517795).abs() < 1e-15);
/// ```
pub fn normal_cdf(z: f64) -> f64 {
    // The square of a normal variable is twice a gamma variable of shape 1/2.
    let (inside, outside) = gamma_tails(0.5, 0.5 * z * z);
    if z < 0.0 {
        0.5 * outside
    } else if z > 0.0 {
        0.5 + 0.5 * inside
    } else {
        0.5 + z
    }
}

/// The probability that a standard normal variable lies between `a` and `b`.
pub(crate) fn normal_between(a: f64, b: f64) -> f64 {
    if a > 0.0 { normal_cdf(-a) - normal_cdf(-b) } else { normal_cdf(b) - normal_cdf(a) }
}

/// The value below which a standard normal variable lies with probability `p`.
///
/// ```
/// assert!((icsflow::math::normal_quantile(0.975) - 1.959963984540054).abs() < 1e-14);
/// ```
pub fn normal_quantile(p: f64) -> f64 {
    normal_quantile_of(p, 1.0 - p)
}

/// The same with both tails given, `q = 1 - p`. Start by Abramowitz and Stegun 26.2.23, then Halley's
/// method.
pub(crate) fn normal_quantile_of(p: f64, q: f64) -> f64 {
    let tail = if p < q { p } else { q };
    if tail.is_nan() || tail < 0.0 {
        return f64::NAN;
    }
    if tail == 0.0 {
        return if p < q { f64::NEG_INFINITY } else { f64::INFINITY };
    }
    let t = (-2.0 * ln(tail)).sqrt();
    let mut z = t
        - (2.515_517 + t * (0.802_853 + t * 0.010_328))
            / (1.0 + t * (1.432_788 + t * (0.189_269 + t * 0.001_308)));
    for _ in 0..3 {
        let miss = (normal_cdf(-z) - tail) / normal_density(z);
        let step = miss / (1.0 + 0.5 * z * miss);
        if step.is_finite() {
            z += step;
        }
    }
    if p < q { -z } else { z }
}

/// The regularised incomplete beta function `I_x(a, b)` by its continued fraction (DLMF 8.17.22).
///
/// ```
/// assert!((icsflow::math::beta_cdf(2.0, 3.0, 0.4) - 0.5248).abs() < 1e-14);
/// ```
pub fn beta_cdf(a: f64, b: f64, x: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    if x >= 1.0 {
        return 1.0;
    }
    // The fraction converges fast below the mean; above, by symmetry.
    if x > (a + 1.0) / (a + b + 2.0) {
        return 1.0 - beta_cdf(b, a, 1.0 - x);
    }
    let front = exp(ln_gamma(a + b) - ln_gamma(a) - ln_gamma(b) + a * ln(x) + b * ln_1p(-x)) / a;
    let (mut c, mut d) = (1.0, 1.0 / away_from_zero(1.0 - (a + b) * x / (a + 1.0)));
    let mut fraction = d;
    for i in 1..100_000 {
        let m = f64::from(i);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        let before = fraction;
        for numerator in [even, odd] {
            d = 1.0 / away_from_zero(1.0 + numerator * d);
            c = away_from_zero(1.0 + numerator / c);
            fraction *= c * d;
        }
        if (fraction - before).abs() < 1e-16 * fraction {
            break;
        }
    }
    front * fraction
}

/// The value below which a Student t variable with `df` degrees of freedom lies with probability `p`.
///
/// ```
/// assert!((icsflow::math::student_t_quantile(0.975, 9.0) - 2.262157).abs() < 1e-6);
/// ```
pub fn student_t_quantile(p: f64, df: f64) -> f64 {
    let tail = p.min(1.0 - p);
    if tail.is_nan() || tail < 0.0 || df.is_nan() || df <= 0.0 {
        return f64::NAN;
    }
    if tail == 0.5 {
        return 0.0;
    }
    let sign = if p < 0.5 { -1.0 } else { 1.0 };
    if tail == 0.0 {
        return sign * f64::INFINITY;
    }
    let scale =
        exp(ln_gamma(0.5 * (df + 1.0)) - ln_gamma(0.5 * df)) / (df * std::f64::consts::PI).sqrt();
    let excess = |y: f64| {
        let t = exp(y);
        let square = t * t / df;
        let above = 0.5 * beta_cdf(0.5 * df, 0.5, 1.0 / (1.0 + square));
        let density = scale * exp(-0.5 * (df + 1.0) * ln_1p(square));
        (-ln(above / tail), t * density / above)
    };
    sign * exp(rising_root(excess, -40.0, 330.0, ln(normal_quantile(1.0 - tail)), 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Points that fill a range of numbers evenly, without a pattern.
    fn spread(low: f64, high: f64, n: u32) -> impl Iterator<Item = f64> {
        (0..n).map(move |i| low + (high - low) * (f64::from(i) * 0.618_033_988_749_894_9).fract())
    }

    fn assert_near(found: f64, expected: f64, relative: f64, what: &str) {
        let miss = (found - expected).abs() / expected.abs().max(f64::MIN_POSITIVE);
        assert!(miss <= relative, "{what}: {found:e}, not {expected:e} ({miss:e} off)");
    }

    #[test]
    fn exp_and_ln_agree_with_the_platform_to_the_last_bit_or_two() {
        for x in spread(-707.0, 709.0, 400_000).chain(spread(-1.0, 1.0, 400_000)) {
            assert_near(exp(x), x.exp(), 4.5e-16, &format!("exp({x})"));
        }
        for y in spread(-707.0, 709.0, 400_000).chain(spread(-1.0, 1.0, 400_000)) {
            let x = y.exp();
            assert_near(ln(x), x.ln(), 4.5e-16, &format!("ln({x})"));
            assert_near(ln_1p(x), x.ln_1p(), 1e-15, &format!("ln_1p({x})"));
        }
        for x in spread(-30.0, 2.0, 100_000).map(f64::exp) {
            assert_near(ln_1p(-x / 8.0), (-x / 8.0).ln_1p(), 1e-15, &format!("ln_1p({x})"));
            for x in [x, -x] {
                assert_near(exp_m1(x), x.exp_m1(), 1e-15, &format!("exp_m1({x})"));
            }
        }
        for (x, y) in spread(1e-3, 50.0, 1000).zip(spread(-8.0, 9.0, 1000)) {
            assert_near(pow(x, y), x.powf(y), 2e-14, &format!("pow({x}, {y})"));
        }
    }

    #[test]
    fn the_ends_of_exp_and_ln() {
        assert_eq!(exp(710.0), f64::INFINITY);
        assert_eq!(exp(f64::INFINITY), f64::INFINITY);
        assert_eq!(exp(-746.0), 0.0);
        assert_eq!(exp(f64::NEG_INFINITY), 0.0);
        assert!(exp(f64::NAN).is_nan());
        assert_near(exp(709.7), 709.7f64.exp(), 5e-16, "exp(709.7)");
        assert_eq!(exp(-745.0), 5e-324);
        assert_near(exp(-720.0), (-720f64).exp(), 1e-9, "a subnormal result");
        assert_eq!(ln(0.0), f64::NEG_INFINITY);
        assert_eq!(ln(f64::INFINITY), f64::INFINITY);
        assert!(ln(-1.0).is_nan() && ln(f64::NAN).is_nan());
        assert_near(ln(5e-324), 5e-324f64.ln(), 5e-16, "ln of the least number");
        assert_near(ln(f64::MAX), f64::MAX.ln(), 5e-16, "ln of the greatest number");
        assert_eq!((pow(0.0, 2.0), pow(0.0, 0.0), pow(3.0, 0.0)), (0.0, 1.0, 1.0));
        assert_eq!((ln_1p(-1.0), ln_1p(f64::INFINITY)), (f64::NEG_INFINITY, f64::INFINITY));
        assert_eq!((exp_m1(f64::NEG_INFINITY), exp_m1(800.0)), (-1.0, f64::INFINITY));
        assert_near(sqrt(2.0), 2f64.sqrt(), 2.3e-16, "root of 2");
    }

    /// The same bits everywhere: these were computed once.
    #[test]
    fn portable_values_keep_their_bits() {
        let values = [exp(1.5), ln(10.0), ln_gamma(3.7), normal_cdf(-1.3), normal_quantile(0.2)];
        assert_eq!(values.map(f64::to_bits), GOLDEN);
    }

    const GOLDEN: [u64; 5] = [
        0x4011_ed3f_e64f_c542,
        0x4002_6bb1_bbb5_5516,
        0x3ff6_d962_5e35_9b80,
        0x3fb8_c7ea_a388_3ab4,
        0xbfea_ee8f_a73a_1322,
    ];

    #[test]
    fn the_gamma_function_and_its_parts() {
        let factorials: [(f64, f64); 4] =
            [(1.0, 1.0), (6.0, 120.0), (11.0, 3_628_800.0), (21.0, 2.432_902_008_176_64e18)];
        for (x, value) in factorials {
            assert!((ln_gamma(x) - value.ln()).abs() < 3e-14, "ln_gamma({x})");
        }
        assert_near(ln_gamma(0.5), 0.5 * std::f64::consts::PI.ln(), 1e-13, "ln_gamma(1/2)");
        // A whole shape is a sum of Poisson terms.
        for (shape, x) in [(1u32, 0.3), (4, 2.0), (4, 9.0), (30, 22.0), (30, 45.0)] {
            let mut term = f64::exp(-x);
            let mut above = term;
            for n in 1..shape {
                term *= x / f64::from(n);
                above += term;
            }
            assert_near(gamma_tails(f64::from(shape), x).1, above, 1e-13, "Q");
        }
        for shape in [0.05, 0.3, 1.0, 2.5, 9.9, 10.1, 300.0, 1e5] {
            for p in [1e-12, 1e-3, 0.2, 0.5] {
                let x = gamma_quantile(shape, p, 1.0 - p);
                assert_near(gamma_tails(shape, x).0, p, 1e-10, &format!("P({shape}, {x})"));
                let x = gamma_quantile(shape, 1.0 - p, p);
                assert_near(gamma_tails(shape, x).1, p, 1e-10, &format!("Q({shape}, {x})"));
            }
        }
        assert_eq!(gamma_quantile(2.0, 0.0, 1.0), 0.0);
        assert_eq!(gamma_quantile(2.0, 1.0, 0.0), f64::INFINITY);
        assert_eq!(gamma_quantile(0.001, 1e-9, 1.0 - 1e-9), 0.0);
    }

    #[test]
    fn the_normal_distribution_and_its_inverse() {
        // Of tables.
        assert_near(normal_cdf(-3.0), 1.349_898_031_630_094_5e-3, 1e-13, "3 sd");
        assert_near(normal_cdf(-10.0), 7.619_853_024_160_527e-24, 1e-12, "10 sd");
        assert_near(normal_cdf(0.5), 0.691_462_461_274_013_1, 1e-14, "half an sd");
        for p in [1e-300, 1e-20, 1e-5, 0.01, 0.3, 0.499_999, 0.5] {
            let z = normal_quantile(p);
            assert_near(normal_cdf(z), p, 1e-11, &format!("normal quantile of {p}"));
            if p < 0.5 {
                assert_eq!(normal_quantile_of(1.0 - p, p), -z);
            }
        }
        assert_eq!(normal_quantile(0.0), f64::NEG_INFINITY);
        assert_eq!(normal_quantile(1.0), f64::INFINITY);
        assert!(normal_quantile(1.5).is_nan() && normal_quantile(f64::NAN).is_nan());
        assert_near(normal_between(29.0, f64::INFINITY), normal_cdf(-29.0), 1e-15, "a far tail");
    }

    #[test]
    fn the_t_distribution() {
        let table = [(1.0, 12.706205), (4.0, 2.776445), (9.0, 2.262157), (29.0, 2.045230)];
        for (df, value) in table.into_iter().chain([(999.0, 1.962341)]) {
            assert!((student_t_quantile(0.975, df) - value).abs() < 6e-7, "{df}");
            assert_eq!(student_t_quantile(0.5, df), 0.0);
            let (low, high) = (student_t_quantile(0.025, df), student_t_quantile(0.975, df));
            assert_near(-low, high, 1e-12, "symmetry");
        }
        // With one degree of freedom a tangent.
        let tangent = (std::f64::consts::PI * 0.499).tan();
        assert_near(student_t_quantile(0.999, 1.0), tangent, 1e-12, "Cauchy");
    }
}
