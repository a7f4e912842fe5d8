//! The Python door: text in, tables out.
//!
//! * `run`: what Python may ask of the core, each a docstring and one call; `compare`: the same of scenarios;
//! * `checkpoint`: where a run stands, to go on from there;
//! * `interrupt`: the one door out of the GIL;
//! * `error`: the one match from error to exception;
//! * `table`: tables as Arrow streams.

use pyo3::prelude::*;

mod checkpoint;
mod compare;
mod error;
mod interrupt;
mod run;
mod table;

/// The compiled core of icsflow: model text in, tables out.
#[pymodule(gil_used = false)]
mod _core {
    #[pymodule_export]
    use crate::checkpoint::{Checkpoint, checkpoint};
    #[pymodule_export]
    use crate::compare::{Comparison, compare, prepare, run_block};
    #[pymodule_export]
    use crate::run::{
        Results, changed, content_hash, diff, diff_scenarios, from_json, from_toml, metrics,
        open_shipped, run, sample, schema, shipped, to_toml,
    };
    #[pymodule_export]
    use crate::table::{Table, show};

    /// Version of the library.
    #[pymodule_export]
    #[allow(non_upper_case_globals)]
    const __version__: &str = env!("CARGO_PKG_VERSION");
}
