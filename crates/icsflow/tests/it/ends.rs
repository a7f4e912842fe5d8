//! Stays that end by the first of several clocks: worked out on paper, and by formulas.

use icsflow::time::days;
use icsflow::{
    Arrivals, Cases, Census, Cohort, Distribution, Experiment, Model, Node, Remaining, Results,
    Route, StayEnd,
};

use crate::hand::{arrivals, differs, everyone_to, fixed, is, model, open, run, when};
use crate::tables::lines;
use crate::theory::meets;

/// A virtual ward of two, left by day after 3 h of paperwork; whoever gets worse goes to the ward.
fn step_up(sent: bool) -> Model {
    let worse = StayEnd::new(Cases(vec![
        when("cohort in ['B', 'C']", fixed(10.0)),
        when("cohort == 'E'", fixed(48.0)),
    ]));
    let worse = if sent { worse.to("Acute") } else { worse };
    let death = StayEnd::new(Cases(vec![when("cohort == 'X'", fixed(20.0))])).to("died");
    let mut whole = model();
    for (name, time) in [("A", 0.0), ("B", 15.0), ("C", 26.0), ("X", 52.0), ("E", 56.0)] {
        whole = whole.cohort(Cohort::new(name));
        whole = whole.arrivals(arrivals(name, "Virtual", &[time]).cohort(name));
    }
    whole
        .node(
            Node::beds("Virtual", 2, fixed(48.0))
                .ends("worse", worse)
                .ends("death", death)
                .process_delay("letter", fixed(3.0))
                .leave(open("08:00", "18:00")),
        )
        .node(Node::beds("Acute", 1, fixed(30.0)))
        .route(Route::new("Virtual", everyone_to("home")))
}

#[test]
fn the_first_clock_ends_the_stay_and_says_where_to() {
    // A stays 48 h, then the letter until 51 and the window at 56. B is worse at 25, at night, and goes
    // to the ward at once, without letter or window. C is worse at 36 and blocked until B leaves the ward
    // at 55, when X, who waits since 52, has the place and dies 20 h later, at night. E would be worse
    // the moment the stay is over: the length comes first.
    let model = step_up(true);
    is(
        &model,
        150.0,
        "A 0 Virtual 0 0 0 48 51 51 56 home left
         B 0 Virtual 15 15 15 25 25 25 25 Acute left
         B 0 Acute 25 25 25 55 55 55 55 home left
         C 0 Virtual 26 26 26 36 36 55 55 Acute left
         C 0 Acute 36 55 55 85 85 85 85 home left
         E 0 Virtual 56 56 56 104 107 107 107 home left
         X 0 Virtual 52 52 55 75 75 75 75 died left",
    );
    let table = run(&model, 150.0).ends();
    assert_eq!(
        lines(&table, &["node", "end", "mean", "share", "mean_time"]),
        ["Virtual stay 2 0.4 48", "Virtual worse 2 0.4 10", "Virtual death 1 0.2 20"]
    );
    // Where the end does not say where to, they leave like everybody else.
    differs(&step_up(false), &model, 150.0, &["B", "C", "X"]);
}

/// Everyone's stays at a place without limit.
fn stays(stay: Distribution, others: &[(&str, Distribution)]) -> Model {
    let mut node = Node::unlimited("N", stay);
    for (name, after) in others {
        node = node.ends(*name, StayEnd::new(after.clone()).to("died"));
    }
    Model::new("Clocks").arrivals(Arrivals::poisson("In", "N", 10.0)).node(node)
}

/// Of those whose stay ended, the share by each clock, and the mean time until then.
#[track_caller]
fn ended(results: &Results, expected: &[(f64, f64)]) {
    for (at, (share, mean)) in expected.iter().enumerate() {
        let of = |at: usize| results.replications().iter().map(move |r| r.ends[at]);
        let all =
            results.replications().iter().map(|r| r.ends.iter().map(|end| end.0).sum::<u64>());
        let shares = of(at).zip(all).map(|((people, _), all)| people as f64 / all as f64);
        meets(&format!("share of {at}"), shares, *share, 0.03);
        let times = of(at).map(|(people, time)| time as f64 / people as f64 / days(1.0) as f64);
        meets(&format!("time until {at}"), times, *mean, 0.02);
    }
}

#[test]
fn competing_exponentials() {
    // Of rates 1/10, 1/20 and 1/50 each ends its share of the stays; the time until then is that of their
    // sum, whichever it was.
    let (rates, sum) = ([0.1, 0.05, 0.02], 0.17);
    let exponential = |rate: f64| Distribution::exponential(1.0 / rate);
    let others = [("worse", exponential(rates[1])), ("death", exponential(rates[2]))];
    let model = stays(exponential(rates[0]), &others);
    let experiment = Experiment::new(&model).replications(20).seed(5);
    let results = experiment.warm_up(days(100.0)).until(days(1500.0)).run().unwrap();
    ended(&results, &rates.map(|rate| (rate / sum, 1.0 / sum)));
    let died = results.values("mean_length_of_stay", "N").unwrap();
    meets("length of stay", died, 1.0 / sum, 0.01);
}

/// Of two Weibull clocks of shape 2 and scales 10 and 20 the first is one of scale 1/√(1/100 + 1/400).
const FIRST: f64 = 8.944_271_909_999_16;

fn weibulls() -> Model {
    let other = [("worse", Distribution::weibull(2.0, 20.0))];
    stays(Distribution::weibull(2.0, 10.0), &other)
}

#[test]
fn a_weibull_pair() {
    let model = weibulls();
    let experiment = Experiment::new(&model).replications(20).seed(6);
    let results = experiment.warm_up(days(100.0)).until(days(1500.0)).run().unwrap();
    // Hazards in the ratio 4 to 1 at all times; the mean is scale × Γ(3/2).
    let mean = FIRST * std::f64::consts::PI.sqrt() / 2.0;
    ended(&results, &[(0.8, mean), (0.2, mean)]);
}

#[test]
fn clocks_of_a_census_have_run_so_far() {
    // After 5 days the hazards are still 4 to 1. Mean: 5 + ∫ S(t) ÷ S(5) from 5 on.
    let mut model = weibulls();
    model.arrivals.clear();
    let model = model.census(Census::new("N").people(4000).spent(fixed(5.0)));
    let experiment = Experiment::new(&model).replications(20).seed(7);
    let results = experiment.until(days(200.0)).run().unwrap();
    let survives = |t: f64| (-(t / FIRST).powi(2)).exp();
    let step = 0.001;
    let beyond = (0..60_000).map(|i| survives(5.0 + (f64::from(i) + 0.5) * step) * step);
    let mean = 5.0 + beyond.sum::<f64>() / survives(5.0);
    ended(&results, &[(0.8, mean), (0.2, mean)]);
    // Begun anew they would last as long again.
    let model = Model {
        census: vec![Census::new("N").people(4000).spent(fixed(5.0)).remaining(Remaining::Fresh)],
        ..model
    };
    let experiment = Experiment::new(&model).replications(20).seed(7);
    let results = experiment.until(days(200.0)).run().unwrap();
    let mean = 5.0 + FIRST * std::f64::consts::PI.sqrt() / 2.0;
    ended(&results, &[(0.8, mean), (0.2, mean)]);
}

#[test]
fn a_clock_more_moves_no_draw() {
    let with = |others: &[(&str, Distribution)]| {
        let model = stays(Distribution::exponential(4.0), others);
        let results = Experiment::new(&model).until(days(50.0)).stays(true).run().unwrap();
        lines(&results.stays(), &["source", "patient", "started", "left"])
    };
    // One that never comes first leaves every bit alone.
    assert_eq!(with(&[]), with(&[("never", fixed(1e6))]));
    assert_ne!(with(&[]), with(&[("soon", Distribution::exponential(4.0))]));
}
