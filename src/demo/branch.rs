//! The branch itself: what is declared at the first start, and found again at every other.
//!
//! Each thing is looked for by its natural key and made only if it is missing.
//! Invariant: declaring twice changes nothing, so a visitor's own changes survive a restart.

use actors::{
    AgentBody, Ask, AskError, ClassBody, CounterBody, DeviceBody, DeviceKind, DispatchBody, Engine,
    LadderBody, QueueBody, Resource, ServiceBody, SiteBody, Tenant,
};
use domain::{OpeningHours, Placement, Policy, Role, Zone};
use uuid::Uuid;

use super::TENANT;
use super::agents::{COUNTERS, PEOPLE, Person};
use super::words::{self, Words};

/// Slug of the one site.
const SITE: &str = "dakar-plateau";

/// One queue of the branch.
pub(crate) struct Line {
    pub(super) id: Uuid,
    pub(super) prefix: &'static str,
    /// Share of the people who come.
    pub(super) share: f64,
    /// Mean service in seconds, at speed 1.
    pub(super) service_seconds: f64,
    /// Keys of the classes beside the default one.
    pub(super) classes: Vec<&'static str>,
}

/// One agent of the branch.
pub(crate) struct Member {
    pub(super) id: Uuid,
    pub(super) name: String,
    pub(super) email: String,
    /// Id and name of the usual counter.
    pub(super) counter: Option<(Uuid, String)>,
    pub(super) queues: Vec<Uuid>,
}

/// The branch as the demo needs to know it.
pub(crate) struct Branch {
    pub(super) site: (Uuid, SiteBody),
    pub(super) lines: Vec<Line>,
    pub(super) members: Vec<Member>,
    pub(super) kiosk: Uuid,
    pub(super) display: Uuid,
}

/// What a queue of the demo is made from.
struct Plan {
    prefix: &'static str,
    slug: &'static str,
    names: Words,
    share: f64,
    service_seconds: u32,
    target_seconds: u32,
    classes: &'static [(&'static str, Words, u8)],
}

const PEOPLE_FIRST: &[(&str, Words, u8)] = &[
    ("disabled", words::DISABLED, 30),
    ("pregnant", words::PREGNANT, 20),
    ("senior", words::SENIOR, 10),
];
const SENIORS_FIRST: &[(&str, Words, u8)] =
    &[("disabled", words::DISABLED, 30), ("senior", words::SENIOR, 10)];

const PLANS: [Plan; 3] = [
    Plan {
        prefix: "A",
        slug: "withdrawals",
        names: words::WITHDRAWALS,
        share: 0.5,
        service_seconds: 60,
        target_seconds: 300,
        classes: PEOPLE_FIRST,
    },
    Plan {
        prefix: "B",
        slug: "deposits",
        names: words::DEPOSITS,
        share: 0.3,
        service_seconds: 75,
        target_seconds: 420,
        classes: PEOPLE_FIRST,
    },
    Plan {
        prefix: "C",
        slug: "accounts",
        names: words::ACCOUNTS,
        share: 0.2,
        service_seconds: 120,
        target_seconds: 600,
        classes: SENIORS_FIRST,
    },
];

impl Branch {
    /// Declares what is missing.
    ///
    /// # Errors
    /// What the engine refuses; nothing is refused on a database of the demo's own.
    pub(crate) async fn declare(engine: &Engine) -> Result<Self, AskError> {
        let tenant = match engine.tenant(TENANT) {
            Some(tenant) => tenant,
            None => engine.create_tenant(TENANT, "Banque de démonstration").await?,
        };
        let site_body = ensure(&tenant, site()).await?;
        let site = site_body.0;
        let mut lines = Vec::with_capacity(PLANS.len());
        for plan in &PLANS {
            lines.push(line(&tenant, site, plan).await?);
        }
        let members = members(&tenant, site, &lines).await?;
        let kiosk = ensure(&tenant, device(site, DeviceKind::Kiosk, "Borne du hall")).await?.0;
        let display = ensure(&tenant, device(site, DeviceKind::Display, "Écran du hall")).await?.0;
        Ok(Self { site: site_body, lines, members, kiosk, display })
    }
}

/// The thing of the same key, made if there is none.
async fn ensure<T: Resource>(tenant: &Tenant, body: T) -> Result<(Uuid, T), AskError> {
    if let Some(known) = tenant.directory().by_key::<T>(&body.key()) {
        return Ok((known.id, known.body.clone()));
    }
    let made = tenant.create(body, Ask::system()).await?;
    Ok((made.id, made.body))
}

async fn line(tenant: &Tenant, site: Uuid, plan: &Plan) -> Result<Line, AskError> {
    let service = ensure(tenant, service(plan)).await?.0;
    let id = ensure(tenant, queue(site, service, plan)).await?.0;
    Ok(Line {
        id,
        prefix: plan.prefix,
        share: plan.share,
        service_seconds: f64::from(plan.service_seconds),
        classes: plan.classes.iter().map(|(key, ..)| *key).collect(),
    })
}

async fn members(tenant: &Tenant, site: Uuid, lines: &[Line]) -> Result<Vec<Member>, AskError> {
    let mut counters = Vec::with_capacity(COUNTERS.len());
    for name in COUNTERS {
        counters.push(ensure(tenant, CounterBody { site_id: site, name: name.to_owned() }).await?);
    }
    let mut members = Vec::with_capacity(PEOPLE.len());
    for (place, person) in PEOPLE.iter().enumerate() {
        let counter = counters.get(place).map(|(id, counter)| (*id, counter.name.clone()));
        let (id, body) =
            ensure(tenant, agent(person, lines, counter.as_ref().map(|(id, _)| *id))).await?;
        members.push(Member {
            id,
            name: body.name,
            email: body.email,
            counter,
            queues: body.queues,
        });
    }
    Ok(members)
}

fn site() -> SiteBody {
    SiteBody {
        slug: SITE.to_owned(),
        name: "Agence Dakar Plateau".to_owned(),
        timezone: dakar(),
        address: Some("Avenue Léopold Sédar Senghor, Dakar".to_owned()),
        languages: words::LANGUAGES.map(str::to_owned).to_vec(),
        // Always open: a visitor comes at any hour.
        hours: OpeningHours::default(),
        report_to: Vec::new(),
    }
}

fn dakar() -> Zone {
    "Africa/Dakar".parse().unwrap_or_default()
}

fn service(plan: &Plan) -> ServiceBody {
    ServiceBody {
        slug: plan.slug.to_owned(),
        names: plan.names.by_language(),
        target_seconds: plan.target_seconds,
        expected_seconds: plan.service_seconds,
        skills: Vec::new(),
    }
}

fn queue(site: Uuid, service: Uuid, plan: &Plan) -> QueueBody {
    let mut classes = vec![class("normal", &words::NORMAL, 0)];
    classes.extend(plan.classes.iter().map(|(key, names, rank)| class(key, names, *rank)));
    QueueBody {
        site_id: site,
        service_id: service,
        name: plan.names.0.to_owned(),
        prefix: plan.prefix.to_owned(),
        number_start: 1,
        restart_daily: true,
        policy: Policy::default(),
        classes,
        capacity: None,
        hours: None,
        ladder: LadderBody { min_gap_seconds: 5, ..LadderBody::default() },
        longest_wait_seconds: None,
        expire_at_close_of_day: true,
        reinstate_within_seconds: 1_800,
        transfer_placement: Placement::default(),
        one_ticket_per_customer: true,
    }
}

fn class(key: &str, names: &Words, rank: u8) -> ClassBody {
    ClassBody {
        key: key.to_owned(),
        names: names.by_language(),
        rank,
        target_seconds: (rank > 0).then_some(180),
        slope: None,
        weight: 1 + u32::from(rank) / 10,
        self_service: true,
    }
}

fn agent(person: &Person, lines: &[Line], counter: Option<Uuid>) -> AgentBody {
    let serves = |line: &&Line| person.queues.contains(&line.prefix);
    AgentBody {
        name: person.name.to_owned(),
        email: person.email(),
        role: Role::Agent,
        queues: lines.iter().filter(serves).map(|line| line.id).collect(),
        skills: Vec::new(),
        dispatch: DispatchBody::Pull,
        counter_id: counter,
        wrap_up_seconds: 0,
        offer_timeout_seconds: 20,
        offers_missed_max: 2,
        auto_accept: false,
        active: true,
    }
}

fn device(site: Uuid, kind: DeviceKind, name: &str) -> DeviceBody {
    DeviceBody { site_id: site, kind, name: name.to_owned() }
}
