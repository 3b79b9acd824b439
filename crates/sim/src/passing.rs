//! Each passing state of an agent, from the list in the code: what would finish it never comes. It is left all the same, with a reason;
//! it is shown as stuck while its deadline is suppressed; and a restart in the middle of it keeps it.
//!
//! Not covered here: passing states of calls (law `deadlines` holds every world to them).
use crate::Base;
use std::sync::Arc;
use std::time::Duration;
use switchboard_acd::{Agent, KeyMint, Passing, Presence};
use switchboard_engine::command::{Command, Order, Reply};
use switchboard_engine::mutant::Mutant;
use switchboard_engine::{Config, Floor, FloorInput, FloorSetup, Output, ToFloor, restore};
use switchboard_matcher::{Event, Matcher};
use switchboard_model::{
    AgentId, CallId, Chance, ENDPOINT_FLOOR, Instant, Record, RecordKey, RecordKind, ShardId, What,
};
use switchboard_sip::EndpointConfig;
use switchboard_sip::registrar::RegistrarConfig;

const START: Instant = Instant::from_millis(1_800_000_000_000);
const WHO: AgentId = AgentId(0);

/// A floor with one agent on it.
struct Small {
    floor: Floor,
    config: Arc<Config>,
    matcher: Arc<Matcher>,
    now: Instant,
    /// The reasons for which he changed.
    reasons: Vec<String>,
    reply: Option<Reply>,
    rung: Option<u64>,
}

impl Small {
    /// He is ready and idle.
    fn new(mutant: Option<Mutant>) -> Small {
        let mut config = Base::embedded().expect("the embedded configuration is sound").config;
        config.faults.mutant = mutant;
        config.reasons[0].approval = false;
        let mut granted = config.reasons[0].clone();
        granted.name = "must be granted".to_owned();
        granted.approval = true;
        config.reasons.push(granted);
        let config = Arc::new(config);
        let matcher = Arc::new(Matcher::new(config.layout.plan().expect("a plan")));
        let ready = |record: &Record| {
            let mut agent: Agent = record.read(record.version).expect("our own record");
            agent.presence = Presence::Ready;
            Record::write(record.key, record.version, &agent)
        };
        let his = RecordKey { kind: RecordKind::Agent, id: u64::from(WHO.0) };
        let records = Floor::new(Small::setup(&config, &matcher), START).records();
        let records: Vec<Record> = records.iter().map(|r| if r.key == his { ready(r) } else { r.clone() }).collect();
        Small::made_from(&records, config, START)
    }

    fn setup(config: &Arc<Config>, matcher: &Arc<Matcher>) -> FloorSetup {
        let centre = crate::engine_side::centre();
        FloorSetup {
            first_start: START,
            events_so_far: 0,
            sip: EndpointConfig::new(ENDPOINT_FLOOR, centre, "test", Chance::from_number(2)),
            config: config.clone(),
            matcher: matcher.clone(),
            registrar: RegistrarConfig::new(&config.realm, Chance::from_number(3)),
        }
    }

    fn made_from(records: &[Record], config: Arc<Config>, now: Instant) -> Small {
        let matcher = Arc::new(Matcher::new(config.layout.plan().expect("a plan")));
        let mut floor = Floor::from_records(Small::setup(&config, &matcher), now, records).expect("our own records");
        restore::engine(now, &config, &matcher, &mut floor, &mut []);
        let mut small = Small { floor, config, matcher, now, reasons: vec![], reply: None, rung: None };
        small.listen();
        small
    }

    fn handle(&mut self, input: FloorInput<'_>) {
        self.floor.handle(self.now, input);
        self.listen();
    }

    fn listen(&mut self) {
        while let Some(output) = self.floor.poll() {
            match output {
                Output::Event(event) => {
                    if let What::AgentState { agent: WHO, reason, .. } = event.what {
                        self.reasons.push(reason);
                    }
                }
                Output::Answer(answer) => self.reply = Some(answer.what),
                Output::ToShard(_, matched) => {
                    assert_eq!(matched.agent, WHO, "only he is ready");
                    self.rung = Some(matched.turn);
                }
                _ => {}
            }
        }
    }

    fn order(&mut self, what: Order) -> Reply {
        self.handle(FloorInput::Command(Command { id: 0, what }));
        self.reply.take().expect("an order is answered")
    }

    /// A caller whom he fits comes, and is found for him. Returns the turn.
    fn a_caller_comes(&mut self) -> u64 {
        let key = KeyMint::new(START, ShardId(1)).next(self.now);
        let profile = self.config.layout.profile(WHO).expect("he is in the layout");
        let fits = |line: &u32| self.config.layout.rank(*line, 0, profile).is_some();
        let line = (0..self.config.layout.line_count() as u32).find(fits).expect("he can serve somebody");
        let mut met = vec![];
        self.matcher.arrive(line, 0, key, &mut |event| met.push(event)).expect("there is room");
        for event in met {
            let Event::Met(met) = event else { panic!("nobody left: {event:?}") };
            self.handle(FloorInput::FromShard(ToFloor::Taken { met, at: self.now }));
        }
        self.rung.take().expect("he is rung")
    }

    /// Into a passing state; what would finish it never comes.
    fn bring_into(&mut self, passing: Passing) {
        match passing {
            Passing::Ringing => {
                self.a_caller_comes();
            }
            Passing::AfterCallWork => {
                let turn = self.a_caller_comes();
                let call = CallId::new(ShardId(1), 1);
                self.handle(FloorInput::FromShard(ToFloor::PickedUp { agent: WHO, turn, call }));
                self.handle(FloorInput::FromShard(ToFloor::TalkOver { agent: WHO, turn }));
            }
            Passing::NotReady => {
                let order = Order::AgentNotReady { agent: WHO, reason: None, minutes: Some(5), by_leader: false };
                assert_eq!(self.order(order), Reply::Done);
            }
            Passing::Asks => {
                let reason = Some("must be granted".to_owned());
                let order = Order::AgentNotReady { agent: WHO, reason, minutes: None, by_leader: false };
                assert_eq!(self.order(order), Reply::Asked);
            }
        }
    }

    fn deadline(&self, passing: Passing) -> Option<Instant> {
        let agent = self.floor.each_agent().find(|a| a.id == WHO).expect("he is there");
        agent.passing().find(|(p, _)| *p == passing).map(|(_, at)| at)
    }

    /// Time goes on, and the floor is woken when it wants to be.
    fn until(&mut self, at: Instant) {
        while let Some(next) = self.floor.next_timeout().filter(|next| *next <= at) {
            self.now = next.max(self.now);
            self.handle(FloorInput::Timeout);
        }
        self.now = at;
    }

    fn stuck(&mut self) -> Vec<(AgentId, Option<String>)> {
        let Reply::Agents { agents } = self.order(Order::Agents { stuck: true }) else {
            panic!("a list was asked for")
        };
        agents.into_iter().map(|a| (a.agent, a.stuck_in)).collect()
    }
}

#[test]
fn each_is_left_in_time_and_with_a_reason_though_nobody_speaks() {
    for (passing, name, reason) in Passing::ALL {
        let mut small = Small::new(None);
        small.bring_into(passing);
        let deadline = small.deadline(passing).unwrap_or_else(|| panic!("{name}: he is not in it"));
        small.until(deadline - Duration::from_millis(1));
        assert!(small.deadline(passing).is_some(), "{name} was left too early: {:?}", small.reasons);
        small.until(deadline + Duration::from_secs(1));
        assert_eq!(small.deadline(passing), None, "{name} was not left");
        assert_eq!(small.reasons.last().map(String::as_str), Some(reason), "{name}");
        assert_eq!(small.stuck(), [], "{name}");
    }
}

#[test]
fn who_is_stuck_is_shown_while_the_deadline_is_suppressed() {
    for (passing, name, _) in Passing::ALL {
        let mut small = Small::new(Some(Mutant::DeafToTime));
        small.bring_into(passing);
        let deadline = small.deadline(passing).unwrap_or_else(|| panic!("{name}: he is not in it"));
        small.until(deadline);
        assert_eq!(small.stuck(), [], "{name}: a thread may be a second late");
        small.until(deadline + Duration::from_secs(1));
        assert_eq!(small.stuck(), [(WHO, Some(name.to_owned()))]);
    }
}

#[test]
fn a_restart_keeps_each_or_corrects_it_with_a_reason() {
    for (passing, name, _) in Passing::ALL {
        let mut small = Small::new(None);
        small.bring_into(passing);
        let (before, now) = (small.deadline(passing), small.now + Duration::from_secs(1));
        let mut after = Small::made_from(&small.floor.records(), small.config.clone(), now);
        match passing {
            // The call is the witness, and there is none: nobody rings.
            Passing::Ringing => {
                assert_eq!(after.deadline(passing), None);
                assert_eq!(after.reasons, ["recovered"]);
            }
            Passing::AfterCallWork | Passing::NotReady | Passing::Asks => {
                assert_eq!(after.deadline(passing), before, "{name}");
                assert_eq!(after.reasons, [""; 0], "{name}: nothing has changed, so nothing is told");
            }
        }
        after.until(before.expect("a deadline") + Duration::from_secs(1));
        assert_eq!((after.deadline(passing), after.stuck()), (None, vec![]), "{name}");
    }
}
