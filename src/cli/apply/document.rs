//! A declaration as it was written: tables with their places in the file, taken apart piece by piece.
//!
//! What names other things is taken out of a table first; the rest is read as the very body of the API, so
//! every option of the API can be declared. Invariant: every fault knows the line it is about.

use std::fmt;

use serde::de::DeserializeOwned;
use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue, Error, ValueDeserializer};

use crate::config::nearest;

/// Something wrong with the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    /// From 1.
    pub(super) line: usize,
    pub(super) what: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "line {}: {}", self.line, self.what)
    }
}

/// The text of the file.
#[derive(Debug, Clone, Copy)]
pub(super) struct Document<'t>(pub(super) &'t str);

impl<'t> Document<'t> {
    /// The whole file as one table.
    pub(super) fn root(self) -> Result<Thing<'t>, Fault> {
        let table = DeTable::parse(self.0).map_err(|error| self.fault(&error, 0))?;
        Ok(Thing::new(self, table.span().start, table.into_inner()))
    }

    /// The line, from 1, that holds the byte at `offset`.
    fn line(self, offset: usize) -> usize {
        1 + self.0.bytes().take(offset).filter(|byte| *byte == b'\n').count()
    }

    fn fault(self, error: &Error, otherwise: usize) -> Fault {
        let at = error.span().map_or(otherwise, |span| span.start);
        Fault { line: self.line(at), what: error.message().to_owned() }
    }
}

/// One table of the file.
#[derive(Debug)]
pub(super) struct Thing<'t> {
    document: Document<'t>,
    at: usize,
    table: DeTable<'t>,
    /// Keys that were asked for: known here, whatever the body knows.
    asked: Vec<&'static str>,
}

/// A piece of text and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Text {
    pub(super) line: usize,
    pub(super) text: String,
}

impl<'t> Thing<'t> {
    fn new(document: Document<'t>, at: usize, table: DeTable<'t>) -> Thing<'t> {
        Thing { document, at, table, asked: Vec::new() }
    }

    /// Where the table begins.
    pub(super) fn line(&self) -> usize {
        self.document.line(self.at)
    }

    pub(super) fn fault(&self, what: impl Into<String>) -> Fault {
        Fault { line: self.line(), what: what.into() }
    }

    /// Takes out the text under `key`.
    pub(super) fn text(&mut self, key: &'static str) -> Result<Option<Text>, Fault> {
        let Some(value) = self.take(key) else { return Ok(None) };
        self.as_text(key, &value).map(Some)
    }

    /// Takes out the texts under `key`; none means that the key is not there.
    pub(super) fn texts(&mut self, key: &'static str) -> Result<Vec<Text>, Fault> {
        let Some(value) = self.take(key) else { return Ok(Vec::new()) };
        let Some(values) = value.get_ref().as_array() else {
            return Err(self.unfit(&value, key, "a list of texts"));
        };
        values.iter().map(|value| self.as_text(key, value)).collect()
    }

    /// Takes out the tables under `[[…key]]`.
    pub(super) fn things(&mut self, key: &'static str) -> Result<Vec<Thing<'t>>, Fault> {
        let Some(value) = self.take(key) else { return Ok(Vec::new()) };
        let wrong = self.unfit(&value, key, "a list of tables, each under [[…]]");
        let DeValue::Array(values) = value.into_inner() else { return Err(wrong) };
        let document = self.document;
        let thing = |value: Spanned<DeValue<'t>>| {
            let at = value.span().start;
            match value.into_inner() {
                DeValue::Table(table) => Ok(Thing::new(document, at, table)),
                DeValue::String(_)
                | DeValue::Integer(_)
                | DeValue::Float(_)
                | DeValue::Boolean(_)
                | DeValue::Datetime(_)
                | DeValue::Array(_) => Err(Fault { line: document.line(at), ..wrong.clone() }),
            }
        };
        values.into_iter().map(thing).collect()
    }

    /// Puts in what the file says by name and the API by id. What the file itself says there is unknown.
    pub(super) fn put(&mut self, key: &'static str, value: &str) -> Result<(), Fault> {
        self.must_not_say(key)?;
        self.insert(key, DeValue::String(DeString::Owned(value.to_owned())));
        Ok(())
    }

    /// The same with a list.
    pub(super) fn put_all(&mut self, key: &'static str, values: &[String]) {
        let at = self.at..self.at;
        let text = |value: &String| DeValue::String(DeString::Owned(value.clone()));
        let values = values.iter().map(|value| Spanned::new(at.clone(), text(value))).collect();
        self.insert(key, DeValue::Array(values));
    }

    /// Refuses a key of the API that the file has another word for.
    pub(super) fn must_not_say(&self, key: &str) -> Result<(), Fault> {
        let Some((said, _)) = self.table.get_key_value(key) else { return Ok(()) };
        let line = self.document.line(said.span().start);
        let what =
            format!("unknown key {key}; things are named by slug, prefix, name or e-mail here");
        Err(Fault { line, what })
    }

    /// Reads what is left as a `T`; a key that `T` does not have is a fault.
    pub(super) fn read<T: DeserializeOwned>(self) -> Result<T, Fault> {
        let (document, at) = (self.document, self.at);
        let value = Spanned::new(at..at, DeValue::Table(self.table));
        T::deserialize(ValueDeserializer::from(value)).map_err(|error| {
            let fault = document.fault(&error, at);
            Fault { what: plain(&fault.what, &self.asked), ..fault }
        })
    }

    fn take(&mut self, key: &'static str) -> Option<Spanned<DeValue<'t>>> {
        self.asked.push(key);
        self.table.remove(key)
    }

    fn insert(&mut self, key: &'static str, value: DeValue<'t>) {
        let at = self.at..self.at;
        self.table
            .insert(Spanned::new(at.clone(), DeString::Borrowed(key)), Spanned::new(at, value));
    }

    fn as_text(&self, key: &str, value: &Spanned<DeValue<'_>>) -> Result<Text, Fault> {
        let text = value.get_ref().as_str().ok_or_else(|| self.unfit(value, key, "a text"))?;
        Ok(Text { line: self.document.line(value.span().start), text: text.to_owned() })
    }

    fn unfit(&self, value: &Spanned<DeValue<'_>>, key: &str, wanted: &str) -> Fault {
        let found = value.get_ref().type_str();
        let line = self.document.line(value.span().start);
        Fault { line, what: format!("{key} is {wanted}, but here stands: {found}") }
    }
}

/// The parser's sentence in ours: an unknown key comes with the nearest known one.
fn plain(message: &str, asked: &[&str]) -> String {
    let Some(rest) = message.strip_prefix("unknown field `") else { return message.to_owned() };
    let mut words = rest.split('`').step_by(2);
    let unknown = words.next().unwrap_or_default();
    // The file names things, so the ids of the API are not offered.
    let ours = words.filter(|word| !word.is_empty() && !word.ends_with("_id"));
    let mut known: Vec<&str> = ours.chain(asked.iter().copied()).collect();
    known.dedup();
    match nearest(unknown, known.iter().copied()) {
        Some(meant) => format!("unknown key {unknown}; did you mean {meant}?"),
        None => format!("unknown key {unknown}; the keys here are {}", known.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(deny_unknown_fields)]
    struct Body {
        name: String,
        size: Option<u32>,
        site_id: Option<String>,
    }

    fn first<'t>(text: &'t str) -> Thing<'t> {
        Document(text).root().unwrap().things("things").unwrap().remove(0)
    }

    #[test]
    fn a_table_is_read_with_what_was_put_in() {
        let mut thing = first("[[things]]\nname = \"a\"\nsite = \"s\"\n");
        assert_eq!(thing.text("site").unwrap(), Some(Text { line: 3, text: "s".to_owned() }));
        thing.put("site_id", "42").unwrap();
        let body = Body { name: "a".to_owned(), size: None, site_id: Some("42".to_owned()) };
        assert_eq!(thing.read::<Body>(), Ok(body));
    }

    #[test]
    fn an_unknown_key_is_named_with_its_line_and_the_nearest_known_one() {
        let fault = first("\n[[things]]\nname = \"a\"\nsise = 1\n").read::<Body>().unwrap_err();
        assert_eq!(fault.to_string(), "line 4: unknown key sise; did you mean size?");
        let fault = first("[[things]]\nzzz = 1\n").read::<Body>().unwrap_err();
        assert_eq!(fault.to_string(), "line 2: unknown key zzz; the keys here are name, size");
    }

    #[test]
    fn a_wrong_type_and_a_missing_key_are_named_with_their_line() {
        let fault = first("[[things]]\nname = \"a\"\nsize = \"b\"\n").read::<Body>().unwrap_err();
        assert!(fault.to_string().starts_with("line 3: invalid type: string"), "{fault}");
        let fault = first("\n[[things]]\nsize = 1\n").read::<Body>().unwrap_err();
        assert_eq!(fault.to_string(), "line 2: missing field `name`");
    }

    #[test]
    fn an_id_cannot_be_declared() {
        let fault = first("[[things]]\nsite_id = \"42\"\n").put("site_id", "43").unwrap_err();
        assert!(fault.to_string().starts_with("line 2: unknown key site_id;"), "{fault}");
    }

    #[test]
    fn a_file_that_is_not_toml_names_the_line() {
        let fault = Document("a = 1\nb = \n").root().unwrap_err();
        assert_eq!(fault.line, 2, "{fault}");
    }
}
