//! The text of a model as a tree, and the reader that turns it into typed parts.
//!
//! Reading never stops at the first fault. A part that cannot be read is reported and replaced by
//! [`Read::broken`], a harmless stand-in, so that one pass over the text and one over the meaning
//! find every fault. A model with faults is never run, so no stand-in is ever simulated.

use std::collections::HashSet;

use indexmap::IndexMap;

use crate::error::{Fault, Faults, nearest};

/// A value with the line on which it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Doc {
    /// The value.
    pub value: Value,
    /// Line of the text, from 1, if the format has lines.
    pub line: Option<u32>,
}

/// What TOML and JSON have in common.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// JSON `null`; read as if the key were absent.
    Null,
    /// `true` or `false`.
    Flag(bool),
    /// A whole number.
    Whole(i64),
    /// Any other number.
    Number(f64),
    /// Text.
    Text(String),
    /// A list.
    List(Vec<Doc>),
    /// A table: keys in the order of the text.
    Table(IndexMap<String, Doc>),
}

impl Doc {
    /// A value that stands on no line.
    pub fn new(value: Value) -> Self {
        Doc { value, line: None }
    }

    /// From JSON.
    pub fn from_json(json: serde_json::Value) -> Self {
        use serde_json::Value as J;
        Doc::new(match json {
            J::Null => Value::Null,
            J::Bool(flag) => Value::Flag(flag),
            J::Number(n) => match n.as_i64() {
                Some(whole) => Value::Whole(whole),
                None => Value::Number(n.as_f64().unwrap_or(f64::NAN)),
            },
            J::String(text) => Value::Text(text),
            J::Array(items) => Value::List(items.into_iter().map(Doc::from_json).collect()),
            J::Object(table) => {
                Value::Table(table.into_iter().map(|(k, v)| (k, Doc::from_json(v))).collect())
            }
        })
    }

    /// From TOML text, with lines; the faults are those of the syntax.
    pub fn from_toml(text: &str) -> Result<Self, Faults> {
        let lines = Lines::of(text);
        let (table, errors) = toml::de::DeTable::parse_recoverable(text);
        if !errors.is_empty() {
            let fault = |e: toml::de::Error| Fault {
                path: "(TOML)".into(),
                line: e.span().map(|span| lines.at(span.start)),
                found: format!("text that is not TOML: {}", e.message().trim().replace('\n', "; ")),
                expected: "TOML".into(),
                nearest: None,
            };
            return Err(Faults(errors.into_iter().map(fault).collect()));
        }
        let line = lines.at(table.span().start);
        Ok(Doc { value: toml_table(table.into_inner(), &lines), line: Some(line) })
    }

    fn kind(&self) -> &'static str {
        match self.value {
            Value::Null => "nothing",
            Value::Flag(_) => "true or false",
            Value::Whole(_) | Value::Number(_) => "a number",
            Value::Text(_) => "text",
            Value::List(_) => "a list",
            Value::Table(_) => "a table",
        }
    }

    /// The value as a person would write it, cut short.
    pub fn show(&self) -> String {
        match &self.value {
            Value::Null => "nothing".into(),
            Value::Flag(flag) => flag.to_string(),
            Value::Whole(n) => n.to_string(),
            Value::Number(x) => x.to_string(),
            Value::Text(text) if text.chars().count() > 60 => {
                format!("{:?}…", text.chars().take(57).collect::<String>())
            }
            Value::Text(text) => format!("{text:?}"),
            Value::List(items) => format!("a list of {}", items.len()),
            Value::Table(table) => {
                let keys: Vec<_> = table.keys().take(4).map(String::as_str).collect();
                format!("a table ({})", keys.join(", "))
            }
        }
    }

    fn is_bare(&self) -> bool {
        matches!(self.value, Value::Whole(_) | Value::Number(_) | Value::Text(_))
    }

    fn child(&self, step: &Step) -> Option<&Doc> {
        match (&self.value, step) {
            (Value::Table(table), Step::Key(key)) => table.get(key),
            (Value::List(items), Step::Item(i)) => items.get(*i),
            // A single case may be written without the list around it.
            (_, Step::Item(0)) => Some(self),
            _ => None,
        }
    }
}

struct Lines(Vec<usize>);

impl Lines {
    fn of(text: &str) -> Self {
        Lines(text.bytes().enumerate().filter(|(_, b)| *b == b'\n').map(|(i, _)| i).collect())
    }

    fn at(&self, offset: usize) -> u32 {
        self.0.partition_point(|&newline| newline < offset) as u32 + 1
    }
}

fn toml_table(table: toml::de::DeTable<'_>, lines: &Lines) -> Value {
    Value::Table(
        table
            .into_iter()
            .map(|(key, value)| {
                // The key's line: a table under `[[node]]` starts where its header stands.
                let line = lines.at(key.span().start);
                (key.into_inner().into_owned(), toml_value(value, lines, Some(line)))
            })
            .collect(),
    )
}

fn toml_value(
    value: toml::Spanned<toml::de::DeValue<'_>>,
    lines: &Lines,
    line: Option<u32>,
) -> Doc {
    use toml::de::DeValue as T;
    let line = line.or_else(|| Some(lines.at(value.span().start)));
    let value = match value.into_inner() {
        T::String(text) => Value::Text(text.into_owned()),
        T::Integer(n) => match i64::from_str_radix(n.as_str(), n.radix()) {
            Ok(whole) => Value::Whole(whole),
            Err(_) => Value::Text(n.to_string()),
        },
        T::Float(x) => x.as_str().parse().map_or(Value::Number(f64::NAN), Value::Number),
        T::Boolean(flag) => Value::Flag(flag),
        T::Datetime(when) => Value::Text(when.to_string()),
        T::Array(items) => {
            Value::List(items.into_iter().map(|item| toml_value(item, lines, None)).collect())
        }
        T::Table(table) => toml_table(table, lines),
    };
    Doc { value, line }
}

/// One step of a path into a model.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Step {
    /// Into a table.
    Key(String),
    /// Into a list, from 0.
    Item(usize),
}

/// A fault whose place has not yet been put into words.
#[derive(Clone, Debug)]
struct Found {
    path: Vec<Step>,
    found: String,
    expected: String,
    nearest: Option<String>,
}

/// Where one stands in the model, and what has been found so far.
#[derive(Debug, Default)]
pub struct Reader {
    path: Vec<Step>,
    found: Vec<Found>,
    unread: Vec<Vec<Step>>,
    incomplete: Vec<&'static str>,
}

impl Reader {
    /// At the root of a model.
    pub fn new() -> Self {
        Reader::default()
    }

    /// Does something one step further in.
    pub fn within<T>(&mut self, key: &str, f: impl FnOnce(&mut Self) -> T) -> T {
        self.path.push(Step::Key(key.to_owned()));
        let result = f(self);
        self.path.pop();
        result
    }

    /// Does something with an item of a list.
    pub fn item<T>(&mut self, index: usize, f: impl FnOnce(&mut Self) -> T) -> T {
        self.path.push(Step::Item(index));
        let result = f(self);
        self.path.pop();
        result
    }

    /// Does something with each item of a list.
    pub fn each<'t, T>(&mut self, key: &str, items: &'t [T], mut f: impl FnMut(&mut Self, &'t T)) {
        self.within(key, |at| {
            for (i, item) in items.iter().enumerate() {
                at.item(i, |at| f(at, item));
            }
        });
    }

    /// Ends the reading of the text: from here on nothing more is said about parts that could not be
    /// read, since what stands there is only a stand-in.
    pub fn end_of_text(&mut self) {
        self.unread = self.found.iter().map(|found| found.path.clone()).collect();
    }

    /// Whether what a key here holds could not be read, or the key itself is misspelt.
    pub fn lacks(&self, key: &str) -> bool {
        let here = |path: &Vec<Step>| match path.split_last() {
            Some((Step::Key(last), before)) => last == key && before == self.path,
            _ => false,
        };
        self.misspelt(key) || self.unread.iter().any(here)
    }

    /// Says that not all names of this kind (`"a node"`) are known: some could not be read. Nothing is
    /// said any more of names of that kind that seem to be unknown.
    pub fn incomplete(&mut self, what: &'static str) {
        self.incomplete.push(what);
    }

    /// Whether a key here has been reported as unknown, and this one as the nearest to it.
    pub fn misspelt(&self, key: &str) -> bool {
        self.found.iter().any(|found| {
            found.path.len() == self.path.len() + 1
                && found.path.starts_with(&self.path)
                && found.nearest.as_deref() == Some(key)
                && matches!(&found.path[self.path.len()], Step::Key(own) if own != key)
        })
    }

    /// Reports that none of these keys is here, unless one of them is and is misspelt: that has been
    /// said.
    pub fn missing(&mut self, keys: &[&str], found: &str, expected: &str) {
        if !keys.iter().any(|key| self.misspelt(key)) {
            self.fault(found, expected);
        }
    }

    /// Reports a fault at this place.
    pub fn fault(&mut self, found: impl Into<String>, expected: impl Into<String>) {
        self.report(found.into(), expected.into(), None);
    }

    fn report(&mut self, found: String, expected: String, nearest: Option<String>) {
        if !self.unread.iter().any(|unread| self.path.starts_with(unread)) {
            self.found.push(Found { path: self.path.clone(), found, expected, nearest });
        }
    }

    /// Reports a name that is not one of the valid ones.
    pub fn unknown<'a>(
        &mut self,
        name: &str,
        what: &str,
        valid: impl IntoIterator<Item = &'a str> + Clone,
    ) {
        self.unknown_in(format!("{name:?}"), name, what, valid);
    }

    /// The same of a name that stands in a longer text: `found` says where.
    pub fn unknown_in<'a>(
        &mut self,
        found: String,
        name: &str,
        what: &str,
        valid: impl IntoIterator<Item = &'a str> + Clone,
    ) {
        if self.incomplete.iter().any(|kind| what.contains(kind)) {
            return;
        }
        let mut names: Vec<&str> = Vec::new();
        for name in valid.clone() {
            if !name.trim().is_empty() && !names.contains(&name) {
                names.push(name);
            }
        }
        let list = match names.len() {
            0 => "but there is none".into(),
            1..=8 => format!("one of {}", names.join(", ")),
            n => format!("one of {} and {} more", names[..6].join(", "), n - 6),
        };
        self.report(found, format!("{what}: {list}"), nearest(name, valid));
    }

    /// How many faults have been found.
    pub fn count(&self) -> usize {
        self.found.len()
    }

    /// Puts the faults into words, with the names and lines that the text has at those places.
    pub fn finish(self, doc: &Doc) -> Result<(), Faults> {
        if self.found.is_empty() {
            return Ok(());
        }
        let mut seen = HashSet::new();
        let mut faults: Vec<(usize, Fault)> = Vec::new();
        for found in self.found {
            if !seen.insert((found.path.clone(), found.found.clone(), found.expected.clone())) {
                continue;
            }
            let (path, line) = place(doc, &found.path);
            let Found { found, expected, nearest, .. } = found;
            faults.push((faults.len(), Fault { path, line, found, expected, nearest }));
        }
        faults.sort_by_key(|(order, fault)| (fault.line.unwrap_or(u32::MAX), *order));
        Err(Faults(faults.into_iter().map(|(_, fault)| fault).collect()))
    }
}

/// `node["Acute"].stay` and its line: items of lists go by their name where they have one.
fn place(doc: &Doc, path: &[Step]) -> (String, Option<u32>) {
    let (mut words, mut here, mut line) = (String::new(), Some(doc), None);
    for (depth, step) in path.iter().enumerate() {
        let next = here.and_then(|doc| doc.child(step));
        match step {
            // Of a part that is written as a bare value, the keys do not stand there.
            Step::Key(_) if here.is_some_and(|doc| doc.is_bare()) => {}
            Step::Key(key) => {
                if !words.is_empty() {
                    words.push('.');
                }
                words.push_str(key);
            }
            Step::Item(i) => {
                let name = next.and_then(|doc| match &doc.value {
                    Value::Table(table) if depth == 1 => match &table.get("name")?.value {
                        Value::Text(name) => Some(format!("[{name:?}]")),
                        _ => None,
                    },
                    _ => None,
                });
                // A lone case is written without a list: it needs no number.
                if !here.is_some_and(|doc| !matches!(doc.value, Value::List(_))) || name.is_some() {
                    words.push_str(&name.unwrap_or_else(|| format!("[{i}]")));
                }
            }
        }
        line = next.and_then(|doc| doc.line).or(line);
        if !(matches!(step, Step::Key(_)) && here.is_some_and(Doc::is_bare)) {
            here = next;
        }
    }
    if words.is_empty() {
        words.push_str("model");
    }
    (words, line)
}

/// A part of a model that can be read from a tree.
pub trait Read: Sized {
    /// Reads the part; reports what is wrong and then returns the stand-in.
    fn read(doc: &Doc, at: &mut Reader) -> Self;

    /// The stand-in for a part that could not be read.
    fn broken() -> Self;

    /// The value when the key is missing, if it may be.
    fn absent() -> Option<Self> {
        None
    }
}

/// Reads a key of a table.
pub fn field<T: Read>(
    table: &IndexMap<String, Doc>,
    key: &str,
    default: Option<T>,
    at: &mut Reader,
) -> T {
    match table.get(key) {
        Some(doc) if doc.value != Value::Null => at.within(key, |at| T::read(doc, at)),
        _ => default.or_else(T::absent).unwrap_or_else(|| {
            if !at.misspelt(key) {
                at.within(key, |at| at.fault("nothing", "a value: this key is required"));
            }
            T::broken()
        }),
    }
}

/// The table that a part must be, its keys checked against the known ones.
pub fn open<'d>(
    doc: &'d Doc,
    what: &str,
    known: &[&str],
    at: &mut Reader,
) -> Option<&'d IndexMap<String, Doc>> {
    let Value::Table(table) = &doc.value else {
        at.fault(doc.show(), format!("{what}: a table with {}", known.join(", ")));
        return None;
    };
    for key in table.keys().filter(|key| !known.contains(&key.as_str())) {
        at.within(key, |at| at.unknown(key, &format!("a key of {what}"), known.iter().copied()));
    }
    Some(table)
}

/// Writes [`Read`] for a struct whose fields are the keys of a table: `field`, `field as "key"` where
/// the key is no Rust name, and `field = default` where the key may be missing.
macro_rules! read_table {
    ($Type:ident, $what:literal, { $($field:ident $(as $key:literal)? $(= $default:expr)?),* $(,)? }) => {
        impl $crate::doc::Read for $Type {
            fn read(doc: &$crate::doc::Doc, at: &mut $crate::doc::Reader) -> Self {
                let known = [$($crate::doc::read_table!(@key $field $($key)?)),*];
                let Some(table) = $crate::doc::open(doc, $what, &known, at) else {
                    return <Self as $crate::doc::Read>::broken();
                };
                $Type {
                    $($field: $crate::doc::field(
                        table,
                        $crate::doc::read_table!(@key $field $($key)?),
                        $crate::doc::read_table!(@default $($default)?),
                        at,
                    )),*
                }
            }

            fn broken() -> Self {
                $Type { $($field: $crate::doc::Read::broken()),* }
            }
        }
    };
    (@key $field:ident) => { stringify!($field) };
    (@key $field:ident $key:literal) => { $key };
    (@default) => { None };
    (@default $default:expr) => { Some($default) };
}
pub(crate) use read_table;

/// Writes [`Read`] for an enum of plain words.
macro_rules! read_word {
    ($Type:ident, $what:literal, { $($word:literal => $variant:ident),* $(,)? }) => {
        impl $crate::doc::Read for $Type {
            fn read(doc: &$crate::doc::Doc, at: &mut $crate::doc::Reader) -> Self {
                let words = [$($word),*];
                match &doc.value {
                    $($crate::doc::Value::Text(word) if word == $word => return $Type::$variant,)*
                    $crate::doc::Value::Text(word) => at.unknown(word, $what, words),
                    _ => at.fault(doc.show(), format!("{}: one of {}", $what, words.join(", "))),
                }
                <Self as $crate::doc::Read>::broken()
            }

            fn broken() -> Self {
                [$($Type::$variant),*][0]
            }
        }
    };
}
pub(crate) use read_word;

/// Writes [`Read`] for an enum of plain words and of one table: `"wait"`, or `{ transfer = .. }`.
macro_rules! read_choice {
    (
        $Type:ident, $what:literal,
        { $first:literal => $default:expr, $($word:literal => $value:expr),* $(,)? },
        $key:literal => $variant:ident
    ) => {
        impl $crate::doc::Read for $Type {
            fn read(doc: &$crate::doc::Doc, at: &mut $crate::doc::Reader) -> Self {
                let words = [$first, $($word),*];
                match &doc.value {
                    $crate::doc::Value::Text(word) if word == $first => return $default,
                    $($crate::doc::Value::Text(word) if word == $word => return $value,)*
                    $crate::doc::Value::Text(word) => at.unknown(word, $what, words),
                    $crate::doc::Value::Table(_) => {
                        let Some(table) = $crate::doc::open(doc, $what, &[$key], at) else {
                            return <Self as $crate::doc::Read>::broken();
                        };
                        return $Type::$variant($crate::doc::field(table, $key, None, at));
                    }
                    _ => at.fault(
                        doc.show(),
                        format!("{}: one of {}, or a table with {}", $what, words.join(", "), $key),
                    ),
                }
                <Self as $crate::doc::Read>::broken()
            }

            fn broken() -> Self {
                $default
            }
        }
    };
}
pub(crate) use read_choice;

impl Read for String {
    fn read(doc: &Doc, at: &mut Reader) -> Self {
        match &doc.value {
            Value::Text(text) => return text.clone(),
            _ => at.fault(doc.show(), "text"),
        }
        Self::broken()
    }

    fn broken() -> Self {
        String::new()
    }
}

impl Read for bool {
    fn read(doc: &Doc, at: &mut Reader) -> Self {
        match doc.value {
            Value::Flag(flag) => return flag,
            _ => at.fault(doc.show(), "true or false"),
        }
        Self::broken()
    }

    fn broken() -> Self {
        false
    }
}

/// A stand-in number is NaN: checks on numbers let it pass.
impl Read for f64 {
    fn read(doc: &Doc, at: &mut Reader) -> Self {
        match doc.value {
            Value::Whole(n) => return n as f64,
            Value::Number(x) if x.is_finite() => return x,
            _ => at.fault(doc.show(), "a number"),
        }
        Self::broken()
    }

    fn broken() -> Self {
        f64::NAN
    }
}

macro_rules! read_whole {
    ($($Int:ty),*) => { $(
        impl Read for $Int {
            fn read(doc: &Doc, at: &mut Reader) -> Self {
                let whole = match doc.value {
                    Value::Whole(n) => Some(n),
                    // Spreadsheets give every number as a fraction: 100.0 is whole.
                    Value::Number(x) if x.fract() == 0.0 && x.abs() < 9e15 => Some(x as i64),
                    _ => None,
                };
                whole.and_then(|n| <$Int>::try_from(n).ok()).unwrap_or_else(|| {
                    at.fault(doc.show(), format!("a whole number from {} to {}", <$Int>::MIN, i128::from(<$Int>::MAX).min(i128::from(i64::MAX))));
                    Self::broken()
                })
            }

            fn broken() -> Self {
                1
            }
        }
    )* };
}
read_whole!(u32, u64, i32);

impl<T: Read> Read for Option<T> {
    fn read(doc: &Doc, at: &mut Reader) -> Self {
        Some(T::read(doc, at))
    }

    fn broken() -> Self {
        None
    }

    fn absent() -> Option<Self> {
        Some(None)
    }
}

impl<T: Read> Read for Vec<T> {
    fn read(doc: &Doc, at: &mut Reader) -> Self {
        let Value::List(items) = &doc.value else {
            at.fault(doc.show(), format!("a list, not {}", doc.kind()));
            return Self::broken();
        };
        items.iter().enumerate().map(|(i, doc)| at.item(i, |at| T::read(doc, at))).collect()
    }

    fn broken() -> Self {
        Vec::new()
    }

    fn absent() -> Option<Self> {
        Some(Vec::new())
    }
}

impl<T: Read> Read for IndexMap<String, T> {
    fn read(doc: &Doc, at: &mut Reader) -> Self {
        let Value::Table(table) = &doc.value else {
            at.fault(doc.show(), format!("a table of names, not {}", doc.kind()));
            return Self::broken();
        };
        let entry =
            |(key, doc): (&String, &Doc)| (key.clone(), at.within(key, |at| T::read(doc, at)));
        table.iter().map(entry).collect()
    }

    fn broken() -> Self {
        IndexMap::new()
    }

    fn absent() -> Option<Self> {
        Some(IndexMap::new())
    }
}
