//! icsflow
pub mod doc;
pub mod error;
pub mod expr;
pub mod ids;
pub mod model;
pub mod time;
