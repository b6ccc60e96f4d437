//! What the directory leaves of a token's power: who is disabled, who changed role, which site a device is bound to.
//!
//! The directory is put together by hand: two sites with one queue each, an agent and a kiosk at the first.

use actors::{
    AgentBody, DeviceBody, DeviceKind, Directory, Kept, QueueBody, Resource, SiteBody, Topic, Who,
};
use domain::{AgentId, DeviceId, QueueId, Role, Scope, SiteId, TicketId, Timestamp};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::auth::{Principal, may_subscribe};

const HERE: Uuid = Uuid::from_u128(1);
const THERE: Uuid = Uuid::from_u128(2);
const QUEUE_HERE: QueueId = QueueId(Uuid::from_u128(11));
const QUEUE_THERE: QueueId = QueueId(Uuid::from_u128(12));
const AWA: AgentId = AgentId(Uuid::from_u128(21));
const KIOSK: DeviceId = DeviceId(Uuid::from_u128(31));

fn put<T: Resource + DeserializeOwned>(directory: &mut Directory, id: Uuid, body: Value) {
    let at = Timestamp::from_secs(0);
    let body = serde_json::from_value(body).unwrap();
    T::shelf_mut(directory)
        .insert(id, Kept { id, version: 1, created_at: at, updated_at: at, body });
}

fn directory() -> Directory {
    let mut directory = Directory::default();
    for (site, slug, queue) in [(HERE, "here", QUEUE_HERE), (THERE, "there", QUEUE_THERE)] {
        put::<SiteBody>(&mut directory, site, json!({"slug": slug, "name": slug}));
        let body = json!({"site_id": site, "service_id": Uuid::nil(), "name": "Q", "prefix": "A"});
        put::<QueueBody>(&mut directory, queue.0, body);
    }
    put_awa(&mut directory, "agent", true);
    put::<DeviceBody>(
        &mut directory,
        KIOSK.0,
        json!({"site_id": HERE, "kind": "kiosk", "name": "K"}),
    );
    directory
}

fn put_awa(directory: &mut Directory, role: &str, active: bool) {
    let body = json!({"name": "Awa", "email": "awa@example.com", "role": role, "queues": [QUEUE_HERE], "active": active});
    put::<AgentBody>(directory, AWA.0, body);
}

fn principal(role: Role, agent: Option<AgentId>, device: Option<DeviceId>) -> Principal {
    let who = agent.map(Who::Agent).or_else(|| device.map(Who::Device)).unwrap_or(Who::System);
    let expires_at = Timestamp::from_secs(1);
    Principal {
        tenant: Some("bank".into()),
        who,
        role,
        scopes: role.scopes(),
        agent,
        device,
        key: None,
        issued_at: Timestamp::from_secs(0),
        expires_at,
        token: crate::auth::TokenFacts::default(),
    }
}

fn stands(principal: &Principal, directory: &Directory) -> u16 {
    principal.still_stands(directory).map_or_else(|problem| problem.status().as_u16(), |()| 200)
}

#[test]
fn a_token_falls_with_its_holder() {
    let mut directory = directory();
    let awa = principal(Role::Agent, Some(AWA), None);
    assert_eq!(stands(&awa, &directory), 200);
    put_awa(&mut directory, "manager", true);
    assert_eq!(stands(&awa, &directory), 403, "another role, up or down");
    put_awa(&mut directory, "agent", false);
    assert_eq!(stands(&awa, &directory), 401, "disabled");
    AgentBody::shelf_mut(&mut directory).clear();
    assert_eq!(stands(&awa, &directory), 401, "removed");
    let kiosk = principal(Role::Device, None, Some(KIOSK));
    assert_eq!(stands(&kiosk, &directory), 200);
    DeviceBody::shelf_mut(&mut directory).clear();
    assert_eq!(stands(&kiosk, &directory), 401);
    assert_eq!(stands(&principal(Role::Admin, None, None), &directory), 200);
}

#[test]
fn agents_and_devices_touch_their_own_queues_only() {
    let directory = directory();
    let touches = |principal: &Principal| {
        [QUEUE_HERE, QUEUE_THERE].map(|queue| principal.may_touch(&directory, queue))
    };
    assert_eq!(touches(&principal(Role::Agent, Some(AWA), None)), [true, false]);
    assert_eq!(touches(&principal(Role::Device, None, Some(KIOSK))), [true, false]);
    assert_eq!(touches(&principal(Role::Manager, None, None)), [true, true]);
    assert_eq!(touches(&principal(Role::PlatformAdmin, None, None)), [false, false]);
}

#[test]
fn topics_are_for_those_who_may_read_what_they_show() {
    let directory = directory();
    let other = AgentId(Uuid::from_u128(99));
    let topics = [
        Topic::Queue(QUEUE_HERE),
        Topic::Queue(QUEUE_THERE),
        Topic::Site(SiteId(HERE)),
        Topic::StatsSite(SiteId(THERE)),
        Topic::StatsTenant,
        Topic::Agent(AWA),
        Topic::Agent(other),
        Topic::Ticket(TicketId(Uuid::nil())),
        Topic::Devices,
        Topic::Queue(QueueId(Uuid::nil())),
    ];
    let follows = |principal: &Principal| -> String {
        topics
            .iter()
            .map(|topic| if may_subscribe(principal, &directory, *topic) { 'y' } else { '-' })
            .collect()
    };
    assert_eq!(follows(&principal(Role::Admin, None, None)), "yyyyyy-yy-");
    assert_eq!(follows(&principal(Role::Agent, Some(AWA), None)), "yyyyyy-y--");
    assert_eq!(follows(&principal(Role::Agent, Some(other), None)), "yyyyy--y--");
    assert_eq!(follows(&principal(Role::Device, None, Some(KIOSK))), "y-y-------");
    assert_eq!(follows(&principal(Role::Customer, None, None)), "----------");
    assert!(!principal(Role::Customer, None, None).scopes.has(Scope::ReadQueue));
}

#[test]
fn a_display_is_bound_like_a_kiosk() {
    let mut directory = directory();
    put::<DeviceBody>(
        &mut directory,
        KIOSK.0,
        json!({"site_id": THERE, "kind": "display", "name": "D"}),
    );
    assert_eq!(directory.device(KIOSK).map(|device| device.body.kind), Some(DeviceKind::Display));
    let display = principal(Role::Device, None, Some(KIOSK));
    assert_eq!(display.bound_site(&directory), Some(SiteId(THERE)));
    assert!(!may_subscribe(&display, &directory, Topic::Site(SiteId(HERE))));
}
