//! The engine: one replication.
//!
//! A run is a loop over events in one total order ([`calendar`]). [`simulation`] holds the clock and
//! the loop, on one screen; the rules are what its events do, each file one noun:
//!
//! | file | what |
//! |---|---|
//! | [`rules`] | the life of a patient: coming in, the stay, delays by process |
//! | [`simply`] | the same at simple nodes, in one breath |
//! | [`attributes`] | attributes that change on what happens to a patient |
//! | [`census`] | the beginning of a run that begins with people inside |
//! | [`events`] | dated acts on people; deaths |
//! | [`population`] | people who come again and again |
//! | [`routing`] | where next |
//! | [`places`] | of what place a patient is, and where they came from |
//! | [`referrals`] | on the list of the next node before being ready |
//! | [`leaving`] | blocked, cleared, out by a window, on to the next |
//! | [`legs`] | several services at once, that join |
//! | [`readmission`] | back again some time after leaving |
//! | [`transfers`] | on the way to the next, where that takes time or ends at a window |
//! | [`deadlock`] | people who wait for one another's places: told, or exchanged |
//! | [`assignment`] | free places to the first in line, under plain rules |
//! | [`claims`] | the same where more than plain rules hold: other orders, lists, fences |
//! | [`waiting`] | the lines of such nodes: coming, and where in the line |
//! | [`reneging`] | leaving a line without a place: patience, reviews, switches, full queues |
//! | [`preemption`] | places taken from people: by a better class, by a cut of capacity |
//! | [`slots`] | appointments: who is seen in which slot of a calendar |
//! | [`supply`] | places that come and go by themselves: plans, outages, turnaround, vacations |
//! | [`together`] | group sessions: people who start together |
//! | [`caseload`] | places that are as many as the scarcest profession of a team can hold |
//! | [`ends`] | stays that end by the first of several clocks |
//! | [`visits`] | the ledger of nodes that have visits a day in place of places |
//! | [`conditions`] | the value of an expression for a patient now |
//!
//! [`diary`] holds the sessions of a node that gives slots; [`patients`] and [`lines`] who is inside and
//! who waits; [`sources`] who comes next; [`record`] what is measured; [`clocks`] the measured intervals
//! of patients; [`blame`] at which node a delay has its root. Everything that changes in a run lies in
//! these structures, and [`state`] makes one of them all; the network never changes; draws are keyed, so
//! that no generator needs keeping.
//!
//! A node is *plain* if its queue knows no more than classes and a limit and its places are as many all
//! the time, for everybody. Plain nodes never ask the other rules; the rest have
//! [`Extras`](crate::network::extras::Extras), and their own code behind that one question.
//!
//! A plain node is *simple* if even classes, limits, windows and delays by process are absent
//! ([`Simple`](crate::network::network::Simple)). Much of what happens in most models happens at such
//! nodes, so [`simply`] says it once more for them, in one breath: a patient comes in from outside, the
//! stay is over, the patient goes straight on or out, and the first in line moves up. A rule that is new
//! to plain nodes makes a node that uses it not simple; the oracle of [`calendar`] treats no node as
//! simple, so that tests compare both. What is [`known`] of a whole run beforehand, such as that nobody
//! is told apart, is compiled into the loop.
//!
//! A patient's visit to a node:
//!
//! ```text
//!           wait            stay           process delay        blocked          window
//! joined ───────── started ────── ready ──────────────── sought ─────── cleared ──────── left
//! ```
//!
//! A patient who is blocked stands in the line of the next node from *sought* on and keeps the place
//! held; from *cleared* on a place there is reserved. A way that takes time begins when the window
//! opens; the place behind may be held meanwhile, and is *left* then at the other end. Who is conveyed
//! first, with the place behind held until the start, seeks a place on being at the door.

pub mod assignment;
pub mod attributes;
pub mod blame;
pub mod calendar;
pub mod caseload;
pub mod census;
pub mod claims;
pub mod clocks;
pub mod conditions;
pub mod deadlock;
pub mod diary;
pub mod ends;
pub mod events;
pub mod histogram;
pub mod known;
pub mod leaving;
pub mod legs;
pub mod lines;
pub mod patients;
pub mod places;
pub mod population;
pub mod preemption;
pub mod readmission;
pub mod record;
pub mod referrals;
pub mod reneging;
pub mod routing;
pub mod rules;
pub mod simply;
pub mod simulation;
pub mod slots;
pub mod sources;
pub mod state;
pub mod supply;
pub mod together;
pub mod transfers;
pub mod visits;
pub mod waiting;
