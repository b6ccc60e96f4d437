//! Which passwords are not taken: short ones, and those that everybody tries first.
//!
//! A long password is common when, without its digits and signs, little is left but a word that everybody uses, or when
//! it is a short piece again and again. No kind of letter is asked for.
//! Invariant: a sentence of twelve letters or more is taken.

use super::PASSWORD_BYTES_MAX;

const CHARS_MIN: usize = 12;
const CHARS_MAX: usize = 256;
/// Different letters that make a password more than a pattern.
const DIFFERENT_MIN: usize = 5;
/// Letters beside the common words that make it one's own.
const OWN_MIN: usize = 4;

/// In lower case, with the usual digits taken for the letters they stand for.
const COMMON: [&str; 40] = [
    "password",
    "passwort",
    "motdepasse",
    "contrasena",
    "qwertyuiop",
    "qwerty",
    "azertyuiop",
    "azerty",
    "asdfghjkl",
    "zxcvbnm",
    "abcdefghijklmnopqrstuvwxyz",
    "abcdefghijkl",
    "abcdef",
    "abcd",
    "letmein",
    "iloveyou",
    "jetaime",
    "welcome",
    "bienvenue",
    "bonjour",
    "administrator",
    "administrateur",
    "admin",
    "changeme",
    "changezmoi",
    "secret",
    "default",
    "football",
    "baseball",
    "princess",
    "superman",
    "batman",
    "dragon",
    "monkey",
    "sunshine",
    "smartqueue",
    "marhaba",
    "habibi",
    "inchallah",
    "hello",
];

pub(in crate::signin) fn is_weak(password: &str, email: &str) -> bool {
    let chars: Vec<char> = password.chars().collect();
    if !(CHARS_MIN..=CHARS_MAX).contains(&chars.len()) || password.len() > PASSWORD_BYTES_MAX {
        return true;
    }
    let different: std::collections::BTreeSet<&char> = chars.iter().collect();
    let lower = password.to_lowercase();
    let is_own_address = !email.is_empty() && lower == email.to_lowercase();
    different.len() < DIFFERENT_MIN
        || is_own_address
        || is_repeated(&chars)
        || is_run(&chars)
        || is_common(&lower)
}

/// A piece of up to a third of the whole, again and again.
fn is_repeated(chars: &[char]) -> bool {
    (1..=chars.len() / 3)
        .any(|piece| chars.iter().zip(&chars[piece..]).all(|(one, next)| one == next))
}

/// Each letter the next one of the alphabet, or of the digits, up or down.
fn is_run(chars: &[char]) -> bool {
    let steps: Vec<i64> = chars
        .windows(2)
        .map(|pair| i64::from(u32::from(pair[1])) - i64::from(u32::from(pair[0])))
        .collect();
    let straight =
        |step: i64| steps.iter().filter(|one| **one == step).count() * 10 >= steps.len() * 8;
    straight(1) || straight(-1)
}

fn is_common(lower: &str) -> bool {
    let plain = |letter: char| match letter {
        '0' => 'o',
        '1' | '!' => 'i',
        '3' => 'e',
        '4' | '@' => 'a',
        '5' | '$' => 's',
        other => other,
    };
    let spoken = [lower.to_owned(), lower.chars().map(plain).collect::<String>()];
    spoken.into_iter().any(|mut text| {
        let mut found = false;
        for word in COMMON {
            found |= text.contains(word);
            text = text.replace(word, "");
        }
        let own = text.chars().filter(|letter| letter.is_alphabetic() || *letter == ' ').count();
        (found && own < OWN_MIN)
            || text.chars().all(|letter| letter.is_ascii_digit()) && !text.is_empty()
    })
}

#[cfg(test)]
mod tests {
    use super::is_weak;

    #[test]
    fn what_everybody_tries_first_is_not_taken() {
        for weak in [
            "short",
            "eleven char",
            "passwordpassword",
            "Password1234!",
            "P@ssw0rd2026!",
            "motdepasse2026",
            "qwertyuiop123",
            "AzertyAzerty1",
            "123456789012",
            "314159265358979",
            "abcdefghijklm",
            "aaaaaaaaaaaaaa",
            "xyzxyzxyzxyz",
            "admin-admin-2026",
            "awa@bank.example",
            &"الجو جميل هذا المساء ".repeat(20),
            &"雨の日には傘を持つ".repeat(20),
        ] {
            assert!(is_weak(weak, "awa@bank.example"), "{weak}");
        }
    }

    #[test]
    fn a_sentence_is_taken() {
        for good in [
            "a long sentence about rain",
            "le chat dort sur la table",
            "الجو جميل هذا المساء",
            "kX9!vq2Lm#7r",
        ] {
            assert!(!is_weak(good, "awa@bank.example"), "{good}");
        }
    }
}
