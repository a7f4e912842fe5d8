//! The proof: what a run must do, shown on whole models through the public interface.
//!
//! [`traces`]: runs worked out on paper, exact.

mod tables;
mod traces;
