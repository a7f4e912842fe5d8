//! Tables of results: named columns of equal length, each with a unit.

use std::borrow::Cow;

/// A table.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    /// Its name.
    pub name: &'static str,
    /// Its columns, in order.
    pub columns: Vec<Column>,
}

/// A column.
#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    /// Its name.
    pub name: Cow<'static, str>,
    /// Its unit, if the same in every row.
    pub unit: Option<&'static str>,
    /// Its values.
    pub data: Data,
}

/// The values of a column. A missing number is NaN; a missing text is empty.
#[derive(Clone, Debug, PartialEq)]
pub enum Data {
    /// Whole numbers.
    Whole(Vec<i64>),
    /// Numbers.
    Number(Vec<f64>),
    /// Words, many of them the same: a code for each row, and what the codes mean.
    Word {
        /// Position of each row's word.
        codes: Vec<u32>,
        /// The words.
        words: Vec<String>,
    },
    /// Instants: microseconds since 1 January 1970 00:00, civil time.
    Instant(Vec<i64>),
}

impl Data {
    /// How many values.
    pub fn len(&self) -> usize {
        match self {
            Data::Whole(values) | Data::Instant(values) => values.len(),
            Data::Number(values) => values.len(),
            Data::Word { codes, .. } => codes.len(),
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// A value as text.
    pub fn show(&self, row: usize) -> String {
        match self {
            Data::Whole(values) => values[row].to_string(),
            Data::Instant(values) => values[row].to_string(),
            Data::Number(values) => show_number(values[row]),
            Data::Word { codes, words } => words[codes[row] as usize].clone(),
        }
    }
}

/// A number to four significant digits, whole numbers whole, NaN as nothing.
pub fn show_number(x: f64) -> String {
    if x.is_nan() {
        return String::new();
    }
    if x == 0.0 {
        return "0".into();
    }
    let digits = (3 - x.abs().log10().floor() as i32).clamp(0, 6) as usize;
    let text = format!("{x:.digits$}");
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}

/// Words as they come, each kept once.
#[derive(Debug, Default)]
pub struct Words {
    words: indexmap::IndexSet<String>,
    codes: Vec<u32>,
}

impl Words {
    /// Adds a row.
    pub fn push(&mut self, word: &str) {
        let code = match self.words.get_index_of(word) {
            Some(code) => code,
            None => self.words.insert_full(word.to_owned()).0,
        };
        self.codes.push(code as u32);
    }

    /// The column's values.
    pub fn data(self) -> Data {
        Data::Word { codes: self.codes, words: self.words.into_iter().collect() }
    }
}

impl Table {
    /// How many rows.
    pub fn rows(&self) -> usize {
        self.columns.first().map_or(0, |column| column.data.len())
    }

    /// A column by name.
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name == name)
    }

    /// The values of a column of numbers.
    pub fn numbers(&self, name: &str) -> Option<&[f64]> {
        match &self.column(name)?.data {
            Data::Number(values) => Some(values),
            _ => None,
        }
    }
}

impl std::fmt::Display for Table {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        const MOST: usize = 60;
        let rows = self.rows().min(MOST);
        let cells: Vec<Vec<String>> = self
            .columns
            .iter()
            .map(|column| {
                let mut cells = vec![column.name.to_string()];
                cells.extend((0..rows).map(|row| column.data.show(row)));
                cells
            })
            .collect();
        for row in 0..=rows {
            let mut line = String::new();
            for (column, cells) in self.columns.iter().zip(&cells) {
                let width = cells.iter().map(|cell| cell.chars().count()).max().unwrap_or(0);
                let pad = " ".repeat(width - cells[row].chars().count());
                let word = matches!(column.data, Data::Word { .. });
                line += &if word {
                    format!("{}{pad}  ", cells[row])
                } else {
                    format!("{pad}{}  ", cells[row])
                };
            }
            writeln!(f, "{}", line.trim_end())?;
        }
        if self.rows() > MOST {
            writeln!(f, "… {} rows in all", self.rows())?;
        }
        Ok(())
    }
}
