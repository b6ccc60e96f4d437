//! Drives a real queue log through the running actors and compares what came out with the log.
//!
//! The log is read whole, its branch is declared, every step is given at its own time by a clock that is set
//! by hand, and at the end the store is opened again and asked what became of each ticket.
//! Invariant: what is reported as kept was read back from the store, never from counters of our own.

mod audit;
mod branch;
mod crew;
mod drive;
mod folded;
mod heard;
mod hurry;
mod log;
mod pace;
mod report;
mod row;
mod script;
mod waits;

use std::sync::Arc;

use actors::{Clock, Engine, Settings, Tenant};
use domain::Timestamp;
use persistence::{Options, Store};

use crate::app::AppError;

use self::audit::Audit;
use self::branch::Branch;
use self::drive::Drive;
use self::pace::Pace;
use self::script::Script;

pub(crate) use self::drive::Remarks;
pub(crate) use self::log::{BadRow, Log, LogError};
pub(crate) use self::pace::Speed;
pub(crate) use self::report::Report;
pub(crate) use self::row::{Ending, Priority, Visit};

/// What to replay, and where.
pub(crate) struct Order {
    pub(crate) log: Log,
    /// Slug of the tenant; made if it is not there.
    pub(crate) tenant: String,
    pub(crate) database_url: String,
    pub(crate) speed: Speed,
}

/// A finished replay.
pub(crate) struct Replayed {
    pub(crate) report: Report,
    pub(crate) remarks: Remarks,
}

/// Why a log was not replayed, beside what the store or the engine may say.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ReplayError {
    #[error("the log holds no row that can be replayed")]
    Empty,
    #[error(
        "queue {queue:?} of tenant {tenant} already has tickets from {from} on; replay into another tenant"
    )]
    TimeTaken { tenant: String, queue: String, from: Timestamp },
    #[error("the outcome of a command is unknown: the database did not say whether it was kept")]
    OutcomeUnknown,
}

/// Replays on a thread of its own: [`Drive`] relies on there being no other in its runtime.
///
/// # Errors
/// [`ReplayError`], a store that does not open, an engine that does not start.
pub(crate) async fn replay(order: Order) -> anyhow::Result<Replayed> {
    tokio::task::spawn_blocking(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(run(order))
    })
    .await?
}

async fn run(order: Order) -> anyhow::Result<Replayed> {
    let first = order.log.first_arrival().ok_or(ReplayError::Empty)?;
    let script = Script::of(&order.log);
    let clock = Clock::manual(first);
    let engine = start(&order.database_url, clock.clone()).await?;
    let outcome = drive(&engine, &order, &script, first).await;
    engine.stop(DRAIN).await;
    let (branch, driven) = outcome?;
    let audit = check(&order, &clock, &branch, &driven, first).await?;
    let report = Report::new(&order.log, driven.told.len(), &audit);
    Ok(Replayed { report, remarks: driven.remarks })
}

/// How long the actors may take to end; they have nothing left to do then.
const DRAIN: std::time::Duration = std::time::Duration::from_secs(30);

async fn start(url: &str, clock: Clock) -> anyhow::Result<Engine> {
    let store: Arc<dyn Store> = persistence::open(url, &Options::default()).await?;
    match Engine::start(Arc::clone(&store), Settings::default(), clock).await {
        Ok(engine) => Ok(engine),
        Err(error) => {
            store.close().await;
            Err(AppError::from(error).into())
        }
    }
}

async fn drive(
    engine: &Engine,
    order: &Order,
    script: &Script,
    first: Timestamp,
) -> anyhow::Result<(Branch, drive::Driven)> {
    let tenant = tenant_of(engine, &order.tenant).await?;
    let branch = Branch::declare(&tenant, &order.log).await?;
    audit::must_be_new(engine.store().as_ref(), &tenant, &branch, first).await?;
    let pace = Pace::new(order.speed, first, script.steps.len());
    let driven = Drive::new(engine, &tenant, &branch, &order.log).run(script, pace).await?;
    Ok((branch, driven))
}

async fn tenant_of(engine: &Engine, slug: &str) -> anyhow::Result<Tenant> {
    match engine.tenant(slug) {
        Some(tenant) => Ok(tenant),
        None => Ok(engine.create_tenant(slug, slug).await?),
    }
}

/// Starts once more on what was kept, so that nothing in memory can vouch for it.
async fn check(
    order: &Order,
    clock: &Clock,
    branch: &Branch,
    driven: &drive::Driven,
    first: Timestamp,
) -> anyhow::Result<Audit> {
    let engine = start(&order.database_url, Clock::manual(clock.now())).await?;
    let tenant = tenant_of(&engine, &order.tenant).await?;
    let audit = Audit::make(&engine, &tenant, branch, driven, first).await;
    engine.stop(DRAIN).await;
    audit
}
