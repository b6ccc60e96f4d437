//! `smartqueue migrate`: brings the schema of the database up to date and leaves.
//!
//! `serve` does the same at its start where it may; this is for an upgrade step of its own, and for PostgreSQL, whose
//! owner does not serve.
//! Invariant: a database in use is not touched.

use domain::TenantId;
use serde_json::json;
use uuid::Uuid;

use super::{ConfigArgs, Exit, complain, options};
use crate::app::{AppError, Noted, note};
use crate::telemetry;

/// Bring the database's schema up to date
///
/// Makes the database file if there is none. `serve` does the same at its start; run this as a step
/// of its own when an upgrade shall fail before the new version is started. Migrations only go
/// forward: back up first. Repeating it changes nothing.
///
/// On PostgreSQL give the owner's login, here or as database.migrate_url: it makes the tables and the
/// roles that keep tenants apart. `serve` wants another login, a member of the role smartqueue_app.
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Args {
    #[command(flatten)]
    options: ConfigArgs,
}

pub(crate) async fn run(args: &Args) -> anyhow::Result<Exit> {
    let config = args.options.load()?;
    telemetry::init(&options::quiet(&config.log))?;
    let given = args.options.database.is_some();
    let owner = config.database.migrate_url.clone().filter(|_| !given);
    let url = owner.unwrap_or_else(|| config.database_url());
    persistence::migrate(url.expose()).await.map_err(|error| AppError::of_database(&url, error))?;
    let noted = Noted {
        tenant: TenantId(Uuid::nil()),
        action: "cli.migrate",
        object: "database".to_owned(),
        after: json!({ "version": env!("CARGO_PKG_VERSION") }),
    };
    note(&config, noted).await?;
    complain(&format_args!("the schema of {url} is up to date"));
    Ok(Exit::Done)
}
