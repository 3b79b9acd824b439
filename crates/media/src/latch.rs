//! Where a stream's packets come from and go to: symmetric RTP (RFC 4961) behind an address translator, with safe latching.
//!
//! ```text
//!                     valid RTP from the SDP's IP
//!   Waiting ─────────────────────────────────────────────────► Latched(source)      packets go to the source
//!      │   valid RTP from elsewhere, 200 ms after arming,          │   ▲
//!      └── if nothing came from the SDP's IP until then ───────►   │   │ same IP, other port, after 500 ms of silence;
//!          (packets go to the SDP's address)                       └───┘ or the SDP's own IP, if the source was elsewhere
//! ```
//! A stranger who sprays packets at our ports can neither take a stream away from the address that the signalling named, nor
//! from whoever speaks already. He could win only where the named address stays silent for 200 ms, as behind a translator; the
//! named address takes it back from him when it speaks. A wish with a new remote arms anew.
use std::net::SocketAddr;
use switchboard_model::Instant;

/// One stream's source.
#[derive(Clone, Debug)]
pub struct Latch {
    named: SocketAddr,
    armed_at: Instant,
    source: Option<Source>,
}

#[derive(Clone, Copy, Debug)]
struct Source {
    address: SocketAddr,
    last_at: Instant,
}

/// What a packet's source means.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// It is the one.
    Known,
    /// It is the one from now on.
    Latched,
    /// It is the one from now on, and another was before.
    Moved,
    /// It is not the one.
    Ignored,
}

/// How long the address that the SDP names has the first word. Its first packet comes within a round trip of the answer; 200 ms
/// is a satellite's way up and down.
pub const NAMED_FIRST_MS: u64 = 200;

/// How long a source must have been silent before another port of the same IP may follow it: 25 frames.
pub const MOVED_AFTER_MS: u64 = 500;

impl Latch {
    /// Armed for the address that the SDP names.
    pub fn new(now: Instant, named: SocketAddr) -> Self {
        Latch { named, armed_at: now, source: None }
    }

    /// The SDP's address may have changed; if so, everything begins anew.
    pub fn name(&mut self, now: Instant, named: SocketAddr) {
        if named != self.named {
            *self = Latch::new(now, named);
        }
    }

    /// A valid RTP packet came from here.
    pub fn judge(&mut self, now: Instant, from: SocketAddr) -> Verdict {
        let verdict = match &self.source {
            None if from.ip() == self.named.ip() || now.ms_since(self.armed_at) >= NAMED_FIRST_MS => Verdict::Latched,
            None => Verdict::Ignored,
            Some(source) if source.address == from => Verdict::Known,
            Some(source) if source.address.ip() == from.ip() && now.ms_since(source.last_at) >= MOVED_AFTER_MS => {
                Verdict::Moved
            }
            Some(source) if from.ip() == self.named.ip() && source.address.ip() != self.named.ip() => Verdict::Moved,
            Some(_) => Verdict::Ignored,
        };
        if verdict != Verdict::Ignored {
            self.source = Some(Source { address: from, last_at: now });
        }
        verdict
    }

    /// Where packets go; none if there is nowhere to send to.
    pub fn target(&self) -> Option<SocketAddr> {
        let target = self.source.map_or(self.named, |s| s.address);
        (!self.named.ip().is_unspecified() && target.port() != 0).then_some(target)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn address(name: &str) -> SocketAddr {
        // a1 is port 1 of host a.
        let (host, port) = name.split_at(1);
        SocketAddr::new([10, 0, 0, host.as_bytes()[0]].into(), port.parse().expect("a port"))
    }

    /// `ms:address` in turn, the SDP naming a1; `ms!address` is a new SDP. Expected: a letter for each verdict, then the target.
    fn check(steps: &str, expected: &str) {
        let mut latch = Latch::new(Instant::from_millis(0), address("a1"));
        let mut told = String::new();
        for step in steps.split_whitespace() {
            if let Some((ms, named)) = step.split_once('!') {
                latch.name(Instant::from_millis(ms.parse().expect("ms")), address(named));
                continue;
            }
            let (ms, from) = step.split_once(':').expect("ms:address");
            told.push(match latch.judge(Instant::from_millis(ms.parse().expect("ms")), address(from)) {
                Verdict::Known => 'k',
                Verdict::Latched => 'L',
                Verdict::Moved => 'M',
                Verdict::Ignored => '-',
            });
        }
        let target = latch.target().expect("somewhere");
        let target = format!(
            "{}{}",
            target.ip().to_string().rsplit('.').next().expect("a host").parse::<u8>().map(char::from).expect("a host"),
            target.port()
        );
        assert_eq!(format!("{told} {target}"), expected, "{steps}");
    }

    #[test]
    fn who_may_latch() {
        check("", " a1");
        check("0:a1 20:a1", "Lk a1");
        // Another port of the named IP is a translator at work.
        check("0:a7 20:a7", "Lk a7");
        // Another IP must wait 200 ms for the named one.
        check("0:b1 199:b1", "-- a1");
        check("0:b1 200:b1 220:b1", "-Lk b1");
        check("100:a1 200:b1 9999:b1", "L-- a1");
    }

    #[test]
    fn who_may_take_over() {
        check("0:a1 20:a1 519:a2", "Lk- a1");
        // 500 ms of silence, same IP.
        check("0:a1 499:a2 500:a2 520:a1", "L-M- a2");
        // Never another IP …
        check("0:a1 5000:b1", "L- a1");
        check("200:b1 5000:c1", "L- b1");
        // … but for the one that the SDP names.
        check("200:b1 300:a5 320:b1 5000:b1", "LM-- a5");
    }

    #[test]
    fn a_new_sdp_arms_anew() {
        check("0:a1 100!b1 120:a1 130:b1", "L-L b1");
        check("0:a1 100!b1", "L b1");
        // The same SDP again changes nothing.
        check("0:a7 100!a1 120:a7", "Lk a7");
    }

    #[test]
    fn nowhere_to_send() {
        let mut latch = Latch::new(Instant::from_millis(0), "0.0.0.0:4000".parse().expect("an address"));
        assert_eq!(latch.target(), None);
        assert_eq!(latch.judge(Instant::from_millis(500), address("a1")), Verdict::Latched);
        assert_eq!(latch.target(), None, "who is on hold is sent nothing, wherever he speaks from");
        let latch = Latch::new(Instant::from_millis(0), "10.0.0.1:0".parse().expect("an address"));
        assert_eq!(latch.target(), None);
    }

    proptest! {
        /// Once the named IP has spoken, no other IP ever gets a packet.
        #[test]
        fn the_named_ip_keeps_it(packets in proptest::collection::vec((0u64..300, 0u8..3, 1u16..4), 1..60)) {
            let named: SocketAddr = "10.0.0.0:1".parse().expect("an address");
            let mut latch = Latch::new(Instant::from_millis(0), named);
            let (mut ms, mut spoke) = (0, false);
            for (pause, host, port) in packets {
                ms += pause;
                let from = SocketAddr::new([10, 0, 0, host].into(), port);
                latch.judge(Instant::from_millis(ms), from);
                spoke |= host == 0;
                if spoke {
                    prop_assert_eq!(latch.target().expect("somewhere").ip(), named.ip());
                }
            }
        }
    }
}
