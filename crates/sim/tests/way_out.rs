//! An agent consults a number outside, and the carrier's SBCs are written by hand: who is called, how, and what comes next when one does
//! not do. Which SBCs live is `engine/carrier/tests`' part.
#[allow(dead_code, reason = "the other tests use the rest of it")]
mod rig;

use rig::centre::{Centre, agent_8001, header, sdp, talking_after};
use rig::{Rig, address};
use switchboard_engine::command::{CallOrder, Command, Order};
use switchboard_engine::config::{CallsOut, HealthCheck, OutBy, Sbc, ShownIn};
use switchboard_engine::{Config, ShardInput};
use switchboard_model::Transport;

const FIRST: &str = "192.0.2.21:5060";
const SECOND: &str = "192.0.2.22:5060";

fn config() -> Config {
    let mut config: Config = Config::clone(&Rig::config());
    let sbc = |at, priority| Sbc { at: address(at), transport: Transport::Udp, priority, weight: 0 };
    let trunk = &mut config.trunks[0];
    trunk.sbcs = vec![sbc(SECOND, 2), sbc(FIRST, 1)];
    trunk.health = HealthCheck::Passive;
    trunk.out = CallsOut { shown: "02195588".to_owned(), shown_in: ShownIn::Asserted, session_s: 1_800 };
    config.outside.by = Some(OutBy::Trunk(trunk.id));
    config.outside.allow = vec!["0216*".to_owned()];
    config
}

/// What happened since: `to request-line`, of INVITEs, CANCELs and BYEs.
struct Story {
    centre: Centre,
    read: usize,
}

impl Story {
    /// An agent talks and wants to consult.
    fn consult(forwards: u8) -> Story {
        let mut centre = talking_after(config(), forwards);
        let (call, agent) = (centre.call.expect("a call").0, agent_8001(&centre));
        let read = centre.sent.len();
        let what = CallOrder::Consult { to: "02162340001".to_owned() };
        centre.tell_shard(ShardInput::Command(Command { id: 1, what: Order::OnCall { call, agent, what } }));
        Story { centre, read }
    }

    fn says(&mut self) -> Vec<String> {
        let all = self.centre.sent_to.iter().zip(&self.centre.sent);
        let line = |(to, text): (&std::net::SocketAddr, &String)| format!("{to} {}", text.lines().next().unwrap_or(""));
        let said = all.skip(self.read).map(line).filter(|l| ["INVITE", "CANCEL", "BYE"].iter().any(|m| l.contains(m)));
        let said = said.collect();
        self.read = self.centre.sent.len();
        said
    }

    /// This SBC's answer to the newest INVITE that it was sent.
    fn answer(&mut self, from: &str, code: u16, more: &str) {
        let is_it = |n: &usize| self.centre.sent_to[*n] == address(from) && self.centre.sent[*n].starts_with("INVITE");
        let at = (0..self.centre.sent.len()).rfind(is_it).expect("it was called");
        let invite = self.centre.sent[at].clone();
        let body = if code == 200 { sdp("192.0.2.30") } else { String::new() };
        let lines = ["Via:", "From:", "To:", "Call-ID:", "CSeq:"].map(|n| header(&invite, n));
        let lines = lines.join("\r\n").replace("\r\nCall-ID", ";tag=o\r\nCall-ID");
        self.centre.datagram(
            from,
            &format!(
                "SIP/2.0 {code} x\r\n{lines}\r\nContact: <sip:{from}>\r\n{more}Content-Type: application/sdp\r\nContent-Length: {}\r\n\r\n{body}",
                body.len()
            ),
        );
    }

    fn passes(&mut self, ms: u64) {
        self.centre.later(ms);
        self.centre.tell_shard(ShardInput::Timeout);
    }

    fn state(&self) -> &'static str {
        self.centre.shard.each_call().next().expect("a call").state.name()
    }
}

#[test]
fn an_sbc_that_is_silent_or_full_gives_its_place_to_the_next() {
    let mut story = Story::consult(70);
    assert_eq!(story.says(), [format!("{FIRST} INVITE sip:02162340001@{FIRST} SIP/2.0")]);
    let invite = story.centre.sent.last().expect("just read").clone();
    for wanted in [
        "Max-Forwards: 69",
        "P-Asserted-Identity: <sip:02195588@198.51.100.1>",
        "Session-Expires: 1800",
        "From: <sip:02195588@198.51.100.1>",
    ] {
        assert!(invite.contains(wanted), "no {wanted} in {invite}");
    }
    story.passes(5_000);
    assert_eq!(
        story.says(),
        [
            format!("{FIRST} INVITE sip:02162340001@{FIRST} SIP/2.0"),
            format!("{SECOND} INVITE sip:02162340001@{SECOND} SIP/2.0")
        ],
        "what SIP repeats, and the next"
    );
    story.answer(SECOND, 100, "");
    story.passes(20_000);
    assert_eq!(story.state(), "Consulting", "whoever says 100 lives, and telephones far away take their time");
    story.answer(SECOND, 503, "");
    assert_eq!((story.state(), story.centre.shard.ports_lent()), ("Talking", 2), "nobody is left");

    let mut story = Story::consult(70);
    story.answer(FIRST, 503, "");
    assert_eq!(story.says()[1], format!("{SECOND} INVITE sip:02162340001@{SECOND} SIP/2.0"));
    story.answer(SECOND, 486, "");
    assert_eq!(
        (story.state(), story.says().len()),
        ("Talking", 0),
        "busy is an answer, and no other SBC would say otherwise"
    );
}

#[test]
fn a_redirection_leads_to_allowed_numbers_once_and_by_our_own_sbcs() {
    let mut story = Story::consult(70);
    story.says();
    let to = "Contact: <sip:13900000000@203.0.113.9>;q=1.0, <sip:02162349999@203.0.113.9>;q=0.5, <sip:02162348888@192.0.2.22>;q=0.9\r\n";
    story.answer(FIRST, 302, to);
    assert_eq!(
        story.says(),
        [format!("{SECOND} INVITE sip:02162348888@192.0.2.22 SIP/2.0")],
        "allowed, and it names the other SBC"
    );
    story.answer(SECOND, 302, "Contact: <sip:02162348888@192.0.2.22>\r\n");
    assert_eq!(
        story.says(),
        [format!("{SECOND} INVITE sip:02162349999@203.0.113.9 SIP/2.0")],
        "no circle; the next of the first redirection"
    );
    story.answer(SECOND, 200, "");
    assert_eq!(story.state(), "Consulting");
    let ack = story.centre.sent.last().expect("an ACK");
    assert!(ack.starts_with("ACK ") && story.centre.sent_to.last() == Some(&address(SECOND)), "{ack}");
}

#[test]
fn a_call_that_was_passed_on_too_often_goes_nowhere() {
    let mut story = Story::consult(1);
    assert_eq!((story.says().len(), story.state()), (0, "Talking"));
    let written: Vec<String> = story.centre.written.iter().map(|w| String::from_utf8_lossy(w).into_owned()).collect();
    assert!(written.iter().any(|w| w.contains("Max-Forwards, RFC 3261")), "the agent is told why");
    assert_eq!(story.centre.shard.ports_lent(), 2);
}
