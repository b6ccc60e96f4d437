//! `[database]`: where the truth is kept, and a URL type that never prints its password.
//!
//! The URL's scheme chooses the backend. Invariant: `Debug` and `Display` of [`DatabaseUrl`] mask every
//! password; only [`DatabaseUrl::expose`] gives the text as it was written.

use std::fmt;
use std::path::Path;

use serde::Deserialize;

use super::bounds::within;
use super::error::Problem;

/// Where the truth is kept.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DatabaseConfig {
    /// `sqlite:FILE` or `postgres://…`. `None`: a SQLite file in `server.data_dir`.
    pub url: Option<DatabaseUrl>,
    /// PostgreSQL: the owner's login, with which the schema is brought up to date. `None`: it must be.
    pub migrate_url: Option<DatabaseUrl>,
    /// Connections for reads. The writer has one of its own beside them.
    pub read_connections_max: u32,
}

impl Default for DatabaseConfig {
    fn default() -> DatabaseConfig {
        DatabaseConfig { url: None, migrate_url: None, read_connections_max: 8 }
    }
}

impl DatabaseConfig {
    pub(super) fn check(&self, problems: &mut Vec<Problem>) {
        if let Some(url) = &self.url
            && !(url.is_sqlite() || url.is_postgres())
        {
            problems.push(Problem::new(
                "database.url",
                "is neither SQLite nor PostgreSQL",
                "give sqlite:FILE or postgres://USER@HOST/DATABASE",
            ));
        }
        if let Some(url) = &self.migrate_url
            && !url.is_postgres()
        {
            problems.push(Problem::new(
                "database.migrate_url",
                "is not PostgreSQL",
                "give the owner's postgres://USER@HOST/DATABASE; SQLite needs none",
            ));
        }
        within(problems, "database.read_connections_max", self.read_connections_max, 1..=256);
    }
}

/// A database URL that may hold a password.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct DatabaseUrl(String);

impl DatabaseUrl {
    /// The URL of a SQLite file.
    #[must_use]
    pub fn sqlite_file(file: &Path) -> DatabaseUrl {
        DatabaseUrl(format!("sqlite:{}", file.display()))
    }

    /// The URL as it was written, password and all. For the database driver only.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether the URL names a SQLite file.
    #[must_use]
    pub fn is_sqlite(&self) -> bool {
        self.0.strip_prefix("sqlite:").is_some_and(|file| !file.is_empty())
    }

    /// Whether the URL names a PostgreSQL database.
    #[must_use]
    pub fn is_postgres(&self) -> bool {
        self.0.starts_with("postgres://") || self.0.starts_with("postgresql://")
    }
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&masked(&self.0))
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "DatabaseUrl({self})")
    }
}

/// `url` with the password of its user, and of its parameters, replaced by `***`.
fn masked(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    // A password may hold any character when it was not escaped: mask up to the last @.
    let rest = match rest.rsplit_once('@') {
        Some((user, place)) => match user.split_once(':') {
            Some((name, _password)) => format!("{name}:***@{place}"),
            None => format!("{user}@{place}"),
        },
        None => rest.to_owned(),
    };
    let parameters =
        |text: &str| text.split('&').map(masked_parameter).collect::<Vec<_>>().join("&");
    match rest.split_once('?') {
        Some((place, query)) => format!("{scheme}://{place}?{}", parameters(query)),
        None => format!("{scheme}://{rest}"),
    }
}

fn masked_parameter(parameter: &str) -> String {
    match parameter.split_once('=') {
        Some((name, _)) if name.contains("password") => format!("{name}=***"),
        Some(_) | None => parameter.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::DatabaseUrl;

    fn shown(url: &str) -> String {
        let url = DatabaseUrl(url.to_owned());
        assert_eq!(format!("DatabaseUrl({url})"), format!("{url:?}"));
        url.to_string()
    }

    #[test]
    fn a_password_is_never_shown() {
        assert_eq!(shown("postgres://u:secret@h/db"), "postgres://u:***@h/db");
        assert_eq!(shown("postgres://u:s@c:r/e?t@h:5432/db"), "postgres://u:***@h:5432/db");
        assert_eq!(
            shown("postgres://u@h/db?host=/run&password=secret&sslpassword=x"),
            "postgres://u@h/db?host=/run&password=***&sslpassword=***"
        );
    }

    #[test]
    fn what_is_not_secret_stays_readable() {
        assert_eq!(shown("sqlite:data/smartqueue.db"), "sqlite:data/smartqueue.db");
        assert_eq!(shown("postgres://u@h/db?sslmode=require"), "postgres://u@h/db?sslmode=require");
    }
}
