//! `smartqueue apply`: makes the database be as a file declares it.
//!
//! The whole file is first carried into a draft, so that a fault anywhere in it changes nothing anywhere.
//! Invariant: applying the same file twice changes nothing the second time, and nothing is ever deleted.

mod book;
mod document;
mod report;
#[cfg(test)]
mod tests;
mod walk;

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use actors::{Clock, Engine};
use anyhow::Context;
use persistence::StoreError;

use self::book::Book;
use self::document::Fault;
use self::walk::{Entry, walk};
use super::peek::{self, Known};
use super::{ConfigArgs, Exit, Usage, complain, options, print, print_json};
use crate::app::{AppError, Core};
use crate::config::{Config, DatabaseUrl};
use crate::telemetry;

/// Declare tenants, sites, services, queues, counters, agents and devices from a TOML file
///
/// Things are known by their natural keys: slug, prefix, name, e-mail. What is missing is created,
/// what is different is changed, what is already so is left alone; nothing is deleted. A declared
/// thing is declared whole: an option that the file leaves out has its default. The whole file is
/// checked first: a fault anywhere changes nothing.
///
/// Prints one line for each thing: created, changed (with what) or unchanged. docs/src/apply.md
/// describes the format; config/branch.toml is a bank's branch to start from.
///
/// It writes to the database itself, so the server on it must be stopped (else: exit code 3). With
/// --dry-run it only reads, and works beside a running server.
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Args {
    #[command(flatten)]
    options: ConfigArgs,

    /// The declaration
    #[arg(value_name = "FILE.toml")]
    file: PathBuf,

    /// Say what would change, and change nothing
    #[arg(long)]
    dry_run: bool,

    /// Print one JSON object: dry_run, created, changed, unchanged, things
    #[arg(long)]
    json: bool,
}

pub(crate) async fn run(args: &Args) -> anyhow::Result<Exit> {
    let config = args.options.load()?;
    telemetry::init(&options::quiet(&config.log))?;
    let read = std::fs::read_to_string(&args.file);
    let text = read.with_context(|| format!("file {} cannot be read", args.file.display()))?;
    let entries = if args.dry_run {
        let mut book = Book::draft(known(&config.database_url()).await?);
        walk(&text, &mut book).await.map_err(|faults| wrong(&args.file, &faults))?
    } else {
        write(&config, &args.file, &text).await?
    };
    tell(args, &entries)?;
    Ok(Exit::Done)
}

/// What is configured already; a database that is not there yet holds nothing.
async fn known(url: &DatabaseUrl) -> anyhow::Result<BTreeMap<String, Known>> {
    let missing = |error: &anyhow::Error| {
        let Some(AppError::Store(StoreError::File { source, .. })) = error.downcast_ref() else {
            return false;
        };
        source.kind() == ErrorKind::NotFound
    };
    match peek::tenants(url).await {
        Err(error) if missing(&error) => Ok(BTreeMap::new()),
        outcome => outcome,
    }
}

/// Owns the database for as long as it takes.
async fn write(config: &Config, file: &Path, text: &str) -> anyhow::Result<Vec<Entry>> {
    let core = Core::open(config, Clock::system()).await.map_err(refused)?;
    let outcome = carry_out(core.engine(), file, text).await;
    core.stop().await;
    outcome
}

fn refused(error: AppError) -> anyhow::Error {
    let in_use = matches!(error, AppError::Store(StoreError::InUse { .. }));
    let error = anyhow::Error::from(error);
    if in_use { error.context("only --dry-run works beside a running server") } else { error }
}

async fn carry_out(engine: &Engine, file: &Path, text: &str) -> anyhow::Result<Vec<Entry>> {
    walk(text, &mut Book::draft_of(engine)).await.map_err(|faults| wrong(file, &faults))?;
    let written = walk(text, &mut Book::live(engine.clone())).await;
    written.map_err(|faults| {
        anyhow::anyhow!("{}; what stands above it was written", sentence(file, &faults))
    })
}

fn wrong(file: &Path, faults: &[Fault]) -> Usage {
    Usage(sentence(file, faults))
}

fn sentence(file: &Path, faults: &[Fault]) -> String {
    let lines: Vec<String> =
        faults.iter().map(|fault| format!("file {}, {fault}", file.display())).collect();
    lines.join("\n")
}

fn tell(args: &Args, entries: &[Entry]) -> anyhow::Result<()> {
    if args.json {
        print_json(&report::json(entries, args.dry_run))?;
    } else {
        for entry in entries {
            print(&report::line(entry))?;
        }
    }
    complain(&report::summary(entries, args.dry_run));
    Ok(())
}
