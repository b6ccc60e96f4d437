//! Who may follow which topic: the whole table on this screen.
//!
//! Queues, sites and figures ask for `read:queue`, tickets for `read:ticket`, an agent's day for being that agent or
//! `read:agent`. Invariant: a device follows nothing outside its own site.

use actors::{Directory, Topic};
use domain::Scope;

use super::principal::Principal;

/// Whether `principal` may follow `topic`. An id that the tenant does not have is not followed by anybody.
pub(crate) fn may_subscribe(principal: &Principal, directory: &Directory, topic: Topic) -> bool {
    let has = |scope| principal.scopes.has(scope);
    match topic {
        Topic::Queue(id) | Topic::StatsQueue(id) => {
            has(Scope::ReadQueue)
                && directory.queue(id).is_some()
                && principal.sees_site_of(directory, id)
        }
        Topic::Site(id) | Topic::StatsSite(id) => {
            let bound = principal.bound_site(directory);
            has(Scope::ReadQueue)
                && directory.site(id).is_some()
                && bound.is_none_or(|site| site == id)
        }
        Topic::StatsTenant => has(Scope::ReadQueue) && principal.bound_site(directory).is_none(),
        Topic::Agent(id) => {
            directory.agent(id).is_some() && (principal.agent == Some(id) || has(Scope::ReadAgent))
        }
        Topic::Ticket(_) => has(Scope::ReadTicket),
        Topic::Alerts | Topic::Devices => has(Scope::ReadAgent),
    }
}
