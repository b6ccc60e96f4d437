//! Stories about `token`: what is printed, for whom, and whether a server takes it.
//!
//! Tokens are taken apart here by hand, as their readers would. Invariant: stdout holds the token alone.

use std::os::unix::fs::PermissionsExt;

use serde_json::Value;

use crate::program::{AWA, BRANCH, Place};

/// The second part of a signed token, decoded.
fn claims(token: &str) -> Value {
    let part = token.trim().split('.').nth(1).unwrap();
    let value = |letter: u8| match letter {
        b'A'..=b'Z' => u32::from(letter - b'A'),
        b'a'..=b'z' => u32::from(letter - b'a') + 26,
        b'0'..=b'9' => u32::from(letter - b'0') + 52,
        b'-' => 62,
        b'_' => 63,
        other => panic!("not base64url: {other}"),
    };
    let (mut bytes, mut bits, mut held) = (Vec::new(), 0_u32, 0);
    for letter in part.bytes() {
        bits = (bits << 6) | value(letter);
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.push(u8::try_from((bits >> held) & 0xff).unwrap());
        }
    }
    serde_json::from_slice(&bytes).unwrap()
}

#[test]
fn a_token_is_printed_alone_and_says_who_it_is_for() {
    let place = Place::new();
    place.run(&format!("apply {BRANCH}")).must(0);
    let ran = place
        .run(&format!("token --tenant banque-teranga --as {} --ttl 1h", AWA.to_uppercase()))
        .must(0);
    assert_eq!((ran.stdout.lines().count(), ran.stderr.as_str()), (1, ""), "{ran:#?}");
    let said = claims(&ran.stdout);
    assert_eq!((&said["tenant"], &said["role"]), (&"banque-teranga".into(), &"agent".into()));
    assert!(said["sub"].as_str().unwrap().starts_with("agent:"), "{said}");
    assert_eq!(said["exp"].as_u64().unwrap() - said["iat"].as_u64().unwrap(), 3_600);
    let role = claims(&place.run("token --tenant banque-teranga --role manager").must(0).stdout);
    assert_eq!(
        (&role["sub"], &role["exp"]),
        (&"role:manager".into(), &(role["iat"].as_u64().unwrap() + 600).into())
    );
    let platform = claims(&place.run("token --role platform_admin").must(0).stdout);
    assert_eq!(platform["tenant"], Value::Null);
    let mode = std::fs::metadata(place.path("data/signing-key.pem")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn a_token_for_nobody_is_refused_with_a_reason() {
    let place = Place::new();
    let ran = place.run("token --tenant banque-teranga --role agent").must(4);
    assert!(ran.stderr.contains("data/smartqueue.db"), "{ran:#?}");
    assert!(!place.holds("data/smartqueue.db"), "looking does not make a database");
    place.run(&format!("apply {BRANCH}")).must(0);
    for (line, wanted) in [
        ("token --tenant acme --role agent", "no tenant acme"),
        ("token --tenant banque-teranga --as x@y.example", "nobody with the e-mail x@y.example"),
        ("token --tenant banque-teranga --role platform_admin", "belongs to no tenant"),
        ("token --role manager", "needs --tenant"),
    ] {
        let ran = place.run(line).must(2);
        assert!(ran.stderr.contains(wanted) && ran.stdout.is_empty(), "{ran:#?}");
    }
}

#[test]
fn a_server_accepts_the_tokens_that_were_minted_beside_it() {
    let place = Place::new();
    place.run(&format!("apply {BRANCH}")).must(0);
    let server = place.serve("");
    let token = place.run(&format!("token --tenant banque-teranga --as {AWA}")).must(0).stdout;
    let (status, body) = server.get("/api/v1/tenants/banque-teranga/agents/me", token.trim());
    assert!(status == 200 && body.contains("Awa Diop"), "{status} {body}");
    let (status, _) = server.get("/api/v1/tenants/banque-teranga/agents/me", "forged");
    assert_eq!(status, 401);
    place.run(&format!("apply {BRANCH} --dry-run")).must(0);
    assert_eq!(server.stop("-TERM").0, Some(0));
}
