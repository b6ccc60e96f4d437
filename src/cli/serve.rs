//! `smartqueue serve`: runs the program until it is asked to stop.
//!
//! The address goes to stdout once requests are taken, so that a script can wait for the line.
//! Invariant: the first signal stops in order; only a second one cuts what is still in hand.

use std::path::PathBuf;

use actors::Clock;

use super::{ConfigArgs, Exit, complain, print};
use crate::app::{App, Core};
use crate::config::Overrides;
use crate::stop::StopSignal;
use crate::telemetry;

/// Run the server until SIGTERM or Ctrl-C
///
/// Opens the database (made at the first start), brings its schema up to date, and serves the pages,
/// the REST API under /api/v1 and the sockets. Prints the address on stdout once it takes requests.
///
/// SIGTERM or Ctrl-C: takes no new connections, finishes what is in hand within
/// server.shutdown_drain_seconds, tells sockets to come back (1012), writes snapshots and leaves
/// with 0. A second signal cuts the rest short; nothing acknowledged is lost by it.
///
/// As long as nobody administers the platform, each start says a link on stderr that makes the first
/// administrator. There is no default password.
///
/// One database belongs to one running program: a second one leaves with 3.
///
/// When the audit log does not match its signed checkpoints (entries cut off or changed, the database
/// set back to a backup) it refuses to start and leaves with 5. `smartqueue verify --audit` says
/// where; after finding out why, --accept-audit-break goes on, and records the reason for ever.
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Args {
    #[command(flatten)]
    options: ConfigArgs,

    /// Address and port; port 0 takes a free one [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<String>,

    /// Start on a broken audit log; the reason is recorded in the log and in the checkpoints
    #[arg(long, value_name = "REASON", value_parser = reason)]
    accept_audit_break: Option<String>,

    /// Certificate (PEM, with its chain): the server speaks TLS; read again when it changes and at SIGHUP
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    tls_cert: Option<PathBuf>,

    /// Private key of the certificate (PEM)
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    tls_key: Option<PathBuf>,
}

impl Args {
    fn flags(&self) -> Overrides {
        Overrides {
            listen: self.listen.clone(),
            tls_cert: self.tls_cert.clone(),
            tls_key: self.tls_key.clone(),
            ..Overrides::default()
        }
    }
}

/// A reason that says something.
fn reason(text: &str) -> Result<String, String> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > 200 || text.chars().any(char::is_control) {
        return Err("say why in 1 to 200 characters".to_owned());
    }
    Ok(text.to_owned())
}

pub(crate) async fn run(args: &Args) -> anyhow::Result<Exit> {
    let config = args.options.load_over(args.flags())?;
    telemetry::init(&config.log)?;
    let (stop, cut) = (StopSignal::install()?, StopSignal::install()?);
    let accept = args.accept_audit_break.as_deref();
    let core = Core::open_accepting(&config, Clock::system(), accept).await?;
    let app = core.listen(&config, None).await?;
    if let Some(link) = app.edge().set_up_link().await? {
        complain(&format_args!("nobody administers this yet; within 15 minutes open {link}"));
    }
    print(&app.url())?;
    Ok(run_until_stopped(app, stop, cut).await)
}

/// Runs `app` until the first signal of `stop`; the second one of `cut` does not wait for the end.
pub(crate) async fn run_until_stopped(app: App, mut stop: StopSignal, mut cut: StopSignal) -> Exit {
    let asked = async move {
        let signal = stop.asked().await;
        tracing::info!(signal, "{signal}: stopping");
    };
    let running = Box::pin(app.run_until(asked));
    let twice = async {
        cut.asked().await;
        cut.asked().await;
    };
    tokio::select! {
        () = running => Exit::Done,
        () = twice => {
            tracing::warn!("asked to stop twice: what is in hand is cut short");
            Exit::Failed
        }
    }
}
