//! The professions of caseloads, as a table.

use super::replication::Replication;
use super::results::Results;
use super::tables::{numbers, words};
use crate::engine::caseload::Staffed;
use crate::table::{Table, Words};

/// The professions of caseloads.
pub(super) fn caseloads(results: &Results) -> Table {
    let network = &results.network;
    let [mut nodes, mut names] = std::array::from_fn(|_| Words::default());
    let mut told: [Vec<f64>; 5] = std::array::from_fn(|_| Vec::new());
    let time = results.until() as f64 * results.replications.len() as f64;
    let strata = results.cells();
    for (at, (node, name)) in network.professions.iter().enumerate() {
        let sum = |of: &dyn Fn(&Staffed) -> f64| {
            results.replications.iter().map(|r| of(&r.staffed[at])).sum::<f64>() / time
        };
        let occupied = |r: &Replication| r.cell(&[node.index()], None, strata).occupied.as_f64();
        let occupied = results.replications.iter().map(occupied).sum::<f64>() / time;
        let (units, people) = (sum(&|of| of.units as f64), sum(&|of| of.people as f64));
        nodes.push(&network.node_names[node.index()]);
        names.push(name);
        let shares = [sum(&|of| of.least as f64), sum(&|of| of.binding as f64)];
        let values = [units, people, occupied / people, shares[0], shares[1]];
        told.iter_mut().zip(values).for_each(|(column, value)| column.push(value));
    }
    let [units, people, held, least, binding] = told;
    let columns = vec![
        words("node", nodes),
        words("profession", names),
        numbers("units", Some("units"), units),
        numbers("people", Some("people"), people),
        numbers("utilisation", Some("share"), held),
        numbers("least", Some("share"), least),
        numbers("binding", Some("share"), binding),
    ];
    Table { name: "caseloads", columns }
}
