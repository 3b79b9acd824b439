//! The configuration changes while the centre runs: by a reload, or because a certificate or a lent skill has ended.
//!
//! ```text
//!   read, check, number by name ─► who fits whom has changed, lines and profiles have not: replan, nobody stands still
//!                                └► else: all threads lend their machines, everybody takes his place in a new matcher
//! ```
//! All of it or nothing: the new configuration is complete before anybody is told of it.
use crate::control::ControlReply;
use crate::lending::borrow;
use crate::node::{Handles, config_live};
use std::sync::atomic::Ordering;
use std::sync::{Arc, MutexGuard, PoisonError};
use std::time::Duration;
use switchboard_engine::{Config, restore};
use switchboard_net::Stop;

/// How long the thread that watches for lapses sleeps at most; a reload may have brought an earlier one.
const LAPSES_LOOK: Duration = Duration::from_secs(10);

impl Handles {
    /// Reads the configuration again.
    pub(crate) fn reload(&self) -> ControlReply {
        let reload = self.reload.lock().unwrap_or_else(PoisonError::into_inner);
        let mut live = self.config.lock().unwrap_or_else(PoisonError::into_inner);
        let refused = |why: String| ControlReply::Refused { why };
        let (new, new_sounds) = match reload(&live) {
            Ok(new) => new,
            Err(why) => return refused(why),
        };
        if let Some((files, tls)) = &self.certificates
            && let Err(why) = tls.renew(files)
        {
            return refused(format!("{why}; the certificates from before stay in force"));
        }
        if new.hash == live.hash {
            let renewed = if self.certificates.is_some() { "; certificates were read again" } else { "" };
            return ControlReply::Done { text: format!("nothing has changed: {} stays live{renewed}", live.hash) };
        }
        let mut new = (*new).clone();
        new.lapse(self.clock.now());
        let new = match new.following(&live) {
            Ok(new) => Arc::new(new),
            Err(e) => return refused(e.to_string()),
        };
        // The sounds first, so that no wish names one that is not there; the old ones too, for who is hearing them.
        let mut sounds = self.sounds.lock().unwrap_or_else(PoisonError::into_inner);
        if !self.media.sounds(Arc::new(new_sounds.or(&sounds))) {
            return refused("the media thread has not yet taken the sounds before these; try again".to_owned());
        }
        *sounds = new_sounds;
        drop(sounds);
        let was = live.hash.clone();
        match self.go_live(&mut live, new) {
            Ok(how) => ControlReply::Done { text: format!("{} is live; it was {was}{how}", live.hash) },
            Err(why) => refused(why),
        }
    }

    /// Takes away what has ended, whenever something ends.
    pub(crate) fn watch_lapses(&self, stop: &Stop) {
        let thread = std::thread::current();
        stop.on_raise(move || thread.unpark());
        while !stop.is_raised() {
            let next = self.config.lock().unwrap_or_else(PoisonError::into_inner).next_lapse();
            match next {
                Some(at) if at <= self.clock.now() => {
                    if let Err(why) = self.lapse() {
                        tracing::error!("a skill has ended and could not be taken away: {why}; it is tried again");
                        std::thread::park_timeout(LAPSES_LOOK);
                    }
                }
                Some(at) => std::thread::park_timeout(self.clock.until(at).min(LAPSES_LOOK)),
                None => std::thread::park_timeout(LAPSES_LOOK),
            }
        }
    }

    fn lapse(&self) -> Result<(), String> {
        let mut live = self.config.lock().unwrap_or_else(PoisonError::into_inner);
        let mut new = (**live).clone();
        new.lapse(self.clock.now());
        new.lay_out().map_err(|e| e.to_string())?;
        self.go_live(&mut live, Arc::new(new)).map(|_| ())
    }

    /// `new` follows `live`. Says how it came about.
    fn go_live(&self, live: &mut MutexGuard<'_, Arc<Config>>, new: Arc<Config>) -> Result<&'static str, String> {
        if new.layout.agent_count() > self.agents_max {
            let why = "there are {} agents, those who have gone included; the centre was started with room for {}, and a restart makes more";
            let why = why.replacen("{}", &new.layout.agent_count().to_string(), 1);
            return Err(why.replacen("{}", &self.agents_max.to_string(), 1));
        }
        let how = if new.layout.same_shape(&live.layout) {
            self.replan(&new)?;
            ""
        } else {
            self.rebuild(&new)?;
            "; everybody kept his place"
        };
        let seq = self.seq.fetch_add(1, Ordering::Relaxed) + 1;
        self.figures.tell(config_live(&new, self.clock, seq));
        **live = new;
        Ok(how)
    }

    /// The same lines and profiles: who fits whom changes under the running threads.
    fn replan(&self, new: &Arc<Config>) -> Result<(), String> {
        let plan = new.layout.plan().map_err(|e| e.to_string())?;
        let matcher = self.matcher.lock().unwrap_or_else(PoisonError::into_inner);
        let mut brought = vec![];
        matcher
            .replan(plan, &mut |event| brought.push(event))
            .map_err(|e| format!("the matcher is busy with the plan before this one ({e:?}); try again"))?;
        for event in brought {
            self.floor.say(match event {
                switchboard_matcher::Event::Met(met) => {
                    switchboard_engine::ToFloor::Taken { met, at: self.clock.now() }
                }
                switchboard_matcher::Event::Left(chair) => switchboard_engine::ToFloor::Left(chair),
            });
        }
        let told = self.floor.configs.push(new.clone()).is_ok()
            & self.shards.iter().fold(true, |all, s| all & s.configs.push(new.clone()).is_ok());
        if told {
            Ok(())
        } else {
            Err("a thread has not yet taken the configuration before this one; try again".to_owned())
        }
    }

    /// Other lines or profiles: everybody stands still for a moment and takes his place anew.
    fn rebuild(&self, new: &Arc<Config>) -> Result<(), String> {
        let late = || "a thread did not come within 2 s, so nothing was changed; try again".to_owned();
        let mut floor = borrow(&self.floor.lends).ok_or_else(late)?;
        let mut shards = vec![];
        for mail in &self.shards {
            shards.push(borrow(&mail.lends).ok_or_else(late)?);
        }
        // All stand still. What is under way between them was said over the old matcher; the calls are the witnesses.
        self.floor.forget_words();
        self.shards.iter().for_each(|s| s.matched.clear());
        let mut its_floor = floor.take();
        let mut their_shards: Vec<_> = shards.iter_mut().map(|s| s.take()).collect();
        let done = restore::reload(self.clock.now(), new, &mut its_floor, &mut their_shards);
        floor.put(its_floor);
        shards.iter_mut().zip(their_shards).for_each(|(lent, shard)| lent.put(shard));
        *self.matcher.lock().unwrap_or_else(PoisonError::into_inner) = done.map_err(|e| e.to_string())?;
        Ok(())
    }
}
