//! The proof: what a run must do, shown on whole models through the public interface.
//!
//! [`faults`]: broken models and the words about them. [`traces`] and [`interactions`]: runs worked out
//! on paper, exact, with the tools of [`hand`]. [`theory`]: formulas of queueing theory. [`same_bits`]:
//! properties of models made at random by [`generate`]; [`sweep`] looks at every instant of their runs.
//! [`mod@vocabulary`]: files and builders say the same. [`network`]: what compiles of it. [`metrics`]:
//! numbers of the tables. [`clocks`]: measured intervals, on paper.

mod clocks;
mod faults;
mod generate;
mod hand;
mod interactions;
mod metrics;
mod network;
mod same_bits;
mod slots;
mod sweep;
mod tables;
mod theory;
mod traces;
mod vocabulary;
mod windows;
