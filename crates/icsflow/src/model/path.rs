//! Readable paths into a model: from `Acute.stay.mean` to the places in its tree.

use serde_json::Value as Json;

use crate::doc::Step;

/// Sections whose items are no parts of the system.
const BESIDE: [&str; 2] = ["published", "scenario"];

/// A place in the tree of a model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Spot {
    /// The section: `node`, `arrivals`, `route` …
    pub section: String,
    /// The item of the section.
    pub item: usize,
    /// The steps from there.
    pub steps: Vec<Step>,
    /// Nothing stands there yet.
    pub new: bool,
}

/// Why a path leads nowhere: what does not match, and what would.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Astray {
    /// The part of the path that does not match.
    pub part: String,
    /// What it would be.
    pub what: String,
    /// What could stand there.
    pub valid: Vec<String>,
}

impl Spot {
    /// What stands there, to be changed; made if it is new.
    pub(super) fn value_mut<'j>(&self, model: &'j mut Json) -> Option<&'j mut Json> {
        let mut here = model.get_mut(&self.section)?.get_mut(self.item)?;
        for step in &self.steps {
            here = match step {
                Step::Key(key) => here.as_object_mut()?.entry(key.as_str()).or_insert(Json::Null),
                Step::Item(item) => here.get_mut(item)?,
            };
        }
        Some(here)
    }

    /// The keys that stand beside it.
    pub(super) fn beside(&self, model: &Json) -> Vec<String> {
        let mut here = &model[&self.section][self.item];
        for step in &self.steps[..self.steps.len() - 1] {
            here = match step {
                Step::Key(key) => &here[key],
                Step::Item(item) => &here[item],
            };
        }
        let keys = here.as_object().into_iter().flatten().map(|(key, _)| key.clone());
        keys.filter(|key| key != "evidence").collect()
    }

    /// The keys that lead there, without the numbers of items.
    pub(super) fn keys(&self) -> Vec<&str> {
        self.steps
            .iter()
            .filter_map(|step| match step {
                Step::Key(key) => Some(key.as_str()),
                Step::Item(_) => None,
            })
            .collect()
    }
}

/// Every place to which a path leads.
pub(super) fn find(model: &Json, path: &str) -> Result<Vec<Spot>, Astray> {
    let (only, name_and_rest) = match explicit(path) {
        Some((section, rest)) => (Some(section), rest),
        None => (None, path.to_owned()),
    };
    let mut named: Vec<(&str, usize, &str)> = Vec::new();
    for (section, items) in model.as_object().into_iter().flatten() {
        if BESIDE.contains(&section.as_str()) || only.as_ref().is_some_and(|only| only != section) {
            continue;
        }
        for (i, item) in items.as_array().into_iter().flatten().enumerate() {
            if let Some(name) = item.get("name").and_then(Json::as_str) {
                named.push((section, i, name));
            }
        }
    }
    let rest_after = |name: &str| {
        let rest = name_and_rest.strip_prefix(name)?;
        if rest.is_empty() || rest.starts_with('[') { Some(rest) } else { rest.strip_prefix('.') }
    };
    let longest = named.iter().filter(|(.., name)| rest_after(name).is_some());
    let longest = longest.map(|(.., name)| name.len()).max();
    let Some(longest) = longest else {
        let head = name_and_rest.split('.').next().unwrap_or_default();
        let mut valid: Vec<String> = named.iter().map(|(.., name)| (*name).to_owned()).collect();
        valid.dedup();
        let what =
            only.as_deref().map_or("a name of the model".to_owned(), |s| format!("a name of {s}"));
        return Err(Astray { part: head.to_owned(), what, valid });
    };
    let (mut found, mut new, mut astray) = (Vec::new(), Vec::new(), Vec::new());
    for (section, item, name) in named.into_iter().filter(|(.., name)| name.len() == longest) {
        let Some(rest) = rest_after(name) else { continue };
        match find_in(model, section, item, name, rest) {
            Ok(spots) if spots.iter().all(|spot| spot.new) => new.push(spots),
            Ok(spots) => found.push(spots),
            Err(lost) => astray.push(lost),
        }
    }
    if found.len() > 1 {
        let valid = found.iter().filter_map(|spots| spots.first());
        let name = &name_and_rest[..longest];
        let valid = valid.map(|spot| format!("{}[{name:?}]", spot.section)).collect();
        return Err(Astray { part: path.to_owned(), what: "one of these".into(), valid });
    }
    // A key that does not stand there may be set: at a node, if the name is that of a node.
    let new = new.into_iter().min_by_key(|spots| spots.first().map(|s| s.section != "node"));
    found.pop().or(new).ok_or_else(|| {
        astray.into_iter().next().unwrap_or(Astray {
            part: path.to_owned(),
            what: "a parameter".into(),
            valid: Vec::new(),
        })
    })
}

/// `node["A&E"].stay` as its section and `A&E.stay`.
fn explicit(path: &str) -> Option<(String, String)> {
    let (section, rest) = path.split_once("[\"")?;
    let (name, rest) = rest.split_once("\"]")?;
    section
        .chars()
        .all(|c| c.is_ascii_lowercase() || c == '_')
        .then(|| (section.to_owned(), format!("{name}{rest}")))
}

fn find_in(
    model: &Json,
    section: &str,
    item: usize,
    name: &str,
    rest: &str,
) -> Result<Vec<Spot>, Astray> {
    let spot = |section: &str, item, steps, new| Spot { section: section.into(), item, steps, new };
    if let Some(rest) = rest.strip_prefix("route").filter(|_| section == "node")
        && (rest.is_empty() || rest.starts_with(['.', '[']))
    {
        return routes(model, name, rest);
    }
    match descend(&model[section][item], rest) {
        Ok(all) => Ok(all.into_iter().map(|steps| spot(section, item, steps, false)).collect()),
        Err(lost) => {
            // A key of one of its tables (`per_day`, `limit`) need not be said with the table.
            let tables = model[section][item].as_object().into_iter().flatten();
            let tables = tables.filter(|(key, table)| *key != "evidence" && table.is_object());
            let mut within =
                tables.filter_map(|(key, table)| Some((key, descend(table, rest).ok()?)));
            if let (Some((key, all)), None) = (within.next(), within.next())
                && lost.steps.len() == 1
            {
                let whole = |steps| [Step::Key(key.clone())].into_iter().chain(steps).collect();
                return Ok(all.into_iter().map(|s| spot(section, item, whole(s), false)).collect());
            }
            match lost {
                Lost { steps, last: true, .. } => Ok(vec![spot(section, item, steps, true)]),
                lost => Err(lost.astray()),
            }
        }
    }
}

/// Places in the routes from a node: of all, or of one (`route[1].Acute`).
fn routes(model: &Json, from: &str, rest: &str) -> Result<Vec<Spot>, Astray> {
    let all = model["route"].as_array().into_iter().flatten().enumerate();
    let all = all.filter(|(_, route)| route["from"] == from).map(|(i, _)| i);
    let all: Vec<usize> = all.filter(|i| model["route"][*i]["to"].is_object()).collect();
    let (chosen, rest) = match index(rest) {
        Some((n, rest)) => (all.get(n).into_iter().copied().collect(), rest),
        None => (all, rest),
    };
    let to = rest.strip_prefix('.').unwrap_or(rest);
    let spot = |item, new| Spot {
        section: "route".into(),
        item,
        steps: vec![Step::Key("to".into()), Step::Key(to.into())],
        new,
    };
    let has = |i: &&usize| model["route"][**i]["to"].get(to).is_some();
    let found: Vec<Spot> = chosen.iter().filter(has).map(|i| spot(*i, false)).collect();
    match (&found[..], &chosen[..]) {
        ([], [only]) if !to.is_empty() => Ok(vec![spot(*only, true)]),
        ([], _) => {
            let mut valid: Vec<String> = Vec::new();
            for i in &chosen {
                valid.extend(
                    model["route"][*i]["to"]
                        .as_object()
                        .into_iter()
                        .flatten()
                        .map(|(k, _)| k.clone()),
                );
            }
            valid.dedup();
            Err(Astray { part: to.into(), what: format!("a destination from {from:?}"), valid })
        }
        _ => Ok(found),
    }
}

/// `[2]` at the beginning, and what follows.
fn index(rest: &str) -> Option<(usize, &str)> {
    let (n, rest) = rest.strip_prefix('[')?.split_once(']')?;
    Some((n.parse().ok()?, rest))
}

/// Where a path leaves what there is.
struct Lost {
    steps: Vec<Step>,
    /// Only its last key is missing.
    last: bool,
    part: String,
    valid: Vec<String>,
}

impl Lost {
    fn astray(self) -> Astray {
        Astray { part: self.part, what: "a key that stands there".into(), valid: self.valid }
    }
}

fn descend(here: &Json, rest: &str) -> Result<Vec<Vec<Step>>, Lost> {
    let rest = rest.strip_prefix('.').unwrap_or(rest);
    if rest.is_empty() {
        return Ok(vec![Vec::new()]);
    }
    let before = |step: Step, found: Result<Vec<Vec<Step>>, Lost>| {
        let first = |steps: Vec<Step>| [step.clone()].into_iter().chain(steps).collect();
        match found {
            Ok(all) => Ok(all.into_iter().map(first).collect()),
            Err(lost) => Err(Lost { steps: first(lost.steps), ..lost }),
        }
    };
    match here {
        Json::Object(table) => {
            let fits = |key: &&String| {
                let rest = rest.strip_prefix(key.as_str());
                rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
            };
            if let Some(key) = table.keys().filter(fits).max_by_key(|key| key.len()) {
                return before(Step::Key(key.clone()), descend(&table[key], &rest[key.len()..]));
            }
            // The name of a family of distributions need not be said.
            if let Some(family) = family(here) {
                return before(Step::Key(family.to_owned()), descend(&table[family], rest));
            }
            Err(Lost {
                steps: vec![Step::Key(rest.to_owned())],
                last: !rest.contains(['.', '[']),
                part: rest.to_owned(),
                valid: table.keys().filter(|key| *key != "evidence").cloned().collect(),
            })
        }
        Json::Array(items) => {
            if let Some((n, rest)) = index(rest) {
                if let Some(item) = items.get(n) {
                    return before(Step::Item(n), descend(item, rest));
                }
            } else {
                let mut found = Vec::new();
                let mut lost = None;
                for (i, item) in items.iter().enumerate() {
                    match before(Step::Item(i), descend(item, rest)) {
                        Ok(all) => found.extend(all),
                        Err(at) => lost = Some(at),
                    }
                }
                match lost {
                    Some(lost) if found.is_empty() => return Err(Lost { last: false, ..lost }),
                    _ if found.is_empty() => {}
                    _ => return Ok(found),
                }
            }
            Err(Lost { steps: Vec::new(), last: false, part: rest.into(), valid: Vec::new() })
        }
        // A capacity that never changes is written as a number.
        Json::Number(_) if rest == "places" => Ok(vec![Vec::new()]),
        _ => Err(Lost { steps: Vec::new(), last: false, part: rest.into(), valid: Vec::new() }),
    }
}

/// The one family of a distribution that is written as a table.
pub(super) fn family(value: &Json) -> Option<&str> {
    let own = ["when", "share", "weight"];
    let table = value.as_object()?;
    let mut families = table.iter().filter(|(key, _)| !own.contains(&key.as_str()));
    match (families.next(), families.next()) {
        (Some((family, Json::Object(_))), None) => Some(family),
        _ => None,
    }
}
