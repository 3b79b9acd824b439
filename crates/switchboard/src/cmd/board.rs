//! `switchboard board`: the wallboard of a running centre, in the terminal.
use super::screen::draw;
use super::{Done, Json, seconds, write_json};
use crate::cmd::say::say;
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use ratatui::crossterm::cursor::{Hide, Show};
use ratatui::crossterm::execute;
use ratatui::crossterm::terminal::{EnterAlternateScreen, LeaveAlternateScreen};
use std::io::{BufRead, BufReader, ErrorKind, IsTerminal, Stdout, Write, stdout};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;
use switchboard_api::Board;
use switchboard_model::Instant;
use switchboard_net::{Clock, Stop, on_signals};

/// Watch a centre.
#[derive(clap::Args, Debug)]
pub struct Watch {
    /// Where its wallboard is, as `serve` and `demo` print it.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:5080")]
    at: SocketAddr,
    /// Ends by itself after this; otherwise Ctrl-C ends it.
    #[arg(long = "for", value_name = "TIME", value_parser = seconds)]
    within: Option<Duration>,
    #[command(flatten)]
    json: Json,
}

/// The screen of a terminal, given back as it was.
pub struct Screen {
    terminal: Terminal<CrosstermBackend<Stdout>>,
    foot: String,
}

impl Screen {
    /// Takes the screen, if standard output is one; `foot` stands at the bottom.
    pub fn take(foot: String) -> Option<Screen> {
        if !stdout().is_terminal() {
            return None;
        }
        execute!(stdout(), EnterAlternateScreen, Hide).ok()?;
        let terminal = Terminal::new(CrosstermBackend::new(stdout())).ok()?;
        Some(Screen { terminal, foot })
    }

    /// Shows a board.
    pub fn show(&mut self, board: Option<&Board>, age: Duration) -> Result<(), String> {
        let drawn = self.terminal.draw(|frame| draw(frame, board, age, &self.foot));
        drawn.map(|_| ()).map_err(|e| format!("the terminal cannot be drawn on: {e}"))
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        // A terminal that has gone needs nothing back.
        let _ = execute!(stdout(), Show, LeaveAlternateScreen);
    }
}

impl Watch {
    /// Exit code 0 when it was ended; 1 if the last board did not add up.
    pub fn run(self) -> Done {
        let mut boards = Boards::open(self.at)?;
        let foot = format!("http://{}/  Ctrl-C ends 结束", self.at);
        let mut screen = Screen::take(foot)
            .ok_or("standard output is no terminal; open the page in a browser, or ask /board.json")?;
        let (clock, stop) = (Clock::start(), Stop::new());
        on_signals(&stop).map_err(|e| format!("signals cannot be heard: {e}"))?;
        let until = self.within.map(|d| clock.now() + d);
        let (mut last, mut came): (Option<Board>, Instant) = (None, clock.now());
        while !stop.is_raised() && until.is_none_or(|at| clock.now() < at) {
            match boards.next()? {
                Heard::Board(board) => (last, came) = (Some(*board), clock.now()),
                Heard::Nothing => {}
                Heard::Gone => break,
            }
            screen.show(last.as_ref(), clock.now().since(came))?;
        }
        drop(screen);
        write_json(self.json.json.as_deref(), &last)?;
        let Some(board) = last else { return Err(format!("the centre at {} has shown nothing", self.at)) };
        say!("the last board was of {} s ago", clock.now().since(came).as_secs());
        Ok(board.balance.adds_up)
    }
}

/// The boards of a centre, as they come.
struct Boards {
    from: BufReader<TcpStream>,
    /// What has come of a line that has not ended; a time-out may fall into the middle of a letter.
    line: Vec<u8>,
}

enum Heard {
    Board(Box<Board>),
    /// Nothing for half a second, or what is no board.
    Nothing,
    /// The centre has ended.
    Gone,
}

/// A board is a kilobyte for every ten agents or so; a line longer than this is none.
const LINE_MAX: usize = 8 << 20;

impl Boards {
    fn open(at: SocketAddr) -> Result<Boards, String> {
        let none = |e: std::io::Error| {
            format!(
                "no wallboard answers at {at} ({e}); start `switchboard serve` or `demo`, or say where it is with --at"
            )
        };
        let mut stream = TcpStream::connect_timeout(&at, Duration::from_secs(3)).map_err(none)?;
        // The age of the data goes on while nothing comes.
        stream.set_read_timeout(Some(Duration::from_millis(500))).map_err(none)?;
        // HTTP/1.0, so that the events are not cut into chunks.
        write!(stream, "GET /live HTTP/1.0\r\nHost: {at}\r\nAccept: text/event-stream\r\n\r\n").map_err(none)?;
        Ok(Boards { from: BufReader::new(stream), line: Vec::new() })
    }

    fn next(&mut self) -> Result<Heard, String> {
        match self.from.read_until(b'\n', &mut self.line) {
            Ok(0) => Ok(Heard::Gone),
            Ok(_) => heard(&String::from_utf8_lossy(&std::mem::take(&mut self.line))),
            Err(e) if matches!(e.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                if self.line.len() > LINE_MAX {
                    Err("that is no wallboard".to_owned())
                } else {
                    Ok(Heard::Nothing)
                }
            }
            Err(e) => Err(format!("the wallboard's connection broke: {e}")),
        }
    }
}

fn heard(line: &str) -> Result<Heard, String> {
    if let Some(json) = line.strip_prefix("data: ") {
        let board = serde_json::from_str(json);
        return board.map(|b| Heard::Board(Box::new(b))).map_err(|e| format!("that is no board of this version: {e}"));
    }
    match line.strip_prefix("HTTP/1.").and_then(|rest| rest.get(2..)) {
        Some(status) if !status.starts_with("200") => Err(format!("the wallboard refused: {}", status.trim_end())),
        Some(_) | None => Ok(Heard::Nothing),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpListener;

    /// A centre that sends these pieces, each when the one before has been read, and then is silent until it is let go.
    fn centre(pieces: &'static [&'static [u8]]) -> (SocketAddr, std::thread::JoinHandle<()>) {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let at = listener.local_addr().expect("its address");
        let thread = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().expect("a watcher");
            let asks = BufReader::new(stream.try_clone().expect("a handle")).lines().map_while(Result::ok);
            assert_eq!(asks.take_while(|line| !line.is_empty()).count(), 3, "what he asks, to the end of it");
            for piece in pieces {
                stream.write_all(piece).expect("he reads");
                std::thread::park();
            }
        });
        (at, thread)
    }

    #[test]
    fn a_line_that_is_cut_within_a_letter_is_one_line() {
        let (at, thread) = centre(&[b"HTTP/1.0 200 OK\r\n\r\ndata: \"\xe4", b"\xb8\xad\"\n"]);
        let mut boards = Boards::open(at).expect("it listens");
        let mut next = || boards.next();
        assert!(
            matches!(next(), Ok(Heard::Nothing)) && matches!(next(), Ok(Heard::Nothing)),
            "status and end of the head"
        );
        assert!(matches!(next(), Ok(Heard::Nothing)), "half a second of silence");
        thread.thread().unpark();
        let whole = loop {
            match next() {
                Ok(Heard::Nothing) => {}
                other => break other,
            }
        };
        // The whole line has come, and it is JSON: a text, which is no board.
        let Err(why) = whole else { panic!("a text is no board") };
        assert!(why.contains("no board of this version") && why.contains("invalid type: string \"中\""), "{why}");
        thread.thread().unpark();
        thread.join().expect("no panic");
        assert!(matches!(next(), Ok(Heard::Gone)));
    }

    #[test]
    fn what_is_no_wallboard_is_said() {
        let why = heard("HTTP/1.0 503 Service Unavailable\r\n").err().expect("refused");
        assert_eq!(why, "the wallboard refused: 503 Service Unavailable");
        let free = TcpListener::bind("127.0.0.1:0").and_then(|l| l.local_addr()).expect("a port that is free again");
        let why = Boards::open(free).err().expect("nobody listens");
        assert!(why.contains("no wallboard answers at") && why.contains("--at"), "{why}");
    }
}
