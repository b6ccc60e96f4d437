//! The people who come: they take a ticket at the kiosk, and some of them lose patience.
//!
//! More come while the lines are short and fewer while they are long, so the hall stays lively at any number of
//! agents. Whoever leaves is seen by the reception, which walks the ticket out.
//! Invariant: a server that does not answer is asked again more and more slowly.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::{Instant, sleep, sleep_until};

use super::chance::Chance;
use super::crowd::Scene;
use super::post::{Answer, Post};

/// Mean seconds between two people at speed 1, with the lines as long as they should be.
const GAP_SECONDS: f64 = 21.0;
/// People waiting in the whole hall.
const WAITING_WANTED: f64 = 12.0;
/// Below this number the hall looks empty, and people come in a crowd.
const WAITING_FEW: f64 = 6.0;
const RUSH: f64 = 6.0;
const FACTOR_MIN: f64 = 0.15;
const FACTOR_MAX: f64 = 2.0;

const WITH_PRIORITY: f64 = 0.2;
const IMPATIENT: f64 = 0.12;
const PATIENCE_SECONDS: f64 = 150.0;
const LANGUAGES: [(&str, f64); 3] = [("fr", 0.75), ("en", 0.1), ("ar", 0.15)];

const RETURN_FIRST: Duration = Duration::from_secs(1);
const RETURN_MAX: Duration = Duration::from_secs(30);

/// Everybody who comes from the street.
pub(super) struct Street {
    pub(super) scene: Arc<Scene>,
    pub(super) post: Post,
    pub(super) chance: Chance,
    /// When somebody's patience ends, and the id of their ticket.
    pub(super) impatient: BTreeSet<(Instant, String)>,
}

impl Street {
    /// Goes on until the program ends.
    pub(super) async fn live(mut self) {
        let mut silence = RETURN_FIRST;
        loop {
            let Some(waiting) = self.waiting().await else {
                sleep(silence).await;
                silence = (silence * 2).min(RETURN_MAX);
                continue;
            };
            silence = RETURN_FIRST;
            let gap = self.chance.exponential(GAP_SECONDS / eagerness(waiting));
            self.see_off_until(Instant::now() + self.scene.tempo.pause(gap)).await;
            self.come().await;
        }
    }

    /// How many people wait in all lines; none when nobody answers.
    async fn waiting(&self) -> Option<f64> {
        match self.post.get(&self.scene.kiosk, "/queues").await {
            Answer::Yes(page) => {
                let queues = page["items"].as_array().map(Vec::as_slice).unwrap_or_default();
                Some(queues.iter().filter_map(|queue| queue["waiting"].as_f64()).sum())
            }
            Answer::No | Answer::Silence => None,
        }
    }

    async fn come(&mut self) {
        let Some(body) = self.wish() else { return };
        let key = self.scene.keys.fresh();
        let Answer::Yes(ticket) =
            self.post.command(&self.scene.kiosk, "/tickets", &body, &key).await
        else {
            return;
        };
        if self.chance.happens(IMPATIENT)
            && let Some(id) = ticket["id"].as_str()
        {
            let patience = self.scene.tempo.pause(self.chance.exponential(PATIENCE_SECONDS));
            self.impatient.insert((Instant::now() + patience, id.to_owned()));
        }
    }

    /// What somebody presses at the kiosk.
    fn wish(&mut self) -> Option<Value> {
        let line = self.chance.pick(&self.scene.lines, |line| line.share)?;
        let language = self
            .chance
            .pick(&LANGUAGES, |(_, share)| *share)
            .map_or("fr", |(language, _)| *language);
        let mut body = json!({ "queue_id": line.id, "channel": "kiosk", "language": language });
        if self.chance.happens(WITH_PRIORITY)
            && let Some(class) = self.chance.pick(&line.classes, |_| 1.0)
        {
            body["class"] = json!(class);
        }
        Some(body)
    }

    /// Until `deadline`, walks out whoever has lost patience. Who was called meanwhile stays.
    async fn see_off_until(&mut self, deadline: Instant) {
        while let Some((due, _)) = self.impatient.first().filter(|(due, _)| *due <= deadline) {
            sleep_until(*due).await;
            let Some((_, ticket)) = self.impatient.pop_first() else { break };
            let (path, key) = (format!("/tickets/{ticket}/walk-out"), self.scene.keys.fresh());
            let _ = self.post.command(&self.scene.manager, &path, &json!({}), &key).await;
        }
        sleep_until(deadline).await;
    }
}

/// How many times more people come than on average.
fn eagerness(waiting: f64) -> f64 {
    if waiting < WAITING_FEW {
        return RUSH;
    }
    (1.0 + (WAITING_WANTED - waiting) / WAITING_WANTED * 2.0).clamp(FACTOR_MIN, FACTOR_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_come_to_a_short_line_and_shun_a_long_one() {
        assert!((eagerness(0.0) - RUSH).abs() < f64::EPSILON);
        assert!((eagerness(WAITING_WANTED) - 1.0).abs() < f64::EPSILON);
        assert!((eagerness(200.0) - FACTOR_MIN).abs() < f64::EPSILON);
        assert!(eagerness(8.0) > eagerness(12.0) && eagerness(12.0) > eagerness(16.0));
    }
}
