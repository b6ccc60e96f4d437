//! The key that opens the vault of personal data: from the configuration, or from its file.
//!
//! On SQLite the file is made at the first start, like the other keys. PostgreSQL is backed up and moved apart from our
//! folder, so there somebody must have given the key on purpose.
//! Invariant: nothing is opened without a key.

use std::fs;
use std::sync::Arc;

use persistence::{MasterKey, Store, StoreError};

use super::AppError;
use super::keys::{make, replace, warn_if_shared};
use super::settings::of_store;
use crate::config::Config;

/// The key; a file that is not there is made on SQLite.
pub(super) fn vault_key(config: &Config) -> Result<MasterKey, AppError> {
    if let Some(key) = &config.vault.key {
        let unsound = |reason| AppError::UnsoundVaultKey { place: "vault.key".to_owned(), reason };
        return MasterKey::from_base64(key.expose()).map_err(unsound);
    }
    let file = config.vault_key_file();
    let failed = |source| AppError::KeyFile { file: file.clone(), source };
    if !file.try_exists().map_err(failed)? {
        if config.database_url().is_postgres() {
            return Err(AppError::NoVaultKey { file });
        }
        let key = MasterKey::generate().map_err(failed)?;
        make(&file, &format!("{}\n", key.to_base64())).map_err(failed)?;
    }
    let text = fs::read_to_string(&file).map_err(failed)?;
    warn_if_shared(&file).map_err(failed)?;
    let unsound = |reason| AppError::UnsoundVaultKey {
        place: format!("vault key {}", file.display()),
        reason,
    };
    MasterKey::from_base64(&text).map_err(unsound)
}

/// Opens the store under its own key, or under `new` when that has taken its place already, as after an interruption.
/// True says that it has.
///
/// # Errors
/// When neither opens it.
pub(crate) async fn open_for_replacing(
    config: &Config,
    new: &MasterKey,
) -> Result<(Arc<dyn Store>, bool), AppError> {
    let url = config.database_url();
    let open = async |key: MasterKey| persistence::open(url.expose(), &of_store(config, key)).await;
    let opened = match open(vault_key(config)?).await {
        Err(StoreError::WrongVaultKey) => open(new.clone()).await.map(|store| (store, true)),
        other => other.map(|store| (store, false)),
    };
    opened.map_err(|error| AppError::of_database(&url, error))
}

/// Puts `new` where the program looks for the key. False when the configuration gives the key, not a file.
///
/// # Errors
/// When it cannot be written; the former file stays then.
pub(crate) fn place_vault_key(config: &Config, new: &MasterKey) -> Result<bool, AppError> {
    if config.vault.key.is_some() {
        return Ok(false);
    }
    let file = config.vault_key_file();
    let failed = |source| AppError::KeyFile { file: file.clone(), source };
    replace(&file, &format!("{}\n", new.to_base64())).map_err(failed)?;
    Ok(true)
}

/// The key in `text`, which came from `place`.
///
/// # Errors
/// When it is none.
pub(crate) fn vault_key_of(place: &str, text: &str) -> Result<MasterKey, AppError> {
    let unsound = |reason| AppError::UnsoundVaultKey { place: place.to_owned(), reason };
    MasterKey::from_base64(text).map_err(unsound)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;
    use crate::config::Overrides;

    fn config(folder: &std::path::Path, url: &str, key: Option<&str>) -> Config {
        let flags = Overrides {
            data_dir: Some(folder.to_owned()),
            database_url: Some(url.to_owned()),
            ..Overrides::default()
        };
        let environment = key.map(|key| ("SMARTQUEUE__VAULT__KEY".to_owned(), key.to_owned()));
        Config::load(None, environment, &flags).unwrap()
    }

    #[test]
    fn sqlite_gets_a_key_once_that_only_its_owner_reads() {
        let folder = tempfile::tempdir().unwrap();
        let config = config(folder.path(), "sqlite:a.db", None);
        let first = vault_key(&config).unwrap();
        assert!(vault_key(&config).unwrap() == first);
        let mode = fs::metadata(config.vault_key_file()).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn postgresql_wants_a_key_that_somebody_gave() {
        let folder = tempfile::tempdir().unwrap();
        let url = "postgres://u@h/db";
        let refused = vault_key(&config(folder.path(), url, None)).unwrap_err().to_string();
        assert!(refused.contains("SMARTQUEUE__VAULT__KEY"), "{refused}");
        assert!(!folder.path().join("vault-key").exists(), "none was made");
        let refused = vault_key(&config(folder.path(), url, Some("short"))).unwrap_err();
        assert_eq!(
            refused.to_string(),
            "vault.key: not 32 bytes in base64 (openssl rand -base64 32 makes some)"
        );
        let key = MasterKey::generate().unwrap();
        let given = vault_key(&config(folder.path(), url, Some(&key.to_base64()))).unwrap();
        assert!(given == key);
    }
}
