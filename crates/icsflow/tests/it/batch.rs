//! Batches: many scenarios beside the base, in whatever pieces they are run.

use std::path::PathBuf;

use icsflow::experiment::job::{Block, Job};
use icsflow::{
    Arrivals, Batch, Change, Comparison, Control, Distribution, Enough, Error, Experiment, Model,
    Node, Plan, Route, Scenario, Share, Table,
};

use crate::tables::same;

fn model() -> Model {
    let stay = Distribution::exponential;
    Model::new("Two systems")
        .arrivals(Arrivals::poisson("East", "East ward", 4.0))
        .arrivals(Arrivals::poisson("West", "West ward", 4.0))
        .node(Node::beds("East ward", 22, stay("5d")))
        .node(Node::beds("West ward", 22, stay("5d")))
        .node(Node::beds("P1", 12, stay("10d")))
        .route(Route::new("East ward", [("P1", Share::Of(0.25)), ("home", Share::Rest)]))
        .scenario(Scenario::new("Nothing"))
        .scenario(Scenario::new("More").change(Change::add("P1.beds", 8.0)))
        .scenario(Scenario::new("Winter").change(Change::multiply("East.rate", 1.1).at("30d")))
}

fn plan(replications: u32) -> Plan {
    Plan { replications, until: "120d".into(), seed: 3, levels: false, ..Plan::default() }
}

fn batch(replications: u32) -> Batch {
    Batch::new(&model()).plan(plan(replications))
}

fn table(told: &Comparison) -> Table {
    told.table(None, None)
}

/// A folder of a test's own, empty.
fn folder(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("icsflow-{name}-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    folder
}

#[test]
fn a_batch_tells_what_single_runs_tell() {
    let told = batch(7).threads(2).run().unwrap();
    assert_eq!(told.cases(), ["base", "Nothing", "More", "Winter"]);
    let model = model();
    for case in told.cases() {
        let run = Experiment::new(&model).plan(plan(7)).threads(1);
        let scenario = model.scenarios.iter().find(|scenario| scenario.name == case);
        let run = scenario.map_or(run.clone(), |scenario| run.scenario(scenario.clone()));
        let alone = run.run().unwrap().values("blocked", "East ward").unwrap();
        let together = told.values(case, "blocked", "East ward").unwrap();
        assert_eq!(together.into_iter().map(|(_, value)| value).collect::<Vec<_>>(), alone);
    }
    let nothing = told.difference("Nothing", "blocked", "East ward").unwrap();
    assert_eq!((nothing.estimate.mean, nothing.estimate.half_width), (0.0, 0.0));
    let more = told.difference("More", "blocked", "East ward").unwrap();
    assert!(more.estimate.mean < 0.0 && more.lower == 1.0 && more.gain > 1.0, "{more:?}");
    // Nothing reaches the west; so the difference of the differences is that of the east.
    let both = told.difference_in_differences("More", "blocked", "East ward", "West ward").unwrap();
    assert_eq!(both.mean, more.estimate.mean);
    assert_eq!(told.difference("More", "occupied", "West ward").unwrap().estimate.sd, 0.0);
}

#[test]
fn threads_and_blocks_change_nothing() {
    let one = batch(8).threads(1).run().unwrap();
    let three = batch(8).threads(3).run().unwrap();
    assert!(same(&table(&one), &table(&three)));
    // Block by block, through text and bytes, in an order of its own.
    let mut told = Comparison::new(batch(8).job().unwrap());
    let text = told.job().text();
    let mut blocks = told.missing(8, 3);
    blocks.reverse();
    for (case, first, count) in blocks {
        let job = Job::from_text(&text).unwrap();
        let block = job.run(case, first, count, None, &Control::new()).unwrap().unwrap();
        let bytes = block.to_bytes();
        assert_eq!(Block::from_bytes(&bytes).unwrap(), block);
        assert!(Block::from_bytes(&bytes[..bytes.len() - 3]).is_none());
        told.add(block);
    }
    assert!(told.missing(8, 3).is_empty() && !told.interrupted());
    assert!(same(&table(&one), &table(&told)));
    let again = Comparison::from_bytes(&told.to_bytes()).unwrap();
    assert!(same(&table(&one), &table(&again)));
}

#[test]
fn what_was_cut_off_goes_on_where_it_was() {
    let whole = batch(6).run().unwrap();
    let folder = folder("resume");
    batch(6).folder(&folder).run().unwrap();
    let mut blocks: Vec<PathBuf> =
        std::fs::read_dir(&folder).unwrap().map(|f| f.unwrap().path()).collect();
    blocks.retain(|path| path.extension().is_some_and(|end| end == "block"));
    assert!(blocks.len() > 3, "{blocks:?}");
    // Some are missing, one is cut short, one was being written.
    std::fs::remove_file(&blocks[0]).unwrap();
    let bytes = std::fs::read(&blocks[1]).unwrap();
    std::fs::write(&blocks[1], &bytes[..bytes.len() / 2]).unwrap();
    std::fs::write(blocks[2].with_extension("part"), &bytes[..9]).unwrap();
    let again = batch(6).threads(2).folder(&folder).run().unwrap();
    assert!(same(&table(&whole), &table(&again)));
    // Another experiment's folder is refused, and says in what it differs.
    let other = model().scenario(Scenario::new("One more").change(Change::add("P1.beds", 1.0)));
    for (batch, says) in [
        (batch(9).folder(&folder), "its plan differs"),
        (Batch::new(&other).plan(plan(6)).folder(&folder), "its scenarios differ"),
    ] {
        let Err(Error::Faults(faults)) = batch.run() else { panic!("it went on") };
        assert!(faults.0[0].found.contains(says), "{faults}");
    }
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn it_ends_when_it_is_precise_enough() {
    let enough = |half_width: f64| Enough {
        metric: "blocked".into(),
        scope: "East ward".into(),
        half_width,
        relative: false,
    };
    let counted = |half_width: f64, threads: usize| {
        let told = batch(60).threads(threads).enough(enough(half_width)).run().unwrap();
        assert!(!told.interrupted());
        told.replications("base").unwrap().len()
    };
    let counts = [10.0, 0.9, 0.5].map(|half_width| counted(half_width, 1));
    assert_eq!(counts, [10.0, 0.9, 0.5].map(|half_width| counted(half_width, 3)));
    assert!(counts[0] == 5 && counts[1] > 5 && counts[2] > counts[1], "{counts:?}");
    let wrong = Enough { metric: "bloked".into(), ..enough(1.0) };
    let Err(Error::Faults(faults)) = batch(5).enough(wrong).run() else { panic!() };
    assert_eq!(faults.0[0].nearest.as_deref(), Some("blocked"));
}

#[test]
fn a_scenario_with_a_fault_and_one_named_base_are_refused() {
    let wrong = model().scenario(Scenario::new("Wrong").change(Change::add("P9.beds", 1.0)));
    let Err(Error::Faults(faults)) = Batch::new(&wrong).run() else { panic!() };
    assert_eq!(faults.0[0].path, "scenario[\"Wrong\"].change[0].path");
    let Err(Error::Faults(faults)) = Batch::new(&model().scenario(Scenario::new("base"))).run()
    else {
        panic!()
    };
    assert!(faults.0[0].expected.contains("another name"));
}
