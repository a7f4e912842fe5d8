//! Visits: booking and standing in line, worked out on paper day by day.

use icsflow::time::DAY;
use icsflow::{
    Act, Arrivals, Capacity, Case, Cases, Cohort, Distribution, Edit, Event, Experiment, Mode,
    Model, Need, Node, Queue, Results, Route, Scan, Shift, StayEnd, TimeUnit, Visits,
};

use crate::hand::{clock, differs, everyone_to, fixed, is, model, trace, when};
use crate::tables::{lines, number};

/// Day of the arrival, need on each day of the stay.
type Person = (f64, &'static [f64]);

/// Each person a cohort of one, named a, b, c …, with a stay as long as the need.
fn people(people: &[Person], node: &str) -> (Model, Cases<Need>, Cases<Distribution>) {
    let names: Vec<String> = ('a'..).take(people.len()).map(String::from).collect();
    let mut whole = model();
    let (mut needs, mut stays) = (Vec::new(), Vec::new());
    for (name, (day, need)) in names.iter().zip(people) {
        whole = whole.cohort(Cohort::new(name));
        let times = crate::hand::at(&[day * 24.0]);
        whole = whole.arrivals(Arrivals::timetable(name, node, times).cohort(name.as_str()));
        let own = format!("cohort == '{name}'");
        needs.push(when(&own, Need::days(need.iter().copied())));
        stays.push(when(&own, fixed(24.0 * need.len() as f64)));
    }
    needs.push(Case { when: None, then: Need::constant(1.0) });
    stays.push(Case { when: None, then: fixed(24.0) });
    (whole, Cases(needs), Cases(stays))
}

fn of(all: &[Person], per_day: impl Into<Capacity>, how: impl Fn(Visits) -> Visits) -> Model {
    let (model, needs, stays) = people(all, "Care");
    model.node(Node::visits("Care", how(Visits::new(per_day, needs)), stays))
}

fn run(model: &Model, days: f64) -> Results {
    crate::hand::run(model, 24.0 * days)
}

/// Visits made and the budget, day by day.
fn days(results: &Results) -> Vec<String> {
    lines(&results.visits(), &["visits", "budget", "overrun"])
}

/// Source and the days of joining, starting and leaving, from 0 on.
fn starts(model: &Model, until: f64) -> Vec<String> {
    let results = run(model, until);
    let table = results.stays();
    let row = |row: usize| {
        let day = |column| number(&table, column, row) / 24.0;
        let source = crate::tables::cell(&table, "source", row);
        let times = [day("joined"), day("started"), day("left")];
        format!("{source} {}", times.map(|day| day.to_string()).join(" "))
    };
    let mut rows: Vec<String> = (0..table.rows()).map(row).collect();
    rows.sort();
    rows
}

fn line(visits: Visits) -> Visits {
    visits.mode(Mode::Line)
}

fn strict(visits: Visits) -> Visits {
    line(visits).scan(Scan::Strict)
}

fn book(visits: Visits) -> Visits {
    visits
}

/// Four visits a day. Day by day, what is left after each has been booked:
/// a from 0: 2 2 3 | b (3 2) fits nowhere before 3: day 3 has 1 after it, day 4 has 2 …
const EIGHT: [Person; 8] = [
    (0.0, &[2.0, 2.0, 1.0]),
    (0.0, &[3.0, 2.0]),
    (0.25, &[2.0, 1.0]),
    (1.0, &[1.0]),
    (1.0, &[2.0, 1.5, 1.0, 0.5]),
    (2.0, &[4.0]),
    (2.0, &[1.0, 1.0]),
    (2.5, &[0.5, 0.5, 0.5]),
];

#[test]
fn the_first_days_that_fit_are_booked() {
    // Budget 4. a 0: 2 2 1. b 3 2: day 0 has 2 left, day 1 2, day 2 3 and day 3 4: from day 2.
    // c (joined at 06:00 of day 0) 2 1: day 0 has 2, day 1 has 2: from day 0. d on day 1: 1 left: day 1.
    // e 2 1.5 1 .5: day 1 full, day 2 full, day 3 has 2, day 4 4 …: from day 3. f 4: day 3 full, day 4
    // has 2.5, day 5 3, day 6 3.5, day 7. g 1 1: day 2 full, day 3 full, day 4 has 2.5, day 5 3: day 4.
    // h at noon of day 2, .5 .5 .5: day 2 full, day 3 full, day 4 1.5, day 5 2, day 6 3.5: day 4.
    let model = of(&EIGHT, 4, book);
    assert_eq!(
        starts(&model, 10.0),
        [
            "a 0 0 3",
            "b 0 2 4",
            "c 0.25 0.25 2",
            "d 1 1 2",
            "e 1 3 7",
            "f 2 7 8",
            "g 2 4 6",
            "h 2.5 4 7",
        ]
    );
    assert_eq!(
        days(&run(&model, 10.0)),
        [
            "4 4 0", "4 4 0", "4 4 0", "4 4 0", "3 4 0", "2.5 4 0", "1 4 0", "4 4 0", "0 4 0",
            "0 4 0"
        ]
    );
    // With one visit more b starts on day 1, and those behind find other days.
    assert_ne!(starts(&of(&EIGHT, 5, book), 10.0), starts(&model, 10.0));
}

#[test]
fn the_line_gives_what_is_left_to_the_first_that_fits() {
    // Budget 4. Day 0: a (2); b does not fit (3 > 2); at 06:00 c does (2). Day 1: a 2, c 1: 1 left: b
    // no; d and e come: d 1 yes, e no. Day 2: a 1: 3 left: b 3 yes, e no (0 left); f, g, h no.
    // Day 3: b 2: 2 left: e 2 yes; then none. Day 4: e 1.5: f no (4), g yes 1, h yes .5: 1 left.
    // Day 5: e 1, g 1, h .5: 1.5 left. Day 6: e .5, h .5. Day 7: f.
    let model = of(&EIGHT, 4, line);
    let expected = [
        "a 0 0 3",
        "b 0 2 4",
        "c 0.25 0.25 2",
        "d 1 1 2",
        "e 1 3 7",
        "f 2 7 8",
        "g 2 4 6",
        "h 2.5 4 7",
    ];
    assert_eq!(starts(&model, 10.0), expected);
    // Strict: nobody passes b, then nobody passes f.
    // Day 2: b. Then day 2 has 0. Day 3: b 2, c 2: 0 left. Day 4: c 1, d 1, e 2: 0 left. Day 5: e 1.5.
    // f needs 4: day 5 no, day 6 e 1, day 7 e .5, day 8 f. Day 9: g, h.
    assert_eq!(
        starts(&of(&EIGHT, 4, strict), 13.0),
        [
            "a 0 0 3",
            "b 0 2 4",
            "c 0.25 3 5",
            "d 1 4 5",
            "e 1 4 8",
            "f 2 8 9",
            "g 2 9 11",
            "h 2.5 9 12",
        ]
    );
}

#[test]
fn the_line_keeps_the_days_to_come_free_for_those_who_have_started() {
    // On a Sunday, day 6, two visits instead of four. a comes on Saturday and needs 3 on both days: the
    // whole need never fits over a Sunday; b, who needs 2, passes.
    let sundays = Shift {
        from: clock("00:00"),
        to: clock("00:00"),
        days: vec![icsflow::Weekday::Sun],
        places: 2,
    };
    let all: [Person; 2] = [(5.0, &[3.0, 3.0]), (5.0, &[2.0, 2.0])];
    let model = of(&all, Capacity::new(4).weekly(sundays), line);
    assert_eq!(starts(&model, 14.0), ["a 5 7 9", "b 5 5 7"]);
    assert_eq!(starts(&of(&all, 4, line), 14.0), ["a 5 5 7", "b 5 7 9"]);
}

#[test]
fn a_cut_keeps_who_has_started_and_is_overrun() {
    // Four people with 2 a day for three days; budget 8, from day 1 on 3. All have started on day 0. On
    // days 1 and 2 there are 5 too many. e, booked for day 3 on day 0, keeps the day: 2 of 3. f, who
    // joins on day 1, finds day 3 with 1 left, … and starts on day 5, when e is over.
    let need: &[f64] = &[2.0, 2.0];
    let all: [Person; 6] = [
        (0.0, &[2.0, 2.0, 2.0]),
        (0.0, &[2.0, 2.0, 2.0]),
        (0.0, &[2.0, 2.0, 2.0]),
        (0.0, &[2.0, 2.0, 2.0]),
        (0.25, need),
        (1.0, need),
    ];
    let cut = Capacity::new(8).edit(Edit::to("24h", 3));
    let model = of(&all, cut, book);
    assert_eq!(
        starts(&model, 8.0),
        ["a 0 0 3", "b 0 0 3", "c 0 0 3", "d 0 0 3", "e 0.25 3 5", "f 1 5 7"]
    );
    let results = run(&model, 8.0);
    assert_eq!(
        days(&results),
        ["8 8 0", "8 3 5", "8 3 5", "2 3 0", "2 3 0", "2 3 0", "2 3 0", "0 3 0"]
    );
    let value = |metric| results.values(metric, "Care").unwrap()[0];
    assert_eq!(value("visits"), 4.0);
    assert_eq!(value("visits_budget"), 29.0 / 8.0);
    assert_eq!(value("visits_overrun"), 10.0 / 8.0);
    assert_eq!(value("overrun_days"), 0.25);
    assert_eq!(value("visits_per_person"), 32.0 / 6.0);
    assert_eq!(starts(&of(&all, 8, book), 8.0)[5], "f 1 3 5");
}

#[test]
fn who_cannot_go_on_goes_on_using_visits() {
    // Budget 3. a: 2 1 on days 0 and 1, then needs the one bed of Home, which x has until noon of day 3:
    // 1 a day on days 2 and 3. b needs 2 and starts on day 1 (1 + 2 = 3) for one day. c needs 3: only
    // when nobody is here: day 4. Without x, c starts on day 2.
    let all: [Person; 3] = [(0.0, &[2.0, 1.0]), (0.0, &[2.0]), (0.5, &[3.0])];
    let with = |until: f64| {
        let (model, needs, stays) = people(&all, "Care");
        model
            .cohort(Cohort::new("x"))
            .arrivals(Arrivals::timetable("x", "Home", crate::hand::at(&[0.0])).cohort("x"))
            .node(Node::visits("Care", Visits::new(3, needs), stays))
            .node(Node::beds(
                "Home",
                1,
                Cases(vec![
                    when("cohort == 'x'", fixed(until)),
                    Case { when: None, then: fixed(1.0) },
                ]),
            ))
            .route(Route::new("Care", everyone_to("Home")).cohort("a"))
    };
    let results = run(&with(84.0), 6.0);
    // c had booked day 2, when nobody foresaw that a would stay: 3 + 1.
    assert_eq!(days(&results), ["2 3 0", "3 3 0", "4 3 1", "1 3 0", "0 3 0", "0 3 0"]);
    is(
        &with(84.0),
        144.0,
        "a 0 Care 0  0  0  48 48 84 84 Home left
         a 0 Home 48 84 84 85 85 85 85 home left
         b 0 Care 0  0  24 48 48 48 48 home left
         c 0 Care 12 12 48 72 72 72 72 home left
         x 0 Home 0  0  0  84 84 84 84 home left",
    );
    // In line, c starts when a has left.
    let mut in_line = with(84.0);
    in_line.nodes[0].visits.as_mut().unwrap().mode = Some(Mode::Line);
    assert_eq!(days(&run(&in_line, 6.0)), ["2 3 0", "3 3 0", "1 3 0", "1 3 0", "3 3 0", "0 3 0"]);
    // Who leaves at midnight sharp has used no visit of the new day.
    let mut at_midnight = with(72.0);
    at_midnight.nodes[0].visits.as_mut().unwrap().mode = Some(Mode::Line);
    assert_eq!(
        days(&run(&at_midnight, 6.0)),
        ["2 3 0", "3 3 0", "1 3 0", "3 3 0", "0 3 0", "0 3 0"]
    );
    differs(&with(36.0), &with(84.0), 144.0, &["a", "x"]);
}

#[test]
fn blocked_upstream_until_the_visits_begin() {
    // Two beds; the ward's people need 2 visits a day for two days, one after the other of 3 a day.
    let ward = |per_day: u32| {
        model()
            .arrivals(crate::hand::arrivals("P", "Ward", &[6.0, 6.0, 6.0]))
            .node(Node::beds("Ward", 2, fixed(6.0)))
            .node(Node::visits("Care", Visits::new(per_day, Need::constant(2.0)), fixed(48.0)))
            .route(Route::new("Ward", everyone_to("Care")))
    };
    // P0 starts at once at 12:00, to the midnight after the second day. P1 is booked for day 2 and keeps
    // the bed until then. P2 gets the bed of P0, is ready at 18:00 and booked for day 4.
    is(
        &ward(3),
        168.0,
        "P 0 Ward 6  6  6  12 12 12 12  Care left
         P 0 Care 12 12 12 48 48 48 48  home left
         P 1 Ward 6  6  6  12 12 48 48  Care left
         P 1 Care 12 48 48 96 96 96 96  home left
         P 2 Ward 6  6  12 18 18 96 96  Care left
         P 2 Care 18 96 96 144 144 144 144 home left",
    );
    differs(&ward(4), &ward(3), 168.0, &["P 1", "P 2"]);
    let delays = run(&ward(3), 7.0).delays();
    assert_eq!(number(&delays, "mean", 0), (36.0 + 78.0) / 24.0);
}

#[test]
fn patience_frees_what_was_booked() {
    // One visit a day. a has days 0 to 2, b is booked for 3 and 4, and gives up on day 1; c comes on
    // day 1.5 and has day 3. Had b stayed, c would have had day 5.
    let all: [Person; 3] = [(0.0, &[1.0, 1.0, 1.0]), (0.0, &[1.0, 1.0]), (1.5, &[1.0])];
    let with = |patience: f64| {
        let mut model = of(&all, 1, book);
        let queue = Queue {
            patience: Some(Cases(vec![when("cohort == 'b'", fixed(patience))])),
            ..Queue::new()
        };
        model.nodes[0].queue = Some(queue.into());
        model
    };
    is(
        &with(24.0),
        168.0,
        "a 0 Care 0  0  0  72 72 72 72 home left
         b 0 Care 0  0  -  -  -  -  24 reneged reneged
         c 0 Care 36 36 72 96 96 96 96 home left",
    );
    differs(&with(90.0), &with(24.0), 168.0, &["b", "c"]);
    assert!(
        trace(&with(90.0), 168.0).contains(&"c 0 Care 36 36 120 144 144 144 144 home left".into())
    );
}

#[test]
fn classes_and_scores_rule_the_line() {
    let all: [Person; 3] = [(0.0, &[2.0, 2.0]), (0.25, &[2.0]), (0.5, &[2.0])];
    let with = |queue: Queue| {
        let mut model = of(&all, 2, line);
        model.nodes[0].queue = Some(queue.into());
        model
    };
    let second_first = Queue::by_class(["cohort == 'c'"]);
    assert_eq!(starts(&with(second_first), 6.0), ["a 0 0 2", "b 0.25 3 4", "c 0.5 2 3"]);
    assert_eq!(starts(&with(Queue::new()), 6.0), ["a 0 0 2", "b 0.25 2 3", "c 0.5 3 4"]);
}

#[test]
fn a_need_in_whole_visits_rounds_each_day() {
    // T33: from 4 to 1 over 14 days.
    let rounded = |whole: bool| {
        let visits = Visits::new(10, Need::taper(4.0, 1.0));
        let visits = if whole { visits.whole() } else { visits };
        let model = model()
            .arrivals(crate::hand::arrivals("P", "Care", &[0.0]))
            .node(Node::visits("Care", visits, Distribution::from("14d")));
        let results = run(&model, 15.0);
        results.visits().numbers("visits").unwrap().to_vec()
    };
    let whole = [4.0, 4.0, 4.0, 3.0, 3.0, 3.0, 3.0, 2.0, 2.0, 2.0, 2.0, 1.0, 1.0, 1.0, 0.0];
    assert_eq!(rounded(true), whole);
    let parts = rounded(false);
    assert_eq!(parts[..3], [4.0, 3.769, 3.538]);
    assert!((parts.iter().sum::<f64>() - 35.0).abs() < 1e-9);
}

#[test]
fn where_there_are_no_visits_nobody_starts() {
    // Who needs one waits until there are some: from day 3 on, first the two of day 0.
    let all: [Person; 3] = [(0.0, &[1.0]), (0.0, &[1.0]), (1.0, &[1.0])];
    for how in [book, line] {
        let never = of(&all, 0, how);
        assert_eq!(starts(&never, 9.0), ["a 0 NaN NaN", "b 0 NaN NaN", "c 1 NaN NaN"]);
        assert_eq!(run(&never, 9.0).values("visits", "Care").unwrap(), [0.0]);
        let later = of(&all, Capacity::new(0).edit(Edit::to("72h", 1)), how);
        assert_eq!(starts(&later, 9.0), ["a 0 3 4", "b 0 4 5", "c 1 5 6"]);
    }
}

#[test]
fn what_is_free_is_told_to_those_who_choose() {
    // Two visits a day, the first day needs 2: free while nobody is there. b finds none and goes on.
    let with = |when: &str| {
        model()
            .arrivals(crate::hand::arrivals("P", "Step", &[0.0, 1.0]))
            .node(Node::unlimited("Step", fixed(1.0)))
            .node(Node::visits("Care", Visits::new(2, Need::constant(2.0)), fixed(24.0)))
            .route(Route::new("Step", everyone_to("Care")).when(when))
            .route(Route::new("Step", everyone_to("exit")))
    };
    let went =
        |model: &Model| trace(model, 48.0).iter().filter(|line| line.contains("exit")).count();
    assert_eq!(went(&with("free('Care') > 0")), 1);
    assert_eq!(went(&with("free('Care') >= 0")), 0);
}

/// People come by a Poisson number each day at 00:00 and are cared for at once: the visits of a day are
/// a sum of independent Poisson numbers, one for each day of the stay, times the need on that day.
#[test]
fn without_limit_visits_are_compound_poisson() {
    let model = Model::new("Compound")
        .time_unit(TimeUnit::Days)
        .arrivals(
            Arrivals::renewal("P", "Care", Distribution::from("1d"))
                .batch(Distribution::poisson(6.0)),
        )
        .node(Node::visits(
            "Care",
            Visits::new(100_000, Need::taper(4.0, 1.0)),
            Distribution::from("14d"),
        ));
    let experiment = Experiment::new(&model).replications(20).warm_up(30 * DAY).until(2_000 * DAY);
    let results = experiment.run().unwrap();
    let meets = |metric: &str, expected: f64| {
        let values = results.values(metric, "Care").unwrap();
        let estimate = icsflow::Estimate::of(values, 0.999);
        let off = (estimate.mean - expected).abs();
        assert!(off <= 1.2 * estimate.half_width, "{metric}: {} not {expected}", estimate.mean);
    };
    let need = |day: f64| 4.0 - 3.0 * (day - 1.0) / 13.0;
    let sum: f64 = (1..=14).map(|day| 6.0 * need(day.into())).sum();
    let squares: f64 = (1..=14).map(|day| 6.0 * need(day.into()).powi(2)).sum();
    meets("visits", sum);
    meets("visits_sd", squares.sqrt());
    meets("occupied", 84.0);
    assert_eq!(results.values("visits_per_person", "Care").unwrap(), [35.0; 20]);
}

/// Two people ready at noon for visits that one can have at a time, who leave the ward at 18:00 only; A
/// may die at 15:00.
fn given_and_not_begun(mode: Mode, dies: bool) -> Model {
    let leave = crate::hand::instant("18:00");
    let whole = ["A", "B"].into_iter().fold(model(), |model, name| {
        let times = crate::hand::at(&[6.0]);
        model
            .cohort(Cohort::new(name))
            .arrivals(Arrivals::timetable(name, "Ward", times).cohort(name))
    });
    let whole = whole
        .node(Node::beds("Ward", 2, fixed(6.0)).leave(leave))
        .node(Node::visits("Care", Visits::new(2, Need::constant(2.0)).mode(mode), fixed(48.0)))
        .route(Route::new("Ward", everyone_to("Care")));
    let death = Event::at("Death", 15.0, ["Ward"]).whom("cohort == 'A'").act(Act::Die);
    if dies { whole.event(death) } else { whole }
}

#[test]
fn who_never_comes_gives_the_visits_back() {
    // A is given the visits of days 0 and 1 at noon. When A dies B can have them, and goes at 18:00.
    let model = given_and_not_begun(Mode::Line, true);
    is(
        &model,
        168.0,
        "A 0 Ward 6  6  6  12 12 12 15 died left
         B 0 Ward 6  6  6  12 12 15 18 Care left
         B 0 Care 12 18 18 48 48 48 48 home left",
    );
    assert_eq!(days(&run(&model, 4.0)), ["2 2 0", "2 2 0", "0 2 0", "0 2 0"]);
    // Had A lived, B would have had the days after, and gone at the window of day 2.
    let twin = given_and_not_begun(Mode::Line, false);
    differs(&twin, &model, 168.0, &["A", "B"]);
    assert_eq!(days(&run(&twin, 5.0)), ["2 2 0", "2 2 0", "2 2 0", "2 2 0", "0 2 0"]);
    // A day that is booked is not moved: those of A are used by nobody.
    let booked = given_and_not_begun(Mode::Book, true);
    assert_eq!(days(&run(&booked, 5.0)), ["0 2 0", "0 2 0", "2 2 0", "2 2 0", "0 2 0"]);
}

/// A ward and home visits serve one list. A0 has the bed and H0 the visits when somebody urgent takes the bed
/// at 24; at 48 the visits are free.
fn one_list(preempt: &str) -> Vec<String> {
    let model = Model::from_toml(&format!(
        r#"
        name = "Ward or home"
        time_unit = "hours"
        [[cohort]]
        name = "planned"
        [[cohort]]
        name = "urgent"
        [[arrivals]]
        name = "A"
        to = "List"
        cohort = "planned"
        timetable = {{ times = [0] }}
        [[arrivals]]
        name = "H"
        to = "List"
        cohort = "planned"
        timetable = {{ times = [0] }}
        [[arrivals]]
        name = "U"
        to = "List"
        cohort = "urgent"
        timetable = {{ times = [24] }}
        [[queue]]
        name = "List"
        classes = ['cohort == "urgent"']
        preempt = "{preempt}"
        [[node]]
        name = "Ward"
        beds = 1
        stay = 120
        queue = "List"
        [[node]]
        name = "Home"
        visits = {{ per_day = 1, need = {{ visits = 1 }}, mode = "line" }}
        stay = 48
        queue = "List"
        "#
    ))
    .unwrap();
    let results = run(&model, 400.0);
    let all = lines(&results.stays(), &["source", "node", "started", "ready"]);
    all.into_iter().filter(|line| line.starts_with("A Home") || line.starts_with("H")).collect()
}

#[test]
fn a_stay_that_was_interrupted_in_a_bed_goes_on_at_home() {
    // A0 had 24 of 120 hours: 96 are left, or all of them. The stay of home is that of who starts there.
    assert_eq!(one_list("resume"), ["H Home 0 48", "A Home 48 144"]);
    assert_eq!(one_list("restart"), ["H Home 0 48", "A Home 48 168"]);
    assert_eq!(one_list("resample"), ["H Home 0 48", "A Home 48 96"]);
}

#[test]
fn where_nobody_passes_the_first_the_next_has_a_turn_when_that_one_gives_up() {
    // Budget 3. a: 2 and 2. b needs 2 and does not fit, c 1 and does, behind b, who gives up at 6:00.
    let all: [Person; 3] = [(0.0, &[2.0, 2.0]), (0.0, &[2.0]), (0.0, &[1.0])];
    let with = |patience: f64| {
        let (model, needs, stays) = people(&all, "Care");
        let patience = Cases(vec![when("cohort == 'b'", fixed(patience))]);
        let care = Node::visits("Care", strict(Visits::new(3, needs)), stays);
        model.node(care.queue(Queue::new().patience(patience)))
    };
    assert_eq!(starts(&with(6.0), 4.0), ["a 0 0 2", "b 0 NaN 0.25", "c 0 0.25 1"]);
    assert_eq!(starts(&with(300.0), 4.0), ["a 0 0 2", "b 0 2 3", "c 0 2 3"]);
}

#[test]
fn days_given_back_by_an_early_end_are_for_those_who_wait_today() {
    // Budget 3. x: 1, 1 and then 3 a day; at 6:00 of day 1 the stay ends early, and x waits for the bed of Home with
    // 1 a day. From then on y fits, who needs 1 a day for four days.
    let all: [Person; 2] = [(0.0, &[1.0, 1.0, 3.0, 3.0, 3.0]), (0.25, &[1.0, 1.0, 1.0, 1.0])];
    let with = |early: f64| {
        let (model, needs, stays) = people(&all, "Care");
        let end = StayEnd::new(Cases(vec![when("cohort == 'a'", fixed(early))])).to("Home");
        let care = Node::visits("Care", line(Visits::new(3, needs)), stays).ends("early", end);
        model
            .cohort(Cohort::new("z"))
            .arrivals(Arrivals::timetable("z", "Home", crate::hand::at(&[0.0])).cohort("z"))
            .node(care)
            .node(Node::beds("Home", 1, fixed(96.0)))
    };
    let of = |early: f64| -> Vec<String> {
        let all = starts(&with(early), 10.0);
        all.into_iter().filter(|line| line.starts_with('b')).collect()
    };
    assert_eq!(of(30.0), ["b 0.25 1.25 5"]);
    assert_eq!(of(36.0), ["b 0.25 1.5 5"]);
    assert_eq!(of(3000.0), ["b 0.25 5 9"]);
}

#[test]
fn who_joins_at_midnight_is_booked_by_the_budget_of_the_new_day() {
    // From day 1 on there are 2 visits a day instead of 6, which is not foreseen on day 0. Three come on day 1, by
    // way of a ward that they leave at midnight, or 6 minutes later.
    let of = |came: f64| {
        let cut = Capacity::new(6).edit(Edit::to("24h", 2));
        model()
            .arrivals(crate::hand::arrivals("P", "Ward", &[came, came, came]))
            .node(Node::unlimited("Ward", fixed(24.0)))
            .node(Node::visits("Care", Visits::new(cut, Need::constant(2.0)), fixed(24.0)))
            .route(Route::new("Ward", everyone_to("Care")))
    };
    for came in [0.0, 0.1] {
        let results = run(&of(came), 6.0);
        assert_eq!(days(&results), ["0 6 0", "2 2 0", "2 2 0", "2 2 0", "0 2 0", "0 2 0"]);
    }
}
