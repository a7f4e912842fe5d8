//! Reading tables in tests.

use icsflow::{Column, Data, Table};

/// A cell as text: numbers in full, what is missing as `-`.
pub(crate) fn cell(table: &Table, column: &str, row: usize) -> String {
    let column = table.column(column).unwrap_or_else(|| panic!("no column {column}"));
    match &column.data {
        Data::Number(values) if values[row].is_nan() => "-".into(),
        Data::Number(values) => values[row].to_string(),
        Data::Whole(values) | Data::Instant(values) => values[row].to_string(),
        Data::Word { codes, words } if words[codes[row] as usize].is_empty() => "-".into(),
        Data::Word { codes, words } => words[codes[row] as usize].clone(),
    }
}

/// A cell of a column of numbers.
pub(crate) fn number(table: &Table, column: &str, row: usize) -> f64 {
    table.numbers(column).unwrap_or_else(|| panic!("no numbers {column}"))[row]
}

/// The rows as lines of these columns, one space between cells.
pub(crate) fn lines(table: &Table, columns: &[&str]) -> Vec<String> {
    let line = |row| columns.iter().map(|c| cell(table, c, row)).collect::<Vec<_>>().join(" ");
    (0..table.rows()).map(line).collect()
}

/// Whether two tables hold the same bits, NaN for NaN.
pub(crate) fn same(a: &Table, b: &Table) -> bool {
    let bits = |values: &[f64]| values.iter().map(|x| x.to_bits()).collect::<Vec<_>>();
    a.columns.len() == b.columns.len()
        && a.columns.iter().zip(&b.columns).all(|(a, b)| {
            a.name == b.name
                && a.unit == b.unit
                && match (&a.data, &b.data) {
                    (Data::Number(a), Data::Number(b)) => bits(a) == bits(b),
                    (a, b) => a == b,
                }
        })
}

/// The columns as lines of text, each with the table's name: the same if and only if the bits are.
pub(crate) fn bits(table: &Table) -> Vec<String> {
    let line = |column: &Column| {
        let values = match &column.data {
            Data::Number(values) => {
                format!("{:x?}", values.iter().map(|x| x.to_bits()).collect::<Vec<_>>())
            }
            other => format!("{other:?}"),
        };
        format!("{} {} {:?} {values}", table.name, column.name, column.unit)
    };
    table.columns.iter().map(line).collect()
}
