//! One erasure: what the list outside the database says of it, and its receipt.
//!
//! The list is a file of JSON lines that only grows. It outlives a restore of the database.
//! Invariant: it holds ids and blind indexes, nothing that was erased.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use domain::{CustomerId, TenantId, TicketId, Timestamp};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::error::StoreError;
use crate::rows::ErasureRow;
use crate::save::customer::Indexes;
use crate::save::erase::Survey;

/// A line of the list.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Erasure {
    id: Uuid,
    tenant: Uuid,
    customer: Option<Uuid>,
    /// Microseconds since the epoch.
    at: i64,
    tickets: Vec<Uuid>,
    phone_index: Option<Vec<u8>>,
    email_index: Option<Vec<u8>>,
}

impl Erasure {
    pub(crate) fn new(
        survey: &Survey,
        customer: Option<CustomerId>,
        indexes: &Indexes,
        tickets: Vec<TicketId>,
    ) -> Self {
        let (phone_index, email_index) = indexes.clone().into_parts();
        Self {
            id: survey.erasure,
            tenant: survey.tenant.0,
            customer: customer.map(|customer| customer.0),
            at: survey.at.0,
            tickets: tickets.into_iter().map(|ticket| ticket.0).collect(),
            phone_index,
            email_index,
        }
    }

    pub(crate) const fn id(&self) -> Uuid {
        self.id
    }

    pub(crate) const fn tenant(&self) -> TenantId {
        TenantId(self.tenant)
    }

    pub(crate) fn customer(&self) -> Option<CustomerId> {
        self.customer.map(CustomerId)
    }

    pub(crate) const fn at(&self) -> Timestamp {
        Timestamp(self.at)
    }

    pub(crate) fn tickets(&self) -> impl Iterator<Item = TicketId> + '_ {
        self.tickets.iter().map(|ticket| TicketId(*ticket))
    }

    pub(crate) fn phone_index(&self) -> Option<Vec<u8>> {
        self.phone_index.clone()
    }

    pub(crate) fn email_index(&self) -> Option<Vec<u8>> {
        self.email_index.clone()
    }

    /// SHA-256 of the line of the list.
    pub(crate) fn hash(&self) -> [u8; 32] {
        Sha256::digest(self.line()).into()
    }

    pub(crate) fn receipt(&self) -> ErasureRow {
        ErasureRow {
            tenant: self.tenant(),
            erasure: self.id,
            customer: self.customer(),
            at: self.at(),
            tickets: u64::try_from(self.tickets.len()).unwrap_or(u64::MAX),
            hash: self.hash(),
        }
    }

    fn line(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Adds it to the list, durably. Any part of a line that a crash left there is ended first.
    pub(crate) fn append_to(&self, list: &Path) -> Result<(), StoreError> {
        let failed = |source| file_failed("write", list, source);
        let mut options = OpenOptions::new();
        let mut file = options.create(true).append(true).mode(0o600).open(list).map_err(failed)?;
        file.write_all(format!("\n{}\n", self.line()).as_bytes()).map_err(failed)?;
        file.sync_all().map_err(failed)
    }
}

/// Every erasure of the list; none when there is no list yet. A line that a crash cut short was never acted upon.
pub(super) fn read_list(list: &Path) -> Result<Vec<Erasure>, StoreError> {
    let text = match std::fs::read_to_string(list) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(source) => return Err(file_failed("read", list, source)),
    };
    let lines = text.lines().filter(|line| !line.is_empty());
    let cut = |_: &serde_json::Error| tracing::warn!("a line of the list of erasures is cut short");
    Ok(lines.filter_map(|line| serde_json::from_str(line).inspect_err(cut).ok()).collect())
}

fn file_failed(doing: &str, list: &Path, source: std::io::Error) -> StoreError {
    StoreError::File { doing: format!("{doing} the list of erasures {}", list.display()), source }
}
