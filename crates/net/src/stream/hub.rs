//! The thread of the streams: accepts, dials, and keeps a task for each connection.
use super::connection::{Desk, serve};
use super::table::{Dial, StreamSender};
use super::tls::Tls;
use super::{Ear, StreamLimits};
use crate::{BindError, Clock, Dscp, Stop};
use socket2::{Domain, Protocol, Socket, Type};
use std::collections::BTreeMap;
use std::io;
use std::net::{IpAddr, SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use switchboard_model::Transport;
use tokio::net::{TcpSocket, TcpStream};
use tokio::sync::{Notify, mpsc};
use tokio::time::{sleep, timeout};
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::{TlsAcceptor, TlsConnector};

/// Where streams are taken.
#[derive(Clone, Debug, Default)]
pub struct StreamSetup {
    /// TCP; none: only dialled.
    pub tcp: Option<SocketAddr>,
    /// TLS, and with which certificates.
    pub tls: Option<(SocketAddr, Tls)>,
    /// By which name a certificate must be shown by whoever is called there; by its address if it has none.
    pub names: BTreeMap<SocketAddr, String>,
    /// Bounds.
    pub limits: StreamLimits,
    /// What is sent bears this mark; none: as any other traffic.
    pub mark: Option<Dscp>,
}

/// Opened, and not yet running.
#[derive(Debug)]
pub struct StreamSockets {
    tcp: Option<TcpListener>,
    tls: Option<(TcpListener, Tls)>,
    names: BTreeMap<SocketAddr, String>,
    /// Calls go out from there.
    from: Option<IpAddr>,
    mark: Option<Dscp>,
    sender: StreamSender,
    dials: mpsc::Receiver<Dial>,
}

impl StreamSockets {
    /// Opens all of them or none.
    pub fn bind(setup: StreamSetup) -> Result<StreamSockets, BindError> {
        let mark = setup.mark;
        let open = |address: SocketAddr| listen(address, mark).map_err(|e| BindError::new(address, e));
        let tcp = setup.tcp.map(open).transpose()?;
        let from = setup.tcp.map(|a| a.ip()).filter(|ip| !ip.is_unspecified());
        let tls = match setup.tls {
            None => None,
            Some((address, tls)) => Some((open(address)?, tls)),
        };
        let can_call = tls.as_ref().is_some_and(|(_, tls)| tls.client().is_some());
        let (sender, dials) = StreamSender::new(setup.limits, can_call);
        Ok(StreamSockets { tcp, tls, names: setup.names, from, mark, sender, dials })
    }

    /// For one more thread.
    pub fn sender(&self) -> StreamSender {
        self.sender.clone()
    }
    /// Where TCP is taken.
    pub fn tcp(&self) -> Option<SocketAddr> {
        self.tcp.as_ref().and_then(|l| l.local_addr().ok())
    }
    /// Where TLS is taken.
    pub fn tls(&self) -> Option<SocketAddr> {
        self.tls.as_ref().and_then(|(l, _)| l.local_addr().ok())
    }
}

/// Runs until `stop` is raised.
pub fn run_streams<E: Ear>(sockets: StreamSockets, clock: Clock, stop: &Stop, ear: E) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().enable_time().build()?;
    let end = Arc::new(Notify::new());
    let raised = end.clone();
    stop.on_raise(move || raised.notify_one());
    runtime.block_on(async {
        let StreamSockets { tcp, tls, names, from, mark, sender, dials } = sockets;
        let desk = Arc::new(Desk { sender, ear, clock });
        if let Some(listener) = tcp {
            tokio::spawn(accept(tokio::net::TcpListener::from_std(listener)?, None, desk.clone()));
        }
        let connector = tls.as_ref().map(|(_, tls)| tls.clone());
        if let Some((listener, tls)) = tls {
            tokio::spawn(accept(tokio::net::TcpListener::from_std(listener)?, Some(tls), desk.clone()));
        }
        tokio::spawn(dial_all(dials, Arc::new(Outward { tls: connector, names, from, mark }), desk));
        end.notified().await;
        Ok(())
    })
}

async fn accept<E: Ear>(listener: tokio::net::TcpListener, tls: Option<Tls>, desk: Arc<Desk<E>>) {
    let transport = if tls.is_some() { Transport::Tls } else { Transport::Tcp };
    loop {
        let (stream, peer) = match listener.accept().await {
            Ok(accepted) => accepted,
            // No file for another connection: those that end make room.
            Err(_) => {
                sleep(FILES_AGAIN).await;
                continue;
            }
        };
        let Some((flow, line)) = desk.sender.accept(transport, peer) else { continue };
        let _ = stream.set_nodelay(true);
        let (desk, tls) = (desk.clone(), tls.clone());
        tokio::spawn(async move {
            match tls {
                None => serve(&*desk, flow, peer, stream, line).await,
                Some(tls) => {
                    let shaking = TlsAcceptor::from(tls.server()).accept(stream);
                    match timeout(desk.sender.0.limits.first_message, shaking).await {
                        Ok(Ok(stream)) => serve(&*desk, flow, peer, stream, line).await,
                        Ok(Err(_)) | Err(_) => {
                            desk.sender.0.counts.handshakes_failed.fetch_add(1, Ordering::Relaxed);
                        }
                    }
                }
            }
            desk.sender.forget(flow);
            desk.ear.lost(flow, peer);
        });
    }
}

/// How we call.
struct Outward {
    tls: Option<Tls>,
    names: BTreeMap<SocketAddr, String>,
    from: Option<IpAddr>,
    mark: Option<Dscp>,
}

async fn dial_all<E: Ear>(mut dials: mpsc::Receiver<Dial>, outward: Arc<Outward>, desk: Arc<Desk<E>>) {
    while let Some(Dial { flow, to, line }) = dials.recv().await {
        let (desk, outward) = (desk.clone(), outward.clone());
        tokio::spawn(async move {
            let limit = desk.sender.0.limits.dial;
            let tls = flow.transport() == Transport::Tls;
            match timeout(limit, connect(to, outward.from, outward.mark)).await {
                Ok(Ok(stream)) if !tls => serve(&*desk, flow, to, stream, line).await,
                Ok(Ok(stream)) => match timeout(limit, outward.shake_hands(to, stream)).await {
                    Ok(Ok(stream)) => serve(&*desk, flow, to, stream, line).await,
                    Ok(Err(_)) | Err(_) => {
                        desk.sender.0.counts.handshakes_failed.fetch_add(1, Ordering::Relaxed);
                    }
                },
                Ok(Err(_)) | Err(_) => drop(desk.sender.0.counts.unreachable.fetch_add(1, Ordering::Relaxed)),
            }
            desk.sender.forget(flow);
            desk.ear.lost(flow, to);
        });
    }
}

impl Outward {
    async fn shake_hands(
        &self,
        to: SocketAddr,
        stream: TcpStream,
    ) -> io::Result<tokio_rustls::client::TlsStream<TcpStream>> {
        let nobody = || io::Error::new(io::ErrorKind::PermissionDenied, "no authority is believed");
        let config = self.tls.as_ref().and_then(Tls::client).ok_or_else(nobody)?;
        let name = match self.names.get(&to) {
            Some(name) => ServerName::try_from(name.clone()).map_err(io::Error::other)?,
            None => ServerName::from(to.ip()),
        };
        TlsConnector::from(config).connect(name, stream).await
    }
}

async fn connect(to: SocketAddr, from: Option<IpAddr>, mark: Option<Dscp>) -> io::Result<TcpStream> {
    let socket = if to.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    if let Some(mark) = mark {
        mark.mark(&socket, to)?;
    }
    if let Some(ip) = from.filter(|ip| ip.is_ipv4() == to.is_ipv4()) {
        socket.bind(SocketAddr::new(ip, 0))?;
    }
    let stream = socket.connect(to).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

fn listen(address: SocketAddr, mark: Option<Dscp>) -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    // The connections it takes inherit it (ip(7), tcp(7)).
    if let Some(mark) = mark {
        mark.mark(&socket, address)?;
    }
    // Connections of the process before this one may still be closing.
    socket.set_reuse_address(true)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}

/// A whole shift's telephones at once.
const BACKLOG: i32 = 1_024;
const FILES_AGAIN: Duration = Duration::from_millis(100);
