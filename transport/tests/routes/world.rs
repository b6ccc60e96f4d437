//! A small bank to test with: two sites, three queues, an agent, a kiosk and a display.
//!
//! Requests are made with a token and answered with everything a test may want to look at.

use std::sync::Arc;
use std::time::Duration;

use actors::{
    AgentBody, Ask, Clock, CounterBody, DeviceBody, Engine, QueueBody, Resource, ServiceBody,
    Settings, SiteBody, Tenant,
};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Method, Request};
use domain::{AgentId, DeviceId, Role};
use serde_json::{Value, json};
use tower::ServiceExt as _;
use transport::{
    AuthSettings, Edge, EdgeSettings, Keys, Limits, MasterKey, MintRequest, Subject, Web, mint,
};
use uuid::Uuid;

pub(crate) const ISSUER: &str = "smartqueue";

pub(crate) struct World {
    pub(crate) engine: Engine,
    pub(crate) edge: Edge,
    router: Router,
    keys: Keys,
    pub(crate) site: Uuid,
    pub(crate) other_site: Uuid,
    pub(crate) service: Uuid,
    /// At `site`; the agent is assigned to it.
    pub(crate) queue: Uuid,
    /// At `site`; nobody is assigned.
    pub(crate) side: Uuid,
    /// At `other_site`.
    pub(crate) far: Uuid,
    pub(crate) counter: Uuid,
    pub(crate) agent: Uuid,
    pub(crate) kiosk: Uuid,
    pub(crate) display: Uuid,
    _folder: tempfile::TempDir,
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

    /// Of a problem.
    pub(crate) fn code(&self) -> String {
        self.json()["code"].as_str().unwrap_or_default().to_owned()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

/// A request to be.
pub(crate) struct Ready<'w> {
    world: &'w World,
    method: Method,
    path: String,
    headers: Vec<(String, String)>,
    body: String,
}

impl Ready<'_> {
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn token(self, token: &str) -> Self {
        self.with("authorization", &format!("Bearer {token}"))
    }

    pub(crate) fn key(self, key: &str) -> Self {
        self.with("idempotency-key", key)
    }

    pub(crate) fn body(mut self, body: &Value) -> Self {
        self.body = body.to_string();
        self.with("content-type", "application/json")
    }

    /// As it is, whatever it is.
    pub(crate) fn raw(mut self, body: &str) -> Self {
        self.body = body.to_owned();
        self
    }

    pub(crate) async fn send(self) -> Answer {
        let mut request = Request::builder().method(self.method).uri(self.path);
        for (name, value) in self.headers {
            request = request.header(name, value);
        }
        let request = request.body(Body::from(self.body)).unwrap();
        let response = self.world.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, usize::MAX).await.unwrap();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        Answer { status: parts.status.as_u16(), headers: parts.headers, text }
    }
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::with(Limits::default(), None).await
    }

    pub(crate) async fn with(limits: Limits, demo: Option<String>) -> Self {
        Self::behind(limits, demo, Web::default()).await
    }

    pub(crate) async fn behind(limits: Limits, demo: Option<String>, web: Web) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("bank.db").display());
        let store = persistence::open(&url, &persistence::testing::options()).await.unwrap();
        let engine =
            Engine::start(Arc::clone(&store), Settings::default(), Clock::system()).await.unwrap();
        let keys = Keys::from_pem(&Keys::generate().unwrap()).unwrap();
        let auth = AuthSettings { issuer: ISSUER.to_owned(), keys: keys.clone() };
        let allowed_origins = vec!["https://app.example".to_owned()];
        let master_key = MasterKey::generate().unwrap();
        let settings = EdgeSettings { auth, limits, allowed_origins, demo, master_key, web };
        let edge = Edge::new(engine.clone(), settings);
        let tenant = engine.create_tenant("bank", "Bank").await.unwrap();
        engine.create_tenant("other", "Other").await.unwrap();
        let mut ids = Furnish { tenant: &tenant };
        let site = ids.put::<SiteBody>(json!({"slug": "here", "name": "Here"})).await;
        let other_site = ids.put::<SiteBody>(json!({"slug": "there", "name": "There"})).await;
        let service =
            ids.put::<ServiceBody>(json!({"slug": "cash", "names": {"en": "Cash"}})).await;
        let second =
            ids.put::<ServiceBody>(json!({"slug": "loans", "names": {"en": "Loans"}})).await;
        let queue = ids.queue(site, service, "A").await;
        let side = ids.queue(site, second, "B").await;
        let far = ids.queue(other_site, service, "C").await;
        let counter = ids.put::<CounterBody>(json!({"site_id": site, "name": "1"})).await;
        let awa = json!({"name": "Awa", "email": "awa@example.com", "queues": [queue], "counter_id": counter});
        let agent = ids.put::<AgentBody>(awa).await;
        let kiosk =
            ids.put::<DeviceBody>(json!({"site_id": site, "kind": "kiosk", "name": "K"})).await;
        let display =
            ids.put::<DeviceBody>(json!({"site_id": site, "kind": "display", "name": "D"})).await;
        let router = edge.router();
        Self {
            engine,
            edge,
            router,
            keys,
            site,
            other_site,
            service,
            queue,
            side,
            far,
            counter,
            agent,
            kiosk,
            display,
            _folder: folder,
        }
    }

    pub(crate) fn ask(&self, method: Method, path: impl Into<String>) -> Ready<'_> {
        Ready { world: self, method, path: path.into(), headers: Vec::new(), body: String::new() }
    }

    /// `path` is inside the tenant.
    pub(crate) fn get(&self, path: &str) -> Ready<'_> {
        self.ask(Method::GET, format!("/api/v1/tenants/bank{path}"))
    }

    pub(crate) fn post(&self, path: &str, body: &Value) -> Ready<'_> {
        self.ask(Method::POST, format!("/api/v1/tenants/bank{path}")).body(body)
    }

    pub(crate) fn put(&self, path: &str, body: &Value) -> Ready<'_> {
        self.ask(Method::PUT, format!("/api/v1/tenants/bank{path}")).body(body)
    }

    pub(crate) fn delete(&self, path: &str) -> Ready<'_> {
        self.ask(Method::DELETE, format!("/api/v1/tenants/bank{path}"))
    }

    pub(crate) fn token(&self, tenant: Option<&str>, subject: Subject, role: Role) -> String {
        let request = MintRequest {
            issuer: ISSUER,
            tenant,
            subject,
            role,
            scopes: None,
            client_id: "test",
            now: self.engine.clock().now(),
            ttl: Duration::from_secs(600),
        };
        mint(&self.keys, &request).unwrap()
    }

    pub(crate) fn of_role(&self, role: Role) -> String {
        let tenant = (role != Role::PlatformAdmin).then_some("bank");
        self.token(tenant, Subject::Role(role), role)
    }

    pub(crate) fn of_agent(&self) -> String {
        self.token(Some("bank"), Subject::Agent(AgentId(self.agent)), Role::Agent)
    }

    pub(crate) fn of_device(&self, device: Uuid) -> String {
        self.token(Some("bank"), Subject::Device(DeviceId(device)), Role::Device)
    }

    /// A ticket in `queue`, issued by staff.
    pub(crate) async fn issue(&self, key: &str) -> Value {
        let manager = self.of_role(Role::Manager);
        let body = json!({"queue_id": self.queue, "channel": "staff"});
        let answer = self.post("/tickets", &body).token(&manager).key(key).send().await;
        assert_eq!(answer.status, 201, "{}", answer.text);
        answer.json()
    }
}

struct Furnish<'t> {
    tenant: &'t Tenant,
}

impl Furnish<'_> {
    async fn put<T: Resource>(&mut self, body: Value) -> Uuid {
        let body: T = serde_json::from_value(body).unwrap();
        self.tenant.create(body, Ask::system()).await.unwrap().id
    }

    async fn queue(&mut self, site: Uuid, service: Uuid, prefix: &str) -> Uuid {
        let classes = json!([{"key": "normal"}, {"key": "senior", "rank": 1, "self_service": true}, {"key": "vip", "rank": 2}]);
        let body = json!({"site_id": site, "service_id": service, "name": prefix, "prefix": prefix, "classes": classes});
        self.put::<QueueBody>(body).await
    }
}
