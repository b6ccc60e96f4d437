//! What a scraper is told: requests, sockets, frames, the journal, actors, the outbox and the database.
//!
//! Everything is counted in relaxed atomics where it happens and read here; the table of routes is made once, so a request
//! takes no lock to be counted. The text is Prometheus' own format, served on an address of its own.
//! Invariant: no label holds an id, a name or a slug: routes are templates, and tenants are ranks.

mod routes;
mod sockets;
mod text;

use std::sync::Arc;

use actors::{ActorKind, Engine};
use axum::Router;
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use axum::routing::get;
use domain::{Secs, Timestamp};
use tokio::net::TcpListener;
use tokio::sync::Mutex;

use crate::edge::Edge;
use routes::Routes;
pub(crate) use routes::mark;
pub(crate) use sockets::OpenSocket;
use sockets::Sockets;
use text::Text;

/// Tenants that are told apart, by rank.
const TENANTS_TOLD: usize = 10;
/// How old what the database was asked may be.
const ASKED_EVERY: Secs = Secs(15);

/// What the edge counts.
pub(crate) struct Metrics {
    pub(crate) routes: Routes,
    pub(crate) sockets: Arc<Sockets>,
}

impl Metrics {
    pub(crate) fn new() -> Self {
        Self { routes: Routes::new(templates()), sockets: Arc::default() }
    }
}

/// What was last asked of the database: when, and since when the oldest notification has waited.
type Asked = Arc<Mutex<Option<(Timestamp, Option<Timestamp>)>>>;

#[derive(Clone)]
struct Scraped {
    edge: Edge,
    asked: Asked,
}

/// Serves `GET /metrics` on `listener` until it is dropped.
pub async fn serve_metrics(listener: TcpListener, edge: Edge) {
    let scraped = Scraped { edge, asked: Asked::default() };
    let routes = Router::new().route("/metrics", get(scrape)).with_state(scraped);
    if let Err(error) = axum::serve(listener, routes).await {
        tracing::error!(%error, "metrics are not served any more");
    }
}

async fn scrape(State(scraped): State<Scraped>) -> impl IntoResponse {
    let mut text = Text::default();
    let edge = &scraped.edge;
    edge.metrics().routes.write(&mut text);
    edge.metrics().sockets.write(&mut text);
    engine(&mut text, edge.engine());
    if let Some(waiting) = scraped.oldest_intent().await {
        let name = "smartqueue_outbox_oldest_seconds";
        text.gauge(
            name,
            "Since when the oldest notification that is due waits; 0 when none does.",
            waiting,
        );
    }
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text.finish())
}

impl Scraped {
    /// None when the database does not answer.
    async fn oldest_intent(&self) -> Option<u64> {
        let engine = self.edge.engine();
        let now = engine.clock().now();
        let mut asked = self.asked.lock().await;
        let fresh = asked.filter(|(at, _)| now.since(*at) < ASKED_EVERY);
        let (_, due) = match fresh {
            Some(fresh) => fresh,
            None => *asked.insert((now, ask(engine).await?)),
        };
        Some(due.map_or(0, |due| u64::from(now.since(due).0)))
    }
}

async fn ask(engine: &Engine) -> Option<Option<Timestamp>> {
    let mut oldest = None;
    for tenant in engine.tenants() {
        let found = engine.store().oldest_intent(tenant.id).await.ok()?;
        oldest = [oldest, found].into_iter().flatten().min();
    }
    Some(oldest)
}

fn engine(text: &mut Text, engine: &Engine) {
    let (counts, frames) = (engine.counts(), engine.hub().counts());
    for (name, help, count) in [
        ("smartqueue_frames_published_total", "Frames published on topics.", &frames.published),
        ("smartqueue_frames_sent_total", "Frames given to subscribers.", &frames.handed_over),
        (
            "smartqueue_frames_dropped_total",
            "Frames not taken by a subscriber that was too slow or gone.",
            &frames.refused,
        ),
        (
            "smartqueue_journal_commits_unknown_total",
            "Batches with an unknown outcome.",
            &counts.commits_unknown,
        ),
    ] {
        text.counter(name, help, &[("", count.get())]);
    }
    let help = "Events in one batch of the journal.";
    text.histogram(
        "smartqueue_journal_batch_events",
        help,
        1,
        &[(String::new(), &counts.batch_events)],
    );
    let help = "How long one commit of the journal took.";
    text.histogram(
        "smartqueue_journal_commit_seconds",
        help,
        1_000_000,
        &[(String::new(), &counts.commit_micros)],
    );
    let each = |count: &dyn Fn(ActorKind) -> u64| -> Vec<(String, u64)> {
        let label = |kind: ActorKind| format!("actor=\"{}\"", kind.as_str());
        ActorKind::ALL.into_iter().map(|kind| (label(kind), count(kind))).collect()
    };
    for (name, help, values) in [
        (
            "smartqueue_mailbox_sent_total",
            "Messages sent to actors.",
            each(&|kind| counts.mail.of(kind).sent.get()),
        ),
        (
            "smartqueue_mailbox_handled_total",
            "Messages that actors took up.",
            each(&|kind| counts.mail.of(kind).handled.get()),
        ),
        (
            "smartqueue_actor_deaths_total",
            "Actors that died; each is started again unless set aside.",
            each(&|kind| counts.deaths.of(kind).get()),
        ),
        (
            "smartqueue_actor_quarantines_total",
            "Actors set aside for a while.",
            each(&|kind| counts.set_aside.of(kind).get()),
        ),
    ] {
        text.counter(name, help, &values);
    }
    let (open, idle) = engine.store().connections();
    text.gauge("smartqueue_database_connections", "Connections for reading.", u64::from(open));
    text.gauge("smartqueue_database_connections_idle", "Those nobody uses now.", u64::from(idle));
    tenants(text, engine);
}

/// Ranks only: which tenant is first is nobody's matter here.
fn tenants(text: &mut Text, engine: &Engine) {
    let issued = engine.issued();
    let ranks = issued.iter().take(TENANTS_TOLD).zip(1..);
    let values: Vec<(String, u64)> =
        ranks.map(|((_, count), rank)| (format!("rank=\"{rank}\""), *count)).collect();
    let help = "Tickets issued since the start by the tenants that issued the most, by rank. A rank may pass from one tenant to another.";
    text.gauges("smartqueue_tenant_tickets_issued", help, &values);
    let all = issued.iter().map(|(_, count)| count).sum();
    text.counter(
        "smartqueue_tickets_issued_total",
        "Tickets issued since the start.",
        &[("", all)],
    );
    text.gauge("smartqueue_tenants", "Tenants.", u64::try_from(issued.len()).unwrap_or(u64::MAX));
}

/// The route templates that the API describes.
fn templates() -> impl Iterator<Item = String> {
    let (_, document) = crate::rest::described().split_for_parts();
    document.paths.paths.into_keys()
}
