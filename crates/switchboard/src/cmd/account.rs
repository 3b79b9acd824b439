//! `switchboard account`: who may log in to the API. Passwords are read from standard input, so that they stand in no history.
use super::{Done, Json, write_json};
use crate::cmd::say::say;
use std::io::BufRead as _;
use std::path::{Path, PathBuf};
use switchboard_api::orders::accounts::{AGE_DAYS_MAX, Accounts, fresh_password};
use switchboard_engine::Config;
use switchboard_engine::command::rights::Role;
use switchboard_model::Instant;
use switchboard_net::Clock;

/// Accounts of the API.
#[derive(clap::Args, Debug)]
pub struct Verb {
    #[command(subcommand)]
    what: What,
}

#[derive(clap::Subcommand, Debug)]
enum What {
    /// Add an account; its password is the first line of standard input.
    Add(Add),
    /// Every account, without passwords.
    List(List),
    /// Take an account away.
    Remove(Remove),
}

#[derive(clap::Args, Debug)]
struct At {
    /// The folder of the centre's data.
    #[arg(long, value_name = "DIR", default_value = "switchboard-data")]
    data: PathBuf,
}

#[derive(clap::Args, Debug)]
struct Add {
    /// The name to log in by; for an agent, his agent ID.
    user: String,
    /// What he is: agent, team_leader, supervisor, operations, qa or auditor.
    #[arg(long, value_parser = role)]
    role: Role,
    /// A team he leads; may stand more than once.
    #[arg(long = "team", value_name = "TEAM")]
    teams: Vec<String>,
    #[command(flatten)]
    at: At,
}

#[derive(clap::Args, Debug)]
struct List {
    #[command(flatten)]
    at: At,
    #[command(flatten)]
    json: Json,
}

#[derive(clap::Args, Debug)]
struct Remove {
    /// The name.
    user: String,
    #[command(flatten)]
    at: At,
}

fn role(word: &str) -> Result<Role, String> {
    let words: Vec<&str> = Role::ALL.into_iter().map(Role::word).collect();
    Role::named(word).ok_or_else(|| format!("`{word}` is no role; there are {}", words.join(", ")))
}

impl Verb {
    /// Exit code 0: done; 1: a rule forbids it; 2: the file cannot be used.
    pub fn run(self) -> Done {
        match self.what {
            What::Add(add) => add.run(),
            What::List(list) => list.run(),
            What::Remove(remove) => {
                let accounts = open(&remove.at.data)?;
                Ok(told(accounts.remove(&remove.user), &format!("{} can log in no more", remove.user)))
            }
        }
    }
}

impl Add {
    fn run(self) -> Done {
        // Accounts may be there before the centre has ever run.
        let place = &self.at.data;
        std::fs::create_dir_all(place).map_err(|e| {
            format!("the data folder {} cannot be made: {e}; name another with --data", place.display())
        })?;
        let accounts = open(place)?;
        let mut password = String::new();
        std::io::stdin().lock().read_line(&mut password).map_err(|e| format!("the password cannot be read: {e}"))?;
        let password = password.trim_end_matches(['\r', '\n']);
        let agent = (self.role == Role::Agent).then(|| self.user.clone());
        let done = accounts.add(Clock::start().now(), &self.user, self.role, agent, self.teams, password);
        Ok(told(done, &format!("{} can log in as {} for {AGE_DAYS_MAX} days", self.user, self.role.word())))
    }
}

impl List {
    fn run(self) -> Done {
        let all = open(&self.at.data)?.list().map_err(|e| e.to_string())?;
        let shown: Vec<_> = all
            .iter()
            .map(|a| serde_json::json!({ "user": a.user, "role": a.role, "agent_id": a.agent_id, "teams": a.teams }))
            .collect();
        for account in &all {
            say!("{:>16}  {:<12} {}", account.user, account.role.word(), account.teams.join(", "));
        }
        write_json(self.json.json.as_deref(), &shown)?;
        Ok(true)
    }
}

fn told(done: Result<(), switchboard_api::orders::accounts::AccountError>, good: &str) -> bool {
    match &done {
        Ok(()) => say!("{good}"),
        Err(e) => say!("{e}"),
    }
    done.is_ok()
}

/// The accounts of the centre whose data are in this folder.
pub fn open(data: &Path) -> Result<Accounts, String> {
    Accounts::open(&data.join("accounts.json")).map_err(|e| e.to_string())
}

/// Three accounts with one fresh password that end with the demo.
pub fn of_demo(config: &Config, now: Instant) -> Result<(Accounts, String), String> {
    let (accounts, password) = (Accounts::in_memory(), fresh_password());
    let mut teams: Vec<String> = config.agents.iter().map(|a| a.team.clone()).collect();
    teams.sort();
    teams.dedup();
    let first = config.agents.first().map(|a| a.agent_id.clone()).unwrap_or_default();
    let first_team = teams.first().cloned().into_iter().collect();
    for (user, role, agent, teams) in [
        ("operations", Role::Operations, None, vec![]),
        ("supervisor", Role::Supervisor, None, first_team),
        (first.as_str(), Role::Agent, Some(first.clone()), vec![]),
    ] {
        accounts.add(now, user, role, agent, teams, &password).map_err(|e| e.to_string())?;
    }
    Ok((accounts, password))
}
