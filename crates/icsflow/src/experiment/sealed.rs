//! What is kept as bytes: a word that says what it is, the version of the library, a head in JSON, a
//! body, and a sum that tells whether all of it is there.

use std::path::Path;

use serde::Serialize;

use crate::doc::{Doc, Read, Reader};
use crate::error::{Error, Fault, Faults};

const VERSION: &str = env!("CARGO_PKG_VERSION");

/// A kind of thing that is kept.
pub(super) struct Kind {
    /// What stands at the beginning.
    pub magic: &'static [u8],
    /// What it is called.
    pub name: &'static str,
}

impl Kind {
    /// Head and body as bytes.
    pub(super) fn seal(&self, head: &impl Serialize, body: &[u8]) -> Vec<u8> {
        let head = serde_json::to_string(head).unwrap_or_default();
        let mut bytes = self.magic.to_vec();
        for part in [VERSION, head.as_str()] {
            bytes.extend((part.len() as u64).to_le_bytes());
            bytes.extend(part.as_bytes());
        }
        bytes.extend(body);
        let sum = checksum(&bytes);
        bytes.extend(sum.to_le_bytes());
        bytes
    }

    /// Head and body from bytes.
    ///
    /// # Errors
    /// If they are not whole, or made by another version of the library.
    pub(super) fn open<'b, H: Read>(&self, bytes: &'b [u8]) -> Result<(H, &'b [u8]), Error> {
        let (version, head, body) = self.parts(bytes).ok_or_else(|| self.not_whole())?;
        if version != VERSION {
            let (path, line, nearest) = (self.name.into(), None, None);
            let found = format!("what version {version} of the library made");
            let expected = format!("what version {VERSION} made");
            return Err(Faults(vec![Fault { path, line, found, expected, nearest }]).into());
        }
        let doc = Doc::from_json(serde_json::from_str(head).unwrap_or_default());
        let mut at = Reader::new();
        let head = at.within(self.name, |at| H::read(&doc, at));
        at.finish(&doc)?;
        Ok((head, body))
    }

    /// The error of bytes that are cut off or something else.
    pub(super) fn not_whole(&self) -> Error {
        let cause = std::io::Error::other(format!("holds no whole {}", self.name));
        Error::File { path: self.name.into(), cause }
    }

    fn parts<'b>(&self, bytes: &'b [u8]) -> Option<(&'b str, &'b str, &'b [u8])> {
        let (whole, sum) = bytes.split_last_chunk::<8>()?;
        let mut rest = whole.strip_prefix(self.magic)?;
        if u64::from_le_bytes(*sum) != checksum(whole) {
            return None;
        }
        let version = std::str::from_utf8(part(&mut rest)?).ok()?;
        let head = std::str::from_utf8(part(&mut rest)?).ok()?;
        Some((version, head, rest))
    }
}

/// The next part of some bytes, which begins with its length.
pub(super) fn part<'b>(rest: &mut &'b [u8]) -> Option<&'b [u8]> {
    let (length, after) = rest.split_first_chunk::<8>()?;
    let length = usize::try_from(u64::from_le_bytes(*length)).ok()?;
    let (part, after) = after.split_at_checked(length)?;
    *rest = after;
    Some(part)
}

/// Writes a file so that it is there whole or not at all, whenever the program is killed.
pub(super) fn write(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    // Until then it lies beside, hidden, by a name that no other file of the user has.
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let part = path.with_file_name(format!(".{name}.part"));
    let written = std::fs::write(&part, bytes).and_then(|()| std::fs::rename(&part, path));
    written.map_err(|cause| {
        let _ = std::fs::remove_file(&part);
        Error::File { path: path.display().to_string(), cause }
    })
}

/// Reads a file, and makes of its bytes what it holds; an error of that names the file.
pub(super) fn read<T>(path: &Path, of: impl Fn(&[u8]) -> Result<T, Error>) -> Result<T, Error> {
    let path = path.display().to_string();
    let bytes = std::fs::read(&path).map_err(|cause| Error::File { path: path.clone(), cause })?;
    of(&bytes).map_err(|error| match error {
        Error::File { cause, .. } => Error::File { path, cause },
        error => error,
    })
}

/// FNV-1a: it finds a file that was cut off, nothing more is asked of it.
pub(super) fn checksum(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |sum, byte| {
        (sum ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}
