//! Whose message is this? The endpoint's number stands in every branch and tag of ours, so a router needs no state.
//!
//! ```text
//!   z9hG4bK 03 00000000 kq2v…          branch:  magic cookie · endpoint · flow · 100 bits of chance
//!           03 00000000 a7tx…          tag:                  endpoint · flow ·  80 bits of chance
//! ```
//! A tag or branch is only asked for its owner where it should be ours: To of a request, topmost Via of a response. One that is
//! forged names an endpoint that does not know it, and changes nothing there.
use switchboard_model::{Chance, EndpointId, FlowId};
use switchboard_wire::sip::{Message, Method, Name, Start};

/// The magic cookie of RFC 3261 §8.1.1.7.
pub const COOKIE: &str = "z9hG4bK";

/// Which endpoint a datagram is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Route {
    /// A response to a request of this endpoint.
    Response {
        /// Whose.
        endpoint: EndpointId,
    },
    /// A request inside a dialog of this endpoint.
    InDialog {
        /// Whose.
        endpoint: EndpointId,
    },
    /// An INVITE that begins a dialog, its CANCEL, or the ACK to a final response that bore no tag of ours.
    NewInvite {
        /// The same for all of them.
        call_id_hash: u64,
    },
    /// Any other request.
    OutOfDialog,
    /// No SIP message, or a response that is not ours.
    Garbage,
}

/// Which endpoint a datagram is for. Reads, judges nothing, keeps nothing.
pub fn classify(bytes: &[u8]) -> Route {
    let Ok(message) = Message::parse(bytes) else { return Route::Garbage };
    if let Start::Response { .. } = message.start() {
        let owner = message.via().and_then(|via| owner_of_branch(via.branch()?));
        return owner.map_or(Route::Garbage, |endpoint| Route::Response { endpoint });
    }
    let to_tag = message.to().and_then(|to| to.tag());
    if let Some(endpoint) = to_tag.and_then(owner_of_tag) {
        return Route::InDialog { endpoint };
    }
    match message.method() {
        Some(Method::Invite | Method::Cancel | Method::Ack) => {
            Route::NewInvite { call_id_hash: fnv(message.get(Name::CallId).unwrap_or("").as_bytes()) }
        }
        _ => Route::OutOfDialog,
    }
}

/// The endpoint in a branch of ours.
pub fn owner_of_branch(branch: &str) -> Option<EndpointId> {
    owner(branch.strip_prefix(COOKIE)?, BRANCH_CHARS)
}
/// The endpoint in a tag of ours.
pub fn owner_of_tag(tag: &str) -> Option<EndpointId> {
    owner(tag, TAG_CHARS)
}

const BRANCH_CHARS: usize = 20;
const TAG_CHARS: usize = 16;

fn owner(text: &str, chars: usize) -> Option<EndpointId> {
    if text.len() != 10 + chars || !text.is_ascii() || u32::from_str_radix(&text[2..10], 16).is_err() {
        return None;
    }
    u8::from_str_radix(&text[..2], 16).ok().map(EndpointId)
}

pub(crate) fn branch(endpoint: EndpointId, flow: FlowId, chance: &mut Chance) -> String {
    format!("{COOKIE}{:02x}{:08x}{}", endpoint.0, flow.0, chance.token(BRANCH_CHARS))
}
pub(crate) fn tag(endpoint: EndpointId, flow: FlowId, chance: &mut Chance) -> String {
    format!("{:02x}{:08x}{}", endpoint.0, flow.0, chance.token(TAG_CHARS))
}
/// The tag of an answer that leaves nothing behind here: the same for the same request (RFC 3261 §8.2.7).
pub(crate) fn stateless_tag(endpoint: EndpointId, flow: FlowId, request: &[&str]) -> String {
    let hash = request.iter().fold(FNV_START, |h, part| fnv_on(fnv_on(h, part.as_bytes()), &[0]));
    format!("{:02x}{:08x}{hash:016x}", endpoint.0, flow.0)
}

const FNV_START: u64 = 0xcbf2_9ce4_8422_2325;

/// FNV-1a: for spreading, not for secrets.
pub(crate) fn fnv(bytes: &[u8]) -> u64 {
    fnv_on(FNV_START, bytes)
}
fn fnv_on(start: u64, bytes: &[u8]) -> u64 {
    bytes.iter().fold(start, |h, &b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn owners_are_found_again_and_strangers_have_none() {
        let mut chance = Chance::from_number(1);
        for id in [1u8, 15, 255] {
            let (id, flow) = (EndpointId(id), FlowId(0xdead_beef));
            assert_eq!(owner_of_branch(&branch(id, flow, &mut chance)), Some(id));
            assert_eq!(owner_of_tag(&tag(id, flow, &mut chance)), Some(id));
            assert_eq!(owner_of_tag(&stateless_tag(id, flow, &["a", "b"])), Some(id));
        }
        for stranger in [
            "",
            "1918181833n",
            "z9hG4bKkdjuw",
            "zz00000000aaaaaaaaaaaaaaaa",
            "01+0000000aaaaaaaaaaaaaaaaa",
            "客客客客客客客客客",
        ] {
            assert_eq!(owner_of_branch(stranger), None, "{stranger}");
            assert_eq!(owner_of_tag(stranger), None, "{stranger}");
        }
    }

    #[test]
    fn routes() {
        let tag = tag(EndpointId(3), FlowId(0), &mut Chance::from_number(1));
        let branch = branch(EndpointId(4), FlowId(0), &mut Chance::from_number(2));
        let request = |method: &str, to: &str| {
            format!(
                "{method} sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bKx\r\nt: <sip:a@b>{to}\r\ni: one\r\nCSeq: 1 {method}\r\n\r\n"
            )
        };
        let ours = format!(";tag={tag}");
        let new = Route::NewInvite { call_id_hash: fnv(b"one") };
        let check = |text: String, route| assert_eq!(classify(text.as_bytes()), route, "{text}");
        check(request("INVITE", ""), new);
        check(request("CANCEL", ""), new);
        check(request("ACK", ";tag=theirs"), new);
        check(request("INVITE", &ours), Route::InDialog { endpoint: EndpointId(3) });
        check(request("BYE", &ours), Route::InDialog { endpoint: EndpointId(3) });
        check(request("BYE", ";tag=wrong"), Route::OutOfDialog);
        check(request("REGISTER", ""), Route::OutOfDialog);
        check(request("NEWMETHOD", ""), Route::OutOfDialog);
        check(
            format!("SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP h;branch={branch}\r\n\r\n"),
            Route::Response { endpoint: EndpointId(4) },
        );
        check("SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP h;branch=z9hG4bKother\r\n\r\n".to_owned(), Route::Garbage);
        check("\r\n\r\n".to_owned(), Route::Garbage);
    }
}
