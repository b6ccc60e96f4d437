//! The program in a folder of its own: to be run to its end, or to be served from.
//!
//! Nothing of the environment of whoever runs the tests comes through.
//! Invariant: a server that a story started has ended when the story ends, however it ends.

use std::io::{BufRead, BufReader, Read};
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};

use futures_util::StreamExt;
use persistence::testing::VAULT_KEY;
use serde_json::Value;
use tempfile::TempDir;
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;

/// The declaration that we ship.
pub(crate) const BRANCH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/config/branch.toml");
/// A branch that takes people at any hour: the example of the repository closes at night.
pub(crate) const ALWAYS_OPEN: &str = r#"
[[tenants]]
slug = "banque-teranga"
name = "Banque Teranga"
[[tenants.services]]
slug = "retraits"
names = { fr = "Retraits" }
[[tenants.sites]]
slug = "plateau"
name = "Plateau"
[[tenants.sites.queues]]
prefix = "R"
name = "Retraits"
service = "retraits"
"#;
/// An agent of it.
pub(crate) const AWA: &str = "awa.diop@teranga.example";

/// A folder to run the program in; its data goes to `data` there.
pub(crate) struct Place(TempDir);

impl Place {
    pub(crate) fn new() -> Place {
        Place(tempfile::tempdir().unwrap())
    }

    pub(crate) fn command(&self, line: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_smartqueue"));
        command.args(line.split_whitespace()).current_dir(self.0.path()).env_clear();
        if line.contains("postgres") {
            // There nobody makes a key for the operator.
            command.env("SMARTQUEUE__VAULT__KEY", VAULT_KEY);
        }
        command
    }

    /// Runs `line` to its end.
    pub(crate) fn run(&self, line: &str) -> Ran {
        let Output { status, stdout, stderr } = self.command(line).output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Ran { code: status.code(), stdout: text(stdout), stderr: text(stderr) }
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        std::fs::write(self.0.path().join(name), text).unwrap();
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn holds(&self, name: &str) -> bool {
        self.path(name).exists()
    }

    /// Starts `serve` and waits until it takes requests.
    pub(crate) fn serve(&self, flags: &str) -> Served {
        self.serving(self.command(&format!("serve --listen 127.0.0.1:0 {flags}")))
    }

    /// Starts a `serve` and waits until it takes requests.
    pub(crate) fn serving(&self, mut command: Command) -> Served {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let url = line.trim().to_owned();
        if url.is_empty() {
            let mut said = String::new();
            child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
            panic!("the server did not start: {said}");
        }
        Served { child, url }
    }
}

/// How a command ended.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ran {
    #[track_caller]
    pub(crate) fn must(self, code: i32) -> Ran {
        assert_eq!(self.code, Some(code), "{self:#?}");
        self
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap()
    }
}

/// A running server.
pub(crate) struct Served {
    child: Child,
    pub(crate) url: String,
}

impl Served {
    /// The status and body of a GET.
    pub(crate) fn get(&self, path: &str, token: &str) -> (u16, String) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let client = reqwest::Client::builder().no_proxy().build().unwrap();
            let request = client.get(format!("{}{path}", self.url)).bearer_auth(token);
            let answer = request.send().await.unwrap();
            (answer.status().as_u16(), answer.text().await.unwrap())
        })
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Opens a socket, sends `signal`, and returns the code that the socket is closed with.
    pub(crate) fn socket_closed_by(&self, signal: &str) -> u16 {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let address = self.url.replace("http://", "ws://");
            let url = format!("{address}/api/v1/tenants/banque-teranga/ws");
            let mut request = url.into_client_request().unwrap();
            let dialect = "smartqueue.v1.json".parse().unwrap();
            request.headers_mut().insert("sec-websocket-protocol", dialect);
            let (mut socket, _) = connect_async(request).await.unwrap();
            self.signal(signal);
            while let Some(message) = socket.next().await {
                if let Message::Close(Some(frame)) = message.unwrap() {
                    // The answer to the close goes out with the next read.
                    while socket.next().await.is_some() {}
                    return frame.code.into();
                }
            }
            panic!("the socket ended without a word");
        })
    }

    /// The status and body of a command.
    pub(crate) fn post(&self, path: &str, token: &str, body: &Value) -> (u16, Value) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let client = reqwest::Client::builder().no_proxy().build().unwrap();
            let key = uuid::Uuid::now_v7().to_string();
            let request = client.post(format!("{}{path}", self.url)).bearer_auth(token);
            let request = request.header("idempotency-key", key).json(body);
            let answer = request.send().await.unwrap();
            (answer.status().as_u16(), answer.json().await.unwrap())
        })
    }

    /// Does `deed`, stops, and returns all that was said meanwhile, however much that is.
    pub(crate) fn heard(mut self, deed: impl FnOnce(&Served)) -> String {
        let mut stderr = self.child.stderr.take().unwrap();
        let listening = std::thread::spawn(move || {
            let mut said = String::new();
            stderr.read_to_string(&mut said).unwrap();
            said
        });
        deed(&self);
        self.signal("-TERM");
        assert_eq!(self.child.wait().unwrap().code(), Some(0));
        listening.join().unwrap()
    }

    pub(crate) fn signal(&self, signal: &str) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args([signal, &id]).status().unwrap().success());
    }

    /// Sends `signal` and returns the exit code and what was said.
    pub(crate) fn stop(self, signal: &str) -> (Option<i32>, String) {
        self.signal(signal);
        self.ended()
    }

    /// Waits for the end; returns the exit code and what was said.
    pub(crate) fn ended(mut self) -> (Option<i32>, String) {
        let mut said = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        (self.child.wait().unwrap().code(), said)
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // Of no effect on one that has ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
