//! Words about whose place a node is, put into a model that stands already.

use icsflow::{Choose, Model, Route};

use super::Maker;

impl Maker {
    /// Somebody is sent to the node of their own place, or back to where they came from.
    pub(super) fn by_place(&mut self, model: &mut Model) {
        let own = self.dice.chance(0.5);
        let (choose, word) = match own {
            true => (Choose::OwnPlace, "choose own place"),
            false => (Choose::CameFrom, "choose came from"),
        };
        let before = model.clone();
        let at = self.dice.below(model.routes.len().max(1));
        let Some(route) = model.routes.get_mut(at).filter(|r| r.choose != Some(Choose::FirstFree))
        else {
            return;
        };
        let from = route.from.clone();
        let mut to: Vec<&str> = self.names.iter().copied().filter(|name| *name != from).collect();
        to.truncate(1 + self.dice.below(to.len()));
        let with_role = self.dice.chance(0.6);
        let named = if with_role { vec!["department"] } else { to.clone() };
        *route = Route {
            cohort: route.cohort.clone(),
            when: route.when.clone(),
            ..Route::choose(&from, choose, named)
        };
        if with_role {
            for node in model.nodes.iter_mut().filter(|node| to.contains(&&*node.name)) {
                node.role = Some("department".into());
            }
        }
        let group = model.groups.first().map(|group| group.name.clone());
        model.arrivals[0].group = group.clone();
        // Who is sent back to a place that they never seem to leave, say, or along a way that was there.
        if model.check().is_err() {
            *model = before;
            return;
        }
        self.word(word);
        if with_role {
            self.word("role");
        }
        if group.is_some() {
            self.word("arrivals group");
        }
    }
}
