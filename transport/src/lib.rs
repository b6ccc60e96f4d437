//! The edge: REST, sockets, pages and sign-in, over the running engine. It knows no rules and no SQL.
//!
//! In reading order: how a request is taken and answered, who asks, what may be asked, the routes, the pages.
//! Invariant: errors become HTTP in `problem` and nowhere else.

mod mail;
mod network;
mod outgoing;
mod edge;
mod server;
mod problem;
mod external;
mod extract;
mod auth;
mod command;
mod idempotency;
mod metrics;
mod finish;
mod reports;
mod daily;
mod rest;
mod oauth;
mod signin;
mod openapi;
mod pages;
mod sse;
mod telling;
mod tracking;
mod ws;

pub use auth::{
    AUDIENCE, AuthError, AuthSettings, Grant, Keys, KeysError, MasterKey, MasterKeyError,
    MintError, MintRequest, Principal, Subject, TokenFacts, Verifier, mint,
};
pub use daily::report_on_days;
pub use edge::{Edge, EdgeSettings, ForwardedBy, Limits, Proxies, RateLimits, Web, recall_ended};
pub use mail::{BadPost, Folder, Mailer, Nobody, Post, ReportLetter};
pub use metrics::serve_metrics;
pub use network::{Network, NotANetwork};
pub use openapi::document as openapi_document;
pub use outgoing::{Guard, GuardError, Resolver};
pub use problem::Problem;
pub use reports::{ReportAsk, ReportFormat, ReportName, WriteError, Written, write_report};
pub use server::{Tls, TlsError, TlsFiles, serve, serve_tls};
pub use signin::{Secret, SetUpLink, SignInSettings};
pub use telling::tell_of_alerts;
