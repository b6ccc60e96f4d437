//! The edge as one value: the engine, the verifier of tokens, the limits and the signal that all is ending.
//!
//! Handlers hold a clone; [`Edge::router`] makes the routes from it, and `serve` runs them.
//! Invariant: nobody is admitted to a tenant other than that of their token.

mod address;
mod cors;
mod ended;
mod front;
mod misses;
mod pairings;
mod planning;
mod proxies;
mod rates;
mod secure;
mod settings;
mod soundness;
mod trail;

use std::sync::{Arc, OnceLock};

use actors::{Engine, Tenant};
use axum::Router;
use axum::http::Extensions;
use axum::middleware::map_response;
use sha2::{Digest as _, Sha256};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::auth::{API_KEY, Principal, TicketLinks, Verifier};
use crate::external::Outside;
use crate::metrics::{Metrics, mark};
use crate::outgoing::{Guard, GuardError};
use crate::problem::{Code, Problem};
use crate::signin::{SignIn, SignInSettings};

pub(crate) use address::{Arrival, ClientAddress};
pub(crate) use cors::Origins;
pub use ended::recall_ended;
pub(crate) use front::{Front, RequestId};
pub(crate) use misses::Misses;
pub(crate) use pairings::{Claimed, GOOD_FOR as PAIRING_GOOD_FOR, Grant, Offered, Pairings};
use planning::Planning;
pub use proxies::{ForwardedBy, Proxies};
pub use rates::RateLimits;
use rates::Rates;
use secure::StaySecure;
pub use settings::{EdgeSettings, Limits, Web};
pub(crate) use trail::{Change, Trail, Witness};

/// Codes of ticket links that one address may get wrong.
const WRONG_LINKS_PER_MINUTE: u32 = 20;

/// Codes of pages that one address may get wrong when it pairs devices.
const WRONG_CODES_PER_MINUTE: u32 = 20;
/// Credentials of devices that one address may get wrong.
const WRONG_CREDENTIALS_PER_MINUTE: u32 = 20;
/// Pages of one address that may ask for a code.
const NEW_PAGES_PER_MINUTE: u32 = 20;

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
    links: Option<TicketLinks>,
    wrong_links: Misses,
    wrong_codes: Misses,
    wrong_credentials: Misses,
    new_pages: Misses,
    pairings: Pairings,
    sign_in: SignIn,
    stay_secure: StaySecure,
    web: Web,
    rates: Rates,
    guard: OnceLock<Guard>,
    planning: Planning,
    outside: Outside,
    metrics: Metrics,
    stopping: CancellationToken,
    tracker: TaskTracker,
}

/// Somebody who was let in: their tenant, and what their token says.
#[derive(Clone)]
pub(crate) struct Caller {
    pub(crate) tenant: Tenant,
    pub(crate) principal: Arc<Principal>,
    /// Where the request or the socket came from.
    pub(crate) trail: Trail,
}

impl Caller {
    pub(crate) fn on(self, trail: Trail) -> Self {
        Self { trail, ..self }
    }

    /// Records what this caller did.
    pub(crate) fn record(&self, edge: &Edge, change: Change) {
        edge.record(self.tenant.id(), &self.principal.who, &self.trail, change);
    }
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
                rates: Rates::new(settings.limits.rates),
                limits: settings.limits,
                origins: Origins::new(settings.allowed_origins),
                demo: settings.demo,
                links: TicketLinks::new(&settings.master_key),
                wrong_links: Misses::new(WRONG_LINKS_PER_MINUTE),
                wrong_codes: Misses::new(WRONG_CODES_PER_MINUTE),
                wrong_credentials: Misses::new(WRONG_CREDENTIALS_PER_MINUTE),
                new_pages: Misses::new(NEW_PAGES_PER_MINUTE),
                pairings: Pairings::default(),
                sign_in,
                stay_secure: StaySecure::as_told(&settings.web),
                web: settings.web,
                guard: OnceLock::new(),
                planning: Planning::default(),
                outside: Outside::default(),
                metrics: Metrics::new(),
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
        let routes = crate::rest::routes().layer(map_response(mark));
        Front::new(self.clone(), routes.with_state(self.clone()))
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

    /// The client for addresses that tenants choose. Made at its first use: few programs call anybody.
    ///
    /// # Errors
    /// When the machine has no TLS.
    pub fn guard(&self) -> Result<&Guard, GuardError> {
        if let Some(made) = self.inner.guard.get() {
            return Ok(made);
        }
        let made = Guard::new(self.web().allowed_networks.clone())?;
        Ok(self.inner.guard.get_or_init(|| made))
    }

    /// What is known of outside identity providers.
    pub(crate) fn outside(&self) -> &Outside {
        &self.inner.outside
    }

    pub(crate) fn metrics(&self) -> &Metrics {
        &self.inner.metrics
    }

    fn web(&self) -> &Web {
        &self.inner.web
    }

    fn stay_secure(&self) -> &StaySecure {
        &self.inner.stay_secure
    }

    fn rates(&self) -> &Rates {
        &self.inner.rates
    }

    pub(crate) fn demo(&self) -> Option<&str> {
        self.inner.demo.as_deref()
    }

    /// # Errors
    /// 500 when the machine's cryptography does not work.
    pub(crate) fn links(&self) -> Result<&TicketLinks, Problem> {
        self.inner.links.as_ref().ok_or(Problem::of(Code::Internal))
    }

    /// Who guesses at ticket links.
    pub(crate) fn wrong_links(&self) -> &Misses {
        &self.inner.wrong_links
    }

    /// Pages that ask to be let in as devices.
    pub(crate) fn pairings(&self) -> &Pairings {
        &self.inner.pairings
    }

    /// Who enters codes that no page shows.
    pub(crate) fn wrong_codes(&self) -> &Misses {
        &self.inner.wrong_codes
    }

    /// Who guesses at credentials of devices.
    pub(crate) fn wrong_credentials(&self) -> &Misses {
        &self.inner.wrong_credentials
    }

    /// How many pages each address lets ask for a code.
    pub(crate) fn new_pages(&self) -> &Misses {
        &self.inner.new_pages
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

    /// Lets the holder of `token` into the tenant `slug`, and notes whose request it is.
    ///
    /// # Errors
    /// 401 for a token that does not stand (any more), 404 for a tenant that is not the token's, 429 for a caller who
    /// asks too often.
    pub(crate) fn admit(
        &self,
        slug: &str,
        token: &str,
        extensions: &Extensions,
    ) -> Result<Caller, Problem> {
        let principal = match token.strip_prefix(API_KEY) {
            Some(rest) => self.holder_of_key(rest, token)?,
            None => self.inner.verifier.verify(token)?,
        };
        Witness::note(extensions, &principal);
        self.rates().called(&principal, tokio::time::Instant::now())?;
        Ok(self.admit_principal(slug, principal)?.on(Trail::of(extensions)))
    }

    /// A key names its tenant, so that it is looked for among that tenant's keys alone.
    fn holder_of_key(&self, rest: &str, key: &str) -> Result<Arc<Principal>, Problem> {
        let unknown =
            || Problem::unauthenticated("the API key is unknown, was revoked or has expired");
        let (slug, _) = rest.split_once('_').ok_or_else(unknown)?;
        let tenant = self.inner.engine.tenant(slug).ok_or_else(unknown)?;
        let hash: [u8; 32] = Sha256::digest(key.as_bytes()).into();
        let found = tenant.open_api_key(&hash).ok_or_else(unknown)?;
        Ok(Arc::new(Principal::of_key(slug, &found)))
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
        principal.is_not_revoked(&tenant)?;
        if let Some(device) = principal.device {
            tenant.device_heard(device);
        }
        Ok(Caller { tenant, principal, trail: Trail::default() })
    }
}
