//! Ticket links: a code of 160 bits that stands for one ticket and is stored nowhere.
//!
//! Four bytes say which tenant (a tag by HMAC), sixteen are the ticket's id as one block of AES-256; base64url makes
//! them 27 characters, short enough for an SMS. Whoever guesses, guesses a block: it hits with a chance of
//! tickets / 2^128. Invariant: a code tells nothing about its ticket or tenant without the key.

use std::sync::Arc;

use aws_lc_rs::cipher::{
    AES_256, DecryptingKey, DecryptionContext, EncryptingKey, EncryptionContext, UnboundCipherKey,
};
use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use dashmap::DashMap;
use domain::{TenantId, TicketId};
use uuid::Uuid;

use super::master_key::MasterKey;

const TAG: usize = 4;
const BLOCK: usize = 16;

/// What a code says, if it is one: which tenants it may be of, and which ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Named {
    pub(crate) tag: [u8; TAG],
    pub(crate) ticket: TicketId,
}

/// Makes and reads codes. Cheap to clone.
#[derive(Clone)]
pub(crate) struct TicketLinks {
    inner: Arc<Inner>,
}

struct Inner {
    seals: EncryptingKey,
    opens: DecryptingKey,
    tagging: hmac::Key,
    tags: DashMap<TenantId, [u8; TAG]>,
}

impl TicketLinks {
    /// None only when the cryptography of the machine does not work.
    pub(crate) fn new(master: &MasterKey) -> Option<Self> {
        let block = master.derive("ticket link: block");
        let key = || UnboundCipherKey::new(&AES_256, &block).ok();
        let seals = EncryptingKey::ecb(key()?).ok()?;
        let opens = DecryptingKey::ecb(key()?).ok()?;
        let tagging = hmac::Key::new(hmac::HMAC_SHA256, &master.derive("ticket link: tenant"));
        Some(Self { inner: Arc::new(Inner { seals, opens, tagging, tags: DashMap::new() }) })
    }

    /// The code of a ticket: always the same.
    pub(crate) fn code(&self, tenant: TenantId, ticket: TicketId) -> String {
        let mut code = [0; TAG + BLOCK];
        code[..TAG].copy_from_slice(&self.tag(tenant));
        code[TAG..].copy_from_slice(ticket.0.as_bytes());
        let sealed = self.inner.seals.less_safe_encrypt(&mut code[TAG..], EncryptionContext::None);
        debug_assert!(sealed.is_ok(), "one block is always sealed");
        URL_SAFE_NO_PAD.encode(code)
    }

    /// What `code` names; none when it is not the text of one.
    pub(crate) fn read(&self, code: &str) -> Option<Named> {
        let mut bytes = [0; TAG + BLOCK];
        let read = URL_SAFE_NO_PAD.decode_slice(code, &mut bytes).ok()?;
        (read == bytes.len()).then(|| self.open(bytes))
    }

    /// What nobody has: looked for when a text is no code, so that this takes as long.
    pub(crate) fn nobody(&self) -> Named {
        self.open([0; TAG + BLOCK])
    }

    fn open(&self, bytes: [u8; TAG + BLOCK]) -> Named {
        let (mut tag, mut block) = ([0; TAG], [0; BLOCK]);
        tag.copy_from_slice(&bytes[..TAG]);
        block.copy_from_slice(&bytes[TAG..]);
        let opened = self.inner.opens.decrypt(&mut block, DecryptionContext::None);
        debug_assert!(opened.is_ok(), "one block is always opened");
        Named { tag, ticket: TicketId(Uuid::from_bytes(block)) }
    }

    /// The tag of a tenant, reckoned once.
    pub(crate) fn tag(&self, tenant: TenantId) -> [u8; TAG] {
        *self.inner.tags.entry(tenant).or_insert_with(|| {
            let full = hmac::sign(&self.inner.tagging, tenant.0.as_bytes());
            let mut tag = [0; TAG];
            tag.copy_from_slice(&full.as_ref()[..TAG]);
            tag
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn links() -> TicketLinks {
        TicketLinks::new(&MasterKey::generate().unwrap()).unwrap()
    }

    #[test]
    fn a_code_names_its_ticket_and_tenant_and_no_other_key_reads_it() {
        let (ours, theirs) = (links(), links());
        let (tenant, ticket) = (TenantId(Uuid::now_v7()), TicketId(Uuid::now_v7()));
        let code = ours.code(tenant, ticket);
        assert_eq!(code.len(), 27);
        assert_eq!(code, ours.code(tenant, ticket));
        assert_eq!(ours.read(&code), Some(Named { tag: ours.tag(tenant), ticket }));
        assert_ne!(theirs.read(&code).unwrap().ticket, ticket);
    }

    #[test]
    fn tickets_of_one_second_have_nothing_in_common_but_the_tenant() {
        let links = links();
        let tenant = TenantId(Uuid::now_v7());
        let codes: BTreeSet<String> =
            (0..1_000).map(|_| links.code(tenant, TicketId(Uuid::now_v7()))).collect();
        // The 32 bits of the tag are five characters; what follows differs from the start.
        let blocks: BTreeSet<&str> = codes.iter().map(|code| &code[6..14]).collect();
        assert_eq!((codes.len(), blocks.len()), (1_000, 1_000));
    }

    #[test]
    fn what_is_no_code_names_nothing() {
        let links = links();
        let code = links.code(TenantId(Uuid::now_v7()), TicketId(Uuid::now_v7()));
        let mut loose = code.clone();
        loose.pop();
        for bad in
            ["", "A001", "é", &loose, &format!("{code}A"), &format!("{code}="), &"/".repeat(27)]
        {
            assert_eq!(links.read(bad), None, "{bad:?}");
        }
        // Two bits of the last character are unused; only zeros there are a code, so each has one text.
        let last = code.chars().last().unwrap();
        let spelled = format!("{loose}{}", char::from(last as u8 + 1));
        assert_eq!(links.read(&spelled), None);
    }
}
