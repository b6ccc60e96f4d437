//! `smartqueue serve`: runs the program until it is asked to stop.
//!
//! The address goes to stdout once requests are taken, so that a script can wait for the line.
//! Invariant: the first signal stops in order; only a second one cuts what is still in hand.

use std::path::PathBuf;

use actors::Clock;

use super::{ConfigArgs, Exit, print};
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
/// One database belongs to one running program: a second one leaves with 3.
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Args {
    #[command(flatten)]
    options: ConfigArgs,

    /// Address and port; port 0 takes a free one [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<String>,

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

pub(crate) async fn run(args: &Args) -> anyhow::Result<Exit> {
    let config = args.options.load_over(args.flags())?;
    telemetry::init(&config.log)?;
    let (stop, cut) = (StopSignal::install()?, StopSignal::install()?);
    let app = Core::open(&config, Clock::system()).await?.listen(&config, None).await?;
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
