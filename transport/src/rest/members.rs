//! Members: who may sign in to a tenant, and how they come to.
//!
//! A member is an agent of the configuration together with the account they sign in with; both have the same id. An
//! invitation goes out by e-mail and makes the account; until then there is none.
//! Invariant: nobody makes, changes or lets in an administrator who is none, and one administrator always remains.

use std::collections::HashMap;

use actors::{AgentBody, Kept};
use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::{Role, Scope};
use persistence::{AccountRow, StoreError};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::resource::{Page, PageQuery, Shown, cut};
use crate::command::{Answer, Args, etag};
use crate::edge::{Caller, Change, Edge};
use crate::extract::{Asked, Call, IfMatch, JsonBody, Signed, page_of};
use crate::finish::Finish;
use crate::idempotency::{Deed, Origin, once};
use crate::problem::{Code, Problem};
use crate::signin::{
    Lang, forget_second_factor, invitations, invite, sign_out_everywhere, withdraw_invitation,
};

const READ: &[Scope] = &[Scope::ReadAgent];
const MANAGE: &[Scope] = &[Scope::ManageAgent];
/// Whose second factor is taken away can be signed in as with the password alone.
const ADMINISTER: &[Scope] = &[Scope::ManageSettings];

/// Somebody to be invited.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct InvitationBody {
    #[schema(example = "Binta Sarr")]
    name: String,
    /// Where the invitation goes; unique in the tenant.
    #[schema(example = "binta@banque.example")]
    email: String,
    /// admin, manager or agent.
    #[schema(value_type = String, example = "agent")]
    role: Role,
    /// Queues they serve.
    #[serde(default)]
    queues: Vec<Uuid>,
    /// Of the letter: fr, en or ar; French when left out.
    #[serde(default)]
    #[schema(example = "fr")]
    language: Option<String>,
}

impl Args for InvitationBody {
    const SCOPES: &'static [Scope] = MANAGE;
}

/// What is to be different; the rest stays.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct MemberChange {
    #[schema(example = "Binta Ndiaye")]
    name: Option<String>,
    /// admin, manager or agent. Their tokens end and their sockets close within a second.
    #[schema(value_type = Option<String>, example = "manager")]
    role: Option<Role>,
    /// False ends their tokens at once and closes their sockets within a second.
    active: Option<bool>,
}

/// In which language an invitation is sent again.
#[derive(Debug, Default, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct AgainBody {
    /// fr, en or ar; French when left out.
    #[serde(default)]
    language: Option<String>,
}

impl Args for AgainBody {
    const SCOPES: &'static [Scope] = MANAGE;
}

/// How somebody stands with signing in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum SignInState {
    /// Was never invited, or the invitation is over.
    None,
    /// Has a letter with a link.
    Invited,
    /// Has an account.
    Joined,
}

/// One member.
#[derive(Debug, Serialize, ToSchema)]
struct MemberView {
    /// The agent's id.
    id: Uuid,
    /// Of the agent's configuration; also the ETag.
    version: u64,
    name: String,
    #[schema(example = "binta@banque.example")]
    email: String,
    /// admin, manager or agent.
    #[schema(value_type = String, example = "agent")]
    role: Role,
    active: bool,
    sign_in: SignInState,
    /// Until when the invitation's link works.
    invited_until: Option<actors::At>,
    /// Whether they proved that the e-mail address is theirs.
    email_verified: bool,
    /// Whether they sign in with a code of an app besides the password.
    second_factor: bool,
    created_at: actors::At,
    updated_at: actors::At,
}

/// What is known of signing in, by member.
#[derive(Default)]
struct Accounts {
    accounts: HashMap<Uuid, AccountRow>,
    invited_until: HashMap<Uuid, domain::Timestamp>,
}

impl Accounts {
    async fn of(edge: &Edge, caller: &Caller) -> Result<Self, Problem> {
        let tenant = caller.tenant.id();
        let accounts = edge.engine().store().accounts(tenant).await.map_err(unanswered)?;
        let invited_until = invitations(edge, tenant).await.map_err(unanswered)?;
        let accounts = accounts.into_iter().map(|row| (row.account, row)).collect();
        Ok(Self { accounts, invited_until })
    }

    fn view(&self, kept: &Kept<AgentBody>) -> MemberView {
        let account = self.accounts.get(&kept.id);
        let invited_until = self.invited_until.get(&kept.id).copied();
        // Who signs in at an outside provider has a proven address and no password.
        let has_joined =
            account.is_some_and(|row| row.password_hash.is_some() || row.verified_at.is_some());
        MemberView {
            id: kept.id,
            version: kept.version,
            name: kept.body.name.clone(),
            email: kept.body.email.clone(),
            role: kept.body.role,
            active: kept.body.active,
            sign_in: match (has_joined, invited_until) {
                (true, _) => SignInState::Joined,
                (false, Some(_)) => SignInState::Invited,
                (false, None) => SignInState::None,
            },
            invited_until: invited_until.map(actors::At),
            email_verified: account.is_some_and(|row| row.verified_at.is_some()),
            second_factor: account.is_some_and(|row| row.totp.is_some()),
            created_at: actors::At(kept.created_at),
            updated_at: actors::At(kept.updated_at),
        }
    }
}

pub(super) fn routes() -> OpenApiRouter<Edge> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(read, change))
        .routes(routes!(send_again, withdraw))
        .routes(routes!(reset_second_factor))
        .routes(routes!(end_sessions))
}

/// Lists the members, oldest first.
#[utoipa::path(get, path = "/api/v1/tenants/{tenant}/members", tag = "members", params(PageQuery),
    responses((status = 200, description = "One page", body = Page<MemberView>)))]
async fn list(
    signed: Signed,
    Asked(query): Asked<PageQuery>,
) -> Result<Json<Page<MemberView>>, Problem> {
    signed.needs(READ)?;
    let rows = page_of(query.limit, signed.edge.limits())?;
    let accounts = Accounts::of(&signed.edge, &signed.caller).await?;
    let directory = signed.caller.tenant.directory();
    let page = cut(directory.list::<AgentBody>(), &query.into(), rows, |kept| kept.id)?;
    let items = page.items.into_iter().map(|kept| accounts.view(kept)).collect();
    Ok(Json(Page { items, next_cursor: page.next_cursor }))
}

/// Invites somebody: makes the agent and sends the letter whose link makes the account.
#[utoipa::path(post, path = "/api/v1/tenants/{tenant}/members", tag = "members", request_body = InvitationBody,
    responses((status = 201, description = "Invited", body = MemberView)))]
async fn create(call: Call<InvitationBody>) -> Result<Answer, Problem> {
    let Call { signed, args, origin, .. } = call;
    let (edge, caller) = (signed.edge, signed.caller);
    let lang = language(args.language.as_deref())?;
    let body = args.agent()?;
    AgentBody::may_change(None, Some(&body), &caller.principal)?;
    let tracker = edge.tracker().clone();
    Finish::new(&tracker, async move {
        once(&caller, &origin, async |hash| {
            let ask = actors::Ask { cause: Some(Origin::cause(&hash)), ..caller.principal.ask() };
            let kept = caller.tenant.create(body, ask).await?;
            caller.record(&edge, change_of("invite", kept.id, None, Some(facts(&kept))));
            // The member is there by now; without a letter the answer says so, and it can be sent again.
            let until = invite(&edge, &caller.tenant, &kept, lang).await.ok();
            let invited_until = until.map(|until| (kept.id, until)).into_iter().collect();
            let view = Accounts { invited_until, ..Accounts::default() }.view(&kept);
            let answer = Answer::json(201, &view).at(format!("{}/{}", origin.path, kept.id));
            Ok(Deed::Unkept(answer.versioned(kept.version)))
        })
        .await
    })
    .await
}

/// Shows one member.
#[utoipa::path(get, path = "/api/v1/tenants/{tenant}/members/{id}", tag = "members",
    responses((status = 200, description = "As they are", body = MemberView)))]
async fn read(signed: Signed) -> Result<Response, Problem> {
    signed.needs(READ)?;
    shown(&signed, &member(&signed)?).await
}

/// Changes the name, the role, or whether somebody may come in.
#[utoipa::path(patch, path = "/api/v1/tenants/{tenant}/members/{id}", tag = "members", request_body = MemberChange,
    responses((status = 200, description = "As they are now", body = MemberView)))]
async fn change(
    signed: Signed,
    expected: IfMatch,
    JsonBody(wish): JsonBody<MemberChange>,
) -> Result<Response, Problem> {
    signed.needs(MANAGE)?;
    let (old, caller) = (member(&signed)?, &signed.caller);
    let body = wish.over(old.body.clone());
    AgentBody::may_change(Some(&old.body), Some(&body), &caller.principal)?;
    // What was read is what is changed: somebody else's change in between is not undone.
    let seen = expected.0.or(Some(old.version));
    let (before, kept) = caller.tenant.exchange(old.id, body, seen, caller.principal.ask()).await?;
    let change = change_of("change", kept.id, Some(facts(&before)), Some(facts(&kept)));
    caller.record(&signed.edge, change);
    shown(&signed, &kept).await
}

/// Sends the invitation again, with a new link; the one before ends.
#[utoipa::path(post, path = "/api/v1/tenants/{tenant}/members/{id}/invitation", tag = "members",
    request_body = AgainBody, responses((status = 200, description = "Sent", body = MemberView)))]
async fn send_again(call: Call<AgainBody>) -> Result<Answer, Problem> {
    let Call { signed, args, origin, .. } = call;
    let kept = member(&signed)?;
    let lang = language(args.language.as_deref())?;
    AgentBody::may_change(Some(&kept.body), Some(&kept.body), &signed.caller.principal)?;
    let accounts = Accounts::of(&signed.edge, &signed.caller).await?;
    if accounts.view(&kept).sign_in == SignInState::Joined {
        return Err(Problem::invalid_parameter(
            "id",
            "this member has joined; a forgotten password is mended at /reset",
        ));
    }
    let (edge, caller) = (signed.edge, signed.caller);
    let tracker = edge.tracker().clone();
    Finish::new(&tracker, async move {
        once(&caller, &origin, async |_| {
            let until = invite(&edge, &caller.tenant, &kept, lang).await;
            let until = until.map_err(|_| actors::AskError::OutcomeUnknown)?;
            caller.record(&edge, change_of("invite", kept.id, None, Some(facts(&kept))));
            let invited_until = HashMap::from([(kept.id, until)]);
            Ok(Deed::Unkept(Answer::json(200, &Accounts { invited_until, ..accounts }.view(&kept))))
        })
        .await
    })
    .await
}

/// Ends an invitation: its link opens nothing any more.
#[utoipa::path(delete, path = "/api/v1/tenants/{tenant}/members/{id}/invitation", tag = "members",
    responses((status = 204, description = "There is no invitation")))]
async fn withdraw(State(edge): State<Edge>, signed: Signed) -> Result<StatusCode, Problem> {
    signed.needs(MANAGE)?;
    let kept = member(&signed)?;
    AgentBody::may_change(Some(&kept.body), Some(&kept.body), &signed.caller.principal)?;
    withdraw_invitation(&edge, signed.caller.tenant.id(), kept.id).await.map_err(unanswered)?;
    signed.caller.record(&edge, change_of("withdraw", kept.id, None, None));
    Ok(StatusCode::NO_CONTENT)
}

/// Takes the second factor away from somebody who lost it. Their sessions and tokens end.
#[utoipa::path(delete, path = "/api/v1/tenants/{tenant}/members/{id}/second-factor", tag = "members",
    responses((status = 204, description = "The password alone opens the account")))]
async fn reset_second_factor(
    State(edge): State<Edge>,
    signed: Signed,
) -> Result<StatusCode, Problem> {
    signed.needs(ADMINISTER)?;
    signed.caller.principal.signed_in_just_now(edge.engine().clock().now())?;
    let (kept, caller) = (member(&signed)?, &signed.caller);
    if forget_second_factor(&edge, &caller.tenant, kept.id).await? {
        caller.record(&edge, change_of("second_factor_reset", kept.id, None, None));
    }
    Ok(StatusCode::NO_CONTENT)
}

/// Signs somebody out everywhere: their sessions and tokens end, their account stays.
#[utoipa::path(delete, path = "/api/v1/tenants/{tenant}/members/{id}/sessions", tag = "members",
    responses((status = 204, description = "Nothing of before opens anything")))]
async fn end_sessions(State(edge): State<Edge>, signed: Signed) -> Result<StatusCode, Problem> {
    signed.needs(ADMINISTER)?;
    let (kept, caller) = (member(&signed)?, &signed.caller);
    sign_out_everywhere(&edge, &caller.tenant, kept.id).await?;
    caller.record(&edge, change_of("sign_out", kept.id, None, None));
    Ok(StatusCode::NO_CONTENT)
}

async fn shown(signed: &Signed, kept: &Kept<AgentBody>) -> Result<Response, Problem> {
    let view = Accounts::of(&signed.edge, &signed.caller).await?.view(kept);
    Ok(([(header::ETAG, etag(kept.version))], Json(view)).into_response())
}

fn member(signed: &Signed) -> Result<Kept<AgentBody>, Problem> {
    let directory = signed.caller.tenant.directory();
    directory.get::<AgentBody>(signed.id()?).cloned().ok_or(Problem::of(Code::NotFound))
}

fn language(wished: Option<&str>) -> Result<Lang, Problem> {
    match wished {
        None => Ok(Lang::Fr),
        Some(tag) => {
            Lang::of_tag(tag).ok_or_else(|| Problem::invalid("/language", "give fr, en or ar"))
        }
    }
}

/// What the audit log says of a member. No address: who they are is told by the id.
fn facts(kept: &Kept<AgentBody>) -> Value {
    json!({ "role": kept.body.role, "active": kept.body.active })
}

fn change_of(verb: &str, id: Uuid, before: Option<Value>, after: Option<Value>) -> Change {
    Change { action: format!("member.{verb}"), object: format!("agent:{id}"), before, after }
}

impl InvitationBody {
    fn agent(self) -> Result<AgentBody, Problem> {
        let Self { name, email, role, queues, language: _ } = self;
        let body = json!({ "name": name, "email": email, "role": role, "queues": queues });
        serde_json::from_value(body).map_err(|error| Problem::invalid("", error.to_string()))
    }
}

impl MemberChange {
    fn over(self, old: AgentBody) -> AgentBody {
        AgentBody {
            name: self.name.unwrap_or(old.name),
            role: self.role.unwrap_or(old.role),
            active: self.active.unwrap_or(old.active),
            ..old
        }
    }
}

fn unanswered(error: StoreError) -> Problem {
    tracing::error!(%error, "the store did not answer about members");
    Problem::of(Code::OutcomeUnknown).retry_after(1)
}
