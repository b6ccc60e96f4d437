//! One face for the two databases' connections: send a statement with values, get records.
//!
//! Statements are written with `$1`, which both understand. Whatever is not on the hot path goes through here, so that
//! it is written once.
//!
//! Invariant: values travel as parameters, never inside a statement's text.

use sqlx::encode::Encode;
use sqlx::postgres::{PgArguments, PgRow};
use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::types::Type;
use sqlx::{Arguments, PgConnection, Postgres, Row, SqlSafeStr, Sqlite, SqliteConnection};
use uuid::Uuid;

/// A connection of either database, borrowed for a few statements.
pub(crate) enum Connection<'c> {
    Sqlite(&'c mut SqliteConnection),
    Postgres(&'c mut PgConnection),
}

/// One parameter. A null has a type, because PostgreSQL asks for it.
#[derive(Debug, Clone)]
pub(crate) enum Value {
    Id(Option<Uuid>),
    Int(Option<i64>),
    Text(Option<String>),
    Blob(Option<Vec<u8>>),
}

/// One row that came back.
pub(crate) enum Record {
    Sqlite(SqliteRow),
    Postgres(PgRow),
}

impl Connection<'_> {
    /// Runs one statement; returns how many rows it changed.
    pub(crate) async fn execute(
        &mut self,
        sql: impl SqlSafeStr,
        values: Vec<Value>,
    ) -> Result<u64, sqlx::Error> {
        match self {
            Self::Sqlite(connection) => {
                let query = sqlx::query_with::<Sqlite, SqliteArguments>(sql, arguments(values)?);
                Ok(query.execute(&mut **connection).await?.rows_affected())
            }
            Self::Postgres(connection) => {
                let query = sqlx::query_with::<Postgres, PgArguments>(sql, arguments(values)?);
                Ok(query.execute(&mut **connection).await?.rows_affected())
            }
        }
    }

    /// Runs one statement; returns its rows.
    pub(crate) async fn fetch(
        &mut self,
        sql: impl SqlSafeStr,
        values: Vec<Value>,
    ) -> Result<Vec<Record>, sqlx::Error> {
        match self {
            Self::Sqlite(connection) => {
                let query = sqlx::query_with::<Sqlite, SqliteArguments>(sql, arguments(values)?);
                Ok(query
                    .fetch_all(&mut **connection)
                    .await?
                    .into_iter()
                    .map(Record::Sqlite)
                    .collect())
            }
            Self::Postgres(connection) => {
                let query = sqlx::query_with::<Postgres, PgArguments>(sql, arguments(values)?);
                Ok(query
                    .fetch_all(&mut **connection)
                    .await?
                    .into_iter()
                    .map(Record::Postgres)
                    .collect())
            }
        }
    }

    /// Runs one statement; returns its first row, if there is one.
    pub(crate) async fn fetch_first(
        &mut self,
        sql: impl SqlSafeStr,
        values: Vec<Value>,
    ) -> Result<Option<Record>, sqlx::Error> {
        Ok(self.fetch(sql, values).await?.into_iter().next())
    }
}

fn arguments<A>(values: Vec<Value>) -> Result<A, sqlx::Error>
where
    A: Arguments + Default,
    for<'v> Option<Uuid>: Encode<'v, A::Database> + Type<A::Database>,
    for<'v> Option<i64>: Encode<'v, A::Database> + Type<A::Database>,
    for<'v> Option<String>: Encode<'v, A::Database> + Type<A::Database>,
    for<'v> Option<Vec<u8>>: Encode<'v, A::Database> + Type<A::Database>,
{
    let mut arguments = A::default();
    for value in values {
        match value {
            Value::Id(id) => arguments.add(id),
            Value::Int(int) => arguments.add(int),
            Value::Text(text) => arguments.add(text),
            Value::Blob(blob) => arguments.add(blob),
        }
        .map_err(sqlx::Error::Encode)?;
    }
    Ok(arguments)
}

macro_rules! get {
    ($record:expr, $column:expr) => {
        match $record {
            Record::Sqlite(row) => row.try_get($column),
            Record::Postgres(row) => row.try_get($column),
        }
    };
}

impl Record {
    pub(crate) fn id<T: From<Uuid>>(&self, column: &str) -> Result<T, sqlx::Error> {
        let id: Uuid = get!(self, column)?;
        Ok(id.into())
    }

    pub(crate) fn id_opt<T: From<Uuid>>(&self, column: &str) -> Result<Option<T>, sqlx::Error> {
        let id: Option<Uuid> = get!(self, column)?;
        Ok(id.map(Into::into))
    }

    pub(crate) fn int<T: TryFrom<i64>>(&self, column: &str) -> Result<T, sqlx::Error> {
        let int: i64 = get!(self, column)?;
        T::try_from(int).map_err(|_| unfit(column, int))
    }

    pub(crate) fn int_opt<T: TryFrom<i64>>(&self, column: &str) -> Result<Option<T>, sqlx::Error> {
        let int: Option<i64> = get!(self, column)?;
        int.map(|int| T::try_from(int).map_err(|_| unfit(column, int))).transpose()
    }

    pub(crate) fn text(&self, column: &str) -> Result<String, sqlx::Error> {
        get!(self, column)
    }

    pub(crate) fn text_opt(&self, column: &str) -> Result<Option<String>, sqlx::Error> {
        get!(self, column)
    }

    pub(crate) fn flag(&self, column: &str) -> Result<bool, sqlx::Error> {
        get!(self, column)
    }

    pub(crate) fn blob(&self, column: &str) -> Result<Vec<u8>, sqlx::Error> {
        get!(self, column)
    }

    pub(crate) fn blob_opt(&self, column: &str) -> Result<Option<Vec<u8>>, sqlx::Error> {
        get!(self, column)
    }

    /// A SHA-256.
    pub(crate) fn hash(&self, column: &str) -> Result<[u8; 32], sqlx::Error> {
        let blob = self.blob(column)?;
        <[u8; 32]>::try_from(blob.as_slice()).map_err(|_| unfit(column, blob.len()))
    }
}

fn unfit(column: &str, found: impl std::fmt::Display) -> sqlx::Error {
    sqlx::Error::ColumnDecode {
        index: column.to_owned(),
        source: format!("{found} does not fit").into(),
    }
}

macro_rules! value_from {
    ($($from:ty => $variant:ident($value:ident -> $made:expr)),+ $(,)?) => {$(
        impl From<$from> for Value {
            fn from($value: $from) -> Self {
                Self::$variant($made)
            }
        }
    )+};
}

value_from! {
    Uuid => Id(id -> Some(id)),
    domain::TenantId => Id(id -> Some(id.0)),
    domain::TicketId => Id(id -> Some(id.0)),
    domain::CustomerId => Id(id -> Some(id.0)),
    domain::QueueId => Id(id -> Some(id.0)),
    domain::SiteId => Id(id -> Some(id.0)),
    domain::AgentId => Id(id -> Some(id.0)),
    crate::journal::StreamId => Id(id -> Some(id.0)),
    domain::Timestamp => Int(at -> Some(at.0)),
    i64 => Int(int -> Some(int)),
    u64 => Int(int -> Some(stored(int))),
    String => Text(text -> Some(text)),
    &str => Text(text -> Some(text.to_owned())),
    Option<String> => Text(text -> text),
    Vec<u8> => Blob(blob -> Some(blob)),
    Option<Vec<u8>> => Blob(blob -> blob),
}

/// An unsigned number as both databases keep it. What does not fit cannot have been counted up to.
pub(crate) fn stored(int: u64) -> i64 {
    i64::try_from(int).unwrap_or(i64::MAX)
}
