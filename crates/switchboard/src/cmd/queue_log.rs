//! `switchboard queue-log`: the record as lines or events that existing reporting tools read.
use super::Done;
use super::data::Data;
use std::io::{BufWriter, ErrorKind, Write};
use std::path::PathBuf;
use switchboard_model::ContactEvent;
use switchboard_store::{CallcenterInfo, Names, QueueLog, read_all};

/// Print the record as `queue_log` lines.
#[derive(clap::Args, Debug)]
pub struct Export {
    #[command(flatten)]
    data: Data,
    /// Where they are written, if not to standard output.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// queue-log: `queue_log` lines; callcenter-info: events of the names that `callcenter::info` has, one JSON object a line.
    #[arg(long = "as", value_name = "FORM", value_parser = ["queue-log", "callcenter-info"], default_value = "queue-log")]
    form: String,
    /// Callers' numbers in full; without it they are masked.
    #[arg(long)]
    whole_numbers: bool,
}

impl Export {
    /// Exit code 1: some records could not be read.
    pub fn run(self) -> Done {
        let numbers = if self.whole_numbers { "callers' numbers in full" } else { "callers' numbers masked" };
        let dir = self.data.audited("export", &self.form, numbers)?;
        let names = Names::read(&dir).map_err(|e| e.to_string())?;
        let out: Box<dyn Write> = match &self.out {
            Some(file) => {
                Box::new(std::fs::File::create(file).map_err(|e| format!("cannot write {}: {e}", file.display()))?)
            }
            None => Box::new(std::io::stdout().lock()),
        };
        let (mut out, mut damaged) = (BufWriter::new(out), 0);
        let mut log = QueueLog::new(&names, self.whole_numbers);
        let mut info = CallcenterInfo::new(&names, self.whole_numbers);
        let mut lines = |event: &ContactEvent| match self.form.as_str() {
            "callcenter-info" => info.lines(event),
            _ => log.line(event).into_iter().collect(),
        };
        for event in read_all(&dir).map_err(|e| e.to_string())? {
            let Ok(event) = event else {
                damaged += 1;
                continue;
            };
            for line in lines(&event) {
                match writeln!(out, "{line}") {
                    Ok(()) => {}
                    Err(e) if e.kind() == ErrorKind::BrokenPipe => return Ok(damaged == 0), // a reader who has seen enough
                    Err(e) => return Err(format!("the lines cannot be written: {e}")),
                }
            }
        }
        match out.flush() {
            Err(e) if e.kind() != ErrorKind::BrokenPipe => return Err(format!("the lines cannot be written: {e}")),
            Ok(()) | Err(_) => {}
        }
        if damaged > 0 {
            eprintln!("warning: {damaged} records could not be read and have no line");
        }
        Ok(damaged == 0)
    }
}
