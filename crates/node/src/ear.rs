//! What connections carry is cut, answered and handed on here: the streams' side of the router.
use crate::router::Router;
use bytes::Bytes;
use std::net::SocketAddr;
use switchboard_model::{ENDPOINT_FLOOR, FlowId, Instant};
use switchboard_net::{Cut, Ear};
use switchboard_sip::unframed;
use switchboard_wire::sip::{Framed, frame};

/// Hears the streams.
pub struct StreamEar {
    router: Router,
    product: String,
}

impl StreamEar {
    /// Hands on by this router; `product` signs what is answered here.
    pub fn new(router: Router, product: String) -> StreamEar {
        StreamEar { router, product }
    }
}

impl Ear for StreamEar {
    fn frame(&self, flow: FlowId, from: SocketAddr, bytes: &[u8]) -> Cut {
        match frame(bytes) {
            Framed::More => Cut::More,
            Framed::Blank(n) => Cut::Blank(n),
            Framed::Ping(n) => Cut::Ping(n),
            Framed::Message(n) => Cut::Message(n),
            Framed::Fault(fault, head) => {
                let answer: Option<Bytes> = unframed(ENDPOINT_FLOOR, &self.product, flow, from, &bytes[..head], fault);
                tracing::debug!(target: "switchboard::stream", "{flow} from {from} is closed: {fault}");
                Cut::End(answer)
            }
        }
    }

    fn heard(&self, _now: Instant, flow: FlowId, from: SocketAddr, bytes: &[u8]) -> bool {
        self.router.route(flow, from, bytes)
    }

    fn lost(&self, flow: FlowId, peer: SocketAddr) {
        self.router.lost(flow, peer);
    }
}
