//! The payload of each kind of queue event.
//!
//! One struct per form, in the order of the events; several kinds that only name a ticket share `About`.
//! Invariant: field names are stored names. A new field is optional, or the kind gets a new format.

use std::sync::Arc;

use domain::{AgentId, ClassKey, Event, QueueConfig, QueueId, Secs, TicketId, Timestamp};
use serde::{Deserialize, Serialize};

use crate::journal::entry::form::{
    Announcement, Call, LastNumber, Outbound, Place, RequeueCause, Visit,
};

macro_rules! forms {
    ($($(#[$doc:meta])* $name:ident { $($(#[$meta:meta])* $field:ident: $type:ty),* $(,)? })+) => {$(
        $(#[$doc])*
        #[derive(Debug, Serialize, Deserialize)]
        pub(super) struct $name {
            $($(#[$meta])* pub(super) $field: $type),*
        }
    )+};
}

forms! {
    Issued { visit: Visit, remote: bool, drawn: LastNumber, tags: Vec<String> }
    /// An event that says nothing but which ticket it is about.
    About { ticket: TicketId }
    Called {
        ticket: TicketId,
        call: Call,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        turn: Option<u64>,
    }
    Recalled { ticket: TicketId, calls: u8 }
    Held {
        ticket: TicketId,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<AgentId>,
        why: String,
    }
    Resumed { ticket: TicketId, call: Call, held_secs: Secs }
    Served { ticket: TicketId, outcomes: Vec<String> }
    Requeued { ticket: TicketId, place: Place, cause: RequeueCause }
    Transferred { ticket: TicketId, outbound: Outbound }
    Admitted { visit: Visit, arrived_at: Timestamp, from: QueueId, place: Place, tags: Vec<String> }
    HandedOver { ticket: TicketId, leg: u16 }
    Why { ticket: TicketId, why: String }
    Tagged { ticket: TicketId, tags: Vec<String> }
    PriorityChanged { ticket: TicketId, class: ClassKey }
    Announced { ticket: TicketId, what: Announcement }
    /// An event that says nothing more.
    Nothing {}
    /// In the form in which queues are configured.
    Configured { config: Box<QueueConfig> }
}

impl Issued {
    pub(super) fn new(
        visit: &domain::Visit,
        remote: bool,
        drawn: domain::LastNumber,
        tags: &[String],
    ) -> Self {
        Self { visit: visit.clone().into(), remote, drawn: drawn.into(), tags: tags.to_vec() }
    }
}

impl Called {
    pub(super) fn new(ticket: TicketId, call: &domain::Call, turn: Option<u64>) -> Self {
        Self { ticket, call: call.clone().into(), turn }
    }
}

impl Held {
    pub(super) fn new(ticket: TicketId, by: Option<AgentId>, why: &str) -> Self {
        Self { ticket, by, why: why.to_owned() }
    }
}

impl Resumed {
    pub(super) fn new(ticket: TicketId, call: &domain::Call, held: Secs) -> Self {
        Self { ticket, call: call.clone().into(), held_secs: held }
    }
}

impl Served {
    pub(super) fn new(ticket: TicketId, outcomes: &[String]) -> Self {
        Self { ticket, outcomes: outcomes.to_vec() }
    }
}

impl Requeued {
    pub(super) fn new(ticket: TicketId, place: domain::Place, cause: domain::RequeueCause) -> Self {
        Self { ticket, place: place.into(), cause: cause.into() }
    }
}

impl Transferred {
    pub(super) fn new(ticket: TicketId, outbound: &domain::Outbound) -> Self {
        Self { ticket, outbound: outbound.clone().into() }
    }
}

impl Admitted {
    /// A leg placed in order; see [`Self::at_place`].
    pub(super) fn new(
        visit: &domain::Visit,
        arrived_at: Timestamp,
        from: QueueId,
        tags: &[String],
    ) -> Self {
        Self {
            visit: visit.clone().into(),
            arrived_at,
            from,
            place: domain::Place::InOrder.into(),
            tags: tags.to_vec(),
        }
    }

    pub(super) fn at_place(self, place: domain::Place) -> Self {
        Self { place: place.into(), ..self }
    }
}

macro_rules! into_event {
    ($($form:ident { $($field:ident),+ } => $event:expr;)+) => {$(
        impl From<$form> for Event {
            fn from(form: $form) -> Self {
                let $form { $($field),+ } = form;
                $event
            }
        }
    )+};
}

into_event! {
    Issued { visit, remote, drawn, tags } =>
        Event::Issued { visit: Arc::new(visit.into()), remote, drawn: drawn.into(), tags };
    Called { ticket, call, turn } => Event::Called { ticket, call: call.into(), turn };
    Recalled { ticket, calls } => Event::Recalled { ticket, calls };
    Held { ticket, by, why } => Event::Held { ticket, by, why };
    Resumed { ticket, call, held_secs } => Event::Resumed { ticket, call: call.into(), held: held_secs };
    Served { ticket, outcomes } => Event::Served { ticket, outcomes };
    Requeued { ticket, place, cause } => Event::Requeued { ticket, place: place.into(), cause: cause.into() };
    Transferred { ticket, outbound } => Event::Transferred { ticket, outbound: Box::new(outbound.into()) };
    Admitted { visit, arrived_at, from, place, tags } =>
        Event::Admitted { visit: Arc::new(visit.into()), arrived_at, from, place: place.into(), tags };
    HandedOver { ticket, leg } => Event::HandoverConfirmed { ticket, leg };
    Why { ticket, why } => Event::Removed { ticket, why };
    Tagged { ticket, tags } => Event::Tagged { ticket, tags };
    PriorityChanged { ticket, class } => Event::PriorityChanged { ticket, class };
    Announced { ticket, what } => Event::Announced { ticket, what: what.into() };
    Configured { config } => Event::Configured(config);
}
