//! Media as hearsay: wishes in, facts out, no sound.
//!
//! What a real media thread would do with a wish is said at once: prompts end after their seconds, keys reach whoever listens,
//! and the person at the other end of a stream is told whether he hears a person.
use std::collections::BTreeMap;
use std::net::SocketAddr;
use switchboard_media::{Fact, Hears, StreamWish, Wish};
use switchboard_model::{CallId, Digit, StreamId};

/// Every call's last wish.
#[derive(Default)]
pub struct ToldMedia {
    calls: BTreeMap<CallId, (u32, Vec<StreamWish>)>,
    at: BTreeMap<SocketAddr, (CallId, StreamId)>,
}

/// What a wish brings about.
#[derive(Debug, PartialEq)]
pub enum Told {
    /// These prompts have begun on this stream.
    PlayBegan(CallId, StreamId, u32, Vec<switchboard_model::PromptId>),
    /// Whoever is at this address hears persons, or nobody.
    Hears(SocketAddr, bool),
}

impl ToldMedia {
    /// A newer wish replaces an older one; an older one is ignored.
    pub fn wish(&mut self, wish: Wish) -> Vec<Told> {
        let (version, old) = self.calls.remove(&wish.call).unwrap_or((0, vec![]));
        if wish.version <= version && version != 0 {
            self.calls.insert(wish.call, (version, old));
            return vec![];
        }
        let mut told = vec![];
        for line in &old {
            self.at.remove(&line.remote);
            if !wish.streams.iter().any(|l| l.stream == line.stream) {
                told.push(Told::Hears(line.remote, false));
            }
        }
        for line in &wish.streams {
            self.at.insert(line.remote, (wish.call, line.stream));
            let before = old.iter().find(|l| l.stream == line.stream);
            if let Hears::Prompts { play, list } = &line.hears
                && !before.is_some_and(|b| matches!(&b.hears, Hears::Prompts { play: p, .. } if p == play))
            {
                told.push(Told::PlayBegan(wish.call, line.stream, *play, list.clone()));
            }
            let hears = matches!(line.hears, Hears::Party(_) | Hears::Mix(_)) && line.send;
            told.push(Told::Hears(line.remote, hears));
        }
        if !wish.streams.is_empty() {
            self.calls.insert(wish.call, (wish.version, wish.streams));
        }
        told
    }

    /// Whether this is still being played.
    pub fn plays(&self, call: CallId, stream: StreamId, play: u32) -> bool {
        let line = self.calls.get(&call).and_then(|(_, lines)| lines.iter().find(|l| l.stream == stream));
        line.is_some_and(|l| matches!(&l.hears, Hears::Prompts { play: p, .. } if *p == play))
    }

    /// A key pressed at this address, as a fact.
    pub fn pressed(&self, at: SocketAddr, digit: Digit, rtp_timestamp: u32) -> Option<(CallId, Fact)> {
        let (call, stream) = *self.at.get(&at)?;
        let line = self.calls.get(&call)?.1.iter().find(|l| l.stream == stream)?;
        line.listen.then_some((call, Fact::Digit { stream, digit, rtp_timestamp }))
    }

    /// Nothing was heard from this address for long.
    pub fn silent(&self, at: SocketAddr) -> Option<(CallId, Fact)> {
        let (call, stream) = *self.at.get(&at)?;
        Some((call, Fact::Silent { stream }))
    }

    /// Whom the person at this address hears: the addresses of the others.
    pub fn others_of(&self, at: SocketAddr) -> Vec<SocketAddr> {
        let Some((call, stream)) = self.at.get(&at) else { return vec![] };
        let Some((_, lines)) = self.calls.get(call) else { return vec![] };
        let others = match lines.iter().find(|l| l.stream == *stream).map(|l| &l.hears) {
            Some(Hears::Party(other)) => std::slice::from_ref(other),
            Some(Hears::Mix(others)) => others,
            Some(Hears::Nothing | Hears::Prompts { .. } | Hears::Music(_) | Hears::Ringing) | None => &[],
        };
        lines.iter().filter(|l| others.contains(&l.stream)).map(|l| l.remote).collect()
    }
}
