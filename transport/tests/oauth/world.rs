//! A bank that people sign in to, with an administrator, and what its programs send to the endpoints.
//!
//! Everything was made through the set-up page. SQLite unless a test says otherwise.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use actors::{Clock, Engine, Settings};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use domain::{Secs, TenantId, Timestamp};
use persistence::OnceRow;
use persistence::testing::TestDatabase;
use serde_json::Value;
use sha2::{Digest, Sha256};
use tower::ServiceExt as _;
use transport::{AuthSettings, Edge, EdgeSettings, Keys, Limits, Mailer, SignInSettings};
use uuid::Uuid;

use crate::browser::Browser;

pub(crate) const ISSUER: &str = "https://queue.example";
pub(crate) const HOME: &str = "https://queue.example/agent";
pub(crate) const EMAIL: &str = "awa@bank.example";
pub(crate) const PASSWORD: &str = "a long sentence about rain";
/// A verifier of PKCE and its challenge are made from this.
pub(crate) const VERIFIER: &str = "a-verifier-of-forty-three-characters-or-more";
pub(crate) const NOW: Timestamp = Timestamp::from_secs(1_800_000_000);

/// Keeps what would have been sent.
#[derive(Debug, Default)]
pub(crate) struct Letters(Mutex<Vec<String>>);

impl Mailer for Letters {
    fn send(&self, to: &str, subject: &str, text: &str) {
        self.0.lock().unwrap().push(format!("{to}|{subject}|{text}"));
    }
}

pub(crate) struct World {
    pub(crate) engine: Engine,
    edge: Edge,
    pub(crate) keys: Keys,
    pub(crate) clock: Clock,
    pub(crate) letters: Arc<Letters>,
    router: Router,
    _database: TestDatabase,
}

pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or(Value::Null)
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// `error` of an endpoint, with the status.
    pub(crate) fn error(&self) -> (u16, String) {
        (self.status, self.json()["error"].as_str().unwrap_or_default().to_owned())
    }

    /// A parameter of where it redirects to.
    pub(crate) fn sent(&self, name: &str) -> Option<String> {
        let (_, query) = self.header("location").split_once('?')?;
        let pair = query.split('&').find_map(|pair| pair.strip_prefix(&format!("{name}=")))?;
        Some(decoded(pair))
    }
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digits = [rest.next().unwrap(), rest.next().unwrap()];
            bytes.push(u8::from_str_radix(std::str::from_utf8(&digits).unwrap(), 16).unwrap());
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).unwrap()
}

pub(crate) fn encoded(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    text.bytes()
        .map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}

pub(crate) fn form(pairs: &[(&str, &str)]) -> String {
    let pairs: Vec<String> =
        pairs.iter().map(|(name, value)| format!("{name}={}", encoded(value))).collect();
    pairs.join("&")
}

pub(crate) fn challenge() -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(VERIFIER))
}

/// The parameters of a sound request for a code.
pub(crate) fn wish() -> BTreeMap<&'static str, String> {
    let challenge = challenge();
    [
        ("response_type", "code"),
        ("client_id", "smartqueue-web"),
        ("redirect_uri", HOME),
        ("scope", "openid email"),
        ("state", "s&1"),
        ("nonce", "n1"),
        ("code_challenge", challenge.as_str()),
        ("code_challenge_method", "S256"),
        ("tenant", "bank"),
    ]
    .into_iter()
    .map(|(name, value)| (name, value.to_owned()))
    .collect()
}

pub(crate) fn address(wish: &BTreeMap<&'static str, String>) -> String {
    let pairs: Vec<(&str, &str)> =
        wish.iter().map(|(name, value)| (*name, value.as_str())).collect();
    format!("/oauth/authorize?{}", form(&pairs))
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::on(TestDatabase::sqlite()).await
    }

    pub(crate) async fn on(database: TestDatabase) -> Self {
        Self::allowing(database, &[]).await
    }

    /// With networks that the operator lets the program call.
    pub(crate) async fn allowing(database: TestDatabase, networks: &[&str]) -> Self {
        let clock = Clock::manual(NOW);
        let engine =
            Engine::start(database.open().await, Settings::default(), clock.clone()).await.unwrap();
        let keys = Keys::from_pem(&Keys::generate().unwrap()).unwrap();
        let letters = Arc::new(Letters::default());
        let edge = Self::edge(&engine, &keys, &letters, networks);
        let router = edge.router();
        let world = Self { engine, edge, keys, clock, letters, router, _database: database };
        world.set_up().await;
        world
    }

    fn edge(engine: &Engine, keys: &Keys, letters: &Arc<Letters>, networks: &[&str]) -> Edge {
        let auth = AuthSettings { issuer: "smartqueue".to_owned(), keys: keys.clone() };
        let settings = EdgeSettings {
            auth,
            limits: Limits::default(),
            allowed_origins: Vec::new(),
            demo: None,
            master_key: transport::MasterKey::generate().unwrap(),
            web: transport::Web {
                allowed_networks: networks.iter().map(|text| text.parse().unwrap()).collect(),
                ..transport::Web::default()
            },
        };
        let mailer: Arc<dyn Mailer> = letters.clone();
        let sign_in =
            SignInSettings { public_url: ISSUER.to_owned(), mailer, ..SignInSettings::default() };
        Edge::with_sign_in(engine.clone(), settings, sign_in)
    }

    /// A new edge on the same rows, as after a start; it remembers what had ended, or (the control) does not.
    pub(crate) async fn start_again(&mut self, is_remembering: bool) {
        let edge = Self::edge(&self.engine, &self.keys, &self.letters, &[]);
        let rows = transport::recall_ended(&self.engine).await.unwrap();
        self.edge = if is_remembering { edge.remembering(rows) } else { edge };
        self.router = self.edge.router();
    }

    async fn set_up(&self) {
        let link = self.link(TenantId(Uuid::nil()), "setup", "").await;
        let mut browser = self.browser();
        browser.get(&format!("/setup/{link}")).await;
        let filled = [
            ("email", EMAIL),
            ("password", PASSWORD),
            ("again", PASSWORD),
            ("tenant", "bank"),
            ("name", "Bank"),
        ];
        let answer = browser.submit(&format!("/setup/{link}"), &filled).await;
        assert_eq!(
            (answer.status, answer.header("location")),
            (303, "/account"),
            "{}",
            answer.text
        );
    }

    /// What an e-mail would bring.
    pub(crate) async fn link(&self, tenant: TenantId, purpose: &str, subject: &str) -> String {
        let text = format!(
            "{}.{}",
            tenant.0.simple(),
            URL_SAFE_NO_PAD.encode(Sha256::digest(Uuid::now_v7().as_bytes()))
        );
        let row = OnceRow {
            tenant,
            hash: Sha256::digest(&text).into(),
            purpose: purpose.to_owned(),
            subject: subject.to_owned(),
            data: "{}".to_owned(),
            tries_left: 1,
            expires_at: self.clock.now().after(Secs(900)),
        };
        self.engine.store().save_once(row).await.unwrap();
        text
    }

    pub(crate) fn browser(&self) -> Browser<'_> {
        Browser::new(self)
    }

    pub(crate) fn later(&self, secs: u32) {
        self.clock.advance_to(self.clock.now().after(Secs(secs)));
    }

    pub(crate) fn letters(&self) -> Vec<String> {
        self.letters.0.lock().unwrap().clone()
    }

    /// The first letter; one is written behind the answer.
    pub(crate) async fn letter(&self) -> String {
        for _ in 0..100 {
            if let Some(first) = self.letters().into_iter().next() {
                return first;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        panic!("no letter came");
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, usize::MAX).await.unwrap();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        Answer { status: parts.status.as_u16(), headers: parts.headers, text }
    }

    /// To an endpoint for programs, with `user:password` if any.
    pub(crate) async fn program(
        &self,
        path: &str,
        fields: &[(&str, &str)],
        proof: Option<(&str, &str)>,
    ) -> Answer {
        let mut request =
            Request::post(path).header("content-type", "application/x-www-form-urlencoded");
        if let Some((id, secret)) = proof {
            let text = STANDARD.encode(format!("{}:{}", encoded(id), encoded(secret)));
            request = request.header("authorization", format!("Basic {text}"));
        }
        self.send(request.body(Body::from(form(fields))).unwrap()).await
    }

    pub(crate) async fn token(&self, fields: &[(&str, &str)]) -> Answer {
        self.program("/oauth/token", fields, None).await
    }

    pub(crate) async fn api(
        &self,
        method: &str,
        path: &str,
        token: &str,
        body: Option<Value>,
    ) -> Answer {
        let mut request =
            Request::builder().method(method).uri(format!("/api/v1/tenants/bank{path}"));
        request = request.header("authorization", format!("Bearer {token}"));
        request = request.header("idempotency-key", Uuid::now_v7().to_string());
        let body = match body {
            Some(body) => {
                request = request.header("content-type", "application/json");
                Body::from(body.to_string())
            }
            None => Body::empty(),
        };
        self.send(request.body(body).unwrap()).await
    }

    /// The audit log, as soon as all of `actions` stand in it: it is written behind the answer.
    pub(crate) async fn log_with(&self, token: &str, actions: &[&str]) -> String {
        let mut log = String::new();
        for _ in 0..100 {
            log = self.api("GET", "/audit?limit=200", token, None).await.text;
            if actions.iter().all(|action| log.contains(action)) {
                return log;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        panic!("{actions:?} are not all in {log}");
    }

    /// The administrator signs in and comes back with a code.
    pub(crate) async fn code(&self) -> String {
        let mut browser = self.browser();
        let answer = browser.sign_in(&address(&wish())).await;
        answer.sent("code").unwrap_or_else(|| panic!("{} {}", answer.status, answer.text))
    }

    pub(crate) async fn exchange(&self, code: &str) -> Answer {
        let fields = [
            ("grant_type", "authorization_code"),
            ("client_id", "smartqueue-web"),
            ("code", code),
            ("redirect_uri", HOME),
            ("code_verifier", VERIFIER),
        ];
        self.token(&fields).await
    }

    /// What the administrator's sign-in brings.
    pub(crate) async fn tokens(&self) -> Value {
        let answer = self.exchange(&self.code().await).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.json()
    }

    pub(crate) async fn refresh(&self, token: &str) -> Answer {
        let fields = [
            ("grant_type", "refresh_token"),
            ("client_id", "smartqueue-web"),
            ("refresh_token", token),
        ];
        self.token(&fields).await
    }

    /// Whether the API lets the holder of the access token in.
    pub(crate) async fn admits(&self, token: &str) -> u16 {
        self.api("GET", "/queues", token, None).await.status
    }

    pub(crate) fn bank(&self) -> TenantId {
        self.engine.tenant("bank").unwrap().id()
    }
}

pub(crate) fn text(value: &Value, name: &str) -> String {
    value[name].as_str().unwrap_or_default().to_owned()
}
