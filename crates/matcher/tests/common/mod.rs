//! A seeded generator and random plans, kept in the words they were made from so that a naive reader can judge by them.
#![allow(dead_code)]
use switchboard_matcher::{ClassSpec, LineSpec, Plan};

/// splitmix64.
pub struct Rng(pub u64);

impl Rng {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ z >> 31
    }
    /// 0 to `n` - 1.
    pub fn below(&mut self, n: usize) -> usize {
        (self.next() % n as u64) as usize
    }
    pub fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }
    pub fn pick<'a, T>(&mut self, of: &'a [T]) -> Option<&'a T> {
        if of.is_empty() { None } else { of.get(self.below(of.len())) }
    }
    /// Takes one out.
    pub fn draw<T>(&mut self, of: &mut Vec<T>) -> Option<T> {
        if of.is_empty() { None } else { Some(of.swap_remove(self.below(of.len()))) }
    }
}

#[derive(Clone, Copy, Debug)]
pub struct Size {
    pub lines: usize,
    pub steps: usize,
    pub profiles: usize,
    pub agents_each: usize,
    pub capacity: usize,
}

/// Who may serve whom, as an operator would write it.
#[derive(Clone)]
pub struct Wishes {
    pub lines: Vec<LineSpec>,
    pub profiles: Vec<usize>,
}

impl Wishes {
    /// Each step reaches further than the last; some reach nobody. Credits are of the order of `credit`.
    pub fn random(size: Size, credit: u64, rng: &mut Rng) -> Wishes {
        let step = |step: usize, rng: &mut Rng| {
            let reach = rng.below(size.profiles + 1).min(1 + step * 2);
            let profiles = (0..reach).map(|_| (rng.below(3) as u8, rng.below(size.profiles) as u32));
            let by_profile: std::collections::BTreeMap<u32, u8> =
                profiles.map(|(rank, profile)| (profile, rank)).collect();
            let profiles = by_profile.into_iter().map(|(profile, rank)| (rank, profile)).collect();
            ClassSpec { credit: rng.below(3) as u64 * credit, profiles }
        };
        let line = |rng: &mut Rng| LineSpec {
            capacity: size.capacity,
            steps: (0..size.steps).map(|s| step(s, rng)).collect(),
        };
        Wishes { lines: (0..size.lines).map(|_| line(rng)).collect(), profiles: vec![size.agents_each; size.profiles] }
    }

    pub fn plan(&self) -> Plan {
        Plan::new(self.lines.clone(), self.profiles.clone()).expect("what can be planned")
    }

    fn class(&self, line: u32, step: u8) -> &ClassSpec {
        &self.lines[line as usize].steps[step as usize]
    }
    /// The rank of agents of `profile` for callers of a line on a step, if they fit.
    pub fn rank(&self, line: u32, step: u8, profile: u32) -> Option<u8> {
        self.class(line, step).profiles.iter().find(|(_, p)| *p == profile).map(|(rank, _)| *rank)
    }
    pub fn virtual_time(&self, line: u32, step: u8, key: u64) -> i64 {
        key as i64 - self.class(line, step).credit as i64
    }
}
