//! A small provider of OpenID Connect on this machine, with real keys, that can be told to lie.
//!
//! It gives a code for whatever ID token a test has made, and checks what comes to its token endpoint: the client's secret,
//! the verifier, the address. It counts what it is asked.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::world::{Answer, encoded};

pub(crate) const CLIENT: &str = "queue";
pub(crate) const SECRET: &str = "a secret of: the client";

/// A key of the provider's.
#[derive(Clone)]
pub(crate) struct Signer {
    pub(crate) header: Header,
    pub(crate) key: EncodingKey,
    pub(crate) public: Value,
}

fn signer(kid: &str, algorithm: Algorithm, key: EncodingKey) -> Signer {
    let mut public = Jwk::from_encoding_key(&key, algorithm).unwrap();
    public.common.key_id = Some(kid.to_owned());
    let mut header = Header::new(algorithm);
    header.kid = Some(kid.to_owned());
    Signer { header, key, public: serde_json::to_value(public).unwrap() }
}

impl Signer {
    pub(crate) fn ec(kid: &str) -> Self {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
        let key = EncodingKey::from_ec_der(pair.to_pkcs8v1().unwrap().as_ref());
        signer(kid, Algorithm::ES256, key)
    }

    pub(crate) fn rsa(kid: &str) -> Self {
        let pair = aws_lc_rs::rsa::KeyPair::generate(KeySize::Rsa2048).unwrap();
        let der: Pkcs8V1Der<'_> = pair.as_der().unwrap();
        let text = STANDARD.encode(der.as_ref());
        let pem = format!("-----BEGIN PRIVATE KEY-----\n{text}\n-----END PRIVATE KEY-----\n");
        signer(kid, Algorithm::RS256, EncodingKey::from_rsa_pem(pem.as_bytes()).unwrap())
    }

    pub(crate) fn sign(&self, claims: &Value) -> String {
        encode(&self.header, claims, &self.key).unwrap()
    }
}

struct Given {
    challenge: String,
    redirect_uri: String,
    token: String,
}

struct Inside {
    document: Value,
    keys: Vec<Value>,
    codes: HashMap<String, Given>,
    asked: HashMap<&'static str, u32>,
}

#[derive(Clone)]
pub(crate) struct Provider {
    pub(crate) issuer: String,
    inside: Arc<Mutex<Inside>>,
}

/// What the program asked the browser to bring.
pub(crate) struct Begun {
    pub(crate) state: String,
    pub(crate) nonce: String,
    challenge: String,
    redirect_uri: String,
}

impl Begun {
    pub(crate) fn of(answer: &Answer) -> Self {
        let sent =
            |name: &str| answer.sent(name).unwrap_or_else(|| panic!("{name}: {}", answer.text));
        assert_eq!(
            (sent("response_type"), sent("code_challenge_method")),
            ("code".into(), "S256".into())
        );
        assert_eq!(sent("client_id"), CLIENT);
        let redirect_uri = sent("redirect_uri");
        Self {
            state: sent("state"),
            nonce: sent("nonce"),
            challenge: sent("code_challenge"),
            redirect_uri,
        }
    }

    /// Where the browser comes back to, with `code` and what else the provider says.
    pub(crate) fn back(&self, code: &str, more: &str) -> String {
        let path = self.redirect_uri.strip_prefix("https://queue.example").unwrap();
        format!("{path}?code={code}&state={}{more}", encoded(&self.state))
    }
}

impl Provider {
    pub(crate) async fn start(keys: &[&Signer]) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let issuer = format!("http://{}", listener.local_addr().unwrap());
        let document = json!({
            "issuer": issuer,
            "authorization_endpoint": format!("{issuer}/auth"),
            "token_endpoint": format!("{issuer}/token"),
            "jwks_uri": format!("{issuer}/jwks"),
            "authorization_response_iss_parameter_supported": true,
        });
        let keys = keys.iter().map(|key| key.public.clone()).collect();
        let inside = Inside { document, keys, codes: HashMap::new(), asked: HashMap::new() };
        let provider = Self { issuer, inside: Arc::new(Mutex::new(inside)) };
        let routes = Router::new()
            .route("/.well-known/openid-configuration", get(document_of))
            .route("/jwks", get(jwks))
            .route("/token", post(token))
            .with_state(provider.clone());
        #[expect(clippy::disallowed_methods, reason = "the test's runtime owns it")]
        tokio::spawn(async move { axum::serve(listener, routes).await });
        provider
    }

    pub(crate) fn say(&self, name: &str, value: Value) {
        self.inside.lock().unwrap().document[name] = value;
    }

    pub(crate) fn publish(&self, keys: &[&Signer]) {
        self.inside.lock().unwrap().keys = keys.iter().map(|key| key.public.clone()).collect();
    }

    pub(crate) fn asked(&self, what: &str) -> u32 {
        self.inside.lock().unwrap().asked.get(what).copied().unwrap_or(0)
    }

    fn count(&self, what: &'static str) {
        *self.inside.lock().unwrap().asked.entry(what).or_default() += 1;
    }

    /// A code for `token`, as if the person had signed in.
    pub(crate) fn code(&self, begun: &Begun, token: String) -> String {
        let mut inside = self.inside.lock().unwrap();
        let code = format!("code{}", inside.codes.len());
        let given = Given {
            challenge: begun.challenge.clone(),
            redirect_uri: begun.redirect_uri.clone(),
            token,
        };
        inside.codes.insert(code.clone(), given);
        code
    }
}

async fn document_of(State(provider): State<Provider>) -> Json<Value> {
    provider.count("document");
    Json(provider.inside.lock().unwrap().document.clone())
}

async fn jwks(State(provider): State<Provider>) -> Json<Value> {
    provider.count("jwks");
    Json(json!({ "keys": provider.inside.lock().unwrap().keys }))
}

async fn token(
    State(provider): State<Provider>,
    headers: HeaderMap,
    body: String,
) -> (StatusCode, Json<Value>) {
    provider.count("token");
    let field = |name: &str| {
        let pair = body.split('&').find_map(|pair| pair.strip_prefix(&format!("{name}=")));
        pair.unwrap_or_default().to_owned()
    };
    let basic = STANDARD.encode(format!("{CLIENT}:{}", encoded(SECRET)));
    let is_client = headers.get("authorization").is_some_and(|it| it == &format!("Basic {basic}"));
    let given = provider.inside.lock().unwrap().codes.remove(&field("code"));
    let fits = given.filter(|given| {
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(field("code_verifier")));
        challenge == given.challenge && field("redirect_uri") == encoded(&given.redirect_uri)
    });
    match fits.filter(|_| is_client && field("grant_type") == "authorization_code") {
        Some(given) => {
            let answer =
                json!({ "access_token": "a", "token_type": "Bearer", "id_token": given.token });
            (StatusCode::OK, Json(answer))
        }
        None => (StatusCode::BAD_REQUEST, Json(json!({ "error": "invalid_grant" }))),
    }
}
