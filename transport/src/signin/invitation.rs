//! Invitations: the letter whose link makes an account, sent, sent again, withdrawn.
//!
//! One link stands for each member at most; a new one ends the one before.
//! Invariant: what is kept of a link opens nothing; only the letter holds it.

use std::collections::HashMap;

use actors::{AgentBody, Kept, Tenant};
use domain::{Secs, TenantId, Timestamp};
use persistence::{OnceRow, StoreError};
use uuid::Uuid;

use super::lang::Lang;
use crate::edge::Edge;
use crate::oauth::Opaque;
use crate::problem::{Code, Problem};

pub(super) const PURPOSE: &str = "invite";
/// From the letter to the account: longer than a week-end.
const WITHIN: Secs = Secs::minutes(72 * 60);

/// Sends `agent` a letter whose link makes the account. Earlier links end. The answer is until when it works.
///
/// # Errors
/// 503 when the store does not answer: nothing was sent then.
pub(crate) async fn invite(
    edge: &Edge,
    tenant: &Tenant,
    agent: &Kept<AgentBody>,
    lang: Lang,
) -> Result<Timestamp, Problem> {
    let fresh = Opaque::fresh(tenant.id()).ok_or(Problem::of(Code::Internal))?;
    let expires_at = edge.engine().clock().now().after(WITHIN);
    let row = OnceRow {
        tenant: tenant.id(),
        hash: fresh.hash,
        purpose: PURPOSE.to_owned(),
        subject: agent.id.to_string(),
        data: "{}".to_owned(),
        tries_left: 1,
        expires_at,
    };
    let kept = async {
        withdraw_invitation(edge, tenant.id(), agent.id).await?;
        edge.engine().store().save_once(row).await
    };
    kept.await.map_err(unkept)?;
    send(edge, &agent.body, &fresh.text, lang);
    Ok(expires_at)
}

fn send(edge: &Edge, agent: &AgentBody, secret: &str, lang: Lang) {
    let (words, name) = (lang.words(), &agent.name);
    let link = format!("{}/invite/{secret}?lang={}", edge.sign_in().issuer(), lang.code());
    let text = format!("{name},\n\n{}\n\n{link}\n", words.invite_mail);
    edge.sign_in().mail(&agent.email, words.welcome, &text);
}

/// The links that `agent` was sent open nothing any more.
///
/// # Errors
/// When the store does not answer.
pub(crate) async fn withdraw_invitation(
    edge: &Edge,
    tenant: TenantId,
    agent: Uuid,
) -> Result<(), StoreError> {
    edge.engine().store().drop_once(tenant, PURPOSE, &agent.to_string()).await
}

/// Who was invited and has not joined yet, and until when they can.
///
/// # Errors
/// When the store does not answer.
pub(crate) async fn invitations(
    edge: &Edge,
    tenant: TenantId,
) -> Result<HashMap<Uuid, Timestamp>, StoreError> {
    let now = edge.engine().clock().now();
    let rows = edge.engine().store().standing_once(tenant, PURPOSE, now).await?;
    let of = |row: OnceRow| Some((Uuid::parse_str(&row.subject).ok()?, row.expires_at));
    Ok(rows.into_iter().filter_map(of).collect())
}

fn unkept(error: StoreError) -> Problem {
    tracing::error!(%error, "an invitation was not kept; it can be sent again");
    Problem::of(Code::OutcomeUnknown).retry_after(1)
}
