//! REST as the simulated kiosk speaks it: a command or a question, and no more drama than an answer.
//!
//! Invariant: nothing here panics or repeats by itself; whoever asked decides what a missing answer means.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use serde_json::Value;

use super::TENANT;

const ANSWER_WITHIN: Duration = Duration::from_secs(10);

/// Idempotency keys that no earlier run has used.
#[derive(Debug)]
pub(super) struct Keys {
    run: String,
    count: AtomicU64,
}

impl Keys {
    pub(super) const fn of_run(run: String) -> Self {
        Self { run, count: AtomicU64::new(0) }
    }

    pub(super) fn fresh(&self) -> String {
        format!("demo-{}-{}", self.run, self.count.fetch_add(1, Ordering::Relaxed))
    }
}

/// What came back.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Answer {
    Yes(Value),
    /// The server said no, or that it cannot.
    No,
    /// Nobody answered.
    Silence,
}

/// A client of the demo's own server.
#[derive(Debug)]
pub(super) struct Post {
    http: reqwest::Client,
    base: String,
}

impl Post {
    /// # Errors
    /// When no client can be made.
    pub(super) fn new(address: SocketAddr) -> Result<Self, reqwest::Error> {
        // The server is on this machine: no proxy of the environment stands between.
        let http = reqwest::Client::builder().timeout(ANSWER_WITHIN).no_proxy().build()?;
        Ok(Self { http, base: format!("http://{address}/api/v1/tenants/{TENANT}") })
    }

    pub(super) async fn get(&self, token: &str, path: &str) -> Answer {
        answer(self.http.get(format!("{}{path}", self.base)).bearer_auth(token)).await
    }

    pub(super) async fn command(&self, token: &str, path: &str, body: &Value, key: &str) -> Answer {
        let request = self.http.post(format!("{}{path}", self.base)).bearer_auth(token);
        answer(request.header("Idempotency-Key", key).json(body)).await
    }
}

async fn answer(request: reqwest::RequestBuilder) -> Answer {
    let Ok(response) = request.send().await else { return Answer::Silence };
    let status = response.status();
    let body = response.json::<Value>().await.unwrap_or_default();
    if status.is_success() {
        return Answer::Yes(body);
    }
    tracing::debug!(status = status.as_u16(), code = ?body.get("code"), "a simulated person was refused");
    Answer::No
}
