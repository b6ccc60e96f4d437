//! The words of the stories: one line becomes one command.
//!
//! `ama joins class=senior remote`, `awa calls`, `awa calls ama why=frail`, `boss removes ama`, `queue pauses`:
//! first who, then the verb, then whom it is about, then settings.
//! Invariant: a line that is not understood fails the story.

use domain::{
    Announcement, Arrival, Channel, ClassKey, Command, Issue, Placement, QueueConfig, ServiceId,
    SkillSet, TicketNumber, Timestamp, Visit, Waiting,
};
use uuid::Uuid;

use crate::names::{self, Names};

pub(crate) struct Line<'a> {
    who: &'a str,
    verb: &'a str,
    rest: Vec<&'a str>,
}

impl<'a> Line<'a> {
    pub(crate) fn read(text: &'a str) -> Self {
        let mut words = text.split_whitespace();
        let who = words.next().unwrap_or_default();
        Self { who, verb: words.next().unwrap_or_default(), rest: words.collect() }
    }

    fn has(&self, flag: &str) -> bool {
        self.rest.contains(&flag)
    }

    fn get(&self, key: &str) -> Option<&'a str> {
        self.rest.iter().find_map(|word| word.strip_prefix(key)?.strip_prefix('='))
    }

    fn list(&self, key: &str) -> Vec<String> {
        self.get(key).into_iter().flat_map(|list| list.split(',')).map(str::to_owned).collect()
    }

    /// The first word after the verb that is no setting: the person it is about.
    fn whom(&self) -> Option<&'a str> {
        self.rest.first().copied().filter(|word| !word.contains('='))
    }

    pub(crate) fn command(
        &self,
        names: &mut Names,
        config: &QueueConfig,
        now: Timestamp,
    ) -> Command {
        let found = match self.who {
            "queue" => self.of_queue(),
            "screen" => self.of_screen(names),
            _ => self
                .joining(names, config, now)
                .or_else(|| self.of_agent(names))
                .or_else(|| self.of_person(names)),
        };
        found
            .unwrap_or_else(|| panic!("not understood: {} {} {:?}", self.who, self.verb, self.rest))
    }

    fn of_queue(&self) -> Option<Command> {
        Some(match self.verb {
            "opens" => Command::Open,
            "pauses" => Command::Pause,
            "closes" if self.has("expiring") => Command::Close { waiting: Waiting::Expire },
            "closes" => Command::Close { waiting: Waiting::Keep },
            "is-closing" => Command::SetClosing(true),
            "is-not-closing" => Command::SetClosing(false),
            "ticks" => Command::Tick,
            _ => return None,
        })
    }

    fn of_screen(&self, names: &mut Names) -> Option<Command> {
        let ticket = names.ticket(self.whom()?);
        Some(match self.verb {
            "shows" => Command::Announced { ticket, what: Announcement::Shown },
            "speaks" => Command::Announced { ticket, what: Announcement::Heard },
            "withdraws" => {
                Command::WithdrawOffer { ticket, offer: names::offer(self.rest.get(1)?) }
            }
            "confirms" => {
                Command::ConfirmHandover { ticket, leg: self.get("leg")?.parse().unwrap() }
            }
            _ => return None,
        })
    }

    fn joining(&self, names: &mut Names, config: &QueueConfig, now: Timestamp) -> Option<Command> {
        match self.verb {
            "joins" => Some(Command::Issue(Box::new(self.issue(names, now)))),
            "arrives" => Some(Command::Admit(Box::new(self.arrival(names, config, now)))),
            _ => None,
        }
    }

    fn issue(&self, names: &mut Names, now: Timestamp) -> Issue {
        Issue {
            ticket: names.ticket(self.who),
            channel: Channel::Kiosk,
            class: self.get("class").map(ClassKey::new),
            self_service: self.has("self"),
            customer: self.get("customer").map(names::customer),
            language: None,
            needs: SkillSet::from(self.list("needs")),
            slot: self.get("slot").map(|clock| clock_time(now, clock)),
            remote: self.has("remote"),
            tags: self.list("tags"),
        }
    }

    fn arrival(&self, names: &mut Names, config: &QueueConfig, now: Timestamp) -> Arrival {
        let arrived_at = self.get("at").map_or(now, |clock| clock_time(now, clock));
        let class = self.get("class").map_or_else(|| config.classes[0].key.clone(), ClassKey::new);
        let visit = Visit {
            ticket: names.ticket(self.who),
            number: TicketNumber { prefix: "B".into(), value: 7 },
            service: config.service,
            class,
            channel: Channel::Kiosk,
            needs: SkillSet::from(self.list("needs")),
            customer: self.get("customer").map(names::customer),
            language: None,
            slot: None,
            issued_at: arrived_at,
            leg: self.get("leg").map_or(2, |leg| leg.parse().unwrap()),
        };
        let placement = self.placement().unwrap_or_default();
        Arrival {
            visit,
            arrived_at,
            from: names::queue("before"),
            placement,
            tags: self.list("tags"),
        }
    }

    fn placement(&self) -> Option<Placement> {
        Some(match self.get("placement")? {
            "keep" => Placement::Keep,
            "first" => Placement::First,
            behind => Placement::Behind(behind.parse().unwrap()),
        })
    }

    /// What an agent, or the boss of them, does with somebody.
    fn of_agent(&self, names: &mut Names) -> Option<Command> {
        let (caller, by) = (|| names::caller(self.who), names::handler(self.who));
        let why = || self.get("why").map(|why| why.replace('_', " "));
        if self.verb == "is-offered" {
            return Some(Command::Offer { caller: caller(), offer: names::offer(self.whom()?) });
        }
        let Some(whom) = self.whom() else {
            return (self.verb == "calls").then(|| Command::CallNext { caller: caller() });
        };
        let ticket = names.ticket(whom);
        Some(match self.verb {
            "calls" => Command::CallTicket { ticket, caller: caller(), why: why() },
            "accepts" => Command::AcceptOffer {
                offer: names::offer(self.rest.get(1)?),
                ticket,
                caller: caller(),
            },
            "recalls" => Command::Recall { ticket, by },
            "starts" => Command::Start { ticket, by },
            "holds" => {
                Command::Hold { ticket, by, why: why().unwrap_or_default(), pool: self.has("pool") }
            }
            "resumes" => Command::Resume { ticket, caller: caller() },
            "finishes" => Command::Finish { ticket, by, outcomes: self.list("with") },
            "no-shows" => Command::MarkNoShow { ticket, by },
            "requeues" => Command::Requeue { ticket, by },
            "transfers" => {
                let service = ServiceId(Uuid::from_u128(9));
                Command::Transfer {
                    ticket,
                    by,
                    to: names::queue("next"),
                    service,
                    placement: self.placement(),
                }
            }
            "removes" => Command::Remove { ticket, why: why().unwrap_or_default() },
            "reinstates" => Command::Reinstate { ticket },
            "tags" => Command::Tag { ticket, tags: self.list("with") },
            "notes" => Command::Note { ticket },
            "sets" => Command::SetPriority { ticket, class: ClassKey::new(self.get("class")?) },
            _ => return None,
        })
    }

    fn of_person(&self, names: &mut Names) -> Option<Command> {
        let ticket = names.ticket(self.who);
        Some(match self.verb {
            "checks-in" => Command::CheckIn { ticket },
            "cancels" => Command::Cancel { ticket },
            "walks-out" => Command::WalkOut { ticket },
            "delays" => Command::Delay { ticket, people: self.rest.first()?.parse().ok()? },
            _ => return None,
        })
    }
}

/// `+30s`, `-90s`, `10:30` (today, in UTC) or a whole RFC 3339 instant.
pub(crate) fn clock_time(now: Timestamp, text: &str) -> Timestamp {
    if let Some(secs) = text.strip_suffix('s') {
        return Timestamp(now.0 + secs.parse::<i64>().unwrap() * 1_000_000);
    }
    let instant = if text.len() == 5 {
        format!("{}T{text}:00Z", now.to_jiff().strftime("%Y-%m-%d"))
    } else {
        text.to_owned()
    };
    instant.parse::<jiff::Timestamp>().unwrap_or_else(|fault| panic!("{text}: {fault}")).into()
}
