//! Which address of ours a peer sees. An engine bound to 0.0.0.0 must still write a real address into Contact and SDP.
use std::io;
use std::net::{IpAddr, SocketAddr, UdpSocket};

/// The address this machine would use towards `peer`. Sends nothing: the kernel looks into its routing table.
pub fn source_towards(peer: SocketAddr) -> io::Result<IpAddr> {
    let any: SocketAddr = match peer {
        SocketAddr::V4(_) => ([0, 0, 0, 0], 0).into(),
        SocketAddr::V6(_) => ([0u16; 8], 0).into(),
    };
    let socket = UdpSocket::bind(any)?;
    socket.connect(peer)?;
    Ok(socket.local_addr()?.ip())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loopback_is_reached_from_loopback() {
        assert_eq!(source_towards(([127, 0, 0, 1], 5060).into()).unwrap(), IpAddr::from([127, 0, 0, 1]));
    }
}
