//! Stories of outside identity providers: one per slug, changed by version; a subject stands for one account.
//!
//! Always true: what one tenant has configured is nothing to another.

use domain::{TenantId, Timestamp};
use persistence::testing::TestDatabase;
use persistence::{ExternalSubjectRow, ProviderRow, SaveError};
use uuid::Uuid;

fn provider(tenant: TenantId, slug: &str) -> ProviderRow {
    ProviderRow {
        tenant,
        provider: Uuid::now_v7(),
        slug: slug.to_owned(),
        name: "Keycloak".to_owned(),
        issuer: "https://id.example".to_owned(),
        client_id: "queue".to_owned(),
        client_secret: Some(vec![7; 60]),
        scopes: "openid email".to_owned(),
        groups_claim: "groups".to_owned(),
        roles: r#"{"tellers":"agent"}"#.to_owned(),
        default_role: None,
        trust_email: false,
        link_existing: true,
        enabled: true,
        version: 1,
        created_at: Timestamp::from_secs(1),
        updated_at: Timestamp::from_secs(1),
    }
}

pub(crate) async fn a_provider_is_changed_by_version_and_has_its_slug_alone(
    database: TestDatabase,
) {
    let store = database.open().await;
    let (bank, other) = (TenantId(Uuid::now_v7()), TenantId(Uuid::now_v7()));
    let row = provider(bank, "staff");
    store.save_identity_provider(row.clone(), None).await.unwrap();
    store.save_identity_provider(provider(other, "staff"), None).await.unwrap();
    let taken = store.save_identity_provider(provider(bank, "staff"), None).await;
    assert!(matches!(taken, Err(SaveError::KeyTaken { .. })), "{taken:?}");
    let next =
        ProviderRow { version: 2, enabled: false, default_role: Some("agent".to_owned()), ..row };
    store.save_identity_provider(next.clone(), Some(1)).await.unwrap();
    let lost = store.save_identity_provider(next.clone(), Some(1)).await;
    assert!(matches!(lost, Err(SaveError::VersionConflict { .. })), "{lost:?}");
    assert_eq!(store.identity_providers(bank).await.unwrap(), std::slice::from_ref(&next));
    assert!(!store.delete_identity_provider(other, next.provider, 2).await.unwrap(), "not theirs");
    assert!(!store.delete_identity_provider(bank, next.provider, 1).await.unwrap(), "not this one");
    assert!(store.delete_identity_provider(bank, next.provider, 2).await.unwrap());
    assert_eq!(store.identity_providers(bank).await.unwrap(), []);
    assert_eq!(store.identity_providers(other).await.unwrap().len(), 1);
}

pub(crate) async fn a_subject_stands_for_one_account(database: TestDatabase) {
    let store = database.open().await;
    let (bank, other) = (TenantId(Uuid::now_v7()), TenantId(Uuid::now_v7()));
    let row = |account| ExternalSubjectRow {
        tenant: bank,
        issuer: "https://id.example".to_owned(),
        subject: "s1".to_owned(),
        account,
        linked_at: Timestamp::from_secs(9),
    };
    let (awa, binta) = (Uuid::now_v7(), Uuid::now_v7());
    assert!(store.link_subject(row(awa)).await.unwrap());
    assert!(!store.link_subject(row(binta)).await.unwrap(), "it is somebody's");
    let found = store.linked_account(bank, "https://id.example", "s1").await.unwrap();
    assert_eq!(found, Some(row(awa)));
    assert_eq!(store.linked_account(other, "https://id.example", "s1").await.unwrap(), None);
    assert_eq!(store.linked_account(bank, "https://evil.example", "s1").await.unwrap(), None);
    assert_eq!(store.subjects_of(bank, awa).await.unwrap(), [row(awa)]);
    assert_eq!(store.subjects_of(bank, binta).await.unwrap(), []);
}
