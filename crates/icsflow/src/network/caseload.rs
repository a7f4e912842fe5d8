//! Caseloads as compiled: how many people the professions of a team can hold.

use super::places::Places;
use crate::time::Time;

/// The team of a node.
#[derive(Debug)]
pub struct Team {
    /// The position of its first profession among those of the network.
    pub first: u32,
    /// Its professions.
    pub professions: Box<[Profession]>,
}

/// A profession.
#[derive(Debug)]
pub struct Profession {
    /// Units over time.
    pub units: Places,
    /// Parts of a unit that each person takes.
    pub each: u64,
}

/// Parts of a unit.
const PARTS: u64 = 1000;

impl Profession {
    /// People whom so many units can hold.
    pub fn people(&self, units: u32) -> u32 {
        u32::try_from(u64::from(units) * PARTS / self.each).unwrap_or(u32::MAX - 1)
    }
}

impl Team {
    /// No fewer people than it can ever hold from an instant on.
    pub fn most_from(&self, now: Time) -> u32 {
        let most = |one: &Profession| one.people(one.units.most_from(now));
        self.professions.iter().map(most).min().unwrap_or(0)
    }

    /// The people held with so many units of each, and the profession that holds the fewest; of equal
    /// ones the first named.
    pub fn least(&self, units: &[u32]) -> (u32, u32) {
        let people = self.professions.iter().zip(units).map(|(one, units)| one.people(*units));
        people.zip(0u32..).min().unwrap_or_default()
    }
}
