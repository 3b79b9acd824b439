//! One connection's life: what it says is cut into messages, what is said to it is written, and it must not be slow at either.
use super::table::{Line, StreamSender};
use super::{Cut, Ear};
use crate::Clock;
use bytes::Bytes;
use std::net::SocketAddr;
use std::sync::atomic::Ordering;
use std::time::Duration;
use switchboard_model::FlowId;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadHalf, WriteHalf};
use tokio::sync::mpsc;
use tokio::time::{sleep, timeout};

/// What every connection works with.
pub(super) struct Desk<E> {
    pub sender: StreamSender,
    pub ear: E,
    pub clock: Clock,
}

/// Until either side has ended it.
pub(super) async fn serve<E: Ear, S: AsyncRead + AsyncWrite>(
    desk: &Desk<E>,
    flow: FlowId,
    peer: SocketAddr,
    stream: S,
    line: Line,
) {
    let (read, write) = tokio::io::split(stream);
    let Line { say, outbox } = line;
    // The last word is written by the writer, so the reader's end is not the connection's while there is one.
    let reading = async {
        match hear(desk, flow, peer, read, &say).await {
            None => {}
            Some(last) => {
                let _ = say.send(last).await;
                let _ = say.send(Bytes::new()).await;
                std::future::pending::<()>().await;
            }
        }
    };
    tokio::select! {
        () = reading => {}
        () = speak(desk, write, outbox) => {}
    }
}

/// Until the other side ends it or must be ended; then its last word.
async fn hear<E: Ear, S: AsyncRead>(
    desk: &Desk<E>,
    flow: FlowId,
    peer: SocketAddr,
    mut read: ReadHalf<S>,
    say: &mpsc::Sender<Bytes>,
) -> Option<Bytes> {
    let limits = &desk.sender.0.limits;
    let counts = &desk.sender.0.counts;
    let mut held: Vec<u8> = Vec::new();
    let mut spoken = false;
    // From the first byte of a message that is not whole yet.
    let mut begun: Option<tokio::time::Instant> = None;
    let opened = tokio::time::Instant::now();
    let mut chunk = vec![0u8; READ_BYTES];
    loop {
        let until = match (begun, spoken) {
            (Some(begun), _) => begun + limits.one_message,
            (None, false) => opened + limits.first_message,
            (None, true) => tokio::time::Instant::now() + limits.idle,
        };
        let n = match tokio::time::timeout_at(until, read.read(&mut chunk)).await {
            Err(_) => {
                counts.slow.fetch_add(1, Ordering::Relaxed);
                return None;
            }
            Ok(Err(_) | Ok(0)) => return None,
            Ok(Ok(n)) => n,
        };
        held.extend_from_slice(&chunk[..n]);
        let mut at = 0;
        loop {
            match desk.ear.frame(flow, peer, &held[at..]) {
                Cut::More => break,
                Cut::Blank(n) => at += n,
                Cut::Ping(n) => {
                    at += n;
                    spoken = true;
                    // A peer that does not read gets no pong; he will be found out by the writer.
                    let _ = say.try_send(Bytes::from_static(b"\r\n"));
                }
                Cut::Message(n) => {
                    while !desk.ear.heard(desk.clock.now(), flow, peer, &held[at..at + n]) {
                        sleep(ROOM_AGAIN).await;
                    }
                    counts.received.fetch_add(1, Ordering::Relaxed);
                    spoken = true;
                    at += n;
                }
                Cut::End(last) => {
                    counts.unframed.fetch_add(1, Ordering::Relaxed);
                    return last;
                }
            }
        }
        held.drain(..at);
        assert!(held.len() <= limits.message_bytes + READ_BYTES, "a message has an end by {} bytes", held.len());
        begun = match (held.is_empty(), begun) {
            (true, _) => None,
            // It goes on; but if another was finished meanwhile, this one has just begun.
            (false, Some(since)) if at == 0 => Some(since),
            (false, _) => Some(tokio::time::Instant::now()),
        };
        if held.is_empty() {
            held.shrink_to(READ_BYTES);
        }
    }
}

/// Until it cannot be written to, or an empty word says that it is over.
async fn speak<E: Ear, S: AsyncWrite>(desk: &Desk<E>, mut write: WriteHalf<S>, mut outbox: mpsc::Receiver<Bytes>) {
    let limits = &desk.sender.0.limits;
    let counts = &desk.sender.0.counts;
    while let Some(bytes) = outbox.recv().await {
        if bytes.is_empty() {
            let _ = timeout(limits.write, write.shutdown()).await;
            return;
        }
        let written = async {
            write.write_all(&bytes).await?;
            write.flush().await
        };
        match timeout(limits.write, written).await {
            Ok(Ok(())) => drop(counts.sent.fetch_add(1, Ordering::Relaxed)),
            Ok(Err(_)) => return,
            Err(_) => {
                counts.slow.fetch_add(1, Ordering::Relaxed);
                return;
            }
        }
    }
}

/// One read; a long message takes several.
const READ_BYTES: usize = 4_096;
/// When a thread had no room for a message, it is told again after this.
const ROOM_AGAIN: Duration = Duration::from_millis(5);
