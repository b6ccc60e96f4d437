//! `smartqueue verify`: recomputes what must add up, and names the first place where it does not.
//!
//! Nothing is owned, locked or changed, so it works beside a running server.
//! Invariant: 0 means that every entry and every checkpoint was looked at and found sound, or that its break was accepted.

use std::collections::BTreeMap;

use actors::{AuditFinding, verify_audit};
use domain::TenantId;
use persistence::open_beside;
use serde_json::{Value, json};

use super::{ConfigArgs, Exit, Usage, complain, options, peek, print, print_json};
use crate::app::{AppError, audit_key_if_there};
use crate::telemetry;

/// Verify the audit log against its hash chain and its checkpoints
///
/// Recomputes the hash of every entry of every tenant under the audit key, and holds the log against
/// every signed checkpoint of data/audit-checkpoints.jsonl. Works beside a running server; give the
/// --config and --data-dir of the server. Prints one line for each log: the tenant, the entries, and
/// `sound` or the number of the first entry that is not as it was written.
///
/// Leaves with 0 when all is sound, with 5 when a log or the checkpoints were changed, and with 2 or 4
/// when nothing could be verified.
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Args {
    #[command(flatten)]
    options: ConfigArgs,

    /// Verify the audit log
    #[arg(long, required = true)]
    audit: bool,

    /// Only the log of this tenant, by its slug
    #[arg(long, value_name = "SLUG")]
    tenant: Option<String>,

    /// Print one JSON object: sound, logs
    #[arg(long)]
    json: bool,
}

pub(crate) async fn run(args: &Args) -> anyhow::Result<Exit> {
    let config = args.options.load()?;
    telemetry::init(&options::quiet(&config.log))?;
    let url = config.database_url();
    let known = peek::slugs(&url).await?;
    let wanted = wanted(args, &known)?;
    let key = audit_key_if_there(&config.audit_key_file())?;
    let opened = open_beside(url.expose(), false).await;
    let mut beside = opened.map_err(|error| AppError::of_database(&url, error))?;
    let (file, all) = (config.audit_checkpoint_file(), args.tenant.is_none());
    let findings = verify_audit(&mut beside, &key, &file, &wanted, all).await?;
    beside.close().await;
    tell(args, &findings, &known)?;
    let sound = findings.values().all(|finding| finding.fault.is_none());
    Ok(if sound { Exit::Done } else { Exit::Tampered })
}

fn wanted(args: &Args, known: &BTreeMap<TenantId, String>) -> Result<Vec<TenantId>, Usage> {
    let Some(slug) = &args.tenant else { return Ok(known.keys().copied().collect()) };
    let found = known.iter().find(|(_, known)| *known == slug);
    match found {
        Some((tenant, _)) => Ok(vec![*tenant]),
        None => Err(Usage(format!("no tenant {slug}"))),
    }
}

fn tell(
    args: &Args,
    findings: &BTreeMap<TenantId, AuditFinding>,
    known: &BTreeMap<TenantId, String>,
) -> anyhow::Result<()> {
    if args.json {
        let logs: Vec<Value> =
            findings.iter().map(|(tenant, found)| as_json(&name(*tenant, known), found)).collect();
        let sound = findings.values().all(|finding| finding.fault.is_none());
        return print_json(&json!({ "sound": sound, "logs": logs }));
    }
    for (tenant, finding) in findings {
        print(&line(&name(*tenant, known), finding))?;
        for pardon in &finding.accepted {
            let (seq, reason) = (pardon.first_bad, &pardon.reason);
            complain(&format_args!("  a break at entry {seq} was accepted: {reason:?}"));
        }
    }
    Ok(())
}

/// The slug; the nil tenant is the platform, and one that is gone is named by its id.
fn name(tenant: TenantId, known: &BTreeMap<TenantId, String>) -> String {
    match known.get(&tenant) {
        Some(slug) => slug.clone(),
        None if tenant.0.is_nil() => "(platform)".to_owned(),
        None => tenant.to_string(),
    }
}

fn line(name: &str, finding: &AuditFinding) -> String {
    let (entries, checkpoints) = (finding.entries, finding.checkpoints);
    match &finding.fault {
        None => format!("{name}: {entries} entries, {checkpoints} checkpoints, sound"),
        Some(fault) => format!("{name}: {fault}; {entries} entries before it are sound"),
    }
}

fn as_json(name: &str, finding: &AuditFinding) -> Value {
    let accepted: Vec<Value> = finding
        .accepted
        .iter()
        .map(|pardon| json!({ "seq": pardon.first_bad, "reason": pardon.reason }))
        .collect();
    json!({
        "tenant": name,
        "entries": finding.entries,
        "checkpoints": finding.checkpoints,
        "first_bad_seq": finding.fault.as_ref().map(|fault| fault.seq),
        "reason": finding.fault.as_ref().map(|fault| fault.reason),
        "accepted": accepted,
    })
}
