//! `smartqueue rebuild`: counts from the beginning what the program counts as it goes, or compares the two.
//!
//! The database is owned meanwhile, so no server may be running on it.
//! Invariant: with --check nothing is changed, and any difference makes the exit code 1.

use actors::{Rebuilding, Rebuilt, rebuild_roll_ups};
use domain::TenantId;
use persistence::{Store, TenantRow};
use serde_json::{Value, json};

use super::{ConfigArgs, Exit, Usage, complain, options, peek, print, print_json};
use crate::app::open_store;
use crate::progress::bar;
use crate::telemetry;

/// Count again what is kept counted
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// Count every leg into the roll-ups that reports read
    ///
    /// Needed only where a site's time zone was changed, or when --check finds a difference. With --check
    /// the roll-ups are compared with what the legs say, every difference is printed, and the exit code is 1
    /// if there is any; days with legs that the server had no time to count yet are left out. Stop the
    /// server first.
    #[command(verbatim_doc_comment, name = "roll-ups")]
    RollUps(RollUps),
}

#[derive(Debug, clap::Args)]
struct RollUps {
    #[command(flatten)]
    options: ConfigArgs,

    /// Only compare, and change nothing
    #[arg(long)]
    check: bool,

    /// Only this tenant, by its slug
    #[arg(long, value_name = "SLUG")]
    tenant: Option<String>,

    /// Print one JSON object: sound, tenants
    #[arg(long)]
    json: bool,
}

pub(crate) async fn run(args: &Args) -> anyhow::Result<Exit> {
    let What::RollUps(args) = &args.what;
    let config = args.options.load()?;
    telemetry::init(&options::quiet(&config.log))?;
    let store = open_store(&config).await?;
    let done = all(store.as_ref(), args).await;
    store.close().await;
    let done = done?;
    let sound = done.iter().all(|(_, rebuilt)| rebuilt.differing == 0);
    tell(args, &done, sound)?;
    Ok(if sound { Exit::Done } else { Exit::Failed })
}

async fn all(store: &dyn Store, args: &RollUps) -> anyhow::Result<Vec<(String, Rebuilt)>> {
    let tenants = store.tenants().await?;
    let wanted = |row: &TenantRow| args.tenant.as_ref().is_none_or(|slug| row.slug == *slug);
    let tenants: Vec<(TenantId, String)> =
        tenants.into_iter().filter(wanted).map(|row| (row.tenant, row.slug)).collect();
    if let (Some(slug), true) = (&args.tenant, tenants.is_empty()) {
        return Err(Usage(format!("no tenant {slug}")).into());
    }
    let doing = if args.check { Rebuilding::Compare } else { Rebuilding::Keep };
    let mut done = Vec::new();
    for (tenant, slug) in tenants {
        let directory = peek::directory(&store.load_resources(tenant).await?)?;
        let bar = bar(0).with_message(slug.clone());
        let step = |done, of| {
            bar.set_length(u64::try_from(of).unwrap_or_default());
            bar.set_position(u64::try_from(done).unwrap_or_default());
        };
        let rebuilt = rebuild_roll_ups(store, tenant, &directory, doing, step).await?;
        bar.finish_and_clear();
        done.push((slug, rebuilt));
    }
    Ok(done)
}

fn tell(args: &RollUps, done: &[(String, Rebuilt)], sound: bool) -> anyhow::Result<()> {
    if args.json {
        let tenants: Vec<Value> =
            done.iter().map(|(slug, rebuilt)| as_json(slug, rebuilt)).collect();
        return print_json(&json!({ "sound": sound, "tenants": tenants }));
    }
    let verb = if args.check { "compared" } else { "counted" };
    for (slug, rebuilt) in done {
        print(&format_args!(
            "{slug}: {} legs of {} queues {verb}, {} rows, {} differences",
            rebuilt.legs, rebuilt.queues, rebuilt.rows, rebuilt.differing
        ))?;
        for found in &rebuilt.differences {
            let (queue, day, part) = (found.queue, found.day, found.part.as_str());
            print(&format_args!("  {queue} {day} {part} {}: {}", found.item, found.what))?;
        }
        if rebuilt.due > 0 {
            complain(&format_args!("  {} hours are still to be counted by serve", rebuilt.due));
        }
    }
    Ok(())
}

fn as_json(slug: &str, rebuilt: &Rebuilt) -> Value {
    let differences: Vec<Value> = rebuilt
        .differences
        .iter()
        .map(|found| {
            json!({ "queue_id": found.queue, "date": found.day, "part": found.part.as_str(),
                "item": found.item, "what": found.what })
        })
        .collect();
    json!({
        "tenant": slug,
        "queues": rebuilt.queues,
        "days": rebuilt.days,
        "legs": rebuilt.legs,
        "rows": rebuilt.rows,
        "hours_due": rebuilt.due,
        "differing": rebuilt.differing,
        "differences": differences,
    })
}
