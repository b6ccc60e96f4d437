//! The branch of a log: one queue per queue of the log, one agent and counter per server, declared by natural keys.
//!
//! What is there already is used again, and an agent is given what this log adds.
//! Invariant: every queue and server of the log has an id here, in the order of the log's lists.

use std::collections::{BTreeMap, BTreeSet};

use actors::{
    AgentBody, Ask, AskError, ClassBody, Directory, LadderBody, QueueBody, ServiceBody, SiteBody,
    Tenant,
};
use domain::{AgentId, Placement, Policy, QueueId, Zone};
use uuid::Uuid;

use super::crew::{self, Post};
use super::log::Log;
use super::row::{Ending, Priority};

/// Slug of the site where logs are replayed.
const SITE: &str = "replay";
/// People of class `normal` should be called within this time, those of class `high` within the other.
const NORMAL_TARGET_SECONDS: u32 = 1_800;
const HIGH_TARGET_SECONDS: u32 = 600;
const HIGH_RANK: u8 = 10;
/// Before any service has been seen.
const EXPECTED_SECONDS: u32 = 300;
/// Nobody comes back in a log; a queue remembers those who left for that long, as it would in a branch.
const REINSTATE_WITHIN_SECONDS: u32 = 1_800;

/// What of the log became what of the tenant.
pub(super) struct Branch {
    pub(super) queues: Vec<QueueId>,
    pub(super) agents: Vec<AgentId>,
    /// Names in the log, for messages.
    pub(super) queue_names: Vec<String>,
}

impl Branch {
    /// Declares what is not there yet.
    ///
    /// # Errors
    /// What the tenant refuses, such as a name of the log that cannot be one here.
    pub(super) async fn declare(tenant: &Tenant, log: &Log) -> Result<Self, AskError> {
        let site = site(tenant).await?;
        let mut queues = Vec::with_capacity(log.queues.len());
        for name in &log.queues {
            queues.push(queue(tenant, site, name).await?);
        }
        let mut agents = Vec::with_capacity(log.servers.len());
        for (name, post) in log.servers.iter().zip(posts(log, &queues)) {
            agents.push(crew::agent(tenant, site, name, post).await?);
        }
        for queue in &queues {
            ready(tenant, *queue).await?;
        }
        Ok(Self { queues, agents, queue_names: log.queues.clone() })
    }
}

/// What each server did in the log: that is what the agent can do.
fn posts(log: &Log, queues: &[QueueId]) -> Vec<Post> {
    let mut posts: Vec<Post> = log.servers.iter().map(|_| Post::default()).collect();
    for visit in &log.visits {
        let Ending::Called { server, .. } = visit.ending else { continue };
        let (Some(post), Some(queue)) = (posts.get_mut(server), queues.get(visit.queue)) else {
            continue;
        };
        post.queues.insert(queue.0);
        post.skills.extend((!visit.class.is_empty()).then(|| visit.class.clone()));
    }
    posts
}

async fn site(tenant: &Tenant) -> Result<Uuid, AskError> {
    if let Some(site) = tenant.directory().by_key::<SiteBody>(SITE) {
        return Ok(site.id);
    }
    let body = SiteBody {
        slug: SITE.to_owned(),
        name: "Replayed logs".to_owned(),
        timezone: Zone::utc(),
        address: None,
        languages: vec!["en".to_owned()],
        hours: domain::OpeningHours::default(),
        report_to: Vec::new(),
    };
    Ok(tenant.create(body, Ask::system()).await?.id)
}

async fn queue(tenant: &Tenant, site: Uuid, name: &str) -> Result<QueueId, AskError> {
    let service = service(tenant, name).await?;
    let directory = tenant.directory();
    let known = directory
        .list::<QueueBody>()
        .find(|queue| queue.body.service_id == service && queue.body.site_id == site);
    if let Some(known) = known {
        return Ok(QueueId(known.id));
    }
    let body = queue_body(site, service, name, free_prefix(&directory, site));
    Ok(QueueId(tenant.create(body, Ask::system()).await?.id))
}

async fn service(tenant: &Tenant, name: &str) -> Result<Uuid, AskError> {
    let slug = format!("{SITE}-{}", crew::slug(name));
    if let Some(service) = tenant.directory().by_key::<ServiceBody>(&slug) {
        return Ok(service.id);
    }
    let body = ServiceBody {
        slug,
        names: BTreeMap::from([("en".to_owned(), name.to_owned())]),
        target_seconds: NORMAL_TARGET_SECONDS,
        expected_seconds: EXPECTED_SECONDS,
        skills: Vec::new(),
    };
    Ok(tenant.create(body, Ask::system()).await?.id)
}

fn queue_body(site: Uuid, service: Uuid, name: &str, prefix: String) -> QueueBody {
    QueueBody {
        site_id: site,
        service_id: service,
        name: name.to_owned(),
        prefix,
        number_start: 1,
        restart_daily: true,
        policy: Policy::default(),
        classes: vec![
            class(Priority::Normal, 0, NORMAL_TARGET_SECONDS),
            class(Priority::High, HIGH_RANK, HIGH_TARGET_SECONDS),
        ],
        capacity: None,
        hours: None,
        // The log says who did not come, so one call is enough and nobody is called twice.
        ladder: LadderBody {
            min_calls: 1,
            min_gap_seconds: 0,
            requeues_max: 0,
            ..LadderBody::default()
        },
        longest_wait_seconds: None,
        expire_at_close_of_day: false,
        reinstate_within_seconds: REINSTATE_WITHIN_SECONDS,
        transfer_placement: Placement::default(),
        one_ticket_per_customer: false,
    }
}

fn class(priority: Priority, rank: u8, target_seconds: u32) -> ClassBody {
    ClassBody {
        key: priority.as_str().to_owned(),
        names: BTreeMap::new(),
        rank,
        target_seconds: Some(target_seconds),
        slope: None,
        weight: 1,
        self_service: false,
    }
}

/// The first of A…Z, AA…ZZ, … that no queue of the site has.
fn free_prefix(directory: &Directory, site: Uuid) -> String {
    let of_site = directory.list::<QueueBody>().filter(|queue| queue.body.site_id == site);
    let taken: BTreeSet<&str> = of_site.map(|queue| queue.body.prefix.as_str()).collect();
    (0_u32..).map(letters).find(|prefix| !taken.contains(prefix.as_str())).unwrap_or_default()
}

fn letters(mut number: u32) -> String {
    let mut letters = Vec::new();
    loop {
        letters.push(char::from(b'A' + u8::try_from(number % 26).unwrap_or_default()));
        if number < 26 {
            return letters.iter().rev().collect();
        }
        number = number / 26 - 1;
    }
}

/// Returns when the queue's actor answers.
async fn ready(tenant: &Tenant, queue: QueueId) -> Result<(), AskError> {
    loop {
        match tenant.queue(queue).await {
            Ok(_) => return Ok(()),
            Err(AskError::Busy { .. }) => tokio::task::yield_now().await,
            Err(error) => return Err(error),
        }
    }
}

/// An agent as it shall be: what the log adds to what is known.
pub(super) fn extended(body: &AgentBody, post: &Post) -> AgentBody {
    let with = |known: &[String], more: &BTreeSet<String>| {
        known.iter().chain(more).cloned().collect::<BTreeSet<_>>().into_iter().collect()
    };
    let queues: BTreeSet<Uuid> = body.queues.iter().chain(&post.queues).copied().collect();
    AgentBody {
        skills: with(&body.skills, &post.skills),
        queues: queues.into_iter().collect(),
        ..body.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_go_on_after_the_alphabet() {
        let some: Vec<String> = [0, 25, 26, 51, 52, 701, 702].into_iter().map(letters).collect();
        assert_eq!(some, ["A", "Z", "AA", "AZ", "BA", "ZZ", "AAA"]);
    }
}
