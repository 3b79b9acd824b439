//! The stock of RTP ports: opened before the first call, lent to streams by the core, never closed in between.
//!
//! ```text
//!   range 20000–20999, 4 wanted:  20000  20002 ✗taken  20004  20006  20008   even ports only
//! ```
//! RFC 3550 §11: RTP takes an even port and RTCP the next odd one; the odd ones stay closed, and nobody else's program on this
//! machine is disturbed by a stray RTCP packet of a peer. Opening them all beforehand means that an SDP answer needs no round
//! trip to the rim, and that "no port left" is met at the start of the day and not by a caller.
use crate::{BindError, Dscp, udp};
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::ops::RangeInclusive;

/// One opened port.
#[derive(Debug)]
pub struct RtpSocket {
    pub(crate) socket: UdpSocket,
    local: SocketAddr,
}

impl RtpSocket {
    /// Its address, as it is bound (SDP may have to name another one of this machine).
    pub fn local(&self) -> SocketAddr {
        self.local
    }
}

/// Opens the stock.
#[derive(Debug)]
pub enum PortStock {}

impl PortStock {
    /// Opens `count` even ports of `range`, skipping those that others hold.
    pub fn open(ip: IpAddr, range: RangeInclusive<u16>, count: usize) -> Result<Vec<RtpSocket>, BindError> {
        let mut stock = Vec::with_capacity(count);
        for port in range.clone().filter(|port| port % 2 == 0 && *port != 0) {
            if stock.len() == count {
                break;
            }
            let address = SocketAddr::new(ip, port);
            match udp::open(address, None) {
                Ok(socket) => stock.push(RtpSocket { socket, local: address }),
                Err(e) => match BindError::new(address, e) {
                    BindError::InUse(_) => {}
                    BindError::Kernel(_, e) if e.raw_os_error() == Some(TOO_MANY_OPEN_FILES) => {
                        return Err(BindError::Files { wanted: count, found: stock.len() });
                    }
                    other => return Err(other),
                },
            }
        }
        if stock.len() < count {
            let (first, last) = range.into_inner();
            return Err(BindError::Few { ip, first, last, wanted: count, found: stock.len() });
        }
        Ok(stock)
    }
}

impl RtpSocket {
    /// What it sends bears this mark.
    pub fn mark(&self, mark: Dscp) -> Result<(), BindError> {
        mark.mark(&self.socket, self.local).map_err(|e| BindError::new(self.local, e))
    }
}

const TOO_MANY_OPEN_FILES: i32 = rustix::io::Errno::MFILE.raw_os_error();

#[cfg(test)]
mod tests {
    use super::*;

    const IP: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

    #[test]
    fn even_ports_in_order_and_a_taken_one_is_skipped() {
        let stock = PortStock::open(IP, 30_001..=31_999, 3).unwrap();
        let ports: Vec<u16> = stock.iter().map(|s| s.local().port()).collect();
        assert!(ports.iter().all(|p| p % 2 == 0 && (30_002..=31_998).contains(p)), "{ports:?}");
        assert!(ports.is_sorted());
        let again = PortStock::open(IP, 30_001..=31_999, 3).unwrap();
        assert!(again.iter().all(|s| !ports.contains(&s.local().port())));
    }

    #[test]
    fn a_range_too_small_says_how_many_there_were() {
        let text = PortStock::open(IP, 32_000..=32_005, 4).unwrap_err().to_string();
        assert!(text.contains("of 4 RTP ports between 32000 and 32005 on 127.0.0.1"), "{text}");
        let text = PortStock::open(IpAddr::from([203, 0, 113, 7]), 32_000..=32_005, 1).unwrap_err().to_string();
        assert!(text.contains("not an address of this machine"), "{text}");
    }
}
