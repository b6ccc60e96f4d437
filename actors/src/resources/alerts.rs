//! When a tenant's people are told that something is wrong, and by which channels.
//!
//! Kept with the tenant's standing, so that a change is known everywhere at once.
//! Invariant: an address that is kept was allowed by the outgoing guard when it was saved.

use domain::AlertRules;
use serde::{Deserialize, Serialize};

/// What a chat's webhook expects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChatFormat {
    Slack,
    Teams,
}

impl ChatFormat {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Slack => "slack",
            Self::Teams => "teams",
        }
    }
}

/// One room of a chat.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChatHook {
    pub format: ChatFormat,
    /// Whoever knows it can write there.
    pub url: String,
}

impl std::fmt::Debug for ChatHook {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ChatHook").field("format", &self.format).finish_non_exhaustive()
    }
}

/// When people are told, and how.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct AlertSettings {
    pub rules: AlertRules,
    pub emails: Vec<String>,
    pub chats: Vec<ChatHook>,
}

impl AlertSettings {
    /// Whether there is anybody to tell.
    pub const fn tells(&self) -> bool {
        !self.emails.is_empty() || !self.chats.is_empty()
    }
}
