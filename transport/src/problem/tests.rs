//! What problems look like on the wire.

use actors::AskError;
use axum::http::header;
use domain::{Refusal, State, TicketId, Timestamp};
use serde_json::json;
use uuid::Uuid;

use super::*;

fn body(problem: Problem) -> Value {
    problem.to_value(Some("/api/v1/x"), Some("r-1"))
}

#[test]
fn a_problem_has_the_members_of_the_standard_and_its_facts() {
    let ticket = TicketId(Uuid::from_u128(1));
    let shown = body(Refusal::AgentBusy { ticket, number: "A042".to_owned() }.into());
    let expected = json!({
        "type": "/docs/problems#agent_busy", "title": "Agent busy", "status": 409, "code": "agent_busy",
        "detail": "the agent already has ticket A042", "instance": "/api/v1/x", "trace_id": "r-1",
        "ticket": {"id": ticket.to_string(), "number": "A042"},
    });
    assert_eq!(shown, expected);
}

#[test]
fn unknown_and_foreign_are_the_same_bytes_wherever_they_come_from() {
    let bodies = [
        Problem::of(Code::NotFound).to_value(Some("/a/1"), Some("r-1")),
        Problem::from(AskError::NotFound).to_value(Some("/a/2"), Some("r-2")),
        Problem::from(AskError::Refused(Refusal::NotFound)).to_value(None, None),
        Problem::from(Refusal::NotFound).to_value(Some("/b"), None),
    ];
    let texts: Vec<String> = bodies.iter().map(Value::to_string).collect();
    assert!(texts.iter().all(|text| *text == texts[0]), "{texts:?}");
    assert!(bodies[0].get("instance").is_none() && bodies[0].get("trace_id").is_none());
}

#[test]
fn every_refusal_keeps_its_code_and_has_the_right_status() {
    let at = Timestamp::from_secs(0);
    let ticket = TicketId(Uuid::nil());
    let refusals = [
        (Refusal::QueueClosed, 409),
        (Refusal::QueuePaused, 409),
        (Refusal::QueueFull { capacity: 1 }, 409),
        (Refusal::OutsideOpeningHours, 409),
        (Refusal::AgentBusy { ticket, number: String::new() }, 409),
        (Refusal::AgentNotAvailable { why: "offline" }, 409),
        (Refusal::NobodyWaiting, 409),
        (Refusal::NotAssigned, 403),
        (Refusal::SkillMissing, 409),
        (Refusal::InvalidTransition { from: State::Waiting, command: "finish" }, 409),
        (Refusal::TicketEnded { state: State::Served }, 409),
        (Refusal::TooSoon { retry_at: at }, 409),
        (Refusal::TooFewCalls { calls: 1, min_calls: 2 }, 409),
        (Refusal::AlreadyInQueue { ticket, number: String::new() }, 409),
        (Refusal::ClassNotAllowed { class: "vip".to_owned() }, 403),
        (Refusal::SameQueue, 409),
        (Refusal::VersionConflict { current: 2 }, 412),
        (Refusal::QuotaExceeded { what: "queues", limit: 1 }, 409),
        (Refusal::NotFound, 404),
    ];
    for (refusal, status) in refusals {
        let code = refusal.code();
        let problem = Problem::from(refusal);
        assert_eq!((problem.code(), problem.status().as_u16()), (code, status));
    }
    let too_soon = body(Refusal::TooSoon { retry_at: at }.into());
    assert_eq!(too_soon["retry_at"], "1970-01-01T00:00:00Z");
}

#[test]
fn failures_say_when_to_try_again() {
    let busy = |own_limit| {
        Problem::from(AskError::Busy { retry_after_secs: 2, own_limit }).render(None, None)
    };
    assert_eq!((busy(true).status().as_u16(), busy(false).status().as_u16()), (429, 503));
    assert_eq!(busy(true).headers()[header::RETRY_AFTER], "2");
    let unknown = Problem::from(AskError::OutcomeUnknown);
    assert_eq!((unknown.code(), unknown.status().as_u16()), ("outcome_unknown", 503));
    assert!(unknown.render(None, None).headers().contains_key(header::RETRY_AFTER));
}

#[test]
fn bad_input_points_at_its_member() {
    let problem = Problem::from(AskError::Invalid {
        field: "hours/weekly".to_owned(),
        remedy: "give seven".to_owned(),
    });
    assert_eq!(
        body(problem)["errors"],
        json!([{"pointer": "/hours/weekly", "detail": "give seven"}])
    );
}

#[test]
fn who_is_not_signed_in_is_challenged() {
    let response = Problem::from(AuthError::Expired).render(Some("/a"), Some("r"));
    assert_eq!(response.status().as_u16(), 401);
    let challenge = response.headers()[header::WWW_AUTHENTICATE].to_str().unwrap();
    assert!(challenge.starts_with("Bearer ") && challenge.contains(r#"error="invalid_token""#));
    assert_eq!(response.headers()[header::CONTENT_TYPE], "application/problem+json");
}

#[test]
fn codes_are_distinct() {
    let mut codes: Vec<&str> = Code::ALL.iter().map(|code| code.as_str()).collect();
    let all = codes.len();
    codes.sort_unstable();
    codes.dedup();
    assert_eq!(codes.len(), all);
}
