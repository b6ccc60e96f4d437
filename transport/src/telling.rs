//! Telling people of alerts: letters to some, a line in the rooms of a chat for others.
//!
//! The tenants' actors hand over which alert it is and go on; here its row is read, the channels are tried, and how that
//! went is kept with the alert. What a program before could not tell, or what did not fit into the line, is found in the
//! store. Invariant: of one alert one thing is told at a time, so "cleared" never comes before "raised".

mod message;
mod post;

use std::collections::HashSet;
use std::future::pending;
use std::time::Duration;

use actors::{AlertSettings, ChatHook, Notice};
use futures_util::StreamExt as _;
use futures_util::future::join_all;
use futures_util::stream::FuturesUnordered;
use persistence::AlertRow;
use serde_json::{Value, json};
use tokio::time::{MissedTickBehavior, interval};
use uuid::Uuid;

use crate::edge::Edge;
use message::Message;

/// Alerts being told at once; each waits for at most ten rooms of a chat.
const AT_ONCE: usize = 16;
/// How often is asked whether the store holds more.
const LOOK_AGAIN: Duration = Duration::from_secs(2);

/// Tells people until it is dropped. Of each engine one at most tells; another would wait for ever.
pub async fn tell_of_alerts(edge: &Edge) {
    let Some(mut notices) = edge.engine().take_notices() else { return pending().await };
    let mut telling = FuturesUnordered::new();
    let (mut in_hand, mut later) = (HashSet::new(), Vec::new());
    let mut look = interval(LOOK_AGAIN);
    look.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let found = tokio::select! {
            Some(told) = telling.next() => {
                in_hand.remove(&told);
                std::mem::take(&mut later)
            }
            Some(notice) = notices.recv(), if telling.len() < AT_ONCE => vec![notice],
            _ = look.tick() => left_over(edge).await,
        };
        for notice in found {
            if telling.len() >= AT_ONCE || in_hand.contains(&notice.alert) {
                put_off(edge, &mut later, notice);
            } else {
                in_hand.insert(notice.alert);
                telling.push(tell(edge, notice));
            }
        }
    }
}

/// What cannot be told now is told when something in hand is done; beyond that, the store remembers.
fn put_off(edge: &Edge, later: &mut Vec<Notice>, notice: Notice) {
    if later.len() < AT_ONCE {
        later.push(notice);
    } else {
        edge.engine().ask_notices_again();
    }
}

/// Alerts that the store says are still to be told, if there may be any.
async fn left_over(edge: &Edge) -> Vec<Notice> {
    let engine = edge.engine();
    if !engine.has_more_notices() {
        return Vec::new();
    }
    let mut found = Vec::new();
    for tenant in engine.tenants_where(|_| true) {
        match tenant.live_alerts().await {
            Ok(rows) => {
                let (tenant, rows) = (tenant.id(), rows.into_iter().filter(|row| row.to_deliver));
                found.extend(rows.map(|row| Notice { tenant, alert: row.id }));
            }
            Err(_) => engine.ask_notices_again(),
        }
    }
    found
}

/// Tells one alert by every channel and keeps how that went; gives back which alert it was.
async fn tell(edge: &Edge, notice: Notice) -> Uuid {
    let Some(tenant) = edge.engine().tenant_of(notice.tenant) else { return notice.alert };
    let Ok(row) = tenant.alert(notice.alert).await else {
        edge.engine().ask_notices_again();
        return notice.alert;
    };
    if row.to_deliver {
        let message = Message::of(&row, &tenant);
        let told = by_all(edge, &tenant.alert_settings(), &message).await;
        if tenant.alert_told(&row, delivery(&row, told)).await.is_err() {
            edge.engine().ask_notices_again();
        }
    }
    notice.alert
}

async fn by_all(edge: &Edge, settings: &AlertSettings, message: &Message) -> Vec<Value> {
    let mut told = Vec::new();
    for (place, to) in settings.emails.iter().enumerate() {
        edge.sign_in().mail(to, &message.title, &message.letter());
        // What becomes of a letter is the mail server's matter.
        told.push(noted(edge, "email", place, "handed_over", 1, None));
    }
    let rooms = settings.chats.iter().enumerate();
    told.extend(join_all(rooms.map(|(place, hook)| write(edge, place, hook, message))).await);
    told
}

async fn write(edge: &Edge, place: usize, hook: &ChatHook, message: &Message) -> Value {
    let (tries, outcome) = post::post(edge, &hook.url, &message.chat(hook.format)).await;
    let (state, error) = match outcome {
        Ok(()) => ("sent", None),
        Err(error) => ("failed", Some(error)),
    };
    if let Some(error) = &error {
        tracing::warn!(
            channel = hook.format.as_str(),
            tries,
            error,
            "an alert was not written to a chat"
        );
    }
    noted(edge, hook.format.as_str(), place, state, tries, error)
}

fn noted(
    edge: &Edge,
    channel: &str,
    place: usize,
    state: &str,
    tries: u32,
    error: Option<String>,
) -> Value {
    let at = edge.engine().clock().now().to_string();
    json!({ "channel": channel, "number": place + 1, "state": state, "tries": tries, "error": error, "at": at })
}

/// The row's delivery with this in it.
fn delivery(row: &AlertRow, told: Vec<Value>) -> String {
    let before: Value = serde_json::from_str(&row.delivery).unwrap_or_default();
    let mut all = before.as_object().cloned().unwrap_or_default();
    all.insert(message::turn(row).to_owned(), Value::Array(told));
    Value::Object(all).to_string()
}
