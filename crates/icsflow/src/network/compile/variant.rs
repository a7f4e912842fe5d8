//! What a scenario changes, paired with the model with which it is compared.

use std::sync::Arc;

use super::Compiler;
use crate::ids::NodeId;
use crate::model::arrivals::Arrivals;
use crate::model::case::{Share, cumulative};
use crate::model::distribution::Meaning;
use crate::model::model::Model;
use crate::model::ramp::Ramp;
use crate::model::route::To;
use crate::model::scenario::Demand as Changed;
use crate::model::targets::Targets as Authored;
use crate::network::demand::{Demand, MOST_COPIES, Only, Over, Thinning};
use crate::network::network::{NO_LIST, Paired, Process, Source, StayCase};
use crate::network::rate::Rate;
use crate::rng::{Draw, Purpose};
use crate::time::Time;

impl Compiler<'_> {
    /// A value over the whole run: that of the scenario at first, and that of each of its steps; none if
    /// it never changes and is no other than `base`.
    fn over<T: PartialEq>(&self, base: &T, of: impl Fn(&Model) -> T) -> Option<Over<T>> {
        let variant = self.variant?;
        let first = of(&variant.model);
        let mut then: Vec<(Time, Ramp, T)> = Vec::new();
        for step in &variant.steps {
            let value = of(&step.model);
            let before = then.last().map_or(&first, |(.., value)| value);
            if value != *before {
                then.push((step.from, step.ramp, value));
            }
        }
        (first != *base || !then.is_empty()).then(|| Over { first, then: then.into() })
    }

    /// Makes of the sources what a scenario with other rates makes of them; adds streams where more
    /// people come.
    pub(super) fn pair_demand(&mut self, sources: &mut Vec<Source>, names: &mut Vec<String>) {
        let Some(variant) = self.variant else { return };
        for (i, arrivals) in variant.base.arrivals.iter().enumerate() {
            let Some(rate) = arrivals.rate else { continue };
            let of = |model: &Model| {
                let arrivals: &Arrivals = &model.arrivals[i];
                self.rate(arrivals, arrivals.rate.unwrap_or(0.0))
            };
            let base = self.rate(arrivals, rate);
            let only: Vec<&Changed> =
                variant.demand.iter().filter(|only| only.arrivals == i).collect();
            let rates = match self.over(&base, of) {
                Some(rates) => rates,
                None if only.is_empty() => continue,
                None => Over { first: base.clone(), then: Box::new([]) },
            };
            self.pair_source(i, base, rates, &only, sources, names);
        }
    }

    fn pair_source(
        &mut self,
        index: usize,
        base: Rate,
        rates: Over<Rate>,
        only: &[&Changed],
        sources: &mut Vec<Source>,
        names: &mut Vec<String>,
    ) {
        let name = names[index].clone();
        let times: f64 = only.iter().map(|only| only.factor.max(1.0)).product();
        let most = rates.all().map(|rate| rate.most_times(&base)).fold(0.0, f64::max) * times;
        // Of changes whose ramps run beside each other, the sum may be above each of them.
        let ends = rates.then.iter().map(|(from, ramp, _)| from + ramp.length);
        let beside = ends.zip(rates.then.iter().skip(1)).any(|(end, (from, ..))| end > *from);
        let copies = (most - 1e-9).ceil().clamp(1.0, MOST_COPIES as f64) as usize;
        let rest = beside || most > copies as f64 + 1e-9;
        let only = only.iter().filter_map(|only| {
            let to = only.to.as_ref().and_then(|to| self.way_in(index as u32, to));
            let whom = self.program(&only.whom)?;
            Some(Only { whom, factor: only.factor, span: only.span, ramp: only.ramp, to })
        });
        let demand = Arc::new(Demand { base: base.clone(), rates, only: only.collect(), copies });
        let purpose = Purpose::named(&name, "demand");
        let thinning =
            |before, of_base| Thinning { purpose, demand: Arc::clone(&demand), before, of_base };
        (sources[index].thinning, sources[index].plain) = (Some(thinning(0, true)), false);
        sources[index].process = Process::Poisson(base.clone());
        let mut more: Vec<(Rate, Thinning)> = Vec::new();
        more.extend((1..copies).map(|before| (base.clone(), thinning(before, true))));
        if rest {
            for rate in demand.rates.all() {
                // The rates together give as much as is wanted; as many times as much for some.
                let needed = times.ceil() as usize;
                more.extend((0..needed).map(|before| (rate.clone(), thinning(before, false))));
            }
        }
        let arrivals = &self.model.arrivals[index];
        for (number, (rate, thinning)) in more.into_iter().enumerate() {
            let source = self.source(index as u32, arrivals);
            let process = Process::Poisson(rate);
            sources.push(Source { process, thinning: Some(thinning), plain: false, ..source });
            names.push(format!("{name} (more {})", number + 1));
        }
    }

    /// Adds to the stays of a node what they become in the middle of the run.
    pub(super) fn pair_stays(&mut self, id: NodeId, stays: &mut [StayCase]) {
        let Some(variant) = self.variant else { return };
        let unit = self.model.time_unit;
        for (i, stay) in stays.iter_mut().enumerate().filter(|(_, stay)| stay.list == NO_LIST) {
            // All models of a scenario have the same cases.
            let of = |model: &Model| model.nodes[id.index()].stay.0[i].then.clone();
            let Some(over) = self.over(&of(&variant.model), of) else { continue };
            let ready = |stay| self.samplers.sampler(stay, Meaning::Duration(unit));
            let then = over.then.iter().map(|(from, ramp, stay)| (*from, *ramp, ready(stay)));
            stay.over = Some(Box::new(Over { first: ready(&over.first), then: then.collect() }));
        }
    }

    /// Where a route leads, drawn as in the base, if the scenario gives it other shares.
    pub(super) fn paired(&mut self, from: NodeId, index: usize) -> Option<Box<Paired>> {
        let variant = self.variant?;
        let of_base = variant.base.routes.get(*variant.routes.get(index)?)?;
        let To::Shares(of_base) = &of_base.to else { return None };
        let shares_of = |model: &Model| match &model.routes[index].to {
            To::Shares(to) => to.clone(),
            To::OneOf(_) => Authored(indexmap::IndexMap::new()),
        };
        let over = self.over(of_base, shares_of)?;
        // The targets of the base come first, in its order; then those that only the scenario has.
        let mut names: Vec<String> = of_base.0.keys().cloned().collect();
        for to in over.all() {
            names.extend(to.0.keys().filter(|name| !of_base.0.contains_key(*name)).cloned());
        }
        let mut seen = std::collections::HashSet::new();
        names.retain(|name| seen.insert(name.clone()));
        let shares =
            |to: &Authored| -> Box<[f64]> { names.iter().map(|name| share_of(to, name)).collect() };
        let then = over.then.iter().map(|(from, ramp, to)| (*from, *ramp, shares(to)));
        let over = Over { first: shares(&over.first), then: then.collect() };
        let below = cumulative(&of_base.0).into_iter().map(Draw::below).collect();
        let targets = names.iter().map(|name| self.target(from, name)).collect();
        Some(Box::new(Paired { below, base: shares(of_base), shares: over, targets }))
    }
}

/// The probability of a target; 0 if it is none.
fn share_of(to: &Authored, name: &str) -> f64 {
    let of = |share: &Share| if let Share::Of(share) = share { *share } else { 0.0 };
    match to.0.get(name) {
        None => 0.0,
        Some(Share::Of(share)) => *share,
        Some(Share::Rest) => 1.0 - to.0.values().map(of).sum::<f64>(),
    }
}
