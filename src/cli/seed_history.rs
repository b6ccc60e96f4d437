//! `smartqueue seed-history`: makes a tenant with a past, to show reports and to measure them.
//!
//! Invariant: a database that has the tenant already is left as it is, and the exit code is 2.

use serde_json::json;

use super::{ConfigArgs, Exit, Usage, complain, options, print, print_json};
use crate::history::{History, HistoryError};
use crate::telemetry;

/// Make a tenant with a made-up past, to show reports or to measure them
///
/// Declares sites, services, queues and agents, and writes finished legs with two peaks a day straight into
/// the database, in large transactions and without tickets or a journal; then counts them into roll-ups.
/// The last day is yesterday. For demonstrations and measurements, not for a database that people work on:
/// it must not be in use by a running server, and a tenant of that slug must not be there.
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Args {
    /// Finished legs
    #[arg(long, value_name = "N")]
    legs: u64,

    /// Days that they are spread over
    #[arg(long, value_name = "N", default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..=1827))]
    days: u32,

    /// Queues; ten to a site
    #[arg(long, value_name = "N", default_value_t = 200, value_parser = clap::value_parser!(u32).range(1..=2000))]
    queues: u32,

    /// Seed of chance: the same seed gives the same people
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,

    /// Slug of the tenant that is made
    #[arg(long, value_name = "SLUG", default_value = "history")]
    tenant: String,

    /// Print one JSON object: tenant, legs, rows, write_seconds, count_seconds
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    options: ConfigArgs,
}

pub(crate) async fn run(args: &Args) -> anyhow::Result<Exit> {
    let config = args.options.load()?;
    telemetry::init(&options::quiet(&config.log))?;
    let history = History {
        tenant: args.tenant.clone(),
        legs: args.legs,
        days: args.days,
        queues: args.queues,
        seed: args.seed,
    };
    let made = Box::pin(history.make(&config)).await.map_err(unmeant)?;
    let (wrote, counted) = (made.wrote_in.as_secs_f64(), made.counted_in.as_secs_f64());
    if args.json {
        print_json(&json!({ "tenant": args.tenant, "legs": made.legs, "rows": made.counted.rows,
            "write_seconds": wrote, "count_seconds": counted }))?;
    } else {
        print(&format_args!(
            "tenant {}: {} legs written in {wrote:.1} s, counted into {} rows in {counted:.1} s",
            args.tenant, made.legs, made.counted.rows
        ))?;
    }
    if made.counted.legs != made.legs {
        complain(&format_args!("only {} legs were counted", made.counted.legs));
        return Ok(Exit::Failed);
    }
    Ok(Exit::Done)
}

fn unmeant(error: anyhow::Error) -> anyhow::Error {
    match error.downcast_ref::<HistoryError>() {
        Some(HistoryError::TenantThere(_)) => Usage(error.to_string()).into(),
        None => error,
    }
}
