//! What is the same for every route, added to the document by rule.
//!
//! Sign-in, path parameters, `Idempotency-Key` on commands, `If-Match` on changes, and every problem a route can answer.
//! Invariant: each status that the edge uses for a kind of route is described for that kind.

use utoipa::openapi::path::{
    HttpMethod, Operation, Parameter, ParameterBuilder, ParameterIn, PathItem,
};
use utoipa::openapi::schema::{KnownFormat, Object, ObjectBuilder, Schema, SchemaFormat, Type};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{Components, ContentBuilder, OpenApi, Ref, RefOr, Required, ResponseBuilder};

use crate::problem::{Code, Problem};

const SCHEME: &str = "bearer";
const TENANT: &str = "/api/v1/tenants/{tenant}";
/// Orders of the platform and questions: saying them twice says the same, so they carry no key.
pub(super) const UNKEYED: [&str; 3] = [
    "/api/v1/tenants/{tenant}/suspend",
    "/api/v1/tenants/{tenant}/resume",
    "/api/v1/tenants/{tenant}/reports/what-if",
];
/// Commands that may be conditional on the ticket's version.
const OF_A_TICKET: &str = "/tickets/{id}/";
const PROBLEM: &str = "Problem";
/// What asks for no token.
pub(super) const PUBLIC: &[&str] = &["/api/v1/public/", "/api/v1/pairings", "/api/v1/devices/"];

/// What kind of route it is decides what else can be answered.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sort {
    /// Asks nobody who they are.
    Open,
    Read,
    /// A `POST` that carries an idempotency key.
    Command,
    /// The platform's `POST`, whose key is its slug.
    Create,
    /// `PUT`, `PATCH` and `DELETE`.
    Change,
    /// Asks for no token: the code or the secret it carries is its credential.
    Public,
}

impl Sort {
    const fn name(self) -> &'static str {
        match self {
            Self::Open => "Open",
            Self::Read => "Read",
            Self::Command => "Command",
            Self::Create => "Create",
            Self::Change => "Change",
            Self::Public => "Public",
        }
    }
}

pub(super) fn complete(document: &mut OpenApi) {
    document.info.version = env!("CARGO_PKG_VERSION").to_owned();
    let components = document.components.get_or_insert_with(Components::new);
    add_components(components);
    for (path, item) in &mut document.paths.paths {
        for (method, operation) in operations(item) {
            complete_operation(path, &method, operation, components);
        }
    }
}

fn operations(item: &mut PathItem) -> Vec<(HttpMethod, &mut Operation)> {
    let all = [
        (HttpMethod::Get, item.get.as_mut()),
        (HttpMethod::Post, item.post.as_mut()),
        (HttpMethod::Put, item.put.as_mut()),
        (HttpMethod::Patch, item.patch.as_mut()),
        (HttpMethod::Delete, item.delete.as_mut()),
    ];
    all.into_iter()
        .filter_map(|(method, operation)| operation.map(|operation| (method, operation)))
        .collect()
}

fn complete_operation(
    path: &str,
    method: &HttpMethod,
    operation: &mut Operation,
    components: &mut Components,
) {
    let sort = sort(path, method);
    operation.operation_id = Some(name(path, method));
    add_parameters(path, sort, operation);
    add_problems(path, sort, operation, components);
    if sort != Sort::Open && sort != Sort::Public {
        let none: [&str; 0] = [];
        operation.security = Some(vec![SecurityRequirement::new(SCHEME, none)]);
    }
}

fn sort(path: &str, method: &HttpMethod) -> Sort {
    if !path.starts_with("/api/") {
        return Sort::Open;
    }
    if PUBLIC.iter().any(|public| path.starts_with(public)) {
        return Sort::Public;
    }
    match method {
        HttpMethod::Post if UNKEYED.contains(&path) => Sort::Create,
        HttpMethod::Post if path.starts_with(TENANT) => Sort::Command,
        HttpMethod::Post => Sort::Create,
        HttpMethod::Put | HttpMethod::Patch | HttpMethod::Delete => Sort::Change,
        HttpMethod::Get | HttpMethod::Options | HttpMethod::Head | HttpMethod::Trace => Sort::Read,
    }
}

/// Such as `post_tickets_id_no_show`: from what never changes, so that generated clients do not.
fn name(path: &str, method: &HttpMethod) -> String {
    let verb = match method {
        HttpMethod::Post => "post",
        HttpMethod::Put => "put",
        HttpMethod::Delete => "delete",
        HttpMethod::Patch => "patch",
        HttpMethod::Get | HttpMethod::Options | HttpMethod::Head | HttpMethod::Trace => "get",
    };
    let place = match path.strip_prefix(TENANT) {
        Some("") => "/tenants/tenant",
        Some(rest) => rest,
        None => path.strip_prefix("/api/v1").unwrap_or(path),
    };
    format!("{verb}{}", place.replace(['{', '}'], "").replace(['/', '-', '.'], "_"))
}

fn add_parameters(path: &str, sort: Sort, operation: &mut Operation) {
    let parameters = operation.parameters.get_or_insert_default();
    let named = path.split('/').filter_map(|piece| piece.strip_prefix('{')?.strip_suffix('}'));
    parameters.extend(named.map(|name| RefOr::T(path_parameter(path, name))));
    match sort {
        Sort::Command => {
            parameters.push(RefOr::T(idempotency_key()));
            if path.contains(OF_A_TICKET) {
                parameters.push(RefOr::T(if_match()));
            }
        }
        Sort::Change => parameters.push(RefOr::T(if_match())),
        Sort::Open | Sort::Read | Sort::Create | Sort::Public => {}
    }
    if parameters.is_empty() {
        operation.parameters = None;
    }
}

const KEY: &str = "1 to 255 visible ASCII characters, bare or quoted. A repetition with the same key and request gets the \
first answer with `Idempotency-Replayed: true`; with another request, 422. Kept for 72 hours.";
const IF_MATCH: &str = "The version that the change is conditional on, as the ETag has it, or `*`.";

fn path_parameter(path: &str, name: &str) -> Parameter {
    let (description, example) = match name {
        "tenant" => ("Slug of the tenant; the token's own.", "banque-du-sahel"),
        "code" => ("Code of a ticket link.", "3q2-7wAAAAAAAAAAAAAAAAAAAAA"),
        _ if path.contains("/agents/{id}/") => ("Id of the agent, or `me`.", "me"),
        _ if path.contains("/clients/") => ("The `client_id`.", "banque-du-sahel.Zm9vYmFyYmF6cXV4"),
        _ => return uuid_parameter(name),
    };
    parameter(name, ParameterIn::Path, description, Required::True, example)
}

fn idempotency_key() -> Parameter {
    let key = header("Idempotency-Key", KEY, Required::True, "\"9f86d081-884c\"");
    shaped(key, text_like(r#"^("[!#-~]{1,253}"|[!#-~]{1,255})$"#))
}

fn if_match() -> Parameter {
    let version = header("If-Match", IF_MATCH, Required::False, "\"7\"");
    shaped(version, text_like(r#"^(\*|"[0-9]{1,15}")$"#))
}

fn shaped(mut parameter: Parameter, schema: ObjectBuilder) -> Parameter {
    parameter.schema = Some(RefOr::T(schema.build().into()));
    parameter
}

fn text_like(pattern: &str) -> ObjectBuilder {
    ObjectBuilder::from(text()).pattern(Some(pattern))
}

fn uuid_parameter(name: &str) -> Parameter {
    let example = "01890a5d-ac96-774b-bcce-b302099a8057";
    let parameter = parameter(name, ParameterIn::Path, "A UUID.", Required::True, example);
    let uuid = SchemaFormat::KnownFormat(KnownFormat::Uuid);
    shaped(parameter, ObjectBuilder::from(text()).format(Some(uuid)))
}

fn header(name: &str, description: &str, required: Required, example: &str) -> Parameter {
    parameter(name, ParameterIn::Header, description, required, example)
}

fn parameter(
    name: &str,
    place: ParameterIn,
    description: &str,
    required: Required,
    example: &str,
) -> Parameter {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(place)
        .required(required)
        .description(Some(description))
        .schema(Some(text()))
        .example(Some(example.into()))
        .build()
}

/// Each sort of route has one description per status, which its routes refer to.
fn add_problems(path: &str, sort: Sort, operation: &mut Operation, components: &mut Components) {
    for status in statuses(sort) {
        let codes: Vec<Code> = codes(status, sort).collect();
        // A list that is always there is never not found.
        if codes.is_empty() || (status == 404 && path == "/api/v1/tenants") {
            continue;
        }
        let name = format!("{}Problem{status}", sort.name());
        let reference = RefOr::Ref(Ref::new(format!("#/components/responses/{name}")));
        operation.responses.responses.entry(status.to_string()).or_insert(reference);
        components.responses.entry(name).or_insert_with(|| RefOr::T(problem(status, &codes)));
    }
}

fn statuses(sort: Sort) -> Vec<u16> {
    let mut statuses: Vec<u16> = Code::ALL.iter().map(|code| code.status()).collect();
    statuses.sort_unstable();
    statuses.dedup();
    if sort == Sort::Open {
        statuses.clear();
    }
    statuses
}

/// The codes of `status` that a route of this sort can answer with.
fn codes(status: u16, sort: Sort) -> impl Iterator<Item = Code> {
    Code::ALL.iter().copied().filter(move |code| code.status() == status && can_answer(*code, sort))
}

fn can_answer(code: Code, sort: Sort) -> bool {
    let has_body = sort != Sort::Read;
    if sort == Sort::Public && code.status() == 403 {
        return false;
    }
    match code {
        Code::MethodNotAllowed | Code::PagesMissing => false,
        Code::InvalidRequest
        | Code::TokenInUrl
        | Code::InvalidToken
        | Code::InsufficientScope
        | Code::TenantSuspended
        | Code::NotFound
        | Code::TooManyRequests
        | Code::Overloaded
        | Code::OutcomeUnknown
        | Code::QueueQuarantined
        | Code::Stopping
        | Code::Internal => true,
        Code::InvalidJson | Code::BodyTimeout | Code::BodyTooLarge | Code::UnsupportedMediaType => {
            has_body
        }
        Code::InsufficientUserAuthentication => sort != Sort::Read,
        Code::InvalidIfMatch => sort == Sort::Change || sort == Sort::Command,
        Code::InUse => sort == Sort::Change,
        Code::VersionConflict | Code::QuotaExceeded | Code::Taken => has_body,
        Code::InvalidTransition | Code::TicketEnded => {
            sort == Sort::Command || sort == Sort::Public
        }
        Code::NoAgent => sort == Sort::Command || sort == Sort::Read,
        Code::KeyMissing
        | Code::KeyInvalid
        | Code::KeyInFlight
        | Code::KeyReused
        | Code::NotAssigned
        | Code::ClassNotAllowed
        | Code::QueueClosed
        | Code::QueuePaused
        | Code::QueueFull
        | Code::OutsideOpeningHours
        | Code::AgentBusy
        | Code::AgentNotAvailable
        | Code::NobodyWaiting
        | Code::SkillMissing
        | Code::TooSoon
        | Code::TooFewCalls
        | Code::AlreadyInQueue
        | Code::SameQueue
        | Code::CommandQuarantined => sort == Sort::Command,
    }
}

fn problem(status: u16, codes: &[Code]) -> utoipa::openapi::Response {
    let example = codes.first().map(|code| Problem::of(*code).to_value(None, None));
    let content =
        ContentBuilder::new().schema(Some(Ref::from_schema_name(PROBLEM))).example(example).build();
    let names: Vec<&str> = codes.iter().map(|code| code.as_str()).collect();
    let description = format!("`code` is one of: {}", names.join(", "));
    debug_assert!(codes.iter().all(|code| code.status() == status), "one status");
    ResponseBuilder::new()
        .description(description)
        .content("application/problem+json", content)
        .build()
}

fn add_components(components: &mut Components) {
    let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("JWT").description(Some(
        "An access token (RFC 9068: `at+jwt`, ES256). The tenant, the role and the scopes come from it.",
    ));
    components.add_security_scheme(SCHEME, SecurityScheme::Http(bearer.build()));
    components.schemas.insert(PROBLEM.to_owned(), RefOr::T(problem_schema()));
}

/// RFC 9457, with our own members.
fn problem_schema() -> Schema {
    let member = |name: &str, description: &str, kind: Type| {
        (
            name.to_owned(),
            ObjectBuilder::new().schema_type(kind).description(Some(description)).build(),
        )
    };
    let members = [
        member("type", "Where the problem is described", Type::String),
        member("title", "For people", Type::String),
        member("status", "The HTTP status", Type::Integer),
        member("code", "Stable; for programs", Type::String),
        member("detail", "For people: what happened here", Type::String),
        member("instance", "The address asked for; never with 404", Type::String),
        member("trace_id", "The request's id, as in X-Request-Id; never with 404", Type::String),
        member(
            "errors",
            "Of bad input: each with a JSON `pointer` or a `parameter`, and a `detail`",
            Type::Array,
        ),
    ];
    let mut schema =
        ObjectBuilder::new().description(Some("RFC 9457. Facts of a refusal are further members."));
    for (name, object) in members {
        schema = schema.property(name, object);
    }
    ["type", "title", "status", "code", "detail"]
        .into_iter()
        .fold(schema, ObjectBuilder::required)
        .build()
        .into()
}

fn text() -> Object {
    ObjectBuilder::new().schema_type(Type::String).build()
}
