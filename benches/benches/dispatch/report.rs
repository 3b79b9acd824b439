//! The figures as people read them, and their place in docs/performance.md.
use super::machine;
use super::phases::{Queue, Run, WAITING};
use super::samples::{FOR_P999, Samples};
use std::fmt::Write;
use std::fs;
use std::io;
use std::path::PathBuf;

/// Everything that was measured in one run.
pub struct Figures {
    /// One datagram there and back.
    pub way: Samples,
    /// Key to INVITE, agents idle.
    pub idle: Samples,
    /// BYE to INVITE, 200 waiting.
    pub free: Queue,
    /// 200 drained by four.
    pub drain: Queue,
    /// The centre in a closed loop.
    pub closed: Run,
    /// The bare loop, likewise.
    pub bare: Run,
    /// Rates that were tried, from above.
    pub tried: Vec<(f64, Run)>,
    /// The first of them without loss.
    pub clean: Option<f64>,
    /// At half of it.
    pub half: (f64, Run),
    /// Other programs and steal, in per cent of all CPUs.
    pub disturbed: (f64, f64),
}

/// A run counts as disturbed from so many per cent on, others and steal together.
const DISTURBED_PERCENT: f64 = 5.0;

const BEGIN: &str = "<!-- measured: begin; written by `make bench` -->";
const END: &str = "<!-- measured: end -->";

/// Threads whose work is not signalling, or not the centre's.
fn is_signalling(thread: &str) -> bool {
    !["load", "bare", "echo", "media", "control"].contains(&thread) && !thread.starts_with("dispatch")
}

impl Figures {
    /// Callers served before one who came earlier.
    pub fn out_of_order(&self) -> usize {
        self.free.out_of_order + self.drain.out_of_order
    }

    /// Sections and tables.
    pub fn markdown(&self) -> String {
        let mut w = String::new();
        self.head(&mut w);
        self.latency(&mut w);
        self.order(&mut w);
        self.cpu(&mut w);
        self.rate(&mut w);
        w
    }

    fn head(&self, w: &mut String) {
        let (others, steal) = self.disturbed;
        let _ = write!(
            w,
            "Measured {}, {}, commit {}, release profile, one shard, load and centre in one process on one machine.\n\n",
            machine::today(),
            machine::machine(),
            machine::commit(),
        );
        if others + steal >= DISTURBED_PERCENT {
            let _ = write!(
                w,
                "**This run was disturbed**: other programs used {others:.0} % of all CPUs, and the host took {steal:.1} % away. \
                 Read the ratios; the absolute figures and above all the tails are worse than the machine is.\n\n"
            );
        } else {
            let _ = write!(w, "Other programs used {others:.0} % of all CPUs, the host took {steal:.1} % away.\n\n");
        }
    }

    fn latency(&self, w: &mut String) {
        let under_load = format!("… while {:.0} calls a second are made (half of what follows below)", self.half.0);
        let _ = write!(
            w,
            "## From there to the INVITE on the agent's socket\n\n\
             | µs | p50 | p99 | p99.9 | samples |\n|---|---|---|---|---|\n\
             | a caller presses `0`, an agent is idle | {} |\n\
             | {under_load} | {} |\n\
             | an agent hangs up while {WAITING} wait and hear music | {} |\n\
             | for comparison: one datagram to a thread and back | {} |\n\n\
             p99.9 is given from {FOR_P999} samples on.\n\n",
            self.idle.cells(),
            self.half.1.waits.cells(),
            self.free.free.cells(),
            self.way.cells(),
        );
    }

    fn order(&self, w: &mut String) {
        let _ = write!(
            w,
            "## Order\n\n\
             Callers served before one who came earlier: **{}** of {} (one agent, always {WAITING} waiting), **{}** of {} \
             ({WAITING} waiting, drained by four agents of one profile).\n\n",
            self.free.out_of_order, self.free.served, self.drain.out_of_order, self.drain.served,
        );
    }

    fn cpu(&self, w: &mut String) {
        let (half, full) = (&self.half.1, &self.closed);
        let a_call = |run: &Run, of: &dyn Fn(&str) -> bool| run.cpu_us_a_call(of);
        let bare = a_call(&self.bare, &|t| t == "bare");
        let (at_half, at_full) = (a_call(half, &is_signalling), a_call(full, &is_signalling));
        let _ = write!(
            w,
            "## CPU a call\n\n\
             Signalling only: **{at_full:.0} µs** in the closed loop, **{at_half:.0} µs** at {:.0} calls a second, where each event wakes \
             its threads anew; the bare loop {bare:.0} µs. Ratio **{:.1}** and **{:.1}**.\n\n\
             | thread, µs a call | closed loop | at {:.0}/s |\n|---|---|---|\n",
            self.half.0,
            at_full / bare,
            at_half / bare,
            self.half.0,
        );
        let mut line = |what: &str, thread: &str| {
            let us = [full, half].map(|run| a_call(run, &|t| t == thread));
            if us[0].max(us[1]) >= 0.05 {
                let _ = writeln!(w, "| {what} | {:.1} | {:.1} |", us[0], us[1]);
            }
        };
        half.cpu.keys().filter(|n| is_signalling(n)).for_each(|name| line(name, name));
        line("not counted: media (one key a call, and 50 ticks a second)", "media");
        line("not counted: load", "load");
        let seen = self.bare.seen;
        let _ = write!(
            w,
            "\nA call is {:.0} SIP messages of {:.0} B on average, and one RTP packet (the key).\n\n",
            seen.messages as f64 / seen.done.max(1) as f64,
            seen.bytes as f64 / seen.messages.max(1) as f64,
        );
    }

    fn rate(&self, w: &mut String) {
        let (centre, bare) = (self.closed.cps(), self.bare.cps());
        let clean = self.clean.map_or("none of those tried".to_owned(), |cps| format!("{cps:.0}"));
        let alone = |run: &Run, of: &str| 1e6 / run.cpu_us_a_call(|t| t == of).max(0.001);
        let _ = write!(
            w,
            "## Calls a second\n\n\
             Without loss, at random moments for 3 s: **{clean}**.\n\n\
             | closed loop, same load | calls/s | of the bare loop |\n|---|---|---|\n\
             | centre | {centre:.0} | {:.2} |\n\
             | bare loop | {bare:.0} | 1 |\n\
             | ceiling of the load's thread, by its CPU time beside the bare loop | {:.0} | {:.2} |\n\
             | ceiling of the bare loop's thread, by its CPU time | {:.0} | {:.2} |\n\n",
            centre / bare,
            alone(&self.bare, "load"),
            alone(&self.bare, "load") / bare,
            alone(&self.bare, "bare"),
            alone(&self.bare, "bare") / bare,
        );
        w.push_str(
            "| tried | offered | done | refused | repeated | key pressed again | lost in rings | events lost | load late by, at most |\n\
             |---|---|---|---|---|---|---|---|---|\n",
        );
        for (cps, run) in self.tried.iter().chain([&self.half]) {
            let _ = writeln!(
                w,
                "| {cps:.0}/s | {} | {} | {} | {} | {} | {} | {} | {:.1} ms |",
                run.offered,
                run.seen.done,
                run.seen.refused,
                run.seen.repeated,
                run.seen.pressed_again,
                run.lost.in_rings,
                run.lost.events,
                run.load_late.as_secs_f64() * 1_000.0,
            );
        }
    }
}

/// Puts it between the two marks.
pub fn write(measured: &str) -> io::Result<()> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../docs/performance.md");
    let old = fs::read_to_string(&path)?;
    let marks = old.split_once(BEGIN).and_then(|(head, rest)| Some((head, rest.split_once(END)?.1)));
    let (head, tail) = marks.ok_or_else(|| io::Error::other(format!("the marks `{BEGIN}` and `{END}` are missing")))?;
    fs::write(&path, format!("{head}{BEGIN}\n\n{}\n\n{END}{tail}", measured.trim()))
}
