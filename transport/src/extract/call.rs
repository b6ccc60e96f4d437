//! A command as it arrives over REST: who, what, and under which key.
//!
//! Judged in this order: the token, the tenant, the scope, the key, the body. So a stranger learns nothing of bodies.
//! Invariant: a command without one sound idempotency key is never carried out.

use std::str::FromStr;

use axum::extract::{FromRequest, FromRequestParts as _, MatchedPath, Request};
use axum::http::header;
use axum::http::request::Parts;

use super::body::{check_media_type, parse_json, read};
use super::headers::{IfMatch, idempotency_key};
use super::signed::{Signed, refuse_query};
use crate::command::{Answer, Args, Command, run};
use crate::edge::{Edge, RequestId};
use crate::idempotency::{Origin, fingerprint};
use crate::problem::Problem;

/// A command about to be given.
pub(crate) struct Call<A> {
    pub(crate) signed: Signed,
    pub(crate) args: A,
    pub(crate) origin: Origin,
    /// Looked at by commands to a ticket.
    pub(crate) expected: IfMatch,
}

impl<A: Args> FromRequest<Edge> for Call<A> {
    type Rejection = Problem;

    async fn from_request(request: Request, edge: &Edge) -> Result<Self, Problem> {
        let (mut parts, body) = request.into_parts();
        let signed = Signed::from_request_parts(&mut parts, edge).await?;
        signed.needs(A::SCOPES)?;
        refuse_query(&parts.uri)?;
        let key = idempotency_key(&parts.headers)?.to_owned();
        let expected = IfMatch::of(&parts.headers)?;
        let raw = read(body, edge.limits().body_bytes_max, edge.limits().body_within).await?;
        check_media_type(&parts.headers, &raw)?;
        let args = parse_json(&raw)?;
        Ok(Self { signed, args, origin: origin(&parts, key, expected, &raw), expected })
    }
}

impl<A: Args> Call<A> {
    /// # Errors
    /// 404 when the path's id is none.
    pub(crate) fn id<T: FromStr>(&self) -> Result<T, Problem> {
        self.signed.id()
    }

    /// Gives the command that `make` makes of the body, in the caller's name.
    ///
    /// # Errors
    /// Those of `make`, and those of [`run`].
    pub(crate) async fn give(
        self,
        make: impl FnOnce(A) -> Result<Command, Problem>,
    ) -> Result<Answer, Problem> {
        let command = make(self.args)?;
        run(&self.signed.edge, self.signed.caller, self.origin, command).await
    }
}

fn origin(parts: &Parts, key: String, expected: IfMatch, raw: &[u8]) -> Origin {
    let route = parts.extensions.get::<MatchedPath>().map_or("", MatchedPath::as_str);
    let media_type = parts.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let path = parts.uri.path();
    Origin {
        template: format!("{} {route}", parts.method),
        path: path.to_owned(),
        key,
        fingerprint: fingerprint(media_type.unwrap_or_default(), path, expected.0, raw),
        trace: parts.extensions.get::<RequestId>().map_or("", RequestId::as_str).to_owned(),
    }
}
