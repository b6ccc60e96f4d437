//! Asks a struct for the names of its fields, so that no list of keys can drift from the structs.
//!
//! serde hands a derived `Deserialize` the static list of its fields; this deserializer takes the list
//! and stops there. Invariant: nothing is ever read; the answer depends on the type alone.

use serde::de::value::Error;
use serde::de::{DeserializeOwned, Deserializer, Error as _, Visitor};
use serde::forward_to_deserialize_any;

/// The keys that `S` understands, in the order they are written there.
pub(super) fn fields_of<S: DeserializeOwned>() -> &'static [&'static str] {
    let mut names: &'static [&'static str] = &[];
    // The error is how the visit ends: the names are taken by then.
    let _ = S::deserialize(TakeNames(&mut names));
    names
}

struct TakeNames<'a>(&'a mut &'static [&'static str]);

impl<'de> Deserializer<'de> for TakeNames<'_> {
    type Error = Error;

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        fields: &'static [&'static str],
        _visitor: V,
    ) -> Result<V::Value, Error> {
        *self.0 = fields;
        Err(Error::custom("only the names were wanted"))
    }

    fn deserialize_any<V: Visitor<'de>>(self, _visitor: V) -> Result<V::Value, Error> {
        Err(Error::custom("not a struct"))
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit
        unit_struct newtype_struct seq tuple tuple_struct map enum identifier ignored_any
    }
}
