//! What a store can do, and how one is opened.
//!
//! Actors hold an `Arc<dyn Store>` and never learn which database is behind it.
//! Invariant: dropping the future of any call leaves no open transaction that another call could run into.

mod access;
mod alert;
mod api_key;
mod audit;
mod daily;
mod device;
mod external;
mod feedback;
mod history;
mod identity;
mod roll_up;
mod sample;
mod vault;

use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use domain::{CustomerId, TenantId, TicketId, Timestamp};

pub use identity::IdentityStore;

use crate::backend::{Backend, SqlStore};
use crate::error::{AppendError, SaveError, StoreError};
use crate::journal::{Batch, LoadedStream, StoredEvent, StreamId};
use crate::postgres::PostgresBackend;
use crate::rows::{
    CustomerRow, IntentRow, KeyReply, KeyRow, LegRow, LiveKey, NewCustomer, ResourceRow,
    ResourceWrite, TenantRow, TicketFilter, TicketPage, TicketPrivateRow, TicketRow,
};
use crate::sealed::Private;
use crate::sqlite::SqliteBackend;
use crate::vault::MasterKey;

pub use vault::{VaultStatus, VaultStore};

pub use access::AccessStore;
pub use alert::AlertStore;
pub use api_key::ApiKeyStore;
pub use audit::AuditStore;
pub use daily::DailyReportStore;
pub use device::DeviceStore;
pub use external::ExternalStore;
pub use feedback::FeedbackStore;
pub(crate) use history::ARRIVALS_ROWS_MAX;
pub use history::{HISTORY_ROWS_MAX, HistoryFilter, HistoryStore};
pub use roll_up::RollUpStore;
pub use sample::SampleStore;

/// Rows in one page at most: a page of 200 tickets is about 100 KiB of JSON.
pub const PAGE_ROWS_MAX: u32 = 200;

/// The truth on disk.
#[async_trait]
pub trait Store:
    AccessStore
    + AlertStore
    + ApiKeyStore
    + AuditStore
    + DailyReportStore
    + DeviceStore
    + ExternalStore
    + FeedbackStore
    + HistoryStore
    + IdentityStore
    + RollUpStore
    + SampleStore
    + VaultStore
    + Send
    + Sync
{
    /// Keeps the whole batch in one transaction, or nothing of it.
    ///
    /// # Errors
    /// `VersionConflict` when a stream does not end where the batch continues; nothing was kept. `Unknown` for
    /// everything else: the batch may have been kept, and only loading the stream again tells.
    async fn append(&self, batch: &Batch) -> Result<(), AppendError>;

    /// Newest usable snapshot with a format up to `format_max`, and the verified events after it.
    ///
    /// # Errors
    /// `CorruptStream` names the first event that is missing, changed or cannot be read.
    async fn load_stream(
        &self,
        tenant: TenantId,
        stream: StreamId,
        format_max: u16,
    ) -> Result<LoadedStream, StoreError>;

    /// Every event of a stream, verified.
    async fn load_all_events(
        &self,
        tenant: TenantId,
        stream: StreamId,
    ) -> Result<Vec<StoredEvent>, StoreError>;

    /// All tenants, oldest first.
    async fn tenants(&self) -> Result<Vec<TenantRow>, StoreError>;

    /// Creates or replaces a tenant by its id.
    ///
    /// # Errors
    /// `KeyTaken` when another tenant has the slug.
    async fn save_tenant(&self, tenant: TenantRow) -> Result<(), SaveError>;

    /// All configuration rows of a tenant, by kind and key.
    async fn load_resources(&self, tenant: TenantId) -> Result<Vec<ResourceRow>, StoreError>;

    /// Makes all the changes in one transaction, together with the reply of the request that asked for them.
    ///
    /// Finishes even if the caller stops waiting.
    async fn save_resources(
        &self,
        tenant: TenantId,
        writes: Vec<ResourceWrite>,
        key: Option<KeyRow>,
        at: Timestamp,
    ) -> Result<(), SaveError>;

    /// The customer with that phone number, else that e-mail address, else a new one with the given id.
    ///
    /// Finishes even if the caller stops waiting. What a known customer's row says is not changed.
    async fn find_or_create_customer(
        &self,
        customer: NewCustomer,
    ) -> Result<CustomerId, StoreError>;

    async fn customer(
        &self,
        tenant: TenantId,
        customer: CustomerId,
    ) -> Result<Option<CustomerRow>, StoreError>;

    async fn ticket(
        &self,
        tenant: TenantId,
        ticket: TicketId,
    ) -> Result<Option<TicketRow>, StoreError>;

    /// One page of tickets; `limit` is cut to [`PAGE_ROWS_MAX`], `cursor` is [`TicketPage::next`] of the page before.
    ///
    /// # Errors
    /// `BadCursor` when the cursor is not one of this store's.
    async fn tickets(
        &self,
        tenant: TenantId,
        filter: &TicketFilter,
        limit: u32,
        cursor: Option<&str>,
    ) -> Result<TicketPage, StoreError>;

    /// The finished legs of a ticket, in order.
    async fn legs(&self, tenant: TenantId, ticket: TicketId) -> Result<Vec<LegRow>, StoreError>;

    async fn ticket_private(
        &self,
        tenant: TenantId,
        ticket: TicketId,
    ) -> Result<Option<TicketPrivateRow>, StoreError>;

    /// The intents to notify about a ticket, oldest first.
    async fn intents(
        &self,
        tenant: TenantId,
        ticket: TicketId,
    ) -> Result<Vec<IntentRow>, StoreError>;

    /// Keys written at or after `since`, by ascending `seq`.
    async fn live_keys(
        &self,
        tenant: TenantId,
        since: Timestamp,
    ) -> Result<Vec<LiveKey>, StoreError>;

    async fn key_reply(&self, tenant: TenantId, seq: u64) -> Result<Option<KeyReply>, StoreError>;

    /// Deletes keys written before `at`, in small transactions; returns how many.
    async fn delete_keys_before(&self, at: Timestamp) -> Result<u64, StoreError>;

    /// The highest `seq` of any tenant; 0 when there is no key.
    async fn max_key_seq(&self) -> Result<u64, StoreError>;

    /// Ok when the database answers.
    async fn ping(&self) -> Result<(), StoreError>;

    /// Closes all connections and gives up ownership. Later calls fail.
    async fn close(&self);
}

/// How a store is opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// Connections for reading, besides the one that writes.
    pub read_connections_max: u32,
    /// PostgreSQL: the owner's login, to bring the schema up to date before it is opened. None: it must be.
    pub migrate_url: Option<String>,
    /// Opens the vault. None: personal data can be neither kept nor read.
    pub vault: Option<MasterKey>,
    /// The list of erasures outside the database; what it names is erased again before the store is handed out.
    pub erasures: Option<PathBuf>,
}

impl Default for Options {
    /// Four readers: more than the two cores the program is measured on, so one slow list does not stop the others.
    fn default() -> Self {
        Self { read_connections_max: 4, migrate_url: None, vault: None, erasures: None }
    }
}

/// Opens the database of `url` (`sqlite:FILE`, `sqlite://FILE`, `postgres://…`) and takes ownership.
///
/// The folder of a SQLite file is made, and its schema brought up to date; PostgreSQL's is with
/// [`Options::migrate_url`].
///
/// # Errors
/// `WrongVaultKey` when the master key is another one's.
/// `InUse` when another process owns it; `WrongSetting` when it would not keep what it answered; `WrongLogin` when
/// row-level security does not bind the login, `WrongSchema` when the schema is not up to date.
pub async fn open(url: &str, options: &Options) -> Result<Arc<dyn Store>, StoreError> {
    match Target::parse(url)? {
        Target::Sqlite(file) => unlocked(SqliteBackend::open(file, options).await?, options).await,
        Target::Postgres => unlocked(PostgresBackend::open(url, options).await?, options).await,
    }
}

/// Opens the vault; a store whose vault stays shut is closed again.
async fn unlocked<B: Backend>(backend: B, options: &Options) -> Result<Arc<dyn Store>, StoreError> {
    let store = SqlStore(Arc::new(backend), Private::default());
    match store.unlock(options).await {
        Ok(private) => Ok(Arc::new(SqlStore(store.0, private))),
        Err(error) => {
            store.close().await;
            Err(error)
        }
    }
}

/// Brings the schema of `url` up to date and closes it again. On PostgreSQL its login becomes a member of the owner's
/// role, and [`open`] refuses it from then on.
///
/// # Errors
/// As [`open`]: a database in use is not touched.
pub async fn migrate(url: &str) -> Result<(), StoreError> {
    match Target::parse(url)? {
        Target::Sqlite(file) => SqliteBackend::open(file, &Options::default()).await?.close().await,
        Target::Postgres => crate::postgres::migrate(url).await?,
    }
    Ok(())
}

/// Which database a URL names.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Target<'a> {
    /// The file.
    Sqlite(&'a str),
    Postgres,
}

impl<'a> Target<'a> {
    pub(crate) fn parse(url: &'a str) -> Result<Self, StoreError> {
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            return Ok(Self::Postgres);
        }
        let bad = |reason: &str| StoreError::BadUrl {
            url: without_password(url),
            reason: reason.to_owned(),
        };
        let rest = url
            .strip_prefix("sqlite:")
            .ok_or_else(|| bad("expected sqlite:FILE or postgres://…"))?;
        let file = rest.strip_prefix("//").unwrap_or(rest);
        if file.is_empty() || file == ":memory:" || file.contains('?') {
            return Err(bad("expected the name of a file after sqlite:, without parameters"));
        }
        Ok(Self::Sqlite(file))
    }
}

/// The URL as it may stand in a message.
fn without_password(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    match rest.rsplit_once('@') {
        Some((user, place)) => {
            format!("{scheme}://{}:***@{place}", user.split(':').next().unwrap_or_default())
        }
        None => url.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_name_a_database() {
        assert_eq!(Target::parse("sqlite:data/a.db").unwrap(), Target::Sqlite("data/a.db"));
        assert_eq!(Target::parse("sqlite:///data/a.db").unwrap(), Target::Sqlite("/data/a.db"));
        assert_eq!(Target::parse("postgresql://localhost/a").unwrap(), Target::Postgres);
    }

    #[test]
    fn other_urls_are_refused_without_showing_the_password() {
        let refusal = Target::parse("mysql://ann:secret@host/a").unwrap_err().to_string();
        assert!(refusal.contains("mysql://ann:***@host/a"), "{refusal}");
        assert!(Target::parse("sqlite::memory:").is_err());
        assert!(Target::parse("sqlite:").is_err());
    }
}
