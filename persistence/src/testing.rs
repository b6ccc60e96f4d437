//! Databases for tests: a fresh one per test, of either kind, gone afterwards.
//!
//! SQLite is a file in a temporary folder. PostgreSQL is a database copied from a migrated template, in the cluster that
//! `SMARTQUEUE_TEST_POSTGRES` names (the URL of a database in it, of a user who may create others), else in a throw-away
//! cluster that the test processes of a run share.
//!
//! Invariant: without PostgreSQL a test skips and says so, or panics when `SMARTQUEUE_TEST_REQUIRE_POSTGRES=1`.

mod cluster;
mod damage;
mod tamper;
mod template;

use std::sync::Arc;

pub use tamper::{Overwrite, Tamper, Tampering};

use crate::{Options, Store, open};

/// A database that only one test uses.
pub struct TestDatabase {
    url: String,
    /// Holds the SQLite file's folder.
    _folder: Option<tempfile::TempDir>,
}

impl TestDatabase {
    /// A SQLite file that does not exist yet, in a folder that goes away with this value.
    #[expect(clippy::expect_used, reason = "a test without a folder cannot go on")]
    pub fn sqlite() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let url = format!("sqlite:{}", folder.path().join("smartqueue.db").display());
        Self { url, _folder: Some(folder) }
    }

    /// A migrated PostgreSQL database, or none when there is no PostgreSQL here.
    ///
    /// # Panics
    /// When there is none and `SMARTQUEUE_TEST_REQUIRE_POSTGRES=1`.
    pub async fn postgres() -> Option<Self> {
        match template::fresh_database().await {
            Ok(url) => Some(Self { url, _folder: None }),
            Err(reason) => {
                skip(&reason);
                None
            }
        }
    }

    /// For [`open`], or for the program under test.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Opens it.
    #[expect(clippy::expect_used, reason = "a test without a store cannot go on")]
    pub async fn open(&self) -> Arc<dyn Store> {
        open(&self.url, &Options::default()).await.expect("the test's store opens")
    }
}

#[expect(clippy::print_stderr, reason = "whoever runs the tests must see what was not tested")]
#[expect(clippy::panic, reason = "asked for by whoever runs the tests")]
fn skip(reason: &str) {
    if std::env::var("SMARTQUEUE_TEST_REQUIRE_POSTGRES").is_ok_and(|value| value == "1") {
        panic!("no postgresql for the tests: {reason}");
    }
    eprintln!("skipped: no postgresql for the tests: {reason}");
}
