//! How often one address, or one caller, may ask: a steady rate with a burst of one minute's worth.
//!
//! The kinds of request that guess or cost are bounded by default; the rest only if the operator says so, because a
//! branch is hundreds of people behind one address. Memory is bounded: when the table is full of addresses that are
//! all in use, newcomers share one place.
//! Invariant: a request that was refused is not counted, so nobody is kept out by knocking.

use std::hash::{BuildHasher as _, RandomState};
use std::net::IpAddr;
use std::sync::Mutex;
use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use axum::http::{Method, header::AUTHORIZATION};
use dashmap::DashMap;
use tokio::time::Instant;

use super::address::ClientAddress;
use crate::auth::Principal;
use crate::problem::{Code, Problem};

/// Places in the table; one takes about 64 bytes.
const PLACES_MAX: usize = 65_536;
/// How far ahead of the steady rate somebody may run: what one minute allows, at once.
const BURST: Duration = Duration::from_secs(60);
/// Between two looks for places that are free again.
const SWEEP_GAP: Duration = Duration::from_secs(1);

/// Requests a minute; 0 is without bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateLimits {
    /// Of sign-in and what belongs to it, for each address.
    pub sign_in_per_minute: u32,
    /// Of joining, ticket links and pairing, for each address.
    pub public_per_minute: u32,
    /// Of everything else without a token, for each address.
    pub anonymous_per_minute: u32,
    /// Of everything with a token, for each caller.
    pub caller_per_minute: u32,
}

impl Default for RateLimits {
    fn default() -> Self {
        Self {
            sign_in_per_minute: 120,
            public_per_minute: 600,
            anonymous_per_minute: 0,
            caller_per_minute: 0,
        }
    }
}

/// Which of the limits a request falls under.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Kind {
    SignIn,
    Public,
    Anonymous,
    Caller,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Who {
    Address(IpAddr),
    Caller(u64),
    /// Everybody for whom there was no place.
    Rest,
}

/// How far each has run ahead.
pub(crate) struct Rates {
    limits: RateLimits,
    places_max: usize,
    /// When everything taken so far would have happened at the steady rate.
    paid_until: DashMap<(Kind, Who), Instant>,
    swept_at: Mutex<Option<Instant>>,
    callers: RandomState,
}

impl Rates {
    pub(crate) fn new(limits: RateLimits) -> Self {
        Self::with_places(limits, PLACES_MAX)
    }

    fn with_places(limits: RateLimits, places_max: usize) -> Self {
        let (paid_until, callers) = (DashMap::new(), RandomState::new());
        Self { limits, places_max, paid_until, swept_at: Mutex::new(None), callers }
    }

    /// Counts a request that came from `address`.
    ///
    /// # Errors
    /// 429 when it is one too many.
    pub(crate) fn arrived(&self, request: &Request<Body>, now: Instant) -> Result<(), Problem> {
        let address = request.extensions().get::<ClientAddress>();
        let (Some(address), Some(kind)) = (address, kind_of(request)) else { return Ok(()) };
        self.take(kind, Who::Address(address.household().0), now)
    }

    /// Counts a request of somebody who was let in.
    ///
    /// # Errors
    /// 429 when it is one too many.
    pub(crate) fn called(&self, principal: &Principal, now: Instant) -> Result<(), Problem> {
        if self.limits.caller_per_minute == 0 {
            return Ok(());
        }
        let caller = self.callers.hash_one((&principal.tenant, &principal.who));
        self.take(Kind::Caller, Who::Caller(caller), now)
    }

    fn take(&self, kind: Kind, who: Who, now: Instant) -> Result<(), Problem> {
        let Some(gap) = self.gap(kind) else { return Ok(()) };
        let mut paid = self.paid_until.entry((kind, self.place(kind, who, now))).or_insert(now);
        let from = (*paid).max(now);
        let ahead = from.saturating_duration_since(now) + gap;
        if ahead > BURST {
            return Err(too_often(ahead - BURST));
        }
        *paid = from + gap;
        Ok(())
    }

    fn gap(&self, kind: Kind) -> Option<Duration> {
        let per_minute = match kind {
            Kind::SignIn => self.limits.sign_in_per_minute,
            Kind::Public => self.limits.public_per_minute,
            Kind::Anonymous => self.limits.anonymous_per_minute,
            Kind::Caller => self.limits.caller_per_minute,
        };
        BURST.checked_div(per_minute)
    }

    /// Under which name `who` is counted: its own, if it has a place or there is one.
    fn place(&self, kind: Kind, who: Who, now: Instant) -> Who {
        if self.paid_until.contains_key(&(kind, who)) || self.paid_until.len() < self.places_max {
            return who;
        }
        self.sweep(now);
        if self.paid_until.len() < self.places_max { who } else { Who::Rest }
    }

    /// Forgets everybody who has fallen back to the steady rate.
    fn sweep(&self, now: Instant) {
        let Ok(mut swept_at) = self.swept_at.lock() else { return };
        if swept_at.is_some_and(|at| now.saturating_duration_since(at) < SWEEP_GAP) {
            return;
        }
        *swept_at = Some(now);
        self.paid_until.retain(|_, paid| *paid > now);
    }
}

fn too_often(wait: Duration) -> Problem {
    let secs = u32::try_from(wait.as_millis().div_ceil(1_000)).unwrap_or(u32::MAX).max(1);
    Problem::new(Code::TooManyRequests, "too many requests; nothing was done").retry_after(secs)
}

/// By path and method, before any route is looked for: a limit that a route must remember is forgotten by one.
fn kind_of(request: &Request<Body>) -> Option<Kind> {
    let (path, method) = (request.uri().path(), request.method());
    let is_read = method == Method::GET || method == Method::HEAD || method == Method::OPTIONS;
    let is_anonymous = !request.headers().contains_key(AUTHORIZATION);
    let is_sign_in = SIGN_IN.iter().any(|folder| is_in(path, folder)) && path != INTROSPECTION;
    if is_sign_in && (!is_read || is_in(path, "/oidc")) {
        Some(Kind::SignIn)
    } else if is_link(path) || (is_anonymous && !is_read) {
        Some(Kind::Public)
    } else {
        (is_anonymous && path != "/healthz" && path != "/readyz").then_some(Kind::Anonymous)
    }
}

/// Folders of sign-in. What they show is free; what is sent to them is counted.
const SIGN_IN: [&str; 7] =
    ["/oauth", "/signin", "/account", "/reset", "/invite", "/setup", "/oidc"];

/// Asked by servers, at every request of theirs; who asks shows a secret that nobody guesses.
const INTROSPECTION: &str = "/oauth/introspect";

/// A ticket by its link: the code in the address is the credential, whatever else the request carries.
fn is_link(path: &str) -> bool {
    (is_in(path, "/t") && path != "/t/style.css") || is_in(path, "/api/v1/public/tickets")
}

fn is_in(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TWO: RateLimits = RateLimits {
        sign_in_per_minute: 2,
        public_per_minute: 60,
        anonymous_per_minute: 0,
        caller_per_minute: 0,
    };

    fn address(last: u32) -> Who {
        Who::Address(IpAddr::V4(std::net::Ipv4Addr::from_bits(0x0A00_0000 + last)))
    }

    fn asks(method: &str, path: &str, token: bool) -> Option<Kind> {
        let mut request = Request::builder().method(method).uri(path);
        if token {
            request = request.header("authorization", "Bearer x");
        }
        kind_of(&request.body(Body::empty()).unwrap())
    }

    #[tokio::test]
    async fn a_burst_is_taken_and_then_the_steady_rate() {
        let (rates, now) = (Rates::new(TWO), Instant::now());
        let take = |after: u64| {
            rates.take(Kind::SignIn, address(1), now + Duration::from_secs(after)).is_ok()
        };
        assert_eq!([take(0), take(0), take(0), take(29)], [true, true, false, false]);
        assert_eq!([take(30), take(30)], [true, false], "one in thirty seconds");
        assert!(rates.take(Kind::SignIn, address(2), now).is_ok(), "another address");
        assert!(rates.take(Kind::Public, address(1), now).is_ok(), "another limit");
        for _ in 0..10_000 {
            assert!(rates.take(Kind::Anonymous, address(1), now).is_ok(), "no limit");
        }
    }

    #[tokio::test]
    async fn a_refusal_says_when_to_come_back() {
        let (rates, now) = (Rates::new(TWO), Instant::now());
        for _ in 0..2 {
            rates.take(Kind::SignIn, address(1), now).unwrap();
        }
        let refused = rates.take(Kind::SignIn, address(1), now + Duration::from_millis(500));
        let response = refused.unwrap_err().render(None, None);
        assert_eq!(response.status(), 429);
        assert_eq!(response.headers()["retry-after"], "30");
    }

    #[tokio::test]
    async fn memory_is_bounded_and_newcomers_share_what_is_left() {
        let (rates, now) = (Rates::with_places(TWO, 100), Instant::now());
        let accepted = (0..10_000)
            .filter(|last| rates.take(Kind::SignIn, address(*last), now).is_ok())
            .count();
        assert!(rates.paid_until.len() <= 101, "{}", rates.paid_until.len());
        assert_eq!(accepted, 102, "a hundred places, and two for all the rest");
        let later = now + BURST;
        assert!(rates.take(Kind::SignIn, address(20_000), later).is_ok(), "places are free again");
        assert_eq!(rates.paid_until.len(), 1);
    }

    #[test]
    fn requests_fall_under_the_limit_they_are_meant_for() {
        for (method, path, token, expected) in [
            ("POST", "/oauth/token", true, Some(Kind::SignIn)),
            ("POST", "/oauth/introspect", true, None),
            ("POST", "/signin", false, Some(Kind::SignIn)),
            ("POST", "/signin/code", false, Some(Kind::SignIn)),
            ("POST", "/account/totp/confirm", false, Some(Kind::SignIn)),
            ("POST", "/reset/abc", false, Some(Kind::SignIn)),
            ("GET", "/signin", false, Some(Kind::Anonymous)),
            ("GET", "/oidc/bank/callback", false, Some(Kind::SignIn)),
            ("POST", "/signings", true, None),
            ("GET", "/t/abc", false, Some(Kind::Public)),
            ("GET", "/t/style.css", false, Some(Kind::Anonymous)),
            ("GET", "/api/v1/public/tickets/abc", false, Some(Kind::Public)),
            ("GET", "/api/v1/public/tickets/abc", true, Some(Kind::Public)),
            ("POST", "/api/v1/public/tickets/abc/cancel", false, Some(Kind::Public)),
            ("POST", "/api/v1/pairings", false, Some(Kind::Public)),
            ("POST", "/api/v1/tenants/bank/tickets", false, Some(Kind::Public)),
            ("POST", "/api/v1/tenants/bank/tickets", true, None),
            ("GET", "/kiosk", false, Some(Kind::Anonymous)),
            ("GET", "/healthz", false, None),
        ] {
            assert_eq!(asks(method, path, token), expected, "{method} {path}");
        }
    }
}
