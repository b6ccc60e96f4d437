//! `smartqueue simulate`: what another order or another number of counters would do, without touching anything.
//!
//! People are drawn from rates or taken from a queue log; the product's own line decides whom to call.
//! Invariant: the same command line gives the same figures, on any machine.

use std::path::PathBuf;

use domain::{Policy, SlaSettings};

use super::{Exit, Usage, complain, print, print_json};
use crate::replay::{Log, LogError};
use crate::simulate::{Contest, Counters, Pair, Report, Synthetic, from_log};

/// Simulate a line under several policies and numbers of counters
///
/// Without a log, people come, are served and leave at random with the rates given (exponential), 30 % of them of the
/// class high. With a log (columns as for replay) its people come again, each day for itself: whoever left leaves after
/// the same time, whoever was called would have waited on with the patience seen in the log. Every counter serves
/// everybody. Nothing is written and no database is opened.
///
/// Rates are per minute, targets in minutes; the JSON says seconds.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Order in which people are called: fifo, priority, deadline, sla, accumulating or ratio; repeat to compare
    /// [default: all of them]
    #[arg(long = "policy", value_name = "NAME", value_parser = kind)]
    policies: Vec<Policy>,

    /// Open counters: a number such as 5, or a range such as 4..7 with both ends; repeat to compare [default: 5]
    #[arg(long, value_name = "N|FROM..TO")]
    counters: Vec<Counters>,

    /// People who come per minute [default: 0.9]
    #[arg(long, value_name = "RATE", value_parser = positive, allow_negative_numbers = true, conflicts_with = "log")]
    lambda: Option<f64>,

    /// People whom one counter serves per minute [default: 0.2]
    #[arg(long, value_name = "RATE", value_parser = positive, allow_negative_numbers = true, conflicts_with = "log")]
    mu: Option<f64>,

    /// Waiting people who leave, per minute and person; 0 for nobody [default: 0]
    #[arg(long, value_name = "RATE", value_parser = not_negative, allow_negative_numbers = true, conflicts_with = "log")]
    theta: Option<f64>,

    /// Share of the class high, from 0 to 1 [default: 0.3]
    #[arg(long, value_name = "SHARE", value_parser = share, conflicts_with = "log")]
    high_share: Option<f64>,

    /// How many people come, 5000000 at most [default: 20000]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=5_000_000), conflicts_with = "log")]
    tickets: Option<u32>,

    /// Targets of the classes high and normal, in minutes
    #[arg(long, value_name = "HIGH,NORMAL", default_value = "10,30")]
    targets: Pair,

    /// Turns of high and normal in a round of ratio
    #[arg(long, value_name = "HIGH,NORMAL", default_value = "3,1")]
    weights: Pair,

    /// Growth of the priority of high and normal under accumulating [default: 1/target]
    #[arg(long, value_name = "HIGH,NORMAL")]
    slopes: Option<Pair>,

    /// Minutes after which nobody is overtaken under sla [default: four times the longest target]
    #[arg(long, value_name = "MINUTES", value_parser = positive)]
    hard_bound: Option<f64>,

    /// Chooses the random numbers
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,

    /// Take the people from this queue log: a CSV file, perhaps gzipped
    #[arg(long, value_name = "LOG.csv")]
    log: Option<PathBuf>,

    /// The queue of the log, where it has several
    #[arg(long, value_name = "ID", requires = "log")]
    queue: Option<String>,

    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(args: &Args) -> anyhow::Result<Exit> {
    let contest = contest(args);
    let report = match &args.log {
        Some(file) => {
            let log = Log::read(file, false).map_err(unfit)?;
            if !log.bad.is_empty() {
                complain(&format_args!("{} bad rows were left out", log.bad.len()));
            }
            from_log(&log, args.queue.as_deref(), &contest).map_err(Usage)?
        }
        None => synthetic(args).run(&contest),
    };
    show(args, &report)
}

fn show(args: &Args, report: &Report) -> anyhow::Result<Exit> {
    if args.json {
        print_json(report)?;
    } else {
        print(report)?;
    }
    Ok(Exit::Done)
}

fn contest(args: &Args) -> Contest {
    let policies = if args.policies.is_empty() {
        KINDS.iter().filter_map(|name| kind(name).ok()).collect()
    } else {
        args.policies.clone()
    };
    let bounded = |policy| match (policy, args.hard_bound) {
        (Policy::Sla(settings), Some(minutes)) => Policy::Sla(SlaSettings {
            hard_bound: Some(crate::simulate::secs(minutes)),
            ..settings
        }),
        (policy, _) => policy,
    };
    let counters = args.counters.iter().flat_map(Counters::each);
    Contest {
        policies: policies.into_iter().map(bounded).collect(),
        counters: if args.counters.is_empty() { vec![5] } else { counters.collect() },
        classes: crate::simulate::classes(args.targets, args.weights, args.slopes),
        seed: args.seed,
    }
}

fn synthetic(args: &Args) -> Synthetic {
    Synthetic {
        arrivals_per_minute: args.lambda.unwrap_or(0.9),
        services_per_minute: args.mu.unwrap_or(0.2),
        leaving_per_minute: args.theta.unwrap_or(0.0),
        high_share: args.high_share.unwrap_or(0.3),
        tickets: args.tickets.unwrap_or(20_000),
    }
}

/// As for replay: a file that is no log is the operator's to change.
fn unfit(error: LogError) -> anyhow::Error {
    match error {
        LogError::Unreadable { .. } => error.into(),
        LogError::MissingColumn { .. } | LogError::Strict(_) => {
            Usage(format!("--log: {error}")).into()
        }
    }
}

const KINDS: [&str; 6] = ["fifo", "priority", "deadline", "sla", "accumulating", "ratio"];

fn kind(name: &str) -> Result<Policy, String> {
    Ok(match name {
        "fifo" => Policy::Fifo,
        "priority" => Policy::Priority,
        "deadline" => Policy::Deadline,
        "sla" => Policy::Sla(SlaSettings::default()),
        "accumulating" => Policy::Accumulating,
        "ratio" => Policy::Ratio,
        _ => return Err(format!("use one of {}", KINDS.join(", "))),
    })
}

fn number(text: &str) -> Result<f64, String> {
    let number = text.parse::<f64>().ok().filter(|number| number.is_finite());
    number.ok_or_else(|| "use a number such as 0.9".to_owned())
}

fn positive(text: &str) -> Result<f64, String> {
    let number = number(text)?;
    if number > 0.0 { Ok(number) } else { Err("use a number above zero".to_owned()) }
}

fn not_negative(text: &str) -> Result<f64, String> {
    let number = number(text)?;
    if number >= 0.0 { Ok(number) } else { Err("use zero or a number above it".to_owned()) }
}

fn share(text: &str) -> Result<f64, String> {
    let number = number(text)?;
    let fits = (0.0..=1.0).contains(&number);
    fits.then_some(number).ok_or_else(|| "use a share from 0 to 1".to_owned())
}
