//! A running centre follows the desk: what has been approved goes live at its time, what was declared ends at its own.
//!
//! ```text
//!   every second: desk.json ──version, conditions──► other than last time? ──► reload ──► live.json: live, or refused and why
//! ```
//! A version that cannot go live leaves the old one where it is, and is tried again when the desk changes.
use super::desk;
use serde::{Deserialize, Serialize};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;
use switchboard_ivr::Conditions;
use switchboard_model::Instant;
use switchboard_net::{Clock, Stop};
use switchboard_node::{ControlReply, ControlRequest};

/// How often the desk is looked at: whoever has approved something wants to see it.
const EVERY: Duration = Duration::from_secs(1);

/// What a running centre has made of the desk.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Seen {
    /// When.
    pub at: Instant,
    /// Which version it was to take; none for the configuration folder's own menus.
    pub version: Option<String>,
    /// What was to hold.
    pub conditions: Conditions,
    /// Why it was not taken.
    pub refused: Option<String>,
}

impl Seen {
    /// For people.
    pub fn line(&self) -> String {
        let version =
            self.version.as_deref().map_or("the configuration folder's menus", |hash| &hash[..16.min(hash.len())]);
        match &self.refused {
            None => format!("运行中的中心 the running centre has {version} live"),
            Some(why) => format!("运行中的中心 the running centre REFUSED {version}, the old menus stay live: {why}"),
        }
    }
}

/// What a centre on this data folder has said last.
pub fn seen(data: &Path) -> Result<Option<Seen>, String> {
    let path = desk::folder(data).join("live.json");
    match std::fs::read(&path) {
        Ok(bytes) => {
            serde_json::from_slice(&bytes).map(Some).map_err(|e| format!("{} cannot be read: {e}", path.display()))
        }
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(e) => Err(format!("{} cannot be read: {e}", path.display())),
    }
}

/// What the desk says is to be live at that moment: the folder of its version, and what holds.
pub fn wanted(data: &Path, now: Instant) -> Result<(Option<(String, PathBuf)>, Conditions), String> {
    let desk = desk::read(data)?;
    let version = desk.version(now).map(|v| (v.hash.clone(), desk::folder(data).join(&v.hash)));
    Ok((version, desk.conditions(now)))
}

/// Follows the desk until the end. `began` is what was wanted when the centre started with it.
pub fn follow(
    data: PathBuf,
    control: SocketAddr,
    clock: Clock,
    stop: Stop,
) -> std::io::Result<std::thread::JoinHandle<()>> {
    std::thread::Builder::new().name("desk".to_owned()).spawn(move || {
        let thread = std::thread::current();
        stop.on_raise(move || thread.unpark());
        let mut last = key(&data, clock.now());
        if let Ok((version, conditions)) = last.clone() {
            note(&data, &Seen { at: clock.now(), version, conditions, refused: None });
        }
        while !stop.is_raised() {
            std::thread::park_timeout(EVERY);
            let now = clock.now();
            let next = key(&data, now);
            if next == last || stop.is_raised() {
                continue;
            }
            let refused = match (&next, switchboard_node::ask(control, &ControlRequest::Reload)) {
                (Err(why), _) => Some(why.clone()),
                (Ok(_), Ok(ControlReply::Done { .. })) => None,
                (Ok(_), Ok(ControlReply::Refused { why })) => Some(why),
                (Ok(_), Ok(other)) => Some(format!("an answer to another question came: {other:?}")),
                (Ok(_), Err(e)) => Some(e.to_string()),
            };
            if let Some(why) = &refused {
                tracing::error!("the menus at the desk do not go live; the old ones stay: {why}");
            }
            let (version, conditions) = next.clone().unwrap_or_default();
            let seen = Seen { at: now, version, conditions, refused };
            note(&data, &seen);
            last = next;
        }
    })
}

/// Written where operations look.
fn note(data: &Path, seen: &Seen) {
    let dir = desk::folder(data);
    let text = serde_json::to_string_pretty(seen).expect("plain data");
    let made = std::fs::create_dir_all(&dir).map_err(|e| format!("cannot make {}: {e}", dir.display()));
    if let Err(why) = made.and_then(|()| desk::write(&dir.join("live.json"), text.as_bytes())) {
        tracing::error!("{why}");
    }
}

type Key = Result<(Option<String>, Conditions), String>;

fn key(data: &Path, now: Instant) -> Key {
    wanted(data, now).map(|(version, conditions)| (version.map(|(hash, _)| hash), conditions))
}
