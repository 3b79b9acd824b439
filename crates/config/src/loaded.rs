//! What a folder of settings says, consistent across its files.
use sha2::{Digest as _, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, SocketAddr};
use switchboard_acd::{Choice, FailureRules, ReasonRule, WorkRule};
use switchboard_engine::config::{Lapse, ShownIn};
use switchboard_ivr::{Conditions, Menus, Retention};
use switchboard_model::{Language, Need, Skills, Transport};
use switchboard_sip::digest::Algorithm;

/// Everything.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The centre itself.
    pub centre: Centre,
    /// By number.
    pub trunks: Vec<TrunkConf>,
    /// By number.
    pub queues: Vec<QueueConf>,
    /// By number.
    pub agents: Vec<AgentConf>,
    /// By number.
    pub skills: Vec<String>,
    /// Proved menus with their prompts and sounds.
    pub menus: Menus,
    /// The numbers of customers of 65 and more, normalised.
    pub elderly: BTreeSet<String>,
    /// SHA-256 of every file it was read from.
    pub hash: String,
    /// How long an agent's telephone rings: three rings.
    pub ring_s: u32,
    /// After-call work.
    pub work: WorkRule,
    /// For what an agent may be not ready; never empty.
    pub reasons: Vec<ReasonRule>,
    /// What each kind of failure costs an agent.
    pub failures: FailureRules,
    /// Whom each team sends first.
    pub choices: BTreeMap<String, Choice>,
    /// What may be done with a call.
    pub calls: crate::CallsConf,
}

impl Loaded {
    /// The same while this holds for the whole centre.
    pub fn under(mut self, conditions: Conditions) -> Loaded {
        if conditions != Conditions::default() {
            // What callers hear is another thing, and so is the configuration in every report.
            let said = format!("{} {conditions:?}", self.hash);
            self.hash = Sha256::digest(said.as_bytes()).iter().take(8).map(|b| format!("{b:02x}")).collect();
        }
        self.menus = self.menus.under(conditions);
        self
    }

    /// The same, its prompts numbered so that it can take over from these menus while calls run.
    pub fn following(mut self, live: &Menus) -> Loaded {
        self.menus = self.menus.following(live);
        self
    }
}

/// The centre itself.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Centre {
    /// Its name.
    pub name: String,
    /// The realm of digest challenges and the host of our addresses.
    pub realm: String,
    /// Where SIP is taken.
    pub listen: SocketAddr,
    /// Where SIP is taken over TCP; none for nowhere.
    pub tcp: Option<SocketAddr>,
    /// SIP over TLS.
    pub tls: Option<crate::TlsConf>,
    /// Where commands and figures are taken.
    pub control: SocketAddr,
    /// Where the wallboard is shown; none for nowhere.
    pub wallboard: Option<SocketAddr>,
    /// Where the copy of the record is that SQL can be asked of; none for SQLite beside the record.
    pub record: Option<RecordAt>,
    /// The address peers are told; that of `listen` if none.
    pub public: IpAddr,
    /// Ports for RTP, both included; the first is even.
    pub rtp_ports: (u16, u16),
    /// DSCP of what is sent, 0 to 63: signalling, media.
    pub dscp: (u8, u8),
    /// How long calls may go on after a stop was asked for.
    pub drain_s: u32,
    /// Threads that own calls.
    pub shards: u8,
    /// Languages served; the first is the default.
    pub languages: Vec<Language>,
    /// What an agent's telephone may prove its password by, first the one preferred.
    pub digest: Vec<Algorithm>,
}

/// The address of a PostgreSQL database. It may hold a password and does not print.
#[derive(Clone, PartialEq, Eq)]
pub struct RecordAt(pub String);

impl std::fmt::Debug for RecordAt {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RecordAt(postgres://…)")
    }
}

/// A trunk.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TrunkConf {
    /// Its name.
    pub name: String,
    /// Who may send calls by it.
    pub sources: Vec<Source>,
    /// Country code without `+`.
    pub country: String,
    /// Area code without the leading 0.
    pub area: String,
    /// Calls at once.
    pub max_calls: u32,
    /// Calls that may begin in one second.
    pub max_cps: Option<u32>,
    /// Dialled number → menu.
    pub numbers: BTreeMap<String, String>,
    /// What an INVITE is answered for which there is no room, and Retry-After.
    pub overload: (u16, Option<u32>),
    /// The carrier's session border controllers.
    pub sbcs: Vec<SbcConf>,
    /// How their life is watched.
    pub health: HealthConf,
    /// What we register there.
    pub register: Option<RegisterConf>,
    /// The number that calls out by it show; empty: the registered one.
    pub shown: String,
    /// Where it stands.
    pub shown_in: ShownIn,
    /// The session interval that they ask for.
    pub session_s: u32,
}

/// One of a carrier's session border controllers.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SbcConf {
    /// Where.
    pub at: SocketAddr,
    /// By what, and never by anything else.
    pub transport: Transport,
    /// Lower is tried first.
    pub priority: u16,
    /// Among those of one priority the heavier is tried first.
    pub weight: u16,
    /// The name its certificate must bear, over TLS; its address if none.
    pub name: Option<String>,
}

/// How the life of a carrier's SBCs is watched.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum HealthConf {
    /// They are asked by OPTIONS.
    Options,
    /// By our registration's answers.
    Register,
    /// Not at all.
    Passive,
}

/// What we register with a carrier. Its password does not print.
#[derive(Clone, PartialEq, Eq)]
pub struct RegisterConf {
    /// The public identity, `user@domain`.
    pub identity: String,
    /// The private identity, or the public one's user.
    pub user: String,
    /// The password.
    pub password: String,
    /// The user part of our Contact.
    pub contact_user: String,
    /// For how long.
    pub expires_s: u32,
}

impl std::fmt::Debug for RegisterConf {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "RegisterConf({}, {})", self.identity, self.user)
    }
}

/// An address, network or address with port of a trunk.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Source {
    /// The network's address.
    pub address: IpAddr,
    /// How many leading bits count.
    pub prefix: u8,
    /// Only from this port, if given.
    pub port: Option<u16>,
}

/// A queue. The caller's language is a need besides these; the caller of this crate adds it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct QueueConf {
    /// Its name.
    pub name: String,
    /// What an agent must have.
    pub needs: Vec<Need>,
    /// Overflow steps in order of time.
    pub steps: Vec<StepConf>,
    /// "Y % within X": X in seconds.
    pub level_x_s: u32,
    /// Y in per cent.
    pub level_y_percent: u32,
    /// Seconds of advantage over other queues.
    pub priority_offset_s: u32,
    /// Callers waiting at once.
    pub max_waiting: u32,
    /// The longest wait.
    pub max_wait_s: u32,
    /// What happens then.
    pub at_max_wait: switchboard_acd::AtMaxWait,
    /// After so many seconds to another queue.
    pub overflow: Option<(u32, String)>,
    /// When callers are told their place: first, and then every so many seconds.
    pub announce_place: Option<(u32, u32)>,
    /// The prompt that is played while waiting.
    pub music: String,
    /// Whether the agent's ID is announced (报工号).
    pub announce_agent_id: bool,
    /// The calendar (calendars.yaml) of the hours in which it is staffed; always if none.
    pub staffed: Option<String>,
    /// The class by which the files of its calls are kept.
    pub retention: Option<Retention>,
}

/// An overflow step.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StepConf {
    /// From this wait on.
    pub after_s: u32,
    /// What an agent must have then.
    pub needs: Vec<Need>,
}

/// An agent.
#[derive(Clone, PartialEq, Eq)]
pub struct AgentConf {
    /// His agent ID (工号).
    pub agent_id: String,
    /// His name.
    pub name: String,
    /// His telephone's SIP user.
    pub sip_user: String,
    /// His telephone's password, or what digest makes of it.
    pub password: Password,
    /// What he can do.
    pub skills: Skills,
    /// His team.
    pub team: String,
    /// What of his skills ends by itself.
    pub lapses: Vec<Lapse>,
    /// Whether he is in training.
    pub trainee: bool,
}

/// How a telephone proves itself.
#[derive(Clone, PartialEq, Eq)]
pub enum Password {
    /// In plain words.
    Plain(String),
    /// MD5 of `user:realm:password` in hex (RFC 2617 §3.2.2.2).
    Ha1(String),
}

impl std::fmt::Debug for AgentConf {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "AgentConf({}, {}, {:?})", self.agent_id, self.team, self.skills)
    }
}
