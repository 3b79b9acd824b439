//! `switchboard menu …`: a change of the menus, from one person's desk past a second person to the callers, and back.
//!
//! ```text
//!   stage DIR --by A ──check, proof, what changes──► a copy in the data folder ──approve HASH --by B──► live, at its time
//!   emergency PLAN --by A ──at once, for N minutes──► approve-condition --by B ──► until it is lifted
//!   rollback --by A ──► the version before
//! ```
//! Each step is a line of the audit log before it is done. A centre that runs on this data folder notices within two seconds
//! (`watch.rs`); as soon as one version has been approved, the menus of the configuration folder are no longer looked at.
mod desk;
pub mod watch;

use super::data::Data;
use super::load::{Files, read_menus_at};
use super::{Done, Json, write_json};
use crate::cmd::say::{say, say_on};
use desk::{Declared, Staged};
use std::path::{Path, PathBuf};
use switchboard_ivr::tools::diff::{Verdict, diff};
use switchboard_ivr::{Conditions, Menus, Report, check, gather};
use switchboard_model::Instant;
use switchboard_net::Clock;

/// Change the menus of a centre: stage, approve, roll back; declare emergencies.
#[derive(clap::Args, Debug)]
pub struct Menu {
    #[command(subcommand)]
    verb: MenuVerb,
    #[command(flatten)]
    data: Data,
    /// The configuration whose queues and agents the menus lead to.
    #[arg(long, value_name = "DIR", default_value = "config", global = true)]
    config: PathBuf,
    #[command(flatten)]
    json: Json,
}

#[derive(clap::Subcommand, Debug)]
enum MenuVerb {
    /// Check a folder of menus, show what it changes for callers, and keep a copy for approval.
    Stage {
        /// The folder of menus.
        folder: PathBuf,
        /// Who does this.
        #[arg(long, value_name = "NAME")]
        by: String,
    },
    /// A second person approves a staged version: it goes live at its time.
    Approve {
        /// The hash that `stage` printed, or its first 8 characters or more.
        hash: String,
        /// Who does this: not the one who staged it.
        #[arg(long, value_name = "NAME")]
        by: String,
    },
    /// Back to the version before this one.
    Rollback {
        /// Who does this.
        #[arg(long, value_name = "NAME")]
        by: String,
    },
    /// An emergency plan is in force, at once: its wording is heard. `none` lifts it.
    Emergency {
        /// The plan, as the menus name it, or `none`.
        plan: String,
        /// Who does this.
        #[arg(long, value_name = "NAME")]
        by: String,
        /// Without a second person's approval it ends by itself after so many minutes.
        #[arg(long, value_name = "N", default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..=240))]
        minutes: u64,
    },
    /// The bank's systems are down, at once: the menus say so. `off` when they are back.
    SystemsDown {
        /// `on` or `off`.
        #[arg(value_parser = ["on", "off"])]
        state: String,
        /// Who does this.
        #[arg(long, value_name = "NAME")]
        by: String,
        /// Without a second person's approval it ends by itself after so many minutes.
        #[arg(long, value_name = "N", default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..=240))]
        minutes: u64,
    },
    /// A second person approves what was declared: it holds until it is lifted.
    ApproveCondition {
        /// Who does this: not the one who declared it.
        #[arg(long, value_name = "NAME")]
        by: String,
    },
    /// What is live, what waits for approval, what was refused.
    Status,
}

impl Menu {
    /// Exit code 0: done; 1: refused, and why; 2: could not run.
    pub fn run(self) -> Done {
        let now = Clock::start().now();
        let data = self.data.data.as_path();
        let done = match &self.verb {
            MenuVerb::Stage { folder, by } => self.stage(folder, by, now)?,
            MenuVerb::Approve { hash, by } => self.approve(hash, by, now)?,
            MenuVerb::Rollback { by } => roll_back(data, by, now)?,
            MenuVerb::Emergency { plan, by, minutes } => {
                let plan = Some(plan.clone()).filter(|p| p != "none");
                self.declare(by, *minutes, now, |c| c.emergency.clone_from(&plan))?
            }
            MenuVerb::SystemsDown { state, by, minutes } => {
                self.declare(by, *minutes, now, |c| c.systems_down = state == "on")?
            }
            MenuVerb::ApproveCondition { by } => approve_condition(data, by, now)?,
            MenuVerb::Status => return status(data, now, &self.json),
        };
        match done {
            Ok(text) => say!("{text}"),
            Err(why) => {
                say!("不通过 refused: {why}");
                return Ok(false);
            }
        }
        write_json(self.json.json.as_deref(), &desk::read(data)?)?;
        Ok(true)
    }

    fn checked(&self, folder: &Path) -> Result<Report, String> {
        let facts =
            switchboard_config::menu_facts(&self.config.to_string_lossy(), Some(super::load::today()), &mut Files);
        let path = folder.to_string_lossy();
        check(&path, &facts, &mut Files).map_err(|e| format!("cannot read {path}: {e}"))
    }

    fn stage(&self, folder: &Path, by: &str, now: Instant) -> Result<Result<String, String>, String> {
        let data = self.data.data.as_path();
        let report = self.checked(folder)?;
        say_on!("{}", report.text());
        let Some(menus) = &report.menus else { return Ok(Err("the menus are not proved".to_owned())) };
        let path = folder.to_string_lossy();
        let sources = gather(&path, &mut Files).map_err(|e| format!("cannot read {path}: {e}"))?;
        let top = format!("{}/", path.trim_end_matches('/'));
        if let Some((file, _)) = sources.files().find(|(file, _)| !file.starts_with(&top)) {
            return Ok(Err(format!("{file} lies outside {path}; a version must hold its prompts and policy itself")));
        }
        self.preview(menus, now)?;
        let hash = menus.hash().to_owned();
        audit(data, now, by, "menu-stage", &hash, &path)?;
        let copy = desk::folder(data).join(&hash);
        for (file, bytes) in sources.files() {
            let target = copy.join(&file[top.len()..]);
            let parent = target.parent().unwrap_or(&copy);
            std::fs::create_dir_all(parent).map_err(|e| format!("cannot make {}: {e}", parent.display()))?;
            desk::write(&target, bytes)?;
        }
        let effective_from = menus.effective_from();
        let staged = Staged { hash: hash.clone(), by: by.to_owned(), at: now, effective_from, approved_by: None };
        let done = desk::change(data, |desk| desk.stage(staged))?;
        Ok(done.map(|()| {
            format!(
                "已提交 staged {hash}\n复核 now a second person: switchboard menu approve {} --by NAME",
                &hash[..16]
            )
        }))
    }

    /// Who is affected: what changes for callers against the version that is live.
    fn preview(&self, new: &Menus, now: Instant) -> Result<(), String> {
        let data = self.data.data.as_path();
        let desk = desk::read(data)?;
        let live = match desk.version(now) {
            Some(version) => self.checked(&desk::folder(data).join(&version.hash))?.menus,
            None => read_menus_at(&self.config),
        };
        let Some(live) = live else { return Ok(()) };
        let changes = diff(&live, new);
        let worse = changes.iter().filter(|c| c.verdict == Verdict::Worse).count();
        say!("对来电者的变化 what changes for callers: {}, {worse} for the worse", changes.len());
        changes.iter().for_each(|change| say!("  {change}"));
        Ok(())
    }

    fn approve(&self, hash: &str, by: &str, now: Instant) -> Result<Result<String, String>, String> {
        let data = self.data.data.as_path();
        let Some(staged) = desk::read(data)?.find(hash).cloned() else {
            return Ok(Err(format!("no version is staged whose hash begins with {hash} (at least 8 characters)")));
        };
        let copy = desk::folder(data).join(&staged.hash);
        // What is approved is what was staged, and it is proved as of today.
        let report = self.checked(&copy)?;
        let Some(proof) = report.proof.as_ref().filter(|p| p.hash == staged.hash) else {
            say_on!("{}", report.text());
            return Ok(Err("the staged copy is not what was staged, or is not proved any more".to_owned()));
        };
        let proof = serde_json::to_string_pretty(&proof.json()).expect("plain data");
        let seal = sha256(proof.as_bytes());
        let who = by.to_owned();
        let done = desk::change(data, |desk| {
            desk.approve(&staged.hash, by)?;
            audit(data, now, &who, "menu-approve", &staged.hash, &format!("proof {seal}"))?;
            desk::write(&desk::folder(data).join(format!("{}.proof.json", staged.hash)), proof.as_bytes())
        })?;
        Ok(done.map(|()| match staged.effective_from.filter(|from| *from > now) {
            Some(from) => format!("已批准 approved; live in {} s", from.ms_since(now) / 1000),
            None => "已批准 approved; live as soon as the centre has read it (`switchboard menu status`)".to_owned(),
        }))
    }

    fn declare(
        &self,
        by: &str,
        minutes: u64,
        now: Instant,
        set: impl FnOnce(&mut Conditions),
    ) -> Result<Result<String, String>, String> {
        let data = self.data.data.as_path();
        let desk = desk::read(data)?;
        let mut conditions = desk.conditions(now);
        set(&mut conditions);
        let menus = match desk.version(now) {
            Some(version) => self.checked(&desk::folder(data).join(&version.hash))?.menus,
            None => read_menus_at(&self.config),
        };
        if let (Some(plan), Some(menus)) = (&conditions.emergency, &menus)
            && !menus.plans().contains(plan.as_str())
        {
            let plans = menus.plans().into_iter().collect::<Vec<_>>().join(", ");
            return Ok(Err(format!("no menu has words for the plan `{plan}`; plans are: {plans}")));
        }
        // What makes callers hear the ordinary menu again needs nobody's approval.
        let lifted = conditions == Conditions::default();
        let approved_by = lifted.then(|| by.to_owned());
        let until = now + std::time::Duration::from_secs(minutes * 60);
        let more = format!("{} for {minutes} min", serde_json::to_string(&conditions).expect("plain data"));
        audit(data, now, by, "menu-declare", "the whole centre", &more)?;
        let declared = Declared { conditions, by: by.to_owned(), at: now, until, approved_by };
        let done = desk::change(data, |desk| {
            desk.declared = Some(declared);
            Ok(())
        })?;
        Ok(done.map(|()| match lifted {
            true => "已解除 lifted".to_owned(),
            false => format!("已启动 in force for {minutes} min\n复核 to keep it, a second person: switchboard menu approve-condition --by NAME"),
        }))
    }
}

fn roll_back(data: &Path, by: &str, now: Instant) -> Result<Result<String, String>, String> {
    let done = desk::change(data, |desk| {
        let (from, to) = desk.roll_back()?;
        audit(data, now, by, "menu-rollback", &to, &format!("from {from}"))?;
        Ok((from, to))
    })?;
    Ok(done.map(|(from, to)| format!("已回退 back to {} from {}", &to[..16], &from[..16])))
}

fn approve_condition(data: &Path, by: &str, now: Instant) -> Result<Result<String, String>, String> {
    let done = desk::change(data, |desk| {
        desk.approve_declared(by, now)?;
        audit(data, now, by, "menu-approve-condition", "the whole centre", "")
    })?;
    Ok(done.map(|()| "已批准 approved; it holds until it is lifted".to_owned()))
}

fn status(data: &Path, now: Instant, json: &Json) -> Done {
    let desk = desk::read(data)?;
    for staged in &desk.staged {
        let live = desk.version(now).is_some_and(|v| v.hash == staged.hash);
        let state = match (&staged.approved_by, live) {
            (Some(by), true) => format!("生效 live, approved by {by}"),
            (Some(by), false) => format!("已批准 approved by {by}"),
            (None, _) => "待复核 waits for approval".to_owned(),
        };
        say!("{}  {state}, staged by {}", &staged.hash[..16.min(staged.hash.len())], staged.by);
    }
    let conditions = desk.conditions(now);
    if let Some(declared) = desk.declared.as_ref().filter(|_| conditions != Conditions::default()) {
        let until = match &declared.approved_by {
            Some(by) => format!("approved by {by}"),
            None => format!("ends in {} s unless a second person approves", declared.until.ms_since(now) / 1000),
        };
        if let Some(plan) = &conditions.emergency {
            say!("应急预案 emergency {plan}, {until}");
        }
        if conditions.systems_down {
            say!("系统故障 systems down, {until}");
        }
    }
    let seen = watch::seen(data)?;
    match &seen {
        Some(seen) => say!("{}", seen.line()),
        None => say!("没有运行中的中心报告过 no running centre has said what it made of this"),
    }
    write_json(json.json.as_deref(), &serde_json::json!({ "desk": desk, "conditions": conditions, "centre": seen }))?;
    Ok(seen.is_none_or(|s| s.refused.is_none()))
}

fn audit(data: &Path, now: Instant, by: &str, did: &str, to: &str, more: &str) -> Result<(), String> {
    std::fs::create_dir_all(data).map_err(|e| format!("cannot make {}: {e}", data.display()))?;
    switchboard_store::audit(data, now, by, did, to, more).map_err(|e| e.to_string())
}

fn sha256(bytes: &[u8]) -> String {
    use sha2::Digest as _;
    sha2::Sha256::digest(bytes).iter().map(|b| format!("{b:02x}")).collect()
}
