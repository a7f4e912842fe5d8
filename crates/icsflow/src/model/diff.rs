//! Models and scenarios beside each other: whether they are the same, and where they are not.

use std::fmt;

use serde::Serialize;
use serde_json::{Map, Value as Json};
use sha2::{Digest, Sha256};

use super::model::Model;
use super::scenario::{Scenario, Variant};
use crate::error::Faults;
use crate::time::{Date, Time};

/// One place at which two models differ, or what two scenarios make of a model.
///
/// ```
/// use icsflow::{Distribution, Model, Node};
///
/// let ward = |beds| Model::new("Ward").node(Node::beds("Ward", beds, Distribution::exponential("5d")));
/// let told: Vec<String> = ward(22).diff(&ward(24)).iter().map(ToString::to_string).collect();
/// assert_eq!(told, [r#"node["Ward"].beds is 24 instead of 22"#]);
/// ```
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Delta {
    /// Where, as faults tell it: `node["Ward"].stay.exponential.mean`.
    pub path: String,
    /// From when on, if not all the time.
    pub at: Option<Date>,
    /// What stands there in the first; nothing if it has no such place.
    pub before: Option<Json>,
    /// What stands there in the second.
    pub after: Option<Json>,
}

impl fmt::Display for Delta {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(at) = self.at {
            write!(f, "from {at}, ")?;
        }
        write!(f, "{} ", self.path)?;
        match (&self.before, &self.after) {
            (Some(before), Some(after)) if before == after => {
                write!(f, "is {} in both again", short(after))
            }
            (Some(before), Some(after)) => {
                write!(f, "is {} instead of {}", short(after), short(before))
            }
            (None, Some(after)) => write!(f, "is new: {}", short(after)),
            (Some(before), None) => write!(f, "is gone: it was {}", short(before)),
            (None, None) => write!(f, "stands in neither again"),
        }
    }
}

/// A value in few words.
fn short(value: &Json) -> String {
    const MOST: usize = 80;
    let text = value.to_string();
    if text.chars().count() <= MOST {
        return text;
    }
    format!("{}…", text.chars().take(MOST - 1).collect::<String>())
}

/// Parts that say nothing of the system: where figures come from, what is known of it otherwise, what-ifs,
/// and how it is run.
const BESIDE: [&str; 5] = ["description", "evidence", "published", "scenario", "run"];

/// The model as a tree, without what makes no difference to who does what when.
fn content(model: &Model) -> Json {
    let mut tree = serde_json::to_value(model).unwrap_or_default();
    for key in BESIDE {
        tree.as_object_mut().map(|table| table.shift_remove(key));
    }
    for items in tree.as_object_mut().into_iter().flat_map(Map::values_mut) {
        for item in items.as_array_mut().into_iter().flatten().filter_map(Json::as_object_mut) {
            item.shift_remove("evidence");
        }
    }
    whole_numbers(&mut tree);
    tree
}

/// Numbers that are whole in one form, however they were written.
fn whole_numbers(tree: &mut Json) {
    /// Beyond it a float does not tell each whole number.
    const EXACT: f64 = (1i64 << 53) as f64;
    match tree {
        Json::Number(n) if n.is_f64() => {
            let whole = n.as_f64().filter(|x| x.fract() == 0.0 && x.abs() < EXACT);
            if let Some(x) = whole {
                *tree = Json::from(x as i64);
            }
        }
        Json::Array(items) => items.iter_mut().for_each(whole_numbers),
        Json::Object(table) => table.values_mut().for_each(whole_numbers),
        _ => {}
    }
}

/// SHA-256 in hexadecimal digits.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

impl Model {
    /// A hash of what the model says of the system: the same for models that give the same results by the
    /// same plan, whichever format they were written in and whatever was left out for its default.
    ///
    /// It is SHA-256, in 64 hexadecimal digits, of the model as JSON: keys in the order of the schema, whole
    /// numbers without a point, without descriptions, evidence, published figures, scenarios and plan.
    /// The order of nodes, routes, destinations and whatever else is listed counts: draws may depend on it.
    ///
    /// ```
    /// use icsflow::{Distribution, Model, Node};
    ///
    /// let ward = |beds| Model::new("Ward").node(Node::beds("Ward", beds, Distribution::exponential("5d")));
    /// let written = Model::from_toml(&ward(22).to_toml())?;
    /// assert_eq!(written.content_hash(), ward(22).content_hash());
    /// assert_ne!(written.content_hash(), ward(23).content_hash());
    /// # Ok::<(), icsflow::Faults>(())
    /// ```
    pub fn content_hash(&self) -> String {
        sha256(content(self).to_string().as_bytes())
    }

    /// Where another model differs, in the order of this model, with what is new at the end of its table.
    /// Items of lists are matched by their names where they have some, routes by where they are from, else by position.
    /// Descriptions, evidence, published figures, scenarios and plans are passed over, as by [`content_hash`](Model::content_hash).
    pub fn diff(&self, other: &Model) -> Vec<Delta> {
        let mut deltas = Vec::new();
        compare("", Some(&content(self)), Some(&content(other)), &mut deltas);
        deltas
    }
}

impl Scenario {
    /// A hash of the scenario with the model that it changes: the same for scenarios whose changes are the
    /// same, one after the other, whatever their names. See [`Model::content_hash`].
    ///
    /// ```
    /// use icsflow::{Change, Distribution, Model, Node, Scenario};
    ///
    /// let model = Model::new("Ward").node(Node::beds("Ward", 22, Distribution::exponential("5d")));
    /// let more = |name, n| Scenario::new(name).change(Change::add("Ward.beds", n));
    /// assert_eq!(more("A", 2.0).content_hash(&model), more("B", 2.0).content_hash(&model));
    /// assert_ne!(more("A", 2.0).content_hash(&model), more("A", 3.0).content_hash(&model));
    /// assert_eq!(Scenario::new("As it is").content_hash(&model), model.content_hash());
    /// ```
    pub fn content_hash(&self, base: &Model) -> String {
        if self.changes.is_empty() {
            return base.content_hash();
        }
        let mut tree = content(base);
        tree["scenario"] = serde_json::to_value(&self.changes).unwrap_or_default();
        whole_numbers(&mut tree);
        sha256(tree.to_string().as_bytes())
    }

    /// Where what another scenario makes of a model differs from what this one makes of it: first what holds
    /// in the whole run, then what differs from a date on. A ramp is told at its beginning, with its end.
    ///
    /// ```
    /// use icsflow::{Change, Distribution, Model, Node, Scenario};
    ///
    /// let model = Model::new("Ward").node(Node::beds("Ward", 22, Distribution::exponential("5d")));
    /// let shorter = Scenario::new("Shorter").change(Change::set("Ward.stay.mean", "4d").at("2024-03-01"));
    /// let told = Scenario::new("As it is").diff(&shorter, &model)?;
    /// assert_eq!(
    ///     told[0].to_string(),
    ///     r#"from 2024-03-01, node["Ward"].stay.exponential.mean is "4d" instead of "5d""#
    /// );
    /// # Ok::<(), icsflow::Faults>(())
    /// ```
    ///
    /// # Errors
    /// Every fault of the model; else every fault of the changes.
    pub fn diff(&self, other: &Scenario, base: &Model) -> Result<Vec<Delta>, Faults> {
        let (one, two) = (self.of(base)?, other.of(base)?);
        let mut deltas = demand(&one, &two);
        let mut told = one.model.diff(&two.model);
        deltas.splice(0..0, told.iter().cloned());
        let steps = one.steps.iter().chain(&two.steps);
        let mut instants: Vec<Time> = steps.map(|step| step.from).collect();
        instants.sort_unstable();
        instants.dedup();
        for instant in instants {
            let (one, two) = (in_force(&one, instant), in_force(&two, instant));
            let now = one.diff(two);
            let at = base.start.after(instant);
            let news = now.iter().filter(|delta| !told.contains(delta)).cloned();
            let mut dated: Vec<Delta> = news.map(|delta| Delta { at, ..delta }).collect();
            // What differs no longer is told as well.
            let here = content(one);
            for gone in told.iter().filter(|known| !now.iter().any(|d| d.path == known.path)) {
                let value = find(&here, &gone.path);
                dated.push(Delta { at, before: value.clone(), after: value, ..gone.clone() });
            }
            deltas.extend(dated);
            told = now;
        }
        Ok(deltas)
    }
}

/// The model of a scenario from an instant on.
fn in_force(variant: &Variant, instant: Time) -> &Model {
    let step = variant.steps.iter().rev().find(|step| step.from <= instant);
    step.map_or(&variant.model, |step| &step.model)
}

/// Rates that change for some patients only, which no model tells.
fn demand(one: &Variant, two: &Variant) -> Vec<Delta> {
    let mut deltas = Vec::new();
    for (of, second) in [(one, false), (two, true)] {
        let others = if second { &one.demand } else { &two.demand };
        for changed in of.demand.iter().filter(|changed| !others.contains(changed)) {
            let name = &of.base.arrivals[changed.arrivals].name;
            let away = changed.to.as_ref().map_or(String::new(), |to| format!(", else to {to}"));
            let told = Json::from(format!("× {}{away}", changed.factor));
            let (before, after) = if second { (None, Some(told)) } else { (Some(told), None) };
            let at = (changed.span.0 > Time::MIN).then(|| of.base.start.after(changed.span.0));
            let path = format!("arrivals[{name:?}].rate where {}", changed.whom.0);
            deltas.push(Delta { path, at: at.flatten(), before, after });
        }
    }
    deltas
}

/// Tells where two trees differ.
fn compare(path: &str, one: Option<&Json>, two: Option<&Json>, deltas: &mut Vec<Delta>) {
    // As text: tables of the same in another order are equal to JSON, but not to draws.
    if one.map(Json::to_string) == two.map(Json::to_string) {
        return;
    }
    match (one, two) {
        (Some(Json::Object(one)), Some(Json::Object(two))) if alike(one, two) => {
            for key in union(one.keys(), two.keys()) {
                let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                compare(&path, one.get(key), two.get(key), deltas);
            }
            // The same destinations in another order are drawn otherwise.
            let common = |own: &Map<String, Json>, other: &Map<String, Json>| {
                own.keys().filter(|key| other.contains_key(*key)).cloned().collect::<Vec<_>>()
            };
            if common(one, two) != common(two, one) {
                let order =
                    |table: &Map<String, Json>| Some(Json::from_iter(table.keys().cloned()));
                let path = format!("{path} (order)");
                deltas.push(Delta { path, at: None, before: order(one), after: order(two) });
            }
        }
        (Some(Json::Array(one)), Some(Json::Array(two))) => match (labels(one), labels(two)) {
            (Some(first), Some(second)) => {
                for label in union(first.iter(), second.iter()) {
                    let of = |labels: &[String], items: &'_ [Json]| {
                        labels.iter().position(|known| known == label).map(|i| items[i].clone())
                    };
                    let (one, two) = (of(&first, one), of(&second, two));
                    compare(&format!("{path}[{label}]"), one.as_ref(), two.as_ref(), deltas);
                }
                let common = |own: &[String], other: &[String]| {
                    own.iter().filter(|l| other.contains(l)).cloned().collect::<Vec<_>>()
                };
                if common(&first, &second) != common(&second, &first) {
                    let path = format!("{path} (order)");
                    let (before, after) = (Some(first.into()), Some(second.into()));
                    deltas.push(Delta { path, at: None, before, after });
                }
            }
            _ if one.len() == two.len() && one.iter().any(Json::is_object) => {
                for (i, (one, two)) in one.iter().zip(two).enumerate() {
                    compare(&format!("{path}[{i}]"), Some(one), Some(two), deltas);
                }
            }
            _ => deltas.push(changed(path, Some(&one.clone().into()), Some(&two.clone().into()))),
        },
        // A section of which all is new, or gone: item by item.
        (None, Some(Json::Array(items))) if !path.contains(['.', '[']) => {
            compare(path, Some(&Json::Array(Vec::new())), Some(&items.clone().into()), deltas);
        }
        (Some(Json::Array(items)), None) if !path.contains(['.', '[']) => {
            compare(path, Some(&items.clone().into()), Some(&Json::Array(Vec::new())), deltas);
        }
        (one, two) => deltas.push(changed(path, one, two)),
    }
}

fn changed(path: &str, one: Option<&Json>, two: Option<&Json>) -> Delta {
    Delta { path: path.to_owned(), at: None, before: one.cloned(), after: two.cloned() }
}

/// Whether two tables are of one kind: a distribution of another family is another value.
fn alike(one: &Map<String, Json>, two: &Map<String, Json>) -> bool {
    one.len() != 1 || two.len() != 1 || one.keys().eq(two.keys())
}

/// All of the first, then what only the second has.
fn union<'t, T: PartialEq + 't>(
    one: impl Iterator<Item = &'t T> + Clone,
    two: impl Iterator<Item = &'t T>,
) -> Vec<&'t T> {
    let mut all: Vec<&T> = one.collect();
    for item in two {
        if !all.contains(&item) {
            all.push(item);
        }
    }
    all
}

/// What items of a list go by: their names, or where routes are from, and the how manieth of these; none if
/// they have neither.
fn labels(items: &[Json]) -> Option<Vec<String>> {
    let mut labels: Vec<String> = Vec::new();
    for item in items {
        let name = ["name", "from", "node"].iter().find_map(|key| item.get(key)?.as_str())?;
        let label = format!("{name:?}");
        let same = labels.iter().filter(|known| known.starts_with(&label)).count();
        labels.push(if same == 0 { label } else { format!("{label} {}", same + 1) });
    }
    Some(labels)
}

/// What stands at a place that was told.
fn find(tree: &Json, path: &str) -> Option<Json> {
    let mut found: Option<Json> = None;
    walk("", tree, &mut |here, value| {
        if here == path {
            found = Some(value.clone());
        }
    });
    found
}

/// Every place of a tree, with what stands there.
fn walk(path: &str, tree: &Json, tell: &mut dyn FnMut(&str, &Json)) {
    tell(path, tree);
    match tree {
        Json::Object(table) => {
            for (key, value) in table {
                let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                walk(&path, value, tell);
            }
        }
        Json::Array(items) => {
            let labels =
                labels(items).unwrap_or_else(|| (0..items.len()).map(|i| i.to_string()).collect());
            for (label, item) in labels.iter().zip(items) {
                walk(&format!("{path}[{label}]"), item, tell);
            }
        }
        _ => {}
    }
}
