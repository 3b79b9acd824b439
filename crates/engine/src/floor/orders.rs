//! What people order of agents, and what they are told.
//!
//! An order is carried out whole or refused with the state that forbids it; who may give it was asked before (`command/rights`).
use super::{FLOOR, Floor};
use crate::command::{AgentShown, Answer, Command, NextState, Order, Reply};
use crate::explain::explain;
use crate::output::Output;
use std::time::Duration;
use switchboard_acd::{Activity, Agent, Next, Not, Passing, Presence, Reason, ReasonId};
use switchboard_model::{AgentId, ContactEvent, Disposed, Instant, What};

impl Floor {
    pub(super) fn on_command(&mut self, now: Instant, command: Command) {
        let what = self.ordered(now, command.what);
        self.out.push_back(Output::Answer(Answer { id: command.id, what }));
    }

    fn ordered(&mut self, now: Instant, order: Order) -> Reply {
        if let Some(id) = about(&order)
            && self.agents.get(&id).is_none_or(|_| self.config.agent(id).gone)
        {
            return Reply::Unknown { why: format!("there is no agent {id}") };
        }
        let work = self.config.rules.work;
        match order {
            Order::AgentReady { agent } => match self.agents[&agent].presence {
                Presence::LoggedOut => refused(Not::LoggedOut),
                Presence::Ready | Presence::NotReady { .. } => {
                    self.change(now, agent, "command", |a| {
                        a.presence = Presence::Ready;
                        a.asks = None;
                    });
                    Reply::Done
                }
            },
            Order::AgentNotReady { agent, reason, minutes, by_leader } => {
                let Some(reason) = self.config.reason_named(reason.as_deref()) else { return self.no_such_reason() };
                let rule = self.config.reasons[usize::from(reason.0)].clone();
                let for_ = minutes.map(|m| Duration::from_secs(60 * u64::from(m)));
                let asked = |a: &mut Agent| a.ask_not_ready(now, reason, &rule, for_, by_leader);
                match self.try_change(now, agent, "command", asked) {
                    Ok(true) => Reply::Done,
                    Ok(false) => Reply::Asked,
                    Err(not) => refused(not),
                }
            }
            Order::AgentNext { agent, next, reason } => {
                let Some(reason) = self.config.reason_named(reason.as_deref()) else { return self.no_such_reason() };
                let next = match next {
                    NextState::Ready => Next::Ready,
                    NextState::NotReady => Next::NotReady(reason, self.config.reasons[usize::from(reason.0)].at_most),
                };
                if matches!(next, Next::NotReady(..)) && self.config.reasons[usize::from(reason.0)].approval {
                    let why = "this reason must be granted first: ask for it by not-ready".to_owned();
                    return Reply::Refused { why };
                }
                self.done(now, agent, "command", |a| a.promise(next))
            }
            Order::AgentApprove { agent, granted } => {
                let word = if granted { "granted" } else { "not_granted" };
                self.done(now, agent, word, |a| a.answer_asked(now, granted))
            }
            Order::AcwExtend { agent } => self.done(now, agent, "extended", |a| a.extend_work(now, &work)),
            Order::AcwDone { agent } => self.done(now, agent, "work_done", |a| a.end_work(now, &work, true)),
            Order::Dispose { agent, needs } => self.dispose(now, agent, needs),
            Order::Trunks => Reply::Trunks { trunks: self.carriers.shown() },
            Order::Agents { stuck } => {
                let all = self.agents.values().filter(|a| !self.config.agent(a.id).gone).map(|a| self.shown(now, a));
                Reply::Agents { agents: all.filter(|a| !stuck || a.stuck_in.is_some()).collect() }
            }
            Order::Explain { entry } => Reply::Explanation(explain(&self.config, self.agents.values(), entry)),
            Order::ExplainAgent { agent } => Reply::AgentExplanation(crate::explain::explain_agent(
                &self.config,
                &self.matcher,
                &self.agents[&agent],
            )),
            Order::ExplainMatch { call } => match self.decisions.of(call) {
                Some(decision) => Reply::Decision(decision.clone()),
                None => Reply::Unknown {
                    why: format!("no match of call {call} is kept: there was none, or newer ones have taken its place"),
                },
            },
            Order::CallOf { agent } => match self.agents[&agent].activity {
                Activity::Talking { call } => Reply::CallOf { call },
                Activity::Idle | Activity::Ringing { .. } | Activity::AfterCallWork { .. } => {
                    Reply::Refused { why: "this agent talks with nobody".to_owned() }
                }
            },
            Order::Waiting | Order::Calls | Order::Drain | Order::EndAll | Order::OnCall { .. } => {
                Reply::Refused { why: "calls are a shard's business, not the floor's".to_owned() }
            }
        }
    }

    fn no_such_reason(&self) -> Reply {
        let names: Vec<&str> = self.config.reasons.iter().map(|r| r.name.as_str()).collect();
        Reply::Wrong {
            field: "reason".to_owned(),
            why: format!("must be one of the centre's list: {}", names.join(", ")),
        }
    }

    /// Changes him if he may be changed; else nothing is done and nothing said.
    fn try_change<R>(
        &mut self,
        now: Instant,
        id: AgentId,
        reason: &str,
        change: impl FnOnce(&mut Agent) -> Result<R, Not>,
    ) -> Result<R, Not> {
        let mut tried = self.agents[&id].clone();
        let answer = change(&mut tried)?;
        self.change(now, id, reason, |agent| *agent = tried);
        Ok(answer)
    }

    fn done(
        &mut self,
        now: Instant,
        id: AgentId,
        reason: &str,
        change: impl FnOnce(&mut Agent) -> Result<(), Not>,
    ) -> Reply {
        match self.try_change(now, id, reason, change) {
            Ok(()) => Reply::Done,
            Err(not) => refused(not),
        }
    }

    /// What his call was about. Where only that ends the work after it, it ends now.
    fn dispose(&mut self, now: Instant, id: AgentId, needs: Vec<Disposed>) -> Reply {
        let Some(of_call) = self.agents[&id].last_call else { return refused(Not::NoCall) };
        self.tell(now, What::Disposed { agent: id, of_call, needs });
        let work = self.config.rules.work;
        if work.mode == switchboard_acd::WorkMode::UntilDisposition
            && matches!(self.agents[&id].activity, Activity::AfterCallWork { .. })
        {
            return self.done(now, id, "disposed", |a| a.end_work(now, &work, false));
        }
        Reply::Done
    }

    /// Who is in a passing state whose deadline is over: nobody, as long as the floor is given its time.
    pub fn stuck(&self, now: Instant) -> Vec<AgentId> {
        self.agents.values().filter(|a| stuck_in(a, now).is_some()).map(|a| a.id).collect()
    }

    pub(super) fn tell(&mut self, now: Instant, what: What) {
        self.changed.insert(super::COUNTERS);
        self.counters.seq += 1;
        let seq = self.counters.seq;
        self.out.push_back(Output::Event(ContactEvent {
            v: ContactEvent::VERSION,
            by: FLOOR,
            seq,
            at: now,
            call: None,
            what,
        }));
    }

    fn shown(&self, now: Instant, agent: &Agent) -> AgentShown {
        let (presence, activity) = agent.shown();
        let config = self.config.agent(agent.id);
        let reason = |id: ReasonId| self.config.reasons.get(usize::from(id.0)).map(|r| r.name.clone());
        AgentShown {
            agent: agent.id,
            agent_id: config.agent_id.clone(),
            presence,
            activity,
            since: agent.since,
            contacts: self.registrar.contacts(&config.account.user).len(),
            team: config.team.clone(),
            not_ready_for: match agent.presence {
                Presence::NotReady { reason: Reason::Asked(id), .. } => reason(id),
                Presence::NotReady { .. } | Presence::Ready | Presence::LoggedOut => None,
            },
            changes_at: agent.next_timeout(),
            stuck_in: stuck_in(agent, now).map(|p| p.name().to_owned()),
            asks_for: agent.asks.and_then(|a| reason(a.reason)),
        }
    }
}

/// The passing state that is over and has not been left. A thread that is a little late is no fault: a second is given.
fn stuck_in(agent: &Agent, now: Instant) -> Option<Passing> {
    agent.overdue(now - Duration::from_secs(1))
}

fn refused(not: Not) -> Reply {
    Reply::Refused { why: not.to_string() }
}

/// Whom an order is about, if it is about one agent.
fn about(order: &Order) -> Option<AgentId> {
    match order {
        Order::AgentReady { agent }
        | Order::AgentNotReady { agent, .. }
        | Order::AgentNext { agent, .. }
        | Order::AgentApprove { agent, .. }
        | Order::AcwExtend { agent }
        | Order::AcwDone { agent }
        | Order::Dispose { agent, .. }
        | Order::ExplainAgent { agent }
        | Order::CallOf { agent } => Some(*agent),
        Order::Agents { .. }
        | Order::Trunks
        | Order::Explain { .. }
        | Order::ExplainMatch { .. }
        | Order::OnCall { .. }
        | Order::Waiting
        | Order::Calls
        | Order::Drain
        | Order::EndAll => None,
    }
}
