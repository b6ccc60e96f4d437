//! Tokens for everybody: what the pages of the demo fetch instead of signing in, and what is printed at the start.
//!
//! Real tokens by the real key, but served to whoever asks: that is why the demo is insecure and says so.
//! Invariant: none of them is for another tenant than the demo's.

use std::time::Duration;

use domain::{AgentId, DeviceId, Role, Timestamp};
use serde_json::{Value, json};
use transport::{AuthSettings, MintError, MintRequest, Subject, mint};

use super::TENANT;
use super::agents::SIMULATED;
use super::branch::{Branch, Member};

/// A day at the branch.
const TTL: Duration = Duration::from_secs(12 * 3_600);

/// Tokens of one run of the demo.
pub(crate) struct Session {
    pub(super) kiosk: String,
    pub(super) manager: String,
    display: String,
    /// In the order of the branch's members.
    pub(super) agents: Vec<String>,
}

impl Session {
    /// Signs a token for everybody at `now`.
    ///
    /// # Errors
    /// When the key does not sign.
    pub(crate) fn new(
        auth: &AuthSettings,
        branch: &Branch,
        now: Timestamp,
    ) -> Result<Self, MintError> {
        let sign = |subject, role| {
            let request = MintRequest {
                issuer: &auth.issuer,
                tenant: Some(TENANT),
                subject,
                role,
                scopes: None,
                client_id: "demo",
                now,
                ttl: TTL,
            };
            mint(&auth.keys, &request)
        };
        let agent = |member: &Member| sign(Subject::Agent(AgentId(member.id)), Role::Agent);
        Ok(Self {
            kiosk: sign(Subject::Device(DeviceId(branch.kiosk)), Role::Device)?,
            display: sign(Subject::Device(DeviceId(branch.display)), Role::Device)?,
            manager: sign(Subject::Role(Role::Manager), Role::Manager)?,
            agents: branch.members.iter().map(agent).collect::<Result<_, _>>()?,
        })
    }

    /// What `GET /demo/session` answers.
    pub(crate) fn json(&self, branch: &Branch, speed: f64, seed: u64) -> String {
        let (site_id, site) = (&branch.site.0, &branch.site.1);
        let agents: Vec<Value> = branch.members.iter().zip(&self.agents).map(agent).collect();
        json!({
            "tenant": TENANT,
            "site": { "id": site_id, "slug": site.slug, "name": site.name, "timezone": site.timezone.name(),
                      "languages": site.languages },
            "tokens": { "kiosk": self.kiosk, "display": self.display, "agents": agents, "manager": self.manager },
            "speed": speed,
            "seed": seed,
        })
        .to_string()
    }

    /// Who may sign in, a line each: what they are, and their token.
    pub(crate) fn lines(&self, branch: &Branch, simulated: bool) -> Vec<String> {
        let mut lines = vec![
            format!("manager  {}", self.manager),
            format!("kiosk    {}", self.kiosk),
            format!("display  {}", self.display),
        ];
        for (place, (member, token)) in branch.members.iter().zip(&self.agents).enumerate() {
            let counter = member
                .counter
                .as_ref()
                .map(|(_, name)| format!(", counter {name}"))
                .unwrap_or_default();
            let busy = if simulated && place < SIMULATED { ", simulated" } else { "" };
            lines.push(format!(
                "agent    {} <{}>{counter}{busy}  {token}",
                member.name, member.email
            ));
        }
        lines
    }
}

fn agent((member, token): (&Member, &String)) -> Value {
    let counter = member.counter.as_ref().map(|(_, name)| name);
    json!({ "id": member.id, "name": member.name, "email": member.email, "counter": counter, "token": token })
}
