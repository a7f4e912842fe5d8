//! Early referrals, worked out on paper. [`hand`](crate::hand) tells how to read the traces.

use icsflow::time::days;
use icsflow::{
    Act, Arrivals, Attribute, Case, Cases, Census, Choose, Clock, Cohort, Distribution, Event,
    Experiment, Mark, Model, Moment, Node, Preempt, Referral, Replay, Results, Route, Stage, State,
};

use crate::hand::{arrivals, differs, everyone_to, first, fixed, instant, is, listed, model, run};
use crate::hand::{trace, when};
use crate::tables::{lines, number};
use crate::theory::meets;

fn on_admission() -> Referral {
    Referral::after_start(fixed(0.0))
}

/// Home care with one place, taken from 0 on; A0 is on ward A from 1 to 6, B0 on ward B from 2 to 4.
fn wards(referral: Option<Referral>, home: &[f64]) -> Model {
    let mut ward = Node::beds("A", 2, fixed(5.0));
    ward.referral = referral;
    model()
        .arrivals(arrivals("H", "Home care", &[0.0]))
        .arrivals(arrivals("A", "A", &[1.0]))
        .arrivals(arrivals("B", "B", &[2.0]))
        .node(Node::beds("Home care", 1, listed(home)))
        .node(ward)
        .node(Node::beds("B", 2, fixed(2.0)))
        .route(Route::new("A", everyone_to("Home care")))
        .route(Route::new("B", everyone_to("Home care")))
}

#[test]
fn who_was_referred_on_admission_is_before_who_was_ready_earlier() {
    // The place is free at 10. B0 has sought it since 4, A0 since 6, but A0 was referred at 1.
    let referred = wards(Some(on_admission()), &[10.0, 3.0, 3.0]);
    is(
        &referred,
        24.0,
        "A 0 A         1 1  1  6  6  10 10 Home care left
         A 0 Home care 1 10 10 13 13 13 13 home left
         B 0 B         2 2  2  4  4  13 13 Home care left
         B 0 Home care 4 13 13 16 16 16 16 home left
         H 0 Home care 0 0  0  10 10 10 10 home left",
    );
    differs(&wards(None, &[10.0, 3.0, 3.0]), &referred, 24.0, &["A 0", "B 0"]);
    // The delay is charged from ready on, whenever the referral was: 4 hours of A0, 9 of B0.
    let delays = lines(&run(&referred, 24.0).delays(), &["holder", "awaited", "mean"]);
    let hours = |hours: f64| format!("{}", hours / 24.0);
    assert!(delays.contains(&format!("A Home care {}", hours(4.0))), "{delays:?}");
    assert!(delays.contains(&format!("B Home care {}", hours(9.0))), "{delays:?}");
}

#[test]
fn a_referral_at_the_end_of_the_stay_lets_the_papers_be_done_beside_the_search() {
    // A0 is ready at 6 and has papers to wait for until 10; B0 is ready at 7.
    let of = |referral, free| {
        let mut model = wards(referral, &[free, 3.0, 3.0]);
        model.arrivals[2] = arrivals("B", "B", &[5.0]);
        model.nodes[1] = model.nodes[1].clone().process_delay("Papers", fixed(4.0));
        model
    };
    let beside = || Referral::before_end(fixed(0.0));
    // The place is free at 12: of both, A0 was ready first.
    let referred = of(Some(beside()), 12.0);
    is(
        &referred,
        24.0,
        "A 0 A         1 1  1  6  10 12 12 Home care left
         A 0 Home care 6 12 12 15 15 15 15 home left
         B 0 B         5 5  5  7  7  15 15 Home care left
         B 0 Home care 7 15 15 18 18 18 18 home left
         H 0 Home care 0 0  0  12 12 12 12 home left",
    );
    // The twin looks for a place when the papers are done, and is behind B0.
    differs(&of(None, 12.0), &referred, 24.0, &["A 0", "B 0"]);
    // What is waited for after the papers is charged to the place, and no more.
    let delays = lines(&run(&referred, 24.0).delays(), &["holder", "cause", "awaited", "mean"]);
    for (what, hours) in [("capacity Home care", 2.0), ("process -", 4.0)] {
        let hours = hours / 24.0;
        assert!(delays.contains(&format!("A {what} {hours}")), "{what}: {delays:?}");
    }
    // It is free at 8: kept for A0 until 10, or given to B0.
    let held = of(Some(beside().hold()), 8.0);
    is(
        &held,
        24.0,
        "A 0 A         1 1  1  6  10 10 10 Home care left
         A 0 Home care 6 10 10 13 13 13 13 home left
         B 0 B         5 5  5  7  7  13 13 Home care left
         B 0 Home care 7 13 13 16 16 16 16 home left
         H 0 Home care 0 0  0  8  8  8  8  home left",
    );
    differs(&of(Some(beside()), 8.0), &held, 24.0, &["A 0", "B 0"]);
}

#[test]
fn what_falls_free_before_somebody_is_ready_passes_them_by() {
    // At 3 the place goes to B0's neighbour W0, though A0 was referred earlier: A0 is not ready. At 7 A0
    // is, and first: W1 has waited since 2.5.
    let of = |referral| {
        let mut model = wards(referral, &[3.0, 4.0, 2.0, 2.0]);
        model.arrivals[2] = arrivals("W", "Home care", &[2.0, 2.5]);
        model
    };
    let referred = of(Some(on_admission()));
    is(
        &referred,
        24.0,
        "A 0 A         1   1   1 6  6  7  7  Home care left
         A 0 Home care 1   7   7 9  9  9  9  home left
         H 0 Home care 0   0   0 3  3  3  3  home left
         W 0 Home care 2   2   3 7  7  7  7  home left
         W 1 Home care 2.5 2.5 9 11 11 11 11 home left",
    );
    differs(&of(None), &referred, 24.0, &["A 0", "W 1"]);
}

#[test]
fn before_the_end_and_at_the_earliest_on_admission() {
    // Two hours before 6 is 4, the instant at which B0 seeks the place: A0 is second, since B0 came to that
    // instant first. Three hours before is earlier than that, and nine hours before is on admission.
    let of = |before| wards(Some(Referral::before_end(fixed(before))), &[10.0, 3.0, 3.0]);
    let joined = |model: &Model| {
        let table = run(model, 24.0).stays();
        let rows = lines(&table, &["source", "node", "joined", "started"]);
        rows.into_iter().filter(|row| row.starts_with("A Home")).collect::<Vec<_>>().join("")
    };
    assert_eq!(joined(&of(1.5)), "A Home care 4.5 13");
    assert_eq!(joined(&of(3.0)), "A Home care 3 10");
    assert_eq!(joined(&of(9.0)), "A Home care 1 10");
    // Referred at the end: as everyone.
    assert_eq!(trace(&of(0.0), 24.0), trace(&wards(None, &[10.0, 3.0, 3.0]), 24.0));
    // By case: A0 is nobody for whom a time is said.
    let of = |when_: &str| {
        let cases = Cases(vec![when(when_, fixed(3.0))]);
        wards(Some(Referral::before_end(cases)), &[10.0, 3.0, 3.0])
    };
    assert_eq!(joined(&of("hour < 12")), "A Home care 3 10");
    assert_eq!(joined(&of("hour > 12")), "A Home care 6 13");
}

#[test]
fn delays_by_process_and_windows_come_before_what_is_given_in_line() {
    // A0 is ready at 6, assessed until 11 and may have the place then: at 10 it goes to B0. W0, who has
    // waited since 2.5, is behind A0 at 12, when B0 is gone; A0 leaves at the window of 14:00.
    let of = |referral| {
        let mut model = wards(referral, &[10.0, 2.0, 3.0, 1.0]);
        model.arrivals.push(arrivals("W", "Home care", &[4.5]));
        model.nodes[1].process_delay.insert("assessment".into(), fixed(5.0).into());
        model.nodes[1].leave = Some(instant("14:00"));
        model
    };
    let referred = of(Some(on_admission()));
    is(
        &referred,
        24.0,
        "A 0 A         1   1   1  6  11 12 14 Home care left
         A 0 Home care 1   14  14 17 17 17 17 home left
         B 0 B         2   2   2  4  4  10 10 Home care left
         B 0 Home care 4   10  10 12 12 12 12 home left
         H 0 Home care 0   0   0  10 10 10 10 home left
         W 0 Home care 4.5 4.5 17 18 18 18 18 home left",
    );
    differs(&of(None), &referred, 24.0, &["A 0", "W 0"]);
}

#[test]
fn one_referral_to_the_first_free_of_several() {
    // At 1 both are free, but X is taken from 2 to 20 and Y from 3 to 8: A0, ready at 6, gets Y. W0 has
    // stood in the line of Y since 4, and is behind. Who is asked when ready finds neither free either, and
    // stands behind W0.
    let of = |referral: Option<Referral>| {
        let mut ward = Node::beds("A", 1, fixed(5.0));
        ward.referral = referral;
        model()
            .arrivals(arrivals("A", "A", &[1.0]))
            .arrivals(arrivals("V", "X", &[2.0]))
            .arrivals(arrivals("W", "Y", &[3.0, 4.0]))
            .node(ward)
            .node(Node::beds("X", 1, fixed(18.0)))
            .node(Node::beds("Y", 1, fixed(5.0)))
            .route(Route::choose("A", Choose::FirstFree, ["X", "Y"]))
    };
    let referred = of(Some(on_admission()));
    is(
        &referred,
        24.0,
        "A 0 A 1 1 1  6  6  8  8  Y left
         A 0 Y 1 8 8  13 13 13 13 home left
         V 0 X 2 2 2  20 20 20 20 home left
         W 0 Y 3 3 3  8  8  8  8  home left
         W 1 Y 4 4 13 18 18 18 18 home left",
    );
    differs(&of(None), &referred, 24.0, &["A 0", "W 1"]);
    let results = run(&referred, 24.0);
    assert!(lines(&results.audit(), &["holds"]).iter().all(|holds| holds == "yes"));
}

#[test]
fn who_holds_no_place_waits_in_person_from_ready_on() {
    // The practice has no limit: A0 comes to the clinic at 6, and is before W0, who came at 3. On the list
    // they are all from their joining on, waiting in person from coming on.
    let of = |referral: Option<Referral>| {
        let mut practice = Node::unlimited("Practice", fixed(5.0));
        practice.referral = referral;
        model()
            .arrivals(arrivals("A", "Practice", &[1.0]))
            .arrivals(arrivals("W", "Clinic", &[2.0, 3.0]))
            .node(practice)
            .node(Node::beds("Clinic", 1, fixed(5.0)))
            .route(Route::new("Practice", everyone_to("Clinic")))
    };
    let referred = of(Some(on_admission()));
    is(
        &referred,
        24.0,
        "A 0 Practice 1 1 1  6  6  6  6  Clinic left
         A 0 Clinic   1 6 7  12 12 12 12 home left
         W 0 Clinic   2 2 2  7  7  7  7  home left
         W 1 Clinic   3 3 12 17 17 17 17 home left",
    );
    differs(&of(None), &referred, 24.0, &["A 0", "W 1"]);
    let results = run(&referred, 24.0);
    // One hour of A0 from 6 to 7, and nine of W1.
    assert_eq!(results.values("waiting", "Clinic").unwrap(), [10.0 / 24.0]);
    // At 5 A0 is on the list of the clinic, with W1, and not in its queue.
    let early = run(&referred, 5.0);
    let list =
        |results: &Results| lines(&results.lists(), &["list", "joined", "started", "at_end"]);
    assert_eq!(list(&early), ["Clinic 3 1 2"]);
    assert_eq!(list(&run(&of(None), 5.0)), ["Clinic 2 1 1"]);
    assert_eq!(early.values("waiting", "Clinic").unwrap(), [2.0 / 5.0]);
}

#[test]
fn who_is_sent_elsewhere_was_referred_in_vain() {
    // At 5 whoever is in a stay on ward A is sent home, or dies: A0's referral is taken back, and B0 has the
    // place at 10 as if there had been nobody. Had A0 been sent to the list a second time, it would be behind.
    let of = |event: Event| {
        wards(Some(on_admission()), &[10.0, 3.0, 3.0]).event(event.of([State::InStay]))
    };
    let sent = of(Event::at("Cleared", "5h", ["A"]).to("home"));
    is(
        &sent,
        24.0,
        "A 0 A         1 1  1  5  5  5  5  home left
         B 0 B         2 2  2  4  4  10 10 Home care left
         B 0 Home care 4 10 10 13 13 13 13 home left
         H 0 Home care 0 0  0  10 10 10 10 home left",
    );
    let died = of(Event::at("Storm", "5h", ["A"]).act(Act::Die));
    let again = of(Event::at("Cleared", "5h", ["A"]).to("Home care"));
    for (model, started, removed) in [(&sent, 2, 1), (&died, 2, 1), (&again, 3, 1)] {
        let results = run(model, 24.0);
        assert!(lines(&results.audit(), &["holds"]).iter().all(|holds| holds == "yes"));
        let lists = lines(&results.lists(), &["list", "started", "removed", "at_end"]);
        assert!(lists.contains(&format!("Home care {started} {removed} 0")), "{lists:?}");
    }
    differs(&died, &sent, 24.0, &["A 0"]);
    let last = trace(&again, 24.0);
    assert!(last.contains(&"A 0 Home care 5 13 13 16 16 16 16 home left".to_owned()), "{last:?}");
    // A stay that is ended before the referral was due is referred then, as any.
    let early = |referral| {
        let end = Event::at("Round", "3h", ["A"]).of([State::InStay]).act(Act::End);
        wards(referral, &[10.0, 3.0, 3.0]).event(end)
    };
    let late = Some(Referral::after_start(fixed(4.0)));
    assert_eq!(trace(&early(late), 24.0), trace(&early(None), 24.0));
}

#[test]
fn an_interrupted_stay_is_referred_later_or_keeps_its_referral() {
    // A0, not urgent, is on the ward from 1 to 3 and from 5 to 8. Two hours before the end of five is at 4,
    // and so at 6, two hours later: behind B0, who has sought the place since 5.5. On admission was at 1.
    let of = |referral: Option<Referral>| {
        let mut ward = Node::beds("A", 1, Cases(vec![when("urgent", fixed(2.0)), everyone(5.0)]));
        ward = ward.queue(first(&["urgent"]).preempt(Preempt::Resume));
        ward.referral = referral;
        let mut replay = Replay {
            times: [1.0, 3.0].map(|hours| Moment::After(hours.into())).into(),
            ..Replay::default()
        };
        let given = [false, true].map(icsflow::Known::from);
        replay.attributes.insert("urgent".into(), icsflow::Given::Each(given.into()));
        model()
            .cohort(Cohort::new("p").attribute("urgent", Attribute::Flag(0.0)))
            .arrivals(Arrivals::replay("A", "A", replay))
            .arrivals(arrivals("B", "B", &[3.5]))
            .arrivals(arrivals("H", "Home care", &[0.0]))
            .node(ward)
            .node(Node::beds("B", 1, fixed(2.0)))
            .node(Node::beds("Home care", 1, listed(&[10.0, 3.0, 3.0])))
            .route(Route::new("A", everyone_to("Home care")).when("not urgent"))
            .route(Route::new("B", everyone_to("Home care")))
    };
    let later = of(Some(Referral::before_end(fixed(2.0))));
    is(
        &later,
        24.0,
        "A 0 A         1   1   1  -   -   -   3  - interrupted
         A 0 A         3   3   5  8   8   13  13 Home care left
         A 0 Home care 6   13  13 16  16  16  16 home left
         A 1 A         3   3   3  5   5   5   5  home left
         B 0 B         3.5 3.5 3.5 5.5 5.5 10 10 Home care left
         B 0 Home care 5.5 10  10 13  13  13  13 home left
         H 0 Home care 0   0   0  10  10  10  10 home left",
    );
    differs(&of(Some(on_admission())), &later, 24.0, &["A 0 A", "A 0 Home", "B 0"]);
    let kept = trace(&of(Some(on_admission())), 24.0);
    assert!(kept.contains(&"A 0 Home care 1 10 10 13 13 13 13 home left".to_owned()), "{kept:?}");
}

fn everyone(hours: f64) -> Case<Distribution> {
    Case { when: None, then: fixed(hours) }
}

#[test]
fn people_found_by_a_census_were_referred_before() {
    // Two people are on ward A, for 4 hours and for 1, of 5 each: ready at 1 and 4. Referred on admission they
    // are on the list since -4 and -1, and somebody waits there since -2. The place is free at 5, 10 and 15.
    let of = |referral: Option<Referral>| {
        let mut model = wards(referral, &[]);
        model.nodes[0].stay = fixed(5.0).into();
        model.arrivals.clear();
        let model = model.census(Census::new("A").spent([4.0, 1.0]));
        model.census(Census::new("Home care").spent([0.0]).waited([2.0]))
    };
    let referred = of(Some(on_admission()));
    is(
        &referred,
        24.0,
        "census of A 0 A                 -4 -4 -4 1  1  5  5  Home care left
         census of A 0 Home care         -4 5  5  10 10 10 10 home left
         census of A 1 A                 -1 -1 -1 4  4  15 15 Home care left
         census of A 1 Home care         -1 15 15 20 20 20 20 home left
         census of Home care 0 Home care 0  0  0  5  5  5  5  home left
         census of Home care 1 Home care -2 -2 10 15 15 15 15 home left",
    );
    differs(&of(None), &referred, 24.0, &["census of A", "census of Home care 1"]);
    let results = run(&referred, 24.0);
    assert!(lines(&results.audit(), &["holds"]).iter().all(|holds| holds == "yes"));
}

#[test]
fn a_clock_that_starts_on_joining_starts_at_the_referral() {
    // From referral to treatment: 1 to 10 of A0, 4 to 13 of B0, 0 of H0. From coming no time at all.
    let from = |stage| {
        let (start, stop) = (Mark::at("Home care", stage), Mark::at("Home care", Stage::Start));
        let model = wards(Some(on_admission()), &[10.0, 3.0, 3.0]);
        let results = run(&model.clock(Clock::new("RTT", start, stop)), 24.0);
        assert_eq!(results.values("mean_wait", "Home care").unwrap(), [6.0]);
        results.values("clock_mean", "RTT").unwrap()[0]
    };
    assert_eq!((from(Stage::Join), from(Stage::Arrive)), (6.0, 0.0));
}

// ---- places that are held -----------------------------------------------------------------------

fn held() -> Option<Referral> {
    Some(on_admission().hold())
}

/// Every identity of stock and flows holds, and so many hours of a place were kept empty.
#[track_caller]
fn kept_empty(model: &Model, until: f64, node: &str, hours: f64) {
    let results = run(model, until);
    assert!(lines(&results.audit(), &["holds"]).iter().all(|holds| holds == "yes"));
    assert_eq!(results.values("reserved", node).unwrap(), [hours / until]);
}

#[test]
fn what_falls_free_before_somebody_is_ready_is_held() {
    // At 3 the place is A0's, referred at 1, and empty until A0 is ready at 6; W0 and W1 wait for it.
    let of = |referral| {
        let mut model = wards(referral, &[3.0, 4.0, 2.0, 2.0]);
        model.arrivals[2] = arrivals("W", "Home care", &[2.0, 2.5]);
        model
    };
    let model = of(held());
    is(
        &model,
        24.0,
        "A 0 A         1   1   1  6  6  6  6  Home care left
         A 0 Home care 1   6   6  10 10 10 10 home left
         H 0 Home care 0   0   0  3  3  3  3  home left
         W 0 Home care 2   2   10 12 12 12 12 home left
         W 1 Home care 2.5 2.5 12 14 14 14 14 home left",
    );
    kept_empty(&model, 24.0, "Home care", 3.0);
    kept_empty(&model, 5.0, "Home care", 2.0);
    differs(&of(Some(on_admission())), &model, 24.0, &["A 0", "W 0", "W 1"]);
    // What comes later is as without it: A0 waits from 6 to 10, and nothing is empty.
    let late = wards(held(), &[10.0, 3.0, 3.0]);
    assert_eq!(trace(&late, 24.0), trace(&wards(Some(on_admission()), &[10.0, 3.0, 3.0]), 24.0));
    kept_empty(&late, 24.0, "Home care", 0.0);
}

#[test]
fn a_held_place_outlasts_delays_by_process_and_windows() {
    // Ready at 6, assessed until 11, out at 14: the place is empty from 10 to 14, and B0 waits for it. What
    // A0 waits for is the process, then the window, and no place.
    let mut model = wards(held(), &[10.0, 2.0, 3.0]);
    model.nodes[1].process_delay.insert("assessment".into(), fixed(5.0).into());
    model.nodes[1].leave = Some(instant("14:00"));
    is(
        &model,
        24.0,
        "A 0 A         1 1  1  6  11 11 14 Home care left
         A 0 Home care 1 14 14 16 16 16 16 home left
         B 0 B         2 2  2  4  4  16 16 Home care left
         B 0 Home care 4 16 16 19 19 19 19 home left
         H 0 Home care 0 0  0  10 10 10 10 home left",
    );
    kept_empty(&model, 24.0, "Home care", 4.0);
    kept_empty(&model, 12.0, "Home care", 2.0);
    let mut twin = model.clone();
    twin.nodes[1].referral = Some(on_admission());
    differs(&twin, &model, 24.0, &["A 0", "B 0"]);
}

#[test]
fn a_place_that_was_held_in_vain_is_given_at_once() {
    // Held from 3 on for A0, who is sent home, or dies, at 5, in the stay, or at 7, in process: B0 has it.
    let of = |at: &str, state| {
        let mut model = wards(held(), &[3.0, 3.0, 3.0]);
        model.nodes[1].process_delay.insert("assessment".into(), fixed(5.0).into());
        model.event(Event::at("Cleared", at, ["A"]).of([state]).to("home"))
    };
    let sent = of("5h", State::InStay);
    is(
        &sent,
        24.0,
        "A 0 A         1 1 1 5 5 5 5 home left
         B 0 B         2 2 2 4 4 5 5 Home care left
         B 0 Home care 4 5 5 8 8 8 8 home left
         H 0 Home care 0 0 0 3 3 3 3 home left",
    );
    kept_empty(&sent, 24.0, "Home care", 2.0);
    let later = of("7h", State::Ready);
    differs(&later, &sent, 24.0, &["A 0", "B 0"]);
    kept_empty(&later, 24.0, "Home care", 4.0);
    let mut died = sent.clone();
    (died.events[0].to, died.events[0].act) = (None, Some(Act::Die));
    differs(&died, &sent, 24.0, &["A 0"]);
    kept_empty(&died, 24.0, "Home care", 2.0);
    // Still in line at 5, and then not: B0 has the place at 10.
    let mut in_line = sent.clone();
    in_line.nodes[0].stay = listed(&[10.0, 3.0]).into();
    kept_empty(&in_line, 24.0, "Home care", 0.0);
    let told = trace(&in_line, 24.0);
    assert!(told.contains(&"B 0 Home care 4 10 10 13 13 13 13 home left".to_owned()), "{told:?}");
}

#[test]
fn who_holds_no_place_comes_to_the_one_that_is_held_or_waits_in_person() {
    // A0 of the practice is ready at 6; W0 has the clinic until 4, or until 8.
    let of = |first: f64| {
        let mut practice = Node::unlimited("Practice", fixed(5.0));
        practice.referral = held();
        model()
            .arrivals(arrivals("A", "Practice", &[1.0]))
            .arrivals(arrivals("W", "Clinic", &[0.0, 3.0]))
            .node(practice)
            .node(Node::beds("Clinic", 1, listed(&[first, 2.0, 2.0])))
            .route(Route::new("Practice", everyone_to("Clinic")))
    };
    is(
        &of(4.0),
        24.0,
        "A 0 Practice 1 1 1 6  6  6  6  Clinic left
         A 0 Clinic   1 6 6 8  8  8  8  home left
         W 0 Clinic   0 0 0 4  4  4  4  home left
         W 1 Clinic   3 3 8 10 10 10 10 home left",
    );
    kept_empty(&of(4.0), 24.0, "Clinic", 2.0);
    is(
        &of(8.0),
        24.0,
        "A 0 Practice 1 1 1  6  6  6  6  Clinic left
         A 0 Clinic   1 6 8  10 10 10 10 home left
         W 0 Clinic   0 0 0  8  8  8  8  home left
         W 1 Clinic   3 3 10 12 12 12 12 home left",
    );
    kept_empty(&of(8.0), 24.0, "Clinic", 0.0);
}

#[test]
fn the_first_free_of_several_is_held() {
    // X is taken until 20, Y until 4: Y is held from 4 to 6, and W1 waits for it.
    let mut ward = Node::beds("A", 1, fixed(5.0));
    ward.referral = held();
    let model = model()
        .arrivals(arrivals("A", "A", &[1.0]))
        .arrivals(arrivals("V", "X", &[0.0]))
        .arrivals(arrivals("W", "Y", &[0.0, 2.0]))
        .node(ward)
        .node(Node::beds("X", 1, fixed(20.0)))
        .node(Node::beds("Y", 1, fixed(4.0)))
        .route(Route::choose("A", Choose::FirstFree, ["X", "Y"]));
    is(
        &model,
        24.0,
        "A 0 A 1 1 1  6  6  6  6  Y left
         A 0 Y 1 6 6  10 10 10 10 home left
         V 0 X 0 0 0  20 20 20 20 home left
         W 0 Y 0 0 0  4  4  4  4  home left
         W 1 Y 2 2 10 14 14 14 14 home left",
    );
    kept_empty(&model, 24.0, "Y", 2.0);
    let mut twin = model.clone();
    twin.nodes[0].referral = Some(on_admission());
    differs(&twin, &model, 24.0, &["A 0", "W 1"]);
}

#[test]
fn places_are_held_for_people_found_by_a_census() {
    // Home care has two places, one taken until 5. A0, found after 4 hours of 5, was referred at -4 and has
    // the other one, empty until 1; A1, found after 1 hour, was referred at -1, after B0 joined.
    let mut model = wards(held(), &[]);
    model.nodes[0] = Node::beds("Home care", 2, fixed(5.0));
    model.arrivals.clear();
    let model = model.census(Census::new("A").spent([4.0, 1.0]));
    let model = model.census(Census::new("Home care").spent([0.0]).waited([2.0]));
    is(
        &model,
        24.0,
        "census of A 0 A                 -4 -4 -4 1  1  1  1  Home care left
         census of A 0 Home care         -4 1  1  6  6  6  6  home left
         census of A 1 A                 -1 -1 -1 4  4  6  6  Home care left
         census of A 1 Home care         -1 6  6  11 11 11 11 home left
         census of Home care 0 Home care 0  0  0  5  5  5  5  home left
         census of Home care 1 Home care -2 -2 5  10 10 10 10 home left",
    );
    kept_empty(&model, 24.0, "Home care", 1.0);
}

// ---- exact --------------------------------------------------------------------------------------

/// Two streams through services without limit, of stays of more than two days, to one node with a place
/// for a day each.
fn tandem(one: Option<Referral>, two: Option<Referral>) -> Model {
    let service = |name: &str, longest, referral| Node {
        referral,
        ..Node::unlimited(name, Distribution::uniform(2.5, longest))
    };
    Model::new("Tandem")
        .arrivals(Arrivals::poisson("First", "One", 0.45))
        .arrivals(Arrivals::poisson("Second", "Two", 0.4))
        .node(service("One", 20.0, one))
        .node(service("Two", 5.0, two))
        .node(Node::beds("Next", 1, fixed(1.0)))
        .route(Route::new("One", everyone_to("Next")))
        .route(Route::new("Two", everyone_to("Next")))
}

fn of_tandem(model: &Model) -> Results {
    Experiment::new(model).replications(3).until(days(400.0)).seed(5).stays(true).run().unwrap()
}

fn before(length: f64) -> Option<Referral> {
    Some(Referral::before_end(fixed(length)))
}

#[test]
fn referrals_of_all_by_the_same_time_before_the_end_move_nobody() {
    let (none, two) =
        (of_tandem(&tandem(None, None)), of_tandem(&tandem(before(2.0), before(2.0))));
    // No time at all, and not one bit differs.
    let zero = of_tandem(&tandem(before(0.0), before(0.0)));
    assert_eq!(zero.stays().to_string(), none.stays().to_string());
    assert_eq!(zero.summary().to_string(), none.summary().to_string());
    // Two days, and nothing differs but when they joined the line of the next.
    let columns = ["replication", "source", "patient", "node", "arrived", "started", "left"];
    let (a, b) = (none.stays(), two.stays());
    assert_eq!(lines(&a, &columns), lines(&b, &columns));
    let mut moved = 0;
    for (row, who) in lines(&a, &["node"]).iter().enumerate() {
        let earlier = number(&a, "joined", row) - number(&b, "joined", row);
        let expected = if who == "Next" { 2.0 } else { 0.0 };
        assert!((earlier - expected).abs() < 1e-9, "{who} {earlier}");
        moved += u32::from(earlier > 0.0);
    }
    assert!(moved > 700, "{moved}");
}

#[test]
fn a_referral_makes_no_place() {
    // Whoever is first, somebody is served a day whenever anybody waits: as many wait at each instant, and
    // so many people-days are waited in all, though the waits are others.
    let (none, some) = (tandem(None, None), tandem(Some(on_admission()), None));
    let (none, some) = (of_tandem(&none), of_tandem(&some));
    for metric in ["waiting", "occupied", "departures"] {
        assert_eq!(none.values(metric, "Next").unwrap(), some.values(metric, "Next").unwrap());
    }
    let started = |results: &Results| lines(&results.stays(), &["source", "node", "started"]);
    assert_ne!(started(&none), started(&some));
}

#[test]
fn who_is_referred_long_before_has_priority_over_who_is_not() {
    // Referred a hundred days before they are ready, those of the first stream are before all of the second,
    // who never wait so long: non-preemptive priority of two Poisson streams (Cobham), stays of a day. With
    // load r = r1 + r2 and w = r / 2 people wait w / (1 − r1), and w / ((1 − r1)(1 − r)).
    let mut model = tandem(Some(on_admission()), None);
    model.nodes[0].stay = fixed(100.0).into();
    for (arrivals, cohort) in model.arrivals.iter_mut().zip(["one", "two"]) {
        arrivals.cohort = Some(cohort.into());
        model.cohorts.push(Cohort::new(cohort));
        let (from, to) = (Mark::at("Next", Stage::Arrive), Mark::at("Next", Stage::Start));
        let clock = Clock::new(cohort, from, to).when(format!("cohort == '{cohort}'").as_str());
        model.clocks.push(clock);
    }
    let run = Experiment::new(&model).replications(20).seed(20_260_105);
    let results = run.warm_up(days(1_000.0)).until(days(60_000.0)).run().unwrap();
    let (first, all): (f64, f64) = (0.45, 0.85);
    let rest = all / 2.0;
    let wait = |cohort: &str| results.values("clock_mean", cohort).unwrap();
    meets("the first", wait("one"), rest / (1.0 - first), 0.01);
    meets("the second", wait("two"), rest / ((1.0 - first) * (1.0 - all)), 0.03);
}

#[test]
fn places_held_on_admission_are_empty_for_the_length_of_the_stay() {
    // Where there is always a place, one is held for everyone who is in a stay before: as many as are there.
    let mut model = tandem(Some(on_admission().hold()), None);
    model.nodes[2].beds = Some(200.into());
    let of_one = of_tandem(&model);
    assert_eq!(of_one.values("reserved", "Next"), of_one.values("occupied", "One"));
}
