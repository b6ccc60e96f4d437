//! Requests by route template, method and class of status, and how long they took.
//!
//! The table holds every route that the API describes and is never changed; whatever else is asked for, pages and
//! addresses that do not exist alike, is `other`.
//! Invariant: what a client writes into an address is in no label.

use std::collections::HashMap;
use std::time::Duration;

use actors::{Count, Histogram};
use axum::extract::MatchedPath;
use axum::http::{Method, StatusCode};
use axum::response::Response;

use super::text::Text;

const METHODS: [&str; 6] = ["GET", "POST", "PUT", "PATCH", "DELETE", "other"];
const CLASSES: [&str; 5] = ["1xx", "2xx", "3xx", "4xx", "5xx"];
const MICROS: &[u64] = &[
    1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000,
    10_000_000,
];

/// Notes on an answer which route gave it, for the front.
pub(crate) async fn mark(path: Option<MatchedPath>, mut response: Response) -> Response {
    if let Some(path) = path {
        response.extensions_mut().insert(path);
    }
    response
}

/// One method of one route.
struct Asked {
    by_class: [Count; 5],
    micros: Histogram,
}

impl Asked {
    fn new() -> Self {
        Self { by_class: Default::default(), micros: Histogram::new(MICROS) }
    }
}

struct Route([Asked; 6]);

impl Route {
    fn new() -> Self {
        Self(std::array::from_fn(|_| Asked::new()))
    }
}

/// Every route.
pub(crate) struct Routes {
    known: HashMap<String, Route>,
    other: Route,
}

impl Routes {
    pub(super) fn new(templates: impl Iterator<Item = String>) -> Self {
        let known = templates.map(|template| (template, Route::new())).collect();
        Self { known, other: Route::new() }
    }

    pub(crate) fn answered(&self, method: &Method, response: &Response, took: Duration) {
        let path = response.extensions().get::<MatchedPath>();
        let route = path.and_then(|path| self.known.get(path.as_str())).unwrap_or(&self.other);
        let asked = &route.0[place_of(method)];
        asked.by_class[class_of(response.status())].one();
        asked.micros.record(u64::try_from(took.as_micros()).unwrap_or(u64::MAX));
    }

    pub(super) fn write(&self, text: &mut Text) {
        let mut known: Vec<(&str, &Route)> =
            self.known.iter().map(|(template, route)| (template.as_str(), route)).collect();
        known.sort_unstable_by_key(|(template, _)| *template);
        known.push(("other", &self.other));
        let (mut requests, mut errors, mut took) = (Vec::new(), Vec::new(), Vec::new());
        for (template, route) in known {
            for (asked, method) in route.0.iter().zip(METHODS) {
                let labels = format!("route=\"{template}\",method=\"{method}\"");
                let mut any = false;
                for (count, class) in asked.by_class.iter().zip(CLASSES) {
                    let count = count.get();
                    if count == 0 {
                        continue;
                    }
                    any = true;
                    let labels = format!("{labels},status=\"{class}\"");
                    if class == "5xx" {
                        errors.push((labels.clone(), count));
                    }
                    requests.push((labels, count));
                }
                if any {
                    took.push((labels, &asked.micros));
                }
            }
        }
        text.counter("smartqueue_http_requests_total", "Requests answered.", &requests);
        text.counter("smartqueue_http_errors_total", "Requests answered with a 5xx.", &errors);
        let help = "Time until the head of the answer was ready.";
        text.histogram("smartqueue_http_request_seconds", help, 1_000_000, &took);
    }
}

fn place_of(method: &Method) -> usize {
    let known = METHODS.iter().position(|known| *known == method.as_str());
    known.unwrap_or(METHODS.len() - 1)
}

fn class_of(status: StatusCode) -> usize {
    usize::from(status.as_u16() / 100).clamp(1, CLASSES.len()) - 1
}
