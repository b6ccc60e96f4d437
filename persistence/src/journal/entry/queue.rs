//! Events of a queue in the journal: each kind, its form, and both ways.
//!
//! Reading and writing are two matches with one line per kind; the forms stand in `form`.
//! Invariant: what is written is read back as the same event.

mod form;

use domain::{Event, TicketId};
use form::{
    About, Admitted, Announced, Called, Configured, HandedOver, Held, Issued, Nothing,
    PriorityChanged, Recalled, Requeued, Resumed, Served, Tagged, Transferred, Why,
};

use super::{Entry, EntryError, Stored, stored};

/// The stored form of an event that is journaled; offers are not (see [`Event::is_journaled`]).
pub fn store_queue_event(event: &Event) -> Stored {
    debug_assert!(event.is_journaled(), "{} is not for the journal", event.name());
    match event {
        Event::Issued { visit, remote, drawn, tags } => {
            stored("ticket.issued", &Issued::new(visit, *remote, *drawn, tags))
        }
        Event::CheckedIn { ticket } => about("ticket.checked_in", *ticket),
        Event::Offered { ticket, .. } => about("ticket.offered", *ticket),
        Event::OfferWithdrawn { ticket, .. } => about("ticket.offer_withdrawn", *ticket),
        Event::Called { ticket, call, turn } => {
            stored("ticket.called", &Called::new(*ticket, call, *turn))
        }
        Event::Recalled { ticket, calls } => {
            stored("ticket.recalled", &Recalled { ticket: *ticket, calls: *calls })
        }
        Event::Started { ticket } => about("ticket.started", *ticket),
        Event::Held { ticket, by, why } => stored("ticket.held", &Held::new(*ticket, *by, why)),
        Event::Resumed { ticket, call, held } => {
            stored("ticket.resumed", &Resumed::new(*ticket, call, *held))
        }
        Event::Served { ticket, outcomes } => {
            stored("ticket.served", &Served::new(*ticket, outcomes))
        }
        Event::NoShow { ticket } => about("ticket.no_show", *ticket),
        Event::Requeued { ticket, place, cause } => {
            stored("ticket.requeued", &Requeued::new(*ticket, *place, *cause))
        }
        Event::Transferred { ticket, outbound } => {
            stored("ticket.transferred", &Transferred::new(*ticket, outbound))
        }
        Event::Admitted { visit, arrived_at, from, place, tags } => {
            let admitted = Admitted::new(visit, *arrived_at, *from, tags).at_place(*place);
            stored("ticket.admitted", &admitted)
        }
        Event::HandoverConfirmed { ticket, leg } => {
            stored("ticket.handover_confirmed", &HandedOver { ticket: *ticket, leg: *leg })
        }
        Event::Cancelled { ticket } => about("ticket.cancelled", *ticket),
        Event::Removed { ticket, why } => {
            stored("ticket.removed", &Why { ticket: *ticket, why: why.clone() })
        }
        Event::WalkedOut { ticket } => about("ticket.walked_out", *ticket),
        Event::Expired { ticket } => about("ticket.expired", *ticket),
        Event::Reinstated { ticket } => about("ticket.reinstated", *ticket),
        Event::Tagged { ticket, tags } => {
            stored("ticket.tagged", &Tagged { ticket: *ticket, tags: tags.clone() })
        }
        Event::Noted { ticket } => about("ticket.noted", *ticket),
        Event::PriorityChanged { ticket, class } => stored(
            "ticket.priority_changed",
            &PriorityChanged { ticket: *ticket, class: class.clone() },
        ),
        Event::Announced { ticket, what } => {
            stored("ticket.announced", &Announced { ticket: *ticket, what: (*what).into() })
        }
        Event::Opened => stored("queue.opened", &Nothing {}),
        Event::Paused => stored("queue.paused", &Nothing {}),
        Event::ClosingBegan => stored("queue.closing", &Nothing {}),
        Event::Closed => stored("queue.closed", &Nothing {}),
        Event::Configured(config) => {
            stored("queue.configured", &Configured { config: config.clone() })
        }
    }
}

/// An event that says nothing but which ticket it is about.
fn about(kind: &'static str, ticket: TicketId) -> Stored {
    stored(kind, &About { ticket })
}

/// The event that was stored.
///
/// # Errors
/// [`EntryError`] when the kind or format is not one of a queue's, or the text does not have that form.
pub fn read_queue_event(kind: &str, format: u16, payload: &str) -> Result<Event, EntryError> {
    let entry = Entry { kind, format, payload };
    let about = || entry.read::<About>().map(|form| form.ticket);
    let nothing = |event| entry.read::<Nothing>().map(|_| event);
    Ok(match (kind, format) {
        ("ticket.issued", 1) => entry.read::<Issued>()?.into(),
        ("ticket.checked_in", 1) => Event::CheckedIn { ticket: about()? },
        ("ticket.called", 1) => entry.read::<Called>()?.into(),
        ("ticket.recalled", 1) => entry.read::<Recalled>()?.into(),
        ("ticket.started", 1) => Event::Started { ticket: about()? },
        ("ticket.held", 1) => entry.read::<Held>()?.into(),
        ("ticket.resumed", 1) => entry.read::<Resumed>()?.into(),
        ("ticket.served", 1) => entry.read::<Served>()?.into(),
        ("ticket.no_show", 1) => Event::NoShow { ticket: about()? },
        ("ticket.requeued", 1) => entry.read::<Requeued>()?.into(),
        ("ticket.transferred", 1) => entry.read::<Transferred>()?.into(),
        ("ticket.admitted", 1) => entry.read::<Admitted>()?.into(),
        ("ticket.handover_confirmed", 1) => entry.read::<HandedOver>()?.into(),
        ("ticket.cancelled", 1) => Event::Cancelled { ticket: about()? },
        ("ticket.removed", 1) => entry.read::<Why>()?.into(),
        ("ticket.walked_out", 1) => Event::WalkedOut { ticket: about()? },
        ("ticket.expired", 1) => Event::Expired { ticket: about()? },
        ("ticket.reinstated", 1) => Event::Reinstated { ticket: about()? },
        ("ticket.tagged", 1) => entry.read::<Tagged>()?.into(),
        ("ticket.noted", 1) => Event::Noted { ticket: about()? },
        ("ticket.priority_changed", 1) => entry.read::<PriorityChanged>()?.into(),
        ("ticket.announced", 1) => entry.read::<Announced>()?.into(),
        ("queue.opened", 1) => nothing(Event::Opened)?,
        ("queue.paused", 1) => nothing(Event::Paused)?,
        ("queue.closing", 1) => nothing(Event::ClosingBegan)?,
        ("queue.closed", 1) => nothing(Event::Closed)?,
        ("queue.configured", 1) => entry.read::<Configured>()?.into(),
        _ => return Err(entry.unknown()),
    })
}
