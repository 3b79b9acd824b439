//! Is anybody there? Asked before a run where no agent has registered, which would have shown it.
use super::leg::Leg;
use super::{Arrivals, Behaviour, Run, Side, Spread, T1, Telephones, readable};
use std::os::fd::AsFd;
use std::time::Duration;

impl Telephones {
    /// Something answers: an OPTIONS, or else a call. A target that has let agents register is there.
    pub fn is_there(&mut self) -> Result<(), String> {
        if self.logins.any_registers() || self.answers_options() {
            return Ok(());
        }
        let people = self.behaviour.clone();
        let quick = Spread::fixed(WITHIN);
        self.behaviour = Behaviour {
            patience: quick.clone(),
            talk: Spread::fixed(T1),
            talk_silent: Spread::fixed(T1),
            ..people.clone()
        };
        let run = Run {
            arrivals: Arrivals::Steady(1_000.0),
            lasts: WITHIN,
            calls_max: 1,
            open_max: 1,
            settles: WITHIN,
            slice: None,
        };
        let heard = self.heard_at_all;
        let measured = self.run(&run, |_| true).map_err(|e| format!("the sockets failed: {e}"))?;
        self.behaviour = people;
        if self.heard_at_all > heard {
            return Ok(());
        }
        let name = self.place.transport.name();
        Err(format!(
            "{} said nothing to an OPTIONS and to {} call within {} s; is that its SIP address, over {name}, and does it run?",
            self.target,
            measured.offered,
            WITHIN.as_secs()
        ))
    }

    fn answers_options(&mut self) -> bool {
        let (own, target, heard) = (self.trunk.own(), self.target, self.heard_at_all);
        let leg = Leg {
            from: format!("<{}>;tag=o1", own.uri("bench")),
            to: format!("<sip:{target}>"),
            call_id: format!("options-{}@{}", self.clock.now().micros(), own.at),
            remote_target: format!("sip:{target}"),
            routes: String::new(),
        };
        for n in 1..=3 {
            let contact = format!("Contact: <{}>\r\n", own.uri("bench"));
            leg.request(&mut self.text, "OPTIONS", 1, "options", own, &contact, b"");
            self.send(Side::Trunk, target);
            let until = self.clock.now() + T1 * n;
            while self.clock.now() < until && !self.trunk.is_gone() {
                readable(self.trunk.as_fd(), self.clock.until(until));
                if self.read_sip(Side::Trunk).is_err() {
                    break;
                }
                if self.heard_at_all > heard {
                    return true;
                }
            }
        }
        false
    }
}

/// As long as a telephone tries before it says that nobody is there, and not the 32 s of RFC 3261.
const WITHIN: Duration = Duration::from_secs(3);
