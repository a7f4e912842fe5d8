//! The one match from error to exception. The classes themselves are in `icsflow/errors.py`.

use std::any::Any;

use icsflow::{Error, Fault, Faults};
use pyo3::BoundObject;
use pyo3::exceptions::PyOSError;
use pyo3::prelude::*;

/// The exception for an error of the core.
pub(crate) fn exception(py: Python<'_>, error: Error) -> PyErr {
    match error {
        Error::Faults(faults) => model_error(py, &faults),
        Error::File { path, cause } => match cause.raw_os_error() {
            // With number, text and path Python makes FileNotFoundError and its kin of it.
            Some(number) => {
                let text = cause.to_string();
                let text = text.split(" (os error").next().unwrap_or_default().to_owned();
                PyOSError::new_err((number, text, path))
            }
            None => PyOSError::new_err(format!("{path}: {cause}")),
        },
        error => run_error(py, error.to_string()),
    }
}

/// `ModelError`, with every fault.
pub(crate) fn model_error(py: Python<'_>, faults: &Faults) -> PyErr {
    let all: PyResult<Vec<_>> = faults
        .0
        .iter()
        .map(|Fault { path, line, found, expected, nearest }| {
            class(py, "Fault")?.call1((path, line, found, expected, nearest))
        })
        .collect();
    raise(py, "ModelError", all)
}

/// `RunError`.
pub(crate) fn run_error(py: Python<'_>, message: String) -> PyErr {
    raise(py, "RunError", Ok(message))
}

/// `RunError` for a fault of our own, so that no panic crosses into Python.
pub(crate) fn panicked(py: Python<'_>, panic: &(dyn Any + Send)) -> PyErr {
    let told = panic
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "no reason given".into());
    run_error(
        py,
        format!("icsflow failed by a fault of its own, please report it with the model: {told}"),
    )
}

/// `Interrupted`, with the results of the complete replications, or with none.
pub(crate) fn interrupted<'py>(py: Python<'py>, results: impl IntoPyObject<'py>) -> PyErr {
    let results = results.into_pyobject(py).map_err(Into::into);
    raise(py, "Interrupted", results.map(|results| results.into_bound().into_any()))
}

fn class<'py>(py: Python<'py>, name: &str) -> PyResult<Bound<'py, PyAny>> {
    py.import("icsflow.errors")?.getattr(name)
}

fn raise<'py>(py: Python<'py>, name: &str, argument: PyResult<impl IntoPyObject<'py>>) -> PyErr {
    argument
        .and_then(|argument| class(py, name)?.call1((argument,)))
        .map_or_else(|failed| failed, PyErr::from_value)
}
