//! The proof: what a run must do, shown on whole models through the public interface.
//!
//! [`faults`]: broken models and the words about them. [`traces`]: runs worked out on paper, exact.
//! [`theory`]: formulas of queueing theory. [`same_bits`]: properties of models made at random by
//! [`generate`], some of them seen at
//! every instant by [`sweep`]. [`mod@vocabulary`]: files and builders say the same. [`network`]: what compiles of it.

mod faults;
mod generate;
mod network;
mod same_bits;
mod sweep;
mod tables;
mod theory;
mod traces;
mod vocabulary;
mod windows;
