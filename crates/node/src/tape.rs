//! The last messages of every call, for `switchboard trace`.
//!
//! ```text
//!   what a shard read and sent in one event ─┬─ and it told of one call only: the Call-IDs in it are that call's
//!                                            └─ kept: when, which way, with whom, the first line; the oldest falls out
//! ```
//! First lines only: no header and no body is kept, so no password and no PIN can be.
use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;
use switchboard_model::{CallId, Instant};
use switchboard_wire::sip::Message;

/// One message.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Said {
    /// When it was read or sent.
    pub at: Instant,
    /// Whether we sent it.
    pub sent: bool,
    /// The other side.
    pub peer: SocketAddr,
    /// Its first line, and the CSeq of a response.
    pub line: String,
    sip_call_id: String,
}

impl Said {
    /// What is told of a message; none if it is no SIP.
    pub fn read(at: Instant, sent: bool, peer: SocketAddr, bytes: &[u8]) -> Option<Said> {
        let message = Message::parse(bytes).ok()?;
        let first = bytes.split(|b| *b == b'\r').next().unwrap_or(b"");
        let mut line = String::from_utf8_lossy(first).into_owned();
        if message.code().is_some()
            && let Some((number, method)) = message.cseq()
        {
            line.push_str(&format!(" ({number} {method})"));
        }
        let sip_call_id = message.call_id().unwrap_or("").to_owned();
        Some(Said { at, sent, peer, line, sip_call_id })
    }
}

/// The last messages of one shard.
#[derive(Default, Debug)]
pub struct Tape {
    said: VecDeque<Said>,
    call_of: BTreeMap<String, CallId>,
    order: VecDeque<String>,
}

/// Messages kept: about a thousand calls with both legs.
const SAID_MAX: usize = 16_384;
/// SIP Call-IDs kept: two a call, and more where agents did not answer.
const CALL_IDS_MAX: usize = 4_096;

impl Tape {
    /// A message was read or sent.
    pub fn note(&mut self, at: Instant, sent: bool, peer: SocketAddr, bytes: &[u8]) {
        let Some(said) = Said::read(at, sent, peer, bytes) else { return };
        self.said.push_back(said);
        if self.said.len() > SAID_MAX {
            self.said.pop_front();
        }
    }

    /// The last `n` messages were about this call.
    pub fn were_of(&mut self, n: usize, call: CallId) {
        let from = self.said.len().saturating_sub(n);
        for said in self.said.range(from..) {
            if !self.call_of.contains_key(&said.sip_call_id) {
                self.call_of.insert(said.sip_call_id.clone(), call);
                self.order.push_back(said.sip_call_id.clone());
            }
        }
        while self.order.len() > CALL_IDS_MAX {
            if let Some(oldest) = self.order.pop_front() {
                self.call_of.remove(&oldest);
            }
        }
    }

    /// The messages of a call, or of the last one that is known.
    pub fn of(&self, call: Option<CallId>) -> Option<(CallId, Vec<Said>)> {
        let call = call.or_else(|| self.order.back().and_then(|id| self.call_of.get(id)).copied())?;
        let of_call = |said: &&Said| self.call_of.get(&said.sip_call_id) == Some(&call);
        let said: Vec<Said> = self.said.iter().filter(of_call).cloned().collect();
        (!said.is_empty()).then_some((call, said))
    }
}

/// The ladder of a call: the caller's and the agents' messages, in the order of time.
pub fn ladder(call: CallId, said: &[Said]) -> String {
    format!("call {call}\n{}", rungs(said))
}

/// One line a message, the first at 0 s.
pub fn rungs(said: &[Said]) -> String {
    let start = said.first().map_or(Instant::from_micros(0), |s| s.at);
    let mut text = String::new();
    for s in said {
        let arrow = if s.sent { "──►" } else { "◄──" };
        text.push_str(&format!(
            "{:>9.3} s  switchboard {arrow} {:<21}  {}\n",
            s.at.since(start).as_secs_f64(),
            s.peer.to_string(),
            s.line
        ));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use switchboard_model::ShardId;

    fn message(first: &str, call_id: &str) -> Vec<u8> {
        format!(
            "{first}\r\nCall-ID: {call_id}\r\nCSeq: 1 INVITE\r\nAuthorization: Digest response=\"secret\"\r\n\r\nbody"
        )
        .into_bytes()
    }

    #[test]
    fn a_call_is_told_with_both_legs_and_without_secrets() {
        let (one, two) = (CallId::new(ShardId(1), 1), CallId::new(ShardId(1), 2));
        let peer = SocketAddr::from(([192, 0, 2, 1], 5060));
        let mut tape = Tape::default();
        let at = |ms| Instant::from_millis(ms);
        tape.note(at(0), false, peer, &message("INVITE sip:9500@x SIP/2.0", "a"));
        tape.were_of(1, one);
        tape.note(at(5), false, peer, &message("INVITE sip:9500@x SIP/2.0", "b"));
        tape.were_of(1, two);
        tape.note(at(1_500), true, peer, &message("INVITE sip:8001@y SIP/2.0", "c"));
        tape.were_of(1, one);
        tape.note(at(2_000), false, peer, &message("SIP/2.0 180 Ringing", "c"));
        let (call, said) = tape.of(Some(one)).expect("it is known");
        let ladder = ladder(call, &said);
        assert_eq!(said.len(), 3, "{ladder}");
        assert!(
            ladder.contains("2.000 s  switchboard ◄── 192.0.2.1:5060") && ladder.contains("180 Ringing (1 INVITE)"),
            "{ladder}"
        );
        assert!(!ladder.contains("secret") && !ladder.contains("body"), "{ladder}");
        assert_eq!(tape.of(None).map(|(call, _)| call), Some(one));
        assert_eq!(tape.of(Some(CallId::new(ShardId(1), 9))), None);
    }

    #[test]
    fn the_oldest_falls_out() {
        let peer = SocketAddr::from(([192, 0, 2, 1], 5060));
        let mut tape = Tape::default();
        for n in 0..SAID_MAX + 10 {
            tape.note(Instant::from_millis(n as u64), false, peer, &message("OPTIONS sip:x SIP/2.0", &n.to_string()));
            tape.were_of(1, CallId::new(ShardId(1), n as u64));
        }
        assert_eq!((tape.said.len(), tape.call_of.len()), (SAID_MAX, CALL_IDS_MAX));
        assert_eq!(tape.of(Some(CallId::new(ShardId(1), 3))), None);
    }
}
