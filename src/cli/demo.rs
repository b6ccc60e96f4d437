//! `smartqueue demo`: a branch to try out, with tokens for everybody and people who come and go.
//!
//! The first line of stdout is the address of the pages, the others are who can sign in; the warning is talk.
//! Invariant: the demo has a database of its own, which `serve` can take over as it is.

use std::net::SocketAddr;
use std::path::PathBuf;

use actors::Clock;

use super::serve::run_until_stopped;
use super::{Exit, complain, options, print};
use crate::app::Core;
use crate::config::{Config, DatabaseUrl, Overrides, environment};
use crate::demo::{Branch, Crowd, Session, reachable};
use crate::stop::StopSignal;
use crate::telemetry;

const WARNING: &str = "\
This is a demo, and it is not secure: the tokens below are printed here and handed to every page without sign-in.
Do not put it on a network you do not trust, and keep no real person's data in it. Ctrl-C stops it.";

/// Run a branch to try out, without any setting up
///
/// Makes a bank branch in Dakar on a SQLite file of its own (data/demo.db): three services, five counters, ten agents,
/// a kiosk and a display. Simulated people take tickets and four simulated agents serve them, over the same API and
/// sockets as everybody; counter 5 is left to you. Prints the address of the pages and a token for everybody.
///
/// Stopping loses nothing: `smartqueue serve --database sqlite:data/demo.db` finds every ticket as it was.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Address and port; port 0 takes a free one [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<String>,

    /// How fast simulated people live: 1 is real time, 0 leaves them out
    #[arg(long, value_name = "N", default_value = "1", value_parser = speed)]
    speed: f64,

    /// Seed of chance: the same seed gives the same people
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,

    /// Folder of demo.db and of the signing key
    #[arg(long, value_name = "DIR", default_value = "data")]
    data_dir: PathBuf,
}

fn speed(text: &str) -> Result<f64, String> {
    let speed = text.parse::<f64>().ok().filter(|speed| speed.is_finite() && *speed >= 0.0);
    speed.ok_or_else(|| "give a number such as 1 or 20, or 0 for nobody".to_owned())
}

pub(crate) async fn run(args: &Args) -> anyhow::Result<Exit> {
    let config = config(args)?;
    telemetry::init(&options::quiet(&config.log))?;
    let (stop, cut, home) =
        (StopSignal::install()?, StopSignal::install()?, StopSignal::install()?);
    let core = Core::open(&config, Clock::system()).await?;
    let branch = Branch::declare(core.engine()).await?;
    let clock = core.engine().clock().clone();
    let session = Session::new(core.auth(), &branch, clock.now())?;
    let demo = session.json(&branch, args.speed, args.seed);
    let app = core.listen(&config, Some(demo)).await?;
    let address = reachable(app.address());
    introduce(address, &session.lines(&branch, args.speed > 0.0))?;
    let run = clock.new_id().simple().to_string();
    let crowd = (args.speed > 0.0)
        .then(|| Crowd::start(branch, &session, address, (args.speed, args.seed, run)))
        .transpose()?;
    let (exit, ()) =
        tokio::join!(Box::pin(run_until_stopped(app, stop, cut)), send_home(crowd, home));
    Ok(exit)
}

/// The people leave at the same signal, so that nobody holds a connection while the server drains.
async fn send_home(crowd: Option<Crowd>, mut stop: StopSignal) {
    if let Some(crowd) = crowd {
        stop.asked().await;
        crowd.go_home().await;
    }
}

fn config(args: &Args) -> anyhow::Result<Config> {
    let database = DatabaseUrl::sqlite_file(&args.data_dir.join("demo.db"));
    let flags = Overrides {
        listen: args.listen.clone(),
        database_url: Some(database.expose().to_owned()),
        data_dir: Some(args.data_dir.clone()),
        ..Overrides::default()
    };
    let mut config = Config::load(None, environment(), &flags)?;
    // The people of the demo come by plain HTTP, from this machine.
    (config.server.tls_cert, config.server.tls_key) = (None, None);
    Ok(config)
}

fn introduce(address: SocketAddr, lines: &[String]) -> anyhow::Result<()> {
    complain(&WARNING);
    print(&format_args!("http://{address}/"))?;
    for line in lines {
        print(line)?;
    }
    Ok(())
}
