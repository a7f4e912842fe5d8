//! Early referrals, put into a model that stands already.

use icsflow::{Case, Cases, Distribution, Model, Referral};

use super::Maker;

impl Maker {
    /// From some nodes people are referred to the next before they are ready, where that gives in line.
    pub(super) fn refer(&mut self, model: &mut Model) {
        for i in 0..model.nodes.len() {
            if !self.dice.chance(0.6) {
                continue;
            }
            let mean = self.dice.between(1.0, 40.0);
            let length = Distribution::exponential(format!("{mean}h").as_str());
            let length = if self.dice.chance(0.3) { Distribution::from(0.0) } else { length };
            let cases = if self.dice.chance(0.3) {
                Cases(vec![Case { when: Some("hour < 16".into()), then: length }])
            } else {
                length.into()
            };
            let before = self.dice.chance(0.5);
            let mut referral =
                if before { Referral::before_end(cases) } else { Referral::after_start(cases) };
            referral.hold = self.dice.chance(0.5);
            let hold = referral.hold;
            let mut tried = model.clone();
            tried.nodes[i].referral = Some(referral);
            if tried.check().is_ok() {
                self.word(if before { "referral before end" } else { "referral after start" });
                if hold {
                    self.word("referral hold");
                }
                *model = tried;
            }
        }
    }
}
