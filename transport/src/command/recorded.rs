//! Which commands leave an entry in the audit log, and what it says changed.
//!
//! Opening, pausing and closing a queue, a call out of order, and another priority class. Everything else that happens to
//! tickets is in the journal.
//! Invariant: a command that was repeated under its key, or refused, leaves none.

use actors::{QueueChange, Tenant, TicketOrder};
use serde_json::{Map, Value, json};

use super::permit::Work;
use crate::edge::{Caller, Change, Edge};
use crate::idempotency::Deed;

/// A command that is about to be carried out and will be recorded.
pub(super) struct Recorded {
    action: &'static str,
    object: String,
    before: Option<Value>,
    /// The members of the answer that say what it changed.
    told: &'static [&'static str],
    why: Option<String>,
}

impl Recorded {
    /// None for a command that leaves no entry. Looks up how its object stands.
    pub(super) async fn begin(tenant: &Tenant, work: &Work) -> Option<Self> {
        match work {
            Work::ChangeQueue { queue, change } => {
                let view = tenant.queue(*queue).await.ok();
                Some(Self {
                    action: queue_action(*change),
                    object: format!("queue:{queue}"),
                    before: view.map(|view| json!({ "state": view.state })),
                    told: &["state"],
                    why: None,
                })
            }
            Work::Order { ticket, order, .. } => {
                let (action, told, why) = ticket_action(order)?;
                let view = tenant.ticket(*ticket).await.ok();
                let before = view.and_then(|view| serde_json::to_value(view).ok());
                let before = before.map(|view| only(&view, told));
                Some(Self { action, object: format!("ticket:{ticket}"), before, told, why })
            }
            Work::Issue(_)
            | Work::CallNext { .. }
            | Work::Duty { .. }
            | Work::Accept { .. }
            | Work::Reject { .. } => None,
        }
    }

    /// It was carried out: records it.
    pub(super) fn end(self, edge: &Edge, caller: &Caller, deed: &Deed) {
        let (Deed::Kept(answer) | Deed::Unkept(answer)) = deed;
        let answered: Value = serde_json::from_str(&answer.body).unwrap_or_default();
        let mut after = only(&answered, self.told);
        if let (Some(after), Some(why)) = (after.as_object_mut(), self.why) {
            after.insert("reason".to_owned(), why.into());
        }
        let (action, object, before) = (self.action.to_owned(), self.object, self.before);
        caller.record(edge, Change { action, object, before, after: Some(after) });
    }
}

const fn queue_action(change: QueueChange) -> &'static str {
    match change {
        QueueChange::Open => "queue.open",
        QueueChange::Pause => "queue.pause",
        QueueChange::Close { .. } => "queue.close",
    }
}

type TicketAction = (&'static str, &'static [&'static str], Option<String>);

fn ticket_action(order: &TicketOrder) -> Option<TicketAction> {
    match order {
        TicketOrder::Call { why } => Some(("ticket.call_out_of_order", &["state"], why.clone())),
        TicketOrder::SetPriority { .. } => Some(("ticket.set_priority", &["class"], None)),
        TicketOrder::CheckIn
        | TicketOrder::Recall
        | TicketOrder::Start
        | TicketOrder::Hold { .. }
        | TicketOrder::Resume
        | TicketOrder::Finish { .. }
        | TicketOrder::NoShow
        | TicketOrder::Requeue
        | TicketOrder::Transfer { .. }
        | TicketOrder::Cancel
        | TicketOrder::Remove { .. }
        | TicketOrder::WalkOut
        | TicketOrder::Reinstate
        | TicketOrder::Tag { .. }
        | TicketOrder::Note { .. }
        | TicketOrder::Delay { .. } => None,
    }
}

fn only(view: &Value, told: &[&str]) -> Value {
    let member = |name: &&str| ((*name).to_owned(), view.get(*name).cloned().unwrap_or_default());
    Value::Object(told.iter().map(member).collect::<Map<String, Value>>())
}
