//! What bad input is answered with, and what good input becomes.

use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, HeaderValue, header};
use futures_util::stream;
use serde::Deserialize;

use super::body::{check_media_type, read};
use super::headers::idempotency_key;
use super::*;
use crate::command::{HoldArgs, IssueArgs};
use crate::edge::Limits;
use crate::problem::Problem;

#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Outer {
    name: String,
    #[serde(default)]
    inner: Vec<Inner>,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Inner {
    count: u8,
}

/// The code, and the pointer of the first fault.
fn fault<T: serde::de::DeserializeOwned>(raw: &str) -> (&'static str, String) {
    match parse_json::<T>(raw.as_bytes()) {
        Ok(_) => ("", String::new()),
        Err(problem) => {
            let body = problem.to_value(None, None);
            (problem.code(), body["errors"][0]["pointer"].as_str().unwrap_or_default().to_owned())
        }
    }
}

fn code<T>(result: Result<T, Problem>) -> &'static str {
    result.err().map_or("", |problem| problem.code())
}

#[test]
fn a_fault_is_found_by_its_pointer() {
    let of = |raw: &str| fault::<Outer>(raw);
    let invalid = |pointer: &str| ("invalid_request", pointer.to_owned());
    assert_eq!(of(r#"{"name":"a","inner":[{"count":1}]}"#), ("", String::new()));
    assert_eq!(of(r#"{"name":1}"#), invalid("/name"));
    assert_eq!(
        of(r#"{"name":"a","inner":[{"count":1},{"count":300}]}"#),
        invalid("/inner/1/count")
    );
    assert_eq!(of(r#"{"name":"a","inner":[{"count":1,"a/b~":2}]}"#), invalid("/inner/0/a~1b~0"));
    assert_eq!(of(r#"{"inner":[]}"#), invalid("/name"));
    assert_eq!(of(r#"{"name":"a","inner":[{}]}"#), invalid("/inner/0/count"));
    assert_eq!(of(r#"{"name":"a","status":"served"}"#), invalid("/status"));
    assert_eq!(of(r#"{"name":"a","name":"b"}"#).0, "invalid_request");
    assert_eq!(of("[]").0, "invalid_request");
}

#[test]
fn what_is_not_json_is_refused_without_telling_more() {
    let of = |raw: &str| fault::<Outer>(raw).0;
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let long = format!("{{\"name\":{}}}", "9".repeat(50_000));
    for raw in ["{", "nope", "{\"name\":\"a\"} {}", "{\"name\":\"\\ud800\"}", "\u{0}", &deep] {
        assert!(["invalid_json", "invalid_request"].contains(&of(raw)), "{raw:.20}");
    }
    assert!(!of(&long).is_empty());
    assert_eq!(
        parse_json::<Outer>(b"{\"name\":\"\xff\"}").map_err(|problem| problem.code()),
        Err("invalid_json")
    );
}

#[test]
fn nul_is_refused_and_its_name_is_not() {
    assert_eq!(fault::<Outer>(r#"{"name":"a\u0000b"}"#).0, "invalid_json");
    assert_eq!(fault::<Outer>(r#"{"name":"a\\\u0000b"}"#).0, "invalid_json");
    assert_eq!(fault::<Outer>(r#"{"name":"a\\u0000b"}"#).0, "");
}

#[test]
fn a_body_left_out_is_an_empty_object() {
    assert_eq!(fault::<HoldArgs>(""), ("", String::new()));
    assert_eq!(fault::<Outer>("").1, "/name");
}

#[test]
fn members_that_nobody_may_write_are_unknown() {
    for member in ["priority", "status", "number", "tenant_id", "created_at", "id"] {
        let raw =
            format!(r#"{{"queue_id":"01890a5d-ac96-774b-bcce-b302099a8057","{member}":"1"}}"#);
        assert_eq!(fault::<IssueArgs>(&raw), ("invalid_request", format!("/{member}")));
    }
}

#[tokio::test]
async fn bodies_are_bounded_in_size_and_in_time() {
    let long = Duration::from_secs(60);
    let pieces = |count: usize| {
        Body::from_stream(stream::iter(
            (0..count).map(|_| Ok::<_, std::io::Error>(Bytes::from_static(b"12345"))),
        ))
    };
    assert_eq!(read(Body::empty(), 10, long).await, Ok(Bytes::new()));
    assert_eq!(read(pieces(1), 10, long).await, Ok(Bytes::from_static(b"12345")));
    assert_eq!(read(pieces(2), 10, long).await, Ok(Bytes::from_static(b"1234512345")));
    assert_eq!(code(read(pieces(3), 10, long).await), "body_too_large");
    assert_eq!(code(read(Body::from("12345678901"), 10, long).await), "body_too_large");
    let cut = Body::from_stream(stream::iter([Err::<Bytes, _>(std::io::Error::other("gone"))]));
    assert_eq!(code(read(cut, 10, long).await), "invalid_json");
}

#[tokio::test]
async fn a_body_that_never_comes_is_not_waited_for() {
    tokio::time::pause();
    let never = Body::from_stream(stream::pending::<Result<Bytes, std::io::Error>>());
    assert_eq!(code(read(never, 10, Duration::from_secs(30)).await), "body_timeout");
}

#[test]
fn a_body_says_that_it_is_json() {
    let of = |kind: &'static str| {
        let headers =
            HeaderMap::from_iter([(header::CONTENT_TYPE, HeaderValue::from_static(kind))]);
        code(check_media_type(&headers, b"{}"))
    };
    for good in ["application/json", "application/json; charset=utf-8", "Application/JSON"] {
        assert_eq!(of(good), "", "{good}");
    }
    for bad in ["text/plain", "application/x-www-form-urlencoded", "application/jsonp", ""] {
        assert_eq!(of(bad), "unsupported_media_type", "{bad}");
    }
    assert_eq!(code(check_media_type(&HeaderMap::new(), b"{}")), "unsupported_media_type");
    assert_eq!(code(check_media_type(&HeaderMap::new(), b"")), "");
}

fn keyed(values: &[&str]) -> Result<String, &'static str> {
    let mut headers = HeaderMap::new();
    for value in values {
        headers.append("idempotency-key", HeaderValue::from_bytes(value.as_bytes()).unwrap());
    }
    idempotency_key(&headers).map(str::to_owned).map_err(|problem| problem.code())
}

#[test]
fn a_key_is_bare_or_quoted_and_there_once() {
    assert_eq!(keyed(&["8e03978e"]), Ok("8e03978e".to_owned()));
    assert_eq!(keyed(&["\"8e03978e\""]), Ok("8e03978e".to_owned()));
    assert_eq!(keyed(&[&"k".repeat(255)]).map(|key| key.len()), Ok(255));
    assert_eq!(keyed(&[]), Err("idempotency_key_missing"));
    let long = "k".repeat(256);
    for bad in [
        &[""][..],
        &["\"\""],
        &[&long],
        &["a b"],
        &["a\tb"],
        &["caf\u{e9}"],
        &["a", "a"],
        &["\"a"],
        &["\"a\\\"b\""],
    ] {
        assert_eq!(keyed(bad), Err("idempotency_key_invalid"), "{bad:?}");
    }
}

#[test]
fn a_version_is_quoted_and_strong() {
    let of = |values: &[&'static str]| {
        let pairs = values.iter().map(|value| (header::IF_MATCH, HeaderValue::from_static(value)));
        let mut headers = HeaderMap::new();
        pairs.for_each(|(name, value)| {
            headers.append(name, value);
        });
        IfMatch::of(&headers).map_err(|problem| problem.code())
    };
    assert_eq!(of(&[]), Ok(IfMatch(None)));
    assert_eq!(of(&["*"]), Ok(IfMatch(None)));
    assert_eq!(of(&["\"7\""]), Ok(IfMatch(Some(7))));
    for bad in [
        &["7"][..],
        &["W/\"7\""],
        &["\"7\", \"8\""],
        &["\"7\"", "\"8\""],
        &["\"\""],
        &["\"+7\""],
        &["\"-1\""],
    ] {
        assert_eq!(of(bad), Err("if_match_invalid"), "{bad:?}");
    }
}

#[test]
fn a_bearer_token_is_there_once_and_of_that_scheme() {
    let of = |values: &[&'static str]| {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(header::AUTHORIZATION, HeaderValue::from_static(value));
        }
        bearer(&headers).map(str::to_owned).map_err(|problem| problem.code())
    };
    assert_eq!(of(&["Bearer abc"]), Ok("abc".to_owned()));
    assert_eq!(of(&["bearer abc"]), Ok("abc".to_owned()));
    for bad in
        [&[][..], &["Bearer"], &["Bearer "], &["Basic abc"], &["abc"], &["Bearer a", "Bearer b"]]
    {
        assert_eq!(of(bad), Err("invalid_token"), "{bad:?}");
    }
}

#[test]
fn queries_hold_nothing_unknown() {
    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Query {
        limit: Option<u32>,
        from: Option<Instant>,
    }
    let of = |uri: &'static str| Asked::<Query>::of(&uri.parse().unwrap()).map(|asked| asked.0);
    assert_eq!(of("/a?limit=5").unwrap().limit, Some(5));
    assert!(of("/a?from=2026-03-04T09:30:00Z").unwrap().from.is_some());
    for bad in [
        "/a?limit=x",
        "/a?limit=-1",
        "/a?limit=1&limit=2",
        "/a?page=1",
        "/a?from=yesterday",
        "/a?limit=99999999999",
    ] {
        assert_eq!(code(of(bad)), "invalid_request", "{bad}");
    }
    assert_eq!(code(refuse_query(&"/a?b".parse().unwrap())), "invalid_request");
    assert_eq!(code(refuse_query(&"/a".parse().unwrap())), "");
}

#[test]
fn pages_are_bounded() {
    let limits = Limits::default();
    assert_eq!(page_of(None, &limits).ok(), Some(50));
    assert_eq!(page_of(Some(200), &limits).ok(), Some(200));
    for bad in [0, 201, 1_000_000_000] {
        assert_eq!(code(page_of(Some(bad), &limits)), "invalid_request");
    }
}

#[test]
fn instants_lie_in_this_century() {
    for good in ["2026-03-04T09:30:00Z", "2026-03-04T10:30:00+01:00", "2026-03-04T09:30:00.5Z"] {
        assert!(good.parse::<Instant>().is_ok(), "{good}");
    }
    for bad in [
        "9999-12-31T00:00:00Z",
        "1970-01-01T00:00:00Z",
        "2026-03-04",
        "2026-13-01T00:00:00Z",
        "tomorrow",
        "",
    ] {
        assert!(bad.parse::<Instant>().is_err(), "{bad}");
    }
}
