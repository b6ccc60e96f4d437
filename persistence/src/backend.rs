//! What the two databases do differently, and the one [`Store`] that is made of it.
//!
//! A backend hands out connections for reading, appends batches on its one writer, and runs jobs (small write
//! transactions) in tasks of their own. All statements of reads and jobs are shared.
//!
//! Invariant: a job runs to its end once it was started, whether or not anybody still waits for it.

mod access;
mod alert;
mod api_key;
mod daily;
mod device;
mod external;
mod feedback;
mod history;
mod identity;
mod roll_up;
mod sample;

use std::sync::Arc;

use async_trait::async_trait;
use domain::{CustomerId, TenantId, TicketId, Timestamp};
use sqlx::pool::PoolConnection;
use sqlx::{Postgres, Sqlite, Transaction};

use crate::error::{AppendError, SaveError, StoreError};
use crate::heads::find_conflict;
use crate::journal::{Batch, LoadedStream, NewEvent, StoredEvent, StreamId};
use crate::rows::{
    CustomerRow, IntentRow, KeyReply, KeyRow, LegRow, LiveKey, NewCustomer, ResourceRow,
    ResourceWrite, TenantRow, TicketFilter, TicketPage, TicketPrivateRow, TicketRow,
};
use crate::save::keys::DeleteOld;
use crate::sealed::Private;
use crate::sql::Connection;
use crate::store::Store;
use crate::table::SealedPrivate;
use crate::{read, save};

/// Whose rows a read or a job is about. PostgreSQL shows no others; on SQLite the statements alone see to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reach {
    Tenant(TenantId),
    /// Which tenants there are, and nothing that is theirs. What is about many tenants walks their list.
    Platform,
}

/// A connection for reading within one reach, until it is dropped.
pub(crate) enum Reader {
    Sqlite(PoolConnection<Sqlite>),
    Postgres(Transaction<'static, Postgres>),
}

impl Reader {
    pub(crate) fn connection(&mut self) -> Connection<'_> {
        match self {
            Self::Sqlite(connection) => Connection::Sqlite(connection),
            Self::Postgres(connection) => Connection::Postgres(connection),
        }
    }
}

/// A small write transaction: an `Err` rolls it back.
#[async_trait]
pub(crate) trait Job: Send + 'static {
    type Done: Send + 'static;

    /// Whose rows it reads and writes.
    fn reach(&self) -> Reach;

    async fn run(self, connection: &mut Connection<'_>) -> Result<Self::Done, SaveError>;
}

/// One database.
#[async_trait]
pub(crate) trait Backend: Send + Sync + 'static {
    async fn reader(&self, reach: Reach) -> Result<Reader, StoreError>;

    /// `private` are the sealed rows of `batch.private`.
    async fn append(&self, batch: &Batch, private: &[SealedPrivate]) -> Result<(), AppendError>;

    /// Runs the job in a transaction. Called only inside an owned task, so it is not cancelled.
    async fn run<J: Job>(&self, job: J) -> Result<J::Done, SaveError>;

    /// Leaves nothing of deleted rows in files beside the database's own; `whole` also nothing that an earlier program,
    /// which did not overwrite what it deleted, left within that.
    async fn scrub(&self, whole: bool) -> Result<(), StoreError>;

    /// Connections for reading, and those of them that nobody uses now.
    fn connections(&self) -> (u32, u32);

    async fn close(&self);
}

/// Why an append failed: a version that is taken, or something that leaves the outcome unknown.
pub(crate) async fn judge(
    backend: &impl Backend,
    events: &[NewEvent],
    source: sqlx::Error,
) -> AppendError {
    let unique = source.as_database_error().is_some_and(|error| error.is_unique_violation());
    if unique && let Some(conflict) = first_conflict(backend, events).await {
        return conflict;
    }
    AppendError::Unknown(StoreError::database("append", source))
}

/// Looks tenant by tenant, as the events stand: those of one tenant that follow each other in one transaction.
async fn first_conflict(backend: &impl Backend, events: &[NewEvent]) -> Option<AppendError> {
    for events in events.chunk_by(|a, b| a.tenant == b.tenant) {
        let reach = Reach::Tenant(events.first()?.tenant);
        let mut reader = backend.reader(reach).await.ok()?;
        if let Some(conflict) = find_conflict(&mut reader.connection(), events).await.ok()? {
            return Some(conflict);
        }
    }
    None
}

/// The store over one database.
pub(crate) struct SqlStore<B>(pub(crate) Arc<B>, pub(crate) Private);

impl<B: Backend> SqlStore<B> {
    /// For reading what is one tenant's.
    pub(crate) async fn of(&self, tenant: TenantId) -> Result<Reader, StoreError> {
        // Counted by the test of what a sign-in costs; says nothing of what is read.
        tracing::trace!(target: "persistence::read", "a read begins");
        self.0.reader(Reach::Tenant(tenant)).await
    }

    /// Runs a job in a task of its own, which belongs to the backend it holds and outlives a caller that gives up.
    #[expect(
        clippy::disallowed_methods,
        reason = "the task owns the backend, ends with its job, and close waits for it"
    )]
    pub(crate) async fn save<J: Job>(&self, job: J) -> Result<J::Done, SaveError> {
        let backend = Arc::clone(&self.0);
        let task = tokio::spawn(async move { backend.run(job).await });
        task.await.map_err(|source| {
            SaveError::Store(StoreError::Database {
                doing: "finish a transaction",
                source: Box::new(source),
            })
        })?
    }
}

/// For jobs that can fail only as the database can.
pub(crate) fn only_store(error: SaveError) -> StoreError {
    match error {
        SaveError::Store(error) => error,
        SaveError::VersionConflict { .. } | SaveError::KeyTaken { .. } => {
            StoreError::Database { doing: "run a job", source: Box::new(error) }
        }
    }
}

#[async_trait]
impl<B: Backend> Store for SqlStore<B> {
    async fn append(&self, batch: &Batch) -> Result<(), AppendError> {
        if batch.is_empty() {
            return Ok(());
        }
        let private = self.1.seal(&batch.private).map_err(AppendError::Unknown)?;
        self.0.append(batch, &private).await
    }

    async fn load_stream(
        &self,
        tenant: TenantId,
        stream: StreamId,
        format_max: u16,
    ) -> Result<LoadedStream, StoreError> {
        read::stream::load(&mut self.of(tenant).await?.connection(), (tenant, stream), format_max)
            .await
    }

    async fn load_all_events(
        &self,
        tenant: TenantId,
        stream: StreamId,
    ) -> Result<Vec<StoredEvent>, StoreError> {
        read::stream::load_all(&mut self.of(tenant).await?.connection(), (tenant, stream)).await
    }

    async fn tenants(&self) -> Result<Vec<TenantRow>, StoreError> {
        read::configuration::tenants(&mut self.0.reader(Reach::Platform).await?.connection()).await
    }

    async fn save_tenant(&self, tenant: TenantRow) -> Result<(), SaveError> {
        self.save(save::tenant::SaveTenant(tenant)).await
    }

    async fn load_resources(&self, tenant: TenantId) -> Result<Vec<ResourceRow>, StoreError> {
        read::configuration::resources(&mut self.of(tenant).await?.connection(), tenant).await
    }

    async fn save_resources(
        &self,
        tenant: TenantId,
        writes: Vec<ResourceWrite>,
        key: Option<KeyRow>,
        at: Timestamp,
    ) -> Result<(), SaveError> {
        self.save(save::resources::SaveResources { tenant, writes, key, at }).await
    }

    async fn find_or_create_customer(
        &self,
        customer: NewCustomer,
    ) -> Result<CustomerId, StoreError> {
        let vault = self.1.vault()?;
        self.save(save::customer::FindOrCreate { new: customer, vault }).await.map_err(only_store)
    }

    async fn customer(
        &self,
        tenant: TenantId,
        customer: CustomerId,
    ) -> Result<Option<CustomerRow>, StoreError> {
        let vault = self.1.vault()?;
        let mut reader = self.of(tenant).await?;
        read::customer::one(&mut reader.connection(), &vault, tenant, customer).await
    }

    async fn ticket(
        &self,
        tenant: TenantId,
        ticket: TicketId,
    ) -> Result<Option<TicketRow>, StoreError> {
        read::ticket::one(&mut self.of(tenant).await?.connection(), tenant, ticket).await
    }

    async fn tickets(
        &self,
        tenant: TenantId,
        filter: &TicketFilter,
        limit: u32,
        cursor: Option<&str>,
    ) -> Result<TicketPage, StoreError> {
        let list = read::list::List::new(tenant, filter, limit, cursor)?;
        list.fetch(&mut self.of(tenant).await?.connection()).await
    }

    async fn legs(&self, tenant: TenantId, ticket: TicketId) -> Result<Vec<LegRow>, StoreError> {
        read::ticket::legs(&mut self.of(tenant).await?.connection(), tenant, ticket).await
    }

    async fn ticket_private(
        &self,
        tenant: TenantId,
        ticket: TicketId,
    ) -> Result<Option<TicketPrivateRow>, StoreError> {
        let vault = self.1.vault()?;
        let mut reader = self.of(tenant).await?;
        read::ticket::private(&mut reader.connection(), &vault, tenant, ticket).await
    }

    async fn intents(
        &self,
        tenant: TenantId,
        ticket: TicketId,
    ) -> Result<Vec<IntentRow>, StoreError> {
        read::ticket::intents(&mut self.of(tenant).await?.connection(), tenant, ticket).await
    }

    async fn live_keys(
        &self,
        tenant: TenantId,
        since: Timestamp,
    ) -> Result<Vec<LiveKey>, StoreError> {
        read::key::live(&mut self.of(tenant).await?.connection(), tenant, since).await
    }

    async fn key_reply(&self, tenant: TenantId, seq: u64) -> Result<Option<KeyReply>, StoreError> {
        read::key::reply(&mut self.of(tenant).await?.connection(), tenant, seq).await
    }

    async fn delete_keys_before(&self, at: Timestamp) -> Result<u64, StoreError> {
        let mut deleted = 0;
        for TenantRow { tenant, .. } in self.tenants().await? {
            while let step @ 1.. =
                self.save(DeleteOld { tenant, before: at }).await.map_err(only_store)?
            {
                deleted += step;
            }
        }
        Ok(deleted)
    }

    async fn max_key_seq(&self) -> Result<u64, StoreError> {
        let mut max = 0;
        for TenantRow { tenant, .. } in self.tenants().await? {
            let mut reader = self.of(tenant).await?;
            max = max.max(read::key::max_seq(&mut reader.connection(), tenant).await?);
        }
        Ok(max)
    }

    async fn ping(&self) -> Result<(), StoreError> {
        let mut reader = self.0.reader(Reach::Platform).await?;
        let answer = reader.connection().fetch_first("select 1", Vec::new()).await;
        answer.map(|_| ()).map_err(|source| StoreError::database("answer", source))
    }

    async fn close(&self) {
        self.0.close().await;
    }
}
