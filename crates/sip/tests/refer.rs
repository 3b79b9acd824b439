//! REFER and the NOTIFYs about it, between a telephone and the centre (RFC 3515, RFC 6665).
//!
//! Not covered here: what the centre does with the caller it is asked to send elsewhere (the simulator).
use bytes::Bytes;
use std::net::SocketAddr;
use std::time::Duration;
use switchboard_model::{Chance, EndpointId, FlowId, Instant};
use switchboard_sip::{DialogId, Endpoint, EndpointConfig, Event, Invite, Output};
use switchboard_wire::sdp;

struct Line {
    now: Instant,
    /// The centre and the telephone.
    ends: [Endpoint; 2],
    events: Vec<(usize, Event)>,
    sent: Vec<(usize, String)>,
    /// Messages from the telephone that will be lost.
    lose: usize,
    dialogs: [DialogId; 2],
}

fn address(n: usize) -> SocketAddr {
    ([192, 0, 2, n as u8 + 1], 5060).into()
}

impl Line {
    /// The centre has called, and the telephone has picked up.
    fn new(refers: bool) -> Line {
        let end = |n: usize| {
            let config =
                EndpointConfig::new(EndpointId(n as u8 + 1), address(n), "test", Chance::from_number(n as u64));
            Endpoint::new(EndpointConfig { refers: refers && n == 1, ..config })
        };
        let mut line = Line {
            now: Instant::from_millis(1_000_000),
            ends: [end(0), end(1)],
            events: vec![],
            sent: vec![],
            lose: 0,
            dialogs: [DialogId(0); 2],
        };
        let offer = sdp::offer(([192, 0, 2, 1], 4000).into(), 1, 1);
        let ours = line.ends[0].invite(
            line.now,
            Invite {
                target: format!("sip:8001@{}", address(1)),
                to_addr: address(1),
                flow: FlowId(0),
                from_user: "13900000001".to_owned(),
                from_display: None,
                headers: vec![],
                sdp: Some(offer.clone()),
                credentials: None,
                terms: Default::default(),
            },
        );
        line.pump();
        let rung = line.events.iter().find_map(|(n, e)| match e {
            Event::Invite { dialog, .. } if *n == 1 => Some(*dialog),
            _ => None,
        });
        let theirs = rung.expect("the telephone is rung");
        let (answer, _) = sdp::answer(&offer, ([192, 0, 2, 2], 4000).into(), 1, 1).expect("agreement");
        line.ends[1].answer(line.now, theirs, answer).expect("it rings");
        line.pump();
        line.dialogs = [ours, theirs];
        line.events.clear();
        line.sent.clear();
        line
    }

    fn pump(&mut self) {
        loop {
            let mut moved = false;
            for n in 0..2 {
                while let Some(output) = self.ends[n].poll() {
                    moved = true;
                    match output {
                        Output::Send { bytes, .. } => {
                            self.sent.push((n, String::from_utf8_lossy(&bytes).into_owned()));
                            if n == 1 && self.lose > 0 {
                                self.lose -= 1;
                            } else {
                                self.ends[1 - n].handle_datagram(self.now, FlowId(0), address(n), &bytes);
                            }
                        }
                        Output::Event(event) => self.events.push((n, event)),
                    }
                }
            }
            if !moved {
                return;
            }
        }
    }

    fn later(&mut self, ms: u64) {
        let until = self.now + Duration::from_millis(ms);
        while let Some(at) = self.ends.iter().filter_map(Endpoint::next_timeout).min()
            && at <= until
        {
            self.now = at;
            self.ends.iter_mut().for_each(|e| e.handle_timeout(at));
            self.pump();
        }
        self.now = until;
    }

    /// The telephone refers; the centre answers with this, and says how it stands.
    fn refer(&mut self, code: u16, stands: &[u16]) {
        self.ends[1].refer(self.now, self.dialogs[1], "sip:8002@centre.example");
        self.pump();
        self.later(600);
        let refers: Vec<_> = self.events.iter().filter(|(n, e)| *n == 0 && matches!(e, Event::Refer { .. })).collect();
        let [(_, Event::Refer { dialog, request, to })] = refers[..] else { panic!("told once: {refers:?}") };
        let (dialog, request) = (*dialog, *request);
        assert_eq!((dialog, to.as_str()), (self.dialogs[0], "8002"));
        self.ends[0].respond(self.now, request, code, vec![], Bytes::new());
        for code in stands {
            self.ends[0].tell_referrer(self.now, dialog, *code);
        }
        self.pump();
    }

    fn notified(&self) -> Vec<u16> {
        let code = |(n, e): &(usize, Event)| match e {
            Event::Notified { code, .. } if *n == 1 => Some(*code),
            _ => None,
        };
        self.events.iter().filter_map(code).collect()
    }

    fn said(&self, n: usize, start: &str) -> Vec<&String> {
        self.sent.iter().filter(|(who, text)| *who == n && text.starts_with(start)).map(|(_, text)| text).collect()
    }
}

#[test]
fn a_refer_is_told_once_and_its_telephone_how_it_ends() {
    let mut line = Line::new(true);
    line.refer(202, &[100, 200]);
    assert_eq!(line.notified(), [100, 200]);
    let notifies = line.said(0, "NOTIFY");
    assert!(notifies[0].contains("Subscription-State: active;expires=60\r\n"), "{}", notifies[0]);
    assert!(notifies[1].contains("Subscription-State: terminated;reason=noresource\r\n"), "{}", notifies[1]);
    for notify in &notifies {
        assert!(
            notify.contains("Event: refer\r\n") && notify.contains("Content-Type: message/sipfrag;version=2.0\r\n")
        );
    }
    assert!(notifies[1].ends_with("\r\n\r\nSIP/2.0 200 OK\r\n"), "{}", notifies[1]);
    assert_eq!(line.said(0, "SIP/2.0 202").len(), 1);
    line.later(40_000);
    assert_eq!(line.said(0, "BYE").len() + line.said(1, "BYE").len(), 0, "the dialog stays");
}

#[test]
fn a_refer_that_is_lost_comes_again_and_is_told_once() {
    let mut line = Line::new(true);
    line.lose = 1;
    line.refer(202, &[100, 486]);
    assert!(line.said(1, "REFER").len() >= 2);
    assert_eq!(line.notified(), [100, 486]);
}

#[test]
fn a_notify_nobody_asked_for_is_of_no_subscription() {
    let mut line = Line::new(false);
    let ours = line.dialogs[0];
    line.ends[0].tell_referrer(line.now, ours, 200);
    line.pump();
    assert_eq!((line.notified(), line.said(1, "SIP/2.0 481").len()), (vec![], 1));
}

#[test]
fn without_a_place_to_go_to_it_is_refused() {
    for (header, code) in [
        ("", 400),
        ("Refer-To: <sip:centre.example>\r\n", 400),
        ("Refer-To: <sip:1@x>\r\nRefer-To: <sip:2@x>\r\n", 400),
    ] {
        let mut line = Line::new(true);
        line.ends[1].refer(line.now, line.dialogs[1], "sip:8002@centre.example");
        let Some(Output::Send { bytes, .. }) = line.ends[1].poll() else { panic!("it refers") };
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let changed = text.replace("Refer-To: <sip:8002@centre.example>\r\n", header);
        assert_ne!(text, changed);
        line.ends[0].handle_datagram(line.now, FlowId(0), address(1), changed.as_bytes());
        line.pump();
        assert_eq!(line.said(0, &format!("SIP/2.0 {code}")).len(), 1, "{header:?}: {:?}", line.sent);
        assert!(!line.events.iter().any(|(_, e)| matches!(e, Event::Refer { .. })));
    }
}
