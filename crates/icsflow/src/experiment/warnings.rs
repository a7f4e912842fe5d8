//! What is worth knowing of a run though nothing was wrong.

use super::results::Results;

/// The warnings about a run.
pub(super) fn of(results: &Results) -> Vec<String> {
    let mut told = Vec::new();
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
    told
}
