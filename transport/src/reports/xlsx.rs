//! A table as a workbook of one sheet, with numbers as numbers.
//!
//! Invariant: a text is written as a text, so no spreadsheet takes it for a formula.

use rust_xlsxwriter::{Format, Workbook, XlsxError};

use super::table::{Cell, Table};

/// Wide enough for a date and for most names.
const WIDTH: f64 = 16.0;

pub(super) fn write(name: &str, table: &Table) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.set_name(name)?;
    sheet.set_freeze_panes(1, 0)?;
    let head = Format::new().set_bold();
    for (column, title) in (0_u16..).zip(&table.columns) {
        sheet.set_column_width(column, WIDTH)?;
        sheet.write_string_with_format(0, column, *title, &head)?;
    }
    for (place, row) in (1_u32..).zip(&table.rows) {
        for (column, cell) in (0_u16..).zip(row) {
            match cell {
                Cell::Text(text) => sheet.write_string(place, column, text).map(drop)?,
                Cell::Number(number) => sheet.write_number(place, column, *number).map(drop)?,
                Cell::Empty => {}
            }
        }
    }
    book.save_to_buffer()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_workbook_is_a_zip() {
        let mut table = Table::new(&[&["name", "count"]]);
        table.push(vec!["=1+1".into(), 3_u64.into()]);
        assert!(write("wait-times", &table).unwrap().starts_with(b"PK\x03\x04"));
    }
}
