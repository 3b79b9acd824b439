//! `switchboard backend`: a bank's back-end in small, for trying what asks one: it knows a few accounts with their balances and locks those
//! that are tried too often. It is not for a bank: it holds its PINs in the clear, in its command line or its source.
use super::Done;
use crate::cmd::say::say;
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::Duration;
use switchboard_net::{Stop, on_signals};

/// A bank's back-end in small, for trying verification and self-services.
#[derive(clap::Args, Debug)]
pub struct Backend {
    /// Where it listens.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:5090")]
    listen: SocketAddr,
    /// An account and its PIN; may be given several times.
    #[arg(long = "account", value_name = "ACCOUNT=PIN", value_parser = account, default_values = ["622200000001=112233", "622200000002=445566"])]
    accounts: Vec<(String, String)>,
    /// What is on each of them, in yuan.
    #[arg(long, default_value = "20502.05")]
    balance: String,
}

/// Wrong PINs in a row after which an account is locked.
const TRIES_MAX: u32 = 3;
/// How long a client may take to say what it wants.
const PATIENCE: Duration = Duration::from_secs(2);
/// A question is a short line.
const BODY_MAX: u64 = 1_024;

#[derive(serde::Deserialize)]
struct Question {
    account: String,
    pin: String,
}

impl Backend {
    /// Exit code 0: it ran until it was told to end.
    pub fn run(self) -> Done {
        let listener = TcpListener::bind(self.listen).map_err(|e| format!("cannot listen on {}: {e}", self.listen))?;
        let address = listener.local_addr().map_err(|e| e.to_string())?;
        let stop = Stop::new();
        on_signals(&stop).map_err(|e| format!("signals cannot be heard: {e}"))?;
        stop.on_raise(move || drop(TcpStream::connect_timeout(&address, Duration::from_millis(200))));
        say!("back-end on http://{address}/verify and /services/…, {} accounts; Ctrl-C ends it", self.accounts.len());
        let known: BTreeMap<String, String> = self.accounts.iter().cloned().collect();
        let mut wrong: BTreeMap<String, u32> = BTreeMap::new();
        for stream in listener.incoming() {
            if stop.is_raised() {
                return Ok(true);
            }
            let Ok(stream) = stream else { continue };
            // Who says nothing, or nothing that can be read, is told nothing; the next one is served.
            if let Some(result) = answer(stream, &self.balance, &known, &mut wrong) {
                say!("asked: {result}");
            }
        }
        Ok(true)
    }
}

fn answer(
    mut stream: TcpStream,
    balance: &str,
    known: &BTreeMap<String, String>,
    wrong: &mut BTreeMap<String, u32>,
) -> Option<&'static str> {
    stream.set_read_timeout(Some(PATIENCE)).ok()?;
    stream.set_write_timeout(Some(PATIENCE)).ok()?;
    let mut reader = BufReader::new((&stream).take(8 * BODY_MAX));
    let mut length = 0;
    let mut asked = String::new();
    reader.read_line(&mut asked).ok().filter(|n| *n > 0)?;
    let service = asked.strip_prefix("POST /services/").and_then(|rest| rest.split(' ').next());
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok().filter(|n| *n > 0)?;
        if line == "\r\n" {
            break;
        }
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse::<u64>().ok().filter(|n| *n <= BODY_MAX)?;
        }
    }
    let mut body = vec![0; length as usize];
    reader.read_exact(&mut body).ok()?;
    let question: Question = serde_json::from_slice(&body).ok()?;
    let (result, customer) = judge(&question, known, wrong);
    let body = match customer {
        Some(_) if service.is_some() => {
            format!("{{\"result\":\"done\",\"values\":{{\"balance\":\"{balance}\"}}}}")
        }
        Some(customer) => format!("{{\"result\":\"{result}\",\"customer\":\"{customer}\"}}"),
        None => format!("{{\"result\":\"{result}\"}}"),
    };
    let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n";
    write!(stream, "{head}Content-Length: {}\r\n\r\n{body}", body.len()).ok()?;
    Some(result)
}

/// An account that nobody has is refused like a wrong PIN, and locks like one: nobody learns which accounts there are.
fn judge(
    question: &Question,
    known: &BTreeMap<String, String>,
    wrong: &mut BTreeMap<String, u32>,
) -> (&'static str, Option<String>) {
    let tries = wrong.entry(question.account.clone()).or_default();
    if *tries >= TRIES_MAX {
        return ("locked", None);
    }
    match known.get(&question.account) {
        Some(pin) if *pin == question.pin => {
            *tries = 0;
            let number = known.keys().position(|a| *a == question.account).unwrap_or(0);
            ("verified", Some(format!("C{:06}", 100_000 + number)))
        }
        Some(_) | None => {
            *tries += 1;
            ("refused", None)
        }
    }
}

fn account(text: &str) -> Result<(String, String), String> {
    let digits = |t: &str| !t.is_empty() && t.bytes().all(|b| b.is_ascii_digit());
    match text.split_once('=') {
        Some((account, pin)) if digits(account) && digits(pin) => Ok((account.to_owned(), pin.to_owned())),
        _ => Err(format!("`{text}` is no account with its PIN; write 622200000001=112233")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_wrong_pins_lock_an_account_that_is_there_and_one_that_is_not() {
        let known = BTreeMap::from([("6222".to_owned(), "112233".to_owned())]);
        let check = |story: &[(&str, &str, &str)]| {
            let mut wrong = BTreeMap::new();
            for (account, pin, wanted) in story {
                let question = Question { account: (*account).to_owned(), pin: (*pin).to_owned() };
                assert_eq!(judge(&question, &known, &mut wrong).0, *wanted, "{story:?}");
            }
        };
        check(&[("6222", "112233", "verified")]);
        check(&[
            ("6222", "1", "refused"),
            ("6222", "2", "refused"),
            ("6222", "112233", "verified"),
            ("6222", "1", "refused"),
        ]);
        let no = |account, wanted| (account, "9", wanted);
        check(&[no("6222", "refused"), no("6222", "refused"), no("6222", "refused"), ("6222", "112233", "locked")]);
        check(&[
            no("7", "refused"),
            no("7", "refused"),
            no("7", "refused"),
            no("7", "locked"),
            ("6222", "112233", "verified"),
        ]);
    }
}
