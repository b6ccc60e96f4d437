//! The pages that people see, as a browser without JavaScript sees them.

use actors::{AgentBody, Ask};
use domain::Secs;
use serde_json::json;

use crate::browser::Browser;
use crate::world::{EMAIL, PASSWORD, World, address, text, wish};

/// Shows the sign-in page and fills it in.
async fn try_in(
    browser: &mut Browser<'_>,
    tenant: &str,
    email: &str,
    password: &str,
) -> crate::world::Answer {
    browser.get("/signin").await;
    browser.submit("/signin", &[("tenant", tenant), ("email", email), ("password", password)]).await
}

#[tokio::test]
async fn s12_unknown_names_and_wrong_passwords_are_answered_alike() {
    let world = World::new().await;
    let mut browser = world.browser();
    let wrong = try_in(&mut browser, "bank", EMAIL, "a wrong password").await;
    let seal = |text: &str, email: &str| {
        // What was typed comes back in its field.
        text.replace(email, "E")
            .replace("value=\"nobank\"", "value=\"bank\"")
            .replace("tenant=nobank", "tenant=bank")
    };
    let expected = seal(&wrong.text, EMAIL);
    for (tenant, email) in
        [("bank", "nobody@bank.example"), ("nobank", EMAIL), ("nobank", "x@y.example")]
    {
        let answer = try_in(&mut browser, tenant, email, "a wrong password").await;
        assert_eq!(
            (answer.status, seal(&answer.text, email)),
            (wrong.status, expected.clone()),
            "S12a {tenant} {email}"
        );
    }
}

#[tokio::test]
async fn s12_guessing_is_slowed_down_and_locks_nobody_out() {
    let world = World::new().await;
    let mut browser = world.browser();
    for _ in 0..5 {
        assert_eq!(try_in(&mut browser, "bank", EMAIL, "a wrong password").await.status, 400);
    }
    let slowed = try_in(&mut browser, "bank", EMAIL, PASSWORD).await;
    assert_eq!(slowed.status, 429, "S12b");
    let wait: u32 = slowed.header("retry-after").parse().unwrap();
    assert!((1..=5).contains(&wait), "{wait}");
    world.later(wait);
    assert_eq!(
        try_in(&mut browser, "bank", EMAIL, PASSWORD).await.status,
        303,
        "S12c nobody is locked out"
    );
}

#[tokio::test]
async fn a_set_up_link_works_once() {
    let world = World::new().await;
    let link = world.link(domain::TenantId(uuid::Uuid::nil()), "setup", "").await;
    let mut browser = world.browser();
    let path = format!("/setup/{link}");
    browser.get(&path).await;
    let weak =
        [("email", "b@bank.example"), ("password", "Password1234!"), ("again", "Password1234!")];
    assert_eq!(
        browser.submit(&path, &weak).await.status,
        400,
        "too common, and the link still works"
    );
    let good = [("email", "b@bank.example"), ("password", PASSWORD), ("again", PASSWORD)];
    assert_eq!(browser.submit(&path, &good).await.status, 303);
    assert_eq!(browser.get("/account").await.status, 200);
    let mut other = world.browser();
    other.get(&path).await;
    let again = [("email", "c@bank.example"), ("password", PASSWORD), ("again", PASSWORD)];
    assert_eq!(other.submit(&path, &again).await.status, 400);
    world.later(1);
    let late = world.link(domain::TenantId(uuid::Uuid::nil()), "setup", "").await;
    world.later(901);
    let path = format!("/setup/{late}");
    other.get(&path).await;
    assert_eq!(other.submit(&path, &again).await.status, 400, "over after fifteen minutes");
}

#[tokio::test]
async fn an_invited_member_chooses_a_password_and_signs_in() {
    let world = World::new().await;
    let body: AgentBody =
        serde_json::from_value(json!({"name": "Binta", "email": "binta@bank.example"})).unwrap();
    let binta = world.engine.tenant("bank").unwrap().create(body, Ask::system()).await.unwrap().id;
    let link = world.link(world.bank(), "invite", &binta.to_string()).await;
    let mut browser = world.browser();
    let path = format!("/invite/{link}");
    browser.get(&path).await;
    world.later(1);
    let chosen = [("password", PASSWORD), ("again", PASSWORD)];
    let answer = browser.submit(&path, &chosen).await;
    assert_eq!((answer.status, answer.header("location")), (303, "/account"), "{}", answer.text);
    let mut elsewhere = world.browser();
    assert_eq!(try_in(&mut elsewhere, "bank", "binta@bank.example", PASSWORD).await.status, 303);
    let code = elsewhere.get(&address(&wish())).await.sent("code").unwrap();
    let tokens = world.exchange(&code).await.json();
    assert!(!text(&tokens, "scope").contains("manage:settings"), "an agent is no administrator");
}

#[tokio::test]
async fn a_second_factor_is_asked_for_and_its_codes_count_once() {
    let world = World::new().await;
    let mut browser = world.browser();
    try_in(&mut browser, "bank", EMAIL, PASSWORD).await;
    browser.get("/account").await;
    let page = browser.submit("/account/totp", &[]).await;
    let key = page.text.split("secret=").nth(1).unwrap().split('&').next().unwrap().to_owned();
    assert_eq!(browser.submit("/account/totp/confirm", &[("code", "000000")]).await.status, 400);
    let page = browser.submit("/account/totp/confirm", &[("code", &code_of(&key, &world))]).await;
    let codes: Vec<String> = page
        .text
        .split("<li><code dir=\"ltr\">")
        .skip(1)
        .map(|rest| rest[..11].to_owned())
        .collect();
    assert_eq!(codes.len(), 10, "{}", page.text);

    let mut other = world.browser();
    let answer = try_in(&mut other, "bank", EMAIL, PASSWORD).await;
    assert_eq!(answer.header("location"), "/signin/code");
    assert_eq!(other.get("/account").await.status, 303, "not signed in yet");
    other.get("/signin/code").await;
    let used = other.submit("/signin/code", &[("code", &code_of(&key, &world))]).await;
    assert_eq!(used.status, 400, "a code counts once, also across sign-ins");
    world.later(30);
    other.get("/signin/code").await;
    let answer = other.submit("/signin/code", &[("code", &code_of(&key, &world))]).await;
    assert_eq!((answer.status, answer.header("location")), (303, "/account"));
    assert_eq!(other.get("/account").await.status, 200);

    for (expected, code) in [(303, codes[0].to_uppercase()), (400, codes[0].clone())] {
        let mut lost = world.browser();
        try_in(&mut lost, "bank", EMAIL, PASSWORD).await;
        lost.get("/signin/recovery").await;
        assert_eq!(lost.submit("/signin/recovery", &[("code", &code)]).await.status, expected);
    }
}

fn code_of(key: &str, world: &World) -> String {
    let letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let bits: String =
        key.chars().map(|letter| format!("{:05b}", letters.find(letter).unwrap())).collect();
    let secret: Vec<u8> = bits
        .as_bytes()
        .chunks_exact(8)
        .map(|byte| u8::from_str_radix(std::str::from_utf8(byte).unwrap(), 2).unwrap())
        .collect();
    let step = u64::try_from(world.clock.now().0 / 30_000_000).unwrap();
    let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &secret);
    let tag = aws_lc_rs::hmac::sign(&key, &step.to_be_bytes());
    let at = usize::from(tag.as_ref()[19] & 15);
    let four: [u8; 4] = tag.as_ref()[at..at + 4].try_into().unwrap();
    format!("{:06}", (u32::from_be_bytes(four) & 0x7fff_ffff) % 1_000_000)
}

#[tokio::test]
async fn five_wrong_codes_begin_the_sign_in_again() {
    let world = World::new().await;
    let mut browser = world.browser();
    try_in(&mut browser, "bank", EMAIL, PASSWORD).await;
    browser.get("/account").await;
    let page = browser.submit("/account/totp", &[]).await;
    let key = page.text.split("secret=").nth(1).unwrap().split('&').next().unwrap().to_owned();
    browser.submit("/account/totp/confirm", &[("code", &code_of(&key, &world))]).await;
    let mut guess = world.browser();
    try_in(&mut guess, "bank", EMAIL, PASSWORD).await;
    guess.get("/signin/code").await;
    for _ in 0..4 {
        assert_eq!(guess.submit("/signin/code", &[("code", "000000")]).await.status, 400);
    }
    let last = guess.submit("/signin/code", &[("code", "000000")]).await;
    assert_eq!((last.status, last.header("location")), (303, "/signin"));
    assert_eq!(guess.get("/signin/code").await.header("location"), "/signin");
}

#[tokio::test]
async fn a_link_for_a_new_password_goes_to_known_addresses_and_nobody_sees_which() {
    let world = World::new().await;
    let mut said = Vec::new();
    for email in [EMAIL, "nobody@bank.example"] {
        let mut browser = world.browser();
        browser.get("/reset").await;
        let answer = browser.submit("/reset", &[("tenant", "bank"), ("email", email)]).await;
        said.push((answer.status, answer.text));
    }
    assert_eq!(said[0], said[1]);
    let letter = world.letter().await;
    assert_eq!(world.letters().len(), 1);
    let path = letter
        .split("https://queue.example")
        .nth(1)
        .unwrap()
        .split_whitespace()
        .next()
        .unwrap()
        .to_owned();
    let mut browser = world.browser();
    browser.get(&path).await;
    world.later(1);
    let action = path.split('?').next().unwrap();
    let own = [("password", EMAIL), ("again", EMAIL)];
    assert_eq!(browser.submit(action, &own).await.status, 400, "one's own address");
    assert_eq!(browser.get(&path).await.status, 200, "and the link is good still");
    let new = [("password", "quite another sentence"), ("again", "quite another sentence")];
    assert_eq!(browser.submit(action, &new).await.status, 200);
    assert_eq!(
        try_in(&mut browser, "bank", EMAIL, PASSWORD).await.status,
        400,
        "the old one is over"
    );
    world.later(1);
    assert_eq!(try_in(&mut browser, "bank", EMAIL, "quite another sentence").await.status, 303);
}

#[tokio::test]
async fn an_address_is_confirmed_by_the_code_that_was_sent() {
    let world = World::new().await;
    let mut browser = world.browser();
    try_in(&mut browser, "bank", EMAIL, PASSWORD).await;
    browser.get("/account").await;
    browser.submit("/account/verify", &[]).await;
    let letter = world.letters().pop().unwrap();
    let code = letter.split("\n\n").nth(1).unwrap().to_owned();
    let wrong = if code == "000000" { "000001" } else { "000000" };
    assert_eq!(browser.submit("/account/verify/confirm", &[("code", wrong)]).await.status, 400);
    assert_eq!(browser.submit("/account/verify/confirm", &[("code", &code)]).await.status, 303);
    let account =
        world.engine.store().account_by_email(world.bank(), EMAIL).await.unwrap().unwrap();
    assert!(account.verified_at.is_some());
    assert!(!browser.get("/account").await.text.contains("/account/verify"));
}

#[tokio::test]
async fn a_session_ends_by_itself_and_by_signing_out() {
    let world = World::new().await;
    let mut browser = world.browser();
    try_in(&mut browser, "bank", EMAIL, PASSWORD).await;
    let kept = browser.cookies.clone();
    let tokens = world.tokens().await;
    let access = text(&tokens, "access_token");
    assert_eq!(world.admits(&access).await, 200);
    world.later(1);
    browser.get("/account").await;
    assert_eq!(browser.submit("/signout", &[]).await.header("location"), "/signin");
    browser.cookies = kept;
    assert_eq!(browser.get("/account").await.status, 303, "the cookie alone is worth nothing");
    assert_eq!(world.admits(&access).await, 401, "no token outlives it, on whatever device");
    assert_eq!(world.refresh(&text(&tokens, "refresh_token")).await.status, 400);
    world.later(1);
    try_in(&mut browser, "bank", EMAIL, PASSWORD).await;
    world.clock.advance_to(world.clock.now().after(Secs(12 * 3_600)));
    assert_eq!(browser.get("/account").await.status, 303);
}

#[tokio::test]
async fn every_page_speaks_three_languages() {
    let world = World::new().await;
    let mut browser = world.browser();
    for (lang, dir, word) in
        [("fr", "ltr", "Se connecter"), ("en", "ltr", "Sign in"), ("ar", "rtl", "تسجيل الدخول")]
    {
        let page = browser.get(&format!("/signin?lang={lang}")).await;
        assert!(page.text.contains(&format!("<html lang=\"{lang}\" dir=\"{dir}\">")), "{lang}");
        assert!(page.text.contains(word), "{lang}");
        for path in ["/reset", "/setup/x", "/invite/x", "/reset/x", "/signout"] {
            let page = browser.get(&format!("{path}?lang={lang}")).await;
            assert!(page.text.contains(&format!("lang=\"{lang}\" dir=\"{dir}\"")), "{path} {lang}");
        }
    }
    let style = browser.get("/signin/style.css").await;
    assert_eq!((style.status, style.header("content-type")), (200, "text/css; charset=utf-8"));
}

#[tokio::test]
async fn who_comes_in_and_who_is_turned_away_is_in_the_log() {
    let world = World::new().await;
    let mut browser = world.browser();
    for (email, password) in [(EMAIL, "canary-of-a-password"), ("canary@bank.example", PASSWORD)] {
        assert_eq!(try_in(&mut browser, "bank", email, password).await.status, 400);
    }
    try_in(&mut browser, "bank", EMAIL, PASSWORD).await;
    let admin = text(&world.tokens().await, "access_token");
    let actions = ["session.refuse", "session.begin"];
    let log = world.log_with(&admin, &actions).await;
    assert!(log.contains(r#""methods":"pwd""#) && log.contains(r#""step":"password""#), "{log}");
    browser.get("/account").await;
    browser.submit("/signout", &[]).await;
    browser.get("/reset").await;
    browser.submit("/reset", &[("tenant", "bank"), ("email", EMAIL)]).await;
    let letter = world.letter().await;
    let link = letter[letter.find("/reset/").unwrap()..].split_whitespace().next().unwrap();
    browser.get(link).await;
    let fresh = [("password", "quite another sentence"), ("again", "quite another sentence")];
    browser.submit(link.split('?').next().unwrap(), &fresh).await;
    world.later(1);
    try_in(&mut browser, "bank", EMAIL, "quite another sentence").await;
    let code = browser.get(&address(&wish())).await.sent("code").unwrap();
    let admin = text(&world.exchange(&code).await.json(), "access_token");
    let log = world.log_with(&admin, &["session.end", "account.password"]).await;
    assert!(log.contains(r#""actor":"subject:anonymous""#), "nobody was proven: {log}");
    for secret in ["canary", EMAIL, PASSWORD, "another sentence", link] {
        assert!(!log.contains(secret), "{secret}: {log}");
    }
}

#[tokio::test]
async fn whoever_knows_the_password_changes_it_and_every_other_sign_in_ends() {
    let world = World::new().await;
    let (mut browser, mut other) = (world.browser(), world.browser());
    for browser in [&mut browser, &mut other] {
        try_in(browser, "bank", EMAIL, PASSWORD).await;
    }
    let access = text(&world.tokens().await, "access_token");
    world.later(1);
    assert!(browser.get("/account").await.text.contains("/account/password"));
    browser.get("/account/password").await;
    let fresh = "quite another sentence";
    let wish = |current: &'static str, new: &'static str, again: &'static str| {
        [("current", current), ("password", new), ("again", again)]
    };
    for (wish, word) in [
        (wish("not the password", fresh, fresh), "actuel"),
        (wish(PASSWORD, fresh, "something else"), "les mêmes"),
        (wish(PASSWORD, "short", "short"), "court"),
        (wish(PASSWORD, EMAIL, EMAIL), "court"),
    ] {
        let answer = browser.submit("/account/password", &wish).await;
        assert_eq!(answer.status, 400, "{wish:?}");
        assert!(answer.text.contains(word), "{word}: {}", answer.text);
    }
    assert_eq!(other.get("/account").await.status, 200, "nothing has changed yet");
    let answer = browser.submit("/account/password", &wish(PASSWORD, fresh, fresh)).await;
    assert_eq!((answer.status, answer.header("location")), (303, "/account"));
    assert_eq!(browser.get("/account").await.status, 200, "this browser stays signed in");
    assert_eq!(other.get("/account").await.status, 303, "others do not");
    assert_eq!(world.admits(&access).await, 401);
    assert_eq!(try_in(&mut other, "bank", EMAIL, PASSWORD).await.status, 400);
    world.later(1);
    assert_eq!(try_in(&mut other, "bank", EMAIL, fresh).await.status, 303);
}

#[tokio::test]
async fn a_browser_that_signs_in_again_leaves_no_session_behind() {
    let world = World::new().await;
    let mut browser = world.browser();
    try_in(&mut browser, "bank", EMAIL, PASSWORD).await;
    let former = browser.cookies.clone();
    try_in(&mut browser, "bank", EMAIL, PASSWORD).await;
    assert_eq!(browser.get("/account").await.status, 200);
    browser.cookies = former;
    assert_eq!(browser.get("/account").await.status, 303, "the former one is over");
}
