//! What stories are made of: rows with sensible contents, and a look behind the store's back.
//!
//! Every value a story does not care about is the same in all rows.
//! Always true: two worlds share no id.

use std::sync::Arc;

use domain::{
    AgentId, CustomerId, QueueId, Secs, ServiceId, SiteId, TenantId, TicketId, Timestamp,
};
use persistence::testing::TestDatabase;
use persistence::{
    Batch, IntentRow, KeyRow, LegRow, NewEvent, SnapshotRow, Store, StreamId, TicketPrivateRow,
    TicketRow,
};
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection, Row, SqliteConnection};
use uuid::Uuid;

pub(crate) const FORMAT_MAX: u16 = 3;

/// One tenant with one queue.
#[derive(Clone, Copy)]
pub(crate) struct World {
    pub(crate) tenant: TenantId,
    pub(crate) queue: QueueId,
}

pub(crate) fn at(secs: i64) -> Timestamp {
    Timestamp::from_secs(1_700_000_000 + secs)
}

impl World {
    pub(crate) fn new() -> Self {
        Self { tenant: TenantId(Uuid::now_v7()), queue: QueueId(Uuid::now_v7()) }
    }

    pub(crate) fn stream(&self) -> StreamId {
        self.queue.into()
    }

    pub(crate) fn event(&self, version: u64) -> NewEvent {
        NewEvent {
            tenant: self.tenant,
            stream: self.stream(),
            version,
            kind: "ticket.issued",
            format: 1,
            at: at(i64::try_from(version).unwrap()),
            actor: "system".into(),
            cause: version.is_multiple_of(2).then(|| format!("command {version}")),
            payload: format!(r#"{{"number":"A{version:03}","note":"é\"\\"}}"#),
        }
    }

    /// Events `first..=last`.
    pub(crate) fn events(&self, first: u64, last: u64) -> Batch {
        Batch {
            events: (first..=last).map(|version| self.event(version)).collect(),
            ..Batch::default()
        }
    }

    pub(crate) fn ticket(&self, issued: i64, number: &str) -> TicketRow {
        TicketRow {
            tenant: self.tenant,
            ticket: TicketId(Uuid::now_v7()),
            queue: self.queue,
            site: SiteId(self.queue.0),
            service: ServiceId(self.queue.0),
            customer: None,
            agent: None,
            counter: None,
            number: number.to_owned(),
            class: "normal".into(),
            channel: "kiosk".into(),
            language: Some("fr".into()),
            state: "waiting".into(),
            outcome: None,
            leg: 1,
            calls: 0,
            requeues: 0,
            issued_at: at(issued),
            arrived_at: Some(at(issued)),
            first_called_at: None,
            last_called_at: None,
            started_at: None,
            ended_at: None,
            held: Secs(0),
            version: 1,
            tags: "[]".to_owned(),
        }
    }

    pub(crate) fn leg(&self, ticket: TicketId, leg: u16) -> LegRow {
        LegRow {
            tenant: self.tenant,
            ticket,
            leg,
            queue: self.queue,
            site: SiteId(self.queue.0),
            service: ServiceId(self.queue.0),
            agent: Some(AgentId(self.queue.0)),
            class: "normal".into(),
            channel: "kiosk".into(),
            outcome: "served".into(),
            arrived_at: Some(at(0)),
            first_called_at: Some(at(60)),
            last_called_at: Some(at(70)),
            started_at: Some(at(80)),
            ended_at: at(200),
            held: Secs(5),
            wait: Some(Secs(60)),
            walk: Some(Secs(10)),
            service_time: Some(Secs(115)),
            stay: Secs(200),
            reason: Some(r#"{"kind":"first"}"#.to_owned()),
            out_of_order: true,
        }
    }

    pub(crate) fn private(&self, ticket: TicketId) -> TicketPrivateRow {
        TicketPrivateRow {
            tenant: self.tenant,
            ticket,
            name: Some("Awa Ndiaye".to_owned()),
            phone: Some("+221770000000".to_owned()),
            email: None,
            notes: "[]".to_owned(),
        }
    }

    pub(crate) fn intent(&self, ticket: TicketId) -> IntentRow {
        IntentRow {
            tenant: self.tenant,
            id: Uuid::now_v7(),
            ticket,
            customer: Some(CustomerId(self.queue.0)),
            trigger: "ticket.called".into(),
            due_at: at(30),
            payload: "{}".to_owned(),
        }
    }

    pub(crate) fn key(&self, seq: u64, secs: i64) -> KeyRow {
        let byte = u8::try_from(seq % 251).unwrap();
        KeyRow {
            tenant: self.tenant,
            seq,
            key_hash: [byte; 32],
            fingerprint: [byte ^ 0xff; 32],
            status: 201,
            body: format!(r#"{{"seq":{seq}}}"#),
            at: at(secs),
        }
    }

    pub(crate) fn snapshot(&self, version: u64) -> SnapshotRow {
        SnapshotRow {
            tenant: self.tenant,
            stream: self.stream(),
            version,
            format: 1,
            state: vec![0xc0, 0, 255, u8::try_from(version % 256).unwrap()],
            at: at(0),
        }
    }

    /// Appends events `first..=last` and a snapshot after the last one.
    pub(crate) async fn append_with_snapshot(&self, store: &Arc<dyn Store>, first: u64, last: u64) {
        let mut batch = self.events(first, last);
        batch.snapshots.push(self.snapshot(last));
        store.append(&batch).await.unwrap();
    }
}

/// The database itself, behind the store's back. Works on the journal of one world.
pub(crate) struct Raw<'a> {
    pub(crate) database: &'a TestDatabase,
    pub(crate) world: World,
}

impl Raw<'_> {
    /// Runs `SQL where it is the world's stream`, with a further condition such as ` and version = 3`; returns how many
    /// rows changed.
    pub(crate) async fn change_and(&self, sql: &str, condition: &str) -> u64 {
        let (tenant, stream) = (self.id(self.world.tenant.0), self.id(self.world.queue.0));
        self.run(format!("{sql} where tenant_id = {tenant} and stream_id = {stream}{condition}"))
            .await
    }

    pub(crate) async fn run(&self, sql: String) -> u64 {
        let url = self.database.admin_url();
        if self.is_sqlite() {
            let mut connection = SqliteConnection::connect(url).await.unwrap();
            connection.execute(sqlx::raw_sql(AssertSqlSafe(sql))).await.unwrap().rows_affected()
        } else {
            let mut connection = PgConnection::connect(url).await.unwrap();
            connection.execute(sqlx::raw_sql(AssertSqlSafe(sql))).await.unwrap().rows_affected()
        }
    }

    pub(crate) async fn count(&self, table: &str) -> i64 {
        let sql = AssertSqlSafe(format!("select count(*) from {table}"));
        let url = self.database.admin_url();
        if self.is_sqlite() {
            let mut connection = SqliteConnection::connect(url).await.unwrap();
            sqlx::query(sql).fetch_one(&mut connection).await.unwrap().get(0)
        } else {
            let mut connection = PgConnection::connect(url).await.unwrap();
            sqlx::query(sql).fetch_one(&mut connection).await.unwrap().get(0)
        }
    }

    /// Every table of the database.
    pub(crate) async fn tables(&self) -> Vec<String> {
        let sql = if self.is_sqlite() {
            "select name from sqlite_schema where type = 'table' and name not like 'sqlite_%'"
        } else {
            "select relname::text from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace"
        };
        self.texts(sql.to_owned()).await
    }

    /// Everything in a table: text as it is, bytes in hex.
    pub(crate) async fn dump(&self, table: &str) -> String {
        if !self.is_sqlite() {
            return self.texts(format!("select t::text from {table} t")).await.join("\n");
        }
        let columns = self.texts(format!("select name from pragma_table_info('{table}')")).await;
        let shown: Vec<String> = columns
            .iter()
            .map(|column| {
                format!("iif(typeof({column}) = 'blob', hex({column}), coalesce({column}, ''))")
            })
            .collect();
        self.texts(format!("select {} from {table}", shown.join(" || ' ' || "))).await.join("\n")
    }

    async fn texts(&self, sql: String) -> Vec<String> {
        let url = self.database.admin_url();
        let sql = AssertSqlSafe(sql);
        if self.is_sqlite() {
            let mut connection = SqliteConnection::connect(url).await.unwrap();
            let rows = sqlx::query(sql).fetch_all(&mut connection).await.unwrap();
            rows.iter().map(|row| row.get(0)).collect()
        } else {
            let mut connection = PgConnection::connect(url).await.unwrap();
            let rows = sqlx::query(sql).fetch_all(&mut connection).await.unwrap();
            rows.iter().map(|row| row.get(0)).collect()
        }
    }

    pub(crate) fn is_sqlite(&self) -> bool {
        self.database.url().starts_with("sqlite:")
    }

    /// An id as the database's SQL writes it.
    pub(crate) fn id(&self, id: Uuid) -> String {
        if self.is_sqlite() { format!("x'{}'", id.simple()) } else { format!("'{id}'::uuid") }
    }

    /// Bytes as the database's SQL writes them.
    pub(crate) fn blob(&self, hex: &str) -> String {
        if self.is_sqlite() { format!("x'{hex}'") } else { format!("'\\x{hex}'::bytea") }
    }
}
