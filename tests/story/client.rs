//! A client of the REST API who holds one token: what they ask, and what they are answered.
//!
//! Commands get a fresh idempotency key unless the story names one. Paths are those after the tenant's.
//! Invariant: an answer keeps its bytes, so that stories can compare them.

use std::sync::atomic::{AtomicU64, Ordering};

use reqwest::Method;
use reqwest::header::HeaderMap;
use serde_json::{Value, json};
use uuid::Uuid;

/// Somebody with a token.
#[derive(Clone)]
pub(crate) struct Client {
    pub(crate) http: reqwest::Client,
    /// `http://ADDRESS`.
    pub(crate) origin: String,
    pub(crate) tenant: &'static str,
    pub(crate) token: String,
}

/// What came back.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

/// A key nobody else uses.
pub(crate) fn fresh_key() -> String {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    format!("{}-{}", Uuid::now_v7().simple(), COUNT.fetch_add(1, Ordering::Relaxed))
}

impl Answer {
    pub(crate) fn body(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_default()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The body of an answer with this status.
    #[track_caller]
    pub(crate) fn is(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text);
        self.body()
    }

    /// The problem with this status and code.
    #[track_caller]
    pub(crate) fn refused(&self, status: u16, code: &str) -> Value {
        let problem = self.is(status);
        assert_eq!(problem["code"], code, "{}", self.text);
        assert_eq!(problem["status"], status, "{}", self.text);
        assert_eq!(self.header("content-type"), Some("application/problem+json"));
        assert!(self.header("x-request-id").is_some(), "every answer has an id");
        problem
    }

    pub(crate) fn is_replay(&self) -> bool {
        self.header("idempotency-replayed") == Some("true")
    }
}

impl Client {
    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}/api/v1/tenants/{}{path}", self.origin, self.tenant)
    }

    fn asks(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        self.http.request(method, self.url(path)).bearer_auth(&self.token)
    }

    pub(crate) async fn sends(request: reqwest::RequestBuilder) -> Answer {
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Answer { status, headers, text: response.text().await.unwrap() }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        Self::sends(self.asks(Method::GET, path)).await
    }

    /// A command with a key of its own.
    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        self.post_as(&fresh_key(), path, body).await
    }

    pub(crate) async fn post_as(&self, key: &str, path: &str, body: Value) -> Answer {
        Self::sends(self.asks(Method::POST, path).header("idempotency-key", key).json(&body)).await
    }

    pub(crate) async fn put(&self, path: &str, version: Option<u64>, body: &Value) -> Answer {
        let request = self.asks(Method::PUT, path).json(body);
        let request = match version {
            Some(version) => request.header("if-match", format!("\"{version}\"")),
            None => request,
        };
        Self::sends(request).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        Self::sends(self.asks(Method::DELETE, path)).await
    }

    /// A ticket in `queue`.
    pub(crate) async fn issue(&self, queue: Uuid) -> Value {
        self.issue_with(queue, json!({})).await.is(201)
    }

    /// A ticket in `queue`, with more in the body.
    pub(crate) async fn issue_with(&self, queue: Uuid, more: Value) -> Answer {
        let mut body = json!({ "queue_id": queue, "channel": "staff" });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        self.post("/tickets", body).await
    }

    /// The command `verb` to a ticket, without a body.
    pub(crate) async fn order(&self, ticket: &Value, verb: &str) -> Answer {
        self.order_with(ticket, verb, json!({})).await
    }

    pub(crate) async fn order_with(&self, ticket: &Value, verb: &str, body: Value) -> Answer {
        self.post(&format!("/tickets/{}/{verb}", id(ticket)), body).await
    }

    /// The ticket as it stands.
    pub(crate) async fn ticket(&self, ticket: &Value) -> Value {
        self.get(&format!("/tickets/{}", id(ticket))).await.is(200)
    }

    /// Changes the configuration of one thing, leaving the rest as it is.
    pub(crate) async fn configure(&self, kind: &str, id: Uuid, change: Value) {
        let path = format!("/{kind}/{id}");
        let shown = self.get(&path).await.is(200);
        let mut body = match shown.get("config") {
            Some(config) => config.clone(),
            None => shown,
        };
        let body_map = body.as_object_mut().unwrap();
        let of_the_server = ["id", "version", "created_at", "updated_at"];
        let of_a_device = ["online", "last_seen_at", "paired_at", "revoked_at"];
        for extra in of_the_server.iter().chain(&of_a_device) {
            body_map.remove(*extra);
        }
        body_map.extend(change.as_object().unwrap().clone());
        self.put(&path, None, &body).await.is(200);
    }

    /// Begins the agent's day at their own counter.
    pub(crate) async fn sign_in(&self) -> Value {
        self.post("/agents/me/sign-in", json!({})).await.is(200)
    }

    pub(crate) async fn call_next(&self) -> Answer {
        self.post("/agents/me/call-next", json!({})).await
    }

    pub(crate) async fn call_next_in(&self, queue: Uuid) -> Answer {
        self.post("/agents/me/call-next", json!({ "queue_id": queue })).await
    }

    /// The next ticket, called and at the counter.
    pub(crate) async fn serve_next(&self) -> Value {
        let ticket = self.call_next().await.is(200);
        self.order(&ticket, "start").await.is(200)
    }

    pub(crate) async fn me(&self) -> Value {
        self.get("/agents/me").await.is(200)
    }

    pub(crate) async fn queue(&self, queue: Uuid) -> Value {
        self.get(&format!("/queues/{queue}")).await.is(200)
    }
}

/// The id of a thing, as text.
#[track_caller]
pub(crate) fn id(thing: &Value) -> &str {
    thing["id"].as_str().unwrap()
}

/// The number of a ticket, as people know it.
#[track_caller]
pub(crate) fn number(ticket: &Value) -> &str {
    ticket["number"].as_str().unwrap()
}
