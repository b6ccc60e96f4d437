//! What a failing disk or a meddling hand does to a database, for the tests that must find it out.
//!
//! It works behind the store's back, on a connection of its own; the store should be closed meanwhile.
//! Invariant: exactly one row is changed, and nothing else.

use domain::{TenantId, TicketId};
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection, SqliteConnection};
use uuid::Uuid;

use super::TestDatabase;
use crate::StreamId;

impl TestDatabase {
    /// Rewrites the payload of one event, leaving its hash as it was.
    ///
    /// # Panics
    /// When there is no such event.
    pub async fn damage_event(&self, tenant: TenantId, stream: StreamId, version: u64) {
        let row = self.row_of(tenant, stream);
        let sql = format!("update events set payload = '{{}}' where {row} and version = {version}");
        self.change_one(sql).await;
    }

    /// Overwrites the state of the newest snapshot with bytes that mean nothing.
    ///
    /// # Panics
    /// When there is no snapshot.
    pub async fn damage_newest_snapshot(&self, tenant: TenantId, stream: StreamId) {
        let row = self.row_of(tenant, stream);
        let bytes = if self.is_sqlite() { "x'c000ff'" } else { "'\\xc000ff'::bytea" };
        let newest = format!("(select max(version) from snapshots where {row})");
        let sql =
            format!("update snapshots set state = {bytes} where {row} and version = {newest}");
        self.change_one(sql).await;
    }

    /// Rewrites the state of a ticket's row, which the journal knows nothing of.
    ///
    /// # Panics
    /// When there is no such ticket.
    pub async fn damage_ticket_row(&self, tenant: TenantId, ticket: TicketId) {
        let (tenant, ticket) = (self.id(tenant.0), self.id(ticket.0));
        let sql = format!(
            "update tickets set state = 'removed' where tenant_id = {tenant} and ticket_id = {ticket}"
        );
        self.change_one(sql).await;
    }

    /// True for a SQLite file.
    pub fn is_sqlite(&self) -> bool {
        self.url().starts_with("sqlite:")
    }

    fn row_of(&self, tenant: TenantId, stream: StreamId) -> String {
        format!("tenant_id = {} and stream_id = {}", self.id(tenant.0), self.id(stream.0))
    }

    /// An id as the database's SQL writes it.
    fn id(&self, id: Uuid) -> String {
        if self.is_sqlite() { format!("x'{}'", id.simple()) } else { format!("'{id}'::uuid") }
    }

    #[expect(clippy::expect_used, reason = "a test that cannot do its damage cannot go on")]
    async fn change_one(&self, sql: String) {
        let sql = sqlx::raw_sql(AssertSqlSafe(sql));
        let changed = if self.is_sqlite() {
            let mut connection = SqliteConnection::connect(self.url()).await.expect("the database");
            connection.execute(sql).await.expect("the change").rows_affected()
        } else {
            let mut connection =
                PgConnection::connect(self.admin_url()).await.expect("the database");
            connection.execute(sql).await.expect("the change").rows_affected()
        };
        assert_eq!(changed, 1, "one row is to be damaged");
    }
}
