//! Who calls, when, how patient, and what for: an open-loop Poisson stream from a seed.
use std::time::Duration;
use switchboard_model::{Chance, Digit, Instant};
use switchboard_people::CallerPlan;

/// A stream of callers.
#[derive(Clone, PartialEq, Debug)]
pub struct Demand {
    /// Calls a second, on average.
    pub calls_per_s: f64,
    /// What they dial.
    pub dials: String,
    /// Mean patience in seconds, exponential, on top of `patience_least`.
    pub patience_mean_s: f64,
    /// Nobody gives up before this.
    pub patience_least: Duration,
    /// Mean conversation in seconds, exponential, on top of `talk_least`.
    pub talk_mean_s: f64,
    /// Nobody says less than this.
    pub talk_least: Duration,
    /// Keys a caller presses, with the probability of each line; an empty line presses nothing.
    pub keys: Vec<(f64, String)>,
    /// When the first key is pressed after the answer: between these.
    pub first_key: (Duration, Duration),
}

impl Demand {
    /// When the next caller calls, after one at `last`.
    pub fn next_at(&self, last: Instant, chance: &mut Chance) -> Instant {
        last + Duration::from_secs_f64(chance.exponential(1.0 / self.calls_per_s))
    }

    /// The `n`th caller, who calls at `at`.
    pub fn caller(&self, n: u64, at: Instant, chance: &mut Chance) -> CallerPlan {
        let mut dice = chance.unit();
        let line = self.keys.iter().find(|(p, _)| {
            dice -= p;
            dice < 0.0
        });
        let between =
            |chance: &mut Chance, (least, most): (Duration, Duration)| least + (most - least).mul_f64(chance.unit());
        let mut after = between(chance, self.first_key);
        let mut keys = vec![];
        for face in line.map_or("", |(_, keys)| keys).chars() {
            keys.push((after, Digit::from_char(face).expect("a demand's keys are keys")));
            after += Duration::from_millis(1_500 + chance.below(2_000));
        }
        CallerPlan {
            number: format!("139{:08}", n % 100_000_000),
            dials: self.dials.clone(),
            at,
            keys,
            patience: self.patience_least + Duration::from_secs_f64(chance.exponential(self.patience_mean_s)),
            talk: self.talk_least + Duration::from_secs_f64(chance.exponential(self.talk_mean_s)),
            gives_up_ringing: None,
            only_amr: false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stream_has_its_rate_and_the_keys_their_shares() {
        let demand = Demand {
            calls_per_s: 4.0,
            dials: "9500".into(),
            patience_mean_s: 30.0,
            patience_least: Duration::from_secs(5),
            talk_mean_s: 5.0,
            talk_least: Duration::from_secs(2),
            keys: vec![(0.5, "0".into()), (0.25, "10".into())],
            first_key: (Duration::from_secs(1), Duration::from_secs(4)),
        };
        let mut chance = Chance::from_number(1);
        let start = Instant::from_millis(0);
        let mut at = start;
        let mut pressed = [0; 3];
        for n in 0..4_000 {
            at = demand.next_at(at, &mut chance);
            pressed[demand.caller(n, at, &mut chance).keys.len()] += 1;
        }
        let rate = 4_000.0 / at.since(start).as_secs_f64();
        assert!((3.8..4.2).contains(&rate), "{rate}");
        assert!((900..1_100).contains(&pressed[0]) && (1_900..2_100).contains(&pressed[1]), "{pressed:?}");
    }
}
