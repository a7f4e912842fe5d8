//! The model as authored.
pub mod distribution;
