//! What is remembered of each provider: its metadata and its keys, for an hour.
//!
//! One asks at a time, the others wait for the answer. Keys are asked for again when a token names one that is not known,
//! once a minute at most, and a provider that failed is left alone for some seconds: nobody floods it through us.
//! Invariant: a key that the provider took back is not used for more than an hour.

use std::sync::Arc;

use dashmap::DashMap;
use domain::{Secs, Timestamp};
use jsonwebtoken::jwk::Jwk;
use reqwest::header::ACCEPT;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::sync::Mutex;

use super::Fault;
use super::metadata::{Document, Metadata, address};
use crate::edge::Edge;
use crate::outgoing::Guard;

/// For how long an answer is good.
const GOOD_FOR: Secs = Secs(3_600);
/// Between two questions for keys because of one that is not known.
const KEYS_GAP: Secs = Secs(60);
/// For how long a provider that failed is left alone.
const FAILED_GAP: Secs = Secs(10);
/// Providers at once; their documents take some kilobytes each.
const PROVIDERS_MAX: usize = 1_024;
const KEYS_MAX: usize = 64;

/// Everything that is remembered, by issuer: a provider's own answers about itself are everybody's.
#[derive(Default)]
pub(crate) struct Outside {
    known: DashMap<String, Arc<Mutex<Known>>>,
}

#[derive(Default)]
struct Known {
    metadata: Option<(Metadata, Timestamp)>,
    keys: Option<(Vec<Jwk>, Timestamp)>,
    failed: Option<(Fault, Timestamp)>,
}

#[derive(Deserialize)]
struct KeySet {
    keys: Vec<Value>,
}

impl Outside {
    /// # Errors
    /// What the provider did wrong.
    pub(crate) async fn metadata(&self, edge: &Edge, issuer: &str) -> Result<Metadata, Fault> {
        let place = self.place(issuer);
        let mut known = place.lock().await;
        known.metadata(edge, issuer).await
    }

    /// The key of `issuer` that is called `kid`; none when there is none.
    ///
    /// # Errors
    /// What the provider did wrong.
    pub(crate) async fn key(
        &self,
        edge: &Edge,
        issuer: &str,
        kid: &str,
    ) -> Result<Option<Jwk>, Fault> {
        let place = self.place(issuer);
        let mut known = place.lock().await;
        let now = edge.engine().clock().now();
        if known.keys.as_ref().is_none_or(|(_, at)| at.after(GOOD_FOR) <= now) {
            known.ask_keys(edge, issuer).await?;
        }
        if known.called(kid).is_none() && known.may_ask_again(now) {
            known.ask_keys(edge, issuer).await?;
        }
        Ok(known.called(kid).cloned())
    }

    /// Asks for everything anew: when somebody configures the provider.
    ///
    /// # Errors
    /// What the provider did wrong.
    pub(crate) async fn check(&self, edge: &Edge, issuer: &str) -> Result<(), Fault> {
        let place = self.place(issuer);
        let mut known = place.lock().await;
        *known = Known::default();
        known.ask_keys(edge, issuer).await?;
        match &known.keys {
            Some((keys, _)) if !keys.is_empty() => Ok(()),
            Some(_) | None => Err(Fault("the provider publishes no key to check with".to_owned())),
        }
    }

    fn place(&self, issuer: &str) -> Arc<Mutex<Known>> {
        if self.known.len() >= PROVIDERS_MAX && !self.known.contains_key(issuer) {
            self.known.clear();
        }
        Arc::clone(&self.known.entry(issuer.to_owned()).or_default())
    }
}

impl Known {
    async fn metadata(&mut self, edge: &Edge, issuer: &str) -> Result<Metadata, Fault> {
        let now = edge.engine().clock().now();
        if let Some((metadata, at)) = &self.metadata
            && at.after(GOOD_FOR) > now
        {
            return Ok(metadata.clone());
        }
        self.left_alone(now)?;
        let asked = fetch::<Document>(edge, &address(issuer), "the discovery document").await;
        let metadata = self.noted(asked.and_then(|document| document.of(issuer)), now)?;
        self.metadata = Some((metadata.clone(), now));
        Ok(metadata)
    }

    async fn ask_keys(&mut self, edge: &Edge, issuer: &str) -> Result<(), Fault> {
        let metadata = self.metadata(edge, issuer).await?;
        let now = edge.engine().clock().now();
        self.left_alone(now)?;
        let asked = fetch::<KeySet>(edge, &metadata.jwks_uri, "the keys (jwks_uri)").await;
        let set = self.noted(asked, now)?;
        // A key of a kind that we do not know is left out rather than the whole set.
        let known = set.keys.into_iter().filter_map(|key| serde_json::from_value::<Jwk>(key).ok());
        self.keys = Some((known.take(KEYS_MAX).collect(), now));
        Ok(())
    }

    fn called(&self, kid: &str) -> Option<&Jwk> {
        let (keys, _) = self.keys.as_ref()?;
        let mut found = keys.iter().filter(|key| key.common.key_id.as_deref() == Some(kid));
        // Two of one name would let the first stand in for the second.
        found.next().filter(|_| found.next().is_none())
    }

    fn may_ask_again(&self, now: Timestamp) -> bool {
        self.keys.as_ref().is_none_or(|(_, at)| at.after(KEYS_GAP) <= now)
    }

    fn left_alone(&self, now: Timestamp) -> Result<(), Fault> {
        match &self.failed {
            Some((fault, at)) if at.after(FAILED_GAP) > now => Err(fault.clone()),
            Some(_) | None => Ok(()),
        }
    }

    fn noted<T>(&mut self, outcome: Result<T, Fault>, now: Timestamp) -> Result<T, Fault> {
        self.failed = outcome.as_ref().err().map(|fault| (fault.clone(), now));
        outcome
    }
}

async fn fetch<T: DeserializeOwned>(edge: &Edge, address: &str, what: &str) -> Result<T, Fault> {
    let failed = |why: String| Fault(format!("{what} was not got: {why}"));
    let guard = edge.guard().map_err(|error| failed(error.to_string()))?;
    let request = guard.client().get(address).header(ACCEPT, "application/json").build();
    let request = request.map_err(|_| failed("its address cannot be asked".to_owned()))?;
    let answer = guard.send(request).await.map_err(|error| failed(error.to_string()))?;
    let status = answer.status().as_u16();
    if status != 200 {
        return Err(failed(format!("the answer was {status}")));
    }
    let body = Guard::body(answer).await.map_err(|error| failed(error.to_string()))?;
    serde_json::from_slice(&body).map_err(|_| failed("the answer is not of its form".to_owned()))
}
