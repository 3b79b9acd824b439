//! What this machine gave us, and what it gave to others meanwhile.
//!
//! CPU time is the scheduler's own (`/proc/self/task/*/schedstat`, nanoseconds on a CPU), by thread name, so that the load's thread
//! does not count as the centre's.
use std::collections::BTreeMap;
use std::fs;
use std::process::Command;

/// Nanoseconds on a CPU, by thread name.
pub fn cpu_by_thread() -> BTreeMap<String, u64> {
    threads_of("self")
}

/// Nanoseconds that the calling thread has been on a CPU.
pub fn own_thread_ns() -> u64 {
    let text = fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    text.split_whitespace().next().and_then(|n| n.parse().ok()).unwrap_or(0)
}

fn threads_of(process: &str) -> BTreeMap<String, u64> {
    let mut all = BTreeMap::new();
    let Ok(tasks) = fs::read_dir(format!("/proc/{process}/task")) else { return all };
    for task in tasks.filter_map(Result::ok) {
        let read = |file: &str| fs::read_to_string(task.path().join(file)).unwrap_or_default();
        let ran = read("schedstat").split_whitespace().next().and_then(|n| n.parse::<u64>().ok());
        *all.entry(read("comm").trim().to_owned()).or_default() += ran.unwrap_or(0);
    }
    all
}

/// What each thread used between two readings; threads that are gone are left out.
pub fn used(before: &BTreeMap<String, u64>, after: &BTreeMap<String, u64>) -> BTreeMap<String, u64> {
    after.iter().map(|(name, ns)| (name.clone(), ns.saturating_sub(before.get(name).copied().unwrap_or(0)))).collect()
}

/// Everybody's time, in the kernel's ticks.
#[derive(Clone, Copy, Debug, Default)]
pub struct Ticks {
    all: u64,
    idle: u64,
    steal: u64,
    own: u64,
}

impl Ticks {
    /// Now.
    pub fn now() -> Ticks {
        let stat = fs::read_to_string("/proc/stat").unwrap_or_default();
        let words = stat.lines().next().unwrap_or("").split_whitespace().skip(1);
        // user nice system idle iowait irq softirq steal; guest time is part of user.
        let n: Vec<u64> = words.take(8).map(|w| w.parse().unwrap_or(0)).collect();
        let at = |i: usize| n.get(i).copied().unwrap_or(0);
        let own = fs::read_to_string("/proc/self/stat").unwrap_or_default();
        // After the name, which may hold spaces: the 12th and 13th are our time in user and system mode.
        let own = own.rsplit_once(')').map_or("", |(_, rest)| rest).split_whitespace().skip(11).take(2);
        let own = own.filter_map(|w| w.parse::<u64>().ok()).sum();
        Ticks { all: n.iter().sum(), idle: at(3) + at(4), steal: at(7), own }
    }

    /// Since `before`, in per cent of all CPUs: other programs, and time the host took away.
    pub fn others_and_steal(self, before: Ticks) -> (f64, f64) {
        self.others_than(before, 0)
    }

    /// The same; a target's own `target_ms` of CPU time are no other program's.
    pub fn others_than(self, before: Ticks, target_ms: u64) -> (f64, f64) {
        let all = (self.all - before.all).max(1) as f64;
        let steal = self.steal - before.steal;
        let busy = (self.all - before.all) - (self.idle - before.idle) - steal;
        // The kernel counts in hundredths of a second.
        let others = busy.saturating_sub(self.own - before.own).saturating_sub(target_ms / 10);
        (others as f64 * 100.0 / all, steal as f64 * 100.0 / all)
    }
}

/// The machine, in words.
pub fn machine() -> String {
    let cpuinfo = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpuinfo.lines().find(|l| l.starts_with("model name")).and_then(|l| l.split(": ").nth(1));
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    format!("{} × {}, Linux {}", cores(), model.unwrap_or("a CPU without a name"), kernel.trim())
}

/// How many CPUs we may use.
pub fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// The commit that is measured, and whether the files differ from it.
pub fn commit() -> String {
    let git = |args: &[&str]| {
        let out = Command::new("git").args(args).current_dir(env!("CARGO_MANIFEST_DIR")).output().ok()?;
        out.status.success().then(|| String::from_utf8_lossy(&out.stdout).trim().to_owned())
    };
    let Some(commit) = git(&["rev-parse", "--short=12", "HEAD"]) else { return "unknown".to_owned() };
    match git(&["status", "--porcelain", "--untracked-files=no", "--", "../crates", "../config", "../ivr-menus"]) {
        Some(changed) if changed.is_empty() => commit,
        _ => format!("{commit} with uncommitted changes"),
    }
}

/// The day of the measurement.
pub fn today() -> String {
    let out = Command::new("date").args(["-u", "+%Y-%m-%d %H:%M UTC"]).output();
    out.map_or_else(|_| "unknown".to_owned(), |o| String::from_utf8_lossy(&o.stdout).trim().to_owned())
}

/// Thousands of ports want thousands of open files: the soft limit is raised as far as it may be.
pub fn raise_file_limit(wanted: u64) -> u64 {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let now = getrlimit(Resource::Nofile);
    let have = now.current.unwrap_or(u64::MAX);
    if have >= wanted {
        return have;
    }
    let raised = wanted.min(now.maximum.unwrap_or(u64::MAX));
    match setrlimit(Resource::Nofile, Rlimit { current: Some(raised), maximum: now.maximum }) {
        Ok(()) => raised,
        Err(_) => have,
    }
}

/// Keeps the calling thread, and whatever it starts from now on, on this CPU; false if the machine does not let it.
pub fn pin(cpu: usize) -> bool {
    let mut set = rustix::thread::CpuSet::new();
    set.set(cpu);
    rustix::thread::sched_setaffinity(None, &set).is_ok()
}

/// The CPUs that the calling thread may use.
pub fn cpus() -> Vec<usize> {
    let Ok(set) = rustix::thread::sched_getaffinity(None) else { return vec![] };
    (0..rustix::thread::CpuSet::MAX_CPU).filter(|cpu| set.is_set(*cpu)).collect()
}

/// What a process has used.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct ProcessUse {
    /// CPU time, in ms.
    pub cpu_ms: u64,
    /// Memory in RAM, in kB.
    pub rss_kb: u64,
    /// Context switches of all its threads, wanted or not.
    pub switches: u64,
    /// Its threads' time on a CPU, in ns, by name.
    pub threads: BTreeMap<String, u64>,
}

/// What the process with this id has used until now; none if there is no such process.
pub fn process_use(pid: u32) -> Option<ProcessUse> {
    let threads = threads_of(&pid.to_string());
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let number = |text: &str, name: &str| -> u64 {
        let line = text.lines().find(|l| l.starts_with(name)).unwrap_or("");
        line.split_whitespace().nth(1).and_then(|n| n.parse().ok()).unwrap_or(0)
    };
    let tasks = fs::read_dir(format!("/proc/{pid}/task")).ok()?;
    let switches = tasks.filter_map(Result::ok).map(|task| {
        let status = fs::read_to_string(task.path().join("status")).unwrap_or_default();
        number(&status, "voluntary_ctxt_switches:") + number(&status, "nonvoluntary_ctxt_switches:")
    });
    Some(ProcessUse {
        cpu_ms: threads.values().sum::<u64>() / 1_000_000,
        rss_kb: number(&status, "VmRSS:"),
        switches: switches.sum(),
        threads,
    })
}
