//! Configuration: creating, replacing and deleting what is configured.
//!
//! A change is judged by the tenant's actor, one after another, against everything configured before it.
//! Invariant: what these return is in the database and already shared.

use persistence::ResourceWrite;
use tokio::sync::oneshot;
use uuid::Uuid;

use super::Tenant;
use crate::ask::{Ask, AskError};
use crate::resources::{Directory, Kept, Kind, Resource, Standing};
use crate::tenant_actor::{Change, Planned, TenantMessage};

impl Tenant {
    /// Creates one.
    ///
    /// # Errors
    /// `Invalid` names the field and the remedy; `Taken` the key that another one has.
    pub async fn create<T: Resource>(&self, body: T, _: Ask) -> Result<Kept<T>, AskError> {
        let id = self.world.world.clock.new_id();
        self.put(id, body, None, true).await.map(|(_, kept)| kept)
    }

    /// Replaces one. `expected` is the version of `If-Match`.
    ///
    /// # Errors
    /// As for `create`; `NotFound`, and `version_conflict` with the version it has by now.
    pub async fn replace<T: Resource>(
        &self,
        id: Uuid,
        body: T,
        expected: Option<u64>,
        ask: Ask,
    ) -> Result<Kept<T>, AskError> {
        self.exchange(id, body, expected, ask).await.map(|(_, kept)| kept)
    }

    /// Replaces one, and gives what stood there before as well.
    ///
    /// # Errors
    /// As for `replace`.
    pub async fn exchange<T: Resource>(
        &self,
        id: Uuid,
        body: T,
        expected: Option<u64>,
        _: Ask,
    ) -> Result<(Kept<T>, Kept<T>), AskError> {
        let (before, kept) = self.put(id, body, expected, false).await?;
        Ok((before.ok_or(AskError::NotFound)?, kept))
    }

    async fn put<T: Resource>(
        &self,
        id: Uuid,
        body: T,
        expected: Option<u64>,
        new: bool,
    ) -> Result<(Option<Kept<T>>, Kept<T>), AskError> {
        let now = self.world.world.clock.now();
        let (tell, told) = oneshot::channel();
        let plan = move |directory: &Directory| {
            let before = directory.get::<T>(id);
            if before.is_none() && !new {
                return Err(AskError::NotFound);
            }
            fits(before.map(|kept| kept.version), expected)?;
            if before.is_none() {
                directory.room_for(T::KIND)?;
            }
            body.check(directory, id)
                .map_err(|(field, remedy)| AskError::Invalid { field, remedy })?;
            let other = directory.by_key::<T>(&body.key()).filter(|other| other.id != id);
            if other.is_some() {
                return Err(taken(T::KIND, &body.key()));
            }
            let version = before.map_or(1, |kept| kept.version + 1);
            let created_at = before.map_or(now, |kept| kept.created_at);
            let write = put(&body, id, version, before.map(|kept| kept.version))?;
            let mut next = directory.clone();
            let kept = Kept { id, version, created_at, updated_at: now, body };
            // Nobody listens any more when the caller has given up.
            let _ = tell.send((before.cloned(), kept.clone()));
            next.put::<T>(kept);
            Ok(Planned { writes: vec![write], next })
        };
        self.change(plan).await?;
        told.await.map_err(|_| AskError::OutcomeUnknown)
    }

    /// Deletes one that nothing names any more.
    ///
    /// # Errors
    /// `NotFound`, `InUse` with what still names it, `version_conflict`.
    pub async fn delete<T: Resource>(
        &self,
        id: Uuid,
        expected: Option<u64>,
        ask: Ask,
    ) -> Result<(), AskError> {
        self.take_out::<T>(id, expected, ask).await.map(drop)
    }

    /// Deletes one that nothing names any more, and gives what it was.
    ///
    /// # Errors
    /// As for `delete`.
    pub async fn take_out<T: Resource>(
        &self,
        id: Uuid,
        expected: Option<u64>,
        _: Ask,
    ) -> Result<Kept<T>, AskError> {
        if T::KIND == Kind::Queue {
            self.must_be_empty(id).await?;
        }
        let (tell, told) = oneshot::channel();
        let plan = move |directory: &Directory| {
            let kept = directory.get::<T>(id).ok_or(AskError::NotFound)?;
            fits(Some(kept.version), expected)?;
            if let Some(by) = directory.user_of(T::KIND, id) {
                return Err(AskError::InUse { by });
            }
            let kind = T::KIND.as_str().into();
            let write = ResourceWrite::Delete { kind, id, expected_version: Some(kept.version) };
            // Nobody listens any more when the caller has given up.
            let _ = tell.send(kept.clone());
            let mut next = directory.clone();
            next.remove::<T>(id);
            Ok(Planned { writes: vec![write], next })
        };
        self.change(plan).await?;
        told.await.map_err(|_| AskError::OutcomeUnknown)
    }

    /// People who wait or are served would lose their place.
    async fn must_be_empty(&self, queue: Uuid) -> Result<(), AskError> {
        let view = self.queue(domain::QueueId(queue)).await?;
        let people = view.waiting + view.called + view.serving + view.held;
        if people == 0 { Ok(()) } else { Err(AskError::InUse { by: format!("{people} people") }) }
    }

    /// From now on the tenant stands so with the platform, whose row says it already.
    pub(crate) async fn stand(&self, standing: Standing) -> Result<(), AskError> {
        let plan = move |directory: &Directory| {
            Ok(Planned { writes: Vec::new(), next: directory.clone().standing_so(standing) })
        };
        self.change(plan).await
    }

    async fn change(
        &self,
        plan: impl FnOnce(&Directory) -> Result<Planned, AskError> + Send + 'static,
    ) -> Result<(), AskError> {
        self.awake()?;
        let (reply_to, answer) = oneshot::channel();
        let change = Change { plan: Box::new(plan), key: None };
        self.world.tell_tenant(TenantMessage::Change { change, reply_to });
        self.wait(answer).await?
    }
}

fn fits(current: Option<u64>, expected: Option<u64>) -> Result<(), AskError> {
    match (current, expected) {
        (Some(current), Some(expected)) if current != expected => {
            Err(domain::Refusal::VersionConflict { current }.into())
        }
        (Some(_) | None, _) => Ok(()),
    }
}

fn put<T: Resource>(
    body: &T,
    id: Uuid,
    version: u64,
    expected: Option<u64>,
) -> Result<ResourceWrite, AskError> {
    let text = serde_json::to_string(body).map_err(|error| AskError::Invalid {
        field: "body".to_owned(),
        remedy: error.to_string(),
    })?;
    let (kind, key) = (T::KIND.as_str().into(), body.key());
    Ok(ResourceWrite::Put { kind, id, key, version, body: text, expected_version: expected })
}

fn taken(kind: Kind, key: &str) -> AskError {
    let field = match kind {
        Kind::Site | Kind::Service => "slug",
        Kind::Queue => "prefix",
        Kind::Counter | Kind::Device => "name",
        Kind::Agent => "email",
    };
    AskError::Taken {
        field: field.to_owned(),
        value: key.rsplit('/').next().unwrap_or(key).to_owned(),
    }
}
