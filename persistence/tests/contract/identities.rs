//! Stories of signing in: what works once works once, and each tenant has its own.
//!
//! Always true: of two who use the same secret, one is told to be the first.

use domain::{Secs, TenantId, Timestamp};
use persistence::testing::TestDatabase;
use persistence::{
    AccountRow, CodeRow, CodeUse, EndedRow, OnceRow, RefreshRow, Rotation, SaveError, Store,
    TenantRow,
};
use uuid::Uuid;

const GRACE: Secs = Secs(10);
/// How many show the same secret at once.
const AT_ONCE: usize = 50;

fn at(secs: i64) -> Timestamp {
    Timestamp::from_secs(secs)
}

fn account(tenant: TenantId, email: &str) -> AccountRow {
    AccountRow {
        tenant,
        account: Uuid::now_v7(),
        email: email.to_owned(),
        password_hash: Some("$argon2id$".to_owned()),
        totp: Some(vec![1, 2, 3]),
        totp_last_step: 7,
        recovery_hashes: vec!["aa".to_owned(), "bb".to_owned()],
        verified_at: Some(at(1)),
        disabled_at: None,
        password_changed_at: None,
        language: None,
        version: 1,
        created_at: at(1),
        updated_at: at(1),
    }
}

pub(crate) async fn an_account_belongs_to_one_tenant_and_one_address(database: TestDatabase) {
    let store = database.open().await;
    let (bank, other) = (TenantId(Uuid::now_v7()), TenantId(Uuid::now_v7()));
    let awa = account(bank, "awa@example.org");
    store.save_account(awa.clone(), None).await.unwrap();
    store.save_account(account(other, "awa@example.org"), None).await.unwrap();
    let taken = store.save_account(account(bank, "awa@example.org"), None).await;
    assert!(matches!(taken, Err(SaveError::KeyTaken { .. })), "{taken:?}");
    assert_eq!(store.account(bank, awa.account).await.unwrap(), Some(awa.clone()));
    assert_eq!(store.account(other, awa.account).await.unwrap(), None);
    let next = AccountRow { version: 2, totp: None, ..awa.clone() };
    store.save_account(next.clone(), Some(1)).await.unwrap();
    let lost = store.save_account(next.clone(), Some(1)).await;
    assert!(matches!(lost, Err(SaveError::VersionConflict { .. })), "{lost:?}");
    assert_eq!(store.account_by_email(bank, "awa@example.org").await.unwrap(), Some(next));
    assert_eq!(store.accounts(bank).await.unwrap().len(), 1);
}

pub(crate) async fn second_factors_are_used_up(database: TestDatabase) {
    let store = database.open().await;
    let bank = TenantId(Uuid::now_v7());
    let awa = account(bank, "awa@example.org");
    store.save_account(awa.clone(), None).await.unwrap();
    let step = async |step| store.use_totp_step(bank, awa.account, step).await.unwrap();
    assert_eq!(
        (step(8).await, step(8).await, step(6).await, step(9).await),
        (true, false, false, true)
    );
    let code = async |code| store.use_recovery_code(bank, awa.account, code).await.unwrap();
    assert_eq!(
        (code("bb").await, code("bb").await, code("cc").await, code("aa").await),
        (true, false, false, true)
    );
}

pub(crate) async fn a_code_is_fresh_once(database: TestDatabase) {
    let store = database.open().await;
    let bank = TenantId(Uuid::now_v7());
    let row = CodeRow {
        tenant: bank,
        hash: [7; 32],
        client_id: "web".to_owned(),
        account: Uuid::now_v7(),
        redirect_uri: "https://a.example/".to_owned(),
        challenge: "c".to_owned(),
        scope: "openid".to_owned(),
        nonce: None,
        auth_time: at(1),
        family: Uuid::now_v7(),
        expires_at: at(60),
    };
    store.save_code(row.clone()).await.unwrap();
    let uses =
        futures_util::future::join_all((0..AT_ONCE).map(|_| store.use_code(bank, [7; 32], at(2))))
            .await;
    let fresh = uses
        .iter()
        .filter(|used| matches!(used, Ok(CodeUse::Fresh(found)) if *found == row))
        .count();
    let used = uses
        .iter()
        .filter(|used| matches!(used, Ok(CodeUse::Used { family }) if *family == row.family))
        .count();
    assert_eq!((fresh, used), (1, AT_ONCE - 1));
    assert_eq!(
        store.use_code(TenantId(Uuid::now_v7()), [7; 32], at(2)).await.unwrap(),
        CodeUse::Unknown
    );
}

fn refresh(tenant: TenantId) -> RefreshRow {
    RefreshRow {
        tenant,
        hash: [1; 32],
        family: Uuid::now_v7(),
        client_id: "web".to_owned(),
        account: Uuid::now_v7(),
        scope: "openid".to_owned(),
        auth_time: at(1),
        issued_at: at(1),
        expires_at: at(1_000),
        ends_at: at(5_000),
    }
}

async fn rotate(store: &dyn Store, tenant: TenantId, from: u8, to: u8, now: i64) -> Rotation {
    store
        .rotate_refresh(tenant, [from; 32], [to; 32], at(now), GRACE, at(now + 1_000))
        .await
        .unwrap()
}

pub(crate) async fn a_refresh_token_has_one_successor(database: TestDatabase) {
    let store = database.open().await;
    let bank = TenantId(Uuid::now_v7());
    let first = refresh(bank);
    store.save_refresh(first.clone()).await.unwrap();
    let both = (0..AT_ONCE).map(|_| rotate(&*store, bank, 1, 2, 100));
    let both = futures_util::future::join_all(both).await;
    assert_eq!(both.iter().filter(|one| **one == Rotation::Rotated(first.clone())).count(), 1);
    assert_eq!(
        both.iter().filter(|one| **one == Rotation::Again(first.clone())).count(),
        AT_ONCE - 1
    );
    let family = first.family;
    assert_eq!(
        rotate(&*store, bank, 1, 2, 111).await,
        Rotation::Reused { family },
        "after the grace"
    );
    let second =
        RefreshRow { hash: [2; 32], issued_at: at(100), expires_at: at(1_100), ..first.clone() };
    assert_eq!(rotate(&*store, bank, 2, 3, 105).await, Rotation::Rotated(second));
    assert_eq!(
        rotate(&*store, bank, 1, 2, 106).await,
        Rotation::Reused { family },
        "the successor was used"
    );
    assert_eq!(store.revoke_family(bank, family, at(107)).await.unwrap(), 3);
    assert_eq!(rotate(&*store, bank, 3, 4, 108).await, Rotation::Unknown, "revoked");
    assert!(store.refresh(bank, [3; 32]).await.unwrap().unwrap().revoked);
    assert_eq!(rotate(&*store, bank, 9, 4, 108).await, Rotation::Unknown);
}

pub(crate) async fn a_link_works_once_and_not_after_too_many_misses(database: TestDatabase) {
    let store = database.open().await;
    let bank = TenantId(Uuid::now_v7());
    let known = TenantRow { tenant: bank, ..super::configuration::tenant("bank") };
    store.save_tenant(known).await.unwrap();
    let row = |hash: u8| OnceRow {
        tenant: bank,
        hash: [hash; 32],
        purpose: "reset".to_owned(),
        subject: "awa".to_owned(),
        data: "{}".to_owned(),
        tries_left: 2,
        expires_at: at(60),
    };
    store.save_once(row(1)).await.unwrap();
    assert_eq!(store.once_of(bank, "reset", "awa").await.unwrap(), Some(row(1)));
    assert_eq!(
        store.take_once(bank, "invite", [1; 32], at(1)).await.unwrap(),
        None,
        "another purpose"
    );
    assert_eq!(store.take_once(bank, "reset", [1; 32], at(60)).await.unwrap(), None, "too late");
    assert_eq!(store.take_once(bank, "reset", [1; 32], at(59)).await.unwrap(), Some(row(1)));
    assert_eq!(store.take_once(bank, "reset", [1; 32], at(59)).await.unwrap(), None, "used");
    store.save_once(row(2)).await.unwrap();
    let miss = async || store.miss_once(bank, "reset", "awa").await.unwrap();
    assert_eq!((miss().await, miss().await, miss().await), (1, 0, 0));
    assert_eq!(
        store.take_once(bank, "reset", [2; 32], at(1)).await.unwrap(),
        None,
        "no tries left"
    );
    assert_eq!(store.forget_identities_before(at(61)).await.unwrap(), 1);
}

pub(crate) async fn a_link_shown_by_many_at_once_opens_once(database: TestDatabase) {
    let store = database.open().await;
    let (bank, other) = (TenantId(Uuid::now_v7()), TenantId(Uuid::now_v7()));
    let row = OnceRow {
        tenant: bank,
        hash: [3; 32],
        purpose: "invite".to_owned(),
        subject: "awa".to_owned(),
        data: "{}".to_owned(),
        tries_left: 5,
        expires_at: at(60),
    };
    store.save_once(row.clone()).await.unwrap();
    assert_eq!(store.take_once(other, "invite", [3; 32], at(1)).await.unwrap(), None);
    assert_eq!(store.once_of(other, "invite", "awa").await.unwrap(), None);
    let takes = (0..AT_ONCE).map(|_| store.take_once(bank, "invite", [3; 32], at(1)));
    let takes = futures_util::future::join_all(takes).await;
    let opened = takes.iter().filter(|take| matches!(take, Ok(Some(found)) if *found == row));
    let shut = takes.iter().filter(|take| matches!(take, Ok(None)));
    assert_eq!((opened.count(), shut.count()), (1, AT_ONCE - 1));
}

pub(crate) async fn a_token_of_another_tenant_is_never_found(database: TestDatabase) {
    let store = database.open().await;
    let (bank, other) = (TenantId(Uuid::now_v7()), TenantId(Uuid::now_v7()));
    let first = refresh(bank);
    store.save_refresh(first.clone()).await.unwrap();
    assert_eq!(rotate(&*store, other, 1, 2, 100).await, Rotation::Unknown);
    assert!(store.refresh(other, [1; 32]).await.unwrap().is_none());
    assert_eq!(store.revoke_family(other, first.family, at(100)).await.unwrap(), 0);
    assert_eq!(store.revoke_all_of(other, first.account, at(100)).await.unwrap(), 0);
    assert_eq!(rotate(&*store, bank, 1, 2, 100).await, Rotation::Rotated(first), "untouched");
}

pub(crate) async fn what_ended_is_kept_for_as_long_as_it_matters(database: TestDatabase) {
    let store = database.open().await;
    let (bank, other) = (TenantId(Uuid::now_v7()), TenantId(Uuid::now_v7()));
    let known = TenantRow { tenant: bank, ..super::configuration::tenant("bank") };
    store.save_tenant(known).await.unwrap();
    let row = |tenant, holder: &str, secs| {
        let holder = holder.to_owned();
        EndedRow { tenant, holder, at: at(secs), until: at(secs + 100) }
    };
    for (tenant, holder, secs) in [
        (bank, "awa", 10),
        (bank, "awa", 30),
        (bank, "awa", 20),
        (bank, "old", 5),
        (other, "omar", 40),
    ] {
        store.save_ended(row(tenant, holder, secs)).await.unwrap();
    }
    let ended = async |tenant, secs| store.ended(tenant, at(secs)).await.unwrap();
    assert_eq!(ended(bank, 105).await, [row(bank, "awa", 30)], "the latest end, and nothing over");
    assert_eq!(ended(bank, 104).await.len(), 2, "nothing is lost by asking");
    assert_eq!(store.forget_identities_before(at(106)).await.unwrap(), 1);
    assert_eq!(ended(bank, 0).await, [row(bank, "awa", 30)], "what is over goes with the rest");
    assert_eq!(ended(other, 0).await, [row(other, "omar", 40)]);
    store.close().await;
}
