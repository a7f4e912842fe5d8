//! The calendar: what is going to happen, in one total order.
//!
//! Order is by time, then by [`Rank`], then by sequence: the event that was put in first. Two calendars
//! keep it. The [`Wheel`] is the one that runs: a ring of buckets of equal width, of which only the
//! current one is sorted, with a heap for what lies beyond the ring. The [`Heap`] is simple and slower:
//! it is the oracle that the wheel is tested against, bit for bit.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;

use crate::time::Time;

/// What happens first within one instant (R3). The lower rank comes first; then the earlier sequence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u32)]
pub enum Rank {
    /// A stay or a delay by process is over.
    End = 0,
    /// A capacity, shift, stock or level changes.
    Capacity = 1,
    /// A window opens: everyone who waits for it leaves.
    Window = 2,
    /// A patient's own leaving hour has come.
    Leaving = 3,
    /// Free places are assigned. No event of this rank stands in a calendar: the loop assigns when the
    /// next event is of a later instant or rank.
    Assignment = 4,
    /// Patience ends; a waiting list is reviewed.
    Review = 5,
    /// A transfer arrives.
    Transfer = 6,
    /// A patient arrives from outside.
    Arrival = 7,
    /// A controller looks at the state.
    Controller = 8,
    /// The census is taken.
    Census = 9,
}

/// Bits of an event's second word that hold its slot; the rank stands above them.
const SLOT_BITS: u32 = 27;
/// Most slots: patients inside at once.
pub const MOST_SLOTS: usize = 1 << SLOT_BITS;

/// Something that is going to happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Event {
    /// When.
    pub time: Time,
    /// Sequence: which of two equal ones was put in first.
    pub seq: u32,
    what: u32,
}

impl Event {
    /// Later than every event.
    pub const NEVER: Event = Event { time: Time::MAX, seq: u32::MAX, what: u32::MAX };

    /// An event for the patient, node or source in this slot.
    #[inline]
    pub fn new(time: Time, rank: Rank, slot: u32, seq: u32) -> Self {
        Event { time, seq, what: (rank as u32) << SLOT_BITS | slot }
    }

    /// The same event with another sequence.
    pub fn with_seq(self, seq: u32) -> Self {
        Event { seq, ..self }
    }

    /// Its rank, as a number.
    #[inline]
    pub fn rank(self) -> u32 {
        self.what >> SLOT_BITS
    }

    /// Whom or what it concerns.
    #[inline]
    pub fn slot(self) -> u32 {
        self.what & ((1 << SLOT_BITS) - 1)
    }

    /// Order within an instant.
    #[inline]
    fn within(self) -> u64 {
        u64::from(self.rank()) << 32 | u64::from(self.seq)
    }

    /// Whether it comes before another.
    #[inline(always)]
    pub fn before(self, other: Event) -> bool {
        self.time < other.time || (self.time == other.time && self.within() < other.within())
    }
}

impl Ord for Event {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.time, self.within()).cmp(&(other.time, other.within()))
    }
}

impl PartialOrd for Event {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
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
/// Events up to which a bucket is sorted by insertion.
const FEW: usize = 24;
const NONE: u32 = u32::MAX;

/// The calendar wheel.
///
/// A bucket covers `2^shift` microseconds. Events of the current bucket stand sorted, the next at the
/// end; those of the other buckets of the ring in linked lists, unsorted; those beyond the ring in a
/// heap, from which they are moved as the ring comes near. The width adapts: it halves when buckets are
/// crowded and doubles when most events lie beyond the ring.
#[derive(Debug)]
pub struct Wheel {
    shift: u32,
    /// Number of the current bucket: `time >> shift`.
    current_bucket: i64,
    /// Events of the current bucket, latest first.
    current: Vec<Event>,
    /// First link of each other bucket.
    heads: Box<[u32; BUCKETS]>,
    /// One bit for each bucket that is not empty.
    filled: Box<[u64; BUCKETS / 64]>,
    links: Vec<Link>,
    free: u32,
    in_ring: usize,
    beyond: BinaryHeap<Reverse<Event>>,
    /// Bucket of the first event beyond the ring.
    first_beyond: i64,
    /// Buckets and events taken since the width was last judged.
    taken: (u32, u32),
}

#[derive(Clone, Copy, Debug)]
struct Link {
    event: Event,
    next: u32,
}

impl Default for Wheel {
    fn default() -> Self {
        Wheel {
            shift: 30,
            current_bucket: 0,
            current: Vec::new(),
            heads: Box::new([NONE; BUCKETS]),
            filled: Box::new([0; BUCKETS / 64]),
            links: Vec::new(),
            free: NONE,
            in_ring: 0,
            beyond: BinaryHeap::new(),
            first_beyond: i64::MAX,
            taken: (0, 0),
        }
    }
}

impl Wheel {
    /// Puts an event into the bucket where it belongs, relative to the current one.
    #[inline(always)]
    fn place(&mut self, event: Event) {
        let ahead = (event.time >> self.shift) - self.current_bucket;
        if ahead <= 0 {
            self.insert(event);
        } else if ahead < BUCKETS as i64 {
            let bucket = (self.current_bucket + ahead) as usize % BUCKETS;
            let link = Link { event, next: self.heads[bucket] };
            self.heads[bucket] = if self.free == NONE {
                self.links.push(link);
                self.links.len() as u32 - 1
            } else {
                let at = self.free;
                self.free = self.links[at as usize].next;
                self.links[at as usize] = link;
                at
            };
            self.filled[bucket / 64] |= 1 << (bucket % 64);
            self.in_ring += 1;
        } else {
            self.beyond.push(Reverse(event));
            self.first_beyond = self.first_beyond.min(event.time >> self.shift);
        }
    }

    /// Puts an event into the current bucket.
    #[inline(never)]
    fn insert(&mut self, event: Event) {
        let at = self.current.iter().rposition(|other| event.before(*other));
        self.current.insert(at.map_or(0, |at| at + 1), event);
    }

    /// Buckets from the current one to the next that is not empty.
    #[inline(always)]
    fn next_filled(&self) -> Option<i64> {
        if self.in_ring == 0 {
            return None;
        }
        let from = (self.current_bucket + 1) as usize % BUCKETS;
        let first = self.filled[from / 64] >> (from % 64);
        if first != 0 {
            return Some(1 + i64::from(first.trailing_zeros()));
        }
        let words = BUCKETS / 64;
        let mut ahead = 64 - from % 64;
        for step in 1..=words {
            let word = self.filled[(from / 64 + step) % words];
            if word != 0 {
                return Some(1 + ahead as i64 + i64::from(word.trailing_zeros()));
            }
            ahead += 64;
        }
        None
    }

    /// Moves on to the next bucket that holds an event; `false` if there is none.
    #[inline(never)]
    fn advance(&mut self) -> bool {
        let near = self.next_filled().map_or(i64::MAX, |ahead| self.current_bucket + ahead);
        let bucket = near.min(self.first_beyond);
        if bucket == i64::MAX {
            return false;
        }
        self.current_bucket = bucket;
        if near == bucket {
            self.take_list(bucket as usize % BUCKETS);
        }
        if self.first_beyond < bucket + BUCKETS as i64 {
            self.come_near();
        }
        if self.current.len() > FEW {
            self.current.sort_unstable_by(|a, b| b.cmp(a));
        }
        self.taken.0 += 1;
        self.taken.1 += self.current.len() as u32;
        if self.taken.0 == 1024 {
            self.adapt();
        }
        true
    }

    /// Moves the list of a bucket into the current one, sorted as it comes if it is short: insertion is
    /// faster there than any cleverer sort.
    #[inline(always)]
    fn take_list(&mut self, at: usize) {
        self.filled[at / 64] &= !(1 << (at % 64));
        let first = std::mem::replace(&mut self.heads[at], NONE);
        let mut link = first;
        loop {
            let Link { event, next } = self.links[link as usize];
            let sorted = self.current.len();
            self.current.push(event);
            if sorted < FEW {
                let current = &mut self.current[..];
                let mut place = sorted;
                while place > 0 && current[place - 1].before(event) {
                    current[place] = current[place - 1];
                    place -= 1;
                }
                current[place] = event;
            }
            if next == NONE {
                break;
            }
            link = next;
        }
        // The whole list becomes free at once.
        self.links[link as usize].next = self.free;
        self.free = first;
        self.in_ring -= self.current.len();
    }

    /// Moves what has come near enough from the heap into the ring.
    #[inline(never)]
    fn come_near(&mut self) {
        while let Some(event) = self.beyond.peek().map(|event| event.0)
            && (event.time >> self.shift) - self.current_bucket < BUCKETS as i64
        {
            self.beyond.pop();
            self.place(event);
        }
        let first = self.beyond.peek();
        self.first_beyond = first.map_or(i64::MAX, |event| event.0.time >> self.shift);
    }

    /// Judges the width of the buckets; the order of events does not depend on it.
    #[cold]
    fn adapt(&mut self) {
        let mean = f64::from(self.taken.1) / f64::from(self.taken.0);
        self.taken = (0, 0);
        let shift = if mean > 8.0 && self.shift > 0 {
            self.shift - 1
        } else if mean < 2.0 && self.beyond.len() > self.in_ring && self.shift < 50 {
            self.shift + 1
        } else {
            return;
        };
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
        self.heads.fill(NONE);
        self.filled.fill(0);
        self.links.clear();
        self.free = NONE;
        self.in_ring = 0;
        self.beyond.clear();
        self.first_beyond = i64::MAX;
        self.taken = (0, 0);
        // About four events to a bucket, at two or three events an arrival.
        let width = (1.5 / busy.max(1e-15)).clamp(1.0, 1e15);
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
        for head in self.heads.iter_mut() {
            let mut link = std::mem::replace(head, NONE);
            while link != NONE {
                all.push(self.links[link as usize].event);
                link = self.links[link as usize].next;
            }
        }
        all.extend(self.beyond.drain().map(|event| event.0));
        self.first_beyond = i64::MAX;
        self.links.clear();
        self.free = NONE;
        self.filled.fill(0);
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
}
