//! What a client asks of a person: the authorization request, read and judged.
//!
//! Until the client and its address are known nobody is sent anywhere: such faults are shown on a page of ours. All
//! others go back to the client. Invariant: a wish that passed has PKCE S256 and an address registered for the client.

use super::client::{AUTHORIZATION_CODE, Client};
use super::form::Form;
use super::scope::Wanted;

/// Each may be there once.
const PARAMETERS: [&str; 14] = [
    "response_type",
    "response_mode",
    "client_id",
    "redirect_uri",
    "scope",
    "state",
    "nonce",
    "code_challenge",
    "code_challenge_method",
    "prompt",
    "max_age",
    "tenant",
    "request",
    "request_uri",
];
/// A SHA-256 as base64url.
const CHALLENGE_CHARS: usize = 43;
/// Characters of `state` and `nonce`: they travel in addresses and in tokens.
const ECHOED_BYTES_MAX: usize = 1_024;

/// A sound request for a code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Wish {
    pub(crate) redirect_uri: String,
    pub(crate) state: Option<String>,
    pub(crate) nonce: Option<String>,
    pub(crate) scope: Wanted,
    pub(crate) challenge: String,
    /// Slug; none leaves it to the person.
    pub(crate) tenant: Option<String>,
    pub(crate) prompt: Prompt,
    /// Seconds since the person last signed in.
    pub(crate) max_age: Option<u32>,
}

/// What the person shall see, whatever they did before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Prompt {
    /// Nothing at all.
    pub(crate) none: bool,
    pub(crate) login: bool,
    pub(crate) consent: bool,
}

/// Why there is no code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Told to the person, on a page of ours.
    Page(&'static str),
    /// Told to the client, at its address.
    Back(Back),
}

/// What a client is told at its address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Back {
    pub(crate) redirect_uri: String,
    pub(crate) state: Option<String>,
    pub(crate) error: &'static str,
    pub(crate) description: &'static str,
}

/// The id of the client that asks, and the address it gives.
///
/// # Errors
/// [`Fault::Page`] when either is left out or there twice.
pub(crate) fn names(form: &Form) -> Result<(&str, &str), Fault> {
    if form.repeated(&["client_id", "redirect_uri"]).is_some() {
        return Err(Fault::Page("client_id and redirect_uri may be there once"));
    }
    let client = form.get("client_id").ok_or(Fault::Page("client_id is missing"))?;
    let address = form.get("redirect_uri").ok_or(Fault::Page("redirect_uri is missing"))?;
    Ok((client, address))
}

/// Judges the request of `client`, which [`names`] named.
///
/// # Errors
/// The first fault found.
pub(crate) fn judge(form: &Form, client: &Client, redirect_uri: &str) -> Result<Wish, Fault> {
    if !client.takes(redirect_uri) {
        return Err(Fault::Page("redirect_uri is not registered for this client"));
    }
    let state = form.get("state").filter(|_| form.repeated(&["state"]).is_none());
    let fault = |(error, description): (&'static str, &'static str)| {
        let (redirect_uri, state) = (redirect_uri.to_owned(), state.map(str::to_owned));
        Fault::Back(Back { redirect_uri, state, error, description })
    };
    check(form, client).map_err(fault)?;
    let text = |name: &str| form.get(name).map(str::to_owned);
    Ok(Wish {
        redirect_uri: redirect_uri.to_owned(),
        state: text("state"),
        nonce: text("nonce"),
        scope: scope(form, client).map_err(fault)?,
        challenge: challenge(form).map_err(fault)?,
        tenant: text("tenant"),
        prompt: prompt(form).map_err(fault)?,
        max_age: max_age(form).map_err(fault)?,
    })
}

type Judged<T> = Result<T, (&'static str, &'static str)>;

fn check(form: &Form, client: &Client) -> Judged<()> {
    let invalid = |description| Err(("invalid_request", description));
    if form.repeated(&PARAMETERS).is_some() {
        return invalid("a parameter is there twice");
    }
    if form.get("request").is_some() {
        return Err(("request_not_supported", "give the parameters themselves"));
    }
    if form.get("request_uri").is_some() {
        return Err(("request_uri_not_supported", "give the parameters themselves"));
    }
    match form.get("response_type") {
        Some("code") => {}
        Some(_) => return Err(("unsupported_response_type", "response_type is code")),
        None => return invalid("response_type is missing"),
    }
    if form.get("response_mode").is_some_and(|mode| mode != "query") {
        return invalid("response_mode is query");
    }
    if !client.may(AUTHORIZATION_CODE) {
        return Err(("unauthorized_client", "this client does not sign people in"));
    }
    let long = |name: &str| form.get(name).is_some_and(|text| text.len() > ECHOED_BYTES_MAX);
    if long("state") || long("nonce") {
        return invalid("state and nonce have at most 1,024 bytes");
    }
    Ok(())
}

/// Left out means `plain`, which is refused as such.
fn challenge(form: &Form) -> Judged<String> {
    let Some(challenge) = form.get("code_challenge") else {
        return Err(("invalid_request", "code_challenge is missing: PKCE is needed"));
    };
    if form.get("code_challenge_method") != Some("S256") {
        return Err(("invalid_request", "code_challenge_method is S256"));
    }
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    if challenge.len() != CHALLENGE_CHARS || !challenge.bytes().all(plain) {
        return Err(("invalid_request", "code_challenge is no SHA-256 as base64url"));
    }
    Ok(challenge.to_owned())
}

fn scope(form: &Form, client: &Client) -> Judged<Wanted> {
    let asked = Wanted::parse(form.get("scope").unwrap_or_default());
    let asked = asked.ok_or(("invalid_scope", "scope has a word that is not known here"))?;
    let more = ("invalid_scope", "scope has more than this client is registered for");
    asked.within(client.scopes).ok_or(more)
}

fn prompt(form: &Form) -> Judged<Prompt> {
    let mut prompt = Prompt::default();
    for word in form.get("prompt").unwrap_or_default().split_ascii_whitespace() {
        match word {
            "none" => prompt.none = true,
            "login" | "select_account" => prompt.login = true,
            "consent" => prompt.consent = true,
            _ => {
                return Err(("invalid_request", "prompt is none, login, select_account or consent"));
            }
        }
    }
    if prompt.none && (prompt.login || prompt.consent) {
        return Err(("invalid_request", "prompt=none stands alone"));
    }
    Ok(prompt)
}

fn max_age(form: &Form) -> Judged<Option<u32>> {
    let read = form.get("max_age").map(|text| {
        let digits = text.bytes().all(|byte| byte.is_ascii_digit());
        text.parse().ok().filter(|_| digits)
    });
    match read {
        None => Ok(None),
        Some(Some(secs)) => Ok(Some(secs)),
        Some(None) => Err(("invalid_request", "max_age is a number of seconds")),
    }
}

impl Back {
    /// Where the person is sent; `issuer` tells the client which server answered (RFC 9207).
    pub(crate) fn address(&self, issuer: &str) -> String {
        let mut form = Form::of([("error", self.error), ("error_description", self.description)]);
        if let Some(state) = &self.state {
            form = form.with("state", state);
        }
        form.with("iss", issuer).onto(&self.redirect_uri)
    }
}

impl Wish {
    /// Where the person is sent with a code.
    pub(crate) fn granted(&self, code: &str, issuer: &str) -> String {
        let mut form = Form::of([("code", code)]);
        if let Some(state) = &self.state {
            form = form.with("state", state);
        }
        form.with("iss", issuer).onto(&self.redirect_uri)
    }

    /// A refusal that is not the request's fault.
    pub(crate) fn refused(&self, error: &'static str, description: &'static str) -> Back {
        let (redirect_uri, state) = (self.redirect_uri.clone(), self.state.clone());
        Back { redirect_uri, state, error, description }
    }
}
