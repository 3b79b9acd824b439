//! Connections against peers who are slow, many, wrong or have the wrong papers. The messages here are lines: `5:hello`.
//!
//! Not covered: what is SIP (`wire/sip/stream`), and where messages go (`node`).
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use switchboard_model::{FlowId, Instant, Transport};
use switchboard_net::{
    ClientCertificates, Clock, Cut, Ear, NotSent, Stop, StreamLimits, StreamSender, StreamSetup, StreamSockets, Tls,
    TlsFiles, run_streams,
};
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

/// `n:` and so many bytes.
struct Lines {
    heard: SyncSender<(FlowId, SocketAddr, String)>,
    lost: SyncSender<(FlowId, SocketAddr)>,
    /// So many times there is no room.
    full: Mutex<u32>,
}

impl Ear for Lines {
    fn frame(&self, _flow: FlowId, _from: SocketAddr, bytes: &[u8]) -> Cut {
        if bytes.starts_with(b"\r\n\r\n") {
            return Cut::Ping(4);
        }
        let Some(colon) = bytes.iter().position(|b| *b == b':') else {
            return if bytes.len() > 4 { Cut::End(Some("no length".into())) } else { Cut::More };
        };
        let n: Option<usize> = std::str::from_utf8(&bytes[..colon]).ok().and_then(|n| n.parse().ok());
        match n {
            None => Cut::End(Some("bad length".into())),
            Some(n) if bytes.len() > colon + n => Cut::Message(colon + 1 + n),
            Some(_) => Cut::More,
        }
    }
    fn heard(&self, _now: Instant, flow: FlowId, from: SocketAddr, bytes: &[u8]) -> bool {
        let mut full = self.full.lock().unwrap();
        if *full > 0 {
            *full -= 1;
            return false;
        }
        self.heard.send((flow, from, String::from_utf8_lossy(bytes).into_owned())).is_ok()
    }
    fn lost(&self, flow: FlowId, peer: SocketAddr) {
        let _ = self.lost.try_send((flow, peer));
    }
}

struct Server {
    tcp: SocketAddr,
    tls: Option<SocketAddr>,
    sender: StreamSender,
    heard: Receiver<(FlowId, SocketAddr, String)>,
    lost: Receiver<(FlowId, SocketAddr)>,
    stop: Stop,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Server {
    fn start(limits: StreamLimits, tls: Option<Tls>, full: u32) -> Server {
        let any: SocketAddr = ([127, 0, 0, 1], 0).into();
        let setup = StreamSetup { tcp: Some(any), tls: tls.map(|t| (any, t)), limits, ..StreamSetup::default() };
        let sockets = StreamSockets::bind(setup).unwrap();
        let (tcp, tls, sender) = (sockets.tcp().unwrap(), sockets.tls(), sockets.sender());
        let (heard_in, heard) = sync_channel(100);
        let (lost_in, lost) = sync_channel(100);
        let stop = Stop::new();
        let until = stop.clone();
        let ear = Lines { heard: heard_in, lost: lost_in, full: Mutex::new(full) };
        let thread = std::thread::spawn(move || run_streams(sockets, Clock::start(), &until, ear).unwrap());
        Server { tcp, tls, sender, heard, lost, stop, thread: Some(thread) }
    }
    fn hears(&self) -> (FlowId, SocketAddr, String) {
        self.heard.recv_timeout(SOON).expect("a message")
    }
    fn dial(&self) -> TcpStream {
        let stream = TcpStream::connect(self.tcp).unwrap();
        stream.set_read_timeout(Some(SOON)).unwrap();
        stream
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.raise();
        self.thread.take().unwrap().join().unwrap();
    }
}

const SOON: Duration = Duration::from_secs(20);

fn read_to_end(stream: &mut impl Read) -> String {
    let mut all = Vec::new();
    // An end by reset is an end.
    let _ = stream.read_to_end(&mut all);
    String::from_utf8_lossy(&all).into_owned()
}

#[test]
fn messages_come_whole_however_they_are_cut_and_answers_go_back_by_their_connection() {
    let server = Server::start(StreamLimits::default(), None, 3);
    let mut a = server.dial();
    let mut b = server.dial();
    a.write_all(b"5:he").unwrap();
    b.write_all(b"3:one3:two1:").unwrap();
    let (flow_b, from_b, one) = server.hears();
    assert_eq!((one.as_str(), server.hears().2.as_str()), ("3:one", "3:two"));
    assert_eq!((flow_b.transport(), from_b), (Transport::Tcp, b.local_addr().unwrap()));
    a.write_all(b"llo").unwrap();
    let (flow_a, from_a, hello) = server.hears();
    assert_eq!(hello, "5:hello");
    assert_ne!(flow_a, flow_b);
    // By its number; by its address; and to an address nobody listens at.
    server.sender.send(flow_a, from_a, "to a".into()).unwrap();
    server.sender.send(FlowId::towards(Transport::Tcp), from_b, "to b".into()).unwrap();
    let mut four = [0; 4];
    a.read_exact(&mut four).unwrap();
    assert_eq!(&four, b"to a");
    b.read_exact(&mut four).unwrap();
    assert_eq!(&four, b"to b");
    a.write_all(b"\r\n\r\n").unwrap();
    a.read_exact(&mut four[..2]).unwrap();
    assert_eq!(&four[..2], b"\r\n", "the pong");
    drop(a);
    assert_eq!(server.lost.recv_timeout(SOON).unwrap(), (flow_a, from_a));
}

#[test]
fn who_is_called_is_dialled_once_and_who_cannot_be_is_told_lost() {
    let server = Server::start(StreamLimits::default(), None, 0);
    let peer = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let at = peer.local_addr().unwrap();
    let any = FlowId::towards(Transport::Tcp);
    for word in ["one", "two", "three"] {
        server.sender.send(any, at, word.into()).unwrap();
    }
    let (mut stream, _) = peer.accept().unwrap();
    stream.set_read_timeout(Some(SOON)).unwrap();
    let mut all = [0; 11];
    stream.read_exact(&mut all).unwrap();
    assert_eq!(&all, b"onetwothree");
    stream.write_all(b"2:ok").unwrap();
    let (flow, from, _) = server.hears();
    assert_eq!((flow.transport(), from), (Transport::Tcp, at));
    assert_eq!(server.sender.counts().open, 1);
    drop((stream, peer));
    assert_eq!(server.lost.recv_timeout(SOON).unwrap(), (flow, at));
    // Now nobody listens there.
    server.sender.send(flow, at, "again".into()).unwrap();
    let (lost, to) = server.lost.recv_timeout(SOON).unwrap();
    assert_eq!((lost.transport(), to), (Transport::Tcp, at));
    assert_ne!(lost, flow);
    // What cannot be called at all.
    for transport in [Transport::Ws, Transport::Wss, Transport::Tls] {
        assert_eq!(server.sender.send(FlowId::towards(transport), at, "x".into()), Err(NotSent::Unreachable));
    }
}

#[test]
fn who_is_slow_too_many_or_not_understood_is_closed() {
    let limits = StreamLimits {
        first_message: Duration::from_millis(300),
        one_message: Duration::from_millis(300),
        from_one_address: 3,
        ..StreamLimits::default()
    };
    let server = Server::start(limits, None, 0);
    // Says nothing; drips; says one message and begins another. The last but one byte of each never comes.
    let mut silent = server.dial();
    let mut dripping = server.dial();
    let mut second = server.dial();
    dripping.write_all(b"9:abc").unwrap();
    second.write_all(b"1:a9:b").unwrap();
    assert_eq!(server.hears().2, "1:a");
    for stream in [&mut silent, &mut dripping, &mut second] {
        assert_eq!(read_to_end(stream), "");
    }
    assert_eq!(server.sender.counts().slow, 3);
    for _ in 0..3 {
        server.lost.recv_timeout(SOON).unwrap();
    }
    // Three at once are enough for one address.
    let held: Vec<TcpStream> = (0..3)
        .map(|_| {
            let mut stream = server.dial();
            stream.write_all(b"1:x").unwrap();
            server.hears();
            stream
        })
        .collect();
    assert_eq!(read_to_end(&mut server.dial()), "", "the fourth is closed at once");
    assert_eq!(server.sender.counts().too_many, 1);
    drop(held);
    for _ in 0..3 {
        server.lost.recv_timeout(SOON).unwrap();
    }
    let mut wrong = server.dial();
    wrong.write_all(b"hello, world").unwrap();
    assert_eq!(read_to_end(&mut wrong), "no length", "a last word, then the end");
    assert_eq!(server.sender.counts().unframed, 1);
}

#[test]
fn who_does_not_read_is_closed_and_holds_nobody_up() {
    let limits = StreamLimits { write: Duration::from_millis(300), ..StreamLimits::default() };
    let server = Server::start(limits, None, 0);
    let mut deaf = server.dial();
    deaf.write_all(b"1:x").unwrap();
    let (flow, from, _) = server.hears();
    // More than both kernels hold; then the outbox is full, and in the end the connection is gone.
    let megabyte = bytes::Bytes::from(vec![7u8; 1 << 20]);
    let mut full = 0;
    for _ in 0..600 {
        full += u32::from(server.sender.send(flow, from, megabyte.clone()) == Err(NotSent::Full));
    }
    assert!(full > 0);
    assert_eq!(server.lost.recv_timeout(SOON).unwrap(), (flow, from));
    assert_eq!(server.sender.counts().slow, 1);
}

// ── TLS ──────────────────────────────────────────────────────────────────────────────────────────────────────────────────

type Authority = CertifiedIssuer<'static, KeyPair>;

fn authority() -> Authority {
    let mut params = CertificateParams::new(vec![]).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

/// Writes NAME.pem and NAME.key, for 127.0.0.1.
fn issue(authority: &Authority, dir: &Path, name: &str) -> TlsFiles {
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
    let certificate = params.signed_by(&key, authority).unwrap();
    let (pem, key_file, authorities) =
        (dir.join(format!("{name}.pem")), dir.join(format!("{name}.key")), dir.join("authorities.pem"));
    std::fs::write(&pem, certificate.pem()).unwrap();
    std::fs::write(&key_file, key.serialize_pem()).unwrap();
    std::fs::write(&authorities, authority.pem()).unwrap();
    TlsFiles { certificate: pem, key: key_file, authorities: Some(authorities), clients: ClientCertificates::NotAsked }
}

fn shake_hands(
    to: SocketAddr,
    authority: &Authority,
    ours: Option<&TlsFiles>,
) -> Result<StreamOwned<ClientConnection, TcpStream>, std::io::Error> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(authority.pem().as_bytes()).unwrap()).unwrap();
    let provider = Arc::new(tokio_rustls::rustls::crypto::aws_lc_rs::default_provider());
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots);
    let config = match ours {
        None => builder.with_no_client_auth(),
        Some(files) => {
            let chain = vec![CertificateDer::from_pem_file(&files.certificate).unwrap()];
            builder.with_client_auth_cert(chain, PrivateKeyDer::from_pem_file(&files.key).unwrap()).unwrap()
        }
    };
    let connection = ClientConnection::new(Arc::new(config), ServerName::from(to.ip())).unwrap();
    let socket = TcpStream::connect(to)?;
    socket.set_read_timeout(Some(SOON))?;
    let mut stream = StreamOwned::new(connection, socket);
    stream.write_all(b"2:hi")?;
    stream.flush()?;
    Ok(stream)
}

fn certificate_of(stream: &StreamOwned<ClientConnection, TcpStream>) -> Vec<u8> {
    stream.conn.peer_certificates().unwrap()[0].to_vec()
}

#[test]
fn tls_both_ways_and_certificates_are_renewed_under_running_connections() {
    let dir = tempfile::tempdir().unwrap();
    let authority = authority();
    let files = issue(&authority, dir.path(), "centre");
    let tls = Tls::open(&files).unwrap();
    let server = Server::start(StreamLimits::default(), Some(tls.clone()), 0);
    let mut old = shake_hands(server.tls.unwrap(), &authority, None).unwrap();
    let (flow, from, text) = server.hears();
    assert_eq!((flow.transport(), text.as_str()), (Transport::Tls, "2:hi"));
    server.sender.send(flow, from, "yes".into()).unwrap();
    let mut three = [0; 3];
    old.read_exact(&mut three).unwrap();
    assert_eq!(&three, b"yes");
    let first = certificate_of(&old);

    let renewed = issue(&authority, dir.path(), "centre");
    tls.renew(&renewed).unwrap();
    let new = shake_hands(server.tls.unwrap(), &authority, None).unwrap();
    server.hears();
    assert_ne!(certificate_of(&new), first, "the next connection sees the new one");
    old.write_all(b"3:old").unwrap();
    assert_eq!(server.hears().2, "3:old", "the one before goes on");

    // A file that is none leaves everything as it is.
    std::fs::write(&renewed.key, "nothing").unwrap();
    let why = tls.renew(&renewed).unwrap_err().to_string();
    assert!(why.contains("centre.key") && why.contains("no private key"), "{why}");
    let still = shake_hands(server.tls.unwrap(), &authority, None).unwrap();
    assert_eq!(certificate_of(&still), certificate_of(&new));

    // Outwards: one whose authority is believed is called; another is not.
    let other = self::authority();
    let theirs =
        Server::start(StreamLimits::default(), Some(Tls::open(&issue(&authority, dir.path(), "peer")).unwrap()), 0);
    let any = FlowId::towards(Transport::Tls);
    server.sender.send(any, theirs.tls.unwrap(), "6:called".into()).unwrap();
    assert_eq!(theirs.hears().2, "6:called");
    let elsewhere = tempfile::tempdir().unwrap();
    let unknown =
        Server::start(StreamLimits::default(), Some(Tls::open(&issue(&other, elsewhere.path(), "peer")).unwrap()), 0);
    server.sender.send(any, unknown.tls.unwrap(), "6:called".into()).unwrap();
    assert_eq!(server.lost.recv_timeout(SOON).unwrap().1, unknown.tls.unwrap());
    assert_eq!(server.sender.counts().handshakes_failed, 1);
}

#[test]
fn where_certificates_are_required_nobody_comes_in_without() {
    let dir = tempfile::tempdir().unwrap();
    let authority = authority();
    let files = TlsFiles { clients: ClientCertificates::Required, ..issue(&authority, dir.path(), "centre") };
    let server = Server::start(StreamLimits::default(), Some(Tls::open(&files).unwrap()), 0);
    let at = server.tls.unwrap();
    let stranger = shake_hands(at, &authority, None).and_then(|mut s| s.read_exact(&mut [0]));
    assert!(stranger.is_err(), "without a certificate");
    let elsewhere = tempfile::tempdir().unwrap();
    let forged = issue(&self::authority(), elsewhere.path(), "forged");
    let forged = shake_hands(at, &authority, Some(&forged)).and_then(|mut s| s.read_exact(&mut [0]));
    assert!(forged.is_err(), "with one of nobody's");
    let ours = issue(&authority, dir.path(), "carrier");
    let _known = shake_hands(at, &authority, Some(&ours)).unwrap();
    assert_eq!(server.hears().2, "2:hi");
    assert!(server.heard.try_recv().is_err(), "the other two were never heard");
    let nobody = TlsFiles { authorities: None, ..files };
    assert!(Tls::open(&nobody).unwrap_err().to_string().contains("no authority is believed"));
}
