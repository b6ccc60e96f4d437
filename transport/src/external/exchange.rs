//! A code made into an ID token, at the provider's token endpoint.
//!
//! The client proves itself as the provider takes it: in the header, in the form, or not at all when it is public.
//! Invariant: nothing of what the provider answers is logged but the word of its error.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use serde::Deserialize;

use super::Fault;
use super::metadata::Metadata;
use crate::edge::Edge;
use crate::oauth::{Form, encode};
use crate::outgoing::Guard;

/// Characters of an error's word.
const WORD_CHARS_MAX: usize = 40;

/// What a code is exchanged with.
pub(crate) struct Exchange<'a> {
    pub(crate) client_id: &'a str,
    pub(crate) secret: Option<&'a str>,
    pub(crate) code: &'a str,
    pub(crate) verifier: &'a str,
    pub(crate) redirect_uri: &'a str,
}

#[derive(Default, Deserialize)]
struct Answer {
    id_token: Option<String>,
    error: Option<String>,
}

impl Exchange<'_> {
    fn form(&self, in_form: Option<&str>) -> String {
        let form = Form::of([
            ("grant_type", "authorization_code"),
            ("code", self.code),
            ("redirect_uri", self.redirect_uri),
            ("code_verifier", self.verifier),
            ("client_id", self.client_id),
        ]);
        in_form
            .map_or_else(|| form.clone(), |secret| form.clone().with("client_secret", secret))
            .encoded()
    }

    fn basic(&self, secret: &str) -> String {
        let text = format!("{}:{}", encode(self.client_id), encode(secret));
        format!("Basic {}", STANDARD.encode(text))
    }
}

/// The ID token that the code stands for.
///
/// # Errors
/// What the provider did wrong, or said.
pub(crate) async fn exchange(
    edge: &Edge,
    metadata: &Metadata,
    asked: &Exchange<'_>,
) -> Result<String, Fault> {
    let failed = |why: String| Fault(format!("the code was not exchanged: {why}"));
    let guard = edge.guard().map_err(|error| failed(error.to_string()))?;
    let in_form = asked.secret.filter(|_| !metadata.takes_basic);
    let mut request = guard
        .client()
        .post(&metadata.token_endpoint)
        .header(ACCEPT, "application/json")
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(asked.form(in_form));
    if let Some(secret) = asked.secret.filter(|_| metadata.takes_basic) {
        request = request.header(AUTHORIZATION, asked.basic(secret));
    }
    let request = request.build().map_err(|_| failed("it cannot be asked for".to_owned()))?;
    let answer = guard.send(request).await.map_err(|error| failed(error.to_string()))?;
    let status = answer.status().as_u16();
    let body = Guard::body(answer).await.map_err(|error| failed(error.to_string()))?;
    let said: Answer = serde_json::from_slice(&body).unwrap_or_default();
    match said.id_token.filter(|_| status == 200) {
        Some(token) => Ok(token),
        None => Err(failed(format!("{status} {}", plain(said.error.as_deref())))),
    }
}

/// A word of the provider's, fit for a log.
pub(crate) fn plain(word: Option<&str>) -> String {
    let sound = |letter: &char| letter.is_ascii_alphanumeric() || *letter == '_';
    word.unwrap_or("without a word").chars().filter(sound).take(WORD_CHARS_MAX).collect()
}
