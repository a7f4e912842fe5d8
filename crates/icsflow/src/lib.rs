//! icsflow
pub mod doc;
pub mod error;
pub mod model;
pub mod time;
