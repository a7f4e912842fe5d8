//! Slots made ready: when sessions begin, and who may have which slot.

use super::extras::{Lengths, Onward};
use super::places::Places;
use super::week::Instants;
use crate::expr::Program;
use crate::ids::NodeId;
use crate::rng::Purpose;
use crate::time::{Duration, Time};

/// The slots of a node.
#[derive(Debug)]
pub struct Slots {
    /// Its position among the diaries of the network.
    pub diary: u32,
    /// The sessions.
    pub sessions: Box<[Session]>,
    /// The line of those who have a slot.
    pub booked_line: u32,
    /// How people are given a slot ahead.
    pub booking: Option<Booking>,
    /// Slots of each session that are kept for some.
    pub carved: Box<[CarveOut]>,
    /// Who does not attend.
    pub missed: Chances,
    /// What becomes of them.
    pub if_missed: Again,
    /// Probability that a session is called off, how long before it is known, and the key of the draw.
    pub called_off: Option<(f64, Duration, Purpose)>,
    /// For sessions with minutes: how long patients are expected to take; as long as the stay if none.
    pub estimate: Option<Lengths>,
    /// Whether nobody is taken any more once the first in line does not fit.
    pub strict: bool,
    /// How far past the end of a session a patient may be expected to last when started.
    pub overrun: Duration,
    /// Where a place must be free on starting, and for whom.
    pub needs: Option<(NodeId, Option<Program>)>,
    /// Who is seen from afar.
    pub remote: Chances,
    /// For each case of `remote`, the part of a contact's length that it takes.
    pub factors: Box<[f64]>,
}

/// A session that comes once or again and again.
#[derive(Debug)]
pub struct Session {
    /// When it begins.
    pub begins: Begins,
    /// Slots, or minutes, by the date of its beginning.
    pub slots: Places,
    /// Minutes instead of slots.
    pub minutes: bool,
    /// From one slot to the next; 0 if all are at the beginning.
    pub every: Duration,
    /// At the end of the day, after the arrivals of that instant.
    pub late: bool,
}

/// When a session begins.
#[derive(Debug)]
pub enum Begins {
    /// Every week.
    Weekly(Instants),
    /// At an instant and, if above 0, so long before and after it again and again.
    At(Time, Duration),
}

impl Begins {
    /// The first beginning at an instant or later; [`Time::MAX`] if there is none.
    pub fn at_or_after(&self, from: Time) -> Time {
        match self {
            Begins::Weekly(instants) => instants.at_or_after(from),
            Begins::At(at, 0) => {
                if *at >= from {
                    *at
                } else {
                    Time::MAX
                }
            }
            Begins::At(at, repeat) => at + (from - at + repeat - 1).div_euclid(*repeat) * repeat,
        }
    }
}

/// How people are given a slot ahead.
#[derive(Debug)]
pub struct Booking {
    /// Who books.
    pub when: Option<Program>,
    /// Least time from joining to the slot.
    pub lead: Duration,
    /// How far ahead.
    pub horizon: Duration,
    /// Whether the model sets how far: then it may be asked who finds a slot so far.
    pub bounded: bool,
    /// Share of a session's slots that may be booked twice.
    pub overbook: f64,
    /// Who gives a slot back.
    pub cancel: Chances,
    /// How long before the slot; a case for each of `cancel`.
    pub notice: Lengths,
    /// What becomes of them.
    pub if_cancelled: Again,
    /// Who comes again after a contact.
    pub follow_up: Chances,
    /// How long after; a case for each of `follow_up`.
    pub after: Lengths,
    /// The flow from the node to itself.
    pub flow: u32,
}

/// Probabilities by case; 0 for whom no case holds.
#[derive(Debug)]
pub struct Chances {
    /// The cases.
    pub cases: Box<[(Option<Program>, f64)]>,
    /// Key of the draw.
    pub purpose: Purpose,
}

/// What becomes of somebody who was not seen.
#[derive(Debug)]
pub enum Again {
    /// Stays on the list and is given a later slot.
    Rebook,
    /// Goes elsewhere.
    To(Onward),
}

/// Slots of each session that are kept for some.
#[derive(Debug)]
pub struct CarveOut {
    /// How many.
    pub slots: u32,
    /// For whom.
    pub when: Program,
    /// How long before the session the unused ones are there for all.
    pub release: Option<Duration>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sessions_repeat_back_and_forth() {
        let begins = Begins::At(15, 40);
        let next: Vec<Time> = [-100, -25, -24, 0, 15, 16, 55].map(|t| begins.at_or_after(t)).into();
        assert_eq!(next, [-65, -25, 15, 15, 15, 55, 55]);
        let once = Begins::At(15, 0);
        assert_eq!([0, 15, 16].map(|t| once.at_or_after(t)), [15, 15, Time::MAX]);
    }
}
