//! From queues and agents to the matcher's plan.
//!
//! ```text
//!   line    = queue × language           its classes are the queue's steps
//!   profile = one set of skills          agents whom no need can tell apart
//!   fits    = rank(skills, needs + language), worked out once, here
//! ```
//! Lines come in the order of queues and languages, profiles in the order of skills, so that equal files make equal plans.
use crate::choose::weighed;
use crate::entry::credit_of;
use crate::queue::Queue;
use std::collections::BTreeMap;
use switchboard_matcher::{ClassSpec, LineSpec, Plan};
use switchboard_model::{AgentId, Language, Level, Need, QueueId, SkillId, Skills};

/// An agent as the layout sees him.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StaffMember {
    /// Who.
    pub id: AgentId,
    /// What he can do.
    pub skills: Skills,
    /// Whether he is in training: among those who fit he comes last.
    pub trainee: bool,
}

/// By how much a trainee's rank is worse: more than two needs met at their very edge.
pub const TRAINEE_RANK: u8 = 20;

/// Which line a caller waits in, which profile an agent has, and the plan that brings them together.
#[derive(Clone, Debug)]
pub struct Layout {
    lines: BTreeMap<(QueueId, Language), u32>,
    line_needs: Vec<Vec<Vec<Need>>>,
    profiles: BTreeMap<AgentId, u32>,
    line_specs: Vec<LineDraft>,
    profile_capacity: Vec<u32>,
}

/// A line before it is the matcher's: capacity, credit, and for each step the profiles that fit with their ranks.
type LineDraft = (u32, u64, Vec<Vec<(u8, u32)>>);

/// What the matcher cannot be laid out for.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum LayoutError {
    /// Too many steps.
    #[error("queue `{queue}` has {steps} overflow steps; at most {max} are possible", max = Queue::STEPS_MAX - 1)]
    TooManySteps {
        /// Which queue.
        queue: String,
        /// How many it has.
        steps: usize,
    },
    /// The matcher refused the plan.
    #[error("the plan of queues and agents is impossible: {0}")]
    Plan(String),
}

impl Layout {
    /// Lays out `queues` for callers of `languages` (with the skill each asks for) and `staff`.
    pub fn new(
        queues: &[Queue],
        languages: &[(Language, SkillId)],
        staff: &[StaffMember],
    ) -> Result<Layout, LayoutError> {
        let mut groups: BTreeMap<(&Skills, bool), Vec<AgentId>> = BTreeMap::new();
        for member in staff {
            groups.entry((&member.skills, member.trainee)).or_default().push(member.id);
        }
        let mut layout = Layout {
            lines: BTreeMap::new(),
            line_needs: vec![],
            profiles: BTreeMap::new(),
            line_specs: vec![],
            profile_capacity: vec![],
        };
        for (profile, agents) in groups.values().enumerate() {
            layout.profile_capacity.push(agents.len() as u32);
            layout.profiles.extend(agents.iter().map(|&a| (a, profile as u32)));
        }
        let one = Level::new(1).expect("1 is a level");
        for queue in queues {
            if queue.step_count() > Queue::STEPS_MAX {
                return Err(LayoutError::TooManySteps { queue: queue.name.clone(), steps: queue.steps.len() });
            }
            for &(language, skill) in languages {
                let needs: Vec<Vec<Need>> = (0..queue.step_count())
                    .map(|step| {
                        let mut needs = queue.needs_at(step).to_vec();
                        if !needs.iter().any(|n| n.skill == skill) {
                            needs.push(Need { skill, at_least: one });
                        }
                        needs
                    })
                    .collect();
                let fits = |needs: &Vec<Need>| {
                    groups
                        .keys()
                        .enumerate()
                        .filter_map(|(p, (skills, trainee))| weighed(skills, needs, *trainee).map(|r| (r, p as u32)))
                        .collect()
                };
                layout.lines.insert((queue.id, language), layout.line_specs.len() as u32);
                layout.line_specs.push((
                    queue.max_waiting,
                    credit_of(queue.priority_offset_s),
                    needs.iter().map(fits).collect(),
                ));
                layout.line_needs.push(needs);
            }
        }
        layout.plan()?;
        Ok(layout)
    }

    /// The plan for a matcher.
    pub fn plan(&self) -> Result<Plan, LayoutError> {
        self.plan_with_room(|_| 0)
    }

    /// The same, with room on each line for at least so many: those who wait already, where fewer may wait from now on.
    pub fn plan_with_room(&self, room: impl Fn(u32) -> usize) -> Result<Plan, LayoutError> {
        let lines = self.line_specs.iter().enumerate().map(|(n, (capacity, credit, steps))| LineSpec {
            capacity: (*capacity as usize).max(room(n as u32)),
            steps: steps.iter().map(|profiles| ClassSpec { credit: *credit, profiles: profiles.clone() }).collect(),
        });
        Plan::new(lines.collect(), self.profile_capacity.iter().map(|&n| n as usize).collect())
            .map_err(|e| LayoutError::Plan(e.to_string()))
    }

    /// The line of a queue in a language; `None` if callers of that language are not served.
    pub fn line(&self, queue: QueueId, language: Language) -> Option<u32> {
        self.lines.get(&(queue, language)).copied()
    }
    /// The queue and language of a line.
    pub fn queue_of(&self, line: u32) -> Option<(QueueId, Language)> {
        self.lines.iter().find(|(_, l)| **l == line).map(|(q, _)| *q)
    }
    /// The profile of an agent; `None` if he is not in the configuration.
    pub fn profile(&self, agent: AgentId) -> Option<u32> {
        self.profiles.get(&agent).copied()
    }
    /// What a line asks of an agent at a step, the language included.
    pub fn needs(&self, line: u32, step: usize) -> &[Need] {
        &self.line_needs[line as usize][step]
    }
    /// How well an agent of this profile fits a line at a step, 0 the best; `None` if he does not.
    pub fn rank(&self, line: u32, step: usize, profile: u32) -> Option<u8> {
        self.line_specs[line as usize].2[step].iter().find(|(_, p)| *p == profile).map(|(rank, _)| *rank)
    }
    /// The line and step of a class, as the plan numbers them.
    pub fn line_of_class(&self, class: u32) -> (u32, usize) {
        let mut left = class as usize;
        for (line, (_, _, steps)) in self.line_specs.iter().enumerate() {
            match left.checked_sub(steps.len()) {
                Some(rest) => left = rest,
                None => return (line as u32, left),
            }
        }
        panic!("class {class} is beyond the {} lines of this layout", self.line_specs.len())
    }
    /// How many lines there are.
    pub fn line_count(&self) -> usize {
        self.line_needs.len()
    }
    /// How many steps a line has.
    pub fn step_count(&self, line: u32) -> usize {
        self.line_needs[line as usize].len()
    }
    /// Whether callers and agents placed under one layout keep their places under the other: the same lines, steps, profiles and
    /// capacities. Who fits whom, and how urgent a queue is, may differ.
    pub fn same_shape(&self, other: &Layout) -> bool {
        let shape =
            |l: &Layout| l.line_specs.iter().map(|(capacity, _, steps)| (*capacity, steps.len())).collect::<Vec<_>>();
        self.lines == other.lines
            && self.profiles == other.profiles
            && self.profile_capacity == other.profile_capacity
            && shape(self) == shape(other)
    }
    /// Agents that can be matched, for the bound of the match rings.
    pub fn agent_count(&self) -> usize {
        self.profiles.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use switchboard_matcher::{Event, Matcher};

    fn level(n: u8) -> Level {
        Level::new(n).expect("0 to 9")
    }

    fn skills(list: &[(u16, u8)]) -> Skills {
        Skills(list.iter().map(|&(s, l)| (SkillId(s), level(l))).collect())
    }

    fn queue(id: u16, needs: &[(u16, u8)], steps: &[&[(u16, u8)]]) -> Queue {
        let needs_of =
            |list: &[(u16, u8)]| list.iter().map(|&(s, l)| Need { skill: SkillId(s), at_least: level(l) }).collect();
        Queue {
            id: QueueId(id),
            name: format!("q{id}"),
            needs: needs_of(needs),
            steps: steps
                .iter()
                .map(|s| crate::Step { after: std::time::Duration::from_secs(30), needs: needs_of(s) })
                .collect(),
            priority_offset_s: 0,
            max_waiting: 8,
            max_wait_s: 600,
            at_max_wait: crate::AtMaxWait::HangUp,
            overflow: None,
        }
    }

    const CMN: SkillId = SkillId(0);
    const EN: SkillId = SkillId(1);

    fn layout(staff: &[(u32, Skills)]) -> Layout {
        let staff: Vec<StaffMember> =
            staff.iter().map(|(id, s)| StaffMember { id: AgentId(*id), skills: s.clone(), trainee: false }).collect();
        let queues = [queue(0, &[], &[]), queue(1, &[(2, 5)], &[&[(2, 1)]])];
        Layout::new(&queues, &[(Language::Mandarin, CMN), (Language::English, EN)], &staff).expect("a possible layout")
    }

    /// Who is rung for a caller of this queue, language and step when all of these rest, longest idle first in the list.
    fn rung(staff: &[(u32, Skills)], queue: u16, language: Language, step: u8) -> Option<u32> {
        let layout = layout(staff);
        let matcher = Matcher::new(layout.plan().expect("a plan"));
        let mut chairs = vec![];
        for (n, (id, _)) in staff.iter().enumerate() {
            let chair = matcher.seat(layout.profile(AgentId(*id)).expect("his profile")).expect("his chair");
            matcher.ready(chair, 1 + n as u64, &mut |_| panic!("nobody waits yet")).expect("he was out");
            chairs.push((chair, *id));
        }
        let mut met = None;
        let line = layout.line(QueueId(queue), language).expect("a line");
        matcher
            .arrive(line, step, 1_000, &mut |event| {
                if let Event::Met(m) = event {
                    met = chairs.iter().find(|(c, _)| *c == m.chair).map(|(_, id)| *id);
                }
            })
            .expect("there is room");
        met
    }

    #[test]
    fn best_fit_then_longest_idle_and_language_is_a_need() {
        let cmn_generalist = || skills(&[(0, 9), (2, 1)]);
        let cmn_expert = || skills(&[(0, 9), (2, 9)]);
        let english = || skills(&[(1, 9), (2, 9)]);
        let all = [(1, cmn_generalist()), (2, english()), (3, cmn_expert()), (4, cmn_expert())];
        use Language::{English, Mandarin};
        for (staff, queue, language, step, expected) in [
            (&all[..], 0, Mandarin, 0, Some(1)),
            (&all[..], 1, Mandarin, 0, Some(3)),
            (&all[..], 1, English, 0, Some(2)),
            (&all[..1], 1, Mandarin, 0, None),
            (&all[..1], 1, Mandarin, 1, Some(1)),
            (&all[..1], 0, English, 0, None),
        ] {
            assert_eq!(
                rung(staff, queue, language, step),
                expected,
                "queue {queue} {language} step {step} of {}",
                staff.len()
            );
        }
    }

    #[test]
    fn agents_whom_no_need_can_tell_apart_share_a_profile() {
        let layout = layout(&[(1, skills(&[(0, 9)])), (2, skills(&[(0, 9)])), (3, skills(&[(0, 8)]))]);
        assert_eq!(layout.profile(AgentId(1)), layout.profile(AgentId(2)));
        assert_ne!(layout.profile(AgentId(1)), layout.profile(AgentId(3)));
        assert_eq!(layout.profile(AgentId(4)), None);
    }

    #[test]
    fn a_trainee_is_weighed_down_and_classes_lead_back_to_their_lines() {
        let staff = [(1, true), (2, false)].map(|(id, trainee)| StaffMember {
            id: AgentId(id),
            skills: skills(&[(0, 9), (2, 9)]),
            trainee,
        });
        let queues = [queue(0, &[], &[]), queue(1, &[(2, 5)], &[&[(2, 1)]])];
        let layout = Layout::new(&queues, &[(Language::Mandarin, CMN)], &staff).expect("a possible layout");
        let rank = |id| layout.rank(1, 0, layout.profile(AgentId(id)).expect("his profile"));
        assert_eq!((rank(1), rank(2)), (Some(TRAINEE_RANK), Some(0)));
        assert_eq!([0, 1, 2].map(|class| layout.line_of_class(class)), [(0, 0), (1, 0), (1, 1)]);
        let plan = layout.plan_with_room(|line| if line == 0 { 100 } else { 0 }).expect("a plan");
        assert_eq!(plan.class(1, 1), Some(2));
    }

    #[test]
    fn too_many_steps_are_named() {
        let needs: &[(u16, u8)] = &[];
        let queues = [queue(0, &[], &[needs; 4])];
        let error = Layout::new(&queues, &[(Language::Mandarin, CMN)], &[]).expect_err("four steps after the first");
        assert!(error.to_string().contains("q0") && error.to_string().contains('3'), "{error}");
    }
}
