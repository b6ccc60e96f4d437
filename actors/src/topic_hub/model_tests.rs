//! Random lives of a hub and its clients beside a model too naive to be wrong.
//!
//! Every publication of a topic carries its true number, also when nobody hears it. A client remembers what the
//! last frame told it; the model knows only that each next event must tell exactly one more, or a snapshot all.
//!
//! Invariant: a client that listens and has read everything knows everything, and never saw a gap or a repeat.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::task::{Context, Poll, Waker};

use domain::{TenantId, Timestamp};
use outbox::{Limits, Receiver, outbox};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};

use super::planted::Bug;
use super::*;

const TOPICS: usize = 3;
const CLIENTS: usize = 3;
const HISTORY: HistoryLimits = HistoryLimits { frames_max: 4, bytes_max: 10_000 };
/// Room for a full replay and little more, so that slow readers are common.
const NARROW: Limits = Limits { bytes_max: 100_000, frames_max: 9 };

#[derive(Clone, Debug)]
enum Step {
    Publish(usize),
    Subscribe(usize, usize),
    /// A frame is published while the client is being attached.
    SubscribeMeanwhile(usize, usize),
    Unsubscribe(usize, usize),
    Read(usize),
    /// The connection is lost with all that was unread.
    Drop(usize),
    Retire(usize),
    ForgetIdle,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let pair = || (0..CLIENTS, 0..TOPICS);
    let step = prop_oneof![
        10 => (0..TOPICS).prop_map(Step::Publish),
        6 => pair().prop_map(|(client, topic)| Step::Subscribe(client, topic)),
        3 => pair().prop_map(|(client, topic)| Step::SubscribeMeanwhile(client, topic)),
        2 => pair().prop_map(|(client, topic)| Step::Unsubscribe(client, topic)),
        5 => (0..CLIENTS).prop_map(Step::Read),
        3 => (0..CLIENTS).prop_map(Step::Drop),
        1 => (0..TOPICS).prop_map(Step::Retire),
        1 => Just(Step::ForgetIdle),
    ];
    vec(step, 0..80)
}

fn tenant() -> TenantId {
    "01890a5d-ac96-774b-bcce-b302099a8057".parse().unwrap()
}

fn topic(index: usize) -> Topic {
    let id = "01890a5d-ac96-774b-bcce-b302099a8058";
    match index {
        0 => Topic::Queue(id.parse().unwrap()),
        1 => Topic::Ticket(id.parse().unwrap()),
        _ => Topic::StatsQueue(id.parse().unwrap()),
    }
}

/// What a client believes about one topic.
#[derive(Clone, Copy)]
struct Belief {
    position: Position,
    /// The true number of the last thing it was told.
    told: u64,
}

struct Client {
    subscriber: Subscriber,
    receiver: Receiver<Outgoing>,
    listens: [bool; TOPICS],
    beliefs: [Option<Belief>; TOPICS],
}

struct World {
    hub: Hub,
    /// How often each topic was published to.
    truth: Arc<Mutex<[u64; TOPICS]>>,
    clients: Vec<Client>,
    planted: Option<Bug>,
}

fn connect(hub: &Hub, index: usize) -> (Subscriber, Receiver<Outgoing>) {
    let (outbox, receiver) = outbox(NARROW);
    let wire = if index == 1 { Wire::MsgPack } else { Wire::Json };
    (Subscriber { id: hub.new_subscriber_id(), wire, outbox }, receiver)
}

fn publish(hub: &Hub, truth: &Mutex<[u64; TOPICS]>, index: usize) {
    let number = {
        let mut truth = truth.lock().unwrap();
        truth[index] += 1;
        truth[index]
    };
    let event = EventFrame::new("told", Timestamp::from_secs(0), json!({ "number": number }));
    hub.publish(tenant(), topic(index), event);
}

impl Client {
    fn read_all(&mut self) {
        let mut frames = Vec::new();
        self.receiver.drain(&mut frames);
        for frame in frames {
            let value = match self.subscriber.wire {
                Wire::MsgPack | Wire::MsgPackFull => rmp_serde::from_slice(frame.bytes()).unwrap(),
                Wire::Json | Wire::JsonFull | Wire::Compat | Wire::EventStream => {
                    serde_json::from_slice(frame.bytes()).unwrap()
                }
            };
            self.hear(&value);
        }
    }

    fn hear(&mut self, frame: &Value) {
        let index = (0..TOPICS).find(|index| topic(*index).to_string() == frame["topic"]).unwrap();
        let belief = self.beliefs[index];
        let seq = frame["seq"].as_u64().unwrap();
        let told = frame["data"]["number"].as_u64();
        match frame["op"].as_str().unwrap() {
            "snapshot" => {
                assert_eq!(frame["reset"], belief.is_some(), "a reset is said, and only then");
                let position = Position { epoch: frame["epoch"].as_u64().unwrap(), seq };
                self.beliefs[index] = Some(Belief { position, told: told.unwrap() });
            }
            "subscribed" => assert_eq!(seq, belief.unwrap().position.seq, "a gap or a repeat"),
            "event" => {
                let Belief { position, told: before } = belief.unwrap();
                let (seqs, tolds) = (seq - position.seq, told.unwrap() - before);
                if topic(index).is_latest_value() {
                    assert!(seqs > 0 && tolds > 0, "a statistic went backwards");
                } else {
                    assert_eq!((seqs, tolds), (1, 1), "a gap or a repeat");
                }
                let position = Position { seq, ..position };
                self.beliefs[index] = Some(Belief { position, told: told.unwrap() });
            }
            other => panic!("{other} is no frame of a topic"),
        }
    }

    fn is_cut_off(&mut self) -> bool {
        let answer = self.receiver.poll_ready(&mut Context::from_waker(Waker::noop()));
        matches!(answer, Poll::Ready(Err(_)))
    }
}

impl World {
    fn new(planted: Option<Bug>) -> Self {
        let hub = Hub::with_history(7, HISTORY);
        let clients = (0..CLIENTS).map(|index| {
            let (subscriber, receiver) = connect(&hub, index);
            Client { subscriber, receiver, listens: [false; TOPICS], beliefs: [None; TOPICS] }
        });
        let clients = clients.collect();
        Self { hub, truth: Arc::default(), clients, planted }
    }

    fn take(&mut self, step: &Step) {
        match *step {
            Step::Publish(topic) => publish(&self.hub, &self.truth, topic),
            Step::Subscribe(client, topic) => self.subscribe(client, topic),
            Step::SubscribeMeanwhile(client, topic) => self.subscribe_meanwhile(client, topic),
            Step::Unsubscribe(client, index) => {
                self.read(client);
                let client = &mut self.clients[client];
                client.listens[index] = false;
                self.hub.detach(tenant(), topic(index), client.subscriber.id);
            }
            Step::Read(client) => self.read(client),
            Step::Drop(client) => self.reconnect(client),
            Step::Retire(index) => self.hub.retire(tenant(), topic(index)),
            Step::ForgetIdle => _ = self.hub.forget_idle(Timestamp::from_secs(1)),
        }
    }

    fn read(&mut self, client: usize) {
        self.clients[client].read_all();
        if self.clients[client].is_cut_off() {
            self.reconnect(client);
        }
    }

    fn reconnect(&mut self, index: usize) {
        let client = &mut self.clients[index];
        let (subscriber, receiver) = connect(&self.hub, index);
        let left = std::mem::replace(&mut client.subscriber, subscriber);
        client.receiver = receiver;
        client.listens = [false; TOPICS];
        self.hub.detach_all(tenant(), (0..TOPICS).map(topic), left.id);
    }

    fn subscribe(&mut self, client: usize, index: usize) {
        self.read(client);
        let client = &mut self.clients[client];
        let since = client.beliefs[index].map(|belief| belief.position);
        match self.hub.attach(tenant(), topic(index), &client.subscriber, since) {
            Attach::Recovered(_) => {}
            Attach::NeedsSnapshot { reset } => {
                let data = json!({"number": self.truth.lock().unwrap()[index]});
                let at = Timestamp::from_secs(0);
                let snapshot = Snapshot { at, reset, data, histograms: None };
                self.hub
                    .attach_with_snapshot(tenant(), topic(index), &client.subscriber, snapshot)
                    .unwrap();
            }
            Attach::Closed => panic!("a fresh connection is open"),
        }
        client.listens[index] = true;
    }

    /// With the lock held through, the frame can only come after; a planted bug lets it in between.
    fn subscribe_meanwhile(&mut self, client: usize, index: usize) {
        let channel = self.hub.channel(&(tenant(), topic(index)));
        if let (Some(bug), Some(channel)) = (self.planted, channel) {
            let (hub, truth) = (self.hub.clone(), Arc::clone(&self.truth));
            channel.planted.plant(bug, move || publish(&hub, &truth, index));
        }
        self.subscribe(client, index);
        publish(&self.hub, &self.truth, index);
    }

    fn everyone_who_listens_knows_everything(&mut self) {
        for index in 0..CLIENTS {
            self.read(index);
            let truth = *self.truth.lock().unwrap();
            let client = &self.clients[index];
            for topic in (0..TOPICS).filter(|topic| client.listens[*topic]) {
                assert_eq!(
                    client.beliefs[topic].unwrap().told,
                    truth[topic],
                    "something was never told"
                );
            }
        }
    }
}

fn live(steps: &[Step], planted: Option<Bug>) {
    let mut world = World::new(planted);
    for step in steps {
        world.take(step);
    }
    world.everyone_who_listens_knows_everything();
}

proptest! {
    #![proptest_config(Config { cases: 1000, failure_persistence: None, ..Config::default() })]
    #[test]
    fn nobody_ever_sees_a_gap_or_a_repeat(steps in steps()) {
        live(&steps, None);
    }
}

/// Why random lives with this bug fail; empty if none does.
fn complaint(bug: Bug) -> String {
    let config = Config { cases: 2000, failure_persistence: None, ..Config::default() };
    let outcome = TestRunner::new(config).run(&steps(), |steps| {
        let outcome = catch_unwind(AssertUnwindSafe(|| live(&steps, Some(bug))));
        let text = |panic: Box<dyn std::any::Any + Send>| {
            panic.downcast_ref::<String>().cloned().unwrap_or_default()
        };
        outcome.map_err(|panic| TestCaseError::fail(text(panic)))
    });
    outcome.err().map(|failure| failure.to_string()).unwrap_or_default()
}

#[test]
fn the_model_finds_a_subscriber_that_is_live_too_early() {
    let complaint = complaint(Bug::LiveEarly);
    assert!(complaint.contains("a gap or a repeat"), "{complaint}");
}

#[test]
fn the_model_finds_a_subscriber_that_is_live_too_late() {
    let complaint = complaint(Bug::LiveLate);
    assert!(
        complaint.contains("a gap or a repeat") || complaint.contains("never told"),
        "{complaint}"
    );
}
