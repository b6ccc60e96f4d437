//! The authorization server: OAuth 2.1 with PKCE, and as much of OpenID Connect as the certified libraries ask for.
//!
//! In reading order: who asks, what for, what they are told; the pages that people see are in `signin`.
//! Invariant: a code goes to a registered address only, and every token says which sign-in it came from.

mod asking;
mod authorize;
mod client;
mod discovery;
mod error;
mod form;
mod given_up;
mod issue;
mod realm;
mod redirect;
mod scope;
mod secret;
mod token;
mod wish;

use axum::Router;
use axum::routing::{get, post};

pub(crate) use authorize::{Destination, destination};
pub(crate) use client::{AUTHORIZATION_CODE, CLIENT_CREDENTIALS, GRANTS};
pub(crate) use form::{Form, encode};
pub(crate) use realm::{Holder, PLATFORM, Realm};
pub(crate) use redirect::may_be_registered;
pub(crate) use secret::{Opaque, hash, hex, random, same, unhex};

use crate::edge::Edge;

pub(crate) fn routes() -> Router<Edge> {
    Router::new()
        .route("/oauth/authorize", get(authorize::authorize))
        .route("/oauth/consent", post(authorize::consent))
        .route("/oauth/token", post(token::token))
        .route("/oauth/revoke", post(given_up::revoke))
        .route("/oauth/introspect", post(given_up::introspect))
        .route("/oauth/userinfo", get(discovery::userinfo).post(discovery::userinfo))
        .route("/.well-known/oauth-authorization-server", get(discovery::metadata))
        .route("/.well-known/openid-configuration", get(discovery::metadata))
}
