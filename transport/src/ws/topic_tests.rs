//! Who may follow which topic: the table, row by row, for every kind of caller.
//!
//! A small tenant of two branches is made by hand. What is not in it may be followed by nobody.

use std::sync::Arc;

use actors::{AgentBody, DeviceBody, Directory, Kept, QueueBody, Resource, SiteBody, Topic, Who};
use domain::{AgentId, DeviceId, QueueId, Role, SiteId, TicketId, Timestamp};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::auth::{Principal, may_subscribe};

const HERE: Uuid = Uuid::from_u128(1);
const ELSEWHERE: Uuid = Uuid::from_u128(2);
const NOWHERE: Uuid = Uuid::from_u128(3);
const QUEUE_HERE: Uuid = Uuid::from_u128(4);
const QUEUE_ELSEWHERE: Uuid = Uuid::from_u128(5);
const AWA: Uuid = Uuid::from_u128(6);
const MOUSSA: Uuid = Uuid::from_u128(7);
const DISPLAY: Uuid = Uuid::from_u128(8);

fn put<T: Resource>(directory: &mut Directory, id: Uuid, body: Value) {
    let at = Timestamp::from_secs(0);
    let body = serde_json::from_value(body).unwrap();
    T::shelf_mut(directory)
        .insert(id, Kept { id, version: 1, created_at: at, updated_at: at, body });
}

fn directory() -> Directory {
    let mut all = Directory::default();
    for (site, queue) in [(HERE, QUEUE_HERE), (ELSEWHERE, QUEUE_ELSEWHERE)] {
        put::<SiteBody>(&mut all, site, json!({ "slug": site.to_string(), "name": "Branch" }));
        let service = Uuid::nil();
        put::<QueueBody>(
            &mut all,
            queue,
            json!({ "site_id": site, "service_id": service, "name": "Q", "prefix": "A" }),
        );
    }
    for agent in [AWA, MOUSSA] {
        put::<AgentBody>(
            &mut all,
            agent,
            json!({ "name": "Agent", "email": format!("{agent}@example.com") }),
        );
    }
    put::<DeviceBody>(
        &mut all,
        DISPLAY,
        json!({ "site_id": HERE, "kind": "display", "name": "Hall" }),
    );
    all
}

fn principal(role: Role) -> Principal {
    Principal {
        tenant: Some(Arc::from("baobab")),
        who: Who::Subject(Arc::from("somebody")),
        role,
        scopes: role.scopes(),
        agent: (role == Role::Agent).then_some(AgentId(AWA)),
        device: (role == Role::Device).then_some(DeviceId(DISPLAY)),
        key: None,
        issued_at: Timestamp::from_secs(0),
        expires_at: Timestamp::from_secs(0),
        token: crate::auth::TokenFacts::default(),
    }
}

fn topics() -> Vec<(&'static str, Topic)> {
    let mut all = vec![
        ("own agent", Topic::Agent(AgentId(AWA))),
        ("other agent", Topic::Agent(AgentId(MOUSSA))),
        ("ticket", Topic::Ticket(TicketId(NOWHERE))),
        ("tenant", Topic::StatsTenant),
        ("alerts", Topic::Alerts),
        ("devices", Topic::Devices),
    ];
    for (name, site) in [("here", HERE), ("elsewhere", ELSEWHERE)] {
        all.extend([(name, Topic::Site(SiteId(site))), (name, Topic::StatsSite(SiteId(site)))]);
    }
    for (name, queue) in [("here", QUEUE_HERE), ("elsewhere", QUEUE_ELSEWHERE)] {
        all.extend([
            (name, Topic::Queue(QueueId(queue))),
            (name, Topic::StatsQueue(QueueId(queue))),
        ]);
    }
    all
}

fn check(role: Role, allowed: &[&str]) {
    let (directory, principal) = (directory(), principal(role));
    for (name, topic) in topics() {
        let may = may_subscribe(&principal, &directory, topic);
        assert_eq!(may, allowed.contains(&name), "{role} and {topic} ({name})");
    }
}

#[test]
fn supervisors_follow_everything_of_their_tenant() {
    let all =
        ["own agent", "other agent", "ticket", "tenant", "alerts", "devices", "here", "elsewhere"];
    check(Role::Admin, &all);
    check(Role::Manager, &all);
}

#[test]
fn an_agent_follows_queues_tickets_and_only_its_own_day() {
    check(Role::Agent, &["own agent", "ticket", "tenant", "here", "elsewhere"]);
}

#[test]
fn a_device_follows_its_own_site_and_nothing_else() {
    check(Role::Device, &["here"]);
}

#[test]
fn customers_and_the_platform_follow_nothing() {
    check(Role::Customer, &[]);
    check(Role::PlatformAdmin, &[]);
}

#[test]
fn what_the_tenant_does_not_have_is_followed_by_nobody() {
    let directory = directory();
    let unknown = [
        Topic::Queue(QueueId(NOWHERE)),
        Topic::StatsQueue(QueueId(NOWHERE)),
        Topic::Site(SiteId(NOWHERE)),
        Topic::StatsSite(SiteId(NOWHERE)),
        Topic::Agent(AgentId(NOWHERE)),
    ];
    for role in Role::ALL {
        for topic in unknown {
            assert!(!may_subscribe(&principal(*role), &directory, topic), "{role} and {topic}");
        }
    }
}
