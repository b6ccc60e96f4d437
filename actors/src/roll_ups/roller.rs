//! The roller: counts what changed, a step at a time, behind everything else.
//!
//! It looks each second at the tenants that the journal writer named, and at all of them when it starts, because a
//! program that stopped in between left its marks. After each step it rests four times as long as it worked, so that
//! reports take a fifth of one core from the work at most.
//! Invariant: a step counts a bounded number of hours, and whatever it could not count stays marked.

use std::sync::Arc;
use std::time::Duration;

use domain::TenantId;
use persistence::StoreError;
use ractor::{Actor, ActorProcessingErr, ActorRef};
use tokio::time::Instant;

use super::counting::settle;
use crate::world::World;

const LOOK_EVERY: Duration = Duration::from_secs(1);
const REST_TIMES: u32 = 4;
/// Hours of one tenant in one step.
const HOURS_MAX: u32 = 64;

pub(crate) struct Roller;

pub(crate) struct Look;

impl Actor for Roller {
    type Msg = Look;
    type State = Arc<World>;
    type Arguments = Arc<World>;

    async fn pre_start(
        &self,
        myself: ActorRef<Look>,
        world: Arc<World>,
    ) -> Result<Arc<World>, ActorProcessingErr> {
        world.changed.add(world.tenants.iter().map(|tenant| *tenant.key()));
        let _ = myself.cast(Look);
        Ok(world)
    }

    async fn handle(
        &self,
        myself: ActorRef<Look>,
        _: Look,
        world: &mut Arc<World>,
    ) -> Result<(), ActorProcessingErr> {
        let begun = Instant::now();
        for tenant in world.changed.take() {
            if world.is_stopping() {
                return Ok(());
            }
            match step(world, tenant).await {
                Ok(true) => {}
                Ok(false) => world.changed.add([tenant]),
                Err(error) => {
                    world.changed.add([tenant]);
                    tracing::warn!(%tenant, %error, "legs were not counted; they stay marked");
                }
            }
        }
        // Ends with this actor; its handle is not needed.
        drop(myself.send_after(LOOK_EVERY.max(begun.elapsed() * REST_TIMES), || Look));
        Ok(())
    }
}

/// Counts some of what is due; true when nothing is left.
async fn step(world: &World, tenant: TenantId) -> Result<bool, StoreError> {
    let directory = world.tenants.get(&tenant).map(|tenant| tenant.directory());
    let Some(directory) = directory else { return Ok(true) };
    let store = world.store.as_ref();
    let due = store.due_roll_ups(tenant, HOURS_MAX).await?;
    let mut done = u32::try_from(due.len()).unwrap_or(HOURS_MAX) < HOURS_MAX;
    for of_queue in due.chunk_by(|a, b| a.queue == b.queue) {
        done &= settle(store, tenant, &directory, of_queue.to_vec()).await?;
    }
    Ok(done)
}
