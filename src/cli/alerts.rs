//! `smartqueue alerts`: what somebody should look after, read from the database.
//!
//! Works beside a running server and takes nothing from it: for a cron job, and for whoever has a terminal only.
//! Invariant: the newest come first, and nothing is written.

use actors::AlertView;
use persistence::{AlertFilter, open_reader};
use serde_json::json;

use super::{ConfigArgs, Exit, Usage, options, print, print_json};
use crate::app::AppError;
use crate::telemetry;

/// Rows that are shown: more than a terminal has lines.
const ROWS: u32 = 200;

/// Show what somebody should look after
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    options: ConfigArgs,

    /// Slug of the tenant
    #[arg(long, value_name = "SLUG")]
    tenant: String,

    /// Only alerts that stand, or only those that are over
    #[arg(long, value_enum)]
    state: Option<State>,

    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum State {
    Open,
    Cleared,
}

pub(crate) async fn run(args: &Args) -> anyhow::Result<Exit> {
    let config = args.options.load()?;
    telemetry::init(&options::quiet(&config.log))?;
    let url = config.database_url();
    let named = |error| AppError::of_database(&url, error);
    let mut reader = open_reader(url.expose()).await.map_err(named)?;
    let tenants = reader.tenants().await.map_err(named)?;
    let Some(tenant) = tenants.into_iter().find(|row| row.slug == args.tenant) else {
        reader.close().await;
        return Err(Usage(format!("there is no tenant {}", args.tenant)).into());
    };
    let open = args.state.map(|state| state == State::Open);
    let filter = AlertFilter { open, ..AlertFilter::default() };
    let found = reader.alerts(tenant.tenant, &filter, ROWS).await.map_err(named)?;
    reader.close().await;
    let views: Vec<AlertView> = found.iter().map(AlertView::from).collect();
    if args.json {
        print_json(&json!({ "alerts": views }))?;
        return Ok(Exit::Done);
    }
    for view in &views {
        print(&line(view))?;
    }
    Ok(Exit::Done)
}

/// Since when, until when, what, where, and what would help.
fn line(view: &AlertView) -> String {
    let until = view.cleared_at.map_or_else(|| "open".to_owned(), |at| at.0.to_string());
    let name = view.facts["name"].as_str().unwrap_or_default();
    let remedy = view.facts["remedy"]["text"].as_str().unwrap_or_default();
    format!("{}  {until}  {}  {name}: {remedy}", view.raised_at.0, view.kind)
}
