//! The bare loop: receives and sends the same messages of both legs, lexes each, and does nothing else.
//!
//! ```text
//!   INVITE ─► 100 200      ACK ─► INVITE to the agent      200 (INVITE) ─► ACK      BYE ─► 200, BYE to the agent
//! ```
//! Its messages are those that the centre itself sent in the call that was recorded, with the caller's number exchanged: same
//! headers, same bytes. One socket, one thread. What lies between it and the centre is what routing a call costs.
use std::net::{SocketAddr, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;
use switchboard_wire::sip::{Message, Method, Start};

/// What the centre sent in one call.
#[derive(Clone, Default, Debug)]
pub struct Script {
    /// To the caller: 100, 200, and the 200 to his BYE.
    pub to_caller: Vec<Vec<u8>>,
    /// To the agent: INVITE, ACK, BYE.
    pub to_agent: Vec<Vec<u8>>,
    /// The caller's number in it.
    pub number: String,
}

/// A running loop.
pub struct Bare {
    thread: JoinHandle<()>,
    stop: Arc<AtomicBool>,
    at: SocketAddr,
}

struct Template {
    bytes: Vec<u8>,
    places: Vec<usize>,
}

impl Template {
    fn new(bytes: &[u8], number: &str) -> Template {
        let number = number.as_bytes();
        let places = bytes.windows(number.len()).enumerate().filter(|(_, w)| *w == number).map(|(at, _)| at).collect();
        Template { bytes: bytes.to_vec(), places }
    }
    fn send(&mut self, socket: &UdpSocket, to: SocketAddr, number: &str) {
        for &at in &self.places {
            self.bytes[at..at + number.len()].copy_from_slice(number.as_bytes());
        }
        let lexed = Message::parse(&self.bytes);
        assert!(std::hint::black_box(lexed).is_ok(), "what the centre sent is SIP");
        // What does not leave is repeated by nobody here; the load counts it as lost.
        let _ = socket.send_to(&self.bytes, to);
    }
}

impl Bare {
    /// Starts it; `agent` is where the agents' telephones are.
    pub fn start(script: &Script, agent: SocketAddr) -> Bare {
        assert_eq!(
            (script.to_caller.len(), script.to_agent.len()),
            (3, 3),
            "the script is of one whole call: {script:?}"
        );
        let socket = super::load::big_socket().expect("a port on loopback");
        socket.set_nonblocking(false).expect("a socket can block");
        socket.set_read_timeout(Some(Duration::from_millis(50))).expect("50 ms is a time");
        let at = socket.local_addr().expect("it is bound");
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = stop.clone();
        let make = |all: &[Vec<u8>]| all.iter().map(|b| Template::new(b, &script.number)).collect::<Vec<_>>();
        let (mut caller, mut desk) = (make(&script.to_caller), make(&script.to_agent));
        let run = move || {
            let mut buffer = vec![0; 65_536];
            while !stopped.load(Ordering::Relaxed) {
                let Ok((n, from)) = socket.recv_from(&mut buffer) else { continue };
                answer(&socket, &buffer[..n], from, agent, &mut caller, &mut desk);
            }
        };
        let thread = std::thread::Builder::new().name("bare".to_owned()).spawn(run).expect("one more thread");
        Bare { thread, stop, at }
    }

    /// Where it listens.
    pub fn at(&self) -> SocketAddr {
        self.at
    }

    /// Ends it.
    pub fn stop(self) {
        self.stop.store(true, Ordering::Relaxed);
        self.thread.join().expect("the bare loop does not panic");
    }
}

fn answer(
    socket: &UdpSocket,
    bytes: &[u8],
    from: SocketAddr,
    agent: SocketAddr,
    caller: &mut [Template],
    desk: &mut [Template],
) {
    let Ok(message) = Message::parse(bytes) else { return };
    let Some(number) = super::load::number_in(&message) else { return };
    match (message.start(), message.method()) {
        (Start::Request { .. }, Some(Method::Invite)) => {
            caller[0].send(socket, from, number);
            caller[1].send(socket, from, number);
        }
        (Start::Request { .. }, Some(Method::Ack)) => desk[0].send(socket, agent, number),
        (Start::Request { .. }, Some(Method::Bye)) => {
            caller[2].send(socket, from, number);
            desk[2].send(socket, agent, number);
        }
        (Start::Response { code: 200, .. }, _) if message.cseq().is_some_and(|(_, m)| m == "INVITE") => {
            desk[1].send(socket, agent, number);
        }
        // Provisional responses, and the agent's 200 to the BYE.
        _ => {}
    }
}
