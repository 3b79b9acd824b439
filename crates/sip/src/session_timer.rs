//! Session timers (RFC 4028): who says again that the call lives, and what is done when nobody does.
//!
//! ```text
//!   Session-Expires in an INVITE, re-INVITE, UPDATE ──► 422 below 90 s │ taken, with the refresher they named
//!   we refresh     half of it is over ─► Event::RefreshDue ─► the owner's re-INVITE, which says the interval again
//!   they refresh   nothing until min(32 s, a third) before its end ─► BYE, Ended
//!   our INVITE     asks for one where its terms say so ──► 422: once more with its Min-SE │ 2xx: what it says, or no timer
//! ```
//! Calls to telephones ask for none: whether a silent party lives is asked by re-INVITE anyway.
use crate::event::Terms;
use serde::{Deserialize, Serialize};
use std::time::Duration;
use switchboard_model::Instant;
use switchboard_wire::sip::{Message, Name, Params, unfold};

/// The least interval, in seconds (RFC 4028 §4).
pub const SESSION_S_MIN: u32 = 90;

/// Who sends the refreshes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) enum Refresher {
    Us,
    Them,
}

/// What was agreed.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct Agreed {
    pub interval_s: u32,
    pub refresher: Refresher,
    /// Whether the other side knows session timers; if not, a proxy between us asked.
    pub they_know: bool,
}

/// One that runs.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct SessionTimer {
    pub agreed: Agreed,
    /// The last 2xx to an INVITE or UPDATE.
    refreshed: Instant,
    /// The owner has been told that it is time.
    told: bool,
}

/// What a request asks for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Asked {
    /// No timer; one that runs ends (RFC 4028 §9).
    Nothing,
    /// Less than the least: to be refused with 422.
    TooShort,
    /// This.
    Timer(Agreed),
}

/// Reads what an INVITE or UPDATE of theirs asks for.
pub(crate) fn asked(message: &Message<'_>) -> Asked {
    let Some((interval_s, refresher)) = session_expires(message) else { return Asked::Nothing };
    let named = |name: Name| message.list(name).any(|option| option.trim().eq_ignore_ascii_case("timer"));
    let they_know = named(Name::Supported) || named(Name::Require);
    if interval_s < SESSION_S_MIN && they_know {
        return Asked::TooShort;
    }
    // RFC 4028 §9, table 2: who does not know timers cannot refresh; who names a refresher is obeyed.
    let refresher = match refresher.as_deref() {
        Some("uas") => Refresher::Us,
        _ if they_know => Refresher::Them,
        _ => Refresher::Us,
    };
    Asked::Timer(Agreed { interval_s: interval_s.max(SESSION_S_MIN), refresher, they_know })
}

/// The headers of an INVITE of ours that asks for a timer (RFC 4028 §7.1): who refreshes is left to the answer.
pub(crate) fn wanted(terms: &Terms) -> Vec<(String, String)> {
    let Some(interval_s) = terms.session_s else { return vec![] };
    let min_s = terms.session_s_min.unwrap_or(SESSION_S_MIN);
    let header = |name: Name, value: String| (name.long().to_owned(), value);
    vec![
        header(Name::Supported, "timer".to_owned()),
        header(Name::SessionExpires, interval_s.to_string()),
        header(Name::MinSe, min_s.to_string()),
    ]
}

/// Takes what a 422 says (RFC 4028 §7.3); false if there is nothing to ask for anew: no timer was wanted, or its Min-SE is no more than
/// what was asked for, so that whoever refuses everything is not asked for ever.
pub(crate) fn longer(terms: &mut Terms, refusal: &Message<'_>) -> bool {
    let least = refusal.number(Name::MinSe).filter(|s| *s <= SESSION_S_MAX);
    let (Some(asked), Some(least)) = (terms.session_s, least) else { return false };
    if least <= asked {
        return false;
    }
    (terms.session_s, terms.session_s_min) = (Some(least), Some(least));
    true
}

/// A day; no call is meant to live longer without a word.
const SESSION_S_MAX: u32 = 86_400;

fn session_expires(message: &Message<'_>) -> Option<(u32, Option<String>)> {
    let value = unfold(message.get(Name::SessionExpires)?).into_owned();
    let (seconds, params) = value.split_at(value.find(';').unwrap_or(value.len()));
    Some((seconds.trim().parse().ok()?, Params::new(params).value("refresher").map(str::to_ascii_lowercase)))
}

impl SessionTimer {
    /// A 2xx begins it.
    pub fn start(now: Instant, agreed: Agreed) -> SessionTimer {
        SessionTimer { agreed, refreshed: now, told: false }
    }

    /// A 2xx to our INVITE that asked for a timer begins it, if it speaks of one (RFC 4028 §7.2); who names no refresher leaves it to us.
    pub fn of_answer(now: Instant, ok: &Message<'_>) -> Option<SessionTimer> {
        let (interval_s, refresher) = session_expires(ok)?;
        let refresher = if refresher.as_deref() == Some("uas") { Refresher::Them } else { Refresher::Us };
        let they_know = ok.list(Name::Require).any(|option| option.trim().eq_ignore_ascii_case("timer"));
        Some(SessionTimer::start(now, Agreed { interval_s: interval_s.max(SESSION_S_MIN), refresher, they_know }))
    }

    /// A refresh of ours was answered; what the answer says of the timer holds from now on (RFC 4028 §7.2).
    pub fn refreshed_by_us(&mut self, now: Instant, ok: &Message<'_>) {
        if let Some((interval_s, refresher)) = session_expires(ok) {
            self.agreed.interval_s = interval_s.max(SESSION_S_MIN);
            self.agreed.refresher = if refresher.as_deref() == Some("uas") { Refresher::Them } else { Refresher::Us };
        }
        (self.refreshed, self.told) = (now, false);
    }

    /// When it wants time.
    pub fn deadline(&self) -> Instant {
        if self.agreed.refresher == Refresher::Us && !self.told { self.half() } else { self.end() }
    }

    /// Whether the session has not been refreshed in time.
    pub fn is_over(&self, now: Instant) -> bool {
        self.end() <= now
    }

    /// Whether it is for us to refresh now; says so once.
    pub fn is_due(&mut self, now: Instant) -> bool {
        let due = self.agreed.refresher == Refresher::Us && !self.told && self.half() <= now;
        self.told |= due;
        due
    }

    fn half(&self) -> Instant {
        self.refreshed + Duration::from_secs(u64::from(self.agreed.interval_s)) / 2
    }
    /// RFC 4028 §10: a little before the interval is over.
    fn end(&self) -> Instant {
        let s = u64::from(self.agreed.interval_s);
        self.refreshed + Duration::from_secs(s - (s / 3).min(32))
    }

    /// The headers of a re-INVITE of ours.
    pub fn in_request(&self) -> Vec<(String, String)> {
        // "uac" is who sends this request: us.
        let refresher = if self.agreed.refresher == Refresher::Us { "uac" } else { "uas" };
        let expires = format!("{};refresher={refresher}", self.agreed.interval_s);
        vec![("Supported".to_owned(), "timer".to_owned()), ("Session-Expires".to_owned(), expires)]
    }
}

impl Agreed {
    /// The headers of our 2xx.
    pub fn in_answer(&self) -> Vec<(Name, String)> {
        let refresher = if self.refresher == Refresher::Us { "uas" } else { "uac" };
        let mut headers = vec![(Name::SessionExpires, format!("{};refresher={refresher}", self.interval_s))];
        if self.they_know {
            headers.push((Name::Require, "timer".to_owned()));
        }
        headers
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_refreshes_follows_table_2() {
        let check = |headers: &str, wanted: &str| {
            let text = format!("INVITE sip:a SIP/2.0\r\n{}\r\n\r\n", headers.replace("; ", "\r\n"));
            let message = Message::parse(text.as_bytes()).expect("a message");
            let got = match asked(&message) {
                Asked::Nothing => "nothing".to_owned(),
                Asked::TooShort => "422".to_owned(),
                Asked::Timer(a) => {
                    let said: Vec<String> =
                        a.in_answer().into_iter().map(|(n, v)| format!("{}:{v}", n.long())).collect();
                    said.join(" ")
                }
            };
            assert_eq!(got, wanted, "{headers}");
        };
        check("Supported: timer", "nothing");
        check("Session-Expires: 1800", "Session-Expires:1800;refresher=uas");
        check("Session-Expires: 1800; Supported: 100rel, timer", "Session-Expires:1800;refresher=uac Require:timer");
        check("x: 1800;refresher=uac; k: timer", "Session-Expires:1800;refresher=uac Require:timer");
        check("x: 1800 ;refresher=UAS; Require: timer", "Session-Expires:1800;refresher=uas Require:timer");
        check("Session-Expires: 89; Supported: timer", "422");
        check("Session-Expires: 90; Supported: timer", "Session-Expires:90;refresher=uac Require:timer");
        // Who does not know timers could do nothing with a 422.
        check("Session-Expires: 30", "Session-Expires:90;refresher=uas");
        check("Session-Expires: soon; Supported: timer", "nothing");
    }

    #[test]
    fn it_is_due_once_at_the_half_and_over_a_little_before_its_end() {
        let at = |s: u64| Instant::from_millis(s * 1_000);
        let agreed = |interval_s, refresher| Agreed { interval_s, refresher, they_know: true };
        let mut ours = SessionTimer::start(at(0), agreed(1_800, Refresher::Us));
        assert!(!ours.is_due(at(899)) && ours.deadline() == at(900));
        assert!(ours.is_due(at(900)) && !ours.is_due(at(901)), "once");
        assert!(!ours.is_over(at(1_767)) && ours.is_over(at(1_768)) && ours.deadline() == at(1_768));
        let mut theirs = SessionTimer::start(at(0), agreed(90, Refresher::Them));
        assert!(!theirs.is_due(at(59)) && !theirs.is_over(at(59)) && theirs.is_over(at(60)));
        assert_eq!(theirs.deadline(), at(60));
        let ok = b"SIP/2.0 200 OK\r\nSession-Expires: 600;refresher=uas\r\n\r\n";
        ours.refreshed_by_us(at(1_000), &Message::parse(ok).expect("a message"));
        assert_eq!((ours.agreed.refresher, ours.deadline()), (Refresher::Them, at(1_000 + 568)));
    }
}
