//! A table as CSV: RFC 4180, UTF-8.
//!
//! Invariant: a text that a spreadsheet would take for a formula begins with an apostrophe.

use super::table::{Cell, Table};

pub(super) fn write(table: &Table) -> Result<Vec<u8>, ::csv::Error> {
    let mut writer =
        ::csv::WriterBuilder::new().terminator(::csv::Terminator::CRLF).from_writer(Vec::new());
    writer.write_record(&table.columns)?;
    for row in &table.rows {
        writer.write_record(row.iter().map(text))?;
    }
    writer.into_inner().map_err(|error| ::csv::Error::from(error.into_error()))
}

fn text(cell: &Cell) -> String {
    match cell {
        Cell::Text(text) => defused(text),
        Cell::Number(number) => number.to_string(),
        Cell::Empty => String::new(),
    }
}

fn defused(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']) {
        format!("'{text}")
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_are_defused_and_numbers_stay_numbers() {
        let mut table = Table::new(&[&["name", "count"]]);
        for name in ["=1+1", "+1", "-1", "@a", "\t=1"] {
            table.push(vec![name.into(), (-3.5).into()]);
        }
        table.push(vec!["a \"b\", c".into(), Cell::Empty]);
        let text = String::from_utf8(write(&table).unwrap()).unwrap();
        let lines: Vec<&str> = text.split("\r\n").collect();
        assert_eq!(lines[0], "name,count");
        for line in &lines[1..6] {
            assert!(line.starts_with('\'') && line.ends_with(",-3.5"), "{line}");
        }
        assert_eq!(lines[6], "\"a \"\"b\"\", c\",");
    }
}
