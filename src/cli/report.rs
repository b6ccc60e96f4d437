//! `smartqueue report`: the reports of the API on the command line.
//!
//! The same code makes and writes them. The database is owned meanwhile, so no server may be running on it.
//! Invariant: stdout holds the report and nothing else.

use std::time::Duration;

use actors::{Clock, ReportError, ReportQuery, Reports};
use clap::ValueEnum;
use domain::{AgentId, LocalDay, QueueId, ServiceId, SiteId};
use persistence::Store;
use tokio::time::Instant;
use transport::{ReportAsk, ReportFormat, ReportName, WriteError, Written, write_report};

use super::{ConfigArgs, Exit, Usage, complain, options, output, peek};
use crate::app::open_store;
use crate::telemetry;

/// Print a report
///
/// Counts finished visits by day, as the API does. Days are those of each site's own calendar. Legs that a
/// server had no time to count before it stopped are missing until it runs again. Stop the server first.
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Args {
    /// Which report
    #[arg(value_enum)]
    name: Name,

    /// Slug of the tenant
    #[arg(long, value_name = "SLUG")]
    tenant: String,

    /// First day; 29 days before the last one when left out
    #[arg(long, value_name = "DATE", value_parser = day)]
    start_date: Option<LocalDay>,

    /// Last day; today when left out
    #[arg(long, value_name = "DATE", value_parser = day)]
    end_date: Option<LocalDay>,

    /// Only this site, by its id
    #[arg(long, value_name = "ID")]
    site_id: Option<SiteId>,

    /// Only this service
    #[arg(long, value_name = "ID")]
    service_id: Option<ServiceId>,

    /// Only this queue
    #[arg(long, value_name = "ID")]
    queue_id: Option<QueueId>,

    /// Only this agent
    #[arg(long, value_name = "ID")]
    agent_id: Option<AgentId>,

    /// Show no figures of a group with fewer legs than this
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(2..=1000))]
    privacy: Option<u32>,

    /// In which form
    #[arg(long, value_enum, default_value = "json")]
    format: Form,

    /// Make it so many times more, and say how long that took
    #[arg(long, value_name = "N")]
    repeat: Option<u32>,

    #[command(flatten)]
    options: ConfigArgs,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Name {
    WaitTimes,
    AgentPerformance,
    QueueStats,
    Satisfaction,
    Heatmap,
    Fairness,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Form {
    Json,
    Csv,
    Xlsx,
}

fn day(text: &str) -> Result<LocalDay, String> {
    let date = text.parse().map_err(|_| "give a date such as 2026-03-30".to_owned())?;
    Ok(LocalDay(date))
}

impl Args {
    fn ask(&self) -> ReportAsk {
        let name = match self.name {
            Name::WaitTimes => ReportName::WaitTimes,
            Name::AgentPerformance => ReportName::AgentPerformance,
            Name::QueueStats => ReportName::QueueStats,
            Name::Satisfaction => ReportName::Satisfaction,
            Name::Heatmap => ReportName::Heatmap,
            Name::Fairness => ReportName::Fairness,
        };
        let format = match self.format {
            Form::Json => ReportFormat::Json,
            Form::Csv => ReportFormat::Csv,
            Form::Xlsx => ReportFormat::Xlsx,
        };
        let query = ReportQuery {
            from: self.start_date,
            to: self.end_date,
            site: self.site_id,
            service: self.service_id,
            queue: self.queue_id,
            agent: self.agent_id,
            at_least: self.privacy,
        };
        ReportAsk { name, query, format, now: Clock::system().now() }
    }
}

pub(crate) async fn run(args: &Args) -> anyhow::Result<Exit> {
    let config = args.options.load()?;
    telemetry::init(&options::quiet(&config.log))?;
    let store = open_store(&config).await?;
    let written = written(&store, args).await;
    store.close().await;
    output::print_bytes(&written?.bytes)?;
    Ok(Exit::Done)
}

async fn written(store: &std::sync::Arc<dyn Store>, args: &Args) -> anyhow::Result<Written> {
    let tenants = store.tenants().await?;
    let tenant = tenants.into_iter().find(|row| row.slug == args.tenant);
    let tenant = tenant.ok_or_else(|| Usage(format!("no tenant {}", args.tenant)))?.tenant;
    let directory = peek::directory(&store.load_resources(tenant).await?)?;
    let reports = Reports::new(std::sync::Arc::clone(store));
    let make = async || write_report(&reports, tenant, &directory, args.ask()).await;
    let begun = Instant::now();
    let mut written = make().await;
    let first = begun.elapsed();
    let mut repeated = Vec::new();
    for _ in 0..args.repeat.unwrap_or_default() {
        let begun = Instant::now();
        written = make().await;
        repeated.push(begun.elapsed());
    }
    tell_times(first, repeated);
    written.map_err(unmeant)
}

/// How long it took: the first time, which reads, and then from memory.
fn tell_times(first: Duration, mut repeated: Vec<Duration>) {
    repeated.sort_unstable();
    let at = |share: usize| repeated.get((repeated.len() * share).div_ceil(100).saturating_sub(1));
    if let (Some(half), Some(most)) = (at(50), at(95)) {
        complain(&format_args!(
            "first {:.1} ms, then p50 {:.1} ms and p95 {:.1} ms of {}",
            first.as_secs_f64() * 1e3,
            half.as_secs_f64() * 1e3,
            most.as_secs_f64() * 1e3,
            repeated.len()
        ));
    }
}

fn unmeant(error: WriteError) -> anyhow::Error {
    match error {
        WriteError::Report(ReportError::NotFound) => {
            Usage("the tenant has no site, service, queue or agent of that id".to_owned()).into()
        }
        WriteError::Report(ReportError::Invalid { parameter, remedy }) => {
            Usage(format!("--{}: {remedy}", parameter.replace('_', "-"))).into()
        }
        WriteError::Report(ReportError::Store(error)) => error.into(),
        WriteError::Form { .. } => error.into(),
    }
}
