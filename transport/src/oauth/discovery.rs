//! What a client needs to know beforehand (RFC 8414, OpenID Connect Discovery), and who is signed in.
//!
//! Both documents are the same; the issuer is exactly the address they are found under.
//! Invariant: nothing is announced here that an endpoint does not do.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use domain::Scope;
use serde_json::{Value, json};
use uuid::Uuid;

use super::client::GRANTS;
use super::realm::Realm;
use super::scope::OPENID_WORDS;
use crate::edge::Edge;
use crate::extract::bearer;
use crate::problem::{Code, Problem};

const FIVE_MINUTES: HeaderValue = HeaderValue::from_static("public, max-age=300");

pub(super) async fn metadata(State(edge): State<Edge>) -> Response {
    ([(header::CACHE_CONTROL, FIVE_MINUTES)], Json(described(edge.sign_in().issuer())))
        .into_response()
}

fn described(issuer: &str) -> Value {
    let api = Scope::ALL.iter().map(|scope| scope.as_str());
    let proofs = ["none", "client_secret_basic", "client_secret_post"];
    json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/oauth/authorize"),
        "token_endpoint": format!("{issuer}/oauth/token"),
        "revocation_endpoint": format!("{issuer}/oauth/revoke"),
        "introspection_endpoint": format!("{issuer}/oauth/introspect"),
        "userinfo_endpoint": format!("{issuer}/oauth/userinfo"),
        "jwks_uri": format!("{issuer}/.well-known/jwks.json"),
        "scopes_supported": OPENID_WORDS.into_iter().chain(api).collect::<Vec<_>>(),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": GRANTS,
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": proofs,
        "revocation_endpoint_auth_methods_supported": proofs,
        "introspection_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["ES256"],
        "claims_supported": ["sub", "iss", "aud", "exp", "iat", "auth_time", "nonce", "sid", "tenant", "name", "email", "email_verified"],
        "prompt_values_supported": ["none", "login", "select_account", "consent"],
        "ui_locales_supported": ["fr", "en", "ar"],
        "authorization_response_iss_parameter_supported": true,
        "request_parameter_supported": false,
        "request_uri_parameter_supported": false,
        "service_documentation": format!("{issuer}/docs/api"),
    })
}

/// Who the holder of a token with `openid` is; the e-mail address with `email` too.
pub(super) async fn userinfo(
    State(edge): State<Edge>,
    headers: HeaderMap,
) -> Result<Json<Value>, Problem> {
    let principal = edge.verifier().verify(bearer(&headers)?)?;
    if !principal.token.grant.openid {
        let detail = "this asks for the scope openid";
        return Err(Problem::new(Code::InsufficientScope, detail).fact("required_scope", "openid"));
    }
    let gone = || Problem::unauthenticated("the holder of the token is gone");
    let slug = principal.tenant.as_deref().unwrap_or_default();
    let realm = Realm::of_slug(&edge, slug).ok_or_else(gone)?;
    let account =
        principal.token.subject.split_once(':').and_then(|(_, id)| Uuid::parse_str(id).ok());
    let holder = realm.holder(&edge, account.ok_or_else(gone)?).await;
    let holder =
        holder.map_err(|_| Problem::of(Code::Overloaded).retry_after(1))?.ok_or_else(gone)?;
    let mut said = json!({
        "sub": &*principal.token.subject,
        "tenant": realm.slug(),
        "name": holder.name,
    });
    if principal.token.grant.email {
        said["email"] = holder.account.email.into();
        said["email_verified"] = holder.account.verified_at.is_some().into();
    }
    Ok(Json(said))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_address_begins_with_the_issuer() {
        let document = described("https://queue.example");
        for (name, value) in document.as_object().unwrap() {
            if name.ends_with("_endpoint") || name == "jwks_uri" || name == "issuer" {
                assert!(value.as_str().unwrap().starts_with("https://queue.example"), "{name}");
            }
        }
    }
}
