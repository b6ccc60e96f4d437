//! Programs of others that may act for a person: what each was allowed, since when, and the way to take it back.
//!
//! Taking a consent back ends what came of it: codes, refresh tokens, and the access tokens of up to then.
//! Invariant: after that the program is asked about again before it gets anything.

use axum::extract::State;
use axum::response::Response;
use persistence::StoreError;
use serde_json::json;

use super::super::consent::list;
use super::super::failed::Failed;
use super::super::guard::{Posted, Seal};
use super::super::html::Html;
use super::super::lang::Lang;
use super::super::page::go;
use super::super::record;
use super::super::session::Session;
use crate::edge::Edge;

/// The part of the account's page; empty when no program was allowed anything.
///
/// # Errors
/// When the store does not answer.
pub(super) async fn section(
    edge: &Edge,
    session: &Session,
    seal: &Seal,
    lang: Lang,
) -> Result<Html, StoreError> {
    let (store, tenant) = (edge.engine().store(), session.realm.id());
    let rows = store.consents(tenant, session.holder.account.account).await?;
    if rows.is_empty() {
        return Ok(Html::new());
    }
    let words = lang.words();
    let mut part = Html::new().element("h2", words.programs);
    for row in rows {
        let client = store.client(tenant, &row.client_id).await?;
        let name = client.map_or_else(|| row.client_id.clone(), |client| client.name);
        let form = seal
            .form("/account/programs/withdraw", lang)
            .hidden("client", &row.client_id)
            .button(words.withdraw)
            .raw("</form>");
        part = part.raw("<p><strong>").text(&name).raw("</strong> ").text(words.since).raw(" ");
        part = part.add(&super::time(row.given_at)).raw("</p>").add(&list(&row.scope)).add(&form);
    }
    Ok(part)
}

pub(in crate::signin) async fn withdraw_program(
    State(edge): State<Edge>,
    posted: Posted,
) -> Result<Response, Failed> {
    let Some(session) = Session::current(&edge, &posted.headers).await? else {
        return Ok(go(super::SIGN_IN, None));
    };
    let client = posted.form.get("client").unwrap_or_default();
    let (tenant, account) = (session.realm.id(), session.holder.account.account);
    let now = edge.engine().clock().now();
    if edge.engine().store().withdraw_consent(tenant, account, client, now).await? {
        let subject = session.holder.subject.to_string();
        edge.end_program((tenant, session.realm.slug()), &subject, client).await?;
        let before = Some(json!({ "client": client }));
        record::done(&edge, &session.realm, account, &posted.trail, ("consent.withdraw", before));
    }
    Ok(go("/account", None))
}
