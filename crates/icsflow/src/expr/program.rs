//! What is left of an expression for the run: a flat program, and what it asks for its values.

use super::{Scope, WAITED};

/// What an expression may ask of the state of a node, or of the whole system.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StateFn {
    /// `beds`: its places now.
    Beds,
    /// `occupied`: people who hold one of its places.
    Occupied,
    /// `free`: places that are neither occupied nor reserved nor out of use; never below 0.
    Free,
    /// `queue`: people in its queue, in person; those who wait for the first free of several nodes count
    /// at the one named first.
    Queue,
    /// `waiting`: people in its queue and its waiting room.
    Waiting,
    /// `blocked`: people in its places who are ready to leave and wait for a place elsewhere.
    Blocked,
    /// `awaiting`: people who hold a place elsewhere and wait for one here.
    Awaiting,
    /// `present`: occupied and waiting.
    Present,
    /// `inside`: everyone in the system. Its node is always 0 and means nothing.
    Inside,
}

impl StateFn {
    /// All of them.
    pub const ALL: [StateFn; 9] = [
        StateFn::Beds,
        StateFn::Occupied,
        StateFn::Free,
        StateFn::Queue,
        StateFn::Waiting,
        StateFn::Blocked,
        StateFn::Awaiting,
        StateFn::Present,
        StateFn::Inside,
    ];

    /// Its name in expressions.
    pub const fn name(self) -> &'static str {
        match self {
            StateFn::Beds => "beds",
            StateFn::Occupied => "occupied",
            StateFn::Free => "free",
            StateFn::Queue => "queue",
            StateFn::Waiting => "waiting",
            StateFn::Blocked => "blocked",
            StateFn::Awaiting => "awaiting",
            StateFn::Present => "present",
            StateFn::Inside => "inside",
        }
    }

    pub(super) fn named(name: &str) -> Option<Self> {
        StateFn::ALL.into_iter().find(|function| function.name() == name)
    }
}

/// What gives a program its values when it is run.
///
/// A closure over the numbers of names is enough for a program that reads no state; a pair of closures
/// gives the state as well.
pub trait Values {
    /// The value of a name by its number in the [`Scope`]; NaN is no value.
    fn named(&self, name: u16) -> f64;

    /// The state of a node by its position.
    fn state(&self, what: StateFn, node: u32) -> f64;
}

impl<N: Fn(u16) -> f64> Values for N {
    #[inline(always)]
    fn named(&self, name: u16) -> f64 {
        self(name)
    }

    fn state(&self, _: StateFn, _: u32) -> f64 {
        f64::NAN
    }
}

impl<N: Fn(u16) -> f64, S: Fn(StateFn, u32) -> f64> Values for (N, S) {
    #[inline(always)]
    fn named(&self, name: u16) -> f64 {
        self.0(name)
    }

    #[inline(always)]
    fn state(&self, what: StateFn, node: u32) -> f64 {
        self.1(what, node)
    }
}

/// One step of a program.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Step {
    Push(f64),
    Value(u16),
    State(StateFn, u32),
    Add,
    Subtract,
    Multiply,
    Divide,
    Least,
    Greatest,
    Negate,
    Absolute,
    Floor,
    Not,
    And,
    Or,
    Equal,
    Unequal,
    Less,
    AtMost,
    Greater,
    AtLeast,
    /// The second of the last three values if the first is true, else the third.
    Choose,
}

impl Step {
    /// How many values it takes off the stack, before it puts one on.
    const fn takes(self) -> usize {
        match self {
            Step::Push(_) | Step::Value(_) | Step::State(..) => 0,
            Step::Negate | Step::Absolute | Step::Floor | Step::Not => 1,
            Step::Choose => 3,
            _ => 2,
        }
    }

    /// The value it puts on the stack; `last(1)` is the value on top.
    #[inline(always)]
    fn result(self, last: impl Fn(usize) -> f64, values: &impl Values) -> f64 {
        let flag = f64::from;
        match self {
            Step::Push(x) => x,
            Step::Value(name) => values.named(name),
            Step::State(what, node) => values.state(what, node),
            Step::Negate => -last(1),
            Step::Absolute => last(1).abs(),
            Step::Floor => last(1).floor(),
            Step::Not => flag(last(1) == 0.0),
            Step::Add => last(2) + last(1),
            Step::Subtract => last(2) - last(1),
            Step::Multiply => last(2) * last(1),
            Step::Divide => last(2) / last(1),
            // Of a number and no value, no value: unlike those of the standard library.
            Step::Least => pick(last(2) < last(1), last(2), last(1)),
            Step::Greatest => pick(last(2) > last(1), last(2), last(1)),
            // A flag without a value is not true.
            Step::And => flag(last(2) == 1.0 && last(1) == 1.0),
            Step::Or => flag(last(2) == 1.0 || last(1) == 1.0),
            Step::Equal => flag(last(2) == last(1)),
            // NaN, no value, is neither equal nor unequal to anything.
            Step::Unequal => flag(last(2) < last(1) || last(2) > last(1)),
            Step::Less => flag(last(2) < last(1)),
            Step::AtMost => flag(last(2) <= last(1)),
            Step::Greater => flag(last(2) > last(1)),
            Step::AtLeast => flag(last(2) >= last(1)),
            Step::Choose => {
                if last(3) == 1.0 {
                    last(2)
                } else {
                    last(1)
                }
            }
        }
    }
}

/// `a` if it is the one, else `b`; no value if either has none.
fn pick(a_is_it: bool, a: f64, b: f64) -> f64 {
    if a_is_it || a.is_nan() { a } else { b }
}

/// Deepest stack that a program may need; a deeper expression is a fault.
pub(super) const DEPTH: usize = 32;
/// The stack that most need.
const SHALLOW: usize = 3;

/// A compiled expression.
#[derive(Clone, Debug, PartialEq)]
pub struct Program {
    steps: Box<[Step]>,
    reads: Box<[u16]>,
    state: Box<[(StateFn, u32)]>,
    clock: bool,
    slope: Option<f64>,
    /// Whether [`SHALLOW`] is deep enough.
    shallow: bool,
}

impl Program {
    /// None if the steps need a deeper stack than there is.
    pub(super) fn new(steps: Vec<Step>, scope: &Scope) -> Option<Self> {
        let deepest = deepest(&steps);
        if deepest > DEPTH {
            return None;
        }
        let (mut reads, mut state) = (Vec::new(), Vec::new());
        for step in &steps {
            match *step {
                Step::Value(name) => reads.push(name),
                Step::State(what, node) => state.push((what, node)),
                _ => {}
            }
        }
        reads.sort_unstable();
        reads.dedup();
        state.sort_unstable();
        state.dedup();
        Some(Program {
            clock: reads.iter().any(|name| scope.is_clock(*name)),
            slope: slope(&steps, scope),
            shallow: deepest <= SHALLOW,
            steps: steps.into(),
            reads: reads.into(),
            state: state.into(),
        })
    }

    /// The numbers of the named values that the program reads, each once.
    pub fn reads(&self) -> &[u16] {
        &self.reads
    }

    /// The state that the program reads: functions and positions of nodes, each once.
    pub fn state(&self) -> &[(StateFn, u32)] {
        &self.state
    }

    /// Whether the program reads the clock: without anything happening, its value may change.
    pub fn reads_clock(&self) -> bool {
        self.clock
    }

    /// How much the value rises in one unit of `waited` if nothing else in it can change while a
    /// patient waits: its other terms are attributes, cohort and constants, not clock or state.
    ///
    /// Where there is a slope, it is the same for everyone, and so the order of two patients who wait
    /// never changes: one key, `value where waited is 0 - slope * time of joining`, orders them.
    pub fn linear_in_waited(&self) -> Option<f64> {
        self.slope
    }

    /// The value of the expression, flags as 1 and 0; NaN is no value.
    #[inline]
    pub fn value(&self, values: impl Values) -> f64 {
        // Most need no more than a comparison does, and a deep stack has to be laid out first.
        if self.shallow { self.run::<SHALLOW>(values) } else { self.run::<DEPTH>(values) }
    }

    fn run<const N: usize>(&self, values: impl Values) -> f64 {
        let mut stack = [0.0; N];
        let mut top = 0;
        for step in &self.steps {
            let result = step.result(|back| stack[top - back], &values);
            top -= step.takes();
            stack[top] = result;
            top += 1;
        }
        stack[0]
    }

    /// Whether the condition holds.
    ///
    /// ```
    /// # use icsflow::doc::Reader;
    /// # use icsflow::expr::{Expression, Scope, StateFn};
    /// let scope = Scope::default().with_state(&["Acute"]);
    /// let condition = Expression::from("free('Acute') > 2");
    /// let condition = condition.compile(&scope, &mut Reader::new()).unwrap();
    /// let state = |what, node| if (what, node) == (StateFn::Free, 0) { 3.0 } else { 0.0 };
    /// assert!(condition.holds((|_| f64::NAN, state)));
    /// ```
    pub fn holds(&self, values: impl Values) -> bool {
        self.value(values) == 1.0
    }
}

/// The most values that the steps have on the stack at once.
fn deepest(steps: &[Step]) -> usize {
    let (mut now, mut most) = (0usize, 0);
    for step in steps {
        now = now + 1 - step.takes();
        most = most.max(now);
    }
    most
}

/// How a value moves while a patient waits.
#[derive(Clone, Copy, PartialEq)]
enum Course {
    /// This number, for every patient.
    Constant(f64),
    /// It rises by so much in a unit of `waited`, from a start of the patient's own.
    Line(f64),
    /// In some other way.
    Other,
}

impl Course {
    fn line(slope: f64) -> Self {
        if slope.is_finite() { Course::Line(slope) } else { Course::Other }
    }

    fn slope(self) -> Option<f64> {
        match self {
            Course::Constant(_) => Some(0.0),
            Course::Line(slope) => Some(slope),
            Course::Other => None,
        }
    }

    fn constant(self) -> Option<f64> {
        if let Course::Constant(x) = self { Some(x) } else { None }
    }
}

/// The slope of the value in `waited`, if it has one that is the same for everyone.
fn slope(steps: &[Step], scope: &Scope) -> Option<f64> {
    let mut stack: Vec<Course> = Vec::new();
    for step in steps {
        let taken = stack.split_off(stack.len() - step.takes());
        stack.push(match *step {
            Step::Value(WAITED) => Course::Line(1.0),
            Step::Value(name) if !scope.is_clock(name) => Course::Line(0.0),
            Step::Value(_) | Step::State(..) => Course::Other,
            step => course(step, &taken),
        });
    }
    stack.pop().and_then(Course::slope)
}

fn course(step: Step, taken: &[Course]) -> Course {
    let all = |of: fn(Course) -> Option<f64>| taken.iter().map(|c| of(*c)).collect();
    let constants: Option<Vec<f64>> = all(Course::constant);
    if let Some(constants) = constants {
        let last = |back: usize| constants[constants.len() - back];
        return Course::Constant(step.result(last, &|_| f64::NAN));
    }
    let slopes: Option<Vec<f64>> = all(Course::slope);
    match (step, taken, slopes.as_deref().unwrap_or_default()) {
        (Step::Add, _, [a, b]) => Course::line(a + b),
        (Step::Subtract, _, [a, b]) => Course::line(a - b),
        (Step::Negate, _, [a]) => Course::Line(-a),
        (Step::Multiply, [_, Course::Constant(x)], [a, _]) => Course::line(a * x),
        (Step::Multiply, [Course::Constant(x), _], [_, b]) => Course::line(x * b),
        (Step::Divide, [_, Course::Constant(x)], [a, _]) => Course::line(a / x),
        // Of lines that run side by side, the same one is always the least, or the greatest.
        (Step::Least | Step::Greatest, _, [a, b]) if a == b => Course::Line(*a),
        (Step::Choose, _, [0.0, a, b]) if a == b => Course::Line(*a),
        // Whatever is made of what does not move does not move.
        (_, _, [_, ..]) if slopes.iter().flatten().all(|slope| *slope == 0.0) => Course::Line(0.0),
        _ => Course::Other,
    }
}
