//! Where declared things are compared and written: a draft in memory, or the running engine.
//!
//! Both hold directories, so a dry run judges by the very checks that the engine applies.
//! Invariant: a thing whose body is as declared is not written, so applying twice changes nothing.

use std::collections::BTreeMap;
use std::sync::Arc;

use actors::{
    Ask, AskError, AuditEntry, Clock, Directory, Engine, Kept, Resource, SiteBody, Tenant,
};
use domain::{OpeningHours, TenantId, Timestamp, Zone};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::app::operator;
use crate::cli::peek::Known;

/// What became of a declared thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Change {
    Created,
    /// The properties that were different.
    Changed(Vec<String>),
    Unchanged,
}

/// What is being written in.
pub(super) enum Book {
    Draft { tenants: BTreeMap<String, Known>, open: String, clock: Clock },
    Live { engine: Engine, open: Option<Tenant> },
}

impl Book {
    /// A draft of what would become of `tenants`.
    pub(super) fn draft(tenants: BTreeMap<String, Known>) -> Book {
        Book::Draft { tenants, open: String::new(), clock: Clock::system() }
    }

    /// A draft of what would become of the engine's tenants.
    pub(super) fn draft_of(engine: &Engine) -> Book {
        let known = engine.tenants().into_iter().filter_map(|info| {
            let directory = Directory::clone(&*engine.tenant(&info.slug)?.directory());
            Some((info.slug, Known { id: info.id.0, name: info.name, directory }))
        });
        Book::draft(known.collect())
    }

    pub(super) fn live(engine: Engine) -> Book {
        Book::Live { engine, open: None }
    }

    pub(super) fn is_draft(&self) -> bool {
        matches!(self, Book::Draft { .. })
    }

    /// Turns to the tenant `slug`, which is created or renamed where needed.
    pub(super) async fn turn_to(&mut self, slug: &str, name: &str) -> Result<Change, AskError> {
        match self {
            Book::Draft { tenants, open, .. } => {
                sound(slug, name)?;
                slug.clone_into(open);
                let before = tenants.get(slug).map(|known| known.name.clone());
                name.clone_into(&mut tenants.entry(slug.to_owned()).or_default().name);
                Ok(renamed(before.as_deref(), name))
            }
            Book::Live { engine, open } => {
                let tenants = engine.tenants();
                let before = tenants.iter().find(|info| info.slug == slug);
                let change = renamed(before.map(|info| info.name.as_str()), name);
                match &change {
                    Change::Created => {
                        let tenant = engine.create_tenant(slug, name).await?.id();
                        record(
                            engine,
                            tenant,
                            ("tenant", "create", tenant.0),
                            None,
                            Some(named(name)),
                        );
                    }
                    Change::Changed(_) => {
                        let tenant = engine.rename_tenant(slug, name, None).await?.id;
                        let before = before.map(|info| named(&info.name));
                        record(
                            engine,
                            tenant,
                            ("tenant", "rename", tenant.0),
                            before,
                            Some(named(name)),
                        );
                    }
                    Change::Unchanged => {}
                }
                *open = engine.tenant(slug);
                Ok(change)
            }
        }
    }

    /// Everything configured for the tenant turned to.
    pub(super) fn directory(&self) -> Arc<Directory> {
        match self {
            Book::Draft { tenants, open, .. } => {
                tenants.get(open).map(|known| Arc::new(known.directory.clone())).unwrap_or_default()
            }
            Book::Live { open, .. } => open.as_ref().map(Tenant::directory).unwrap_or_default(),
        }
    }

    /// Makes the thing with the key of `body` be as `body` says.
    pub(super) async fn put<T: Resource>(&mut self, body: T) -> Result<(Uuid, Change), AskError> {
        let directory = self.directory();
        let Some(kept) = directory.by_key::<T>(&body.key()) else {
            return Ok((self.create(body).await?, Change::Created));
        };
        let different = differences(&kept.body, &body);
        if different.is_empty() {
            return Ok((kept.id, Change::Unchanged));
        }
        self.replace(kept, body).await?;
        Ok((kept.id, Change::Changed(different)))
    }

    async fn create<T: Resource>(&mut self, body: T) -> Result<Uuid, AskError> {
        match self {
            Book::Draft { tenants, open, clock } => {
                let id = clock.new_id();
                let at = Timestamp(0);
                let kept = Kept { id, version: 1, created_at: at, updated_at: at, body };
                write_down(tenants, open, kept)?;
                Ok(id)
            }
            Book::Live { engine, open } => {
                let tenant = open.as_ref().ok_or(AskError::NotFound)?;
                let kept = tenant.create(body, Ask::system()).await?;
                let what = (T::KIND.as_str(), "create", kept.id);
                record(engine, tenant.id(), what, None, value_of(&kept.body));
                Ok(kept.id)
            }
        }
    }

    async fn replace<T: Resource>(&mut self, kept: &Kept<T>, body: T) -> Result<(), AskError> {
        match self {
            Book::Draft { tenants, open, .. } => {
                write_down(tenants, open, Kept { body, version: kept.version + 1, ..kept.clone() })
            }
            Book::Live { engine, open } => {
                let tenant = open.as_ref().ok_or(AskError::NotFound)?;
                let (id, version) = (kept.id, Some(kept.version));
                let (before, kept) = tenant.exchange(id, body, version, Ask::system()).await?;
                let what = (T::KIND.as_str(), "replace", id);
                record(engine, tenant.id(), what, value_of(&before.body), value_of(&kept.body));
                Ok(())
            }
        }
    }
}

/// Leaves an entry in the audit log, as the same change over the API would; `what` is kind, verb and id.
fn record(
    engine: &Engine,
    tenant: TenantId,
    (kind, verb, id): (&str, &str, Uuid),
    before: Option<Value>,
    after: Option<Value>,
) {
    engine.audit().record(AuditEntry {
        tenant,
        at: engine.clock().now(),
        actor: operator(),
        action: format!("{kind}.{verb}"),
        object: format!("{kind}:{id}"),
        outcome: "ok",
        address: None,
        request_id: None,
        before,
        after,
    });
}

fn named(name: &str) -> Value {
    json!({ "name": name })
}

fn value_of<T: Resource>(body: &T) -> Option<Value> {
    serde_json::to_value(body).ok()
}

/// Checks and keeps a thing in the draft, as the engine would.
fn write_down<T: Resource>(
    tenants: &mut BTreeMap<String, Known>,
    open: &str,
    kept: Kept<T>,
) -> Result<(), AskError> {
    let directory = &mut tenants.entry(open.to_owned()).or_default().directory;
    let checked = kept.body.check(directory, kept.id);
    checked.map_err(|(field, remedy)| AskError::Invalid { field, remedy })?;
    T::shelf_mut(directory).insert(kept.id, kept);
    Ok(())
}

/// A tenant's slug and name obey the rules of a site's.
fn sound(slug: &str, name: &str) -> Result<(), AskError> {
    let (slug, name) = (slug.to_owned(), name.to_owned());
    let (timezone, hours) = (Zone::utc(), OpeningHours::default());
    let like = SiteBody {
        slug,
        name,
        timezone,
        address: None,
        languages: Vec::new(),
        hours,
        report_to: Vec::new(),
    };
    let checked = like.check(&Directory::default(), Uuid::nil());
    checked.map_err(|(field, remedy)| AskError::Invalid { field, remedy })
}

fn renamed(before: Option<&str>, name: &str) -> Change {
    match before {
        None => Change::Created,
        Some(before) if before == name => Change::Unchanged,
        Some(_) => Change::Changed(vec!["name".to_owned()]),
    }
}

/// The properties in which two bodies of a kind differ.
fn differences<T: Resource>(before: &T, after: &T) -> Vec<String> {
    let value = |body: &T| serde_json::to_value(body).unwrap_or_default();
    match (value(before), value(after)) {
        (Value::Object(before), Value::Object(after)) => {
            let differs = |(key, value): (&String, &Value)| {
                (before.get(key) != Some(value)).then(|| key.trim_end_matches("_id").to_owned())
            };
            after.iter().filter_map(differs).collect()
        }
        (before, after) if before == after => Vec::new(),
        (_, _) => vec!["all".to_owned()],
    }
}
