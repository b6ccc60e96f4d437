//! An instant as clients write it: RFC 3339 with `Z` or an offset.
//!
//! Years are bounded, so that no arithmetic on an instant can leave what calendars know.
//! Invariant: what passes lies between 2000 and 2100.

use std::str::FromStr;

use domain::Timestamp;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, Schema, SchemaFormat, Type};

/// 2000-01-01T00:00:00Z and 2100-01-01T00:00:00Z.
const BOUNDS: std::ops::Range<Timestamp> =
    Timestamp::from_secs(946_684_800)..Timestamp::from_secs(4_102_444_800);
const REMEDY: &str = "give an instant of this century in RFC 3339, such as 2026-03-04T09:30:00Z";

/// An instant that a client wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Instant(pub(crate) Timestamp);

impl FromStr for Instant {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, &'static str> {
        let read: jiff::Timestamp = text.parse().map_err(|_| REMEDY)?;
        let instant = Timestamp::from(read);
        if BOUNDS.contains(&instant) { Ok(Self(instant)) } else { Err(REMEDY) }
    }
}

impl<'de> Deserialize<'de> for Instant {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

impl utoipa::PartialSchema for Instant {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)))
            .into()
    }
}

impl utoipa::ToSchema for Instant {}
