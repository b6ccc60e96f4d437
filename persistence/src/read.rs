//! Everything that is read, by matter. The statements are the same for both databases.
//!
//! Each function borrows a connection for one or two statements and judges nothing about what it finds.
//! Invariant: every statement names the tenant.

pub(crate) mod access;
pub(crate) mod alert;
pub(crate) mod audit;
pub(crate) mod configuration;
pub(crate) mod api_key;
pub(crate) mod daily;
pub(crate) mod device;
pub(crate) mod external;
pub(crate) mod feedback;
pub(crate) mod history;
pub(crate) mod identity;
pub(crate) mod customer;
pub(crate) mod erasure;
pub(crate) mod key;
pub(crate) mod list;
pub(crate) mod opinion;
pub(crate) mod roll_up;
pub(crate) mod sample;
pub(crate) mod stream;
pub(crate) mod ticket;

use crate::error::StoreError;
use crate::sql::{Connection, Record, Value};

/// How one kind of row is read.
struct Query<T> {
    table: &'static str,
    read: fn(&Record) -> Result<T, sqlx::Error>,
}

impl<T> Query<T> {
    async fn all(
        &self,
        connection: &mut Connection<'_>,
        sql: impl sqlx::SqlSafeStr,
        values: Vec<Value>,
    ) -> Result<Vec<T>, StoreError> {
        let records = connection
            .fetch(sql, values)
            .await
            .map_err(|source| StoreError::database("read", source))?;
        records
            .iter()
            .map(self.read)
            .collect::<Result<_, _>>()
            .map_err(|source| self.unreadable(&source))
    }

    async fn first(
        &self,
        connection: &mut Connection<'_>,
        sql: impl sqlx::SqlSafeStr,
        values: Vec<Value>,
    ) -> Result<Option<T>, StoreError> {
        Ok(self.all(connection, sql, values).await?.into_iter().next())
    }

    fn unreadable(&self, source: &sqlx::Error) -> StoreError {
        StoreError::UnreadableRow { table: self.table, reason: source.to_string() }
    }
}

/// `select COLUMNS from TABLE REST`, from constants of this crate.
fn select(table: &crate::table::Table, rest: &str) -> sqlx::AssertSqlSafe<String> {
    sqlx::AssertSqlSafe(format!("select {} from {} {rest}", table.column_list(), table.name))
}
