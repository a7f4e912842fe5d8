//! Conditions and scores: short texts over attributes and the clock, such as
//! `age >= 75 and triage in ["red", "amber"]`.
//!
//! One grammar serves files, Python and Rust. A text is parsed and type-checked when the model is
//! checked ([`Expression::compile`]); a fault points into the text. What is left for the run is a
//! [`Program`]: a flat list of steps on a small stack of numbers.
//!
//! ```text
//! or    = and { "or" and }              sum   = term { ("+" | "-") term }
//! and   = not { "and" not }             term  = sign { ("*" | "/") sign }
//! not   = "not" not | compare           sign  = "-" sign | value
//! compare = sum [ relation sum ]        value = number | "text" | true | false | name
//!         | sum "in" "[" sum {"," sum} "]"      | "(" or ")"
//! relation = == | != | < | <= | > | >=
//! ```
//!
//! A patient whose cohort does not declare an attribute has no value for it: every comparison with it
//! is false, `!=` and `in` included.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Serialize, Serializer};

use crate::doc::{Doc, Read, Reader, Value};
use crate::error::nearest;

/// An expression as authored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expression(pub String);

impl From<&str> for Expression {
    fn from(text: &str) -> Self {
        Expression(text.to_owned())
    }
}

impl Serialize for Expression {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl JsonSchema for Expression {
    fn schema_name() -> Cow<'static, str> {
        "Expression".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A condition over attributes, cohort and clock: age >= 75 and triage == \"red\".",
            "type": "string"
        })
    }
}

impl Read for Expression {
    fn read(doc: &Doc, at: &mut Reader) -> Self {
        match &doc.value {
            Value::Text(text) => return Expression(text.clone()),
            _ => at.fault(doc.show(), "a condition in text, such as \"age >= 75\""),
        }
        Self::broken()
    }

    fn broken() -> Self {
        Expression("false".into())
    }
}

/// What a name in an expression stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A number.
    Number,
    /// True or false, held as 1 or 0.
    Flag,
    /// One of these labels, held as its position.
    Category(Vec<String>),
}

/// What the names in an expression may stand for: position, name and kind of each value.
#[derive(Clone, Debug, Default)]
pub struct Scope {
    names: Vec<(String, Kind)>,
}

impl Scope {
    /// A scope of these names, numbered in this order.
    pub fn new(names: Vec<(String, Kind)>) -> Self {
        Scope { names }
    }

    /// The number and kind of a name.
    pub fn find(&self, name: &str) -> Option<(u16, &Kind)> {
        let at = self.names.iter().position(|(known, _)| known == name)?;
        Some((at as u16, &self.names[at].1))
    }

    /// The name of a number.
    pub fn nth(&self, number: usize) -> Option<(&str, &Kind)> {
        self.names.get(number).map(|(name, kind)| (name.as_str(), kind))
    }

    fn names(&self) -> impl Iterator<Item = &str> + Clone {
        self.names.iter().map(|(name, _)| name.as_str())
    }
}

/// One step of a program.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Step {
    Push(f64),
    Value(u16),
    Add,
    Subtract,
    Multiply,
    Divide,
    Negate,
    Not,
    And,
    Or,
    Equal,
    Unequal,
    Less,
    AtMost,
    Greater,
    AtLeast,
}

/// A compiled expression.
#[derive(Clone, Debug, PartialEq)]
pub struct Program {
    steps: Box<[Step]>,
    reads: Box<[u16]>,
}

/// Deepest stack that a program may need; a deeper expression is a fault.
const DEPTH: usize = 32;

impl Program {
    /// The numbers of the values that the program reads.
    pub fn reads(&self) -> &[u16] {
        &self.reads
    }

    /// The value of the expression, flags as 1 and 0. `value` gives each named value; NaN is no value.
    pub fn value(&self, value: impl Fn(u16) -> f64) -> f64 {
        let mut stack = [0.0; DEPTH];
        let mut top = 0;
        for step in &self.steps {
            let (below, last) = (top.max(2) - 2, top.max(1) - 1);
            let (a, b) = (stack[below], stack[last]);
            let (at, result) = match *step {
                Step::Push(x) => (top, x),
                Step::Value(name) => (top, value(name)),
                Step::Negate => (last, -b),
                Step::Not => (last, f64::from(b == 0.0)),
                Step::Add => (below, a + b),
                Step::Subtract => (below, a - b),
                Step::Multiply => (below, a * b),
                Step::Divide => (below, a / b),
                Step::And => (below, f64::from(a != 0.0 && b != 0.0)),
                Step::Or => (below, f64::from(a != 0.0 || b != 0.0)),
                Step::Equal => (below, f64::from(a == b)),
                // NaN, no value, is neither equal nor unequal to anything.
                Step::Unequal => (below, f64::from((a - b).abs() > 0.0)),
                Step::Less => (below, f64::from(a < b)),
                Step::AtMost => (below, f64::from(a <= b)),
                Step::Greater => (below, f64::from(a > b)),
                Step::AtLeast => (below, f64::from(a >= b)),
            };
            stack[at] = result;
            top = at + 1;
        }
        stack[0]
    }

    /// Whether the condition holds.
    pub fn holds(&self, value: impl Fn(u16) -> f64) -> bool {
        self.value(value) == 1.0
    }
}

impl Expression {
    /// Parses a condition and checks its types; reports what is wrong and where in the text.
    pub fn compile(&self, scope: &Scope, at: &mut Reader) -> Option<Program> {
        let mut parser = Parser { text: &self.0, at: 0, scope, steps: Vec::new(), depth: 0 };
        let parsed = parser.or().and_then(|kind| {
            parser.blank();
            if parser.at < parser.text.len() {
                return Err(parser.here("the end of the condition, `and` or `or`"));
            }
            match kind {
                Kind::Flag => Ok(()),
                other => Err(Problem {
                    found: format!("{:?}, which is {}", self.0, describe(&other)),
                    expected: "a condition: something true or false".into(),
                }),
            }
        });
        match parsed {
            Ok(()) if deepest(&parser.steps) > DEPTH => {
                at.fault("a condition nested too deeply", "at most 32 pending values");
                None
            }
            Ok(()) => {
                let mut reads: Vec<u16> = parser
                    .steps
                    .iter()
                    .filter_map(
                        |step| if let Step::Value(name) = step { Some(*name) } else { None },
                    )
                    .collect();
                reads.sort_unstable();
                reads.dedup();
                Some(Program { steps: parser.steps.into(), reads: reads.into() })
            }
            Err(problem) => {
                at.fault(problem.found, problem.expected);
                None
            }
        }
    }
}

/// The most values that the steps have on the stack at once.
fn deepest(steps: &[Step]) -> usize {
    let (mut now, mut most) = (0usize, 0);
    for step in steps {
        match step {
            Step::Push(_) | Step::Value(_) => now += 1,
            Step::Negate | Step::Not => {}
            _ => now -= 1,
        }
        most = most.max(now);
    }
    most
}

struct Problem {
    found: String,
    expected: String,
}

fn describe(kind: &Kind) -> &'static str {
    match kind {
        Kind::Number => "a number",
        Kind::Flag => "true or false",
        Kind::Category(_) => "a category",
    }
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
    scope: &'a Scope,
    steps: Vec<Step>,
    depth: usize,
}

type Parsed = Result<Kind, Problem>;

impl Parser<'_> {
    fn or(&mut self) -> Parsed {
        self.chain("or", Step::Or, Self::and)
    }

    fn and(&mut self) -> Parsed {
        self.chain("and", Step::And, Self::not)
    }

    fn chain(&mut self, word: &str, step: Step, part: fn(&mut Self) -> Parsed) -> Parsed {
        let from = self.mark();
        let mut kind = part(self)?;
        while self.word(word) {
            self.want(&kind, &Kind::Flag, from)?;
            let from = self.mark();
            let right = part(self)?;
            self.want(&right, &Kind::Flag, from)?;
            self.steps.push(step);
            kind = Kind::Flag;
        }
        Ok(kind)
    }

    fn not(&mut self) -> Parsed {
        if !self.word("not") {
            return self.compare();
        }
        let from = self.mark();
        let kind = self.nested(Self::not)?;
        self.want(&kind, &Kind::Flag, from)?;
        self.steps.push(Step::Not);
        Ok(Kind::Flag)
    }

    fn compare(&mut self) -> Parsed {
        let left_starts = self.steps.len();
        let left = self.sum()?;
        if self.word("in") {
            return self.member(&left, left_starts);
        }
        let relations = [
            ("==", Step::Equal),
            ("!=", Step::Unequal),
            ("<=", Step::AtMost),
            (">=", Step::AtLeast),
            ("<", Step::Less),
            (">", Step::Greater),
        ];
        let Some((sign, step)) = relations.into_iter().find(|(sign, _)| self.sign(sign)) else {
            self.blank();
            if self.text[self.at..].starts_with('=') {
                return Err(self.here("`==` to compare"));
            }
            return Ok(left);
        };
        if matches!(left, Kind::Category(_)) && !matches!(step, Step::Equal | Step::Unequal) {
            return Err(
                self.here(&format!("`==`, `!=` or `in`: labels have no order for `{sign}`"))
            );
        }
        self.right_side(&left)?;
        self.steps.push(step);
        Ok(Kind::Flag)
    }

    fn member(&mut self, left: &Kind, left_starts: usize) -> Parsed {
        if !self.sign("[") {
            return Err(self.here("a list: [..]"));
        }
        // `x in [a, b]` is `x == a or x == b`; the left side is computed anew for each.
        let left_steps = self.steps[left_starts..].to_vec();
        let mut first = true;
        loop {
            if !first {
                self.steps.extend_from_slice(&left_steps);
            }
            self.right_side(left)?;
            self.steps.push(Step::Equal);
            if !first {
                self.steps.push(Step::Or);
            }
            first = false;
            if self.sign("]") {
                return Ok(Kind::Flag);
            }
            if !self.sign(",") {
                return Err(self.here("`,` or `]`"));
            }
        }
    }

    /// The right side of a comparison: of the kind of the left side; a label if that is a category.
    fn right_side(&mut self, left: &Kind) -> Result<(), Problem> {
        if let Kind::Category(labels) = left
            && let Some(label) = self.quoted()?
        {
            let Some(position) = labels.iter().position(|known| *known == label) else {
                let near = nearest(&label, labels.iter().map(String::as_str));
                let hint = near.map_or(String::new(), |near| format!(" (did you mean {near:?}?)"));
                return Err(Problem {
                    found: format!("the label {label:?} in {:?}", self.text),
                    expected: format!("one of {}{hint}", labels.join(", ")),
                });
            };
            self.steps.push(Step::Push(position as f64));
            return Ok(());
        }
        let from = self.mark();
        let right = self.sum()?;
        self.want(&right, left, from)
    }

    fn sum(&mut self) -> Parsed {
        self.arithmetic(&[("+", Step::Add), ("-", Step::Subtract)], Self::term)
    }

    fn term(&mut self) -> Parsed {
        self.arithmetic(&[("*", Step::Multiply), ("/", Step::Divide)], Self::negated)
    }

    fn arithmetic(&mut self, signs: &[(&str, Step)], part: fn(&mut Self) -> Parsed) -> Parsed {
        let from = self.mark();
        let left = part(self)?;
        while let Some((_, step)) = signs.iter().find(|(sign, _)| self.sign(sign)) {
            self.want(&left, &Kind::Number, from)?;
            let from = self.mark();
            let right = part(self)?;
            self.want(&right, &Kind::Number, from)?;
            self.steps.push(*step);
        }
        Ok(left)
    }

    fn negated(&mut self) -> Parsed {
        if !self.sign("-") {
            return self.atom();
        }
        let from = self.mark();
        let kind = self.nested(Self::negated)?;
        self.want(&kind, &Kind::Number, from)?;
        self.steps.push(Step::Negate);
        Ok(Kind::Number)
    }

    fn atom(&mut self) -> Parsed {
        self.blank();
        let rest = &self.text[self.at..];
        if rest.starts_with('(') {
            self.at += 1;
            let kind = self.nested(Self::or)?;
            return if self.sign(")") { Ok(kind) } else { Err(self.here("`)`")) };
        }
        if rest.starts_with(['"', '\'']) {
            return Err(
                self.here("a text only on the right of `==`, `!=` or `in`, after a category")
            );
        }
        if rest.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
            let length = rest
                .find(|c: char| !(c.is_ascii_digit() || c == '.' || c == '_'))
                .unwrap_or(rest.len());
            let Ok(number) = rest[..length].replace('_', "").parse() else {
                return Err(self.here("a number"));
            };
            self.at += length;
            self.steps.push(Step::Push(number));
            return Ok(Kind::Number);
        }
        let length = name_length(rest);
        let name = &rest[..length];
        match name {
            "" => return Err(self.here("a value: an attribute, a number or `(`")),
            "and" | "or" | "not" | "in" => {
                return Err(self.here("a value: an attribute, a number or `(`"));
            }
            "true" | "false" => {
                self.at += length;
                self.steps.push(Step::Push(f64::from(name == "true")));
                return Ok(Kind::Flag);
            }
            _ => {}
        }
        let Some((number, kind)) = self.scope.find(name) else {
            let near = nearest(name, self.scope.names());
            let hint = near.map_or(String::new(), |near| format!(" (did you mean `{near}`?)"));
            let known: Vec<_> = self.scope.names().collect();
            return Err(Problem {
                found: format!("`{name}` at column {} of {:?}", self.at + 1, self.text),
                expected: format!("one of {}{hint}", known.join(", ")),
            });
        };
        let kind = kind.clone();
        self.at += length;
        self.steps.push(Step::Value(number));
        Ok(kind)
    }

    /// Goes one level down; a text of many thousand parentheses must not exhaust the stack.
    fn nested(&mut self, part: fn(&mut Self) -> Parsed) -> Parsed {
        self.depth += 1;
        if self.depth > DEPTH {
            return Err(self.here("less nesting: at most 32 levels"));
        }
        let kind = part(self);
        self.depth -= 1;
        kind
    }

    fn quoted(&mut self) -> Result<Option<String>, Problem> {
        self.blank();
        let rest = &self.text[self.at..];
        let Some(quote) = rest.chars().next().filter(|c| matches!(c, '"' | '\'')) else {
            return Ok(None);
        };
        let Some(length) = rest[1..].find(quote) else {
            return Err(self.here(&format!("a closing {quote}")));
        };
        self.at += length + 2;
        Ok(Some(rest[1..=length].to_owned()))
    }

    fn want(&self, kind: &Kind, wanted: &Kind, from: usize) -> Result<(), Problem> {
        if kind == wanted {
            return Ok(());
        }
        Err(Problem {
            found: format!(
                "`{}` in {:?}, which is {}",
                self.text[from..self.at].trim(),
                self.text,
                describe(kind)
            ),
            expected: match wanted {
                Kind::Category(labels) => format!("one of the labels {}", labels.join(", ")),
                other => describe(other).into(),
            },
        })
    }

    fn here(&self, expected: &str) -> Problem {
        let rest: String = self.text[self.at..].chars().take(12).collect();
        let found = if rest.is_empty() {
            format!("the end of {:?}", self.text)
        } else {
            format!("`{rest}` at column {} of {:?}", self.at + 1, self.text)
        };
        Problem { found, expected: expected.to_owned() }
    }

    fn mark(&mut self) -> usize {
        self.blank();
        self.at
    }

    fn blank(&mut self) {
        let rest = &self.text[self.at..];
        self.at += rest.len() - rest.trim_start().len();
    }

    fn sign(&mut self, sign: &str) -> bool {
        self.blank();
        let found = self.text[self.at..].starts_with(sign);
        if found {
            self.at += sign.len();
        }
        found
    }

    fn word(&mut self, word: &str) -> bool {
        self.blank();
        let rest = &self.text[self.at..];
        let found = rest.starts_with(word) && name_length(rest) == word.len();
        if found {
            self.at += word.len();
        }
        found
    }
}

fn name_length(text: &str) -> usize {
    text.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(text.len())
}

/// Whether a name can be written in an expression.
pub fn is_name(name: &str) -> bool {
    !name.is_empty()
        && name_length(name) == name.len()
        && !name.starts_with(|c: char| c.is_numeric())
        && !matches!(name, "and" | "or" | "not" | "in" | "true" | "false")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scope() -> Scope {
        Scope::new(vec![
            ("age".into(), Kind::Number),
            ("frail".into(), Kind::Flag),
            ("triage".into(), Kind::Category(vec!["green".into(), "amber".into(), "red".into()])),
        ])
    }

    fn holds(text: &str, values: [f64; 3]) -> bool {
        let mut at = Reader::new();
        let program = Expression::from(text).compile(&scope(), &mut at).expect(text);
        program.holds(|name| values[usize::from(name)])
    }

    fn fault(text: &str) -> String {
        let mut at = Reader::new();
        assert!(Expression::from(text).compile(&scope(), &mut at).is_none(), "{text}");
        at.finish(&Doc::new(Value::Null)).unwrap_err().to_string()
    }

    #[test]
    fn conditions_mean_what_they_say() {
        let old_red = [80.0, 1.0, 2.0];
        assert!(holds("age >= 75 and triage == 'red'", old_red));
        assert!(holds("not (age < 75) and frail", old_red));
        assert!(holds("2 * age - 10 / 2 == 155", old_red));
        assert!(holds("triage in [\"green\", 'red'] or false", old_red));
        assert!(!holds("triage in ['green', 'amber'] and frail", old_red));
        assert!(holds("age in [1, 80]", old_red));
        assert!(holds("age == 1 or age == 80 and frail", old_red));
        assert!(holds("-age < -75", old_red));
    }

    #[test]
    fn without_a_value_every_comparison_is_false() {
        let nothing = [f64::NAN; 3];
        for text in ["age == 1", "age != 1", "age < 1", "age >= 1", "triage != 'red'", "frail"] {
            assert!(!holds(text, nothing), "{text}");
        }
    }

    #[test]
    fn faults_point_into_the_text() {
        assert!(fault("agee >= 75").contains("`agee` at column 1"));
        assert!(fault("agee >= 75").contains("did you mean `age`"));
        assert!(fault("age >= 75 and triage == 'redd'").contains("did you mean \"red\""));
        assert!(fault("age + frail > 3").contains("`frail`"));
        assert!(fault("age = 3").contains("`==`"));
        assert!(fault("age").contains("a condition"));
        assert!(fault("age > 3 frail").contains("the end of the condition"));
        assert!(fault("triage < 'red'").contains("no order"));
        assert!(fault("").contains("the end of"));
        assert!(fault(&"(".repeat(100_000)).contains("nesting"));
        assert!(fault("age > 'x").contains("text only"));
        assert!(fault("triage == 'x").contains("closing"));
    }
}
