//! The sites, services, queues and agents of a made-up past.
//!
//! Ten queues to a site, one for each service; three agents to a queue; every other site keeps the time of Paris.
//! Invariant: the tenant was not there before.

use actors::{AgentBody, Ask, Engine, QueueBody, Resource, ServiceBody, SiteBody, Tenant};
use domain::{AgentId, QueueId, ServiceId, SiteId, TenantId, Zone};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{History, HistoryError};

const SERVICES: usize = 10;
const AGENTS: usize = 3;
const ZONES: [&str; 2] = ["Africa/Dakar", "Europe/Paris"];
const LETTERS: [&str; SERVICES] = ["A", "B", "C", "D", "E", "F", "G", "H", "J", "K"];

/// A queue and who serves it.
pub(super) struct Line {
    pub(super) queue: QueueId,
    pub(super) site: SiteId,
    pub(super) service: ServiceId,
    pub(super) zone: Zone,
    pub(super) agents: Vec<AgentId>,
    /// How many come, beside the others.
    pub(super) weight: f64,
    /// Mean seconds of service.
    pub(super) service_mean: f64,
}

pub(super) async fn declare(
    engine: &Engine,
    history: &History,
) -> anyhow::Result<(TenantId, Vec<Line>)> {
    if engine.tenant(&history.tenant).is_some() {
        return Err(HistoryError::TenantThere(history.tenant.clone()).into());
    }
    let tenant = engine.create_tenant(&history.tenant, "A made-up past").await?;
    let mut services = Vec::with_capacity(SERVICES);
    for number in 0..SERVICES {
        let body = json!({ "slug": format!("service-{number}"),
            "names": { "en": format!("Service {number}") }, "target_seconds": 600 + 120 * number });
        services.push(made::<ServiceBody>(&tenant, body).await?);
    }
    let mut lines = Vec::new();
    let (mut site, mut zone) = (Uuid::nil(), Zone::utc());
    for number in 0..usize::try_from(history.queues)? {
        if number % SERVICES == 0 {
            let place = number / SERVICES;
            zone = ZONES[place % ZONES.len()].parse()?;
            let body = json!({ "slug": format!("site-{place}"), "name": format!("Site {place}"),
                "timezone": zone.name() });
            site = made::<SiteBody>(&tenant, body).await?;
        }
        let service = (services[number % SERVICES], number % SERVICES);
        lines.push(line(&tenant, (site, &zone), service, number).await?);
    }
    Ok((tenant.id(), lines))
}

async fn line(
    tenant: &Tenant,
    (site, zone): (Uuid, &Zone),
    (service, kind): (Uuid, usize),
    number: usize,
) -> anyhow::Result<Line> {
    let body = json!({ "site_id": site, "service_id": service, "name": format!("Queue {number}"),
        "prefix": LETTERS[kind], "classes": [
            { "key": "normal", "rank": 0, "self_service": true },
            { "key": "senior", "rank": 10, "self_service": true, "target_seconds": 300 },
            { "key": "vip", "rank": 20, "target_seconds": 180 },
        ] });
    let queue = made::<QueueBody>(tenant, body).await?;
    let mut agents = Vec::with_capacity(AGENTS);
    for place in 0..AGENTS {
        let body = json!({ "name": format!("Agent {number}.{place}"),
            "email": format!("agent-{number}-{place}@example.org"), "queues": [queue] });
        agents.push(AgentId(made::<AgentBody>(tenant, body).await?));
    }
    let share = f64::from(u32::try_from(number % 37)?);
    Ok(Line {
        queue: QueueId(queue),
        site: SiteId(site),
        service: ServiceId(service),
        zone: zone.clone(),
        agents,
        weight: 1.0 / (1.0 + share / 8.0),
        service_mean: 120.0 + 45.0 * f64::from(u32::try_from(kind)?),
    })
}

async fn made<T: Resource>(tenant: &Tenant, body: Value) -> anyhow::Result<Uuid> {
    let body: T = serde_json::from_value(body)?;
    Ok(tenant.create(body, Ask::system()).await?.id)
}
