//! The edge as one value: the engine, the verifier of tokens, the limits and the signal that all is ending.
//!
//! Handlers hold a clone; [`Edge::router`] makes the routes from it, and `serve` runs them.
//! Invariant: nobody is admitted to a tenant other than that of their token.

mod cors;
mod front;

use std::sync::Arc;
use std::time::Duration;

use actors::{Engine, Tenant};
use axum::Router;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::auth::{AuthSettings, Principal, Verifier};
use crate::problem::{Code, Problem};
use crate::signin::{SignIn, SignInSettings};

pub(crate) use cors::Origins;
pub(crate) use front::{Front, RequestId};

/// The most of everything that one client can ask of the edge.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Bytes of one request body.
    pub body_bytes_max: usize,
    /// Time in which a request's headers must have arrived.
    pub headers_within: Duration,
    /// Time in which a request's body must have arrived.
    pub body_within: Duration,
    /// Connections at once; more wait in the listener's backlog.
    pub connections_max: usize,
    /// Rows of one page of a list.
    pub page_rows_max: u32,
    /// Bytes of one WebSocket frame from a client.
    pub frame_bytes_max: usize,
    /// Bytes that may wait for one connection before it counts as too slow.
    pub outbox_bytes_max: usize,
    /// Topics that one connection may follow.
    pub topics_max: usize,
    /// Time in which a new socket must have authenticated.
    pub authenticate_within: Duration,
    /// Time between two pings of the server on a socket.
    pub heartbeat: Duration,
    /// Time that requests in hand may take to finish once the program was asked to stop.
    pub drain: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body_bytes_max: 64 * 1024,
            headers_within: Duration::from_secs(10),
            body_within: Duration::from_secs(30),
            connections_max: 20_000,
            page_rows_max: 200,
            frame_bytes_max: 64 * 1024,
            outbox_bytes_max: 1024 * 1024,
            topics_max: 200,
            authenticate_within: Duration::from_secs(5),
            heartbeat: Duration::from_secs(20),
            drain: Duration::from_secs(10),
        }
    }
}

/// How the edge is set up.
#[derive(Debug)]
pub struct EdgeSettings {
    pub auth: AuthSettings,
    pub limits: Limits,
    /// Origins, beside the program's own, whose pages may call the API and open sockets.
    pub allowed_origins: Vec<String>,
    /// The JSON that `GET /demo/session` answers; none outside the demo.
    pub demo: Option<String>,
}

/// Everything the routes share. Cheap to clone.
#[derive(Clone)]
pub struct Edge {
    inner: Arc<Inner>,
}

struct Inner {
    engine: Engine,
    verifier: Verifier,
    limits: Limits,
    origins: Origins,
    demo: Option<String>,
    sign_in: SignIn,
    stopping: CancellationToken,
    tracker: TaskTracker,
}

/// The address that a request's connection came from; among the request's extensions.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Peer(pub(crate) std::net::IpAddr);

/// Somebody who was let in: their tenant, and what their token says.
#[derive(Clone)]
pub(crate) struct Caller {
    pub(crate) tenant: Tenant,
    pub(crate) principal: Arc<Principal>,
}

impl Edge {
    pub fn new(engine: Engine, settings: EdgeSettings) -> Self {
        Self::with_sign_in(engine, settings, SignInSettings::default())
    }

    /// The edge of a program that people sign in to from outside: at which address, and by whom e-mail is sent.
    pub fn with_sign_in(engine: Engine, settings: EdgeSettings, sign_in: SignInSettings) -> Self {
        let sign_in = SignIn::new(sign_in);
        let verifier = Verifier::new(settings.auth, engine.clock().clone())
            .and_of_server(sign_in.issuer().to_owned());
        Self {
            inner: Arc::new(Inner {
                engine,
                verifier,
                limits: settings.limits,
                origins: Origins::new(settings.allowed_origins),
                demo: settings.demo,
                sign_in,
                stopping: CancellationToken::new(),
                tracker: TaskTracker::new(),
            }),
        }
    }

    /// Every route behind the front that numbers requests, mends paths and catches panics.
    ///
    /// Trailing slashes are taken off before a route is looked for, so routes are written without them.
    pub fn router(&self) -> Router {
        Router::new().fallback_service(self.front())
    }

    pub(crate) fn front(&self) -> Front {
        Front::new(self.clone(), crate::rest::routes().with_state(self.clone()))
    }

    pub fn engine(&self) -> &Engine {
        &self.inner.engine
    }

    pub fn verifier(&self) -> &Verifier {
        &self.inner.verifier
    }

    pub fn limits(&self) -> &Limits {
        &self.inner.limits
    }

    pub(crate) fn origins(&self) -> &Origins {
        &self.inner.origins
    }

    pub(crate) fn demo(&self) -> Option<&str> {
        self.inner.demo.as_deref()
    }

    /// A one-time link that makes the first administrator; none when there is one.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn set_up_link(&self) -> Result<Option<String>, persistence::StoreError> {
        crate::signin::set_up_link(self).await
    }

    pub(crate) fn sign_in(&self) -> &SignIn {
        &self.inner.sign_in
    }

    /// Cancelled when the program begins to stop: sockets say 1012 and leave.
    pub fn stopping(&self) -> &CancellationToken {
        &self.inner.stopping
    }

    /// Owns what outlives its request: sockets, and commands whose client has gone. Waited for at the end.
    pub(crate) fn tracker(&self) -> &TaskTracker {
        &self.inner.tracker
    }

    /// Lets the holder of `token` into the tenant `slug`.
    ///
    /// # Errors
    /// 401 for a token that does not stand (any more), 404 for a tenant that is not the token's.
    pub(crate) fn admit(&self, slug: &str, token: &str) -> Result<Caller, Problem> {
        let principal = self.inner.verifier.verify(token)?;
        self.admit_principal(slug, principal)
    }

    /// The second half of [`Edge::admit`], for a principal who was verified before; cheap enough for every command.
    ///
    /// # Errors
    /// As [`Edge::admit`].
    pub(crate) fn admit_principal(
        &self,
        slug: &str,
        principal: Arc<Principal>,
    ) -> Result<Caller, Problem> {
        if principal.tenant.as_deref() != Some(slug) {
            return Err(Problem::of(Code::NotFound));
        }
        let tenant = self.inner.engine.tenant(slug).ok_or(Problem::of(Code::NotFound))?;
        self.inner.verifier.still_valid(&principal)?;
        principal.still_stands(&tenant.directory())?;
        Ok(Caller { tenant, principal })
    }
}
