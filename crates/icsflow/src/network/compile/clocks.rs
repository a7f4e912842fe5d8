//! Clocks compiled.

use super::Compiler;
use crate::ids::NodeId;
use crate::model::clock::Mark;
use crate::network::clocks::{Act, Clock, Tick};
use crate::time::Duration;

impl Compiler<'_> {
    pub(super) fn clocks(&self) -> Box<[Clock]> {
        let clock = |spec: &crate::model::clock::Clock| {
            let unit = self.model.time_unit;
            let micros = |target: &crate::time::Quantity| target.micros(unit).round() as Duration;
            Clock {
                on_arrival: spec.start == Mark::Arrival,
                on_exit: spec.stop == Mark::Exit,
                when: self.when(&spec.when),
                targets: spec.targets().iter().map(micros).collect(),
                places: self.places_of(&spec.start).collect(),
            }
        };
        self.model.clocks.iter().map(clock).collect()
    }

    /// What the moments of a visit do to clocks, by node and list; nothing if there is no clock.
    pub(super) fn ticks(&self) -> Box<[Box<[Tick]>]> {
        let nodes = if self.model.clocks.is_empty() { 0 } else { self.nodes.len() };
        let mut ticks: Vec<Vec<Tick>> = vec![Vec::new(); nodes];
        for (clock, spec) in (0u32..).zip(&self.model.clocks) {
            let pauses = spec.pauses.iter();
            let pauses = pauses.flat_map(|p| [(&p.from, Act::Pause), (&p.to, Act::Resume)]);
            let ends = [(&spec.start, Act::Start), (&spec.stop, Act::Stop)];
            for (mark, act) in ends.into_iter().chain(pauses) {
                let Mark::At { on, .. } = mark else { continue };
                for node in self.places_of(mark) {
                    ticks[node.index()].push(Tick { on: *on, act, clock });
                }
            }
        }
        let in_order = |mut ticks: Vec<Tick>| {
            ticks.sort_unstable();
            ticks.into()
        };
        ticks.into_iter().map(in_order).collect()
    }

    fn places_of(&self, mark: &Mark) -> impl Iterator<Item = NodeId> {
        self.model.places_of(mark).into_iter().map(|node| NodeId(node as u32))
    }
}
