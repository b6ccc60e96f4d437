//! Stories about `smartqueue demo`: what a visitor finds, what the simulated people do, and what is left of it.
//!
//! Each runs the real program in a folder of its own. Invariant: a demo that a story started has ended with it.
#![allow(clippy::unwrap_used, reason = "a story that cannot go on ends here")]

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use reqwest::{Client, StatusCode};
use serde_json::{Value, json};
use tempfile::TempDir;

/// How often something is looked for, a quarter of a second apart, before a story gives up.
const LOOKS_MAX: usize = 240;

/// The program, running.
struct Running {
    child: Child,
    url: String,
    /// What it printed beside the address.
    lines: Vec<String>,
    http: Client,
}

impl Running {
    /// Starts `line` in `place` and waits for the address; of the demo, for the ten agents too.
    fn start(place: &TempDir, line: &str, lines: usize) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_smartqueue"));
        command.args(line.split_whitespace()).args(["--listen", "127.0.0.1:0"]).env_clear();
        let mut child = command
            .current_dir(place)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        let mut lines = stdout.lines().take(lines).map(Result::unwrap);
        let url = lines.next().unwrap().trim_end_matches('/').to_owned();
        let lines = lines.collect();
        Self { child, url, lines, http: Client::builder().no_proxy().build().unwrap() }
    }

    /// Asks it to stop as Ctrl-C does, and returns its exit code.
    fn stop(mut self) -> Option<i32> {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
        self.child.wait().unwrap().code()
    }

    async fn session(&self) -> Value {
        self.http
            .get(format!("{}/demo/session", self.url))
            .send()
            .await
            .unwrap()
            .json()
            .await
            .unwrap()
    }

    async fn get(&self, token: &str, path: &str) -> Value {
        let url = format!("{}/api/v1/tenants/demo{path}", self.url);
        self.http.get(url).bearer_auth(token).send().await.unwrap().json().await.unwrap()
    }

    async fn post(&self, token: &str, path: &str, key: &str, body: Value) -> (StatusCode, Value) {
        let request =
            self.http.post(format!("{}/api/v1/tenants/demo{path}", self.url)).bearer_auth(token);
        let response = request.header("Idempotency-Key", key).json(&body).send().await.unwrap();
        (response.status(), response.json().await.unwrap_or_default())
    }

    /// Ids and states of all tickets, oldest first.
    async fn tickets(&self, token: &str) -> Vec<(String, String)> {
        let page = self.get(token, "/tickets?limit=200&order=oldest").await;
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        page["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|ticket| (text(&ticket["id"]), text(&ticket["state"])))
            .collect()
    }

    /// Waits until so many tickets have been served.
    async fn served(&self, token: &str, wanted: usize) {
        for _ in 0..LOOKS_MAX {
            let tickets = self.tickets(token).await;
            if tickets.iter().filter(|(_, state)| state == "served").count() >= wanted {
                return;
            }
            tokio::time::sleep(Duration::from_millis(250)).await;
        }
        panic!("{wanted} tickets were not served: {:?}", self.tickets(token).await);
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // A story that went well has waited for it already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The address, three tokens, ten agents.
const LINES: usize = 14;

fn text<'a>(value: &'a Value, path: &str) -> &'a str {
    value.pointer(path).and_then(Value::as_str).unwrap_or_else(|| panic!("{path} in {value:#}"))
}

#[tokio::test]
async fn a_visitor_finds_a_branch_with_tokens_for_everybody() {
    let place = tempfile::tempdir().unwrap();
    let demo = Running::start(&place, "demo --speed 0 --seed 3", LINES);
    let session = demo.session().await;
    assert_eq!(
        (text(&session, "/tenant"), text(&session, "/site/slug")),
        ("demo", "dakar-plateau")
    );
    assert_eq!((session["speed"].as_f64(), session["seed"].as_u64()), (Some(0.0), Some(3)));
    assert_eq!(session["tokens"]["agents"].as_array().unwrap().len(), 10);
    let manager = text(&session, "/tokens/manager");
    assert!(demo.lines[0].ends_with(manager), "the printed token is the served one");
    for (path, things) in
        [("/services", 3), ("/queues", 3), ("/counters", 5), ("/devices", 2), ("/agents", 10)]
    {
        let page = demo.get(manager, path).await;
        assert_eq!(page["items"].as_array().map(Vec::len), Some(things), "{path}: {page:#}");
    }
    let counters: Vec<&Value> = session["tokens"]["agents"]
        .as_array()
        .unwrap()
        .iter()
        .map(|agent| &agent["counter"])
        .collect();
    assert_eq!(counters[4], "5");
    assert!(counters[5].is_null());
    assert_eq!(demo.stop(), Some(0));
}

#[tokio::test]
async fn serve_finds_every_ticket_of_the_demo_as_it_was() {
    let place = tempfile::tempdir().unwrap();
    let demo = Running::start(&place, "demo --speed 0", LINES);
    let session = demo.session().await;
    let (kiosk, manager) = (text(&session, "/tokens/kiosk"), text(&session, "/tokens/manager"));
    let agent = text(&session, "/tokens/agents/4/token");
    let queue = demo.get(kiosk, "/queues").await["items"][0]["id"].clone();
    for person in ["p1", "p2", "p3"] {
        let body = json!({ "queue_id": queue, "channel": "kiosk", "class": "senior" });
        assert_eq!(demo.post(kiosk, "/tickets", person, body).await.0, StatusCode::CREATED);
    }
    assert_eq!(demo.post(agent, "/agents/me/sign-in", "in", json!({})).await.0, StatusCode::OK);
    let (status, called) = demo.post(agent, "/agents/me/call-next", "next", json!({})).await;
    assert_eq!((status, text(&called, "/counter/name")), (StatusCode::OK, "5"));
    let before = demo.tickets(manager).await;
    assert_eq!(
        before.iter().map(|(_, state)| state.as_str()).collect::<Vec<_>>(),
        ["called", "waiting", "waiting"]
    );
    let manager = manager.to_owned();
    assert_eq!(demo.stop(), Some(0));
    let serve = Running::start(&place, "serve --database sqlite:data/demo.db", 1);
    assert_eq!(serve.tickets(&manager).await, before);
    assert_eq!(
        serve.http.get(format!("{}/demo/session", serve.url)).send().await.unwrap().status(),
        404
    );
    assert_eq!(serve.stop(), Some(0));
}

#[tokio::test]
async fn simulated_people_come_and_are_served_also_after_a_restart() {
    let place = tempfile::tempdir().unwrap();
    let demo = Running::start(&place, "demo --speed 200", LINES);
    let session = demo.session().await;
    let manager = text(&session, "/tokens/manager").to_owned();
    demo.served(&manager, 8).await;
    for (place, presence) in [(0, "offline"), (3, "offline")] {
        let agent = text(&session, &format!("/tokens/agents/{place}/token"));
        assert_ne!(
            demo.get(agent, "/agents/me").await["presence"],
            presence,
            "agent {place} is simulated"
        );
    }
    let visitor = text(&session, "/tokens/agents/4/token");
    assert_eq!(
        demo.get(visitor, "/agents/me").await["presence"],
        "offline",
        "this one is left to the visitor"
    );
    assert_eq!(demo.stop(), Some(0));
    let again = Running::start(&place, "demo --speed 200", LINES);
    let kept = again.tickets(&manager).await;
    let served = kept.iter().filter(|(_, state)| state == "served").count();
    assert!(served >= 8, "{kept:?}");
    again.served(&manager, served + 8).await;
    assert_eq!(again.stop(), Some(0));
}
