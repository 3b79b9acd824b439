//! What people hear is what the record says: who talked, by the record, heard the other and nobody else.
//!
//! In depth *sounded* this is measured from tones; in depth *told* the world says it.
use super::{Law, View};

/// Heard both ways, and never the wrong one.
#[derive(Default)]
pub struct Sound {
    taken: u64,
}

impl Law for Sound {
    fn name(&self) -> &'static str {
        "sound"
    }

    fn at_end(&mut self, view: &View<'_>) -> Result<(), String> {
        for talk in view.people.talks() {
            self.taken += 1;
            if let Some(wrong) = &talk.wrong {
                return Err(wrong.clone());
            }
        }
        Ok(())
    }

    fn taken(&self) -> u64 {
        self.taken
    }
}
