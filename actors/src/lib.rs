//! What lives: one supervised actor per tenant, queue and agent, and the hub that streams what they do.
//!
//! In reading order: the clock, how to ask, what is seen, what is configured, the topic hub, the engine.
//! Invariant: nothing is answered, shown or sent before it is durable.

mod clock;
mod ask;
mod views;
mod resources;
mod topic_hub;

mod api_keys;
mod devices;
mod world;
mod admission;
mod keys;
mod quarantine;
mod restart_policy;
mod journal_writer;
mod takeover;
mod jobs;
mod roll_ups;
mod reports;
mod audit;

mod root_supervisor;
mod tenant_supervisor;
mod tenant_actor;
mod queue_actor;
mod agent_actor;

mod engine;
mod tenant;
#[cfg(feature = "faults")]
mod faults;

pub use api_keys::ApiKey;
pub use ask::{Ask, AskError, Done, Key, Who};
pub use audit::{
    AUTHZ_DENIED, Audit, AuditEntry, AuditError, AuditFault, AuditFinding, AuditKeeping, AuditKey,
    AuditKeyError, AuditNoteError, AuditSource, CheckpointError, Pardon, note_beside, verify_audit,
};
pub use clock::Clock;
pub use devices::DeviceStatus;
pub use engine::{Engine, Settings, StartError, TenantChange, TenantInfo};
pub use reports::{
    AgentFigures, AgentPerformance, Csat, DayFigures, DurationFigures, Fairness, HeatCell, Heatmap,
    Metrics, Nps, OutOfOrderCall, Overtaking, Period, QueueFairness, QueueFigures, QueueStats,
    ReportError, ReportQuery, Reports, Satisfaction, SatisfactionFigures, SatisfactionGroup, Share,
    Summary, WaitTimes,
};
pub use resources::{
    AgentBody, ClassBody, CounterBody, DeviceBody, DeviceKind, Directory, DispatchBody, Kept, Kind,
    LadderBody, QueueBody, Resource, ServiceBody, SiteBody, Standing, TenantLimits,
    placement_schema,
};
pub use roll_ups::{Difference, Rebuilding, Rebuilt, rebuild_roll_ups};
pub use tenant::{
    AgentDuty, Claim, Join, KeyGuard, NewApiKey, Opinion, QueueChange, Sought, Tenant, TicketOrder,
};
pub use topic_hub::{
    Attach, EventFrame, Frame, FrameKind, HistoryLimits, Hub, Outgoing, Position, PositionError,
    SessionOutbox, Snapshot, Subscriber, SubscriberId, Topic, TopicError, Wire,
};
pub use views::{
    AgentCounts, AgentView, Announced, At, BoardTicket, CallView, CounterRef, EstimateView,
    HeadEntry, LegView, OfferView, QueueView, ReasonView, StatsView, TicketView,
};
