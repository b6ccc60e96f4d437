//! `smartqueue keys`: what is done to the signing key besides making it.
//!
//! Only the key's own files are touched, so this works beside a running server, which notices within seconds. The
//! platform's log says that it happened.
//! Invariant: a token signed before a rotation is accepted until its end or until the overlap is over.

use std::time::Duration;

use actors::Clock;
use domain::{Secs, TenantId};
use serde_json::json;
use uuid::Uuid;

use super::{ConfigArgs, Exit, duration, options, print};
use crate::app::{Noted, note, rotate};
use crate::telemetry;

/// The longest life of a token that `smartqueue token` mints.
const OVERLAP_MAX: Duration = Duration::from_secs(90 * 86_400);

/// Manage the key that signs tokens
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    deed: Deed,
}

#[derive(Debug, clap::Subcommand)]
enum Deed {
    /// Make a new key that signs from now on, and print its id
    ///
    /// Tokens that the former key signed are accepted for --overlap, so that nobody is signed out. A
    /// running server notices within seconds. After a theft of the key give --overlap 0s.
    Rotate {
        #[command(flatten)]
        options: ConfigArgs,

        /// How long the former key still checks, like 10m, 24h or 90d
        #[arg(long, value_name = "DURATION", default_value = "24h", value_parser = overlap)]
        overlap: Duration,
    },
}

pub(crate) async fn run(args: &Args) -> anyhow::Result<Exit> {
    let Deed::Rotate { options, overlap } = &args.deed;
    let config = options.load()?;
    telemetry::init(&options::quiet(&config.log))?;
    let overlap = Secs(u32::try_from(overlap.as_secs()).unwrap_or(u32::MAX));
    let id = rotate(&config.signing_key_file(), Clock::system().now(), overlap)?;
    // Said first: the key has changed, whatever the log's fate.
    print(&id)?;
    let (tenant, object) = (TenantId(Uuid::nil()), format!("signing-key:{id}"));
    let after = json!({ "overlap_seconds": overlap.0 });
    note(&config, Noted { tenant, action: "cli.keys.rotate", object, after }).await?;
    Ok(Exit::Done)
}

fn overlap(text: &str) -> Result<Duration, String> {
    let overlap = duration::parse(text)?;
    if overlap > OVERLAP_MAX { Err("give at most 90d".to_owned()) } else { Ok(overlap) }
}
