//! Who is who in the stories: names instead of identifiers.
//!
//! Awa can do everything, Binta only cash, Cheikh nothing special; anybody else is a person who joins.
//! Invariant: a name always means the same identifier, and people are numbered in the order they are named.

use std::collections::BTreeMap;

use domain::{
    AgentId, Caller, CounterId, CustomerId, Handler, OfferId, QueueId, SkillSet, TicketId,
};
use uuid::Uuid;

pub(crate) const AGENTS: [(&str, &[&str]); 3] =
    [("awa", &["cash", "credit"]), ("binta", &["cash"]), ("cheikh", &[])];

#[derive(Debug, Default)]
pub(crate) struct Names {
    people: BTreeMap<String, u128>,
}

fn number_of(name: &str) -> Uuid {
    Uuid::from_u128(name.bytes().fold(0, |number, byte| (number << 8) | u128::from(byte)))
}

pub(crate) fn agent(name: &str) -> Option<AgentId> {
    let at = AGENTS.iter().position(|(known, _)| *known == name)?;
    Some(AgentId(Uuid::from_u128(at as u128 + 1)))
}

pub(crate) fn skills(names: &[&str]) -> SkillSet {
    names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>().into()
}

pub(crate) fn skills_of(id: AgentId) -> SkillSet {
    let known = AGENTS.iter().find(|(name, _)| agent(name) == Some(id));
    known.map(|(_, able)| skills(able)).unwrap_or_default()
}

pub(crate) fn caller(name: &str) -> Caller {
    let agent = agent(name).unwrap_or_else(|| panic!("{name} is no agent"));
    Caller { agent, counter: CounterId(agent.0), skills: skills_of(agent) }
}

pub(crate) fn handler(name: &str) -> Handler {
    agent(name).map_or(Handler::Supervisor, Handler::Agent)
}

pub(crate) fn customer(name: &str) -> CustomerId {
    CustomerId(number_of(name))
}

pub(crate) fn offer(name: &str) -> OfferId {
    OfferId(number_of(name))
}

pub(crate) fn queue(name: &str) -> QueueId {
    QueueId(number_of(name))
}

impl Names {
    pub(crate) fn ticket(&mut self, name: &str) -> TicketId {
        let next = self.people.len() as u128 + 1;
        TicketId(Uuid::from_u128(*self.people.entry(name.to_owned()).or_insert(next)))
    }

    pub(crate) fn name_of(&self, ticket: TicketId) -> &str {
        let known = self.people.iter().find(|(_, number)| Uuid::from_u128(**number) == ticket.0);
        known.map_or("nobody", |(name, _)| name)
    }
}
