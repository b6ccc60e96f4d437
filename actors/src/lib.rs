//! What lives: one supervised actor per tenant, queue and agent, and the hub that streams what they do.
//!
//! In reading order: the clock, how to ask, what is seen, what is configured, the topic hub, the engine.
//! Invariant: nothing is answered, shown or sent before it is durable.

mod clock;
mod counts;
mod ask;
mod views;
mod figures;
mod resources;
mod topic_hub;

mod alerts;
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
mod sampler;
mod audit;

mod root_supervisor;
mod tenant_supervisor;
mod tenant_actor;
mod queue_actor;
mod agent_actor;

mod engine;
mod tenant;
mod planning;
#[cfg(feature = "faults")]
mod faults;

pub use alerts::Notice;
pub use api_keys::ApiKey;
pub use ask::{Ask, AskError, Done, Key, Who};
pub use audit::{
    AUTHZ_DENIED, Audit, AuditEntry, AuditError, AuditFault, AuditFinding, AuditKeeping, AuditKey,
    AuditKeyError, AuditNoteError, AuditSource, CheckpointError, Pardon, note_beside, verify_audit,
};
pub use clock::Clock;
pub use counts::{ActorKind, Count, Counts, FrameCounts, Histogram};
pub use devices::DeviceStatus;
pub use engine::{Engine, Settings, StartError, TenantChange, TenantInfo};
pub use planning::{
    AccuracyView, ForecastDay, ForecastHalfHour, ForecastView, HolidayView, PlanPlace, Prepared,
    WhatIf, WhatIfClass, WhatIfCounters, WhatIfFigures, WhatIfRun, WhatIfView, WhatIfWait,
};
pub use reports::{
    AgentFigures, AgentPerformance, Csat, DayFigures, DurationFigures, Fairness, HeatCell, Heatmap,
    Metrics, Nps, OutOfOrderCall, Overtaking, Period, QueueFairness, QueueFigures, QueueStats,
    ReportError, ReportQuery, Reports, Satisfaction, SatisfactionFigures, SatisfactionGroup, Share,
    Summary, WaitTimes,
};
pub use resources::{
    AgentBody, AlertSettings, ChatFormat, ChatHook, ClassBody, CounterBody, DeviceBody, DeviceKind,
    Directory, DispatchBody, Kept, Kind, LadderBody, QueueBody, Resource, ServiceBody, SiteBody,
    Standing, TenantLimits, placement_schema,
};
pub use roll_ups::{Difference, Rebuilding, Rebuilt, rebuild_roll_ups};
pub use tenant::{
    AgentDuty, Claim, Join, KeyGuard, NewApiKey, Opinion, QueueChange, Sought, Tenant, TicketOrder,
};
pub use topic_hub::{
    Attach, EventFrame, Frame, FrameKind, Histograms, HistoryLimits, Hub, Outgoing, Position,
    PositionError, SessionOutbox, Snapshot, Subscriber, SubscriberId, Topic, TopicError, Wire,
};
pub use views::{
    AgentCounts, AgentView, AlertFacts, AlertView, Announced, At, BoardTicket, CallView,
    CounterRef, EstimateView, EtaCalibrationView, EtaView, HeadEntry, HealthReason, HealthView,
    LegView, OfferView, QueueView, ReasonView, RemedyView, ShownView, SpreadView, StatsView,
    TicketView, WindowView,
};
