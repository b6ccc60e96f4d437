//! The clients: agents who issue, call, serve and transfer, each command under a key of its own.
//!
//! Whoever gets no answer asks again under the same key until there is one; only then does the next command follow.
//! Invariant: an answer is written down before anything is done because of it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use uuid::Uuid;

use crate::branch::{AGENTS, TENANT};
use crate::chance::Chance;
use crate::server::Server;

const ASK_AGAIN: Duration = Duration::from_millis(5);
const ANSWER_WITHIN: Duration = Duration::from_secs(20);

/// What a client wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Wish {
    SignIn,
    Issue { queue: Uuid },
    CallNext,
    Start { ticket: Uuid },
    Finish { ticket: Uuid },
    Transfer { ticket: Uuid, to: Uuid },
}

/// A command that was answered for good.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) wish: Wish,
    pub(crate) key: String,
    token: String,
    pub(crate) status: u16,
    pub(crate) text: String,
    /// How often it was sent.
    pub(crate) tries: u32,
    /// It had been done before it was answered: the death came in between.
    pub(crate) was_done: bool,
}

impl Answer {
    /// An answer as the checker's own tests plant it.
    pub(crate) fn planted(wish: Wish, ticket: Uuid, number: &str) -> Self {
        let text = json!({ "id": ticket, "number": number }).to_string();
        Self {
            wish,
            key: String::new(),
            token: String::new(),
            status: 200,
            text,
            tries: 1,
            was_done: false,
        }
    }

    /// The ticket in the answer.
    pub(crate) fn ticket(&self) -> Option<Uuid> {
        let body: Value = serde_json::from_str(&self.text).ok()?;
        body["id"].as_str()?.parse().ok().filter(|_| self.wish != Wish::SignIn)
    }
}

impl Wish {
    fn path(&self) -> String {
        match self {
            Self::SignIn => "/agents/me/sign-in".to_owned(),
            Self::Issue { .. } => "/tickets".to_owned(),
            Self::CallNext => "/agents/me/call-next".to_owned(),
            Self::Start { ticket } => format!("/tickets/{ticket}/start"),
            Self::Finish { ticket } => format!("/tickets/{ticket}/finish"),
            Self::Transfer { ticket, .. } => format!("/tickets/{ticket}/transfer"),
        }
    }

    fn body(&self) -> Value {
        match self {
            Self::Issue { queue } => json!({ "queue_id": queue, "channel": "staff" }),
            Self::Transfer { to, .. } => json!({ "queue_id": to }),
            Self::SignIn | Self::CallNext | Self::Start { .. } | Self::Finish { .. } => json!({}),
        }
    }
}

/// Sends a command once.
async fn send(
    http: &reqwest::Client,
    origin: &str,
    (token, key, wish): (&str, &str, &Wish),
) -> Result<(u16, String, bool), reqwest::Error> {
    let url = format!("{origin}/api/v1/tenants/{TENANT}{}", wish.path());
    let request =
        http.post(url).bearer_auth(token).header("idempotency-key", key).json(&wish.body());
    let response = request.send().await?;
    let is_replay = response.headers().contains_key("idempotency-replayed");
    Ok((response.status().as_u16(), response.text().await?, is_replay))
}

/// An answer that settles nothing: the same command may be sent again.
fn is_unsettled(status: u16, text: &str) -> bool {
    status == 429 || status == 503 || (status == 409 && text.contains("idempotency_key_in_flight"))
}

fn client() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().timeout(ANSWER_WITHIN).build().unwrap()
}

/// All clients together.
pub(crate) struct Crew {
    origin: watch::Sender<Option<String>>,
    answers: Arc<Mutex<Vec<Arc<Answer>>>>,
    enough: Arc<AtomicBool>,
    members: Vec<JoinHandle<()>>,
}

impl Crew {
    #[expect(
        clippy::disallowed_methods,
        reason = "the crew owns its members and waits for their end"
    )]
    pub(crate) fn start(server: &Server, chance: &mut Chance) -> Self {
        let (origin, _) = watch::channel(None);
        let (answers, enough) = (Arc::default(), Arc::new(AtomicBool::new(false)));
        let members = server.tokens.iter().map(|token| {
            let member = Member {
                http: client(),
                origin: origin.subscribe(),
                token: token.clone(),
                chance: Chance::new(chance.next()),
                answers: Arc::clone(&answers),
                enough: Arc::clone(&enough),
            };
            tokio::spawn(Box::pin(member.work()))
        });
        let members = members.collect();
        Self { origin, answers, enough, members }
    }

    pub(crate) fn is_up(&self, origin: &str) {
        self.origin.send_replace(Some(origin.to_owned()));
    }

    pub(crate) fn is_down(&self) {
        self.origin.send_replace(None);
    }

    /// Commands that may be under way at once.
    pub(crate) const fn size(&self) -> usize {
        AGENTS
    }

    /// Everything answered so far.
    pub(crate) fn answers(&self) -> Vec<Arc<Answer>> {
        self.answers.lock().unwrap().clone()
    }

    /// Each client ends with the command in hand answered.
    pub(crate) async fn finish(self) -> Vec<Arc<Answer>> {
        self.enough.store(true, Ordering::SeqCst);
        for member in self.members {
            member.await.unwrap();
        }
        self.answers.lock().unwrap().clone()
    }
}

struct Member {
    http: reqwest::Client,
    origin: watch::Receiver<Option<String>>,
    token: String,
    chance: Chance,
    answers: Arc<Mutex<Vec<Arc<Answer>>>>,
    enough: Arc<AtomicBool>,
}

impl Member {
    async fn work(mut self) {
        let queues = self.queues().await;
        self.settle(Wish::SignIn, &[200]).await;
        while !self.enough.load(Ordering::SeqCst) {
            let queue = queues[self.pick()];
            self.settle(Wish::Issue { queue }, &[201]).await;
            let called = self.settle(Wish::CallNext, &[200, 204]).await;
            let Some(ticket) = called.ticket() else { continue };
            let started = self.settle(Wish::Start { ticket }, &[200]).await;
            let here = serde_json::from_str::<Value>(&started.text).unwrap()["queue_id"].clone();
            let elsewhere = queues.iter().find(|queue| json!(queue) != here).copied();
            match elsewhere.filter(|_| self.chance.below(5) == 0) {
                Some(to) => self.settle(Wish::Transfer { ticket, to }, &[200]).await,
                None => self.settle(Wish::Finish { ticket }, &[200]).await,
            };
        }
    }

    fn pick(&mut self) -> usize {
        usize::try_from(self.chance.below(2)).unwrap()
    }

    /// Asks until there is an answer for good, and writes it down.
    async fn settle(&mut self, wish: Wish, wanted: &[u16]) -> Arc<Answer> {
        let key = Uuid::now_v7().to_string();
        let mut tries = 0;
        loop {
            let origin = self.origin().await;
            tries += 1;
            let Ok((status, text, was_done)) =
                send(&self.http, &origin, (&self.token, &key, &wish)).await
            else {
                tokio::time::sleep(ASK_AGAIN).await;
                continue;
            };
            if is_unsettled(status, &text) {
                tokio::time::sleep(ASK_AGAIN).await;
                continue;
            }
            assert!(wanted.contains(&status), "{wish:?} after {tries} tries: {status} {text}");
            let token = self.token.clone();
            let answer = Arc::new(Answer { wish, key, token, status, text, tries, was_done });
            self.answers.lock().unwrap().push(Arc::clone(&answer));
            return answer;
        }
    }

    /// Where the program is, once it is somewhere.
    async fn origin(&mut self) -> String {
        self.origin.wait_for(Option::is_some).await.unwrap().clone().unwrap()
    }

    async fn queues(&mut self) -> [Uuid; 2] {
        loop {
            let url = format!("{}/api/v1/tenants/{TENANT}/queues", self.origin().await);
            let answer = self.http.get(url).bearer_auth(&self.token).send().await;
            let listed = match answer {
                Ok(response) => response.json::<Value>().await.unwrap_or_default(),
                Err(_) => Value::Null,
            };
            let items = listed["items"].as_array().cloned().unwrap_or_default();
            if let [one, two] = items.as_slice() {
                return [one, two].map(|queue| queue["id"].as_str().unwrap().parse().unwrap());
            }
            tokio::time::sleep(ASK_AGAIN).await;
        }
    }
}

/// Sends every answered command once more; says which were answered differently.
pub(crate) async fn ask_again(origin: &str, answers: &[Arc<Answer>]) -> Vec<String> {
    let (http, mut different) = (client(), Vec::new());
    for answer in answers {
        let again = loop {
            let again =
                send(&http, origin, (&answer.token, &answer.key, &answer.wish)).await.unwrap();
            if !is_unsettled(again.0, &again.1) {
                break again;
            }
            tokio::time::sleep(ASK_AGAIN).await;
        };
        if again != (answer.status, answer.text.clone(), true) {
            different.push(format!("{:?}: {} became {again:?}", answer.wish, answer.text));
        }
    }
    different
}

/// Waits until nobody is on the way between two queues any more.
pub(crate) async fn until_everybody_has_arrived(origin: &str, answers: &[Arc<Answer>]) {
    let http = client();
    for answer in answers.iter().filter(|answer| matches!(answer.wish, Wish::Transfer { .. })) {
        let ticket = answer.ticket().unwrap();
        let url = format!("{origin}/api/v1/tenants/{TENANT}/tickets/{ticket}");
        loop {
            let response = http.get(&url).bearer_auth(&answer.token).send().await.unwrap();
            if response.status() == 200 {
                break;
            }
            tokio::time::sleep(ASK_AGAIN).await;
        }
    }
}
