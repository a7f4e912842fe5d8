//! Where a run stands, to go on from there.

use std::path::PathBuf;
use std::sync::Arc;

use icsflow::doc::{Doc, Reader};
use icsflow::{Control, Moment};
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::error::exception;
use crate::interrupt::quick;
use crate::run::{Asked, field, told, watch};

/// Runs a model, given as JSON text with options as for `run`, up to an instant given as JSON text, and
/// keeps where every replication stands there.
///
/// Raises ModelError with every fault of the model and of the options, RunError when a replication
/// fails, KeyboardInterrupt on Ctrl-C.
#[pyfunction]
#[pyo3(signature = (model, options, at, progress=None, start_from=None))]
pub(crate) fn checkpoint(
    py: Python<'_>,
    model: String,
    options: String,
    at: String,
    progress: Option<Py<PyAny>>,
    start_from: Option<PyRef<'_, Checkpoint>>,
) -> PyResult<Checkpoint> {
    let asked = Asked::new(py, &model, &options, start_from)?;
    let doc = Doc::from_json(serde_json::json!({ "at": parsed(&at) }));
    let mut reader = Reader::new();
    let at: Moment = field(&doc, "at", &mut reader);
    told(py, reader.finish(&doc))?;
    let total = asked.replications();
    let run = move |control: &Control| asked.experiment().checkpoint_with(at, control);
    let (checkpoint, watched) = watch(py, total, progress, run)?;
    watched?;
    Ok(Checkpoint::new(checkpoint.map_err(|error| exception(py, error))?))
}

fn parsed(json: &str) -> serde_json::Value {
    serde_json::from_str(json).unwrap_or_default()
}

/// Where every replication of a run stands at an instant.
#[pyclass(frozen, module = "icsflow._core")]
pub(crate) struct Checkpoint {
    pub(crate) checkpoint: Arc<icsflow::Checkpoint>,
}

impl Checkpoint {
    fn new(checkpoint: icsflow::Checkpoint) -> Self {
        Checkpoint { checkpoint: Arc::new(checkpoint) }
    }
}

#[pymethods]
impl Checkpoint {
    /// Reads it from a file. Raises OSError if there is no whole checkpoint, ModelError if it is one of
    /// another version.
    #[staticmethod]
    fn read(py: Python<'_>, path: PathBuf) -> PyResult<Self> {
        let read = quick(py, || icsflow::Checkpoint::read(path))?;
        read.map(Checkpoint::new).map_err(|error| exception(py, error))
    }

    /// From bytes; raises as `read` does.
    #[staticmethod]
    fn from_bytes(py: Python<'_>, bytes: &[u8]) -> PyResult<Self> {
        let read = quick(py, || icsflow::Checkpoint::from_bytes(bytes))?;
        read.map(Checkpoint::new).map_err(|error| exception(py, error))
    }

    /// Writes it to a file, whole or not at all.
    fn write(&self, py: Python<'_>, path: PathBuf) -> PyResult<()> {
        let written = quick(py, || self.checkpoint.write(path))?;
        written.map_err(|error| exception(py, error))
    }

    /// As bytes.
    fn to_bytes<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        let bytes = quick(py, || self.checkpoint.to_bytes())?;
        Ok(PyBytes::new(py, &bytes))
    }

    /// A checkpoint of so many of its replications, from a number on, as bytes.
    fn part<'py>(&self, py: Python<'py>, first: u32, count: u32) -> PyResult<Bound<'py, PyBytes>> {
        let bytes = quick(py, || self.checkpoint.part(first, count).to_bytes())?;
        Ok(PyBytes::new(py, &bytes))
    }

    /// The name of the model that ran.
    #[getter]
    fn name(&self) -> &str {
        self.checkpoint.name()
    }

    /// The instant, as it was asked for.
    #[getter]
    fn at(&self) -> String {
        self.checkpoint.at().to_string()
    }

    /// How many replications it holds.
    #[getter]
    fn replications(&self) -> u32 {
        self.checkpoint.replications()
    }

    /// The name of the scenario that ran, if not the model itself.
    #[getter]
    fn scenario(&self) -> Option<&str> {
        self.checkpoint.scenario().map(|scenario| scenario.name.as_str())
    }
}
