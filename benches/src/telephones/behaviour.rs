//! How the people of a load behave, and one run of them.
use super::arrivals::Arrivals;
use super::spread::Spread;
use std::time::Duration;
use switchboard_model::Digit;

/// How the people behave.
#[derive(Clone, PartialEq, Debug)]
pub struct Behaviour {
    /// What callers dial.
    pub dials: String,
    /// What they press to reach a person, each line with its weight; a line of nothing presses nothing. None at all: the number leads to
    /// people at once.
    pub keys: Vec<(f64, Vec<Digit>)>,
    /// From the target's answer to the first key.
    pub key_after: Spread,
    /// From one key to the next.
    pub key_gap: Duration,
    /// Whether an agent is rung; if not, whoever answers is all that is wanted.
    pub to_agents: bool,
    /// From an agent's first ring to his answer.
    pub answers_after: Spread,
    /// How long two talk whose sound is judged; then the caller hangs up.
    pub talk: Spread,
    /// The same, where there is no sound to be judged.
    pub talk_silent: Spread,
    /// How long an agent works on after a call; rung meanwhile, his telephone refuses.
    pub acw: Spread,
    /// How long a caller waits for an agent, from the moment he meant to call.
    pub patience: Spread,
    /// How many of a hundred calls have sound both ways, which is judged. The others offer `sendonly`: they hear nothing.
    pub sound_percent: u32,
    /// No more than this have sound at once.
    pub sounding_max: usize,
}

impl Behaviour {
    /// Callers who press this key and are answered at once, as tests and the bare loop want them.
    pub fn plain(dials: &str, key: Option<Digit>) -> Behaviour {
        let talk = Spread::fixed(Duration::from_millis(200));
        Behaviour {
            dials: dials.to_owned(),
            keys: key.map(|key| (1.0, vec![key])).into_iter().collect(),
            key_after: Spread::fixed(Duration::from_millis(20)),
            key_gap: Duration::from_millis(600),
            to_agents: true,
            answers_after: Spread::fixed(Duration::ZERO),
            talk: talk.clone(),
            talk_silent: talk,
            acw: Spread::fixed(Duration::ZERO),
            patience: Spread::fixed(Duration::from_secs(6)),
            sound_percent: 0,
            sounding_max: SOUNDING_MAX,
        }
    }

    /// The longest that calls go on after nobody new comes: patience, talk, a BYE that is said again.
    pub fn settles(&self) -> Duration {
        let talk = self.talk.longest().max(self.talk_silent.longest());
        self.patience.longest() + self.answers_after.longest() + talk + Duration::from_secs(6)
    }

    /// How long an agent is busy with a call, on average and with what lies between.
    pub fn busy(&self) -> Duration {
        let share = |s: &Spread, percent: u32| s.mean().mul_f64(f64::from(percent) / 100.0);
        let talks = share(&self.talk, self.sound_percent) + share(&self.talk_silent, 100 - self.sound_percent);
        self.answers_after.mean() + talks + self.acw.mean() + BETWEEN
    }
}

/// One run.
#[derive(Clone, PartialEq, Debug)]
pub struct Run {
    /// When callers come.
    pub arrivals: Arrivals,
    /// For how long callers come.
    pub lasts: Duration,
    /// No more calls than this.
    pub calls_max: u64,
    /// No more open at once than this.
    pub open_max: usize,
    /// When nobody new comes, those open may go on for this long.
    pub settles: Duration,
    /// The run is told along its time in slices of this length.
    pub slice: Option<Duration>,
}

/// From one call of an agent to the next, on a target that is not slow.
const BETWEEN: Duration = Duration::from_millis(40);
/// Sixty conversations are 6 000 frames of sound a second, a twentieth of a core of the load.
pub const SOUNDING_MAX: usize = 60;
