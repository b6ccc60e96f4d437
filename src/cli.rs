//! The command line: one file per subcommand, and the one place where their outcomes become exit codes.
//!
//! stdout is data and stderr is talk, so that every command can stand in a pipe.
//! Invariant: a command returns its outcome; only [`main`] ends the process.

mod admin;
mod alerts;
mod apply;
mod check_config;
mod demo;
mod duration;
mod eval_eta;
mod exit;
mod keys;
mod migrate;
mod options;
mod output;
mod peek;
mod rebuild;
mod report;
mod replay;
mod seed_history;
mod simulate;
mod serve;
mod tls;
mod token;
mod vault;
mod verify;
mod version;

use std::process::ExitCode;
use std::time::Duration;

use clap::{Parser, Subcommand};

pub(crate) use exit::{Exit, Usage};
pub(crate) use options::ConfigArgs;
pub(crate) use output::{complain, print, print_json};
pub(crate) use peek::directory;

/// How long tasks that were left behind may take once a command is done.
const LEFTOVERS: Duration = Duration::from_secs(1);

/// Runs the lines of people at counters: tickets, calls, displays; durable on SQLite or PostgreSQL.
#[derive(Debug, Parser)]
#[command(name = "smartqueue", version, after_help = exit::HELP, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Serve(serve::Args),
    Demo(demo::Args),
    Migrate(migrate::Args),
    Apply(apply::Args),
    Token(token::Args),
    Keys(keys::Args),
    Vault(vault::Args),
    Admin(admin::Args),
    Alerts(alerts::Args),
    Tls(tls::Args),
    Replay(replay::Args),
    EvalEta(eval_eta::Args),
    Simulate(simulate::Args),
    Report(report::Args),
    Rebuild(rebuild::Args),
    SeedHistory(seed_history::Args),
    Verify(verify::Args),
    CheckConfig(check_config::Args),
    Version(version::Args),
}

/// Reads the command line, carries the command out, and says how it went.
#[must_use]
pub fn main() -> ExitCode {
    match Cli::try_parse() {
        Ok(cli) => run(&cli.command).into(),
        Err(error) => {
            // Help goes to stdout, a refusal to stderr; a closed pipe is no reason to complain.
            let _ = error.print();
            if error.use_stderr() { Exit::Usage.into() } else { Exit::Done.into() }
        }
    }
}

fn run(command: &Command) -> Exit {
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return failed(&error.into()),
    };
    let outcome = runtime.block_on(Box::pin(dispatch(command)));
    runtime.shutdown_timeout(LEFTOVERS);
    outcome.unwrap_or_else(|error| failed(&error))
}

async fn dispatch(command: &Command) -> anyhow::Result<Exit> {
    match command {
        Command::Serve(args) => serve::run(args).await,
        Command::Demo(args) => demo::run(args).await,
        Command::Migrate(args) => migrate::run(args).await,
        Command::Apply(args) => apply::run(args).await,
        Command::Token(args) => token::run(args).await,
        Command::Keys(args) => keys::run(args).await,
        Command::Vault(args) => vault::run(args).await,
        Command::Admin(args) => admin::run(args).await,
        Command::Alerts(args) => alerts::run(args).await,
        Command::Tls(args) => tls::run(args),
        Command::Replay(args) => replay::run(args).await,
        Command::EvalEta(args) => eval_eta::run(args),
        Command::Simulate(args) => simulate::run(args),
        Command::Report(args) => report::run(args).await,
        Command::Rebuild(args) => rebuild::run(args).await,
        Command::SeedHistory(args) => seed_history::run(args).await,
        Command::Verify(args) => verify::run(args).await,
        Command::CheckConfig(args) => check_config::run(args),
        Command::Version(args) => version::run(args),
    }
}

/// Says why, unless nobody listens any more.
fn failed(error: &anyhow::Error) -> Exit {
    let exit = exit::of(error);
    if exit != Exit::Done {
        complain(&format_args!("smartqueue: {}", exit::sentence(error)));
    }
    exit
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    fn parse(line: &str) -> Result<Cli, clap::Error> {
        Cli::try_parse_from(line.split_whitespace())
    }

    #[test]
    fn every_argument_is_declared_soundly() {
        Cli::command().debug_assert();
    }

    #[test]
    fn the_lines_of_the_manual_are_understood() {
        for line in [
            "smartqueue serve",
            "smartqueue serve --config c.toml --listen 127.0.0.1:0 --database sqlite:a.db",
            "smartqueue serve --data-dir elsewhere",
            "smartqueue serve --tls-cert tls/server.pem --tls-key tls/server-key.pem",
            "smartqueue tls init --dir tls --name queue.lan --name queue --ip 192.168.1.10",
            "smartqueue tls renew --dir tls",
            "smartqueue migrate --database postgres://u@h/db",
            "smartqueue apply branch.toml --dry-run --json",
            "smartqueue token --tenant t --as awa@example.org --ttl 1h",
            "smartqueue token --tenant t --role manager",
            "smartqueue token --role platform_admin",
            "smartqueue keys rotate",
            "smartqueue keys rotate --data-dir d --overlap 90d",
            "smartqueue alerts --tenant t --state open --json",
            "smartqueue vault rotate --json",
            "smartqueue vault status --data-dir d",
            "smartqueue demo --listen 127.0.0.1:0 --speed 20 --seed 7",
            "smartqueue replay log.csv.gz --tenant t --speed max --strict --json",
            "smartqueue eval-eta log.csv.gz --from 2025-01-20 --head-start 1200 --default-service 400 --json",
            "smartqueue simulate --policy sla --policy fifo --counters 4..7 --lambda 1.1 --theta 0.02 --json",
            "smartqueue simulate --log log.csv.gz --queue q --counters 5",
            "smartqueue report wait-times --tenant t --start-date 2026-03-01 --format csv",
            "smartqueue rebuild roll-ups --check --json",
            "smartqueue seed-history --legs 1000 --days 7 --queues 10 --seed 3",
            "smartqueue serve --accept-audit-break restored",
            "smartqueue verify --audit",
            "smartqueue verify --audit --tenant t --json",
            "smartqueue check-config --json",
            "smartqueue version --json",
        ] {
            assert!(parse(line).is_ok(), "{line}");
        }
    }

    #[test]
    fn a_token_is_for_a_person_or_for_a_role_never_both_or_neither() {
        for line in [
            "smartqueue token --tenant t",
            "smartqueue token --tenant t --as a@b.org --role agent",
            "smartqueue token --tenant t --role king",
            "smartqueue token --tenant t --role agent --ttl soon",
            "smartqueue apply",
            "smartqueue",
        ] {
            assert!(parse(line).is_err(), "{line}");
        }
    }
}
