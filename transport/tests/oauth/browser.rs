//! A browser without JavaScript: it keeps cookies, follows to pages of ours, and sends forms as it got them.

use std::collections::BTreeMap;

use axum::body::Body;
use axum::http::Request;

use crate::world::{Answer, EMAIL, ISSUER, PASSWORD, World, form};

pub(crate) struct Browser<'w> {
    world: &'w World,
    pub(crate) cookies: BTreeMap<String, String>,
    /// The page that is shown.
    pub(crate) page: String,
    pub(crate) origin: Option<&'static str>,
}

impl<'w> Browser<'w> {
    pub(crate) fn new(world: &'w World) -> Self {
        Self { world, cookies: BTreeMap::new(), page: String::new(), origin: Some(ISSUER) }
    }

    async fn send(&mut self, request: axum::http::request::Builder, body: String) -> Answer {
        let cookies: Vec<String> =
            self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request = request.header("cookie", cookies.join("; "));
        let answer = self.world.send(request.body(Body::from(body)).unwrap()).await;
        for set in answer.headers.get_all("set-cookie") {
            let set = set.to_str().unwrap();
            assert!(
                set.starts_with("__Host-")
                    && set.contains("; Secure")
                    && set.contains("; HttpOnly"),
                "{set}"
            );
            let (name, value) = set.split(';').next().unwrap().split_once('=').unwrap();
            if set.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        if answer.header("content-type").starts_with("text/html") {
            assert!(
                !answer.text.contains("<script")
                    && !answer.text.contains("style=")
                    && !answer.text.contains("<style")
            );
            assert!(answer.header("content-security-policy").contains("default-src 'none'"));
            self.page.clone_from(&answer.text);
        }
        answer
    }

    pub(crate) async fn get(&mut self, path: &str) -> Answer {
        self.send(Request::get(path), String::new()).await
    }

    /// Goes where it is sent, as long as that is here.
    pub(crate) async fn follow(&mut self, mut answer: Answer) -> Answer {
        while answer.status == 303 && answer.header("location").starts_with('/') {
            let path = answer.header("location").to_owned();
            answer = self.get(&path).await;
        }
        answer
    }

    /// The hidden fields of the form that goes to `action`.
    pub(crate) fn hidden(&self, action: &str) -> Vec<(String, String)> {
        let (_, rest) = self
            .page
            .split_once(&format!("action=\"{action}\">"))
            .unwrap_or_else(|| panic!("no form {action} on {}", self.page));
        let form = rest.split("</form>").next().unwrap();
        let inputs = form.split("<input type=\"hidden\" name=\"").skip(1);
        let pair = |input: &str| {
            let (name, rest) = input.split_once("\" value=\"").unwrap();
            (name.to_owned(), plain(rest.split('"').next().unwrap()))
        };
        inputs.map(pair).collect()
    }

    /// Fills in the form that goes to `action` and sends it.
    pub(crate) async fn submit(&mut self, action: &str, filled: &[(&str, &str)]) -> Answer {
        let hidden = self.hidden(action);
        let mut fields: Vec<(&str, &str)> =
            hidden.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        fields.extend(filled);
        self.post(action, &fields).await
    }

    pub(crate) async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let mut request =
            Request::post(path).header("content-type", "application/x-www-form-urlencoded");
        if let Some(origin) = self.origin {
            request = request.header("origin", origin);
        }
        self.send(request, form(fields)).await
    }

    /// From `address` through the sign-in page; the answer is the last that does not lead to a page of ours.
    pub(crate) async fn sign_in(&mut self, address: &str) -> Answer {
        let first = self.get(address).await;
        self.follow(first).await;
        let answer = self
            .submit("/signin", &[("tenant", "bank"), ("email", EMAIL), ("password", PASSWORD)])
            .await;
        self.follow(answer).await
    }
}

fn plain(text: &str) -> String {
    text.replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&")
}
