//! What an operator may set: one small struct per section, read once, checked once, then passed down.
//!
//! [`Config::load`] lays four layers over each other (defaults, file, environment, flags) and reports
//! every fault it finds at once, each with its key, its origin and a remedy.
//!
//! Invariant: a `Config` that was loaded has passed every check, and no secret in it can be printed.

mod audit;
mod auth;
mod bounds;
mod calendar;
mod database;
mod error;
mod fields;
mod journal;
mod layers;
mod limits;
mod log;
mod nearest;
mod mail;
mod metrics;
mod outgoing;
mod prometheus;
mod rate_limits;
mod section;
mod server;
mod vault;
#[cfg(test)]
mod tests;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use serde::Deserialize;

pub use self::audit::AuditConfig;
pub use self::auth::AuthConfig;
pub use self::calendar::{CalendarConfig, CalendarError};
pub use self::database::{DatabaseConfig, DatabaseUrl};
pub use self::error::{ConfigError, Problem};
pub use self::journal::JournalConfig;
pub use self::limits::LimitsConfig;
pub use self::log::{LogConfig, LogFormat};
pub use self::mail::MailConfig;
pub use self::metrics::MetricsConfig;
pub use self::outgoing::OutgoingConfig;
pub use self::prometheus::PrometheusConfig;
pub use self::rate_limits::RateLimitsConfig;
pub use self::server::{ForwardedHeader, ServerConfig};
pub use self::vault::VaultConfig;

use self::layers::Layers;
pub(crate) use self::nearest::nearest;

/// Everything that can be set, section by section.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Where the program listens and how it stops.
    pub server: ServerConfig,
    /// Where the truth is kept.
    pub database: DatabaseConfig,
    /// How commits are gathered.
    pub journal: JournalConfig,
    /// The most of everything.
    pub limits: LimitsConfig,
    /// How often one address or one caller may ask.
    pub rate_limits: RateLimitsConfig,
    /// Where the program itself may call.
    pub outgoing: OutgoingConfig,
    /// How letters leave the program.
    pub mail: MailConfig,
    /// How tokens are signed.
    pub auth: AuthConfig,
    /// How the audit log is kept.
    pub audit: AuditConfig,
    /// How personal data is sealed.
    pub vault: VaultConfig,
    /// How often it is stored how the queues stand.
    pub metrics: MetricsConfig,
    /// Where figures for operators are scraped.
    pub prometheus: PrometheusConfig,
    /// Which days are holidays.
    pub calendar: CalendarConfig,
    /// What is written to stderr.
    pub log: LogConfig,
}

/// What the command line says: the topmost layer. `None` leaves the layers below alone.
#[derive(Debug, Clone, Default)]
pub struct Overrides {
    /// `--listen`: address and port.
    pub listen: Option<String>,
    /// `--database`: a database URL.
    pub database_url: Option<String>,
    /// `--data-dir`: the folder of the embedded database and of the keys.
    pub data_dir: Option<PathBuf>,
    /// `--tls-cert`: the certificate's file.
    pub tls_cert: Option<PathBuf>,
    /// `--tls-key`: the file of its key.
    pub tls_key: Option<PathBuf>,
}

impl Config {
    /// Reads the layers, lowest first: defaults, `file`, `environment`, `flags`.
    ///
    /// # Errors
    /// [`ConfigError::Unreadable`] and [`ConfigError::NotToml`] for a file that cannot be used at all;
    /// [`ConfigError::Refused`] with every unknown key, wrong type and broken bound.
    pub fn load(
        file: Option<&Path>,
        environment: impl IntoIterator<Item = (String, String)>,
        flags: &Overrides,
    ) -> Result<Config, ConfigError> {
        let mut layers = Layers::default();
        if let Some(path) = file {
            layers.add_file(path)?;
        }
        layers.add_environment(environment);
        layers.add_flags(flags);
        layers.into_config()
    }

    /// Every broken bound, in the order of the sections; empty when all is well.
    #[must_use]
    pub fn check(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        self.server.check(&mut problems);
        self.database.check(&mut problems);
        self.journal.check(&mut problems);
        self.limits.check(&mut problems);
        self.rate_limits.check(&mut problems);
        self.outgoing.check(&mut problems);
        self.mail.check(&mut problems);
        self.auth.check(&mut problems);
        self.audit.check(&mut problems);
        self.metrics.check(&mut problems);
        self.log.check(&mut problems);
        self.check_relations(&mut problems);
        problems
    }

    /// The database to open: `database.url`, else a SQLite file in `server.data_dir`.
    #[must_use]
    pub fn database_url(&self) -> DatabaseUrl {
        self.database.url.clone().unwrap_or_else(|| {
            DatabaseUrl::sqlite_file(&self.server.data_dir.join("smartqueue.db"))
        })
    }

    /// How the program is reached from outside: `server.public_url`, else the address it listens on.
    #[must_use]
    pub fn public_url(&self, listening: SocketAddr) -> String {
        let scheme = if self.server.tls_cert.is_some() { "https" } else { "http" };
        self.server.public_url.clone().unwrap_or_else(|| format!("{scheme}://{listening}"))
    }

    /// The file of the token-signing key: `auth.signing_key_file`, else one in `server.data_dir`.
    #[must_use]
    pub fn signing_key_file(&self) -> PathBuf {
        self.auth
            .signing_key_file
            .clone()
            .unwrap_or_else(|| self.server.data_dir.join("signing-key.pem"))
    }

    /// The file of the master key, from which the keys of ticket links are derived: in `server.data_dir`.
    #[must_use]
    pub fn master_key_file(&self) -> PathBuf {
        self.server.data_dir.join("master.key")
    }

    /// The file of the audit key: `audit.key_file`, else one in `server.data_dir`.
    #[must_use]
    pub fn audit_key_file(&self) -> PathBuf {
        self.audit.key_file.clone().unwrap_or_else(|| self.server.data_dir.join("audit-key"))
    }

    /// The file of the audit checkpoints: `audit.checkpoint_file`, else one in `server.data_dir`.
    #[must_use]
    pub fn audit_checkpoint_file(&self) -> PathBuf {
        self.audit
            .checkpoint_file
            .clone()
            .unwrap_or_else(|| self.server.data_dir.join("audit-checkpoints.jsonl"))
    }

    /// The file of the vault's key: `vault.key_file`, else one in `server.data_dir`.
    #[must_use]
    pub fn vault_key_file(&self) -> PathBuf {
        self.vault.key_file.clone().unwrap_or_else(|| self.server.data_dir.join("vault-key"))
    }

    /// The list of erasures: `vault.erasures_file`, else one in `server.data_dir`.
    #[must_use]
    pub fn erasures_file(&self) -> PathBuf {
        self.vault
            .erasures_file
            .clone()
            .unwrap_or_else(|| self.server.data_dir.join("erasures.jsonl"))
    }

    /// The file of what forms, refresh tokens and second factors are sealed with.
    #[must_use]
    pub fn sign_in_secret_file(&self) -> PathBuf {
        self.server.data_dir.join("sign-in-secret")
    }

    /// The bounds that join two sections.
    fn check_relations(&self, problems: &mut Vec<Problem>) {
        if self.limits.body_bytes_max > self.journal.batch_bytes_max {
            problems.push(Problem::new(
                "limits.body_bytes_max",
                "is more than journal.batch_bytes_max, so one request might not fit an empty batch",
                format!("give at most {}", self.journal.batch_bytes_max),
            ));
        }
    }
}

/// The process's environment, without variables that are not Unicode.
pub fn environment() -> impl Iterator<Item = (String, String)> {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
}
