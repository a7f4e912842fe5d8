//! What a change makes of a value in the tree of a model.

use serde_json::{Map, Value as Json};

use super::change::{Change, Setting};
use super::path::family;
use crate::math;
use crate::time::{Quantity, TimeUnit};

/// Parameters of distributions that are lengths or amounts: they grow with the whole.
const SCALES: [&str; 12] = [
    "mean", "sd", "median", "p95", "scale", "low", "high", "mode", "value", "values", "means",
    "from",
];
/// Parameters that fall as the whole grows.
const RATES: [&str; 2] = ["rate", "rates"];
/// Parameters that say how the whole is shaped.
const SHAPES: [&str; 8] =
    ["shape", "sigma", "probs", "continue_probs", "weight", "method", "p", "quantiles"];

/// Changes a value; the error is what would be right there.
pub(super) fn edit(value: &mut Json, change: &Change, unit: TimeUnit) -> Result<(), String> {
    if let Some(Setting(new)) = &change.set {
        *value = new.clone();
        return Ok(());
    }
    if let Some(more) = change.add {
        return each_number(value, unit, &|now| now + more.micros(unit) / unit.micros() as f64);
    }
    if let Some(factor) = change.multiply {
        return scale(value, factor, unit);
    }
    Ok(())
}

/// Changes a number, the number of a length of time, or every number of a capacity or a list.
fn each_number(value: &mut Json, unit: TimeUnit, to: &dyn Fn(f64) -> f64) -> Result<(), String> {
    match value {
        // What counts in whole numbers goes on doing so.
        Json::Number(n) if n.is_i64() || n.is_u64() => {
            *value = Json::from(to(n.as_f64().unwrap_or(f64::NAN)).round() as i64);
        }
        Json::Number(n) => *value = Json::from(to(n.as_f64().unwrap_or(f64::NAN))),
        Json::String(text) => {
            let Some(length) = Quantity::parse(text) else {
                return Err("a number to change; set gives another value".into());
            };
            let own = length.unit.unwrap_or(unit);
            let scale = own.micros() as f64 / unit.micros() as f64;
            let amount = to(length.amount * scale) / scale;
            *text = Quantity { amount, ..length }.to_string();
        }
        Json::Array(items) => {
            for item in items {
                each_number(item, unit, to)?;
            }
        }
        Json::Object(table) if is_capacity(table) => {
            for (key, item) in table {
                match key.as_str() {
                    "places" => each_number(item, unit, to)?,
                    "weekly" | "steps" => {
                        for shift in item.as_array_mut().into_iter().flatten() {
                            if let Some(places) = shift.get_mut("places") {
                                each_number(places, unit, to)?;
                            }
                        }
                    }
                    "cycle" => {
                        let steps = item.get_mut("steps").and_then(Json::as_array_mut);
                        for step in steps.into_iter().flatten() {
                            if let Some(places) = step.get_mut("places") {
                                each_number(places, unit, to)?;
                            }
                        }
                    }
                    _ => {}
                }
            }
        }
        _ => return Err("a number to change, such as one figure of a distribution".into()),
    }
    Ok(())
}

fn is_capacity(table: &Map<String, Json>) -> bool {
    table.get("places").is_some_and(Json::is_number)
}

/// Multiplies a number, or scales a distribution or each of its cases.
fn scale(value: &mut Json, factor: f64, unit: TimeUnit) -> Result<(), String> {
    if let Some(name) = family(value).map(str::to_owned) {
        return match &mut value[&name] {
            Json::Object(parameters) => scale_family(&name, parameters, factor, unit),
            _ => Ok(()),
        };
    }
    if let Json::Array(items) = value
        && items.iter().any(Json::is_object)
    {
        return items.iter_mut().try_for_each(|item| scale(item, factor, unit));
    }
    each_number(value, unit, &|now| now * factor)
}

fn scale_family(
    family: &str,
    parameters: &mut Map<String, Json>,
    factor: f64,
    unit: TimeUnit,
) -> Result<(), String> {
    let whole = ["poisson", "geometric", "daily_hazard"];
    if whole.contains(&family) {
        let expected = format!(
            "a distribution that can be scaled; {family} has steps of its own: change its figures"
        );
        return Err(expected);
    }
    for (key, value) in parameters {
        let times = |value: &mut Json, factor: f64| each_real(value, unit, &|now| now * factor);
        match key.as_str() {
            "of" => scale(value, factor, unit)?,
            "mu" => each_real(value, unit, &|now| now + math::ln(factor))?,
            "quantiles" => {
                for point in value.as_array_mut().into_iter().flatten() {
                    if let Some(length) = point.get_mut(1) {
                        times(length, factor)?;
                    }
                }
            }
            key if RATES.contains(&key) => times(value, 1.0 / factor)?,
            key if SCALES.contains(&key) => times(value, factor)?,
            key if SHAPES.contains(&key) => {}
            // A word such as `number` before the family itself.
            _ if value.is_object() => scale(value, factor, unit)?,
            key => return Err(format!("a distribution that can be scaled: {key} is not known")),
        }
    }
    Ok(())
}

/// As [`each_number`], where whole numbers need not stay whole.
fn each_real(value: &mut Json, unit: TimeUnit, to: &dyn Fn(f64) -> f64) -> Result<(), String> {
    match value {
        Json::Number(n) => {
            *value = Json::from(to(n.as_f64().unwrap_or(f64::NAN)));
            Ok(())
        }
        Json::Array(items) => items.iter_mut().try_for_each(|item| each_real(item, unit, to)),
        _ => each_number(value, unit, to),
    }
}
