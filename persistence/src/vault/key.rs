//! The master key: 32 bytes from the configuration or a file of their own.
//!
//! Its text form is base64. It is never kept in the database.
//! Invariant: it cannot be printed by accident.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::KEY_BYTES;

/// Opens the vault.
#[derive(Clone, PartialEq, Eq)]
pub struct MasterKey([u8; KEY_BYTES]);

/// The text is no master key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not 32 bytes in base64 (openssl rand -base64 32 makes some)")]
pub struct BadMasterKey;

impl MasterKey {
    /// A new one.
    ///
    /// # Errors
    /// When the system gives no random bytes.
    pub fn generate() -> Result<Self, std::io::Error> {
        let mut bytes = [0; KEY_BYTES];
        aws_lc_rs::rand::fill(&mut bytes)
            .map_err(|_| std::io::Error::other("the system gives no random bytes"))?;
        Ok(Self(bytes))
    }

    /// # Errors
    /// When it is not 32 bytes in base64.
    pub fn from_base64(text: &str) -> Result<Self, BadMasterKey> {
        let bytes = STANDARD.decode(text.trim()).map_err(|_| BadMasterKey)?;
        bytes.as_slice().try_into().map(Self).map_err(|_| BadMasterKey)
    }

    /// To be kept where only the program can read it.
    pub fn to_base64(&self) -> String {
        STANDARD.encode(self.0)
    }

    pub(super) const fn bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MasterKey(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_survives_its_text_form_and_is_not_printed() {
        let key = MasterKey::generate().unwrap();
        assert_eq!(MasterKey::from_base64(&key.to_base64()), Ok(key.clone()));
        assert_eq!(format!("{key:?}"), "MasterKey(…)");
        assert!(MasterKey::from_base64("c2hvcnQ=").is_err());
        assert!(MasterKey::from_base64("not base64").is_err());
    }
}
