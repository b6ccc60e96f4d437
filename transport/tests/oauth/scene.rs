//! A bank whose people sign in at a provider of their own, and what a test has them and the provider do.

use persistence::testing::TestDatabase;
use serde_json::{Value, json};

use crate::browser::Browser;
use crate::provider::{Begun, CLIENT, Provider, SECRET, Signer};
use crate::world::{Answer, World, address, text, wish};

pub(crate) const BINTA: &str = "binta@bank.example";

/// A bank whose people sign in at `provider`.
pub(crate) struct Scene {
    pub(crate) world: World,
    pub(crate) provider: Provider,
    pub(crate) key: Signer,
    pub(crate) admin: String,
}

pub(crate) fn configured(issuer: &str) -> Value {
    json!({
        "slug": "staff", "name": "Keycloak <1>", "issuer": issuer, "client_id": CLIENT, "client_secret": SECRET,
        "roles": { "tellers": "agent", "heads": "manager", "board": "admin" },
    })
}

pub(crate) fn with(mut body: Value, change: Value) -> Value {
    body.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
    body
}

impl Scene {
    pub(crate) async fn new() -> Self {
        Self::on(TestDatabase::sqlite(), json!({})).await
    }

    pub(crate) async fn set(change: Value) -> Self {
        Self::on(TestDatabase::sqlite(), change).await
    }

    pub(crate) async fn on(database: TestDatabase, change: Value) -> Self {
        let key = Signer::ec("k1");
        let provider = Provider::start(&[&key]).await;
        let world = World::allowing(database, &["127.0.0.0/8"]).await;
        let admin = text(&world.tokens().await, "access_token");
        let scene = Self { world, provider, key, admin };
        let body = with(configured(&scene.provider.issuer), change);
        let made = scene.api("POST", "", Some(body)).await;
        assert_eq!(made.status, 201, "{}", made.text);
        scene
    }

    pub(crate) async fn api(&self, method: &str, path: &str, body: Option<Value>) -> Answer {
        let path = format!("/identity-providers{path}");
        self.world.api(method, &path, &self.admin, body).await
    }

    pub(crate) fn claims(&self, begun: &Begun, change: Value) -> Value {
        let now = self.world.clock.now().0 / 1_000_000;
        let sound = json!({
            "iss": self.provider.issuer, "aud": CLIENT, "sub": "s-binta", "nonce": begun.nonce,
            "iat": now, "exp": now + 300, "email": BINTA, "email_verified": true, "name": "Binta Sarr",
            "groups": ["tellers", "else"], "amr": ["pwd", "mfa"],
        });
        let mut claims = with(sound, change);
        claims.as_object_mut().unwrap().retain(|_, value| !value.is_null());
        claims
    }

    pub(crate) async fn begin(&self, browser: &mut Browser<'_>) -> Begun {
        let answer = browser.get("/oidc/bank/staff/start?next=%2Faccount").await;
        assert_eq!(answer.status, 303, "{}", answer.text);
        Begun::of(&answer)
    }

    pub(crate) fn more(&self) -> String {
        format!("&iss={}", crate::world::encoded(&self.provider.issuer))
    }

    /// Comes back with `token`.
    pub(crate) async fn back(
        &self,
        browser: &mut Browser<'_>,
        begun: &Begun,
        token: String,
    ) -> Answer {
        let code = self.provider.code(begun, token);
        browser.get(&begun.back(&code, &self.more())).await
    }

    /// A whole sign-in of somebody about whom the provider says `change`.
    pub(crate) async fn arrive(&self, browser: &mut Browser<'_>, change: Value) -> Answer {
        let begun = self.begin(browser).await;
        let token = self.key.sign(&self.claims(&begun, change));
        self.back(browser, &begun, token).await
    }

    /// An access token of whoever is signed in in the browser.
    pub(crate) async fn token(&self, browser: &mut Browser<'_>) -> String {
        let answer = browser.get(&address(&wish())).await;
        let code =
            answer.sent("code").unwrap_or_else(|| panic!("{} {}", answer.status, answer.text));
        text(&self.world.exchange(&code).await.json(), "access_token")
    }

    pub(crate) async fn member(&self, email: &str) -> Value {
        let listed = self.world.api("GET", "/members", &self.admin, None).await.json();
        let all = listed["items"].as_array().unwrap();
        all.iter().find(|one| one["email"] == email).cloned().unwrap_or(Value::Null)
    }

    /// A change of the one provider.
    pub(crate) async fn change(&self, change: Value) {
        let id = text(&self.api("GET", "", None).await.json()["items"][0], "id");
        let body = with(configured(&self.provider.issuer), change);
        let changed = self.api("PUT", &format!("/{id}"), Some(body)).await;
        assert_eq!(changed.status, 200, "{}", changed.text);
    }
}
