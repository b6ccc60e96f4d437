//! `[outgoing]`: where the program itself may call, when a tenant says so.
//!
//! One list with its check. Invariant: nothing private is called by default.

use serde::Deserialize;

use super::error::Problem;
use super::server::check_networks;

/// Where the program itself may call.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct OutgoingConfig {
    /// Networks that are not public and may be called all the same.
    pub allowed_networks: Vec<String>,
}

impl OutgoingConfig {
    pub(super) fn check(&self, problems: &mut Vec<Problem>) {
        check_networks("outgoing.allowed_networks", &self.allowed_networks, problems);
    }
}
