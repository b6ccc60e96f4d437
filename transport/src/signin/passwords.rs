//! Passwords: argon2id, a few at a time, away from the tasks that serve requests.
//!
//! A hash costs 19 MiB and tens of milliseconds on purpose, so as many are made at once as there are seats, a few more
//! wait, and the rest is told to come back.
//! Invariant: judging a password takes the same work whether or not there is one to compare it with.

mod weak;

use std::sync::Arc;

use argon2::{Algorithm, Argon2, Params, Version};
use aws_lc_rs::rand;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::oauth::same;
use crate::problem::{Code, Problem};

pub(super) use weak::is_weak;

/// Hashes at once: at 19 MiB each, and a core or two to make them on.
const SEATS: usize = 2;
/// Hashes that may wait for a seat: about a second's worth.
const WAITING_MAX: usize = 16;
/// What OWASP asks for at least: 19 MiB, two passes, one lane.
const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;
const LANES: u32 = 1;
const HASH_BYTES: usize = 32;
const SALT_BYTES: usize = 16;
/// Nobody types more, and nobody may make us hash more. Letters of some scripts take three bytes each.
const PASSWORD_BYTES_MAX: usize = 512;

/// Makes and compares hashes.
#[derive(Debug)]
pub(crate) struct Passwords {
    seats: Arc<Semaphore>,
    line: Arc<Semaphore>,
}

impl Default for Passwords {
    fn default() -> Self {
        let (seats, line) = (Semaphore::new(SEATS), Semaphore::new(SEATS + WAITING_MAX));
        Self { seats: Arc::new(seats), line: Arc::new(line) }
    }
}

impl Passwords {
    /// Whether `given` is the password of `known`; with nothing known the same work is done for nothing.
    ///
    /// # Errors
    /// 429 when too many wait.
    pub(crate) async fn verify(&self, given: &str, known: Option<String>) -> Result<bool, Problem> {
        let given = given.to_owned();
        self.work(move || {
            let parsed = known.as_deref().and_then(parse);
            let (salt, expected) = parsed.unwrap_or(([0; SALT_BYTES], [0; HASH_BYTES]));
            let made = derive(&given, &salt).unwrap_or_default();
            same(&made, &expected) && parsed.is_some()
        })
        .await
    }

    /// A PHC string.
    ///
    /// # Errors
    /// 429 when too many wait.
    pub(crate) async fn hash(&self, password: &str) -> Result<String, Problem> {
        let password = password.to_owned();
        let made = self.work(move || {
            let mut salt = [0; SALT_BYTES];
            rand::fill(&mut salt).ok()?;
            Some(written(&salt, &derive(&password, &salt)?))
        });
        made.await?.ok_or(Problem::of(Code::Internal))
    }

    async fn work<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Problem> {
        // Counted by the test of what a sign-in costs.
        tracing::trace!(target: "transport::hash", "a hash begins");
        let busy = || Problem::of(Code::TooManyRequests).retry_after(1);
        let place: OwnedSemaphorePermit =
            Arc::clone(&self.line).try_acquire_owned().map_err(|_| busy())?;
        let seat = Arc::clone(&self.seats).acquire_owned().await.map_err(|_| busy())?;
        let done = tokio::task::spawn_blocking(move || {
            let done = work();
            drop((seat, place));
            done
        });
        done.await.map_err(|_| Problem::of(Code::Internal))
    }
}

fn derive(password: &str, salt: &[u8]) -> Option<[u8; HASH_BYTES]> {
    if password.len() > PASSWORD_BYTES_MAX {
        return None;
    }
    let params = Params::new(MEMORY_KIB, PASSES, LANES, Some(HASH_BYTES)).ok()?;
    let mut out = [0; HASH_BYTES];
    let hasher = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    hasher.hash_password_into(password.as_bytes(), salt, &mut out).ok()?;
    Some(out)
}

fn head() -> String {
    format!("$argon2id$v=19$m={MEMORY_KIB},t={PASSES},p={LANES}$")
}

fn written(salt: &[u8], hash: &[u8]) -> String {
    format!("{}{}${}", head(), STANDARD_NO_PAD.encode(salt), STANDARD_NO_PAD.encode(hash))
}

/// Salt and hash of a PHC string of ours.
fn parse(text: &str) -> Option<([u8; SALT_BYTES], [u8; HASH_BYTES])> {
    let (salt, hash) = text.strip_prefix(&head())?.split_once('$')?;
    let bytes = |text: &str| STANDARD_NO_PAD.decode(text).ok();
    Some((bytes(salt)?.try_into().ok()?, bytes(hash)?.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_hash_fits_its_own_password_only() {
        let passwords = Passwords::default();
        let hash = passwords.hash("a long sentence").await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert_ne!(hash, passwords.hash("a long sentence").await.unwrap(), "salted");
        assert_eq!(passwords.verify("a long sentence", Some(hash.clone())).await, Ok(true));
        assert_eq!(passwords.verify("a long sentencE", Some(hash)).await, Ok(false));
        assert_eq!(passwords.verify("", None).await, Ok(false));
        assert_eq!(
            passwords.verify("a long sentence", Some("nonsense".to_owned())).await,
            Ok(false)
        );
    }

    #[tokio::test]
    async fn more_than_can_wait_is_told_to_come_back() {
        let passwords = Passwords::default();
        let all = (0..SEATS + WAITING_MAX + 3).map(|_| passwords.verify("x", None));
        let answers = futures_util::future::join_all(all).await;
        assert_eq!(answers.iter().filter(|answer| answer.is_err()).count(), 3);
    }
}
