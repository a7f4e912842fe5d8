//! A job: a model, its scenarios and a plan, cut into blocks of replications that may be run anywhere.
//!
//! A job goes out as text and a block comes back as bytes, so that threads, processes and machines give
//! the same values; what is put together of them does not depend on who ran which.

use serde::Serialize;

use super::checkpoint::Checkpoint;
use super::experiment::{Control, Experiment};
use super::metrics::Scope;
use super::results::Results;
use super::sealed::checksum;
use super::tables;
use crate::doc::{Doc, Read, Reader, read_table};
use crate::error::{Error, Fault, Faults};
use crate::model::metric::METRICS;
use crate::model::model::Model;
use crate::model::plan::Plan;
use crate::model::scenario::Scenario;

/// The name of the model without changes, beside those of its scenarios.
pub const BASE: &str = "base";

/// A model with the scenarios that are run, and the plan.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Job {
    /// The version that runs it: another may give other numbers.
    pub version: String,
    /// The model with its scenarios.
    pub model: Model,
    /// How it is run; `replications` is the most of each.
    pub plan: Plan,
    /// Whether the base is run as well.
    pub with_base: bool,
    /// The hash of the checkpoint from which all go on, if they do not begin at the beginning.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start: Option<String>,
}

read_table!(Job, "a job", { version, model, plan, with_base, start });

/// What one replication of a case gave: the value of each cell.
pub type Row = Vec<f64>;

/// A block of replications of one case.
#[derive(Clone, Debug, PartialEq)]
pub struct Block {
    /// Position of the case: the base first, if it is run, then the scenarios.
    pub case: u32,
    /// Number of its first replication.
    pub first: u32,
    /// Scope and metric of each value, by position among the scopes of the job and the metrics.
    pub cells: Vec<(u32, u32)>,
    /// By replication, the values.
    pub rows: Vec<Row>,
}

impl Job {
    /// Of a model with its scenarios, or of these instead of them.
    ///
    /// # Errors
    /// Every fault of the model, its scenarios and the plan.
    pub fn new(model: &Model, plan: Plan, with_base: bool) -> Result<Self, Faults> {
        model.check()?;
        let mut at = Reader::new();
        at.within("run", |at| plan.check(model.start, model.time_unit, at));
        at.finish(&Doc::from_json(serde_json::json!({ "run": &plan })))?;
        let named_base = model.scenarios.iter().any(|scenario| scenario.name == BASE);
        if named_base {
            return Err(fault(
                "scenario",
                format!("{BASE:?}"),
                "another name: this is the model's own",
            ));
        }
        let version = env!("CARGO_PKG_VERSION").to_owned();
        Ok(Job { version, model: model.clone(), plan, with_base, start: None })
    }

    /// The same from a checkpoint on.
    ///
    /// # Errors
    /// Every fault of a case that cannot go on from there.
    pub fn start_from(self, start: &Checkpoint) -> Result<Self, Faults> {
        let (alone, plan) = (self.alone(), Plan { stays: false, ..self.plan.clone() });
        let mut faults: Vec<Fault> = Vec::new();
        for case in 0..self.cases().len() as u32 {
            let judged = start.judge(&alone, self.scenario(case), &plan);
            let of_case = judged.err().map_or(Vec::new(), |faults| faults.0);
            // What is wrong with the plan is wrong in every case.
            let news = of_case.into_iter().filter(|fault| !faults.contains(fault));
            let news: Vec<Fault> = news.collect();
            faults.extend(news);
        }
        match faults.is_empty() {
            true => Ok(Job { start: Some(start.content_hash()), ..self }),
            false => Err(Faults(faults)),
        }
    }

    /// The model without its scenarios.
    fn alone(&self) -> Model {
        Model { scenarios: Vec::new(), ..self.model.clone() }
    }

    /// As text, to be sent and kept.
    pub fn text(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// From text.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn from_text(text: &str) -> Result<Self, Faults> {
        let json = serde_json::from_str(text).map_err(|error| {
            fault("job", format!("text that is not JSON: {error}"), "the text of a job")
        })?;
        let doc = Doc::from_json(json);
        let mut at = Reader::new();
        let job = Job::read(&doc, &mut at);
        at.finish(&doc)?;
        if job.version != env!("CARGO_PKG_VERSION") {
            return Err(fault(
                "version",
                job.version,
                concat!("version ", env!("CARGO_PKG_VERSION")),
            ));
        }
        Ok(job)
    }

    /// The names of the cases.
    pub fn cases(&self) -> Vec<&str> {
        let base = self.with_base.then_some(BASE);
        let scenarios = self.model.scenarios.iter().map(|scenario| scenario.name.as_str());
        base.into_iter().chain(scenarios).collect()
    }

    /// The scenario of a case; none of the base.
    pub fn scenario(&self, case: u32) -> Option<&Scenario> {
        let at = (case as usize).checked_sub(usize::from(self.with_base))?;
        self.model.scenarios.get(at)
    }

    /// The scopes of the model's results.
    pub fn scopes(&self) -> Vec<Scope> {
        super::results::scopes_of(&self.model)
    }

    /// Runs a block: so many replications of a case from a number on, on this thread; from the checkpoint of
    /// the job, or the part of it that has them. Told to stop, it gives those that were complete.
    ///
    /// # Errors
    /// As [`Experiment::run`].
    pub fn run(
        &self,
        case: u32,
        first: u32,
        count: u32,
        start: Option<&Checkpoint>,
        control: &Control,
    ) -> Result<Option<Block>, Error> {
        let alone = self.alone();
        let plan = Plan { replications: count, stays: false, ..self.plan.clone() };
        let mut run = Experiment::new(&alone).plan(plan).first(first).threads(1);
        if let Some(scenario) = self.scenario(case) {
            run = run.scenario(scenario.clone());
        }
        if let Some(start) = start {
            run = run.start_from(start);
        }
        let results = run.run_with(control)?;
        // On one thread they are the first ones.
        Ok((!results.replications().is_empty()).then(|| self.block(case, first, &results)))
    }

    fn block(&self, case: u32, first: u32, results: &Results) -> Block {
        let measure = results.measure();
        let mut rows: Vec<Row> = vec![Vec::new(); results.replications().len()];
        let mut cells = Vec::new();
        for (i, scope) in self.scopes().iter().enumerate() {
            let values = |replication| measure.values(replication, scope, None);
            let by_replication: Vec<_> = results.replications().iter().map(values).collect();
            for (metric, known) in METRICS.iter().enumerate() {
                let Some(values) = tables::told(&by_replication, known.name) else { continue };
                cells.push((i as u32, metric as u32));
                rows.iter_mut().zip(values).for_each(|(row, value)| row.push(value));
            }
        }
        Block { case, first, cells, rows }
    }
}

fn fault(path: &str, found: String, expected: &str) -> Faults {
    Faults(vec![Fault {
        path: path.into(),
        line: None,
        found,
        expected: expected.into(),
        nearest: None,
    }])
}

/// What stands at the beginning of a block as bytes.
const MAGIC: &[u8; 8] = b"icsflow1";

impl Block {
    /// As bytes: the same on every machine.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        let counts = [self.case, self.first, self.cells.len() as u32, self.rows.len() as u32];
        counts.iter().for_each(|n| bytes.extend(n.to_le_bytes()));
        for (scope, metric) in &self.cells {
            bytes.extend(scope.to_le_bytes());
            bytes.extend(metric.to_le_bytes());
        }
        for value in self.rows.iter().flatten() {
            bytes.extend(value.to_bits().to_le_bytes());
        }
        let sum = checksum(&bytes);
        bytes.extend(sum.to_le_bytes());
        bytes
    }

    /// From bytes; nothing if they are not those of a whole block.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (body, sum) = bytes.split_last_chunk::<8>()?;
        if u64::from_le_bytes(*sum) != checksum(body) {
            return None;
        }
        let mut rest = body.strip_prefix(MAGIC)?;
        let mut word = || {
            let (word, after) = rest.split_first_chunk::<4>()?;
            rest = after;
            Some(u32::from_le_bytes(*word))
        };
        let (case, first, cells, rows) = (word()?, word()?, word()?, word()?);
        let cells = (0..cells).map(|_| Some((word()?, word()?))).collect::<Option<Vec<_>>>()?;
        let mut values = rest.chunks_exact(8).map(|chunk| {
            let bits = <[u8; 8]>::try_from(chunk).unwrap_or_default();
            f64::from_bits(u64::from_le_bytes(bits))
        });
        let rows: Vec<Row> =
            (0..rows).map(|_| values.by_ref().take(cells.len()).collect()).collect();
        let whole = values.next().is_none() && rows.iter().all(|row| row.len() == cells.len());
        whole.then_some(Block { case, first, cells, rows })
    }
}
