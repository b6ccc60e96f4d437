//! The words of the demo branch, in the languages of its site.
//!
//! French first, as people in Dakar would find it; English and Arabic beside it.
//! Invariant: every name is given in all three languages.

use std::collections::BTreeMap;

/// A name in French, English and Arabic.
pub(super) struct Words(pub(super) &'static str, pub(super) &'static str, pub(super) &'static str);

/// The languages of the site, its own first.
pub(super) const LANGUAGES: [&str; 3] = ["fr", "en", "ar"];

pub(super) const WITHDRAWALS: Words = Words("Retraits", "Withdrawals", "السحب");
pub(super) const DEPOSITS: Words =
    Words("Dépôts et virements", "Deposits and transfers", "الإيداع والتحويل");
pub(super) const ACCOUNTS: Words =
    Words("Comptes et conseil", "Accounts and advice", "الحسابات والاستشارة");

pub(super) const NORMAL: Words = Words("Sans priorité", "No priority", "بدون أولوية");
pub(super) const SENIOR: Words = Words("Personne âgée", "Senior", "كبار السن");
pub(super) const PREGNANT: Words = Words("Femme enceinte", "Pregnant", "حامل");
pub(super) const DISABLED: Words =
    Words("Personne handicapée", "Person with a disability", "ذوو الإعاقة");

impl Words {
    pub(super) fn by_language(&self) -> BTreeMap<String, String> {
        let Self(fr, en, ar) = self;
        LANGUAGES
            .iter()
            .zip([fr, en, ar])
            .map(|(language, name)| ((*language).to_owned(), (*name).to_owned()))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_stands_under_its_language() {
        let names = WITHDRAWALS.by_language();
        assert_eq!(names.get("fr").map(String::as_str), Some("Retraits"));
        assert_eq!(names.get("en").map(String::as_str), Some("Withdrawals"));
        assert_eq!(names.len(), LANGUAGES.len());
    }
}
