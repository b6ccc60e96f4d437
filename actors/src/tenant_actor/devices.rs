//! Devices that come and go, as the topic `devices` hears it, and what is written of them and of used API keys.
//!
//! A tick a second, while any device is online or a use is to be written, finds those who fell silent.
//! Invariant: what is published here is in the order of the device book; nobody else publishes on the topic.

use std::time::Duration;

use domain::{DeviceId, Timestamp};
use persistence::SightingRow;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{State, TenantMessage};
use crate::topic_hub::{EventFrame, Topic};
use crate::views::At;

const TICK: Duration = Duration::from_secs(1);

impl State {
    /// After a restart of this actor devices may be online already.
    pub(super) fn attend_devices(&mut self) {
        if !self.tenant.devices.online().is_empty() || self.tenant.api_keys.has_news() {
            self.tick_soon();
        }
    }

    pub(super) fn device_online(&mut self, device: DeviceId) {
        self.publish_device("device.online", device);
        self.alerts_soon();
        self.tick_soon();
    }

    pub(super) async fn devices_tick(&mut self) {
        self.devices_ticking = false;
        let now = self.tenant.world.clock.now();
        for device in self.tenant.devices.silent(now) {
            self.publish_device("device.offline", device);
            self.alerts_soon();
        }
        let due = self.tenant.devices.due(now);
        if !due.is_empty() {
            self.write(due).await;
        }
        let used = self.tenant.api_keys.due(now);
        if !used.is_empty() {
            self.write_used(used).await;
        }
        self.attend_devices();
    }

    async fn write_used(&mut self, used: Vec<(Uuid, Timestamp)>) {
        let store = &self.tenant.world.store;
        if let Err(error) = store.touch_api_keys(self.tenant.id, used.clone()).await {
            tracing::warn!(%error, "when API keys were last used could not be written");
            self.tenant.api_keys.not_written(&used);
        }
    }

    async fn write(&mut self, rows: Vec<SightingRow>) {
        let store = &self.tenant.world.store;
        if let Err(error) = store.save_device_sightings(self.tenant.id, rows.clone()).await {
            tracing::warn!(%error, "when devices were last heard could not be written");
            self.tenant.devices.not_written(&rows);
        }
    }

    fn tick_soon(&mut self) {
        if !std::mem::replace(&mut self.devices_ticking, true) {
            drop(self.myself.send_after(TICK, || TenantMessage::DevicesTick));
        }
    }

    fn publish_device(&self, name: &'static str, device: DeviceId) {
        let last_seen_at = self.tenant.devices.status(device).last_seen_at.map(At);
        let data = json!({ "device_id": device, "last_seen_at": last_seen_at });
        let frame = EventFrame::new(name, self.tenant.world.clock.now(), data);
        self.publish(Topic::Devices, frame);
    }

    pub(super) fn devices_snapshot(&self) -> Value {
        json!({ "online": self.tenant.devices.online() })
    }
}
