//! Yardsticks for icsflow: one patient pathway (`W3`) written by hand as fast as it will go
//! ([`floor`]) and once more on desque ([`desque_w3`]), fed by the same sampler ([`sampler`]).

pub mod desque_w3;
pub mod floor;
pub mod icsflow_w3;
pub mod pathway;
pub mod report;
pub mod sampler;
pub mod wheel;
