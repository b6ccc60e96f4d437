//! Gives the steps of a log to the running actors, each at its own time.
//!
//! The clock stands at the instant of a step until every actor has taken what was said at that instant. Calls wait
//! for their answer, because the next step depends on whom the policy chose; everything else is heard of later, so
//! that the journal writer can keep many steps in one commit.
//! Invariant: the time stamped on an answer is that of its step; one that is not is counted and reported.

mod hearing;

use actors::{
    AgentDuty, Ask, AskError, Clock, Done, Engine, Join, QueueView, Tenant, TicketOrder, Who,
};
use domain::{AgentId, Channel, ClassKey, QueueId, SkillSet, TicketId, Timestamp};
use futures_util::stream::FuturesUnordered;

use super::ReplayError;
use super::branch::Branch;
use super::heard::{Heard, Tickets, What};
use super::hurry::{Begun, begin, let_actors_act};
use super::log::Log;
use super::pace::Pace;
use super::row::{Ending, Visit};
use super::script::{Script, Step};

/// Commands under way at once: half of what the engine takes for one queue.
const UNDER_WAY_MAX: usize = 128;

/// What is worth saying about a replay, beside its figures.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Remarks {
    /// A server was free in the log, and here nobody waited whom it could serve.
    pub(crate) idle_calls: usize,
    /// The log lets a server call before it has ended its last service.
    pub(crate) busy_calls: usize,
    /// Commands that the rules refused.
    pub(crate) refused: usize,
    pub(crate) first_refusal: Option<String>,
    /// Commands carried out later than their step.
    pub(crate) late: usize,
}

/// What was acknowledged, and how the queues stood at the end.
pub(super) struct Driven {
    pub(super) told: std::collections::HashMap<TicketId, super::heard::Told>,
    pub(super) views: Vec<QueueView>,
    pub(super) remarks: Remarks,
}

#[derive(Debug, Clone, Copy, Default)]
struct Server {
    signed_in: bool,
    /// The row it was called for, and the ticket that came.
    hand: Option<(usize, TicketId)>,
    /// The end of its service has not been acknowledged yet.
    is_ending: bool,
}

pub(super) struct Drive<'a> {
    clock: Clock,
    tenant: Tenant,
    branch: &'a Branch,
    log: &'a Log,
    servers: Vec<Server>,
    tickets: Tickets,
    under_way: FuturesUnordered<Begun<Heard>>,
    remarks: Remarks,
}

impl<'a> Drive<'a> {
    pub(super) fn new(engine: &Engine, tenant: &Tenant, branch: &'a Branch, log: &'a Log) -> Self {
        Self {
            clock: engine.clock().clone(),
            tenant: tenant.clone(),
            branch,
            log,
            servers: vec![Server::default(); branch.agents.len()],
            tickets: Tickets::default(),
            under_way: FuturesUnordered::new(),
            remarks: Remarks::default(),
        }
    }

    pub(super) async fn run(mut self, script: &Script, pace: Pace) -> anyhow::Result<Driven> {
        let mut steps = script.steps.as_slice();
        while let Some((at, _)) = steps.first().copied() {
            pace.until(at).await;
            self.clock.advance_to(at);
            let (now, later) = steps.split_at(steps.partition_point(|(due, _)| *due <= at));
            for (_, step) in now {
                self.take(*step, at).await?;
                pace.stepped(at);
            }
            let_actors_act().await;
            self.hear_what_is_there()?;
            steps = later;
        }
        self.hear_all().await?;
        pace.finished();
        self.go_home().await?;
        let mut views = Vec::with_capacity(self.branch.queues.len());
        for queue in &self.branch.queues {
            views.push(self.tenant.queue(*queue).await?);
        }
        Ok(Driven { told: self.tickets.told, views, remarks: self.remarks })
    }

    async fn take(&mut self, step: Step, at: Timestamp) -> Result<(), ReplayError> {
        match step {
            Step::Arrive(row) => self.arrive(row, at).await,
            Step::Call(row) => self.call(row, at).await,
            Step::End(row) => self.end(row, at).await,
            Step::GiveUp(row) => self.give_up(row, at).await,
            Step::CloseDay => self.close_day(at).await,
        }
    }

    async fn arrive(&mut self, row: usize, at: Timestamp) -> Result<(), ReplayError> {
        let Some((visit, queue)) = self.visit(row) else { return Ok(()) };
        let (tenant, join) = (self.tenant.clone(), join(visit, queue));
        self.send(row, What::Issue, at, async move { tenant.issue(join, Ask::system()).await })
            .await
    }

    async fn call(&mut self, row: usize, at: Timestamp) -> Result<(), ReplayError> {
        let Some((Visit { ending: Ending::Called { server, shown_up, .. }, .. }, queue)) =
            self.visit(row)
        else {
            return Ok(());
        };
        let (server, shown_up) = (*server, *shown_up);
        self.hear_until(|drive| !drive.servers[server].is_ending).await?;
        if self.servers[server].hand.is_some() {
            self.remarks.busy_calls += 1;
            return Ok(());
        }
        let agent = self.branch.agents[server];
        self.sign_in(server, agent).await?;
        match self.tenant.call_next(agent, Some(queue), ask(agent)).await {
            Ok(Some(done)) => self.called(row, server, &done).await?,
            Ok(None) => self.remarks.idle_calls += 1,
            Err(error) => return self.refused(error),
        }
        if shown_up && let Some((_, ticket)) = self.servers[server].hand {
            self.order(row, What::Start, at, ticket, TicketOrder::Start, Some(agent)).await?;
        }
        Ok(())
    }

    /// The issue of the ticket was committed before its call, so its answer is there.
    async fn called(&mut self, row: usize, server: usize, done: &Done) -> Result<(), ReplayError> {
        let ticket = TicketId(done.ticket.id);
        self.hear_until(|drive| drive.tickets.is_known(ticket)).await?;
        self.tickets.tell(&done.ticket);
        self.servers[server].hand = Some((row, ticket));
        Ok(())
    }

    async fn end(&mut self, row: usize, at: Timestamp) -> Result<(), ReplayError> {
        let Some((Visit { ending: Ending::Called { server, shown_up, .. }, .. }, _)) =
            self.visit(row)
        else {
            return Ok(());
        };
        let (server, shown_up) = (*server, *shown_up);
        let Some((_, ticket)) = self.servers[server].hand.filter(|(held, _)| *held == row) else {
            return Ok(());
        };
        let order = if shown_up {
            TicketOrder::Finish { outcomes: Vec::new() }
        } else {
            TicketOrder::NoShow
        };
        self.servers[server].hand = None;
        self.servers[server].is_ending = true;
        self.order(row, What::End, at, ticket, order, Some(self.branch.agents[server])).await
    }

    async fn give_up(&mut self, row: usize, at: Timestamp) -> Result<(), ReplayError> {
        self.hear_until(|drive| drive.tickets.of_row(row).is_some()).await?;
        match self.tickets.of_row(row).filter(|ticket| self.tickets.is_waiting(*ticket)) {
            Some(ticket) => {
                self.order(row, What::WalkOut, at, ticket, TicketOrder::WalkOut, None).await
            }
            None => Ok(()),
        }
    }

    async fn close_day(&mut self, at: Timestamp) -> Result<(), ReplayError> {
        self.hear_all().await?;
        for (row, ticket) in self.tickets.waiting() {
            self.order(row, What::WalkOut, at, ticket, TicketOrder::WalkOut, None).await?;
        }
        self.hear_all().await
    }

    async fn sign_in(&mut self, server: usize, agent: AgentId) -> Result<(), ReplayError> {
        if !self.servers[server].signed_in {
            self.servers[server].signed_in = true;
            let duty = AgentDuty::SignIn { counter: None };
            self.tenant
                .duty(agent, duty, ask(agent))
                .await
                .map(drop)
                .or_else(|error| self.refused(error))?;
        }
        Ok(())
    }

    async fn go_home(&mut self) -> Result<(), ReplayError> {
        for (server, agent) in self.branch.agents.iter().enumerate() {
            let free = self.servers[server].signed_in && self.servers[server].hand.is_none();
            if free
                && let Err(error) = self.tenant.duty(*agent, AgentDuty::SignOut, ask(*agent)).await
            {
                self.refused(error)?;
            }
        }
        Ok(())
    }

    async fn order(
        &mut self,
        row: usize,
        what: What,
        at: Timestamp,
        ticket: TicketId,
        order: TicketOrder,
        agent: Option<AgentId>,
    ) -> Result<(), ReplayError> {
        let (tenant, ask) = (self.tenant.clone(), agent.map_or_else(Ask::system, ask));
        self.send(row, what, at, async move { tenant.order(ticket, order, agent, ask).await }).await
    }

    async fn send(
        &mut self,
        row: usize,
        what: What,
        at: Timestamp,
        command: impl Future<Output = Result<Done, AskError>> + Send + 'static,
    ) -> Result<(), ReplayError> {
        self.hear_until(|drive| drive.under_way.len() < UNDER_WAY_MAX).await?;
        let begun = begin(async move { Heard { row, what, at, answer: command.await } }).await;
        self.under_way.push(begun);
        Ok(())
    }
}

fn join(visit: &Visit, queue: QueueId) -> Join {
    let skills = if visit.class.is_empty() { Vec::new() } else { vec![visit.class.clone()] };
    Join {
        queue,
        channel: Channel::Staff,
        class: Some(ClassKey::new(visit.priority.as_str())),
        self_service: false,
        customer: None,
        name: None,
        phone: None,
        email: None,
        language: None,
        skills: SkillSet::from(skills),
        slot: None,
        remote: false,
        tags: Vec::new(),
    }
}

fn ask(agent: AgentId) -> Ask {
    Ask { who: Who::Agent(agent), supervises: false, cause: None, key: None, expected: None }
}
