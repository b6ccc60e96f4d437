//! Databases for tests: a fresh one per test, of either kind, gone afterwards.
//!
//! SQLite is a file in a temporary folder. PostgreSQL is a database copied from a migrated template, in the cluster that
//! `SMARTQUEUE_TEST_POSTGRES` names (the URL of a database in it, of a superuser), else in a throw-away cluster that the
//! test processes of a run share. As in production one login owns and migrates it and another one serves; neither is a
//! superuser, so every test runs under row-level security.
//!
//! Invariant: without PostgreSQL a test skips and says so, or panics when `SMARTQUEUE_TEST_REQUIRE_POSTGRES=1`.

mod cluster;
mod contents;
mod damage;
mod tamper;
mod template;

use std::sync::Arc;

pub use contents::find_in_folder;
use sqlx::{Connection, Executor, PgConnection};
pub use tamper::{Overwrite, Tamper, Tampering};

use crate::{MasterKey, Options, Store, open};

/// The key of every test's vault.
pub const VAULT_KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

/// The defaults, and a vault whose key every test knows.
pub fn options() -> Options {
    let key = MasterKey::from_base64(VAULT_KEY);
    Options { vault: key.ok(), ..Options::default() }
}

/// A database that only one test uses.
pub struct TestDatabase {
    url: String,
    /// Of a PostgreSQL database: the owner's login, and the superuser's.
    others: Option<[String; 2]>,
    /// Holds the SQLite file's folder.
    _folder: Option<tempfile::TempDir>,
}

impl TestDatabase {
    /// A SQLite file that does not exist yet, in a folder that goes away with this value.
    #[expect(clippy::expect_used, reason = "a test without a folder cannot go on")]
    pub fn sqlite() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let url = format!("sqlite:{}", folder.path().join("smartqueue.db").display());
        Self { url, others: None, _folder: Some(folder) }
    }

    /// A migrated PostgreSQL database, or none when there is no PostgreSQL here.
    ///
    /// # Panics
    /// When there is none and `SMARTQUEUE_TEST_REQUIRE_POSTGRES=1`.
    pub async fn postgres() -> Option<Self> {
        match template::fresh_database().await {
            Ok([url, owner, admin]) => {
                Some(Self { url, others: Some([owner, admin]), _folder: None })
            }
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

    /// With the login that owns the tables; the same as [`Self::url`] for a SQLite file.
    pub fn owner_url(&self) -> &str {
        self.others.as_ref().map_or(&self.url, |[owner, _]| owner)
    }

    /// With a login that nothing binds, to look or meddle behind the store's back.
    pub fn admin_url(&self) -> &str {
        self.others.as_ref().map_or(&self.url, |[_, admin]| admin)
    }

    /// Takes row-level security off every table of a PostgreSQL database, to measure what it costs.
    #[expect(clippy::expect_used, reason = "a measurement of something else is worse than none")]
    pub async fn without_row_security(&self) {
        let mut admin = PgConnection::connect(self.admin_url()).await.expect("the database");
        let sql = "do $$ declare place regclass; begin
            for place in select oid::regclass from pg_class where relrowsecurity loop
                execute format('alter table %s disable row level security', place);
            end loop; end $$";
        admin.execute(sqlx::raw_sql(sql)).await.expect("the change");
    }

    /// Opens it.
    #[expect(clippy::expect_used, reason = "a test without a store cannot go on")]
    pub async fn open(&self) -> Arc<dyn Store> {
        open(&self.url, &options()).await.expect("the test's store opens")
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
