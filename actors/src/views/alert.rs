//! An alert as the API and the topic `alerts` show it: what is wrong, since when, who saw it, and what would help.
//!
//! The figures are those it was raised on and do not change afterwards.
//! Invariant: an alert names queues, devices and staff, never a customer.

use domain::{Remedy, Vitals};
use persistence::AlertRow;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use super::At;

/// What would help.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RemedyView {
    /// open_counters, start_serving, end_break or check_device.
    #[schema(example = "open_counters")]
    pub action: String,
    /// The same as a sentence.
    #[schema(example = "open one more counter: forecast p50 wait 24 → 15 min")]
    pub text: String,
    /// Counters to open.
    pub more: Option<u32>,
    /// The middle of the forecast for somebody who joins now; null when it cannot be computed.
    pub wait_before_seconds: Option<u32>,
    /// The same once this is done.
    pub wait_after_seconds: Option<u32>,
}

impl From<Remedy> for RemedyView {
    fn from(remedy: Remedy) -> Self {
        let (before, after) = remedy.waits();
        let more = match remedy {
            Remedy::OpenCounters { more, .. } => Some(more),
            Remedy::StartServing { .. } | Remedy::EndBreak { .. } | Remedy::CheckDevice => None,
        };
        Self {
            action: remedy.as_str().to_owned(),
            text: remedy.to_string(),
            more,
            wait_before_seconds: before.map(|wait| wait.0),
            wait_after_seconds: after.map(|wait| wait.0),
        }
    }
}

/// The figures an alert was raised on; those of a queue are null for a device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AlertFacts {
    /// Of the queue or the device.
    pub name: String,
    pub waiting: Option<u32>,
    pub capacity: Option<u32>,
    pub longest_wait_seconds: Option<u32>,
    pub target_seconds: Option<u32>,
    /// People waiting beyond the target of their class.
    pub late: Option<u32>,
    pub serving: Option<u32>,
    pub on_break: Option<u32>,
    pub remedy: RemedyView,
}

impl AlertFacts {
    pub(crate) fn new(name: String, vitals: Option<&Vitals>, remedy: Remedy) -> Self {
        Self {
            name,
            waiting: vitals.map(|vitals| vitals.waiting),
            capacity: vitals.and_then(|vitals| vitals.capacity),
            longest_wait_seconds: vitals.map(|vitals| vitals.longest_wait.0),
            target_seconds: vitals.map(|vitals| vitals.target.0),
            late: vitals.map(|vitals| vitals.late),
            serving: vitals.map(|vitals| vitals.serving),
            on_break: vitals.map(|vitals| vitals.on_break),
            remedy: remedy.into(),
        }
    }
}

/// One alert.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct AlertView {
    pub id: Uuid,
    /// capacity, sla_breach, nobody_serving, wait_over_twice_target or device_offline.
    #[schema(example = "nobody_serving")]
    pub kind: String,
    /// The queue; for device_offline the device.
    pub subject_id: Uuid,
    pub site_id: Uuid,
    pub raised_at: At,
    /// Null while it stands.
    pub cleared_at: Option<At>,
    /// Who saw it first.
    pub acknowledged_by: Option<String>,
    pub acknowledged_at: Option<At>,
    #[schema(value_type = AlertFacts)]
    pub facts: Value,
    /// By channel, how telling people went: `{"raised": [{"channel", "number", "state", "tries",
    /// "error", "at"}], "cleared": […]}`. States are `sent` and `failed`, of letters `handed_over`. Null while nobody was told.
    #[schema(value_type = Option<Object>)]
    pub delivery: Value,
}

impl From<&AlertRow> for AlertView {
    fn from(row: &AlertRow) -> Self {
        Self {
            id: row.id,
            kind: row.kind.clone(),
            subject_id: row.subject,
            site_id: row.site.0,
            raised_at: At(row.raised_at),
            cleared_at: row.cleared_at.map(At),
            acknowledged_by: row.acknowledged_by.clone(),
            acknowledged_at: row.acknowledged_at.map(At),
            facts: serde_json::from_str(&row.facts).unwrap_or_default(),
            delivery: serde_json::from_str(&row.delivery).unwrap_or_default(),
        }
    }
}
