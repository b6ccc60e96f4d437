//! The guard against names and servers that try to lead it inside.
//!
//! The servers are real ones on this machine, which the guard must reach only when the operator allows it.
//! Invariant: each test has servers and names of its own.

use std::io;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::response::Redirect;
use axum::routing::get;
use tokio::net::TcpListener;

use super::*;

/// Answers one list after another, the last one for ever.
struct Script(Mutex<Vec<Vec<&'static str>>>);

impl Resolver for Script {
    fn addresses(&self, _: String) -> BoxFuture<'static, io::Result<Vec<IpAddr>>> {
        let mut script = self.0.lock().unwrap();
        let now = if script.len() > 1 { script.remove(0) } else { script[0].clone() };
        Box::pin(async move { Ok(now.iter().map(|text| text.parse().unwrap()).collect()) })
    }
}

fn guard(allowed: &[&str], script: &[&[&'static str]]) -> Guard {
    let allowed = allowed.iter().map(|network| network.parse().unwrap()).collect();
    let script = script.iter().map(|answer| answer.to_vec()).collect();
    Guard::with_resolver(allowed, Box::new(Script(Mutex::new(script)))).unwrap()
}

/// A server that counts who comes.
async fn server() -> (u16, Arc<AtomicUsize>) {
    let visits = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&visits);
    let count = move || {
        counted.fetch_add(1, Ordering::SeqCst);
    };
    let away = count.clone();
    let routes = Router::new()
        .route(
            "/",
            get(async move || {
                count();
                "inside"
            }),
        )
        .route(
            "/away",
            get(async move || {
                away();
                Redirect::temporary("http://127.0.0.1:1/")
            }),
        )
        .route("/long", get(async || "x".repeat(BODY_BYTES_MAX + 1)))
        .route("/exact", get(async || "x".repeat(BODY_BYTES_MAX)));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    #[expect(clippy::disallowed_methods, reason = "the test's runtime owns it")]
    tokio::spawn(async move { axum::serve(listener, routes).await });
    (port, visits)
}

async fn fetch(guard: &Guard, url: &str) -> Result<Response, GuardError> {
    guard.send(guard.client().get(url).build().unwrap()).await
}

fn is_forbidden<T>(outcome: &Result<T, GuardError>) -> bool {
    matches!(outcome, Err(GuardError::Forbidden(_)))
}

#[tokio::test]
async fn n08_no_spelling_of_an_inner_address_is_called() {
    let (port, visits) = server().await;
    let guard = guard(&[], &[&["127.0.0.1"]]);
    for host in [
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f000001",
        "0177.0.0.1",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "0.0.0.0",
        "169.254.169.254",
        "10.0.0.1",
        "localhost",
        "inside.example",
        "127。0。0。1",
    ] {
        let url = format!("http://{host}:{port}/");
        assert!(is_forbidden(&fetch(&guard, &url).await), "{host}: at connect");
        assert!(is_forbidden(&guard.check(&url).await), "{host}: at save");
    }
    assert_eq!(visits.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn only_the_web_is_spoken_and_nobody_signs_in_by_address() {
    let guard = guard(&[], &[&["8.8.8.8"]]);
    for bad in [
        "ftp://a.example/",
        "file:///etc/passwd",
        "gopher://a",
        "https://",
        "x",
        "https://u:p@a.example/",
    ] {
        assert!(matches!(guard.check(bad).await, Err(GuardError::NotAWebAddress(_))), "{bad}");
    }
    assert!(guard.check("https://a.example/hook?x=1").await.is_ok());
}

#[tokio::test]
async fn n08_a_name_that_changes_its_mind_gains_nothing() {
    let (port, visits) = server().await;
    let rebinding = guard(&[], &[&["8.8.8.8"], &["127.0.0.1"]]);
    let url = format!("http://rebind.example:{port}/");
    assert!(rebinding.check(&url).await.is_ok(), "public when it was saved");
    assert!(is_forbidden(&fetch(&rebinding, &url).await), "inside when it was called");
    let mixed = guard(&[], &[&["8.8.8.8", "127.0.0.1"]]);
    assert!(is_forbidden(&fetch(&mixed, &url).await), "one bad address spoils the answer");
    assert_eq!(visits.load(Ordering::SeqCst), 0);
    // The control: a client that resolves for itself after the check goes inside.
    let careless =
        Client::builder().no_proxy().resolve("rebind.example", ([127, 0, 0, 1], port).into());
    careless.build().unwrap().get(&url).send().await.unwrap();
    assert_eq!(visits.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_network_that_the_operator_allows_is_called() {
    let (port, visits) = server().await;
    let guard = guard(&["127.0.0.0/8"], &[&["127.0.0.1"]]);
    let by_name = fetch(&guard, &format!("http://provider.example:{port}/")).await.unwrap();
    assert_eq!(Guard::body(by_name).await.unwrap(), "inside");
    fetch(&guard, &format!("http://127.0.0.1:{port}/")).await.unwrap();
    assert_eq!(visits.load(Ordering::SeqCst), 2);
    assert!(is_forbidden(&fetch(&guard, &format!("http://[::1]:{port}/")).await), "that one only");
}

#[tokio::test]
async fn n08_a_redirect_is_an_answer_and_not_followed() {
    let (port, visits) = server().await;
    let guard = guard(&["127.0.0.0/8"], &[&["127.0.0.1"]]);
    let answer = fetch(&guard, &format!("http://provider.example:{port}/away")).await.unwrap();
    assert_eq!((answer.status().as_u16(), visits.load(Ordering::SeqCst)), (307, 1));
}

#[tokio::test]
async fn an_answer_has_a_size() {
    let (port, _) = server().await;
    let guard = guard(&["127.0.0.0/8"], &[&["127.0.0.1"]]);
    let of = |path: &str| format!("http://127.0.0.1:{port}{path}");
    let long = fetch(&guard, &of("/long")).await.unwrap();
    assert!(matches!(Guard::body(long).await, Err(GuardError::TooLong)));
    let exact = fetch(&guard, &of("/exact")).await.unwrap();
    assert_eq!(Guard::body(exact).await.unwrap().len(), BODY_BYTES_MAX);
}

#[tokio::test]
async fn a_failure_repeats_no_secret_of_the_address() {
    let guard = guard(&["127.0.0.0/8"], &[&["127.0.0.1"]]);
    let error = fetch(&guard, "http://provider.example:1/hook?key=secret-text").await.unwrap_err();
    assert!(!format!("{error:?} {error}").contains("secret-text"), "{error:?}");
}
