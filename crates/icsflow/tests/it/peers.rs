//! What peers can say of arrivals, stays, routes, capacity and waiting, the words for it here, and what
//! shows that the words do what they say.
//!
//! Rows are those of section 1 of `../shared/mission/peers.md` that a model needs. `module::name` is a
//! test of this crate (the last test here looks whether it is there), `tests/..` a test in Python, `T09`
//! and its like a case of `../shared/cases`, which `python tests/cases/run.py T09` runs.
//!
//! # Arrivals
//! | capability | words | shown by |
//! |---|---|---|
//! | stationary Poisson, renewal | `rate`, `interarrival` | `theory::m_m_1`, `theory::renewal_arrivals_without_limit` |
//! | rates piecewise in time; profile of the day × weekday × season | `hourly`, `weekly`, `curve` | `theory::arrivals_by_hour_and_weekday_are_poisson_counts` |
//! | replay of recorded arrivals | `replay` | `people::recorded_arrivals_come_as_they_were_recorded` |
//! | clinic lists, booked times | `timetable` | `traces::a_timetable_of_the_week_comes_back` |
//! | batches | `batch` | `theory::arrivals_in_batches`, `traces::a_batch_larger_than_the_places` |
//! | arrivals that react to the state | `accept`, `otherwise`; `balk` on coming | `people::thinning_leaves_those_who_come_as_they_were`, P14 |
//! | recurrent people of a finite population | `[[population]]` | `people::a_closed_network_keeps_to_theory` |
//! | uncertainty of demand from run to run | left out: a scenario for each value, until there is a word | |
//!
//! # Stays
//! | capability | words | shown by |
//! |---|---|---|
//! | distributions, by mean and sd, median, quantiles; mixtures, phases, given values | `stay` | T01–T06, `theory::m_g_1` |
//! | by attribute, time, state of the patient | cases with `when` | `people::a_long_delay_lengthens_the_stay_after_it` |
//! | visits that fall over the stay | `visits`, `need` | `visits::the_first_days_that_fit_are_booked` |
//! | stay and delay kept apart | `process_delay`, blocked, window | `traces::delays_by_process_run_one_after_the_other` |
//!
//! # Patients and routes
//! | capability | words | shown by |
//! |---|---|---|
//! | classes and free attributes | `[[cohort]]`, `attributes`, `set` | `people::attributes_change_at_every_turn_of_a_visit` |
//! | class that changes while waiting | `change_class`, `review` with `class` | `interactions::a_change_of_class_leaves_patience_alone`, `interactions::a_review_begins_the_time_in_the_new_class` |
//! | routes by probability, by rule, varying in time | `[[route]]`, `when`, changes | `scenarios::shares_that_change_in_the_run_are_paired_as_well`, T24 |
//! | shortest queue, least load, round robin, first free | `choose` | `interactions::a_choice_is_made_once_when_people_are_ready`, `interactions::one_ticket_stands_in_two_lines`, `interactions::a_ticket_waits_by_the_rules_of_the_node_first_named` |
//! | loops, return after a gap | routes, `unlimited`, `attends`, `readmission` | `traces::a_patient_sent_back_to_the_same_node_needs_a_second_place`, `people::a_person_comes_again_after_so_long_outside`, `people::some_who_go_out_come_again_with_what_is_known_of_them` |
//! | time on the way between nodes | `[[transfer]]`, `hold_origin` | `ways::a_place_is_reserved_while_somebody_is_on_the_way`, `ways::both_places_are_held_until_arrival` |
//! | activities side by side that join again; steps in any order | `legs` | `legs::who_has_legs_goes_on_when_all_are_over`, `legs::any_of_the_legs_ends_it_and_the_others_stop_or_go_on`, `legs::legs_one_after_the_other_as_listed_or_where_fewest_wait` |
//! | to a person's own place; back to where they came from | `role`, `group`, `choose` | `places::people_go_to_their_own_place_and_back_to_where_they_came_from` |
//!
//! # Capacity
//! | capability | words | shown by |
//! |---|---|---|
//! | beds, or no limit | `beds`, `unlimited` | `theory::m_m_c`, `theory::without_limit_people_present_are_poisson` |
//! | capacity that changes: weekly, in cycles, at dates, along ramps | `beds = { weekly, cycle, dates }` | T16, P31, `interactions::a_night_shift_lets_work_in_hand_finish` |
//! | what becomes of work in hand | `cut`: `wait`, `interrupt`, `transfer`, `early end` | `interactions::a_cut_interrupts_the_lowest_class`, `interactions::a_cut_ends_stays_early_but_frees_nobody_who_is_blocked`, `interactions::a_cut_sends_people_on_to_where_the_queue_is_full`, `interactions::a_cut_takes_reserved_places_last` |
//! | appointment slots, sessions | `slots` | `slots::a_slot_takes_the_first_who_wait_and_has_no_other_limit`, T22, T33, P31 |
//! | visits a day as a budget | `visits` | `visits::the_line_gives_what_is_left_to_the_first_that_fits`, T35 |
//! | pre-emption: resume, restart, resample, send on | `preempt` | T09, T37, `interactions::pre_emption_with_resumption_where_people_are_blocked`, `interactions::pre_emption_with_a_new_beginning_where_people_give_up`, `interactions::displacement_and_a_finite_queue` |
//! | surge | `corridor`; `beds` of a scenario; `admit` by state | `interactions::the_first_of_the_corridor_moves_into_the_bed_that_falls_free` |
//! | surge opened by a rule, with a lag | left out: controllers are to come | |
//! | one queue for several nodes | `[[queue]]` | `interactions::two_nodes_serve_one_list`, `slots::a_list_is_served_by_several_clinics` |
//! | pools of staff over several nodes, bed and staff together | left out: staff is to come | |
//! | finite queue | `limit`, `if_full` | `traces::a_full_queue_turns_away`, P31 |
//! | finite system | `balk` on `inside()` | T05, T26 |
//! | beds kept for some, thresholds | `ring_fence`, `admit` | T25, `interactions::a_cut_leaves_fenced_places_fenced`, `interactions::a_threshold_lets_later_ones_pass` |
//! | outliers | `if_full`, `switch`, `choose = "first free"` | T26, `interactions::who_waits_goes_over_to_a_place_that_nobody_else_takes` |
//! | windows of leaving and receiving | `leave`, `receive` | `traces::a_window_of_an_instant`, `ways::both_windows_are_open_at_departure` |
//! | closure, failure | `dates`, `outage`, `[[event]]` with `close` | `interactions::an_outage_interrupts_whom_it_finds_in_stay_and_not_whom_it_finds_blocked`, `people::a_closed_ward_takes_nobody_in_for_a_time` |
//! | cleaning between two people; a server that goes away | `turnaround`, `vacation` | `interactions::a_place_is_cleaned_while_a_better_class_comes`, `interactions::who_comes_at_the_return_from_a_vacation_comes_too_late` |
//!
//! # Waiting and blocking
//! | capability | words | shown by |
//! |---|---|---|
//! | first come, last come, random order | `discipline` | T28, `interactions::last_come_goes_first_among_the_blocked_as_well` |
//! | order of one's own; priority that ages | `score` | T32, `interactions::a_score_that_ages_overtakes`, `interactions::a_score_means_the_same_however_it_is_written` |
//! | static priority, pre-emptive or not | `classes`, `preempt` | T08, T09, `theory::cobham_priorities` |
//! | balking | `balk` | P14, `metrics::people_give_up_and_turn_away_and_places_are_cleaned` |
//! | reneging with a destination; review of a list | `patience`, `renege`, `review` | T07, T36, `interactions::a_place_that_falls_free_at_the_end_of_patience_is_taken`, `interactions::a_review_takes_off_who_has_waited_too_long` |
//! | jockeying | `switch` | `interactions::who_waits_goes_over_to_a_place_that_nobody_else_takes` |
//! | loss when full | `limit` | `theory::erlang_loss_does_not_depend_on_the_shape_of_stays` |
//! | blocking after service, and whose delay it is | `waiting_room`; tables `delays`, roots | `theory::a_tandem_that_blocks`, `traces::the_root_of_a_delay_lies_behind_the_awaited_node` |
//! | boarding, corridor places | `corridor` | `metrics::people_beside_the_beds_are_in_places`, `interactions::a_cut_moves_people_beside_the_beds` |
//! | deadlock: found, told, exchanged | `deadlock` | `deadlock::two_who_wait_for_each_other_are_told_when_the_circle_closes`, `deadlock::two_who_wait_for_each_other_exchange_their_places`, T30 |
//! | begin with people in places and in queues | `[[census]]` | `beginnings::a_census_goes_on_where_it_was_found` |
//! | processor sharing | left out: optional (R23) | |

#[test]
fn every_test_that_the_table_names_is_there() {
    let own = include_str!("peers.rs");
    let code =
        own.lines().filter(|line| line.starts_with("//! |")).flat_map(|line| line.split('`'));
    let named: Vec<(&str, &str)> = code.filter_map(|code| code.split_once("::")).collect();
    assert!(named.len() > 50, "{}", named.len());
    for (module, name) in named {
        let file = format!("{}/tests/it/{module}.rs", env!("CARGO_MANIFEST_DIR"));
        let source = std::fs::read_to_string(&file).unwrap_or_default();
        assert!(source.contains(&format!("#[test]\nfn {name}() {{")), "{module}::{name}");
    }
}
