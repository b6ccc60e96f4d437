//! What a sign-in costs, counted and not timed: as many reads and as many hashes for a name that nobody has as for a
//! known one.
//!
//! The program says at level `trace` when a read or a hash begins; the count is of what this thread said.
//! Invariant: a count of nothing fails the test.

use std::cell::RefCell;
use std::collections::BTreeMap;

use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

use crate::world::{EMAIL, World};

const READ: &str = "persistence::read";
const HASH: &str = "transport::hash";

thread_local! {
    static SEEN: RefCell<BTreeMap<&'static str, u32>> = const { RefCell::new(BTreeMap::new()) };
}

struct Counting;

impl Subscriber for Counting {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        [READ, HASH].contains(&metadata.target())
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        SEEN.with_borrow_mut(|seen| *seen.entry(event.metadata().target()).or_default() += 1);
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

/// Reads and hashes of one wrong password.
async fn costs(world: &World, email: &str) -> (u32, u32) {
    let mut browser = world.browser();
    browser.get("/signin").await;
    SEEN.with_borrow_mut(BTreeMap::clear);
    let fields = [("tenant", "bank"), ("email", email), ("password", "a wrong password")];
    assert_eq!(browser.submit("/signin", &fields).await.status, 400);
    SEEN.with_borrow(|seen| {
        let of = |target| seen.get(target).copied().unwrap_or_default();
        (of(READ), of(HASH))
    })
}

#[tokio::test]
async fn s12_a_name_that_nobody_has_costs_as_much_as_a_known_one() {
    let world = World::new().await;
    let admin = crate::world::text(&world.tokens().await, "access_token");
    let invited =
        serde_json::json!({"name": "Binta", "email": "binta@bank.example", "role": "agent"});
    assert_eq!(world.api("POST", "/members", &admin, Some(invited)).await.status, 201);
    let _counting = tracing::subscriber::set_default(Counting);
    let known = costs(&world, EMAIL).await;
    assert!(known.0 > 0 && known.1 == 1, "{known:?}");
    assert_eq!(costs(&world, "nobody@bank.example").await, known, "nobody's");
    assert_eq!(costs(&world, "binta@bank.example").await, known, "one without a password yet");
}
