//! Why a call ended: one table for SIP, Q.850, report and blame.
//!
//! Help texts, reports, the SIP answer and the Reason header (RFC 3326) are made from [`CAUSES`]; nothing else may invent an
//! ending. Q.850 values follow RFC 3398 §8.2.6.1 where it names them.
use serde::{Deserialize, Serialize};
use std::fmt;

/// Whose fault an ending is, as a report attributes it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// Nobody's: it ended as it should.
    Nobody,
    /// The caller gave up, or his side failed.
    Caller,
    /// The agent, or his device.
    Agent,
    /// The carrier or its trunk.
    Trunk,
    /// The centre: too few people, closed, full.
    Centre,
    /// This program.
    Engine,
}

/// Who hung up (挂机方).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HungUp {
    /// 客户
    Caller,
    /// 坐席
    Agent,
    /// 系统
    System,
}

/// One row of the table.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CauseRow {
    /// The cause.
    pub cause: Cause,
    /// The word in records, reports and logs.
    pub word: &'static str,
    /// The SIP status, where the call ends before it was answered.
    pub sip: u16,
    /// The Q.850 value, for the Reason header of a BYE.
    pub q850: u8,
    /// Whose fault.
    pub fault: Fault,
    /// Who hung up.
    pub hung_up: HungUp,
    /// For a reader of the report.
    pub meaning: &'static str,
}

macro_rules! causes {
    ($($(#[doc = $doc:literal])+ $name:ident = $word:literal, $sip:literal, $q850:literal, $fault:ident, $hung_up:ident;)+) => {
        /// Why a call ended. Exactly one for every call.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
        pub enum Cause {
            $($(#[doc = $doc])+ #[serde(rename = $word)] $name,)+
        }
        /// Every cause, once, in the order of [`Cause`].
        pub const CAUSES: &[CauseRow] = &[
            $(CauseRow {
                cause: Cause::$name,
                word: $word,
                sip: $sip,
                q850: $q850,
                fault: Fault::$fault,
                hung_up: HungUp::$hung_up,
                meaning: concat!($($doc),+),
            },)+
        ];
    };
}

causes! {
    /// The caller hung up after talking to an agent.
    CallerDone = "caller_done", 200, 16, Nobody, Caller;
    /// The agent hung up after talking.
    AgentDone = "agent_done", 200, 16, Nobody, Agent;
    /// The number outside to which the caller had been given on hung up.
    OutsideDone = "outside_done", 200, 16, Nobody, System;
    /// The caller gave up before we had answered (CANCEL).
    CallerCancelled = "caller_cancelled", 487, 16, Caller, Caller;
    /// The caller hung up in the menu.
    LeftInMenu = "left_in_menu", 200, 16, Caller, Caller;
    /// The caller hung up while waiting for a person.
    AbandonedWaiting = "abandoned_waiting", 200, 16, Caller, Caller;
    /// The caller hung up while an agent's telephone rang.
    AbandonedRinging = "abandoned_ringing", 200, 16, Caller, Caller;
    /// The menu served the caller to the end and we hung up.
    MenuDone = "menu_done", 200, 16, Nobody, System;
    /// Nobody came within the queue's maximum wait.
    WaitedTooLong = "waited_too_long", 480, 19, Centre, System;
    /// The queue was full.
    QueueFull = "queue_full", 486, 17, Centre, System;
    /// No menu answers the dialled number.
    NoRoute = "no_route", 404, 1, Trunk, System;
    /// No codec of the offer is one of ours.
    NoCodec = "no_codec", 488, 65, Trunk, System;
    /// More calls than we admit.
    Overload = "overload", 486, 42, Centre, System;
    /// We are closing down and take no new calls.
    Draining = "draining", 503, 41, Centre, System;
    /// No RTP port was free.
    NoPort = "no_port", 503, 47, Centre, System;
    /// The caller's side never acknowledged our answer.
    NoAck = "no_ack", 408, 102, Trunk, System;
    /// The caller's side stopped answering our requests.
    CallerLost = "caller_lost", 408, 27, Trunk, System;
    /// The agent's telephone stopped answering our requests.
    AgentLost = "agent_lost", 408, 27, Agent, System;
    /// A running call was ended because we shut down.
    ShutDown = "shut_down", 503, 41, Centre, System;
    /// An error of our own ended this call.
    Internal = "internal", 500, 41, Engine, System;
}

impl Cause {
    /// Its row.
    pub fn row(self) -> &'static CauseRow {
        &CAUSES[self as usize]
    }
    /// The word in records, reports and logs.
    pub fn word(self) -> &'static str {
        self.row().word
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn the_table_is_in_order_and_its_words_differ() {
        for (i, row) in CAUSES.iter().enumerate() {
            assert_eq!(row.cause as usize, i);
            assert!((200..=699).contains(&row.sip), "{}", row.word);
            assert!((1..=127).contains(&row.q850), "{}", row.word);
            assert_eq!(serde_json::to_value(row.cause).expect("plain"), row.word);
        }
        assert_eq!(CAUSES.iter().map(|r| r.word).collect::<BTreeSet<_>>().len(), CAUSES.len());
    }
}
