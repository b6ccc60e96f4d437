//! Joining a queue: the body, and what it means for the one who sends it.
//!
//! A kiosk's tickets are a kiosk's whatever it says, and what a person chose alone is marked so.
//! Invariant: state, number, tenant and priority are never taken from a body.

use actors::{DeviceKind, Directory, Join};
use domain::{Channel, ClassKey, CustomerId, QueueId, Role, Scope, ServiceId, SiteId, SkillSet};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::args::{Args, sound_text, sound_word, sound_words};
use crate::auth::Principal;
use crate::extract::Instant;
use crate::problem::{Code, Problem};

const NAME_CHARS_MAX: usize = 120;
const EMAIL_CHARS_MAX: usize = 254;
const PHONE_CHARS_MAX: usize = 32;

/// Joins a queue: named itself, or by its site and service.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"queue_id": "01890a5d-ac96-774b-bcce-b302099a8057", "channel": "kiosk", "language": "fr"}))]
pub(crate) struct IssueArgs {
    #[serde(default)]
    pub(crate) queue_id: Option<Uuid>,
    #[serde(default)]
    pub(crate) site_id: Option<Uuid>,
    #[serde(default)]
    pub(crate) service_id: Option<Uuid>,
    /// kiosk, staff, web, mobile, sms, whatsapp, ussd or appointment. Devices may leave it out.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "kiosk")]
    pub(crate) channel: Option<Channel>,
    /// Key of a class of the queue; none means its first.
    #[serde(default)]
    #[schema(example = "senior")]
    pub(crate) class: Option<String>,
    #[serde(default)]
    pub(crate) customer_id: Option<Uuid>,
    #[serde(default)]
    pub(crate) name: Option<String>,
    /// In international form.
    #[serde(default)]
    #[schema(example = "+221771234567")]
    pub(crate) phone: Option<String>,
    #[serde(default)]
    pub(crate) email: Option<String>,
    /// BCP 47.
    #[serde(default)]
    #[schema(example = "fr")]
    pub(crate) language: Option<String>,
    /// Skills that serving this person takes, beyond those of the service.
    #[serde(default)]
    pub(crate) skills: Vec<String>,
    /// The appointed time.
    #[serde(default)]
    pub(crate) slot: Option<Instant>,
    /// Joins from afar: keeps a place, and is called only after check-in.
    #[serde(default)]
    pub(crate) remote: bool,
    #[serde(default)]
    pub(crate) tags: Vec<String>,
}

impl Args for IssueArgs {
    const SCOPES: &'static [Scope] = &[Scope::WriteTicket, Scope::Device];
}

impl IssueArgs {
    /// What is asked of the queue.
    ///
    /// # Errors
    /// 400 for a body that is not sound, 403 for somebody who may not join that queue, 404 for a queue that is not.
    pub(super) fn join(
        self,
        principal: &Principal,
        directory: &Directory,
    ) -> Result<Join, Problem> {
        self.check()?;
        let queue = self.queue(directory)?;
        if !principal.may_touch(directory, queue) {
            return Err(Problem::of(Code::NotAssigned));
        }
        let channel = self.channel_of(principal, directory)?;
        Ok(Join {
            queue,
            channel,
            class: self.class.as_deref().map(ClassKey::new),
            self_service: chosen_alone(channel),
            customer: self.customer_id.map(CustomerId),
            name: self.name,
            phone: self.phone,
            email: self.email,
            language: self.language,
            skills: SkillSet::from(self.skills),
            slot: self.slot.map(|slot| slot.0),
            remote: self.remote,
            tags: self.tags,
        })
    }

    fn queue(&self, directory: &Directory) -> Result<QueueId, Problem> {
        let found = match (self.queue_id, self.site_id, self.service_id) {
            (Some(queue), None, None) => directory.queue(QueueId(queue)),
            (None, Some(site), Some(service)) => {
                directory.queue_for(SiteId(site), ServiceId(service))
            }
            _ => {
                return Err(Problem::invalid(
                    "/queue_id",
                    "give queue_id alone, or site_id with service_id",
                ));
            }
        };
        found.map(|queue| QueueId(queue.id)).ok_or(Problem::of(Code::NotFound))
    }

    fn channel_of(&self, principal: &Principal, directory: &Directory) -> Result<Channel, Problem> {
        if principal.role != Role::Device {
            return self
                .channel
                .ok_or_else(|| Problem::invalid("/channel", "missing field `channel`"));
        }
        let device = principal.device.and_then(|device| directory.device(device));
        if device.is_some_and(|device| device.body.kind == DeviceKind::Display) {
            return Err(Problem::new(Code::InsufficientScope, "a display issues no tickets"));
        }
        Ok(Channel::Kiosk)
    }

    fn check(&self) -> Result<(), Problem> {
        let text = |pointer, text: &Option<String>, max| {
            text.as_deref().map_or(Ok(()), |text| sound_text(pointer, text, max))
        };
        text("/name", &self.name, NAME_CHARS_MAX)?;
        text("/email", &self.email, EMAIL_CHARS_MAX)?;
        text("/phone", &self.phone, PHONE_CHARS_MAX)?;
        self.class.as_deref().map_or(Ok(()), |class| sound_word("/class", class))?;
        self.language.as_deref().map_or(Ok(()), sound_language)?;
        sound_words("/skills", &self.skills)?;
        sound_words("/tags", &self.tags)
    }
}

/// Whether the person chose for themselves, without staff.
const fn chosen_alone(channel: Channel) -> bool {
    match channel {
        Channel::Staff | Channel::Appointment => false,
        Channel::Kiosk
        | Channel::Web
        | Channel::Mobile
        | Channel::Sms
        | Channel::Whatsapp
        | Channel::Ussd => true,
    }
}

/// Letters, digits and hyphens, at most as long as BCP 47 tags get.
fn sound_language(language: &str) -> Result<(), Problem> {
    let plain = language.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    if plain && (2..=35).contains(&language.len()) {
        return Ok(());
    }
    Err(Problem::invalid("/language", "give a BCP 47 tag such as fr or pt-BR"))
}
