//! From a code to its ticket, for an address that has not been wrong too often.
//!
//! A text that is no code is looked for like one, in some tenant, so that the time says nothing about its form.
//! Invariant: after twenty wrong codes within a minute an address gets no answer, not even to a right one.

use actors::{AskError, Tenant, TicketView};
use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::request::Parts;
use domain::TicketId;

use crate::auth::Named;
use crate::edge::{ClientAddress, Edge};
use crate::problem::{Code, Problem};

/// A ticket that somebody holds the link of.
pub(super) struct Linked {
    pub(super) tenant: Tenant,
    pub(super) ticket: TicketView,
}

impl FromRequestParts<Edge> for Linked {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, edge: &Edge) -> Result<Self, Problem> {
        let Ok(address) = ClientAddress::from_request_parts(parts, edge).await;
        let path = RawPathParams::from_request_parts(parts, edge).await.ok();
        let code = path.as_ref().and_then(|path| path.iter().find(|(name, _)| *name == "code"));
        let code = code.map_or("", |(_, value)| value);
        let now = edge.engine().clock().now();
        edge.wrong_links().check(address, now)?;
        match find(edge, code).await? {
            Some((tenant, ticket)) => Ok(Self { tenant, ticket }),
            None => {
                edge.wrong_links().add(address, now);
                Err(Problem::of(Code::NotFound))
            }
        }
    }
}

impl Linked {
    pub(super) fn id(&self) -> TicketId {
        TicketId(self.ticket.id)
    }
}

async fn find(edge: &Edge, code: &str) -> Result<Option<(Tenant, TicketView)>, Problem> {
    let links = edge.links()?;
    let Named { tag, ticket } = links.read(code).unwrap_or_else(|| links.nobody());
    let mut tenants = edge.engine().tenants_where(|tenant| links.tag(tenant) == tag);
    if tenants.is_empty() {
        tenants = edge.engine().tenants_where(|_| true);
        tenants.truncate(1);
    }
    for tenant in tenants {
        match tenant.ticket(ticket).await {
            Ok(found) if links.tag(tenant.id()) == tag => return Ok(Some((tenant, found))),
            Ok(_) | Err(AskError::NotFound) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(None)
}
