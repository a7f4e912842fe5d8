//! What is known of a whole run before it begins. The loop and the rules of simple nodes are compiled once
//! for each, so that no event asks for it again.

use crate::rng::Mirror;

/// What is known.
pub trait Known {
    /// Nobody is told apart or carries anything, draws are taken as they are, everybody comes alone, and
    /// nobody looks for people who wait for one another.
    const ALIKE: bool;
    /// The share of time at each level may be measured.
    const LEVELS: bool;

    /// How draws are taken, if it is to be asked.
    #[inline(always)]
    fn mirror(asked: Mirror) -> Mirror {
        if Self::ALIKE { Mirror::NONE } else { asked }
    }
}

/// Nothing is known.
#[derive(Debug)]
pub enum Unknown {}

/// All patients are alike; levels are measured.
#[derive(Debug)]
pub enum AlikeWithLevels {}

/// All patients are alike, and no levels are measured.
#[derive(Debug)]
pub enum Alike {}

impl Known for Unknown {
    const ALIKE: bool = false;
    const LEVELS: bool = true;
}

impl Known for AlikeWithLevels {
    const ALIKE: bool = true;
    const LEVELS: bool = true;
}

impl Known for Alike {
    const ALIKE: bool = true;
    const LEVELS: bool = false;
}
