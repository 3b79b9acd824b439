//! A carrier's SBC that does one thing wrong: what leaves it is bent on its way out.
//!
//! ```text
//!   the simulated carrier ── message ──► bend ──► the wire        one lie at a time; the check that looks for it must find it
//! ```
//! The table is the help text of `--fault` and the test's list. What is no matter of bent bytes (a number that is answered though
//! nobody has it, a long message that is not let in) the carrier itself does.
use super::draft::Draft;
use super::line::{Line, Sent};
use bytes::Bytes;
use switchboard_wire::sip::Via;

macro_rules! lies {
    ($($(#[doc = $doc:literal])+ $name:ident = $word:literal, $found_by:literal;)+) => {
        /// What the simulated SBC does wrong.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
        pub enum Lie {
            $($(#[doc = $doc])+ $name,)+
        }
        impl Lie {
            /// Every lie, once.
            pub const ALL: &[Lie] = &[$(Lie::$name,)+];
            /// Its name on the command line.
            pub const fn word(self) -> &'static str {
                match self { $(Lie::$name => $word,)+ }
            }
            /// The check that looks for it.
            pub const fn found_by(self) -> &'static str {
                match self { $(Lie::$name => $found_by,)+ }
            }
            /// What it is.
            pub const fn meaning(self) -> &'static str {
                match self { $(Lie::$name => concat!($($doc),+).trim_ascii_start(),)+ }
            }
        }
    };
}

lies! {
    /// OPTIONS is never answered.
    Mute = "mute", "options-out";
    /// Responses go to the port in Via, and `rport` stays empty.
    NoRport = "no-rport", "rport-out";
    /// Responses leave from another port than the one that was asked.
    OtherPort = "other-port", "symmetric-out";
    /// Allow names INVITE and nothing else.
    ShortAllow = "short-allow", "allow-out";
    /// Every number is answered, also one that nobody has.
    AnyNumber = "any-number", "unknown-number-out";
    /// Calls are answered with PCMU though PCMA was offered first.
    Pcmu = "pcmu", "codec-out";
    /// Answers take no telephone-events.
    NoEvents = "no-events", "events-out";
    /// The answer to a hold says sendrecv.
    HoldDeaf = "hold-deaf", "hold-out";
    /// CANCEL is not answered, and the call rings on.
    IgnoresCancel = "ignores-cancel", "cancel-out";
    /// Fragments are lost: nothing longer than 1 300 bytes arrives.
    DropsBig = "drops-big", "big-in";
    /// An answered call is never acknowledged.
    DropsAck = "drops-ack", "ack-in";
    /// INVITE has no Contact.
    NoContact = "no-contact", "contact-in";
    /// Keys are sent with another payload type than was agreed.
    OtherPayloadType = "other-payload-type", "dtmf-in";
    /// BYE bears a tag that is not ours.
    WrongTag = "wrong-tag", "bye-in";
    /// No number of the caller comes: From is anonymous, P-Asserted-Identity is missing.
    NoCaller = "no-caller", "caller-in";
    /// CSeq goes backwards within a call.
    OldCseq = "old-cseq", "options-dialog-in";
}

/// Nothing longer than this gets through where fragments are lost (RFC 3261 §18.1.1).
pub const BIG_BYTES: usize = 1_300;

impl Lie {
    /// What becomes of a datagram that leaves the lying carrier; none if it never leaves.
    pub fn bend(self, mut sent: Sent) -> Option<Sent> {
        if matches!(sent.line, Line::Rtp | Line::RtpOther) {
            return Some(self.bend_sound(sent));
        }
        let Some(draft) = Draft::read(&sent.bytes) else { return Some(sent) };
        let of = |method: &str| draft.get("CSeq").is_some_and(|c| c.ends_with(method));
        let code = draft.code();
        let inside = draft.get("To").is_some_and(|to| to.contains("tag="));
        let new = match self {
            Lie::Mute if code.is_some() && of("OPTIONS") => return None,
            Lie::IgnoresCancel if of("CANCEL") && code.is_some() || code == Some(487) => return None,
            Lie::DropsAck if draft.is("ACK") => return None,
            Lie::DropsBig if sent.bytes.len() > BIG_BYTES => return None,
            Lie::OtherPort if code.is_some() => {
                sent.line = Line::Other;
                return Some(sent);
            }
            Lie::NoRport if code.is_some() => {
                let via = draft.get("Via").unwrap_or("").to_owned();
                let kept: Vec<&str> =
                    via.split(';').filter(|p| !p.starts_with("rport") && !p.starts_with("received")).collect();
                if let Some(port) = Via::parse(&via).and_then(|v| v.port) {
                    sent.to.set_port(port);
                }
                draft.set("Via", &kept.join(";"))
            }
            Lie::ShortAllow if draft.get("Allow").is_some() => draft.set("Allow", "INVITE"),
            Lie::Pcmu if code == Some(200) => with_body(draft, |line| match line {
                "a=rtpmap:8 PCMA/8000" => Some("a=rtpmap:0 PCMU/8000".to_owned()),
                m if m.starts_with("m=audio") => Some(m.replace("RTP/AVP 8", "RTP/AVP 0")),
                other => Some(other.to_owned()),
            }),
            Lie::NoEvents if code == Some(200) => with_body(draft, |line| match line {
                e if e.contains("telephone-event") || e.starts_with("a=fmtp:101") => None,
                m if m.starts_with("m=audio") => Some(m.replace(" 101", "")),
                other => Some(other.to_owned()),
            }),
            Lie::HoldDeaf if code == Some(200) => with_body(draft, |line| Some(line.replace("recvonly", "sendrecv"))),
            Lie::NoContact if draft.is("INVITE") && !inside => draft.without("Contact"),
            Lie::WrongTag if draft.is("BYE") => {
                let to = draft.get("To").unwrap_or("").replace("tag=", "tag=x");
                draft.set("To", &to)
            }
            Lie::NoCaller if draft.is("INVITE") && !inside && draft.get("From").is_some() => {
                let from = draft.get("From").unwrap_or("").to_owned();
                let tag = from.split(";tag=").nth(1).unwrap_or("x").to_owned();
                draft
                    .without("P-Asserted-Identity")
                    .set("From", &format!("\"Anonymous\" <sip:anonymous@anonymous.invalid>;tag={tag}"))
            }
            Lie::OldCseq if draft.is("OPTIONS") && inside => draft.set("CSeq", "0 OPTIONS"),
            _ => return Some(sent),
        };
        sent.bytes = new.write();
        Some(sent)
    }

    fn bend_sound(self, mut sent: Sent) -> Sent {
        if self == Lie::OtherPayloadType && sent.bytes.get(1).is_some_and(|b| b & 0x7f == EVENTS) {
            let mut bytes = sent.bytes.to_vec();
            bytes[1] = bytes[1] & 0x80 | OTHER_EVENTS;
            sent.bytes = Bytes::from(bytes);
        }
        sent
    }
}

/// The payload type of telephone-events in every offer of a tester.
pub const EVENTS: u8 = 101;
const OTHER_EVENTS: u8 = 96;

fn with_body(mut draft: Draft, line: impl Fn(&str) -> Option<String>) -> Draft {
    draft.body = draft.body.split_terminator("\r\n").filter_map(line).map(|l| l + "\r\n").collect();
    draft
}
