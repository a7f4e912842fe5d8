//! The parser: from a text to the steps of a program, types checked on the way.

use super::program::{DEPTH, Step};
use super::{Kind, Program, Scope, StateFn};
use crate::doc::Reader;

/// What an expression is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sort {
    Condition,
    Score,
}

impl Sort {
    const fn name(self) -> &'static str {
        match self {
            Sort::Condition => "condition",
            Sort::Score => "score",
        }
    }
}

/// Most steps of a program that has lists of values.
const MOST_STEPS: usize = 10_000;

/// The program of a text; `None` once what is wrong with it has been reported.
pub(super) fn parse(text: &str, scope: &Scope, sort: Sort, at: &mut Reader) -> Option<Program> {
    let mut parser = Parser { text, at: 0, scope, sort, steps: Vec::new(), depth: 0 };
    match parser.whole() {
        Ok(()) => {
            let program = Program::new(parser.steps, scope);
            if program.is_none() {
                let found = format!("a {} nested too deeply", sort.name());
                at.fault(found, format!("at most {DEPTH} pending values"));
            }
            program
        }
        Err(Problem::Wrong { found, expected }) => {
            at.fault(found, expected);
            None
        }
        Err(Problem::Unknown { found, name, what, valid }) => {
            at.unknown_in(found, &name, what, valid.iter().map(String::as_str));
            None
        }
    }
}

/// What is wrong with a text.
enum Problem {
    Wrong {
        found: String,
        expected: String,
    },
    /// A name that is not one of the valid ones.
    Unknown {
        found: String,
        name: String,
        what: &'static str,
        valid: Vec<String>,
    },
}

impl Problem {
    fn wrong(found: impl Into<String>, expected: impl Into<String>) -> Self {
        Problem::Wrong { found: found.into(), expected: expected.into() }
    }

    fn unknown<'v>(
        found: String,
        name: &str,
        what: &'static str,
        valid: impl IntoIterator<Item = &'v str>,
    ) -> Self {
        let valid = valid.into_iter().map(str::to_owned).collect();
        Problem::Unknown { found, name: name.to_owned(), what, valid }
    }
}

fn describe(kind: &Kind) -> &'static str {
    match kind {
        Kind::Number => "a number",
        Kind::Flag => "true or false",
        Kind::Category(_) => "a category",
    }
}

/// The functions of numbers.
const FUNCTIONS: [&str; 5] = ["min", "max", "abs", "floor", "if"];

struct Parser<'a> {
    text: &'a str,
    at: usize,
    scope: &'a Scope,
    sort: Sort,
    steps: Vec<Step>,
    depth: usize,
}

type Parsed = Result<Kind, Problem>;

impl<'a> Parser<'a> {
    fn whole(&mut self) -> Result<(), Problem> {
        let kind = self.or()?;
        self.blank();
        if self.at < self.text.len() {
            return Err(match self.sort {
                Sort::Condition => self.here("the end of the condition, `and` or `or`"),
                Sort::Score => self.here("the end of the score, or `+`, `-`, `*`, `/`"),
            });
        }
        let expected = match (self.sort, &kind) {
            (Sort::Condition, Kind::Flag) | (Sort::Score, Kind::Number | Kind::Flag) => {
                return Ok(());
            }
            (Sort::Condition, _) => "a condition: something true or false",
            (Sort::Score, _) => "a score: a number",
        };
        Err(Problem::wrong(format!("{:?}, which is {}", self.text, describe(&kind)), expected))
    }

    fn or(&mut self) -> Parsed {
        self.chain("or", Step::Or, Self::and)
    }

    fn and(&mut self) -> Parsed {
        self.chain("and", Step::And, Self::not)
    }

    fn chain(&mut self, word: &str, step: Step, part: fn(&mut Self) -> Parsed) -> Parsed {
        let (mut kind, text) = self.part(part)?;
        while self.word(word) {
            self.want(&kind, &Kind::Flag, text)?;
            let (right, text) = self.part(part)?;
            self.want(&right, &Kind::Flag, text)?;
            self.steps.push(step);
            kind = Kind::Flag;
        }
        Ok(kind)
    }

    fn not(&mut self) -> Parsed {
        if !self.word("not") {
            return self.compare();
        }
        let (kind, text) = self.part(|parser| parser.nested(Self::not))?;
        self.want(&kind, &Kind::Flag, text)?;
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
                if self.steps.len() + left_steps.len() > MOST_STEPS {
                    return Err(Problem::Wrong {
                        found: format!("a {} of more than {MOST_STEPS} steps", self.sort.name()),
                        expected: "a shorter one: lists within lists grow with each other".into(),
                    });
                }
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

    /// What stands beside a value: of the same kind; a label if that is a category.
    fn right_side(&mut self, left: &Kind) -> Result<(), Problem> {
        if let Kind::Category(labels) = left
            && let Some(label) = self.quoted()?
        {
            let Some(position) = labels.iter().position(|known| *known == label) else {
                let found = format!("the label {label:?} in {:?}", self.text);
                let valid = labels.iter().map(String::as_str);
                return Err(Problem::unknown(found, label, "a label", valid));
            };
            self.steps.push(Step::Push(position as f64));
            return Ok(());
        }
        let (right, text) = self.part(Self::sum)?;
        self.want(&right, left, text)
    }

    fn sum(&mut self) -> Parsed {
        self.arithmetic(&[("+", Step::Add), ("-", Step::Subtract)], Self::term)
    }

    fn term(&mut self) -> Parsed {
        self.arithmetic(&[("*", Step::Multiply), ("/", Step::Divide)], Self::negated)
    }

    fn arithmetic(&mut self, signs: &[(&str, Step)], part: fn(&mut Self) -> Parsed) -> Parsed {
        let (mut kind, text) = self.part(part)?;
        while let Some((_, step)) = signs.iter().find(|(sign, _)| self.sign(sign)) {
            self.want_number(&kind, text)?;
            let (right, text) = self.part(part)?;
            self.want_number(&right, text)?;
            self.steps.push(*step);
            kind = Kind::Number;
        }
        Ok(kind)
    }

    fn negated(&mut self) -> Parsed {
        if !self.sign("-") {
            return self.atom();
        }
        let (kind, text) = self.part(|parser| parser.nested(Self::negated))?;
        self.want_number(&kind, text)?;
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
            "" | "and" | "or" | "not" | "in" => {
                return Err(self.here("a value: an attribute, a number or `(`"));
            }
            "true" | "false" => {
                self.at += length;
                self.steps.push(Step::Push(f64::from(name == "true")));
                return Ok(Kind::Flag);
            }
            _ => {}
        }
        if rest[length..].trim_start().starts_with('(') {
            return self.call(name);
        }
        let Some((number, kind)) = self.scope.find(name) else {
            return Err(self.not_a_name(name));
        };
        self.at += length;
        self.steps.push(Step::Value(number));
        Ok(kind.clone())
    }

    /// Says why a name stands for nothing here.
    fn not_a_name(&self, name: &str) -> Problem {
        let found = self.place(name, self.at);
        if let Some(function) = StateFn::named(name)
            && self.scope.nodes.is_none()
        {
            return self.no_state(function);
        }
        if FUNCTIONS.contains(&name) || StateFn::named(name).is_some() {
            return Problem::wrong(found, format!("brackets after a function: {name}(..)"));
        }
        if name == "waited" {
            let expected = "another name: the time in line is known only where people are put in \
                            order by a score, or reviewed";
            return Problem::wrong(found, expected);
        }
        let what = "an attribute of a cohort, or the clock";
        Problem::unknown(found, name, what, self.scope.names())
    }

    /// A function and what stands in its brackets.
    fn call(&mut self, name: &str) -> Parsed {
        let from = self.at;
        let state = StateFn::named(name);
        if let Some(function) = state
            && self.scope.nodes.is_none()
        {
            return Err(self.no_state(function));
        }
        self.at += name.len();
        self.sign("(");
        let kind = match (name, state) {
            (_, Some(function)) => self.state(function, from)?,
            ("min", _) => self.extreme(Step::Least, "`,`: min(a, b, ..) of at least two values")?,
            ("max", _) => {
                self.extreme(Step::Greatest, "`,`: max(a, b, ..) of at least two values")?
            }
            ("abs", _) => self.of_number(Step::Absolute)?,
            ("floor", _) => self.of_number(Step::Floor)?,
            ("if", _) => self.choice()?,
            _ => {
                let state = StateFn::ALL.iter().filter(|_| self.scope.nodes.is_some());
                let valid = FUNCTIONS.into_iter().chain(state.map(|function| function.name()));
                return Err(Problem::unknown(self.place(name, from), name, "a function", valid));
            }
        };
        if self.sign(")") {
            return Ok(kind);
        }
        Err(self.here(match name {
            "min" | "max" => "`,` or `)`",
            "abs" | "floor" => "`)`: one value only",
            "if" => "`)`: if(condition, a, b) has two values",
            "inside" => "`)`: inside() counts everyone in the system",
            _ => "`)`: one node only",
        }))
    }

    fn extreme(&mut self, step: Step, two: &str) -> Parsed {
        self.number()?;
        if !self.sign(",") {
            return Err(self.here(two));
        }
        loop {
            self.number()?;
            self.steps.push(step);
            if !self.sign(",") {
                return Ok(Kind::Number);
            }
        }
    }

    fn of_number(&mut self, step: Step) -> Parsed {
        self.number()?;
        self.steps.push(step);
        Ok(Kind::Number)
    }

    fn choice(&mut self) -> Parsed {
        let (kind, text) = self.part(|parser| parser.nested(Self::or))?;
        self.want(&kind, &Kind::Flag, text)?;
        self.comma()?;
        let (one, text) = self.part(|parser| parser.nested(Self::or))?;
        self.comma()?;
        let kind = if let Kind::Category(_) = one {
            self.right_side(&one)?;
            one
        } else {
            let (other, other_text) = self.part(|parser| parser.nested(Self::or))?;
            if one != other {
                self.want_number(&one, text)?;
                self.want_number(&other, other_text)?;
                Kind::Number
            } else {
                one
            }
        };
        self.steps.push(Step::Choose);
        Ok(kind)
    }

    fn comma(&mut self) -> Result<(), Problem> {
        if self.sign(",") {
            return Ok(());
        }
        Err(self.here("`,`: if(condition, a, b) has a condition and two values"))
    }

    /// The state of a node: of the one that is named, or of the one at which the expression stands.
    fn state(&mut self, function: StateFn, from: usize) -> Parsed {
        let nodes = self.scope.nodes.as_deref().unwrap_or_default();
        let node = if function == StateFn::Inside {
            0
        } else if let Some(name) = self.quoted()? {
            let Some(node) = nodes.iter().position(|node| node == name) else {
                let found = format!("the node {name:?} in {:?}", self.text);
                let valid = nodes.iter().map(String::as_str);
                return Err(Problem::unknown(found, name, "a node or a list", valid));
            };
            node as u32
        } else if !self.text[self.at..].starts_with(')') {
            return Err(self.here("the name of a node in quotes"));
        } else if let Some(own) = self.scope.own {
            own
        } else {
            let found = self.place(&format!("{}()", function.name()), from);
            let expected = "the name of a node in the brackets: this stands at no node";
            return Err(Problem::wrong(found, expected));
        };
        self.steps.push(Step::State(function, node));
        Ok(Kind::Number)
    }

    fn no_state(&self, function: StateFn) -> Problem {
        Problem::wrong(
            self.place(function.name(), self.at),
            "attributes, cohort and clock only: the state of the system cannot be asked here",
        )
    }

    fn number(&mut self) -> Result<(), Problem> {
        let (kind, text) = self.part(|parser| parser.nested(Self::or))?;
        self.want_number(&kind, text)
    }

    /// A part with its kind and its text.
    fn part(&mut self, part: impl FnOnce(&mut Self) -> Parsed) -> Result<(Kind, &'a str), Problem> {
        self.blank();
        let from = self.at;
        let kind = part(self)?;
        Ok((kind, self.text[from..self.at].trim_end()))
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

    fn quoted(&mut self) -> Result<Option<&'a str>, Problem> {
        self.blank();
        let rest = &self.text[self.at..];
        let Some(quote) = rest.chars().next().filter(|c| matches!(c, '"' | '\'')) else {
            return Ok(None);
        };
        let Some(length) = rest[1..].find(quote) else {
            return Err(self.here(&format!("a closing {quote}")));
        };
        self.at += length + 2;
        Ok(Some(&rest[1..=length]))
    }

    /// In a score true counts 1 and false 0.
    fn want_number(&self, kind: &Kind, text: &str) -> Result<(), Problem> {
        if self.sort == Sort::Score && *kind == Kind::Flag {
            return Ok(());
        }
        self.want(kind, &Kind::Number, text)
    }

    fn want(&self, kind: &Kind, wanted: &Kind, text: &str) -> Result<(), Problem> {
        if kind == wanted {
            return Ok(());
        }
        Err(Problem::wrong(
            format!("`{text}` in {:?}, which is {}", self.text, describe(kind)),
            match wanted {
                Kind::Category(labels) => format!("one of the labels {}", labels.join(", ")),
                other => describe(other).into(),
            },
        ))
    }

    fn here(&self, expected: &str) -> Problem {
        let rest: String = self.text[self.at..].chars().take(12).collect();
        let found = if rest.is_empty() {
            format!("the end of {:?}", self.text)
        } else {
            self.place(&rest, self.at)
        };
        Problem::wrong(found, expected)
    }

    /// Words and where in the text they stand.
    fn place(&self, words: &str, at: usize) -> String {
        let column = self.text[..at].chars().count() + 1;
        format!("`{words}` at column {column} of {:?}", self.text)
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
