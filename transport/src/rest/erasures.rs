//! Erasures: everything personal of somebody goes, and a receipt stays.
//!
//! A person is named by one of four things; none of them is kept. Tickets, legs and the journal stay, with ids only.
//! Invariant: a receipt says when and how much, and not of whom.

use actors::{At, Sought};
use axum::Json;
use domain::{CustomerId, Scope, TicketId};
use persistence::ErasureRow;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::resource::{Page, PageQuery};
use crate::command::{Answer, Args};
use crate::edge::{Change, Edge};
use crate::extract::{Asked, Call, Signed, page_of};
use crate::finish::Finish;
use crate::idempotency::{Deed, once};
use crate::problem::Problem;

const SCOPES: &[Scope] = &[Scope::ManageSettings];

pub(super) fn routes() -> OpenApiRouter<Edge> {
    OpenApiRouter::new().routes(routes!(list, erase)).routes(routes!(read))
}

/// Who is to be erased: exactly one of the four.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ErasureBody {
    #[serde(default)]
    customer_id: Option<Uuid>,
    /// Whoever holds this ticket; without a customer, what is private about the ticket alone.
    #[serde(default)]
    ticket_id: Option<Uuid>,
    /// As it was given when the person joined.
    #[serde(default)]
    #[schema(example = "+221770000000")]
    phone: Option<String>,
    /// As it was given when the person joined.
    #[serde(default)]
    email: Option<String>,
}

impl Args for ErasureBody {
    const SCOPES: &'static [Scope] = SCOPES;
}

impl ErasureBody {
    fn sought(self) -> Result<Sought, Problem> {
        match (self.customer_id, self.ticket_id, self.phone, self.email) {
            (Some(id), None, None, None) => Ok(Sought::Customer(CustomerId(id))),
            (None, Some(id), None, None) => Ok(Sought::Ticket(TicketId(id))),
            (None, None, Some(phone), None) => Ok(Sought::Phone(phone)),
            (None, None, None, Some(email)) => Ok(Sought::Email(email)),
            _ => {
                let remedy = "give exactly one of customer_id, ticket_id, phone and email";
                Err(Problem::invalid("", remedy))
            }
        }
    }
}

/// What was erased.
#[derive(Debug, Serialize, ToSchema)]
struct ErasureView {
    id: Uuid,
    at: At,
    /// The customer's id, which names nobody any more; null when a ticket without a customer was erased.
    customer_id: Option<Uuid>,
    /// Tickets whose private data went.
    tickets: u64,
    /// SHA-256 of the erasure's line in the list that is kept outside the database, in hexadecimal digits.
    #[schema(example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")]
    hash: String,
}

impl From<ErasureRow> for ErasureView {
    fn from(row: ErasureRow) -> Self {
        Self {
            id: row.erasure,
            at: At(row.at),
            customer_id: row.customer.map(|customer| customer.0),
            tickets: row.tickets,
            hash: row.hash.iter().map(|byte| format!("{byte:02x}")).collect(),
        }
    }
}

/// Erases everything personal of somebody, at once and for good; the figures stay.
#[utoipa::path(post, path = "/api/v1/tenants/{tenant}/erasures", tag = "privacy", request_body = ErasureBody,
    responses((status = 201, description = "The receipt", body = ErasureView)))]
async fn erase(call: Call<ErasureBody>) -> Result<Answer, Problem> {
    let Call { signed, args, origin, .. } = call;
    let (edge, caller, sought) = (signed.edge, signed.caller, args.sought()?);
    let tracker = edge.tracker().clone();
    Finish::new(&tracker, async move {
        once(&caller, &origin, async |_| {
            let receipt = ErasureView::from(caller.tenant.erase(sought).await?);
            let created = Change::of("erasure", "create", receipt.id);
            caller.record(&edge, created.to(json!({ "tickets": receipt.tickets })));
            let location = format!("{}/{}", origin.path, receipt.id);
            Ok(Deed::Unkept(Answer::json(201, &receipt).at(location)))
        })
        .await
    })
    .await
}

/// Lists receipts, newest first.
#[utoipa::path(get, path = "/api/v1/tenants/{tenant}/erasures", tag = "privacy", params(PageQuery),
    responses((status = 200, description = "One page", body = Page<ErasureView>)))]
async fn list(
    signed: Signed,
    Asked(query): Asked<PageQuery>,
) -> Result<Json<Page<ErasureView>>, Problem> {
    signed.needs(SCOPES)?;
    let rows = page_of(query.limit, signed.edge.limits())?;
    let before = query.cursor.as_deref().map(str::parse).transpose();
    let before = before
        .map_err(|_| Problem::invalid_parameter("cursor", "give the next_cursor of a page"))?;
    let mut found = signed.caller.tenant.erasures(before, rows + 1).await?;
    let more = found.len() > usize::try_from(rows).unwrap_or(1);
    found.truncate(usize::try_from(rows).unwrap_or(1));
    let next_cursor = found.last().filter(|_| more).map(|last| last.erasure.to_string());
    Ok(Json(Page { items: found.into_iter().map(ErasureView::from).collect(), next_cursor }))
}

/// Shows a receipt.
#[utoipa::path(get, path = "/api/v1/tenants/{tenant}/erasures/{id}", tag = "privacy",
    responses((status = 200, description = "The receipt", body = ErasureView)))]
async fn read(signed: Signed) -> Result<Json<ErasureView>, Problem> {
    signed.needs(SCOPES)?;
    Ok(Json(signed.caller.tenant.erasure(signed.id()?).await?.into()))
}
