//! How a message finds its transaction (RFC 3261 §17.1.3, §17.2.3), and how a merged request is known (§8.2.2.2).
use switchboard_wire::sip::{Message, Name, Start, split_commas};

/// Of our own request, and of a response to it: branch and method.
pub(crate) fn client_key(branch: &str, method: &str) -> String {
    format!("c{branch} {method}")
}

/// Of somebody's request. `method` is INVITE for an ACK, and for a CANCEL when its INVITE is looked for.
pub(crate) fn server_key(message: &Message<'_>, method: &str) -> Option<String> {
    let via = message.via()?;
    // A branch may hold anything, so its beginning may not be one of whole characters.
    let ours = |b: &&str| b.len() > 7 && b.get(..7).is_some_and(|c| c.eq_ignore_ascii_case(crate::owner::COOKIE));
    match via.branch().filter(ours) {
        Some(branch) => Some(format!("s{branch} {}:{} {method}", via.host, via.port.unwrap_or(5060))),
        // RFC 2543: everything but the method must be the same.
        None => {
            let Start::Request { uri, .. } = message.start() else { return None };
            let via = split_commas(message.get(Name::Via)?).next()?;
            let (cseq, _) = message.cseq()?;
            let tag = message.from()?.tag().unwrap_or("").to_owned();
            Some(format!("o{uri} {via} {tag} {cseq} {} {method}", message.call_id()?))
        }
    }
}

/// What two ways of one forked request have in common: none for a request inside a dialog.
pub(crate) fn merge_key(message: &Message<'_>) -> Option<String> {
    if message.to()?.tag().is_some() {
        return None;
    }
    let (cseq, method) = message.cseq()?;
    Some(format!("{} {} {cseq} {method}", message.from()?.tag()?, message.call_id()?))
}
