//! What the pages say: one table per language, each complete.
//!
//! A word that is missing in one language does not compile.
//! Invariant: no word tells whether an account exists.

mod ar;
mod en;
mod fr;

pub(super) use ar::AR;
pub(super) use en::EN;
pub(super) use fr::FR;

/// Every text of the pages.
pub(super) struct Words {
    pub(super) sign_in: &'static str,
    pub(super) not_done: &'static str,
    pub(super) form_stale: &'static str,
    pub(super) to_go_on_to: &'static str,
    pub(super) forgot: &'static str,
    pub(super) organisation: &'static str,
    pub(super) organisation_hint: &'static str,
    pub(super) email: &'static str,
    pub(super) password: &'static str,
    pub(super) wrong: &'static str,
    pub(super) too_many: &'static str,
    pub(super) code_title: &'static str,
    pub(super) code: &'static str,
    pub(super) use_recovery: &'static str,
    pub(super) recovery_title: &'static str,
    pub(super) recovery_code: &'static str,
    pub(super) use_app: &'static str,
    pub(super) go_on: &'static str,
    pub(super) code_wrong: &'static str,
    pub(super) consent: &'static str,
    pub(super) asks_for: &'static str,
    pub(super) signed_in_as: &'static str,
    pub(super) allow: &'static str,
    pub(super) deny: &'static str,
    pub(super) bad_request: &'static str,
    pub(super) new_password: &'static str,
    pub(super) password_rule: &'static str,
    pub(super) again: &'static str,
    pub(super) not_alike: &'static str,
    pub(super) too_weak: &'static str,
    pub(super) setup: &'static str,
    pub(super) setup_intro: &'static str,
    pub(super) tenant_name: &'static str,
    pub(super) tenant_hint: &'static str,
    pub(super) slug_hint: &'static str,
    pub(super) make: &'static str,
    pub(super) email_wrong: &'static str,
    pub(super) slug_taken: &'static str,
    pub(super) email_taken: &'static str,
    pub(super) link_over: &'static str,
    pub(super) welcome: &'static str,
    pub(super) invite_intro: &'static str,
    pub(super) invite_mail: &'static str,
    pub(super) send_link: &'static str,
    pub(super) reset_intro: &'static str,
    pub(super) reset_sent: &'static str,
    pub(super) look_into_mail: &'static str,
    pub(super) reset_mail: &'static str,
    pub(super) mail_not_you: &'static str,
    pub(super) password_set: &'static str,
    pub(super) account: &'static str,
    pub(super) verify_email: &'static str,
    pub(super) not_verified: &'static str,
    pub(super) second_factor: &'static str,
    pub(super) factor_on: &'static str,
    pub(super) factor_off: &'static str,
    pub(super) turn_off: &'static str,
    pub(super) turn_on: &'static str,
    pub(super) sign_out: &'static str,
    pub(super) factor_how: &'static str,
    pub(super) open_app: &'static str,
    pub(super) keep_codes: &'static str,
    pub(super) recovery_codes: &'static str,
    pub(super) verify_mail: &'static str,
    pub(super) code_sent: &'static str,
}
