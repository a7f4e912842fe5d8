//! What can go wrong, told so that it can be mended.
//!
//! A model is judged whole: [`Faults`] lists every fault of it at once. A fault names the place, what
//! was found there, what was expected and, for a misspelt name, the nearest valid one.

use std::fmt;

/// One fault of a model or of the options of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Where: `node["Acute"].stay.lognormal.mean`.
    pub path: String,
    /// Line of the TOML text, from 1, where the text has lines.
    pub line: Option<u32>,
    /// What stands there.
    pub found: String,
    /// What would be right there.
    pub expected: String,
    /// The valid name that is nearest to the one found.
    pub nearest: Option<String>,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.path)?;
        if let Some(line) = self.line {
            write!(f, " (line {line})")?;
        }
        write!(f, ": found {}; expected {}", self.found, self.expected)?;
        if let Some(nearest) = &self.nearest {
            write!(f, ". Did you mean {nearest:?}?")?;
        }
        Ok(())
    }
}

/// Every fault of a model, in the order of the text. Never empty when returned as an error.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Faults(pub Vec<Fault>);

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.len() {
            1 => write!(f, "1 fault:")?,
            n => write!(f, "{n} faults:")?,
        }
        for fault in &self.0 {
            write!(f, "\n  {fault}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Faults {}

/// Why a call failed. After any of these the library is as usable as before the call.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// The model, or the options of the run, cannot be run as written. Mend the listed places.
    Faults(Faults),
    /// A file could not be read or written.
    File {
        /// The path as given.
        path: String,
        /// What the operating system said.
        cause: std::io::Error,
    },
    /// A replication met a state that the model forbids (a list of stays ran out, say).
    /// The other replications are unaffected, but no result is given.
    Run {
        /// Number of the replication, from 0.
        replication: u32,
        /// What happened and what to do about it.
        message: String,
    },
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Faults(faults) => faults.fmt(f),
            Error::File { path, cause } => write!(f, "{path}: {cause}"),
            Error::Run { replication, message } => {
                write!(f, "replication {replication}: {message}")
            }
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Error::Faults(faults) => Some(faults),
            Error::File { cause, .. } => Some(cause),
            Error::Run { .. } => None,
        }
    }
}

impl From<Faults> for Error {
    fn from(faults: Faults) -> Self {
        Error::Faults(faults)
    }
}

/// The valid name nearest to a misspelt one, if any is near enough to be meant.
///
/// Distance counts insertions, deletions, changes and swaps of neighbours (Damerau–Levenshtein,
/// restricted), letters compared without case; near enough is at most a third of the length.
pub fn nearest<'a>(name: &str, valid: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let name = name.to_lowercase();
    valid
        .into_iter()
        .map(|candidate| (edit_distance(&name, &candidate.to_lowercase()), candidate))
        .filter(|(distance, candidate)| {
            let length = name.chars().count().max(candidate.chars().count());
            *distance * 3 <= length.max(3) && *distance < length
        })
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate.to_owned())
}

fn edit_distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut before_last = vec![0; b.len() + 1];
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i; b.len() + 1];
        for j in 1..=b.len() {
            let change = last[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            row[j] = change.min(last[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                row[j] = row[j].min(before_last[j - 2] + 1);
            }
        }
        before_last = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_name_finds_its_neighbour() {
        let names = ["Acute", "Community hospital (P2)", "Home care (P1)"];
        assert_eq!(nearest("Acutte", names).as_deref(), Some("Acute"));
        assert_eq!(nearest("acuet", names).as_deref(), Some("Acute"));
        assert_eq!(nearest("home care (p1)", names).as_deref(), Some("Home care (P1)"));
        assert_eq!(nearest("Theatre", names), None);
        assert_eq!(nearest("D", ["A", "B"]), None);
    }
}
