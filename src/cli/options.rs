//! The options that several commands share: where the configuration and the database are.
//!
//! A command flattens [`ConfigArgs`] into its own arguments and asks it for the configuration.
//! Invariant: a flag is the topmost layer of the configuration and never bypasses its checks.

use std::path::PathBuf;

use crate::config::{Config, ConfigError, LogConfig, Overrides, environment};

/// Where the configuration and the database are.
#[derive(Debug, Clone, Default, clap::Args)]
pub(crate) struct ConfigArgs {
    /// Configuration file (TOML); config/smartqueue.toml lists every option
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,

    /// Database: sqlite:FILE or postgres://USER@HOST/DATABASE. A password belongs into DATABASE_URL
    #[arg(long, value_name = "URL")]
    pub(crate) database: Option<String>,

    /// Folder of the SQLite file and of the signing key [default: data]
    #[arg(long, value_name = "DIR")]
    pub(crate) data_dir: Option<PathBuf>,
}

impl ConfigArgs {
    /// Defaults, file, environment and these flags, checked.
    ///
    /// # Errors
    /// As [`Config::load`].
    pub(crate) fn load(&self) -> Result<Config, ConfigError> {
        self.load_over(Overrides::default())
    }

    /// The same, with the flags of one command on top.
    ///
    /// # Errors
    /// As [`Config::load`].
    pub(crate) fn load_over(&self, own: Overrides) -> Result<Config, ConfigError> {
        let flags = Overrides {
            database_url: self.database.clone(),
            data_dir: self.data_dir.clone(),
            ..own
        };
        Config::load(self.config.as_deref(), environment(), &flags)
    }
}

/// The log of a command that ends by itself: warnings only, unless the operator asked for more.
pub(crate) fn quiet(log: &LogConfig) -> LogConfig {
    let untouched = log.filter == LogConfig::default().filter;
    let filter = if untouched { "warn".to_owned() } else { log.filter.clone() };
    LogConfig { filter, ..log.clone() }
}
