//! What a queue and an agent are told of the configuration: their share, in the domain's own types.
//!
//! The site gives the zone and the hours, the service its target and skills, the queue everything else.
//! Invariant: the same directory always gives the same share, so telling it twice changes nothing.

use std::sync::Arc;

use domain::{
    AgentProfile, Class, ClassKey, CounterId, Dispatch, Numbering, QueueConfig, QueueId,
    RecallLadder, Secs, ServiceId, SiteId, SkillSet,
};

use super::bodies::{AgentBody, ClassBody, DispatchBody, QueueBody, ServiceBody};
use super::directory::Directory;

/// The share of `queue`; none while its site or service is missing.
pub(crate) fn queue_config(
    directory: &Directory,
    queue: &QueueBody,
    waiting_max: u32,
) -> Option<QueueConfig> {
    let site = directory.site(SiteId(queue.site_id))?;
    let service = directory.service(ServiceId(queue.service_id))?;
    Some(QueueConfig {
        site: SiteId(site.id),
        service: ServiceId(service.id),
        zone: site.body.timezone.clone(),
        policy: queue.policy.clone(),
        classes: classes(queue, &service.body),
        numbering: Numbering {
            prefix: Arc::from(queue.prefix.as_str()),
            start: queue.number_start,
            restart_daily: queue.restart_daily,
        },
        capacity: Some(queue.capacity.unwrap_or(waiting_max).min(waiting_max)),
        hours: queue.hours.clone().unwrap_or_else(|| site.body.hours.clone()),
        ladder: RecallLadder {
            min_calls: queue.ladder.min_calls,
            max_calls: queue.ladder.max_calls,
            min_gap: Secs(queue.ladder.min_gap_seconds),
            requeue_behind: queue.ladder.requeue_behind,
            requeues_max: queue.ladder.requeues_max,
            automatic: queue.ladder.automatic,
        },
        needs: SkillSet::from(service.body.skills.clone()),
        longest_wait: queue.longest_wait_seconds.map(Secs),
        expire_at_close_of_day: queue.expire_at_close_of_day,
        reinstate_within: Secs(queue.reinstate_within_seconds),
        transfer_placement: queue.transfer_placement,
        one_ticket_per_customer: queue.one_ticket_per_customer,
        expected_service: Secs(service.body.expected_seconds),
    })
}

fn classes(queue: &QueueBody, service: &ServiceBody) -> Vec<Class> {
    let target = Secs(service.target_seconds);
    if queue.classes.is_empty() {
        return vec![Class::new("normal", 0, target)];
    }
    queue.classes.iter().map(|class| class_of(class, target)).collect()
}

fn class_of(class: &ClassBody, target: Secs) -> Class {
    Class {
        key: ClassKey::new(&class.key),
        rank: class.rank,
        target: class.target_seconds.map_or(target, Secs),
        slope: class.slope,
        weight: class.weight,
        self_service: class.self_service,
    }
}

/// The share of an agent.
pub(crate) fn agent_profile(agent: &AgentBody) -> AgentProfile {
    AgentProfile {
        queues: agent.queues.iter().copied().map(QueueId).collect(),
        skills: SkillSet::from(agent.skills.clone()),
        dispatch: match agent.dispatch {
            DispatchBody::Pull => Dispatch::Pull,
            DispatchBody::Push => Dispatch::Push,
        },
        counter: agent.counter_id.map(CounterId),
        wrap_up: Secs(agent.wrap_up_seconds),
        offer_timeout: Secs(agent.offer_timeout_seconds),
        offers_missed_max: agent.offers_missed_max,
        auto_accept: agent.auto_accept,
    }
}
