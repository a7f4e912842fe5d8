//! Checkpoints: where every replication of an experiment stands at an instant, to go on from there.

use std::path::Path;

use serde::Serialize;

use super::sealed::{self, Kind, part};
use crate::doc::{Doc, Reader, read_table};
use crate::engine::state::{Barred, State};
use crate::error::{Error, Fault, Faults};
use crate::model::diff::sha256;
use crate::model::model::Model;
use crate::model::plan::Plan;
use crate::model::scenario::Scenario;
use crate::network::network::Network;
use crate::time::{Moment, Quantity, Time, TimeUnit};

/// Where every replication of an experiment stands at an instant; see
/// [`Experiment::checkpoint`](super::experiment::Experiment::checkpoint).
///
/// With it go the version of the library, the model, the plan and the instant: whatever would not go
/// on to the same bits is refused.
#[derive(Clone, Debug, PartialEq)]
pub struct Checkpoint {
    head: Head,
    states: States,
}

/// The replications by number, each as bytes.
type States = Vec<(u32, Vec<u8>)>;

/// What a checkpoint is of.
#[derive(Clone, Debug, PartialEq, Serialize)]
struct Head {
    model: Model,
    /// The scenario that ran, if not the model itself.
    scenario: Option<Scenario>,
    plan: Plan,
    at: Moment,
}

read_table!(Head, "a checkpoint", { model, scenario, plan, at });

/// Another version of the library may go on otherwise.
const KIND: Kind = Kind { magic: b"icsflow checkpoint 2\n", name: "checkpoint" };

impl Checkpoint {
    pub(super) fn new(
        model: &Model,
        scenario: Option<&Scenario>,
        plan: &Plan,
        at: Moment,
        states: States,
    ) -> Self {
        let (scenario, plan) = (scenario.cloned(), plan.clone());
        Checkpoint { head: Head { model: bare(model), scenario, plan, at }, states }
    }

    /// The instant, in microseconds since measuring began.
    pub fn time(&self) -> Time {
        let Head { model, at, .. } = &self.head;
        at.time(model.start, model.time_unit)
    }

    /// How many replications it holds.
    pub fn replications(&self) -> u32 {
        self.states.len() as u32
    }

    /// The instant as it was asked for.
    pub fn at(&self) -> Moment {
        self.head.at
    }

    /// The name of the model that ran.
    pub fn name(&self) -> &str {
        &self.head.model.name
    }

    /// The plan by which it ran.
    pub fn plan(&self) -> &Plan {
        &self.head.plan
    }

    /// The scenario that ran, if not the model itself.
    pub fn scenario(&self) -> Option<&Scenario> {
        self.head.scenario.as_ref()
    }

    /// SHA-256 of the whole, in hexadecimal digits.
    pub fn content_hash(&self) -> String {
        sha256(&self.to_bytes())
    }

    /// A checkpoint of so many of its replications, from a number on: all that is needed to go on with them.
    pub fn part(&self, first: u32, count: u32) -> Self {
        let here = first..first.saturating_add(count);
        let states = self.states.iter().filter(|(number, _)| here.contains(number));
        Checkpoint { head: self.head.clone(), states: states.cloned().collect() }
    }

    /// Writes it to a file, whole or not at all.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn write(&self, path: impl AsRef<Path>) -> Result<(), Error> {
        sealed::write(path.as_ref(), &self.to_bytes())
    }

    /// Reads it from a file.
    ///
    /// # Errors
    /// If the file cannot be read, is no whole checkpoint, or is one of another version of the library.
    pub fn read(path: impl AsRef<Path>) -> Result<Self, Error> {
        sealed::read(path.as_ref(), Checkpoint::from_bytes)
    }

    /// As bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut body = Vec::new();
        for (number, state) in &self.states {
            body.extend(u64::from(*number).to_le_bytes());
            body.extend((state.len() as u64).to_le_bytes());
            body.extend(state);
        }
        KIND.seal(&self.head, &body)
    }

    /// From bytes.
    ///
    /// # Errors
    /// If they are no whole checkpoint, or one of another version of the library.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        let (head, body) = KIND.open(bytes)?;
        let states = states_of(body).ok_or_else(|| KIND.not_whole())?;
        Ok(Checkpoint { head, states })
    }

    /// Judges whether an experiment may go on from it.
    pub(super) fn judge(
        &self,
        model: &Model,
        scenario: Option<&Scenario>,
        plan: &Plan,
    ) -> Result<(), Faults> {
        let Head { model: known, plan: planned, .. } = &self.head;
        if bare(model) != *known {
            let found = match model.name == known.name {
                true => format!("the model {:?}, not as it was", model.name),
                false => format!("the model {:?}", model.name),
            };
            let expected = format!("{:?}, the model of the checkpoint", known.name);
            return Err(fault("model", found, expected));
        }
        let unit = model.time_unit;
        let (before, now) = (told(&even(planned, model)), told(&even(plan, model)));
        let mut at = Reader::new();
        at.within("run", |at| {
            // How long it goes on, and how results are told, is free.
            for (key, value) in before.iter().filter(|(key, _)| !FREE.contains(&key.as_str())) {
                if now.get(key) != Some(value) {
                    let found = now.get(key).map_or_else(String::new, ToString::to_string);
                    let expected = format!("{value}, as in the checkpoint");
                    at.within(key, |at| at.fault(found, expected));
                }
            }
            if plan.until(model.start, unit) <= self.time() {
                let expected = format!("a time after {}, that of the checkpoint", self.head.at);
                at.within("until", |at| at.fault(plan.until.to_string(), expected));
            }
            if plan.replications > self.replications() {
                let expected =
                    format!("at most {}: as many as the checkpoint has", self.replications());
                at.within("replications", |at| at.fault(plan.replications.to_string(), expected));
            }
        });
        at.within("scenario", |at| match (&self.head.scenario, scenario) {
            (None, Some(scenario)) => at.item(0, |at| self.judge_branch(model, scenario, at)),
            (Some(ran), other) if other != Some(ran) => {
                let found = other.map_or("none".into(), |other| format!("{:?}", other.name));
                at.fault(found, format!("{:?}, the scenario of the checkpoint", ran.name));
            }
            _ => {}
        });
        at.finish(&Doc::from_json(serde_json::json!({ "run": plan, "scenario": [scenario] })))
    }

    /// Whether a scenario, judged, begins at it; else what ran before goes on.
    pub(super) fn is_branched_by(&self, scenario: Option<&Scenario>) -> bool {
        scenario.is_some() && self.head.scenario.is_none()
    }

    fn judge_branch(&self, model: &Model, scenario: &Scenario, at: &mut Reader) {
        let expected = format!("{} or later: the time of the checkpoint", self.head.at);
        at.within("change", |at| {
            for (index, change) in scenario.changes.iter().enumerate() {
                let when = change.at.map(|when| when.time(model.start, model.time_unit));
                at.item(index, |at| match (change.at, when) {
                    (Some(_), Some(time)) if time >= self.time() => {}
                    (Some(when), _) => {
                        at.within("at", |at| at.fault(when.to_string(), expected.as_str()));
                    }
                    (None, _) => {
                        let found = "none: the change holds in the whole run";
                        at.within("at", |at| at.fault(found, expected.as_str()));
                    }
                });
            }
        });
    }

    /// Where a replication stands, in the network that goes on; `before` is that of the checkpoint, if
    /// it is another.
    pub(super) fn state(
        &self,
        number: u32,
        before: Option<&Network>,
        network: &Network,
    ) -> Result<State, Error> {
        let state = self.states.iter().find(|(known, _)| *known == number);
        let state = state.and_then(|(_, bytes)| match postcard::take_from_bytes(bytes) {
            Ok((state, [])) => Some(state),
            _ => None,
        });
        let mut state: State = state.ok_or_else(|| {
            let found = "a replication that is not there, or of another build of the library";
            fault("checkpoint", found.into(), "a checkpoint of this build".into())
        })?;
        if let Some(before) = before {
            let judged = state.branch(before, network, self.time());
            judged.map_err(|barred| explain(barred, number, network))?;
        }
        Ok(state)
    }
}

/// What may be other when a run goes on.
const FREE: [&str; 3] = ["replications", "until", "confidence"];

/// Why a scenario cannot begin at a checkpoint.
fn explain(barred: Barred, number: u32, network: &Network) -> Faults {
    let whole = "a run from the beginning, without the checkpoint";
    let (found, expected) = match barred {
        Barred::Shape => (
            "changes for some patients that count from the beginning: of given values, or of a \
             choice between nodes"
                .into(),
            whole.into(),
        ),
        Barred::Day(node) => (
            format!(
                "other visits of {:?} on the day of the checkpoint, which begins at midnight with \
                 those of noon",
                network.node_names[node.index()]
            ),
            format!("a checkpoint at midnight, or {whole}"),
        ),
        Barred::Deadlock => (
            format!(
                "other places, where people of replication {number} were waiting in a circle before \
                 it: whether they are stuck depends on places to come"
            ),
            whole.into(),
        ),
    };
    fault("scenario", found, expected)
}

/// A model without what does not matter to a run.
fn bare(model: &Model) -> Model {
    Model { scenarios: Vec::new(), run: None, published: Vec::new(), ..model.clone() }
}

/// A plan whose lengths of time are all in one unit, so that equal ones look alike.
fn even(plan: &Plan, model: &Model) -> Plan {
    let seconds =
        |time: Time| Quantity { amount: time as f64 / 1e6, unit: Some(TimeUnit::Seconds) };
    let warm_up = seconds(plan.warm_up(model.time_unit));
    let until = seconds(plan.until(model.start, model.time_unit)).into();
    Plan { warm_up, until, ..plan.clone() }
}

fn told(plan: &Plan) -> serde_json::Map<String, serde_json::Value> {
    match serde_json::to_value(plan) {
        Ok(serde_json::Value::Object(keys)) => keys,
        _ => serde_json::Map::new(),
    }
}

/// The state of a replication as bytes.
pub(super) fn bytes_of(state: &State) -> Vec<u8> {
    // It is of numbers and lists of them alone: nothing can go wrong.
    postcard::to_allocvec(state).unwrap_or_default()
}

/// The replications of a checkpoint, from its body.
fn states_of(mut body: &[u8]) -> Option<States> {
    let mut states = Vec::new();
    while let Some((number, after)) = body.split_first_chunk::<8>() {
        body = after;
        let number = u32::try_from(u64::from_le_bytes(*number)).ok()?;
        states.push((number, part(&mut body)?.to_vec()));
    }
    body.is_empty().then_some(states)
}

fn fault(path: &str, found: String, expected: String) -> Faults {
    Faults(vec![Fault { path: path.into(), line: None, found, expected, nearest: None }])
}
