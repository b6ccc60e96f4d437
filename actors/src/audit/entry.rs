//! What is recorded: who did what to what, when, from where, how it ended, and what changed.
//!
//! Texts are brought to one line and cut; of a change only the members that differ are kept, without personal data.
//! Invariant: no control character and no personal data gets into an entry, whoever records it.

use domain::{TenantId, Timestamp};
use persistence::{AuditHead, AuditRow};
use serde_json::{Map, Value, json};

use super::mask;

/// Characters of one text at most; the longest of ours are half of it.
const TEXT_CHARS_MAX: usize = 256;
/// Bytes of one side of a change: what is longer is named by its size.
const CHANGE_BYTES_MAX: usize = 8 * 1024;

/// One thing that somebody did, or was refused.
#[derive(Debug, Clone)]
pub struct AuditEntry {
    /// The nil id stands for the platform.
    pub tenant: TenantId,
    pub at: Timestamp,
    /// Such as `agent:ID`, `subject:role:manager` or `cli:NAME`.
    pub actor: String,
    /// Such as `queue.pause`.
    pub action: String,
    /// Such as `queue:ID`; the part before the colon says what kind of thing it is.
    pub object: String,
    /// `ok`, `denied` or `failed`.
    pub outcome: &'static str,
    /// Where the client's connection comes from.
    pub address: Option<String>,
    pub request_id: Option<String>,
    pub before: Option<Value>,
    pub after: Option<Value>,
}

/// An entry as it will be kept, without its place in the chain.
#[derive(Debug, Clone)]
pub(super) struct Draft {
    pub(super) tenant: TenantId,
    at: Timestamp,
    actor: String,
    action: String,
    object: String,
    outcome: &'static str,
    address: Option<String>,
    request_id: Option<String>,
    before: Option<String>,
    after: Option<String>,
}

impl Draft {
    pub(super) fn of(entry: AuditEntry) -> Self {
        let kind = entry.object.split(':').next().unwrap_or_default().to_owned();
        let (before, after) = differing(entry.before, entry.after);
        let side = |side: Option<Value>| side.map(|value| written(mask::masked(&kind, value)));
        Self {
            tenant: entry.tenant,
            at: entry.at,
            actor: one_line(&entry.actor),
            action: one_line(&entry.action),
            object: one_line(&entry.object),
            outcome: entry.outcome,
            address: entry.address.as_deref().map(one_line),
            request_id: entry.request_id.as_deref().map(one_line),
            before: side(before),
            after: side(after),
        }
    }

    /// Behind `head`, its hash still to be made.
    pub(super) fn row(&self, tenant: TenantId, head: AuditHead) -> AuditRow {
        AuditRow {
            tenant,
            seq: head.seq + 1,
            at: self.at,
            actor: self.actor.clone(),
            action: self.action.clone(),
            object: self.object.clone(),
            outcome: self.outcome.to_owned(),
            address: self.address.clone(),
            request_id: self.request_id.clone(),
            before: self.before.clone(),
            after: self.after.clone(),
            prev_hash: head.hash,
            hash: [0; 32],
        }
    }
}

/// Of two bodies the members that differ; one side alone is kept whole.
fn differing(before: Option<Value>, after: Option<Value>) -> (Option<Value>, Option<Value>) {
    let (Some(Value::Object(before)), Some(Value::Object(after))) = (&before, &after) else {
        return (before, after);
    };
    let only = |of: &Map<String, Value>, other: &Map<String, Value>| {
        let changed = of.iter().filter(|(name, value)| other.get(*name) != Some(value));
        Value::Object(changed.map(|(name, value)| (name.clone(), value.clone())).collect())
    };
    (Some(only(before, after)), Some(only(after, before)))
}

fn written(value: Value) -> String {
    let text = value.to_string();
    if text.len() <= CHANGE_BYTES_MAX {
        return text;
    }
    json!({ "left_out_bytes": text.len() }).to_string()
}

/// Control characters escaped, so that one entry is one line wherever it is shown.
fn one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for letter in text.chars().take(TEXT_CHARS_MAX) {
        if letter.is_control() || matches!(letter, '\u{2028}' | '\u{2029}') {
            line.extend(letter.escape_unicode());
        } else {
            line.push(letter);
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(object: &str, before: Value, after: Value) -> AuditEntry {
        AuditEntry {
            tenant: TenantId(uuid::Uuid::nil()),
            at: Timestamp(1),
            actor: "cli:a\n{\"level\":\"info\"}".to_owned(),
            action: "x".to_owned(),
            object: object.to_owned(),
            outcome: "ok",
            address: None,
            request_id: None,
            before: Some(before),
            after: Some(after),
        }
    }

    #[test]
    fn only_what_differs_is_kept_and_a_masked_member_still_shows_that_it_changed() {
        let before = json!({ "name": "Awa", "role": "agent", "active": true });
        let after = json!({ "name": "Binta", "role": "agent", "active": false });
        let draft = Draft::of(entry("agent:1", before, after));
        assert_eq!(draft.before.as_deref(), Some(r#"{"active":true,"name":"***"}"#));
        assert_eq!(draft.after.as_deref(), Some(r#"{"active":false,"name":"***"}"#));
    }

    /// A05.
    #[test]
    fn an_entry_is_one_line_whatever_is_in_it() {
        let injected =
            json!({ "name": "\n{\"level\":\"info\",\"message\":\"all well\"}\r\u{2028}" });
        let draft = Draft::of(entry("queue:\n1\u{2028}", Value::Null, injected));
        for text in [&draft.actor, &draft.object, draft.after.as_ref().unwrap()] {
            assert!(!text.chars().any(char::is_control), "{text:?}");
        }
        assert_eq!(draft.object, "queue:\\u{a}1\\u{2028}");
    }

    #[test]
    fn a_change_of_any_size_stays_small() {
        let draft = Draft::of(entry("queue:1", json!({}), json!({ "x": "y".repeat(100_000) })));
        assert_eq!(draft.after.as_deref(), Some(r#"{"left_out_bytes":100008}"#));
    }
}
