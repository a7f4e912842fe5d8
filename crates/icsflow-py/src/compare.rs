//! Scenarios side by side: batches, blocks that run elsewhere, comparisons.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use icsflow::doc::{Doc, Reader};
use icsflow::experiment::batch::{Enough, keep, open_folder};
use icsflow::experiment::job::{Block, Job};
use icsflow::model::metric::METRICS;
use icsflow::{Batch, Control, Error, Faults, Model};
use pyo3::exceptions::{PyKeyboardInterrupt, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use serde_json::Value;

use crate::checkpoint::Checkpoint;
use crate::error::{exception, interrupted};
use crate::interrupt::{Task, detached, quick};
use crate::run::{field, named, plan_over, unknown};
use crate::table::Table;

/// What a call asks beside the plan.
struct Asked {
    batch: Batch,
    folder: Option<PathBuf>,
}

/// The batch of a model given as JSON text. `options` is a JSON object with keys of the run plan and
/// `threads`, `scenarios` (a list, instead of those of the model, some of which it may name), `folder`,
/// and `precision` with `metric`, `scope`, `half_width` and `relative`. With a checkpoint, all cases go
/// on from there, by its plan where the options give none.
fn asked(model: &str, options: &str, start: Option<&icsflow::Checkpoint>) -> Result<Asked, Error> {
    let mut options: Value = serde_json::from_str(options).unwrap_or_default();
    let mut take = |key: &str| options.as_object_mut().and_then(|table| table.remove(key));
    let (scenarios, folder, precision) = (take("scenarios"), take("folder"), take("precision"));
    let mut json: Value = serde_json::from_str(model).unwrap_or_default();
    let scenarios = scenarios.map(|scenarios| in_full(model, scenarios)).transpose()?;
    if let (Some(table), Some(scenarios)) = (json.as_object_mut(), scenarios) {
        table.insert("scenario".into(), scenarios);
    }
    let model = Model::from_json(&json.to_string())?;
    let known = start.map(|start| start.plan().clone());
    let known = known.or_else(|| model.run.clone()).unwrap_or_default();
    let (plan, threads) = plan_over(&known, &model, &options.to_string())?;
    let mut batch = Batch::new(&model).plan(plan).threads(threads);
    if let Some(start) = start {
        batch = batch.start_from(start.clone());
    }
    let folder = folder.as_ref().and_then(Value::as_str).map(PathBuf::from);
    if let Some(folder) = &folder {
        batch = batch.folder(folder.clone());
    }
    if let Some(precision) = precision {
        let doc = Doc::from_json(serde_json::json!({ "precision": precision }));
        let mut at = Reader::new();
        let enough: Enough = field(&doc, "precision", &mut at);
        at.finish(&doc)?;
        batch = batch.enough(enough);
    }
    Ok(Asked { batch, folder })
}

/// A list of scenarios, those that are named taken from the model.
fn in_full(model: &str, scenarios: Value) -> Result<Value, Faults> {
    match scenarios {
        Value::Array(several) if several.iter().any(Value::is_string) => {
            let model = Model::from_json(model)?;
            let each = several.into_iter().map(|one| match one.as_str() {
                Some(name) => Ok(serde_json::to_value(named(&model, name)?).unwrap_or_default()),
                None => Ok(one),
            });
            each.collect()
        }
        other => Ok(other),
    }
}

/// Runs the scenarios of a model beside the model itself. `progress` is called with the number of
/// complete replications and of all. With `start_from` all go on from a checkpoint.
///
/// Raises ModelError with every fault of the model, its scenarios, the options and the folder, RunError
/// when a replication fails, Interrupted on Ctrl-C.
#[pyfunction]
#[pyo3(signature = (model, options, progress=None, start_from=None))]
pub(crate) fn compare(
    py: Python<'_>,
    model: String,
    options: String,
    progress: Option<Py<PyAny>>,
    start_from: Option<PyRef<'_, Checkpoint>>,
) -> PyResult<Comparison> {
    let start = start_from.map(|start| Arc::clone(&start.checkpoint));
    let asked = quick(py, || asked(&model, &options, start.as_deref()))?;
    let asked = asked.map_err(|error| exception(py, error))?;
    let control = Arc::new(Control::new());
    let mut task = Task::start({
        let control = Arc::clone(&control);
        move || asked.batch.run_with(&control)
    })?;
    let mut last = None;
    let watched = task.wait(py, |py| {
        let done = (control.done(), control.total());
        match &progress {
            Some(progress) if last != Some(done) && done.1 > 0 => {
                last = Some(done);
                progress.call1(py, done).map(drop)
            }
            _ => Ok(()),
        }
    });
    if watched.is_err() {
        control.stop();
    }
    let comparison = task.result(py)?.map(Comparison::of);
    match watched {
        Ok(()) => comparison.map_err(|error| exception(py, error)),
        Err(stop) if stop.get_type(py).is(py.get_type::<PyKeyboardInterrupt>()) => {
            Err(interrupted(py, comparison.ok()))
        }
        Err(raised) => Err(raised),
    }
}

/// The same batch as nothing that has run yet, for blocks that run elsewhere; with the blocks that are
/// in its folder.
#[pyfunction]
#[pyo3(signature = (model, options, start_from=None))]
pub(crate) fn prepare(
    py: Python<'_>,
    model: String,
    options: String,
    start_from: Option<PyRef<'_, Checkpoint>>,
) -> PyResult<Comparison> {
    let start = start_from.map(|start| Arc::clone(&start.checkpoint));
    let made = quick(py, || {
        let asked = asked(&model, &options, start.as_deref())?;
        let mut told = icsflow::Comparison::new(asked.batch.job()?);
        if let Some(enough) = asked.batch.precision() {
            told.scope_and_metric(&enough.metric, &enough.scope)?;
        }
        if let Some(folder) = &asked.folder {
            for block in open_folder(folder, told.job())? {
                told.add(block);
            }
        }
        Ok(Comparison { enough: asked.batch.precision().cloned(), ..Comparison::of(told) })
    })?;
    made.map_err(|error| exception(py, error))
}

/// Runs a block of a job given as text: so many replications of a case from a number on; as bytes. `start` is
/// the checkpoint of the job as bytes, or the part of it that has these replications.
#[pyfunction]
#[pyo3(signature = (job, case, first, count, start=None))]
pub(crate) fn run_block<'py>(
    py: Python<'py>,
    job: String,
    case: u32,
    first: u32,
    count: u32,
    start: Option<&[u8]>,
) -> PyResult<Bound<'py, PyBytes>> {
    let start = start.map(<[u8]>::to_vec);
    let run = move || -> Result<Option<Block>, Error> {
        let start = start.as_deref().map(icsflow::Checkpoint::from_bytes).transpose()?;
        Job::from_text(&job)?.run(case, first, count, start.as_ref(), &Control::new())
    };
    let block = detached(py, run)?.map_err(|error| exception(py, error))?;
    let bytes = block.map_or(Vec::new(), |block| block.to_bytes());
    Ok(PyBytes::new(py, &bytes))
}

/// Scenarios beside the model that they change.
#[pyclass(frozen, module = "icsflow._core")]
pub(crate) struct Comparison {
    told: Mutex<icsflow::Comparison>,
    enough: Option<Enough>,
}

impl Comparison {
    fn of(told: icsflow::Comparison) -> Self {
        Comparison { told: Mutex::new(told), enough: None }
    }

    fn told(&self) -> MutexGuard<'_, icsflow::Comparison> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The error for a metric, scope or case that tells nothing.
    fn nothing(&self, case: &str, metric: &str, scopes: &[&str]) -> PyErr {
        let told = self.told();
        let cases = told.cases();
        let metrics: Vec<&str> = METRICS.iter().map(|metric| metric.name).collect();
        let names: Vec<&str> = told.scopes().iter().map(|scope| scope.name.as_str()).collect();
        let unknown_scope = scopes.iter().find(|scope| !names.contains(*scope));
        PyValueError::new_err(if !cases.contains(&case) {
            unknown("scenario", case, &cases)
        } else if !metrics.contains(&metric) {
            unknown("metric", metric, &metrics)
        } else if let Some(scope) = unknown_scope {
            unknown("scope", scope, &names)
        } else {
            format!("the metric {metric:?} does not apply to {}", scopes.join(", "))
        })
    }
}

#[pymethods]
impl Comparison {
    /// The names of the cases, `base` first.
    #[getter]
    fn cases(&self) -> Vec<String> {
        self.told().cases().into_iter().map(str::to_owned).collect()
    }

    /// The scopes over which metrics are told: name and kind.
    #[getter]
    fn scopes(&self) -> Vec<(String, &'static str)> {
        self.told().scopes().iter().map(|scope| (scope.name.clone(), scope.kind)).collect()
    }

    /// The job as text.
    #[getter]
    fn job(&self) -> String {
        self.told().job().text()
    }

    /// How many replications of all cases are complete.
    #[getter]
    fn complete(&self) -> usize {
        self.told().complete()
    }

    /// Whether some that were wanted are missing.
    #[getter]
    fn interrupted(&self) -> bool {
        self.told().interrupted()
    }

    /// The most replications of each case.
    #[getter]
    fn most(&self) -> u32 {
        self.told().job().plan.replications
    }

    /// The comparison as a table; of all metrics and scopes, or of those named.
    #[pyo3(signature = (metrics, scopes))]
    fn table(
        &self,
        py: Python<'_>,
        metrics: Option<Vec<String>>,
        scopes: Option<Vec<String>>,
    ) -> PyResult<Table> {
        let told = self.told().clone();
        let base = told.cases()[0].to_owned();
        let names = |given: &Option<Vec<String>>| given.clone().unwrap_or_default();
        for metric in names(&metrics) {
            if !METRICS.iter().any(|known| known.name == metric) {
                return Err(self.nothing(&base, &metric, &[]));
            }
        }
        let asked = names(&scopes);
        let missing = asked.iter().find(|scope| !told.scopes().iter().any(|s| s.name == **scope));
        if let Some(scope) = missing {
            return Err(self.nothing(&base, METRICS[0].name, &[scope]));
        }
        detached(py, move || {
            let metrics: Option<Vec<&str>> =
                metrics.as_ref().map(|names| names.iter().map(String::as_str).collect());
            let scopes: Option<Vec<&str>> =
                scopes.as_ref().map(|names| names.iter().map(String::as_str).collect());
            told.table(metrics.as_deref(), scopes.as_deref())
        })
        .map(Table::new)
    }

    /// The values of a metric, replication by replication. Raises ValueError if there are none.
    fn values(&self, case: &str, metric: &str, scope: &str) -> PyResult<Vec<f64>> {
        let values = self.told().values(case, metric, scope);
        let values = values.ok_or_else(|| self.nothing(case, metric, &[scope]))?;
        Ok(values.into_iter().map(|(_, value)| value).collect())
    }

    /// A scenario less the base, or that at a scope less the same at another: mean, lower and upper end
    /// of its interval, number of pairs. Raises ValueError if there are no values.
    #[pyo3(signature = (scenario, metric, scope, other))]
    fn difference(
        &self,
        scenario: &str,
        metric: &str,
        scope: &str,
        other: Option<&str>,
    ) -> PyResult<(f64, f64, f64, usize)> {
        let told = self.told();
        let estimate = match other {
            None => told.difference(scenario, metric, scope).map(|told| told.estimate),
            Some(other) => told.difference_in_differences(scenario, metric, scope, other),
        };
        drop(told);
        let scopes: Vec<&str> = [scope].into_iter().chain(other).collect();
        let estimate = estimate.ok_or_else(|| self.nothing(scenario, metric, &scopes))?;
        Ok((estimate.mean, estimate.lower(), estimate.upper(), estimate.count))
    }

    /// The numbers of the replications of a case that are complete.
    fn replications(&self, case: &str) -> PyResult<Vec<u32>> {
        let numbers = self.told().replications(case);
        numbers.ok_or_else(|| self.nothing(case, METRICS[0].name, &[]))
    }

    /// Blocks of at most so many replications that are missing below a number: case, first, count.
    fn missing(&self, until: u32, most: u32) -> Vec<(u32, u32, u32)> {
        self.told().missing(until, most)
    }

    /// Adds a block given as bytes, and keeps it in a folder if there is one. False if it is not whole.
    #[pyo3(signature = (block, folder=None))]
    fn add(&self, py: Python<'_>, block: &[u8], folder: Option<PathBuf>) -> PyResult<bool> {
        let Some(block) = Block::from_bytes(block) else { return Ok(false) };
        if let Some(folder) = folder {
            keep(&folder, &block).map_err(|error| exception(py, error))?;
        }
        self.told().add(block);
        Ok(true)
    }

    /// Whether the wanted precision is reached by the replications below a number.
    fn reached(&self, until: u32) -> bool {
        self.enough.as_ref().is_some_and(|enough| self.told().reached(enough, until))
    }

    /// Keeps the replications below a number: so many were wanted.
    fn cut(&self, until: u32) {
        self.told().cut(until);
    }

    /// As bytes, to be pickled.
    fn to_bytes<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &self.told().to_bytes())
    }

    /// From bytes. Raises ValueError if they are not those of a comparison.
    #[staticmethod]
    fn from_bytes(bytes: &[u8]) -> PyResult<Self> {
        let told = icsflow::Comparison::from_bytes(bytes);
        let told = told.ok_or_else(|| PyValueError::new_err("these bytes are no comparison"))?;
        Ok(Comparison::of(told))
    }
}
