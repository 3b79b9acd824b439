//! What several verbs of `ivr` ask for: which menus, at which moment.
use crate::cmd::load::{Files, today};
use crate::cmd::say::say_on;
use std::path::PathBuf;
use switchboard_ivr::{Day, Facts, Menus, Report, check, moment};
use switchboard_model::Instant;

/// Which menus, and the configuration that they lead into.
#[derive(clap::Args, Debug, Clone)]
pub struct Bank {
    /// A menu file, or a folder of them.
    #[arg(default_value = "ivr-menus")]
    pub path: PathBuf,
    #[command(flatten)]
    pub config: Config,
}

/// The configuration that menus lead into.
#[derive(clap::Args, Debug, Clone)]
pub struct Config {
    /// The configuration whose queues and agents the menus lead to.
    #[arg(long, value_name = "DIR", default_value = "config")]
    pub config: PathBuf,
    /// Check as on this day, like 2027-02-01: waivers end, calendars run out. Without it: today.
    #[arg(long, value_name = "DAY", value_parser = |s: &str| Day::read(s).ok_or("write it like 2027-02-01"))]
    pub on: Option<Day>,
}

impl Config {
    /// What menus must agree with.
    pub fn facts(&self) -> Facts {
        switchboard_config::menu_facts(&self.config.to_string_lossy(), Some(self.on.unwrap_or_else(today)), &mut Files)
    }
    /// Checks menus that lie there. Without a configuration every queue would be unknown, and the report of no use.
    pub fn check(&self, path: &std::path::Path) -> Result<Report, String> {
        if !self.config.join("queues.yaml").is_file() {
            let here = self.config.display();
            return Err(format!(
                "menus lead to queues, and there is no {here}/queues.yaml; name the configuration with --config"
            ));
        }
        let path = path.to_string_lossy();
        check(&path, &self.facts(), &mut Files).map_err(|e| format!("cannot read {path}: {e}"))
    }
}

impl Bank {
    /// The menus, if they are proved; if not, what is wrong has been printed.
    pub fn menus(&self) -> Result<Option<Menus>, String> {
        let report = self.config.check(&self.path)?;
        if report.menus.is_none() {
            say_on!("{}", report.text());
        }
        Ok(report.menus)
    }
}

/// When the call comes.
#[derive(clap::Args, Debug, Clone)]
pub struct At {
    /// When he calls, like 2026-12-06T22:00+08:00. Without it: now.
    #[arg(long, value_name = "MOMENT", value_parser = |s: &str| moment(s).ok_or("write it like 2026-12-06T22:00+08:00"))]
    at: Option<Instant>,
}

impl At {
    /// That moment, or the present one.
    pub fn instant(&self) -> Instant {
        self.at.unwrap_or_else(|| switchboard_net::Clock::start().now())
    }
}
