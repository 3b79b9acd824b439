//! Who fits whom, worked out beforehand and never changed: another opinion is another plan, swapped whole (`plans.rs`).
//!
//! ```text
//!   class → tiers, best rank first, each a mask of profiles          credits: an array of its own, because an agent
//!   profile → a mask of classes                                      of many skills reads a great many in one look
//!   mask = (flag word, 32 bits)…                                     shape: what no later plan may change
//! ```
//! A class is a line at a step. Policy (who should be best) is the business of whoever builds the plan.
use crate::flags::FLAGS;
use crate::meeting::KEY_MAX;

/// A ladder of requirements over one set of slots: relaxing moves an entry from class to class without moving it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LineSpec {
    /// How many may wait or be rung at once.
    pub capacity: usize,
    /// The steps, from the first.
    pub steps: Vec<ClassSpec>,
}

/// A line at one step.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ClassSpec {
    /// By how much earlier than he came a caller of this class counts as having come, in units of the key.
    pub credit: u64,
    /// Who may serve: rank (0 is best) and profile.
    pub profiles: Vec<(u8, u32)>,
}

/// What cannot be planned; the fault is whoever's who wrote the queues and agents.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PlanError {
    /// A line has no step, or more than [`Plan::STEPS_MAX`].
    Steps {
        /// Which line.
        line: usize,
        /// How many it has.
        steps: usize,
    },
    /// A class names a profile that is not there.
    NoSuchProfile {
        /// Which line.
        line: usize,
        /// At which step.
        step: usize,
        /// The profile it names.
        profile: u32,
    },
    /// A class names a profile twice.
    ProfileTwice {
        /// Which line.
        line: usize,
        /// At which step.
        step: usize,
        /// The profile it names.
        profile: u32,
    },
    /// A credit no key could be measured against.
    Credit {
        /// Which line.
        line: usize,
        /// At which step.
        step: usize,
        /// The credit.
        credit: u64,
    },
    /// More slots in a line or a profile, or more lines, classes or profiles, than there are numbers for.
    TooMany,
}

/// Who may serve whom.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Plan {
    pub(crate) shape: Shape,
    /// By class: best rank first, each a mask over the profiles' flags.
    pub(crate) tiers: Vec<Box<[Mask]>>,
    pub(crate) credits: Vec<u64>,
    /// By profile: the classes it may serve, as a mask over the classes' flags.
    pub(crate) serves: Vec<Mask>,
}

/// What all plans of a matcher have in common.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Shape {
    pub(crate) lines: Vec<Line>,
    /// By class: its line and step.
    pub(crate) classes: Vec<(u32, u8)>,
    pub(crate) profiles: Vec<usize>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Line {
    pub(crate) capacity: usize,
    pub(crate) first_class: usize,
    pub(crate) steps: usize,
}

/// Flags of interest: word number and bits. Ascending, no word twice.
pub(crate) type Mask = Box<[(u32, u32)]>;

impl Plan {
    /// A line has at most so many steps: a slot's word has 8 bits for it.
    pub const STEPS_MAX: usize = 255;

    /// A plan for these lines and for profiles with room for so many agents each.
    pub fn new(lines: Vec<LineSpec>, profile_capacity: Vec<usize>) -> Result<Plan, PlanError> {
        let profiles = profile_capacity.len();
        let most = profile_capacity.iter().copied().chain(lines.iter().map(|l| l.capacity)).max().unwrap_or(0);
        let class_count: usize = lines.iter().map(|l| l.steps.len()).sum();
        if [profiles, most, lines.len(), class_count].into_iter().any(|n| u32::try_from(n).is_err()) {
            return Err(PlanError::TooMany);
        }
        let mut plan = Plan {
            shape: Shape { lines: vec![], classes: vec![], profiles: profile_capacity },
            tiers: vec![],
            credits: vec![],
            serves: vec![],
        };
        let mut serves = vec![vec![]; profiles];
        for (line, spec) in lines.into_iter().enumerate() {
            let steps = spec.steps.len();
            if steps == 0 || steps > Plan::STEPS_MAX {
                return Err(PlanError::Steps { line, steps });
            }
            plan.shape.lines.push(Line { capacity: spec.capacity, first_class: plan.tiers.len(), steps });
            for (step, ClassSpec { credit, mut profiles }) in spec.steps.into_iter().enumerate() {
                if credit > KEY_MAX {
                    return Err(PlanError::Credit { line, step, credit });
                }
                profiles.sort_unstable_by_key(|&(_, profile)| profile);
                if let Some(twice) = profiles.windows(2).find(|w| w[0].1 == w[1].1) {
                    return Err(PlanError::ProfileTwice { line, step, profile: twice[0].1 });
                }
                for &(_, profile) in &profiles {
                    let list =
                        serves.get_mut(profile as usize).ok_or(PlanError::NoSuchProfile { line, step, profile })?;
                    list.push(plan.tiers.len());
                }
                profiles.sort_unstable();
                let ranks = profiles.chunk_by(|a, b| a.0 == b.0);
                plan.tiers.push(ranks.map(|tier| mask(tier.iter().map(|&(_, profile)| profile as usize))).collect());
                plan.credits.push(credit);
                plan.shape.classes.push((line as u32, step as u8));
            }
        }
        plan.serves = serves.into_iter().map(|classes| mask(classes.into_iter())).collect();
        Ok(plan)
    }

    /// How many lines there are.
    pub fn line_count(&self) -> usize {
        self.shape.lines.len()
    }

    /// The class of a line at a step, `None` if there is no such.
    pub fn class(&self, line: u32, step: u8) -> Option<u32> {
        let line = self.shape.lines.get(line as usize)?;
        (usize::from(step) < line.steps).then_some((line.first_class + usize::from(step)) as u32)
    }

    /// In which tier, counted from the best, agents of `profile` serve `class`; `None` if they do not.
    pub fn tier(&self, class: u32, profile: u32) -> Option<usize> {
        let (word, bit) = (profile / FLAGS as u32, 1u32 << (profile as usize % FLAGS));
        self.tiers
            .get(class as usize)?
            .iter()
            .position(|tier| tier.iter().any(|&(w, bits)| w == word && bits & bit != 0))
    }

    /// The credit of a class.
    pub fn credit(&self, class: u32) -> Option<u64> {
        self.credits.get(class as usize).copied()
    }

    /// When a caller of this class counts as having come. The smaller is the more urgent.
    #[inline]
    pub(crate) fn virtual_time(&self, class: usize, key: u64) -> i64 {
        key as i64 - self.credits[class] as i64
    }
}

/// Ascending flag numbers as a mask.
fn mask(flags: impl Iterator<Item = usize>) -> Mask {
    let mut words: Vec<(u32, u32)> = vec![];
    for flag in flags {
        let (word, bit) = ((flag / FLAGS) as u32, 1u32 << (flag % FLAGS));
        match words.last_mut() {
            Some(last) if last.0 == word => last.1 |= bit,
            _ => words.push((word, bit)),
        }
    }
    words.into()
}

impl std::fmt::Display for PlanError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            PlanError::Steps { line, steps } => {
                write!(f, "line {line} has {steps} steps; 1 to {} are possible", Plan::STEPS_MAX)
            }
            PlanError::NoSuchProfile { line, step, profile } => {
                write!(f, "line {line} step {step} asks for profile {profile}, which does not exist")
            }
            PlanError::ProfileTwice { line, step, profile } => {
                write!(f, "line {line} step {step} names profile {profile} twice")
            }
            PlanError::Credit { line, step, credit } => {
                write!(f, "line {line} step {step} has a credit of {credit}; at most {KEY_MAX} is possible")
            }
            PlanError::TooMany => write!(f, "more lines, steps, profiles or slots than can be numbered"),
        }
    }
}
impl std::error::Error for PlanError {}

#[cfg(test)]
mod tests {
    use super::*;

    /// Credit, and rank and profile of who may serve.
    type Step<'a> = (u64, &'a [(u8, u32)]);

    fn check(profiles: &[usize], lines: &[&[Step]], expected: Result<usize, PlanError>) {
        let step = |&(credit, fit): &Step| ClassSpec { credit, profiles: fit.to_vec() };
        let line = |steps: &&[Step]| LineSpec { capacity: 10, steps: steps.iter().map(step).collect() };
        let plan = Plan::new(lines.iter().map(line).collect(), profiles.to_vec());
        assert_eq!(plan.map(|p| p.tiers.len()), expected, "{lines:?}");
    }

    #[test]
    fn what_can_be_planned() {
        check(&[], &[], Ok(0));
        check(&[1], &[&[(0, &[(0, 0)])]], Ok(1));
        check(&[1, 1], &[&[(0, &[(0, 0)]), (9, &[(0, 0), (1, 1)])], &[(KEY_MAX, &[])]], Ok(3));
    }

    #[test]
    fn what_cannot() {
        check(&[1], &[&[]], Err(PlanError::Steps { line: 0, steps: 0 }));
        let nobody: &[(u8, u32)] = &[];
        check(&[1], &[&[(0, nobody); 256]], Err(PlanError::Steps { line: 0, steps: 256 }));
        check(&[1], &[&[(0, &[(0, 1)])]], Err(PlanError::NoSuchProfile { line: 0, step: 0, profile: 1 }));
        check(&[1], &[&[(0, &[(0, 0), (1, 0)])]], Err(PlanError::ProfileTwice { line: 0, step: 0, profile: 0 }));
        check(&[1], &[&[(1 << 44, &[])]], Err(PlanError::Credit { line: 0, step: 0, credit: 1 << 44 }));
        assert_eq!(Plan::new(vec![], vec![1 << 32]).err(), Some(PlanError::TooMany));
    }

    #[test]
    fn tiers_are_in_the_order_of_ranks() {
        let fit = vec![(7, 40), (2, 0), (7, 1), (2, 70)];
        let line = LineSpec { capacity: 1, steps: vec![ClassSpec { credit: 0, profiles: fit }] };
        let plan = Plan::new(vec![line], vec![1; 80]).expect("a good plan");
        assert_eq!([0, 70, 1, 40, 2].map(|p| plan.tier(0, p)), [Some(0), Some(0), Some(1), Some(1), None]);
        assert_eq!((plan.class(0, 0), plan.class(0, 1), plan.class(1, 0)), (Some(0), None, None));
    }
}
