//! What the audit log says of signing in: who came in and by what, who was turned away, and what they changed about it.
//!
//! Who is turned away is nobody yet, so the entry names only the account that was tried, when there is one.
//! Invariant: no password, no code, no address of e-mail and no secret of a link gets into an entry.

use std::sync::Arc;

use actors::Who;
use domain::AgentId;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::edge::{Change, Edge, Trail};
use crate::oauth::Realm;

/// Somebody who has not proven who they are.
const NOBODY: &str = "anonymous";

/// Records what the holder of `account` did about their own sign-in.
pub(super) fn done(
    edge: &Edge,
    realm: &Realm,
    account: Uuid,
    trail: &Trail,
    (action, after): (&str, Option<Value>),
) {
    let who = match realm {
        Realm::Tenant(_) => Who::Agent(AgentId(account)),
        Realm::Platform => Who::Subject(Arc::from(object(Some(account)))),
    };
    edge.record(realm.id(), &who, trail, change(action, Some(account), after));
}

/// Records that somebody was turned away who tried `account`, or an address that nobody has.
pub(super) fn refused(
    edge: &Edge,
    realm: &Realm,
    account: Option<Uuid>,
    trail: &Trail,
    step: &str,
) {
    let who = Who::Subject(Arc::from(NOBODY));
    let change = change("session.refuse", account, Some(json!({ "step": step })));
    edge.record_refused(realm.id(), &who, trail, change);
}

fn change(action: &str, account: Option<Uuid>, after: Option<Value>) -> Change {
    Change { action: action.to_owned(), object: object(account), before: None, after }
}

fn object(account: Option<Uuid>) -> String {
    account.map_or_else(|| "account:unknown".to_owned(), |account| format!("account:{account}"))
}
