//! Why a port could not be had, in one sentence that names the address and the cure.
use std::io;
use std::net::{IpAddr, SocketAddr};

/// What the operator must change before anything starts.
#[derive(Debug, thiserror::Error)]
pub enum BindError {
    /// Somebody else has it.
    #[error(
        "{0} is in use by another program: stop that program (find it with `ss -ulpn 'sport = :{port}'`) or configure another port",
        port = .0.port()
    )]
    InUse(SocketAddr),
    /// The machine has no such address.
    #[error("{ip} is not an address of this machine: configure one that `ip -brief address` lists, or 0.0.0.0 for all of them", ip = .0.ip())]
    NotOurs(SocketAddr),
    /// Below 1024, without the right.
    #[error("no permission to open {0}: ports below 1024 need root or CAP_NET_BIND_SERVICE; configure a higher port")]
    NotAllowed(SocketAddr),
    /// The range does not hold as many free even ports as calls are to be carried.
    #[error(
        "only {found} of {wanted} RTP ports between {first} and {last} on {ip} could be opened: widen the range (each stream takes one even port) or stop the program that uses it"
    )]
    Few {
        /// The address asked for.
        ip: IpAddr,
        /// First port of the range.
        first: u16,
        /// Last port of the range.
        last: u16,
        /// How many were asked for.
        wanted: usize,
        /// How many there are.
        found: usize,
    },
    /// The process may not hold so many sockets.
    #[error(
        "{found} of {wanted} RTP ports were opened when the limit of open files was reached: raise it (`ulimit -n`, LimitNOFILE=)"
    )]
    Files {
        /// How many were asked for.
        wanted: usize,
        /// How many were opened.
        found: usize,
    },
    /// Anything else the kernel says.
    #[error("{0} could not be opened: {1}")]
    Kernel(SocketAddr, #[source] io::Error),
}

impl BindError {
    pub(crate) fn new(address: SocketAddr, error: io::Error) -> BindError {
        match error.kind() {
            io::ErrorKind::AddrInUse => BindError::InUse(address),
            io::ErrorKind::AddrNotAvailable => BindError::NotOurs(address),
            io::ErrorKind::PermissionDenied => BindError::NotAllowed(address),
            _ => BindError::Kernel(address, error),
        }
    }
}
