//! Multi-row inserts, in a few fixed sizes so that each statement is prepared once and used again.
//!
//! Each journey to the database's thread wakes two threads, which costs more than the rows it carries. So a batch goes in
//! as few rounds as can be: a round is one text of several statements with room for as many rows as the batch has, or a
//! few more, and rows left empty are not inserted. BEGIN travels with the first round, COMMIT with the last: 50 issues
//! (event, ticket, key) are one round with room for 64 of each.
//!
//! Invariant: every row of a table is inserted, in order, between one BEGIN and one COMMIT.

use std::collections::HashMap;
use std::fmt::Write;
use std::sync::Arc;

use sqlx::sqlite::SqliteArguments;
use sqlx::{Arguments, AssertSqlSafe, Sqlite, SqliteConnection};
use uuid::Uuid;

use crate::table::{Prepared, Sink, TABLES, Table};

/// Rows that a statement has room for: at most a half more than it is given. 256 rows of the widest table are 6,656
/// parameters; SQLite takes 32,766.
const ROOMS: [usize; 16] = [1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, ROOM_MAX];
const ROOM_MAX: usize = 256;

/// The texts made so far.
#[derive(Default)]
pub(super) struct Inserts(HashMap<Round, Arc<str>>);

/// What a round writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Round {
    /// Rows that each of its statements has room for.
    room: usize,
    /// The tables, one bit each.
    tables: u16,
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
            let arguments = bind(prepared, round, &mut done)?;
            let text = Arc::clone(self.0.entry(round).or_insert_with(|| text(round)));
            sqlx::query_with::<Sqlite, _>(AssertSqlSafe(text), arguments)
                .execute(&mut *connection)
                .await?;
        }
        Ok(())
    }
}

impl Round {
    fn tables(self) -> impl Iterator<Item = usize> {
        (0..TABLES.len()).filter(move |table| self.tables & (1 << table) != 0)
    }
}

/// The rounds that write so many rows of each table: tables that need the same room travel together.
fn rounds(mut left: [usize; TABLES.len()], commits: bool) -> Vec<Round> {
    let mut rounds: Vec<Round> = Vec::new();
    while let Some(room) = left.iter().filter(|left| **left > 0).map(|left| room(*left)).max() {
        let mut round = Round { room, tables: 0, begins: rounds.is_empty(), commits: false };
        for (table, left) in
            left.iter_mut().enumerate().filter(|(_, left)| self::room(**left) == room)
        {
            round.tables |= 1 << table;
            *left = left.saturating_sub(room);
        }
        rounds.push(round);
    }
    if let Some(last) = rounds.last_mut() {
        last.commits = commits;
    }
    rounds
}

/// The least room that holds so many rows, or as many of them as go into one statement; none for none.
fn room(rows: usize) -> usize {
    if rows == 0 {
        return 0;
    }
    ROOMS.into_iter().find(|room| *room >= rows).unwrap_or(ROOM_MAX)
}

fn text(round: Round) -> Arc<str> {
    let mut text = String::from(if round.begins { "begin immediate; " } else { "" });
    for table in round.tables() {
        // Writing to a String cannot fail.
        let _ = write!(text, "{}; ", statement(TABLES[table], round.room));
    }
    text.push_str(if round.commits { "commit" } else { "" });
    text.into()
}

/// Rows whose first value is null are room that was left empty: the first column is the tenant, which is never null.
fn statement(table: &Table, room: usize) -> String {
    let row = format!("({})", vec!["?"; table.columns.len()].join(","));
    let values = vec![row.as_str(); room].join(",");
    format!(
        "insert into {} ({}) select * from (values {values}) where column1 is not null {}",
        table.name,
        table.column_list(),
        table.conflict
    )
}

/// The values of a round's rows, those after the rows that are done; nulls where it has more room than rows.
fn bind(
    prepared: &Prepared<'_>,
    round: Round,
    done: &mut [usize; TABLES.len()],
) -> Result<SqliteArguments, sqlx::Error> {
    let mut arguments = SqliteArguments::default();
    let columns: usize = round.tables().map(|table| TABLES[table].columns.len()).sum();
    arguments.reserve(round.room * columns, 0);
    let mut binds = Binds { arguments, failed: None };
    for table in round.tables() {
        let from = done[table];
        let to = prepared.rows(table).min(from + round.room);
        for row in from..to {
            prepared.put(table, row, &mut binds);
        }
        binds.leave_empty((round.room - (to - from)) * TABLES[table].columns.len());
        done[table] = to;
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

    fn leave_empty(&mut self, values: usize) {
        (0..values).for_each(|_| self.add(None::<i64>));
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
    fn rounds_have_room_for_every_row_between_one_begin_and_one_commit() {
        for rows in (0..40).chain([255, 256, 257, 1_000, 1_024]) {
            let left = [rows, rows, 3, 0, rows / 2, 1, 0, 2];
            let rounds = rounds(left, true);
            for (table, wanted) in left.into_iter().enumerate() {
                let mine: Vec<_> =
                    rounds.iter().filter(|round| round.tables & (1 << table) != 0).collect();
                assert!(mine.iter().map(|round| round.room).sum::<usize>() >= wanted);
                let full = mine.iter().rev().skip(1);
                assert!(
                    full.map(|round| round.room).sum::<usize>() <= wanted,
                    "only the last has room to spare"
                );
            }
            assert!(rounds.iter().all(|round| ROOMS.contains(&round.room)));
            assert!(rounds.first().is_some_and(|round| round.begins));
            assert_eq!(rounds.iter().filter(|round| round.begins).count(), 1);
            assert!(rounds.last().is_some_and(|round| round.commits));
            assert_eq!(rounds.iter().filter(|round| round.commits).count(), 1);
        }
    }

    #[test]
    fn issues_of_one_batch_travel_in_one_round() {
        let shape = |round: &Round| (round.room, round.tables);
        let rounds = rounds([50, 50, 0, 0, 0, 0, 50, 0], true);
        assert_eq!(rounds.iter().map(shape).collect::<Vec<_>>(), [(64, 0b100_0011)]);
    }

    #[test]
    fn room_is_at_most_a_half_more_than_needed() {
        assert!((1..=ROOM_MAX).all(|rows| (rows..=rows + rows.div_ceil(2)).contains(&room(rows))));
        assert_eq!((room(0), room(1_000)), (0, ROOM_MAX));
    }
}
