//! Experiments: replications of a model in parallel, and what comes out of them as tables.
//!
//! [`experiment`] runs, from the beginning or from a [`checkpoint`], [`replication`] is what one
//! replication leaves behind, [`metrics`] turns it into values by metric and scope, [`lists`] into stocks
//! and flows of waiting lists, [`results`] into tables. [`batch`] runs scenarios beside the model that
//! they change, in the blocks of a [`job`], and makes of them a [`comparison`].

pub mod batch;
mod batch_means;
pub mod caseloads;
pub mod checkpoint;
pub mod clocks;
pub mod comparison;
pub mod costs;
pub mod departures;
pub mod ends;
pub mod experiment;
pub mod job;
pub mod lists;
pub mod metrics;
pub mod replication;
pub mod results;
mod saved;
mod sealed;
pub mod tables;
mod warnings;
