//! Runs a model file by its own plan and prints every visit, a line each, between tabs:
//! `cargo run --release --example stays -- MODEL.toml`. Numbers are written so that they can be read
//! back to the last bit.

use std::io::{BufWriter, Write, stdout};

use icsflow::{Data, Error, Experiment, Model};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = std::env::args().nth(1).ok_or("usage: stays MODEL.toml")?;
    let stays = visits(&path).map_err(|error| error.to_string())?;
    let mut out = BufWriter::new(stdout().lock());
    let names: Vec<&str> = stays.columns.iter().map(|column| &*column.name).collect();
    writeln!(out, "{}", names.join("\t"))?;
    for row in 0..stays.rows() {
        let cells = stays.columns.iter().map(|column| match &column.data {
            Data::Number(values) => format!("{:?}", values[row]),
            other => other.show(row),
        });
        writeln!(out, "{}", cells.collect::<Vec<_>>().join("\t"))?;
    }
    Ok(())
}

fn visits(path: &str) -> Result<icsflow::Table, Error> {
    let model = Model::from_path(path)?;
    Ok(Experiment::new(&model).stays(true).run()?.stays())
}
