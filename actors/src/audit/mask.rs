//! Takes personal data and secrets out of what changed, whoever recorded it.
//!
//! First by the member's name; then, in every text that is left, whatever looks like an e-mail address or a phone number.
//! A name is kept only of things that are not people.
//! Invariant: a kind that this file does not know is treated as a person.

use serde_json::Value;

const MASK: &str = "***";

/// Kinds whose name is no person's.
const THINGS: [&str; 12] = [
    "site",
    "service",
    "queue",
    "counter",
    "device",
    "tenant",
    "class",
    "client",
    "key",
    "webhook",
    "identity_provider",
    "api_key",
];

/// Members that hold a person's data, of whatever kind.
const PERSONAL: [&str; 16] = [
    "phone",
    "phones",
    "email",
    "emails",
    "mail",
    "note",
    "notes",
    "text",
    "contact",
    "first_name",
    "last_name",
    "full_name",
    "customer_name",
    "birth",
    "birthdate",
    "subscriber",
];

/// Parts of a member's name that say that it holds a secret.
const SECRET: [&str; 8] =
    ["password", "secret", "token", "totp", "recovery", "hash", "cookie", "credential"];

/// Digits from which on a number may be a phone's.
const PHONE_DIGITS_MIN: usize = 8;

/// `value`, which belongs to an object of `kind`, without what must not be kept.
pub(super) fn masked(kind: &str, value: Value) -> Value {
    match value {
        Value::Object(members) => {
            let masked_member = |(name, value): (String, Value)| {
                let value = member(kind, &name, value);
                (name, value)
            };
            Value::Object(members.into_iter().map(masked_member).collect())
        }
        Value::Array(items) => {
            Value::Array(items.into_iter().map(|item| masked(kind, item)).collect())
        }
        Value::String(text) => Value::String(without_addresses(&text)),
        plain @ (Value::Null | Value::Bool(_) | Value::Number(_)) => plain,
    }
}

fn member(kind: &str, name: &str, value: Value) -> Value {
    let lower = name.to_lowercase();
    let of_a_person = PERSONAL.contains(&lower.as_str())
        || (["name", "names"].contains(&lower.as_str()) && !THINGS.contains(&kind))
        || SECRET.iter().any(|part| lower.contains(part));
    if of_a_person && !value.is_null() {
        return Value::String(MASK.to_owned());
    }
    masked(kind, value)
}

/// The text with `***` in place of every e-mail address and everything like a phone number.
fn without_addresses(text: &str) -> String {
    if uuid::Uuid::parse_str(text).is_ok() || text.parse::<jiff::Timestamp>().is_ok() {
        return text.to_owned();
    }
    let words = text.split_inclusive(char::is_whitespace).map(|word| {
        let bare = word.trim_end();
        if is_address(bare) { format!("{MASK}{}", &word[bare.len()..]) } else { word.to_owned() }
    });
    without_numbers(&words.collect::<String>())
}

fn is_address(word: &str) -> bool {
    word.split_once('@').is_some_and(|(local, host)| !local.is_empty() && host.contains('.'))
}

fn without_numbers(text: &str) -> String {
    let (mut out, mut run) = (String::with_capacity(text.len()), String::new());
    for letter in text.chars() {
        let part = letter.is_numeric() || " +-.()/".contains(letter);
        if part {
            run.push(letter);
        } else {
            out.push_str(&number(&run));
            run.clear();
            out.push(letter);
        }
    }
    out.push_str(&number(&run));
    out
}

/// A run of digits and what stands between them: `***` when it is long enough to reach somebody.
fn number(run: &str) -> String {
    let digits = run.chars().filter(|letter| letter.is_numeric()).count();
    let bare = run.trim();
    if digits < PHONE_DIGITS_MIN || bare.parse::<jiff::civil::Date>().is_ok() {
        return run.to_owned();
    }
    run.replacen(bare, MASK, 1)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn people_and_secrets_are_masked_at_any_depth() {
        let body = json!({
            "name": "Awa Diop", "email": "awa@example.org", "role": "agent", "queues": ["a"],
            "customer": { "phone": "+221770000000", "language": "fr" }, "notes": ["calls at noon"],
            "client_secret": "s3cret", "password": "x", "phone": null,
        });
        let masked = masked("agent", body);
        let wanted = json!({
            "name": "***", "email": "***", "role": "agent", "queues": ["a"],
            "customer": { "phone": "***", "language": "fr" }, "notes": "***",
            "client_secret": "***", "password": "***", "phone": null,
        });
        assert_eq!(masked, wanted);
    }

    #[test]
    fn a_things_name_is_kept_and_an_unknown_kinds_is_not() {
        let body = json!({ "name": "Withdrawals", "classes": [{ "key": "vip", "names": { "fr": "VIP" } }] });
        assert_eq!(masked("queue", body.clone()), body);
        assert_eq!(masked("visitor", body)["name"], "***");
    }

    #[test]
    fn addresses_and_numbers_are_found_in_any_text() {
        let of = |text: &str| masked("queue", json!(text)).as_str().unwrap().to_owned();
        assert_eq!(of("asked by awa.diop@example.org today"), "asked by *** today");
        assert_eq!(of("call +221 77 123 45 67 back"), "call *** back");
        assert_eq!(of("77-123-45-67"), "***");
        assert_eq!(of("٧٧١٢٣٤٥٦٧"), "***");
        for kept in [
            "A042",
            "2026-11-25",
            "2026-11-25T08:00:00Z",
            "01890a5d-ac96-774b-bcce-b302099a8057",
            "Africa/Dakar",
            "10:00",
            "user@host",
        ] {
            assert_eq!(of(kept), kept);
        }
    }
}
