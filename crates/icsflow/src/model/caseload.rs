//! Caseloads: how many people a team of several professions can hold at once.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Serialize;

use super::capacity::{Capacity, MOST_PLACES, plain_number};
use super::check::Names;
use crate::doc::{Reader, read_table};

/// One profession of the team that holds a caseload. Everyone who is held takes so many of its units,
/// from the start until they leave; the node holds as many people at once as the scarcest profession
/// allows: the least of units ÷ units for each person, rounded down.
///
/// ```
/// use icsflow::{Distribution, Node, Profession};
///
/// let ward = Node::caseload("Virtual ward", Distribution::exponential("10d"))
///     .profession("nurses", Profession::new(6, 0.05))
///     .profession("consultants", Profession::new(1, 0.01));
/// assert_eq!(ward.caseload["nurses"].people(6), 120);
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Profession {
    /// Units that there are: members of staff, or sessions, or hours a week; a whole number, which may
    /// vary in time as that of beds does.
    #[serde(serialize_with = "plain_number")]
    pub units: Capacity,
    /// Units that each person takes, in thousandths at the finest: 0.05 where a member holds twenty.
    pub each: f64,
}

read_table!(Profession, "a profession of a caseload", { units, each });

/// Parts of a unit.
const PARTS: f64 = 1000.0;

impl Profession {
    /// So many units, of which each person takes so many.
    pub fn new(units: impl Into<Capacity>, each: f64) -> Self {
        Profession { units: units.into(), each }
    }

    /// Thousandths of a unit that each person takes.
    pub fn parts(&self) -> u64 {
        ((self.each * PARTS).round() as u64).max(1)
    }

    /// People whom so many units can hold.
    pub fn people(&self, units: u32) -> u32 {
        let people = u64::from(units) * PARTS as u64 / self.parts();
        people.min(u64::from(MOST_PLACES)) as u32
    }

    /// The most people whom it may ever hold.
    fn most(&self) -> f64 {
        (self.units.most() * PARTS / self.parts() as f64).floor()
    }

    fn check(&self, names: &Names, at: &mut Reader) {
        at.within("units", |at| self.units.check(names, at));
        if !at.lacks("each") && !(1.0 / PARTS..=1_000.0).contains(&self.each) {
            at.within("each", |at| at.fault(self.each.to_string(), "from 0.001 to 1000 units"));
        }
    }
}

/// The most people whom a team may ever hold.
pub(super) fn most(team: &IndexMap<String, Profession>) -> f64 {
    team.values().map(Profession::most).fold(f64::INFINITY, f64::min)
}

/// People whom a team holds with the units that its professions have to begin with.
pub(super) fn at_first(team: &IndexMap<String, Profession>) -> u32 {
    team.values().map(|one| one.people(one.units.places)).min().unwrap_or(0)
}

pub(super) fn check(team: &IndexMap<String, Profession>, names: &Names, at: &mut Reader) {
    at.within("caseload", |at| {
        for (name, profession) in team {
            at.within(name, |at| profession.check(names, at));
        }
    });
}
