//! The topics that one connection follows, and leaving them.
//!
//! A topic is noted before it is asked for, so that an attachment still on its way is undone too.
//! Invariant: once this is dropped the hub holds nothing of the connection; drop its receiver first.

use actors::{SubscriberId, Tenant, Topic};

/// What one signed-in connection follows.
pub(crate) struct Following {
    tenant: Tenant,
    id: SubscriberId,
    topics: Vec<Topic>,
}

impl Following {
    pub(crate) const fn nothing(tenant: Tenant, id: SubscriberId) -> Self {
        Self { tenant, id, topics: Vec::new() }
    }

    /// Notes `topic`; false when it is one too many. Following one again is no more than following it.
    pub(crate) fn note(&mut self, topic: Topic, topics_max: usize) -> bool {
        if self.follows(topic) {
            return true;
        }
        let has_room = self.topics.len() < topics_max;
        if has_room {
            self.topics.push(topic);
        }
        has_room
    }

    pub(crate) fn follows(&self, topic: Topic) -> bool {
        self.topics.contains(&topic)
    }

    pub(crate) fn topics(&self) -> &[Topic] {
        &self.topics
    }

    /// Leaves `topic`, followed or not.
    pub(crate) fn leave(&mut self, topic: Topic) {
        self.topics.retain(|followed| *followed != topic);
        self.tenant.unsubscribe(topic, self.id);
    }
}

impl Drop for Following {
    fn drop(&mut self) {
        for topic in &self.topics {
            self.tenant.unsubscribe(*topic, self.id);
        }
    }
}
