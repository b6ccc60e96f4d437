//! `[vault]`: the key that seals personal data, and where the list of erasures is.
//!
//! The key itself belongs into the environment or a file of its own.
//! Invariant: the key is never printed.

use std::fmt;
use std::path::PathBuf;

use serde::Deserialize;

/// How personal data is sealed.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct VaultConfig {
    /// 32 bytes in base64; goes before the file.
    pub(crate) key: Option<VaultKey>,
    /// The file of the key. `None`: one in `server.data_dir`.
    pub key_file: Option<PathBuf>,
    /// The list of erasures. `None`: a file in `server.data_dir`.
    pub erasures_file: Option<PathBuf>,
}

/// The key as it was written.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub(crate) struct VaultKey(String);

impl VaultKey {
    /// The key's text. For the vault only.
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for VaultKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("VaultKey(***)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_is_never_printed() {
        let key = Some(VaultKey("secret".to_owned()));
        let config = VaultConfig { key, ..VaultConfig::default() };
        assert!(!format!("{config:?}").contains("secret"));
    }
}
