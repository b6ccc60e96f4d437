//! The past's part of the store.
//!
//! Reads borrow a reader each. Invariant: no answer is longer than its limit.

use async_trait::async_trait;

use super::{Backend, SqlStore};
use crate::error::StoreError;
use crate::read;
use crate::rows::{ArrivalsRow, HistoryRow};
use crate::store::{HISTORY_ROWS_MAX, HistoryFilter, HistoryStore};

#[async_trait]
impl<B: Backend> HistoryStore for SqlStore<B> {
    async fn arrivals(&self, filter: HistoryFilter) -> Result<Vec<ArrivalsRow>, StoreError> {
        read::history::arrivals(&mut self.of(filter.tenant).await?.connection(), filter).await
    }

    async fn history(
        &self,
        filter: HistoryFilter,
        limit: u32,
    ) -> Result<Vec<HistoryRow>, StoreError> {
        let limit = limit.min(HISTORY_ROWS_MAX);
        read::history::visits(&mut self.of(filter.tenant).await?.connection(), filter, limit).await
    }
}
