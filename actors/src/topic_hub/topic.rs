//! What one can listen to: a closed list of topics and their text form.
//!
//! The text is what clients send and what frames carry: `queue:{id}`, `stats:site:{id}`, `alerts`.
//!
//! Invariant: a text that parses is exactly what the topic displays, so clients may compare texts.

use std::fmt;
use std::str::FromStr;

use domain::{AgentId, QueueId, SiteId, TicketId};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// One stream of frames of one tenant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Topic {
    /// What happens in one queue.
    Queue(QueueId),
    /// What a display of one site shows.
    Site(SiteId),
    /// One agent's day.
    Agent(AgentId),
    /// One person's visit.
    Ticket(TicketId),
    /// Live figures of one queue; latest value.
    StatsQueue(QueueId),
    /// Live figures of one site; latest value.
    StatsSite(SiteId),
    /// Live figures of the whole tenant; latest value.
    StatsTenant,
    /// What somebody should look after.
    Alerts,
    /// Kiosks and displays coming and going.
    Devices,
}

impl Topic {
    /// Whether a newer frame stands for all older ones.
    #[must_use]
    pub const fn is_latest_value(self) -> bool {
        match self {
            Self::StatsQueue(_) | Self::StatsSite(_) | Self::StatsTenant => true,
            Self::Queue(_)
            | Self::Site(_)
            | Self::Agent(_)
            | Self::Ticket(_)
            | Self::Alerts
            | Self::Devices => false,
        }
    }
}

impl fmt::Display for Topic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Queue(id) => write!(f, "queue:{id}"),
            Self::Site(id) => write!(f, "site:{id}"),
            Self::Agent(id) => write!(f, "agent:{id}"),
            Self::Ticket(id) => write!(f, "ticket:{id}"),
            Self::StatsQueue(id) => write!(f, "stats:queue:{id}"),
            Self::StatsSite(id) => write!(f, "stats:site:{id}"),
            Self::StatsTenant => f.write_str("stats:tenant"),
            Self::Alerts => f.write_str("alerts"),
            Self::Devices => f.write_str("devices"),
        }
    }
}

/// The text names no topic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "not a topic: expected queue:, site:, agent:, ticket:, stats:queue: or stats:site: with an id, \
     stats:tenant, alerts or devices"
)]
pub struct TopicError;

impl FromStr for Topic {
    type Err = TopicError;

    fn from_str(text: &str) -> Result<Self, TopicError> {
        let topic = match text {
            "stats:tenant" => Self::StatsTenant,
            "alerts" => Self::Alerts,
            "devices" => Self::Devices,
            _ => with_id(text)?,
        };
        // An id has other spellings (capitals, braces); a client could not find them again in our frames.
        if topic.to_string() == text { Ok(topic) } else { Err(TopicError) }
    }
}

fn with_id(text: &str) -> Result<Topic, TopicError> {
    fn id<I: FromStr>(text: &str) -> Result<I, TopicError> {
        text.parse().map_err(|_| TopicError)
    }
    let (kind, of) = text.rsplit_once(':').ok_or(TopicError)?;
    match kind {
        "queue" => id(of).map(Topic::Queue),
        "site" => id(of).map(Topic::Site),
        "agent" => id(of).map(Topic::Agent),
        "ticket" => id(of).map(Topic::Ticket),
        "stats:queue" => id(of).map(Topic::StatsQueue),
        "stats:site" => id(of).map(Topic::StatsSite),
        _ => Err(TopicError),
    }
}

impl Serialize for Topic {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Topic {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}
