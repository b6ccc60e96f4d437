//! When a tenant's people are told that something is wrong, and by which channels.
//!
//! Thresholds come in pairs, so that nothing flaps. Addresses of chats hold a secret: only who may change settings sees
//! them, and the audit log does not.
//! Invariant: an address that the guard refuses now is not kept.

use actors::{AlertSettings, ChatFormat, ChatHook, TenantChange};
use axum::Json;
use domain::{AlertRules, Scope};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::edge::{Change, Edge};
use crate::extract::{JsonBody, Signed};
use crate::mail::is_address;
use crate::problem::{Code, Problem};

const SCOPES: &[Scope] = &[Scope::ManageSettings];
/// People and rooms of one tenant that are told.
const CHANNELS_MAX: usize = 10;
const URL_CHARS_MAX: usize = 1_000;

pub(super) fn routes() -> OpenApiRouter<Edge> {
    OpenApiRouter::new().routes(routes!(read, replace))
}

/// A room of a chat.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ChatBody {
    /// slack or teams.
    #[schema(value_type = String, example = "slack", pattern = "^(slack|teams)$")]
    format: ChatFormat,
    /// The address of its incoming webhook, by https.
    #[schema(example = "https://hooks.slack.com/services/T000/B000/room")]
    url: String,
}

/// When people are told, and how. What is left out is the default.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
struct AlertSettingsBody {
    /// `capacity` is raised from so full on, in percent: 1 to 100.
    #[schema(minimum = 1, maximum = 100, default = 90)]
    capacity_percent: u32,
    /// And cleared below.
    #[schema(minimum = 1, maximum = 99, default = 80)]
    capacity_clear_percent: u32,
    /// `sla_breach` is raised while fewer than so many percent of those waiting are within their target: 1 to 99.
    #[schema(minimum = 1, maximum = 99, default = 80)]
    within_target_percent: u32,
    /// And cleared from here on.
    #[schema(minimum = 2, maximum = 100, default = 90)]
    within_target_clear_percent: u32,
    /// With fewer people waiting it is not raised.
    #[schema(minimum = 1, maximum = 1000, default = 5)]
    within_target_people: u32,
    /// `wait_over_twice_target` is raised when the longest wait is so many percent of the target: 50 to 1000.
    #[schema(minimum = 50, maximum = 1000, default = 200)]
    wait_percent: u32,
    /// And cleared below.
    #[schema(minimum = 1, maximum = 999, default = 150)]
    wait_clear_percent: u32,
    /// For how long it must be bad before an alert is raised; also for `nobody_serving` and `device_offline`.
    #[schema(minimum = 0, maximum = 3600, default = 30)]
    raise_after_seconds: u32,
    /// For how long it must be good before an alert is cleared.
    #[schema(minimum = 1, maximum = 3600, default = 60)]
    clear_after_seconds: u32,
    /// Who gets a letter, at most 10.
    #[schema(example = json!(["chef.agence@banque.example"]))]
    emails: Vec<String>,
    /// Where it is written, at most 10.
    chats: Vec<ChatBody>,
}

impl Default for AlertSettingsBody {
    fn default() -> Self {
        AlertSettings::default().into()
    }
}

impl From<AlertSettings> for AlertSettingsBody {
    fn from(settings: AlertSettings) -> Self {
        let rules = settings.rules;
        let chat = |hook: ChatHook| ChatBody { format: hook.format, url: hook.url };
        Self {
            capacity_percent: rules.capacity_percent,
            capacity_clear_percent: rules.capacity_clear_percent,
            within_target_percent: rules.within_target_percent,
            within_target_clear_percent: rules.within_target_clear_percent,
            within_target_people: rules.within_target_people,
            wait_percent: rules.wait_percent,
            wait_clear_percent: rules.wait_clear_percent,
            raise_after_seconds: rules.raise_after_seconds,
            clear_after_seconds: rules.clear_after_seconds,
            emails: settings.emails,
            chats: settings.chats.into_iter().map(chat).collect(),
        }
    }
}

impl AlertSettingsBody {
    fn rules(&self) -> Result<AlertRules, Problem> {
        let rules = AlertRules {
            capacity_percent: self.capacity_percent,
            capacity_clear_percent: self.capacity_clear_percent,
            within_target_percent: self.within_target_percent,
            within_target_clear_percent: self.within_target_clear_percent,
            within_target_people: self.within_target_people,
            wait_percent: self.wait_percent,
            wait_clear_percent: self.wait_clear_percent,
            raise_after_seconds: self.raise_after_seconds,
            clear_after_seconds: self.clear_after_seconds,
        };
        let fault =
            |fault: domain::RuleFault| Problem::invalid(&format!("/{}", fault.field), fault.remedy);
        rules.check().map(|()| rules).map_err(fault)
    }

    /// What is to be kept, every address judged.
    async fn checked(self, edge: &Edge) -> Result<AlertSettings, Problem> {
        let rules = self.rules()?;
        if self.emails.len() > CHANNELS_MAX || self.chats.len() > CHANNELS_MAX {
            let field = if self.emails.len() > CHANNELS_MAX { "/emails" } else { "/chats" };
            return Err(Problem::invalid(field, format!("give at most {CHANNELS_MAX}")));
        }
        for (place, email) in self.emails.iter().enumerate() {
            if !is_address(email) {
                let field = format!("/emails/{place}");
                return Err(Problem::invalid(&field, "give one e-mail address"));
            }
        }
        let guard = edge.guard().map_err(|_| Problem::of(Code::Internal))?;
        for (place, chat) in self.chats.iter().enumerate() {
            let field = format!("/chats/{place}/url");
            if chat.url.chars().count() > URL_CHARS_MAX {
                return Err(Problem::invalid(&field, "give at most 1000 characters"));
            }
            let checked = guard.check(&chat.url).await;
            let url = checked.map_err(|error| Problem::invalid(&field, error.to_string()))?;
            let is_here = matches!(url.host_str(), Some("127.0.0.1" | "[::1]" | "localhost"));
            if url.scheme() != "https" && !is_here {
                return Err(Problem::invalid(&field, "give an address that begins with https://"));
            }
        }
        let hook = |chat: ChatBody| ChatHook { format: chat.format, url: chat.url };
        let chats = self.chats.into_iter().map(hook).collect();
        Ok(AlertSettings { rules, emails: self.emails, chats })
    }

    /// For the audit log: the addresses are counted, not told.
    fn told(settings: &AlertSettings) -> Value {
        json!({
            "rules": settings.rules,
            "emails": settings.emails.len(),
            "chats": settings.chats.iter().map(|chat| chat.format.as_str()).collect::<Vec<_>>(),
        })
    }
}

/// Shows when people are told, and how.
#[utoipa::path(get, path = "/api/v1/tenants/{tenant}/settings/alerts", tag = "alerts",
    responses((status = 200, description = "As it is", body = AlertSettingsBody)))]
async fn read(signed: Signed) -> Result<Json<AlertSettingsBody>, Problem> {
    signed.needs(SCOPES)?;
    Ok(Json(signed.caller.tenant.alert_settings().into()))
}

/// Sets when people are told, and how. Alerts that stand are judged by it from the next second on.
#[utoipa::path(put, path = "/api/v1/tenants/{tenant}/settings/alerts", tag = "alerts", request_body = AlertSettingsBody,
    responses((status = 200, description = "As it is now", body = AlertSettingsBody)))]
async fn replace(
    signed: Signed,
    JsonBody(body): JsonBody<AlertSettingsBody>,
) -> Result<Json<AlertSettingsBody>, Problem> {
    signed.needs(SCOPES)?;
    let (edge, caller) = (&signed.edge, &signed.caller);
    let settings = body.checked(edge).await?;
    let before = caller.tenant.alert_settings();
    let change = TenantChange { alerts: Some(settings.clone()), ..TenantChange::default() };
    edge.engine().change_tenant(caller.tenant.slug(), change, None).await?;
    let (action, object) =
        ("alert_settings.replace".to_owned(), format!("tenant:{}", caller.tenant.id()));
    let before = Some(AlertSettingsBody::told(&before));
    let after = Some(AlertSettingsBody::told(&settings));
    caller.record(edge, Change { action, object, before, after });
    Ok(Json(settings.into()))
}
