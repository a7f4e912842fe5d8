//! Simple nodes are a short cut: what comes out is what the general rules make of them.

use icsflow::time::days;
use icsflow::{Arrivals, Cohort, Distribution, Experiment, Model, Node, Route, Share};

use crate::generate::{Dice, on_the_hour};
use crate::same_bits::{same_tables, tables};

const NAMES: [&str; 6] = ["A", "B", "C", "D", "E", "F"];

/// Nodes with places, each of which leads to some of those behind it, and people of two cohorts.
fn of_simple_nodes(dice: &mut Dice) -> Model {
    let names = &NAMES[..2 + dice.below(5)];
    let mix = [("young", Share::Of(0.5)), ("old", Share::Rest)];
    let mut model = Model::new("Simple")
        .cohort(Cohort::new("young"))
        .cohort(Cohort::new("old"))
        .arrivals(Arrivals::poisson("Old", "A", dice.between(1.0, 6.0)).cohort("old"))
        .arrivals(
            Arrivals::poisson("Both", names[dice.below(names.len())], dice.between(1.0, 6.0))
                .cohort(mix),
        );
    for (at, name) in names.iter().enumerate() {
        let mean = dice.between(0.2, 2.0);
        let stay = match dice.below(4) {
            0 => Distribution::exponential(mean),
            1 => Distribution::lognormal_mean_sd(mean, 1.5 * mean),
            2 => Distribution::uniform(0.0, 2.0 * mean),
            _ => Distribution::deterministic(mean),
        };
        model = model.node(Node::beds(*name, 1 + dice.below(9) as u32, stay));
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

#[test]
fn simple_nodes_keep_to_the_general_rules() {
    let (mut simple, mut waited, mut blocked) = (0, 0, 0);
    for seed in 0..120 {
        let mut dice = Dice(seed + 55_000_000);
        let model = of_simple_nodes(&mut dice);
        // Much falls on one instant in every second.
        let model = if seed % 2 == 0 { model } else { on_the_hour(model, false) };
        let run = Experiment::new(&model).warm_up(days(5.0)).until(days(40.0)).seed(seed);
        let run = run.replications(2).antithetic(seed % 3 == 0).by_cohort(true).threads(1);
        let results = run.run().unwrap();
        let nodes = &results.network().nodes;
        assert!(nodes.iter().all(|node| node.simple.is_some()), "model {seed}");
        simple += nodes.len();
        for name in &model.nodes {
            let some = |metric| results.values(metric, &name.name).unwrap()[1] > 0.0;
            (waited, blocked) =
                (waited + u32::from(some("waiting")), blocked + u32::from(some("delayed")));
        }
        let told = Ok(tables(&results));
        let by_rules = run.clone().oracle().run().unwrap();
        same_tables(seed, &told, &Ok(tables(&by_rules)));
        // Where visits are followed, and after a checkpoint, no node is treated as simple.
        let mut followed = tables(&run.clone().stays(true).run().unwrap());
        for (table, followed) in tables(&results).iter().zip(&mut followed) {
            if table.name == "stays" {
                assert!(followed.rows() > 100 && table.rows() == 0, "model {seed}");
                *followed = table.clone();
            }
        }
        same_tables(seed, &told, &Ok(followed));
        let checkpoint = run.checkpoint("10d").unwrap();
        let rest = run.start_from(&checkpoint).run().unwrap();
        same_tables(seed, &told, &Ok(tables(&rest)));
    }
    println!("{simple} nodes; people waited for {waited} and were blocked in {blocked}");
    assert!(simple > 300 && waited > 100 && blocked > 100, "{simple} {waited} {blocked}");
}
