//! The frames of the original's one-topic sockets, under the names that its clients know.
//!
//! The hub gives `{type, …data, timestamp}`; here `type` becomes the original's word and ours is kept as `event`.
//! Invariant: nothing but these two fields differs from the hub's frame.

use actors::{Frame, Topic};
use bytes::Bytes;
use serde_json::{Map, Value};

/// The original's word for a frame of `topic` that we call `name`; ours where it had none.
fn alias(topic: Topic, name: &str) -> &str {
    match (topic, name.split_once('.')) {
        (Topic::Site(_), _) => "display.update",
        (_, Some(("ticket", "issued"))) => "ticket.created",
        (_, Some(("ticket", _))) | (Topic::Ticket(_), None) => "ticket.updated",
        (_, Some(("queue", _))) | (Topic::Queue(_), None) => "queue.updated",
        (_, Some(_) | None) => name,
    }
}

/// `frame` as a one-topic socket says it.
pub(crate) fn renamed(frame: &Frame) -> Bytes {
    let theirs = alias(frame.topic(), frame.name());
    if theirs == frame.name() {
        return frame.compat_json().clone();
    }
    let Ok(mut fields) = serde_json::from_slice::<Map<String, Value>>(frame.compat_json()) else {
        return frame.compat_json().clone();
    };
    fields.insert("event".to_owned(), frame.name().into());
    fields.insert("type".to_owned(), theirs.into());
    serde_json::to_vec(&fields).map_or_else(|_| frame.compat_json().clone(), Bytes::from)
}

#[cfg(test)]
mod tests {
    use domain::{AgentId, QueueId, SiteId, TicketId};
    use uuid::Uuid;

    use super::*;

    #[test]
    fn events_carry_the_names_that_old_clients_know() {
        let (queue, site) = (Topic::Queue(QueueId(Uuid::nil())), Topic::Site(SiteId(Uuid::nil())));
        let (ticket, agent) =
            (Topic::Ticket(TicketId(Uuid::nil())), Topic::Agent(AgentId(Uuid::nil())));
        assert_eq!(alias(queue, "ticket.issued"), "ticket.created");
        assert_eq!(alias(queue, "ticket.called"), "ticket.updated");
        assert_eq!(alias(queue, "queue.paused"), "queue.updated");
        assert_eq!(alias(queue, "snapshot"), "queue.updated");
        assert_eq!(alias(ticket, "ticket.served"), "ticket.updated");
        assert_eq!(alias(ticket, "snapshot"), "ticket.updated");
        assert_eq!(alias(site, "ticket.called"), "display.update");
        assert_eq!(alias(site, "snapshot"), "display.update");
        assert_eq!(alias(agent, "agent.available"), "agent.available");
        assert_eq!(alias(agent, "snapshot"), "snapshot");
    }
}
