//! The engine from the inside: one branch from joining to finishing, and again after a restart.
//!
//! A real SQLite file, the real actors, no network.
//! Invariant: what was acknowledged before the stop is there after the start.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use std::sync::Arc;
use std::time::Duration;

use actors::{
    AgentBody, AgentDuty, Ask, AskError, Clock, CounterBody, Engine, Join, QueueBody, ServiceBody,
    Settings, SiteBody, Tenant, TicketOrder,
};
use domain::{AgentId, Channel, CounterId, QueueId, Refusal, SkillSet, TicketId};
use serde_json::json;

async fn start(file: &std::path::Path) -> Engine {
    let url = format!("sqlite:{}", file.display());
    let store = persistence::open(&url, &persistence::testing::options()).await.unwrap();
    Engine::start(Arc::clone(&store), Settings::default(), Clock::system()).await.unwrap()
}

struct Branch {
    tenant: Tenant,
    queue: QueueId,
    other: QueueId,
    agent: AgentId,
    counter: CounterId,
}

async fn branch(engine: &Engine) -> Branch {
    let tenant = engine.create_tenant("demo", "Demo Bank").await.unwrap();
    let body: SiteBody =
        serde_json::from_value(json!({ "slug": "dakar", "name": "Dakar" })).unwrap();
    let site = tenant.create(body, Ask::system()).await.unwrap().id;
    let mut queues = Vec::new();
    for prefix in ["A", "B"] {
        let body: ServiceBody = serde_json::from_value(
            json!({ "slug": prefix.to_lowercase(), "names": { "fr": prefix } }),
        )
        .unwrap();
        let service = tenant.create(body, Ask::system()).await.unwrap().id;
        let body =
            json!({ "site_id": site, "service_id": service, "name": prefix, "prefix": prefix });
        let body: QueueBody = serde_json::from_value(body).unwrap();
        queues.push(tenant.create(body, Ask::system()).await.unwrap().id);
    }
    let body: CounterBody =
        serde_json::from_value(json!({ "site_id": site, "name": "1" })).unwrap();
    let counter = tenant.create(body, Ask::system()).await.unwrap().id;
    let body = json!({ "name": "Awa", "email": "awa@example.com", "queues": queues, "counter_id": counter });
    let body: AgentBody = serde_json::from_value(body).unwrap();
    let agent = tenant.create(body, Ask::system()).await.unwrap().id;
    let (queue, other) = (QueueId(queues[0]), QueueId(queues[1]));
    Branch { tenant, queue, other, agent: AgentId(agent), counter: CounterId(counter) }
}

fn join(queue: QueueId) -> Join {
    Join {
        queue,
        channel: Channel::Kiosk,
        class: None,
        self_service: true,
        customer: None,
        name: None,
        phone: None,
        email: None,
        language: None,
        skills: SkillSet::default(),
        slot: None,
        remote: false,
        tags: Vec::new(),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_joins_is_called_served_and_found_again_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("branch.db");
    let engine = start(&file).await;
    let Branch { tenant, queue, other, agent, counter } = branch(&engine).await;
    let me = || Ask {
        who: actors::Who::Agent(agent),
        supervises: false,
        cause: None,
        key: None,
        expected: None,
    };

    let first = tenant.issue(join(queue), Ask::system()).await.unwrap().ticket;
    let second = tenant.issue(join(queue), Ask::system()).await.unwrap().ticket;
    assert_eq!(
        (first.number.as_str(), first.position, second.position),
        ("A001", Some(1), Some(2))
    );

    let off_duty = tenant.call_next(agent, None, me()).await.unwrap_err();
    assert!(matches!(off_duty, AskError::Refused(Refusal::AgentNotAvailable { .. })), "{off_duty}");
    let awa = tenant.duty(agent, AgentDuty::SignIn { counter: Some(counter) }, me()).await.unwrap();
    assert_eq!((awa.presence, awa.counter.unwrap().name.as_str()), ("available", "1"));

    let called = tenant.call_next(agent, None, me()).await.unwrap().unwrap().ticket;
    assert_eq!((called.id, called.state), (first.id, "called"));
    let busy = tenant.call_next(agent, None, me()).await.unwrap_err();
    assert!(matches!(busy, AskError::Refused(Refusal::AgentBusy { .. })), "{busy}");
    let id = TicketId(first.id);
    tenant.order(id, TicketOrder::Start, Some(agent), me()).await.unwrap();
    let moved = tenant
        .order(id, TicketOrder::Transfer { to: other, placement: None }, Some(agent), me())
        .await
        .unwrap();
    assert_eq!((moved.ticket.queue_id, moved.ticket.leg), (other.0, 2));
    let there = tenant.ticket(id).await.unwrap();
    assert_eq!((there.state, there.queue_id, there.legs.len()), ("waiting", other.0, 1));
    let again = tenant.call_next(agent, Some(other), me()).await.unwrap().unwrap().ticket;
    assert_eq!(again.id, first.id);

    engine.stop(Duration::from_secs(5)).await;
    let engine = start(&file).await;
    let tenant = engine.tenant("demo").unwrap();
    let view = tenant.agent(agent).await.unwrap();
    assert_eq!((view.presence, view.ticket.map(|ticket| ticket.id)), ("busy", Some(first.id)));
    tenant.order(id, TicketOrder::Start, Some(agent), me()).await.unwrap();
    let served = tenant
        .order(id, TicketOrder::Finish { outcomes: vec![] }, Some(agent), me())
        .await
        .unwrap()
        .ticket;
    assert_eq!(served.state, "served");
    assert_eq!(tenant.agent(agent).await.unwrap().presence, "available");
    assert_eq!(tenant.queue(queue).await.unwrap().waiting, 1);
    assert_eq!(tenant.ticket(id).await.unwrap().legs.len(), 2);
    engine.stop(Duration::from_secs(5)).await;
}
