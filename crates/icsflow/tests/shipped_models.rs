//! The models that come with the library: they are without fault, they run, and every number in them
//! says where it comes from.

use icsflow::{Experiment, Model, time::days};
use serde_json::Value;

/// Whether a value holds a number anywhere; text such as `"4h"` is one.
fn numeric(value: &Value) -> bool {
    match value {
        Value::Number(_) => true,
        Value::String(text) => text.starts_with(|c: char| c.is_ascii_digit()),
        Value::Array(items) => items.iter().any(numeric),
        Value::Object(table) => table.values().any(numeric),
        Value::Null | Value::Bool(_) => false,
    }
}

/// Whether a text can be evidence: a source with a year in it, or an assumption with its reason.
fn grounded(text: &str) -> bool {
    let year = |word: &str| word.len() == 4 && (word.starts_with("19") || word.starts_with("20"));
    let assumed = text.split("assumed: ").nth(1).is_some_and(|reason| reason.len() > 20);
    assumed || text.split(|c: char| !c.is_ascii_digit()).any(year)
}

/// Keys of a noun that are no parameters.
const OWN: [&str; 2] = ["name", "evidence"];

/// What is wrong with the evidence of one noun.
fn faults_of(noun: &Value, at: &str, passed_over: &[&str]) -> Vec<String> {
    let empty = Value::Null;
    let evidence = noun.get("evidence").unwrap_or(&empty);
    let keys = noun.as_object().into_iter().flatten();
    let mut faults: Vec<String> = keys
        .filter(|(key, _)| !OWN.contains(&key.as_str()) && !passed_over.contains(&key.as_str()))
        .filter(|(_, value)| numeric(value))
        .filter(|(key, _)| evidence.get(key).is_none())
        .map(|(key, _)| format!("{at}: {key} has no evidence"))
        .collect();
    for (key, text) in evidence.as_object().into_iter().flatten() {
        if noun.get(key).is_none() {
            faults.push(format!("{at}: evidence for {key}, which is not there"));
        }
        if !text.as_str().is_some_and(grounded) {
            faults.push(format!("{at}: {key} names neither a source with its year nor a reason"));
        }
    }
    faults
}

const NOUNS: [&str; 7] = ["group", "cohort", "arrivals", "node", "route", "census", "clock"];

/// What is wrong with the evidence of a model.
fn faults(model: &Value) -> Vec<String> {
    let mut faults =
        faults_of(model, "model", &[&NOUNS[..], &["description", "published"]].concat());
    for kind in NOUNS {
        for (i, noun) in model[kind].as_array().into_iter().flatten().enumerate() {
            let name = noun.get("name").or(noun.get("from")).or(noun.get("node"));
            let name = name.and_then(Value::as_str).unwrap_or("");
            faults.extend(faults_of(noun, &format!("{kind}[{i}] {name:?}"), &[]));
        }
    }
    for (i, figure) in model["published"].as_array().into_iter().flatten().enumerate() {
        if !figure["source"].as_str().is_some_and(grounded) {
            faults.push(format!("published[{i}]: names no source with its year"));
        }
    }
    faults
}

fn shipped() -> Vec<(&'static str, Value)> {
    Model::shipped()
        .map(|name| {
            let model = Model::open(name).unwrap_or_else(|faults| panic!("{name}: {faults}"));
            (name, serde_json::to_value(model).expect("a model is JSON"))
        })
        .collect()
}

#[test]
fn every_number_has_evidence() {
    assert!(!shipped().is_empty());
    for (name, model) in shipped() {
        assert_eq!(faults(&model), Vec::<String>::new(), "{name}");
    }
}

/// The test above can fail: it finds each single piece of evidence that is taken away, or emptied.
#[test]
fn evidence_that_is_missing_is_found() {
    let mut tried = 0;
    for (_, model) in shipped() {
        for kind in NOUNS {
            for i in 0..model[kind].as_array().map_or(0, Vec::len) {
                let noun = &model[kind][i];
                let keys = noun.get("evidence").and_then(Value::as_object);
                for key in keys.into_iter().flatten().map(|(key, _)| key) {
                    let mut edited = model.clone();
                    edited[kind][i]["evidence"][key] = "it is so".into();
                    assert_eq!(faults(&edited).len(), 1, "{kind}[{i}] {key}");
                    if numeric(&noun[key]) {
                        let evidence = edited[kind][i]["evidence"].as_object_mut();
                        evidence.and_then(|evidence| evidence.remove(key)).expect("it is there");
                        assert_eq!(faults(&edited).len(), 1, "{kind}[{i}] {key}");
                    }
                    tried += 1;
                }
            }
        }
        let mut edited = model.clone();
        edited["evidence"] = serde_json::json!({});
        assert!(faults(&edited).len() >= 2);
    }
    assert!(tried > 100, "{tried}");
}

#[test]
fn west_yorkshire_adds_up() {
    let model = Model::open("west-yorkshire").expect("it is without fault");
    let rate = |cohorts: fn(&str) -> bool| -> f64 {
        let streams = model.arrivals.iter().filter(|stream| cohorts(&stream.name));
        streams.filter_map(|stream| stream.rate).sum()
    };
    let near = |value: f64, published: f64| (value - published).abs() < 0.001 * published;
    let a_and_e = rate(|name| name.starts_with("A&E"));
    assert!(near(a_and_e, 1_017_841.0 / 365.0), "{a_and_e}");
    let through: f64 = model
        .arrivals
        .iter()
        .filter_map(|stream| {
            let shares = serde_json::to_value(stream.cohort.as_ref()?).ok()?;
            let of = |name: &str| shares.get(name).and_then(Value::as_f64).unwrap_or(0.0);
            Some(stream.rate? * (of("emergency, overnight") + of("emergency, same day")))
        })
        .sum();
    let emergency = through + rate(|name| name.starts_with("Direct"));
    assert!(near(emergency, 237_689.0 / 365.0), "{emergency}");
    assert!(model.published.len() >= 12);
}

#[test]
fn west_yorkshire_runs() {
    let model = Model::open("West-Yorkshire").expect("it is without fault");
    let results = Experiment::new(&model)
        .replications(2)
        .warm_up(days(0.0))
        .until(days(14.0))
        .run()
        .expect("it runs");
    for figure in &model.published {
        let scope = figure.scope.as_deref().unwrap_or(&model.name);
        let values = results.values(&figure.metric, scope);
        assert!(
            values.is_some_and(|values| values.iter().all(|v| v.is_finite())),
            "{}",
            figure.name
        );
    }
}
