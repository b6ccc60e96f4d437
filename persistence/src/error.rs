//! What can go wrong with a store: refusals that the caller can act upon, and failures that it cannot.
//!
//! The database library's own errors are kept as sources and never named in a signature.
//! Invariant: an append that is not a version conflict has an unknown outcome, whatever the cause was.

use domain::TenantId;
use uuid::Uuid;

use crate::journal::StreamId;

/// Why a store could not be opened, read or written.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Another process owns the database.
    #[error(
        "{what} is in use: another smartqueue is running on it; stop that one or choose another database"
    )]
    InUse {
        /// The lock file's path, or the database's name.
        what: String,
    },
    /// The URL names no database this program can use.
    #[error("cannot use database url {url}: {reason}")]
    BadUrl {
        /// The URL without its password.
        url: String,
        reason: String,
    },
    /// A setting that durability rests on is not as it must be.
    #[error("database setting {setting} is {found}, but must be {wanted}")]
    WrongSetting { setting: &'static str, wanted: &'static str, found: String },
    /// The login is one that row-level security does not bind, or one that has no part in it.
    #[error(
        "database login {login} {reason}, so it cannot serve: tenants would not be kept apart by the database. \
         Run `smartqueue migrate --database OWNER_URL` with the owner's login, and serve with a login of its own \
         that was granted the role smartqueue_app and nothing else"
    )]
    WrongLogin { login: String, reason: &'static str },
    /// The tables are not those that this program knows, and the login may not make them so.
    #[error(
        "the schema {found}: run `smartqueue migrate --database OWNER_URL` with the owner's login, \
         or give it as database.migrate_url"
    )]
    WrongSchema { found: String },
    /// The journal of one stream was changed, cut or cannot be read.
    #[error(
        "journal of stream {stream} of tenant {tenant} is damaged at version {version}: {reason}"
    )]
    CorruptStream {
        tenant: TenantId,
        stream: StreamId,
        /// The first version that is not as it was written.
        version: u64,
        reason: String,
    },
    /// A row other than an event does not have the form this program writes.
    #[error("cannot read a row of {table}: {reason}")]
    UnreadableRow { table: &'static str, reason: String },
    /// The master key does not open the vault of this database.
    #[error(
        "the vault key does not open this database: give the key that it was made with (vault.key, or the file \
         vault-key in server.data_dir)"
    )]
    WrongVaultKey,
    /// Rows were sealed with a key that is not in the vault.
    #[error(
        "rows of tenant {tenant} are sealed with key {key}, which the vault does not have: restore table vault_keys \
         from the backup that these rows came with"
    )]
    UnknownVaultKey { tenant: TenantId, key: u32 },
    /// Personal data was asked for, and the store was opened without a vault.
    #[error("the store was opened without a vault key: personal data can be neither kept nor read")]
    VaultShut,
    /// The paging cursor was not made by this store.
    #[error("not a paging cursor")]
    BadCursor,
    /// The file system refused.
    #[error("cannot {doing}")]
    File {
        doing: String,
        #[source]
        source: std::io::Error,
    },
    /// The database refused, was lost, or did not answer.
    #[error("database failed to {doing}")]
    Database {
        doing: &'static str,
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

impl StoreError {
    pub(crate) fn database(doing: &'static str, source: sqlx::Error) -> Self {
        Self::Database { doing, source: Box::new(source) }
    }
}

/// Why a batch is not known to be kept.
#[derive(Debug, thiserror::Error)]
pub enum AppendError {
    /// The journal does not continue where the batch does. Nothing of the batch was kept.
    #[error("stream {stream} of tenant {tenant} cannot take version {version}: it ends at {head}")]
    VersionConflict {
        tenant: TenantId,
        stream: StreamId,
        /// The version that the batch wanted to write.
        version: u64,
        /// The last version in the journal.
        head: u64,
    },
    /// The batch may or may not have been kept: only the journal knows. Load the stream again.
    #[error("outcome of an append is unknown")]
    Unknown(#[source] StoreError),
}

/// Why configuration rows were not saved. Nothing of the request was kept, except after [`SaveError::Store`].
#[derive(Debug, thiserror::Error)]
pub enum SaveError {
    /// Somebody else changed the row, or it is (not) there against expectation.
    #[error("{kind} {id} is at version {}", current.map_or("none".to_owned(), |version| version.to_string()))]
    VersionConflict {
        kind: String,
        id: Uuid,
        /// None when there is no such row.
        current: Option<u64>,
    },
    /// Another row of that kind has that key.
    #[error("{kind} key {key} is taken")]
    KeyTaken { kind: String, key: String },
    /// The outcome is unknown.
    #[error(transparent)]
    Store(#[from] StoreError),
}
