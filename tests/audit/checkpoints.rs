//! P24 and A02: what the chain alone cannot show, the checkpoints outside the database do.
//!
//! A tail that is cut, a database that is set back, checkpoints that are changed or gone: the program refuses to start,
//! until somebody accepts it with a reason that stays in the log.
//! Invariant: nothing is recorded behind a break that nobody has accepted.

use std::time::Duration;

use actors::{AuditError, Engine, StartError};
use persistence::testing::{Overwrite, Tampering, TestDatabase};
use persistence::{AuditFilter, AuditRow};
use serde_json::Value;

use crate::world::{Seen, World};

const ENTRIES: u64 = 12;
const DRAIN: Duration = Duration::from_secs(10);

macro_rules! on_both {
    ($($story:ident),+ $(,)?) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $story() {
                Box::pin(super::$story(persistence::testing::TestDatabase::sqlite())).await;
            })+
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $story() {
                if let Some(database) = persistence::testing::TestDatabase::postgres().await {
                    Box::pin(super::$story(database)).await;
                }
            })+
        }
    };
}

on_both! {
    a02_a_tail_that_was_cut_stops_the_next_start,
    a_break_is_accepted_once_with_a_reason_that_stays,
    a_changed_entry_stops_the_next_start,
    checkpoints_that_are_gone_or_changed_stop_the_next_start,
    a_running_program_finds_what_is_cut_behind_its_back,
    what_was_recorded_before_a_stop_is_kept,
    what_finds_no_room_is_counted,
}

#[track_caller]
fn refused(outcome: Result<Engine, StartError>) -> String {
    match outcome {
        Err(StartError::Audit(error @ AuditError::Broken { .. })) => error.to_string(),
        Err(error) => panic!("another error: {error}"),
        Ok(_) => panic!("it started"),
    }
}

async fn log(engine: &Engine, world: &World) -> Vec<AuditRow> {
    engine.store().audit_range(world.tenant, 0, 1_000).await.unwrap()
}

async fn a02_a_tail_that_was_cut_stops_the_next_start(database: TestDatabase) {
    let world = World::with(database, ENTRIES).await;
    let mut tamper = world.database.tamper(world.tenant).await;
    tamper.tamper_for_good(&Tampering::CutFrom(9)).await;
    let said = refused(world.start(None).await);
    assert!(said.contains("entry 9: entries are missing that a checkpoint saw"), "{said}");
    assert_eq!(world.first_bad(&mut Seen(&mut tamper)).await, Some(9));
    // The negative control: without its checkpoints the shorter log would look sound.
    let text = std::fs::read_to_string(world.checkpoints()).unwrap();
    let first = text.lines().next().unwrap();
    std::fs::write(world.checkpoints(), format!("{first}\n")).unwrap();
    assert_eq!(world.first_bad(&mut Seen(&mut tamper)).await, None);
}

async fn a_break_is_accepted_once_with_a_reason_that_stays(database: TestDatabase) {
    let world = World::with(database, ENTRIES).await;
    let mut tamper = world.database.tamper(world.tenant).await;
    tamper.tamper_for_good(&Tampering::CutFrom(9)).await;
    let changed = Overwrite::Text("actor", "nobody".to_owned());
    tamper.tamper_for_good(&Tampering::Overwrite(4, changed)).await;
    let engine = world.start(Some("restored from the backup of Monday")).await.unwrap();
    world.record(&engine, 3);
    engine.stop(DRAIN).await;
    let engine = world.start(None).await.unwrap();
    let rows = log(&engine, &world).await;
    let accepted = rows.iter().find(|row| row.seq == 9).unwrap();
    assert_eq!((&*accepted.action, &*accepted.actor), ("audit.break_accepted", "cli:serve"));
    let after: Value = serde_json::from_str(accepted.after.as_ref().unwrap()).unwrap();
    assert_eq!(after["reason"], "restored from the backup of Monday");
    assert!(after["found"].as_str().unwrap().contains("entry 4"), "{after}");
    assert_eq!(rows.len(), 12);
    engine.stop(DRAIN).await;
    assert_eq!(world.first_bad(&mut Seen(&mut tamper)).await, None, "what follows it is sound");
    // What happens after it is found as ever.
    tamper.tamper(&Tampering::Delete(11)).await;
    assert_eq!(world.first_bad(&mut Seen(&mut tamper)).await, Some(11));
    tamper.undo().await;
    tamper.tamper(&Tampering::Delete(2)).await;
    assert_eq!(world.first_bad(&mut Seen(&mut tamper)).await, Some(2));
    tamper.undo().await;
}

async fn a_changed_entry_stops_the_next_start(database: TestDatabase) {
    let world = World::with(database, ENTRIES).await;
    let mut tamper = world.database.tamper(world.tenant).await;
    let rows = tamper.range(0, 100).await.unwrap();
    // The last entry, changed: its hash is not the one of the checkpoint any more or does not fit it.
    let changed = Overwrite::Bytes("hash", vec![7; 32]);
    tamper.tamper_for_good(&Tampering::Overwrite(ENTRIES, changed)).await;
    let said = refused(world.start(None).await);
    assert!(said.contains(&format!("entry {ENTRIES}: ")), "{said}");
    let back = Overwrite::Bytes("hash", rows.last().unwrap().hash.to_vec());
    tamper.tamper_for_good(&Tampering::Overwrite(ENTRIES, back)).await;
    world.start(None).await.unwrap().stop(DRAIN).await;
}

async fn checkpoints_that_are_gone_or_changed_stop_the_next_start(database: TestDatabase) {
    let world = World::with(database, ENTRIES).await;
    let file = world.checkpoints();
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::remove_file(&file).unwrap();
    assert!(refused(world.start(None).await).contains("are gone"));
    let seq = format!("\"seq\":{ENTRIES}");
    assert!(text.contains(&seq), "{text}");
    for wrong in [
        text.replace(&seq, "\"seq\":9"),
        text.lines().skip(1).map(|line| format!("{line}\n")).collect(),
        text.lines().map(|line| format!("{line}\n{line}\n")).collect(),
    ] {
        std::fs::write(&file, wrong).unwrap();
        assert!(refused(world.start(None).await).contains("line "));
    }
    // A line that a crash tore is no break.
    std::fs::write(&file, format!("{text}{{\"number\":")).unwrap();
    let engine = world.start(None).await.unwrap();
    world.record(&engine, 1);
    engine.stop(DRAIN).await;
    let healed = std::fs::read_to_string(&file).unwrap();
    assert!(healed.starts_with(&text) && healed.lines().count() == text.lines().count() + 1);
    std::fs::write(&file, "nothing\n").unwrap();
    let engine = world.start(Some("the disk was replaced")).await.unwrap();
    engine.stop(DRAIN).await;
    world.start(None).await.unwrap().stop(DRAIN).await;
}

async fn a_running_program_finds_what_is_cut_behind_its_back(database: TestDatabase) {
    let world = World::with(database, ENTRIES).await;
    let engine = world.start_every(None, Duration::from_millis(100)).await.unwrap();
    let mut tamper = world.database.tamper(world.tenant).await;
    tamper.tamper_for_good(&Tampering::CutFrom(ENTRIES)).await;
    let filter =
        AuditFilter { action: Some("audit.break_found".to_owned()), ..AuditFilter::default() };
    let platform = domain::TenantId(uuid::Uuid::nil());
    let mut found = Vec::new();
    for _ in 0..500 {
        found = engine.store().audit_page(platform, &filter, 10, None).await.unwrap().rows;
        if !found.is_empty() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(found.len(), 1, "once");
    assert!(found[0].after.as_ref().unwrap().contains("entry 12"), "{:?}", found[0]);
    engine.stop(DRAIN).await;
    refused(world.start(None).await);
}

async fn what_was_recorded_before_a_stop_is_kept(database: TestDatabase) {
    let world = World::with(database, 0).await;
    let engine = world.start(None).await.unwrap();
    let recording = engine.clone();
    let entry = world.entry(&engine, 0);
    let recorder = std::thread::spawn(move || {
        let mut taken = 0;
        // Until the log is closed under its hands.
        for _ in 0..2_000_000 {
            if recording.audit().record(entry.clone()) {
                taken += 1;
            } else if taken > 0 && recording.audit().is_closed() {
                break;
            }
        }
        taken
    });
    tokio::time::sleep(Duration::from_millis(50)).await;
    engine.stop(DRAIN).await;
    let taken: u64 = recorder.join().unwrap();
    let engine = world.start(None).await.unwrap();
    let mut rows = 0;
    loop {
        let more = engine.store().audit_range(world.tenant, rows, 1_000).await.unwrap();
        if more.is_empty() {
            break;
        }
        rows += more.len() as u64;
    }
    let overflow =
        AuditFilter { action: Some("audit.overflow".to_owned()), ..AuditFilter::default() };
    let mut counts = 0;
    let mut below = None;
    loop {
        let page = engine.store().audit_page(world.tenant, &overflow, 200, below).await.unwrap();
        counts += page.rows.len() as u64;
        below = page.next;
        if below.is_none() {
            break;
        }
    }
    assert!(taken > 0);
    assert_eq!(rows - counts, taken, "every entry that was taken is there, and no other");
    engine.stop(DRAIN).await;
}

async fn what_finds_no_room_is_counted(database: TestDatabase) {
    let world = World::with(database, 0).await;
    let engine = world.start(None).await.unwrap();
    let entry = world.entry(&engine, 0);
    let (mut taken, mut lost) = (0_u64, 0_u64);
    while lost < 1_000 {
        if engine.audit().record(entry.clone()) { taken += 1 } else { lost += 1 }
    }
    engine.stop(DRAIN).await;
    let engine = world.start(None).await.unwrap();
    let overflow =
        AuditFilter { action: Some("audit.overflow".to_owned()), ..AuditFilter::default() };
    let page = engine.store().audit_page(world.tenant, &overflow, 200, None).await.unwrap();
    let count = |row: &AuditRow| {
        let after: Value = serde_json::from_str(row.after.as_ref().unwrap()).unwrap();
        after["lost"].as_u64().unwrap()
    };
    assert_eq!(page.rows.iter().map(count).sum::<u64>(), lost);
    assert!(taken > 0);
    engine.stop(DRAIN).await;
}
