//! The document of the API as the program serves it, and bodies made after its schemas.
//!
//! Invariant: what is asked for is only what the document says, so that a new route is in the stories by itself.

use reqwest::Method;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::app::App;
use crate::client::Client;

const OF_A_TENANT: &str = "/api/v1/tenants/{tenant}";

/// One operation of one tenant.
#[derive(Debug, Clone)]
pub(crate) struct Route {
    pub(crate) method: Method,
    /// Behind the tenant's, such as `/queues/{id}/open`.
    pub(crate) path: String,
    /// Names of the parameters of the query.
    pub(crate) query: Vec<String>,
    /// The least body that fits, if there is to be one.
    pub(crate) body: Option<Value>,
    /// Where ids go in the body, as JSON pointers.
    pub(crate) ids_in_body: Vec<String>,
}

impl Route {
    pub(crate) fn has_id(&self) -> bool {
        self.path.contains("{id}")
    }

    /// The collection that the route belongs to, such as `queues`.
    pub(crate) fn collection(&self) -> &str {
        self.path.split('/').nth(1).unwrap_or_default()
    }
}

/// As anybody gets it.
pub(crate) async fn document(app: &App) -> Value {
    let asked = app.admin().http.get(format!("{}/openapi.json", app.origin()));
    Client::sends(asked).await.is(200)
}

/// Every operation under a tenant.
pub(crate) async fn routes(app: &App) -> Vec<Route> {
    let document = document(app).await;
    let paths = document["paths"].as_object().unwrap();
    let mut routes = Vec::new();
    for (path, item) in paths {
        let Some(path) = path.strip_prefix(OF_A_TENANT) else { continue };
        for (method, operation) in item.as_object().unwrap() {
            routes.push(route(&document, path, method, operation));
        }
    }
    assert!(routes.len() > 80, "{} routes", routes.len());
    routes
}

fn route(document: &Value, path: &str, method: &str, operation: &Value) -> Route {
    let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
    let parameters = operation["parameters"].as_array().into_iter().flatten();
    let of_query = parameters.filter(|parameter| parameter["in"] == "query");
    let mut ids_in_body = Vec::new();
    if schema.is_object() {
        collect_ids(document, schema, "", &mut ids_in_body);
    }
    Route {
        method: Method::from_bytes(method.to_uppercase().as_bytes()).unwrap(),
        path: path.to_owned(),
        query: of_query.map(|parameter| parameter["name"].as_str().unwrap().to_owned()).collect(),
        body: schema.is_object().then(|| sample(document, schema)),
        ids_in_body,
    }
}

fn resolved<'d>(document: &'d Value, schema: &'d Value) -> &'d Value {
    let Some(name) = schema["$ref"].as_str() else { return schema };
    let found = document.pointer(name.trim_start_matches('#')).unwrap();
    resolved(document, found)
}

fn collect_ids(document: &Value, schema: &Value, at: &str, found: &mut Vec<String>) {
    let schema = resolved(document, schema);
    if schema["format"] == "uuid" {
        found.push(at.to_owned());
    }
    for (name, member) in schema["properties"].as_object().into_iter().flatten() {
        collect_ids(document, member, &format!("{at}/{name}"), found);
    }
    if schema["items"].is_object() {
        collect_ids(document, &schema["items"], &format!("{at}/0"), found);
    }
}

/// The least that fits the schema: its example, or what it asks for.
fn sample(document: &Value, schema: &Value) -> Value {
    let schema = resolved(document, schema);
    if let Some(example) = schema.get("example") {
        return example.clone();
    }
    let choice = ["enum", "oneOf", "anyOf"].iter().find_map(|name| schema[*name].get(0));
    match choice {
        Some(choice) if schema["enum"].is_array() => return choice.clone(),
        Some(choice) => return sample(document, choice),
        None => {}
    }
    let kind = schema["type"].as_str().or_else(|| schema["type"][0].as_str());
    match kind.unwrap_or("object") {
        "string" if schema["format"] == "uuid" => json!(Uuid::now_v7()),
        "string" => json!("canvas"),
        "integer" | "number" => schema.get("minimum").cloned().unwrap_or_else(|| json!(1)),
        "boolean" => json!(false),
        "array" => json!([]),
        _ => asked_for(document, schema),
    }
}

fn asked_for(document: &Value, schema: &Value) -> Value {
    let mut members = Map::new();
    for name in schema["required"].as_array().into_iter().flatten() {
        let name = name.as_str().unwrap();
        members.insert(name.to_owned(), sample(document, &schema["properties"][name]));
    }
    Value::Object(members)
}

/// `body` with `id` at `pointer`, whatever has to be made for it.
pub(crate) fn with_id(body: &Value, pointer: &str, id: &str) -> Value {
    let mut body = body.clone();
    let mut place = &mut body;
    for piece in pointer.split('/').skip(1) {
        if piece == "0" {
            *place = json!([null]);
            place = &mut place[0];
        } else {
            if !place.is_object() {
                *place = json!({});
            }
            place = &mut place[piece];
        }
    }
    *place = json!(id);
    body
}
