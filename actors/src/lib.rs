//! What lives: one supervised actor per tenant, queue and agent, and the hub that streams what they do.
//!
//! In reading order: the clock, how to ask, what is seen, what is configured, the topic hub, the engine.
//! Invariant: nothing is answered, shown or sent before it is durable.

mod clock;
mod ask;
mod views;
mod resources;
mod topic_hub;

mod world;
mod admission;
mod keys;
mod quarantine;
mod restart_policy;
mod journal_writer;
mod takeover;
mod jobs;

mod root_supervisor;
mod tenant_supervisor;
mod tenant_actor;
mod queue_actor;
mod agent_actor;

mod engine;
mod tenant;
#[cfg(feature = "faults")]
mod audit;

pub use ask::{Ask, AskError, Done, Key, Who};
pub use clock::Clock;
pub use engine::{Engine, Settings, StartError, TenantChange, TenantInfo};
pub use resources::{
    AgentBody, ClassBody, CounterBody, DeviceBody, DeviceKind, Directory, DispatchBody, Kept, Kind,
    LadderBody, QueueBody, Resource, ServiceBody, SiteBody, Standing, TenantLimits,
};
pub use tenant::{AgentDuty, Claim, Join, KeyGuard, QueueChange, Tenant, TicketOrder};
pub use topic_hub::{
    Attach, EventFrame, Frame, FrameKind, HistoryLimits, Hub, Outgoing, Position, PositionError,
    SessionOutbox, Snapshot, Subscriber, SubscriberId, Topic, TopicError, Wire,
};
pub use views::{
    AgentCounts, AgentView, Announced, At, BoardTicket, CallView, CounterRef, EstimateView,
    HeadEntry, LegView, OfferView, QueueView, ReasonView, StatsView, TicketView,
};
