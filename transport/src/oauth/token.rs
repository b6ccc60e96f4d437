//! `POST /oauth/token`: a code, a refresh token or a client's own secret becomes tokens.
//!
//! Each secret is used up by the one statement that finds it; a second use ends everything that came of the first.
//! Invariant: no answer of yes is given for a code or a refresh token that another request was given a yes for, but to
//! the same client within the grace, and then with the very same successor.

use axum::extract::State;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::{Secs, TenantId, Timestamp};
use persistence::{CodeRow, CodeUse, RefreshRow, Rotation};
use uuid::Uuid;

use super::asking::Asking;
use super::client::{AUTHORIZATION_CODE, CLIENT_CREDENTIALS, Client, REFRESH_TOKEN};
use super::error::OAuthError;
use super::form::Form;
use super::issue::{self, Issued, SignedIn};
use super::realm::{Holder, Realm};
use super::scope::Wanted;
use super::secret::{self, Opaque};
use crate::edge::Edge;

/// A lost answer is asked for again within seconds.
const GRACE: Secs = Secs(10);
/// A refresh token that was not used for so long is a forgotten device's.
const IDLE_MAX: Secs = Secs(14 * 86_400);
/// From then on the person signs in again, however often the token was used.
const LIFE_MAX: Secs = Secs(90 * 86_400);

pub(super) async fn token(State(edge): State<Edge>, asking: Asking) -> Result<Issued, OAuthError> {
    let Asking { client, form } = &asking;
    let grant =
        form.get("grant_type").ok_or(OAuthError::invalid_request("grant_type is missing"))?;
    match grant {
        AUTHORIZATION_CODE | REFRESH_TOKEN | CLIENT_CREDENTIALS if !client.may(grant) => {
            Err(OAuthError::unauthorized_client("this client may not use this grant"))
        }
        AUTHORIZATION_CODE => by_code(&edge, client, form).await,
        REFRESH_TOKEN => by_refresh(&edge, client, form).await,
        CLIENT_CREDENTIALS => by_own_secret(&edge, client, form),
        _ => Err(OAuthError::unsupported_grant()),
    }
}

async fn by_code(edge: &Edge, client: &Client, form: &Form) -> Result<Issued, OAuthError> {
    let code = form.get("code").ok_or(OAuthError::invalid_request("code is missing"))?;
    let (tenant, hash) = Opaque::shown(code).ok_or(UNKNOWN_CODE)?;
    let now = edge.engine().clock().now();
    let row = match edge.engine().store().use_code(tenant, hash, now).await? {
        CodeUse::Fresh(row) => row,
        CodeUse::Used { family } => {
            tracing::warn!(%family, "an authorization code was used twice: its tokens end");
            end_family(edge, tenant, family).await?;
            return Err(UNKNOWN_CODE);
        }
        CodeUse::Unknown => return Err(UNKNOWN_CODE),
    };
    check_code(&row, client, form, now)?;
    let realm = Realm::of_id(edge, tenant).ok_or(UNKNOWN_CODE)?;
    let holder = standing(edge, &realm, row.account, row.auth_time).await?;
    let scope = Wanted::parse(&row.scope).ok_or(UNKNOWN_CODE)?;
    let refresh = first_refresh(edge, client, &row, now).await?;
    let signed = SignedIn {
        realm: &realm,
        holder: &holder,
        client_id: &client.id,
        scope,
        family: row.family,
        auth_time: row.auth_time,
        nonce: row.nonce.as_deref(),
    };
    issue::for_person(edge, &signed, refresh)
}

const UNKNOWN_CODE: OAuthError =
    OAuthError::invalid_grant("the code is unknown, used, too old, or another client's");
const UNKNOWN_REFRESH: OAuthError =
    OAuthError::invalid_grant("the refresh token is unknown, used, ended, or another client's");

fn check_code(
    row: &CodeRow,
    client: &Client,
    form: &Form,
    now: Timestamp,
) -> Result<(), OAuthError> {
    let address = form.get("redirect_uri").is_none_or(|address| address == row.redirect_uri);
    if row.client_id != client.id || row.expires_at <= now || !address {
        return Err(UNKNOWN_CODE);
    }
    let verifier = form.get("code_verifier").unwrap_or_default();
    if is_verified(verifier, &row.challenge) {
        Ok(())
    } else {
        Err(OAuthError::invalid_grant("code_verifier does not fit the challenge"))
    }
}

/// RFC 7636 §4.6.
fn is_verified(verifier: &str, challenge: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    let sound = (43..=128).contains(&verifier.len()) && verifier.bytes().all(plain);
    let made = URL_SAFE_NO_PAD.encode(secret::hash(verifier));
    sound && secret::same(made.as_bytes(), challenge.as_bytes())
}

/// The account, if it still stands and its password is still the one that was signed in with.
async fn standing(
    edge: &Edge,
    realm: &Realm,
    account: Uuid,
    auth_time: Timestamp,
) -> Result<Holder, OAuthError> {
    let gone = OAuthError::invalid_grant("the account is disabled, or its password was changed");
    let holder = realm.holder(edge, account).await?.ok_or(gone)?;
    let changed = holder.account.password_changed_at.is_some_and(|changed| changed > auth_time);
    if changed { Err(gone) } else { Ok(holder) }
}

async fn first_refresh(
    edge: &Edge,
    client: &Client,
    code: &CodeRow,
    now: Timestamp,
) -> Result<Option<String>, OAuthError> {
    if !client.may(REFRESH_TOKEN) {
        return Ok(None);
    }
    let fresh = Opaque::fresh(code.tenant).ok_or(OAuthError::server())?;
    let row = RefreshRow {
        tenant: code.tenant,
        hash: fresh.hash,
        family: code.family,
        client_id: client.id.clone(),
        account: code.account,
        scope: code.scope.clone(),
        auth_time: code.auth_time,
        issued_at: now,
        expires_at: now.after(IDLE_MAX),
        ends_at: now.after(LIFE_MAX),
    };
    edge.engine().store().save_refresh(row).await?;
    Ok(Some(fresh.text))
}

async fn by_refresh(edge: &Edge, client: &Client, form: &Form) -> Result<Issued, OAuthError> {
    let old = form.get("refresh_token");
    let old = old.ok_or(OAuthError::invalid_request("refresh_token is missing"))?;
    let (tenant, hash) = Opaque::shown(old).ok_or(UNKNOWN_REFRESH)?;
    let now = edge.engine().clock().now();
    let store = edge.engine().store();
    let known = store.refresh(tenant, hash).await?.ok_or(UNKNOWN_REFRESH)?.row;
    // Another client's mistake, or theft: neither may use the token up.
    if known.client_id != client.id {
        return Err(UNKNOWN_REFRESH);
    }
    let scope = refreshed_scope(&known, form)?;
    let realm = Realm::of_id(edge, tenant).ok_or(UNKNOWN_REFRESH)?;
    let next = Opaque::successor(tenant, old, edge.sign_in().refresh_secret());
    let ends = now.after(IDLE_MAX).min(known.ends_at);
    let row = match store.rotate_refresh(tenant, hash, next.hash, now, GRACE, ends).await? {
        Rotation::Rotated(row) | Rotation::Again(row) => row,
        Rotation::Reused { family } => {
            tracing::warn!(%family, "a used refresh token came again: its family ends");
            end_family(edge, tenant, family).await?;
            return Err(UNKNOWN_REFRESH);
        }
        Rotation::Unknown => return Err(UNKNOWN_REFRESH),
    };
    if row.ends_at <= now {
        return Err(UNKNOWN_REFRESH);
    }
    let holder = standing(edge, &realm, row.account, row.auth_time).await?;
    let signed = SignedIn {
        realm: &realm,
        holder: &holder,
        client_id: &client.id,
        scope,
        family: row.family,
        auth_time: row.auth_time,
        nonce: None,
    };
    issue::for_person(edge, &signed, Some(next.text))
}

fn refreshed_scope(row: &RefreshRow, form: &Form) -> Result<Wanted, OAuthError> {
    let granted = Wanted::parse(&row.scope).ok_or(UNKNOWN_REFRESH)?;
    let Some(asked) = form.get("scope") else { return Ok(granted) };
    let narrowed = Wanted::parse(asked).and_then(|asked| asked.narrowed_from(granted));
    narrowed.ok_or(OAuthError::invalid_scope("more than was granted"))
}

/// Ends every refresh and access token of one sign-in.
///
/// # Errors
/// When the store does not answer.
pub(super) async fn end_family(
    edge: &Edge,
    tenant: TenantId,
    family: Uuid,
) -> Result<(), OAuthError> {
    let now = edge.engine().clock().now();
    edge.end_sign_in(tenant, family).await?;
    edge.engine().store().revoke_family(tenant, family, now).await?;
    Ok(())
}

fn by_own_secret(edge: &Edge, client: &Client, form: &Form) -> Result<Issued, OAuthError> {
    let nobody = OAuthError::unauthorized_client("this client has no role of its own");
    let (Some(_), Some(tenant), Some(role)) = (client.secret_hash, client.tenant, client.role)
    else {
        return Err(nobody);
    };
    let realm = Realm::of_id(edge, tenant).ok_or(OAuthError::invalid_client())?;
    let asked = Wanted::parse(form.get("scope").unwrap_or_default());
    let scope = asked.and_then(|asked| asked.within(client.scopes.and(role.scopes()))).ok_or(
        OAuthError::invalid_scope("a word that is not known, or more than this client has"),
    )?;
    issue::for_program(edge, &realm, &client.id, role, scope.cut_to(role.scopes()))
}
