//! The histograms of figures, for those who asked for them with the topic.
//!
//! They are made and written only when a frame is first encoded for somebody who asked: base64 where the form is
//! text, bytes where it is binary. Both are HdrHistogram's V2 with deflate.
//! Invariant: they are of the 15 minutes that the frame's percentiles are of.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::{Spread, Windows};
use persistence::Durations;
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use serde_json::Value;

/// What histograms are made of.
#[derive(Debug, Clone)]
pub struct Histograms(Arc<Windows>);

impl Histograms {
    pub(crate) const fn of(windows: Arc<Windows>) -> Self {
        Self(windows)
    }
}

impl Serialize for Histograms {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let window = &self.0.quarter;
        let mut map = serializer.serialize_map(Some(3))?;
        map.serialize_entry("wait", &Histogram(&window.wait))?;
        map.serialize_entry("walk", &Histogram(&window.walk))?;
        map.serialize_entry("service", &Histogram(&window.service))?;
        map.end()
    }
}

struct Histogram<'a>(&'a Spread);

impl Serialize for Histogram<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut all = Durations::default();
        all.record_all(self.0);
        let bytes = all.to_bytes().map_err(serde::ser::Error::custom)?;
        if serializer.is_human_readable() {
            return serializer.serialize_str(&STANDARD.encode(bytes));
        }
        serializer.serialize_bytes(&bytes)
    }
}

/// The data of a frame with its histograms beside the other members.
#[derive(Serialize)]
pub(super) struct Full<'a> {
    #[serde(flatten)]
    pub(super) data: Value,
    pub(super) histograms: &'a Histograms,
}
