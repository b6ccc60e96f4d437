//! Events of an agent in the journal: each kind, its form, and both ways.
//!
//! The instant of an event stands in its row, not in its payload.
//! Invariant: what is written is read back as the same event.

use domain::{AgentEvent, AgentProfile, CounterId, Timestamp};
use serde::{Deserialize, Serialize};

use super::form::InHand;
use super::{Entry, EntryError, Stored, stored};

#[derive(Serialize, Deserialize)]
struct Busy {
    in_hand: InHand,
}

#[derive(Serialize, Deserialize)]
struct WrapUp {
    until: Timestamp,
}

#[derive(Serialize, Deserialize)]
struct OnBreak {
    reason: String,
}

#[derive(Serialize, Deserialize)]
struct BreakWanted {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct CounterTaken {
    counter: CounterId,
}

/// In the form in which agents are configured.
#[derive(Serialize, Deserialize)]
struct Configured {
    profile: AgentProfile,
}

/// An event that says nothing more.
#[derive(Serialize, Deserialize)]
struct Nothing {}

/// The stored form of an agent's event.
pub fn store_agent_event(event: &AgentEvent) -> Stored {
    match event {
        AgentEvent::Available => stored("agent.available", &Nothing {}),
        AgentEvent::Busy(in_hand) => {
            stored("agent.busy", &Busy { in_hand: in_hand.clone().into() })
        }
        AgentEvent::WrapUp { until } => stored("agent.wrap_up", &WrapUp { until: *until }),
        AgentEvent::OnBreak { reason } => {
            stored("agent.on_break", &OnBreak { reason: reason.clone() })
        }
        AgentEvent::Offline => stored("agent.offline", &Nothing {}),
        AgentEvent::Released => stored("agent.released", &Nothing {}),
        AgentEvent::BreakWanted { reason } => {
            stored("agent.break_wanted", &BreakWanted { reason: reason.clone() })
        }
        AgentEvent::CounterTaken { counter } => {
            stored("agent.counter_taken", &CounterTaken { counter: *counter })
        }
        AgentEvent::CounterLeft => stored("agent.counter_left", &Nothing {}),
        AgentEvent::Configured(profile) => {
            stored("agent.configured", &Configured { profile: profile.clone() })
        }
    }
}

/// The event that was stored.
///
/// # Errors
/// [`EntryError`] when the kind or format is not one of an agent's, or the text does not have that form.
pub fn read_agent_event(kind: &str, format: u16, payload: &str) -> Result<AgentEvent, EntryError> {
    let entry = Entry { kind, format, payload };
    let nothing = |event| entry.read::<Nothing>().map(|_| event);
    Ok(match (kind, format) {
        ("agent.available", 1) => nothing(AgentEvent::Available)?,
        ("agent.busy", 1) => AgentEvent::Busy(entry.read::<Busy>()?.in_hand.into()),
        ("agent.wrap_up", 1) => AgentEvent::WrapUp { until: entry.read::<WrapUp>()?.until },
        ("agent.on_break", 1) => AgentEvent::OnBreak { reason: entry.read::<OnBreak>()?.reason },
        ("agent.offline", 1) => nothing(AgentEvent::Offline)?,
        ("agent.released", 1) => nothing(AgentEvent::Released)?,
        ("agent.break_wanted", 1) => {
            AgentEvent::BreakWanted { reason: entry.read::<BreakWanted>()?.reason }
        }
        ("agent.counter_taken", 1) => {
            AgentEvent::CounterTaken { counter: entry.read::<CounterTaken>()?.counter }
        }
        ("agent.counter_left", 1) => nothing(AgentEvent::CounterLeft)?,
        ("agent.configured", 1) => AgentEvent::Configured(entry.read::<Configured>()?.profile),
        _ => return Err(entry.unknown()),
    })
}
