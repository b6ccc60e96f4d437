//! Identifiers: one type each, so that a queue's id can never stand where a ticket's belongs.
//!
//! All are UUIDv7 made outside this crate (it knows no randomness), travel as text and sort by age.
//! Parsing accepts the usual text form; nothing else is promised about their inside.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The text was not a UUID.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an identifier: expected a UUID such as 01890a5d-ac96-774b-bcce-b302099a8057")]
pub struct IdError;

macro_rules! identifiers {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                Uuid::parse_str(text).map(Self).map_err(|_| IdError)
            }
        }

        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self {
                Self(id)
            }
        }
    )+};
}

identifiers! {
    /// One customer of ours.
    TenantId,
    /// One branch.
    SiteId,
    /// What people come for.
    ServiceId,
    /// One line at one site for one service. Also the id of the queue's journal stream.
    QueueId,
    /// The desk a person walks to.
    CounterId,
    /// A person who serves. Also the id of the agent's journal stream.
    AgentId,
    /// One person's visit.
    TicketId,
    /// A short reservation of a leg for one agent.
    OfferId,
    /// A known person.
    CustomerId,
    /// A kiosk or display.
    DeviceId,
}
