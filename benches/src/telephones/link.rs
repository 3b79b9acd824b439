//! The sockets of a load, and SIP over UDP or over a stream.
//!
//! ```text
//!   UDP   a datagram is a message                      TCP   one connection to the target, for all callers or for all agents:
//!                                                            head, empty line, Content-Length bytes (RFC 3261 §18.3), next message
//! ```
//! Nothing here waits: what the kernel does not take of a stream is kept, up to a bound, and tried again.
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use socket2::{Domain, Protocol, Socket, Type};
use std::fmt;
use std::io::{self, Read, Write};
use std::net::{IpAddr, SocketAddr, TcpStream, UdpSocket};
use std::os::fd::{AsFd, BorrowedFd};
use std::time::Duration;

/// How SIP is carried.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Transport {
    /// Datagrams.
    #[default]
    Udp,
    /// A stream.
    Tcp,
}

impl Transport {
    /// As Via has it.
    pub const fn name(self) -> &'static str {
        match self {
            Transport::Udp => "UDP",
            Transport::Tcp => "TCP",
        }
    }
    /// Whether it repeats by itself, so that requests are not said again (RFC 3261 §17.1.1.2).
    pub const fn is_reliable(self) -> bool {
        match self {
            Transport::Udp => false,
            Transport::Tcp => true,
        }
    }
}

/// What stands in Via and Contact: how, and where.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Own {
    /// How.
    pub transport: Transport,
    /// Where.
    pub at: SocketAddr,
}

impl Own {
    /// A URI that leads here.
    pub fn uri(self, user: &str) -> OwnUri<'_> {
        OwnUri(self, user)
    }
}

/// `sip:user@address`, with its transport where that is not UDP.
pub struct OwnUri<'a>(Own, &'a str);

impl fmt::Display for OwnUri<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let more = match self.0.transport {
            Transport::Udp => "",
            Transport::Tcp => ";transport=tcp",
        };
        write!(f, "sip:{}@{}{more}", self.1, self.0.at)
    }
}

/// One side's signalling.
pub enum Link {
    /// A socket for everybody, and its address, which is asked for with every message.
    Udp(UdpSocket, SocketAddr),
    /// A connection to the target.
    Stream(Box<Stream>),
}

/// A connection, and what has not left or has not come whole.
pub struct Stream {
    tcp: TcpStream,
    peer: SocketAddr,
    own: SocketAddr,
    out: Vec<u8>,
    come: Vec<u8>,
    taken: usize,
    gone: bool,
}

impl Link {
    /// Opens one towards this target, from this address; port 0 is any.
    pub fn open(transport: Transport, own: SocketAddr, target: SocketAddr) -> io::Result<Link> {
        match transport {
            Transport::Udp => {
                let socket = bound_socket(own)?;
                let at = socket.local_addr()?;
                Ok(Link::Udp(socket, at))
            }
            Transport::Tcp => {
                let socket = Socket::new(Domain::for_address(target), Type::STREAM, Some(Protocol::TCP))?;
                socket.set_reuse_address(true)?;
                socket.bind(&own.into())?;
                socket.connect_timeout(&target.into(), CONNECT_WITHIN)?;
                socket.set_tcp_nodelay(true)?;
                socket.set_nonblocking(true)?;
                let tcp: TcpStream = socket.into();
                let own = tcp.local_addr()?;
                let stream = Stream { tcp, peer: target, own, out: vec![], come: vec![], taken: 0, gone: false };
                Ok(Link::Stream(Box::new(stream)))
            }
        }
    }

    /// How, and from where.
    pub fn own(&self) -> Own {
        match self {
            Link::Udp(_, at) => Own { transport: Transport::Udp, at: *at },
            Link::Stream(stream) => Own { transport: Transport::Tcp, at: stream.own },
        }
    }

    /// Sends; false if it did not leave.
    pub fn send(&mut self, to: SocketAddr, bytes: &[u8]) -> bool {
        match self {
            Link::Udp(socket, _) => socket.send_to(bytes, to).is_ok(),
            Link::Stream(stream) => {
                let room = !stream.gone && stream.out.len() + bytes.len() <= OUT_MAX;
                if room {
                    stream.out.extend_from_slice(bytes);
                    stream.flush();
                }
                room
            }
        }
    }

    /// The next message, put into `buffer`; how long, and from where.
    pub fn receive(&mut self, buffer: &mut Vec<u8>) -> io::Result<Option<(usize, SocketAddr)>> {
        match self {
            Link::Udp(socket, _) => receive(socket, buffer),
            Link::Stream(stream) => {
                stream.flush();
                Ok(stream.next(buffer).map(|n| (n, stream.peer)))
            }
        }
    }

    /// Whether a whole message has been taken from the kernel and not from here.
    pub fn holds_more(&self) -> bool {
        matches!(self, Link::Stream(stream) if stream.has_whole())
    }
    /// Whether the other end has closed it: no more comes.
    pub fn is_gone(&self) -> bool {
        matches!(self, Link::Stream(stream) if stream.gone)
    }
    /// Whether something is kept that the kernel would not take.
    pub fn is_full(&self) -> bool {
        matches!(self, Link::Stream(stream) if !stream.out.is_empty())
    }
}

impl AsFd for Link {
    fn as_fd(&self) -> BorrowedFd<'_> {
        match self {
            Link::Udp(socket, _) => socket.as_fd(),
            Link::Stream(stream) => stream.tcp.as_fd(),
        }
    }
}

impl Stream {
    fn flush(&mut self) {
        while !self.out.is_empty() {
            match self.tcp.write(&self.out) {
                Ok(n) => drop(self.out.drain(..n)),
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) if e.kind() == io::ErrorKind::WouldBlock => return,
                Err(_) => {
                    self.gone = true;
                    return self.out.clear();
                }
            }
        }
    }

    fn next(&mut self, buffer: &mut Vec<u8>) -> Option<usize> {
        if let Some(n) = self.whole(buffer) {
            return Some(n);
        }
        self.come.drain(..self.taken);
        self.taken = 0;
        let mut part = [0; 65_536];
        match self.tcp.read(&mut part) {
            Ok(0) => self.gone = true,
            Ok(n) => self.come.extend_from_slice(&part[..n]),
            Err(e) if matches!(e.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted) => {}
            Err(_) => self.gone = true,
        }
        self.whole(buffer)
    }

    fn has_whole(&self) -> bool {
        let rest = &self.come[self.taken..];
        let head = rest.windows(4).position(|w| w == b"\r\n\r\n");
        head.is_some_and(|head| rest.len() >= head + 4 + content_length(&rest[..head + 4]))
    }

    /// The first whole message that has come.
    fn whole(&mut self, buffer: &mut Vec<u8>) -> Option<usize> {
        // Empty lines between messages keep a connection open (RFC 5626 §3.5.1).
        while self.come[self.taken..].starts_with(b"\r\n") {
            self.taken += 2;
        }
        let rest = &self.come[self.taken..];
        let head = rest.windows(4).position(|w| w == b"\r\n\r\n")? + 4;
        let whole = head + content_length(&rest[..head]);
        if rest.len() < whole {
            return None;
        }
        buffer.resize(buffer.len().max(whole), 0);
        buffer[..whole].copy_from_slice(&rest[..whole]);
        self.taken += whole;
        Some(whole)
    }
}

fn content_length(head: &[u8]) -> usize {
    let text = String::from_utf8_lossy(head);
    let value = text.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        let is = name.trim().eq_ignore_ascii_case("content-length") || name.trim().eq_ignore_ascii_case("l");
        is.then(|| value.trim().parse().ok()).flatten()
    });
    value.unwrap_or(0).min(OUT_MAX)
}

/// A UDP port with room for bursts, not blocking.
pub fn big_socket(own: IpAddr) -> io::Result<UdpSocket> {
    bound_socket(SocketAddr::new(own, 0))
}

/// The same at a port of one's choice.
pub fn bound_socket(own: SocketAddr) -> io::Result<UdpSocket> {
    let socket = Socket::new(Domain::for_address(own), Type::DGRAM, Some(Protocol::UDP))?;
    // As much as the machine lets us have; what does not fit shows as messages said again.
    let _ = socket.set_recv_buffer_size(8 << 20);
    let _ = socket.set_send_buffer_size(8 << 20);
    socket.set_nonblocking(true)?;
    socket.bind(&own.into())?;
    Ok(socket.into())
}

/// The next datagram, if one has come. A port that nobody listens on any more (ECONNREFUSED) is the same as silence.
pub fn receive(socket: &UdpSocket, buffer: &mut [u8]) -> io::Result<Option<(usize, SocketAddr)>> {
    match socket.recv_from(buffer) {
        Ok(came) => Ok(Some(came)),
        Err(e) if matches!(e.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::ConnectionRefused) => Ok(None),
        Err(e) if e.kind() == io::ErrorKind::Interrupted => Ok(None),
        Err(e) => Err(e),
    }
}

/// Waits for one of these; which have something, none of them after `within`.
pub fn ready<const N: usize>(fds: [BorrowedFd<'_>; N], within: Duration) -> [bool; N] {
    let mut fds = fds.map(|fd| PollFd::from_borrowed_fd(fd, PollFlags::IN));
    let time = Timespec { tv_sec: within.as_secs() as i64, tv_nsec: i64::from(within.subsec_nanos()) };
    match poll(&mut fds, Some(&time)) {
        Ok(n) if n > 0 => fds.map(|fd| !fd.revents().is_empty()),
        _ => [false; N],
    }
}

/// Waits for this; false after `within`.
pub fn readable(fd: BorrowedFd<'_>, within: Duration) -> bool {
    ready([fd], within) == [true]
}

/// A target that does not take a connection by then does not take one.
const CONNECT_WITHIN: Duration = Duration::from_secs(3);
/// A target that takes in so little is not served; what more is said to it did not leave.
const OUT_MAX: usize = 4 << 20;

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpListener;

    #[test]
    fn messages_come_whole_out_of_a_stream_however_it_is_cut() {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let at = listener.local_addr().expect("bound");
        let mut link = Link::open(Transport::Tcp, ([127, 0, 0, 1], 0).into(), at).expect("a connection");
        let (mut peer, _) = listener.accept().expect("it has connected");
        let text = "SIP/2.0 200 OK\r\nContent-Length: 3\r\n\r\nabc\r\n\r\nSIP/2.0 180 Ringing\r\nl: 0\r\n\r\n";
        let (mut buffer, mut seen) = (vec![0; 8], vec![]);
        for byte in text.as_bytes() {
            peer.write_all(&[*byte]).expect("it is open");
            assert!(readable(link.as_fd(), Duration::from_secs(5)));
            while let Some((n, from)) = link.receive(&mut buffer).expect("it is open") {
                assert_eq!(from, at);
                seen.push(String::from_utf8_lossy(&buffer[..n]).into_owned());
            }
        }
        assert_eq!(seen.len(), 2, "{seen:?}");
        assert!(seen[0].ends_with("\r\n\r\nabc") && seen[1].starts_with("SIP/2.0 180"), "{seen:?}");
        assert!(link.send(at, b"hello") && !link.is_gone() && !link.is_full());
        drop(peer);
        assert!(readable(link.as_fd(), Duration::from_secs(5)));
        while link.receive(&mut buffer).expect("no error").is_some() {}
        assert!(link.is_gone(), "a closed connection is known as such");
        assert_eq!(link.own().uri("8001").to_string(), format!("sip:8001@{};transport=tcp", link.own().at));
    }
}
