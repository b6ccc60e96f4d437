//! A day at the counter over REST: join, call, serve, and the original's names for it.

use domain::Role;
use serde_json::{Value, json};

use crate::world::World;

struct Desk {
    world: World,
    token: String,
    count: usize,
}

impl Desk {
    async fn open() -> Self {
        let world = World::new().await;
        let token = world.of_agent();
        let mut desk = Self { world, token, count: 0 };
        let (status, me) = desk.give("/agents/me/sign-in", json!({})).await;
        assert_eq!((status, me["counter"]["name"].as_str()), (200, Some("1")));
        desk
    }

    async fn give(&mut self, path: &str, body: Value) -> (u16, Value) {
        self.count += 1;
        let key = format!("desk-{}", self.count);
        let answer = self.world.post(path, &body).token(&self.token).key(&key).send().await;
        (answer.status, answer.json())
    }

    /// One command to a ticket; the state it leaves, or the code of the refusal.
    async fn order(&mut self, ticket: &Value, verb: &str, body: Value) -> String {
        let path = format!("/tickets/{}/{verb}", ticket["id"].as_str().unwrap());
        let (_, answer) = self.give(&path, body).await;
        let said = answer["code"].as_str().or_else(|| answer["state"].as_str());
        said.unwrap_or_default().to_owned()
    }
}

#[tokio::test]
async fn a_person_is_called_served_and_gone() {
    let mut desk = Desk::open().await;
    let ticket = desk.world.issue("t1").await;
    assert_eq!((ticket["number"].as_str(), ticket["position"].as_u64()), (Some("A001"), Some(1)));
    let (status, called) = desk.give("/agents/me/call-next", json!({})).await;
    assert_eq!(
        (status, &called["id"], called["state"].as_str()),
        (200, &ticket["id"], Some("called"))
    );
    assert!(called["reason"]["text"].is_string());
    let (status, busy) = desk.give("/agents/me/call-next", json!({})).await;
    assert_eq!(
        (status, busy["code"].as_str(), &busy["ticket"]["number"]),
        (409, Some("agent_busy"), &ticket["number"])
    );
    assert_eq!(desk.order(&ticket, "recall", json!({})).await, "too_soon");
    assert_eq!(desk.order(&ticket, "no-show", json!({})).await, "too_few_calls");
    assert_eq!(desk.order(&ticket, "start_service", json!({})).await, "serving");
    assert_eq!(desk.order(&ticket, "start", json!({})).await, "invalid_transition");
    assert_eq!(desk.order(&ticket, "note", json!({"text": "asked twice"})).await, "serving");
    assert_eq!(desk.order(&ticket, "tag", json!({"tags": ["cash"]})).await, "serving");
    assert_eq!(desk.order(&ticket, "hold", json!({"reason": "papers"})).await, "held");
    assert_eq!(desk.order(&ticket, "resume", json!({})).await, "serving");
    assert_eq!(desk.order(&ticket, "close", json!({"outcomes": ["paid"]})).await, "served");
    assert_eq!(desk.order(&ticket, "start", json!({})).await, "ticket_ended");
    let manager = desk.world.of_role(Role::Manager);
    let path = format!("/tickets/{}", ticket["id"].as_str().unwrap());
    let shown = desk.world.get(&path).token(&manager).send().await.json();
    assert_eq!(
        (shown["state"].as_str(), shown["legs"][0]["outcome"].as_str()),
        (Some("served"), Some("served"))
    );
    assert!(!shown.to_string().contains("asked twice"), "notes are private");
}

#[tokio::test]
async fn tickets_move_between_queues_and_out_of_them() {
    let mut desk = Desk::open().await;
    let (one, two, three) =
        (desk.world.issue("1").await, desk.world.issue("2").await, desk.world.issue("3").await);
    assert_eq!(desk.order(&two, "call", json!({"reason": "elderly"})).await, "called");
    assert_eq!(desk.order(&two, "requeue", json!({})).await, "waiting");
    assert_eq!(desk.order(&one, "set-priority", json!({"class": "vip"})).await, "waiting");
    assert_eq!(desk.order(&three, "remove", json!({"reason": "twice"})).await, "removed");
    assert_eq!(desk.order(&three, "reinstate", json!({})).await, "waiting");
    assert_eq!(desk.order(&three, "walk-out", json!({})).await, "walked_out");
    assert_eq!(desk.order(&one, "call", json!({})).await, "called");
    assert_eq!(desk.order(&one, "start", json!({})).await, "serving");
    let body = json!({"queue_id": desk.world.side, "placement": "first"});
    assert_eq!(desk.order(&one, "transfer", body).await, "waiting");
    assert_eq!(
        desk.order(&one, "transfer", json!({"queue_id": uuid::Uuid::from_u128(9)})).await,
        "not_assigned"
    );
    let manager = desk.world.of_role(Role::Manager);
    let list = |query: &str| {
        let path = format!("/tickets{query}");
        let manager = manager.clone();
        let world = &desk.world;
        async move { world.get(&path).token(&manager).send().await }
    };
    let waiting = list("?status=waiting,called&order=oldest").await.json();
    let numbers: Vec<&str> = waiting["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item["number"].as_str().unwrap())
        .collect();
    assert_eq!(numbers, ["A001", "A002"]);
    let side = list(&format!("?queue={}", desk.world.side)).await.json();
    assert_eq!(side["items"][0]["leg"], 2);
    assert_eq!(list("?q=a00&limit=2").await.json()["items"].as_array().map(Vec::len), Some(2));
    for bad in [
        "?status=flying",
        "?limit=201",
        "?limit=0",
        "?page=2",
        "?cursor=zzz",
        "?from=yesterday",
        "?order=up",
    ] {
        assert_eq!(list(bad).await.status, 400, "{bad}");
    }
}

#[tokio::test]
async fn an_agents_day_has_breaks_and_an_end() {
    let mut desk = Desk::open().await;
    let (_, away) = desk
        .give("/agents/me/set-status", json!({"presence": "on_break", "reason": "lunch"}))
        .await;
    assert_eq!(
        (away["presence"].as_str(), away["reason"].as_str()),
        (Some("on_break"), Some("lunch"))
    );
    let (status, busy) = desk.give("/agents/me/set-status", json!({"presence": "busy"})).await;
    assert_eq!((status, busy["errors"][0]["pointer"].as_str()), (400, Some("/presence")));
    let (_, back) = desk.give("/agents/me/set-status", json!({"presence": "available"})).await;
    assert_eq!(back["presence"], "available");
    let (status, nobody) =
        desk.give(&format!("/offers/{}/accept", uuid::Uuid::from_u128(5)), json!({})).await;
    assert_eq!((status, nobody["code"].as_str()), (404, Some("not_found")));
    let (_, gone) = desk.give("/agents/me/sign-out", json!({})).await;
    assert_eq!(gone["presence"], "offline");
    let manager = desk.world.of_role(Role::Manager);
    let status = format!("/agents/{}/status", desk.world.agent);
    assert_eq!(desk.world.get(&status).token(&manager).send().await.json()["presence"], "offline");
}
