//! Account and PIN: asked for, collected in secret, judged by the bank's own back-end.
//!
//! ```text
//!   account ──#──► PIN ──# or full──► Lookup ──► Verified · refused: again, up to so many times · locked · down · late
//!      ▲ silence: again, and then no-input                  │
//!      └────────────────────────────────────────────────────┘
//! ```
//! Only this file makes [`Verified`]. The digits are [`Secret`] from the key on: they are not printed, not written to a record, and
//! wiped when the collector goes or the question has been asked. A collector that comes back from a record has no digits, so it
//! asks anew. Does not know who hears what, nor what follows (`verifying`).
use crate::config::Verification;
use crate::lookup::{Answer, Question};
use serde::{Deserialize, Serialize};
use std::time::Duration;
use switchboard_model::{Digit, Instant, Language, PromptId, Secret, VerifyEnd};

/// A customer who has proved who he is, in this call and for this call only.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Verified {
    what: String,
    when: Instant,
    customer: String,
}

impl Verified {
    /// What was proved: `account_pin`.
    pub fn what(&self) -> &str {
        &self.what
    }
    /// When.
    pub fn when(&self) -> Instant {
        self.when
    }
    /// The back-end's own reference of the customer, which is no account number.
    pub fn customer(&self) -> &str {
        &self.customer
    }
}

/// One caller who is being asked.
#[derive(Debug, Serialize, Deserialize)]
pub struct Verify {
    stage: Stage,
    /// Answers of the back-end that said no, and silences.
    tries: u32,
    play: u32,
    deadline: Instant,
    /// Which look-up is waited for.
    lookup: u32,
    #[serde(skip)]
    digits: Secret,
    #[serde(skip)]
    account: Secret,
    /// Whether `digits` are all that were pressed: not after a restart, when they are gone.
    #[serde(skip)]
    whole: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
enum Stage {
    Account,
    Pin,
    Asked,
}

/// What is to be done.
#[derive(Debug)]
pub enum Step {
    /// Nothing yet.
    Wait,
    /// Play these; the number comes back when they have been played.
    Play,
    /// Ask the back-end.
    Ask(Question),
    /// It is over.
    Over(VerifyEnd, Option<Verified>),
}

/// How long a caller may take for a key, the prompt included.
const KEY_WITHIN: Duration = Duration::from_secs(20);

impl Verify {
    /// Asks for the account.
    pub fn begin(now: Instant) -> Verify {
        Verify {
            stage: Stage::Account,
            tries: 0,
            play: 1,
            deadline: now + KEY_WITHIN,
            lookup: 0,
            digits: Secret::new(),
            account: Secret::new(),
            whole: true,
        }
    }

    /// Which look-up it waits for.
    pub fn lookup(&self) -> u32 {
        self.lookup
    }
    /// When it wants `timeout`.
    pub fn deadline(&self) -> Instant {
        self.deadline
    }

    /// What the caller hears: which play, and of what.
    pub fn prompts(&self, language: Language, config: &Verification) -> Option<(u32, Vec<PromptId>)> {
        let said = match (self.stage, self.tries) {
            (Stage::Account, 0) => vec![&config.ask_account],
            (Stage::Account, _) => vec![&config.again, &config.ask_account],
            (Stage::Pin, _) => vec![&config.ask_pin],
            (Stage::Asked, _) => return None,
        };
        Some((self.play, said.into_iter().filter_map(|p| p.get(&language).copied()).collect()))
    }

    /// He pressed a key.
    pub fn digit(&mut self, now: Instant, digit: Digit, config: &Verification, lookup: impl FnOnce() -> u32) -> Step {
        if self.stage == Stage::Asked {
            return Step::Wait;
        }
        if !self.whole {
            return self.ask_anew(now);
        }
        self.deadline = now + KEY_WITHIN;
        let full = match digit.face() {
            '#' => true,
            '*' => {
                self.digits = Secret::new();
                false
            }
            '0'..='9' => {
                let took = self.digits.push(digit);
                !took || self.stage == Stage::Pin && self.digits.len() >= config.pin_digits
            }
            _ => false,
        };
        match (full, self.stage) {
            (false, _) => Step::Wait,
            (true, Stage::Account) => {
                self.account = std::mem::take(&mut self.digits);
                self.digits = Secret::new();
                if !(config.account_digits.0..=config.account_digits.1).contains(&self.account.len()) {
                    return self.wrong(now, config, VerifyEnd::Refused);
                }
                self.stage = Stage::Pin;
                self.play += 1;
                Step::Play
            }
            (true, Stage::Pin) => {
                let pin = std::mem::take(&mut self.digits);
                self.digits = Secret::new();
                if pin.len() != config.pin_digits {
                    self.account = Secret::new();
                    return self.wrong(now, config, VerifyEnd::Refused);
                }
                self.stage = Stage::Asked;
                self.lookup = lookup();
                self.deadline = now + config.backend.within;
                Step::Ask(Question::Verify { account: std::mem::replace(&mut self.account, Secret::new()), pin })
            }
            (true, Stage::Asked) => Step::Wait,
        }
    }

    /// The back-end's answer; one to another question changes nothing.
    pub fn answered(&mut self, now: Instant, lookup: u32, answer: Answer, config: &Verification) -> Step {
        if self.stage != Stage::Asked || lookup != self.lookup {
            return Step::Wait;
        }
        match answer {
            Answer::Verified { customer } => {
                let verified = Verified { what: "account_pin".to_owned(), when: now, customer };
                Step::Over(VerifyEnd::Verified, Some(verified))
            }
            Answer::Refused => self.wrong(now, config, VerifyEnd::Refused),
            Answer::Locked => Step::Over(VerifyEnd::Locked, None),
            // An answer to another kind of question is none.
            Answer::Served { .. } | Answer::Down => Step::Over(VerifyEnd::Down, None),
        }
    }

    /// Its time has come.
    pub fn timeout(&mut self, now: Instant, config: &Verification) -> Step {
        match self.stage {
            Stage::Asked => Step::Over(VerifyEnd::Down, None),
            Stage::Account | Stage::Pin if !self.whole => self.ask_anew(now),
            Stage::Account | Stage::Pin => self.wrong(now, config, VerifyEnd::NoInput),
        }
    }

    /// After a restart nothing is left of what he pressed.
    fn ask_anew(&mut self, now: Instant) -> Step {
        (self.digits, self.account, self.whole) = (Secret::new(), Secret::new(), true);
        self.stage = Stage::Account;
        self.play += 1;
        self.deadline = now + KEY_WITHIN;
        Step::Play
    }

    fn wrong(&mut self, now: Instant, config: &Verification, end: VerifyEnd) -> Step {
        self.tries += 1;
        if self.tries >= config.attempts {
            let end = if end == VerifyEnd::NoInput { end } else { VerifyEnd::Locked };
            return Step::Over(end, None);
        }
        self.ask_anew(now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lookup::Backend;
    use std::collections::BTreeMap;
    use switchboard_model::{Record, RecordKey, RecordKind};

    const KEY: RecordKey = RecordKey { kind: RecordKind::Call, id: 1 };

    fn config() -> Verification {
        let prompt = |n| BTreeMap::from([(Language::Mandarin, PromptId(n))]);
        Verification {
            account_digits: (4, 19),
            pin_digits: 6,
            attempts: 3,
            backend: Backend {
                address: ([127, 0, 0, 1], 1).into(),
                host: String::new(),
                path: String::new(),
                within: Duration::from_secs(3),
            },
            ask_account: prompt(1),
            ask_pin: prompt(2),
            again: prompt(3),
            failed: prompt(4),
        }
    }

    /// Keys; `.` a time-out; `y`, `n`, `l`, `d` the back-end's answers; `r` a restart. Then how it ended, and what the last
    /// question was.
    fn check(story: &str, end: Option<VerifyEnd>, asked: Option<(&str, &str)>) {
        let (config, mut now) = (config(), Instant::from_millis(1_000));
        let mut verify = Verify::begin(now);
        let (mut over, mut last, mut lookups) = (None, None, 0);
        for word in story.chars() {
            now = now + Duration::from_secs(1);
            let answer = match word {
                'y' => Some(Answer::Verified { customer: "C1".to_owned() }),
                'n' => Some(Answer::Refused),
                'l' => Some(Answer::Locked),
                'd' => Some(Answer::Down),
                _ => None,
            };
            let step = match (answer, word) {
                (Some(answer), _) => verify.answered(now, lookups, answer, &config),
                (None, '.') => verify.timeout(now, &config),
                (None, 'r') => {
                    verify = Record::write(KEY, 1, &verify).read(1).expect("what was just written");
                    Step::Wait
                }
                (None, face) => verify.digit(now, Digit::from_char(face).expect("a key"), &config, || lookups + 1),
            };
            match step {
                Step::Ask(Question::Verify { account, pin }) => {
                    lookups += 1;
                    let faces = |s: &Secret| s.reveal().iter().map(|d| char::from(b'0' + d)).collect::<String>();
                    last = Some((faces(&account), faces(&pin)));
                }
                Step::Ask(other @ Question::Service { .. }) => panic!("a verification asked for {other:?}"),
                Step::Over(end, verified) => {
                    assert_eq!(verified.is_some(), end == VerifyEnd::Verified, "{story}");
                    over = Some(end);
                }
                Step::Wait | Step::Play => {}
            }
        }
        assert_eq!(over, end, "{story}");
        assert_eq!(last.as_ref().map(|(a, p)| (a.as_str(), p.as_str())), asked, "{story}");
    }

    #[test]
    fn every_way_through() {
        let asked = Some(("622200", "112233"));
        check("622200#112233", None, asked);
        check("622200#112233y", Some(VerifyEnd::Verified), asked);
        check("622200#112233l", Some(VerifyEnd::Locked), asked);
        check("622200#112233d", Some(VerifyEnd::Down), asked);
        check("622200#112233.", Some(VerifyEnd::Down), asked);
        // A slip of the finger, and once more.
        check("62*622200#112233y", Some(VerifyEnd::Verified), asked);
        check("622200#112233n622200#445566y", Some(VerifyEnd::Verified), Some(("622200", "445566")));
        // Three times no.
        check("622200#112233n622200#112233n622200#112233n", Some(VerifyEnd::Locked), asked);
        // Too short is a try of its own, and nobody is asked.
        check("1#1#1#", Some(VerifyEnd::Locked), None);
        check("...", Some(VerifyEnd::NoInput), None);
        // A restart forgets every digit: the next key only brings the question back.
        check("622200#11r2622200#112233y", Some(VerifyEnd::Verified), asked);
    }

    #[test]
    fn nothing_of_the_digits_is_written_or_printed() {
        let config = config();
        let mut verify = Verify::begin(Instant::from_millis(0));
        for face in "62220055#1122".chars() {
            let digit = Digit::from_char(face).expect("a key");
            let _ = verify.digit(Instant::from_millis(1), digit, &config, || 1);
        }
        let written = Record::write(KEY, 1, &verify);
        let nothing = Verify { stage: Stage::Pin, play: 2, ..Verify::begin(Instant::from_millis(1)) };
        assert_eq!(written, Record::write(KEY, 1, &nothing), "a record that depends on what was pressed");
        assert!(!format!("{verify:?}").contains("6, 2"), "{verify:?}");
    }
}
