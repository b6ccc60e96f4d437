//! Holds the store to what was acknowledged.
//!
//! Every acknowledged ticket must be in the read model and in the journal, in the state that was told; its number must
//! be its own on its day; an ended one has exactly one leg; and each queue must wake up as it went to sleep.
//! Invariant: everything judged here was read after the database had been closed and opened again.

use std::collections::{BTreeSet, HashMap, HashSet};

use actors::{AskError, Engine, QueueView, Tenant};
use domain::{QueueId, TenantId, TicketId, Timestamp};
use futures_util::stream::{self, StreamExt, TryStreamExt};
use jiff::civil::Date;
use persistence::{PAGE_ROWS_MAX, Store, StoreError, TicketFilter, TicketOrder, TicketRow};

use super::ReplayError;
use super::branch::Branch;
use super::drive::Driven;
use super::folded::Folded;
use super::heard::Told;

/// Look-ups at once: as many as the store has readers.
const LOOKUPS: usize = 4;

/// What the store holds, and where that differs from what was acknowledged.
#[derive(Debug, Default)]
pub(super) struct Audit {
    /// Tickets that are not kept as told, and people missing from a queue that woke up.
    pub(super) lost: usize,
    pub(super) doubled: usize,
    /// Arrival to first call in seconds, of everybody called.
    pub(super) waits: Vec<f64>,
    states: HashMap<String, usize>,
}

impl Audit {
    /// # Errors
    /// When the store cannot be read, or a journal is damaged.
    pub(super) async fn make(
        engine: &Engine,
        tenant: &Tenant,
        branch: &Branch,
        driven: &Driven,
        first: Timestamp,
    ) -> anyhow::Result<Self> {
        let store = engine.store().as_ref();
        let mut findings = Findings::default();
        let mut audit = Self::default();
        for (queue, before) in branch.queues.iter().zip(&driven.views) {
            let rows = rows(store, tenant.id(), *queue, first).await?;
            let folded = Folded::read(store, tenant.id(), *queue).await?;
            findings.judge_rows(&rows, &driven.told, &folded);
            findings.judge_legs(store, tenant.id(), &rows).await?;
            audit.judge_waking(before, &awake(tenant, *queue).await?);
            audit.take_figures(&rows);
        }
        findings.miss(&driven.told);
        audit.lost += findings.lost.len();
        audit.doubled += findings.doubled.len();
        Ok(audit)
    }

    pub(super) fn count(&self, state: &str) -> usize {
        self.states.get(state).copied().unwrap_or_default()
    }

    fn take_figures(&mut self, rows: &[TicketRow]) {
        for row in rows {
            *self.states.entry(row.state.to_string()).or_default() += 1;
            if let (Some(arrived_at), Some(called_at)) = (row.arrived_at, row.first_called_at) {
                self.waits.push(super::waits::seconds(arrived_at, called_at));
            }
        }
    }

    /// A queue's people after a restart are those before it.
    fn judge_waking(&mut self, before: &QueueView, after: &QueueView) {
        let people = |view: &QueueView| [view.waiting, view.called, view.serving, view.held];
        for (before, after) in people(before).into_iter().zip(people(after)) {
            self.lost += usize::try_from(before.saturating_sub(after)).unwrap_or(usize::MAX);
            self.doubled += usize::try_from(after.saturating_sub(before)).unwrap_or(usize::MAX);
        }
    }
}

/// Tickets that are not as they should be; each counts once, whatever is wrong with it.
#[derive(Debug, Default)]
struct Findings {
    seen: HashSet<TicketId>,
    lost: BTreeSet<TicketId>,
    doubled: BTreeSet<TicketId>,
}

impl Findings {
    fn judge_rows(&mut self, rows: &[TicketRow], told: &HashMap<TicketId, Told>, folded: &Folded) {
        let mut numbers: HashSet<(Date, &str)> = HashSet::with_capacity(rows.len());
        for row in rows {
            let day = domain::Zone::utc().day_of(row.issued_at).0;
            let is_second = !self.seen.insert(row.ticket) || !numbers.insert((day, &row.number));
            let known = told.get(&row.ticket);
            if is_second || known.is_none() {
                self.doubled.insert(row.ticket);
            }
            let is_kept = known.is_none_or(|told| {
                told.number == row.number
                    && told.state == row.state
                    && folded.states.get(&row.ticket) == Some(&told.state)
            });
            if !is_kept {
                self.lost.insert(row.ticket);
            }
        }
        self.doubled.extend(&folded.issued_again);
    }

    /// Acknowledged tickets of which no row was seen.
    fn miss(&mut self, told: &HashMap<TicketId, Told>) {
        let missing = told.keys().filter(|ticket| !self.seen.contains(ticket));
        self.lost.extend(missing);
    }

    async fn judge_legs(
        &mut self,
        store: &dyn Store,
        tenant: TenantId,
        rows: &[TicketRow],
    ) -> Result<(), StoreError> {
        let legs = stream::iter(rows).map(|row| async move {
            let legs = store.legs(tenant, row.ticket).await?;
            Ok::<_, StoreError>((row, legs.len()))
        });
        let legs: Vec<(&TicketRow, usize)> = legs.buffer_unordered(LOOKUPS).try_collect().await?;
        for (row, legs) in legs {
            let expected = usize::from(row.ended_at.is_some());
            if legs < expected {
                self.lost.insert(row.ticket);
            } else if legs > expected {
                self.doubled.insert(row.ticket);
            }
        }
        Ok(())
    }
}

/// All tickets of a queue from `first` on.
async fn rows(
    store: &dyn Store,
    tenant: TenantId,
    queue: QueueId,
    first: Timestamp,
) -> Result<Vec<TicketRow>, StoreError> {
    let filter = filter(queue, first);
    let (mut rows, mut cursor) = (Vec::new(), None::<String>);
    loop {
        let page = store.tickets(tenant, &filter, PAGE_ROWS_MAX, cursor.as_deref()).await?;
        rows.extend(page.tickets);
        match page.next {
            Some(next) => cursor = Some(next),
            None => return Ok(rows),
        }
    }
}

fn filter(queue: QueueId, first: Timestamp) -> TicketFilter {
    TicketFilter {
        queue: Some(queue),
        from: Some(first),
        order: TicketOrder::Oldest,
        ..TicketFilter::default()
    }
}

/// The queue once its actor answers.
async fn awake(tenant: &Tenant, queue: QueueId) -> Result<QueueView, AskError> {
    loop {
        match tenant.queue(queue).await {
            Err(AskError::Busy { .. }) => tokio::task::yield_now().await,
            answer => return answer,
        }
    }
}

/// A log is not replayed over tickets of its own time: time does not go back in a queue.
///
/// # Errors
/// [`ReplayError::TimeTaken`] names the queue.
pub(super) async fn must_be_new(
    store: &dyn Store,
    tenant: &Tenant,
    branch: &Branch,
    first: Timestamp,
) -> anyhow::Result<()> {
    for (queue, name) in branch.queues.iter().zip(&branch.queue_names) {
        let page = store.tickets(tenant.id(), &filter(*queue, first), 1, None).await?;
        if !page.tickets.is_empty() {
            let (tenant, queue) = (tenant.slug().to_owned(), name.clone());
            return Err(ReplayError::TimeTaken { tenant, queue, from: first }.into());
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
