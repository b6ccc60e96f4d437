//! The real application on a fresh database: started, stopped and started again as a story asks.
//!
//! Its configuration is read through every layer; snapshots are as close as is allowed, so that recovery meets both
//! snapshot and tail. Invariant: at the end of a story the audit has found nothing, whatever the story did.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::OnceLock;
use std::time::Duration;

use actors::{Clock, Engine, Tenant};
use domain::{AgentId, DeviceId, QueueId, Role, Scopes, Secs, Timestamp};
use persistence::StoredEvent;
use persistence::testing::TestDatabase;
use serde_json::{Value, json};
use smartqueue::{Config, Core, Overrides};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use transport::{AuthSettings, MintRequest, Subject, mint};
use uuid::Uuid;

use crate::audit::Audit;
use crate::branch::{self, BANK, Branch, OTHER_BANK};
use crate::client::Client;

/// An origin that the configuration allows beside the program's own.
pub(crate) const FRIENDLY_ORIGIN: &str = "https://app.example.org";

/// How often, and how long apart, a story looks again for what must come true.
const LOOKS: u32 = 2_000;
const LOOK_AGAIN: Duration = Duration::from_millis(10);

pub(crate) struct App {
    pub(crate) database: TestDatabase,
    config: Config,
    clock: Clock,
    folder: tempfile::TempDir,
    running: Option<Running>,
    branch: OnceLock<Branch>,
    /// Queues that a story has damaged beyond reading.
    damaged: BTreeSet<QueueId>,
}

struct Running {
    origin: String,
    metrics: String,
    engine: Engine,
    auth: AuthSettings,
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl App {
    /// The application with its branch. With `start` its clock stands there until it is moved.
    pub(crate) async fn start(database: TestDatabase, start: Option<&str>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let config = configured(&database, folder.path(), &[]);
        let clock = start.map_or_else(Clock::system, |start| Clock::manual(instant(start)));
        let (running, damaged) = (None, BTreeSet::new());
        let mut app =
            Self { database, config, clock, folder, running, branch: OnceLock::new(), damaged };
        app.run().await;
        let branch = branch::build(app.engine()).await;
        app.branch.set(branch).unwrap();
        app
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "the story owns the server and waits for its end"
    )]
    async fn run(&mut self) {
        let core = Core::open(&self.config, self.clock.clone()).await.unwrap();
        let (engine, auth) = (core.engine().clone(), core.auth().clone());
        let app = core.listen(&self.config, None).await.unwrap();
        let origin = format!("http://{}", app.address());
        let metrics = format!("http://{}/metrics", app.metrics_address().unwrap());
        let (stop, stopped) = oneshot::channel();
        let serving = Box::pin(app.run_until(async { drop(stopped.await) }));
        self.running =
            Some(Running { origin, metrics, engine, auth, stop, task: tokio::spawn(serving) });
    }

    fn running(&self) -> &Running {
        self.running.as_ref().unwrap()
    }

    /// Stops as SIGTERM would.
    pub(crate) async fn stop(&mut self) {
        let Running { engine, stop, task, .. } = self.running.take().unwrap();
        drop(engine);
        stop.send(()).unwrap();
        task.await.unwrap();
    }

    /// What was derived from the master key is worth nothing after the next start.
    pub(crate) fn forget_master_key(&self) {
        std::fs::remove_file(self.config.master_key_file()).unwrap();
    }

    /// Which of `needles` stand in the database, its log, or any file of the program's folder.
    pub(crate) async fn find(&self, needles: &[&str]) -> Vec<String> {
        let mut found = self.database.find(needles).await;
        found.extend(persistence::testing::find_in_folder(self.folder.path(), needles));
        found
    }

    /// How many letters with this subject were laid into the program's folder.
    pub(crate) fn find_letters(&self, subject: &str) -> usize {
        let letters = std::fs::read_dir(self.folder.path().join("letters")).unwrap();
        let texts = letters.map(|letter| std::fs::read_to_string(letter.unwrap().path()).unwrap());
        texts
            .filter(|text| text.replace("\r\n ", " ").contains(&format!("Subject: {subject}")))
            .count()
    }

    /// The program's own folder.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Takes the list of erasures away; it is what it was.
    pub(crate) fn move_erasures_away(&self) -> String {
        let list = std::fs::read_to_string(self.config.erasures_file()).unwrap();
        std::fs::remove_file(self.config.erasures_file()).unwrap();
        list
    }

    pub(crate) fn put_erasures_back(&self, list: &str) {
        std::fs::write(self.config.erasures_file(), list).unwrap();
    }

    pub(crate) fn forget_checkpoints(&self) {
        std::fs::remove_file(self.config.audit_checkpoint_file()).unwrap();
    }

    pub(crate) async fn start_again(&mut self) {
        self.run().await;
    }

    /// Stops, and starts on the same database.
    pub(crate) async fn restart(&mut self) {
        self.stop().await;
        self.start_again().await;
    }

    /// Stops, and starts on the same database with these variables in its environment.
    pub(crate) async fn restart_with(&mut self, variables: &[(&str, &str)]) {
        self.stop().await;
        self.config = configured(&self.database, self.folder.path(), variables);
        self.start_again().await;
    }

    /// The end of the story: what lives is what the journal says, before and after stopping.
    pub(crate) async fn end(mut self) {
        if self.running.is_none() {
            self.start_again().await;
        }
        let mut audit = Audit::without(self.damaged.clone());
        audit.look_at_the_living(self.engine()).await;
        self.stop().await;
        let store = self.database.open().await;
        audit.look_at_the_store(store.as_ref()).await;
        store.close().await;
        drop(self.folder);
    }

    /// This queue cannot be read any more, and the audit shall not try.
    pub(crate) fn give_up(&mut self, queue: Uuid) {
        self.damaged.insert(QueueId(queue));
    }

    pub(crate) fn engine(&self) -> &Engine {
        &self.running().engine
    }

    pub(crate) fn bank(&self) -> Tenant {
        self.engine().tenant(BANK).unwrap()
    }

    pub(crate) fn branch(&self) -> Branch {
        *self.branch.get().unwrap()
    }

    /// `http://ADDRESS`.
    pub(crate) fn origin(&self) -> &str {
        &self.running().origin
    }

    /// What a scraper reads.
    pub(crate) async fn metrics(&self) -> String {
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        http.get(&self.running().metrics).send().await.unwrap().text().await.unwrap()
    }

    pub(crate) fn address(&self) -> &str {
        self.origin().trim_start_matches("http://")
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Moves a clock that stands.
    pub(crate) fn wait(&self, secs: u32) {
        self.clock.advance_to(self.clock.now().after(Secs(secs)));
    }

    /// Moves a clock that stands to an instant, RFC 3339.
    pub(crate) fn wait_until(&self, to: &str) {
        self.clock.advance_to(instant(to));
    }

    /// What `smartqueue token` would print.
    pub(crate) fn token(&self, tenant: Option<&str>, subject: Subject, role: Role) -> String {
        self.token_with(tenant, subject, role, None, 3_600)
    }

    pub(crate) fn token_with(
        &self,
        tenant: Option<&str>,
        subject: Subject,
        role: Role,
        scopes: Option<Scopes>,
        ttl_secs: u64,
    ) -> String {
        let AuthSettings { issuer, keys } = &self.running().auth;
        let (now, ttl) = (self.now(), Duration::from_secs(ttl_secs));
        let client_id = "story";
        mint(keys, &MintRequest { issuer, tenant, subject, role, scopes, client_id, now, ttl })
            .unwrap()
    }

    pub(crate) fn client(&self, tenant: &'static str, token: String) -> Client {
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        Client { http, origin: self.origin().to_owned(), tenant, token }
    }

    pub(crate) fn agent(&self, agent: Uuid) -> Client {
        self.client(BANK, self.token(Some(BANK), Subject::Agent(AgentId(agent)), Role::Agent))
    }

    pub(crate) fn device(&self, device: Uuid) -> Client {
        self.client(BANK, self.token(Some(BANK), Subject::Device(DeviceId(device)), Role::Device))
    }

    pub(crate) fn awa(&self) -> Client {
        self.agent(self.branch().awa)
    }

    pub(crate) fn binta(&self) -> Client {
        self.agent(self.branch().binta)
    }

    pub(crate) fn moussa(&self) -> Client {
        self.agent(self.branch().moussa)
    }

    pub(crate) fn kiosk(&self) -> Client {
        self.device(self.branch().kiosk)
    }

    pub(crate) fn display(&self) -> Client {
        self.device(self.branch().display)
    }

    /// A bare role of the bank.
    pub(crate) fn role(&self, role: Role) -> Client {
        self.client(BANK, self.token(Some(BANK), Subject::Role(role), role))
    }

    pub(crate) fn manager(&self) -> Client {
        self.role(Role::Manager)
    }

    pub(crate) fn admin(&self) -> Client {
        self.role(Role::Admin)
    }

    /// An administrator of the other bank.
    pub(crate) fn stranger(&self) -> Client {
        let token = self.token(Some(OTHER_BANK), Subject::Role(Role::Admin), Role::Admin);
        self.client(OTHER_BANK, token)
    }

    /// Changes the configuration of one thing, as an administrator would.
    pub(crate) async fn configure(&self, kind: &str, id: Uuid, change: Value) {
        self.admin().configure(kind, id, change).await;
    }

    pub(crate) async fn configure_queue(&self, queue: Uuid, change: Value) {
        self.configure("queues", queue, change).await;
    }

    /// Replaces the recall ladder of a queue.
    pub(crate) async fn ladder(&self, queue: Uuid, ladder: Value) {
        self.configure_queue(queue, json!({ "ladder": ladder })).await;
    }
}

/// What stories look at and tidy up.
impl App {
    /// Every event of a queue, as the journal has it.
    pub(crate) async fn journal(&self, queue: Uuid) -> Vec<StoredEvent> {
        self.engine().store().load_all_events(self.bank().id(), queue.into()).await.unwrap()
    }

    pub(crate) async fn journal_length(&self, queue: Uuid) -> usize {
        self.journal(queue).await.len()
    }

    /// How many events of this kind a queue has had.
    pub(crate) async fn count(&self, queue: Uuid, kind: &str) -> usize {
        self.journal(queue).await.iter().filter(|event| event.kind == kind).count()
    }

    /// The agent once nothing is in hand any more.
    pub(crate) async fn until_free(&self, agent: &Client) -> Value {
        eventually("the agent's hands are free", async || {
            Some(agent.me().await).filter(|me| me["ticket"].is_null() && me["presence"] != "busy")
        })
        .await
    }

    /// Serves whoever is in the agent's hand to the end.
    pub(crate) async fn finish_in_hand(&self, agent: &Client) {
        let ticket = agent.me().await["ticket"].clone();
        if ticket["state"] == "called" {
            agent.order(&ticket, "start").await.is(200);
        }
        if ticket["state"] == "called" || ticket["state"] == "serving" {
            agent.order(&ticket, "finish").await.is(200);
        }
        self.until_free(agent).await;
    }
}

/// Looks until `check` finds something; what must come true comes true soon, and never depends on how soon.
pub(crate) async fn eventually<T>(what: &str, check: impl AsyncFn() -> Option<T>) -> T {
    for _ in 0..LOOKS {
        if let Some(found) = check().await {
            return found;
        }
        tokio::time::sleep(LOOK_AGAIN).await;
    }
    panic!("it never came true: {what}");
}

/// The configuration through every layer, with more in its environment.
fn configured(database: &TestDatabase, folder: &Path, more: &[(&str, &str)]) -> Config {
    let overrides = Overrides {
        listen: Some("127.0.0.1:0".to_owned()),
        database_url: Some(database.url().to_owned()),
        data_dir: Some(folder.to_owned()),
        ..Overrides::default()
    };
    let environment = [
        ("SMARTQUEUE__JOURNAL__SNAPSHOT_EVERY_EVENTS", "10"),
        ("SMARTQUEUE__PROMETHEUS__LISTEN", "127.0.0.1:0"),
        ("SMARTQUEUE__SERVER__ALLOWED_ORIGINS", FRIENDLY_ORIGIN),
        ("SMARTQUEUE__SERVER__SHUTDOWN_DRAIN_SECONDS", "5"),
        ("SMARTQUEUE__VAULT__KEY", persistence::testing::VAULT_KEY),
    ];
    let environment = environment.iter().chain(more);
    let environment = environment.map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Config::load(None, environment, &overrides).unwrap()
}

fn instant(text: &str) -> Timestamp {
    text.parse::<jiff::Timestamp>().unwrap().into()
}
