//! Events on people: dated acts on those who are somewhere, not on parameters.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Serialize;

use super::census::Known;
use super::check::{Least, Names, check_length, check_moment, check_share};
use super::model::Model;
use super::set::check_value;
use super::targets::Targets;
use crate::doc::{Reader, read_table, read_word};
use crate::expr::Expression;
use crate::time::{Moment, Quantity};

/// At a date, or over and over, some of those at some nodes are sent on, released, put back into the
/// queue or changed; or the nodes are closed to admissions for a time.
///
/// ```
/// use icsflow::{Event, Model, Share, State};
///
/// let discharge = Event::at("Mass discharge", "2026-03-01", ["Acute"])
///     .of([State::Ready])
///     .to([("Home care", Share::Of(0.3)), ("home", Share::Rest)]);
/// let model = Model::new("Winter").event(discharge);
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Event {
    /// Its name, unique among events; the key of its random draws.
    pub name: String,
    /// When.
    pub at: Moment,
    /// And again after each such time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub every: Option<Quantity>,
    /// Whether it happens then: a condition over clock and state; always if not given.
    #[serde(rename = "if", skip_serializing_if = "Option::is_none")]
    pub only_if: Option<Expression>,
    /// The nodes and lists at which it happens, in this order.
    pub nodes: Vec<String>,
    /// Whom it concerns, by where they are in their visit; everyone in the queue or in a place if not
    /// given.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub state: Vec<State>,
    /// Whom it concerns: a condition over attributes, clock, state and the time `waited` in the present
    /// line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub whom: Option<Expression>,
    /// Who comes first: the highest score; if not given whoever has been there longest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub score: Option<Expression>,
    /// The probability that it concerns somebody.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub share: Option<f64>,
    /// The most people whom it concerns, all nodes together.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub most: Option<u32>,
    /// Attributes that change, before anything else happens: a value, an expression, or a label.
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub set: IndexMap<String, Known>,
    /// Where they go. The stay of those in places is over, and they keep the place until one is free for
    /// them there; those in the queue go at once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<Targets>,
    /// What else becomes of them.
    #[serde(rename = "do", skip_serializing_if = "Option::is_none")]
    pub act: Option<Act>,
    /// So long the nodes are closed to admissions: nobody starts there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub close: Option<Quantity>,
}

read_table!(Event, "an event on people", {
    name, at, every, only_if as "if", nodes, state, whom, score, share, most, set, to, act as "do", close,
});

/// Where somebody is in a visit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// In the queue, in person.
    Waiting,
    /// In a place, and the stay goes on.
    #[serde(rename = "in stay")]
    InStay,
    /// In a place, and the stay is over: in a delay by process, blocked, or waiting for a window.
    Ready,
}

read_word!(State, "where somebody is in a visit", {
    "waiting" => Waiting, "in stay" => InStay, "ready" => Ready,
});

/// What becomes of people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Act {
    /// The stay of those in whose place it goes on is over now, and they go where they would have gone.
    End,
    /// Those in whose place the stay goes on are put back into the queue, with the time waited since they
    /// first joined it; a new stay begins when they start again.
    Requeue,
    /// They die.
    Die,
}

read_word!(Act, "what becomes of people", { "end" => End, "requeue" => Requeue, "die" => Die });

impl Event {
    /// At a date or time, at these nodes.
    pub fn at<'a>(
        name: impl Into<String>,
        at: impl Into<Moment>,
        nodes: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        Event {
            name: name.into(),
            at: at.into(),
            every: None,
            only_if: None,
            nodes: nodes.into_iter().map(str::to_owned).collect(),
            state: Vec::new(),
            whom: None,
            score: None,
            share: None,
            most: None,
            set: IndexMap::new(),
            to: None,
            act: None,
            close: None,
        }
    }

    /// And again after each such time.
    pub fn every(mut self, time: impl Into<Quantity>) -> Self {
        self.every = Some(time.into());
        self
    }

    /// Only if this holds then.
    pub fn only_if(mut self, condition: impl Into<Expression>) -> Self {
        self.only_if = Some(condition.into());
        self
    }

    /// Of those who are there in their visit.
    pub fn of(mut self, states: impl IntoIterator<Item = State>) -> Self {
        self.state = states.into_iter().collect();
        self
    }

    /// Of those for whom this holds.
    pub fn whom(mut self, condition: impl Into<Expression>) -> Self {
        self.whom = Some(condition.into());
        self
    }

    /// Those with the highest score first.
    pub fn score(mut self, score: impl Into<Expression>) -> Self {
        self.score = Some(score.into());
        self
    }

    /// Each with this probability.
    pub fn share(mut self, share: f64) -> Self {
        self.share = Some(share);
        self
    }

    /// At most so many.
    pub fn most(mut self, people: u32) -> Self {
        self.most = Some(people);
        self
    }

    /// Changes an attribute.
    pub fn set(mut self, attribute: impl Into<String>, to: impl Into<Known>) -> Self {
        self.set.insert(attribute.into(), to.into());
        self
    }

    /// Sends them on.
    pub fn to(mut self, to: impl Into<Targets>) -> Self {
        self.to = Some(to.into());
        self
    }

    /// Does this with them.
    pub fn act(mut self, act: Act) -> Self {
        self.act = Some(act);
        self
    }

    /// Closes the nodes to admissions for so long.
    pub fn close(mut self, time: impl Into<Quantity>) -> Self {
        self.close = Some(time.into());
        self
    }

    pub(super) fn check(&self, model: &Model, names: &Names, at: &mut Reader) {
        check_moment(at, "at", self.at, names.unit);
        for (key, time) in [("every", self.every), ("close", self.close)] {
            if let Some(time) = time {
                check_length(at, key, time, names.unit, Least::AboveZero);
            }
        }
        at.within("nodes", |at| {
            if self.nodes.is_empty() {
                at.fault("no node", "at least one node or list");
            }
            for (i, node) in self.nodes.iter().enumerate() {
                at.item(i, |at| {
                    if !names.places().any(|place| place == node) {
                        at.unknown(node, "a node or a list", names.places());
                    } else if self.nodes[..i].contains(node) {
                        at.fault(format!("{node:?} once more"), "each node once");
                    } else if self.close.is_some()
                        && model.nodes.iter().any(|o| o.name == *node && o.slots.is_some())
                    {
                        let expected = "a node with beds: sessions are called off instead";
                        at.fault(format!("{node:?}, which gives slots"), expected);
                    }
                });
            }
        });
        if let Some(only_if) = &self.only_if {
            at.within("if", |at| names.anywhere(only_if, at));
        }
        if let Some(whom) = &self.whom {
            at.within("whom", |at| {
                whom.compile(&names.anybody(), at);
            });
        }
        if let Some(score) = &self.score {
            at.within("score", |at| {
                score.compile_score(&names.anybody(), at);
            });
        }
        check_share(at, "share", self.share);
        at.within("set", |at| {
            for (attribute, to) in &self.set {
                at.within(attribute, |at| {
                    check_value(attribute, to, &names.anybody(), names, at);
                });
            }
        });
        if let Some(to) = &self.to {
            at.within("to", |at| to.check(names, at));
        }
        if self.to.is_some() && self.act.is_some() {
            at.fault("both to and do", "one of them");
        }
        let nothing = self.to.is_none() && self.act.is_none() && self.close.is_none();
        if nothing && self.set.is_empty() {
            at.missing(&["to", "do", "set", "close"], "nothing to do", "to, do, set or close");
        }
    }
}
