//! HTML, put together from text: what comes from outside is escaped, what we wrote is not.
//!
//! A [`Html`] is made from literals and from escaped text only.
//! Invariant: no text of a person, of a client or of an address becomes a tag or an attribute.

use std::fmt::Write as _;

/// Sound HTML.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Html(String);

impl Html {
    pub(super) fn new() -> Self {
        Self::default()
    }

    /// What we wrote ourselves.
    #[must_use]
    pub(super) fn raw(mut self, html: &'static str) -> Self {
        self.0.push_str(html);
        self
    }

    /// Text, escaped for between tags and for quoted attributes.
    #[must_use]
    pub(super) fn text(mut self, text: &str) -> Self {
        self.0.push_str(&escaped(text));
        self
    }

    #[must_use]
    pub(super) fn add(mut self, other: &Self) -> Self {
        self.0.push_str(&other.0);
        self
    }

    /// `<tag>text</tag>`.
    #[must_use]
    pub(super) fn element(mut self, tag: &'static str, text: &str) -> Self {
        let _ = write!(self.0, "<{tag}>{}</{tag}>", escaped(text));
        self
    }

    /// A paragraph that a screen reader says at once.
    #[must_use]
    pub(super) fn alert(self, text: &str) -> Self {
        self.raw("<p class=\"refused\" role=\"alert\">").text(text).raw("</p>")
    }

    #[must_use]
    pub(super) fn hidden(mut self, name: &'static str, value: &str) -> Self {
        let value = escaped(value);
        let _ = write!(self.0, "<input type=\"hidden\" name=\"{name}\" value=\"{value}\">");
        self
    }

    #[must_use]
    pub(super) fn field(self, field: &Field<'_>) -> Self {
        self.field_called(field.name, field)
    }

    /// The same under an id of its own, where a page has two of one name.
    #[must_use]
    pub(super) fn field_called(mut self, id: &'static str, field: &Field<'_>) -> Self {
        let Field { name, label, kind, fill, value, hint, optional } = *field;
        let (label, value) = (escaped(label), escaped(value));
        let mode =
            if fill == "one-time-code" && kind == "text" { " inputmode=\"numeric\"" } else { "" };
        let needed = if optional { "" } else { " required" };
        let described = if hint.is_empty() {
            String::new()
        } else {
            format!(" aria-describedby=\"{id}-hint\"")
        };
        let _ = write!(
            self.0,
            "<label for=\"{id}\">{label}</label><input id=\"{id}\" name=\"{name}\" type=\"{kind}\" \
             autocomplete=\"{fill}\" value=\"{value}\" dir=\"auto\" spellcheck=\"false\"{mode}{needed}{described}>"
        );
        if !hint.is_empty() {
            let _ = write!(self.0, "<p class=\"hint\" id=\"{id}-hint\">{}</p>", escaped(hint));
        }
        self
    }

    #[must_use]
    pub(super) fn button(self, text: &str) -> Self {
        self.raw("<button type=\"submit\">").text(text).raw("</button>")
    }

    #[must_use]
    pub(super) fn link(self, address: &str, text: &str) -> Self {
        self.raw("<p><a href=\"").text(address).raw("\">").text(text).raw("</a></p>")
    }

    pub(super) fn into_string(self) -> String {
        self.0
    }
}

/// One line to be filled in.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Field<'a> {
    pub(super) name: &'static str,
    pub(super) label: &'a str,
    /// `text`, `email` or `password`.
    pub(super) kind: &'static str,
    /// What a browser may fill in.
    pub(super) fill: &'static str,
    pub(super) value: &'a str,
    pub(super) hint: &'a str,
    pub(super) optional: bool,
}

pub(crate) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            plain => out.push(plain),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_from_outside_stays_text() {
        let html = Html::new().text("<script>").hidden("next", "\"><b a='").into_string();
        assert_eq!(
            html,
            "&lt;script&gt;<input type=\"hidden\" name=\"next\" value=\"&quot;&gt;&lt;b a=&#39;\">"
        );
    }
}
