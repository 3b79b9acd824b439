//! The world outside: the only crate that reads the operating system's clock, opens sockets, hears signals or asks for chance.
//!
//! ```text
//!   kernel                    net                                          node
//!   ──────  SIP socket ──►  udp::run_reader   (from, bytes, stamped now) ──►  router
//!           connections ──► stream::run_streams one message each               ──►  router
//!           RTP sockets ──► rtp::RtpLoop      Packet | Tick every 20 ms  ──►  media thread
//!           SIGTERM, ^C ──► signal::on_signals ──► Stop ──► every Waker
//!           monotonic clock ► clock::Clock::now() ──► Instant, handed to everything below
//! ```
//! Nothing here understands a byte it carries: SIP and RTP are read in `wire`. Threads are started by `node`, which also owns the
//! rings between them; this crate starts one only, the one that waits for signals. tokio runs connections, and nothing else here.
mod clock;
mod dscp;
mod dumps;
mod error;
mod ports;
mod random;
mod route;
mod rtp;
mod signal;
mod stop;
mod stream;
mod udp;
mod waker;

pub use clock::Clock;
pub use dscp::{Dscp, Marks};
pub use dumps::{core_dumps_are_off, no_core_dumps};
pub use error::BindError;
pub use ports::{PortStock, RtpSocket};
pub use random::seed;
pub use route::source_towards;
pub use rtp::{Lateness, RtpCounts, RtpEvent, RtpLoop, RtpSockets, TICK};
pub use signal::on_signals;
pub use stop::Stop;
pub use stream::{
    ClientCertificates, Cut, Ear, StreamCounts, StreamLimits, StreamSender, StreamSetup, StreamSockets, Tls, TlsError,
    TlsFiles, run_streams,
};
pub use udp::{NotSent, Sender, SipSocket, UdpCounts, run_reader};
pub use waker::Waker;
