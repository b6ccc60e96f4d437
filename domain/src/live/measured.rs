//! What one event tells of a visit, in the words of the measures: wait, walk, service, and who left.
//!
//! The ticket is looked at as it was just before the event. A first call ends the wait; later calls of the same leg do
//! not wait again. Who was removed, or expired with the day, did not leave by themselves.
//! Invariant: an event measures one thing at most, and the same thing whenever it is read.

use crate::queue::{Event, Happened, Queue};
use crate::ticket::{Stage, Ticket};
use crate::time::{Secs, Timestamp};

/// One measurement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measured {
    /// Somebody is on site and in line, also from another queue.
    Arrived,
    Called {
        wait: Secs,
        /// Within the target of the person's class.
        in_time: bool,
    },
    Started {
        walk: Secs,
    },
    Served {
        service: Secs,
    },
    /// By themselves and before a call.
    Left {
        in_time: bool,
    },
    NoShow,
}

impl Measured {
    /// What `happened` measures of `ticket`, which stands in `queue` as it did before.
    pub fn of(queue: &Queue, ticket: Option<&Ticket>, happened: &Happened) -> Option<Self> {
        let at = happened.at;
        match (&happened.event, ticket) {
            (Event::Issued { remote: false, .. } | Event::Admitted { .. }, _)
            | (Event::CheckedIn { .. }, Some(_)) => Some(Self::Arrived),
            (Event::Called { .. }, Some(ticket)) if ticket.first_called_at.is_none() => {
                let wait = at.since(ticket.arrived_at?);
                Some(Self::Called { wait, in_time: is_in_time(queue, ticket, wait) })
            }
            (Event::Started { .. }, Some(ticket)) => {
                Some(Self::Started { walk: at.since(ticket.last_called_at?) })
            }
            (Event::Served { .. } | Event::Transferred { .. }, Some(ticket)) => {
                Some(Self::Served { service: service(ticket, at)? })
            }
            (Event::WalkedOut { .. } | Event::Cancelled { .. }, Some(ticket))
                if ticket.first_called_at.is_none() =>
            {
                let wait = at.since(ticket.arrived_at?);
                Some(Self::Left { in_time: is_in_time(queue, ticket, wait) })
            }
            (Event::NoShow { .. }, Some(_)) => Some(Self::NoShow),
            _ => None,
        }
    }
}

fn is_in_time(queue: &Queue, ticket: &Ticket, wait: Secs) -> bool {
    queue.config().class(&ticket.visit.class).is_some_and(|class| wait <= class.target)
}

/// Time at the counter until `at`; none when it never began.
fn service(ticket: &Ticket, at: Timestamp) -> Option<Secs> {
    let away = match &ticket.stage {
        Stage::Held { since, .. } => at.since(*since),
        // Called again after being parked: walking back is no service.
        Stage::Called(call) => at.since(call.at),
        Stage::Remote
        | Stage::Waiting { .. }
        | Stage::Offered { .. }
        | Stage::Serving { .. }
        | Stage::Ended { .. } => Secs(0),
    };
    let whole = at.since(ticket.started_at?).0;
    Some(Secs(whole.saturating_sub(ticket.held_total.0).saturating_sub(away.0)))
}
