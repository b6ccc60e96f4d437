//! E-mail, as far as signing in needs it: an address, a subject, a text.
//!
//! [`Post`] hands letters to a mail server, [`Folder`] lays them into a folder; [`Nobody`] is for whoever has neither.
//! Invariants: sending never holds an answer up, and no letter is in the log: its link opens an account.

mod folder;
mod letter;
mod post;

use std::fmt;

pub use folder::Folder;
pub use post::{BadPost, Post};

/// Whether a letter could be addressed so.
pub(crate) fn is_address(text: &str) -> bool {
    text.parse::<lettre::Address>().is_ok()
}

/// Sends e-mail.
pub trait Mailer: fmt::Debug + Send + Sync {
    /// Takes a message to be sent; failing is the mailer's own matter.
    fn send(&self, to: &str, subject: &str, text: &str);

    /// The same with a page and a file; who can only send texts sends the text.
    fn send_report(&self, to: &str, report: &ReportLetter) {
        self.send(to, &report.subject, &report.text);
    }
}

/// A letter with a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportLetter {
    pub subject: String,
    /// For readers that show no pages.
    pub text: String,
    pub html: String,
    /// Name and contents of the file, which is CSV.
    pub file: (String, Vec<u8>),
}

/// Sends nothing, and says so.
#[derive(Debug, Clone, Copy)]
pub struct Nobody;

impl Mailer for Nobody {
    fn send(&self, to: &str, _: &str, _: &str) {
        tracing::error!("there is nobody to send the letter to {}", letter::masked(to));
    }
}
