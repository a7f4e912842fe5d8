//! The engine: one replication.
//!
//! A run is a loop over events in one total order ([`calendar`]). [`simulation`] holds the clock and
//! the loop, on one screen; the rules are what its events do, each file one noun:
//!
//! | file | what |
//! |---|---|
//! | [`rules`] | the life of a patient: coming in, the stay, delays by process |
//! | [`routing`] | where next |
//! | [`leaving`] | blocked, cleared, out by a window, on to the next |
//! | [`assignment`] | free places to the first in line, under plain rules |
//! | [`claims`] | the same where more than plain rules hold: other orders, lists, fences |
//! | [`waiting`] | the lines of such nodes: coming, and where in the line |
//! | [`reneging`] | leaving a line without a place: patience, reviews, switches, full queues |
//! | [`preemption`] | places taken from people: by a better class, by a cut of capacity |
//! | [`slots`] | appointments: who is seen in which slot of a calendar |
//! | [`supply`] | places that come and go by themselves: plans, outages, turnaround, vacations |
//! | [`conditions`] | the value of an expression for a patient now |
//!
//! [`diary`] holds the sessions of a node that gives slots; [`patients`] and [`lines`] who is inside and who waits; [`sources`] who comes next; [`record`]
//! what is measured; [`blame`] at which node a delay has its root. Everything that changes in a run lies
//! in these structures; the network never changes; draws are keyed, so that no generator needs keeping.
//!
//! A node is *plain* if its queue knows no more than classes and a limit and its places are as many all
//! the time, for everybody. Plain nodes never ask the other rules; the rest have
//! [`Extras`](crate::network::extras::Extras), and their own code behind that one question.
//!
//! A patient's visit to a node:
//!
//! ```text
//!           wait            stay           process delay        blocked          window
//! joined ───────── started ────── ready ──────────────── sought ─────── cleared ──────── left
//! ```
//!
//! A patient who is blocked stands in the line of the next node from *sought* on and keeps the place
//! held; from *cleared* on a place there is reserved.

pub mod assignment;
pub mod blame;
pub mod calendar;
pub mod claims;
pub mod conditions;
pub mod diary;
pub mod histogram;
pub mod leaving;
pub mod lines;
pub mod patients;
pub mod preemption;
pub mod record;
pub mod reneging;
pub mod routing;
pub mod rules;
pub mod simulation;
pub mod slots;
pub mod sources;
pub mod supply;
pub mod waiting;
