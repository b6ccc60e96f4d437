//! Whom an outside identity stands for here, made or changed just in time.
//!
//! A known subject is its member. A new one becomes the member of its proven e-mail address: one who has not joined yet,
//! or a new one. An account that somebody signs in to already is never taken over by an address alone, unless the
//! administrator has said so for the provider; its holder gets a letter then.
//! Invariant: nobody is let in without a role, and a member who was shut out stays out.

use actors::{AgentBody, Ask, AskError, Kept, Tenant};
use domain::{AgentId, Role};
use persistence::{AccountRow, ExternalSubjectRow, StoreError};
use serde_json::json;
use uuid::Uuid;

use crate::auth::Subject;
use crate::edge::{Change, Edge, Trail};
use crate::external::{Identity, Provider};
use crate::oauth::Realm;
use crate::problem::Problem;
use crate::signin::accounts::{end_everything, is_email, new_account, save};
use crate::signin::failed::Failed;
use crate::signin::invitation::withdraw_invitation;
use crate::signin::lang::Lang;
use crate::signin::words::Words;

const NAME_CHARS_MAX: usize = 120;

/// Why somebody whom the provider knows is not let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Why {
    /// None of their groups has a role.
    NoRole,
    /// The provider does not say that the address is theirs.
    Unproven,
    /// Somebody signs in to the account of this address otherwise.
    Taken,
    /// The member was shut out, or removed.
    Off,
}

impl Why {
    pub(super) fn words(self) -> fn(&Words) -> &'static str {
        match self {
            Self::NoRole => |words| words.external_no_role,
            Self::Unproven => |words| words.external_unproven,
            Self::Taken => |words| words.external_taken,
            Self::Off => |words| words.external_off,
        }
    }
}

/// One sign-in, with everything that it is judged by.
struct Arrival<'a> {
    edge: &'a Edge,
    tenant: &'a Tenant,
    provider: &'a Provider,
    identity: &'a Identity,
    trail: &'a Trail,
    lang: Lang,
}

/// The account that `identity` signs in to.
///
/// # Errors
/// When the store does not answer, or somebody changed the same member meanwhile.
pub(super) async fn admit(
    edge: &Edge,
    tenant: &Tenant,
    provider: &Provider,
    identity: &Identity,
    trail: &Trail,
    lang: Lang,
) -> Result<Result<Uuid, Why>, Failed> {
    let arrival = Arrival { edge, tenant, provider, identity, trail, lang };
    let (store, issuer) = (edge.engine().store(), &provider.row.issuer);
    let link = store.linked_account(tenant.id(), issuer, &identity.subject).await?;
    let role = provider.role(identity);
    match (link, role) {
        (Some(link), None) => {
            arrival.end_all(link.account).await?;
            Ok(Err(Why::NoRole))
        }
        (Some(link), Some(role)) => arrival.known(link.account, role).await,
        (None, None) => Ok(Err(Why::NoRole)),
        (None, Some(role)) => arrival.stranger(role).await,
    }
}

impl Arrival<'_> {
    async fn known(&self, account: Uuid, role: Role) -> Result<Result<Uuid, Why>, Failed> {
        let kept = self.tenant.directory().get::<AgentBody>(account).cloned();
        let Some(kept) = kept.filter(|kept| kept.body.active) else { return Ok(Err(Why::Off)) };
        let row = self.edge.engine().store().account(self.tenant.id(), account).await?;
        if row.is_none_or(|row| row.disabled_at.is_some()) {
            return Ok(Err(Why::Off));
        }
        self.bring_up_to_date(kept, role).await?;
        Ok(Ok(account))
    }

    async fn stranger(&self, role: Role) -> Result<Result<Uuid, Why>, Failed> {
        let email = self.provider.proven_email(self.identity).filter(|email| is_email(email));
        let Some(email) = email else { return Ok(Err(Why::Unproven)) };
        let store = self.edge.engine().store();
        let row = store.account_by_email(self.tenant.id(), email).await?;
        let kept = match (self.member_of(email), &row) {
            (Some(kept), _) if !kept.body.active => return Ok(Err(Why::Off)),
            (Some(kept), _) => kept,
            // The account of somebody who was removed.
            (None, Some(_)) => return Ok(Err(Why::Off)),
            (None, None) => self.make(email, role).await?,
        };
        let row = store.account(self.tenant.id(), kept.id).await?;
        if row.as_ref().is_some_and(|row| row.disabled_at.is_some()) {
            return Ok(Err(Why::Off));
        }
        let is_used = match self.standing_of(row.as_ref()).await? {
            Standing::Free => false,
            Standing::Used if self.provider.row.link_existing => true,
            Standing::Used | Standing::Another => return Ok(Err(Why::Taken)),
        };
        self.open_account(row, kept.id, email).await?;
        if !self.link(kept.id).await? {
            return Ok(Err(Why::Taken));
        }
        if is_used {
            self.tell(email, &kept.body.name);
        }
        let account = kept.id;
        self.bring_up_to_date(kept, role).await?;
        Ok(Ok(account))
    }

    fn member_of(&self, email: &str) -> Option<Kept<AgentBody>> {
        let directory = self.tenant.directory();
        let mut all = directory.list::<AgentBody>();
        all.find(|kept| kept.body.email.eq_ignore_ascii_case(email)).cloned()
    }

    /// The one place where somebody becomes a member here.
    async fn make(&self, email: &str, role: Role) -> Result<Kept<AgentBody>, Failed> {
        let name =
            self.name().unwrap_or_else(|| email.split('@').next().unwrap_or(email).to_owned());
        let body = json!({ "name": name, "email": email, "role": role });
        let body: AgentBody =
            serde_json::from_value(body).map_err(|_| Problem::from(AskError::OutcomeUnknown))?;
        let kept = self.tenant.create(body, Ask::system()).await.map_err(Problem::from)?;
        let after = json!({ "role": role, "provider": self.provider.row.slug });
        self.record("member.join", kept.id, None, Some(after));
        Ok(kept)
    }

    async fn standing_of(&self, row: Option<&AccountRow>) -> Result<Standing, StoreError> {
        let Some(row) = row else { return Ok(Standing::Free) };
        let store = self.edge.engine().store();
        let links = store.subjects_of(row.tenant, row.account).await?;
        if links.iter().any(|link| link.issuer == self.provider.row.issuer) {
            return Ok(Standing::Another);
        }
        let is_used = row.password_hash.is_some() || !links.is_empty();
        Ok(if is_used { Standing::Used } else { Standing::Free })
    }

    /// The provider's word stands for the address from now on.
    async fn open_account(
        &self,
        row: Option<AccountRow>,
        account: Uuid,
        email: &str,
    ) -> Result<(), Failed> {
        let now = self.edge.engine().clock().now();
        // The letter's link would open a second way in.
        withdraw_invitation(self.edge, self.tenant.id(), account).await?;
        match row {
            None => {
                let fresh = new_account(self.tenant.id(), account, email, None, now);
                let fresh = AccountRow { verified_at: Some(now), ..fresh };
                Ok(self.edge.engine().store().save_account(fresh, None).await?)
            }
            Some(row) if row.verified_at.is_none() => {
                save(self.edge, AccountRow { verified_at: Some(now), ..row }).await
            }
            Some(_) => Ok(()),
        }
    }

    /// False when the subject stands for somebody else by now.
    async fn link(&self, account: Uuid) -> Result<bool, StoreError> {
        let (store, issuer) = (self.edge.engine().store(), &self.provider.row.issuer);
        let row = ExternalSubjectRow {
            tenant: self.tenant.id(),
            issuer: issuer.clone(),
            subject: self.identity.subject.clone(),
            account,
            linked_at: self.edge.engine().clock().now(),
        };
        if store.link_subject(row).await? {
            let after = json!({ "provider": self.provider.row.slug });
            self.record("member.link", account, None, Some(after));
            return Ok(true);
        }
        let found = store.linked_account(self.tenant.id(), issuer, &self.identity.subject).await?;
        Ok(found.is_some_and(|found| found.account == account))
    }

    /// Name and role as the provider says. A role that changes ends tokens and sockets as any change of a role does.
    async fn bring_up_to_date(&self, kept: Kept<AgentBody>, role: Role) -> Result<(), Failed> {
        let role = if self.provider.rules_roles() { role } else { kept.body.role };
        let name = self.name().unwrap_or_else(|| kept.body.name.clone());
        if (role, &name) == (kept.body.role, &kept.body.name) {
            return Ok(());
        }
        let (before, id) = (json!({ "role": kept.body.role }), kept.id);
        let body = AgentBody { role, name, ..kept.body };
        let changed = self.tenant.exchange(id, body, Some(kept.version), Ask::system()).await;
        match changed {
            Ok(_) => {
                self.record("member.change", id, Some(before), Some(json!({ "role": role })));
                Ok(())
            }
            // The last administrator remains one, whatever the groups say.
            Err(AskError::Invalid { field, remedy }) => {
                tracing::warn!(agent.id = %id, "member {id} stays as they are: {field}: {remedy}");
                Ok(())
            }
            Err(error) => Err(Problem::from(error).into()),
        }
    }

    /// Whoever has no role any more loses what their sign-ins had opened.
    async fn end_all(&self, account: Uuid) -> Result<(), Failed> {
        let realm = Realm::Tenant(self.tenant.clone());
        end_everything(self.edge, &realm, account, &Subject::Agent(AgentId(account))).await?;
        self.record("member.no_role", account, None, None);
        Ok(())
    }

    fn name(&self) -> Option<String> {
        let told = self.identity.name.as_deref()?;
        let plain = told.chars().filter(|letter| !letter.is_control()).take(NAME_CHARS_MAX);
        let name = plain.collect::<String>().trim().to_owned();
        (!name.is_empty()).then_some(name)
    }

    fn tell(&self, email: &str, name: &str) {
        let words = self.lang.words();
        let text =
            format!("{name},\n\n{} {}\n", words.external_linked_mail, self.provider.row.name);
        self.edge.sign_in().mail(email, words.account, &text);
    }

    fn record(
        &self,
        action: &str,
        id: Uuid,
        before: Option<serde_json::Value>,
        after: Option<serde_json::Value>,
    ) {
        let who = actors::Who::System;
        let (action, object) = (action.to_owned(), format!("agent:{id}"));
        self.edge.record(
            self.tenant.id(),
            &who,
            self.trail,
            Change { action, object, before, after },
        );
    }
}

/// What an account is to somebody who comes with its address.
enum Standing {
    /// Nobody signs in to it.
    Free,
    /// With a password, or at another provider.
    Used,
    /// Somebody else of this very provider does: the address changed hands.
    Another,
}
