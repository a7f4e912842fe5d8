//! The model compiled: names are indices, distributions are samplers.
pub mod sampler;
