//! icsflow
pub mod doc;
pub mod error;
pub mod math;
pub mod model;
pub mod network;
pub mod rng;
pub mod time;
