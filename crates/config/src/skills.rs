//! Skills by name: numbered once, in the order in which they are first read, and never renumbered.
use switchboard_model::{Level, Need, SkillId};

/// The names so far.
#[derive(Default)]
pub struct SkillNames(Vec<String>);

impl SkillNames {
    /// The number of a name; a new one if it is new.
    pub fn id(&mut self, name: &str) -> SkillId {
        let n = self.0.iter().position(|s| s == name).unwrap_or_else(|| {
            self.0.push(name.to_owned());
            self.0.len() - 1
        });
        SkillId(n as u16)
    }

    /// `lang.cmn >= 3`, or `lang.cmn` alone for at least 1.
    pub fn need(&mut self, text: &str) -> Option<Need> {
        let (name, level) = match text.split_once(">=") {
            Some((name, level)) => (name.trim(), level.trim().parse().ok()?),
            None => (text.trim(), 1),
        };
        let sound = !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '.' | '_' | '-'));
        sound.then_some(Need { skill: self.id(name), at_least: Level::new(level)? })
    }

    /// All of them, by number.
    pub fn names(self) -> Vec<String> {
        self.0
    }
    /// One of them.
    pub fn name(&self, id: SkillId) -> &str {
        &self.0[usize::from(id.0)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_need_is_a_skill_and_a_level() {
        let mut names = SkillNames::default();
        for (text, reads) in [
            ("lang.cmn >= 3", Some((0, 3))),
            ("lang.cmn>=9", Some((0, 9))),
            ("card.loss", Some((1, 1))),
            ("card.loss >= 10", None),
            ("card loss", None),
            (">= 3", None),
        ] {
            assert_eq!(names.need(text).map(|n| (n.skill.0, n.at_least.value())), reads, "{text}");
        }
    }
}
