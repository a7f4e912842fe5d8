//! Conditions and scores: short texts over attributes, clock and state, such as
//! `age >= 75 and free("Virtual ward") > 0` or `10 * urgent + waited`.
//!
//! One grammar serves files, Python and Rust. A text is parsed and type-checked when the model is
//! checked ([`Expression::compile`], [`Expression::compile_score`]); a fault points into the text. What
//! is left for the run is a [`Program`]: a flat list of steps on a small stack of numbers.
//!
//! ```text
//! or    = and { "or" and }              sum   = term { ("+" | "-") term }
//! and   = not { "and" not }             term  = sign { ("*" | "/") sign }
//! not   = "not" not | compare           sign  = "-" sign | value
//! compare = sum [ relation sum ]        value = number | "text" | true | false | name | call
//!         | sum "in" "[" sum {"," sum} "]"      | "(" or ")"
//! relation = == | != | < | <= | > | >=  call  = function "(" [ or {"," or} ] ")"
//! ```
//!
//! | function | value |
//! |---|---|
//! | `min(a, b, ..)`, `max(a, b, ..)` | the least, the greatest |
//! | `abs(a)`, `floor(a)` | without its sign; the whole number at or below |
//! | `if(condition, a, b)` | `a` where the condition holds, else `b` |
//! | `free("Acute")` and its like | the state of a node: see [`StateFn`]; without a name, of the node at which the expression stands |
//! | `inside()` | everyone in the system |
//!
//! In a score, true counts 1 and false 0. `waited`, in the score of a queue, is the time in the present
//! line in the model's time unit.
//!
//! A patient whose cohort does not declare an attribute has no value for it: every comparison with it
//! is false, `!=` and `in` included; a flag without a value is not true, nor is its `not`; and a sum, a
//! least or any other number made of it has no value either.

use std::borrow::Cow;
use std::sync::Arc;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Serialize, Serializer};

use crate::doc::{Doc, Read, Reader, Value};

mod grammar;
mod program;

pub use grammar::is_name;
pub use program::{Program, StateFn, Values};

use grammar::{Sort, parse};

/// An expression as authored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expression(pub String);

impl From<String> for Expression {
    fn from(text: String) -> Self {
        Expression(text)
    }
}

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
            "description": "A condition or a score over attributes, cohort, clock and state: \
                            age >= 75 and triage == \"red\".",
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

impl Expression {
    /// Parses a condition and checks its types; reports what is wrong and where in the text.
    ///
    /// ```
    /// use icsflow::doc::Reader;
    /// use icsflow::expr::{Expression, Kind, Scope};
    ///
    /// let scope = Scope::new(vec![("age".into(), Kind::Number)]);
    /// let old = Expression::from("age >= 75").compile(&scope, &mut Reader::new()).unwrap();
    /// assert!(old.holds(|_| 80.0));
    /// ```
    pub fn compile(&self, scope: &Scope, at: &mut Reader) -> Option<Program> {
        parse(&self.0, scope, Sort::Condition, at)
    }

    /// The same of a score: a number, in which true counts 1 and false 0.
    ///
    /// ```
    /// use icsflow::doc::Reader;
    /// use icsflow::expr::{Expression, Kind, Scope};
    ///
    /// let scope = Scope::new(vec![("urgent".into(), Kind::Flag)]).with_waited();
    /// let score = Expression::from("10 * urgent + waited");
    /// let score = score.compile_score(&scope, &mut Reader::new()).unwrap();
    /// assert_eq!(score.linear_in_waited(), Some(1.0));
    /// ```
    pub fn compile_score(&self, scope: &Scope, at: &mut Reader) -> Option<Program> {
        parse(&self.0, scope, Sort::Score, at)
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

/// The names that tell the clock: hour of the day (0 to 24), weekday, days since the start.
pub const CLOCK: [&str; 3] = ["hour", "weekday", "day"];

/// The number of the name `waited` in every scope that has it.
pub const WAITED: u16 = u16::MAX;

/// What may stand in an expression: named values with their kinds, and, where the place allows it, the
/// state of the nodes and `waited`.
///
/// ```
/// use icsflow::doc::Reader;
/// use icsflow::expr::{Expression, Kind, Scope, StateFn};
///
/// let names = Scope::new(vec![("age".into(), Kind::Number)]);
/// let ward = names.with_state(&["Acute", "Community"]).at_node(0);
/// let condition = Expression::from("age >= 75 and free() > queue(\"Community\")");
/// let program = condition.compile(&ward, &mut Reader::new()).unwrap();
/// assert_eq!(program.state(), [(StateFn::Free, 0), (StateFn::Queue, 1)]);
/// assert!(condition.compile(&names, &mut Reader::new()).is_none());
/// ```
#[derive(Clone, Debug, Default)]
pub struct Scope {
    // Shared, since each place in a model has a scope of its own.
    names: Arc<[(String, Kind)]>,
    nodes: Option<Arc<[String]>>,
    own: Option<u32>,
    waited: bool,
}

impl Scope {
    /// A scope of these names, numbered in this order; neither state nor `waited` may be read.
    pub fn new(names: Vec<(String, Kind)>) -> Self {
        Scope { names: names.into(), ..Scope::default() }
    }

    /// The same scope where the state of these nodes may be read; their numbers are their positions.
    pub fn with_state(&self, nodes: &[impl AsRef<str>]) -> Self {
        let nodes = nodes.iter().map(|name| name.as_ref().to_owned()).collect();
        Scope { nodes: Some(nodes), ..self.clone() }
    }

    /// The same scope for an expression that stands at a node: `free()` is that of this node.
    pub fn at_node(&self, own: u32) -> Self {
        Scope { own: Some(own), ..self.clone() }
    }

    /// The same scope where the time in the present line is known, as `waited`.
    pub fn with_waited(&self) -> Self {
        Scope { waited: true, ..self.clone() }
    }

    /// The number and kind of a name.
    pub fn find(&self, name: &str) -> Option<(u16, &Kind)> {
        if self.waited && name == "waited" {
            return Some((WAITED, &Kind::Number));
        }
        let at = self.names.iter().position(|(known, _)| known == name)?;
        Some((at as u16, &self.names[at].1))
    }

    /// The name of a number.
    pub fn nth(&self, number: usize) -> Option<(&str, &Kind)> {
        self.names.get(number).map(|(name, kind)| (name.as_str(), kind))
    }

    fn names(&self) -> impl Iterator<Item = &str> + Clone {
        let named = self.names.iter().map(|(name, _)| name.as_str());
        named.chain(self.waited.then_some("waited"))
    }

    fn is_clock(&self, number: u16) -> bool {
        self.nth(number.into()).is_some_and(|(name, _)| CLOCK.contains(&name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names() -> Scope {
        let labels = ["green", "amber", "red"].map(String::from).into();
        Scope::new(vec![
            ("age".into(), Kind::Number),
            ("frail".into(), Kind::Flag),
            ("triage".into(), Kind::Category(labels)),
            ("hour".into(), Kind::Number),
        ])
    }

    /// At the ward, where all may be read.
    fn ward() -> Scope {
        names().with_state(&["Acute", "Ward"]).at_node(1).with_waited()
    }

    fn condition(text: &str) -> Program {
        Expression::from(text).compile(&ward(), &mut Reader::new()).expect(text)
    }

    fn score(text: &str) -> Program {
        Expression::from(text).compile_score(&ward(), &mut Reader::new()).expect(text)
    }

    fn holds(text: &str, values: [f64; 3]) -> bool {
        condition(text).holds(|name| values[usize::from(name)])
    }

    /// The number of a score of somebody aged 80 and frail who has waited 5.
    fn number(text: &str) -> f64 {
        score(text).value(|name| if name == WAITED { 5.0 } else { [80.0, 1.0, 2.0][name as usize] })
    }

    /// What is said of a text that is wrong.
    fn fault_in(scope: &Scope, sort: Sort, text: &str) -> String {
        let mut at = Reader::new();
        assert!(parse(text, scope, sort, &mut at).is_none(), "{text}");
        let faults = at.finish(&Doc::new(Value::Null)).unwrap_err();
        assert_eq!(faults.0.len(), 1, "{text}");
        let told = faults.0[0].to_string();
        told.strip_prefix("model: ").unwrap_or(&told).to_owned()
    }

    #[track_caller]
    fn told(scope: &Scope, sort: Sort, text: &str, expected: &str) {
        assert_eq!(fault_in(scope, sort, text), expected);
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
        assert!(holds("1_000 > age", old_red));
        assert!(holds("if(frail, triage, 'green') == 'red'", old_red));
        assert!(holds("if(age < 75, triage == 'red', frail)", old_red));
        assert!(holds("frail == true and triage != 'amber'", old_red));
    }

    #[test]
    fn functions_give_numbers() {
        for (text, expected) in [
            ("min(age, 3)", 3.0),
            ("max(age, 3, 2 * 45)", 90.0),
            ("min(7, age - 75, 6)", 5.0),
            ("abs(3 - age)", 77.0),
            ("floor(age / 30)", 2.0),
            ("floor(-0.5)", -1.0),
            ("if (age > 75, 10, 20) + 1", 11.0),
            ("if(not frail, 1, if(triage == 'red', 2, 3))", 2.0),
            ("max(min(1, 2), abs(-4))", 4.0),
            ("10 * frail + waited", 15.0),
            ("frail", 1.0),
            ("-frail + (age > 90) + if(true, frail, 0.5)", 0.0),
        ] {
            assert_eq!(number(text), expected, "{text}");
        }
    }

    #[test]
    fn the_state_is_that_of_the_named_node_or_of_the_own() {
        let state = |what: StateFn, node: u32| match (what, node) {
            (StateFn::Free, 0) => f64::INFINITY,
            (StateFn::Free, 1) => 2.0,
            (StateFn::Queue, 1) => 7.0,
            (StateFn::Inside, _) => 100.0,
            _ => f64::NAN,
        };
        let holds = |text| condition(text).holds((|_: u16| 80.0, state));
        assert!(holds("free('Acute') > 1_000 and free(\"Ward\") == 2"));
        assert!(holds("free() == 2 and free ( ) < free('Acute')"));
        assert!(holds("queue() - inside() == -93"));
        assert!(holds("free('Acute') == free('Acute') and free('Acute') != 3"));
        assert!(holds("min(free('Acute'), queue()) * age == 560"));
        // Of nothing known nothing holds.
        assert!(!holds("free('Acute') - free('Acute') == 0"));
        assert!(!holds("blocked() >= 0"));
        for function in StateFn::ALL {
            let text = format!("{}() > 1", function.name());
            let node = if function == StateFn::Inside { 0 } else { 1 };
            assert_eq!(condition(&text).state(), [(function, node)], "{text}");
        }
    }

    #[test]
    fn a_program_tells_what_it_reads() {
        let text = "free('Ward') > queue() and free() > 1 or age > hour and age < queue('Acute')";
        let program = condition(text);
        assert_eq!(program.reads(), [0, 3]);
        assert_eq!(program.state(), [(StateFn::Free, 1), (StateFn::Queue, 0), (StateFn::Queue, 1)]);
        assert!(program.reads_clock());
        assert!(!condition("age > 3 and free() > 1").reads_clock());
        assert_eq!(score("waited + age").reads(), [0, WAITED]);
        assert_eq!(names().find("waited"), None);
        assert_eq!(ward().find("waited"), Some((WAITED, &Kind::Number)));
    }

    #[test]
    fn without_a_value_every_comparison_is_false() {
        let nothing = [f64::NAN; 3];
        for text in [
            "age == 1",
            "age != 1",
            "age < 1",
            "age >= 1",
            "triage != 'red'",
            "triage in ['red']",
            "frail",
            "not frail",
            "frail and true",
            "frail or false",
            "min(age, 1) > 0",
            "max(3, age) > 0",
            "abs(age) >= 0",
            "floor(age) >= 0",
            "if(frail, 1, age) > 0",
            "if(frail, true, false)",
        ] {
            assert!(!holds(text, nothing), "{text}");
        }
        for text in ["frail or true", "not (age > 1)", "if(frail, 1, 2) == 2"] {
            assert!(holds(text, nothing), "{text}");
        }
        for text in ["min(age, 1)", "min(1, age)", "max(age, 1)", "max(1, age)", "10 * frail"] {
            assert!(score(text).value(|_| f64::NAN).is_nan(), "{text}");
        }
    }

    #[test]
    fn a_score_that_ages_in_a_line_has_a_slope() {
        for (text, slope) in [
            ("10 * frail + waited", 1.0),
            ("waited * 2 - age / 10", 2.0),
            ("age", 0.0),
            ("7", 0.0),
            ("-(waited - 3) / 4", -0.25),
            ("(1 + 2) * waited", 3.0),
            ("waited * min(4, abs(-2))", 2.0),
            ("waited - waited", 0.0),
            ("0 * waited", 0.0),
            ("if(frail, 10 + waited, waited)", 1.0),
            ("if(triage == 'red', 100, if(age > 75 and frail, 50, 0)) + 0.5 * waited", 0.5),
            ("max(waited + age, 3 + waited)", 1.0),
            ("floor(age / 10) + max(age, 3) * frail", 0.0),
        ] {
            assert_eq!(score(text).linear_in_waited(), Some(slope), "{text}");
        }
        for text in [
            "if(frail, waited, 0)",
            "max(waited, 3)",
            "waited * waited",
            "waited * age",
            "waited / age",
            "1 / waited",
            "waited / 0",
            "floor(waited)",
            "abs(waited)",
            "waited > 4",
            "if(waited > 4, 1, 0)",
            "waited + hour",
            "waited + 0 * hour",
            "waited + queue()",
            "inside()",
        ] {
            assert_eq!(score(text).linear_in_waited(), None, "{text}");
        }
    }

    #[test]
    fn a_slope_is_how_the_value_moves() {
        for text in ["10 * frail + waited", "-(waited - 3) / 4", "max(waited + age, 3 + waited)"] {
            let program = score(text);
            let after = |time: f64| program.value(|name| if name == WAITED { time } else { 1.0 });
            let slope = program.linear_in_waited().unwrap();
            for time in [0.0, 1.0, 7.0, 1000.0] {
                assert_eq!(after(time), after(0.0) + slope * time, "{text}");
            }
        }
    }

    #[test]
    fn faults_of_grammar_point_into_the_text() {
        for (text, expected) in [
            ("age = 3", "found `= 3` at column 5 of \"age = 3\"; expected `==` to compare"),
            (
                "age > 3 frail",
                "found `frail` at column 9 of \"age > 3 frail\"; expected the end of the condition, \
                 `and` or `or`",
            ),
            ("", "found the end of \"\"; expected a value: an attribute, a number or `(`"),
            (
                "age > or",
                "found `or` at column 7 of \"age > or\"; expected a value: an attribute, a number \
                 or `(`",
            ),
            (
                "'é' == 'x'",
                "found `'é' == 'x'` at column 1 of \"'é' == 'x'\"; expected a text only on the \
                 right of `==`, `!=` or `in`, after a category",
            ),
            (
                "triage == 'é' or agee > 3",
                "found the label \"é\" in \"triage == 'é' or agee > 3\"; expected a label: one of \
                 green, amber, red",
            ),
            (
                "triage == 'red",
                "found `'red` at column 11 of \"triage == 'red\"; expected a closing '",
            ),
            ("(age > 3", "found the end of \"(age > 3\"; expected `)`"),
            ("age in 3", "found `3` at column 8 of \"age in 3\"; expected a list: [..]"),
            (
                "age in [3; 4]",
                "found `; 4]` at column 10 of \"age in [3; 4]\"; expected `,` or `]`",
            ),
            (
                "min(3) > age",
                "found `) > age` at column 6 of \"min(3) > age\"; expected `,`: min(a, b, ..) of \
                 at least two values",
            ),
            ("max(3, age", "found the end of \"max(3, age\"; expected `,` or `)`"),
            (
                "abs(3, 4) > age",
                "found `, 4) > age` at column 6 of \"abs(3, 4) > age\"; expected `)`: one value \
                 only",
            ),
            (
                "if(frail, 3) > 2",
                "found `) > 2` at column 12 of \"if(frail, 3) > 2\"; expected `,`: \
                 if(condition, a, b) has a condition and two values",
            ),
            (
                "if(frail, 3, 4, 5) > 2",
                "found `, 5) > 2` at column 15 of \"if(frail, 3, 4, 5) > 2\"; expected `)`: \
                 if(condition, a, b) has two values",
            ),
            (
                "free('Ward', 3) > 2",
                "found `, 3) > 2` at column 12 of \"free('Ward', 3) > 2\"; expected `)`: one node \
                 only",
            ),
            (
                "inside('Ward') > 2",
                "found `'Ward') > 2` at column 8 of \"inside('Ward') > 2\"; expected `)`: \
                 inside() counts everyone in the system",
            ),
            (
                "free(Ward) > 2",
                "found `Ward) > 2` at column 6 of \"free(Ward) > 2\"; expected the name of a node \
                 in quotes",
            ),
            (
                "free > 2",
                "found `free` at column 1 of \"free > 2\"; expected brackets after a function: \
                 free(..)",
            ),
        ] {
            told(&ward(), Sort::Condition, text, expected);
        }
        for deep in ["(", "not ", "-", "abs(", "if(", "min(1, "] {
            let text = deep.repeat(100_000);
            let told = fault_in(&ward(), Sort::Condition, &text);
            assert!(told.ends_with("expected less nesting: at most 32 levels"), "{deep}");
        }
        let chained = format!("age > {}1{}", "1 + (".repeat(31), ")".repeat(31));
        assert!(fault_in(&ward(), Sort::Condition, &chained).contains("nested too deeply"));
    }

    #[test]
    fn names_that_are_wrong_have_neighbours() {
        for (text, expected) in [
            (
                "agee >= 75",
                "found `agee` at column 1 of \"agee >= 75\"; expected an attribute of a cohort, or \
                 the clock: one of age, frail, triage, hour, waited. Did you mean \"age\"?",
            ),
            (
                "age >= 75 and triage == 'redd'",
                "found the label \"redd\" in \"age >= 75 and triage == 'redd'\"; expected a label: \
                 one of green, amber, red. Did you mean \"red\"?",
            ),
            (
                "queu() > 3",
                "found `queu` at column 1 of \"queu() > 3\"; expected a function: one of min, max, \
                 abs, floor, if, beds and 8 more. Did you mean \"queue\"?",
            ),
            (
                "age > 3 and free('Wrad') > 2",
                "found the node \"Wrad\" in \"age > 3 and free('Wrad') > 2\"; expected a node or a \
                 list: one of Acute, Ward. Did you mean \"Ward\"?",
            ),
        ] {
            told(&ward(), Sort::Condition, text, expected);
        }
        told(
            &names(),
            Sort::Condition,
            "flor(age) > 3",
            "found `flor` at column 1 of \"flor(age) > 3\"; expected a function: one of min, max, \
             abs, floor, if. Did you mean \"floor\"?",
        );
        // Where nodes could not be read, the name may be that of one of them.
        let mut at = Reader::new();
        at.incomplete("a node");
        assert!(Expression::from("free('X') > 1").compile(&ward(), &mut at).is_none());
        assert_eq!(at.count(), 0);
    }

    #[test]
    fn faults_of_type_name_the_part() {
        for (sort, text, expected) in [
            (
                Sort::Condition,
                "age + frail > 3",
                "found `frail` in \"age + frail > 3\", which is true or false; expected a number",
            ),
            (
                Sort::Condition,
                "age and frail",
                "found `age` in \"age and frail\", which is a number; expected true or false",
            ),
            (
                Sort::Condition,
                "frail or not age",
                "found `age` in \"frail or not age\", which is a number; expected true or false",
            ),
            (
                Sort::Condition,
                "age == frail",
                "found `frail` in \"age == frail\", which is true or false; expected a number",
            ),
            (
                Sort::Condition,
                "triage == age",
                "found `age` in \"triage == age\", which is a number; expected one of the labels \
                 green, amber, red",
            ),
            (
                Sort::Condition,
                "triage < 'red'",
                "found ` 'red'` at column 9 of \"triage < 'red'\"; expected `==`, `!=` or `in`: \
                 labels have no order for `<`",
            ),
            (
                Sort::Condition,
                "age",
                "found \"age\", which is a number; expected a condition: something true or false",
            ),
            (
                Sort::Score,
                "triage",
                "found \"triage\", which is a category; expected a score: a number",
            ),
            (
                Sort::Score,
                "10 * triage + waited",
                "found `triage` in \"10 * triage + waited\", which is a category; expected a number",
            ),
            (
                Sort::Score,
                "if(age, 1, 2)",
                "found `age` in \"if(age, 1, 2)\", which is a number; expected true or false",
            ),
            (
                Sort::Score,
                "if(frail, age, triage)",
                "found `triage` in \"if(frail, age, triage)\", which is a category; expected a \
                 number",
            ),
            (
                Sort::Score,
                "min(age, triage)",
                "found `triage` in \"min(age, triage)\", which is a category; expected a number",
            ),
            (
                Sort::Score,
                "age 3",
                "found `3` at column 5 of \"age 3\"; expected the end of the score, or `+`, `-`, \
                 `*`, `/`",
            ),
        ] {
            told(&ward(), sort, text, expected);
        }
    }

    #[test]
    fn what_a_place_does_not_offer_is_said() {
        let nowhere = names().with_state(&["Acute"]);
        for (scope, text, expected) in [
            (
                &names(),
                "age > 3 and free('Ward') > 1",
                "found `free` at column 13 of \"age > 3 and free('Ward') > 1\"; expected \
                 attributes, cohort and clock only: the state of the system cannot be asked here",
            ),
            (
                &names(),
                "inside > 3",
                "found `inside` at column 1 of \"inside > 3\"; expected attributes, cohort and \
                 clock only: the state of the system cannot be asked here",
            ),
            (
                &nowhere,
                "age > 3 and free() > 1",
                "found `free()` at column 13 of \"age > 3 and free() > 1\"; expected the name of a \
                 node in the brackets: this stands at no node",
            ),
            (
                &nowhere,
                "waited > 1",
                "found `waited` at column 1 of \"waited > 1\"; expected another name: the time in \
                 line is known only where people are put in order by a score, or reviewed",
            ),
        ] {
            told(scope, Sort::Condition, text, expected);
        }
    }
}
