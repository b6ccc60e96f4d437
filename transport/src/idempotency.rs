//! Doing a thing once per idempotency key, through restarts.
//!
//! A key belongs to tenant, principal and route; its request is known by a fingerprint. The first answer that the rules
//! decided is kept and given again; what failed on the way is not, so that it can be tried again.
//! Invariant: a kept answer is shown only to a caller who was let in and found allowed just now.

use actors::{AskError, Claim, Key, KeyGuard, TicketView, Who};
use sha2::{Digest, Sha256};

use crate::command::Answer;
use crate::edge::Caller;
use crate::problem::{Code, Problem};

/// A request as its key sees it.
#[derive(Debug, Clone)]
pub(crate) struct Origin {
    /// Method and route, or the name of a socket's command. Part of the key's scope.
    pub(crate) template: String,
    /// Where it was sent; for problems and for the address of what is made.
    pub(crate) path: String,
    pub(crate) key: String,
    /// SHA-256 of media type, path and body.
    pub(crate) fingerprint: [u8; 32],
    /// The id of the request.
    pub(crate) trace: String,
}

/// How a thing was done.
pub(crate) enum Deed {
    /// The reply was kept in the transaction of what was done.
    Kept(Answer),
    /// Nothing of the journal carries the reply.
    Unkept(Answer),
}

impl Origin {
    /// What the journal calls it: it finds the key without holding what the client wrote.
    pub(crate) fn cause(hash: &[u8; 32]) -> String {
        hash[..8].iter().fold("key:".to_owned(), |text, byte| format!("{text}{byte:02x}"))
    }

    /// The key for an answer of `status` with the ticket as its body.
    pub(crate) fn ticket_key(&self, hash: [u8; 32], status: u16) -> Key {
        Key { hash, fingerprint: self.fingerprint, status, render: written }
    }

    /// SHA-256 of everything a key belongs to.
    pub(crate) fn hash(&self, caller: &Caller) -> [u8; 32] {
        let mut digest = Sha256::new();
        digest.update(caller.tenant.id().0.as_bytes());
        match &caller.principal.who {
            Who::Agent(id) => part(&mut digest, b"agent", id.0.as_bytes()),
            Who::Device(id) => part(&mut digest, b"device", id.0.as_bytes()),
            Who::Subject(subject) => part(&mut digest, b"subject", subject.as_bytes()),
            Who::System => part(&mut digest, b"system", b""),
        }
        part(&mut digest, b"route", self.template.as_bytes());
        part(&mut digest, b"key", self.key.as_bytes());
        digest.finalize().into()
    }
}

/// SHA-256 over the parts of a request; the same request has the same fingerprint.
pub(crate) fn fingerprint(
    media_type: &str,
    path: &str,
    expected: Option<u64>,
    body: &[u8],
) -> [u8; 32] {
    let mut digest = Sha256::new();
    part(&mut digest, b"type", media_type.as_bytes());
    part(&mut digest, b"path", path.as_bytes());
    if let Some(version) = expected {
        part(&mut digest, b"if-match", &version.to_be_bytes());
    }
    part(&mut digest, b"body", body);
    digest.finalize().into()
}

/// Lengths are part of it, so that no two lists of parts look alike.
fn part(digest: &mut Sha256, name: &[u8], value: &[u8]) {
    digest.update(name);
    digest.update((value.len() as u64).to_be_bytes());
    digest.update(value);
}

fn written(ticket: &TicketView) -> String {
    serde_json::to_string(ticket).unwrap_or_default()
}

/// Does `work` unless its key was used before, and gives the first answer then.
///
/// # Errors
/// 409 while the first request is under way, 422 for another request with the key, and what `work` fails with.
pub(crate) async fn once<W, F>(caller: &Caller, origin: &Origin, work: W) -> Result<Answer, Problem>
where
    W: FnOnce([u8; 32]) -> F,
    F: Future<Output = Result<Deed, AskError>>,
{
    let hash = origin.hash(caller);
    match caller.tenant.claim_key(hash, origin.fingerprint).await? {
        Claim::New(guard) => settle(guard, work(hash).await, origin).await,
        Claim::Replay { status, body } => Ok(Answer::again(status, body, &origin.path)),
        Claim::InFlight => Err(Problem::of(Code::KeyInFlight).retry_after(1)),
        Claim::Mismatch => Err(Problem::of(Code::KeyReused)),
    }
}

async fn settle(
    guard: KeyGuard,
    outcome: Result<Deed, AskError>,
    origin: &Origin,
) -> Result<Answer, Problem> {
    match outcome {
        Ok(Deed::Kept(answer)) => Ok(answer),
        Ok(Deed::Unkept(answer)) => keep(guard, answer).await,
        Err(error) if is_an_answer(&error) => {
            let problem = Problem::from(error);
            let body = problem.to_value(Some(&origin.path), Some(&origin.trace)).to_string();
            keep(guard, Answer::new(problem.status().as_u16(), body)).await
        }
        Err(error) => Err(error.into()),
    }
}

async fn keep(guard: KeyGuard, answer: Answer) -> Result<Answer, Problem> {
    guard.keep(answer.status, answer.body.clone()).await?;
    Ok(answer)
}

/// Whether the rules decided. Bad input, overload and failure are not kept: they may go better next time.
fn is_an_answer(error: &AskError) -> bool {
    match error {
        AskError::Refused(_)
        | AskError::NotFound
        | AskError::Taken { .. }
        | AskError::InUse { .. } => true,
        AskError::Invalid { .. }
        | AskError::Busy { .. }
        | AskError::OutcomeUnknown
        | AskError::Quarantined { .. }
        | AskError::QueueQuarantined
        | AskError::Stopping => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_covers_every_part_and_where_it_ends() {
        let of = fingerprint("application/json", "/a", None, b"{}");
        assert_eq!(of, fingerprint("application/json", "/a", None, b"{}"));
        assert_ne!(of, fingerprint("application/json", "/a", None, b"{} "));
        assert_ne!(of, fingerprint("application/json", "/b", None, b"{}"));
        assert_ne!(of, fingerprint("", "/a", None, b"{}"));
        assert_ne!(of, fingerprint("application/json", "/a", Some(1), b"{}"));
        assert_ne!(fingerprint("a", "bc", None, b""), fingerprint("ab", "c", None, b""));
    }

    #[test]
    fn only_what_the_rules_decided_is_kept() {
        assert!(is_an_answer(&AskError::NotFound));
        assert!(is_an_answer(&AskError::Refused(domain::Refusal::QueueClosed)));
        assert!(!is_an_answer(&AskError::OutcomeUnknown));
        assert!(!is_an_answer(&AskError::Busy { retry_after_secs: 1, own_limit: true }));
        assert!(!is_an_answer(&AskError::Invalid {
            field: "name".to_owned(),
            remedy: "give one".to_owned()
        }));
    }
}
