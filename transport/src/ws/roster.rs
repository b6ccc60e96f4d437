//! Who is connected: the signed-in sockets and event streams of each tenant, and the strangers at the door.
//!
//! A sweep twice a second looks at the tenants whose directory has changed, and ends the sockets of agents and
//! devices who lost their place. It also says when a device's first socket comes and its last one goes.
//! Invariant: a seat leaves the roster when it is dropped, however its session ended.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Weak};

use actors::{Directory, SessionOutbox, Subscriber, SubscriberId, Tenant};
use dashmap::DashMap;
use domain::{DeviceId, TenantId};
use outbox::Reason;
use tokio::time::sleep;

use super::limits::{ROSTER_SWEEP, STRANGERS_MAX, sockets_per_tenant_max};
use crate::auth::Principal;
use crate::edge::{Caller, ClientAddress, Edge};
use crate::metrics::OpenSocket;
use crate::problem::{Code, Problem};

struct Present {
    principal: Arc<Principal>,
    outbox: SessionOutbox,
}

struct Members {
    tenant: Tenant,
    /// The directory that everybody here was last judged by.
    judged_by: Arc<Directory>,
    /// How many revocations were known then.
    revocations: u64,
    present: HashMap<SubscriberId, Present>,
    devices: HashMap<DeviceId, u32>,
}

/// Everybody connected to this program.
#[derive(Default)]
pub(crate) struct Roster {
    tenants: DashMap<TenantId, Members>,
    strangers: AtomicUsize,
    /// Those at the door by where they came from.
    doorsteps: DashMap<ClientAddress, usize>,
    is_swept: AtomicBool,
}

/// The place of a connection that has not said who it is. Dropping it leaves.
pub(crate) struct Stranger {
    roster: Arc<Roster>,
    from: ClientAddress,
}

/// The place of a signed-in connection. Dropping it leaves.
pub(crate) struct Seat {
    roster: Arc<Roster>,
    tenant: Tenant,
    id: SubscriberId,
    device: Option<DeviceId>,
    _open: OpenSocket,
}

impl Roster {
    /// Lets an unknown connection wait at the door.
    ///
    /// # Errors
    /// 429 when too many wait there, or `max_each` of the same address.
    pub(crate) fn stranger(
        self: &Arc<Self>,
        from: ClientAddress,
        max_each: usize,
    ) -> Result<Stranger, Problem> {
        let from = from.household();
        let place = Stranger { roster: Arc::clone(self), from };
        let all = self.strangers.fetch_add(1, Ordering::Relaxed);
        let here = {
            let mut count = self.doorsteps.entry(from).or_default();
            *count += 1;
            *count
        };
        if all < STRANGERS_MAX && here <= max_each { Ok(place) } else { Err(too_many()) }
    }

    /// Whether `tenant` may open one more connection; asked before the upgrade.
    ///
    /// # Errors
    /// 429 when it holds as many as one tenant may.
    pub(crate) fn has_room(&self, tenant: TenantId, connections_max: usize) -> Result<(), Problem> {
        let held = self.tenants.get(&tenant).map_or(0, |members| members.present.len());
        if held < sockets_per_tenant_max(connections_max) { Ok(()) } else { Err(too_many()) }
    }

    /// Seats a signed-in connection. If their place is lost already, the next sweep finds it.
    pub(crate) fn join(
        self: &Arc<Self>,
        edge: &Edge,
        caller: &Caller,
        subscriber: &Subscriber,
    ) -> Seat {
        self.begin_sweeping(edge);
        let (tenant, device) = (caller.tenant.clone(), caller.principal.device);
        let present =
            Present { principal: Arc::clone(&caller.principal), outbox: subscriber.outbox.clone() };
        let is_first = self.admit(&tenant, subscriber.id, present);
        if let Some(device) = device.filter(|_| is_first) {
            tenant.device_connected(device, true);
        }
        let open = edge.metrics().sockets.open(subscriber.wire);
        Seat { roster: Arc::clone(self), tenant, id: subscriber.id, device, _open: open }
    }

    /// True when this is the first connection of a device.
    fn admit(&self, tenant: &Tenant, id: SubscriberId, present: Present) -> bool {
        let device = present.principal.device;
        let mut members = self.tenants.entry(tenant.id()).or_insert_with(|| Members::of(tenant));
        members.present.insert(id, present);
        // Judged anew with everybody else: the directory may have changed since this one was let in.
        members.judged_by = Arc::default();
        device.is_some_and(|device| {
            let count = members.devices.entry(device).or_default();
            *count += 1;
            *count == 1
        })
    }

    /// True when this was the last connection of `device`.
    fn leave(&self, tenant: TenantId, id: SubscriberId, device: Option<DeviceId>) -> bool {
        let Some(mut members) = self.tenants.get_mut(&tenant) else { return false };
        members.present.remove(&id);
        let was_last = device.is_some_and(|device| members.device_leaves(device));
        drop(members);
        self.tenants.remove_if(&tenant, |_, members| members.present.is_empty());
        was_last
    }

    fn begin_sweeping(self: &Arc<Self>, edge: &Edge) {
        if !self.is_swept.swap(true, Ordering::Relaxed) {
            let stopping = edge.stopping().clone();
            let sweeps = sweep_while_it_lives(Arc::downgrade(self));
            edge.tracker().spawn(async move { stopping.run_until_cancelled(sweeps).await });
        }
    }

    fn sweep(&self) {
        self.tenants.iter_mut().for_each(|mut members| members.judge());
    }
}

async fn sweep_while_it_lives(roster: Weak<Roster>) {
    loop {
        sleep(ROSTER_SWEEP).await;
        match roster.upgrade() {
            Some(roster) => roster.sweep(),
            None => return,
        }
    }
}

impl Members {
    fn of(tenant: &Tenant) -> Self {
        Self {
            tenant: tenant.clone(),
            judged_by: Arc::default(),
            revocations: 0,
            present: HashMap::new(),
            devices: HashMap::new(),
        }
    }

    /// Ends whoever has no place under the directory as it is now. Costs one comparison when it has not changed.
    fn judge(&mut self) {
        let (directory, revocations) = (self.tenant.directory(), self.tenant.revocations());
        if Arc::ptr_eq(&directory, &self.judged_by) && revocations == self.revocations {
            return;
        }
        for present in self.present.values() {
            let principal = &present.principal;
            let stands = principal.still_stands(&directory);
            if let Err(problem) = stands.and_then(|()| principal.is_not_revoked(&self.tenant)) {
                present.outbox.close(reason_of(&problem));
            }
        }
        (self.judged_by, self.revocations) = (directory, revocations);
    }

    fn device_leaves(&mut self, device: DeviceId) -> bool {
        let Entry::Occupied(mut count) = self.devices.entry(device) else { return false };
        *count.get_mut() -= 1;
        let was_last = *count.get() == 0;
        if was_last {
            count.remove();
        }
        was_last
    }
}

/// 401 ends a socket as unauthenticated, anything else as forbidden.
pub(crate) fn reason_of(problem: &Problem) -> Reason {
    if problem.code() == Code::InvalidToken.as_str() {
        Reason::Unauthenticated
    } else {
        Reason::Forbidden
    }
}

fn too_many() -> Problem {
    Problem::new(Code::TooManyRequests, "too many sockets are open; close some, or try again")
        .retry_after(5)
}

impl Seat {
    /// The connection has a new token of the same principal.
    pub(crate) fn renew(&self, principal: &Arc<Principal>) {
        if let Some(mut members) = self.roster.tenants.get_mut(&self.tenant.id())
            && let Some(present) = members.present.get_mut(&self.id)
        {
            present.principal = Arc::clone(principal);
        }
    }
}

impl Seat {
    /// Something came from the connection.
    pub(crate) fn heard(&self) {
        if let Some(device) = self.device {
            self.tenant.device_heard(device);
        }
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let was_last = self.roster.leave(self.tenant.id(), self.id, self.device);
        if let Some(device) = self.device.filter(|_| was_last) {
            self.tenant.device_connected(device, false);
        }
    }
}

impl Drop for Stranger {
    fn drop(&mut self) {
        self.roster.strangers.fetch_sub(1, Ordering::Relaxed);
        self.roster.doorsteps.remove_if_mut(&self.from, |_, count| {
            *count = count.saturating_sub(1);
            *count == 0
        });
    }
}
