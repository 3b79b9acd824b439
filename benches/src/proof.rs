//! Does the judge catch liars? One run against the bare loop for each way to lie, and one against an honest loop.
use crate::bare::{Bare, Lie};
use crate::measured::Measured;
use crate::telephones::{
    AgentAccount, Arrivals, Behaviour, DOUBLED, LEFT, NOT_HEARD, Place, Run, Spread, Telephones, WRONG_PARTY,
};
use serde::Serialize;
use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;
use switchboard_model::Digit;
use switchboard_net::Clock;

/// A lie, and where it must show.
pub struct Case {
    /// Its name.
    pub name: &'static str,
    /// The lie; none is the honest loop.
    pub lie: Option<Lie>,
    agents: usize,
    calls_per_s: f64,
    shows: fn(&Measured) -> bool,
    /// Where it shows, in words.
    pub where_it_shows: &'static str,
}

/// One case, run.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Proved {
    /// The lie's name.
    pub lie: String,
    /// Whether it showed where it should.
    pub caught: bool,
    /// Where.
    pub where_it_shows: String,
    /// What was seen.
    pub seen: String,
}

/// The stall that is injected, four times a second.
pub const STALL: Duration = Duration::from_millis(50);

/// By so much sound is held back.
pub const LATE: Duration = Duration::from_millis(100);

/// All of them.
pub const CASES: &[Case] = &[
    Case {
        name: "honest",
        lie: None,
        agents: 60,
        calls_per_s: 20.0,
        shows: |m| m.done == m.offered && m.sound_judged > 0 && m.doubled_agents + m.out_of_order == 0,
        where_it_shows: "every call goes all the way, with the right sound",
    },
    Case {
        name: "sound of the wrong party",
        lie: Some(Lie::WrongParty),
        agents: 60,
        calls_per_s: 20.0,
        shows: |m| m.faults.contains_key(WRONG_PARTY) || m.faults.contains_key(NOT_HEARD),
        where_it_shows: "calls fail by their sound",
    },
    Case {
        name: "doubled agents",
        lie: Some(Lie::DoubledAgents),
        agents: 60,
        calls_per_s: 20.0,
        shows: |m| m.doubled_agents > 0 && m.faults.contains_key(DOUBLED),
        where_it_shows: "agents rung while in another call",
    },
    Case {
        name: "answers out of order",
        lie: Some(Lie::OutOfOrder),
        // Fewer agents than talk at once: there must be a line to be out of.
        agents: 12,
        calls_per_s: 20.0,
        shows: |m| m.out_of_order > 0,
        where_it_shows: "agents rung for a later caller while an earlier one waits",
    },
    Case {
        name: "a stall of 50 ms",
        lie: Some(Lie::Stall(STALL)),
        agents: 150,
        calls_per_s: 120.0,
        // Whoever meant to call while it stood still waits for the rest of it: of 120 calls a second some six each time, three of them for
        // more than half of it, so some 24 of those in two seconds. A load that waits for answers would see one a stall, eight.
        shows: |m| m.setup.at_least(STALL / 2) >= 11 && m.setup.at_least(STALL / 5) >= 18,
        where_it_shows: "the setup latency of all who meant to call meanwhile",
    },
    Case {
        name: "sound that comes 100 ms late",
        lie: Some(Lie::DelaysSound(LATE)),
        agents: 60,
        calls_per_s: 10.0,
        shows: |m| m.media_delay.len() > 20 && m.media_delay.ms(0.05) >= 99.0 && m.media_delay.ms(0.5) < 600.0,
        where_it_shows: "the delay of frames of sound",
    },
    Case {
        name: "one in 23 frames of sound lost",
        lie: Some(Lie::LosesSound(23)),
        agents: 60,
        calls_per_s: 10.0,
        // Between the first and the last frame that are sure, of which short conversations have few.
        shows: |m| m.media_sent > 100 && (2..=10).contains(&(m.media_lost * 100 / m.media_sent.max(1))),
        where_it_shows: "the share of frames of sound that did not come",
    },
    Case {
        name: "503 to everything",
        lie: Some(Lie::RefusesAll),
        agents: 4,
        calls_per_s: 20.0,
        shows: |m| m.done == 0 && m.faults.get("refused with 503") == Some(&m.offered),
        where_it_shows: "no call goes all the way, and the status is named",
    },
    Case {
        name: "agents left on the line",
        lie: Some(Lie::LeavesAgents),
        agents: 60,
        calls_per_s: 10.0,
        shows: |m| m.done == 0 && m.faults.contains_key(LEFT),
        where_it_shows: "calls whose second leg does not end",
    },
];

/// Runs one case for so long.
pub fn prove(case: &Case, lasts: Duration, seed: u64, clock: Clock) -> Result<(Proved, Measured), String> {
    let fail = |e: std::io::Error| format!("the loop or the load cannot be set up: {e}");
    let bare = Bare::start(case.lie, 64, clock, None).map_err(fail)?;
    let behaviour = Behaviour {
        talk: Spread::fixed(Duration::from_millis(1_800)),
        sound_percent: if case.calls_per_s > 50.0 { 0 } else { 100 },
        ..Behaviour::plain("9500", Digit::from_char('0'))
    };
    let place = Place::any(bare.at(), IpAddr::V4(Ipv4Addr::LOCALHOST));
    let mut phones = Telephones::new(place, behaviour.clone(), seed, clock).map_err(fail)?;
    let account = |n: usize| AgentAccount::registering(format!("{}", 7_000 + n), "");
    phones.log_in(&(0..case.agents).map(account).collect::<Vec<_>>())?;
    let run = Run {
        arrivals: Arrivals::Steady(case.calls_per_s),
        lasts,
        calls_max: 10_000,
        open_max: 1_000,
        settles: behaviour.settles() + Duration::from_secs(4),
        slice: None,
    };
    let measured = phones.run(&run, |_| true).map_err(fail)?;
    let mut seen = format!("{} of {} went all the way", measured.done, measured.offered);
    for (why, n) in &measured.faults {
        seen += &format!(", {n} × {why}");
    }
    seen += &format!(
        "; {} out of order, {} doubled, setup p50 {:.1} ms, {} of {STALL:?} and more at half",
        measured.out_of_order,
        measured.doubled_agents,
        measured.setup.ms(0.5),
        measured.setup.at_least(STALL / 2)
    );
    if measured.media_sent > 0 {
        let lost = measured.media_lost as f64 * 100.0 / measured.media_sent as f64;
        seen += &format!("; sound {:.1} ms late (p50), {lost:.1} % of it lost", measured.media_delay.ms(0.5));
    }
    let proved = Proved {
        lie: case.name.to_owned(),
        caught: (case.shows)(&measured),
        where_it_shows: case.where_it_shows.to_owned(),
        seen,
    };
    Ok((proved, measured))
}
