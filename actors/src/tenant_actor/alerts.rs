//! Alerts: every queue and device looked at, at most once a second, while anything can turn.
//!
//! An alert is in the store before anybody hears of it. While the store fails nothing turns, and the next look tries
//! again. Invariant: nobody else publishes on the topic `alerts`, and no alert is told twice.

use std::collections::BTreeMap;
use std::time::Duration;

use domain::{
    AlertKind, AlertRules, DeviceId, QueueId, Remedy, Signal, SiteId, Timestamp, Turn, Vitals,
    Watch,
};
use persistence::AlertRow;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{State, TenantMessage};
use crate::alerts::{Matter, Notice};
use crate::resources::{DeviceBody, Directory};
use crate::topic_hub::{EventFrame, Topic};
use crate::views::{AlertFacts, AlertView};

const SOON: Duration = Duration::from_secs(1);

/// What alerts are judged by.
#[derive(Default)]
pub(super) struct Alerts {
    vitals: BTreeMap<QueueId, (SiteId, Vitals)>,
    ticking: bool,
}

/// One matter as it stands.
struct Look {
    matter: Matter,
    site: SiteId,
    name: String,
    signal: Signal,
    /// None for a device.
    vitals: Option<Vitals>,
}

impl State {
    pub(super) fn vitals_of(&mut self, site: SiteId, queue: QueueId, vitals: Vitals) {
        self.alerts.vitals.insert(queue, (site, vitals));
        self.alerts_soon();
    }

    pub(super) fn alerts_soon(&mut self) {
        if !std::mem::replace(&mut self.alerts.ticking, true) {
            drop(self.myself.send_after(SOON, || TenantMessage::AlertsTick));
        }
    }

    pub(super) async fn alerts_tick(&mut self) {
        self.alerts.ticking = false;
        let (now, directory) = (self.tenant.world.clock.now(), self.tenant.directory());
        self.alerts.vitals.retain(|queue, _| directory.queue(*queue).is_some());
        let rules = directory.standing.alerts.rules;
        let looks = self.looks(&directory, &rules, now);
        for look in &looks {
            self.look(look, &rules, now).await;
        }
        self.forget_gone(&directory, now).await;
        let waits = |(_, vitals): &(SiteId, Vitals)| vitals.waiting > 0;
        if self.tenant.alerts.is_turning() || self.alerts.vitals.values().any(waits) {
            self.alerts_soon();
        }
    }

    fn looks(&self, directory: &Directory, rules: &AlertRules, now: Timestamp) -> Vec<Look> {
        let mut looks = Vec::new();
        for (queue, (site, vitals)) in &self.alerts.vitals {
            let vitals = vitals.aged(now);
            for kind in AlertKind::OF_A_QUEUE.iter().copied() {
                let name = directory.queue(*queue).map(|queue| queue.body.name.clone());
                looks.push(Look {
                    matter: (kind, queue.0),
                    site: *site,
                    name: name.unwrap_or_default(),
                    signal: rules.signal(kind, &vitals),
                    vitals: Some(vitals),
                });
            }
        }
        looks.extend(directory.list::<DeviceBody>().filter_map(|device| {
            Some(Look {
                matter: (AlertKind::DeviceOffline, device.id),
                site: SiteId(device.body.site_id),
                name: device.body.name.clone(),
                signal: self.device_signal(DeviceId(device.id))?,
                vitals: None,
            })
        }));
        looks
    }

    /// None for a device that was never heard, or was shut out: nobody misses it.
    fn device_signal(&self, device: DeviceId) -> Option<Signal> {
        let status = self.tenant.devices.status(device);
        if status.online {
            return Some(Signal::Good);
        }
        let missed = status.last_seen_at.is_some() && status.revoked_at.is_none();
        let stands = self.tenant.alerts.watch((AlertKind::DeviceOffline, device.0)) != Watch::Calm;
        match (missed, stands) {
            (true, _) => Some(Signal::Bad),
            (false, true) => Some(Signal::Good),
            (false, false) => None,
        }
    }

    async fn look(&self, look: &Look, rules: &AlertRules, now: Timestamp) {
        let book = &self.tenant.alerts;
        let (next, turn) = book.watch(look.matter).look(look.signal, now, rules);
        match turn {
            None => book.set(look.matter, next),
            Some(Turn::Raise) => self.raise(look, now).await,
            Some(Turn::Clear) => self.clear(look.matter, now).await,
        }
    }

    async fn raise(&self, look: &Look, now: Timestamp) {
        let (kind, subject) = look.matter;
        let remedy = look.vitals.as_ref().map_or(Remedy::CheckDevice, |of| Remedy::of(kind, of));
        let facts = AlertFacts::new(look.name.clone(), look.vitals.as_ref(), remedy);
        let row = AlertRow {
            tenant: self.tenant.id,
            id: self.tenant.world.clock.new_id(),
            kind: kind.as_str().to_owned(),
            subject,
            site: look.site,
            raised_at: now,
            cleared_at: None,
            acknowledged_by: None,
            acknowledged_at: None,
            facts: serde_json::to_string(&facts).unwrap_or_default(),
            delivery: Value::Null.to_string(),
            to_deliver: self.tells(),
        };
        match self.tenant.world.store.raise_alert(row).await {
            Ok(row) => {
                self.tell_people(&row);
                self.publish_alert("alert.raised", &row, now);
                self.tenant.alerts.raise(look.matter, row);
            }
            Err(error) => {
                tracing::warn!(alert.kind = kind.as_str(), %error, "an alert was not kept; trying again");
            }
        }
    }

    async fn clear(&self, matter: Matter, now: Timestamp) {
        let (store, tenant, book) = (&self.tenant.world.store, self.tenant.id, &self.tenant.alerts);
        let Some(standing) = book.standing(matter) else {
            return book.set(matter, Watch::Calm);
        };
        let cleared = store.clear_alert(tenant, standing.id, now, self.tells()).await;
        let row = match cleared {
            Ok(_) => store.alert(tenant, standing.id).await,
            Err(error) => Err(error),
        };
        match row {
            Ok(row) => {
                book.set(matter, Watch::Calm);
                let row = row.unwrap_or(AlertRow { cleared_at: Some(now), ..standing });
                self.tell_people(&row);
                self.publish_alert("alert.cleared", &row, now);
            }
            Err(error) => {
                tracing::warn!(alert.id = %standing.id, %error, "an alert was not cleared; trying again");
            }
        }
    }

    /// What was deleted needs nobody any more.
    async fn forget_gone(&self, directory: &Directory, now: Timestamp) {
        for (kind, subject) in self.tenant.alerts.matters() {
            let exists = match kind {
                AlertKind::DeviceOffline => directory.device(DeviceId(subject)).is_some(),
                AlertKind::Capacity
                | AlertKind::SlaBreach
                | AlertKind::NobodyServing
                | AlertKind::WaitOverTwiceTarget => directory.queue(QueueId(subject)).is_some(),
            };
            if !exists {
                self.clear((kind, subject), now).await;
            }
        }
    }

    fn tells(&self) -> bool {
        self.tenant.directory().standing.alerts.tells()
    }

    fn tell_people(&self, row: &AlertRow) {
        if row.to_deliver {
            let (tenant, alert): (_, Uuid) = (self.tenant.id, row.id);
            self.tenant.world.notices.give(Notice { tenant, alert });
        }
    }

    pub(super) fn alert_seen(&self, row: AlertRow) {
        self.tenant.alerts.replace(&row);
        self.publish_alert("alert.acknowledged", &row, self.tenant.world.clock.now());
    }

    fn publish_alert(&self, name: &'static str, row: &AlertRow, at: Timestamp) {
        let data = serde_json::to_value(AlertView::from(row)).unwrap_or_default();
        self.publish(Topic::Alerts, EventFrame::new(name, at, data));
    }

    pub(super) fn alerts_snapshot(&self) -> Value {
        let rows = self.tenant.alerts.all();
        let alerts: Vec<AlertView> = rows.iter().map(AlertView::from).collect();
        json!({ "alerts": alerts })
    }
}
