//! Which of the three languages a page speaks.
//!
//! What the address says, else what the browser prefers, else French.
//! Invariant: there is always one.

use axum::http::HeaderMap;
use axum::http::header::ACCEPT_LANGUAGE;

use super::words::{self, Words};

/// A language of the pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lang {
    Fr,
    En,
    Ar,
}

impl Lang {
    pub(super) const ALL: [Self; 3] = [Self::Fr, Self::En, Self::Ar];

    pub(super) const fn code(self) -> &'static str {
        match self {
            Self::Fr => "fr",
            Self::En => "en",
            Self::Ar => "ar",
        }
    }

    /// In its own language.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Fr => "Français",
            Self::En => "English",
            Self::Ar => "العربية",
        }
    }

    pub(super) const fn direction(self) -> &'static str {
        match self {
            Self::Fr | Self::En => "ltr",
            Self::Ar => "rtl",
        }
    }

    pub(super) const fn words(self) -> &'static Words {
        match self {
            Self::Fr => &words::FR,
            Self::En => &words::EN,
            Self::Ar => &words::AR,
        }
    }

    /// `fr-SN` is French.
    pub(crate) fn of_tag(tag: &str) -> Option<Self> {
        let first = tag.trim().split(['-', '_', ';']).next().unwrap_or_default();
        Self::ALL.into_iter().find(|lang| lang.code().eq_ignore_ascii_case(first))
    }

    /// The first of `asked` (tags with spaces between) that we speak, else what the browser prefers.
    pub(super) fn choose(asked: Option<&str>, headers: &HeaderMap) -> Self {
        let named = asked.unwrap_or_default().split_ascii_whitespace().find_map(Self::of_tag);
        let accepted = headers.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
        // Browsers list what they prefer first; weights are not looked at.
        let preferred = accepted.unwrap_or_default().split(',').find_map(Self::of_tag);
        named.or(preferred).unwrap_or(Self::Fr)
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn the_address_is_asked_before_the_browser() {
        let mut headers = HeaderMap::new();
        assert_eq!(Lang::choose(None, &headers), Lang::Fr);
        headers.insert(ACCEPT_LANGUAGE, HeaderValue::from_static("de,ar-MA;q=0.8,en;q=0.5"));
        assert_eq!(Lang::choose(None, &headers), Lang::Ar);
        assert_eq!(Lang::choose(Some("de en-GB"), &headers), Lang::En);
    }
}
