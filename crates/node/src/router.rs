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
use bytes::Bytes;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use switchboard_model::{ENDPOINT_FLOOR, EndpointId};
use switchboard_sip::{Route, classify};

/// Hands datagrams to threads.
#[derive(Clone)]
pub struct Router {
    pub(crate) shards: Vec<ShardMail>,
    pub(crate) floor: FloorMail,
    pub(crate) dropped: Arc<Dropped>,
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
    /// One datagram.
    pub fn route(&self, from: SocketAddr, bytes: &[u8]) {
        let datagram = (from, Bytes::copy_from_slice(bytes));
        match classify(bytes) {
            Route::Response { endpoint } | Route::InDialog { endpoint } => self.to_owner(endpoint, datagram),
            Route::NewInvite { call_id_hash } => {
                let shard = &self.shards[(call_id_hash % self.shards.len() as u64) as usize];
                count(shard.new_calls.push(datagram), &self.dropped.new_calls);
            }
            Route::OutOfDialog => count(self.floor.datagrams.push(datagram), &self.dropped.others),
            Route::Garbage => {
                self.dropped.garbage.fetch_add(1, Ordering::Relaxed);
                count(self.floor.datagrams.push(datagram), &self.dropped.others);
            }
        }
    }

    fn to_owner(&self, EndpointId(id): EndpointId, datagram: (SocketAddr, Bytes)) {
        let ring: &Sender<_> = match self.shards.get(usize::from(id).wrapping_sub(1)) {
            Some(shard) => &shard.in_dialog,
            // The floor's own, and whatever bears a mark that nobody here has: answered 481 or dropped there.
            None => {
                debug_assert!(EndpointId(id) == ENDPOINT_FLOOR || usize::from(id) > self.shards.len() || id == 0);
                &self.floor.datagrams
            }
        };
        count(ring.push(datagram), &self.dropped.others);
    }
}

fn count<T>(pushed: Result<(), T>, counter: &AtomicU64) {
    if pushed.is_err() {
        counter.fetch_add(1, Ordering::Relaxed);
    }
}
