//! Which of the fitting agents first: the one who is best at what is asked, then the one longest idle.
//!
//! The rank is worked out beforehand from proficiency (best fit by queue); among equals the matcher takes the smallest key, and
//! the team's rule decides what the key is (idle since, by default).
use switchboard_model::{Need, Skills};

/// The rank of an agent for these needs: 0 is the best. `None` if he does not fit.
///
/// Nine points are lost for each need at level 0, none at level 9, so that a specialist comes before a generalist; a queue
/// without needs ranks everybody equal.
pub fn rank(skills: &Skills, needs: &[Need]) -> Option<u8> {
    if !skills.meet(needs) {
        return None;
    }
    let lost: u32 = needs.iter().map(|n| u32::from(9 - skills.level(n.skill))).sum();
    Some(u8::try_from(lost).unwrap_or(u8::MAX))
}

/// The same, with a trainee weighed down.
pub fn weighed(skills: &Skills, needs: &[Need], trainee: bool) -> Option<u8> {
    rank(skills, needs).map(|rank| if trainee { rank.saturating_add(crate::TRAINEE_RANK) } else { rank })
}

/// Whom a team sends first among those who fit equally well: what the agent's matching key is made of.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Choice {
    /// Who has been idle longest.
    #[default]
    LongestIdle,
    /// Who has been occupied least today.
    LeastOccupied,
    /// Whose last turn is longest ago.
    RoundRobin,
}

impl Choice {
    /// All of them with their words in agents.yaml.
    pub const ALL: [(Choice, &'static str); 3] = [
        (Choice::LongestIdle, "longest_idle"),
        (Choice::LeastOccupied, "least_occupied"),
        (Choice::RoundRobin, "round_robin"),
    ];
}

/// The needs that an agent does not meet, for `explain`.
pub fn why_not<'a>(skills: &Skills, needs: &'a [Need]) -> Vec<&'a Need> {
    needs.iter().filter(|n| skills.level(n.skill) < n.at_least.value()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use switchboard_model::{Level, SkillId};

    #[test]
    fn the_better_has_the_smaller_rank_and_who_does_not_fit_has_none() {
        let level = |n| Level::new(n).expect("0 to 9");
        let skills = |list: &[(u16, u8)]| Skills(list.iter().map(|&(s, l)| (SkillId(s), level(l))).collect());
        let needs = [Need { skill: SkillId(1), at_least: level(3) }, Need { skill: SkillId(2), at_least: level(1) }];
        for (who, expected) in [
            (skills(&[(1, 9), (2, 9)]), Some(0)),
            (skills(&[(1, 3), (2, 9)]), Some(6)),
            (skills(&[(1, 2), (2, 9)]), None),
            (skills(&[(1, 9)]), None),
            (skills(&[]), None),
        ] {
            assert_eq!(rank(&who, &needs), expected, "{who:?}");
        }
        assert_eq!(rank(&skills(&[]), &[]), Some(0));
        assert_eq!(why_not(&skills(&[(1, 2)]), &needs).len(), 2);
    }
}
