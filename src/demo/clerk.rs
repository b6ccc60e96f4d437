//! A simulated agent: signs in at a counter, waits for somebody to come, calls, serves, and again.
//!
//! It reacts to what the socket pushes and asks for nothing else. A refusal is taken as it is: the visitor may act for
//! the same agent or take the counter, and then the visitor is right.
//! Invariant: when the connection ends it comes back by itself, more slowly each time, and finishes what it had in hand.

use std::time::Duration;

use serde_json::{Value, json};
use uuid::Uuid;

use super::chance::Chance;
use super::crowd::Scene;
use super::socket::{Answer, Gone, Socket};

/// Seconds at speed 1: from the call to the counter, between two people, parked, between two calls of one person.
const WALK_SECONDS: f64 = 6.0;
const BREATH_SECONDS: f64 = 3.0;
const PARKED_SECONDS: f64 = 20.0;
const RECALL_SECONDS: f64 = 8.0;
/// Ratio of standard deviation to mean of the services.
const SERVICE_VARIATION: f64 = 0.6;

const NO_SHOW: f64 = 0.06;
const PARKED: f64 = 0.04;
const TRANSFERRED: f64 = 0.05;

/// How often a command is repeated that came too soon, a second apart.
const TOO_SOON_MAX: usize = 30;
/// Without news from the lines an agent looks again after this time.
const LOOK_AGAIN: Duration = Duration::from_secs(10);
/// After a refusal that only somebody else can undo.
const KEEP_OUT: Duration = Duration::from_secs(15);
const RETURN_FIRST: Duration = Duration::from_secs(1);
const RETURN_MAX: Duration = Duration::from_secs(30);

/// One simulated agent.
pub(super) struct Clerk {
    pub(super) scene: std::sync::Arc<Scene>,
    pub(super) chance: Chance,
    pub(super) agent: Uuid,
    pub(super) counter: Uuid,
    pub(super) queues: Vec<Uuid>,
    pub(super) token: String,
}

impl Clerk {
    /// Lives until the program ends.
    pub(super) async fn live(mut self) {
        let mut pause = RETURN_FIRST;
        loop {
            let keys = std::sync::Arc::clone(&self.scene.keys);
            if let Ok(socket) = Socket::open(self.scene.address, &self.token, keys).await {
                pause = RETURN_FIRST;
                // It ends with the connection, and there is nothing more to say about it.
                let _ = self.work(socket).await;
            }
            tokio::time::sleep(pause.mul_f64(0.5 + self.chance.fraction())).await;
            pause = (pause * 2).min(RETURN_MAX);
        }
    }

    async fn work(&mut self, mut socket: Socket) -> Result<(), Gone> {
        socket.follow(&format!("agent:{}", self.agent)).await?;
        for queue in self.queues.clone() {
            socket.follow(&format!("queue:{queue}")).await?;
        }
        let in_hand = socket.me["ticket"].take();
        if in_hand.is_object() {
            self.serve(&mut socket, &in_hand).await?;
        }
        // Refused with a ticket in hand at another counter; the next call says so.
        let _ = socket.command("sign_in", &json!({ "counter_id": self.counter })).await?;
        loop {
            match socket.command("call_next", &json!({})).await? {
                Ok(ticket) if ticket.is_object() => self.serve(&mut socket, &ticket).await?,
                Ok(_) => socket.until_stirred(LOOK_AGAIN).await?,
                // Somebody else acts for this agent: begin anew with what is in hand by then.
                Err(code) if code == "agent_busy" => {
                    socket.pause(KEEP_OUT).await?;
                    return Err(Gone);
                }
                Err(_) => socket.pause(KEEP_OUT).await?,
            }
        }
    }

    /// One person, from the call to the goodbye. A refusal on the way leaves the ticket to whoever took it.
    async fn serve(&mut self, socket: &mut Socket, ticket: &Value) -> Result<(), Gone> {
        let about = json!({ "ticket_id": ticket["id"] });
        if ticket["state"] == "called" {
            if self.chance.happens(NO_SHOW) {
                return self.wait_in_vain(socket, &about).await;
            }
            self.spend(socket, WALK_SECONDS).await?;
            if socket.command("start", &about).await?.is_err() {
                return Ok(());
            }
        }
        let line = self.scene.lines.iter().find(|line| ticket["queue_id"] == line.id.to_string());
        let mean = line.map_or(60.0, |line| line.service_seconds);
        let service = self.chance.log_normal(mean, SERVICE_VARIATION);
        socket.pause(self.scene.tempo.pause(service)).await?;
        if self.chance.happens(PARKED) && !self.park(socket, &about).await? {
            return Ok(());
        }
        let _ = self.part(socket, ticket, &about).await?;
        self.spend(socket, BREATH_SECONDS).await
    }

    /// Nobody comes: call again, then give up.
    async fn wait_in_vain(&mut self, socket: &mut Socket, about: &Value) -> Result<(), Gone> {
        self.spend(socket, RECALL_SECONDS).await?;
        let _ = self.insist(socket, "recall", about).await?;
        self.spend(socket, RECALL_SECONDS).await?;
        let _ = self.insist(socket, "no_show", about).await?;
        Ok(())
    }

    /// Sends somebody for a document and takes them up again. False if that was refused.
    async fn park(&mut self, socket: &mut Socket, about: &Value) -> Result<bool, Gone> {
        let hold = json!({ "ticket_id": about["ticket_id"], "reason": "cherche un document" });
        if socket.command("hold", &hold).await?.is_err() {
            return Ok(false);
        }
        self.spend(socket, PARKED_SECONDS).await?;
        Ok(socket.command("resume", about).await?.is_ok())
    }

    /// Says goodbye, or sends the person on to advice.
    async fn part(
        &mut self,
        socket: &mut Socket,
        ticket: &Value,
        about: &Value,
    ) -> Result<Answer, Gone> {
        let advice =
            self.scene.lines.last().filter(|line| ticket["queue_id"] != line.id.to_string());
        match advice {
            Some(line) if self.chance.happens(TRANSFERRED) => {
                let args = json!({ "ticket_id": about["ticket_id"], "queue_id": line.id });
                socket.command("transfer", &args).await
            }
            Some(_) | None => socket.command("finish", about).await,
        }
    }

    /// Repeats a command that came before its time.
    async fn insist(&self, socket: &mut Socket, name: &str, about: &Value) -> Result<Answer, Gone> {
        for _ in 0..TOO_SOON_MAX {
            match socket.command(name, about).await? {
                Err(code) if code == "too_soon" => socket.pause(Duration::from_secs(1)).await?,
                answer => return Ok(answer),
            }
        }
        Ok(Err("too_soon".to_owned()))
    }

    async fn spend(&mut self, socket: &mut Socket, mean_seconds: f64) -> Result<(), Gone> {
        let seconds = self.chance.log_normal(mean_seconds, 0.5);
        socket.pause(self.scene.tempo.pause(seconds)).await
    }
}
