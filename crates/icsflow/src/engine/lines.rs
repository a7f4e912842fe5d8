//! Waiting lines: one for each class of each node, linked through the patients themselves, so that
//! joining, leaving from the middle and taking the first cost the same and need no memory.

use serde::{Deserialize, Serialize};

use super::patients::{NOBODY, Patients};

/// All lines of a network.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Lines(Vec<Line>);

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Line {
    first: u32,
    last: u32,
}

impl Lines {
    /// So many empty lines.
    pub fn clear(&mut self, lines: usize) {
        self.0.clear();
        self.0.resize(lines, Line { first: NOBODY, last: NOBODY });
    }

    /// The first of a line.
    #[inline]
    pub fn first(&self, line: u32) -> Option<u32> {
        Some(self.0[line as usize].first).filter(|first| *first != NOBODY)
    }

    /// The last of a line.
    #[inline]
    pub fn last(&self, line: u32) -> Option<u32> {
        Some(self.0[line as usize].last).filter(|last| *last != NOBODY)
    }

    /// Stands a patient at the end of a line.
    #[inline(always)]
    pub fn join(&mut self, line: u32, slot: u32, patients: &mut Patients) {
        let ends = &mut self.0[line as usize];
        let patient = &mut patients[slot];
        (patient.line, patient.ahead, patient.behind) = (line, ends.last, NOBODY);
        match std::mem::replace(&mut ends.last, slot) {
            NOBODY => ends.first = slot,
            last => patients[last].behind = slot,
        }
    }

    /// Stands a patient in a line behind another; in front of all if there is none.
    pub fn join_behind(
        &mut self,
        line: u32,
        slot: u32,
        ahead: Option<u32>,
        patients: &mut Patients,
    ) {
        let ends = &mut self.0[line as usize];
        let behind = match ahead {
            None => std::mem::replace(&mut ends.first, slot),
            Some(ahead) => std::mem::replace(&mut patients[ahead].behind, slot),
        };
        match behind {
            NOBODY => ends.last = slot,
            behind => patients[behind].ahead = slot,
        }
        let patient = &mut patients[slot];
        (patient.line, patient.ahead, patient.behind) = (line, ahead.unwrap_or(NOBODY), behind);
    }

    /// Takes the first of a line out of it.
    #[inline(always)]
    pub fn take_first(&mut self, line: u32, patients: &mut Patients) -> Option<u32> {
        let ends = &mut self.0[line as usize];
        let first = ends.first;
        if first == NOBODY {
            return None;
        }
        ends.first = patients[first].behind;
        match ends.first {
            NOBODY => ends.last = NOBODY,
            next => patients[next].ahead = NOBODY,
        }
        Some(first)
    }

    /// Takes a patient out of a line, wherever in it.
    #[inline]
    pub fn leave(&mut self, slot: u32, patients: &mut Patients) {
        let (line, ahead, behind) =
            (patients[slot].line, patients[slot].ahead, patients[slot].behind);
        match ahead {
            NOBODY => self.0[line as usize].first = behind,
            ahead => patients[ahead].behind = behind,
        }
        match behind {
            NOBODY => self.0[line as usize].last = ahead,
            behind => patients[behind].ahead = ahead,
        }
    }
}
