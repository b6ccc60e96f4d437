//! Rows about tickets: the visit as it stands, its finished legs, what is private about it, and how lists are asked for.
//!
//! They follow from events and are written in the same transaction, so a list never shows what the journal lacks.
//! Invariant: of two rows for one ticket the one with the higher (leg, version) is kept.

use std::sync::Arc;

use domain::{
    AgentId, CounterId, CustomerId, QueueId, Secs, ServiceId, SiteId, TenantId, TicketId, Timestamp,
};

use crate::journal::Word;

/// One visit as it stands now or as it ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TicketRow {
    pub tenant: TenantId,
    pub ticket: TicketId,
    pub queue: QueueId,
    pub site: SiteId,
    pub service: ServiceId,
    pub customer: Option<CustomerId>,
    pub agent: Option<AgentId>,
    pub counter: Option<CounterId>,
    /// Such as `A042`.
    pub number: String,
    /// Key of the priority class.
    pub class: Arc<str>,
    /// Where it was taken: `kiosk`, `web`, ….
    pub channel: Word,
    pub language: Option<Arc<str>>,
    /// `waiting`, `called`, …: a word of the domain.
    pub state: Word,
    /// Outcome code once served.
    pub outcome: Option<Word>,
    /// 1 for the first; one more at each transfer.
    pub leg: u16,
    /// Announcements made in this leg.
    pub calls: u16,
    pub requeues: u16,
    pub issued_at: Timestamp,
    pub arrived_at: Option<Timestamp>,
    pub first_called_at: Option<Timestamp>,
    pub last_called_at: Option<Timestamp>,
    pub started_at: Option<Timestamp>,
    pub ended_at: Option<Timestamp>,
    /// Time spent parked, in all.
    pub held: Secs,
    /// Version of the stream's event that this row follows from.
    pub version: u64,
    /// JSON array of texts.
    pub tags: String,
}

/// One finished leg: what reports count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LegRow {
    pub tenant: TenantId,
    pub ticket: TicketId,
    pub leg: u16,
    pub queue: QueueId,
    pub site: SiteId,
    pub service: ServiceId,
    pub agent: Option<AgentId>,
    /// Key of the priority class.
    pub class: Arc<str>,
    pub channel: Word,
    /// `served`, `transferred`, `no_show`, `walked_out`, ….
    pub outcome: Word,
    pub arrived_at: Option<Timestamp>,
    pub first_called_at: Option<Timestamp>,
    pub last_called_at: Option<Timestamp>,
    pub started_at: Option<Timestamp>,
    pub ended_at: Timestamp,
    /// Time spent parked.
    pub held: Secs,
    /// Arrival to first call.
    pub wait: Option<Secs>,
    /// Last call to start.
    pub walk: Option<Secs>,
    /// Start to end, less the time parked.
    pub service_time: Option<Secs>,
    /// Issue to end.
    pub stay: Secs,
    /// JSON of the reason that the choice was made for.
    pub reason: Option<String>,
    /// True when an agent picked this person out of turn.
    pub out_of_order: bool,
}

/// What is private about a ticket: erased alone, so that journal and figures stay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TicketPrivateRow {
    pub tenant: TenantId,
    pub ticket: TicketId,
    pub name: Option<String>,
    pub phone: Option<String>,
    pub email: Option<String>,
    /// JSON array.
    pub notes: String,
}

/// Which end of a list comes first, by time of issue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TicketOrder {
    #[default]
    Newest,
    Oldest,
}

/// Which tickets a list shows. Empty fields ask for nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TicketFilter {
    /// Any of these states; empty means every state.
    pub states: Vec<String>,
    pub queue: Option<QueueId>,
    pub site: Option<SiteId>,
    pub agent: Option<AgentId>,
    pub channel: Option<String>,
    /// Issued at or after this instant.
    pub from: Option<Timestamp>,
    /// Issued before this instant.
    pub to: Option<Timestamp>,
    /// Beginning of the number, in any case.
    pub text: Option<String>,
    pub order: TicketOrder,
}

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TicketPage {
    pub tickets: Vec<TicketRow>,
    /// Asks for the page after this one; none on the last page. Opaque.
    pub next: Option<String>,
}
