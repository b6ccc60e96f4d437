//! The page's text, put together from words and a ticket.
//!
//! One function per part, top to bottom as on the page.
//! Invariant: no script and no style stands inside the page; every value is escaped.

use std::fmt::Write as _;

use super::super::view::{PublicTicket, has_ended_as};
use super::super::words::Words;

/// Seconds between two looks of a page whose ticket has not ended.
const LOOK_AGAIN: u32 = 10;

/// The page of a ticket at the address `path`.
pub(super) fn ticket(
    words: &Words,
    ticket: &PublicTicket,
    path: &str,
    lang: Option<&str>,
) -> String {
    let mut body = String::new();
    let called = if ticket.state == "called" { " class=\"called\"" } else { "" };
    let _ = write!(
        body,
        "<h1>{}</h1><main{called}><p>{}</p><p class=\"number\" dir=\"ltr\">{}</p><p class=\"state\" role=\"status\">{}</p>{}</main>{}",
        escaped(&heading(words, ticket)),
        words.your_number,
        escaped(&ticket.number),
        words.state(ticket.state),
        where_to_go(words, ticket),
        place(words, ticket),
    );
    body.push_str(&forms(words, ticket, path, lang));
    let is_over = has_ended_as(ticket.state);
    if !is_over {
        let _ = write!(body, "<p class=\"notice\">{}</p>", words.refreshes);
    }
    document(words, &body, !is_over)
}

/// A page that says one thing.
pub(super) fn notice(words: &Words, said: &str, back: Option<&str>) -> String {
    let mut body = format!("<h1>{}</h1><p class=\"alert\" role=\"alert\">{said}</p>", words.title);
    if let Some(back) = back {
        let _ = write!(body, "<p><a href=\"{}\">{}</a></p>", escaped(back), words.back);
    }
    document(words, &body, false)
}

/// The ticket's own address, from an address below it.
pub(super) fn back(path: &str, lang: Option<&str>) -> String {
    let page = path.rsplit_once('/').map_or(path, |(page, _)| page);
    address(page, "", lang)
}

fn address(page: &str, below: &str, lang: Option<&str>) -> String {
    let plain =
        |lang: &&str| lang.len() <= 8 && lang.bytes().all(|byte| byte.is_ascii_alphabetic());
    let query = lang.filter(plain).map_or_else(String::new, |lang| format!("?lang={lang}"));
    format!("{page}{below}{query}")
}

fn heading(words: &Words, ticket: &PublicTicket) -> String {
    let names = &ticket.service;
    let service = names.get(words.tag).or_else(|| names.values().next());
    match service {
        Some(service) => format!("{} · {service}", ticket.site),
        None => ticket.site.clone(),
    }
}

fn where_to_go(words: &Words, ticket: &PublicTicket) -> String {
    match &ticket.counter {
        Some(counter) => {
            format!("<p class=\"state\">{} <bdi>{}</bdi></p>", words.go_to, escaped(counter))
        }
        None => String::new(),
    }
}

fn place(words: &Words, ticket: &PublicTicket) -> String {
    let mut rows = String::new();
    if let Some(position) = ticket.position {
        let _ = write!(rows, "<dt>{}</dt><dd>{position}</dd>", words.position);
    }
    if let Some(wait) = &ticket.estimate {
        let (from, to) = (wait.shown.from_seconds / 60, wait.shown.to_seconds / 60);
        let range = words.range(from, to);
        let _ = write!(rows, "<dt>{}</dt><dd><bdi>{range}</bdi></dd>", words.wait);
    }
    if rows.is_empty() { rows } else { format!("<dl>{rows}</dl>") }
}

fn forms(words: &Words, ticket: &PublicTicket, path: &str, lang: Option<&str>) -> String {
    let mut forms = String::new();
    let button = |below: &str, said: &str, help: &str| {
        format!(
            "<form method=\"post\" action=\"{}\"><button class=\"quiet\">{said}</button><p class=\"help\">{help}</p></form>",
            escaped(&address(path, below, lang))
        )
    };
    if ticket.may.delay {
        forms.push_str(&button("/delay", words.delay, words.delay_help));
    }
    if ticket.may.cancel {
        forms.push_str(&button("/cancel", words.cancel, words.cancel_help));
    }
    if ticket.may.feedback {
        forms.push_str(&opinion(words, &address(path, "/feedback", lang)));
    } else if has_ended_as(ticket.state) {
        let _ = write!(forms, "<p class=\"notice\">{}</p>", words.thanks);
    }
    forms
}

fn opinion(words: &Words, action: &str) -> String {
    let marks = |name: &str, marks: std::ops::RangeInclusive<u8>| {
        marks.fold(String::new(), |mut all, mark| {
            let _ = write!(
                all,
                "<label><input type=\"radio\" name=\"{name}\" value=\"{mark}\"> {mark}</label>"
            );
            all
        })
    };
    format!(
        "<h2>{}</h2><form method=\"post\" action=\"{}\"><fieldset><legend>{}</legend><div class=\"marks\">{}</div></fieldset>\
         <fieldset><legend>{}</legend><div class=\"marks\">{}</div></fieldset>\
         <label for=\"comment\">{}</label><textarea id=\"comment\" name=\"comment\" rows=\"3\" maxlength=\"500\"></textarea>\
         <button>{}</button></form>",
        words.how_was_it,
        escaped(action),
        words.csat,
        marks("csat", 1..=5),
        words.nps,
        marks("nps", 0..=10),
        words.comment,
        words.send,
    )
}

fn document(words: &Words, body: &str, looks_again: bool) -> String {
    let refresh = if looks_again {
        format!("<meta http-equiv=\"refresh\" content=\"{LOOK_AGAIN}\">")
    } else {
        String::new()
    };
    format!(
        "<!doctype html><html lang=\"{}\" dir=\"{}\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>{}</title>{refresh}\
         <link rel=\"stylesheet\" href=\"/t/style.css\"></head><body>{body}</body></html>",
        words.tag, words.direction, words.title
    )
}

fn escaped(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut out, c| {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_from_outside_cannot_become_markup() {
        assert_eq!(escaped("<b a='1' b=\"2\">&"), "&lt;b a=&#39;1&#39; b=&quot;2&quot;&gt;&amp;");
        assert_eq!(address("/t/x", "", Some("\"><script>")), "/t/x");
    }

    #[test]
    fn forms_lead_back_to_their_page() {
        assert_eq!(back("/t/abc/cancel", None), "/t/abc");
        assert_eq!(back("/t/abc/delay", Some("ar")), "/t/abc?lang=ar");
    }
}
