//! What of a request its responses repeat (RFC 3261 §8.2.6), and where they go.
use crate::owner;
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use std::net::SocketAddr;
use switchboard_model::{EndpointId, FlowId};
use switchboard_wire::sip::{Message, Name, StreamFault, Via, Writer, split_commas, unfold};

/// What of a request its responses repeat. Owns its text: the request's bytes are gone when the answer is made.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct Reply {
    /// Via, From, Call-ID, CSeq as whole lines.
    lines: String,
    /// To, with the tag it had.
    to: String,
    has_tag: bool,
    /// Record-Route as whole lines, for responses that make a dialog.
    routes: String,
    /// Where responses go.
    pub address: SocketAddr,
    /// By which connection.
    pub flow: FlowId,
}

impl Reply {
    /// To this request, which came from there; `None` if it has no Via that can be answered to.
    pub fn new(message: &Message<'_>, source: SocketAddr, flow: FlowId) -> Option<Reply> {
        let via = message.via()?;
        // A connection is answered on; the address is for when it is gone (RFC 3261 §18.2.2).
        let port = || via.port.unwrap_or(flow.transport().usual_port());
        let address =
            if flow.is_reliable() { SocketAddr::new(source.ip(), port()) } else { via.response_address(source) };
        let mut lines = String::with_capacity(512);
        let mut line = |name: Name, value: &str| {
            lines.push_str(name.long());
            lines.push_str(": ");
            lines.push_str(&unfold(value));
            lines.push_str("\r\n");
        };
        for (i, value) in message.all(Name::Via).enumerate() {
            if i > 0 {
                line(Name::Via, value);
                continue;
            }
            let mut echoed = String::with_capacity(160);
            for (i, element) in split_commas(value).enumerate() {
                match Via::parse(element) {
                    Some(top) if i == 0 => top.echo(source, &mut echoed),
                    _ => {
                        echoed.push_str(if i > 0 { ", " } else { "" });
                        echoed.push_str(element);
                    }
                }
            }
            line(Name::Via, &echoed);
        }
        for name in [Name::From, Name::CallId, Name::CSeq] {
            if let Some(value) = message.get(name) {
                line(name, value);
            }
        }
        lines.shrink_to_fit();
        let mut routes = String::new();
        for value in message.all(Name::RecordRoute) {
            routes.push_str("Record-Route: ");
            routes.push_str(&unfold(value));
            routes.push_str("\r\n");
        }
        let to = message.get(Name::To).map(|to| unfold(to).into_owned()).unwrap_or_default();
        let has_tag = message.to().is_some_and(|to| to.tag().is_some());
        Some(Reply { lines, to, has_tag, routes, address, flow })
    }

    /// A response. `tag` is put to To unless it has one; 100 never has one of ours (RFC 3261 §8.2.6.2).
    pub fn start(&self, code: u16, phrase: Option<&str>, tag: &str) -> Writer {
        let mut w = Writer::response(code, phrase);
        w.lines(&self.lines);
        if !self.to.is_empty() {
            if self.has_tag || code == 100 {
                w.header(Name::To, &self.to);
            } else {
                w.header(Name::To, &format!("{};tag={tag}", self.to));
            }
        }
        w
    }

    /// Record-Route, for a response that makes a dialog.
    pub fn routes(&self) -> &str {
        &self.routes
    }

    /// A response that leaves nothing behind here.
    pub fn stateless(
        &self,
        endpoint: EndpointId,
        code: u16,
        phrase: Option<&str>,
        product: &str,
        headers: &[(Name, &str)],
    ) -> Bytes {
        let tag = owner::stateless_tag(endpoint, self.flow, &[&self.lines, &self.to]);
        let mut w = self.start(code, phrase, &tag);
        for (name, value) in headers {
            w.header(*name, value);
        }
        w.header(Name::Server, product);
        w.finish("", b"")
    }
}

/// The answer to a request whose end in its stream cannot be told, if its head can be answered (RFC 3261 §18.3: 400). The
/// stream must be closed after it.
pub fn unframed(
    endpoint: EndpointId,
    product: &str,
    flow: FlowId,
    source: SocketAddr,
    head: &[u8],
    fault: StreamFault,
) -> Option<Bytes> {
    let message = Message::parse(head).ok().filter(|m| m.code().is_none())?;
    let code = if fault == StreamFault::TooLong { 513 } else { 400 };
    Some(Reply::new(&message, source, flow)?.stateless(endpoint, code, Some(&fault.to_string()), product, &[]))
}
