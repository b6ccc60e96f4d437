//! `smartqueue token`: signs an access token for a person or for a bare role, and prints only the token.
//!
//! The database is looked into without owning it, so this works beside a running server; the key is the
//! server's own file. Each token is recorded in the audit log before it is shown. Invariant: a token says no more than the database and the flags do.

use std::time::Duration;

use actors::{AgentBody, Clock};
use domain::{AgentId, Role, TenantId};
use serde_json::json;
use transport::{MintRequest, Subject, mint};
use uuid::Uuid;

use super::peek::{self, Known};
use super::{ConfigArgs, Exit, Usage, duration, options, print};
use crate::app::{Noted, note, signing_keys};
use crate::config::{Config, DatabaseUrl};
use crate::telemetry;

/// The longest life of a token that nobody can take back: long enough for a pilot, short enough to end.
const TTL_MAX: Duration = Duration::from_secs(90 * 86_400);

/// Mint an access token and print it, alone, on stdout
///
/// For a person (--as, with the role that the database says) or for a bare role (--role). Works
/// while a server is running on the same database, and changes nothing but the audit log. The server accepts
/// the token when both use the same signing key, so give the --config and --data-dir of the server.
///
///   curl -H "Authorization: Bearer $(smartqueue token --tenant acme --role manager)" …
///
/// A token cannot be called back before its end, except by disabling the person it is for. Minting
/// one is recorded in the audit log first; without a database there is no token.
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Args {
    #[command(flatten)]
    options: ConfigArgs,

    /// The tenant's slug; needed for every role but platform_admin
    #[arg(long, value_name = "SLUG", required_unless_present = "role")]
    tenant: Option<String>,

    /// The person: e-mail address of an agent, manager or administrator of the tenant
    #[arg(
        long = "as",
        value_name = "EMAIL",
        required_unless_present = "role",
        conflicts_with = "role"
    )]
    person: Option<String>,

    /// The role of a token that is nobody's in particular: admin, manager, agent, device or platform_admin
    #[arg(long, value_name = "ROLE", value_parser = role)]
    role: Option<Role>,

    /// How long it is valid, like 90s, 15m or 1h; at most 90d [default: auth.access_token_ttl_seconds]
    #[arg(long, value_name = "DURATION", value_parser = life)]
    ttl: Option<Duration>,
}

/// What the token will say about its holder.
#[derive(Debug, PartialEq)]
struct Holder {
    subject: Subject,
    role: Role,
    /// In whose audit log it is recorded; nil for the platform's.
    tenant: TenantId,
}

pub(crate) async fn run(args: &Args) -> anyhow::Result<Exit> {
    let config = args.options.load()?;
    telemetry::init(&options::quiet(&config.log))?;
    let holder = holder(args, &config.database_url()).await?;
    let token = sign(args, &config, &holder)?;
    note(&config, noted(args, &config, &holder)).await?;
    print(&token)?;
    Ok(Exit::Done)
}

/// What the audit log says of it; never the token.
fn noted(args: &Args, config: &Config, holder: &Holder) -> Noted {
    let default = Duration::from_secs(config.auth.access_token_ttl_seconds);
    let ttl_seconds = args.ttl.unwrap_or(default).as_secs();
    Noted {
        tenant: holder.tenant,
        action: "token.mint",
        object: holder.subject.to_string(),
        after: json!({ "role": holder.role.as_str(), "ttl_seconds": ttl_seconds }),
    }
}

async fn holder(args: &Args, url: &DatabaseUrl) -> anyhow::Result<Holder> {
    let Some(slug) = &args.tenant else {
        return match args.role {
            Some(role @ Role::PlatformAdmin) => {
                Ok(Holder { subject: Subject::Role(role), role, tenant: TenantId(Uuid::nil()) })
            }
            Some(role) => Err(Usage(format!("a token of role {role} needs --tenant")).into()),
            None => Err(Usage("give --tenant".to_owned()).into()),
        };
    };
    let tenants = peek::tenants(url).await?;
    let Some(tenant) = tenants.get(slug) else {
        let known: Vec<&str> = tenants.keys().map(String::as_str).collect();
        let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
        return Err(Usage(format!("no tenant {slug} in {url}; its tenants: {known}")).into());
    };
    Ok(in_tenant(args, slug, tenant)?)
}

fn in_tenant(args: &Args, slug: &str, tenant: &Known) -> Result<Holder, Usage> {
    match (&args.person, args.role) {
        (Some(email), _) => person(slug, email, tenant),
        (None, Some(Role::PlatformAdmin)) => Err(Usage(
            "a token of role platform_admin belongs to no tenant; leave --tenant out".to_owned(),
        )),
        (None, Some(role)) => {
            Ok(Holder { subject: Subject::Role(role), role, tenant: TenantId(tenant.id) })
        }
        (None, None) => Err(Usage("give --as or --role".to_owned())),
    }
}

fn person(slug: &str, email: &str, tenant: &Known) -> Result<Holder, Usage> {
    let found = tenant.directory.by_key::<AgentBody>(&email.to_lowercase());
    let agent =
        found.ok_or_else(|| Usage(format!("tenant {slug} has nobody with the e-mail {email}")))?;
    if !agent.body.active {
        return Err(Usage(format!("{email} of tenant {slug} is disabled")));
    }
    Ok(Holder {
        subject: Subject::Agent(AgentId(agent.id)),
        role: agent.body.role,
        tenant: TenantId(tenant.id),
    })
}

fn sign(args: &Args, config: &Config, holder: &Holder) -> anyhow::Result<String> {
    let keys = signing_keys(&config.signing_key_file())?;
    let default = Duration::from_secs(config.auth.access_token_ttl_seconds);
    let request = MintRequest {
        issuer: &config.auth.issuer,
        tenant: args.tenant.as_deref(),
        subject: holder.subject.clone(),
        role: holder.role,
        scopes: None,
        client_id: "cli",
        now: Clock::system().now(),
        ttl: args.ttl.unwrap_or(default),
    };
    Ok(mint(&keys, &request)?)
}

/// A role that a token of the command line can have.
fn role(text: &str) -> Result<Role, String> {
    let known = || Role::ALL.iter().filter(|role| **role != Role::Customer);
    let found = known().find(|role| role.as_str() == text).copied();
    found.ok_or_else(|| {
        let names: Vec<&str> = known().map(|role| role.as_str()).collect();
        format!("the roles are {}", names.join(", "))
    })
}

fn life(text: &str) -> Result<Duration, String> {
    let ttl = duration::parse(text)?;
    if ttl.is_zero() || ttl > TTL_MAX {
        return Err("give more than 0s and at most 90d".to_owned());
    }
    Ok(ttl)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_lives_at_most_ninety_days() {
        assert_eq!(life("1h"), Ok(Duration::from_secs(3_600)));
        assert!(life("90d").is_ok());
        assert!(life("91d").is_err());
        assert!(life("0s").is_err());
    }

    #[test]
    fn the_roles_of_a_token_are_those_that_sign_in() {
        assert_eq!(role("device"), Ok(Role::Device));
        assert!(role("customer").unwrap_err().contains("admin, manager, agent"));
    }
}
