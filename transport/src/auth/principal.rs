//! Somebody whose token was checked: their tenant, their role, their scopes, and whom they act as.
//!
//! The token gives all of it; the directory can only take away, at each request.
//! Invariant: a disabled agent, a removed device or a changed role ends the token's power at once.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use actors::{AgentBody, ApiKey, Ask, DeviceBody, Directory, Kept, Tenant, Who};
use domain::{AgentId, DeviceId, QueueId, Role, Scope, Scopes, Secs, SiteId, Timestamp};
use uuid::Uuid;

use crate::problem::{Code, Problem};

/// How long after a sign-in the most delicate things can be done without signing in again.
const STEP_UP: Secs = Secs::minutes(5);

/// Whom a token stands for: `agent:{id}`, `device:{id}`, `account:{id}`, `client:{id}`, `key:{id}` or `role:{role}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    Agent(AgentId),
    Device(DeviceId),
    /// A person of the platform, who is no agent of any tenant.
    Account(Uuid),
    /// A program that signs in with its own secret.
    Client(Arc<str>),
    /// An API key.
    Key(Uuid),
    /// Nobody in particular; minted by the operator.
    Role(Role),
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Agent(id) => write!(f, "agent:{id}"),
            Self::Device(id) => write!(f, "device:{id}"),
            Self::Account(id) => write!(f, "account:{id}"),
            Self::Client(id) => write!(f, "client:{id}"),
            Self::Key(id) => write!(f, "key:{id}"),
            Self::Role(role) => write!(f, "role:{role}"),
        }
    }
}

/// The text names no subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a subject: expected agent:, device:, account:, client:, key: or role:")]
pub struct SubjectError;

impl FromStr for Subject {
    type Err = SubjectError;

    fn from_str(text: &str) -> Result<Self, SubjectError> {
        let (kind, of) = text.split_once(':').ok_or(SubjectError)?;
        match kind {
            "agent" => of.parse().map(Self::Agent).map_err(|_| SubjectError),
            "device" => of.parse().map(Self::Device).map_err(|_| SubjectError),
            "account" => of.parse().map(Self::Account).map_err(|_| SubjectError),
            "client" if !of.is_empty() => Ok(Self::Client(Arc::from(of))),
            "key" => of.parse().map(Self::Key).map_err(|_| SubjectError),
            "role" => of.parse().map(Self::Role).map_err(|_| SubjectError),
            _ => Err(SubjectError),
        }
    }
}

/// What stands behind a token.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Grant {
    /// The sign-in it comes from; tokens of the same one end together. None for tokens of the operator.
    pub session: Option<Uuid>,
    /// When the person last proved who they are.
    pub auth_time: Option<Timestamp>,
    /// Whether it may ask who its holder is.
    pub openid: bool,
    /// Whether that tells the holder's e-mail address.
    pub email: bool,
}

/// What a token says of itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TokenFacts {
    /// As the token has it.
    pub subject: Arc<str>,
    /// The program it was made for.
    pub client_id: Arc<str>,
    pub issued_at: Timestamp,
    pub grant: Grant,
    /// Which of our keys signed it.
    pub key_id: Arc<str>,
}

/// Somebody whose token was checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principal {
    /// Slug of the tenant; none for the platform.
    pub tenant: Option<Arc<str>>,
    /// What the journal will record.
    pub who: Who,
    pub role: Role,
    /// What the token grants and the role allows.
    pub scopes: Scopes,
    pub agent: Option<AgentId>,
    pub device: Option<DeviceId>,
    /// The API key this is.
    pub key: Option<Uuid>,
    /// When the token was issued, in whole seconds.
    pub issued_at: Timestamp,
    /// When the token ends.
    pub expires_at: Timestamp,
    pub token: TokenFacts,
}

impl Principal {
    /// # Errors
    /// 403 `insufficient_scope` when none of `wanted` is held.
    pub(crate) fn holds_any(&self, wanted: &[Scope]) -> Result<(), Problem> {
        if wanted.iter().any(|scope| self.scopes.has(*scope)) {
            return Ok(());
        }
        let names: Vec<&str> = wanted.iter().map(|scope| scope.as_str()).collect();
        let detail = format!("this asks for the scope {}", names.join(" or "));
        Err(Problem::new(Code::InsufficientScope, detail).fact("required_scope", names.join(" ")))
    }

    /// For what a stolen token must not do: the person behind it has signed in within the last minutes.
    ///
    /// Tokens behind which nobody signs in (of the operator, of programs, of keys) pass.
    ///
    /// # Errors
    /// 401 `insufficient_user_authentication` (RFC 9470) when the sign-in is too long ago.
    pub(crate) fn signed_in_just_now(&self, now: Timestamp) -> Result<(), Problem> {
        match self.token.grant.auth_time {
            Some(at) if at.after(STEP_UP) < now => {
                let problem = Problem::of(Code::InsufficientUserAuthentication);
                Err(problem.fact("max_age", STEP_UP.0))
            }
            Some(_) | None => Ok(()),
        }
    }

    /// May act for other agents and on any ticket of the tenant.
    pub(crate) const fn supervises(&self) -> bool {
        self.role.supervises()
    }

    /// A question in this principal's name, without a key.
    pub(crate) fn ask(&self) -> Ask {
        Ask {
            who: self.who.clone(),
            supervises: self.supervises(),
            cause: None,
            key: None,
            expected: None,
        }
    }

    /// The agent this principal is, as configured.
    pub(crate) fn own_agent<'d>(&self, directory: &'d Directory) -> Option<&'d Kept<AgentBody>> {
        self.agent.and_then(|agent| directory.agent(agent))
    }

    /// The site a device is bound to; none for people and for tokens of a bare role.
    pub(crate) fn bound_site(&self, directory: &Directory) -> Option<SiteId> {
        self.device
            .and_then(|device| directory.device(device))
            .map(|device| SiteId(device.body.site_id))
    }

    /// Agents touch only queues they are assigned to; supervisors touch all, devices those of their site.
    pub(crate) fn may_touch(&self, directory: &Directory, queue: QueueId) -> bool {
        match self.role {
            Role::Admin | Role::Manager => true,
            Role::Agent => match self.agent {
                Some(_) => {
                    self.own_agent(directory).is_some_and(|own| own.body.queues.contains(&queue.0))
                }
                None => true,
            },
            Role::Device => self.sees_site_of(directory, queue),
            Role::PlatformAdmin | Role::Customer => false,
        }
    }

    /// False only for a device bound to another site than the queue's.
    pub(crate) fn sees_site_of(&self, directory: &Directory, queue: QueueId) -> bool {
        let Some(bound) = self.bound_site(directory) else { return true };
        directory.queue(queue).is_some_and(|queue| queue.body.site_id == bound.0)
    }

    /// Whether the directory still knows the one this token stands for, in the same role.
    ///
    /// # Errors
    /// 403 when their tenant is suspended or their role is another by now, 401 when they are gone or disabled.
    pub(crate) fn still_stands(&self, directory: &Directory) -> Result<(), Problem> {
        if directory.is_suspended() {
            return Err(Problem::of(Code::TenantSuspended));
        }
        if let Some(agent) = self.agent {
            return agent_stands(self.role, directory.agent(agent));
        }
        match self.device {
            Some(device) => device_stands(directory.device(device)),
            None => Ok(()),
        }
    }
}

/// When a key without an end ends: the last second that RFC 3339 can write.
const LAST_SECOND: i64 = 253_402_300_799;

impl Principal {
    /// Whom a key of the tenant `slug` stands for.
    pub(crate) fn of_key(slug: &str, key: &ApiKey) -> Self {
        let subject: Arc<str> = Arc::from(format!("key:{}", key.id));
        let token = TokenFacts {
            subject: Arc::clone(&subject),
            client_id: Arc::clone(&subject),
            issued_at: key.created_at,
            grant: Grant::default(),
            key_id: Arc::default(),
        };
        Self {
            tenant: Some(Arc::from(slug)),
            who: Who::Subject(subject),
            token,
            role: key.role,
            scopes: key.scopes.and(key.role.scopes()),
            agent: None,
            device: None,
            key: Some(key.id),
            issued_at: key.created_at,
            expires_at: key.expires_at.unwrap_or(Timestamp::from_secs(LAST_SECOND)),
        }
    }
}

/// What may end before a token does, and is no part of the directory.
impl Principal {
    /// # Errors
    /// 401 for a device that was revoked, or paired anew since, and for a key that was revoked.
    pub(crate) fn is_not_revoked(&self, tenant: &Tenant) -> Result<(), Problem> {
        if self.key.is_some_and(|key| !tenant.api_key_stands(key)) {
            return Err(Problem::unauthenticated("the API key was revoked or has expired"));
        }
        match self.device {
            Some(device) if !tenant.device_token_stands(device, self.issued_at) => {
                Err(Problem::unauthenticated("the device of the token was revoked"))
            }
            Some(_) | None => Ok(()),
        }
    }
}

fn agent_stands(role: Role, known: Option<&Kept<AgentBody>>) -> Result<(), Problem> {
    match known {
        Some(agent) if !agent.body.active => {
            Err(Problem::unauthenticated("the holder of the token is disabled"))
        }
        Some(agent) if agent.body.role != role => {
            let detail = "the role of the token's holder has changed; sign in again";
            Err(Problem::new(Code::InsufficientScope, detail))
        }
        Some(_) => Ok(()),
        None => Err(Problem::unauthenticated("the holder of the token is gone")),
    }
}

fn device_stands(known: Option<&Kept<DeviceBody>>) -> Result<(), Problem> {
    known.map(|_| ()).ok_or_else(|| Problem::unauthenticated("the device of the token is gone"))
}
