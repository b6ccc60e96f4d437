//! `[mail]`: how letters leave the program: invitations, links for a new password, codes.
//!
//! By a mail server or into a folder; with neither, into a folder beside the keys. Invariant: what is said of a mistake
//! never holds the password of the mail server.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Deserialize;
use transport::{BadPost, Folder, Mailer, Post};

use super::error::Problem;

/// What an address of a folder begins with.
const FOLDER: &str = "folder:";
/// Where letters lie when nothing is configured, in the data folder.
const LETTERS: &str = "letters";
const FROM_HERE: &str = "SmartQueue <no-reply@localhost>";

/// How letters leave the program.
#[derive(Clone, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MailConfig {
    /// The mail server, with user and password, or `folder:` and a path.
    pub url: Option<String>,
    /// Whom letters come from.
    pub from: Option<String>,
}

impl fmt::Debug for MailConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let url = self.url.as_ref().map(|_| "…");
        f.debug_struct("MailConfig").field("url", &url).field("from", &self.from).finish()
    }
}

impl MailConfig {
    pub(super) fn check(&self, problems: &mut Vec<Problem>) {
        let from = self.from.as_deref().unwrap_or_default();
        let checked = match &self.url {
            Some(url) if url.starts_with(FOLDER) => Folder::check(from),
            Some(url) => Post::check(url, from),
            None => self.from.as_deref().map_or(Ok(()), Folder::check),
        };
        if let Err(error) = checked {
            let key = if matches!(error, BadPost::From(_)) { "mail.from" } else { "mail.url" };
            problems.push(Problem::new(key, "cannot be used", error.to_string()));
        }
    }

    /// # Errors
    /// When an address cannot be used.
    pub(crate) fn mailer(&self, data_dir: &Path) -> Result<Arc<dyn Mailer>, BadPost> {
        let Some(url) = &self.url else {
            let from = self.from.as_deref().unwrap_or(FROM_HERE);
            return Ok(Arc::new(Folder::new(data_dir.join(LETTERS), from)?));
        };
        let from = self.from.as_deref().unwrap_or_default();
        Ok(match url.strip_prefix(FOLDER) {
            Some(folder) => Arc::new(Folder::new(PathBuf::from(folder), from)?),
            None => Arc::new(Post::new(url, from)?),
        })
    }
}
