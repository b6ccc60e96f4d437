//! What makes a body acceptable: its fields in themselves, and what they refer to.
//!
//! A fault names the field and the remedy. Uniqueness of keys is the database's business.
//! Invariant: a body that passes names only things that exist, and a queue's share can be made from it.

use std::collections::BTreeMap;

use uuid::Uuid;

use super::bodies::{AgentBody, CounterBody, DeviceBody, QueueBody, ServiceBody, SiteBody};
use super::directory::{Directory, Kept, Kind, Resource};
use super::queue_config::queue_config;

type Fault = (String, String);

fn fault(field: &str, remedy: &str) -> Result<(), Fault> {
    Err((field.to_owned(), remedy.to_owned()))
}

fn sound_slug(field: &str, slug: &str) -> Result<(), Fault> {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if slug.is_empty() || slug.len() > 64 || !slug.chars().all(plain) {
        return fault(field, "give 1 to 64 lower-case letters, digits or hyphens");
    }
    Ok(())
}

/// Who may get the report of a site's day.
const REPORT_TO_MAX: usize = 10;

fn sound_email(field: &str, email: &str) -> Result<(), Fault> {
    let parts = email.split_once('@');
    let sound = parts.is_some_and(|(name, host)| !name.is_empty() && host.contains('.'));
    if !sound || email.len() > 254 || email.chars().any(char::is_whitespace) {
        return fault(field, "give an e-mail address such as awa@example.com");
    }
    Ok(())
}

fn sound_name(field: &str, name: &str) -> Result<(), Fault> {
    let length = name.trim().chars().count();
    if length == 0 || length > 120 || name.chars().any(char::is_control) {
        return fault(field, "give 1 to 120 characters without control characters");
    }
    Ok(())
}

fn known<T: Resource>(directory: &Directory, field: &str, id: Uuid) -> Result<(), Fault> {
    match directory.get::<T>(id) {
        Some(_) => Ok(()),
        None => Err((field.to_owned(), format!("give the id of an existing {}", T::KIND.as_str()))),
    }
}

macro_rules! shelves {
    ($($body:ident => $kind:ident, $shelf:ident);+ $(;)?) => {$(
        impl Resource for $body {
            const KIND: Kind = Kind::$kind;

            fn key(&self) -> String {
                self.own_key()
            }

            fn check(&self, directory: &Directory, id: Uuid) -> Result<(), Fault> {
                self.faults(directory, id)
            }

            fn shelf(directory: &Directory) -> &BTreeMap<Uuid, Kept<Self>> {
                &directory.$shelf
            }

            fn shelf_mut(directory: &mut Directory) -> &mut BTreeMap<Uuid, Kept<Self>> {
                &mut directory.$shelf
            }
        }
    )+};
}

shelves! {
    SiteBody => Site, sites;
    ServiceBody => Service, services;
    QueueBody => Queue, queues;
    CounterBody => Counter, counters;
    AgentBody => Agent, agents;
    DeviceBody => Device, devices;
}

impl SiteBody {
    fn own_key(&self) -> String {
        self.slug.clone()
    }

    fn faults(&self, _: &Directory, _: Uuid) -> Result<(), Fault> {
        sound_slug("slug", &self.slug)?;
        sound_name("name", &self.name)?;
        if !self.hours.weekly.is_empty() && self.hours.weekly.len() != 7 {
            return fault("hours/weekly", "give seven days, Monday first, or none");
        }
        if self.report_to.len() > REPORT_TO_MAX {
            return fault("report_to", "give at most ten addresses");
        }
        self.report_to.iter().try_for_each(|email| sound_email("report_to", email))
    }
}

impl ServiceBody {
    fn own_key(&self) -> String {
        self.slug.clone()
    }

    fn faults(&self, _: &Directory, _: Uuid) -> Result<(), Fault> {
        sound_slug("slug", &self.slug)?;
        if self.names.is_empty() {
            return fault("names", "give a name in at least one language");
        }
        self.names.values().try_for_each(|name| sound_name("names", name))?;
        if self.target_seconds == 0 || self.expected_seconds == 0 {
            return fault("target_seconds", "give targets and expected times of at least 1 second");
        }
        Ok(())
    }
}

impl QueueBody {
    /// Numbers of one site must not be mistaken for each other.
    fn own_key(&self) -> String {
        format!("{}/{}", self.site_id, self.prefix)
    }

    fn faults(&self, directory: &Directory, _: Uuid) -> Result<(), Fault> {
        known::<SiteBody>(directory, "site_id", self.site_id)?;
        known::<ServiceBody>(directory, "service_id", self.service_id)?;
        sound_name("name", &self.name)?;
        if self.capacity == Some(0) {
            return fault("capacity", "give at least 1, or leave it out");
        }
        let share = queue_config(directory, self, u32::MAX);
        match share.map(|share| share.faults()).unwrap_or_default().first() {
            Some(found) => fault(found.field, found.remedy),
            None => Ok(()),
        }
    }
}

impl CounterBody {
    fn own_key(&self) -> String {
        format!("{}/{}", self.site_id, self.name)
    }

    fn faults(&self, directory: &Directory, _: Uuid) -> Result<(), Fault> {
        known::<SiteBody>(directory, "site_id", self.site_id)?;
        sound_name("name", &self.name)
    }
}

impl AgentBody {
    fn own_key(&self) -> String {
        self.email.to_lowercase()
    }

    fn faults(&self, directory: &Directory, id: Uuid) -> Result<(), Fault> {
        sound_name("name", &self.name)?;
        sound_email("email", &self.email)?;
        self.queues.iter().try_for_each(|queue| known::<QueueBody>(directory, "queues", *queue))?;
        self.counter_id
            .map_or(Ok(()), |counter| known::<CounterBody>(directory, "counter_id", counter))?;
        let administers = self.active && self.role == domain::Role::Admin;
        if !administers && directory.is_last_admin(id) {
            let field = if self.active { "role" } else { "active" };
            return fault(field, "this is the last administrator: make another one first");
        }
        match self.role {
            domain::Role::Admin | domain::Role::Manager | domain::Role::Agent => Ok(()),
            domain::Role::PlatformAdmin | domain::Role::Device | domain::Role::Customer => {
                fault("role", "give admin, manager or agent")
            }
        }
    }
}

impl DeviceBody {
    fn own_key(&self) -> String {
        format!("{}/{}", self.site_id, self.name)
    }

    fn faults(&self, directory: &Directory, _: Uuid) -> Result<(), Fault> {
        known::<SiteBody>(directory, "site_id", self.site_id)?;
        sound_name("name", &self.name)
    }
}
