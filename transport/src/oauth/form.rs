//! Parameters as `application/x-www-form-urlencoded`: of a query, of a form, of an address to send somebody to.
//!
//! RFC 6749 §3.1: a parameter may not be there twice, and an empty one counts as left out.
//! Invariant: what was read is UTF-8 without NUL; what is written reads back as it was.

/// Parameters of one query or one form.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Form {
    pairs: Vec<(String, String)>,
}

/// Parameters that are there more than once at most.
const PAIRS_MAX: usize = 64;

impl Form {
    /// None when `text` is not of this form.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let pieces = text.split('&').filter(|piece| !piece.is_empty());
        let pairs: Vec<(String, String)> = pieces
            .map(|piece| {
                let (name, value) = piece.split_once('=').unwrap_or((piece, ""));
                Some((decode(name)?, decode(value)?))
            })
            .collect::<Option<_>>()?;
        (pairs.len() <= PAIRS_MAX).then_some(Self { pairs })
    }

    pub(crate) fn of<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let owned = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
        Self { pairs: pairs.into_iter().map(owned).collect() }
    }

    /// The value of `name`; none when it is left out or empty.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        let found = self.pairs.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    }

    /// The first of `names` that is there twice.
    pub(crate) fn repeated<'n>(&self, names: &[&'n str]) -> Option<&'n str> {
        let count = |name: &str| self.pairs.iter().filter(|(known, _)| known == name).count();
        names.iter().find(|name| count(name) > 1).copied()
    }

    /// The same without `name`.
    pub(crate) fn without(&self, name: &str) -> Self {
        let pairs = self.pairs.iter().filter(|(known, _)| known != name).cloned().collect();
        Self { pairs }
    }

    #[must_use]
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.pairs.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn encoded(&self) -> String {
        let pairs: Vec<String> = self
            .pairs
            .iter()
            .map(|(name, value)| format!("{}={}", encode(name), encode(value)))
            .collect();
        pairs.join("&")
    }

    /// `address` with these parameters behind those it has.
    pub(crate) fn onto(&self, address: &str) -> String {
        let joint = match address.split_once('?') {
            None => "?",
            Some((_, "")) => "",
            Some(_) => "&",
        };
        format!("{address}{joint}{}", self.encoded())
    }
}

fn decode(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'+' => out.push(b' '),
            b'%' => {
                let digits = text.get(at + 1..at + 3)?;
                let sound = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
                out.push(u8::from_str_radix(digits, 16).ok().filter(|_| sound)?);
                at += 2;
            }
            plain => out.push(*plain),
        }
        at += 1;
    }
    String::from_utf8(out).ok().filter(|text| !text.contains('\0'))
}

/// Percent-encodes everything that is not unreserved (RFC 3986).
pub(crate) fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_reads_back() {
        let form = Form::of([("state", "a b&c=d%é"), ("x", "")]);
        assert_eq!(Form::parse(&form.encoded()), Some(form.clone()));
        assert_eq!(form.get("state"), Some("a b&c=d%é"));
        assert_eq!(form.get("x"), None, "an empty one is left out");
        assert_eq!(
            form.onto("https://a.example/?q=1"),
            format!("https://a.example/?q=1&{}", form.encoded())
        );
    }

    #[test]
    fn what_is_no_form_is_none() {
        for bad in ["a=%", "a=%4", "a=%zz", "a=%+1", "a=%00", "a=%ff"] {
            assert_eq!(Form::parse(bad), None, "{bad}");
        }
        assert_eq!(Form::parse("a=1&a=2").unwrap().repeated(&["a"]), Some("a"));
    }
}
