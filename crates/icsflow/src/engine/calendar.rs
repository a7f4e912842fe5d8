//! The calendar: what is going to happen, in one total order.
//!
//! Order is by time, then by [`Rank`], then by sequence: the event that was put in first. Two calendars
//! keep it. The [`Wheel`] is the one that runs: a ring of buckets of equal width, of which only the
//! current one is sorted, with a heap for what lies beyond the ring. The [`Heap`] is simple and slower:
//! it is the oracle that the wheel is tested against, bit for bit.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use serde::{Deserialize, Serialize};

use crate::time::Time;

/// What happens first within one instant (R3). The lower rank comes first; then the earlier sequence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u32)]
pub enum Rank {
    /// A stay or a delay by process is over, or somebody is referred during a stay.
    End = 0,
    /// Places change by plan, or an outage begins or ends.
    Capacity = 1,
    /// A place is in use again, after a patient or on return.
    PlaceBack = 2,
    /// A window opens: everyone who waits for it leaves.
    Window = 3,
    /// A patient's own leaving hour has come.
    Leaving = 4,
    /// Somebody dies.
    Death = 5,
    /// Slots of a session: who has one is seen; the others are there to be assigned.
    Slots = 6,
    /// Free places are assigned. No event of this rank stands in a calendar: the loop assigns when the
    /// next event is of a later instant or rank.
    Assignment = 7,
    /// Patience ends, or the class of somebody who waits changes.
    Patience = 8,
    /// Those who wait are looked at.
    Review = 9,
    /// An event befalls people.
    People = 10,
    /// A transfer arrives.
    Transfer = 11,
    /// A patient arrives from outside.
    Arrival = 12,
    /// Slots of a session at the end of the day.
    LateSlots = 13,
    /// A controller looks at the state.
    Controller = 14,
    /// The census is taken.
    Census = 15,
}

/// The ranks of events that are no patient's timer.
const OF_NO_PATIENT: u32 = 1 << Rank::Capacity as u32
    | 1 << Rank::PlaceBack as u32
    | 1 << Rank::Window as u32
    | 1 << Rank::Death as u32
    | 1 << Rank::Slots as u32
    | 1 << Rank::Review as u32
    | 1 << Rank::People as u32
    | 1 << Rank::LateSlots as u32;

/// Bits of an event's second word that hold its slot; above them stand its sequence and its rank.
const SLOT_BITS: u32 = 27;
const SEQ_BITS: u32 = 32;
/// Most slots: patients inside at once.
pub const MOST_SLOTS: usize = 1 << SLOT_BITS;

/// Something that is going to happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Event {
    /// When.
    pub time: Time,
    /// Rank, sequence and slot, so that the order within an instant is that of one number.
    word: u64,
}

impl Event {
    /// Later than every event.
    pub const NEVER: Event = Event { time: Time::MAX, word: u64::MAX };

    /// An event for the patient, node or source in this slot.
    #[inline(always)]
    pub fn new(time: Time, rank: Rank, slot: u32, seq: u32) -> Self {
        let word = (rank as u64) << (SLOT_BITS + SEQ_BITS) | u64::from(seq) << SLOT_BITS;
        Event { time, word: word | u64::from(slot) }
    }

    /// The same event with another sequence.
    pub fn with_seq(self, seq: u32) -> Self {
        let others = !(u64::from(u32::MAX) << SLOT_BITS);
        Event { word: self.word & others | u64::from(seq) << SLOT_BITS, ..self }
    }

    /// Sequence: which of two equal ones was put in first.
    #[inline(always)]
    pub fn seq(self) -> u32 {
        (self.word >> SLOT_BITS) as u32
    }

    /// Its rank, as a number.
    #[inline(always)]
    pub fn rank(self) -> u32 {
        (self.word >> (SLOT_BITS + SEQ_BITS)) as u32
    }

    /// Whether it is a patient's timer.
    #[inline(always)]
    pub fn of_patient(self) -> bool {
        OF_NO_PATIENT >> self.rank() & 1 == 0
    }

    /// Whom or what it concerns.
    #[inline(always)]
    pub fn slot(self) -> u32 {
        self.word as u32 & (MOST_SLOTS as u32 - 1)
    }

    /// Time and order within the instant as one number: compared without a branch.
    #[inline(always)]
    fn key(self) -> i128 {
        i128::from(self.time) << 64 | i128::from(self.word)
    }

    /// Whether it comes before another.
    #[inline(always)]
    pub fn before(self, other: Event) -> bool {
        self.key() < other.key()
    }
}

/// A calendar. Events come out in order; what is pushed is never before what came out last.
pub trait Calendar: Default {
    /// Forgets everything, keeps the memory; a new run begins at `start`, with about so many events
    /// expected per microsecond.
    fn clear(&mut self, start: Time, busy: f64);
    /// Puts an event in.
    fn push(&mut self, event: Event);
    /// The next event, [`Event::NEVER`] if there is none.
    fn peek(&mut self) -> Event;
    /// Takes out the event that [`peek`](Calendar::peek) has shown.
    fn pop(&mut self);
    /// How many events stand in it, cancelled ones included.
    fn len(&self) -> usize;
    /// Takes out every event, in no order.
    fn drain(&mut self) -> Vec<Event>;
    /// Whether nothing stands in it.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// The oracle: a binary heap.
#[derive(Debug, Default)]
pub struct Heap(BinaryHeap<Reverse<Event>>);

impl Calendar for Heap {
    fn clear(&mut self, _: Time, _: f64) {
        self.0.clear();
    }

    fn push(&mut self, event: Event) {
        self.0.push(Reverse(event));
    }

    fn peek(&mut self) -> Event {
        self.0.peek().map_or(Event::NEVER, |event| event.0)
    }

    fn pop(&mut self) {
        self.0.pop();
    }

    fn len(&self) -> usize {
        self.0.len()
    }

    fn drain(&mut self) -> Vec<Event> {
        self.0.drain().map(|event| event.0).collect()
    }
}

/// Buckets in the ring.
const BUCKETS: usize = 4096;
/// Events that a bucket of the ring holds.
const DEPTH: usize = 8;
/// So many events in the current bucket are a crowd: putting one among them takes time for each.
const CROWD: usize = 1024;

type Bucket = [Event; DEPTH];

/// The calendar wheel.
///
/// A bucket covers `2^shift` microseconds. Events of the current bucket stand sorted, the next at the
/// end; those of the buckets ahead as they came. What lies beyond the ring, or finds its bucket full,
/// waits in a heap until its bucket is the current one. The width adapts: it halves when buckets are
/// crowded, at once if a crowd gathers in the current one, and doubles when most events lie beyond the
/// ring.
#[derive(Debug)]
pub struct Wheel {
    shift: u32,
    /// Number of the current bucket: `time >> shift`.
    current_bucket: i64,
    /// Events of the current bucket, latest first.
    current: Vec<Event>,
    ring: Box<[Bucket; BUCKETS]>,
    counts: Box<[u8; BUCKETS]>,
    in_ring: usize,
    beyond: BinaryHeap<Reverse<Event>>,
    /// Bucket of the first event in the heap.
    first_beyond: i64,
    /// Buckets and events taken since the width was last judged.
    taken: (u32, u32),
}

impl Default for Wheel {
    fn default() -> Self {
        // By way of the heap: half a megabyte is much for a stack.
        let ring = vec![[Event::NEVER; DEPTH]; BUCKETS].into_boxed_slice();
        Wheel {
            shift: 30,
            current_bucket: 0,
            current: Vec::new(),
            ring: ring.try_into().expect("as many buckets as asked for"),
            counts: Box::new([0; BUCKETS]),
            in_ring: 0,
            beyond: BinaryHeap::new(),
            first_beyond: i64::MAX,
            taken: (0, 0),
        }
    }
}

/// Sorts the first `N` events of a bucket, latest first: each goes where the number of events after it
/// says. No branch depends on the times, which would be guessed wrong every other time.
#[inline(always)]
fn sort<const N: usize>(bucket: &Bucket, sorted: &mut Vec<Event>) {
    let keys: [i128; N] = std::array::from_fn(|i| bucket[i].key());
    let mut after = [0; N];
    for one in 1..N {
        for other in 0..one {
            let later = usize::from(keys[one] > keys[other]);
            after[other] += later;
            after[one] += 1 - later;
        }
    }
    // Each is put where it will be read: a copy of the whole would have to wait for its parts.
    sorted.extend_from_slice(&bucket[..N]);
    if let Some(places) = sorted.first_chunk_mut::<N>() {
        for (event, place) in bucket.iter().zip(after) {
            places[place] = *event;
        }
    }
}

impl Wheel {
    /// Puts an event into the bucket where it belongs.
    #[inline(always)]
    fn place(&mut self, event: Event) {
        let bucket = event.time >> self.shift;
        // The ring reaches from the bucket after the current one on, and not quite once around.
        let ahead = bucket.wrapping_sub(self.current_bucket + 1) as u64;
        let at = bucket as usize % BUCKETS;
        let count = usize::from(self.counts[at]);
        if ahead < BUCKETS as u64 - 1 && count < DEPTH {
            self.ring[at][count] = event;
            self.counts[at] = count as u8 + 1;
            self.in_ring += 1;
        } else {
            self.place_aside(event, bucket);
        }
    }

    /// Puts an event into the current bucket or the heap.
    #[inline(never)]
    fn place_aside(&mut self, event: Event, bucket: i64) {
        if bucket <= self.current_bucket {
            if self.current.len() >= CROWD && self.disperse() {
                return self.place(event);
            }
            let at = self.current.iter().rposition(|other| event.before(*other));
            self.current.insert(at.map_or(0, |at| at + 1), event);
        } else {
            self.beyond.push(Reverse(event));
            self.first_beyond = self.first_beyond.min(bucket);
        }
    }

    /// The next bucket of the ring that is not empty: one of the next few, as a rule. Their counts are
    /// looked at by eights.
    #[inline(always)]
    fn next_filled(&self) -> i64 {
        let (eights, _) = self.counts.as_chunks::<8>();
        let from = self.current_bucket + 1;
        let (first, within) = (from as usize % BUCKETS / 8, from as usize % 8);
        let ahead = u64::from_le_bytes(eights[first]) >> (8 * within);
        if ahead != 0 {
            return from + i64::from(ahead.trailing_zeros() / 8);
        }
        // Once around, to those of the first eight that lie behind.
        for step in 1..=eights.len() {
            let counts = u64::from_le_bytes(eights[(first + step) % eights.len()]);
            if counts != 0 {
                let bucket = 8 * step + counts.trailing_zeros() as usize / 8 - within;
                return from + bucket as i64;
            }
        }
        i64::MAX
    }

    /// Moves on to the next bucket that holds an event; `false` if there is none.
    #[inline(never)]
    fn advance(&mut self) -> bool {
        // Between a departure and the start that follows it, a small model has nothing ahead.
        let near = if self.in_ring == 0 { i64::MAX } else { self.next_filled() };
        let bucket = near.min(self.first_beyond);
        if bucket == i64::MAX {
            return false;
        }
        self.current_bucket = bucket;
        if near == bucket {
            self.take(bucket as usize % BUCKETS);
        }
        if self.first_beyond == bucket {
            self.take_from_heap(bucket);
        }
        self.taken.0 += 1;
        self.taken.1 += self.current.len() as u32;
        if self.taken.0 == 1024 {
            self.adapt();
        }
        true
    }

    /// Moves a bucket of the ring into the current one.
    #[inline(always)]
    fn take(&mut self, at: usize) {
        let (bucket, current) = (&self.ring[at], &mut self.current);
        let count = std::mem::take(&mut self.counts[at]);
        self.in_ring -= usize::from(count);
        match count {
            1 => sort::<1>(bucket, current),
            2 => sort::<2>(bucket, current),
            3 => sort::<3>(bucket, current),
            4 => sort::<4>(bucket, current),
            5 => sort::<5>(bucket, current),
            6 => sort::<6>(bucket, current),
            7 => sort::<7>(bucket, current),
            _ => sort::<8>(bucket, current),
        }
    }

    /// Moves what the heap holds of a bucket into the current one.
    #[inline(never)]
    fn take_from_heap(&mut self, bucket: i64) {
        self.first_beyond = i64::MAX;
        while let Some(Reverse(event)) = self.beyond.peek().copied() {
            let of = event.time >> self.shift;
            if of > bucket {
                self.first_beyond = of;
                break;
            }
            self.beyond.pop();
            self.current.push(event);
        }
        self.current.sort_unstable_by(|a, b| b.cmp(a));
    }

    /// Judges the width of the buckets; the order of events does not depend on it.
    #[cold]
    fn adapt(&mut self) {
        let mean = f64::from(self.taken.1) / f64::from(self.taken.0);
        self.taken = (0, 0);
        let shift = if mean > DEPTH as f64 / 2.0 && self.shift > 0 {
            self.shift - 1
        } else if mean < 2.0 && self.beyond.len() > self.in_ring && self.shift < 50 {
            self.shift + 1
        } else {
            return;
        };
        self.set_width(shift);
    }

    /// Spreads a crowd in the current bucket over several, a few events to each; `false` if all are of
    /// one instant.
    #[cold]
    fn disperse(&mut self) -> bool {
        let (Some(last), Some(next)) = (self.current.first(), self.current.last()) else {
            return false;
        };
        let buckets = self.current.len() / (DEPTH / 2);
        let width = last.time.saturating_sub(next.time) / buckets as i64;
        if self.shift == 0 || last.time == next.time {
            return false;
        }
        self.set_width(width.max(1).ilog2().min(self.shift - 1));
        true
    }

    /// Puts every event where it belongs with buckets of another width.
    fn set_width(&mut self, shift: u32) {
        let now = self.current.last().map_or(self.current_bucket << self.shift, |next| next.time);
        let all = self.drain();
        self.shift = shift;
        self.current_bucket = now >> shift;
        for event in all {
            self.place(event);
        }
    }
}

impl Calendar for Wheel {
    fn clear(&mut self, start: Time, busy: f64) {
        self.current.clear();
        self.counts.fill(0);
        self.in_ring = 0;
        self.beyond.clear();
        self.first_beyond = i64::MAX;
        self.taken = (0, 0);
        // A few events to a bucket, at two or three events an arrival.
        let width = (3.0 / busy.max(1e-15)).clamp(1.0, 1e15);
        self.shift = width.log2() as u32;
        self.current_bucket = start >> self.shift;
    }

    #[inline(always)]
    fn push(&mut self, event: Event) {
        self.place(event);
    }

    #[inline(always)]
    fn peek(&mut self) -> Event {
        loop {
            if let Some(event) = self.current.last() {
                return *event;
            }
            if !self.advance() {
                return Event::NEVER;
            }
        }
    }

    #[inline(always)]
    fn pop(&mut self) {
        self.current.pop();
    }

    fn len(&self) -> usize {
        self.current.len() + self.in_ring + self.beyond.len()
    }

    fn drain(&mut self) -> Vec<Event> {
        let mut all = std::mem::take(&mut self.current);
        for (bucket, count) in self.ring.iter().zip(self.counts.iter_mut()) {
            all.extend(&bucket[..usize::from(std::mem::take(count))]);
        }
        all.extend(self.beyond.drain().map(|event| event.0));
        self.first_beyond = i64::MAX;
        self.in_ring = 0;
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::{Purpose, SourceKey};

    /// Pushes and pops at random, as a run does: nothing is pushed before what came out last.
    fn same_order(spread: impl Fn(f64) -> f64, busy: f64) {
        let mut draw = SourceKey::new(7, 0, "calendar").patient(1).draw(Purpose::named("", "t"), 0);
        let (mut wheel, mut heap) = (Wheel::default(), Heap::default());
        for _ in 0..2 {
            wheel.clear(-1_000_000, busy);
            heap.clear(-1_000_000, busy);
            let (mut now, mut seq) = (-1_000_000, 0);
            for round in 0..60_000 {
                let growing = round < 30_000 || draw.uniform() < 0.3;
                if growing && draw.uniform() < 0.6 {
                    let time = now + spread(draw.uniform()) as i64;
                    let rank = if draw.uniform() < 0.5 { Rank::End } else { Rank::Window };
                    let event = Event::new(time, rank, seq % 1000, seq);
                    seq += 1;
                    wheel.push(event);
                    heap.push(event);
                } else {
                    let (a, b) = (wheel.peek(), heap.peek());
                    assert_eq!(a, b);
                    if a != Event::NEVER {
                        wheel.pop();
                        heap.pop();
                        now = a.time;
                    }
                }
                assert_eq!(wheel.len(), heap.len());
            }
            while heap.len() > 0 {
                assert_eq!(wheel.peek(), heap.peek());
                wheel.pop();
                heap.pop();
            }
            assert_eq!(wheel.peek(), Event::NEVER);
        }
    }

    #[test]
    fn the_wheel_keeps_the_order_of_the_heap() {
        for busy in [1e-12, 1e-6, 1e-3, 1.0] {
            same_order(|u| -1000.0 * u.ln(), busy);
            same_order(|u| (10.0 / u).min(1e15), busy);
            same_order(|u| if u < 0.3 { 0.0 } else { (u * 10.0).floor() * 1e6 }, busy);
        }
    }

    #[test]
    fn a_crowd_is_spread_over_several_buckets() {
        // Nobody was expected: at first all of time is one bucket.
        let mut wheel = Wheel::default();
        wheel.clear(0, 0.0);
        for number in 0..40_000_u32 {
            let time = i64::from(number.wrapping_mul(2_654_435_761)) * 1000;
            wheel.push(Event::new(time, Rank::End, number % 1000, number));
            assert!(wheel.current.len() <= CROWD);
        }
        assert_eq!(wheel.len(), 40_000);
        // Those of one instant stay together.
        wheel.clear(0, 0.0);
        (0..4000).for_each(|number| wheel.push(Event::new(7, Rank::End, number % 1000, number)));
        assert_eq!(wheel.current.len(), 4000);
    }
}
