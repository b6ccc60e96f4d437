//! What a client asks to be allowed: scopes of the API, and the words of OpenID Connect.
//!
//! A client gets what it asked for, cut to what it is registered for; the holder's role cuts again at each token.
//! Invariant: an unknown word refuses the whole request.

use std::fmt;

use domain::{Scope, Scopes};

/// The words of OpenID Connect that are understood.
pub(super) const OPENID_WORDS: [&str; 4] = ["openid", "profile", "email", "offline_access"];

/// A parsed `scope`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Wanted {
    /// Which of [`OPENID_WORDS`].
    words: [bool; 4],
    /// None when no scope of the API was named.
    api: Option<Scopes>,
}

impl Wanted {
    /// None for an unknown word.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut wanted = Self::default();
        let mut api = Vec::new();
        for word in text.split_ascii_whitespace() {
            match OPENID_WORDS.iter().position(|known| *known == word) {
                Some(at) => wanted.words[at] = true,
                None => api.push(word.parse::<Scope>().ok()?),
            }
        }
        wanted.api = (!api.is_empty()).then(|| Scopes::of(&api));
        Some(wanted)
    }

    /// Held to `allowed`: all of it when no scope of the API was named. None when more was asked for.
    pub(crate) fn within(self, allowed: Scopes) -> Option<Self> {
        let asked = self.api.unwrap_or(allowed);
        (asked.and(allowed) == asked).then_some(Self { api: Some(asked), ..self })
    }

    /// Held to what was granted before; the words of OpenID Connect likewise.
    pub(crate) fn narrowed_from(self, granted: Self) -> Option<Self> {
        let words = self.words.iter().zip(granted.words).all(|(asked, had)| had || !asked);
        self.within(granted.api()).filter(|_| words)
    }

    pub(crate) fn api(self) -> Scopes {
        self.api.unwrap_or_default()
    }

    pub(crate) const fn openid(self) -> bool {
        self.words[0]
    }

    pub(crate) const fn email(self) -> bool {
        self.words[2]
    }

    /// As far as a role goes.
    #[must_use]
    pub(crate) fn cut_to(self, role: Scopes) -> Self {
        Self { api: Some(self.api().and(role)), ..self }
    }
}

/// The words of `asked` that are not among those of `given`.
pub(super) fn beyond(asked: &str, given: &str) -> String {
    let given: Vec<&str> = given.split_ascii_whitespace().collect();
    let rest: Vec<&str> =
        asked.split_ascii_whitespace().filter(|word| !given.contains(word)).collect();
    rest.join(" ")
}

/// Every scope of the API.
pub(crate) fn all() -> Scopes {
    Scopes::of(Scope::ALL)
}

impl fmt::Display for Wanted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = OPENID_WORDS.iter().zip(self.words).filter(|(_, asked)| *asked);
        let mut all: Vec<&str> = words.map(|(word, _)| *word).collect();
        all.extend(self.api().iter().map(Scope::as_str));
        f.write_str(&all.join(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wish_is_held_to_what_is_allowed() {
        let allowed = Scopes::of(&[Scope::ReadQueue, Scope::ReadTicket]);
        let of = |text: &str| Wanted::parse(text).and_then(|wanted| wanted.within(allowed));
        assert_eq!(of("openid").unwrap().to_string(), "openid read:queue read:ticket");
        assert_eq!(of("read:queue").unwrap().to_string(), "read:queue");
        assert_eq!(of("read:queue manage:settings"), None);
        assert_eq!(Wanted::parse("read:queue fly"), None);
    }

    #[test]
    fn what_was_given_is_not_asked_again() {
        assert_eq!(beyond("openid read:queue", "read:queue read:ticket"), "openid");
        assert_eq!(beyond("read:queue", "read:queue"), "");
        assert_eq!(beyond("read:queue", ""), "read:queue");
    }

    #[test]
    fn a_refresh_never_widens() {
        let granted = Wanted::parse("openid read:queue").unwrap();
        let of = |text: &str| Wanted::parse(text).unwrap().narrowed_from(granted).is_some();
        assert!(of("read:queue") && of("openid"));
        assert!(!of("read:ticket") && !of("email"));
    }
}
