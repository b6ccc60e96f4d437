//! A ticket as the holder of its link sees it: where it stands, and nothing about the person.
//!
//! What can be done with it now is said too, so that a page needs to know no rule.
//! Invariant: no name, phone number, note, class or agent is in it: a link may be read by anybody it was shown to.

use std::collections::BTreeMap;

use actors::{At, EstimateView, TicketView};
use domain::{ServiceId, SiteId, State};
use serde::Serialize;
use utoipa::ToSchema;

use super::find::Linked;
use crate::problem::Problem;

/// One visit, as the holder of its link sees it.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub(super) struct PublicTicket {
    #[schema(example = "A042")]
    pub(super) number: String,
    /// remote, waiting, offered, called, serving, held, served, no_show, walked_out, cancelled, removed, expired.
    #[schema(example = "waiting")]
    pub(super) state: &'static str,
    /// Name of the site.
    pub(super) site: String,
    /// Names of the service by language.
    pub(super) service: BTreeMap<String, String>,
    /// Where to go, once called.
    #[schema(example = "3")]
    pub(super) counter: Option<String>,
    /// Announcements of the call in force.
    pub(super) calls: u16,
    /// Place in line, from 1, while waiting.
    pub(super) position: Option<u32>,
    /// People who would be called before, while waiting.
    pub(super) ahead: Option<u32>,
    pub(super) estimate: Option<EstimateView>,
    pub(super) issued_at: At,
    pub(super) called_at: Option<At>,
    pub(super) ended_at: Option<At>,
    pub(super) may: May,
}

/// What the holder of the link can do now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub(super) struct May {
    pub(super) cancel: bool,
    pub(super) delay: bool,
    pub(super) feedback: bool,
}

impl PublicTicket {
    /// The ticket as it stands.
    ///
    /// # Errors
    /// When the store does not answer.
    pub(super) async fn of(linked: &Linked) -> Result<Self, Problem> {
        let may = may(linked).await?;
        let (ticket, directory) = (&linked.ticket, linked.tenant.directory());
        let site = directory.site(SiteId(ticket.site_id)).map(|site| site.body.name.clone());
        let service = directory.service(ServiceId(ticket.service_id));
        let counter = ticket.counter.as_ref().filter(|_| is_in_hand(ticket));
        Ok(Self {
            number: ticket.number.clone(),
            state: ticket.state,
            site: site.unwrap_or_default(),
            service: service.map(|service| service.body.names.clone()).unwrap_or_default(),
            counter: counter.map(|counter| counter.name.clone()),
            calls: ticket.calls,
            position: ticket.position,
            ahead: ticket.ahead,
            estimate: ticket.estimate,
            issued_at: ticket.issued_at,
            called_at: ticket.last_called_at.filter(|_| is_in_hand(ticket)),
            ended_at: ticket.ended_at,
            may,
        })
    }
}

fn is(ticket: &TicketView, states: &[State]) -> bool {
    states.iter().any(|state| state.as_str() == ticket.state)
}

fn is_in_hand(ticket: &TicketView) -> bool {
    is(ticket, &[State::Called, State::Serving])
}

/// Whether a ticket in this state has ended.
pub(super) fn has_ended_as(word: &str) -> bool {
    State::ALL.iter().any(|state| state.is_ended() && state.as_str() == word)
}

async fn may(linked: &Linked) -> Result<May, Problem> {
    let ticket = &linked.ticket;
    let can_leave = [State::Remote, State::Waiting, State::Offered, State::Called];
    let feedback = has_ended_as(ticket.state) && !linked.tenant.has_feedback(linked.id()).await?;
    Ok(May { cancel: is(ticket, &can_leave), delay: is(ticket, &[State::Waiting]), feedback })
}
