//! Who comes, who comes again, and what changes about them: runs worked out on paper.

use icsflow::time::hours;
use icsflow::{
    Act, Arrivals, Attends, Attribute, Case, Cases, Choose, Cohort, Death, Distribution, Error,
    Event, Experiment, Model, Node, On, Population, Readmission, Replay, Route, SetAttribute,
    Share, State,
};

use crate::hand::{arrivals, differs, everyone_to, fixed, is, model, run, trace, when};
use crate::tables::{cell, lines, number};

fn flag(name: &str) -> Cohort {
    Cohort::new("p").attribute(name, Attribute::Flag(0.0))
}

fn by_flag(name: &str, yes: f64, no: f64) -> Cases<Distribution> {
    Cases(vec![when(name, fixed(yes)), Case { when: None, then: fixed(no) }])
}

#[test]
fn recorded_arrivals_come_as_they_were_recorded() {
    // In the order of their times, not of the table; to the place and with the attributes of their rows.
    let of = |second: bool| {
        let mut replay = Replay {
            times: [5.0, 2.0, 2.0].map(|hours| icsflow::Moment::After(hours.into())).into(),
            to: ["A", "B", "A"].map(str::to_owned).into(),
            ..Replay::default()
        };
        let given = [false, second, true].map(icsflow::Known::from);
        replay.attributes.insert("weak".into(), icsflow::Given::Each(given.into()));
        model()
            .cohort(flag("weak"))
            .arrivals(Arrivals::replay("Log", "A", replay))
            .node(Node::beds("A", 1, by_flag("weak", 7.0, 1.0)))
            .node(Node::beds("B", 1, by_flag("weak", 7.0, 1.0)))
    };
    let model = of(false);
    is(
        &model,
        24.0,
        "Log 0 B 2 2 2 3  3  3  3  home left
         Log 1 A 2 2 2 9  9  9  9  home left
         Log 2 A 5 5 9 10 10 10 10 home left",
    );
    differs(&of(true), &model, 24.0, &["Log 0"]);
    assert_eq!(Model::from_toml(&model.to_toml()).as_ref(), Ok(&model));
}

#[test]
fn who_does_not_come_goes_elsewhere_or_nowhere() {
    // All come while the ward has a place free; else to the clinic, or nowhere. Of 1, 2, 3 and 9 the
    // ward, taken from 1 to 5 and from 9 on, sees the first and the last.
    let of = |otherwise: &str| {
        let stream = arrivals("In", "Ward", &[1.0, 2.0, 3.0, 9.0]);
        model()
            .arrivals(stream.accept("free('Ward') > 0", otherwise))
            .node(Node::beds("Ward", 1, fixed(4.0)))
            .node(Node::beds("Clinic", 2, fixed(2.0)))
    };
    let elsewhere = of("Clinic");
    is(
        &elsewhere,
        24.0,
        "In 0 Ward   1 1 1 5  5  5  5  home left
         In 1 Clinic 2 2 2 4  4  4  4  home left
         In 2 Clinic 3 3 3 5  5  5  5  home left
         In 3 Ward   9 9 9 13 13 13 13 home left",
    );
    let nowhere = of("suppressed");
    differs(&nowhere, &elsewhere, 24.0, &["In 1", "In 2"]);
    let results = run(&nowhere, 24.0);
    // Of the four who would have come two did: the others are told among the flows, and nowhere else.
    let flows = lines(&results.flows(), &["from", "to", "mean"]);
    assert!(flows.contains(&"In suppressed 2".to_owned()), "{flows:?}");
    assert_eq!(results.values("entered", "Trace").unwrap(), [2.0 / 24.0]);
    assert!(lines(&results.audit(), &["holds"]).iter().all(|holds| holds == "yes"));
}

#[test]
fn a_share_beyond_its_bound_ends_the_run() {
    let stream = arrivals("In", "Ward", &[1.0, 2.0]).accept("occupied('Ward') + 0.5", "suppressed");
    let model = model().arrivals(stream).node(Node::beds("Ward", 9, fixed(4.0)));
    let mut broken = 0;
    for seed in 0..20 {
        match Experiment::new(&model).replications(1).until(hours(9.0)).seed(seed).run() {
            Ok(_) => {}
            Err(Error::Run { message, .. }) => {
                assert!(message.contains("`accept`") && message.contains("time 2"), "{message}");
                broken += 1;
            }
            Err(other) => panic!("{other}"),
        }
    }
    assert!((4..=16).contains(&broken), "{broken}");
}

#[test]
fn thinning_leaves_those_who_come_as_they_were() {
    // Whoever still comes has the times and the draws of the run in which all come.
    let of = |share: &str| {
        let stream = Arrivals::poisson("In", "Ward", 1.0).accept(share, "suppressed");
        model()
            .arrivals(stream)
            .node(Node::unlimited("Ward", Distribution::lognormal_mean_sd(6.0, 5.0)))
    };
    let (all, some) = (run(&of("1"), 200.0).stays(), run(&of("0.6"), 200.0).stays());
    let visits = |table| lines(table, &["patient", "joined", "left"]);
    let (all, some) = (visits(&all), visits(&some));
    assert!(some.len() > 80 && some.len() < 160, "{}", some.len());
    assert!(some.iter().all(|visit| all.contains(visit)));
}

#[test]
fn a_long_delay_lengthens_the_stay_after_it() {
    // Home has one place. P0 is ready at 3 and goes on at once; P1, ready at 4, waits for P0 until 13:
    // 9 hours, more than 8, and is weak from then on: 20 at Home instead of 10.
    let of = |limit: &str| {
        let weak =
            SetAttribute::new(On::Leave, "weak", "true").when(format!("waited > {limit}").as_str());
        model()
            .cohort(flag("weak"))
            .arrivals(arrivals("P", "Ward", &[1.0, 2.0]))
            .node(Node::beds("Ward", 2, fixed(2.0)).set(weak))
            .node(Node::beds("Home", 1, by_flag("weak", 20.0, 10.0)))
            .route(Route::new("Ward", everyone_to("Home")))
    };
    let model = of("8");
    is(
        &model,
        48.0,
        "P 0 Ward 1 1  1  3  3  3  3  Home left
         P 0 Home 3 3  3  13 13 13 13 home left
         P 1 Ward 2 2  2  4  4  13 13 Home left
         P 1 Home 4 13 13 33 33 33 33 home left",
    );
    differs(&of("10"), &model, 48.0, &["P 1"]);
}

#[test]
fn attributes_change_at_every_turn_of_a_visit() {
    // A number goes up by 1 on joining, times 10 on starting, by 1 on being ready: 11 then, so the route
    // for 11; leaving adds 5, so that the next stay is of 16.
    let of = |on_start: &str| {
        let set = |on, to: &str| SetAttribute::new(on, "n", to);
        let long = Cases(vec![when("n == 16", fixed(7.0)), Case { when: None, then: fixed(1.0) }]);
        model()
            .cohort(Cohort::new("p").attribute("n", Attribute::Number(fixed(0.0))))
            .arrivals(arrivals("P", "A", &[1.0]))
            .node(
                Node::beds("A", 1, fixed(2.0))
                    .set(set(On::Join, "n + 1"))
                    .set(set(On::Start, on_start))
                    .set(set(On::Ready, "n + 1"))
                    .set(set(On::Leave, "n + 5")),
            )
            .node(Node::unlimited("B", long))
            .route(Route::new("A", everyone_to("B")).when("n == 11"))
            .route(Route::new("A", everyone_to("died")))
    };
    let model = of("10 * n");
    is(&model, 24.0, "P 0 A 1 1 1 3 3 3 3 B left\nP 0 B 3 3 3 10 10 10 10 home left");
    assert_eq!(run(&of("9 * n"), 24.0).values("joined", "B").unwrap(), [0.0]);
}

#[test]
fn a_person_comes_again_after_so_long_outside() {
    // Stays 3, then 10 outside: each time 13 after the last, from a first time within the first 10.
    let of = |every: f64| {
        let people = Population::new("People", 5).attends(Attends::every("Ward", fixed(every)));
        model().population(people).node(Node::beds("Ward", 9, fixed(3.0)))
    };
    let results = run(&of(10.0), 100.0);
    let table = results.stays();
    let mut last: [Option<f64>; 5] = [None; 5];
    for row in 0..table.rows() {
        let person: usize = cell(&table, "patient", row).parse().unwrap();
        let joined = number(&table, "joined", row);
        match last[person] {
            None => assert!(joined > 0.0 && joined < 10.0, "{joined}"),
            Some(before) => assert!((joined - before - 13.0).abs() < 1e-8, "{joined} {before}"),
        }
        last[person] = Some(joined);
        assert_eq!(cell(&table, "source", row), "People");
    }
    assert!(last.iter().all(|last| last.is_some_and(|last| last > 80.0)));
    assert!(lines(&results.audit(), &["holds"]).iter().all(|holds| holds == "yes"));
    assert_ne!(run(&of(12.0), 100.0).stays().rows(), table.rows());
}

#[test]
fn clocks_outside_run_beside_each_other_and_not_inside() {
    // Every 10 outside to A for 2, every 25 outside to B for 4. Between two visits to A lie 10 outside and
    // what B takes, if that falls between; between two to B 25 outside and 2 or 3 visits to A.
    let people = Population::new("P", 1)
        .attends(Attends::every("A", fixed(10.0)))
        .attends(Attends::every("B", fixed(25.0)));
    let model = model()
        .population(people)
        .node(Node::unlimited("A", fixed(2.0)))
        .node(Node::unlimited("B", fixed(4.0)));
    let table = run(&model, 400.0).stays();
    let joined = |node: &str| -> Vec<f64> {
        let rows = (0..table.rows()).filter(|row| cell(&table, "node", *row) == node);
        rows.map(|row| number(&table, "joined", row)).collect()
    };
    let (a, b) = (joined("A"), joined("B"));
    for pair in a.windows(2) {
        let between = b.iter().filter(|b| **b > pair[0] && **b < pair[1]).count() as f64;
        assert!((pair[1] - pair[0] - 12.0 - 4.0 * between).abs() < 1e-8, "{a:?} {b:?}");
    }
    for pair in b.windows(2) {
        let between = a.iter().filter(|a| **a > pair[0] && **a < pair[1]).count() as f64;
        assert!((pair[1] - pair[0] - 29.0 - 2.0 * between).abs() < 1e-8, "{a:?} {b:?}");
    }
    assert!(a.len() > 20 && b.len() > 8);
}

#[test]
fn who_died_or_has_no_hazard_does_not_come_again() {
    let of = |to: &str, keen: bool| {
        let people = Population::new("P", 40).attends(Attends::hazard("Ward", "if(keen, 0.1, 0)"));
        let cohort = Cohort::new("p").attribute("keen", Attribute::Flag(1.0));
        let mut ward = Node::unlimited("Ward", fixed(3.0));
        if !keen {
            ward = ward.set(SetAttribute::new(On::Ready, "keen", false));
        }
        let model = model().cohort(cohort).population(people).node(ward);
        model.route(Route::new("Ward", [(to, Share::Rest)]))
    };
    let visits = |model: &Model| run(model, 400.0).stays().rows();
    assert_eq!(visits(&of("died", true)), 40);
    assert_eq!(visits(&of("home", false)), 40);
    // Mean 13 from one to the next: about 31 each.
    assert!((1000..1400).contains(&visits(&of("home", true))));
}

#[test]
fn a_closed_network_keeps_to_theory() {
    // Machine repair: 3 people, 1 place, mean 4 outside, mean 2 inside. Of weights 3!/(3-n)! (1/2)^n:
    // 1, 1.5, 1.5, 0.75: throughput (1 - 1/4.75) / 2.
    let people =
        Population::new("P", 3).attends(Attends::every("W", Distribution::exponential(4.0)));
    let ward = Node::beds("W", 1, Distribution::exponential(2.0));
    let model = model().population(people).node(ward);
    let run = Experiment::new(&model).replications(200).warm_up(hours(100.0)).until(hours(2000.0));
    let values = run.run().unwrap().values("departures", "W").unwrap();
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let sd = (values.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / (n - 1.0)).sqrt();
    let exact = (1.0 - 1.0 / 4.75) / 2.0;
    assert!((mean - exact).abs() < 4.0 * sd / n.sqrt(), "{mean} {exact}");
}

// ---- events on people ------------------------------------------------------------------------------

/// Three in a ward whose stays last 10, and a home with one place.
fn ward(event: Event) -> Model {
    model()
        .arrivals(arrivals("P", "Ward", &[1.0, 2.0, 3.0]))
        .node(Node::beds("Ward", 3, fixed(10.0)))
        .node(Node::beds("Home", 1, fixed(4.0)))
        .event(event)
}

#[test]
fn a_mass_discharge_waits_for_places_in_order() {
    // At 5 all three are offered the one place: the longest there first. The others keep theirs.
    let of = |most| ward(Event::at("Discharge", "5h", ["Ward"]).to("Home").most(most));
    let model = of(3);
    is(
        &model,
        48.0,
        "P 0 Ward 1 1 1  5  5  5  5  Home left
         P 0 Home 5 5 5  9  9  9  9  home left
         P 1 Ward 2 2 2  5  5  9  9  Home left
         P 1 Home 5 9 9  13 13 13 13 home left
         P 2 Ward 3 3 3  5  5  13 13 Home left
         P 2 Home 5 13 13 17 17 17 17 home left",
    );
    differs(&of(2), &model, 48.0, &["P 2"]);
    let table = run(&model, 48.0).events_on_people();
    assert_eq!(lines(&table, &["event", "time", "people"]), ["Discharge 5 3"]);
}

#[test]
fn a_score_says_whom_an_event_concerns_first() {
    let of = |score: &str| {
        let one = Event::at("One", "5h", ["Ward"]).score(score).most(1).act(Act::End);
        ward(one)
    };
    let latest = of("-waited");
    is(
        &latest,
        48.0,
        "P 0 Ward 1 1 1 11 11 11 11 home left
         P 1 Ward 2 2 2 12 12 12 12 home left
         P 2 Ward 3 3 3 5  5  5  5  home left",
    );
    differs(&of("waited"), &latest, 48.0, &["P 0", "P 2"]);
}

#[test]
fn those_who_wait_are_sent_on_and_cancelled_lists_keep_their_clocks() {
    // One place. At 5 P0's stay is cancelled: back in front, in line since 1, and anew from 5 on. At 6
    // those who wait go home: P1 and P2.
    let of = |time: &str| {
        model()
            .arrivals(arrivals("P", "Ward", &[1.0, 2.0, 3.0]))
            .node(Node::beds("Ward", 1, fixed(10.0)))
            .event(Event::at("Cancelled", "5h", ["Ward"]).of([State::InStay]).act(Act::Requeue))
            .event(Event::at("Away", time, ["Ward"]).of([State::Waiting]).to("home"))
    };
    let model = of("6h");
    is(
        &model,
        48.0,
        "P 0 Ward 1 1 1 -  -  -  5  -    interrupted
         P 0 Ward 1 5 5 15 15 15 15 home left
         P 1 Ward 2 2 - -  -  -  6  home removed
         P 2 Ward 3 3 - -  -  -  6  home removed",
    );
    differs(&of("2h"), &model, 48.0, &["P 1", "P 2"]);
    // Two waits count, that of the first start and that from 1 to 5 again.
    assert_eq!(run(&model, 48.0).values("mean_wait", "Ward").unwrap(), [2.0]);
}

#[test]
fn a_closed_ward_takes_nobody_in_for_a_time() {
    // Closed from 2 to 7: P0 stays, P1 and P2 wait although there is room.
    let of = |close: &str| {
        model()
            .arrivals(arrivals("P", "Ward", &[1.0, 2.0, 3.0]))
            .node(Node::beds("Ward", 3, fixed(10.0)))
            .event(Event::at("Outbreak", "2h", ["Ward"]).close(close))
    };
    let model = of("5h");
    is(
        &model,
        48.0,
        "P 0 Ward 1 1 1 11 11 11 11 home left
         P 1 Ward 2 2 7 17 17 17 17 home left
         P 2 Ward 3 3 7 17 17 17 17 home left",
    );
    differs(&of("30 min"), &model, 48.0, &["P 1", "P 2"]);
}

#[test]
fn whoever_is_taken_out_gives_up_what_is_reserved() {
    // A is ready at 2 and has the place of Home reserved, but leaves only when the window opens at 8. B,
    // ready at 3, is blocked. At 5 A goes elsewhere instead: B has the place reserved from then on.
    let of = |whom: &str| {
        model()
            .cohort(Cohort::new("a"))
            .cohort(Cohort::new("b"))
            .arrivals(arrivals("A", "Ward", &[1.0]).cohort("a"))
            .arrivals(arrivals("B", "Ward", &[2.0]).cohort("b"))
            .node(Node::beds("Ward", 2, fixed(1.0)).leave(crate::hand::instant("08:00")))
            .node(Node::beds("Home", 1, fixed(4.0)))
            .route(Route::new("Ward", everyone_to("Home")))
            .event(Event::at("Other", "5h", ["Ward"]).whom(whom).to("exit"))
    };
    let model = of("cohort == 'a'");
    is(
        &model,
        48.0,
        "A 0 Ward 1 1 1 2  5  5  8  exit left
         B 0 Ward 2 2 2 3  3  5  8  Home left
         B 0 Home 3 8 8 12 12 12 12 home left",
    );
    differs(&of("cohort == 'b'"), &model, 48.0, &["A 0", "B 0"]);
}

#[test]
fn people_die_wherever_they_are() {
    // Death comes 5 after joining Ward. A is in stay then; B waits in the queue; C, ready, is blocked; D
    // has left the system by then. Each gives up what was held.
    let of = |after: f64| {
        model()
            .cohort(Cohort::new("p"))
            .arrivals(arrivals("A", "Ward", &[0.0]))
            .arrivals(arrivals("B", "Ward", &[1.0]))
            .arrivals(arrivals("C", "Step", &[0.5]))
            .arrivals(arrivals("D", "Other", &[0.5]))
            .node(Node::beds("Ward", 1, fixed(9.0)).death(Death::new(On::Join, fixed(after))))
            .node(Node::beds("Step", 1, fixed(2.0)).death(Death::new(On::Start, fixed(after))))
            .node(Node::beds("Other", 1, fixed(2.0)).death(Death::new(On::Start, fixed(after))))
            .route(Route::new("Step", everyone_to("Ward")))
    };
    let model = of(5.0);
    is(
        &model,
        24.0,
        "A 0 Ward  0   0   0   5   5   5   5   died left
         B 0 Ward  1   1   5   6   6   6   6   died left
         C 0 Step  0.5 0.5 0.5 2.5 2.5 5.5 5.5 died left
         D 0 Other 0.5 0.5 0.5 2.5 2.5 2.5 2.5 home left",
    );
    differs(&of(4.0), &model, 24.0, &["A 0", "B 0", "C 0"]);
    assert!(lines(&run(&model, 24.0).audit(), &["holds"]).iter().all(|holds| holds == "yes"));
}

#[test]
fn who_dies_waiting_for_the_window_was_free_to_go_before() {
    // Ready at 3, the window opens at 18; death comes 9 after the start.
    let of = |after: f64| {
        let ward = Node::beds("Ward", 1, fixed(2.0)).leave(crate::hand::instant("18:00"));
        let death = Death::new(On::Start, fixed(after));
        model().arrivals(arrivals("P", "Ward", &[1.0])).node(ward.death(death))
    };
    let model = of(9.0);
    is(&model, 24.0, "P 0 Ward 1 1 1 3 3 3 10 died left");
    differs(&of(18.0), &model, 24.0, &["P 0"]);
}

#[test]
fn whom_an_event_sends_back_is_there_a_second_time() {
    // At 5 whoever is in stay goes back to a place of the same ward: another visit, with a stay of its own.
    let of = |event: bool| {
        let ward = Node::beds("Ward", 2, Distribution::lognormal_mean_sd(40.0, 30.0));
        let model = model().arrivals(arrivals("P", "Ward", &[1.0])).node(ward);
        if event { model.event(Event::at("Again", "1.5h", ["Ward"]).to("Ward")) } else { model }
    };
    let visits = |model: &Model| lines(&run(model, 900.0).stays(), &["started", "left", "visit"]);
    let (plain, sent) = (visits(&of(false)), visits(&of(true)));
    let [first, second] = &sent[..] else { panic!("{sent:?}") };
    assert_eq!(first, "1 1.5 0");
    let length = |visit: &str| {
        let told: Vec<f64> = visit.split(' ').map(|cell| cell.parse().unwrap()).collect();
        assert_eq!(told[2], f64::from(u8::from(told[0] > 1.0)));
        told[1] - told[0]
    };
    // Were it the same visit, the stay would be as long as the one that was cut short.
    assert!((length(second) - length(&plain[0])).abs() > 1e-3, "{plain:?} {sent:?}");
}

#[test]
fn who_gives_up_a_ticket_of_several_lines_had_joined_none() {
    // W waits for the first free of A and B, both taken, and is sent home at 5.
    let of = |time: &str| {
        model()
            .arrivals(arrivals("W", "Ward", &[1.0]))
            .arrivals(arrivals("A", "A", &[0.0]))
            .arrivals(arrivals("B", "B", &[0.0]))
            .node(Node::beds("Ward", 1, fixed(2.0)))
            .node(Node::beds("A", 1, fixed(9.0)))
            .node(Node::beds("B", 1, fixed(9.0)))
            .route(Route::choose("Ward", Choose::FirstFree, ["A", "B"]))
            .event(Event::at("Home", time, ["Ward"]).of([State::Ready]).to("home"))
    };
    for time in ["5h", "20h"] {
        let results = run(&of(time), 24.0);
        assert!(lines(&results.audit(), &["holds"]).iter().all(|holds| holds == "yes"), "{time}");
        let removed: f64 =
            lines(&results.lists(), &["removed"]).iter().map(|n| n.parse::<f64>().unwrap()).sum();
        assert_eq!(removed, 0.0);
    }
    // Sent on, W seeks anew.
    assert_eq!(trace(&of("5h"), 24.0)[2], "W 0 Ward 1 1 1 3 5 5 5 home left");
}

#[test]
fn some_who_go_out_come_again_with_what_is_known_of_them() {
    let of = |share: f64, out: &'static str| {
        model()
            .cohort(flag("weak"))
            .arrivals(arrivals("P", "A", &[0.0, 1.0]))
            .node(
                Node::beds("A", 2, fixed(2.0))
                    .set(SetAttribute::new(On::Leave, "weak", "true"))
                    .readmission(Readmission::new(share, fixed(5.0), "B").when("hour < 3")),
            )
            .node(Node::beds("B", 1, by_flag("weak", 7.0, 1.0)))
            .route(Route::new("A", everyone_to(out)))
    };
    // P0 goes out at 2 and comes to B at 7, weak; P1 goes out at 3, and does not come again.
    is(
        &of(1.0, "home"),
        48.0,
        "P 0 A 0 0 0 2 2 2 2 home left
         P 0 B 7 7 7 14 14 14 14 home left
         P 1 A 1 1 1 3 3 3 3 home left",
    );
    let results = run(&of(1.0, "home"), 48.0);
    assert_eq!(lines(&results.stays(), &["node", "spell"]), ["A 0", "A 0", "B 1"]);
    assert_eq!(results.values("entered", "Trace"), Some(vec![3.0 / 48.0]));
    assert_eq!(results.values("readmitted_share", "A"), Some(vec![0.5]));
    assert!(
        lines(&results.flows(), &["from", "to", "mean"])
            .contains(&"readmissions from A B 1".into())
    );
    // Until then they are not inside: 2 of 48 hours for P0 and P1 each, and 7.
    assert_eq!(results.values("inside", "Trace"), Some(vec![11.0 / 48.0]));
    // Nobody comes again of whom no share does, and nobody who has died.
    differs(&of(0.0, "home"), &of(1.0, "home"), 48.0, &["P 0"]);
    assert_eq!(run(&of(1.0, "died"), 48.0).values("entered", "Trace"), Some(vec![2.0 / 48.0]));
}

#[test]
fn those_who_come_again_within_30_days_are_a_share() {
    // Of all who go out 30 % come again after an exponential time of 20 days: within 30 days
    // 0.3 (1 - exp(-1.5)). Each comes on average 1 / (1 - 0.3) times.
    let again = Readmission::new(0.3, Distribution::exponential("20d"), "Ward");
    let model = Model::new("Again")
        .arrivals(Arrivals::poisson("P", "Ward", 10.0))
        .node(Node::unlimited("Ward", Distribution::exponential("5d")).readmission(again));
    let run = Experiment::new(&model).replications(12).warm_up(icsflow::time::days(400.0));
    let results = run.until(icsflow::time::days(400.0)).seed(5).run().unwrap();
    for (metric, scope, expected) in [
        ("readmitted_share", "Ward", 0.3),
        ("readmitted_30_days", "Ward", 0.3 * (1.0 - (-1.5_f64).exp())),
        ("entered", "Again", 10.0 / 0.7),
        ("inside", "Again", 50.0 / 0.7),
    ] {
        let values = results.values(metric, scope).unwrap();
        let n = values.len() as f64;
        let mean = values.iter().sum::<f64>() / n;
        let sd = (values.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / (n - 1.0)).sqrt();
        assert!((mean - expected).abs() < 4.5 * sd / n.sqrt(), "{metric}: {mean}, not {expected}");
    }
}

#[test]
fn who_comes_in_vain_has_come_and_the_next_visit_counts_on() {
    // The one bed is taken for good, and nobody may wait.
    let people = Population::new("P", 1).attends(Attends::every("Ward", fixed(10.0)));
    let ward = Node::beds("Ward", 1, fixed(999.0))
        .queue(icsflow::Queue::new().limit(icsflow::Limit::Of(0)));
    let model = model().arrivals(arrivals("First", "Ward", &[0.0])).population(people).node(ward);
    let table = run(&model, 50.0).stays();
    let of_person = |row: &usize| cell(&table, "source", *row) == "P";
    let visits = (0..table.rows()).filter(of_person).map(|row| cell(&table, "visit", row));
    let visits: Vec<String> = visits.collect();
    assert!(visits.len() >= 4);
    assert!(visits.iter().enumerate().all(|(at, visit)| *visit == at.to_string()), "{visits:?}");
}

#[test]
fn what_an_event_changes_is_asked_of_those_who_wait_at_once() {
    // Nobody is admitted who is not fit. At 10 A is.
    let of = |event: &str| {
        model()
            .cohort(flag("fit"))
            .arrivals(arrivals("A", "Ward", &[1.0]))
            .node(Node::beds("Ward", 1, fixed(5.0)).admit("fit"))
            .event(Event::at("Fit", event, ["Ward"]).set("fit", true))
    };
    is(&of("10h"), 48.0, "A 0 Ward 1 1 10 15 15 15 15 home left");
    differs(&of("12h"), &of("10h"), 48.0, &["A 0"]);
}

#[test]
fn nobody_starts_where_it_is_closed_whichever_way_they_come() {
    // The service without limit is closed from 2 to 7. D comes from outside, E from the ward, which is left.
    let of = |close: &str| {
        model()
            .arrivals(arrivals("D", "Service", &[1.0, 4.0]))
            .arrivals(arrivals("E", "Ward", &[3.0]))
            .node(Node::beds("Ward", 1, fixed(2.0)))
            .node(Node::unlimited("Service", fixed(1.0)))
            .route(Route::new("Ward", everyone_to("Service")))
            .event(Event::at("Shut", "2h", ["Service"]).close(close))
    };
    is(
        &of("5h"),
        48.0,
        "D 0 Service 1 1 1 2 2 2 2 home left
         D 1 Service 4 4 7 8 8 8 8 home left
         E 0 Ward    3 3 3 5 5 5 5 Service left
         E 0 Service 5 5 7 8 8 8 8 home left",
    );
    differs(&of("1h"), &of("5h"), 48.0, &["D 1", "E 0"]);
}
