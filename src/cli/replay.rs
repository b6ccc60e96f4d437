//! `smartqueue replay`: drives a queue log through the running actors and says what came out.
//!
//! The figures go to stdout, everything said about them to stderr. Invariant: tickets that were lost or doubled
//! make the exit code 1, whatever else there is to say.

use std::path::PathBuf;

use super::{ConfigArgs, Exit, Usage, complain, options, print, print_json};
use crate::replay::{BadRow, Log, LogError, Order, Remarks, ReplayError, Replayed, Speed, replay};
use crate::telemetry;

/// Bad rows told of one by one; the others are counted.
const BAD_ROWS_TOLD: usize = 20;

/// Drive a queue log through the running actors and compare the outcome
///
/// The log is CSV, plain or gzipped, with the columns queue_id, customer_id, class, priority (normal or high),
/// arrival_ts, called_ts, end_ts, outcome (served, abandoned or no_show) and server_id, in any order; times are local
/// times without a zone. The tenant is made if it is not there, and in it one queue for each queue of the log and one
/// agent for each server, able to serve the classes that server ever served.
///
/// Arrivals take tickets at their times. A server calls when it was free in the log; whom it gets is for the policy to
/// say, so waits differ from the log's. Who gave up in the log walks out if still waiting; whoever is left at the end of
/// a day walks out too. At the end the database is opened again and every acknowledged ticket is looked for.
///
/// The database must not be in use by a running server.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The queue log: a CSV file, perhaps gzipped
    #[arg(value_name = "LOG.csv")]
    log: PathBuf,

    /// Slug of the tenant to replay into; made if it is not there
    #[arg(long, value_name = "SLUG")]
    tenant: String,

    /// How many times faster than the log, such as 60; or max, without any waiting
    #[arg(long, value_name = "N|max", default_value = "max")]
    speed: Speed,

    /// Stop at the first bad row, before anything is replayed, and leave with 2
    #[arg(long)]
    strict: bool,

    /// Print one JSON object: counts, and waits in seconds beside the log's own
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    options: ConfigArgs,
}

pub(crate) async fn run(args: &Args) -> anyhow::Result<Exit> {
    let config = args.options.load()?;
    telemetry::init(&options::quiet(&config.log))?;
    let log = Log::read(&args.log, args.strict).map_err(unfit)?;
    complain_of(&log.bad);
    let order = Order {
        log,
        tenant: args.tenant.clone(),
        database_url: config.database_url().expose().to_owned(),
        speed: args.speed,
    };
    let Replayed { report, remarks } = replay(order).await.map_err(unmeant)?;
    tell(&remarks);
    if args.json {
        print_json(&report)?;
    } else {
        print(&report)?;
    }
    Ok(if report.is_sound() { Exit::Done } else { Exit::Failed })
}

/// A file that is no log is the operator's to change; one that cannot be read is not.
pub(super) fn unfit(error: LogError) -> anyhow::Error {
    match error {
        LogError::Unreadable { .. } => error.into(),
        LogError::MissingColumn { .. } | LogError::Strict(_) => Usage(error.to_string()).into(),
    }
}

fn unmeant(error: anyhow::Error) -> anyhow::Error {
    match error.downcast_ref::<ReplayError>() {
        Some(ReplayError::Empty | ReplayError::TimeTaken { .. }) => Usage(error.to_string()).into(),
        Some(ReplayError::OutcomeUnknown) | None => error,
    }
}

pub(super) fn complain_of(bad: &[BadRow]) {
    for row in bad.iter().take(BAD_ROWS_TOLD) {
        complain(&format_args!("skipped: {row}"));
    }
    if bad.len() > BAD_ROWS_TOLD {
        complain(&format_args!("skipped: {} more rows", bad.len() - BAD_ROWS_TOLD));
    }
}

fn tell(remarks: &Remarks) {
    let say = |count: usize, what: &str| {
        if count > 0 {
            complain(&format_args!("{count} {what}"));
        }
    };
    say(remarks.idle_calls, "times a server was free and nobody it could serve was waiting");
    say(
        remarks.busy_calls,
        "calls of the log fell into a service of the same server and were left out",
    );
    say(remarks.late, "commands were carried out after their time in the log");
    if let Some(first) = &remarks.first_refusal {
        complain(&format_args!(
            "{} commands were refused, the first one: {first}",
            remarks.refused
        ));
    }
}
