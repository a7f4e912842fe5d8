//! Events on people: names become positions.

use super::Compiler;
use crate::doc::Reader;
use crate::expr::Expression;
use crate::model;
use crate::network::event::Event;
use crate::rng::Purpose;
use crate::time::{Duration, Quantity};

impl Compiler<'_> {
    /// The events of the model.
    pub(super) fn events(&mut self) -> Box<[Event]> {
        self.model.events.iter().map(|event| self.event(event)).collect()
    }

    fn event(&mut self, event: &model::event::Event) -> Event {
        let (start, unit) = (self.model.start, self.model.time_unit);
        let scope = self.state.with_waited();
        let length = |time: Quantity| (time.micros(unit).round() as Duration).max(1);
        let condition = |text: &Expression| text.compile(&scope, &mut Reader::new());
        let named = |purpose: &str| Purpose::named(&event.name, purpose);
        let nodes = event.nodes.iter().filter_map(|name| self.nodes.get(name.as_str()).copied());
        let nodes: Box<[_]> = nodes.collect();
        let set = event.set.iter().filter_map(|(attribute, to)| {
            self.set_attribute(&scope, (&None, 1.0), named("set"), attribute, to)
        });
        let set = set.collect();
        let to = event.to.as_ref().map_or(Vec::new(), |to| {
            let from = |node| (node, self.onward(node, named("to"), Some(to)));
            nodes.iter().copied().map(from).collect()
        });
        Event {
            at: event.at.time(start, unit),
            every: event.every.map(length),
            only_if: event.only_if.as_ref().and_then(condition),
            state: event.state.clone().into(),
            whom: event.whom.as_ref().and_then(condition),
            score: event
                .score
                .as_ref()
                .and_then(|score| score.compile_score(&scope, &mut Reader::new())),
            share: event.share.unwrap_or(1.0),
            purpose: named("share"),
            most: event.most.unwrap_or(u32::MAX),
            set,
            to: to.into(),
            act: event.act,
            close: event.close.map(length),
            nodes,
        }
    }
}
