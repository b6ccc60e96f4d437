//! Customers: the people a tenant knows, and what they agreed to.
//!
//! Whoever may read tickets sees that there is somebody; who it is only with `read:customer`, and then that is recorded.
//! A customer is made by joining and ended by an erasure.
//! Invariant: without `read:customer` no answer holds enough of a name, number or address to reach or find anybody.

use actors::At;
use axum::Json;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use domain::{CustomerId, Scope};
use persistence::CustomerRow;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::resource::{Page, PageQuery};
use crate::command::{etag, sound_text};
use crate::edge::{Caller, Change, Edge};
use crate::extract::{Asked, IfMatch, JsonBody, Signed, page_of};
use crate::problem::Problem;

const CHARS_MAX: usize = 120;
const READ: &[Scope] = &[Scope::ReadTicket];
const WRITE: &[Scope] = &[Scope::WriteCustomer];

pub(super) fn routes() -> OpenApiRouter<Edge> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(read, replace))
}

/// What a person agreed to. Without a yes there is no message on that channel.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
struct Consents {
    sms: bool,
    whatsapp: bool,
    email: bool,
    push: bool,
    /// No message at all, whatever was agreed to.
    opted_out: bool,
}

/// What can be changed of a customer.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct CustomerBody {
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    #[schema(example = "+221770000000")]
    phone: Option<String>,
    #[serde(default)]
    email: Option<String>,
    #[serde(default)]
    #[schema(example = "fr")]
    language: Option<String>,
    #[serde(default)]
    consents: Consents,
}

/// Somebody a tenant knows.
#[derive(Debug, Serialize, ToSchema)]
struct CustomerView {
    id: Uuid,
    /// Counts changes, from 1; also the ETag.
    version: u64,
    /// Whether name, phone and email are hidden: the caller lacks `read:customer`.
    masked: bool,
    #[schema(example = "A***")]
    name: Option<String>,
    #[schema(example = "***00")]
    phone: Option<String>,
    #[schema(example = "***@example.org")]
    email: Option<String>,
    language: Option<String>,
    consents: Consents,
    created_at: At,
    updated_at: At,
}

impl CustomerView {
    fn of(row: CustomerRow, caller: &Caller) -> Self {
        let clear = caller.principal.scopes.has(Scope::ReadCustomer);
        let person = row.person;
        let shown = |text: Option<String>, mask: fn(&str) -> String| {
            text.map(|text| if clear { text } else { mask(&text) })
        };
        Self {
            id: row.customer.0,
            version: row.version,
            masked: !clear,
            name: shown(person.name, first_letter),
            phone: shown(person.phone, last_digits),
            email: shown(person.email, domain_only),
            language: person.language,
            consents: serde_json::from_str(&person.consents).unwrap_or_default(),
            created_at: At(row.created_at),
            updated_at: At(row.updated_at),
        }
    }
}

fn first_letter(name: &str) -> String {
    name.chars().take(1).chain("***".chars()).collect()
}

/// Two of them, and none of a number so short that two would be much of it.
fn last_digits(phone: &str) -> String {
    let hidden = phone.chars().count().saturating_sub(2);
    let shown: String =
        if hidden < 6 { String::new() } else { phone.chars().skip(hidden).collect() };
    format!("***{shown}")
}

fn domain_only(email: &str) -> String {
    email.rsplit_once('@').map_or_else(|| "***".to_owned(), |(_, domain)| format!("***@{domain}"))
}

/// Lists customers by id. Masked without `read:customer`.
#[utoipa::path(get, path = "/api/v1/tenants/{tenant}/customers", tag = "customers", params(PageQuery),
    responses((status = 200, description = "One page", body = Page<CustomerView>)))]
async fn list(
    signed: Signed,
    Asked(query): Asked<PageQuery>,
) -> Result<Json<Page<CustomerView>>, Problem> {
    signed.needs(READ)?;
    let rows = page_of(query.limit, signed.edge.limits())?;
    let after = query.cursor.as_deref().map(str::parse::<CustomerId>).transpose();
    let after = after
        .map_err(|_| Problem::invalid_parameter("cursor", "give the next_cursor of a page"))?;
    let mut found = signed.caller.tenant.customers(after, rows + 1).await?;
    let more = found.len() > usize::try_from(rows).unwrap_or(1);
    found.truncate(usize::try_from(rows).unwrap_or(1));
    let next_cursor = found.last().filter(|_| more).map(|last| last.customer.to_string());
    seen(&signed, "list");
    let items = found.into_iter().map(|row| CustomerView::of(row, &signed.caller)).collect();
    Ok(Json(Page { items, next_cursor }))
}

/// Shows a customer. Masked without `read:customer`.
#[utoipa::path(get, path = "/api/v1/tenants/{tenant}/customers/{id}", tag = "customers",
    responses((status = 200, description = "As they are", body = CustomerView)))]
async fn read(signed: Signed) -> Result<Response, Problem> {
    signed.needs(READ)?;
    let row = signed.caller.tenant.customer(signed.id()?).await?;
    seen(&signed, &row.customer.to_string());
    Ok(shown(row, &signed.caller))
}

/// Replaces what is known of a customer: contact and consents.
#[utoipa::path(put, path = "/api/v1/tenants/{tenant}/customers/{id}", tag = "customers", request_body = CustomerBody,
    responses((status = 200, description = "As they are now", body = CustomerView)))]
async fn replace(
    signed: Signed,
    expected: IfMatch,
    JsonBody(body): JsonBody<CustomerBody>,
) -> Result<Response, Problem> {
    signed.needs(WRITE)?;
    let texts = [
        ("/name", &body.name),
        ("/phone", &body.phone),
        ("/email", &body.email),
        ("/language", &body.language),
    ];
    for (pointer, text) in texts {
        text.as_ref().map_or(Ok(()), |text| sound_text(pointer, text, CHARS_MAX))?;
    }
    let consents = body.consents;
    let agreed = serde_json::to_string(&consents).unwrap_or_default();
    let change = |row: &mut CustomerRow| {
        row.person.name = body.name;
        row.person.phone = body.phone;
        row.person.email = body.email;
        row.person.language = body.language;
        row.person.consents = agreed;
    };
    let row = signed.caller.tenant.change_customer(signed.id()?, expected.0, change).await?;
    let replaced = Change::of("customer", "replace", row.customer);
    signed.caller.record(&signed.edge, replaced.to(json!({ "consents": consents })));
    Ok(shown(row, &signed.caller))
}

/// Records that somebody looked at people unmasked.
fn seen(signed: &Signed, what: &str) {
    if signed.caller.principal.scopes.has(Scope::ReadCustomer) {
        signed.caller.record(&signed.edge, Change::of("customer", "read", what));
    }
}

fn shown(row: CustomerRow, caller: &Caller) -> Response {
    let tag = etag(row.version);
    ([(header::ETAG, tag)], Json(CustomerView::of(row, caller))).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mask_leaves_too_little_to_reach_anybody() {
        assert_eq!(first_letter("Awa Ndiaye"), "A***");
        assert_eq!(last_digits("+221770000011"), "***11");
        assert_eq!(last_digits("12345"), "***");
        assert_eq!(domain_only("awa@example.org"), "***@example.org");
        assert_eq!(domain_only("nonsense"), "***");
    }
}
