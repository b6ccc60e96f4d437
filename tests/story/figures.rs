//! Live figures: percentiles of the waits that were driven, windows that slide, sites that are merged.
//!
//! The clock stands at ten in the evening in Dakar, which is on UTC, until a story moves it. What is expected is worked
//! out from the story's own lists by the nearest rank; durations below 256 s are exact.
//! Invariant: no figure is expected that the program itself was asked for.

use std::time::Duration;

use domain::Role;
use persistence::StreamId;
use serde_json::{Value, json};
use tokio::time::Instant;
use uuid::Uuid;

use crate::app::{App, eventually};
use crate::client::Client;
use crate::socket::Socket;

stories! {
    at "2026-03-02T22:00:00Z";
    percentiles_are_those_of_the_waits_that_were_driven,
    who_leaves_and_who_does_not_come_are_counted_apart,
    windows_slide_and_those_who_listen_hear_it,
    today_begins_anew_at_midnight,
    a_site_is_the_merge_of_its_queues,
    figures_outlive_a_restart_with_and_without_a_snapshot,
    figures_come_once_a_second_at_most,
    figures_belong_to_those_who_may_read_them,
}

const WALK: u32 = 2;
const SERVICE: u32 = 5;

/// Lets one person after the other wait that long, walk and be served.
pub(crate) async fn drive(app: &App, agent: &Client, queue: Uuid, waits: &[u32]) {
    for wait in waits {
        agent.issue(queue).await;
        app.wait(*wait);
        let ticket = agent.call_next_in(queue).await.is(200);
        app.wait(WALK);
        agent.order(&ticket, "start").await.is(200);
        app.wait(SERVICE);
        agent.order(&ticket, "finish").await.is(200);
        app.until_free(agent).await;
    }
}

/// Percentiles by the nearest rank.
fn spread(durations: &[u32]) -> Value {
    let mut sorted = durations.to_vec();
    sorted.sort_unstable();
    let rank = |percent: usize| {
        let place = (sorted.len() * percent).div_ceil(100);
        place.checked_sub(1).map(|place| sorted[place])
    };
    json!({ "p50": rank(50), "p90": rank(90), "p95": rank(95), "p99": rank(99), "count": sorted.len() })
}

async fn stats(app: &App, path: &str) -> Value {
    app.manager().get(&format!("{path}/stats")).await.is(200)
}

async fn stats_of(app: &App, queue: Uuid) -> Value {
    stats(app, &format!("/queues/{queue}")).await
}

/// Ten people, of whom six are called within the minute that is promised.
const WAITS: [u32; 10] = [100, 10, 90, 20, 80, 30, 70, 40, 60, 50];

async fn promise_a_minute(app: &App, queue: Uuid) {
    let classes =
        json!([{ "key": "normal", "rank": 0, "self_service": true, "target_seconds": 60 }]);
    app.configure_queue(queue, json!({ "classes": classes })).await;
}

async fn percentiles_are_those_of_the_waits_that_were_driven(app: &mut App) {
    let (queue, awa) = (app.branch().a, app.awa());
    promise_a_minute(app, queue).await;
    awa.sign_in().await;
    drive(app, &awa, queue, &WAITS).await;
    let told = stats_of(app, queue).await;
    let (walk, service) = (spread(&[WALK; 10]), spread(&[SERVICE; 10]));
    for window in [&told, &told["60m"], &told["today"]] {
        assert_eq!(window["wait"], spread(&WAITS), "{told}");
        assert_eq!((&window["walk"], &window["service"]), (&walk, &service));
        assert_eq!(
            (&window["service_level"], &window["service_level_2"]),
            (&json!(0.6), &json!(0.6))
        );
    }
    assert_eq!([&told["arrivals_15m"], &told["served_15m"], &told["abandoned_15m"]], [10, 10, 0]);
    let (eta, forecast) = (&told["eta"], app.manager().queue(queue).await["estimate"].clone());
    for name in ["p10", "p50", "p90"] {
        assert_eq!(eta[name], forecast[format!("{name}_seconds")], "{told}");
    }
    let manager = app.manager();
    let mut socket = Socket::signed_in(app, &manager.token).await;
    let snapshot = socket.follow(&format!("stats:queue:{queue}")).await;
    assert_eq!(snapshot["data"], told);
}

async fn who_leaves_and_who_does_not_come_are_counted_apart(app: &mut App) {
    let (queue, awa) = (app.branch().a, app.awa());
    promise_a_minute(app, queue).await;
    let ladder = json!({ "min_calls": 1, "min_gap_seconds": 0, "requeues_max": 0 });
    app.ladder(queue, ladder).await;
    awa.sign_in().await;
    drive(app, &awa, queue, &WAITS[..6]).await;
    for (verb, wait) in [("walk-out", 30), ("cancel", 90), ("remove", 1)] {
        let ticket = awa.issue(queue).await;
        app.wait(wait);
        awa.order(&ticket, verb).await.is(200);
    }
    awa.issue(queue).await;
    let missed = awa.call_next().await.is(200);
    awa.order(&missed, "no-show").await.is(200);
    let told = stats_of(app, queue).await;
    assert_eq!([&told["arrivals_15m"], &told["served_15m"]], [10, 6], "{told}");
    assert_eq!(
        [&told["abandoned_15m"], &told["no_shows_15m"]],
        [2, 1],
        "a removal is nobody's leaving"
    );
    // Of seven called, four in time; of two who left, one.
    assert_eq!(told["service_level"], json!(0.5714));
    assert_eq!(told["service_level_2"], json!(0.5556));
}

async fn windows_slide_and_those_who_listen_hear_it(app: &mut App) {
    let (queue, awa) = (app.branch().a, app.awa());
    awa.sign_in().await;
    drive(app, &awa, queue, &[30]).await;
    let mut socket = Socket::signed_in(app, &app.manager().token).await;
    let topics = [
        format!("stats:queue:{queue}"),
        format!("stats:site:{}", app.branch().dakar),
        "stats:tenant".to_owned(),
    ];
    for topic in &topics {
        socket.follow(topic).await;
    }
    // Long enough for the queue to have said everything: what comes now comes of the window alone.
    tokio::time::sleep(Duration::from_secs(4)).await;
    app.wait(16 * 60);
    let mut waits_for = topics.to_vec();
    while !waits_for.is_empty() {
        let frame = socket.event("stats.updated").await;
        if frame["data"]["wait"]["count"] == 0 && frame["data"]["60m"]["wait"]["count"] == 1 {
            waits_for.retain(|topic| frame["topic"] != *topic);
        }
    }
    let told = stats_of(app, queue).await;
    assert_eq!((&told["wait"], &told["service_level"]), (&spread(&[]), &Value::Null));
    assert_eq!(told["60m"]["wait"], spread(&[30]));
    app.wait(60 * 60);
    let told = stats_of(app, queue).await;
    assert_eq!((&told["60m"]["wait"], &told["today"]["wait"]), (&spread(&[]), &spread(&[30])));
}

async fn today_begins_anew_at_midnight(app: &mut App) {
    let (queue, awa) = (app.branch().a, app.awa());
    awa.sign_in().await;
    app.wait_until("2026-03-02T22:58:00Z");
    drive(app, &awa, queue, &[30]).await;
    app.wait_until("2026-03-02T23:57:30Z");
    let awa = app.awa();
    drive(app, &awa, queue, &[20]).await;
    assert_eq!(stats_of(app, queue).await["today"]["wait"], spread(&[20, 30]));
    app.wait_until("2026-03-03T00:00:00Z");
    let told = stats_of(app, queue).await;
    assert_eq!((&told["today"]["wait"], &told["wait"]), (&spread(&[]), &spread(&[20])));
    assert_eq!(told["today"]["arrivals"], 0, "{told}");
    eventually("so does the whole bank", async || {
        let told = stats(app, "").await;
        (told["today"]["arrivals"] == 0 && told["arrivals_15m"] == 1).then_some(())
    })
    .await;
}

async fn a_site_is_the_merge_of_its_queues(app: &mut App) {
    let (branch, awa, moussa) = (app.branch(), app.awa(), app.moussa());
    awa.sign_in().await;
    moussa.sign_in().await;
    let (quiet, busy, elsewhere) = ([10], [200, 200, 100], [5]);
    drive(app, &awa, branch.a, &quiet).await;
    drive(app, &awa, branch.b, &busy).await;
    drive(app, &moussa, branch.c, &elsewhere).await;
    let dakar = [&quiet[..], &busy].concat();
    let all = [&dakar[..], &elsewhere].concat();
    for (path, waits, available) in [
        (format!("/sites/{}", branch.dakar), dakar, 1),
        (format!("/sites/{}", branch.thies), elsewhere.to_vec(), 1),
        (String::new(), all, 2),
    ] {
        let told = eventually("the queues have published", async || {
            let told = stats(app, &path).await;
            (told["served_15m"] == waits.len() && told["agents"]["available"] == available)
                .then_some(told)
        })
        .await;
        assert_eq!((&told["wait"], &told["queue_id"]), (&spread(&waits), &Value::Null), "{path}");
        assert_eq!(told["today"]["service"], spread(&vec![SERVICE; waits.len()]));
        assert_eq!(told["eta"], Value::Null, "nobody joins a whole site");
    }
}

async fn figures_outlive_a_restart_with_and_without_a_snapshot(app: &mut App) {
    let (queue, awa) = (app.branch().a, app.awa());
    awa.sign_in().await;
    drive(app, &awa, queue, &[30]).await;
    let seen = async |app: &App| {
        let mut told = stats_of(app, queue).await;
        // Agents say again that they are there; what they serve follows them.
        for of_the_agents in ["agents", "eta"] {
            told.as_object_mut().unwrap().remove(of_the_agents);
        }
        told
    };
    let before = seen(app).await;
    assert_eq!(before["wait"], spread(&[30]));
    app.restart().await;
    assert_eq!(seen(app).await, before, "from the snapshot");
    let bank = app.bank().id();
    app.stop().await;
    app.database.damage_newest_snapshot(bank, StreamId(queue)).await;
    app.start_again().await;
    assert_eq!(seen(app).await, before, "from the journal alone");
    eventually("the site knows it again", async || {
        let told = stats(app, &format!("/sites/{}", app.branch().dakar)).await;
        (told["wait"] == before["wait"]).then_some(())
    })
    .await;
}

async fn figures_come_once_a_second_at_most(app: &mut App) {
    let (queue, awa) = (app.branch().a, app.awa());
    let mut socket = Socket::signed_in(app, &app.manager().token).await;
    let topics = [format!("stats:queue:{queue}"), format!("stats:site:{}", app.branch().dakar)];
    for topic in &topics {
        socket.follow(topic).await;
    }
    let began = Instant::now();
    while began.elapsed() < Duration::from_secs(3) {
        awa.issue(queue).await;
    }
    let issued = awa.queue(queue).await["waiting"].clone();
    let (mut counts, mut waits_for) = ([0_u64; 2], topics.to_vec());
    while !waits_for.is_empty() {
        let frame = socket.event("stats.updated").await;
        let index = topics.iter().position(|topic| frame["topic"] == *topic).unwrap();
        counts[index] += 1;
        if frame["data"]["waiting"] == issued {
            waits_for.retain(|topic| frame["topic"] != *topic);
        }
    }
    // One that was due when the counting began, and one for each second since. A slow machine has more seconds.
    let most = began.elapsed().as_secs() + 2;
    assert!(counts.iter().all(|count| *count <= most), "{counts:?} in {:?}", began.elapsed());
}

async fn figures_belong_to_those_who_may_read_them(app: &mut App) {
    let branch = app.branch();
    let (dakar, thies) =
        (format!("/sites/{}/stats", branch.dakar), format!("/sites/{}/stats", branch.thies));
    app.kiosk().get(&dakar).await.is(200);
    app.kiosk().get(&thies).await.refused(404, "not_found");
    app.kiosk().get("/stats").await.refused(403, "insufficient_scope");
    app.role(Role::Customer).get("/stats").await.refused(403, "insufficient_scope");
    app.stranger().get(&dakar).await.refused(404, "not_found");
    let metrics = format!("/queues/{}/metrics", branch.a);
    app.manager().get(&metrics).await.is(200);
    app.awa().get(&metrics).await.refused(403, "insufficient_scope");
    app.stranger().get(&metrics).await.refused(404, "not_found");
}
