//! The model: a filter for the whole queue, one for each class that has been labelled, and the spread of their errors.
//!
//! A prediction leaves a snapshot; when the wait is over, the snapshot and the wait together are the lesson.
//! A filter that is no longer finite starts again. Invariant: P10 ≤ P50 ≤ P90, and what the model adds to the common
//! formula is at most a factor of e³.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::average::Ew;
use super::features::{FEATURES, Features, Readings, View};
use super::filter::Filter;
use super::quantile::Quantiles;
use super::{Estimate, seconds};
use crate::class::ClassKey;
use crate::time::{Secs, Timestamp};

const POOL_VARIANCE: f64 = 0.05;
const CLASS_VARIANCE: f64 = 0.02;
/// Median over mean of a wait that is about exponential.
const AT_FIRST: f64 = -0.25;
/// Bounds on what is added to the logarithm of the common formula, and on what one label may teach.
const ADDED_MAX: f64 = 3.0;
const ERROR_MAX: f64 = 2.0;
const SLOW: f64 = 0.005;
/// People ahead up to which a bucket reaches; the last bucket has no end.
const EDGES: [u32; 9] = [0, 1, 2, 3, 5, 8, 12, 20, 40];
const BUCKETS: usize = EDGES.len() + 1;

/// A predicted wait in seconds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Prediction {
    pub p10: f64,
    pub p50: f64,
    pub p90: f64,
}

/// What must be kept of a prediction to learn from it.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Snapshot {
    pub(super) at: Timestamp,
    pub(super) live: bool,
    features: Vec<f64>,
    common: f64,
    /// The logarithm of the middle of the prediction.
    middle: f64,
    bucket: u8,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Model {
    pool: Filter,
    classes: BTreeMap<ClassKey, Filter>,
    /// Of predictions at arrival, then of live ones.
    errors: Vec<Quantiles>,
    slow: Ew,
}

impl Default for Model {
    fn default() -> Self {
        Self {
            pool: pool_at_first(),
            classes: BTreeMap::new(),
            errors: vec![Quantiles::default(); 2 * BUCKETS],
            slow: Ew::new(SLOW),
        }
    }
}

fn pool_at_first() -> Filter {
    let mut coefficients = [0.0; FEATURES];
    coefficients[0] = AT_FIRST;
    Filter::new(coefficients, POOL_VARIANCE)
}

fn bucket_of(view: &View) -> u8 {
    let place = EDGES.iter().filter(|edge| view.ahead > **edge).count();
    u8::try_from(place + if view.live { BUCKETS } else { 0 }).unwrap_or(0)
}

impl Model {
    /// The wait of a ticket of `class` that stands as `view` says.
    pub fn predict(&self, class: &ClassKey, view: &View, read: &Readings) -> Prediction {
        self.ranged(&self.look(class, view, read, Timestamp::default()))
    }

    /// Looks without answering: what [`Self::ranged`] turns into a range and [`Self::label`] learns from.
    pub fn look(&self, class: &ClassKey, view: &View, read: &Readings, at: Timestamp) -> Snapshot {
        let features = view.features(read, self.slow.mean());
        let common = view.common(read);
        let filter = self.classes.get(class).unwrap_or(&self.pool);
        let middle = common + filter.says(&features).clamp(-ADDED_MAX, ADDED_MAX);
        let bucket = bucket_of(view);
        Snapshot { at, live: view.live, features: features.to_vec(), common, middle, bucket }
    }

    pub fn ranged(&self, seen: &Snapshot) -> Prediction {
        let errors = self.errors.get(usize::from(seen.bucket)).copied().unwrap_or_default();
        let [p10, p50, p90] = errors.values().map(|error| (seen.middle + error).exp());
        Prediction { p10, p50, p90 }
    }

    /// Learns that from the snapshot on it took `wait` seconds until a ticket of `class` was called.
    pub fn label(&mut self, class: &ClassKey, seen: &Snapshot, wait: f64) {
        let wait = wait.max(1.0).ln();
        if let Some(errors) = self.errors.get_mut(usize::from(seen.bucket)) {
            errors.add(wait - seen.middle);
        }
        let features = features_of(seen);
        let target = wait - seen.common;
        let for_pool = (target - self.pool.says(&features)).clamp(-ERROR_MAX, ERROR_MAX);
        self.label_class(class, &features, target);
        if !self.pool.learn(&features, for_pool) {
            self.pool = pool_at_first();
        }
        if !seen.live {
            self.slow.add(wait);
        }
    }

    fn label_class(&mut self, class: &ClassKey, features: &Features, target: f64) {
        let pool = &self.pool;
        let begin = || Filter::new(pool.coefficients(), CLASS_VARIANCE);
        if !self.classes.contains_key(class) {
            self.classes.insert(class.clone(), begin());
        }
        let Some(own) = self.classes.get_mut(class) else { return };
        let error = (target - own.says(features)).clamp(-ERROR_MAX, ERROR_MAX);
        if !own.learn(features, error) {
            *own = begin();
        }
    }
}

fn features_of(seen: &Snapshot) -> Features {
    let mut features = [0.0; FEATURES];
    features.iter_mut().zip(&seen.features).for_each(|(to, from)| *to = *from);
    features
}

impl Snapshot {
    /// Seconds from the snapshot to `called_at`.
    pub(super) fn wait_until(&self, called_at: Timestamp) -> f64 {
        seconds(self.at, called_at)
    }
}

impl Prediction {
    pub fn holds(&self, wait: f64) -> bool {
        (self.p10..=self.p90).contains(&wait)
    }
}

impl From<Prediction> for Estimate {
    fn from(wait: Prediction) -> Self {
        Self {
            p10: Secs::rounded(wait.p10),
            p50: Secs::rounded(wait.p50),
            p90: Secs::rounded(wait.p90),
        }
    }
}
