//! Attributes that change on what happens at a node.

use schemars::JsonSchema;
use serde::Serialize;

use super::case::Cases;
use super::census::Known;
use super::check::{Names, check_share};
use super::distribution::{Distribution, Meaning};
use crate::doc::{Reader, read_table, read_word};
use crate::expr::{Expression, Kind, Scope};

/// An attribute changes when something happens to a patient at a node: an infection, frailty after a long
/// delay. What is asked of it from then on sees the new value.
///
/// ```
/// use icsflow::{Distribution, Node, On, SetAttribute};
///
/// let ward = Node::beds("Ward", 24, Distribution::exponential("6d"))
///     .set(SetAttribute::new(On::Leave, "frail", "true").when("waited > 3"));
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct SetAttribute {
    /// On what. `waited` is known then: on joining 0, on starting the time since joining the line, on
    /// being ready the same and the stay, on leaving the time since the next place was sought.
    pub on: On,
    /// Of whom: a condition over attributes, clock, state and `waited`; of everyone if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub when: Option<Expression>,
    /// Probability that it changes; 1 if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub share: Option<f64>,
    /// The attribute.
    pub attribute: String,
    /// The new value: of a number or flag a value or an expression, such as `"severity + 1"`; of a
    /// category a label.
    pub to: Known,
}

read_table!(SetAttribute, "a change of an attribute", { on, when, share, attribute, to });

/// What happens to a patient at a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum On {
    /// Joins the line, or comes to a place without limit.
    Join,
    /// Starts: takes the place. What the stay depends on is asked after.
    Start,
    /// The stay is over. Where next is asked after.
    Ready,
    /// Leaves the place.
    Leave,
}

impl On {
    /// How many there are.
    pub const COUNT: usize = 4;
}

read_word!(On, "what happens to a patient", {
    "join" => Join, "start" => Start, "ready" => Ready, "leave" => Leave,
});

impl SetAttribute {
    /// On this, an attribute gets this value.
    pub fn new(on: On, attribute: impl Into<String>, to: impl Into<Known>) -> Self {
        SetAttribute { on, when: None, share: None, attribute: attribute.into(), to: to.into() }
    }

    /// Sets the condition.
    pub fn when(mut self, condition: impl Into<Expression>) -> Self {
        self.when = Some(condition.into());
        self
    }

    /// Sets the probability.
    pub fn share(mut self, share: f64) -> Self {
        self.share = Some(share);
        self
    }

    pub(super) fn check(&self, own: usize, list: Option<&str>, names: &Names, at: &mut Reader) {
        if let Some(when) = &self.when {
            at.within("when", |at| names.waiting(when, own, at));
        }
        check_share(at, "share", self.share);
        if self.on == On::Join && list.is_some() {
            at.within("on", |at| {
                at.fault("\"join\" at a node that serves a list", "start: people join the list");
            });
        }
        let key = if names.attribute(&self.attribute).is_some() { "to" } else { "attribute" };
        let scope = names.somebody_at(own);
        at.within(key, |at| check_value(&self.attribute, &self.to, &scope, names, at));
    }
}

/// Checks the new value of an attribute.
pub(super) fn check_value(
    attribute: &str,
    to: &Known,
    scope: &Scope,
    names: &Names,
    at: &mut Reader,
) {
    let Some(kind) = names.attribute(attribute) else {
        return at.unknown(attribute, "an attribute of a cohort", names.attributes());
    };
    match (to, kind) {
        (Known::Label(text), Kind::Number) => {
            Expression(text.clone()).compile_score(scope, at);
        }
        (Known::Label(text), Kind::Flag) => {
            Expression(text.clone()).compile(scope, at);
        }
        _ => to.check(kind, at),
    }
}

/// A clock that ends in death, wherever the patient is by then; once out of the system it stops.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Death {
    /// What starts it at the node; the first of several clocks counts.
    pub on: On,
    /// Time until death, for everyone or by cases; nobody dies for whom no case holds.
    pub after: Cases<Distribution>,
}

read_table!(Death, "a death", { on, after });

impl Death {
    /// So long after this.
    pub fn new(on: On, after: impl Into<Cases<Distribution>>) -> Self {
        Death { on, after: after.into() }
    }

    pub(super) fn check(&self, names: &Names, at: &mut Reader) {
        at.within("after", |at| {
            self.after.check(at, false, |at, case| {
                names.case(&case.when, at);
                case.then.check(at, Meaning::Duration(names.unit));
            });
        });
    }
}
