//! Stories of what a person has let in: consents and sessions, each of one person of one tenant.
//!
//! Always true: what is ended is ended for that person alone.

use domain::{TenantId, Timestamp};
use persistence::testing::TestDatabase;
use persistence::{CodeRow, CodeUse, ConsentRow, RefreshRow, SessionRow};
use uuid::Uuid;

fn at(secs: i64) -> Timestamp {
    Timestamp::from_secs(secs)
}

fn consent(tenant: TenantId, account: Uuid, scope: &str, secs: i64) -> ConsentRow {
    let (client_id, scope) = ("bank.board".to_owned(), scope.to_owned());
    ConsentRow { tenant, account, client_id, scope, given_at: at(secs), updated_at: at(secs) }
}

fn session(tenant: TenantId, account: Uuid, byte: u8, secs: i64) -> SessionRow {
    SessionRow {
        tenant,
        hash: [byte; 32],
        account,
        auth_time: at(secs),
        methods: "pwd".to_owned(),
        expires_at: at(1_000),
        created_at: at(secs),
        used_at: at(secs),
        browser: Some("Firefox, Linux".to_owned()),
        address: None,
    }
}

pub(crate) async fn a_consent_is_one_row_and_ends_with_what_came_of_it(database: TestDatabase) {
    let store = database.open().await;
    let (bank, other) = (TenantId(Uuid::now_v7()), TenantId(Uuid::now_v7()));
    let (awa, binta) = (Uuid::now_v7(), Uuid::now_v7());
    store.save_consent(consent(bank, awa, "a", 1)).await.unwrap();
    store.save_consent(consent(bank, awa, "a b", 2)).await.unwrap();
    store.save_consent(consent(bank, binta, "a", 1)).await.unwrap();
    store.save_consent(consent(other, awa, "a", 1)).await.unwrap();
    let kept = ConsentRow { given_at: at(1), ..consent(bank, awa, "a b", 2) };
    assert_eq!(store.consents(bank, awa).await.unwrap(), std::slice::from_ref(&kept));
    assert_eq!(store.consent(bank, awa, "bank.board").await.unwrap(), Some(kept));
    assert_eq!(store.consent(bank, awa, "bank.other").await.unwrap(), None);
    let code = |account, byte: u8| CodeRow {
        tenant: bank,
        hash: [byte; 32],
        client_id: "bank.board".to_owned(),
        account,
        redirect_uri: "https://board.example".to_owned(),
        challenge: String::new(),
        scope: "a".to_owned(),
        nonce: None,
        auth_time: at(1),
        family: Uuid::now_v7(),
        expires_at: at(100),
    };
    let refresh = |account, byte: u8| RefreshRow {
        tenant: bank,
        hash: [byte; 32],
        family: Uuid::now_v7(),
        client_id: "bank.board".to_owned(),
        account,
        scope: "a".to_owned(),
        auth_time: at(1),
        issued_at: at(1),
        expires_at: at(100),
        ends_at: at(100),
    };
    for (account, byte) in [(awa, 1), (binta, 2)] {
        store.save_code(code(account, byte)).await.unwrap();
        store.save_refresh(refresh(account, byte)).await.unwrap();
    }
    assert!(store.withdraw_consent(bank, awa, "bank.board", at(3)).await.unwrap());
    assert!(!store.withdraw_consent(bank, awa, "bank.board", at(3)).await.unwrap(), "once");
    assert_eq!(store.use_code(bank, [1; 32], at(3)).await.unwrap(), CodeUse::Unknown);
    assert!(matches!(store.use_code(bank, [2; 32], at(3)).await.unwrap(), CodeUse::Fresh(_)));
    assert!(store.refresh(bank, [1; 32]).await.unwrap().unwrap().revoked);
    assert!(!store.refresh(bank, [2; 32]).await.unwrap().unwrap().revoked, "another's stands");
    assert_eq!(store.consents(other, awa).await.unwrap().len(), 1, "another tenant's stands");
    assert_eq!(store.forget_consents_to(bank, "bank.board").await.unwrap(), 1);
    assert_eq!(store.consents(bank, binta).await.unwrap(), []);
    assert_eq!(store.consents(other, awa).await.unwrap().len(), 1);
    store.close().await;
}

pub(crate) async fn sessions_are_their_persons_own(database: TestDatabase) {
    let store = database.open().await;
    let (bank, other) = (TenantId(Uuid::now_v7()), TenantId(Uuid::now_v7()));
    let (awa, binta) = (Uuid::now_v7(), Uuid::now_v7());
    let rows = [(awa, 1, 1), (awa, 2, 2), (awa, 3, 3), (binta, 4, 4)];
    for (account, byte, secs) in rows {
        store.save_session(session(bank, account, byte, secs)).await.unwrap();
    }
    let seen = async |account| -> Vec<u8> {
        let rows = store.sessions_of(bank, account).await.unwrap();
        rows.iter().map(|row| row.hash[0]).collect()
    };
    store.touch_session(bank, [1; 32], at(9)).await.unwrap();
    store.touch_session(bank, [1; 32], at(5)).await.unwrap();
    let first = store.session(bank, [1; 32]).await.unwrap().unwrap();
    assert_eq!(first, SessionRow { used_at: at(9), ..session(bank, awa, 1, 1) }, "never back");
    assert_eq!(seen(awa).await, [1, 3, 2], "the last used first");
    assert!(!store.end_session_of(bank, binta, [2; 32]).await.unwrap(), "not hers");
    assert!(!store.end_session_of(other, awa, [2; 32]).await.unwrap(), "not theirs");
    assert!(store.end_session_of(bank, awa, [2; 32]).await.unwrap());
    assert_eq!(store.end_other_sessions(bank, awa, [1; 32]).await.unwrap(), 1);
    assert_eq!((seen(awa).await, seen(binta).await), (vec![1], vec![4]));
    store.close().await;
}
