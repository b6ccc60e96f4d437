//! Sockets and event streams, by the form that they speak: how many were opened, and how many have ended.
//!
//! Two counters rather than a gauge, so that those which came and went between two scrapes are seen.
//! Invariant: what was opened ends once, when it is dropped.

use std::sync::Arc;

use actors::{Count, Wire};

use super::text::Text;

const FORMS: [&str; 4] = ["json", "msgpack", "event_stream", "one_topic"];

#[derive(Default)]
struct Form {
    opened: Count,
    ended: Count,
}

/// All of them.
#[derive(Default)]
pub(crate) struct Sockets([Form; 4]);

/// One that is open.
pub(crate) struct OpenSocket(Arc<Sockets>, usize);

impl Sockets {
    pub(crate) fn open(self: &Arc<Self>, wire: Wire) -> OpenSocket {
        let place = match wire {
            Wire::Json | Wire::JsonFull => 0,
            Wire::MsgPack | Wire::MsgPackFull => 1,
            Wire::EventStream => 2,
            Wire::Compat => 3,
        };
        self.0[place].opened.one();
        OpenSocket(Arc::clone(self), place)
    }

    pub(super) fn write(&self, text: &mut Text) {
        let each = |count: fn(&Form) -> &Count| -> Vec<(String, u64)> {
            let named = self.0.iter().zip(FORMS);
            named.map(|(form, name)| (format!("kind=\"{name}\""), count(form).get())).collect()
        };
        let opened = "Signed-in sockets and event streams opened.";
        text.counter("smartqueue_sockets_opened_total", opened, &each(|form| &form.opened));
        let ended = "Those of them that have ended.";
        text.counter("smartqueue_sockets_ended_total", ended, &each(|form| &form.ended));
    }
}

impl Drop for OpenSocket {
    fn drop(&mut self) {
        self.0.0[self.1].ended.one();
    }
}
