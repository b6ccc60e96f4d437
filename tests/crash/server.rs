//! The built program as a child process: prepared, started, killed without a word, or stopped in order.
//!
//! Everything goes through the command line, as an operator would do it.
//! Invariant: no child outlives this value.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use persistence::testing::TestDatabase;

use crate::branch::{AGENTS, TENANT, declaration, email};

/// The exit code for a database in use.
const IN_USE: i32 = 3;
/// PostgreSQL notices the death of a client a moment later than we.
const STARTS: usize = 100;

pub(crate) struct Server {
    folder: tempfile::TempDir,
    database: String,
    child: Option<Child>,
    origin: String,
    pub(crate) tokens: Vec<String>,
}

impl Server {
    /// Declares the branch and mints a token for each agent.
    pub(crate) fn prepare(database: &TestDatabase) -> Self {
        let (folder, database) = (tempfile::tempdir().unwrap(), database.url().to_owned());
        let mut server =
            Self { folder, database, child: None, origin: String::new(), tokens: Vec::new() };
        let branch = server.folder.path().join("branch.toml");
        std::fs::write(&branch, declaration()).unwrap();
        server.run(&["apply", branch.to_str().unwrap()]);
        for agent in 0..AGENTS {
            let token =
                server.run(&["token", "--tenant", TENANT, "--as", &email(agent), "--ttl", "12h"]);
            server.tokens.push(token.trim().to_owned());
        }
        server
    }

    fn command(&self) -> Command {
        let mut command = Command::new(Path::new(env!("CARGO_BIN_EXE_smartqueue")));
        command.env_clear().env("DATABASE_URL", &self.database).env("RUST_LOG", "off");
        command.env("SMARTQUEUE__VAULT__KEY", persistence::testing::VAULT_KEY);
        command.current_dir(self.folder.path()).stdin(Stdio::null());
        command
    }

    /// Runs a command to its end; what it wrote to stdout.
    fn run(&self, arguments: &[&str]) -> String {
        let output = self.command().args(arguments).output().unwrap();
        let complaint = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{arguments:?}: {complaint}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// Returns once requests are taken.
    pub(crate) fn start(&mut self) {
        for _ in 0..STARTS {
            let mut child = self
                .command()
                .args(["serve", "--listen", "127.0.0.1:0"])
                .stdout(Stdio::piped())
                .stderr(Stdio::null())
                .spawn()
                .unwrap();
            let mut line = String::new();
            BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
            if line.starts_with("http://") {
                line.trim().clone_into(&mut self.origin);
                self.child = Some(child);
                return;
            }
            let code = child.wait().unwrap().code();
            assert_eq!(code, Some(IN_USE), "it did not start");
            std::thread::sleep(Duration::from_millis(50));
        }
        panic!("the database stayed in use");
    }

    /// `http://ADDRESS`.
    pub(crate) fn origin(&self) -> &str {
        &self.origin
    }

    /// SIGKILL: the program has no say in it.
    pub(crate) fn kill(&mut self) {
        let mut child = self.child.take().unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
    }

    /// SIGTERM: the program leaves in order.
    pub(crate) fn stop(&mut self) {
        let mut child = self.child.take().unwrap();
        let asked = Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap();
        assert!(asked.success(), "the signal was sent");
        assert!(child.wait().unwrap().success(), "it left in order");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            // It may have ended by itself.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}
