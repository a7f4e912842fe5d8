//! Words about legs, put into a model that stands already.

use icsflow::{Distribution, Failed, Join, Leg, LegOrder, Legs, Model, Others, Readmission};

use super::Maker;

impl Maker {
    /// Some who go out from some nodes come again.
    pub(super) fn readmit(&mut self, model: &mut Model) {
        for i in 0..model.nodes.len() {
            if i > 0 && !self.dice.chance(0.4) {
                continue;
            }
            self.word("readmission");
            let share = self.dice.between(0.1, 0.6);
            let to = *self.dice.one_of(&self.names);
            let gap = Distribution::exponential("40h");
            let mut again = Readmission::new(share, gap, to);
            if self.dice.chance(0.3) {
                again = again.when("hour < 12");
            }
            model.nodes[i].readmission.push(again);
        }
    }

    /// At some nodes people have something done elsewhere during their stay, where that does not lead
    /// back there.
    pub(super) fn give_legs(&mut self, model: &mut Model) {
        for i in 0..model.nodes.len() {
            let by_places = model.nodes[i].slots.is_none() && model.nodes[i].visits.is_none();
            if !by_places || !self.dice.chance(0.95) {
                continue;
            }
            let places: Vec<&str> = self.names.iter().chain(&self.lists).copied().collect();
            let leads = |place: &&str| {
                let mut tried = model.clone();
                tried.nodes[i].legs = Some(Legs::new([*place]));
                tried.check().is_ok()
            };
            let places: Vec<&str> = places.into_iter().filter(leads).collect();
            if places.is_empty() {
                continue;
            }
            let mut to: Vec<Leg> = Vec::new();
            for place in places {
                if to.is_empty() || self.dice.chance(0.9) {
                    let mut leg = Leg::from(place);
                    if self.chance(0.4, "legs for some") {
                        leg = if self.dice.chance(0.5) {
                            leg.share(0.6)
                        } else {
                            leg.when("hour < 15")
                        };
                    }
                    to.push(leg);
                }
            }
            self.word("legs");
            let number = to.len();
            let mut legs = Legs::new(to);
            if number > 1 && self.chance(0.9, "legs join") {
                legs = legs.join(Join::Of(1 + self.dice.below(number) as u32));
            }
            if self.chance(0.6, "legs in turn") {
                let orders = [LegOrder::AsListed, LegOrder::ShortestQueue];
                legs = legs.order(*self.dice.one_of(&orders));
            }
            if self.chance(0.55, "legs go on") {
                legs = legs.others(Others::GoOn);
            }
            if self.chance(0.6, "legs fail ends") {
                legs = legs.failed(Failed::Ends);
            }
            model.nodes[i].legs = Some(legs);
        }
    }
}
