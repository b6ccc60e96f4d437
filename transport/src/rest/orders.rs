//! Commands to one ticket: one route each, and the original's two aliases.
//!
//! A route only says which body it takes and which order that is; who may and what follows is shared with sockets.
//! Invariant: an alias does exactly what the route does whose other name it is.

use actors::{TicketOrder, TicketView};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::command::{
    Answer, Args, CallArgs, Command, FinishArgs, HoldArgs, NoArgs, NoteArgs, PriorityArgs,
    RemoveArgs, TagArgs, TransferArgs,
};
use crate::edge::Edge;
use crate::extract::{Call, IfMatch};
use crate::problem::Problem;

async fn order<A: Args>(
    call: Call<A>,
    order: impl FnOnce(A) -> Result<TicketOrder, Problem>,
) -> Result<Answer, Problem> {
    let (ticket, IfMatch(expected)) = (call.id()?, call.expected);
    call.give(|args| Ok(Command::Order { ticket, order: order(args)?, expected })).await
}

macro_rules! orders {
    ($($(#[doc = $doc:tt])+ $name:ident $path:tt $body:ident => $order:expr;)+) => {
        $(
            $(#[doc = $doc])+
            #[utoipa::path(post, path = $path, tag = "tickets", request_body = $body,
                responses((status = 200, description = "The ticket as it stands now", body = TicketView)))]
            async fn $name(call: Call<$body>) -> Result<Answer, Problem> {
                order(call, $order).await
            }
        )+

        pub(super) fn routes() -> OpenApiRouter<Edge> {
            OpenApiRouter::new()$(.routes(routes!($name)))+
        }
    };
}

orders! {
    /// The remote person has come.
    check_in "/api/v1/tenants/{tenant}/tickets/{id}/check-in" NoArgs => |_| Ok(TicketOrder::CheckIn);
    /// Calls this person, whatever the order says; recorded as out of turn.
    call "/api/v1/tenants/{tenant}/tickets/{id}/call" CallArgs => CallArgs::order;
    /// Announces the call again.
    recall "/api/v1/tenants/{tenant}/tickets/{id}/recall" NoArgs => |_| Ok(TicketOrder::Recall);
    /// The person has come to the counter.
    start "/api/v1/tenants/{tenant}/tickets/{id}/start" NoArgs => |_| Ok(TicketOrder::Start);
    /// The person has come to the counter. Another name of `start`.
    start_service "/api/v1/tenants/{tenant}/tickets/{id}/start_service" NoArgs => |_| Ok(TicketOrder::Start);
    /// Parks the ticket, with a reason.
    hold "/api/v1/tenants/{tenant}/tickets/{id}/hold" HoldArgs => HoldArgs::order;
    /// Takes a parked ticket up again.
    resume "/api/v1/tenants/{tenant}/tickets/{id}/resume" NoArgs => |_| Ok(TicketOrder::Resume);
    /// Ends the service.
    finish "/api/v1/tenants/{tenant}/tickets/{id}/finish" FinishArgs => FinishArgs::order;
    /// Ends the service. Another name of `finish`.
    close "/api/v1/tenants/{tenant}/tickets/{id}/close" FinishArgs => FinishArgs::order;
    /// The person did not come, after as many calls as the queue asks for.
    no_show "/api/v1/tenants/{tenant}/tickets/{id}/no-show" NoArgs => |_| Ok(TicketOrder::NoShow);
    /// Puts a called person back in line, a few places on.
    requeue "/api/v1/tenants/{tenant}/tickets/{id}/requeue" NoArgs => |_| Ok(TicketOrder::Requeue);
    /// Sends the person to another queue; number and arrival are kept.
    transfer "/api/v1/tenants/{tenant}/tickets/{id}/transfer" TransferArgs => TransferArgs::order;
    /// The person gave the ticket back.
    cancel "/api/v1/tenants/{tenant}/tickets/{id}/cancel" NoArgs => |_| Ok(TicketOrder::Cancel);
    /// Staff takes the person out of the line.
    remove "/api/v1/tenants/{tenant}/tickets/{id}/remove" RemoveArgs => RemoveArgs::order;
    /// The person left before being called.
    walk_out "/api/v1/tenants/{tenant}/tickets/{id}/walk-out" NoArgs => |_| Ok(TicketOrder::WalkOut);
    /// Puts a person back who was marked as gone, within the queue's tolerance.
    reinstate "/api/v1/tenants/{tenant}/tickets/{id}/reinstate" NoArgs => |_| Ok(TicketOrder::Reinstate);
    /// Replaces the tags.
    tag "/api/v1/tenants/{tenant}/tickets/{id}/tag" TagArgs => TagArgs::order;
    /// Adds a note, kept apart from the journal.
    note "/api/v1/tenants/{tenant}/tickets/{id}/note" NoteArgs => NoteArgs::order;
    /// Changes the priority class.
    set_priority "/api/v1/tenants/{tenant}/tickets/{id}/set-priority" PriorityArgs => PriorityArgs::order;
}
