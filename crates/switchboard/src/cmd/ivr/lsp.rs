//! `switchboard ivr lsp`: a language server on the standard input and output, for any editor that speaks the protocol.
//!
//! ```text
//!   Content-Length: 83\r\n\r\n{"jsonrpc":"2.0",…}      (LSP 3.17, Base Protocol)
//! ```
use crate::cmd::Done;
use crate::cmd::load::Files;
use serde_json::Value;
use std::io::{BufRead, Read as _, Write};
use switchboard_ivr::tools::lsp::Server;

/// Help an editor with menus: faults while one types, names to choose from, what a prompt says.
#[derive(clap::Args, Debug)]
pub struct Lsp {
    #[command(flatten)]
    config: super::menus::Config,
    /// Editors pass this; standard input and output are what is used in any case.
    #[arg(long, hide = true)]
    stdio: bool,
}

/// The largest message: a text of a mebibyte, every byte escaped.
const MESSAGE_BYTES_MAX: usize = 8 << 20;
/// The longest line of a message's head.
const HEAD_BYTES_MAX: u64 = 4_096;

impl Lsp {
    /// Exit code 0: ended as the editor asked; 1: it went away without asking; 2: what it said is no message.
    pub fn run(self) -> Done {
        let mut server = Server::new(self.config.facts());
        let (mut input, mut output) = (std::io::stdin().lock(), std::io::stdout().lock());
        while let Some(message) = read(&mut input)? {
            let answer = server.handle(&message, &mut Files);
            for message in &answer.messages {
                write(&mut output, message)?;
            }
            if let Some(properly) = answer.exit {
                return Ok(properly);
            }
        }
        Ok(false)
    }
}

/// The next message; none at the end of the input.
fn read(input: &mut impl BufRead) -> Result<Option<Value>, String> {
    let failed = |e: std::io::Error| format!("cannot read from the editor: {e}");
    let mut length = None;
    loop {
        let mut line = String::new();
        if input.by_ref().take(HEAD_BYTES_MAX).read_line(&mut line).map_err(failed)? == 0 {
            return Ok(None);
        }
        let line = line.trim_end();
        if line.is_empty() {
            break;
        }
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse::<usize>().ok().filter(|n| *n <= MESSAGE_BYTES_MAX);
        }
    }
    let length = length.ok_or("a message of the editor has no Content-Length, or one of more than 8 MiB")?;
    let mut bytes = vec![0; length];
    input.read_exact(&mut bytes).map_err(failed)?;
    serde_json::from_slice(&bytes).map(Some).map_err(|e| format!("a message of the editor is no JSON: {e}"))
}

fn write(output: &mut impl Write, message: &Value) -> Result<(), String> {
    let text = message.to_string();
    let sent = write!(output, "Content-Length: {}\r\n\r\n{text}", text.len()).and_then(|()| output.flush());
    sent.map_err(|e| format!("cannot write to the editor: {e}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_framed_and_bounded() {
        let framed = |text: &str| format!("Content-Length: {}\r\nContent-Type: x\r\n\r\n{text}", text.len());
        let two = framed("{\"id\":1}") + &framed("\"菜单\"");
        let mut input = two.as_bytes();
        assert_eq!(read(&mut input), Ok(Some(serde_json::json!({ "id": 1 }))));
        assert_eq!(read(&mut input), Ok(Some("菜单".into())));
        assert_eq!(read(&mut input), Ok(None));
        for bad in [
            "\r\n",
            "Content-Length: 99999999999\r\n\r\n",
            "Content-Length: 3\r\n\r\n{x}",
            "Content-Length: 9\r\n\r\n{}",
        ] {
            assert!(read(&mut bad.as_bytes()).is_err(), "{bad}");
        }
        let mut out = vec![];
        write(&mut out, &"菜".into()).expect("memory");
        assert_eq!(out, "Content-Length: 5\r\n\r\n\"菜\"".as_bytes());
    }
}
