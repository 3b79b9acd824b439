//! Which target, and how its people behave: `demo`, or a profile file.
use super::people::People;
use super::profile::{Profile, own_address};
use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::time::Duration;
use switchboard_benches::telephones::{Behaviour, Place, SOUNDING_MAX, Spread};
use switchboard_model::Digit;
use switchboard_source::{has_errors, render};

/// A target, before it runs.
#[derive(Debug)]
pub enum Target {
    /// An engine of our own, in a process of its own.
    Demo,
    /// Any that is reached by SIP.
    Profile(Box<Profile>),
}

impl Target {
    /// `demo`, or the file of that name; only this machine, unless the host is named once more.
    pub fn read(text: &str, allowed: &[IpAddr]) -> Result<Target, String> {
        if text == "demo" {
            return Ok(Target::Demo);
        }
        let bytes = std::fs::read(Path::new(text)).map_err(|e| {
            format!("the target `{text}` cannot be read: {e}; write `demo`, or the name of a profile file")
        })?;
        let (doc, mut faults) = switchboard_source::read("BEN", text, &bytes);
        let profile = doc.as_ref().and_then(|doc| super::profile::read(doc, &mut faults));
        match profile.filter(|_| !has_errors(&faults)) {
            Some(profile) => profile.permitted(allowed).map(|p| Target::Profile(Box::new(p))),
            None => Err(format!("the profile has {} faults\n{}", faults.len(), render(&faults).trim_end())),
        }
    }

    /// How people behave at it: as it wants them, and as the command line does.
    pub fn behaviour(&self, people: &People) -> Result<Behaviour, String> {
        let zero = Digit::from_char('0').expect("a key");
        let (dials, keys, key_after, key_gap, to_agents) = match self {
            Target::Demo => (
                "9500".to_owned(),
                vec![(1.0, vec![zero])],
                Duration::from_millis(100),
                Duration::from_millis(600),
                true,
            ),
            Target::Profile(p) => (p.dials.clone(), p.keys.clone(), p.key_after, p.key_gap, !p.agents.is_empty()),
        };
        let behaviour = Behaviour {
            dials,
            keys,
            key_after: Spread::fixed(key_after),
            key_gap,
            to_agents,
            answers_after: Spread::fixed(Duration::ZERO),
            talk: Spread::Exponential { least: Duration::from_millis(800), more: Duration::from_millis(200) },
            talk_silent: Spread::Exponential { least: Duration::from_millis(50), more: Duration::from_millis(50) },
            acw: Spread::fixed(Duration::ZERO),
            patience: Spread::fixed(Duration::from_secs(4)),
            sound_percent: if to_agents { people.sound } else { 0 },
            sounding_max: SOUNDING_MAX,
        };
        people.change(behaviour)
    }
}

impl Profile {
    /// Where the telephones are.
    pub fn place(&self) -> Result<Place, String> {
        let own = own_address(self.sip)?;
        let any = SocketAddr::new(own, 0);
        Ok(Place {
            target: self.sip,
            transport: self.transport,
            own,
            trunk: self.trunk.unwrap_or(any),
            desk: self.desk.unwrap_or(any),
            credentials: self.credentials.clone(),
        })
    }
}
