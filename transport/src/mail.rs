//! E-mail, as far as signing in needs it: an address, a subject, a text.
//!
//! [`Post`] hands letters to a mail server, [`Folder`] lays them into a folder, [`LogMailer`] writes them to the log, for
//! whoever runs the program to pass on. Invariant: sending never holds an answer up.

mod folder;
mod letter;
mod post;

use std::fmt;

pub use folder::Folder;
pub use post::{BadPost, Post};

/// Sends e-mail.
pub trait Mailer: fmt::Debug + Send + Sync {
    /// Takes a message to be sent; failing is the mailer's own matter.
    fn send(&self, to: &str, subject: &str, text: &str);
}

/// Writes messages to the log instead.
#[derive(Debug, Clone, Copy)]
pub struct LogMailer;

impl Mailer for LogMailer {
    fn send(&self, to: &str, subject: &str, text: &str) {
        tracing::warn!("no mail service is configured; to {to}: {subject}: {text}");
    }
}
