//! Where a SIP message leaves: by the datagram socket, or by a connection.
use bytes::Bytes;
use std::net::SocketAddr;
use switchboard_model::FlowId;
use switchboard_net::{NotSent, Sender, StreamSender};

/// Sends from any thread; never waits.
#[derive(Clone)]
pub struct SipOut {
    /// Datagrams.
    pub udp: Sender,
    /// Connections.
    pub streams: StreamSender,
}

/// A message that cannot be sent at all: whoever waits for its answer is to be told.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Lost {
    /// By which way.
    pub flow: FlowId,
    /// To where.
    pub to: SocketAddr,
}

impl SipOut {
    /// Sends, or says that it cannot be done. What finds a full buffer is counted by the sender and said again by SIP; on a connection
    /// that does not drain, the connection's end follows.
    pub fn send(&self, flow: FlowId, to: SocketAddr, bytes: Bytes) -> Result<(), Lost> {
        let sent = match flow.is_reliable() {
            false => self.udp.send(to, &bytes),
            true => self.streams.send(flow, to, bytes),
        };
        match sent {
            Ok(()) | Err(NotSent::Full) => Ok(()),
            Err(NotSent::Unreachable) => Err(Lost { flow, to }),
        }
    }
}
