//! How the people of a load behave, by options: lengths of time by laws of chance, and what is pressed.
use switchboard_benches::telephones::{Behaviour, Spread};
use switchboard_model::Digit;

/// Options about people. A length of time is `90s`, `exp:20s+160s`, `lognormal:180s,120s`, `weibull:60s,1.3` or `file:NAME` (seconds, one a line).
#[derive(clap::Args, Debug, Clone)]
pub struct People {
    /// Of a hundred calls, so many have sound both ways, which is judged; no more than 60 at once.
    #[arg(long, value_name = "PERCENT", default_value_t = 10, value_parser = clap::value_parser!(u32).range(0..=100))]
    pub sound: u32,
    /// How long two talk; a second and less if not given, so that agents are soon free.
    #[arg(long, value_name = "LAW", value_parser = Spread::read)]
    talk: Option<Spread>,
    /// How long a caller waits for an agent, from the moment he meant to call [default: 4s].
    #[arg(long, value_name = "LAW", value_parser = Spread::read)]
    patience: Option<Spread>,
    /// After-call work [default: none]. The target `demo` is told a fixed one; elsewhere an agent's telephone refuses meanwhile.
    #[arg(long, value_name = "LAW", value_parser = Spread::read)]
    acw: Option<Spread>,
    /// From an agent's first ring to his answer [default: at once].
    #[arg(long, value_name = "LAW", value_parser = Spread::read)]
    answer: Option<Spread>,
    /// From the target's answer to the first key.
    #[arg(long, value_name = "LAW", value_parser = Spread::read)]
    key_after: Option<Spread>,
    /// What callers press to reach a person, with weights: `0=90,10=10`; nothing before `=` presses nothing.
    #[arg(long, value_name = "KEYS=WEIGHT,…", value_parser = keys)]
    keys: Option<Keys>,
}

/// Lines of keys with their weights.
#[derive(Clone, Debug, PartialEq)]
pub struct Keys(Vec<(f64, Vec<Digit>)>);

impl People {
    /// What is asked for instead of what the target wants.
    pub fn change(&self, mut behaviour: Behaviour) -> Result<Behaviour, String> {
        if let Some(talk) = &self.talk {
            (behaviour.talk, behaviour.talk_silent) = (talk.clone(), talk.clone());
        }
        for (asked, place) in [
            (&self.patience, &mut behaviour.patience),
            (&self.acw, &mut behaviour.acw),
            (&self.answer, &mut behaviour.answers_after),
            (&self.key_after, &mut behaviour.key_after),
        ] {
            if let Some(asked) = asked {
                *place = asked.clone();
            }
        }
        if let Some(Keys(keys)) = &self.keys {
            behaviour.keys.clone_from(keys);
        }
        if behaviour.patience.mean().is_zero() {
            return Err("--patience of nothing: nobody would wait for an answer; write 4s, or exp:60s".to_owned());
        }
        Ok(behaviour)
    }

    /// The after-call work that the target `demo` is told: whole seconds, the same for all.
    pub fn demo_acw_s(&self) -> Result<u64, String> {
        match &self.acw {
            None => Ok(0),
            Some(Spread::Fixed(long)) if long.subsec_nanos() == 0 && long.as_secs() <= 900 => Ok(long.as_secs()),
            Some(_) => Err("--acw: the target `demo` has one length for all, in whole seconds up to 900, as 20s; \
                            a law of chance is for targets by profile"
                .to_owned()),
        }
    }
}

fn keys(text: &str) -> Result<Keys, String> {
    let mut all = vec![];
    for part in text.split(',') {
        let (keys, weight) = part.split_once('=').unwrap_or((part, "1"));
        let line = keys.trim().chars().map(Digit::from_char).collect::<Option<Vec<_>>>();
        let line = line.ok_or(format!("`{keys}` is no line of keys; write 0=90,10=10 with 0 to 9, * and #"))?;
        let number: Option<f64> = weight.trim().parse().ok().filter(|w| (0.0..=1e6).contains(w));
        all.push((number.ok_or(format!("`{weight}` is no weight; write a number, as in 0=90,10=10"))?, line));
    }
    if all.iter().all(|(weight, _)| *weight <= 0.0) {
        return Err(format!("`{text}`: at least one line of keys wants a weight above 0"));
    }
    Ok(Keys(all))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_have_weights() {
        let line = |t: &str| t.chars().filter_map(Digit::from_char).collect::<Vec<_>>();
        assert_eq!(keys("0=90,10=8,=2"), Ok(Keys(vec![(90.0, line("0")), (8.0, line("10")), (2.0, vec![])])));
        assert_eq!(keys("0"), Ok(Keys(vec![(1.0, line("0"))])));
        for (text, word) in [("0=x", "`x` is no weight"), ("x=1", "`x` is no line"), ("0=0", "a weight above 0")] {
            assert!(keys(text).is_err_and(|why| why.contains(word)), "{text}");
        }
    }
}
