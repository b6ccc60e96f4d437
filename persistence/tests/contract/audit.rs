//! Stories of the audit log's rows: added at the end, read by page and by stretch, never anything else.
//!
//! Hashes are any bytes here: whoever writes entries makes them, and whoever verifies them recomputes them.
//! Always true: a log grows only behind the head that its writer knew.

use domain::TenantId;
use persistence::testing::TestDatabase;
use persistence::{AuditFilter, AuditHead, AuditRow, SaveError, open_beside};
use uuid::Uuid;

use super::world::at;

fn tenant() -> TenantId {
    TenantId(Uuid::now_v7())
}

fn row(tenant: TenantId, seq: u64) -> AuditRow {
    let byte = |seq: u64| [u8::try_from(seq % 251).unwrap(); 32];
    AuditRow {
        tenant,
        seq,
        at: at(i64::try_from(seq).unwrap()),
        actor: format!("agent:{}", seq % 3),
        action: if seq.is_multiple_of(2) { "queue.pause" } else { "queue.open" }.to_owned(),
        object: format!("queue:{}", seq % 5),
        outcome: if seq.is_multiple_of(10) { "denied" } else { "ok" }.to_owned(),
        address: seq.is_multiple_of(2).then(|| "2001:db8::7".to_owned()),
        request_id: Some(format!("r-{seq}")),
        before: seq.is_multiple_of(3).then(|| r#"{"state":"open\n"}"#.to_owned()),
        after: None,
        prev_hash: if seq == 1 { [0; 32] } else { byte(seq - 1) },
        hash: byte(seq),
    }
}

fn rows(tenant: TenantId, first: u64, last: u64) -> Vec<AuditRow> {
    (first..=last).map(|seq| row(tenant, seq)).collect()
}

fn head(seq: u64) -> AuditHead {
    AuditHead { seq, hash: row(tenant(), seq).hash }
}

pub(crate) async fn entries_are_added_behind_the_head_and_read_back(database: TestDatabase) {
    let (store, tenant) = (database.open().await, tenant());
    assert_eq!(store.audit_head(tenant).await.unwrap(), AuditHead::default());
    store.append_audit(tenant, AuditHead::default(), rows(tenant, 1, 100)).await.unwrap();
    store.append_audit(tenant, head(100), rows(tenant, 101, 103)).await.unwrap();
    assert_eq!(store.audit_head(tenant).await.unwrap(), head(103));
    assert_eq!(store.audit_range(tenant, 0, 1_000).await.unwrap(), rows(tenant, 1, 103));
    assert_eq!(store.audit_range(tenant, 99, 3).await.unwrap(), rows(tenant, 100, 102));
    store.append_audit(tenant, head(103), Vec::new()).await.unwrap();
}

pub(crate) async fn an_entry_that_does_not_follow_is_refused(database: TestDatabase) {
    let (store, tenant) = (database.open().await, tenant());
    store.append_audit(tenant, AuditHead::default(), rows(tenant, 1, 3)).await.unwrap();
    let other_hash = AuditHead { hash: [9; 32], ..head(3) };
    for wrong in [AuditHead::default(), head(2), head(4), other_hash] {
        let refused = store.append_audit(tenant, wrong, rows(tenant, 4, 5)).await;
        assert!(
            matches!(refused, Err(SaveError::VersionConflict { current: Some(3), .. })),
            "{refused:?}"
        );
    }
    // A batch whose second row takes a number again leaves nothing of its first.
    let twice = vec![row(tenant, 4), row(tenant, 2)];
    let refused = store.append_audit(tenant, head(3), twice).await;
    assert!(matches!(refused, Err(SaveError::VersionConflict { .. })), "{refused:?}");
    assert_eq!(store.audit_range(tenant, 0, 10).await.unwrap(), rows(tenant, 1, 3));
}

pub(crate) async fn two_who_add_at_once_cannot_both_win(database: TestDatabase) {
    let (store, tenant) = (database.open().await, tenant());
    store.append_audit(tenant, AuditHead::default(), rows(tenant, 1, 1)).await.unwrap();
    let add = || store.append_audit(tenant, head(1), rows(tenant, 2, 2));
    let (a, b, c, d) = tokio::join!(add(), add(), add(), add());
    assert_eq!([a, b, c, d].iter().filter(|outcome| outcome.is_ok()).count(), 1);
    assert_eq!(store.audit_range(tenant, 0, 10).await.unwrap(), rows(tenant, 1, 2));
}

pub(crate) async fn pages_go_from_the_newest_down_and_filters_narrow(database: TestDatabase) {
    let (store, tenant) = (database.open().await, tenant());
    store.append_audit(tenant, AuditHead::default(), rows(tenant, 1, 50)).await.unwrap();
    let (mut seen, mut below) = (Vec::new(), None);
    loop {
        let page = store.audit_page(tenant, &AuditFilter::default(), 20, below).await.unwrap();
        seen.extend(page.rows.iter().map(|row| row.seq));
        below = page.next;
        if below.is_none() {
            break;
        }
    }
    assert_eq!(seen, (1..=50).rev().collect::<Vec<u64>>());
    let found = async |filter: AuditFilter| {
        store.audit_page(tenant, &filter, 200, None).await.unwrap().rows.len()
    };
    let text = |text: &str| Some(text.to_owned());
    assert_eq!(found(AuditFilter { actor: text("agent:0"), ..AuditFilter::default() }).await, 16);
    assert_eq!(
        found(AuditFilter { action: text("queue.open"), ..AuditFilter::default() }).await,
        25
    );
    assert_eq!(found(AuditFilter { object: text("queue:1"), ..AuditFilter::default() }).await, 10);
    assert_eq!(found(AuditFilter { outcome: text("denied"), ..AuditFilter::default() }).await, 5);
    let (from, to) = (Some(at(10)), Some(at(20)));
    assert_eq!(found(AuditFilter { from, to, ..AuditFilter::default() }).await, 10);
    let injected = text("x' or 1=1 --");
    assert_eq!(found(AuditFilter { actor: injected, ..AuditFilter::default() }).await, 0);
}

pub(crate) async fn a_log_is_its_tenants_own(database: TestDatabase) {
    let store = database.open().await;
    let (ours, theirs) = (tenant(), tenant());
    store.append_audit(ours, AuditHead::default(), rows(ours, 1, 4)).await.unwrap();
    store.append_audit(theirs, AuditHead::default(), rows(theirs, 1, 2)).await.unwrap();
    assert_eq!(store.audit_head(ours).await.unwrap(), head(4));
    let page = store.audit_page(theirs, &AuditFilter::default(), 200, None).await.unwrap();
    assert!(page.rows.iter().all(|row| row.tenant == theirs) && page.rows.len() == 2);
}

pub(crate) async fn an_entry_added_beside_the_owner_is_found_by_it(database: TestDatabase) {
    let (store, tenant) = (database.open().await, tenant());
    store.append_audit(tenant, AuditHead::default(), rows(tenant, 1, 2)).await.unwrap();
    let mut beside = open_beside(database.url(), true).await.unwrap();
    assert_eq!(beside.head(tenant).await.unwrap(), head(2));
    let late = beside.append(tenant, head(1), rows(tenant, 2, 2)).await;
    assert!(matches!(late, Err(SaveError::VersionConflict { current: Some(2), .. })), "{late:?}");
    beside.append(tenant, head(2), rows(tenant, 3, 3)).await.unwrap();
    assert_eq!(beside.range(tenant, 2, 9).await.unwrap(), rows(tenant, 3, 3));
    beside.close().await;
    let refused = store.append_audit(tenant, head(2), rows(tenant, 3, 3)).await;
    assert!(matches!(refused, Err(SaveError::VersionConflict { .. })), "{refused:?}");
    let mut looking = open_beside(database.url(), false).await.unwrap();
    assert_eq!(looking.head(tenant).await.unwrap(), head(3));
    assert!(looking.append(tenant, head(3), rows(tenant, 4, 4)).await.is_err());
    looking.close().await;
}
