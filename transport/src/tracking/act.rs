//! What the holder of a link can do: leave, come later, say how it was.
//!
//! The rules decide as for everybody else; here is only what a stranger may ask at most.
//! Invariant: nothing done here needs an idempotency key: leaving twice is refused, an opinion is given once, and
//! coming later can only be wished for one's own place.

use actors::{Ask, Opinion, TicketOrder, Who};
use serde::Deserialize;
use utoipa::ToSchema;

use super::find::Linked;
use crate::command::sound_text;
use crate::problem::Problem;

/// People that one wish lets go first.
const PEOPLE_MAX: u32 = 50;
const COMMENT_CHARS_MAX: usize = 500;

/// Leaves the line.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CancelBody {}

/// Lets others go first.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct DelayBody {
    /// How many of those behind, 1 to 50.
    #[serde(default = "three")]
    #[schema(example = 3)]
    pub(super) people: u32,
}

const fn three() -> u32 {
    3
}

impl Default for DelayBody {
    fn default() -> Self {
        Self { people: three() }
    }
}

/// An opinion on the visit: a mark at least, once.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct FeedbackBody {
    /// How content: 1 to 5.
    #[serde(default)]
    #[schema(example = 5)]
    pub(super) csat: Option<u8>,
    /// How likely to recommend: 0 to 10.
    #[serde(default)]
    #[schema(example = 9)]
    pub(super) nps: Option<u8>,
    /// At most 500 characters.
    #[serde(default)]
    pub(super) comment: Option<String>,
}

impl FeedbackBody {
    fn opinion(self) -> Result<Opinion, Problem> {
        if self.csat.is_none() && self.nps.is_none() {
            return Err(Problem::invalid("", "give csat or nps"));
        }
        if self.csat.is_some_and(|csat| !(1..=5).contains(&csat)) {
            return Err(Problem::invalid("/csat", "give 1 to 5"));
        }
        if self.nps.is_some_and(|nps| nps > 10) {
            return Err(Problem::invalid("/nps", "give 0 to 10"));
        }
        let comment = self.comment.filter(|comment| !comment.trim().is_empty());
        comment
            .as_deref()
            .map_or(Ok(()), |text| sound_text("/comment", text, COMMENT_CHARS_MAX))?;
        Ok(Opinion { csat: self.csat, nps: self.nps, comment })
    }
}

impl Linked {
    /// # Errors
    /// The refusal of the queue.
    pub(super) async fn cancel(self) -> Result<Self, Problem> {
        self.order(TicketOrder::Cancel).await
    }

    /// # Errors
    /// 400 for a number that nobody may wish for, else the refusal of the queue.
    pub(super) async fn delay(self, wish: &DelayBody) -> Result<Self, Problem> {
        let people = wish.people;
        if !(1..=PEOPLE_MAX).contains(&people) {
            return Err(Problem::invalid("/people", format!("give 1 to {PEOPLE_MAX}")));
        }
        self.order(TicketOrder::Delay { people }).await
    }

    /// # Errors
    /// 400 for an unsound opinion, 409 before the end of the visit and after the first opinion.
    pub(super) async fn say(&self, body: FeedbackBody) -> Result<(), Problem> {
        self.tenant.give_feedback(self.id(), body.opinion()?).await?;
        Ok(())
    }

    async fn order(self, order: TicketOrder) -> Result<Self, Problem> {
        let who = Who::Subject("ticket_link".into());
        let ask = Ask { who, supervises: false, cause: None, key: None, expected: None };
        let done = self.tenant.order(self.id(), order, None, ask).await?;
        Ok(Self { ticket: *done.ticket, ..self })
    }
}
