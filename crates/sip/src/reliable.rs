//! Provisional responses that want to be acknowledged (RFC 3262).
//!
//! ```text
//!   our INVITE, Supported: 100rel ──► 18x, Require: 100rel, RSeq: n ──► PRACK, RAck: n        n + 1 ──► the next
//!                                       │                               n again, n + 2 … ──► nothing (§4: in order, once)
//!                                       └─ its SDP is the answer, if the 200 of this branch has none (§5)
//!   their INVITE, Require: 100rel ────► 200 at once, or no 18x at all: none of ours is reliable (§3)
//! ```
//! Each branch of a fork counts for itself. Sends no reliable response: whoever calls us is answered at once, and there is no early media
//! that could be lost.
use crate::dialog::{Dialog, Stage};
use crate::endpoint::{Endpoint, NewClient, Within};
use crate::transaction::{ClientOther, Machine, Owner};
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use switchboard_model::Instant;
use switchboard_wire::sip::{Message, Name};

/// The option tag.
pub(crate) const OPTION: &str = "100rel";
/// Branches of one INVITE that are listened to, as many as may answer it.
const BRANCHES_MAX: usize = 8;
/// PRACKs of one INVITE; a carrier needs two or three.
pub(crate) const PRACKS_MAX: u32 = 64;

/// A branch that has said something reliably.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct Branch {
    tag: String,
    /// The newest in order.
    rseq: u32,
    /// Its answer to our offer.
    sdp: Option<Bytes>,
}

/// Whether this option tag is among those that the message requires.
pub(crate) fn requires(message: &Message<'_>) -> bool {
    message.list(Name::Require).any(|option| option.trim().eq_ignore_ascii_case(OPTION))
}

/// What the branch with this tag has answered before its 200.
pub(crate) fn early_answer(branches: &[Branch], tag: &str) -> Option<Bytes> {
    branches.iter().find(|b| b.tag == tag)?.sdp.clone()
}

/// Takes a reliable response in its order; false if it is none's turn: it comes again, or one before it is missing.
fn take(branches: &mut Vec<Branch>, tag: &str, rseq: u32, sdp: Option<Bytes>) -> bool {
    let room = branches.len() < BRANCHES_MAX;
    match branches.iter_mut().find(|b| b.tag == tag) {
        Some(branch) if branch.rseq.checked_add(1) == Some(rseq) => {
            branch.rseq = rseq;
            branch.sdp = branch.sdp.take().or(sdp);
            true
        }
        Some(_) => false,
        None if room => {
            branches.push(Branch { tag: tag.to_owned(), rseq, sdp });
            true
        }
        None => false,
    }
}

impl Endpoint {
    /// Acknowledges a provisional response to an INVITE of ours, if it wants that. False: it is one that was heard already, or is out of
    /// turn, and nobody is to hear of it.
    pub(crate) fn prack(
        &mut self,
        now: Instant,
        dialog: &mut Dialog,
        message: &Message<'_>,
        sdp: Option<Bytes>,
    ) -> bool {
        let Stage::Dialling(dialling) = &mut dialog.stage else { return true };
        let rseq = message.get_other("RSeq").and_then(|n| n.trim().parse::<u32>().ok()).filter(|n| *n > 0);
        let tag = message.to().and_then(|to| to.tag()).unwrap_or("");
        let (true, true, Some(rseq), false) = (dialling.invite.terms.reliable, requires(message), rseq, tag.is_empty())
        else {
            return true;
        };
        let Some(transaction) = self.transactions.get(&dialling.transaction) else { return true };
        let (request, to, flow) = (transaction.last.clone(), transaction.to, transaction.flow);
        let request = Message::parse(&request).expect("we wrote it");
        let invite_cseq = request.cseq().map_or(0, |(n, _)| n);
        if dialog.local_cseq - invite_cseq >= PRACKS_MAX || !take(&mut dialling.branches, tag, rseq, sdp) {
            return false;
        }
        dialog.local_cseq += 1;
        let early = Dialog::caller(dialog.id, &request, message, to, flow);
        let headers = [("RAck".to_owned(), format!("{rseq} {invite_cseq} INVITE"))];
        let prack = Within { method: "PRACK", cseq: dialog.local_cseq, headers: &headers, content: "", body: b"" };
        let (branch, bytes) = self.write_within(&early, prack);
        self.start_client(NewClient {
            machine: Machine::ClientOther(ClientOther::new(now, flow.is_reliable())),
            branch,
            method: "PRACK",
            flow,
            to: early.next_hop(),
            bytes,
            owner: Owner::Nobody,
        });
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_branch_is_taken_in_its_order_and_once() {
        let mut branches = vec![];
        let sdp = |text: &'static str| Some(Bytes::from_static(text.as_bytes()));
        for (tag, rseq, answer, taken) in [
            ("a", 7, None, true),
            ("a", 7, None, false),
            ("a", 9, sdp("lost"), false),
            ("b", 100, sdp("b"), true),
            ("a", 8, sdp("a"), true),
            ("a", 9, sdp("later"), true),
            ("b", 99, None, false),
        ] {
            assert_eq!(take(&mut branches, tag, rseq, answer), taken, "{tag} {rseq}");
        }
        assert_eq!((early_answer(&branches, "a"), early_answer(&branches, "b")), (sdp("a"), sdp("b")));
        assert_eq!(early_answer(&branches, "c"), None);
        for n in 2..20 {
            assert_eq!(take(&mut branches, &n.to_string(), 1, None), n < BRANCHES_MAX, "{n}");
        }
    }
}
