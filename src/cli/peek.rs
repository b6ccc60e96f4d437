//! What is configured in a database, looked up without taking it from the program that owns it.
//!
//! Tenants come with their directories, as the engine would load them; nothing is made, migrated or kept
//! open. Invariant: a running program does not notice.

use std::collections::BTreeMap;

use actors::{
    AgentBody, CounterBody, DeviceBody, Directory, Kept, Kind, QueueBody, Resource, ServiceBody,
    SiteBody,
};
use anyhow::Context;
use domain::TenantId;
use persistence::{ResourceRow, open_reader};
use uuid::Uuid;

use crate::app::AppError;
use crate::config::DatabaseUrl;

/// A tenant as it stands in the database.
#[derive(Debug, Clone, Default)]
pub(super) struct Known {
    /// Nil while it is only declared.
    pub(super) id: Uuid,
    pub(super) name: String,
    pub(super) directory: Directory,
}

/// Every tenant of the database, by its slug.
///
/// # Errors
/// [`AppError`] when there is no database, or it cannot be read.
pub(super) async fn tenants(url: &DatabaseUrl) -> anyhow::Result<BTreeMap<String, Known>> {
    let named = |error| AppError::of_database(url, error);
    let mut reader = open_reader(url.expose()).await.map_err(named)?;
    let mut tenants = BTreeMap::new();
    for row in reader.tenants().await.map_err(named)? {
        let rows = reader.resources(row.tenant).await.map_err(named)?;
        let directory = directory(&rows).with_context(|| format!("tenant {}", row.slug))?;
        tenants.insert(row.slug, Known { id: row.tenant.0, name: row.name, directory });
    }
    reader.close().await;
    Ok(tenants)
}

/// The slug of every tenant of the database.
///
/// # Errors
/// As [`tenants`].
pub(super) async fn slugs(url: &DatabaseUrl) -> anyhow::Result<BTreeMap<TenantId, String>> {
    let named = |error| AppError::of_database(url, error);
    let mut reader = open_reader(url.expose()).await.map_err(named)?;
    let rows = reader.tenants().await.map_err(named)?;
    reader.close().await;
    Ok(rows.into_iter().map(|row| (row.tenant, row.slug)).collect())
}

/// What a tenant's rows configure.
///
/// # Errors
/// When a row is not one of this program's.
pub(crate) fn directory(rows: &[ResourceRow]) -> anyhow::Result<Directory> {
    let mut directory = Directory::default();
    for row in rows {
        take(&mut directory, row).with_context(|| format!("{} {}", row.kind, row.id))?;
    }
    Ok(directory)
}

fn take(directory: &mut Directory, row: &ResourceRow) -> serde_json::Result<()> {
    match Kind::ALL.iter().find(|kind| kind.as_str() == row.kind) {
        Some(Kind::Site) => keep::<SiteBody>(directory, row),
        Some(Kind::Service) => keep::<ServiceBody>(directory, row),
        Some(Kind::Queue) => keep::<QueueBody>(directory, row),
        Some(Kind::Counter) => keep::<CounterBody>(directory, row),
        Some(Kind::Agent) => keep::<AgentBody>(directory, row),
        Some(Kind::Device) => keep::<DeviceBody>(directory, row),
        // Written by a newer program, which alone knows what it is.
        None => Ok(()),
    }
}

fn keep<T: Resource>(directory: &mut Directory, row: &ResourceRow) -> serde_json::Result<()> {
    let kept = Kept {
        id: row.id,
        version: row.version,
        created_at: row.created_at,
        updated_at: row.updated_at,
        body: serde_json::from_str(&row.body)?,
    };
    T::shelf_mut(directory).insert(row.id, kept);
    Ok(())
}
