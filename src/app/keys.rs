//! The files of the signing key and the master key: read where they are, made at the first start where they are not.
//!
//! A new key is written beside its place and linked into it, so that of two processes that make one at the
//! same time both end up with the same. Invariant: a key file of ours is whole, and only its owner reads it.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use transport::{Keys, MasterKey};

use super::AppError;

/// Read and write for the owner, nothing for anybody else.
const OWNER_ONLY: u32 = 0o600;
/// Bits that let others than the owner read or write.
const OTHERS: u32 = 0o077;

/// The keys in `file`; a file that is not there is made, with a new key.
///
/// # Errors
/// [`AppError::KeyFile`] when the system refuses, [`AppError::UnsoundKey`] when the file holds no key.
pub(crate) fn signing_keys(file: &Path) -> Result<Keys, AppError> {
    let failed = |source| AppError::KeyFile { file: file.to_owned(), source };
    let unsound = |reason| AppError::UnsoundKey { file: file.to_owned(), reason };
    if !file.try_exists().map_err(failed)? {
        let pem = Keys::generate().map_err(unsound)?;
        make(file, &pem).map_err(failed)?;
    }
    let pem = fs::read_to_string(file).map_err(failed)?;
    warn_if_shared(file).map_err(failed)?;
    Keys::from_pem(&pem).map_err(unsound)
}

/// The master key in `file`; a file that is not there is made, with a new key.
///
/// # Errors
/// [`AppError::KeyFile`] when the system refuses, [`AppError::UnsoundMasterKey`] when the file holds no key.
pub(crate) fn master_key(file: &Path) -> Result<MasterKey, AppError> {
    let failed = |source| AppError::KeyFile { file: file.to_owned(), source };
    let unsound = |reason| AppError::UnsoundMasterKey { file: file.to_owned(), reason };
    if !file.try_exists().map_err(failed)? {
        let key = MasterKey::generate().map_err(unsound)?;
        make(file, &format!("{}\n", key.to_base64())).map_err(failed)?;
    }
    let text = fs::read_to_string(file).map_err(failed)?;
    warn_if_shared(file).map_err(failed)?;
    MasterKey::from_base64(&text).map_err(unsound)
}

/// Puts `pem` into `file`, unless another process was faster.
pub(super) fn make(file: &Path, pem: &str) -> io::Result<()> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
    if let Some(folder) = folder {
        fs::create_dir_all(folder)?;
    }
    let beside = beside(file);
    let linked = write(&beside, pem).and_then(|()| fs::hard_link(&beside, file));
    fs::remove_file(&beside)?;
    match linked {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error),
        Ok(()) => {
            File::open(folder.unwrap_or_else(|| Path::new(".")))?.sync_all()?;
            tracing::info!("a new key was made: {}", file.display());
            Ok(())
        }
    }
}

/// A name of this process alone.
fn beside(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(format!(".new-{}", std::process::id()));
    PathBuf::from(name)
}

fn write(file: &Path, pem: &str) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true).mode(OWNER_ONLY);
    let mut open = options.open(file)?;
    open.write_all(pem.as_bytes())?;
    open.sync_all()
}

fn warn_if_shared(file: &Path) -> io::Result<()> {
    let mode = fs::metadata(file)?.permissions().mode();
    if mode & OTHERS != 0 {
        let name = file.display();
        tracing::warn!("others can read the key {name}: chmod 600 {name}");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_made_once_and_only_its_owner_reads_it() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("data/signing-key.pem");
        let first = signing_keys(&file).unwrap();
        let again = signing_keys(&file).unwrap();
        assert_eq!(first.signing_id(), again.signing_id());
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, OWNER_ONLY);
        let names = fs::read_dir(folder.path().join("data")).unwrap().count();
        assert_eq!(names, 1, "nothing is left beside the key");
    }

    #[test]
    fn a_key_that_somebody_else_made_meanwhile_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("signing-key.pem");
        let theirs = Keys::generate().unwrap();
        make(&file, &theirs).unwrap();
        make(&file, &Keys::generate().unwrap()).unwrap();
        assert_eq!(fs::read_to_string(&file).unwrap(), theirs);
    }

    #[test]
    fn a_file_that_holds_no_key_is_left_as_it_is_and_named() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("signing-key.pem");
        fs::write(&file, "nothing").unwrap();
        let message = signing_keys(&file).unwrap_err().to_string();
        assert!(message.contains("signing-key.pem: not a PEM file"), "{message}");
        assert_eq!(fs::read_to_string(&file).unwrap(), "nothing");
    }
}
