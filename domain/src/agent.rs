//! An agent: who serves, where, and whether they can be given a ticket.
//!
//! What is wanted (a break) and what is (busy) are kept apart, as in call centres.
//! Invariants: `busy` is never set by hand, it follows from a ticket in hand; at most one ticket is in hand.

use serde::{Deserialize, Serialize};

use crate::id::{CounterId, QueueId, TicketId};
use crate::queue::Refusal;
use crate::skill::SkillSet;
use crate::time::{Secs, Timestamp};

/// How tickets reach an agent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Dispatch {
    /// The agent asks for the next.
    #[default]
    Pull,
    /// The next ticket is offered to the longest-idle eligible agent.
    Push,
}

/// What an administrator sets for one agent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AgentProfile {
    pub queues: Vec<QueueId>,
    pub skills: SkillSet,
    pub dispatch: Dispatch,
    /// The counter taken at sign-in when none is named.
    pub counter: Option<CounterId>,
    /// Time to write things down after each ticket.
    pub wrap_up: Secs,
    /// How long an offer stands.
    pub offer_timeout: Secs,
    /// Missed offers in a row that send the agent on break.
    pub offers_missed_max: u8,
    /// An offer is a call.
    pub auto_accept: bool,
}

impl Default for AgentProfile {
    fn default() -> Self {
        Self {
            queues: Vec::new(),
            skills: SkillSet::default(),
            dispatch: Dispatch::Pull,
            counter: None,
            wrap_up: Secs(0),
            offer_timeout: Secs(20),
            offers_missed_max: 2,
            auto_accept: false,
        }
    }
}

/// Whether an agent can be given a ticket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "presence", rename_all = "snake_case")]
pub enum Presence {
    Offline,
    Available { since: Timestamp },
    Busy,
    WrapUp { until: Timestamp },
    OnBreak { reason: String },
}

impl Presence {
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Offline => "offline",
            Self::Available { .. } => "available",
            Self::Busy => "busy",
            Self::WrapUp { .. } => "wrap_up",
            Self::OnBreak { .. } => "on_break",
        }
    }
}

/// The ticket an agent has called or serves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InHand {
    pub queue: QueueId,
    pub ticket: TicketId,
    /// For people: `A042`.
    pub number: String,
}

/// One agent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agent {
    kept: AgentMemento,
}

/// An agent as plain data: what a snapshot keeps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgentMemento {
    pub profile: AgentProfile,
    pub presence: Presence,
    pub counter: Option<CounterId>,
    pub in_hand: Option<InHand>,
    /// The break that begins when the ticket in hand is done.
    pub break_wanted: Option<String>,
}

/// What may be asked of an agent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AgentCommand {
    /// Come on duty, at the named counter or the usual one.
    SignIn {
        counter: Option<CounterId>,
    },
    SignOut,
    BeAvailable,
    TakeBreak {
        reason: String,
    },
    TakeCounter {
        counter: CounterId,
    },
    /// Somebody else took the counter.
    LoseCounter {
        counter: CounterId,
    },
    /// A ticket was called for this agent.
    Took(InHand),
    /// That ticket is in hand no more.
    Released {
        ticket: TicketId,
    },
    Configure(AgentProfile),
    /// End the wrap-up that is over by now.
    Tick,
}

/// What has happened to an agent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AgentEvent {
    Available,
    Busy(InHand),
    WrapUp {
        until: Timestamp,
    },
    OnBreak {
        reason: String,
    },
    Offline,
    /// The ticket in hand is gone.
    Released,
    BreakWanted {
        reason: Option<String>,
    },
    CounterTaken {
        counter: CounterId,
    },
    CounterLeft,
    Configured(AgentProfile),
}

impl AgentEvent {
    /// The name in the journal and on sockets.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Available => "agent.available",
            Self::Busy(_) => "agent.busy",
            Self::WrapUp { .. } => "agent.wrap_up",
            Self::OnBreak { .. } => "agent.on_break",
            Self::Offline => "agent.offline",
            Self::Released => "agent.released",
            Self::BreakWanted { .. } => "agent.break_wanted",
            Self::CounterTaken { .. } => "agent.counter_taken",
            Self::CounterLeft => "agent.counter_left",
            Self::Configured(_) => "agent.configured",
        }
    }
}

impl Agent {
    /// An agent off duty.
    pub const fn new(profile: AgentProfile) -> Self {
        let (presence, counter, in_hand, break_wanted) = (Presence::Offline, None, None, None);
        Self { kept: AgentMemento { profile, presence, counter, in_hand, break_wanted } }
    }

    pub const fn from_memento(kept: AgentMemento) -> Self {
        Self { kept }
    }

    pub const fn memento(&self) -> &AgentMemento {
        &self.kept
    }

    pub const fn profile(&self) -> &AgentProfile {
        &self.kept.profile
    }

    pub const fn presence(&self) -> &Presence {
        &self.kept.presence
    }

    pub const fn counter(&self) -> Option<CounterId> {
        self.kept.counter
    }

    pub const fn in_hand(&self) -> Option<&InHand> {
        self.kept.in_hand.as_ref()
    }

    /// The counter where this agent can be given a ticket now.
    ///
    /// # Errors
    /// [`Refusal::AgentBusy`] with a ticket in hand, [`Refusal::AgentNotAvailable`] off duty, on break or without a counter.
    pub fn ready(&self) -> Result<CounterId, Refusal> {
        self.hands_free()?;
        match &self.kept.presence {
            Presence::Offline => Err(Refusal::AgentNotAvailable { why: "sign in first" }),
            Presence::OnBreak { .. } => {
                Err(Refusal::AgentNotAvailable { why: "end the break first" })
            }
            Presence::Available { .. } | Presence::WrapUp { .. } | Presence::Busy => {
                self.kept.counter.ok_or(Refusal::AgentNotAvailable { why: "take a counter first" })
            }
        }
    }

    fn hands_free(&self) -> Result<(), Refusal> {
        match &self.kept.in_hand {
            Some(hand) => {
                Err(Refusal::AgentBusy { ticket: hand.ticket, number: hand.number.clone() })
            }
            None => Ok(()),
        }
    }

    fn on_duty(&self) -> Result<(), Refusal> {
        match self.kept.presence {
            Presence::Offline => Err(Refusal::AgentNotAvailable { why: "sign in first" }),
            Presence::Available { .. }
            | Presence::Busy
            | Presence::WrapUp { .. }
            | Presence::OnBreak { .. } => Ok(()),
        }
    }

    fn is_available(&self) -> bool {
        matches!(self.kept.presence, Presence::Available { .. })
    }

    /// What comes after a ticket: the break asked for, the wrap-up, or the next one.
    fn after_ticket(&self, now: Timestamp) -> Vec<AgentEvent> {
        if let Some(reason) = self.kept.break_wanted.clone() {
            return vec![
                AgentEvent::Released,
                AgentEvent::BreakWanted { reason: None },
                AgentEvent::OnBreak { reason },
            ];
        }
        match self.kept.profile.wrap_up {
            Secs(0) => vec![AgentEvent::Released, AgentEvent::Available],
            wrap_up => vec![AgentEvent::Released, AgentEvent::WrapUp { until: now.after(wrap_up) }],
        }
    }
}

/// What follows from `command` at `now`.
///
/// # Errors
/// [`Refusal::AgentBusy`] or [`Refusal::AgentNotAvailable`]; nothing has happened then.
pub fn agent_decide(
    agent: &Agent,
    command: &AgentCommand,
    now: Timestamp,
) -> Result<Vec<AgentEvent>, Refusal> {
    match command {
        AgentCommand::SignIn { counter } => sign_in(agent, *counter),
        AgentCommand::SignOut => sign_out(agent),
        AgentCommand::BeAvailable => be_available(agent),
        AgentCommand::TakeBreak { reason } => take_break(agent, reason),
        AgentCommand::TakeCounter { counter } => take_counter(agent, *counter),
        AgentCommand::LoseCounter { counter } => Ok(if agent.counter() == Some(*counter) {
            vec![AgentEvent::CounterLeft]
        } else {
            Vec::new()
        }),
        AgentCommand::Took(hand) if agent.in_hand() == Some(hand) => Ok(Vec::new()),
        AgentCommand::Took(hand) => Ok(vec![AgentEvent::Busy(hand.clone())]),
        AgentCommand::Released { ticket } => match agent.in_hand() {
            Some(hand) if hand.ticket == *ticket => Ok(agent.after_ticket(now)),
            Some(_) | None => Ok(Vec::new()),
        },
        AgentCommand::Configure(profile) if agent.profile() == profile => Ok(Vec::new()),
        AgentCommand::Configure(profile) => Ok(vec![AgentEvent::Configured(profile.clone())]),
        AgentCommand::Tick => Ok(match agent.presence() {
            Presence::WrapUp { until } if *until <= now => vec![AgentEvent::Available],
            Presence::Offline
            | Presence::Available { .. }
            | Presence::Busy
            | Presence::WrapUp { .. }
            | Presence::OnBreak { .. } => Vec::new(),
        }),
    }
}

fn sign_in(agent: &Agent, counter: Option<CounterId>) -> Result<Vec<AgentEvent>, Refusal> {
    let counter = counter.or_else(|| agent.counter()).or_else(|| agent.profile().counter);
    let taken = counter.filter(|counter| agent.counter() != Some(*counter));
    if taken.is_some() && agent.counter().is_some() {
        // The person in hand was sent to the counter that would be left.
        agent.hands_free()?;
    }
    let mut events: Vec<AgentEvent> =
        taken.map(|counter| AgentEvent::CounterTaken { counter }).into_iter().collect();
    if agent.on_duty().is_err() {
        events.push(AgentEvent::Available);
    }
    Ok(events)
}

fn sign_out(agent: &Agent) -> Result<Vec<AgentEvent>, Refusal> {
    agent.hands_free()?;
    if agent.on_duty().is_err() {
        return Ok(Vec::new());
    }
    let left = agent.counter().map(|_| AgentEvent::CounterLeft);
    Ok(left.into_iter().chain([AgentEvent::Offline]).collect())
}

fn be_available(agent: &Agent) -> Result<Vec<AgentEvent>, Refusal> {
    agent.on_duty()?;
    if agent.in_hand().is_some() {
        let wanted = agent.kept.break_wanted.is_some();
        return Ok(if wanted {
            vec![AgentEvent::BreakWanted { reason: None }]
        } else {
            Vec::new()
        });
    }
    Ok(if agent.is_available() { Vec::new() } else { vec![AgentEvent::Available] })
}

fn take_break(agent: &Agent, reason: &str) -> Result<Vec<AgentEvent>, Refusal> {
    agent.on_duty()?;
    let reason = reason.to_owned();
    if agent.in_hand().is_some() {
        return Ok(vec![AgentEvent::BreakWanted { reason: Some(reason) }]);
    }
    Ok(vec![AgentEvent::OnBreak { reason }])
}

fn take_counter(agent: &Agent, counter: CounterId) -> Result<Vec<AgentEvent>, Refusal> {
    agent.on_duty()?;
    agent.hands_free()?;
    Ok(if agent.counter() == Some(counter) {
        Vec::new()
    } else {
        vec![AgentEvent::CounterTaken { counter }]
    })
}

/// Writes an event that happened at `at` into `agent`.
pub fn agent_apply(agent: &mut Agent, event: &AgentEvent, at: Timestamp) {
    let kept = &mut agent.kept;
    match event {
        AgentEvent::Available => kept.presence = Presence::Available { since: at },
        AgentEvent::Busy(hand) => {
            (kept.presence, kept.in_hand) = (Presence::Busy, Some(hand.clone()))
        }
        AgentEvent::WrapUp { until } => kept.presence = Presence::WrapUp { until: *until },
        AgentEvent::OnBreak { reason } => {
            kept.presence = Presence::OnBreak { reason: reason.clone() }
        }
        AgentEvent::Offline => kept.presence = Presence::Offline,
        AgentEvent::Released => kept.in_hand = None,
        AgentEvent::BreakWanted { reason } => kept.break_wanted.clone_from(reason),
        AgentEvent::CounterTaken { counter } => kept.counter = Some(*counter),
        AgentEvent::CounterLeft => kept.counter = None,
        AgentEvent::Configured(profile) => kept.profile = profile.clone(),
    }
}
