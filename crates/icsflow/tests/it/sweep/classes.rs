//! Waits by class, made anew from the visits and the draws of when a class changes.

use std::collections::HashMap;

use icsflow::engine::record::{ClassRecord, Ending};
use icsflow::network::extras::{ClassChange, Extras};
use icsflow::time::Time;

use super::{Life, Sweep};

impl Sweep<'_> {
    /// Waits by class of every node of which they can be told are those of its visits.
    pub(super) fn check_classes(&mut self) {
        for node in 0..self.network.shown {
            let Some((told, put_back)) = self.classes(node) else { continue };
            self.decided.put_back += put_back;
            let at = self.place(node);
            assert_eq!(self.replication.classes[node], told, "{at}: waits by class");
            self.decided.by_class += told.iter().map(|class| class.joined).sum::<u64>();
            self.decided.changed += told.iter().map(|class| class.changed).sum::<u64>();
        }
    }

    /// And how many were put back of a class that changes, but not theirs: they keep it. `None` if it
    /// cannot be told of which class everybody was at every time.
    fn classes(&self, node: usize) -> Option<(Vec<ClassRecord>, u64)> {
        let spec = self.spec(node);
        let plain = self.own_line[node] == node && !spec.line_only && spec.waiting_room == 0;
        let draws = self.extras(node).is_none_or(|extras| {
            let listed = |sampler: &icsflow::network::sampler::Sampler| sampler.listed().is_some();
            extras.slots.is_none()
                && extras.reviews.iter().all(|review| review.class.is_none())
                && !extras.class_changes.iter().any(|change| listed(&change.after))
        });
        let whole = self.replication.inside.at_start == 0;
        if spec.classes.is_empty() || !plain || !draws || !whole {
            return None;
        }
        let mut classes = vec![ClassRecord::default(); spec.classes.len() + 1];
        let mut put_back = 0;
        // Of whom was put back: the class until then.
        let mut before: HashMap<(u32, u64), usize> = HashMap::new();
        for life in self.lives.iter().filter(|life| life.node == node) {
            let key = (life.row.history.source.0, life.row.history.number);
            let earlier = before.remove(&key);
            let changes = |extras: &Extras| {
                let from = |change: &ClassChange| Some(change.from as usize) == earlier;
                extras.class_changes.iter().any(from)
            };
            put_back += u64::from(self.extras(node).is_some_and(changes));
            let last = self.waited(life, earlier, &mut classes)?;
            if life.row.ending == Ending::Interrupted {
                before.insert(key, last);
            }
        }
        Some((classes, put_back))
    }

    /// Adds what a visit waited in each class; tells the last one. `None` if two things fell together
    /// whose order nobody tells.
    fn waited(
        &self,
        life: &Life<'_>,
        before: Option<usize>,
        classes: &mut [ClassRecord],
    ) -> Option<usize> {
        let (node, until) = (life.line?, life.started.unwrap_or(life.gone));
        let spec = self.spec(node);
        let holds = |at: &usize| self.holds(&spec.classes[*at], life, life.joined);
        let first = || (0..spec.classes.len()).find(holds).unwrap_or(spec.classes.len());
        let mut class = before.unwrap_or_else(first);
        // Who held a place elsewhere until then did not wait here.
        if life.came == until {
            return Some(class);
        }
        let part = |from: Time, to: Time| to.max(0) - from.max(0);
        classes[class].joined += u64::from(life.joined >= 0);
        let (mut since, mut changes) = (life.joined, 0);
        let rules = self.extras(node).filter(|_| before.is_none());
        while let Some(change) = rules.and_then(|extras| {
            extras.class_changes.iter().find(|change| change.from as usize == class)
        }) {
            let draw = self.draw(life, change.purpose.at(changes));
            let at = since.saturating_add(change.after.duration(draw));
            if at == until || at == since {
                return None;
            }
            if at > until {
                break;
            }
            changes += 1;
            if change.to != change.from {
                classes[class].waiting += part(since, at);
                class = change.to as usize;
                classes[class].joined += u64::from(at >= 0);
                classes[class].changed += u64::from(at >= 0);
            }
            since = at;
        }
        classes[class].waiting += part(since, until);
        Some(class)
    }
}
