//! Letters as files in a folder, one `.eml` each: for a demonstration, and for a mail program that collects them.
//!
//! A letter is written beside and then renamed, so that whoever collects never sees half of one.
//! Invariant: nobody but the program's own user reads them, for they open accounts.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use lettre::Message;
use lettre::message::Mailbox;
use uuid::Uuid;

use super::letter::{letter, masked, report_letter};
use super::{Mailer, ReportLetter};

/// Lays letters into a folder.
#[derive(Debug)]
pub struct Folder {
    folder: PathBuf,
    from: Mailbox,
}

impl Folder {
    /// `from` is an address, with a name if wished: `Banque <no-reply@bank.example>`.
    ///
    /// # Errors
    /// When `from` is no address.
    pub fn new(folder: PathBuf, from: &str) -> Result<Self, super::BadPost> {
        Ok(Self { folder, from: super::post::address(from)? })
    }

    /// Whether [`Folder::new`] would take this sender.
    ///
    /// # Errors
    /// As there.
    pub fn check(from: &str) -> Result<(), super::BadPost> {
        super::post::address(from).map(drop)
    }

    fn lay(&self, bytes: &[u8]) -> io::Result<PathBuf> {
        fs::create_dir_all(&self.folder)?;
        let name = Uuid::now_v7();
        let (half, whole) = (format!(".{name}.part"), format!("{name}.eml"));
        let half = self.folder.join(half);
        write_for_us(&half, bytes)?;
        let whole = self.folder.join(whole);
        fs::rename(half, &whole)?;
        Ok(whole)
    }
}

fn write_for_us(file: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(file)?.write_all(bytes)
}

impl Mailer for Folder {
    fn send(&self, to: &str, subject: &str, text: &str) {
        self.take(to, letter(&self.from, to, subject, text));
    }

    fn send_report(&self, to: &str, report: &ReportLetter) {
        self.take(to, report_letter(&self.from, to, report));
    }
}

impl Folder {
    fn take(&self, to: &str, letter: Result<Message, String>) {
        let laid = letter
            .and_then(|letter| self.lay(&letter.formatted()).map_err(|error| error.to_string()));
        let (to, folder) = (masked(to), self.folder.display());
        match laid {
            Ok(file) => tracing::info!("a letter to {to} lies in {}", file.display()),
            Err(error) => {
                tracing::error!(%error, "a letter to {to} was not laid into {folder}; it must be asked for again");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_letter_is_a_file_that_only_we_read() {
        let place = tempfile::tempdir().unwrap();
        let folder = Folder::new(place.path().join("mail"), "q@bank.example").unwrap();
        folder.send("awa@bank.example", "Bienvenue", "https://q/invite/x");
        folder.send("no address", "Bienvenue", "https://q/invite/x");
        let files: Vec<_> = fs::read_dir(place.path().join("mail")).unwrap().collect();
        let [file] = &files[..] else { panic!("one letter: {files:?}") };
        let path = file.as_ref().unwrap().path();
        assert_eq!(path.extension().unwrap(), "eml");
        assert!(fs::read_to_string(&path).unwrap().contains("https://q/invite/x"));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
    }
}
