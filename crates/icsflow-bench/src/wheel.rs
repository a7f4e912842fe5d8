//! The event list of the floor: a calendar wheel.
//!
//! A ring of buckets, one for each unit of time, holds the events of the next `RING` units in the
//! order in which they were pushed. Only the bucket of the present is sorted, when the clock
//! comes to it. What lies further ahead, and the rare event that finds its bucket full, waits in
//! a heap until its bucket is the present one.
//!
//! The unit of time is the width of a bucket, and the bucket of an event is the whole number
//! nearest to its time: rounding takes two instructions, cutting off takes eight. Bucket 1, the
//! first, begins at [`START`].

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;

/// The time at which a wheel starts.
pub const START: f64 = 0.5;

/// Buckets in the ring.
const RING: usize = 4096;
/// Events a bucket of the ring holds.
const DEPTH: usize = 8;
/// The most events that may be pending: all of them may fall into the present bucket.
pub const MOST_PENDING: usize = 2047;
/// Slots of the present bucket: one more, for its end. A power of two, so that an index can be
/// masked where it would else be checked.
const SLOTS: usize = MOST_PENDING + 1;
/// Adding this to a time rounds it to a whole number, left in the low bits of the sum.
const ROUND: f64 = 4_503_599_627_370_496.0;
/// Bits of a tag for what happens.
const KIND_BITS: u32 = 8;

/// Something that will happen: 16 bytes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Event {
    /// When, in widths of a bucket; not negative.
    pub time: f64,
    /// The order in which events were pushed, which decides between equal times, and below it
    /// what happens.
    tag: u64,
}

impl Event {
    /// What happens.
    #[inline(always)]
    #[must_use]
    pub fn kind(&self) -> u64 {
        self.tag % (1 << KIND_BITS)
    }

    #[inline(always)]
    fn before(&self, other: &Self) -> bool {
        // The bits of times that are not negative are in the order of the times.
        (self.time.to_bits(), self.tag) < (other.time.to_bits(), other.tag)
    }
}

impl Eq for Event {}

impl PartialOrd for Event {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Event {
    fn cmp(&self, other: &Self) -> Ordering {
        self.time.total_cmp(&other.time).then(self.tag.cmp(&other.tag))
    }
}

/// A calendar wheel. There always is an event at the front: where the present bucket is used up,
/// it is the end of the bucket, of the kind given to [`Wheel::new`].
#[derive(Debug)]
pub struct Wheel {
    /// The events of the present bucket from `front` to `back` in order, then its end.
    present: Box<[Event; SLOTS]>,
    front: usize,
    back: usize,
    /// The number of the next bucket plus [`ROUND`], as bits.
    next_bucket: u64,
    /// How many events were pushed.
    sequence: u64,
    end_of_bucket: u64,
    counts: Box<[u8; RING]>,
    buckets: Box<[[Event; DEPTH]; RING]>,
    far: BinaryHeap<Reverse<Event>>,
    /// The time of the first event in `far`, or infinity.
    far_first: f64,
}

fn boxed<T: Clone + std::fmt::Debug, const N: usize>(value: T) -> Box<[T; N]> {
    vec![value; N].into_boxed_slice().try_into().expect("the length is N")
}

/// Puts the first `N` events of a bucket in order: each goes where the number of events before
/// it says. No branch depends on the times, which would be guessed wrong every other time.
#[inline(always)]
fn order<const N: usize>(bucket: &[Event; DEPTH], present: &mut [Event; SLOTS]) {
    let times: [u64; N] = std::array::from_fn(|slot| bucket[slot].time.to_bits());
    // Events of one time stay in the order in which they were pushed.
    let mut before: [usize; N] = std::array::from_fn(|slot| slot);
    for late in 1..N {
        for early in 0..late {
            let swapped = usize::from(times[late] < times[early]);
            before[early] += swapped;
            before[late] -= swapped;
        }
    }
    for slot in 0..N {
        present[before[slot] % SLOTS] = bucket[slot];
    }
}

impl Wheel {
    /// An empty wheel at its start.
    ///
    /// # Panics
    ///
    /// If the kind has more than 8 bits.
    #[must_use]
    pub fn new(end_of_bucket: u64) -> Self {
        assert!(end_of_bucket < 1 << KIND_BITS);
        let nothing = Event { time: 0.0, tag: 0 };
        let mut wheel = Self {
            present: boxed(nothing),
            front: 0,
            back: 0,
            next_bucket: 0,
            sequence: 0,
            end_of_bucket,
            counts: boxed(0),
            buckets: boxed([nothing; DEPTH]),
            far: BinaryHeap::with_capacity(SLOTS),
            far_first: f64::INFINITY,
        };
        wheel.clear();
        wheel
    }

    /// Empties the wheel and sets it back to its start, keeping its memory.
    pub fn clear(&mut self) {
        self.counts.fill(0);
        self.far.clear();
        self.far_first = f64::INFINITY;
        self.sequence = 0;
        self.next_bucket = (2.0 + ROUND).to_bits();
        self.front = 0;
        self.back = 0;
        self.close();
    }

    /// Ends the present bucket after its last event.
    #[inline(always)]
    fn close(&mut self) {
        self.present[self.back % SLOTS] =
            Event { time: self.end(), tag: (u64::MAX << KIND_BITS) | self.end_of_bucket };
    }

    /// The time at which the present bucket ends.
    #[inline(always)]
    fn end(&self) -> f64 {
        (f64::from_bits(self.next_bucket) - ROUND) - 0.5
    }

    /// How many events were pushed since the wheel was cleared.
    #[must_use]
    pub fn pushed(&self) -> u64 {
        self.sequence
    }

    /// The event at the front, or the end of the present bucket.
    #[inline(always)]
    #[must_use]
    pub fn front(&self) -> Event {
        self.present[self.front % SLOTS]
    }

    /// Takes off the event at the front, which must not be the end of the bucket.
    #[inline(always)]
    pub fn pop(&mut self) {
        self.front += 1;
    }

    /// Adds an event of a kind below 256, not before the last one taken off. No more than
    /// [`MOST_PENDING`] may be pending.
    #[inline(always)]
    pub fn push(&mut self, time: f64, kind: u64) {
        let tag = (self.sequence << KIND_BITS) | kind;
        self.sequence += 1;
        let bucket = (time + ROUND).to_bits();
        // The ring reaches from the next bucket on.
        let ahead = bucket.wrapping_sub(self.next_bucket);
        let at = bucket as usize % RING;
        let count = usize::from(self.counts[at]);
        if ahead < RING as u64 && count < DEPTH {
            self.buckets[at][count] = Event { time, tag };
            self.counts[at] = count as u8 + 1;
        } else {
            self.push_aside(time, tag);
        }
    }

    /// Adds an event to the present bucket or to those far ahead.
    #[inline(never)]
    fn push_aside(&mut self, time: f64, tag: u64) {
        let event = Event { time, tag };
        if (time + ROUND).to_bits() < self.next_bucket {
            self.insert(event);
            self.close();
        } else {
            self.far.push(Reverse(event));
            self.far_first = self.far_first.min(time);
        }
    }

    fn insert(&mut self, event: Event) {
        debug_assert!(self.back < MOST_PENDING, "too many events are pending");
        let mut at = self.back;
        while at > self.front && event.before(&self.present[(at - 1) % SLOTS]) {
            self.present[at % SLOTS] = self.present[(at - 1) % SLOTS];
            at -= 1;
        }
        self.present[at % SLOTS] = event;
        self.back += 1;
    }

    /// Goes on to the next bucket; the present one must be used up.
    #[inline(always)]
    pub fn advance(&mut self) {
        let at = self.next_bucket as usize % RING;
        self.next_bucket += 1;
        let count = std::mem::take(&mut self.counts[at]);
        let bucket = &self.buckets[at];
        let present = &mut self.present;
        match count {
            0 => {}
            1 => order::<1>(bucket, present),
            2 => order::<2>(bucket, present),
            3 => order::<3>(bucket, present),
            4 => order::<4>(bucket, present),
            5 => order::<5>(bucket, present),
            6 => order::<6>(bucket, present),
            7 => order::<7>(bucket, present),
            _ => order::<DEPTH>(bucket, present),
        }
        self.front = 0;
        self.back = usize::from(count);
        if self.far_first <= self.end() {
            self.fetch();
        }
        self.close();
    }

    /// Brings in the events from far ahead whose bucket is now the present one.
    #[cold]
    #[inline(never)]
    fn fetch(&mut self) {
        self.far_first = f64::INFINITY;
        while let Some(&Reverse(first)) = self.far.peek() {
            if (first.time + ROUND).to_bits() >= self.next_bucket {
                self.far_first = first.time;
                return;
            }
            self.far.pop();
            self.insert(first);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sampler::Sampler;

    const END: u64 = 255;

    /// The wheel against std's heap: pushes of every distance, many of them at equal times and
    /// at the borders of buckets.
    #[test]
    fn takes_events_in_order() {
        let mut sampler = Sampler::new(7, 0);
        let mut wheel = Wheel::new(END);
        for round in 0..20 {
            wheel.clear();
            let mut heap = BinaryHeap::new();
            let mut now = START;
            for step in 0..20_000_u64 {
                let event = loop {
                    let event = wheel.front();
                    if event.kind() != END {
                        wheel.pop();
                        break Some(event);
                    }
                    if heap.is_empty() {
                        break None;
                    }
                    wheel.advance();
                };
                let expected: Option<Reverse<Event>> = heap.pop();
                assert_eq!(event, expected.map(|Reverse(event)| event));
                now = event.map_or(now, |event| event.time);
                let mean = [0.0, 0.3, 3.0, 300.0, 20_000.0][sampler.bits() as usize % 5];
                let births = if heap.len() < 500 + round { 2 } else { 1 };
                for _ in 0..births {
                    // Quarters: some of them fall on the border of two buckets.
                    let delay = (sampler.exponential() * mean * 4.0).round() / 4.0;
                    let kind = step % 9;
                    heap.push(Reverse(Event {
                        time: now + delay,
                        tag: (wheel.pushed() << KIND_BITS) | kind,
                    }));
                    wheel.push(now + delay, kind);
                }
            }
        }
    }

    /// More events at one time than a bucket of the ring holds.
    #[test]
    fn keeps_the_order_of_a_crowd() {
        let mut wheel = Wheel::new(END);
        for kind in 0..200 {
            wheel.push(5.0, kind);
        }
        while wheel.front().kind() == END {
            wheel.advance();
        }
        for kind in 0..200 {
            assert_eq!(wheel.front().kind(), kind);
            wheel.pop();
        }
        assert_eq!(wheel.front().kind(), END);
    }
}
