//! How the document of the API describes what the domain makes of several forms.
//!
//! Invariant: each describes exactly what serde reads and writes.

use utoipa::openapi::schema::{AdditionalProperties, Schema, Type};
use utoipa::openapi::{ObjectBuilder, OneOfBuilder, RefOr};

/// [`domain::Placement`]: a word, or an object with the number of people to stand behind.
pub fn placement() -> RefOr<Schema> {
    let word = ObjectBuilder::new().schema_type(Type::String).enum_values(Some(["keep", "first"]));
    let people = ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(0));
    let behind = ObjectBuilder::new()
        .property("behind", people)
        .required("behind")
        .additional_properties(Some(AdditionalProperties::FreeForm(false)));
    let description = "`keep` (by arrival), `first` or `{\"behind\": n}`.";
    let either = OneOfBuilder::new().item(word).item(behind).description(Some(description));
    RefOr::T(either.build().into())
}

#[cfg(test)]
mod tests {
    use domain::Placement;
    use serde_json::json;

    use super::*;

    #[test]
    fn a_placement_is_described_as_it_is_written() {
        let schema = serde_json::to_value(placement()).unwrap();
        let words = json!([Placement::Keep, Placement::First]);
        assert_eq!(schema["oneOf"][0]["enum"], words);
        let behind = json!(Placement::Behind(3));
        assert_eq!(
            schema["oneOf"][1]["required"][0],
            *behind.as_object().unwrap().keys().next().unwrap()
        );
    }
}
