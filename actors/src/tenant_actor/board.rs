//! The board of a site: who is being called where, as every display of the site shows it.
//!
//! Queues send a change for each event of a ticket in hand; a restarted queue sends its whole part again.
//! Invariant: a ticket is on the board exactly while it is called.

use domain::{QueueId, SiteId, TicketId};
use serde_json::{Value, json};

use super::{Calls, State};
use crate::resources::QueueBody;
use crate::topic_hub::{EventFrame, Topic};
use crate::views::CallView;

/// Calls in a snapshot: more than any display shows.
const CALLS_SHOWN: usize = 10;

/// What a queue says about the board.
pub(crate) enum BoardChange {
    /// One ticket in hand changed; it is on the board if there is a call.
    Ticket { site: SiteId, ticket: TicketId, call: Option<Box<CallView>>, frame: EventFrame },
    /// The queue itself changed.
    Queue { site: SiteId, frame: EventFrame },
    /// Everything that this queue has on the board.
    Whole { site: SiteId, queue: QueueId, calls: Vec<CallView>, state: Value },
}

/// The board of one site.
#[derive(Default)]
pub(super) struct Board {
    calls: Calls,
}

impl State {
    pub(super) fn board(&mut self, change: BoardChange) {
        match change {
            BoardChange::Ticket { site, ticket, call, frame } => {
                self.boards.entry(site).or_default().put(ticket, call);
                self.publish(Topic::Site(site), frame);
            }
            BoardChange::Queue { site, frame } => self.publish(Topic::Site(site), frame),
            BoardChange::Whole { site, queue, calls, state } => {
                self.boards.entry(site).or_default().put_all(queue, calls);
                let at = self.tenant.world.clock.now();
                self.publish(Topic::Site(site), EventFrame::new("queue.started", at, state));
            }
        }
    }

    pub(super) fn board_of(&self, site: SiteId) -> Option<Value> {
        let directory = self.tenant.directory();
        let body = &directory.site(site)?.body;
        let calls = self.boards.get(&site).map(Board::newest).unwrap_or_default();
        let queues: Vec<Value> = directory
            .list::<QueueBody>()
            .filter(|queue| queue.body.site_id == site.0)
            .map(|queue| {
                let waiting = self.figures.waiting_in(QueueId(queue.id));
                json!({ "id": queue.id, "name": queue.body.name, "prefix": queue.body.prefix, "waiting": waiting })
            })
            .collect();
        let site = json!({
            "id": site, "slug": body.slug, "name": body.name,
            "timezone": body.timezone, "languages": body.languages,
        });
        Some(json!({ "site": site, "calls": calls, "queues": queues }))
    }
}

impl Board {
    fn put(&mut self, ticket: TicketId, call: Option<Box<CallView>>) {
        match call {
            Some(call) => drop(self.calls.insert(ticket, (QueueId(call.ticket.queue_id), *call))),
            None => drop(self.calls.remove(&ticket)),
        }
    }

    fn put_all(&mut self, queue: QueueId, calls: Vec<CallView>) {
        self.calls.retain(|_, (of, _)| *of != queue);
        for call in calls {
            self.put(TicketId(call.ticket.id), Some(Box::new(call)));
        }
    }

    fn newest(&self) -> Vec<&CallView> {
        let mut calls: Vec<&CallView> = self.calls.values().map(|(_, call)| call).collect();
        calls.sort_by_key(|call| std::cmp::Reverse(call.called_at));
        calls.truncate(CALLS_SHOWN);
        calls
    }
}
