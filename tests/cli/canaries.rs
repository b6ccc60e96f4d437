//! What people and programs entrust to the server is in no log, not even in the most talkative one.
//!
//! One day of a bank is driven through every door: pages, REST, sockets, devices and links, with what is right and with
//! what is refused. Every name and every secret of it is looked for in all that the program said at level `trace`.
//! Invariant: the search is seen to find something, and every canary was really sent.

use std::collections::BTreeMap;

use futures_util::{SinkExt as _, StreamExt as _};
use persistence::testing::TestDatabase;
use reqwest::header::{LOCATION, SET_COOKIE};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;

use crate::program::{ALWAYS_OPEN, Place, Served};

const API: &str = "/api/v1/tenants/banque-teranga";
const PASSWORD: &str = "Canari phrase de passe";
/// Sent, but given to nobody by the server.
const SENT: [&str; 9] = [
    "Canari Dupont",
    "+221770009753",
    "canari.dupont@example.org",
    "Canari note du guichet",
    "canari.agente@bank.example",
    PASSWORD,
    "Canari faux mot de passe",
    "canari-secret-du-fournisseur",
    "canari.inconnue@bank.example",
];
/// RFC 7636, appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// Somebody outside, with cookies, and what the server has given out so far.
struct Outside<'s> {
    server: &'s Served,
    http: reqwest::Client,
    cookies: BTreeMap<String, String>,
    given: Vec<String>,
}

impl<'s> Outside<'s> {
    fn new(server: &'s Served) -> Self {
        let none = reqwest::redirect::Policy::none();
        let http = reqwest::Client::builder().no_proxy().redirect(none).build().unwrap();
        Self { server, http, cookies: BTreeMap::new(), given: Vec::new() }
    }

    /// Keeps a secret that was handed out.
    fn keep(&mut self, secret: &str) -> String {
        assert!(secret.len() >= 16, "no secret: {secret:?}");
        self.given.push(secret.to_owned());
        secret.to_owned()
    }

    async fn sends(&mut self, request: reqwest::RequestBuilder) -> (u16, String, String) {
        let pairs: Vec<String> = self.cookies.iter().map(|(n, v)| format!("{n}={v}")).collect();
        let request = request.header("cookie", pairs.join("; ")).header("origin", &self.server.url);
        let answer = request.send().await.unwrap();
        for set in answer.headers().get_all(SET_COOKIE) {
            let pair = set.to_str().unwrap().split(';').next().unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
        let to = answer.headers().get(LOCATION).map_or("", |to| to.to_str().unwrap()).to_owned();
        (answer.status().as_u16(), to, answer.text().await.unwrap())
    }

    async fn page(&mut self, path: &str) -> (u16, String, String) {
        let request = self.http.get(format!("{}{path}", self.server.url));
        self.sends(request).await
    }

    /// The form of `path`, filled in; the page is asked for first, for what ties the form to the browser.
    async fn form(&mut self, path: &str, filled: &[(&str, &str)]) -> (u16, String, String) {
        let (_, _, page) = self.page(path).await;
        let sealed = page.split("name=\"csrf\" value=\"").nth(1).unwrap_or_default();
        let sealed = sealed.split('"').next().unwrap().to_owned();
        let fields: Vec<(&str, &str)> =
            filled.iter().copied().chain([("csrf", sealed.as_str())]).collect();
        self.posts(path, &fields).await
    }

    async fn posts(&mut self, path: &str, fields: &[(&str, &str)]) -> (u16, String, String) {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
        let encoded = |text: &str| -> String {
            let letter = |byte| {
                if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }
            };
            text.bytes().map(letter).collect()
        };
        let pairs: Vec<String> =
            fields.iter().map(|(name, value)| format!("{name}={}", encoded(value))).collect();
        let request = self.http.post(format!("{}{path}", self.server.url));
        let kind = "application/x-www-form-urlencoded";
        self.sends(request.header("content-type", kind).body(pairs.join("&"))).await
    }

    async fn api(&mut self, path: &str, token: &str, body: Value) -> Value {
        let key = uuid::Uuid::now_v7().to_string();
        let request = self.http.post(format!("{}{path}", self.server.url)).json(&body);
        let request = request.header("idempotency-key", key);
        let request = if token.is_empty() { request } else { request.bearer_auth(token) };
        let (status, _, text) = self.sends(request).await;
        assert!(status < 500, "{path}: {status} {text}");
        serde_json::from_str(&text).unwrap_or(Value::Null)
    }
}

fn text(value: &Value, member: &str) -> String {
    value[member].as_str().unwrap_or_else(|| panic!("{member} of {value}")).to_owned()
}

/// A member joins by the link of a letter, signs in with wrong and right words, and gets tokens.
async fn signs_in(out: &mut Outside<'_>, place: &Place, admin: &str) -> String {
    let body = json!({ "name": SENT[0], "email": SENT[4], "role": "admin" });
    out.api(&format!("{API}/members"), admin, body).await;
    let letter = std::fs::read_dir(place.path("data/letters")).unwrap().next().unwrap().unwrap();
    let letter =
        std::fs::read_to_string(letter.path()).unwrap().replace("=\r\n", "").replace("=\n", "");
    let link = letter.split("/invite/").nth(1).unwrap();
    let link: String =
        link.chars().take_while(|c| c.is_ascii_alphanumeric() || "-._~".contains(*c)).collect();
    let link = out.keep(&link);
    let chosen = [("password", PASSWORD), ("again", PASSWORD)];
    let (status, _, page) = out.form(&format!("/invite/{link}"), &chosen).await;
    assert!(status < 400, "{status} {page}");
    for (email, password, wanted) in
        [(SENT[4], SENT[6], 400), (SENT[8], SENT[6], 400), (SENT[4], PASSWORD, 303)]
    {
        let fields = [("tenant", "banque-teranga"), ("email", email), ("password", password)];
        assert_eq!(out.form("/signin", &fields).await.0, wanted, "{email}");
    }
    out.form("/reset", &[("tenant", "banque-teranga"), ("email", SENT[8])]).await;
    let cookie = out.cookies["sq_session"].clone();
    out.keep(&cookie);
    let home = format!("{}/agent", out.server.url);
    let ask = format!(
        "/oauth/authorize?response_type=code&client_id=smartqueue-web&redirect_uri={home}&scope=openid%20email\
         &code_challenge={CHALLENGE}&code_challenge_method=S256&tenant=banque-teranga"
    );
    let (_, to, page) = out.page(&ask).await;
    let code = to.split("code=").nth(1).unwrap_or_else(|| panic!("{to} {page}"));
    let code = out.keep(code.split('&').next().unwrap());
    let mut tokens = Value::Null;
    // The second time it is refused, and all that came of it ends.
    for _ in 0..2 {
        let grant = [
            ("grant_type", "authorization_code"),
            ("client_id", "smartqueue-web"),
            ("code", code.as_str()),
            ("code_verifier", VERIFIER),
        ];
        let (status, _, said) = out.posts("/oauth/token", &grant).await;
        if status == 200 {
            tokens = serde_json::from_str(&said).unwrap();
        }
    }
    out.keep(VERIFIER);
    let refresh = out.keep(&text(&tokens, "refresh_token"));
    let grant = [
        ("grant_type", "refresh_token"),
        ("client_id", "smartqueue-web"),
        ("refresh_token", refresh.as_str()),
    ];
    assert_eq!(out.posts("/oauth/token", &grant).await.0, 400, "ended");
    out.keep(&text(&tokens, "id_token"));
    out.keep(&text(&tokens, "access_token"))
}

/// Keys, programs, providers and devices: what is shown once, used, and used wrongly.
async fn secrets(out: &mut Outside<'_>, admin: &str) {
    let key = json!({ "name": "boards", "scopes": ["read:queue"] });
    let key = out.api(&format!("{API}/api-keys"), admin, key).await;
    let key = out.keep(&text(&key, "secret"));
    let request = out.http.get(format!("{}{API}/queues", out.server.url)).bearer_auth(&key);
    assert_eq!(out.sends(request).await.0, 200);
    let provider = json!({ "slug": "canari", "name": "P", "issuer": "https://127.0.0.1:1",
        "client_id": "c", "client_secret": SENT[7], "roles": {} });
    out.api(&format!("{API}/identity-providers"), admin, provider).await;
    out.page("/oidc/banque-teranga/canari/start").await;
    let page = out.api("/api/v1/pairings", "", json!({ "kind": "kiosk" })).await;
    let secret = out.keep(&text(&page, "secret"));
    let (_, _, sites) = {
        let request = out.http.get(format!("{}{API}/sites", out.server.url)).bearer_auth(admin);
        out.sends(request).await
    };
    let sites: Value = serde_json::from_str(&sites).unwrap();
    let pair = json!({ "code": page["code"], "site_id": sites["items"][0]["id"], "kind": "kiosk",
        "name": "K" });
    out.api(&format!("{API}/devices/pair"), admin, pair).await;
    let claim = format!("/api/v1/pairings/{}/claim", text(&page, "id"));
    let claimed = out.api(&claim, "", json!({ "secret": secret })).await;
    let credential = out.keep(&text(&claimed, "credential"));
    for shown in [credential.clone(), format!("{credential}x")] {
        out.api("/api/v1/devices/token", "", json!({ "credential": shown })).await;
    }
}

/// Somebody joins with name, phone and address; the note, the link, the socket, the erasure.
async fn a_visit(out: &mut Outside<'_>, admin: &str) {
    let request = out.http.get(format!("{}{API}/queues", out.server.url)).bearer_auth(admin);
    let queues: Value = serde_json::from_str(&out.sends(request).await.2).unwrap();
    let person = json!({ "queue_id": queues["items"][0]["id"], "channel": "staff",
        "name": SENT[0], "phone": SENT[1], "email": SENT[2] });
    let ticket = out.api(&format!("{API}/tickets"), admin, person.clone()).await;
    out.api(&format!("{API}/tickets"), admin, person).await;
    let note = format!("{API}/tickets/{}/note", text(&ticket, "id"));
    out.api(&note, admin, json!({ "text": SENT[3] })).await;
    out.api(&note, admin, json!({ "text": SENT[3], "name": SENT[0] })).await;
    let link = ticket.to_string();
    let link = link.split("/t/").nth(1).unwrap_or_else(|| panic!("no link in {link}"));
    let link = out.keep(link.split('"').next().unwrap());
    for path in
        [format!("/t/{link}"), format!("/api/v1/public/tickets/{link}"), format!("/t/{link}x")]
    {
        out.page(&path).await;
    }
    out.page(&format!("{API}/customers?q={}", SENT[2])).await;
    socket(out, admin, &text(&ticket, "id")).await;
    out.api(&format!("/api/v1/public/tickets/{link}/cancel"), "", json!({})).await;
    out.api(&format!("{API}/erasures"), admin, json!({ "email": SENT[2] })).await;
}

async fn socket(out: &mut Outside<'_>, admin: &str, ticket: &str) {
    let admitted = out.api(&format!("{API}/ws-tickets"), admin, json!({})).await;
    let pass = out.keep(&text(&admitted, "ticket"));
    let url = format!("{}{API}/ws?ticket={pass}", out.server.url.replace("http://", "ws://"));
    for is_first in [true, false] {
        let mut request = url.as_str().into_client_request().unwrap();
        request.headers_mut().insert("origin", out.server.url.parse().unwrap());
        let dialect = "smartqueue.v1.json".parse().unwrap();
        request.headers_mut().insert("sec-websocket-protocol", dialect);
        let connected = tokio_tungstenite::connect_async(request).await;
        assert_eq!(connected.is_ok(), is_first, "a pass is used up");
        let Ok((mut socket, _)) = connected else { return };
        let again = json!({ "op": "auth", "token": admin });
        let note = json!({ "op": "command", "id": "c1", "name": "note", "key": "k-1",
            "args": { "ticket_id": ticket, "text": SENT[3] } });
        for say in [again, note] {
            socket.send(Message::text(say.to_string())).await.unwrap();
        }
        let mut said = String::new();
        while !said.contains("\"c1\"") {
            said = socket.next().await.unwrap().unwrap().to_text().unwrap().to_owned();
        }
        assert!(said.contains("\"ok\""), "{said}");
    }
}

fn nothing_entrusted_is_logged(database: &TestDatabase) {
    let (place, on) = (Place::new(), format!("--database {}", database.url()));
    place.write("branch.toml", ALWAYS_OPEN);
    place.run(&format!("apply branch.toml {on}")).must(0);
    let token = format!("token --tenant banque-teranga --role admin --ttl 1h {on}");
    let admin = place.run(&token).must(0).stdout.trim().to_owned();
    let mut command = place.command(&format!("serve --listen 127.0.0.1:0 {on}"));
    command.env("RUST_LOG", "trace");
    let mut given = Vec::new();
    let said = place.serving(command).heard(|server| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let mut out = Outside::new(server);
            out.keep(&admin);
            signs_in(&mut out, &place, &admin).await;
            secrets(&mut out, &admin).await;
            a_visit(&mut out, &admin).await;
            given = out.given;
        });
    });
    assert!(said.contains("listening on"), "the control: {said}");
    assert!(given.len() >= 12, "{} secrets were given out", given.len());
    for canary in SENT.into_iter().chain(given.iter().map(String::as_str)) {
        let line = said.lines().find(|line| line.contains(canary));
        assert_eq!(line, None, "{canary} was logged");
    }
}

#[test]
fn nothing_entrusted_is_logged_on_sqlite() {
    nothing_entrusted_is_logged(&TestDatabase::sqlite());
}

#[test]
fn nothing_entrusted_is_logged_on_postgresql() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    if let Some(database) = runtime.block_on(TestDatabase::postgres()) {
        nothing_entrusted_is_logged(&database);
    }
}
