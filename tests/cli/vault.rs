//! Stories about `vault`: keys that move, rotations that are killed, and files and logs that say nothing of anybody.
//!
//! The program runs as an operator runs it, in a folder of its own. Invariant: a killed rotation loses no row.

use std::os::unix::fs::PermissionsExt as _;
use std::process::Stdio;
use std::time::Duration;

use domain::{TenantId, TicketId};
use persistence::testing::{TestDatabase, find_in_folder};
use persistence::{Batch, MasterKey, Options, TicketPrivateRow};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::program::{ALWAYS_OPEN, BRANCH, Place, Served};

const TENANT: &str = "/api/v1/tenants/banque-teranga";
const CANARIES: [&str; 3] = ["Canari Labo", "+221770005813", "labo@example.org"];
/// A hundred steps of a rotation.
const ROWS: usize = 20_000;

fn admin(place: &Place) -> String {
    place
        .run("token --tenant banque-teranga --role admin --ttl 1h")
        .must(0)
        .stdout
        .trim()
        .to_owned()
}

fn join(server: &Served, token: &str) -> Value {
    let (status, queues) = server.get(&format!("{TENANT}/queues"), token);
    assert_eq!(status, 200, "{queues}");
    let queues: Value = serde_json::from_str(&queues).unwrap();
    let person = json!({ "queue_id": queues["items"][0]["id"], "channel": "staff",
        "name": CANARIES[0], "phone": CANARIES[1], "email": CANARIES[2] });
    let (status, ticket) = server.post(&format!("{TENANT}/tickets"), token, &person);
    assert_eq!(status, 201, "{ticket}");
    ticket
}

/// And P25.
#[test]
fn a04_a06_neither_files_nor_the_most_talkative_log_say_who_came() {
    let place = Place::new();
    place.write("open.toml", ALWAYS_OPEN);
    place.run("apply open.toml").must(0);
    let token = admin(&place);
    let mut command = place.command("serve --listen 127.0.0.1:0");
    command.env("RUST_LOG", "trace");
    let said = place.serving(command).heard(|server| {
        join(server, &token);
        assert_eq!(find_in_folder(&place.path("data"), &CANARIES), [""; 0], "sealed");
        let (status, listed) = server.get(&format!("{TENANT}/customers"), &token);
        assert!(status == 200 && listed.contains(CANARIES[1]), "{listed}");
        let erase = json!({ "email": CANARIES[2] });
        assert_eq!(server.post(&format!("{TENANT}/erasures"), &token, &erase).0, 201);
    });
    for canary in CANARIES {
        assert!(!said.contains(canary), "{canary} was logged");
    }
    assert!(said.contains("listening on"), "the control: {said}");
    assert_eq!(find_in_folder(&place.path("data"), &CANARIES), [""; 0], "erased");
    assert!(!find_in_folder(&place.path("data"), &["banque-teranga"]).is_empty(), "the control");
}

#[test]
fn the_key_is_made_once_for_its_owner_alone_and_another_one_is_refused() {
    let place = Place::new();
    place.run(&format!("apply {BRANCH}")).must(0);
    let file = place.path("data/vault-key");
    let mode = std::fs::metadata(&file).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let status = place.run("vault status --json").must(0).json();
    assert_eq!(status, json!({ "key": 1, "keys": [1], "rows": 0, "rows_of_older_keys": 0 }));
    std::fs::write(&file, MasterKey::generate().unwrap().to_base64()).unwrap();
    let refused = place.run("vault status").must(2);
    assert!(refused.stderr.contains("the vault key does not open this database"), "{refused:#?}");
    std::fs::write(&file, "short").unwrap();
    let refused = place.run("serve --listen 127.0.0.1:0").must(2);
    assert!(refused.stderr.contains("not 32 bytes in base64"), "{refused:#?}");
    place.write("c.toml", "[vault]\nkey_fil = \"x\"\n");
    let refused = place.run("check-config --config c.toml");
    assert!(refused.code != Some(0) && refused.stderr.contains("key_file"), "{refused:#?}");
}

#[test]
fn postgresql_wants_a_key_of_the_operators() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let Some(database) = runtime.block_on(TestDatabase::postgres()) else { return };
    let place = Place::new();
    let mut command = place.command(&format!("vault status --database {}", database.url()));
    let ran = command.env_remove("SMARTQUEUE__VAULT__KEY").output().unwrap();
    assert_eq!(ran.status.code(), Some(2));
    let said = String::from_utf8(ran.stderr).unwrap();
    assert!(said.contains("openssl rand -base64 32"), "{said}");
    let on = format!("--database {}", database.url());
    place.run(&format!("apply {BRANCH} {on}")).must(0);
    let rotated = place.run(&format!("vault rotate --json {on}")).must(0).json();
    assert_eq!((&rotated["key"], &rotated["keys"]), (&json!(2), &json!([2])));
}

#[test]
fn a_rotation_that_is_killed_goes_on_and_loses_no_row() {
    let place = Place::new();
    place.run(&format!("apply {BRANCH}")).must(0);
    let tickets = fill(&place);
    let mut cut = json!(null);
    for tenth in 1..=30 {
        let mut rotating = place.command("vault rotate");
        rotating.stdout(Stdio::null()).stderr(Stdio::null());
        let mut rotating = rotating.spawn().unwrap();
        std::thread::sleep(Duration::from_millis(100 * tenth));
        rotating.kill().unwrap();
        rotating.wait().unwrap();
        cut = place.run("vault status --json").must(0).json();
        if cut["rows_of_older_keys"].as_u64() > Some(0) && cut["key"].as_u64() > Some(1) {
            break;
        }
    }
    let older = cut["rows_of_older_keys"].as_u64().unwrap();
    assert!(older > 0, "no kill came between two steps: {cut}");
    let done = place.run("vault rotate --json").must(0).json();
    assert_eq!(done["key"], cut["key"], "the same new key goes on");
    assert_eq!((&done["rows_of_older_keys"], &done["rows"]), (&json!(0), &json!(ROWS)));
    assert_eq!(done["keys"].as_array().unwrap().len(), 1, "former keys are forgotten");
    in_store(&place, async |store, tenant| {
        for ticket in tickets.iter().step_by(997) {
            let kept = store.ticket_private(tenant, *ticket).await.unwrap().unwrap();
            assert_eq!(kept.name.as_deref(), Some(CANARIES[0]));
        }
    });
}

/// Runs `line` on `on` with `key` in the environment, if one is given; PostgreSQL has no key file of ours.
fn with_key(place: &Place, line: &str, key: Option<&str>) -> (Option<i32>, String) {
    let mut command = place.command(line);
    if let Some(key) = key {
        command.env("SMARTQUEUE__VAULT__KEY", key);
    }
    let ran = command.output().unwrap();
    let said = [ran.stdout, ran.stderr].concat();
    (ran.status.code(), String::from_utf8(said).unwrap())
}

/// On SQLite the key is a file, on PostgreSQL (`is_given`) it comes from the environment.
fn another_key_takes_the_place(database: &TestDatabase, is_given: bool) {
    let (place, on) = (Place::new(), format!("--database {}", database.url()));
    let (old, new) = (MasterKey::generate().unwrap(), MasterKey::generate().unwrap());
    let (old, new) = (old.to_base64(), new.to_base64());
    let (old_key, new_key) =
        if is_given { (Some(old.as_str()), Some(new.as_str())) } else { (None, None) };
    place.write("open.toml", ALWAYS_OPEN);
    assert_eq!(with_key(&place, &format!("apply open.toml {on}"), old_key).0, Some(0));
    let token = format!("token --tenant banque-teranga --role admin --ttl 1h {on}");
    let token = with_key(&place, &token, old_key).1.trim().to_owned();
    let mut serve = place.command(&format!("serve --listen 127.0.0.1:0 {on}"));
    if let Some(key) = old_key {
        serve.env("SMARTQUEUE__VAULT__KEY", key);
    }
    let server = place.serving(serve);
    let link = join(&server, &token).to_string();
    let link = link.split("/t/").nth(1).unwrap_or_else(|| panic!("no link in {link}"));
    let link = link.split('"').next().unwrap().to_owned();
    assert_eq!(server.stop("-TERM").0, Some(0));
    place.write("next-key", &new);
    let replace = format!("vault replace-key --json {on} --new-key next-key");
    let (code, said) = with_key(&place, &replace, old_key);
    assert_eq!(code, Some(0), "{said}");
    assert_eq!(said.contains("put the new one there"), is_given, "{said}");
    if is_given {
        let (code, said) = with_key(&place, &format!("vault status {on}"), old_key);
        assert!(code == Some(2) && said.contains("does not open this database"), "{said}");
    } else {
        let file = place.path("data/vault-key");
        assert_eq!(std::fs::read_to_string(&file).unwrap().trim(), new);
        let mode = std::fs::metadata(&file).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    let (code, said) = with_key(&place, &replace, old_key);
    assert_eq!(code, Some(0), "what was done is done again without harm: {said}");
    let mut serve = place.command(&format!("serve --listen 127.0.0.1:0 {on}"));
    if let Some(key) = new_key {
        serve.env("SMARTQUEUE__VAULT__KEY", key);
    }
    let server = place.serving(serve);
    let (status, listed) = server.get(&format!("{TENANT}/customers"), &token);
    assert!(status == 200 && listed.contains(CANARIES[1]), "{listed}");
    let (status, shown) = server.get(&format!("/api/v1/public/tickets/{link}"), &token);
    assert_eq!(status, 200, "links hang on another key: {shown}");
    assert_eq!(server.stop("-TERM").0, Some(0));
    place.run(&format!("verify --audit {on}")).must(0);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    assert!(!runtime.block_on(database.find(&["cli.vault.replace_key"])).is_empty());
    assert_eq!(runtime.block_on(database.find(&[&old, &new])), [""; 0]);
}

#[test]
fn another_key_takes_the_place_on_sqlite() {
    another_key_takes_the_place(&TestDatabase::sqlite(), false);
}

#[test]
fn another_key_takes_the_place_on_postgresql() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    if let Some(database) = runtime.block_on(TestDatabase::postgres()) {
        another_key_takes_the_place(&database, true);
    }
}

/// The database has taken the new key and the file has not, as when the machine stopped in between.
#[test]
fn a_replacement_that_was_cut_off_is_finished_by_the_same_command() {
    let place = Place::new();
    place.run(&format!("apply {BRANCH}")).must(0);
    let file = place.path("data/vault-key");
    let old = std::fs::read_to_string(&file).unwrap();
    place.write("next-key", &MasterKey::generate().unwrap().to_base64());
    place.run("vault replace-key --new-key next-key").must(0);
    let new = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, &old).unwrap();
    let refused = place.run("vault status").must(2);
    assert!(refused.stderr.contains("does not open this database"), "{refused:#?}");
    place.write("third-key", &MasterKey::generate().unwrap().to_base64());
    place.run("vault replace-key --new-key third-key").must(2);
    assert_eq!(std::fs::read_to_string(&file).unwrap(), old, "another one changes nothing");
    place.run("vault replace-key --new-key next-key").must(0);
    assert_eq!(std::fs::read_to_string(&file).unwrap(), new);
    place.run("vault status").must(0);
    place.run("verify --audit").must(0);
    place.run("vault replace-key --new-key nowhere").must(4);
}

fn fill(place: &Place) -> Vec<TicketId> {
    let tickets: Vec<TicketId> = (0..ROWS).map(|_| TicketId(Uuid::now_v7())).collect();
    in_store(place, async |store, tenant| {
        for tickets in tickets.chunks(1_000) {
            let private = tickets.iter().map(|ticket| TicketPrivateRow {
                tenant,
                ticket: *ticket,
                name: Some(CANARIES[0].to_owned()),
                phone: None,
                email: None,
                notes: "[]".to_owned(),
            });
            let batch = Batch { private: private.collect(), ..Batch::default() };
            store.append(&batch).await.unwrap();
        }
    });
    tickets
}

/// Opens the store of the place, with its key, for a while.
fn in_store(place: &Place, deed: impl AsyncFnOnce(&dyn persistence::Store, TenantId)) {
    let key = std::fs::read_to_string(place.path("data/vault-key")).unwrap();
    let options = Options { vault: MasterKey::from_base64(&key).ok(), ..Options::default() };
    let url = format!("sqlite:{}", place.path("data/smartqueue.db").display());
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let store = persistence::open(&url, &options).await.unwrap();
        let tenant = store.tenants().await.unwrap()[0].tenant;
        deed(store.as_ref(), tenant).await;
        store.close().await;
    });
}
