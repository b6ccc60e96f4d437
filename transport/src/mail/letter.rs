//! A letter as mail servers want it (RFC 5322), from an address, a subject and a text.
//!
//! Invariant: what a person typed cannot add a header; an address that could is refused.

use lettre::Message;
use lettre::message::header::ContentType;
use lettre::message::{Mailbox, MessageBuilder};

/// # Errors
/// What is wrong with the address or the text.
pub(super) fn letter(
    from: &Mailbox,
    to: &str,
    subject: &str,
    text: &str,
) -> Result<Message, String> {
    let to = to.parse::<lettre::Address>().map_err(|error| error.to_string())?;
    let builder: MessageBuilder =
        Message::builder().from(from.clone()).to(Mailbox::new(None, to)).subject(subject);
    builder
        .message_id(None)
        .header(ContentType::TEXT_PLAIN)
        .body(text.to_owned())
        .map_err(|error| error.to_string())
}

/// An address for the log: who it is can be guessed by those who know them, and by nobody else.
pub(super) fn masked(address: &str) -> String {
    let (name, host) = address.split_once('@').unwrap_or((address, ""));
    let first: String = name.chars().take(1).collect();
    format!("{first}…@{host}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from() -> Mailbox {
        "Banque <no-reply@bank.example>".parse().unwrap()
    }

    #[test]
    fn a_letter_in_any_script_has_its_headers() {
        let letter = letter(&from(), "awa@bank.example", "أهلًا بك", "é\nhttps://q/x").unwrap();
        let text = String::from_utf8(letter.formatted()).unwrap();
        assert!(text.contains("To: awa@bank.example\r\n"), "{text}");
        assert!(text.contains("Subject: =?utf-8?b?"), "{text}");
        assert!(text.contains("Message-ID: <") && text.contains("Date: "), "{text}");
    }

    #[test]
    fn an_address_adds_no_header() {
        for to in ["a@b.example\r\nBcc: x@y.example", "a@b.example, x@y.example", ""] {
            assert!(letter(&from(), to, "s", "t").is_err(), "{to}");
        }
        let subject = "s\r\nBcc: x@y.example";
        let letter = letter(&from(), "a@b.example", subject, "t").unwrap();
        let text = String::from_utf8(letter.formatted()).unwrap();
        assert!(!text.contains("\r\nBcc:"), "{text}");
    }

    #[test]
    fn the_log_shows_nobodys_address() {
        assert_eq!(masked("awa@bank.example"), "a…@bank.example");
    }
}
