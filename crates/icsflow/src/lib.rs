//! icsflow simulates how people flow through an integrated care system.

pub mod doc;
pub mod engine;
pub mod error;
pub mod experiment;
pub mod expr;
pub mod ids;
pub mod math;
pub mod model;
pub mod network;
pub mod rng;
pub mod table;
pub mod time;

pub use error::{Error, Fault, Faults};
pub use experiment::experiment::{Control, Experiment};
pub use experiment::results::Results;
pub use experiment::tables::Estimate;
pub use expr::Expression;
pub use model::arrivals::{Arrivals, Curve, CurvePoint, CurveShape, Mix, Sessions, Timetable};
pub use model::case::{Case, Cases, Share};
pub use model::cohort::{Attribute, Cohort};
pub use model::distribution::Distribution;
pub use model::group::{Group, GroupKind};
pub use model::model::Model;
pub use model::node::{Discipline, Limit, Node, ProcessDelay, Queue};
pub use model::plan::Plan;
pub use model::published::Published;
pub use model::route::Route;
pub use model::window::{HourProfile, Interval, Window};
pub use table::{Column, Data, Table};
pub use time::{ClockTime, Date, Quantity, TimeUnit, Weekday};
