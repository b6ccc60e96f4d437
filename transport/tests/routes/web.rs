//! What browsers, proxies and strangers may do: headers, framing of requests, limits by address.
//!
//! Over real connections wherever the bytes matter. Names begin with the case they show.

use std::time::Duration;

use axum::http::Method;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use transport::{Limits, Proxies, RateLimits, Web};

use crate::served::{Served, ask};
use crate::world::World;

const OPEN: &str = "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n\
                    Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

fn behind_loopback() -> Web {
    let proxies = Proxies { trusted: vec!["127.0.0.0/8".parse().unwrap()], ..Proxies::default() };
    Web { proxies, ..Web::default() }
}

/// `GET path` on a connection that ends with it.
async fn get(served: &Served, path: &str, headers: &str) -> String {
    served
        .say(
            format!("GET {path} HTTP/1.1\r\nHost: q.example\r\nConnection: close\r\n{headers}\r\n")
                .as_bytes(),
        )
        .await
}

#[tokio::test]
async fn every_answer_tells_browsers_what_it_may_not_do() {
    let world = World::new().await;
    for path in [
        "/",
        "/kiosk",
        "/display",
        "/agent",
        "/nowhere",
        "/healthz",
        "/openapi.json",
        "/docs/api/",
        "/docs/api",
        "/docs/problems",
        "/api/v1/tenants/bank/queues",
        "/demo/session",
        "/favicon.svg",
    ] {
        let answer = world.ask(Method::GET, path).send().await;
        let policy = answer.header("content-security-policy");
        assert!(
            policy.contains("default-src 'none'") || policy.contains("default-src 'self'"),
            "{path}: {policy}"
        );
        assert!(policy.contains("frame-ancestors 'none'"), "{path}: {policy}");
        let scripts = policy.split(';').find(|it| it.trim().starts_with("script-src"));
        assert!(!policy.contains("unsafe-eval"), "{path}: {policy}");
        assert!(scripts.is_none_or(|it| it.trim() == "script-src 'self'"), "{path}: {policy}");
        assert!(path.starts_with("/docs/api/") || !policy.contains("unsafe"), "{path}: {policy}");
        assert_eq!(answer.header("x-frame-options"), "DENY", "{path}");
        assert_eq!(answer.header("referrer-policy"), "same-origin", "{path}");
        assert_eq!(answer.header("cross-origin-resource-policy"), "same-origin", "{path}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("strict-transport-security"), "", "{path}: not over plain HTTP");
        if answer.header("content-type").starts_with("text/html") {
            assert_eq!(answer.header("cross-origin-opener-policy"), "same-origin", "{path}");
            assert!(answer.header("permissions-policy").contains("microphone=()"), "{path}");
            assert!(!has_inline_script(&answer.text), "{path}");
        }
    }
}

/// A script without a source, a style inside the page, or a handler in an attribute.
fn has_inline_script(page: &str) -> bool {
    let page = page.to_lowercase();
    let bare = page
        .split("<script")
        .skip(1)
        .any(|rest| rest.split('>').next().is_some_and(|tag| !tag.contains("src=")));
    bare || page.contains("<style")
        || [" onload=", " onclick=", "javascript:"].iter().any(|it| page.contains(it))
}

#[test]
fn inline_scripts_would_be_seen() {
    for bad in
        ["<script>x</script>", "<SCRIPT type=module>x", "<body onload=x()>", "<style>a{}</style>"]
    {
        assert!(has_inline_script(bad), "{bad}");
    }
    assert!(!has_inline_script("<script type=\"module\" src=\"/a.js\"></script>"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_a_trusted_proxy_can_say_that_it_speaks_tls() {
    let (plain, behind) = (
        Served::new(Limits::default()).await,
        Served::behind(Limits::default(), behind_loopback()).await,
    );
    let https = "X-Forwarded-Proto: https\r\n";
    assert!(!get(&plain, "/healthz", https).await.contains("strict-transport-security"));
    let said = get(&behind, "/healthz", https).await;
    assert!(
        said.contains("strict-transport-security: max-age=63072000; includeSubDomains\r\n"),
        "{said}"
    );
    let host = "X-Forwarded-Host: out.example\r\n";
    assert!(get(&behind, "/", host).await.contains("wss://out.example"));
    assert!(!get(&plain, "/", host).await.contains("out.example"));
    plain.end().await;
    behind.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s22_what_could_be_read_as_two_requests_is_refused_and_closed() {
    let served = Served::new(Limits::default()).await;
    let inner = "GET /readyz HTTP/1.1\r\nHost: x\r\n\r\n";
    let post =
        |headers: &str, body: &str| format!("POST /healthz HTTP/1.1\r\n{headers}\r\n{body}{inner}");
    for (what, text) in [
        ("two lengths", post("Host: x\r\nContent-Length: 4\r\nContent-Length: 5\r\n", "abcd")),
        ("a list of lengths", post("Host: x\r\nContent-Length: 4, 5\r\n", "abcd")),
        ("a signed length", post("Host: x\r\nContent-Length: +4\r\n", "abcd")),
        (
            "chunks that are not last",
            post("Host: x\r\nTransfer-Encoding: chunked, identity\r\n", "0\r\n\r\n"),
        ),
        ("a space before the colon", post("Host: x\r\nContent-Length : 4\r\n", "abcd")),
        ("a folded line", post("Host: x\r\nX-A: b\r\n Content-Length: 4\r\n", "abcd")),
        ("a bare carriage return", post("Host: x\r\nX-A: b\rContent-Length: 4\r\n", "abcd")),
        ("a zero byte", post("Host: x\r\nX-A: b\0c\r\n", "")),
        ("no host", post("X-A: b\r\n", "")),
        ("two hosts", post("Host: x\r\nHost: y\r\n", "")),
    ] {
        let said = served.say(text.as_bytes()).await;
        assert!(said.starts_with("HTTP/1.1 400 "), "{what}: {said}");
        assert_eq!(said.matches("HTTP/1.1 ").count(), 1, "{what}: {said}");
    }
    // A length beside chunks: read as chunks, whichever stands first, and the connection ends there.
    for lengths in [
        "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
        "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
        "Content-Length: 5\r\nTransfer-Encoding: chunked\r\nConnection: keep-alive\r\n",
    ] {
        let said = served.say(post(&format!("Host: x\r\n{lengths}"), "0\r\n\r\n").as_bytes()).await;
        let answers = said.matches("HTTP/1.1 ").count();
        assert!(said.contains("connection: close") && answers == 1, "{lengths}: {said}");
    }
    // The control: without a trick, both are answered.
    let two = format!("{inner}GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    assert_eq!(served.say(two.as_bytes()).await.matches("HTTP/1.1 200").count(), 2);
    served.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn d06_heads_and_bodies_have_a_size() {
    let served = Served::new(Limits::default()).await;
    let long = get(&served, "/healthz", &format!("X-Long: {}\r\n", "a".repeat(200_000))).await;
    assert!(is_refusal(&long), "{long}");
    let many = get(&served, "/healthz", &"X-A: b\r\n".repeat(500)).await;
    assert!(many.starts_with("HTTP/1.1 431"), "{many}");
    let address = get(&served, &format!("/{}", "a".repeat(200_000)), "").await;
    assert!(is_refusal(&address), "{address}");
    let token = served.world.of_role(domain::Role::Manager);
    let body = format!(
        "POST /api/v1/tenants/bank/tickets HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\nIdempotency-Key: k\r\n\
         Content-Type: application/json\r\nContent-Length: 10000000\r\n\r\n{}",
        "x".repeat(100_000)
    );
    let said = served.say(body.as_bytes()).await;
    assert!(is_refusal(&said), "{said}");
    served.end().await;
}

/// Whoever is still sending may lose the answer to the reset that follows it.
fn is_refusal(said: &str) -> bool {
    said.is_empty()
        || ["413", "414", "431"].iter().any(|code| said.starts_with(&format!("HTTP/1.1 {code}")))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s21_no_header_makes_one_method_another() {
    let served = Served::new(Limits::default()).await;
    for name in ["X-HTTP-Method-Override", "X-Method-Override", "X-HTTP-Method"] {
        let text = format!(
            "POST /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 0\r\n{name}: GET\r\n\r\n"
        );
        let said = served.say(text.as_bytes()).await;
        assert!(
            said.starts_with("HTTP/1.1 405") && said.contains("allow: GET,HEAD"),
            "{name}: {said}"
        );
    }
    for verb in ["TRACE", "CONNECT", "BREW"] {
        let text = format!(
            "{verb} /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-Secret: echo\r\n\r\n"
        );
        let said = served.say(text.as_bytes()).await;
        assert!(
            said.starts_with("HTTP/1.1 405") || said.starts_with("HTTP/1.1 400"),
            "{verb}: {said}"
        );
        assert!(!said.contains("echo"), "{verb}: {said}");
    }
    served.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s14_pages_of_others_open_no_socket_with_or_without_cookies() {
    let served = Served::new(Limits::default()).await;
    let open = async |headers: &str| {
        let path = "/api/v1/tenants/bank/ws";
        let text = format!("GET {path} HTTP/1.1\r\nHost: q.example\r\n{OPEN}{headers}\r\n");
        ask(&mut served.connect().await, &text).await
    };
    for origin in [
        "null",
        "https://q.example.evil.com",
        "https://evil.com",
        "https://q.example:8443",
        "file://",
    ] {
        for cookie in ["", "Cookie: __Host-session=stolen\r\n"] {
            let said = open(&format!("Origin: {origin}\r\n{cookie}")).await;
            assert!(said.starts_with("HTTP/1.1 403"), "{origin}: {said}");
        }
    }
    let said = open("Cookie: __Host-session=stolen\r\n").await;
    assert!(said.starts_with("HTTP/1.1 403"), "a cookie without an origin: {said}");
    assert!(
        open("Origin: https://q.example\r\n").await.starts_with("HTTP/1.1 101"),
        "the own page"
    );
    served.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s15_one_address_holds_few_sockets_that_say_nothing() {
    let limits = Limits { strangers_per_address_max: 3, ..Limits::default() };
    let served = Served::behind(limits, behind_loopback()).await;
    let open = async |from: &str| {
        let mut stream = served.connect().await;
        let text = format!(
            "GET /api/v1/tenants/bank/ws HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: {from}\r\n{OPEN}\r\n"
        );
        let said = ask(&mut stream, &text).await;
        (stream, said)
    };
    let mut held = Vec::new();
    for _ in 0..3 {
        let (stream, said) = open("198.51.100.1").await;
        assert!(said.starts_with("HTTP/1.1 101"), "{said}");
        held.push(stream);
    }
    let (_, refused) = open("198.51.100.1").await;
    assert!(refused.starts_with("HTTP/1.1 429") && refused.contains("retry-after: "), "{refused}");
    assert!(open("198.51.100.2").await.1.starts_with("HTTP/1.1 101"), "another address");
    held.clear();
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(open("198.51.100.1").await.1.starts_with("HTTP/1.1 101"), "they are gone");
    served.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s24_too_many_are_refused_by_the_address_the_proxy_names() {
    let rates = RateLimits { public_per_minute: 2, ..RateLimits::default() };
    let limits = Limits { rates, ..Limits::default() };
    let behind = Served::behind(limits.clone(), behind_loopback()).await;
    let alone = Served::new(limits).await;
    let join = async |served: &Served, from: &str| {
        let text = format!(
            "POST /api/v1/tenants/bank/tickets HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 0\r\n\
             X-Forwarded-For: {from}\r\n\r\n"
        );
        served.say(text.as_bytes()).await
    };
    for made_up in ["1.1.1.1, ", "2.2.2.2, "] {
        let said = join(&behind, &format!("{made_up}198.51.100.1")).await;
        assert!(said.starts_with("HTTP/1.1 401"), "{said}");
    }
    let refused = join(&behind, "3.3.3.3, 198.51.100.1").await;
    assert!(refused.starts_with("HTTP/1.1 429"), "{refused}");
    assert!(
        refused.contains("retry-after: ") && refused.contains("application/problem+json"),
        "{refused}"
    );
    assert!(join(&behind, "198.51.100.2").await.starts_with("HTTP/1.1 401"), "somebody else");
    // Without a trusted proxy the header changes nothing.
    for from in ["1.1.1.1", "2.2.2.2"] {
        assert!(join(&alone, from).await.starts_with("HTTP/1.1 401"));
    }
    assert!(join(&alone, "3.3.3.3").await.starts_with("HTTP/1.1 429"));
    behind.end().await;
    alone.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_caller_has_a_limit_when_the_operator_sets_one() {
    let rates = RateLimits { caller_per_minute: 3, ..RateLimits::default() };
    let world = World::with(Limits { rates, ..Limits::default() }, None).await;
    let (manager, agent) = (world.of_role(domain::Role::Manager), world.of_agent());
    for _ in 0..3 {
        assert_eq!(world.get("/queues").token(&manager).send().await.status, 200);
    }
    let refused = world.get("/queues").token(&manager).send().await;
    assert_eq!((refused.status, refused.code().as_str()), (429, "too_many_requests"));
    assert_eq!(refused.header("retry-after"), "20");
    assert_eq!(world.get("/queues").token(&agent).send().await.status, 200, "another caller");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn d01_a_client_that_reads_nothing_is_cut_off_and_others_are_served() {
    let write_stall = Duration::from_millis(300);
    let served = Served::new(Limits { write_stall, ..Limits::default() }).await;
    let mut slow = served.connect().await;
    // Far more answers than the buffers of both sides hold.
    let asked = "GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n".repeat(200);
    slow.write_all(asked.as_bytes()).await.unwrap();
    tokio::time::sleep(write_stall * 4).await;
    assert!(get(&served, "/healthz", "").await.starts_with("HTTP/1.1 200"));
    let mut read = Vec::new();
    let _ = slow.read_to_end(&mut read).await;
    let whole = String::from_utf8_lossy(&read).matches("HTTP/1.1 200").count();
    assert!(whole < 200, "it was cut off: {whole} answers");
    // The control: who reads gets them all.
    let mut quick = served.connect().await;
    quick.write_all(asked.as_bytes()).await.unwrap();
    let closing = b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    let mut read = Vec::new();
    let (mut reading, mut writing) = quick.split();
    writing.write_all(closing).await.unwrap();
    reading.read_to_end(&mut read).await.unwrap();
    assert_eq!(String::from_utf8_lossy(&read).matches("HTTP/1.1 200").count(), 201);
    served.end().await;
}
