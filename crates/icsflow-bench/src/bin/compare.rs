//! `compare [--rounds R] -- "COMMAND A" "COMMAND B" ...`: runs the commands in turn, A B C ...
//! A B C ..., R rounds of them, so that a change in the load of the machine meets all of them
//! alike. Each prints a line of JSON with `ns_per_event` or `ns_per_customer`. Ratios are formed
//! within a round; the median of the rounds is given, with the least and the greatest.
//!
//! A command is split at blanks. `{round}` in it becomes the number of the round, from 1: a seed.

use serde_json::Value;
use std::process::{Command, ExitCode, Stdio};

const USAGE: &str = "usage: compare [--rounds R] -- \"COMMAND A\" \"COMMAND B\" ...";
/// The names a cost can have, one of which all the lines must share.
const COSTS: [&str; 2] = ["ns_per_event", "ns_per_customer"];

fn main() -> ExitCode {
    match parse(std::env::args().skip(1)).and_then(|(rounds, commands)| compare(rounds, &commands))
    {
        Ok(text) => {
            print!("{text}");
            ExitCode::SUCCESS
        }
        Err(message) => {
            eprintln!("{message}\n{USAGE}");
            ExitCode::FAILURE
        }
    }
}

fn parse(mut arguments: impl Iterator<Item = String>) -> Result<(u32, Vec<String>), String> {
    let mut rounds = 5;
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--rounds" => {
                let value = arguments.next().ok_or("--rounds needs a value")?;
                rounds = value.parse().map_err(|error| format!("--rounds {value}: {error}"))?;
            }
            "--" => break,
            _ => return Err(format!("unknown option {argument}")),
        }
    }
    let commands: Vec<String> = arguments.collect();
    if commands.is_empty() || rounds == 0 {
        return Err("nothing to run".into());
    }
    Ok((rounds, commands))
}

/// What a program said of itself in one round.
struct Line {
    program: String,
    cost: f64,
    unit: &'static str,
}

fn compare(rounds: u32, commands: &[String]) -> Result<String, String> {
    let mut names = vec![String::new(); commands.len()];
    let mut costs = vec![Vec::new(); commands.len()];
    let mut unit = None;
    for round in 1..=rounds {
        for (which, command) in commands.iter().enumerate() {
            let line = run(&command.replace("{round}", &round.to_string()))?;
            if *unit.get_or_insert(line.unit) != line.unit {
                return Err(format!("{command}: another unit than the ones before it"));
            }
            eprintln!("round {round}: {} {:.2}", line.program, line.cost);
            names[which] = format!("{} {}", letter(which), line.program);
            costs[which].push(line.cost);
        }
    }
    Ok(table(unit.unwrap_or(COSTS[0]), &names, &costs))
}

fn letter(which: usize) -> char {
    (b'A'..=b'Z').nth(which % 26).map_or('?', char::from)
}

fn run(command: &str) -> Result<Line, String> {
    let mut words = command.split_whitespace();
    let program = words.next().ok_or("an empty command")?;
    let output = Command::new(program)
        .args(words)
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| format!("{command}: {error}"))?;
    if !output.status.success() {
        return Err(format!("{command}: {}", output.status));
    }
    let text = String::from_utf8_lossy(&output.stdout);
    read(&text).ok_or_else(|| format!("{command}: no line of JSON with {}", COSTS.join(" or ")))
}

/// The last line that is JSON with a cost: some programs say other things before it.
fn read(text: &str) -> Option<Line> {
    text.lines().rev().find_map(|line| {
        let value: Value = serde_json::from_str(line).ok()?;
        let (unit, cost) =
            COSTS.into_iter().find_map(|unit| Some((unit, value.get(unit)?.as_f64()?)))?;
        let program = value.get("program").and_then(Value::as_str);
        Some(Line { program: program.unwrap_or("?").into(), cost, unit })
    })
}

fn table(unit: &str, names: &[String], costs: &[Vec<f64>]) -> String {
    let mut text = format!("{unit}, median of {} rounds (least..greatest)\n", costs[0].len());
    for (name, costs) in names.iter().zip(costs) {
        text += &format!("  {name:<24} {}\n", spread(costs, 1));
    }
    if names.len() > 1 {
        text += "ratio within a round, median (least..greatest)\n";
    }
    for (first, second) in (0..names.len()).flat_map(|i| (i + 1..names.len()).map(move |j| (i, j)))
    {
        let ratios: Vec<f64> =
            costs[second].iter().zip(&costs[first]).map(|(above, below)| above / below).collect();
        let name = format!("{} / {}", names[second], names[first]);
        text += &format!("  {name:<24} {}\n", spread(&ratios, 3));
    }
    text
}

fn spread(values: &[f64], digits: usize) -> String {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let (least, greatest) = (sorted[0], sorted[sorted.len() - 1]);
    let median = (sorted[(sorted.len() - 1) / 2] + sorted[sorted.len() / 2]) / 2.0;
    format!("{median:.digits$} ({least:.digits$}..{greatest:.digits$})")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_last_line_with_a_cost() {
        let line = read("warming up\n{\"program\": \"a\", \"ns_per_event\": 30.5}\n").unwrap();
        assert_eq!((line.program.as_str(), line.cost), ("a", 30.5));
        assert_eq!(line.unit, "ns_per_event");
        assert!(read("{\"program\": \"a\"}").is_none());
    }

    #[test]
    fn ratios_are_formed_within_a_round() {
        let names = ["A x".to_string(), "B y".to_string()];
        let text = table(COSTS[0], &names, &[vec![1.0, 2.0, 4.0], vec![3.0, 6.0, 8.0]]);
        assert!(text.contains("B y / A x"), "{text}");
        assert!(text.contains("3.000 (2.000..3.000)"), "{text}");
        assert!(text.contains("6.0 (3.0..8.0)"), "{text}");
    }

    #[test]
    fn parses_its_arguments() {
        let words = ["--rounds", "7", "--", "a b", "c"].map(String::from);
        let (rounds, commands) = parse(words.into_iter()).unwrap();
        assert_eq!((rounds, commands.len()), (7, 2));
        assert!(parse(["--what".to_string()].into_iter()).is_err());
    }
}
