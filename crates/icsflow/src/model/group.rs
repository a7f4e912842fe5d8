//! Groups: who belongs to whom, from the nation down to a site.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Serialize;

use crate::doc::{Reader, read_table, read_word};

/// A level of the hierarchy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs)]
pub enum GroupKind {
    Nation,
    Region,
    System,
    Place,
    Provider,
    Site,
}

read_word!(GroupKind, "a kind of group", {
    "site" => Site, "provider" => Provider, "place" => Place, "system" => System, "region" => Region,
    "nation" => Nation,
});

/// An organisation or area. Results are summed by group, over all that it contains.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Group {
    /// Its name, unique among groups.
    pub name: String,
    /// Its level.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<GroupKind>,
    /// The group that contains it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub part_of: Option<String>,
    /// People it serves, for rates per population.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub population: Option<f64>,
    /// Where each figure comes from, by key; the word *assumed* with the reason where it is assumed.
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub evidence: IndexMap<String, String>,
}

read_table!(Group, "a group", { name, kind, part_of, population, evidence });

impl Group {
    /// A group of this name, part of nothing.
    pub fn new(name: impl Into<String>) -> Self {
        Group {
            name: name.into(),
            kind: None,
            part_of: None,
            population: None,
            evidence: IndexMap::new(),
        }
    }

    /// Sets the level.
    pub fn kind(mut self, kind: GroupKind) -> Self {
        self.kind = Some(kind);
        self
    }

    /// Sets the group that contains it.
    pub fn part_of(mut self, group: impl Into<String>) -> Self {
        self.part_of = Some(group.into());
        self
    }

    /// Sets the number of people it serves.
    pub fn population(mut self, people: f64) -> Self {
        self.population = Some(people);
        self
    }

    pub(super) fn check(&self, groups: &[Group], at: &mut Reader) {
        if let Some(people) = self.population
            && people <= 0.0
        {
            at.within("population", |at| at.fault(people.to_string(), "a number above 0"));
        }
        let Some(parent) = &self.part_of else { return };
        at.within("part_of", |at| {
            let find = |name: &str| groups.iter().find(|group| group.name == name);
            if find(parent).is_none() {
                at.unknown(parent, "a group", groups.iter().map(|group| group.name.as_str()));
            }
            let (mut above, mut steps) = (find(parent), 0);
            while let Some(group) = above {
                if group.name == self.name || steps > groups.len() {
                    at.fault(format!("{parent:?}"), "a group that is not inside this one");
                    break;
                }
                above = group.part_of.as_deref().and_then(find);
                steps += 1;
            }
        });
    }
}
