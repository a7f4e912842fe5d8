//! Readmissions: names become positions.

use super::Compiler;
use crate::doc::Reader;
use crate::ids::NodeId;
use crate::model::case::cumulative;
use crate::network::extras::{Onward, Readmission};
use crate::network::network::Targets;
use crate::rng::Purpose;

impl Compiler<'_> {
    /// Who comes again that has gone out of the system from a node. On their way in they are counted as
    /// from a source of their own.
    pub(super) fn readmissions(&mut self, at: NodeId) -> Box<[Readmission]> {
        let node = &self.model.nodes[at.index()];
        let before = self.model.nodes[..at.index()].iter();
        let source =
            self.first_return + before.filter(|n| !n.readmission.is_empty()).count() as u32;
        let mut all = Vec::new();
        for (number, again) in node.readmission.iter().enumerate() {
            let named = |what: &str| {
                Purpose::named(&node.name, &format!("readmission {}: {what}", number + 1))
            };
            let shares = cumulative(&again.to.0).into_iter().zip(again.to.0.keys());
            let targets =
                shares.map(|(share, to)| (share, self.target_of_source(source, to))).collect();
            let scope = self.state.at_node(at.0);
            all.push(Readmission {
                when: again.when.as_ref().and_then(|w| w.compile(&scope, &mut Reader::new())),
                share: again.share,
                purpose: named("share"),
                after: self.lengths(&again.after, named("after")),
                to: Onward { purpose: named("to"), targets: Targets::new(targets) },
            });
        }
        all.into()
    }

    /// The names of these sources.
    pub(super) fn return_names(&self) -> impl Iterator<Item = String> {
        let again = self.model.nodes.iter().filter(|node| !node.readmission.is_empty());
        again.map(|node| format!("readmissions from {}", node.name))
    }
}
