//! The hub as its users see it: what lands in an outbox, and when.
//!
//! The forms of a frame are in tests/forms.rs, random lives beside a model in model_tests.rs.

mod forms;

use bytes::Bytes;
use domain::{TenantId, Timestamp};
use outbox::{Limits, PushError, Reason, Receiver, outbox};
use serde_json::{Value, json};

use super::*;

const ID: &str = "01890a5d-ac96-774b-bcce-b302099a8057";
const AT: Timestamp = Timestamp::from_secs(1_700_000_000);

fn tenant() -> TenantId {
    ID.parse().unwrap()
}

fn queue() -> Topic {
    Topic::Queue(ID.parse().unwrap())
}

fn stats() -> Topic {
    Topic::StatsQueue(ID.parse().unwrap())
}

fn ticket() -> Topic {
    Topic::Ticket(ID.parse().unwrap())
}

fn hub() -> Hub {
    Hub::with_history(7, HistoryLimits { frames_max: 3, bytes_max: 10_000 })
}

fn listener(hub: &Hub, wire: Wire, limits: Limits) -> (Subscriber, Receiver<Outgoing>) {
    let (outbox, receiver) = outbox(limits);
    (Subscriber { id: hub.new_subscriber_id(), wire, outbox }, receiver)
}

fn json_listener(hub: &Hub) -> (Subscriber, Receiver<Outgoing>) {
    listener(hub, Wire::Json, Limits::default())
}

fn event(n: u64) -> EventFrame {
    EventFrame::new("ticket.called", AT, json!({ "n": n }))
}

fn snapshot(reset: bool) -> Snapshot {
    Snapshot { at: AT, reset, data: json!({"waiting": 3}), histograms: None }
}

fn texts(receiver: &mut Receiver<Outgoing>) -> Vec<String> {
    let mut frames = Vec::new();
    receiver.drain(&mut frames);
    frames.iter().map(|frame| str::from_utf8(frame.bytes()).unwrap().to_owned()).collect()
}

fn seqs(receiver: &mut Receiver<Outgoing>) -> Vec<u64> {
    let parsed =
        |text: &String| serde_json::from_str::<Value>(text).unwrap()["seq"].as_u64().unwrap();
    texts(receiver).iter().map(parsed).collect()
}

fn since(seq: u64) -> Option<Position> {
    Some(Position { epoch: 7, seq })
}

#[test]
fn a_topic_nobody_listened_to_costs_nothing() {
    let hub = hub();
    assert_eq!(hub.publish(tenant(), queue(), event(1)), None);
    assert!(!hub.is_wanted(tenant(), queue()));
    assert_eq!(hub.topics(), 0);
}

#[test]
fn a_returning_subscriber_gets_what_it_missed_after_subscribed() {
    let hub = hub();
    let (first, mut receiver) = json_listener(&hub);
    hub.attach_with_snapshot(tenant(), queue(), &first, snapshot(false)).unwrap();
    for n in 1..=2 {
        hub.publish(tenant(), queue(), event(n));
    }
    assert_eq!(seqs(&mut receiver), [0, 1, 2]);
    drop(receiver);
    assert!(hub.detach(tenant(), queue(), first.id));
    hub.publish(tenant(), queue(), event(3));

    let (second, mut receiver) = json_listener(&hub);
    let attached = hub.attach(tenant(), queue(), &second, since(1));
    assert_eq!(attached, Attach::Recovered(Position { epoch: 7, seq: 3 }));
    hub.publish(tenant(), queue(), event(4));
    let texts = texts(&mut receiver);
    let subscribed = format!(
        r#"{{"op":"subscribed","topic":"{}","epoch":7,"seq":1,"recovered":true}}"#,
        queue()
    );
    assert_eq!(texts[0], subscribed);
    assert!(texts[1].contains(r#""seq":2,"#) && texts[2].contains(r#""seq":3,"#), "{texts:?}");
    assert!(texts[3].contains(r#""seq":4,"#) && texts.len() == 4, "{texts:?}");
}

#[test]
fn who_missed_too_much_or_knows_another_epoch_needs_a_reset() {
    let hub = hub();
    let (subscriber, _receiver) = json_listener(&hub);
    hub.attach_with_snapshot(tenant(), queue(), &subscriber, snapshot(false)).unwrap();
    for n in 1..=5 {
        hub.publish(tenant(), queue(), event(n));
    }
    let (late, _receiver) = json_listener(&hub);
    let needs_reset = Attach::NeedsSnapshot { reset: true };
    assert_eq!(
        hub.attach(tenant(), queue(), &late, since(1)),
        needs_reset,
        "more than the history"
    );
    assert_eq!(hub.attach(tenant(), queue(), &late, since(6)), needs_reset, "from the future");
    assert_eq!(
        hub.attach(tenant(), queue(), &late, Some(Position { epoch: 6, seq: 5 })),
        needs_reset
    );
    assert_eq!(hub.attach(tenant(), stats(), &late, since(0)), needs_reset, "never listened to");
    assert_eq!(hub.subscribers(tenant(), queue()), 1);
    let Attach::Recovered(_) = hub.attach(tenant(), queue(), &late, since(2)) else {
        panic!("within the history")
    };
}

#[test]
fn the_history_is_bounded_by_bytes_too() {
    let hub = Hub::with_history(7, HistoryLimits { frames_max: 100, bytes_max: 400 });
    let (subscriber, _receiver) = json_listener(&hub);
    hub.attach_with_snapshot(tenant(), queue(), &subscriber, snapshot(false)).unwrap();
    for n in 1..=10 {
        hub.publish(tenant(), queue(), event(n));
    }
    let (late, _receiver) = json_listener(&hub);
    assert_eq!(
        hub.attach(tenant(), queue(), &late, since(1)),
        Attach::NeedsSnapshot { reset: true }
    );
    assert!(matches!(hub.attach(tenant(), queue(), &late, since(9)), Attach::Recovered(_)));
}

#[test]
fn a_replay_that_would_overflow_the_outbox_becomes_a_snapshot() {
    let hub = hub();
    let (first, _receiver) = json_listener(&hub);
    hub.attach_with_snapshot(tenant(), queue(), &first, snapshot(false)).unwrap();
    for n in 1..=3 {
        hub.publish(tenant(), queue(), event(n));
    }
    let (narrow, mut receiver) =
        listener(&hub, Wire::Json, Limits { bytes_max: 100_000, frames_max: 3 });
    assert_eq!(
        hub.attach(tenant(), queue(), &narrow, since(0)),
        Attach::NeedsSnapshot { reset: true }
    );
    assert!(!narrow.outbox.is_closed());
    assert!(matches!(hub.attach(tenant(), queue(), &narrow, since(1)), Attach::Recovered(_)));
    assert_eq!(seqs(&mut receiver), [1, 2, 3]);
}

#[test]
fn tenants_and_topics_do_not_hear_each_other() {
    let hub = hub();
    let (subscriber, mut receiver) = json_listener(&hub);
    hub.attach_with_snapshot(tenant(), queue(), &subscriber, snapshot(false)).unwrap();
    let other: TenantId = "01890a5d-ac96-774b-bcce-b302099a8058".parse().unwrap();
    assert_eq!(hub.publish(other, queue(), event(1)), None);
    assert_eq!(hub.publish(tenant(), Topic::Alerts, event(1)), None);
    assert_eq!(texts(&mut receiver).len(), 1);
}

#[test]
fn a_newer_statistic_replaces_an_unsent_older_one() {
    let hub = hub();
    let (subscriber, mut receiver) = json_listener(&hub);
    hub.attach_with_snapshot(tenant(), stats(), &subscriber, snapshot(false)).unwrap();
    hub.attach_with_snapshot(tenant(), queue(), &subscriber, snapshot(false)).unwrap();
    for n in 1..=3 {
        hub.publish(tenant(), stats(), event(n));
        hub.publish(tenant(), queue(), event(n));
    }
    assert_eq!(seqs(&mut receiver), [0, 0, 3, 1, 2, 3]);
    let (late, mut receiver) = json_listener(&hub);
    assert!(matches!(hub.attach(tenant(), stats(), &late, since(0)), Attach::Recovered(_)));
    assert_eq!(seqs(&mut receiver), [0, 3], "the newest stands for all");
}

#[test]
fn a_statistic_never_slips_before_the_snapshot_of_a_new_attachment() {
    let hub = hub();
    let (subscriber, mut receiver) = json_listener(&hub);
    hub.attach_with_snapshot(tenant(), stats(), &subscriber, snapshot(false)).unwrap();
    hub.publish(tenant(), stats(), event(1));
    hub.attach_with_snapshot(tenant(), stats(), &subscriber, snapshot(true)).unwrap();
    hub.publish(tenant(), stats(), event(2));
    assert_eq!(seqs(&mut receiver), [0, 1, 1, 2]);
}

#[test]
fn a_slow_reader_is_detached_and_told_while_others_hear_everything() {
    let hub = hub();
    let (slow, mut slow_receiver) =
        listener(&hub, Wire::Json, Limits { bytes_max: 100_000, frames_max: 2 });
    let (other, mut receiver) = json_listener(&hub);
    for subscriber in [&slow, &other] {
        hub.attach_with_snapshot(tenant(), queue(), subscriber, snapshot(false)).unwrap();
    }
    for n in 1..=4 {
        hub.publish(tenant(), queue(), event(n));
    }
    assert_eq!(seqs(&mut receiver), [0, 1, 2, 3, 4]);
    assert_eq!(hub.subscribers(tenant(), queue()), 1);
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    assert_eq!(
        slow_receiver.poll_ready(&mut context),
        std::task::Poll::Ready(Err(Reason::TooSlow))
    );
    assert_eq!(hub.attach(tenant(), queue(), &slow, since(4)), Attach::Closed);
    let refused = hub.attach_with_snapshot(tenant(), queue(), &slow, snapshot(true));
    assert_eq!(refused, Err(PushError::Closed));
}

#[test]
fn an_ended_session_leaves_every_topic() {
    let hub = hub();
    let (subscriber, receiver) = json_listener(&hub);
    for topic in [queue(), stats()] {
        hub.attach_with_snapshot(tenant(), topic, &subscriber, snapshot(false)).unwrap();
    }
    drop(receiver);
    hub.detach_all(tenant(), [queue(), stats(), ticket()], subscriber.id);
    assert_eq!([queue(), stats()].map(|topic| hub.subscribers(tenant(), topic)), [0, 0]);
    assert!(!hub.detach(tenant(), queue(), subscriber.id));
}

#[test]
fn a_retired_topic_is_forgotten_with_its_last_listener_and_counts_on() {
    let hub = hub();
    let (subscriber, mut receiver) = json_listener(&hub);
    hub.attach_with_snapshot(tenant(), ticket(), &subscriber, snapshot(false)).unwrap();
    hub.publish(tenant(), ticket(), event(1));
    hub.retire(tenant(), ticket());
    hub.publish(tenant(), ticket(), event(2));
    assert_eq!(seqs(&mut receiver), [0, 1, 2], "late frames are still heard");
    hub.detach(tenant(), ticket(), subscriber.id);
    assert_eq!(hub.topics(), 0);

    // The same ticket again: what was said meanwhile was said to nobody, so no old number may seem current.
    hub.publish(tenant(), ticket(), event(3));
    let position =
        hub.attach_with_snapshot(tenant(), ticket(), &subscriber, snapshot(true)).unwrap();
    assert!(position.seq > 2);
    for seq in 0..position.seq {
        let attached = hub.attach(tenant(), ticket(), &subscriber, since(seq));
        assert_eq!(attached, Attach::NeedsSnapshot { reset: true });
    }
}

#[test]
fn idle_topics_are_forgotten_and_busy_ones_are_not() {
    let hub = hub();
    let (subscriber, receiver) = json_listener(&hub);
    for topic in [queue(), ticket(), Topic::Alerts] {
        hub.attach_with_snapshot(tenant(), topic, &subscriber, snapshot(false)).unwrap();
        hub.publish(tenant(), topic, event(1));
    }
    let later = Timestamp(AT.0 + 1);
    assert_eq!(hub.forget_idle(later), 0, "somebody listens");
    hub.detach(tenant(), queue(), subscriber.id);
    assert_eq!(hub.forget_idle(AT), 0, "it was busy at that moment");
    assert_eq!(hub.forget_idle(later), 1);
    drop(receiver);
    assert_eq!(hub.forget_idle(later), 2, "a gone session does not count as a listener");
    assert_eq!(hub.topics(), 0);
}

#[test]
fn what_the_session_says_leaves_in_order_with_the_frames() {
    let hub = hub();
    let (subscriber, mut receiver) = json_listener(&hub);
    subscriber.outbox.push(Outgoing::Own(Bytes::from_static(b"{\"seq\":99}"))).unwrap();
    let site = Topic::Site(ID.parse().unwrap());
    hub.attach_with_snapshot(tenant(), site, &subscriber, snapshot(false)).unwrap();
    assert_eq!(seqs(&mut receiver), [99, 0]);
}

#[test]
fn publishers_in_several_threads_share_one_order() {
    let hub = Hub::new(7);
    let (subscriber, mut receiver) =
        listener(&hub, Wire::Json, Limits { bytes_max: 1 << 30, frames_max: 1 << 20 });
    hub.attach_with_snapshot(tenant(), queue(), &subscriber, snapshot(false)).unwrap();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| (0..500).for_each(|n| _ = hub.publish(tenant(), queue(), event(n))));
        }
        let mut seen = seqs(&mut receiver);
        while seen.len() < 2001 {
            seen.extend(seqs(&mut receiver));
        }
        assert_eq!(seen, (0..=2000).collect::<Vec<u64>>());
    });
}
