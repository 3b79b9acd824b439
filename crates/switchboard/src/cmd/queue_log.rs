//! `switchboard queue-log`: the record as lines that existing reporting tools read.
use super::Done;
use super::data::Data;
use std::io::{BufWriter, ErrorKind, Write};
use std::path::PathBuf;
use switchboard_store::{Names, QueueLog, read_all};

/// Print the record as `queue_log` lines.
#[derive(clap::Args, Debug)]
pub struct Export {
    #[command(flatten)]
    data: Data,
    /// Where they are written, if not to standard output.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Callers' numbers in full; without it they are masked.
    #[arg(long)]
    whole_numbers: bool,
}

impl Export {
    /// Exit code 1: some records could not be read.
    pub fn run(self) -> Done {
        let dir = self.data.newest()?;
        let names = Names::read(&dir).map_err(|e| e.to_string())?;
        let out: Box<dyn Write> = match &self.out {
            Some(file) => {
                Box::new(std::fs::File::create(file).map_err(|e| format!("cannot write {}: {e}", file.display()))?)
            }
            None => Box::new(std::io::stdout().lock()),
        };
        let (mut out, mut log, mut damaged) = (BufWriter::new(out), QueueLog::new(&names, self.whole_numbers), 0);
        for event in read_all(&dir).map_err(|e| e.to_string())? {
            let Ok(event) = event else {
                damaged += 1;
                continue;
            };
            let Some(line) = log.line(&event) else { continue };
            match writeln!(out, "{line}") {
                Ok(()) => {}
                Err(e) if e.kind() == ErrorKind::BrokenPipe => return Ok(damaged == 0), // a reader who has seen enough
                Err(e) => return Err(format!("the lines cannot be written: {e}")),
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
