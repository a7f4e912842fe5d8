//! Populations: names become positions.

use super::Compiler;
use crate::doc::Reader;
use crate::ids::SourceId;
use crate::model;
use crate::network::population::{Attends, How, Population};
use crate::rng::Purpose;

impl Compiler<'_> {
    /// The populations, whose sources follow those of the arrivals, of which there are `first`.
    pub(super) fn populations(&mut self, first: u32) -> Box<[Population]> {
        let all = (first..).zip(&self.model.populations);
        all.map(|(source, population)| self.population(source, population)).collect()
    }

    fn population(
        &mut self,
        source: u32,
        population: &model::population::Population,
    ) -> Population {
        let mut attends = Vec::new();
        for (number, reason) in population.attends.iter().enumerate() {
            let how = if let Some(every) = &reason.every {
                let cases = self.stays(every);
                let residuals =
                    cases.iter().map(|case| self.samplers.residual(&case.sampler)).collect();
                How::Every(cases, residuals)
            } else {
                let hazard = reason.hazard.as_ref();
                let hazard = hazard.and_then(|h| h.compile_score(&self.scope, &mut Reader::new()));
                let Some(hazard) = hazard else { continue };
                How::Hazard(hazard)
            };
            attends.push(Attends {
                to: self.target_of_source(source, &reason.to),
                how,
                // Two reasons to attend at one place are told apart by their order.
                purpose: Purpose::named(&reason.to, "attends").at(population.attends[..number]
                    .iter()
                    .filter(|o| o.to == reason.to)
                    .count()
                    as u64),
            });
        }
        Population {
            source: SourceId(source),
            size: population.size,
            mix: self.mix(&population.cohort),
            cohort_purpose: Purpose::named(&population.name, "cohort"),
            attributes: self.given(&population.attributes),
            attends: attends.into(),
        }
    }
}
