//! `switchboard ivr call MENU`: one call on paper, from keys written down or typed line by line.
use super::menus::{At, Bank};
use crate::cmd::say::{say, say_on};
use crate::cmd::{Done, Json, write_json};
use std::io::{BufRead, Write};
use switchboard_ivr::tools::call::{Act, Call as Paper, Scene, language_key, read_keys};
use switchboard_ivr::{Conditions, Visitor};
use switchboard_model::Language;

/// What a caller hears, and where he ends.
#[derive(clap::Args, Debug)]
pub struct Call {
    /// The menu in which the call begins.
    menu: String,
    #[command(flatten)]
    bank: Bank,
    /// What he presses: "3 0" (each key as soon as its choice has been said), "30" (the second at once), "2s" (waits), "-" (listens).
    /// Afterwards he is silent. Without it, keys are read from the standard input, a line at a time.
    #[arg(long, value_name = "KEYS", allow_hyphen_values = true)]
    keys: Option<String>,
    /// He first chooses this language by its key.
    #[arg(long, value_name = "TAG")]
    language: Option<Language>,
    #[command(flatten)]
    at: At,
    /// The queue that he comes to first is full.
    #[arg(long)]
    queue_full: bool,
    /// He stands on the bank's list of customers of 65 and more.
    #[arg(long)]
    elderly: bool,
    /// The bank's systems are down: the menus say so, and every service fails.
    #[arg(long)]
    systems_down: bool,
    /// This emergency plan is in force.
    #[arg(long, value_name = "PLAN")]
    emergency: Option<String>,
    #[command(flatten)]
    json: Json,
}

impl Call {
    /// Exit code 0: told to its end; 1: the menus are refused; 2: there is no such menu, or the keys cannot be read.
    pub fn run(self) -> Done {
        let acts = self.keys.as_deref().map(read_keys).transpose()?;
        let Some(menus) = self.bank.menus()? else { return Ok(false) };
        if let Some(plan) = self.emergency.as_deref().filter(|p| !menus.plans().contains(p)) {
            let plans = menus.plans().into_iter().collect::<Vec<_>>().join(", ");
            return Err(format!("no menu has words for the emergency plan `{plan}`; plans are: {plans}"));
        }
        let conditions = Conditions { emergency: self.emergency, systems_down: self.systems_down };
        let menus = menus.under(conditions);
        let visitor = if self.elderly { Visitor::Elderly } else { Visitor::Anybody };
        let scene = Scene { full: self.queue_full, visitor };
        let known = || menus.all().map(|m| m.name.as_str()).collect::<Vec<_>>().join(", ");
        let mut call = Paper::begin(&menus, &self.menu, self.at.instant(), scene)
            .ok_or_else(|| format!("there is no menu `{}`; menus are: {}", self.menu, known()))?;
        if let Some(language) = self.language.filter(|l| menus.menu(&self.menu).is_some_and(|m| m.languages[0] != *l)) {
            let key = language_key(&menus, &self.menu, language)
                .ok_or_else(|| format!("no key of the menu `{}` chooses {language}", self.menu))?;
            call.act(Act::Press(key));
        }
        match acts {
            Some(acts) => {
                acts.into_iter().for_each(|act| call.act(act));
                call.be_silent();
                call.steps().iter().for_each(|s| say!("{}", s.line()));
            }
            None => talk(&mut call)?,
        }
        say!("按键 keys: {}, 用时 seconds: {:.1}", call.keys(), call.at_ms() as f64 / 1000.0);
        write_json(self.json.json.as_deref(), &call.json())?;
        Ok(true)
    }
}

/// Line by line; an empty line listens on, the end of the input hangs up.
fn talk(call: &mut Paper<'_>) -> Result<(), String> {
    say!("keys and Enter: press them · Enter alone: listen on · Ctrl-D: hang up");
    let mut told = 0;
    let mut lines = std::io::stdin().lock().lines();
    loop {
        let steps = call.steps();
        steps.iter().skip(told).for_each(|s| say!("{}", s.line()));
        told = steps.len();
        if call.exit().is_some() {
            return Ok(());
        }
        call.ahead().iter().for_each(|s| say!("{}", s.line().replacen("   ", " … ", 1)));
        say_on!("> ");
        std::io::stdout().flush().map_err(|e| format!("cannot write to the terminal: {e}"))?;
        let Some(line) = lines.next() else {
            say!("\n挂机 he hangs up");
            return Ok(());
        };
        let line = line.map_err(|e| format!("cannot read what is typed: {e}"))?;
        match read_keys(&line) {
            Ok(acts) if acts.is_empty() => call.act(Act::Listen),
            Ok(acts) => acts.into_iter().for_each(|act| call.act(act)),
            Err(why) => say!("{why}"),
        }
    }
}
