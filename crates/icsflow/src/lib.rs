//! icsflow simulates how people flow through an integrated care system: emergency departments, acute
//! wards, critical care, community beds, care at home, care homes.
//!
//! A [`Model`] is data. It says who comes ([`Arrivals`]), where care happens ([`Node`]) and where people
//! go next ([`Route`]). An [`Experiment`] runs it many times in parallel; what comes back is
//! [`Results`], tables with a unit in every column.
//!
//! ```
//! use icsflow::{Arrivals, Distribution, Experiment, Model, Node, Route, Share, time::days};
//!
//! let model = Model::new("Step-down")
//!     .arrivals(Arrivals::poisson("Emergency admissions", "Acute", 20.0))
//!     .node(
//!         Node::beds("Acute", 160, Distribution::lognormal_mean_sd("6.9d", "8d"))
//!             .process_delay("assessment", Distribution::exponential("7.2h")),
//!     )
//!     .node(Node::beds("Community", 32, Distribution::lognormal_mean_sd("20d", "15d")))
//!     .route(Route::new("Acute", [("Community", Share::Of(0.07)), ("home", Share::Rest)]));
//!
//! let results = Experiment::new(&model)
//!     .replications(8)
//!     .warm_up(days(60.0))
//!     .until(days(120.0))
//!     .seed(1)
//!     .run()?;
//! // Who held a bed, what was awaited, and where the delay has its root.
//! println!("{}", results.delays());
//! # Ok::<(), icsflow::Error>(())
//! ```
//!
//! The same model may be written in a file and read with [`Model::from_path`]; the results are the same
//! to the last bit.
//!
//! # What it promises
//! * **Same bits.** Model, seed and version give the same tables, on any number of threads, on any
//!   platform, whatever else is recorded. Time is whole microseconds; `exp` and `ln` are the library's
//!   own ([`math`]); every event has its place in one total order ([`engine::calendar::Rank`]).
//! * **Paired.** Every draw is keyed by seed, replication, source, patient, purpose and visit
//!   ([`rng`]): adding a node, a recorder or a thread moves no other draw.
//! * **Every fault at once.** [`Model::check`] lists all that is wrong with a model, each fault with its
//!   place, what was found, what was expected and the nearest valid name ([`Faults`]).
//! * **Nobody is lost.** People in = people out + people inside, in every replication
//!   ([`Results::audit`]).
//!
//! # The house
//! Arrows point down only.
//!
//! ```text
//!  experiment   scenarios of replications in parallel; results as tables
//!      │
//!   engine      one replication: calendar, rules, recorder      (sees the network, never the model)
//!      │
//!  network      the model compiled: positions, samplers, programs; immutable
//!      │
//!   model       the model as authored: one noun a file
//!      │
//!   doc · expr · rng · math · table · time · ids · error        the ground floor
//! ```
//!
//! To hold the whole, read five files: `model/model.rs` (what a model says), `network/network.rs` (what
//! it becomes), `engine/simulation.rs` (the loop), `engine/rules.rs` (what happens to a patient) and
//! `experiment/experiment.rs` (replications in parallel).

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
pub use experiment::batch::{Batch, Enough};
pub use experiment::checkpoint::Checkpoint;
pub use experiment::comparison::{Comparison, Difference};
pub use experiment::experiment::{Control, Experiment};
pub use experiment::results::Results;
pub use experiment::tables::Estimate;
pub use expr::Expression;
pub use model::arrivals::{
    Arrivals, Curve, CurvePoint, CurveShape, Mix, Replay, Sessions, Timetable,
};
pub use model::bank_holidays::BankHolidays;
pub use model::capacity::{Capacity, Cut, Cycle, CycleStep, Edit, PlacesChange, RingFence, Shift};
pub use model::case::{Case, Cases, Many, Share};
pub use model::caseload::Profession;
pub use model::census::{Census, Elapsed, Given, Known, Remaining};
pub use model::change::{Change, Setting};
pub use model::clock::{Clock, Mark, Pause, Stage};
pub use model::cohort::{Attribute, Cohort};
pub use model::cost::Cost;
pub use model::deadlock::Deadlock;
pub use model::diff::Delta;
pub use model::distribution::Distribution;
pub use model::ends::StayEnd;
pub use model::event::{Act, Event, State};
pub use model::group::{Group, GroupKind};
pub use model::legs::{Failed, Join, Leg, LegOrder, Legs, Others};
pub use model::model::Model;
pub use model::node::{Node, ProcessDelay};
pub use model::outage::{Affected, Outage};
pub use model::plan::Plan;
pub use model::population::{Attends, Population};
pub use model::published::Published;
pub use model::queue::{
    Balk, Balking, ChangeClass, Discipline, Limit, NodeQueue, Preempt, Queue, Review, Switch,
};
pub use model::ramp::{Ramp, RampShape};
pub use model::readmission::Readmission;
pub use model::referral::Referral;
pub use model::route::{Choose, Route, To};
pub use model::scenario::{Scenario, Variant};
pub use model::set::{Death, On, SetAttribute};
pub use model::slots::{
    Again, Booking, CalledOff, Cancel, CarveOut, Chance, Fill, FollowUp, Needs, Remote, Session,
    SessionStart, Slots,
};
pub use model::targets::Targets;
pub use model::together::Together;
pub use model::transfer::{Hold, Transfer};
pub use model::visits::{Mode, Need, Scan, Visits};
pub use model::waiting_room::WaitingRoom;
pub use model::window::{HourProfile, Interval, Window};
pub use table::{Column, Data, Table};
pub use time::{ClockTime, Date, Moment, Quantity, TimeUnit, Weekday};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
