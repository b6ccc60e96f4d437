//! A new password, chosen by a person: the two fields, and the judgement.
//!
//! Long enough and not among the common ones; nothing is asked of its letters.
//! Invariant: a password that is refused costs nothing: the link it was given with still works.

use persistence::OnceRow;
use uuid::Uuid;

use super::guard::Posted;
use super::html::{Field, Html};
use super::lang::Lang;
use crate::signin::passwords;

pub(super) fn fields(form: Html, lang: Lang) -> Html {
    let words = lang.words();
    let one = Field {
        name: "password",
        label: words.new_password,
        kind: "password",
        fill: "new-password",
        hint: words.password_rule,
        ..Field::default()
    };
    let again = Field {
        name: "again",
        label: words.again,
        kind: "password",
        fill: "new-password",
        ..Field::default()
    };
    form.field(&one).field(&again)
}

/// The account that a link was made for. The link goes along, to be given back.
pub(super) fn meant(row: Option<OnceRow>) -> Option<(OnceRow, Uuid)> {
    let row = row?;
    let account = Uuid::parse_str(&row.subject).ok()?;
    Some((row, account))
}

/// Whether the password is one's own address: known only once the link was taken.
pub(super) fn is_own_address(password: &str, email: &str) -> bool {
    password.to_lowercase() == email.to_lowercase()
}

/// The password that was chosen.
///
/// # Errors
/// What to tell the person.
pub(super) fn chosen<'p>(posted: &'p Posted, email: &str) -> Result<&'p str, &'static str> {
    let words = posted.lang.words();
    let password = posted.form.get("password").unwrap_or_default();
    if posted.form.get("again") != Some(password) {
        return Err(words.not_alike);
    }
    if passwords::is_weak(password, email) { Err(words.too_weak) } else { Ok(password) }
}
