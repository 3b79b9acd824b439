//! The one word a wallboard has for an agent: what he does, or why he does nothing.
use serde::{Deserialize, Serialize};
use switchboard_model::{AgentActivity, AgentPresence};

/// An agent's state, as it is shown.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AgentState {
    /// 空闲
    Ready,
    /// 振铃
    Ringing,
    /// 通话
    Talking,
    /// 话后处理
    AfterCallWork,
    /// 示忙
    NotReady,
    /// 振铃未接: he let it ring.
    Rona,
    /// 话机故障
    DeviceFault,
    /// 签出
    LoggedOut,
}

impl AgentState {
    /// All, in the order in which they are shown.
    pub const ALL: [AgentState; 8] = [
        AgentState::Ready,
        AgentState::Ringing,
        AgentState::Talking,
        AgentState::AfterCallWork,
        AgentState::NotReady,
        AgentState::Rona,
        AgentState::DeviceFault,
        AgentState::LoggedOut,
    ];

    /// What he does comes before whether he could be given a call.
    pub fn of(presence: AgentPresence, activity: AgentActivity) -> AgentState {
        match (activity, presence) {
            (AgentActivity::Ringing, _) => AgentState::Ringing,
            (AgentActivity::Talking, _) => AgentState::Talking,
            (AgentActivity::AfterCallWork, _) => AgentState::AfterCallWork,
            (AgentActivity::Idle, AgentPresence::Ready) => AgentState::Ready,
            (AgentActivity::Idle, AgentPresence::NotReady) => AgentState::NotReady,
            (AgentActivity::Idle, AgentPresence::NotReadyRona) => AgentState::Rona,
            (AgentActivity::Idle, AgentPresence::NotReadyDevice) => AgentState::DeviceFault,
            (AgentActivity::Idle, AgentPresence::LoggedOut) => AgentState::LoggedOut,
        }
    }

    /// Its word in JSON and in labels.
    pub fn word(self) -> &'static str {
        match self {
            AgentState::Ready => "ready",
            AgentState::Ringing => "ringing",
            AgentState::Talking => "talking",
            AgentState::AfterCallWork => "after_call_work",
            AgentState::NotReady => "not_ready",
            AgentState::Rona => "rona",
            AgentState::DeviceFault => "device_fault",
            AgentState::LoggedOut => "logged_out",
        }
    }
}
