//! Moments, distribution functions and their exact inverses.
//!
//! Probabilities come in pairs, below and above, so that neither tail loses digits.

use super::hazard;
use crate::math;
use crate::model::distribution::Law;

impl Law {
    /// The same law with values in rising order.
    pub(super) fn sorted(self) -> Law {
        match self {
            Law::Discrete { values, probs } => {
                let mut steps: Vec<_> = values.into_iter().zip(probs).collect();
                steps.retain(|(_, prob)| *prob > 0.0);
                steps.sort_by(|a, b| a.0.total_cmp(&b.0));
                let (values, probs) = steps.into_iter().unzip();
                Law::Discrete { values, probs }
            }
            Law::Empirical(mut values) => {
                values.sort_by(f64::total_cmp);
                Law::Empirical(values)
            }
            Law::Mixture { weights, parts } => {
                Law::Mixture { weights, parts: parts.into_iter().map(Law::sorted).collect() }
            }
            other => other,
        }
    }

    /// Whether some value has a probability of its own.
    pub(super) fn has_atoms(&self) -> bool {
        match self {
            Law::Mixture { parts, .. } => parts.iter().any(Law::has_atoms),
            Law::Constant(_)
            | Law::Clipped { .. }
            | Law::Discrete { .. }
            | Law::Empirical(_)
            | Law::Geometric { .. }
            | Law::Poisson { .. }
            | Law::Listed(_)
            | Law::DailyHazard { .. } => true,
            _ => false,
        }
    }

    pub(super) fn mean(&self) -> f64 {
        self.mean_and_variance().0
    }

    pub(super) fn sd(&self) -> f64 {
        self.mean_and_variance().1.max(0.0).sqrt()
    }

    fn mean_and_variance(&self) -> (f64, f64) {
        match self {
            Law::Constant(value) => (*value, 0.0),
            Law::Exponential { mean } => (*mean, mean * mean),
            Law::Lognormal { mu, sigma } => {
                let mean = math::exp(mu + 0.5 * sigma * sigma);
                (mean, mean * mean * math::exp_m1(sigma * sigma))
            }
            Law::Gamma { shape, scale } => (shape * scale, shape * scale * scale),
            Law::Weibull { shape, scale } => {
                let log_mean = math::ln_gamma(1.0 + 1.0 / shape);
                let mean = scale * math::exp(log_mean);
                let spread = math::ln_gamma(1.0 + 2.0 / shape) - 2.0 * log_mean;
                (mean, mean * mean * math::exp_m1(spread))
            }
            Law::Hyperexponential { probs, means } => {
                shared(probs, means.iter().map(|mean| (*mean, mean * mean)))
            }
            Law::Coxian { rates, go_on } => {
                // From the last phase back: first and second moment of what is left.
                let (mut first, mut second) = (0.0, 0.0);
                for (i, rate) in rates.iter().enumerate().rev() {
                    let on = go_on.get(i).copied().unwrap_or(0.0);
                    let phase = 1.0 / rate;
                    second = 2.0 * phase * phase + on * (2.0 * phase * first + second);
                    first = phase + on * first;
                }
                (first, second - first * first)
            }
            Law::Uniform { low, high } => {
                (low + 0.5 * (high - low), (high - low) * (high - low) / 12.0)
            }
            Law::Triangular { low, mode, high } => {
                let (a, b) = (mode - low, high - low);
                (low + (a + b) / 3.0, (a * a + b * b - a * b) / 18.0)
            }
            Law::Normal { mean, sd } => (*mean, sd * sd),
            Law::Truncated { mean, sd, low, high } => {
                let (a, b) = ((low - mean) / sd, (high - mean) / sd);
                let mass = math::normal_between(a, b);
                let shift = (math::normal_density(a) - math::normal_density(b)) / mass;
                let edges = (edge(a) - edge(b)) / mass;
                (mean + sd * shift, sd * sd * (1.0 + edges - shift * shift))
            }
            Law::Clipped { mean, sd, low, high } => {
                let (a, b) = ((low - mean) / sd, (high - mean) / sd);
                let (below, above) = (math::normal_cdf(a), math::normal_cdf(-b));
                // An infinite limit is never met.
                let met = |limit: f64| if limit.is_finite() { limit } else { 0.0 };
                let (a0, b0) = (met(a), met(b));
                let first =
                    a0 * below + b0 * above + math::normal_density(a) - math::normal_density(b);
                let inside = math::normal_between(a, b) + edge(a) - edge(b);
                let second = a0 * a0 * below + b0 * b0 * above + inside;
                (mean + sd * first, sd * sd * (second - first * first))
            }
            Law::Discrete { values, probs } => shared(probs, values.iter().map(|v| (*v, 0.0))),
            Law::Empirical(values) | Law::Listed(values) => {
                let equal = vec![1.0 / values.len() as f64; values.len()];
                shared(&equal, values.iter().map(|value| (*value, 0.0)))
            }
            Law::Mixture { weights, parts } => {
                shared(weights, parts.iter().map(Law::mean_and_variance))
            }
            Law::Geometric { mean, unit } => (mean * unit, mean * (mean - 1.0) * unit * unit),
            Law::Poisson { mean, unit } => (mean * unit, mean * unit * unit),
            Law::Hazard { from, rates, .. } => hazard::moments(from, rates),
            Law::DailyHazard { shares, day, .. } => {
                let (mean, variance) = hazard::day_moments(shares);
                (mean * day, variance * day * day)
            }
        }
    }

    /// The probabilities of a value up to `x` and of one above.
    pub(super) fn tails(&self, x: f64) -> (f64, f64) {
        if x.is_nan() {
            return (f64::NAN, f64::NAN);
        }
        match self {
            Law::Constant(value) => step(x >= *value),
            _ if x == f64::INFINITY => (1.0, 0.0),
            _ if x == f64::NEG_INFINITY => (0.0, 1.0),
            Law::Exponential { mean } => exponential_tails(x / mean),
            Law::Lognormal { mu, sigma } => {
                if x <= 0.0 {
                    return (0.0, 1.0);
                }
                normal_tails((math::ln(x) - mu) / sigma)
            }
            Law::Gamma { shape, scale } => math::gamma_tails(*shape, x / scale),
            Law::Weibull { shape, scale } => {
                exponential_tails(if x > 0.0 { math::pow(x / scale, *shape) } else { 0.0 })
            }
            Law::Hyperexponential { probs, means } => {
                weighted(probs, means.iter().map(|mean| exponential_tails(x / mean)))
            }
            Law::Coxian { rates, go_on } => {
                let (below, above, _) = coxian(rates, go_on, x);
                (below, above)
            }
            Law::Uniform { low, high } => {
                let width = high - low;
                (((x - low) / width).clamp(0.0, 1.0), ((high - x) / width).clamp(0.0, 1.0))
            }
            Law::Triangular { low, mode, high } => {
                let width = high - low;
                if x <= *low {
                    (0.0, 1.0)
                } else if x >= *high {
                    (1.0, 0.0)
                } else if x < *mode {
                    let below = (x - low) * (x - low) / (width * (mode - low));
                    (below, 1.0 - below)
                } else {
                    let above = (high - x) * (high - x) / (width * (high - mode));
                    (1.0 - above, above)
                }
            }
            Law::Normal { mean, sd } => normal_tails((x - mean) / sd),
            Law::Truncated { mean, sd, low, high } => {
                let z = (x.clamp(*low, *high) - mean) / sd;
                let (a, b) = ((low - mean) / sd, (high - mean) / sd);
                let (below, above) = (math::normal_between(a, z), math::normal_between(z, b));
                (below / (below + above), above / (below + above))
            }
            Law::Clipped { mean, sd, low, high } => {
                if x < *low {
                    (0.0, 1.0)
                } else if x >= *high {
                    (1.0, 0.0)
                } else {
                    normal_tails((x - mean) / sd)
                }
            }
            Law::Discrete { values, probs } => {
                weighted(probs, values.iter().map(|value| step(x >= *value)))
            }
            Law::Empirical(values) => {
                let (below, all) = (values.partition_point(|v| *v <= x), values.len());
                (below as f64 / all as f64, (all - below) as f64 / all as f64)
            }
            Law::Listed(values) => {
                let (below, all) = (values.iter().filter(|v| **v <= x).count(), values.len());
                (below as f64 / all as f64, (all - below) as f64 / all as f64)
            }
            Law::Mixture { weights, parts } => {
                weighted(weights, parts.iter().map(|part| part.tails(x)))
            }
            Law::Geometric { mean, unit } => {
                let n = (x / unit).floor();
                if n < 1.0 { (0.0, 1.0) } else { exponential_tails(-n * math::ln_1p(-1.0 / mean)) }
            }
            Law::Poisson { mean, unit } => {
                let n = (x / unit).floor();
                if n < 0.0 {
                    return (0.0, 1.0);
                }
                // At most n events before time `mean`: the (n + 1)th is later.
                let (later, earlier) = math::gamma_tails(n + 1.0, *mean);
                (earlier, later)
            }
            Law::Hazard { from, rates, reached } => {
                exponential_tails(hazard::spent_at(from, rates, reached, x))
            }
            Law::DailyHazard { shares, reached, day } => {
                exponential_tails(hazard::spent_after(shares, reached, (x / day).floor()))
            }
        }
    }

    /// The probability density; 0 where only single values have a probability.
    pub(super) fn density(&self, x: f64) -> f64 {
        match self {
            Law::Exponential { mean } if x >= 0.0 => math::exp(-x / mean) / mean,
            Law::Lognormal { mu, sigma } if x > 0.0 => {
                math::normal_density((math::ln(x) - mu) / sigma) / (sigma * x)
            }
            Law::Gamma { shape, scale } if x > 0.0 => {
                math::gamma_density_by_x(*shape, x / scale) / x
            }
            Law::Weibull { shape, scale } if x > 0.0 => {
                let hazard = math::pow(x / scale, *shape);
                shape * hazard * math::exp(-hazard) / x
            }
            Law::Hyperexponential { probs, means } if x >= 0.0 => {
                probs.iter().zip(means).map(|(prob, mean)| prob * math::exp(-x / mean) / mean).sum()
            }
            Law::Coxian { rates, go_on } if x >= 0.0 => coxian(rates, go_on, x).2,
            Law::Uniform { low, high } if x >= *low && x <= *high => 1.0 / (high - low),
            Law::Triangular { low, mode, high } if x >= *low && x <= *high => {
                let peak = 2.0 / (high - low);
                if x < *mode {
                    peak * (x - low) / (mode - low)
                } else if x > *mode {
                    peak * (high - x) / (high - mode)
                } else {
                    peak
                }
            }
            Law::Normal { mean, sd } => math::normal_density((x - mean) / sd) / sd,
            Law::Truncated { mean, sd, low, high } if x >= *low && x <= *high => {
                let mass = math::normal_between((low - mean) / sd, (high - mean) / sd);
                math::normal_density((x - mean) / sd) / (sd * mass)
            }
            Law::Mixture { weights, parts } => {
                weights.iter().zip(parts).map(|(weight, part)| weight * part.density(x)).sum()
            }
            Law::Hazard { from, rates, reached } if x >= 0.0 => {
                let spent = hazard::spent_at(from, rates, reached, x);
                hazard::rate_at(from, rates, x) * math::exp(-spent)
            }
            _ => 0.0,
        }
    }

    /// Both tails and the density at a value.
    pub(super) fn look(&self, x: f64) -> (f64, f64, f64) {
        match self {
            Law::Coxian { rates, go_on } if x < f64::INFINITY => coxian(rates, go_on, x),
            Law::Mixture { weights, parts } => {
                weights.iter().zip(parts).fold((0.0, 0.0, 0.0), |sum, (weight, part)| {
                    let (below, above, density) = part.look(x);
                    (sum.0 + weight * below, sum.1 + weight * above, sum.2 + weight * density)
                })
            }
            _ => {
                let (below, above) = self.tails(x);
                (below, above, self.density(x))
            }
        }
    }

    /// The least value that is not exceeded with probability `p = 1 - q`.
    pub(super) fn quantile(&self, p: f64, q: f64) -> f64 {
        self.quantile_near(p, q, f64::NAN)
    }

    /// The same where a value near to it is known: of use where the inverse is solved for.
    pub(super) fn quantile_near(&self, p: f64, q: f64, near: f64) -> f64 {
        if p.is_nan() || q.is_nan() || p < 0.0 || q < 0.0 {
            return f64::NAN;
        }
        match self {
            Law::Constant(value) => *value,
            Law::Exponential { mean } => mean * exponential_quantile(p, q),
            Law::Lognormal { mu, sigma } => math::exp(mu + sigma * math::normal_quantile_of(p, q)),
            Law::Gamma { shape, scale } => scale * math::gamma_quantile(*shape, p, q),
            Law::Weibull { shape, scale } => {
                scale * math::pow(exponential_quantile(p, q), 1.0 / shape)
            }
            Law::Hyperexponential { means, .. } => {
                let standard = exponential_quantile(p, q);
                let (least, most) = bounds(means.iter().map(|mean| mean * standard));
                self.root(p, q, least, most, near)
            }
            Law::Coxian { rates, .. } => {
                if p == 0.0 || q == 0.0 {
                    return if p == 0.0 { 0.0 } else { f64::INFINITY };
                }
                // The first phase alone is not longer; nor do all of them leave more than this.
                let total: f64 = rates.iter().map(|rate| 1.0 / rate).sum();
                let near = if near.is_nan() { self.mean() } else { near };
                self.root(p, q, 0.5 * p / rates[0], 800.0 * total, near)
            }
            Law::Uniform { low, high } => {
                if p < q {
                    low + p * (high - low)
                } else {
                    high - q * (high - low)
                }
            }
            Law::Triangular { low, mode, high } => triangular(*low, *mode, *high, p, q),
            Law::Normal { mean, sd } => mean + sd * math::normal_quantile_of(p, q),
            Law::Truncated { mean, sd, low, high } => {
                let (a, b) = ((low - mean) / sd, (high - mean) / sd);
                let mass = math::normal_between(a, b);
                let below = math::normal_cdf(a) + p * mass;
                let above = math::normal_cdf(-b) + q * mass;
                (mean + sd * math::normal_quantile_of(below, above)).clamp(*low, *high)
            }
            Law::Clipped { mean, sd, low, high } => {
                (mean + sd * math::normal_quantile_of(p, q)).clamp(*low, *high)
            }
            Law::Discrete { values, probs } => {
                let mut below = 0.0;
                for (value, prob) in values.iter().zip(probs) {
                    below += prob;
                    if below >= p {
                        return *value;
                    }
                }
                values.last().copied().unwrap_or(f64::NAN)
            }
            Law::Empirical(values) => nth(values, p),
            Law::Listed(values) => {
                let mut values = values.clone();
                values.sort_by(f64::total_cmp);
                nth(&values, p)
            }
            Law::Mixture { parts, .. } => {
                let (least, most) = bounds(parts.iter().map(|part| part.quantile(p, q)));
                if least == most {
                    least
                } else if self.has_atoms() {
                    let reached = |x| {
                        let (below, above) = self.tails(x);
                        if p < q { below >= p } else { above <= q }
                    };
                    least_number(reached, least, most)
                } else {
                    self.root(p, q, least, most, near)
                }
            }
            Law::Geometric { mean, unit } => {
                let n = exponential_quantile(p, q) / -math::ln_1p(-1.0 / mean);
                // A whole number missed by rounding is still that number.
                (n * (1.0 - 4e-16)).ceil().max(1.0) * unit
            }
            Law::Poisson { mean, unit } => {
                if q == 0.0 {
                    return if *mean > 0.0 { f64::INFINITY } else { 0.0 };
                }
                let (mut least, mut most) = (-1.0, (mean + 40.0 * mean.sqrt() + 60.0).ceil());
                while most - least > 1.0 {
                    let middle = (0.5 * (least + most)).floor();
                    let (later, earlier) = math::gamma_tails(middle + 1.0, *mean);
                    let reached = if p < q { earlier >= p } else { later <= q };
                    if reached { most = middle } else { least = middle }
                }
                most * unit
            }
            Law::Hazard { .. } | Law::DailyHazard { .. } => {
                self.by_hazard(exponential_quantile(p, q))
            }
        }
    }

    /// Of a law by hazard, the value at which so much hazard is spent; else NaN.
    pub(super) fn by_hazard(&self, hazard: f64) -> f64 {
        match self {
            Law::Hazard { from, rates, reached } => hazard::time_of(from, rates, reached, hazard),
            Law::DailyHazard { shares, reached, day } => {
                day * hazard::day_of(shares, reached, hazard)
            }
            _ => f64::NAN,
        }
    }

    /// The inverse of a continuous distribution function, known to lie in a range and perhaps near a
    /// value.
    fn root(&self, p: f64, q: f64, least: f64, most: f64, near: f64) -> f64 {
        if !(least.is_finite() && most.is_finite()) || least >= most {
            return if p < q { least } else { most };
        }
        // How far the logarithm of the nearer tail is from its goal, and how fast that changes.
        let excess = |x: f64| {
            let (below, above, density) = self.look(x);
            if p < q {
                (math::ln(below / p), density / below)
            } else {
                (-math::ln(above / q), density / above)
            }
        };
        if least > 0.0 {
            let by_log = |y: f64| {
                let x = math::exp(y);
                let (value, slope) = excess(x);
                (value, slope * x)
            };
            let (low, high) = (math::ln(least) - 1e-12, math::ln(most) + 1e-12);
            math::exp(math::rising_root(by_log, low, high, math::ln(near), 1.0))
        } else {
            math::rising_root(excess, least, most, near, 0.0)
        }
    }
}

fn step(reached: bool) -> (f64, f64) {
    if reached { (1.0, 0.0) } else { (0.0, 1.0) }
}

/// `z` times the normal density, 0 at infinity.
fn edge(z: f64) -> f64 {
    if z.is_finite() { z * math::normal_density(z) } else { 0.0 }
}

fn exponential_tails(x: f64) -> (f64, f64) {
    if x > 0.0 { (-math::exp_m1(-x), math::exp(-x)) } else { (0.0, 1.0) }
}

fn normal_tails(z: f64) -> (f64, f64) {
    (math::normal_cdf(z), math::normal_cdf(-z))
}

/// Of an exponential variable with mean 1.
fn exponential_quantile(p: f64, q: f64) -> f64 {
    if p < q { -math::ln_1p(-p) } else { -math::ln(q) }
}

pub(super) fn triangular(low: f64, mode: f64, high: f64, p: f64, q: f64) -> f64 {
    let width = high - low;
    if p * width < mode - low {
        low + (p * width * (mode - low)).sqrt()
    } else {
        high - (q * width * (high - mode)).sqrt()
    }
}

/// Mean and variance of a mixture of parts with mean and variance.
fn shared(weights: &[f64], parts: impl Iterator<Item = (f64, f64)> + Clone) -> (f64, f64) {
    let mean: f64 = weights.iter().zip(parts.clone()).map(|(w, (mean, _))| w * mean).sum();
    let spread = |(w, (m, variance)): (&f64, (f64, f64))| w * (variance + (m - mean) * (m - mean));
    (mean, weights.iter().zip(parts).map(spread).sum())
}

fn weighted(weights: &[f64], parts: impl Iterator<Item = (f64, f64)>) -> (f64, f64) {
    weights.iter().zip(parts).fold((0.0, 0.0), |(below, above), (weight, part)| {
        (below + weight * part.0, above + weight * part.1)
    })
}

fn bounds(values: impl Iterator<Item = f64>) -> (f64, f64) {
    values.fold((f64::INFINITY, f64::NEG_INFINITY), |(least, most), x| (least.min(x), most.max(x)))
}

/// Of sorted values with equal chances.
fn nth(sorted: &[f64], p: f64) -> f64 {
    let n = sorted.len() as f64;
    let rank = (p * n * (1.0 - 4e-16)).ceil().clamp(1.0, n);
    sorted.get(rank as usize - 1).copied().unwrap_or(f64::NAN)
}

/// The least number in a range at which something has become true, by halving the order of all numbers.
fn least_number(reached: impl Fn(f64) -> bool, least: f64, most: f64) -> f64 {
    let place = |x: f64| {
        let bits = x.to_bits() as i64;
        bits ^ (((bits >> 63) as u64) >> 1) as i64
    };
    let number = |place: i64| f64::from_bits((place ^ (((place >> 63) as u64) >> 1) as i64) as u64);
    if reached(least) {
        return least;
    }
    let (mut low, mut high) = (place(least), place(most));
    while high.wrapping_sub(low) as u64 > 1 {
        let middle = low.wrapping_add((high.wrapping_sub(low) as u64 / 2) as i64);
        if reached(number(middle)) { high = middle } else { low = middle }
    }
    number(high)
}

/// Probabilities of being over and of not being over by time `t`, and the density, of phases in a row.
///
/// The matrix exponential by scaling and squaring, with the end as a state of its own: every entry is a
/// sum of products of positive numbers, so that none loses digits, however different the rates are.
/// The entries on the diagonal are exponentials and are put in exactly after each squaring.
fn coxian(rates: &[f64], go_on: &[f64], t: f64) -> (f64, f64, f64) {
    if t <= 0.0 {
        let end =
            if t == 0.0 { rates[0] * (1.0 - go_on.first().copied().unwrap_or(0.0)) } else { 0.0 };
        return (0.0, 1.0, end);
    }
    if t == f64::INFINITY {
        return (1.0, 0.0, 0.0);
    }
    let n = rates.len() + 1;
    let fastest = rates.iter().copied().fold(0.0, f64::max);
    let on = |i: usize| go_on.get(i).copied().unwrap_or(0.0);
    let (mut h, mut squarings) = (t, 0);
    while fastest * h > 0.25 {
        h *= 0.5;
        squarings += 1;
    }
    // Jumps at the fastest rate (uniformisation): exp(Qh) = exp(-fh) sum (fh)^j / j! * P^j.
    let stays: Vec<f64> = rates.iter().map(|rate| (fastest - rate) / fastest).collect();
    let goes: Vec<f64> = (0..n - 1).map(|i| on(i) * rates[i] / fastest).collect();
    let ends: Vec<f64> = (0..n - 1).map(|i| (1.0 - on(i)) * rates[i] / fastest).collect();
    let mut power = vec![0.0; n * n];
    (0..n).for_each(|i| power[i * n + i] = 1.0);
    let mut sum = power.clone();
    let mut factor = 1.0;
    for j in 1..n + 12 {
        factor *= fastest * h / j as f64;
        for (row, sum) in power.chunks_mut(n).zip(sum.chunks_mut(n)) {
            row[n - 1] += row.iter().zip(&ends).map(|(here, ends)| here * ends).sum::<f64>();
            for i in (0..n - 1).rev() {
                let comes = if i > 0 { row[i - 1] * goes[i - 1] } else { 0.0 };
                row[i] = row[i] * stays[i] + comes;
            }
            sum.iter_mut().zip(row).for_each(|(sum, power)| *sum += factor * *power);
        }
    }
    let front = math::exp(-fastest * h);
    sum.iter_mut().for_each(|entry| *entry *= front);
    let exact_diagonal = |matrix: &mut [f64], h: f64| {
        (0..n - 1).for_each(|i| matrix[i * n + i] = math::exp(-rates[i] * h));
        matrix[n * n - 1] = 1.0;
    };
    exact_diagonal(&mut sum, h);
    for _ in 0..squarings {
        for (i, row) in power.chunks_mut(n).enumerate() {
            for (j, entry) in row.iter_mut().enumerate() {
                *entry = (i..=j).map(|k| sum[i * n + k] * sum[k * n + j]).sum();
            }
        }
        std::mem::swap(&mut sum, &mut power);
        h *= 2.0;
        exact_diagonal(&mut sum, h);
    }
    let above: f64 = sum[..n - 1].iter().sum();
    let density = (0..n - 1).map(|i| sum[i] * rates[i] * (1.0 - on(i))).sum();
    (sum[n - 1].min(1.0), above.min(1.0), density)
}
