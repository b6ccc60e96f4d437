//! `smartqueue vault`: the keys that seal personal data: how they stand, a new one, and another key above them all.
//!
//! The database is owned meanwhile, so no server may be running on it.
//! Invariant: what was cut off, however, is carried on by the same command; nothing is unreadable in between.

use anyhow::Context as _;
use domain::TenantId;
use persistence::VaultStatus;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{ConfigArgs, Exit, complain, options, print, print_json};
use crate::app::{Noted, note, open_for_replacing, open_store, place_vault_key, vault_key_of};
use crate::config::Config;
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
    /// Put another vault key in the place of the present one, which opens nothing afterwards
    ///
    /// The keys that seal rows are sealed again under it, in one transaction; the rows stay as they are, so this
    /// takes a moment however many there are. Then the new key is written to the key file, unless the
    /// configuration gives the key: then change it there. After an interruption run it again with the same new
    /// key. Stop the server first. Ticket links hang on another key, and stay.
    #[command(verbatim_doc_comment)]
    ReplaceKey {
        #[command(flatten)]
        common: Common,

        /// The new key: a file, or env:NAME for a variable; 32 bytes in base64 (openssl rand -base64 32)
        #[arg(long, value_name = "FILE|env:NAME")]
        new_key: String,
    },
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
    let (Deed::Rotate(common) | Deed::Status(common) | Deed::ReplaceKey { common, .. }) =
        &args.deed;
    let config = common.options.load()?;
    telemetry::init(&options::quiet(&config.log))?;
    let status = match &args.deed {
        Deed::Rotate(_) => looked_at(&config, true).await?,
        Deed::Status(_) => looked_at(&config, false).await?,
        Deed::ReplaceKey { new_key, .. } => replaced(&config, new_key).await?,
    };
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

/// How the vault stands, after a rotation if `rotates`.
async fn looked_at(config: &Config, rotates: bool) -> anyhow::Result<VaultStatus> {
    let store = open_store(config).await?;
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
        let object = format!("vault-key:{}", status.key);
        noted(config, "cli.vault.rotate", object, json!({ "rows": status.rows })).await?;
    }
    Ok(status)
}

/// First the database, then the file: in between the new key opens, and the same command goes on from there.
async fn replaced(config: &Config, given: &str) -> anyhow::Result<VaultStatus> {
    let text = match given.strip_prefix("env:") {
        Some(name) => std::env::var(name).with_context(|| format!("the variable {name}"))?,
        None => std::fs::read_to_string(given).with_context(|| format!("the file {given}"))?,
    };
    let new = vault_key_of(given, &text)?;
    let (store, is_done) = open_for_replacing(config, &new).await?;
    let done = async {
        let keys = if is_done { 0 } else { store.replace_master_key(&new).await? };
        Ok::<_, anyhow::Error>((keys, store.vault_status().await?))
    }
    .await;
    store.close().await;
    let (keys, status) = done?;
    if !place_vault_key(config, &new)? {
        complain(
            &"the configuration gives the vault key: put the new one there before the next start",
        );
    }
    let object = "vault-key:master".to_owned();
    noted(config, "cli.vault.replace_key", object, json!({ "keys": keys })).await?;
    Ok(status)
}

async fn noted(
    config: &Config,
    action: &'static str,
    object: String,
    after: Value,
) -> anyhow::Result<()> {
    note(config, Noted { tenant: TenantId(Uuid::nil()), action, object, after }).await
}
