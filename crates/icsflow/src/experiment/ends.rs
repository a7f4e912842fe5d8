//! What ended stays, as a table.

use super::results::Results;
use super::tables::{Estimates, numbers, words};
use crate::ids::NodeId;
use crate::table::{Table, Words};

pub(super) fn ends(results: &Results) -> Table {
    let network = &results.network;
    let [mut nodes, mut causes] = std::array::from_fn(|_| Words::default());
    let (mut estimates, mut shares, mut lengths) = (Estimates::default(), Vec::new(), Vec::new());
    for (at, (node, cause)) in network.ends.iter().enumerate() {
        let of = |at: usize| results.replications.iter().map(move |r| r.ends[at]);
        let (people, time) = of(at).fold((0, 0), |sum, end| (sum.0 + end.0, sum.1 + end.1));
        let own = |(_, (other, _)): &(usize, &(NodeId, String))| other == node;
        let all = network.ends.iter().enumerate().filter(own).flat_map(|(at, _)| of(at));
        nodes.push(&network.node_names[node.index()]);
        causes.push(cause);
        estimates.push(results.estimate(of(at).map(|end| end.0 as f64)));
        shares.push(people as f64 / all.map(|end| end.0).sum::<u64>() as f64);
        lengths.push(time as f64 / people as f64 / results.unit());
    }
    let mut columns = vec![words("node", nodes), words("end", causes)];
    columns.extend(estimates.columns(Some("people")));
    columns.push(numbers("share", Some("share"), shares));
    columns.push(numbers("mean_time", Some(network.unit.name()), lengths));
    Table { name: "ends", columns }
}
