//! Stories about who administers: the link of the first start, another one beside a running server, and letters.
//!
//! Invariant: a link opens nothing twice, and where somebody administers none is made without a word.

use std::fs;

use serde_json::json;

use crate::program::{BRANCH, Place, Served};

const PASSWORD: &str = "a long sentence about rain";

/// The path of a link.
fn path(link: &str) -> &str {
    &link[link.find("/setup/").unwrap_or_else(|| panic!("{link}"))..]
}

/// Fills in the form at `path`, as a browser would; the status it is answered with.
fn becomes_admin(served: &Served, path: &str, email: &str) -> u16 {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let quiet = reqwest::redirect::Policy::none();
        let client = reqwest::Client::builder().no_proxy().redirect(quiet).build().unwrap();
        let url = format!("{}{path}", served.url());
        let shown = client.get(&url).send().await.unwrap();
        let cookie = shown.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap();
        let (cookie, page) = (cookie.to_owned(), shown.text().await.unwrap());
        let seal = page.split("name=\"csrf\" value=\"").nth(1).unwrap().split('"').next().unwrap();
        let form =
            format!("csrf={seal}&lang=fr&email={email}&password={PASSWORD}&again={PASSWORD}");
        let post = client
            .post(&url)
            .header("origin", served.url())
            .header("cookie", cookie)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(form.replace(' ', "+"));
        post.send().await.unwrap().status().as_u16()
    })
}

#[test]
fn a_link_is_made_beside_a_running_server_and_works_once() {
    let place = Place::new();
    let missing = place.run("admin setup-link").must(4);
    assert!(missing.stdout.is_empty() && !place.holds("data/smartqueue.db"), "{missing:#?}");
    let served = place.serve("");
    let first = place.run("admin setup-link").must(0).stdout;
    let second = place.run("admin setup-link").must(0).stdout;
    assert_eq!(second.lines().count(), 1, "the link alone");
    assert_eq!(becomes_admin(&served, path(first.trim()), "a@bank.example"), 400, "replaced");
    assert_eq!(becomes_admin(&served, path(second.trim()), "a@bank.example"), 303);
    assert_eq!(becomes_admin(&served, path(second.trim()), "b@bank.example"), 400, "once");
    let refused = place.run("admin setup-link").must(2);
    assert!(refused.stderr.contains("--force") && refused.stdout.is_empty(), "{refused:#?}");
    let forced = place.run("admin setup-link --force").must(0).stdout;
    assert_eq!(becomes_admin(&served, path(forced.trim()), "b@bank.example"), 303);
    assert_eq!(served.stop("-TERM").0, Some(0));
    let verified = place.run("verify --audit").must(0);
    assert!(!verified.stderr.contains("broken"), "{verified:#?}");
}

#[test]
fn letters_are_laid_into_the_folder_of_the_configuration() {
    let place = Place::new();
    place.write(
        "mail.toml",
        "[mail]\nurl = \"folder:letters\"\nfrom = \"Banque <no-reply@bank.example>\"\n",
    );
    place.run(&format!("apply {BRANCH}")).must(0);
    let served = place.serve("--config mail.toml");
    let token = place.run("token --tenant banque-teranga --role admin").must(0).stdout;
    let body = json!({ "name": "Binta", "email": "binta@bank.example", "role": "agent" });
    let (status, said) = served.post("/api/v1/tenants/banque-teranga/members", token.trim(), &body);
    assert_eq!(status, 201, "{said}");
    let letters: Vec<_> = fs::read_dir(place.path("letters")).unwrap().collect();
    let [letter] = &letters[..] else { panic!("one letter: {letters:?}") };
    let text = fs::read_to_string(letter.as_ref().unwrap().path()).unwrap();
    assert!(text.contains("To: binta@bank.example") && text.contains("/invite/"), "{text}");
    assert_eq!(served.stop("-TERM").0, Some(0));
}

#[test]
fn without_mail_letters_lie_beside_the_keys_and_their_links_are_in_no_log() {
    let place = Place::new();
    place.run(&format!("apply {BRANCH}")).must(0);
    let token = place.run("token --tenant banque-teranga --role admin").must(0).stdout;
    let body = json!({ "name": "Binta", "email": "binta@bank.example", "role": "agent" });
    let said = place.serving(place.command("serve --listen 127.0.0.1:0")).heard(|served| {
        let members = "/api/v1/tenants/banque-teranga/members";
        assert_eq!(served.post(members, token.trim(), &body).0, 201);
    });
    let letter = fs::read_dir(place.path("data/letters")).unwrap().next().unwrap().unwrap().path();
    assert!(fs::read_to_string(&letter).unwrap().contains("/invite/"));
    assert!(said.contains("data/letters/") && !said.contains("/invite/"), "{said}");
    assert!(!said.contains("binta@bank.example"), "{said}");
}

#[test]
fn mail_that_cannot_work_is_said_before_anything_starts() {
    let place = Place::new();
    for (mail, wanted) in [
        ("url = \"smtp://user:secret@host\"", "mail.from"),
        ("url = \"folder:x\"\nfrom = \"nobody\"", "mail.from"),
        ("url = \"https://user:secret@host\"\nfrom = \"a@b.example\"", "mail.url"),
    ] {
        place.write("mail.toml", &format!("[mail]\n{mail}\n"));
        let ran = place.run("check-config --config mail.toml").must(2);
        assert!(ran.stderr.contains(wanted) && !ran.stderr.contains("secret"), "{ran:#?}");
    }
}

#[test]
fn alerts_are_listed_beside_a_server() {
    let place = Place::new();
    place.run(&format!("apply {BRANCH}")).must(0);
    let _server = place.serve("");
    let said = place.run("alerts --tenant banque-teranga --state open --json").must(0).stdout;
    let said: serde_json::Value = serde_json::from_str(&said).unwrap();
    assert_eq!(said, serde_json::json!({ "alerts": [] }));
    assert_eq!(place.run("alerts --tenant banque-teranga").must(0).stdout, "");
    let unknown = place.run("alerts --tenant nobody").must(2);
    assert!(unknown.stderr.contains("there is no tenant nobody"), "{unknown:#?}");
}
