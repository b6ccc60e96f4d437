//! The handle of one tenant: plain calls behind which the actors stand.
//!
//! A handle resolves an actor through the registry at each call, so it outlives any restart.
//! Invariant: nothing here reaches another tenant; every id is looked up inside this one.

mod agents;
mod alerts;
mod api_keys;
mod configuration;
mod devices;
mod feedback;
mod figures;
mod keys;
mod privacy;
mod queues;
mod rows;
mod sockets;
mod tickets;

use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

use domain::{
    Channel, ClassKey, CounterId, CustomerId, Placement, QueueId, SkillSet, TenantId, Timestamp,
    Waiting,
};
use tokio::sync::{Mutex, oneshot};
use tokio::time::timeout;

use crate::admission::Permit;
use crate::ask::AskError;
use crate::counts::ActorKind;
use crate::queue_actor::QueueMessage;
use crate::resources::Directory;
use crate::world::TenantWorld;

pub use api_keys::NewApiKey;
pub use feedback::Opinion;
pub use keys::{Claim, KeyGuard};
pub use privacy::Sought;

/// A person who joins a queue.
#[derive(Debug, Clone)]
pub struct Join {
    pub queue: QueueId,
    pub channel: Channel,
    pub class: Option<ClassKey>,
    /// The person or a device chose the class.
    pub self_service: bool,
    pub customer: Option<CustomerId>,
    /// Kept apart from the journal; finds or makes the customer.
    pub name: Option<String>,
    pub phone: Option<String>,
    pub email: Option<String>,
    pub language: Option<String>,
    pub skills: SkillSet,
    pub slot: Option<Timestamp>,
    pub remote: bool,
    pub tags: Vec<String>,
}

/// What is asked of one ticket.
#[derive(Debug, Clone)]
pub enum TicketOrder {
    CheckIn,
    Recall,
    Start,
    Hold {
        why: String,
        pool: bool,
    },
    Resume,
    Finish {
        outcomes: Vec<String>,
    },
    NoShow,
    Requeue,
    /// The person waiting lets that many of those behind them go first.
    Delay {
        people: u32,
    },
    Transfer {
        to: QueueId,
        placement: Option<Placement>,
    },
    Cancel,
    Remove {
        why: String,
    },
    WalkOut,
    Reinstate,
    Tag {
        tags: Vec<String>,
    },
    /// The text is kept in the ticket's private row.
    Note {
        text: String,
    },
    SetPriority {
        class: ClassKey,
    },
    /// Call this one, whatever the order says.
    Call {
        why: Option<String>,
    },
}

/// What is asked of one agent.
#[derive(Debug, Clone)]
pub enum AgentDuty {
    SignIn { counter: Option<CounterId> },
    SignOut,
    Available,
    Break { reason: String },
    TakeCounter { counter: CounterId },
}

/// What is asked of one queue.
#[derive(Debug, Clone, Copy)]
pub enum QueueChange {
    Open,
    Pause,
    Close { waiting: Waiting },
}

/// One tenant of the running program. Cheap to clone.
#[derive(Clone)]
pub struct Tenant {
    pub(crate) world: Arc<TenantWorld>,
}

impl Tenant {
    pub(crate) const fn new(world: Arc<TenantWorld>) -> Self {
        Self { world }
    }

    pub fn id(&self) -> TenantId {
        self.world.id
    }

    pub fn slug(&self) -> &str {
        &self.world.slug
    }

    /// Everything configured, as of now.
    pub fn directory(&self) -> Arc<Directory> {
        self.world.directory()
    }

    fn awake(&self) -> Result<(), AskError> {
        if self.world.world.is_stopping() { Err(AskError::Stopping) } else { Ok(()) }
    }

    /// A permit of the tenant and one of the queue.
    fn permits(&self, queue: QueueId) -> Result<Vec<Permit>, AskError> {
        self.awake()?;
        let settings = &self.world.world.settings;
        let used: Arc<AtomicUsize> = {
            let slot = self.world.queues.get(&queue).ok_or(AskError::NotFound)?;
            if slot.set_aside {
                return Err(AskError::QueueQuarantined);
            }
            Arc::clone(&slot.in_flight)
        };
        let of_tenant = Permit::take(&self.world.in_flight, settings.in_flight_per_tenant_max)?;
        let of_queue = Permit::take(&used, settings.in_flight_per_queue_max)?;
        Ok(vec![of_tenant, of_queue])
    }

    /// Sends a message with a reply port to a queue, and waits.
    async fn ask_queue<T>(
        &self,
        queue: QueueId,
        message: impl FnOnce(oneshot::Sender<T>) -> QueueMessage,
    ) -> Result<T, AskError> {
        let (reply_to, answer) = oneshot::channel();
        {
            let slot = self.world.queues.get(&queue).ok_or(AskError::NotFound)?;
            match &slot.actor {
                _ if slot.set_aside => return Err(AskError::QueueQuarantined),
                Some(actor) => {
                    self.world.world.counts.sent(ActorKind::Queue);
                    drop(actor.cast(message(reply_to)));
                }
                None => return Err(AskError::Busy { retry_after_secs: 1, own_limit: false }),
            }
        }
        self.wait(answer).await
    }

    /// An actor that died, or does not answer in time, leaves the outcome unknown.
    async fn wait<T>(&self, answer: oneshot::Receiver<T>) -> Result<T, AskError> {
        match timeout(self.world.world.settings.answer_timeout, answer).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(_)) | Err(_) => Err(AskError::OutcomeUnknown),
        }
    }

    /// Notes are read, extended and written back one at a time.
    fn notes(&self) -> &Mutex<()> {
        &self.world.notes
    }
}
