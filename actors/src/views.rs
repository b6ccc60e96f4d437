//! What others see of a ticket, a queue and an agent: the shapes of the API and of the sockets.
//!
//! Views are made by the actors from their live state and released after the commit they saw.
//! Invariant: no view holds a name, a phone number or a note of a customer.

mod agent;
mod alert;
mod figures;
mod health;
mod queue;
mod ticket;

pub use agent::{AgentView, CounterRef, OfferView};
pub use alert::{AlertFacts, AlertView, RemedyView};
pub use figures::{
    AgentCounts, EstimateView, EtaCalibrationView, EtaView, ShownView, SpreadView, StatsView,
    WindowView,
};
pub use health::{HealthReason, HealthView};
pub use queue::{HeadEntry, QueueView};
pub use ticket::{Announced, BoardTicket, CallView, LegView, ReasonView, TicketView};

use domain::Timestamp;
use serde::{Serialize, Serializer};

/// An instant as the API writes it: RFC 3339 in UTC with `Z`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct At(pub Timestamp);

impl Serialize for At {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl utoipa::PartialSchema for At {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, SchemaFormat, Type};
        ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)))
            .into()
    }
}

impl utoipa::ToSchema for At {}
