//! Who knocks: the path, the query and the credentials of a request that wants a socket or a stream.
//!
//! Credentials come in the `Authorization` header or as a single-use ticket, never as a token in the address.
//! Invariant: whoever is let in here was checked against the tenant of the path; a page of another origin never is.

use std::sync::Arc;

use axum::Json;
use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::request::Parts;
use axum::http::{Extensions, HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use tokio::time::Instant;

use super::Sockets;
use super::origin::{ForbiddenOrigin, check_origin, origin_of};
use super::roster::Stranger;
use super::tickets::{GOOD_FOR, TooManyTickets};
use crate::edge::{Caller, ClientAddress, Edge, RequestId, Trail, Witness};
use crate::extract::{bearer, refuse_query};
use crate::problem::{Code, Problem};

/// Somebody at the door.
pub(crate) struct Knock {
    pub(crate) edge: Edge,
    pub(crate) sockets: Arc<Sockets>,
    pub(crate) slug: String,
    pub(crate) address: ClientAddress,
    /// The path's id, as written.
    pub(crate) id: Option<String>,
    pub(crate) headers: HeaderMap,
    pub(crate) uri: Uri,
    extensions: Extensions,
}

impl FromRequestParts<Edge> for Knock {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, edge: &Edge) -> Result<Self, Problem> {
        let path = RawPathParams::from_request_parts(parts, edge)
            .await
            .map_err(|_| Problem::of(Code::NotFound))?;
        let named = |wanted: &str| {
            path.iter().find(|(name, _)| *name == wanted).map(|(_, value)| value.to_owned())
        };
        let sockets =
            parts.extensions.get::<Arc<Sockets>>().cloned().ok_or(Problem::of(Code::Internal))?;
        let Ok(address) = ClientAddress::from_request_parts(parts, edge).await;
        let slug = named("tenant").unwrap_or_default();
        let (headers, uri) = (parts.headers.clone(), parts.uri.clone());
        let mut extensions = Extensions::new();
        parts.extensions.get::<RequestId>().map(|id| extensions.insert(id.clone()));
        parts.extensions.get::<ClientAddress>().map(|address| extensions.insert(*address));
        parts.extensions.get::<Witness>().map(|witness| extensions.insert(witness.clone()));
        let (edge, id) = (edge.clone(), named("id"));
        let knock = Self { edge, sockets, slug, address, id, headers, uri, extensions };
        knock.refuse_tokens_in_url()?;
        knock.refuse_foreign_pages()?;
        Ok(knock)
    }
}

impl Knock {
    /// Whom the header or the ticket stands for; none when there is neither.
    ///
    /// # Errors
    /// 401 for a credential that does not stand, 404 for a tenant that is not its own, 429 when the tenant is full.
    pub(crate) fn caller(&self) -> Result<Option<Caller>, Problem> {
        let caller = if self.headers.contains_key(header::AUTHORIZATION) {
            self.edge.admit(&self.slug, bearer(&self.headers)?, &self.extensions)?
        } else if let Some(ticket) = self.parameter("ticket") {
            self.holder_of(ticket)?
        } else {
            return Ok(None);
        };
        self.sockets.roster.has_room(caller.tenant.id(), self.edge.limits().connections_max)?;
        Ok(Some(caller))
    }

    /// A place at the door for a socket that has not said who it is.
    ///
    /// # Errors
    /// 429 when too many of its address, or of all, wait there.
    pub(super) fn stranger(&self) -> Result<Stranger, Problem> {
        let max_each = self.edge.limits().strangers_per_address_max;
        self.sockets.roster.stranger(self.address, max_each)
    }

    /// A ticket for another tenant is no ticket: whoever tries one learns nothing.
    fn holder_of(&self, ticket: &str) -> Result<Caller, Problem> {
        let refused =
            || Problem::unauthenticated("the ticket was used, has ended, or is not for this page");
        let origin = origin_of(&self.headers);
        let holder =
            self.sockets.tickets.take(ticket, origin, Instant::now()).ok_or_else(refused)?;
        Witness::note(&self.extensions, &holder);
        let caller = self.edge.admit_principal(&self.slug, holder).map_err(|_| refused())?;
        Ok(caller.on(self.trail()))
    }

    /// Where the knock came from.
    pub(crate) fn trail(&self) -> Trail {
        Trail::of(&self.extensions)
    }

    /// The value of a query parameter, as written.
    pub(crate) fn parameter(&self, wanted: &str) -> Option<&str> {
        pairs(&self.uri).find(|(name, _)| *name == wanted).map(|(_, value)| value)
    }

    /// # Errors
    /// 400 for a parameter that is none of `known`, or is there twice.
    pub(crate) fn only(&self, known: &[&str]) -> Result<(), Problem> {
        for (name, _) in pairs(&self.uri) {
            if !known.contains(&name) {
                return Err(Problem::invalid_parameter(
                    "query",
                    "this address takes no such parameter",
                ));
            }
            if pairs(&self.uri).filter(|(other, _)| *other == name).count() > 1 {
                return Err(Problem::invalid_parameter(name, "give it once"));
            }
        }
        Ok(())
    }

    fn refuse_tokens_in_url(&self) -> Result<(), Problem> {
        let is_token = |(name, _): (&str, &str)| matches!(name, "token" | "access_token");
        if pairs(&self.uri).any(is_token) { Err(Problem::of(Code::TokenInUrl)) } else { Ok(()) }
    }

    fn refuse_foreign_pages(&self) -> Result<(), Problem> {
        check_origin(&self.headers, self.edge.origins().as_slice()).map_err(
            |error: ForbiddenOrigin| Problem::new(Code::InsufficientScope, error.to_string()),
        )
    }
}

/// The query's names and values, not decoded: ours are made of letters, digits, `-`, `_` and `:`.
fn pairs(uri: &Uri) -> impl Iterator<Item = (&str, &str)> {
    let pairs = uri.query().unwrap_or_default().split('&').filter(|pair| !pair.is_empty());
    pairs.map(|pair| pair.split_once('=').unwrap_or((pair, "")))
}

/// A ticket that opens one socket.
#[derive(Serialize)]
struct TicketView {
    ticket: String,
    expires_in_seconds: u64,
}

/// `POST /ws-tickets`: the holder of a token gets a ticket for a socket of the same page.
pub(super) async fn issue_ticket(knock: Knock) -> Result<Response, Problem> {
    refuse_query(&knock.uri)?;
    let caller = knock.edge.admit(&knock.slug, bearer(&knock.headers)?, &knock.extensions)?;
    let issued =
        knock.sockets.tickets.issue(caller.principal, origin_of(&knock.headers), Instant::now());
    let ticket = issued.map_err(|error: TooManyTickets| {
        Problem::new(Code::TooManyRequests, error.to_string()).retry_after(1)
    })?;
    let body = TicketView { ticket, expires_in_seconds: GOOD_FOR.as_secs() };
    Ok((StatusCode::CREATED, [(header::CACHE_CONTROL, "no-store")], Json(body)).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_is_read_as_written() {
        let uri: Uri = "/ws?ticket=a-b_c&topic=site:1&&bare".parse().unwrap();
        let read: Vec<_> = pairs(&uri).collect();
        assert_eq!(read, [("ticket", "a-b_c"), ("topic", "site:1"), ("bare", "")]);
        assert_eq!(pairs(&"/ws".parse().unwrap()).count(), 0);
    }
}
