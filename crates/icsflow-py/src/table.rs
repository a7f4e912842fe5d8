//! Tables out: the Arrow C stream interface, written by hand.
//!
//! A [`Table`] hands out a capsule that any data-frame library reads (pandas, polars, pyarrow, DuckDB)
//! without our importing one. Numbers are not copied: each array keeps the table alive until its
//! reader releases it. The structs below are those of the specification, field by field
//! (<https://arrow.apache.org/docs/format/CDataInterface.html>, `CStreamInterface.html`).
//!
//! Life of a stream: `get_schema` may be called any number of times, `get_next` gives the whole table
//! once and then the end (an array without `release`). A reader that takes a struct over copies it and
//! sets its `release` to null; whoever holds a struct with a `release` must call it once.

use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::ptr::{null, null_mut};
use std::sync::Arc;

use icsflow::table::{Column, Data, show_number};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyCapsule, PyList};

use crate::interrupt::detached;

/// A table of results: named columns of equal length.
#[pyclass(frozen, module = "icsflow._core")]
pub(crate) struct Table {
    table: Arc<icsflow::Table>,
}

impl Table {
    pub(crate) fn new(table: icsflow::Table) -> Self {
        Table { table: Arc::new(table) }
    }
}

#[pymethods]
impl Table {
    /// Its name.
    #[getter]
    fn name(&self) -> &'static str {
        self.table.name
    }

    /// The names of its columns.
    #[getter]
    fn columns(&self) -> Vec<&str> {
        self.table.columns.iter().map(|column| &*column.name).collect()
    }

    /// The units of the columns that have one.
    #[getter]
    fn units(&self) -> Vec<(&str, &'static str)> {
        self.table.columns.iter().filter_map(|c| Some((&*c.name, c.unit?))).collect()
    }

    fn __len__(&self) -> usize {
        self.table.rows()
    }

    /// The values of a column: whole numbers, numbers (NaN where missing), texts, or microseconds
    /// since 1970. Raises ValueError if there is no such column.
    #[pyo3(signature = (column: "str") -> "list[Any]")]
    fn values<'py>(&self, py: Python<'py>, column: &str) -> PyResult<Bound<'py, PyList>> {
        let names = || self.columns().join(", ");
        let found = self.table.column(column).ok_or_else(|| {
            PyValueError::new_err(format!("there is no column {column:?}; there are {}", names()))
        })?;
        match &found.data {
            Data::Whole(values) | Data::Instant(values) => PyList::new(py, values),
            Data::Number(values) => PyList::new(py, values),
            Data::Word { codes, words } => {
                let words = PyList::new(py, words)?;
                let all: PyResult<Vec<_>> =
                    codes.iter().map(|code| words.get_item(*code as usize)).collect();
                PyList::new(py, all?)
            }
        }
    }

    /// What the values of each column are: "whole", "number", "word" or "instant".
    #[getter]
    fn kinds(&self) -> Vec<(&str, &'static str)> {
        let kind = |data: &Data| match data {
            Data::Whole(_) => "whole",
            Data::Number(_) => "number",
            Data::Word { .. } => "word",
            Data::Instant(_) => "instant",
        };
        self.table.columns.iter().map(|column| (&*column.name, kind(&column.data))).collect()
    }

    /// An Arrow C stream of the whole table, as the Arrow PyCapsule interface wants it. The requested
    /// schema is not heeded, as the interface allows.
    #[pyo3(signature = (requested_schema: "object | None" = None) -> "object")]
    fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyCapsule>> {
        let _ = requested_schema;
        let table = Arc::clone(&self.table);
        let stream = detached(py, move || ArrowArrayStream::of(table))?;
        PyCapsule::new_with_value(py, stream, c"arrow_array_stream")
    }
}

/// A number as tables show it: four significant digits.
#[pyfunction]
pub(crate) fn show(number: f64) -> String {
    show_number(number)
}

#[repr(C)]
struct ArrowSchema {
    format: *const c_char,
    name: *const c_char,
    metadata: *const c_char,
    flags: i64,
    n_children: i64,
    children: *mut *mut ArrowSchema,
    dictionary: *mut ArrowSchema,
    release: Option<unsafe extern "C" fn(*mut ArrowSchema)>,
    private_data: *mut c_void,
}

#[repr(C)]
struct ArrowArray {
    length: i64,
    null_count: i64,
    offset: i64,
    n_buffers: i64,
    n_children: i64,
    buffers: *mut *const c_void,
    children: *mut *mut ArrowArray,
    dictionary: *mut ArrowArray,
    release: Option<unsafe extern "C" fn(*mut ArrowArray)>,
    private_data: *mut c_void,
}

#[repr(C)]
struct ArrowArrayStream {
    get_schema: Option<unsafe extern "C" fn(*mut ArrowArrayStream, *mut ArrowSchema) -> c_int>,
    get_next: Option<unsafe extern "C" fn(*mut ArrowArrayStream, *mut ArrowArray) -> c_int>,
    get_last_error: Option<unsafe extern "C" fn(*mut ArrowArrayStream) -> *const c_char>,
    release: Option<unsafe extern "C" fn(*mut ArrowArrayStream)>,
    private_data: *mut c_void,
}

/// What a schema's pointers point to.
struct SchemaParts {
    format: CString,
    name: CString,
    metadata: Vec<u8>,
    children: Vec<*mut ArrowSchema>,
    dictionary: *mut ArrowSchema,
}

/// What an array's pointers point to.
struct ArrayParts {
    buffers: Vec<*const c_void>,
    children: Vec<*mut ArrowArray>,
    dictionary: *mut ArrowArray,
    /// Keeps the columns alive into which the buffers point.
    _table: Arc<icsflow::Table>,
    /// Buffers made for this array: which numbers are there, where texts begin, the texts.
    _valid: Vec<u8>,
    _offsets: Vec<i32>,
    _texts: String,
}

/// What a stream still has to give: the table, until it has been given.
struct StreamParts {
    table: Arc<icsflow::Table>,
    given: bool,
}

/// `ARROW_FLAG_NULLABLE`.
const NULLABLE: i64 = 2;

impl ArrowSchema {
    fn new(
        format: &str,
        name: &str,
        metadata: &[(&str, &str)],
        children: Vec<ArrowSchema>,
        dictionary: Option<ArrowSchema>,
    ) -> Self {
        let text = |text: &str| CString::new(text.replace('\0', " ")).unwrap_or_default();
        let children = children.into_iter().map(|child| Box::into_raw(Box::new(child)));
        let parts = Box::into_raw(Box::new(SchemaParts {
            format: text(format),
            name: text(name),
            metadata: encode(metadata),
            children: children.collect(),
            dictionary: dictionary.map_or(null_mut(), |d| Box::into_raw(Box::new(d))),
        }));
        // SAFETY: `parts` was made by `Box::into_raw` just now and nobody else knows it; the pointers
        // taken from it stay good until `release_schema` frees it, since nothing moves or grows in it.
        let own = unsafe { &mut *parts };
        ArrowSchema {
            format: own.format.as_ptr(),
            name: own.name.as_ptr(),
            metadata: if own.metadata.is_empty() { null() } else { own.metadata.as_ptr().cast() },
            flags: NULLABLE,
            n_children: own.children.len() as i64,
            children: own.children.as_mut_ptr(),
            dictionary: own.dictionary,
            release: Some(release_schema),
            private_data: parts.cast(),
        }
    }

    fn of_table(table: &icsflow::Table) -> Self {
        let children = table.columns.iter().map(ArrowSchema::of_column).collect();
        ArrowSchema::new("+s", "", &[("name", table.name)], children, None)
    }

    fn of_column(column: &Column) -> Self {
        let unit = column.unit.map(|unit| ("unit", unit));
        let texts = || ArrowSchema::new("u", "", &[], Vec::new(), None);
        let (format, dictionary) = match &column.data {
            Data::Whole(_) => ("l", None),
            Data::Number(_) => ("g", None),
            Data::Instant(_) => ("tsu:", None),
            // Codes are of 32 bits with a sign: pandas takes no others.
            Data::Word { .. } => ("i", Some(texts())),
        };
        ArrowSchema::new(format, &column.name, unit.as_slice(), Vec::new(), dictionary)
    }
}

/// Key-value metadata as the specification lays it out: counts and lengths as 32-bit numbers of this
/// machine, no zero at the end.
fn encode(pairs: &[(&str, &str)]) -> Vec<u8> {
    let mut bytes = Vec::new();
    if !pairs.is_empty() {
        bytes.extend((pairs.len() as i32).to_ne_bytes());
        for text in pairs.iter().flat_map(|(key, value)| [key, value]) {
            bytes.extend((text.len() as i32).to_ne_bytes());
            bytes.extend(text.as_bytes());
        }
    }
    bytes
}

/// Frees a schema and, with it, its children and dictionary unless they were taken over.
unsafe extern "C" fn release_schema(schema: *mut ArrowSchema) {
    // SAFETY: by the interface, `schema` is one that `ArrowSchema::new` made, whose `release` was not
    // called before; so `private_data` is the box made there, and each child and dictionary a box too.
    unsafe {
        let parts = Box::from_raw((*schema).private_data.cast::<SchemaParts>());
        for child in parts.children.iter().copied().chain([parts.dictionary]) {
            if !child.is_null() {
                let child = Box::from_raw(child);
                drop(child);
            }
        }
        (*schema).release = None;
    }
}

impl Drop for ArrowSchema {
    fn drop(&mut self) {
        if let Some(release) = self.release {
            // SAFETY: a schema with `release` is alive and ours to release.
            unsafe { release(self) }
        }
    }
}

impl ArrowArray {
    fn new(
        table: &Arc<icsflow::Table>,
        length: usize,
        values: &[*const c_void],
        valid: Option<(Vec<u8>, usize)>,
        children: Vec<ArrowArray>,
        dictionary: Option<ArrowArray>,
    ) -> Self {
        let (valid, missing) = valid.unwrap_or_default();
        let mut buffers = vec![if valid.is_empty() { null() } else { valid.as_ptr().cast() }];
        buffers.extend(values);
        let children = children.into_iter().map(|child| Box::into_raw(Box::new(child)));
        ArrowArray::with(
            ArrayParts {
                buffers,
                children: children.collect(),
                dictionary: dictionary.map_or(null_mut(), |d| Box::into_raw(Box::new(d))),
                _table: Arc::clone(table),
                _valid: valid,
                _offsets: Vec::new(),
                _texts: String::new(),
            },
            length,
            missing,
        )
    }

    fn of_words(table: &Arc<icsflow::Table>, words: &[String]) -> Self {
        let texts = words.concat();
        let mut offsets = vec![0i32];
        let mut end = 0usize;
        for word in words {
            end += word.len();
            offsets.push(end as i32);
        }
        let buffers = vec![null(), offsets.as_ptr().cast(), texts.as_ptr().cast()];
        ArrowArray::with(
            ArrayParts {
                buffers,
                children: Vec::new(),
                dictionary: null_mut(),
                _table: Arc::clone(table),
                _valid: Vec::new(),
                _offsets: offsets,
                _texts: texts,
            },
            words.len(),
            0,
        )
    }

    fn with(parts: ArrayParts, length: usize, missing: usize) -> Self {
        let parts = Box::into_raw(Box::new(parts));
        // SAFETY: `parts` was made by `Box::into_raw` just now and nobody else knows it; the pointers
        // taken from it, and those in `buffers`, stay good until `release_array` frees it: they point
        // into heap blocks of vectors that are never touched again.
        let own = unsafe { &mut *parts };
        ArrowArray {
            length: length as i64,
            null_count: missing as i64,
            offset: 0,
            n_buffers: own.buffers.len() as i64,
            n_children: own.children.len() as i64,
            buffers: own.buffers.as_mut_ptr(),
            children: own.children.as_mut_ptr(),
            dictionary: own.dictionary,
            release: Some(release_array),
            private_data: parts.cast(),
        }
    }

    fn of_table(table: &Arc<icsflow::Table>) -> Self {
        let children = table.columns.iter().map(|column| ArrowArray::of_column(table, column));
        ArrowArray::new(table, table.rows(), &[], None, children.collect(), None)
    }

    fn of_column(table: &Arc<icsflow::Table>, column: &Column) -> Self {
        let plain = |values: *const c_void, valid, dictionary| {
            ArrowArray::new(table, column.data.len(), &[values], valid, Vec::new(), dictionary)
        };
        match &column.data {
            Data::Whole(values) | Data::Instant(values) => {
                plain(values.as_ptr().cast(), None, None)
            }
            Data::Number(values) => plain(values.as_ptr().cast(), validity(values), None),
            // A code is a position in memory, so below 2^31 its bits are those of the same `i32`.
            Data::Word { codes, words } => {
                plain(codes.as_ptr().cast(), None, Some(ArrowArray::of_words(table, words)))
            }
        }
    }
}

/// One bit a number, set where there is one, and how many are missing; nothing if none is.
fn validity(values: &[f64]) -> Option<(Vec<u8>, usize)> {
    let missing = values.iter().filter(|value| value.is_nan()).count();
    (missing > 0).then(|| {
        let byte = |chunk: &[f64]| {
            let bits = chunk.iter().enumerate().filter(|(_, value)| !value.is_nan());
            bits.fold(0u8, |byte, (i, _)| byte | 1 << i)
        };
        (values.chunks(8).map(byte).collect(), missing)
    })
}

/// Frees an array and, with it, its children and dictionary unless they were taken over.
unsafe extern "C" fn release_array(array: *mut ArrowArray) {
    // SAFETY: as for `release_schema`, with `ArrowArray::with`.
    unsafe {
        let parts = Box::from_raw((*array).private_data.cast::<ArrayParts>());
        for child in parts.children.iter().copied().chain([parts.dictionary]) {
            if !child.is_null() {
                let child = Box::from_raw(child);
                drop(child);
            }
        }
        (*array).release = None;
    }
}

impl Drop for ArrowArray {
    fn drop(&mut self) {
        if let Some(release) = self.release {
            // SAFETY: an array with `release` is alive and ours to release.
            unsafe { release(self) }
        }
    }
}

impl ArrowArrayStream {
    fn of(table: Arc<icsflow::Table>) -> Self {
        ArrowArrayStream {
            get_schema: Some(get_schema),
            get_next: Some(get_next),
            get_last_error: Some(get_last_error),
            release: Some(release_stream),
            private_data: Box::into_raw(Box::new(StreamParts { table, given: false })).cast(),
        }
    }
}

// SAFETY: what the pointer of a stream points to is an `Arc` and a flag, which may change threads; the
// interface forbids two calls at a time.
unsafe impl Send for ArrowArrayStream {}

unsafe extern "C" fn get_schema(stream: *mut ArrowArrayStream, out: *mut ArrowSchema) -> c_int {
    // SAFETY: by the interface, `stream` is alive and ours, and `out` is room for a schema whose old
    // content means nothing.
    unsafe {
        let parts = &*(*stream).private_data.cast::<StreamParts>();
        out.write(ArrowSchema::of_table(&parts.table));
    }
    0
}

unsafe extern "C" fn get_next(stream: *mut ArrowArrayStream, out: *mut ArrowArray) -> c_int {
    // SAFETY: as for `get_schema`.
    unsafe {
        let parts = &mut *(*stream).private_data.cast::<StreamParts>();
        if parts.given {
            // The end: an array without `release`; all bits zero is one.
            out.write_bytes(0, 1);
        } else {
            parts.given = true;
            out.write(ArrowArray::of_table(&parts.table));
        }
    }
    0
}

unsafe extern "C" fn get_last_error(_: *mut ArrowArrayStream) -> *const c_char {
    const NONE: &CStr = c"";
    NONE.as_ptr()
}

unsafe extern "C" fn release_stream(stream: *mut ArrowArrayStream) {
    // SAFETY: by the interface, called once, on a stream made by `ArrowArrayStream::of`.
    unsafe {
        drop(Box::from_raw((*stream).private_data.cast::<StreamParts>()));
        (*stream).release = None;
    }
}

impl Drop for ArrowArrayStream {
    fn drop(&mut self) {
        if let Some(release) = self.release {
            // SAFETY: a stream with `release` is alive and ours to release: nobody has read it.
            unsafe { release(self) }
        }
    }
}
