//! `GET /oauth/authorize` and the consent that may follow: from a client's wish to a code at its address.
//!
//! The whole request travels in the address of the page and is judged anew at each step, so nothing is kept meanwhile.
//! Invariant: a code is made only for somebody who is signed in, in the realm asked for, as lately as asked for.

use axum::extract::{OriginalUri, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Redirect, Response};
use domain::Secs;
use persistence::CodeRow;

use super::client::{self, Client};
use super::error::OAuthError;
use super::form::Form;
use super::realm::Realm;
use super::redirect;
use super::scope::beyond;
use super::secret::Opaque;
use super::wish::{Fault, Wish, judge, names};
use crate::edge::Edge;
use crate::signin::{self, Posted, Session, Shown};

/// A code is exchanged at once, by a program.
const CODE_TTL: Secs = Secs(60);

/// What the person said about giving the client what it asks for.
#[derive(Clone, Copy)]
enum Consent<'p> {
    NotAsked,
    Given(&'p Posted),
    Refused,
}

/// What comes next.
enum Step {
    /// A fault that the client is not told.
    Fault(&'static str),
    /// To the client's address, with a code or an error.
    Go(String),
    /// The person signs in first, then comes back to `next`.
    SignIn { next: String },
    /// The person is asked for what they have not given before.
    Ask { client: Box<Client>, wish: Wish, session: Box<Session>, given: String },
}

/// Where a sign-in leads.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Destination {
    /// What the client is called; none for our own.
    pub(crate) client: Option<String>,
    /// What the policy of a page must name.
    pub(crate) source: Option<String>,
    /// The slug of the only realm that will do.
    pub(crate) tenant: Option<String>,
}

pub(super) async fn authorize(
    State(edge): State<Edge>,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
) -> Response {
    let query = uri.query().unwrap_or_default();
    let next = step(&edge, query, &headers, Consent::NotAsked).await;
    answer(&edge, &headers, query, next)
}

pub(super) async fn consent(State(edge): State<Edge>, posted: Posted) -> Response {
    let query = posted.form.get("request").unwrap_or_default().to_owned();
    let given = posted.form.get("decision") == Some("allow");
    let consent = if given { Consent::Given(&posted) } else { Consent::Refused };
    let next = step(&edge, &query, &posted.headers, consent).await;
    answer(&edge, &posted.headers, &query, next)
}

fn answer(
    edge: &Edge,
    headers: &HeaderMap,
    query: &str,
    next: Result<Step, OAuthError>,
) -> Response {
    match next {
        Ok(Step::Fault(why)) => signin::fault(headers, query, why),
        Ok(Step::Go(address)) => Redirect::to(&address).into_response(),
        Ok(Step::SignIn { next }) => {
            let form = Form::parse(query).unwrap_or_default();
            let asked =
                ["ui_locales", "login_hint"].map(|name| (name, form.get(name).unwrap_or_default()));
            let form = Form::of([("next", next.as_str()), asked[0], asked[1]]);
            Redirect::to(&form.onto("/signin")).into_response()
        }
        Ok(Step::Ask { client, wish, session, given }) => {
            let asked = wish.scope.to_string();
            let (new, known) = (beyond(&asked, &given), beyond(&asked, &beyond(&asked, &given)));
            // Whoever is asked for all of it again sees all of it.
            let (new, known) = if new.is_empty() { (known, new) } else { (new, known) };
            let source = redirect::source(&wish.redirect_uri);
            let shown = Shown { client: client.name, new, known, source };
            signin::ask_consent(edge, headers, query, shown, &session)
        }
        Err(error) => error.into_response(),
    }
}

/// Judges the request in `query`, from the beginning.
///
/// # Errors
/// When the store does not answer.
async fn step(
    edge: &Edge,
    query: &str,
    headers: &HeaderMap,
    consent: Consent<'_>,
) -> Result<Step, OAuthError> {
    let Some(form) = Form::parse(query) else { return Ok(Step::Fault("the address is malformed")) };
    let (client, wish) = match judged(edge, &form).await? {
        Ok(judged) => judged,
        Err(Fault::Page(why)) => return Ok(Step::Fault(why)),
        Err(Fault::Back(back)) => return Ok(Step::Go(back.address(edge.sign_in().issuer()))),
    };
    let back = |error, description| {
        Ok(Step::Go(wish.refused(error, description).address(edge.sign_in().issuer())))
    };
    let session = Session::current(edge, headers).await?;
    let session = session.filter(|session| will_do(edge, session, &client, &wish));
    let Some(session) = session else {
        return if wish.prompt.none {
            back("login_required", "nobody is signed in")
        } else {
            // What asked for this sign-in has been done when the person comes back.
            let form = form.without("prompt").without("max_age");
            Ok(Step::SignIn { next: form.onto("/oauth/authorize") })
        };
    };
    match consent {
        Consent::Refused => return back("access_denied", "the person refused"),
        Consent::NotAsked if !client.first_party => {
            let given = signin::consent_given(edge, &session, &client.id).await?;
            let missing = !beyond(&wish.scope.to_string(), &given).is_empty();
            if missing && wish.prompt.none {
                return back("consent_required", "the person has to be asked");
            }
            if missing || wish.prompt.consent {
                let (client, session) = (Box::new(client), Box::new(session));
                return Ok(Step::Ask { client, wish, session, given });
            }
        }
        Consent::Given(posted) if !client.first_party => {
            let scope = wish.scope.to_string();
            signin::remember_consent(edge, posted, &session, &client.id, &scope).await?;
        }
        Consent::NotAsked | Consent::Given(_) => {}
    }
    let code = code(edge, &client, &wish, &session).await?;
    Ok(Step::Go(wish.granted(&code, edge.sign_in().issuer())))
}

async fn judged(edge: &Edge, form: &Form) -> Result<Result<(Client, Wish), Fault>, OAuthError> {
    let (id, address) = match names(form) {
        Ok(named) => named,
        Err(fault) => return Ok(Err(fault)),
    };
    let Some(client) = Client::find(edge, id).await? else {
        return Ok(Err(Fault::Page("this client is not known, or is disabled")));
    };
    Ok(judge(form, &client, address).map(|wish| (client, wish)))
}

/// Signed in where the client acts and where it asked for, and lately enough.
fn will_do(edge: &Edge, session: &Session, client: &Client, wish: &Wish) -> bool {
    let realm = session.realm.id();
    let here = client.tenant.is_none_or(|tenant| tenant == realm)
        && wish.tenant.as_deref().is_none_or(|slug| session.realm.slug() == Some(slug));
    let now = edge.engine().clock().now();
    let lately = wish.max_age.is_none_or(|secs| session.auth_time.after(Secs(secs)) >= now);
    here && lately && !wish.prompt.login
}

async fn code(
    edge: &Edge,
    client: &Client,
    wish: &Wish,
    session: &Session,
) -> Result<String, OAuthError> {
    let tenant = session.realm.id();
    let fresh = Opaque::fresh(tenant).ok_or(OAuthError::server())?;
    let clock = edge.engine().clock();
    let row = CodeRow {
        tenant,
        hash: fresh.hash,
        client_id: client.id.clone(),
        account: session.holder.account.account,
        redirect_uri: wish.redirect_uri.clone(),
        challenge: wish.challenge.clone(),
        scope: wish.scope.to_string(),
        nonce: wish.nonce.clone(),
        auth_time: session.auth_time,
        family: clock.new_id(),
        expires_at: clock.now().after(CODE_TTL),
    };
    edge.engine().store().save_code(row).await?;
    Ok(fresh.text)
}

/// Where a sign-in that comes back to `next` leads, as far as a sound request says it.
pub(crate) async fn destination(edge: &Edge, next: &str) -> Destination {
    let Some(query) = next.strip_prefix("/oauth/authorize?") else { return Destination::default() };
    let Some(form) = Form::parse(query) else { return Destination::default() };
    let Ok(Ok((client, wish))) = judged(edge, &form).await else { return Destination::default() };
    let own = client::realm_of(edge, &client.id);
    Destination {
        source: redirect::source(&wish.redirect_uri),
        tenant: own.as_ref().and_then(Realm::slug).map(str::to_owned).or(wish.tenant),
        client: (!client.first_party).then_some(client.name),
    }
}
