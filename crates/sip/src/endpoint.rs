//! One owner's transactions and dialogs.
use crate::event::{Gone, Invite, OutRequest};
use crate::{DialogId, Output, RequestId};
use bytes::Bytes;
use std::net::SocketAddr;
use switchboard_model::{BadRecord, Chance, EndpointId, FlowId, Instant, Record, RecordKey};

/// Who an endpoint is, and its bounds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EndpointConfig {
    /// Stands in every branch and tag.
    pub id: EndpointId,
    /// Sent-by and Contact.
    pub local: SocketAddr,
    /// Stands in User-Agent and Server.
    pub product: String,
    /// Tags, branches, Call-IDs.
    pub chance: Chance,
    /// More dialogs than this are refused.
    pub dialogs_max: usize,
    /// More transactions than this are refused.
    pub transactions_max: usize,
    /// The answer when we are full (RFC 3261 §21.5.4: a 503 may stop a whole trunk, so it is not that).
    pub full_code: u16,
}

impl EndpointConfig {
    /// With the usual bounds.
    pub fn new(id: EndpointId, local: SocketAddr, product: &str, chance: Chance) -> Self {
        EndpointConfig {
            id,
            local,
            product: product.to_owned(),
            chance,
            dialogs_max: 20_000,
            transactions_max: 100_000,
            full_code: 486,
        }
    }
}

/// One owner's transactions and dialogs.
pub struct Endpoint;

#[allow(unused_variables, missing_docs)]
impl Endpoint {
    pub fn new(config: EndpointConfig) -> Self {
        Endpoint
    }
    pub fn handle_datagram(&mut self, now: Instant, flow: FlowId, from: SocketAddr, bytes: &[u8]) {}
    pub fn handle_timeout(&mut self, now: Instant) {}
    pub fn handle_unreachable(&mut self, now: Instant, to: SocketAddr) {}
    pub fn next_timeout(&self) -> Option<Instant> {
        None
    }
    pub fn poll(&mut self) -> Option<Output> {
        None
    }
    pub fn progress(&mut self, now: Instant, dialog: DialogId, code: u16, sdp: Option<Bytes>) {}
    pub fn answer(&mut self, now: Instant, dialog: DialogId, sdp: Bytes) -> Result<(), Gone> {
        Err(Gone)
    }
    pub fn reject(&mut self, now: Instant, dialog: DialogId, code: u16, headers: &[(&str, String)]) {}
    pub fn invite(&mut self, now: Instant, invite: Invite) -> DialogId {
        DialogId(0)
    }
    pub fn cancel(&mut self, now: Instant, dialog: DialogId, reason: Option<String>) {}
    pub fn reinvite(&mut self, now: Instant, dialog: DialogId, sdp: Bytes) {}
    pub fn bye(&mut self, now: Instant, dialog: DialogId, reason: Option<(u8, String)>) {}
    pub fn request(&mut self, now: Instant, request: OutRequest) -> RequestId {
        RequestId(0)
    }
    pub fn respond(
        &mut self,
        now: Instant,
        request: RequestId,
        code: u16,
        headers: Vec<(String, String)>,
        body: Bytes,
    ) {
    }
    pub fn poll_changed(&mut self) -> Option<RecordKey> {
        None
    }
    pub fn record(&self, key: RecordKey) -> Option<Record> {
        None
    }
    pub fn records(&self) -> Vec<Record> {
        vec![]
    }
    pub fn restore(config: EndpointConfig, records: &[Record]) -> Result<Self, BadRecord> {
        Ok(Endpoint)
    }
}
