//! The model as authored: data that a file, a notebook or a program writes alike.
//!
//! One noun a file. [`Model`](model::Model) is the whole; it is made of groups, cohorts, arrivals, nodes,
//! queues, routes and clocks. [`mod@file`] reads and writes it as TOML and JSON; [`check`] finds every fault in it. Nothing
//! here runs: a checked model is compiled into a network first.

pub mod arrivals;
pub mod bank_holidays;
pub mod capacity;
pub mod case;
pub mod caseload;
pub mod census;
pub mod change;
pub mod check;
pub mod clock;
pub mod cohort;
pub mod cost;
pub mod deadlock;
pub mod diff;
pub mod distribution;
mod edit;
pub mod ends;
pub mod event;
pub mod file;
pub mod group;
pub mod legs;
pub mod metric;
pub mod model;
pub mod node;
pub mod outage;
mod path;
pub mod plan;
pub mod population;
pub mod published;
pub mod queue;
pub mod ramp;
pub mod readmission;
pub mod referral;
mod role;
pub mod route;
pub mod scenario;
pub mod set;
pub mod shipped;
pub mod slots;
pub mod targets;
pub mod together;
pub mod transfer;
pub mod visits;
pub mod waiting_room;
pub mod window;
