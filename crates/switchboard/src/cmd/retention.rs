//! `switchboard retention`: how long the file of a contact is kept, holds, and the erasing of what is due, with its proof.
use super::data::Data;
use super::{Done, Json, write_json};
use crate::cmd::say::{say, say_on};
use jiff::civil::Date;
use std::path::Path;
use switchboard_model::{CallId, Instant};
use switchboard_store::{Class, ContactFile, Decision, Names, Place, Retention, audit_now, erase, file_date, proofs};

/// The files of contacts.
#[derive(clap::Args, Debug)]
pub struct Files {
    #[command(subcommand)]
    what: What,
}

#[derive(clap::Subcommand, Debug)]
enum What {
    /// Each contact's file: class, archive number (编号), filing date, when it expires, whether it is on hold.
    List {
        /// Only those that may be erased today.
        #[arg(long)]
        due: bool,
        /// Only this class: ordinary or high_risk.
        #[arg(long, value_name = "CLASS")]
        class: Option<Class>,
        #[command(flatten)]
        data: Data,
        #[command(flatten)]
        json: Json,
    },
    /// Give a contact's file its class, archive number and filing date.
    File {
        /// The call, by its id.
        call: u64,
        /// ordinary or high_risk; it cannot be lowered.
        #[arg(long, value_name = "CLASS", default_value = "high_risk")]
        class: Class,
        /// The archive number (编号).
        #[arg(long, value_name = "NUMBER")]
        number: String,
        /// The filing date; today if it is not said.
        #[arg(long, value_name = "DATE")]
        filed: Option<Date>,
        #[command(flatten)]
        data: Data,
    },
    /// Say how long a class is kept, or whose callers have a file of high risk.
    Keep {
        /// ordinary or high_risk; that of high risk can only be lengthened.
        #[arg(long, value_name = "CLASS", requires = "years", conflicts_with = "queue")]
        class: Option<Class>,
        /// Whole years.
        #[arg(long, value_name = "YEARS", requires = "class")]
        years: Option<u16>,
        /// Whoever was in this queue has a file of high risk.
        #[arg(long, value_name = "NAME", required_unless_present = "class")]
        queue: Option<String>,
        #[command(flatten)]
        data: Data,
    },
    /// Let a file not be erased, whatever its age.
    Hold(Held),
    /// End a hold.
    Release(Held),
    /// Erase what is due. What was erased is listed, with the hash of the lines that were.
    Erase {
        /// Say what would be erased, and erase nothing.
        #[arg(long)]
        dry_run: bool,
        /// The contact database, if not SQLite beside the record, as in centre.yaml.
        #[arg(long, value_name = "ADDRESS", default_value = "sqlite", hide_default_value = true)]
        record: Place,
        #[command(flatten)]
        data: Data,
        #[command(flatten)]
        json: Json,
    },
    /// What has been erased so far, and its proof.
    Erased {
        #[command(flatten)]
        data: Data,
        #[command(flatten)]
        json: Json,
    },
}

#[derive(clap::Args, Debug)]
struct Held {
    /// The call, by its id.
    call: u64,
    /// Why: the case, the order of a court.
    #[arg(long, value_name = "TEXT")]
    why: String,
    #[command(flatten)]
    data: Data,
}

impl Files {
    /// Exit code 0: done; 2: refused, and why.
    pub fn run(self) -> Done {
        match self.what {
            What::List { due, class, data, json } => list(&data.newest()?, due, class, &json),
            What::File { call, class, number, filed, data } => {
                let filed = filed.unwrap_or_else(|| file_date(now()));
                let says = format!("{class}, number {number}, filed {filed}");
                let call = CallId(call);
                decide(&data.newest()?, Decision::File { call, class, number, filed }, "file", &call.to_string(), &says)
            }
            What::Keep { class, years, queue, data } => keep(&data.newest()?, class.zip(years), queue),
            What::Hold(Held { call, why, data }) => {
                let (call, says) = (CallId(call), why.clone());
                decide(&data.newest()?, Decision::Hold { call, why }, "hold", &call.to_string(), &says)
            }
            What::Release(Held { call, why, data }) => {
                let (call, says) = (CallId(call), why.clone());
                decide(&data.newest()?, Decision::Release { call, why }, "release", &call.to_string(), &says)
            }
            What::Erase { dry_run, record, data, json } => erase_due(&data.newest()?, dry_run, &record, &json),
            What::Erased { data, json } => {
                let proofs = proofs(&data.newest()?).map_err(|e| e.to_string())?;
                for p in &proofs {
                    say!(
                        "{} {} {} expired {} events {} sha256 {}",
                        p.call,
                        p.class,
                        p.number,
                        p.expired,
                        p.events,
                        p.sha256
                    );
                }
                say!("{} files erased", proofs.len());
                write_json(json.json.as_deref(), &proofs)?;
                Ok(true)
            }
        }
    }
}

fn now() -> Instant {
    switchboard_net::Clock::start().now()
}

fn files(dir: &Path) -> Result<(Retention, Vec<ContactFile>), String> {
    let retention = Retention::read(dir).map_err(|e| e.to_string())?;
    let files = retention.files(dir).map_err(|e| e.to_string())?;
    Ok((retention, files))
}

fn list(dir: &Path, due: bool, class: Option<Class>, json: &Json) -> Done {
    let (retention, files) = files(dir)?;
    let today = file_date(now());
    let wanted = |f: &ContactFile| (!due || f.is_due(today)) && class.is_none_or(|c| c == f.class);
    let files: Vec<ContactFile> = files.into_iter().filter(wanted).collect();
    audit_now(dir, now(), "list", "retention", &format!("{} files", files.len())).map_err(|e| e.to_string())?;
    let names = Names::read(dir).map_err(|e| e.to_string())?;
    let queues: Vec<String> = retention.queues().iter().map(|q| names.queue_name(Some(*q))).collect();
    let queues = if queues.is_empty() { "none".to_owned() } else { queues.join(", ") };
    say!(
        "kept: ordinary {} years, high_risk {} years; of high risk by their queue: {queues}",
        retention.years(Class::Ordinary),
        retention.years(Class::HighRisk)
    );
    for f in &files {
        let state = match (&f.held, f.erased) {
            (_, true) => " erased".to_owned(),
            (Some(why), false) => format!(" ON HOLD: {why}"),
            (None, false) if f.is_due(today) => " due".to_owned(),
            (None, false) => String::new(),
        };
        say!("{} {:9} {} filed {} expires {}{state}", f.call, f.class.word(), f.number, f.filed, f.expires);
    }
    say!("{} files", files.len());
    write_json(json.json.as_deref(), &files)?;
    Ok(true)
}

fn keep(dir: &Path, class: Option<(Class, u16)>, queue: Option<String>) -> Done {
    if let Some((class, years)) = class {
        let says = format!("{years} years");
        return decide(dir, Decision::Keep { class, years }, "keep", class.word(), &says);
    }
    let name = queue.unwrap_or_default();
    let names = Names::read(dir).map_err(|e| e.to_string())?;
    let queue = names.queue(&name).ok_or_else(|| {
        let known: Vec<&str> = names.queues.values().map(String::as_str).collect();
        format!("the record knows no queue `{name}`; it knows {}", known.join(", "))
    })?;
    decide(dir, Decision::KeepQueue { queue }, "keep", &name, "high_risk")
}

/// What is refused is not audited; what is not audited is not done.
fn decide(dir: &Path, decision: Decision, did: &str, to: &str, says: &str) -> Done {
    let (mut retention, files) = files(dir)?;
    retention.check(&decision, &files).map_err(|e| e.to_string())?;
    audit_now(dir, now(), did, to, says).map_err(|e| e.to_string())?;
    retention.decide(dir, decision, &files).map_err(|e| e.to_string())?;
    say!("{did} {to}: {says}");
    Ok(true)
}

fn erase_due(dir: &Path, dry_run: bool, record: &Place, json: &Json) -> Done {
    let (_, files) = files(dir)?;
    let (now, today) = (now(), file_date(now()));
    let due: Vec<ContactFile> = files.into_iter().filter(|f| f.is_due(today)).collect();
    if dry_run {
        for f in &due {
            say!("{} {} {} expired {}", f.call, f.class, f.number, f.expires);
        }
        say!("{} files are due; nothing was erased", due.len());
        write_json(json.json.as_deref(), &due)?;
        return Ok(true);
    }
    audit_now(dir, now, "erase", "retention", &format!("{} files are due", due.len())).map_err(|e| e.to_string())?;
    let done = erase(dir, record, &due, today, now).map_err(|e| e.to_string())?;
    for e in &done {
        audit_now(dir, now, "erased", &e.call.to_string(), &format!("{} {} sha256 {}", e.class, e.number, e.sha256))
            .map_err(|e| e.to_string())?;
        say!("{} {} {} expired {} events {} sha256 {}", e.call, e.class, e.number, e.expired, e.events, e.sha256);
    }
    say_on!("{} files erased\n", done.len());
    write_json(json.json.as_deref(), &done)?;
    Ok(true)
}
