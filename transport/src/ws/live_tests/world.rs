//! A running server with one branch in it, on a store of its own.
//!
//! Everything is real: the engine, the SQLite file, the listener. Limits may be set per test.
//! The server stops when the test says so, or dies with the test's runtime.

use std::net::SocketAddr;
use std::time::Duration;

use actors::{
    AgentBody, Ask, Clock, DeviceBody, Engine, Hub, QueueBody, Resource, ServiceBody, SiteBody,
    Tenant,
};
use domain::{AgentId, DeviceId, Role};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::client::Client;
use crate::auth::{AuthSettings, Keys, MasterKey, MintRequest, Subject, mint};
use crate::edge::{Edge, EdgeSettings, Limits, Web};

pub(super) struct World {
    pub(super) address: SocketAddr,
    pub(super) tenant: Tenant,
    pub(super) hub: Hub,
    pub(super) site: Uuid,
    pub(super) queue: Uuid,
    pub(super) agent: Uuid,
    pub(super) device: Uuid,
    pub(super) stop: CancellationToken,
    keys: Keys,
    _folder: tempfile::TempDir,
}

async fn create<T: Resource>(tenant: &Tenant, body: Value) -> Uuid {
    let body: T = serde_json::from_value(body).unwrap();
    tenant.create(body, Ask::system()).await.unwrap().id
}

impl World {
    pub(super) async fn new() -> Self {
        Self::with(Limits::default()).await
    }

    #[expect(clippy::disallowed_methods, reason = "the test's runtime owns the server")]
    pub(super) async fn with(limits: Limits) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("world.db").display());
        let store = persistence::open(&url, &persistence::testing::options()).await.unwrap();
        let engine =
            Engine::start(store, actors::Settings::default(), Clock::system()).await.unwrap();
        let tenant = engine.create_tenant("baobab", "Baobab").await.unwrap();
        let site = create::<SiteBody>(&tenant, json!({ "slug": "dakar", "name": "Dakar" })).await;
        let service = create::<ServiceBody>(
            &tenant,
            json!({ "slug": "cash", "names": { "fr": "Retraits" } }),
        )
        .await;
        let queue =
            json!({ "site_id": site, "service_id": service, "name": "Cash", "prefix": "A" });
        let queue = create::<QueueBody>(&tenant, queue).await;
        let agent = json!({ "name": "Awa", "email": "awa@example.com", "queues": [queue] });
        let agent = create::<AgentBody>(&tenant, agent).await;
        let device = json!({ "site_id": site, "kind": "display", "name": "Hall" });
        let device = create::<DeviceBody>(&tenant, device).await;
        let keys = Keys::from_pem(&Keys::generate().unwrap()).unwrap();
        let auth = AuthSettings { issuer: "test".to_owned(), keys: keys.clone() };
        let allowed_origins = vec!["https://app.example.org".to_owned()];
        let settings = EdgeSettings {
            auth,
            limits,
            allowed_origins,
            demo: None,
            master_key: MasterKey::generate().unwrap(),
            web: Web::default(),
        };
        let edge = Edge::new(engine, settings);
        let hub = edge.engine().hub().clone();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (address, stop) = (listener.local_addr().unwrap(), CancellationToken::new());
        tokio::spawn(crate::serve(listener, edge, stop.clone()));
        Self { address, tenant, hub, site, queue, agent, device, stop, keys, _folder: folder }
    }

    fn mint(&self, subject: Subject, role: Role, ttl: Duration) -> String {
        let request = MintRequest {
            issuer: "test",
            tenant: Some("baobab"),
            subject,
            role,
            scopes: None,
            client_id: "test",
            now: Clock::system().now(),
            ttl,
        };
        mint(&self.keys, &request).unwrap()
    }

    pub(super) fn manager(&self) -> String {
        self.mint(Subject::Role(Role::Manager), Role::Manager, Duration::from_secs(600))
    }

    /// A token that ends so soon that it is to be renewed at once.
    pub(super) fn short_lived(&self) -> String {
        self.mint(Subject::Role(Role::Manager), Role::Manager, Duration::from_secs(50))
    }

    pub(super) fn awa(&self) -> String {
        self.mint(Subject::Agent(AgentId(self.agent)), Role::Agent, Duration::from_secs(600))
    }

    pub(super) fn display(&self) -> String {
        self.mint(Subject::Device(DeviceId(self.device)), Role::Device, Duration::from_secs(600))
    }

    /// Knocks at the multiplexed socket.
    pub(super) async fn knock(&self, headers: &str) -> Client {
        Client::knock(self.address, "/api/v1/tenants/baobab/ws", headers).await
    }

    /// A manager's socket, greeted.
    pub(super) async fn signed_in(&self, headers: &str) -> Client {
        let mut client = self.knock(&format!("{}{headers}", bearer(&self.manager()))).await;
        assert_eq!(client.json().await["op"], "welcome");
        client
    }
}

pub(super) fn bearer(token: &str) -> String {
    format!("Authorization: Bearer {token}\r\n")
}
