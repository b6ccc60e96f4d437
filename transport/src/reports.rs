//! Reports as they leave the program: JSON, CSV or a workbook, over REST and on the command line alike.
//!
//! A report is made once; its table is for the forms that have rows, the JSON shows all of it.
//! Invariant: no cell of a table begins a formula.

mod csv;
mod table;
mod tables;
mod xlsx;

use actors::{Directory, Period, ReportError, ReportQuery, Reports};
use domain::{TenantId, Timestamp};
use serde::Serialize;

use table::Table;

/// Which report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReportName {
    WaitTimes,
    AgentPerformance,
    QueueStats,
    Satisfaction,
    Heatmap,
    Fairness,
}

impl ReportName {
    pub const ALL: [Self; 6] = [
        Self::WaitTimes,
        Self::AgentPerformance,
        Self::QueueStats,
        Self::Satisfaction,
        Self::Heatmap,
        Self::Fairness,
    ];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::WaitTimes => "wait-times",
            Self::AgentPerformance => "agent-performance",
            Self::QueueStats => "queue-stats",
            Self::Satisfaction => "satisfaction",
            Self::Heatmap => "heatmap",
            Self::Fairness => "fairness",
        }
    }
}

/// In which form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ReportFormat {
    #[default]
    Json,
    Csv,
    Xlsx,
}

impl ReportFormat {
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Csv => "text/csv; charset=utf-8",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        }
    }

    const fn ending(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Csv => "csv",
            Self::Xlsx => "xlsx",
        }
    }
}

/// What is asked for.
#[derive(Debug, Clone, Copy)]
pub struct ReportAsk {
    pub name: ReportName,
    pub query: ReportQuery,
    pub format: ReportFormat,
    pub now: Timestamp,
}

/// A report in its form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    pub bytes: Vec<u8>,
    /// Such as `wait-times_2026-03-01_2026-03-30.csv`.
    pub file: String,
}

/// Why a report was not written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    #[error(transparent)]
    Report(#[from] ReportError),
    #[error("the report could not be written as {form}: {reason}")]
    Form { form: &'static str, reason: String },
}

/// Makes a report and writes it in its form.
///
/// # Errors
/// [`WriteError::Report`] for a question that cannot be meant, or a store that does not answer.
pub async fn write_report(
    reports: &Reports,
    tenant: TenantId,
    directory: &Directory,
    ask: ReportAsk,
) -> Result<Written, WriteError> {
    let (query, now) = (ask.query, ask.now);
    match ask.name {
        ReportName::WaitTimes => {
            let made = reports.wait_times(tenant, directory, query, now).await?;
            write(ask, made.period, &made, || tables::wait_times(&made))
        }
        ReportName::AgentPerformance => {
            let made = reports.agent_performance(tenant, directory, query, now).await?;
            write(ask, made.period, &made, || tables::agent_performance(&made))
        }
        ReportName::QueueStats => {
            let made = reports.queue_stats(tenant, directory, query, now).await?;
            write(ask, made.period, &made, || tables::queue_stats(&made))
        }
        ReportName::Satisfaction => {
            let made = reports.satisfaction(tenant, directory, query, now).await?;
            write(ask, made.period, &made, || tables::satisfaction(&made))
        }
        ReportName::Heatmap => {
            let made = reports.heatmap(tenant, directory, query, now).await?;
            write(ask, made.period, &made, || tables::heatmap(&made))
        }
        ReportName::Fairness => {
            let made = reports.fairness(tenant, directory, query, now).await?;
            write(ask, made.period, &made, || tables::fairness(&made))
        }
    }
}

/// The queues of a report as CSV.
///
/// # Errors
/// When memory for it cannot be had.
pub(crate) fn queues_as_csv(report: &actors::QueueStats) -> Result<Vec<u8>, WriteError> {
    let written = csv::write(&tables::queue_stats(report));
    written.map_err(|error| WriteError::Form { form: "csv", reason: error.to_string() })
}

fn write(
    ask: ReportAsk,
    period: Period,
    report: &impl Serialize,
    table: impl FnOnce() -> Table,
) -> Result<Written, WriteError> {
    let form = ask.format.ending();
    let failed = |reason: String| WriteError::Form { form, reason };
    let bytes = match ask.format {
        ReportFormat::Json => serde_json::to_vec(report).map_err(|error| failed(error.to_string())),
        ReportFormat::Csv => csv::write(&table()).map_err(|error| failed(error.to_string())),
        ReportFormat::Xlsx => {
            xlsx::write(ask.name.as_str(), &table()).map_err(|error| failed(error.to_string()))
        }
    };
    let file = format!("{}_{}_{}.{form}", ask.name.as_str(), period.start, period.end);
    Ok(Written { bytes: bytes?, file })
}
