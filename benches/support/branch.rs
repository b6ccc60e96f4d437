//! A branch with many queues on a real server, in this process.
//!
//! Many queues, so that no line passes the limit of waiting people while a bench issues for seconds.
//! Invariant: the server is the one that `smartqueue serve` runs, with its default limits.

use std::net::SocketAddr;

use actors::{Ask, QueueBody, ServiceBody, SiteBody, Tenant};
use domain::Role;
use persistence::testing::TestDatabase;
use serde_json::json;
use smartqueue::{App, Config, Overrides};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use transport::{MintRequest, Subject, mint};

const QUEUES: usize = 128;

/// A running server with one branch.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    token: String,
    queues: Vec<String>,
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
        };
        let config = Config::load(None, [], &overrides).unwrap();
        let app = App::start(&config).await.unwrap();
        let tenant = app.engine().create_tenant("bench", "Bench").await.unwrap();
        let queues = declare(&tenant).await;
        let token = token(&app);
        let address = app.address();
        let (stop, stopped) = oneshot::channel();
        let running = tokio::spawn(async move { app.run_until(async { drop(stopped.await) }).await });
        Self { address, token, queues, stop, running, _folder: folder, _database: database }
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

    pub(crate) async fn stop(self) {
        let _ = self.stop.send(());
        self.running.await.unwrap();
    }
}

async fn declare(tenant: &Tenant) -> Vec<String> {
    let site: SiteBody = serde_json::from_value(json!({ "slug": "bench", "name": "Bench" })).unwrap();
    let site = tenant.create(site, Ask::system()).await.unwrap().id;
    let service = json!({ "slug": "service", "names": { "en": "Service" } });
    let service: ServiceBody = serde_json::from_value(service).unwrap();
    let service = tenant.create(service, Ask::system()).await.unwrap().id;
    let mut queues = Vec::new();
    for index in 0..QUEUES {
        let prefix: String = [index / 26 / 26, index / 26 % 26, index % 26].iter().map(|n| char::from(b'A' + *n as u8)).collect();
        let body = json!({ "site_id": site, "service_id": service, "name": prefix, "prefix": prefix });
        let body: QueueBody = serde_json::from_value(body).unwrap();
        queues.push(tenant.create(body, Ask::system()).await.unwrap().id.to_string());
    }
    queues
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
