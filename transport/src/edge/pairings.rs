//! Pages that ask to be let in as devices: each shows a code of six digits, for ten minutes, until somebody enters it.
//!
//! They live in memory only: an unknown page can fill no table, and after a restart it simply shows another code.
//! Invariants: two pages never show the same code; what a page is granted is given out once, to whoever holds the
//! secret that the page alone was told.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use actors::{DeviceKind, Tenant, Who};
use aws_lc_rs::rand;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::{DeviceId, Secs, Timestamp};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::address::ClientAddress;
use crate::problem::{Code, Problem};

/// How long a code is shown.
pub(crate) const GOOD_FOR: Secs = Secs(600);
/// Codes shown at once, of a million: whoever mistypes one hits another with a chance of one in a thousand at most.
const SHOWN_MAX: usize = 1_000;
/// Of those, from one address: a branch that puts up its devices in one morning.
const SHOWN_PER_ADDRESS_MAX: usize = 20;
const CODES: u32 = 1_000_000;
/// Draws of a code that nobody shows; each fails with a chance of one in a thousand at most.
const DRAWS_MAX: usize = 20;

/// What a page is told when it asks.
pub(crate) struct Begun {
    pub(crate) id: Uuid,
    pub(crate) code: String,
    pub(crate) secret: String,
}

/// A code that somebody entered; held until the device is there or the code is given back.
pub(crate) struct Offered {
    id: Uuid,
    code: u32,
    pub(crate) kind: DeviceKind,
}

/// What a page is granted: to be this device.
#[derive(Clone)]
pub(crate) struct Grant {
    pub(crate) tenant: Tenant,
    pub(crate) device: DeviceId,
    /// Who let it in.
    pub(crate) by: Who,
}

/// What a page hears when it asks again.
pub(crate) enum Claimed {
    /// Nobody has entered the code yet.
    Waiting,
    Granted(Grant),
}

struct Pairing {
    secret: [u8; 32],
    kind: DeviceKind,
    address: ClientAddress,
    ends: Timestamp,
    grant: Option<Grant>,
}

#[derive(Default)]
struct Shown {
    by_id: HashMap<Uuid, Pairing>,
    by_code: HashMap<u32, Uuid>,
}

/// All pages that ask to be let in.
#[derive(Default)]
pub(crate) struct Pairings {
    shown: Mutex<Shown>,
}

impl Pairings {
    /// A code for a page, and the secret by which it is known again.
    ///
    /// # Errors
    /// 429 when this address shows too many codes, 503 when all together do.
    pub(crate) fn begin(
        &self,
        kind: DeviceKind,
        address: ClientAddress,
        id: Uuid,
        now: Timestamp,
    ) -> Result<Begun, Problem> {
        let mut secret = [0; 32];
        rand::fill(&mut secret).map_err(|_| Problem::of(Code::Internal))?;
        let secret = URL_SAFE_NO_PAD.encode(secret);
        let mut shown = self.lock();
        shown.forget_ended(now);
        shown.has_room(address)?;
        let code = shown.draw()?;
        let pairing = Pairing {
            secret: digest(&secret),
            kind,
            address: address.household(),
            ends: now.after(GOOD_FOR),
            grant: None,
        };
        shown.by_id.insert(id, pairing);
        shown.by_code.insert(code, id);
        Ok(Begun { id, code: format!("{code:06}"), secret })
    }

    /// Takes the code that somebody entered; none when no page shows it.
    pub(crate) fn take(&self, code: &str, now: Timestamp) -> Option<Offered> {
        let code: u32 = code.parse().ok().filter(|_| is_code(code))?;
        let mut shown = self.lock();
        shown.forget_ended(now);
        let id = shown.by_code.remove(&code)?;
        shown.by_id.get(&id).map(|pairing| Offered { id, code, kind: pairing.kind })
    }

    /// Nothing came of it: the code may be entered again.
    pub(crate) fn give_back(&self, offered: &Offered) {
        let mut shown = self.lock();
        if shown.by_id.contains_key(&offered.id) {
            shown.by_code.insert(offered.code, offered.id);
        }
    }

    /// The page may be this device from now on.
    pub(crate) fn grant(&self, offered: &Offered, tenant: &Tenant, device: DeviceId, by: &Who) {
        if let Some(pairing) = self.lock().by_id.get_mut(&offered.id) {
            pairing.grant = Some(Grant { tenant: tenant.clone(), device, by: by.clone() });
        }
    }

    /// What has become of a page's wish; a grant is given out once. None for an unknown page, a wrong secret, and after
    /// the time.
    pub(crate) fn claim(&self, id: Uuid, secret: &str, now: Timestamp) -> Option<Claimed> {
        let mut shown = self.lock();
        shown.forget_ended(now);
        let pairing = shown.by_id.get(&id).filter(|pairing| pairing.secret == digest(secret))?;
        if pairing.grant.is_none() {
            return Some(Claimed::Waiting);
        }
        shown.by_id.remove(&id)?.grant.map(Claimed::Granted)
    }

    /// Plain data is never left half done, so a poisoned lock is used as it stands.
    fn lock(&self) -> MutexGuard<'_, Shown> {
        self.shown.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Shown {
    fn forget_ended(&mut self, now: Timestamp) {
        self.by_id.retain(|_, pairing| now < pairing.ends);
        let by_id = &self.by_id;
        self.by_code.retain(|_, id| by_id.contains_key(id));
    }

    fn has_room(&self, address: ClientAddress) -> Result<(), Problem> {
        let own =
            self.by_id.values().filter(|pairing| pairing.address == address.household()).count();
        if own >= SHOWN_PER_ADDRESS_MAX {
            let detail = "too many devices of this address wait to be paired";
            return Err(Problem::new(Code::TooManyRequests, detail).retry_after(60));
        }
        if self.by_id.len() >= SHOWN_MAX {
            return Err(Problem::of(Code::Overloaded).retry_after(60));
        }
        Ok(())
    }

    /// A code that no page shows; each is as likely as any other.
    fn draw(&self) -> Result<u32, Problem> {
        const FAIR: u32 = u32::MAX - u32::MAX % CODES;
        for _ in 0..DRAWS_MAX {
            let mut drawn = [0; 4];
            rand::fill(&mut drawn).map_err(|_| Problem::of(Code::Internal))?;
            let (drawn, code) = (u32::from_le_bytes(drawn), u32::from_le_bytes(drawn) % CODES);
            let is_free = !self.by_code.contains_key(&code);
            if drawn < FAIR && is_free {
                return Ok(code);
            }
        }
        Err(Problem::of(Code::Overloaded).retry_after(1))
    }
}

fn is_code(text: &str) -> bool {
    text.len() == 6 && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn digest(secret: &str) -> [u8; 32] {
    Sha256::digest(secret.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::net::IpAddr;

    use super::*;

    const NOW: Timestamp = Timestamp(1_000_000_000);

    fn address(last: u8) -> ClientAddress {
        ClientAddress(IpAddr::from([192, 0, 2, last]))
    }

    fn begun(pairings: &Pairings, from: u8) -> Begun {
        pairings.begin(DeviceKind::Kiosk, address(from), Uuid::now_v7(), NOW).ok().unwrap()
    }

    #[test]
    fn a_code_is_entered_once_and_may_be_given_back() {
        let pairings = Pairings::default();
        let page = begun(&pairings, 1);
        assert!(is_code(&page.code));
        let offered = pairings.take(&page.code, NOW).unwrap();
        assert!(pairings.take(&page.code, NOW).is_none());
        pairings.give_back(&offered);
        assert!(pairings.take(&page.code, NOW).is_some());
        for bad in ["", "12345", "1234567", "+12345", "12 456", "١٢٣٤٥٦"] {
            assert!(pairings.take(bad, NOW).is_none(), "{bad:?}");
        }
    }

    #[test]
    fn a_page_is_known_by_its_secret_until_its_time_is_over() {
        let pairings = Pairings::default();
        let page = begun(&pairings, 1);
        assert!(matches!(pairings.claim(page.id, &page.secret, NOW), Some(Claimed::Waiting)));
        assert!(pairings.claim(page.id, &begun(&pairings, 1).secret, NOW).is_none());
        assert!(pairings.claim(page.id, &page.secret, NOW.after(GOOD_FOR)).is_none());
        assert!(pairings.take(&page.code, NOW.after(GOOD_FOR)).is_none());
    }

    #[test]
    fn codes_shown_at_once_differ_and_are_bounded() {
        let pairings = Pairings::default();
        let mut codes = BTreeSet::new();
        for from in 0..50 {
            for _ in 0..SHOWN_PER_ADDRESS_MAX {
                codes.insert(begun(&pairings, from).code);
            }
            let more = pairings.begin(DeviceKind::Kiosk, address(from), Uuid::now_v7(), NOW);
            assert_eq!(more.err().map(|problem| problem.status().as_u16()), Some(429));
        }
        assert_eq!(codes.len(), SHOWN_MAX);
        let more = pairings.begin(DeviceKind::Kiosk, address(99), Uuid::now_v7(), NOW);
        assert_eq!(more.err().map(|problem| problem.status().as_u16()), Some(503));
    }
}
