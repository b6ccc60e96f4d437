//! Stories about `seed-history`, `report` and `rebuild`: a past that is made, told, damaged and counted again.
//!
//! Invariant: a comparison changes nothing, and finds what was changed.

use domain::LocalDay;
use persistence::{DayCount, Options, Part, Settled, open};

use crate::program::Place;

fn seeded() -> Place {
    let place = Place::new();
    let made = place.run("seed-history --legs 3000 --days 7 --queues 3 --json").must(0).json();
    assert_eq!(made["legs"], 3_000);
    place
}

#[test]
fn a_past_is_made_once_and_told_in_every_form() {
    let place = seeded();
    place.run("seed-history --legs 10 --days 7 --queues 3").must(2);
    let waits = place.run("report wait-times --tenant history").must(0).json();
    assert_eq!(waits["total_tickets"], 3_000);
    let heat = place.run("report heatmap --tenant history").must(0).json();
    let cells = heat["cells"].as_array().unwrap();
    let half_hours: Vec<_> = cells.iter().map(|cell| cell["half_hour"].as_str().unwrap()).collect();
    assert!(half_hours.contains(&"10:00") && half_hours.contains(&"15:00"), "{half_hours:?}");
    let table = place.run("report queue-stats --tenant history --format csv").must(0).stdout;
    assert_eq!(table.lines().count(), 1 + 1 + 3, "{table}");
    let book = place.command("report heatmap --tenant history --format xlsx").output().unwrap();
    assert!(book.stdout.starts_with(b"PK"));
    let none = "report wait-times --tenant history --start-date 2001-01-01 --end-date 2001-01-31";
    assert_eq!(place.run(none).must(0).json()["total_tickets"], 0);
    for wrong in [
        "report wait-times --tenant nobody",
        "report wait-times --tenant history --start-date tomorrow",
        "report wait-times --tenant history --start-date 2026-02-01 --end-date 2026-01-01",
        "report heatmap --tenant history --queue-id 0199f7a4-0000-7000-8000-000000000000",
    ] {
        let ran = place.run(wrong).must(2);
        assert_eq!(ran.stdout, "", "{wrong}");
    }
}

#[test]
fn a_comparison_finds_what_was_changed_and_a_rebuild_mends_it() {
    let place = seeded();
    let sound = place.run("rebuild roll-ups --check --json").must(0).json();
    assert_eq!((&sound["sound"], &sound["tenants"][0]["legs"]), (&true.into(), &3_000.into()));
    damage(&place);
    let found = place.run("rebuild roll-ups --check --json").must(1).json();
    assert_eq!(found["sound"], false);
    let what = &found["tenants"][0]["differences"][0]["what"];
    assert_eq!(what, "missing", "{found}");
    let again = place.run("rebuild roll-ups --check").must(1).stdout;
    assert!(again.contains(": missing"), "{again}");
    place.run("rebuild roll-ups").must(0);
    place.run("rebuild roll-ups --check").must(0);
    place.run("rebuild roll-ups --tenant nobody").must(2);
}

/// Takes away the rows of one day of one queue.
fn damage(place: &Place) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let url = format!("sqlite:{}", place.path("data/smartqueue.db").display());
        let store = open(&url, &Options::default()).await.unwrap();
        let tenant = store.tenants().await.unwrap()[0].tenant;
        let (first, last) = (LocalDay::from_number(0), LocalDay::from_number(100_000));
        let rows = store.roll_ups(tenant, Part::Class, first, last).await.unwrap();
        let day = DayCount { day: rows[0].day, rows: Vec::new() };
        let settled = Settled::Seen(Vec::new());
        assert!(store.save_roll_ups(tenant, rows[0].queue, vec![day], settled).await.unwrap());
        store.close().await;
    });
}
