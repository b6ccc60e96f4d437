//! The files of the signing key, the master key and the sign-in secret: read where they are, made at the first start where
//! they are not; the signing key is replaced by a rotation.
//!
//! A new key is written beside its place and linked into it, so that of two processes that make one at the
//! same time both end up with the same. A former key stays beside it, in a file that says until when it counts.
//! Invariant: a key file of ours is whole, and only its owner reads it.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use domain::{Secs, Timestamp};
use transport::{Keys, MasterKey, Secret};

use super::AppError;

/// Read and write for the owner, nothing for anybody else.
const OWNER_ONLY: u32 = 0o600;
/// Before the second at which a former key ends, in the name of its file.
const FORMER: &str = ".until-";
/// How soon a rotation reaches the running program.
const LOOK_EVERY: Duration = Duration::from_secs(2);
/// Bits that let others than the owner read or write.
const OTHERS: u32 = 0o077;

/// The keys of `file` and of the former ones beside it; a file that is not there is made, with a new key.
///
/// # Errors
/// [`AppError::KeyFile`] when the system refuses, [`AppError::UnsoundKey`] when a file holds no key.
pub(crate) fn signing_keys(file: &Path) -> Result<Keys, AppError> {
    let failed = |source| AppError::KeyFile { file: file.to_owned(), source };
    if !file.try_exists().map_err(failed)? {
        let pem = Keys::generate().map_err(|reason| unsound(file, reason))?;
        make(file, &pem).map_err(failed)?;
    }
    warn_if_shared(file).map_err(failed)?;
    let mut keys = read(file)?;
    for (former, until) in former(file).map_err(failed)? {
        keys = keys.and_accept(&read(&former)?, until);
    }
    Ok(keys)
}

fn read(file: &Path) -> Result<Keys, AppError> {
    let failed = |source| AppError::KeyFile { file: file.to_owned(), source };
    let pem = fs::read_to_string(file).map_err(failed)?;
    Keys::from_pem(&pem).map_err(|reason| unsound(file, reason))
}

fn unsound(file: &Path, reason: transport::KeysError) -> AppError {
    AppError::UnsoundKey { file: file.to_owned(), reason }
}

/// A new key signs from now on; the one in `file` is accepted until `now` and `overlap` later. Former keys
/// whose time is over are removed. The answer is the new key's id.
///
/// The former key is linked under its other name before its place is taken, so that a crash loses neither.
///
/// # Errors
/// As [`signing_keys`].
pub(crate) fn rotate(file: &Path, now: Timestamp, overlap: Secs) -> Result<String, AppError> {
    let failed = |source| AppError::KeyFile { file: file.to_owned(), source };
    signing_keys(file)?;
    for (former, _) in former(file).map_err(failed)?.iter().filter(|(_, until)| *until <= now) {
        fs::remove_file(former).map_err(failed)?;
    }
    let until = now.after(overlap).0 / 1_000_000;
    fs::hard_link(file, with_end(file, &format!("{FORMER}{until}"))).map_err(failed)?;
    let pem = Keys::generate().map_err(|reason| unsound(file, reason))?;
    replace(file, &pem).map_err(failed)?;
    Ok(read(file)?.signing_id())
}

/// Puts `text` in the place of what `file` holds: one or the other is there, whatever happens meanwhile.
pub(super) fn replace(file: &Path, text: &str) -> io::Result<()> {
    let beside = beside(file);
    write(&beside, text).and_then(|()| fs::rename(&beside, file))?;
    sync_folder(file)
}

/// The former keys beside `file`, and until when each counts.
fn former(file: &Path) -> io::Result<Vec<(PathBuf, Timestamp)>> {
    let start = with_end(file, FORMER);
    let start = start.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let mut found = Vec::new();
    for entry in fs::read_dir(folder(file))? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let until = name.strip_prefix(&start).and_then(|secs| secs.parse().ok());
        found.extend(until.map(|secs| (entry.path(), Timestamp::from_secs(secs))));
    }
    found.sort_unstable_by_key(|(_, until)| std::cmp::Reverse(*until));
    Ok(found)
}

fn folder(file: &Path) -> &Path {
    file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."))
}

fn sync_folder(file: &Path) -> io::Result<()> {
    File::open(folder(file))?.sync_all()
}

/// The running program's view of the files: looked at again and again, so that a rotation needs no restart.
pub(super) struct Watch {
    file: PathBuf,
    keys: Keys,
    seen: Option<String>,
}

impl Watch {
    pub(super) fn new(file: PathBuf, keys: Keys) -> Self {
        let seen = fs::read_to_string(&file).ok();
        Self { file, keys, seen }
    }

    /// Looks at the file once every few seconds, for ever.
    pub(super) async fn follow(mut self) {
        let mut ticks = tokio::time::interval(LOOK_EVERY);
        loop {
            ticks.tick().await;
            self.look();
        }
    }

    fn look(&mut self) {
        // A file that is just being replaced, or cannot be read, is looked at again.
        let Ok(now) = fs::read_to_string(&self.file) else { return };
        if self.seen.as_ref() == Some(&now) {
            return;
        }
        match signing_keys(&self.file) {
            Ok(newer) => {
                self.keys.become_those_of(&newer);
                self.seen = Some(now);
                tracing::info!(key.id = %newer.signing_id(), "another key signs from now on");
            }
            Err(error) => tracing::error!(%error, "the new signing key cannot be used"),
        }
    }
}

/// The secret in `file`; a file that is not there is made, with a new secret.
///
/// # Errors
/// As [`signing_keys`].
pub(crate) fn secret(file: &Path) -> Result<Secret, AppError> {
    let failed = |source| AppError::KeyFile { file: file.to_owned(), source };
    let none = || unsound(file, transport::KeysError::NotMade);
    if !file.try_exists().map_err(failed)? {
        make(file, &Secret::fresh().ok_or_else(none)?.to_text()).map_err(failed)?;
    }
    warn_if_shared(file).map_err(failed)?;
    let text = fs::read_to_string(file).map_err(failed)?;
    Secret::from_text(&text).ok_or_else(|| unsound(file, transport::KeysError::NotSecret))
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
    fs::create_dir_all(folder(file))?;
    let beside = beside(file);
    let linked = write(&beside, pem).and_then(|()| fs::hard_link(&beside, file));
    fs::remove_file(&beside)?;
    match linked {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error),
        Ok(()) => {
            sync_folder(file)?;
            tracing::info!("a new secret was made: {}", file.display());
            Ok(())
        }
    }
}

/// A name of this process alone.
fn beside(file: &Path) -> PathBuf {
    with_end(file, &format!(".new-{}", std::process::id()))
}

fn with_end(file: &Path, end: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(end);
    PathBuf::from(name)
}

fn write(file: &Path, pem: &str) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true).mode(OWNER_ONLY);
    let mut open = options.open(file)?;
    open.write_all(pem.as_bytes())?;
    open.sync_all()
}

pub(super) fn warn_if_shared(file: &Path) -> io::Result<()> {
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
    fn a_rotation_lets_the_former_key_check_until_its_end() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("signing-key.pem");
        let keys = signing_keys(&file).unwrap();
        let (first, now) = (keys.signing_id(), Timestamp::from_secs(1_000));
        let mut watch = Watch::new(file.clone(), keys.clone());
        let second = rotate(&file, now, Secs(600)).unwrap();
        watch.look();
        assert_eq!(keys.signing_id(), second, "the running program signs with the new key");
        let ids = |at: Timestamp| keys.jwks(at)["keys"].as_array().unwrap().len();
        assert_eq!((ids(now), ids(now.after(Secs(601)))), (2, 1));
        assert_ne!(first, second);
        rotate(&file, now.after(Secs(601)), Secs(600)).unwrap();
        assert_eq!(former(&file).unwrap().len(), 1, "the first key is gone");
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert!(former(&file).unwrap().iter().all(|(path, _)| mode(path) == OWNER_ONLY));
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
