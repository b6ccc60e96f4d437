//! The tenant actor: the one writer of a tenant's configuration, and the publisher of its site-wide topics.
//!
//! Queues tell it what is being called and how they stand; it keeps a board per site and merges figures.
//! Invariant: it is the only publisher of `site:*`, `stats:site:*`, `stats:tenant`, `devices` and `alerts`, so their
//! snapshots and frames fit.

mod alerts;
mod board;
mod configure;
mod devices;
mod figures;

use std::collections::BTreeMap;
use std::sync::Arc;

use domain::{DeviceId, QueueId, SiteId, TicketId, Vitals};
use persistence::{AlertRow, KeyRow, ResourceWrite};
use ractor::{Actor, ActorProcessingErr, ActorRef};
use serde_json::Value;
use tokio::sync::oneshot;

use crate::ask::{AskError, give};
use crate::counts::ActorKind;
use crate::figures::Figures;
use crate::resources::Directory;
use crate::topic_hub::{Attach, EventFrame, Position, Snapshot, Subscriber, Topic};
use crate::views::{CallView, StatsView};
use crate::world::TenantWorld;

pub(crate) use board::BoardChange;

/// A change of the configuration, already checked.
pub(crate) struct Change {
    /// Judges against the directory as it is when the change's turn comes, and says what to write.
    pub(crate) plan: Plan,
    pub(crate) key: Option<KeyRow>,
}

/// What makes a change out of the directory before it.
pub(crate) type Plan = Box<dyn FnOnce(&Directory) -> Result<Planned, AskError> + Send>;

/// What a change writes, and the directory after it.
pub(crate) struct Planned {
    pub(crate) writes: Vec<ResourceWrite>,
    pub(crate) next: Directory,
}

pub(crate) enum TenantMessage {
    Change {
        change: Change,
        reply_to: oneshot::Sender<Result<(), AskError>>,
    },
    Board(Box<BoardChange>),
    Figures {
        site: SiteId,
        queue: QueueId,
        figures: Box<Figures>,
        vitals: Box<Vitals>,
    },
    /// The figures of one site, or of all queues.
    Stats {
        site: Option<SiteId>,
        reply_to: oneshot::Sender<StatsView>,
    },
    /// The latest figures of each queue.
    EachQueue {
        reply_to: oneshot::Sender<Vec<(QueueId, Figures)>>,
    },
    /// It gave its first sign of life after a silence.
    DeviceOnline {
        device: DeviceId,
    },
    Subscribe {
        topic: Topic,
        subscriber: Subscriber,
        since: Option<Position>,
        reply_to: oneshot::Sender<Result<(), AskError>>,
    },
    /// A key was used, and nobody is about to write that.
    KeyUsed,
    FiguresTick,
    DevicesTick,
    AlertsTick,
    /// Somebody has seen an alert.
    AlertSeen(Box<AlertRow>),
    #[cfg(feature = "faults")]
    Die,
}

impl TenantMessage {
    /// From the actor's own timers.
    const fn is_own(&self) -> bool {
        matches!(self, Self::FiguresTick | Self::DevicesTick | Self::AlertsTick)
    }
}

pub(crate) struct TenantActor;

pub(crate) struct State {
    tenant: Arc<TenantWorld>,
    myself: ActorRef<TenantMessage>,
    boards: BTreeMap<SiteId, board::Board>,
    figures: figures::Latest,
    devices_ticking: bool,
    alerts: alerts::Alerts,
}

impl Actor for TenantActor {
    type Msg = TenantMessage;
    type State = State;
    type Arguments = Arc<TenantWorld>;

    async fn pre_start(
        &self,
        myself: ActorRef<TenantMessage>,
        tenant: Arc<TenantWorld>,
    ) -> Result<State, ActorProcessingErr> {
        let (boards, figures) = (BTreeMap::new(), figures::Latest::default());
        let alerts = alerts::Alerts::default();
        let mut state = State { tenant, myself, boards, figures, devices_ticking: false, alerts };
        state.attend_devices();
        state.alerts_soon();
        Ok(state)
    }

    async fn handle(
        &self,
        _: ActorRef<TenantMessage>,
        message: TenantMessage,
        state: &mut State,
    ) -> Result<(), ActorProcessingErr> {
        state.tenant.world.counts.handled(ActorKind::Tenant, message.is_own());
        match message {
            TenantMessage::Change { change, reply_to } => {
                // Who asked may have gone; the change is made all the same.
                let _ = reply_to.send(state.change(change).await);
            }
            TenantMessage::Board(change) => state.board(*change),
            TenantMessage::Figures { site, queue, figures, vitals } => {
                state.figures_of(site, queue, *figures);
                state.vitals_of(site, queue, *vitals);
            }
            TenantMessage::FiguresTick => state.figures_tick(),
            TenantMessage::Stats { site, reply_to } => give(reply_to, state.figures.of(site).view),
            TenantMessage::EachQueue { reply_to } => give(reply_to, state.figures.of_each()),
            TenantMessage::AlertsTick => state.alerts_tick().await,
            TenantMessage::AlertSeen(alert) => state.alert_seen(*alert),
            #[cfg(feature = "faults")]
            TenantMessage::Die => panic!("told to die by a test"),
            TenantMessage::DeviceOnline { device } => state.device_online(device),
            TenantMessage::KeyUsed => state.attend_devices(),
            TenantMessage::DevicesTick => state.devices_tick().await,
            TenantMessage::Subscribe { topic, subscriber, since, reply_to } => {
                give(reply_to, state.subscribe(topic, &subscriber, since));
            }
        }
        Ok(())
    }
}

impl State {
    fn publish(&self, topic: Topic, frame: EventFrame) {
        self.tenant.world.hub.publish(self.tenant.id, topic, frame);
    }

    fn subscribe(
        &mut self,
        topic: Topic,
        subscriber: &Subscriber,
        since: Option<Position>,
    ) -> Result<(), AskError> {
        let snapshot = self.snapshot_of(topic).ok_or(AskError::NotFound)?;
        self.figures.tell_anew(topic);
        let hub = &self.tenant.world.hub;
        match hub.attach(self.tenant.id, topic, subscriber, since) {
            Attach::Recovered(_) | Attach::Closed => {}
            Attach::NeedsSnapshot { reset } => {
                // A subscriber that left meanwhile is simply not attached.
                let snapshot = Snapshot { reset, ..snapshot };
                let _ = hub.attach_with_snapshot(self.tenant.id, topic, subscriber, snapshot);
            }
        }
        Ok(())
    }

    fn snapshot_of(&self, topic: Topic) -> Option<Snapshot> {
        let at = self.tenant.world.clock.now();
        let plain = |data: Value| Snapshot { at, reset: false, data, histograms: None };
        match topic {
            Topic::Site(site) => self.board_of(site).map(plain),
            Topic::StatsSite(site) => {
                self.tenant.directory().site(site)?;
                Some(self.figures.of(Some(site)).snapshot(at))
            }
            Topic::StatsTenant => Some(self.figures.of(None).snapshot(at)),
            Topic::Devices => Some(plain(self.devices_snapshot())),
            Topic::Alerts => Some(plain(self.alerts_snapshot())),
            Topic::Queue(_) | Topic::Agent(_) | Topic::Ticket(_) | Topic::StatsQueue(_) => None,
        }
    }
}

/// The calls of one ticket, as boards keep them.
type Calls = BTreeMap<TicketId, (QueueId, CallView)>;
