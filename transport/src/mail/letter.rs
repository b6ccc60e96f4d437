//! A letter as mail servers want it (RFC 5322), from an address, a subject and a text.
//!
//! Invariant: what a person typed cannot add a header; an address that could is refused.

use lettre::Message;
use lettre::message::header::ContentType;
use lettre::message::{Attachment, Mailbox, MessageBuilder, MultiPart};

use super::ReportLetter;

/// # Errors
/// What is wrong with the address or the text.
pub(super) fn letter(
    from: &Mailbox,
    to: &str,
    subject: &str,
    text: &str,
) -> Result<Message, String> {
    let letter = begun(from, to, subject)?.header(ContentType::TEXT_PLAIN).body(text.to_owned());
    letter.map_err(|error| error.to_string())
}

/// # Errors
/// As [`letter`].
pub(super) fn report_letter(
    from: &Mailbox,
    to: &str,
    report: &ReportLetter,
) -> Result<Message, String> {
    let (name, bytes) = &report.file;
    let csv = ContentType::parse("text/csv; charset=utf-8").map_err(|error| error.to_string())?;
    let page = MultiPart::alternative_plain_html(report.text.clone(), report.html.clone());
    let file = Attachment::new(name.clone()).body(bytes.clone(), csv);
    let whole = MultiPart::mixed().multipart(page).singlepart(file);
    let letter = begun(from, to, &report.subject)?.multipart(whole);
    letter.map_err(|error| error.to_string())
}

fn begun(from: &Mailbox, to: &str, subject: &str) -> Result<MessageBuilder, String> {
    let to = to.parse::<lettre::Address>().map_err(|error| error.to_string())?;
    let builder = Message::builder().from(from.clone()).to(Mailbox::new(None, to)).subject(subject);
    Ok(builder.message_id(None))
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
    fn a_report_is_a_page_a_text_and_a_file() {
        let report = ReportLetter {
            subject: "Monday".to_owned(),
            text: "3 people".to_owned(),
            html: "<p>3 people</p>".to_owned(),
            file: ("day.csv".to_owned(), b"a,b\r\n".to_vec()),
        };
        let letter = report_letter(&from(), "awa@bank.example", &report).unwrap();
        let text = String::from_utf8(letter.formatted()).unwrap();
        for part in ["multipart/mixed", "multipart/alternative", "text/html", "day.csv", "text/csv"]
        {
            assert!(text.contains(part), "{part}: {text}");
        }
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
