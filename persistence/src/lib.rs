//! The only crate that speaks SQL: journal, snapshots, read models, configuration rows.
//!
//! Everything is reached through [`Store`], which SQLite and PostgreSQL implement alike; [`open`] chooses by URL.
//! Invariant: nothing here judges. Rows come in, rows go out, and a batch is kept whole or not at all.

mod backend;
mod beside;
mod durations;
mod error;
mod heads;
mod journal;
mod postgres;
mod read;
mod reader;
mod roll_up;
mod rows;
mod save;
mod sql;
mod sqlite;
mod sealed;
mod store;
mod table;
#[cfg(feature = "testing")]
pub mod testing;
mod vault;
mod writer;

pub use beside::{Beside, open_beside};
pub use durations::{BadHistogram, Cells, DURATION_MAX, DurationSum, Durations};
pub use error::{AppendError, SaveError, StoreError};
pub use journal::{
    Batch, Head, LoadedStream, NewEvent, Snapshot, SnapshotRow, StoredEvent, StreamId, chain, entry,
};
pub use reader::{ConfigurationReader, open_reader};
pub use roll_up::{
    Count, DayCount, DueRow, Figures, Measure, Part, RollUpRow, Settled, Spread, count_day,
};
pub use rows::{
    AccountRow, AlertFilter, AlertRow, ApiKeyRow, ArrivalsRow, AuditFilter, AuditHead, AuditPage,
    AuditRow, ClientRow, CodeRow, CodeUse, ConsentRow, CustomerRow, DailyReportRow,
    DeviceCredentialRow, EndedRow, ErasureRow, ExternalSubjectRow, FeedbackRow, HistoryRow,
    IntentRow, KeyReply, KeyRow, KnownRefresh, LegRow, LiveKey, NewCustomer, OnceRow, OpinionCount,
    Person, ProviderRow, QueueSampleRow, RefreshRow, ResourceRow, ResourceWrite, Rotation,
    SampleSpan, SessionRow, SightingRow, TenantRow, TicketFilter, TicketOrder, TicketPage,
    TicketPrivateRow, TicketRow, Whom,
};
pub use store::{
    AccessStore, AlertStore, ApiKeyStore, AuditStore, DailyReportStore, DeviceStore, ExternalStore,
    FeedbackStore, HISTORY_ROWS_MAX, HistoryFilter, HistoryStore, IdentityStore, Options,
    PAGE_ROWS_MAX, RollUpStore, SampleStore, Store, VaultStatus, VaultStore, migrate, open,
};
pub use vault::{BadMasterKey, MasterKey};
