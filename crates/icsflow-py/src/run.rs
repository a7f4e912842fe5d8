//! What Python may ask of the core.

use std::sync::Arc;

use icsflow::doc::{Doc, Read, Reader};
use icsflow::error::nearest;
use icsflow::model::distribution::Meaning;
use icsflow::model::metric::METRICS;
use icsflow::network::sampler::Sampler;
use icsflow::rng::{Purpose, SourceKey};
use icsflow::{Control, Distribution, Experiment, Faults, Model, Plan, TimeUnit};
use pyo3::exceptions::{PyKeyboardInterrupt, PyValueError};
use pyo3::prelude::*;
use serde_json::Value;

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
/// before those of the model; `threads` 0 means one for each processor; `progress` is called with the
/// number of complete replications and of all.
///
/// Raises ModelError with every fault of the model and of the options, RunError when a replication
/// fails, Interrupted on Ctrl-C.
#[pyfunction]
#[pyo3(signature = (model, options, threads, progress=None))]
pub(crate) fn run(
    py: Python<'_>,
    model: String,
    options: String,
    threads: usize,
    progress: Option<Py<PyAny>>,
) -> PyResult<Results> {
    let model = told(py, quick(py, || Model::from_json(&model))?)?;
    let plan = told(py, plan(&model, &options))?;
    let total = plan.replications;
    let control = Arc::new(Control::new());
    let mut task = Task::start({
        let control = Arc::clone(&control);
        move || Experiment::new(&model).plan(plan).threads(threads).run_with(&control)
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
    let results = task.result(py)?.map(|results| Results { results: Arc::new(results) });
    match watched {
        Ok(()) => results.map_err(|error| exception(py, error)),
        Err(stop) if stop.get_type(py).is(py.get_type::<PyKeyboardInterrupt>()) => {
            Err(interrupted(py, results.ok()))
        }
        Err(raised) => Err(raised),
    }
}

/// The plan of a run: what is given, then what the model says, then the defaults.
fn plan(model: &Model, options: &str) -> Result<Plan, Faults> {
    let mut plan = serde_json::to_value(model.run.clone().unwrap_or_default()).unwrap_or_default();
    if let (Value::Object(plan), Ok(Value::Object(given))) =
        (&mut plan, serde_json::from_str(options))
    {
        plan.extend(given);
    }
    let doc = Doc::from_json(serde_json::json!({ "run": plan }));
    let mut at = Reader::new();
    let read = at.within("run", |at| match &doc.value {
        icsflow::doc::Value::Table(table) => Plan::read(&table["run"], at),
        _ => Plan::broken(),
    });
    at.end_of_text();
    at.within("run", |at| read.check(model.time_unit, at));
    at.finish(&doc)?;
    Ok(read)
}

/// Draws `n` values from a distribution given as JSON text. Without a time unit they are plain
/// numbers, or days if the parameters are lengths of time with their units.
///
/// Raises ModelError with every fault of the distribution.
#[pyfunction]
#[pyo3(signature = (distribution, n, seed, time_unit=None))]
pub(crate) fn sample(
    py: Python<'_>,
    distribution: String,
    n: u64,
    seed: u64,
    time_unit: Option<String>,
) -> PyResult<Vec<f64>> {
    told(py, detached(py, move || draw(&distribution, n, seed, time_unit))?)
}

fn draw(text: &str, n: u64, seed: u64, unit: Option<String>) -> Result<Vec<f64>, Faults> {
    let json: Value = serde_json::from_str(text).unwrap_or_default();
    let doc = Doc::from_json(serde_json::json!({ "distribution": json, "time_unit": unit }));
    let read = |meaning: Meaning| {
        let mut at = Reader::new();
        let distribution = field::<Distribution>(&doc, "distribution", &mut at);
        at.end_of_text();
        at.within("distribution", |at| distribution.check(at, meaning));
        at.finish(&doc).map(|()| Sampler::new(&distribution, meaning))
    };
    let days = Meaning::Duration(TimeUnit::Days);
    let (sampler, scale) = match unit {
        None => match read(Meaning::Number) {
            Ok(numbers) => (numbers, 1.0),
            Err(_) => (read(days)?, TimeUnit::Days.micros() as f64),
        },
        Some(_) => {
            let mut at = Reader::new();
            let unit = field::<TimeUnit>(&doc, "time_unit", &mut at);
            at.finish(&doc)?;
            (read(Meaning::Duration(unit))?, unit.micros() as f64)
        }
    };
    let (source, purpose) = (SourceKey::new(seed, 0, "sample"), Purpose::named("sample", "value"));
    let listed = sampler.listed().unwrap_or_default();
    let value = |i: u64| match listed.len() {
        0 => sampler.sample(source.patient(i).draw(purpose, 0)),
        length => listed[(i % length as u64) as usize],
    };
    Ok((0..n).map(|i| value(i) / scale).collect())
}

fn field<T: Read>(doc: &Doc, key: &str, at: &mut Reader) -> T {
    match &doc.value {
        icsflow::doc::Value::Table(table) => icsflow::doc::field(table, key, None, at),
        _ => T::broken(),
    }
}

fn told<T>(py: Python<'_>, result: Result<T, Faults>) -> PyResult<T> {
    result.map_err(|faults| model_error(py, &faults))
}

/// The results of a run; tables are made when asked for.
#[pyclass(frozen, module = "icsflow._core")]
pub(crate) struct Results {
    results: Arc<icsflow::Results>,
}

#[pymethods]
impl Results {
    /// A table by its name. Raises ValueError if there is no such table.
    fn table(&self, py: Python<'_>, name: &str) -> PyResult<Table> {
        use icsflow::Results as R;
        let make: fn(&R) -> icsflow::Table = match name {
            "replications" => R::replication_table,
            "summary" => R::summary,
            "occupancy" => R::occupancy,
            "levels" => R::levels,
            "waits" => R::waits,
            "delays" => R::delays,
            "flows" => R::flows,
            "stays" => R::stays,
            "audit" => R::audit,
            "published" => R::published,
            _ => return Err(PyValueError::new_err(format!("there is no table {name:?}"))),
        };
        let results = Arc::clone(&self.results);
        detached(py, move || make(&results)).map(Table::new)
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
                format!("the metric {metric:?} does not apply to {scope:?}, or was not recorded")
            })
        })
    }

    /// The scopes over which metrics are told: name and kind.
    fn scopes(&self) -> Vec<(String, &'static str)> {
        self.results.scopes().into_iter().map(|scope| (scope.name, scope.kind)).collect()
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

fn unknown(what: &str, name: &str, valid: &[&str]) -> String {
    let meant = nearest(name, valid.iter().copied())
        .map_or(String::new(), |nearest| format!(" Did you mean {nearest:?}?"));
    format!("there is no {what} {name:?}.{meant} The {what}s are: {}", valid.join(", "))
}
