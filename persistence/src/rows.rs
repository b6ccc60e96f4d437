//! The rows other than the journal's: read models, configuration, customers, idempotency keys.
//!
//! Plain structs with public fields; ids and instants are the domain's types, texts are what the caller wrote.
//! Invariant: names, phone numbers, e-mail addresses and notes stand only in customer and private ticket rows.

mod access;
mod alert;
mod api_key;
mod audit;
mod customer;
mod daily;
mod device;
mod external;
mod feedback;
mod history;
mod identity;
mod key;
mod opinion;
mod resource;
mod sample;
mod ticket;

pub use access::ConsentRow;
pub use alert::{AlertFilter, AlertRow};
pub use api_key::ApiKeyRow;
pub use audit::{AuditFilter, AuditHead, AuditPage, AuditRow};
pub use customer::{CustomerRow, ErasureRow, NewCustomer, Person, Whom};
pub use daily::DailyReportRow;
pub use device::{DeviceCredentialRow, SightingRow};
pub use external::{ExternalSubjectRow, ProviderRow};
pub use feedback::FeedbackRow;
pub use history::{ArrivalsRow, HistoryRow};
pub use identity::{
    AccountRow, ClientRow, CodeRow, CodeUse, EndedRow, KnownRefresh, OnceRow, RefreshRow, Rotation,
    SessionRow,
};
pub use key::{IntentRow, KeyReply, KeyRow, LiveKey};
pub use opinion::OpinionCount;
pub use resource::{ResourceRow, ResourceWrite, TenantRow};
pub use sample::{QueueSampleRow, SampleSpan};
pub use ticket::{LegRow, TicketFilter, TicketOrder, TicketPage, TicketPrivateRow, TicketRow};
