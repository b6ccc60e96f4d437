//! The pages on which people sign in: HTML made here, without a line of JavaScript, in three languages.
//!
//! `guard` is what every form passes, `page` what every page looks like, `words` what they say; one file per page.
//! Invariant: an answer to an unknown name is the same, in its bytes and in its time, as to a wrong password.

mod account;
mod accounts;
mod browser;
mod consent;
mod external;
mod failed;
mod guard;
mod html;
mod invitation;
mod invite;
mod lang;
mod newly;
mod page;
mod passwords;
mod record;
mod reset;
mod seal;
mod second;
mod session;
mod settings;
mod setup;
mod sign_in;
mod throttle;
mod totp;
mod words;

use axum::Router;
use axum::http::{HeaderValue, header};
use axum::response::IntoResponse;
use axum::routing::{get, post};

pub(crate) use accounts::{forget_second_factor, sign_out_everywhere};
pub(crate) use consent::{Shown, ask_consent, consent_given, fault, remember_consent};
pub(crate) use guard::Posted;
pub(crate) use html::escaped;
pub(crate) use invitation::{invitations, invite, withdraw_invitation};
pub(crate) use lang::Lang;
pub use seal::Secret;
pub(crate) use session::Session;
pub(crate) use settings::SignIn;
pub use settings::SignInSettings;
pub use setup::SetUpLink;
pub(crate) use setup::link as set_up_link;

use crate::edge::Edge;

pub(crate) fn routes() -> Router<Edge> {
    Router::new()
        .route("/signin", get(sign_in::show).post(sign_in::enter))
        .route("/signin/code", get(second::show).post(second::enter))
        .route("/signin/recovery", get(second::show_recovery).post(second::enter_recovery))
        .route("/oidc/{tenant}/{provider}/start", get(external::start))
        .route("/oidc/{tenant}/{provider}/callback", get(external::callback))
        .route("/signin/style.css", get(style))
        .route("/signout", get(account::ask_sign_out).post(account::sign_out))
        .route("/account", get(account::show))
        .route("/account/password", get(account::show_password).post(account::change_password))
        .route("/account/programs/withdraw", post(account::withdraw_program))
        .route("/account/sessions/end", post(account::end_session))
        .route("/account/sessions/end-others", post(account::end_other_sessions))
        .route("/account/totp", post(account::begin_totp))
        .route("/account/totp/confirm", post(account::confirm_totp))
        .route("/account/totp/off", post(account::totp_off))
        .route("/account/verify", post(account::send_code))
        .route("/account/verify/confirm", post(account::confirm_code))
        .route("/reset", get(reset::show).post(reset::request))
        .route("/reset/{token}", get(reset::show_new).post(reset::set_new))
        .route("/invite/{token}", get(invite::show).post(invite::accept))
        .route("/setup/{token}", get(setup::show).post(setup::make))
}

/// The one stylesheet of these pages.
async fn style() -> impl IntoResponse {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/css; charset=utf-8")),
        (header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=3600")),
    ];
    (headers, include_str!("signin/style.css"))
}
