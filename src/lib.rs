//! SmartQueue put together: configuration, logs, the application and the command line.
//!
//! In reading order: what may be set, what is written, what runs and how it stops, what drives it, what an
//! operator types.
//! Invariant: this crate joins the others and holds no rule of its own.

/// Tickets are made on one thread and freed on another; the system's allocator spends a fifth of a request's time
/// on locks for that.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

mod config;
mod telemetry;

mod app;
mod stop;
mod demo;
mod eval_eta;
mod replay;
mod simulate;
mod progress;
mod history;
mod site_ca;

mod cli;

pub use app::{App, AppError, Core};
pub use cli::main;
pub use config::{
    AuditConfig, AuthConfig, CalendarConfig, CalendarError, Config, ConfigError, DatabaseConfig,
    DatabaseUrl, ForwardedHeader, JournalConfig, LimitsConfig, LogConfig, LogFormat, MailConfig,
    MetricsConfig, OutgoingConfig, Overrides, Problem, PrometheusConfig, RateLimitsConfig,
    ServerConfig, VaultConfig, environment,
};
pub use history::{History, HistoryError, Made};
pub use stop::StopSignal;
pub use telemetry::{filter, init};
