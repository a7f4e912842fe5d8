//! The proof: what a run must do, shown on whole models through the public interface.
//!
//! [`traces`]: runs worked out on paper, exact. [`same_bits`]: properties of models made at random by
//! [`generate`].

mod generate;
mod same_bits;
mod tables;
mod traces;
