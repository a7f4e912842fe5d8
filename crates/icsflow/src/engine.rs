//! The engine: one replication.
//!
//! A run is a loop over events in one total order ([`calendar`]). [`simulation`] holds the clock and
//! the loop, on one screen; [`rules`] what happens to a patient; [`patients`] and [`lines`] who is inside
//! and who waits; [`sources`] who comes next; [`record`] what is measured; [`blame`] at which node a
//! delay has its root. Everything that changes in a run lies in these structures; the network never
//! changes; draws are keyed, so that no generator needs keeping.
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

pub mod blame;
pub mod calendar;
pub mod census;
pub mod histogram;
pub mod lines;
pub mod patients;
pub mod record;
pub mod rules;
pub mod simulation;
pub mod sources;
pub mod supply;
pub mod waiting;
