//! The proof: what a run must do, shown on whole models through the public interface.
//!
//! [`faults`]: broken models and the words about them. [`traces`] and [`interactions`]: runs worked out
//! on paper, exact, with the tools of [`hand`]; [`beginnings`] those that start from a census,
//! [`bank_holidays`] go by another day,
//! [`people`] who comes again and what changes about them, [`referrals`] who is on a list before being ready. [`theory`]: formulas of queueing theory. [`same_bits`]:
//! properties of models made at random by [`generate`]; [`sweep`] looks at every instant of their runs.
//! [`scenarios`]: what changes do, and to whom; [`batch`]: many of them side by side, in whatever pieces.
//! [`checkpoint`]: runs that stop and go on, in one way or several. [`simple`]: the short cut at nodes of
//! places alone.
//! [`mod@vocabulary`]: files and builders say the same. [`network`]: what compiles of it. [`metrics`]:
//! numbers of the tables. [`clocks`]: measured intervals, on paper. [`peers`]: what others can say, the
//! words for it, and what shows it. [`limits`]: numbers beyond what anybody means.

mod antithetic;
mod bank_holidays;
mod batch;
mod beginnings;
mod caseload;
mod checkpoint;
mod clocks;
mod costs;
mod deadlock;
mod ends;
mod faults;
mod generate;
mod hand;
mod interactions;
mod legs;
mod limits;
mod metrics;
mod network;
mod peers;
mod people;
mod places;
mod referrals;
mod same_bits;
mod scenarios;
mod simple;
mod slots;
mod strata;
mod sweep;
mod tables;
mod theory;
mod together;
mod traces;
mod visits;
mod vocabulary;
mod ways;
mod windows;
