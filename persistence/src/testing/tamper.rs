//! What somebody with the database's password may do to an audit log, in a transaction that is never committed.
//!
//! One connection changes rows and reads them back, so a thousand changes need one database.
//! Invariant: after `undo` the log is as it was.

use domain::TenantId;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection, SqliteConnection};

use super::TestDatabase;
use crate::error::StoreError;
use crate::read;
use crate::rows::AuditRow;
use crate::sql::{Connection, Value};

/// A column of an entry, and what is written into it.
#[derive(Debug, Clone)]
pub enum Overwrite {
    Text(&'static str, String),
    Number(&'static str, i64),
    Bytes(&'static str, Vec<u8>),
}

/// One change behind the store's back.
#[derive(Debug, Clone)]
pub enum Tampering {
    Overwrite(u64, Overwrite),
    Delete(u64),
    /// Everything from this entry on is gone.
    CutFrom(u64),
    /// A copy of the entry behind it; all that follow move up.
    InsertCopy(u64),
    /// Two entries change places: their numbers are exchanged.
    Exchange(u64, u64),
}

/// A connection that tampers.
pub struct Tamper {
    connection: Either,
    tenant: TenantId,
}

enum Either {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

const COPY: &str = "insert into audit_log (tenant_id, seq, at, actor, action, object, outcome, address, request_id, \
before_change, after_change, prev_hash, hash) select tenant_id, seq + 1, at, actor, action, object, outcome, address, \
request_id, before_change, after_change, prev_hash, hash from audit_log where tenant_id = $1 and seq = $2";

impl TestDatabase {
    /// A way to the log of `tenant` behind the store's back.
    #[expect(clippy::expect_used, reason = "a test that cannot tamper cannot go on")]
    pub async fn tamper(&self, tenant: TenantId) -> Tamper {
        let connection = if self.is_sqlite() {
            Either::Sqlite(SqliteConnection::connect(self.url()).await.expect("the database"))
        } else {
            Either::Postgres(PgConnection::connect(self.admin_url()).await.expect("the database"))
        };
        Tamper { connection, tenant }
    }
}

impl Tamper {
    fn connection(&mut self) -> Connection<'_> {
        match &mut self.connection {
            Either::Sqlite(connection) => Connection::Sqlite(connection),
            Either::Postgres(connection) => Connection::Postgres(connection),
        }
    }

    /// Begins a transaction and does it.
    pub async fn tamper(&mut self, with: &Tampering) {
        self.run("begin", Vec::new()).await;
        self.carry_out(with).await;
    }

    /// Does it for good.
    pub async fn tamper_for_good(&mut self, with: &Tampering) {
        self.tamper(with).await;
        self.run("commit", Vec::new()).await;
    }

    /// Takes it back.
    pub async fn undo(&mut self) {
        self.run("rollback", Vec::new()).await;
    }

    /// As the store reads it.
    ///
    /// # Errors
    /// When a row cannot be read any more.
    pub async fn range(&mut self, after: u64, limit: u32) -> Result<Vec<AuditRow>, StoreError> {
        let tenant = self.tenant;
        read::audit::range(&mut self.connection(), tenant, after, limit).await
    }

    async fn carry_out(&mut self, with: &Tampering) {
        match with {
            Tampering::Overwrite(seq, with) => self.overwrite(*seq, with.clone()).await,
            Tampering::Delete(seq) => {
                self.where_seq("delete from audit_log where tenant_id = $1 and seq = $2", *seq)
                    .await;
            }
            Tampering::CutFrom(seq) => {
                self.where_seq("delete from audit_log where tenant_id = $1 and seq >= $2", *seq)
                    .await;
            }
            Tampering::InsertCopy(seq) => {
                // Numbers are moved over negative ones, because each statement is held to the key.
                self.move_up(*seq).await;
                self.where_seq(COPY, *seq).await;
            }
            Tampering::Exchange(one, other) => self.exchange(*one, *other).await,
        }
    }

    async fn overwrite(&mut self, seq: u64, with: Overwrite) {
        let (column, value) = match with {
            Overwrite::Text(column, text) => (column, Value::from(text)),
            Overwrite::Number(column, number) => (column, Value::from(number)),
            Overwrite::Bytes(column, bytes) => (column, Value::from(bytes)),
        };
        let sql = format!("update audit_log set {column} = $3 where tenant_id = $1 and seq = $2");
        let values = vec![self.tenant.into(), seq.into(), value];
        self.run(AssertSqlSafe(sql), values).await;
    }

    async fn move_up(&mut self, behind: u64) {
        let away = "update audit_log set seq = -seq where tenant_id = $1 and seq > $2";
        let back = "update audit_log set seq = 1 - seq where tenant_id = $1 and seq < -$2";
        self.where_seq(away, behind).await;
        self.where_seq(back, behind).await;
    }

    async fn exchange(&mut self, one: u64, other: u64) {
        let (to, one, other) = (
            "update audit_log set seq = $3 where tenant_id = $1 and seq = $2",
            i64::try_from(one).unwrap_or(i64::MAX),
            i64::try_from(other).unwrap_or(i64::MAX),
        );
        for (from, into) in [(one, -1), (other, one), (-1, other)] {
            let values = vec![self.tenant.into(), from.into(), into.into()];
            self.run(to, values).await;
        }
    }

    async fn where_seq(&mut self, sql: &'static str, seq: u64) {
        let values = vec![self.tenant.into(), seq.into()];
        self.run(sql, values).await;
    }

    #[expect(clippy::expect_used, reason = "a test that cannot tamper cannot go on")]
    async fn run(&mut self, sql: impl sqlx::SqlSafeStr, values: Vec<Value>) {
        self.connection().execute(sql, values).await.expect("the change");
    }
}
