//! The network: a checked model made ready to run. Names have become positions, distributions samplers,
//! conditions programs, and every list lies flat. A network never changes while it runs and is shared by
//! all replications.

pub mod caseload;
pub mod census;
pub mod clocks;
pub mod compile;
pub mod costs;
pub mod demand;
pub mod event;
pub mod extras;
pub mod legs;
pub mod network;
pub mod places;
pub mod population;
pub mod rate;
pub mod sampler;
pub mod slots;
pub mod visits;
pub mod ways;
pub mod week;
