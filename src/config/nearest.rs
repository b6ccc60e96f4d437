//! Finds the known word that an unknown one was probably meant to be.
//!
//! Jaro-Winkler distance, which forgives swapped and missing letters and favours a common beginning.
//! Invariant: a word that resembles nothing gets no guess.

/// Below this likeness (1 is equal) a guess would confuse more than help.
const LIKENESS_MIN: f64 = 0.75;

/// The candidate most like `word`, if any is like it at all.
pub(crate) fn nearest<'a>(
    word: &str,
    candidates: impl Iterator<Item = &'a str>,
) -> Option<&'a str> {
    candidates
        .map(|candidate| (strsim::jaro_winkler(word, candidate), candidate))
        .filter(|(likeness, _)| *likeness >= LIKENESS_MIN)
        .max_by(|left, right| left.0.total_cmp(&right.0))
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::nearest;

    const KNOWN: [&str; 3] = ["listen", "public_url", "allowed_origins"];

    #[test]
    fn a_slip_of_the_finger_finds_its_word() {
        assert_eq!(nearest("lisen", KNOWN.into_iter()), Some("listen"));
        assert_eq!(nearest("allowed_origin", KNOWN.into_iter()), Some("allowed_origins"));
    }

    #[test]
    fn a_word_like_nothing_gets_no_guess() {
        assert_eq!(nearest("zzz", KNOWN.into_iter()), None);
    }
}
