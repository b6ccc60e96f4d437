//! The answer to a command: a status and a body, with the headers that follow from them.
//!
//! A replay is told apart by `Idempotency-Replayed` alone; the bytes are those of the first answer.
//! Invariant: a body of status 400 or above is a problem.

use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::TenantId;
use serde::Deserialize;
use serde::Serialize;

use crate::auth::TicketLinks;
use crate::problem::PROBLEM_JSON;

const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// Where the id stands in a ticket's body: `{"id":"…` comes first.
const ID: std::ops::Range<usize> = 7..43;

/// What a command is answered with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// JSON, or nothing.
    pub(crate) body: String,
    pub(crate) is_replay: bool,
    /// Path of what was made.
    location: Option<String>,
    version: Option<u64>,
}

/// What the headers of a replay are made from.
#[derive(Deserialize)]
struct Made {
    id: uuid::Uuid,
    #[serde(default)]
    version: Option<u64>,
}

impl Answer {
    pub(crate) const fn new(status: u16, body: String) -> Self {
        Self { status, body, is_replay: false, location: None, version: None }
    }

    pub(crate) fn json(status: u16, body: &impl Serialize) -> Self {
        Self::new(status, serde_json::to_string(body).unwrap_or_default())
    }

    /// The first answer to a request to `path`, once more.
    pub(crate) fn again(status: u16, body: String, path: &str) -> Self {
        let made = (status == 201).then(|| serde_json::from_str::<Made>(&body).ok()).flatten();
        let location = made.as_ref().map(|made| format!("{path}/{}", made.id));
        let version = made.and_then(|made| made.version);
        Self { status, body, is_replay: true, location, version }
    }

    /// A ticket's body, with the link to it as its last member.
    ///
    /// The link is reckoned each time and kept nowhere: what lies under the key is the body without it.
    #[must_use]
    pub(crate) fn tracked(mut self, links: &TicketLinks, tenant: TenantId) -> Self {
        let id = self.body.get(ID).and_then(|id| id.parse().ok()).filter(|_| self.status == 201);
        if let Some(ticket) = id
            && self.body.pop() == Some('}')
        {
            let code = links.code(tenant, ticket);
            self.body.push_str(r#","tracking":{"code":""#);
            self.body.push_str(&code);
            self.body.push_str(r#"","path":"/t/"#);
            self.body.push_str(&code);
            self.body.push_str(r#""}}"#);
        }
        self
    }

    /// One more member at the end of the body, which is not kept under the key. `value` needs no escaping.
    #[must_use]
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        if self.status < 400 && self.body.pop() == Some('}') {
            self.body.push_str(&format!(r#","{name}":"{value}"}}"#));
        }
        self
    }

    #[must_use]
    pub(crate) fn at(self, location: String) -> Self {
        Self { location: Some(location), ..self }
    }

    #[must_use]
    pub(crate) fn versioned(self, version: u64) -> Self {
        Self { version: Some(version), ..self }
    }
}

pub(crate) fn etag(version: u64) -> HeaderValue {
    HeaderValue::try_from(format!("\"{version}\"")).unwrap_or(HeaderValue::from_static("\"0\""))
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        let mut response = Response::new(Body::from(self.body));
        *response.status_mut() =
            StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let headers = response.headers_mut();
        match self.status {
            204 => {}
            400.. => drop(headers.insert(header::CONTENT_TYPE, PROBLEM_JSON)),
            _ => drop(
                headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json")),
            ),
        }
        if self.is_replay {
            headers.insert(REPLAYED, HeaderValue::from_static("true"));
        }
        let location = self.location.and_then(|path| HeaderValue::try_from(path).ok());
        headers.extend(location.map(|path| (header::LOCATION, path)));
        headers.extend(self.version.map(|version| (header::ETAG, etag(version))));
        response
    }
}
