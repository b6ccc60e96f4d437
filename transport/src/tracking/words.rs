//! The words of the ticket's page, in the three languages of all pages.
//!
//! One table per language, so that a text that is missing does not compile.
//! Invariant: nothing here comes from a person, so nothing here needs to be escaped.

use axum::http::{HeaderMap, header};
use domain::State;

/// The texts of one language.
pub(super) struct Words {
    pub(super) tag: &'static str,
    pub(super) direction: &'static str,
    pub(super) title: &'static str,
    pub(super) your_number: &'static str,
    states: [&'static str; 12],
    pub(super) go_to: &'static str,
    pub(super) position: &'static str,
    pub(super) wait: &'static str,
    /// With `{from}` and `{to}` where the minutes stand.
    range: &'static str,
    range_short: &'static str,
    pub(super) refreshes: &'static str,
    pub(super) cancel: &'static str,
    pub(super) cancel_help: &'static str,
    pub(super) delay: &'static str,
    pub(super) delay_help: &'static str,
    pub(super) how_was_it: &'static str,
    pub(super) csat: &'static str,
    pub(super) nps: &'static str,
    pub(super) comment: &'static str,
    pub(super) send: &'static str,
    pub(super) thanks: &'static str,
    pub(super) not_now: &'static str,
    pub(super) unsound: &'static str,
    pub(super) unknown: &'static str,
    pub(super) too_often: &'static str,
    pub(super) failed: &'static str,
    pub(super) back: &'static str,
}

impl Words {
    /// A sentence about the state.
    pub(super) fn state(&self, word: &str) -> &'static str {
        let at = State::ALL.iter().position(|state| state.as_str() == word);
        at.and_then(|at| self.states.get(at)).copied().unwrap_or_default()
    }

    /// A range of whole minutes.
    pub(super) fn range(&self, from: u32, to: u32) -> String {
        let form = if from == 0 { self.range_short } else { self.range };
        form.replace("{from}", &from.to_string()).replace("{to}", &to.to_string())
    }
}

static FRENCH: Words = Words {
    tag: "fr",
    direction: "ltr",
    title: "Votre ticket",
    your_number: "Votre numéro",
    states: [
        "Signalez votre arrivée à l'accueil : vous gardez votre place.",
        "Vous êtes dans la file.",
        "Ce sera bientôt à vous.",
        "C'est à vous !",
        "Vous êtes au guichet.",
        "Votre dossier est mis en attente.",
        "Votre visite est terminée. Merci.",
        "Vous avez été appelé sans réponse. Adressez-vous à l'accueil.",
        "Vous avez quitté la file.",
        "Vous avez annulé ce ticket.",
        "Ce ticket a été retiré par le personnel.",
        "Ce ticket n'est plus valable.",
    ],
    go_to: "Présentez-vous au guichet",
    position: "Votre place dans la file",
    wait: "Attente estimée",
    range: "{from} à {to} min",
    range_short: "moins de {to} min",
    refreshes: "Cette page se met à jour seule.",
    cancel: "Annuler mon ticket",
    cancel_help: "Vous perdrez votre place.",
    delay: "Laisser passer 3 personnes",
    delay_help: "Si vous avez besoin de plus de temps.",
    how_was_it: "Comment s'est passée votre visite ?",
    csat: "Satisfaction, de 1 (mauvaise) à 5 (excellente)",
    nps: "Nous recommanderiez-vous ? De 0 (non) à 10 (certainement)",
    comment: "Un commentaire (facultatif)",
    send: "Envoyer",
    thanks: "Merci pour votre avis.",
    not_now: "Ce n'est plus possible maintenant.",
    unsound: "Donnez au moins une note.",
    unknown: "Aucun ticket ne correspond à ce lien.",
    too_often: "Trop d'essais. Réessayez dans une minute.",
    failed: "Le serveur ne peut pas répondre maintenant. Réessayez dans un instant.",
    back: "Revenir au ticket",
};

static ENGLISH: Words = Words {
    tag: "en",
    direction: "ltr",
    title: "Your ticket",
    your_number: "Your number",
    states: [
        "Tell the reception when you arrive: your place is kept.",
        "You are in the line.",
        "It is your turn soon.",
        "It is your turn!",
        "You are at the counter.",
        "Your case is on hold.",
        "Your visit is over. Thank you.",
        "You were called and did not come. Please ask at the reception.",
        "You have left the line.",
        "You cancelled this ticket.",
        "This ticket was taken out by the staff.",
        "This ticket is no longer valid.",
    ],
    go_to: "Please go to counter",
    position: "Your place in line",
    wait: "Estimated wait",
    range: "{from} to {to} min",
    range_short: "less than {to} min",
    refreshes: "This page refreshes by itself.",
    cancel: "Cancel my ticket",
    cancel_help: "You will lose your place.",
    delay: "Let 3 people go first",
    delay_help: "If you need more time.",
    how_was_it: "How was your visit?",
    csat: "Satisfaction, from 1 (bad) to 5 (excellent)",
    nps: "Would you recommend us? From 0 (no) to 10 (certainly)",
    comment: "A comment (optional)",
    send: "Send",
    thanks: "Thank you for your opinion.",
    not_now: "This is no longer possible now.",
    unsound: "Give one mark at least.",
    unknown: "No ticket belongs to this link.",
    too_often: "Too many attempts. Try again in a minute.",
    failed: "The server cannot answer now. Try again in a moment.",
    back: "Back to the ticket",
};

static ARABIC: Words = Words {
    tag: "ar",
    direction: "rtl",
    title: "تذكرتك",
    your_number: "رقمك",
    states: [
        "أعلم الاستقبال عند وصولك: مكانك محفوظ.",
        "أنت في الطابور.",
        "سيحين دورك قريبًا.",
        "حان دورك!",
        "أنت عند الشباك.",
        "ملفك قيد الانتظار.",
        "انتهت زيارتك. شكرًا لك.",
        "تم نداؤك ولم تحضر. يرجى التوجه إلى الاستقبال.",
        "لقد غادرت الطابور.",
        "لقد ألغيت هذه التذكرة.",
        "سحب الموظفون هذه التذكرة.",
        "لم تعد هذه التذكرة صالحة.",
    ],
    go_to: "توجه إلى الشباك",
    position: "مكانك في الطابور",
    wait: "الانتظار المتوقع",
    range: "{from} إلى {to} دقيقة",
    range_short: "أقل من {to} دقيقة",
    refreshes: "تتحدث هذه الصفحة تلقائيًا.",
    cancel: "إلغاء تذكرتي",
    cancel_help: "ستفقد مكانك.",
    delay: "السماح لثلاثة أشخاص بالمرور",
    delay_help: "إذا كنت بحاجة إلى مزيد من الوقت.",
    how_was_it: "كيف كانت زيارتك؟",
    csat: "الرضا، من 1 (سيئ) إلى 5 (ممتاز)",
    nps: "هل توصي بنا؟ من 0 (لا) إلى 10 (بالتأكيد)",
    comment: "تعليق (اختياري)",
    send: "إرسال",
    thanks: "شكرًا على رأيك.",
    not_now: "لم يعد هذا ممكنًا الآن.",
    unsound: "أعط درجة واحدة على الأقل.",
    unknown: "لا توجد تذكرة لهذا الرابط.",
    too_often: "محاولات كثيرة. حاول مجددًا بعد دقيقة.",
    failed: "لا يستطيع الخادم الإجابة الآن. حاول بعد لحظة.",
    back: "العودة إلى التذكرة",
};

static ALL: [&Words; 3] = [&FRENCH, &ENGLISH, &ARABIC];

/// The first language asked for that there are words in: by the address, by the ticket, by the browser; else French.
pub(super) fn chosen(
    asked: Option<&str>,
    ticket: Option<&str>,
    headers: &HeaderMap,
) -> &'static Words {
    let accepted = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    let accepted = accepted.unwrap_or_default().split(',').map(str::trim);
    let wishes = asked.into_iter().chain(ticket).chain(accepted);
    let mut known = wishes.filter_map(|wish| {
        let primary = wish.split(['-', ';']).next().unwrap_or_default();
        ALL.into_iter().find(|words| words.tag.eq_ignore_ascii_case(primary.trim()))
    });
    known.next().unwrap_or(&FRENCH)
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn every_state_has_a_sentence_in_every_language() {
        for words in ALL {
            assert_eq!(State::ALL.len(), words.states.len());
            assert!(State::ALL.iter().all(|state| !words.state(state.as_str()).is_empty()));
        }
    }

    #[test]
    fn a_range_is_said_in_every_language() {
        let said = ALL.map(|words| (words.range(0, 3), words.range(5, 20)));
        assert_eq!(said[0], ("moins de 3 min".to_owned(), "5 à 20 min".to_owned()));
        assert_eq!(said[1], ("less than 3 min".to_owned(), "5 to 20 min".to_owned()));
        assert_eq!(said[2], ("أقل من 3 دقيقة".to_owned(), "5 إلى 20 دقيقة".to_owned()));
    }

    #[test]
    fn the_language_is_the_first_wish_that_can_be_met() {
        let mut headers = HeaderMap::new();
        assert_eq!(chosen(None, None, &headers).tag, "fr");
        headers.insert(header::ACCEPT_LANGUAGE, HeaderValue::from_static("wo, en-GB;q=0.8, ar"));
        assert_eq!(chosen(None, None, &headers).tag, "en");
        assert_eq!(chosen(None, Some("ar-MA"), &headers).tag, "ar");
        assert_eq!(chosen(Some("fr"), Some("ar"), &headers).tag, "fr");
        assert_eq!(chosen(Some("xx"), Some("wo"), &headers).tag, "en");
    }
}
