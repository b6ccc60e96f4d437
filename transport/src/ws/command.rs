//! A command over the socket: the same work, permissions and idempotency as the REST route of that name.
//!
//! Its key has the scope of its name, as a REST key has that of its route; the fingerprint covers the arguments.
//! Invariant: a command without a sound key is not carried out.

use std::sync::Arc;

use actors::Wire;
use serde_json::Value;

use super::message::{Command, ToClient, encoded};
use super::requests::{InHand, Reply};
use super::session::note_refusal;
use crate::auth::Principal;
use crate::command::{Answer, named, run};
use crate::edge::{Caller, Edge, Trail};
use crate::extract::sound_key;
use crate::idempotency::{Origin, fingerprint};
use crate::problem::{Code, Problem};

const MEDIA_TYPE: &str = "application/json";

/// What a socket's command is answered with.
struct Outcome {
    is_replay: bool,
    ok: Option<Value>,
    error: Option<Value>,
}

/// Carries `asked` out and says its result; `session` finds it in the log.
pub(super) fn carry_out(
    edge: &Edge,
    caller: Caller,
    asked: Command,
    wire: Wire,
    session: &str,
) -> InHand {
    let (edge, trace) = (edge.clone(), format!("{session}.{}", asked.id));
    Box::pin(async move {
        let (principal, trail) = (Arc::clone(&caller.principal), caller.trail.under(&trace));
        let answered = answer(&edge, caller.on(trail.clone()), &asked, &trace).await;
        note_denial(&edge, &principal, &trail, &asked, &answered);
        let outcome = match answered {
            Ok(answer) => Outcome::of_answer(&answer),
            Err(problem) => Outcome::of_problem(&problem, &trace),
        };
        let Outcome { is_replay: replayed, ok, error } = outcome;
        let result = ToClient::Result { id: &asked.id, replayed, ok, error };
        Reply { say: Some(encoded(wire, &result)), ..Reply::default() }
    })
}

async fn answer(
    edge: &Edge,
    caller: Caller,
    asked: &Command,
    trace: &str,
) -> Result<Answer, Problem> {
    let slug = caller.tenant.slug().to_owned();
    // The directory may have taken away since the sign-in what the token still says.
    let caller = edge.admit_principal(&slug, caller.principal)?.on(caller.trail);
    let key = key_of(asked.key.as_deref())?;
    let args = Value::Object(asked.args.clone()).to_string();
    let origin = Origin {
        template: format!("socket {}", asked.name),
        path: path_of(&slug, &asked.name),
        key,
        fingerprint: fingerprint(MEDIA_TYPE, &asked.name, None, args.as_bytes()),
        trace: trace.to_owned(),
    };
    run(edge, caller, origin, named(&asked.name, args.as_bytes())?).await
}

/// Records a no for want of a permission, whether the edge or the rules said it.
fn note_denial(
    edge: &Edge,
    principal: &Principal,
    trail: &Trail,
    asked: &Command,
    answered: &Result<Answer, Problem>,
) {
    let object = format!("command {}", asked.name);
    match answered {
        Err(problem) => note_refusal(edge, principal, trail, object, problem),
        Ok(answer) if [403, 404].contains(&answer.status) => {
            edge.record_denied(principal, trail, object, "refused");
        }
        Ok(_) => {}
    }
}

/// Where the problem of a command happened; for `issue`, where the ticket will be found.
fn path_of(slug: &str, name: &str) -> String {
    let of = if name == "issue" { "tickets" } else { "ws" };
    format!("/api/v1/tenants/{slug}/{of}")
}

/// The key by the grammar of the header, which is the grammar of keys everywhere.
fn key_of(key: Option<&str>) -> Result<String, Problem> {
    let key = key.ok_or(Problem::of(Code::KeyMissing))?;
    sound_key(key).map(str::to_owned).ok_or(Problem::of(Code::KeyInvalid))
}

impl Outcome {
    fn of_answer(answer: &Answer) -> Self {
        let body = serde_json::from_str(&answer.body).unwrap_or(Value::Null);
        let (ok, error) = if answer.status < 400 { (Some(body), None) } else { (None, Some(body)) };
        Self { is_replay: answer.is_replay, ok, error }
    }

    fn of_problem(problem: &Problem, trace: &str) -> Self {
        Self { is_replay: false, ok: None, error: Some(problem.to_value(None, Some(trace))) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_needed_and_has_the_grammar_of_the_header() {
        let code = |key| key_of(key).map_err(|problem| problem.code());
        assert_eq!(code(None), Err("idempotency_key_missing"));
        for wrong in ["", "two words", "tab\there", "caf\u{e9}", "new\nline"] {
            assert_eq!(code(Some(wrong)), Err("idempotency_key_invalid"), "{wrong:?}");
        }
        assert_eq!(code(Some("k-1")), Ok("k-1".to_owned()));
        assert_eq!(code(Some("\"k-1\"")), Ok("k-1".to_owned()));
    }

    #[test]
    fn an_answer_without_a_body_is_null_and_a_kept_refusal_is_an_error() {
        let nobody = Outcome::of_answer(&Answer::new(204, String::new()));
        assert_eq!((nobody.ok, nobody.error), (Some(Value::Null), None));
        let refused = Outcome::of_answer(&Answer::new(409, r#"{"code":"queue_full"}"#.to_owned()));
        assert_eq!(
            (refused.ok, refused.error),
            (None, Some(serde_json::json!({"code":"queue_full"})))
        );
    }
}
