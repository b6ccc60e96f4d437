//! A whole batch as one statement: each table's rows travel as one array per column.
//!
//! `with t0 as (insert into events … select … unnest($2::uuid[], …)), t1 as (…) select 1`: all tables are written or
//! none, in one round trip. The statement depends only on which tables have rows, so it is prepared once for each.
//!
//! Row-level security lets in rows of the tenants that the transaction names. It is named in the same statement, and
//! not beside the rows but before them: a row comes out of arrays that are given only once the setting was made, so
//! there is no row to be checked earlier. Were that ever otherwise, the setting would be empty and the batch refused.
//!
//! Invariant: the arrays of a table have one length; a batch that breaks this is not sent.

use std::collections::HashMap;
use std::fmt::Write;
use std::sync::Arc;

use sqlx::postgres::PgArguments;
use sqlx::{Arguments, AssertSqlSafe, PgConnection, Postgres};
use uuid::Uuid;

use crate::table::{Kind, Prepared, Sink, TABLES, Table};

/// The statements made so far, by which tables have rows (one bit each).
#[derive(Default)]
pub(super) struct Inserts(HashMap<u16, Arc<str>>);

impl Inserts {
    /// Inserts every row of the batch, whose tenants are `tenants`.
    pub(super) async fn all(
        &mut self,
        connection: &mut PgConnection,
        prepared: &Prepared<'_>,
        tenants: &str,
    ) -> Result<(), sqlx::Error> {
        let mut mask = 0;
        let mut arguments = PgArguments::default();
        arguments.add(tenants).map_err(sqlx::Error::Encode)?;
        for (table, form) in TABLES.iter().enumerate() {
            if prepared.rows(table) > 0 {
                mask |= 1 << table;
                bind(prepared, table, form, &mut arguments)?;
            }
        }
        let statement = Arc::clone(self.0.entry(mask).or_insert_with(|| statement(mask)));
        sqlx::query_with::<Postgres, _>(AssertSqlSafe(statement), arguments)
            .execute(connection)
            .await?;
        Ok(())
    }
}

fn statement(mask: u16) -> Arc<str> {
    let mut sql = String::from("with ");
    let mut place = 2;
    for (number, table) in TABLES.iter().enumerate().filter(|(number, _)| mask & (1 << number) != 0)
    {
        let arrays: Vec<String> =
            table.columns.iter().map(|(_, kind)| array(&mut place, *kind)).collect();
        let (name, columns, conflict) = (table.name, table.column_list(), table.conflict);
        let rows = rows(&arrays);
        // Writing to a String cannot fail.
        let _ = write!(sql, "t{number} as (insert into {name} ({columns}) {rows} {conflict}), ");
    }
    sql.push_str("done as (select 1) select 1 from done");
    sql.into()
}

/// The rows of one table, which there are only after the tenants were named: the first column, which no row is
/// without, is given once the setting was made. `set_config` is volatile: it is called where it stands.
///
/// The arrays are unnested in the list of columns and not in `from`, where each would be kept in a store of its own.
fn rows(arrays: &[String]) -> String {
    let given: Vec<String> = arrays
        .iter()
        .enumerate()
        .map(|(place, array)| match place {
            0 => format!("unnest(case when named.them = $1 then {array} end)"),
            _ => format!("unnest({array})"),
        })
        .collect();
    format!(
        "select {} from (select set_config('app.tenants', $1::text, true) as them) as named where true",
        given.join(", ")
    )
}

fn array(place: &mut usize, kind: Kind) -> String {
    let name = match kind {
        Kind::Id => "uuid",
        Kind::Int => "bigint",
        Kind::Text => "text",
        Kind::Blob => "bytea",
        Kind::Flag => "boolean",
    };
    *place += 1;
    format!("${}::{name}[]", *place - 1)
}

fn bind(
    prepared: &Prepared<'_>,
    table: usize,
    form: &Table,
    arguments: &mut PgArguments,
) -> Result<(), sqlx::Error> {
    let rows = prepared.rows(table);
    let columns = form.columns.iter().map(|(_, kind)| Column::new(*kind, rows)).collect();
    let mut arrays = Arrays { columns, next: 0, misfit: false };
    for row in 0..rows {
        prepared.put(table, row, &mut arrays);
    }
    if arrays.misfit || arrays.next != 0 {
        return Err(sqlx::Error::Encode(
            format!("values do not fit the columns of {}", form.name).into(),
        ));
    }
    arrays
        .columns
        .into_iter()
        .try_for_each(|column| column.bind(arguments))
        .map_err(sqlx::Error::Encode)
}

/// The values of one column.
enum Column<'a> {
    Id(Vec<Option<Uuid>>),
    Int(Vec<Option<i64>>),
    Text(Vec<Option<&'a str>>),
    Blob(Vec<&'a [u8]>),
    Flag(Vec<bool>),
}

impl Column<'_> {
    fn new(kind: Kind, rows: usize) -> Self {
        match kind {
            Kind::Id => Self::Id(Vec::with_capacity(rows)),
            Kind::Int => Self::Int(Vec::with_capacity(rows)),
            Kind::Text => Self::Text(Vec::with_capacity(rows)),
            Kind::Blob => Self::Blob(Vec::with_capacity(rows)),
            Kind::Flag => Self::Flag(Vec::with_capacity(rows)),
        }
    }

    fn bind(self, arguments: &mut PgArguments) -> Result<(), sqlx::error::BoxDynError> {
        match self {
            Self::Id(values) => arguments.add(thin(values)),
            Self::Int(values) => arguments.add(thin(values)),
            Self::Text(values) => arguments.add(thin(values)),
            Self::Blob(values) => arguments.add(values),
            Self::Flag(values) => arguments.add(values),
        }
    }
}

/// A column without a value travels as an empty array: `unnest` fills the rows up with nulls.
fn thin<T>(values: Vec<Option<T>>) -> Vec<Option<T>> {
    if values.iter().all(Option::is_none) { Vec::new() } else { values }
}

/// Gathers rows into columns: each value goes to the next column, and after the last one the next row begins.
struct Arrays<'a> {
    columns: Vec<Column<'a>>,
    next: usize,
    misfit: bool,
}

macro_rules! push {
    ($arrays:ident, $kind:ident, $value:expr) => {{
        match $arrays.columns.get_mut($arrays.next) {
            Some(Column::$kind(values)) => values.push($value),
            _ => $arrays.misfit = true,
        }
        $arrays.next = ($arrays.next + 1) % $arrays.columns.len();
    }};
}

impl<'a> Sink<'a> for Arrays<'a> {
    fn id(&mut self, id: Option<Uuid>) {
        push!(self, Id, id);
    }

    fn int(&mut self, int: Option<i64>) {
        push!(self, Int, int);
    }

    fn text(&mut self, text: Option<&'a str>) {
        push!(self, Text, text);
    }

    fn blob(&mut self, blob: &'a [u8]) {
        push!(self, Blob, blob);
    }

    fn flag(&mut self, flag: bool) {
        push!(self, Flag, flag);
    }
}
