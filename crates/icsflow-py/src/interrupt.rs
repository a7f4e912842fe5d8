//! The one door out of the GIL.
//!
//! The core works on a thread of its own. The calling thread gives the GIL away and looks up 20 times
//! a second: for Ctrl-C, and to tell how far the work has come. Other Python threads run meanwhile.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread::{Builder, JoinHandle};
use std::time::Duration;

use pyo3::prelude::*;

use crate::error::panicked;

const LOOK_EVERY: Duration = Duration::from_millis(50);

/// Work under way on a thread of its own.
pub(crate) struct Task<T> {
    finished: Receiver<()>,
    thread: JoinHandle<T>,
}

impl<T: Send + 'static> Task<T> {
    /// Starts the work.
    pub(crate) fn start(work: impl FnOnce() -> T + Send + 'static) -> PyResult<Self> {
        let (tell, finished) = channel();
        let thread = Builder::new().name("icsflow".into()).spawn(move || {
            // Dropped when the work is over, however it ends.
            let _tell = tell;
            work()
        })?;
        Ok(Task { finished, thread })
    }

    /// Waits for the end of the work, and looks up meanwhile. Fails with what was met then: Ctrl-C, or
    /// the exception of `look`. The work goes on all the same.
    pub(crate) fn wait(
        &mut self,
        py: Python<'_>,
        mut look: impl FnMut(Python<'_>) -> PyResult<()>,
    ) -> PyResult<()> {
        loop {
            let finished = &mut self.finished;
            let told = py.detach(move || finished.recv_timeout(LOOK_EVERY));
            py.check_signals()?;
            look(py)?;
            if told != Err(RecvTimeoutError::Timeout) {
                return Ok(());
            }
        }
    }

    /// What the work gave; waits for it with closed ears.
    pub(crate) fn result(self, py: Python<'_>) -> PyResult<T> {
        py.detach(|| self.thread.join()).map_err(|panic| panicked(py, &*panic))
    }
}

/// Does something long that cannot be stopped half-way. After Ctrl-C it is left to end by itself, and
/// what it gives is dropped.
pub(crate) fn detached<T: Send + 'static>(
    py: Python<'_>,
    work: impl FnOnce() -> T + Send + 'static,
) -> PyResult<T> {
    let mut task = Task::start(work)?;
    task.wait(py, |_| Ok(()))?;
    task.result(py)
}

/// Does something short, on this thread.
pub(crate) fn quick<T: Send>(py: Python<'_>, work: impl FnOnce() -> T + Send) -> PyResult<T> {
    py.detach(|| catch_unwind(AssertUnwindSafe(work))).map_err(|panic| panicked(py, &*panic))
}
