//! Goes through a declaration from the outside in: tenant, services, sites with what stands in them, agents.
//!
//! Names become ids as soon as the thing they name is in the book, whether it was declared above or was
//! there before. Invariant: a draft goes on after a fault and finds them all; a live book stops at the first.

use std::collections::HashSet;

use actors::{
    AgentBody, CounterBody, DeviceBody, Directory, QueueBody, Resource, ServiceBody, SiteBody,
};
use serde::Deserialize;
use uuid::Uuid;

use super::book::{Book, Change};
use super::document::{Document, Fault, Text, Thing};

/// One declared thing and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) kind: &'static str,
    /// The names that lead to it: `tenant/site/prefix`.
    pub(super) key: String,
    /// Where it is declared.
    pub(super) line: usize,
    pub(super) change: Change,
}

/// Carries the declaration `text` into `book`.
///
/// # Errors
/// Every fault that was found.
pub(super) async fn walk(text: &str, book: &mut Book) -> Result<Vec<Entry>, Vec<Fault>> {
    let mut walk = Walk { book, seen: HashSet::new(), entries: Vec::new(), faults: Vec::new() };
    if let Err(fault) = walk.file(Document(text)).await {
        walk.faults.push(fault);
    }
    if walk.faults.is_empty() { Ok(walk.entries) } else { Err(walk.faults) }
}

struct Walk<'b> {
    book: &'b mut Book,
    seen: HashSet<(&'static str, String)>,
    entries: Vec<Entry>,
    faults: Vec<Fault>,
}

/// A site that is in the book.
struct Place {
    id: Uuid,
    /// `tenant/site`.
    path: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TenantHead {
    slug: String,
    name: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

impl Walk<'_> {
    async fn file(&mut self, document: Document<'_>) -> Result<(), Fault> {
        let mut root = document.root()?;
        let tenants = root.things("tenants")?;
        root.read::<Nothing>()?;
        for tenant in tenants {
            let outcome = self.tenant(tenant).await;
            self.bear(outcome)?;
        }
        Ok(())
    }

    /// A fault in a draft is noted, so that the next thing is looked at too.
    fn bear(&mut self, outcome: Result<(), Fault>) -> Result<(), Fault> {
        match outcome {
            Err(fault) if self.book.is_draft() => {
                self.faults.push(fault);
                Ok(())
            }
            outcome => outcome,
        }
    }

    async fn tenant(&mut self, mut thing: Thing<'_>) -> Result<(), Fault> {
        let (services, sites) = (thing.things("services")?, thing.things("sites")?);
        let (agents, line) = (thing.things("agents")?, thing.line());
        let TenantHead { slug, name } = thing.read()?;
        self.first(line, "tenant", &slug)?;
        let turned = self.book.turn_to(&slug, &name).await;
        let change = turned.map_err(|error| Fault { line, what: error.to_string() })?;
        self.entries.push(Entry { kind: "tenant", key: slug.clone(), line, change });
        for service in services {
            let outcome = self.service(&slug, service).await;
            self.bear(outcome)?;
        }
        for site in sites {
            let outcome = self.site(&slug, site).await;
            self.bear(outcome)?;
        }
        for agent in agents {
            let outcome = self.agent(&slug, agent).await;
            self.bear(outcome)?;
        }
        Ok(())
    }

    async fn service(&mut self, tenant: &str, thing: Thing<'_>) -> Result<(), Fault> {
        let line = thing.line();
        let body: ServiceBody = thing.read()?;
        let path = format!("{tenant}/{}", body.slug);
        self.put(line, path, body).await.map(drop)
    }

    async fn site(&mut self, tenant: &str, mut thing: Thing<'_>) -> Result<(), Fault> {
        let (counters, queues) = (thing.things("counters")?, thing.things("queues")?);
        let (devices, line) = (thing.things("devices")?, thing.line());
        let body: SiteBody = thing.read()?;
        let path = format!("{tenant}/{}", body.slug);
        let place = Place { id: self.put(line, path.clone(), body).await?, path };
        for counter in counters {
            let outcome = self.counter(&place, counter).await;
            self.bear(outcome)?;
        }
        for queue in queues {
            let outcome = self.queue(&place, queue).await;
            self.bear(outcome)?;
        }
        for device in devices {
            let outcome = self.device(&place, device).await;
            self.bear(outcome)?;
        }
        Ok(())
    }

    async fn counter(&mut self, place: &Place, mut thing: Thing<'_>) -> Result<(), Fault> {
        let line = thing.line();
        thing.put("site_id", &place.id.to_string())?;
        let body: CounterBody = thing.read()?;
        let path = format!("{}/{}", place.path, body.name);
        self.put(line, path, body).await.map(drop)
    }

    async fn queue(&mut self, place: &Place, mut thing: Thing<'_>) -> Result<(), Fault> {
        let line = thing.line();
        thing.must_not_say("service_id")?;
        let named = thing.text("service")?.ok_or_else(|| thing.fault("missing key service"))?;
        let service = service_named(&self.book.directory(), &named)?;
        thing.put("service_id", &service.to_string())?;
        thing.put("site_id", &place.id.to_string())?;
        let body: QueueBody = thing.read()?;
        let path = format!("{}/{}", place.path, body.prefix);
        self.put(line, path, body).await.map(drop)
    }

    async fn device(&mut self, place: &Place, mut thing: Thing<'_>) -> Result<(), Fault> {
        let line = thing.line();
        thing.put("site_id", &place.id.to_string())?;
        let body: DeviceBody = thing.read()?;
        let path = format!("{}/{}", place.path, body.name);
        self.put(line, path, body).await.map(drop)
    }

    async fn agent(&mut self, tenant: &str, mut thing: Thing<'_>) -> Result<(), Fault> {
        let line = thing.line();
        thing.must_not_say("counter_id")?;
        let (queues, counter) = (thing.texts("queues")?, thing.text("counter")?);
        let directory = self.book.directory();
        let find = |named: &Text| in_site::<QueueBody>(&directory, named).map(|id| id.to_string());
        thing.put_all("queues", &queues.iter().map(find).collect::<Result<Vec<_>, _>>()?);
        if let Some(named) = counter {
            let id = in_site::<CounterBody>(&directory, &named)?;
            thing.put("counter_id", &id.to_string())?;
        }
        let body: AgentBody = thing.read()?;
        let path = format!("{tenant}/{}", body.email);
        self.put(line, path, body).await.map(drop)
    }

    /// Puts a body into the book, once for each key.
    async fn put<T: Resource>(&mut self, line: usize, key: String, body: T) -> Result<Uuid, Fault> {
        let kind = T::KIND.as_str();
        self.first(line, kind, &key)?;
        let kept = self.book.put(body).await;
        let (id, change) =
            kept.map_err(|error| Fault { line, what: format!("{kind} {key}: {error}") })?;
        self.entries.push(Entry { kind, key, line, change });
        Ok(id)
    }

    /// Two declarations of one thing contradict each other.
    fn first(&mut self, line: usize, kind: &'static str, key: &str) -> Result<(), Fault> {
        if self.seen.insert((kind, key.to_lowercase())) {
            return Ok(());
        }
        Err(Fault { line, what: format!("{kind} {key} is declared a second time") })
    }
}

fn service_named(directory: &Directory, named: &Text) -> Result<Uuid, Fault> {
    match directory.by_key::<ServiceBody>(&named.text) {
        Some(service) => Ok(service.id),
        None => {
            let what = format!("no service {}; declare it under [[tenants.services]]", named.text);
            Err(Fault { line: named.line, what })
        }
    }
}

/// The queue or counter that is named like `site/prefix` or `site/name`.
fn in_site<T: Resource>(directory: &Directory, named: &Text) -> Result<Uuid, Fault> {
    let (kind, text) = (T::KIND.as_str(), &named.text);
    let fault = |what: String| Fault { line: named.line, what };
    let Some((site, name)) = text.split_once('/') else {
        return Err(fault(format!(
            "{kind} {text}: write it like dakar-plateau/{text}, with its site"
        )));
    };
    let site = directory.by_key::<SiteBody>(site).map(|site| site.id);
    let found = site.and_then(|site| directory.by_key::<T>(&format!("{site}/{name}")));
    found.map(|kept| kept.id).ok_or_else(|| fault(format!("no {kind} {text} in this tenant")))
}
