//! What is noted beside an event of a queue: how many counters were staffed and how many stood free.
//!
//! It stands in the event's own JSON object as one more field, which programs of before pass over.
//! Invariant: an event with nothing noted is stored as it always was.

use domain::{Happened, Staff, Timestamp};
use serde::{Deserialize, Serialize};

use super::{Entry, EntryError, Stored, read_queue_event, store_queue_event};

/// The field beside those of the event.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Beside {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    staff: Option<Form>,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Form {
    idle: u16,
    on_duty: u16,
}

/// The stored form of an event with what is noted beside it.
pub fn store_queue_fact(happened: &Happened) -> Stored {
    let mut stored = store_queue_event(&happened.event);
    let Some(Staff { idle, on_duty }) = happened.staff else { return stored };
    let noted = format!("\"staff\":{{\"idle\":{idle},\"on_duty\":{on_duty}}}}}");
    if stored.payload.pop() == Some('}') {
        if !stored.payload.ends_with('{') {
            stored.payload.push(',');
        }
        stored.payload.push_str(&noted);
    }
    stored
}

/// The event that was stored, with what was noted beside it.
///
/// # Errors
/// As [`read_queue_event`].
pub fn read_queue_fact(
    kind: &str,
    format: u16,
    payload: &str,
    at: Timestamp,
) -> Result<Happened, EntryError> {
    let event = read_queue_event(kind, format, payload)?;
    let mut happened = Happened::new(at, event);
    if happened.event.is_noted_with_staff() {
        let beside = Entry { kind, format, payload }.read::<Beside>()?;
        happened.staff = beside.staff.map(|Form { idle, on_duty }| Staff { idle, on_duty });
    }
    Ok(happened)
}

#[cfg(test)]
mod tests {
    use domain::{Event, TicketId};

    use super::*;

    fn back(happened: &Happened) -> Happened {
        let stored = store_queue_fact(happened);
        read_queue_fact(stored.kind, stored.format, &stored.payload, happened.at).unwrap()
    }

    #[test]
    fn what_is_noted_comes_back_and_nothing_noted_changes_nothing() {
        let ticket = TicketId(uuid::Uuid::from_u128(7));
        let plain = Happened::new(Timestamp::from_secs(9), Event::CheckedIn { ticket });
        let staffed = Happened { staff: Some(Staff { idle: 2, on_duty: 5 }), ..plain.clone() };
        assert_eq!((back(&plain), back(&staffed)), (plain.clone(), staffed.clone()));
        assert_eq!(store_queue_fact(&plain), store_queue_event(&plain.event));
        let text = store_queue_fact(&staffed).payload;
        assert!(text.ends_with(r#","staff":{"idle":2,"on_duty":5}}"#), "{text}");
        let event = read_queue_event("ticket.checked_in", 1, &text).unwrap();
        assert_eq!(event, plain.event, "a program of before passes it over");
    }
}
