//! Simple nodes are a short cut: what comes out is what the general rules make of them.

use icsflow::time::days;
use icsflow::{
    Arrivals, Attribute, Census, Change, Cohort, Distribution, Experiment, Limit, Model, Node,
    Queue, Remaining, Results, Route, Scenario, Share,
};

use crate::generate::{Dice, on_the_hour};
use crate::same_bits::{same_tables, tables};

const NAMES: [&str; 6] = ["A", "B", "C", "D", "E", "F"];

/// Nodes with places, each of which leads to some of those behind it, and people of two cohorts. Of some
/// models one node is not simple, but plain: people who are blocked there, or wait for it, move up by the
/// general rules.
fn of_simple_nodes(dice: &mut Dice, all: bool) -> Model {
    let names = &NAMES[..2 + dice.below(5)];
    let plain = if all { names.len() } else { dice.below(names.len()) };
    let kind = dice.below(5);
    // Only where somebody asks for it.
    let cohort = |name: &str| match kind {
        4 if !all => Cohort::new(name).attribute("frail", Attribute::Flag(0.4)),
        _ => Cohort::new(name),
    };
    let mix = [("young", Share::Of(0.5)), ("old", Share::Rest)];
    let mut model = Model::new("Simple")
        .cohort(cohort("young"))
        .cohort(cohort("old"))
        .arrivals(Arrivals::poisson("Old", "A", dice.between(1.0, 6.0)).cohort("old"))
        .arrivals(
            Arrivals::poisson("Both", names[dice.below(names.len())], dice.between(1.0, 6.0))
                .cohort(mix),
        );
    for (at, name) in names.iter().enumerate() {
        let mean = dice.between(0.2, 2.0);
        let stay = match dice.below(5) {
            // Who leaves at the instant of coming.
            4 if at > 0 => Distribution::deterministic(0.0),
            0 => Distribution::exponential(mean),
            1 => Distribution::lognormal_mean_sd(mean, 1.5 * mean),
            2 => Distribution::uniform(0.0, 2.0 * mean),
            _ => Distribution::deterministic(mean),
        };
        let places = 1 + dice.below(9) as u32;
        let node = Node::beds(*name, places, stay.clone());
        model = model.node(match (at == plain, kind) {
            (false, _) => node,
            (true, 0) => Node::unlimited(*name, stay),
            (true, 1) => node.waiting_room(Limit::Of(2)),
            (true, 2) => node.queue(Queue::new().limit(3)),
            (true, 3) => node.queue(Queue::by_class(["cohort == \"old\""])),
            (true, _) => node.queue(Queue::by_class(["frail"])),
        });
        let behind = &names[at + 1..];
        if !behind.is_empty() {
            let some = |dice: &mut Dice| {
                let share = dice.between(0.1, 0.9);
                [(behind[dice.below(behind.len())], Share::Of(share)), ("home", Share::Rest)]
            };
            if dice.below(2) == 0 {
                model = model.route(Route::new(*name, some(dice)).cohort("old"));
            }
            model = model.route(Route::new(*name, some(dice)));
        }
    }
    model
}

/// What comes out is the same by the general rules, where visits are followed, and after a checkpoint. (Then
/// no node is treated as simple.)
fn keeps_to_the_rules(seed: u64, run: &Experiment<'_>) -> Results {
    let results = run.run().unwrap();
    let told = Ok(tables(&results));
    let by_rules = run.clone().oracle().run().unwrap();
    same_tables(seed, &told, &Ok(tables(&by_rules)));
    let mut followed = tables(&run.clone().stays(true).run().unwrap());
    for (table, followed) in tables(&results).iter().zip(&mut followed) {
        if table.name == "stays" {
            assert!(followed.rows() > 100 && table.rows() == 0, "model {seed}");
            *followed = table.clone();
        }
    }
    same_tables(seed, &told, &Ok(followed));
    let checkpoint = run.checkpoint("10d").unwrap();
    let rest = run.clone().start_from(&checkpoint).run().unwrap();
    same_tables(seed, &told, &Ok(tables(&rest)));
    results
}

#[test]
fn simple_nodes_keep_to_the_general_rules() {
    let (mut simple, mut plain, mut waited, mut blocked) = (0, 0, 0, 0);
    for seed in 0..120 {
        let mut dice = Dice(seed + 55_000_000);
        let all = seed % 3 == 0;
        let model = of_simple_nodes(&mut dice, all);
        // Much falls on one instant in every second.
        let model = if seed % 2 == 0 { model } else { on_the_hour(model, false) };
        let run = Experiment::new(&model).warm_up(days(5.0)).until(days(40.0)).seed(seed);
        let run = run.replications(2).threads(1);
        let results = keeps_to_the_rules(seed, &run.clone().levels(seed % 4 < 2));
        let nodes = &results.network().nodes;
        let short = nodes.iter().filter(|node| node.simple.is_some()).count();
        assert!(short == nodes.len() || !all, "model {seed}");
        (simple, plain) = (simple + short, plain + nodes.len() - short);
        for name in &model.nodes {
            let some = |metric| results.values(metric, &name.name).unwrap()[1] > 0.0;
            (waited, blocked) =
                (waited + u32::from(some("waiting")), blocked + u32::from(some("delayed")));
        }
        keeps_to_the_rules(seed, &run.by_cohort(true).antithetic(seed % 5 < 3));
    }
    println!(
        "{simple} simple and {plain} plain nodes; people waited for {waited} and were blocked in {blocked}"
    );
    assert!(
        simple > 300 && plain > 40 && waited > 100 && blocked > 100,
        "{simple} {plain} {waited} {blocked}"
    );
}

/// A scenario that gives a route other shares, from the beginning or in the middle of the run, moves those whom it
/// concerns at simple nodes too (F1): a node at which it does is simple no more.
#[test]
fn scenarios_at_simple_nodes_keep_to_the_general_rules() {
    let mut moved = 0;
    for seed in 0..40 {
        let mut dice = Dice(seed + 56_000_000);
        let model = of_simple_nodes(&mut dice, true);
        let routes = model.routes.iter().filter(|route| route.cohort.is_none());
        let mut scenario = Scenario::new("Other ways");
        for route in routes {
            let to = route.to.names()[0];
            let change = Change::multiply(format!("{}.route.{to}", route.from), 0.5);
            scenario = scenario.change(if seed % 2 == 0 { change } else { change.at("20d") });
        }
        let base = Experiment::new(&model).warm_up(days(5.0)).until(days(40.0)).seed(seed);
        let base = base.replications(2).threads(1);
        let before = base.clone().run().unwrap();
        let run = base.scenario(scenario);
        let after = keeps_to_the_rules(seed, &run);
        moved += u32::from(before.flows() != after.flows());
    }
    assert!(moved > 30, "{moved}");
}

/// A run that begins with more people than places: the first to leave leave no place behind.
#[test]
fn a_census_at_simple_nodes_keeps_to_the_general_rules() {
    let (mut over, mut blocked) = (0, 0);
    for seed in 0..60 {
        let mut dice = Dice(seed + 57_000_000);
        let mut model = of_simple_nodes(&mut dice, true);
        for node in model.nodes.clone() {
            let places = node.beds.as_ref().map_or(0, |beds| beds.places);
            let census = || Census::new(&*node.name).cohort("old").remaining(Remaining::Fresh);
            let people = dice.below(2 * places as usize + 2) as u32;
            over += u32::from(people > places);
            if people > 0 {
                model = model.census(census().people(people));
            }
            if people >= places {
                model = model.census(census().queue(1 + dice.below(9) as u32));
            }
        }
        let run = Experiment::new(&model).until(days(40.0)).seed(seed).replications(2).threads(1);
        let results = keeps_to_the_rules(seed, &run);
        let delayed = |node: &Node| results.values("delayed", &node.name).unwrap()[1] > 0.0;
        blocked += model.nodes.iter().filter(|node| delayed(node)).count();
    }
    assert!(over > 60 && blocked > 50, "{over} {blocked}");
}
