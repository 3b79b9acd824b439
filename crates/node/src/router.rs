//! Which thread a datagram belongs to: decided from the datagram alone, so that nothing has to be remembered or shared.
//!
//! ```text
//!   response, in-dialog request ─► the endpoint in our branch or tag
//!   new INVITE, its CANCEL, its ACK ─► hash of the Call-ID         admitted here: a full ring of new calls drops, and says so
//!   anything else ─► the floor
//! ```
use crate::floor_thread::FloorMail;
use crate::inbox::Sender;
use crate::shard_thread::ShardMail;
use crate::sip_out::Lost;
use bytes::Bytes;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use switchboard_model::{ENDPOINT_FLOOR, EndpointId, FlowId};
use switchboard_sip::{Route, classify};

/// Hands datagrams to threads.
#[derive(Clone)]
pub struct Router {
    pub(crate) shards: Vec<ShardMail>,
    pub(crate) floor: FloorMail,
    pub(crate) dropped: Arc<Dropped>,
}

/// A SIP message that was heard.
#[derive(Debug)]
pub struct Heard {
    /// By which connection.
    pub flow: FlowId,
    /// From where.
    pub from: SocketAddr,
    /// Its bytes.
    pub bytes: Bytes,
}

/// Datagrams that found a full ring.
#[derive(Default, Debug)]
pub struct Dropped {
    /// New INVITEs: the caller's side repeats them, or gives up.
    pub new_calls: AtomicU64,
    /// Anything of a running call or an agent's telephone.
    pub others: AtomicU64,
    /// What was no SIP.
    pub garbage: AtomicU64,
}

impl Router {
    /// One message. False: there was no room. A datagram is then lost and counted; a stream's reader waits and asks again.
    pub fn route(&self, flow: FlowId, from: SocketAddr, bytes: &[u8]) -> bool {
        let datagram = Heard { flow, from, bytes: Bytes::copy_from_slice(bytes) };
        match classify(bytes) {
            Route::Response { endpoint } | Route::InDialog { endpoint } => self.to_owner(endpoint, datagram),
            Route::NewInvite { call_id_hash } => {
                let shard = &self.shards[(call_id_hash % self.shards.len() as u64) as usize];
                count(flow, shard.new_calls.push(datagram), &self.dropped.new_calls)
            }
            Route::OutOfDialog => count(flow, self.floor.datagrams.push(datagram), &self.dropped.others),
            Route::Garbage => {
                self.dropped.garbage.fetch_add(1, Ordering::Relaxed);
                count(flow, self.floor.datagrams.push(datagram), &self.dropped.others)
            }
        }
    }

    /// A connection is gone: whoever waits for an answer by it is told. One who cannot be told, his ring being full, finds out by time.
    pub fn lost(&self, flow: FlowId, to: SocketAddr) {
        for ring in self.shards.iter().map(|s| &s.lost).chain([&self.floor.lost]) {
            let _ = ring.push(Lost { flow, to });
        }
    }

    fn to_owner(&self, EndpointId(id): EndpointId, datagram: Heard) -> bool {
        let ring: &Sender<_> = match self.shards.get(usize::from(id).wrapping_sub(1)) {
            Some(shard) => &shard.in_dialog,
            // The floor's own, and whatever bears a mark that nobody here has: answered 481 or dropped there.
            None => {
                debug_assert!(EndpointId(id) == ENDPOINT_FLOOR || usize::from(id) > self.shards.len() || id == 0);
                &self.floor.datagrams
            }
        };
        count(datagram.flow, ring.push(datagram), &self.dropped.others)
    }
}

fn count<T>(flow: FlowId, pushed: Result<(), T>, counter: &AtomicU64) -> bool {
    if pushed.is_err() && !flow.is_reliable() {
        counter.fetch_add(1, Ordering::Relaxed);
    }
    pushed.is_ok()
}
