//! Reading a tenant's audit log: its end, a page by filter, a stretch for verification.
//!
//! Pages go from the newest entry down by number, so entries that are added meanwhile disturb none.
//! Invariant: what a caller sends travels as a parameter; the statement is made of this file's words only.

use domain::{TenantId, Timestamp};

use super::Query;
use crate::error::StoreError;
use crate::rows::{AuditFilter, AuditHead, AuditPage, AuditRow};
use crate::sql::{Connection, Record, Value};
use crate::store::PAGE_ROWS_MAX;

pub(crate) const COLUMNS: &str = "tenant_id, seq, at, actor, action, object, outcome, address, request_id, \
before_change, after_change, prev_hash, hash";

const ROWS: Query<AuditRow> = Query { table: "audit_log", read };

pub(crate) async fn head(
    connection: &mut Connection<'_>,
    tenant: TenantId,
) -> Result<AuditHead, StoreError> {
    let sql = "select seq, hash from audit_log where tenant_id = $1 order by seq desc limit 1";
    let query = Query { table: "audit_log", read: read_head };
    Ok(query.first(connection, sql, vec![tenant.into()]).await?.unwrap_or_default())
}

pub(crate) async fn range(
    connection: &mut Connection<'_>,
    tenant: TenantId,
    after: u64,
    limit: u32,
) -> Result<Vec<AuditRow>, StoreError> {
    let sql = format!(
        "select {COLUMNS} from audit_log where tenant_id = $1 and seq > $2 order by seq limit $3"
    );
    let values = vec![tenant.into(), after.into(), u64::from(limit).into()];
    ROWS.all(connection, sqlx::AssertSqlSafe(sql), values).await
}

/// One page about to be read.
pub(crate) struct Page {
    conditions: Vec<String>,
    values: Vec<Value>,
    limit: usize,
}

impl Page {
    pub(crate) fn new(
        tenant: TenantId,
        filter: &AuditFilter,
        limit: u32,
        below: Option<u64>,
    ) -> Self {
        let limit = usize::try_from(limit.clamp(1, PAGE_ROWS_MAX)).unwrap_or(1);
        let mut page = Self { conditions: Vec::new(), values: Vec::new(), limit };
        page.only("tenant_id =", tenant);
        filter.actor.iter().for_each(|actor| page.only("actor =", actor.as_str()));
        filter.action.iter().for_each(|action| page.only("action =", action.as_str()));
        filter.object.iter().for_each(|object| page.only("object =", object.as_str()));
        filter.outcome.iter().for_each(|outcome| page.only("outcome =", outcome.as_str()));
        filter.from.into_iter().for_each(|from| page.only("at >=", from));
        filter.to.into_iter().for_each(|to| page.only("at <", to));
        below.into_iter().for_each(|below| page.only("seq <", below));
        page
    }

    fn only(&mut self, condition: &'static str, value: impl Into<Value>) {
        self.values.push(value.into());
        self.conditions.push(format!("{condition} ${}", self.values.len()));
    }

    pub(crate) async fn fetch(
        self,
        connection: &mut Connection<'_>,
    ) -> Result<AuditPage, StoreError> {
        // One row more than shown tells whether there is another page.
        let sql = format!(
            "select {COLUMNS} from audit_log where {} order by seq desc limit {}",
            self.conditions.join(" and "),
            self.limit + 1
        );
        let mut rows = ROWS.all(connection, sqlx::AssertSqlSafe(sql), self.values).await?;
        let more = rows.len() > self.limit;
        rows.truncate(self.limit);
        let next = rows.last().filter(|_| more).map(|row| row.seq);
        Ok(AuditPage { rows, next })
    }
}

fn read_head(record: &Record) -> Result<AuditHead, sqlx::Error> {
    Ok(AuditHead { seq: record.int("seq")?, hash: record.hash("hash")? })
}

fn read(record: &Record) -> Result<AuditRow, sqlx::Error> {
    Ok(AuditRow {
        tenant: record.id("tenant_id")?,
        seq: record.int("seq")?,
        at: Timestamp(record.int("at")?),
        actor: record.text("actor")?,
        action: record.text("action")?,
        object: record.text("object")?,
        outcome: record.text("outcome")?,
        address: record.text_opt("address")?,
        request_id: record.text_opt("request_id")?,
        before: record.text_opt("before_change")?,
        after: record.text_opt("after_change")?,
        prev_hash: record.hash("prev_hash")?,
        hash: record.hash("hash")?,
    })
}
