//! `smartqueue eval-eta`: says how well waits would have been foretold on a queue log.
//!
//! Nothing is opened but the log. Invariant: the figures go to stdout, everything said about them to stderr.

use std::path::PathBuf;

use domain::{Secs, Timestamp};
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::replay::{complain_of, unfit};
use super::{Exit, Usage, print, print_json};
use crate::eval_eta::{Setting, evaluate};
use crate::replay::Log;

/// Say how well waits would have been foretold on a queue log
///
/// The log has the form that `replay` reads. It is gone through in order; every ticket that had to wait is foretold at
/// its arrival and again at each call that somebody else gets (live; the first 60 in line), by the estimator of this
/// program and by the formulas usual elsewhere, each with what was known at that instant:
///
/// sq-eta: the estimator, which has learnt from the log so far; the only one that promises a range.
/// position-ewma: position × mean service of late / open counters.
/// ahead-mean50: people ahead / open counters × mean of the last 50 services.
/// gap-position: position × mean time of late between two people who leave the line.
/// constant: the mean of all waits so far.
///
/// A counter counts as open while it serves and for three minutes after. Times are seconds; the coverage is the share
/// of waits inside P10 to P90, of which there should be 80 %.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The queue log: a CSV file, perhaps gzipped
    #[arg(value_name = "LOG.csv")]
    log: PathBuf,

    /// Score predictions from this day on; earlier ones only teach
    #[arg(long, value_name = "DATE")]
    from: Option<Date>,

    /// People of high priority stand in line as if they had come so much earlier
    #[arg(long, value_name = "SECONDS", default_value_t = 0)]
    head_start: u32,

    /// Mean service expected before any has been seen
    #[arg(long, value_name = "SECONDS", default_value_t = 300, value_parser = clap::value_parser!(u32).range(1..))]
    default_service: u32,

    /// Stop at the first bad row and leave with 2
    #[arg(long)]
    strict: bool,

    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(args: &Args) -> anyhow::Result<Exit> {
    let log = Log::read(&args.log, args.strict).map_err(unfit)?;
    complain_of(&log.bad);
    if log.visits.is_empty() {
        return Err(Usage("the log holds no row that can be evaluated".to_owned()).into());
    }
    let setting = Setting {
        from: args.from.map(midnight).transpose()?,
        head_start: Secs(args.head_start),
        default_service: Secs(args.default_service),
    };
    let report = evaluate(&log, setting);
    if args.json {
        print_json(&report)?;
    } else {
        print(&report)?;
    }
    Ok(Exit::Done)
}

/// Times of a log are local times without a zone and are taken as UTC.
fn midnight(day: Date) -> anyhow::Result<Timestamp> {
    match day.to_zoned(TimeZone::UTC) {
        Ok(midnight) => Ok(midnight.timestamp().into()),
        Err(_) => Err(Usage(format!("no instant is known for {day}; give a nearer date")).into()),
    }
}
