//! Caseloads: the scarcest of several professions says how many are held.

use icsflow::time::{days, hours};
use icsflow::{
    Arrivals, Capacity, Cohort, Distribution, Edit, Experiment, Model, Node, Profession, Results,
};

use crate::hand::{arrivals, differs, fixed, is, model, run};
use crate::tables::lines;
use crate::theory::{erlang_c, metric};

fn caseloads(results: &Results) -> Vec<String> {
    let columns = ["node", "profession", "units", "people", "least", "binding"];
    lines(&results.caseloads(), &columns)
}

/// Nurses who hold two each, one from 10 on, two again from 20; a doctor of whom everyone takes a third.
fn team(doctor: f64) -> Model {
    let nurses = Capacity::new(2).edit(Edit::to(10.0, 1)).edit(Edit::to(20.0, 2));
    let doctors = Capacity::new(1).edit(Edit::to(30.0, 2));
    let ward = Node::caseload("Ward", fixed(12.0))
        .profession("nurses", Profession::new(nurses, 0.5))
        .profession("doctors", Profession::new(doctors, doctor));
    let times = [0.0, 1.0, 2.0, 3.0, 4.0, 5.0];
    model().arrivals(arrivals("In", "Ward", &times)).node(ward)
}

#[test]
fn the_least_of_several_professions() {
    // Nurses hold 4, 2 from 10 and 4 from 20; the doctor 3 (of 1000 thousandths 333 each), 6 from 30.
    // Three start as they come. From 10 on there are 2 places and 3 held: nobody starts until two have
    // left at 13; then one, and at 14 another. At 20 there are 3 places again: the last starts.
    let model = team(0.333);
    is(
        &model,
        40.0,
        "In 0 Ward 0 0 0 12 12 12 12 home left
         In 1 Ward 1 1 1 13 13 13 13 home left
         In 2 Ward 2 2 2 14 14 14 14 home left
         In 3 Ward 3 3 13 25 25 25 25 home left
         In 4 Ward 4 4 14 26 26 26 26 home left
         In 5 Ward 5 5 20 32 32 32 32 home left",
    );
    // Of 40 h the doctor is the least until 10 and from 20 to 30, with 3, and the nurses else. All places
    // are taken from 2 to 10 and from 20 to 25 by the doctor, and from 10 to 20 by the nurses. They hold
    // 4, 2 and 4 people: 3.5 on average; the doctor 3.75.
    let results = run(&model, 40.0);
    assert_eq!(
        caseloads(&results),
        ["Ward nurses 1.75 3.5 0.5 0.25", "Ward doctors 1.25 3.75 0.5 0.325"]
    );
    // 72 h of care in 40 h.
    let held = results.caseloads().numbers("utilisation").unwrap().to_vec();
    assert!((held[0] - 1.8 / 3.5).abs() < 1e-12 && (held[1] - 1.8 / 3.75).abs() < 1e-12);
    // The same, be people told apart or not.
    for apart in [false, true] {
        let mut of_two = team(0.333).cohort(Cohort::new("a")).cohort(Cohort::new("b"));
        of_two.arrivals[0].cohort = Some("b".into());
        let plan = Experiment::new(&of_two).replications(1).until(hours(40.0)).by_cohort(apart);
        let told = plan.run().unwrap().caseloads();
        assert_eq!(told.to_string(), results.caseloads().to_string());
    }
    // With a doctor who holds four the fourth starts at once, and those behind later.
    differs(&team(0.25), &model, 40.0, &["In 3", "In 5"]);
}

#[test]
fn a_caseload_of_erlang() {
    // Nurses hold ⌊5 ÷ 0.6⌋ = 8, therapists ⌊2 ÷ 0.25⌋ = 8 as well, doctors ⌊1 ÷ 0.14⌋ = 7: seven
    // servers, offered 5.6.
    let (rate, mean) = (0.7, 8.0);
    let ward = Node::caseload("Ward", Distribution::exponential(mean))
        .profession("nurses", Profession::new(5, 0.6))
        .profession("therapists", Profession::new(2, 0.25))
        .profession("doctors", Profession::new(1, 0.14));
    let model = Model::new("Team").arrivals(Arrivals::poisson("In", "Ward", rate)).node(ward);
    let experiment = Experiment::new(&model).replications(20).seed(11);
    let results = experiment.warm_up(days(500.0)).until(days(20_000.0)).run().unwrap();
    let waits = erlang_c(7, rate * mean);
    metric(&results, "share_waiting", "Ward", waits, 0.03);
    metric(&results, "mean_wait", "Ward", waits * mean / (7.0 - rate * mean), 0.09);
    assert_eq!(results.values("places", "Ward").unwrap(), [7.0; 20]);
    let table = results.caseloads();
    let binding = &table.numbers("binding").unwrap();
    assert_eq!(&binding[..2], [0.0, 0.0]);
    // Whoever comes sees how much of the time all seven are held.
    assert!((binding[2] / waits - 1.0).abs() < 0.05, "{} for {waits}", binding[2]);
    assert_eq!(lines(&table, &["units", "people", "least"])[2], "1 7 1");
}
