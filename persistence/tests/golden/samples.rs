//! One event of each kind, every field filled, always the same.
//!
//! Ids are counted up from one, so that an exchanged field shows in the text.
//! Always true: a sample never changes; a new field of the domain gets a new sample beside it.

use std::sync::Arc;

use domain::{
    AgentEvent, AgentId, AgentProfile, Announcement, Call, Channel, ClassKey, CounterId,
    CustomerId, Dispatch, Event, InHand, Interval, LastNumber, LocalDay, Outbound, Place,
    Placement, Policy, QueueConfig, QueueId, Reason, RequeueCause, Secs, ServiceId, SiteId,
    SkillSet, TicketId, TicketNumber, Timestamp, Visit,
};
use uuid::Uuid;

fn id<T: From<Uuid>>(number: u128) -> T {
    Uuid::from_u128(0x0189_0a5d_ac96_774b_bcce_b302_099a_0000 + number).into()
}

fn at(secs: i64) -> Timestamp {
    Timestamp(1_700_000_000_000_000 + secs * 1_000_000 + 250)
}

fn ticket() -> TicketId {
    id(1)
}

fn visit() -> Visit {
    Visit {
        ticket: ticket(),
        number: TicketNumber { prefix: Arc::from("A"), value: 42 },
        service: id::<ServiceId>(2),
        class: ClassKey::new("senior"),
        channel: Channel::Kiosk,
        needs: SkillSet::from(vec!["wolof".to_owned()]),
        customer: Some(id::<CustomerId>(3)),
        language: Some(Arc::from("fr")),
        slot: Some(at(600)),
        issued_at: at(0),
        leg: 2,
    }
}

fn bare_visit() -> Visit {
    Visit {
        customer: None,
        language: None,
        slot: None,
        needs: SkillSet::default(),
        leg: 1,
        ..visit()
    }
}

fn call(reason: Reason) -> Call {
    Call { agent: id::<AgentId>(4), counter: id::<CounterId>(5), calls: 1, at: at(60), reason }
}

fn drawn() -> LastNumber {
    LastNumber { day: LocalDay("2023-11-14".parse().unwrap()), value: 42 }
}

fn outbound(placement: Placement) -> Box<Outbound> {
    let (arrived_at, to) = (at(1), id::<QueueId>(6));
    Box::new(Outbound {
        visit: visit(),
        arrived_at,
        to,
        placement,
        tags: vec!["urgent".to_owned()],
    })
}

fn config() -> Box<QueueConfig> {
    let mut config = QueueConfig::new(id::<SiteId>(7), id::<ServiceId>(2));
    config.zone = "Africa/Dakar".parse().unwrap();
    config.capacity = Some(80);
    config.hours.weekly =
        vec![vec![Interval { open: "08:00".parse().unwrap(), close: "16:30".parse().unwrap() }]];
    config.hours.special.insert("2023-12-25".parse().unwrap(), Vec::new());
    config.needs = SkillSet::from(vec!["cash".to_owned()]);
    config.longest_wait = Some(Secs(7_200));
    Box::new(config)
}

pub(crate) fn queue_events() -> Vec<Event> {
    let ticket = ticket();
    let tags = || vec!["urgent".to_owned()];
    let (visit, from) = (Arc::new(visit()), id::<QueueId>(8));
    let place = Place::Behind { calls: 17 };
    vec![
        Event::Issued { visit: Arc::clone(&visit), remote: false, drawn: drawn(), tags: tags() },
        Event::CheckedIn { ticket },
        Event::Called {
            ticket,
            call: call(Reason::OverTarget { waited: Secs(1_860), target: Secs(1_200) }),
            turn: Some(9),
        },
        Event::Recalled { ticket, calls: 2 },
        Event::Started { ticket },
        Event::Held { ticket, by: Some(id::<AgentId>(4)), why: "fetching a paper".to_owned() },
        Event::Resumed { ticket, call: call(Reason::CalledBack), held: Secs(95) },
        Event::Served { ticket, outcomes: vec!["account_opened".to_owned()] },
        Event::NoShow { ticket },
        Event::Requeued { ticket, place, cause: RequeueCause::Missed },
        Event::Transferred { ticket, outbound: outbound(Placement::Behind(3)) },
        Event::Admitted {
            visit,
            arrived_at: at(1),
            from,
            place: Place::First { seq: 4 },
            tags: tags(),
        },
        Event::HandoverConfirmed { ticket, leg: 2 },
        Event::Cancelled { ticket },
        Event::Removed { ticket, why: "left a bag".to_owned() },
        Event::WalkedOut { ticket },
        Event::Expired { ticket },
        Event::Reinstated { ticket },
        Event::Tagged { ticket, tags: tags() },
        Event::Noted { ticket },
        Event::PriorityChanged { ticket, class: ClassKey::new("vip") },
        Event::Announced { ticket, what: Announcement::Heard },
        Event::Opened,
        Event::Paused,
        Event::ClosingBegan,
        Event::Closed,
        Event::Configured(config()),
    ]
}

/// Events whose values differ from those above in kind.
pub(crate) fn queue_variants() -> Vec<Event> {
    let ticket = ticket();
    let (waited, class) = (Secs(5), ClassKey::new("normal"));
    let reasons = [
        Reason::FirstInLine { waited },
        Reason::ClassBefore { class: class.clone() },
        Reason::Deadline { waited, target: Secs(6) },
        Reason::HardBound { waited },
        Reason::Accumulated { waited, class: class.clone() },
        Reason::Turn { class },
        Reason::Appointment { slot: at(5) },
        Reason::PlacedFirst,
        Reason::OutOfOrder { by: id(4), why: "elderly \"person\" standing\n".to_owned() },
    ];
    let channels = [
        Channel::Staff,
        Channel::Web,
        Channel::Mobile,
        Channel::Sms,
        Channel::Whatsapp,
        Channel::Ussd,
        Channel::Appointment,
    ];
    let policies = [
        Policy::Fifo,
        Policy::Priority,
        Policy::Deadline,
        Policy::Accumulating,
        Policy::Ratio,
        Policy::Appointment { order: Box::new(Policy::default()) },
    ];
    let called = reasons.map(|reason| Event::Called { ticket, call: call(reason), turn: None });
    let issued = channels.map(|channel| {
        let visit = Arc::new(Visit { channel, ..bare_visit() });
        Event::Issued { visit, remote: true, drawn: drawn(), tags: Vec::new() }
    });
    let configured =
        policies.map(|policy| Event::Configured(Box::new(QueueConfig { policy, ..*config() })));
    let transferred = [Placement::Keep, Placement::First]
        .map(|p| Event::Transferred { ticket, outbound: outbound(p) });
    let others = [
        Event::Held { ticket, by: None, why: String::new() },
        Event::Requeued { ticket, place: Place::InOrder, cause: RequeueCause::Agent },
        Event::Requeued {
            ticket,
            place: Place::Behind { calls: 7 },
            cause: RequeueCause::Customer,
        },
        Event::Announced { ticket, what: Announcement::Shown },
    ];
    called.into_iter().chain(issued).chain(configured).chain(transferred).chain(others).collect()
}

pub(crate) fn agent_events() -> Vec<AgentEvent> {
    let reason = "lunch".to_owned();
    vec![
        AgentEvent::Available,
        AgentEvent::Busy(InHand { queue: id(6), ticket: ticket(), number: "A042".to_owned() }),
        AgentEvent::WrapUp { until: at(30) },
        AgentEvent::OnBreak { reason: reason.clone() },
        AgentEvent::Offline,
        AgentEvent::Released,
        AgentEvent::BreakWanted { reason: Some(reason) },
        AgentEvent::CounterTaken { counter: id(5) },
        AgentEvent::CounterLeft,
        AgentEvent::Configured(AgentProfile {
            queues: vec![id(6), id(8)],
            skills: SkillSet::from(vec!["cash".to_owned(), "wolof".to_owned()]),
            dispatch: Dispatch::Push,
            counter: Some(id(5)),
            ..AgentProfile::default()
        }),
    ]
}
