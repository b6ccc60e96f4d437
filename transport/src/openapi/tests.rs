//! The document is what it was, until somebody means to change it.
//!
//! After a change that is meant, run the tests once with `UPDATE_SNAPSHOTS=1`; the difference is reviewed like code.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;

fn document() -> Value {
    serde_json::from_str(&super::document()).unwrap()
}

#[test]
fn the_document_is_as_it_was() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/openapi.snapshot.json");
    let now = super::document() + "\n";
    if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, &now).unwrap();
    }
    let before = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        before == now,
        "the API's document changed: run once with UPDATE_SNAPSHOTS=1 and review the difference"
    );
}

#[test]
fn it_is_openapi_3_1_and_every_operation_is_complete() {
    let document = document();
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
    let mut names = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let place = format!("{method} {path}");
            assert!(
                names.insert(operation["operationId"].as_str().unwrap().to_owned()),
                "{place}: name used twice"
            );
            assert!(
                operation["summary"].as_str().is_some_and(|text| !text.is_empty()),
                "{place}: no summary"
            );
            assert!(
                operation["tags"].as_array().is_some_and(|tags| !tags.is_empty()),
                "{place}: no tag"
            );
            if path.starts_with("/api/") {
                check_guarded(&place, operation, &document);
            }
        }
    }
    assert!(names.len() > 60, "{}", names.len());
}

fn check_guarded(place: &str, operation: &Value, document: &Value) {
    let is_public = super::complete::PUBLIC.iter().any(|public| place.contains(public));
    let signs_in = operation["security"][0]["bearer"].is_array();
    assert_eq!(signs_in, !is_public, "{place}: sign-in");
    let refusals =
        if is_public { ["400", "404", "429", "503"] } else { ["400", "401", "403", "503"] };
    for status in refusals {
        let reference = operation["responses"][status]["$ref"].as_str().unwrap_or_default();
        let response = document.pointer(reference.trim_start_matches('#')).unwrap_or(&Value::Null);
        let content = &response["content"]["application/problem+json"];
        assert_eq!(content["schema"]["$ref"], "#/components/schemas/Problem", "{place}: {status}");
    }
    let has_key = operation["parameters"]
        .as_array()
        .is_some_and(|all| all.iter().any(|one| one["name"] == "Idempotency-Key"));
    let by_platform = super::complete::UNKEYED.iter().any(|order| place.contains(order));
    let is_command = place.starts_with("post /api/v1/tenants/{tenant}") && !by_platform;
    assert_eq!(has_key, is_command, "{place}: Idempotency-Key");
    if is_command {
        assert!(
            operation["responses"]["409"].is_object() && operation["responses"]["422"].is_object(),
            "{place}"
        );
    }
}

#[test]
fn every_reference_leads_somewhere() {
    let document = document();
    let mut wanted = BTreeSet::new();
    collect(&document, &mut wanted);
    for reference in wanted {
        let pointer = reference.trim_start_matches('#');
        assert!(document.pointer(pointer).is_some(), "{reference}");
    }
}

fn collect(value: &Value, wanted: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            wanted.extend(members.get("$ref").and_then(Value::as_str).map(str::to_owned));
            members.values().for_each(|member| collect(member, wanted));
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, wanted)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[test]
fn what_is_shown_is_one_object_with_the_members_of_all_its_parts() {
    let document = document();
    assert!(!document.to_string().contains("\"allOf\""));
    let shown = &document["components"]["schemas"]["View_SiteBody"];
    for member in ["slug", "timezone", "id", "version"] {
        assert!(shown["properties"][member].is_object(), "{member}: {shown}");
    }
    assert_eq!(shown.get("additionalProperties"), None, "a newer server may say more");
}
