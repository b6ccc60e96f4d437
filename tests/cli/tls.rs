//! Stories about certificates: a site's own authority, a server that speaks TLS, and what it never writes down.
//!
//! The client trusts the authority's file and nothing else, as a kiosk would.

use std::time::Duration;

use reqwest::{Certificate, Client};

use crate::program::{Place, Served};

const TLS: &str = "--tls-cert tls/server.pem --tls-key tls/server-key.pem";

/// The status and the headers of a GET of `/healthz`, by a client that trusts `authority` alone.
fn health(
    place: &Place,
    authority: &str,
    served: &Served,
) -> Result<reqwest::Response, reqwest::Error> {
    let pem = std::fs::read(place.path(authority)).unwrap();
    let trusted = Certificate::from_pem(&pem).unwrap();
    let port = served.url.rsplit(':').next().unwrap().to_owned();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let here = ([127, 0, 0, 1], 0).into();
        let client = Client::builder().no_proxy().tls_certs_only([trusted]);
        let client = client.resolve("queue.lan", here).build().unwrap();
        client.get(format!("https://queue.lan:{port}/healthz")).send().await
    })
}

#[test]
fn a_site_makes_its_own_certificate_and_kiosks_trust_it() {
    let place = Place::new();
    let init = "tls init --dir tls --name queue.lan --ip 127.0.0.1";
    let made = place.run(init).must(0);
    assert_eq!(made.stdout.trim(), "tls/site-ca.pem");
    assert!(
        made.stderr.contains("queue.lan, 127.0.0.1") && made.stderr.contains("site-ca-key.pem"),
        "{made:#?}"
    );
    let again = place.run(init).must(2);
    assert!(again.stderr.contains("is there already; nothing was written"), "{again:#?}");
    let served = place.serve(TLS);
    assert!(served.url.starts_with("https://127.0.0.1:"), "{}", served.url);
    let answer = health(&place, "tls/site-ca.pem", &served).unwrap();
    assert_eq!(answer.status(), 200);
    assert!(answer.headers().contains_key("strict-transport-security"));
    // Another site's authority is worth nothing here.
    place.run("tls init --dir other --name queue.lan").must(0);
    assert!(health(&place, "other/site-ca.pem", &served).is_err());
    assert_eq!(served.stop("-TERM").0, Some(0));
}

#[test]
fn a_running_server_takes_up_a_new_certificate_at_sighup_and_keeps_the_old_one_if_it_is_broken() {
    let place = Place::new();
    place.run("tls init --dir tls --name elsewhere.lan").must(0);
    let served = place.serve(TLS);
    let answers = || health(&place, "tls/site-ca.pem", &served).is_ok();
    assert!(!answers(), "not its name yet");
    place.run("tls renew --dir tls --name queue.lan").must(0);
    served.signal("-HUP");
    eventually(answers);
    place.write("tls/server.pem", "nothing");
    served.signal("-HUP");
    std::thread::sleep(Duration::from_millis(500));
    assert!(answers(), "the old one");
    let (code, said) = served.stop("-TERM");
    assert_eq!(code, Some(0));
    assert!(said.contains("server.pem holds no certificate"), "{said}");
}

#[test]
fn a_new_certificate_is_taken_up_without_a_signal() {
    let place = Place::new();
    place.run("tls init --dir tls --name elsewhere.lan").must(0);
    let served = place.serve(TLS);
    place.run("tls renew --dir tls --name queue.lan").must(0);
    eventually(|| health(&place, "tls/site-ca.pem", &served).is_ok());
    served.stop("-TERM");
}

#[test]
fn half_a_certificate_and_files_that_are_none_are_refused_with_a_sentence() {
    let place = Place::new();
    place.run("serve --tls-cert a.pem").must(2);
    place.write("half.toml", "[server]\ntls_key = \"k.pem\"\n");
    let half = place.run("serve --config half.toml").must(2);
    assert!(half.stderr.contains("server.tls_key: is only half of what TLS needs"), "{half:#?}");
    let missing = place.run("serve --tls-cert a.pem --tls-key k.pem").must(4);
    assert!(missing.stderr.contains("TLS file a.pem cannot be read"), "{missing:#?}");
    place.write("a.pem", "nothing");
    let bad = place.run("serve --tls-cert a.pem --tls-key k.pem").must(2);
    assert!(bad.stderr.contains("a.pem holds no certificate"), "{bad:#?}");
    place.run("tls init --dir tls --name https://queue.lan").must(2);
    place.run("tls renew --dir nowhere").must(2);
    // The database is free again after a start that failed.
    place.run("migrate").must(0);
}

#[test]
fn s11_a04_a05_nothing_of_an_address_or_a_header_is_logged_however_much_is() {
    let place = Place::new();
    place.write("all.toml", "[log]\nfilter = \"warn,transport=trace,smartqueue=trace,actors=trace,axum=trace,hyper=trace,hyper_util=trace,tower=trace,tungstenite=trace\"\nformat = \"json\"\n");
    let served = place.serve("--config all.toml");
    for path in [
        "/api/v1/tenants/t/ws?access_token=canary-query",
        "/api/v1/tenants/t/queues?token=canary-query",
        "/t/canary-path",
        "/nowhere/canary-path%0A%7B%22level%22:%22INFO%22%7D",
    ] {
        let (status, body) = served.get(path, "canary-bearer");
        assert!((400..500).contains(&status) && !body.contains("canary-query"), "{path}: {body}");
    }
    let (_, said) = served.stop("-TERM");
    assert!(said.lines().count() > 1, "something is logged: {said}");
    assert!(!said.contains("canary"), "{said}");
    // The link of the first start is talk to whoever stands there, and no record.
    for line in said.lines().filter(|line| !line.contains("/setup/")) {
        assert!(
            serde_json::from_str::<serde_json::Value>(line).is_ok(),
            "one record a line: {line}"
        );
    }
}

/// Waits until `is_so`, for half a minute at most.
#[track_caller]
fn eventually(is_so: impl Fn() -> bool) {
    for _ in 0..100 {
        if is_so() {
            return;
        }
        std::thread::sleep(Duration::from_millis(300));
    }
    panic!("it never came to be");
}
