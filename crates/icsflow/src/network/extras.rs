//! What makes a node more than a plain one: how people wait for it beyond first come or class, and how
//! its places come and go. A plain node has none of this, and pays for none of it.

use super::caseload::Team;
use super::legs::Legs;
use super::network::{StayCase, Target, Targets};
use super::places::Places;
use super::sampler::Sampler;
use super::slots::Slots;
use super::visits::Visits;
use super::week::Instants;
use crate::expr::Program;
use crate::ids::NodeId;
use crate::rng::Purpose;
use crate::time::{Duration, Time};

/// The rules of a node beyond those of a plain one.
#[derive(Debug)]
pub struct Extras {
    /// Who goes first.
    pub order: Order,
    /// The lines from which its places are given: its own, or those of the list that it serves, then
    /// those of people who wait for the first free of several nodes. Nothing for a list.
    pub serves: Box<[Serving]>,
    /// The lines of people who wait for the first free of several nodes of which this is named first:
    /// they wait by the rules of its queue, and take up its places.
    pub tickets: Box<[NodeId]>,
    /// The nodes that are asked when somebody joins its lines: itself, or for a list those that serve it.
    pub served_by: Box<[NodeId]>,
    /// Nodes where a condition about who may start or go over reads the state of this one, perhaps its own.
    pub watchers: Box<[NodeId]>,
    /// Where those go who find the queue full.
    pub if_full: Onward,
    /// How long people wait in person.
    pub patience: Option<Lengths>,
    /// Where those go who give up.
    pub renege: Onward,
    /// Who turns away on coming: conditions and shares; the first that holds counts.
    pub balk: Box<[(Program, f64)]>,
    /// Key of the draw of whether a patient turns away.
    pub balk_purpose: Purpose,
    /// Where those go who turn away.
    pub balk_to: Onward,
    /// Classes that change while people wait.
    pub class_changes: Box<[ClassChange]>,
    /// Looks at those who wait.
    pub reviews: Box<[Review]>,
    /// Who goes over to another node while waiting.
    pub switches: Box<[Switch]>,
    /// Whether better classes take the places of worse ones.
    pub preempt: Option<Preemption>,
    /// What a fall of capacity does to people in places.
    pub cut: Cut,
    /// How long a place stays out of use after a patient; cases by the leaver.
    pub turnaround: Option<Lengths>,
    /// How long a place is away that falls free while nobody waits.
    pub vacation: Option<(Sampler, u32, Purpose)>,
    /// Who may take a place.
    pub admit: Option<Program>,
    /// Places kept for some.
    pub fences: Box<[Fence]>,
    /// Places beside the beds for those who find none.
    pub corridor: u32,
    /// What may end a stay before its length has passed.
    pub ends: Option<Ends>,
    /// The team whose caseload the places are.
    pub team: Option<Team>,
    /// Visits a day in place of places.
    pub visits: Option<Visits>,
    /// When people start together.
    pub together: Option<Together>,
    /// Slots, by which alone places are given then.
    pub slots: Option<Slots>,
    /// What people have done elsewhere during their stay.
    pub legs: Option<Legs>,
    /// The flow of legs that are over here.
    pub joined_flow: u32,
    /// When people are referred to the next node during their stay.
    pub referral: Option<Referral>,
    /// Who comes again that has gone out of the system from here; the first that holds counts.
    pub readmissions: Box<[Readmission]>,
    /// Clocks of death that start on what happens to a patient, in the order of [`On`].
    pub deaths: [Box<[Lengths]>; On::COUNT],
    /// The flow of those who die here.
    pub died_flow: u32,
    /// Attributes that change on what happens to a patient, in the order of [`On`].
    pub sets: [Box<[SetAttribute]>; On::COUNT],
}

/// When people are referred to the next node during their stay.
#[derive(Debug)]
pub struct Referral {
    /// Time from the start of the stay, or to its end; none who meets no case.
    pub length: Lengths,
    /// From the start.
    pub from_start: bool,
    /// A place that falls free before the patient is ready is held.
    pub hold: bool,
}

/// People who have gone out of the system and come again.
#[derive(Debug)]
pub struct Readmission {
    /// Of whom.
    pub when: Option<Program>,
    /// Probability of it.
    pub share: f64,
    /// Key of that draw.
    pub purpose: Purpose,
    /// Time from going out to that.
    pub after: Lengths,
    /// Where they come.
    pub to: Onward,
}

/// People who start together.
#[derive(Debug)]
pub struct Together {
    /// As soon as so many have gathered; more than there ever are if at set times alone.
    pub least: u32,
    /// Set times, if any.
    pub at: Option<Instants>,
}

/// A change of an attribute.
#[derive(Debug)]
pub struct SetAttribute {
    /// Of whom.
    pub when: Option<Program>,
    /// Probability that it changes.
    pub share: f64,
    /// Key of that draw.
    pub purpose: Purpose,
    /// Position of the attribute.
    pub position: u32,
    /// The new value.
    pub to: Value,
}

/// A value that an attribute gets.
#[derive(Debug)]
pub enum Value {
    /// This.
    Known(f64),
    /// That of an expression.
    Of(Program),
}

/// Clocks that compete with the length of a stay.
#[derive(Debug)]
pub struct Ends {
    /// The position of the length itself among what is counted; those of the clocks follow.
    pub first: u32,
    /// The clocks.
    pub clocks: Box<[End]>,
}

/// A clock that may end a stay.
#[derive(Debug)]
pub struct End {
    /// When, from the start; never for whom no case holds.
    pub after: Lengths,
    /// Where to, if not by the routes of the node.
    pub to: Option<Onward>,
}

/// Who goes first in a line.
#[derive(Debug)]
pub enum Order {
    /// By class, then by joining; one class if none is declared.
    FirstCome,
    /// Whoever joined last.
    LastCome,
    /// Drawn at each selection.
    Random,
    /// The highest score.
    Score {
        /// The score; its own node is this one.
        score: Program,
        /// How much it rises per unit of time waited, if that is the same for all and nothing else moves:
        /// then one key, made at joining, orders the line.
        slope: Option<f64>,
    },
}

/// A line from which places are given.
#[derive(Clone, Copy, Debug)]
pub struct Serving {
    /// The node or list whose line it is.
    pub line: NodeId,
    /// The flow on which the way from a list to the node is counted; `u32::MAX` for its own line.
    pub flow: u32,
}

/// Where people are sent on.
#[derive(Debug)]
pub struct Onward {
    /// Key of the draw.
    pub purpose: Purpose,
    /// Destinations.
    pub targets: Targets,
}

/// A length of time by case; none for whom no case holds.
#[derive(Debug)]
pub struct Lengths {
    /// The cases.
    pub cases: Box<[StayCase]>,
    /// Key of the draw.
    pub purpose: Purpose,
}

/// A change of class while waiting.
#[derive(Debug)]
pub struct ClassChange {
    /// The class, from 0.
    pub from: u32,
    /// The new class, from 0.
    pub to: u32,
    /// Time in the class.
    pub after: Sampler,
    /// For a list of given values: its position among the lists.
    pub list: u32,
    /// Key of the draw.
    pub purpose: Purpose,
}

/// A look at those who wait, at set times.
#[derive(Debug)]
pub struct Review {
    /// From one to the next.
    pub every: Duration,
    /// One of them; the others are counted from it back and forth.
    pub at: Time,
    /// Whom it concerns.
    pub when: Option<Program>,
    /// Probability of being taken off.
    pub remove: f64,
    /// Key of that draw.
    pub purpose: Purpose,
    /// Where those go who are taken off.
    pub to: Onward,
    /// Class of the others from then on, from 0.
    pub class: Option<u32>,
}

/// People who wait go over to another node.
#[derive(Debug)]
pub struct Switch {
    /// The node, with the flow from this one.
    pub to: Target,
    /// The condition.
    pub when: Program,
}

/// What becomes of a stay whose place a better class takes.
#[derive(Debug)]
pub enum Preemption {
    /// It goes on where it was interrupted.
    Resume,
    /// It begins anew, of the same length.
    Restart,
    /// It begins anew, of a new length.
    Resample,
    /// It is over, and the patient goes elsewhere.
    Displace(Onward),
}

/// What a fall of capacity does to people in places (R9).
#[derive(Debug)]
pub enum Cut {
    /// They stay until they leave.
    Wait,
    /// The latest started of the lowest class go back to the head of their class; their stay goes on
    /// later, by the rule of pre-emption if there is one that interrupts, else where it was interrupted.
    Interrupt,
    /// The stay of the latest started ends early.
    EarlyEnd,
    /// The latest started are sent on.
    Transfer(Onward),
}

/// Places kept for some.
#[derive(Debug)]
pub struct Fence {
    /// How many.
    pub places: u32,
    /// For whom.
    pub when: Program,
}

/// What changes the places of a node by itself.
#[derive(Debug)]
pub struct Change {
    /// The node.
    pub node: NodeId,
    /// How.
    pub kind: ChangeKind,
}

impl Change {
    /// Whether it is known beforehand when it happens, by a plan.
    pub fn is_plan(&self) -> bool {
        matches!(self.kind, ChangeKind::Plan(_) | ChangeKind::Units(_))
    }
}

/// How places change.
#[derive(Debug)]
pub enum ChangeKind {
    /// By plan.
    Plan(Places),
    /// The units of a profession by plan: its position in the team.
    Units(u32),
    /// A new day begins, with visits of its own.
    Day,
    /// A session begins with whoever has gathered.
    Session,
    /// At random.
    Outage {
        /// The name of the random stream.
        stream: String,
        /// Time in use, and its position among the lists of given values.
        every: (Sampler, u32),
        /// Time out of use, and its position among the lists of given values.
        lasts: (Sampler, u32),
        /// How many places; all that there are if `u32::MAX`.
        places: u32,
    },
}

/// How one of several nodes is chosen when a patient is ready.
#[derive(Debug)]
pub struct Choice {
    /// How.
    pub how: Choose,
    /// The nodes, with the flow to each.
    pub targets: Box<[Target]>,
    /// For [`Choose::FirstFree`]: the line of those who found none free.
    pub line: NodeId,
    /// For [`Choose::RoundRobin`]: the position of its counter.
    pub counter: u32,
    /// Where places count: of each group, then of none, the position of the nearest of the nodes.
    pub nearest: Box<[u32]>,
}

impl Choice {
    /// The nearest to a group.
    pub fn nearest_to(&self, group: u32) -> Target {
        let of_none = self.nearest.last();
        let nearest = self.nearest.get(group as usize).or(of_none).copied();
        self.targets[nearest.unwrap_or(0) as usize]
    }
}

pub use crate::model::route::Choose;
pub use crate::model::set::On;
