//! Stored forms of the values inside events, and the way between them and the domain's own.
//!
//! `mirror!` writes a form once and both conversions with it; a field that the domain gains or loses stops the build.
//! Instants are microseconds since the epoch, durations whole seconds, ids UUID text.
//!
//! Invariant: a form's serialised names change only together with the format version of the kinds that hold it.

use std::sync::Arc;

use domain::{
    AgentId, ClassKey, CounterId, CustomerId, LocalDay, QueueId, Secs, ServiceId, SkillSet,
    TicketId, Timestamp,
};
use serde::{Deserialize, Serialize};

macro_rules! mirror {
    (struct $form:ident = $domain:ident { $($(#[$meta:meta])* $field:ident: $type:ty),+ $(,)? }) => {
        #[derive(Debug, Serialize, Deserialize)]
        pub(super) struct $form {
            $($(#[$meta])* $field: $type),+
        }

        impl From<domain::$domain> for $form {
            fn from(value: domain::$domain) -> Self {
                Self { $($field: value.$field.into()),+ }
            }
        }

        impl From<$form> for domain::$domain {
            fn from(form: $form) -> Self {
                Self { $($field: form.$field.into()),+ }
            }
        }
    };
    ($(#[$meta:meta])* enum $form:ident = $domain:ident { $($variant:ident $({ $($field:ident: $type:ty),+ })?),+ $(,)? }) => {
        #[derive(Debug, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        $(#[$meta])*
        pub(super) enum $form {
            $($variant $({ $($field: $type),+ })?),+
        }

        impl From<domain::$domain> for $form {
            fn from(value: domain::$domain) -> Self {
                match value {
                    $(domain::$domain::$variant $({ $($field),+ })? => Self::$variant $({ $($field),+ })?),+
                }
            }
        }

        impl From<$form> for domain::$domain {
            fn from(form: $form) -> Self {
                match form {
                    $($form::$variant $({ $($field),+ })? => Self::$variant $({ $($field),+ })?),+
                }
            }
        }
    };
}

mirror! {
    struct Number = TicketNumber { prefix: Arc<str>, value: u32 }
}

mirror! {
    struct LastNumber = LastNumber { day: LocalDay, value: u32 }
}

mirror! {
    enum Channel = Channel { Kiosk, Staff, Web, Mobile, Sms, Whatsapp, Ussd, Appointment }
}

mirror! {
    struct Visit = Visit {
        ticket: TicketId,
        number: Number,
        service: ServiceId,
        class: ClassKey,
        channel: Channel,
        needs: SkillSet,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        customer: Option<CustomerId>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        language: Option<Arc<str>>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        slot: Option<Timestamp>,
        issued_at: Timestamp,
        leg: u16,
    }
}

mirror! {
    #[serde(tag = "code")]
    enum Reason = Reason {
        FirstInLine { waited: Secs },
        ClassBefore { class: ClassKey },
        Deadline { waited: Secs, target: Secs },
        OverTarget { waited: Secs, target: Secs },
        HardBound { waited: Secs },
        Accumulated { waited: Secs, class: ClassKey },
        Turn { class: ClassKey },
        Appointment { slot: Timestamp },
        PlacedFirst,
        OutOfOrder { by: AgentId, why: String },
        CalledBack,
    }
}

mirror! {
    struct Call = Call { agent: AgentId, counter: CounterId, calls: u8, at: Timestamp, reason: Reason }
}

mirror! {
    #[serde(tag = "kind")]
    enum Place = Place { InOrder, First { seq: u64 }, Behind { calls: u64 } }
}

mirror! {
    enum RequeueCause = RequeueCause { Missed, Agent, Customer }
}

mirror! {
    enum Announcement = Announcement { Shown, Heard }
}

mirror! {
    struct Outbound = Outbound {
        visit: Visit,
        arrived_at: Timestamp,
        to: QueueId,
        placement: Placement,
        tags: Vec<String>,
    }
}

/// `"keep"`, `"first"` or `{"behind": 3}`.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Placement {
    Keep,
    First,
    Behind(u32),
}

impl From<domain::Placement> for Placement {
    fn from(placement: domain::Placement) -> Self {
        match placement {
            domain::Placement::Keep => Self::Keep,
            domain::Placement::First => Self::First,
            domain::Placement::Behind(people) => Self::Behind(people),
        }
    }
}

impl From<Placement> for domain::Placement {
    fn from(form: Placement) -> Self {
        match form {
            Placement::Keep => Self::Keep,
            Placement::First => Self::First,
            Placement::Behind(people) => Self::Behind(people),
        }
    }
}

mirror! {
    struct InHand = InHand { queue: QueueId, ticket: TicketId, number: String }
}
