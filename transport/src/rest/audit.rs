//! The audit log of a tenant: by page, and as a whole for a spreadsheet.
//!
//! Newest first. What is exported is streamed page by page, so its size costs no memory; the export is itself recorded.
//! Invariant: no cell of an export begins a formula, and no entry is more than one record.

use std::convert::Infallible;
use std::sync::Arc;

use actors::At;
use axum::Json;
use axum::body::{Body, Bytes};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use domain::{Scope, TenantId};
use futures_util::stream::unfold;
use persistence::{AuditFilter, AuditRow, PAGE_ROWS_MAX, Store};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::resource::Page;
use crate::edge::{Change, Edge};
use crate::extract::{Asked, Instant, Signed, page_of};
use crate::problem::{Code, Problem};

const READ: &[Scope] = &[Scope::ManageSettings];
const HEAD: &str =
    "seq,at,actor,action,object,outcome,address,request_id,before,after,prev_hash,hash\r\n";

pub(super) fn routes() -> OpenApiRouter<Edge> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(export))
}

/// Which entries, and which page of them.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct AuditQuery {
    /// Who did it, exactly as an entry says.
    #[param(example = "agent:01890a5d-ac96-774b-bcce-b302099a8057")]
    actor: Option<String>,
    /// What was done.
    #[param(example = "queue.pause")]
    action: Option<String>,
    /// To what.
    #[param(example = "queue:01890a5d-ac96-774b-bcce-b302099a8057")]
    object: Option<String>,
    /// ok, denied or failed.
    #[param(inline)]
    outcome: Option<Outcome>,
    /// At or after this instant.
    from: Option<Instant>,
    /// Before this instant.
    to: Option<Instant>,
    /// Rows, at most 200; 50 when left out.
    limit: Option<u32>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// Which entries to export.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ExportQuery {
    /// csv.
    #[serde(default)]
    #[param(inline)]
    format: Format,
    /// Who did it, exactly as an entry says.
    actor: Option<String>,
    /// What was done.
    action: Option<String>,
    /// To what.
    object: Option<String>,
    /// ok, denied or failed.
    #[param(inline)]
    outcome: Option<Outcome>,
    /// At or after this instant.
    from: Option<Instant>,
    /// Before this instant.
    to: Option<Instant>,
}

#[derive(Debug, Clone, Copy, Default, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Format {
    #[default]
    Csv,
}

#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Outcome {
    Ok,
    Denied,
    Failed,
}

impl Outcome {
    fn text(self) -> String {
        match self {
            Self::Ok => "ok",
            Self::Denied => "denied",
            Self::Failed => "failed",
        }
        .to_owned()
    }
}

/// One thing that somebody did, or was refused.
#[derive(Debug, Serialize, ToSchema)]
struct AuditView {
    /// Counts the tenant's entries, from 1 and without gaps.
    seq: u64,
    at: At,
    #[schema(example = "subject:role:admin")]
    actor: String,
    #[schema(example = "queue.pause")]
    action: String,
    object: String,
    /// ok, denied or failed.
    #[schema(example = "ok")]
    outcome: String,
    /// Where the client's connection came from.
    address: Option<String>,
    request_id: Option<String>,
    /// The members that changed, as they were; personal data is `***`.
    #[schema(value_type = Option<Object>)]
    before: Option<Value>,
    /// The members that changed, as they are now.
    #[schema(value_type = Option<Object>)]
    after: Option<Value>,
    /// Hash of the entry before, in hexadecimal digits.
    prev_hash: String,
    hash: String,
}

impl From<AuditRow> for AuditView {
    fn from(row: AuditRow) -> Self {
        let side = |text: Option<String>| text.and_then(|text| serde_json::from_str(&text).ok());
        Self {
            seq: row.seq,
            at: At(row.at),
            actor: row.actor,
            action: row.action,
            object: row.object,
            outcome: row.outcome,
            address: row.address,
            request_id: row.request_id,
            before: side(row.before),
            after: side(row.after),
            prev_hash: hex(&row.prev_hash),
            hash: hex(&row.hash),
        }
    }
}

/// Lists the audit log, newest first.
#[utoipa::path(get, path = "/api/v1/tenants/{tenant}/audit", tag = "audit", params(AuditQuery),
    responses((status = 200, description = "One page", body = Page<AuditView>)))]
async fn list(
    signed: Signed,
    Asked(query): Asked<AuditQuery>,
) -> Result<Json<Page<AuditView>>, Problem> {
    signed.needs(READ)?;
    let rows = page_of(query.limit, signed.edge.limits())?;
    let below = query.cursor.as_deref().map(str::parse::<u64>).transpose();
    let below = below
        .map_err(|_| Problem::invalid_parameter("cursor", "give the next_cursor of a page"))?;
    let filter = AuditFilter {
        actor: query.actor,
        action: query.action,
        object: query.object,
        outcome: query.outcome.map(Outcome::text),
        from: query.from.map(|from| from.0),
        to: query.to.map(|to| to.0),
    };
    sound(&filter)?;
    let tenant = signed.caller.tenant.id();
    let page = signed.edge.engine().store().audit_page(tenant, &filter, rows, below).await;
    let page = page.map_err(|error| unread(&error))?;
    let items = page.rows.into_iter().map(AuditView::from).collect();
    Ok(Json(Page { items, next_cursor: page.next.map(|next| next.to_string()) }))
}

/// Exports the audit log as CSV, newest first.
///
/// RFC 4180, UTF-8. A cell that a spreadsheet would take for a formula begins with an apostrophe.
#[utoipa::path(get, path = "/api/v1/tenants/{tenant}/audit/export", tag = "audit", params(ExportQuery),
    responses((status = 200, description = "One record for each entry, below a line of names", body = String, content_type = "text/csv")))]
async fn export(signed: Signed, Asked(query): Asked<ExportQuery>) -> Result<Response, Problem> {
    signed.needs(READ)?;
    let Format::Csv = query.format;
    let filter = AuditFilter {
        actor: query.actor,
        action: query.action,
        object: query.object,
        outcome: query.outcome.map(Outcome::text),
        from: query.from.map(|from| from.0),
        to: query.to.map(|to| to.0),
    };
    sound(&filter)?;
    let tenant = signed.caller.tenant.id();
    let exported = Change::of("audit", "export", tenant).to(json!({ "format": "csv" }));
    signed.caller.record(&signed.edge, exported);
    let store = Arc::clone(signed.edge.engine().store());
    let export = Export { store, tenant, filter, below: None, is_over: false };
    let head = futures_util::stream::once(async {
        Ok::<_, Infallible>(Bytes::from_static(HEAD.as_bytes()))
    });
    let rest =
        unfold(export, async |mut export| export.next().await.map(|bytes| (Ok(bytes), export)));
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"audit.csv\""),
    ];
    let body = Body::from_stream(futures_util::StreamExt::chain(head, rest));
    Ok((headers, body).into_response())
}

/// Texts of ours are short; PostgreSQL takes no NUL.
fn sound(filter: &AuditFilter) -> Result<(), Problem> {
    const CHARS_MAX: usize = 256;
    let named = [("actor", &filter.actor), ("action", &filter.action), ("object", &filter.object)];
    for (name, text) in named {
        let bad = |text: &String| text.chars().count() > CHARS_MAX || text.contains('\0');
        if text.as_ref().is_some_and(bad) {
            return Err(Problem::invalid_parameter(name, "give at most 256 characters, none NUL"));
        }
    }
    Ok(())
}

fn unread(error: &persistence::StoreError) -> Problem {
    tracing::error!(%error, "the audit log could not be read");
    Problem::of(Code::OutcomeUnknown).retry_after(1)
}

/// An export on its way.
struct Export {
    store: Arc<dyn Store>,
    tenant: TenantId,
    filter: AuditFilter,
    below: Option<u64>,
    is_over: bool,
}

impl Export {
    /// The next page as text; none after the last. A page that cannot be read ends the export with a record that says so.
    async fn next(&mut self) -> Option<Bytes> {
        if self.is_over {
            return None;
        }
        let page =
            self.store.audit_page(self.tenant, &self.filter, PAGE_ROWS_MAX, self.below).await;
        let Ok(page) = page.map_err(|error| unread(&error)) else {
            self.is_over = true;
            return Some(Bytes::from_static(b"INCOMPLETE\r\n"));
        };
        self.below = page.next;
        self.is_over = page.next.is_none();
        Some(Bytes::from(page.rows.iter().map(record).collect::<String>()))
    }
}

fn record(row: &AuditRow) -> String {
    let cells = [
        row.seq.to_string(),
        row.at.to_string(),
        cell(&row.actor),
        cell(&row.action),
        cell(&row.object),
        cell(&row.outcome),
        cell(row.address.as_deref().unwrap_or_default()),
        cell(row.request_id.as_deref().unwrap_or_default()),
        cell(row.before.as_deref().unwrap_or_default()),
        cell(row.after.as_deref().unwrap_or_default()),
        hex(&row.prev_hash),
        hex(&row.hash),
    ];
    cells.join(",") + "\r\n"
}

/// A text as RFC 4180 has it; an apostrophe before what would begin a formula.
fn cell(text: &str) -> String {
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']);
    let text = if formula { format!("'{text}") } else { text.to_owned() };
    if text.contains(['"', ',', '\r', '\n']) {
        return format!("\"{}\"", text.replace('"', "\"\""));
    }
    text
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_begins_a_formula_and_quotes_are_doubled() {
        for formula in ["=1+1", "+1", "-1", "@a", "\t=1", "\r=1"] {
            assert!(cell(formula).trim_start_matches('"').starts_with('\''), "{formula:?}");
        }
        assert_eq!(cell("queue.open"), "queue.open");
        assert_eq!(cell(r#"{"a":"b,c"}"#), r#""{""a"":""b,c""}""#);
        assert_eq!(cell("=cmd|'/c calc'!A1,\"x\""), "\"'=cmd|'/c calc'!A1,\"\"x\"\"\"");
    }
}
