//! `smartqueue vault`: the keys that seal personal data: how they stand, and a new one.
//!
//! The database is owned meanwhile, so no server may be running on it.
//! Invariant: a rotation that was cut off, however, is carried on by the next one; nothing is unreadable in between.

use domain::TenantId;
use serde_json::json;
use uuid::Uuid;

use super::{ConfigArgs, Exit, options, print, print_json};
use crate::app::{Noted, note, open_store};
use crate::telemetry;

/// Manage the keys that seal personal data
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    deed: Deed,
}

#[derive(Debug, clap::Subcommand)]
enum Deed {
    /// Make a new key, seal every row with it, and forget the former keys
    ///
    /// Works in steps of some hundred rows. After an interruption run it again: it goes on where it was,
    /// with the same new key. Stop the server first; the key of the configuration stays as it is.
    #[command(verbatim_doc_comment)]
    Rotate(Common),
    /// Show the key that seals, the keys that open, and how many rows each state has
    Status(Common),
}

#[derive(Debug, clap::Args)]
struct Common {
    #[command(flatten)]
    options: ConfigArgs,

    /// Print one JSON object: key, keys, rows, rows_of_older_keys
    #[arg(long)]
    json: bool,
}

pub(crate) async fn run(args: &Args) -> anyhow::Result<Exit> {
    let (Deed::Rotate(common) | Deed::Status(common)) = &args.deed;
    let rotates = matches!(args.deed, Deed::Rotate(_));
    let config = common.options.load()?;
    telemetry::init(&options::quiet(&config.log))?;
    let store = open_store(&config).await?;
    let done = async {
        if rotates {
            store.rotate_vault().await?;
            store.drop_old_vault_keys().await?;
        }
        store.vault_status().await
    }
    .await;
    store.close().await;
    let status = done?;
    if rotates {
        let (tenant, object) = (TenantId(Uuid::nil()), format!("vault-key:{}", status.key));
        let after = json!({ "rows": status.rows });
        note(&config, Noted { tenant, action: "cli.vault.rotate", object, after }).await?;
    }
    if common.json {
        print_json(&serde_json::to_value(&status)?)?;
    } else {
        let older = status.rows_of_older_keys;
        print(&format!(
            "key {} seals {} rows; {older} wait for it",
            status.key,
            status.rows - older
        ))?;
    }
    Ok(Exit::Done)
}
