//! The servers of a log as agents, each with a counter of its own.
//!
//! An agent's e-mail is made from the server's id, so the next log of the same branch finds it again.
//! Invariant: an agent can do whatever its server did in any log replayed so far.

use std::collections::BTreeSet;

use actors::{AgentBody, Ask, AskError, CounterBody, DispatchBody, Tenant};
use domain::{AgentId, Role};
use uuid::Uuid;

use super::branch::extended;

/// What a server did.
#[derive(Debug, Default)]
pub(super) struct Post {
    pub(super) queues: BTreeSet<Uuid>,
    pub(super) skills: BTreeSet<String>,
}

/// The agent of the server `name`, with everything in `post`.
pub(super) async fn agent(
    tenant: &Tenant,
    site: Uuid,
    name: &str,
    post: Post,
) -> Result<AgentId, AskError> {
    let email = format!("{}@replay.example", slug(name));
    let known = tenant.directory().by_key::<AgentBody>(&email).cloned();
    let Some(known) = known else {
        let counter = counter(tenant, site, name).await?;
        return Ok(AgentId(
            tenant.create(body(name, email, counter, post), Ask::system()).await?.id,
        ));
    };
    let extended = extended(&known.body, &post);
    if extended != known.body {
        tenant.replace(known.id, extended, Some(known.version), Ask::system()).await?;
    }
    Ok(AgentId(known.id))
}

fn body(name: &str, email: String, counter: Uuid, post: Post) -> AgentBody {
    AgentBody {
        name: name.to_owned(),
        email,
        role: Role::Agent,
        queues: post.queues.into_iter().collect(),
        skills: post.skills.into_iter().collect(),
        dispatch: DispatchBody::Pull,
        counter_id: Some(counter),
        wrap_up_seconds: 0,
        offer_timeout_seconds: 20,
        offers_missed_max: 2,
        auto_accept: false,
        active: true,
    }
}

async fn counter(tenant: &Tenant, site: Uuid, name: &str) -> Result<Uuid, AskError> {
    let key = format!("{site}/{name}");
    if let Some(counter) = tenant.directory().by_key::<CounterBody>(&key) {
        return Ok(counter.id);
    }
    let body = CounterBody { site_id: site, name: name.to_owned() };
    Ok(tenant.create(body, Ask::system()).await?.id)
}

/// `name` in lower-case letters, digits and hyphens. Two names get the same slug only if they differ in case.
pub(super) fn slug(name: &str) -> String {
    let mut slug = String::with_capacity(name.len());
    for letter in name.chars().flat_map(char::to_lowercase) {
        match letter {
            'a'..='z' | '0'..='9' => slug.push(letter),
            '_' | ' ' => slug.push('-'),
            other => slug.push_str(&format!("-{:x}-", u32::from(other))),
        }
    }
    slug
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slug_holds_only_what_a_url_may_hold() {
        assert_eq!(slug("synth_branch"), "synth-branch");
        assert_eq!(slug("K0"), "k0");
        assert_eq!(slug("Caisse n°2"), "caisse-n-b0-2");
    }
}
