//! What Python may ask of the core.

use std::path::PathBuf;
use std::sync::Arc;

use icsflow::doc::{Doc, Read, Reader};
use icsflow::error::nearest;
use icsflow::model::distribution::Meaning;
use icsflow::model::metric::METRICS;
use icsflow::network::sampler::Sampler;
use icsflow::rng::{Purpose, SourceKey};
use icsflow::{Control, Delta, Distribution, Experiment, Faults, Model, Plan, Scenario, TimeUnit};
use pyo3::exceptions::{PyKeyboardInterrupt, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use serde_json::Value;

use crate::checkpoint::Checkpoint;
use crate::error::{exception, interrupted, model_error};
use crate::interrupt::{Task, detached, quick};
use crate::table::Table;

/// Judges a model given as JSON text and returns it in full as JSON text.
///
/// Raises ModelError with every fault of the model.
#[pyfunction]
pub(crate) fn from_json(py: Python<'_>, text: String) -> PyResult<String> {
    told(py, quick(py, || Model::from_json(&text).map(|model| model.to_json()))?)
}

/// Judges a model given as TOML text and returns it in full as JSON text.
///
/// Raises ModelError with every fault of the model and the lines on which they stand.
#[pyfunction]
pub(crate) fn from_toml(py: Python<'_>, text: String) -> PyResult<String> {
    told(py, quick(py, || Model::from_toml(&text).map(|model| model.to_json()))?)
}

/// The TOML text of a model given as JSON text.
#[pyfunction]
pub(crate) fn to_toml(py: Python<'_>, text: String) -> PyResult<String> {
    told(py, quick(py, || Model::from_json(&text).map(|model| model.to_toml()))?)
}

/// The JSON text of a model that comes with the library.
#[pyfunction]
pub(crate) fn open_shipped(py: Python<'_>, name: String) -> PyResult<String> {
    told(py, quick(py, || Model::open(&name).map(|model| model.to_json()))?)
}

/// The names of the models that come with the library.
#[pyfunction]
pub(crate) fn shipped() -> Vec<&'static str> {
    Model::shipped().collect()
}

/// The JSON Schema of model files.
#[pyfunction]
pub(crate) fn schema(py: Python<'_>) -> PyResult<String> {
    quick(py, || format!("{:#}", Model::schema()))
}

/// Every metric: name, unit ("time" stands for the model's time unit), definition.
#[pyfunction]
pub(crate) fn metrics() -> Vec<(&'static str, &'static str, &'static str)> {
    METRICS.iter().map(|metric| (metric.name, metric.unit, metric.definition)).collect()
}

/// Runs a model given as JSON text. `options` is a JSON object with keys of the run plan, which go
/// before those of the model, `threads`: 0, or none, is one for each processor, and `scenario`: one of
/// the model by its name, or a whole one, to run instead of the model itself. `progress` is
/// called with the number of complete replications and of all. With `start_from` the run goes on from a
/// checkpoint, by its plan and scenario where the options give none.
///
/// Raises ModelError with every fault of the model and of the options, RunError when a replication
/// fails, Interrupted on Ctrl-C.
#[pyfunction]
#[pyo3(signature = (model, options, progress=None, start_from=None))]
pub(crate) fn run(
    py: Python<'_>,
    model: String,
    options: String,
    progress: Option<Py<PyAny>>,
    start_from: Option<PyRef<'_, Checkpoint>>,
) -> PyResult<Results> {
    let asked = Asked::new(py, &model, &options, start_from)?;
    let total = asked.replications();
    let run = move |control: &Control| asked.experiment().run_with(control);
    let (results, watched) = watch(py, total, progress, run)?;
    let results = results.map(Results::new);
    match watched {
        Ok(()) => results.map_err(|error| exception(py, error)),
        Err(stop) if stop.get_type(py).is(py.get_type::<PyKeyboardInterrupt>()) => {
            Err(interrupted(py, results.ok()))
        }
        Err(raised) => Err(raised),
    }
}

/// What is asked of an experiment.
pub(crate) struct Asked {
    model: Model,
    scenario: Option<Scenario>,
    plan: Plan,
    threads: usize,
    start: Option<Arc<icsflow::Checkpoint>>,
}

impl Asked {
    pub(crate) fn new(
        py: Python<'_>,
        model: &str,
        options: &str,
        start_from: Option<PyRef<'_, Checkpoint>>,
    ) -> PyResult<Self> {
        let start = start_from.map(|checkpoint| Arc::clone(&checkpoint.checkpoint));
        let model = told(py, quick(py, || Model::from_json(model))?)?;
        let (scenario, options) = told(py, scenario(&model, options))?;
        let scenario = scenario.or_else(|| start.as_ref()?.scenario().cloned());
        let known = start.as_ref().map(|start| start.plan().clone());
        let known = known.or_else(|| model.run.clone()).unwrap_or_default();
        let (plan, threads) = told(py, plan_over(&known, &model, &options))?;
        Ok(Asked { model, scenario, plan, threads, start })
    }

    pub(crate) fn replications(&self) -> u32 {
        self.plan.replications
    }

    pub(crate) fn experiment(&self) -> Experiment<'_> {
        let mut run = Experiment::new(&self.model).plan(self.plan.clone()).threads(self.threads);
        if let Some(scenario) = &self.scenario {
            run = run.scenario(scenario.clone());
        }
        match &self.start {
            Some(start) => run.start_from(start),
            None => run,
        }
    }
}

/// Does the work of a run and tells how far it has come: what it gave, and what was met meanwhile.
pub(crate) fn watch<T: Send + 'static>(
    py: Python<'_>,
    total: u32,
    progress: Option<Py<PyAny>>,
    work: impl FnOnce(&Control) -> T + Send + 'static,
) -> PyResult<(T, PyResult<()>)> {
    let control = Arc::new(Control::new());
    let mut task = Task::start({
        let control = Arc::clone(&control);
        move || work(&control)
    })?;
    let mut last = None;
    let watched = task.wait(py, |py| {
        let done = control.done();
        match &progress {
            Some(progress) if last != Some(done) => {
                last = Some(done);
                progress.call1(py, (done, total)).map(drop)
            }
            _ => Ok(()),
        }
    });
    if watched.is_err() {
        control.stop();
    }
    Ok((task.result(py)?, watched))
}

/// The scenario that is asked for, and the other options.
fn scenario(model: &Model, options: &str) -> Result<(Option<Scenario>, String), Faults> {
    let mut options: Value = serde_json::from_str(options).unwrap_or_default();
    let Some(asked) = options.as_object_mut().and_then(|table| table.remove("scenario")) else {
        return Ok((None, options.to_string()));
    };
    let scenario = if let Some(name) = asked.as_str() {
        named(model, name)?.clone()
    } else {
        let doc = Doc::from_json(serde_json::json!({ "scenario": asked }));
        let mut at = Reader::new();
        let scenario = field(&doc, "scenario", &mut at);
        at.finish(&doc)?;
        scenario
    };
    Ok((Some(scenario), options.to_string()))
}

/// The scenario of the model that has this name.
pub(crate) fn named<'m>(model: &'m Model, name: &str) -> Result<&'m Scenario, Faults> {
    model.scenarios.iter().find(|scenario| scenario.name == name).ok_or_else(|| {
        let names = model.scenarios.iter().map(|scenario| scenario.name.as_str());
        let mut at = Reader::new();
        at.within("scenario", |at| at.unknown(name, "a scenario of the model", names));
        at.finish(&Doc::from_json(Value::Null)).err().unwrap_or_default()
    })
}

/// The plan of a run: what is given, then what is known; and the threads.
pub(crate) fn plan_over(
    known: &Plan,
    model: &Model,
    options: &str,
) -> Result<(Plan, usize), Faults> {
    let mut plan = serde_json::to_value(known).unwrap_or_default();
    let mut threads = None;
    if let (Value::Object(plan), Ok(Value::Object(mut given))) =
        (&mut plan, serde_json::from_str(options))
    {
        threads = given.remove("threads");
        plan.extend(given);
    }
    let doc = Doc::from_json(serde_json::json!({ "run": plan, "threads": threads }));
    let mut at = Reader::new();
    let plan: Plan = field(&doc, "run", &mut at);
    let threads: Option<u32> = field(&doc, "threads", &mut at);
    at.end_of_text();
    at.within("run", |at| plan.check(model.start, model.time_unit, at));
    at.finish(&doc)?;
    Ok((plan, threads.unwrap_or(0) as usize))
}

/// The hash of what a model given as JSON text says, or of a scenario of it: see `run` for `options`.
///
/// Raises ModelError with every fault of the model and of the scenario.
#[pyfunction]
pub(crate) fn content_hash(py: Python<'_>, model: String, options: String) -> PyResult<String> {
    let hash = move || -> Result<String, Faults> {
        let model = Model::from_json(&model)?;
        let Some(scenario) = scenario(&model, &options)?.0 else { return Ok(model.content_hash()) };
        scenario.of(&model)?;
        Ok(scenario.content_hash(&model))
    };
    told(py, quick(py, hash)?)
}

/// What a scenario makes of a model given as JSON text, as JSON text: see `run` for `options`.
///
/// Raises ModelError with every fault of the model and of the scenario, and if it is more than a model can
/// hold.
#[pyfunction]
pub(crate) fn changed(py: Python<'_>, model: String, options: String) -> PyResult<String> {
    let change = move || -> Result<String, Faults> {
        let model = Model::from_json(&model)?;
        let scenario = scenario(&model, &options)?.0.unwrap_or_else(|| Scenario::new("base"));
        let variant = scenario.of(&model)?;
        if variant.steps.is_empty() && variant.demand.is_empty() {
            return Ok(variant.model.to_json());
        }
        let mut at = Reader::new();
        let expected =
            "changes that hold in the whole run and for everyone: others are for a scenario";
        at.within("scenario", |at| at.fault(format!("{:?}", scenario.name), expected));
        Err(at.finish(&Doc::from_json(Value::Null)).err().unwrap_or_default())
    };
    told(py, quick(py, change)?)
}

/// A difference: path, date from which on, JSON text of what stands there in either, all of it in words.
type Told = (String, Option<String>, Option<String>, Option<String>, String);

fn in_words(deltas: Vec<Delta>) -> Vec<Told> {
    let text = |value: &Option<Value>| value.as_ref().map(Value::to_string);
    let told = |delta: Delta| {
        let (before, after) = (text(&delta.before), text(&delta.after));
        let (at, words) = (delta.at.map(|at| at.to_string()), delta.to_string());
        (delta.path, at, before, after, words)
    };
    deltas.into_iter().map(told).collect()
}

/// Where the second of two models given as JSON text differs from the first.
///
/// Raises ModelError with every fault of a model.
#[pyfunction]
pub(crate) fn diff(py: Python<'_>, one: String, two: String) -> PyResult<Vec<Told>> {
    let find = move || -> Result<Vec<Told>, Faults> {
        Ok(in_words(Model::from_json(&one)?.diff(&Model::from_json(&two)?)))
    };
    told(py, quick(py, find)?)
}

/// Where what a second scenario makes of a model given as JSON text differs from what a first makes of it.
/// Each is given by options as of `run`; without a scenario in them it is the model itself.
///
/// Raises ModelError with every fault of the model and of the scenarios.
#[pyfunction]
pub(crate) fn diff_scenarios(
    py: Python<'_>,
    model: String,
    one: String,
    two: String,
) -> PyResult<Vec<Told>> {
    let find = move || -> Result<Vec<Told>, Faults> {
        let model = Model::from_json(&model)?;
        let of = |options: &str| -> Result<Scenario, Faults> {
            Ok(scenario(&model, options)?.0.unwrap_or_else(|| Scenario::new("base")))
        };
        Ok(in_words(of(&one)?.diff(&of(&two)?, &model)?))
    };
    told(py, quick(py, find)?)
}

/// Draws values from a distribution. `request` is a JSON object with `distribution`, `n`, `seed` and
/// `time_unit`; without a time unit values are plain numbers, or days if the parameters are lengths of
/// time with their units.
///
/// Raises ModelError with every fault of the request.
#[pyfunction]
pub(crate) fn sample(py: Python<'_>, request: String) -> PyResult<Vec<f64>> {
    told(py, detached(py, move || draw(&request))?)
}

/// As many values as memory can well hold, once more as Python has them.
const MOST_VALUES: u64 = 100_000_000;

fn draw(request: &str) -> Result<Vec<f64>, Faults> {
    let doc = Doc::from_json(serde_json::from_str(request).unwrap_or_default());
    let mut at = Reader::new();
    let n: u64 = field(&doc, "n", &mut at);
    if n > MOST_VALUES {
        at.within("n", |at| at.fault(n.to_string(), format!("at most {MOST_VALUES} values")));
    }
    let seed: u64 = field(&doc, "seed", &mut at);
    let unit: Option<TimeUnit> = field(&doc, "time_unit", &mut at);
    let distribution: Distribution = field(&doc, "distribution", &mut at);
    at.finish(&doc)?;
    let ready = |meaning: Meaning| {
        let mut at = Reader::new();
        at.within("distribution", |at| distribution.check(at, meaning));
        at.finish(&doc).map(|()| Sampler::new(&distribution, meaning))
    };
    let lengths = |unit: TimeUnit| {
        ready(Meaning::Duration(unit)).map(|sampler| (sampler, unit.micros() as f64))
    };
    let (sampler, scale) = match unit {
        Some(unit) => lengths(unit)?,
        None => match ready(Meaning::Number) {
            Ok(numbers) => (numbers, 1.0),
            Err(_) => lengths(TimeUnit::Days)?,
        },
    };
    let (source, purpose) = (SourceKey::new(seed, 0, "sample"), Purpose::named("sample", "value"));
    let listed = sampler.listed().unwrap_or_default();
    let value = |i: u64| match listed.len() {
        0 => sampler.sample(source.patient(i).draw(purpose, 0)),
        length => listed[(i % length as u64) as usize],
    };
    Ok((0..n).map(|i| value(i) / scale).collect())
}

pub(crate) fn field<T: Read>(doc: &Doc, key: &str, at: &mut Reader) -> T {
    match &doc.value {
        icsflow::doc::Value::Table(table) => icsflow::doc::field(table, key, None, at),
        _ => T::broken(),
    }
}

pub(crate) fn told<T>(py: Python<'_>, result: Result<T, Faults>) -> PyResult<T> {
    result.map_err(|faults| model_error(py, &faults))
}

/// The results of a run; tables are made when asked for.
#[pyclass(frozen, module = "icsflow._core")]
pub(crate) struct Results {
    results: Arc<icsflow::Results>,
}

impl Results {
    fn new(results: icsflow::Results) -> Self {
        Results { results: Arc::new(results) }
    }
}

#[pymethods]
impl Results {
    /// Reads them from a file. Raises OSError if it holds no whole results, ModelError if it holds those
    /// of another version.
    #[staticmethod]
    fn read(py: Python<'_>, path: PathBuf) -> PyResult<Self> {
        let read = detached(py, || icsflow::Results::read(path))?;
        read.map(Results::new).map_err(|error| exception(py, error))
    }

    /// From bytes; raises as `read` does.
    #[staticmethod]
    fn from_bytes(py: Python<'_>, bytes: &[u8]) -> PyResult<Self> {
        let read = quick(py, || icsflow::Results::from_bytes(bytes))?;
        read.map(Results::new).map_err(|error| exception(py, error))
    }

    /// Writes them to a file, whole or not at all.
    fn write(&self, py: Python<'_>, path: PathBuf) -> PyResult<()> {
        let results = Arc::clone(&self.results);
        let written = detached(py, move || results.write(path))?;
        written.map_err(|error| exception(py, error))
    }

    /// As bytes.
    fn to_bytes<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        let results = Arc::clone(&self.results);
        let bytes = detached(py, move || results.to_bytes())?;
        Ok(PyBytes::new(py, &bytes))
    }

    /// A table by its name. Raises ValueError if there is no such table.
    fn table(&self, py: Python<'_>, name: &str) -> PyResult<Table> {
        use icsflow::Results as R;
        let make: fn(&R) -> icsflow::Table = match name {
            "replications" => R::replication_table,
            "summary" => R::summary,
            "occupancy" => R::occupancy,
            "levels" => R::levels,
            "visits" => R::visits,
            "waits" => R::waits,
            "lists" => R::lists,
            "list_weeks" => R::list_weeks,
            "queues" => R::queues,
            "clocks" => R::clocks,
            "costs" => R::costs,
            "departures" => R::departures,
            "ready_days" => R::ready_days,
            "delays" => R::delays,
            "deadlocks" => R::deadlocks,
            "decisions" => R::events_on_people,
            "ends" => R::ends,
            "caseloads" => R::caseloads,
            "flows" => R::flows,
            "stays" => R::stays,
            "audit" => R::audit,
            "published" => R::published,
            _ => return Err(PyValueError::new_err(format!("there is no table {name:?}"))),
        };
        let results = Arc::clone(&self.results);
        detached(py, move || make(&results)).map(Table::new)
    }

    /// The table of so many batches. Raises ModelError if there are too few censuses for them.
    fn batch_means(&self, py: Python<'_>, batches: u32) -> PyResult<Table> {
        let results = Arc::clone(&self.results);
        let table = detached(py, move || results.batch_means(batches))?;
        told(py, table).map(Table::new)
    }

    /// The values of a metric for a scope, replication by replication. Raises ValueError if there is
    /// no such metric or scope.
    fn values(&self, py: Python<'_>, metric: String, scope: String) -> PyResult<Vec<f64>> {
        let results = Arc::clone(&self.results);
        let values = detached(py, {
            let (metric, scope) = (metric.clone(), scope.clone());
            move || results.values(&metric, &scope)
        })?;
        values.ok_or_else(|| {
            let metrics: Vec<&str> = METRICS.iter().map(|metric| metric.name).collect();
            let names = self.scopes();
            let scopes: Vec<&str> = names.iter().map(|(name, _)| name.as_str()).collect();
            PyValueError::new_err(if !metrics.contains(&metric.as_str()) {
                unknown("metric", &metric, &metrics)
            } else if !scopes.contains(&scope.as_str()) {
                unknown("scope", &scope, &scopes)
            } else {
                let whole = names.iter().find(|(_, kind)| *kind == "system");
                let hint = whole
                    .filter(|(name, _)| *name != scope)
                    .map_or(String::new(), |(name, _)| format!("; the whole system is {name:?}"));
                format!(
                    "the metric {metric:?} does not apply to {scope:?}, or was not recorded{hint}"
                )
            })
        })
    }

    /// The scopes over which metrics are told: name and kind.
    fn scopes(&self) -> Vec<(String, &'static str)> {
        self.results.scopes().into_iter().map(|scope| (scope.name, scope.kind)).collect()
    }

    /// What is worth knowing of the run though nothing was wrong.
    fn warnings(&self) -> Vec<String> {
        self.results.warnings()
    }

    /// The plan of the run as JSON text.
    fn plan(&self) -> String {
        serde_json::to_string(self.results.plan()).unwrap_or_default()
    }

    /// The model that ran as JSON text.
    fn model(&self) -> String {
        self.results.model().to_json()
    }

    /// Whether the run was stopped before all replications were complete.
    #[getter]
    fn interrupted(&self) -> bool {
        self.results.interrupted()
    }

    /// Events of all replications, warm-up included.
    #[getter]
    fn events(&self) -> u64 {
        self.results.events()
    }

    /// How many replications are complete.
    #[getter]
    fn complete(&self) -> usize {
        self.results.replications().len()
    }
}

pub(crate) fn unknown(what: &str, name: &str, valid: &[&str]) -> String {
    let meant = nearest(name, valid.iter().copied())
        .map_or(String::new(), |nearest| format!(" Did you mean {nearest:?}?"));
    format!("there is no {what} {name:?}.{meant} The {what}s are: {}", valid.join(", "))
}
