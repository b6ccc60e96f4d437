//! The bodies of the configured things, as the API takes and shows them.
//!
//! Unknown properties are refused; every option has a default, so the smallest body is a name.
//! Invariant: durations are whole seconds and say so in their names.

use std::collections::BTreeMap;

use domain::{OpeningHours, Placement, Policy, Role, Zone};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::schema;

/// One branch.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SiteBody {
    /// Short name for URLs: lower-case letters, digits and hyphens. Unique in the tenant.
    #[schema(example = "dakar-plateau")]
    pub slug: String,
    #[schema(example = "Agence Dakar Plateau")]
    pub name: String,
    /// IANA name. Business days and reports follow it.
    #[serde(default)]
    #[schema(value_type = String, example = "Africa/Dakar")]
    pub timezone: Zone,
    #[serde(default)]
    pub address: Option<String>,
    /// BCP 47, the first is the site's own.
    #[serde(default = "french")]
    #[schema(example = json!(["fr", "en"]))]
    pub languages: Vec<String>,
    /// Weekly hours (Monday first) and special days; empty means always open.
    #[serde(default)]
    #[schema(value_type = Object)]
    pub hours: OpeningHours,
    /// Who gets the report of each day by e-mail when the site closes; at most ten addresses.
    #[serde(default)]
    #[schema(max_items = 10, example = json!(["manager@example.com"]))]
    pub report_to: Vec<String>,
}

fn french() -> Vec<String> {
    vec!["fr".to_owned()]
}

/// What people come for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ServiceBody {
    /// Unique in the tenant.
    #[schema(example = "withdrawals")]
    pub slug: String,
    /// By language.
    #[schema(value_type = Object, example = json!({"fr": "Retraits", "en": "Withdrawals"}))]
    pub names: BTreeMap<String, String>,
    /// People should be called within this time.
    #[serde(default = "twenty_minutes")]
    pub target_seconds: u32,
    /// Mean service time expected before any has been seen.
    #[serde(default = "five_minutes")]
    pub expected_seconds: u32,
    /// Skills that serving it takes.
    #[serde(default)]
    pub skills: Vec<String>,
}

const fn twenty_minutes() -> u32 {
    1_200
}

const fn five_minutes() -> u32 {
    300
}

/// One priority class of a queue.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ClassBody {
    #[schema(example = "senior")]
    pub key: String,
    /// By language; empty shows the key.
    #[serde(default)]
    #[schema(value_type = Object)]
    pub names: BTreeMap<String, String>,
    /// Higher is called earlier under `priority` and wins ties everywhere.
    #[serde(default)]
    pub rank: u8,
    /// None means the service's target.
    #[serde(default)]
    pub target_seconds: Option<u32>,
    /// Growth of priority per second under `accumulating`.
    #[serde(default)]
    pub slope: Option<f64>,
    /// Turns in one round under `ratio`.
    #[serde(default = "one")]
    pub weight: u32,
    /// May be chosen at a kiosk or by a customer.
    #[serde(default)]
    pub self_service: bool,
}

const fn one() -> u32 {
    1
}

/// How often a person is called, and what a missed call costs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct LadderBody {
    pub min_calls: u8,
    pub max_calls: u8,
    pub min_gap_seconds: u32,
    pub requeue_behind: u32,
    pub requeues_max: u8,
    /// Climb by itself: recall at every gap, then requeue or no-show.
    pub automatic: bool,
}

impl Default for LadderBody {
    fn default() -> Self {
        Self {
            min_calls: 2,
            max_calls: 3,
            min_gap_seconds: 30,
            requeue_behind: 3,
            requeues_max: 1,
            automatic: false,
        }
    }
}

/// One line at one site for one service.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct QueueBody {
    pub site_id: Uuid,
    pub service_id: Uuid,
    #[schema(example = "Withdrawals")]
    pub name: String,
    /// One to four letters before the number; unique at the site.
    #[schema(example = "A")]
    pub prefix: String,
    #[serde(default = "one")]
    pub number_start: u32,
    #[serde(default = "yes")]
    pub restart_daily: bool,
    #[serde(default)]
    #[schema(value_type = Object, example = json!({"kind": "sla"}))]
    pub policy: Policy,
    /// The first is the default class; empty means one class `normal`.
    #[serde(default)]
    pub classes: Vec<ClassBody>,
    /// People waiting at once; none means the installation's limit.
    #[serde(default)]
    pub capacity: Option<u32>,
    /// None means the site's hours.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    pub hours: Option<OpeningHours>,
    #[serde(default)]
    pub ladder: LadderBody,
    #[serde(default)]
    pub longest_wait_seconds: Option<u32>,
    #[serde(default = "yes")]
    pub expire_at_close_of_day: bool,
    #[serde(default = "half_an_hour")]
    pub reinstate_within_seconds: u32,
    #[serde(default)]
    #[schema(schema_with = schema::placement, required = false)]
    pub transfer_placement: Placement,
    #[serde(default = "yes")]
    pub one_ticket_per_customer: bool,
}

const fn yes() -> bool {
    true
}

const fn half_an_hour() -> u32 {
    1_800
}

/// The desk a person walks to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CounterBody {
    pub site_id: Uuid,
    /// What the display says; unique at the site.
    #[schema(example = "3")]
    pub name: String,
}

/// How tickets reach an agent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DispatchBody {
    #[default]
    Pull,
    Push,
}

/// A member of staff. Managers and administrators are listed here too and may serve.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AgentBody {
    #[schema(example = "Awa Diop")]
    pub name: String,
    /// Unique in the tenant.
    #[schema(example = "awa@example.com")]
    pub email: String,
    #[serde(default = "agent_role")]
    #[schema(value_type = String, example = "agent")]
    pub role: Role,
    /// Queues this agent serves.
    #[serde(default)]
    pub queues: Vec<Uuid>,
    #[serde(default)]
    pub skills: Vec<String>,
    #[serde(default)]
    pub dispatch: DispatchBody,
    /// The counter taken at sign-in when none is named.
    #[serde(default)]
    pub counter_id: Option<Uuid>,
    #[serde(default)]
    pub wrap_up_seconds: u32,
    #[serde(default = "twenty")]
    pub offer_timeout_seconds: u32,
    #[serde(default = "two")]
    pub offers_missed_max: u8,
    /// An offer is a call.
    #[serde(default)]
    pub auto_accept: bool,
    /// A disabled agent can do nothing.
    #[serde(default = "yes")]
    pub active: bool,
}

const fn agent_role() -> Role {
    Role::Agent
}

const fn twenty() -> u32 {
    20
}

const fn two() -> u8 {
    2
}

/// What a device is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DeviceKind {
    Kiosk,
    Display,
}

/// A kiosk or a display at a site.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DeviceBody {
    pub site_id: Uuid,
    pub kind: DeviceKind,
    /// Unique at the site.
    #[schema(example = "Hall display")]
    pub name: String,
}
