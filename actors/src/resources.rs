//! What an administrator configures: sites, services, queues, counters, agents, devices.
//!
//! Each is a JSON body under an id, with a version that `If-Match` compares; the tenant's actor is the only writer.
//! Invariant: a body that was accepted names only things that exist in the same tenant.

mod alerts;
mod bodies;
mod checks;
mod directory;
mod queue_config;
mod schema;
mod standing;

pub use alerts::{AlertSettings, ChatFormat, ChatHook};
pub use bodies::{
    AgentBody, ClassBody, CounterBody, DeviceBody, DeviceKind, DispatchBody, LadderBody, QueueBody,
    ServiceBody, SiteBody,
};
pub use directory::{Directory, Kept, Kind, Resource};
pub(crate) use queue_config::{agent_profile, queue_config};
pub use schema::placement as placement_schema;
pub(crate) use standing::room;
pub use standing::{Standing, TenantLimits};
