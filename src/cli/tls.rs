//! `smartqueue tls`: certificates for a local network, where no public authority gives any.
//!
//! The path of the file that kiosks must trust goes to stdout; how to make them trust it is talk.
//! Invariant: nothing that is there is overwritten, except the server's certificate by `renew`.

use std::net::IpAddr;
use std::path::{Path, PathBuf};

use actors::Clock;

use super::{Exit, Usage, complain, print};
use crate::site_ca::{Made, SiteCa, SiteCaError};

/// Make and renew certificates for a local network
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    Init(Init),
    Renew(Renew),
}

/// Make an authority for this site, and a certificate of it for the server
///
/// Writes site-ca.pem (for the kiosks, displays and desks to trust), site-ca-key.pem (keep it away from the network),
/// server.pem and server-key.pem (for `serve`), and site.json (what `renew` needs). Keys are readable by their owner
/// alone. A folder that holds any of these is refused.
#[derive(Debug, clap::Args)]
struct Init {
    /// Folder to write into; made if it is not there
    #[arg(long, value_name = "DIR")]
    dir: PathBuf,

    /// Name under which the server is called; may be given again
    #[arg(long, value_name = "HOST", required_unless_present = "ip")]
    name: Vec<String>,

    /// Address under which the server is called; may be given again
    #[arg(long, value_name = "ADDRESS")]
    ip: Vec<IpAddr>,
}

/// Make a new certificate for the server, from the same authority and with the same key
///
/// A running server takes it up by itself; nobody has to trust anything anew.
#[derive(Debug, clap::Args)]
struct Renew {
    /// Folder of `tls init`
    #[arg(long, value_name = "DIR")]
    dir: PathBuf,

    /// One more name under which the server is called
    #[arg(long, value_name = "HOST")]
    name: Vec<String>,

    /// One more address
    #[arg(long, value_name = "ADDRESS")]
    ip: Vec<IpAddr>,
}

pub(crate) fn run(args: &Args) -> anyhow::Result<Exit> {
    let today = Clock::system().now();
    match &args.what {
        What::Init(init) => {
            let names = names(&init.name, &init.ip);
            let made = SiteCa::init(&init.dir, names, today).map_err(unmeant)?;
            print(&made.authority.display())?;
            introduce(&init.dir, &made);
        }
        What::Renew(renew) => {
            let names = names(&renew.name, &renew.ip);
            let made = SiteCa::renew(&renew.dir, names, today).map_err(unmeant)?;
            print(&made.certificate.display())?;
            complain(&format_args!("valid until {} for {}", made.until, made.names.join(", ")));
        }
    }
    Ok(Exit::Done)
}

fn names(hosts: &[String], addresses: &[IpAddr]) -> Vec<String> {
    hosts.iter().cloned().chain(addresses.iter().map(ToString::to_string)).collect()
}

fn unmeant(error: SiteCaError) -> anyhow::Error {
    match error {
        SiteCaError::Exists(_)
        | SiteCaError::NotAName(_)
        | SiteCaError::NoSite(_)
        | SiteCaError::Unsound { .. }
        | SiteCaError::Ended(_) => Usage(error.to_string()).into(),
        SiteCaError::File { .. } | SiteCaError::Making(_) => error.into(),
    }
}

fn introduce(folder: &Path, made: &Made) {
    let (dir, authority) = (folder.display(), made.authority.display());
    let names = made.names.join(", ");
    complain(&format_args!(
        "\
A certificate for {names}, valid until {until}. Start the server with it:
  smartqueue serve --listen 0.0.0.0:8443 --tls-cert {dir}/server.pem --tls-key {dir}/server-key.pem
Make each kiosk, display and desk trust {authority} (never copy site-ca-key.pem to them):
  Debian, Ubuntu   copy it to /usr/local/share/ca-certificates/smartqueue.crt and run update-ca-certificates
  Chromium there   certutil -d sql:$HOME/.pki/nssdb -A -t C,, -n SmartQueue -i {authority}
  Windows          certutil -addstore Root {authority}
  Android          Settings, Security, Install a certificate, CA certificate
  iOS              send it to the device, install the profile, then General, About, Certificate Trust Settings
Renew before the date above: smartqueue tls renew --dir {dir}",
        until = made.until
    ));
}
