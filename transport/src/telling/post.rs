//! Posting to the webhook of a chat: through the guard, a few times, and not for ever.
//!
//! What the other side will not take any better later (4xx, but for 408 and 429) is not tried again.
//! Invariant: an error says nothing of the address, which is a secret.

use std::time::Duration;

use serde_json::Value;
use tokio::time::sleep;

use crate::edge::Edge;
use crate::outgoing::GuardError;

/// Between the tries.
const PAUSES: [Duration; 3] =
    [Duration::from_secs(1), Duration::from_secs(5), Duration::from_secs(25)];

enum Failure {
    Final(String),
    /// It may go better later.
    Passing(String),
}

/// How often it was tried, and how that ended.
pub(super) async fn post(edge: &Edge, url: &str, body: &Value) -> (u32, Result<(), String>) {
    let mut tries = 0;
    for pause in PAUSES.map(Some).into_iter().chain([None]) {
        tries += 1;
        match (once(edge, url, body).await, pause) {
            (Ok(()), _) => return (tries, Ok(())),
            (Err(Failure::Passing(_)), Some(pause)) => sleep(pause).await,
            (Err(Failure::Final(why) | Failure::Passing(why)), _) => return (tries, Err(why)),
        }
    }
    (tries, Err("it was not tried".to_owned()))
}

async fn once(edge: &Edge, url: &str, body: &Value) -> Result<(), Failure> {
    let guard = edge.guard().map_err(|error| Failure::Final(error.to_string()))?;
    let request = guard.client().post(url).json(body).build();
    let request = request.map_err(|_| Failure::Final("the address cannot be called".to_owned()))?;
    let status = match guard.send(request).await {
        Ok(answer) => answer.status(),
        Err(error) => return Err(judged(&error)),
    };
    let said = || format!("the answer was {}", status.as_u16());
    match status.as_u16() {
        200..300 => Ok(()),
        408 | 429 | 500.. => Err(Failure::Passing(said())),
        _ => Err(Failure::Final(said())),
    }
}

fn judged(error: &GuardError) -> Failure {
    match error {
        GuardError::NotAWebAddress(_) => Failure::Final("it is not a web address".to_owned()),
        GuardError::Forbidden(_) => Failure::Final("its address is not public".to_owned()),
        GuardError::TooLong => Failure::Final("the answer is too long".to_owned()),
        GuardError::UnknownName(_) => Failure::Passing("its name is not known".to_owned()),
        GuardError::Failed(_) => Failure::Passing("there was no answer".to_owned()),
    }
}
