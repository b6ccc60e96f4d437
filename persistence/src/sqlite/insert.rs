//! Multi-row inserts, in a few fixed sizes so that each statement is prepared once and used again.
//!
//! A batch goes in rounds: each writes the largest power of two of rows that any table still has, for all tables that
//! have so many. 100 issues (event, ticket, key) are rounds of 64, 32 and 4 rows of each. A round is one text of several
//! statements and so one journey to the database's thread; BEGIN travels with the first, COMMIT with the last.
//!
//! Invariant: every row of a table is inserted, in order, between one BEGIN and one COMMIT.

use std::collections::HashMap;
use std::fmt::Write;
use std::sync::Arc;

use sqlx::sqlite::SqliteArguments;
use sqlx::{Arguments, AssertSqlSafe, Sqlite, SqliteConnection};
use uuid::Uuid;

use crate::table::{Prepared, Sink, TABLES, Table};

/// Rows of one table in one statement: 256 rows of the widest table are 6,656 parameters; SQLite takes 32,766.
const STATEMENT_ROWS_MAX: usize = 256;

/// The texts made so far.
#[derive(Default)]
pub(super) struct Inserts(HashMap<Round, Arc<str>>);

/// What a round writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Round {
    /// Rows of each table.
    rows: usize,
    /// The tables, one bit each.
    tables: u8,
    begins: bool,
    commits: bool,
}

impl Inserts {
    /// Inserts every row of the batch in one transaction. Commits it, unless the caller has more to do in it.
    pub(super) async fn all(
        &mut self,
        connection: &mut SqliteConnection,
        prepared: &Prepared<'_>,
        commits: bool,
    ) -> Result<(), sqlx::Error> {
        let mut done = [0; TABLES.len()];
        for round in rounds(std::array::from_fn(|table| prepared.rows(table)), commits) {
            let arguments = bind(prepared, round, &done)?;
            let text = Arc::clone(self.0.entry(round).or_insert_with(|| text(round)));
            sqlx::query_with::<Sqlite, _>(AssertSqlSafe(text), arguments)
                .execute(&mut *connection)
                .await?;
            round.tables().for_each(|table| done[table] += round.rows);
        }
        Ok(())
    }
}

impl Round {
    fn tables(self) -> impl Iterator<Item = usize> {
        (0..TABLES.len()).filter(move |table| self.tables & (1 << table) != 0)
    }
}

/// The rounds that write so many rows of each table.
fn rounds(mut left: [usize; TABLES.len()], commits: bool) -> Vec<Round> {
    let mut rounds: Vec<Round> = Vec::new();
    while let Some(size) = left.iter().max().and_then(|most| most.checked_ilog2()) {
        let rows = (1 << size).min(STATEMENT_ROWS_MAX);
        let mut round = Round { rows, tables: 0, begins: rounds.is_empty(), commits: false };
        for (table, left) in left.iter_mut().enumerate().filter(|(_, left)| **left >= rows) {
            round.tables |= 1 << table;
            *left -= rows;
        }
        rounds.push(round);
    }
    if let Some(last) = rounds.last_mut() {
        last.commits = commits;
    }
    rounds
}

fn text(round: Round) -> Arc<str> {
    let mut text = String::from(if round.begins { "begin immediate; " } else { "" });
    for table in round.tables() {
        // Writing to a String cannot fail.
        let _ = write!(text, "{}; ", statement(TABLES[table], round.rows));
    }
    text.push_str(if round.commits { "commit" } else { "" });
    text.into()
}

fn statement(table: &Table, rows: usize) -> String {
    let row = format!("({})", vec!["?"; table.columns.len()].join(","));
    let values = vec![row.as_str(); rows].join(",");
    format!(
        "insert into {} ({}) values {values} {}",
        table.name,
        table.column_list(),
        table.conflict
    )
}

/// The values of a round's rows, those after the rows that are done.
fn bind(
    prepared: &Prepared<'_>,
    round: Round,
    done: &[usize; TABLES.len()],
) -> Result<SqliteArguments, sqlx::Error> {
    let mut arguments = SqliteArguments::default();
    let columns: usize = round.tables().map(|table| TABLES[table].columns.len()).sum();
    arguments.reserve(round.rows * columns, 0);
    let mut binds = Binds { arguments, failed: None };
    for table in round.tables() {
        for row in done[table]..done[table] + round.rows {
            prepared.put(table, row, &mut binds);
        }
    }
    binds.failed.map_or(Ok(binds.arguments), |source| Err(sqlx::Error::Encode(source)))
}

/// Binds a row's values one after the other.
struct Binds {
    arguments: SqliteArguments,
    failed: Option<sqlx::error::BoxDynError>,
}

impl Binds {
    fn add<'v, T>(&mut self, value: T)
    where
        T: sqlx::Encode<'v, Sqlite> + sqlx::Type<Sqlite>,
    {
        if let Err(error) = self.arguments.add(value) {
            self.failed = Some(error);
        }
    }
}

impl<'a> Sink<'a> for Binds {
    fn id(&mut self, id: Option<Uuid>) {
        self.add(id);
    }

    fn int(&mut self, int: Option<i64>) {
        self.add(int);
    }

    fn text(&mut self, text: Option<&'a str>) {
        self.add(text);
    }

    fn blob(&mut self, blob: &'a [u8]) {
        self.add(blob);
    }

    fn flag(&mut self, flag: bool) {
        self.add(flag);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounds_write_every_row_between_one_begin_and_one_commit() {
        for rows in (0..40).chain([255, 256, 257, 1_000, 1_024]) {
            let left = [rows, rows, 3, 0, rows / 2, 1, 0];
            let rounds = rounds(left, true);
            for (table, wanted) in left.into_iter().enumerate() {
                let mine = rounds.iter().filter(|round| round.tables & (1 << table) != 0);
                assert_eq!(mine.map(|round| round.rows).sum::<usize>(), wanted);
            }
            assert!(
                rounds
                    .iter()
                    .all(|round| round.rows.is_power_of_two() && round.rows <= STATEMENT_ROWS_MAX)
            );
            assert!(rounds.first().is_some_and(|round| round.begins));
            assert_eq!(rounds.iter().filter(|round| round.begins).count(), 1);
            assert!(rounds.last().is_some_and(|round| round.commits));
            assert_eq!(rounds.iter().filter(|round| round.commits).count(), 1);
        }
    }

    #[test]
    fn issues_of_one_batch_travel_together() {
        let shape = |round: &Round| (round.rows, round.tables);
        let rounds = rounds([100, 100, 0, 0, 0, 100, 0], true);
        assert_eq!(rounds.iter().map(shape).collect::<Vec<_>>(), [(64, 35), (32, 35), (4, 35)]);
    }
}
