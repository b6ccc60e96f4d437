//! The branch in which the clients work, as `smartqueue apply` takes it.
//!
//! Two queues, and one counter for each agent; everybody serves both queues.
//! Invariant: names here are those that the clients use.

use std::fmt::Write;

/// Clients at once; each is an agent with a counter of their own.
pub(crate) const AGENTS: usize = 6;
pub(crate) const TENANT: &str = "bank";

pub(crate) fn email(agent: usize) -> String {
    format!("agent{agent}@example.org")
}

/// The declaration of the branch.
pub(crate) fn declaration() -> String {
    let mut text = format!("[[tenants]]\nslug = \"{TENANT}\"\nname = \"Bank\"\n");
    for service in ["one", "two"] {
        let names = format!("{{ en = \"{service}\" }}");
        writeln!(text, "[[tenants.services]]\nslug = \"{service}\"\nnames = {names}").unwrap();
    }
    text.push_str("[[tenants.sites]]\nslug = \"site\"\nname = \"Site\"\n");
    for agent in 0..AGENTS {
        writeln!(text, "[[tenants.sites.counters]]\nname = \"{agent}\"").unwrap();
    }
    for (prefix, service) in [("A", "one"), ("B", "two")] {
        writeln!(
            text,
            "[[tenants.sites.queues]]\nprefix = \"{prefix}\"\nname = \"{prefix}\"\nservice = \"{service}\""
        )
        .unwrap();
    }
    for agent in 0..AGENTS {
        writeln!(
            text,
            "[[tenants.agents]]\nname = \"{agent}\"\nemail = \"{}\"\nqueues = [\"site/A\", \"site/B\"]\ncounter = \"site/{agent}\"",
            email(agent)
        )
        .unwrap();
    }
    text
}
