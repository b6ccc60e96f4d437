//! Every code that an answer of no can carry, with its status, its title and what it means.
//!
//! A code is part of the API: once published it never changes its meaning. The page `/docs/problems` lists this table.
//! Invariant: one code has one status.

macro_rules! codes {
    ($($name:ident = $status:literal $code:literal $title:literal : $meaning:literal;)+) => {
        /// A stable code.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum Code { $($name),+ }

        impl Code {
            pub(crate) const ALL: &'static [Self] = &[$(Self::$name),+];

            pub(crate) const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $code),+ }
            }

            pub(crate) const fn status(self) -> u16 {
                match self { $(Self::$name => $status),+ }
            }

            pub(crate) const fn title(self) -> &'static str {
                match self { $(Self::$name => $title),+ }
            }

            pub(crate) const fn meaning(self) -> &'static str {
                match self { $(Self::$name => $meaning),+ }
            }
        }
    };
}

codes! {
    // What was sent.
    InvalidRequest = 400 "invalid_request" "Invalid request": "the request is not as the API describes it; `errors` says where";
    InvalidJson = 400 "invalid_json" "Invalid JSON": "the body is not JSON";
    TokenInUrl = 400 "token_in_url" "Token in the address": "an access token never travels in an address; send it as a bearer token";
    KeyMissing = 400 "idempotency_key_missing" "Idempotency-Key missing": "commands carry one Idempotency-Key header, so that they can be repeated safely; see /docs/problems#idempotency_key_missing";
    KeyInvalid = 400 "idempotency_key_invalid" "Idempotency-Key invalid": "give one Idempotency-Key of 1 to 255 visible ASCII characters, bare or quoted";
    InvalidIfMatch = 400 "if_match_invalid" "If-Match invalid": "give one version in quotes, as the ETag has it, or *";
    BodyTimeout = 408 "body_timeout" "Body too slow": "the body did not arrive in time";
    BodyTooLarge = 413 "body_too_large" "Body too large": "the body is larger than this server takes";
    UnsupportedMediaType = 415 "unsupported_media_type" "Not JSON": "send the body as application/json";
    // Who asked.
    InvalidToken = 401 "invalid_token" "Not signed in": "a valid bearer token is needed";
    InsufficientUserAuthentication = 401 "insufficient_user_authentication" "Sign in again": "this asks for a sign-in within the last minutes; sign in again, then repeat it";
    InsufficientScope = 403 "insufficient_scope" "Not allowed": "the token does not allow this";
    TenantSuspended = 403 "tenant_suspended" "Tenant suspended": "the platform has suspended this tenant; nothing of it is lost";
    NoAgent = 403 "no_agent" "Not an agent": "the token stands for no agent, so there is no `me`";
    NotAssigned = 403 "not_assigned" "Not assigned": "the ticket or queue is not assigned to this agent";
    ClassNotAllowed = 403 "class_not_allowed" "Class not allowed": "this class may not be chosen here";
    // What was asked for.
    NotFound = 404 "not_found" "Not found": "there is nothing here by that name";
    MethodNotAllowed = 405 "method_not_allowed" "Method not allowed": "the address does not take this method; `Allow` lists those it takes";
    // The rules say no.
    QueueClosed = 409 "queue_closed" "Queue closed": "the queue is closed";
    QueuePaused = 409 "queue_paused" "Queue paused": "the queue is paused and takes nobody new";
    QueueFull = 409 "queue_full" "Queue full": "as many people wait as the queue takes";
    OutsideOpeningHours = 409 "outside_opening_hours" "Outside opening hours": "the queue is outside its opening hours";
    AgentBusy = 409 "agent_busy" "Agent busy": "the agent has a ticket already";
    AgentNotAvailable = 409 "agent_not_available" "Agent not available": "the agent cannot be given a ticket now";
    NobodyWaiting = 409 "nobody_waiting" "Nobody waiting": "nobody is waiting";
    SkillMissing = 409 "skill_missing" "Skill missing": "the agent lacks a skill that the ticket asks for";
    InvalidTransition = 409 "invalid_transition" "Not in this state": "the ticket's state does not allow this";
    TicketEnded = 409 "ticket_ended" "Ticket ended": "the ticket has ended";
    TooSoon = 409 "too_soon" "Too soon": "too soon after the last call; `retry_at` says when";
    TooFewCalls = 409 "too_few_calls" "Called too few times": "a person is called several times before being marked as absent";
    AlreadyInQueue = 409 "already_in_queue" "Already in the queue": "this person has a ticket in the queue";
    SameQueue = 409 "same_queue" "Same queue": "the ticket is in that queue already";
    QuotaExceeded = 409 "quota_exceeded" "Limit reached": "a limit of this tenant is reached";
    Taken = 409 "taken" "Already taken": "a name that must be unique is taken";
    InUse = 409 "in_use" "Still in use": "something still depends on it";
    KeyInFlight = 409 "idempotency_key_in_flight" "Still under way": "the first request with this key is still under way";
    VersionConflict = 412 "version_conflict" "Changed meanwhile": "it was changed since that version; read it again";
    KeyReused = 422 "idempotency_key_reused" "Key used before": "this key was used for a different request";
    // It cannot be done now.
    TooManyRequests = 429 "too_many_requests" "Too many at once": "too many commands at once; nothing was done";
    Overloaded = 503 "overloaded" "Overloaded": "the server has more to do than it takes; nothing was done";
    OutcomeUnknown = 503 "outcome_unknown" "Outcome unknown": "it is unknown whether this was kept; repeat the request with the same Idempotency-Key";
    QueueQuarantined = 503 "queue_quarantined" "Queue set aside": "the queue cannot be read and is set aside for repair; other queues are unaffected";
    Stopping = 503 "stopping" "Stopping": "the server is stopping; nothing was done";
    PagesMissing = 503 "pages_missing" "Pages missing": "this program was built without its pages";
    CommandQuarantined = 500 "command_quarantined" "Command set aside": "this command failed again and again and is not taken any more";
    Internal = 500 "internal" "Internal error": "something went wrong here; the request's id finds it in the log";
}

impl Code {
    /// The connection cannot be used again after this answer.
    pub(crate) const fn closes(self) -> bool {
        matches!(self, Self::BodyTimeout | Self::BodyTooLarge)
    }
}
