//! Who may do what: tenants know nothing of each other, roles end where the table says.
//!
//! That a foreign id gets the answer of an unknown one, on every route, is told in `isolation`.
//! Invariant: nothing of one bank ever reaches somebody of the other.

use domain::{Role, Scope};
use serde_json::{Value, json};
use transport::Subject;

use crate::app::App;
use crate::branch::{BANK, OTHER_BANK};
use crate::client::{Client, id};

stories! {
    t02_the_tenant_of_the_path_must_be_that_of_the_token,
    lists_hold_nothing_of_others,
    a_filter_on_a_foreign_branch_finds_nothing,
    t11_each_role_does_what_its_row_of_the_table_says,
    the_platform_makes_tenants_and_touches_nothing_in_them,
    t10_staff_addresses_are_for_those_who_manage_staff,
}

async fn t02_the_tenant_of_the_path_must_be_that_of_the_token(app: &mut App) {
    let branch = app.branch();
    let visitor = Client { tenant: OTHER_BANK, ..app.admin() };
    let unknown = Client { tenant: "nobody", ..app.admin() };
    for path in ["/queues", "/tickets", "/agents", "/sites"] {
        let (other, nobody) = (visitor.get(path).await, unknown.get(path).await);
        other.refused(404, "not_found");
        assert_eq!(other.text, nobody.text, "{path}");
    }
    visitor.issue_with(branch.foreign_queue, json!({})).await.refused(404, "not_found");
    visitor.issue_with(branch.a, json!({})).await.refused(404, "not_found");
    let manager = app.manager();
    let request = manager
        .http
        .get(manager.url("/queues"))
        .bearer_auth(&manager.token)
        .header("x-tenant", OTHER_BANK);
    let listed = Client::sends(request).await.is(200);
    assert!(
        listed["items"]
            .as_array()
            .unwrap()
            .iter()
            .all(|queue| id(queue) != branch.foreign_queue.to_string())
    );
}

async fn lists_hold_nothing_of_others(app: &mut App) {
    let branch = app.branch();
    let theirs = app
        .stranger()
        .issue_with(branch.foreign_queue, json!({ "tags": ["canari"] }))
        .await
        .is(201);
    app.awa().issue(branch.a).await;
    for path in ["/tickets", "/queues", "/sites", "/services", "/counters", "/agents", "/devices"] {
        let (ours, other) = (app.admin().get(path).await, app.stranger().get(path).await);
        for foreign in ["canari", id(&theirs), &branch.foreign_queue.to_string(), "omar"] {
            assert!(!ours.text.contains(foreign), "{path}: {foreign}");
        }
        for foreign in ["awa", "binta", &branch.a.to_string(), &branch.dakar.to_string()] {
            assert!(!other.text.contains(foreign), "{path}: {foreign}");
        }
    }
}

/// T08.
async fn a_filter_on_a_foreign_branch_finds_nothing(app: &mut App) {
    let branch = app.branch();
    app.stranger().issue(branch.foreign_queue).await;
    app.awa().issue(branch.a).await;
    let found = async |query: String| {
        app.manager().get(&format!("/tickets?{query}")).await.is(200)["items"]
            .as_array()
            .unwrap()
            .len()
    };
    assert_eq!(found(format!("queue={}", branch.a)).await, 1);
    assert_eq!(found(format!("queue={}", branch.foreign_queue)).await, 0);
    assert_eq!(found(format!("agent={}", branch.foreign_agent)).await, 0);
    assert_eq!(found("status=waiting,called".to_owned()).await, 1);
    assert_eq!(found("q=A00&order=oldest&channel=staff".to_owned()).await, 1);
    app.manager().get("/tickets?status=asleep").await.refused(400, "invalid_request");
    app.manager().get("/tickets?tenant=autre").await.refused(400, "invalid_request");
}

/// And the whole table of roles.
async fn t11_each_role_does_what_its_row_of_the_table_says(app: &mut App) {
    let branch = app.branch();
    let agent = app.awa();
    let ticket = agent.issue(branch.a).await;
    let counter = |name: &str| json!({ "site_id": branch.dakar, "name": name });
    let staff =
        |role: &str| json!({ "name": role, "email": format!("{role}@example.org"), "role": role });
    for (client, role) in [
        (app.kiosk(), Role::Device),
        (agent, Role::Agent),
        (app.manager(), Role::Manager),
        (app.admin(), Role::Admin),
    ] {
        let allowed = |scope: Scope| role.scopes().has(scope);
        let check = |answer: crate::client::Answer, scope: Scope, status: u16, what: &str| {
            if allowed(scope) {
                assert_eq!(answer.status, status, "{role} may {what}: {}", answer.text);
            } else {
                answer.refused(403, "insufficient_scope");
                assert!(
                    answer.header("www-authenticate").unwrap().contains("insufficient_scope"),
                    "{role}, {what}"
                );
            }
        };
        check(client.get("/queues").await, Scope::ReadQueue, 200, "read queues");
        check(client.get("/tickets").await, Scope::ReadTicket, 200, "read tickets");
        check(
            client.order_with(&ticket, "tag", json!({ "tags": [] })).await,
            Scope::WriteTicket,
            200,
            "tag",
        );
        check(
            client.post(&format!("/queues/{}/pause", branch.c), json!({})).await,
            Scope::ManageQueue,
            200,
            "pause",
        );
        check(
            client.post("/agents", staff(role.as_str())).await,
            Scope::ManageAgent,
            201 + 199 * u16::from(role.as_str() == "device"),
            "hire",
        );
        let made = client.post("/counters", counter(role.as_str())).await;
        assert!([201, 403].contains(&made.status), "{role}: {}", made.text);
    }
    app.manager().post("/agents", staff("admin")).await.refused(403, "insufficient_scope");
    let customer = app.role(Role::Customer);
    for path in ["/queues", "/tickets", "/agents", "/devices"] {
        customer.get(path).await.refused(403, "insufficient_scope");
    }
}

async fn the_platform_makes_tenants_and_touches_nothing_in_them(app: &mut App) {
    let platform =
        app.client(BANK, app.token(None, Subject::Role(Role::PlatformAdmin), Role::PlatformAdmin));
    let tenants = format!("{}/api/v1/tenants", app.origin());
    let post = async |client: &Client, body: Value| {
        Client::sends(client.http.post(&tenants).bearer_auth(&client.token).json(&body)).await
    };
    post(&app.admin(), json!({ "slug": "new", "name": "New" }))
        .await
        .refused(403, "insufficient_scope");
    post(&platform, json!({ "slug": "new", "name": "New" })).await.is(201);
    post(&platform, json!({ "slug": "new", "name": "Again" })).await.refused(409, "taken");
    post(&platform, json!({ "slug": "Not A Slug", "name": "New" }))
        .await
        .refused(400, "invalid_request");
    let listed =
        Client::sends(platform.http.get(&tenants).bearer_auth(&platform.token)).await.is(200);
    assert_eq!(listed["items"].as_array().unwrap().len(), 3);
    for path in ["/queues", "/tickets", "/agents"] {
        platform.get(path).await.refused(404, "not_found");
    }
    app.admin().get("").await.is(200);
    Client { tenant: OTHER_BANK, ..app.admin() }.get("").await.refused(404, "not_found");
}

async fn t10_staff_addresses_are_for_those_who_manage_staff(app: &mut App) {
    let seen = app.manager().get("/agents").await;
    assert!(seen.text.contains("binta@example.org"));
    let hidden = app.awa().get("/agents").await;
    hidden.is(200);
    assert!(!hidden.text.contains("@example.org"), "{}", hidden.text);
    app.kiosk().get("/agents").await.refused(403, "insufficient_scope");
}
