//! How a page becomes a device: it asks for a code, shows it, waits for its credential, and trades that for tokens.
//!
//! Nobody is signed in here: a page is known by the secret it was told, a device by its credential.
//! Invariants: a credential is shown once and kept as its SHA-256; a wrong secret, an unknown page and one whose time
//! is over get the same answer.

use std::time::Duration;

use actors::{DeviceBody, DeviceKind};
use aws_lc_rs::rand;
use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::{DeviceId, Role, TenantId};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use crate::auth::{MintRequest, Subject, mint};
use crate::edge::{Claimed, ClientAddress, Edge, Grant, PAIRING_GOOD_FOR};
use crate::extract::{JsonBody, PathId};
use crate::problem::{Code, Problem};

/// How long an access token of a device lives.
const TOKEN_LIVES: Duration = Duration::from_secs(600);
/// How often a page asks whether its code was entered.
const POLL_SECONDS: u32 = 2;
const CREDENTIAL: &str = "sqd_";

pub(super) fn routes() -> OpenApiRouter<Edge> {
    OpenApiRouter::new().routes(routes!(begin)).routes(routes!(claim)).routes(routes!(token))
}

/// A page that wants to be a device.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PairingBody {
    kind: DeviceKind,
}

/// What the page shows, and what it keeps to itself.
#[derive(Debug, Serialize, ToSchema)]
struct PairingView {
    id: Uuid,
    /// To be shown.
    #[schema(example = "482913")]
    code: String,
    /// To be kept by the page: it claims the credential with it.
    secret: String,
    expires_in_seconds: u32,
    /// Ask so often whether the code was entered.
    poll_seconds: u32,
}

/// Asks for a code to show.
#[utoipa::path(post, path = "/api/v1/pairings", tag = "devices", request_body = PairingBody,
    responses((status = 201, description = "A code, good for ten minutes", body = PairingView)))]
async fn begin(
    axum::extract::State(edge): axum::extract::State<Edge>,
    address: ClientAddress,
    JsonBody(body): JsonBody<PairingBody>,
) -> Result<(StatusCode, Json<PairingView>), Problem> {
    let clock = edge.engine().clock();
    edge.new_pages().spend(address, clock.now())?;
    let begun = edge.pairings().begin(body.kind, address, clock.new_id(), clock.now())?;
    let view = PairingView {
        id: begun.id,
        code: begun.code,
        secret: begun.secret,
        expires_in_seconds: PAIRING_GOOD_FOR.0,
        poll_seconds: POLL_SECONDS,
    };
    Ok((StatusCode::CREATED, Json(view)))
}

/// A page that asks whether its code was entered.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ClaimBody {
    secret: String,
}

/// What has become of a page.
#[derive(Debug, Serialize, ToSchema)]
struct ClaimView {
    /// `waiting` or `paired`.
    #[schema(example = "paired")]
    state: &'static str,
    /// Shown once: keep it, and trade it for access tokens.
    #[serde(skip_serializing_if = "Option::is_none")]
    credential: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    device: Option<OwnDevice>,
}

/// A device, as it sees itself.
#[derive(Debug, Serialize, ToSchema)]
struct OwnDevice {
    id: Uuid,
    /// Slug.
    tenant: String,
    site_id: Uuid,
    kind: DeviceKind,
    name: String,
}

/// Asks whether the code was entered; gives the credential out, once.
#[utoipa::path(post, path = "/api/v1/pairings/{id}/claim", tag = "devices", request_body = ClaimBody,
    responses((status = 200, description = "Waiting, or paired", body = ClaimView)))]
async fn claim(
    axum::extract::State(edge): axum::extract::State<Edge>,
    PathId(id): PathId<Uuid>,
    JsonBody(body): JsonBody<ClaimBody>,
) -> Result<Json<ClaimView>, Problem> {
    let now = edge.engine().clock().now();
    match edge.pairings().claim(id, &body.secret, now).ok_or(Problem::of(Code::NotFound))? {
        Claimed::Waiting => {
            Ok(Json(ClaimView { state: "waiting", credential: None, device: None }))
        }
        Claimed::Granted(grant) => {
            let (credential, hash) = credential(grant.tenant.id())?;
            grant.tenant.pair_device(grant.device, hash, grant.by.to_string()).await?;
            let device = Some(own(&grant)?);
            Ok(Json(ClaimView { state: "paired", credential: Some(credential), device }))
        }
    }
}

fn own(grant: &Grant) -> Result<OwnDevice, Problem> {
    let directory = grant.tenant.directory();
    let device = directory.device(grant.device).ok_or(Problem::of(Code::NotFound))?;
    let DeviceBody { site_id, kind, name } = device.body.clone();
    Ok(OwnDevice { id: device.id, tenant: grant.tenant.slug().to_owned(), site_id, kind, name })
}

/// A new credential and its SHA-256. The tenant stands in it, so that only its devices are looked at.
fn credential(tenant: TenantId) -> Result<(String, [u8; 32]), Problem> {
    let mut secret = [0; 32];
    rand::fill(&mut secret).map_err(|_| Problem::of(Code::Internal))?;
    let text = format!("{CREDENTIAL}{}.{}", tenant.0.simple(), URL_SAFE_NO_PAD.encode(secret));
    let hash = Sha256::digest(text.as_bytes()).into();
    Ok((text, hash))
}

/// A device that asks for an access token.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct TokenBody {
    credential: String,
}

/// An access token of a device.
#[derive(Debug, Serialize, ToSchema)]
struct TokenView {
    access_token: String,
    /// `Bearer`.
    #[schema(example = "Bearer")]
    token_type: &'static str,
    expires_in: u64,
    device: OwnDevice,
}

/// Trades a device's credential for an access token of ten minutes.
#[utoipa::path(post, path = "/api/v1/devices/token", tag = "devices", request_body = TokenBody,
    responses((status = 200, description = "An access token", body = TokenView)))]
async fn token(
    axum::extract::State(edge): axum::extract::State<Edge>,
    address: ClientAddress,
    JsonBody(body): JsonBody<TokenBody>,
) -> Result<Response, Problem> {
    let now = edge.engine().clock().now();
    edge.wrong_credentials().check(address, now)?;
    let Some(holder) = holder(&edge, &body.credential) else {
        edge.wrong_credentials().add(address, now);
        return Err(Problem::unauthenticated("the device has no such credential, or was revoked"));
    };
    let auth = edge.verifier().settings();
    let request = MintRequest {
        issuer: &auth.issuer,
        tenant: Some(holder.tenant.slug()),
        subject: Subject::Device(holder.device),
        role: Role::Device,
        scopes: None,
        client_id: "device",
        now,
        ttl: TOKEN_LIVES,
    };
    let access_token = mint(&auth.keys, &request).map_err(|_| Problem::of(Code::Internal))?;
    let (token_type, expires_in) = ("Bearer", TOKEN_LIVES.as_secs());
    holder.tenant.device_heard(holder.device);
    let view = TokenView { access_token, token_type, expires_in, device: own(&holder)? };
    Ok(([(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))], Json(view))
        .into_response())
}

fn holder(edge: &Edge, credential: &str) -> Option<Grant> {
    let (tenant, _) = credential.strip_prefix(CREDENTIAL)?.split_once('.')?;
    let tenant = TenantId(Uuid::try_parse(tenant).ok()?);
    let tenant = edge.engine().tenants_where(|id| id == tenant).pop()?;
    let hash: [u8; 32] = Sha256::digest(credential.as_bytes()).into();
    let device: DeviceId = tenant.device_holding(&hash)?;
    Some(Grant { tenant, device, by: actors::Who::Device(device) })
}
