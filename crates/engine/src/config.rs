//! What the engine is told to be: immutable, handed in between two events as `Arc<Config>`.
//!
//! Built by the crate `config` from files that were checked; everything here is consistent by then (queues exist, prompts exist,
//! menus are proved). Does not read files and does not decide.
use crate::lookup::Backend;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use switchboard_acd::{Choice, Layout, LayoutError, Queue, ReasonId, ReasonRule, RingRules, StaffMember};
use switchboard_ivr::{Ability, Menus, Visitor};
use switchboard_model::{
    AgentId, FlowId, Instant, Language, Level, Number, PromptId, QueueId, ShardId, SkillId, Skills, Transport, TrunkId,
    dialled_forms,
};
use switchboard_sip::digest::Algorithm;
use switchboard_sip::registrar::Account;

/// Everything a shard and the floor work by.
#[derive(Clone, Debug)]
pub struct Config {
    /// Hash of the text it was read from; stands in every report.
    pub hash: String,
    /// For `Server` and `User-Agent`.
    pub product: String,
    /// The realm of our digest challenges, and the host in From headers towards agents.
    pub realm: String,
    /// What an agent's telephone may prove its password by, first the one preferred.
    pub digest: Vec<Algorithm>,
    /// By number; a skill keeps its number once it has one.
    pub skills: Vec<String>,
    /// The first is the default.
    pub languages: Vec<Language>,
    /// By number.
    pub trunks: Vec<Trunk>,
    /// By number.
    pub queues: Vec<QueueConfig>,
    /// By number.
    pub agents: Vec<AgentConfig>,
    /// Proved menus, and what holds for the whole centre now.
    pub menus: Menus,
    /// The numbers of customers of 65 and more, as the bank lists them, normalised.
    pub elderly: BTreeSet<String>,
    /// Who fits whom.
    pub layout: Layout,
    /// Ringing, pauses, after-call work.
    pub rules: RingRules,
    /// For what an agent may be not ready; by number, never empty.
    pub reasons: Vec<ReasonRule>,
    /// Whom each team sends first; the longest idle where a team is not named.
    pub choices: BTreeMap<String, Choice>,
    /// Bounds.
    pub limits: Limits,
    /// Numbers outside to which callers may be given on.
    pub outside: Outside,
    /// How callers prove who they are; none where no back-end is configured.
    pub verification: Option<Verification>,
    /// Who does what menus offer without a person; the path of a service is its name after this one's. None where none is configured.
    pub services: Option<Backend>,
    /// What is wrong on purpose.
    #[cfg(feature = "mutants")]
    pub faults: crate::mutant::Faults,
}

/// A trunk: where calls come from, and which menu answers which number.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Trunk {
    /// Its number.
    pub id: TrunkId,
    /// Its name.
    pub name: String,
    /// Who may send calls by it. A port narrows it further.
    pub sources: Vec<Source>,
    /// Country code without `+`: `86`.
    pub country: String,
    /// Area code without the leading 0: `21`.
    pub area: String,
    /// Calls at once.
    pub calls_max: u32,
    /// Calls that may begin in one second; none: as many as come.
    pub cps_max: Option<u32>,
    /// How long it is let ring (180) before we answer; zero: answered at once.
    pub answer_after: Duration,
    /// Dialled number → menu.
    pub numbers: BTreeMap<String, String>,
    /// What an INVITE is answered for which there is no room.
    pub overload: OverloadAnswer,
    /// The carrier's session border controllers, if we ask or register there.
    pub sbcs: Vec<Sbc>,
    /// How their life is watched.
    pub health: HealthCheck,
    /// What we register there, if the carrier knows us by that.
    pub registering: Option<Registering>,
    /// How calls go out by it.
    pub out: CallsOut,
}

/// How calls go out by a trunk.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CallsOut {
    /// The number that is shown to who is called; empty: the one we are registered by.
    pub shown: String,
    /// Where it stands.
    pub shown_in: ShownIn,
    /// The session interval asked for, in seconds: 90 to 86 400 (RFC 4028 §4).
    pub session_s: u32,
}

/// Where a carrier wants to read the number that is shown.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ShownIn {
    /// In From alone.
    From,
    /// In P-Asserted-Identity (RFC 3325 §9.1): the carrier trusts us.
    Asserted,
    /// In P-Preferred-Identity (RFC 3325 §9.2): the carrier checks that it is ours.
    Preferred,
}

impl Default for CallsOut {
    fn default() -> Self {
        // RFC 4028 §7.1 and carriers' profiles: half an hour.
        CallsOut { shown: String::new(), shown_in: ShownIn::From, session_s: 1_800 }
    }
}

/// The answer to an INVITE for which there is no room. 486 by default: a 503 lets the peer stop the whole trunk (RFC 3261 §21.5.4), so it
/// must be agreed on with the carrier.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct OverloadAnswer {
    /// The status.
    pub code: u16,
    /// Retry-After, in seconds.
    pub retry_after_s: Option<u32>,
}

impl Default for OverloadAnswer {
    fn default() -> Self {
        OverloadAnswer { code: 486, retry_after_s: None }
    }
}

/// One of a carrier's session border controllers.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Sbc {
    /// Where.
    pub at: SocketAddr,
    /// By what. It is never another, however long a message is.
    pub transport: Transport,
    /// Lower is tried first; the next only when those before do not answer (RFC 2782).
    pub priority: u16,
    /// Among those of one priority the heavier is tried first.
    pub weight: u16,
}

/// How the life of a carrier's SBCs is watched.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum HealthCheck {
    /// They are asked by OPTIONS.
    Options,
    /// By our registration's answers.
    Register,
    /// Not at all.
    Passive,
}

/// What we register with a carrier. Its password does not print.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Registering {
    /// The public identity, `user@domain`; for a range of numbers its pilot number (引示号). The domain is the registrar's.
    pub identity: String,
    /// Who proves himself: the private identity, if it is another.
    pub user: String,
    /// His password.
    pub password: String,
    /// The user part of our Contact.
    pub contact_user: String,
    /// For how long, in seconds.
    pub expires_s: u32,
}

impl std::fmt::Debug for Registering {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Registering({}, {})", self.identity, self.user)
    }
}

impl Trunk {
    /// The menu that a dialled number leads to, in whatever form the carrier writes it: as it stands among the numbers, or else in the
    /// first other form that stands there.
    pub fn menu_of(&self, dialled: &str) -> Option<&str> {
        let as_it_stands = self.numbers.get(dialled);
        let other = || dialled_forms(dialled, &self.country).into_iter().find_map(|form| self.numbers.get(&form));
        // Two ways to write the same subscriber's number.
        let same = || {
            let read = |number: &str| Number::read(number, &self.country, &self.area).normalised;
            let wanted = Some(read(dialled)).filter(|n| n.starts_with('+'))?;
            self.numbers.iter().find(|(number, _)| read(number) == wanted).map(|(_, menu)| menu)
        };
        as_it_stands.or_else(other).or_else(same).map(String::as_str)
    }
}

/// An address of a trunk.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Source {
    /// Its network.
    pub address: IpAddr,
    /// How many leading bits of the address count.
    pub prefix: u8,
    /// Only from this port, if given. A connection comes from any port.
    pub port: Option<u16>,
}

impl Source {
    /// Whether a message from there is the trunk's.
    pub fn holds(&self, flow: FlowId, from: SocketAddr) -> bool {
        let same = match (self.address, from.ip()) {
            (IpAddr::V4(a), IpAddr::V4(b)) => same_bits(&a.octets(), &b.octets(), self.prefix),
            (IpAddr::V6(a), IpAddr::V6(b)) => same_bits(&a.octets(), &b.octets(), self.prefix),
            (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => false,
        };
        same && (flow.is_reliable() || self.port.is_none_or(|p| p == from.port()))
    }
}

fn same_bits(a: &[u8], b: &[u8], bits: u8) -> bool {
    let (whole, rest) = (usize::from(bits / 8), bits % 8);
    a[..whole] == b[..whole] && (rest == 0 || (a[whole] ^ b[whole]) >> (8 - rest) == 0)
}

/// A queue with what callers hear in it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct QueueConfig {
    /// Policy's side of it.
    pub queue: Queue,
    /// "Y % within X": X in seconds.
    pub level_x_s: u32,
    /// Y in per cent.
    pub level_y_percent: u32,
    /// What a waiting caller hears.
    pub music: PromptId,
    /// Whether the agent's ID is announced when he picks up (报工号).
    pub announce_agent_id: bool,
    /// When a waiting caller is told his place; never if none.
    pub announce_place: Option<AnnouncePlace>,
}

/// When a waiting caller is told his place.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct AnnouncePlace {
    /// For the first time after this wait in the queue.
    pub first: Duration,
    /// Then again after so long each.
    pub every: Duration,
}

/// An agent.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AgentConfig {
    /// His number.
    pub id: AgentId,
    /// His agent ID (工号).
    pub agent_id: String,
    /// His name.
    pub name: String,
    /// What he can do.
    pub skills: Skills,
    /// What of that ends by itself: a certificate that lapses (Art. 46), a skill lent for a while.
    pub lapses: Vec<Lapse>,
    /// His team (班组).
    pub team: String,
    /// Whether he is in training.
    pub trainee: bool,
    /// Whether he stands in the files no more: he keeps his number, and is given no call.
    pub gone: bool,
    /// His telephone's account.
    pub account: Account,
    /// "Agent 8001 at your service" in each language.
    pub announcement: BTreeMap<Language, Vec<PromptId>>,
}

/// A skill that ends by itself.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Lapse {
    /// When.
    pub at: Instant,
    /// Which.
    pub skill: SkillId,
    /// What he has from then on; 0 for nothing.
    pub then: Level,
}

/// Bounds of one engine.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Limits {
    /// Calls at once in one shard; the next is answered 486 (RFC 3261 §21.4.24), because a 503 lets the peer stop the whole trunk (§21.5.4).
    pub calls_max: u32,
    /// How many shards share what a trunk may carry.
    pub shards: u8,
    /// How long an agent's telephone may stay without any answer before the next agent is rung.
    pub unreachable_after: Duration,
    /// How long a call that ended may wait for a match that is on its way to it.
    pub release_within: Duration,
    /// How long a caller may be held before he is back with his agent by himself.
    pub hold_max: Duration,
    /// How long two may consult while a caller waits for them.
    pub consult_max: Duration,
}

/// How callers prove who they are.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Verification {
    /// How many digits an account may have.
    pub account_digits: (usize, usize),
    /// How many a PIN has.
    pub pin_digits: usize,
    /// How often he may try in one call.
    pub attempts: u32,
    /// Who judges, and how long he is waited for.
    pub backend: Backend,
    /// "Your account number, then hash."
    pub ask_account: BTreeMap<Language, PromptId>,
    /// "Your PIN."
    pub ask_pin: BTreeMap<Language, PromptId>,
    /// "That was not right."
    pub again: BTreeMap<Language, PromptId>,
    /// "That could not be done; the agent is with you again."
    pub failed: BTreeMap<Language, PromptId>,
}

/// Numbers outside. At install none is allowed: whoever can send calls out at the bank's cost must have been let to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Outside {
    /// Whole numbers, or beginnings of numbers that end in `*`.
    pub allow: Vec<String>,
    /// How they are called; none: they are not.
    pub by: Option<OutBy>,
    /// The number that is shown there; empty: the trunk says.
    pub shown: String,
    /// How long they are let ring. A land line abroad takes ten seconds to ring at all.
    pub ring_max: Duration,
}

/// How numbers outside are called.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum OutBy {
    /// By the SBCs of this trunk.
    Trunk(TrunkId),
    /// By one address, over UDP.
    Gateway(SocketAddr),
}

impl Default for Outside {
    fn default() -> Self {
        Outside { allow: vec![], by: None, shown: String::new(), ring_max: Duration::from_secs(60) }
    }
}

/// Police, fire, ambulance, traffic police: only by their whole number, never by the beginning of one.
const EMERGENCY: [&str; 4] = ["110", "119", "120", "122"];

impl Outside {
    /// Whether this number may be called; else why not.
    pub fn allows(&self, number: &str) -> Result<(), String> {
        if self.by.is_none() {
            return Err("calls to numbers outside are not configured: calls.yaml names no trunk for them".to_owned());
        }
        let covers = |entry: &str| match entry.strip_suffix('*') {
            Some(start) => number.starts_with(start) && !EMERGENCY.contains(&number),
            None => entry == number,
        };
        match self.allow.iter().any(|entry| covers(entry)) {
            true => Ok(()),
            false => Err(format!("`{number}` is not among the numbers that calls.yaml allows")),
        }
    }
}

impl Limits {
    /// A shard's part of what all may carry together: the parts add up to the whole, but each shard carries one call at least.
    pub fn share(&self, whole: u32, shard: ShardId) -> u32 {
        let (shards, n) = (u32::from(self.shards.max(1)), u32::from(shard.0).saturating_sub(1));
        (whole / shards + u32::from(n < whole % shards)).max(1)
    }
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            calls_max: 2_000,
            shards: 1,
            unreachable_after: Duration::from_secs(5),
            release_within: Duration::from_secs(5),
            hold_max: Duration::from_secs(600),
            consult_max: Duration::from_secs(600),
        }
    }
}

/// Whether this planted bug is switched on; never, without the feature `mutants`.
macro_rules! planted {
    ($config:expr, $name:ident) => {{
        #[cfg(feature = "mutants")]
        let on = $config.faults.mutant == Some($crate::mutant::Mutant::$name);
        #[cfg(not(feature = "mutants"))]
        let on = false;
        on
    }};
}
pub(crate) use planted;

impl Config {
    /// Works out `layout` anew, after queues or agents have been changed.
    pub fn lay_out(&mut self) -> Result<(), LayoutError> {
        let languages: Vec<(Language, SkillId)> = self
            .languages
            .iter()
            .filter_map(|l| Some((*l, SkillId(self.skills.iter().position(|s| s == l.skill())? as u16))))
            .collect();
        let queues: Vec<Queue> = self.queues.iter().map(|q| q.queue.clone()).collect();
        let staff: Vec<StaffMember> = self
            .agents
            .iter()
            .map(|a| StaffMember { id: a.id, skills: a.skills.clone(), trainee: a.trainee })
            .collect();
        self.layout = Layout::new(&queues, &languages, &staff)?;
        Ok(())
    }

    /// The accounts of the telephones that may register.
    pub fn accounts(&self) -> Vec<Account> {
        self.agents.iter().filter(|a| !a.gone).map(|a| a.account.clone()).collect()
    }

    /// The reason of this name; the first of the list for none.
    pub fn reason_named(&self, name: Option<&str>) -> Option<ReasonId> {
        let Some(name) = name else { return Some(ReasonId(0)) };
        self.reasons.iter().position(|r| r.name == name).map(|n| ReasonId(n as u16))
    }

    /// Whom this agent's team sends first.
    pub fn choice_of(&self, agent: AgentId) -> Choice {
        self.choices.get(&self.agent(agent).team).copied().unwrap_or_default()
    }

    /// When the next skill of anybody's ends by itself.
    pub fn next_lapse(&self) -> Option<Instant> {
        self.agents.iter().flat_map(|a| &a.lapses).map(|l| l.at).min()
    }

    /// Takes away what has lapsed by `now`; true if something has. `lay_out` comes after.
    pub fn lapse(&mut self, now: Instant) -> bool {
        let mut changed = false;
        for agent in &mut self.agents {
            agent.lapses.sort_unstable();
            let due = agent.lapses.partition_point(|l| l.at <= now);
            for lapse in agent.lapses.drain(..due) {
                changed = true;
                match lapse.then.value() {
                    0 => agent.skills.0.remove(&lapse.skill),
                    _ => agent.skills.0.insert(lapse.skill, lapse.then),
                };
            }
        }
        changed
    }

    /// Who a caller with this number is to the menus.
    pub fn visitor(&self, from: &Number) -> Visitor {
        match !from.normalised.is_empty() && self.elderly.contains(&from.normalised) {
            true => Visitor::Elderly,
            false => Visitor::Anybody,
        }
    }
    /// The queue with this name.
    pub fn queue_named(&self, name: &str) -> Option<&QueueConfig> {
        self.queues.iter().find(|q| q.queue.name == name)
    }
    /// A queue by number.
    pub fn queue(&self, id: QueueId) -> &QueueConfig {
        &self.queues[usize::from(id.0)]
    }
    /// A skill's name.
    pub fn skill_name(&self, id: SkillId) -> &str {
        self.skills.get(usize::from(id.0)).map_or("?", String::as_str)
    }
    /// An agent by number.
    pub fn agent(&self, id: AgentId) -> &AgentConfig {
        &self.agents[id.0 as usize]
    }
    /// The trunk a message came by.
    pub fn trunk_of(&self, flow: FlowId, from: SocketAddr) -> Option<&Trunk> {
        self.trunks.iter().find(|t| t.sources.iter().any(|s| s.holds(flow, from)))
    }
}

/// What this engine can do of what menus can ask for. Menus that ask for more are refused, with a word that says so.
pub const ABILITIES: &[Ability] = &[Ability::Service];

/// Shared between the threads; a new one replaces it as an input.
pub type SharedConfig = Arc<Config>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dialled_number_leads_to_its_menu_in_every_form() {
        let numbers = [("95588", "main"), ("02162345678", "branch"), ("01095588", "beijing"), ("vip", "vip")];
        let trunk = Trunk {
            id: TrunkId(0),
            name: String::new(),
            sources: vec![],
            country: "86".to_owned(),
            area: "21".to_owned(),
            calls_max: 1,
            cps_max: None,
            answer_after: Duration::ZERO,
            numbers: numbers.map(|(n, m)| (n.to_owned(), m.to_owned())).into(),
            overload: OverloadAnswer::default(),
            sbcs: vec![],
            health: HealthCheck::Passive,
            registering: None,
            out: CallsOut::default(),
        };
        for (dialled, menu) in [
            ("95588", Some("main")),
            ("02195588", Some("main")),
            ("+8675595588", Some("main")),
            ("+8695588", Some("main")),
            // What stands there itself goes first: Beijing has a menu of its own.
            ("01095588", Some("beijing")),
            ("62345678", Some("branch")),
            ("+862162345678", Some("branch")),
            ("+8602162345678", Some("branch")),
            ("01062345678", None),
            ("95589", None),
            ("", None),
            ("vip", Some("vip")),
            ("anonymous", None),
        ] {
            assert_eq!(trunk.menu_of(dialled), menu, "{dialled}");
        }
    }

    #[test]
    fn outside_is_closed_until_it_is_opened_number_by_number() {
        let closed = Outside::default();
        assert!(closed.allows("02162345678").is_err());
        let by = Some(OutBy::Gateway(([192, 0, 2, 1], 5060).into()));
        let outside = |allow: &[&str]| Outside {
            allow: allow.iter().map(|a| (*a).to_owned()).collect(),
            by,
            ..Outside::default()
        };
        for (allow, number, allowed) in [
            (&[][..], "02162345678", false),
            (&["02162345678"], "02162345678", true),
            (&["02162345678"], "021623456789", false),
            (&["0216*"], "02162345678", true),
            (&["0216*"], "02062345678", false),
            (&["*"], "12345", true),
            (&["*", "1*"], "110", false),
            (&["110"], "110", true),
        ] {
            assert_eq!(outside(allow).allows(number).is_ok(), allowed, "{allow:?} {number}");
        }
    }

    #[test]
    fn the_shards_parts_are_the_whole() {
        let limits = |shards| Limits { shards, ..Limits::default() };
        for (shards, whole) in [(1u8, 400u32), (3, 400), (7, 400), (15, 15), (2, 3)] {
            let parts: Vec<u32> = (1..=shards).map(|n| limits(shards).share(whole, ShardId(n))).collect();
            assert_eq!(parts.iter().sum::<u32>(), whole, "{parts:?}");
            assert!(parts.iter().max().zip(parts.iter().min()).is_some_and(|(a, b)| a - b <= 1), "{parts:?}");
        }
        assert_eq!(limits(4).share(2, ShardId(4)), 1, "one at least");
    }

    #[test]
    fn a_source_is_a_network_and_perhaps_a_port() {
        let source = |s: &str, prefix, port| Source { address: s.parse().expect("an address"), prefix, port };
        for (source, from, holds) in [
            (source("127.0.0.1", 32, None), "127.0.0.1:5080", true),
            (source("127.0.0.1", 32, None), "127.0.0.2:5080", false),
            (source("127.0.0.1", 32, Some(5080)), "127.0.0.1:5081", false),
            (source("10.1.0.0", 16, None), "10.1.255.3:5060", true),
            (source("10.1.0.0", 15, None), "10.0.0.3:5060", true),
            (source("10.1.0.0", 16, None), "10.2.0.3:5060", false),
            (source("0.0.0.0", 0, None), "8.8.8.8:5060", true),
            (source("::1", 128, None), "127.0.0.1:5060", false),
        ] {
            assert_eq!(source.holds(FlowId::UDP, from.parse().expect("an address")), holds, "{source:?} {from}");
        }
    }
}
