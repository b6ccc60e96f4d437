//! What is accepted as an access token, and everything that is not.
//!
//! Forged tokens are put together by hand, so that each is wrong in one way only.

mod standing;

use std::time::Duration;

use actors::Clock;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::{AgentId, DeviceId, Role, Scope, Scopes, Timestamp};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};
use uuid::Uuid;

use super::*;

const NOW: Timestamp = Timestamp::from_secs(1_800_000_000);
const ISSUER: &str = "smartqueue";

struct Desk {
    keys: Keys,
    clock: Clock,
    verifier: Verifier,
}

fn desk() -> Desk {
    let keys = Keys::from_pem(&Keys::generate().unwrap()).unwrap();
    let clock = Clock::manual(NOW);
    let verifier = Verifier::new(
        AuthSettings { issuer: ISSUER.to_owned(), keys: keys.clone() },
        clock.clone(),
    );
    Desk { keys, clock, verifier }
}

fn request(subject: Subject, role: Role) -> MintRequest<'static> {
    MintRequest {
        issuer: ISSUER,
        tenant: Some("bank"),
        subject,
        role,
        scopes: None,
        client_id: "cli",
        now: NOW,
        ttl: Duration::from_secs(600),
    }
}

impl Desk {
    fn mint(&self, request: &MintRequest<'_>) -> String {
        mint(&self.keys, request).unwrap()
    }

    fn header(&self) -> Header {
        let mut header = Header::new(Algorithm::ES256);
        header.typ = Some("at+jwt".to_owned());
        header.kid = Some(self.keys.signing_id());
        header
    }

    fn sign(&self, header: &Header, claims: &Value) -> String {
        encode(header, claims, &self.keys.private()).unwrap()
    }

    /// Properly signed, with one member of the claims replaced or, if `value` is null, left out.
    fn with(&self, member: &str, value: Value) -> Result<(), AuthError> {
        let mut claims = claims();
        if value.is_null() {
            claims.as_object_mut().unwrap().remove(member);
        } else {
            claims[member] = value;
        }
        self.judge(&self.sign(&self.header(), &claims))
    }

    fn with_header(&self, change: impl FnOnce(&mut Header)) -> Result<(), AuthError> {
        let mut header = self.header();
        change(&mut header);
        self.judge(&self.sign(&header, &claims()))
    }

    fn judge(&self, token: &str) -> Result<(), AuthError> {
        self.verifier.verify(token).map(|_| ())
    }
}

fn claims() -> Value {
    let now = NOW.0 / 1_000_000;
    json!({
        "iss": ISSUER, "aud": AUDIENCE, "sub": "role:manager", "tenant": "bank", "scope": "read:queue",
        "role": "manager", "client_id": "cli", "jti": "1", "iat": now, "exp": now + 600,
    })
}

#[test]
fn what_is_minted_is_read_back() {
    let desk = desk();
    let (agent, device) = (AgentId(Uuid::from_u128(7)), DeviceId(Uuid::from_u128(8)));
    let read =
        desk.verifier.verify(&desk.mint(&request(Subject::Agent(agent), Role::Agent))).unwrap();
    assert_eq!(
        (read.tenant.as_deref(), read.agent, read.role),
        (Some("bank"), Some(agent), Role::Agent)
    );
    assert_eq!(read.scopes, Role::Agent.scopes());
    assert_eq!(read.expires_at, NOW.after(domain::Secs(600)));
    let read =
        desk.verifier.verify(&desk.mint(&request(Subject::Device(device), Role::Device))).unwrap();
    assert_eq!((read.device, read.who.to_string()), (Some(device), format!("device:{device}")));
    let read = desk
        .verifier
        .verify(&desk.mint(&request(Subject::Role(Role::Admin), Role::Admin)))
        .unwrap();
    assert_eq!(read.who.to_string(), "subject:role:admin");
}

#[test]
fn a_token_grants_no_more_than_its_role_allows() {
    let desk = desk();
    let asked = Scopes::of(&[Scope::ReadQueue, Scope::ManageSettings]);
    let request =
        MintRequest { scopes: Some(asked), ..request(Subject::Role(Role::Agent), Role::Agent) };
    assert_eq!(
        desk.verifier.verify(&desk.mint(&request)).unwrap().scopes,
        Scopes::of(&[Scope::ReadQueue])
    );
    let claimed = json!("read:queue manage:settings platform");
    let mut claims = claims();
    claims["scope"] = claimed;
    let read = desk.verifier.verify(&desk.sign(&desk.header(), &claims)).unwrap();
    assert_eq!(
        read.scopes,
        Scopes::of(&[Scope::ReadQueue]),
        "a manager holds neither of the others"
    );
}

#[test]
fn a_token_ends_when_it_says_even_if_it_was_seen_before() {
    let desk = desk();
    let token = desk.mint(&request(Subject::Role(Role::Manager), Role::Manager));
    assert!(desk.judge(&token).is_ok());
    desk.clock.advance_to(NOW.after(domain::Secs(629)));
    assert!(desk.judge(&token).is_ok(), "within the leeway");
    desk.clock.advance_to(NOW.after(domain::Secs(631)));
    assert_eq!(desk.judge(&token), Err(AuthError::Expired));
    assert_eq!(desk.judge(&token), Err(AuthError::Expired));
}

#[test]
fn claims_that_are_wrong_missing_or_of_another_type_are_refused() {
    let desk = desk();
    let now = NOW.0 / 1_000_000;
    assert_eq!(desk.with("jti", json!("2")), Ok(()), "the honest twin");
    assert_eq!(desk.with("aud", json!(["other", AUDIENCE])), Ok(()));
    let wrong = [
        ("iss", json!("another")),
        ("iss", Value::Null),
        ("aud", json!("another")),
        ("aud", json!([])),
        ("aud", Value::Null),
        ("exp", Value::Null),
        ("exp", json!((now + 600).to_string())),
        ("exp", json!([now + 600])),
        ("exp", json!(-1)),
        ("exp", json!(1e300)),
        ("exp", json!(now as f64 + 600.5)),
        ("iat", json!(now + 61)),
        ("iat", Value::Null),
        ("nbf", json!(now + 61)),
        ("nbf", json!("0")),
        ("tenant", Value::Null),
        ("tenant", json!(["bank"])),
        ("sub", Value::Null),
        ("sub", json!("manager")),
        ("sub", json!("role:admin")),
        ("sub", json!("device:01890a5d-ac96-774b-bcce-b302099a8057")),
        ("role", json!("root")),
        ("scope", json!("fly")),
        ("scope", json!(["read:queue"])),
        ("client_id", Value::Null),
        ("jti", Value::Null),
    ];
    for (member, value) in wrong {
        assert_eq!(desk.with(member, value.clone()), Err(AuthError::Forged), "{member}: {value}");
    }
    assert_eq!(
        desk.with("exp", json!(now - 100)),
        Err(AuthError::Forged),
        "it ends before it begins"
    );
    let mut past = claims();
    past["iat"] = json!(now - 1000);
    past["exp"] = json!(now - 100);
    assert_eq!(desk.judge(&desk.sign(&desk.header(), &past)), Err(AuthError::Expired));
}

#[test]
fn headers_of_another_kind_or_with_a_key_of_their_own_are_refused() {
    let desk = desk();
    assert_eq!(desk.with_header(|_| ()), Ok(()), "the honest twin");
    let forged = Err(AuthError::Forged);
    assert_eq!(desk.with_header(|header| header.typ = Some("JWT".to_owned())), forged);
    assert_eq!(desk.with_header(|header| header.typ = None), forged);
    for kid in ["unknown", "../../key", "' OR 1=1 --", ""] {
        assert_eq!(desk.with_header(|header| header.kid = Some(kid.to_owned())), forged, "{kid}");
    }
    assert_eq!(desk.with_header(|header| header.kid = None), forged);
    assert_eq!(
        desk.with_header(|header| header.jku = Some("https://evil.example/jwks".to_owned())),
        forged
    );
    assert_eq!(
        desk.with_header(|header| header.x5u = Some("https://evil.example/x".to_owned())),
        forged
    );
    assert_eq!(desk.with_header(|header| header.x5c = Some(vec!["AA==".to_owned()])), forged);
    assert_eq!(desk.with_header(|header| header.crit = Some(vec!["exp".to_owned()])), forged);
}

#[test]
fn unsigned_and_otherwise_signed_tokens_are_refused() {
    let desk = desk();
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let kid = desk.keys.signing_id();
    for alg in ["none", "None", "HS256", "ES384", "RS256"] {
        let header = part(&json!({"alg": alg, "typ": "at+jwt", "kid": kid}));
        for signature in ["", "AA"] {
            let token = format!("{header}.{}.{signature}", part(&claims()));
            assert_eq!(desk.judge(&token), Err(AuthError::Forged), "{alg}");
        }
    }
    // The public key, taken for a shared secret.
    let jwk = desk.keys.jwks(NOW)["keys"][0].to_string();
    let mut header = desk.header();
    header.alg = Algorithm::HS256;
    let token = encode(&header, &claims(), &EncodingKey::from_secret(jwk.as_bytes())).unwrap();
    assert_eq!(desk.judge(&token), Err(AuthError::Forged));
}

#[test]
fn tampered_and_foreign_tokens_are_refused() {
    let (desk, other) = (desk(), desk());
    let token = desk.mint(&request(Subject::Role(Role::Agent), Role::Agent));
    let mut pieces: Vec<&str> = token.split('.').collect();
    let mut raised = claims();
    raised["role"] = json!("admin");
    let raised = URL_SAFE_NO_PAD.encode(raised.to_string());
    pieces[1] = &raised;
    assert_eq!(desk.judge(&pieces.join(".")), Err(AuthError::Forged));
    assert_eq!(other.judge(&token), Err(AuthError::Forged), "signed by another key");
    // Another's key under our id.
    let mut header = desk.header();
    header.kid = Some(desk.keys.signing_id());
    assert_eq!(desk.judge(&other.sign(&header, &claims())), Err(AuthError::Forged));
    for garbage in ["", "a", "a.b", "a.b.c", "a.b.c.d", &"x".repeat(5_000)] {
        assert!(desk.judge(garbage).is_err(), "{garbage}");
    }
}

#[test]
fn a_former_key_still_checks_and_no_longer_signs() {
    let (old, new) = (desk(), desk());
    let token = old.mint(&request(Subject::Role(Role::Agent), Role::Agent));
    let keys = new.keys.clone().and_accept(&old.keys, NOW.after(domain::Secs(60)));
    let settings = AuthSettings { issuer: ISSUER.to_owned(), keys: keys.clone() };
    let verifier = Verifier::new(settings, Clock::manual(NOW));
    assert!(verifier.verify(&token).is_ok());
    assert_eq!(keys.signing_id(), new.keys.signing_id());
    assert_eq!(keys.jwks(NOW)["keys"].as_array().map(Vec::len), Some(2));
}

#[test]
fn a_key_set_shows_public_halves_only() {
    let desk = desk();
    let published = desk.keys.jwks(NOW);
    let key = published["keys"][0].as_object().unwrap();
    assert_eq!(key["kid"], desk.keys.signing_id());
    assert!(!key.contains_key("d"));
    assert!(!format!("{:?}", desk.keys).contains("PRIVATE"));
    let pem = Keys::generate().unwrap();
    assert!(Keys::from_pem(&pem.replace("BEGIN PRIVATE", "BEGIN RSA PRIVATE")).is_err());
    assert!(Keys::from_pem("").is_err());
}

#[test]
fn a_platform_token_needs_no_tenant() {
    let desk = desk();
    let role = Role::PlatformAdmin;
    let token = desk.mint(&MintRequest { tenant: None, ..request(Subject::Role(role), role) });
    let read = desk.verifier.verify(&token).unwrap();
    assert_eq!((read.tenant.as_deref(), read.scopes), (None, role.scopes()));
}
