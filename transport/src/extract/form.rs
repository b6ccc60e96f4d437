//! Forms of the pages that work without a script: `application/x-www-form-urlencoded`, bounded like every body.
//!
//! Fields left empty count as left out, because a browser sends them all.
//! Invariant: what passes is typed as a JSON body of the same shape would be.

use axum::extract::{Query, Request};
use axum::http::{HeaderMap, Uri, header};
use serde::de::DeserializeOwned;

use super::body::read;
use crate::edge::Edge;
use crate::problem::{Code, Problem};

/// Bytes of a form: 500 characters, each three bytes written as nine, and some marks.
const FORM_BYTES_MAX: usize = 8 * 1024;

/// The form in the body of `request`.
///
/// # Errors
/// 415 for another media type, 413 for too much, 400 for fields that are not those of `T`.
pub(crate) async fn form_of<T: DeserializeOwned>(
    request: Request,
    edge: &Edge,
) -> Result<T, Problem> {
    let (parts, body) = request.into_parts();
    if !is_form(&parts.headers) {
        return Err(Problem::of(Code::UnsupportedMediaType));
    }
    let raw = read(body, FORM_BYTES_MAX, edge.limits().body_within).await?;
    let text = std::str::from_utf8(&raw).map_err(|_| unreadable())?;
    parse(text)
}

fn is_form(headers: &HeaderMap) -> bool {
    let given = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let essence = given.unwrap_or_default().split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case("application/x-www-form-urlencoded")
}

fn parse<T: DeserializeOwned>(text: &str) -> Result<T, Problem> {
    let given: Vec<&str> = text
        .split('&')
        .filter(|pair| pair.split_once('=').is_some_and(|(_, it)| !it.is_empty()))
        .collect();
    // A form is written exactly like the query of an address, and read by the same code.
    let uri: Uri = format!("/?{}", given.join("&")).parse().map_err(|_| unreadable())?;
    Query::<T>::try_from_uri(&uri).map(|form| form.0).map_err(|_| unreadable())
}

fn unreadable() -> Problem {
    Problem::new(Code::InvalidRequest, "the form is not as this page has it")
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Form {
        mark: Option<u8>,
        said: Option<String>,
    }

    #[test]
    fn a_form_is_read_and_what_is_empty_is_left_out() {
        let of = |text: &str| parse::<Form>(text).ok();
        let said = |said: &str| Some(said.to_owned());
        assert_eq!(
            of("mark=5&said=tr%C3%A8s+bien"),
            Some(Form { mark: Some(5), said: said("très bien") })
        );
        assert_eq!(of("mark=&said="), Some(Form { mark: None, said: None }));
        assert_eq!(of(""), Some(Form { mark: None, said: None }));
        assert_eq!(of("mark=300"), None);
        assert_eq!(of("other=1"), None);
    }
}
