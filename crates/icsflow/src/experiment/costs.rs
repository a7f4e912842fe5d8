//! What care costs: counted from what was measured, by node, by item, and by who pays.

use super::metrics::{Measure, Values};
use super::replication::Replication;
use super::results::Results;
use super::tables::{Estimates, numbers, words};
use crate::engine::record::PlaceTime;
use crate::model::cost::ITEMS;
use crate::network::costs::Cost;
use crate::network::visits::PARTS;
use crate::table::{Table, Words};
use crate::time::{DAY, Sum};

impl Measure<'_> {
    /// How much of an item there was at a node.
    fn quantity(&self, replication: &Replication, node: usize, item: usize) -> f64 {
        let days = |time: Sum| time.as_f64() / DAY as f64;
        let cell = || replication.cell(&[node], None, self.strata);
        match ITEMS[item] {
            "day" => days(cell().occupied),
            "delayed day" => {
                let cell = cell();
                days(cell.process + cell.blocked + cell.window + cell.transfer[1])
            }
            "contact" => {
                let in_slots = replication.slots[node].as_ref().map_or(0, |slots| slots.used);
                let visits: i64 = replication.visits[node].days.iter().map(|day| day.booked).sum();
                in_slots as f64 + visits as f64 / PARTS as f64
            }
            "start" => cell().wait.count() as f64,
            "idle place" => {
                let Some(places) = self.places(replication, node) else { return 0.0 };
                // Where places are followed: whoever is beside the beds, or there beyond them, leaves none of
                // them less idle at another time.
                if self.network.nodes[node].extras.is_some() {
                    return days(replication.place_time[node][PlaceTime::Idle as usize]);
                }
                (places * days(self.until.into()) - days(cell().occupied)).max(0.0)
            }
            _ => days(self.until.into()),
        }
    }

    /// What some nodes cost in a unit of time, if anything there has a price.
    pub(super) fn tell_costs(
        &self,
        values: &mut Values,
        replication: &Replication,
        nodes: &[usize],
    ) {
        let mut sum = None;
        for cost in &self.network.costs {
            for node in cost.nodes.iter().map(|node| node.index()).filter(|n| nodes.contains(n)) {
                *sum.get_or_insert(0.0) += self.cost(replication, cost, node);
            }
        }
        if let Some(sum) = sum {
            values.push(("cost", sum / self.until as f64 * self.network.unit.micros() as f64));
        }
    }

    /// What a cost comes to at a node over the time measured.
    fn cost(&self, replication: &Replication, cost: &Cost, node: usize) -> f64 {
        let priced =
            cost.prices.iter().enumerate().filter_map(|(item, price)| Some((item, (*price)?)));
        priced.map(|(item, price)| price * self.quantity(replication, node, item)).sum()
    }
}

/// A row for each cost, node and item; then what each payer pays, and all of it.
pub(super) fn costs(results: &Results) -> Table {
    let [mut names, mut payers, mut nodes, mut items] = std::array::from_fn(|_| Words::default());
    let [mut prices, mut quantities] = std::array::from_fn(|_| Vec::new());
    let mut amounts = Estimates::default();
    let (measure, model) = (results.measure(), &results.model);
    let payer = |at: usize| model.costs[at].payer.as_deref().unwrap_or("");
    for (at, cost) in results.network.costs.iter().enumerate() {
        for node in cost.nodes.iter().map(|node| node.index()) {
            for (item, price) in cost.prices.iter().enumerate() {
                let Some(price) = *price else { continue };
                let each: Vec<f64> = (results.replications.iter())
                    .map(|replication| measure.quantity(replication, node, item))
                    .collect();
                names.push(&model.costs[at].name);
                payers.push(payer(at));
                nodes.push(&results.network.node_names[node]);
                items.push(ITEMS[item]);
                prices.push(price);
                quantities.push(results.estimate(each.iter().copied()).mean);
                amounts.push(results.estimate(each.iter().map(|many| price * many)));
            }
        }
    }
    let mut who: Vec<Option<&str>> = Vec::new();
    for at in 0..model.costs.len() {
        if !who.contains(&Some(payer(at))) {
            who.push(Some(payer(at)));
        }
    }
    if !model.costs.is_empty() {
        who.push(None);
    }
    for who in who {
        let theirs = |at: &usize| who.is_none_or(|who| payer(*at) == who);
        let each = results.replications.iter().map(|replication| {
            let costs = results.network.costs.iter().enumerate();
            let costs = costs.filter(|(at, _)| theirs(at)).flat_map(|(_, cost)| {
                cost.nodes.iter().map(|node| measure.cost(replication, cost, node.index()))
            });
            costs.sum()
        });
        names.push("all");
        payers.push(who.unwrap_or("all"));
        nodes.push("all");
        items.push("all");
        prices.push(f64::NAN);
        quantities.push(f64::NAN);
        amounts.push(results.estimate(each));
    }
    let mut columns = vec![
        words("cost", names),
        words("payer", payers),
        words("node", nodes),
        words("item", items),
        numbers("price", Some("money"), prices),
        numbers("quantity", None, quantities),
    ];
    columns.extend(amounts.columns(Some("money")));
    Table { name: "costs", columns }
}
