//! From checked settings to the engine's own form.
use crate::{Loaded, Password};
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::Duration;
use switchboard_acd::{Layout, LayoutError, Queue, RingRules, Step};
use switchboard_engine::Config;
use switchboard_engine::config::{
    AgentConfig, AnnouncePlace, CallsOut, HealthCheck, Limits, OutBy, Outside, OverloadAnswer, QueueConfig,
    Registering, Sbc, Source, Trunk, Verification,
};
use switchboard_engine::lookup::Backend;
use switchboard_model::{AgentId, Language, PromptId, QueueId, TrunkId};
use switchboard_sip::registrar::{Account, Password as SipPassword};

impl Loaded {
    /// The engine's side of it.
    pub fn engine(&self) -> Result<Config, LayoutError> {
        let mut config = Config {
            hash: self.hash.clone(),
            product: concat!("Switchboard/", env!("CARGO_PKG_VERSION")).to_owned(),
            realm: self.centre.realm.clone(),
            digest: self.centre.digest.clone(),
            skills: self.skills.clone(),
            languages: self.centre.languages.clone(),
            trunks: self.trunks(),
            queues: self.queues(),
            agents: self.agents(),
            menus: self.menus.clone(),
            elderly: self.elderly.clone(),
            layout: Layout::new(&[], &[], &[])?,
            rules: RingRules {
                ring_max: Duration::from_secs(u64::from(self.ring_s)),
                failures: self.failures.clone(),
                work: self.work,
            },
            reasons: self.reasons.clone(),
            choices: self.choices.clone(),
            limits: Limits {
                hold_max: self.calls.hold_max,
                consult_max: self.calls.consult_max,
                shards: self.centre.shards,
                ..Limits::default()
            },
            outside: Outside {
                allow: self.calls.allow.clone(),
                by: self.way_out(),
                shown: self.calls.shown.clone(),
                ring_max: self.calls.ring_max,
            },
            verification: self.verification(),
            services: self.calls.services.as_ref().map(|s| Backend {
                address: s.backend,
                host: s.host.clone(),
                path: s.path.clone(),
                within: Duration::ZERO, // each service's own, in services.yaml
            }),
            #[cfg(feature = "mutants")]
            faults: switchboard_engine::mutant::Faults::default(),
        };
        config.lay_out()?;
        Ok(config)
    }

    /// Lets every trunk send calls from this address too: for a demo and for tests on one machine.
    pub fn let_in(&mut self, ip: IpAddr) {
        let prefix = if ip.is_ipv4() { 32 } else { 128 };
        for trunk in &mut self.trunks {
            trunk.sources.push(crate::Source { address: ip, prefix, port: None });
        }
    }

    fn way_out(&self) -> Option<OutBy> {
        let by_trunk = self.calls.trunk.as_ref().map(|named| {
            let place = self.trunks.iter().position(|t| t.name == named.value);
            OutBy::Trunk(TrunkId(place.expect("the trunk of calls out was checked to be there") as u16))
        });
        by_trunk.or(self.calls.gateway.map(OutBy::Gateway))
    }

    fn verification(&self) -> Option<Verification> {
        let verify = self.calls.verify.as_ref()?;
        let said = |name: &str| -> BTreeMap<Language, PromptId> {
            let of = |l: &Language| Some((*l, self.menus.prompt_named(name, *l)?));
            self.centre.languages.iter().filter_map(of).collect()
        };
        Some(Verification {
            account_digits: verify.account_digits,
            pin_digits: verify.pin_digits,
            attempts: verify.attempts,
            backend: Backend {
                address: verify.backend,
                host: verify.host.clone(),
                path: verify.path.clone(),
                within: verify.within,
            },
            ask_account: said("verify_account"),
            ask_pin: said("verify_pin"),
            again: said("verify_again"),
            failed: said("verify_failed"),
        })
    }

    fn trunks(&self) -> Vec<Trunk> {
        let of = |(n, t): (usize, &crate::TrunkConf)| Trunk {
            id: TrunkId(n as u16),
            name: t.name.clone(),
            sources: t.sources.iter().map(|s| Source { address: s.address, prefix: s.prefix, port: s.port }).collect(),
            country: t.country.clone(),
            area: t.area.clone(),
            calls_max: t.max_calls,
            cps_max: t.max_cps,
            answer_after: Duration::ZERO,
            numbers: t.numbers.clone(),
            overload: OverloadAnswer { code: t.overload.0, retry_after_s: t.overload.1 },
            sbcs: t
                .sbcs
                .iter()
                .map(|s| Sbc { at: s.at, transport: s.transport, priority: s.priority, weight: s.weight })
                .collect(),
            health: match t.health {
                crate::HealthConf::Options => HealthCheck::Options,
                crate::HealthConf::Register => HealthCheck::Register,
                crate::HealthConf::Passive => HealthCheck::Passive,
            },
            registering: t.register.as_ref().map(|r| Registering {
                identity: r.identity.clone(),
                user: r.user.clone(),
                password: r.password.clone(),
                contact_user: r.contact_user.clone(),
                expires_s: r.expires_s,
            }),
            out: CallsOut { shown: t.shown.clone(), shown_in: t.shown_in, session_s: t.session_s },
        };
        self.trunks.iter().enumerate().map(of).collect()
    }

    fn queues(&self) -> Vec<QueueConfig> {
        let default = self.centre.languages[0];
        let of = |(n, q): (usize, &crate::QueueConf)| QueueConfig {
            queue: Queue {
                id: QueueId(n as u16),
                name: q.name.clone(),
                needs: q.needs.clone(),
                steps: q
                    .steps
                    .iter()
                    .map(|s| Step { after: Duration::from_secs(u64::from(s.after_s)), needs: s.needs.clone() })
                    .collect(),
                priority_offset_s: q.priority_offset_s,
                max_waiting: q.max_waiting,
                max_wait_s: q.max_wait_s,
                at_max_wait: q.at_max_wait.clone(),
                overflow: q.overflow.as_ref().map(|(after_s, queue)| switchboard_acd::Overflow {
                    after: Duration::from_secs(u64::from(*after_s)),
                    queue: queue.clone(),
                }),
            },
            level_x_s: q.level_x_s,
            level_y_percent: q.level_y_percent,
            music: self.menus.prompt_named(&q.music, default).expect("the music of a queue was checked to be a prompt"),
            announce_agent_id: q.announce_agent_id,
            announce_place: q.announce_place.map(|(first_s, every_s)| AnnouncePlace {
                first: Duration::from_secs(u64::from(first_s)),
                every: Duration::from_secs(u64::from(every_s)),
            }),
        };
        self.queues.iter().enumerate().map(of).collect()
    }

    fn agents(&self) -> Vec<AgentConfig> {
        let of = |(n, a): (usize, &crate::AgentConf)| AgentConfig {
            id: AgentId(n as u32),
            agent_id: a.agent_id.clone(),
            name: a.name.clone(),
            skills: a.skills.clone(),
            lapses: a.lapses.clone(),
            team: a.team.clone(),
            trainee: a.trainee,
            gone: false,
            account: Account {
                user: a.sip_user.clone(),
                password: match &a.password {
                    Password::Plain(password) => SipPassword::Plain(password.clone()),
                    Password::Ha1(md5) => SipPassword::Ha1 { md5: Some(md5.clone()), sha256: None },
                },
            },
            announcement: self
                .centre
                .languages
                .iter()
                .filter_map(|l| Some((*l, self.announcement(&a.agent_id, *l)?)))
                .collect(),
        };
        self.agents.iter().enumerate().map(of).collect()
    }

    /// 工号 … 为您服务; none if a prompt of it is missing, and then nothing is announced.
    fn announcement(&self, agent_id: &str, language: Language) -> Option<Vec<PromptId>> {
        let said = |name: &str| self.menus.prompt_named(name, language);
        let digits = agent_id.chars().map(|c| said(&format!("digit_{c}"))).collect::<Option<Vec<_>>>()?;
        let mut all = vec![said("agent_id_prefix")?];
        all.extend(digits);
        all.push(said("agent_id_suffix")?);
        Some(all)
    }
}
