//! Broken models and the words about them.
//!
//! Each file of `tests/broken` says in its first lines what must be found, a line a fault:
//! `#! path | line | found | expected | nearest`, where found and expected are parts of what is said.

use std::panic::catch_unwind;
use std::path::PathBuf;

use icsflow::network::network::Network;
use icsflow::{Fault, Faults, Model};

use crate::generate::{Dice, made};

struct Broken {
    name: String,
    text: String,
    expected: Vec<[String; 5]>,
}

fn broken() -> Vec<Broken> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/broken");
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    let read = |path: PathBuf| {
        let text = std::fs::read_to_string(&path).unwrap();
        let expected = text.lines().filter_map(|line| line.strip_prefix("#! "));
        let expected = expected.map(|line| {
            // Where the words themselves have a bar (`mean | rate`), the line has a broken one.
            let parts: Vec<String> =
                line.split(" | ").map(|part| part.replace(" ¦ ", " | ").trim().into()).collect();
            parts.try_into().unwrap_or_else(|_| panic!("{}: {line}", path.display()))
        });
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        Broken { name, expected: expected.collect(), text }
    };
    files.into_iter().map(read).collect()
}

fn faults(result: Result<Model, Faults>) -> Vec<Fault> {
    result.err().map_or(Vec::new(), |faults| faults.0)
}

fn answers(fault: &Fault, [path, _, found, expected, nearest]: &[String; 5]) -> bool {
    fault.path == *path
        && fault.found.contains(found.as_str())
        && fault.expected.contains(expected.as_str())
        && fault.nearest.as_deref().unwrap_or("") == nearest
}

#[test]
fn every_fault_is_found_at_once_with_its_place() {
    let all = broken();
    for Broken { name, text, expected } in &all {
        assert!(!expected.is_empty(), "{name} says nothing of its faults");
        let found = faults(Model::from_toml(text));
        let said: String = found.iter().map(|fault| format!("  {fault}\n")).collect();
        assert_eq!(found.len(), expected.len(), "{name}:\n{said}");
        for (fault, expected) in found.iter().zip(expected) {
            let line = fault.line.map_or(String::new(), |line| line.to_string());
            assert!(
                answers(fault, expected) && line == expected[1],
                "{name}: {fault}\nnot {expected:?}"
            );
        }
    }
    assert!(all.len() >= 30, "{} models", all.len());
    let section = |path: &str| path.split(['[', '.']).next().unwrap_or("").to_owned();
    let wide = all.iter().filter(|broken| {
        let mut sections: Vec<_> = broken.expected.iter().map(|fault| section(&fault[0])).collect();
        sections.sort();
        sections.dedup();
        broken.expected.len() >= 6 && sections.len() >= 3
    });
    assert!(wide.count() >= 8, "models with six or more faults in three or more sections");
}

#[test]
fn json_is_told_the_same_without_lines() {
    let mut told = 0;
    for Broken { name, text, expected } in broken() {
        // What is no TOML, or holds numbers that JSON has not, has no twin.
        let Ok(table) = text.parse::<toml::Table>() else { continue };
        let Some(json) = json(toml::Value::Table(table)) else { continue };
        let found = faults(Model::from_json(&json.to_string()));
        let said: String = found.iter().map(|fault| format!("  {fault}\n")).collect();
        assert_eq!(found.len(), expected.len(), "{name}:\n{said}");
        for expected in &expected {
            let found = found.iter().any(|fault| answers(fault, expected) && fault.line.is_none());
            assert!(found, "{name}: nothing like {expected:?} in\n{said}");
            told += 1;
        }
    }
    assert!(told > 150, "{told}");
    for text in ["", "{", "[]", "{\"name\": 1}", "{\"node\": [}"] {
        assert!(!faults(Model::from_json(text)).is_empty(), "{text}");
    }
}

fn json(value: toml::Value) -> Option<serde_json::Value> {
    use toml::Value as T;
    Some(match value {
        T::String(text) => text.into(),
        T::Integer(whole) => whole.into(),
        T::Float(x) => serde_json::Value::Number(serde_json::Number::from_f64(x)?),
        T::Boolean(flag) => flag.into(),
        T::Datetime(when) => when.to_string().into(),
        T::Array(items) => items.into_iter().map(json).collect::<Option<Vec<_>>>()?.into(),
        T::Table(table) => {
            let entries = table.into_iter().map(|(key, value)| Some((key, json(value)?)));
            serde_json::Value::Object(entries.collect::<Option<_>>()?)
        }
    })
}

/// The good models that the mutilated ones are made of.
fn good() -> Vec<Model> {
    let shipped = Model::shipped().map(|name| Model::open(name).unwrap());
    let mut models: Vec<Model> = shipped.collect();
    models.extend((0..40).map(|seed| made(seed).model));
    models.extend((0..4).map(|_| crate::vocabulary::model()));
    models
}

/// Reads a text; an answer that is neither a model nor faults ends the test.
fn read(text: &str, how: fn(&str) -> Result<Model, Faults>) -> Option<Model> {
    match catch_unwind(|| how(text)) {
        Ok(Ok(model)) => Some(model),
        Ok(Err(faults)) => {
            assert!(!faults.0.is_empty());
            for fault in &faults.0 {
                let said = [&fault.path, &fault.found, &fault.expected];
                assert!(said.iter().all(|part| !part.is_empty()), "{fault:?}");
            }
            None
        }
        Err(_) => panic!("the reader panicked at\n{text}"),
    }
}

#[test]
fn a_mutilated_text_is_a_model_or_has_faults() {
    let mut dice = Dice(20_260_105);
    let (mut models, mut broken) = (0, 0);
    for model in good() {
        for (text, how) in [
            (model.to_toml(), Model::from_toml as fn(&str) -> _),
            (model.to_json(), Model::from_json as fn(&str) -> _),
        ] {
            if text.len() > 20_000 {
                continue;
            }
            for _ in 0..60 {
                let mut letters: Vec<char> = text.chars().collect();
                for _ in 0..=dice.below(3) {
                    let at = dice.below(letters.len());
                    match dice.below(5) {
                        0 => drop(letters.remove(at)),
                        1 => letters.insert(at, letters[at]),
                        2 => letters[at] = ['"', '[', '}', '=', '9', 'é', '\n', '-'][dice.below(8)],
                        3 => {
                            let other = dice.below(letters.len());
                            letters.swap(at, other);
                        }
                        _ => {
                            let end = (at + dice.below(40)).min(letters.len());
                            letters.drain(at..end);
                        }
                    }
                }
                let text: String = letters.into_iter().collect();
                if read(&text, how).is_some() { models += 1 } else { broken += 1 }
            }
        }
    }
    assert!(models > 200 && broken > 1000, "{models} {broken}");
}

/// Replaces one value somewhere in the tree by something unlikely.
fn replace(value: &mut serde_json::Value, dice: &mut Dice) {
    use serde_json::{Value as J, json};
    let inner = match value {
        J::Array(items) if !items.is_empty() && dice.below(6) > 0 => {
            let at = dice.below(items.len());
            Some(&mut items[at])
        }
        J::Object(table) if !table.is_empty() && dice.below(12) > 0 => {
            let at = dice.below(table.len());
            table.values_mut().nth(at)
        }
        _ => None,
    };
    match inner {
        Some(inner) => replace(inner, dice),
        None => {
            let others = [
                J::Null,
                json!(-1),
                json!(0),
                json!(1),
                json!(0.5),
                json!(1e300),
                json!(-1e-300),
                json!(u64::MAX),
                json!(i64::MIN),
                json!(""),
                json!("x"),
                json!("rest"),
                json!("0d"),
                json!("1e300 y"),
                json!("24:00"),
                json!("9999-12-31"),
                json!("age > 1"),
                json!([]),
                json!({}),
                json!([1, 2]),
                json!(true),
                json!({"exponential": {"mean": 1}}),
            ];
            *value = others[dice.below(others.len())].clone();
        }
    }
}

#[test]
fn unlikely_values_make_a_model_or_faults() {
    let mut dice = Dice(1948);
    let (mut models, mut broken) = (0, 0);
    for model in good() {
        let tree = serde_json::to_value(&model).unwrap();
        for _ in 0..80 {
            let mut tree = tree.clone();
            for _ in 0..=dice.below(3) {
                replace(&mut tree, &mut dice);
            }
            let text = tree.to_string();
            let Some(model) = read(&text, Model::from_json) else {
                broken += 1;
                continue;
            };
            models += 1;
            // What is said to be sound must also compile; tables of inverses make this slow.
            if models % 8 == 0 && catch_unwind(|| Network::new(&model)).is_err() {
                panic!("the compiler panicked at\n{text}");
            }
        }
    }
    assert!(models > 100 && broken > 1000, "{models} {broken}");
}
