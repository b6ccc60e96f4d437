//! `smartqueue version`: which program this is.
//!
//! The same facts for people and for machines. Invariant: everything printed was fixed when it was built.

use serde_json::json;

use super::{Exit, print, print_json};

/// Say which version this is
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Args {
    /// Print one JSON object: name, version, target, profile
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(args: &Args) -> anyhow::Result<Exit> {
    let (name, version) = (env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION"));
    if args.json {
        let target = format!("{}-{}", std::env::consts::ARCH, std::env::consts::OS);
        let profile = if cfg!(debug_assertions) { "debug" } else { "release" };
        print_json(&json!({
            "name": name, "version": version, "target": target, "profile": profile,
        }))?;
    } else {
        print(&format_args!("{name} {version}"))?;
    }
    Ok(Exit::Done)
}
