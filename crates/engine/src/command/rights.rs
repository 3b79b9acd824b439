//! Who may do what: roles against risks, and never outside one's own teams.
//!
//! ```text
//!                 own look  own  look  team  export  centre
//!   agent             x      x
//!   team leader       x      x    x     x                     team: only people of his teams
//!   supervisor        x      x    x     x                     team: only people of his teams
//!   operations        x      x    x     x             x       everybody
//!   QA                x           x
//!   auditor           x           x            x
//! ```
//! Agents cannot export. Does not know passwords (`api`).
use super::table::{Risk, Row};
use serde::{Deserialize, Serialize};
use switchboard_model::AgentId;

/// What somebody is in the centre.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// 坐席
    Agent,
    /// 班组长
    TeamLeader,
    /// 主管
    Supervisor,
    /// 运营
    Operations,
    /// 质检
    Qa,
    /// 审计
    Auditor,
}

impl Role {
    /// All of them.
    pub const ALL: [Role; 6] =
        [Role::Agent, Role::TeamLeader, Role::Supervisor, Role::Operations, Role::Qa, Role::Auditor];

    /// Its word.
    pub fn word(self) -> &'static str {
        match self {
            Role::Agent => "agent",
            Role::TeamLeader => "team_leader",
            Role::Supervisor => "supervisor",
            Role::Operations => "operations",
            Role::Qa => "qa",
            Role::Auditor => "auditor",
        }
    }

    /// The role of this word.
    pub fn named(word: &str) -> Option<Role> {
        Role::ALL.into_iter().find(|r| r.word() == word)
    }

    /// Whether a risk may be taken at all.
    pub fn may(self, risk: Risk) -> bool {
        match (self, risk) {
            (_, Risk::OwnLook) => true,
            (Role::Agent, risk) => risk == Risk::Own,
            (Role::TeamLeader | Role::Supervisor, risk) => matches!(risk, Risk::Own | Risk::Look | Risk::Team),
            (Role::Operations, risk) => risk != Risk::Export,
            (Role::Qa, risk) => risk == Risk::Look,
            (Role::Auditor, risk) => matches!(risk, Risk::Look | Risk::Export),
        }
    }
}

/// Who asks.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Asker {
    /// What he is.
    pub role: Role,
    /// Which agent he is himself, if he is one.
    pub agent: Option<AgentId>,
    /// The teams he leads.
    pub teams: Vec<String>,
}

/// Whether `asker` may do this to that agent (with his team), or to nobody in particular.
pub fn allowed(asker: &Asker, row: &Row, target: Option<(AgentId, &str)>) -> bool {
    let himself = target.is_some_and(|(agent, _)| asker.agent == Some(agent));
    if himself && row.by_himself {
        return asker.role.may(if row.method == "GET" { Risk::OwnLook } else { Risk::Own });
    }
    if !asker.role.may(row.risk) {
        return false;
    }
    let bound = row.risk == Risk::Team && asker.role != Role::Operations;
    !bound || target.is_some_and(|(_, team)| asker.teams.iter().any(|t| t == team))
}

#[cfg(test)]
mod tests {
    use super::super::table::{COMMANDS, row};
    use super::*;

    fn check(role: Role, teams: &[&str], own: Option<u32>, command: &str, target: Option<(u32, &str)>, may: bool) {
        let teams = teams.iter().map(|t| (*t).to_owned()).collect();
        let asker = Asker { role, agent: own.map(AgentId), teams };
        let target = target.map(|(id, team)| (AgentId(id), team));
        let row = row(command).expect("a command");
        assert_eq!(allowed(&asker, row, target), may, "{asker:?} {command} {target:?}");
    }

    #[test]
    fn oneself_ones_people_and_nobody_elses() {
        check(Role::Agent, &[], Some(1), "agent_ready", Some((1, "A")), true);
        check(Role::Agent, &["A"], Some(1), "agent_ready", Some((2, "A")), false);
        check(Role::Agent, &[], Some(1), "agents", None, false);
        check(Role::Agent, &[], Some(1), "explain_agent", Some((1, "A")), true);
        check(Role::Agent, &[], Some(1), "agent_approve", Some((1, "A")), false);
        check(Role::TeamLeader, &["A"], None, "agent_ready", Some((2, "A")), true);
        check(Role::Supervisor, &["A"], None, "agent_ready", Some((2, "B")), false);
        check(Role::Supervisor, &["A", "B"], None, "agent_ready", Some((2, "B")), true);
        check(Role::Supervisor, &["A"], None, "reload", None, false);
        check(Role::Operations, &[], None, "agent_ready", Some((2, "B")), true);
        check(Role::Operations, &[], None, "reload", None, true);
        check(Role::Qa, &["A"], None, "agent_ready", Some((2, "A")), false);
        check(Role::Qa, &[], None, "calls", None, true);
        check(Role::Auditor, &[], None, "end_all", None, false);
    }

    #[test]
    fn agents_export_nothing_and_only_operations_change_the_centre() {
        assert_eq!(Role::ALL.into_iter().filter(|r| r.may(Risk::Export)).collect::<Vec<_>>(), [Role::Auditor]);
        assert_eq!(Role::ALL.into_iter().filter(|r| r.may(Risk::Centre)).collect::<Vec<_>>(), [Role::Operations]);
        let nobody = Asker { role: Role::Agent, agent: Some(AgentId(7)), teams: vec!["A".to_owned()] };
        for row in COMMANDS {
            assert!(!allowed(&nobody, row, Some((AgentId(8), "A"))), "an agent may {} another", row.name);
        }
    }
}
