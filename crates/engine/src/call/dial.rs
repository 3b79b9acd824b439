//! An INVITE of ours to somebody inside or outside, with a leg to hold what comes of it.
use super::{Facts, user_to_user};
use crate::config::Config;
use crate::effects::{Effects, Party};
use crate::holdings::Leg;
use crate::input::AgentContact;
use std::net::SocketAddr;
use switchboard_model::{FlowId, Number, QueueId};
use switchboard_sip::{Credentials, Invite, Terms};
use switchboard_wire::sdp;

/// Whom to ring.
pub struct Dialled {
    /// The Request-URI.
    pub uri: String,
    /// Where it is sent.
    pub address: SocketAddr,
    /// By which connection.
    pub flow: FlowId,
    /// Whose number is shown.
    pub shown: String,
    /// More headers.
    pub headers: Vec<(String, String)>,
    /// For a carrier that asks for a digest.
    pub credentials: Option<Credentials>,
    /// On what terms.
    pub terms: Terms,
}

impl Dialled {
    /// An agent's telephone, on behalf of this call, which came by this queue.
    pub fn agent(contact: AgentContact, queue: Option<QueueId>, facts: &Facts, config: &Config) -> Dialled {
        let queue = queue.map_or("", |q| &config.queue(q).queue.name);
        Dialled {
            uri: contact.uri,
            address: contact.address,
            flow: contact.flow,
            shown: shown_number(&facts.from, facts.withheld),
            headers: vec![user_to_user::header(queue, facts)],
            credentials: None,
            // A telephone is where the call ends, so the last step is always left to it.
            terms: Terms { max_forwards: facts.max_forwards.saturating_sub(1).max(1), ..Terms::default() },
        }
    }
}

/// Rings; the stream is new on this slot. Nobody is rung if there is nowhere to ring: then the leg has no dialog.
pub fn dial(whom: Option<Dialled>, party: Party, slot: u32, fx: &mut Effects<'_>) -> Leg {
    let stream = fx.new_stream(slot);
    let local = fx.ports.address(slot);
    let (sdp_id, sdp_version) = (fx.now.millis(), 1);
    let offer = sdp::offer(local, sdp_id, sdp_version);
    let dialog = whom.map(|whom| {
        let dialog = fx.sip.invite(
            fx.now,
            Invite {
                target: whom.uri,
                to_addr: whom.address,
                flow: whom.flow,
                from_user: whom.shown,
                from_display: None,
                headers: whom.headers,
                sdp: Some(offer.clone()),
                credentials: whom.credentials,
                terms: whom.terms,
            },
        );
        fx.index.dialogs.insert(dialog, (fx.call, party));
        dialog
    });
    Leg { dialog, stream, local, negotiated: None, sdp_id, sdp_version, offered: Some(offer), keys_by: None }
}

/// What an agent's display shows: the caller's number, whole, since he must be able to call back; unless the caller wants it kept from
/// those he calls (RFC 3323, RFC 3325 §9.3): then the network's assertion is for routing and record only.
fn shown_number(from: &Number, withheld: bool) -> String {
    if withheld || from.is_withheld() { "anonymous".to_owned() } else { from.normalised.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_caller_who_withholds_his_number_is_shown_to_no_agent() {
        let check = |raw: &str, withheld: bool, shown: &str| {
            assert_eq!(shown_number(&Number::read(raw, "86", "21"), withheld), shown, "{raw} {withheld}");
        };
        check("13812345678", false, "+8613812345678");
        check("13812345678", true, "anonymous");
        check("anonymous", false, "anonymous");
        check("", true, "anonymous");
    }
}
