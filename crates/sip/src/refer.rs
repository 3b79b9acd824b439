//! REFER: the other side of a dialog asks us to send its partner elsewhere (RFC 3515).
//!
//! ```text
//!   REFER, Refer-To ──► Event::Refer ── respond 202 ── tell_referrer 100 ─► NOTIFY, active
//!                                                   └─ tell_referrer 200 · 486 ─► NOTIFY, terminated
//! ```
//! The subscription that a REFER makes lives as long as its NOTIFYs are sent; one that is lost is sent again by its transaction.
//! Refer-Sub (RFC 4488) and multiple subscriptions in one dialog are not known here: the last REFER is the one that is told of.
use crate::endpoint::{Endpoint, NewClient, Within};
use crate::event::{DialogId, Event, RequestId};
use crate::reply::Reply;
use crate::transaction::{ClientOther, Machine, Owner, ServerOther};
use crate::uas::server;
use switchboard_model::{FlowId, Instant};
use switchboard_wire::sip::{Address, Message, Name, phrase};

/// How long the subscription is said to last while it waits: longer than any ringing here.
const EXPIRES_S: u32 = 60;

impl Endpoint {
    /// A REFER within a dialog. The owner answers it; one without a place to go to is refused here (RFC 3515 §2.4.2).
    pub(crate) fn on_refer(
        &mut self,
        now: Instant,
        key: String,
        reply: Reply,
        message: &Message<'_>,
        dialog: DialogId,
    ) {
        let mut all = message.all(Name::ReferTo);
        let to = all.next().and_then(Address::parse).map(|a| a.uri.user().into_owned());
        let (Some(to), None) = (to.filter(|user| !user.is_empty()), all.next()) else {
            return self.refuse(&reply, 400, Some("Refer-To Missing Or Unusable"), &[]);
        };
        let id = self.fresh();
        self.add_transaction(id, server(Machine::ServerOther(ServerOther::new(now)), key, None, reply, Owner::Nobody));
        self.tell(Event::Refer { dialog, request: RequestId(id), to });
    }

    /// Tells who referred how it stands, in a NOTIFY (RFC 3515 §2.4.5). A final status ends the subscription.
    pub fn tell_referrer(&mut self, now: Instant, dialog: DialogId, code: u16) {
        let state = match code {
            ..200 => format!("active;expires={EXPIRES_S}"),
            _ => "terminated;reason=noresource".to_owned(),
        };
        let headers = vec![("Event".to_owned(), "refer".to_owned()), ("Subscription-State".to_owned(), state)];
        let fragment = format!("SIP/2.0 {code} {}\r\n", phrase(code));
        self.ask_within(now, dialog, "NOTIFY", &headers, "message/sipfrag;version=2.0", fragment.as_bytes());
    }

    /// Asks the other side to send its partner elsewhere: what a telephone does for a blind transfer.
    pub fn refer(&mut self, now: Instant, dialog: DialogId, to: &str) {
        let Some(flow) = self.dialogs.get(&dialog).map(|d| d.flow) else { return };
        let headers = vec![("Refer-To".to_owned(), format!("<{to}>")), ("Contact".to_owned(), self.contact(flow))];
        self.ask_within(now, dialog, "REFER", &headers, "", b"");
    }

    fn ask_within(
        &mut self,
        now: Instant,
        dialog: DialogId,
        method: &'static str,
        headers: &[(String, String)],
        content: &str,
        body: &[u8],
    ) {
        let Some(mut d) = self.dialogs.remove(&dialog) else { return };
        if d.is_confirmed() {
            d.local_cseq += 1;
            let within = Within { method, cseq: d.local_cseq, headers, content, body };
            let (branch, bytes) = self.write_within(&d, within);
            let (flow, to): (FlowId, _) = (d.flow, d.next_hop());
            let machine = Machine::ClientOther(ClientOther::new(now, flow.is_reliable()));
            self.start_client(NewClient { machine, branch, method, flow, to, bytes, owner: Owner::Nobody });
        }
        self.keep_dialog(d);
    }

    /// A NOTIFY about a REFER of ours (RFC 3515 §2.4.4); others are of no subscription of ours (RFC 6665 §4.1.3).
    pub(crate) fn on_notify(&mut self, reply: &Reply, message: &Message<'_>, dialog: DialogId) {
        let about =
            message.get(Name::Event).map(|e| e.split(';').next().unwrap_or("").trim().eq_ignore_ascii_case("refer"));
        let status = message.body().and_then(|body| std::str::from_utf8(body).ok()?.split(' ').nth(1)?.parse().ok());
        match (self.config.refers, about, status) {
            (true, Some(true), Some(code)) => {
                self.reply_only(reply, 200, None, &[]);
                self.tell(Event::Notified { dialog, code });
            }
            _ => self.refuse(reply, 481, None, &[]),
        }
    }
}
