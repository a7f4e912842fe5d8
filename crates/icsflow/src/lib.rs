//! icsflow
pub mod doc;
pub mod error;
pub mod expr;
pub mod ids;
pub mod math;
pub mod model;
pub mod network;
pub mod rng;
pub mod time;
pub use error::{Error, Faults};
pub use model::{
    arrivals::Arrivals, case::Share, distribution::Distribution, model::Model, node::Node,
    route::Route,
};
