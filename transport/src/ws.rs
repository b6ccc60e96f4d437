//! The sockets: the multiplexed one, the original's one-topic ones, the event streams, and the tickets that open them.
//!
//! In reading order: who may come in (`door`, `origin`, `tickets`, `roster`), what is said (`message`, `dialect`,
//! `compat`, `close`), how one socket lives (`conversation`, `session` and what they use), and the description.
//! Invariant: nobody hears a frame before their sign-in, or after their socket was closed.

mod door;
mod origin;
mod roster;
mod tickets;
mod upgrade;

mod close;
mod compat;
mod dialect;
mod message;

mod ask;
mod command;
mod conversation;
mod deadlines;
mod following;
mod limits;
mod rate;
mod requests;
mod session;

mod asyncapi;
#[cfg(test)]
mod live_tests;
#[cfg(test)]
mod topic_tests;

use std::sync::Arc;

use axum::routing::{get, post};
use axum::{Extension, Router};
use domain::{AgentId, QueueId, SiteId, TicketId};

use actors::Topic;

use crate::edge::Edge;
use roster::Roster;
use tickets::WsTickets;

pub(crate) use door::Knock;
pub(crate) use following::Following;
pub(crate) use limits::KEEP_ALIVE;
pub(crate) use origin::check_origin;
pub(crate) use roster::Seat;

/// What all sockets of one program share.
#[derive(Default)]
pub(crate) struct Sockets {
    pub(crate) roster: Arc<Roster>,
    pub(crate) tickets: WsTickets,
}

/// Every route that opens a socket or a stream, and the description of what is said there.
pub(crate) fn routes() -> Router<Edge> {
    Router::new()
        .route("/api/v1/tenants/{tenant}/ws", get(upgrade::multiplexed))
        .route("/api/v1/tenants/{tenant}/ws-tickets", post(door::issue_ticket))
        .route("/api/v1/tenants/{tenant}/events", get(crate::sse::events))
        .route(
            "/ws/tenants/{tenant}/queues/{id}",
            upgrade::one_topic(|id| Topic::Queue(QueueId(id))),
        )
        .route(
            "/ws/tenants/{tenant}/tickets/{id}",
            upgrade::one_topic(|id| Topic::Ticket(TicketId(id))),
        )
        .route(
            "/ws/tenants/{tenant}/agents/{id}",
            upgrade::one_topic(|id| Topic::Agent(AgentId(id))),
        )
        .route(
            "/ws/tenants/{tenant}/displays/{id}",
            upgrade::one_topic(|id| Topic::Site(SiteId(id))),
        )
        .route("/asyncapi.json", get(asyncapi::document))
        .layer(Extension(Arc::new(Sockets::default())))
}
