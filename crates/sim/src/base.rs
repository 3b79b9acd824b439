//! What all worlds have in common: the embedded configuration, with one menu changed so that every way out of a menu is taken.
use std::io;
use std::sync::Arc;
use switchboard_config::embedded::Inside;
use switchboard_engine::Config;
use switchboard_ivr::{Disk, Entry};
use switchboard_media::{Sound, Sounds};

/// The configuration that scenarios vary, and the sounds of its prompts.
pub struct Base {
    /// The configuration.
    pub config: Config,
    /// The sounds.
    pub sounds: Arc<Sounds>,
}

impl Base {
    /// The embedded one.
    pub fn embedded() -> Result<Self, String> {
        let (loaded, faults) = switchboard_config::load("config", None, &mut Varied);
        let loaded = loaded.ok_or_else(|| faults.iter().map(|f| f.message.as_str()).collect::<Vec<_>>().join("; "))?;
        let mut sounds = Sounds::new();
        for prompt in loaded.menus.all_prompts() {
            let sound = Sound::from_wav(&prompt.sound).map_err(|e| format!("{}: {e}", prompt.file))?;
            sounds.insert(prompt.id, Arc::new(sound));
        }
        let config = loaded.engine().map_err(|e| e.to_string())?;
        Ok(Base { config, sounds: Arc::new(sounds) })
    }

    /// With a planted bug, by its name; and with the key A as a planted error.
    #[cfg(feature = "mutants")]
    pub fn with_mutant(mut self, name: Option<&str>) -> Result<Self, String> {
        use switchboard_engine::mutant::{MUTANTS, Mutant};
        self.config.faults.panics_on = switchboard_model::Digit::from_char('A');
        if let Some(name) = name {
            let known = || MUTANTS.iter().map(|(_, word)| *word).collect::<Vec<_>>().join(", ");
            let mutant = Mutant::named(name)
                .ok_or_else(|| format!("there is no planted bug `{name}`; there are {}", known()))?;
            self.config.faults.mutant = Some(mutant);
        }
        Ok(self)
    }

    /// Planted bugs are in test builds only.
    #[cfg(not(feature = "mutants"))]
    pub fn with_mutant(self, name: Option<&str>) -> Result<Self, String> {
        match name {
            None => Ok(self),
            Some(name) => {
                Err(format!("planted bugs such as `{name}` are in test builds only: build with --features mutants"))
            }
        }
    }
}

/// The embedded files, but at night the loans desk hangs up after its notice instead of handing over; and accounts are served by people only:
/// what is keyed for a service is forgotten in a restart, so a restored world would be another one.
struct Varied;

impl Disk for Varied {
    fn read(&mut self, path: &str) -> io::Result<Vec<u8>> {
        let bytes = Inside.read(path)?;
        let (from, to) = match path.rsplit('/').next() {
            Some("loans.yaml") => (
                "closed: { prompt: loans_closed, then: { queue: general } }",
                "closed: { prompt: loans_closed, then: { hang_up: true } }",
            ),
            Some("accounts.yaml") => (
                "  \"4\": { prompt: balance_self,     service: balance_enquiry, on_failure: { queue: accounts } }\n",
                "",
            ),
            Some(_) | None => return Ok(bytes),
        };
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let varied = text.replace(from, to);
        assert_ne!(text, varied, "{path} no longer has the line that worlds change");
        Ok(varied.into_bytes())
    }
    fn list(&mut self, folder: &str) -> io::Result<Vec<(String, Entry)>> {
        Inside.list(folder)
    }
}
