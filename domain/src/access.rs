//! Who may do what: roles, the scopes each holds, and nothing else.
//!
//! A scope is asked for by a route or a topic; a role is a fixed set of scopes. The whole table is on this screen.
//! Invariant: no role holds a scope of another tenant; the tenant comes from the token, never from here.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// What somebody is to a tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    PlatformAdmin,
    Admin,
    Manager,
    Agent,
    Device,
    Customer,
}

macro_rules! scopes {
    ($($(#[$doc:meta])* $name:ident = $text:literal),+ $(,)?) => {
        /// One permission.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[repr(u8)]
        pub enum Scope { $($(#[$doc])* $name),+ }

        impl Scope {
            /// Every scope there is.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text),+ }
            }
        }
    };
}

scopes! {
    ReadQueue = "read:queue",
    WriteQueue = "write:queue",
    ManageQueue = "manage:queue",
    ReadTicket = "read:ticket",
    WriteTicket = "write:ticket",
    ManageTicket = "manage:ticket",
    ReadAgent = "read:agent",
    ManageAgent = "manage:agent",
    ReadCustomer = "read:customer",
    WriteCustomer = "write:customer",
    ReadReports = "read:reports",
    ManageSettings = "manage:settings",
    SendNotification = "send:notification",
    ReadFeedback = "read:feedback",
    /// Kiosk: issue tickets. Display: acknowledge announcements.
    Device = "device",
    /// Create and suspend tenants.
    Platform = "platform",
}

/// The text names no scope.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown scope {0:?}")]
pub struct UnknownScope(pub String);

impl FromStr for Scope {
    type Err = UnknownScope;

    fn from_str(text: &str) -> Result<Self, UnknownScope> {
        Self::ALL
            .iter()
            .find(|scope| scope.as_str() == text)
            .copied()
            .ok_or_else(|| UnknownScope(text.to_owned()))
    }
}

/// A set of scopes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Scopes(u32);

impl Scopes {
    pub const fn of(scopes: &[Scope]) -> Self {
        let (mut bits, mut index) = (0, 0);
        while index < scopes.len() {
            bits |= 1 << scopes[index] as u8;
            index += 1;
        }
        Self(bits)
    }

    pub const fn has(self, scope: Scope) -> bool {
        self.0 & (1 << scope as u8) != 0
    }

    /// What both sets hold.
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    pub fn iter(self) -> impl Iterator<Item = Scope> {
        Scope::ALL.iter().copied().filter(move |scope| self.has(*scope))
    }
}

/// Space-separated, as in a token's `scope` claim.
impl fmt::Display for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, scope) in self.iter().enumerate() {
            let gap = if index == 0 { "" } else { " " };
            write!(f, "{gap}{}", scope.as_str())?;
        }
        Ok(())
    }
}

impl FromStr for Scopes {
    type Err = UnknownScope;

    fn from_str(text: &str) -> Result<Self, UnknownScope> {
        let scopes: Vec<Scope> =
            text.split_ascii_whitespace().map(str::parse).collect::<Result<_, _>>()?;
        Ok(Self::of(&scopes))
    }
}

const MANAGER: &[Scope] = &[
    Scope::ReadQueue,
    Scope::WriteQueue,
    Scope::ManageQueue,
    Scope::ReadTicket,
    Scope::WriteTicket,
    Scope::ManageTicket,
    Scope::ReadAgent,
    Scope::ManageAgent,
    Scope::ReadCustomer,
    Scope::WriteCustomer,
    Scope::ReadReports,
    Scope::SendNotification,
    Scope::ReadFeedback,
];
const AGENT: &[Scope] = &[
    Scope::ReadQueue,
    Scope::ReadTicket,
    Scope::WriteTicket,
    Scope::ReadCustomer,
    Scope::WriteCustomer,
];

impl Role {
    pub const ALL: &'static [Self] = &[
        Self::PlatformAdmin,
        Self::Admin,
        Self::Manager,
        Self::Agent,
        Self::Device,
        Self::Customer,
    ];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::PlatformAdmin => "platform_admin",
            Self::Admin => "admin",
            Self::Manager => "manager",
            Self::Agent => "agent",
            Self::Device => "device",
            Self::Customer => "customer",
        }
    }

    /// What this role may do.
    pub const fn scopes(self) -> Scopes {
        match self {
            Self::PlatformAdmin => Scopes::of(&[Scope::Platform]),
            Self::Admin => Scopes(Scopes::of(MANAGER).0 | Scopes::of(&[Scope::ManageSettings]).0),
            Self::Manager => Scopes::of(MANAGER),
            Self::Agent => Scopes::of(AGENT),
            Self::Device => Scopes::of(&[Scope::Device, Scope::ReadQueue]),
            Self::Customer => Scopes::of(&[]),
        }
    }

    /// May act for other agents and on any ticket of the tenant.
    pub const fn supervises(self) -> bool {
        match self {
            Self::Admin | Self::Manager => true,
            Self::PlatformAdmin | Self::Agent | Self::Device | Self::Customer => false,
        }
    }
}

impl FromStr for Role {
    type Err = UnknownScope;

    fn from_str(text: &str) -> Result<Self, UnknownScope> {
        Self::ALL
            .iter()
            .find(|role| role.as_str() == text)
            .copied()
            .ok_or_else(|| UnknownScope(text.to_owned()))
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manager_may_do_all_but_change_settings() {
        assert!(!Role::Manager.scopes().has(Scope::ManageSettings));
        assert!(Role::Admin.scopes().has(Scope::ManageSettings));
        assert!(Role::Manager.scopes().iter().all(|scope| Role::Admin.scopes().has(scope)));
    }

    #[test]
    fn scopes_survive_their_text_form() {
        for role in Role::ALL {
            assert_eq!(role.scopes().to_string().parse::<Scopes>(), Ok(role.scopes()));
        }
        assert!("read:queue fly".parse::<Scopes>().is_err());
    }
}
