//! `smartqueue admin`: how a platform gets its administrators.
//!
//! Works beside a running server, on the database that both use; the link leads to the server's own page.
//! Invariant: a link that was made is in the audit log, and none is made silently where there are administrators.

use actors::Clock;
use anyhow::Context as _;
use domain::TenantId;
use persistence::{Beside, open_beside};
use serde_json::json;
use transport::SetUpLink;
use uuid::Uuid;

use super::{ConfigArgs, Exit, Usage, options, print};
use crate::app::{AppError, Noted, note};
use crate::config::Config;
use crate::telemetry;

/// Under which the platform's own rows stand.
const PLATFORM: TenantId = TenantId(Uuid::nil());

/// Let somebody administer the platform
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    deed: Deed,
}

#[derive(Debug, clap::Subcommand)]
enum Deed {
    /// Make a link for an administrator of the platform, and print it, alone, on stdout
    ///
    /// It works once, for 15 minutes, and ends an earlier one. Run it with the --config and --data-dir of the
    /// server, which may be running. Where somebody administers already it takes --force.
    SetupLink {
        #[command(flatten)]
        options: ConfigArgs,

        /// Make one more administrator, for when the first one is out of reach
        #[arg(long)]
        force: bool,
    },
}

pub(crate) async fn run(args: &Args) -> anyhow::Result<Exit> {
    let Deed::SetupLink { options, force } = &args.deed;
    let config = options.load()?;
    telemetry::init(&options::quiet(&config.log))?;
    let url = config.database_url();
    let opened = open_beside(url.expose(), true).await;
    let mut beside = opened.map_err(|error| AppError::of_database(&url, error))?;
    let made = link(&config, &mut beside, *force).await;
    beside.close().await;
    print(&made?)?;
    Ok(Exit::Done)
}

async fn link(config: &Config, beside: &mut Beside, force: bool) -> anyhow::Result<String> {
    if !force && beside.has_accounts(PLATFORM).await? {
        let text =
            "somebody administers this platform already; --force makes one more administrator";
        return Err(Usage(text.to_owned()).into());
    }
    let fresh = SetUpLink::fresh(&config.public_url(config.server.listen), Clock::system().now());
    let SetUpLink { address, row } = fresh.context("the system gives no randomness")?;
    let object = "platform".to_owned();
    let after = json!({ "force": force, "expires_at": row.expires_at.0 });
    let noted = Noted { tenant: PLATFORM, action: "setup_link.make", object, after };
    note(config, noted).await?;
    beside.replace_once(row).await?;
    Ok(address)
}
