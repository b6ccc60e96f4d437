//! The branch in which the stories happen: one bank with two sites, and another bank next door.
//!
//! `A` and `B` stand in Dakar, `C` in Thiès; `B` asks for a skill. By name `B` comes first, by people it does not.
//! Invariant: everything here is made anew for each story, through the same door as everything else.

use actors::{
    AgentBody, Ask, CounterBody, DeviceBody, Engine, QueueBody, Resource, ServiceBody, SiteBody,
    Tenant,
};
use serde_json::{Value, json};
use uuid::Uuid;

pub(crate) const BANK: &str = "teranga";
pub(crate) const OTHER_BANK: &str = "autre";

/// The ids of all that stands in the branch.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Branch {
    pub(crate) dakar: Uuid,
    pub(crate) thies: Uuid,
    pub(crate) cash: Uuid,
    pub(crate) credit: Uuid,
    /// Cash in Dakar: classes normal, senior and vip (not for self-service).
    pub(crate) a: Uuid,
    /// Credit in Dakar: asks for the skill `credit`.
    pub(crate) b: Uuid,
    /// Cash in Thiès.
    pub(crate) c: Uuid,
    pub(crate) counter_1: Uuid,
    pub(crate) counter_2: Uuid,
    /// Serves `A` and `B`, has the skill, sits at counter 1.
    pub(crate) awa: Uuid,
    /// Serves `A`, sits at counter 2.
    pub(crate) binta: Uuid,
    /// Serves `C` in Thiès.
    pub(crate) moussa: Uuid,
    /// In Dakar.
    pub(crate) kiosk: Uuid,
    /// In Dakar.
    pub(crate) display: Uuid,
    /// A queue of the other bank.
    pub(crate) foreign_queue: Uuid,
    /// An agent of the other bank, assigned to it.
    pub(crate) foreign_agent: Uuid,
}

async fn made<T: Resource>(tenant: &Tenant, body: Value) -> Uuid {
    let body: T = serde_json::from_value(body).unwrap();
    tenant.create(body, Ask::system()).await.unwrap().id
}

async fn site(tenant: &Tenant, slug: &str) -> Uuid {
    made::<SiteBody>(tenant, json!({ "slug": slug, "name": slug, "timezone": "Africa/Dakar" }))
        .await
}

async fn service(tenant: &Tenant, slug: &str, skills: &[&str]) -> Uuid {
    let body = json!({ "slug": slug, "names": { "fr": slug }, "skills": skills });
    made::<ServiceBody>(tenant, body).await
}

async fn counter(tenant: &Tenant, site: Uuid, name: &str) -> Uuid {
    made::<CounterBody>(tenant, json!({ "site_id": site, "name": name })).await
}

/// A queue without a gap between calls, so that a story need not wait.
async fn queue(tenant: &Tenant, place: (Uuid, Uuid), name: &str, prefix: &str) -> Uuid {
    let body = json!({
        "site_id": place.0, "service_id": place.1, "name": name, "prefix": prefix,
        "classes": [
            { "key": "normal", "rank": 0, "self_service": true },
            { "key": "senior", "rank": 10, "self_service": true },
            { "key": "vip", "rank": 20 },
        ],
        "ladder": { "min_gap_seconds": 0 },
    });
    made::<QueueBody>(tenant, body).await
}

async fn agent(tenant: &Tenant, name: &str, more: Value) -> Uuid {
    let mut body = json!({ "name": name, "email": format!("{name}@example.org") });
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    made::<AgentBody>(tenant, body).await
}

pub(crate) async fn build(engine: &Engine) -> Branch {
    let bank = engine.create_tenant(BANK, "Banque Teranga").await.unwrap();
    let (dakar, thies) = (site(&bank, "dakar").await, site(&bank, "thies").await);
    let (cash, credit) =
        (service(&bank, "cash", &[]).await, service(&bank, "credit", &["credit"]).await);
    let a = queue(&bank, (dakar, cash), "ZZ cash", "A").await;
    let b = queue(&bank, (dakar, credit), "AA credit", "B").await;
    let c = queue(&bank, (thies, cash), "MM cash", "C").await;
    let (counter_1, counter_2) =
        (counter(&bank, dakar, "1").await, counter(&bank, dakar, "2").await);
    let counter_thies = counter(&bank, thies, "1").await;
    let serves_both = json!({ "queues": [b, a], "skills": ["credit"], "counter_id": counter_1 });
    let awa = agent(&bank, "awa", serves_both).await;
    let binta = agent(&bank, "binta", json!({ "queues": [a], "counter_id": counter_2 })).await;
    let moussa =
        agent(&bank, "moussa", json!({ "queues": [c], "counter_id": counter_thies })).await;
    let device = async |kind: &str| {
        made::<DeviceBody>(&bank, json!({ "site_id": dakar, "kind": kind, "name": kind })).await
    };
    let (kiosk, display) = (device("kiosk").await, device("display").await);
    let (foreign_queue, foreign_agent) = build_other(engine).await;
    Branch {
        dakar,
        thies,
        cash,
        credit,
        a,
        b,
        c,
        counter_1,
        counter_2,
        awa,
        binta,
        moussa,
        kiosk,
        display,
        foreign_queue,
        foreign_agent,
    }
}

async fn build_other(engine: &Engine) -> (Uuid, Uuid) {
    let bank = engine.create_tenant(OTHER_BANK, "Autre banque").await.unwrap();
    let place = (site(&bank, "dakar").await, service(&bank, "cash", &[]).await);
    let queue = queue(&bank, place, "Cash", "A").await;
    let counter = counter(&bank, place.0, "1").await;
    let agent = agent(&bank, "omar", json!({ "queues": [queue], "counter_id": counter })).await;
    (queue, agent)
}
