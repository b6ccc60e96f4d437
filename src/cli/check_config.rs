//! `smartqueue check-config`: says all that is wrong with the configuration, and starts nothing.
//!
//! It reads the same layers as `serve` and runs the same checks. Invariant: it opens no database and makes
//! no file, so it can run beside a program that serves.

use serde_json::{Value, json};

use super::{ConfigArgs, Exit, complain, print, print_json};
use crate::config::{Config, ConfigError, Problem};

/// Check the configuration without starting anything
///
/// Reads file, environment (SMARTQUEUE__SECTION__KEY, DATABASE_URL, RUST_LOG) and flags exactly as
/// `serve` would, and reports every fault at once. Leaves with 0 when `serve` would accept it, else
/// with 2.
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Args {
    #[command(flatten)]
    options: ConfigArgs,

    /// Print one JSON object: ok, and problems as a list of origin, key, problem, remedy
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(args: &Args) -> anyhow::Result<Exit> {
    let outcome = args.options.load();
    if args.json {
        print_json(&report(&outcome))?;
    } else {
        tell(&outcome)?;
    }
    Ok(if outcome.is_ok() { Exit::Done } else { Exit::Usage })
}

fn tell(outcome: &Result<Config, ConfigError>) -> anyhow::Result<()> {
    match outcome {
        Ok(config) => {
            print(&"the configuration is sound")?;
            complain(&format_args!("listen on {}", config.server.listen));
            complain(&format_args!("database {}", config.database_url()));
            complain(&format_args!("signing key {}", config.signing_key_file().display()));
        }
        Err(error) => complain(error),
    }
    Ok(())
}

fn report(outcome: &Result<Config, ConfigError>) -> Value {
    match outcome {
        Ok(config) => json!({
            "ok": true,
            "problems": [],
            "listen": config.server.listen.to_string(),
            "database": config.database_url().to_string(),
            "signing_key_file": config.signing_key_file(),
        }),
        Err(error) => json!({ "ok": false, "problems": problems(error) }),
    }
}

fn problems(error: &ConfigError) -> Vec<Value> {
    match error {
        ConfigError::Refused(problems) => problems.iter().map(problem).collect(),
        ConfigError::Unreadable { path, .. } | ConfigError::NotToml { path, .. } => {
            vec![
                json!({ "origin": path, "key": null, "problem": error.to_string(), "remedy": null }),
            ]
        }
    }
}

fn problem(problem: &Problem) -> Value {
    json!({
        "origin": problem.origin, "key": problem.key,
        "problem": problem.what, "remedy": problem.remedy,
    })
}
