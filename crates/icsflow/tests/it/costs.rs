//! Costs worked out on paper. Time is in hours; prices of days are for 24 of them.

use icsflow::{Cost, Experiment, Model, Node, Results, Route};

use crate::hand::{arrivals, everyone_to, fixed, listed, model};
use crate::tables::lines;

fn run(model: &Model) -> Results {
    Experiment::new(model).replications(2).until(icsflow::time::hours(48.0)).run().unwrap()
}

/// Ward: two beds. P0 0-12 ready, awaits Home, which is taken by P1 (0-6 in the ward, 6-30 at home):
/// blocked to 30, home 30-54. Days in the ward: 30/24 + 6/24; delayed 18/24; two starts; of two beds for
/// two days 4 − 1.5 days idle.
fn ward_and_home() -> Model {
    model()
        .arrivals(arrivals("In", "Ward", &[0.0, 0.0]))
        .node(Node::beds("Ward", 2, listed(&[12.0, 6.0])))
        .node(Node::beds("Home", 1, fixed(24.0)).sector("social"))
        .route(Route::new("Ward", everyone_to("Home")))
}

#[test]
fn every_item_is_its_price_times_how_much_there_was() {
    let trust = Cost::new("Beds", "Ward").payer("Trust").per_day(100.0).per_delayed_day(10.0);
    let trust = trust.per_start(7.0).per_idle_place(40.0).fixed(1.0);
    let council = Cost::new("Care", "social").payer("Council").per_day(200.0);
    let results = run(&ward_and_home().cost(trust).cost(council));
    let columns = ["cost", "payer", "node", "item", "price", "quantity", "mean"];
    assert_eq!(
        lines(&results.costs(), &columns),
        [
            "Beds Trust Ward day 100 1.5 150",
            "Beds Trust Ward delayed day 10 0.75 7.5",
            "Beds Trust Ward start 7 2 14",
            "Beds Trust Ward idle place 40 2.5 100",
            "Beds Trust Ward fixed 1 2 2",
            // 6 to 30 and 30 to 48.
            "Care Council Home day 200 1.75 350",
            "all Trust all all - - 273.5",
            "all Council all all - - 350",
            "all all all all - - 623.5",
        ]
    );
    let cost = |scope: &str| results.values("cost", scope).unwrap()[0];
    let near = |found: f64, expected: f64| assert!((found - expected).abs() < 1e-9, "{found}");
    near(cost("Ward"), 273.5 / 48.0);
    near(cost("social"), 350.0 / 48.0);
    near(cost("Trace"), 623.5 / 48.0);
    // What nobody priced costs nothing, and is not told.
    let free = run(&ward_and_home());
    assert!(free.values("cost", "Ward").is_none_or(|values| values.iter().all(|v| v.is_nan())));
    assert_eq!(free.costs().rows(), 0);
}

#[test]
fn who_is_beside_the_beds_leaves_none_of_them_idle() {
    let ward = Node::beds("Ward", 1, fixed(24.0)).corridor(1);
    let model = model().arrivals(arrivals("In", "Ward", &[0.0, 0.0])).node(ward);
    let results = run(&model.cost(Cost::new("Idle", "Ward").per_idle_place(24.0)));
    // One in the bed and one beside it, both to 24.
    let told = ["Idle - Ward idle place 24 1 24", "all - all all - - 24", "all all all all - - 24"];
    let columns = ["cost", "payer", "node", "item", "price", "quantity", "mean"];
    assert_eq!(lines(&results.costs(), &columns), told);
}

#[test]
fn who_is_still_there_when_a_bed_closes_leaves_no_other_less_idle() {
    use icsflow::{Capacity, Edit};
    // One bed, taken from 0 to 20; closed from 10 to 20; idle from 20 to 48. Open for 38 hours, of which it is
    // full in the first 10.
    let beds = Capacity::new(1).edit(Edit::to("10h", 0)).edit(Edit::to("20h", 1));
    let model = model()
        .arrivals(arrivals("In", "Ward", &[0.0]))
        .node(Node::beds("Ward", beds, fixed(20.0)))
        .cost(Cost::new("Idle", "Ward").per_idle_place(24.0));
    let results = run(&model);
    assert_eq!(results.costs().numbers("mean").unwrap()[0], 28.0);
    assert_eq!(results.values("full", "Ward").unwrap()[0], 10.0 / 38.0);
}
