//! Checkpoints: a run that stops at an instant and goes on, and the several ways in which it may.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::Command;

use icsflow::time::{HOUR, days, hours};
use icsflow::{
    Arrivals, Capacity, Change, Checkpoint, Distribution, Edit, Error, Experiment, Model, Node,
    RampShape, Results, Route, Scenario,
};

use crate::generate::{Dice, WORDS, made};
use crate::hand::{arrivals, everyone_to, fixed, model};
use crate::same_bits::{BY_THE_HOUR, Ran, outcome, ran, recorded, same_tables, tables};
use crate::tables::{bits, same};

/// An instant within a run, in hours after the start: any, a full hour, or a midnight.
fn instant(ran: &Ran, dice: &mut Dice) -> String {
    let (unit, plan) = (ran.model.time_unit, ran.results.plan());
    let hours = |time: i64| time as f64 / HOUR as f64;
    let (low, high) = (-hours(plan.warm_up(unit)), hours(ran.results.until()));
    let any = dice.between(low, high);
    let at = match dice.below(3) {
        0 => any,
        1 => any.floor(),
        _ => (any / 24.0).floor() * 24.0,
    };
    let at = if low < at && at < high { at } else { (low + high) / 2.0 };
    format!("{at}h")
}

/// As another process would find it.
fn kept(checkpoint: &Checkpoint) -> Checkpoint {
    Checkpoint::from_bytes(&checkpoint.to_bytes()).unwrap()
}

#[test]
fn a_run_in_two_parts_has_the_bits_of_a_whole_one() {
    let mut visits = 0;
    for (number, ran) in ran().iter().enumerate().filter(|(number, _)| number % 3 != 2).take(200) {
        let mut dice = Dice(ran.seed + 77_000_000);
        let run = recorded(&ran.model);
        let run = if number % 2 == 0 { run.threads(2) } else { run };
        let at = instant(ran, &mut dice);
        let first = if number % 5 == 0 { run.clone().oracle() } else { run.clone() };
        let checkpoint = kept(&first.checkpoint(at.as_str()).unwrap());
        let whole = Ok(tables(&ran.results));
        let rest = if number % 7 == 0 { run.oracle() } else { run };
        same_tables(ran.seed, &whole, &outcome(&rest.start_from(&checkpoint)));
        visits += ran.results.stays().rows();
    }
    assert!(visits > 50_000, "{visits}");
}

#[test]
fn results_are_kept_with_every_bit() {
    let kept = |results: &Results| Results::from_bytes(&results.to_bytes()).unwrap();
    for ran in ran().iter().step_by(3).take(150) {
        let again = kept(&ran.results);
        same_tables(ran.seed, &Ok(tables(&ran.results)), &Ok(tables(&again)));
        assert_eq!(again.warnings(), ran.results.warnings());
    }
    // With a scenario, of the network that it makes; what is told of it as well.
    let (model, mut told) = (ward(), 0);
    let changes = [
        Change::add("Ward.beds", 3.0),
        Change::multiply("Ward.stay.mean", 0.5).at("40d"),
        Change::add("Ward.beds", 3.0).at("2y"),
    ];
    for (number, change) in changes.into_iter().enumerate() {
        let scenario = Scenario::new("More").change(change);
        let results = of_ward(&model).scenario(scenario).run().unwrap();
        let again = kept(&results);
        same_tables(number as u64, &Ok(tables(&results)), &Ok(tables(&again)));
        assert_eq!(again.to_bytes(), results.to_bytes());
        assert_eq!(again.warnings(), results.warnings());
        told += results.warnings().len();
    }
    assert_eq!(told, 1);
    let bytes = of_ward(&model).run().unwrap().to_bytes();
    let checkpoint = of_ward(&model).checkpoint("50d").unwrap().to_bytes();
    for broken in [&bytes[..bytes.len() - 1], &bytes[1..], &checkpoint, &[]] {
        assert_eq!(refused(Results::from_bytes(broken)), "results: holds no whole results");
    }
}

/// The name of the folder in which a process finds where another one left off.
const LEFT_OFF: &str = "ICSFLOW_LEFT_OFF";

#[test]
fn a_run_that_another_process_ends_has_the_bits_of_a_whole_one() {
    let folder = std::env::temp_dir().join(format!("icsflow-left-off-{}", std::process::id()));
    let mut words = BTreeSet::new();
    let (mut compared, mut visits) = (0, 0);
    let numbered = ran().iter().enumerate();
    for ran in numbered.filter(|(at, _)| at % 5 > 2).map(|(_, ran)| ran).take(200) {
        let mut dice = Dice(ran.seed + 66_000_000);
        let at = instant(ran, &mut dice);
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("model.toml"), ran.model.to_toml()).unwrap();
        let checkpoint = recorded(&ran.model).checkpoint(at.as_str()).unwrap();
        checkpoint.write(folder.join("checkpoint")).unwrap();
        // It has nothing of this process but the two files.
        let ended = Command::new(std::env::current_exe().unwrap())
            .args(["checkpoint::ends_what_another_process_began", "--exact", "--ignored"])
            .env(LEFT_OFF, &folder)
            .current_dir(&folder)
            .output()
            .unwrap();
        assert!(ended.status.success(), "model {}: {ended:?}", ran.seed);
        let told = std::fs::read_to_string(folder.join("tables")).unwrap();
        let whole = tables(&ran.results);
        let whole: Vec<String> = whole.iter().flat_map(bits).collect();
        assert_eq!(told.lines().count(), whole.len());
        for (told, whole) in told.lines().zip(&whole) {
            assert!(told == whole, "model {}, from {at}:\n{told}\n{whole}", ran.seed);
        }
        let seed = ran.seed % BY_THE_HOUR;
        words.extend(made(seed).words);
        (compared, visits) = (compared + 1, visits + ran.results.stays().rows());
    }
    std::fs::remove_dir_all(&folder).unwrap();
    println!("{compared} models, {visits} visits, {} of {} words", words.len(), WORDS.len());
    assert!(compared >= 100 && visits > 50_000, "{compared} models, {visits} visits");
    assert_eq!(words.len(), WORDS.len());
}

/// The other process: with another number of threads, and every second time on the calendar of tests.
#[test]
#[ignore = "a part of the test before, which starts it in a process of its own"]
fn ends_what_another_process_began() {
    let folder = PathBuf::from(std::env::var_os(LEFT_OFF).expect("the folder of the test before"));
    let model = std::fs::read_to_string(folder.join("model.toml")).unwrap();
    let model = Model::from_toml(&model).unwrap();
    let checkpoint = Checkpoint::read(folder.join("checkpoint")).unwrap();
    let run = recorded(&model).threads(2).start_from(&checkpoint);
    let run = if model.run.as_ref().unwrap().seed.is_multiple_of(2) { run.oracle() } else { run };
    let lines: Vec<String> = tables(&run.run().unwrap()).iter().flat_map(bits).collect();
    std::fs::write(folder.join("tables"), lines.join("\n")).unwrap();
}

/// Changes from an instant on of whatever a model has.
fn changes_from(model: &Model, from: f64, dice: &mut Dice) -> Vec<Change> {
    let mut changes = Vec::new();
    for number in 0..1 + dice.below(4) {
        let node = &model.nodes[dice.below(model.nodes.len())];
        let arrivals = &model.arrivals[dice.below(model.arrivals.len())];
        let path = |section: &str, name: &str, key: &str| {
            format!("{section}[{}].{key}", serde_json::json!(name))
        };
        let of_node = |key: &str| path("node", &node.name, key);
        let routes = model.routes.iter().filter(|route| route.from == node.name);
        let routes = routes.filter(|route| route.choose.is_none());
        let to: Vec<&str> = routes.flat_map(|route| route.to.names()).collect();
        let factor = 0.25 + dice.between(0.0, 2.0);
        let team = node.caseload.keys().next();
        let change = match dice.below(6) {
            0 | 1 if node.beds.is_some() => Change::multiply(of_node("beds"), factor),
            0 | 1 if node.visits.is_some() => Change::multiply(of_node("visits.per_day"), factor),
            0 | 1 if team.is_some() => {
                Change::multiply(of_node(&format!("caseload.{}.units", team.unwrap())), factor)
            }
            2 => Change::multiply(of_node("stay"), factor),
            3 if !to.is_empty() => {
                let share = dice.between(0.0, 1.0);
                Change::multiply(of_node(&format!("route.{}", to[dice.below(to.len())])), share)
            }
            4 if arrivals.rate.is_some() && arrivals.batch.is_none() => {
                Change::multiply(path("arrivals", &arrivals.name, "rate"), factor).only("true")
            }
            _ if arrivals.rate.is_some() => {
                Change::multiply(path("arrivals", &arrivals.name, "rate"), factor)
            }
            _ => continue,
        };
        // The first begins at the very instant.
        let later = if number == 0 { 0.0 } else { dice.between(0.0, 100.0) };
        let change = change.at(format!("{}h", from + later).as_str());
        changes.push(match dice.below(3) {
            0 => change,
            1 if dice.below(2) == 0 => change.ramp("30h"),
            1 if dice.below(2) == 0 => change.ramp("30h").shape(RampShape::SCurve),
            1 => change.ramp("30h").shape(RampShape::Steps(3)),
            _ => change.until(format!("{}h", from + later + 50.0).as_str()),
        });
    }
    changes
}

#[test]
fn a_branch_has_the_bits_of_its_scenario_from_the_beginning() {
    let (mut branched, mut refused, mut moved) = (0, 0, 0);
    for ran in ran().iter().filter(|ran| !ran.model.arrivals.is_empty()).step_by(2) {
        let mut dice = Dice(ran.seed + 88_000_000);
        let end = ran.results.until() as f64 / HOUR as f64;
        let hour = 1.0 + (dice.between(0.0, 0.8) * end).floor();
        let at = if dice.below(3) == 0 { hour } else { (hour / 24.0).ceil() * 24.0 };
        let mut scenario = Scenario::new("What if");
        scenario.changes = changes_from(&ran.model, at, &mut dice);
        let run = recorded(&ran.model).replications(1);
        let with = run.clone().scenario(scenario.clone());
        // What a share of the rest cannot be multiplied by, or a listed stay, is refused in words.
        let Ok(whole) = with.run() else { continue };
        if scenario.changes.is_empty() {
            continue;
        }
        let checkpoint = kept(&run.checkpoint(format!("{at}h").as_str()).unwrap());
        match with.start_from(&checkpoint).run() {
            Ok(branch) => same_tables(ran.seed, &Ok(tables(&whole)), &Ok(tables(&branch))),
            Err(Error::Faults(faults)) => {
                // Nothing but what the reason says: given values, a day of visits, a circle.
                let found = &faults.0[0].found;
                let known = ["count from the beginning", "at midnight", "in a circle"];
                assert!(known.iter().any(|part| found.contains(part)), "{}: {found}", ran.seed);
                refused += 1;
                continue;
            }
            Err(error) => panic!("model {}: {error}", ran.seed),
        }
        branched += 1;
        let base = run.run().unwrap();
        moved += usize::from(!tables(&base).iter().zip(tables(&whole)).all(|(a, b)| same(a, &b)));
        // A change of the same that begins before the checkpoint is refused, and the path tells which.
        let early = Change {
            at: Some(format!("{}h", at - 1.0).as_str().into()),
            ..scenario.changes[0].clone()
        };
        let early = Scenario::new("Early").change(scenario.changes[0].clone()).change(early);
        let Err(Error::Faults(faults)) = run.scenario(early).start_from(&checkpoint).run() else {
            panic!("model {}", ran.seed)
        };
        assert_eq!(faults.0[0].path, "scenario[\"Early\"].change[1].at");
    }
    println!("{branched} branched, {refused} refused; {moved} differ from the base");
    assert!(branched > 60 && refused * 10 < branched, "{branched} branched, {refused} refused");
    assert!(moved * 2 > branched, "{moved} of {branched} differ from the base");
}

fn ward() -> Model {
    Model::new("Ward").arrivals(Arrivals::poisson("Patients", "Ward", 2.0)).node(Node::beds(
        "Ward",
        12,
        Distribution::exponential("5d"),
    ))
}

fn of_ward(model: &Model) -> Experiment<'_> {
    Experiment::new(model).replications(2).warm_up(days(50.0)).until(days(100.0)).threads(1)
}

#[test]
fn a_run_may_go_on_longer_and_a_checkpoint_be_of_a_checkpoint() {
    let model = ward();
    let run = of_ward(&model);
    let early = run.checkpoint("-20d").unwrap();
    assert_eq!((early.replications(), early.time()), (2, -days(20.0)));
    let late = kept(&run.clone().start_from(&early).checkpoint("2024-03-01").unwrap());
    assert_eq!(late.time(), days(60.0));
    assert_eq!(late, run.checkpoint("2024-03-01").unwrap());
    let longer = run.until(days(300.0));
    same_tables(0, &outcome(&longer), &outcome(&longer.clone().start_from(&late)));
    // Also that of a scenario goes on, with the same scenario.
    let more = Scenario::new("More").change(Change::add("Ward.beds", 2.0));
    let with = longer.scenario(more);
    let kept = with.checkpoint("10d").unwrap();
    same_tables(0, &outcome(&with), &outcome(&with.clone().start_from(&kept)));
}

/// The words of the error.
#[track_caller]
fn refused<T: std::fmt::Debug>(result: Result<T, Error>) -> String {
    let words = result.expect_err("should be refused").to_string();
    words.lines().last().unwrap_or_default().trim().to_owned()
}

#[test]
fn what_would_not_go_on_to_the_same_bits_is_refused_in_words() {
    let model = ward();
    let run = of_ward(&model);
    for (at, found) in
        [("-50d", "-50d"), ("-51d", "-51d"), ("100d", "100d"), ("2025-01-01", "2025-01-01")]
    {
        let expected = "an instant within the run, after -50 and before 100 days";
        assert_eq!(refused(run.checkpoint(at)), format!("at: found {found}; expected {expected}"));
    }
    assert!(refused(run.checkpoint("soon")).starts_with("at: found"));
    let checkpoint = run.checkpoint("30d").unwrap();
    let from = |run: Experiment<'_>| refused(run.start_from(&checkpoint).run());
    let mut other = ward();
    other.nodes[0].beds = Some(Capacity::new(13));
    assert_eq!(
        refused(of_ward(&other).start_from(&checkpoint).run()),
        "model: found the model \"Ward\", not as it was; expected \"Ward\", the model of the checkpoint"
    );
    assert_eq!(from(run.clone().seed(2)), "run.seed: found 2; expected 1, as in the checkpoint");
    assert!(from(run.clone().warm_up(days(40.0))).starts_with("run.warm_up: found"));
    assert_eq!(
        from(run.clone().replications(3)),
        "run.replications: found 3; expected at most 2: as many as the checkpoint has"
    );
    assert!(
        from(run.clone().until(days(30.0)))
            .contains("expected a time after 30d, that of the checkpoint")
    );
    let change = || Change::add("Ward.beds", 2.0);
    assert_eq!(
        from(run.clone().scenario(Scenario::new("More").change(change()))),
        "scenario[\"More\"].change[0].at: found none: the change holds in the whole run; expected 30d or \
         later: the time of the checkpoint"
    );
    let more = run.clone().scenario(Scenario::new("More").change(change().at("40d")));
    let of_more = more.checkpoint("50d").unwrap();
    assert_eq!(
        refused(run.clone().start_from(&of_more).run()),
        "scenario: found none; expected \"More\", the scenario of the checkpoint"
    );
    // What is cut off or changed, and what is of another version.
    let bytes = checkpoint.to_bytes();
    let mut other = bytes.clone();
    other[bytes.len() / 2] ^= 1;
    for broken in [&bytes[..bytes.len() - 1], &bytes[..100], &[], &other, b"{}"] {
        let words = refused(Checkpoint::from_bytes(broken));
        assert_eq!(words, "checkpoint: holds no whole checkpoint");
    }
    // Its version stands behind the word and the eight bytes that tell how long it is.
    let (word, version) = ("icsflow checkpoint 2\n", env!("CARGO_PKG_VERSION"));
    let mut older = bytes[..bytes.len() - 8].to_vec();
    older[word.len() + 8] = b'9';
    let sum = older.iter().fold(0xcbf2_9ce4_8422_2325, |sum: u64, byte| {
        (sum ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    older.extend(sum.to_le_bytes());
    assert_eq!(
        refused(Checkpoint::from_bytes(&older)),
        format!(
            "checkpoint: found what version 9{} of the library made; expected what version {version} \
             made",
            &version[1..]
        )
    );
    let none = refused(Checkpoint::read("no/such/file"));
    assert!(none.starts_with("no/such/file: "), "{none}");
}

#[test]
fn a_branch_is_refused_where_places_to_come_have_been_looked_at() {
    // P holds A and awaits B, Q holds B and awaits A: stuck from hour 4 on, unless B has two places later.
    let crossing = |b: Capacity| {
        let mut crossing = model()
            .arrivals(arrivals("P", "A", &[0.0]))
            .arrivals(arrivals("Q", "B", &[0.0]))
            .node(Node::beds("A", 1, fixed(1.0)))
            .node(Node::beds("B", 1, fixed(4.0)))
            .route(Route::new("A", everyone_to("B")))
            .route(Route::new("B", everyone_to("A")));
        crossing.nodes[1].beds = Some(b);
        crossing
    };
    let branch = |model: &Model, at: &str, change: Change| {
        let run = Experiment::new(model).replications(1).until(hours(48.0));
        let checkpoint = run.checkpoint(at).unwrap();
        let with = run.scenario(Scenario::new("What if").change(change));
        let whole = with.run().unwrap();
        with.start_from(&checkpoint).run().map(|branch| {
            same_tables(0, &Ok(tables(&whole)), &Ok(tables(&branch)));
            branch.replications()[0].status()
        })
    };
    let (stuck, saved) =
        (crossing(Capacity::new(1)), crossing(Capacity::new(1).edit(Edit::to("20h", 2))));
    let (opens, closes) = (Change::add("B.beds", 1.0), Change::add("B.beds", -1.0));
    // By hour 4 nothing is known yet.
    assert_eq!(branch(&stuck, "3h", opens.clone().at("20h")).unwrap(), "complete");
    assert_eq!(branch(&saved, "3h", closes.clone().at("20h")).unwrap(), "deadlocked");
    let words = refused(branch(&stuck, "10h", opens.clone().at("20h")));
    assert!(words.contains("people of replication 0 were waiting in a circle"), "{words}");
    let words = refused(branch(&saved, "10h", closes.at("20h")));
    assert!(words.contains("people of replication 0 were waiting in a circle"), "{words}");
    // Fewer places save nobody, more do not make anybody stuck.
    assert_eq!(
        branch(&stuck, "10h", Change::multiply("B.beds", 0.0).at("20h")).unwrap(),
        "deadlocked"
    );
    assert_eq!(branch(&saved, "10h", opens.at("21h")).unwrap(), "complete");
}
