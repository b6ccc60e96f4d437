//! What is the same for everything configured: list, create, read, replace, delete.
//!
//! A kind says who may read and write it and how it is shown; the rest is here once. Versions travel as ETags.
//! Invariant: what a caller may not see answers exactly as what does not exist.

use actors::{Directory, Kept, Resource};
use axum::Json;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::{Scope, SiteId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::auth::Principal;
use crate::command::{Answer, Args, etag};
use crate::edge::{Caller, Change};
use crate::extract::{Call, IfMatch, Signed, page_of};
use crate::finish::Finish;
use crate::idempotency::{Deed, Origin, once};
use crate::problem::{Code, Problem};

/// A kind of configured thing, as the API treats it.
pub(super) trait Shown: Resource {
    /// Any of these reads it.
    const READ: &'static [Scope];
    /// Any of these changes it.
    const WRITE: &'static [Scope];
    type View: Serialize + Send;

    fn view(kept: &Kept<Self>, caller: &Caller) -> Self::View;

    /// Whether it has to do with `site`.
    fn concerns(kept: &Kept<Self>, directory: &Directory, site: SiteId) -> bool;

    /// More than the scopes: what a change from `old` to `new` asks for.
    ///
    /// # Errors
    /// 403 when the caller may change this kind, but not so.
    fn may_change(
        _old: Option<&Self>,
        _new: Option<&Self>,
        _principal: &Principal,
    ) -> Result<(), Problem> {
        Ok(())
    }
}

/// One configured thing, with what the server knows of it.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct View<T> {
    id: Uuid,
    /// Counts changes, from 1; also the ETag.
    version: u64,
    created_at: actors::At,
    updated_at: actors::At,
    #[serde(flatten)]
    body: T,
}

impl<T: Clone> View<T> {
    pub(super) fn of(kept: &Kept<T>) -> Self {
        let (created_at, updated_at) = (actors::At(kept.created_at), actors::At(kept.updated_at));
        Self { id: kept.id, version: kept.version, created_at, updated_at, body: kept.body.clone() }
    }
}

/// One page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Page<V> {
    pub(super) items: Vec<V>,
    /// Give it as `cursor` for the page after this one; null on the last.
    pub(super) next_cursor: Option<String>,
}

/// Which page of a list.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct PageQuery {
    /// Rows, at most 200; 50 when left out.
    pub(super) limit: Option<u32>,
    /// `next_cursor` of the page before.
    pub(super) cursor: Option<String>,
}

/// Which page of a list, of one site or of all.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct SitePageQuery {
    /// Rows, at most 200; 50 when left out.
    pub(super) limit: Option<u32>,
    /// `next_cursor` of the page before.
    pub(super) cursor: Option<String>,
    /// Only what has to do with this site.
    pub(super) site_id: Option<Uuid>,
}

impl From<PageQuery> for SitePageQuery {
    fn from(query: PageQuery) -> Self {
        Self { limit: query.limit, cursor: query.cursor, site_id: None }
    }
}

/// The body of something new: one of its kind.
#[derive(Deserialize)]
#[serde(transparent)]
pub(super) struct New<T>(pub(super) T);

impl<T: Shown> Args for New<T> {
    const SCOPES: &'static [Scope] = T::WRITE;
}

/// Cuts a page out of items that are sorted by id.
pub(super) fn cut<I>(
    items: impl Iterator<Item = I>,
    query: &SitePageQuery,
    rows: u32,
    id: impl Fn(&I) -> Uuid,
) -> Result<Page<I>, Problem> {
    let after = query.cursor.as_deref().map(Uuid::parse_str).transpose();
    let after = after
        .map_err(|_| Problem::invalid_parameter("cursor", "give the next_cursor of a page"))?;
    let rows = usize::try_from(rows).unwrap_or(1);
    let mut items: Vec<I> =
        items.filter(|item| after.is_none_or(|after| id(item) > after)).take(rows + 1).collect();
    let more = items.len() > rows;
    items.truncate(rows);
    let next_cursor = items.last().filter(|_| more).map(|last| id(last).to_string());
    Ok(Page { items, next_cursor })
}

pub(super) async fn list<T: Shown>(
    signed: Signed,
    query: SitePageQuery,
) -> Result<Json<Page<T::View>>, Problem> {
    signed.needs(T::READ)?;
    let rows = page_of(query.limit, signed.edge.limits())?;
    let (principal, directory) = (&signed.caller.principal, signed.caller.tenant.directory());
    let sites = [query.site_id.map(SiteId), principal.bound_site(&directory)];
    let seen =
        |kept: &&Kept<T>| sites.iter().flatten().all(|site| T::concerns(kept, &directory, *site));
    let page = cut(directory.list::<T>().filter(seen), &query, rows, |kept| kept.id)?;
    let items = page.items.into_iter().map(|kept| T::view(kept, &signed.caller)).collect();
    Ok(Json(Page { items, next_cursor: page.next_cursor }))
}

pub(super) async fn read<T: Shown>(signed: Signed) -> Result<Response, Problem> {
    signed.needs(T::READ)?;
    let directory = signed.caller.tenant.directory();
    let kept = visible::<T>(&directory, &signed)?;
    Ok(shown(kept, &signed.caller))
}

/// What the path names, if the caller may see it.
fn visible<'d, T: Shown>(
    directory: &'d Directory,
    signed: &Signed,
) -> Result<&'d Kept<T>, Problem> {
    let kept = directory.get::<T>(signed.id()?).ok_or(Problem::of(Code::NotFound))?;
    let bound = signed.caller.principal.bound_site(directory);
    let seen = bound.is_none_or(|site| T::concerns(kept, directory, site));
    if seen { Ok(kept) } else { Err(Problem::of(Code::NotFound)) }
}

fn shown<T: Shown>(kept: &Kept<T>, caller: &Caller) -> Response {
    ([(header::ETAG, etag(kept.version))], Json(T::view(kept, caller))).into_response()
}

pub(super) async fn create<T: Shown>(call: Call<New<T>>) -> Result<Answer, Problem> {
    let Call { signed, args: New(body), origin, .. } = call;
    let (edge, caller) = (signed.edge.clone(), signed.caller);
    T::may_change(None, Some(&body), &caller.principal)?;
    Finish::new(signed.edge.tracker(), async move {
        once(&caller, &origin, async |hash| {
            let ask = actors::Ask { cause: Some(Origin::cause(&hash)), ..caller.principal.ask() };
            let kept = caller.tenant.create(body, ask).await?;
            caller.record(&edge, change("create", None, Some(&kept)));
            let answer = Answer::json(201, &T::view(&kept, &caller));
            Ok(Deed::Unkept(
                answer.at(format!("{}/{}", origin.path, kept.id)).versioned(kept.version),
            ))
        })
        .await
    })
    .await
}

pub(super) async fn replace<T: Shown>(
    signed: Signed,
    expected: IfMatch,
    body: T,
) -> Result<Response, Problem> {
    signed.needs(T::WRITE)?;
    let caller = &signed.caller;
    let id: Uuid = signed.id()?;
    T::may_change(
        caller.tenant.directory().get::<T>(id).map(|kept| &kept.body),
        Some(&body),
        &caller.principal,
    )?;
    let ask = caller.principal.ask();
    let (before, kept) = caller.tenant.exchange(id, body, expected.0, ask).await?;
    caller.record(&signed.edge, change("replace", Some(&before), Some(&kept)));
    Ok(shown(&kept, caller))
}

pub(super) async fn delete<T: Shown>(
    signed: Signed,
    expected: IfMatch,
) -> Result<StatusCode, Problem> {
    signed.needs(T::WRITE)?;
    let caller = &signed.caller;
    let id: Uuid = signed.id()?;
    T::may_change(
        caller.tenant.directory().get::<T>(id).map(|kept| &kept.body),
        None,
        &caller.principal,
    )?;
    let before = caller.tenant.take_out::<T>(id, expected.0, caller.principal.ask()).await?;
    caller.record(&signed.edge, change("delete", Some(&before), None));
    Ok(StatusCode::NO_CONTENT)
}

/// What the audit log says of a change.
fn change<T: Resource>(verb: &str, before: Option<&Kept<T>>, after: Option<&Kept<T>>) -> Change {
    let id = before.or(after).map_or(Uuid::nil(), |kept| kept.id);
    let body = |kept: &Kept<T>| serde_json::to_value(&kept.body).unwrap_or_default();
    let (before, after) = (before.map(body), after.map(body));
    Change { before, after, ..Change::of(T::KIND.as_str(), verb, id) }
}

/// The five routes of a kind; `query` is what its list can be asked for.
macro_rules! resource_routes {
    ($body:ident as $view:ty, tag $tag:tt, all $all:tt, one $one:tt, query $query:ident) => {
        mod handlers {
            use axum::Json;
            use axum::http::StatusCode;
            use axum::response::Response;

            use super::super::resource::{self, New, Page};
            use super::*;
            use crate::command::Answer;
            use crate::extract::{Asked, Call, IfMatch, JsonBody, Signed};
            use crate::problem::Problem;

            /// Lists what is configured, oldest first.
            #[utoipa::path(get, path = $all, tag = $tag, params($query),
                responses((status = 200, description = "One page", body = Page<$view>)))]
            pub(super) async fn list(
                signed: Signed,
                query: Asked<$query>,
            ) -> Result<Json<Page<<$body as resource::Shown>::View>>, Problem> {
                resource::list::<$body>(signed, query.0.into()).await
            }

            /// Creates one.
            #[utoipa::path(post, path = $all, tag = $tag, request_body = $body,
                responses((status = 201, description = "Created", body = $view)))]
            pub(super) async fn create(call: Call<New<$body>>) -> Result<Answer, Problem> {
                resource::create(call).await
            }

            /// Shows one, with its version as ETag.
            #[utoipa::path(get, path = $one, tag = $tag, responses((status = 200, description = "As configured", body = $view)))]
            pub(super) async fn read(signed: Signed) -> Result<Response, Problem> {
                resource::read::<$body>(signed).await
            }

            /// Replaces one.
            #[utoipa::path(put, path = $one, tag = $tag, request_body = $body,
                responses((status = 200, description = "As configured now", body = $view)))]
            pub(super) async fn replace(
                signed: Signed,
                expected: IfMatch,
                body: JsonBody<$body>,
            ) -> Result<Response, Problem> {
                resource::replace(signed, expected, body.0).await
            }

            /// Deletes one that nothing depends on.
            #[utoipa::path(delete, path = $one, tag = $tag, responses((status = 204, description = "Deleted")))]
            pub(super) async fn delete(signed: Signed, expected: IfMatch) -> Result<StatusCode, Problem> {
                resource::delete::<$body>(signed, expected).await
            }
        }
    };
}
pub(super) use resource_routes;
