//! Histograms of lengths of time: counts in bins of equal relative width.
//!
//! Lengths of exactly 0 have a bin of their own. Every other bin spans 1/256 of its octave, so a quantile
//! is off by less than 0.4 % (and, read between the edges of its bin, by far less). Counts are whole
//! numbers: merging is exact in any order.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::time::Duration;

/// Bins to an octave, as a power of two.
const FINE: u32 = 8;
/// Every length is counted with so many microseconds (16 milliseconds) added, so that the shortest do
/// not spread over octaves of their own.
const ADDED: i64 = 1 << 14;
/// Octaves: up to 2^54 microseconds, about 570 years.
const OCTAVES: usize = 40;
const BINS: usize = (OCTAVES << FINE) + 1;
/// Bits of a 64-bit float below those that tell the bin.
const BELOW: u32 = f64::MANTISSA_DIGITS - 1 - FINE;
/// The bits above those, of the least number that is counted.
const LEAST: u64 = (ADDED as f64).to_bits() >> BELOW;

/// Counts of lengths of time. Most bins are empty: it is kept as the others.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Histogram {
    /// In 16 bits: what is counted often stays near, and much of a run is counting. There are none until
    /// something is counted: of many that are told apart, most have nothing.
    counts: Box<[u16]>,
    /// Bins that have gone beyond, each as often as it has.
    full: Vec<u32>,
}

/// What a bin holds when it goes beyond its count.
const FULL: u64 = 1 << 16;

impl Histogram {
    /// Counts a length of time.
    #[inline(always)]
    pub fn add(&mut self, length: Duration) {
        self.add_to(if length == 0 { 0 } else { bin(length) });
    }

    /// Counts a length of exactly 0.
    #[inline(always)]
    pub fn add_zero(&mut self) {
        self.add_to(0);
    }

    #[inline(always)]
    fn add_to(&mut self, bin: usize) {
        match self.counts.get_mut(bin) {
            Some(count) => {
                *count = count.wrapping_add(1);
                if *count == 0 {
                    self.carry(bin);
                }
            }
            None => self.add_rarely(bin),
        }
    }

    /// Counts the first length of all, or one beyond all bins in the last of them.
    #[cold]
    #[inline(never)]
    fn add_rarely(&mut self, bin: usize) {
        self.make_room();
        self.add_to(bin.min(BINS - 1));
    }

    fn make_room(&mut self) {
        if self.counts.is_empty() {
            self.counts = vec![0; BINS].into();
        }
    }

    #[cold]
    #[inline(never)]
    fn carry(&mut self, bin: usize) {
        self.full.push(bin as u32);
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.counts.fill(0);
        self.full.clear();
    }

    /// The bins that are not empty.
    pub fn sparse(&self) -> Sparse {
        const STRETCH: usize = 32;
        let mut filled = Vec::new();
        for (first, counts) in (0u32..).step_by(STRETCH).zip(self.counts.chunks(STRETCH)) {
            // Most stretches are empty: they are seen to be so without a look at each bin.
            if counts.iter().fold(0, |any, count| any | count) != 0 {
                let bins = (first..).zip(counts).filter(|(_, count)| **count > 0);
                filled.extend(bins.map(|(bin, count)| (bin, u64::from(*count))));
            }
        }
        for bin in &self.full {
            match filled.binary_search_by_key(bin, |(bin, _)| *bin) {
                Ok(at) => filled[at].1 += FULL,
                Err(at) => filled.insert(at, (*bin, FULL)),
            }
        }
        Sparse::from(filled)
    }
}

impl Serialize for Histogram {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.sparse().serialize(to)
    }
}

impl<'de> Deserialize<'de> for Histogram {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let mut histogram = Histogram::default();
        histogram.make_room();
        for (bin, count) in Sparse::deserialize(from)?.bins {
            let place = histogram.counts.get_mut(bin as usize);
            let place = place.ok_or_else(|| de::Error::custom("a bin beyond the last"))?;
            let count = u64::from(u32::try_from(count).map_err(de::Error::custom)?);
            *place = count as u16;
            histogram.full.extend((0..count / FULL).map(|_| bin));
        }
        Ok(histogram)
    }
}

/// The bin of a length that is not 0: exponent and first digits of a float are the logarithm's bin as they stand. What lies beyond the last
/// bin counts in it. (A sum beyond all numbers is negative, and its bits as a whole number are above those
/// of any other.)
#[inline(always)]
fn bin(length: Duration) -> usize {
    let of_float = (length.wrapping_add(ADDED) as f64).to_bits() >> BELOW;
    (of_float - (LEAST - 1)) as usize
}

/// The least length that falls in a bin; bin 0 holds nothing but 0.
fn edge(bin: u32) -> f64 {
    let Some(bin) = bin.checked_sub(1) else { return 0.0 };
    f64::from_bits((u64::from(bin) + LEAST) << BELOW) - ADDED as f64
}

/// The middle of a bin.
fn middle(bin: u32) -> f64 {
    if bin == 0 { 0.0 } else { 0.5 * (edge(bin) + edge(bin + 1)) }
}

/// A histogram without its empty bins.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Vec<(u32, u64)>", into = "Vec<(u32, u64)>")]
pub struct Sparse {
    /// Bin and count, in order.
    bins: Vec<(u32, u64)>,
    /// All counts together.
    count: u64,
}

impl From<Vec<(u32, u64)>> for Sparse {
    fn from(bins: Vec<(u32, u64)>) -> Self {
        let count = bins.iter().fold(0, |sum: u64, (_, count)| sum.saturating_add(*count));
        Sparse { bins, count }
    }
}

impl From<Sparse> for Vec<(u32, u64)> {
    fn from(sparse: Sparse) -> Self {
        sparse.bins
    }
}

impl Sparse {
    /// How many lengths have been counted.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Adds the counts of another.
    pub fn merge(&mut self, other: &Sparse) {
        let mut merged = Vec::with_capacity(self.bins.len().max(other.bins.len()));
        let (mut mine, mut theirs) = (self.bins.iter().peekable(), other.bins.iter().peekable());
        loop {
            let next = match (mine.peek(), theirs.peek()) {
                (None, None) => break,
                (Some(a), Some(b)) if a.0 == b.0 => {
                    let both = (a.0, a.1 + b.1);
                    mine.next();
                    theirs.next();
                    both
                }
                (Some(a), b) if b.is_none_or(|b| a.0 < b.0) => {
                    let a = **a;
                    mine.next();
                    a
                }
                (_, Some(b)) => {
                    let b = **b;
                    theirs.next();
                    b
                }
                (Some(_), None) => break,
            };
            merged.push(next);
        }
        *self = Sparse::from(merged);
    }

    /// How many of them were exactly 0.
    pub fn zeros(&self) -> u64 {
        self.bins.first().filter(|(bin, _)| *bin == 0).map_or(0, |(_, count)| *count)
    }

    /// The mean squared distance from the mean, in square microseconds, each length taken at the middle of its
    /// bin: lengths that are nearly equal differ by nearly nothing.
    pub fn variance(&self) -> f64 {
        let middles = || self.bins.iter().map(|(bin, count)| (middle(*bin), *count as f64));
        let mean = middles().map(|(x, count)| x * count).sum::<f64>() / self.count() as f64;
        let squares = middles().map(|(x, count)| count * (x - mean).powi(2));
        squares.sum::<f64>() / self.count() as f64
    }

    /// The length below which a share `p` of all lie, in microseconds; within a bin they are taken to
    /// lie evenly.
    pub fn quantile(&self, p: f64) -> f64 {
        let wanted = p * self.count() as f64;
        let mut below = 0.0;
        for (bin, count) in &self.bins {
            let count = *count as f64;
            if below + count >= wanted {
                let (low, high) = (edge(*bin), edge((bin + 1).max(1)));
                return low + (high - low) * (wanted - below) / count;
            }
            below += count;
        }
        f64::NAN
    }

    /// The share of lengths up to `length` microseconds.
    pub fn cdf(&self, length: f64) -> f64 {
        let mut below = 0.0;
        for (bin, count) in &self.bins {
            let (low, high) = (edge(*bin), edge((bin + 1).max(1)));
            let part =
                if high > low { ((length - low) / (high - low)).clamp(0.0, 1.0) } else { 1.0 };
            below += *count as f64 * part;
        }
        below / self.count() as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::{DAY, YEAR};

    #[test]
    fn every_length_lies_between_the_edges_of_its_bin() {
        let mut length = 1;
        while length < 500 * YEAR {
            let bin = bin(length) as u32;
            assert!(
                bin > 0 && edge(bin) <= length as f64 && (length as f64) < edge(bin + 1),
                "{length}"
            );
            if length > 1_000_000 {
                assert!((edge(bin + 1) - edge(bin)) / edge(bin) < 0.004);
            }
            length += length / 300 + 1;
        }
        let mut longest = Histogram::default();
        longest.add(i64::MAX);
        assert_eq!(longest.sparse(), Sparse::from(vec![(BINS as u32 - 1, 1)]));
        let mut zero = Histogram::default();
        zero.add(0);
        assert_eq!(zero.sparse(), Sparse::from(vec![(0, 1)]));
    }

    #[test]
    fn quantiles_and_merging_are_right() {
        let (mut all, mut odd, mut even) =
            (Histogram::default(), Histogram::default(), Histogram::default());
        for day in 1..=1000 {
            all.add(day * DAY);
            if day % 2 == 1 { odd.add(day * DAY) } else { even.add(day * DAY) }
        }
        for p in [0.05, 0.5, 0.95] {
            let exact = p * 1000.0 * DAY as f64;
            assert!((all.sparse().quantile(p) / exact - 1.0).abs() < 0.005);
            assert!((all.sparse().cdf(exact) - p).abs() < 0.003);
        }
        let mut merged = odd.sparse();
        merged.merge(&even.sparse());
        assert_eq!(merged, all.sparse());
        // Beyond 16 bits, once by one and once by none.
        let mut often = Histogram::default();
        (0..140_000).for_each(|_| often.add_zero());
        (0..1 << 16).for_each(|_| often.add(DAY));
        assert_eq!((often.sparse().zeros(), often.sparse().count()), (140_000, 205_536));
        let kept = serde_json::to_string(&often).unwrap();
        assert_eq!(serde_json::from_str::<Histogram>(&kept).unwrap().sparse(), often.sparse());
        often.clear();
        assert_eq!(often.sparse().count(), 0);
        let mut zeros = Histogram::default();
        (0..3).for_each(|_| zeros.add(0));
        zeros.add(DAY);
        assert_eq!(zeros.sparse().quantile(0.75), 0.0);
        assert_eq!(zeros.sparse().cdf(0.0), 0.75);
    }

    #[test]
    fn lengths_that_are_nearly_equal_differ_by_nearly_nothing() {
        let mut alike = Histogram::default();
        (0..10).for_each(|_| alike.add(90 * DAY));
        assert_eq!(alike.sparse().variance(), 0.0);
        let mut two = Histogram::default();
        (0..10).for_each(|_| two.add(4 * DAY));
        (0..30).for_each(|_| two.add(0));
        // Shares of 1 in 4 and 3 in 4: the variance is 3/16 of the square of the distance.
        let exact = 3.0 * (DAY as f64).powi(2);
        assert!((two.sparse().variance() / exact - 1.0).abs() < 0.005);
    }
}
