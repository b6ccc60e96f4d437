//! Skills: what an agent can do and a ticket may ask for.
//!
//! A set is sorted and shared, so that it is cheap to clone, to compare and to use as a key.
//! Invariant: skills filter, they never score: an agent either can serve a ticket or cannot.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// A sorted set of skills without repetition. The empty set asks for nothing.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(from = "Vec<String>", into = "Vec<String>")]
pub struct SkillSet(Arc<[Arc<str>]>);

impl SkillSet {
    /// True when every skill asked for here is among those of `agent`.
    pub fn met_by(&self, agent: &Self) -> bool {
        self.0.iter().all(|skill| agent.0.binary_search(skill).is_ok())
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(AsRef::as_ref)
    }

    /// What either set holds.
    pub fn union(&self, other: &Self) -> Self {
        self.iter().chain(other.iter()).map(str::to_owned).collect::<Vec<_>>().into()
    }
}

impl From<Vec<String>> for SkillSet {
    fn from(mut names: Vec<String>) -> Self {
        names.sort_unstable();
        names.dedup();
        Self(names.into_iter().map(Arc::from).collect())
    }
}

impl From<SkillSet> for Vec<String> {
    fn from(set: SkillSet) -> Self {
        set.iter().map(str::to_owned).collect()
    }
}
