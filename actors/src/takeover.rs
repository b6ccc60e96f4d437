//! Taking a stream over from its former owner: fenced, read, and opened for the new one.
//!
//! Queues and agents do it alike. A stream whose journal is damaged is told apart from a store that does not answer:
//! the first is set aside, the second tried again soon.
//! Invariant: between the fence and the opening nobody writes to the stream.

use persistence::{LoadedStream, StoreError, StreamId};
use ractor::ActorProcessingErr;

use crate::tenant_supervisor::CannotBeRead;
use crate::world::TenantWorld;

/// Asks for every event instead of a snapshot.
pub(crate) const NO_SNAPSHOT: u16 = 0;

/// The stream as it stands, ours to continue. `owner` is for the log: `queue …`.
pub(crate) async fn take_over(
    tenant: &TenantWorld,
    stream: StreamId,
    owner: &str,
    format_max: u16,
) -> Result<LoadedStream, ActorProcessingErr> {
    let world = &tenant.world;
    let _turn = world.loads.acquire().await?;
    world.journal.fence(stream).await?;
    let loaded = read_stream(tenant, stream, owner, format_max).await?;
    world.journal.opened(stream, loaded.head.version)?;
    Ok(loaded)
}

/// Newest usable snapshot and the events after it, read while nothing is being written.
pub(crate) async fn read_stream(
    tenant: &TenantWorld,
    stream: StreamId,
    owner: &str,
    format_max: u16,
) -> Result<LoadedStream, ActorProcessingErr> {
    let _settled = tenant.world.commit.lock().await;
    let loaded = tenant.world.store.load_stream(tenant.id, stream, format_max).await;
    loaded.map_err(|error| {
        let corrupt =
            matches!(error, StoreError::CorruptStream { .. } | StoreError::UnreadableRow { .. });
        if corrupt { cannot_be_read(owner, &error) } else { error.into() }
    })
}

/// What ends an actor whose journal makes no sense.
pub(crate) fn cannot_be_read(owner: &str, error: &dyn std::fmt::Display) -> ActorProcessingErr {
    tracing::error!(%error, "the journal of {owner} cannot be read");
    CannotBeRead.into()
}
