//! Commands by name, as sockets send them: the target among the arguments, the rest as in the REST body.
//!
//! `ticket_id`, `agent_id`, `offer_id` and `queue_id` are taken out first; an agent left out is the caller. A command to
//! a ticket may carry `if_version`, which is the `If-Match` of its route.
//! Invariant: a name here means exactly what the route of that name does.

use std::str::FromStr;

use actors::{QueueChange, TicketOrder};
use domain::QueueId;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::args::{
    CallArgs, CallNextArgs, CloseArgs, CounterArgs, FinishArgs, HoldArgs, NoArgs, NoQueueArgs,
    NoteArgs, PriorityArgs, RemoveArgs, SignInArgs, StatusArgs, TagArgs, TransferArgs,
};
use super::{AgentRef, Command};
use crate::extract::parse_json;
use crate::problem::{Code, Problem};

/// The command `name` with `args`, a JSON object.
///
/// # Errors
/// 400 for a name nobody knows and for arguments that are not sound, 404 for a target that is no id.
pub(crate) fn named(name: &str, args: &[u8]) -> Result<Command, Problem> {
    let mut args: Map<String, Value> = parse_json(args)?;
    match name {
        "issue" => Ok(Command::Issue(Box::new(rest(args)?))),
        "call_next" => {
            let agent = agent(&mut args)?;
            let rest: CallNextArgs = rest(args)?;
            Ok(Command::CallNext { agent, queue: rest.queue_id.map(QueueId) })
        }
        "accept_offer" => offer(args).map(|offer| Command::Accept { offer }),
        "reject_offer" => offer(args).map(|offer| Command::Reject { offer }),
        "set_status" | "counter" | "sign_in" | "sign_out" => duty(name, args),
        "open" | "pause" | "close" => change(name, args),
        _ => order(name, args),
    }
}

fn order(name: &str, mut args: Map<String, Value>) -> Result<Command, Problem> {
    let ticket = target(&mut args, "ticket_id")?;
    let expected = if_version(&mut args)?;
    let order = match name {
        "call" => rest::<CallArgs>(args)?.order()?,
        "hold" => rest::<HoldArgs>(args)?.order()?,
        "finish" => rest::<FinishArgs>(args)?.order()?,
        "transfer" => rest::<TransferArgs>(args)?.order()?,
        "remove" => rest::<RemoveArgs>(args)?.order()?,
        "tag" => rest::<TagArgs>(args)?.order()?,
        "note" => rest::<NoteArgs>(args)?.order()?,
        "set_priority" => rest::<PriorityArgs>(args)?.order()?,
        _ => {
            let plain = plain_order(name)?;
            rest::<NoArgs>(args)?;
            plain
        }
    };
    Ok(Command::Order { ticket, order, expected })
}

fn plain_order(name: &str) -> Result<TicketOrder, Problem> {
    Ok(match name {
        "check_in" => TicketOrder::CheckIn,
        "recall" => TicketOrder::Recall,
        "start" => TicketOrder::Start,
        "resume" => TicketOrder::Resume,
        "no_show" => TicketOrder::NoShow,
        "requeue" => TicketOrder::Requeue,
        "cancel" => TicketOrder::Cancel,
        "walk_out" => TicketOrder::WalkOut,
        "reinstate" => TicketOrder::Reinstate,
        _ => return Err(Problem::invalid_parameter("name", "no command has this name")),
    })
}

fn duty(name: &str, mut args: Map<String, Value>) -> Result<Command, Problem> {
    let agent = agent(&mut args)?;
    let duty = match name {
        "set_status" => rest::<StatusArgs>(args)?.duty()?,
        "counter" => rest::<CounterArgs>(args)?.duty()?,
        "sign_in" => rest::<SignInArgs>(args)?.duty()?,
        _ => {
            rest::<NoArgs>(args)?;
            actors::AgentDuty::SignOut
        }
    };
    Ok(Command::Duty { agent, duty })
}

fn change(name: &str, mut args: Map<String, Value>) -> Result<Command, Problem> {
    let queue = target(&mut args, "queue_id")?;
    let change = match name {
        "close" => rest::<CloseArgs>(args)?.change(),
        other => {
            rest::<NoQueueArgs>(args)?;
            if other == "open" { QueueChange::Open } else { QueueChange::Pause }
        }
    };
    Ok(Command::ChangeQueue { queue, change })
}

fn offer<T: FromStr>(mut args: Map<String, Value>) -> Result<T, Problem> {
    let offer = target(&mut args, "offer_id")?;
    rest::<NoArgs>(args)?;
    Ok(offer)
}

fn agent(args: &mut Map<String, Value>) -> Result<AgentRef, Problem> {
    if args.contains_key("agent_id") { target(args, "agent_id") } else { Ok(AgentRef::Me) }
}

fn target<T: FromStr>(args: &mut Map<String, Value>, member: &str) -> Result<T, Problem> {
    let missing = || Problem::invalid(&format!("/{member}"), format!("missing field `{member}`"));
    let value = args.remove(member).ok_or_else(missing)?;
    value.as_str().and_then(|text| text.parse().ok()).ok_or(Problem::of(Code::NotFound))
}

/// The version that the ticket must still have; none when that does not matter.
fn if_version(args: &mut Map<String, Value>) -> Result<Option<u64>, Problem> {
    let Some(given) = args.remove("if_version") else { return Ok(None) };
    let unsound =
        || Problem::invalid("/if_version", "give the `version` of the ticket, a whole number");
    given.as_u64().map(Some).ok_or_else(unsound)
}

fn rest<T: DeserializeOwned>(args: Map<String, Value>) -> Result<T, Problem> {
    parse_json(Value::Object(args).to_string().as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "01890a5d-ac96-774b-bcce-b302099a8057";

    fn of(name: &str, args: &str) -> Result<Command, &'static str> {
        named(name, args.replace("ID", ID).as_bytes()).map_err(|problem| problem.code())
    }

    #[test]
    fn every_name_of_the_protocol_is_a_command() {
        let orders = [
            "check_in", "call", "recall", "start", "hold", "resume", "finish", "no_show", "requeue",
        ];
        let more = ["cancel", "remove", "walk_out", "reinstate"];
        for name in orders.into_iter().chain(more) {
            assert!(
                matches!(of(name, r#"{"ticket_id":"ID"}"#), Ok(Command::Order { .. })),
                "{name}"
            );
        }
        for name in ["open", "pause", "close"] {
            assert!(
                matches!(of(name, r#"{"queue_id":"ID"}"#), Ok(Command::ChangeQueue { .. })),
                "{name}"
            );
        }
        for name in ["sign_in", "sign_out"] {
            assert!(
                matches!(of(name, "{}"), Ok(Command::Duty { agent: AgentRef::Me, .. })),
                "{name}"
            );
        }
        assert!(matches!(of("accept_offer", r#"{"offer_id":"ID"}"#), Ok(Command::Accept { .. })));
        assert!(matches!(
            of("call_next", r#"{"queue_id":"ID"}"#),
            Ok(Command::CallNext { queue: Some(_), .. })
        ));
        let transfer =
            of("transfer", r#"{"ticket_id":"ID","queue_id":"ID","placement":{"behind":2}}"#);
        assert!(matches!(transfer, Ok(Command::Order { order: TicketOrder::Transfer { .. }, .. })));
    }

    #[test]
    fn a_version_is_a_condition_of_ticket_commands_alone() {
        let expected = |args: &str| match of("start", args) {
            Ok(Command::Order { expected, .. }) => Ok(expected),
            Ok(other) => panic!("{other:?}"),
            Err(code) => Err(code),
        };
        assert_eq!(expected(r#"{"ticket_id":"ID"}"#), Ok(None));
        assert_eq!(expected(r#"{"ticket_id":"ID","if_version":7}"#), Ok(Some(7)));
        for unsound in ["\"7\"", "-1", "1.5", "null", "true"] {
            let args = format!(r#"{{"ticket_id":"ID","if_version":{unsound}}}"#);
            assert_eq!(expected(&args), Err("invalid_request"), "{unsound}");
        }
        for (name, args) in [
            ("call_next", r#"{"if_version":7}"#),
            ("open", r#"{"queue_id":"ID","if_version":7}"#),
            ("sign_out", r#"{"if_version":7}"#),
        ] {
            assert_eq!(of(name, args).err(), Some("invalid_request"), "{name}");
        }
    }

    #[test]
    fn what_nobody_knows_is_refused() {
        assert_eq!(of("fly", r#"{"ticket_id":"ID"}"#).err(), Some("invalid_request"));
        assert_eq!(
            of("start", r#"{"ticket_id":"ID","status":"served"}"#).err(),
            Some("invalid_request")
        );
        assert_eq!(of("start", "{}").err(), Some("invalid_request"));
        assert_eq!(of("start", r#"{"ticket_id":"1; drop"}"#).err(), Some("not_found"));
        assert_eq!(of("start", "[]").err(), Some("invalid_request"));
    }
}
