//! Scenarios: a model with changes, and what it becomes by them.

use std::borrow::Cow;

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value as Json;

use super::capacity::Edit;
use super::change::{Change, Setting};
use super::check::Names;
use super::distribution::Distribution;
use super::edit::edit;
use super::model::Model;
use super::path::{Astray, Spot, find};
use super::ramp::Ramp;
use crate::doc::{Doc, Read, Reader, Step, read_table};
use crate::error::{Fault, Faults};
use crate::expr::Expression;
use crate::time::{Moment, Time};

/// A what-if: the model with an ordered list of changes. Without a change it is the model itself.
///
/// ```
/// use icsflow::{Change, Scenario};
///
/// let more = Scenario::new("Twenty more places")
///     .change(Change::add("Home care (P1).beds", 20.0).at("2026-03-01"));
/// assert_eq!(more.describe(), ["Home care (P1).beds + 20 from 2026-03-01"]);
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Scenario {
    /// Its name, unique among scenarios.
    pub name: String,
    /// What it asks.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// Its changes, one after the other.
    #[serde(rename = "change", skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<Change>,
    /// Where each figure comes from.
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub evidence: IndexMap<String, String>,
}

read_table!(Scenario, "a scenario", {
    name, description = String::new(), changes as "change", evidence,
});

/// What a model becomes by a scenario, beside the model that it is compared with: the same patients
/// come to both, with the same draws.
#[derive(Clone, Debug)]
pub struct Variant {
    /// The model itself.
    pub base: Model,
    /// With the changes that hold in the whole run.
    pub model: Model,
    /// What it becomes at dates, in order of time.
    pub steps: Vec<VariantStep>,
    /// Of each route, the position of the route of the base from which it is.
    pub routes: Vec<usize>,
    /// Rates that change for some patients only.
    pub demand: Vec<Demand>,
}

/// From an instant on, what the model is.
#[derive(Clone, Debug)]
pub struct VariantStep {
    /// When it begins to be so.
    pub from: Time,
    /// How it comes about.
    pub ramp: Ramp,
    /// What it is then.
    pub model: Model,
}

/// A rate that changes for those who meet a condition.
#[derive(Clone, Debug, PartialEq)]
pub struct Demand {
    /// Position of the arrivals.
    pub arrivals: usize,
    /// Who.
    pub whom: Expression,
    /// So many times as many of them.
    pub factor: f64,
    /// When it begins and ends.
    pub span: (Time, Time),
    /// How it comes about.
    pub ramp: Ramp,
    /// Where those come who are kept away.
    pub to: Option<String>,
}

/// Most times as many of some patients: each time is a stream of its own.
const MOST_TIMES: f64 = 100.0;

impl Scenario {
    /// The model as it is.
    pub fn new(name: impl Into<String>) -> Self {
        Scenario {
            name: name.into(),
            description: String::new(),
            changes: Vec::new(),
            evidence: IndexMap::new(),
        }
    }

    /// Adds a change.
    pub fn change(mut self, change: Change) -> Self {
        self.changes.push(change);
        self
    }

    /// The changes in words.
    pub fn describe(&self) -> Vec<String> {
        self.changes.iter().map(ToString::to_string).collect()
    }

    /// What a model becomes by it.
    ///
    /// # Errors
    /// Every fault of the model; else every fault of the changes.
    pub fn of(&self, base: &Model) -> Result<Variant, Faults> {
        let alone = Model { scenarios: Vec::new(), ..base.clone() };
        alone.check()?;
        let mut at = Reader::new();
        let variant = at.within("scenario", |at| at.item(0, |at| self.apply(&alone, at)));
        at.finish(&Doc::from_json(serde_json::json!({ "scenario": [self] })))?;
        variant.ok_or_else(Faults::default)
    }

    /// What a model without fault becomes; nothing once a fault has been reported.
    pub(super) fn apply(&self, base: &Model, at: &mut Reader) -> Option<Variant> {
        let base = Model { scenarios: Vec::new(), ..base.clone() };
        let tree = serde_json::to_value(&base).unwrap_or_default();
        let parts = self.parts(&base, &tree, at)?;
        let timeline = timeline(&parts);
        let always: Vec<usize> =
            parts.iter().filter(|part| part.span.is_none()).map(|part| part.number).collect();
        let first = made(&parts, &base, &tree, &always, at)?;
        let mut steps = Vec::new();
        for Turn { from, ramp, active } in timeline {
            let model = made(&parts, &base, &tree, &active, at)?.model;
            let model = model.with_nodes_for_roles().into_owned();
            steps.push(VariantStep { from, ramp, model });
        }
        Some(Variant {
            model: first.model.with_nodes_for_roles().into_owned(),
            steps,
            routes: first.routes,
            demand: parts.iter().flat_map(|part| part.demand.clone()).collect(),
            base: base.with_nodes_for_roles().into_owned(),
        })
    }

    /// The changes with the places that they concern; a conversion is two.
    fn parts<'s>(&'s self, base: &Model, tree: &Json, at: &mut Reader) -> Option<Vec<Part<'s>>> {
        let cohorts = base.cohorts_or_one();
        let names = base.named(&cohorts);
        let before = at.count();
        let mut parts: Vec<Part<'_>> = Vec::new();
        at.within("change", |at| {
            for (index, change) in self.changes.iter().enumerate() {
                at.item(index, |at| {
                    let before = at.count();
                    change.check(base.start, base.time_unit, at);
                    if change.path.is_empty() && at.count() > before {
                        return;
                    }
                    for (key, effect, change) in taken_apart(change) {
                        let spots = at.within(key, |at| spots_of(tree, &change.path, at));
                        let Some(spots) = spots.filter(|_| at.count() == before) else { continue };
                        if change.set.is_none() && spots.iter().all(|spot| spot.new) {
                            at.within(key, |at| report_missing(tree, &spots[0], &change.path, at));
                            continue;
                        }
                        let number = parts.len();
                        let mut part = Part::new(number, index, effect, change, spots, base);
                        part.judge(base, &names, at);
                        part.report_contradiction(&parts, at);
                        parts.push(part);
                    }
                });
            }
        });
        (at.count() == before).then_some(parts)
    }
}

/// The places to which a path leads; reports one that leads nowhere.
fn spots_of(tree: &Json, path: &str, at: &mut Reader) -> Option<Vec<Spot>> {
    match find(tree, path) {
        Ok(spots) => Some(spots),
        Err(Astray { part, what, valid }) => {
            let whole = part == path;
            let found = if whole { format!("{part:?}") } else { format!("{part:?} in {path:?}") };
            at.unknown_in(found, &part, &what, valid.iter().map(String::as_str));
            None
        }
    }
}

/// Whether the stay at a node is, in some case, a list of given values.
fn has_list(base: &Model, spot: &Spot) -> bool {
    let cases = &base.nodes[spot.item].stay.0;
    cases.iter().any(|case| matches!(case.then, Distribution::Listed(_)))
}

/// Reports that nothing stands at a place whose number was to change.
fn report_missing(tree: &Json, spot: &Spot, path: &str, at: &mut Reader) {
    let part = spot.keys().pop().unwrap_or_default();
    let valid = spot.beside(tree);
    let what = "a key that stands there; `set` gives a value to one that does not";
    at.unknown_in(format!("{part:?} in {path:?}"), part, what, valid.iter().map(String::as_str));
}

/// The model in which some of the changes hold, without fault; else each fault is reported at the change
/// with which it comes.
fn made(
    parts: &[Part<'_>],
    base: &Model,
    tree: &Json,
    active: &[usize],
    at: &mut Reader,
) -> Option<Made> {
    let all: Vec<&Part<'_>> = parts.iter().collect();
    let faults = match make(&all, base, tree, active) {
        Ok(made) => return Some(made),
        Err(faults) => faults,
    };
    let before = at.count();
    let mut sound: Vec<&Part<'_>> = Vec::new();
    for part in parts {
        sound.push(part);
        if let Err(faults) = make(&sound, base, tree, active) {
            part.report(&faults, at);
            sound.pop();
        }
    }
    // Only together are they a fault.
    if at.count() == before
        && let Some(last) = parts.last()
    {
        last.report(&faults, at);
    }
    None
}

/// A change, or half of a conversion, with what it concerns.
struct Part<'s> {
    /// Position among the parts.
    number: usize,
    /// Position of the change.
    index: usize,
    /// The key that says what is made of the parameter.
    effect: &'static str,
    change: Cow<'s, Change>,
    spots: Vec<Spot>,
    /// From when to when; the whole run if none.
    span: Option<(Time, Time)>,
    ramp: Ramp,
    /// A rate that changes for some only.
    demand: Option<Demand>,
    /// Places at a date, which a capacity knows by itself.
    places: bool,
}

/// A conversion as a loss and a gain, any other change as it is; each with the key that names the
/// parameter, and the one that says what is made of it.
fn taken_apart(change: &Change) -> Vec<(&'static str, &'static str, Cow<'_, Change>)> {
    let (Some(amount), Some(into)) = (change.convert, &change.into) else {
        let effect = match change {
            Change { set: Some(_), .. } => "set",
            Change { multiply: Some(_), .. } => "multiply",
            _ => "add",
        };
        return vec![("path", effect, Cow::Borrowed(change))];
    };
    let plain = Change { convert: None, into: None, ratio: None, ..change.clone() };
    let gain = amount * change.ratio.unwrap_or(1.0);
    // Two beds and a half are two beds.
    let gain = if amount.fract() == 0.0 { (gain + 1e-9).floor() } else { gain };
    let loss = Change { add: Some((-amount).into()), ..plain.clone() };
    let gain = Change { path: into.clone(), add: Some(gain.into()), ..plain };
    vec![("path", "convert", Cow::Owned(loss)), ("into", "into", Cow::Owned(gain))]
}

impl<'s> Part<'s> {
    fn new(
        number: usize,
        index: usize,
        effect: &'static str,
        change: Cow<'s, Change>,
        spots: Vec<Spot>,
        base: &Model,
    ) -> Self {
        let time = |moment: Moment| moment.time(base.start, base.time_unit);
        let until = change.until.map_or(Time::MAX, time);
        Part {
            number,
            index,
            effect,
            spots,
            span: change.at.map(|from| (time(from), until)),
            ramp: change.course(base.time_unit),
            demand: None,
            places: false,
            change,
        }
    }

    /// Reports what it makes of the model.
    fn report(&self, faults: &Faults, at: &mut Reader) {
        at.within("change", |at| {
            at.item(self.index, |at| {
                at.within(self.effect, |at| {
                    for fault in &faults.0 {
                        let near = fault.nearest.as_ref();
                        let near =
                            near.map_or(String::new(), |n| format!(" (did you mean {n:?}?)"));
                        let place = match fault.path.as_str() {
                            "" => String::new(),
                            path => format!(" at {path}"),
                        };
                        at.fault(
                            format!("{}{place}", fault.found),
                            format!("{}{near}", fault.expected),
                        );
                    }
                });
            });
        });
    }

    /// Reports that this sets what another has changed, at the same time and for the same patients.
    fn report_contradiction(&self, others: &[Part<'_>], at: &mut Reader) {
        let Some(other) = others.iter().find(|other| self.contradicts(other)) else { return };
        let found = format!("a value that undoes change {}", other.index + 1);
        let expected = "each parameter set once, and before it is added to or multiplied";
        at.within("set", |at| at.fault(found, expected));
    }

    fn all(&self, fits: impl Fn(&Spot) -> bool) -> bool {
        self.spots.iter().all(fits)
    }

    /// Whether the value depends on the patient: it has cases.
    fn of_cases(&self) -> bool {
        self.all(|spot| cases_host(spot).is_some())
    }

    fn of_routes(&self) -> bool {
        self.all(|spot| spot.section == "route")
    }

    /// Reports what cannot be changed so: for some patients, or at a date.
    fn judge(&mut self, base: &Model, names: &Names, at: &mut Reader) {
        let of_rate = self.all(|spot| spot.section == "arrivals" && spot.keys() == ["rate"]);
        if let Some(whom) = &self.change.whom {
            at.within("where", |at| match of_rate {
                true => names.lasting(whom, at),
                false => names.condition(whom, at),
            });
            if of_rate {
                self.judge_demand(base, whom.clone(), names, at);
            } else {
                if self.change.to.is_some() {
                    at.within("to", |at| {
                        at.fault("to", "none: only a lower rate sends people elsewhere")
                    });
                }
                if !self.of_cases() && !self.of_routes() {
                    at.within("where", |at| {
                        at.fault("a condition", "none here: it applies to rates, routes, and what has cases, such as a stay");
                    });
                }
            }
        }
        let Some((from, until)) = self.span else { return };
        let capacity = |keys: &[&str]| {
            matches!(keys, ["beds"] | ["visits", "per_day"] | ["caseload", _, "units"])
        };
        let places = self.all(|spot| spot.section == "node" && capacity(&spot.keys()));
        if places && self.change.whom.is_none() {
            self.places = true;
            if let Some(Setting(value)) = &self.change.set
                && value.as_u64().is_none()
            {
                at.within("set", |at| at.fault(value.to_string(), "a whole number of places"));
            }
        }
        let rates = ["rate", "weekly", "hourly", "curve"];
        let of_rates = self.all(|spot| {
            spot.section == "arrivals"
                && spot.keys().first().is_some_and(|key| rates.contains(key))
                && base.arrivals[spot.item].rate.is_some()
        });
        let of_stays =
            self.all(|spot| spot.section == "node" && spot.keys().first() == Some(&"stay"));
        if of_stays && self.spots.iter().any(|spot| has_list(base, spot)) {
            at.within("at", |at| {
                at.fault(
                    "a date",
                    "no date: a list of given stays is used in its order, whatever the date",
                );
            });
        }
        if of_stays
            && let Some(Setting(value)) = &self.change.set
            && value.get("listed").is_some()
        {
            at.within("set", |at| {
                at.fault(
                    "a list of given stays",
                    "a distribution: at a date nobody is first in a list",
                );
            });
        }
        if !(places || of_rates || of_stays || self.of_routes()) {
            let expected =
                "no date: only places, rates, stays and routes change in the middle of a run";
            at.within("at", |at| at.fault("a date", expected));
        }
        if until < from.saturating_add(self.ramp.length) {
            at.within("until", |at| at.fault("a time before the ramp is over", "a time after it"));
        }
    }

    fn judge_demand(&mut self, base: &Model, whom: Expression, names: &Names, at: &mut Reader) {
        let Some(factor) = self.change.multiply else {
            let expected = "multiply: how many of those patients come for each one now";
            return at.within("where", |at| at.fault("set or add for some patients", expected));
        };
        if factor > MOST_TIMES {
            at.within("multiply", |at| {
                let expected = format!("a factor up to {MOST_TIMES} where it is for some patients");
                at.fault(factor.to_string(), expected);
            });
        }
        let arrivals = self.spots[0].item;
        if let Some(to) = &self.change.to {
            at.within("to", |at| {
                if !names.places().any(|place| place == to) {
                    at.unknown(to, "a node or a list", names.places());
                }
            });
            if factor > 1.0 {
                at.within("to", |at| {
                    at.fault("to, of a rate that rises", "none: nobody is kept away")
                });
            }
        }
        if factor > 1.0 && base.arrivals[arrivals].batch.is_some() {
            at.within("multiply", |at| {
                at.fault(factor.to_string(), "a factor up to 1: these people come in batches");
            });
        }
        self.demand = Some(Demand {
            arrivals,
            whom,
            factor,
            span: self.span.unwrap_or((Time::MIN, Time::MAX)),
            ramp: self.ramp,
            to: self.change.to.clone(),
        });
    }

    /// Whether this sets what another has changed, at the same time and for the same patients.
    fn contradicts(&self, other: &Part<'_>) -> bool {
        self.change.set.is_some()
            && self.span.map(|span| span.0) == other.span.map(|span| span.0)
            && self.change.whom == other.change.whom
            && self.spots.iter().any(|spot| other.spots.contains(spot))
    }
}

/// How many steps lead to the value with cases that a place belongs to.
fn cases_host(spot: &Spot) -> Option<usize> {
    let keys = spot.keys();
    let depth = match (spot.section.as_str(), &keys[..]) {
        ("node", ["stay" | "turnaround", ..]) => 1,
        ("node", ["process_delay" | "referral", _, ..]) => 2,
        ("node", ["queue", "patience", ..]) => 2,
        ("queue", ["patience", ..]) => 1,
        ("cohort", ["attributes", _, ..]) => 2,
        _ => return None,
    };
    // Nothing is numbered before the cases themselves.
    Some(depth)
}

/// Whether a place is that of one case among several.
fn is_case(spot: &Spot) -> bool {
    cases_host(spot).is_some_and(|depth| matches!(spot.steps[depth..], [Step::Item(_)]))
}

/// A case that was given another value still holds for the same patients.
fn keep_condition(value: &mut Json, when: Option<Json>) {
    let Some(when) = when else { return };
    if value.is_number() || value.is_string() {
        *value = serde_json::json!({ "deterministic": { "value": value.take() } });
    }
    if let Some(table) = value.as_object_mut() {
        table.entry("when").or_insert(when);
    }
}

/// From an instant on, these parts hold.
struct Turn {
    from: Time,
    ramp: Ramp,
    active: Vec<usize>,
}

/// Instants at which changes begin or end, in order.
fn timeline(parts: &[Part<'_>]) -> Vec<Turn> {
    let mut turns: Vec<(Time, Ramp, usize, bool)> = Vec::new();
    for part in parts.iter().filter(|part| part.demand.is_none() && !part.places) {
        if let Some((from, until)) = part.span {
            turns.push((from, part.ramp, part.number, true));
            if until < Time::MAX {
                turns.push((until, Ramp::NONE, part.number, false));
            }
        }
    }
    turns.sort_by_key(|turn| turn.0);
    let always = parts.iter().filter(|part| part.span.is_none());
    let mut active: Vec<usize> = always.map(|part| part.number).collect();
    let turn = |(from, ramp, part, begins)| {
        if begins {
            active.push(part);
        } else {
            active.retain(|known| *known != part);
        }
        Turn { from, ramp, active: active.clone() }
    };
    turns.into_iter().map(turn).collect()
}

struct Made {
    model: Model,
    routes: Vec<usize>,
}

/// The model in which some of the changes hold. Cases and routes for some patients stand in it whether
/// or not their change holds, so that all models of a scenario have the same parts.
fn make(parts: &[&Part<'_>], base: &Model, tree: &Json, active: &[usize]) -> Result<Made, Faults> {
    let mut tree = tree.clone();
    let mut routes: Vec<usize> = (0..base.routes.len()).collect();
    for part in parts.iter().filter(|part| part.demand.is_none()) {
        let change = &part.change;
        let wrong = |expected: String| {
            let found = format!("{:?}", change.path);
            Faults(vec![Fault { path: String::new(), line: None, found, expected, nearest: None }])
        };
        // Changes before may have moved things: a route or a case more.
        let Ok(mut spots) = find(&tree, &change.path) else { continue };
        if part.places {
            for spot in &spots {
                if let Some(beds) = spot.value_mut(&mut tree) {
                    at_a_date(beds, part, base).map_err(wrong)?;
                }
            }
            continue;
        }
        if let Some(whom) = &change.whom {
            spots = match part.of_routes() {
                true => routes_for_some(&mut tree, &mut routes, spots, whom),
                false => cases_for_some(&mut tree, spots, whom),
            };
        }
        for spot in spots.iter().filter(|_| active.contains(&part.number)) {
            if let Some(value) = spot.value_mut(&mut tree) {
                let when = is_case(spot).then(|| value.get("when").cloned()).flatten();
                edit(value, change, base.time_unit).map_err(wrong)?;
                keep_condition(value, when);
            }
        }
    }
    let mut at = Reader::new();
    let doc = Doc::from_json(tree);
    let model = Model::read(&doc, &mut at);
    at.end_of_text();
    model.report(&mut at);
    at.finish(&doc)?;
    Ok(Made { model, routes })
}

/// Adds a change at a date to a capacity, in order of time.
fn at_a_date(beds: &mut Json, part: &Part<'_>, base: &Model) -> Result<(), String> {
    let change = &part.change;
    if beds.is_number() {
        *beds = serde_json::json!({ "places": beds.clone() });
    }
    let mut edit = serde_json::Map::new();
    edit.insert("at".into(), serde_json::to_value(change.at).unwrap_or_default());
    match (&change.set, change.add, change.multiply) {
        (Some(Setting(value)), ..) => edit.insert("to".into(), value.clone()),
        (_, Some(more), _) if more.unit.is_none() => {
            edit.insert("add".into(), Json::from(more.amount.round() as i64))
        }
        (.., Some(factor)) => edit.insert("times".into(), Json::from(factor)),
        _ => return Err("a number of places".into()),
    };
    if let Some(ramp) = change.ramp {
        edit.insert("ramp".into(), serde_json::to_value(ramp).unwrap_or_default());
    }
    if let Some(shape) = change.shape {
        edit.insert("shape".into(), serde_json::to_value(shape).unwrap_or_default());
    }
    if let Some(until) = change.until {
        edit.insert("until".into(), serde_json::to_value(until).unwrap_or_default());
    }
    let time = |edit: &Json| {
        let edit = Edit::read(&Doc::from_json(edit.clone()), &mut Reader::new());
        edit.at.time(base.start, base.time_unit)
    };
    let edit = Json::Object(edit);
    let Some(table) = beds.as_object_mut() else { return Err("a node with beds".into()) };
    let dates = table.entry("dates").or_insert_with(|| Json::Array(Vec::new()));
    let Some(dates) = dates.as_array_mut() else { return Err("a node with beds".into()) };
    let place = dates.partition_point(|known| time(known) <= time(&edit));
    dates.insert(place, edit);
    Ok(())
}

/// `a` and `b`, where there is a `b`.
fn both(a: &Expression, b: Option<&Json>) -> Json {
    match b.and_then(Json::as_str) {
        Some(b) => Json::from(format!("({}) and ({b})", a.0)),
        None => Json::from(a.0.as_str()),
    }
}

/// Puts, before the routes that are changed, copies for those who meet the condition; their places.
fn routes_for_some(
    tree: &mut Json,
    routes: &mut Vec<usize>,
    spots: Vec<Spot>,
    whom: &Expression,
) -> Vec<Spot> {
    let mut copies = Vec::new();
    // From the last to the first, so that positions before stay.
    for spot in spots.into_iter().rev() {
        let Some(all) = tree["route"].as_array_mut() else { continue };
        let mut copy = all[spot.item].clone();
        let when = both(whom, copy.get("when"));
        copy["when"] = when;
        all.insert(spot.item, copy);
        routes.insert(spot.item, routes[spot.item]);
        for known in &mut copies {
            let known: &mut Spot = known;
            known.item += 1;
        }
        copies.push(spot);
    }
    copies
}

/// Puts, before the cases of what is changed, copies for those who meet the condition; their places.
fn cases_for_some(tree: &mut Json, spots: Vec<Spot>, whom: &Expression) -> Vec<Spot> {
    let mut hosts: Vec<Spot> = Vec::new();
    let mut copies = Vec::new();
    for spot in &spots {
        let Some(depth) = cases_host(spot) else { continue };
        let host = Spot { steps: spot.steps[..depth].to_vec(), ..spot.clone() };
        let Some(value) = host.value_mut(tree) else { continue };
        let rest = &spot.steps[depth..];
        if !hosts.contains(&host) {
            let cases = match value.take() {
                Json::Array(cases) => cases,
                one => vec![one],
            };
            let copied = cases.iter().map(|case| {
                let mut copy = case.clone();
                let when = both(whom, copy.get("when"));
                if let Some(table) = copy.as_object_mut() {
                    table.insert("when".into(), when);
                }
                copy
            });
            *value = copied.chain(cases.iter().cloned()).collect();
            hosts.push(host.clone());
        }
        // The copy has the number of the case; a lone case had none.
        let all = value.as_array().map_or(0, Vec::len) / 2;
        let numbered: Vec<Vec<Step>> = match rest.first() {
            Some(Step::Item(_)) => vec![rest.to_vec()],
            _ => {
                let case = |case| [Step::Item(case)].into_iter().chain(rest.to_vec()).collect();
                (0..all).map(case).collect()
            }
        };
        for steps in numbered {
            let steps = host.steps.iter().cloned().chain(steps).collect();
            copies.push(Spot { steps, ..spot.clone() });
        }
    }
    copies
}
