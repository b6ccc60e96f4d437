//! A new password, chosen by a person: the two fields, and the judgement.
//!
//! Long enough and not among the common ones; nothing is asked of its letters.
//! Invariant: a password that is refused costs nothing: the link it was given with still works.

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
