//! Events as they stand in the journal: a kind, a format version, and a JSON text.
//!
//! The stored forms are types of their own, field by field, so that the domain's events may be renamed freely. What an
//! administrator sets (queue configuration, agent profile) is stored in the form in which it is configured.
//!
//! Invariant: a stored kind and format is a promise. A changed form gets the next format, and the old one is read for
//! ever; `tests/golden` holds one text of each.

mod agent;
mod form;
mod queue;
mod staff;

use serde::Serialize;
use serde::de::DeserializeOwned;

pub use agent::{read_agent_event, store_agent_event};
pub use queue::{read_queue_event, store_queue_event};
pub use staff::{read_queue_fact, store_queue_fact};

/// An event ready for the journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// Such as `ticket.issued`.
    pub kind: &'static str,
    pub format: u16,
    /// JSON text.
    pub payload: String,
}

/// Why a stored event cannot be read. The queue or agent it belongs to must not go on without it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EntryError {
    /// Written by a newer program, or not an event of this actor.
    #[error("event {kind} in format {format} is unknown")]
    Unknown { kind: String, format: u16 },
    /// The text does not have the form it should.
    #[error("event {kind} in format {format} cannot be read: {reason}")]
    Unreadable { kind: String, format: u16, reason: String },
}

/// The format in which every kind is written today.
const FORMAT: u16 = 1;

fn stored(kind: &'static str, form: &impl Serialize) -> Stored {
    let payload =
        serde_json::to_string(form).expect("stored forms are plain data, which JSON can hold");
    Stored { kind, format: FORMAT, payload }
}

/// One stored event about to be read.
#[derive(Clone, Copy)]
struct Entry<'a> {
    kind: &'a str,
    format: u16,
    payload: &'a str,
}

impl Entry<'_> {
    fn read<T: DeserializeOwned>(self) -> Result<T, EntryError> {
        serde_json::from_str(self.payload).map_err(|error| EntryError::Unreadable {
            kind: self.kind.to_owned(),
            format: self.format,
            reason: error.to_string(),
        })
    }

    fn unknown(self) -> EntryError {
        EntryError::Unknown { kind: self.kind.to_owned(), format: self.format }
    }
}
