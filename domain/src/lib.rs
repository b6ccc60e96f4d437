//! The rules of SmartQueue: pure. No I/O, no async, no clock, no randomness.
//!
//! In reading order: words (ids, time, skills, classes), the line and its policies, the ticket, the queue, the agent.
//! Invariant: everything here is a function of its arguments, so any moment can be computed again.

mod id;
mod time;
mod calendar;
mod skill;
mod class;
mod policy;
mod line;
mod ticket;
mod queue;
mod agent;
mod access;
mod erlang;
mod eta;
mod forecast;
mod health;
mod holidays;
mod live;
mod simulation;

pub use access::{Role, Scope, Scopes, UnknownScope};
pub use agent::{
    Agent, AgentCommand, AgentEvent, AgentMemento, AgentProfile, Dispatch, InHand, Presence,
    agent_apply, agent_decide,
};
pub use calendar::{Interval, LocalDay, OpeningHours, UnknownZone, Zone};
pub use class::{Class, ClassKey};
pub use erlang::{Flow, Stationary, mean_waits_by_rank, mean_waits_by_slope, square_root_staffing};
pub use eta::{
    Calibration, Estimate, Estimator, KeptViews, Model, Pool, Prediction, REFRESHED_MAX, Readings,
    Shown, Snapshot, Staff, View, Waited, rounded,
};
pub use forecast::{Accuracy, Arrivals, DayForecast, Expected, FORECAST_WEEKS, HALF_HOURS};
pub use health::{
    AlertKind, AlertRules, Factor, Health, Level, Remedy, RuleFault, Signal, Turn, Vitals, Watch,
    health,
};
pub use holidays::{Holiday, HolidayFault, Holidays};
pub use id::{
    AgentId, CounterId, CustomerId, DeviceId, IdError, OfferId, QueueId, ServiceId, SiteId,
    TenantId, TicketId,
};
pub use line::{Around, Choice, Counters, Line, Place, Reason, Urgency, Waiter};
pub use live::{Live, Measured, Spread, Window, Windows, share};
pub use policy::{Policy, SlaSettings};
pub use queue::{
    Announcement, Arrival, CLASSES_MAX, Caller, Command, ConfigFault, Event, Handler, Happened,
    Issue, Outbound, Placement, Queue, QueueConfig, QueueMemento, QueueState, RecallLadder,
    Refusal, RequeueCause, TicketMemento, Waiting, apply, decide,
};
pub use simulation::{
    ClassFigures, CounterPlan, Demand, DemandClass, Recorded, Scenario, ScenarioVisit, Simulated,
    WaitFigures, simulate,
};
pub use skill::SkillSet;
pub use ticket::{
    Call, Channel, HeldFrom, LastNumber, Numbering, Offer, Outcome, Stage, State, Ticket,
    TicketNumber, Visit,
};
pub use time::{Secs, Timestamp};
