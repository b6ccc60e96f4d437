//! The bodies of commands, as clients write them.
//!
//! Unknown members are refused; texts are bounded and hold no control characters.
//! Invariant: what a body is turned into here is well formed; whether it is allowed is judged elsewhere.

use actors::{AgentDuty, QueueChange, TicketOrder};
use domain::{ClassKey, CounterId, Placement, QueueId, Scope, Waiting};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::problem::Problem;

/// A body of a command, and which scopes its route asks for: any of them.
pub(crate) trait Args: DeserializeOwned + Send + 'static {
    const SCOPES: &'static [Scope] = &[Scope::WriteTicket];
}

/// Characters of a reason or a note.
const TEXT_CHARS_MAX: usize = 500;
const NOTE_CHARS_MAX: usize = 2_000;
/// Characters of a tag, an outcome code, a skill or a class.
const WORD_CHARS_MAX: usize = 64;
const WORDS_MAX: usize = 16;

/// Nothing more than the path says.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NoArgs {}

impl Args for NoArgs {}

/// Nothing more than the path says.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NoQueueArgs {}

impl Args for NoQueueArgs {
    const SCOPES: &'static [Scope] = &[Scope::ManageQueue];
}

/// Calls a chosen person, whatever the order says.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CallArgs {
    /// Why out of turn; the fairness report shows it.
    #[serde(default)]
    #[schema(example = "elderly person standing")]
    pub(crate) reason: Option<String>,
}

impl Args for CallArgs {}

impl CallArgs {
    pub(crate) fn order(self) -> Result<TicketOrder, Problem> {
        self.reason
            .as_deref()
            .map_or(Ok(()), |reason| sound_text("/reason", reason, TEXT_CHARS_MAX))?;
        Ok(TicketOrder::Call { why: self.reason })
    }
}

/// Parks a ticket.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct HoldArgs {
    #[serde(default)]
    #[schema(example = "fetching a document")]
    pub(crate) reason: String,
    /// True: any agent of the queue may take it up again.
    #[serde(default)]
    pub(crate) pool: bool,
}

impl Args for HoldArgs {}

impl HoldArgs {
    pub(crate) fn order(self) -> Result<TicketOrder, Problem> {
        sound_text("/reason", &self.reason, TEXT_CHARS_MAX)?;
        Ok(TicketOrder::Hold { why: self.reason, pool: self.pool })
    }
}

/// Ends the service.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FinishArgs {
    /// Codes of what was done.
    #[serde(default)]
    #[schema(example = json!(["account_opened"]))]
    pub(crate) outcomes: Vec<String>,
}

impl Args for FinishArgs {}

impl FinishArgs {
    pub(crate) fn order(self) -> Result<TicketOrder, Problem> {
        sound_words("/outcomes", &self.outcomes)?;
        Ok(TicketOrder::Finish { outcomes: self.outcomes })
    }
}

/// Sends a person to another queue.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TransferArgs {
    pub(crate) queue_id: Uuid,
    /// None means as the target queue is set.
    #[serde(default)]
    #[schema(schema_with = actors::placement_schema, required = false)]
    pub(crate) placement: Option<Placement>,
}

impl Args for TransferArgs {}

impl TransferArgs {
    pub(crate) fn order(self) -> Result<TicketOrder, Problem> {
        Ok(TicketOrder::Transfer { to: QueueId(self.queue_id), placement: self.placement })
    }
}

/// Takes a person out of the line.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RemoveArgs {
    #[serde(default)]
    #[schema(example = "took two tickets")]
    pub(crate) reason: String,
}

impl Args for RemoveArgs {}

impl RemoveArgs {
    pub(crate) fn order(self) -> Result<TicketOrder, Problem> {
        sound_text("/reason", &self.reason, TEXT_CHARS_MAX)?;
        Ok(TicketOrder::Remove { why: self.reason })
    }
}

/// Replaces the tags of a ticket.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TagArgs {
    #[schema(example = json!(["wheelchair"]))]
    pub(crate) tags: Vec<String>,
}

impl Args for TagArgs {}

impl TagArgs {
    pub(crate) fn order(self) -> Result<TicketOrder, Problem> {
        sound_words("/tags", &self.tags)?;
        Ok(TicketOrder::Tag { tags: self.tags })
    }
}

/// Adds a note, kept apart from the journal.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NoteArgs {
    #[schema(example = "asked for Awa")]
    pub(crate) text: String,
}

impl Args for NoteArgs {}

impl NoteArgs {
    pub(crate) fn order(self) -> Result<TicketOrder, Problem> {
        sound_text("/text", &self.text, NOTE_CHARS_MAX)?;
        Ok(TicketOrder::Note { text: self.text })
    }
}

/// Changes the priority class.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PriorityArgs {
    /// Key of a class of the queue.
    #[schema(example = "senior")]
    pub(crate) class: String,
}

impl Args for PriorityArgs {}

impl PriorityArgs {
    pub(crate) fn order(self) -> Result<TicketOrder, Problem> {
        sound_word("/class", &self.class)?;
        Ok(TicketOrder::SetPriority { class: ClassKey::new(&self.class) })
    }
}

/// Calls the next person.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CallNextArgs {
    /// None: the most urgent of all the agent's queues.
    #[serde(default)]
    pub(crate) queue_id: Option<Uuid>,
}

impl Args for CallNextArgs {}

/// The presences that can be asked for; `busy` and `wrap_up` follow from tickets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum WantedPresence {
    Available,
    OnBreak,
    Offline,
}

/// Changes an agent's presence.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct StatusArgs {
    pub(crate) presence: WantedPresence,
    /// Of a break.
    #[serde(default)]
    #[schema(example = "lunch")]
    pub(crate) reason: Option<String>,
}

impl Args for StatusArgs {}

impl StatusArgs {
    pub(crate) fn duty(self) -> Result<AgentDuty, Problem> {
        let reason = self.reason.unwrap_or_default();
        sound_text("/reason", &reason, TEXT_CHARS_MAX)?;
        Ok(match self.presence {
            WantedPresence::Available => AgentDuty::Available,
            WantedPresence::OnBreak => AgentDuty::Break { reason },
            WantedPresence::Offline => AgentDuty::SignOut,
        })
    }
}

/// Begins an agent's day.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SignInArgs {
    /// None: the agent's own counter, if one is configured.
    #[serde(default)]
    pub(crate) counter_id: Option<Uuid>,
}

impl Args for SignInArgs {}

impl SignInArgs {
    pub(crate) fn duty(self) -> Result<AgentDuty, Problem> {
        Ok(AgentDuty::SignIn { counter: self.counter_id.map(CounterId) })
    }
}

/// Takes another counter.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CounterArgs {
    pub(crate) counter_id: Uuid,
}

impl Args for CounterArgs {}

impl CounterArgs {
    pub(crate) fn duty(self) -> Result<AgentDuty, Problem> {
        Ok(AgentDuty::TakeCounter { counter: CounterId(self.counter_id) })
    }
}

/// What becomes of the people waiting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum WaitingArg {
    #[default]
    Keep,
    Expire,
}

/// Closes a queue.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CloseArgs {
    /// `keep` serves those who wait, `expire` sends them away.
    #[serde(default)]
    pub(crate) waiting: WaitingArg,
}

impl Args for CloseArgs {
    const SCOPES: &'static [Scope] = &[Scope::ManageQueue];
}

impl CloseArgs {
    pub(crate) fn change(self) -> QueueChange {
        let waiting = match self.waiting {
            WaitingArg::Keep => Waiting::Keep,
            WaitingArg::Expire => Waiting::Expire,
        };
        QueueChange::Close { waiting }
    }
}

pub(crate) fn sound_text(pointer: &str, text: &str, chars_max: usize) -> Result<(), Problem> {
    let control = |c: char| c.is_control() && c != '\n' && c != '\t';
    if text.chars().count() > chars_max || text.chars().any(control) {
        return Err(Problem::invalid(
            pointer,
            format!("give at most {chars_max} characters, none of control"),
        ));
    }
    Ok(())
}

pub(super) fn sound_word(pointer: &str, word: &str) -> Result<(), Problem> {
    if word.trim().is_empty()
        || word.chars().count() > WORD_CHARS_MAX
        || word.chars().any(char::is_control)
    {
        return Err(Problem::invalid(pointer, format!("give 1 to {WORD_CHARS_MAX} characters")));
    }
    Ok(())
}

pub(super) fn sound_words(pointer: &str, words: &[String]) -> Result<(), Problem> {
    if words.len() > WORDS_MAX {
        return Err(Problem::invalid(pointer, format!("give at most {WORDS_MAX}")));
    }
    words.iter().enumerate().try_for_each(|(at, word)| sound_word(&format!("{pointer}/{at}"), word))
}
