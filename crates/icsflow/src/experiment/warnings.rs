//! What is worth knowing of a run though nothing was wrong.

use super::lists::{Movements, waiting_lists};
use super::results::Results;
use crate::ids::NodeId;
use crate::model::model::Model;
use crate::model::plan::Plan;
use crate::model::scenario::Scenario;
use crate::network::network::Place;
use crate::time::{Moment, Time};

/// So many people who still wait, and more than half of those who came, are a sign that they come faster than
/// they can be served.
const CROWD: f64 = 100.0;

/// The warnings about a run.
pub(super) fn of(results: &Results) -> Vec<String> {
    let mut told = results.late.clone();
    told_of_the_model(results, &mut told);
    told_of_the_census(results, &mut told);
    told_of_deadlocks(results, &mut told);
    told_of_crowds(results, &mut told);
    told
}

/// Changes of a scenario that begin when a run is over.
pub(super) fn late(scenario: &Scenario, model: &Model, plan: &Plan) -> Vec<String> {
    let begins = |at: Moment| at.time(model.start, model.time_unit);
    let late = scenario.changes.iter().filter(|change| {
        change.at.is_some_and(|at| begins(at) >= plan.until(model.start, model.time_unit))
    });
    late.map(|change| format!("the change {change} begins when the run is over")).collect()
}

/// What of the model never comes to pass.
fn told_of_the_model(results: &Results, told: &mut Vec<String>) {
    let (model, network) = (&results.model, &results.network);
    let time = |at: Moment| at.time(model.start, model.time_unit);
    let (begins, ends) = (-results.plan.warm_up(model.time_unit), results.until());
    let found = |node: usize| network.census.iter().any(|census| census.node.index() == node);
    for (at, name) in network.node_names.iter().enumerate().take(network.shown) {
        let here = Place::Node(NodeId(at as u32));
        if !network.flows.iter().any(|flow| flow.to == here) && !found(at) {
            told.push(format!(
                "nobody comes to {name:?}: no arrivals, no route and nothing else leads there"
            ));
        }
    }
    for arrivals in &model.arrivals {
        let times = arrivals.replay.iter().flat_map(|replay| &replay.times);
        let before = times.filter(|at| time(**at) < begins).count();
        if before > 0 {
            told.push(format!(
                "{before} people of {:?} were recorded before the run begins, and are left out",
                arrivals.name
            ));
        }
    }
    let outside = |time: Time| time < begins || time >= ends;
    for event in
        model.events.iter().filter(|event| event.every.is_none() && outside(time(event.at)))
    {
        told.push(format!(
            "the event {:?} never happens: {} is not within the run",
            event.name, event.at
        ));
    }
    for node in &model.nodes {
        let edits = node.beds.iter().flat_map(|beds| &beds.dates);
        // What a scenario changes has been told as such.
        for edit in edits.filter(|edit| results.late.is_empty() && time(edit.at) >= ends) {
            told.push(format!(
                "the change of places at {:?} on {} begins when the run is over",
                node.name, edit.at
            ));
        }
    }
}

fn told_of_the_census(results: &Results, told: &mut Vec<String>) {
    let network = &results.network;
    for (node, name) in network.nodes.iter().zip(&network.node_names).take(network.shown) {
        let here = results.model.census.iter().filter(|census| census.node == *name);
        let people: u64 = here.map(|census| u64::from(census.in_places())).sum();
        if let Some(places) = node.places.filter(|places| people > u64::from(*places)) {
            told.push(format!(
                "{people} people are in the {places} places of {name:?} at the start: nobody starts there \
                 until enough have left"
            ));
        }
    }
    let longer = results.replications.iter().map(|replication| replication.longer_than_known);
    if let Some(longer) = longer.max().filter(|people| *people > 0) {
        told.push(format!(
            "{longer} people of the census have stayed longer than any stay of the model: theirs ended at \
             the start, at visits with the first day"
        ));
    }
}

fn told_of_deadlocks(results: &Results, told: &mut Vec<String>) {
    let knots = results.replications.iter().filter_map(|replication| replication.knot.as_ref());
    let Some(first) = knots.clone().map(|knot| knot.time).min() else { return };
    told.push(format!(
        "{} of {} replications ended in a deadlock, the first {:.4} {} after the start: people held places \
         for which others of them waited; see `deadlocks`",
        knots.count(),
        results.replications.len(),
        first as f64 / results.unit(),
        results.model.time_unit.name()
    ));
}

fn told_of_crowds(results: &Results, told: &mut Vec<String>) {
    for list in waiting_lists(&results.network) {
        let moves = results.replications.iter();
        let moves = moves.map(|replication| Movements::of(&list, replication, results.cells()));
        let sums = moves.fold((0.0, 0.0, 0.0), |(joined, more, n), moves| {
            let more_now = moves.at_end as f64 - moves.at_start as f64;
            (joined + moves.joined as f64, more + more_now, n + 1.0)
        });
        let (joined, more, n) = sums;
        if more > CROWD * n && more > 0.5 * joined {
            told.push(format!(
                "people come to {:?} faster than they can be served: of those who joined its line, {:.0}% \
                 waited at the end",
                list.name,
                100.0 * more / joined
            ));
        }
    }
}
