//! What is shown is one object: a body and what the server adds to it, with the members of both.
//!
//! As "all of" its parts it would be met by nothing: a body refuses members that it does not know, and each part of an
//! `allOf` is judged alone (JSON Schema 2020-12, 10.2.1.1).
//! Invariant: no `allOf` remains whose parts are objects.

use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{AllOf, ArrayItems, Components, Object, Schema};

const SCHEMAS: &str = "#/components/schemas/";

/// Makes one object of every `allOf` of objects.
pub(super) fn join(components: &mut Components) {
    let named = components.clone();
    for schema in components.schemas.values_mut() {
        join_in(schema, &named);
    }
}

fn join_in(schema: &mut RefOr<Schema>, named: &Components) {
    if let RefOr::T(Schema::AllOf(parts)) = schema
        && let Some(whole) = whole(parts, named)
    {
        *schema = RefOr::T(Schema::Object(whole));
    }
    match schema {
        RefOr::T(Schema::Object(object)) => {
            object.properties.values_mut().for_each(|member| join_in(member, named));
        }
        RefOr::T(Schema::Array(array)) => {
            if let ArrayItems::RefOrSchema(item) = &mut array.items {
                join_in(item, named);
            }
        }
        RefOr::T(Schema::OneOf(choice)) => {
            choice.items.iter_mut().for_each(|item| join_in(item, named));
        }
        RefOr::T(_) | RefOr::Ref(_) => {}
    }
}

/// The members of all parts; none if a part is no object.
fn whole(parts: &AllOf, named: &Components) -> Option<Object> {
    let mut whole = Object::new();
    for part in &parts.items {
        let part = object(part, named)?;
        whole.properties.extend(part.properties);
        whole.required.extend(part.required);
        whole.description = part.description.or(whole.description);
    }
    whole.description = parts.description.clone().or(whole.description);
    whole.example.clone_from(&parts.example);
    Some(whole)
}

fn object(schema: &RefOr<Schema>, named: &Components) -> Option<Object> {
    match schema {
        RefOr::Ref(reference) => {
            let name = reference.ref_location.strip_prefix(SCHEMAS)?;
            object(named.schemas.get(name)?, named)
        }
        RefOr::T(Schema::Object(object)) => Some(object.clone()),
        RefOr::T(Schema::AllOf(parts)) => whole(parts, named),
        RefOr::T(_) => None,
    }
}
