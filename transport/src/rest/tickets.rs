//! Tickets: issuing one, finding some, seeing one.
//!
//! Lists come from the store and show what is on disk; one ticket comes live from its queue.
//! Invariant: no answer here holds a name, a phone number or a note of a customer.

use actors::{At, TicketView};
use axum::Json;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use domain::{AgentId, Channel, QueueId, Scope, SiteId, State};
use persistence::{TicketFilter, TicketOrder, TicketRow};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::resource::Page;
use crate::command::{Answer, Command, IssueArgs, etag};
use crate::edge::Edge;
use crate::extract::{Asked, Call, Instant, Signed, page_of};
use crate::problem::Problem;

const CURSOR_BYTES_MAX: usize = 256;
/// Characters of a number that is looked for.
const NUMBER_CHARS_MAX: usize = 16;

pub(super) fn routes() -> OpenApiRouter<Edge> {
    OpenApiRouter::new().routes(routes!(list, issue)).routes(routes!(read))
}

/// Issues a ticket.
#[utoipa::path(post, path = "/api/v1/tenants/{tenant}/tickets", tag = "tickets", request_body = IssueArgs,
    responses((status = 201, description = "The ticket, with its place and the wait to come", body = IssuedTicket)))]
async fn issue(call: Call<IssueArgs>) -> Result<Answer, Problem> {
    call.give(|args| Ok(Command::Issue(Box::new(args)))).await
}

/// Shows a ticket, live or ended, with its finished legs.
#[utoipa::path(get, path = "/api/v1/tenants/{tenant}/tickets/{id}", tag = "tickets",
    responses((status = 200, description = "As it stands", body = TicketView)))]
async fn read(signed: Signed) -> Result<Response, Problem> {
    signed.needs(&[Scope::ReadTicket])?;
    let ticket = signed.caller.tenant.ticket(signed.id()?).await?;
    let tag = ticket.version.map(|version| [(header::ETAG, etag(version))]);
    Ok((tag, Json(ticket)).into_response())
}

/// Lists tickets by time of issue, as they stand on disk.
#[utoipa::path(get, path = "/api/v1/tenants/{tenant}/tickets", tag = "tickets", params(TicketQuery),
    responses((status = 200, description = "One page", body = Page<TicketSummary>)))]
async fn list(
    signed: Signed,
    Asked(query): Asked<TicketQuery>,
) -> Result<Json<Page<TicketSummary>>, Problem> {
    signed.needs(&[Scope::ReadTicket])?;
    let rows = page_of(query.limit, signed.edge.limits())?;
    let cursor = query.cursor.clone();
    if cursor.as_ref().is_some_and(|cursor| cursor.len() > CURSOR_BYTES_MAX) {
        return Err(Problem::invalid_parameter("cursor", "give the next_cursor of a page"));
    }
    let page = signed.caller.tenant.tickets(query.filter()?, rows, cursor.as_deref()).await?;
    let items = page.tickets.into_iter().map(TicketSummary::from).collect();
    Ok(Json(Page { items, next_cursor: page.next }))
}

/// A ticket just issued, with the link that its holder may follow it by.
#[derive(Debug, Serialize, ToSchema)]
struct IssuedTicket {
    #[serde(flatten)]
    ticket: TicketView,
    tracking: Tracking,
}

/// The link of a ticket. Whoever has it sees the ticket and may cancel it.
#[derive(Debug, Serialize, ToSchema)]
struct Tracking {
    #[schema(example = "3q2-7wAAAAAAAAAAAAAAAAAAAAA")]
    code: String,
    /// Below the address of this server.
    #[schema(example = "/t/3q2-7wAAAAAAAAAAAAAAAAAAAAA")]
    path: String,
}

/// Which end of the list comes first.
#[derive(Debug, Clone, Copy, Default, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Order {
    #[default]
    Newest,
    Oldest,
}

/// Which tickets, and which page of them.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct TicketQuery {
    /// States, separated by commas.
    #[param(example = "waiting,called")]
    status: Option<String>,
    queue: Option<Uuid>,
    site: Option<Uuid>,
    agent: Option<Uuid>,
    /// kiosk, staff, web, mobile, sms, whatsapp, ussd or appointment.
    #[param(value_type = Option<String>)]
    channel: Option<Channel>,
    /// Issued at or after this instant.
    from: Option<Instant>,
    /// Issued before this instant.
    to: Option<Instant>,
    /// Beginning of the number.
    q: Option<String>,
    /// newest (first) or oldest.
    #[serde(default)]
    #[param(inline)]
    order: Order,
    /// Rows, at most 200; 50 when left out.
    limit: Option<u32>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

impl TicketQuery {
    fn filter(&self) -> Result<TicketFilter, Problem> {
        Ok(TicketFilter {
            states: self.status.as_deref().map_or(Ok(Vec::new()), states)?,
            queue: self.queue.map(QueueId),
            site: self.site.map(SiteId),
            agent: self.agent.map(AgentId),
            channel: self.channel.and_then(word),
            from: self.from.map(|from| from.0),
            to: self.to.map(|to| to.0),
            text: self.q.as_deref().map(number).transpose()?.flatten(),
            order: match self.order {
                Order::Newest => TicketOrder::Newest,
                Order::Oldest => TicketOrder::Oldest,
            },
        })
    }
}

fn states(text: &str) -> Result<Vec<String>, Problem> {
    let known = |word: &str| State::ALL.iter().any(|state| state.as_str() == word);
    let words: Vec<String> = text.split(',').map(|word| word.trim().to_owned()).collect();
    match words.iter().find(|word| !known(word)) {
        Some(unknown) => Err(Problem::invalid_parameter(
            "status",
            format!("{unknown:?} is no state of a ticket"),
        )),
        None => Ok(words),
    }
}

fn number(text: &str) -> Result<Option<String>, Problem> {
    let text = text.trim();
    if text.chars().count() > NUMBER_CHARS_MAX || text.chars().any(char::is_control) {
        return Err(Problem::invalid_parameter(
            "q",
            format!("give at most {NUMBER_CHARS_MAX} characters"),
        ));
    }
    Ok((!text.is_empty()).then(|| text.to_owned()))
}

/// One ticket in a list.
#[derive(Debug, Serialize, ToSchema)]
struct TicketSummary {
    id: Uuid,
    #[schema(example = "A042")]
    number: String,
    #[schema(example = "served")]
    state: String,
    class: String,
    queue_id: Uuid,
    service_id: Uuid,
    site_id: Uuid,
    customer_id: Option<Uuid>,
    agent_id: Option<Uuid>,
    counter_id: Option<Uuid>,
    channel: String,
    language: Option<String>,
    leg: u16,
    calls: u16,
    requeues: u16,
    outcome: Option<String>,
    issued_at: At,
    arrived_at: Option<At>,
    first_called_at: Option<At>,
    last_called_at: Option<At>,
    started_at: Option<At>,
    ended_at: Option<At>,
    held_seconds: u32,
    tags: Vec<String>,
}

impl From<TicketRow> for TicketSummary {
    fn from(row: TicketRow) -> Self {
        Self {
            id: row.ticket.0,
            number: row.number,
            state: row.state.into_owned(),
            class: row.class.to_string(),
            queue_id: row.queue.0,
            service_id: row.service.0,
            site_id: row.site.0,
            customer_id: row.customer.map(|customer| customer.0),
            agent_id: row.agent.map(|agent| agent.0),
            counter_id: row.counter.map(|counter| counter.0),
            channel: row.channel.into_owned(),
            language: row.language.map(|language| language.to_string()),
            leg: row.leg,
            calls: row.calls,
            requeues: row.requeues,
            outcome: row.outcome.map(std::borrow::Cow::into_owned),
            issued_at: At(row.issued_at),
            arrived_at: row.arrived_at.map(At),
            first_called_at: row.first_called_at.map(At),
            last_called_at: row.last_called_at.map(At),
            started_at: row.started_at.map(At),
            ended_at: row.ended_at.map(At),
            held_seconds: row.held.0,
            tags: serde_json::from_str(&row.tags).unwrap_or_default(),
        }
    }
}

/// The word of the API for a channel.
fn word(channel: Channel) -> Option<String> {
    serde_json::to_value(channel).ok()?.as_str().map(str::to_owned)
}
