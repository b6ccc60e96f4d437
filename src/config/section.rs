//! The sections as data: their names, their keys, and whether a value fits a key.
//!
//! Each section is known by its type alone; the keys come from [`fields_of`] and the fit from reading a
//! section that holds nothing but the value. Invariant: [`SECTIONS`] names every field of `Config`.

use serde::de::DeserializeOwned;
use toml::{Table, Value};

use super::fields::fields_of;
use super::{
    AuditConfig, AuthConfig, CalendarConfig, DatabaseConfig, JournalConfig, LimitsConfig,
    LogConfig, MailConfig, MetricsConfig, OutgoingConfig, PrometheusConfig, RateLimitsConfig,
    ServerConfig, VaultConfig,
};

/// One `[section]` of the file.
pub(super) struct Section {
    /// What stands between the brackets.
    pub(super) name: &'static str,
    /// The keys it may hold.
    pub(super) keys: fn() -> &'static [&'static str],
    /// Whether the value is of the key's type; the message says what was expected.
    pub(super) fits: fn(&str, &Value) -> Result<(), String>,
}

/// Every section, in the order of the reference file.
pub(super) const SECTIONS: [Section; 14] = [
    section::<ServerConfig>("server"),
    section::<DatabaseConfig>("database"),
    section::<JournalConfig>("journal"),
    section::<LimitsConfig>("limits"),
    section::<RateLimitsConfig>("rate_limits"),
    section::<OutgoingConfig>("outgoing"),
    section::<MailConfig>("mail"),
    section::<AuthConfig>("auth"),
    section::<AuditConfig>("audit"),
    section::<VaultConfig>("vault"),
    section::<MetricsConfig>("metrics"),
    section::<PrometheusConfig>("prometheus"),
    section::<CalendarConfig>("calendar"),
    section::<LogConfig>("log"),
];

/// The section called `name`.
pub(super) fn find(name: &str) -> Option<&'static Section> {
    const ALL: &[Section] = &SECTIONS;
    ALL.iter().find(|section| section.name == name)
}

const fn section<S: DeserializeOwned>(name: &'static str) -> Section {
    Section { name, keys: fields_of::<S>, fits: fits::<S> }
}

fn fits<S: DeserializeOwned>(key: &str, value: &Value) -> Result<(), String> {
    let alone = Table::from_iter([(key.to_owned(), value.clone())]);
    S::deserialize(Value::Table(alone)).map(drop).map_err(|error| error.message().to_owned())
}
