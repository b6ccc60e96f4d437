//! A branch with eight queues on a real server, in this process.
//!
//! A bench issues for seconds without anybody being called, so the limit of waiting people is lifted.
//! Invariant: the server is the one that `smartqueue serve` runs, with its default limits but for that one.

use std::net::SocketAddr;

use actors::{
    AgentBody, AgentDuty, Ask, CounterBody, Join, QueueBody, ServiceBody, SiteBody, Tenant,
    TicketOrder,
};
use domain::{AgentId, Channel, Role, SkillSet, TicketId};
use persistence::testing::TestDatabase;
use serde_json::json;
use smartqueue::{App, Config, Overrides};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use transport::{MintRequest, Subject, mint};

const QUEUES: usize = 8;

/// A running server with one branch.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    token: String,
    site: String,
    queues: Vec<String>,
    tenant: Tenant,
    stop: oneshot::Sender<()>,
    running: JoinHandle<()>,
    _folder: tempfile::TempDir,
    _database: TestDatabase,
}

impl Server {
    pub(crate) async fn start(database: TestDatabase) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let overrides = Overrides {
            listen: Some("127.0.0.1:0".to_owned()),
            database_url: Some(database.url().to_owned()),
            data_dir: Some(folder.path().to_owned()),
            ..Overrides::default()
        };
        let key = persistence::testing::VAULT_KEY.to_owned();
        let environment = [("SMARTQUEUE__VAULT__KEY".to_owned(), key)];
        let mut config = Config::load(None, environment, &overrides).unwrap();
        config.limits.waiting_per_queue_max = 10_000_000;
        let app = App::start(&config).await.unwrap();
        let tenant = app.engine().create_tenant("bench", "Bench").await.unwrap();
        let (site, queues) = declare(&tenant).await;
        let token = token(&app);
        let address = app.address();
        let (stop, stopped) = oneshot::channel();
        let running =
            tokio::spawn(async move { app.run_until(async { drop(stopped.await) }).await });
        Self {
            address,
            token,
            site,
            queues,
            tenant,
            stop,
            running,
            _folder: folder,
            _database: database,
        }
    }

    /// One request of the hello-world route.
    pub(crate) fn hello(&self) -> Vec<Vec<u8>> {
        vec![format!("GET /healthz HTTP/1.1\r\nhost: {}\r\n\r\n", self.address).into_bytes()]
    }

    /// One request of issuing for each queue; the key's digits are filled in for each sending.
    pub(crate) fn issuing(&self) -> Vec<Vec<u8>> {
        self.queues.iter().map(|queue| self.issue_in(queue)).collect()
    }

    fn issue_in(&self, queue: &str) -> Vec<u8> {
        let body = json!({ "queue_id": queue, "channel": "staff" }).to_string();
        let (address, token, length) = (self.address, &self.token, body.len());
        format!(
            "POST /api/v1/tenants/bench/tickets HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {token}\r\n\
             idempotency-key: 0000000000000000\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
        )
        .into_bytes()
    }

    /// The request that opens a socket, signed in by its header.
    pub(crate) fn upgrade(&self) -> Vec<u8> {
        let (address, token) = (self.address, &self.token);
        format!(
            "GET /api/v1/tenants/bench/ws HTTP/1.1\r\nhost: {address}\r\nupgrade: websocket\r\n\
             connection: upgrade\r\nsec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
             sec-websocket-protocol: smartqueue.v1.json\r\nauthorization: Bearer {token}\r\n\r\n"
        )
        .into_bytes()
    }

    /// The frame that follows the site of the branch.
    pub(crate) fn subscribe(&self) -> String {
        json!({ "op": "subscribe", "topic": format!("site:{}", self.site) }).to_string()
    }

    /// An agent on duty who serves every queue.
    pub(crate) async fn agent(&self) -> AgentId {
        let body = json!({ "site_id": self.site, "name": "1" });
        let counter: CounterBody = serde_json::from_value(body).unwrap();
        let counter = self.tenant.create(counter, Ask::system()).await.unwrap().id;
        let body = json!({ "name": "Awa", "email": "awa@example.com", "queues": self.queues, "counter_id": counter });
        let body: AgentBody = serde_json::from_value(body).unwrap();
        let agent = AgentId(self.tenant.create(body, Ask::system()).await.unwrap().id);
        self.tenant.duty(agent, AgentDuty::SignIn { counter: None }, Ask::system()).await.unwrap();
        agent
    }

    pub(crate) async fn issue(&self) -> TicketId {
        let join = Join {
            queue: self.queues[0].parse().unwrap(),
            channel: Channel::Staff,
            class: None,
            self_service: false,
            customer: None,
            name: None,
            phone: None,
            email: None,
            language: None,
            skills: SkillSet::default(),
            slot: None,
            remote: false,
            tags: Vec::new(),
        };
        TicketId(self.tenant.issue(join, Ask::system()).await.unwrap().ticket.id)
    }

    pub(crate) async fn call(&self, agent: &AgentId) {
        self.tenant.call_next(*agent, None, Ask::system()).await.unwrap().unwrap();
    }

    pub(crate) async fn finish(&self, agent: &AgentId, ticket: &TicketId) {
        let order = |order| self.tenant.order(*ticket, order, Some(*agent), Ask::system());
        order(TicketOrder::Start).await.unwrap();
        order(TicketOrder::Finish { outcomes: Vec::new() }).await.unwrap();
    }

    pub(crate) async fn stop(self) {
        let _ = self.stop.send(());
        self.running.await.unwrap();
    }
}

async fn declare(tenant: &Tenant) -> (String, Vec<String>) {
    let site: SiteBody =
        serde_json::from_value(json!({ "slug": "bench", "name": "Bench" })).unwrap();
    let site = tenant.create(site, Ask::system()).await.unwrap().id;
    let service = json!({ "slug": "service", "names": { "en": "Service" } });
    let service: ServiceBody = serde_json::from_value(service).unwrap();
    let service = tenant.create(service, Ask::system()).await.unwrap().id;
    let mut queues = Vec::new();
    for prefix in ('A'..='Z').take(QUEUES).map(String::from) {
        let body =
            json!({ "site_id": site, "service_id": service, "name": prefix, "prefix": prefix });
        let body: QueueBody = serde_json::from_value(body).unwrap();
        queues.push(tenant.create(body, Ask::system()).await.unwrap().id.to_string());
    }
    (site.to_string(), queues)
}

fn token(app: &App) -> String {
    let verifier = app.edge().verifier();
    let request = MintRequest {
        issuer: "smartqueue",
        tenant: Some("bench"),
        subject: Subject::Role(Role::Manager),
        role: Role::Manager,
        scopes: None,
        client_id: "bench",
        now: app.engine().clock().now(),
        ttl: std::time::Duration::from_secs(3_600),
    };
    mint(verifier.keys(), &request).unwrap()
}
