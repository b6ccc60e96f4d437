//! Access tokens that are not: each is wrong in one way, and none is let in. Nothing is fetched meanwhile: there is
//! nothing here that could.

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use domain::Secs;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};
use transport::{Keys, MintRequest, Subject, mint};

use crate::world::{ISSUER, NOW, World, text};

/// Signs what it is told with a key that the world accepts.
struct Forger {
    world: World,
    der: Vec<u8>,
    kid: String,
}

impl Forger {
    async fn new() -> Self {
        let world = World::new().await;
        let pem = Keys::generate().unwrap();
        let keys = Keys::from_pem(&pem).unwrap();
        world.keys.become_those_of(&keys);
        let inside: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
        let der = STANDARD.decode(inside).unwrap();
        assert!(EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &der).is_ok());
        Self { world, der, kid: keys.signing_id() }
    }

    fn header(&self) -> Value {
        json!({"alg": "ES256", "typ": "at+jwt", "kid": self.kid})
    }

    fn claims(&self) -> Value {
        let now = NOW.0 / 1_000_000;
        json!({"iss": ISSUER, "aud": "smartqueue-api", "sub": "role:manager", "tenant": "bank", "scope": "read:queue",
            "role": "manager", "client_id": "x", "jti": "1", "iat": now, "exp": now + 600})
    }

    /// Header and claims as raw text, so that they may be no JSON of serde's.
    fn sign(&self, header: &str, claims: &str) -> String {
        use aws_lc_rs::rand::SystemRandom;
        let body = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &self.der).unwrap();
        let signature = pair.sign(&SystemRandom::new(), body.as_bytes()).unwrap();
        format!("{body}.{}", URL_SAFE_NO_PAD.encode(signature.as_ref()))
    }

    async fn claiming(&self, name: &str, value: Value) -> u16 {
        let mut claims = self.claims();
        claims[name] = value;
        self.world.admits(&self.sign(&self.header().to_string(), &claims.to_string())).await
    }

    async fn heading(&self, name: &str, value: Value) -> u16 {
        let mut header = self.header();
        header[name] = value;
        self.world.admits(&self.sign(&header.to_string(), &self.claims().to_string())).await
    }
}

#[tokio::test]
async fn s07_what_names_its_own_key_or_none_is_refused() {
    let forger = Forger::new().await;
    let sound = forger.sign(&forger.header().to_string(), &forger.claims().to_string());
    assert_eq!(forger.world.admits(&sound).await, 200, "the control");
    let own = Keys::from_pem(&Keys::generate().unwrap()).unwrap().jwks(NOW)["keys"][0].clone();
    let cases = [
        ("S07a alg none", "alg", json!("none")),
        ("S07b alg of another family", "alg", json!("HS256")),
        ("S07c jwk", "jwk", own),
        ("S07d jku", "jku", json!("http://127.0.0.1:1/keys")),
        ("S07e x5u", "x5u", json!("http://127.0.0.1:1/cert")),
        ("S07f kid as a path", "kid", json!("../../../dev/null")),
        ("S07g kid as SQL", "kid", json!("' or '1'='1")),
        ("S07h crit", "crit", json!(["exp"])),
    ];
    for (case, name, value) in cases {
        assert_eq!(forger.heading(name, value).await, 401, "{case}");
    }
    let unsigned = sound.rsplit_once('.').unwrap().0;
    assert_eq!(forger.world.admits(&format!("{unsigned}.")).await, 401, "S07i empty signature");
    let public = forger.world.keys.jwks(NOW)["keys"][0].to_string();
    let mut header = Header::new(Algorithm::HS256);
    (header.typ, header.kid) = (Some("at+jwt".to_owned()), Some(forger.kid.clone()));
    let hmac =
        encode(&header, &forger.claims(), &EncodingKey::from_secret(public.as_bytes())).unwrap();
    assert_eq!(forger.world.admits(&hmac).await, 401, "S07j the public key as a secret");
}

#[tokio::test]
async fn s08_what_is_of_another_time_or_another_place_is_refused() {
    let forger = Forger::new().await;
    let now = NOW.0 / 1_000_000;
    let cases = [
        ("S08a exp past", "exp", json!(now - 60)),
        ("S08b nbf future", "nbf", json!(now + 120)),
        ("S08c iat future", "iat", json!(now + 61)),
        ("S08d wrong iss", "iss", json!("https://evil.example")),
        ("S08e iss with a slash", "iss", json!(format!("{ISSUER}/"))),
        ("S08f wrong aud", "aud", json!("smartqueue-web")),
    ];
    for (case, name, value) in cases {
        assert_eq!(forger.claiming(name, value).await, 401, "{case}");
    }
    assert_eq!(forger.heading("typ", json!("JWT")).await, 401, "S08g typ");
    let id_token = text(&forger.world.tokens().await, "id_token");
    assert_eq!(forger.world.admits(&id_token).await, 401, "S08h an id token");
}

#[tokio::test]
async fn s09_times_that_are_no_numbers_are_refused() {
    let forger = Forger::new().await;
    let now = NOW.0 / 1_000_000;
    for name in ["exp", "nbf"] {
        let wrong = [
            json!(format!("{}", now + 600)),
            json!([now + 600]),
            json!(-1),
            json!({}),
            json!(now as f64 + 0.5),
        ];
        for (at, value) in wrong.into_iter().enumerate() {
            assert_eq!(forger.claiming(name, value).await, 401, "S09 {name} {at}");
        }
        let mut claims = forger.claims();
        claims.as_object_mut().unwrap().remove(name);
        let text = claims.to_string();
        let member = format!("\"{name}\":1e400,");
        let huge = text.replacen('{', &format!("{{{member}"), 1);
        let token = forger.sign(&forger.header().to_string(), &huge);
        assert_eq!(forger.world.admits(&token).await, 401, "S09 {name} 1e400");
    }
    let mut claims = forger.claims();
    claims.as_object_mut().unwrap().remove("exp");
    let token = forger.sign(&forger.header().to_string(), &claims.to_string());
    assert_eq!(forger.world.admits(&token).await, 401, "S09 exp missing");
}

#[tokio::test]
async fn s10_a_former_key_checks_until_its_end() {
    let world = World::new().await;
    let token = text(&world.tokens().await, "access_token");
    let newer = Keys::from_pem(&Keys::generate().unwrap()).unwrap();
    let former = Keys::from_pem(&Keys::generate().unwrap()).unwrap();
    former.become_those_of(&world.keys);
    world.keys.become_those_of(&newer.and_accept(&former, NOW.after(Secs(300))));
    assert_eq!(world.admits(&token).await, 200, "S10a within the overlap");
    let next = text(&world.tokens().await, "access_token");
    world.later(331);
    assert_eq!(world.admits(&token).await, 401, "S10b after it");
    assert_eq!(world.admits(&next).await, 200, "what the new key signed goes on");
    let published = world
        .send(
            axum::http::Request::get("/.well-known/jwks.json")
                .body(axum::body::Body::empty())
                .unwrap(),
        )
        .await;
    assert_eq!(published.json()["keys"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn s10_a_stolen_key_takes_its_tokens_with_it_at_once() {
    let world = World::new().await;
    let token = text(&world.tokens().await, "access_token");
    assert_eq!(world.admits(&token).await, 200, "and it is remembered");
    world.keys.become_those_of(&Keys::from_pem(&Keys::generate().unwrap()).unwrap());
    assert_eq!(world.admits(&token).await, 401, "S10d without an overlap");
    let next = text(&world.tokens().await, "access_token");
    assert_eq!(world.admits(&next).await, 200);
}

#[tokio::test]
async fn s10_a_storm_of_unknown_keys_is_just_refused() {
    let forger = Forger::new().await;
    for number in 0..200 {
        assert_eq!(forger.heading("kid", json!(format!("unknown-{number}"))).await, 401, "S10c");
    }
}

#[tokio::test]
async fn s11_a_token_in_an_address_is_refused() {
    let world = World::new().await;
    let token = text(&world.tokens().await, "access_token");
    for path in ["/api/v1/tenants/bank/queues", "/api/v1/tenants/bank/ws", "/oauth/userinfo"] {
        let request = axum::http::Request::get(format!("{path}?access_token={token}"));
        let answer = world.send(request.body(axum::body::Body::empty()).unwrap()).await;
        assert_eq!(
            (answer.status, answer.json()["code"].as_str()),
            (400, Some("token_in_url")),
            "S11 {path}"
        );
        assert!(!answer.text.contains(&token));
    }
}

#[tokio::test]
async fn an_operators_token_is_still_taken() {
    let world = World::new().await;
    let request = MintRequest {
        issuer: "smartqueue",
        tenant: Some("bank"),
        subject: Subject::Role(domain::Role::Manager),
        role: domain::Role::Manager,
        scopes: None,
        client_id: "cli",
        now: NOW,
        ttl: std::time::Duration::from_secs(60),
    };
    assert_eq!(world.admits(&mint(&world.keys, &request).unwrap()).await, 200);
}
