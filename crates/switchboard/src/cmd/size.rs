//! `switchboard size --busy-hour 3000 --aht 240 --target 80/20`: agents, trunks, cores.
use super::{Done, Json, write_json};
use crate::cmd::say::say_on;
use serde::Serialize;
use switchboard_benches::erlang::{SERVED_WITHIN_MAX, erlang_a, erlang_b, erlang_c, fewest, level_c};

/// Reckon a centre.
#[derive(clap::Args, Debug)]
pub struct Size {
    /// Calls in the busiest hour that ask for a person.
    #[arg(long, value_name = "CALLS", value_parser = positive)]
    busy_hour: f64,
    /// Average handling time in seconds: conversation and after-call work.
    #[arg(long, value_name = "SECONDS", value_parser = positive)]
    aht: f64,
    /// Y per cent answered within X seconds.
    #[arg(long, value_name = "Y/X", value_parser = level, default_value = "80/20")]
    target: (f64, f64),
    /// How long callers wait on average before they leave, in seconds.
    #[arg(long, value_name = "SECONDS", value_parser = positive, default_value_t = 90.0)]
    patience: f64,
    /// Part of the handling time that is after-call work, in which no line is held, in seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 0.0)]
    acw: f64,
    /// Time in the menu before asking for a person, in seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 20.0)]
    menu: f64,
    /// Part of paid time in which agents do not sit at their places (breaks, training), in per cent.
    #[arg(long, value_name = "PERCENT", default_value_t = 30.0)]
    shrinkage: f64,
    /// Part of the calls that may find all trunks busy, in per cent.
    #[arg(long, value_name = "PERCENT", default_value_t = 0.1)]
    blocking: f64,
    /// CPU of the engine for the signalling of one call, in µs, as `bench knee` measures it. The default is docs/performance.md's, at half load.
    #[arg(long, value_name = "MICROSECONDS", value_parser = positive, default_value_t = 1_249.0)]
    call_us: f64,
    /// Cores for a hundred calls whose sound is passed on. The default is the design's goal and has not been measured on this machine.
    #[arg(long, value_name = "CORES", value_parser = positive, default_value_t = 0.10)]
    cores_per_100: f64,
    #[command(flatten)]
    json: Json,
}

/// What is needed.
#[derive(Serialize, Debug)]
struct Sized {
    erlangs: f64,
    agents_erlang_a: u32,
    level_percent: f64,
    abandoned_percent: f64,
    occupancy_percent: f64,
    agents_erlang_c: u32,
    level_c_percent: f64,
    waits_c_percent: f64,
    paid_agents: u32,
    trunks: u32,
    trunk_erlangs: f64,
    cores: f64,
}

impl Size {
    /// Exit code 0: it can be reckoned; 2: it cannot.
    pub fn run(self) -> Done {
        let sized = self.size()?;
        say_on!("{}", self.say(&sized));
        write_json(self.json.json.as_deref(), &sized)?;
        Ok(true)
    }

    fn size(&self) -> Result<Sized, String> {
        for (what, value, most) in [
            ("--shrinkage", self.shrinkage, 95.0),
            ("--blocking", self.blocking, 50.0),
            ("--acw", self.acw, self.aht),
            ("--menu", self.menu, 86_400.0),
        ] {
            if !(0.0..=most).contains(&value) || (what == "--blocking" && value == 0.0) {
                return Err(format!("{what} {value}: write a value up to {most}, not below 0"));
            }
        }
        let (percent, within) = self.target;
        let (a, share) = (self.busy_hour * self.aht / 3_600.0, percent / 100.0);
        let too_many = || format!("{a:.0} erlangs need more agents or trunks than can be reckoned; divide the centre");
        let with_patience = |n: u32| erlang_a(n, a, self.aht, self.patience, within);
        let c = fewest(a as u32 + 1, |n| level_c(n, a, self.aht, within) >= share).ok_or_else(too_many)?;
        if f64::from(c) / self.aht * within > SERVED_WITHIN_MAX {
            return Err(too_many());
        }
        // With callers who leave never more are needed than with callers who stay.
        let n = (1..=c).collect::<Vec<_>>().partition_point(|n| with_patience(*n).level < share) as u32 + 1;
        let at = with_patience(n);
        // A line is held in the menu, while waiting and while talking; the mean wait follows from who leaves (Little's law).
        let wait_s = at.abandoned * self.patience;
        let held_s = self.menu + wait_s + (1.0 - at.abandoned) * (self.aht - self.acw);
        let trunk_erlangs = self.busy_hour * held_s / 3_600.0;
        let trunks = fewest(1, |n| erlang_b(n, trunk_erlangs) <= self.blocking / 100.0).ok_or_else(too_many)?;
        let cores = self.busy_hour / 3_600.0 * self.call_us / 1e6 + trunk_erlangs / 100.0 * self.cores_per_100;
        Ok(Sized {
            erlangs: a,
            agents_erlang_a: n,
            level_percent: at.level * 100.0,
            abandoned_percent: at.abandoned * 100.0,
            occupancy_percent: a * (1.0 - at.abandoned) / f64::from(n) * 100.0,
            agents_erlang_c: c,
            level_c_percent: level_c(c, a, self.aht, within) * 100.0,
            waits_c_percent: erlang_c(c, a) * 100.0,
            paid_agents: (f64::from(n) / (1.0 - self.shrinkage / 100.0)).ceil() as u32,
            trunks,
            trunk_erlangs,
            cores,
        })
    }

    fn say(&self, s: &Sized) -> String {
        let (percent, within) = self.target;
        format!(
            "{:.0} calls an hour of {:.0} s: {:.1} erlangs; {percent} % within {within} s\n\
             \x20 agents at their places  {} (Erlang A, patience {:.0} s: {:.1} % within {within} s, {:.1} % leave, busy {:.0} %)\n\
             \x20                         {} if nobody ever leaves (Erlang C: {:.1} %; {:.1} % wait at all)\n\
             \x20 agents on the payroll   {} ({:.0} % shrinkage)\n\
             \x20 trunk channels          {} ({:.1} erlangs with menu and waiting, {} % blocked, Erlang B)\n\
             \x20 cores for the engine    {:.2} ({:.0} µs a call, {} cores per 100 calls with sound)\n",
            self.busy_hour,
            self.aht,
            s.erlangs,
            s.agents_erlang_a,
            self.patience,
            s.level_percent,
            s.abandoned_percent,
            s.occupancy_percent,
            s.agents_erlang_c,
            s.level_c_percent,
            s.waits_c_percent,
            s.paid_agents,
            self.shrinkage,
            s.trunks,
            s.trunk_erlangs,
            self.blocking,
            s.cores,
            self.call_us,
            self.cores_per_100,
        )
    }
}

fn positive(text: &str) -> Result<f64, String> {
    let value: f64 = text.parse().map_err(|_| format!("`{text}` is no number"))?;
    if value > 0.0 && value <= 1e7 {
        Ok(value)
    } else {
        Err(format!("`{text}`: write a number above 0, up to 10 million"))
    }
}

fn level(text: &str) -> Result<(f64, f64), String> {
    let bad = || format!("`{text}` is no level; write 80/20 for 80 % within 20 s");
    let (y, x) = text.split_once('/').ok_or_else(bad)?;
    let (y, x): (f64, f64) = (y.parse().map_err(|_| bad())?, x.parse().map_err(|_| bad())?);
    if y > 0.0 && y < 100.0 && (0.0..=3_600.0).contains(&x) { Ok((y, x)) } else { Err(bad()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        size: Size,
    }

    fn size(line: &str) -> Result<Sized, String> {
        let words = std::iter::once("size").chain(line.split(' '));
        Line::try_parse_from(words).map_err(|e| e.to_string())?.size.size()
    }

    #[test]
    fn the_textbook_centre() {
        // 200 calls an hour of 180 s are 10 erlangs: 14 agents by Erlang C.
        let sized =
            size("--busy-hour 200 --aht 180 --target 80/20 --menu 0 --patience 1000000").expect("it can be reckoned");
        assert_eq!((sized.agents_erlang_c, sized.agents_erlang_a), (14, 14), "{sized:?}");
        let sized = size("--busy-hour 200 --aht 180 --target 80/20 --patience 60").expect("it can be reckoned");
        assert!(sized.agents_erlang_a < 14 && sized.abandoned_percent > 0.0, "{sized:?}");
        assert!(sized.paid_agents > sized.agents_erlang_a && sized.trunks > sized.agents_erlang_a);
    }

    #[test]
    fn nonsense_has_a_sentence() {
        let says = |line: &str, word: &str| {
            let why = size(line).err().unwrap_or_default();
            assert!(why.contains(word), "`{why}` does not say `{word}`");
        };
        says("--busy-hour 0 --aht 180", "above 0");
        says("--busy-hour 100 --aht 180 --target 80", "write 80/20");
        says("--busy-hour 100 --aht 180 --target 100/20", "write 80/20");
        says("--busy-hour 100 --aht 180 --acw 200", "--acw 200");
        says("--busy-hour 9999999 --aht 9000", "divide the centre");
    }
}
